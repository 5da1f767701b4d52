-module(gerl_explain_ets).
-moduledoc false.

%% What is wrong with the arguments of a failed call of module ets. The cause that the function gave mostly speaks
%% of the table; what is wrong with other arguments is found out from their form.

-export([explain/3]).

-define(KEY, <<"not a key that exists in the table">>).
-define(MATCHSPEC, <<"not a valid match specification">>).
-define(LIMIT, {int, 1, infinity}).
-define(OPERATION, <<"not a valid update operation">>).
-define(SAME, <<"the position is the same as the key position">>).
-define(BEYOND, <<"the position in the update operation is out of range">>).
-define(NO_COUNTER, <<"the value in the given position, in the object, is not an integer">>).
-define(TAKEN, <<"table name already exists">>).

-doc "The explanations of the arguments of ets:Name(Args...).".
-spec explain(atom(), [term()], term()) -> #{pos_integer() => binary()}.
explain(Name, [_], _) when Name =:= match; Name =:= match_object; Name =:= select; Name =:= select_reverse ->
    #{1 => <<"invalid continuation">>};
explain(match_spec_compile, _, _) -> #{1 => ?MATCHSPEC};
explain(whereis, _, _) -> #{1 => <<"invalid table name (must be an atom)">>};
explain(new, [_, _] = Args, Cause) ->
    case gerl_explain:map([atom, list], Args, Cause) of
        Wrong when map_size(Wrong) > 0 -> Wrong;
        _ when Cause =:= already_exists -> #{1 => ?TAKEN};
        _ -> #{2 => <<"invalid options">>}
    end;
explain(Name, [Table | Rest], Cause) ->
    Fault = table(Cause, Table),
    Said = gerl_explain:numbered([ok | others(Name, Rest, Cause, Fault)]),
    case Fault of
        ok -> Said;
        Text -> Said#{1 => Text}
    end.

table(type, Table) when is_reference(Table) -> <<"not a valid table identifier">>;
table(type, _) -> <<"not an atom or a table identifier">>;
table(id, _) -> <<"the table identifier does not refer to an existing ETS table">>;
table(access, _) -> <<"the table identifier refers to an ETS table with insufficient access rights">>;
table(table_type, _) ->
    <<"the table identifier refers to an ETS table of a type not supported by this operation">>;
table(_, _) -> ok.

%% The texts for the arguments behind the table, from the first one on. Fault: what is wrong with the table or ok.
others(delete_object, [Object], _, _) -> [object(Object)];
others(Name, [Objects], _, _) when Name =:= insert; Name =:= insert_new -> [objects(Objects)];
others(give_away, [_, _], owner, _) -> [<<"the process is already the owner of the table">>];
others(give_away, [_, _], not_owner, _) -> [<<"the current process is not the owner">>];
others(give_away, [Pid, _], _, ok) when is_pid(Pid) -> [<<"the pid refers to a terminated process">>];
others(give_away, [Pid, _], _, _) -> [gerl_explain:remark(pid, Pid)];
others(lookup_element, [_, At | _], Cause, Fault) ->
    case gerl_explain:remark(?LIMIT, At) of
        Place when Cause =:= badkey -> [?KEY, Place];
        ok when Fault =:= ok -> [ok, <<"position is greater than the size of the object">>];
        Place -> [ok, Place]
    end;
others(Name, [_, Limit], _, _) when Name =:= match; Name =:= match_object -> [ok, gerl_explain:remark(?LIMIT, Limit)];
others(Name, [Spec, Limit], _, _) when Name =:= select; Name =:= select_reverse; Name =:= select_count ->
    [matchspec(Spec), gerl_explain:remark(?LIMIT, Limit)];
others(rename, [Name], _, Fault) ->
    [if
         not is_atom(Name) -> <<"invalid table name (must be an atom)">>;
         Fault =:= ok -> ?TAKEN;
         true -> ok
     end];
others(update_counter, [_, Operation], Cause, _) -> counter(operations(Operation), Cause);
others(update_counter, [_, _, _], _, Fault) when Fault =/= ok -> [];
others(update_counter, [_, Operation, Default], Cause, ok) ->
    Tuple = default(Default, Cause),
    case {Cause, operations(Operation)} of
        {badkey, Text} -> [?KEY, Text, Tuple];
        {keypos, _} -> [ok, ?SAME, Tuple];
        {position, _} -> [ok, ?BEYOND];
        {_, ok} when Tuple =:= ok -> [ok, ?NO_COUNTER];
        {_, Text} -> [ok, Text, Tuple]
    end;
others(update_element, [_, _ | _], keypos, _) -> [ok, ?SAME];
others(update_element, [_, _ | _], position, _) -> [ok, ?BEYOND];
others(update_element, [_, Elements | Default], Cause, Fault) ->
    Tuple = case Default of [] -> ok; [D] -> default(D, Cause) end,
    case elements(Elements) of
        true when Default =:= [], Fault =:= ok; Default =/= [], Tuple =:= ok -> [ok, <<"out of range">>];
        false when Tuple =:= ok -> [ok, <<"is not a valid element specification">>];
        _ -> [ok, ok, Tuple]
    end;
others(Name, [_ | _], _, ok) ->
    %% The table is there, so it is what comes behind it.
    case lists:search(fun({_, Names}) -> lists:member(Name, Names) end, second()) of
        {value, {Text, _}} -> [Text];
        false -> []
    end;
others(_, _, _, _) -> [].

second() ->
    [{<<"not a valid info item">>, [info]},
     {?KEY, [next, next_lookup, prev, prev_lookup]},
     {<<"not a boolean value">>, [safe_fixtable]},
     {?MATCHSPEC, [select, select_count, internal_select_delete, select_replace, select_reverse]},
     {<<"invalid options">>, [setopts]},
     {<<"out of range">>, [slot]}].

counter(Text, badkey) -> [?KEY, Text];
counter(_, keypos) -> [ok, ?SAME];
counter(_, position) -> [ok, ?BEYOND];
counter(ok, none) -> [ok, ?NO_COUNTER];
counter(Text, _) -> [ok, Text].

object(Tuple) when is_tuple(Tuple), Tuple =/= {} -> ok;
object({}) -> <<"is an empty tuple">>;
object(_) -> <<"not a tuple">>.

objects(List) when is_list(List) ->
    Fine = gerl_explain:remark(plain_list, List) =:= ok andalso
        lists:all(fun(Object) -> object(Object) =:= ok end, List),
    case Fine of
        true -> ok;
        false -> <<"not a non-empty tuple or a list of non-empty tuples">>
    end;
objects(Object) -> object(Object).

default(Tuple, default) when is_tuple(Tuple) -> <<"default tuple too small">>;
default(Term, _) -> object(Term).

matchspec(Spec) ->
    Compiled = ets:is_compiled_ms(Spec) orelse
        try ets:match_spec_compile(Spec) of _ -> true catch error:badarg -> false end,
    case Compiled of
        true -> ok;
        false -> ?MATCHSPEC
    end.

operations(Operation) ->
    Valid = case is_list(Operation) of
                true -> lists:all(fun operation/1, Operation);
                false -> operation(Operation)
            end,
    case Valid of
        true -> ok;
        false -> ?OPERATION
    end.

operation(Operation) when tuple_size(Operation) =:= 2; tuple_size(Operation) =:= 4 ->
    lists:all(fun erlang:is_integer/1, tuple_to_list(Operation));
operation(Increment) -> is_integer(Increment).

elements(List) when is_list(List) -> lists:all(fun elements/1, [E || E <- List, not is_list(E)]);
elements({At, _}) -> is_integer(At) andalso At > 0;
elements(_) -> false.
