%% ETS: inserted, looked up, counted, traversed.
-module(tables).
-include("sizes.hrl").
-export([main/1]).

main(_) -> io:format("~w~n", [times(?N(4, 1), 0)]).

times(0, R) -> R;
times(N, R) ->
    T = ets:new(t, [set]),
    O = ets:new(o, [ordered_set]),
    fill(?N(50000, 100), T, O),
    A = sum(?N(50000, 100), T, 0),
    B = ets:foldl(fun({_, V, _}, S) -> S + V end, 0, O),
    C = length(ets:select(T, [{{'$1', '$2', '_'}, [{'>', '$2', ?N(40000, 80)}], ['$1']}])),
    [ets:update_counter(T, K, {2, 1}) || K <- lists:seq(1, ?N(20000, 40))],
    D = sum(?N(50000, 100), T, 0),
    ets:delete(T), ets:delete(O),
    times(N - 1, R + A + B + C + D).

fill(0, _, _) -> ok;
fill(N, T, O) ->
    ets:insert(T, {N, N, [N]}),
    ets:insert(O, {N * 7919 rem 1000003, N, {x, N}}),
    fill(N - 1, T, O).

sum(0, _, S) -> S;
sum(N, T, S) -> [{_, V, _}] = ets:lookup(T, N), sum(N - 1, T, S + V).
