-module(socket).
-moduledoc """
Sockets of the operating system.

A socket belongs to the process that made it, and is closed when that process ends. Calls that may take time wait for ever, for a
number of milliseconds, or, with `nowait` or a reference as handle, not at all: then `{select, SelectInfo}` promises a message
`{'$socket', Socket, select, Handle}` that tells when the call should be made again.
""".
-compile({no_auto_import, [monitor/1]}).

-export([open/1, open/2, open/3, open/4, bind/2, bind/3, listen/1, listen/2, accept/1, accept/2, connect/1, connect/2, connect/3,
         peeloff/2, peeloff/3, close/1, shutdown/2, cancel/2]).
-export([send/2, send/3, send/4, sendto/3, sendto/4, sendto/5, sendmsg/2, sendmsg/3, sendmsg/4, sendmmsg/4, sendv/2, sendv/3, sendv/4,
         rest_iov/2, sendfile/2, sendfile/3, sendfile/4, sendfile/5]).
-export([recv/1, recv/2, recv/3, recv/4, recvfrom/1, recvfrom/2, recvfrom/3, recvfrom/4, recvmsg/1, recvmsg/2, recvmsg/3, recvmsg/4,
         recvmsg/5, recvmmsg/6]).
-export([setopt/3, setopt/4, setopt_native/3, getopt/2, getopt/3, getopt_native/3, sockname/1, socknames/2, peername/1, peernames/2,
         ioctl/2, ioctl/3, ioctl/4]).
-export([info/0, info/1, i/0, i/1, i/2, number_of/0, which_sockets/0, which_sockets/1, monitor/1, cancel_monitor/1,
         number_of_monitors/0, number_of_monitors/1, which_monitors/1, monitored_by/1, to_list/1, which_socket_kind/1, debug/1,
         socket_debug/1, use_registry/1]).
-export([supports/0, supports/1, supports/2, is_supported/1, is_supported/2, is_supported/3, options/0, options/1, options/2, option/1,
         option/2, protocols/0, protocol/1, tables/0, table/1, mk_sockaddr/2, mk_sockaddr/3]).

-export_type([socket/0, socket_handle/0, select_tag/0, select_handle/0, select_info/0, completion_tag/0, completion_handle/0,
              completion_info/0, invalid/0, socket_counters/0, socket_info/0, domain/0, type/0, protocol/0, port_number/0, in_addr/0,
              in6_addr/0, sockaddr/0, sockaddr_recv/0, sockaddr_in/0, sockaddr_in6/0, sockaddr_un/0, sockaddr_ll/0, sockaddr_dl/0,
              sockaddr_unspec/0, sockaddr_native/0, msg_flag/0, level/0, otp_socket_option/0, socket_option/0, linger/0, timeval/0,
              ip_mreq/0, ip_mreq_source/0, ip_pmtudisc/0, ip_tos/0, ip_pktinfo/0, ipv6_mreq/0, ipv6_pmtudisc/0, ipv6_hops/0,
              ipv6_pktinfo/0, msg/0, msg_send/0, msg_recv/0, cmsg_send/0, cmsg_recv/0, info_keys/0, native_value/0]).

-type socket() :: {'$socket', socket_handle()}.
-opaque socket_handle() :: reference().
-type select_tag() :: atom() | {atom(), term()}.
-type select_handle() :: reference().
-type select_info() :: {select_info, select_tag(), select_handle()}.
-type completion_tag() :: atom().
-type completion_handle() :: reference().
-type completion_info() :: {completion_info, completion_tag(), completion_handle()}.
-type invalid() :: {invalid, term()}.
-type domain() :: inet | inet6 | local | unspec.
-type type() :: stream | dgram | raw | rdm | seqpacket.
-type protocol() :: atom().
-type port_number() :: 0..65535.
-type in_addr() :: {0..255, 0..255, 0..255, 0..255}.
-type in6_addr() :: {0..65535, 0..65535, 0..65535, 0..65535, 0..65535, 0..65535, 0..65535, 0..65535}.
-type sockaddr_in() :: #{family := inet, port => port_number(), addr => any | broadcast | loopback | in_addr()}.
-type sockaddr_in6() :: #{family := inet6, port => port_number(), addr => any | loopback | in6_addr(), flowinfo => 0..16#fffff,
                          scope_id => 0..16#ffffffff}.
-type sockaddr_un() :: #{family := local, path := binary() | string()}.
-type sockaddr_ll() :: #{family := packet, protocol := non_neg_integer(), ifindex := integer(), addr := binary()}.
-type sockaddr_dl() :: #{family := link, index := non_neg_integer(), data := binary()}.
-type sockaddr_unspec() :: #{family := unspec, addr := binary()}.
-type sockaddr_native() :: #{family := integer(), addr := binary()}.
-type sockaddr() :: sockaddr_in() | sockaddr_in6() | sockaddr_un() | sockaddr_ll() | sockaddr_dl() | sockaddr_unspec() |
                    sockaddr_native().
-type sockaddr_recv() :: sockaddr() | binary().
-type msg_flag() :: cmsg_cloexec | confirm | ctrunc | dontroute | eor | errqueue | more | nosignal | oob | peek | trunc.
-type level() :: socket | protocol().
-type otp_socket_option() :: debug | iow | controlling_process | rcvbuf | rcvctrlbuf | sndctrlbuf | select_read | meta | use_registry |
                             fd | domain.
-type socket_option() :: {level(), atom()}.
-type linger() :: #{onoff := boolean(), linger := non_neg_integer()}.
-type timeval() :: #{sec := integer(), usec := integer()}.
-type ip_mreq() :: #{multiaddr := in_addr(), interface := in_addr()}.
-type ip_mreq_source() :: #{multiaddr := in_addr(), interface := in_addr(), sourceaddr := in_addr()}.
-type ip_pmtudisc() :: want | dont | do | probe.
-type ip_tos() :: #{native := non_neg_integer(), tos := map(), dscp := atom() | non_neg_integer()}.
-type ip_pktinfo() :: #{ifindex := non_neg_integer(), spec_dst := in_addr(), addr := in_addr()}.
-type ipv6_mreq() :: #{multiaddr := in6_addr(), interface := non_neg_integer()}.
-type ipv6_pmtudisc() :: want | dont | do | probe.
-type ipv6_hops() :: default | 0..255.
-type ipv6_pktinfo() :: #{addr := in6_addr(), ifindex := integer()}.
-type native_value() :: integer() | boolean() | binary().
-type cmsg_send() :: #{level := level() | integer(), type := atom() | integer(), data => native_value(), value => term()}.
-type cmsg_recv() :: #{level := level() | integer(), type := atom() | integer(), data := binary(), value => term()}.
-type msg_send() :: #{addr => sockaddr(), iov := erlang:iovec(), ctrl => [cmsg_send()]}.
-type msg_recv() :: #{addr => sockaddr_recv(), iov := erlang:iovec(), ctrl := [cmsg_recv()], flags := [msg_flag() | integer()]}.
-type msg() :: msg_send() | msg_recv().
-type socket_counters() :: #{atom() => non_neg_integer()}.
-type socket_info() :: #{domain := domain() | integer(), type := type() | integer(), protocol := protocol() | integer(),
                         owner := pid() | undefined, ctype := normal | {fromfd, integer()}, counters := socket_counters(),
                         num_readers := non_neg_integer(), num_writers := non_neg_integer(), num_acceptors := non_neg_integer(),
                         rstates := [atom()], wstates := [atom()]}.
-type info_keys() :: [domain | type | protocol | fd | owner | local_address | remote_address | recv | sent | state].
-type wait() :: timeout() | nowait | select_handle() | completion_handle().
-type failure() :: {error, term()}.

-define(IS(Ref), is_reference(Ref)).
-define(INFO(Tag), {select_info, Tag, _}).

%% How long a call waits, in the node's terms.
wait(nowait) -> make_ref();
wait(infinity) -> infinity;
wait(Time) when is_integer(Time), Time >= 0; is_reference(Time) -> Time;
wait(Other) -> error({invalid, {timeout, Other}}).

%%% ---- opening and connecting -----------------------------------------------------------------

-doc "Makes a socket of an open descriptor.".
-spec open(integer()) -> {ok, socket()} | failure().
open(FD) when is_integer(FD) -> open(FD, #{});
open(FD) -> error(badarg, [FD]).

-doc "Makes a socket of an open descriptor, with options; or opens one with the default protocol.".
-spec open(integer(), map()) -> {ok, socket()} | failure();
          (domain() | integer(), type() | integer()) -> {ok, socket()} | failure().
open(FD, Options) when is_integer(FD), is_map(Options) -> wrapped(gerl_socket:from_fd(FD, Options), Options);
open(FD, Options) when is_map(Options) -> error(badarg, [FD, Options]);
open(Domain, Type) -> open(Domain, Type, default, #{}).

-doc "Opens a socket with options or with a protocol.".
-spec open(domain() | integer(), type() | integer(), map() | default | protocol() | integer()) -> {ok, socket()} | failure().
open(Domain, Type, Options) when is_map(Options) -> open(Domain, Type, default, Options);
open(Domain, Type, Protocol) -> open(Domain, Type, Protocol, #{}).

-doc "Opens a socket with a protocol and options; `netns` opens it in the network namespace of a file.".
-spec open(domain() | integer(), type() | integer(), default | protocol() | integer(), map()) -> {ok, socket()} | failure().
open(Domain, Type, Protocol, #{} = Options) ->
    wrapped(gerl_socket:open(Domain, Type, Protocol, maps:get(netns, Options, undefined)), Options);
open(Domain, Type, Protocol, Options) -> error(badarg, [Domain, Type, Protocol, Options]).

wrapped({ok, Ref}, Options) ->
    case Options of
        #{use_registry := true} -> ok;
        #{use_registry := false} -> gerl_socket:unlist(Ref);
        _ -> gerl_socket:setting(use_registry, undefined) orelse gerl_socket:unlist(Ref)
    end,
    {ok, {'$socket', Ref}};
wrapped(Other, _) -> Other.

-doc "Gives a socket an address of its own.".
-spec bind(socket(), sockaddr() | any | broadcast | loopback) -> ok | failure().
bind({'$socket', Ref}, Name) when ?IS(Ref), is_atom(Name) ->
    case {lists:member(Name, [any, broadcast, loopback]), gerl_socket:getopt(Ref, otp, domain)} of
        {_, {error, _} = Error} -> Error;
        {false, _} -> {error, {invalid, {sockaddr, Name}}};
        {true, {ok, Domain}} when Domain =:= inet; Domain =:= inet6 -> gerl_socket:bind(Ref, #{family => Domain, addr => Name});
        {true, _} -> {error, eafnosupport}
    end;
bind({'$socket', Ref}, Address) when ?IS(Ref) -> gerl_socket:bind(Ref, Address);
bind(Socket, Address) -> error(badarg, [Socket, Address]).

-doc "Adds or removes addresses of an SCTP socket, which there is none of here.".
-spec bind(socket(), [sockaddr()], add | remove) -> failure().
bind({'$socket', Ref}, Addresses, Action) when ?IS(Ref), is_list(Addresses), Action =:= add orelse Action =:= remove ->
    {error, enotsup};
bind(Socket, Addresses, Action) -> error(badarg, [Socket, Addresses, Action]).

-doc "Makes a socket take connections.".
-spec listen(socket()) -> ok | failure().
listen(Socket) -> listen(Socket, 5).

-doc "Makes a socket take connections, of which so many may wait.".
-spec listen(socket(), integer() | boolean()) -> ok | failure().
listen(Socket, true) -> listen(Socket, 5);
listen(Socket, false) -> listen(Socket, 0);
listen({'$socket', Ref}, Backlog) when ?IS(Ref), is_integer(Backlog) -> gerl_socket:listen(Ref, Backlog);
listen(Socket, Backlog) -> error(badarg, [Socket, Backlog]).

-doc "Takes a connection.".
-spec accept(socket()) -> {ok, socket()} | failure().
accept(Socket) -> accept(Socket, infinity).

-doc "Takes a connection, within a time or without waiting.".
-spec accept(socket(), wait()) -> {ok, socket()} | {select, select_info()} | failure().
accept({'$socket', Ref}, Time) when ?IS(Ref) -> gerl_socket:accept(Ref, wait(Time));
accept(Socket, Time) -> error(badarg, [Socket, Time]).

-doc "Tells the result of a connect that did not wait.".
-spec connect(socket()) -> ok | failure().
connect({'$socket', Ref}) when ?IS(Ref) -> gerl_socket:connected(Ref);
connect(Socket) -> error(badarg, [Socket]).

-doc "Connects to an address.".
-spec connect(socket(), sockaddr()) -> ok | failure().
connect(Socket, Address) -> connect(Socket, Address, infinity).

-doc "Connects to an address, within a time or without waiting.".
-spec connect(socket(), sockaddr(), wait()) -> ok | {select, select_info()} | failure().
connect({'$socket', Ref}, Address, Time) when ?IS(Ref) -> gerl_socket:connect(Ref, Address, wait(Time));
connect(Socket, Address, Time) -> error(badarg, [Socket, Address, Time]).

-doc "Makes a socket of an association of SCTP.".
-spec peeloff(socket(), integer()) -> no_return().
peeloff(Socket, Association) -> peeloff(Socket, Association, []).

-doc "Makes a socket of an association of SCTP, with some options of the old one.".
-spec peeloff(socket(), integer(), [socket_option()]) -> no_return().
peeloff(Socket, Association, Options) -> error(badarg, [Socket, Association, Options]).

-doc "Closes a socket. Calls that wait on it end with `closed`.".
-spec close(socket()) -> ok | failure().
close({'$socket', Ref}) when ?IS(Ref) -> gerl_socket:close(Ref);
close(Socket) -> error(badarg, [Socket]).

-doc "Ends a direction of a connection, or both.".
-spec shutdown(socket(), read | write | read_write) -> ok | failure().
shutdown({'$socket', Ref}, How) when ?IS(Ref) -> gerl_socket:shutdown(Ref, How);
shutdown(Socket, How) -> error(badarg, [Socket, How]).

-doc "Calls off a call that did not wait: its message does not come any more, and is taken out of the queue if it came.".
-spec cancel(socket(), select_info() | completion_info()) -> ok | failure().
cancel({'$socket', Ref} = Socket, {Kind, Tag, Handle} = Info) when ?IS(Ref), Kind =:= select_info orelse Kind =:= completion_info ->
    Operation = case Tag of
        {Name, _} -> Name;
        Name -> Name
    end,
    lists:member(Operation, [accept, connect, recv, recvfrom, recvmsg, recvmmsg, send, sendto, sendmsg, sendmmsg, sendv, sendfile])
        orelse error(badarg, [Socket, Info]),
    case gerl_socket:cancel(Ref, Operation, Handle) of
        unknown ->
            forget(Socket, Handle),
            {error, {invalid, Info}};
        {error, _} = Error -> Error;
        _ -> forget(Socket, Handle)
    end;
cancel(Socket, Info) -> error(badarg, [Socket, Info]).

forget(Socket, Handle) ->
    receive
        {'$socket', Socket, select, Handle} -> ok;
        {'$socket', Socket, abort, {Handle, _}} -> ok
    after 0 -> ok
    end.

%%% ---- sending --------------------------------------------------------------------------------

-doc "Sends data.".
-spec send(socket(), iodata()) -> ok | {ok, binary()} | failure().
send(Socket, Data) -> send(Socket, Data, [], infinity).

-doc "Sends data with flags, within a time, or goes on with what a select_info stands for.".
-spec send(socket(), iodata(), [msg_flag() | integer()] | select_info() | wait()) -> ok | {ok, binary()} | {select, term()} | failure().
send(Socket, Data, How) when is_list(How); is_tuple(How) -> send(Socket, Data, How, infinity);
send(Socket, Data, Time) -> send(Socket, Data, [], Time).

-doc "Sends data with flags, within a time or without waiting. What was not sent is given back.".
-spec send(socket(), iodata(), [msg_flag() | integer()] | select_info(), wait()) ->
          ok | {ok, binary()} | {select, select_info() | {select_info(), binary()}} | failure().
send({'$socket', Ref}, Data, ?INFO({send, How}), Time) when ?IS(Ref), is_binary(Data) -> transmit(Ref, send, Data, How, Time);
send({'$socket', Ref}, Data, ?INFO(_) = Info, _) when ?IS(Ref), is_binary(Data) -> {error, {invalid, Info}};
send({'$socket', Ref}, Data, Flags, Time) when ?IS(Ref), is_list(Flags), is_binary(Data) orelse is_list(Data) ->
    transmit(Ref, send, flat(Data), {undefined, undefined, Flags}, Time);
send(Socket, Data, How, Time) -> error(badarg, [Socket, Data, How, Time]).

transmit(Ref, Operation, Data, How, Time) -> gerl_socket:send(Ref, Operation, Data, How, wait(Time)).

flat(Data) when is_binary(Data) -> Data;
flat([Data]) when is_binary(Data) -> Data;
flat(Data) ->
    try list_to_binary(Data)
    catch error:badarg -> error({invalid, {data, Data}})
    end.

-doc "Sends data to an address.".
-spec sendto(socket(), iodata(), sockaddr() | select_info()) -> ok | {ok, binary()} | failure().
sendto(Socket, Data, ?INFO(_) = Info) -> sendto(Socket, Data, Info, infinity);
sendto(Socket, Data, Address) -> sendto(Socket, Data, Address, [], infinity).

-doc "Sends data to an address with flags, or within a time.".
-spec sendto(socket(), iodata(), sockaddr() | select_info(), [msg_flag() | integer()] | wait()) ->
          ok | {ok, binary()} | {select, term()} | failure().
sendto(Socket, Data, Address, Flags) when is_list(Flags) -> sendto(Socket, Data, Address, Flags, infinity);
sendto({'$socket', Ref} = Socket, Data, ?INFO(Tag) = Info, Time) when ?IS(Ref) ->
    case Tag of
        {sendto, How} when is_binary(Data); is_list(Data) -> transmit(Ref, sendto, flat(Data), How, Time);
        {sendto, _} -> error(badarg, [Socket, Data, Info, Time]);
        _ -> {error, {invalid, Info}}
    end;
sendto(Socket, Data, Address, Time) -> sendto(Socket, Data, Address, [], Time).

-doc "Sends data to an address with flags, within a time or without waiting.".
-spec sendto(socket(), iodata(), sockaddr(), [msg_flag() | integer()], wait()) ->
          ok | {ok, binary()} | {select, select_info() | {select_info(), binary()}} | failure().
sendto({'$socket', Ref}, Data, Address, Flags, Time) when ?IS(Ref), is_list(Flags), is_binary(Data) orelse is_list(Data) ->
    is_map(Address) orelse error({invalid, {sockaddr, Address}}),
    transmit(Ref, sendto, flat(Data), {Address, undefined, Flags}, Time);
sendto(Socket, Data, Address, Flags, Time) -> error(badarg, [Socket, Data, Address, Flags, Time]).

-doc "Sends a message.".
-spec sendmsg(socket(), msg_send()) -> ok | {ok, erlang:iovec()} | failure().
sendmsg(Socket, Message) -> sendmsg(Socket, Message, [], infinity).

-doc "Sends a message with flags, or within a time.".
-spec sendmsg(socket(), msg_send() | erlang:iovec(), [msg_flag() | integer()] | select_info() | wait()) ->
          ok | {ok, erlang:iovec()} | {select, term()} | failure().
sendmsg(Socket, Message, How) when is_list(How); is_tuple(How) -> sendmsg(Socket, Message, How, infinity);
sendmsg(Socket, Message, Time) -> sendmsg(Socket, Message, [], Time).

-doc "Sends a message: data, and perhaps an address and control messages; with flags, within a time or without waiting.".
-spec sendmsg(socket(), msg_send() | erlang:iovec(), [msg_flag() | integer()] | select_info(), wait()) ->
          ok | {ok, erlang:iovec()} | {select, select_info() | {select_info(), erlang:iovec()}} | failure().
sendmsg({'$socket', Ref} = Socket, Rest, ?INFO(Tag) = Info, Time) when ?IS(Ref) ->
    case {Tag, Rest} of
        {{sendmsg, How}, #{iov := Iov}} -> transmit(Ref, sendmsg, Iov, How, Time);
        {{sendmsg, How}, Iov} when is_list(Iov) -> transmit(Ref, sendmsg, Iov, How, Time);
        {{sendmsg, _}, _} -> error(badarg, [Socket, Rest, Info, Time]);
        _ -> {error, {invalid, Info}}
    end;
sendmsg({'$socket', Ref}, #{iov := Iov} = Message, Flags, Time) when ?IS(Ref), is_list(Flags) ->
    transmit(Ref, sendmsg, Iov, how(Message, Flags), Time);
sendmsg(Socket, Message, Flags, Time) -> error(badarg, [Socket, Message, Flags, Time]).

how(Message, Flags) ->
    Address = maps:get(addr, Message, undefined),
    Address =:= undefined orelse is_map(Address) orelse error({invalid, {sockaddr, Address}}),
    Control = maps:get(ctrl, Message, undefined),
    Control =:= undefined orelse is_list(Control) orelse error({bad_generator, Control}),
    {Address, Control, Flags}.

-doc "Sends several messages. The data of those that were not sent are given back.".
-spec sendmmsg(socket(), [msg_send()], [msg_flag() | integer()], wait()) ->
          ok | {ok, [erlang:iovec()]} | {select, select_info()} | {select_write, {select_info(), non_neg_integer()}} | failure().
sendmmsg({'$socket', Ref}, Messages, Flags, Time) when ?IS(Ref), is_list(Messages), is_list(Flags) ->
    case wait(Time) of
        Handle when is_reference(Handle) -> several(Ref, Messages, Flags, fun() -> Handle end, 0);
        Wait ->
            Deadline = gerl_inet_names:deadline(Wait),
            several(Ref, Messages, Flags, fun() -> gerl_inet_names:left(Deadline) end, 0)
    end;
sendmmsg(Socket, Messages, Flags, Time) -> error(badarg, [Socket, Messages, Flags, Time]).

several(_, [], _, _, _) -> ok;
several(Ref, [#{iov := Iov} = Message | More] = Left, Flags, Wait, Sent) ->
    case gerl_socket:send(Ref, sendmmsg, Iov, how(Message, Flags), Wait()) of
        ok -> several(Ref, More, Flags, Wait, Sent + 1);
        {select, {select_info, _, Handle}} when Sent =:= 0 -> {select, {select_info, sendmmsg, Handle}};
        {select, {select_info, _, Handle}} -> {select_write, {{select_info, sendmmsg, Handle}, Sent}};
        {error, _} = Error when Sent =:= 0 -> Error;
        _ -> {ok, [Rest || #{iov := Rest} <- Left]}
    end.

-doc "Sends a list of binaries.".
-spec sendv(socket(), erlang:iovec()) -> ok | {ok, erlang:iovec()} | failure().
sendv(Socket, Iov) -> sendv(Socket, Iov, infinity).

-doc "Sends a list of binaries within a time, without waiting, or going on with what a select_info stands for.".
-spec sendv(socket(), erlang:iovec(), wait() | select_info()) ->
          ok | {ok, erlang:iovec()} | {select, select_info() | {select_info(), erlang:iovec()}} | failure().
sendv({'$socket', Ref}, Iov, ?INFO({sendv, _})) when ?IS(Ref) -> sendv({'$socket', Ref}, Iov, infinity);
sendv({'$socket', Ref} = Socket, Iov, ?INFO(_) = Info) when ?IS(Ref) -> error(badarg, [Socket, Iov, Info]);
sendv({'$socket', Ref}, Iov, Time) when ?IS(Ref) -> transmit(Ref, sendv, Iov, {undefined, undefined, []}, Time);
sendv(Socket, Iov, Time) -> error(badarg, [Socket, Iov, Time]).

-doc "Goes on with what a select_info stands for, within a time or without waiting.".
-spec sendv(socket(), erlang:iovec(), select_info(), wait()) ->
          ok | {ok, erlang:iovec()} | {select, select_info() | {select_info(), erlang:iovec()}} | failure().
sendv({'$socket', Ref} = Socket, Iov, ?INFO(Tag) = Info, Time) when ?IS(Ref), is_list(Iov) ->
    case Tag of
        {sendv, _} -> sendv(Socket, Iov, Time);
        _ -> {error, {invalid, Info}}
    end;
sendv(Socket, Iov, Info, Time) -> error(badarg, [Socket, Iov, Info, Time]).

-doc "What is left of a list of binaries when so many bytes of it were sent.".
-spec rest_iov(non_neg_integer(), erlang:iovec()) -> erlang:iovec().
rest_iov(Written, [Piece | More]) when byte_size(Piece) =< Written -> rest_iov(Written - byte_size(Piece), More);
rest_iov(Written, [Piece | More]) when Written > 0 ->
    <<_:Written/binary, Rest/binary>> = Piece,
    [Rest | More];
rest_iov(_, Iov) -> Iov.

-doc "Sends a file from its beginning to its end.".
-spec sendfile(socket(), file:fd() | select_info()) -> {ok, non_neg_integer()} | failure().
sendfile(Socket, File) -> sendfile(Socket, File, 0, 0, infinity).

-doc "Sends a file within a time or without waiting.".
-spec sendfile(socket(), file:fd() | select_info(), wait()) -> {ok, non_neg_integer()} | {select, term()} | failure().
sendfile(Socket, File, Time) -> sendfile(Socket, File, 0, 0, Time).

-doc "Sends so many bytes of a file from an offset on; 0: all that follow.".
-spec sendfile(socket(), file:fd() | select_info(), integer(), non_neg_integer()) -> {ok, non_neg_integer()} | failure().
sendfile(Socket, File, Offset, Count) -> sendfile(Socket, File, Offset, Count, infinity).

-doc "Sends so many bytes of a file from an offset on, within a time or without waiting.".
-spec sendfile(socket(), file:fd() | select_info(), integer(), non_neg_integer(), wait()) ->
          {ok, non_neg_integer()} | {select, select_info() | {select_info(), non_neg_integer()}} | failure().
sendfile({'$socket', Ref} = Socket, File, Offset, Count, Time) when ?IS(Ref), is_integer(Offset), is_integer(Count), Count >= 0 ->
    case File of
        ?INFO({sendfile, Handle}) -> gerl_socket:sendfile(Ref, Handle, Offset, Count, wait(Time));
        ?INFO(_) -> {error, {invalid, File}};
        {file_descriptor, _, #{handle := Handle}} -> gerl_socket:sendfile(Ref, Handle, Offset, Count, wait(Time));
        _ -> error(badarg, [Socket, File, Offset, Count, Time])
    end;
sendfile(Socket, File, Offset, Count, Time) -> error(badarg, [Socket, File, Offset, Count, Time]).

%%% ---- receiving ------------------------------------------------------------------------------

-doc "Receives what there is.".
-spec recv(socket()) -> {ok, binary()} | failure().
recv(Socket) -> recv(Socket, 0, [], infinity).

-doc "Receives that many bytes, or with flags.".
-spec recv(socket(), non_neg_integer() | [msg_flag() | integer()]) -> {ok, binary()} | failure().
recv(Socket, Flags) when is_list(Flags) -> recv(Socket, 0, Flags, infinity);
recv(Socket, Length) when is_integer(Length), Length >= 0 -> recv(Socket, Length, [], infinity);
recv(Socket, Other) -> error(badarg, [Socket, Other]).

-doc "Receives that many bytes, or with flags, or within a time.".
-spec recv(socket(), non_neg_integer() | [msg_flag() | integer()], [msg_flag() | integer()] | wait()) ->
          {ok, binary()} | {select, term()} | failure().
recv(Socket, Flags, Time) when is_list(Flags) -> recv(Socket, 0, Flags, Time);
recv(Socket, Length, Flags) when is_list(Flags) -> recv(Socket, Length, Flags, infinity);
recv(Socket, Length, Time) -> recv(Socket, Length, [], Time).

-doc "Receives that many bytes of a stream (0: what there is), or a message, with flags, within a time or without waiting.".
-spec recv(socket(), non_neg_integer(), [msg_flag() | integer()], wait()) ->
          {ok, binary()} | {select, select_info() | {select_info(), binary()}} | {select_read, {select_info(), binary()}} | failure().
recv({'$socket', Ref}, Length, Flags, Time) when ?IS(Ref), is_integer(Length), Length >= 0, is_list(Flags) ->
    gerl_socket:recv(Ref, Length, Flags, wait(Time));
recv(Socket, Length, Flags, Time) -> error(badarg, [Socket, Length, Flags, Time]).

-doc "Receives a message and the address that it came from.".
-spec recvfrom(socket()) -> {ok, {sockaddr_recv(), binary()}} | failure().
recvfrom(Socket) -> recvfrom(Socket, 0, [], infinity).

-doc "Receives a message of at most that size, or with flags.".
-spec recvfrom(socket(), non_neg_integer() | [msg_flag() | integer()]) -> {ok, {sockaddr_recv(), binary()}} | failure().
recvfrom(Socket, Flags) when is_list(Flags) -> recvfrom(Socket, 0, Flags, infinity);
recvfrom(Socket, Size) when is_integer(Size), Size >= 0 -> recvfrom(Socket, Size, [], infinity);
recvfrom(Socket, Other) -> error(badarg, [Socket, Other]).

-doc "Receives a message of at most that size, or with flags, or within a time.".
-spec recvfrom(socket(), non_neg_integer() | [msg_flag() | integer()], [msg_flag() | integer()] | wait()) ->
          {ok, {sockaddr_recv(), binary()}} | {select, term()} | failure().
recvfrom(Socket, Flags, Time) when is_list(Flags) -> recvfrom(Socket, 0, Flags, Time);
recvfrom(Socket, Size, Flags) when is_list(Flags) -> recvfrom(Socket, Size, Flags, infinity);
recvfrom(Socket, Size, Time) -> recvfrom(Socket, Size, [], Time).

-doc "Receives a message of at most that size (0: the size of the option rcvbuf), with flags, within a time or without waiting.".
-spec recvfrom(socket(), non_neg_integer(), [msg_flag() | integer()], wait()) ->
          {ok, {sockaddr_recv(), binary()}} | {select, select_info()} | {select_read, term()} | failure().
recvfrom({'$socket', Ref}, Size, Flags, Time) when ?IS(Ref), is_integer(Size), Size >= 0, is_list(Flags) ->
    gerl_socket:recvfrom(Ref, Size, Flags, wait(Time));
recvfrom(Socket, Size, Flags, Time) -> error(badarg, [Socket, Size, Flags, Time]).

-doc "Receives a message with address, control messages and flags.".
-spec recvmsg(socket()) -> {ok, msg_recv()} | failure().
recvmsg(Socket) -> recvmsg(Socket, 0, 0, [], infinity).

-doc "Receives a message with flags, or within a time.".
-spec recvmsg(socket(), [msg_flag() | integer()] | wait()) -> {ok, msg_recv()} | {select, select_info()} | failure().
recvmsg(Socket, Flags) when is_list(Flags) -> recvmsg(Socket, 0, 0, Flags, infinity);
recvmsg(Socket, Time) -> recvmsg(Socket, 0, 0, [], Time).

-doc "Receives a message with flags and within a time, or with sizes of the two buffers.".
-spec recvmsg(socket(), [msg_flag() | integer()] | non_neg_integer(), wait() | non_neg_integer()) ->
          {ok, msg_recv()} | {select, select_info()} | failure().
recvmsg(Socket, Flags, Time) when is_list(Flags) -> recvmsg(Socket, 0, 0, Flags, Time);
recvmsg(Socket, Size, ControlSize) when is_integer(Size), is_integer(ControlSize) -> recvmsg(Socket, Size, ControlSize, [], infinity);
recvmsg(Socket, Size, ControlSize) -> error(badarg, [Socket, Size, ControlSize]).

-doc "Receives a message with sizes of the two buffers, within a time.".
-spec recvmsg(socket(), non_neg_integer(), non_neg_integer(), wait()) -> {ok, msg_recv()} | {select, select_info()} | failure().
recvmsg(Socket, Size, ControlSize, Time) -> recvmsg(Socket, Size, ControlSize, [], Time).

-doc "Receives a message with sizes of the two buffers and flags, within a time or without waiting.".
-spec recvmsg(socket(), non_neg_integer(), non_neg_integer(), [msg_flag() | integer()], wait()) ->
          {ok, msg_recv()} | {select, select_info()} | {select_read, {select_info(), msg_recv()}} | failure().
recvmsg({'$socket', Ref}, Size, ControlSize, Flags, Time)
  when ?IS(Ref), is_integer(Size), Size >= 0, is_integer(ControlSize), ControlSize >= 0, is_list(Flags) ->
    gerl_socket:recvmsg(Ref, Size, ControlSize, Flags, wait(Time));
recvmsg(Socket, Size, ControlSize, Flags, Time) -> error(badarg, [Socket, Size, ControlSize, Flags, Time]).

-doc "Receives up to so many messages, at least one.".
-spec recvmmsg(socket(), pos_integer(), non_neg_integer(), non_neg_integer(), [msg_flag() | integer()], wait()) ->
          {ok, [msg_recv()]} | {select, select_info()} | {select_read, {select_info(), [msg_recv()]}} | failure().
recvmmsg({'$socket', Ref}, Most, Size, ControlSize, Flags, Time)
  when ?IS(Ref), is_integer(Most), Most >= 1, is_integer(Size), Size >= 0, is_integer(ControlSize), ControlSize >= 0, is_list(Flags) ->
    gerl_socket:recvmmsg(Ref, Most, Size, ControlSize, Flags, wait(Time));
recvmmsg(Socket, Most, Size, ControlSize, Flags, Time) -> error(badarg, [Socket, Most, Size, ControlSize, Flags, Time]).

%%% ---- options and addresses --------------------------------------------------------------------

-doc "Sets an option.".
-spec setopt(socket(), socket_option(), term()) -> ok | failure().
setopt({'$socket', Ref}, {Level, Option}, Value) when ?IS(Ref) -> gerl_socket:setopt(Ref, Level, Option, Value);
setopt({'$socket', Ref}, Option, _) when ?IS(Ref) -> throw({invalid, {socket_option, Option}});
setopt(Socket, Option, Value) -> error(badarg, [Socket, Option, Value]).

-doc "Sets an option of a level; with a number and a binary as they go to the operating system.".
-spec setopt(socket(), level() | otp | integer(), atom() | integer(), term()) -> ok | failure().
setopt(Socket, Level, Number, Value) when is_integer(Number), is_binary(Value) -> setopt_native(Socket, {Level, Number}, Value);
setopt(Socket, Level, Option, Value) -> setopt(Socket, {Level, Option}, Value).

-doc "Sets an option to a value that goes to the operating system as it is.".
-spec setopt_native(socket(), {level() | integer(), atom() | integer()}, native_value()) -> ok | failure().
setopt_native({'$socket', Ref}, {Level, Option}, Value) when ?IS(Ref) -> gerl_socket:setopt_native(Ref, Level, Option, Value);
setopt_native(Socket, Option, Value) -> error(badarg, [Socket, Option, Value]).

-doc "Reads an option.".
-spec getopt(socket(), socket_option()) -> {ok, term()} | failure().
getopt({'$socket', Ref}, {Level, Option}) when ?IS(Ref) -> gerl_socket:getopt(Ref, Level, Option);
getopt({'$socket', Ref}, Option) when ?IS(Ref) -> throw({invalid, {socket_option, Option}}).

-doc "Reads an option of a level; `{Number, Form}` as it comes from the operating system.".
-spec getopt(socket(), level() | otp | integer(), atom() | {integer(), integer | boolean | non_neg_integer() | binary()}) ->
          {ok, term()} | failure().
getopt(Socket, Level, {Number, Form}) when is_integer(Number) -> getopt_native(Socket, {Level, Number}, Form);
getopt(Socket, Level, Option) -> getopt(Socket, {Level, Option}).

-doc "Reads an option as it comes from the operating system: an integer, a boolean, or so many bytes.".
-spec getopt_native(socket(), {level() | integer(), atom() | integer()}, integer | boolean | non_neg_integer() | binary()) ->
          {ok, integer() | boolean() | binary()} | failure().
getopt_native({'$socket', Ref}, {Level, Option}, Form) when ?IS(Ref) -> gerl_socket:getopt_native(Ref, Level, Option, Form);
getopt_native(Socket, Option, Form) -> error(badarg, [Socket, Option, Form]).

-doc "The socket's own address.".
-spec sockname(socket()) -> {ok, sockaddr_recv()} | failure().
sockname({'$socket', Ref}) when ?IS(Ref) -> gerl_socket:sockname(Ref);
sockname(Socket) -> error(badarg, [Socket]).

-doc "The socket's own addresses in an association of SCTP, which there is none of here.".
-spec socknames(socket(), integer()) -> failure().
socknames({'$socket', Ref}, Association) when ?IS(Ref), is_integer(Association) -> {error, enotsup};
socknames(Socket, Association) -> error(badarg, [Socket, Association]).

-doc "The address of the other end.".
-spec peername(socket()) -> {ok, sockaddr_recv()} | failure().
peername({'$socket', Ref}) when ?IS(Ref) -> gerl_socket:peername(Ref);
peername(Socket) -> error(badarg, [Socket]).

-doc "The addresses of the other end of an association of SCTP, which there is none of here.".
-spec peernames(socket(), integer()) -> failure().
peernames({'$socket', Ref}, Association) when ?IS(Ref), is_integer(Association) -> {error, enotsup};
peernames(Socket, Association) -> error(badarg, [Socket, Association]).

-doc "Asks the operating system about a socket or about all devices.".
-spec ioctl(socket(), gifconf | nread | nwrite | nspace | atmark | tcp_info) -> {ok, term()} | failure().
ioctl({'$socket', Ref} = Socket, Request) when ?IS(Ref) ->
    lists:member(Request, [gifconf, nread, nwrite, nspace, atmark, tcp_info]) orelse error(badarg, [Socket, Request]),
    gerl_socket:ioctl(Ref, Request, [], undefined);
ioctl(Socket, Request) -> error(badarg, [Socket, Request]).

-doc "Asks the operating system about a device.".
-spec ioctl(socket(), atom(), string() | integer() | atom()) -> ok | {ok, term()} | failure().
ioctl({'$socket', Ref} = Socket, Request, Argument) when ?IS(Ref), is_atom(Request) ->
    Fits = case Request of
        gifname -> is_integer(Argument);
        tcp_info -> Argument =:= 0;
        rcvall -> lists:member(Argument, [on, off, iplevel]);
        _ when Request =:= rcvall_igmpmcast; Request =:= rcvall_mcast -> lists:member(Argument, [on, off]);
        _ -> is_list(Argument) andalso lists:prefix("gif", atom_to_list(Request)) orelse Request =:= genaddr
    end,
    Fits orelse error(badarg, [Socket, Request, Argument]),
    gerl_socket:ioctl(Ref, Request, case is_atom(Argument) of true -> []; false -> Argument end, undefined);
ioctl(Socket, Request, Argument) -> error(badarg, [Socket, Request, Argument]).

-doc "Tells the operating system something about a device.".
-spec ioctl(socket(), atom(), string(), term()) -> ok | failure().
ioctl({'$socket', Ref} = Socket, Request, Name, Value) when ?IS(Ref), is_atom(Request), is_list(Name) ->
    Fits = case Request of
        _ when Request =:= sifmtu; Request =:= siftxqlen -> is_integer(Value);
        _ -> is_map(Value) andalso lists:prefix("sif", atom_to_list(Request))
    end,
    Fits orelse error(badarg, [Socket, Request, Name, Value]),
    gerl_socket:ioctl(Ref, Request, Name, Value);
ioctl(Socket, Request, Name, Value) -> error(badarg, [Socket, Request, Name, Value]).

%%% ---- what there is ------------------------------------------------------------------------------

-doc "What is known of all sockets together.".
-spec info() -> map().
info() -> gerl_socket_info:summary().

-doc "What is known of a socket.".
-spec info(socket()) -> socket_info().
info({'$socket', Ref}) when ?IS(Ref) -> gerl_socket:info(Ref);
info(Socket) -> error(badarg, [Socket]).

-doc "Prints a table of all sockets.".
-spec i() -> ok.
i() -> gerl_socket_info:print(which_sockets(), default).

-doc "Prints a table of the sockets of a domain, type or protocol, or some columns of all.".
-spec i(info_keys() | domain() | type() | protocol()) -> ok.
i(Keys) when is_list(Keys) -> gerl_socket_info:print(which_sockets(), Keys);
i(Which) -> gerl_socket_info:print(which_sockets(Which), default).

-doc "Prints some columns about the sockets of a domain, type or protocol.".
-spec i(domain() | type() | protocol(), info_keys()) -> ok.
i(Which, Keys) when is_atom(Which), is_list(Keys) -> gerl_socket_info:print(which_sockets(Which), Keys).

-doc "How many sockets are open.".
-spec number_of() -> non_neg_integer().
number_of() -> length(gerl_socket:all()).

-doc "All open sockets.".
-spec which_sockets() -> [socket()].
which_sockets() -> gerl_socket:all().

-doc "The open sockets of a domain, type, protocol or owner, or those that a fun picks by what info/1 tells.".
-spec which_sockets(domain() | type() | protocol() | pid() | fun((socket_info()) -> boolean())) -> [socket()].
which_sockets(Rule) ->
    Keep = gerl_socket_info:chooser(Rule),
    is_function(Keep) orelse error(badarg, [Rule]),
    [S || S <- gerl_socket:all(), Keep(info(S))].

-doc "Sends the caller `{'DOWN', Reference, socket, Socket, closed}` when a socket is closed.".
-spec monitor(socket()) -> reference().
monitor({'$socket', Ref}) when ?IS(Ref) -> gerl_socket:monitor(Ref);
monitor(Socket) -> error(badarg, [Socket]).

-doc "Ends a monitor of the caller's.".
-spec cancel_monitor(reference()) -> boolean().
cancel_monitor(Ref) when is_reference(Ref) ->
    gerl_socket:cancel_monitor(Ref) andalso
        receive {'DOWN', Ref, socket, _, _} -> true
        after 0 -> true
        end;
cancel_monitor(Ref) -> error(badarg, [Ref]).

monitors() -> [M || {_, Ref} <- gerl_socket:all(), M <- gerl_socket:monitors(Ref)].

-doc false.
-spec number_of_monitors() -> non_neg_integer().
number_of_monitors() -> length(monitors()).

-doc false.
-spec number_of_monitors(pid()) -> non_neg_integer().
number_of_monitors(Pid) when is_pid(Pid) -> length(which_monitors(Pid)).

-doc false.
-spec which_monitors(pid() | socket()) -> [reference()].
which_monitors(Pid) when is_pid(Pid) -> [Ref || {Ref, P} <- monitors(), P =:= Pid];
which_monitors({'$socket', Ref}) when ?IS(Ref) -> [M || {M, _} <- gerl_socket:monitors(Ref)];
which_monitors(Socket) -> error(badarg, [Socket]).

-doc false.
-spec monitored_by(socket()) -> [pid()].
monitored_by({'$socket', Ref}) when ?IS(Ref) -> lists:usort([P || {_, P} <- gerl_socket:monitors(Ref)]);
monitored_by(Socket) -> error(badarg, [Socket]).

-doc "The text of a socket.".
-spec to_list(socket()) -> string().
to_list({'$socket', Ref}) when ?IS(Ref) ->
    "#Ref" ++ Numbers = ref_to_list(Ref),
    "#Socket" ++ Numbers;
to_list(Socket) -> error(badarg, [Socket]).

-doc false.
-spec which_socket_kind(socket()) -> plain | compat.
which_socket_kind({'$socket', Ref} = Socket) when ?IS(Ref) ->
    case gerl_socket:getopt(Ref, otp, meta) of
        {ok, undefined} -> plain;
        {ok, _} -> compat;
        {error, _} -> error(badarg, [Socket])
    end;
which_socket_kind(Socket) -> error(badarg, [Socket]).

-doc false.
-spec debug(boolean()) -> ok.
debug(On) when is_boolean(On) ->
    gerl_socket:setting(debug, On),
    ok;
debug(On) -> error(badarg, [On]).

-doc false.
-spec socket_debug(boolean()) -> ok.
socket_debug(On) -> debug(On).

-doc "Whether sockets opened from now on are listed by which_sockets/0,1 and counted by number_of/0, unless the options of open say.".
-spec use_registry(boolean()) -> ok.
use_registry(On) when is_boolean(On) ->
    gerl_socket:setting(use_registry, On),
    ok.

-doc "Everything that may or may not be there on this system.".
-spec supports() -> [{term(), boolean() | list()}].
supports() -> gerl_socket_info:supports().

-doc "What of one kind is there.".
-spec supports(term()) -> [{term(), boolean()}].
supports(Kind) -> gerl_socket_info:supports(Kind).

-doc "The options of a level that are there.".
-spec supports(term(), term()) -> [{term(), boolean()}].
supports(options, Level) -> [{Name, There} || {{L, Name}, There} <- supports(options), L =:= Level];
supports(_, _) -> [].

-doc "Whether something is there.".
-spec is_supported(term()) -> boolean().
is_supported(Kind) ->
    case lists:keyfind(Kind, 1, supports()) of
        {_, There} when is_boolean(There) -> There;
        {_, List} -> List =/= [];
        false -> false
    end.

-doc "Whether something of a kind is there.".
-spec is_supported(term(), term()) -> boolean().
is_supported(options, Level) when is_atom(Level) -> lists:any(fun({_, There}) -> There end, supports(options, Level));
is_supported(Kind, Name) -> lists:member({Name, true}, supports(Kind)).

-doc false.
-spec is_supported(options, level(), atom()) -> boolean().
is_supported(options, Level, Name) when is_atom(Level), is_atom(Name) -> is_supported(options, {Level, Name}).

-doc false.
-spec options() -> [{socket_option(), boolean()}].
options() -> lists:sort(supports(options)).

-doc false.
-spec options(level()) -> [{atom(), boolean()}].
options(Level) -> lists:sort(supports(options, Level)).

-doc false.
-spec options(level(), boolean()) -> [atom()].
options(Level, There) -> [Name || {Name, T} <- options(Level), T =:= There].

-doc false.
-spec option(socket_option()) -> boolean().
option({Level, Name}) -> lists:member(Name, options(Level, true)).

-doc false.
-spec option(level(), atom()) -> boolean().
option(Level, Name) -> option({Level, Name}).

-doc false.
-spec protocols() -> [{protocol(), boolean()}].
protocols() -> lists:sort(supports(protocols)).

-doc false.
-spec protocol(protocol()) -> boolean().
protocol(Name) -> is_supported(protocols, Name).

-doc false.
-spec tables() -> map().
tables() -> maps:from_list([{K, table(K)} || K <- [protocols, options, ioctl_requests, ioctl_flags, msg_flags]]).

-doc false.
-spec table(atom()) -> list().
table(Kind) -> gerl_socket_info:supports(Kind).

-doc false.
-spec mk_sockaddr(inet | inet6 | local, term()) -> sockaddr().
mk_sockaddr(local, Path) -> #{family => local, path => Path};
mk_sockaddr(Family, Address) -> mk_sockaddr(Family, Address, 0).

-doc false.
-spec mk_sockaddr(inet | inet6, term(), port_number()) -> sockaddr().
mk_sockaddr(inet, Address, Port) -> #{family => inet, addr => Address, port => Port};
mk_sockaddr(inet6, Address, Port) -> #{family => inet6, addr => Address, port => Port, flowinfo => 0, scope_id => 0}.
