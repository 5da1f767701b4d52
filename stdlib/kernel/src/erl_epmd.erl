-module(erl_epmd).
-moduledoc "Questions to epmd, the daemon that knows the nodes of a host. The node registers itself (gerl_dist).".

-export([names/0, names/1, port_please/2, port_please/3, address_please/3, listen_port_please/2, start/0, stop/0]).

-export_type([host/0]).

-type host() :: atom() | string() | inet:ip_address().

-define(TIME, 10000).

-doc "Does nothing: the node itself speaks with epmd.".
-spec start() -> ignore.
start() -> ignore.

-doc "Does nothing.".
-spec stop() -> ok.
stop() -> ok.

-doc "The nodes of this host with their ports.".
-spec names() -> {ok, [{string(), inet:port_number()}]} | {error, address | file:posix()}.
names() -> listed("").

-doc "The nodes of a host with their ports.".
-spec names(host()) -> {ok, [{string(), inet:port_number()}]} | {error, address | file:posix()}.
names(Host) ->
    case is_tuple(Host) orelse inet:gethostbyname(Host) of
        {error, _} -> {error, nxdomain};
        _ -> listed(text(Host))
    end.

listed(Host) ->
    case gerl_dist:epmd_names(Host) of
        {error, _} -> {error, address};
        Names -> Names
    end.

text(Host) when is_tuple(Host) -> inet:ntoa(Host);
text(Host) when is_atom(Host) -> atom_to_list(Host);
text(Host) -> Host.

-doc "The port of a node and the version of its protocol.".
-spec port_please(atom() | string(), host()) -> {port, inet:port_number(), non_neg_integer()} | noport | closed | {error, term()}.
port_please(Name, Host) -> port_please(Name, Host, ?TIME).

-doc "The port of a node and the version of its protocol, within a time.".
-spec port_please(atom() | string(), host(), timeout()) ->
          {port, inet:port_number(), non_neg_integer()} | noport | closed | {error, term()}.
port_please(Name, Host, infinity) -> port_please(Name, Host, ?TIME);
port_please(Name, Host, Time) ->
    case gerl_dist:epmd_port(text(Name), text(Host), Time) of
        {ok, Port, Version} -> {port, Port, Version};
        {error, noport} -> noport;
        {error, _} -> noport
    end.

-doc "The address of a host.".
-spec address_please(string(), string() | inet:ip_address(), inet | inet6) -> {ok, inet:ip_address()} | {error, term()}.
address_please(_Name, Host, Family) -> inet:getaddr(Host, Family).

-doc "The port that a node is to listen at, 0 for any.".
-spec listen_port_please(atom() | string(), string()) -> {ok, inet:port_number()}.
listen_port_please(_Name, _Host) ->
    case init:get_argument(erl_epmd_port) of
        {ok, [[Port | _] | _]} -> {ok, list_to_integer(Port)};
        _ -> {ok, 0}
    end.
