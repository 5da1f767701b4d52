-module(gerl_inet_names).
-moduledoc "Names of hosts and services, and times to wait for them. Internal.".

-export([deadline/1, left/1, addresses/3, port_number/3, target/2, own/2, with_scope/2, host/3, host_of/1, native_name/3,
         native_address/1]).

-doc "The moment at which a timeout is over.".
-spec deadline(timeout()) -> integer() | infinity.
deadline(infinity) -> infinity;
deadline(Timeout) when is_integer(Timeout), Timeout >= 0 -> erlang:monotonic_time(millisecond) + Timeout;
deadline(_) -> error(badarg).

-doc "The milliseconds that are left.".
-spec left(integer() | infinity) -> timeout().
left(infinity) -> infinity;
left(Deadline) -> max(0, Deadline - erlang:monotonic_time(millisecond)).

-doc "The addresses of a host.".
-spec addresses(term(), inet | inet6 | local, integer() | infinity) -> {ok, [term()]} | {error, term()}.
addresses({local, _} = Address, _, _) -> {ok, [Address]};
addresses({scoped, Host, Scope}, Family, Deadline) ->
    case addresses(Host, Family, Deadline) of
        {ok, Found} -> {ok, [{scoped, A, Scope} || A <- Found]};
        Error -> Error
    end;
addresses(Tuple, Family, _) when is_tuple(Tuple) ->
    case {gerl_inet_address:family(Tuple), Family} of
        {Family, Family} -> {ok, [Tuple]};
        {inet, inet6} -> {ok, [inet:ipv4_mapped_ipv6_address(Tuple)]};
        {inet6, inet} -> {error, nxdomain};
        _ -> {error, einval}
    end;
addresses(any, Family, _) when Family =/= local -> {ok, [own(any, Family)]};
addresses(loopback, Family, _) when Family =/= local -> {ok, [own(loopback, Family)]};
addresses(Name, Family, Deadline) when is_atom(Name) -> addresses(atom_to_list(Name), Family, Deadline);
addresses(Name, Family, Deadline) when is_list(Name), Family =/= local ->
    case visible(Name) of
        false -> {error, einval};
        true ->
            case literal(Name, Family) of
                {ok, Address} -> {ok, [Address]};
                {error, _} = Error -> Error;
                name ->
                    case look_up(Name, Family, Deadline) of
                        {ok, {hostent, _, _, _, _, Addresses}} -> {ok, Addresses};
                        Error -> Error
                    end
            end
    end;
addresses(_, _, _) -> {error, einval}.

visible(Name) -> lists:all(fun(C) -> is_integer(C) andalso C > $\s andalso C =< 16#10ffff end, Name).

%% The address that a text is already.
literal([], _) -> {error, einval};
literal(Text, inet) ->
    case gerl_inet_address:v4(Text) of
        {ok, _} = Found -> Found;
        error ->
            case gerl_inet_address:v6_strict(Text) of
                {ok, _} -> {error, nxdomain};
                error -> name
            end
    end;
literal(Text, inet6) ->
    case {gerl_inet_address:v6_strict(Text), gerl_inet_address:v4(Text)} of
        {{ok, _} = Found, _} -> Found;
        {error, {ok, _}} -> {error, nxdomain};
        {error, error} -> name
    end.

%% The resolver asks in a process of its own, so that the caller can stop waiting.
within(F, infinity) -> F();
within(F, Deadline) ->
    {Pid, Ref} = spawn_monitor(fun() -> exit({answer, F()}) end),
    receive
        {'DOWN', Ref, process, Pid, {answer, Answer}} -> Answer;
        {'DOWN', Ref, process, Pid, _} -> {error, nxdomain}
    after left(Deadline) ->
        erlang:demonitor(Ref, [flush]),
        exit(Pid, kill),
        {error, timeout}
    end.

-doc "The number of a port or of the service of that name.".
-spec port_number(term(), inet | inet6 | local, tcp | udp) -> {ok, integer()} | {error, einval}.
port_number(N, _, _) when is_integer(N), N >= 0, N =< 65535 -> {ok, N};
port_number(Name, Family, Protocol) when is_atom(Name), Family =/= local ->
    gerl_inet:service(atom_to_binary(Name), Protocol);
port_number(_, _, _) -> {error, einval}.

-doc "Address and port in the form that sockets take.".
-spec target(term(), integer()) -> term().
target({local, Path}, _) -> {local, path(Path)};
target({scoped, Address, Scope}, Port) -> {Address, Port, Scope};
target(Address, Port) -> {Address, Port}.

-doc "An address with the scope that the map of a socket address names.".
-spec with_scope(term(), map()) -> term().
with_scope(Address, #{scope_id := Scope}) when is_integer(Scope), Scope =/= 0 -> {scoped, Address, Scope};
with_scope(Address, _) -> Address.

path(Path) when is_binary(Path) -> Path;
path(Path) -> unicode:characters_to_binary(Path).

-doc "The address that any or loopback means.".
-spec own(term(), inet | inet6 | local) -> term().
own({scoped, Address, Scope}, Family) -> {scoped, own(Address, Family), Scope};
own(any, inet) -> {0, 0, 0, 0};
own(any, inet6) -> {0, 0, 0, 0, 0, 0, 0, 0};
own(any, local) -> {local, <<>>};
own(loopback, inet) -> {127, 0, 0, 1};
own(loopback, inet6) -> {0, 0, 0, 0, 0, 0, 0, 1};
own(Address, inet6) when tuple_size(Address) =:= 4 -> inet:ipv4_mapped_ipv6_address(Address);
own(Address, _) -> Address.

%% Looks a name up in the ways that the settings of the resolver name.
look_up(Name, Family, Deadline) -> by_methods(inet_db:lookup_order(), Name, Family, Deadline, {error, nxdomain}).

by_methods([], Name, Family, _, Error) ->
    %% this host knows itself
    case inet:gethostname() of
        {ok, Name} -> {ok, entry(Name, Family, [own(loopback, Family)])};
        _ -> Error
    end;
by_methods([Method | More], Name, Family, Deadline, _) ->
    case by_method(Method, Name, Family, Deadline) of
        {ok, _} = Found -> Found;
        {error, timeout} = Error -> Error;
        Error -> by_methods(More, Name, Family, Deadline, Error)
    end.

by_method(file, Name, Family, _) -> inet_hosts:gethostbyname(Name, Family);
by_method(dns, Name, Family, Deadline) -> inet_res:gethostbyname(Name, Family, left(Deadline));
by_method(Method, Name, Family, Deadline) ->
    case lists:member(Method, [native, yp, nis, nisplus, wins]) of
        false -> {error, einval};
        true -> native_name(Name, Family, Deadline)
    end.

-doc "What the operating system's resolver says of a name.".
-spec native_name(string(), inet | inet6, integer() | infinity) -> {ok, tuple()} | {error, term()}.
native_name(Name, Family, Deadline) ->
    case within(fun() -> gerl_inet:resolve(unicode:characters_to_binary(Name), Family) end, Deadline) of
        {ok, Addresses} -> {ok, entry(Name, Family, Addresses)};
        Error -> Error
    end.

-doc "The entry of a host, as gethostbyname gives it.".
-spec host(term(), inet | inet6, integer() | infinity) -> {ok, tuple()} | {error, term()}.
host(Name, Family, Deadline) when is_atom(Name) -> host(atom_to_list(Name), Family, Deadline);
host(Name, Family, Deadline) when is_list(Name) ->
    case visible(Name) andalso literal(Name, Family) of
        false -> {error, einval};
        name -> look_up(Name, Family, Deadline);
        {ok, Address} -> {ok, entry(Name, Family, [Address])};
        Error -> Error
    end;
host(_, _, _) -> {error, einval}.

entry(Name, inet, Addresses) -> {hostent, Name, [], inet, 4, Addresses};
entry(Name, inet6, Addresses) -> {hostent, Name, [], inet6, 16, Addresses}.

-doc "The entry of the host with an address.".
-spec host_of(term()) -> {ok, tuple()} | {error, term()}.
host_of(Given) ->
    case gerl_inet_address:given(Given) of
        none -> {error, einval};
        {_, Address} -> address_by_methods(inet_db:lookup_order(), Address, {error, nxdomain})
    end.

address_by_methods([], _, Error) -> Error;
address_by_methods([Method | More], Address, _) ->
    Answer = case Method of
        file -> inet_hosts:gethostbyaddr(Address);
        dns -> inet_res:gethostbyaddr(Address);
        _ -> native_address(Address)
    end,
    case Answer of
        {ok, _} -> Answer;
        Error -> address_by_methods(More, Address, Error)
    end.

-doc "What the operating system's resolver says of an address.".
-spec native_address(inet:ip_address()) -> {ok, tuple()} | {error, term()}.
native_address(Address) ->
    case gerl_inet:reverse(list_to_binary(gerl_inet_address:text(Address))) of
        {ok, [Name | Aliases]} -> {ok, setelement(3, entry(Name, gerl_inet_address:family(Address), [Address]), Aliases)};
        Error -> Error
    end.
