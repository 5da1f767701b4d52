-module(gerl_file).
-moduledoc """
Files as the operating system has them: names and results are binaries, times are seconds. Internal; the
functions are built in and never block other processes.
""".

-export([allocate/3, open_ram/2, contents/1, read_file/1, open/2, close/1, read/2, read_line/1, write/2, pread/3, pwrite/3, position/3, truncate/1,
         sync/1, info/2, handle_info/1, chmod/2, chown/3, utime/3, rename/2, delete/1, make_dir/1, del_dir/1,
         bad_names/0, list_dir/1, make_link/2, make_symlink/2, read_link/1, get_cwd/0, set_cwd/1]).

allocate(_Handle, _Offset, _Length) -> erlang:nif_error(undef).
read_file(_Name) -> erlang:nif_error(undef).
open(_Name, _Modes) -> erlang:nif_error(undef).
close(_Handle) -> erlang:nif_error(undef).
read(_Handle, _Count) -> erlang:nif_error(undef).
read_line(_Handle) -> erlang:nif_error(undef).
write(_Handle, _Data) -> erlang:nif_error(undef).
pread(_Handle, _Offset, _Count) -> erlang:nif_error(undef).
pwrite(_Handle, _Offset, _Data) -> erlang:nif_error(undef).
position(_Handle, _Whence, _Offset) -> erlang:nif_error(undef).
truncate(_Handle) -> erlang:nif_error(undef).
sync(_Handle) -> erlang:nif_error(undef).
info(_Name, _FollowLinks) -> erlang:nif_error(undef).
handle_info(_Handle) -> erlang:nif_error(undef).
chmod(_Name, _Mode) -> erlang:nif_error(undef).
chown(_Name, _Uid, _Gid) -> erlang:nif_error(undef).
utime(_Name, _Atime, _Mtime) -> erlang:nif_error(undef).
rename(_From, _To) -> erlang:nif_error(undef).
delete(_Name) -> erlang:nif_error(undef).
make_dir(_Name) -> erlang:nif_error(undef).
del_dir(_Name) -> erlang:nif_error(undef).
bad_names() -> erlang:nif_error(undef).
list_dir(_Name) -> erlang:nif_error(undef).
make_link(_Existing, _New) -> erlang:nif_error(undef).
make_symlink(_Target, _Name) -> erlang:nif_error(undef).
read_link(_Name) -> erlang:nif_error(undef).
get_cwd() -> erlang:nif_error(undef).
set_cwd(_Name) -> erlang:nif_error(undef).
open_ram(_Data, _Modes) -> erlang:nif_error(undef).
contents(_Handle) -> erlang:nif_error(undef).
