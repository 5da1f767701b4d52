%% Primes by sifting lists.
-module(sieve).
-include("sizes.hrl").
-export([main/1]).

main(_) -> io:format("~w~n", [lists:sum(primes(lists:seq(2, ?N(600000, 120))))]).

primes([]) -> [];
primes([P | T]) when P * P > ?N(600000, 120) -> [P | T];
primes([P | T]) -> [P | primes([X || X <- T, X rem P =/= 0])].
