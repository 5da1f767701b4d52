-module(global_group).
-moduledoc """
Groups of nodes with names of their own, as the parameter `global_groups` of kernel defines them: where names of other groups are, and who belongs to which.

What a group's nodes know of names they ask `m:global`; another group's nodes are asked one after the other. Nodes of different groups are not kept apart here: `global` shares names between all nodes that are connected.
""".

-behaviour(gen_server).

-export([global_groups/0, info/0, monitor_nodes/1, own_nodes/0, registered_names/1, send/2, send/3, sync/0, whereis_name/1, whereis_name/2]).
-export([start/0, start_link/0, stop/0, init/1, handle_call/3, handle_cast/2]).

-export_type([group_name/0, where/0, info_item/0]).

-type group_name() :: atom().
-type where() :: {node, node()} | {group, group_name()}.
-type info_item() :: {atom(), term()}.

-doc "The own group and the names of the others; undefined if there are no groups, or this node is in none.".
-spec global_groups() -> {group_name(), [group_name()]} | undefined.
global_groups() ->
    case divided() of
        {{Own, _}, Others} -> {Own, [Name || {Name, _} <- Others]};
        none -> undefined
    end.

-doc "What is known of the groups.".
-spec info() -> [info_item()].
info() ->
    {State, Name, Members, Others} = case divided() of
                                         {{Own, Nodes}, Rest} -> {synced, Own, Nodes, Rest};
                                         none -> {no_conf, [], [], []}
                                     end,
    {Synced, Apart} = lists:partition(fun(N) -> lists:member(N, nodes()) end, lists:delete(node(), Members)),
    [{state, State}, {own_group_name, Name}, {own_group_nodes, Members}, {synced_nodes, Synced}, {sync_error, Apart}, {no_contact, []},
     {other_groups, Others}, {monitoring, []}].

-doc "Has the caller told of nodes that come and go, as `net_kernel:monitor_nodes/1`.".
-spec monitor_nodes(boolean()) -> ok | {error, not_boolean}.
monitor_nodes(On) when is_boolean(On) ->
    _ = net_kernel:monitor_nodes(On),
    ok;
monitor_nodes(_) -> {error, not_boolean}.

-doc "The nodes of the own group, or all that are connected if there are no groups.".
-spec own_nodes() -> [node()].
own_nodes() ->
    case divided() of
        {{_, Members}, _} -> [N || N <- Members, N =:= node() orelse lists:member(N, nodes())];
        none -> [node() | nodes()]
    end.

-doc "The names that are registered with `m:global` on a node or in a group.".
-spec registered_names(where()) -> [term()].
registered_names(Where) ->
    case is_place(Where) of
        true -> first(Where, registered_names, [], []);
        false -> {illegal_message, {registered_names, Where}}
    end.

-doc "Sends a message to a name of the own group or of any other.".
-spec send(term(), term()) -> pid() | {badarg, {term(), term()}}.
send(Name, Message) -> deliver(whereis_name(Name), Name, Message).

-doc "Sends a message to a name that a node or group knows.".
-spec send(where(), term(), term()) -> pid() | {badarg, {term(), term()}}.
send(Where, Name, Message) -> deliver(whereis_name(Where, Name), Name, Message).

deliver(Pid, _, Message) when is_pid(Pid) ->
    Pid ! Message,
    Pid;
deliver(_, Name, Message) -> {badarg, {Name, Message}}.

-doc "Has the nodes of the own group know each other's names.".
-spec sync() -> ok.
sync() ->
    case divided() of
        {_, _} -> global:sync();
        none -> ok
    end.

-doc "The process of a name in the own group, or in any other.".
-spec whereis_name(term()) -> pid() | undefined.
whereis_name(Name) ->
    case {global:whereis_name(Name), divided()} of
        {undefined, {_, Others}} ->
            Found = [Pid || {Group, _} <- Others, Pid <- [whereis_name({group, Group}, Name)], is_pid(Pid)],
            hd(Found ++ [undefined]);
        {Known, _} -> Known
    end.

-doc "The process of a name that a node or group knows.".
-spec whereis_name(where(), term()) -> pid() | undefined.
whereis_name(Where, Name) ->
    case is_place(Where) of
        true -> first(Where, whereis_name, [Name], undefined);
        false -> {illegal_message, {whereis_name, Where, Name}}
    end.

is_place({group, Name}) -> is_atom(Name);
is_place({node, Name}) -> is_atom(Name);
is_place(_) -> false.

%% What the first node that can be asked says; the default if none can.
first({node, Node}, Function, Args, Default) -> asked([Node], Function, Args, Default);
first({group, Group}, Function, Args, Default) ->
    Groups = case divided() of
                 {Own, Others} -> [Own | Others];
                 none -> []
             end,
    asked(lists:append([Nodes || {Name, Nodes} <- Groups, Name =:= Group]), Function, Args, Default).

asked([Node | _], registered_names, [], _) when Node =:= node() -> global:registered_names();
asked([Node | _], Function, Args, _) when Node =:= node(), node() =/= nonode@nohost -> apply(global, Function, Args);
asked([Node | Nodes], Function, Args, Default) ->
    try erlang:is_alive() andalso erpc:call(Node, global, Function, Args, 5000) of
        false -> Default;
        Answer -> Answer
    catch _:_ -> asked(Nodes, Function, Args, Default)
    end;
asked([], _, _, Default) -> Default.

%% {OwnGroup, OtherGroups}, if there are groups and this node is in one of them.
divided() ->
    Groups = [{element(1, G), element(tuple_size(G), G)} || G <- application:get_env(kernel, global_groups, []), is_tuple(G)],
    case lists:partition(fun({_, Nodes}) -> lists:member(node(), Nodes) end, Groups) of
        {[Own], Others} -> {Own, Others};
        _ -> none
    end.

%%% ---- the process -----------------------------------------------------------------------------------------

-doc false.
start() -> gen_server:start({local, ?MODULE}, ?MODULE, [], []).

-doc false.
start_link() -> kernel:asleep(?MODULE, {server, ?MODULE, []}, self()).

-doc false.
stop() -> gen_server:stop(?MODULE).

-doc false.
init([]) -> {ok, divided()}.

-doc false.
handle_call(_Request, _From, State) -> {reply, {error, badarg}, State}.

-doc false.
handle_cast(_Message, State) -> {noreply, State}.
