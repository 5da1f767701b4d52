%% The library's list functions: keyfind, member, zip, partition, append, reverse, nth, delete.
-module(list_ops).
-include("sizes.hrl").
-export([main/1]).

main(_) ->
    L = lists:seq(1, ?N(300, 20)),
    P = [{K, K * K} || K <- L],
    io:format("~w~n", [times(?N(12000, 3), L, P, 0)]).

times(0, _, _, R) -> R;
times(N, L, P, R) ->
    {_, A} = lists:keyfind(N rem 300 + 1, 1, P),
    B = case lists:member(N rem 500, L) of true -> 1; false -> 0 end,
    {Ks, Vs} = lists:unzip(P),
    Z = lists:zip(Vs, Ks),
    {X, Y} = lists:partition(fun({V, _}) -> V rem 3 =:= 0 end, Z),
    C = length(lists:append(X, Y)) + length(lists:reverse(Z)) + lists:nth(N rem 300 + 1, L),
    D = length(lists:delete(N rem 300, L)) + length(L -- [1, 2, 3, N]) + lists:max(L),
    E = length(lists:takewhile(fun(V) -> V < N rem 300 end, L)) + lists:sum(lists:sublist(L, 100)),
    {value, {_, F}} = lists:search(fun({K, _}) -> K > N rem 299 end, P),
    times(N - 1, L, P, R + A + B + C + D + E + F).
