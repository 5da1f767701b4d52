-module(code).
-moduledoc "The code server: loading and unloading of modules.".

-export([ensure_loaded/1, load_file/1, load_abs/1, load_abs/2, load_binary/3, is_loaded/1, all_loaded/0, delete/1, purge/1, soft_purge/1,
         which/1, get_object_code/1, module_md5/1, is_sticky/1, root_dir/0, lib_dir/0, lib_dir/1, lib_dir/2, priv_dir/1,
         ensure_modules_loaded/1, get_mode/0, objfile_extension/0, compiler_dir/0, where_is_file/1, where_is_file/2,
         get_path/0, set_path/1, set_path/2, add_path/1, add_path/2, add_patha/1, add_patha/2, add_pathz/1, add_pathz/2,
         add_paths/1, add_paths/2, add_pathsa/1, add_pathsa/2, add_pathsz/1, add_pathsz/2, del_path/1, del_paths/1, replace_path/2,
         replace_path/3, clear_cache/0]).
-export([start_link/0, stop/0]).
-export([prepare_loading/1, finish_loading/1, atomic_load/1, stick_dir/1, unstick_dir/1, stick_mod/1, unstick_mod/1,
         all_available/0, modified_modules/0, module_status/0, module_status/1, clash/0, get_chunk/2, get_doc/1, get_doc/2]).
-export([coverage_support/0, get_coverage/2, get_coverage_mode/0, get_coverage_mode/1, reset_coverage/1, set_coverage_mode/1,
         get_debug_info/1]).

-export_type([load_ret/0, load_error_rsn/0, prepared_code/0, module_status/0]).

-type load_error_rsn() :: badfile | nofile | not_purged | on_load_failure | sticky_directory.
-type load_ret() :: {module, module()} | {error, load_error_rsn()}.
-opaque prepared_code() :: {prepared, [{module(), file:filename(), reference()}]}.
-type module_status() :: not_loaded | loaded | modified | removed.
-type batch() :: [module() | {module(), file:filename(), binary()}].

-doc false.
start_link() -> kernel:asleep(code_server, kernel:idle(code_server), self()).

-doc false.
-spec stop() -> no_return().
stop() -> erlang:halt(1).

-doc "Loads a module unless it is loaded already.".
-spec ensure_loaded(module()) -> load_ret() | {error, embedded}.
ensure_loaded(Module) when is_atom(Module) -> gerl_code:ensure_loaded(Module);
ensure_loaded(Module) -> erlang:error(function_clause, [Module]).

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
        {Module, Binary, ""} -> load_unstuck(Module, "", Binary);
        {Module, Binary, File} -> load_unstuck(Module, filename:absname(File), Binary);
        error -> {error, nofile}
    end.

-doc "Loads the module from a file, given without its extension.".
-spec load_abs(file:filename()) -> load_ret().
load_abs(File) -> load_abs(File, list_to_atom(filename:basename(File))).

-doc false.
-spec load_abs(file:filename(), module()) -> load_ret().
load_abs(File, Module) when is_atom(Module) ->
    Name = filename:absname(unicode:characters_to_list([File, ".beam"])),
    case file:read_file(Name) of
        {ok, Binary} -> load_unstuck(Module, Name, Binary);
        {error, _} -> {error, nofile}
    end.

-doc """
Loads a module from the contents of its .beam file. Old code of a module that is loaded is purged first, unlike what `load_file/1` and `load_abs/1` do, which
give `{error, not_purged}` then.
""".
-spec load_binary(module(), file:filename(), binary()) -> load_ret().
load_binary(Module, File, Binary) when is_atom(Module), is_binary(Binary) ->
    _ = erlang:module_loaded(Module) andalso erlang:check_old_code(Module) andalso not is_sticky(Module) andalso purge(Module),
    load_unstuck(Module, File, Binary);
load_binary(Module, File, Contents) -> erlang:error(function_clause, [Module, File, Contents]).

load_unstuck(Module, File, Binary) ->
    case is_sticky(Module) andalso erlang:prepare_loading(Module, Binary) of
        {error, _} = Error -> Error;
        Prepared when is_reference(Prepared) ->
            error_logger:error_msg("Can't load module '~ts' that resides in sticky dir\n", [Module]),
            {error, sticky_directory};
        false -> load_named(Module, File, Binary)
    end.

load_named(Module, File, Binary) ->
    case erlang:load_module(Module, Binary) of
        {module, Module} ->
            _ = gerl_code:set_file(Module, File),
            {module, Module};
        {error, not_purged} ->
            error_logger:error_msg("Loading of ~ts failed: ~p\n", [File, not_purged]),
            {error, not_purged};
        {error, _} = Error -> Error % the machine has told
    end.

%%% ---- several modules at one moment -------------------------------------------------------------

-doc "Loads modules, all of them at one moment or none of them.".
-spec atomic_load(batch()) -> ok | {error, [{module(), term()}]}.
atomic_load(Modules) ->
    is_batch(Modules) orelse erlang:error(function_clause, [Modules]),
    case prepared(Modules) of
        {ok, Prepared} -> finish_loading(Prepared);
        Error -> Error
    end.

-doc "Does what can be done of loading modules while their present code goes on.".
-spec prepare_loading(batch()) -> {ok, prepared_code()} | {error, [{module(), term()}]}.
prepare_loading(Modules) ->
    is_batch(Modules) orelse erlang:error(function_clause, [Modules]),
    prepared(Modules).

is_batch(Modules) ->
    lists:all(fun(M) -> is_atom(M) orelse is_tuple(M) andalso tuple_size(M) =:= 3 andalso is_atom(element(1, M)) end, Modules).

prepared(Modules) ->
    Named = [{if is_tuple(M) -> element(1, M); true -> M end, M} || M <- Modules],
    Names = [Name || {Name, _} <- Named],
    Staged = [{Name, case lists:member(Name, Names -- [Name]) of
                         true -> duplicated;
                         false -> stage(Name, M)
                     end} || {Name, M} <- Named],
    case [{Name, Reason} || {Name, Reason} <- Staged, is_atom(Reason)] of
        [] -> {ok, {prepared, [{Name, File, Code} || {Name, {File, Code}} <- Staged]}};
        Failed -> {error, lists:usort(Failed)}
    end.

%% {File, PreparedCode}, or the reason why there is none.
stage(Name, Name) ->
    case get_object_code(Name) of
        {_, Binary, File} -> stage(Name, {Name, File, Binary});
        error -> nofile
    end;
stage(Name, {_, File, Binary}) when is_binary(Binary) ->
    case erlang:prepare_loading(Name, Binary) of
        {error, Reason} -> Reason;
        Code ->
            case erlang:has_prepared_code_on_load(Code) of
                true -> on_load_not_allowed;
                false -> {File, Code}
            end
    end;
stage(_, _) -> badarg.

-doc "Makes prepared modules current, all of them at one moment or none of them.".
-spec finish_loading(prepared_code()) -> ok | {error, [{module(), term()}]}.
finish_loading({prepared, Modules} = Prepared) ->
    try [{M, erlang:has_prepared_code_on_load(Code)} || {M, _, Code} <:- Modules] of
        _ -> finish(Modules)
    catch
        error:_ -> erlang:error(function_clause, [Prepared])
    end;
finish_loading(Other) -> erlang:error(function_clause, [Other]).

finish(Modules) ->
    case [{M, sticky_directory} || {M, _, _} <- Modules, is_sticky(M)] of
        [] ->
            case erlang:finish_loading([Code || {_, _, Code} <- Modules]) of
                ok -> lists:foreach(fun({M, File, _}) -> gerl_code:set_file(M, File) end, Modules);
                {Reason, Failed} -> {error, [{M, Reason} || M <- Failed]}
            end;
        Stuck -> {error, Stuck}
    end.

%%% ---- what is loaded ----------------------------------------------------------------------------

-doc "Where a loaded module came from.".
-spec is_loaded(module()) -> {file, term()} | false.
is_loaded(Module) when is_atom(Module) ->
    case gerl_code:file(Module) of
        false -> false;
        File -> {file, File}
    end;
is_loaded(Module) -> erlang:error(function_clause, [Module]).

-doc "All loaded modules.".
-spec all_loaded() -> [{module(), term()}].
all_loaded() -> lists:usort([{M, preloaded} || M <- erlang:pre_loaded()] ++ [{M, File} || M <- erlang:loaded(), {file, File} <- [is_loaded(M)], File =/= preloaded]).

-doc "All modules on the code path and those that are loaded, with their files.".
-spec all_available() -> [{string(), term(), boolean()}].
all_available() ->
    Loaded = #{atom_to_list(M) => {File, true} || {M, File} <- all_loaded()},
    Own = #{Name => {"", false} || Name <- gerl_code:own()},
    OnPath = lists:foldr(fun(Dir, Known) ->
                                 maps:merge(Known, #{filename:rootname(File) => {filename:join(Dir, File), false}
                                                     || File <- beam_files(Dir)})
                         end, #{}, get_path()),
    [{Name, File, IsLoaded} || {Name, {File, IsLoaded}} <- maps:to_list(maps:merge(maps:merge(Own, OnPath), Loaded))].

beam_files(Dir) ->
    case erl_prim_loader:list_dir(Dir) of
        {ok, Files} -> [File || File <- Files, filename:extension(File) =:= ".beam"];
        error -> []
    end.

-doc "Loaded modules whose files have changed since.".
-spec modified_modules() -> [module()].
modified_modules() -> [M || {M, modified} <- module_status()].

-doc "The state of all loaded modules compared with their files.".
-spec module_status() -> [{module(), module_status()}].
module_status() -> module_status([M || {M, _} <- all_loaded()]).

-doc "The state of a module, or of several, compared with the files on the code path.".
-spec module_status(module()) -> module_status(); ([module()]) -> [{module(), module_status()}].
module_status(Modules) when is_list(Modules) -> [{M, module_status(M)} || M <- Modules];
module_status(Module) ->
    case is_loaded(Module) of
        false -> not_loaded;
        {file, ""} -> loaded;       % functions of the machine, without a file
        {file, _} ->
            case get_object_code(Module) of
                error -> case gerl_code:file(Module) of F when F =:= preloaded; F =:= "" -> loaded; _ -> removed end;
                {_, Binary, _} ->
                    %% functions of the machine that have a file for their documentation (math) were not made from it
                    case lists:member(Module:module_info(md5), [<<0:128>>, module_md5(Binary)]) of
                        true -> loaded;
                        false -> modified
                    end
            end
    end.

-doc "Prints the modules that several directories of the code path have.".
-spec clash() -> ok.
clash() ->
    Files = [{File, Dir} || Dir <- get_path(), File <- beam_files(Dir)],
    Places = maps:groups_from_list(fun({File, _}) -> File end, fun({_, Dir}) -> Dir end, Files),
    Several = [{File, Dirs} || {File, [_, _ | _] = Dirs} <- maps:to_list(Places)],
    [io:format("** ~ts hides ~ts~n", [filename:join(Dir, File), filename:join(Hidden, File)])
     || {File, [Dir | Rest]} <- lists:sort(Several), Hidden <- Rest],
    io:format("** Found ~w name clashes in code paths~n", [length(Several)]).

%%% ---- protected modules -------------------------------------------------------------------------

%% What a node of OTP has always loaded, and so protects, while here it may still lie in the library.
-define(ALWAYS, [erl_eval, erl_parse, erl_scan, erpc, file, file_server, filename, gen, gen_event, gen_server, gen_statem, global, global_group, io, io_lib,
                 net_kernel, orddict, ordsets, proc_lib, queue, rpc, sets, string, supervisor, supervisor_bridge]).

-doc "Whether a loaded module is protected from being replaced.".
-spec is_sticky(module()) -> boolean().
is_sticky(Module) when is_atom(Module) ->
    case erlang:module_loaded(Module) of
        true ->
            case gerl_code:is_stuck(atom_to_list(Module)) of
                undefined -> is_protected(gerl_code:file(Module)) andalso init:get_argument(nostick) =:= error;
                Stuck -> Stuck
            end;
        false -> lists:member(Module, ?ALWAYS) andalso gerl_code:is_stuck(atom_to_list(Module)) =/= false andalso init:get_argument(nostick) =:= error
    end.

%% What a node cannot do without: kernel, stdlib and compiler.
is_protected(preloaded) -> true;
is_protected([_ | _] = File) ->
    lists:prefix(gerl_code:library_root() ++ "/lib/", File)
        andalso lists:any(fun(App) -> is_of(filename:dirname(File), App) end, ["kernel", "stdlib", "compiler"]);
is_protected(_) -> false.

-doc "Protects the modules whose files are in a directory.".
-spec stick_dir(file:filename()) -> ok | error.
stick_dir(Dir) -> set_stuck(Dir, true).

-doc "Ends the protection of the modules from a directory.".
-spec unstick_dir(file:filename()) -> ok | error.
unstick_dir(Dir) -> set_stuck(Dir, false).

set_stuck(Dir, Stuck) ->
    case is_dir_name(Dir) andalso filelib:is_dir(Dir) of
        true -> lists:foreach(fun(File) -> gerl_code:stick(filename:rootname(File), Stuck) end, beam_files(Dir));
        false -> error
    end.

-doc false.
stick_mod(Module) -> gerl_code:stick(atom_to_list(Module), true).
-doc false.
unstick_mod(Module) -> gerl_code:stick(atom_to_list(Module), false).

%%% ---- parts of files ----------------------------------------------------------------------------

-doc "A chunk of the contents of a .beam file.".
-spec get_chunk(binary(), string()) -> binary() | undefined.
get_chunk(<<"FOR1", _/binary>> = Binary, Chunk) -> erts_internal:beamfile_chunk(Binary, Chunk);
get_chunk(Binary, Chunk) -> erts_internal:beamfile_chunk(Binary, Chunk).

-doc "The documentation of a module.".
-spec get_doc(module()) -> {ok, tuple()} | {error, non_existing | missing | file:posix()}.
get_doc(Module) -> get_doc(Module, #{}).

-doc "The documentation of a module; with the source debug_info, from its forms.".
-spec get_doc(module(), map()) -> {ok, tuple()} | {error, non_existing | missing | file:posix()}.
get_doc(Module, _Options) when is_atom(Module) ->
    case get_object_code(Module) of
        error -> {error, non_existing};
        {_, Binary, _} ->
            case get_chunk(Binary, "Docs") of
                undefined -> {error, missing};
                Docs -> {ok, binary_to_term(Docs)}
            end
    end.

%%% ---- coverage ----------------------------------------------------------------------------------

-define(KERNEL_INFO, [{error_info, #{module => erl_kernel_errors}}]).

-doc "Whether the machine can count executed lines itself: gerl's cannot.".
-spec coverage_support() -> boolean().
coverage_support() -> false.

-doc "How often functions or lines of a module were executed; not supported.".
-spec get_coverage(function | line | cover_line_id, module()) -> no_return().
get_coverage(Level, Module) -> erlang:error(badarg, [Level, Module], ?KERNEL_INFO).

-doc "The mode for modules that are loaded from now on.".
-spec get_coverage_mode() -> none.
get_coverage_mode() -> none.

-doc "The mode that a module was loaded in; not supported.".
-spec get_coverage_mode(module()) -> no_return().
get_coverage_mode(Module) -> erlang:error(badarg, [Module], ?KERNEL_INFO).

-doc "Sets the counters of a module to zero; not supported.".
-spec reset_coverage(module()) -> no_return().
reset_coverage(Module) -> erlang:error(badarg, [Module], ?KERNEL_INFO).

-doc "Sets the mode for modules that are loaded from now on; not supported.".
-spec set_coverage_mode(atom()) -> no_return().
set_coverage_mode(Mode) -> erlang:error(badarg, [Mode], ?KERNEL_INFO).

-doc "Where variables of a module live; not supported.".
-spec get_debug_info(module()) -> no_return().
get_debug_info(Module) -> erlang:error(badarg, [Module], ?KERNEL_INFO).

-doc "Makes the current code of a module old; false if there is none, or if there is old code already.".
-spec delete(module()) -> boolean().
delete(Module) when is_atom(Module) ->
    case erlang:check_old_code(Module) of
        true ->
            error_logger:error_msg("Module ~w must be purged before deleting\n", [Module]),
            false;
        false -> erlang:delete_module(Module) =:= true
    end;
delete(Module) -> erlang:error(function_clause, [Module]).

-doc "Removes old code of a module and kills the processes that still run it; says whether there were any.".
-spec purge(module()) -> boolean().
purge(Module) when is_atom(Module) -> gerl_code:purge(Module);
purge(Module) -> erlang:error(function_clause, [Module]).

-doc "Removes old code of a module unless a process still runs it.".
-spec soft_purge(module()) -> boolean().
soft_purge(Module) when is_atom(Module) -> gerl_code:soft_purge(Module);
soft_purge(Module) -> erlang:error(function_clause, [Module]).

-doc "The file a module is or would be loaded from.".
-spec which(module()) -> file:filename() | preloaded | non_existing.
which(Module) when is_atom(Module) ->
    case gerl_code:file(Module) of
        false ->
            case {where_is_file(atom_to_list(Module) ++ ".beam"), gerl_code:find(Module)} of
                {non_existing, {_, File}} -> File;
                {Found, _} -> Found
            end;
        File -> File
    end;
which(Module) -> erlang:error(function_clause, [Module]).

-doc "The contents and the name of a module's file.".
-spec get_object_code(module()) -> {module(), binary(), file:filename()} | error.
get_object_code(Module) when is_atom(Module) ->
    case gerl_code:find(Module) of
        {Binary, File} -> {Module, Binary, File};
        error -> error
    end.

-doc "The MD5 of a module's contents.".
-spec module_md5(binary()) -> binary() | undefined.
module_md5(Binary) -> erts_internal:beamfile_module_md5(Binary).

-doc "Whether modules are loaded when they are first called, or all of them at start: what -mode says.".
-spec get_mode() -> embedded | interactive.
get_mode() ->
    case init:get_argument(mode) of
        {ok, [["embedded"] | _]} -> embedded;
        {ok, _} -> interactive;
        error -> interactive
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
    case lists:all(fun(D) -> is_dir_name(D) andalso (filename:extension(D) =:= ".ez" orelse not filelib:is_regular(D)) end, Dirs) of
        true -> gerl_code:set_path([text(D) || D <- Dirs]);
        false -> {error, bad_directory}
    end;
set_path(Dirs) -> erlang:error(function_clause, [Dirs]).

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
    is_list(Dir) orelse is_binary(Dir) orelse erlang:error(function_clause, [Dir]),
    case is_dir_name(Dir) andalso (is_dir(Dir) orelse lists:member(text(Dir), get_path())) of
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
    _ = insert(Where, [text(D) || D <- Dirs, is_dir_name(D), is_dir(D)]),
    ok.

-doc "Removes a directory, or the directory of an application, from the code path.".
-spec del_path(file:filename_all() | atom()) -> boolean().
del_path(Name) when is_atom(Name); is_list(Name); is_binary(Name) ->
    Path = get_path(),
    Gone = [D || D <- Path, D =:= text(Name) orelse is_of(D, text(Name))],
    case Gone of
        [] -> false;
        [Dir | _] -> gerl_code:set_path(lists:delete(Dir, Path))
    end;
del_path(Name) -> erlang:error(function_clause, [Name]).

-doc "Removes directories from the code path.".
-spec del_paths([file:filename_all() | atom()]) -> ok.
del_paths(Names) -> lists:foreach(fun del_path/1, Names).

-doc "Puts another directory in the place of an application's in the code path.".
-spec replace_path(atom() | file:filename_all(), file:filename_all()) -> true | {error, bad_directory | bad_name}.
replace_path(Name, Dir) when is_atom(Name); is_list(Name); is_binary(Name) ->
    case is_dir_name(Dir) andalso is_of(text(Dir), text(Name)) of
        false -> {error, bad_name};
        true ->
            case is_dir(Dir) of
                false -> {error, bad_directory};
                true ->
                    {Before, After} = lists:splitwith(fun(D) -> not is_of(D, text(Name)) end, get_path()),
                    gerl_code:set_path(Before ++ [text(Dir) | case After of [_ | Rest] -> Rest; [] -> [] end])
            end
    end;
replace_path(Name, Dir) -> erlang:error(function_clause, [Name, Dir]).

-doc "Puts another directory in the place of an application's in the code path; directories are not remembered in a cache.".
-spec replace_path(atom() | file:filename(), file:filename_all(), cache | nocache) -> true | {error, bad_directory | bad_name}.
replace_path(Name, Dir, _Cache) -> replace_path(Name, Dir).

-doc "Forgets what is known of directories: nothing is.".
-spec clear_cache() -> ok.
clear_cache() -> ok.

%% A directory may also be one of an archive.
is_dir(Name) -> filelib:is_dir(Name) orelse erl_prim_loader:list_dir(Name) =/= error.

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

-doc "The directory of the installed Erlang/OTP; without one, the program's own name, below which the library is.".
-spec root_dir() -> file:filename().
root_dir() ->
    case gerl_code:root() of
        "" -> gerl_code:library_root();
        Root -> Root
    end.

-doc "The directory of the library's applications.".
-spec lib_dir() -> file:filename().
lib_dir() -> filename:join(root_dir(), "lib").

-doc "The directory of an application on the code path.".
-spec lib_dir(atom()) -> file:filename() | {error, bad_name}.
lib_dir(App) when is_atom(App) ->
    Name = atom_to_list(App),
    case [D || D <- get_path(), is_of(D, Name)] of
        [Dir | _] ->
            case filename:basename(Dir) of
                "ebin" -> beside_archive(filename:dirname(Dir));
                _ -> beside_archive(Dir)
            end;
        [] -> {error, bad_name}
    end;
lib_dir(App) when is_list(App) -> lib_dir(list_to_atom(App));
lib_dir(_) -> {error, bad_name}.

%% What an application in an archive has besides code is in a directory of its name beside the archive.
beside_archive(Dir) ->
    Archive = filename:dirname(Dir),
    case filename:extension(Archive) =:= ".ez" of
        true -> filename:rootname(Archive);
        false -> Dir
    end.

-doc false.
lib_dir(App, Sub) ->
    case lib_dir(App) of
        {error, _} = Error -> Error;
        Dir ->
            %% what is not beside an archive may be in it
            Places = [filename:join(Dir, text(Sub)) | [filename:join(In, text(Sub)) || In <- archived(App)]],
            case [P || P <- Places, tl(Places) =:= [] orelse erl_prim_loader:read_file_info(P) =/= error] of
                [Place | _] -> Place;
                [] -> hd(Places)
            end
    end.

archived(App) ->
    [filename:dirname(D) || D <- get_path(), is_of(D, text(App)), filename:extension(filename:dirname(filename:dirname(D))) =:= ".ez"].

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
