-module(inet).
-moduledoc "Addresses, hosts, and what is common to the sockets of gen_tcp and gen_udp.".

-export([peername/1, sockname/1, peernames/1, peernames/2, socknames/1, socknames/2, port/1, close/1, setopts/2, getopts/2,
         getstat/1, getstat/2, info/1, socket_to_list/1, getfd/1, send/2, i/0, i/1, i/2, monitor/1, cancel_monitor/1,
         tcp_controlling_process/2, udp_controlling_process/2, tcp_close/1, udp_close/1]).
-export([getifaddrs/0, getifaddrs/1, getif/0, getiflist/0, ifget/2, gethostname/0, gethostbyname/1, gethostbyname/2,
         gethostbyname/3, gethostbyaddr/1, gethostbyaddr/2, getservbyname/2, getservbyport/2, getaddrs/2, getaddrs/3, getaddr/2,
         getaddr/3, translate_ip/2, get_rc/0, inet_backend/0]).
-export([ip/1, is_ipv4_address/1, is_ipv6_address/1, is_ip_address/1, parse_ipv4_address/1, parse_ipv6_address/1,
         parse_ipv4strict_address/1, parse_ipv6strict_address/1, parse_address/1, parse_strict_address/1, parse_address/2,
         parse_strict_address/2, ntoa/1, ipv4_mapped_ipv6_address/1, format_error/1, stats/0, options/0, start_timer/1,
         timeout/1, stop_timer/1]).

-export_type([address_family/0, socket_protocol/0, hostent/0, hostname/0, ip4_address/0, ip6_address/0, ip_address/0,
              port_number/0, local_address/0, socket_address/0, returned_non_ip_address/0, family_address/0, posix/0, socket/0,
              socket_setopt/0, socket_getopt/0, socket_optval/0, ancillary_data/0, inet_backend/0, stat_option/0]).

-type address_family() :: inet | inet6 | local.
-type socket_protocol() :: tcp | udp | sctp.
-type hostname() :: atom() | string().
-type hostent() :: {hostent, hostname(), [hostname()], inet | inet6, non_neg_integer(), [ip_address()]}.
-type ip4_address() :: {0..255, 0..255, 0..255, 0..255}.
-type ip6_address() :: {0..65535, 0..65535, 0..65535, 0..65535, 0..65535, 0..65535, 0..65535, 0..65535}.
-type ip_address() :: ip4_address() | ip6_address().
-type port_number() :: 0..65535.
-type local_address() :: {local, File :: binary() | string()}.
-type returned_non_ip_address() :: {local, binary()} | {unspec, <<>>} | {undefined, any()}.
-type family_address() :: {inet | inet6 | local, term()}.
-type socket_address() :: ip_address() | any | loopback | local_address() | map().
-type posix() :: atom().
-type socket() :: port().
-type socket_setopt() :: gen_tcp:option() | gen_udp:option().
-type socket_getopt() :: gen_tcp:option_name() | gen_udp:option_name().
-type socket_optval() :: socket_setopt().
-type ancillary_data() :: [{tos | tclass | ttl, byte()}].
-type inet_backend() :: {inet_backend, inet | socket}.
-type stat_option() :: recv_cnt | recv_max | recv_avg | recv_oct | recv_dvi | send_cnt | send_max | send_avg | send_oct |
                       send_pend.

%%% ---- sockets -------------------------------------------------------------------------------

-doc "The address of the other end.".
-spec peername(socket()) -> {ok, {ip_address(), port_number()} | returned_non_ip_address()} | {error, posix()}.
peername(Socket) when is_port(Socket) -> gerl_inet:peername(Socket).

-doc "The socket's own address.".
-spec sockname(socket()) -> {ok, {ip_address(), port_number()} | returned_non_ip_address()} | {error, posix()}.
sockname(Socket) when is_port(Socket) -> gerl_inet:sockname(Socket).

-doc "The addresses of the other end: one.".
-spec peernames(socket()) -> {ok, list()} | {error, posix()}.
peernames(Socket) -> in_list(peername(Socket)).

-doc "The addresses of the other end of an association.".
-spec peernames(socket(), term()) -> {ok, list()} | {error, posix()}.
peernames(Socket, _Association) -> peernames(Socket).

-doc "The socket's own addresses: one.".
-spec socknames(socket()) -> {ok, list()} | {error, posix()}.
socknames(Socket) -> in_list(sockname(Socket)).

-doc "The socket's own addresses in an association.".
-spec socknames(socket(), term()) -> {ok, list()} | {error, posix()}.
socknames(Socket, _Association) -> socknames(Socket).

in_list({ok, Address}) -> {ok, [Address]};
in_list(Error) -> Error.

-doc "The socket's own port number.".
-spec port(socket()) -> {ok, port_number()} | {error, posix()}.
port(Socket) when is_port(Socket) ->
    case sockname(Socket) of
        {ok, {local, _}} -> {ok, 0};
        {ok, {_, Port}} -> {ok, Port};
        Error -> Error
    end.

-doc "Closes a socket of any kind.".
-spec close(socket()) -> ok.
close(Socket) when is_port(Socket) -> tcp_close(Socket).

-doc false.
-spec tcp_close(socket()) -> ok.
tcp_close(Socket) when is_port(Socket) ->
    case gerl_inet:getopts(Socket, [linger]) of
        {ok, [{linger, {true, 0}}]} -> ok;
        {ok, [{linger, {true, Seconds}}]} -> gerl_inet:drain(Socket, Seconds * 1000);
        _ -> drain(Socket, none)
    end,
    gerl_inet:close(Socket),
    receive {tcp_closed, Socket} -> ok
    after 0 -> ok
    end,
    forget_exit(Socket).

%% What was sent is given time as long as the other side takes something of it.
drain(Socket, Before) ->
    case gerl_inet:drain(Socket, 5000) of
        {error, timeout} ->
            case getstat(Socket, [send_pend]) of
                {ok, [{send_pend, N}]} when N =/= Before -> drain(Socket, N);
                _ -> ok
            end;
        Done -> Done
    end.

-doc false.
-spec udp_close(socket()) -> ok.
udp_close(Socket) when is_port(Socket) ->
    gerl_inet:close(Socket),
    forget_exit(Socket).

forget_exit(Socket) ->
    receive {'EXIT', Socket, _} -> ok
    after 0 -> ok
    end.

-doc "Sets options.".
-spec setopts(socket(), [socket_setopt()]) -> ok | {error, posix()}.
setopts(Socket, Options) when is_port(Socket) ->
    is_list(Options) orelse erlang:error({bad_generator, Options}),
    gerl_inet:setopts(Socket, Options).

-doc "Reads options.".
-spec getopts(socket(), [socket_getopt()]) -> {ok, [socket_setopt()]} | {error, posix()}.
getopts(Socket, Names) when is_port(Socket) -> gerl_inet:getopts(Socket, Names).

-doc "All counters of a socket.".
-spec getstat(socket()) -> {ok, [{stat_option(), integer()}]} | {error, posix()}.
getstat(Socket) when is_port(Socket) -> getstat(Socket, stats()).

-doc "Some counters of a socket.".
-spec getstat(socket(), [stat_option()]) -> {ok, [{stat_option(), integer()}]} | {error, posix()}.
getstat(Socket, Names) when is_port(Socket), is_list(Names) ->
    case gerl_inet:stats(Socket) of
        {ok, Counters} ->
            case [N || N <- Names, not is_map_key(N, Counters)] of
                [] -> {ok, [{N, map_get(N, Counters)} || N <- Names]};
                _ -> {error, einval}
            end;
        Error -> Error
    end.

-doc "What is known of a socket.".
-spec info(socket()) -> map().
info(Socket) when is_port(Socket) ->
    case gerl_inet:info(Socket) of
        undefined -> #{states => [closed]};
        {Family, Type, _, States} ->
            {ok, Counters} = getstat(Socket),
            #{counters => maps:from_list(Counters), domain => Family, type => Type,
              protocol => case Type of stream -> tcp; dgram -> udp end, links => [gerl_inet:owner(Socket)], memory => 0,
              monitors => [], owner => gerl_inet:owner(Socket), states => lists:sort(States),
              input => map_get(recv_oct, maps:from_list(Counters)), output => map_get(send_oct, maps:from_list(Counters))}
    end.

-doc "The text of a socket.".
-spec socket_to_list(socket()) -> string().
socket_to_list(Socket) when is_port(Socket) -> erlang:port_to_list(Socket).

-doc false.
-spec getfd(socket()) -> {ok, integer()} | {error, posix()}.
getfd(Socket) when is_port(Socket) ->
    case gerl_inet:info(Socket) of
        {_, _, FD, _} -> {ok, FD};
        undefined -> {error, einval}
    end.

-doc false.
-spec send(socket(), iodata()) -> ok | {error, term()}.
send(Socket, Data) when is_port(Socket) -> gerl_inet:send(Socket, Data).

-doc "Starts to watch a socket: a DOWN message tells of its end.".
-spec monitor(socket()) -> reference().
monitor(Socket) when is_port(Socket) -> erlang:monitor(port, Socket);
monitor(Socket) -> erlang:error(badarg, [Socket]).

-doc "Ends the watch over a socket.".
-spec cancel_monitor(reference()) -> boolean().
cancel_monitor(Ref) when is_reference(Ref) -> erlang:demonitor(Ref, [info]);
cancel_monitor(Ref) -> erlang:error(badarg, [Ref]).

-doc false.
-spec tcp_controlling_process(socket(), pid()) -> ok | {error, term()}.
tcp_controlling_process(Socket, NewOwner) when is_port(Socket), is_pid(NewOwner) -> hand_over(Socket, NewOwner).

-doc false.
-spec udp_controlling_process(socket(), pid()) -> ok | {error, term()}.
udp_controlling_process(Socket, NewOwner) when is_port(Socket), is_pid(NewOwner) -> hand_over(Socket, NewOwner).

hand_over(Socket, NewOwner) ->
    case gerl_inet:owner(Socket) of
        NewOwner -> ok;
        undefined -> {error, einval};
        Owner when Owner =/= self() -> {error, not_owner};
        _ ->
            case gerl_inet:getopts(Socket, [active]) of
                {ok, [{active, Active}]} -> give(Socket, NewOwner, Active);
                Error -> Error
            end
    end.

%% Nothing may come in while messages that have come are passed on.
give(Socket, NewOwner, Active) ->
    Active =:= false orelse gerl_inet:setopts(Socket, [{active, false}]),
    Closed = pass_on(Socket, NewOwner, false),
    case gerl_inet:give(Socket, NewOwner) of
        ok when Closed; Active =:= false -> ok;
        ok ->
            gerl_inet:setopts(Socket, [{active, Active}]),
            ok;
        Error ->
            Active =:= false orelse gerl_inet:setopts(Socket, [{active, Active}]),
            Error
    end.

pass_on(Socket, NewOwner, Closed) ->
    receive
        {Tag, Socket} = M when Tag =:= tcp_closed ->
            NewOwner ! M,
            pass_on(Socket, NewOwner, true);
        {Tag, Socket, _} = M when Tag =:= tcp; Tag =:= http; Tag =:= tcp_error; Tag =:= udp_error ->
            NewOwner ! M,
            pass_on(Socket, NewOwner, Closed);
        {udp, Socket, _, _, _} = M ->
            NewOwner ! M,
            pass_on(Socket, NewOwner, Closed);
        {udp, Socket, _, _, _, _} = M ->
            NewOwner ! M,
            pass_on(Socket, NewOwner, Closed)
    after 0 -> Closed
    end.

-doc "Prints a table of all sockets of the node.".
-spec i() -> ok.
i() ->
    i(tcp),
    i(udp).

-doc "Prints a table of the sockets of a protocol.".
-spec i(socket_protocol()) -> ok.
i(Protocol) ->
    i(Protocol, [port, module, recv, sent, owner, local_address, foreign_address, state, type]).

-doc "Prints some columns about the sockets of a protocol.".
-spec i(socket_protocol(), [atom()]) -> ok.
i(Protocol, Fields) ->
    Rows = [[heading(F) || F <- Fields] |
            [[field(F, S) || F <- Fields] || S <- gerl_inet:sockets(), protocol(S) =:= Protocol]],
    Widths = [lists:max([length(lists:nth(N, R)) || R <- Rows]) || N <- lists:seq(1, length(Fields))],
    lists:foreach(fun(R) -> io:format("~ts~n", [[string:pad(T, W + 1) || {T, W} <- lists:zip(R, Widths)]]) end,
                  case Rows of [_] -> []; _ -> Rows end).

protocol(Socket) ->
    case gerl_inet:info(Socket) of
        {_, stream, _, _} -> tcp;
        {_, dgram, _, _} -> udp;
        undefined -> none
    end.

heading(local_address) -> "Local Address";
heading(foreign_address) -> "Foreign Address";
heading(F) ->
    [C | Rest] = atom_to_list(F),
    [string:to_upper(C) | Rest].

field(port, S) -> erlang:port_to_list(S) -- "#Port<>";
field(module, S) -> case protocol(S) of tcp -> "inet_tcp"; _ -> "inet_udp" end;
field(recv, S) -> counter(recv_oct, S);
field(sent, S) -> counter(send_oct, S);
field(owner, S) -> lists:flatten(io_lib:format("~w", [gerl_inet:owner(S)]));
field(local_address, S) -> address_text(sockname(S));
field(foreign_address, S) -> address_text(peername(S));
field(state, S) ->
    {_, _, _, States} = gerl_inet:info(S),
    case {lists:member(listen, States), lists:member(connected, States), lists:member(bound, States)} of
        {true, _, _} -> "LISTEN";
        {_, true, _} -> "CONNECTED";
        {_, _, true} -> "BOUND";
        _ -> "IDLE"
    end;
field(type, S) ->
    {_, Type, _, _} = gerl_inet:info(S),
    string:to_upper(atom_to_list(Type));
field(_, _) -> "".

counter(Name, Socket) ->
    {ok, [{_, N}]} = getstat(Socket, [Name]),
    integer_to_list(N).

address_text({ok, {local, Path}}) -> "local:" ++ unicode:characters_to_list(Path);
address_text({ok, {Address, Port}}) -> ntoa(Address) ++ ":" ++ integer_to_list(Port);
address_text(_) -> "*:*".

%%% ---- hosts ---------------------------------------------------------------------------------

-doc "The network interfaces and their addresses.".
-spec getifaddrs() -> {ok, [{string(), list()}]} | {error, posix()}.
getifaddrs() ->
    {ok, [{Name, [{flags, Flags} | lists:append([ifaddr(A, Mask, Flags) || {A, Mask} <- Addresses])] ++ hardware(Hardware)}
          || {Name, Flags, _MTU, Hardware, Addresses} <- gerl_inet:interfaces()]}.

ifaddr(Address, Mask, Flags) ->
    [{addr, Address}, {netmask, Mask} |
     case lists:member(broadcast, Flags) andalso tuple_size(Address) =:= 4 of
         true -> [{broadaddr, broadcast(Address, Mask)}];
         false -> []
     end].

broadcast(Address, Mask) ->
    list_to_tuple([A bor (255 bxor M) || {A, M} <- lists:zip(tuple_to_list(Address), tuple_to_list(Mask))]).

hardware([]) -> [{hwaddr, [0, 0, 0, 0, 0, 0]}];
hardware(Bytes) -> [{hwaddr, Bytes}].

-doc "The network interfaces; options choose nothing here.".
-spec getifaddrs(term()) -> {ok, [{string(), list()}]} | {error, posix()}.
getifaddrs(Options) when is_list(Options) -> getifaddrs();
getifaddrs(#{}) -> getifaddrs().

-doc false.
-spec getif() -> {ok, list()}.
getif() ->
    {ok, [{A, case lists:member(broadcast, Flags) of true -> broadcast(A, Mask); false -> undefined end, Mask}
          || {_, Flags, _, _, Addresses} <- gerl_inet:interfaces(), {A, Mask} <- Addresses, tuple_size(A) =:= 4]}.

-doc false.
-spec getiflist() -> {ok, [string()]}.
getiflist() -> {ok, [Name || {Name, _, _, _, _} <- gerl_inet:interfaces()]}.

-doc false.
-spec ifget(string(), [atom()]) -> {ok, list()} | {error, posix()}.
ifget(Name, Wanted) ->
    case [I || {N, _, _, _, _} = I <- gerl_inet:interfaces(), N =:= Name] of
        [{_, Flags, MTU, Hardware, Addresses}] ->
            V4 = [P || {A, _} = P <- Addresses, tuple_size(A) =:= 4],
            Known = [{flags, Flags}, {mtu, MTU}, {hwaddr, Hardware} |
                     lists:append([[{addr, A}, {netmask, M}, {broadaddr, broadcast(A, M)}] || {A, M} <- V4])],
            {ok, [lists:keyfind(W, 1, Known) || W <- Wanted, lists:keymember(W, 1, Known)]};
        [] -> {ok, []}
    end.

-doc "The name of this host.".
-spec gethostname() -> {ok, string()}.
gethostname() -> {ok, hd(string:split(gerl_inet:hostname(), "."))}.

-doc "The entry of a host by its name.".
-spec gethostbyname(hostname()) -> {ok, hostent()} | {error, posix()}.
gethostbyname(Name) -> gethostbyname(Name, inet).

-doc "The entry of a host by its name with addresses of a family.".
-spec gethostbyname(hostname(), inet | inet6) -> {ok, hostent()} | {error, posix()}.
gethostbyname(Name, Family) -> gethostbyname(Name, Family, infinity).

-doc false.
-spec gethostbyname(hostname(), inet | inet6, timeout()) -> {ok, hostent()} | {error, posix()}.
gethostbyname(Name, Family, Timeout) -> gerl_inet_names:host(Name, Family, gerl_inet_names:deadline(Timeout)).

-doc "The entry of a host by one of its addresses.".
-spec gethostbyaddr(string() | ip_address()) -> {ok, hostent()} | {error, posix()}.
gethostbyaddr(Address) -> gerl_inet_names:host_of(Address).

-doc false.
-spec gethostbyaddr(string() | ip_address(), timeout()) -> {ok, hostent()} | {error, posix()}.
gethostbyaddr(Address, _Timeout) -> gethostbyaddr(Address).

-doc "The number of a service.".
-spec getservbyname(atom() | string(), atom() | string()) -> {ok, port_number()} | {error, posix()}.
getservbyname(Name, Protocol) when is_atom(Name) ->
    gerl_inet:service(atom_to_binary(Name), protocol_name(Protocol)).

protocol_name(P) when is_atom(P) -> P;
protocol_name(P) -> list_to_atom(P).

-doc "The name of the service with a number.".
-spec getservbyport(port_number(), atom() | string()) -> {ok, string()} | {error, posix()}.
getservbyport(Port, Protocol) when is_integer(Port), Port >= 0, Port =< 65535 ->
    gerl_services:name(Port, protocol_name(Protocol)).

-doc "An address of a host.".
-spec getaddr(socket_address() | hostname(), address_family()) -> {ok, ip_address() | local_address()} | {error, posix()}.
getaddr(Host, Family) -> getaddr(Host, Family, infinity).

-doc false.
-spec getaddr(term(), address_family(), timeout()) -> {ok, ip_address() | local_address()} | {error, posix()}.
getaddr(Host, Family, Timeout) ->
    case getaddrs(Host, Family, Timeout) of
        {ok, [Address | _]} -> {ok, Address};
        Error -> Error
    end.

-doc "All addresses of a host.".
-spec getaddrs(socket_address() | hostname(), address_family()) -> {ok, [ip_address() | local_address()]} | {error, posix()}.
getaddrs(Host, Family) -> getaddrs(Host, Family, infinity).

-doc false.
-spec getaddrs(term(), address_family(), timeout()) -> {ok, [ip_address() | local_address()]} | {error, posix()}.
getaddrs({local, _}, _, _) -> {error, einval};
getaddrs(Address, inet6, _) when tuple_size(Address) =:= 4 ->
    case is_ipv4_address(Address) of
        true -> {error, eafnosupport};
        false -> {error, einval}
    end;
getaddrs(Host, Family, _) when Host =:= any; Host =:= loopback; Family =:= local -> {error, nxdomain};
getaddrs(Host, Family, Timeout) -> gerl_inet_names:addresses(Host, Family, gerl_inet_names:deadline(Timeout)).

-doc false.
-spec translate_ip(term(), address_family()) -> term().
translate_ip(Address, Family) when Address =:= any; Address =:= loopback -> gerl_inet_names:own(Address, Family);
translate_ip(Address, _) -> Address.

-doc "The settings of the resolver, as `inet_db` has them.".
-spec get_rc() -> [tuple()].
get_rc() -> inet_db:get_rc().

-doc false.
-spec inet_backend() -> inet.
inet_backend() -> inet.

%%% ---- addresses -----------------------------------------------------------------------------

-doc "The tuple of an address that is a tuple or text.".
-spec ip(ip_address() | string()) -> {ok, ip_address()} | {error, posix()}.
ip(Address) when is_tuple(Address) ->
    case is_ipv4_address(Address) of
        true -> {ok, Address};
        false -> {error, einval}
    end;
ip(Name) -> getaddr(Name, inet).

-doc "Whether a term is an IPv4 address.".
-spec is_ipv4_address(term()) -> boolean().
is_ipv4_address(Address) -> gerl_inet_address:family(Address) =:= inet.

-doc "Whether a term is an IPv6 address.".
-spec is_ipv6_address(term()) -> boolean().
is_ipv6_address(Address) -> gerl_inet_address:family(Address) =:= inet6.

-doc "Whether a term is an address.".
-spec is_ip_address(term()) -> boolean().
is_ip_address(Address) -> gerl_inet_address:family(Address) =/= none.

found({ok, _} = Found) -> Found;
found(error) -> {error, einval}.

-doc "Reads an IPv4 address; it may have fewer than four parts.".
-spec parse_ipv4_address(string()) -> {ok, ip4_address()} | {error, einval}.
parse_ipv4_address(Text) when is_list(Text) -> found(gerl_inet_address:v4(Text)).

-doc "Reads an IPv4 address of four parts.".
-spec parse_ipv4strict_address(string()) -> {ok, ip4_address()} | {error, einval}.
parse_ipv4strict_address(Text) when is_list(Text) -> found(gerl_inet_address:v4_strict(Text)).

-doc "Reads an IPv6 address; an IPv4 address is mapped to one.".
-spec parse_ipv6_address(string()) -> {ok, ip6_address()} | {error, einval}.
parse_ipv6_address(Text) when is_list(Text) -> found(gerl_inet_address:v6(Text)).

-doc "Reads an IPv6 address.".
-spec parse_ipv6strict_address(string()) -> {ok, ip6_address()} | {error, einval}.
parse_ipv6strict_address(Text) -> found(gerl_inet_address:v6_strict(Text)).

-doc "Reads an address of either family.".
-spec parse_address(string()) -> {ok, ip_address()} | {error, einval}.
parse_address(Text) ->
    case gerl_inet_address:v4(Text) of
        error -> parse_ipv6strict_address(Text);
        Found -> Found
    end.

-doc "Reads an address of either family in its full form.".
-spec parse_strict_address(string()) -> {ok, ip_address()} | {error, einval}.
parse_strict_address(Text) ->
    case gerl_inet_address:v4_strict(Text) of
        error -> parse_ipv6strict_address(Text);
        Found -> Found
    end.

-doc false.
-spec parse_address(string(), inet | inet6) -> {ok, ip_address()} | {error, einval}.
parse_address(Text, inet) -> parse_ipv4_address(Text);
parse_address(Text, inet6) -> parse_ipv6_address(Text).

-doc false.
-spec parse_strict_address(string(), inet | inet6) -> {ok, ip_address()} | {error, einval}.
parse_strict_address(Text, inet) -> parse_ipv4strict_address(Text);
parse_strict_address(Text, inet6) -> parse_ipv6strict_address(Text).

-doc "The text of an address.".
-spec ntoa(ip_address()) -> string() | {error, einval}.
ntoa(Address) ->
    case gerl_inet_address:text(Address) of
        error -> {error, einval};
        Text -> Text
    end.

-doc "Maps an IPv4 address to an IPv6 one, and such a one back.".
-spec ipv4_mapped_ipv6_address(ip_address()) -> ip_address().
ipv4_mapped_ipv6_address({A, B, C, D}) when A bor B bor C bor D bsr 8 =:= 0 -> {0, 0, 0, 0, 0, 16#ffff, A * 256 + B, C * 256 + D};
ipv4_mapped_ipv6_address({A, B, C, D, E, F, X, Y}) when (A bor B bor C bor D bor E bor F bor X bor Y) bsr 16 =:= 0 ->
    {X bsr 8, X band 255, Y bsr 8, Y band 255}.

-doc "The text for an error that a function of gen_tcp, gen_udp or inet gave.".
-spec format_error(term()) -> string().
format_error(exbadport) -> "invalid port state";
format_error(exbadseq) -> "bad command sequence";
format_error(system_limit) -> "a system limit was hit, probably not enough ports";
format_error(nxdomain) -> "non-existing domain";
format_error(Posix) -> erl_posix_msg:message(Posix).

-doc false.
-spec stats() -> [stat_option()].
stats() -> [recv_cnt, recv_max, recv_avg, recv_oct, recv_dvi, send_cnt, send_max, send_avg, send_pend, send_oct].

-doc false.
-spec options() -> [atom()].
options() -> gerl_inet_options:socket_names(listen).

-doc false.
-spec start_timer(timeout()) -> term().
start_timer(Timeout) -> gerl_inet_names:deadline(Timeout).

-doc false.
-spec timeout(term()) -> timeout().
timeout(Timer) -> gerl_inet_names:left(Timer).

-doc false.
-spec stop_timer(term()) -> ok.
stop_timer(_) -> ok.
