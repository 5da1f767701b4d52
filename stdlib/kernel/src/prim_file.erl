-module(prim_file).
-moduledoc "Raw files without the file server: the same as module file with the option raw. Internal.".

-export([open/2, close/1, read/2, read_line/1, write/2, pread/2, pread/3, pwrite/2, pwrite/3, position/2, truncate/1, sync/1,
         datasync/1, advise/4, allocate/3, sendfile/8, read_file/1, write_file/2, get_cwd/0, set_cwd/1, delete/1, rename/2, make_dir/1,
         del_dir/1, list_dir/1, list_dir_all/1, read_file_info/1, read_file_info/2, read_link_info/1, read_link_info/2,
         write_file_info/2, write_file_info/3, make_link/2, make_symlink/2, read_link/1, read_link_all/1, altname/1, internal_normalize_utf8/1]).


open(Name, Modes) -> file:open(Name, [raw | Modes]).
close(File) -> file:close(File).
read(File, Count) -> file:read(File, Count).
read_line(File) -> file:read_line(File).
write(File, Data) -> file:write(File, Data).
pread(File, Places) -> file:pread(File, Places).
pread(File, At, Count) -> file:pread(File, At, Count).
pwrite(File, Places) -> file:pwrite(File, Places).
pwrite(File, At, Data) -> file:pwrite(File, At, Data).
position(File, At) -> file:position(File, At).
truncate(File) -> file:truncate(File).
sync(File) -> file:sync(File).
datasync(File) -> file:datasync(File).
advise(File, Offset, Length, Advice) -> file:advise(File, Offset, Length, Advice).
allocate(File, Offset, Length) -> file:allocate(File, Offset, Length).
sendfile(File, Socket, Offset, Bytes, Piece, _Headers, _Trailers, _Flags) ->
    file:sendfile(File, Socket, Offset, Bytes, [{chunk_size, Piece}]).
read_file(Name) -> file:read_file(Name).
write_file(Name, Data) -> file:write_file(Name, Data).
get_cwd() -> file:get_cwd().
set_cwd(Dir) -> file:set_cwd(Dir).
delete(Name) -> file:delete(Name).
rename(From, To) -> file:rename(From, To).
make_dir(Name) -> file:make_dir(Name).
del_dir(Name) -> file:del_dir(Name).
list_dir(Name) -> file:list_dir(Name).
list_dir_all(Name) -> file:list_dir_all(Name).
read_file_info(Name) -> file:read_file_info(Name).
read_file_info(Name, Options) -> file:read_file_info(Name, Options).
read_link_info(Name) -> file:read_link_info(Name).
read_link_info(Name, Options) -> file:read_link_info(Name, Options).
write_file_info(Name, Info) -> file:write_file_info(Name, Info).
write_file_info(Name, Info, Options) -> file:write_file_info(Name, Info, Options).
make_link(To, Name) -> file:make_link(To, Name).
make_symlink(To, Name) -> file:make_symlink(To, Name).
read_link(Name) -> file:read_link(Name).
read_link_all(Name) -> file:read_link_all(Name).
altname(Name) -> file:altname(Name).

%% The characters of a name, composed.
internal_normalize_utf8(Name) when is_binary(Name) ->
    case unicode:characters_to_nfc_list(Name) of
        Chars when is_list(Chars) -> Chars;
        _ -> erlang:error(badarg, [Name])
    end;
internal_normalize_utf8(Name) -> erlang:error(badarg, [Name]).
