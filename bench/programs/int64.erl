%% Integers of 64 bits, which are too large for a word with a tag: a random generator and a hash.
-module(int64).
-include("sizes.hrl").
-export([main/1]).

main(_) -> io:format("~w~n", [loop(?N(1000000, 200), 16#9E3779B97F4A7C15, 16#cbf29ce484222325)]).

loop(0, S, H) -> S bxor H;
loop(N, S0, H0) ->
    S1 = S0 bxor ((S0 bsl 13) band 16#ffffffffffffffff),
    S2 = S1 bxor (S1 bsr 7),
    S = S2 bxor ((S2 bsl 17) band 16#ffffffffffffffff),
    H = ((H0 bxor (S band 255)) * 16#100000001b3) band 16#ffffffffffffffff,
    loop(N - 1, S, H).
