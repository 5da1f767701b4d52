-module(dbg).
-moduledoc """
Looking into a running system from the prompt.

    dbg:tracer(), dbg:p(all, c), dbg:tp(lists, seq, x).

starts a tracer that prints, lets all processes tell of their calls, and sets a breakpoint at `lists:seq` that tells of returns, too. `dbg:stop()`
ends it all. Match specifications are easiest to write with `dbg:fun2ms/1`.
""".

-export([start/0, stop/0, stop_clear/0, tracer/0, tracer/2, tracer/3, trace_port_control/1, trace_port_control/2, get_tracer/0, get_tracer/1, get_info/0, i/0]).
-export([p/1, p/2, c/3, c/4, tp/2, tp/3, tp/4, tpl/2, tpl/3, tpl/4, tpe/2, ctp/0, ctp/1, ctp/2, ctp/3, ctpl/0, ctpl/1, ctpl/2, ctpl/3]).
-export([ctpg/0, ctpg/1, ctpg/2, ctpg/3, ctpe/1, ltp/0, dtp/0, dtp/1, wtp/1, rtp/1, n/1, cn/1, ln/0, fun2ms/1, h/0, h/1]).
-export([dhandler/2, transform_flags/1, flush_trace_port/0, flush_trace_port/1, trace_port/2, trace_client/2, trace_client/3, stop_trace_client/1]).
-export([session_create/1, session/2, session_destroy/1]).

-export_type([match_spec/0, match_num/0]).

-type match_spec() :: [{term(), [term()], [term()]}].
-type match_num() :: {matched, node(), integer()} | {matched, node(), 0, term()}.
-type outcome() :: {ok, [match_num() | {saved, term()}]} | {error, term()}.

%% The server keeps the tracer and the saved match specifications.
-record(s, {tracer, monitor, saved = #{}, next = 1, session = legacy}).

-define(KEY, gerl_dbg_session).

%%% ---- the server --------------------------------------------------------------------------------

-doc "Starts the server.".
-spec start() -> {ok, pid()}.
start() -> {ok, server()}.

server() ->
    Name = server_name(),
    case whereis(Name) of
        undefined ->
            Self = self(),
            Session = get(?KEY),
            Pid = spawn(fun() ->
                                true = register(Name, self()),
                                process_flag(trap_exit, true),
                                Self ! {self(), started},
                                serve(#s{saved = named(), session = case Session of undefined -> legacy; _ -> Session end})
                        end),
            receive {Pid, started} -> Pid end;
        Pid -> Pid
    end.

server_name() ->
    case get(?KEY) of
        undefined -> dbg;
        {_, {_, Number}} -> list_to_atom("dbg_session_" ++ integer_to_list(Number))
    end.

named() ->
    Return = [{'_', [], [{exception_trace}]}],
    Caller = [{'_', [], [{message, {caller_line}}]}],
    Both = [{'_', [], [{exception_trace}, {message, {caller_line}}]}],
    #{x => Return, exception_trace => x, c => Caller, caller_trace => c, cx => Both, caller_exception_trace => cx}.

ask(Request) ->
    Server = server(),
    Ref = erlang:monitor(process, Server),
    Server ! {self(), Ref, Request},
    receive
        {Ref, Answer} ->
            erlang:demonitor(Ref, [flush]),
            Answer;
        {'DOWN', Ref, process, _, Reason} -> {error, Reason}
    end.

serve(S) ->
    receive
        {From, Ref, stop} ->
            clear_all(S),
            end_tracer(S),
            From ! {Ref, ok};
        {From, Ref, Request} ->
            {Answer, Next} = handle(Request, S),
            From ! {Ref, Answer},
            serve(Next);
        {'DOWN', Monitor, process, _, _} when Monitor =:= S#s.monitor -> serve(S#s{tracer = undefined, monitor = undefined});
        _ -> serve(S)
    end.

handle({tracer, Start}, #s{tracer = undefined} = S) ->
    {Pid, Monitor} = spawn_monitor(Start),
    {{ok, self()}, S#s{tracer = Pid, monitor = Monitor}};
handle({tracer, _}, S) -> {{error, already_started}, S};
handle(get_tracer, #s{tracer = undefined} = S) -> {{error, no_tracers}, S};
handle(get_tracer, S) -> {{ok, S#s.tracer}, S};
handle(saved, S) -> {S#s.saved, S};
handle({forget, all}, S) -> {ok, S#s{saved = named(), next = 1}};
handle({forget, N}, S) -> {ok, S#s{saved = maps:remove(N, S#s.saved)}};
handle({save, Spec}, #s{saved = Saved, next = Next} = S) ->
    case [K || {K, V} <- maps:to_list(Saved), V =:= Spec, is_integer(K)] of
        [K | _] -> {K, S};
        [] -> {Next, S#s{saved = Saved#{Next => Spec}, next = Next + 1}}
    end;
handle({flags, _, true, _}, #s{tracer = undefined, session = legacy} = S) -> {{error, {no_tracer_on_node, node()}}, S};
handle({flags, Whom, How, Flags}, #s{tracer = Tracer} = S) ->
    {try {ok, set_flags(S#s.session, Whom, How, case How andalso Tracer =/= undefined of true -> [{tracer, Tracer} | Flags]; false -> Flags end)}
     catch error:badarg -> {error, badarg}
     end, S};
handle({pattern, _, _, _}, #s{tracer = undefined, session = legacy} = S) -> {{ok, none}, S}; % there is no node to trace
handle({pattern, Function, Spec, Flags}, S) ->
    {try {ok, set_pattern(S#s.session, Function, Spec, Flags)}
     catch error:badarg -> {error, badarg}
     end, S};
handle(clear, S) ->
    clear_all(S),
    {ok, S}.

set_flags(legacy, Whom, How, Flags) -> erlang:trace(Whom, How, Flags);
set_flags({_, {_, N}}, Whom, How, Flags) -> gerl_trace:process(N, Whom, How, [F || F <- Flags, is_atom(F)]).

set_pattern(legacy, Function, Spec, Flags) -> erlang:trace_pattern(Function, Spec, Flags);
set_pattern({_, {_, N}}, Function, Spec, Flags) -> gerl_trace:function(N, Function, Spec, Flags).

clear_all(#s{session = Session}) ->
    set_flags(Session, all, false, [all]),
    set_pattern(Session, {'_', '_', '_'}, false, [local]),
    set_pattern(Session, {'_', '_', '_'}, false, [local, meta, call_count, call_time]),
    set_pattern(Session, {'_', '_', '_'}, false, []),
    set_pattern(Session, send, true, []),
    set_pattern(Session, 'receive', true, []).

end_tracer(#s{tracer = undefined}) -> ok;
end_tracer(#s{tracer = Pid, monitor = Monitor}) ->
    Pid ! {gerl_dbg, stop, self()},
    receive {'DOWN', Monitor, process, Pid, _} -> ok
    after 1000 -> ok % its handler is still busy: it ends when that returns
    end.

-doc "Ends tracing: the tracer, all flags and all breakpoints.".
-spec stop() -> ok.
stop() ->
    case whereis(server_name()) of
        undefined -> ok;
        _ -> ask(stop)
    end.

-doc "Like `stop/0`.".
-spec stop_clear() -> ok.
stop_clear() -> stop().

%%% ---- tracers -----------------------------------------------------------------------------------

-doc "Starts a tracer that prints to the terminal.".
-spec tracer() -> {ok, pid()} | {error, already_started}.
tracer() ->
    Leader = group_leader(),
    tracer(process, {fun dhandler/2, Leader}).

-doc """
Starts a tracer: `process` with `{Fun, State}`, where the fun gets each trace message and the state and gives the next state; `file` with a file
name, to which the messages are written as text.
""".
-spec tracer(process | file | port | module, term()) -> {ok, pid()} | {error, term()}.
tracer(process, {Handler, State}) when is_function(Handler, 2) ->
    ask({tracer, fun() -> trace_loop(Handler, State) end});
tracer(file, Name) ->
    case file:open(Name, [write, {encoding, utf8}]) of
        {ok, Probe} ->
            ok = file:close(Probe),
            ask({tracer, fun() ->
                                 {ok, File} = file:open(Name, [write, {encoding, utf8}]),
                                 trace_loop(fun dhandler/2, File)
                         end});
        {error, _} = Error -> Error
    end;
tracer(port, Port) when is_function(Port, 0) ->
    ask({tracer, fun() ->
                         put('$gerl_dbg', tracer),
                         Port()
                 end});
tracer(Kind, Data) when Kind =:= port; Kind =:= module -> error(not_supported, [Kind, Data]);
tracer(Kind, Data) -> error(badarg, [Kind, Data]).

-doc "Starts a tracer at a node: only this one.".
-spec tracer(node(), process | file | port | module, term()) -> {ok, node()} | {error, term()}.
tracer(Node, Kind, Data) when Node =:= node() ->
    case tracer(Kind, Data) of
        {ok, _} -> {ok, Node};
        {error, _} = Error -> Error
    end;
tracer(Node, _, _) -> {error, {nodedown, Node}}.

-doc "Operations of trace ports: `flush` writes down what was told. There are no ports that listen.".
-spec trace_port_control(flush | get_listen_port) -> ok | {error, no_trace_driver}.
trace_port_control(flush) -> flush_trace_port();
trace_port_control(get_listen_port) -> {error, no_trace_driver}.

-doc "The same at a node: only this one.".
-spec trace_port_control(node(), flush | get_listen_port) -> ok | {error, term()}.
trace_port_control(Node, Operation) when Node =:= node() -> trace_port_control(Operation);
trace_port_control(Node, _) -> {error, {nodedown, Node}}.

trace_loop(Handler, State) ->
    receive
        {gerl_dbg, stop, _} -> rest(Handler, State);
        {gerl_dbg, flush, From, Ref} ->
            From ! {Ref, {error, no_trace_driver}},
            trace_loop(Handler, State);
        Message -> trace_loop(Handler, Handler(Message, State))
    end.

%% What was told before the end is still handled.
rest(Handler, State) ->
    receive
        Message -> rest(Handler, Handler(Message, State))
    after 0 -> ok
    end.

-doc "The tracer that processes report to.".
-spec get_tracer() -> {ok, pid()} | {error, term()}.
get_tracer() -> ask(get_tracer).

-doc "The tracer of a node: only this one.".
-spec get_tracer(node()) -> {ok, pid()} | {error, term()}.
get_tracer(Node) when Node =:= node() -> get_tracer();
get_tracer(Node) -> {error, {nodedown, Node}}.

-doc """
A fun for `tracer(port, Fun)`: the messages go to a file, or to files that take turns: `{Name, wrap, Suffix, Size, Count}`, where Size is a number of
bytes or `{time, Milliseconds}`. Messages over the network (`ip`) are not supported.
""".
-spec trace_port(file | ip, term()) -> fun(() -> term()).
trace_port(file, Spec) -> fun() -> gerl_dbg_file:start(Spec) end;
trace_port(Kind, Parameters) -> error(not_supported, [Kind, Parameters]).

-doc "Prints what such files tell.".
-spec trace_client(ip | file | follow_file, term()) -> pid().
trace_client(Kind, Spec) -> trace_client(Kind, Spec, {fun dhandler/2, group_leader()}).

-doc """
A process that calls a handler, `{Fun, State}`, for each message in such files and at last for `end_of_trace`; with `follow_file` it waits for
more instead.
""".
-spec trace_client(ip | file | follow_file, term(), {fun((term(), term()) -> term()), term()}) -> pid().
trace_client(Kind, Spec, {_, _} = Handler) when Kind =:= file; Kind =:= follow_file -> gerl_dbg_file:client(Kind, Spec, Handler);
trace_client(Kind, Parameters, Handler) -> error(not_supported, [Kind, Parameters, Handler]).

-doc "Ends such a process.".
-spec stop_trace_client(pid()) -> ok.
stop_trace_client(Pid) when is_pid(Pid) ->
    exit(Pid, abnormal),
    ok.

-doc "Lets the tracer write down what it was told.".
-spec flush_trace_port() -> ok | {error, no_trace_driver}.
flush_trace_port() ->
    case get_tracer() of
        {ok, Tracer} ->
            Ref = monitor(process, Tracer),
            Tracer ! {gerl_dbg, flush, self(), Ref},
            receive
                {Ref, Answer} ->
                    erlang:demonitor(Ref, [flush]),
                    Answer;
                {'DOWN', Ref, _, _, _} -> {error, no_trace_driver}
            end;
        {error, _} -> {error, no_trace_driver}
    end.

-doc "The same at a node: only this one.".
-spec flush_trace_port(node()) -> ok | {error, term()}.
flush_trace_port(Node) when Node =:= node() -> flush_trace_port();
flush_trace_port(Node) -> {error, {nodedown, Node}}.

%%% ---- which processes ---------------------------------------------------------------------------

-doc "Sends and receipts of messages, calls and process events of a process are told.".
-spec p(term()) -> outcome().
p(Item) -> p(Item, [m]).

-doc """
Which events of which processes are told. Item: a pid, a registered name, `all`, `new`, `existing`, `processes`, a number N for `<0.N.0>`,
`{X, Y, Z}`, or text. Flags: `s` send, `r` receive, `m` both, `c` call, `p` process events, `sos`, `sol`, `sofs`, `sofl` (set on spawn, on link,
only on the first), `all`, `clear`, or the names that `erlang:trace/3` has.
""".
-spec p(term(), atom() | [atom()]) -> outcome().
p(Item, Flags0) ->
    Flags1 = case is_list(Flags0) of true -> Flags0; false -> [Flags0] end,
    %% clear takes back what stands before it
    case transform_flags(lists:last([Flags1 | case lists:splitwith(fun(F) -> F =/= clear end, Flags1) of
                                                  {_, [clear | Rest]} -> [Rest];
                                                  _ -> []
                                              end])) of
        {error, _} = Error -> Error;
        Flags ->
            case whom(Item) of
                {ok, Whom} -> flagged(Whom, Flags);
                {error, Reason} -> {ok, [{matched, node(), 0, Reason}]}
            end
    end.

flagged(Whom, []) -> counted(ask({flags, Whom, false, [all]}), Whom);
flagged(Whom, Flags) -> counted(ask({flags, Whom, true, Flags}), Whom).

counted({ok, N}, _) -> {ok, [{matched, node(), N}]};
counted({error, _}, Whom) when is_pid(Whom) -> {ok, [{matched, node(), 0, {badarg, Whom}}]};
counted({error, Reason}, _) -> {error, Reason}.

whom(Item) when is_pid(Item); is_port(Item) -> {ok, Item};
whom(Item) when Item =:= all; Item =:= new; Item =:= existing; Item =:= processes; Item =:= ports; Item =:= existing_processes;
                Item =:= existing_ports; Item =:= new_processes; Item =:= new_ports -> {ok, Item};
whom(Name) when is_atom(Name) ->
    case whereis(Name) of
        undefined -> {error, {no_proc, Name}};
        Pid -> {ok, Pid}
    end;
whom(N) when is_integer(N) -> from_text("<0." ++ integer_to_list(N) ++ ".0>");
whom({X, Y, Z}) -> from_text(lists:flatten(io_lib:format("<~w.~w.~w>", [X, Y, Z])));
whom(Text) when is_list(Text) -> from_text(Text);
whom(Other) -> {error, {badarg, Other}}.

from_text(Text) ->
    try {ok, list_to_pid(Text)}
    catch error:badarg -> {error, {badarg, Text}}
    end.

-doc "Flags as `erlang:trace/3` knows them; `clear` gives none.".
-spec transform_flags([atom()]) -> [atom()] | {error, {bad_flags, [term()]}}.
transform_flags(Flags) ->
    Known = [{F, flag(F)} || F <- Flags],
    case [F || {F, bad} <- Known] of
        [] -> lists:foldl(fun({_, New}, Acc) -> lists:reverse(New, Acc) end, [], Known);
        Bad -> {error, {bad_flags, Bad}}
    end.

flag(s) -> [send];
flag(r) -> ['receive'];
flag(m) -> [send, 'receive'];
flag(c) -> [call];
flag(p) -> [procs];
flag(sos) -> [set_on_spawn];
flag(sol) -> [set_on_link];
flag(sofs) -> [set_on_first_spawn];
flag(sofl) -> [set_on_first_link];
flag(all) -> [send, 'receive', call, procs, garbage_collection, running, set_on_spawn, set_on_first_spawn, set_on_link, set_on_first_link, timestamp, arity, return_to];
flag(F) ->
    case lists:member(F, [send, 'receive', call, procs, ports, garbage_collection, running, running_procs, running_ports, set_on_spawn,
                          set_on_first_spawn, set_on_link, set_on_first_link, timestamp, monotonic_timestamp, strict_monotonic_timestamp, arity,
                          return_to, silent, exiting, cpu_timestamp]) of
        true -> [F];
        false -> bad
    end.

-doc "Calls a function in a process that is traced with all flags.".
-spec c(module(), atom(), [term()]) -> term().
c(M, F, A) -> c(M, F, A, all).

-doc "Calls a function in a process that is traced.".
-spec c(module(), atom(), [term()], atom() | [atom()]) -> term().
c(M, F, A, Flags0) ->
    case transform_flags(case is_list(Flags0) of true -> Flags0; false -> [Flags0] end) of
        {error, _} = Error -> Error;
        Flags ->
            Ref = make_ref(),
            Self = self(),
            {Pid, Monitor} = spawn_monitor(fun() ->
                                                   receive Ref -> ok end,
                                                   Self ! {Ref, apply(M, F, A)}
                                           end),
            _ = ask({flags, Pid, true, Flags -- [timestamp, arity, return_to, running, garbage_collection]}),
            Pid ! Ref,
            receive
                {Ref, Value} ->
                    erlang:demonitor(Monitor, [flush]),
                    Value;
                {'DOWN', Monitor, process, Pid, Reason} -> {error, Reason}
            end
    end.

-doc "The traced processes: `[{Pid, InitialCall, Flags}]`.".
-spec get_info() -> [{pid(), mfa(), [atom()]}].
get_info() ->
    [{P, initial_call(P), Flags} || P <- lists:reverse(processes()), {flags, [_ | _] = Flags} <- [erlang:trace_info(P, flags)]].

initial_call(Pid) ->
    case process_info(Pid, initial_call) of
        {initial_call, Call} -> Call;
        undefined -> undefined
    end.

-doc "Prints the traced processes.".
-spec i() -> ok.
i() ->
    io:format("~nNode ~w:~n~-12s ~-21s ~s~n", [node(), "Pid", "Initial call", "Trace "]),
    lists:foreach(fun({Pid, Call, Flags}) ->
                          io:format("~-12w ~-21.21s ~s~n", [Pid, io_lib:format("~tw", [Call]), lists:join($|, [short(F) || F <- Flags])])
                  end, get_info()).

short(Flag) ->
    case [atom_to_list(S) || S <- [s, r, c, p, sos, sol, sofs, sofl], flag(S) =:= [Flag]] of
        [Text] -> Text;
        [] -> atom_to_list(Flag)
    end.

%%% ---- which calls -------------------------------------------------------------------------------

-doc "Tells calls from other modules of exported functions: a module or `{M, F, A}`, and a match specification or the name or number of a saved one.".
-spec tp(term(), term()) -> outcome().
tp(Module, Spec) when is_atom(Module) -> pattern({Module, '_', '_'}, Spec, []);
tp({_, _, _} = Function, Spec) -> pattern(Function, Spec, []).

-doc "Tells calls of an exported function of any arity.".
-spec tp(module(), atom(), term()) -> outcome().
tp(M, F, Spec) -> pattern({M, F, '_'}, Spec, []).

-doc "Tells calls of an exported function.".
-spec tp(module(), atom(), arity() | '_', term()) -> outcome().
tp(M, F, A, Spec) -> pattern({M, F, A}, Spec, []).

-doc "Like `tp/2` for all calls, also local ones.".
-spec tpl(term(), term()) -> outcome().
tpl(Module, Spec) when is_atom(Module) -> pattern({Module, '_', '_'}, Spec, [local]);
tpl({_, _, _} = Function, Spec) -> pattern(Function, Spec, [local]).

-doc "Like `tp/3` for all calls, also local ones.".
-spec tpl(module(), atom(), term()) -> outcome().
tpl(M, F, Spec) -> pattern({M, F, '_'}, Spec, [local]).

-doc "Like `tp/4` for all calls, also local ones.".
-spec tpl(module(), atom(), arity() | '_', term()) -> outcome().
tpl(M, F, A, Spec) -> pattern({M, F, A}, Spec, [local]).

-doc "Which sent or received messages are told.".
-spec tpe(send | 'receive', term()) -> outcome().
tpe(Event, Spec) when Event =:= send; Event =:= 'receive' -> pattern(Event, Spec, []).

pattern(Function, Name, Flags) when is_atom(Name), Name =/= true, Name =/= false; is_integer(Name) ->
    case resolved(Name, ask(saved)) of
        error -> {error, unknown_pattern};
        Spec -> with_saved(ask({pattern, Function, Spec, Flags}), Name)
    end;
pattern(Function, [], Flags) -> with_saved(ask({pattern, Function, true, Flags}), none);
pattern(Function, Spec, Flags) ->
    case ask({pattern, Function, Spec, Flags}) of
        {ok, _} = Good -> with_saved(Good, case is_list(Spec) of true -> ask({save, Spec}); false -> none end);
        {error, _} ->
            case is_list(Spec) andalso erlang:match_spec_test([], Spec, trace) of
                {error, Why} -> {error, Why};
                _ -> {error, badarg}
            end
    end.

resolved(Name, Saved) ->
    case Saved of
        #{Name := Other} when is_atom(Other) -> resolved(Other, Saved);
        #{Name := Spec} -> Spec;
        #{} -> error
    end.

with_saved({ok, none}, none) -> {ok, []};
with_saved({ok, none}, Saved) -> {ok, [{saved, Saved}]};
with_saved({ok, N}, none) -> {ok, [{matched, node(), N}]};
with_saved({ok, N}, Saved) -> {ok, [{matched, node(), N}, {saved, Saved}]};
with_saved({error, _} = Error, _) -> Error.

-doc "Takes out all breakpoints.".
-spec ctp() -> outcome().
ctp() -> ctp({'_', '_', '_'}).

-doc "Takes out the breakpoints of a module or `{M, F, A}`.".
-spec ctp(term()) -> outcome().
ctp(Module) when is_atom(Module) -> ctp({Module, '_', '_'});
ctp({_, _, _} = Function) ->
    _ = ask({pattern, Function, false, [local]}),
    with_saved(ask({pattern, Function, false, []}), none).

-doc "Takes out the breakpoints of a function of any arity.".
-spec ctp(module(), atom()) -> outcome().
ctp(M, F) -> ctp({M, F, '_'}).

-doc "Takes out the breakpoint of a function.".
-spec ctp(module(), atom(), arity() | '_') -> outcome().
ctp(M, F, A) -> ctp({M, F, A}).

-doc "Takes out all breakpoints of `tpl`.".
-spec ctpl() -> outcome().
ctpl() -> ctpl({'_', '_', '_'}).

-doc "Takes out the breakpoints of `tpl` of a module or `{M, F, A}`.".
-spec ctpl(term()) -> outcome().
ctpl(Module) when is_atom(Module) -> ctpl({Module, '_', '_'});
ctpl({_, _, _} = Function) -> with_saved(ask({pattern, Function, false, [local]}), none).

-doc "Takes out the breakpoints of `tpl` of a function of any arity.".
-spec ctpl(module(), atom()) -> outcome().
ctpl(M, F) -> ctpl({M, F, '_'}).

-doc "Takes out the breakpoint of `tpl` of a function.".
-spec ctpl(module(), atom(), arity() | '_') -> outcome().
ctpl(M, F, A) -> ctpl({M, F, A}).

-doc "Takes out all breakpoints of `tp`.".
-spec ctpg() -> outcome().
ctpg() -> ctpg({'_', '_', '_'}).

-doc "Takes out the breakpoints of `tp` of a module or `{M, F, A}`.".
-spec ctpg(term()) -> outcome().
ctpg(Module) when is_atom(Module) -> ctpg({Module, '_', '_'});
ctpg({_, _, _} = Function) -> with_saved(ask({pattern, Function, false, []}), none).

-doc "Takes out the breakpoints of `tp` of a function of any arity.".
-spec ctpg(module(), atom()) -> outcome().
ctpg(M, F) -> ctpg({M, F, '_'}).

-doc "Takes out the breakpoint of `tp` of a function.".
-spec ctpg(module(), atom(), arity() | '_') -> outcome().
ctpg(M, F, A) -> ctpg({M, F, A}).

-doc "Tells all messages of an event again.".
-spec ctpe(send | 'receive') -> outcome().
ctpe(Event) when Event =:= send; Event =:= 'receive' -> with_saved(ask({pattern, Event, true, []}), none).

%%% ---- saved match specifications ----------------------------------------------------------------

-doc "Prints the saved match specifications.".
-spec ltp() -> ok.
ltp() ->
    Saved = maps:to_list(ask(saved)),
    Numbers = lists:sort([E || {K, _} = E <- Saved, is_integer(K)]),
    Names = lists:sort([E || {K, _} = E <- Saved, is_atom(K)]),
    lists:foreach(fun({K, V}) -> io:format("~tp: ~tp~n", [K, V]) end, Numbers ++ Names).

-doc "Forgets the saved match specifications.".
-spec dtp() -> ok.
dtp() -> ask({forget, all}).

-doc "Forgets a saved match specification.".
-spec dtp(integer()) -> ok.
dtp(N) when is_integer(N) -> ask({forget, N}).

-doc "Writes the saved match specifications to a file.".
-spec wtp(file:name()) -> ok | {error, term()}.
wtp(File) ->
    Specs = [V || {K, V} <- lists:sort(maps:to_list(ask(saved))), is_integer(K)],
    case file:write_file(File, unicode:characters_to_binary([io_lib:format("~tp.~n", [S]) || S <- Specs])) of
        ok -> ok;
        {error, Reason} -> {error, Reason}
    end.

-doc "Saves the match specifications of a file.".
-spec rtp(file:name()) -> ok | {error, term()}.
rtp(File) ->
    case file:consult(File) of
        {ok, Specs} -> lists:foreach(fun(S) -> ask({save, S}) end, Specs);
        {error, _} -> {error, {read_error, File}}
    end.

-doc "A fun as match specification; the parse transform `ms_transform` or the shell does it.".
-spec fun2ms(fun()) -> match_spec() | no_return().
fun2ms(Fun) when is_function(Fun) ->
    %% in the shell a fun is still source text
    case erl_eval:fun_data(Fun) of
        {fun_data, Bindings, Clauses} ->
            case ms_transform:transform_from_shell(dbg, Clauses, Bindings) of
                {error, [{_, [{_, Module, Code} | _]} | _], _} ->
                    io:format("Error: ~ts~n", [Module:format_error(Code)]),
                    {error, transform_error};
                Spec -> Spec
            end;
        _ -> exit({badarg, {?MODULE, fun2ms, [function, called, with, real, 'fun', should, be, transformed, with, parse_transform, 'or', called,
                                             with, a, 'fun', generated, in, the, shell]}})
    end.

%%% ---- nodes and sessions ------------------------------------------------------------------------

-doc "Tracing on other nodes: not supported.".
-spec n(node()) -> {error, term()}.
n(Node) when Node =:= node() -> {error, cant_trace_local_node};
n(Node) -> {error, {nodedown, Node}}.

-doc "Forgets another node.".
-spec cn(node()) -> ok.
cn(_Node) -> ok.

-doc "Prints the traced nodes.".
-spec ln() -> ok.
ln() -> io:format("~p~n", [node()]).

-doc "Makes a session: flags, breakpoints and tracer of its own.".
-spec session_create(atom()) -> trace:session().
session_create(Name) -> trace:session_create(Name, server(), []).

-doc "Calls a fun in which all functions of this module work on the session.".
-spec session(trace:session(), fun(() -> T)) -> T.
session(Session, Fun) ->
    Old = put(?KEY, Session),
    try Fun()
    after
        case Old of
            undefined -> erase(?KEY);
            _ -> put(?KEY, Old)
        end
    end.

-doc "Ends a session.".
-spec session_destroy(trace:session()) -> ok.
session_destroy(Session) ->
    session(Session, fun stop/0),
    _ = trace:session_destroy(Session),
    ok.

%%% ---- help --------------------------------------------------------------------------------------

-doc "Prints what this module can do.".
-spec h() -> ok.
h() -> io:put_chars("Functions: tracer, p, c, tp, tpl, tpe, ctp, ctpl, ctpg, ltp, dtp, wtp, rtp, i, get_info, stop. h(dbg, Function) shows more.\n").

-doc "Prints the documentation of a function.".
-spec h(atom()) -> term().
h(Function) -> c:h(?MODULE, Function).

%%% ---- trace messages as text --------------------------------------------------------------------

-doc "Prints a trace message to a device; the handler of the tracer that `tracer/0` starts.".
-spec dhandler(term(), term()) -> term().
dhandler(Message, Out) ->
    case text(Message) of
        none -> ok;
        Text -> io:put_chars(Out, [Text, $\n])
    end,
    Out.

text(end_of_trace) -> none;
text({drop, N}) -> io_lib:format("*** Dropped ~w messages.", [N]);
text({seq_trace, Label, Info}) -> ["SeqTrace ", io_lib:format("[~tp]: ", [Label]), sequence(Info)];
text({seq_trace, Label, Info, Stamp}) -> ["SeqTrace ", io_lib:format("~tp [~tp]: ", [Stamp, Label]), sequence(Info)];
text(Message) when element(1, Message) =:= trace -> event(tl(tuple_to_list(Message)));
text(Message) when element(1, Message) =:= trace_ts ->
    Parts = tl(tuple_to_list(Message)),
    [event(lists:droplast(Parts)), io_lib:format(" (Timestamp: ~tp)", [lists:last(Parts)])];
text(_) -> none.

event([Who, What | Rest]) -> io_lib:format("(~tp) ~ts", [Who, told(What, Rest)]).

told('receive', [Message]) -> io_lib:format("<< ~tp", [Message]);
told(send, [Message, To]) -> io_lib:format("~tp ! ~tp", [To, Message]);
told(call, [Call]) -> ["call ", called(Call)];
told(call, [Call, Extra]) -> ["call ", called(Call), io_lib:format(" (~tp)", [Extra])];
told(return_from, [Call, Value]) -> ["returned from ", called(Call), io_lib:format(" -> ~tp", [Value])];
told(return_to, [Call]) -> ["returning to ", called(Call)];
told(spawn, [Pid, Call]) -> [io_lib:format("spawn ~tp as ", [Pid]), called(Call)];
told(Event, Rest) -> lists:join($\s, [io_lib:format("~tp", [T]) || T <- [Event | Rest]]).

called({M, F, Args}) when is_list(Args) ->
    [io_lib:format("~tp:~tp(", [M, F]), lists:join($,, [io_lib:format("~tp", [A]) || A <- Args]), $)];
called({M, F, Arity}) -> io_lib:format("~tp:~tp/~tp", [M, F, Arity]);
called(Other) -> io_lib:format("~tp", [Other]).

sequence({send, Serial, From, To, Message}) -> io_lib:format("(~tp) ~tp ! ~tp [Serial: ~tp]", [From, To, Message, Serial]);
sequence({'receive', Serial, From, To, Message}) -> io_lib:format("(~tp) << ~tp [Serial: ~tp, From: ~tp]", [To, Message, Serial, From]);
sequence({print, Serial, From, _, Info}) -> io_lib:format("-> ~tp [Serial: ~tp, From: ~tp]", [Info, Serial, From]);
sequence(Other) -> io_lib:format("~tp", [Other]).
