-module(prim_inet).
-moduledoc "Sockets one step below gen_tcp and gen_udp, for programs that reach for it. Internal.".

-export([open/3, open/4, bind/3, listen/1, listen/2, connect/3, connect/4, accept/1, accept/2, close/1, shutdown/2, send/2,
         recv/2, recv/3, sockname/1, peername/1, setopt/3, setopts/2, getopt/2, getopts/2, getfd/1, getstat/2, getstatus/1,
         ignorefd/2, unrecv/2, is_sockopt_val/2]).

-doc "Opens a socket.".
-spec open(tcp | udp, inet:address_family(), stream | dgram) -> {ok, port()} | {error, term()}.
open(_Protocol, Family, Type) -> gerl_inet:open(Family, Type, [{active, false}], undefined).

-doc "Opens a socket with options.".
-spec open(tcp | udp, inet:address_family(), stream | dgram, list()) -> {ok, port()} | {error, term()}.
open(_Protocol, Family, Type, Options) -> gerl_inet:open(Family, Type, [{active, false} | Options], undefined).

-doc "Binds a socket to an address and gives the port number.".
-spec bind(port(), term(), integer()) -> {ok, integer()} | {error, term()}.
bind(Socket, Address, Port) ->
    {Family, _, _, _} = gerl_inet:info(Socket),
    case gerl_inet:bind(Socket, gerl_inet_names:target(gerl_inet_names:own(Address, Family), Port)) of
        ok -> inet:port(Socket);
        Error -> Error
    end.

-doc "Waits for connections.".
-spec listen(port()) -> ok | {error, term()}.
listen(Socket) -> listen(Socket, 5).

-doc "Waits for connections with a backlog.".
-spec listen(port(), integer()) -> ok | {error, term()}.
listen(Socket, Backlog) -> gerl_inet:listen(Socket, Backlog).

-doc "Connects.".
-spec connect(port(), term(), integer()) -> ok | {error, term()}.
connect(Socket, Address, Port) -> connect(Socket, Address, Port, infinity).

-doc "Connects within a time.".
-spec connect(port(), term(), integer(), timeout()) -> ok | {error, term()}.
connect(Socket, Address, Port, Timeout) -> gerl_inet:connect(Socket, gerl_inet_names:target(Address, Port), Timeout).

-doc "Takes a connection.".
-spec accept(port()) -> {ok, port()} | {error, term()}.
accept(Socket) -> accept(Socket, infinity).

-doc "Takes a connection within a time.".
-spec accept(port(), timeout()) -> {ok, port()} | {error, term()}.
accept(Socket, Timeout) -> accept0(Socket, [], Timeout).

accept0(Socket, _Options, Timeout) -> gerl_inet:accept(Socket, Timeout).

-doc "Closes a socket.".
-spec close(port()) -> ok.
close(Socket) -> inet:close(Socket).

-doc "Ends a direction.".
-spec shutdown(port(), read | write | read_write) -> ok | {error, term()}.
shutdown(Socket, How) -> gerl_inet:shutdown(Socket, How).

-doc "Sends data.".
-spec send(port(), iodata()) -> ok | {error, term()}.
send(Socket, Data) -> gerl_inet:send(Socket, Data).

-doc "Receives.".
-spec recv(port(), integer()) -> {ok, term()} | {error, term()}.
recv(Socket, Length) -> recv(Socket, Length, infinity).

-doc "Receives within a time.".
-spec recv(port(), integer(), timeout()) -> {ok, term()} | {error, term()}.
recv(Socket, Length, Timeout) -> gerl_inet:recv(Socket, Length, Timeout).

-doc "The own address.".
-spec sockname(port()) -> {ok, term()} | {error, term()}.
sockname(Socket) -> gerl_inet:sockname(Socket).

-doc "The address of the other end.".
-spec peername(port()) -> {ok, term()} | {error, term()}.
peername(Socket) -> gerl_inet:peername(Socket).

-doc "Sets an option.".
-spec setopt(port(), atom(), term()) -> ok | {error, term()}.
setopt(Socket, Name, Value) -> gerl_inet:setopts(Socket, [{Name, Value}]).

-doc "Sets options.".
-spec setopts(port(), list()) -> ok | {error, term()}.
setopts(Socket, Options) -> gerl_inet:setopts(Socket, Options).

-doc "Reads an option.".
-spec getopt(port(), atom()) -> {ok, term()} | {error, term()}.
getopt(Socket, Name) ->
    case gerl_inet:getopts(Socket, [Name]) of
        {ok, [{_, Value}]} -> {ok, Value};
        {ok, []} -> {error, einval};
        Error -> Error
    end.

-doc "Reads options.".
-spec getopts(port(), list()) -> {ok, list()} | {error, term()}.
getopts(Socket, Names) -> gerl_inet:getopts(Socket, Names).

-doc "The number of the operating system's descriptor.".
-spec getfd(port()) -> {ok, integer()} | {error, term()}.
getfd(Socket) -> inet:getfd(Socket).

-doc "Counters.".
-spec getstat(port(), [atom()]) -> {ok, list()} | {error, term()}.
getstat(Socket, Names) -> inet:getstat(Socket, Names).

-doc "The states that a socket is in.".
-spec getstatus(port()) -> {ok, [atom()]} | {error, term()}.
getstatus(Socket) ->
    case gerl_inet:info(Socket) of
        {_, _, _, States} -> {ok, States};
        undefined -> {error, einval}
    end.

-doc "Leaves the descriptor to somebody else: nothing has to be done for that.".
-spec ignorefd(port(), boolean()) -> ok.
ignorefd(_Socket, On) when is_boolean(On) -> ok.

-doc "Puts data back.".
-spec unrecv(port(), iodata()) -> ok | {error, term()}.
unrecv(Socket, Data) -> gerl_inet:unrecv(Socket, Data).

-doc "Whether an option takes a value.".
-spec is_sockopt_val(atom(), term()) -> boolean().
is_sockopt_val(Name, Value) ->
    {ok, Socket} = open(tcp, inet, stream),
    Result = gerl_inet:setopts(Socket, [{Name, Value}]),
    close(Socket),
    Result =/= {error, einval}.
