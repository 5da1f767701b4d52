-module(erl_eval_records).
-moduledoc "Native records in interpreted code. Internal.".

-export([create/2, is_one/2, field/3, update/3, parts/3]).

%% The name of a record is {Module, Name}, Name alone, or [] where `#_` stands for any.
-type name() :: {module(), atom()} | atom() | [].

-doc "A record with these fields; those that are not given have their defaults. Raises what the evaluator raises for wrong ones.".
-spec create({module(), atom()}, [{atom(), term()}]) -> term().
create({shell_default, Name}, Given) -> records:create(shell_default, Name, Given, #{is_exported => false});
create({Module, Name} = Record, Given) ->
    {Options, Fields} = try
                            records:get_definition(Module, Name)
                        catch
                            error:_ -> erl_eval:fail({undef_record, Record}, 0)
                        end,
    Known = [case F of {Field, _} -> Field; _ -> F end || F <- Fields],
    _ = [erl_eval:fail({badfield, {Record, F}}, 0) || {F, _} <- Given, not lists:member(F, Known)],
    records:create(Module, Name, [with_default(F, Given, Record) || F <- Fields], Options).

with_default(Field, Given, Record) ->
    Name = case Field of {F, _} -> F; _ -> Field end,
    case {lists:keyfind(Name, 1, Given), Field} of
        {{_, _} = Pair, _} -> Pair;
        {false, {_, _}} -> Field;
        {false, _} -> erl_eval:fail({novalue, {Record, Name}}, 0)
    end.

-doc "Whether a value is a record of that name.".
-spec is_one(term(), name()) -> boolean().
is_one(Value, []) -> is_record(Value);
is_one(Value, {Module, Name}) -> is_record(Value, Module, Name);
is_one(Value, Name) -> is_record(Value) andalso records:get_name(Value) =:= Name.

-doc "A field's value. Raises {badarg, Value} for what is no such record.".
-spec field(term(), name(), atom()) -> term().
field(Value, Name, Field) ->
    is_one(Value, Name) orelse erl_eval:fail({badarg, Value}, 0),
    records:get(Field, Value).

-doc "The record with other values in some fields.".
-spec update(term(), name(), [{atom(), term()}]) -> term().
update(Value, Name, Given) ->
    is_one(Value, Name) orelse erl_eval:fail({badarg, Value}, 0),
    records:update(Value, records:get_module(Value), records:get_name(Value), maps:from_list(Given)).

-doc "The matches that a pattern of fields asks of a value; false if it is no such record, or lacks a field.".
-spec parts([{record_field, term(), term(), term()}], name(), term()) -> false | {parts, [{term(), term()}]}.
parts(Fields, Name, Value) ->
    is_one(Value, Name) andalso fields(Fields, records:get_field_names(Value), Value, []).

fields([], _, _, Parts) -> {parts, lists:reverse(Parts)};
fields([{record_field, _, {atom, _, Field}, Pattern} | Fields], Names, Value, Parts) ->
    lists:member(Field, Names) andalso fields(Fields, Names, Value, [{Pattern, records:get(Field, Value)} | Parts]).
