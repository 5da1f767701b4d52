-module(orddict).
-moduledoc "Dictionaries as lists of pairs, sorted by their keys; keys are told apart with ==.".

-export([new/0, from_list/1, to_list/1, size/1, is_empty/1, is_key/2, fetch/2, fetch_keys/1, find/2]).
-export([store/3, erase/2, take/2, append/3, append_list/3, update/3, update/4, update_counter/3]).
-export([filter/2, fold/3, map/2, merge/3]).

-export_type([orddict/0, orddict/2]).

-type orddict() :: orddict(_, _).
-type orddict(Key, Value) :: [{Key, Value}].

%%% ---- making and looking ------------------------------------------------------------------------

-doc "An empty dictionary.".
-spec new() -> [].
new() -> [].

-doc "The dictionary of pairs; of equal keys the last one counts.".
-spec from_list([{K, V}]) -> orddict(K, V).
from_list([{_, _}] = Pairs) -> Pairs;
from_list(Pairs) -> lists:ukeysort(1, backwards(Pairs, [])).

backwards([], Done) -> Done;
backwards([{_, _} = Pair | Pairs], Done) -> backwards(Pairs, [Pair | Done]).

-doc "All pairs, sorted by their keys.".
-spec to_list(orddict(K, V)) -> [{K, V}].
to_list(Dict) -> Dict.

-doc "The number of keys.".
-spec size(orddict()) -> non_neg_integer().
size(Dict) -> length(Dict).

-doc "Whether there are no keys.".
-spec is_empty(orddict()) -> boolean().
is_empty([_ | _]) -> false;
is_empty([]) -> true.

-doc "Whether there is such a key.".
-spec is_key(K, orddict(K, _)) -> boolean().
is_key(Key, Dict) -> find(Key, Dict) =/= error.

-doc "The value of a key, which must be there.".
-spec fetch(K, orddict(K, V)) -> V.
fetch(Key, [{K, V} | Rest]) ->
    if Key == K -> V;
       Key > K -> fetch(Key, Rest);
       true -> error(function_clause, [Key, [{K, V} | Rest]])
    end.

-doc "All keys, sorted.".
-spec fetch_keys(orddict(K, _)) -> [K].
fetch_keys([]) -> [];
fetch_keys([{K, _} | Rest]) -> [K | fetch_keys(Rest)].

-doc "{ok, Value} of a key, or error.".
-spec find(K, orddict(K, V)) -> {ok, V} | error.
find(_, []) -> error;
find(Key, [{K, V} | Rest]) ->
    if Key > K -> find(Key, Rest);
       Key == K -> {ok, V};
       true -> error
    end.

%%% ---- changing ----------------------------------------------------------------------------------

-doc "The dictionary with a value put in.".
-spec store(K, V, orddict(K, V)) -> orddict(K, V).
store(Key, Value, Dict) -> change(Key, fun(_) -> Value end, Value, Dict).

-doc "The dictionary without a key.".
-spec erase(K, orddict(K, V)) -> orddict(K, V).
erase(_, []) -> [];
erase(Key, [{K, _} = Pair | Rest] = Dict) ->
    if Key > K -> [Pair | erase(Key, Rest)];
       Key == K -> Rest;
       true -> Dict
    end.

-doc "The value of a key and the dictionary without it, or error.".
-spec take(K, orddict(K, V)) -> {V, orddict(K, V)} | error.
take(Key, Dict) ->
    case find(Key, Dict) of
        {ok, Value} -> {Value, erase(Key, Dict)};
        error -> error
    end.

-doc "Appends an element to the list that is a key's value.".
-spec append(K, V, orddict(K, [V])) -> orddict(K, [V]).
append(Key, Element, Dict) -> append_list(Key, [Element], Dict).

-doc "Appends elements to the list that is a key's value.".
-spec append_list(K, [V], orddict(K, [V])) -> orddict(K, [V]).
append_list(Key, List, Dict) -> change(Key, fun(Old) -> Old ++ List end, List, Dict).

-doc "Changes the value of a key, which must be there.".
-spec update(K, fun((V) -> V), orddict(K, V)) -> orddict(K, V).
update(Key, Fun, [{K, V} | Rest] = Dict) ->
    if Key == K -> [{Key, Fun(V)} | Rest];
       Key > K -> [{K, V} | update(Key, Fun, Rest)];
       true -> error(function_clause, [Key, Fun, Dict])
    end.

-doc "Changes the value of a key, or gives it a first one.".
-spec update(K, fun((V) -> V), V, orddict(K, V)) -> orddict(K, V).
update(Key, Fun, Initial, Dict) -> change(Key, Fun, Initial, Dict).

-doc "Adds to the number that is a key's value; a new key begins at 0.".
-spec update_counter(K, number(), orddict(K, number())) -> orddict(K, number()).
update_counter(Key, Increment, Dict) -> change(Key, fun(Old) -> Old + Increment end, Increment, Dict).

change(Key, _, Initial, []) -> [{Key, Initial}];
change(Key, Update, Initial, [{K, V} = Pair | Rest] = Dict) ->
    if Key > K -> [Pair | change(Key, Update, Initial, Rest)];
       Key == K -> [{Key, Update(V)} | Rest];
       true -> [{Key, Initial} | Dict]
    end.

%%% ---- funs over dictionaries --------------------------------------------------------------------

-doc "Calls a fun for each key and value, from the smallest key up.".
-spec fold(fun((K, V, A) -> A), A, orddict(K, V)) -> A.
fold(Fun, Acc, []) when is_function(Fun, 3) -> Acc;
fold(Fun, Acc, [{K, V} | Rest]) -> fold(Fun, Fun(K, V, Acc), Rest).

-doc "The dictionary with each value replaced by a fun's result.".
-spec map(fun((K, V1) -> V2), orddict(K, V1)) -> orddict(K, V2).
map(Fun, []) when is_function(Fun, 2) -> [];
map(Fun, [{K, V} | Rest]) -> [{K, Fun(K, V)} | map(Fun, Rest)].

-doc "The pairs for which a fun is true.".
-spec filter(fun((K, V) -> boolean()), orddict(K, V)) -> orddict(K, V).
filter(Pred, []) when is_function(Pred, 2) -> [];
filter(Pred, [{K, V} = Pair | Rest]) ->
    case Pred(K, V) of
        false -> filter(Pred, Rest);
        true -> [Pair | filter(Pred, Rest)]
    end.

-doc "Both dictionaries in one; a fun combines the values of keys that are in both.".
-spec merge(fun((K, V, V) -> V), orddict(K, V), orddict(K, V)) -> orddict(K, V).
merge(Fun, [{K1, V1} | Rest1] = Dict1, [{K2, V2} | Rest2] = Dict2) ->
    if K1 < K2 -> [{K1, V1} | merge(Fun, Rest1, Dict2)];
       K1 > K2 -> [{K2, V2} | merge(Fun, Dict1, Rest2)];
       true -> [{K1, Fun(K1, V1, V2)} | merge(Fun, Rest1, Rest2)]
    end;
merge(Fun, [], Dict) when is_function(Fun, 3) -> Dict;
merge(Fun, Dict, []) when is_function(Fun, 3) -> Dict.
