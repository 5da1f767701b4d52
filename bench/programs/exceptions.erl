%% Exceptions: thrown, caught, cleaned up after, from several frames down.
-module(exceptions).
-include("sizes.hrl").
-export([main/1]).

main(_) -> io:format("~w~n", [loop(?N(1500000, 100), 0)]).

loop(0, S) -> S;
loop(N, S) ->
    A = try deep(N band 7, N) catch throw:{found, X} -> X end,
    B = try risky(N) of V -> V catch error:badarith -> 1; error:{mine, X2} -> X2 after ok end,
    C = case catch risky(N + 1) of {'EXIT', _} -> 1; V3 -> V3 end,
    loop(N - 1, S + A + B + C).

deep(0, N) when N band 8 =:= 0 -> throw({found, N band 3});
deep(0, _) -> 2;
deep(K, N) -> 1 + deep(K - 1, N).

risky(N) when N band 3 =:= 0 -> N / (N band 3);
risky(N) when N band 3 =:= 1 -> error({mine, 3});
risky(N) -> N band 1.
