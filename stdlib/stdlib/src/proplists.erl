-module(proplists).
-moduledoc "Lists of properties: {Key, Value}, or an atom alone, which stands for {Atom, true}.".

-export([append_values/2, compact/1, delete/2, expand/2, from_map/1, get_all_values/2, get_bool/2, get_keys/1,
         get_value/2, get_value/3, is_defined/2, lookup/2, lookup_all/2, normalize/2, property/1, property/2,
         split/2, substitute_aliases/2, substitute_negations/2, to_map/1, to_map/2, unfold/1]).

-export_type([property/0, proplist/0]).

-type property() :: atom() | tuple().
-type proplist() :: [property()].

-doc "The shortest form of a property.".
-spec property(property()) -> property().
property({Key, true}) when is_atom(Key) -> Key;
property(Property) -> Property.

-doc "The shortest form of {Key, Value}.".
-spec property(term(), term()) -> property().
property(Key, Value) -> property({Key, Value}).

-doc "The list with atoms written out as {Atom, true}.".
-spec unfold([term()]) -> [term()].
unfold([P | Rest]) when is_atom(P) -> [{P, true} | unfold(Rest)];
unfold([P | Rest]) -> [P | unfold(Rest)];
unfold([]) -> [].

-doc "The list with {Atom, true} written as the atom alone.".
-spec compact([term()]) -> [term()].
compact(List) -> [property(P) || P <- List].

-doc "The first property with this key, as a tuple, or none.".
-spec lookup(term(), [term()]) -> none | tuple().
lookup(Key, [Key | _]) when is_atom(Key) -> {Key, true};
lookup(Key, [P | _]) when element(1, P) =:= Key -> P;
lookup(Key, [_ | Rest]) -> lookup(Key, Rest);
lookup(_Key, []) -> none.

-doc "All properties with this key, as tuples.".
-spec lookup_all(term(), [term()]) -> [tuple()].
lookup_all(Key, List) -> unfold(with_key(Key, List)).

with_key(Key, [P | Rest]) ->
    case has_key(Key, P) of
        true -> [P | with_key(Key, Rest)];
        false -> with_key(Key, Rest)
    end;
with_key(_Key, []) -> [].

has_key(Key, P) when is_atom(P) -> P =:= Key;
has_key(Key, P) when tuple_size(P) >= 1 -> element(1, P) =:= Key;
has_key(_, _) -> false.

-doc "Whether there is a property with this key.".
-spec is_defined(term(), [term()]) -> boolean().
is_defined(Key, List) -> lookup(Key, List) =/= none.

-doc "The value of a key, or undefined.".
-spec get_value(term(), [term()]) -> term().
get_value(Key, List) -> get_value(Key, List, undefined).

-doc "The value of a key, or Default.".
-spec get_value(term(), [term()], term()) -> term().
get_value(Key, List, Default) when is_list(List) ->
    case lookup(Key, List) of
        {_, Value} -> Value;
        _NoneOrOther -> Default
    end.

-doc "All values of a key.".
-spec get_all_values(term(), [term()]) -> [term()].
get_all_values(Key, List) ->
    lists:append([case P of
                      {_, Value} -> [Value];
                      _ when is_atom(P) -> [true];
                      _ -> []
                  end || P <- with_key(Key, List)]).

-doc "All values of a key put together; those that are no lists count as one element.".
-spec append_values(term(), [term()]) -> [term()].
append_values(Key, List) ->
    lists:append([case is_list(V) of true -> V; false -> [V] end || V <- get_all_values(Key, List)]).

-doc "Whether the value of a key is true.".
-spec get_bool(term(), [term()]) -> boolean().
get_bool(Key, List) -> lookup(Key, List) =:= {Key, true}.

-doc "All keys, without copies.".
-spec get_keys([term()]) -> [term()].
get_keys(List) -> maps:keys(keys(List, #{})).

keys([P | Rest], Keys) when is_atom(P) -> keys(Rest, Keys#{P => true});
keys([P | Rest], Keys) when tuple_size(P) >= 1 -> keys(Rest, Keys#{element(1, P) => true});
keys([_ | Rest], Keys) -> keys(Rest, Keys);
keys([], Keys) -> Keys.

-doc "The list without properties of this key.".
-spec delete(term(), [term()]) -> [term()].
delete(Key, [P | Rest]) ->
    case has_key(Key, P) of
        false -> [P | delete(Key, Rest)];
        true -> delete(Key, Rest)
    end;
delete(_Key, []) -> [].

-doc "Renames keys.".
-spec substitute_aliases([{term(), term()}], [term()]) -> [term()].
substitute_aliases(Aliases, List) ->
    [case lists:search(fun({Key, _}) -> has_key(Key, P) end, Aliases) of
         {value, {_, New}} when is_atom(P) -> property(New, true);
         {value, {_, New}} -> property(setelement(1, P, New));
         false -> P
     end || P <- List].

-doc "Replaces keys by others with the opposite truth value.".
-spec substitute_negations([{term(), term()}], [term()]) -> [term()].
substitute_negations(Negations, List) ->
    [case lists:search(fun({Key, _}) -> has_key(Key, P) end, Negations) of
         {value, {_, New}} when is_atom(P) -> {New, false};
         {value, {_, New}} ->
             case P of
                 {_, true} -> {New, false};
                 _ -> property(New, true)
             end;
         false -> P
     end || P <- List].

-doc "Replaces properties by lists of properties.".
-spec expand([{property(), [term()]}], [term()]) -> [term()].
expand(Expansions, List) when is_list(List) ->
    Known = lists:foldr(fun({Old, New}, Map) ->
                            Key = key_of(Old),
                            Map#{Key => [{property(Old), New} | maps:get(Key, Map, [])]}
                        end, #{}, [E || {_, _} = E <- Expansions]),
    expanded(List, Known, #{}).

%% The first property of a key decides about all of them: if it is replaced, the later ones go.
expanded([P | Rest], Known, Decided) ->
    Key = key_of(P),
    case Decided of
        #{Key := replaced} -> expanded(Rest, Known, Decided);
        #{Key := kept} -> inserted(P) ++ expanded(Rest, Known, Decided);
        #{} ->
            case lists:keyfind(property(P), 1, maps:get(Key, Known, [])) of
                {_, New} -> inserted(New) ++ expanded(Rest, Known, Decided#{Key => replaced});
                false -> inserted(P) ++ expanded(Rest, Known, Decided#{Key => kept})
            end
    end;
expanded([], _Known, _Decided) -> [].

%% Lists are put in element by element, those that had been in the list all the same.
inserted(List) when is_list(List) -> List;
inserted(P) -> [P].

key_of(P) when is_atom(P) -> P;
key_of(P) when tuple_size(P) >= 1 -> element(1, P);
key_of(P) -> {no_property, P}.

-doc "Applies aliases, negations and expansions, stage by stage.".
-spec normalize([term()], [{aliases | negations | expand, list()}]) -> [term()].
normalize(List, Stages) -> compact(staged(List, Stages)).

staged(List, [{aliases, As} | Stages]) -> staged(substitute_aliases(As, List), Stages);
staged(List, [{negations, Ns} | Stages]) -> staged(substitute_negations(Ns, List), Stages);
staged(List, [{expand, Es} | Stages]) -> staged(expand(Es, List), Stages);
staged(List, []) -> List.

-doc "Sorts properties out by the given keys: one list for each, and the rest.".
-spec split([term()], [term()]) -> {[[term()]], [term()]}.
split(List, Keys) when is_list(List); not is_list(Keys) ->
    {[[P || P <- List, has_key(Key, P)] || Key <- Keys],
     [P || P <- List, not lists:any(fun(Key) -> has_key(Key, P) end, Keys)]}.

-doc "The list as a map; the first property of a key counts.".
-spec to_map([term()]) -> map().
to_map(List) -> lists:foldr(fun put_property/2, #{}, List).

put_property(Key, Map) when is_atom(Key) -> Map#{Key => true};
put_property({Key, Value}, Map) -> Map#{Key => Value};
put_property(Other, Map) when tuple_size(Other) >= 1 -> maps:remove(element(1, Other), Map);
put_property(_, Map) -> Map.

-doc "Normalises the list and makes a map of it.".
-spec to_map([term()], list()) -> map().
to_map(List, Stages) -> to_map(staged(List, Stages)).

-doc "The pairs of a map as properties.".
-spec from_map(map()) -> [term()].
from_map(Map) -> [{K, V} || {K, V} <- maps:to_list(Map)].
