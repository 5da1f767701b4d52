%% What two nodes do with each other, of whichever systems they are. main/1 runs on one node, with the other's name; it halts with status 1 at
%% the first thing that is not as it should be.
-module(interop).
-export([token/1, traced/1, log/2, main/1, echo/0, server/0, init/1, handle_call/3, handle_cast/2, hold/1]).

main([Name]) ->
    Node = list_to_atom(Name),
    [check(What, fun() -> Test(Node) end) || {What, Test} <- checks()],
    io:format("all ok~n"),
    halt(0).

check(What, Test) ->
    try Test() of
        ok -> ok;
        Other -> fail(What, Other)
    catch Class:Reason:Stack -> fail(What, {Class, Reason, Stack})
    end.

fail(What, Why) ->
    io:format("~s: ~p~n", [What, Why]),
    halt(1).

checks() ->
    [{"ping", fun(N) -> pong = net_adm:ping(N), true = lists:member(N, nodes()), ok end},
     {"ping back", fun(N) -> pong = rpc:call(N, net_adm, ping, [node()]), ok end},
     {"rpc", fun(N) -> N = rpc:call(N, erlang, node, []), {badrpc, {'EXIT', {badarg, _}}} = rpc:call(N, erlang, length, [a]), ok end},
     {"erpc", fun erpc_errors/1},
     {"terms", fun terms/1},
     {"order", fun order/1},
     {"links", fun links/1},
     {"monitors", fun monitors/1},
     {"spawn", fun spawning/1},
     {"sequential traces", fun sequential/1},
     {"text of identifiers", fun texts/1},
     {"dbg", fun debugging/1},
     {"aliases", fun aliases/1},
     {"names", fun names/1},
     {"gen_server", fun servers/1},
     {"group leader", fun leader/1},
     {"identifiers", fun identifiers/1},
     {"global", fun globals/1},
     {"pg", fun groups/1},
     {"logging", fun logging/1},
     {"large", fun large/1},
     {"disconnect", fun disconnect/1},
     {"node down", fun down/1}].

within(Message) -> receive Message -> ok after 10000 -> {missing, Message, process_info(self(), messages)} end.

erpc_errors(N) ->
    3 = erpc:call(N, erlang, '+', [1, 2]),
    x = try erpc:call(N, erlang, throw, [x]) catch throw:T -> T end,
    {exception, y} = try erpc:call(N, erlang, exit, [y]) catch exit:E -> E end,
    {exception, badarg, [_ | _]} = try erpc:call(N, erlang, length, [y]) catch error:R -> R end,
    {erpc, timeout} = try erpc:call(N, timer, sleep, [5000], 50) catch error:R2 -> R2 end,
    {erpc, noconnection} = try erpc:call(list_to_atom("nobody@" ++ host()), erlang, node, []) catch error:R3 -> R3 end,
    [{ok, N}, {error, {erpc, noconnection}}] = erpc:multicall([N, list_to_atom("nobody@" ++ host())], erlang, node, []),
    ok.

host() -> tl(lists:dropwhile(fun(C) -> C =/= $@ end, atom_to_list(node()))).

echo() ->
    receive
        {From, Term} -> From ! {self(), Term}, echo();
        stop -> ok
    end.

terms(N) ->
    Echo = spawn_link(N, ?MODULE, echo, []),
    X = 42,
    Terms = [0, -1, 255, 256, 1 bsl 40, -(1 bsl 40), 1 bsl 70, -(1 bsl 70), 1 bsl 3000, 1.5, -0.0, a, 'ÄÖ', '日本', "abc", "日本", [], {}, {a, b},
             [a | b], <<>>, <<"abc">>, <<1:3>>, <<7, 5:5>>, binary:copy(<<"x">>, 70000), #{}, #{a => 1},
             maps:from_list([{I, I} || I <- lists:seq(1, 100)]), self(), Echo, make_ref(), alias(), hd(erlang:ports()), fun lists:map/2,
             fun(Y) -> X + Y end, fun() -> Echo end, list_to_tuple(lists:seq(1, 300)), lists:seq(1, 70000), lists:duplicate(70000, $a),
             [list_to_atom("interop" ++ integer_to_list(I)) || I <- lists:seq(1, 600)], list_to_atom(lists:duplicate(255, $a)),
             list_to_atom(lists:duplicate(255, 228)), node()],
    Bad = [{T, Back} || T <- Terms, Back <- [begin Echo ! {self(), T}, receive {Echo, B} -> B after 10000 -> lost end end], Back =/= T],
    unlink(Echo),
    Echo ! stop,
    case Bad of
        [] -> ok;
        _ -> Bad
    end.

order(N) ->
    Echo = spawn(N, ?MODULE, echo, []),
    [Echo ! {self(), I} || I <- lists:seq(1, 5000)],
    [receive {Echo, Next} -> Next = I end || I <- lists:seq(1, 5000)],
    Echo ! stop,
    ok.

links(N) ->
    process_flag(trap_exit, true),
    P1 = spawn_link(N, erlang, exit, [bye]),
    ok = within({'EXIT', P1, bye}),
    P2 = spawn(N, ?MODULE, echo, []),
    link(P2),
    {links, [P2]} = {links, [L || L <- element(2, process_info(self(), links)), is_pid(L)] -- [P || P <- [whereis(init)], P =/= undefined]},
    {links, Links} = rpc:call(N, erlang, process_info, [P2, links]),
    true = lists:member(self(), Links),
    unlink(P2),
    link(P2),
    exit(P2, over),
    ok = within({'EXIT', P2, over}),
    link(P2),
    ok = within({'EXIT', P2, noproc}),
    Self = self(),
    P3 = spawn(N, fun() -> process_flag(trap_exit, true), Self ! {ready, self()}, receive {'EXIT', From, R} -> Self ! {told, From, R} end end),
    ok = within({ready, P3}),
    P4 = spawn(fun() -> link(P3), exit(mine) end),
    ok = within({told, P4, mine}),
    process_flag(trap_exit, false),
    ok.

monitors(N) ->
    P1 = spawn(N, ?MODULE, echo, []),
    M1 = monitor(process, P1),
    {monitored_by, [Self]} = rpc:call(N, erlang, process_info, [P1, monitored_by]),
    Self = self(),
    exit(P1, kill),
    ok = within({'DOWN', M1, process, P1, killed}),
    M2 = monitor(process, P1),
    ok = within({'DOWN', M2, process, P1, noproc}),
    M3 = monitor(process, {nobody_of_this_name, N}),
    ok = within({'DOWN', M3, process, {nobody_of_this_name, N}, noproc}),
    M4 = monitor(process, {init, N}),
    true = demonitor(M4, [info]),
    M5 = monitor(process, spawn(N, timer, sleep, [50]), [{tag, tagged}]),
    receive {tagged, M5, process, _, Why} when Why =:= normal; Why =:= noproc -> ok end,
    Me = self(),
    P6 = spawn(fun() -> receive stop -> exit(stopped) end end),
    spawn(N, fun() -> M = monitor(process, P6), Me ! watching, receive {'DOWN', M, process, P6, R} -> Me ! {down, R} end end),
    ok = within(watching),
    P6 ! stop,
    within({down, stopped}).

spawning(N) ->
    process_flag(trap_exit, true),
    R1 = spawn_request(N, ?MODULE, echo, [], [link, monitor, {priority, high}, {reply_tag, tag}]),
    P1 = receive {tag, R1, ok, P} -> P end,
    {priority, high} = rpc:call(N, erlang, process_info, [P1, priority]),
    exit(P1, kill),
    ok = within({'EXIT', P1, killed}),
    ok = within({'DOWN', R1, process, P1, killed}),
    R2 = spawn_request(N, ?MODULE, echo, [], [{no_such_option, 1}]),
    ok = within({spawn_reply, R2, error, badopt}),
    R3 = spawn_request(list_to_atom("nobody@" ++ host()), ?MODULE, echo, []),
    ok = within({spawn_reply, R3, error, noconnection}),
    {P4, R4} = spawn_monitor(N, ?MODULE, no_such_function, []),
    receive {'DOWN', R4, process, P4, {undef, _}} -> ok end,
    {P5, R5} = spawn_opt(N, fun() -> exit(node()) end, [monitor]),
    ok = within({'DOWN', R5, process, P5, N}),
    process_flag(trap_exit, false),
    ok.

aliases(N) ->
    A1 = alias([reply]),
    spawn(N, fun() -> A1 ! one, A1 ! two end),
    ok = within(one),
    nothing = receive two -> two after 200 -> nothing end,
    A2 = monitor(process, spawn(N, timer, sleep, [60000]), [{alias, reply_demonitor}]),
    spawn(N, erlang, send, [A2, three]),
    ok = within(three),
    false = demonitor(A2, [info]),
    ok.

names(N) ->
    register(interop_here, self()),
    spawn(N, erlang, send, [{interop_here, node()}, hello]),
    ok = within(hello),
    unregister(interop_here),
    {nobody_of_this_name, N} ! lost,
    ok = erlang:send({nobody_of_this_name, N}, lost, [noconnect]),
    ok.

server() -> gen_server:start({local, interop_server}, ?MODULE, [], []).
init([]) -> {ok, 0}.
handle_call(stop, _, N) -> {stop, normal, ok, N};
handle_call({hold, Time}, _, N) -> timer:sleep(Time), {reply, held, N};
handle_call(Request, {From, _}, N) -> {reply, {Request, node(From), N}, N + 1}.
handle_cast({tell, To}, N) -> To ! {told, N}, {noreply, N}.
hold(Time) -> gen_server:call(interop_server, {hold, Time}).

servers(N) ->
    {ok, Pid} = rpc:call(N, ?MODULE, server, []),
    Me = node(),
    {a, Me, 0} = gen_server:call({interop_server, N}, a),
    {b, Me, 1} = gen_server:call(Pid, b),
    gen_server:cast({interop_server, N}, {tell, self()}),
    ok = within({told, 2}),
    {timeout, _} = try gen_server:call(Pid, {hold, 500}, 50) catch exit:R1 -> R1 end,
    {ok, _} = server(),
    {[{Me, {c, Me, 0}}, {N, {c, Me, 2}}], []} = sorted(gen_server:multi_call([Me, N], interop_server, c)),
    {d, N, 1} = rpc:call(N, gen_server, call, [{interop_server, Me}, d]),
    abcast = gen_server:abcast([N], interop_server, {tell, self()}),
    ok = within({told, 3}),
    ok = gen_server:call(interop_server, stop),
    ok = gen_server:call(Pid, stop),
    {noproc, _} = try gen_server:call({interop_server, N}, e) catch exit:R2 -> R2 end,
    {{nodedown, _}, _} = try gen_server:call({interop_server, list_to_atom("nobody@" ++ host())}, e) catch exit:R3 -> R3 end,
    ok.

sorted({Replies, Bad}) -> {lists:sort(fun({A, _}, {_, _}) -> A =:= node() end, Replies), Bad}.

leader(N) ->
    Me = self(),
    Leader = spawn(fun() -> receive {io_request, From, As, {put_chars, _, _, _, _} = R} -> From ! {io_reply, As, ok}, Me ! {printed, R};
                                    {io_request, From, As, {put_chars, _, _} = R} -> From ! {io_reply, As, ok}, Me ! {printed, R} end end),
    Old = group_leader(),
    group_leader(Leader, self()),
    spawn(N, fun() -> Leader = group_leader(), io:put_chars("from there") end),
    group_leader(Old, self()),
    receive {printed, _} -> ok after 10000 -> nothing end.

%% Equal identifiers from there are no other terms, and both nodes put them in the same order.
identifiers(N) ->
    P = spawn(N, timer, sleep, [5000]),
    Q = binary_to_term(term_to_binary(P)),
    true = lists:keymember(Q, 1, [{P, x}]),
    [{P, N}] = ets:match_spec_run([{P}], ets:match_spec_compile([{{'$1'}, [{'=:=', {node, '$1'}, N}], [{{'$1', {node, '$1'}}}]}])),
    Pids = [P, self(), rpc:call(N, erlang, whereis, [init]), whereis(init)],
    Sorted = lists:sort(Pids),
    Sorted = rpc:call(N, lists, sort, [Pids]),
    1 = maps:get(Q, #{P => 1}),
    ok.

globals(N) ->
    ok = global:sync(),
    yes = global:register_name(interop_mine, self()),
    Self = self(),
    Self = rpc:call(N, global, whereis_name, [interop_mine]),
    P = spawn(N, ?MODULE, echo, []),
    yes = rpc:call(N, global, register_name, [interop_theirs, P]),
    P = global:whereis_name(interop_theirs),
    no = rpc:call(N, global, register_name, [interop_mine, spawn(N, timer, sleep, [1000])]),
    global:send(interop_theirs, {self(), hello}),
    ok = within({P, hello}),
    false = global:trans({interop_resource, self()},
                         fun() -> rpc:call(N, global, set_lock, [{interop_resource, other}, [node(), N], 0]) end, [node(), N]),
    exit(P, kill),
    ok = eventually(fun() -> global:whereis_name(interop_theirs) =:= undefined end),
    global:unregister_name(interop_mine),
    [] = [X || X <- rpc:call(N, global, registered_names, []), X =:= interop_mine],
    ok.

groups(N) ->
    _ = pg:start(interop_scope),
    {ok, _} = rpc:call(N, pg, start, [interop_scope]),
    ok = pg:join(interop_scope, here, self()),
    P = spawn(N, ?MODULE, echo, []),
    ok = rpc:call(N, pg, join, [interop_scope, there, P]),
    ok = eventually(fun() -> pg:get_members(interop_scope, there) =:= [P] end),
    ok = eventually(fun() -> rpc:call(N, pg, get_members, [interop_scope, here]) =:= [self()] end),
    [] = pg:get_local_members(interop_scope, there),
    exit(P, kill),
    ok = eventually(fun() -> pg:get_members(interop_scope, there) =:= [] end),
    ok = pg:leave(interop_scope, here, self()),
    eventually(fun() -> rpc:call(N, pg, get_members, [interop_scope, here]) =:= [] end).

eventually(Test) -> eventually(Test, 200).
eventually(_, 0) -> never;
eventually(Test, Times) ->
    case Test() of
        true -> ok;
        false -> timer:sleep(50), eventually(Test, Times - 1)
    end.

%% A process of the other node whose group leader is here logs here.
logging(N) ->
    ok = logger:add_handler(interop, ?MODULE, #{config => self(), filter_default => log}),
    Given = [{"~w-~w", [1, 2]}, {string, "text"}, {report, [{a, 1}]}],
    spawn(N, fun() ->
                     logger:notice("~w-~w", [1, 2]),
                     logger:error("text"),
                     logger:warning([{a, 1}])
             end),
    Come = [receive {logged, N, Msg} -> Msg after 10000 -> missing end || _ <- Given],
    spawn(N, fun() -> erlang:error(made_for_the_test) end),
    ok = receive {logged, N, _} -> ok after 10000 -> no_crash_logged end,
    ok = logger:remove_handler(interop),
    case lists:sort(Come) =:= lists:sort(Given) of
        true -> ok;
        false -> Come
    end.

log(#{msg := Msg, meta := #{pid := Pid}}, #{config := Test}) -> Test ! {logged, node(Pid), Msg}.

large(N) ->
    Echo = spawn(N, ?MODULE, echo, []),
    Bytes = crypto:strong_rand_bytes(10000000),
    Echo ! {self(), {Bytes, lists:seq(1, 100000)}},
    Echo ! {self(), after_it},
    receive {Echo, {Bytes, [1 | _]}} -> ok after 30000 -> exit(lost) end,
    ok = within({Echo, after_it}),
    Echo ! stop,
    ok.

disconnect(N) ->
    process_flag(trap_exit, true),
    ok = net_kernel:monitor_nodes(true, [nodedown_reason]),
    true = monitor_node(N, true),
    P1 = spawn_link(N, ?MODULE, echo, []),
    {P2, M2} = spawn_monitor(N, ?MODULE, echo, []),
    M3 = monitor(process, {init, N}),
    true = erlang:disconnect_node(N),
    ok = within({'EXIT', P1, noconnection}),
    ok = within({'DOWN', M2, process, P2, noconnection}),
    ok = within({'DOWN', M3, process, {init, N}, noconnection}),
    ok = within({nodedown, N}),
    ok = within({nodedown, N, [{nodedown_reason, disconnect}]}),
    [] = nodes() -- (nodes() -- [N]),
    pong = net_adm:ping(N),
    ok = within({nodeup, N, []}),
    ok = net_kernel:monitor_nodes(false, [nodedown_reason]),
    process_flag(trap_exit, false),
    ok.

down(N) ->
    true = monitor_node(N, true),
    M = monitor(process, {init, N}),
    rpc:cast(N, erlang, halt, []),
    ok = within({nodedown, N}),
    ok = within({'DOWN', M, process, {init, N}, noconnection}),
    pang = net_adm:ping(N),
    {badrpc, nodedown} = rpc:call(N, erlang, node, []),
    ok.

%% The token goes along with a spawn, as that of a second message.
sequential(N) ->
    Self = self(),
    _ = [rpc:call(N, M, module_info, []) || M <- [seq_trace, ?MODULE]], % loading takes messages, too
    seq_trace:reset_trace(),
    seq_trace:set_token(label, 7),
    _ = spawn(N, ?MODULE, token, [Self]),
    {_, 7, 2, Self, 0} = receive {token, T} -> T after 5000 -> none end,
    7 = element(2, seq_trace:get_token()),
    Ref = spawn_request(N, ?MODULE, token, [Self], [lunk, {reply_tag, tag}]),
    {tag, Ref, error, badopt} = receive M when element(1, M) =:= tag -> M after 5000 -> none end,
    N = element(4, seq_trace:get_token()),
    seq_trace:set_token([]),
    seq_trace:reset_trace(),
    ok.

token(To) -> To ! {token, seq_trace:get_token()}.

texts(N) ->
    Pid = rpc:call(N, erlang, whereis, [init]),
    Pid = list_to_pid(pid_to_list(Pid)),
    Ref = rpc:call(N, erlang, make_ref, []),
    Ref = list_to_ref(ref_to_list(Ref)),
    Port = hd(rpc:call(N, erlang, ports, [])),
    Port = list_to_port(port_to_list(Port)),
    {'EXIT', {badarg, _}} = catch list_to_pid("<4294967295.1.0>"),
    ok.

%% dbg traces nodes of its own kind.
debugging(N) ->
    Kind = fun(Node) -> element(1, rpc:call(Node, code, ensure_loaded, [gerl_dbg])) end,
    case Kind(N) =:= Kind(node()) of
        true -> debug(N);
        false -> ok
    end.

debug(N) ->
    Self = self(),
    {error, no_local_tracer} = dbg:n(N),
    {ok, _} = dbg:tracer(process, {fun(M, _) -> Self ! {told, M} end, []}),
    {ok, N} = dbg:n(N),
    {error, {already_started, _}} = dbg:n(N),
    {ok, [_, _]} = dbg:p(all, [c]),
    {ok, Matched} = dbg:tp(?MODULE, traced, 1, []),
    [{matched, N, 1}] = [M || {matched, Where, _} = M <- Matched, Where =:= N],
    [] = rpc:call(N, ?MODULE, traced, [[]]),
    {trace, Pid, call, {?MODULE, traced, [[]]}} = told(),
    N = node(Pid),
    ok = dbg:cn(N),
    {ok, [_]} = dbg:tp(lists, max, 1, []),
    a = rpc:call(N, ?MODULE, traced, [a]),
    {trace, _, call, {?MODULE, traced, [a]}} = told(), % goes on
    ok = dbg:stop(),
    b = rpc:call(N, ?MODULE, traced, [b]),
    none = receive {told, M1} -> M1 after 200 -> none end,
    {ok, N} = dbg:tracer(N, port, dbg:trace_port(ip, 0)),
    {ok, Number} = dbg:trace_port_control(N, get_listen_port),
    {ok, [{matched, N, _}]} = dbg:p(all, [c]),
    {ok, [{matched, N, 1}]} = dbg:tp(?MODULE, traced, 1, []),
    c = rpc:call(N, ?MODULE, traced, [c]),
    _ = dbg:trace_client(ip, Number, {fun(M2, _) -> Self ! {told, M2} end, []}),
    {trace, _, call, {?MODULE, traced, [c]}} = told(),
    ok = dbg:stop(),
    ok.

traced(X) -> X.

told() -> receive {told, M} -> M after 5000 -> none end.
