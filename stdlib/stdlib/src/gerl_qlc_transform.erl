-module(gerl_qlc_transform).
-moduledoc """
The parse transform of queries: a comprehension becomes a fun that gives a lazy list, see qlc.

A generator is a call of qlc:each/2 with a fun for what follows; a filter is a case, a guard among
them a comprehension of its own, so that it means what it means there.
""".

-export([forms/1, query/1]).

-doc "Forms with all calls of qlc:q/1,2 made evaluable; what cannot be is an error form.".
-spec forms([term()]) -> [term()].
forms(Forms) ->
    {New, Errors} = lists:mapfoldl(fun walk/2, [], Forms),
    %% Behind the forms: the file of an error is that of the -file attribute before it.
    New ++ lists:reverse(Errors).

walk({call, Anno, {remote, _, {atom, _, qlc}, {atom, _, q}} = Callee, [Query | Options]}, Errors) when
    length(Options) < 2
->
    {[Query1 | Options1], Errors1} = walk([Query | Options], Errors),
    case query(Query1) of
        {ok, Fun} -> {{call, Anno, Callee, [Fun | Options1]}, Errors1};
        {error, {At, Module, {used_generator_variable, _} = Why}} ->
            {{call, Anno, Callee, [Query1 | Options1]}, [{error, {At, Module, Why}} | Errors1]};
        {error, {_, Module, Why}} -> {{call, Anno, Callee, [Query1 | Options1]}, [{error, {Anno, Module, Why}} | Errors1]}
    end;
walk(Tuple, Errors) when is_tuple(Tuple) ->
    {List, Errors1} = walk(tuple_to_list(Tuple), Errors),
    {list_to_tuple(List), Errors1};
walk([Head | Tail], Errors) ->
    {Head1, Errors1} = walk(Head, Errors),
    {Tail1, Errors2} = walk(Tail, Errors1),
    {[Head1 | Tail1], Errors2};
walk(Term, Errors) ->
    {Term, Errors}.

-doc "The expression that q/1,2 takes for a comprehension.".
-spec query(term()) -> {ok, term()} | {error, {erl_anno:anno(), module(), term()}}.
query({lc, Anno, Answer, Qualifiers}) ->
    %% The compiler does not warn of clauses and names that are not the user's.
    Made = erl_anno:set_generated(true, Anno),
    case [Q || Q <- Qualifiers, lists:member(element(1, Q), [b_generate, m_generate, zip, generate_strict,
                                                            b_generate_strict, m_generate_strict])] of
        [] ->
            case dependent(Qualifiers, #{}) of
                {var, At, Name} -> {error, {At, qlc, {used_generator_variable, Name}}};
                none ->
                    Body = loops(Qualifiers, Answer, Made),
                    Fun = {'fun', Made, {clauses, [{clause, Made, [], [], [Body]}]}},
                    {ok, {tuple, Made, [{atom, Made, gerl_qlc}, Fun]}}
            end;
        [Bad | _] ->
            {error, {element(2, Bad), qlc, generator}}
    end;
query(Other) ->
    {error, {element(2, Other), qlc, not_a_query_list_comprehension}}.

%% A variable of a generator that the list of a later one uses: all lists of a query are known before its answers are.
dependent([{generate, _, Pattern, Source} | Rest], Bound) ->
    case [Var || {var, _, Name} = Var <- variables(Source), is_map_key(Name, Bound)] of
        [Var | _] -> Var;
        [] -> dependent(Rest, maps:merge(Bound, #{Name => true || {var, _, Name} <- variables(Pattern), Name =/= '_'}))
    end;
dependent([_ | Rest], Bound) -> dependent(Rest, Bound);
dependent([], _) -> none.

%% Variables in the order of the text. What has variables of its own is left out.
variables({var, _, _} = Var) -> [Var];
variables({Kind, _, _}) when Kind =:= 'fun' -> [];
variables(Tuple) when is_tuple(Tuple), tuple_size(Tuple) > 0 ->
    case lists:member(element(1, Tuple), [named_fun, lc, bc, mc]) of
        true -> [];
        false -> variables(tuple_to_list(Tuple))
    end;
variables([Head | Tail]) -> variables(Head) ++ variables(Tail);
variables(_) -> [].

loops([], Answer, A) ->
    {cons, A, Answer, {nil, A}};
loops([{generate, _, Pattern, Source} | Rest], Answer, A) ->
    Match = {clause, A, [Pattern], [], [loops(Rest, Answer, A)]},
    Else = [{clause, A, [{var, A, '_'}], [], [{nil, A}]} || element(1, Pattern) =/= var],
    Each = {remote, A, {atom, A, qlc}, {atom, A, each}},
    {call, A, Each, [Source, {'fun', A, {clauses, [Match | Else]}}]};
loops([Filter | Rest], Answer, A) ->
    Inner = loops(Rest, Answer, A),
    case erl_lint:is_guard_test(Filter) of
        true ->
            %% A guard that fails is false.
            {'case', A, {lc, A, {atom, A, true}, [Filter]}, [
                {clause, A, [{nil, A}], [], [{nil, A}]},
                {clause, A, [{var, A, '_'}], [], [Inner]}
            ]};
        false ->
            {'case', A, Filter, [
                {clause, A, [{atom, A, true}], [], [Inner]},
                {clause, A, [{atom, A, false}], [], [{nil, A}]}
            ]}
    end.
