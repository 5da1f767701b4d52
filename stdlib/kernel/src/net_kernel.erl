-module(net_kernel).
-moduledoc """
The distribution of a node: being alive, connections, who is told of nodes that come and go.

Connections are set up by the node itself when they are first needed (`gerl_dist`); the process of this name answers other nodes.
""".

-behaviour(gen_server).

-export([start/1, start/2, stop/0, get_state/0, longnames/0, nodename/0, connect_node/1, hidden_connect_node/1, passive_cnct/1,
         disconnect/1, async_disconnect/1, monitor_nodes/1, monitor_nodes/2, allow/1, allowed/0, get_net_ticktime/0,
         set_net_ticktime/1, set_net_ticktime/2, setopts/2, getopts/2, node_info/1, node_info/2, nodes_info/0, i/0, i/1,
         verbose/1, epmd_module/0, connecttime/0, publish_on_node/1, protocol_childspecs/0, dflag_unicode_io/1,
         kernel_apply/3, start_link/1]).
-export([begin_/2]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).

-record(state, {info :: map(), target :: undefined | {pos_integer(), reference()}, verbose = 0}).

-define(TRANSITION, 60).
-define(SETUP_TIME, 7000).

%%% ---- being alive ---------------------------------------------------------------------------

-doc "Makes the node alive: [Name], [Name, NameDomain] or [Name, NameDomain, TickTime in milliseconds].".
-spec start([term()]) -> {ok, pid()} | {error, term()}.
start([Name]) -> start([Name, longnames]);
start([Name, Domain]) -> start(Name, #{name_domain => Domain});
start([Name, Domain, Ticktime]) ->
    start(Name, #{name_domain => Domain, net_ticktime => max(1, (Ticktime * 4 - 1) div 4000 + 1), net_tickintensity => 4}).

-doc "Makes the node alive.".
-spec start(node(), map()) -> {ok, pid()} | {error, term()}.
start(Name, Options) when is_atom(Name), is_map(Options) ->
    Known = [name_domain, net_ticktime, net_tickintensity, dist_listen, hidden],
    case maps:without(Known, Options) of
        More when map_size(More) > 0 -> erlang:error(badarg, [Name, Options]);
        _ ->
            case Options of
                #{name_domain := D} when D =/= shortnames, D =/= longnames -> erlang:error(badarg, [Name, Options]);
                _ -> told(begin_(atom_to_list(Name), maps:merge(#{name_domain => longnames, started => dynamic}, Options)))
            end
    end;
start(Name, Options) -> erlang:error(badarg, [Name, Options]).

told({error, {text, Text}}) ->
    error_logger:info_msg("~ts~n", [Text]),
    {error, {{shutdown, {failed_to_start_child, net_kernel, {'EXIT', nodistribution}}}, net_kernel}};
told(Other) -> Other.

-doc false.
start_link(#{name := Name} = Options) -> begin_(atom_to_list(Name), maps:remove(name, Options)).

-doc false.
%% {text, Text} is an error that the user of a command line is told.
-spec begin_(string(), map()) -> {ok, pid()} | {error, term()}.
begin_(Name, Options) ->
    case whereis(?MODULE) of
        undefined ->
            case full_name(Name, Options) of
                {ok, Full} -> begin_named(Full, Options);
                Error -> Error
            end;
        Pid -> {error, {already_started, Pid}}
    end.

full_name(Name, #{name_domain := Domain}) ->
    case string:split(Name, "@", all) of
        [Alias] -> with_host(Alias, own_host(Domain), Domain);
        [Alias, Host] -> with_host(Alias, Host, Domain);
        _ -> invalid(Name)
    end.

with_host(_, undefined, _) -> {error, {text, "Can't set long node name!\nPlease check your configuration\n"}};
with_host(Alias, Host, Domain) ->
    Dotted = lists:any(fun(C) -> C =:= $. orelse C =:= $: end, Host),
    Valid = Alias =/= "" andalso Host =/= ""
        andalso lists:all(fun(C) -> C >= $0 andalso C =< $9 orelse C >= $A andalso C =< $Z orelse C >= $a andalso C =< $z
                                        orelse C =:= $_ orelse C =:= $- end, Alias)
        andalso lists:all(fun(C) -> C > $\s andalso C < 256 end, Host),
    if
        not Valid -> invalid(Alias ++ "@" ++ Host);
        Domain =:= shortnames, Dotted -> {error, {text, "Can't set short node name!\nPlease check your configuration\n"}};
        Domain =:= longnames, not Dotted -> {error, {text, "Can't set long node name!\nPlease check your configuration\n"}};
        true -> {ok, Alias ++ "@" ++ Host}
    end.

invalid(Name) -> {error, {text, "Protocol 'inet_tcp': invalid node name: " ++ Name}}.

own_host(shortnames) ->
    {ok, Host} = inet:gethostname(),
    hd(string:split(Host, "."));
own_host(longnames) ->
    {ok, Host} = inet:gethostname(),
    case inet:gethostbyname(Host) of
        {ok, Entry} ->
            case [N || N <- [Host, element(2, Entry) | element(3, Entry)], lists:member($., N)] of
                [Full | _] -> Full;
                [] -> undefined
            end;
        _ -> undefined
    end.

begin_named(Full, Options) ->
    Flags = case init:get_argument(setcookie) of
                {ok, Given} -> Given;
                error -> []
            end,
    case auth:own(Flags) of
        {ok, Cookie, Others} -> begin_with(Full, Cookie, Others, Options);
        {error, Text} -> {error, {text, Text}}
    end.

begin_with(Full, Cookie, Others, Options) ->
    Seconds = option(net_ticktime, Options, 60),
    Config = #{name => Full, cookie => Cookie,
               hidden => maps:get(hidden, Options, flag(hidden)),
               low_port => env(inet_dist_listen_min, fixed_port(Full)),
               high_port => env(inet_dist_listen_max, env(inet_dist_listen_min, fixed_port(Full))),
               no_listen => not maps:get(dist_listen, Options, not flag(dist_listen, ["false"])),
               no_epmd => init:get_argument(erl_epmd_port) =/= error,
               start_epmd => not flag(start_epmd, ["false"]),
               ticktime => Seconds * 1000, tick_intensity => option(net_tickintensity, Options, 4),
               setup_time => connecttime(), auto_connect => env(dist_auto_connect, always),
               address => address(env(inet_dist_use_interface, any))},
    case gerl_dist:start(Config) of
        ok ->
            _ = [erlang:set_cookie(N, C) || {N, C} <- Others],
            Info = #{name => list_to_atom(Full), name_domain => maps:get(name_domain, Options), name_type => static,
                     started => maps:get(started, Options)},
            {ok, Pid} = gen_server:start({local, ?MODULE}, ?MODULE, Info, []),
            start_servers(),
            {ok, Pid};
        {error, duplicate_name} ->
            {error, {text, "Protocol 'inet_tcp': the name " ++ Full ++ " seems to be in use by another Erlang node"}};
        {error, {epmd, Text}} ->
            {error, {text, "Protocol 'inet_tcp': register/listen error: epmd cannot be reached (" ++ Text ++ ")"}};
        {error, not_supported_in_seeded_runs} ->
            {error, {text, "gerl: a run with --seed cannot be distributed: what other nodes do is not recorded"}};
        {error, Reason} -> {error, {text, lists:flatten(io_lib:format("Protocol 'inet_tcp': register/listen error: ~tp", [Reason]))}}
    end.

%% What other nodes expect to find.
start_servers() ->
    _ = rpc:start(),
    case global:start() of
        {ok, _} -> ok;
        {error, {already_started, _}} -> kernel:awaken(global_name_server) % it is to hear of nodes
    end.

option(Key, Options, Default) -> maps:get(Key, Options, env(Key, Default)).

env(Key, Default) -> application:get_env(kernel, Key, Default).

flag(Name) -> init:get_argument(Name) =/= error.

flag(Name, Values) ->
    case init:get_argument(Name) of
        {ok, Given} -> lists:member(Values, Given);
        error -> false
    end.

address(any) -> "";
address(Ip) when is_tuple(Ip) -> inet:ntoa(Ip);
address(Ip) -> Ip.

fixed_port(Full) ->
    {ok, Port} = erl_epmd:listen_port_please(hd(string:split(Full, "@")), ""),
    Port.

-doc "Ends all connections; the node is not alive any more. Only where net_kernel:start/2 made it alive.".
-spec stop() -> ok | {error, not_allowed | not_found}.
stop() ->
    case whereis(?MODULE) of
        undefined -> {error, not_found};
        Pid -> gen_server:call(Pid, stop, infinity)
    end.

-doc "Whether the node is alive, under which name, and what made it so.".
-spec get_state() -> map().
get_state() ->
    case whereis(?MODULE) of
        undefined -> #{started => no};
        Pid -> gen_server:call(Pid, get_state, infinity)
    end.

-doc "Whether nodes have long names; ignored while the node is not alive.".
-spec longnames() -> boolean() | ignored.
longnames() ->
    case get_state() of
        #{name_domain := Domain} -> Domain =:= longnames;
        _ -> ignored
    end.

-doc "The name of the node; ignored while it is not alive.".
-spec nodename() -> node() | ignored.
nodename() ->
    case get_state() of
        #{name := Name} -> Name;
        _ -> ignored
    end.

%%% ---- connections ---------------------------------------------------------------------------

-doc "Connects to a node, if that is not so already.".
-spec connect_node(node()) -> boolean() | ignored.
connect_node(Node) when is_atom(Node) ->
    case erlang:is_alive() of
        true -> gerl_dist:connect(Node);
        false -> ignored
    end.

-doc "Connects to a node. Whether the nodes are hidden from each other follows from what they are.".
-spec hidden_connect_node(node()) -> boolean() | ignored.
hidden_connect_node(Node) -> connect_node(Node).

-doc "Connects to a node.".
-spec passive_cnct(node()) -> boolean() | ignored.
passive_cnct(Node) -> connect_node(Node).

-doc "Ends the connection to a node.".
-spec disconnect(node()) -> boolean() | ignored.
disconnect(Node) -> erlang:disconnect_node(Node).

-doc "Ends the connection to a node.".
-spec async_disconnect(node()) -> boolean() | ignored.
async_disconnect(Node) -> erlang:disconnect_node(Node).

-doc "Has the caller told of nodes that come and go: {nodeup, Node} and {nodedown, Node}; or no longer.".
-spec monitor_nodes(boolean()) -> ok | error | {error, term()}.
monitor_nodes(On) when is_boolean(On) -> gerl_dist:watch(On, [visible]);
monitor_nodes(_) -> error.

-doc "As monitor_nodes/1; messages have information as a third element: a list, or a map if the options are one.".
-spec monitor_nodes(boolean(), [term()] | map()) -> ok | error | {error, term()}.
monitor_nodes(On, Options) when is_boolean(On), is_list(Options) ->
    watch(On, [case O of {_, _} -> O; _ -> {O, true} end || O <- Options], Options, [info]);
monitor_nodes(On, Options) when is_boolean(On), is_map(Options) -> watch(On, maps:to_list(Options), Options, [info, map]);
monitor_nodes(_, _) -> error.

watch(On, Pairs, Options, Form) ->
    case lists:foldl(fun wanted/2, {[], [], []}, Pairs) of
        {_, _, [_ | _]} when is_map(Options) -> {error, {bad_option_value, Options}};
        {_, [_ | _] = Unknown, _} -> {error, {unknown_options, lists:reverse(Unknown)}};
        {_, _, [Bad | _]} -> {error, {bad_option_value, Bad}};
        {Wanted, [], []} ->
            Kinds = case [K || K <- Wanted, K =:= visible orelse K =:= hidden] of
                        [] -> [visible];
                        _ -> []
                    end,
            gerl_dist:watch(On, Kinds ++ lists:usort(Wanted) ++ Form)
    end.

wanted({node_type, all}, {Wanted, U, B}) -> {[visible, hidden, node_type | Wanted], U, B};
wanted({node_type, Type}, {Wanted, U, B}) when Type =:= visible; Type =:= hidden -> {[Type, node_type | Wanted], U, B};
wanted({Key, true}, {Wanted, U, B}) when Key =:= nodedown_reason; Key =:= connection_id -> {[Key | Wanted], U, B};
wanted({Key, false}, Acc) when Key =:= nodedown_reason; Key =:= connection_id -> Acc;
wanted({Key, _} = Pair, {Wanted, U, B}) when Key =:= node_type; Key =:= nodedown_reason; Key =:= connection_id ->
    {Wanted, U, [Pair | B]};
wanted({Key, true}, {Wanted, U, B}) -> {Wanted, [Key | U], B};
wanted(Pair, {Wanted, U, B}) -> {Wanted, [Pair | U], B}.

-doc "Lets only these nodes, and those allowed before, connect.".
-spec allow([node()]) -> ok | error.
allow(Nodes) when is_list(Nodes) ->
    case lists:all(fun is_atom/1, Nodes) of
        true -> gerl_dist:allow(Nodes);
        false -> error
    end;
allow(_) -> error.

-doc "The nodes that may connect; none: all.".
-spec allowed() -> {ok, [node()]} | ignored.
allowed() ->
    case erlang:is_alive() of
        true -> {ok, gerl_dist:allowed()};
        false -> ignored
    end.

-doc "How many seconds a connection may be silent.".
-spec get_net_ticktime() -> pos_integer() | {ongoing_change_to, pos_integer()} | ignored.
get_net_ticktime() -> request(ticktime).

-doc "Changes how many seconds a connection may be silent.".
-spec set_net_ticktime(pos_integer()) -> unchanged | change_initiated | {ongoing_change_to, pos_integer()} | ignored.
set_net_ticktime(Seconds) -> set_net_ticktime(Seconds, ?TRANSITION).

-doc "Changes how many seconds a connection may be silent; other nodes should do so within the second time.".
-spec set_net_ticktime(pos_integer(), non_neg_integer()) ->
          unchanged | change_initiated | {ongoing_change_to, pos_integer()} | ignored.
set_net_ticktime(Seconds, Transition) when is_integer(Seconds), Seconds > 0, is_integer(Transition), Transition >= 0 ->
    request({ticktime, Seconds, Transition}).

request(Request) ->
    case whereis(?MODULE) of
        undefined -> ignored;
        Pid -> gen_server:call(Pid, Request, infinity)
    end.

-doc "Options of the sockets of connections cannot be changed yet.".
-spec setopts(node() | new, [term()]) -> ok | {error, term()} | ignored.
setopts(_NodeOrNew, []) -> ok;
setopts(_NodeOrNew, _Options) -> {error, not_supported}.

-doc "Options of the sockets of connections cannot be read yet.".
-spec getopts(node(), [term()]) -> {ok, list()} | {error, term()} | ignored.
getopts(_Node, []) -> {ok, []};
getopts(_Node, _Options) -> {error, not_supported}.

-doc "What is known of the connections: {ok, [{Node, Info}]}.".
-spec nodes_info() -> {ok, [{node(), [{atom(), term()}]}]} | ignored.
nodes_info() ->
    case erlang:is_alive() of
        true -> {ok, [{element(1, N), about(N)} || N <- gerl_dist:nodes()]};
        false -> ignored
    end.

about({_Node, _Id, Hidden, Address, In, Out, Port}) ->
    [{owner, whereis(?MODULE)}, {state, up}, {address, endpoint(Address)},
     {type, case Hidden of true -> hidden; false -> normal end}, {in, In}, {out, Out}, {port, Port}].

endpoint(Text) ->
    case string:split(Text, ":", trailing) of
        [Ip, Port] ->
            case inet:parse_address(string:trim(Ip, both, "[]")) of
                {ok, Address} -> {Address, list_to_integer(Port)};
                _ -> Text
            end;
        _ -> Text
    end.

-doc "What is known of the connection to a node.".
-spec node_info(node()) -> {ok, [{atom(), term()}]} | {error, bad_node} | ignored.
node_info(Node) ->
    case nodes_info() of
        {ok, Nodes} ->
            case lists:keyfind(Node, 1, Nodes) of
                {_, Info} -> {ok, Info};
                false -> {error, bad_node}
            end;
        ignored -> ignored
    end.

-doc "One thing that is known of the connection to a node.".
-spec node_info(node(), atom()) -> {ok, term()} | {error, bad_node | no_info} | ignored.
node_info(Node, Key) ->
    case node_info(Node) of
        {ok, Info} ->
            case lists:keyfind(Key, 1, Info) of
                {_, Value} -> {ok, Value};
                false -> {error, invalid_key}
            end;
        Other -> Other
    end.

-doc "Prints what is known of the connections.".
-spec i() -> ok | ignored.
i() -> printed(nodes_info()).

-doc "Prints what is known of the connection to a node.".
-spec i(node()) -> ok | {error, bad_node} | ignored.
i(Node) ->
    case node_info(Node) of
        {ok, Info} -> printed({ok, [{Node, Info}]});
        Other -> Other
    end.

printed({ok, Nodes}) ->
    lists:foreach(fun({Node, Info}) ->
                          io:format("~nNode     = ~w~n", [Node]),
                          [io:format("~-8w = ~tp~n", [K, V]) || {K, V} <- Info]
                  end, Nodes);
printed(ignored) -> ignored.

-doc "Sets how much is told of connections; nothing more is told at any level.".
-spec verbose(integer()) -> {ok, integer()} | ignored.
verbose(Level) -> request({verbose, Level}).

-doc "The module that speaks with epmd.".
-spec epmd_module() -> module().
epmd_module() -> erl_epmd.

-doc "The milliseconds that setting up a connection may take.".
-spec connecttime() -> pos_integer().
connecttime() ->
    case env(net_setuptime, ?SETUP_TIME div 1000) of
        Seconds when is_number(Seconds), Seconds > 0, Seconds =< 120 -> round(Seconds * 1000);
        Seconds when is_number(Seconds), Seconds > 120 -> 120000;
        _ -> ?SETUP_TIME
    end.

-doc false.
publish_on_node(_Node) -> true.

-doc false.
protocol_childspecs() -> [].

-doc false.
dflag_unicode_io(_Pid) -> true.

-doc false.
kernel_apply(M, F, A) -> apply(M, F, A).

%%% ---- the process ---------------------------------------------------------------------------

-doc false.
init(Info) ->
    process_flag(trap_exit, true),
    {ok, #state{info = Info}}.

-doc false.
handle_call({is_auth, _Node}, _From, S) -> {reply, yes, S};
handle_call(get_state, _From, S) -> {reply, S#state.info, S};
handle_call(stop, _From, #state{info = #{started := static}} = S) -> {reply, {error, not_allowed}, S};
handle_call(stop, _From, S) -> {stop, shutdown, ok, S};
handle_call(ticktime, _From, #state{target = undefined} = S) -> {reply, seconds(), S};
handle_call(ticktime, _From, #state{target = {T, _}} = S) -> {reply, {ongoing_change_to, T}, S};
handle_call({ticktime, _, _}, _From, #state{target = {T, _}} = S) -> {reply, {ongoing_change_to, T}, S};
handle_call({ticktime, T, Transition}, _From, S) ->
    case seconds() of
        T -> {reply, unchanged, S};
        Old ->
            %% Ticks may come more often at once; silence is borne as long as before until all nodes know.
            Old < T andalso gerl_dist:ticktime(T * 1000),
            {reply, change_initiated, S#state{target = {T, erlang:start_timer(Transition * 1000, self(), ticktime)}}}
    end;
handle_call({verbose, Level}, _From, S) -> {reply, {ok, S#state.verbose}, S#state{verbose = Level}};
handle_call(_, _From, S) -> {reply, {error, badarg}, S}.

seconds() -> max(1, gerl_dist:ticktime() div 1000).

-doc false.
handle_cast(_, S) -> {noreply, S}.

-doc false.
handle_info({timeout, Timer, ticktime}, #state{target = {T, Timer}} = S) ->
    gerl_dist:ticktime(T * 1000),
    {noreply, S#state{target = undefined}};
handle_info(_, S) -> {noreply, S}.

-doc false.
terminate(_, _) ->
    _ = gerl_dist:stop(),
    ok.
