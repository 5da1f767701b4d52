-module(gerl_merl).
-moduledoc """
Templates: trees with metavariables.

A metavariable is `{Id}`, a glob `{'*', Id}`, and a node with such below it `{template, Type, Attributes, Groups}`. While a
template is made, `{lifted, Marks, Variable}` is on its way up, one node for each character of the marks.
""".

-export([template/1, tree/1, tree_of/1, variables/1, meta/1, substitute/2, rename/2, match/2, metavariable/1]).

-doc "See `merl:template/1`.".
-spec template(term()) -> term().
template(Trees) when is_list(Trees) -> [made(T) || T <- Trees];
template(Tree) -> made(Tree).

made({template, _, _, _} = Template) -> Template;
made({'*', _} = Glob) -> Glob;
made({_} = Variable) -> Variable;
made(Tree) ->
    case build(Tree) of
        {lifted, Text, _} -> throw({error, lists:flatten(io_lib:format("bad metavariable: '~s'", [Text]))});
        Template -> Template
    end.

build(Tree) ->
    case groups(Tree) of
        [] -> leaf(Tree);
        Groups ->
            Built = [[build(T) || T <- Group] || Group <- Groups],
            case [L || {lifted, _, _} = L <- lists:append(Built)] of
                [{lifted, Text, {Left, Variable}} | _] when Left > 1 -> {lifted, tl(Text), {Left - 1, Variable}};
                [{lifted, _, {1, Variable}} | _] -> Variable;
                [] ->
                    case lists:any(fun is_open/1, lists:append(Built)) of
                        true -> {template, type(Tree), erl_syntax:get_attrs(Tree), Built};
                        false -> Tree
                    end
            end
    end.

%% Whether there are metavariables in what a tree became.
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
                N -> {lifted, Text, {N, Variable}}
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
        integer -> prefixed("909", integer_to_list(erl_syntax:integer_value(Tree)), fun list_to_integer/1, "09", 1);
        _ -> none
    end.

prefixed(Prefix, Text, Make, Marks, Least) ->
    case lists:prefix(Prefix, Text) andalso lists:nthtail(length(Prefix), Text) of
        Rest when is_list(Rest), length(Rest) >= Least -> {Rest, Make, Marks};
        _ -> none
    end.

%% Trees by their parts: the groups of a type are always as many. Empty lists and tuples are no leaves.

type(Tree) ->
    case erl_syntax:type(Tree) of
        nil -> list;
        Type -> Type
    end.

groups(Tree) ->
    case {erl_syntax:type(Tree), erl_syntax:subtrees(Tree)} of
        {tuple, []} -> [[]];
        {nil, _} -> [[], []];
        {Type, [First]} when Type =:= list; Type =:= binary_field; Type =:= record_field -> [First, []];
        {clause, [Patterns, Body]} -> [Patterns, [], Body];
        {receive_expr, [Clauses]} -> [Clauses, [], []];
        {record_expr, [Name, Fields]} -> [[], Name, Fields];
        {_, Groups} -> Groups
    end.

joined(list, [Elements, []]) -> erl_syntax:list(Elements);
joined(tuple, [Elements]) -> erl_syntax:tuple(Elements);
joined(binary_field, [[Body], Types]) -> erl_syntax:binary_field(Body, Types);
joined(record_field, [Name, []]) -> erl_syntax:make_tree(record_field, [Name]);
joined(clause, [Patterns, [], Body]) -> erl_syntax:make_tree(clause, [Patterns, Body]);
joined(receive_expr, [Clauses, [], _]) -> erl_syntax:make_tree(receive_expr, [Clauses]);
joined(record_expr, [[], Name, Fields]) -> erl_syntax:make_tree(record_expr, [Name, Fields]);
joined(Type, Groups) -> erl_syntax:make_tree(Type, Groups).

-doc "See `merl:tree/1`.".
-spec tree(term()) -> term().
tree(Templates) when is_list(Templates) -> [tree_of(T) || T <- Templates];
tree(Template) -> tree_of(Template).

-doc "The tree of one template; a list is the value of a metavariable and stays.".
-spec tree_of(term()) -> term().
tree_of({template, Type, Attributes, Groups}) ->
    %% The value of a variable may be a list of trees, or of such lists.
    Trees = [lists:flatten([tree_of(T) || T <- Group]) || Group <- Groups],
    erl_syntax:set_attrs(joined(Type, Trees), Attributes);
tree_of({'*', Id}) when is_integer(Id) -> erl_syntax:integer(list_to_integer("9099" ++ integer_to_list(Id)));
tree_of({'*', Id}) when is_atom(Id) -> erl_syntax:atom("@@" ++ atom_to_list(Id));
tree_of({Id}) when is_integer(Id) -> erl_syntax:integer(list_to_integer("909" ++ integer_to_list(Id)));
tree_of({Id}) when is_atom(Id) -> erl_syntax:atom("@" ++ atom_to_list(Id));
tree_of(Tree) -> Tree.

-doc "See `merl:template_vars/1`.".
-spec variables(term()) -> [atom() | integer()].
variables(Templates) when is_list(Templates) -> lists:foldl(fun found/2, [], Templates);
variables(Template) -> found(Template, []).

found({template, _, _, Groups}, Found) -> lists:foldl(fun(Group, Before) -> lists:foldl(fun found/2, Before, Group) end, Found, Groups);
found({'*', Id}, Found) -> ordsets:add_element(Id, Found);
found({Id}, Found) -> ordsets:add_element(Id, Found);
found(_, Found) -> Found.

-doc "The template with the values of metavariables in their place.".
-spec substitute(term(), [{term(), term()}]) -> term().
substitute({template, Type, Attributes, Groups}, Env) ->
    {template, Type, Attributes, [lists:flatten([substitute(T, Env) || T <- Group]) || Group <- Groups]};
substitute({'*', Id} = Glob, Env) -> value(Id, Glob, Env);
substitute({Id} = Variable, Env) -> value(Id, Variable, Env);
substitute(Tree, _) -> Tree.

value(Id, Otherwise, Env) ->
    case lists:keyfind(Id, 1, Env) of
        {_, Value} -> Value;
        false -> Otherwise
    end.

-doc "The template with other names.".
-spec rename(term(), [{term(), term()}]) -> term().
rename({template, Type, Attributes, Groups}, Names) -> {template, Type, Attributes, [lists:flatten([rename(T, Names) || T <- Group]) || Group <- Groups]};
rename({'*', Id}, Names) -> {'*', value(Id, Id, Names)};
rename({Id}, Names) -> {value(Id, Id, Names)};
rename(Tree, _) -> Tree.

%% Expressions that evaluate to templates.

-doc "See `merl:meta_template/1`.".
-spec meta(term()) -> term().
meta(Templates) when is_list(Templates) -> [expression(T) || T <- Templates];
meta(Template) -> expression(Template).

expression({template, Type, Attributes, Groups}) ->
    Lists = erl_syntax:list([erl_syntax:list([expression(T) || T <- G]) || G <- Groups]),
    erl_syntax:tuple([erl_syntax:atom(template), erl_syntax:atom(Type), erl_syntax:abstract(Attributes), Lists]);
expression({'*', Id} = Glob) -> meta_variable(Id, Glob);
expression({Id} = Variable) -> meta_variable(Id, Variable);
expression(Tree) -> erl_syntax:abstract(Tree).

meta_variable(Id, Otherwise) ->
    case gerl_merl_names:program_variable(Id) of
        none -> erl_syntax:abstract(Otherwise);
        {tree, Name} -> erl_syntax:variable(Name);
        {term, Name} -> erl_syntax:application(erl_syntax:atom(merl), erl_syntax:atom(term), [erl_syntax:variable(Name)])
    end.

%% Matching.

-doc "See `merl:match/2`.".
-spec match(term(), term()) -> {ok, [{term(), term()}]} | error.
match(Patterns, Trees) when is_list(Patterns), is_list(Trees) -> result(fun() -> several(Patterns, Trees, []) end);
match(Patterns, Tree) when is_list(Patterns) -> match(Patterns, [Tree]);
match(Pattern, Trees) when is_list(Trees) -> match([Pattern], Trees);
match(Pattern, Tree) -> result(fun() -> bind(template(Pattern), Tree, []) end).

result(Fun) ->
    try {ok, Fun()}
    catch throw:no_match -> error
    end.

several([Pattern | Patterns], [Tree | Trees], Bound) -> several(Patterns, Trees, bind(template(Pattern), Tree, Bound));
several([], [], Bound) -> Bound;
several(_, _, _) -> error(merl_match_arity).

bind({Id}, Tree, Bound) -> binding(Id, Tree, Bound);
bind({template, Type, _, Groups}, Tree, Bound) ->
    type(Tree) =:= Type orelse throw(no_match),
    Others = groups(Tree),
    length(Groups) =:= length(Others) orelse throw(no_match),
    lists:foldr(fun({Patterns, Trees}, Before) -> bind_group(Patterns, Trees, Before) end, Bound, lists:zip(Groups, Others));
bind(Tree, Other, Bound) ->
    same(Tree, Other) orelse throw(no_match),
    Bound.

binding(Nameless, _, Bound) when Nameless =:= '_'; Nameless =:= 0 -> Bound;
binding(Id, Value, Bound) -> orddict:store(Id, Value, Bound).

bind_group([{'*', Id} | After], Trees, Bound) ->
    {Globbed, Last} = lists:split(max(length(Trees) - length(After), 0), Trees),
    From = lists:reverse(After),
    Behind = bind_last(From, lists:reverse(Last), Bound),
    binding(Id, Globbed, Behind);
bind_group([Pattern | Patterns], [Tree | Trees], Bound) -> bind_group(Patterns, Trees, bind(Pattern, Tree, Bound));
bind_group([], [], Bound) -> Bound;
bind_group(_, _, _) -> throw(no_match).

%% What is behind a glob, from the end.
bind_last([{'*', Id} | _], _, _) -> throw({error, lists:flatten(io_lib:format("multiple glob variables in same match group: ~w", [Id]))});
bind_last([Pattern | Patterns], [Tree | Trees], Bound) -> bind_last(Patterns, Trees, bind(Pattern, Tree, Bound));
bind_last([], [], Bound) -> Bound;
bind_last(_, _, _) -> throw(no_match).

%% Whether trees have the same types and leaves.
same(Tree, Other) ->
    Type = type(Tree),
    type(Other) =:= Type andalso
        case {groups(Tree), groups(Other)} of
            {[], []} -> leaf_value(Type, Tree) =:= leaf_value(Type, Other);
            {Groups, Others} -> same_all(fun(G, H) -> same_all(fun same/2, G, H) end, Groups, Others)
        end.

same_all(Same, [A | As], [B | Bs]) -> Same(A, B) andalso same_all(Same, As, Bs);
same_all(_, As, Bs) -> As =:= [] andalso Bs =:= [].

leaf_value(atom, Tree) -> erl_syntax:atom_value(Tree);
leaf_value(char, Tree) -> erl_syntax:char_value(Tree);
leaf_value(float, Tree) -> erl_syntax:float_value(Tree);
leaf_value(integer, Tree) -> erl_syntax:integer_value(Tree);
leaf_value(string, Tree) -> erl_syntax:string_value(Tree);
leaf_value(operator, Tree) -> erl_syntax:operator_name(Tree);
leaf_value(text, Tree) -> erl_syntax:text_string(Tree);
leaf_value(variable, Tree) -> erl_syntax:variable_name(Tree);
leaf_value(_, _) -> none.
