%% The library's sorting: sort, usort and keysort of random lists.
-module(msort).
-include("sizes.hrl").
-export([main/1]).

main(_) ->
    L = numbers(?N(50000, 200), 7, []),
    P = [{X rem 1000, X} || X <- L],
    io:format("~w~n", [times(?N(12, 1), L, P, 0)]).

times(0, _, _, R) -> R;
times(N, L, P, R) ->
    A = hd(lists:sort(L)),
    B = length(lists:usort([X rem 4096 || X <- L])),
    {C, _} = lists:last(lists:keysort(1, P)),
    D = hd(lists:sort(fun(X, Y) -> X >= Y end, L)),
    times(N - 1, L, P, R + A + B + C + D).

numbers(0, _, L) -> L;
numbers(N, S, L) ->
    S1 = (S * 1103515245 + 12345) band 16#7fffffff,
    numbers(N - 1, S1, [S1 bsr 8 | L]).
