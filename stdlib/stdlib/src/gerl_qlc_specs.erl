-module(gerl_qlc_specs).
-moduledoc """
Match specifications for the generators of queries: module ms_transform makes them of the patterns and of those
filters that it can translate.
""".

-export([all/4]).

-doc """
For each generator with filters that can become part of one: its number, the code of the specification (the atom
no_match_spec if it would choose everything as it is), and the filters in it. With the query's only generator and
all its filters the template is in it, too: then `all` stands for the filters.
""".
-spec all(term(), [gerl_qlc_facts:qualifier()], [{pos_integer(), term(), [pos_integer()]}], map()) ->
    [{pos_integer(), term(), all | [pos_integer()]}].
all(Template, Qualifiers, Guards, Given) ->
    Generators = [{N, Pattern} || {N, {gen, Pattern}, _} <- Qualifiers],
    Filters = [N || {N, {fil, _, _}, _} <- Qualifiers],
    Possible = [{N, Pattern, Parts} || {N, Pattern} <- Generators,
                                       Parts <- [[{F, Filter} || {F, Filter, [Needs]} <- Guards, Needs =:= N,
                                                                 spec({nil, 0}, Pattern, [Filter], Given) =/= none]],
                                       Parts =/= [] orelse Filters =:= []],
    case {Possible, Generators} of
        {[{N, Pattern, Parts}], [_]} when length(Parts) =:= length(Filters) ->
            case spec(Template, Pattern, [F || {_, F} <- Parts], Given) of
                none -> partial(Possible, Given);
                Spec -> [{N, Spec, all}]
            end;
        _ -> partial(Possible, Given)
    end.

partial(Possible, Given) ->
    [{N, Spec, [F || {F, _} <- Parts]} || {N, Pattern, Parts} <- Possible,
                                          {Object, Pattern1} <- [with_object(Pattern)],
                                          Spec <- [spec(Object, Pattern1, [F || {_, F} <- Parts], Given)], Spec =/= none].

%% A pattern with a variable for the whole object.
with_object({var, At, '_'}) -> named(At, none);
with_object({var, _, _} = Var) -> {Var, Var};
with_object({match, At, {var, _, '_'}, Pattern}) -> named(At, Pattern);
with_object({match, At, Pattern, {var, _, '_'}}) -> named(At, Pattern);
with_object({match, _, {var, _, _} = Var, _} = Pattern) -> {Var, Pattern};
with_object({match, _, _, {var, _, _} = Var} = Pattern) -> {Var, Pattern};
with_object(Pattern) -> named(element(2, Pattern), Pattern).

named(At, none) -> {{var, At, 'gerl$Object'}, {var, At, 'gerl$Object'}};
named(At, Pattern) -> {{var, At, 'gerl$Object'}, {match, At, Pattern, {var, At, 'gerl$Object'}}}.

spec(Body, Pattern, Filters, #{record_forms := Records}) ->
    A = erl_anno:new(1),
    Guard = case Filters of [] -> []; _ -> [[both(Filters, A)]] end,
    Fun = {'fun', A, {clauses, [{clause, A, [gerl_qlc_forms:anonymous(Pattern, [Pattern, Guard, Body])], Guard, [Body]}]}},
    Call = {call, A, {remote, A, {atom, A, ets}, {atom, A, fun2ms}}, [Fun]},
    Forms = Records ++ [{function, A, spec, 0, [{clause, A, [], [], [Call]}]}],
    try
        Made =
            case ms_transform:parse_transform(Forms, []) of
                {warning, Warned, _} -> Warned;
                Plain -> Plain
            end,
        case [E || {function, _, spec, 0, [{clause, _, [], [], [E]}]} <- Made] of
            [Spec] when Spec =/= Call -> chooses(Spec);
            _ -> none
        end
    catch
        _:_ -> none
    end.

both([Filter], _) -> Filter;
both([Filter | Filters], A) -> {op, A, 'andalso', Filter, both(Filters, A)}.

chooses(Spec) ->
    try erl_parse:normalise(Spec) of
        [{'$1', Guard, ['$1']}] when Guard =:= []; Guard =:= [true] -> {atom, element(2, Spec), no_match_spec};
        [{'$1', Guard, ['$_']}] when Guard =:= []; Guard =:= [true] -> {atom, element(2, Spec), no_match_spec};
        _ -> Spec
    catch
        error:_ -> Spec
    end.
