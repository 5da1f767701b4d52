-module(gerl_graphs).
-moduledoc """
The algorithms that digraph, digraph_utils and graph share.

They know no representation of a graph: Next is a function that gives the vertices one edge further on
(or back), Vertices the list of all of them.
""".

-export([preorder/2, postorder/2, reachable/2, reachable_by_edges/2, path/3, short_path/3, cycle/2]).
-export([components/2, strong_components/3, is_cyclic_component/2, roots/3, is_acyclic/2]).
-export_type([next/1]).

-type next(V) :: fun((V) -> [V]).

-doc "All vertices that can be reached from Starts, each before those that were first reached through it.".
-spec preorder([V], next(V)) -> [V].
preorder(Starts, Next) ->
    {_, Entered, _} = visit(Starts, Next, {#{}, [], []}),
    lists:reverse(Entered).

-doc "All vertices that can be reached from Starts, each after those that were first reached through it.".
-spec postorder([V], next(V)) -> [V].
postorder(Starts, Next) ->
    {_, _, Left} = visit(Starts, Next, {#{}, [], []}),
    lists:reverse(Left).

%% The state is what was seen, and the vertices in the reverse order of entering and of leaving them.
visit([V | Vs], Next, {Seen, Entered, Left} = State) ->
    case Seen of
        #{V := _} -> visit(Vs, Next, State);
        _ ->
            {Seen1, Entered1, Left1} = visit(Next(V), Next, {Seen#{V => true}, [V | Entered], Left}),
            visit(Vs, Next, {Seen1, Entered1, [V | Left1]})
    end;
visit([], _Next, State) -> State.

-doc "Starts and everything that can be reached from there.".
-spec reachable([V], next(V)) -> [V].
reachable(Starts, Next) ->
    {_, Entered, _} = visit(Starts, Next, {#{}, [], []}),
    Entered.

-doc "What can be reached from Starts over one edge or more.".
-spec reachable_by_edges([V], next(V)) -> [V].
reachable_by_edges(Starts, Next) -> reachable(lists:flatmap(Next, Starts), Next).

-doc "The first path of one edge or more that a search in depth finds.".
-spec path(V, V, next(V)) -> [V, ...] | false.
path(From, To, Next) -> deepen(Next(From), To, Next, [From]).

-doc "The first cycle of two edges or more through V; [V] if there is only a loop.".
-spec cycle(V, next(V)) -> [V, ...] | false.
cycle(V, Next) ->
    {Loops, Others} = lists:partition(fun(W) -> W =:= V end, Next(V)),
    case deepen(Others, V, Next, [V]) of
        false when Loops =/= [] -> [V];
        Found -> Found
    end.

deepen(Vs, To, Next, Trail) ->
    case search(Vs, To, Next, Trail, maps:from_keys(Trail, true)) of
        {found, Path} -> lists:reverse(Path);
        _Seen -> false
    end.

search([To | _], To, _Next, Trail, _Seen) -> {found, [To | Trail]};
search([V | Vs], To, Next, Trail, Seen) when is_map_key(V, Seen) -> search(Vs, To, Next, Trail, Seen);
search([V | Vs], To, Next, Trail, Seen) ->
    case search(Next(V), To, Next, [V | Trail], Seen#{V => true}) of
        {found, _} = Found -> Found;
        Seen1 -> search(Vs, To, Next, Trail, Seen1)
    end;
search([], _To, _Next, _Trail, Seen) -> Seen.

-doc "A path of one edge or more with as few edges as possible.".
-spec short_path(V, V, next(V)) -> [V, ...] | false.
short_path(From, To, Next) -> widen([[From]], [], To, Next, #{}).

%% Trails of equal length, and those one edge longer that were found so far.
widen([[V | _] = Trail | Trails], Longer, To, Next, Seen) ->
    case extend(Next(V), Trail, Longer, To, Seen) of
        {found, Path} -> lists:reverse(Path);
        {Longer1, Seen1} -> widen(Trails, Longer1, To, Next, Seen1)
    end;
widen([], [], _To, _Next, _Seen) -> false;
widen([], Longer, To, Next, Seen) -> widen(lists:reverse(Longer), [], To, Next, Seen).

extend([To | _], Trail, _Longer, To, _Seen) -> {found, [To | Trail]};
extend([V | Vs], Trail, Longer, To, Seen) when is_map_key(V, Seen) -> extend(Vs, Trail, Longer, To, Seen);
extend([V | Vs], Trail, Longer, To, Seen) -> extend(Vs, Trail, [[V | Trail] | Longer], To, Seen#{V => true});
extend([], _Trail, Longer, _To, Seen) -> {Longer, Seen}.

-doc "The parts that hang together; Both gives a vertex's neighbours whatever the direction of the edge.".
-spec components([V], next(V)) -> [[V]].
components(Vertices, Both) -> parts(Vertices, Both).

-doc "The largest parts within which every vertex is reached from every other one.".
-spec strong_components([V], next(V), next(V)) -> [[V]].
strong_components(Vertices, Out, In) -> parts(lists:reverse(postorder(Vertices, Out)), In).

%% What can be reached from each vertex in turn and was not reached before.
parts(Vertices, Next) ->
    {_, Parts} = lists:foldl(
        fun(V, {Seen, Parts}) ->
            case visit([V], Next, {Seen, [], []}) of
                {Seen1, [], _} -> {Seen1, Parts};
                {Seen1, Part, _} -> {Seen1, [Part | Parts]}
            end
        end, {#{}, []}, Vertices),
    Parts.

-doc "Whether a strong component has a cycle: more than one vertex, or a loop.".
-spec is_cyclic_component([V, ...], next(V)) -> boolean().
is_cyclic_component([V], Out) -> lists:member(V, Out(V));
is_cyclic_component([_, _ | _], _Out) -> true.

-doc "Whether no vertex is reached from itself.".
-spec is_acyclic([V], next(V)) -> boolean().
is_acyclic(Vertices, Out) ->
    Places = #{V => Place || {Place, V} <- lists:enumerate(postorder(Vertices, Out))},
    lists:all(fun(V) -> lists:all(fun(W) -> map_get(W, Places) < map_get(V, Places) end, Out(V)) end, Vertices).

-doc "As few vertices as possible from which all are reached.".
-spec roots([V], next(V), next(V)) -> [V].
roots(Vertices, Out, In) ->
    [V || [V | _] = Part <- strong_components(Vertices, Out, In),
          Inside <- [maps:from_keys(Part, true)],
          lists:all(fun(W) -> lists:all(fun(U) -> is_map_key(U, Inside) end, In(W)) end, Part)].
