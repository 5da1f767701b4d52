-module(gen_statem).
-moduledoc """
The generic state machine. An event is handled by the callback of the present state, whose result tells the next
state and actions. Events come in this order: those that an action has inserted, postponed ones after a change of
state, timeouts of zero, then messages.

The names loop_state_callback/11 and loop_state_callback_result/11 are seen by users, in stack traces.
""".

%% Starting and stopping
-export([start/3, start/4, start_link/3, start_link/4, start_monitor/3, start_monitor/4, stop/1, stop/3,
         enter_loop/4, enter_loop/5, enter_loop/6]).
%% Events
-export([call/2, call/3, cast/2, reply/1, reply/2, send_request/2, send_request/4, wait_response/1, wait_response/2,
         wait_response/3, receive_response/1, receive_response/2, receive_response/3, check_response/2, check_response/3,
         reqids_new/0, reqids_size/1, reqids_add/3, reqids_to_list/1]).
%% For gen, sys and logger
-export([init_it/6, system_continue/3, system_terminate/4, system_code_change/4, system_get_state/1,
         system_replace_state/2, format_status/2, format_log/1, format_log/2]).

-export_type([event_type/0, from/0, reply_tag/0, callback_mode_result/0, init_result/1, state_enter_result/1,
              event_handler_result/1, action/0, enter_action/0, state/0, data/0, server_name/0, server_ref/0, start_opt/0,
              start_ret/0, start_mon_ret/0, enter_loop_opt/0, request_id/0, request_id_collection/0, format_status/0]).

-include_lib("kernel/include/logger.hrl").

-type server_name() :: gen:emgr_name().
-type server_ref() :: gen:server_ref().
-type from() :: {pid(), reply_tag()}.
-type reply_tag() :: gen:reply_tag().
-opaque request_id() :: gen:request_id().
-opaque request_id_collection() :: gen:request_id_collection().
-type start_opt() :: {timeout, timeout()} | {spawn_opt, [proc_lib:start_spawn_option()]} | enter_loop_opt().
-type enter_loop_opt() :: {hibernate_after, timeout()} | {debug, [sys:debug_option()]}.
-type start_ret() :: {ok, pid()} | ignore | {error, term()}.
-type start_mon_ret() :: {ok, {pid(), reference()}} | ignore | {error, term()}.
-type state() :: term().
-type data() :: term().
-type timeout_type() :: timeout | {timeout, term()} | state_timeout.
-type event_type() :: {call, from()} | cast | info | internal | timeout_type().
-type timeout_action() :: timeout() | {timeout_type(), timeout() | integer(), term()} | {timeout_type(), cancel}
                        | {timeout_type(), update, term()} | {timeout_type(), timeout() | integer(), term(), term()}.
-type enter_action() :: hibernate | {hibernate, boolean()} | timeout_action() | {reply, from(), term()}.
-type action() :: postpone | {postpone, boolean()} | {next_event, event_type(), term()}
                | {change_callback_module | push_callback_module, module()} | pop_callback_module | enter_action().
-type actions() :: [action()] | action().
-type callback_mode_result() :: state_functions | handle_event_function
                              | [state_functions | handle_event_function | state_enter].
-type init_result(S) :: {ok, S, data()} | {ok, S, data(), actions()} | ignore | {stop, term()} | {error, term()}.
-type common_result() :: keep_state_and_data | {keep_state_and_data, actions()} | {keep_state, data()}
                       | {keep_state, data(), actions()} | repeat_state_and_data | {repeat_state_and_data, actions()}
                       | {repeat_state, data()} | {repeat_state, data(), actions()} | stop | {stop, term()}
                       | {stop, term(), data()} | {stop_and_reply, term(), term()} | {stop_and_reply, term(), term(), data()}.
-type state_enter_result(S) :: {next_state, S, data()} | {next_state, S, data(), actions()} | common_result().
-type event_handler_result(S) :: {next_state, S, data()} | {next_state, S, data(), actions()} | common_result().
-type format_status() :: #{atom() => term()}.
-type response_timeout() :: timeout() | {abs, integer()}.

-callback init(Args :: term()) -> init_result(state()).
-callback callback_mode() -> callback_mode_result().
-callback handle_event(enter | event_type(), term(), state(), data()) -> event_handler_result(state()).
-callback terminate(term(), state(), data()) -> term().
-callback code_change(term(), state(), data(), term()) -> {ok, state(), data()} | term().
-callback format_status(normal | terminate, [term()]) -> term().
-callback format_status(format_status()) -> format_status().
-optional_callbacks([handle_event/4, terminate/3, code_change/4, format_status/1, format_status/2]).

%% timers: type => {reference of a running timer or zero, content}; zeros are the types of timeouts that wait to be
%% handled, in order. queue begins with the event that is being handled.
-record(machine, {parent, name, modules, mode = undefined, enter = false, hibernate_after, debug = [], state, data,
                  queue = [], postponed = [], timers = #{}, zeros = [], hibernate = false}).

%% What the actions of a transition have asked for so far.
-record(todo, {events = [], timeouts = [], postpone = false, hibernate = false}).

%%% ---- starting and stopping -----------------------------------------------------------------------------------

-doc "Starts a machine that is not linked to the caller.".
-spec start(module(), term(), [start_opt()]) -> start_ret().
start(Module, Args, Options) -> gen:start(?MODULE, nolink, Module, Args, valid(Options)).

-doc "Like start/3, under a name.".
-spec start(server_name(), module(), term(), [start_opt()]) -> start_ret().
start(Name, Module, Args, Options) -> gen:start(?MODULE, nolink, Name, Module, Args, valid(Options)).

-doc "Starts a machine that is linked to the caller.".
-spec start_link(module(), term(), [start_opt()]) -> start_ret().
start_link(Module, Args, Options) -> gen:start(?MODULE, link, Module, Args, valid(Options)).

-doc "Like start_link/3, under a name.".
-spec start_link(server_name(), module(), term(), [start_opt()]) -> start_ret().
start_link(Name, Module, Args, Options) -> gen:start(?MODULE, link, Name, Module, Args, valid(Options)).

-doc "Starts a machine and monitors it.".
-spec start_monitor(module(), term(), [start_opt()]) -> start_mon_ret().
start_monitor(Module, Args, Options) -> monitored(gen:start(?MODULE, monitor, Module, Args, valid(Options))).

-doc "Like start_monitor/3, under a name.".
-spec start_monitor(server_name(), module(), term(), [start_opt()]) -> start_mon_ret().
start_monitor(Name, Module, Args, Options) ->
    monitored(gen:start(?MODULE, monitor, Name, Module, Args, valid(Options))).

valid(Options) when is_list(Options) -> Options;
valid(Options) -> erlang:error(badarg, [Options]).

monitored({{ok, Pid}, Ref}) -> {ok, {Pid, Ref}};
monitored({Failed, Ref}) ->
    demonitor(Ref, [flush]),
    Failed.

-doc "Makes a machine end with reason normal.".
-spec stop(server_ref()) -> ok.
stop(Machine) -> gen:stop(Machine).

-doc "Makes a machine end with a reason within a time.".
-spec stop(server_ref(), term(), timeout()) -> ok.
stop(Machine, Reason, Time) -> gen:stop(Machine, Reason, Time).

-doc "Makes the calling process, which proc_lib has started, a state machine.".
-spec enter_loop(module(), [enter_loop_opt()], state(), data()) -> no_return().
enter_loop(Module, Options, State, Data) -> enter_loop(Module, Options, State, Data, self(), []).

-doc "Like enter_loop/4 with a name that the process has, or with first actions.".
-spec enter_loop(module(), [enter_loop_opt()], state(), data(), server_name() | pid() | [action()]) -> no_return().
enter_loop(Module, Options, State, Data, Actions) when is_list(Actions) ->
    enter_loop(Module, Options, State, Data, self(), Actions);
enter_loop(Module, Options, State, Data, Name) -> enter_loop(Module, Options, State, Data, Name, []).

-doc "Like enter_loop/4 with a name and first actions.".
-spec enter_loop(module(), [enter_loop_opt()], state(), data(), server_name() | pid(), actions()) -> no_return().
enter_loop(Module, Options, State, Data, Name, Actions) when is_atom(Module) ->
    begin_in(State, Data, Actions, new(gen:get_parent(), gen:get_proc_name(Name), Module, Options)).

new(Parent, Name, Module, Options) ->
    #machine{parent = Parent, name = Name, modules = [Module], hibernate_after = gen:hibernate_after(Options),
             debug = gen:debug_options(Name, Options)}.

-doc false.
init_it(Starter, self, FullName, Module, Args, Options) -> init_it(Starter, self(), FullName, Module, Args, Options);
init_it(Starter, Parent, FullName, Module, Args, Options) ->
    M = new(Parent, gen:name(FullName), Module, Options),
    try Module:init(Args) of
        Result -> initialised(Result, Starter, FullName, M)
    catch
        throw:Result -> initialised(Result, Starter, FullName, M);
        Class:Reason:Stack ->
            gen:unregister_name(FullName),
            report_end(Class, Reason, Stack, M),
            proc_lib:init_fail(Starter, {error, Reason}, {Class, Reason, Stack})
    end.

initialised({ok, State, Data}, Starter, FullName, M) -> initialised({ok, State, Data, []}, Starter, FullName, M);
initialised({ok, State, Data, Actions}, Starter, _, M) ->
    proc_lib:init_ack(Starter, {ok, self()}),
    begin_in(State, Data, Actions, M);
initialised({stop, Reason}, _, FullName, _) ->
    gen:unregister_name(FullName),
    exit(Reason);
initialised({error, _} = Quiet, Starter, FullName, _) -> fail_quietly(Quiet, Starter, FullName);
initialised(ignore, Starter, FullName, _) -> fail_quietly(ignore, Starter, FullName);
initialised(Bad, _, FullName, M) ->
    gen:unregister_name(FullName),
    report_end(error, {bad_return_from_init, Bad}, stack(), M),
    exit({bad_return_from_init, Bad}).

fail_quietly(Answer, Starter, FullName) ->
    gen:unregister_name(FullName),
    proc_lib:init_fail(Starter, Answer, {exit, normal}).

begin_in(State, Data, Actions, M0) ->
    M1 = M0#machine{state = State, data = Data, queue = [{internal, init_state}]},
    M = followed({enter, hd(M1#machine.modules), State}, with_mode(M1)),
    %% a first postpone would have nothing to postpone
    Todo = act(list(Actions) ++ [{postpone, false}], event, #todo{}, M),
    entered(State, State, M#machine.enter, Todo, M).

%% Asks the callback module how it wants to be called.
with_mode(#machine{modules = [Module | _]} = M) ->
    try Module:callback_mode() of
        Mode -> set_mode(Mode, M)
    catch
        throw:Mode -> set_mode(Mode, M);
        Class:Reason:Stack -> finish(Class, Reason, Stack, M)
    end.

set_mode(Given, M) ->
    {Enter, Modes} = lists:partition(fun(E) -> E =:= state_enter end, list(Given)),
    case Modes of
        [Mode] when Mode =:= state_functions; Mode =:= handle_event_function ->
            M#machine{mode = Mode, enter = Enter =/= []};
        _ -> finish(error, {bad_return_from_callback_mode, Given}, stack(), M)
    end.

list(Actions) when is_list(Actions) -> Actions;
list(Action) -> [Action].

%%% ---- events from outside ------------------------------------------------------------------------------------------

-doc "Sends a call event and waits for the reply.".
-spec call(server_ref(), term()) -> term().
call(Machine, Request) -> call(Machine, Request, infinity).

-doc "Sends a call event and waits for the reply within a time.".
-spec call(server_ref(), term(), timeout() | {clean_timeout | dirty_timeout, timeout()}) -> term().
call(Machine, Request, Limit) ->
    Time = case Limit of
               {clean_timeout, T} -> T;
               {dirty_timeout, T} -> T;
               _ -> Limit
           end,
    try gen:call(Machine, '$gen_call', Request, Time) of
        {ok, Reply} -> Reply
    catch
        exit:Reason:Stack -> erlang:raise(exit, {Reason, {?MODULE, call, [Machine, Request, Limit]}}, Stack)
    end.

-doc "Sends a cast event; nothing is said if there is no such machine.".
-spec cast(server_ref(), term()) -> ok.
cast(Machine, Event) -> gen_server:cast(Machine, Event).

-doc "Sends replies.".
-spec reply([{reply, from(), term()}] | {reply, from(), term()}) -> ok.
reply({reply, From, Reply}) -> reply(From, Reply);
reply(Replies) when is_list(Replies) -> lists:foreach(fun reply/1, Replies).

-doc "Sends a reply.".
-spec reply(from(), term()) -> ok.
reply(From, Reply) -> gen:reply(From, Reply).

-doc "Sends a call event whose reply is fetched later.".
-spec send_request(server_ref(), term()) -> request_id().
send_request(Machine, Request) -> gen:send_request(Machine, '$gen_call', Request).

-doc "Sends a call event and adds it under a label to a collection.".
-spec send_request(server_ref(), term(), term(), request_id_collection()) -> request_id_collection().
send_request(Machine, Request, Label, Requests) -> gen:send_request(Machine, '$gen_call', Request, Label, Requests).

-doc "Waits for the reply to a request.".
-spec wait_response(request_id()) -> {reply, term()} | {error, {term(), server_ref()}}.
wait_response(Id) -> gen:wait_response(Id, infinity).

-doc "Waits for the reply to a request; after a timeout it can be waited for again.".
-spec wait_response(request_id(), response_timeout()) -> {reply, term()} | timeout | {error, {term(), server_ref()}}.
wait_response(Id, Time) -> gen:wait_response(Id, Time).

-doc "Waits for the reply to any request of a collection.".
-spec wait_response(request_id_collection(), response_timeout(), boolean()) -> term().
wait_response(Requests, Time, Delete) -> gen:wait_response(Requests, Time, Delete).

-doc "Waits for the reply to a request.".
-spec receive_response(request_id()) -> {reply, term()} | {error, {term(), server_ref()}}.
receive_response(Id) -> gen:receive_response(Id, infinity).

-doc "Waits for the reply to a request; after a timeout the request is given up.".
-spec receive_response(request_id(), response_timeout()) -> {reply, term()} | timeout | {error, {term(), server_ref()}}.
receive_response(Id, Time) -> gen:receive_response(Id, Time).

-doc "Waits for the reply to any request of a collection; after a timeout all are given up.".
-spec receive_response(request_id_collection(), response_timeout(), boolean()) -> term().
receive_response(Requests, Time, Delete) -> gen:receive_response(Requests, Time, Delete).

-doc "Whether a message is the reply to a request.".
-spec check_response(term(), request_id()) -> {reply, term()} | no_reply | {error, {term(), server_ref()}}.
check_response(Message, Id) -> gen:check_response(Message, Id).

-doc "Whether a message is the reply to a request of a collection.".
-spec check_response(term(), request_id_collection(), boolean()) -> term().
check_response(Message, Requests, Delete) -> gen:check_response(Message, Requests, Delete).

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

%%% ---- the loop: which event comes next --------------------------------------------------------------------------------

next(#machine{queue = [Event | _]} = M) -> handle(Event, M);
next(#machine{zeros = [Type | Rest], timers = Timers} = M) ->
    #{Type := {zero, Content}} = Timers,
    insert({Type, Content}, M#machine{zeros = Rest, timers = maps:remove(Type, Timers)});
next(#machine{hibernate = true} = M) ->
    receive
        Msg ->
            garbage_collect(),
            received(Msg, M)
    after 0 -> sleep(M)
    end;
next(M) ->
    receive
        Msg -> received(Msg, M)
    after M#machine.hibernate_after -> sleep(M)
    end.

sleep(M) ->
    erlang:hibernate(),
    receive Msg -> received(Msg, M) end.

received(Msg, #machine{parent = Parent, timers = Timers} = M) ->
    case Msg of
        {'$gen_call', From, Request} -> arrived({{call, From}, Request}, M);
        {'$gen_cast', Cast} -> arrived({cast, Cast}, M);
        {timeout, Ref, Type} ->
            case Timers of
                #{Type := {Ref, Content}} -> insert({Type, Content}, M#machine{timers = maps:remove(Type, Timers)});
                #{} -> arrived({info, Msg}, M)
            end;
        {system, From, Request} ->
            sys:handle_system_msg(Request, From, Parent, ?MODULE, M#machine.debug, M, M#machine.hibernate);
        {'EXIT', Parent, Reason} -> finish(exit, Reason, stack(), M#machine{queue = [{info, Msg}]});
        _ -> arrived({info, Msg}, M)
    end.

arrived(Event, M) -> insert(Event, M).

insert(Event, M) -> handle(Event, M#machine{queue = [Event]}).

handle(Event, M0) ->
    M = followed({in, Event, M0#machine.state}, M0#machine{hibernate = false}),
    {Type, Content} = Event,
    loop_state_callback(M, Type, Content, M#machine.state, M#machine.data, M#machine.mode,
                        hd(M#machine.modules), #todo{}, event, M#machine.state, M#machine.enter).

%%% ---- callbacks and their results ----------------------------------------------------------------------------------------

%% Kind is event, or enter for the call at the entry of a state; From the state that was left.
loop_state_callback(M, Type, Content, State, Data, Mode, Module, Todo, Kind, From, Enter) ->
    try
        case Mode of
            state_functions when is_atom(State) -> Module:State(Type, Content, Data);
            state_functions -> erlang:error({bad_state_from_state_function, State});
            handle_event_function -> Module:handle_event(Type, Content, State, Data)
        end
    of
        Result ->
            loop_state_callback_result(M, Type, Content, State, Data, Mode, Module, Todo, Kind, From, Result)
    catch
        throw:Result ->
            loop_state_callback_result(M, Type, Content, State, Data, Mode, Module, Todo, Kind, From, Result);
        Class:Reason:Stack -> finish(Class, Reason, Stack, M#machine{enter = Enter})
    end.

loop_state_callback_result(M, _, _, State, Data, _, _, Todo, Kind, From, Result) ->
    case Result of
        {next_state, Next, Data1} -> transition(Next, Data1, false, [], Todo, Kind, From, Result, M);
        {next_state, Next, Data1, Actions} -> transition(Next, Data1, false, Actions, Todo, Kind, From, Result, M);
        {keep_state, Data1} -> transition(State, Data1, false, [], Todo, Kind, From, Result, M);
        {keep_state, Data1, Actions} -> transition(State, Data1, false, Actions, Todo, Kind, From, Result, M);
        keep_state_and_data -> transition(State, Data, false, [], Todo, Kind, From, Result, M);
        {keep_state_and_data, Actions} -> transition(State, Data, false, Actions, Todo, Kind, From, Result, M);
        {repeat_state, Data1} -> transition(State, Data1, true, [], Todo, Kind, From, Result, M);
        {repeat_state, Data1, Actions} -> transition(State, Data1, true, Actions, Todo, Kind, From, Result, M);
        repeat_state_and_data -> transition(State, Data, true, [], Todo, Kind, From, Result, M);
        {repeat_state_and_data, Actions} -> transition(State, Data, true, Actions, Todo, Kind, From, Result, M);
        stop -> finish(exit, normal, stack(), M);
        {stop, Reason} -> finish(exit, Reason, stack(), M);
        {stop, Reason, Data1} -> finish(exit, Reason, stack(), M#machine{data = Data1});
        {stop_and_reply, Reason, Replies} -> reply_and_finish(Replies, Reason, stack(), M);
        {stop_and_reply, Reason, Replies, Data1} -> reply_and_finish(Replies, Reason, stack(), M#machine{data = Data1});
        _ -> finish(error, {bad_return_from_state_function, Result}, stack(), M)
    end.

reply_and_finish(Replies, Reason, Stack, M) ->
    lists:foreach(fun({reply, From, Reply}) -> gen:reply(From, Reply), followed({out, Reply, From}, M);
                     (Bad) -> finish(error, {bad_reply_action_from_state_function, Bad}, Stack, M)
                  end, list(Replies)),
    finish(exit, Reason, Stack, M).

transition(Next, _, _, _, _, enter, _, Result, #machine{state = State} = M) when Next =/= State ->
    finish(error, {bad_state_enter_return_from_state_function, Result}, stack(), M);
transition(Next, Data, Repeat, Actions, Todo0, Kind, From, _, #machine{state = State} = M0) ->
    Todo = act(list(Actions), Kind, Todo0, M0),
    M = changed_modules(list(Actions), M0#machine{data = Data}),
    case Kind of
        event -> entered(Next, State, M#machine.enter andalso (Repeat orelse Next =/= State), Todo, M);
        enter when Repeat -> enter_again(From, Todo, M);
        enter -> settle(From, Todo, M)
    end.

%% The new state is told before anything else happens in it.
entered(Next, Old, false, Todo, M) -> settle(Old, Todo, M#machine{state = Next});
entered(Next, Old, true, Todo, M) -> enter_again(Old, Todo, M#machine{state = Next}).

enter_again(Old, Todo, #machine{state = State, data = Data, mode = Mode, modules = [Module | _], enter = Enter} = M) ->
    loop_state_callback(M, enter, Old, State, Data, Mode, Module, Todo, enter, Old, Enter).

%% The event is done: retry postponed ones after a change of state, put inserted ones first, start timers. The timer of an event timeout
%% has run out with any event, also with one inserted.
settle(Old, #todo{events = Inserted, timeouts = Timeouts, postpone = Postpone, hibernate = Hibernate},
       #machine{state = State, queue = [Event | Rest], postponed = Postponed0} = M0) ->
    M1 = stop_timer(timeout, followed({case Postpone of true -> postpone; false -> consume end, Event, Old, State}, M0)),
    Postponed = [Event || Postpone] ++ Postponed0,
    M2 = if
             State =:= Old -> M1#machine{queue = Rest, postponed = Postponed};
             true -> (stop_timer(state_timeout, M1))#machine{queue = lists:reverse(Postponed, Rest), postponed = []}
         end,
    M3 = lists:foldl(fun start_timer/2, M2, lists:reverse(Timeouts)),
    M4 = lists:foldl(fun(E, M) -> followed({in, E, State}, M) end, M3, []),
    next(M4#machine{queue = lists:reverse(Inserted, M4#machine.queue), hibernate = Hibernate}).

%%% ---- actions --------------------------------------------------------------------------------------------------------------

act([], _, Todo, _) -> Todo;
act([Action | Rest], Kind, Todo, M) -> act(Rest, Kind, one(Action, Kind, Todo, M), M).

one({reply, {_, _} = From, Reply}, _, Todo, M) ->
    gen:reply(From, Reply),
    _ = followed({out, Reply, From}, M),
    Todo;
one(hibernate, _, Todo, _) -> Todo#todo{hibernate = true};
one({hibernate, Flag}, _, Todo, _) when is_boolean(Flag) -> Todo#todo{hibernate = Flag};
one(postpone, event, Todo, _) -> Todo#todo{postpone = true};
one({postpone, Flag}, event, Todo, _) when is_boolean(Flag) -> Todo#todo{postpone = Flag};
one({postpone, false}, enter, Todo, _) -> Todo;
one({next_event, Type, Content} = Action, event, #todo{events = Events} = Todo, M) ->
    case is_event_type(Type) of
        true -> Todo#todo{events = [{Type, Content} | Events]};
        false -> bad_action(Action, event, M)
    end;
one({change_callback_module, Module}, event, Todo, _) when is_atom(Module) -> Todo;
one({push_callback_module, Module}, event, Todo, _) when is_atom(Module) -> Todo;
one(pop_callback_module, event, Todo, #machine{modules = [_, _ | _]}) -> Todo;
one(Action, Kind, #todo{timeouts = Timeouts} = Todo, M) ->
    case timeout_of(Action) of
        bad -> bad_action(Action, Kind, M);
        Timeout -> Todo#todo{timeouts = [Timeout | Timeouts]}
    end.

bad_action(Action, event, M) -> finish(error, {bad_action_from_state_function, Action}, stack(), M);
bad_action(Action, enter, M) -> finish(error, {bad_state_enter_action_from_state_function, Action}, stack(), M).

is_event_type({call, {_, _}}) -> true;
is_event_type(Type) -> lists:member(Type, [cast, info, internal]) orelse is_timeout_type(Type).

is_timeout_type(timeout) -> true;
is_timeout_type(state_timeout) -> true;
is_timeout_type({timeout, _}) -> true;
is_timeout_type(_) -> false.

%% {Type, stop} | {Type, update, Content} | {Type, Time, Content, Absolute}
timeout_of(infinity) -> {timeout, stop};
timeout_of(Time) when is_integer(Time), Time >= 0 -> {timeout, Time, Time, false};
timeout_of({Type, cancel}) -> if_timeout(Type, {Type, stop});
timeout_of({Type, update, Content}) -> if_timeout(Type, {Type, update, Content});
timeout_of({Type, Time, Content}) -> timeout_of({Type, Time, Content, []});
timeout_of({Type, Time, Content, Options}) ->
    Absolute = lists:foldl(fun({abs, Flag}, _) when is_boolean(Flag) -> Flag;
                              (_, _) -> bad
                           end, false, list(Options)),
    if
        Absolute =:= bad -> bad;
        Time =:= infinity -> if_timeout(Type, {Type, stop});
        is_integer(Time), Absolute; is_integer(Time), Time >= 0 ->
            if_timeout(Type, {Type, Time, Content, Absolute});
        true -> bad
    end;
timeout_of(_) -> bad.

if_timeout(Type, Timeout) ->
    case is_timeout_type(Type) of
        true -> Timeout;
        false -> bad
    end.

start_timer({Type, stop}, M) -> stop_timer(Type, M);
start_timer({Type, update, Content}, #machine{timers = Timers} = M) ->
    case Timers of
        #{Type := {Ref, _}} -> M#machine{timers = Timers#{Type := {Ref, Content}}};
        #{} -> start_timer({Type, 0, Content, false}, M)
    end;
start_timer({Type, 0, Content, false}, M0) ->
    #machine{timers = Timers, zeros = Zeros} = M = stop_timer(Type, M0),
    M#machine{timers = Timers#{Type => {zero, Content}}, zeros = Zeros ++ [Type]};
start_timer({Type, Time, Content, Absolute}, M0) ->
    #machine{timers = Timers, state = State} = M = stop_timer(Type, M0),
    Ref = erlang:start_timer(Time, self(), Type, [{abs, Absolute}]),
    followed({start_timer, {Type, Time, Content, [{abs, true} || Absolute]}, State},
             M#machine{timers = Timers#{Type => {Ref, Content}}}).

stop_timer(Type, #machine{timers = Timers, zeros = Zeros} = M) ->
    case Timers of
        #{Type := {zero, _}} -> M#machine{timers = maps:remove(Type, Timers), zeros = lists:delete(Type, Zeros)};
        #{Type := {Ref, _}} ->
            case erlang:cancel_timer(Ref) of
                false -> receive {timeout, Ref, Type} -> ok after 0 -> ok end;
                _ -> ok
            end,
            M#machine{timers = maps:remove(Type, Timers)};
        #{} -> M
    end.

changed_modules(Actions, #machine{modules = [Top | Rest] = Modules} = M) ->
    Changed = lists:foldl(fun({change_callback_module, Module}, [_ | Below]) -> [Module | Below];
                             ({push_callback_module, Module}, Stack) -> [Module | Stack];
                             (pop_callback_module, [_ | [_ | _] = Below]) -> Below;
                             (_, Stack) -> Stack
                          end, Modules, Actions),
    case Changed of
        [Top | Rest] -> M;
        [New | _] -> with_mode(followed({module, New, M#machine.state}, M#machine{modules = Changed}))
    end.

%%% ---- the end ----------------------------------------------------------------------------------------------------------------

stack() -> tl(element(2, process_info(self(), current_stacktrace))).

finish(Class, Reason, Stack, #machine{modules = [Module | _], state = State, data = Data} = M) ->
    case erlang:function_exported(Module, terminate, 3) of
        true ->
            try Module:terminate(Reason, State, Data) of _ -> ok
            catch
                throw:_ -> ok;
                Class1:Reason1:Stack1 ->
                    report_end(Class1, Reason1, Stack1, M),
                    erlang:raise(Class1, Reason1, Stack1)
            end;
        false -> ok
    end,
    case Reason of
        normal -> followed({terminate, Reason, State}, M);
        shutdown -> followed({terminate, Reason, State}, M);
        {shutdown, _} -> followed({terminate, Reason, State}, M);
        _ -> report_end(Class, Reason, Stack, M)
    end,
    erlang:raise(Class, Reason, Stack).

report_end(Class, Reason, Stack, #machine{modules = [Module | _] = Modules, queue = Queue} = M) ->
    #machine{name = Name, mode = Mode, enter = Enter, state = State, data = Data, postponed = Postponed} = M,
    Status = gen:format_status(Module, terminate,
                               #{reason => Reason, state => State, data => Data, queue => Queue, postponed => Postponed,
                                 timeouts => timeouts(M), log => sys:get_log(M#machine.debug)}, [get(), State, Data]),
    #{queue := Queue1, postponed := Postponed1, timeouts := Timeouts, log := Log, reason := Reason1} = Status,
    ?LOG_ERROR(#{label => {gen_statem, terminate}, name => Name, queue => Queue1, postponed => Postponed1,
                 modules => Modules, callback_mode => Mode, state_enter => Enter, state => shown(Status),
                 timeouts => {length(Timeouts), Timeouts}, log => Log, reason => {Class, Reason1, Stack},
                 client_info => case Queue of
                                    [{{call, From}, _} | _] -> gerl_report:client(From);
                                    _ -> undefined
                                end,
                 process_label => proc_lib:get_label(self())},
               #{domain => [otp], report_cb => fun ?MODULE:format_log/2,
                 error_logger => #{tag => error, report_cb => fun ?MODULE:format_log/1}}).

shown(#{'$status' := Shown}) -> Shown;
shown(#{state := State, data := Data}) -> {State, Data}.

timeouts(#machine{timers = Timers}) -> [{Type, Content} || {Type, {_, Content}} <- maps:to_list(Timers)].

%%% ---- system messages ----------------------------------------------------------------------------------------------------------

-doc false.
system_continue(Parent, Debug, M) -> next(M#machine{parent = Parent, debug = Debug}).

-doc false.
system_terminate(Reason, _Parent, Debug, M) -> finish(exit, Reason, stack(), M#machine{debug = Debug, queue = []}).

-doc false.
system_code_change(#machine{modules = [Module | _], state = State, data = Data} = M, _Module, Vsn, Extra) ->
    case try Module:code_change(Vsn, State, Data, Extra) catch throw:Thrown -> Thrown end of
        {ok, State1, Data1} -> {ok, with_mode(M#machine{state = State1, data = Data1})};
        Refused -> Refused
    end.

-doc false.
system_get_state(#machine{state = State, data = Data}) -> {ok, {State, Data}}.

-doc false.
system_replace_state(Fun, #machine{state = State, data = Data} = M) ->
    {State1, Data1} = Both = Fun({State, Data}),
    {ok, Both, M#machine{state = State1, data = Data1}}.

-doc false.
format_status(Why, [Dictionary, SysState, Parent, Debug, #machine{modules = [Module | _] = Modules, state = State} = M]) ->
    Data = M#machine.data,
    Status = gen:format_status(Module, Why, #{state => State, data => Data, postponed => M#machine.postponed,
                                              log => sys:get_log(Debug), timeouts => timeouts(M)},
                               [Dictionary, State, Data]),
    #{timeouts := Timeouts, log := Log, postponed := Postponed} = Status,
    Own = case Status of
              #{'EXIT' := Complaint} -> [{data, [{"State", {State, Complaint}}]}];
              #{'$status' := List} when is_list(List) -> List;
              #{'$status' := Other} -> [Other];
              #{} -> [{data, [{"State", shown(Status)}]}]
          end,
    [{header, gen:format_status_header("Status for state machine", M#machine.name)},
     {data, [{"Status", SysState}, {"Parent", Parent}, {"Modules", Modules}, {"Time-outs", {length(Timeouts), Timeouts}},
             {"Logged Events", Log}, {"Postponed", Postponed}]} | Own].

followed(_, #machine{debug = []} = M) -> M;
followed(Event, #machine{debug = Debug, name = Name} = M) ->
    M#machine{debug = sys:handle_debug(Debug, fun print_event/3, Name, Event)}.

print_event(Dev, {in, Event, State}, Name) ->
    io:format(Dev, "*DBG* ~tp receive ~ts in state ~tp~n", [Name, event_text(Event), State]);
print_event(Dev, {out, Reply, {To, _}}, Name) -> io:format(Dev, "*DBG* ~tp send ~tp to ~tw~n", [Name, Reply, To]);
print_event(Dev, {Kind, What, State}, Name) ->
    io:format(Dev, "*DBG* ~tp ~w ~tp in state ~tp~n", [Name, Kind, What, State]);
print_event(Dev, {Kind, Event, State, State}, Name) ->
    io:format(Dev, "*DBG* ~tp ~tw ~ts in state ~tp~n", [Name, Kind, event_text(Event), State]);
print_event(Dev, {Kind, Event, State, Next}, Name) ->
    io:format(Dev, "*DBG* ~tp ~tw ~ts in state ~tp => ~tp~n", [Name, Kind, event_text(Event), State, Next]).

event_text({{call, {Pid, _}}, Request}) -> io_lib:format("call ~tp from ~tw", [Request, Pid]);
event_text({Type, Content}) -> io_lib:format("~tw ~tp", [Type, Content]).

%%% ---- reports ----------------------------------------------------------------------------------------------------------------------

-doc false.
format_log(Report) -> report_parts(Report, gerl_report:legacy(Report)).

-doc false.
format_log(Report, Options0) ->
    Options = gerl_report:options(Options0),
    gerl_report:text(report_parts(Report, Options), Options).

report_parts(#{name := Name, queue := Queue, state := State, reason := {Class, Reason0, Stack0}, modules := Modules,
               callback_mode := Mode0, state_enter := Enter, postponed := Postponed, timeouts := {Count, _} = Timeouts,
               log := Log, client_info := Client, process_label := Label}, #{single_line := Single} = Options) ->
    {Reason, Stack} = cause(Class, Reason0, Stack0),
    Mode = case Enter of true -> [Mode0, state_enter]; false -> Mode0 end,
    If = fun(true, Parts) -> Parts; (false, _) -> [] end,
    case Single of
        true ->
            gerl_report:sentences([["State machine ", {term, Name}, " terminating"],
                                   If(Label =/= undefined, ["Label: ", {term, Label}]),
                                   ["Reason: ", {term, Reason}],
                                   If(Stack =/= [], ["Stack: ", {term, Stack}]),
                                   If(Queue =/= [], ["Last event: ", {term, first(Queue)}]),
                                   ["State: ", {term, State}],
                                   If(Log =/= [], ["Log: ", {term, Log}])
                                   | gerl_report:client_sentences(Client)], Options);
        false ->
            gerl_report:lines([["** State machine ", {term, Name}, " terminating"],
                               If(Label =/= undefined, ["** Process label = ", {term, Label}]),
                               If(Queue =/= [], ["** Last event = ", {term, first(Queue)}]),
                               ["** When server state  = ", {term, State}],
                               ["** Reason for termination = ", {term, Class}, ":", {term, Reason}],
                               ["** Callback modules = ", {term, Modules}],
                               ["** Callback mode = ", {term, case Mode of undefined -> state_functions; _ -> Mode end}],
                               If(length(Queue) > 1, ["** Queued = ", {term, lists:nthtail(min(1, length(Queue)), Queue)}]),
                               If(Postponed =/= [], ["** Postponed = ", {term, Postponed}]),
                               If(Stack =/= [], ["** Stacktrace =\n**  ", {term, Stack}]),
                               If(Count > 0, ["** Time-outs: ", {term, Timeouts}]),
                               If(Log =/= [], ["** Log =\n**  ", {term, Log}])
                               | gerl_report:client_lines(Client)], Options)
    end.

first([Event | _]) -> Event;
first([]) -> none.

cause(error, undef, Stack) ->
    case gerl_report:cause({undef, Stack}) of
        {undef, Stack} -> {undef, Stack};
        {What, [{M, F, Args, _} | Rest]} when What =:= 'function not exported' -> {{What, {M, F, length(Args)}}, Rest};
        {What, [{M, _, _, _} | Rest]} -> {{What, M}, Rest}
    end;
cause(_, Reason, Stack) -> {Reason, Stack}.
