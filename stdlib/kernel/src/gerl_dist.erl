-module(gerl_dist).
-moduledoc "The distribution as the node has it; what stands behind net_kernel. Internal; the functions are built in.".

-export([start/1, stop/0, connect/1, watch/2, watchers/0, nodes/0, ticktime/0, ticktime/1, allow/1, allowed/0, epmd_names/1, epmd_port/3]).

start(_Options) -> erlang:nif_error(undef).
stop() -> erlang:nif_error(undef).
connect(_Node) -> erlang:nif_error(undef).
watch(_Flag, _Options) -> erlang:nif_error(undef).
watchers() -> erlang:nif_error(undef).
nodes() -> erlang:nif_error(undef).
ticktime() -> erlang:nif_error(undef).
ticktime(_Milliseconds) -> erlang:nif_error(undef).
allow(_Nodes) -> erlang:nif_error(undef).
allowed() -> erlang:nif_error(undef).
epmd_names(_Host) -> erlang:nif_error(undef).
epmd_port(_Name, _Host, _Milliseconds) -> erlang:nif_error(undef).
