-module(net_adm).
-moduledoc "Finding nodes: the hosts of a network, the nodes on a host, whether a node answers.".

-export([ping/1, ping_list/1, names/0, names/1, world/0, world/1, world_list/1, world_list/2, host_file/0, localhost/0, dns_hostname/1]).

-type verbosity() :: silent | verbose.

-doc "The hosts that .hosts.erlang names: in the current directory, the home directory or OTP's root.".
-spec host_file() -> [atom()] | {error, term()}.
host_file() ->
    Home = case init:get_argument(home) of
               {ok, [[Dir | _] | _]} -> [Dir];
               _ -> []
           end,
    case file:path_consult(["." | Home] ++ [code:root_dir()], ".hosts.erlang") of
        {ok, Hosts, _} -> Hosts;
        Error -> Error
    end.

-doc "The name of this host, with its domain if the node uses long names.".
-spec localhost() -> string().
localhost() ->
    {ok, Name} = inet:gethostname(),
    case node() of
        nonode@nohost -> full(Name);
        Node ->
            case string:split(atom_to_list(Node), "@") of
                [_, Host] -> Host;
                _ -> Name
            end
    end.

full(Name) ->
    case inet:gethostbyname(Name) of
        {ok, Entry} -> hd([N || N <- [element(2, Entry) | element(3, Entry)], lists:member($., N)] ++ [Name]);
        _ -> Name
    end.

-doc "The full name of a host.".
-spec dns_hostname(atom() | string()) -> {ok, string()} | {error, atom() | string()}.
dns_hostname(Host) ->
    case inet:gethostbyname(Host) of
        {ok, Entry} -> {ok, element(2, Entry)};
        _ -> {error, Host}
    end.

-doc "Connects to a node: pong if it answers.".
-spec ping(atom()) -> pong | pang.
ping(Node) when is_atom(Node) ->
    try gen:call({net_kernel, Node}, '$gen_call', {is_auth, node()}, infinity) of
        {ok, yes} -> pong;
        _ ->
            erlang:disconnect_node(Node),
            pang
    catch _:_ -> pang
    end.

-doc "Those of the nodes that answer.".
-spec ping_list([node()]) -> [node()].
ping_list(Nodes) -> [N || N <- Nodes, ping(N) =:= pong].

-doc "The nodes of this host with their ports.".
-spec names() -> {ok, [{string(), inet:port_number()}]} | {error, address | file:posix()}.
names() -> erl_epmd:names().

-doc "The nodes of a host with their ports.".
-spec names(atom() | string() | inet:ip_address()) -> {ok, [{string(), inet:port_number()}]} | {error, address | file:posix()}.
names(Host) -> erl_epmd:names(Host).

-doc "Connects to all nodes of the hosts in .hosts.erlang.".
-spec world() -> [node()].
world() -> world(silent).

-doc "Connects to all nodes of the hosts in .hosts.erlang; verbose tells of each.".
-spec world(verbosity()) -> [node()].
world(Verbosity) ->
    case host_file() of
        {error, R} -> exit({error, R});
        Hosts -> world_list(Hosts, Verbosity)
    end.

-doc "Connects to all nodes of hosts.".
-spec world_list([atom()]) -> [node()].
world_list(Hosts) when is_list(Hosts) -> world_list(Hosts, silent).

-doc "Connects to all nodes of hosts; verbose tells of each.".
-spec world_list([atom()], verbosity()) -> [node()].
world_list(Hosts, Verbosity) -> lists:append([greet(H, Verbosity) || H <- Hosts]).

greet(Host, Verbosity) ->
    case names(Host) of
        {ok, Names} ->
            Nodes = [list_to_atom(lists:concat([Name, "@", Host])) || {Name, _} <- Names],
            [N || N <- Nodes, greeted(N, Verbosity) =:= pong];
        {error, _} ->
            Verbosity =:= verbose andalso io:format("Cannot contact ~w~n", [Host]),
            []
    end.

greeted(Node, silent) -> ping(Node);
greeted(Node, verbose) ->
    io:format("Pinging ~w -> ", [Node]),
    Answer = ping(Node),
    io:format("~w~n", [Answer]),
    Answer.
