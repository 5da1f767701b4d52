-module(gerl_code).
-moduledoc "Where the node finds modules. Internal.".

-export([find/1, path/0, set_path/1, root/0, archive_file/1, archive_dir/1, add_archive/2, modules/0]).

-doc "The contents and file name of a module: from the code path or from the library inside the program.".
-spec find(module()) -> {binary(), string()} | error.
find(_Module) -> erlang:nif_error(undef).

-doc "The directories of the code path.".
-spec path() -> [string()].
path() -> erlang:nif_error(undef).

-doc "Replaces the directories of the code path.".
-spec set_path([string()]) -> true.
set_path(_Dirs) -> erlang:nif_error(undef).

-doc "The directory of an installed Erlang/OTP, empty without one.".
-spec root() -> string().
root() -> erlang:nif_error(undef).

-doc "The contents of a file inside an archive that the node knows.".
-spec archive_file(string()) -> {ok, binary()} | error.
archive_file(_Name) -> erlang:nif_error(undef).

-doc "The names in a directory inside an archive that the node knows.".
-spec archive_dir(string()) -> {ok, [string()]} | error.
archive_dir(_Name) -> erlang:nif_error(undef).

-doc "Makes an archive known by a name: its ebin directories come first in the code path.".
-spec add_archive(string(), binary()) -> ok | error.
add_archive(_Name, _Contents) -> erlang:nif_error(undef).

-doc "The names of the library's modules and of those given to the node.".
-spec modules() -> [string()].
modules() -> erlang:nif_error(undef).
