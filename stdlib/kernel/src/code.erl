-module(code).
-moduledoc "The code server: loading and unloading of modules.".

-export([ensure_loaded/1, load_file/1, load_abs/1, load_binary/3, is_loaded/1, all_loaded/0, delete/1, purge/1, soft_purge/1,
         which/1, get_object_code/1, module_md5/1, is_sticky/1, root_dir/0, lib_dir/0, lib_dir/1, lib_dir/2, priv_dir/1,
         ensure_modules_loaded/1, get_mode/0, get_doc/1, objfile_extension/0, compiler_dir/0, where_is_file/1, where_is_file/2,
         get_path/0, set_path/1, set_path/2, add_path/1, add_path/2, add_patha/1, add_patha/2, add_pathz/1, add_pathz/2,
         add_paths/1, add_paths/2, add_pathsa/1, add_pathsa/2, add_pathsz/1, add_pathsz/2, del_path/1, del_paths/1, replace_path/2]).

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

-doc "Whether modules are loaded when they are first called, or all of them at start: what -mode says.".
-spec get_mode() -> embedded | interactive.
get_mode() ->
    case init:get_argument(mode) of
        {ok, Modes} -> case lists:last(Modes) of ["embedded"] -> embedded; _ -> interactive end;
        error -> interactive
    end.

-doc "The documentation of a module: the contents of the chunk Docs of its file.".
-spec get_doc(module()) -> {ok, tuple()} | {error, missing | non_existing}.
get_doc(Module) when is_atom(Module) ->
    case get_object_code(Module) of
        error -> {error, non_existing};
        {_, Binary, _} ->
            case gerl_shell_defs:chunk(<<"Docs">>, Binary) of
                {ok, Chunk} -> {ok, binary_to_term(Chunk)};
                error -> {error, missing}
            end
    end.

-doc "The extension of files of compiled code.".
-spec objfile_extension() -> nonempty_string().
objfile_extension() -> ".beam".

%%% ---- the code path -----------------------------------------------------------------------------

-doc "The directories that modules are looked for in.".
-spec get_path() -> [file:filename()].
get_path() -> gerl_code:path().

-doc "Replaces the code path.".
-spec set_path([file:filename_all()]) -> true | {error, bad_directory}.
set_path(Dirs) when is_list(Dirs) ->
    case lists:all(fun is_dir_name/1, Dirs) of
        true -> gerl_code:set_path([text(D) || D <- Dirs]);
        false -> {error, bad_directory}
    end;
set_path(_) -> {error, bad_directory}.

-doc "Replaces the code path; directories are not remembered in a cache.".
-spec set_path([file:filename_all()], cache | nocache) -> true | {error, bad_directory}.
set_path(Dirs, _Cache) -> set_path(Dirs).

-doc "Puts a directory at the end of the code path.".
-spec add_path(file:filename_all()) -> true | {error, bad_directory}.
add_path(Dir) -> add(last, Dir).
-doc false.
add_path(Dir, _Cache) -> add(last, Dir).

-doc "Puts a directory at the end of the code path.".
-spec add_pathz(file:filename_all()) -> true | {error, bad_directory}.
add_pathz(Dir) -> add(last, Dir).
-doc false.
add_pathz(Dir, _Cache) -> add(last, Dir).

-doc "Puts a directory at the beginning of the code path.".
-spec add_patha(file:filename_all()) -> true | {error, bad_directory}.
add_patha(Dir) -> add(first, Dir).
-doc false.
add_patha(Dir, _Cache) -> add(first, Dir).

add(Where, Dir) ->
    case is_dir_name(Dir) andalso (filelib:is_dir(Dir) orelse lists:member(text(Dir), get_path())) of
        true -> insert(Where, [text(Dir)]);
        false -> {error, bad_directory}
    end.

insert(first, Dirs) -> gerl_code:set_path(Dirs ++ (get_path() -- Dirs));
insert(last, Dirs) ->
    Path = get_path(),
    gerl_code:set_path(Path ++ (Dirs -- Path)).

-doc "Puts directories at the end of the code path; those that do not exist are left out.".
-spec add_paths([file:filename_all()]) -> ok.
add_paths(Dirs) -> add_all(last, Dirs).
-doc false.
add_paths(Dirs, _Cache) -> add_all(last, Dirs).

-doc "Puts directories at the end of the code path; those that do not exist are left out.".
-spec add_pathsz([file:filename_all()]) -> ok.
add_pathsz(Dirs) -> add_all(last, Dirs).
-doc false.
add_pathsz(Dirs, _Cache) -> add_all(last, Dirs).

-doc "Puts directories at the beginning of the code path, the last one first; those that do not exist are left out.".
-spec add_pathsa([file:filename_all()]) -> ok.
add_pathsa(Dirs) -> add_all(first, lists:reverse(Dirs)).
-doc false.
add_pathsa(Dirs, _Cache) -> add_pathsa(Dirs).

add_all(Where, Dirs) ->
    _ = insert(Where, [text(D) || D <- Dirs, is_dir_name(D), filelib:is_dir(D)]),
    ok.

-doc "Removes a directory, or the directory of an application, from the code path.".
-spec del_path(file:filename_all() | atom()) -> boolean() | {error, bad_name}.
del_path(Name) when is_atom(Name); is_list(Name); is_binary(Name) ->
    Path = get_path(),
    Gone = [D || D <- Path, D =:= text(Name) orelse is_of(D, text(Name))],
    case Gone of
        [] -> false;
        [Dir | _] -> gerl_code:set_path(lists:delete(Dir, Path))
    end;
del_path(_) -> {error, bad_name}.

-doc "Removes directories from the code path.".
-spec del_paths([file:filename_all() | atom()]) -> ok.
del_paths(Names) -> lists:foreach(fun del_path/1, Names).

-doc "Puts another directory in the place of an application's in the code path.".
-spec replace_path(atom() | file:filename_all(), file:filename_all()) -> true | {error, bad_directory | bad_name}.
replace_path(Name, Dir) when is_atom(Name); is_list(Name); is_binary(Name) ->
    case is_dir_name(Dir) andalso filelib:is_dir(Dir) of
        false -> {error, bad_directory};
        true ->
            {Before, After} = lists:splitwith(fun(D) -> not is_of(D, text(Name)) end, get_path()),
            gerl_code:set_path(Before ++ [text(Dir) | case After of [_ | Rest] -> Rest; [] -> [] end])
    end;
replace_path(_, _) -> {error, bad_name}.

is_dir_name(Name) -> is_binary(Name) orelse is_list(Name) andalso io_lib:char_list(Name).

text(Name) when is_atom(Name) -> atom_to_list(Name);
text(Name) ->
    Chars = unicode:characters_to_list(Name),
    case Chars =/= "/" andalso lists:suffix("/", Chars) of
        true -> lists:droplast(Chars);
        false -> Chars
    end.

%% Whether a directory of the path is that of an application: NAME or NAME-VERSION, or its ebin.
is_of(Dir, Name) ->
    case lists:reverse(filename:split(Dir)) of
        ["ebin", Last | _] -> hd(string:split(Last, "-")) =:= Name;
        [Last | _] -> hd(string:split(Last, "-")) =:= Name;
        [] -> false
    end.

-doc "The directory of the installed Erlang/OTP; without one, a name that stands for the library inside the program.".
-spec root_dir() -> file:filename().
root_dir() ->
    case gerl_code:root() of
        "" -> "gerl";
        Root -> Root
    end.

-doc "The directory of the library's applications.".
-spec lib_dir() -> file:filename().
lib_dir() -> filename:join(root_dir(), "lib").

-doc "The directory of an application on the code path.".
-spec lib_dir(atom()) -> file:filename() | {error, bad_name}.
lib_dir(App) when is_atom(App) ->
    Name = atom_to_list(App),
    Own = lists:member(App, [kernel, stdlib, compiler, erts]),
    case [D || D <- get_path(), is_of(D, Name)] of
        _ when Own -> own_dir(Name);
        [Dir | _] ->
            case filename:basename(Dir) of
                "ebin" -> filename:dirname(Dir);
                _ -> Dir
            end;
        [] -> {error, bad_name}
    end;
lib_dir(App) when is_list(App) -> lib_dir(list_to_atom(App));
lib_dir(_) -> {error, bad_name}.

own_dir(Name) ->
    case filelib:wildcard(filename:join(lib_dir(), Name ++ "-*")) of
        [] -> filename:join("gerl/lib", Name);
        Found -> lists:last(Found)
    end.

-doc false.
lib_dir(App, Sub) ->
    case lib_dir(App) of
        {error, _} = Error -> Error;
        Dir -> filename:join(Dir, text(Sub))
    end.

-doc "The priv directory of an application.".
-spec priv_dir(atom()) -> file:filename() | {error, bad_name}.
priv_dir(App) -> lib_dir(App, "priv").

-doc "The directory of the compiler.".
-spec compiler_dir() -> file:filename().
compiler_dir() -> lib_dir(compiler).

-doc "Looks for a file in the directories of the code path.".
-spec where_is_file(file:filename()) -> file:filename() | non_existing.
where_is_file(File) -> where_is_file(get_path(), File).

-doc "Looks for a file in directories.".
-spec where_is_file([file:filename()], file:filename()) -> file:filename() | non_existing.
where_is_file([Dir | Dirs], File) ->
    Name = filename:join(Dir, File),
    case erl_prim_loader:read_file_info(Name) of
        {ok, _} -> Name;
        error -> where_is_file(Dirs, File)
    end;
where_is_file([], _) -> non_existing.
