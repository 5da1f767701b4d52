-module(gerl_qlc_code).
-moduledoc """
The code that a query is compiled to, which runs under OTP's qlc as well as under ours.

A query becomes {qlc_v1, Run, Code, Qualifiers, Facts}: a fun that gives its answers, a fun that gives the tuple of
the abstract codes of the template and the qualifiers (for qlc:info/2), the list of its qualifiers and a fun that
answers what module gerl_qlc_facts found. [X || X <- Source] becomes {simple_v1, Name, Source, Place}.

A qualifier is {Number, Index, State, fil | {gen, Source | Join}}. Run(State, Start, Table) looks up in Table, at the
index of a filter, whether it is skipped (-1), and at a generator's index + 2 what gives its objects: a list, a
list with a fun for a tail, or a fun. State and the other elements of the table are for code that is organised
as a machine of states (OTP's is); this code is a nest of loops. A loop's body gets its successor as a fun, so that
the answers are a list that continues in funs.

For each pair of generators that can be joined there is one more qualifier. If its element of the table is not -1
it gives pairs [First | Second], and the second generator has nothing but its object in each turn.
""".

-export([query/5]).

-doc "The expression for a query, from its number, the call, the comprehension as it was written and as it is evaluated.".
-spec query(non_neg_integer(), erl_anno:anno(), Written :: term(), Evaluated :: term(),
            {[gerl_qlc_facts:qualifier()], gerl_qlc_facts:facts()}) -> term().
query(Id, Anno, {lc, _, Written, WrittenQualifiers}, {lc, _, Template, Evaluated}, {Qualifiers, Facts}) ->
    A = erl_anno:set_generated(true, Anno),
    Value =
        case {Written, WrittenQualifiers} of
            {{var, _, Name}, [{generate, _, {var, PatternAt, Name}, _}]} ->
                [{generate, _, _, Source}] = Evaluated,
                Place = erl_parse:abstract(erl_anno:location(PatternAt), erl_anno:line(Anno)),
                {tuple, A, [{atom, A, simple_v1}, {atom, A, Name}, thunk(Source, A), Place]};
            _ ->
                Places = places(Evaluated, 1, 2, 2),
                Joins = join_places(Facts, Places),
                {tuple, A, [{atom, A, qlc_v1}, run(Id, Template, Evaluated, Qualifiers, Places, Joins, A),
                            sources(Written, WrittenQualifiers, Joins, A),
                            described(Evaluated, Places, Joins, Facts, A), answers(Facts, A)]}
        end,
    {tuple, A, [{atom, A, qlc_lc}, thunk(Value, A), {atom, A, undefined}]}.

thunk(Expr, A) -> function([{[], [Expr]}], A).

function(Clauses, A) -> {'fun', A, {clauses, [{clause, A, Args, [], Body} || {Args, Body} <- Clauses]}}.

%% The indices in the table and the states: a generator has three elements and two states, a filter two and one.
places([{generate, _, Pattern, _} | Rest], N, Index, State) ->
    [{N, Index, State, Pattern} | places(Rest, N + 1, Index + 3, State + 2)];
places([_ | Rest], N, Index, State) -> [{N, Index, State, filter} | places(Rest, N + 1, Index + 2, State + 1)];
places([], _, _, _) -> [].

%% {Number, Index, State, Operator, {First, Pattern}, {Second, Pattern}}, behind the other qualifiers.
join_places(#{joins := Joins}, Places) ->
    Pairs =
        case Joins of
            {Equal, Match} ->
                Exact = pairs(Match),
                [{First, Second, '=:='} || {First, Second} <- Exact] ++
                    [{First, Second, '=='} || {First, Second} <- pairs(Equal) -- Exact];
            Both -> [{First, Second, '=='} || {First, Second} <- pairs(Both)]
        end,
    {Number, Index, State} =
        case lists:last(Places) of
            {N, I, S, filter} -> {N + 1, I + 2, S + 1};
            {N, I, S, _} -> {N + 1, I + 3, S + 2}
        end,
    [{Number + K, Index + 3 * K, State + 2 * K, Op, {First, pattern(First, Places)}, {Second, pattern(Second, Places)}}
     || {K, {First, Second, Op}} <- lists:enumerate(0, lists:usort(Pairs))].

pairs(Joins) -> lists:usort([{First, Second} || {[{First, _}, {Second, _}], _} <- Joins]).

pattern(N, Places) -> element(4, lists:keyfind(N, 1, Places)).

%%% ---- what is evaluated ----------------------------------------------------------------------------

run(Id, Template, Evaluated, Qualifiers, Places, Joins, A) ->
    Table = name("Table", Id, 0, A),
    Steps = lists:zip3(Evaluated, Qualifiers, Places),
    Body = body(Steps, gerl_qlc_forms:generated(Template), Table, thunk({nil, A}, A), {Id, Joins, Places, A}),
    function([{[{var, A, '_'}, {var, A, '_'}, Table], [Body]}], A).

name(Name, Id, N, A) -> {var, A, list_to_atom(lists:concat(["gerl$", Name, Id, "_", N]))}.

element_of(Index, Table, A) ->
    {call, A, {remote, A, {atom, A, erlang}, {atom, A, element}}, [{integer, A, Index}, Table]}.

body([], Template, _, Next, {_, _, _, A}) ->
    {cons, A, Template, Next};
body([{Filter, {_, {fil, _, Guard}, _}, {_, Index, _, _}} | Steps], Template, Table, Next, {_, _, _, A} = How) ->
    Inner = body(Steps, Template, Table, Next, How),
    Tested = gerl_qlc_forms:generated(Filter),
    Test =
        case Guard of
            %% A guard that fails is false.
            true -> {op, A, 'orelse', {op, A, '=:=', element_of(Index, Table, A), {integer, A, -1}},
                     {op, A, '=/=', {lc, A, {nil, A}, [Tested]}, {nil, A}}};
            false -> Tested
        end,
    {'case', A, Test, [{clause, A, [{atom, A, true}], [], [Inner]},
                       {clause, A, [{atom, A, false}], [], [{call, A, Next, []}]}]};
body([{{generate, _, Pattern, _}, _, {N, Index, _, _}} | Steps], Template, Table, Next, {Id, Joins, Places, A} = How) ->
    [Loop, Rest, After, Other] = [name(What, Id, N, A) || What <- ["Loop", "Rest", "After", "Other"]],
    Made = gerl_qlc_forms:generated(Pattern),
    Mine = [{JoinIndex, element(2, lists:keyfind(Second, 1, Places))}
            || {_, JoinIndex, _, _, {First, _}, {Second, _}} <- Joins, First =:= N],
    Source = element_of(Index + 2, Table, A),
    End = [{[{nil, A}, After], [{call, A, After, []}]}],
    case Mine of
        [] ->
            Again = thunk({call, A, Loop, [Rest, After]}, A),
            Inner = body(Steps, Template, Table, Again, How),
            Clauses = [{[{cons, A, Made, Rest}, After], [Inner]}] ++
                [{[{cons, A, {var, A, '_'}, Rest}, After], [{call, A, Loop, [Rest, After]}]} || element(1, Pattern) =/= var]
                ++ End ++ continued(Loop, Other, After, A),
            {call, A, named(Loop, Clauses, A), [Source, Next]};
        _ ->
            joined(Mine, {Made, element(1, Pattern) =:= var}, Source, {Loop, Rest, After, Other}, N, Next, Template, Steps, How, Table)
    end.

%% A generator that may be joined: the loop gets the index of the second generator's objects, or 0.
joined(Mine, {Pattern, Any}, Source, {Loop, Rest, After, Other}, N, Next, Template, Steps, {Id, _, _, A} = How, Table) ->
    [Step, Start, Second, Object, Partner, Inside] =
        [name(What, Id, N, A) || What <- ["Step", "Start", "Second", "Object", "Partner", "Inside"]],
    Again = thunk({call, A, Loop, [Rest, Second, After]}, A),
    Alone = {call, A, {remote, A, {atom, A, erlang}, {atom, A, setelement}},
             [Second, Table, {cons, A, Partner, {nil, A}}]},
    Loops = [{clause, A, [{cons, A, {cons, A, Object, Partner}, Rest}, Second, After], [[{op, A, '>', Second, {integer, A, 0}}]],
              [{call, A, Step, [Object, Alone, Again]}]},
             {clause, A, [{cons, A, Object, Rest}, Second, After], [], [{call, A, Step, [Object, Table, Again]}]},
             {clause, A, [{nil, A}, {var, A, '_'}, After], [], [{call, A, After, []}]},
             {clause, A, [Other, Second, After], [[function_test(Other, A)]], [{call, A, Loop, [{call, A, Other, []}, Second, After]}]},
             {clause, A, [Other, {var, A, '_'}, {var, A, '_'}], [], [Other]}],
    Inner = body(Steps, Template, Inside, After, How),
    Clauses = [{[Pattern, Inside, After], [Inner]}] ++
        [{[{var, A, '_'}, {var, A, '_'}, After], [{call, A, After, []}]} || not Any],
    Begin = lists:foldr(fun({JoinIndex, SecondIndex}, Else) ->
        Handle = name("Handle", Id, JoinIndex, A),
        {'case', A, element_of(JoinIndex + 2, Table, A),
         [{clause, A, [{integer, A, -1}], [], [Else]},
          {clause, A, [Handle], [], [{call, A, Start, [Handle, {integer, A, SecondIndex + 2}, Next]}]}]}
    end, {call, A, Start, [Source, {integer, A, 0}, Next]}, Mine),
    {block, A, [{match, A, Step, function(Clauses, A)}, {match, A, Start, {named_fun, A, element(3, Loop), Loops}}, Begin]}.

named({var, _, Name}, Clauses, A) ->
    {named_fun, A, Name, [case C of {Args, Body} -> {clause, A, Args, [], Body}; Clause -> Clause end || C <- Clauses]}.

%% Objects that continue in a fun; anything else is a traversal's error and the answer.
continued(Loop, Other, After, A) ->
    [{clause, A, [Other, After], [[function_test(Other, A)]], [{call, A, Loop, [{call, A, Other, []}, After]}]},
     {clause, A, [Other, {var, A, '_'}], [], [Other]}].

function_test(Var, A) -> {call, A, {remote, A, {atom, A, erlang}, {atom, A, is_function}}, [Var]}.

%%% ---- what describes it ----------------------------------------------------------------------------

sources(Written, Qualifiers, Joins, A) ->
    Parts = [Written] ++ [case Q of {generate, _, Pattern, _} -> Pattern; _ -> Q end || Q <- Qualifiers]
        ++ [{cons, A, First, Second} || {_, _, _, _, {_, First}, {_, Second}} <- Joins],
    Binaries = [{bin, A, [{bin_element, A, {string, A, binary_to_list(term_to_binary(P, [compressed]))}, default, default}]}
                || P <- Parts],
    thunk({tuple, A, Binaries}, A).

described(Evaluated, Places, Joins, #{extra := Extra}, A) ->
    Own = [{tuple, A, [{integer, A, N}, {integer, A, Index}, {integer, A, State},
                       case Q of
                           {generate, _, _, Source} -> {tuple, A, [{atom, A, gen}, thunk(Source, A)]};
                           _ -> {atom, A, fil}
                       end]} || {Q, {N, Index, State, _}} <- lists:zip(Evaluated, Places)],
    list(Own ++ [join(J, Extra, A) || J <- Joins], A).

join({N, Index, State, Op, {First, Pattern1}, {Second, Pattern2}}, Extra, A) ->
    [Constants1, Constants2] = [proplists:get_value(G, Extra, []) || G <- [First, Second]],
    Join = {tuple, A, [{atom, A, join}, {atom, A, Op}, {integer, A, First}, {integer, A, Second},
                       chosen(Pattern1, Constants1, A), chosen(Pattern2, Constants2, A),
                       thunk({tuple, A, [columns(Constants1, A), columns(Constants2, A), {atom, A, v1}]}, A)]},
    {tuple, A, [{integer, A, N}, {integer, A, Index}, {integer, A, State}, {tuple, A, [{atom, A, gen}, Join]}]}.

columns(Constants, A) ->
    list([{tuple, A, [{integer, A, Column},
                      list([{tuple, A, [gerl_qlc_worlds:expression(V, A), {atom, A, Op}]} || {V, Op} <- Values], A)]}
          || {Column, Values} <- Constants], A).

list(Elements, A) -> lists:foldr(fun(E, Tail) -> {cons, A, E, Tail} end, {nil, A}, Elements).

%% A fun of a generator's objects: those that match the pattern and have the constants.
chosen({var, _, _}, [], A) ->
    function([{[{var, A, 'gerl$Objects'}], [{var, A, 'gerl$Objects'}]}], A);
chosen(Pattern, Constants, A) ->
    [Loop, Objects, Object, Rest] = [{var, A, V} || V <- ['gerl$Choose', 'gerl$Objects', 'gerl$Object', 'gerl$Rest']],
    Alias = {match, A, gerl_qlc_forms:generated(gerl_qlc_forms:anonymous(Pattern, Pattern)), Object},
    Guard = [either([{op, A, Op, element_of(Column, Object, A), gerl_qlc_worlds:expression(V, A)} || {V, Op} <- Values], A)
             || {Column, Values} <- Constants],
    Kept = {cons, A, Object, thunk({call, A, Loop, [Rest]}, A)},
    Clauses = [{clause, A, [{cons, A, Alias, Rest}], [Guard || Guard =/= []], [Kept]},
               {clause, A, [{cons, A, {var, A, '_'}, Rest}], [], [{call, A, Loop, [Rest]}]},
               {clause, A, [Objects], [[function_test(Objects, A)]], [{call, A, Loop, [{call, A, Objects, []}]}]},
               {clause, A, [Objects], [], [Objects]}],
    function([{[Objects], [thunk({call, A, {named_fun, A, element(3, Loop), Clauses}, [Objects]}, A)]}], A).

either([Test], _) -> Test;
either([Test | Tests], A) -> {op, A, 'or', Test, either(Tests, A)}.

%%% ---- what is known --------------------------------------------------------------------------------

answers(#{constants := Match, equal_constants := Equal} = Facts, A) ->
    #{joins := Joins, sizes := Sizes, templates := Templates, leading := Leading, constant_columns := Fixed, specs := Specs} = Facts,
    Undefined = {atom, A, undefined},
    ByNumber = fun(Map, Default) ->
        function([{[{integer, A, N}], [literal(V, A)]} || N := V <- maps:iterator(Map, ordered)] ++ [{[{var, A, '_'}], [Default]}], A)
    end,
    Template = function([{[literal(Column, A), {atom, A, Op}], [literal(Ours, A)]} || {Op, Columns} <- Templates, {Column, Ours} <- Columns]
                        ++ [{[{var, A, '_'}, {var, A, '_'}], [{nil, A}]}], A),
    Spec = function([{[{integer, A, N}], [{tuple, A, [gerl_qlc_forms:generated(S), literal(Fs, A)]}]} || {N, S, Fs} <- Specs]
                    ++ [{[{var, A, '_'}], [Undefined]}], A),
    Known = [{join, literal(Joins, A)} || Joins =/= []] ++
        [{size, ByNumber(Sizes, Undefined)}, {template, Template}, {constants, constants(Match, A)}] ++
        [{equal_constants, constants(Equal, A)} || Match =/= Equal] ++
        [{n_leading_constant_columns, ByNumber(Leading, {integer, A, 0})},
         {constant_columns, ByNumber(Fixed, {nil, A})}, {match_specs, Spec}],
    function([{[{atom, A, What}], [Answer]} || {What, Answer} <- Known] ++ [{[{var, A, '_'}], [Undefined]}], A).

literal(Term, A) -> gerl_qlc_forms:generated(erl_parse:abstract(Term, erl_anno:line(A))).

constants(Columns, A) ->
    Useful = [C || {{N, _}, Values, _} = C <- Columns, N > 0 orelse length(Values) =:= 1],
    Numbers = lists:usort([N || {{N, _}, _, _} <- Useful]),
    function([{[{integer, A, N}], [of_number([{P, Values, Skip} || {{M, P}, Values, Skip} <- Useful, M =:= N], A)]} || N <- Numbers]
             ++ [{[{var, A, '_'}], [{atom, A, no_column_fun}]}], A).

of_number(Positions, A) ->
    function([{[{integer, A, P}],
               [{tuple, A, [{atom, A, case Values of [_] -> values; _ -> usort_needed end},
                            list([gerl_qlc_worlds:expression(V, A) || V <- Values], A), literal(Skip, A)]}]}
              || {P, Values, Skip} <- lists:sort(Positions)] ++ [{[{var, A, '_'}], [{atom, A, false}]}], A).
