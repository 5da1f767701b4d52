-module(sys_pre_attributes).
-moduledoc "A parse transform that inserts, replaces and deletes attributes, as the compiler's options
`{attribute, insert, Name, Value}`, `{attribute, replace, Name, Value}` and `{attribute, delete, Name}` say.".

-export([parse_transform/2]).

-doc "The forms with other attributes.".
-spec parse_transform([erl_parse:abstract_form()], [compile:option() | term()]) -> [erl_parse:abstract_form()].
parse_transform(Forms, Options) ->
    Wanted = lists:reverse([Option || Option <- Options, is_tuple(Option), element(1, Option) =:= attribute]),
    {Changed, Left} = lists:mapfoldl(fun change/2, [Change || Option <- Wanted, Change <- change_of(Option)], Forms),
    Remaining = [{Name, Value} || {Name, {value, Value}} <- Left],
    New = lists:append([case Option of
                            {_, insert, Name, Value} -> [{Name, Value}];
                            {_, replace, Name, Value} -> [NV || NV <- Remaining, NV =:= {Name, Value}];
                            _ -> []
                        end || Option <- Wanted]),
    insert(lists:append(Changed), New).

change_of({_, replace, Name, Value}) -> [{Name, {value, Value}}];
change_of({_, delete, Name}) -> [{Name, delete}];
change_of(_) -> [].

%% A replacement happens once, a deletion as often as there is something to delete.
change({attribute, Anno, Name, _} = Form, Operations) ->
    case lists:keyfind(Name, 1, Operations) of
        false -> {[Form], Operations};
        {_, delete} -> {[], Operations};
        {_, {value, Value}} -> {[{attribute, Anno, Name, Value}], lists:keydelete(Name, 1, Operations)}
    end;
change(Form, Operations) -> {[Form], Operations}.

%% What is new stands behind the module's name.
insert([{attribute, Anno, module, _} = Module | Forms], New) ->
    [Module | [{attribute, Anno, Name, Value} || {Name, Value} <- New]] ++ Forms;
insert([Form | Forms], New) -> [Form | insert(Forms, New)];
insert([], _) -> [].
