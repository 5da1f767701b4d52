-module(slave).
-moduledoc """
Nodes that depend on the one that starts them. Superseded by `peer`.

Slave nodes need distribution, which gerl does not have yet: a node that is not alive cannot start any. What works without
it are the pseudo servers.
""".
-moduledoc #{deprecated => "Use the module 'peer' instead"}.

-deprecated([{'_', '_', "use the 'peer' module instead"}]).

-export([start/1, start/2, start/3, start_link/1, start_link/2, start_link/3, stop/1, pseudo/1, pseudo/2, relay/1]).

-type result() :: {ok, node()} | {error, timeout | no_rsh | {already_running, node()}}.

-doc "Starts a node on a host, with the name of this node.".
-spec start(inet:hostname()) -> result().
start(Host) -> start(Host, own_name()).

-doc "The same as `start(Host, Name, [])`.".
-spec start(inet:hostname(), atom() | string()) -> result().
start(Host, Name) -> start(Host, Name, []).

-doc "Starts the node `Name@Host` with command line arguments. Fails with `not_alive` where this node is not alive.".
-spec start(inet:hostname(), atom() | string(), string()) -> result().
start(Host, Name, Arguments) -> launch(Host, Name, Arguments, none).

-doc "Like `start/1`; the node stops when the calling process ends.".
-spec start_link(inet:hostname()) -> result().
start_link(Host) -> start_link(Host, own_name()).

-doc "Like `start/2`; the node stops when the calling process ends.".
-spec start_link(inet:hostname(), atom() | string()) -> result().
start_link(Host, Name) -> start_link(Host, Name, []).

-doc "Like `start/3`; the node stops when the calling process ends.".
-spec start_link(inet:hostname(), atom() | string(), string()) -> result().
start_link(Host, Name, Arguments) -> launch(Host, Name, Arguments, self()).

own_name() -> hd(string:split(atom_to_list(node()), "@")).

launch(_Host, _Name, _Arguments, _LinkTo) ->
    case erlang:is_alive() of
        false -> exit(not_alive);
        true -> exit(not_supported)
    end.

-doc "Stops a node.".
-spec stop(node()) -> ok.
stop(Node) ->
    _ = rpc:call(Node, erlang, halt, []),
    ok.

-doc "The same as `pseudo(Master, Servers)`, for the command line.".
-spec pseudo([node() | [atom()]]) -> ok.
pseudo([Master | Servers]) -> pseudo(Master, Servers).

-doc "Registers processes under the given names that pass on what they get to the processes of these names on another node.".
-spec pseudo(node(), [atom()]) -> ok.
pseudo(_, []) -> ok;
pseudo(Master, [Name | Names]) ->
    case whereis(Name) of
        undefined -> register(Name, spawn(fun() -> relay(rpc:call(Master, erlang, whereis, [Name])) end));
        _ -> ok
    end,
    pseudo(Master, Names).

-doc "Passes on all messages to a process, for ever.".
-spec relay(pid()) -> no_return().
relay(Pid) ->
    receive
        Message -> Pid ! Message
    end,
    relay(Pid).
