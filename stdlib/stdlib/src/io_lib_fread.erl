-module(io_lib_fread).
-moduledoc """
Formatted input: reads items from characters as a format describes, from a string at hand (fread/2) or line by line (fread/3).

A format is first taken apart into steps; each step takes characters and gives an item, `none` or `skip`.
""".

-export([fread/2, fread/3]).

-type item() :: io_lib:fread_item().

-doc "Reads items from a string. With `more`, the string ended early: what is left of the format, how far it came, and the items, last first.".
-spec fread(string(), string()) -> {ok, [item()], string()} | {more, string(), non_neg_integer(), [item()]} | {error, {fread, atom()}}.
fread(Format, Chars) when is_list(Format), not is_list(Chars), Chars =/= eof ->
    case lists:dropwhile(fun(C) -> C =:= $\s orelse C =:= $\t orelse C =:= $\r orelse C =:= $\n end, Format) of
        [] -> {error, {fread, input}};
        [$~ | _] -> read(Format, Chars);
        _ -> error(function_clause, [Format, Chars])
    end;
fread(Format, Chars) when is_list(Format) -> read(Format, Chars).

read(Format, Chars) ->
    case steps(Format, Chars, 0, []) of
        {more, _, _, _} = More -> More;
        {ok, Items, Rest, _} -> {ok, lists:reverse(Items), Rest};
        {error, What} -> {error, {fread, What}}
    end.

-doc "The same for a device: called with a continuation, `[]` at first, and more characters or `eof`.".
-spec fread(term(), string() | eof, string()) -> {more, term()} | {done, {ok, [item()]} | {error, term()} | eof, string() | eof}.
fread([], Chars, Format) -> line({Format, [], 0, []}, Chars);
fread(Continuation, Chars, _) -> line(Continuation, Chars).

%% A continuation: the format to come, the line so far (last character first), characters before it, items (last first).
line({Format, Line, Count, Items} = Before, eof) ->
    Text = lists:reverse(case Line of [$\r | L] -> L; _ -> Line end),
    case steps(Format, Text, Count, Items) of
        {ok, All, Rest, _} -> {done, {ok, lists:reverse(All)}, Rest};
        {error, What} -> {done, {error, {fread, What}}, eof};
        {more, _, _, _} when element(2, Before) =:= [], Count =:= 0, Items =:= [] -> {done, eof, eof};
        {more, _, _, _} -> {done, {error, {fread, input}}, eof}
    end;
line({_, [$\r | Line], _, _} = State, [$\n | Chars]) -> line_ended(setelement(2, State, Line), "\r\n", Chars);
line({_, [$\r | Line], _, _} = State, [_ | _] = Chars) -> line_ended(setelement(2, State, Line), "\r", Chars);
line(State, [$\n | Chars]) -> line_ended(State, "\n", Chars);
line({Format, Line, Count, Items}, [C | Chars]) -> line({Format, [C | Line], Count, Items}, Chars);
line(State, []) -> {more, State}.

line_ended({Format, Line, Count, Items}, End, Chars) ->
    case steps(Format, lists:reverse(Line), Count, Items) of
        {more, Left, Count1, Items1} -> line({Left, [], Count1 + length(End), Items1}, Chars);
        {ok, All, [], _} -> {done, {ok, lists:reverse(All)}, Chars};
        {ok, All, Rest, _} -> {done, {ok, lists:reverse(All)}, Rest ++ End ++ Chars};
        {error, What} -> {done, {error, {fread, What}}, Chars}
    end.

%%% ---- formats -------------------------------------------------------------------------------------

steps([], Chars, Count, Items) -> {ok, Items, Chars, Count};
steps([$~ | Format] = All, Chars, Count, Items) ->
    case directive(Format) of
        {_, {$l, _, _}, Rest} -> steps(Rest, Chars, Count, [Count | Items]);
        _ when Chars =:= [] -> {more, All, Count, Items};
        error -> {error, format};
        {Keep, Directive, Rest} ->
            case take(Directive, Chars) of
                {ok, Item, Used, Left} when Keep, Item =/= none -> steps(Rest, Left, Count + Used, [Item | Items]);
                {ok, _, Used, Left} -> steps(Rest, Left, Count + Used, Items);
                {error, _} = Error -> Error
            end
    end;
steps([C | Format], Chars, Count, Items) when C =:= $\s; C =:= $\t; C =:= $\r; C =:= $\n ->
    {Blanks, Rest} = blanks(Chars),
    steps(Format, Rest, Count + Blanks, Items);
steps(Format, [], Count, Items) -> {more, Format, Count, Items};
steps([C | Format], [C | Chars], Count, Items) -> steps(Format, Chars, Count + 1, Items);
steps(_, _, _, _) -> {error, input}.

%% {Keep the item?, {Kind, Width, Unicode?}, Rest of the format}
directive([$* | Format]) ->
    case directive(Format) of
        {true, Directive, Rest} -> {false, Directive, Rest};
        _ -> error
    end;
directive(Format) ->
    {Digits, Rest} = lists:splitwith(fun(C) -> C >= $0 andalso C =< $9 end, Format),
    Width = case Digits of [] -> none; _ -> list_to_integer(Digits) end,
    case Rest of
        [$t, Kind | More] when Kind =:= $s; Kind =:= $a; Kind =:= $c -> {true, {Kind, Width, true}, More};
        [Kind | More] ->
            case lists:member(Kind, "du-#fsacl~") of
                true -> {true, {Kind, Width, false}, More};
                false -> error
            end;
        [] -> error
    end.

%% Gives {ok, Item | none, Characters used, Rest} or {error, What}.
take({$c, Width, Unicode}, Chars) ->
    N = case Width of none -> 1; _ -> Width end,
    {Line, Rest} = cut(N, Chars, fun(C) -> C =/= $\n end),
    case length(Line) =:= N andalso allowed(Line, Unicode) of
        true -> {ok, Line, N, Rest};
        false -> {error, character}
    end;
take({$-, _, _}, [$- | Chars]) -> {ok, -1, 1, Chars};
take({$-, _, _}, [$+ | Chars]) -> {ok, 1, 1, Chars};
take({$-, _, _}, Chars) -> {ok, 1, 0, Chars};
take({$~, _, _}, [$~ | Chars]) -> {ok, none, 1, Chars};
take({$~, _, _}, _) -> {error, format};
take({$u, Base0, _}, Chars) ->
    case case Base0 of none -> 10; _ -> Base0 end of
        Base when Base >= 2, Base =< 36 ->
            % white space is not passed over
            case natural(Base, Chars) of
                {Value, Rest} -> {ok, Value, length(Chars) - length(Rest), Rest};
                error -> {error, unsigned}
            end;
        _ -> {error, format}
    end;
take({$d, Width, _}, Chars) -> number(integer, Width, Chars, fun(Text) -> signed(Text, fun(T) -> natural(10, T) end) end);
take({$#, Width, _}, Chars) -> number(based, Width, Chars, fun(Text) -> signed(Text, fun based/1) end);
take({$f, Width, _}, Chars) -> number(float, Width, Chars, fun(Text) -> signed(Text, fun fraction/1) end);
take({Kind, Width, Unicode}, Chars) ->
    {Used, Word, Rest} = word(Width, Chars, Unicode),
    case {allowed(Word, Unicode) andalso (Width =:= none orelse Used =:= Width), Kind} of
        {true, _} when Word =:= [], Rest =/= [], Width =:= none -> {error, case Kind of $s -> string; $a -> atom end};
        {true, $s} -> {ok, Word, Used, Rest};
        {true, $a} -> {ok, list_to_atom(Word), Used, Rest};
        {false, $s} -> {error, string};
        {false, $a} -> {error, atom}
    end.

allowed(_, true) -> true;
allowed(Chars, false) -> lists:all(fun(C) -> C =< 255 end, Chars).

%% A word: up to white space (or a character beyond Latin-1 if those are not wanted), or so many characters without the
%% white space around them.
word(none, Chars, Unicode) ->
    {Blanks, Text} = blanks(Chars),
    {Word, Rest} = lists:splitwith(fun(C) -> not is_blank(C) andalso allowed([C], Unicode) end, Text),
    {Blanks + length(Word), Word, Rest};
word(Width, Chars, _) ->
    {Field, Rest} = cut(Width, Chars, fun(_) -> true end),
    {length(Field), string:trim(Field, both, " \t\r\n"), Rest}.

%% A number: as far as it goes, or the whole of so many characters.
number(What, _, NoText, _) when not is_list(NoText) -> {error, What};
number(What, none, Chars, Read) ->
    {Blanks, Text} = blanks(Chars),
    case Read(Text) of
        error -> {error, What};
        {Value, Rest} -> {ok, Value, Blanks + length(Text) - length(Rest), Rest}
    end;
number(What, Width, Chars, Read) ->
    {Field, Rest} = cut(Width, Chars, fun(_) -> true end),
    {_, Text} = blanks(Field),
    case Read(Text) of
        {Value, []} when length(Field) =:= Width -> {ok, Value, Width, Rest};
        _ -> {error, What}
    end.

signed([$- | Text], Read) ->
    case Read(Text) of
        {Value, Rest} -> {-Value, Rest};
        error -> error
    end;
signed([$+ | Text], Read) -> Read(Text);
signed(Text, Read) -> Read(Text).

natural(Base, Text) ->
    case lists:splitwith(fun(C) -> is_digit(C, Base) end, Text) of
        {[], _} -> error;
        {_, [C | _]} when C >= $0, C =< $9 -> error;    % a digit that the base does not have
        {Digits, Rest} -> {list_to_integer(Digits, Base), Rest}
    end.

based(Text) ->
    case natural(10, Text) of
        {Base, [$# | Rest]} when Base >= 2, Base =< 36 -> natural(Base, Rest);
        _ -> error
    end.

fraction(Text) ->
    {Whole, Rest1} = digits(Text),
    case Rest1 of
        [$. | Rest2] ->
            {Part, Rest3} = digits(Rest2),
            case {Whole =/= [] andalso Part =/= [], exponent(Rest3)} of
                {true, {Exponent, Rest4}} ->
                    try {list_to_float(Whole ++ "." ++ Part ++ Exponent), Rest4}
                    catch error:badarg -> error
                    end;
                _ -> error
            end;
        _ -> error
    end.

exponent([E | Text]) when E =:= $e; E =:= $E ->
    {Sign, Rest} = case Text of [S | R] when S =:= $-; S =:= $+ -> {[S], R}; _ -> {[], Text} end,
    case digits(Rest) of
        {[], _} -> error;
        {Digits, After} -> {[$e | Sign ++ Digits], After}
    end;
exponent(Text) -> {[], Text}.

digits(Text) -> lists:splitwith(fun(C) -> is_digit(C, 10) end, Text).

is_digit(C, Base) when C >= $0, C =< $9 -> C - $0 < Base;
is_digit(C, Base) when C >= $a, C =< $z -> C - $a + 10 < Base;
is_digit(C, Base) when C >= $A, C =< $Z -> C - $A + 10 < Base;
is_digit(_, _) -> false.

is_blank(C) -> C =:= $\s orelse C =:= $\t orelse C =:= $\r orelse C =:= $\n.

blanks(Chars) ->
    Rest = lists:dropwhile(fun is_blank/1, Chars),
    {length(Chars) - length(Rest), Rest}.

%% At most N characters, as long as the predicate holds.
cut(N, [C | Chars], Is) when N > 0 ->
    case Is(C) of
        true ->
            {Taken, Rest} = cut(N - 1, Chars, Is),
            {[C | Taken], Rest};
        false -> {[], [C | Chars]}
    end;
cut(_, Chars, _) -> {[], Chars}.
