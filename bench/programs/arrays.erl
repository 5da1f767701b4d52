%% Tuples as arrays: element and setelement; the library's array.
-module(arrays).
-include("sizes.hrl").
-export([main/1]).

main(_) ->
    T = fill(?N(8000000, 200), erlang:make_tuple(24, 0)),
    A = lists:foldl(fun(I, A) -> array:set(I, I * 2, A) end, array:new(), lists:seq(0, ?N(150000, 300))),
    S = lists:foldl(fun(I, S) -> S + array:get(I, A) end, 0, lists:seq(0, ?N(150000, 300))),
    io:format("~w ~w ~w~n", [sum(tuple_size(T), T, 0), S, array:foldl(fun(_, V, R) -> R + V end, 0, A)]).

fill(0, T) -> T;
fill(N, T) ->
    I = N rem 24 + 1,
    J = (N * 7) rem 24 + 1,
    fill(N - 1, setelement(I, T, element(J, T) + element(I, T) band 1023 + 1)).

sum(0, _, S) -> S;
sum(N, T, S) -> sum(N - 1, T, S + element(N, T)).
