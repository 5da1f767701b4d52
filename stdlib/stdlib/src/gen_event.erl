-module(gen_event).
-moduledoc """
The event manager: a process that passes events to any number of handlers, callback modules with a state each.
A handler that fails is removed and reported; the manager lives on.
""".

%% The manager
-export([start/0, start/1, start/2, start_link/0, start_link/1, start_link/2, start_monitor/0, start_monitor/1,
         start_monitor/2, stop/1, stop/3]).
%% Handlers and events
-export([add_handler/3, add_sup_handler/3, delete_handler/3, swap_handler/3, swap_sup_handler/3, which_handlers/1,
         notify/2, sync_notify/2, call/3, call/4, send_request/3, send_request/5, wait_response/2, wait_response/3,
         receive_response/2, receive_response/3, check_response/2, check_response/3,
         reqids_new/0, reqids_size/1, reqids_add/3, reqids_to_list/1]).
%% For gen, sys, logger and hibernation
-export([init_it/6, wake_hib/5, system_continue/3, system_terminate/4, system_code_change/4, system_get_state/1,
         system_replace_state/2, format_status/2, format_log/1, format_log/2]).

-export_type([handler/0, handler_args/0, add_handler_ret/0, del_handler_ret/0, emgr_ref/0, emgr_name/0, start_ret/0,
              request_id/0, request_id_collection/0, format_status/0]).

-include_lib("kernel/include/logger.hrl").

-type handler() :: atom() | {atom(), term()}.
-type handler_args() :: term().
-type add_handler_ret() :: ok | term() | {'EXIT', term()}.
-type del_handler_ret() :: ok | term() | {'EXIT', term()}.
-type emgr_name() :: gen:emgr_name().
-type emgr_ref() :: gen:server_ref().
-type start_ret() :: {ok, pid()} | {error, term()}.
-type format_status() :: #{state => term(), message => term(), reason => term(), log => [sys:system_event()]}.
-opaque request_id() :: gen:request_id().
-opaque request_id_collection() :: gen:request_id_collection().
-type response_timeout() :: timeout() | {abs, integer()}.

-callback init(InitArgs :: term()) -> {ok, State :: term()} | {ok, State :: term(), hibernate} | {error, Reason :: term()}.
-callback handle_event(Event :: term(), State :: term()) ->
    {ok, State1 :: term()} | {ok, State1 :: term(), hibernate}
    | {swap_handler, Args1 :: term(), State1 :: term(), handler(), Args2 :: term()} | remove_handler.
-callback handle_call(Request :: term(), State :: term()) ->
    {ok, Reply :: term(), State1 :: term()} | {ok, Reply :: term(), State1 :: term(), hibernate}
    | {swap_handler, Reply :: term(), Args1 :: term(), State1 :: term(), handler(), Args2 :: term()}
    | {remove_handler, Reply :: term()}.
-callback handle_info(Info :: term(), State :: term()) ->
    {ok, State1 :: term()} | {ok, State1 :: term(), hibernate}
    | {swap_handler, Args1 :: term(), State1 :: term(), handler(), Args2 :: term()} | remove_handler.
-callback terminate(term(), State :: term()) -> term().
-callback code_change(Vsn :: term(), State :: term(), Extra :: term()) -> {ok, State1 :: term()}.
-callback format_status(normal | terminate, [term()]) -> term().
-callback format_status(format_status()) -> format_status().
-optional_callbacks([handle_info/2, terminate/2, code_change/3, format_status/1, format_status/2]).

-record(handler, {module :: module(), id = false, state, supervised = false :: false | pid()}).

-record(manager, {parent, name, handlers = [] :: [#handler{}], hibernate_after = infinity, debug = []}).

%%% ---- the manager's start and stop --------------------------------------------------------------------------

-doc "Starts a manager that is not linked to the caller.".
-spec start() -> start_ret().
start() -> launch(nolink, none, []).

-doc "Starts a manager under a name, or with options.".
-spec start(emgr_name() | list()) -> start_ret().
start(NameOrOptions) -> launch(nolink, NameOrOptions).

-doc "Starts a manager under a name with options.".
-spec start(emgr_name(), list()) -> start_ret().
start(Name, Options) -> launch(nolink, Name, Options).

-doc "Starts a manager that is linked to the caller.".
-spec start_link() -> start_ret().
start_link() -> launch(link, none, []).

-doc "Starts a linked manager under a name, or with options.".
-spec start_link(emgr_name() | list()) -> start_ret().
start_link(NameOrOptions) -> launch(link, NameOrOptions).

-doc "Starts a linked manager under a name with options.".
-spec start_link(emgr_name(), list()) -> start_ret().
start_link(Name, Options) -> launch(link, Name, Options).

-doc "Starts a manager and monitors it.".
-spec start_monitor() -> {ok, {pid(), reference()}} | {error, term()}.
start_monitor() -> with_monitor(launch(monitor, none, [])).

-doc "Starts a monitored manager under a name, or with options.".
-spec start_monitor(emgr_name() | list()) -> {ok, {pid(), reference()}} | {error, term()}.
start_monitor(NameOrOptions) -> with_monitor(launch(monitor, NameOrOptions)).

-doc "Starts a monitored manager under a name with options.".
-spec start_monitor(emgr_name(), list()) -> {ok, {pid(), reference()}} | {error, term()}.
start_monitor(Name, Options) -> with_monitor(launch(monitor, Name, Options)).

launch(Link, Options) when is_list(Options) -> launch(Link, none, Options);
launch(Link, Name) when is_tuple(Name) -> launch(Link, Name, []);
launch(_, Bad) -> erlang:error(badarg, [Bad]).

launch(Link, none, Options) -> gen:start(?MODULE, Link, [], [], Options);
launch(Link, Name, Options) when is_tuple(Name), is_list(Options) -> gen:start(?MODULE, Link, Name, [], [], Options);
launch(_, Name, Options) -> erlang:error(badarg, [Name, Options]).

with_monitor({{ok, Pid}, Ref}) -> {ok, {Pid, Ref}};
with_monitor({Failed, Ref}) ->
    demonitor(Ref, [flush]),
    Failed.

-doc "Ends a manager.".
-spec stop(emgr_ref()) -> ok.
stop(Manager) -> gen:stop(Manager).

-doc "Ends a manager with a reason within a time.".
-spec stop(emgr_ref(), term(), timeout()) -> ok.
stop(Manager, Reason, Time) -> gen:stop(Manager, Reason, Time).

-doc false.
init_it(Starter, Parent0, FullName, _, _, Options) ->
    process_flag(trap_exit, true),
    Parent = case Parent0 of self -> self(); _ -> Parent0 end,
    Name = gen:name(FullName),
    M = #manager{parent = Parent, name = Name, hibernate_after = gen:hibernate_after(Options),
                 debug = gen:debug_options(Name, Options)},
    proc_lib:init_ack(Starter, {ok, self()}),
    wait(false, M).

%%% ---- requests -------------------------------------------------------------------------------------------------

-doc "Adds a handler.".
-spec add_handler(emgr_ref(), handler(), term()) -> add_handler_ret().
add_handler(Manager, Handler, Args) -> ask(Manager, {add_handler, Handler, Args}).

-doc "Adds a handler that is removed with the caller, which hears of its removal.".
-spec add_sup_handler(emgr_ref(), handler(), term()) -> add_handler_ret().
add_sup_handler(Manager, Handler, Args) -> ask(Manager, {add_sup_handler, Handler, Args, self()}).

-doc "Removes a handler; the result is that of its terminate.".
-spec delete_handler(emgr_ref(), handler(), term()) -> del_handler_ret().
delete_handler(Manager, Handler, Args) -> ask(Manager, {delete_handler, Handler, Args}).

-doc "Replaces a handler, which hands its state over.".
-spec swap_handler(emgr_ref(), {handler(), term()}, {handler(), term()}) -> ok | {error, term()}.
swap_handler(Manager, {Old, OldArgs}, {New, NewArgs}) -> ask(Manager, {swap_handler, Old, OldArgs, New, NewArgs}).

-doc "Replaces a handler by one that is removed with the caller.".
-spec swap_sup_handler(emgr_ref(), {handler(), term()}, {handler(), term()}) -> ok | {error, term()}.
swap_sup_handler(Manager, {Old, OldArgs}, {New, NewArgs}) ->
    ask(Manager, {swap_sup_handler, Old, OldArgs, New, NewArgs, self()}).

-doc "The handlers.".
-spec which_handlers(emgr_ref()) -> [handler()].
which_handlers(Manager) -> ask(Manager, which_handlers).

%% The label of these requests is the pid of the caller.
ask(Manager, Request) ->
    {ok, Reply} = gen:call(Manager, self(), Request, infinity),
    Reply.

-doc "Sends an event.".
-spec notify(emgr_ref(), term()) -> ok.
notify({global, Name}, Event) -> try_send(fun() -> global:send(Name, {notify, Event}) end);
notify({via, Registry, Name}, Event) -> try_send(fun() -> Registry:send(Name, {notify, Event}) end);
notify(Manager, Event) ->
    Manager ! {notify, Event},
    ok.

try_send(Send) ->
    _ = Send(),
    ok.

-doc "Sends an event and waits until all handlers have seen it.".
-spec sync_notify(emgr_ref(), term()) -> ok.
sync_notify(Manager, Event) -> ask(Manager, {sync_notify, Event}).

-doc "Calls a handler and waits for the reply, at most five seconds.".
-spec call(emgr_ref(), handler(), term()) -> term().
call(Manager, Handler, Request) ->
    try gen:call(Manager, self(), {call, Handler, Request}) of
        {ok, Reply} -> Reply
    catch
        exit:Reason -> exit({Reason, {?MODULE, call, [Manager, Handler, Request]}})
    end.

-doc "Calls a handler and waits for the reply.".
-spec call(emgr_ref(), handler(), term(), timeout()) -> term().
call(Manager, Handler, Request, Time) ->
    try gen:call(Manager, self(), {call, Handler, Request}, Time) of
        {ok, Reply} -> Reply
    catch
        exit:Reason -> exit({Reason, {?MODULE, call, [Manager, Handler, Request, Time]}})
    end.

-doc "Sends a request to a handler; its reply is fetched later.".
-spec send_request(emgr_ref(), handler(), term()) -> request_id().
send_request(Manager, Handler, Request) -> gen:send_request(Manager, self(), {call, Handler, Request}).

-doc "Sends a request to a handler and adds it under a label to a collection.".
-spec send_request(emgr_ref(), handler(), term(), term(), request_id_collection()) -> request_id_collection().
send_request(Manager, Handler, Request, Label, Requests) ->
    gen:send_request(Manager, self(), {call, Handler, Request}, Label, Requests).

-doc "Waits for the reply to a request; after a timeout it can be waited for again.".
-spec wait_response(request_id(), response_timeout()) -> {reply, term()} | timeout | {error, term()}.
wait_response(Id, Time) -> outcome(gen:wait_response(Id, Time)).

-doc "Waits for the reply to any request of a collection.".
-spec wait_response(request_id_collection(), response_timeout(), boolean()) -> term().
wait_response(Requests, Time, Delete) -> outcome(gen:wait_response(Requests, Time, Delete)).

-doc "Waits for the reply to a request; after a timeout the request is given up.".
-spec receive_response(request_id(), response_timeout()) -> {reply, term()} | timeout | {error, term()}.
receive_response(Id, Time) -> outcome(gen:receive_response(Id, Time)).

-doc "Waits for the reply to any request of a collection; after a timeout all are given up.".
-spec receive_response(request_id_collection(), response_timeout(), boolean()) -> term().
receive_response(Requests, Time, Delete) -> outcome(gen:receive_response(Requests, Time, Delete)).

-doc "Whether a message is the reply to a request.".
-spec check_response(term(), request_id()) -> {reply, term()} | no_reply | {error, term()}.
check_response(Message, Id) -> outcome(gen:check_response(Message, Id)).

-doc "Whether a message is the reply to a request of a collection.".
-spec check_response(term(), request_id_collection(), boolean()) -> term().
check_response(Message, Requests, Delete) -> outcome(gen:check_response(Message, Requests, Delete)).

%% A reply that tells of an error of the handler is one of the request too.
outcome({reply, {error, _} = Error}) -> Error;
outcome({{reply, {error, _} = Error}, Label, Requests}) -> {Error, Label, Requests};
outcome(Other) -> Other.

-doc "An empty collection of requests.".
-spec reqids_new() -> request_id_collection().
reqids_new() -> gen:reqids_new().

-doc "The number of requests in a collection.".
-spec reqids_size(request_id_collection()) -> non_neg_integer().
reqids_size(Requests) -> gen:reqids_size(Requests).

-doc "Adds a request under a label to a collection.".
-spec reqids_add(request_id(), term(), request_id_collection()) -> request_id_collection().
reqids_add(Id, Label, Requests) -> gen:reqids_add(Id, Label, Requests).

-doc "The requests of a collection with their labels.".
-spec reqids_to_list(request_id_collection()) -> [{request_id(), term()}].
reqids_to_list(Requests) -> gen:reqids_to_list(Requests).

%%% ---- the loop ---------------------------------------------------------------------------------------------------

wait(true, M) -> proc_lib:hibernate(?MODULE, wake_hib, [M#manager.parent, M#manager.name, M#manager.handlers,
                                                        M#manager.hibernate_after, M#manager.debug]);
wait(false, M) ->
    receive
        Msg -> received(Msg, false, M)
    after M#manager.hibernate_after -> wait(true, M)
    end.

-doc false.
wake_hib(Parent, Name, Handlers, After, Debug) ->
    M = #manager{parent = Parent, name = Name, handlers = Handlers, hibernate_after = After, debug = Debug},
    receive Msg -> received(Msg, true, M) end.

received({system, From, Request}, Hibernated, #manager{parent = Parent, debug = Debug} = M) ->
    sys:handle_system_msg(Request, From, Parent, ?MODULE, Debug, [M, Hibernated], Hibernated);
received({'EXIT', Parent, Reason}, _, #manager{parent = Parent} = M) -> finish(Reason, M);
received(Msg, _, #manager{debug = []} = M) -> dispatch(Msg, M);
received(Msg, _, #manager{debug = Debug, name = Name} = M) ->
    dispatch(Msg, M#manager{debug = sys:handle_debug(Debug, fun print_event/3, Name, {in, Msg})}).

dispatch(Msg, #manager{parent = Parent, name = Name, handlers = Handlers, debug = Debug} = M) ->
    handle_msg(Msg, Parent, Name, Handlers, Debug, M).

%% The function that stack traces of handlers end with.
handle_msg(Msg, _Parent, Name, Handlers, _Debug, M) ->
    case Msg of
        {notify, Event} ->
            {Hibernate, Left} = server_notify(Event, handle_event, Handlers, Name),
            wait(Hibernate, M#manager{handlers = Left});
        {From, Tag, {sync_notify, Event}} when is_pid(From) ->
            {Hibernate, Left} = server_notify(Event, handle_event, Handlers, Name),
            gen:reply(Tag, ok),
            wait(Hibernate, M#manager{handlers = Left});
        {From, Tag, Request} when is_pid(From), is_tuple(Tag) ->
            case command(Request, Handlers, Name) of
                unknown -> information(Msg, M);
                {Reply, Hibernate, Left} ->
                    gen:reply(Tag, Reply),
                    wait(Hibernate, M#manager{handlers = Left})
            end;
        {'EXIT', From, Reason} ->
            {Gone, Left} = lists:partition(fun(#handler{supervised = Sup}) -> Sup =:= From end, Handlers),
            [do_terminate(H, {stop, Reason}, {parent_terminated, {From, Reason}}, Name, shutdown) || H <- Gone],
            case Gone of
                [] -> information(Msg, M);
                _ -> wait(false, M#manager{handlers = Left})
            end;
        _ -> information(Msg, M)
    end.

information(Msg, #manager{handlers = Handlers, name = Name} = M) ->
    {Hibernate, Left} = server_notify(Msg, handle_info, Handlers, Name),
    wait(Hibernate, M#manager{handlers = Left}).

%% command(Request, Handlers, Name) -> {Reply, Hibernate, Handlers} | unknown.
command(which_handlers, Handlers, _) -> {[identity(H) || H <- Handlers], false, Handlers};
command({add_handler, Id, Args}, Handlers, _) -> install(new(Id, false), Args, Handlers);
command({add_sup_handler, Id, Args, Sup}, Handlers, _) ->
    link(Sup),
    install(new(Id, Sup), Args, Handlers);
command({delete_handler, Id, Args}, Handlers, Name) ->
    case take(Id, Handlers) of
        {Handler, Left} -> {do_terminate(Handler, Args, delete, Name, normal), false, Left};
        none -> {{error, module_not_found}, false, Handlers}
    end;
command({swap_handler, Old, OldArgs, New, NewArgs}, Handlers, Name) ->
    exchange(Old, OldArgs, New, NewArgs, false, Handlers, Name);
command({swap_sup_handler, Old, OldArgs, New, NewArgs, Sup}, Handlers, Name) ->
    exchange(Old, OldArgs, New, NewArgs, Sup, Handlers, Name);
command({call, Id, Request}, Handlers, Name) ->
    case find(Id, Handlers) of
        false -> {{error, bad_module}, false, Handlers};
        Handler ->
            {Reply, Hibernate, After} = called(Handler, Request, Name),
            {Before, [_ | Behind]} = lists:splitwith(fun(H) -> H =/= Handler end, Handlers),
            {Reply, Hibernate, Before ++ After ++ Behind}
    end;
command(_, _, _) -> unknown.

install(#handler{module = Module} = Handler, Args, Handlers) ->
    case catch Module:init(Args) of
        {ok, State} -> {ok, false, [Handler#handler{state = State} | Handlers]};
        {ok, State, hibernate} -> {ok, true, [Handler#handler{state = State} | Handlers]};
        Refused -> {Refused, false, Handlers}
    end.

exchange(Old, OldArgs, New, NewArgs, NewSup, Handlers, Name) ->
    {State, Sup, Left} =
        case take(Old, Handlers) of
            {#handler{supervised = OldSup} = Handler, Rest} ->
                Next = case NewSup of false -> OldSup; _ -> NewSup end,
                {do_terminate(Handler, OldArgs, swapped, Name, {swapped, New, Next}), Next, Rest};
            none -> {error, NewSup, Handlers}
        end,
    is_pid(Sup) andalso link(Sup),
    case install(new(New, Sup), {NewArgs, State}, Left) of
        {ok, _, _} = Done -> Done;
        {Refused, Hibernate, Left1} -> {{error, Refused}, Hibernate, Left1}
    end.

new({Module, Id}, Sup) -> #handler{module = Module, id = Id, supervised = Sup};
new(Module, Sup) -> #handler{module = Module, supervised = Sup}.

identity(#handler{module = Module, id = false}) -> Module;
identity(#handler{module = Module, id = Id}) -> {Module, Id}.

find(Id, [Handler | Rest]) ->
    case identity(Handler) of
        Id -> Handler;
        _ -> find(Id, Rest)
    end;
find(_, []) -> false.

take(Id, Handlers) ->
    case find(Id, Handlers) of
        false -> none;
        Handler -> {Handler, lists:delete(Handler, Handlers)}
    end.

server_notify(Event, Function, [Handler | Rest], Name) ->
    Result = server_update(Handler, Function, Event, Name),
    {Hibernate, Left} = server_notify(Event, Function, Rest, Name),
    case Result of
        {hibernate, Handler1} -> {true, [Handler1 | Left]};
        {ok, Handler1} -> {Hibernate, [Handler1 | Left]};
        removed -> {Hibernate, Left}
    end;
server_notify(_, _, [], _) -> {false, []}.

server_update(#handler{module = Module, state = State} = Handler, Function, Event, Name) ->
    case catch Module:Function(Event, State) of
        {ok, State1} -> {ok, Handler#handler{state = State1}};
        {ok, State1, hibernate} -> {hibernate, Handler#handler{state = State1}};
        remove_handler ->
            do_terminate(Handler, remove_handler, remove, Name, normal),
            removed;
        {swap_handler, OldArgs, State1, New, NewArgs} ->
            replace(Handler#handler{state = State1}, OldArgs, New, NewArgs, Name);
        {'EXIT', {undef, [{Module, handle_info, [_, _], _} | _]}} ->
            ?LOG_WARNING(#{label => {gen_event, no_handle_info}, module => Module, message => Event},
                         #{domain => [otp], report_cb => fun ?MODULE:format_log/2,
                           error_logger => #{tag => warning_msg, report_cb => fun ?MODULE:format_log/1}}),
            {ok, Handler};
        Bad ->
            do_terminate(Handler, {error, Bad}, Event, Name, crash),
            removed
    end.

%% called(Handler, Request, Name) -> {Reply, Hibernate, [Handler] or []}.
called(#handler{module = Module, state = State} = Handler, Request, Name) ->
    case catch Module:handle_call(Request, State) of
        {ok, Reply, State1} -> {Reply, false, [Handler#handler{state = State1}]};
        {ok, Reply, State1, hibernate} -> {Reply, true, [Handler#handler{state = State1}]};
        {remove_handler, Reply} ->
            do_terminate(Handler, remove_handler, remove, Name, normal),
            {Reply, false, []};
        {swap_handler, Reply, OldArgs, State1, New, NewArgs} ->
            case replace(Handler#handler{state = State1}, OldArgs, New, NewArgs, Name) of
                {_, Handler1} -> {Reply, false, [Handler1]};
                removed -> {Reply, false, []}
            end;
        Bad ->
            do_terminate(Handler, {error, Bad}, Request, Name, crash),
            {{error, Bad}, false, []}
    end.

%% A handler that asks to be replaced.
replace(#handler{supervised = Sup} = Handler, OldArgs, New, NewArgs, Name) ->
    Handed = do_terminate(Handler, OldArgs, swapped, Name, {swapped, New, Sup}),
    case install(new(New, Sup), {NewArgs, Handed}, []) of
        {ok, _, [Handler1]} -> {ok, Handler1};
        {Refused, _, _} ->
            told(new(New, Sup), {error, Refused}, undefined, swapped, Name),
            removed
    end.

%%% ---- the end of handlers and manager --------------------------------------------------------------------------------

do_terminate(#handler{module = Module, state = State} = Handler, Args, LastEvent, Name, Why) ->
    Result = case erlang:function_exported(Module, terminate, 2) of
                 true -> catch Module:terminate(Args, State);
                 false -> ok
             end,
    Reason = case {Why, Args} of
                 {crash, {error, Cause}} -> Cause;
                 _ -> Why
             end,
    told(Handler, Reason, State, LastEvent, Name),
    Result.

told(#handler{supervised = Sup} = Handler, Reason, State, LastEvent, Name) ->
    case Reason of
        normal -> ok;
        shutdown -> ok;
        {swapped, _, _} -> ok;
        _ -> report_error(Handler, Reason, State, LastEvent, Name)
    end,
    is_pid(Sup) andalso (Sup ! {gen_event_EXIT, identity(Handler), Reason}),
    ok.

finish(Reason, #manager{handlers = Handlers, name = Name, parent = Parent}) ->
    [do_terminate(H, stop, stop, Name, shutdown) || H <- Handlers],
    [unlink(Sup) || #handler{supervised = Sup} <- Handlers, is_pid(Sup), Sup =/= Parent],
    exit(Reason).

report_error(#handler{module = Module} = Handler, Reason, State, LastEvent, Name) ->
    Status = gen:format_status(Module, terminate,
                               #{reason => Reason, state => State, message => LastEvent, log => []}, [get(), State]),
    #{reason := Reason1, message := Event} = Status,
    Shown = case Status of
                #{'$status' := S} -> S;
                #{state := S} -> S
            end,
    ?LOG_ERROR(#{label => {gen_event, terminate}, handler => identity(Handler), name => Name, last_message => Event,
                 state => Shown, reason => Reason1, process_label => proc_lib:get_label(self())},
               #{domain => [otp], report_cb => fun ?MODULE:format_log/2,
                 error_logger => #{tag => error, report_cb => fun ?MODULE:format_log/1}}).

%%% ---- system messages --------------------------------------------------------------------------------------------------

-doc false.
system_continue(Parent, Debug, [M, Hibernated]) -> wait(Hibernated, M#manager{parent = Parent, debug = Debug}).

-doc false.
system_terminate(Reason, _Parent, _Debug, [M, _]) -> finish(Reason, M).

-doc false.
system_code_change([#manager{handlers = Handlers} = M, Hibernated], Module, Vsn, Extra) ->
    Changed = [case H of
                   #handler{module = Module, state = State} ->
                       {ok, State1} = Module:code_change(Vsn, State, Extra),
                       H#handler{state = State1};
                   _ -> H
               end || H <- Handlers],
    {ok, [M#manager{handlers = Changed}, Hibernated]}.

-doc false.
system_get_state([#manager{handlers = Handlers}, _]) ->
    {ok, [{Module, Id, State} || #handler{module = Module, id = Id, state = State} <- Handlers]}.

%% The fun sees every handler; where it fails the handler keeps its state.
-doc false.
system_replace_state(Fun, [#manager{handlers = Handlers} = M, Hibernated]) ->
    Changed = [try
                   {Module, Id, State1} = Fun({Module, Id, State}),
                   H#handler{state = State1}
               catch
                   _:_ -> H
               end || #handler{module = Module, id = Id, state = State} = H <- Handlers],
    M1 = M#manager{handlers = Changed},
    {ok, States} = system_get_state([M1, Hibernated]),
    {ok, States, [M1, Hibernated]}.

-doc false.
format_status(Why, [Dictionary, SysState, Parent, Debug, [#manager{name = Name, handlers = Handlers}, _]]) ->
    Shown = [H#handler{state = case gen:format_status(Module, Why, #{state => State, log => []}, [Dictionary, State]) of
                                   #{'$status' := S} -> S;
                                   #{state := S} -> S
                               end} || #handler{module = Module, state = State} = H <- Handlers],
    [{header, gen:format_status_header("Status for event handler", Name)},
     {data, [{"Status", SysState}, {"Logged Events", sys:get_log(Debug)}, {"Parent", Parent}]},
     {items, {"Installed handlers", Shown}}].

print_event(Dev, {in, {notify, Event}}, Name) -> io:format(Dev, "*DBG* ~tp got event ~tp~n", [Name, Event]);
print_event(Dev, {in, {_, _, {call, Handler, Request}}}, Name) ->
    io:format(Dev, "*DBG* ~tp(~tp) got call ~tp~n", [Name, Handler, Request]);
print_event(Dev, {in, Msg}, Name) -> io:format(Dev, "*DBG* ~tp got ~tp~n", [Name, Msg]);
print_event(Dev, Event, Name) -> io:format(Dev, "*DBG* ~tp : ~tp~n", [Name, Event]).

%%% ---- reports ------------------------------------------------------------------------------------------------------------

-doc false.
format_log(Report) -> report_parts(Report, gerl_report:legacy(Report)).

-doc false.
format_log(Report, Options0) ->
    Options = gerl_report:options(Options0),
    gerl_report:text(report_parts(Report, Options), Options).

report_parts(#{label := {gen_event, no_handle_info}, module := Module, message := Msg}, #{single_line := true} = Options) ->
    gerl_report:sentences([["Undefined handle_info in ", {brief, Module}], ["Unhandled message: ", {term, Msg}]], Options);
report_parts(#{label := {gen_event, no_handle_info}, module := Module, message := Msg}, Options) ->
    gerl_report:lines([["** Undefined handle_info in ", {brief, Module}], ["** Unhandled message: ", {term, Msg}]], Options);
report_parts(#{handler := Handler, name := Name, last_message := Event, state := State, reason := Reason,
               process_label := Label}, #{single_line := true} = Options) ->
    gerl_report:sentences([["Generic event handler ", {term, Handler}, " crashed"], ["Installed: ", {term, Name}],
                           [P || Label =/= undefined, P <- ["Label: ", {term, Label}]],
                           ["Last event: ", {term, Event}], ["State: ", {term, State}],
                           ["Reason: ", {term, cause(Reason)}]], Options);
report_parts(#{handler := Handler, name := Name, last_message := Event, state := State, reason := Reason,
               process_label := Label}, Options) ->
    gerl_report:lines([["** gen_event handler ", {term, Handler}, " crashed."],
                       ["** Was installed in ", {term, Name}],
                       [P || Label =/= undefined, P <- ["** Process label == ", {term, Label}]],
                       ["** Last event was: ", {term, Event}],
                       ["** When handler state == ", {term, State}],
                       ["** Reason == ", {term, cause(Reason)}]], Options).

cause({'EXIT', Reason}) -> gerl_report:cause(Reason);
cause(Reason) -> Reason.
