-module(application_controller).
-moduledoc """
The process that knows the applications: which are loaded, with their keys and environment, and which run.
What others read lies in the table ac_tab: {{env, App, Key}, Value}, {{loaded, App}, Keys}, {running, [{App, What}]}. Whether a distributed application runs here, `dist_ac` says.
Applications start in processes of their own, so that a start may use the controller. Internal.
""".

-export([start/0, request/1, request/2, told/1, get_env/2, env/1, keys/1, key/3, loaded/0, running/0, info/0, get_master/1, format_log/1, format_log/2]).
-export([master/5, keep/6, which_applications/0, which_applications/1, loaded_applications/0, get_loaded/1]).
-export([prep_config_change/0, config_change/1, change_application_data/2, test_change_apps/2]).
-export([system_continue/3, system_terminate/4, system_code_change/4]).

-include_lib("kernel/include/logger.hrl").

-define(TABLE, ac_tab).

%% A start that is under way, or what runs: its master, no process at all, or the node where it is; `settling` is for dist_ac to say. From are those who wait.
-record(run, {app :: atom(), type :: atom(), pid :: pid() | undefined | settling | {distributed, node() | []}, from = [] :: [term()]}).
%% The newest comes first in all lists. Held has what is to run when it may; ending has masters that were told to stop with what follows then.
-record(state, {starting = [] :: [#run{}], started = [] :: [{atom(), atom()}], running = [] :: [#run{}],
                held = [] :: [{atom(), atom()}], forbidden = [] :: [atom()], ending = [] :: [{pid(), term()}]}).

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

-doc "The running applications, the newest first, with what they run as: a pid of the master, `undefined` without one, or `{distributed, Node}`.".
-spec running() -> [{atom(), term()}].
running() ->
    case ets:lookup(?TABLE, running) of
        [{_, Running}] -> Running;
        [] -> []
    end.

-doc "What the controller knows, for tools.".
-spec info() -> [{atom(), term()}].
info() -> request(info).

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

-doc "Tells the controller what `dist_ac` has decided.".
-spec told(tuple()) -> ok.
told(Decision) ->
    ?MODULE ! {distributed, Decision},
    ok.

-doc "Has the controller carry out a request within a time.".
-spec request(term(), timeout()) -> term().
request(Request, Time) ->
    {ok, Reply} = gen:call(?MODULE, '$gen_call', Request, Time),
    Reply.

%%% ---- changes of configuration, for release handling -------------------------------------------------------

-doc "The applications that run at this node with description and version, the one that was started last comes first.".
-spec which_applications() -> [{atom(), string(), string()}].
which_applications() ->
    Loaded = loaded(),
    [lists:keyfind(App, 1, Loaded) || {App, What} <- running(), What =:= undefined orelse is_pid(What)].

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
    Told = [told_change(App, Old, application:get_all_env(App)) || {App, _} <- running(), {A, Old} <- Before, A =:= App],
    case [Failure || {error, Failure} <- Told] of
        [] -> ok;
        Failures -> {error, lists:reverse(Failures)}
    end.

told_change(App, Env, Env) when is_atom(App) -> ok;
told_change(App, Old, Env) ->
    Changed = [{K, V} || {K, V} <- Env, {Known, W} <- Old, Known =:= K, V =/= W],
    New = [E || {K, _} = E <- Env, not lists:keymember(K, 1, Old)],
    Removed = [K || {K, _} <- Old, not lists:keymember(K, 1, Env)],
    case callback(key(App, mod, [])) of
        _ when {Changed, New, Removed} =:= {[], [], []} -> ok;
        {Module, _} ->
            _ = code:ensure_loaded(Module),
            try erlang:function_exported(Module, config_change, 3) =:= false orelse Module:config_change(Changed, New, Removed) of
                Done when Done =:= ok; Done =:= true -> ok;
                {error, _} = Error -> Error;
                Other -> {error, Other}
            catch
                throw:Thrown -> {error, Thrown};
                exit:Reason -> {error, {'EXIT', Reason}};
                error:Reason:Stack -> {error, {'EXIT', {Reason, Stack}}}
            end;
        _ -> {error, {module_not_defined, App}}
    end.

-doc "Replaces the keys of loaded applications, and the parameters of all by those of the configuration, as that of a file for -config; what is wrong in it is passed over.".
-spec change_application_data([{application, atom(), [{atom(), term()}]}], list()) -> ok | {error, term()}.
change_application_data(Specs, Config) when is_list(Config) ->
    Terms = lists:append([try application:read_config([Part], ".") catch throw:{bad_config, _} -> [] end || Part <- Config]),
    case [E || {App, Params} <- Terms, E <- [application:wrong_params(App, Params)], E =/= none] of
        [] -> request({change, Specs, Terms, all});
        [{Format, Args} | _] -> {error, {badarg, lists:flatten(io_lib:format(Format, Args))}}
    end;
change_application_data(_, Config) -> {error, {badarg, Config}}.

-doc false.
test_change_apps(Apps, Configs) ->
    Specs = [{application, App, lists:keydelete(env, 1, Keys)} || App <- Apps, {ok, Keys} <- [keys(App)]],
    request({change, Specs, lists:append(Configs), Apps}).

%%% ---- the process -------------------------------------------------------------------------------------------

loop(#state{} = S) ->
    receive
        {'$gen_call', From, Request} -> loop(serve(Request, From, S));
        {started, Master, Answer} -> loop(started(Master, Answer, S));
        {distributed, Decision} -> loop(decided(Decision, S));
        {'EXIT', Pid, Reason} -> loop(ended(Pid, Reason, S));
        {fatal, Reason} -> stop_all(S, Reason);
        {start_kernel, From} -> % as a request, but nothing of gen is loaded for it
            Forbidden = case get_env(kernel, permissions) of
                            {ok, Permissions} -> [App || {App, false} <- Permissions];
                            undefined -> []
                        end,
            Pid = spawn_link(kernel, master, [self(), kernel, kernel, [], normal]),
            loop(S#state{forbidden = Forbidden, starting = [#run{app = kernel, type = permanent, pid = Pid, from = [{kernel, From}]}]});
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
serve({unload, App}, From, #state{started = Started, running = Running, starting = Starting} = S) ->
    case lists:keymember(App, #run.app, Running ++ Starting) of
        true -> answer(From, {error, {running, App}}, S);
        false -> answer(From, unload(App), S#state{started = lists:keydelete(App, 1, Started)})
    end;
serve({set_env, List, Persistent}, From, S) ->
    ets:insert(?TABLE, [{{env, App, Key}, Value} || {App, Params} <- List, {Key, Value} <- Params]),
    Persistent andalso ets:insert(?TABLE, [{{fixed, App, Key}, Value} || {App, Params} <- List, {Key, Value} <- Params]),
    answer(From, ok, S);
serve({unset_env, App, Key}, From, S) ->
    ets:delete(?TABLE, {env, App, Key}),
    ets:delete(?TABLE, {fixed, App, Key}),
    answer(From, ok, S);
serve({start, App, Type}, From, S) -> start_application(App, Type, From, S);
serve({boot_failed, App, Reason}, From, S) ->
    self() ! {fatal, lists:flatten(io_lib:format("~0tp", [{application_start_failure, App, Reason}]))},
    answer(From, ok, S);
serve({stop, App}, From, S) -> stop_application(App, From, S);
serve({permit, App, Permitted}, From, S) -> permit(App, Permitted, From, S);
serve(info, From, #state{starting = Starting, started = Started, held = Held} = S) ->
    answer(From, [{loaded, loaded()}, {loading, []}, {started, Started}, {start_p_false, [{A, T, normal, undefined} || {A, T} <- Held]},
                  {running, running()}, {starting, [{A, T, normal, F} || #run{app = A, type = T, from = F} <- Starting]}], S);
serve({change, Specs, Terms, Whose}, From, S) ->
    _ = [ets:delete(?TABLE, Key) || {{fixed, App, _} = Key, _} <- ets:tab2list(?TABLE), Whose =:= all orelse lists:member(App, Whose)],
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

%% With those that it includes.
unload(App) ->
    case ets:take(?TABLE, {loaded, App}) of
        [] -> {error, {not_loaded, App}};
        [{_, Keys}] ->
            ets:match_delete(?TABLE, {{env, App, '_'}, '_'}),
            whereis(dist_ac) =:= undefined orelse dist_ac:unload(App),
            lists:foreach(fun unload/1, proplists:get_value(included_applications, Keys, []))
    end.

%%% ---- starting ------------------------------------------------------------------------------------------------

start_application(App, Type, From, #state{starting = Starting, forbidden = Forbidden, held = Held} = S) ->
    case {may_start(App, S), lists:keytake(App, #run.app, Starting)} of
        {_, {value, #run{from = Others} = Run, Rest}} -> S#state{starting = [Run#run{from = [From | Others]} | Rest]};
        {ok, false} ->
            Distributed = whereis(dist_ac) =/= undefined andalso App =/= kernel,
            case lists:member(App, Forbidden) of
                _ when Distributed ->
                    dist_ac:start(App),
                    S#state{starting = [#run{app = App, type = Type, pid = settling, from = [From]} | Starting]};
                true -> answer(From, ok, S#state{held = lists:keystore(App, 1, Held, {App, Type})});
                false -> launch(#run{app = App, type = Type, from = [From]}, normal, S)
            end;
        {Error, false} -> answer(From, Error, S)
    end.

%% What it needs must run. An application that ended by itself counts as started, until it is stopped.
may_start(App, #state{started = Started, running = Running}) ->
    Needed = key(App, applications, []) -- key(App, optional_applications, []),
    case {lists:keymember(App, #run.app, Running) andalso lists:keymember(App, 1, Started), [A || A <- Needed, not lists:keymember(A, #run.app, Running)]} of
        {true, _} -> {error, {already_started, App}};
        {false, []} -> ok;
        {false, [Missing | _]} ->
            case lists:keymember(Missing, 1, Started) of
                true -> {error, {not_running, Missing}};
                false -> {error, {not_started, Missing}}
            end
    end.

launch(#run{app = App} = Run, Start, #state{starting = Starting} = S) ->
    case key(App, mod, []) of
        {Module, Args} ->
            Pid = spawn_link(home(App), master, [self(), App, Module, Args, Start]),
            S#state{starting = [Run#run{pid = Pid} | Starting]};
        _ -> runs(Run#run{pid = undefined}, S)
    end.

%% With kernel runs the library.
runs(#run{app = App, type = Type, pid = Pid, from = From} = Run, #state{running = Running, started = Started} = S) ->
    App =:= kernel orelse App =:= stdlib orelse is_tuple(Pid) orelse info_started(App),
    Now = [Run#run{from = []} | lists:keydelete(App, #run.app, Running)],
    S1 = S#state{running = Now,
                 started = case lists:keymember(App, 1, Started) of
                               true -> lists:keyreplace(App, 1, Started, {App, Type});
                               false -> [{App, Type} | Started]
                           end},
    S2 = case App of
             kernel -> runs(#run{app = stdlib, type = permanent}, S1);
             _ -> S1
         end,
    shown(S2),
    tell(From, App, ok),
    start_held(S2).

shown(#state{running = Running}) -> ets:insert(?TABLE, {running, [{App, Pid} || #run{app = App, pid = Pid} <- Running]}).

tell(From, App, Result) -> lists:foreach(fun(F) -> reply(F, App, Result) end, lists:reverse(From)).

reply({kernel, Starter}, _, ok) -> Starter ! {self(), kernel_started};
reply(dist_ac, App, Result) -> dist_ac:ran(App, Result);
reply(none, _, _) -> ok;
reply(From, _, Result) -> gen:reply(From, Result).

%% What was permitted before all that it needs was there.
start_held(#state{held = Held, forbidden = Forbidden} = S) ->
    lists:foldl(fun({App, Type}, Acc) ->
                        case lists:member(App, Forbidden) orelse may_start(App, Acc) of
                            ok -> launch(#run{app = App, type = Type, from = [none]}, normal, Acc#state{held = lists:keydelete(App, 1, Acc#state.held)});
                            _ -> Acc
                        end
                end, S, Held).

%% The processes of kernel are the node's, not the program's.
home(kernel) -> kernel;
home(_) -> ?MODULE.

started(Master, Answer, #state{starting = Starting, started = Started} = S) ->
    case lists:keytake(Master, #run.pid, Starting) of
        {value, Run, Rest} when Answer =:= ok -> runs(Run, S#state{starting = Rest});
        {value, #run{app = App, type = Type, from = From}, Rest} ->
            {error, Reason} = Answer,
            info_exited(App, Reason, Type),
            tell(From, App, Answer),
            stop_node(App, Reason, Type),
            S#state{starting = Rest, started = lists:keydelete(App, 1, Started)};
        false -> S
    end.

%% What dist_ac says: run it here, as this node alone; it is elsewhere; it cannot be started; another node has it now.
decided({local, App}, S) ->
    case lists:keytake(App, #run.app, S#state.starting) of
        {value, #run{from = [From | Others], type = Type}, Rest} ->
            S1 = S#state{starting = Rest},
            case lists:member(App, S#state.forbidden) of
                true ->
                    tell([From | Others], App, ok),
                    S1#state{held = lists:keystore(App, 1, S#state.held, {App, Type})};
                false -> launch(#run{app = App, type = Type, from = [From | Others]}, normal, S1)
            end;
        false -> S
    end;
decided({run, App, Start, Type}, #state{starting = Starting, started = Started} = S) ->
    {Known, From, Rest} = case lists:keytake(App, #run.app, Starting) of
                              {value, #run{type = T, from = F}, R} -> {T, F, R};
                              false -> {proplists:get_value(App, Started, temporary), [], Starting}
                          end,
    Way = case Start of
              {failover, _} -> case key(App, start_phases, undefined) of undefined -> normal; _ -> Start end;
              _ -> Start
          end,
    launch(#run{app = App, type = if Type =:= same -> Known; true -> Type end, from = [dist_ac | From]}, Way, S#state{starting = Rest});
decided({elsewhere, App, Node}, #state{starting = Starting, started = Started, running = Running} = S) ->
    case {lists:keytake(App, #run.app, Starting), lists:keyfind(App, 1, Started), lists:keyfind(App, #run.app, Running)} of
        {{value, #run{pid = settling} = Run, Rest}, _, _} -> runs(Run#run{pid = {distributed, Node}}, S#state{starting = Rest});
        {false, {_, _}, #run{pid = Pid}} when is_pid(Pid); Pid =:= {distributed, Node} -> S;
        {false, {_, Type}, _} -> runs(#run{app = App, type = Type, pid = {distributed, Node}}, S);
        _ -> S
    end;
decided({refused, App, Reason}, #state{starting = Starting} = S) ->
    case lists:keytake(App, #run.app, Starting) of
        {value, #run{from = From}, Rest} ->
            tell(From, App, {error, Reason}),
            S#state{starting = Rest};
        false -> S
    end;
decided({give_up, App, Node}, S) -> end_master(App, {give_up, Node}, fun(S1) -> given_up(App, Node, S1) end, S).

given_up(App, Node, S) ->
    S1 = case lists:keyfind(App, 1, S#state.started) of
             {_, Type} -> runs(#run{app = App, type = Type, pid = {distributed, Node}}, S);
             false -> S
         end,
    dist_ac:ran(App, ok),
    S1.

%%% ---- stopping ------------------------------------------------------------------------------------------------

%% Has the master of a running application end; without one, goes on at once.
end_master(App, Then, Without, #state{running = Running, ending = Ending} = S) ->
    case lists:keyfind(App, #run.app, Running) of
        #run{pid = Master} when is_pid(Master) ->
            Master ! {stop, self()},
            S#state{ending = [{Master, Then} | Ending]};
        _ -> Without(S)
    end.

stop_application(App, From, #state{started = Started} = S) ->
    case lists:keymember(App, 1, Started) orelse lists:keymember(App, 1, S#state.held) of
        false -> answer(From, {error, {not_started, App}}, S);
        true -> end_master(App, {stop, From}, fun(S1) -> stopped(App, From, S1) end, S)
    end.

stopped(App, From, #state{started = Started, running = Running, held = Held} = S) ->
    case lists:keyfind(App, #run.app, Running) of
        #run{pid = undefined, type = Type} -> info_exited(App, stopped, Type);
        _ -> ok
    end,
    S1 = S#state{started = lists:keydelete(App, 1, Started), running = lists:keydelete(App, #run.app, Running), held = lists:keydelete(App, 1, Held)},
    shown(S1),
    whereis(dist_ac) =:= undefined orelse dist_ac:stopped(App),
    answer(From, ok, S1).

permit(App, true, From, #state{forbidden = Forbidden, held = Held} = S) ->
    S1 = S#state{forbidden = lists:delete(App, Forbidden)},
    case lists:keytake(App, 1, Held) of
        {value, {_, Type}, Rest} ->
            case may_start(App, S1) of
                ok -> launch(#run{app = App, type = Type, from = [From]}, normal, S1#state{held = Rest});
                _ -> answer(From, ok, S1)
            end;
        false -> answer(From, ok, S1)
    end;
permit(App, false, From, #state{forbidden = Forbidden} = S) ->
    end_master(App, {hold, From}, fun(S1) -> answer(From, ok, S1) end, S#state{forbidden = lists:usort([App | Forbidden])}).

ended(Pid, Reason, #state{running = Running, ending = Ending} = S0) ->
    S = started(Pid, {error, Reason}, S0),
    case lists:keytake(Pid, #run.pid, Running) of
        {value, #run{app = App, type = Type}, Rest} ->
            {Then, Left} = case lists:keytake(Pid, 1, Ending) of
                               {value, {_, T}, L} -> {T, L};
                               false -> {none, Ending}
                           end,
            S1 = S#state{running = Rest, ending = Left},
            shown(S1),
            info_exited(App, if Then =:= none -> Reason; true -> stopped end, Type),
            case Then of
                none ->
                    stop_node(App, Reason, Type),
                    S1;
                {stop, From} -> stopped(App, From, S1);
                {hold, From} -> answer(From, ok, S1#state{held = lists:keystore(App, 1, S1#state.held, {App, Type})});
                {give_up, Node} -> given_up(App, Node, S1)
            end;
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
                     (#run{pid = Master}) when not is_pid(Master) -> ok;
                     (#run{pid = Master}) ->
                          Ref = monitor(process, Master),
                          Master ! {stop, self()},
                          receive {'DOWN', Ref, _, _, _} -> ok end
                  end, Running),
    _ = [erlang:disconnect_node(Node) || Node <- nodes(connected)], % others see the node go, not this process
    exit(Reason).

%%% ---- the processes of a running application --------------------------------------------------------------------
%%
%% The master is the group leader of the application's processes and passes their output on. Its keeper calls the
%% callbacks and holds the top supervisor, since a group leader cannot wait for its own answers.

-doc false.
master(Controller, App, Module, Args, Start) ->
    Leader = group_leader(),
    process_flag(trap_exit, true),
    group_leader(self(), self()),
    put('$application', App),
    put('$ancestors', [?MODULE, whereis(init)]),
    put('$initial_call', {application_master, init, 3}),
    Keeper = spawn_link(home(App), keep, [Controller, self(), App, Module, Args, Start]),
    lead(Controller, Keeper, Leader, Start).

lead(Controller, Keeper, Leader, Start) ->
    receive
        {io_request, _, _, _} = Request -> Leader ! Request;
        {Keeper, up} -> lead(Controller, Keeper, Leader, local);
        {stop, _} -> Keeper ! stop;
        {get_child, _, _} = Question -> Keeper ! Question;
        {start_type, From, Ref} -> From ! {Ref, Start};
        {'EXIT', Keeper, Reason} ->
            end_group(processes()),
            exit(Reason);
        {'EXIT', Controller, Reason} -> exit(Reason);
        _ -> ok
    end,
    lead(Controller, Keeper, Leader, Start).

%% Nothing of an application outlives it.
end_group(Pids) ->
    Self = self(),
    lists:foreach(fun(Pid) ->
                          case Pid =/= Self andalso process_info(Pid, group_leader) of
                              {_, Self} -> exit(Pid, kill);
                              _ -> ok
                          end
                  end, Pids).

-doc false.
keep(Controller, Master, App, Mod, ModArgs, Start) ->
    process_flag(trap_exit, true),
    {Module, Args} = callback({Mod, ModArgs}),
    Call = {Module, start, [Start, Args]},
    Result = try Module:start(Start, Args)
             catch
                 error:Reason:Stack -> {'EXIT', {Reason, Stack}};
                 exit:Reason -> {'EXIT', Reason};
                 throw:Thrown -> Thrown
             end,
    case Result of
        {ok, Pid} when is_pid(Pid) -> kept(Controller, Master, phases(App, Mod, Start), Module, Pid, []);
        {ok, Pid, State} when is_pid(Pid) -> kept(Controller, Master, phases(App, Mod, Start), Module, Pid, State);
        {error, Why} -> Controller ! {started, Master, {error, {Why, Call}}};
        {'EXIT', normal} -> Controller ! {started, Master, {error, {{'EXIT', normal}, Call}}};
        Bad -> Controller ! {started, Master, {error, {bad_return, {Call, Bad}}}}
    end.

kept(Controller, Master, Phases, Module, Pid, State) ->
    link(Pid),
    case gone_through(Phases) of
        ok ->
            Master ! {self(), up},
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
phases(kernel, _, _) -> [];
phases(App, Mod, Start) ->
    Several = case Mod of
                  application_starter -> with_included(App);
                  _ -> [App]
              end,
    [{Module, start_phase, [Phase, Start, Args]}
     || {Phase, _} <- own_phases(App), A <- Several, {Own, Args} <- own_phases(A), Own =:= Phase, {Module, _} <- [callback(key(A, mod, []))]].

own_phases(App) ->
    case key(App, start_phases, undefined) of
        Phases when is_list(Phases) -> Phases;
        _ -> []
    end.

with_included(App) -> [App | lists:append([with_included(A) || A <- key(App, included_applications, [])])].

-doc false.
-spec key(atom(), atom(), term()) -> term().
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
            stop_callback(Module, prepare_stop(Module, State)),
            exit(Reason);
        {'EXIT', Master, Reason} ->
            Final = prepare_stop(Module, State),
            exit(Pid, shutdown),
            receive {'EXIT', Pid, _} -> ok end,
            stop_callback(Module, Final),
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
