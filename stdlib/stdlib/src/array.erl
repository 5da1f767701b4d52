-module(array).
-moduledoc """
Arrays with indices from 0 that are of fixed size or grow when they are written to.

An array is a tree whose nodes are tuples of 16; `[]` stands for a part where nothing was ever written.
Entry I lies at position Start + I of the tree, so taking away or adding entries at the left moves nothing.
""".

-export([new/0, new/1, new/2, is_array/1, size/1, sparse_size/1, default/1, fix/1, relax/1, is_fix/1]).
-export([get/2, set/3, reset/2, append/2, prepend/2, resize/1, resize/2, shift/2, slice/3, concat/1, concat/2]).
-export([from/2, from/3, from_list/1, from_list/2, from_orddict/1, from_orddict/2]).
-export([to_list/1, to_orddict/1, sparse_to_list/1, sparse_to_orddict/1]).
-export([map/2, sparse_map/2, foldl/3, foldl/5, foldr/3, foldr/5, sparse_foldl/3, sparse_foldl/5,
         sparse_foldr/3, sparse_foldr/5]).
-export([mapfoldl/3, mapfoldl/5, mapfoldr/3, mapfoldr/5, sparse_mapfoldl/3, sparse_mapfoldl/5,
         sparse_mapfoldr/3, sparse_mapfoldr/5]).
-export_type([array/0, array/1, array_indx/0, array_opts/0, array_opt/0, indx_pairs/1, indx_pair/1]).

-define(BITS, 4).
-define(WIDTH, 16).

-record(array, {size = 0 :: non_neg_integer(),
                fixed = false :: boolean(),
                default :: term(),
                start = 0 :: non_neg_integer(),
                height = 0 :: non_neg_integer(),
                root = [] :: [] | tuple()}).

%% What a walk over the tree needs at every node.
-record(walk, {call :: fun(), sparse :: boolean(), default :: term()}).

-opaque array(Type) :: #array{default :: Type}.
-type array() :: array(_).
-type array_indx() :: non_neg_integer().
-type array_opt() :: {fixed, boolean()} | fixed | {default, term()} | {size, non_neg_integer()} | non_neg_integer().
-type array_opts() :: array_opt() | [array_opt()].
-type indx_pair(Type) :: {Index :: array_indx(), Type}.
-type indx_pairs(Type) :: [indx_pair(Type)].

-define(is_count(N), is_integer(N), N >= 0).
-define(in_order(Low, High, A), is_integer(Low), is_integer(High), Low >= 0, High < A#array.size).

%%% ---- the array as a whole ------------------------------------------------------------------------

-doc "An empty array that can grow.".
-spec new() -> array().
new() -> #array{}.

-doc "An array as the options say: its size (which makes it fixed), fixed, {fixed, Bool}, {default, Value}.".
-spec new(array_opts()) -> array().
new(Options) -> configure(Options, #array{}).

-doc "An array of fixed size; options may change that.".
-spec new(non_neg_integer(), array_opts()) -> array().
new(Size, Options) when ?is_count(Size) -> configure(Options, #array{size = Size, fixed = true});
new(_Size, _Options) -> error(badarg).

configure(Options, A) when is_list(Options) -> options(Options, A);
configure(Option, A) -> option(Option, A).

options([Option | Rest], A) -> options(Rest, option(Option, A));
options([], A) -> A;
options(_, _) -> error(badarg).

option(fixed, A) -> A#array{fixed = true};
option({fixed, Fixed}, A) when is_boolean(Fixed) -> A#array{fixed = Fixed};
option({default, Value}, A) -> A#array{default = Value};
option({size, Size}, A) -> option(Size, A);
option(Size, A) when ?is_count(Size) -> A#array{size = Size, fixed = true};
option(_, _) -> error(badarg).

-doc "Whether the term looks like an array.".
-spec is_array(term()) -> boolean().
is_array(#array{size = Size, fixed = Fixed}) -> is_integer(Size) andalso is_boolean(Fixed);
is_array(_) -> false.

-doc "The number of entries.".
-spec size(array()) -> non_neg_integer().
size(#array{size = Size}) -> Size;
size(_) -> error(badarg).

-doc "The value of entries that were not written.".
-spec default(array(Type)) -> Type.
default(#array{default = Default}) -> Default;
default(_) -> error(badarg).

-doc "Makes the size fixed: indices beyond it are errors from now on.".
-spec fix(array(Type)) -> array(Type).
fix(#array{} = A) -> A#array{fixed = true}.

-doc "Lets the array grow again.".
-spec relax(array(Type)) -> array(Type).
relax(#array{} = A) -> A#array{fixed = false}.

-doc "Whether the size is fixed.".
-spec is_fix(array()) -> boolean().
is_fix(#array{fixed = Fixed}) -> Fixed.

-doc "One more than the last index with another value than the default; 0 if there is none.".
-spec sparse_size(array()) -> non_neg_integer().
sparse_size(A) ->
    try sparse_foldr(fun(I, _, _) -> throw({last_index, I}) end, 0, A)
    catch throw:{last_index, I} -> I + 1
    end.

%%% ---- single entries --------------------------------------------------------------------------------

-doc "The value of entry I.".
-spec get(array_indx(), array(Type)) -> Type.
get(I, #array{size = Size, start = Start, height = H, root = Root, default = Default})
  when ?is_count(I), I < Size ->
    fetch(Start + I, H, Root, Default);
get(I, #array{fixed = false, default = Default}) when ?is_count(I) -> Default;
get(_I, _A) -> error(badarg).

fetch(Position, H, _Root, Default) when Position bsr (H * ?BITS) >= ?WIDTH -> Default;
fetch(Position, H, Root, Default) -> descend(Position, H * ?BITS, Root, Default).

descend(_Position, _Shift, [], Default) -> Default;
descend(Position, 0, Leaf, _Default) -> element((Position band (?WIDTH - 1)) + 1, Leaf);
descend(Position, Shift, Node, Default) ->
    Slot = ((Position bsr Shift) band (?WIDTH - 1)) + 1,
    descend(Position, Shift - ?BITS, element(Slot, Node), Default).

-doc "Writes entry I; an array that is not fixed grows as far as needed.".
-spec set(array_indx(), Type, array(Type)) -> array(Type).
set(I, Value, #array{size = Size} = A) when ?is_count(I), I < Size -> write(I, Value, A);
set(I, Value, #array{fixed = false} = A) when ?is_count(I) -> write(I, Value, A#array{size = I + 1});
set(_I, _Value, _A) -> error(badarg).

write(I, Value, A) ->
    #array{start = Start, height = H, root = Root, default = Default} = Roomy = room(I, A),
    Roomy#array{root = store(Start + I, H * ?BITS, Value, Root, Default)}.

%% The array with a tree that is high enough for entry I.
room(I, #array{start = Start, height = H, root = Root} = A) ->
    case (Start + I) bsr (H * ?BITS) >= ?WIDTH of
        false -> A;
        true when Root =:= [] -> room(I, A#array{height = H + 1});
        true -> room(I, A#array{height = H + 1, root = setelement(1, empty_node(), Root)})
    end.

empty_node() -> erlang:make_tuple(?WIDTH, []).

blank(0, Default) -> erlang:make_tuple(?WIDTH, Default);
blank(_Shift, _Default) -> empty_node().

store(Position, Shift, Value, [], Default) -> store(Position, Shift, Value, blank(Shift, Default), Default);
store(Position, 0, Value, Leaf, _Default) -> setelement((Position band (?WIDTH - 1)) + 1, Leaf, Value);
store(Position, Shift, Value, Node, Default) ->
    Slot = ((Position bsr Shift) band (?WIDTH - 1)) + 1,
    setelement(Slot, Node, store(Position, Shift - ?BITS, Value, element(Slot, Node), Default)).

-doc "Gives entry I the default value; the size stays.".
-spec reset(array_indx(), array(Type)) -> array(Type).
reset(I, #array{size = Size, default = Default} = A) when ?is_count(I), I < Size ->
    case get(I, A) of
        Default -> A;
        _ -> write(I, Default, A)
    end;
reset(I, #array{fixed = false} = A) when ?is_count(I) -> A;
reset(_I, _A) -> error(badarg).

-doc "Adds an entry at the end, even if the size is fixed.".
-spec append(Type, array(Type)) -> array(Type).
append(Value, #array{size = Size} = A) -> write(Size, Value, A#array{size = Size + 1});
append(_Value, _A) -> error(badarg).

-doc "Adds an entry before all others, even if the size is fixed.".
-spec prepend(Type, array(Type)) -> array(Type).
prepend(Value, #array{} = A) -> write(0, Value, shift(-1, A)).

%%% ---- other sizes -----------------------------------------------------------------------------------

-doc "Cuts off the default values at the end.".
-spec resize(array(Type)) -> array(Type).
resize(A) -> resize(sparse_size(A), A).

-doc "Changes the size; what lies outside of it is forgotten.".
-spec resize(non_neg_integer(), array(Type)) -> array(Type).
resize(Size, #array{size = Old, start = Start, height = H, root = Root, default = Default} = A) when ?is_count(Size) ->
    Kept = crop(H * ?BITS, Root, Start, Start + min(Size, Old) - 1, Default),
    A#array{size = Size, root = Kept};
resize(_Size, _A) -> error(badarg).

%% The part of a node from one position to another, both counted within the node.
crop(_Shift, [], _From, _To, _Default) -> [];
crop(_Shift, _Node, From, To, _Default) when From > To -> [];
crop(Shift, Node, 0, To, _Default) when To + 1 >= ?WIDTH bsl Shift -> Node;
crop(0, Leaf, From, To, Default) ->
    list_to_tuple([if S >= From, S =< To -> element(S + 1, Leaf); true -> Default end || S <- lists:seq(0, ?WIDTH - 1)]);
crop(Shift, Node, From, To, Default) ->
    Cut = fun(Slot) ->
              First = Slot bsl Shift,
              Last = First + (1 bsl Shift) - 1,
              crop(Shift - ?BITS, element(Slot + 1, Node), max(From, First) - First, min(To, Last) - First, Default)
          end,
    list_to_tuple([Cut(Slot) || Slot <- lists:seq(0, ?WIDTH - 1)]).

-doc "Drops Steps entries at the left; a negative number adds as many.".
-spec shift(integer(), array(Type)) -> array(Type).
shift(Steps, #array{size = Size, start = Start} = A) when is_integer(Steps), Steps =< Size ->
    lift(A#array{size = Size - Steps, start = Start + Steps});
shift(_Steps, _A) -> error(badarg).

%% A start before the tree's first position: the tree becomes the last part of a higher one.
lift(#array{start = Start} = A) when Start >= 0 -> A;
lift(#array{root = [], start = Start, size = Size} = A) ->
    room(max(Size, -Start), A#array{start = 0});
lift(#array{height = H, root = Root, start = Start} = A) ->
    Before = (?WIDTH - 1) bsl ((H + 1) * ?BITS),
    lift(A#array{height = H + 1, root = setelement(?WIDTH, empty_node(), Root), start = Start + Before}).

-doc "Length entries from entry I on.".
-spec slice(array_indx(), non_neg_integer(), array(Type)) -> array(Type).
slice(I, Length, #array{size = Size} = A) when ?is_count(I), ?is_count(Length), I + Length =< Size ->
    (shift(I, A))#array{size = Length};
slice(_I, _Length, _A) -> error(badarg).

-doc "All arrays, one after the other; the first one settles default and kind.".
-spec concat([array(Type), ...]) -> array(Type).
concat([First | Rest]) -> lists:foldl(fun(B, A) -> concat(A, B) end, First, Rest);
concat(_) -> error(badarg).

-doc "The entries of B after those of A, with A's default and kind.".
-spec concat(array(Type), array(Type)) -> array(Type).
concat(#array{size = Left, default = Default} = A, #array{size = Right} = B) ->
    Add = fun(I, Value, To) -> write(Left + I, Value, To) end,
    Larger = A#array{size = Left + Right},
    case B of
        #array{default = Default} -> sparse_foldl(Add, cleared(Larger, Left, Right), B);
        _ -> foldl(Add, Larger, B)
    end;
concat(_, _) -> error(badarg).

%% Without what an earlier slice left behind the end.
cleared(A, Left, Right) -> (resize(Left, A))#array{size = Left + Right}.

%%% ---- lists and functions to arrays -------------------------------------------------------------------

-doc "An array that can grow, with the elements of a list.".
-spec from_list([Type]) -> array(Type).
from_list(List) -> from_list(List, undefined).

-doc "An array that can grow, with the elements of a list and a default.".
-spec from_list([Type], Type) -> array(Type).
from_list([], Default) -> #array{default = Default};
from_list([_ | _] = List, Default) ->
    try length(List) of
        Size -> raise_levels(cut(List, Default), #array{size = Size, default = Default})
    catch
        error:badarg -> error(badarg)
    end;
from_list(_, _) -> error(badarg).

%% Tuples of 16; what the last one lacks is filled up.
cut([A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P | Rest], Filler) ->
    [{A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P} | cut(Rest, Filler)];
cut([], _Filler) -> [];
cut(Last, Filler) -> [list_to_tuple(Last ++ lists:duplicate(?WIDTH - length(Last), Filler))].

raise_levels([Root], A) -> A#array{root = Root};
raise_levels(Nodes, #array{height = H} = A) -> raise_levels(cut(Nodes, []), A#array{height = H + 1}).

-doc "An array of the values that Fun gives: {Value, State} each time, then done.".
-spec from(fun((State) -> {Type, State} | done), State) -> array(Type).
from(Fun, State) -> from(Fun, State, undefined).

-doc "Like from/2, with a default.".
-spec from(fun((State) -> {Type, State} | done), State, Type) -> array(Type).
from(Fun, State, Default) when is_function(Fun, 1) -> from_list(generate(Fun, Fun(State)), Default);
from(_Fun, _State, _Default) -> error(badarg).

generate(Fun, {Value, State}) -> [Value | generate(Fun, Fun(State))];
generate(_Fun, done) -> [];
generate(_Fun, _) -> error(badarg).

-doc "An array that can grow, with the values of ascending indices.".
-spec from_orddict(indx_pairs(Type)) -> array(Type).
from_orddict(Pairs) -> from_orddict(Pairs, undefined).

-doc "An array that can grow, with the values of ascending indices and a default.".
-spec from_orddict(indx_pairs(Type), Type) -> array(Type).
from_orddict(Pairs, Default) when is_list(Pairs) -> fill(Pairs, #array{default = Default});
from_orddict(_Pairs, _Default) -> error(badarg).

fill([{I, Value} | Rest], #array{size = Next} = A) when is_integer(I), I >= Next ->
    fill(Rest, write(I, Value, A#array{size = I + 1}));
fill([], A) -> A;
fill(Wrong, _A) -> error({badarg, Wrong}).

%%% ---- arrays to lists --------------------------------------------------------------------------------

-doc "The values in order.".
-spec to_list(array(Type)) -> [Type].
to_list(A) -> foldr(fun(_, Value, Acc) -> [Value | Acc] end, [], A).

-doc "The values in order, without default values.".
-spec sparse_to_list(array(Type)) -> [Type].
sparse_to_list(A) -> sparse_foldr(fun(_, Value, Acc) -> [Value | Acc] end, [], A).

-doc "Pairs of index and value in order.".
-spec to_orddict(array(Type)) -> indx_pairs(Type).
to_orddict(A) -> foldr(fun(I, Value, Acc) -> [{I, Value} | Acc] end, [], A).

-doc "Pairs of index and value in order, without default values.".
-spec sparse_to_orddict(array(Type)) -> indx_pairs(Type).
sparse_to_orddict(A) -> sparse_foldr(fun(I, Value, Acc) -> [{I, Value} | Acc] end, [], A).

%%% ---- folding ------------------------------------------------------------------------------------------

-doc "Fun(Index, Value, Acc) over all entries from the left.".
-spec foldl(fun((array_indx(), Type, Acc) -> Acc), Acc, array(Type)) -> Acc.
foldl(Fun, Acc, #array{size = Size} = A) when is_function(Fun, 3) -> rightwards(0, Size - 1, Fun, Acc, A, false);
foldl(_Fun, _Acc, _A) -> error(badarg).

-doc "foldl/3 over the entries Low to High.".
-spec foldl(array_indx(), array_indx(), fun((array_indx(), Type, Acc) -> Acc), Acc, array(Type)) -> Acc.
foldl(Low, High, Fun, Acc, A) when is_function(Fun, 3), ?in_order(Low, High, A) ->
    rightwards(Low, High, Fun, Acc, A, false);
foldl(_Low, _High, _Fun, _Acc, _A) -> error(badarg).

-doc "foldl/3 without the entries of default value.".
-spec sparse_foldl(fun((array_indx(), Type, Acc) -> Acc), Acc, array(Type)) -> Acc.
sparse_foldl(Fun, Acc, #array{size = Size} = A) when is_function(Fun, 3) ->
    rightwards(0, Size - 1, Fun, Acc, A, true);
sparse_foldl(_Fun, _Acc, _A) -> error(badarg).

-doc "foldl/5 without the entries of default value.".
-spec sparse_foldl(array_indx(), array_indx(), fun((array_indx(), Type, Acc) -> Acc), Acc, array(Type)) -> Acc.
sparse_foldl(Low, High, Fun, Acc, A) when is_function(Fun, 3), ?in_order(Low, High, A) ->
    rightwards(Low, High, Fun, Acc, A, true);
sparse_foldl(_Low, _High, _Fun, _Acc, _A) -> error(badarg).

-doc "Fun(Index, Value, Acc) over all entries from the right.".
-spec foldr(fun((array_indx(), Type, Acc) -> Acc), Acc, array(Type)) -> Acc.
foldr(Fun, Acc, #array{size = Size} = A) when is_function(Fun, 3) -> leftwards(0, Size - 1, Fun, Acc, A, false);
foldr(_Fun, _Acc, _A) -> error(badarg).

-doc "foldr/3 over the entries High to Low.".
-spec foldr(array_indx(), array_indx(), fun((array_indx(), Type, Acc) -> Acc), Acc, array(Type)) -> Acc.
foldr(Low, High, Fun, Acc, A) when is_function(Fun, 3), ?in_order(Low, High, A) ->
    leftwards(Low, High, Fun, Acc, A, false);
foldr(_Low, _High, _Fun, _Acc, _A) -> error(badarg).

-doc "foldr/3 without the entries of default value.".
-spec sparse_foldr(fun((array_indx(), Type, Acc) -> Acc), Acc, array(Type)) -> Acc.
sparse_foldr(Fun, Acc, #array{size = Size} = A) when is_function(Fun, 3) ->
    leftwards(0, Size - 1, Fun, Acc, A, true);
sparse_foldr(_Fun, _Acc, _A) -> error(badarg).

-doc "foldr/5 without the entries of default value.".
-spec sparse_foldr(array_indx(), array_indx(), fun((array_indx(), Type, Acc) -> Acc), Acc, array(Type)) -> Acc.
sparse_foldr(Low, High, Fun, Acc, A) when is_function(Fun, 3), ?in_order(Low, High, A) ->
    leftwards(Low, High, Fun, Acc, A, true);
sparse_foldr(_Low, _High, _Fun, _Acc, _A) -> error(badarg).

walk(Fun, Sparse, A) -> #walk{call = Fun, sparse = Sparse, default = A#array.default}.

rightwards(Low, High, Fun, Acc, #array{start = Start} = A, Sparse) ->
    #array{height = H, root = Root} = tall(High, A),
    up(H * ?BITS, Root, Start + Low, Start + High, Low, walk(Fun, Sparse, A), Acc).

leftwards(Low, High, Fun, Acc, #array{start = Start} = A, Sparse) ->
    #array{height = H, root = Root} = tall(High, A),
    down(H * ?BITS, Root, Start + Low, Start + High, High, walk(Fun, Sparse, A), Acc).

tall(High, A) -> room(max(High, 0), A).

%% From and To are positions within the node, I is the array's index of From.
up(_Shift, _Node, From, To, _I, _W, Acc) when From > To -> Acc;
up(_Shift, [], _From, _To, _I, #walk{sparse = true}, Acc) -> Acc;
up(Shift, [], From, To, I, #walk{call = F, default = D} = W, Acc) ->
    up(Shift, [], From + 1, To, I + 1, W, F(I, D, Acc));
up(0, Leaf, From, To, I, #walk{call = F, sparse = Sparse, default = D} = W, Acc) ->
    case element(From + 1, Leaf) of
        D when Sparse -> up(0, Leaf, From + 1, To, I + 1, W, Acc);
        Value -> up(0, Leaf, From + 1, To, I + 1, W, F(I, Value, Acc))
    end;
up(Shift, Node, From, To, I, W, Acc) ->
    Slot = From bsr Shift,
    First = Slot bsl Shift,
    Last = min(To, First + (1 bsl Shift) - 1),
    Acc1 = up(Shift - ?BITS, element(Slot + 1, Node), From - First, Last - First, I, W, Acc),
    up(Shift, Node, Last + 1, To, I + Last + 1 - From, W, Acc1).

%% The same from the right; I is the array's index of To.
down(_Shift, _Node, From, To, _I, _W, Acc) when From > To -> Acc;
down(_Shift, [], _From, _To, _I, #walk{sparse = true}, Acc) -> Acc;
down(Shift, [], From, To, I, #walk{call = F, default = D} = W, Acc) ->
    down(Shift, [], From, To - 1, I - 1, W, F(I, D, Acc));
down(0, Leaf, From, To, I, #walk{call = F, sparse = Sparse, default = D} = W, Acc) ->
    case element(To + 1, Leaf) of
        D when Sparse -> down(0, Leaf, From, To - 1, I - 1, W, Acc);
        Value -> down(0, Leaf, From, To - 1, I - 1, W, F(I, Value, Acc))
    end;
down(Shift, Node, From, To, I, W, Acc) ->
    Slot = To bsr Shift,
    First = max(From, Slot bsl Shift),
    Origin = Slot bsl Shift,
    Acc1 = down(Shift - ?BITS, element(Slot + 1, Node), First - Origin, To - Origin, I, W, Acc),
    down(Shift, Node, From, First - 1, I - (To - First + 1), W, Acc1).

%%% ---- mapping --------------------------------------------------------------------------------------------

-doc "The array of Fun(Index, Value).".
-spec map(fun((array_indx(), Type1) -> Type2), array(Type1)) -> array(Type2).
map(Fun, #array{} = A) when is_function(Fun, 2) -> element(1, mapfoldl(stateless(Fun), [], A));
map(_Fun, _A) -> error(badarg).

-doc "map/2 without the entries of default value.".
-spec sparse_map(fun((array_indx(), Type1) -> Type2), array(Type1)) -> array(Type2).
sparse_map(Fun, #array{} = A) when is_function(Fun, 2) -> element(1, sparse_mapfoldl(stateless(Fun), [], A));
sparse_map(_Fun, _A) -> error(badarg).

stateless(Fun) -> fun(I, Value, Acc) -> {Fun(I, Value), Acc} end.

-doc "map/2 and foldl/3 in one: Fun gives {NewValue, Acc}.".
-spec mapfoldl(fun((array_indx(), Type1, Acc) -> {Type2, Acc}), Acc, array(Type1)) -> {array(Type2), Acc}.
mapfoldl(Fun, Acc, #array{size = Size} = A) when is_function(Fun, 3) -> rewrite(up, 0, Size - 1, Fun, Acc, A, false);
mapfoldl(_Fun, _Acc, _A) -> error(badarg).

-doc "mapfoldl/3 over the entries Low to High.".
-spec mapfoldl(array_indx(), array_indx(), fun((array_indx(), Type1, Acc) -> {Type2, Acc}), Acc, array(Type1)) ->
          {array(Type1 | Type2), Acc}.
mapfoldl(Low, High, Fun, Acc, A) when is_function(Fun, 3), ?in_order(Low, High, A) ->
    rewrite(up, Low, High, Fun, Acc, A, false);
mapfoldl(_Low, _High, _Fun, _Acc, _A) -> error(badarg).

-doc "mapfoldl/3 without the entries of default value.".
-spec sparse_mapfoldl(fun((array_indx(), Type1, Acc) -> {Type2, Acc}), Acc, array(Type1)) -> {array(Type2), Acc}.
sparse_mapfoldl(Fun, Acc, #array{size = Size} = A) when is_function(Fun, 3) ->
    rewrite(up, 0, Size - 1, Fun, Acc, A, true);
sparse_mapfoldl(_Fun, _Acc, _A) -> error(badarg).

-doc "mapfoldl/5 without the entries of default value.".
-spec sparse_mapfoldl(array_indx(), array_indx(), fun((array_indx(), Type1, Acc) -> {Type2, Acc}), Acc,
                      array(Type1)) -> {array(Type1 | Type2), Acc}.
sparse_mapfoldl(Low, High, Fun, Acc, A) when is_function(Fun, 3), ?in_order(Low, High, A) ->
    rewrite(up, Low, High, Fun, Acc, A, true);
sparse_mapfoldl(_Low, _High, _Fun, _Acc, _A) -> error(badarg).

-doc "map/2 and foldr/3 in one: Fun gives {NewValue, Acc}.".
-spec mapfoldr(fun((array_indx(), Type1, Acc) -> {Type2, Acc}), Acc, array(Type1)) -> {array(Type2), Acc}.
mapfoldr(Fun, Acc, #array{size = Size} = A) when is_function(Fun, 3) ->
    rewrite(down, 0, Size - 1, Fun, Acc, A, false);
mapfoldr(_Fun, _Acc, _A) -> error(badarg).

-doc "mapfoldr/3 over the entries High to Low.".
-spec mapfoldr(array_indx(), array_indx(), fun((array_indx(), Type1, Acc) -> {Type2, Acc}), Acc, array(Type1)) ->
          {array(Type1 | Type2), Acc}.
mapfoldr(Low, High, Fun, Acc, A) when is_function(Fun, 3), ?in_order(Low, High, A) ->
    rewrite(down, Low, High, Fun, Acc, A, false);
mapfoldr(_Low, _High, _Fun, _Acc, _A) -> error(badarg).

-doc "mapfoldr/3 without the entries of default value.".
-spec sparse_mapfoldr(fun((array_indx(), Type1, Acc) -> {Type2, Acc}), Acc, array(Type1)) -> {array(Type2), Acc}.
sparse_mapfoldr(Fun, Acc, #array{size = Size} = A) when is_function(Fun, 3) ->
    rewrite(down, 0, Size - 1, Fun, Acc, A, true);
sparse_mapfoldr(_Fun, _Acc, _A) -> error(badarg).

-doc "mapfoldr/5 without the entries of default value.".
-spec sparse_mapfoldr(array_indx(), array_indx(), fun((array_indx(), Type1, Acc) -> {Type2, Acc}), Acc,
                      array(Type1)) -> {array(Type1 | Type2), Acc}.
sparse_mapfoldr(Low, High, Fun, Acc, A) when is_function(Fun, 3), ?in_order(Low, High, A) ->
    rewrite(down, Low, High, Fun, Acc, A, true);
sparse_mapfoldr(_Low, _High, _Fun, _Acc, _A) -> error(badarg).

rewrite(Way, Low, High, Fun, Acc, #array{start = Start} = A, Sparse) ->
    #array{height = H, root = Root} = Tall = tall(High, A),
    {Root1, Acc1} = change(Way, H * ?BITS, Root, Start + Low, Start + High, -Start, walk(Fun, Sparse, A), Acc),
    {Tall#array{root = Root1}, Acc1}.

%% A node whose positions From to To are written anew; Offset turns the node's positions into indices.
change(_Way, _Shift, Node, From, To, _Offset, _W, Acc) when From > To -> {Node, Acc};
change(_Way, _Shift, [], _From, _To, _Offset, #walk{sparse = true}, Acc) -> {[], Acc};
change(Way, Shift, [], From, To, Offset, W, Acc) ->
    change(Way, Shift, blank(Shift, W#walk.default), From, To, Offset, W, Acc);
change(Way, Shift, Node, From, To, Offset, W, Acc) ->
    Slots = case Way of
                up -> lists:seq(From bsr Shift, To bsr Shift);
                down -> lists:seq(To bsr Shift, From bsr Shift, -1)
            end,
    change_slots(Slots, Way, Shift, Node, From, To, Offset, W, Acc).

change_slots([], _Way, _Shift, Node, _From, _To, _Offset, _W, Acc) -> {Node, Acc};
change_slots([Slot | Slots], Way, Shift, Node, From, To, Offset, W, Acc) ->
    Old = element(Slot + 1, Node),
    {New, Acc1} =
        case Shift of
            0 -> change_entry(Slot + Offset, Old, W, Acc);
            _ ->
                First = Slot bsl Shift,
                Last = First + (1 bsl Shift) - 1,
                change(Way, Shift - ?BITS, Old, max(From, First) - First, min(To, Last) - First, Offset + First, W, Acc)
        end,
    change_slots(Slots, Way, Shift, setelement(Slot + 1, Node, New), From, To, Offset, W, Acc1).

change_entry(_I, Default, #walk{sparse = true, default = Default}, Acc) -> {Default, Acc};
change_entry(I, Value, #walk{call = Fun}, Acc) -> Fun(I, Value, Acc).
