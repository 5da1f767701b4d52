-module(gb_sets).
-moduledoc """
Sets as general balanced trees; elements are told apart with ==. See gb_trees for the trees.

A set is {Size, Node}, a node nil or {Element, Smaller, Larger}.
""".

-export([balance/1, empty/0, from_list/1, from_ordset/1, is_empty/1, is_equal/2, is_set/1, new/0,
         singleton/1, size/1, to_list/1]).
-export([add/2, add_element/2, del_element/2, delete/2, delete_any/2, insert/2, is_element/2, is_member/2,
         larger/2, largest/1, smaller/2, smallest/1, take_largest/1, take_smallest/1]).
-export([difference/2, intersection/1, intersection/2, is_disjoint/2, is_subset/2, subtract/2, union/1,
         union/2]).
-export([filter/2, filtermap/2, fold/3, iterator/1, iterator/2, iterator_from/2, iterator_from/3, map/2,
         next/1]).

-export_type([set/0, set/1, iter/0, iter/1]).

-type node_of(E) :: nil | {E, node_of(E), node_of(E)}.
-opaque set(Element) :: {non_neg_integer(), node_of(Element)}.
-type set() :: set(_).
-opaque iter(Element) :: {ordered | reversed, [node_of(Element)]}.
-type iter() :: iter(_).

%%% ---- whole sets --------------------------------------------------------------------------------

-doc "An empty set.".
-spec empty() -> set(none()).
empty() -> {0, nil}.

-doc "An empty set.".
-spec new() -> set(none()).
new() -> {0, nil}.

-doc "The set of one element.".
-spec singleton(E) -> set(E).
singleton(E) -> {1, {E, nil, nil}}.

-doc "The set of a list's elements.".
-spec from_list([E]) -> set(E).
from_list(List) -> of_ordset(ordsets:from_list(List), 0).

-doc "The set of a list's elements, which are sorted and without duplicates.".
-spec from_ordset([E]) -> set(E).
from_ordset(List) ->
    Size = length(List),
    ascends(List),
    {Size, built(Size, List, 0)}.

ascends([A | [B | _] = Rest]) when A < B -> ascends(Rest);
ascends([_, _ | _]) -> error({badarg, not_ordset});
ascends(_) -> ok.

of_ordset(List, Tilt) ->
    Size = length(List),
    {Size, built(Size, List, Tilt)}.

%% A tree of least depth; the odd element goes to the smaller side (Tilt 0) or to the larger one (1).
built(Size, List, Tilt) ->
    {Root, _} = build(Size, List, Tilt),
    Root.

build(0, List, _) -> {nil, List};
build(Size, List, Tilt) ->
    Before = (Size - Tilt) div 2,
    {L, [E | List1]} = build(Before, List, Tilt),
    {R, Rest} = build(Size - 1 - Before, List1, Tilt),
    {{E, L, R}, Rest}.

-doc "The set with least depth; of use after many deletions.".
-spec balance(set(E)) -> set(E).
balance({Size, Root}) when is_integer(Size), Size >= 0 -> {Size, built(Size, elements(Root, []), 0)}.

-doc "Whether the set has no elements.".
-spec is_empty(set()) -> boolean().
is_empty(Set) -> Set =:= {0, nil}.

-doc "Whether both sets have the same elements.".
-spec is_equal(set(), set()) -> boolean().
is_equal({Size1, Root1}, {Size2, Root2}) ->
    Size1 =:= Size2 andalso elements(Root1, []) == elements(Root2, []).

-doc "Whether the term looks like a set.".
-spec is_set(term()) -> boolean().
is_set({Size, {_, _, _}}) -> is_integer(Size) andalso Size >= 0;
is_set(Term) -> Term =:= {0, nil}.

-doc "The number of elements.".
-spec size(set()) -> non_neg_integer().
size({Size, _}) -> Size.

-doc "The elements, sorted.".
-spec to_list(set(E)) -> [E].
to_list({_, Root}) -> elements(Root, []).

elements(nil, After) -> After;
elements({E, L, R}, After) -> elements(L, [E | elements(R, After)]).

%%% ---- single elements ---------------------------------------------------------------------------

-doc "Whether the set has the element.".
-spec is_member(E, set(E)) -> boolean().
is_member(E, {_, Root}) -> has(E, Root).

-doc "Whether the set has the element.".
-spec is_element(E, set(E)) -> boolean().
is_element(E, {_, Root}) -> has(E, Root).

has(X, {E, L, R}) ->
    if X < E -> has(X, L);
       X > E -> has(X, R);
       true -> true
    end;
has(_, nil) ->
    false.

-doc "The set with a new element; raises {key_exists, Element} if it is there.".
-spec insert(E, set(E)) -> set(E).
insert(E, {Size, Root}) when is_integer(Size), Size >= 0 ->
    case put_in(E, Root, (Size + 1) * (Size + 1)) of
        [_, _ | Node] -> {Size + 1, Node};
        Node -> {Size + 1, Node}
    end.

%% As gb_trees:add/4: [2 to the power of the depth, the size | the node] where the element lies too deep.
put_in(X, nil, 0) -> [1, 1 | {X, nil, nil}];
put_in(X, nil, _) -> {X, nil, nil};
put_in(X, {E, L, R}, Room) ->
    if X < E ->
            case put_in(X, L, Room bsr 1) of
                [Depth, Size | L1] -> rebuild({E, L1, R}, Depth, Size, R);
                L1 -> {E, L1, R}
            end;
       X > E ->
            case put_in(X, R, Room bsr 1) of
                [Depth, Size | R1] -> rebuild({E, L, R1}, Depth, Size, L);
                R1 -> {E, L, R1}
            end;
       true ->
            error({key_exists, X})
    end.

rebuild(Node, Depth1, Size1, Other) ->
    {Depth2, Size2} = measure(Other),
    Depth = 2 * max(Depth1, Depth2),
    Size = Size1 + Size2 + 1,
    case Depth > Size * Size of
        true -> built(Size, elements(Node, []), 0);
        false -> [Depth, Size | Node]
    end.

measure(nil) -> {1, 0};
measure({_, nil, nil}) -> {1, 1};
measure({_, L, R}) ->
    {Depth1, Size1} = measure(L),
    {Depth2, Size2} = measure(R),
    {2 * max(Depth1, Depth2), Size1 + Size2 + 1}.

-doc "The set with an element, whether it was there or not.".
-spec add(E, set(E)) -> set(E).
add(E, {_, Root} = Set) ->
    case has(E, Root) of
        false -> insert(E, Set);
        true -> Set
    end.

-doc "The set with an element, whether it was there or not.".
-spec add_element(E, set(E)) -> set(E).
add_element(E, Set) -> add(E, Set).

-doc "The set without an element, which must be there.".
-spec delete(E, set(E)) -> set(E).
delete(E, {Size, Root}) -> {Size - 1, cut(E, Root)}.

cut(X, {E, L, R}) ->
    if X < E -> {E, cut(X, L), R};
       X > E -> {E, L, cut(X, R)};
       R =:= nil -> L;
       L =:= nil -> R;
       true ->
            {Next, R1} = cut_first(R),
            {Next, L, R1}
    end.

-doc "The set without an element, whether it was there or not.".
-spec delete_any(E, set(E)) -> set(E).
delete_any(E, {_, Root} = Set) ->
    case has(E, Root) of
        false -> Set;
        true -> delete(E, Set)
    end.

-doc "The set without an element, whether it was there or not.".
-spec del_element(E, set(E)) -> set(E).
del_element(E, Set) -> delete_any(E, Set).

-doc "The smallest element.".
-spec smallest(set(E)) -> E.
smallest({_, Root}) -> smallest_1(Root).

smallest_1({E, nil, _}) -> E;
smallest_1({_, L, _}) -> smallest_1(L).

-doc "The largest element.".
-spec largest(set(E)) -> E.
largest({_, Root}) -> largest_1(Root).

largest_1({E, _, nil}) -> E;
largest_1({_, _, R}) -> largest_1(R).

-doc "{found, Element} for the largest element below a term, or none.".
-spec smaller(E, set(E)) -> none | {found, E}.
smaller(X, {_, Root}) -> below(X, Root, none).

below(_, nil, Best) -> Best;
below(X, {E, _, R}, _) when X > E -> below(X, R, {found, E});
below(X, {_, L, _}, Best) -> below(X, L, Best).

-doc "{found, Element} for the smallest element above a term, or none.".
-spec larger(E, set(E)) -> none | {found, E}.
larger(X, {_, Root}) -> above(X, Root, none).

above(_, nil, Best) -> Best;
above(X, {E, L, _}, _) when X < E -> above(X, L, {found, E});
above(X, {_, _, R}, Best) -> above(X, R, Best).

-doc "The smallest element and the set without it.".
-spec take_smallest(set(E)) -> {E, set(E)}.
take_smallest({Size, Root}) ->
    {E, Node} = cut_first(Root),
    {E, {Size - 1, Node}}.

cut_first({E, nil, R}) -> {E, R};
cut_first({E, L, R}) ->
    {First, L1} = cut_first(L),
    {First, {E, L1, R}}.

-doc "The largest element and the set without it.".
-spec take_largest(set(E)) -> {E, set(E)}.
take_largest({Size, Root}) ->
    {E, Node} = cut_last(Root),
    {E, {Size - 1, Node}}.

cut_last({E, L, nil}) -> {E, L};
cut_last({E, L, R}) ->
    {Last, R1} = cut_last(R),
    {Last, {E, L, R1}}.

%%% ---- several sets ------------------------------------------------------------------------------

%% Two sets are merged as lists, which costs the sum of their sizes, or one's elements are looked up in
%% the other's tree, which costs one size times the logarithm of the other. The trees that come out
%% depend on the way that is taken; the weight 1.46 is close to 1 / ln 2.
listwise(_, Size2) when Size2 < 10 -> true;
listwise(Size1, Size2) -> Size2 < Size1 * round(1.46 * math:log(Size2)).

-doc "The elements that are in either set.".
-spec union(set(E), set(E)) -> set(E).
union({Size1, _} = Set1, {Size2, _} = Set2) when is_integer(Size1), is_integer(Size2) ->
    {{Small, Root}, {Large, _} = Into} = by_size(Set1, Set2),
    List = elements(Root, []),
    case listwise(Small, Large) of
        true -> of_ordset(ordsets:union(List, to_list(Into)), 1);
        false -> lists:foldl(fun add/2, Into, List)
    end.

-doc "The elements of all sets.".
-spec union([set(E)]) -> set(E).
union([]) -> empty();
union([Set]) -> Set;
union([Set1, Set2 | Sets]) -> union([union(Set1, Set2) | Sets]).

-doc "The elements that are in both sets.".
-spec intersection(set(E), set(E)) -> set(E).
intersection({Size1, _} = Set1, {Size2, _} = Set2) when is_integer(Size1), is_integer(Size2) ->
    {{Small, Root1}, {Large, Root2}} = by_size(Set1, Set2),
    List = elements(Root1, []),
    Common = case listwise(Small, Large) of
                 true -> ordsets:intersection(List, elements(Root2, []));
                 false -> [E || E <- List, has(E, Root2)]
             end,
    of_ordset(Common, 1).

-doc "The elements that are in each of the sets.".
-spec intersection([set(E), ...]) -> set(E).
intersection([Set]) -> Set;
intersection([Set1, Set2 | Sets]) -> intersection([intersection(Set1, Set2) | Sets]).

by_size({Size1, _} = Set1, {Size2, _} = Set2) when Size2 < Size1 -> {Set2, Set1};
by_size(Set1, Set2) -> {Set1, Set2}.

-doc "The elements of the first set that are not in the second.".
-spec subtract(set(E), set(E)) -> set(E).
subtract(Set1, Set2) -> difference(Set1, Set2).

-doc "The elements of the first set that are not in the second.".
-spec difference(set(E), set(E)) -> set(E).
difference({Size1, Root1}, {Size2, Root2})
  when is_integer(Size1), Size1 >= 0, is_integer(Size2), Size2 >= 0 ->
    List = elements(Root1, []),
    Rest = case listwise(Size1, Size2) of
               true -> ordsets:subtract(List, elements(Root2, []));
               false -> [E || E <- List, not has(E, Root2)]
           end,
    of_ordset(Rest, 1).

-doc "Whether the sets have no element in common.".
-spec is_disjoint(set(), set()) -> boolean().
is_disjoint({Size1, Root1}, {Size2, Root2}) when Size1 < Size2 -> apart(Root1, Root2);
is_disjoint({_, Root1}, {_, Root2}) -> apart(Root2, Root1).

%% Each part of a tree is compared with the part of the other one that can share elements with it.
apart({A, AL, AR} = Node1, {B, BL, BR} = Node2) ->
    if A < B -> not has(A, BL) andalso apart(AL, BL) andalso apart(AR, Node2);
       A > B -> not has(B, AL) andalso apart(AL, BL) andalso apart(Node1, BR);
       true -> false
    end;
apart(nil, _) -> true;
apart(_, nil) -> true.

-doc "Whether all elements of the first set are in the second.".
-spec is_subset(set(), set()) -> boolean().
is_subset({Size1, Root1}, {Size2, Root2})
  when is_integer(Size1), Size1 >= 0, is_integer(Size2), Size2 >= 0 ->
    List = elements(Root1, []),
    case listwise(Size1, Size2) of
        true -> ordsets:is_subset(List, elements(Root2, []));
        false -> lists:all(fun(E) -> has(E, Root2) end, List)
    end.

%%% ---- walking -----------------------------------------------------------------------------------

-doc "The elements for which a fun is true.".
-spec filter(fun((E) -> boolean()), set(E)) -> set(E).
filter(Pred, Set) when is_function(Pred, 1) -> of_ordset([E || E <- to_list(Set), Pred(E)], 0).

-doc "The set of a fun's results.".
-spec map(fun((E1) -> E2), set(E1)) -> set(E2).
map(Fun, {_, Root}) when is_function(Fun, 1) ->
    from_list(results(fun(E) -> [Fun(E)] end, Root, [])).

-doc "As filter/2; for {true, New}, New takes the element's place.".
-spec filtermap(fun((E1) -> boolean() | {true, E2}), set(E1)) -> set(E1 | E2).
filtermap(Fun, {_, Root}) when is_function(Fun, 1) ->
    Choose = fun(E) ->
                     case Fun(E) of
                         false -> [];
                         true -> [E];
                         {true, New} -> [New]
                     end
             end,
    from_list(results(Choose, Root, [])).

%% A fun's lists for all elements; it sees a node before what lies below it, and the larger side first.
results(Fun, {E, L, R}, After) ->
    List = Fun(E),
    results(Fun, L, List ++ results(Fun, R, After));
results(_, nil, After) ->
    After.

-doc "Calls a fun for each element, from the smallest up.".
-spec fold(fun((E, A) -> A), A, set(E)) -> A.
fold(Fun, Acc, {_, Root}) when is_function(Fun, 2) -> through(Fun, Acc, Root).

through(Fun, Acc, {E, L, R}) -> through(Fun, Fun(E, through(Fun, Acc, L)), R);
through(_, Acc, _) -> Acc.

-doc "An iterator from the smallest element up.".
-spec iterator(set(E)) -> iter(E).
iterator(Set) -> iterator(Set, ordered).

-doc "An iterator over all elements, ordered or reversed.".
-spec iterator(set(E), ordered | reversed) -> iter(E).
iterator({_, Root}, ordered) -> {ordered, down_left(Root, [])};
iterator({_, Root}, reversed) -> {reversed, down_right(Root, [])}.

down_left(nil, Path) -> Path;
down_left({_, L, _} = Node, Path) -> down_left(L, [Node | Path]).

down_right(nil, Path) -> Path;
down_right({_, _, R} = Node, Path) -> down_right(R, [Node | Path]).

-doc "An iterator from an element up.".
-spec iterator_from(E, set(E)) -> iter(E).
iterator_from(From, Set) -> iterator_from(From, Set, ordered).

-doc "An iterator that starts at an element and goes up (ordered) or down (reversed).".
-spec iterator_from(E, set(E), ordered | reversed) -> iter(E).
iterator_from(From, {_, Root}, ordered) -> {ordered, from_element(From, Root, [])};
iterator_from(From, {_, Root}, reversed) -> {reversed, to_element(From, Root, [])}.

from_element(From, {E, L, R} = Node, Path) ->
    if E < From -> from_element(From, R, Path);
       true -> from_element(From, L, [Node | Path])
    end;
from_element(_, nil, Path) ->
    Path.

to_element(From, {E, L, R} = Node, Path) ->
    if E > From -> to_element(From, L, Path);
       true -> to_element(From, R, [Node | Path])
    end;
to_element(_, nil, Path) ->
    Path.

-doc "The next element of an iterator and the iterator behind it, or none.".
-spec next(iter(E)) -> none | {E, iter(E)}.
next({_, []}) -> none;
next({ordered, [{E, _, R} | Path]}) -> {E, {ordered, down_left(R, Path)}};
next({reversed, [{E, L, _} | Path]}) -> {E, {reversed, down_right(L, Path)}}.
