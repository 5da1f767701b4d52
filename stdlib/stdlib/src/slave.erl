-module(slave).
-moduledoc """
Nodes that depend on the one that starts them. Superseded by `peer`.

Slaves run on the host of the node that starts them, which must be alive. Starting them on other hosts is not supported.
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

%% Nodes on this host are started as peers. Another process than the caller starts them: slaves outlive it, unless they are linked.
launch(Host, Name, Arguments, LinkTo) ->
    erlang:is_alive() orelse exit(not_alive),
    Here = hd(tl(string:split(atom_to_list(node()), "@"))),
    At = if is_atom(Host) -> atom_to_list(Host); true -> Host end,
    Node = list_to_atom(lists:concat([Name, "@", At])),
    case At =:= Here orelse At =:= "localhost" of
        false -> exit({not_supported, {other_host, At}});
        true ->
            case net_adm:ping(Node) of
                pong -> {error, {already_running, Node}};
                pang -> begun(Node, Name, At, string:lexemes(Arguments, " "), LinkTo)
            end
    end.

begun(Node, Name, Host, Words, LinkTo) ->
    Ref = make_ref(),
    Caller = self(),
    Starter = spawn(fun() -> keeper(Caller, Ref, #{name => Name, host => Host, args => Words, longnames => net_kernel:longnames()}, LinkTo) end),
    Monitor = monitor(process, Starter),
    Answer = receive
                 {Ref, ok} -> {ok, Node};
                 {'DOWN', Monitor, process, _, _} -> {error, timeout}
             end,
    demonitor(Monitor, [flush]),
    Answer.

%% Owns the peer, so that it ends with this node; and with the process that it is linked to.
keeper(Caller, Ref, Options, LinkTo) ->
    process_flag(trap_exit, true),
    {ok, Peer, _} = peer:start_link(Options#{wait_boot => 32000}),
    _ = [link(LinkTo) || is_pid(LinkTo)],
    Caller ! {Ref, ok},
    receive {'EXIT', From, _} when From =:= LinkTo; From =:= Peer -> From =:= Peer orelse peer:stop(Peer) end.

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
