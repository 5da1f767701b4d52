-module(gerl_inet_options).
-moduledoc "The option lists of gen_tcp and gen_udp, taken apart. Internal.".

-export([parse/3, module_family/2, socket_names/1]).

-export_type([parsed/0]).

-type parsed() :: #{family := inet | inet6 | local, options := [term()], address := term(), port := term(),
                    fd := undefined | integer() | {netns, string()}, backlog := integer(), bound := boolean()}.

-doc "The names that each kind of socket takes.".
-spec socket_names(connect | listen | udp) -> [atom()].
socket_names(udp) ->
    [reuseaddr, reuseport, reuseport_lb, exclusiveaddruse, sndbuf, recbuf, header, active, buffer, mode, recvtos, recvtclass,
     ttl, recvttl, deliver, ipv6_v6only, broadcast, dontroute, multicast_if, multicast_ttl, multicast_loop, add_membership,
     drop_membership, read_packets, high_msgq_watermark, low_msgq_watermark, bind_to_device, tos, tclass, priority, debug];
socket_names(listen) -> [ipv6_v6only | socket_names(connect)];
socket_names(connect) ->
    [debug, tos, tclass, priority, reuseaddr, reuseport, reuseport_lb, exclusiveaddruse, keepalive, linger, nodelay, nopush,
     sndbuf, recbuf, recvtos, recvtclass, ttl, recvttl, header, active, packet, packet_size, buffer, mode, deliver,
     line_delimiter, exit_on_close, high_watermark, low_watermark, high_msgq_watermark, low_msgq_watermark, send_timeout,
     send_timeout_close, delay_send, show_econnreset, bind_to_device, read_ahead, keepcnt, keepidle, keepintvl, user_timeout,
     dontroute].

-doc "Which family a list of options and an address ask for.".
-spec module_family([term()], term()) -> inet | inet6 | local.
module_family(Options, Address) ->
    Named = [F || F <- Options, F =:= inet orelse F =:= inet6 orelse F =:= local],
    Modules = [M || {Key, M} <- Options, Key =:= tcp_module orelse Key =:= udp_module],
    case {Named, Modules, Address} of
        {[_ | _], _, _} -> lists:last(Named);
        {[], [inet6_tcp | _], _} -> inet6;
        {[], [inet6_udp | _], _} -> inet6;
        {[], [local_tcp | _], _} -> local;
        {[], [local_udp | _], _} -> local;
        {[], _, {local, _}} -> local;
        {[], _, #{family := F}} -> F;
        {[], _, A} when tuple_size(A) =:= 8 -> inet6;
        _ -> bound_family(Options)
    end.

%% The family of the address that the socket is to be bound to.
bound_family(Options) ->
    case [A || {Key, A} <- Options, Key =:= ip orelse Key =:= ifaddr] of
        [{local, _} | _] -> local;
        [A | _] when tuple_size(A) =:= 8 -> inet6;
        [#{family := F} | _] -> F;
        _ -> inet
    end.

-doc "Takes the options for a socket apart. Base are options that the caller's go behind.".
-spec parse(connect | listen | udp, term(), term()) -> {ok, parsed()} | {error, badarg}.
parse(Kind, Options, Address) when is_list(Options) ->
    Start = #{family => module_family(Options, Address), options => [{active, true}], address => any, port => 0,
              fd => undefined, backlog => 5, bound => false},
    try lists:foldl(fun(O, Acc) -> option(O, Kind, Acc) end, Start, backend(Options)) of
        #{options := Known} = Parsed -> {ok, Parsed#{options := lists:reverse(Known)}}
    catch throw:badarg -> {error, badarg}
    end;
parse(_, _, _) -> {error, badarg}.

%% The choice of the backend comes first and changes nothing: there is one.
backend([{inet_backend, B} | Options]) when B =:= inet; B =:= socket; B =:= default -> Options;
backend(Options) -> Options.

option(F, _, Acc) when F =:= inet; F =:= inet6; F =:= local -> Acc;
option(M, _, #{options := O} = Acc) when M =:= binary; M =:= list -> Acc#{options := [{mode, M} | O]};
option({M, _}, _, Acc) when M =:= tcp_module; M =:= udp_module -> Acc;
option({Key, Address}, _, Acc) when Key =:= ip; Key =:= ifaddr -> bind_address(Address, Acc);
option({port, Port}, _, Acc) -> Acc#{port := Port};
option({fd, FD}, _, Acc) when is_integer(FD), FD >= 0 -> Acc#{fd := FD};
option({backlog, N}, listen, Acc) when is_integer(N), N >= 0 -> Acc#{backlog := N};
option({backlog, _}, _, _) -> throw(badarg);
option({netns, Path}, _, #{fd := undefined} = Acc) when is_list(Path); is_binary(Path) ->
    Acc#{fd := {netns, unicode:characters_to_list(Path)}};
option({netns, _}, _, _) -> throw(badarg);
option({raw, A, B, C}, _, #{options := O} = Acc) when is_integer(A), is_integer(B), is_binary(C) ->
    Acc#{options := [{raw, A, B, C} | O]};
option({raw, {A, B, C}}, Kind, Acc) -> option({raw, A, B, C}, Kind, Acc);
option({active, N}, _, #{options := O} = Acc) when is_integer(N) ->
    N >= -32768 andalso N =< 32767 orelse throw(badarg),
    Acc#{options := [{active, N} | lists:keydelete(active, 1, O)]};
option({Name, Value}, Kind, #{options := O} = Acc) when is_atom(Name) ->
    lists:member(Name, socket_names(Kind)) orelse throw(badarg),
    Rest = case Name of
        add_membership -> O;
        drop_membership -> O;
        _ -> lists:keydelete(Name, 1, O)
    end,
    Acc#{options := [{Name, Value} | Rest]};
option(_, _, _) -> throw(badarg).

bind_address(#{family := local, path := Path}, Acc) -> Acc#{address := {local, Path}, bound := true};
bind_address(#{addr := Address} = Full, Acc) ->
    Acc#{address := gerl_inet_names:with_scope(Address, Full), port := maps:get(port, Full, 0), bound := true};
bind_address(Address, Acc) when Address =:= any; Address =:= loopback -> Acc#{address := Address, bound := true};
bind_address({local, _} = Address, Acc) -> Acc#{address := Address, bound := true};
bind_address(Address, Acc) ->
    gerl_inet_address:family(Address) =/= none orelse throw(badarg),
    Acc#{address := Address, bound := true}.
