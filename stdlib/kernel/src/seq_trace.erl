-module(seq_trace).
-moduledoc """
Follows one flow of messages through the processes of a system.

A process that sets a component of its token has a token from then on. The token travels with each message that the process sends, with
the exit signals of its links and to the processes that it spawns; whoever takes such a message out of its queue has that token
afterwards, and whoever takes a message without token has none. What happens is told to the system tracer as `{seq_trace, Label, Info}` or
`{seq_trace, Label, Info, Time}`, where Info is `{Event, {Previous, Current}, From, To, Message}`.
""".

-export([set_token/1, set_token/2, get_token/0, get_token/1, print/1, print/2, reset_trace/0, set_system_tracer/1, get_system_tracer/0]).

-export_type([token/0]).

-type flag() :: send | 'receive' | print | timestamp | monotonic_timestamp | strict_monotonic_timestamp.
-type component() :: label | serial | flag().
-type value() :: (Label :: term()) | (Serial :: {non_neg_integer(), non_neg_integer()}) | boolean().
-opaque token() :: {integer(), term(), integer(), pid(), integer()}.
-type tracer() :: pid() | port() | {module(), term()} | false.

-doc """
Gives the calling process a token that `get_token/0` gave before, or none with `[]`: then the result is what it had. A token's
flags are added to those that are set already.
""".
-spec set_token(Token) -> ok | Previous when Token :: token() | [], Previous :: [] | token().
set_token([]) -> erlang:seq_trace(sequential_trace_token, []);
set_token({Flags, Label, Serial, _Sender, Last}) ->
    _ = set_token(label, Label),
    _ = set_token(serial, {Last, Serial}),
    lists:foreach(fun({Bit, Flag}) -> Flags band Bit =/= 0 andalso set_token(Flag, true) end, flags()).

%% The numbers of the flags in a token.
flags() ->
    [{1, send}, {2, 'receive'}, {4, print}, {8, timestamp}, {16, strict_monotonic_timestamp}, {32, monotonic_timestamp}].

-doc "Sets a component of the calling process's token: the result is its value before.".
-spec set_token(component(), value()) -> value().
set_token(Component, Value) ->
    try
        erlang:seq_trace(Component, Value)
    catch
        error:badarg -> error(badarg, [Component, Value])
    end.

-doc "The token of the calling process, `[]` without one.".
-spec get_token() -> [] | token().
get_token() ->
    {sequential_trace_token, Token} = process_info(self(), sequential_trace_token),
    Token.

-doc "A component of the calling process's token.".
-spec get_token(component()) -> [] | {component(), value()}.
get_token(Component) ->
    try
        erlang:seq_trace_info(Component)
    catch
        error:badarg -> error(badarg, [Component])
    end.

-doc "Tells the system tracer something, if the calling process has a token with the flag `print`.".
-spec print(term()) -> ok.
print(Term) ->
    _ = erlang:seq_trace_print(Term),
    ok.

-doc "The same, if the token's label is the given one, too. A label that is an atom is an error.".
-spec print(Label :: integer(), term()) -> ok.
print(Label, Term) when is_atom(Label) -> error(badarg, [Label, Term]);
print(Label, Term) ->
    _ = erlang:seq_trace_print(Label, Term),
    ok.

-doc "Takes the tokens of all processes and of all messages on their way.".
-spec reset_trace() -> true.
reset_trace() -> gerl_trace:reset_tokens().

-doc "Makes a process or port the system tracer; `false` stands for none. The result is the one before.".
-spec set_system_tracer(tracer()) -> tracer().
set_system_tracer(Tracer) -> erlang:system_flag(sequential_tracer, Tracer).

-doc "The system tracer.".
-spec get_system_tracer() -> tracer().
get_system_tracer() ->
    {sequential_tracer, Tracer} = erlang:system_info(sequential_tracer),
    Tracer.
