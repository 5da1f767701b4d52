%% Large maps: built, updated, searched, folded.
-module(map_large).
-include("sizes.hrl").
-export([main/1]).

main(_) -> io:format("~w~n", [times(?N(4, 1), 0)]).

times(0, R) -> R;
times(N, R) ->
    M = build(?N(60000, 100), 1, #{}),
    M1 = bump(?N(60000, 100), 1, M),
    S = maps:fold(fun(_, V, A) -> A + V end, 0, M1),
    M2 = maps:map(fun(_, V) -> V + 1 end, M1),
    K = count(?N(120000, 200), M2, 0),
    M3 = lists:foldl(fun maps:remove/2, M2, [X * 7919 rem 1000003 || X <- lists:seq(1, ?N(30000, 50))]),
    times(N - 1, R + S + K + maps:size(M3)).

build(0, _, M) -> M;
build(N, K, M) -> build(N - 1, K + 1, M#{K * 7919 rem 1000003 => N}).

bump(0, _, M) -> M;
bump(N, K, M) ->
    Key = K * 7919 rem 1000003,
    V = maps:get(Key, M),
    bump(N - 1, K + 1, M#{Key := V + 1}).

count(0, _, R) -> R;
count(N, M, R) ->
    case M of
        #{N := V} -> count(N - 1, M, R + V);
        _ -> count(N - 1, M, R)
    end.
