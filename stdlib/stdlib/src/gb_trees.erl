-module(gb_trees).
-moduledoc """
Dictionaries as general balanced trees (A. Andersson, 1999); keys are told apart with ==.

A tree is {Size, Node}, a node nil or {Key, Value, Smaller, Larger}. Nodes carry nothing to balance
them by. A tree of N keys may be as deep as 2 * log2 N; an insertion that goes deeper climbs back until
it meets a part that is too deep for its size, and builds that one anew. Deletions never rebalance.
""".

-export([empty/0, from_list/1, from_orddict/1, is_empty/1, size/1, to_list/1, keys/1, values/1, balance/1]).
-export([get/2, is_defined/2, lookup/2, larger/2, largest/1, smaller/2, smallest/1]).
-export([delete/2, delete_any/2, enter/3, insert/3, take/2, take_any/2, take_largest/1, take_smallest/1,
         update/3]).
-export([iterator/1, iterator/2, iterator_from/2, iterator_from/3, map/2, next/1]).

-export_type([tree/0, tree/2, iter/0, iter/2]).

-type node_of(K, V) :: nil | {K, V, node_of(K, V), node_of(K, V)}.
-opaque tree(Key, Value) :: {non_neg_integer(), node_of(Key, Value)}.
-type tree() :: tree(_, _).
-opaque iter(Key, Value) :: {ordered | reversed, [node_of(Key, Value)]}.
-type iter() :: iter(_, _).

%%% ---- whole trees -------------------------------------------------------------------------------

-doc "An empty tree.".
-spec empty() -> tree(none(), none()).
empty() -> {0, nil}.

-doc "The tree of pairs; of equal keys the last one counts.".
-spec from_list([{K, V}]) -> tree(K, V).
from_list(Pairs) ->
    Dict = orddict:from_list(Pairs),
    {length(Dict), built(length(Dict), Dict)}.

-doc "The tree of pairs that are sorted by their keys, without duplicates.".
-spec from_orddict([{K, V}]) -> tree(K, V).
from_orddict(Dict) ->
    Size = length(Dict),
    ascends(Dict),
    {Size, built(Size, Dict)}.

ascends([{K1, _} | [{K2, _} | _] = Rest]) ->
    case K1 < K2 of
        true -> ascends(Rest);
        false -> error({badarg, not_orddict})
    end;
ascends([{_, _}]) -> ok;
ascends([]) -> ok.

%% A tree of least depth; the smaller side takes the odd key.
built(Size, Pairs) ->
    {Root, []} = build(Size, Pairs),
    Root.

build(0, Pairs) -> {nil, Pairs};
build(Size, Pairs) ->
    {L, [{K, V} | Pairs1]} = build(Size div 2, Pairs),
    {R, Rest} = build((Size - 1) div 2, Pairs1),
    {{K, V, L, R}, Rest}.

-doc "The tree with least depth; of use after many deletions.".
-spec balance(tree(K, V)) -> tree(K, V).
balance({Size, Root}) when is_integer(Size), Size >= 0 -> {Size, built(Size, pairs(Root, []))}.

-doc "Whether there are no keys.".
-spec is_empty(tree()) -> boolean().
is_empty(Tree) -> Tree =:= {0, nil}.

-doc "The number of keys.".
-spec size(tree()) -> non_neg_integer().
size({Size, _}) when is_integer(Size), Size >= 0 -> Size.

-doc "All pairs, sorted by their keys.".
-spec to_list(tree(K, V)) -> [{K, V}].
to_list({_, Root}) -> pairs(Root, []).

pairs(nil, After) -> After;
pairs({K, V, L, R}, After) -> pairs(L, [{K, V} | pairs(R, After)]).

-doc "All keys, sorted.".
-spec keys(tree(K, _)) -> [K].
keys({_, Root}) -> [K || {K, _} <- pairs(Root, [])].

-doc "All values, in the order of their keys.".
-spec values(tree(_, V)) -> [V].
values({_, Root}) -> [V || {_, V} <- pairs(Root, [])].

%%% ---- looking -----------------------------------------------------------------------------------

-doc "{value, Value} of a key, or none.".
-spec lookup(K, tree(K, V)) -> none | {value, V}.
lookup(Key, {_, Root}) ->
    case seek(Key, Root) of
        {_, V, _, _} -> {value, V};
        nil -> none
    end.

-doc "Whether there is such a key.".
-spec is_defined(K, tree(K, _)) -> boolean().
is_defined(Key, {_, Root}) -> seek(Key, Root) =/= nil.

-doc "The value of a key, which must be there.".
-spec get(K, tree(K, V)) -> V.
get(Key, {_, Root}) -> get_1(Key, seek(Key, Root)).

get_1(_, {_, V, _, _}) -> V.

%% The node of a key, or nil.
seek(Key, {K, _, L, R} = Node) ->
    if Key < K -> seek(Key, L);
       Key > K -> seek(Key, R);
       true -> Node
    end;
seek(_, nil) ->
    nil.

-doc "The smallest key and its value.".
-spec smallest(tree(K, V)) -> {K, V}.
smallest({_, Root}) -> leftmost(Root).

leftmost({K, V, nil, _}) -> {K, V};
leftmost({_, _, L, _}) -> leftmost(L).

-doc "The largest key and its value.".
-spec largest(tree(K, V)) -> {K, V}.
largest({_, Root}) -> rightmost(Root).

rightmost({K, V, _, nil}) -> {K, V};
rightmost({_, _, _, R}) -> rightmost(R).

-doc "The largest key below a key, with its value, or none.".
-spec smaller(K, tree(K, V)) -> none | {K, V}.
smaller(Key, {_, Root}) -> below(Key, Root, none).

below(_, nil, Best) -> Best;
below(Key, {K, V, _, R}, _) when Key > K -> below(Key, R, {K, V});
below(Key, {_, _, L, _}, Best) -> below(Key, L, Best).

-doc "The smallest key above a key, with its value, or none.".
-spec larger(K, tree(K, V)) -> none | {K, V}.
larger(Key, {_, Root}) -> above(Key, Root, none).

above(_, nil, Best) -> Best;
above(Key, {K, V, L, _}, _) when Key < K -> above(Key, L, {K, V});
above(Key, {_, _, _, R}, Best) -> above(Key, R, Best).

%%% ---- putting in --------------------------------------------------------------------------------

-doc "Puts a new key in; raises {key_exists, Key} if it is there.".
-spec insert(K, V, tree(K, V)) -> tree(K, V).
insert(Key, Value, {Size, Root}) when is_integer(Size) ->
    {Size + 1, tree(insert_1(Key, Value, Root, (Size + 1) * (Size + 1)))}.

%% Room is halved on the way down: where it is used up the key has come to lie too deep. Then the result
%% is not the node but [2 to the power of its depth, its size | the node].
insert_1(Key, Value, nil, 0) -> [1, 1 | {Key, Value, nil, nil}];
insert_1(Key, Value, nil, _) -> {Key, Value, nil, nil};
insert_1(Key, Value, {K, V, L, R}, Room) ->
    if Key < K ->
            case insert_1(Key, Value, L, Room bsr 1) of
                [Depth, Size | L1] -> rebuild({K, V, L1, R}, Depth, Size, R);
                L1 -> {K, V, L1, R}
            end;
       Key > K ->
            case insert_1(Key, Value, R, Room bsr 1) of
                [Depth, Size | R1] -> rebuild({K, V, L, R1}, Depth, Size, L);
                R1 -> {K, V, L, R1}
            end;
       true ->
            error({key_exists, Key})
    end.

%% Depth and Size are those of the side that the key was put into.
rebuild(Node, Depth1, Size1, Other) ->
    {Depth2, Size2} = measure(Other),
    Depth = 2 * max(Depth1, Depth2),
    Size = Size1 + Size2 + 1,
    case Depth > Size * Size of
        true -> built(Size, pairs(Node, []));
        false -> [Depth, Size | Node]
    end.

measure(nil) -> {1, 0};
measure({_, _, nil, nil}) -> {1, 1};
measure({_, _, L, R}) ->
    {Depth1, Size1} = measure(L),
    {Depth2, Size2} = measure(R),
    {2 * max(Depth1, Depth2), Size1 + Size2 + 1}.

tree([_, _ | Node]) -> Node;
tree(Node) -> Node.

-doc "Replaces the value of a key, which must be there.".
-spec update(K, V, tree(K, V)) -> tree(K, V).
update(Key, Value, {Size, Root}) -> {Size, replace(Key, Value, Root)}.

replace(Key, Value, {K, V, L, R}) ->
    if Key < K -> {K, V, replace(Key, Value, L), R};
       Key > K -> {K, V, L, replace(Key, Value, R)};
       true -> {Key, Value, L, R}
    end.

-doc "Puts a key in, or replaces its value.".
-spec enter(K, V, tree(K, V)) -> tree(K, V).
enter(Key, Value, {_, Root} = Tree) ->
    case seek(Key, Root) of
        nil -> insert(Key, Value, Tree);
        _ -> update(Key, Value, Tree)
    end.

%%% ---- taking out --------------------------------------------------------------------------------

-doc "The tree without a key, which must be there.".
-spec delete(K, tree(K, V)) -> tree(K, V).
delete(Key, Tree) ->
    {_, Rest} = take(Key, Tree),
    Rest.

-doc "The tree without a key, whether it was there or not.".
-spec delete_any(K, tree(K, V)) -> tree(K, V).
delete_any(Key, Tree) ->
    case is_defined(Key, Tree) of
        false -> Tree;
        true -> delete(Key, Tree)
    end.

-doc "The value of a key, which must be there, and the tree without it.".
-spec take(K, tree(K, V)) -> {V, tree(K, V)}.
take(Key, {Size, Root}) when is_integer(Size), Size >= 0 ->
    {Value, Node} = delete_1(Key, Root),
    {Value, {Size - 1, Node}}.

-doc "The value of a key and the tree without it, or error.".
-spec take_any(K, tree(K, V)) -> {V, tree(K, V)} | error.
take_any(Key, Tree) ->
    case is_defined(Key, Tree) of
        false -> error;
        true -> take(Key, Tree)
    end.

delete_1(Key, {K, V, L, R}) ->
    if Key < K ->
            {Value, L1} = delete_1(Key, L),
            {Value, {K, V, L1, R}};
       Key > K ->
            {Value, R1} = delete_1(Key, R),
            {Value, {K, V, L, R1}};
       R =:= nil -> {V, L};
       L =:= nil -> {V, R};
       true ->
            {Next, NextValue, R1} = cut_first(R),
            {V, {Next, NextValue, L, R1}}
    end.

-doc "The smallest key, its value, and the tree without it.".
-spec take_smallest(tree(K, V)) -> {K, V, tree(K, V)}.
take_smallest({Size, Root}) when is_integer(Size), Size >= 0 ->
    {Key, Value, Node} = cut_first(Root),
    {Key, Value, {Size - 1, Node}}.

cut_first({K, V, nil, R}) -> {K, V, R};
cut_first({K, V, L, R}) ->
    {Key, Value, L1} = cut_first(L),
    {Key, Value, {K, V, L1, R}}.

-doc "The largest key, its value, and the tree without it.".
-spec take_largest(tree(K, V)) -> {K, V, tree(K, V)}.
take_largest({Size, Root}) when is_integer(Size), Size >= 0 ->
    {Key, Value, Node} = cut_last(Root),
    {Key, Value, {Size - 1, Node}}.

cut_last({K, V, L, nil}) -> {K, V, L};
cut_last({K, V, L, R}) ->
    {Key, Value, R1} = cut_last(R),
    {Key, Value, {K, V, L, R1}}.

%%% ---- walking -----------------------------------------------------------------------------------

-doc "The tree with each value replaced by a fun's result.".
-spec map(fun((K, V1) -> V2), tree(K, V1)) -> tree(K, V2).
map(Fun, {Size, Root}) when is_function(Fun, 2) -> {Size, mapped(Fun, Root)}.

mapped(Fun, {K, V, L, R}) -> {K, Fun(K, V), mapped(Fun, L), mapped(Fun, R)};
mapped(_, nil) -> nil.

-doc "An iterator from the smallest key up.".
-spec iterator(tree(K, V)) -> iter(K, V).
iterator(Tree) -> iterator(Tree, ordered).

-doc "An iterator over all keys, ordered or reversed.".
-spec iterator(tree(K, V), ordered | reversed) -> iter(K, V).
iterator({_, Root}, ordered) -> {ordered, down_left(Root, [])};
iterator({_, Root}, reversed) -> {reversed, down_right(Root, [])}.

%% An iterator holds the nodes that are still to come, the next one first, those below them left out.
down_left(nil, Path) -> Path;
down_left({_, _, L, _} = Node, Path) -> down_left(L, [Node | Path]).

down_right(nil, Path) -> Path;
down_right({_, _, _, R} = Node, Path) -> down_right(R, [Node | Path]).

-doc "An iterator from a key up.".
-spec iterator_from(K, tree(K, V)) -> iter(K, V).
iterator_from(Key, Tree) -> iterator_from(Key, Tree, ordered).

-doc "An iterator that starts at a key and goes up (ordered) or down (reversed).".
-spec iterator_from(K, tree(K, V), ordered | reversed) -> iter(K, V).
iterator_from(Key, {_, Root}, ordered) -> {ordered, from_key(Key, Root, [])};
iterator_from(Key, {_, Root}, reversed) -> {reversed, to_key(Key, Root, [])}.

from_key(Key, {K, _, L, R} = Node, Path) ->
    if K < Key -> from_key(Key, R, Path);
       true -> from_key(Key, L, [Node | Path])
    end;
from_key(_, nil, Path) ->
    Path.

to_key(Key, {K, _, L, R} = Node, Path) ->
    if K > Key -> to_key(Key, L, Path);
       true -> to_key(Key, R, [Node | Path])
    end;
to_key(_, nil, Path) ->
    Path.

-doc "The next key and value of an iterator and the iterator behind them, or none.".
-spec next(iter(K, V)) -> none | {K, V, iter(K, V)}.
next({_, []}) -> none;
next({ordered, [{K, V, _, R} | Path]}) -> {K, V, {ordered, down_left(R, Path)}};
next({reversed, [{K, V, L, _} | Path]}) -> {K, V, {reversed, down_right(L, Path)}}.
