-module(json).
-moduledoc "JSON (RFC 8259): encoding and decoding.".

-export([encode/1, encode/2, encode_value/2, encode_atom/2, encode_integer/1, encode_float/1, encode_list/2,
         encode_map/2, encode_map_checked/2, encode_key_value_list/2, encode_key_value_list_checked/2,
         encode_binary/1, encode_binary_escape_all/1]).
-export([format/1, format/2, format/3, format_value/3, format_key_value_list/3, format_key_value_list_checked/3]).
-export([decode/1, decode/3, decode_start/3, decode_continue/2]).

-export_type([formatter/0, continuation_state/0, encoder/0, encode_value/0, encode_map/1, decoders/0, decode_value/0]).

-type encode_value() :: integer() | float() | boolean() | null | binary() | atom() | [encode_value()] |
                        encode_map(encode_value()).
-type encode_map(Value) :: #{binary() | atom() | integer() => Value}.
-type formatter() :: gerl_json_format:formatter().
-opaque continuation_state() :: {[binary()], gerl_json_scan:state(), term(), decoders()}.
-type encoder() :: fun((term(), encoder()) -> iodata()).
-type decode_value() :: integer() | float() | boolean() | null | binary() | [decode_value()] |
                        #{binary() => decode_value()}.
-type decoders() :: #{array_start => fun((term()) -> term()),
                      array_push => fun((term(), term()) -> term()),
                      array_finish => fun((term(), term()) -> {term(), term()}),
                      object_start => fun((term()) -> term()),
                      object_push => fun((term(), term(), term()) -> term()),
                      object_finish => fun((term(), term()) -> {term(), term()}),
                      float => fun((binary()) -> term()), integer => fun((binary()) -> term()),
                      string => fun((binary()) -> term()), null => term()}.

-define(IS_SPACE(C), (C =:= $\s orelse C =:= $\n orelse C =:= $\r orelse C =:= $\t)).
-define(IS_DIGIT(C), (C >= $0 andalso C =< $9)).

%%% ---- encoding ----------------------------------------------------------------------------------

-doc "A term as JSON.".
-spec encode(encode_value()) -> iodata().
encode(Term) -> encode(Term, fun encode_value/2).

-doc "A term as JSON; Encoder is asked for it and for everything in it.".
-spec encode(term(), encoder()) -> iodata().
encode(Term, Encoder) when is_function(Encoder, 2) -> Encoder(Term, Encoder).

-doc "What encode/1 makes of a term; what is in it is left to Encoder.".
-spec encode_value(term(), encoder()) -> iodata().
encode_value(Term, Encoder) when is_atom(Term) -> encode_atom(Term, Encoder);
encode_value(Term, _) when is_binary(Term) -> encode_binary(Term);
encode_value(Term, _) when is_integer(Term) -> encode_integer(Term);
encode_value(Term, _) when is_float(Term) -> encode_float(Term);
encode_value(Term, Encoder) when is_list(Term) -> encode_list(Term, Encoder);
encode_value(Term, Encoder) when is_map(Term) -> encode_map(Term, Encoder);
encode_value(Term, _) -> erlang:error({unsupported_type, Term}).

-doc "An atom: null, true and false as themselves, others as Encoder encodes their name.".
-spec encode_atom(atom(), encoder()) -> iodata().
encode_atom(Atom, _) when Atom =:= null; Atom =:= true; Atom =:= false -> atom_to_binary(Atom);
encode_atom(Atom, Encoder) -> Encoder(atom_to_binary(Atom), Encoder).

-doc "An integer as a number.".
-spec encode_integer(integer()) -> iodata().
encode_integer(Integer) -> integer_to_binary(Integer).

-doc "A float as a number, with as many digits as it takes to read it back.".
-spec encode_float(float()) -> iodata().
encode_float(Float) -> float_to_binary(Float, [short]).

-doc "A list as an array.".
-spec encode_list(list(), encoder()) -> iodata().
encode_list([], _) -> <<"[]">>;
encode_list([First | Rest], Encoder) when is_function(Encoder, 2) -> [$[, Encoder(First, Encoder) | list_rest(Rest, Encoder)].

list_rest([Next | Rest], Encoder) -> [$,, Encoder(Next, Encoder) | list_rest(Rest, Encoder)];
list_rest([], _) -> [$]].

-doc "A map as an object; keys are binaries, atoms or numbers.".
-spec encode_map(encode_map(term()), encoder()) -> iodata().
encode_map(Map, Encoder) when is_map(Map), is_function(Encoder, 2) -> object(members(maps:to_list(Map), Encoder)).

-doc "As encode_map/2; raises {duplicate_key, Key} if two keys become the same.".
-spec encode_map_checked(map(), encoder()) -> iodata().
encode_map_checked(Map, Encoder) when is_function(Encoder, 2); not is_map(Map) -> encode_key_value_list_checked(maps:to_list(Map), Encoder).

-doc "A list of pairs as an object; names may come more than once.".
-spec encode_key_value_list([{term(), term()}], encoder()) -> iodata().
encode_key_value_list(Pairs, Encoder) when is_function(Encoder, 2) -> object(members(Pairs, Encoder)).

-doc "As encode_key_value_list/2; raises {duplicate_key, Key} if a name comes twice.".
-spec encode_key_value_list_checked([{term(), term()}], encoder()) -> iodata().
encode_key_value_list_checked(Pairs, Encoder) when is_function(Encoder, 2) ->
    {Members, _} = lists:mapfoldl(fun({Key, Value}, Seen) ->
                                      Name = iolist_to_binary(key(Key, Encoder)),
                                      is_map_key(Name, Seen) andalso erlang:error({duplicate_key, Key}),
                                      {[$,, Name, $: | Encoder(Value, Encoder)], Seen#{Name => seen}}
                                  end, #{}, Pairs),
    object(Members).

members(Pairs, Encoder) ->
    [[$,, key(Key, Encoder), $: | Encoder(Value, Encoder)] || {Key, Value} <- Pairs].

object([]) -> <<"{}">>;
object([[$, | First] | Rest]) -> [${, First, Rest, $}].

key(Key, Encoder) when is_binary(Key); is_atom(Key) -> Encoder(name(Key), Encoder);
key(Key, _) when is_integer(Key); is_float(Key) -> [$", name(Key), $"].

name(Key) when is_binary(Key) -> Key;
name(Key) when is_atom(Key) -> atom_to_binary(Key);
name(Key) when is_integer(Key) -> integer_to_binary(Key);
name(Key) when is_float(Key) -> encode_float(Key).

-doc "A string: UTF-8, what must be escaped escaped.".
-spec encode_binary(binary()) -> iodata().
encode_binary(Text) when is_binary(Text) -> quoted(Text, 16#10FFFF).

-doc "A string of ASCII alone: everything else escaped.".
-spec encode_binary_escape_all(binary()) -> iodata().
encode_binary_escape_all(Text) when is_binary(Text) -> quoted(Text, 127).

quoted(Text, Last) ->
    case gerl_json:escape(Text, Last) of
        false -> not_utf8(Text, Text, Last);
        Escaped -> [$", Escaped, $"]
    end.

%% Where only ASCII is let through, OTP names the first byte of what is no character.
-spec not_utf8(binary(), binary(), char()) -> no_return().
not_utf8(<<_/utf8, Rest/binary>>, Text, Last) -> not_utf8(Rest, Text, Last);
not_utf8(Rest, Text, 127) -> invalid_byte(Text, byte_size(Text) - byte_size(Rest));
not_utf8(Rest, Text, _) ->
    case broken(Rest) of
        incomplete -> erlang:error(unexpected_end);
        Skip -> invalid_byte(Text, byte_size(Text) - byte_size(Rest) + Skip)
    end.

utf8_size(Char) when Char < 16#80 -> 1;
utf8_size(Char) when Char < 16#800 -> 2;
utf8_size(Char) when Char < 16#10000 -> 3;
utf8_size(_) -> 4.

%%% ---- formatting --------------------------------------------------------------------------------

-doc "A term as JSON with spaces and line breaks.".
-spec format(term()) -> iodata().
format(Term) -> format(Term, fun format_value/3, #{}).

-doc "format/1 with options (see format/3), or with a formatter.".
-spec format(term(), map() | formatter()) -> iodata().
format(Term, Options) when is_map(Options) -> format(Term, fun format_value/3, Options);
format(Term, Formatter) when is_function(Formatter, 3) -> format(Term, Formatter, #{}).

-doc """
A term as JSON with spaces and line breaks; Formatter is asked for it and for everything in it.

Options: indent, the spaces for each level (2), and max, about how long lines may get (100).
""".
-spec format(term(), formatter(), map()) -> iodata().
format(Term, Formatter, Options) when is_function(Formatter, 3) ->
    [Formatter(Term, Formatter, gerl_json_format:start(Options)), $\n].

-doc "What format/1 makes of a term; what is in it is left to Formatter.".
-spec format_value(term(), formatter(), gerl_json_format:state()) -> iodata().
format_value(Term, Formatter, State) -> gerl_json_format:value(Term, Formatter, State).

-doc "A list of pairs as an object with line breaks; names may come more than once.".
-spec format_key_value_list([{term(), term()}], formatter(), gerl_json_format:state()) -> iodata().
format_key_value_list(Pairs, Formatter, #{level := _} = State) -> gerl_json_format:pairs(Pairs, Formatter, State).

-doc "As format_key_value_list/3; raises {duplicate_key, Key} if a name comes twice.".
-spec format_key_value_list_checked([{term(), term()}], formatter(), gerl_json_format:state()) -> iodata().
format_key_value_list_checked(Pairs, Formatter, #{level := _, indent := _} = State) when is_function(Formatter, 3) ->
    lists:foldl(fun({Key, _}, Seen) ->
                    Name = name(Key),
                    is_map_key(Name, Seen) andalso erlang:error({duplicate_key, Key}),
                    Seen#{Name => true}
                end, #{}, Pairs),
    gerl_json_format:pairs(Pairs, Formatter, State).

%%% ---- decoding ----------------------------------------------------------------------------------

-doc "The term of a JSON text; objects are maps, strings are binaries.".
-spec decode(binary()) -> decode_value().
decode(Text) when is_binary(Text) ->
    case gerl_json:decode(Text) of
        {Value} -> Value;
        false ->
            case decode(Text, ok, #{}) of
                {Value, ok, <<>>} -> Value;
                {_, ok, Rest} -> invalid_byte(Rest, 0)
            end
    end.

-doc "The value at the start of a text, as the decoders make it, the accumulator, and the rest of the text.".
-spec decode(binary(), term(), decoders()) -> {term(), term(), binary()}.
decode(Text, Acc, Decoders) when is_binary(Text) ->
    maps:foreach(fun check/2, Decoders),
    {Value, Acc1, At} = value(Text, space(Text, 0), Acc, Decoders),
    case space(Text, At) of
        End when End =:= byte_size(Text) -> {Value, Acc1, <<>>};
        _ -> {Value, Acc1, binary_part(Text, At, byte_size(Text) - At)}
    end.

-doc "Decodes a value whose text may go on: {continue, State} if it is not complete, for decode_continue/2.".
-spec decode_start(binary(), term(), decoders()) -> {term(), term(), binary()} | {continue, continuation_state()}.
decode_start(Text, Acc, Decoders) when is_binary(Text) ->
    maps:foreach(fun check/2, Decoders),
    go_on([Text], gerl_json_scan:more(Text, gerl_json_scan:start()), Acc, Decoders).

-doc "More text of a value, or that there is no more.".
-spec decode_continue(binary() | end_of_input, continuation_state()) ->
          {term(), term(), binary()} | {continue, continuation_state()}.
decode_continue(end_of_input, {[_ | _] = Texts, _Scan, Acc, Decoders}) when is_map(Decoders) -> decode_all(Texts, Acc, Decoders);
decode_continue(end_of_input, _) -> error(unexpected_end);
decode_continue(Text, {Texts, Scan, Acc, Decoders}) when is_binary(Text) ->
    go_on([Text | Texts], gerl_json_scan:more(Text, Scan), Acc, Decoders).

%% Nothing is decoded before the value is complete, or wrong.
go_on(Texts, done, Acc, Decoders) -> decode_all(Texts, Acc, Decoders);
go_on(Texts, Scan, Acc, Decoders) -> {continue, {Texts, Scan, Acc, Decoders}}.

decode_all(Texts, Acc, Decoders) -> decode(iolist_to_binary(lists:reverse(Texts)), Acc, Decoders).

check(null, _) -> ok;
check(Name, Fun) ->
    Arities = #{array_start => 1, array_push => 2, array_finish => 2, object_start => 1, object_push => 3,
                object_finish => 2, float => 1, integer => 1, string => 1},
    case Arities of
        #{Name := Arity} when is_function(Fun, Arity) -> ok;
        #{} -> erlang:error(function_clause)
    end.

%% Texts are read by position, as errors tell positions.
at(Text, At) when At < byte_size(Text) -> binary:at(Text, At);
at(_, _) -> erlang:error(unexpected_end).

space(Text, At) ->
    case Text of
        <<_:At/binary, C, _/binary>> when ?IS_SPACE(C) -> space(Text, At + 1);
        _ -> At
    end.

value(Text, At, Acc, Decoders) ->
    case at(Text, At) of
        $" ->
            {String, Next} = string(Text, At + 1),
            {(maps:get(string, Decoders, fun(S) -> S end))(String), Acc, Next};
        $[ ->
            Inner = (maps:get(array_start, Decoders, fun(_) -> [] end))(Acc),
            Next = space(Text, At + 1),
            case at(Text, Next) of
                $] -> array_end(Next, Inner, Acc, Decoders);
                _ -> array(Text, Next, Inner, Acc, Decoders)
            end;
        ${ ->
            Inner = (maps:get(object_start, Decoders, fun(_) -> [] end))(Acc),
            Next = space(Text, At + 1),
            case at(Text, Next) of
                $} -> object_end(Next, Inner, Acc, Decoders);
                _ -> object(Text, Next, Inner, Acc, Decoders)
            end;
        $t -> {true, Acc, literal(Text, At, <<"true">>)};
        $f -> {false, Acc, literal(Text, At, <<"false">>)};
        $n -> {maps:get(null, Decoders, null), Acc, literal(Text, At, <<"null">>)};
        C when C =:= $-; ?IS_DIGIT(C) -> number(Text, At, Acc, Decoders);
        _ -> invalid_byte(Text, At)
    end.

%% Where a literal begins and is none, OTP says that the text ends.
literal(Text, At, Literal) ->
    Size = byte_size(Literal),
    case Text of
        <<_:At/binary, Literal:Size/binary, _/binary>> -> At + Size;
        _ -> erlang:error(unexpected_end)
    end.

word(Text, At, [Char | Chars]) ->
    case at(Text, At) of
        Char -> word(Text, At + 1, Chars);
        _ -> invalid_byte(Text, At)
    end;
word(_, At, []) ->
    At.

array(Text, At, Inner, Acc, Decoders) ->
    {Value, Inner1, Next} = value(Text, At, Inner, Decoders),
    Inner2 = (maps:get(array_push, Decoders, fun(V, L) -> [V | L] end))(Value, Inner1),
    Sep = space(Text, Next),
    case at(Text, Sep) of
        $, -> array(Text, space(Text, Sep + 1), Inner2, Acc, Decoders);
        $] -> array_end(Sep, Inner2, Acc, Decoders);
        _ -> invalid_byte(Text, Sep)
    end.

array_end(At, Inner, Acc, Decoders) ->
    {Array, Acc1} = (maps:get(array_finish, Decoders, fun(L, A) -> {lists:reverse(L), A} end))(Inner, Acc),
    {Array, Acc1, At + 1}.

object(Text, At, Inner, Acc, Decoders) ->
    at(Text, At) =:= $" orelse invalid_byte(Text, At),
    {Name, Next} = string(Text, At + 1),
    Key = (maps:get(string, Decoders, fun(S) -> S end))(Name),
    Colon = space(Text, Next),
    at(Text, Colon) =:= $: orelse invalid_byte(Text, Colon),
    {Value, Inner1, Next1} = value(Text, space(Text, Colon + 1), Inner, Decoders),
    Inner2 = (maps:get(object_push, Decoders, fun(K, V, L) -> [{K, V} | L] end))(Key, Value, Inner1),
    Sep = space(Text, Next1),
    case at(Text, Sep) of
        $, -> object(Text, space(Text, Sep + 1), Inner2, Acc, Decoders);
        $} -> object_end(Sep, Inner2, Acc, Decoders);
        _ -> invalid_byte(Text, Sep)
    end.

%% Pushed in front, so that of equal names the first one counts.
object_end(At, Inner, Acc, Decoders) ->
    {Object, Acc1} = (maps:get(object_finish, Decoders, fun(L, A) -> {maps:from_list(L), A} end))(Inner, Acc),
    {Object, Acc1, At + 1}.

%%% ---- numbers -----------------------------------------------------------------------------------

number(Text, At, Acc, Decoders) ->
    Start = case at(Text, At) of $- -> At + 1; _ -> At end,
    Int = case at(Text, Start) of $0 -> Start + 1; _ -> digits(Text, Start) end,
    Frac = case next(Text, Int) of $. -> digits(Text, Int + 1); _ -> Int end,
    End = case next(Text, Frac) of
              E when E =:= $e; E =:= $E ->
                  case at(Text, Frac + 1) of
                      Sign when Sign =:= $+; Sign =:= $- -> digits(Text, Frac + 2);
                      _ -> digits(Text, Frac + 1)
                  end;
              _ -> Frac
          end,
    Whole = binary_part(Text, At, Int - At),
    if
        End =:= Int -> {number_of(integer, fun binary_to_integer/1, Whole, At, Decoders), Acc, End};
        true ->
            %% Erlang's floats have a fraction before the exponent
            Fraction = case Frac of Int -> <<".0">>; _ -> binary_part(Text, Int, Frac - Int) end,
            Exponent = case End of Frac -> <<>>; _ -> <<$e, (binary_part(Text, Frac + 1, End - Frac - 1))/binary>> end,
            Float = <<Whole/binary, Fraction/binary, Exponent/binary>>,
            {number_of(float, fun binary_to_float/1, Float, At, Decoders), Acc, End}
    end.

number_of(Kind, Default, Digits, At, Decoders) ->
    Fun = maps:get(Kind, Decoders, Default),
    try
        Fun(Digits)
    catch
        error:badarg -> unexpected_sequence(Digits, At)
    end.

next(Text, At) when At < byte_size(Text) -> binary:at(Text, At);
next(_, _) -> none.

%% The end of one or more digits.
digits(Text, At) ->
    C = at(Text, At),
    ?IS_DIGIT(C) orelse invalid_byte(Text, At),
    more_digits(Text, At + 1).

more_digits(Text, At) ->
    case next(Text, At) of
        C when is_integer(C), ?IS_DIGIT(C) -> more_digits(Text, At + 1);
        _ -> At
    end.

%%% ---- strings -----------------------------------------------------------------------------------

string(Text, At) -> string(Text, At, At, <<>>).

%% Pieces without escapes, from From to At, are taken from the text as they are.
string(Text, From, At, Done) ->
    case Text of
        <<_:At/binary, $", _/binary>> -> {piece(Text, From, At, Done), At + 1};
        <<_:At/binary, $\\, _/binary>> ->
            {Char, Next} = escaped(Text, At),
            string(Text, Next, Next, <<(piece(Text, From, At, Done))/binary, Char/utf8>>);
        <<_:At/binary, Char/utf8, _/binary>> when Char >= 32 -> string(Text, From, At + utf8_size(Char), Done);
        <<_:At/binary, Rest/binary>> ->
            case broken(Rest) of
                incomplete -> erlang:error(unexpected_end);
                Skip -> invalid_byte(Text, At + Skip)
            end
    end.

piece(Text, From, At, <<>>) -> binary_part(Text, From, At - From);
piece(Text, From, At, Done) -> <<Done/binary, (binary_part(Text, From, At - From))/binary>>.

escaped(Text, At) ->
    case at(Text, At + 1) of
        $b -> {$\b, At + 2};
        $f -> {$\f, At + 2};
        $n -> {$\n, At + 2};
        $r -> {$\r, At + 2};
        $t -> {$\t, At + 2};
        C when C =:= $"; C =:= $\\; C =:= $/ -> {C, At + 2};
        $u -> escaped_unit(Text, At);
        _ -> invalid_byte(Text, At + 1)
    end.

escaped_unit(Text, At) ->
    case hex(Text, At, 6) of
        High when High >= 16#D800, High =< 16#DBFF ->
            At + 12 =< byte_size(Text) orelse erlang:error(unexpected_end),
            word(Text, At + 6, "\\u"),
            case hex(Text, At, 12) of
                Low when Low >= 16#DC00, Low =< 16#DFFF ->
                    {16#10000 + ((High band 16#3FF) bsl 10) + (Low band 16#3FF), At + 12};
                _ -> unexpected_sequence(binary_part(Text, At, 12), At)
            end;
        Low when Low >= 16#DC00, Low =< 16#DFFF -> unexpected_sequence(binary_part(Text, At, 6), At);
        Char -> {Char, At + 6}
    end.

%% The last four of the Len bytes of an escape as a number.
hex(Text, At, Len) ->
    At + Len =< byte_size(Text) orelse erlang:error(unexpected_end),
    Digits = binary_part(Text, At + Len - 4, 4),
    Is = fun(C) -> ?IS_DIGIT(C) orelse C >= $a andalso C =< $f orelse C >= $A andalso C =< $F end,
    case lists:all(Is, binary_to_list(Digits)) of
        true -> binary_to_integer(Digits, 16);
        false -> unexpected_sequence(binary_part(Text, At, Len), At)
    end.

%%% ---- errors ------------------------------------------------------------------------------------

%% Where in Rest, which does not begin with a character, the wrong byte is.
broken(<<>>) -> incomplete;
broken(<<Lead, Rest/binary>>) when Lead >= 16#C2, Lead =< 16#DF -> tail(Rest, 1, 1, 16#80, 16#BF);
broken(<<16#E0, Rest/binary>>) -> tail(Rest, 1, 2, 16#A0, 16#BF);
broken(<<16#ED, Rest/binary>>) -> tail(Rest, 1, 2, 16#80, 16#9F);
broken(<<Lead, Rest/binary>>) when Lead >= 16#E1, Lead =< 16#EF -> tail(Rest, 1, 2, 16#80, 16#BF);
broken(<<16#F0, Rest/binary>>) -> tail(Rest, 1, 3, 16#90, 16#BF);
broken(<<16#F4, Rest/binary>>) -> tail(Rest, 1, 3, 16#80, 16#8F);
broken(<<Lead, Rest/binary>>) when Lead >= 16#F1, Lead =< 16#F3 -> tail(Rest, 1, 3, 16#80, 16#BF);
broken(_) -> 0.

tail(<<>>, _, _, _, _) -> incomplete;
tail(<<Byte, Rest/binary>>, At, Last, Min, Max) when Byte >= Min, Byte =< Max, At < Last ->
    tail(Rest, At + 1, Last, 16#80, 16#BF);
tail(_, At, _, _, _) -> At.

%% The places are told by frames of these names and arities.
-define(POSITION(At), [{error_info, #{cause => #{position => At}, module => erl_stdlib_errors}}]).

-spec invalid_byte(binary(), non_neg_integer()) -> no_return().
invalid_byte(Text, At) -> erlang:error({invalid_byte, binary:at(Text, At)}, none, ?POSITION(At)).

-spec unexpected_sequence(binary(), non_neg_integer()) -> no_return().
unexpected_sequence(Sequence, At) -> erlang:error({unexpected_sequence, Sequence}, none, ?POSITION(At)).
