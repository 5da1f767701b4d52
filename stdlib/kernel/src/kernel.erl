-module(kernel).
-moduledoc """
The application kernel: the supervisor `kernel_sup` over the services of a node, and `kernel_safe_sup` for what programs start beside them.

The services are there before their supervisor, which takes them over. What nobody talks to in most nodes sleeps: such a process has its
name, its links and its place in the tree, and becomes a server when the first message comes, so that nothing of `gen_server` and `supervisor` is loaded before.
""".

-behaviour(application).
-behaviour(supervisor).

-export([start/2, stop/1, config_change/3, init/1]).
-export([asleep/3, idle/1, awake/3, master/5, keep/6, rest/4, awaken/1]).

%% Its name or none, the function that OTP's process starts in, and what it becomes.
-type sleeper() :: {server, module(), term()} | {loop | idle, module(), term()} | {bridge, module(), pid()} | {supervisor, module(), term(), #{term() => pid()}}.

%%% ---- the application -----------------------------------------------------------------------------------

-doc "Puts the services of the node, which run already, under a supervisor.".
-spec start(application:start_type(), term()) -> {ok, pid()}.
start(_Type, _Args) ->
    Parent = self(),
    Ref = make_ref(),
    Sup = spawn_link(?MODULE, rest, [Parent, Ref, kernel_sup, {supervisor, ?MODULE, []}]),
    receive {Ref, ready} -> {ok, Sup} end.

-doc false.
-spec stop(term()) -> ok.
stop(_State) -> ok.

-doc false.
-spec config_change([{atom(), term()}], [{atom(), term()}], [atom()]) -> ok.
config_change(Changed, New, _Removed) ->
    case [Value || {distributed, Value} <- Changed ++ New, whereis(dist_ac) =/= undefined] of
        [Distributed] -> dist_ac:reconfigure(Distributed);
        [] -> ok
    end.

-doc false.
-spec init(term()) -> {ok, {supervisor:sup_flags(), [supervisor:child_spec()]}}.
init([]) -> {ok, {#{strategy => one_for_all, intensity => 0, period => 1}, [spec(Row) || Row <- services()]}};
init(safe) -> {ok, {#{strategy => one_for_one, intensity => 4, period => 3600}, []}}.

%% Identity, how it is started, restart, time to stop, type, modules.
services() -> [Row || Row <- rows(), element(1, Row) =/= dist_ac orelse dist_ac:wanted()].

rows() ->
    [{code_server, {code, start_link, []}, permanent, 2000, worker, [code]},
     {standard_error, {standard_error, start_link, []}, temporary, 2000, supervisor, [standard_error]},
     {file_server_2, {file_server, start_link, []}, permanent, 2000, worker, [file, file_server, file_io_server, prim_file]},
     {on_load, {proc_lib, start_link, [?MODULE, init, [on_load]]}, transient, 2000, worker, [?MODULE]},
     {inet_db, {inet_db, start_link, []}, permanent, 2000, worker, [inet_db]},
     {rex, {rpc, start_link, []}, permanent, 2000, worker, [rpc]},
     {global_name_server, {global, start_link, []}, permanent, 2000, worker, [global]},
     {net_sup, {erl_distribution, start_link, []}, permanent, infinity, supervisor, [erl_distribution]},
     {global_group, {global_group, start_link, []}, permanent, 2000, worker, [global_group]},
     {erl_signal_server, {gen_event, start_link, [{local, erl_signal_server}]}, permanent, 2000, worker, dynamic},
     {user, {user_sup, start, []}, temporary, 2000, supervisor, [user_sup]},
     {logger_sup, {logger_sup, start_link, []}, permanent, infinity, supervisor, [logger_sup]},
     {dist_ac, {dist_ac, start_link, []}, permanent, 2000, worker, [dist_ac]},
     {kernel_config, {kernel_config, start_link, []}, permanent, 2000, worker, [kernel_config]},
     {kernel_refc, {kernel_refc, start_link, []}, permanent, 2000, worker, [kernel_refc]},
     {kernel_safe_sup, {supervisor, start_link, [{local, kernel_safe_sup}, ?MODULE, safe]}, permanent, infinity, supervisor, [?MODULE]}].

spec({Id, Start, Restart, Shutdown, Type, Modules}) ->
    #{id => Id, start => Start, restart => Restart, shutdown => Shutdown, type => Type, modules => Modules}.

%% The services, in their order: those that run, and those that sleep from now on.
take_over() ->
    Given = [{code_server, idle(code_server)},
             {standard_error, {bridge, standard_error}},
             {file_server_2, {server, file_server, []}},
             {inet_db, {loop, inet_db, serve}},
             {rex, {server, rpc, []}},
             {global_name_server, {server, global, []}},
             {net_sup, {supervisor, erl_distribution, []}},
             {global_group, {server, global_group, []}},
             {erl_signal_server, running},
             {user, {bridge, user_sup}},
             {logger_sup, {supervisor, logger_sup, []}},
             {dist_ac, starts},
             {kernel_config, idle(kernel_config)},
             {kernel_refc, idle(kernel_refc)},
             {kernel_safe_sup, {supervisor, ?MODULE, safe}}],
    #{Id => Pid || {Id, What} <- Given, Pid <- placed(Id, What)}.

placed(dist_ac, starts) -> % nothing of it is loaded for most nodes
    case [ok || P <- [distributed, start_dist_ac], application_controller:get_env(kernel, P) =/= undefined] of
        [_ | _] -> case dist_ac:wanted() of
                       true -> [Pid || {ok, Pid} <- [dist_ac:start_link()]];
                       false -> []
                   end;
        [] -> []
    end;
placed(_, running) -> linked(whereis(erl_signal_server));
placed(standard_error, {bridge, Module}) -> bridged(standard_error_sup, Module, whereis(standard_error));
placed(user, {bridge, Module}) -> bridged(none, Module, whereis(user));
placed(net_sup, What) ->
    case whereis(net_kernel) of
        undefined -> [];
        _ -> [put_to_sleep(net_sup, What)]
    end;
placed(kernel_config, What) -> [put_to_sleep(none, What)];
placed(Id, What) ->
    case whereis(Id) of
        undefined -> [put_to_sleep(Id, What)];
        Pid -> linked(Pid)
    end.

bridged(_, _, undefined) -> [];
bridged(Name, Module, Pid) -> [put_to_sleep(Name, {bridge, Module, Pid})].

linked(Pid) when is_pid(Pid) ->
    link(Pid),
    _ = Pid =:= whereis(user) orelse group_leader(group_leader(), Pid), % which would pass its own output to itself
    [Pid];
linked(_) -> [].

put_to_sleep(Name, What) ->
    Self = self(),
    Ref = make_ref(),
    Pid = spawn_link(?MODULE, rest, [Self, Ref, Name, What]),
    receive {Ref, ready} -> Pid end.

%%% ---- processes that sleep ----------------------------------------------------------------------------------

-doc "Starts a process that sleeps until the first message comes: its name or `none`, and what it becomes then.".
-spec asleep(atom(), sleeper(), pid()) -> {ok, pid()} | {error, {already_started, pid()}}.
asleep(Name, What, _Parent) ->
    case Name =/= none andalso whereis(Name) of
        Pid when is_pid(Pid) -> {error, {already_started, Pid}};
        _ -> {ok, put_to_sleep(Name, What)}
    end.

-doc "A server that has nothing to do but to be there, as the module of its first call says.".
-spec idle(module()) -> sleeper().
idle(kernel_refc) -> {idle, kernel_refc, #{scheduler_wall_time => #{}}};
idle(Module) -> {idle, Module, []}.

-doc false.
-spec rest(pid(), reference(), atom(), term()) -> no_return().
rest(Parent, Ref, Name, What) ->
    _ = Name =:= none orelse register(Name, self()),
    _ = lists:member(element(1, What), [server, loop, idle]) orelse process_flag(trap_exit, true),
    put('$ancestors', [case process_info(Parent, registered_name) of {_, Known} -> Known; _ -> Parent end
                       | case get_ancestors(Parent) of [_ | _] = Others -> Others; _ -> [] end]),
    put('$initial_call', first_function(What)),
    Grown = grown(Name, What),
    Parent ! {Ref, ready},
    erlang:hibernate(?MODULE, awake, [Name, Parent, Grown]).

get_ancestors(Parent) ->
    {_, Dictionary} = process_info(Parent, dictionary),
    case lists:keyfind('$ancestors', 1, Dictionary) of
        {_, Ancestors} -> Ancestors;
        false -> []
    end.

first_function({bridge, Module, _}) -> {supervisor_bridge, Module, 1};
first_function({supervisor, Module, _}) -> {supervisor, Module, 1};
first_function(What) -> {element(2, What), init, 1}.

%% A supervisor takes its children before it sleeps.
grown(kernel_sup, {supervisor, Module, Args}) -> {supervisor, Module, Args, take_over()};
grown(logger_sup, {supervisor, Module, Args}) ->
    {supervisor, Module, Args, #{Id => Pid || {Id, Process} <- logger_server:processes(), Pid <- linked(Process)}};
grown(net_sup, {supervisor, Module, Args}) -> {supervisor, Module, Args, #{net_kernel => Pid || Pid <- linked(whereis(net_kernel))}};
grown(_, {supervisor, Module, Args}) -> {supervisor, Module, Args, #{}};
grown(_, {bridge, _, Pid} = What) ->
    _ = linked(Pid),
    What;
grown(_, What) -> What.

-doc false.
-spec awake(atom(), pid(), sleeper()) -> no_return().
awake(Name0, _Parent, What) ->
    Name = case Name0 of
               none -> self();
               _ -> {local, Name0}
           end,
    case What of
        {server, Module, Args} ->
            {ok, State} = Module:init(Args),
            gen_server:enter_loop(Module, [], State, Name, infinity);
        {idle, _, State} -> gen_server:enter_loop(kernel_config, [], State, Name, infinity);
        {loop, Module, Function} -> Module:Function();
        {supervisor, Module, Args, Children} -> supervisor:resume(Name, Module, Args, Children);
        {bridge, Module, Pid} -> supervisor_bridge:resume(Name, Module, Pid, Pid)
    end.

-doc "Wakes a process that may sleep, and waits until it is a server.".
-spec awaken(atom()) -> ok.
awaken(Name) ->
    _ = sys:get_state(Name, infinity),
    ok.

%%% ---- the application's own processes ---------------------------------------------------------------------------
%%
%% They are those of any application, but belong to the node.

-doc false.
master(Controller, App, Module, Args, Start) -> application_controller:master(Controller, App, Module, Args, Start).

-doc false.
keep(Controller, Master, App, Module, Args, Start) -> application_controller:keep(Controller, Master, App, Module, Args, Start).
