-module(supervisor_bridge).
-moduledoc "Connects a process or subsystem that is no supervisor's child of the usual kind to a supervision tree.".

-behaviour(gen_server).

-export([start_link/2, start_link/3]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2, code_change/3, format_log/1, format_log/2]).

-include_lib("kernel/include/logger.hrl").

-callback init(Args :: term()) -> {ok, pid(), State :: term()} | ignore | {error, Error :: term()}.
-callback terminate(Reason :: shutdown | term(), State :: term()) -> Ignored :: term().

-record(state, {module, pid, own, name}).

-doc "Starts a bridge.".
-spec start_link(module(), term()) -> {ok, pid()} | ignore | {error, term()}.
start_link(Module, Args) -> gen_server:start_link(?MODULE, [Module, Args, self], []).

-doc "Starts a bridge under a name.".
-spec start_link(gen:emgr_name(), module(), term()) -> {ok, pid()} | ignore | {error, term()}.
start_link(Name, Module, Args) -> gen_server:start_link(Name, ?MODULE, [Module, Args, Name], []).

-doc false.
init([Module, Args, Name0]) ->
    process_flag(trap_exit, true),
    Name = case Name0 of self -> {self(), Module}; _ -> Name0 end,
    case Module:init(Args) of
        {ok, Pid, Own} when is_pid(Pid) ->
            link(Pid),
            ?LOG_INFO(#{label => {supervisor, progress},
                        report => [{supervisor, Name}, {started, [{pid, Pid}, {mfa, {Module, init, [Args]}}]}]},
                      meta("PROGRESS REPORT", info_report, progress)),
            {ok, #state{module = Module, pid = Pid, own = Own, name = Name}};
        ignore -> ignore;
        {error, Reason} -> {stop, Reason}
    end.

-doc false.
handle_call(Request, _From, #state{name = Name} = S) ->
    log_unexpected("call", Request, Name),
    {reply, {error, badcall}, S}.

-doc false.
handle_cast(_, S) -> {noreply, S}.

-doc false.
handle_info({'EXIT', Pid, Reason}, #state{pid = Pid, name = Name, module = Module} = S) ->
    case Reason of
        normal -> ok;
        shutdown -> ok;
        {shutdown, _} -> ok;
        _ ->
            ?LOG_ERROR(#{label => {supervisor, child_terminated},
                         report => [{supervisor, Name}, {errorContext, child_terminated}, {reason, Reason},
                                    {offender, [{pid, Pid}, {mod, Module}]}]},
                       meta("SUPERVISOR REPORT", error_report, supervisor_report))
    end,
    {stop, Reason, S#state{pid = undefined}};
handle_info(Info, #state{name = Name} = S) ->
    log_unexpected("message", Info, Name),
    {noreply, S}.

log_unexpected(What, Term, _) ->
    ?LOG_ERROR("Supervisor bridge received unexpected " ++ What ++ ": ~tp~n", [Term],
               #{domain => [otp], error_logger => #{tag => error}}).

-doc false.
terminate(_Reason, #state{pid = undefined}) -> ok;
terminate(Reason, #state{module = Module, own = Own}) -> Module:terminate(Reason, Own).

-doc false.
code_change(_, S, _) -> {ok, S}.

meta(Title, Tag, Type) ->
    #{domain => [otp, sasl], report_cb => fun ?MODULE:format_log/2, logger_formatter => #{title => Title},
      error_logger => #{tag => Tag, type => Type, report_cb => fun ?MODULE:format_log/1}}.

-doc false.
format_log(Report) -> supervisor:format_log(Report).

-doc false.
format_log(Report, Options) -> supervisor:format_log(Report, Options).
