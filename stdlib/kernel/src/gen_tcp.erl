-module(gen_tcp).
-moduledoc """
Streams over TCP/IP and over local sockets.

A socket is a port of the process that opened it. In active mode what comes in reaches the owner as messages; in passive mode
`recv/2,3` fetches it.
""".

-export([connect/2, connect/3, connect/4, listen/2, accept/1, accept/2, shutdown/2, close/1, send/2, recv/2, recv/3, unrecv/2,
         controlling_process/2, fdopen/2]).

-export_type([option/0, option_name/0, connect_option/0, listen_option/0, socket/0]).

-type socket() :: port().
-type option() :: {atom(), term()} | {raw, integer(), integer(), binary()} | list | binary.
-type option_name() :: atom() | {raw, integer(), integer(), integer() | binary()}.
-type connect_option() :: option() | inet:address_family() | {ip | ifaddr | port | fd | tcp_module, term()}.
-type listen_option() :: connect_option() | {backlog, non_neg_integer()}.

-doc "Connects to the address of a map such as #{family => inet, addr => {127,0,0,1}, port => 80}.".
-spec connect(map(), [connect_option()]) -> {ok, socket()} | {error, timeout | inet:posix()}.
connect(Address, Options) -> connect(Address, Options, infinity).

-doc "Connects to a host and port, or, with an address map, within a time.".
-spec connect(term(), term(), term()) -> {ok, socket()} | {error, timeout | inet:posix()}.
connect(#{family := local, path := Path}, Options, Timeout) -> connect({local, Path}, 0, Options, Timeout);
connect(#{family := F, addr := Host, port := Port} = Full, Options, Timeout) ->
    connect(gerl_inet_names:with_scope(Host, Full), Port, Options ++ [F], Timeout);
connect(Address, Port, Options) -> connect(Address, Port, Options, infinity).

-doc "Connects to a host and port within a time. All addresses of the host are tried in turn.".
-spec connect(inet:socket_address() | inet:hostname(), inet:port_number() | atom(), [connect_option()], timeout()) ->
          {ok, socket()} | {error, timeout | inet:posix()}.
connect(Host, Port, Options, Timeout) ->
    Deadline = gerl_inet_names:deadline(Timeout),
    Family = gerl_inet_options:module_family(Options, Host),
    case {gerl_inet_names:addresses(Host, Family, Deadline), gerl_inet_names:port_number(Port, Family, tcp)} of
        {_, {error, einval}} -> exit(badarg);
        {{ok, Addresses}, {ok, Number}} ->
            case gerl_inet_options:parse(connect, usual(inet_default_connect_options) ++ Options, Host) of
                {ok, Parsed} -> try_each(Addresses, Number, Parsed, Deadline, {error, einval});
                {error, Reason} -> exit(Reason)
            end;
        {{error, einval}, _} -> exit(badarg);
        {{error, _} = Error, _} -> Error
    end.

%% What the parameters of kernel say of all sockets; `active` would break programs, and does not count.
usual(Parameter) ->
    case application:get_env(kernel, Parameter) of
        {ok, Options} when is_list(Options) -> [O || O <- Options, not is_tuple(O) orelse element(1, O) =/= active];
        {ok, {active, _}} -> [];
        {ok, Option} -> [Option];
        undefined -> []
    end.

try_each([], _, _, _, {error, einval}) -> exit(badarg);
try_each([], _, _, _, Error) -> Error;
try_each([Address | More], Port, Parsed, Deadline, _) ->
    case try_one(Address, Port, Parsed, Deadline) of
        {ok, Socket} -> {ok, Socket};
        {error, timeout} = Error -> Error;
        {error, einval} -> exit(badarg);
        Error -> try_each(More, Port, Parsed, Deadline, Error)
    end.

try_one(Address, Port, #{family := Family, options := Options, fd := FD} = Parsed, Deadline) ->
    case gerl_inet:open(Family, stream, Options, FD) of
        {ok, Socket} ->
            Steps = [fun() -> bind_wanted(Socket, Parsed) end,
                     fun() -> gerl_inet:connect(Socket, gerl_inet_names:target(Address, Port), gerl_inet_names:left(Deadline)) end],
            or_close(Socket, Steps);
        Error -> Error
    end.

%% Carries the steps out; when one fails the socket is closed.
or_close(Socket, []) -> {ok, Socket};
or_close(Socket, [Step | Steps]) ->
    case Step() of
        ok -> or_close(Socket, Steps);
        Error ->
            gerl_inet:close(Socket),
            Error
    end.

bind_wanted(_, #{bound := false, fd := FD}) when is_integer(FD) -> ok;
bind_wanted(_, #{bound := false, port := 0}) -> ok;
bind_wanted(Socket, #{family := Family, address := Address, port := Port}) ->
    gerl_inet:bind(Socket, gerl_inet_names:target(gerl_inet_names:own(Address, Family), Port)).

-doc "Opens a socket that waits for connections at a port; 0: any that is free.".
-spec listen(inet:port_number() | atom(), [listen_option()]) -> {ok, socket()} | {error, system_limit | inet:posix()}.
listen(Port, Options) ->
    Family = gerl_inet_options:module_family(Options, undefined),
    case gerl_inet_names:port_number(Port, Family, tcp) of
        {ok, Number} ->
            case gerl_inet_options:parse(listen, usual(inet_default_listen_options) ++ Options, undefined) of
                {ok, Parsed} -> start_listening(Number, Parsed);
                {error, Reason} -> exit(Reason)
            end;
        {error, einval} -> exit(badarg);
        Error -> Error
    end.

start_listening(Number, #{family := Family, options := Options, fd := FD, backlog := Backlog, port := Own} = Parsed) ->
    case gerl_inet:open(Family, stream, Options, FD) of
        {ok, Socket} ->
            Port = case Number of 0 -> Own; _ -> Number end,
            or_close(Socket, [fun() -> bind_listener(Socket, Parsed#{port := Port}) end,
                              fun() -> gerl_inet:listen(Socket, Backlog) end]);
        {error, einval} when FD =:= undefined -> exit(badarg);
        Error -> Error
    end.

bind_listener(Socket, #{bound := false, fd := undefined, family := Family} = Parsed) when Family =/= local ->
    bind_wanted(Socket, Parsed#{bound := true});
bind_listener(Socket, Parsed) -> bind_wanted(Socket, Parsed).

-doc "Takes a connection of a listening socket.".
-spec accept(socket()) -> {ok, socket()} | {error, closed | system_limit | inet:posix()}.
accept(Listener) when is_port(Listener) -> accept(Listener, infinity).

-doc "Takes a connection of a listening socket, within a time.".
-spec accept(socket(), timeout()) -> {ok, socket()} | {error, closed | timeout | system_limit | inet:posix()}.
accept(Listener, Timeout) when is_port(Listener) ->
    open_or_closed(Listener, fun() -> prim_inet:accept(Listener, Timeout) end).

%% The calls of this module say closed of a socket that is gone.
open_or_closed(Socket, F) ->
    case gerl_inet:owner(Socket) of
        undefined -> {error, closed};
        _ -> F()
    end.

-doc "Ends reading, writing or both.".
-spec shutdown(socket(), read | write | read_write) -> ok | {error, inet:posix()}.
shutdown(Socket, How) when is_port(Socket) ->
    open_or_closed(Socket, fun() when How =:= read; How =:= write; How =:= read_write -> gerl_inet:shutdown(Socket, How) end).

-doc "Closes a socket, after what was sent is on its way.".
-spec close(socket()) -> ok.
close(Socket) when is_port(Socket) -> inet:tcp_close(Socket).

-doc "Sends data.".
-spec send(socket(), iodata()) -> ok | {error, closed | {timeout, binary()} | inet:posix()}.
send(Socket, Data) when is_port(Socket) -> gerl_inet:send(Socket, Data).

-doc "Receives a packet, or that many bytes of a raw stream.".
-spec recv(socket(), non_neg_integer()) -> {ok, term()} | {error, closed | inet:posix()}.
recv(Socket, Length) -> recv(Socket, Length, infinity).

-doc "Receives a packet, or that many bytes of a raw stream, within a time.".
-spec recv(socket(), non_neg_integer(), timeout()) -> {ok, term()} | {error, closed | timeout | inet:posix()}.
recv(Socket, Length, Timeout) when is_port(Socket) ->
    open_or_closed(Socket, fun() when is_integer(Length), Length >= 0 -> gerl_inet:recv(Socket, Length, Timeout) end).

-doc false.
-spec unrecv(socket(), iodata()) -> ok | {error, closed | inet:posix()}.
unrecv(Socket, Data) when is_port(Socket) ->
    open_or_closed(Socket, fun() -> gerl_inet:unrecv(Socket, Data) end).

-doc "Makes another process the owner of the socket. Messages that have come already go with it.".
-spec controlling_process(socket(), pid()) -> ok | {error, closed | not_owner | badarg | inet:posix()}.
controlling_process(Socket, NewOwner) when is_port(Socket) ->
    open_or_closed(Socket, fun() -> inet:tcp_controlling_process(Socket, NewOwner) end).

-doc false.
-spec fdopen(integer(), [option()]) -> {ok, socket()} | {error, term()}.
fdopen(FD, Options) when is_integer(FD) ->
    case gerl_inet_options:parse(connect, Options, undefined) of
        {ok, #{family := Family, options := Known}} ->
            %% nothing comes as a message unless the options ask for it
            Asked = [A || {active, _} = A <- Options],
            gerl_inet:open(Family, stream, [{active, false} | lists:keydelete(active, 1, Known)] ++ Asked, FD);
        {error, Reason} -> exit(Reason)
    end.
