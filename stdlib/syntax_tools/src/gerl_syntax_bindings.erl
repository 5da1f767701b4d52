-module(gerl_syntax_bindings).
-moduledoc """
Which variables are bound before a node, bound by it, and used in it without being bound there.

Every step gives the annotated node with the variables that it binds and those that are free in it. Parts of a node
are either evaluated side by side (each sees what was bound before the node) or one after the other.
""".

-export([annotate/2]).

-import(ordsets, [union/2, union/1, subtract/2, intersection/1]).

-doc "See `erl_syntax_lib:annotate_bindings/2`.".
-spec annotate(erl_syntax:syntaxTree(), [atom()]) -> erl_syntax:syntaxTree().
annotate(Tree, Env) ->
    {Annotated, _, _} = expr(Tree, Env),
    Annotated.

expr(Tree, Env) -> expr(erl_syntax:type(Tree), Tree, Env).

expr(variable, Tree, Env) -> done(Tree, Env, [], [erl_syntax:variable_name(Tree)]);
expr(match_expr, Tree, Env) -> match(Tree, Env);
expr(maybe_match_expr, Tree, Env) -> match(Tree, Env);
expr(case_expr, Tree, Env) ->
    [[Argument], Clauses] = erl_syntax:subtrees(Tree),
    {A, Bound, Free} = expr(Argument, Env),
    {Cs, BoundC, FreeC} = clauses(Clauses, union(Env, Bound)),
    done(Tree, Env, [[A], Cs], union(Bound, BoundC), union(Free, subtract(FreeC, Bound)));
expr(if_expr, Tree, Env) ->
    [Clauses] = erl_syntax:subtrees(Tree),
    {Cs, Bound, Free} = clauses(Clauses, Env),
    done(Tree, Env, [Cs], Bound, Free);
expr(receive_expr, Tree, Env) -> receiving(Tree, erl_syntax:subtrees(Tree), Env);
expr(try_expr, Tree, Env) -> trying(Tree, erl_syntax:subtrees(Tree), Env);
expr(catch_expr, Tree, Env) ->
    [[Body]] = erl_syntax:subtrees(Tree),
    {B, _, Free} = expr(Body, Env),
    done(Tree, Env, [[B]], [], Free);
expr(fun_expr, Tree, Env) -> closed(Tree, Env, []);
expr(function, Tree, Env) ->
    [Name, Clauses] = erl_syntax:subtrees(Tree),
    {N, _, FreeN} = side_by_side(Name, Env),
    {Cs, _, Free} = clauses(Clauses, Env),
    done(Tree, Env, [N, Cs], [], union(FreeN, Free));
expr(named_fun_expr, Tree, Env) ->
    [[Name], Clauses] = erl_syntax:subtrees(Tree),
    Itself = [erl_syntax:variable_name(Name)],
    {N, _, _} = done(Name, Env, Itself, []),
    {Cs, _, Free} = clauses(Clauses, union(Env, Itself)),
    done(Tree, Env, [[N], Cs], [], subtract(Free, Itself));
expr(Type, Tree, Env) when Type =:= list_comp; Type =:= binary_comp; Type =:= map_comp ->
    [Template, Body] = erl_syntax:subtrees(Tree),
    {B, Bound, FreeB} = in_turn(Body, Env),
    {T, _, FreeT} = side_by_side(Template, union(Env, Bound)),
    done(Tree, Env, [T, B], [], union(FreeB, subtract(FreeT, Bound)));
expr(block_expr, Tree, Env) ->
    [Body] = erl_syntax:subtrees(Tree),
    {B, Bound, Free} = in_turn(Body, Env),
    done(Tree, Env, [B], Bound, Free);
expr(maybe_expr, Tree, Env) ->
    [Body | Else] = erl_syntax:subtrees(Tree),
    {B, _, Free} = in_turn(Body, Env),
    {E, _, FreeE} = side_by_side(lists:append(Else), Env),
    done(Tree, Env, [B | [E || Else =/= []]], [], union(Free, FreeE));
expr(else_expr, Tree, Env) ->
    [Clauses] = erl_syntax:subtrees(Tree),
    {Cs, _, Free} = clauses(Clauses, Env),
    done(Tree, Env, [Cs], [], Free);
expr(macro, Tree, Env) ->
    case erl_syntax:macro_arguments(Tree) of
        none -> done(Tree, Env, [], []);
        Arguments ->
            {As, Bound, Free} = side_by_side(Arguments, Env),
            [Name | _] = erl_syntax:subtrees(Tree),
            done(Tree, Env, [Name, As], Bound, Free)
    end;
expr(Type, Tree, Env) when Type =:= generator; Type =:= binary_generator; Type =:= map_generator;
                           Type =:= strict_generator; Type =:= strict_binary_generator; Type =:= strict_map_generator ->
    [[Pattern], [Body]] = erl_syntax:subtrees(Tree),
    {P, Bound, FreeP} = pattern(Pattern, []),
    {B, _, FreeB} = expr(Body, Env),
    done(Tree, Env, [[P], [B]], Bound, union(FreeB, subtract(FreeP, Bound)));
expr(_, Tree, Env) ->
    case erl_syntax:subtrees(Tree) of
        [] -> done(Tree, Env, [], []);
        Groups ->
            {Gs, Bounds, Frees} = lists:unzip3([side_by_side(Group, Env) || Group <- Groups]),
            done(Tree, Env, Gs, union(Bounds), union(Frees))
    end.

match(Tree, Env) ->
    [[Pattern], [Body]] = erl_syntax:subtrees(Tree),
    {P, BoundP, FreeP} = pattern(Pattern, Env),
    {B, BoundB, FreeB} = expr(Body, Env),
    done(Tree, Env, [[P], [B]], union(BoundP, BoundB), union(FreeP, FreeB)).

closed(Tree, Env, Itself) ->
    [Clauses] = erl_syntax:subtrees(Tree),
    {Cs, _, Free} = clauses(Clauses, Env),
    done(Tree, Env, [Cs], [], subtract(Free, Itself)).

receiving(Tree, [Clauses], Env) ->
    {Cs, _, Free} = clauses(Clauses, Env),
    done(Tree, Env, [Cs], [], Free); % as OTP has it: without a timeout nothing counts as bound
receiving(Tree, [Clauses, [Timeout], Action], Env) ->
    {T, BoundT, FreeT} = expr(Timeout, Env),
    {A, BoundA, FreeA} = in_turn(Action, Env),
    Late = union(BoundT, BoundA),
    {Cs, Bound, Free} = case Clauses of
                            [] -> {[], Late, []};
                            _ -> clauses(Clauses, Env)
                        end,
    done(Tree, Env, [Cs, [T], A], intersection([Bound, Late]), union([Free, FreeT, FreeA])).

trying(Tree, [Body, Clauses, Handlers, After], Env) ->
    {B, BoundB, FreeB} = in_turn(Body, Env),
    {Cs, _, FreeC} = clauses(Clauses, union(Env, BoundB)),
    {Hs, _, FreeH} = clauses(Handlers, Env),
    {A, _, FreeA} = in_turn(After, Env),
    done(Tree, Env, [B, Cs, Hs, A], [], union([FreeB, subtract(FreeC, BoundB), FreeH, FreeA])).

%% Clauses bind what each of them binds; those that never end normally do not count.
clauses([], _) -> {[], [], []};
clauses(Clauses, Env) ->
    Done = [clause(C, Env) || C <- Clauses],
    {Cs, _, Frees} = lists:unzip3(Done),
    {Cs, intersection([Bound || {_, Bound, _} <- Done]), union(Frees)}.

clause(Clause, Env) ->
    Patterns = erl_syntax:clause_patterns(Clause),
    {Ps, BoundP, FreeP} = patterns(Patterns, Env),
    Inside = union(Env, BoundP),
    {Guard, BoundG, FreeG} = case erl_syntax:clause_guard(Clause) of
                                 none -> {none, [], []};
                                 G -> expr(G, Inside)
                             end,
    {B, BoundB, FreeB} = in_turn(erl_syntax:clause_body(Clause), union(Inside, BoundG)),
    Here = union(BoundP, BoundG),
    Free = union(FreeP, subtract(union(FreeG, FreeB), Here)),
    finish(erl_syntax:copy_attrs(Clause, erl_syntax:clause(Ps, Guard, B)), Env, union(Here, BoundB), Free).

patterns(Patterns, Env) ->
    {Ps, Bounds, Frees} = lists:unzip3([pattern(P, Env) || P <- Patterns]),
    {Ps, union(Bounds), union(Frees)}.

%% In a pattern, variables that are not bound yet get bound.
pattern(Tree, Env) ->
    case erl_syntax:type(Tree) of
        variable ->
            Name = erl_syntax:variable_name(Tree),
            case ordsets:is_element(Name, Env) of
                true -> done(Tree, Env, [], [Name]);
                false -> done(Tree, Env, [Name], [])
            end;
        match_expr ->
            [[Left], [Right]] = erl_syntax:subtrees(Tree),
            {L, BoundL, FreeL} = pattern(Left, Env),
            {R, BoundR, FreeR} = pattern(Right, Env),
            done(Tree, Env, [[L], [R]], union(BoundL, BoundR), union(FreeL, FreeR));
        macro ->
            case erl_syntax:macro_arguments(Tree) of
                none -> done(Tree, Env, [], []);
                Arguments ->
                    {As, Bound, Free} = patterns(Arguments, Env),
                    [Name | _] = erl_syntax:subtrees(Tree),
                    done(Tree, Env, [Name, As], Bound, Free)
            end;
        _ ->
            case erl_syntax:subtrees(Tree) of
                [] -> done(Tree, Env, [], []);
                Groups ->
                    {Gs, Bounds, Frees} = lists:unzip3([patterns(Group, Env) || Group <- Groups]),
                    done(Tree, Env, Gs, union(Bounds), union(Frees))
            end
    end.

side_by_side(Trees, Env) ->
    {Ts, Bounds, Frees} = lists:unzip3([expr(T, Env) || T <- Trees]),
    {Ts, union(Bounds), union(Frees)}.

in_turn(Trees, Env) ->
    {Ts, {Bound, Free}} =
        lists:mapfoldl(fun(Tree, {BoundSoFar, FreeSoFar}) ->
                           {T, Bound, Free} = expr(Tree, union(Env, BoundSoFar)),
                           {T, {union(BoundSoFar, Bound), union(FreeSoFar, subtract(Free, BoundSoFar))}}
                       end, {[], []}, Trees),
    {Ts, Bound, Free}.

done(Tree, Env, Bound, Free) -> finish(Tree, Env, Bound, Free).

done(Tree, Env, Groups, Bound, Free) -> finish(erl_syntax:update_tree(Tree, Groups), Env, Bound, Free).

finish(Tree, Env, Bound, Free) ->
    Others = [A || A <- erl_syntax:get_ann(Tree), not is_ours(A)],
    {erl_syntax:set_ann(Tree, [{env, Env}, {bound, Bound}, {free, Free} | Others]), Bound, Free}.

is_ours({Key, _}) -> lists:member(Key, [env, bound, free]);
is_ours(_) -> false.
