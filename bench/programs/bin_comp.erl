%% Binary comprehensions, from and to binaries.
-module(bin_comp).
-include("sizes.hrl").
-export([main/1]).

main(_) ->
    B = << <<(X * 7)>> || X <- lists:seq(1, ?N(20000, 150)) >>,
    io:format("~w~n", [times(?N(300, 2), B, 0)]).

times(0, _, R) -> R;
times(N, B, R) ->
    C = << <<(X bxor N)>> || <<X>> <= B >>,
    L = [X + Y || <<X:4, Y:4>> <= C],
    D = << <<X:5>> || X <- L >>,
    times(N - 1, B, R + lists:sum(L) + bit_size(D)).
