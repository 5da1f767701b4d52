-module(erts_code_purger).
-moduledoc "Removal of old code, under the names that OTP's code server uses.".

-export([purge/1, soft_purge/1]).

-doc "Removes old code of a module and kills the processes that run it: {There was some, somebody was killed}.".
-spec purge(module()) -> {boolean(), boolean()}.
purge(Module) when is_atom(Module) ->
    Old = erlang:check_old_code(Module),
    {Old, gerl_code:purge(Module)}.

-doc "Removes old code of a module unless a process runs it.".
-spec soft_purge(module()) -> boolean().
soft_purge(Module) when is_atom(Module) -> gerl_code:soft_purge(Module).
