-module(gerl_zlib).
-moduledoc "Streams of zlib as the node has them. Internal; the functions are built in.".

-export([open/0, deflate_init/6, inflate_init/3, deflate/3, deflate_params/3, deflate_dictionary/2, inflate/3,
         inflate_dictionary/2, dictionary/1, reset/2, finish/2, close/1, owner/2]).

open() -> erlang:nif_error(undef).
deflate_init(_Z, _Level, _WindowBits, _MemLevel, _Strategy, _Wrap) -> erlang:nif_error(undef).
inflate_init(_Z, _Form, _AtEnd) -> erlang:nif_error(undef).
deflate(_Z, _Data, _Flush) -> erlang:nif_error(undef).
deflate_params(_Z, _Level, _Strategy) -> erlang:nif_error(undef).
deflate_dictionary(_Z, _Dictionary) -> erlang:nif_error(undef).
inflate(_Z, _Data, _Limit) -> erlang:nif_error(undef).
inflate_dictionary(_Z, _Dictionary) -> erlang:nif_error(undef).
dictionary(_Z) -> erlang:nif_error(undef).
reset(_Z, _Kind) -> erlang:nif_error(undef).
finish(_Z, _Kind) -> erlang:nif_error(undef).
close(_Z) -> erlang:nif_error(undef).
owner(_Z, _Pid) -> erlang:nif_error(undef).
