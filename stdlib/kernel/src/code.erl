-module(code).
-moduledoc "The code server: loading and unloading of modules.".

-export([ensure_loaded/1, load_file/1, load_abs/1, load_binary/3, is_loaded/1, all_loaded/0, delete/1, purge/1, soft_purge/1,
         which/1, get_object_code/1, module_md5/1, is_sticky/1, get_path/0, root_dir/0, lib_dir/0,
         ensure_modules_loaded/1, get_mode/0]).

-export_type([load_ret/0, load_error_rsn/0]).

-type load_error_rsn() :: badfile | nofile | not_purged | on_load_failure | sticky_directory.
-type load_ret() :: {module, module()} | {error, load_error_rsn()}.

-doc "Loads a module unless it is loaded already.".
-spec ensure_loaded(module()) -> load_ret() | {error, embedded}.
ensure_loaded(Module) when is_atom(Module) ->
    case erlang:module_loaded(Module) of
        true -> {module, Module};
        false ->
            %% a call of any function makes the machine look for the module
            try Module:'$ensure_loaded'() catch error:_ -> ok end,
            case erlang:module_loaded(Module) of
                true -> {module, Module};
                false -> {error, nofile}
            end
    end;
ensure_loaded(Module) ->
    erlang:error(function_clause, [Module]).

-doc "Loads several modules that are not loaded yet.".
-spec ensure_modules_loaded([module()]) -> ok | {error, [{module(), term()}]}.
ensure_modules_loaded(Modules) ->
    case [{M, Reason} || M <- Modules, {error, Reason} <- [ensure_loaded(M)]] of
        [] -> ok;
        Failed -> {error, Failed}
    end.

-doc "Loads the module from the code path, replacing the version that is loaded.".
-spec load_file(module()) -> load_ret().
load_file(Module) when is_atom(Module) ->
    case get_object_code(Module) of
        {Module, Binary, File} -> load_binary(Module, File, Binary);
        error -> {error, nofile}
    end.

-doc "Loads the module from a file, given without its extension.".
-spec load_abs(file:filename()) -> load_ret().
load_abs(File) ->
    Name = unicode:characters_to_list([File, ".beam"]),
    case file:read_file(Name) of
        {ok, Binary} -> load_binary(list_to_atom(filename:basename(File)), Name, Binary);
        {error, _} -> {error, nofile}
    end.

-doc "Loads a module from the contents of its .beam file.".
-spec load_binary(module(), file:filename(), binary()) -> load_ret().
load_binary(Module, _File, Binary) when is_atom(Module), is_binary(Binary) ->
    _ = purge(Module),
    case erlang:load_module(Module, Binary) of
        {module, Module} -> {module, Module};
        {error, Reason} -> {error, Reason}
    end.

-doc "Where a loaded module came from.".
-spec is_loaded(module()) -> {file, term()} | false.
is_loaded(Module) ->
    case erlang:module_loaded(Module) of
        true -> {file, which(Module)};
        false -> false
    end.

-doc "All loaded modules.".
-spec all_loaded() -> [{module(), term()}].
all_loaded() -> [{M, which(M)} || M <- erlang:loaded()].

-doc "Makes the current code of a module old.".
-spec delete(module()) -> boolean().
delete(Module) ->
    case erlang:delete_module(Module) of
        true -> true;
        _ -> false
    end.

-doc "Removes old code of a module and kills the processes that still run it; says whether there were any.".
-spec purge(module()) -> boolean().
purge(Module) ->
    try
        Users = [P || P <- erlang:processes(), erlang:check_process_code(P, Module) =:= true],
        [exit(P, kill) || P <- Users],
        erlang:purge_module(Module),
        Users =/= []
    catch
        error:badarg -> false
    end.

-doc "Removes old code of a module unless a process still runs it.".
-spec soft_purge(module()) -> boolean().
soft_purge(Module) ->
    case lists:any(fun(P) -> erlang:check_process_code(P, Module) =:= true end, erlang:processes()) of
        true -> false;
        false ->
            try erlang:purge_module(Module) catch error:badarg -> ok end,
            true
    end.

-doc "The file a module is or would be loaded from.".
-spec which(module()) -> file:filename() | preloaded | non_existing.
which(Module) ->
    case gerl_code:find(Module) of
        {_, File} -> File;
        error -> non_existing
    end.

-doc "The contents and the name of a module's file.".
-spec get_object_code(module()) -> {module(), binary(), file:filename()} | error.
get_object_code(Module) when is_atom(Module) ->
    case gerl_code:find(Module) of
        {Binary, File} -> {Module, Binary, File};
        error -> error
    end.

-doc "The MD5 of a module's contents.".
-spec module_md5(binary()) -> binary() | undefined.
module_md5(Binary) -> erlang:md5(Binary).

-doc "Whether a module is protected from being replaced.".
-spec is_sticky(module()) -> boolean().
is_sticky(_) -> false.

-doc "The directories that modules are looked for in.".
-spec get_path() -> [file:filename()].
get_path() -> gerl_code:path().

-doc "The directory of the installation: the library is part of the program, so this is its name only.".
-spec root_dir() -> file:filename().
root_dir() -> "gerl".

-doc "The directory of the library's applications.".
-spec lib_dir() -> file:filename().
lib_dir() -> "gerl/lib".

-doc "How modules are loaded: when they are first called.".
-spec get_mode() -> interactive.
get_mode() -> interactive.
