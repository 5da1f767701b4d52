-module(gerl_io).
-moduledoc "The node's terminal or standard input and output, as the I/O servers use them. Internal.".

-export([write/2, read/3, attention/0, geometry/0, is_terminal/0, format/3, write_term/4, pretty/6]).

-doc "Writes UTF-8 bytes to the standard output (1) or error (2); waits while the device is busy.".
-spec write(1 | 2, binary()) -> ok | {error, atom()}.
write(_Fd, _Bytes) -> erlang:nif_error(undef).

-doc """
Shows the prompt and reads what the device has: on a terminal an edited line or expression, else some bytes. The last argument
is the text that is there already, maybe with a hint to show below it; or it says how to go on after a completion was asked for with `{expand, Before}`.
""".
-spec read(binary(), line | expression | password | command, binary() | {fresh | resume, binary(), binary()}) ->
          {ok, binary()} | {expand, binary()} | eof | {error, atom()}.
read(_Prompt, _Mode, _Initial) -> erlang:nif_error(undef).

-doc "Waits until the user of a terminal wants another job (true); false if there is no terminal.".
-spec attention() -> boolean().
attention() -> erlang:nif_error(undef).

-doc "Columns and rows of the terminal, or undefined.".
-spec geometry() -> {pos_integer(), pos_integer()} | undefined.
geometry() -> erlang:nif_error(undef).

-doc "Whether the standard input is a terminal.".
-spec is_terminal() -> boolean().
is_terminal() -> erlang:nif_error(undef).

-doc "The text of a format string as UTF-8; a negative limit is none. Raises badarg.".
-spec format(io:format(), [term()], integer()) -> binary().
format(_Format, _Args, _CharsLimit) -> erlang:nif_error(undef).

-doc "The flat text of a term as UTF-8.".
-spec write_term(term(), integer(), integer(), latin1 | unicode) -> binary().
write_term(_Term, _Depth, _CharsLimit, _Encoding) -> erlang:nif_error(undef).

-doc "The text of a term in lines, as UTF-8; Where is {Column, LineLength, Depth, MaxChars}.".
-spec pretty(term(), {integer(), integer(), integer(), integer()}, integer(), boolean(), boolean(),
             [{atom(), [atom()]}]) -> binary().
pretty(_Term, _Where, _CharsLimit, _Latin1, _Strings, _Records) -> erlang:nif_error(undef).
