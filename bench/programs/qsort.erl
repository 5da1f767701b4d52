%% Quicksort of random integers with list comprehensions.
-module(qsort).
-export([main/1]).

main(_) ->
    L = numbers(20000, 42, []),
    io:format("~w~n", [times(60, L, 0)]).

times(0, _, R) -> R;
times(N, L, R) -> times(N - 1, L, R + lists:nth(1000, sort(L))).

sort([]) -> [];
sort([P | T]) -> sort([X || X <- T, X < P]) ++ [P | sort([X || X <- T, X >= P])].

numbers(0, _, L) -> L;
numbers(N, S, L) ->
    S1 = (S * 1103515245 + 12345) band 16#7fffffff,
    numbers(N - 1, S1, [S1 bsr 8 | L]).
