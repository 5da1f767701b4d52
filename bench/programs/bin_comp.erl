%% Binary comprehensions, from and to binaries.
-module(bin_comp).
-export([main/1]).

main(_) ->
    B = << <<(X * 7)>> || X <- lists:seq(1, 20000) >>,
    io:format("~w~n", [times(300, B, 0)]).

times(0, _, R) -> R;
times(N, B, R) ->
    C = << <<(X bxor N)>> || <<X>> <= B >>,
    L = [X + Y || <<X:4, Y:4>> <= C],
    D = << <<X:5>> || X <- L >>,
    times(N - 1, B, R + lists:sum(L) + bit_size(D)).
