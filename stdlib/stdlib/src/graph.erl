-module(graph).
-moduledoc """
Directed graphs with labels as plain values: every change gives a new graph.

A vertex has an identity and a label, an edge is the triple {From, To, Label}. The graph keeps the edges
of each vertex as an ordered set, once for those that begin and once for those that end there.
""".

-export([new/0, new/1, info/1, add_vertex/1, add_vertex/2, add_vertex/3, del_vertex/2, del_vertices/2,
         has_vertex/2, vertex/2, vertex/3, vertices/1, vertices_with_labels/1, no_vertices/1,
         fold_vertices/3, source_vertices/1, sink_vertices/1, loop_vertices/1]).
-export([add_edge/3, add_edge/4, del_edge/2, del_edges/2, del_edges/3, has_edge/2, has_edge/3, edges/1,
         edges/2, edges/3, no_edges/1, in_degree/2, in_edges/2, in_neighbours/2, out_degree/2,
         out_edges/2, out_neighbours/2]).
-export([has_path/3, get_path/3, get_short_path/3, get_cycle/2, get_short_cycle/2, del_path/3]).
-export([components/1, strong_components/1, cyclic_strong_components/1, condensation/1, subgraph/2,
         subgraph/3, reachable/2, reachable_via_neighbours/2, reaching/2, reaching_via_neighbours/2,
         preorder/1, preorder/2, postorder/1, postorder/2, reverse_postorder/1, reverse_postorder/2,
         topsort/1, roots/1, is_acyclic/1, is_tree/1, is_arborescence/1, arborescence_root/1]).
-export_type([graph/0, graph_type/0, graph_cyclicity/0, vertex/0, edge/0, label/0]).

-type edge_sets() :: #{vertex() => ordsets:ordset(edge())}.
-record(graph, {labels = #{} :: #{vertex() => label()}, into = #{} :: edge_sets(), from = #{} :: edge_sets(),
                cyclic = true :: boolean(), next = 0 :: non_neg_integer()}).

-type graph() :: #graph{}.
-type vertex() :: term().
-type label() :: term().
-type edge() :: {vertex(), vertex(), label()}.
-type graph_cyclicity() :: acyclic | cyclic.
-type graph_type() :: graph_cyclicity().

%%% ---- the graph and its vertices ----------------------------------------------------------------

-doc "An empty graph in which cycles are allowed.".
-spec new() -> graph().
new() -> #graph{}.

-doc "An empty graph that is cyclic or acyclic.".
-spec new([graph_type()]) -> graph().
new([]) -> #graph{};
new([_ | _] = Types) -> typed(Types, #graph{}).

typed([cyclic | Rest], G) -> typed(Rest, G#graph{cyclic = true});
typed([acyclic | Rest], G) -> typed(Rest, G#graph{cyclic = false});
typed([], G) -> G;
typed(_, _) -> error(badarg).

-doc "Whether cycles are allowed.".
-spec info(graph()) -> [{cyclicity, graph_cyclicity()}].
info(G) -> [{cyclicity, hd(kind(G))}].

kind(G) ->
    case G#graph.cyclic of
        true -> [cyclic];
        false -> [acyclic]
    end.

-doc "Adds a vertex with the next number as its name.".
-spec add_vertex(graph()) -> {vertex(), graph()}.
add_vertex(#graph{next = N} = G) -> {N, add_vertex(G#graph{next = N + 1}, N)}.

-doc "Adds a vertex with the label [].".
-spec add_vertex(graph(), vertex()) -> graph().
add_vertex(G, V) -> add_vertex(G, V, []).

-doc "Adds a vertex, or changes its label.".
-spec add_vertex(graph(), vertex(), label()) -> graph().
add_vertex(G, V, Label) ->
    #graph{labels = Labels} = G,
    G#graph{labels = Labels#{V => Label}}.

-doc "Deletes a vertex and its edges.".
-spec del_vertex(graph(), vertex()) -> graph().
del_vertex(G, V) ->
    #graph{} = G,
    #graph{labels = Labels} = Bare = del_edges(G, edges(G, V)),
    Bare#graph{labels = maps:remove(V, Labels)}.

-doc "Deletes vertices and their edges.".
-spec del_vertices(graph(), [vertex()]) -> graph().
del_vertices(G, [V | Vs]) -> del_vertices(del_vertex(G, V), Vs);
del_vertices(G, []) -> G.

-doc "Whether there is such a vertex.".
-spec has_vertex(graph(), vertex()) -> boolean().
has_vertex(#graph{labels = Labels}, V) -> is_map_key(V, Labels).

-doc "The label of a vertex, which must be there.".
-spec vertex(graph(), vertex()) -> label().
vertex(#graph{labels = Labels}, V) -> maps:get(V, Labels).

-doc "The label of a vertex, or a default.".
-spec vertex(graph(), vertex(), label()) -> label().
vertex(#graph{labels = Labels}, V, Default) -> maps:get(V, Labels, Default).

-doc "All vertices.".
-spec vertices(graph()) -> [vertex()].
vertices(#graph{labels = Labels}) -> maps:keys(Labels).

-doc "All vertices with their labels.".
-spec vertices_with_labels(graph()) -> [{vertex(), label()}].
vertices_with_labels(#graph{labels = Labels}) -> maps:to_list(Labels).

-doc "The number of vertices.".
-spec no_vertices(graph()) -> non_neg_integer().
no_vertices(#graph{labels = Labels}) -> map_size(Labels).

-doc "Fun(Vertex, Label, Acc) over all vertices.".
-spec fold_vertices(graph(), fun((vertex(), label(), Acc) -> Acc), Acc) -> Acc.
fold_vertices(#graph{labels = Labels}, Fun, Acc) -> maps:fold(Fun, Acc, Labels).

-doc "The vertices where no edge ends.".
-spec source_vertices(graph()) -> [vertex()].
source_vertices(#graph{into = Into} = G) -> lists:reverse([V || V <- vertices(G), not is_map_key(V, Into)]).

-doc "The vertices where no edge begins.".
-spec sink_vertices(graph()) -> [vertex()].
sink_vertices(#graph{from = From} = G) -> lists:reverse([V || V <- vertices(G), not is_map_key(V, From)]).

-doc "The vertices with an edge to themselves.".
-spec loop_vertices(graph()) -> [vertex()].
loop_vertices(G) -> [V || V <- vertices(G), has_edge(G, V, V)].

%%% ---- edges -----------------------------------------------------------------------------------------

-doc "Adds an edge with the label [].".
-spec add_edge(graph(), vertex(), vertex()) -> graph().
add_edge(G, V, W) -> add_edge(G, V, W, []).

-doc "Adds an edge; its vertices must be there, and it must not close a cycle in an acyclic graph.".
-spec add_edge(graph(), vertex(), vertex(), label()) -> graph().
add_edge(#graph{labels = Labels, into = Into, from = From} = G, V, W, Label) ->
    G#graph.cyclic orelse V =/= W orelse error({bad_edge, {V, W}}),
    is_map_key(V, Labels) orelse error({bad_vertex, V}),
    is_map_key(W, Labels) orelse error({bad_vertex, W}),
    G#graph.cyclic orelse not has_path(G, W, V) orelse error({bad_edge, {V, W}}),
    Edge = {V, W, Label},
    G#graph{into = more(W, Edge, Into), from = more(V, Edge, From)}.

more(V, Edge, Sets) -> Sets#{V => ordsets:add_element(Edge, maps:get(V, Sets, []))}.

%% A vertex without edges has no set at all.
fewer(V, Edge, Sets) ->
    case Sets of
        #{V := Edges} ->
            case ordsets:del_element(Edge, Edges) of
                [] -> maps:remove(V, Sets);
                Rest -> Sets#{V := Rest}
            end;
        _ -> Sets
    end.

-doc "Deletes an edge.".
-spec del_edge(graph(), edge()) -> graph().
del_edge(G, {V, W, _} = Edge) ->
    #graph{into = Into, from = From} = G,
    G#graph{into = fewer(W, Edge, Into), from = fewer(V, Edge, From)}.

-doc "Deletes edges.".
-spec del_edges(graph(), [edge()]) -> graph().
del_edges(G, [Edge | Edges]) -> del_edges(del_edge(G, Edge), Edges);
del_edges(G, []) -> G.

-doc "Deletes all edges from V to W.".
-spec del_edges(graph(), vertex(), vertex()) -> graph().
del_edges(G, V, W) -> del_edges(G, edges(G, V, W)).

-doc "Whether there is such an edge, with this label.".
-spec has_edge(graph(), edge()) -> boolean().
has_edge(#graph{} = G, {V, _, _} = Edge) -> ordsets:is_element(Edge, out_edges(G, V)).

-doc "Whether an edge leads from V to W.".
-spec has_edge(graph(), vertex(), vertex()) -> boolean().
has_edge(G, V, W) -> edges(G, V, W) =/= [].

-doc "All edges.".
-spec edges(graph()) -> [edge()].
edges(#graph{from = From}) -> lists:append(lists:reverse(maps:values(From))).

-doc "The edges at a vertex; a loop stands there twice.".
-spec edges(graph(), vertex()) -> [edge()].
edges(G, V) -> out_edges(G, V) ++ in_edges(G, V).

-doc "The edges from V to W.".
-spec edges(graph(), vertex(), vertex()) -> ordsets:ordset(edge()).
edges(G, V, W) -> [Edge || {_, To, _} = Edge <- out_edges(G, V), To =:= W].

-doc "The number of edges.".
-spec no_edges(graph()) -> non_neg_integer().
no_edges(#graph{from = From}) -> lists:sum([length(Edges) || Edges <- maps:values(From)]).

-doc "How many edges end at a vertex.".
-spec in_degree(graph(), vertex()) -> non_neg_integer().
in_degree(G, V) -> length(in_edges(G, V)).

-doc "The edges that end at a vertex.".
-spec in_edges(graph(), vertex()) -> [edge()].
in_edges(#graph{into = Into}, V) -> maps:get(V, Into, []).

-doc "The vertices from which an edge leads to this one.".
-spec in_neighbours(graph(), vertex()) -> [vertex()].
in_neighbours(G, V) -> lists:usort([From || {From, _, _} <- in_edges(G, V)]).

-doc "How many edges begin at a vertex.".
-spec out_degree(graph(), vertex()) -> non_neg_integer().
out_degree(G, V) -> length(out_edges(G, V)).

-doc "The edges that begin at a vertex.".
-spec out_edges(graph(), vertex()) -> [edge()].
out_edges(#graph{from = From}, V) -> maps:get(V, From, []).

-doc "The vertices to which an edge leads from this one.".
-spec out_neighbours(graph(), vertex()) -> [vertex()].
out_neighbours(G, V) -> lists:usort([To || {_, To, _} <- out_edges(G, V)]).

out(G) -> fun(V) -> out_neighbours(G, V) end.
in(G) -> fun(V) -> in_neighbours(G, V) end.

%%% ---- paths --------------------------------------------------------------------------------------------

-doc "Whether a path leads from V to W; none is needed to a vertex itself.".
-spec has_path(graph(), vertex(), vertex()) -> boolean().
has_path(_, V, V) -> true;
has_path(G, V, W) -> get_path(G, V, W) =/= false.

-doc "A path of one edge or more, as its vertices.".
-spec get_path(graph(), vertex(), vertex()) -> [vertex(), ...] | false.
get_path(G, V, W) -> gerl_graphs:path(V, W, out(G)).

-doc "A path with as few edges as possible, but one at least.".
-spec get_short_path(graph(), vertex(), vertex()) -> [vertex(), ...] | false.
get_short_path(G, V, W) -> gerl_graphs:short_path(V, W, out(G)).

-doc "A cycle of two edges or more through a vertex; [V] if it only has a loop.".
-spec get_cycle(graph(), vertex()) -> [vertex(), ...] | false.
get_cycle(G, V) -> gerl_graphs:cycle(V, out(G)).

-doc "A cycle through a vertex with as few edges as possible.".
-spec get_short_cycle(graph(), vertex()) -> [vertex(), ...] | false.
get_short_cycle(G, V) -> get_short_path(G, V, V).

-doc "Deletes the edges of paths until none is left from V to W.".
-spec del_path(graph(), vertex(), vertex()) -> graph().
del_path(G, V, W) ->
    case get_path(G, V, W) of
        false -> G;
        [_ | Ends] = Path ->
            Steps = lists:zip(lists:droplast(Path), Ends),
            del_path(lists:foldl(fun({A, B}, Acc) -> del_edges(Acc, A, B) end, G, Steps), V, W)
    end.

%%% ---- the graph's parts ---------------------------------------------------------------------------------

-doc "The parts that hang together, directions apart.".
-spec components(graph()) -> [[vertex()]].
components(G) -> gerl_graphs:components(vertices(G), fun(V) -> in_neighbours(G, V) ++ out_neighbours(G, V) end).

-doc "The largest parts within which every vertex is reached from every other one.".
-spec strong_components(graph()) -> [[vertex()]].
strong_components(G) -> gerl_graphs:strong_components(vertices(G), out(G), in(G)).

-doc "The strong components that have a cycle.".
-spec cyclic_strong_components(graph()) -> [[vertex()]].
cyclic_strong_components(G) ->
    Out = out(G),
    [Part || Part <- lists:reverse(strong_components(G)), gerl_graphs:is_cyclic_component(Part, Out)].

-doc "A graph whose vertices are the strong components of this one.".
-spec condensation(graph()) -> graph().
condensation(G) ->
    Parts = strong_components(G),
    Home = #{V => Part || Part <- Parts, V <- Part},
    Empty = lists:foldl(fun(Part, To) -> add_vertex(To, Part) end, new(kind(G)), Parts),
    Links = [{map_get(V, Home), map_get(W, Home)} || {V, W, _} <- edges(G)],
    lists:foldl(fun({Part, Part}, To) -> To;
                   ({Part, Other}, To) -> add_edge(To, Part, Other)
                end, Empty, Links).

-doc "The graph of some of the vertices and the edges between them.".
-spec subgraph(graph(), [vertex()]) -> graph().
subgraph(G, Vs) -> subgraph(G, Vs, []).

-doc "subgraph/2 with options: {type, inherit | Type} and {keep_labels, Bool}.".
-spec subgraph(graph(), [vertex()], [{type, inherit | [graph_type()]} | {keep_labels, boolean()}]) -> graph().
subgraph(G, Vs, Options) ->
    {Type, Keep} = try choices(Options, {inherit, true}) catch error:_ -> error(badarg) end,
    Kind = case {Type, G} of
               {inherit, #graph{}} -> kind(G);
               {inherit, _} -> error({badrecord, G});
               _ -> Type
           end,
    Empty = try new(Kind) catch error:badarg -> error(badarg) end,
    copy(G, Vs, Keep, Empty).

choices([{type, Type} | Rest], {_, Keep}) when is_list(Type); Type =:= inherit -> choices(Rest, {Type, Keep});
choices([{keep_labels, Keep} | Rest], {Type, _}) when is_boolean(Keep) -> choices(Rest, {Type, Keep});
choices([], Choices) -> Choices.

copy(G, Vs, Keep, Empty) ->
    Label = fun(L) when Keep -> L;
               (_) -> []
            end,
    Take = fun(V, Taken) ->
                   case has_vertex(G, V) of
                       true -> Taken#{V => Label(vertex(G, V))};
                       false -> Taken
                   end
           end,
    Chosen = lists:foldl(Take, #{}, Vs),
    Edges = [{V, W, Label(L)} || V := _ <- Chosen, {_, W, L} <- out_edges(G, V), is_map_key(W, Chosen)],
    lists:foldl(fun({V, W, L}, To) -> add_edge(To, V, W, L) end, Empty#graph{labels = Chosen}, Edges).

-doc "The vertices and all that can be reached from them.".
-spec reachable(graph(), [vertex()]) -> [vertex()].
reachable(G, Vs) when is_list(Vs) -> gerl_graphs:reachable(Vs, out(G)).

-doc "What can be reached from the vertices over one edge or more.".
-spec reachable_via_neighbours(graph(), [vertex()]) -> [vertex()].
reachable_via_neighbours(G, Vs) when is_list(Vs) -> gerl_graphs:reachable_by_edges(Vs, out(G)).

-doc "The vertices and all from which they can be reached.".
-spec reaching(graph(), [vertex()]) -> [vertex()].
reaching(G, Vs) when is_list(Vs) -> gerl_graphs:reachable(Vs, in(G)).

-doc "From where the vertices can be reached over one edge or more.".
-spec reaching_via_neighbours(graph(), [vertex()]) -> [vertex()].
reaching_via_neighbours(G, Vs) when is_list(Vs) -> gerl_graphs:reachable_by_edges(Vs, in(G)).

%%% ---- orders -----------------------------------------------------------------------------------------------

-doc "All vertices, each before those that were first reached through it.".
-spec preorder(graph()) -> [vertex()].
preorder(G) -> preorder(G, roots(G)).

-doc "preorder/1 from some vertices only.".
-spec preorder(graph(), [vertex()]) -> [vertex()].
preorder(G, Vs) when is_list(Vs) -> gerl_graphs:preorder(Vs, out(G)).

-doc "All vertices, each after those that were first reached through it.".
-spec postorder(graph()) -> [vertex()].
postorder(G) -> postorder(G, roots(G)).

-doc "postorder/1 from some vertices only.".
-spec postorder(graph(), [vertex()]) -> [vertex()].
postorder(G, Vs) when is_list(Vs) -> gerl_graphs:postorder(Vs, out(G)).

-doc "The opposite of postorder/1.".
-spec reverse_postorder(graph()) -> [vertex()].
reverse_postorder(G) -> lists:reverse(postorder(G)).

-doc "The opposite of postorder/2.".
-spec reverse_postorder(graph(), [vertex()]) -> [vertex()].
reverse_postorder(G, Vs) -> lists:reverse(postorder(G, Vs)).

-doc "The vertices in an order that all edges follow, apart from those of cycles.".
-spec topsort(graph()) -> [vertex()].
topsort(G) -> reverse_postorder(G).

-doc "Vertices from which all are reached: those where no edge ends and one of each cyclic component.".
-spec roots(graph()) -> [vertex()].
roots(G) -> [V || V <- vertices(G), in_degree(G, V) =:= 0] ++ [V || [V | _] <- cyclic_strong_components(G)].

-doc "Whether there is no cycle.".
-spec is_acyclic(graph()) -> boolean().
is_acyclic(G) -> gerl_graphs:is_acyclic(vertices(G), out(G)).

-doc "Whether there is exactly one way between any two vertices, directions apart.".
-spec is_tree(graph()) -> boolean().
is_tree(G) -> no_edges(G) =:= no_vertices(G) - 1 andalso length(components(G)) =:= 1.

-doc "Whether the graph is a tree in which all edges lead away from one root.".
-spec is_arborescence(graph()) -> boolean().
is_arborescence(G) -> arborescence_root(G) =/= no.

-doc "The root of a tree in which all edges lead away from it.".
-spec arborescence_root(graph()) -> no | {yes, vertex()}.
arborescence_root(G) ->
    case no_edges(G) =:= no_vertices(G) - 1 andalso source_vertices(G) of
        [Root] ->
            case [V || V <- vertices(G), in_degree(G, V) > 1] of
                [] -> {yes, Root};
                _ -> no
            end;
        _ -> no
    end.
