-module(gerl_socket).
-moduledoc "Sockets of module socket as the node has them. Internal; the functions are built in.".

-export([open/4, from_fd/2, bind/2, listen/2, connect/3, connected/1, accept/2, send/5, recv/4, recvfrom/4, recvmsg/5, recvmmsg/6,
         sendfile/5, close/1, shutdown/2, setopt/4, getopt/3, setopt_native/4, getopt_native/4, sockname/1, peername/1, cancel/3,
         ioctl/4, info/1, is_socket/1, all/0, monitor/1, cancel_monitor/1, monitors/1, table/1, setting/2, unlist/1]).

open(_Domain, _Type, _Protocol, _NetNS) -> erlang:nif_error(undef).
from_fd(_FD, _Options) -> erlang:nif_error(undef).
bind(_Socket, _Address) -> erlang:nif_error(undef).
listen(_Socket, _Backlog) -> erlang:nif_error(undef).
connect(_Socket, _Address, _Wait) -> erlang:nif_error(undef).
connected(_Socket) -> erlang:nif_error(undef).
accept(_Socket, _Wait) -> erlang:nif_error(undef).
send(_Socket, _Operation, _Data, _How, _Wait) -> erlang:nif_error(undef).
recv(_Socket, _Length, _Flags, _Wait) -> erlang:nif_error(undef).
recvfrom(_Socket, _Size, _Flags, _Wait) -> erlang:nif_error(undef).
recvmsg(_Socket, _Size, _ControlSize, _Flags, _Wait) -> erlang:nif_error(undef).
recvmmsg(_Socket, _Most, _Size, _ControlSize, _Flags, _Wait) -> erlang:nif_error(undef).
sendfile(_Socket, _File, _Offset, _Count, _Wait) -> erlang:nif_error(undef).
close(_Socket) -> erlang:nif_error(undef).
shutdown(_Socket, _How) -> erlang:nif_error(undef).
setopt(_Socket, _Level, _Option, _Value) -> erlang:nif_error(undef).
getopt(_Socket, _Level, _Option) -> erlang:nif_error(undef).
setopt_native(_Socket, _Level, _Option, _Value) -> erlang:nif_error(undef).
getopt_native(_Socket, _Level, _Option, _Form) -> erlang:nif_error(undef).
sockname(_Socket) -> erlang:nif_error(undef).
peername(_Socket) -> erlang:nif_error(undef).
cancel(_Socket, _Operation, _Handle) -> erlang:nif_error(undef).
ioctl(_Socket, _Request, _Argument, _Value) -> erlang:nif_error(undef).
info(_Socket) -> erlang:nif_error(undef).
is_socket(_Term) -> erlang:nif_error(undef).
all() -> erlang:nif_error(undef).
monitor(_Socket) -> erlang:nif_error(undef).
cancel_monitor(_Reference) -> erlang:nif_error(undef).
monitors(_Socket) -> erlang:nif_error(undef).
table(_Which) -> erlang:nif_error(undef).
setting(_Name, _Value) -> erlang:nif_error(undef).
unlist(_Socket) -> erlang:nif_error(undef).
