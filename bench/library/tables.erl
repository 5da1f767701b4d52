%% Maps, dict, gb_trees, sets and ets.
-module(tables).
-export([main/1]).
-include("rounds.hrl").

main(["maps_fold"]) ->
    M = map(),
    rounds(?ROUNDS(180), fun() -> maps:fold(fun(_, V, A) -> V + A end, 0, M) end);
main(["maps_map"]) ->
    M = map(),
    rounds(?ROUNDS(25), fun() -> maps:fold(fun(_, V, A) -> V + A end, 0, maps:map(fun(_, V) -> V + 1 end, M)) end);
main(["maps_filter"]) ->
    M = map(),
    rounds(?ROUNDS(50), fun() -> maps:size(maps:filter(fun(_, V) -> V rem 3 =:= 0 end, M)) end);
main(["maps_small"]) ->
    M = #{a => 1, b => 2, c => 3, d => 4, e => 5, f => 6},
    rounds(?ROUNDS(900000), fun() -> maps:fold(fun(_, V, A) -> V + A end, 0, maps:map(fun(_, V) -> V + 1 end, M)) end);
main(["maps_merge"]) ->
    M = map(),
    N = maps:from_list([{X + 25000, X} || X <- lists:seq(1, ?SIZE(50000))]),
    rounds(?ROUNDS(80), fun() -> maps:size(maps:merge(M, N)) end);
main(["dict"]) -> rounds(?ROUNDS(8), fun() -> filled(fun dict:store/3, dict:new(), fun dict:find/2) end);
main(["dict_update"]) ->
    rounds(?ROUNDS(20), fun() ->
        D = lists:foldl(fun(I, D) -> dict:update_counter(I rem 1000, 1, D) end, dict:new(), lists:seq(1, ?SIZE(50000))),
        lists:sum([V || {_, V} <- dict:to_list(D)])
    end);
main(["gb_trees"]) -> rounds(?ROUNDS(10), fun() -> filled(fun gb_trees:enter/3, gb_trees:empty(), fun gb_trees:lookup/2) end);
main(["gb_trees_iterate"]) ->
    T = gb_trees:from_orddict([{I, I} || I <- lists:seq(1, ?SIZE(100000))]),
    rounds(?ROUNDS(75), fun() -> iterate(gb_trees:next(gb_trees:iterator(T)), 0) end);
main(["orddict"]) ->
    rounds(?ROUNDS(30), fun() -> length(lists:foldl(fun(I, D) -> orddict:store(I * 7919 rem 997, I, D) end, [], lists:seq(1, ?SIZE(2000)))) end);
main(["sets_1"]) -> rounds(?ROUNDS(12), fun() -> sets_of([{version, 1}]) end);
main(["sets_2"]) -> rounds(?ROUNDS(25), fun() -> sets_of([{version, 2}]) end);
main(["gb_sets"]) ->
    rounds(?ROUNDS(8), fun() ->
        S = lists:foldl(fun(I, S) -> gb_sets:add_element(I * 7919 rem 30011, S) end, gb_sets:new(), lists:seq(1, ?SIZE(30000))),
        gb_sets:size(gb_sets:union(S, gb_sets:from_list(lists:seq(1, ?SIZE(40000), 2))))
    end);
main(["ordsets"]) ->
    A = lists:seq(1, ?SIZE(100000), 2),
    B = lists:seq(1, ?SIZE(100000), 3),
    rounds(?ROUNDS(120), fun() -> length(ordsets:union(A, B)) - length(ordsets:intersection(A, B)) + length(ordsets:subtract(A, B)) end);
main(["queue"]) ->
    rounds(?ROUNDS(40), fun() -> emptied(lists:foldl(fun queue:in/2, queue:new(), lists:seq(1, ?SIZE(50000))), 0) end);
main(["array"]) ->
    rounds(?ROUNDS(30), fun() ->
        A = lists:foldl(fun(I, A) -> array:set(I, I, A) end, array:new(), lists:seq(0, ?SIZE(50000))),
        array:foldl(fun(_, V, S) -> S + V end, 0, A)
    end);
main(["ets_set"]) -> rounds(?ROUNDS(10), fun() -> ets_work(set) end);
main(["ets_ordered_set"]) -> rounds(?ROUNDS(8), fun() -> ets_work(ordered_set) end);
main(["ets_select"]) ->
    T = ets:new(t, [set]),
    ets:insert(T, [{I, I rem 10, name} || I <- lists:seq(1, ?SIZE(50000))]),
    rounds(?ROUNDS(40), fun() ->
        length(ets:select(T, [{{'$1', '$2', '_'}, [{'<', '$2', 3}], [{{'$1', '$2'}}]}])) + ets:select_count(T, [{{'_', 5, '_'}, [], [true]}])
    end);
main(["ets_fold"]) ->
    T = ets:new(t, [set]),
    ets:insert(T, [{I, I} || I <- lists:seq(1, ?SIZE(50000))]),
    rounds(?ROUNDS(20), fun() -> ets:foldl(fun({_, V}, A) -> V + A end, 0, T) + length(ets:tab2list(T)) end);
main(["ets_counter"]) ->
    T = ets:new(t, [set]),
    rounds(?ROUNDS(30), fun() -> [ets:update_counter(T, I rem 100, 1, {none, 0}) || I <- lists:seq(1, ?SIZE(100000))], ets:info(T, size) end).

map() -> maps:from_list([{I, I} || I <- lists:seq(1, ?SIZE(50000))]).

filled(Store, Empty, Find) ->
    N = ?SIZE(30000),
    D = lists:foldl(fun(I, D) -> Store(I * 7919 rem 30011, I, D) end, Empty, lists:seq(1, N)),
    length([I || I <- lists:seq(1, N), is_tuple(Find(I, D))]).

iterate(none, Sum) -> Sum;
iterate({_, V, I}, Sum) -> iterate(gb_trees:next(I), Sum + V).

sets_of(Options) ->
    A = sets:from_list(lists:seq(1, ?SIZE(30000)), Options),
    B = sets:from_list(lists:seq(1, ?SIZE(40000), 2), Options),
    sets:size(sets:union(A, B)) + sets:size(sets:intersection(A, B)) + sets:fold(fun(X, S) -> X + S end, 0, sets:subtract(A, B)).

emptied(Q, Sum) ->
    case queue:out(Q) of
        {{value, V}, Rest} -> emptied(Rest, Sum + V);
        {empty, _} -> Sum
    end.

ets_work(Type) ->
    T = ets:new(t, [Type, public]),
    [ets:insert(T, {I * 7919 rem 30011, I, "some text"}) || I <- lists:seq(1, ?SIZE(30000))],
    Sum = lists:sum([element(2, hd(ets:lookup(T, I))) || I <- lists:seq(1, ?SIZE(30000)), ets:member(T, I)]),
    ets:delete(T),
    Sum.
