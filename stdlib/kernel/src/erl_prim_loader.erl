-module(erl_prim_loader).
-moduledoc "Files of code, also those inside archives: what code loading reads before there is a file server in OTP.".

-export([get_path/0, set_path/1, get_file/1, list_dir/1, read_file_info/1, read_link_info/1, get_cwd/0, get_cwd/1, is_basename/1]).

-include_lib("kernel/include/file.hrl").

-doc "The directories that modules are looked for in.".
-spec get_path() -> {ok, [string()]}.
get_path() -> {ok, gerl_code:path()}.

-doc "Replaces the directories that modules are looked for in.".
-spec set_path([string()]) -> ok.
set_path(Dirs) -> true = gerl_code:set_path(Dirs), ok.

-doc "The contents of a file and its full name; the file may be a member of an archive.".
-spec get_file(string() | atom()) -> {ok, binary(), string()} | error.
get_file(Name0) ->
    Name = text(Name0),
    case file:read_file(Name) of
        {ok, Bytes} -> {ok, Bytes, filename:absname(Name)};
        {error, _} ->
            case in_archive(Name, fun gerl_code:archive_file/1) of
                {ok, Bytes} -> {ok, Bytes, filename:absname(Name)};
                error -> error
            end
    end.

-doc "The names in a directory, which may be one of an archive.".
-spec list_dir(string()) -> {ok, [string()]} | error.
list_dir(Name0) ->
    Name = text(Name0),
    case file:list_dir(Name) of
        {ok, Names} -> {ok, Names};
        {error, _} -> in_archive(Name, fun gerl_code:archive_dir/1)
    end.

-doc "What is known of a file; of a member of an archive, its type and size.".
-spec read_file_info(string()) -> {ok, tuple()} | error.
read_file_info(Name0) ->
    Name = text(Name0),
    case file:read_file_info(Name) of
        {ok, #file_info{type = regular} = Info} -> {ok, as_archive(Name, Info)};
        {ok, Info} -> {ok, Info};
        {error, _} ->
            case in_archive(Name, fun gerl_code:archive_info/1) of
                {ok, {Type, Size, Seconds}} ->
                    Time = calendar:system_time_to_local_time(Seconds, second),
                    {ok, #file_info{size = Size, type = Type, access = read_write, atime = Time, mtime = Time, ctime = Time, mode = 8#066,
                                    links = 1, major_device = 0, minor_device = 0, inode = 0, uid = 0, gid = 0}};
                error -> error
            end
    end.

%% An archive is a directory for code loading.
as_archive(Name, Info) ->
    case filename:extension(Name) =:= ".ez" andalso in_archive(Name, fun gerl_code:archive_info/1) of
        {ok, _} -> Info#file_info{type = directory};
        _ -> Info
    end.

-doc "As read_file_info/1; a symbolic link is not followed.".
-spec read_link_info(string()) -> {ok, tuple()} | error.
read_link_info(Name) ->
    case file:read_link_info(text(Name)) of
        {ok, Info} -> {ok, Info};
        {error, _} -> read_file_info(Name)
    end.

-doc "The working directory.".
-spec get_cwd() -> {ok, string()} | error.
get_cwd() ->
    case file:get_cwd() of
        {ok, Dir} -> {ok, Dir};
        {error, _} -> error
    end.

-doc false.
get_cwd(_Drive) -> get_cwd().

-doc false.
is_basename(Name) -> filename:basename(Name) =:= Name.

text(Name) when is_atom(Name) -> atom_to_list(Name);
text(Name) -> unicode:characters_to_list(Name).

in_archive(Name, Look) ->
    case Look(filename:absname(Name)) of
        {ok, Found} -> {ok, Found};
        error -> error
    end.
