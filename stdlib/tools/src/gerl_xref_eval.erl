-module(gerl_xref_eval).
-moduledoc """
Evaluation of xref's queries.

Values are `{set, Type, Vertices}`, `{edges, Type, Calls}`, `{closure, Type, Calls}` (standing for all chains of these calls), `{chain, Type,
Vertices}`, `{placed, Pairs}` (functions with lines), `{called, Pairs}` (calls with lines), `{all_lines, Pairs}`, `{components, Sets}`, and numbers.
""".

-export([query/3, answer/1]).

-import(gerl_xref_graph, [convert/3]).

-doc "The value of a query's last statement, and the user variables afterwards.".
-spec query([term()], map(), map()) -> {ok, term(), map()} | {error, term()}.
query(Statements, User, Graph) ->
    try
        {Value, _, Kept} = lists:foldl(fun(S, {_, Bound, Keep}) -> statement(S, Bound, Keep, Graph) end, {none, User, User}, Statements),
        {ok, Value, Kept}
    catch
        throw:{failed, Reason} -> {error, Reason}
    end.

statement({assign, How, Name, Expr}, Bound, Keep, #{variables := Predefined} = Graph) ->
    (maps:is_key(Name, Bound) orelse maps:is_key(Name, Predefined)) andalso failed({variable_reassigned, gerl_xref_parse:text({assign, How, Name, Expr})}),
    Value = eval(Expr, Bound, Graph),
    {Value, Bound#{Name => Value}, case How of keep -> Keep#{Name => Value}; forget -> Keep end};
statement(Expr, Bound, Keep, Graph) -> {eval(Expr, Bound, Graph), Bound, Keep}.

failed(Reason) -> throw({failed, Reason}).

%% An operator that does not fit its operands throws `wrong`; the innermost expression with it is told.
eval(Expr, Bound, Graph) ->
    try value(Expr, Bound, Graph)
    catch throw:wrong -> failed({type_error, gerl_xref_parse:text(Expr)})
    end.

value({var, 'EE'}, _, #{mode := functions} = Graph) -> {edges, function, inter(Graph)};
value({var, Name}, Bound, #{variables := Predefined}) ->
    case {Bound, Predefined} of
        {#{Name := Value}, _} -> Value;
        {_, #{Name := Value}} -> Value;
        _ -> failed({unknown_variable, Name})
    end;
value({const, Constants, Type}, _, Graph) -> constants(Constants, Type, Graph);
value({tuple, Pair, Type}, Bound, Graph) ->
    [{vertex, A}, {vertex, B}] = Pair,
    eval({const, [{edge, A, B}], Type}, Bound, Graph);
value({chain, Constants, Type}, _, Graph) -> chain(Constants, Type, Graph);
value({regexp, Text, Type}, _, Graph) ->
    {set, Type, [V || V <- all(Type, Graph), matches(Text, atom_to_list(V))]};
value({regfun, M, F, A, Type}, _, Graph) ->
    Found = [V || {VM, VF, VA} = V <- all(function, Graph), like(M, VM), like(F, VF), like(A, VA)],
    convert({set, function, Found}, Type, Graph);
value({cast, Type, Expr}, Bound, Graph) -> cast(eval(Expr, Bound, Graph), Type, Graph);
value({lines, Operator, Expr}, Bound, Graph) -> lines(Operator, eval(Expr, Bound, Graph), Graph);
value({count, Expr}, Bound, Graph) ->
    case eval(Expr, Bound, Graph) of
        {closure, _, _} -> throw(wrong);
        N when is_integer(N) -> throw(wrong);
        {Kind, Pairs} when Kind =:= called; Kind =:= all_lines -> lists:sum([length(Ls) || {_, Ls} <- Pairs]);
        Value -> length(element(tuple_size(Value), Value))
    end;
value({unary, Operator, Expr}, Bound, Graph) -> unary(Operator, eval(Expr, Bound, Graph), Graph);
value({binary, 'of', {tuple, [{vertex, A}, {vertex, B}], Type}, Expr}, Bound, Graph) ->
    eval({binary, 'of', {chain, [{vertex, A}, {vertex, B}], Type}, Expr}, Bound, Graph);
value({binary, 'of', {const, [{edge, A, B}], Type}, Expr}, Bound, Graph) ->
    eval({binary, 'of', {chain, [{vertex, A}, {vertex, B}], Type}, Expr}, Bound, Graph);
value({binary, Operator, Left, Right}, Bound, Graph) -> binary(Operator, eval(Left, Bound, Graph), eval(Right, Bound, Graph), Graph).

%% Constants.

all(function, #{functions := Functions}) -> Functions;
all(module, Graph) -> vertices('M', Graph);
all(application, Graph) -> vertices('A', Graph);
all(release, Graph) -> vertices('R', Graph).

vertices(Name, #{variables := Variables}) -> element(3, maps:get(Name, Variables)).

constants([{vertex, _} | _] = Constants, Type, Graph) ->
    Vertices = [V || {vertex, V} <- Constants],
    To = common(Vertices, Type, Graph),
    {set, To, ordsets:from_list(Vertices)};
constants([{edge, _, _} | _] = Constants, Type, Graph) ->
    Ends = lists:append([[A, B] || {edge, A, B} <- Constants]),
    To = common(Ends, Type, Graph),
    {edges, To, ordsets:from_list([{A, B} || {edge, A, B} <- Constants])}.

%% The type of all of some vertices: the given one, or the most general one that there is.
common(Vertices, any, Graph) ->
    case lists:usort([guess(V, Graph) || V <- Vertices]) of
        [Type] -> Type;
        [_ | _] -> failed({type_mismatch, shown(hd(Vertices)), shown(lists:last(Vertices))})
    end;
common(Vertices, Type, Graph) ->
    [ordsets:is_element(V, all(Type, Graph)) orelse failed({unknown_constant, shown(V)}) || V <- Vertices],
    Type.

guess(V, Graph) ->
    Types = if is_tuple(V) -> [function]; true -> [release, application, module] end,
    case [T || T <- Types, ordsets:is_element(V, all(T, Graph))] of
        [Type | _] -> Type;
        [] -> failed({unknown_constant, shown(V)})
    end.

shown({M, F, A}) -> lists:flatten(io_lib:format("~tp:~tp/~p", [M, F, A]));
shown(V) -> lists:flatten(io_lib:format("~tp", [V])).

chain(Constants, Type, Graph) ->
    Vertices = lists:foldr(fun({vertex, V}, Vs) -> [V | Vs];
                              ({edge, A, B}, [B | _] = Vs) -> [A | Vs];
                              ({edge, A, B}, Vs) -> [A, B | Vs]
                           end, [], Constants),
    {chain, common(Vertices, Type, Graph), Vertices}.

matches(Text, Name) ->
    case re:run(Name, ["^(?:", Text, ")$"], [unicode]) of
        {match, _} -> true;
        nomatch -> false
    end.

like(any, _) -> true;
like({match, Text}, Value) when is_atom(Value) -> matches(Text, atom_to_list(Value));
like({match, Text}, Value) -> matches(Text, integer_to_list(Value));
like(Value, Value) -> true;
like(_, _) -> false.

%% Casts and lines.

cast({Kind, _, _} = Value, Type, Graph) when Kind =:= set; Kind =:= edges -> convert(Value, Type, Graph);
cast({closure, From, Edges}, Type, Graph) ->
    {edges, _, Converted} = convert({edges, From, closure(Edges)}, Type, Graph),
    {closure, Type, Converted};
cast({placed, Pairs}, Type, Graph) -> convert({set, function, ordsets:from_list([F || {F, _} <- Pairs])}, Type, Graph);
cast({called, Pairs}, Type, Graph) -> convert({edges, function, ordsets:from_list([E || {E, _} <- Pairs])}, Type, Graph);
cast({all_lines, Pairs}, Type, Graph) -> convert({edges, function, ordsets:from_list([{A, B} || {{{A, _}, {B, _}}, _} <- Pairs])}, Type, Graph);
cast(_, _, _) -> throw(wrong).

lines('XXL', {called, Pairs}, Graph) ->
    {_, Definitions} = gerl_xref_graph:lines(Graph),
    Place = fun(F) -> {F, maps:get(F, Definitions, 0)} end,
    {all_lines, lists:sort([{{Place(A), Place(B)}, Ls} || {{A, B}, Ls} <- Pairs])};
lines('XXL', {all_lines, _} = Value, _) -> Value;
lines('XXL', _, _) -> throw(wrong);
lines(Operator, {Kind, _} = Value, Graph) when Kind =:= called; Kind =:= placed; Kind =:= all_lines ->
    lines(Operator, cast(Value, function, Graph), Graph);
lines('Lin', {set, _, _} = Value, Graph) ->
    {set, function, Functions} = convert(Value, function, Graph),
    {_, Definitions} = gerl_xref_graph:lines(Graph),
    {placed, [{F, maps:get(F, Definitions, 0)} || F <- Functions]};
lines(Operator, {edges, _, _} = Value, #{local_lines := Local, external_lines := External, call_lines := All} = Graph) ->
    {edges, function, Edges} = convert(Value, function, Graph),
    Lines = case Operator of
                'Lin' -> All;
                'LLin' -> Local;
                'XLin' -> External;
                'ELin' -> inter_lines(Graph)
            end,
    {called, [{E, Ls} || E <- Edges, #{E := Ls} <- [Lines]]};
lines(_, _, _) -> throw(wrong).

%% Operators.

unary(closure, {edges, Type, Edges}, _) -> {closure, Type, Edges};
unary(closure, {closure, _, _} = Value, _) -> Value;
unary(domain, Value, _) -> {Type, Edges} = calls(domain, Value), {set, Type, ordsets:from_list([A || {A, _} <- Edges])};
unary(range, Value, _) -> {Type, Edges} = calls(range, Value), {set, Type, ordsets:from_list([B || {_, B} <- Edges])};
unary(strict, {closure, _, _}, _) -> throw(wrong);
unary(strict, Value, _) -> {Type, Edges} = calls(strict, Value), {edges, Type, [E || {A, B} = E <- Edges, A =/= B]};
unary(components, Value, _) ->
    {_, Edges} = calls(components, Value),
    {components, with_digraph(Edges, fun(G) -> lists:sort([lists:sort(C) || C <- digraph_utils:cyclic_strong_components(G)]) end)};
unary(condensation, Value, _) ->
    {_, Edges} = calls(condensation, Value),
    {components, with_digraph(Edges, fun condensed/1)};
unary(_, _, _) -> throw(wrong).

calls(_, {edges, Type, Edges}) -> {Type, Edges};
calls(_, {closure, Type, Edges}) -> {Type, closure(Edges)};
calls(_, _) -> throw(wrong).

condensed(G) ->
    C = digraph_utils:condensation(G),
    try lists:usort([{lists:sort(A), lists:sort(B)} || E <- digraph:edges(C), {_, A, B, _} <- [digraph:edge(C, E)]])
    after digraph:delete(C)
    end.

with_digraph(Edges, Fun) ->
    G = digraph:new(),
    try
        lists:foreach(fun({A, B}) -> digraph:add_vertex(G, A), digraph:add_vertex(G, B), digraph:add_edge(G, A, B) end, Edges),
        Fun(G)
    after
        digraph:delete(G)
    end.

binary('of', {chain, Type, Vertices}, Value, Graph) ->
    {From, Edges} = case Value of {closure, T, Es} -> {T, Es}; _ -> calls('of', Value) end,
    {edges, Type, Converted} = convert({edges, From, Edges}, Type, Graph),
    with_digraph(Converted, fun(G) -> {path, path(Vertices, G)} end);
binary('of', _, _, _) -> throw(wrong);
binary(Operator, {closure, Type, Edges}, {set, _, _} = Set, Graph) when Operator =:= '|'; Operator =:= '||'; Operator =:= '|||' ->
    {set, Type, Vertices} = convert(Set, Type, Graph),
    {edges, Type, case Operator of
                      '|' -> reached(Edges, Vertices);
                      '||' -> ordsets:from_list([{A, B} || {B, A} <- reached([{B, A} || {A, B} <- Edges], Vertices)]);
                      '|||' -> [E || {_, B} = E <- reached(Edges, Vertices), ordsets:is_element(B, Vertices)]
                  end};
binary(Operator, {edges, Type, Edges}, {set, _, _} = Set, Graph) when Operator =:= '|'; Operator =:= '||'; Operator =:= '|||' ->
    {set, Type, Vertices} = convert(Set, Type, Graph),
    In = fun(V) -> ordsets:is_element(V, Vertices) end,
    {edges, Type, case Operator of
                      '|' -> [E || {A, _} = E <- Edges, In(A)];
                      '||' -> [E || {_, B} = E <- Edges, In(B)];
                      '|||' -> [E || {A, B} = E <- Edges, In(A), In(B)]
                  end};
binary(Operator, Left, Right, _) when is_integer(Left), is_integer(Right), Operator =/= '|' -> erlang:Operator(Left, Right);
binary(Operator, {closure, Type, Edges}, Right, Graph) -> binary(Operator, {edges, Type, closure(Edges)}, Right, Graph);
binary(Operator, Left, {closure, Type, Edges}, Graph) -> binary(Operator, Left, {edges, Type, closure(Edges)}, Graph);
binary(Operator, {Kind, A, _} = Left, {Kind, B, _} = Right, Graph) when Kind =:= set; Kind =:= edges ->
    Type = hd([T || T <- [function, module, application, release], T =:= A orelse T =:= B]),
    {Kind, Type, First} = convert(Left, Type, Graph),
    {Kind, Type, Second} = convert(Right, Type, Graph),
    {Kind, Type, combine(Operator, First, Second)};
binary(Operator, {Kind, First}, {Kind, Second}, _) when Kind =/= path -> {Kind, merge(Operator, First, Second)};
binary(_, _, _, _) -> throw(wrong).

combine('+', A, B) -> ordsets:union(A, B);
combine('*', A, B) -> ordsets:intersection(A, B);
combine('-', A, B) -> ordsets:subtract(A, B);
combine(_, _, _) -> throw(wrong).

%% Sets with lines: those of the same element are combined.
merge(Operator, First, [{_, L} | _] = Second) when is_list(L) -> merged(Operator, First, Second);
merge(Operator, [{_, L} | _] = First, Second) when is_list(L) -> merged(Operator, First, Second);
merge(Operator, First, Second) -> combine(Operator, First, Second).

merged(Operator, First, Second) ->
    {A, B} = {maps:from_list(First), maps:from_list(Second)},
    Keys = lists:usort(maps:keys(A) ++ maps:keys(B)),
    [{K, Ls} || K <- Keys, Ls <- [combine(Operator, maps:get(K, A, []), maps:get(K, B, []))], Ls =/= []].

path([Last], _) -> [Last];
path([A, B | Rest], G) ->
    case digraph:get_short_path(G, A, B) of
        false -> false;
        Part ->
            case path([B | Rest], G) of
                false -> false;
                More -> Part ++ tl(More)
            end
    end.

%% All pairs of a vertex and what it reaches.
closure(Edges) -> reached(Edges, ordsets:from_list([A || {A, _} <- Edges])).

reached(Edges, Vertices) ->
    Next = maps:groups_from_list(fun({A, _}) -> A end, fun({_, B}) -> B end, Edges),
    ordsets:from_list([{V, R} || V <- Vertices, R <- reachable(maps:get(V, Next, []), Next, #{})]).

reachable([], _, Seen) -> maps:keys(Seen);
reachable([V | Vs], Next, Seen) when is_map_key(V, Seen) -> reachable(Vs, Next, Seen);
reachable([V | Vs], Next, Seen) -> reachable(maps:get(V, Next, []) ++ Vs, Next, Seen#{V => true}).

%% The inter call graph: chains between exported or unused functions that pass through used local ones only.
inter(Graph) ->
    {Through, Next, Starts} = inter_parts(Graph),
    ordsets:from_list([{S, T} || S <- Starts, T <- ends(maps:get(S, Next, []), Next, Through, #{}, [])]).

inter_parts(#{variables := Variables}) ->
    [L, X, E] = [element(3, maps:get(Name, Variables)) || Name <- ['L', 'X', 'E']],
    Used = ordsets:from_list([B || {A, B} <- E, A =/= B]),
    Through = ordsets:intersection(L, Used),
    Ends = ordsets:union(X, ordsets:subtract(L, Used)),
    Next = maps:groups_from_list(fun({A, _}) -> A end, fun({_, B}) -> B end, [{A, B} || {A, B} <- E, ordsets:is_element(B, L) orelse ordsets:is_element(B, X)]),
    {maps:from_list([{F, true} || F <- Through]), Next, Ends}.

ends([], _, _, _, Found) -> Found;
ends([V | Vs], Next, Through, Seen, Found) when is_map_key(V, Seen) -> ends(Vs, Next, Through, Seen, Found);
ends([V | Vs], Next, Through, Seen, Found) when is_map_key(V, Through) ->
    ends(maps:get(V, Next, []) ++ Vs, Next, Through, Seen#{V => true}, Found);
ends([V | Vs], Next, Through, Seen, Found) -> ends(Vs, Next, Through, Seen#{V => true}, [V | Found]).

inter_lines(#{call_lines := Lines} = Graph) ->
    {Through, Next, Starts} = inter_parts(Graph),
    Found = [{{S, T}, maps:get({S, F}, Lines)} || S <- Starts, F <- maps:get(S, Next, []), T <- ends([F], Next, Through, #{}, [])],
    maps:map(fun(_, Ls) -> lists:usort(lists:append(Ls)) end, maps:groups_from_list(fun({E, _}) -> E end, fun({_, Ls}) -> Ls end, Found)).

-doc "A value as the answer of a query.".
-spec answer(term()) -> term().
answer(N) when is_integer(N) -> N;
answer({closure, _, _}) -> 'closure()';
answer(Value) -> element(tuple_size(Value), Value).
