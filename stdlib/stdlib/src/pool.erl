-module(pool).
-moduledoc """
A set of nodes that share work.

The pool's master, a process that is registered globally, knows how many processes wait to run on each node: a process on every
member tells it every two seconds. `get_node/0` gives the node with the least to do, and counts what was given out since. Nodes are started with
`slave`.
""".

-behaviour(gen_server).

-export([start/1, start/2, attach/1, stop/0, get_nodes/0, get_node/0, pspawn/3, pspawn_link/3]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).
-export([report_load/2, run/4]).

-define(MASTER, {global, pool_master}).
-define(INTERVAL, 2000).
-define(UNKNOWN, 1000000).

-doc "The same as `start(Name, [])`.".
-spec start(atom()) -> [node()].
start(Name) -> start(Name, []).

-doc "Starts a pool with a node `Name@Host` on every host of `.hosts.erlang`, and gives those nodes.".
-spec start(atom(), string()) -> [node()].
start(Name, Arguments) when is_atom(Name) ->
    ensure_master(),
    Hosts = hosts(),
    Nodes = lists:append([start_node(Host, Name, Arguments) || Host <- Hosts]),
    lists:foreach(fun attach/1, Nodes),
    Nodes.

%% The host names in .hosts.erlang.
hosts() ->
    Home = [Dir || {ok, [[Dir]]} <- [init:get_argument(home)]],
    case file:path_consult(["." | Home] ++ [code:root_dir()], ".hosts.erlang") of
        {ok, Hosts, _} -> Hosts;
        {error, Reason} -> error({no_hosts_file, Reason})
    end.

%% A module that is deprecated is called by its name in a variable, so that compilers do not warn.
start_node(Host, Name, Arguments) ->
    Starter = slave,
    case Starter:start(Host, Name, Arguments) of
        {ok, Node} -> [Node];
        {error, Why} ->
            io:format("Can't start node on host ~w due to ~w~n", [Host, Why]),
            [Node || {already_running, Node} <- [Why]]
    end.

ensure_master() ->
    case gen_server:start(?MASTER, ?MODULE, [], []) of
        {ok, _} -> ok;
        {error, {already_started, _}} -> ok
    end.

-doc "Takes a node into the pool, which is started if need be.".
-spec attach(node()) -> already_attached | attached.
attach(Node) ->
    ensure_master(),
    gen_server:call(?MASTER, {attach, Node}).

-doc "The members of the pool.".
-spec get_nodes() -> [node()].
get_nodes() -> gen_server:call(?MASTER, nodes, infinity).

-doc "The member that will probably have the least to do.".
-spec get_node() -> node().
get_node() -> gen_server:call(?MASTER, next, infinity).

-doc "Spawns a process on that member.".
-spec pspawn(module(), atom(), [term()]) -> pid().
pspawn(Module, Function, Arguments) -> gen_server:call(?MASTER, {spawn, group_leader(), Module, Function, Arguments}, infinity).

-doc "Spawns a process on that member, and links to it.".
-spec pspawn_link(module(), atom(), [term()]) -> pid().
pspawn_link(Module, Function, Arguments) ->
    Pid = spawn_link(get_node(), ?MODULE, run, [group_leader(), Module, Function, Arguments]),
    true = is_pid(Pid),
    Pid.

-doc "Stops the pool and the nodes that it started.".
-spec stop() -> stopped.
stop() -> gen_server:call(?MASTER, stop, infinity).

-doc false.
-spec run(pid(), module(), atom(), [term()]) -> term().
run(Leader, Module, Function, Arguments) ->
    group_leader(Leader, self()),
    apply(Module, Function, Arguments).

-doc false.
-spec report_load(pid(), term()) -> no_return().
report_load(Master, Previous) ->
    receive
        stop -> exit(normal)
    after ?INTERVAL ->
        Load = statistics(run_queue),
        Load =:= Previous orelse (Master ! {load, node(), Load}),
        report_load(Master, Load)
    end.

%% The master's state is a list of how much each member has to do. It is in the order in which they get work: a report moves the member
%% in front of those with more to do, work moves it to the end.

-doc false.
-spec init([]) -> {ok, [{node(), non_neg_integer()}]}.
init([]) ->
    process_flag(trap_exit, true),
    _ = with(node(), []),
    {ok, [{node(), 0}]}.

%% A new member comes last, as one with very much to do, until it reports.
with(Node, Loads) ->
    _ = spawn_link(Node, ?MODULE, report_load, [self(), none]),
    Loads ++ [{Node, ?UNKNOWN}].

-doc false.
-spec handle_call(term(), gen_server:from(), list()) -> {reply, term(), list()} | {stop, normal, stopped, list()}.
handle_call(stop, _, Loads) -> {stop, normal, stopped, Loads};
handle_call(nodes, _, Loads) -> {reply, [Node || {Node, _} <- Loads], Loads};
handle_call({attach, Node}, _, Loads) ->
    case lists:keymember(Node, 1, Loads) of
        true -> {reply, already_attached, Loads};
        false ->
            monitor_node(Node, true),
            {reply, attached, with(Node, Loads)}
    end;
handle_call(Wish, _, [{Node, Load} | Others]) ->
    Answer = case Wish of
                 next -> Node;
                 {spawn, Leader, Module, Function, Arguments} -> spawn(Node, ?MODULE, run, [Leader, Module, Function, Arguments])
             end,
    {reply, Answer, Others ++ [{Node, Load + 1}]}.

-doc false.
-spec handle_cast(term(), list()) -> {noreply, list()}.
handle_cast(_, Loads) -> {noreply, Loads}.

-doc false.
-spec handle_info(term(), list()) -> {noreply, list()}.
handle_info({load, Node, Load}, Loads) ->
    {noreply, case lists:keytake(Node, 1, Loads) of
                  {value, _, Others} ->
                      {Less, More} = lists:splitwith(fun({_, Other}) -> Other < Load end, Others),
                      Less ++ [{Node, Load} | More];
                  false -> Loads % of a node that is gone
              end};
handle_info({nodedown, Node}, Loads) -> {noreply, lists:keydelete(Node, 1, Loads)};
handle_info(_, Loads) -> {noreply, Loads}.

-doc false.
-spec terminate(term(), list()) -> ok.
terminate(_, Loads) -> lists:foreach(fun({Node, _}) -> rpc:cast(Node, erlang, halt, []) end, lists:keydelete(node(), 1, Loads)).
