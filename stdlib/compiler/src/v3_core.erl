-module(v3_core).
-moduledoc """
What other languages' compilers call between their forms and `m:compile`: Elixir's does.

There is no Core Erlang here. What module/2 gives stands for it: forms that `compile:forms/2` with the option `from_core` takes, and nothing else can read.
""".

-export([module/2, format_error/1]).

-doc "Takes the forms of a module, which nobody has to have checked, for `compile:forms/2` with `from_core`.".
-spec module([tuple()], [term()]) -> {ok, term(), []}.
module(Forms, _Options) -> {ok, {gerl_core, Forms}, []}.

-doc "The text of a problem. This module has none of its own.".
-spec format_error(term()) -> unicode:chardata().
format_error(Reason) -> io_lib:format("~tp", [Reason]).
