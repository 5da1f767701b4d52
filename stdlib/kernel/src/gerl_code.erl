-module(gerl_code).
-moduledoc "Where the node finds modules. Internal.".

-export([find/1, path/0]).

-doc "The contents and file name of a module: from the code path or from the library inside the program.".
-spec find(module()) -> {binary(), string()} | error.
find(_Module) -> erlang:nif_error(undef).

-doc "The directories of the code path.".
-spec path() -> [string()].
path() -> erlang:nif_error(undef).
