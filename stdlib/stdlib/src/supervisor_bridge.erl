-module(supervisor_bridge).
-moduledoc "Connects a process or subsystem that is no supervisor's child of the usual kind to a supervision tree.".

-behaviour(gen_server).

-export([start_link/2, start_link/3]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2, code_change/3, format_log/1, format_log/2]).
%% For kernel's bridges, which sleep until somebody asks them
-export([resume/4]).

-include_lib("kernel/include/logger.hrl").

-callback init(Args :: term()) -> {ok, pid(), State :: term()} | ignore | {error, Error :: term()}.
-callback terminate(Reason :: shutdown | term(), State :: term()) -> Ignored :: term().

-doc "Starts a bridge.".
-spec start_link(module(), term()) -> {ok, pid()} | ignore | {error, term()}.
start_link(Module, Args) -> gen_server:start_link(?MODULE, [Module, Args, self], []).

-doc "Starts a bridge under a name.".
-spec start_link(gen:emgr_name(), module(), term()) -> {ok, pid()} | ignore | {error, term()}.
start_link(Name, Module, Args) -> gen_server:start_link(Name, ?MODULE, [Module, Args, Name], []).

%% The calling process becomes a bridge over a process that runs and is linked to it.
-doc false.
-spec resume({local, atom()} | pid(), module(), pid(), term()) -> no_return().
resume(Name, Module, Watched, Own) ->
    Shown = case Name of
                _ when is_pid(Name) -> {Name, Module};
                _ -> Name
            end,
    gen_server:enter_loop(?MODULE, [], #{name => Shown, module => Module, pid => Watched, own => Own}, Name, infinity).

%% The state is a map: who I am (name), what I watch (pid), and whom I tell when I stop it (module, own).
-doc false.
init([Module, Args, GivenName]) ->
    process_flag(trap_exit, true),
    Started = Module:init(Args),
    Name = if GivenName =:= self -> {self(), Module}; true -> GivenName end,
    watch(Started, #{name => Name, module => Module}, {Module, init, [Args]}).

watch({ok, Watched, Own}, Bridge, Call) when is_pid(Watched) ->
    link(Watched),
    note(info, progress, [{started, [{pid, Watched}, {mfa, Call}]}], Bridge),
    {ok, Bridge#{pid => Watched, own => Own}};
watch(ignore, _, _) -> ignore;
watch({error, Why}, _, _) -> {stop, Why}.

-doc false.
handle_call(Request, _Client, Bridge) -> {reply, unexpected("call", Request, {error, badcall}), Bridge}.

-doc false.
handle_cast(_Ignored, Bridge) -> {noreply, Bridge}.

-doc false.
handle_info({'EXIT', Watched, Why}, #{pid := Watched, module := Module} = Bridge) ->
    lists:member(Why, [normal, shutdown]) orelse is_shutdown(Why)
        orelse note(error, child_terminated, [{errorContext, child_terminated}, {reason, Why},
                                              {offender, [{pid, Watched}, {mod, Module}]}], Bridge),
    {stop, Why, maps:remove(pid, Bridge)};
handle_info(Info, Bridge) -> unexpected("message", Info, {noreply, Bridge}).

is_shutdown({shutdown, _}) -> true;
is_shutdown(_) -> false.

unexpected(What, Term, Result) ->
    ?LOG_ERROR("Supervisor bridge received unexpected " ++ What ++ ": ~tp~n", [Term],
               #{domain => [otp], error_logger => #{tag => error}}),
    Result.

-doc false.
terminate(Why, #{pid := _, module := Module, own := Own}) -> Module:terminate(Why, Own);
terminate(_, _) -> ok.

-doc false.
code_change(_Vsn, Bridge, _Extra) -> {ok, Bridge}.

note(Level, Label, Parts, #{name := Name}) ->
    Report = #{label => {supervisor, Label}, report => [{supervisor, Name} | Parts]},
    case Level of
        info -> ?LOG_INFO(Report, meta("PROGRESS REPORT", info_report, progress));
        error -> ?LOG_ERROR(Report, meta("SUPERVISOR REPORT", error_report, supervisor_report))
    end.

meta(Title, Tag, Type) ->
    #{domain => [otp, sasl], report_cb => fun ?MODULE:format_log/2, logger_formatter => #{title => Title},
      error_logger => #{tag => Tag, type => Type, report_cb => fun ?MODULE:format_log/1}}.

-doc false.
format_log(Report) -> gerl_sup_report:legacy(bridge, Report).

-doc false.
format_log(Report, Options) -> gerl_sup_report:text(bridge, Report, Options).
