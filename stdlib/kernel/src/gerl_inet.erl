-module(gerl_inet).
-moduledoc "Sockets as the node has them; what stands behind gen_tcp, gen_udp and inet. Internal; the functions are built in.".

-export([open/4, bind/2, listen/2, connect/3, accept/2, send/2, send_to/4, sendfile/4, recv/3, unrecv/2, setopts/2, getopts/2,
         stats/1, sockname/1, peername/1, shutdown/2, drain/2, close/1, owner/1, give/2, info/1, sockets/0, interfaces/0,
         interface_numbers/0, hostname/0, resolve/2, reverse/1, service/2]).

open(_Family, _Type, _Options, _FD) -> erlang:nif_error(undef).
bind(_Socket, _Address) -> erlang:nif_error(undef).
listen(_Socket, _Backlog) -> erlang:nif_error(undef).
connect(_Socket, _Address, _Timeout) -> erlang:nif_error(undef).
accept(_Socket, _Timeout) -> erlang:nif_error(undef).
send(_Socket, _Data) -> erlang:nif_error(undef).
send_to(_Socket, _Address, _Data, _Control) -> erlang:nif_error(undef).
sendfile(_Socket, _File, _Offset, _Count) -> erlang:nif_error(undef).
recv(_Socket, _Length, _Timeout) -> erlang:nif_error(undef).
unrecv(_Socket, _Data) -> erlang:nif_error(undef).
setopts(_Socket, _Options) -> erlang:nif_error(undef).
getopts(_Socket, _Names) -> erlang:nif_error(undef).
stats(_Socket) -> erlang:nif_error(undef).
sockname(_Socket) -> erlang:nif_error(undef).
peername(_Socket) -> erlang:nif_error(undef).
shutdown(_Socket, _How) -> erlang:nif_error(undef).
drain(_Socket, _Timeout) -> erlang:nif_error(undef).
close(_Socket) -> erlang:nif_error(undef).
owner(_Socket) -> erlang:nif_error(undef).
give(_Socket, _Pid) -> erlang:nif_error(undef).
info(_Socket) -> erlang:nif_error(undef).
sockets() -> erlang:nif_error(undef).
interfaces() -> erlang:nif_error(undef).
interface_numbers() -> erlang:nif_error(undef).
hostname() -> erlang:nif_error(undef).
resolve(_Name, _Family) -> erlang:nif_error(undef).
reverse(_AddressText) -> erlang:nif_error(undef).
service(_Name, _Protocol) -> erlang:nif_error(undef).
