-module(logger_proxy).
-moduledoc """
The process between the logger and what is not a process of this node: it logs the events of the runtime and those that other nodes send, and sends
events of processes whose group leader is elsewhere to that node. A flood of them is dropped by the limits of `m:logger_olp`.
""".

-export([start_link/0, restart/0, log/1, child_spec/0, get_default_config/0]).
-export([init/1, handle_load/2, handle_call/3, handle_cast/2, handle_info/2, notify/2, reset_state/1, terminate/2]).

-doc "Starts the process, registered as `logger_proxy`.".
-spec start_link() -> {ok, pid(), logger_olp:olp_ref()} | {error, term()}.
start_link() -> logger_olp:start_link(?MODULE, ?MODULE, [], logger:get_proxy_config()).

-doc "Starts the process again after it ended.".
-spec restart() -> {ok, logger_olp:olp_ref()} | {error, term()}.
restart() ->
    case start_link() of
        {ok, _, Olp} -> {ok, Olp};
        Error -> Error
    end.

-doc "Gives the process an event for another node: `{remote, Node, Event}`.".
-spec log({remote, node(), tuple()}) -> ok.
log(Remote) ->
    case persistent_term:get(?MODULE, none) of
        none -> carry(Remote);
        Olp ->
            case logger_olp:get_pid(Olp) =:= self() of
                true -> carry(Remote);
                false -> logger_olp:load(Olp, Remote)
            end
    end.

-doc false.
child_spec() ->
    #{id => ?MODULE, start => {?MODULE, start_link, []}, restart => temporary, shutdown => 2000, type => worker, modules => [?MODULE]}.

-doc "The limits that hold unless others are set.".
-spec get_default_config() -> logger_olp:options().
get_default_config() ->
    maps:merge(logger_olp:get_default_opts(),
               #{burst_limit_enable => false, sync_mode_qlen => 500, drop_mode_qlen => 1000, flush_qlen => 5000}).

%%% ---- the process -----------------------------------------------------------------------------------------------

-doc false.
init([]) ->
    receives(self()),
    persistent_term:put(?MODULE, logger_olp:get_ref()),
    {ok, none}.

%% The runtime sends its reports to this process, or to none while it drops them.
receives(Process) -> _ = erlang:system_flag(system_logger, Process), ok.

-doc false.
handle_load(Event, State) ->
    carry(Event),
    State.

carry({remote, Node, Event}) ->
    _ = erlang:send({?MODULE, Node}, Event, [nosuspend]),
    ok;
carry({log, Level, Format, Args, Meta}) -> logger_server:runtime_event(Level, {Format, Args}, Meta);
carry({log, Level, Told, Meta}) -> logger_server:runtime_event(Level, logger_server:told(Told), Meta).

-doc false.
handle_info(Event, State) when element(1, Event) =:= log -> {load, State};
handle_info({sync, _, _} = Request, State) ->
    %% what came before is logged, the rest is the server's
    _ = [Server ! Request || Server <- [whereis(logger)], is_pid(Server)],
    State;
handle_info(_, State) -> State.

-doc false.
handle_call(_, _, State) -> {{error, unknown_request}, State}.

-doc false.
handle_cast(_, State) -> State.

-doc false.
notify({mode_change, From, To}, State) ->
    case {From, To} of
        {_, drop} -> receives(undefined);
        {drop, _} -> receives(self());
        _ -> ok
    end,
    note("~w switched from ~w to ~w mode", [?MODULE, From, To], State);
notify({flushed, Count}, State) -> note("~w flushed ~w log events", [?MODULE, Count], State);
notify(_, State) -> State.

note(Format, Args, State) ->
    logger_server:report(notice, Format, Args),
    State.

-doc false.
reset_state(State) -> State.

-doc false.
terminate({shutdown, {overloaded, _, _}}, _) ->
    persistent_term:erase(?MODULE),
    receives(undefined),
    fun ?MODULE:restart/0;
terminate(_, _) ->
    persistent_term:erase(?MODULE),
    receives(case whereis(logger) of undefined -> logger; Logger -> Logger end),
    none.
