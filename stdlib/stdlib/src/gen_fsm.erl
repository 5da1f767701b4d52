-module(gen_fsm).
-moduledoc """
State machines as they were before `gen_statem`, which new programs use instead.

The callback module has a function for each state: `StateName(Event, Data)` for events and `StateName(Event, From, Data)` for those
whose sender waits for an answer. Events for all states go to `handle_event/3` and `handle_sync_event/4`, other messages to
`handle_info/3`.
""".
-deprecated({'_', '_', "use the 'gen_statem' module instead"}).

-export([start/3, start/4, start_link/3, start_link/4, stop/1, stop/3, send_event/2, sync_send_event/2, sync_send_event/3, send_all_state_event/2,
         sync_send_all_state_event/2, sync_send_all_state_event/3, reply/2, start_timer/2, send_event_after/2, cancel_timer/1, enter_loop/4,
         enter_loop/5, enter_loop/6]).
%% For gen, sys, proc_lib and logger
-export([init_it/6, wake_hib/1, system_continue/3, system_terminate/4, system_code_change/4, system_get_state/1, system_replace_state/2,
         format_status/2, format_log/1, format_log/2]).
-export_type([fsm_name/0, fsm_ref/0, from/0]).

-include_lib("kernel/include/logger.hrl").

-type fsm_name() :: {local, atom()} | {global, term()} | {via, module(), term()}.
-type fsm_ref() :: pid() | atom() | {atom(), node()} | {global, term()} | {via, module(), term()}.
-type from() :: {pid(), term()}.
-type next() :: {next_state, atom(), term()} | {next_state, atom(), term(), timeout() | hibernate} | {stop, term(), term()}.
-type answer() :: next() | {reply, term(), atom(), term()} | {reply, term(), atom(), term(), timeout() | hibernate} | {stop, term(), term(), term()}.
-type start_ret() :: {ok, pid()} | ignore | {error, term()}.

-callback init(Args :: term()) -> {ok, atom(), term()} | {ok, atom(), term(), timeout() | hibernate} | {stop, term()} | ignore.
-callback handle_event(Event :: term(), StateName :: atom(), Data :: term()) -> next().
-callback handle_sync_event(Event :: term(), From :: from(), StateName :: atom(), Data :: term()) -> answer().
-callback handle_info(Info :: term(), StateName :: atom(), Data :: term()) -> next().
-callback terminate(Reason :: term(), StateName :: atom(), Data :: term()) -> term().
-callback code_change(Vsn :: term(), StateName :: atom(), Data :: term(), Extra :: term()) -> {ok, atom(), term()}.
-callback format_status(normal | terminate, [term()]) -> term().
-optional_callbacks([handle_info/3, terminate/3, code_change/4, format_status/2]).

-record(fsm, {parent :: pid(), name :: term(), module :: module(), state :: term(), data :: term(), wait = infinity :: timeout() | hibernate,
              quiet :: timeout(), debug :: list()}).

%% ---- what others call ---------------------------------------------------------------------------------------------

-doc "Starts a state machine without a name.".
-spec start(module(), term(), list()) -> start_ret().
start(Module, Args, Options) -> gen:start(?MODULE, nolink, Module, Args, Options).

-doc "Starts a state machine under a name.".
-spec start(fsm_name(), module(), term(), list()) -> start_ret().
start(Name, Module, Args, Options) -> gen:start(?MODULE, nolink, Name, Module, Args, Options).

-doc "Starts a state machine that is linked to the caller.".
-spec start_link(module(), term(), list()) -> start_ret().
start_link(Module, Args, Options) -> gen:start(?MODULE, link, Module, Args, Options).

-doc "Starts a state machine under a name, linked to the caller.".
-spec start_link(fsm_name(), module(), term(), list()) -> start_ret().
start_link(Name, Module, Args, Options) -> gen:start(?MODULE, link, Name, Module, Args, Options).

-doc "Makes a state machine end normally.".
-spec stop(fsm_ref()) -> ok.
stop(Fsm) -> gen:stop(Fsm).

-doc "Makes a state machine end with a reason.".
-spec stop(fsm_ref(), term(), timeout()) -> ok.
stop(Fsm, Reason, Timeout) -> gen:stop(Fsm, Reason, Timeout).

-doc "Sends an event for the state that the machine is in.".
-spec send_event(fsm_ref(), term()) -> ok.
send_event(Fsm, Event) -> deliver(Fsm, {'$gen_event', Event}).

-doc "Sends an event that is handled the same way in all states.".
-spec send_all_state_event(fsm_ref(), term()) -> ok.
send_all_state_event(Fsm, Event) -> deliver(Fsm, {'$gen_all_state_event', Event}).

deliver({global, Name}, Message) -> deliver({via, global, Name}, Message);
deliver({via, Registry, Name}, Message) ->
    try Registry:send(Name, Message) of _ -> ok
    catch _:_ -> ok
    end;
deliver(Fsm, Message) ->
    Fsm ! Message,
    ok.

-doc "Sends an event for the current state and waits for the answer, at most five seconds.".
-spec sync_send_event(fsm_ref(), term()) -> term().
sync_send_event(Fsm, Event) -> answer(fun() -> gen:call(Fsm, '$gen_sync_event', Event) end, sync_send_event, [Fsm, Event]).

-doc "Sends an event for the current state and waits for the answer.".
-spec sync_send_event(fsm_ref(), term(), timeout()) -> term().
sync_send_event(Fsm, Event, Timeout) ->
    answer(fun() -> gen:call(Fsm, '$gen_sync_event', Event, Timeout) end, sync_send_event, [Fsm, Event, Timeout]).

-doc "Sends an event for all states and waits for the answer, at most five seconds.".
-spec sync_send_all_state_event(fsm_ref(), term()) -> term().
sync_send_all_state_event(Fsm, Event) ->
    answer(fun() -> gen:call(Fsm, '$gen_sync_all_state_event', Event) end, sync_send_all_state_event, [Fsm, Event]).

-doc "Sends an event for all states and waits for the answer.".
-spec sync_send_all_state_event(fsm_ref(), term(), timeout()) -> term().
sync_send_all_state_event(Fsm, Event, Timeout) ->
    answer(fun() -> gen:call(Fsm, '$gen_sync_all_state_event', Event, Timeout) end, sync_send_all_state_event, [Fsm, Event, Timeout]).

answer(Call, Function, Args) ->
    case caught(Call) of
        {ok, Answer} -> Answer;
        {'EXIT', Reason} -> exit({Reason, {?MODULE, Function, Args}})
    end.

-doc "Answers an event whose sender waits, where the callback does not answer by its result.".
-spec reply(from(), term()) -> term().
reply(From, Answer) -> gen:reply(From, Answer).

%% ---- what the machine calls -----------------------------------------------------------------------------------------

-doc "Makes the calling machine get the event `{timeout, Ref, Message}` after a time.".
-spec start_timer(non_neg_integer(), term()) -> reference().
start_timer(Time, Message) -> erlang:start_timer(Time, self(), {'$gen_timer', Message}).

-doc "Makes the calling machine get an event after a time.".
-spec send_event_after(non_neg_integer(), term()) -> reference().
send_event_after(Time, Event) -> erlang:start_timer(Time, self(), {'$gen_event', Event}).

-doc "Stops a timer; the result is the time that was left, or `false`. An event that has arrived, but was not handled, is taken back.".
-spec cancel_timer(reference()) -> non_neg_integer() | false.
cancel_timer(Timer) ->
    case erlang:cancel_timer(Timer) of
        Left when is_integer(Left) -> Left;
        false ->
            receive
                {timeout, Timer, _} -> 0
            after 0 -> false
            end
    end.

-doc "Makes the calling process a state machine without a name.".
-spec enter_loop(module(), list(), atom(), term()) -> no_return().
enter_loop(Module, Options, State, Data) -> enter_loop(Module, Options, State, Data, self(), infinity).

-doc "Makes the calling process a state machine with a name, or with a time after which it gets the event `timeout`.".
-spec enter_loop(module(), list(), atom(), term(), fsm_name() | timeout()) -> no_return().
enter_loop(Module, Options, State, Data, {Kind, _} = Name) when Kind =:= local; Kind =:= global -> enter_loop(Module, Options, State, Data, Name, infinity);
enter_loop(Module, Options, State, Data, {via, _, _} = Name) -> enter_loop(Module, Options, State, Data, Name, infinity);
enter_loop(Module, Options, State, Data, Timeout) -> enter_loop(Module, Options, State, Data, self(), Timeout).

-doc "Makes the calling process, which must have been started by `proc_lib` and have the name, a state machine.".
-spec enter_loop(module(), list(), atom(), term(), fsm_name() | pid(), timeout()) -> no_return().
enter_loop(Module, Options, State, Data, FullName, Timeout) ->
    Name = gen:get_proc_name(FullName),
    wait(#fsm{parent = gen:get_parent(), name = Name, module = Module, state = State, data = Data, wait = Timeout,
              quiet = gen:hibernate_after(Options), debug = gen:debug_options(Name, Options)}).

%% ---- the process ------------------------------------------------------------------------------------------------------

-doc false.
init_it(Starter, self, FullName, Module, Args, Options) -> init_it(Starter, self(), FullName, Module, Args, Options);
init_it(Starter, Parent, FullName, Module, Args, Options) ->
    Name = gen:name(FullName),
    Fsm = #fsm{parent = Parent, name = Name, module = Module, quiet = gen:hibernate_after(Options), debug = gen:debug_options(Name, Options)},
    Begin = fun(State, Data, Wait) ->
                    proc_lib:init_ack(Starter, {ok, self()}),
                    wait(Fsm#fsm{state = State, data = Data, wait = Wait})
            end,
    case caught(fun() -> Module:init(Args) end) of
        {ok, State, Data} -> Begin(State, Data, infinity);
        {ok, State, Data, Wait} -> Begin(State, Data, Wait);
        {Why, Reason} when Why =:= stop; Why =:= 'EXIT' ->
            gen:unregister_name(FullName),
            exit(Reason);
        ignore ->
            gen:unregister_name(FullName),
            proc_lib:init_fail(Starter, ignore, {exit, normal});
        Other -> exit({bad_return_value, Other})
    end.

%% What a callback returned or threw, or {'EXIT', Reason}.
caught(Fun) ->
    try Fun()
    catch
        throw:Value -> Value;
        exit:Reason -> {'EXIT', Reason};
        error:Reason:Stack -> {'EXIT', {Reason, Stack}}
    end.

wait(#fsm{wait = hibernate} = Fsm) -> proc_lib:hibernate(?MODULE, wake_hib, [Fsm]);
wait(#fsm{wait = infinity, quiet = Quiet} = Fsm) ->
    receive
        Message -> got(Message, Fsm, false)
    after Quiet -> wait(Fsm#fsm{wait = hibernate})
    end;
wait(#fsm{wait = Time} = Fsm) ->
    receive
        Message -> got(Message, Fsm, false)
    after Time -> got({'$gen_event', timeout}, Fsm, false)
    end.

-doc false.
wake_hib(Fsm) ->
    receive
        Message -> got(Message, Fsm, true)
    end.

got({system, From, Request}, #fsm{parent = Parent, debug = Debug} = Fsm, Slept) ->
    sys:handle_system_msg(Request, From, Parent, ?MODULE, Debug, Fsm, Slept);
got({'EXIT', Parent, Reason} = Message, #fsm{parent = Parent} = Fsm, _) -> terminate(Reason, undefined, Message, Fsm);
got(Message, Fsm, _) -> handle(Message, noted({in, Message, Fsm#fsm.state}, Fsm)).

noted(_, #fsm{debug = []} = Fsm) -> Fsm;
noted(Event, #fsm{debug = Debug, name = Name} = Fsm) -> Fsm#fsm{debug = sys:handle_debug(Debug, fun print_event/3, Name, Event)}.

handle(Message, #fsm{module = Module, data = OldData} = Fsm) ->
    From = sender(Message),
    case caught(fun() -> dispatch(Message, Fsm) end) of
        {next_state, State, Data} -> next(State, Data, infinity, Fsm);
        {next_state, State, Data, Wait} -> next(State, Data, Wait, Fsm);
        {reply, Answer, State, Data} when From =/= undefined -> next_answered(From, Answer, State, Data, infinity, Fsm);
        {reply, Answer, State, Data, Wait} when From =/= undefined -> next_answered(From, Answer, State, Data, Wait, Fsm);
        {stop, Reason, Data} -> terminate(Reason, From, Message, Fsm#fsm{data = Data});
        {stop, Reason, Answer, Data} when From =/= undefined ->
            %% The machine has cleaned up before its caller goes on.
            {'EXIT', Last} = caught(fun() -> terminate(Reason, From, Message, Fsm#fsm{data = Data}) end),
            _ = answered(From, Answer, Fsm),
            exit(Last);
        {'EXIT', {undef, [{Module, handle_info, [_, _, _], _} | _]}} ->
            ?LOG_WARNING(#{label => {?MODULE, no_handle_info}, module => Module, message => Message},
                         #{domain => [otp], report_cb => fun ?MODULE:format_log/2,
                           error_logger => #{tag => warning_msg, report_cb => fun ?MODULE:format_log/1}}),
            wait(Fsm#fsm{wait = infinity});
        {'EXIT', Reason} -> terminate(Reason, From, Message, Fsm#fsm{data = OldData});
        Other -> terminate({bad_return_value, Other}, From, Message, Fsm)
    end.

next(State, Data, Wait, Fsm) -> wait(noted({noreply, State}, Fsm#fsm{state = State, data = Data, wait = Wait})).

next_answered(From, Answer, State, Data, Wait, Fsm) -> wait(answered(From, Answer, Fsm#fsm{state = State, data = Data, wait = Wait})).

answered(From, Answer, Fsm) ->
    reply(From, Answer),
    noted({out, Answer, From, Fsm#fsm.state}, Fsm).

dispatch(Message, #fsm{module = Module, state = State, data = Data}) ->
    case Message of
        {'$gen_event', Event} -> Module:State(Event, Data);
        {'$gen_all_state_event', Event} -> Module:handle_event(Event, State, Data);
        {'$gen_sync_event', From, Event} -> Module:State(Event, From, Data);
        {'$gen_sync_all_state_event', From, Event} -> Module:handle_sync_event(Event, From, State, Data);
        {timeout, Timer, {'$gen_timer', Text}} -> Module:State({timeout, Timer, Text}, Data);
        {timeout, _, {'$gen_event', Event}} -> Module:State(Event, Data);
        _ -> Module:handle_info(Message, State, Data)
    end.

sender({Sync, From, _}) when Sync =:= '$gen_sync_event'; Sync =:= '$gen_sync_all_state_event' -> From;
sender(_) -> undefined.

%% ---- the end ------------------------------------------------------------------------------------------------------------

terminate(Reason, From, Message, #fsm{module = Module, state = State, data = Data} = Fsm) ->
    Done = case erlang:function_exported(Module, terminate, 3) of
               true -> caught(fun() -> Module:terminate(Reason, State, Data) end);
               false -> ok
           end,
    case {Done, Reason} of
        {{'EXIT', Why}, _} -> failed(Why, From, Message, Fsm);
        {_, Orderly} when Orderly =:= normal; Orderly =:= shutdown -> exit(Orderly);
        {_, {shutdown, _}} -> exit(Reason);
        _ -> failed(Reason, From, Message, Fsm)
    end.

failed(Reason, From, Message, #fsm{name = Name, state = State, data = Data, module = Module, debug = Debug}) ->
    ?LOG_ERROR(#{label => {?MODULE, terminate}, name => Name, last_message => Message, state_name => State,
                 state_data => shown(terminate, Module, get(), Data), log => sys:get_log(Debug), reason => Reason,
                 client_info => gerl_report:client(From), process_label => proc_lib:get_label(self())},
               #{domain => [otp], report_cb => fun ?MODULE:format_log/2, error_logger => #{tag => error, report_cb => fun ?MODULE:format_log/1}}),
    exit(Reason).

%% ---- system messages ------------------------------------------------------------------------------------------------------

-doc false.
system_continue(_, Debug, Fsm) -> wait(Fsm#fsm{debug = Debug}).

-doc false.
system_terminate(Reason, _, Debug, Fsm) -> terminate(Reason, undefined, [], Fsm#fsm{debug = Debug}).

-doc false.
system_code_change(#fsm{module = Module, state = State, data = Data} = Fsm, _, Vsn, Extra) ->
    case caught(fun() -> Module:code_change(Vsn, State, Data, Extra) end) of
        {ok, NewState, NewData} -> {ok, Fsm#fsm{state = NewState, data = NewData}};
        Refused -> Refused
    end.

-doc false.
system_get_state(#fsm{state = State, data = Data}) -> {ok, {State, Data}}.

-doc false.
system_replace_state(Fun, #fsm{state = State, data = Data} = Fsm) ->
    {NewState, NewData} = New = Fun({State, Data}),
    {ok, New, Fsm#fsm{state = NewState, data = NewData}}.

-doc false.
format_status(Why, [Dictionary, SysState, Parent, Debug, #fsm{name = Name, state = State, data = Data, module = Module}]) ->
    Own = case shown(Why, Module, Dictionary, Data) of
              List when is_list(List) -> List;
              Other -> [Other]
          end,
    [{header, gen:format_status_header("Status for state machine", Name)},
     {data, [{"Status", SysState}, {"Parent", Parent}, {"Logged events", sys:get_log(Debug)}, {"StateName", State}]} | Own].

%% The data as the callback module wants them shown.
shown(Why, Module, Dictionary, Data) ->
    Plain = case Why of
                terminate -> Data;
                _ -> [{data, [{"StateData", Data}]}]
            end,
    case erlang:function_exported(Module, format_status, 2) of
        true ->
            case caught(fun() -> Module:format_status(Why, [Dictionary, Data]) end) of
                {'EXIT', _} -> Plain;
                Own -> Own
            end;
        false -> Plain
    end.

print_event(Device, {in, Message, State}, Name) ->
    {Format, Args} = case Message of
                         {'$gen_event', Event} -> {"event ~tp", [Event]};
                         {'$gen_all_state_event', Event} -> {"all_state_event ~tp", [Event]};
                         {'$gen_sync_event', {From, _}, Event} -> {"sync_event ~tp from ~tw", [Event, From]};
                         {'$gen_sync_all_state_event', {From, _}, Event} -> {"sync_all_state_event ~tp from ~tw", [Event, From]};
                         {timeout, Timer, {'$gen_timer', Text}} -> {"timer ~tp", [{timeout, Timer, Text}]};
                         {timeout, _, {'$gen_event', Event}} -> {"timer ~tp", [Event]};
                         _ -> {"~tp", [Message]}
                     end,
    io:format(Device, "*DBG* ~tp got " ++ Format ++ " in state ~tw~n", [Name | Args] ++ [State]);
print_event(Device, {out, Answer, {To, _}, State}, Name) ->
    io:format(Device, "*DBG* ~tp sent ~tp to ~tw~n      and switched to state ~tw~n", [Name, Answer, To, State]);
print_event(Device, {noreply, State}, Name) -> io:format(Device, "*DBG* ~tp switched to state ~tw~n", [Name, State]).

%% ---- reports ----------------------------------------------------------------------------------------------------------------

-doc false.
format_log(Report) -> parts(Report, gerl_report:legacy(Report)).

-doc false.
format_log(Report, Given) ->
    Options = gerl_report:options(Given),
    gerl_report:text(parts(Report, Options), Options).

parts(#{label := {_, no_handle_info}, module := Module, message := Message}, #{single_line := true} = Options) ->
    gerl_report:sentences([["Undefined handle_info in ", {term, Module}], ["Unhandled message: ", {term, Message}]], Options);
parts(#{label := {_, no_handle_info}, module := Module, message := Message}, Options) ->
    gerl_report:lines([["** Undefined handle_info in ", {brief, Module}], ["** Unhandled message: ", {term, Message}]], Options);
parts(#{label := {_, terminate}, name := Name, last_message := Message, state_name := State, state_data := Data, log := Log, reason := Reason,
        client_info := Client, process_label := Label}, #{single_line := true} = Options) ->
    {_, Shown} = last(Message),
    gerl_report:sentences([["State machine ", {term, Name}, " terminating"], [P || Label =/= undefined, P <- ["Label: ", {term, Label}]],
                           ["Reason: ", {term, gerl_report:cause(Reason)}], ["Last event: ", {term, Shown}], ["State: ", {term, State}],
                           ["Data: ", {term, Data}], [P || Log =/= [], P <- ["Log: ", {term, Log}]] | gerl_report:client_sentences(Client)], Options);
parts(#{label := {_, terminate}, name := Name, last_message := Message, state_name := State, state_data := Data, log := Log, reason := Reason,
        client_info := Client, process_label := Label}, Options) ->
    {Line, _} = last(Message),
    gerl_report:lines([["** State machine ", {term, Name}, " terminating "], [P || Label =/= undefined, P <- ["** Process label == ", {term, Label}]], Line,
                       ["** When State == ", {term, State}], ["**      Data  == ", {term, Data}], ["** Reason for termination =="],
                       ["** ", {term, gerl_report:cause(Reason)}]
                       | [L || Log =/= [], L <- [["** Log =="], ["**", {term, Log}]]] ++ gerl_report:client_lines(Client)], Options).

%% What a report says of the last message, and the terms in it.
last({'$gen_event', Event}) -> {["** Last event in was ", {term, Event}], [Event]};
last({'$gen_all_state_event', Event}) -> {["** Last event in was ", {term, Event}, " (for all states)"], [Event]};
last({'$gen_sync_event', {From, _}, Event}) -> {["** Last sync event in was ", {term, Event}, " from ", {term, From}], [Event, From]};
last({'$gen_sync_all_state_event', {From, _}, Event}) ->
    {["** Last sync event in was ", {term, Event}, " (for all states) from ", {term, From}], [Event, From]};
last({timeout, Timer, {'$gen_timer', Text}}) -> {["** Last timer event in was ", {term, {timeout, Timer, Text}}], [{timeout, Timer, Text}]};
last({timeout, _, {'$gen_event', Event}}) -> {["** Last timer event in was ", {term, Event}], [Event]};
last(Message) -> {["** Last message in was ", {term, Message}], [Message]}.
