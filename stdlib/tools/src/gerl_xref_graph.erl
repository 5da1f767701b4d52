-module(gerl_xref_graph).
-moduledoc """
The call graph of xref: the predefined variables, computed from the data of the modules.
""".

-export([setup/2, convert/3, lines/1]).

-import(ordsets, [union/1, union/2, subtract/2, intersection/2]).

-doc """
The graph of modules and what they belong to. `Library` gives the exported functions of a module that was not added, or
`none`.
""".
-spec setup(map(), fun((module()) -> none | {module(), [mfa()], map()})) -> map().
setup(#{modules := Modules, applications := Applications, mode := Mode}, Library) ->
    All = maps:values(Modules),
    Analyzed = ordsets:from_list(maps:keys(Modules)),
    Get = fun(Key) -> lists:append([maps:get(Key, M) || M <- All]) end,
    Exports = ordsets:from_list(Get(exports)),
    Locals = ordsets:from_list(Get(locals)),
    LocalCalls = Get(local_calls),
    {ExternalCalls, Built} = external(All),
    Imports = ordsets:from_list([I || I <- Get(imports), not is_built_in(I)]),
    LC = edges(LocalCalls),
    XC = edges(ExternalCalls),
    LU = range(LC),
    XU = union(range(XC), Imports),
    B = ordsets:from_list(Built),
    Outside = ordsets:subtract(ordsets:from_list([M || {M, _, _} <- XU]), Analyzed),
    Found = [{M, L} || M <- Outside, L <- [Library(M)], L =/= none],
    LM = ordsets:from_list([M || {M, _} <- Found]),
    LibraryExports = ordsets:from_list(lists:append([Fs || {_, {_, Fs, _}} <- Found])),
    Info = [F || F = {M, module_info, A} <- XU, A =:= 0 orelse A =:= 1, ordsets:is_element(M, Analyzed)],
    X = union([Exports, intersection(XU, LibraryExports), ordsets:from_list(Info)]),
    Known = union([X, Locals, B]),
    U = subtract(union(XU, LU), Known),
    UM = subtract(subtract(subtract(ordsets:from_list([M || {M, _, _} <- XU]), Analyzed), LM), ordsets:from_list([M || {M, _, _} <- B])),
    F = union(Locals, X),
    V = union([F, B, U]),
    Data = All ++ [D || {_, {_, _, D}} <- Found],
    Deprecated = [D || M <- Data, D <- maps:get(deprecated, M)],
    Unsafe = [D || M <- Data, D <- maps:get(unsafe, M)],
    Flagged = fun(Pairs, Flags) -> intersection(ordsets:from_list([P || {P, Flag} <- Pairs, Flags =:= any orelse lists:member(Flag, Flags)]), union(X, B)) end,
    {Public, Private} = lists:foldl(fun(#{docs := {P, Q}}, {Ps, Qs}) -> {P ++ Ps, Q ++ Qs} end, {[], []}, All),
    ME = union(ordsets:from_list([{A, C} || {{A, _, _}, {C, _, _}} <- union(LC, XC)]), ordsets:from_list(Get(module_calls))),
    OfModule = maps:from_list([{M, App} || #{module := M, application := App} <- All, App =/= none]),
    OfApplication = maps:from_list([{A, R} || {A, #{release := R}} <- maps:to_list(Applications), R =/= none]),
    Graph = #{mode => Mode, of_module => OfModule, of_application => OfApplication,
              call_lines => call_lines(LocalCalls ++ ExternalCalls), local_lines => call_lines(LocalCalls), external_lines => call_lines(ExternalCalls),
              definitions => lists:foldl(fun(#{lines := L}, Ls) -> maps:merge(Ls, L) end, #{}, All)},
    AE = lift(ME, OfModule),
    Sets = #{'L' => Locals, 'X' => X, 'F' => F, 'B' => B, 'U' => U, 'XU' => XU, 'LU' => LU, 'V' => V,
             'UU' => subtract(union(Exports, Locals), union(XU, LU)), 'OL' => ordsets:from_list(Get(on_load)),
             'DF' => Flagged(Deprecated, any), 'DF_1' => Flagged(Deprecated, [next_version]),
             'DF_2' => Flagged(Deprecated, [next_version, next_major_release]),
             'DF_3' => Flagged(Deprecated, [next_version, next_major_release, eventually]),
             'DC' => ordsets:from_list(Public ++ Private), 'DC_1' => ordsets:from_list(Public), 'DC_2' => ordsets:from_list(Private),
             'US' => Flagged(Unsafe, any), 'US_1' => Flagged(Unsafe, [undefined]), 'US_2' => Flagged(Unsafe, [possibly])},
    Calls = #{'LC' => LC, 'XC' => XC, 'E' => union(LC, XC), 'UC' => edges(Get(unresolved))},
    Variables =
        maps:merge(maps:map(fun(_, S) -> {set, function, S} end, Sets),
                   maps:merge(maps:map(fun(_, S) -> {edges, function, S} end, Calls),
                              #{'AM' => {set, module, Analyzed}, 'LM' => {set, module, LM}, 'UM' => {set, module, UM},
                                'M' => {set, module, union([Analyzed, LM, UM])}, 'ME' => {edges, module, ME},
                                'A' => {set, application, ordsets:from_list(maps:keys(Applications))}, 'AE' => {edges, application, AE},
                                'R' => {set, release, ordsets:from_list(maps:values(OfApplication))},
                                'RE' => {edges, release, lift(AE, OfApplication)}})),
    Available = case Mode of
                    functions -> Variables#{'EE' => computed_when_needed};
                    modules -> maps:without(['E', 'V', 'L', 'F', 'UU', 'LU', 'OL', 'LC', 'XC'], Variables)
                end,
    Graph#{variables => Available, functions => V}.

%% External calls, and the built-in functions among what they call. These count only where the option says so.
external(Modules) ->
    Calls = lists:append([[{maps:get(builtins, M), C} || C <- maps:get(external_calls, M)] || M <- Modules]),
    Kept = [C || {Builtins, {_, To, _} = C} <- Calls, Builtins orelse not is_built_in(To)],
    {Kept, [To || {_, To, _} <- Kept, is_built_in(To)]}.

is_built_in({M, F, A}) -> is_integer(A) andalso A >= 0 andalso erlang:is_builtin(M, F, A).

edges(Calls) -> ordsets:from_list([{From, To} || {From, To, _} <- Calls]).
range(Edges) -> ordsets:from_list([To || {_, To} <- Edges]).

lift(Edges, Of) -> ordsets:from_list([{A, B} || {From, To} <- Edges, #{From := A, To := B} <- [Of]]).

call_lines(Calls) ->
    Grouped = lists:foldl(fun({From, To, Line}, Map) -> maps:update_with({From, To}, fun(Ls) -> [Line | Ls] end, [Line], Map) end, #{}, Calls),
    maps:map(fun(_, Lines) -> lists:usort(Lines) end, Grouped).

-doc "The lines of calls, and of the definitions of functions.".
-spec lines(map()) -> {map(), map()}.
lines(#{call_lines := Calls, definitions := Definitions}) -> {Calls, Definitions}.

-doc "A set of vertices or calls as one of another type, step by step.".
-spec convert(term(), atom(), map()) -> term().
convert({Kind, Type, _} = Value, Type, _) when Kind =:= set; Kind =:= edges -> Value;
convert({Kind, From, Elements}, To, Graph) ->
    case rank(From) < rank(To) of
        true -> convert({Kind, next(From), up(Kind, From, Elements, Graph)}, To, Graph);
        false -> convert({Kind, previous(From), down(Kind, From, Elements, Graph)}, To, Graph)
    end.

rank(function) -> 1;
rank(module) -> 2;
rank(application) -> 3;
rank(release) -> 4.

next(function) -> module;
next(module) -> application;
next(application) -> release.

previous(release) -> application;
previous(application) -> module;
previous(module) -> function.

up(set, From, Elements, Graph) -> ordsets:from_list([P || E <- Elements, P <- parent(From, E, Graph)]);
up(edges, From, Elements, Graph) -> ordsets:from_list([{P, Q} || {A, B} <- Elements, P <- parent(From, A, Graph), Q <- parent(From, B, Graph)]).

parent(function, {M, _, _}, _) -> [M];
parent(module, M, #{of_module := Of}) -> [A || #{M := A} <- [Of]];
parent(application, A, #{of_application := Of}) -> [R || #{A := R} <- [Of]].

%% Calls of a more special type are those of the graph between the parts.
down(set, From, Elements, Graph) ->
    ordsets:from_list([V || V <- vertices(previous(From), Graph), P <- parent(previous(From), V, Graph), ordsets:is_element(P, Elements)]);
down(edges, From, Elements, Graph) ->
    Lower = previous(From),
    ordsets:from_list([E || {A, B} = E <- calls(Lower, Graph), P <- parent(Lower, A, Graph), Q <- parent(Lower, B, Graph),
                            ordsets:is_element({P, Q}, Elements)]).

vertices(function, #{functions := Functions}) -> Functions;
vertices(Type, Graph) -> element(3, maps:get(case Type of module -> 'M'; application -> 'A' end, maps:get(variables, Graph))).
calls(function, #{mode := modules}) -> [];
calls(Type, Graph) -> element(3, maps:get(case Type of function -> 'E'; module -> 'ME'; application -> 'AE' end, maps:get(variables, Graph))).
