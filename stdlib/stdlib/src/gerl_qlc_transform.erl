-module(gerl_qlc_transform).
-moduledoc """
The parse transform of queries: the calls of qlc:q/1,2 get code for their comprehensions (gerl_qlc_code makes it of
what gerl_qlc_facts finds out).

That code is marked as generated, so the compiler is silent about it. What there is to say of a comprehension is
found by a check of the module as it was written; it is reported with the transform's own errors and warnings.
""".

-export([forms/2, expression/2]).

-record(way, {records, record_forms, hidden, file = "nofile", count = 0, errors = [], warnings = [], places = #{}}).

-doc "The forms of a module with all queries evaluable; with errors, the module as it was and the errors.".
-spec forms([term()], [term()]) -> [term()].
forms(Forms, Options) ->
    Imported = gerl_qlc_forms:is_imported(Forms),
    {New, Way} = lists:mapfoldl(fun(Form, Way) -> form(Form, Imported, Way) end, start(Forms), Forms),
    case Way of
        #way{count = 0, errors = []} -> Forms;
        #way{errors = [_ | _] = Errors} -> Forms ++ messages(error, lists:reverse(Errors));
        #way{warnings = Warnings, places = Places} ->
            Said = [{File, W} || {File, Ws} <- checked(Forms, Options), {Place, _, _} = W <- Ws, is_map_key({File, Place}, Places)],
            Still = [{File, W} || Said =/= [], {File, Ws} <- checked(New, Options), W <- Ws],
            New ++ messages(warning, (Said -- Still) ++ lists:reverse(Warnings))
    end.

start(Forms) ->
    #way{records = gerl_qlc_forms:records(Forms), hidden = gerl_qlc_forms:hidden(Forms),
         record_forms = [R || {attribute, _, record, _} = R <- Forms]}.

%% The messages of a check; errors keep the module from being compiled anyway.
checked(Forms, Options) ->
    Sound = [F || F <- Forms, element(1, F) =/= error, element(1, F) =/= warning],
    try erl_lint:module(Sound, "nofile", Options) of
        {ok, Warnings} -> Warnings;
        {error, _, Warnings} -> Warnings
    catch
        error:_ -> []
    end.

%% The file of a message is that of the attribute in front of it.
messages(Kind, Messages) ->
    lists:append([[{attribute, erl_anno:new(0), file, {File, 0}}, {Kind, Message}] || {File, Message} <- lists:usort(Messages)]).

form({attribute, _, file, {File, _}} = Form, _, Way) -> {Form, Way#way{file = File}};
form({Kind, _, _, _, _} = Form, Imported, Way) when Kind =:= function ->
    gerl_qlc_forms:queries(fun replaced/4, Way, {Form, Imported});
form(Form, _, Way) -> {Form, Way}.

replaced({call, Anno, _, [Written | _]}, {call, _, Callee, [Evaluated | Options]} = Call, Bound, #way{places = Places, file = File} = Way0) ->
    Own = #{{File, Place} => [] || Place := _ <- gerl_qlc_forms:positions(Written)},
    Way = Way0#way{places = maps:merge(Places, Own)},
    case problems(Written, Bound) of
        [] ->
            {Query, Problem} = made(Anno, Written, Evaluated, Bound, Way),
            Warnings = [{File, {erl_anno:location(Anno), qlc, Problem}} || Problem =/= none] ++ Way#way.warnings,
            {{call, Anno, Callee, [Query | Options]}, Way#way{count = Way#way.count + 1, warnings = Warnings}};
        Problems ->
            Errors = [{File, {if At =:= call -> erl_anno:location(Anno); true -> erl_anno:location(At) end, qlc, Why}} || {At, Why} <- Problems],
            {Call, Way#way{errors = lists:reverse(Errors) ++ Way#way.errors}}
    end.

problems({lc, _, _, Qualifiers}, Bound) ->
    [{element(2, Q), binary_generator} || Q <- Qualifiers, lists:member(element(1, Q), [b_generate, b_generate_strict])]
        ++ [{element(2, Q), unsupported_generator} || Q <- Qualifiers,
                                                      lists:member(element(1, Q), [m_generate, m_generate_strict, zip, generate_strict])]
        ++ [{At, {used_generator_variable, Name}} || {var, At, Name} <- dependent(Qualifiers, Bound, [])];
problems(_, _) -> [{call, not_a_query_list_comprehension}].

%% Variables of a generator or a filter in the source of a later generator: all sources are known before any answer is.
dependent([{generate, _, Pattern, Source} | Rest], Bound, Own) ->
    [Var || {var, _, Name} = Var <- gerl_qlc_forms:free(Source), lists:member(Name, Own)]
        ++ dependent(Rest, Bound, gerl_qlc_forms:names(Pattern) ++ Own);
dependent([Filter | Rest], Bound, Own) -> dependent(Rest, Bound, introduced(Filter, Bound, Own) ++ Own);
dependent([], _, _) -> [].

introduced(Filter, Bound, Own) ->
    lists:usort([Name || {var, _, Name} <- gerl_qlc_forms:free(Filter), not is_map_key(Name, Bound), not lists:member(Name, Own)]).

made(Anno, Written, Evaluated, Bound, #way{count = Id, records = Records, record_forms = RecordForms, hidden = Hidden}) ->
    {lc, _, Template, WrittenQualifiers} = Written,
    Qualifiers = numbered(WrittenQualifiers, 1, Bound, [], {maps:keys(Records), RecordForms, Hidden}),
    Facts = gerl_qlc_facts:all(Template, Qualifiers, #{records => Records, record_forms => RecordForms, hidden => Hidden}),
    {gerl_qlc_code:query(Id, Anno, Written, Evaluated, {Qualifiers, Facts}), map_get(join_problem, Facts)}.

numbered([{generate, _, Pattern, _} | Rest], N, Bound, Own, Known) ->
    Names = gerl_qlc_forms:names(Pattern),
    [{N, {gen, Pattern}, Names} | numbered(Rest, N + 1, Bound, Names ++ Own, Known)];
numbered([Filter | Rest], N, Bound, Own, {_, RecordForms, Hidden} = Known) ->
    Guard = erl_lint:is_guard_test(Filter, RecordForms, Hidden) andalso not gerl_qlc_forms:calls(Filter, Hidden),
    Names = if Guard -> []; true -> introduced(Filter, Bound, Own) end,
    [{N, {fil, Filter, Guard}, Names} | numbered(Rest, N + 1, Bound, Names ++ Own, Known)];
numbered([], _, _, _, _) -> [].

-doc "The query for a comprehension that an evaluator has, with the names of its variables.".
-spec expression(term(), [atom()]) -> {ok, term()} | {error, {erl_anno:location(), module(), term()}}.
expression(Comprehension, Names) ->
    A = case Comprehension of {lc, Anno, _, _} -> Anno; _ -> erl_anno:new(1) end,
    Call = {call, A, {remote, A, {atom, A, qlc}, {atom, A, q}}, [Comprehension]},
    Clause = {clause, A, [{var, A, Name} || Name <- Names], [], [Call]},
    Function = {function, A, query, length(Names), [Clause]},
    Module = [{attribute, A, file, {"nofile", 1}}, {attribute, A, module, query},
              {attribute, A, export, [{query, length(Names)}]}],
    {{function, _, _, _, [{clause, _, _, _, [{call, _, _, [Query]}]}]}, Way} = form(Function, false, start([])),
    case Way of
        #way{errors = [_ | _] = Errors} ->
            {_, {Place, Where, Why}} = lists:last(Errors),
            {error, {Place, Where, Why}};
        _ ->
            case erl_lint:module(Module ++ [Function], "nofile", []) of
                {error, Files, _} ->
                    %% functions of the prompt are found when they are called
                    case [E || {_, Errors} <- Files, {_, _, Why} = E <- Errors, not is_undefined(Why)] of
                        [First | _] -> {error, First};
                        [] -> {ok, Query}
                    end;
                _ -> {ok, Query}
            end
    end.

is_undefined({undefined_function, _}) -> true;
is_undefined({undefined_function, _, _}) -> true;
is_undefined(_) -> false.
