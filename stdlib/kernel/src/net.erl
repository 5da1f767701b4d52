-module(net).
-moduledoc "Names and addresses of hosts, services and network interfaces, in the form that module socket uses.".

-export([gethostname/0, getnameinfo/1, getnameinfo/2, getaddrinfo/1, getaddrinfo/2, getifaddrs/0, getifaddrs/1, getifaddrs/2,
         getservbyname/1, getservbyname/2, getservbyport/1, getservbyport/2, if_name2index/1, if_index2name/1, if_names/0, info/0,
         debug/1]).
-export([call/4, cast/4, broadcast/3, ping/1, sleep/1]).

-export_type([address_info/0, name_info/0, ifaddrs/0, ifaddrs_filter/0, ifaddrs_flag/0, network_interface_name/0,
              network_interface_index/0, name_info_flag/0]).

-type name_info() :: #{host := string(), service := string()}.
-type address_info() :: #{family := socket:domain(), socktype := socket:type(), protocol := socket:protocol(), addr := socket:sockaddr()}.
-type ifaddrs_flag() :: atom().
-type ifaddrs() :: #{name := string(), flags := [ifaddrs_flag()], addr => map(), netmask => map(), broadaddr => map(), dstaddr => map()}.
-type ifaddrs_filter() :: all | default | inet | inet6 | packet | hwaddr | #{family := term(), flags := term()} |
                          fun((ifaddrs()) -> boolean()).
-type name_info_flag() :: namereqd | dgram | nofqdn | numerichost | numericserv | idn.
-type network_interface_name() :: string().
-type network_interface_index() :: non_neg_integer().

-doc "The name of this host.".
-spec gethostname() -> {ok, string()} | {error, term()}.
gethostname() -> {ok, gerl_inet:hostname()}.

-doc "The names of the host and service of an address.".
-spec getnameinfo(socket:sockaddr()) -> {ok, name_info()} | {error, term()}.
getnameinfo(Address) -> getnameinfo(Address, undefined).

-doc "The names of the host and service of an address, or their numbers where flags say so.".
-spec getnameinfo(socket:sockaddr(), undefined | [] | [name_info_flag()]) -> {ok, name_info()} | {error, term()}.
getnameinfo(Address, undefined) -> getnameinfo(Address, []);
getnameinfo(#{family := local, path := Path}, Flags) when is_list(Flags) ->
    {ok, #{host => gerl_inet:hostname(), service => unicode:characters_to_list(Path)}};
getnameinfo(#{family := Family} = Full, Flags) when is_list(Flags), Family =:= inet orelse Family =:= inet6 ->
    [] =:= Flags -- [namereqd, dgram, nofqdn, numerichost, numericserv, idn] orelse error(badarg),
    Address = gerl_inet_names:own(maps:get(addr, Full, any), Family),
    Port = maps:get(port, Full, 0),
    Numeric = inet:ntoa(Address),
    is_list(Numeric) andalso is_integer(Port) orelse error(badarg),
    Known = case lists:member(numerichost, Flags) of
        true -> none;
        false -> gerl_inet:reverse(list_to_binary(Numeric))
    end,
    Service = service(Port, Flags),
    case {Known, lists:member(namereqd, Flags)} of
        {{ok, [Name | _]}, _} -> {ok, #{host => shortened(Name, Flags), service => Service}};
        {none, _} -> {ok, #{host => Numeric, service => Service}};
        {_, true} -> {error, enoname};
        {_, false} -> {ok, #{host => Numeric, service => Service}}
    end.

shortened(Name, Flags) ->
    case lists:member(nofqdn, Flags) of
        true -> hd(string:split(Name, "."));
        false -> Name
    end.

service(Port, Flags) ->
    Protocol = case lists:member(dgram, Flags) of
        true -> udp;
        false -> tcp
    end,
    case lists:member(numericserv, Flags) orelse gerl_services:name(Port, Protocol) of
        {ok, Name} -> Name;
        _ -> integer_to_list(Port)
    end.

-doc "The addresses of a host.".
-spec getaddrinfo(string()) -> {ok, [address_info()]} | {error, term()}.
getaddrinfo(Host) when is_list(Host) -> getaddrinfo(Host, undefined).

-doc "The addresses of a host with the port of a service; either may be undefined.".
-spec getaddrinfo(string() | undefined, string() | undefined) -> {ok, [address_info()]} | {error, term()}.
getaddrinfo(Host, Service) when is_list(Host), is_list(Service) orelse Service =:= undefined; Host =:= undefined, is_list(Service) ->
    case port_of(Service) of
        error -> {error, eservice};
        Port ->
            case addresses(Host) of
                [] -> {error, enoname};
                All -> {ok, [#{family => F, socktype => T, protocol => P, addr => socket:mk_sockaddr(F, A, Port)} ||
                             {F, A} <- All, {T, P} <- [{stream, tcp}, {dgram, udp}, {raw, ip}]]}
            end
    end.

port_of(undefined) -> 0;
port_of(Text) ->
    try list_to_integer(Text) of
        N when N >= 0, N =< 65535 -> N;
        _ -> error
    catch error:badarg ->
        case gerl_inet:service(unicode:characters_to_binary(Text), tcp) of
            {ok, N} -> N;
            _ -> error
        end
    end.

addresses(undefined) -> [{inet6, {0, 0, 0, 0, 0, 0, 0, 1}}, {inet, {127, 0, 0, 1}}];
addresses(Host) ->
    case inet:parse_strict_address(Host) of
        {ok, Address} -> [{gerl_inet_address:family(Address), Address}];
        _ ->
            Name = unicode:characters_to_binary(Host),
            lists:append([case gerl_inet:resolve(Name, F) of
                              {ok, All} -> [{F, A} || A <- All];
                              _ -> []
                          end || F <- [inet6, inet]])
    end.

-doc "The network interfaces with their Internet addresses.".
-spec getifaddrs() -> {ok, [ifaddrs()]} | {error, term()}.
getifaddrs() -> getifaddrs(all).

-doc "The network interfaces with those of their addresses that a filter takes.".
-spec getifaddrs(ifaddrs_filter() | string()) -> {ok, [ifaddrs()]} | {error, term()}.
getifaddrs(Filter) when Filter =:= all; Filter =:= default -> chosen(fun(_) -> true end);
getifaddrs(Filter) when Filter =:= packet; Filter =:= hwaddr -> chosen(fun(#{addr := #{family := F}}) -> F =:= packet; (_) -> false end);
getifaddrs(Filter) when Filter =:= inet; Filter =:= inet6 -> chosen(fun(#{addr := #{family := F}}) -> F =:= Filter; (_) -> false end);
getifaddrs(#{family := Family} = Filter) ->
    Wanted = case maps:get(flags, Filter, any) of
        any -> [];
        Flags -> Flags
    end,
    Fits = if
        Family =:= all; Family =:= default -> fun(_) -> true end;
        is_list(Family) -> fun(F) -> lists:member(F, Family) end;
        true -> fun(F) -> F =:= Family end
    end,
    chosen(fun(#{addr := #{family := F}, flags := Is}) -> Fits(F) andalso Wanted -- Is =:= [] end);
getifaddrs(Filter) when is_function(Filter, 1) -> chosen(Filter);
getifaddrs(Namespace) when is_list(Namespace) -> getifaddrs(all, Namespace).

-doc "The network interfaces of a network namespace: of the node's own only.".
-spec getifaddrs(ifaddrs_filter(), string()) -> {ok, [ifaddrs()]} | {error, term()}.
getifaddrs(_Filter, Namespace) when is_list(Namespace) -> {error, enotsup}.

chosen(Keep) ->
    Devices = gerl_inet:interfaces(),
    Hardware = [#{name => Name, flags => Flags,
                  addr => #{family => packet, protocol => 0, ifindex => index(Name), pkttype => host, hatype => hardware(Flags),
                            addr => list_to_binary(case H of [] -> [0, 0, 0, 0, 0, 0]; _ -> H end)}}
                || {Name, Flags, _, H, _} <- Devices],
    Internet = fun(Family) ->
        [maps:merge(#{name => Name, flags => Flags, addr => address(A, Name), netmask => address(M, none)}, to_all(A, M, Flags))
         || {Name, Flags, _, _, As} <- Devices, {A, M} <- As, gerl_inet_address:family(A) =:= Family]
    end,
    {ok, [I || I <- Hardware ++ Internet(inet) ++ Internet(inet6), Keep(I)]}.

hardware(Flags) ->
    case lists:member(loopback, Flags) of
        true -> loopback;
        false -> ether
    end.

index(Name) ->
    case if_name2index(Name) of
        {ok, N} -> N;
        _ -> 0
    end.

%% A link-local address belongs to an interface.
address({16#fe80, _, _, _, _, _, _, _} = A, Name) when Name =/= none -> (socket:mk_sockaddr(inet6, A, 0))#{scope_id => index(Name)};
address(A, _) -> socket:mk_sockaddr(gerl_inet_address:family(A), A, 0).

to_all(A, M, Flags) when tuple_size(A) =:= 4 ->
    case lists:member(broadcast, Flags) of
        true ->
            All = list_to_tuple([X bor (255 bxor Y) || {X, Y} <- lists:zip(tuple_to_list(A), tuple_to_list(M))]),
            #{broadaddr => socket:mk_sockaddr(inet, All, 0)};
        false -> #{}
    end;
to_all(_, _, _) -> #{}.

-doc "The port of a service.".
-spec getservbyname(string()) -> {ok, inet:port_number()} | {error, einval}.
getservbyname(Name) -> getservbyname(Name, any).

-doc "The port of a service of a protocol.".
-spec getservbyname(string(), any | tcp | udp | atom()) -> {ok, inet:port_number()} | {error, einval}.
getservbyname(Name, any) when is_list(Name) ->
    case getservbyname(Name, tcp) of
        {ok, _} = Found -> Found;
        _ -> getservbyname(Name, udp)
    end;
getservbyname(Name, Protocol) when is_list(Name), is_atom(Protocol) -> gerl_inet:service(unicode:characters_to_binary(Name), Protocol).

-doc "The name of the service at a port.".
-spec getservbyport(inet:port_number()) -> {ok, string()} | {error, einval}.
getservbyport(Port) -> getservbyport(Port, any).

-doc "The name of the service of a protocol at a port.".
-spec getservbyport(inet:port_number(), any | tcp | udp | atom()) -> {ok, string()} | {error, einval}.
getservbyport(Port, any) when is_integer(Port) ->
    case getservbyport(Port, tcp) of
        {ok, _} = Found -> Found;
        _ -> getservbyport(Port, udp)
    end;
getservbyport(Port, Protocol) when is_integer(Port), is_atom(Protocol) -> gerl_services:name(Port, Protocol).

-doc "The number of a network interface.".
-spec if_name2index(network_interface_name()) -> {ok, network_interface_index()} | {error, enodev}.
if_name2index(Name) when is_list(Name) ->
    case [N || {N, Is} <- gerl_inet:interface_numbers(), Is =:= Name] of
        [N] -> {ok, N};
        [] -> {error, enodev}
    end.

-doc "The name of a network interface.".
-spec if_index2name(network_interface_index()) -> {ok, network_interface_name()} | {error, enxio}.
if_index2name(Number) when is_integer(Number) ->
    case lists:keyfind(Number, 1, gerl_inet:interface_numbers()) of
        {_, Name} -> {ok, Name};
        false -> {error, enxio}
    end.

-doc "The numbers and names of all network interfaces.".
-spec if_names() -> {ok, [{network_interface_index(), network_interface_name()}]}.
if_names() -> {ok, gerl_inet:interface_numbers()}.

-doc false.
-spec info() -> map().
info() -> #{debug => false, netns => false, load_nif_result => ok}.

-doc false.
-spec debug(boolean()) -> ok.
debug(On) when is_boolean(On) -> ok.

%%% ---- old names of what other modules do ---------------------------------------------------------

-doc false.
-spec call(node(), module(), atom(), list()) -> term().
call(Node, Module, Function, Arguments) -> rpc:call(Node, Module, Function, Arguments).

-doc false.
-spec cast(node(), module(), atom(), list()) -> true.
cast(Node, Module, Function, Arguments) -> rpc:cast(Node, Module, Function, Arguments).

-doc false.
-spec broadcast(module(), atom(), list()) -> term().
broadcast(Module, Function, Arguments) -> rpc:eval_everywhere(Module, Function, Arguments).

-doc false.
-spec ping(node()) -> pang | pong.
ping(Node) -> net_adm:ping(Node).

-doc false.
-spec sleep(timeout()) -> ok.
sleep(Time) -> timer:sleep(Time).
