-module(gen_server).
-moduledoc """
The generic server of a client-server relation. A module with the callbacks of this behaviour holds the
state and answers; everything else happens here: the start in step with the parent, the loop over messages,
timeouts, system messages, the end, and the report about it.

Names like try_handle_call/4 and handle_common_reply/5 are seen by users, in stack traces.
""".

%% Starting and stopping
-export([start/3, start/4, start_link/3, start_link/4, start_monitor/3, start_monitor/4, stop/1, stop/3,
         enter_loop/3, enter_loop/4, enter_loop/5]).
%% Requests
-export([call/2, call/3, cast/2, reply/2, abcast/2, abcast/3, multi_call/2, multi_call/3, multi_call/4,
         send_request/2, send_request/4, wait_response/2, wait_response/3, receive_response/2, receive_response/3,
         check_response/2, check_response/3, reqids_new/0, reqids_size/1, reqids_add/3, reqids_to_list/1]).
%% For gen, sys and logger
-export([init_it/6, system_continue/3, system_terminate/4, system_code_change/4, system_get_state/1,
         system_replace_state/2, format_status/2, format_log/1, format_log/2]).

-export_type([from/0, reply_tag/0, request_id/0, request_id_collection/0, server_name/0, server_ref/0,
              start_opt/0, start_ret/0, start_mon_ret/0, enter_loop_opt/0, format_status/0, action/0]).

-include_lib("kernel/include/logger.hrl").

-type server_name() :: gen:emgr_name().
-type server_ref() :: gen:server_ref().
-type reply_tag() :: gen:reply_tag().
-type from() :: {pid(), reply_tag()}.
-opaque request_id() :: gen:request_id().
-opaque request_id_collection() :: gen:request_id_collection().
-type enter_loop_opt() :: {hibernate_after, timeout()} | {debug, [sys:debug_option()]}.
-type start_opt() :: {timeout, timeout()} | {spawn_opt, [proc_lib:start_spawn_option()]} | enter_loop_opt().
-type start_ret() :: {ok, pid()} | ignore | {error, term()}.
-type start_mon_ret() :: {ok, {pid(), reference()}} | ignore | {error, term()}.
-type action() :: timeout() | hibernate | {continue, term()} | {timeout | hibernate, timeout(), term()}
                | {timeout | hibernate, timeout() | integer(), term(), {abs, boolean()} | [{abs, boolean()}]}.
-type format_status() :: #{state => term(), message => term(), reason => term(), log => [sys:system_event()]}.
-type response_timeout() :: timeout() | {abs, integer()}.

-callback init(Args :: term()) ->
    {ok, State :: term()} | {ok, State :: term(), action()} | {stop, Reason :: term()} | {error, Reason :: term()} | ignore.
-callback handle_call(Request :: term(), from(), State :: term()) ->
    {reply, Reply :: term(), State1 :: term()} | {reply, Reply :: term(), State1 :: term(), action()}
    | {noreply, State1 :: term()} | {noreply, State1 :: term(), action()}
    | {stop, Reason :: term(), Reply :: term(), State1 :: term()} | {stop, Reason :: term(), State1 :: term()}.
-callback handle_cast(Request :: term(), State :: term()) ->
    {noreply, State1 :: term()} | {noreply, State1 :: term(), action()} | {stop, Reason :: term(), State1 :: term()}.
-callback handle_info(Info :: timeout | term(), State :: term()) ->
    {noreply, State1 :: term()} | {noreply, State1 :: term(), action()} | {stop, Reason :: term(), State1 :: term()}.
-callback handle_continue(Info :: term(), State :: term()) ->
    {noreply, State1 :: term()} | {noreply, State1 :: term(), action()} | {stop, Reason :: term(), State1 :: term()}.
-callback terminate(Reason :: normal | shutdown | {shutdown, term()} | term(), State :: term()) -> term().
-callback code_change(Vsn :: term() | {down, term()}, State :: term(), Extra :: term()) ->
    {ok, State1 :: term()} | {error, Reason :: term()}.
-callback format_status(normal | terminate, [term()]) -> term().
-callback format_status(format_status()) -> format_status().
-optional_callbacks([handle_info/2, handle_continue/2, terminate/2, code_change/3, format_status/1, format_status/2]).

%% What stays the same for the life of a server, but for the debug structure.
-record(server, {parent :: pid(),
                 name :: term(),
                 module :: module(),
                 timer_tag = make_ref() :: reference(),   % marks the messages of action timers
                 hibernate_after :: timeout(),
                 debug = [] :: [sys:dbg_opt()]}).

%% How the loop waits: without end, for a time, hibernating; for an action timer besides.
-type wait() :: timeout() | hibernate.
-type timer() :: none | {reference(), term()}.

%%% ---- starting and stopping --------------------------------------------------------------------------

-doc "Starts a server that is not linked to the caller.".
-spec start(module(), term(), [start_opt()]) -> start_ret().
start(Module, Args, Options) when is_atom(Module), is_list(Options) ->
    gen:start(?MODULE, nolink, Module, Args, Options);
start(Module, Args, Options) -> erlang:error(badarg, [Module, Args, Options]).

-doc "Like start/3, under a name.".
-spec start(server_name(), module(), term(), [start_opt()]) -> start_ret().
start(Name, Module, Args, Options) when is_atom(Module), is_list(Options) ->
    check_name(Name, [Name, Module, Args, Options]),
    gen:start(?MODULE, nolink, Name, Module, Args, Options);
start(Name, Module, Args, Options) -> erlang:error(badarg, [Name, Module, Args, Options]).

-doc "Starts a server that is linked to the caller, as part of a supervision tree.".
-spec start_link(module(), term(), [start_opt()]) -> start_ret().
start_link(Module, Args, Options) when is_atom(Module), is_list(Options) ->
    gen:start(?MODULE, link, Module, Args, Options);
start_link(Module, Args, Options) -> erlang:error(badarg, [Module, Args, Options]).

-doc "Like start_link/3, under a name.".
-spec start_link(server_name(), module(), term(), [start_opt()]) -> start_ret().
start_link(Name, Module, Args, Options) when is_atom(Module), is_list(Options) ->
    check_name(Name, [Name, Module, Args, Options]),
    gen:start(?MODULE, link, Name, Module, Args, Options);
start_link(Name, Module, Args, Options) -> erlang:error(badarg, [Name, Module, Args, Options]).

-doc "Starts a server and monitors it.".
-spec start_monitor(module(), term(), [start_opt()]) -> start_mon_ret().
start_monitor(Module, Args, Options) when is_atom(Module), is_list(Options) ->
    monitored(gen:start(?MODULE, monitor, Module, Args, Options));
start_monitor(Module, Args, Options) -> erlang:error(badarg, [Module, Args, Options]).

-doc "Like start_monitor/3, under a name.".
-spec start_monitor(server_name(), module(), term(), [start_opt()]) -> start_mon_ret().
start_monitor(Name, Module, Args, Options) when is_atom(Module), is_list(Options) ->
    check_name(Name, [Name, Module, Args, Options]),
    monitored(gen:start(?MODULE, monitor, Name, Module, Args, Options));
start_monitor(Name, Module, Args, Options) -> erlang:error(badarg, [Name, Module, Args, Options]).

monitored({{ok, Pid}, Ref}) -> {ok, {Pid, Ref}};
monitored({Failed, Ref}) ->
    demonitor(Ref, [flush]),
    Failed.

check_name({local, Name}, _) when is_atom(Name) -> ok;
check_name({global, _}, _) -> ok;
check_name({via, Registry, _}, _) when is_atom(Registry) -> ok;
check_name(_, Args) -> erlang:error(badarg, Args).

-doc "Makes a server end with reason normal.".
-spec stop(server_ref()) -> ok.
stop(Server) -> gen:stop(Server).

-doc "Makes a server end with a reason within a time.".
-spec stop(server_ref(), term(), timeout()) -> ok.
stop(Server, Reason, Time) -> gen:stop(Server, Reason, Time).

-doc "Makes the calling process, which proc_lib has started, a server.".
-spec enter_loop(module(), [enter_loop_opt()], term()) -> no_return().
enter_loop(Module, Options, State) -> enter_loop(Module, Options, State, self(), infinity).

-doc "Like enter_loop/3 with a name that the process has, or with a first action.".
-spec enter_loop(module(), [enter_loop_opt()], term(), server_name() | pid() | action()) -> no_return().
enter_loop(Module, Options, State, {local, _} = Name) -> enter_loop(Module, Options, State, Name, infinity);
enter_loop(Module, Options, State, {global, _} = Name) -> enter_loop(Module, Options, State, Name, infinity);
enter_loop(Module, Options, State, {via, _, _} = Name) -> enter_loop(Module, Options, State, Name, infinity);
enter_loop(Module, Options, State, Action) -> enter_loop(Module, Options, State, self(), Action).

-doc "Like enter_loop/3 with a name and a first action.".
-spec enter_loop(module(), [enter_loop_opt()], term(), server_name() | pid(), action()) -> no_return().
enter_loop(Module, Options, State, FullName, Action) when is_atom(Module), is_list(Options) ->
    Name = gen:get_proc_name(FullName),
    S = new_server(gen:get_parent(), Name, Module, Options),
    case prepare(Action, S) of
        bad_action ->
            gen:unregister_name(FullName),
            exit({bad_action, Action});
        Next -> continue(S, State, Next)
    end.

new_server(Parent, Name, Module, Options) ->
    #server{parent = Parent, name = Name, module = Module, hibernate_after = gen:hibernate_after(Options),
            debug = gen:debug_options(Name, Options)}.

-doc false.
init_it(Starter, self, Name, Module, Args, Options) ->
    init_it(Starter, self(), Name, Module, Args, Options);
init_it(Starter, Parent, FullName, Module, Args, Options) ->
    S = new_server(Parent, gen:name(FullName), Module, Options),
    %% A name is free again before the starter hears of a failure, so that it can try again at once.
    case init_it(Module, Args) of
        {returned, {ok, State}} ->
            proc_lib:init_ack(Starter, {ok, self()}),
            wait(S, State, infinity, none);
        {returned, {ok, State, Action} = Return} ->
            case prepare(Action, S) of
                bad_action ->
                    gen:unregister_name(FullName),
                    exit({bad_return_value, Return});
                Next ->
                    proc_lib:init_ack(Starter, {ok, self()}),
                    continue(S, State, Next)
            end;
        {returned, {stop, Reason}} ->
            gen:unregister_name(FullName),
            exit(Reason);
        {returned, Quiet} when Quiet =:= ignore; element(1, Quiet) =:= error, tuple_size(Quiet) =:= 2 ->
            gen:unregister_name(FullName),
            proc_lib:init_fail(Starter, Quiet, {exit, normal});
        {returned, Bad} ->
            gen:unregister_name(FullName),
            exit({bad_return_value, Bad});
        {raised, Class, Reason, Stack} ->
            gen:unregister_name(FullName),
            erlang:raise(Class, Reason, Stack)
    end.

init_it(Module, Args) ->
    try {returned, Module:init(Args)}
    catch
        throw:Value -> {returned, Value};
        Class:Reason:Stack -> {raised, Class, Reason, Stack}
    end.

%%% ---- requests -------------------------------------------------------------------------------------------

-doc "Sends a request and waits for the reply, at most five seconds.".
-spec call(server_ref(), term()) -> term().
call(Server, Request) ->
    try gen:call(Server, '$gen_call', Request) of
        {ok, Reply} -> Reply
    catch
        exit:Reason -> exit({Reason, {?MODULE, call, [Server, Request]}});
        error:Reason:Stack -> exit({{Reason, Stack}, {?MODULE, call, [Server, Request]}})
    end.

-doc "Sends a request and waits for the reply.".
-spec call(server_ref(), term(), timeout()) -> term().
call(Server, Request, Time) ->
    try gen:call(Server, '$gen_call', Request, Time) of
        {ok, Reply} -> Reply
    catch
        exit:Reason -> exit({Reason, {?MODULE, call, [Server, Request, Time]}});
        error:Reason:Stack -> exit({{Reason, Stack}, {?MODULE, call, [Server, Request, Time]}})
    end.

-doc "Sends a request without reply; nothing is said if there is no such server.".
-spec cast(server_ref(), term()) -> ok.
cast({global, Name}, Request) -> quietly(fun() -> global:send(Name, {'$gen_cast', Request}) end);
cast({via, Registry, Name}, Request) -> quietly(fun() -> Registry:send(Name, {'$gen_cast', Request}) end);
cast(Server, Request) when is_pid(Server); is_atom(Server) ->
    quietly(fun() -> Server ! {'$gen_cast', Request} end);
cast({Name, Node} = Server, Request) when is_atom(Name), is_atom(Node) ->
    quietly(fun() -> Server ! {'$gen_cast', Request} end).

quietly(Send) ->
    try Send() of _ -> ok
    catch _:_ -> ok
    end.

-doc "Sends the reply to a request that handle_call has not answered.".
-spec reply(from(), term()) -> ok.
reply(Client, Reply) -> gen:reply(Client, Reply).

-doc "Sends a request without reply to the servers of a name on all nodes.".
-spec abcast(atom(), term()) -> abcast.
abcast(Name, Request) when is_atom(Name) -> abcast([node() | nodes()], Name, Request).

-doc "Sends a request without reply to the servers of a name on the nodes.".
-spec abcast([node()], atom(), term()) -> abcast.
abcast(Nodes, Name, Request) when is_list(Nodes), is_atom(Name) ->
    lists:foreach(fun(Node) -> cast({Name, Node}, Request) end, Nodes),
    abcast.

-doc "Calls the servers of a name on all nodes: the replies, and the nodes without one.".
-spec multi_call(atom(), term()) -> {[{node(), term()}], [node()]}.
multi_call(Name, Request) when is_atom(Name) -> multi_call([node() | nodes()], Name, Request, infinity).

-doc "Calls the servers of a name on the nodes.".
-spec multi_call([node()], atom(), term()) -> {[{node(), term()}], [node()]}.
multi_call(Nodes, Name, Request) when is_list(Nodes), is_atom(Name) -> multi_call(Nodes, Name, Request, infinity).

-doc "Calls the servers of a name on the nodes; those that take longer count as bad.".
-spec multi_call([node()], atom(), term(), timeout()) -> {[{node(), term()}], [node()]}.
multi_call(Nodes, Name, Request, Time) when is_list(Nodes), is_atom(Name) ->
    Until = case Time of
                infinity -> infinity;
                _ -> {abs, erlang:monotonic_time(millisecond) + Time}
            end,
    Sent = [{Node, gen:send_request({Name, Node}, '$gen_call', Request)} || Node <- Nodes],
    Got = [{Node, gen:receive_response(Id, Until)} || {Node, Id} <- Sent],
    {[{Node, Reply} || {Node, {reply, Reply}} <- Got], [Node || {Node, R} <- Got, not is_reply(R)]}.

is_reply({reply, _}) -> true;
is_reply(_) -> false.

-doc "Sends a request whose reply is fetched later.".
-spec send_request(server_ref(), term()) -> request_id().
send_request(Server, Request) -> gen:send_request(Server, '$gen_call', Request).

-doc "Sends a request and adds it under a label to a collection.".
-spec send_request(server_ref(), term(), term(), request_id_collection()) -> request_id_collection().
send_request(Server, Request, Label, Requests) ->
    gen:send_request(Server, '$gen_call', Request, Label, Requests).

-doc "Waits for the reply to a request; after a timeout it can be waited for again.".
-spec wait_response(request_id(), response_timeout()) -> {reply, term()} | timeout | {error, {term(), server_ref()}}.
wait_response(Id, Time) -> gen:wait_response(Id, Time).

-doc "Waits for the reply to any request of a collection.".
-spec wait_response(request_id_collection(), response_timeout(), boolean()) ->
          {{reply, term()} | {error, {term(), server_ref()}}, term(), request_id_collection()} | no_request | timeout.
wait_response(Requests, Time, Delete) -> gen:wait_response(Requests, Time, Delete).

-doc "Waits for the reply to a request; after a timeout the request is given up.".
-spec receive_response(request_id(), response_timeout()) -> {reply, term()} | timeout | {error, {term(), server_ref()}}.
receive_response(Id, Time) -> gen:receive_response(Id, Time).

-doc "Waits for the reply to any request of a collection; after a timeout all are given up.".
-spec receive_response(request_id_collection(), response_timeout(), boolean()) ->
          {{reply, term()} | {error, {term(), server_ref()}}, term(), request_id_collection()} | no_request | timeout.
receive_response(Requests, Time, Delete) -> gen:receive_response(Requests, Time, Delete).

-doc "Whether a message is the reply to a request.".
-spec check_response(term(), request_id()) -> {reply, term()} | no_reply | {error, {term(), server_ref()}}.
check_response(Message, Id) -> gen:check_response(Message, Id).

-doc "Whether a message is the reply to a request of a collection.".
-spec check_response(term(), request_id_collection(), boolean()) ->
          {{reply, term()} | {error, {term(), server_ref()}}, term(), request_id_collection()} | no_request | no_reply.
check_response(Message, Requests, Delete) -> gen:check_response(Message, Requests, Delete).

-doc "An empty collection of requests.".
-spec reqids_new() -> request_id_collection().
reqids_new() -> gen:reqids_new().

-doc "The number of requests in a collection.".
-spec reqids_size(request_id_collection()) -> non_neg_integer().
reqids_size(Requests) -> sized(fun gen:reqids_size/1, [Requests]).

-doc "Adds a request under a label to a collection.".
-spec reqids_add(request_id(), term(), request_id_collection()) -> request_id_collection().
reqids_add(Id, Label, Requests) -> sized(fun gen:reqids_add/3, [Id, Label, Requests]).

-doc "The requests of a collection with their labels.".
-spec reqids_to_list(request_id_collection()) -> [{request_id(), term()}].
reqids_to_list(Requests) -> sized(fun gen:reqids_to_list/1, [Requests]).

sized(Fun, Args) ->
    try apply(Fun, Args)
    catch error:badarg -> erlang:error(badarg, Args)
    end.

%%% ---- the loop ---------------------------------------------------------------------------------------------

%% prepare(Action, Server) -> {continue, Term} | {message, Msg} | {wait, Wait, Timer} | bad_action.
%% A timeout of zero is a message that comes before all others.
prepare(infinity, _) -> {wait, infinity, none};
prepare(hibernate, _) -> {wait, hibernate, none};
prepare({continue, _} = Continue, _) -> Continue;
prepare(Time, _) when is_integer(Time), Time >= 0 -> {wait, Time, none};
prepare({How, Time, Message}, S) when How =:= timeout; How =:= hibernate ->
    timed(How, Time, Message, false, S);
prepare({How, Time, Message, Options}, S) when How =:= timeout; How =:= hibernate ->
    case Options of
        {abs, Abs} -> timed(How, Time, Message, Abs, S);
        [] -> timed(How, Time, Message, false, S);
        [_ | _] ->
            case [Bad || Bad <- Options, not is_abs(Bad)] of
                [] -> timed(How, Time, Message, element(2, lists:last(Options)), S);
                _ -> bad_action
            end;
        _ -> bad_action
    end;
prepare(_, _) -> bad_action.

is_abs({abs, Abs}) -> is_boolean(Abs);
is_abs(_) -> false.

timed(hibernate, 0, Message, false, _) ->
    garbage_collect(),
    {message, Message};
timed(timeout, 0, Message, false, _) -> {message, Message};
timed(How, infinity, _, Abs, _) when is_boolean(Abs) -> {wait, sleep_kind(How), none};
timed(How, Time, Message, Abs, #server{timer_tag = Tag}) when is_integer(Time), is_boolean(Abs), Abs orelse Time >= 0 ->
    {wait, sleep_kind(How), {erlang:start_timer(Time, self(), Tag, [{abs, Abs}]), Message}};
timed(_, _, _, _, _) -> bad_action.

sleep_kind(hibernate) -> hibernate;
sleep_kind(timeout) -> infinity.

continue(S, State, {continue, Term} = Msg) ->
    Reply = try_handle_continue(S, State, Term),
    handle_common_reply(followed(S, Msg), State, Msg, undefined, Reply);
continue(S, State, {message, Msg}) -> received(S, State, infinity, none, Msg);
continue(S, State, {wait, Wait, Timer}) -> wait(S, State, Wait, Timer).

-spec wait(#server{}, term(), wait(), timer()) -> no_return().
wait(S, State, infinity, Timer) ->
    receive
        Msg -> received(S, State, infinity, Timer, Msg)
    after S#server.hibernate_after ->
            sleep(S, State, infinity, Timer)
    end;
wait(S, State, hibernate, Timer) ->
    receive
        Msg ->
            garbage_collect(),
            received(S, State, hibernate, Timer, Msg)
    after 0 ->
            sleep(S, State, hibernate, Timer)
    end;
wait(S, State, Time, Timer) ->
    receive
        Msg -> received(S, State, Time, Timer, Msg)
    after Time ->
            received(S, State, infinity, Timer, timeout)
    end.

sleep(S, State, Wait, Timer) ->
    erlang:hibernate(),
    receive
        Msg -> received(S, State, Wait, Timer, Msg)
    end.

received(S, State, Wait, Timer, {system, From, Request}) ->
    sys:handle_system_msg(Request, From, S#server.parent, ?MODULE, S#server.debug,
                          [S, State, Wait, Timer], Wait =:= hibernate);
received(#server{parent = Parent} = S, State, _, _, {'EXIT', Parent, Reason} = Msg) ->
    terminate(S, State, Msg, undefined, {exit, Reason, stack(), plain});
received(#server{timer_tag = Tag} = S, State, Wait, Timer, {timeout, Ref, Tag}) ->
    case Timer of
        {Ref, Message} -> handle_msg(followed(S, {in, Message}), State, Message);
        _ -> wait(S, State, Wait, Timer)
    end;
received(S, State, _, none, Msg) ->
    handle_msg(followed(S, {in, Msg}), State, Msg);
received(S, State, _, {Ref, _}, Msg) ->
    _ = erlang:cancel_timer(Ref),
    handle_msg(followed(S, {in, Msg}), State, Msg).

followed(#server{debug = []} = S, _) -> S;
followed(#server{debug = Debug, name = Name} = S, Event) ->
    S#server{debug = sys:handle_debug(Debug, fun print_event/3, Name, Event)}.

stack() -> tl(element(2, process_info(self(), current_stacktrace))).

handle_msg(S, State, {'$gen_call', From, Request}) ->
    case try_handle_call(S, State, Request, From) of
        {ok, {reply, Reply, State1}} ->
            gen:reply(From, Reply),
            wait(followed(S, {out, Reply, From, State1}), State1, infinity, none);
        {ok, {reply, Reply, State1, Action} = Return} ->
            case prepare(Action, S) of
                bad_action -> terminate(S, State, Request, From, {exit, {bad_return_value, Return}, stack(), plain});
                Next ->
                    gen:reply(From, Reply),
                    continue(followed(S, {out, Reply, From, State1}), State1, Next)
            end;
        {ok, {stop, Reason, Reply, State1}} ->
            try terminate(S, State1, Request, From, {exit, Reason, stack(), plain})
            after
                gen:reply(From, Reply),
                followed(S, {out, Reply, From, State1})
            end;
        Other -> handle_common_reply(S, State, Request, From, Other)
    end;
handle_msg(S, State, {'$gen_cast', Request} = Msg) ->
    Reply = try_handle_cast(S, State, Request),
    handle_common_reply(S, State, Msg, undefined, Reply);
handle_msg(S, State, Msg) ->
    Reply = try_handle_info(S, State, Msg),
    handle_common_reply(S, State, Msg, undefined, Reply).

handle_common_reply(S, State, Msg, From, Reply) ->
    case Reply of
        {ok, {noreply, State1}} -> wait(followed(S, {noreply, State1}), State1, infinity, none);
        {ok, {noreply, State1, Action} = Return} ->
            case prepare(Action, S) of
                bad_action -> terminate(S, State, Msg, From, {exit, {bad_return_value, Return}, stack(), plain});
                Next -> continue(followed(S, {noreply, State1}), State1, Next)
            end;
        {ok, {stop, Reason, State1}} -> terminate(S, State1, Msg, From, {exit, Reason, stack(), plain});
        {ok, Bad} -> terminate(S, State, Msg, From, {exit, {bad_return_value, Bad}, stack(), plain});
        {raised, Class, Reason, Stack} -> terminate(S, State, Msg, From, {Class, Reason, Stack, traced})
    end.

%%% ---- the callbacks: a value, also a thrown one, or an exception ---------------------------------------------

try_handle_call(#server{module = Module}, State, Request, From) ->
    try {ok, Module:handle_call(Request, From, State)}
    catch
        throw:Value -> {ok, Value};
        Class:Reason:Stack -> {raised, Class, Reason, Stack}
    end.

try_handle_cast(#server{module = Module}, State, Request) ->
    try {ok, Module:handle_cast(Request, State)}
    catch
        throw:Value -> {ok, Value};
        Class:Reason:Stack -> {raised, Class, Reason, Stack}
    end.

try_handle_continue(#server{module = Module}, State, Term) ->
    try {ok, Module:handle_continue(Term, State)}
    catch
        throw:Value -> {ok, Value};
        Class:Reason:Stack -> {raised, Class, Reason, Stack}
    end.

try_handle_info(#server{module = Module}, State, Msg) ->
    try {ok, Module:handle_info(Msg, State)}
    catch
        throw:Value -> {ok, Value};
        error:undef:Stack ->
            case erlang:function_exported(Module, handle_info, 2) of
                true -> {raised, error, undef, Stack};
                false ->
                    ?LOG_WARNING(#{label => {gen_server, no_handle_info}, module => Module, message => Msg},
                                 #{domain => [otp],
                                   report_cb => fun ?MODULE:format_log/2,
                                   error_logger => #{tag => warning_msg, report_cb => fun ?MODULE:format_log/1}}),
                    {ok, {noreply, State}}
            end;
        Class:Reason:Stack -> {raised, Class, Reason, Stack}
    end.

try_terminate(#server{module = Module}, State, Why) ->
    case erlang:function_exported(Module, terminate, 2) of
        false -> ok;
        true ->
            try Module:terminate(Why, State) of
                _ -> ok
            catch
                throw:_ -> ok;
                Class:Reason:Stack -> {raised, Class, Reason, Stack}
            end
    end.

%%% ---- the end --------------------------------------------------------------------------------------------------

%% How says whether the report shows the stack: it does for exceptions of the callbacks, not for ends that they ask for.
terminate(S, State, Msg, From, {Class, Reason, Stack, How}) ->
    Why = case Class of
              error -> {Reason, Stack};
              _ -> Reason
          end,
    case try_terminate(S, State, Why) of
        {raised, Class1, Reason1, Stack1} ->
            report_end(S, State, Msg, From, Reason1, [Stack1]),
            erlang:raise(Class1, Reason1, Stack1);
        ok ->
            case is_orderly(Class, Reason) of
                true -> ok;
                false -> report_end(S, State, Msg, From, Reason, [Stack || How =:= traced])
            end,
            erlang:raise(Class, Reason, Stack)
    end.

is_orderly(exit, normal) -> true;
is_orderly(exit, shutdown) -> true;
is_orderly(exit, {shutdown, _}) -> true;
is_orderly(_, _) -> false.

report_end(#server{name = Name, module = Module, debug = Debug}, State, Msg, From, Reason, Stack) ->
    Status = gen:format_status(Module, terminate,
                               #{reason => Reason, state => State, message => Msg, log => sys:get_log(Debug)},
                               [get(), State]),
    #{reason := Reason1, message := Msg1, log := Log} = Status,
    ?LOG_ERROR(#{label => {gen_server, terminate},
                 name => Name,
                 last_message => Msg1,
                 state => shown_state(Status),
                 log => shown_log(Module, Log),
                 reason => case Stack of
                               [] -> Reason1;
                               [Trace] -> {Reason1, Trace}
                           end,
                 client_info => gen_client(From),
                 process_label => proc_lib:get_label(self())},
               #{domain => [otp],
                 report_cb => fun ?MODULE:format_log/2,
                 error_logger => #{tag => error, report_cb => fun ?MODULE:format_log/1}}).

gen_client(From) -> gerl_report:client(From).

shown_state(#{'EXIT' := Complaint}) -> Complaint;
shown_state(#{'$status' := Shown}) -> Shown;
shown_state(#{state := State}) -> State.

%% A callback that knows nothing of the log is asked about each state in it.
shown_log(Module, Log) ->
    case erlang:function_exported(Module, format_status, 1) of
        true -> Log;
        false ->
            Show = fun(State) ->
                           maps:get(state, gen:format_status(Module, terminate, #{state => State}, [get(), State]))
                   end,
            [case Event of
                 {out, Msg, To, State} -> {out, Msg, To, Show(State)};
                 {noreply, State} -> {noreply, Show(State)};
                 _ -> Event
             end || Event <- Log]
    end.

%%% ---- system messages --------------------------------------------------------------------------------------------

-doc false.
system_continue(_Parent, Debug, [S, State, Wait, Timer]) ->
    wait(S#server{debug = Debug}, State, Wait, Timer).

-doc false.
system_terminate(Reason, _Parent, Debug, [S, State, _, _]) ->
    terminate(S#server{debug = Debug}, State, [], undefined, {exit, Reason, stack(), plain}).

-doc false.
system_code_change([#server{module = Module} = S, State | Rest], _Module, Vsn, Extra) ->
    case catch Module:code_change(Vsn, State, Extra) of
        {ok, State1} -> {ok, [S, State1 | Rest]};
        Refused -> Refused
    end.

-doc false.
system_get_state([_, State | _]) -> {ok, State}.

-doc false.
system_replace_state(Fun, [S, State | Rest]) ->
    State1 = Fun(State),
    {ok, State1, [S, State1 | Rest]}.

-doc false.
format_status(Why, [Dictionary, SysState, Parent, Debug, [#server{name = Name, module = Module}, State | _]]) ->
    Status = gen:format_status(Module, Why, #{state => State, log => sys:get_log(Debug)}, [Dictionary, State]),
    Shown = case Status of
                #{'EXIT' := Complaint} -> [{data, [{"State", Complaint}]}];
                #{'$status' := Own} when is_list(Own) -> Own;
                #{'$status' := Own} -> [Own];
                #{state := State1} -> [{data, [{"State", State1}]}]
            end,
    [{header, gen:format_status_header("Status for generic server", Name)},
     {data, [{"Status", SysState}, {"Parent", Parent},
             {"Logged events", shown_log(Module, maps:get(log, Status))}]}
     | Shown].

print_event(Dev, {in, {'$gen_call', {From, _}, Request}}, Name) ->
    io:format(Dev, "*DBG* ~tp got call ~tp from ~tw~n", [Name, Request, From]);
print_event(Dev, {in, {'$gen_cast', Request}}, Name) ->
    io:format(Dev, "*DBG* ~tp got cast ~tp~n", [Name, Request]);
print_event(Dev, {in, Msg}, Name) ->
    io:format(Dev, "*DBG* ~tp got ~tp~n", [Name, Msg]);
print_event(Dev, {out, Reply, {To, _}, State}, Name) ->
    io:format(Dev, "*DBG* ~tp sent ~tp to ~tw, new state ~tp~n", [Name, Reply, To, State]);
print_event(Dev, {noreply, State}, Name) ->
    io:format(Dev, "*DBG* ~tp new state ~tp~n", [Name, State]);
print_event(Dev, Event, Name) ->
    io:format(Dev, "*DBG* ~tp dbg  ~tp~n", [Name, Event]).

%%% ---- reports ------------------------------------------------------------------------------------------------------

-doc false.
format_log(Report) -> report_parts(Report, gerl_report:legacy(Report)).

-doc false.
format_log(Report, Options0) ->
    Options = gerl_report:options(Options0),
    gerl_report:text(report_parts(Report, Options), Options).

report_parts(#{label := {gen_server, no_handle_info}, module := Module, message := Msg}, Options) ->
    case Options of
        #{single_line := true} ->
            gerl_report:sentences([["Undefined handle_info in ", {term, Module}], ["Unhandled message: ", {term, Msg}]],
                                  Options);
        #{} ->
            gerl_report:lines([["** Undefined handle_info in ", {brief, Module}], ["** Unhandled message: ", {term, Msg}]],
                              Options)
    end;
report_parts(#{label := {gen_server, terminate}, name := Name, last_message := Msg, state := State, log := Log,
               reason := Reason, client_info := Client, process_label := Label}, #{single_line := true} = Options) ->
    gerl_report:sentences([["Generic server ", {term, Name}, " terminating"],
                           [P || Label =/= undefined, P <- ["Label: ", {term, Label}]],
                           ["Reason: ", {term, gerl_report:cause(Reason)}],
                           ["Last message: ", {term, Msg}],
                           ["State: ", {term, State}],
                           [P || Log =/= [], P <- ["Log: ", {term, Log}]]
                           | gerl_report:client_sentences(Client)], Options);
report_parts(#{label := {gen_server, terminate}, name := Name, last_message := Msg, state := State, log := Log,
               reason := Reason, client_info := Client, process_label := Label}, Options) ->
    gerl_report:lines([["** Generic server ", {term, Name}, " terminating "],
                       [P || Label =/= undefined, P <- ["** Process label == ", {term, Label}]],
                       ["** Last message in was ", {term, Msg}],
                       ["** When Server state == ", {term, State}],
                       ["** Reason for termination =="],
                       ["** ", {term, gerl_report:cause(Reason)}]
                       | logged(Log) ++ gerl_report:client_lines(Client)], Options).

logged([]) -> [];
logged(Log) -> [["** Log =="], ["** ["] ++ lists:join(",\n    ", [{term, Event} || Event <- Log]) ++ ["]"]].
