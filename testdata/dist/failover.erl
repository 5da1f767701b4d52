%% Distributed applications over three nodes: where they run, how they were started, what the calls give. The same text on OTP 29.
-module(failover).
-behaviour(application).
-export([main/0, start/2, start_phase/3, stop/1, init/1]).

start(Type, Name) ->
    tell({start, Name, Type}),
    supervisor:start_link({local, Name}, ?MODULE, []).

start_phase(Phase, Type, _) -> tell({phase, Phase, Type}).

stop(_) -> tell(stop).

init([]) -> {ok, {#{}, []}}.

tell(What) ->
    global:send(teller, {told, node(), What}),
    ok.

main() ->
    logger:set_primary_config(level, none),
    yes = global:register_name(teller, self()),
    All = [a, b, c],
    Spec = [{first, [node_of(N) || N <- All]}, {late, 700, [node_of(N) || N <- All]}, {either, [{node_of(b), node_of(c)}, node_of(a)]},
            {forbidden, [node_of(a), node_of(b)]}],
    Peers = maps:from_list([{N, up(N, Spec)} || N <- All]),
    Apps = [app(first, []), app(late, [{start_phases, [{go, []}]}]), app(either, []), app(forbidden, [])],
    [ok = call(N, load, [App]) || N <- All, App <- Apps],
    step("the first of the nodes runs them, of equal ones the one with less to do"),
    [begin rpc:cast(node_of(N), application, start, [Name]), timer:sleep(200) end || {application, Name, _} <- Apps, N <- [c, b, a]],
    told(4),
    show(All, [first, late, either, forbidden]),
    show(call(b, start, [first])),
    step("permissions"),
    show([call(b, permit, [forbidden, true]), call(a, permit, [unheard, true])]),
    told(1),
    show([call(a, permit, [forbidden, true])]),
    told(2),
    show([call(a, permit, [first, false])]),
    told(2),
    show([call(a, permit, [first, true])]),
    told(2),
    show(All, [first, late, either, forbidden]),
    step("takeover"),
    show([call(c, takeover, [first, permanent]), call(c, takeover, [first, permanent]), call(c, takeover, [unheard, temporary]), call(c, takeover, [first, never])]),
    told(2),
    step("a node goes, and comes back"),
    peer:stop(maps:get(a, Peers)),
    told(1),
    show([b, c], [first, either, forbidden]),
    told(2),
    show([b, c], [late]),
    Again = up(a, Spec),
    [ok = call(a, load, [App]) || App <- Apps],
    show(call(a, start, [late])),
    told(3),
    show(All, [late]),
    step("stopped is not moved; unloaded is not there to start"),
    show(call(a, stop, [late])),
    told(1),
    show([call(N, stop, [late]) || N <- [b, c]]),
    show([call(a, unload, [late]), untell(call(b, start, [late]))]),
    step("what load/2 refuses"),
    show([call(a, load, [app(more, []), D]) || D <- [{other, [here]}, nothing, {more, nothing}]]),
    [peer:stop(P) || P <- [Again | maps:values(maps:remove(a, Peers))]],
    halt().

up(Name, Spec) ->
    Args = ["-setcookie", atom_to_list(erlang:get_cookie()), "-pa", filename:dirname(code:which(?MODULE)),
            "-kernel", "sync_nodes_optional", lists:flatten(io_lib:format("~0p", [[node_of(N) || N <- [a, b, c]]])), "-kernel", "sync_nodes_timeout", "300",
            "-kernel", "logger_level", "none", "-kernel", "permissions", "[{forbidden,false}]", "-kernel", "distributed", lists:flatten(io_lib:format("~0p", [Spec]))],
    {ok, Peer, Node} = peer:start(#{name => full(Name), host => host(), args => Args, wait_boot => 30000}),
    [pong = net_adm:ping(N) || N <- [Node | nodes()]],
    [pong = rpc:call(Node, net_adm, ping, [N]) || N <- nodes()],
    global:sync(),
    timer:sleep(500),
    Peer.

full(Name) -> lists:concat([Name, "_", os:getpid()]).
host() -> lists:last(string:split(atom_to_list(node()), "@")).
node_of(Name) -> list_to_atom(full(Name) ++ "@" ++ host()).

app(Name, More) ->
    {application, Name, [{description, "d"}, {vsn, "1"}, {modules, []}, {registered, []}, {applications, [kernel, stdlib]}, {mod, {?MODULE, Name}} | More]}.

call(Name, Function, Args) -> rpc:call(node_of(Name), application, Function, Args, 10000).

%% So many things that nodes tell, in an order of their own.
told(N) ->
    Told = [receive {told, Node, What} -> {Node, What} after 10000 -> nothing end || _ <- lists:seq(1, N)],
    timer:sleep(300), % until all know
    [show(T) || T <- lists:sort(Told)],
    receive {told, Node, What} -> show({unexpected, Node, What}) after 0 -> ok end.

show(Names, Apps) ->
    [show({App, [N || N <- Names, lists:keymember(App, 1, call(N, which_applications, []))]}) || App <- Apps].

show(Term) -> io:format("  ~0p~n", [plain(Term)]).
step(Text) -> io:format("~s~n", [Text]).
untell({error, {What, App, _}}) -> {error, {What, App}};
untell(Other) -> Other.

plain(T) when is_tuple(T) -> list_to_tuple(plain(tuple_to_list(T)));
plain([H | T]) -> [plain(H) | plain(T)];
plain(A) when is_atom(A) ->
    case [N || N <- [a, b, c], node_of(N) =:= A] of
        [N] -> N;
        [] -> A
    end;
plain(T) -> T.
