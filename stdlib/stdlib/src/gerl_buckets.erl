-module(gerl_buckets).
-moduledoc """
Linear hash tables (W. Litwin, 1980; P.-A. Larson, 1988): what dict and the sets of version 1 are made of.

A table is a tuple {Tag, Size, Buckets, Slots, Half, Grow, Shrink, Empty, Segments}. Buckets are lists;
sixteen of them make up a segment. Size counts the entries, Buckets the buckets in use; keys are hashed
into Slots, and what falls behind Buckets belongs Half lower. A table with more than five entries a
bucket splits one, one with less than three a bucket joins the last one to its lower twin. Programs see
the tuple when they print one, and store it, so that its shape is fixed.

Entries are pairs [Key | Value] in a dict and the elements themselves in a set.
""".
-moduledoc #{hide => true}.

-export([new/1, bucket/2, put_bucket/3, added/2, removed/2, fold/3, walk/2]).

-define(WIDTH, 16).
-define(EMPTY, {[], [], [], [], [], [], [], [], [], [], [], [], [], [], [], []}).

-type table() :: {Tag :: atom(), Size :: non_neg_integer(), Buckets :: pos_integer(), Slots :: pos_integer(),
                  Half :: pos_integer(), Grow :: pos_integer(), Shrink :: pos_integer(), Empty :: tuple(),
                  Segments :: tuple()}.

-doc "An empty table.".
-spec new(atom()) -> table().
new(Tag) -> {Tag, 0, ?WIDTH, ?WIDTH, ?WIDTH div 2, 5 * ?WIDTH, 3 * ?WIDTH, ?EMPTY, {?EMPTY}}.

-doc "The number of the bucket that a key belongs to, and the bucket.".
-spec bucket(term(), table()) -> {pos_integer(), list()}.
bucket(Key, {_, _, Buckets, Slots, Half, _, _, _, Segments}) ->
    N = case erlang:phash(Key, Slots) of
            Behind when Behind > Buckets -> Behind - Half;
            Slot -> Slot
        end,
    {N, read(N, Segments)}.

-doc "Replaces a bucket.".
-spec put_bucket(pos_integer(), list(), table()) -> table().
put_bucket(N, Bucket, Table) -> setelement(9, Table, write(N, Bucket, element(9, Table))).

read(N, Segments) -> element((N - 1) rem ?WIDTH + 1, element((N - 1) div ?WIDTH + 1, Segments)).

write(N, Bucket, Segments) ->
    At = (N - 1) div ?WIDTH + 1,
    setelement(At, Segments, setelement((N - 1) rem ?WIDTH + 1, element(At, Segments), Bucket)).

-doc "Counts new entries (none or one), and splits a bucket when the table has become too full.".
-spec added(0..1, table()) -> table().
added(More, {_, Size, _, _, _, Grow, _, _, _} = Table) when Size + More =< Grow ->
    setelement(2, Table, Size + More);
added(More, {Tag, Size, Slots, Slots, Half, Grow, Shrink, Empty, Segments}) ->
    Doubled = list_to_tuple(tuple_to_list(Segments) ++ lists:duplicate(tuple_size(Segments), Empty)),
    split({Tag, Size + More, Slots, 2 * Slots, 2 * Half, Grow, Shrink, Empty, Doubled});
added(More, Table) ->
    split(setelement(2, Table, element(2, Table) + More)).

split({Tag, Size, Buckets, Slots, Half, _, _, Empty, Segments}) ->
    New = Buckets + 1,
    Old = New - Half,
    {Stay, Go} = lists:partition(fun(E) -> erlang:phash(key(Tag, E), Slots) =:= Old end,
                                 read(Old, Segments)),
    {Tag, Size, New, Slots, Half, 5 * New, 3 * New, Empty,
     write(New, Go, write(Old, Stay, Segments))}.

key(dict, [Key | _]) -> Key;
key(set, Element) -> Element.

-doc "Counts entries that are gone, and joins two buckets when the table has become too empty.".
-spec removed(non_neg_integer(), table()) -> table().
removed(Fewer, {Tag, Size, Buckets, Slots, Half, _, Shrink, Empty, Segments})
  when Size - Fewer < Shrink, Buckets > ?WIDTH ->
    Rest = Buckets - 1,
    Joined = read(Buckets - Half, Segments) ++ read(Buckets, Segments),
    Segments1 = write(Buckets, [], write(Buckets - Half, Joined, Segments)),
    Table = {Tag, Size - Fewer, Rest, Slots, Half, 5 * Rest, 3 * Rest, Empty, Segments1},
    case Rest of
        Half -> halve(Table);
        _ -> Table
    end;
removed(Fewer, Table) ->
    setelement(2, Table, element(2, Table) - Fewer).

%% The upper half of the segments has become empty.
halve({Tag, Size, Buckets, Slots, Half, Grow, Shrink, Empty, Segments}) ->
    Lower = lists:sublist(tuple_to_list(Segments), tuple_size(Segments) div 2),
    {Tag, Size, Buckets, Slots div 2, Half div 2, Grow, Shrink, Empty, list_to_tuple(Lower)}.

-doc "Folds over all buckets, from the last to the first.".
-spec fold(fun((list(), A) -> A), A, table()) -> A.
fold(Fun, Acc, Table) ->
    lists:foldr(fun(Segment, A) -> lists:foldr(Fun, A, tuple_to_list(Segment)) end,
                Acc, tuple_to_list(element(9, Table))).

-doc "Replaces each bucket, from the first to the last, by what a fun makes of it.".
-spec walk(fun((list()) -> list()), table()) -> table().
walk(Fun, Table) ->
    Segments = [list_to_tuple([Fun(B) || B <- tuple_to_list(S)]) || S <- tuple_to_list(element(9, Table))],
    setelement(9, Table, list_to_tuple(Segments)).
