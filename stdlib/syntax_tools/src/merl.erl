-module(merl).
-moduledoc """
Syntax trees written as text.

`quote/1` parses source text. Names in it that begin with `@` (atoms), `_@` (variables), `'@` (strings) or 909
(integers) are metavariables: `match/2` binds them to the subtrees in their place, `subst/2` puts trees in their place.
Behind that prefix, each `_` or `0` lifts the metavariable one level: it stands for the whole node around it. A `@` or `9` then
makes it a glob, which stands for any number of subtrees. What is left is the metavariable's name; `_` and `0` are nameless.

With `merl.hrl` included, `?Q(Text)` can be used in expressions, in `?Q(Text) = Expr` and in the patterns of a `case`, and metavariables whose
names begin with a capital letter are variables of the program; a name that ends with `@` stands for a term rather than a tree.
""".

-export([term/1, var/1, print/1, show/1, quote/1, quote/2, qquote/2, qquote/3, template/1, tree/1, subst/2, tsubst/2, alpha/2, match/2,
         switch/2, template_vars/1, meta_template/1, compile/1, compile/2, compile_and_load/1, compile_and_load/2]).
-export_type([template/0]).

-type tree() :: erl_syntax:syntaxTree().
-type tree_or_trees() :: tree() | [tree()].
-type id() :: atom() | integer().
-type template() :: tree() | {id()} | {'*', id()} | {template, atom(), term(), [[template()]]}.
-type template_or_templates() :: template() | [template()].
-type pattern_or_patterns() :: template_or_templates().
-type env() :: [{id(), pattern_or_patterns()}].
-type text() :: string() | binary() | [string()] | [binary()].
-type location() :: erl_anno:location().
-type switch_action() :: fun((env()) -> any()).
-type guard_test() :: fun((env()) -> boolean()).
-type guarded_action() :: switch_action() | {guard_test(), switch_action()}.
-type switch_clause() :: {pattern_or_patterns(), guarded_action() | [guarded_action()]}
                       | {pattern_or_patterns(), guard_test(), switch_action()}
                       | fun(() -> any()).

%% Modules.

-doc "The same as `compile(Code, [])`.".
-spec compile(tree_or_trees()) -> compile:comp_ret().
compile(Code) -> compile(Code, []).

-doc "Compiles the forms of a module to a binary. Errors and warnings are printed.".
-spec compile(tree_or_trees(), [compile:option()]) -> compile:comp_ret().
compile(Code, Options) ->
    Forms = erl_syntax:revert_forms(lists:flatten([tree(Code)])),
    compile:forms(Forms, [verbose, report_errors, report_warnings, binary | Options]).

-doc "The same as `compile_and_load(Code, [])`.".
-spec compile_and_load(tree_or_trees()) -> {ok, binary()} | error | {error, list(), list()}.
compile_and_load(Code) -> compile_and_load(Code, []).

-doc "Compiles the forms of a module and loads it.".
-spec compile_and_load(tree_or_trees(), [compile:option()]) -> {ok, binary()} | error | {error, list(), list()}.
compile_and_load(Code, Options) ->
    Result = compile(Code, Options),
    case is_tuple(Result) andalso element(1, Result) =:= ok of
        true ->
            {module, _} = code:load_binary(element(2, Result), "", element(3, Result)),
            {ok, element(3, Result)};
        false -> Result
    end.

%% Trees.

-doc "A variable.".
-spec var(atom()) -> tree().
var(Name) -> erl_syntax:variable(Name).

-doc "The tree of a term.".
-spec term(term()) -> tree().
term(Term) -> erl_syntax:abstract(Term).

-doc "Prints the text of trees or templates.".
-spec print(tree_or_trees()) -> ok.
print(Trees) -> lists:foreach(fun(T) -> io:put_chars([erl_prettypr:format(tree(T)), $\n]) end, listed(Trees)).

-doc "Prints the nodes of trees or templates, one a line, with a `+` between groups of subtrees.".
-spec show(tree_or_trees()) -> ok.
show(Trees) -> lists:foreach(fun(T) -> io:put_chars([structure(tree(T), 0), $\n]) end, listed(Trees)).

structure(Tree, Indent) ->
    Margin = lists:duplicate(Indent, $\s),
    Head = Margin ++ atom_to_list(erl_syntax:type(Tree)) ++ ": ",
    Text = [case C of $\n -> $\s; _ -> C end || C <- unindented(erl_prettypr:format(erl_syntax_lib:limit(Tree, 3), [{paper, 500}, {ribbon, 500}]))],
    Groups = [[structure(T, Indent + 2) || T <- Group] || Group <- erl_syntax:subtrees(Tree), Group =/= []],
    [cut(Head ++ Text), $\n, lists:join([Margin, "  +\n"], Groups)].

%% Lines joined by single spaces.
unindented([$\n | Rest]) -> [$\n | unindented(lists:dropwhile(fun(C) -> C =:= $\s end, Rest))];
unindented([C | Rest]) -> [C | unindented(Rest)];
unindented([]) -> [].

cut(Line) when length(Line) > 79 -> lists:sublist(Line, 76) ++ "...";
cut(Line) -> Line.

listed(Trees) when is_list(Trees) -> Trees;
listed(Tree) -> [Tree].

%% Quoting.

-doc "The same as `qquote(1, Text, Env)`.".
-spec qquote(text(), env()) -> tree_or_trees().
qquote(Text, Env) -> qquote(1, Text, Env).

-doc "Parses text that begins at a location, and substitutes metavariables in it.".
-spec qquote(location(), text(), env()) -> tree_or_trees().
qquote(Location, Text, Env) -> subst(quote(Location, Text), Env).

-doc "The same as `quote(1, Text)`.".
-spec quote(text()) -> tree_or_trees().
quote(Text) -> quote(1, Text).

-doc """
Parses text that begins at a location. The text is forms, expressions, or clauses of a function, a `case` or a `try`; if it
has several parts, their trees come in a list. Throws `{error, Message}` if it is none of that.
""".
-spec quote(location(), text()) -> tree_or_trees().
quote(Location, Text) -> gerl_merl_quote:parse(Location, Text).

%% Templates.

-doc "The template of trees: metavariables, and what is around them, in a form of their own.".
-spec template(pattern_or_patterns()) -> template_or_templates().
template(Trees) -> gerl_merl:template(Trees).

-doc "The trees of templates. Metavariables become atoms and integers with their prefixes.".
-spec tree(template_or_templates()) -> tree_or_trees().
tree(Templates) -> gerl_merl:tree(Templates).

-doc "An ordered list of the names of a template's metavariables.".
-spec template_vars(template_or_templates()) -> [id()].
template_vars(Templates) -> gerl_merl:variables(Templates).

-doc "The tree of an expression that evaluates to a template, with variables of the program for metavariables with capital letters.".
-spec meta_template(template_or_templates()) -> tree_or_trees().
meta_template(Templates) -> gerl_merl:meta(Templates).

-doc "Trees with metavariables replaced by trees, or by lists of trees.".
-spec subst(pattern_or_patterns(), env()) -> tree_or_trees().
subst(Trees, Env) when is_list(Trees) -> [subst(T, Env) || T <- Trees];
subst(Tree, Env) -> gerl_merl:tree_of(gerl_merl:substitute(template(Tree), Env)).

-doc "Like `subst/2`, but the result is a template.".
-spec tsubst(pattern_or_patterns(), env()) -> template_or_templates().
tsubst(Trees, Env) when is_list(Trees) -> [gerl_merl:substitute(template(T), Env) || T <- Trees];
tsubst(Tree, Env) -> gerl_merl:substitute(template(Tree), Env).

-doc "A template with metavariables renamed.".
-spec alpha(pattern_or_patterns(), [{id(), id()}]) -> template_or_templates().
alpha(Trees, Names) when is_list(Trees) -> [gerl_merl:rename(template(T), Names) || T <- Trees];
alpha(Tree, Names) -> gerl_merl:rename(template(Tree), Names).

-doc "Matches a pattern (or several) with a tree (or as many); the result binds metavariables, in the order of their names.".
-spec match(pattern_or_patterns(), tree_or_trees()) -> {ok, env()} | error.
match(Patterns, Trees) -> gerl_merl:match(Patterns, Trees).

-doc """
The result of the first clause whose pattern matches and whose guard, if there is one, is true. A fun without
parameters is a clause for everything. Raises `merl_switch_clause` if there is none.
""".
-spec switch(tree_or_trees(), [switch_clause()]) -> any().
switch(_, []) -> error(merl_switch_clause);
switch(_, [Default | _]) when is_function(Default, 0) -> Default();
switch(Trees, [{Patterns, Guard, Action} | Clauses]) -> switch(Trees, [{Patterns, [{Guard, Action}]} | Clauses]);
switch(Trees, [{Patterns, Actions} | Clauses]) ->
    case match(Patterns, Trees) of
        {ok, Env} ->
            case chosen(listed(Actions), Env) of
                none -> switch(Trees, Clauses);
                Action -> Action(Env)
            end;
        error -> switch(Trees, Clauses)
    end;
switch(_, _) -> error(merl_switch_badarg).

chosen([], _) -> none;
chosen([{Guard, Action} | Actions], Env) when is_function(Guard, 1), is_function(Action, 1) ->
    case Guard(Env) of
        true -> Action;
        false -> chosen(Actions, Env)
    end;
chosen([Action | _], _) when is_function(Action, 1) -> Action;
chosen(_, _) -> error(merl_switch_badarg).
