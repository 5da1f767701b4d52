-module(sets).
-moduledoc """
Sets of terms that are told apart with =:=.

A set is a map with the elements as keys (version 2, the default), or a hash table (version 1, see
gerl_buckets). All functions take both; two sets of different versions make one of version 1.
""".

-export([new/0, new/1, from_list/1, from_list/2, to_list/1, is_set/1, size/1, is_empty/1, is_equal/2,
         is_element/2, add_element/2, del_element/2]).
-export([union/1, union/2, intersection/1, intersection/2, is_disjoint/2, is_subset/2, subtract/2]).
-export([filter/2, filtermap/2, fold/3, map/2]).

-export_type([set/0, set/1]).

-record(set, {size, buckets, slots, half, grow, shrink, empty, segments}).

-type set() :: set(_).
-opaque set(Element) :: #{Element => []} | #set{segments :: tuple()}.
-type version() :: {version, 1..2}.

%%% ---- making and looking ------------------------------------------------------------------------

-doc "An empty set.".
-spec new() -> set(none()).
new() -> #{}.

-doc "An empty set of a version.".
-spec new([version()]) -> set(none()).
new([{version, 2}]) -> #{};
new(Options) ->
    case proplists:get_value(version, Options, 2) of
        2 -> #{};
        1 -> gerl_buckets:new(set)
    end.

-doc "The set of a list's elements.".
-spec from_list([E]) -> set(E).
from_list(List) -> maps:from_keys(List, []).

-doc "The set of a list's elements, of a version.".
-spec from_list([E], [version()]) -> set(E).
from_list(List, Options) ->
    case new(Options) of
        Empty when is_map(Empty) -> from_list(List);
        Empty -> lists:foldl(fun add_element/2, Empty, List)
    end.

-doc "The elements, in no defined order.".
-spec to_list(set(E)) -> [E].
to_list(Set) when is_map(Set) -> maps:keys(Set);
to_list(#set{} = Set) -> gerl_buckets:fold(fun lists:reverse/2, [], Set).

-doc "Whether the term looks like a set.".
-spec is_set(term()) -> boolean().
is_set(Term) -> is_map(Term) orelse is_record(Term, set).

-doc "The number of elements.".
-spec size(set()) -> non_neg_integer().
size(Set) when is_map(Set) -> map_size(Set);
size(#set{size = Size}) -> Size.

-doc "Whether the set has no elements.".
-spec is_empty(set()) -> boolean().
is_empty(Set) when is_map(Set) -> Set =:= #{};
is_empty(#set{size = Size}) -> Size =:= 0.

-doc "Whether both sets have the same elements.".
-spec is_equal(set(), set()) -> boolean().
is_equal(Set1, Set2) ->
    size(Set1) =:= size(Set2) andalso
        (Set1 =:= Set2 orelse from_list(to_list(Set1)) =:= from_list(to_list(Set2))).

-doc "Whether the set has the element.".
-spec is_element(E, set(E)) -> boolean().
is_element(E, Set) when is_map(Set) -> is_map_key(E, Set);
is_element(E, #set{} = Set) ->
    {_, Bucket} = gerl_buckets:bucket(E, Set),
    lists:member(E, Bucket).

-doc "The set with an element.".
-spec add_element(E, set(E)) -> set(E).
add_element(E, Set) when is_map(Set) -> Set#{E => []};
add_element(E, #set{} = Set) ->
    {N, Bucket} = gerl_buckets:bucket(E, Set),
    case lists:member(E, Bucket) of
        true -> Set;
        false -> gerl_buckets:added(1, gerl_buckets:put_bucket(N, [E | Bucket], Set))
    end.

-doc "The set without an element.".
-spec del_element(E, set(E)) -> set(E).
del_element(E, Set) when is_map(Set) -> maps:remove(E, Set);
del_element(E, #set{} = Set) ->
    {N, Bucket} = gerl_buckets:bucket(E, Set),
    case lists:member(E, Bucket) of
        true -> gerl_buckets:removed(1, gerl_buckets:put_bucket(N, lists:delete(E, Bucket), Set));
        false -> Set
    end.

%%% ---- several sets ------------------------------------------------------------------------------

-doc "The elements that are in either set.".
-spec union(set(E), set(E)) -> set(E).
union(Set1, Set2) when is_map(Set1), is_map(Set2) -> maps:merge(Set1, Set2);
union(Set1, Set2) ->
    {Small, Large} = by_size(Set1, Set2),
    fold(fun add_element/2, Large, Small).

-doc "The elements of all sets.".
-spec union([set(E)]) -> set(E).
union([]) -> new();
union([Set]) -> Set;
union([Set1, Set2 | Sets]) -> union([union(Set1, Set2) | Sets]).

-doc "The elements that are in both sets.".
-spec intersection(set(E), set(E)) -> set(E).
intersection(Set1, Set2) ->
    {Small, Large} = by_size(Set1, Set2),
    case is_map(Set1) andalso is_map(Set2) of
        true -> keep(fun(E) -> is_map_key(E, Large) end, Small);
        false -> filter(fun(E) -> is_element(E, Large) end, Small)
    end.

-doc "The elements that are in each of the sets.".
-spec intersection([set(E), ...]) -> set(E).
intersection([Set]) -> Set;
intersection([Set1, Set2 | Sets]) -> intersection([intersection(Set1, Set2) | Sets]).

-doc "Whether the sets have no element in common.".
-spec is_disjoint(set(E), set(E)) -> boolean().
is_disjoint(Set1, Set2) ->
    {Small, Large} = by_size(Set1, Set2),
    not lists:any(fun(E) -> is_element(E, Large) end, to_list(Small)).

-doc "Whether all elements of the first set are in the second.".
-spec is_subset(set(E), set(E)) -> boolean().
is_subset(Set1, Set2) when is_map(Set1), is_map(Set2), map_size(Set1) > map_size(Set2) -> false;
is_subset(Set1, Set2) -> lists:all(fun(E) -> is_element(E, Set2) end, to_list(Set1)).

-doc "The elements of the first set that are not in the second.".
-spec subtract(set(E), set(E)) -> set(E).
subtract(Set1, Set2) when is_map(Set1), is_map(Set2), map_size(Set2) =< map_size(Set1) div 4 ->
    maps:without(maps:keys(Set2), Set1);
subtract(Set1, Set2) when is_map(Set1), is_map(Set2) ->
    keep(fun(E) -> not is_map_key(E, Set2) end, Set1);
subtract(Set1, Set2) ->
    filter(fun(E) -> not is_element(E, Set2) end, Set1).

%% The smaller set and the larger one; the second counts as the smaller of equal ones.
by_size(Set1, Set2) ->
    case size(Set1) < size(Set2) of
        true -> {Set1, Set2};
        false -> {Set2, Set1}
    end.

%% As filter/2 of a map; one that loses nothing is kept as it is.
keep(Pred, Set) ->
    Keys = lists:filter(Pred, maps:keys(Set)),
    case length(Keys) =:= map_size(Set) of
        true -> Set;
        false -> from_list(Keys)
    end.

%%% ---- funs over sets ----------------------------------------------------------------------------

-doc "Calls a fun for each element, in no defined order.".
-spec fold(fun((E, A) -> A), A, set(E)) -> A.
fold(Fun, Acc, Set) when is_function(Fun, 2), is_map(Set) -> lists:foldl(Fun, Acc, maps:keys(Set));
fold(Fun, Acc, #set{} = Set) when is_function(Fun, 2) ->
    gerl_buckets:fold(fun(Bucket, A) -> lists:foldl(Fun, A, Bucket) end, Acc, Set).

-doc "The elements for which a fun is true.".
-spec filter(fun((E) -> boolean()), set(E)) -> set(E).
filter(Pred, Set) when is_function(Pred, 1), is_map(Set) ->
    from_list([E || E <- maps:keys(Set), Pred(E)]);
filter(Pred, #set{size = Size} = Set) when is_function(Pred, 1) ->
    Kept = gerl_buckets:walk(fun(Bucket) -> chosen(Pred, Bucket, []) end, Set),
    gerl_buckets:removed(Size - gerl_buckets:fold(fun(Bucket, N) -> N + length(Bucket) end, 0, Kept), Kept).

chosen(Pred, [E | Rest], Chosen) ->
    case Pred(E) of
        true -> chosen(Pred, Rest, [E | Chosen]);
        false -> chosen(Pred, Rest, Chosen)
    end;
chosen(_, [], Chosen) ->
    Chosen.

-doc "As filter/2; for {true, New}, New takes the element's place.".
-spec filtermap(fun((E1) -> boolean() | {true, E2}), set(E1)) -> set(E1 | E2).
filtermap(Fun, Set) when is_function(Fun, 1), is_map(Set) ->
    from_list(lists:filtermap(Fun, maps:keys(Set)));
filtermap(Fun, #set{} = Set) when is_function(Fun, 1) ->
    Empty = gerl_buckets:new(set),
    Add = fun(E, Acc) ->
                  case Fun(E) of
                      false -> Acc;
                      true -> add_element(E, Acc);
                      {true, New} -> add_element(New, Acc)
                  end
          end,
    fold(Add, Empty, Set).

-doc "The set of a fun's results.".
-spec map(fun((E1) -> E2), set(E1)) -> set(E2).
map(Fun, Set) when is_function(Fun, 1), is_map(Set) ->
    from_list(lists:map(Fun, maps:keys(Set)));
map(Fun, #set{} = Set) when is_function(Fun, 1) ->
    fold(fun(E, Acc) -> add_element(Fun(E), Acc) end, gerl_buckets:new(set), Set).
