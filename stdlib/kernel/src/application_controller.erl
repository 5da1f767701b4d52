-module(application_controller).
-moduledoc """
The process that knows the applications: which are loaded, with their keys and environment, and which run.
What others read lies in the table ac_tab: {{env, App, Key}, Value}, {{loaded, App}, Keys}, {{running, App}, Pid}.
Applications start in processes of their own, so that a start may use the controller. Internal.
""".

-export([start/0, request/1, request/2, get_env/2, env/1, keys/1, loaded/0, running/0, get_master/1, format_log/1, format_log/2]).
-export([master/4, keep/5, which_applications/0, which_applications/1, loaded_applications/0, get_loaded/1]).
-export([prep_config_change/0, config_change/1, change_application_data/2, test_change_apps/2]).
-export([system_continue/3, system_terminate/4, system_code_change/4]).

-include_lib("kernel/include/logger.hrl").

-define(TABLE, ac_tab).

-record(run, {app :: atom(), type :: atom(), pid :: pid(), from :: term()}).
-record(state, {starting = [] :: [#run{}], running = [] :: [#run{}], stopping = [] :: [{pid(), term()}]}).

-doc "Starts the controller.".
-spec start() -> pid().
start() ->
    Parent = self(),
    Pid = spawn(fun() ->
                        register(?MODULE, self()),
                        process_flag(trap_exit, true),
                        put('$ancestors', [Parent]),
                        put('$initial_call', {?MODULE, start, 1}),
                        ets:new(?TABLE, [named_table, protected, {read_concurrency, true}]),
                        _ = load(kernel, own(kernel, "ERTS  CXC 138 10")),
                        _ = load(stdlib, own(stdlib, "ERTS  CXC 138 10")),
                        Parent ! {self(), started},
                        loop(#state{})
                end),
    receive {Pid, started} -> Pid end.

%% What is seldom asked for stands in the resource files, which nobody reads for the start: see application:get_key/2.
own(kernel, Description) ->
    [{description, Description}, {vsn, "11.0.4"}, {modules, library}, {registered, library},
     {applications, []}, {mod, {kernel, []}}, {env, [{logger_level, notice}, {logger_sasl_compatible, false}]}];
own(stdlib, Description) ->
    [{description, Description}, {vsn, "8.1.1"}, {modules, library}, {registered, library}, {applications, [kernel]}, {env, []}].

%%% ---- reading ---------------------------------------------------------------------------------------------

-doc "A parameter of an application.".
-spec get_env(atom(), term()) -> {ok, term()} | undefined.
get_env(App, Key) ->
    try {ok, ets:lookup_element(?TABLE, {env, App, Key}, 2)}
    catch error:badarg -> undefined
    end.

-doc "The keys of a loaded application.".
-spec keys(atom()) -> {ok, [{atom(), term()}]} | undefined.
keys(App) ->
    case ets:lookup(?TABLE, {loaded, App}) of
        [{_, Keys}] ->
            {ok, lists:keystore(env, 1, Keys, {env, env(App)})};
        [] -> undefined
    end.

-doc "The parameters of an application, which need not be loaded.".
-spec env(atom()) -> [{atom(), term()}].
env(App) -> [{K, V} || {{env, A, K}, V} <- ets:tab2list(?TABLE), A =:= App].

-doc "The loaded applications with description and version.".
-spec loaded() -> [{atom(), string(), string()}].
loaded() -> [summary(App, Keys) || {{loaded, App}, Keys} <- ets:tab2list(?TABLE)].

summary(App, Keys) ->
    {App, proplists:get_value(description, Keys, ""), proplists:get_value(vsn, Keys, "")}.

-doc "The running applications with what they run as: a pid of the master, or the start type without one.".
-spec running() -> [{atom(), term()}].
running() -> [{App, What} || {{running, App}, What} <- ets:tab2list(?TABLE)].

-doc "The master of a running application that has processes.".
-spec get_master(atom()) -> pid() | undefined.
get_master(App) ->
    case lists:keyfind(App, 1, running()) of
        {_, Master} when is_pid(Master) -> Master;
        _ -> undefined
    end.

-doc "Has the controller carry out a request.".
-spec request(term()) -> term().
request(Request) -> request(Request, infinity).

-doc "Has the controller carry out a request within a time.".
-spec request(term(), timeout()) -> term().
request(Request, Time) ->
    {ok, Reply} = gen:call(?MODULE, '$gen_call', Request, Time),
    Reply.

%%% ---- changes of configuration, for release handling -------------------------------------------------------

-doc "The running applications with description and version, the one that was started last comes first.".
-spec which_applications() -> [{atom(), string(), string()}].
which_applications() -> lists:reverse([E || {Running, _} <- running(), {A, _, _} = E <- loaded(), A =:= Running]).

-doc false.
which_applications(_Time) -> which_applications().

-doc "The loaded applications with description and version.".
-spec loaded_applications() -> [{atom(), string(), string()}].
loaded_applications() -> loaded().

-doc "Whether an application is loaded, with its version.".
-spec get_loaded(atom()) -> {true, {string(), string()}} | false.
get_loaded(App) ->
    case lists:keyfind(App, 1, loaded()) of
        {_, Description, Version} -> {true, {Description, Version}};
        false -> false
    end.

-doc "The parameters of the running applications as they are, for config_change/1.".
-spec prep_config_change() -> [{atom(), [{atom(), term()}]}].
prep_config_change() -> [{App, application:get_all_env(App)} || {App, _} <- running()].

-doc "Tells the running applications what of their parameters has changed since: `config_change/3` of their callback modules.".
-spec config_change([{atom(), [{atom(), term()}]}]) -> ok | {error, [{atom(), term()}]}.
config_change(Before) ->
    Told = [told_change(App, Old, application:get_all_env(App)) || {App, _} <- lists:reverse(running()), {A, Old} <- Before, A =:= App],
    case [Failure || {error, Failure} <- Told] of
        [] -> ok;
        Failures -> {error, Failures}
    end.

told_change(App, Env, Env) when is_atom(App) -> ok;
told_change(App, Old, Env) ->
    Changed = [{K, V} || {K, V} <- Env, {Known, W} <- Old, Known =:= K, V =/= W],
    New = [E || {K, _} = E <- Env, not lists:keymember(K, 1, Old)],
    Removed = [K || {K, _} <- Old, not lists:keymember(K, 1, Env)],
    case callback(key(App, mod, [])) of
        {Module, _} when {Changed, New, Removed} =/= {[], [], []} ->
            _ = code:ensure_loaded(Module),
            try erlang:function_exported(Module, config_change, 3) andalso Module:config_change(Changed, New, Removed) of
                {error, Reason} -> {error, {App, Reason}};
                _ -> ok
            catch Class:Reason -> {error, {App, {Class, Reason}}}
            end;
        _ -> ok
    end.

-doc "Replaces the keys of loaded applications, and the parameters of all by those of the configuration, as that of a file for -config.".
-spec change_application_data([{application, atom(), [{atom(), term()}]}], list()) -> ok | {error, term()}.
change_application_data(Specs, Config) ->
    try application:read_config(Config, ".") of
        Terms -> request({change, Specs, Terms})
    catch throw:{bad_config, _} = Reason -> {error, Reason}
    end.

-doc false.
test_change_apps(Apps, Configs) ->
    Specs = [{application, App, Keys} || App <- Apps, {ok, Keys} <- [keys(App)]],
    request({change, [{application, A, lists:keydelete(env, 1, Keys)} || {application, A, Keys} <- Specs], lists:append(Configs)}).

%%% ---- the process -------------------------------------------------------------------------------------------

loop(#state{} = S) ->
    receive
        {'$gen_call', From, Request} -> loop(serve(Request, From, S));
        {started, Master, Answer} -> loop(started(Master, Answer, S));
        {'EXIT', Pid, Reason} -> loop(ended(Pid, Reason, S));
        {fatal, Reason} -> stop_all(S, Reason);
        {start_kernel, From} -> % as a request, but nothing of gen is loaded for it
            Pid = spawn_link(kernel, master, [self(), kernel, kernel, []]),
            loop(S#state{starting = [#run{app = kernel, type = permanent, pid = Pid, from = {kernel, From}}]});
        {system, From, Request} -> sys:handle_system_msg(Request, From, whereis(init), ?MODULE, [], S);
        _ -> loop(S)
    end.

-doc false.
system_continue(_Parent, _Debug, S) -> loop(S).

-doc false.
system_terminate(Reason, _Parent, _Debug, _S) -> exit(Reason).

-doc false.
system_code_change(S, _Module, _Vsn, _Extra) -> {ok, S}.

serve({load, App, Keys}, From, S) -> answer(From, load(App, Keys), S);
serve({unload, App}, From, S) -> answer(From, unload(App), S);
serve({set_env, List, Persistent}, From, S) ->
    ets:insert(?TABLE, [{{env, App, Key}, Value} || {App, Params} <- List, {Key, Value} <- Params]),
    Persistent andalso ets:insert(?TABLE, [{{fixed, App, Key}, Value} || {App, Params} <- List, {Key, Value} <- Params]),
    answer(From, ok, S);
serve({unset_env, App, Key}, From, S) ->
    ets:delete(?TABLE, {env, App, Key}),
    ets:delete(?TABLE, {fixed, App, Key}),
    answer(From, ok, S);
serve({start, App, Type}, From, S) -> start_application(App, Type, From, S);
serve({stop, App}, From, S) -> stop_application(App, From, S);
serve({started_type, App}, From, S) ->
    answer(From, [Type || #run{app = A, type = Type} <- S#state.running, A =:= App], S);
serve({change, Specs, Terms}, From, S) ->
    ets:insert(?TABLE, [{{fixed, App, Key}, Value} || {App, Params} <- Terms, {Key, Value} <- Params]),
    _ = [renew(App, Keys) || {application, App, Keys} <- Specs, ets:member(?TABLE, {loaded, App})],
    answer(From, ok, S);
serve(_, From, S) -> answer(From, {error, badarg}, S).

renew(App, Keys) ->
    ets:match_delete(?TABLE, {{env, App, '_'}, '_'}),
    ets:insert(?TABLE, [{{env, App, K}, V} || {K, V} <- proplists:get_value(env, Keys, []) ++ fixed(App) ++ from_flags(App)]),
    ets:insert(?TABLE, {{loaded, App}, lists:keydelete(env, 1, Keys)}).

fixed(App) -> [{K, V} || {{fixed, A, K}, V} <- ets:tab2list(?TABLE), A =:= App].

answer(From, Reply, S) ->
    gen:reply(From, Reply),
    S.

load(App, Keys) ->
    case ets:member(?TABLE, {loaded, App}) of
        true -> {error, {already_loaded, App}};
        false ->
            Env = proplists:get_value(env, Keys, []),
            Fixed = fixed(App),
            Unset = [E || {K, _} = E <- Env, not lists:keymember(K, 1, Fixed)],
            ets:insert(?TABLE, [{{env, App, K}, V} || {K, V} <- Unset ++ Fixed ++ from_flags(App)]),
            ets:insert(?TABLE, {{loaded, App}, lists:keydelete(env, 1, Keys)}),
            ok
    end.

%% -App Key Value on the command line overrides the application's own parameters.
from_flags(App) ->
    case init:get_argument(App) of
        {ok, Lists} -> lists:append([pairs(L) || L <- Lists]);
        error -> []
    end.

pairs([Key, Value | Rest]) ->
    case parse(Value) of
        {ok, Term} -> [{list_to_atom(Key), Term} | pairs(Rest)];
        error -> pairs(Rest)
    end;
pairs(_) -> [].

parse(Text) ->
    case erl_scan:string(Text ++ " .") of
        {ok, Tokens, _} ->
            case erl_parse:parse_term(Tokens) of
                {ok, Term} -> {ok, Term};
                _ -> error
            end;
        _ -> error
    end.

unload(App) ->
    case {ets:member(?TABLE, {running, App}), ets:member(?TABLE, {loaded, App})} of
        {true, _} -> {error, {running, App}};
        {_, false} -> {error, {not_loaded, App}};
        _ ->
            ets:match_delete(?TABLE, {{env, App, '_'}, '_'}),
            ets:delete(?TABLE, {loaded, App}),
            ok
    end.

start_application(App, Type, From, #state{starting = Starting} = S) ->
    {ok, Keys} = keys(App),
    Missing = [A || A <- proplists:get_value(applications, Keys, []), not ets:member(?TABLE, {running, A}),
                    not lists:member(A, proplists:get_value(optional_applications, Keys, []))],
    Waiting = lists:keymember(App, #run.app, Starting),
    case ets:member(?TABLE, {running, App}) of
        true -> answer(From, {error, {already_started, App}}, S);
        false when Missing =/= [] -> answer(From, {error, {not_started, hd(Missing)}}, S);
        false when Waiting -> S#state{starting = [#run{app = App, type = Type, pid = self(), from = From} | Starting]};
        false ->
            case proplists:get_value(mod, Keys, []) of
                {Module, Args} ->
                    Pid = spawn_link(home(App), master, [self(), App, Module, Args]),
                    S#state{starting = [#run{app = App, type = Type, pid = Pid, from = From} | Starting]};
                _ ->
                    info_started(App),
                    ets:insert(?TABLE, {{running, App}, Type}),
                    answer(From, ok, S)
            end
    end.

%% With kernel runs the library.
reply_started({kernel, Starter}) ->
    ets:insert(?TABLE, {{running, stdlib}, permanent}),
    Starter ! {self(), kernel_started};
reply_started(From) -> gen:reply(From, ok).

%% The processes of kernel are the node's, not the program's.
home(kernel) -> kernel;
home(_) -> ?MODULE.

started(Master, Answer, #state{starting = Starting, running = Running} = S) ->
    case lists:keytake(Master, #run.pid, Starting) of
        {value, #run{app = App, type = Type, from = From} = Run, Rest} ->
            {Others, Rest1} = lists:partition(fun(#run{app = A}) -> A =:= App end, Rest),
            case Answer of
                ok ->
                    App =:= kernel orelse info_started(App),
                    ets:insert(?TABLE, {{running, App}, Master}),
                    reply_started(From),
                    [gen:reply(F, {error, {already_started, App}}) || #run{from = F} <- Others],
                    S#state{starting = Rest1, running = [Run | Running]};
                {error, Reason} ->
                    info_exited(App, Reason, Type),
                    [gen:reply(F, Answer) || F <- [From | [F || #run{from = F} <- Others]]],
                    stop_node(App, Reason, Type),
                    S#state{starting = Rest1}
            end;
        false -> S
    end.

stop_application(App, From, #state{running = Running, stopping = Stopping} = S) ->
    case {ets:lookup(?TABLE, {running, App}), lists:keyfind(App, #run.app, Running)} of
        {[], _} -> answer(From, {error, {not_started, App}}, S);
        {[{_, Type}], false} ->
            ets:delete(?TABLE, {running, App}),
            info_exited(App, stopped, Type),
            answer(From, ok, S);
        {_, #run{pid = Master}} ->
            Master ! {stop, self()},
            S#state{stopping = [{Master, From} | Stopping]}
    end.

ended(Pid, Reason, #state{running = Running, stopping = Stopping} = S0) ->
    S = started(Pid, {error, Reason}, S0),
    case lists:keytake(Pid, #run.pid, Running) of
        {value, #run{app = App, type = Type}, Rest} ->
            ets:delete(?TABLE, {running, App}),
            Ordered = lists:keyfind(Pid, 1, Stopping),
            info_exited(App, if Ordered =:= false -> Reason; true -> stopped end, Type),
            case Ordered of
                {_, From} -> gen:reply(From, ok);
                false -> stop_node(App, Reason, Type)
            end,
            S#state{running = Rest, stopping = lists:keydelete(Pid, 1, Stopping)};
        false when Reason =:= shutdown; Reason =:= kill -> stop_all(S, shutdown);
        false -> S
    end.

%% A permanent application takes the node with it, a transient one unless it ended in order.
stop_node(App, Reason, Type) when Type =:= permanent; Type =:= transient, Reason =/= normal ->
    self() ! {fatal, lists:flatten(io_lib:format("~0tp", [{application_terminated, App, Reason}]))};
stop_node(_, _, _) -> ok.

%% The last one started stops first. The services of kernel are not stopped: they have something to do until the node has ended.
stop_all(#state{running = Running}, Reason) ->
    case get_env(kernel, shutdown_func) of
        {ok, {M, F}} -> try M:F(Reason) catch _:_ -> ok end;
        _ -> ok
    end,
    lists:foreach(fun(#run{app = kernel, pid = Master}) -> unlink(Master);
                     (#run{pid = Master}) ->
                          Ref = monitor(process, Master),
                          Master ! {stop, self()},
                          receive {'DOWN', Ref, _, _, _} -> ok end
                  end, Running),
    exit(Reason).

%%% ---- the processes of a running application --------------------------------------------------------------------
%%
%% The master is the group leader of the application's processes and passes their output on. Its keeper calls the
%% callbacks and holds the top supervisor, since a group leader cannot wait for its own answers.

-doc false.
master(Controller, App, Module, Args) ->
    Leader = group_leader(),
    process_flag(trap_exit, true),
    group_leader(self(), self()),
    put('$application', App),
    put('$ancestors', [?MODULE, whereis(init)]),
    put('$initial_call', {application_master, init, 3}),
    Keeper = spawn_link(home(App), keep, [Controller, self(), App, Module, Args]),
    lead(Controller, Keeper, Leader).

lead(Controller, Keeper, Leader) ->
    receive
        {io_request, _, _, _} = Request -> Leader ! Request;
        {stop, _} -> Keeper ! stop;
        {get_child, _, _} = Question -> Keeper ! Question;
        {'EXIT', Keeper, Reason} -> exit(Reason);
        {'EXIT', Controller, Reason} -> exit(Reason);
        _ -> ok
    end,
    lead(Controller, Keeper, Leader).

-doc false.
keep(Controller, Master, App, Mod, ModArgs) ->
    process_flag(trap_exit, true),
    {Module, Args} = callback({Mod, ModArgs}),
    Call = {Module, start, [normal, Args]},
    Result = try Module:start(normal, Args)
             catch
                 error:Reason:Stack -> {'EXIT', {Reason, Stack}};
                 exit:Reason -> {'EXIT', Reason};
                 throw:Thrown -> Thrown
             end,
    case Result of
        {ok, Pid} when is_pid(Pid) -> kept(Controller, Master, {App, Mod}, Module, Pid, []);
        {ok, Pid, State} when is_pid(Pid) -> kept(Controller, Master, {App, Mod}, Module, Pid, State);
        {error, Why} -> Controller ! {started, Master, {error, {Why, Call}}};
        Bad -> Controller ! {started, Master, {error, {bad_return, {Call, Bad}}}}
    end.

kept(Controller, Master, {App, Mod}, Module, Pid, State) ->
    link(Pid),
    case gone_through(phases(App, Mod)) of
        ok ->
            Controller ! {started, Master, ok},
            hold(Master, Module, Pid, State);
        {error, Why} ->
            exit(Pid, shutdown),
            receive {'EXIT', Pid, _} -> ok end,
            stop_callback(Module, State),
            Controller ! {started, Master, {error, Why}}
    end.

%% The callback module and its argument; application_starter only says that included applications have phases, too.
callback({application_starter, [Module, Args]}) -> {Module, Args};
callback(Mod) -> Mod.

%% The calls of an application's phases, in order: the application itself, then those that it includes.
phases(kernel, _) -> [];
phases(App, Mod) ->
    Several = case Mod of
                  application_starter -> with_included(App);
                  _ -> [App]
              end,
    [{Module, start_phase, [Phase, normal, Args]}
     || {Phase, _} <- own_phases(App), A <- Several, {Own, Args} <- own_phases(A), Own =:= Phase, {Module, _} <- [callback(key(A, mod, []))]].

own_phases(App) ->
    case key(App, start_phases, undefined) of
        Phases when is_list(Phases) -> Phases;
        _ -> []
    end.

with_included(App) -> [App | lists:append([with_included(A) || A <- key(App, included_applications, [])])].

key(App, Key, Default) ->
    case ets:lookup(?TABLE, {loaded, App}) of
        [{_, Keys}] -> proplists:get_value(Key, Keys, Default);
        [] -> Default
    end.

gone_through([{M, F, Args} = Call | Calls]) ->
    try apply(M, F, Args) of
        ok -> gone_through(Calls);
        {error, Reason} -> {error, {Reason, Call}};
        Other -> {error, {bad_return_value, {Call, Other}}}
    catch
        throw:ok -> gone_through(Calls);
        throw:Thrown -> {error, {bad_return_value, {Call, Thrown}}};
        exit:Reason -> {error, {bad_return_value, {Call, {'EXIT', Reason}}}};
        error:Reason:Stack -> {error, {bad_return_value, {Call, {'EXIT', {Reason, Stack}}}}}
    end;
gone_through([]) -> ok.

hold(Master, Module, Pid, State) ->
    receive
        {'EXIT', Pid, Reason} ->
            stop_callback(Module, State),
            exit(Reason);
        {'EXIT', Master, Reason} ->
            exit(Pid, shutdown),
            receive {'EXIT', Pid, _} -> ok end,
            stop_callback(Module, State),
            exit(Reason);
        stop ->
            Final = prepare_stop(Module, State),
            exit(Pid, shutdown),
            receive {'EXIT', Pid, _} -> ok end,
            stop_callback(Module, Final),
            exit(shutdown);
        {get_child, From, Ref} ->
            From ! {Ref, {Pid, Module}},
            hold(Master, Module, Pid, State);
        _ -> hold(Master, Module, Pid, State)
    end.

prepare_stop(Module, State) ->
    case erlang:function_exported(Module, prep_stop, 1) of
        true -> try Module:prep_stop(State) catch _:_ -> State end;
        false -> State
    end.

stop_callback(Module, State) ->
    try Module:stop(State) catch _:_ -> ok end.

%%% ---- reports ----------------------------------------------------------------------------------------------------

info_started(App) ->
    ?LOG_INFO(#{label => {?MODULE, progress}, report => [{application, App}, {started_at, node()}]},
              #{domain => [otp, sasl], report_cb => fun ?MODULE:format_log/2,
                logger_formatter => #{title => "PROGRESS REPORT"},
                error_logger => #{tag => info_report, type => progress, report_cb => fun ?MODULE:format_log/1}}).

info_exited(App, Reason, Type) ->
    ?LOG_NOTICE(#{label => {?MODULE, exit}, report => [{application, App}, {exited, Reason}, {type, Type}]},
                #{domain => [otp], report_cb => fun ?MODULE:format_log/2,
                  error_logger => #{tag => info_report, type => std_info, report_cb => fun ?MODULE:format_log/1}}).

-doc false.
format_log(#{report := Parts}) ->
    {Directive, Depth} = case error_logger:get_format_depth() of
                             unlimited -> {"~tp", []};
                             Limit -> {"~tP", [Limit]}
                         end,
    Format = [["    ", atom_to_list(Key), ": ", Directive, "~n"] || {Key, _} <- Parts],
    {lists:flatten(Format), lists:append([[limited(Value, Depth) | Depth] || {_, Value} <- Parts])}.

limited(Value, []) -> Value;
limited(Value, [Depth]) -> io_lib:limit_term(Value, Depth).

-doc false.
format_log(#{report := Parts}, Options0) ->
    Options = gerl_report:options(Options0),
    gerl_report:text(report_parts(Parts, Options), Options).

report_parts([{application, App}, {exited, Reason}, {type, Type}], #{single_line := true} = Options) ->
    gerl_report:sentences([["Application: ", {term, App}], ["Exited: ", {term, Reason}], ["Type: ", {term, Type}]], Options);
report_parts([{application, App}, {started_at, Node}], #{single_line := true} = Options) ->
    gerl_report:sentences([["Application: ", {term, App}], ["Started at: ", {term, Node}]], Options);
report_parts(Parts, Options) ->
    gerl_report:lines([["    ", atom_to_list(Key), ": ", {term, Value}] || {Key, Value} <- Parts], Options).
