%% Comprehensions with several generators and filters: Pythagorean triples.
-module(triples).
-export([main/1]).

main(_) -> io:format("~w~n", [length(triples(600))]).

triples(N) ->
    Ns = lists:seq(1, N),
    [{A, B, C} || A <- Ns, B <- Ns, A < B, A + B < 2 * N, C <- lists:seq(B, N), A * A + B * B =:= C * C].
