-module(maps).
-moduledoc "Maps.".

%% Built in
-export([find/2, from_keys/2, from_list/1, get/2, is_key/2, keys/1, merge/2, put/3, remove/2, take/2,
         to_list/1, update/3, values/1]).
-export([iterator_to_list/1]).
-export([filter/2, filtermap/2, fold/3, foreach/2, get/3, groups_from_list/2, groups_from_list/3,
         intersect/2, intersect_with/3, iterator/1, iterator/2, map/2, merge_with/3, new/0, next/1,
         size/1, update_with/3, update_with/4, with/2, without/2, is_iterator_valid/1]).

-export_type([iterator/0, iterator/2, iterator_order/0, iterator_order/1]).

-type iterator() :: iterator(term(), term()).
-opaque iterator(K, V) :: {K, V, iterator(K, V)} | none.
-type iterator_order() :: iterator_order(term()).
-type iterator_order(K) :: undefined | ordered | reversed | fun((K, K) -> boolean()).

-define(STDLIB_INFO, [{error_info, #{module => erl_stdlib_errors}}]).

%%% ---- built in ----------------------------------------------------------------------------------

-doc "All values, in the order of keys/1.".
-spec values(#{term() => V}) -> [V].
values(_Map) -> erlang:nif_error(undef).

-doc "Replaces the value of a key; raises {badkey, Key} without one.".
-spec update(K, V, #{K => term()}) -> #{K => V}.
update(_Key, _Value, _Map) -> erlang:nif_error(undef).

rest({K, V, Iterator}) -> [{K, V} | rest(next(Iterator))];
rest(none) -> [].

-doc "The pairs of a map or of what is left of an iterator.".
-spec to_list(#{K => V} | iterator(K, V)) -> [{K, V}].
to_list(Map) when is_map(Map) -> erts_internal:map_to_list(Map);
to_list(Iterator) -> iterator_to_list(Iterator).

-doc false.
iterator_to_list(Iterator) ->
    try
        rest(next(Iterator))
    catch
        error:_ ->
            {current_stacktrace, [_ | Callers]} = erlang:process_info(self(), current_stacktrace),
            erlang:raise(error, {badmap, Iterator}, [{?MODULE, to_list, [Iterator], ?STDLIB_INFO} | Callers])
    end.

-doc "The value of a key and the map without it, or error.".
-spec take(K, #{K => V}) -> {V, map()} | error.
take(_Key, _Map) -> erlang:nif_error(undef).

-doc "The map without a key.".
-spec remove(term(), map()) -> map().
remove(_Key, _Map) -> erlang:nif_error(undef).

-doc "The map with a value put in.".
-spec put(K, V, map()) -> #{K => V}.
put(_Key, _Value, _Map) -> erlang:nif_error(undef).

-doc "Both maps in one; the second one's values win.".
-spec merge(map(), map()) -> map().
merge(_Map1, _Map2) -> erlang:nif_error(undef).

-doc "All keys.".
-spec keys(#{K => term()}) -> [K].
keys(_Map) -> erlang:nif_error(undef).

-doc "Whether the map has the key.".
-spec is_key(term(), map()) -> boolean().
is_key(_Key, _Map) -> erlang:nif_error(undef).

-doc "The value of a key; raises {badkey, Key} without one.".
-spec get(K, #{K => V}) -> V.
get(_Key, _Map) -> erlang:nif_error(undef).

-doc "A map of pairs; of equal keys the last one counts.".
-spec from_list([{K, V}]) -> #{K => V}.
from_list(_Pairs) -> erlang:nif_error(undef).

-doc "A map in which all keys have the same value.".
-spec from_keys([K], V) -> #{K => V}.
from_keys(_Keys, _Value) -> erlang:nif_error(undef).

-doc "{ok, Value} of a key, or error.".
-spec find(K, #{K => V}) -> {ok, V} | error.
find(_Key, _Map) -> erlang:nif_error(undef).

%%% ---- iterators ---------------------------------------------------------------------------------

%% The pairs of a map or an iterator, or that it is neither: the caller raises the exception in its own name.
pairs(Map) when is_map(Map) -> to_list(Map);
pairs(Iterator) ->
    try
        rest(next(Iterator))
    catch
        error:_ -> neither
    end.

-doc false.
is_iterator_valid(Iterator) ->
    try next(Iterator) of
        _ -> true
    catch
        error:badarg -> false
    end.

-doc "The next pair and the iterator behind it, or none.".
-spec next(iterator(K, V)) -> {K, V, iterator(K, V)} | none.
next({_, _, _} = Step) -> Step;
next(none) -> none;
next(Iterator) -> erlang:error(badarg, [Iterator], ?STDLIB_INFO).

chain(Pairs) -> lists:foldr(fun({K, V}, Next) -> {K, V, Next} end, none, Pairs).

sorted(Map, Compare) -> lists:sort(fun({A, _}, {B, _}) -> Compare(A, B) =< 0 end, to_list(Map)).

-doc "An iterator over a map in an order: ordered, reversed, undefined, or as a fun says.".
-spec iterator(#{K => V}, iterator_order(K)) -> iterator(K, V).
iterator(Map, undefined) when is_map(Map) -> iterator(Map);
iterator(Map, ordered) when is_map(Map) -> chain(sorted(Map, fun erts_internal:cmp_term/2));
iterator(Map, reversed) when is_map(Map) -> chain(lists:reverse(sorted(Map, fun erts_internal:cmp_term/2)));
iterator(Map, Order) when is_map(Map), is_function(Order, 2) ->
    chain(lists:sort(fun({A, _}, {B, _}) -> Order(A, B) end, to_list(Map)));
iterator(Map, Order) ->
    erlang:error(badarg, [Map, Order], ?STDLIB_INFO).

-doc "An iterator over a map.".
-spec iterator(#{K => V}) -> iterator(K, V).
iterator(Map) when is_map(Map) -> chain(to_list(Map));
iterator(Map) -> erlang:error({badmap, Map}, [Map], ?STDLIB_INFO).

%%% ---- the rest ----------------------------------------------------------------------------------

-doc "The map without these keys.".
-spec without([K], #{K => V}) -> #{K => V}.
without(Keys, Map) when is_list(Keys), is_map(Map) -> lists:foldl(fun remove/2, Map, Keys);
without(Keys, Map) when is_map(Map) -> erlang:error(badarg, [Keys, Map], ?STDLIB_INFO);
without(Keys, Map) -> erlang:error({badmap, Map}, [Keys, Map], ?STDLIB_INFO).

with_1([], _) ->
    [];
with_1([Key | Keys], Map) ->
    case Map of
        #{Key := Value} -> [{Key, Value} | with_1(Keys, Map)];
        #{} -> with_1(Keys, Map)
    end.

-doc "The map with only these keys.".
-spec with([K], #{K => V}) -> #{K => V}.
with(Keys, Map) when is_list(Keys), is_map(Map) -> from_list(with_1(Keys, Map));
with(Keys, Map) when is_map(Map) -> erlang:error(badarg, [Keys, Map], ?STDLIB_INFO);
with(Keys, Map) -> erlang:error({badmap, Map}, [Keys, Map], ?STDLIB_INFO).

-doc "Replaces the value of a key by Fun(Value), or puts Init in.".
-spec update_with(K, fun((V) -> W), I, #{K => V}) -> #{K => V | W | I}.
update_with(Key, Fun, Init, Map) when is_function(Fun, 1), is_map(Map) ->
    case Map of
        #{Key := Value} -> Map#{Key := Fun(Value)};
        #{} -> Map#{Key => Init}
    end;
update_with(Key, Fun, Init, Map) when is_map(Map) ->
    erlang:error(badarg, [Key, Fun, Init, Map], ?STDLIB_INFO);
update_with(Key, Fun, Init, Map) ->
    erlang:error({badmap, Map}, [Key, Fun, Init, Map], ?STDLIB_INFO).

-doc "Replaces the value of a key by Fun(Value); raises {badkey, Key} without one.".
-spec update_with(K, fun((V) -> W), #{K => V}) -> #{K => V | W}.
update_with(Key, Fun, Map) when is_function(Fun, 1), is_map(Map) ->
    case Map of
        #{Key := Value} -> Map#{Key := Fun(Value)};
        #{} -> erlang:error({badkey, Key}, [Key, Fun, Map], ?STDLIB_INFO)
    end;
update_with(Key, Fun, Map) when is_map(Map) ->
    erlang:error(badarg, [Key, Fun, Map], ?STDLIB_INFO);
update_with(Key, Fun, Map) ->
    erlang:error({badmap, Map}, [Key, Fun, Map], ?STDLIB_INFO).

two_maps_reason(Combine, Map1, Map2) when is_function(Combine, 3) -> {badmap, not_a_map(Map1, Map2)};
two_maps_reason(_, _, _) -> badarg.

-doc "Both maps in one; Combine(Key, Value1, Value2) settles what both have.".
-spec merge_with(fun((K, V1, V2) -> V), #{K => V1}, #{K => V2}) -> #{K => V | V1 | V2}.
merge_with(Combine, Map1, Map2) when is_map(Map1), is_map(Map2), is_function(Combine, 3) ->
    fold_1(fun(K, V2, Acc) ->
                   case Acc of
                       #{K := V1} -> Acc#{K := Combine(K, V1, V2)};
                       #{} -> Acc#{K => V2}
                   end
           end, Map1, to_list(Map2));
merge_with(Combine, Map1, Map2) ->
    erlang:error(two_maps_reason(Combine, Map1, Map2), [Combine, Map1, Map2], ?STDLIB_INFO).

-doc "The keys that both maps have, with what Combine(Key, Value1, Value2) gives.".
-spec intersect_with(fun((K, V1, V2) -> V), #{K => V1}, #{K => V2}) -> #{K => V}.
intersect_with(Combine, Map1, Map2) when is_map(Map1), is_map(Map2), is_function(Combine, 3) ->
    from_list([{K, Combine(K, V, get(K, Map2))} || {K, V} <- to_list(Map1), is_map_key(K, Map2)]);
intersect_with(Combine, Map1, Map2) ->
    erlang:error(two_maps_reason(Combine, Map1, Map2), [Combine, Map1, Map2], ?STDLIB_INFO).

not_a_map(Map1, Map2) when is_map(Map1) -> Map2;
not_a_map(Map1, _) -> Map1.

-doc "The keys that both maps have, with the second one's values.".
-spec intersect(#{K => term()}, #{K => V}) -> #{K => V}.
intersect(Map1, Map2) when is_map(Map1), is_map(Map2) ->
    case map_size(Map1) =< map_size(Map2) of
        true -> with(keys(Map1), Map2);
        false -> from_list([Pair || {K, _} = Pair <- to_list(Map2), is_map_key(K, Map1)])
    end;
intersect(Map1, Map2) ->
    erlang:error({badmap, not_a_map(Map1, Map2)}, [Map1, Map2], ?STDLIB_INFO).

add_to_group(Key, Value, Groups) ->
    case Groups of
        #{Key := Values} -> Groups#{Key := [Value | Values]};
        #{} -> Groups#{Key => [Value]}
    end.

-doc "Groups what ValueFun makes of the elements by the key that KeyFun gives them.".
-spec groups_from_list(fun((T) -> K), fun((T) -> V), [T]) -> #{K => [V]}.
groups_from_list(KeyFun, ValueFun, List) when is_function(KeyFun, 1), is_function(ValueFun, 1) ->
    try lists:reverse(List) of
        Reversed ->
            lists:foldl(fun(E, Groups) -> add_to_group(KeyFun(E), ValueFun(E), Groups) end, #{}, Reversed)
    catch
        error:_ -> erlang:error(badarg, [KeyFun, ValueFun, List], ?STDLIB_INFO)
    end;
groups_from_list(KeyFun, ValueFun, List) ->
    erlang:error(badarg, [KeyFun, ValueFun, List], ?STDLIB_INFO).

-doc "Groups elements by the key that Fun gives them.".
-spec groups_from_list(fun((T) -> K), [T]) -> #{K => [T]}.
groups_from_list(KeyFun, List) when is_function(KeyFun, 1) ->
    try lists:reverse(List) of
        Reversed -> lists:foldl(fun(E, Groups) -> add_to_group(KeyFun(E), E, Groups) end, #{}, Reversed)
    catch
        error:_ -> erlang:error(badarg, [KeyFun, List], ?STDLIB_INFO)
    end;
groups_from_list(KeyFun, List) ->
    erlang:error(badarg, [KeyFun, List], ?STDLIB_INFO).

-doc "Replaces each value by Fun(Key, Value).".
-spec map(fun((K, V) -> W), #{K => V} | iterator(K, V)) -> #{K => W}.
map(Fun, Map) when is_function(Fun, 2), is_map(Map) ->
    gerl_maps:with_values(Map, [Fun(K, V) || {K, V} <- to_list(Map)]);
map(Fun, Map) when is_function(Fun, 2) ->
    case pairs(Map) of
        neither -> erlang:error({badmap, Map}, [Fun, Map], ?STDLIB_INFO);
        Pairs -> from_list([{K, Fun(K, V)} || {K, V} <- Pairs])
    end;
map(Fun, Map) ->
    erlang:error(badarg, [Fun, Map], ?STDLIB_INFO).

foreach_1(_, []) ->
    ok;
foreach_1(Fun, [{K, V} | Pairs]) ->
    Fun(K, V),
    foreach_1(Fun, Pairs).

-doc "Calls Fun for all pairs.".
-spec foreach(fun((K, V) -> term()), #{K => V} | iterator(K, V)) -> ok.
foreach(Fun, Map) when is_function(Fun, 2) ->
    case pairs(Map) of
        neither -> erlang:error({badmap, Map}, [Fun, Map], ?STDLIB_INFO);
        Pairs -> foreach_1(Fun, Pairs)
    end;
foreach(Fun, Map) -> erlang:error(badarg, [Fun, Map], ?STDLIB_INFO).

fold_1(_, Acc, []) -> Acc;
fold_1(Fun, Acc, [{K, V} | Pairs]) -> fold_1(Fun, Fun(K, V, Acc), Pairs).

-doc "Fun(Key, Value, Acc) over all pairs.".
-spec fold(fun((K, V, Acc) -> Acc), Acc, #{K => V} | iterator(K, V)) -> Acc.
fold(Fun, Acc, Map) when is_function(Fun, 3) ->
    case pairs(Map) of
        neither -> erlang:error({badmap, Map}, [Fun, Acc, Map], ?STDLIB_INFO);
        Pairs -> fold_1(Fun, Acc, Pairs)
    end;
fold(Fun, Acc, Map) -> erlang:error(badarg, [Fun, Acc, Map], ?STDLIB_INFO).

filtermap_1(_, [], Acc) ->
    Acc;
filtermap_1(Fun, [{K, V} = Pair | Pairs], Acc) ->
    case Fun(K, V) of
        true -> filtermap_1(Fun, Pairs, [Pair | Acc]);
        {true, New} -> filtermap_1(Fun, Pairs, [{K, New} | Acc]);
        false -> filtermap_1(Fun, Pairs, Acc)
    end.

-doc "Keeps, drops or replaces values, as Fun says: true, false or {true, New}.".
-spec filtermap(fun((K, V) -> boolean() | {true, W}), #{K => V} | iterator(K, V)) -> #{K => V | W}.
filtermap(Fun, Map) when is_function(Fun, 2) ->
    case pairs(Map) of
        neither -> erlang:error({badmap, Map}, [Fun, Map], ?STDLIB_INFO);
        Pairs -> from_list(filtermap_1(Fun, Pairs, []))
    end;
filtermap(Fun, Map) -> erlang:error(badarg, [Fun, Map], ?STDLIB_INFO).

filter_1(_, [], Acc) ->
    Acc;
filter_1(Pred, [{K, V} = Pair | Pairs], Acc) ->
    case Pred(K, V) of
        true -> filter_1(Pred, Pairs, [Pair | Acc]);
        false -> filter_1(Pred, Pairs, Acc)
    end.

-doc "The pairs of which Pred is true.".
-spec filter(fun((K, V) -> boolean()), #{K => V} | iterator(K, V)) -> #{K => V}.
filter(Pred, Map) when is_function(Pred, 2) ->
    case pairs(Map) of
        neither -> erlang:error({badmap, Map}, [Pred, Map], ?STDLIB_INFO);
        Pairs -> from_list(filter_1(Pred, Pairs, []))
    end;
filter(Pred, Map) -> erlang:error(badarg, [Pred, Map], ?STDLIB_INFO).

-doc "The value of a key, or Default.".
-spec get(K, #{K => V}, D) -> V | D.
get(Key, Map, Default) when is_map(Map) ->
    case Map of
        #{Key := Value} -> Value;
        #{} -> Default
    end;
get(Key, Map, Default) ->
    erlang:error({badmap, Map}, [Key, Map, Default], ?STDLIB_INFO).

-doc "The number of keys.".
-spec size(map()) -> non_neg_integer().
size(Map) ->
    try
        map_size(Map)
    catch
        error:_ -> erlang:error({badmap, Map}, [Map], ?STDLIB_INFO)
    end.

-doc "A map without keys.".
-spec new() -> #{}.
new() -> #{}.
