-module(gerl_merl).
-moduledoc """
Templates: trees with metavariables.

A metavariable is `{Id}`, a glob `{'*', Id}`, and a node with such below it `{template, Type, Attributes, Groups}`. While a
template is made, `{lifted, Levels, Text, Variable}` is on its way up.
""".

-export([template/1, tree/1, variables/1, meta/1, substitute/2, rename/2, match/2, metavariable/1]).

-doc "See `merl:template/1`.".
-spec template(term()) -> term().
template(Trees) when is_list(Trees) -> [template(T) || T <- Trees];
template(Tree) ->
    case build(Tree) of
        {lifted, _, Text, _} -> throw({error, "bad metavariable: '" ++ Text ++ "'"});
        Template -> Template
    end.

build({template, _, _, _} = Template) -> Template;
build({'*', _} = Glob) -> Glob;
build({Id} = Variable) when is_atom(Id); is_integer(Id) -> Variable;
build(Tree) ->
    case erl_syntax:subtrees(Tree) of
        [] -> leaf(Tree);
        Groups ->
            Built = [[build(T) || T <- Group] || Group <- Groups],
            case [L || {lifted, _, _, _} = L <- lists:append(Built)] of
                [{lifted, 1, _, Variable} | _] -> Variable;
                [{lifted, N, Text, Variable} | _] -> {lifted, N - 1, Text, Variable};
                [] ->
                    case Built =:= Groups orelse not lists:any(fun is_open/1, lists:append(Built)) of
                        true -> Tree;
                        false -> {template, erl_syntax:type(Tree), erl_syntax:get_attrs(Tree), Built}
                    end
            end
    end.

%% Whether there are metavariables in a template.
is_open({template, _, _, _}) -> true;
is_open({'*', _}) -> true;
is_open({_}) -> true;
is_open(_) -> false.

leaf(Tree) ->
    case metavariable(Tree) of
        none -> Tree;
        {Text, Make, [Lift, Glob]} ->
            {Lifts, Rest} = lifts(Text, Lift, 0),
            Variable = case Rest of
                           [Glob | [_ | _] = Name] -> {'*', Make(Name)};
                           Name -> {Make(Name)}
                       end,
            case Lifts of
                0 -> Variable;
                N -> {lifted, N, Text, Variable}
            end
    end.

%% The last character is never a mark.
lifts([Lift | [_ | _] = Rest], Lift, N) -> lifts(Rest, Lift, N + 1);
lifts(Text, _, N) -> {N, Text}.

-doc "What follows the prefix of a metavariable, how to make a name of it, and the marks for lifting and globs; `none` for other trees.".
-spec metavariable(erl_syntax:syntaxTree()) -> none | {string(), fun((string()) -> atom() | integer()), string()}.
metavariable(Tree) ->
    case erl_syntax:type(Tree) of
        atom -> prefixed("@", erl_syntax:atom_name(Tree), fun list_to_atom/1, "_@", 1);
        variable -> prefixed("_@", erl_syntax:variable_literal(Tree), fun list_to_atom/1, "_@", 1);
        string -> prefixed("'@", erl_syntax:string_value(Tree), fun list_to_atom/1, "_@", 0);
        integer -> prefixed("909", erl_syntax:integer_literal(Tree), fun list_to_integer/1, "09", 1);
        _ -> none
    end.

prefixed(Prefix, Text, Make, Marks, Least) ->
    case lists:prefix(Prefix, Text) andalso lists:nthtail(length(Prefix), Text) of
        Rest when is_list(Rest), length(Rest) >= Least -> {Rest, Make, Marks};
        _ -> none
    end.

-doc "See `merl:tree/1`.".
-spec tree(term()) -> term().
tree(Templates) when is_list(Templates) -> [tree(T) || T <- Templates];
tree({template, Type, Attributes, Groups}) ->
    %% The value of a variable may be a list of trees, or of such lists.
    Trees = [lists:flatten([tree(T) || T <- Group]) || Group <- kept(Type, Groups)],
    erl_syntax:set_attrs(erl_syntax:make_tree(Type, Trees), Attributes);
tree({'*', Id}) when is_integer(Id) -> erl_syntax:integer(list_to_integer("9099" ++ integer_to_list(Id)));
tree({'*', Id}) -> erl_syntax:atom("@@" ++ atom_to_list(Id));
tree({Id}) when is_integer(Id) -> erl_syntax:integer(list_to_integer("909" ++ integer_to_list(Id)));
tree({Id}) -> erl_syntax:atom("@" ++ atom_to_list(Id));
tree(Tree) -> Tree.

%% A guard that became empty is no guard.
kept(clause, [Patterns, [], Body]) -> [Patterns, Body];
kept(list, [[] | _] = Groups) -> Groups;
kept(list, [Prefix, []]) -> [Prefix];
kept(_, Groups) -> Groups.

-doc "See `merl:template_vars/1`.".
-spec variables(term()) -> [atom() | integer()].
variables(Templates) -> ordsets:from_list(found(Templates)).

found(Templates) when is_list(Templates) -> lists:flatmap(fun found/1, Templates);
found({template, _, _, Groups}) -> found(lists:append(Groups));
found({'*', Id}) -> [Id];
found({Id}) -> [Id];
found(_) -> [].

-doc "The template with the values of metavariables in their place.".
-spec substitute(term(), [{term(), term()}]) -> term().
substitute(Templates, Env) when is_list(Templates) -> lists:flatmap(fun(T) -> values(T, Env) end, Templates);
substitute(Template, Env) ->
    case values(Template, Env) of
        [One] -> One;
        Several -> Several
    end.

values({template, Type, Attributes, Groups}, Env) -> [{template, Type, Attributes, [substitute(G, Env) || G <- Groups]}];
values({'*', Id} = Glob, Env) -> value(Id, Glob, Env);
values({Id} = Variable, Env) -> value(Id, Variable, Env);
values(Tree, _) -> [Tree].

value(Id, Variable, Env) ->
    case lists:keyfind(Id, 1, Env) of
        {_, Values} when is_list(Values) -> Values;
        {_, Value} -> [Value];
        false -> [Variable]
    end.

-doc "The template with other names.".
-spec rename(term(), [{term(), term()}]) -> term().
rename(Templates, Names) when is_list(Templates) -> [rename(T, Names) || T <- Templates];
rename({template, Type, Attributes, Groups}, Names) -> {template, Type, Attributes, [rename(G, Names) || G <- Groups]};
rename({'*', Id}, Names) -> {'*', proplists:get_value(Id, Names, Id)};
rename({Id}, Names) -> {proplists:get_value(Id, Names, Id)};
rename(Tree, _) -> Tree.

%% Expressions that evaluate to templates.

-doc "See `merl:meta_template/1`.".
-spec meta(term()) -> term().
meta(Templates) when is_list(Templates) -> [meta(T) || T <- Templates];
meta({template, Type, Attributes, Groups}) ->
    Lists = erl_syntax:list([erl_syntax:list(meta(G)) || G <- Groups]),
    erl_syntax:tuple([erl_syntax:atom(template), erl_syntax:atom(Type), erl_syntax:abstract(Attributes), Lists]);
meta({'*', Id} = Glob) -> meta_variable(Id, Glob);
meta({Id} = Variable) -> meta_variable(Id, Variable);
meta(Tree) -> erl_syntax:abstract(Tree).

meta_variable(Id, Otherwise) ->
    case gerl_merl_names:program_variable(Id) of
        none -> erl_syntax:abstract(Otherwise);
        {tree, Name} -> erl_syntax:variable(Name);
        {term, Name} -> erl_syntax:application(erl_syntax:atom(merl), erl_syntax:atom(term), [erl_syntax:variable(Name)])
    end.

%% Matching.

-doc "See `merl:match/2`.".
-spec match(term(), term()) -> {ok, [{term(), term()}]} | error.
match(Patterns, Trees) when is_list(Patterns), is_list(Trees) ->
    length(Patterns) =:= length(Trees) orelse error(merl_match_arity),
    result(fun() -> lists:append(lists:zipwith(fun bind/2, template(Patterns), Trees)) end);
match(Patterns, Tree) when is_list(Patterns) -> match(Patterns, [Tree]);
match(Pattern, Trees) when is_list(Trees) -> match([Pattern], Trees);
match(Pattern, Tree) -> result(fun() -> bind(template(Pattern), Tree) end).

result(Fun) ->
    try {ok, lists:keysort(1, Fun())}
    catch throw:no_match -> error
    end.

bind({'*', _} = Glob, _) -> error({badarg, Glob});
bind({Id}, Tree) -> binding(Id, Tree);
bind({template, Type, _, Groups}, Tree) ->
    erl_syntax:type(Tree) =:= Type orelse throw(no_match),
    bind_groups(Groups, erl_syntax:subtrees(Tree));
bind(Pattern, Tree) ->
    Type = erl_syntax:type(Pattern),
    erl_syntax:type(Tree) =:= Type orelse throw(no_match),
    case {erl_syntax:subtrees(Pattern), erl_syntax:subtrees(Tree)} of
        {[], []} -> plain(Type, Pattern) =:= plain(Type, Tree) orelse throw(no_match), [];
        {[], _} -> throw(no_match);
        {Groups, Others} -> bind_groups(Groups, Others)
    end.

binding(Nameless, _) when Nameless =:= '_'; Nameless =:= 0 -> [];
binding(Id, Value) -> [{Id, Value}].

%% A glob that is a group by itself also matches a group that is not there.
bind_groups(Patterns, Groups) when length(Patterns) > length(Groups) ->
    case lists:splitwith(fun([{'*', _}]) -> false; (_) -> true end, Patterns) of
        {Before, [[{'*', Id}] | After]} -> binding(Id, []) ++ bind_groups(Before ++ After, Groups);
        _ -> throw(no_match)
    end;
bind_groups(Patterns, Groups) when length(Patterns) =:= length(Groups) -> lists:append(lists:zipwith(fun bind_group/2, Patterns, Groups));
bind_groups(_, _) -> throw(no_match).

bind_group(Patterns, Trees) ->
    case lists:splitwith(fun({'*', _}) -> false; (_) -> true end, Patterns) of
        {_, []} ->
            length(Patterns) =:= length(Trees) orelse throw(no_match),
            lists:append(lists:zipwith(fun bind/2, Patterns, Trees));
        {Before, [{'*', Id} | After]} ->
            [throw({error, lists:flatten(io_lib:format("multiple glob variables in same match group: ~tw", [Other]))}) || {'*', Other} <- After],
            Middle = length(Trees) - length(Before) - length(After),
            Middle >= 0 orelse throw(no_match),
            {First, Rest} = lists:split(length(Before), Trees),
            {Globbed, Last} = lists:split(Middle, Rest),
            lists:append(lists:zipwith(fun bind/2, Before ++ After, First ++ Last)) ++ binding(Id, Globbed)
    end.

%% What tells leaves of one type apart.
plain(Type, Leaf) ->
    case erl_syntax:revert(erl_syntax:set_pos(Leaf, 0)) of
        Form when tuple_size(Form) =:= 3 -> {Type, element(3, Form)};
        {tree, _, _, Data} -> {Type, Data};
        _ -> Type
    end.
