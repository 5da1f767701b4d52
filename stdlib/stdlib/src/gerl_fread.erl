%% What io_lib:fread/2,3 does with a format: reads values from characters. A format's
%% field is ~[*][Width][t]Kind; the width is a number of characters to take, or
%% the base for ~u.
-module(gerl_fread).
-moduledoc false.

-export([items/2]).

-define(is_white(C), (C =:= $\s orelse C =:= $\t orelse C =:= $\n orelse C =:= $\r)).

-doc "The values that the format finds, with the characters behind them; how far it came if there are too few.".
-spec items(string(), string()) ->
          {ok, [term()], string()} | {more, string(), non_neg_integer(), [term()]} | {error, {fread, atom()}}.
items(Format, Chars) ->
    try walk(lists:flatten(Format), Chars, 0, [])
    catch throw:{?MODULE, Reason} -> {error, {fread, Reason}}
    end.

-spec fail(atom()) -> no_return().
fail(Reason) -> throw({?MODULE, Reason}).

walk([$~ | Format], Chars, Count, Values) ->
    case field(Format) of
        {_, _, _, Kind, _} when Chars =:= [], Kind =/= $l -> {more, [$~ | Format], Count, lists:reverse(Values)};
        {_, _, _, none, _} -> fail(format);
        {Keep, Width, Wide, Kind, Rest} ->
            {Value, Left, Taken} = value(Kind, Width, Wide, Chars, Count),
            walk(Rest, Left, Count + Taken,
                 case Keep andalso Value =/= nothing of true -> [Value | Values]; false -> Values end)
    end;
walk([C | Format], Chars, Count, Values) when ?is_white(C) ->
    {Skipped, Left} = white(Chars),
    walk(Format, Left, Count + Skipped, Values);
walk([C | Format], [C | Chars], Count, Values) -> walk(Format, Chars, Count + 1, Values);
walk([_ | _] = Format, [], Count, Values) -> {more, Format, Count, lists:reverse(Values)};
walk([], Chars, _Count, Values) -> {ok, lists:reverse(Values), Chars};
walk(_Format, _Chars, _Count, _Values) -> fail(input).

field([$* | Format]) ->
    {_, Width, Wide, Kind, Rest} = field(Format),
    {false, Width, Wide, Kind, Rest};
field(Format) ->
    {Digits, After} = lists:splitwith(fun is_digit/1, Format),
    Width = case Digits of [] -> none; _ -> list_to_integer(Digits) end,
    case After of
        [$t, Kind | Rest] -> {true, Width, true, Kind, Rest};
        [Kind | Rest] -> {true, Width, false, Kind, Rest};
        [] -> {true, Width, false, none, []}
    end.

is_digit(C) -> C >= $0 andalso C =< $9.

white(Chars) ->
    {Skipped, Left} = lists:splitwith(fun(C) -> ?is_white(C) end, Chars),
    {length(Skipped), Left}.

%% The value of a field, the characters behind it, and how many were taken.
value($l, _, _, Chars, Count) -> {Count, Chars, 0};
value($~, _, _, [$~ | Chars], _) -> {nothing, Chars, 1};
value($-, _, _, [$- | Chars], _) -> {-1, Chars, 1};
value($-, _, _, [$+ | Chars], _) -> {1, Chars, 1};
value($-, _, _, Chars, _) -> {1, Chars, 0};
value($c, Width, Wide, Chars, _) ->
    N = case Width of none -> 1; _ -> Width end,
    {Text, Left} = exactly(N, Chars, character),
    {narrow(Text, Wide, character), Left, N};
value($u, Base, _, Chars, _) ->
    {Value, Left} = based(Chars, case Base of none -> 10; _ -> Base end, unsigned),
    {Value, Left, length(Chars) - length(Left)};
value($#, _, _, Chars, _) ->
    {Value, Left} = with_base(Chars),
    {Value, Left, length(Chars) - length(Left)};
value(Kind, none, Wide, Chars, _) ->
    {Skipped, Word} = white(Chars),
    {Text, Left} = word(Kind, Word),
    {meaning(Kind, Text, Wide), Left, Skipped + length(Text)};
value(Kind, Width, Wide, Chars, _) ->
    is_kind(Kind) orelse fail(format),
    {Text, Left} = exactly(Width, Chars, name(Kind)),
    {_, Led} = white(Text),
    {meaning(Kind, case lists:member(Kind, "df") of true -> Led; false -> trimmed(Led) end, Wide), Left, Width}.

is_kind(Kind) -> lists:member(Kind, "dfsa").

name($d) -> integer;
name($f) -> float;
name($s) -> string;
name($a) -> atom.

%% So many characters of one line.
exactly(N, Chars, Reason) ->
    case lists:splitwith(fun(C) -> C =/= $\n end, lists:sublist(Chars, N)) of
        {Text, []} when length(Text) =:= N -> {Text, lists:nthtail(N, Chars)};
        _ -> fail(Reason)
    end.

trimmed(Text) -> lists:reverse(element(2, white(lists:reverse(Text)))).

word($d, Chars) -> signed(Chars);
word($f, Chars) ->
    {Whole, After} = signed(Chars),
    case After of
        [$. | Decimals] ->
            {Fraction, Left} = lists:splitwith(fun is_digit/1, Decimals),
            {Power, End} = power(Left),
            {Whole ++ "." ++ Fraction ++ Power, End};
        _ -> {Whole, After}
    end;
word(Kind, Chars) ->
    is_kind(Kind) orelse fail(format),
    lists:splitwith(fun(C) -> not ?is_white(C) end, Chars).

signed([Sign | Chars]) when Sign =:= $+; Sign =:= $- ->
    {Digits, Left} = lists:splitwith(fun is_digit/1, Chars),
    {[Sign | Digits], Left};
signed(Chars) -> lists:splitwith(fun is_digit/1, Chars).

power([E | Chars]) when E =:= $e; E =:= $E ->
    {Digits, Left} = signed(Chars),
    {[E | Digits], Left};
power(Chars) -> {[], Chars}.

meaning($d, Text, _) ->
    try list_to_integer(Text) catch error:badarg -> fail(integer) end;
meaning($f, Text, _) ->
    try list_to_float(Text) catch error:badarg -> fail(float) end;
meaning($s, Text, Wide) -> narrow(Text, Wide, string);
meaning($a, Text, Wide) ->
    _ = narrow(Text, Wide, atom),
    try list_to_atom(Text) catch error:_ -> fail(atom) end.

narrow(Text, true, _) -> Text;
narrow(Text, false, Reason) ->
    lists:all(fun(C) -> C < 256 end, Text) orelse fail(Reason),
    Text.

%% Digits of a base, at least one; none of those behind them may belong to a greater base.
based(Chars, Base, Reason) when Base >= 2, Base =< 36 ->
    {Digits, Left} = lists:splitwith(fun(C) -> digit(C) =< 35 end, Chars),
    {Good, Bad} = lists:splitwith(fun(C) -> digit(C) < Base end, Digits),
    (Good =/= [] andalso (Bad =:= [] orelse hd(Bad) > $9)) orelse fail(Reason),
    {lists:foldl(fun(C, N) -> N * Base + digit(C) end, 0, Good), Bad ++ Left};
based(_Chars, _Base, unsigned) -> fail(format);
based(_Chars, _Base, Reason) -> fail(Reason).

digit(C) when C >= $0, C =< $9 -> C - $0;
digit(C) when C >= $a, C =< $z -> C - $a + 10;
digit(C) when C >= $A, C =< $Z -> C - $A + 10;
digit(_) -> none. % more than any number

with_base([$- | Chars]) ->
    {Value, Left} = with_base_unsigned(Chars),
    {-Value, Left};
with_base([$+ | Chars]) -> with_base_unsigned(Chars);
with_base(Chars) -> with_base_unsigned(Chars).

with_base_unsigned(Chars) ->
    case based(Chars, 10, based) of
        {Base, [$# | Digits]} -> based(Digits, Base, based);
        _ -> fail(based)
    end.
