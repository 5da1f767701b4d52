-module(gerl_code).
-moduledoc "Where the node finds modules. Internal.".

-export([find/1, path/0, set_path/1, root/0, library_root/0, archive_file/1, archive_dir/1, archive_info/1, add_archive/2, own/0, modules/0]).
-export([ensure_loaded/1, file/1, set_file/2, stick/2, is_stuck/1, purge/1, soft_purge/1]).

-doc "The modules of the library inside the program.".
-spec own() -> [string()].
own() -> erlang:nif_error(undef).

-doc "Loads a module unless it is loaded already.".
-spec ensure_loaded(module()) -> {module, module()} | {error, nofile | badfile | on_load_failure}.
ensure_loaded(_Module) -> erlang:nif_error(undef).

-doc "The file that the current code of a module came from.".
-spec file(module()) -> string() | false.
file(_Module) -> erlang:nif_error(undef).

-doc "Notes where the current code of a module came from.".
-spec set_file(module(), file:filename_all()) -> true.
set_file(_Module, _File) -> erlang:nif_error(undef).

-doc "Protects a module from being replaced, or ends its protection.".
-spec stick(string(), boolean()) -> true.
stick(_Name, _Stuck) -> erlang:nif_error(undef).

-doc "Whether a module is protected; undefined if nobody has said.".
-spec is_stuck(string()) -> boolean() | undefined.
is_stuck(_Name) -> erlang:nif_error(undef).

-doc "Removes old code and kills those who run it; says whether there were any.".
-spec purge(module()) -> boolean().
purge(_Module) -> erlang:nif_error(undef).

-doc "Removes old code unless somebody runs it.".
-spec soft_purge(module()) -> boolean().
soft_purge(_Module) -> erlang:nif_error(undef).

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

-doc "The folder that has `lib` of the library inside the program: the program's own name.".
-spec library_root() -> string().
library_root() -> erlang:nif_error(undef).

-doc "The contents of a file inside an archive that the node knows.".
-spec archive_file(string()) -> {ok, binary()} | error.
archive_file(_Name) -> erlang:nif_error(undef).

-doc "The names in a directory inside an archive that the node knows.".
-spec archive_dir(string()) -> {ok, [string()]} | error.
archive_dir(_Name) -> erlang:nif_error(undef).

-doc "Type, size and time (in seconds) of a member of an archive.".
-spec archive_info(string()) -> {ok, {regular | directory, non_neg_integer(), integer()}} | error.
archive_info(_Name) -> erlang:nif_error(undef).

-doc "Makes an archive known by a name: its ebin directories come first in the code path.".
-spec add_archive(string(), binary()) -> ok | error.
add_archive(_Name, _Contents) -> erlang:nif_error(undef).

-doc "The names of the library's modules and of those given to the node.".
-spec modules() -> [string()].
modules() -> erlang:nif_error(undef).
