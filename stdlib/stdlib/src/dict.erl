-module(dict).
-moduledoc """
Dictionaries as hash tables; keys are told apart with =:=. New programs use maps.

See gerl_buckets for the table; a bucket's entries are pairs [Key | Value].
""".

-export([new/0, from_list/1, to_list/1, size/1, is_empty/1, is_key/2, fetch/2, fetch_keys/1, find/2]).
-export([store/3, erase/2, take/2, append/3, append_list/3, update/3, update/4, update_counter/3]).
-export([filter/2, fold/3, map/2, merge/3]).

-export_type([dict/0, dict/2]).

-record(dict, {size, buckets, slots, half, grow, shrink, empty, segments}).

-type dict() :: dict(_, _).
-opaque dict(Key, Value) :: #dict{segments :: tuple() | {Key, Value}}.

%%% ---- making and looking ------------------------------------------------------------------------

-doc "An empty dictionary.".
-spec new() -> dict().
new() -> gerl_buckets:new(dict).

-doc "The dictionary of pairs; of equal keys the last one counts.".
-spec from_list([{K, V}]) -> dict(K, V).
from_list(Pairs) -> lists:foldl(fun({K, V}, Dict) -> store(K, V, Dict) end, new(), Pairs).

-doc "All pairs, in no defined order.".
-spec to_list(dict(K, V)) -> [{K, V}].
to_list(Dict) -> [{K, V} || [K | V] <- entries(Dict)].

-doc "The number of keys.".
-spec size(dict()) -> non_neg_integer().
size(#dict{size = Size}) when is_integer(Size), Size >= 0 -> Size.

-doc "Whether there are no keys.".
-spec is_empty(dict()) -> boolean().
is_empty(#dict{size = Size}) -> Size =:= 0.

-doc "Whether there is such a key.".
-spec is_key(K, dict(K, _)) -> boolean().
is_key(Key, Dict) -> find(Key, Dict) =/= error.

-doc "The value of a key, which must be there.".
-spec fetch(K, dict(K, V)) -> V.
fetch(Key, Dict) ->
    case find(Key, Dict) of
        {ok, Value} -> Value;
        error -> error(badarg, [Key, Dict])
    end.

-doc "All keys, in no defined order.".
-spec fetch_keys(dict(K, _)) -> [K].
fetch_keys(Dict) -> [K || [K | _] <- entries(Dict)].

entries(#dict{} = Dict) -> gerl_buckets:fold(fun lists:reverse/2, [], Dict);
entries(NoDict) -> error({badrecord, NoDict}).

-doc "{ok, Value} of a key, or error.".
-spec find(K, dict(K, V)) -> {ok, V} | error.
find(Key, Dict) ->
    {_, Bucket} = bucket(Key, Dict),
    value(Key, Bucket).

value(Key, [[Key | Value] | _]) -> {ok, Value};
value(Key, [_ | Rest]) -> value(Key, Rest);
value(_, []) -> error.

bucket(Key, #dict{} = Dict) -> gerl_buckets:bucket(Key, Dict);
bucket(_, NoDict) -> error({badrecord, NoDict}).

%%% ---- changing ----------------------------------------------------------------------------------

-doc "The dictionary with a value put in.".
-spec store(K, V, dict(K, V)) -> dict(K, V).
store(Key, Value, Dict) -> change(Key, fun(_) -> Value end, fun() -> Value end, Dict).

-doc "The dictionary without a key.".
-spec erase(K, dict(K, V)) -> dict(K, V).
erase(Key, Dict) ->
    case without(Key, Dict) of
        {_, Rest} -> Rest;
        error -> gerl_buckets:removed(0, Dict)
    end.

-doc "The value of a key and the dictionary without it, or error.".
-spec take(K, dict(K, V)) -> {V, dict(K, V)} | error.
take(Key, Dict) -> without(Key, Dict).

without(Key, Dict) ->
    {N, Bucket} = bucket(Key, Dict),
    case value(Key, Bucket) of
        {ok, Value} ->
            Rest = lists:delete([Key | Value], Bucket),
            {Value, gerl_buckets:removed(1, gerl_buckets:put_bucket(N, Rest, Dict))};
        error ->
            error
    end.

-doc "Appends an element to the list that is a key's value.".
-spec append(K, V, dict(K, [V])) -> dict(K, [V]).
append(Key, Element, Dict) -> append_list(Key, [Element], Dict).

-doc "Appends elements to the list that is a key's value.".
-spec append_list(K, [V], dict(K, [V])) -> dict(K, [V]).
append_list(Key, List, Dict) -> change(Key, fun(Old) -> Old ++ List end, fun() -> List end, Dict).

-doc "Changes the value of a key, which must be there.".
-spec update(K, fun((V) -> V), dict(K, V)) -> dict(K, V).
update(Key, Fun, Dict) ->
    {N, Bucket} = bucket(Key, Dict),
    case value(Key, Bucket) of
        {ok, Old} -> gerl_buckets:put_bucket(N, replaced(Key, Fun(Old), Bucket), Dict);
        error -> error(badarg, [Key, Fun, Dict])
    end.

-doc "Changes the value of a key, or gives it a first one.".
-spec update(K, fun((V) -> V), V, dict(K, V)) -> dict(K, V).
update(Key, Fun, Initial, Dict) ->
    change(Key, Fun,
           fun() when is_function(Fun, 1) -> Initial end,
           Dict).

-doc "Adds to the number that is a key's value; a new key begins at 0.".
-spec update_counter(K, number(), dict(K, number())) -> dict(K, number()).
update_counter(Key, Increment, Dict) when is_number(Increment) ->
    change(Key, fun(Old) -> Old + Increment end, fun() -> Increment end, Dict).

change(Key, Update, Initial, Dict) ->
    {N, Bucket} = bucket(Key, Dict),
    {More, Changed} =
        case value(Key, Bucket) of
            {ok, Old} -> {0, replaced(Key, Update(Old), Bucket)};
            error -> {1, Bucket ++ [[Key | Initial()]]}
        end,
    gerl_buckets:added(More, gerl_buckets:put_bucket(N, Changed, Dict)).

replaced(Key, New, [[Key | _] | Rest]) -> [[Key | New] | Rest];
replaced(Key, New, [Entry | Rest]) -> [Entry | replaced(Key, New, Rest)].

%%% ---- funs over dictionaries --------------------------------------------------------------------

%% A fun of the wrong arity is found out at the end of the first bucket, if not before.

-doc "Calls a fun for each key and value, in no defined order.".
-spec fold(fun((K, V, A) -> A), A, dict(K, V)) -> A.
fold(Fun, Acc, #dict{} = Dict) ->
    gerl_buckets:fold(fun(Bucket, A) -> through(Fun, A, Bucket) end, Acc, Dict);
fold(_, _, NoDict) -> error({badrecord, NoDict}).

through(Fun, Acc, [[K | V] | Rest]) -> through(Fun, Fun(K, V, Acc), Rest);
through(Fun, Acc, []) when is_function(Fun, 3) -> Acc.

-doc "The dictionary with each value replaced by a fun's result.".
-spec map(fun((K, V1) -> V2), dict(K, V1)) -> dict(K, V2).
map(Fun, #dict{} = Dict) -> gerl_buckets:walk(fun(Bucket) -> mapped(Fun, Bucket) end, Dict);
map(_, NoDict) -> error({badrecord, NoDict}).

mapped(Fun, [[K | V] | Rest]) -> [[K | Fun(K, V)] | mapped(Fun, Rest)];
mapped(Fun, []) when is_function(Fun, 2) -> [].

-doc "The pairs for which a fun is true.".
-spec filter(fun((K, V) -> boolean()), dict(K, V)) -> dict(K, V).
filter(Pred, #dict{size = Size} = Dict) ->
    Kept = gerl_buckets:walk(fun(Bucket) -> chosen(Pred, Bucket) end, Dict),
    gerl_buckets:removed(Size - gerl_buckets:fold(fun(B, N) -> N + length(B) end, 0, Kept), Kept);
filter(_, NoDict) -> error({badrecord, NoDict}).

chosen(Pred, [[K | V] = Entry | Rest]) ->
    case Pred(K, V) of
        true -> [Entry | chosen(Pred, Rest)];
        false -> chosen(Pred, Rest)
    end;
chosen(Pred, []) when is_function(Pred, 2) ->
    [].

-doc "Both dictionaries in one; a fun combines the values of keys that are in both.".
-spec merge(fun((K, V, V) -> V), dict(K, V), dict(K, V)) -> dict(K, V).
merge(Fun, #dict{size = Size1} = Dict1, #dict{size = Size2} = Dict2) when Size1 < Size2 ->
    pour(Dict1, Dict2, Fun);
merge(Fun, Dict1, Dict2) ->
    pour(Dict2, Dict1, fun(K, V2, V1) -> Fun(K, V1, V2) end).

%% Puts what is in one dictionary into another; Combine is called as Combine(Key, FromValue, IntoValue).
pour(From, Into, Combine) ->
    Pour = fun(K, V, Dict) -> change(K, fun(Old) -> Combine(K, V, Old) end, fun() -> V end, Dict) end,
    fold(Pour, Into, From).
