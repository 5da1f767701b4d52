%% Funs and lists of the library: seq, map, foldl.
-module(mapfold).
-include("sizes.hrl").
-export([main/1]).

main(_) -> io:format("~w~n", [times(?N(60, 2), 0)]).

times(0, R) -> R;
times(N, _) ->
    L = lists:seq(1, ?N(200000, 300)),
    times(N - 1, lists:foldl(fun(X, S) -> X + S end, 0, lists:map(fun(X) -> X * 2 end, L))).
