-module(merl_transform).
-moduledoc """
The parse transform behind `merl.hrl`.

Calls of `merl:quote/1,2` and `merl:qquote/2,3` with literal text become templates at compile time, with the program's variables for
metavariables with capital letters. Such calls may also be patterns: on the left of a match, and in the clauses of a `case`.
Text that does not parse stays as it is, and fails when it is evaluated.
""".

-export([parse_transform/2]).

-doc "The forms with quoted code evaluated.".
-spec parse_transform([erl_syntax:syntaxTree()], [term()]) -> [erl_syntax:syntaxTree()].
parse_transform(Forms, _Options) -> [erl_syntax:revert(expand(F)) || F <- Forms].

expand(Tree) ->
    case erl_syntax:type(Tree) of
        attribute -> Tree;
        match_expr -> match(Tree, quoted(erl_syntax:match_expr_pattern(Tree)));
        case_expr ->
            Clauses = erl_syntax:case_expr_clauses(Tree),
            case lists:any(fun is_quoted_clause/1, Clauses) of
                true -> switch(Tree, Clauses);
                false -> below(Tree)
            end;
        application ->
            case quoted(Tree) of
                none -> below(Tree);
                {Template, Env} -> build(Template, Env, Tree)
            end;
        _ -> below(Tree)
    end.

below(Tree) ->
    case erl_syntax:subtrees(Tree) of
        [] -> Tree;
        Groups ->
            case [[expand(T) || T <- Group] || Group <- Groups] of
                Groups -> Tree;
                Expanded -> erl_syntax:revert(erl_syntax:update_tree(Tree, Expanded))
            end
    end.

%% The template of a call that quotes literal text, and the tree of its environment.
quoted(Tree) ->
    case erl_syntax:type(Tree) =:= application andalso try erl_syntax_lib:analyze_application(Tree) catch throw:_ -> none end of
        {merl, {quote, 1}} -> quoted(erl_syntax:integer(1), erl_syntax:application_arguments(Tree), none);
        {merl, {quote, 2}} -> located(erl_syntax:application_arguments(Tree), none);
        {merl, {qquote, 2}} ->
            [Text, Env] = erl_syntax:application_arguments(Tree),
            quoted(erl_syntax:integer(1), [Text], Env);
        {merl, {qquote, 3}} ->
            [Location, Text, Env] = erl_syntax:application_arguments(Tree),
            quoted(Location, [Text], Env);
        _ -> none
    end.

located([Location, Text], Env) -> quoted(Location, [Text], Env).

quoted(Location, [Text], Env) ->
    case erl_syntax:is_literal(Location) andalso erl_syntax:is_literal(Text) of
        true ->
            try {merl:template(merl:quote(erl_syntax:concrete(Location), erl_syntax:concrete(Text))), Env}
            catch _:_ -> none
            end;
        false -> none
    end.

call(Function, Arguments) -> erl_syntax:application(erl_syntax:atom(merl), erl_syntax:atom(Function), Arguments).

at(Source, Tree) -> erl_syntax:revert(erl_syntax_lib:map(fun(T) -> place(Source, T) end, Tree)).

place(Source, Tree) ->
    case erl_syntax:get_pos(Tree) of
        0 -> erl_syntax:copy_pos(Source, Tree);
        _ -> Tree
    end.

%% The program's variables in a template as an environment.
automatic(Template) ->
    [erl_syntax:tuple([erl_syntax:abstract(Id), value(V)])
     || Id <- merl:template_vars(Template), V <- [gerl_merl_names:program_variable(Id)], V =/= none].

value({tree, Name}) -> erl_syntax:variable(Name);
value({term, Name}) -> call(term, [erl_syntax:variable(Name)]).

build(Template, Given, Source) ->
    Quoted = erl_syntax:abstract(Template),
    Tree = case {automatic(Template), Given} of
               {[], none} -> case merl:template_vars(Template) of [] -> Quoted; _ -> call(tree, [Quoted]) end;
               {Env, none} -> call(subst, [Quoted, erl_syntax:list(Env)]);
               {Env, _} ->
                   Both = erl_syntax:infix_expr(erl_syntax:list(Env), erl_syntax:operator('++'), expand(Given)),
                   call(subst, [Quoted, Both])
           end,
    at(Source, Tree).

%% The pattern for the environment that a match of a template gives.
environment(Template) ->
    Named = [Id || Id <- merl:template_vars(Template), Id =/= '_', Id =/= 0],
    erl_syntax:list([erl_syntax:tuple([erl_syntax:abstract(Id), bound(gerl_merl_names:program_variable(Id))]) || Id <- Named]).

bound(none) -> erl_syntax:underscore();
bound({_, Name}) -> erl_syntax:variable(Name).

%% Like OTP's, a match whose pattern is quoted has the result of merl:match/2 as its value.
match(Tree, none) -> below(Tree);
match(Tree, {Template, _}) ->
    Matched = call(match, [erl_syntax:abstract(Template), expand(erl_syntax:match_expr_body(Tree))]),
    Pattern = erl_syntax:tuple([erl_syntax:atom(ok), environment(Template)]),
    at(Tree, erl_syntax:match_expr(Pattern, Matched)).

is_quoted_clause(Clause) ->
    case erl_syntax:clause_patterns(Clause) of
        [Pattern] -> quoted(Pattern) =/= none;
        _ -> false
    end.

switch(Tree, Clauses) ->
    Argument = expand(erl_syntax:case_expr_argument(Tree)),
    at(Tree, call(switch, [Argument, erl_syntax:list([clause(C) || C <- Clauses])])).

clause(Clause) ->
    [Pattern] = erl_syntax:clause_patterns(Clause),
    Body = [expand(E) || E <- erl_syntax:clause_body(Clause)],
    Guard = erl_syntax:clause_guard(Clause),
    case {erl_syntax:type(Pattern), Guard} of
        {underscore, none} -> fun_of([], Body);
        {underscore, _} -> guarded(erl_syntax:abstract({'_'}), erl_syntax:list([]), Guard, Body);
        _ ->
            {Template, _} = quoted(Pattern),
            guarded(erl_syntax:abstract(Template), environment(Template), Guard, Body)
    end.

guarded(Template, Env, none, Body) -> erl_syntax:tuple([Template, fun_of([Env], Body)]);
guarded(Template, Env, Guard, Body) ->
    Unused = erl_syntax_lib:map(fun(T) -> case erl_syntax:type(T) of variable -> keep(T, Guard); _ -> T end end, Env),
    erl_syntax:tuple([Template, fun_of([Unused], [test(Guard)]), fun_of([Env], Body)]).

%% A variable that the guard does not use must not be bound there, lest the compiler warns.
keep(Variable, Guard) ->
    case sets:is_element(erl_syntax:variable_name(Variable), erl_syntax_lib:variables(Guard)) of
        true -> Variable;
        false -> erl_syntax:underscore()
    end.

fun_of(Patterns, Body) -> erl_syntax:fun_expr([erl_syntax:clause(Patterns, none, Body)]).

%% A guard as an expression.
test(Guard) ->
    case erl_syntax:type(Guard) of
        disjunction -> joined('orelse', erl_syntax:disjunction_body(Guard));
        conjunction -> joined('andalso', erl_syntax:conjunction_body(Guard));
        _ -> expand(Guard)
    end.

joined(_, [Last]) -> test(Last);
joined(Operator, [Test | Tests]) -> erl_syntax:infix_expr(test(Test), erl_syntax:operator(Operator), joined(Operator, Tests)).
