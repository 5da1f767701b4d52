-module(gen_udp).
-moduledoc "Datagrams over UDP/IP and over local sockets. A socket is a port of the process that opened it.".

-export([open/1, open/2, close/1, send/2, send/3, send/4, send/5, recv/2, recv/3, connect/2, connect/3, controlling_process/2,
         fdopen/2]).

-export_type([option/0, open_option/0, option_name/0, socket/0]).

-type socket() :: port().
-type option() :: {atom(), term()} | {raw, integer(), integer(), binary()} | list | binary.
-type open_option() :: option() | inet:address_family() | {ip | ifaddr | fd | udp_module, term()}.
-type option_name() :: atom() | {raw, integer(), integer(), integer() | binary()}.

-doc "Opens a socket on a port; 0: any that is free.".
-spec open(inet:port_number()) -> {ok, socket()} | {error, system_limit | inet:posix()}.
open(Port) -> open(Port, []).

-doc "Opens a socket on a port with options.".
-spec open(inet:port_number(), [open_option()]) -> {ok, socket()} | {error, system_limit | inet:posix()}.
open(Port, Options) ->
    Family = gerl_inet_options:module_family(Options, undefined),
    is_integer(Port) andalso (Port < 0 orelse Port > 65535) andalso exit(badarg),
    {ok, Number} = gerl_inet_names:port_number(Port, Family, udp),
    case gerl_inet_options:parse(udp, Options, undefined) of
        {ok, Parsed} -> open_parsed(Number, Parsed);
        {error, Reason} -> exit(Reason)
    end.

open_parsed(Number, #{family := Family, options := Options, fd := FD, address := Address, port := Own} = Parsed) ->
    case gerl_inet:open(Family, dgram, Options, FD) of
        {ok, Socket} ->
            Port = case Number of 0 -> Own; _ -> Number end,
            case bind(Socket, Family, Address, Port, Parsed) of
                ok -> {ok, Socket};
                Error ->
                    gerl_inet:close(Socket),
                    Error
            end;
        {error, einval} when FD =:= undefined -> exit(badarg);
        Error -> Error
    end.

bind(_, _, _, _, #{fd := FD}) when is_integer(FD) -> ok;
bind(_, local, any, _, _) -> ok;
bind(Socket, Family, Address, Port, _) ->
    gerl_inet:bind(Socket, gerl_inet_names:target(gerl_inet_names:own(Address, Family), Port)).

-doc "Closes a socket.".
-spec close(socket()) -> ok.
close(Socket) when is_port(Socket) -> inet:udp_close(Socket).

-doc "Sends a datagram to the address that the socket is connected to.".
-spec send(socket(), iodata()) -> ok | {error, not_owner | inet:posix()}.
send(Socket, Data) when is_port(Socket) ->
    open_or_closed(Socket, fun() -> gerl_inet:send_to(Socket, undefined, Data, []) end).

-doc "Sends a datagram to an address: {IP, Port}, {local, Path} or a map.".
-spec send(socket(), term(), iodata()) -> ok | {error, not_owner | inet:posix()}.
send(Socket, Destination, Data) -> send(Socket, Destination, [], Data).

-doc "Sends a datagram to a host and port, or with control data to an address.".
-spec send(socket(), term(), term(), iodata()) -> ok | {error, not_owner | inet:posix()}.
send(Socket, #{family := local, path := Path}, Control, Data) -> send(Socket, {local, Path}, 0, Control, Data);
send(Socket, #{addr := Address, port := Port} = Full, Control, Data) ->
    send(Socket, gerl_inet_names:with_scope(Address, Full), Port, Control, Data);
send(Socket, {local, _} = Address, Control, Data) when is_list(Control) -> send(Socket, Address, 0, Control, Data);
send(Socket, {_, Port} = Destination, Control, Data) when is_list(Control), is_port(Socket) ->
    case Destination of
        {Tag, {Host, Number}} when Tag =:= inet; Tag =:= inet6 -> send(Socket, Host, Number, Control, Data);
        {Host, _} -> send(Socket, Host, Port, Control, Data)
    end;
send(Socket, Host, Port, Data) -> send(Socket, Host, Port, [], Data).

-doc "Sends a datagram with control data to a host and port.".
-spec send(socket(), term(), inet:port_number() | atom(), list(), iodata()) -> ok | {error, not_owner | inet:posix()}.
send(Socket, Host, Port, Control, Data) when is_port(Socket) ->
    open_or_closed(Socket,
        fun() ->
            Family = family(Socket),
            case gerl_inet_names:addresses(Host, Family, infinity) of
                {ok, [Address | _]} -> send_number(Socket, Address, Port, Control, Data);
                {error, einval} -> exit(badarg);
                Error -> Error
            end
        end).

send_number(Socket, {local, _} = Address, _, Control, Data) ->
    gerl_inet:send_to(Socket, gerl_inet_names:target(Address, 0), Data, Control);
send_number(Socket, Address, Port, Control, Data) when is_atom(Port); Port >= 0, Port =< 65535 ->
    case gerl_inet_names:port_number(Port, inet, udp) of
        {ok, Number} -> gerl_inet:send_to(Socket, gerl_inet_names:target(Address, Number), Data, Control);
        Error -> Error
    end.

family(Socket) ->
    case gerl_inet:info(Socket) of
        {Family, _, _, _} -> Family;
        undefined -> inet
    end.

open_or_closed(Socket, F) ->
    case gerl_inet:owner(Socket) of
        undefined -> {error, closed};
        _ -> F()
    end.

-doc "Receives a datagram.".
-spec recv(socket(), non_neg_integer()) -> {ok, tuple()} | {error, not_owner | inet:posix()}.
recv(Socket, Length) -> recv(Socket, Length, infinity).

-doc "Receives a datagram within a time.".
-spec recv(socket(), non_neg_integer(), timeout()) -> {ok, tuple()} | {error, not_owner | timeout | inet:posix()}.
recv(Socket, Length, Timeout) when is_port(Socket), is_integer(Length) ->
    open_or_closed(Socket,
        fun() when Length < 0 -> {error, einval};
           () -> gerl_inet:recv(Socket, Length, Timeout)
        end).

-doc "Connects the socket to the address of a map.".
-spec connect(socket(), map()) -> ok | {error, inet:posix()}.
connect(Socket, #{family := local, path := Path}) -> connect(Socket, {local, Path}, 0);
connect(Socket, #{addr := Address, port := Port} = Full) -> connect(Socket, gerl_inet_names:with_scope(Address, Full), Port).

-doc "Connects the socket to a host and port: send/2 sends there, and only what comes from there is received.".
-spec connect(socket(), term(), inet:port_number() | atom()) -> ok | {error, inet:posix()}.
connect(Socket, Host, Port) when is_port(Socket) ->
    open_or_closed(Socket,
        fun() ->
            case gerl_inet_names:addresses(Host, family(Socket), infinity) of
                {ok, [Address | _]} -> gerl_inet:connect(Socket, gerl_inet_names:target(Address, Port), infinity);
                Error -> Error
            end
        end).

-doc "Makes another process the owner of the socket.".
-spec controlling_process(socket(), pid()) -> ok | {error, closed | not_owner | badarg | inet:posix()}.
controlling_process(Socket, NewOwner) when is_port(Socket) ->
    open_or_closed(Socket, fun() -> inet:udp_controlling_process(Socket, NewOwner) end).

-doc false.
-spec fdopen(integer(), [option()]) -> {ok, socket()} | {error, term()}.
fdopen(FD, Options) when is_integer(FD) -> open(0, [{fd, FD} | Options]).
