-module(gerl_pretty_text).
-moduledoc "The parts of erl_prettypr that are text only: comments, long strings, floats.".

-export([comment/1, string/2, numeral/1]).

-import(prettypr, [text/1, above/2, empty/0]).

-doc "The lines of a comment below each other.".
-spec comment([string()]) -> prettypr:document().
comment([]) -> empty();
comment([Line]) -> text([$% | Line]);
comment([Line | Lines]) -> above(text([$% | Line]), comment(Lines)).

-doc """
The pieces of a string literal, each in quotes. A long one is cut behind a space, or, where there is none for too
long, anywhere but before a backslash. What is left must be worth a piece of its own.
""".
-spec string(string(), integer()) -> [string()].
string([$" | Literal], Ribbon) ->
    Hard = round(Ribbon * 4 / 5),
    [[$" | Piece] ++ "\"" || Piece <- pieces(lists:droplast(Literal), [], 0, {round(Hard * 4 / 5), Hard, 4})].

%% Left is how many characters must remain for a cut; every piece that is longer than it should be takes its excess from that.
pieces([$\\ | Rest], Piece, N, Limits) ->
    {Escape, After} = escape(Rest),
    pieces(After, lists:reverse(Escape, [$\\ | Piece]), N + 1 + length(Escape), Limits);
pieces([$\s | Rest], Piece, N, {Soft, _, Left} = Limits) when N + 1 >= Soft, length(Rest) >= Left - 1 ->
    [lists:reverse([$\s | Piece]) | pieces(Rest, [], 0, less(N + 1, Limits))];
pieces(Text, Piece, N, {_, Hard, Left} = Limits) when N >= Hard, length(Text) >= Left ->
    [lists:reverse(Piece) | pieces(Text, [], 0, less(N, Limits))];
pieces([C | Rest], Piece, N, Limits) -> pieces(Rest, [C | Piece], N + 1, Limits);
pieces([], Piece, _, _) -> [lists:reverse(Piece)].

less(N, {Soft, Hard, Left}) -> {Soft, Hard, max(0, Left - (N - Soft))}.

%% What belongs to a backslash.
escape([$x, ${ | Rest]) ->
    {Digits, [$} | After]} = lists:splitwith(fun(C) -> C =/= $} end, Rest),
    {"x{" ++ Digits ++ "}", After};
escape([C | Rest]) when C >= $0, C =< $7 ->
    {Digits, After} = lists:splitwith(fun(D) -> D >= $0 andalso D =< $7 end, Rest),
    {Own, Left} = lists:split(min(2, length(Digits)), Digits),
    {[C | Own], Left ++ After};
escape([$^, C | Rest]) -> {[$^, C], Rest};
escape([C | Rest]) -> {[C], Rest}.

-doc "A float's numeral without the zeros that say nothing.".
-spec numeral(string()) -> string().
numeral(Literal) ->
    {Mantissa, Exponent} = lists:splitwith(fun(C) -> C =/= $e end, Literal),
    {Whole, [$. | [First | Fraction]]} = lists:splitwith(fun(C) -> C =/= $. end, Mantissa),
    Whole ++ [$., First] ++ until_zeros(Fraction) ++ exponent(Exponent).

%% Three zeros end what is told.
until_zeros([$0, $0, $0 | _]) -> [];
until_zeros([C | Rest]) -> [C | until_zeros(Rest)];
until_zeros([]) -> [].

exponent([]) -> [];
exponent([$e, Sign | Digits]) ->
    case lists:dropwhile(fun(C) -> C =:= $0 end, Digits) of
        [] -> [];
        Rest -> [$e, Sign | Rest]
    end.
