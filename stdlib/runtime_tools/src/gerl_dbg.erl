-module(gerl_dbg).
-moduledoc false.

%% The server of dbg: it keeps who is told on which node, the saved match specifications and the clients that read traces. Requests are
%% {From, Request} and are answered with {dbg, Answer}.

-export([server/0, ask/1, running/0, key/0, named/0]).
%% run on the traced nodes
-export([keep/4, clear_node/0]).

%% Tracing on a node: keeper is the process that stands for it there, told is who gets the messages (the same, or a port that it owns).
-record(tracing, {keeper, told, monitor}).
-record(s, {nodes = [], left = [], clients = [], saved, next = 1, session = legacy}).

-define(KEY, gerl_dbg_session).

-doc false.
%% Where a process keeps the session that it works on.
key() -> ?KEY.

-doc false.
server() ->
    Name = name(),
    case whereis(Name) of
        undefined ->
            {Starter, Session} = {self(), get(?KEY)},
            Pid = spawn(fun() ->
                                true = register(Name, self()),
                                process_flag(trap_exit, true),
                                Starter ! {self(), started},
                                serve(#s{saved = named(), session = case Session of undefined -> legacy; _ -> Session end})
                        end),
            receive {Pid, started} -> Pid end;
        Pid -> Pid
    end.

-doc false.
running() -> whereis(name()) =/= undefined.

name() ->
    case get(?KEY) of
        undefined -> dbg;
        {_, {_, Number}} -> list_to_atom("dbg_session_" ++ integer_to_list(Number))
    end.

-doc false.
%% Match specifications that have names.
named() ->
    Return = {exception_trace},
    Caller = {message, {caller_line}},
    Spec = fun(Actions) -> [{'_', [], Actions}] end,
    #{x => Spec([Return]), exception_trace => x, c => Spec([Caller]), caller_trace => c,
      cx => Spec([Return, Caller]), caller_exception_trace => cx}.

-doc false.
ask(Request) ->
    Server = server(),
    Monitor = erlang:monitor(process, Server),
    Server ! {self(), Request},
    receive
        {dbg, Answer} ->
            erlang:demonitor(Monitor, [flush]),
            Answer;
        {'DOWN', Monitor, process, _, Reason} -> {error, Reason}
    end.

serve(S) ->
    receive
        {From, stop} when is_pid(From) ->
            finish(S),
            From ! {dbg, ok};
        {From, Request} when is_pid(From) ->
            {Answer, Next} = handle(Request, S),
            From ! {dbg, Answer},
            serve(Next);
        {'DOWN', Monitor, process, _, _} -> serve(S#s{nodes = [E || {_, #tracing{monitor = M}} = E <- S#s.nodes, M =/= Monitor]});
        {'EXIT', Client, _} -> serve(S#s{clients = lists:delete(Client, S#s.clients)});
        _ -> serve(S)
    end.

handle({tracer, Node, Kind, Data}, S) ->
    case lists:keyfind(Node, 1, S#s.nodes) of
        {_, _} when Node =:= node() -> {{error, already_started}, S};
        {_, #tracing{told = Told}} -> {{error, {already_started, Told}}, S};
        false ->
            case at(Node, fun() -> begin_at(Node, Kind, Data) end) of
                {ok, Tracing} -> {{ok, case Node =:= node() of true -> self(); false -> Node end}, S#s{nodes = [{Node, Tracing} | S#s.nodes]}};
                {error, _} = Error -> {Error, S}
            end
    end;
handle({add_node, Node}, S) ->
    case lists:keyfind(node(), 1, S#s.nodes) of
        false when Node =/= node() -> {at(Node, fun() -> {error, no_local_tracer} end), S};
        {_, #tracing{told = Told}} when Node =/= node(), is_pid(Told) -> handle({tracer, Node, relay, Told}, S);
        {_, _} when Node =/= node() -> {at(Node, fun() -> {error, cant_trace_remote_pid_to_local_port} end), S};
        _ -> {{error, cant_add_local_node}, S}
    end;
handle({drop_node, Node}, S) -> % what is traced there goes on
    {Dropped, Nodes} = lists:partition(fun({N, _}) -> N =:= Node end, S#s.nodes),
    {ok, S#s{nodes = Nodes, left = Dropped ++ S#s.left}};
handle(nodes, S) -> {[N || {N, _} <- S#s.nodes], S};
handle({get_tracer, Node}, S) ->
    {case lists:keyfind(Node, 1, S#s.nodes) of
         {_, #tracing{told = Told}} -> {ok, Told};
         false -> {error, {no_tracer_on_node, Node}}
     end, S};
handle({client, Pid}, S) ->
    link(Pid),
    {ok, S#s{clients = [Pid | S#s.clients]}};
handle(saved, S) -> {S#s.saved, S};
handle({forget, all}, S) -> {ok, S#s{saved = named(), next = 1}};
handle({forget, N}, S) -> {ok, S#s{saved = maps:remove(N, S#s.saved)}};
handle({save, Spec}, #s{saved = Saved, next = Next} = S) ->
    case [K || {K, V} <- maps:to_list(Saved), V =:= Spec, is_integer(K)] of
        [K | _] -> {K, S};
        [] -> {Next, S#s{saved = Saved#{Next => Spec}, next = Next + 1}}
    end;
handle({flags, Whom, How, Flags}, S) -> {flags(Whom, How, Flags, S), S};
handle({pattern, Function, Spec, Flags}, S) -> {[matched(N, pattern(N, Function, Spec, Flags, S)) || N <- patterned(S)], S};
handle(clear, S) ->
    clear_all(S),
    {ok, S}.

at(Node, Answer) ->
    case Node =:= node() orelse net_kernel:connect_node(Node) of
        true -> Answer();
        _ -> {error, {nodedown, Node}}
    end.

%% A session's functions are traced without a tracer of the server, too: the session has one.
patterned(#s{session = legacy, nodes = Nodes}) -> [N || {N, _} <- Nodes];
patterned(_) -> [node()].

matched(Node, N) when is_integer(N) -> {matched, Node, N};
matched(Node, Other) -> {matched, Node, 0, Other}.

%%% ---- flags and patterns ------------------------------------------------------------------------

flags(Whom, How, Flags, #s{session = Session} = S) when Session =/= legacy ->
    Tracer = [{tracer, T} || {_, #tracing{told = T}} <- S#s.nodes, How],
    counted(Whom, node(), set_flags(Session, Whom, How, Tracer ++ Flags));
flags(Whom, How, Flags, S) when is_pid(Whom); is_port(Whom) ->
    Node = node(Whom),
    case lists:keyfind(Node, 1, S#s.nodes) of
        {_, Tracing} -> counted(Whom, Node, flags_at(Node, Whom, How, Flags, Tracing));
        false -> {error, {no_tracer_on_node, Node}}
    end;
flags(_, _, _, #s{nodes = []}) -> {error, no_tracers};
flags(Whom, How, Flags, S) ->
    {ok, [matched(Node, flags_at(Node, Whom, How, Flags, Tracing)) || {Node, Tracing} <- S#s.nodes]}.

counted(_, Node, N) when is_integer(N) -> {ok, [{matched, Node, N}]};
counted(Whom, Node, {badrpc, {'EXIT', {badarg, _}}}) when is_pid(Whom); is_port(Whom) -> {ok, [{matched, Node, 0, {no_proc, Whom}}]};
counted(_, Node, Other) -> {ok, [{matched, Node, 0, Other}]}.

flags_at(Node, Whom, true, Flags, #tracing{told = Told}) -> set_flags_at(Node, Whom, true, [{tracer, Told} | Flags]);
flags_at(Node, Whom, false, Flags, _) -> set_flags_at(Node, Whom, false, Flags).

set_flags_at(Node, Whom, How, Flags) when Node =:= node() -> set_flags(legacy, Whom, How, Flags);
set_flags_at(Node, Whom, How, Flags) -> rpc:call(Node, erlang, trace, [Whom, How, Flags]).

set_flags(Session, Whom, How, Flags) ->
    failing(fun() ->
                    case Session of
                        legacy -> erlang:trace(Whom, How, Flags);
                        {_, {_, N}} -> gerl_trace:process(N, Whom, How, [F || F <- Flags, is_atom(F)])
                    end
            end).

%% As a call on another node fails.
failing(F) ->
    try F()
    catch error:Reason:Stack -> {badrpc, {'EXIT', {Reason, Stack}}}
    end.

pattern(Node, Function, Spec, Flags, #s{session = Session}) ->
    Local = Node =:= node(),
    case Function of
        {M, _, _} when is_atom(M), M =/= '_', Spec =/= false, Local -> _ = catch_all(fun() -> M:module_info() end);
        {M, _, _} when is_atom(M), M =/= '_', Spec =/= false -> _ = rpc:call(Node, M, module_info, []);
        _ -> ok
    end,
    case Local of
        true -> failing(fun() -> set_pattern(Session, Function, Spec, Flags) end);
        false -> rpc:call(Node, erlang, trace_pattern, [Function, Spec, Flags])
    end.

catch_all(F) -> try F() catch _:_ -> error end.

set_pattern(legacy, Function, Spec, Flags) -> erlang:trace_pattern(Function, Spec, Flags);
set_pattern({_, {_, N}}, Function, Spec, Flags) -> gerl_trace:function(N, Function, Spec, Flags).

%%% ---- who is told -------------------------------------------------------------------------------

begin_at(Node, Kind, Data) ->
    Ref = make_ref(),
    {Pid, Monitor} = spawn_opt(Node, ?MODULE, keep, [self(), Ref, Kind, Data], [monitor]),
    receive
        {Ref, {ok, Told}} -> {ok, #tracing{keeper = Pid, told = Told, monitor = Monitor}};
        {Ref, {error, Reason}} ->
            erlang:demonitor(Monitor, [flush]),
            {error, Reason};
        {'DOWN', Monitor, process, _, noconnection} -> {error, {nodedown, Node}};
        {'DOWN', Monitor, process, _, Reason} -> {error, Reason}
    end.

-doc false.
keep(Server, Ref, process, {Handler, State}) ->
    Server ! {Ref, {ok, self()}},
    loop(Handler, State);
keep(Server, Ref, relay, To) -> % to the tracer of the node that asks, as long as it is there
    Monitor = erlang:monitor(process, To),
    Server ! {Ref, {ok, self()}},
    relay(To, Monitor);
keep(Server, Ref, file, Name) ->
    case file:open(Name, [write, {encoding, utf8}]) of
        {ok, File} ->
            Server ! {Ref, {ok, self()}},
            loop(fun dbg:dhandler/2, File);
        {error, _} = Error -> Server ! {Ref, Error}
    end;
keep(Server, Ref, port, Fun) ->
    process_flag(trap_exit, true),
    Watch = erlang:monitor(process, Server),
    try Fun() of
        Port when is_port(Port) ->
            Server ! {Ref, {ok, Port}},
            hold(Port, Watch);
        Pid when is_pid(Pid) ->
            Server ! {Ref, {ok, Pid}},
            hold(Pid, Watch);
        Other -> Server ! {Ref, {error, Other}}
    catch
        error:Reason:Stack -> Server ! {Ref, {error, {Reason, Stack}}};
        _:Reason -> Server ! {Ref, {error, Reason}}
    end.

loop(Handler, State) ->
    receive
        {gerl_dbg, stop} -> rest(Handler, State);
        Message -> loop(Handler, Handler(Message, State))
    end.

%% What was told before the end is still handled.
rest(Handler, State) ->
    receive
        Message -> rest(Handler, Handler(Message, State))
    after 0 -> ok
    end.

relay(To, Monitor) ->
    receive
        {gerl_dbg, stop} -> ok;
        {'DOWN', Monitor, process, _, _} -> ok;
        Message ->
            To ! Message,
            relay(To, Monitor)
    end.

hold(Port, Watch) ->
    receive
        {gerl_dbg, stop} -> end_port(Port);
        {'DOWN', Watch, process, _, _} -> end_port(Port);
        {'EXIT', Port, _} -> ok;
        _ -> hold(Port, Watch)
    end.

end_port(Pid) when is_pid(Pid) -> ok;
end_port(Port) ->
    _ = catch_all(fun() -> port_control(Port, $f, "") end),
    catch_all(fun() -> port_close(Port) end).

%%% ---- the end -----------------------------------------------------------------------------------

finish(S) ->
    clear_all(S),
    [begin
         unlink(C),
         exit(C, kill)
     end || C <- S#s.clients],
    Keepers = [T || {_, T} <- S#s.nodes ++ S#s.left],
    [Keeper ! {gerl_dbg, stop} || #tracing{keeper = Keeper} <- Keepers],
    %% a handler may still be busy: its process ends when that returns
    [receive {'DOWN', Monitor, process, _, _} -> ok after 1000 -> ok end || #tracing{monitor = Monitor} <- Keepers],
    ok.

clear_all(#s{session = Session, nodes = Nodes, left = Left}) ->
    clear(Session),
    [rpc:call(N, ?MODULE, clear_node, [], 5000) || {N, _} <- Nodes ++ Left, N =/= node()],
    ok.

-doc false.
clear_node() -> clear(legacy).

clear(Session) ->
    set_flags(Session, all, false, [all]),
    [set_pattern(Session, {'_', '_', '_'}, false, How) || How <- [[local], [local, meta, call_count, call_time], []]],
    [set_pattern(Session, Event, true, []) || Event <- [send, 'receive']],
    ok.
