-module(digraph).
-moduledoc """
Directed graphs with labels, kept in tables that all who know the graph change in place.

Three tables belong to a graph: {Vertex, Label}, {Edge, From, To, Label}, and a bag with the ends of the
edges, {{out, From}, Edge} and {{in, To}, Edge}. Names that a graph makes up itself are counted in the last.
""".

-export([new/0, new/1, delete/1, info/1]).
-export([add_vertex/1, add_vertex/2, add_vertex/3, del_vertex/2, del_vertices/2, vertex/2, vertices/1,
         no_vertices/1, source_vertices/1, sink_vertices/1]).
-export([add_edge/3, add_edge/4, add_edge/5, del_edge/2, del_edges/2, edge/2, edges/1, edges/2, no_edges/1]).
-export([in_degree/2, in_edges/2, in_neighbours/2, out_degree/2, out_edges/2, out_neighbours/2]).
-export([get_path/3, get_short_path/3, get_cycle/2, get_short_cycle/2, del_path/3]).
-export_type([graph/0, d_type/0, vertex/0, edge/0, label/0]).

-record(digraph, {vertices :: ets:table(), edges :: ets:table(), ends :: ets:table(), cyclic = true :: boolean()}).

-opaque graph() :: #digraph{}.
-type d_type() :: d_cyclicity() | d_protection().
-type d_cyclicity() :: acyclic | cyclic.
-type d_protection() :: private | protected.
-type vertex() :: term().
-type edge() :: term().
-type label() :: term().
-type add_edge_err_rsn() :: {bad_edge, [vertex()]} | {bad_vertex, vertex()}.

%%% ---- the graph as a whole ---------------------------------------------------------------------

-doc "An empty graph in which cycles are allowed.".
-spec new() -> graph().
new() -> new([]).

-doc "An empty graph: cyclic or acyclic, protected or private.".
-spec new([d_type()]) -> graph().
new(Options) ->
    case type(Options, {[], protected}) of
        {Choices, Protection} ->
            Cyclic = lists:last([true | Choices]),
            Table = fun(Name, Kind) -> ets:new(Name, [Kind, Protection]) end,
            Ends = Table(ends, bag),
            ets:insert(Ends, [{next_vertex, 0}, {next_edge, 0}]),
            #digraph{vertices = Table(vertices, set), edges = Table(edges, set), ends = Ends, cyclic = Cyclic};
        false -> error(badarg)
    end.

%% The first word about cycles counts, and the last one about protection.
type([cyclic | Rest], {Choices, Protection}) -> type(Rest, {[true | Choices], Protection});
type([acyclic | Rest], {Choices, Protection}) -> type(Rest, {[false | Choices], Protection});
type([Protection | Rest], {Choices, _}) when Protection =:= private; Protection =:= protected ->
    type(Rest, {Choices, Protection});
type([], Type) -> Type;
type(_, _) -> false.

-doc "Deletes the graph's tables.".
-spec delete(graph()) -> true.
delete(G) ->
    lists:foreach(fun ets:delete/1, [G#digraph.vertices, G#digraph.edges, G#digraph.ends]),
    true.

-doc "Whether cycles are allowed, the memory in words and who may change the graph.".
-spec info(graph()) -> [{cyclicity, d_cyclicity()} | {memory, non_neg_integer()} | {protection, d_protection()}].
info(G) ->
    Tables = [G#digraph.vertices, G#digraph.edges, G#digraph.ends],
    Cyclicity = case G#digraph.cyclic of
                    true -> cyclic;
                    false -> acyclic
                end,
    [{cyclicity, Cyclicity},
     {memory, lists:sum([ets:info(T, memory) || T <- Tables])},
     {protection, ets:info(G#digraph.vertices, protection)}].

%%% ---- vertices ------------------------------------------------------------------------------------

-doc "Adds a vertex with a name of the graph's own.".
-spec add_vertex(graph()) -> vertex().
add_vertex(G) -> add_vertex(G, ['$v' | fresh(next_vertex, G)]).

fresh(Counter, G) ->
    Ends = G#digraph.ends,
    [{Counter, N}] = ets:lookup(Ends, Counter),
    ets:delete(Ends, Counter),
    ets:insert(Ends, {Counter, N + 1}),
    N.

-doc "Adds a vertex with the label [].".
-spec add_vertex(graph(), vertex()) -> vertex().
add_vertex(G, V) -> add_vertex(G, V, []).

-doc "Adds a vertex, or changes its label.".
-spec add_vertex(graph(), vertex(), label()) -> vertex().
add_vertex(G, V, Label) ->
    ets:insert(G#digraph.vertices, {V, Label}),
    V.

-doc "Deletes a vertex and its edges.".
-spec del_vertex(graph(), vertex()) -> true.
del_vertex(G, V) ->
    lists:foreach(fun(E) -> drop_edge(E, G) end, edges(G, V)),
    ets:delete(G#digraph.vertices, V).

-doc "Deletes vertices and their edges.".
-spec del_vertices(graph(), [vertex()]) -> true.
del_vertices(G, [V | Vs]) ->
    del_vertex(G, V),
    del_vertices(G, Vs);
del_vertices(#digraph{}, []) -> true.

-doc "A vertex with its label.".
-spec vertex(graph(), vertex()) -> {vertex(), label()} | false.
vertex(G, V) -> first(ets:lookup(G#digraph.vertices, V)).

first([Found | _]) -> Found;
first([]) -> false.

-doc "All vertices.".
-spec vertices(graph()) -> [vertex()].
vertices(G) -> [V || {V, _} <- ets:tab2list(G#digraph.vertices)].

-doc "The number of vertices.".
-spec no_vertices(graph()) -> non_neg_integer().
no_vertices(G) -> ets:info(G#digraph.vertices, size).

-doc "The vertices where no edge ends.".
-spec source_vertices(graph()) -> [vertex()].
source_vertices(G) -> without_ends(in, G).

-doc "The vertices where no edge begins.".
-spec sink_vertices(graph()) -> [vertex()].
sink_vertices(G) -> without_ends(out, G).

without_ends(Side, G) -> [V || V <- vertices(G), not ets:member(G#digraph.ends, {Side, V})].

%%% ---- edges ----------------------------------------------------------------------------------------

-doc "Adds an edge with a name of the graph's own.".
-spec add_edge(graph(), vertex(), vertex()) -> edge() | {error, add_edge_err_rsn()}.
add_edge(G, From, To) -> add_edge(G, From, To, []).

-doc "Adds an edge with a name of the graph's own and a label.".
-spec add_edge(graph(), vertex(), vertex(), label()) -> edge() | {error, add_edge_err_rsn()}.
add_edge(G, From, To, Label) -> add_edge(G, ['$e' | fresh(next_edge, G)], From, To, Label).

-doc "Adds an edge, or changes its label; what is there must have the same ends.".
-spec add_edge(graph(), edge(), vertex(), vertex(), label()) -> edge() | {error, add_edge_err_rsn()}.
add_edge(G, E, From, To, Label) ->
    case [V || V <- [From, To], not ets:member(G#digraph.vertices, V)] of
        [Unknown | _] -> {error, {bad_vertex, Unknown}};
        [] ->
            case edge(G, E) of
                {E, From, To, _} -> put_edge(E, From, To, Label, G);
                {E, _, _, _} -> {error, {bad_edge, [From, To]}};
                false -> connect(E, From, To, Label, G)
            end
    end.

connect(E, From, To, Label, #digraph{cyclic = true} = G) -> put_edge(E, From, To, Label, G);
connect(_E, V, V, _Label, _G) -> {error, {bad_edge, [V, V]}};
connect(E, From, To, Label, G) ->
    case get_path(G, To, From) of
        false -> put_edge(E, From, To, Label, G);
        Path -> {error, {bad_edge, Path}}
    end.

put_edge(E, From, To, Label, #digraph{edges = Edges, ends = Ends}) ->
    ets:insert(Ends, [{{out, From}, E}, {{in, To}, E}]),
    ets:insert(Edges, {E, From, To, Label}),
    E.

drop_edge(E, G) ->
    [begin
         ets:delete_object(G#digraph.ends, {{out, From}, E}),
         ets:delete_object(G#digraph.ends, {{in, To}, E})
     end || {_, From, To, _} <- ets:take(G#digraph.edges, E)],
    true.

-doc "Deletes an edge.".
-spec del_edge(graph(), edge()) -> true.
del_edge(G, E) -> drop_edge(E, G).

-doc "Deletes edges.".
-spec del_edges(graph(), [edge()]) -> true.
del_edges(G, [E | Es]) ->
    drop_edge(E, G),
    del_edges(G, Es);
del_edges(#digraph{}, []) -> true.

-doc "An edge with its ends and its label.".
-spec edge(graph(), edge()) -> {edge(), vertex(), vertex(), label()} | false.
edge(G, E) -> first(ets:lookup(G#digraph.edges, E)).

-doc "All edges.".
-spec edges(graph()) -> [edge()].
edges(G) -> [element(1, Edge) || Edge <- ets:tab2list(G#digraph.edges)].

-doc "The edges at a vertex; a loop stands there twice.".
-spec edges(graph(), vertex()) -> [edge()].
edges(G, V) -> in_edges(G, V) ++ out_edges(G, V).

-doc "The number of edges.".
-spec no_edges(graph()) -> non_neg_integer().
no_edges(G) -> ets:info(G#digraph.edges, size).

-doc "How many edges end at a vertex.".
-spec in_degree(graph(), vertex()) -> non_neg_integer().
in_degree(G, V) -> length(in_edges(G, V)).

-doc "The edges that end at a vertex.".
-spec in_edges(graph(), vertex()) -> [edge()].
in_edges(G, V) -> [E || {_, E} <- ets:lookup(G#digraph.ends, {in, V})].

-doc "The vertices from which an edge leads to this one.".
-spec in_neighbours(graph(), vertex()) -> [vertex()].
in_neighbours(G, V) -> [ets:lookup_element(G#digraph.edges, E, 2) || E <- in_edges(G, V)].

-doc "How many edges begin at a vertex.".
-spec out_degree(graph(), vertex()) -> non_neg_integer().
out_degree(G, V) -> length(out_edges(G, V)).

-doc "The edges that begin at a vertex.".
-spec out_edges(graph(), vertex()) -> [edge()].
out_edges(G, V) -> [E || {_, E} <- ets:lookup(G#digraph.ends, {out, V})].

-doc "The vertices to which an edge leads from this one.".
-spec out_neighbours(graph(), vertex()) -> [vertex()].
out_neighbours(G, V) -> [ets:lookup_element(G#digraph.edges, E, 3) || E <- out_edges(G, V)].

%%% ---- paths ------------------------------------------------------------------------------------------

-doc "A path of one edge or more, as its vertices.".
-spec get_path(graph(), vertex(), vertex()) -> [vertex(), ...] | false.
get_path(G, From, To) -> gerl_graphs:path(From, To, forward(G)).

-doc "A path with as few edges as possible, but one at least.".
-spec get_short_path(graph(), vertex(), vertex()) -> [vertex(), ...] | false.
get_short_path(G, From, To) -> gerl_graphs:short_path(From, To, forward(G)).

-doc "A cycle of two edges or more through a vertex; [V] if it only has a loop.".
-spec get_cycle(graph(), vertex()) -> [vertex(), ...] | false.
get_cycle(G, V) -> gerl_graphs:cycle(V, forward(G)).

-doc "A cycle through a vertex with as few edges as possible.".
-spec get_short_cycle(graph(), vertex()) -> [vertex(), ...] | false.
get_short_cycle(G, V) -> get_short_path(G, V, V).

forward(G) -> fun(V) -> out_neighbours(G, V) end.

-doc "Deletes the edges of paths until none is left between the two vertices.".
-spec del_path(graph(), vertex(), vertex()) -> true.
del_path(G, From, To) ->
    case get_path(G, From, To) of
        false -> true;
        Path ->
            cut(Path, G),
            del_path(G, From, To)
    end.

cut([A, B | Path], G) ->
    [drop_edge(E, G) || E <- out_edges(G, A), {_, _, To, _} <- [edge(G, E)], To =:= B],
    cut([B | Path], G);
cut([_], _G) -> ok.
