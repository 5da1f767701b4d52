%% All solutions of the twelve queens problem: comprehensions, backtracking.
-module(queens).
-include("sizes.hrl").
-export([main/1]).

main(_) -> io:format("~w~n", [length(solve(?N(12, 5), ?N(12, 5)))]).

solve(0, _) -> [[]];
solve(K, N) -> [[Q | B] || B <- solve(K - 1, N), Q <- lists:seq(1, N), safe(Q, B, 1)].

safe(_, [], _) -> true;
safe(Q, [H | T], D) -> Q =/= H andalso Q =/= H + D andalso Q =/= H - D andalso safe(Q, T, D + 1).
