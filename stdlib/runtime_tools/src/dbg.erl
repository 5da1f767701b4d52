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

%%% ---- the server --------------------------------------------------------------------------------

-doc "Starts the server.".
-spec start() -> {ok, pid()}.
start() -> {ok, gerl_dbg:server()}.

ask(Request) -> gerl_dbg:ask(Request).

-doc "Ends tracing: the tracer, all flags and all breakpoints.".
-spec stop() -> ok.
stop() ->
    case gerl_dbg:running() of
        true -> ask(stop);
        false -> ok
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
name, to which the messages are written as text; `port` with what `trace_port/2` gives. Tracers that are native functions (`module`) are not supported.
""".
-spec tracer(process | file | port | module, term()) -> {ok, pid()} | {error, term()}.
tracer(Kind, Data) -> ask({tracer, node(), checked(Kind, Data), Data}).

-doc "Starts a tracer on a node; a fun instead of what it needs is called there to give it.".
-spec tracer(node(), process | file | port | module, term()) -> {ok, node()} | {error, term()}.
tracer(Node, Kind, Data) when is_atom(Node) ->
    case ask({tracer, Node, checked(Kind, Data), Data}) of
        {ok, _} -> {ok, Node};
        {error, _} = Error -> Error
    end.

checked(process, {Handler, _}) when is_function(Handler, 2) -> process;
checked(port, Fun) when is_function(Fun, 0) -> port;
checked(file, _) -> file;
checked(module, Data) -> error(not_supported, [module, Data]);
checked(Kind, Data) -> error(function_clause, [Kind, Data]).

-doc "Operations of trace ports: `flush` writes down what was told, `get_listen_port` gives the number of the port that is listened at.".
-spec trace_port_control(flush | get_listen_port) -> ok | {ok, integer()} | {error, term()}.
trace_port_control(Operation) -> trace_port_control(node(), Operation).

-doc "The same on a node.".
-spec trace_port_control(node(), flush | get_listen_port) -> ok | {ok, integer()} | {error, term()}.
trace_port_control(Node, flush) ->
    case trace_port_call(Node, fun(Port) ->
                                       Ref = erlang:trace_delivered(all),
                                       receive {trace_delivered, all, Ref} -> ok end,
                                       port_control(Port, $f, "")
                               end) of
        [0] -> ok;
        Other -> not_by(Other)
    end;
trace_port_control(Node, get_listen_port) ->
    case trace_port_call(Node, fun(Port) -> port_control(Port, $p, "") end) of
        <<0, Number:16>> -> {ok, Number};
        Other -> not_by(Other)
    end.

not_by({error, no_trace_driver} = Error) -> Error;
not_by(_) -> {error, not_supported_by_trace_driver}.

trace_port_call(Node, Fun) ->
    case get_tracer(Node) of
        {ok, Port} when is_port(Port) -> rpc:call(Node, erlang, apply, [Fun, [Port]]);
        _ -> {error, no_trace_driver}
    end.

-doc "The tracer that processes report to.".
-spec get_tracer() -> {ok, pid() | port()} | {error, term()}.
get_tracer() -> get_tracer(node()).

-doc "The tracer of a node.".
-spec get_tracer(node()) -> {ok, pid() | port()} | {error, term()}.
get_tracer(Node) -> ask({get_tracer, Node}).

-doc """
A fun for `tracer(port, Fun)`. With `file` the messages go to a file, or to files that take turns: `{Name, wrap, Suffix, Size, Count}`, where Size is a number of
bytes or `{time, Milliseconds}`. With `ip` they go to who connects to a TCP port; the parameter is its number (0: any), or that and how many messages
may wait. The fun opens the port.
""".
-spec trace_port(file | ip, term()) -> fun(() -> port()).
trace_port(file, Spec) -> fun() -> gerl_dbg_file:open(Spec) end;
trace_port(ip, Number) when is_integer(Number) -> trace_port(ip, {Number, 200});
trace_port(ip, {Number, Waiting}) when is_integer(Number), is_integer(Waiting) ->
    fun() -> open_port({spawn, lists:concat(["trace_ip_drv ", Number, " ", Waiting, " 2"])}, [eof]) end.

-doc "Prints what such files or ports tell.".
-spec trace_client(ip | file | follow_file, term()) -> pid().
trace_client(Kind, Spec) -> trace_client(Kind, Spec, {fun dhandler/2, user}).

-doc """
A process that calls a handler, `{Fun, State}`, for each message in such files, or from `{Host, Port}` or a port of this host, and at last for
`end_of_trace`; with `follow_file` it waits for more instead.
""".
-spec trace_client(ip | file | follow_file, term(), {fun((term(), term()) -> term()), term()}) -> pid().
trace_client(ip, Number, Handler) when is_integer(Number) -> trace_client(ip, {"localhost", Number}, Handler);
trace_client(Kind, Spec, {Fun, State}) when Kind =:= file; Kind =:= follow_file; Kind =:= ip, tuple_size(Spec) =:= 2 ->
    Pid = spawn(fun() -> receive go -> gerl_dbg_file:read(Kind, Spec, Fun, State) end end),
    ok = ask({client, Pid}),
    Pid ! go,
    Pid.

-doc "Ends such a process.".
-spec stop_trace_client(pid()) -> ok.
stop_trace_client(Pid) when is_pid(Pid) ->
    Monitor = monitor(process, Pid),
    exit(Pid, abnormal),
    receive {'DOWN', Monitor, process, Pid, _} -> ok after 5000 -> {error, timeout} end.

-doc "Lets the tracer write down what it was told.".
-spec flush_trace_port() -> ok | {error, term()}.
flush_trace_port() -> trace_port_control(flush).

-doc "The same on a node.".
-spec flush_trace_port(node()) -> ok | {error, term()}.
flush_trace_port(Node) -> trace_port_control(Node, flush).

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
                {ok, Whom} when Flags =:= [] -> ask({flags, Whom, false, [all]});
                {ok, Whom} -> ask({flags, Whom, true, Flags});
                {error, {no_proc, _} = Reason} -> unknown(Reason);
                {error, _} = Error -> Error
            end
    end.

unknown(Reason) ->
    case ask(nodes) of
        [] -> {error, no_tracers};
        Nodes -> {ok, [{matched, N, 0, Reason} || N <- Nodes]}
    end.

whom(Item) when is_pid(Item); is_port(Item) -> {ok, Item};
whom(Item) when Item =:= all; Item =:= new; Item =:= existing; Item =:= processes; Item =:= ports; Item =:= existing_processes;
                Item =:= existing_ports; Item =:= new_processes; Item =:= new_ports -> {ok, Item};
whom(Name) when is_atom(Name) ->
    case whereis(Name) of
        undefined -> {error, {no_proc, Name}};
        Pid -> {ok, Pid}
    end;
whom(N) when is_integer(N), N >= 0 -> from_text("<0." ++ integer_to_list(N) ++ ".0>");
whom({X, Y, Z}) when is_integer(X), is_integer(Y), is_integer(Z) -> from_text(lists:flatten(io_lib:format("<~w.~w.~w>", [X, Y, Z])));
whom(Text) when is_list(Text) -> from_text(Text);
whom(Other) -> {error, {badpid, Other}}.

from_text(Text) ->
    try {ok, list_to_pid(Text)}
    catch error:badarg -> {error, {badpid, Text}}
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
    lists:foreach(fun(Node) ->
                          io:format("~nNode ~w:~n~-12s ~-21s ~s~n", [Node, "Pid", "Initial call", "Trace "]),
                          [io:format("~-12w ~-21.21s ~s~n", [Pid, io_lib:format("~tw", [Call]), lists:join($|, [short(F) || F <- Flags])])
                           || {Pid, Call, Flags} <- rpc:call(Node, ?MODULE, get_info, [])]
                  end, ask(nodes)).

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

pattern(Function, Name, Flags) when is_atom(Name); is_integer(Name) ->
    case resolved(Name, ask(saved)) of
        error -> {error, unknown_pattern};
        Spec -> with_saved(set(Function, Spec, Flags), Name)
    end;
pattern(Function, [], Flags) -> {ok, set(Function, [], Flags)};
pattern(Function, Spec, Flags) when is_list(Spec) ->
    case erlang:match_spec_test([], Spec, trace) of
        {error, Why} -> {error, Why};
        _ ->
            Matched = set(Function, Spec, Flags),
            with_saved(Matched, ask({save, Spec}))
    end.

set(Function, Spec, Flags) -> ask({pattern, Function, Spec, Flags}).

resolved(Name, Saved) ->
    case Saved of
        #{Name := Other} when is_atom(Other) -> resolved(Other, Saved);
        #{Name := Spec} -> Spec;
        #{} -> error
    end.

with_saved(Matched, Saved) -> {ok, Matched ++ [{saved, Saved}]}.

-doc "Takes out all breakpoints.".
-spec ctp() -> outcome().
ctp() -> ctp({'_', '_', '_'}).

-doc "Takes out the breakpoints of a module or `{M, F, A}`.".
-spec ctp(term()) -> outcome().
ctp(Module) when is_atom(Module) -> ctp({Module, '_', '_'});
ctp({_, _, _} = Function) ->
    _ = set(Function, false, []),
    {ok, set(Function, false, [local])}.

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
ctpl({_, _, _} = Function) -> {ok, set(Function, false, [local])}.

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
ctpg({_, _, _} = Function) -> {ok, set(Function, false, [])}.

-doc "Takes out the breakpoints of `tp` of a function of any arity.".
-spec ctpg(module(), atom()) -> outcome().
ctpg(M, F) -> ctpg({M, F, '_'}).

-doc "Takes out the breakpoint of `tp` of a function.".
-spec ctpg(module(), atom(), arity() | '_') -> outcome().
ctpg(M, F, A) -> ctpg({M, F, A}).

-doc "Tells all messages of an event again.".
-spec ctpe(send | 'receive') -> outcome().
ctpe(Event) when Event =:= send; Event =:= 'receive' -> {ok, set(Event, true, [])}.

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
        {error, Reason} -> {error, {read_error, Reason}}
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

-doc "Traces a node, too: what is told there goes to the tracer of this node, which must be a process.".
-spec n(node()) -> {ok, node()} | {error, term()}.
n(Node) when is_atom(Node) -> ask({add_node, Node});
n(Other) -> {error, {bad_node, Other}}.

-doc "Leaves a node out of what is traced from now on; what is traced there goes on.".
-spec cn(node()) -> ok.
cn(Node) -> ask({drop_node, Node}).

-doc "Prints the traced nodes.".
-spec ln() -> ok.
ln() -> lists:foreach(fun(Node) -> io:format("~p~n", [Node]) end, ask(nodes)).

-doc "Makes a session: flags, breakpoints and tracer of its own.".
-spec session_create(atom()) -> trace:session().
session_create(Name) -> trace:session_create(Name, gerl_dbg:server(), []).

-doc "Calls a fun in which all functions of this module work on the session.".
-spec session(trace:session(), fun(() -> T)) -> T.
session(Session, Fun) ->
    Old = put(gerl_dbg:key(), Session),
    try Fun()
    after
        case Old of
            undefined -> erase(gerl_dbg:key());
            _ -> put(gerl_dbg:key(), Old)
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
    case gerl_dbg_text:text(Message) of
        none -> ok;
        Text -> io:put_chars(Out, [Text, $\n])
    end,
    Out.
