%% A JSON reader written with binary patterns.
-module(json_parse).
-include("sizes.hrl").
-export([main/1]).

main(_) ->
    Item = <<"{\"id\": 12345, \"name\": \"a name\", \"tags\": [\"x\", \"y\", \"z\"], \"ok\": true, \"price\": 12.5, \"next\": null}">>,
    T = iolist_to_binary(["[", lists:join(", ", lists:duplicate(?N(1000, 5), Item)), "]"]),
    io:format("~w~n", [times(?N(120, 2), T, 0)]).

times(0, _, R) -> R;
times(N, T, R) ->
    {V, _} = value(skip(T)),
    times(N - 1, T, R + length(V) + maps:get(<<"id">>, hd(V))).

value(<<"null", T/binary>>) -> {null, T};
value(<<"true", T/binary>>) -> {true, T};
value(<<"false", T/binary>>) -> {false, T};
value(<<$", T/binary>>) -> string(T, T, 0);
value(<<$[, T/binary>>) -> array(skip(T), []);
value(<<${, T/binary>>) -> object(skip(T), #{});
value(<<C, T/binary>>) when C >= $0, C =< $9 -> int(T, C - $0).

int(<<C, T/binary>>, N) when C >= $0, C =< $9 -> int(T, N * 10 + C - $0);
int(<<$., T/binary>>, N) -> frac(T, N, 0.1);
int(T, N) -> {N, T}.

frac(<<C, T/binary>>, N, F) when C >= $0, C =< $9 -> frac(T, N + (C - $0) * F, F / 10);
frac(T, N, _) -> {N, T}.

string(<<$", T/binary>>, S, N) -> <<V:N/binary, _/binary>> = S, {V, T};
string(<<_, T/binary>>, S, N) -> string(T, S, N + 1).

array(<<$], T/binary>>, L) -> {lists:reverse(L), T};
array(T, L) ->
    {V, T1} = value(T),
    case skip(T1) of
        <<$,, T2/binary>> -> array(skip(T2), [V | L]);
        <<$], T2/binary>> -> {lists:reverse([V | L]), T2}
    end.

object(<<$}, T/binary>>, M) -> {M, T};
object(<<$", T/binary>>, M) ->
    {K, T1} = string(T, T, 0),
    <<$:, T2/binary>> = skip(T1),
    {V, T3} = value(skip(T2)),
    M1 = M#{K => V},
    case skip(T3) of
        <<$,, T4/binary>> -> object(skip(T4), M1);
        <<$}, T4/binary>> -> {M1, T4}
    end.

skip(<<C, T/binary>>) when C =:= $\s; C =:= $\n; C =:= $\t -> skip(T);
skip(T) -> T.
