-module(gerl_io).
-moduledoc "The node's terminal or standard input and output, as the I/O servers use them. Internal.".

-export([write/2, read/1, geometry/0, is_terminal/0]).

-doc "Writes UTF-8 bytes to the standard output (1) or error (2); waits while the device is busy.".
-spec write(1 | 2, binary()) -> ok | {error, atom()}.
write(_Fd, _Bytes) -> erlang:nif_error(undef).

-doc "Shows the prompt and reads what the device has: on a terminal an edited line, else some bytes.".
-spec read(binary()) -> {ok, binary()} | eof | {error, atom()}.
read(_Prompt) -> erlang:nif_error(undef).

-doc "Columns and rows of the terminal, or undefined.".
-spec geometry() -> {pos_integer(), pos_integer()} | undefined.
geometry() -> erlang:nif_error(undef).

-doc "Whether the standard input is a terminal.".
-spec is_terminal() -> boolean().
is_terminal() -> erlang:nif_error(undef).
