%% Comprehensions with several generators and filters: Pythagorean triples.
-module(triples).
-include("sizes.hrl").
-export([main/1]).

main(_) -> io:format("~w~n", [length(triples(?N(600, 20)))]).

triples(N) ->
    Ns = lists:seq(1, N),
    [{A, B, C} || A <- Ns, B <- Ns, A < B, A + B < 2 * N, C <- lists:seq(B, N), A * A + B * B =:= C * C].
