%% The library's trees and dictionaries: gb_trees, dict, orddict, sets.
-module(dicts).
-include("sizes.hrl").
-export([main/1]).

main(_) -> io:format("~w~n", [times(?N(24, 1), 0)]).

times(0, R) -> R;
times(N, R) ->
    Ks = [(K * 7919) rem 20011 || K <- lists:seq(1, ?N(10000, 60))],
    T = lists:foldl(fun(K, A) -> gb_trees:enter(K, K, A) end, gb_trees:empty(), Ks),
    S = lists:foldl(fun(K, A) -> {value, V} = gb_trees:lookup(K, T), A + V end, 0, Ks),
    D = lists:foldl(fun(K, A) -> dict:update_counter(K rem 1000, 1, A) end, dict:new(), Ks),
    O = lists:foldl(fun(K, A) -> orddict:store(K rem 100, K, A) end, orddict:new(), Ks),
    E = lists:foldl(fun sets:add_element/2, sets:new(), Ks),
    times(N - 1, R + S + dict:size(D) + length(O) + sets:size(E)).
