-module(ordsets).
-moduledoc "Sets as sorted lists without duplicates; elements are told apart with ==.".

-export([new/0, from_list/1, to_list/1, is_set/1, size/1, is_empty/1, is_equal/2, is_element/2,
         add_element/2, del_element/2]).
-export([union/1, union/2, intersection/1, intersection/2, is_disjoint/2, is_subset/2, subtract/2]).
-export([filter/2, filtermap/2, fold/3, map/2]).

-export_type([ordset/1]).

-type ordset(E) :: [E].

%%% ---- making and looking ------------------------------------------------------------------------

-doc "An empty set.".
-spec new() -> [].
new() -> [].

-doc "The set of a list's elements.".
-spec from_list([E]) -> ordset(E).
from_list(List) -> lists:usort(List).

-doc "The elements, sorted.".
-spec to_list(ordset(E)) -> [E].
to_list(Set) -> Set.

-doc "Whether the term is a set: a list whose elements grow strictly.".
-spec is_set(term()) -> boolean().
is_set([E | Rest]) -> ascends(E, Rest);
is_set(Term) -> Term =:= [].

ascends(E, [Next | Rest]) -> E < Next andalso ascends(Next, Rest);
ascends(_, []) -> true.

-doc "The number of elements.".
-spec size(ordset(_)) -> non_neg_integer().
size(Set) -> length(Set).

-doc "Whether the set has no elements.".
-spec is_empty(ordset(_)) -> boolean().
is_empty(Set) -> Set =:= [].

-doc "Whether both sets have the same elements.".
-spec is_equal(ordset(_), ordset(_)) -> boolean().
is_equal(Set1, Set2) when is_list(Set1), is_list(Set2) -> Set1 == Set2.

-doc "Whether the set has the element.".
-spec is_element(E, ordset(E)) -> boolean().
is_element(E, [H | T]) ->
    if E > H -> is_element(E, T);
       true -> E == H
    end;
is_element(_, []) ->
    false.

-doc "The set with an element.".
-spec add_element(E, ordset(E)) -> ordset(E).
add_element(E, [H | T] = Set) ->
    if E > H -> [H | add_element(E, T)];
       E == H -> Set;
       true -> [E | Set]
    end;
add_element(E, []) ->
    [E].

-doc "The set without an element.".
-spec del_element(E, ordset(E)) -> ordset(E).
del_element(E, [H | T] = Set) ->
    if E > H -> [H | del_element(E, T)];
       E == H -> T;
       true -> Set
    end;
del_element(_, []) ->
    [].

%%% ---- several sets ------------------------------------------------------------------------------

-doc "The elements that are in either set.".
-spec union(ordset(E), ordset(E)) -> ordset(E).
union([A | As] = Set1, [B | Bs] = Set2) ->
    if A < B -> [A | union(As, Set2)];
       A > B -> [B | union(Bs, Set1)]; % from here on 1 comes from the other set where it meets 1.0
       true -> [A | union(As, Bs)]
    end;
union([], Set) -> Set;
union(Set, []) -> Set.

-doc "The elements of all sets.".
-spec union([ordset(E)]) -> ordset(E).
union(Sets) -> lists:umerge(Sets).

-doc "The elements that are in both sets.".
-spec intersection(ordset(E), ordset(E)) -> ordset(E).
intersection([A | As] = Set1, [B | Bs] = Set2) ->
    if A < B -> intersection(As, Set2);
       A > B -> intersection(Bs, Set1);
       true -> [A | intersection(As, Bs)]
    end;
intersection([], _) -> [];
intersection(_, []) -> [].

-doc "The elements that are in each of the sets.".
-spec intersection([ordset(E), ...]) -> ordset(E).
intersection([Set]) -> Set;
intersection([Set1, Set2 | Sets]) -> intersection([intersection(Set1, Set2) | Sets]).

-doc "Whether the sets have no element in common.".
-spec is_disjoint(ordset(_), ordset(_)) -> boolean().
is_disjoint([A | As] = Set1, [B | Bs] = Set2) ->
    if A < B -> is_disjoint(As, Set2);
       A > B -> is_disjoint(Set1, Bs);
       true -> false
    end;
is_disjoint([], _) -> true;
is_disjoint(_, []) -> true.

-doc "Whether all elements of the first set are in the second.".
-spec is_subset(ordset(_), ordset(_)) -> boolean().
is_subset([A | As] = Set1, [B | Bs]) ->
    if A < B -> false;
       A > B -> is_subset(Set1, Bs);
       true -> is_subset(As, Bs)
    end;
is_subset([], _) -> true;
is_subset(_, []) -> false.

-doc "The elements of the first set that are not in the second.".
-spec subtract(ordset(E), ordset(_)) -> ordset(E).
subtract([A | As] = Set1, [B | Bs] = Set2) ->
    if A < B -> [A | subtract(As, Set2)];
       A > B -> subtract(Set1, Bs);
       true -> subtract(As, Bs)
    end;
subtract([], _) -> [];
subtract(Set, []) -> Set.

%%% ---- funs over sets ----------------------------------------------------------------------------

-doc "Calls a fun for each element, from the smallest up.".
-spec fold(fun((E, A) -> A), A, ordset(E)) -> A.
fold(Fun, Acc, Set) -> lists:foldl(Fun, Acc, Set).

-doc "The elements for which a fun is true.".
-spec filter(fun((E) -> boolean()), ordset(E)) -> ordset(E).
filter(Pred, Set) -> lists:filter(Pred, Set).

-doc "As filter/2; for {true, New}, New takes the element's place.".
-spec filtermap(fun((E1) -> boolean() | {true, E2}), ordset(E1)) -> ordset(E1 | E2).
filtermap(Fun, Set) -> from_list(lists:filtermap(Fun, Set)).

-doc "The set of a fun's results.".
-spec map(fun((E1) -> E2), ordset(E1)) -> ordset(E2).
map(Fun, Set) -> from_list(lists:map(Fun, Set)).
