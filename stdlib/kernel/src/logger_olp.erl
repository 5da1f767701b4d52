-module(logger_olp).
-moduledoc """
Processes that take load without being drowned in it. The length of such a process's queue selects its mode, which those who send
load look up: `async` (they go on at once), `sync` (they wait until the load is taken) or `drop` (what they send is lost). A queue
that is longer still is emptied. Besides, bursts can be limited, and a process that grows too large can end and start again later.
""".

-export([start_link/4, load/2, info/1, reset/1, stop/1, restart/1, get_opts/1, set_opts/2, get_default_opts/0, get_pid/1, get_ref/0,
         get_ref/1, call/2, cast/2, check_opts/1]).
-export([loop/1, system_continue/3, system_terminate/4, system_code_change/4]).

-export_type([olp_ref/0, options/0]).

-doc "A process with load regulation: its name, its pid, and where its mode is found.".
-opaque olp_ref() :: {atom(), pid(), {?MODULE, atom()}}.
-doc "The limits of the regulation.".
-type options() :: #{atom() => integer() | boolean() | infinity}.

-define(LOAD, '$gerl_load').
-define(QUIET_AFTER, 100).

-doc "Starts a process that calls the functions of a module: `init/1`, `handle_load/2`, `handle_call/3`, `handle_cast/2`, `handle_info/2`, `notify/2`, `reset_state/1` and `terminate/2`.".
-spec start_link(atom(), module(), term(), options()) -> {ok, pid(), olp_ref()} | {error, term()}.
start_link(Name, Module, Args, Options) ->
    Limits = maps:merge(get_default_opts(), Options),
    case check_opts(Limits) of
        ok ->
            Parent = self(),
            {Pid, Ref} = spawn_monitor(fun() -> begin_life(Parent, Name, Module, Args, Limits) end),
            receive
                {Pid, {ok, Olp}} ->
                    demonitor(Ref, [flush]),
                    {ok, Pid, Olp};
                {Pid, Error} ->
                    demonitor(Ref, [flush]),
                    Error;
                {'DOWN', Ref, _, _, Reason} -> {error, Reason}
            end;
        Error -> Error
    end.

-doc "Gives load to the process, as its mode allows.".
-spec load(olp_ref(), term()) -> ok.
load({_, Pid, ModeKey}, Load) ->
    case persistent_term:get(ModeKey, async) of
        drop -> ok;
        sync when Pid =/= self() ->
            Ref = monitor(process, Pid),
            Pid ! {?LOAD, {self(), Ref}, Load},
            receive
                {Ref, taken} -> demonitor(Ref, [flush]);
                {'DOWN', Ref, _, _, _} -> true
            end,
            ok;
        _ ->
            Pid ! {?LOAD, none, Load},
            ok
    end.

-doc "What is known of the process: its limits, its mode, what it counts, and the state of its module.".
-spec info(olp_ref() | pid() | atom()) -> map().
info(Olp) -> call(Olp, info).

-doc "Has the process be as one without a queue; the count of a burst goes on.".
-spec reset(olp_ref() | pid() | atom()) -> ok.
reset(Olp) -> call(Olp, reset).

-doc "Ends the process after what is in its queue.".
-spec stop(olp_ref() | pid() | atom()) -> ok.
stop({_, Pid, _}) -> stop(Pid);
stop(undefined) -> ok;
stop(Name) when is_atom(Name) -> stop(whereis(Name));
stop(Pid) ->
    Ref = monitor(process, Pid),
    Pid ! {?MODULE, stop},
    receive
        {'DOWN', Ref, _, _, _} -> ok
    after 5000 ->
        exit(Pid, kill),
        receive {'DOWN', Ref, _, _, _} -> ok end
    end.

-doc "Runs a fun that starts a process again; what else is given is ignored.".
-spec restart(term()) -> ok.
restart(Fun) when is_function(Fun, 0) ->
    _ = Fun(),
    ok;
restart(_) -> ok.

-doc "The limits of a process.".
-spec get_opts(olp_ref() | pid() | atom()) -> options().
get_opts(Olp) -> call(Olp, get_opts).

-doc "Changes some limits of a process.".
-spec set_opts(olp_ref() | pid() | atom(), options()) -> ok | {error, term()}.
set_opts(Olp, Options) -> call(Olp, {set_opts, Options}).

-doc "The limits without options.".
-spec get_default_opts() -> options().
get_default_opts() ->
    #{sync_mode_qlen => 10, drop_mode_qlen => 200, flush_qlen => 1000,
      burst_limit_enable => true, burst_limit_max_count => 500, burst_limit_window_time => 1000,
      overload_kill_enable => false, overload_kill_qlen => 20000, overload_kill_mem_size => 3000000, overload_kill_restart_after => 5000}.

-doc "The pid of a process.".
-spec get_pid(olp_ref()) -> pid().
get_pid({_, Pid, _}) -> Pid.

-doc "The reference of the calling process, which has load regulation.".
-spec get_ref() -> olp_ref() | undefined.
get_ref() -> get(olp_ref).

-doc "The reference of a process that has load regulation.".
-spec get_ref(pid() | atom()) -> olp_ref().
get_ref(Process) -> call(Process, get_ref).

-doc "Calls the module of a process.".
-spec call(olp_ref() | pid() | atom(), term()) -> term().
call({_, Pid, _}, Request) -> gen_server:call(Pid, Request);
call(Process, Request) -> gen_server:call(Process, Request).

-doc "Sends the module of a process a message.".
-spec cast(olp_ref() | pid() | atom(), term()) -> ok.
cast({_, Pid, _}, Message) -> gen_server:cast(Pid, Message);
cast(Process, Message) -> gen_server:cast(Process, Message).

-doc "Whether options are limits, and whether limits of the queue that are given together are in order.".
-spec check_opts(map()) -> ok | {error, {invalid_olp_config | invalid_olp_levels, map()}}.
check_opts(Options) ->
    Wrong = [{Key, Value} || Key := Value <- Options, not fits(Key, Value)],
    case Options of
        _ when Wrong =/= [] -> {error, {invalid_olp_config, maps:from_list([hd(Wrong)])}};
        #{sync_mode_qlen := Sync, drop_mode_qlen := Drop, flush_qlen := Flush} when Sync > Drop; Drop > Flush ->
            {error, {invalid_olp_levels, maps:with([sync_mode_qlen, drop_mode_qlen, flush_qlen], Options)}};
        _ -> ok
    end.

fits(overload_kill_restart_after, infinity) -> true;
fits(Key, Value) ->
    case get_default_opts() of
        #{Key := Default} when is_boolean(Default) -> is_boolean(Value);
        #{Key := _} -> is_integer(Value);
        #{} -> false
    end.

%%% ---- the process ---------------------------------------------------------------------------------------------
%%
%% The state is what info/1 shows. The time since the last message says whether the process is idle: an idle
%% process goes back to the mode of an empty queue even if what filled its queue was no load.

begin_life(Parent, Name, Module, Args, Limits) ->
    process_flag(trap_exit, true),
    Olp = {Name, self(), {?MODULE, Name}},
    put(olp_ref, Olp),
    put('$initial_call', {?MODULE, init, 1}),
    try register(Name, self()) of
        true ->
            case Module:init(Args) of
                {ok, Inner} ->
                    Now = erlang:monotonic_time(microsecond),
                    persistent_term:put({?MODULE, Name}, async),
                    Parent ! {self(), {ok, Olp}},
                    loop(Limits#{id => Name, module => Module, cb_state => Inner, mode => async, mode_ref => {?MODULE, Name}, idle => true,
                                 last_qlen => 0, last_load_ts => Now, burst_win_ts => Now, burst_msg_count => 0});
                {error, _} = Error -> Parent ! {self(), Error}
            end
    catch
        error:badarg -> Parent ! {self(), {error, {already_started, whereis(Name)}}}
    end.

-doc false.
-spec loop(map()) -> no_return().
loop(#{idle := Idle} = S) ->
    Wait = case Idle of
               true -> infinity;
               false -> ?QUIET_AFTER
           end,
    receive
        {?LOAD, From, Load} -> ?MODULE:loop(admitted(From, Load, S#{idle := false}));
        {'$gen_call', From, Request} -> ?MODULE:loop(called(Request, From, S));
        {'$gen_cast', Message} -> ?MODULE:loop(inner(handle_cast, Message, S));
        {?MODULE, stop} -> finish(shutdown, S);
        {system, From, Request} -> sys:handle_system_msg(Request, From, whereis(logger_sup), ?MODULE, [], S);
        {'EXIT', _, shutdown} -> finish(shutdown, S);
        Message -> ?MODULE:loop(informed(Message, S))
    after Wait ->
        ?MODULE:loop(inner(notify, idle, in_mode(async, S#{idle := true, last_qlen := 0})))
    end.

-doc false.
-spec system_continue(pid(), term(), map()) -> no_return().
system_continue(_Parent, _Debug, S) -> loop(S).

-doc false.
-spec system_terminate(term(), pid(), term(), map()) -> no_return().
system_terminate(Reason, _Parent, _Debug, S) -> finish(Reason, S).

-doc false.
-spec system_code_change(map(), module(), term(), term()) -> {ok, map()}.
system_code_change(S, _Module, _Vsn, _Extra) -> {ok, S}.

inner(Function, Argument, #{module := Module, cb_state := Inner} = S) -> S#{cb_state := Module:Function(Argument, Inner)}.

%% A message may be load, which its sender gave without looking at the mode.
informed(Message, #{module := Module, cb_state := Inner} = S) ->
    case Module:handle_info(Message, Inner) of
        {load, Inner1} -> admitted(none, Message, S#{idle := false, cb_state := Inner1});
        Inner1 -> S#{cb_state := Inner1}
    end.

called(Own, From, S) when Own =:= info; Own =:= get_opts; Own =:= get_ref; Own =:= reset ->
    {Reply, S1} = case Own of
                      info -> {S, S};
                      get_opts -> {limits(S), S};
                      get_ref -> {get_ref(), S};
                      reset ->
                          #{module := Module, cb_state := Inner} = S,
                          Now = erlang:monotonic_time(microsecond),
                          {ok, in_mode(async, S#{idle := true, last_qlen := 0, last_load_ts := Now,
                                                 cb_state := Module:reset_state(Inner)})}
                  end,
    gen_server:reply(From, Reply),
    S1;
called({set_opts, Options}, From, S) ->
    Limits = maps:merge(limits(S), Options),
    Reply = check_opts(Limits),
    gen_server:reply(From, Reply),
    case Reply of
        ok -> maps:merge(S, Limits);
        _ -> S
    end;
called(Request, From, #{module := Module, cb_state := Inner} = S) ->
    {Reply, Inner1} = Module:handle_call(Request, From, Inner),
    gen_server:reply(From, Reply),
    S#{cb_state := Inner1}.

limits(S) -> maps:with(maps:keys(get_default_opts()), S).

%% The queue is measured before load is taken: it says whether to take it, to lose it with the rest, or to end.
admitted(From, Load, S) ->
    {_, Length} = process_info(self(), message_queue_len),
    ends_of_overload(From, Length, S),
    Now = erlang:monotonic_time(microsecond),
    S1 = S#{last_qlen := Length, last_load_ts := Now},
    case S of
        #{flush_qlen := Flush} when Length >= Flush ->
            #{mode := Mode} = S1,
            S2 = in_mode(drop, S1),
            taken(From),
            Lost = emptied(1),
            inner(notify, {flushed, Lost}, in_mode(Mode, S2#{last_qlen := 0}));
        #{mode := Mode} ->
            S2 = case mode_for(Length, S1) of
                     Mode -> S1;
                     Other -> inner(notify, {mode_change, Mode, Other}, in_mode(Other, S1))
                 end,
            {Allowed, S3} = in_burst(Now, S2),
            S4 = case Allowed of
                     true -> inner(handle_load, Load, S3);
                     false -> S3
                 end,
            taken(From),
            S4
    end.

mode_for(Length, #{drop_mode_qlen := Drop}) when Length >= Drop -> drop;
mode_for(Length, #{sync_mode_qlen := Sync}) when Length >= Sync -> sync;
mode_for(_, _) -> async.

in_mode(Mode, #{mode := Mode} = S) -> S;
in_mode(Mode, #{mode_ref := Key} = S) ->
    persistent_term:put(Key, Mode),
    S#{mode := Mode}.

taken(none) -> ok;
taken({Pid, Ref}) -> Pid ! {Ref, taken}, ok.

emptied(Count) ->
    receive
        {?LOAD, From, _} ->
            taken(From),
            emptied(Count + 1)
    after 0 -> Count
    end.

%% A window begins with the first load after the last one is over.
in_burst(_, #{burst_limit_enable := false} = S) -> {true, S};
in_burst(Now, #{burst_win_ts := Begin, burst_limit_window_time := Time, burst_msg_count := Count, burst_limit_max_count := Max} = S) ->
    if
        Now - Begin > Time * 1000 -> {Max > 0, S#{burst_win_ts := Now, burst_msg_count := 1}};
        true -> {Count < Max, S#{burst_msg_count := Count + 1}}
    end.

ends_of_overload(From, Length, #{overload_kill_enable := true, overload_kill_qlen := MaxLength, overload_kill_mem_size := MaxSize} = S) ->
    {_, Size} = process_info(self(), memory),
    if
        Length > MaxLength; Size > MaxSize ->
            taken(From),
            finish({shutdown, {overloaded, Length, Size}}, S);
        true -> ok
    end;
ends_of_overload(_, _, _) -> ok.

-spec finish(term(), map()) -> no_return().
finish(Reason, #{module := Module, cb_state := Inner, mode_ref := Key, id := Name, overload_kill_restart_after := After}) ->
    persistent_term:put(Key, drop),
    Again = Module:terminate(Reason, Inner),
    unregister(Name),
    _ = emptied(0),
    persistent_term:erase(Key),
    case Reason of
        {shutdown, {overloaded, _, _}} when is_integer(After) ->
            _ = spawn(fun() ->
                              receive after After -> restart(Again) end
                      end);
        _ -> ok
    end,
    exit(Reason).
