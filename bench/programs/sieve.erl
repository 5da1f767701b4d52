%% Primes by sifting lists.
-module(sieve).
-export([main/1]).

main(_) -> io:format("~w~n", [lists:sum(primes(lists:seq(2, 600000)))]).

primes([]) -> [];
primes([P | T]) when P * P > 600000 -> [P | T];
primes([P | T]) -> [P | primes([X || X <- T, X rem P =/= 0])].
