-module(io_lib).
-moduledoc "Text of terms and of format strings, as lists of characters.".

%% Format strings
-export([bwrite/2, bwrite_string/3]).
-export([format/2, format/3, fwrite/2, fwrite/3, bformat/2, bformat/3, bfwrite/2, bfwrite/3,
         scan_format/2, unscan_format/1, build_text/1, build_text/2, format_prompt/1, format_prompt/2]).
%% Terms
-export([print/1, print/4, write/1, write/2, write/3, limit_term/2, limit_term/3, nl/0]).
%% Atoms, strings, characters
-export([write_atom/1, write_atom_as_latin1/1, write_string/1, write_string/2,
         write_string_as_latin1/1, write_string_as_latin1/2, write_latin1_string/1, write_latin1_string/2,
         write_char/1, write_char_as_latin1/1, write_latin1_char/1, write_unicode_string/1, write_unicode_char/1]).
%% Kinds of lists
-export([char_list/1, latin1_char_list/1, deep_char_list/1, deep_latin1_char_list/1, printable_list/1,
         printable_latin1_list/1, printable_unicode_list/1, quote_atom/2, chars_length/1, indentation/2]).
%% Input
-export([deep_unicode_char_list/1, fread/2, fread/3, collect_line/3, collect_line/4, collect_chars/3, collect_chars/4,
         get_until/3, get_until/4, get_password/2]).

-export_type([chars/0, latin1_string/0, fread_item/0, format_spec/0, chars_limit/0]).

-type chars() :: [char() | chars()].
-type latin1_string() :: [unicode:latin1_char()].
-type fread_item() :: string() | atom() | integer() | float().
-type format_spec() :: map().
-type chars_limit() :: integer().

%%% ---- format strings ----------------------------------------------------------------------------

-doc "The text of Args as Format describes it.".
-spec format(io:format(), [term()]) -> chars().
format(Format, Args) -> chars_of(Format, Args, -1, [Format, Args]).

-doc "Like format/2; Options may hold {chars_limit, N}.".
-spec format(io:format(), [term()], [{chars_limit, chars_limit()}]) -> chars().
format(Format, Args, Options) -> chars_of(Format, Args, limit(Options), [Format, Args, Options]).

-doc "Another name of format/2.".
-spec fwrite(io:format(), [term()]) -> chars().
fwrite(Format, Args) -> chars_of(Format, Args, -1, [Format, Args]).

-doc "Another name of format/3.".
-spec fwrite(io:format(), [term()], [{chars_limit, chars_limit()}]) -> chars().
fwrite(Format, Args, Options) -> chars_of(Format, Args, limit(Options), [Format, Args, Options]).

-doc "Like format/2, as a UTF-8 binary.".
-spec bformat(io:format(), [term()]) -> unicode:unicode_binary().
bformat(Format, Args) -> text(Format, Args, -1, [Format, Args]).

-doc "Like format/3, as a UTF-8 binary.".
-spec bformat(io:format(), [term()], [{chars_limit, chars_limit()}]) -> unicode:unicode_binary().
bformat(Format, Args, Options) -> text(Format, Args, limit(Options), [Format, Args, Options]).

-doc "Another name of bformat/2.".
-spec bfwrite(io:format(), [term()]) -> unicode:unicode_binary().
bfwrite(Format, Args) -> text(Format, Args, -1, [Format, Args]).

-doc "Another name of bformat/3.".
-spec bfwrite(io:format(), [term()], [{chars_limit, chars_limit()}]) -> unicode:unicode_binary().
bfwrite(Format, Args, Options) -> text(Format, Args, limit(Options), [Format, Args, Options]).

limit(Options) when is_list(Options) ->
    _ = length(Options), % it must end as a list
    proplists:get_value(chars_limit, Options, -1);
limit(_) -> -1.

chars_of(Format, Args, Limit, Called) -> made(format_chars, Format, Args, Limit, Called).

text(Format, Args, Limit, Called) -> made(format, Format, Args, Limit, Called).

made(Function, Format, Args, Limit, Called) ->
    try
        gerl_io:Function(Format, ordered_maps(Format, Args), Limit)
    catch
        error:_ ->
            {current_stacktrace, Stack} = erlang:process_info(self(), current_stacktrace),
            Outside = lists:dropwhile(fun({M, _, _, _}) -> M =:= ?MODULE orelse M =:= erlang end, Stack),
            Info = [{error_info, #{module => erl_stdlib_errors}}],
            erlang:raise(error, badarg, [{?MODULE, format, Called, Info} | Outside])
    end.

%% Modifier K takes a fun that orders keys; the order is applied here by nothing but the standard
%% one and its reverse, which the formatter knows. Other funs are not supported.
ordered_maps(_Format, Args) ->
    case is_list(Args) andalso lists:any(fun(A) -> is_function(A, 2) end, Args) of
        true -> [case is_function(A, 2) of true -> fun_order(A); false -> A end || A <- Args];
        false -> Args
    end.

fun_order(Fun) ->
    case {Fun(1, 2), Fun(2, 1)} of
        {true, false} -> ordered;
        {false, true} -> reversed;
        _ -> Fun
    end.

-doc "Takes a format string apart: characters, and one map for each control sequence.".
-spec scan_format(io:format(), [term()]) -> [char() | format_spec()].
scan_format(Format, Args) ->
    try
        scan(characters(Format), Args)
    catch
        throw:bad_format -> erlang:error(badarg, [Format, Args]);
        error:_ when not is_list(Format), not is_binary(Format), not is_atom(Format) -> erlang:error(badarg, [Format, Args])
    end.

characters(Format) when is_atom(Format) -> atom_to_list(Format);
characters(Format) when is_binary(Format) -> binary_to_list(Format);
characters(Format) -> lists:flatten(Format).

scan([$~ | Rest], Args) -> scan_spec(Rest, Args);
scan([Char | Rest], Args) -> [Char | scan(Rest, Args)];
scan([], []) -> [];
scan([], _) -> throw(bad_format).

scan_spec(Text0, Args0) ->
    {Width, Adjust, Text1, Args1} = scan_width(Text0, Args0),
    {Precision, Text2, Args2} = scan_precision(Text1, Args1),
    {Pad, Text3, Args3} = scan_pad(Text2, Args2),
    Spec0 = #{width => Width, adjust => Adjust, precision => Precision, pad_char => Pad,
              encoding => latin1, strings => true, maps_order => undefined},
    {Spec, [Control | Text4], Args4} = scan_modifiers(Text3, Args3, Spec0),
    {As, Args5} = take_args(arguments(Control), Args4),
    [Spec#{control_char => Control, args => As} | scan(Text4, Args5)].

scan_width([$-, $* | Text], [N | Args]) when is_integer(N) -> {abs(N), left, Text, Args};
scan_width([$- | Text], Args) ->
    {Width, Text1} = scan_number(Text),
    {Width, left, Text1, Args};
scan_width([$* | Text], [N | Args]) when is_integer(N), N < 0 -> {-N, left, Text, Args};
scan_width([$* | Text], [N | Args]) when is_integer(N) -> {N, right, Text, Args};
scan_width(Text, Args) ->
    {Width, Text1} = scan_number(Text),
    {Width, right, Text1, Args}.

scan_precision([$., $* | Text], [N | Args]) when is_integer(N) -> {N, Text, Args};
scan_precision([$. | Text], Args) ->
    {N, Text1} = scan_number(Text),
    {N, Text1, Args};
scan_precision(Text, Args) ->
    {none, Text, Args}.

scan_pad([$., $* | Text], [Char | Args]) when is_integer(Char) -> {Char, Text, Args};
scan_pad([$., Char | Text], Args) -> {Char, Text, Args};
scan_pad(Text, Args) -> {$\s, Text, Args}.

scan_modifiers([$t | Text], Args, Spec) -> scan_modifiers(Text, Args, Spec#{encoding => unicode});
scan_modifiers([$l | Text], Args, Spec) -> scan_modifiers(Text, Args, Spec#{strings => false});
scan_modifiers([$k | Text], Args, Spec) -> scan_modifiers(Text, Args, Spec#{maps_order => ordered});
scan_modifiers([$K | Text], [Order | Args], Spec) -> scan_modifiers(Text, Args, Spec#{maps_order => Order});
scan_modifiers([], _, _) -> throw(bad_format);
scan_modifiers(Text, Args, Spec) -> {Spec, Text, Args}.

scan_number(Text) ->
    case lists:splitwith(fun(C) -> C >= $0 andalso C =< $9 end, Text) of
        {[], _} -> {none, Text};
        {Digits, Rest} -> {list_to_integer(Digits), Rest}
    end.

arguments(C) when C =:= $~; C =:= $n -> 0;
arguments(C) when C =:= $W; C =:= $P; C =:= $X; C =:= $x -> 2;
arguments(C) ->
    case lists:member(C, "cfegswpBb#+i") of
        true -> 1;
        false -> throw(bad_format)
    end.

take_args(N, Args) when length(Args) >= N -> lists:split(N, Args);
take_args(_, _) -> throw(bad_format).

-doc "Puts a format string that scan_format/2 took apart together again.".
-spec unscan_format([char() | format_spec()]) -> {io:format(), [term()]}.
unscan_format(Parts) ->
    {Format, Args} = taken(Parts, [], []),
    {lists:flatten(Format), Args}.

taken([#{args := Args, maps_order := Order} = Spec | Parts], Format, Before) when Order =/= undefined, Order =/= ordered ->
    taken(Parts, [unscanned(Spec) | Format], [[Order | Args] | Before]);
taken([#{args := Args} = Spec | Parts], Format, Before) -> taken(Parts, [unscanned(Spec) | Format], [Args | Before]);
taken([Part | Parts], Format, Args) -> taken(Parts, [unscanned(Part) | Format], Args);
taken([], Format, Args) -> {lists:reverse(Format), lists:append(lists:reverse(Args))}.

unscanned(#{control_char := Control} = Spec) ->
    [$~, unscan_width(Spec), unscan_precision(Spec), unscan_pad(Spec), unscan_modifiers(Spec), Control];
unscanned(Char) -> Char.

unscan_width(#{width := none}) -> [];
unscan_width(#{width := W, adjust := left}) -> integer_to_list(-W);
unscan_width(#{width := W}) -> integer_to_list(W).

unscan_precision(#{precision := none, pad_char := $\s}) -> [];
unscan_precision(#{precision := none}) -> ".";
unscan_precision(#{precision := P}) -> [$. | integer_to_list(P)].

unscan_pad(#{pad_char := $\s}) -> [];
unscan_pad(#{pad_char := C}) -> [$., C].

unscan_modifiers(Spec) ->
    [[$t || maps:get(encoding, Spec, latin1) =:= unicode],
     [$l || maps:get(strings, Spec, true) =:= false],
     case Spec of
         #{maps_order := ordered} -> "k";
         #{maps_order := Order} when Order =/= undefined -> "K";
         _ -> ""
     end].

-doc "The text of a format string that scan_format/2 took apart.".
-spec build_text([char() | format_spec()]) -> chars().
build_text(Parts) -> build_text(Parts, []).

-doc "Like build_text/1; Options may hold {chars_limit, N}.".
-spec build_text([char() | format_spec()], [{chars_limit, chars_limit()}]) -> chars().
build_text(Parts, Options) ->
    try
        {Format, Args} = unscan_format(Parts),
        format(Format, Args, Options)
    catch error:_ -> erlang:error(badarg, [Parts, Options])
    end.

-doc "The text of a prompt.".
-spec format_prompt(term()) -> chars().
format_prompt(Prompt) -> format_prompt(Prompt, latin1).

-doc "The text of a prompt for a device with the given encoding.".
-spec format_prompt(term(), atom()) -> chars().
format_prompt({format, Format, Args}, _) -> format(Format, Args);
format_prompt(Prompt, _) when is_list(Prompt); is_binary(Prompt) -> format("~ts", [Prompt]);
format_prompt(Prompt, _) when is_atom(Prompt) -> atom_to_list(Prompt);
format_prompt(Prompt, _) -> format("~tp", [Prompt]).

%%% ---- terms -------------------------------------------------------------------------------------

-doc "The text of a term, broken into lines of 80 columns.".
-spec print(term()) -> chars().
print(Term) -> print(Term, 1, 80, -1).

-doc "The text of a term that starts at Column, in lines of LineLength columns, as far as Depth.".
-spec print(term(), non_neg_integer(), non_neg_integer(), integer()) -> chars().
print(Term, _Column, _LineLength, Depth) when Depth =/= 0, is_atom(Term) orelse is_number(Term) orelse Term =:= [] -> write(Term, -1);
print(Term, Column, LineLength, Depth) when not is_number(Column); not is_number(LineLength) ->
    is_bitstring(Term) orelse erlang:error(badarith), % bits are written before it is asked whether they fit
    print(Term, 1, 80, Depth);
print(Term, Column, LineLength, Depth) ->
    unicode:characters_to_list(
      gerl_io:pretty(Term, {Column, LineLength, Depth, -1}, -1, true, true, [])).

-doc "The text of a term on one line.".
-spec write(term()) -> chars().
write(Term) -> write_text(Term, -1, -1, latin1).

-doc "The text of a term on one line; the second argument is a depth or options (depth, encoding, chars_limit).".
-spec write(term(), integer() | [term()]) -> chars().
write(Term, Depth) when is_integer(Depth) -> write_text(Term, Depth, -1, latin1);
write(Term, Options) when length(Options) >= 0 ->
    Depth = proplists:get_value(depth, Options, -1),
    Limit = proplists:get_value(chars_limit, Options, -1),
    is_integer(Depth) andalso is_integer(Limit) orelse erlang:error(if_clause),
    write_text(Term, Depth, Limit, proplists:get_value(encoding, Options, unicode));
write(_, [_ | _]) -> erlang:error(badarg);
write(_, _) -> erlang:error(if_clause).

-doc "An old form of write/2.".
-spec write(term(), integer(), boolean()) -> chars().
write(Term, Depth, true) -> print(Term, 1, 80, Depth);
write(Term, Depth, false) -> write(Term, Depth).

write_text(Term, Depth, Limit, Encoding) ->
    unicode:characters_to_list(
      gerl_io:write_term(Term, Depth, Limit, case Encoding of latin1 -> latin1; _ -> unicode end)).

-doc "A line break.".
-spec nl() -> string().
nl() -> "\n".

-doc "A term that is cut at Depth: what is left out becomes '...'.".
-spec limit_term(term(), integer()) -> term().
limit_term(Term, Depth) -> limit_term(Term, Depth, undefined).

-doc "Like limit_term/2, with an order for keys of maps.".
-spec limit_term(term(), integer(), term()) -> term().
limit_term(Term, -1, _) -> Term;
limit_term(_, 0, _) -> '...';
limit_term([_ | _] = List, Depth, Order) ->
    case Depth =/= 1 andalso printable_list(List) of
        true -> List;
        false -> limit_list(List, Depth, Order)
    end;
limit_term({}, _, _) -> {};
limit_term(Tuple, Depth, Order) when is_tuple(Tuple) ->
    case Depth of
        1 -> {'...'};
        _ -> list_to_tuple(limit_elements(tuple_to_list(Tuple), Depth, Order))
    end;
limit_term(Map, Depth, Order) when is_map(Map) ->
    Kept = first_pairs(maps:next(maps:iterator(Map, Order)), Depth + 1),
    #{Key => limit_term(Value, Depth - 1, Order) || {Key, Value} <- Kept};
limit_term(Term, _, _) ->
    Term.

first_pairs({Key, Value, More}, N) when N > 0 -> [{Key, Value} | first_pairs(maps:next(More), N - 1)];
first_pairs(_, _) -> [].

limit_list(_, 1, _) -> ['...'];
limit_list([Head | Tail], Depth, Order) ->
    [limit_term(Head, Depth - 1, Order) | limit_tail(Tail, Depth - 1, Order)].

limit_tail([], _, _) -> [];
limit_tail(_, 1, _) -> ['...'];
limit_tail([Head | Tail], Depth, Order) ->
    [limit_term(Head, Depth - 1, Order) | limit_tail(Tail, Depth - 1, Order)];
limit_tail(Tail, Depth, Order) -> limit_term(Tail, Depth - 1, Order).

limit_elements([], _, _) -> [];
limit_elements(_, 1, _) -> ['...'];
limit_elements([Elem | Rest], Depth, Order) ->
    [limit_term(Elem, Depth - 1, Order) | limit_elements(Rest, Depth - 1, Order)].

%%% ---- atoms, strings, characters ----------------------------------------------------------------

-doc "Whether a term is a deep list of Unicode characters.".
-spec deep_unicode_char_list(term()) -> boolean().
deep_unicode_char_list(Term) -> deep_char_list(Term).

-doc "An atom as it is written in source code.".
-spec write_atom(atom()) -> chars().
write_atom(Atom) when is_atom(Atom) -> lists:flatten(format("~tw", [Atom]));
write_atom(_) -> erlang:error(badarg).

-doc "Like write_atom/1, with escapes for what Latin-1 lacks.".
-spec write_atom_as_latin1(atom()) -> latin1_string().
write_atom_as_latin1(Atom) when is_atom(Atom) -> lists:flatten(format("~w", [Atom]));
write_atom_as_latin1(_) -> erlang:error(badarg).

-doc "Whether an atom with these characters needs quotes.".
-spec quote_atom(atom(), chars()) -> boolean().
quote_atom(Atom, Chars) ->
    hd(write_atom(Atom)) =:= $' orelse hd(write_atom(list_to_atom(Chars))) =:= $'.

-doc "A string with quotes and escapes, as in source code.".
-spec write_string(string()) -> chars().
write_string(String) when is_list(String) -> write_string(String, $").

-doc "Like write_string/1, with other quotes; [] for none.".
-spec write_string(string(), char() | []) -> chars().
write_string(String, []) -> quoted(String, [], unicode);
write_string(String, Quote) -> [Quote | quoted(String, Quote, unicode)] ++ [Quote].

%% The characters of a string as they are written between quotes.
quoted([C | String], Quote, Encoding) when is_integer(C), C >= 0 -> escaped(C, Quote, Encoding) ++ quoted(String, Quote, Encoding);
quoted([], _Quote, _Encoding) -> [].

-doc "Like write_string/1, with escapes for what Latin-1 lacks.".
-spec write_string_as_latin1(string()) -> latin1_string().
write_string_as_latin1(String) when is_list(String) -> write_string_as_latin1(String, $").

-doc "Like write_string/2, with escapes for what Latin-1 lacks.".
-spec write_string_as_latin1(string(), char()) -> latin1_string().
write_string_as_latin1(String, Quote) ->
    [Quote | quoted(String, Quote, latin1)] ++ [Quote].

-doc "Like write_string/1 for a string of Latin-1.".
-spec write_latin1_string(latin1_string()) -> latin1_string().
write_latin1_string(String) -> write_latin1_string(String, $").

-doc "Like write_string/2 for a string of Latin-1.".
-spec write_latin1_string(latin1_string(), char()) -> latin1_string().
write_latin1_string(String, Quote) -> [Quote | quoted(narrow(String), Quote, latin1)] ++ [Quote].

narrow([C | String]) when is_integer(C), C >= 0, C =< 255 -> [C | narrow(String)];
narrow([]) -> [].

-doc false.
write_unicode_string(String) -> write_string(String).

-doc "A character as it is written in source code, after a dollar sign.".
-spec write_char(char()) -> chars().
write_char(Char) when is_integer(Char), Char >= 0 -> [$$ | char_text(Char, unicode)].

-doc "Like write_char/1, with an escape for what Latin-1 lacks.".
-spec write_char_as_latin1(char()) -> latin1_string().
write_char_as_latin1(Char) when is_integer(Char), Char >= 0 -> [$$ | char_text(Char, latin1)].

-doc "Like write_char/1 for a character of Latin-1.".
-spec write_latin1_char(char()) -> latin1_string().
write_latin1_char(Char) when is_integer(Char), Char >= 0, Char =< 255 -> [$$ | char_text(Char, latin1)].

-doc false.
write_unicode_char(Char) -> write_char(Char).

char_text($\s, unicode) -> "\\s";
char_text(Char, Encoding) -> escaped(Char, none, Encoding).

escaped(Quote, Quote, _) -> [$\\, Quote];
escaped($\\, _, _) -> "\\\\";
escaped($\n, _, _) -> "\\n";
escaped($\t, _, _) -> "\\t";
escaped($\v, _, _) -> "\\v";
escaped($\b, _, _) -> "\\b";
escaped($\f, _, _) -> "\\f";
escaped($\e, _, _) -> "\\e";
escaped($\d, _, _) -> "\\d";
escaped($\r, _, _) -> "\\r";
escaped(C, _, _) when C >= $\s, C =< $~; C >= 16#A0, C =< 16#FF -> [C];
escaped(C, _, _) when C < $\s; C > $~, C < 16#A0 ->
    [$\\, C bsr 6 + $0, (C bsr 3) band 7 + $0, C band 7 + $0];
escaped(C, _, unicode) -> [C];
escaped(C, _, _) -> "\\x{" ++ integer_to_list(C, 16) ++ "}".

%%% ---- kinds of lists ----------------------------------------------------------------------------

-doc "Whether the term is a flat list of Unicode characters.".
-spec char_list(term()) -> boolean().
char_list(Term) -> all_chars(Term, fun is_unicode/1).

-doc "Whether the term is a flat list of Latin-1 characters.".
-spec latin1_char_list(term()) -> boolean().
latin1_char_list(Term) -> all_chars(Term, fun(C) -> is_integer(C) andalso C >= 0 andalso C =< 255 end).

-doc "Whether the term is a list, of any depth, of Unicode characters.".
-spec deep_char_list(term()) -> boolean().
deep_char_list(Term) -> deep_chars(Term, fun is_unicode/1).

-doc "Whether the term is a list, of any depth, of Latin-1 characters.".
-spec deep_latin1_char_list(term()) -> boolean().
deep_latin1_char_list(Term) -> deep_chars(Term, fun(C) -> is_integer(C) andalso C >= 0 andalso C =< 255 end).

-doc "Whether the term is a flat list of characters that can be printed.".
-spec printable_list(term()) -> boolean().
printable_list(Term) ->
    case io:printable_range() of
        latin1 -> printable_latin1_list(Term);
        unicode -> printable_unicode_list(Term)
    end.

-doc "Whether the term is a flat list of printable Latin-1 characters.".
-spec printable_latin1_list(term()) -> boolean().
printable_latin1_list(Term) -> all_chars(Term, fun(C) -> is_integer(C) andalso C =< 255 andalso is_printable(C) end).

-doc "Whether the term is a flat list of printable Unicode characters.".
-spec printable_unicode_list(term()) -> boolean().
printable_unicode_list(Term) -> all_chars(Term, fun is_printable/1).

all_chars([C | Rest], Is) -> Is(C) andalso all_chars(Rest, Is);
all_chars(Rest, _) -> Rest =:= [].

deep_chars([List | Rest], Is) when is_list(List) -> deep_chars(List, Is) andalso deep_chars(Rest, Is);
deep_chars([C | Rest], Is) -> Is(C) andalso deep_chars(Rest, Is);
deep_chars(Rest, _) -> Rest =:= [].

is_unicode(C) ->
    is_integer(C) andalso
        (C >= 0 andalso C < 16#D800 orelse C > 16#DFFF andalso C < 16#FFFE orelse C > 16#FFFF andalso C =< 16#10FFFF).

is_printable(C) when is_integer(C), C >= $\s, C =< $~ -> true;
is_printable(C) when is_integer(C), C >= 16#A0, C < 16#D800 -> true;
is_printable(C) when is_integer(C), C > 16#DFFF, C < 16#FFFE -> true;
is_printable(C) when is_integer(C), C > 16#FFFF, C =< 16#10FFFF -> true;
is_printable(C) -> lists:member(C, "\n\r\t\v\b\f\e").

-doc "The number of characters of chardata.".
-spec chars_length(unicode:chardata()) -> non_neg_integer().
chars_length(Chars) ->
    case unicode:characters_to_list(Chars) of
        List when is_list(List) -> length(List);
        _ -> iolist_size(Chars)
    end.

-doc "The column after Text has been written at column Start.".
-spec indentation(string(), integer()) -> integer().
indentation([$\n | Text], _) -> indentation(Text, 0);
indentation([$\t | Text], Column) -> indentation(Text, (Column + 8) div 8 * 8);
indentation([C | Text], Column) when is_integer(C) -> indentation(Text, Column + 1);
indentation([Deep | Text], Column) -> indentation(Text, indentation(Deep, Column));
indentation([], Column) -> Column;
indentation(Bytes, Column) when is_binary(Bytes) -> indentation(unicode:characters_to_list(Bytes), Column).

%%% ---- input -------------------------------------------------------------------------------------

-doc "Reads items from a string as the format describes.".
-spec fread(string(), string()) -> {ok, [fread_item()], string()} | {more, string(), non_neg_integer(), [term()]} | {error, term()}.
fread(Format, Chars) -> io_lib_fread:fread(Format, Chars).

-doc "Like fread/2, piece by piece, in the form that get_until requests want.".
-spec fread(term(), string() | eof, string()) -> {more, term()} | {done, term(), string() | eof}.
fread(Continuation, Chars, Format) -> io_lib_fread:fread(Continuation, Chars, Format).

-doc false.
collect_line(Before, Chars, _Encoding, _) -> collect_line(Before, Chars, unicode).

%% The line so far is kept in reverse: characters of lists, or whole binaries.
-doc false.
collect_line(start, eof, _) -> {stop, eof, eof};
collect_line(start, Chars, Encoding) -> collect_line([], Chars, Encoding);
collect_line([], eof, _) -> {stop, eof, eof};
collect_line(Line, eof, _) -> {stop, line_text(Line), eof};
collect_line(Line, Chars, _) when is_binary(Chars) ->
    case binary:split(Chars, <<"\n">>) of
        [Head, Rest] -> {stop, iolist_to_binary([without_return(iolist_to_binary(lists:reverse(Line, [Head]))), $\n]), Rest};
        [Part] -> collected(Part, Line)
    end;
collect_line([$\r | Line], [$\n | Rest], _) -> {stop, lists:reverse(Line, "\n"), Rest};
collect_line(Line, [$\n | Rest], _) -> {stop, lists:reverse(Line, "\n"), Rest};
collect_line(Line, [C | Chars], Encoding) -> collect_line([C | Line], Chars, Encoding);
collect_line(Line, [], _) -> Line.

collected(Part, Line) ->
    case binary:last(<<0, Part/binary>>) =:= $\r of
        true -> [<<"\r">>, binary:part(Part, 0, byte_size(Part) - 1) | Line];
        false -> [Part | Line]
    end.

line_text([B | _] = Line) when is_binary(B) -> iolist_to_binary(lists:reverse(Line));
line_text(Line) -> lists:reverse(Line).

without_return(Text) ->
    Size = byte_size(Text) - 1,
    case Text of
        <<Line:Size/binary, $\r>> -> Line;
        _ -> Text
    end.

-doc false.
collect_chars(Before, Chars, Encoding, N) -> collect_chars(Before, Chars, {Encoding, N}).

-doc false.
collect_chars(start, Chars, N) -> collect_chars([], Chars, N);
collect_chars([], eof, _) -> {stop, eof, eof};
collect_chars(Before, eof, _) -> {stop, Before, eof};
collect_chars(Before, Chars, {_, N}) -> collect_chars(Before, Chars, N);
collect_chars(Before, Chars, N) ->
    All = Before ++ to_list(Chars),
    case length(All) >= N of
        true ->
            {Taken, Rest} = lists:split(N, All),
            {stop, Taken, Rest};
        false -> All
    end.

to_list(Chars) when is_binary(Chars) -> unicode:characters_to_list(Chars);
to_list(Chars) -> Chars.

-doc false.
get_until(Before, Chars, Encoding, Call) ->
    _ = Encoding,
    get_until(Before, Chars, Call).

-doc false.
get_until(start, Chars, Call) -> get_until([], Chars, Call);
get_until(Continuation, Chars, {M, F, Args}) ->
    case apply(M, F, [Continuation, Chars | Args]) of
        {done, Result, Rest} -> {stop, Result, Rest};
        {more, Continuation1} -> Continuation1
    end.

-doc false.
get_password(Prompt, Device) ->
    _ = Prompt,
    io:get_password(Device).

-doc "A term as ~w writes it, as UTF-8; options are those of write/2.".
-spec bwrite(term(), list()) -> unicode:unicode_binary().
bwrite(Term, Options) when is_list(Options) -> unicode:characters_to_binary(write(Term, Options)).

-doc "A string, or a binary in an encoding, between quotes, as UTF-8; without quotes for [].".
-spec bwrite_string(string() | binary(), [] | char(), latin1 | unicode) -> unicode:unicode_binary().
bwrite_string(Text, Quote, _Encoding) when is_list(Text), not is_integer(Quote) orelse Quote >= 0 -> unicode:characters_to_binary(write_string(Text, Quote));
bwrite_string(Text, Quote, Encoding) when is_binary(Text), Encoding =:= latin1 orelse Encoding =:= unicode ->
    bwrite_string(unicode:characters_to_list(Text, Encoding), Quote, Encoding).
