%% Quicksort of random integers with list comprehensions.
-module(qsort).
-include("sizes.hrl").
-export([main/1]).

main(_) ->
    L = numbers(?N(20000, 150), 42, []),
    io:format("~w~n", [times(?N(60, 1), L, 0)]).

times(0, _, R) -> R;
times(N, L, R) -> times(N - 1, L, R + lists:nth(?N(1000, 100), sort(L))).

sort([]) -> [];
sort([P | T]) -> sort([X || X <- T, X < P]) ++ [P | sort([X || X <- T, X >= P])].

numbers(0, _, L) -> L;
numbers(N, S, L) ->
    S1 = (S * 1103515245 + 12345) band 16#7fffffff,
    numbers(N - 1, S1, [S1 bsr 8 | L]).
