-module(digraph_utils).
-moduledoc "Traversals, components and other properties of the graphs of digraph; gerl_graphs does the work.".

-export([components/1, strong_components/1, cyclic_strong_components/1, condensation/1]).
-export([reachable/2, reachable_neighbours/2, reaching/2, reaching_neighbours/2]).
-export([preorder/1, postorder/1, topsort/1]).
-export([is_acyclic/1, is_tree/1, is_arborescence/1, arborescence_root/1, loop_vertices/1]).
-export([subgraph/2, subgraph/3]).

out(G) -> fun(V) -> digraph:out_neighbours(G, V) end.
in(G) -> fun(V) -> digraph:in_neighbours(G, V) end.
both(G) -> fun(V) -> digraph:in_neighbours(G, V) ++ digraph:out_neighbours(G, V) end.

-doc "The parts that hang together, directions apart.".
-spec components(digraph:graph()) -> [[digraph:vertex()]].
components(G) -> gerl_graphs:components(digraph:vertices(G), both(G)).

-doc "The largest parts within which every vertex is reached from every other one.".
-spec strong_components(digraph:graph()) -> [[digraph:vertex()]].
strong_components(G) -> gerl_graphs:strong_components(digraph:vertices(G), out(G), in(G)).

-doc "The strong components that have a cycle.".
-spec cyclic_strong_components(digraph:graph()) -> [[digraph:vertex()]].
cyclic_strong_components(G) ->
    Out = out(G),
    [Part || Part <- strong_components(G), gerl_graphs:is_cyclic_component(Part, Out)].

-doc "A graph whose vertices are the strong components of this one.".
-spec condensation(digraph:graph()) -> digraph:graph().
condensation(G) ->
    Parts = strong_components(G),
    Home = #{V => Part || Part <- Parts, V <- Part},
    To = digraph:new(kind(G)),
    [digraph:add_vertex(To, Part) || Part <- Parts],
    [digraph:add_edge(To, Part, Other)
     || Part <- Parts,
        Other <- lists:usort([map_get(W, Home) || V <- Part, W <- digraph:out_neighbours(G, V)]),
        Other =/= Part],
    To.

kind(G) -> [Value || {Item, Value} <- digraph:info(G), Item =/= memory].

-doc "The vertices and all that can be reached from them.".
-spec reachable([digraph:vertex()], digraph:graph()) -> [digraph:vertex()].
reachable(Vs, G) when is_list(Vs) -> gerl_graphs:reachable(Vs, out(G)).

-doc "What can be reached from the vertices over one edge or more.".
-spec reachable_neighbours([digraph:vertex()], digraph:graph()) -> [digraph:vertex()].
reachable_neighbours(Vs, G) when is_list(Vs) -> gerl_graphs:reachable_by_edges(Vs, out(G)).

-doc "The vertices and all from which they can be reached.".
-spec reaching([digraph:vertex()], digraph:graph()) -> [digraph:vertex()].
reaching(Vs, G) when is_list(Vs) -> gerl_graphs:reachable(Vs, in(G)).

-doc "From where the vertices can be reached over one edge or more.".
-spec reaching_neighbours([digraph:vertex()], digraph:graph()) -> [digraph:vertex()].
reaching_neighbours(Vs, G) when is_list(Vs) -> gerl_graphs:reachable_by_edges(Vs, in(G)).

-doc "All vertices, each before those that were first reached through it.".
-spec preorder(digraph:graph()) -> [digraph:vertex()].
preorder(G) -> gerl_graphs:preorder(starts(G), out(G)).

-doc "All vertices, each after those that were first reached through it.".
-spec postorder(digraph:graph()) -> [digraph:vertex()].
postorder(G) -> gerl_graphs:postorder(starts(G), out(G)).

%% Trees begin where no edge ends, as far as there are such vertices.
starts(G) -> lists:reverse(digraph:source_vertices(G)) ++ digraph:vertices(G).

-doc "The vertices in an order that all edges follow; false if there is a cycle.".
-spec topsort(digraph:graph()) -> [digraph:vertex()] | false.
topsort(G) ->
    case cyclic_strong_components(G) of
        [] -> lists:reverse(postorder(G));
        Cyclic ->
            case lists:all(fun(Part) -> length(Part) =:= 1 end, Cyclic) of
                true -> lists:reverse(postorder(G));
                false -> false
            end
    end.

-doc "Whether there is no cycle.".
-spec is_acyclic(digraph:graph()) -> boolean().
is_acyclic(G) -> gerl_graphs:is_acyclic(digraph:vertices(G), out(G)).

-doc "Whether there is exactly one way between any two vertices, directions apart.".
-spec is_tree(digraph:graph()) -> boolean().
is_tree(G) -> digraph:no_edges(G) =:= digraph:no_vertices(G) - 1 andalso length(components(G)) =:= 1.

-doc "Whether the graph is a tree in which all edges lead away from one root.".
-spec is_arborescence(digraph:graph()) -> boolean().
is_arborescence(G) -> arborescence_root(G) =/= no.

-doc "The root of a tree in which all edges lead away from it.".
-spec arborescence_root(digraph:graph()) -> no | {yes, digraph:vertex()}.
arborescence_root(G) ->
    case digraph:no_edges(G) =:= digraph:no_vertices(G) - 1 andalso digraph:source_vertices(G) of
        [Root] ->
            case [V || V <- digraph:vertices(G), digraph:in_degree(G, V) > 1] of
                [] -> {yes, Root};
                _ -> no
            end;
        _ -> no
    end.

-doc "The vertices with an edge to themselves.".
-spec loop_vertices(digraph:graph()) -> [digraph:vertex()].
loop_vertices(G) -> [V || V <- digraph:vertices(G), lists:member(V, digraph:out_neighbours(G, V))].

-doc "The graph of some of the vertices and the edges between them.".
-spec subgraph(digraph:graph(), [digraph:vertex()]) -> digraph:graph().
subgraph(G, Vs) -> subgraph(G, Vs, []).

-doc "subgraph/2 with options: {type, inherit | Type} and {keep_labels, Bool}.".
-spec subgraph(digraph:graph(), [digraph:vertex()], [{type, inherit | [digraph:d_type()]} | {keep_labels, boolean()}]) ->
          digraph:graph().
subgraph(G, Vs, Options) ->
    {Type, Keep} = try choices(Options, {inherit, true}) catch error:_ -> error(badarg) end,
    Kind = case Type of
               inherit -> kind(G);
               _ -> Type
           end,
    Empty = try digraph:new(Kind) catch error:badarg -> error(badarg) end,
    copy(G, Vs, Keep, Empty).

choices([{type, Type} | Rest], {_, Keep}) when is_list(Type); Type =:= inherit -> choices(Rest, {Type, Keep});
choices([{keep_labels, Keep} | Rest], {Type, _}) when is_boolean(Keep) -> choices(Rest, {Type, Keep});
choices([], Choices) -> Choices;
choices(_, _) -> error(badarg).

copy(G, Vs, Keep, To) when is_list(Vs) ->
    Label = fun(L) when Keep -> L;
               (_) -> []
            end,
    Chosen = lists:append(lists:map(fun(V) -> [Vertex || Vertex <- [digraph:vertex(G, V)], Vertex =/= false] end, Vs)),
    [digraph:add_vertex(To, V, Label(L)) || {V, L} <- Chosen],
    [digraph:add_edge(To, E, V, W, Label(L))
     || {V, _} <- lists:usort(Chosen),
        {E, _, W, L} <- [digraph:edge(G, E) || E <- digraph:out_edges(G, V)],
        digraph:vertex(To, W) =/= false],
    To.
