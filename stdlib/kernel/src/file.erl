-module(file).
-moduledoc "Files and directories.".

%% An open file is either raw, a #file_descriptor{}, which the calling process works on itself, or the pid of
%% a server process (file_io_server) that also speaks the I/O protocol.

%% Names, directories, information
-export([format_error/1, get_cwd/0, get_cwd/1, set_cwd/1, delete/1, delete/2, rename/2, make_dir/1, del_dir/1,
         del_dir_r/1, list_dir/1, list_dir_all/1, read_file_info/1, read_file_info/2, read_link_info/1,
         read_link_info/2, write_file_info/2, write_file_info/3, raw_read_file_info/1, raw_write_file_info/2,
         make_link/2, make_symlink/2, read_link/1, read_link_all/1, altname/1, change_mode/2, change_owner/2,
         change_owner/3, change_group/2, change_time/2, change_time/3, native_name_encoding/0]).
%% Contents
-export([read_file/1, read_file/2, write_file/2, write_file/3, open/2, close/1, read/2, read_line/1, pread/2,
         pread/3, write/2, pwrite/2, pwrite/3, sync/1, datasync/1, position/2, truncate/1, copy/2, copy/3,
         advise/4, allocate/3, sendfile/2, sendfile/5, ipread_s32bu_p32bu/3]).
%% Files of terms and expressions
-export([consult/1, path_consult/2, eval/1, eval/2, path_eval/2, path_eval/3, script/1, script/2, path_script/2,
         path_script/3, path_open/3]).
%% For file_io_server
-export([raw_open/2, raw/2]).

-export_type([name/0, name_all/0, filename/0, filename_all/0, io_device/0, fd/0, posix/0, mode/0, date_time/0,
              file_info/0, location/0, deep_list/0, posix_file_advise/0, file_info_option/0]).

-include("file.hrl").

-type filename() :: string().
-type filename_all() :: string() | binary().
-type name() :: string() | atom() | deep_list().
-type deep_list() :: [char() | atom() | deep_list()].
-type name_all() :: name() | binary().
-type posix() :: atom().
-type fd() :: #file_descriptor{}.
-type io_device() :: pid() | fd().
-type mode() :: atom() | tuple().
-type date_time() :: calendar:datetime().
-type file_info() :: #file_info{}.
-type location() :: integer() | {bof | cur | eof, integer()} | bof | cur | eof.
-type posix_file_advise() :: normal | sequential | random | no_reuse | will_need | dont_need.
-type file_info_option() :: {time, local | universal | posix} | raw.
-type outcome() :: ok | {error, posix() | badarg}.

-doc "The text for an error that a function of this module gave.".
-spec format_error(term()) -> io_lib:chars().
format_error({Line, Module, Problem}) ->
    case {Module =:= ?MODULE, Problem} of
        {false, _} -> io_lib:format("~w: ~ts", [Line, Module:format_error(Problem)]);
        {true, undefined_script} -> "no value returned from script";
        {true, {Class, Reason, Trace}} -> failed(Line, io_lib:format("~w:~w", [Class, Reason]), Trace);
        {true, {Reason, Trace}} -> failed(Line, io_lib:format("~w", [Reason]), Trace)
    end;
format_error(Known) when Known =:= badarg; Known =:= system_limit; Known =:= terminated ->
    maps:get(Known, #{terminated => "the file server process is terminated", badarg => "bad argument",
                      system_limit => "a system limit was hit, probably not enough ports"});
format_error(Posix) when is_atom(Posix) ->
    case erl_posix_msg:message(Posix) of
        "unknown POSIX error" ++ _ -> io_lib:format("unknown POSIX error: ~w", [Posix]);
        Text -> Text
    end;
format_error(Other) -> erlang:error(badarg, [Other]).

failed(Line, Why, Trace) -> io_lib:format("~w: evaluation failed with reason ~ts and stacktrace ~w", [Line, Why, Trace]).

%%% ---- names -----------------------------------------------------------------------------------

%% Runs F on the bytes of a name; {error, badarg} if it is none.
with(Name, F) ->
    case bytes(Name) of
        {ok, Bytes} -> F(Bytes);
        Error -> Error
    end.

with(Name1, Name2, F) -> with(Name1, fun(Bytes1) -> with(Name2, fun(Bytes2) -> F(Bytes1, Bytes2) end) end).

bytes(Name) ->
    case filename:validate(Name) of
        false -> {error, badarg};
        true when is_binary(Name) -> {ok, Name};
        true -> {ok, unicode:characters_to_binary(filename:flatten(Name))}
    end.

%% A name of the file system: text where it is UTF-8, else its bytes.
name(Bytes) ->
    case unicode:characters_to_list(Bytes) of
        Chars when is_list(Chars) -> Chars;
        _ -> Bytes
    end.

-doc "The working directory.".
-spec get_cwd() -> {ok, filename()} | {error, posix()}.
get_cwd() ->
    {ok, Bytes} = gerl_file:get_cwd(),
    {ok, name(Bytes)}.

-doc "The working directory of a drive: there are no drives.".
-spec get_cwd(string()) -> {error, enotsup | badarg}.
get_cwd([Drive, $:]) when is_integer(Drive) -> {error, enotsup};
get_cwd(_) -> {error, badarg}.

-doc "Changes the working directory of this node.".
-spec set_cwd(name_all()) -> outcome() | {error, no_translation}.
set_cwd(Dir) ->
    %% A name that is no text could not be told by get_cwd.
    with(Dir, fun(Bytes) -> case name(Bytes) of Bytes -> {error, no_translation}; _ -> gerl_file:set_cwd(Bytes) end end).

-doc "Deletes a file.".
-spec delete(name_all()) -> outcome().
delete(Name) -> with(Name, fun gerl_file:delete/1).

-doc "Deletes a file; the option raw changes nothing.".
-spec delete(name_all(), [raw]) -> outcome().
delete(Name, Options) when is_list(Options) -> delete(Name);
delete(_, _) -> {error, badarg}.

-doc "Gives a file another name.".
-spec rename(name_all(), name_all()) -> outcome().
rename(From, To) -> with(From, To, fun gerl_file:rename/2).

-doc "Makes a directory.".
-spec make_dir(name_all()) -> outcome().
make_dir(Name) -> with(Name, fun gerl_file:make_dir/1).

-doc "Deletes an empty directory.".
-spec del_dir(name_all()) -> outcome().
del_dir(Name) -> with(Name, fun gerl_file:del_dir/1).

-doc "Deletes a file or a directory with all that is in it. Symbolic links are not followed.".
-spec del_dir_r(name_all()) -> outcome().
del_dir_r(Name) -> with(Name, fun delete_tree/1).

delete_tree(Name) ->
    case gerl_file:info(Name, false) of
        {ok, Facts} when element(2, Facts) =:= directory ->
            case gerl_file:list_dir(Name) of
                {ok, Entries} ->
                    _ = [delete_tree(<<Name/binary, $/, Entry/binary>>) || Entry <- Entries],
                    gerl_file:del_dir(Name);
                Error -> Error
            end;
        {ok, _} -> gerl_file:delete(Name);
        Error -> Error
    end.

-doc """
The names in a directory, in no order; without those that are no text. The flags `+fnuw`, `+fnui` and `+fnue` say whether there is
a warning of each of these, nothing, or an error.
""".
-spec list_dir(name_all()) -> {ok, [filename()]} | {error, posix() | badarg | {no_translation, binary()}}.
list_dir(Name) ->
    case list_dir_all(Name) of
        {ok, Names} ->
            case lists:partition(fun is_list/1, Names) of
                {Texts, []} -> {ok, Texts};
                {Texts, [First | _] = Others} ->
                    case gerl_file:bad_names() of
                        error -> {error, {no_translation, First}};
                        ignore -> {ok, Texts};
                        warning ->
                            [error_logger:warning_msg("Non-unicode filename ~p ignored\n", [N]) || N <- Others],
                            {ok, Texts}
                    end
            end;
        Error -> Error
    end.

-doc "The names in a directory, in no order; those that are no text as binaries.".
-spec list_dir_all(name_all()) -> {ok, [filename_all()]} | {error, posix() | badarg}.
list_dir_all(Name) ->
    with(Name, fun(Bytes) ->
                       case gerl_file:list_dir(Bytes) of
                           {ok, Names} -> {ok, [name(N) || N <- Names]};
                           Error -> Error
                       end
               end).

-doc "Makes another name for a file.".
-spec make_link(name_all(), name_all()) -> outcome().
make_link(Existing, New) -> with(Existing, New, fun gerl_file:make_link/2).

-doc "Makes a symbolic link called Name that leads to Target.".
-spec make_symlink(name_all(), name_all()) -> outcome().
make_symlink(Target, Name) -> with(Target, Name, fun gerl_file:make_symlink/2).

-doc "Where a symbolic link leads.".
-spec read_link(name_all()) -> {ok, filename()} | {error, posix() | badarg}.
read_link(Name) ->
    case read_link_all(Name) of
        {ok, Target} when is_binary(Target) -> {error, einval};
        Result -> Result
    end.

-doc "Where a symbolic link leads; a binary if that is no text.".
-spec read_link_all(name_all()) -> {ok, filename_all()} | {error, posix() | badarg}.
read_link_all(Name) ->
    with(Name, fun(Bytes) ->
                       case gerl_file:read_link(Bytes) of
                           {ok, Target} -> {ok, name(Target)};
                           Error -> Error
                       end
               end).

-doc "The short name of a file: there is none on Unix systems.".
-spec altname(name_all()) -> {error, enotsup | badarg}.
altname(Name) -> with(Name, fun(_) -> {error, enotsup} end).

-doc "How the file system encodes names.".
-spec native_name_encoding() -> latin1 | utf8.
native_name_encoding() -> erlang:nif_error(undef).

%%% ---- information -----------------------------------------------------------------------------

-doc "What is known of a file; symbolic links are followed.".
-spec read_file_info(name_all() | io_device()) -> {ok, file_info()} | {error, posix() | badarg}.
read_file_info(Name) -> read_file_info(Name, []).

-doc "What is known of a file, with times as {time, local | universal | posix} says.".
-spec read_file_info(name_all() | io_device(), [file_info_option()]) ->
          {ok, file_info()} | {error, posix() | badarg}.
read_file_info(Device, Options) when is_pid(Device) -> request(Device, {read_handle_info, Options});
read_file_info(#file_descriptor{data = #{handle := Handle}}, Options) ->
    info(gerl_file:handle_info(Handle), Options);
read_file_info(Name, Options) -> with(Name, fun(Bytes) -> info(gerl_file:info(Bytes, true), Options) end).

-doc "What is known of a file, or of the symbolic link itself.".
-spec read_link_info(name_all()) -> {ok, file_info()} | {error, posix() | badarg}.
read_link_info(Name) -> read_link_info(Name, []).

-doc "As read_link_info/1, with times as {time, local | universal | posix} says.".
-spec read_link_info(name_all(), [file_info_option()]) -> {ok, file_info()} | {error, posix() | badarg}.
read_link_info(Name, Options) -> with(Name, fun(Bytes) -> info(gerl_file:info(Bytes, false), Options) end).

-doc "Another name of read_file_info/1.".
-spec raw_read_file_info(name_all()) -> {ok, file_info()} | {error, posix() | badarg}.
raw_read_file_info(Name) -> read_file_info(Name, [raw]).

-doc "Another name of write_file_info/2.".
-spec raw_write_file_info(name_all(), file_info()) -> outcome().
raw_write_file_info(Name, Info) -> write_file_info(Name, Info, [raw]).

info({ok, {Size, Type, Access, Atime, Mtime, Ctime, Mode, Links, Major, Minor, Inode, Uid, Gid}}, Options) ->
    case time_type(Options, local) of
        error -> {error, badarg};
        As ->
            {ok, #file_info{size = Size, type = Type, access = Access, atime = from_seconds(Atime, As),
                            mtime = from_seconds(Mtime, As), ctime = from_seconds(Ctime, As), mode = Mode,
                            links = Links, major_device = Major, minor_device = Minor, inode = Inode,
                            uid = Uid, gid = Gid}}
    end;
info(Error, _) -> Error.

time_type([{time, As} | Rest], _) when As =:= local; As =:= universal; As =:= posix -> time_type(Rest, As);
time_type([raw | Rest], As) -> time_type(Rest, As);
time_type([], As) -> As;
time_type(_, _) -> error.

-define(EPOCH, 62167219200). % 1970-01-01 in seconds of the Gregorian calendar

from_seconds(Seconds, posix) -> Seconds;
from_seconds(Seconds, universal) -> calendar:gregorian_seconds_to_datetime(Seconds + ?EPOCH);
from_seconds(Seconds, local) -> erlang:universaltime_to_localtime(from_seconds(Seconds, universal)).

to_seconds(Seconds, posix) when is_integer(Seconds) -> Seconds;
to_seconds(DateTime, universal) -> calendar:datetime_to_gregorian_seconds(DateTime) - ?EPOCH;
to_seconds(DateTime, local) -> to_seconds(erlang:localtime_to_universaltime(DateTime), universal).

-doc "Changes mode, owner and times of a file: those fields that are not undefined.".
-spec write_file_info(name_all(), file_info()) -> outcome().
write_file_info(Name, #file_info{} = Info) -> write_file_info(Name, Info, []).

-doc "As write_file_info/2, with times as {time, local | universal | posix} says.".
-spec write_file_info(name_all(), file_info(), [file_info_option()]) -> outcome().
write_file_info(Name, #file_info{} = Info, Options) ->
    As = time_type(Options, local),
    with(Name, fun(Bytes) ->
                       try change(Bytes, Info, As)
                       catch error:_ -> {error, badarg}
                       end
               end);
write_file_info(_, _, _) -> {error, badarg}.

change(Name, #file_info{mode = Mode, uid = Uid, gid = Gid, atime = Atime, mtime = Mtime}, As) when As =/= error ->
    Steps = [fun() -> gerl_file:chown(Name, id(Uid), id(Gid)) end || Uid =/= undefined orelse Gid =/= undefined] ++
        [fun() -> gerl_file:chmod(Name, Mode) end || Mode =/= undefined] ++ [fun() -> touch(Name, Atime, Mtime, As) end],
    in_turn([fun() -> case gerl_file:info(Name, true) of {ok, _} -> ok; Error -> Error end end | Steps]).

in_turn([Step | Rest]) ->
    case Step() of
        ok -> in_turn(Rest);
        Error -> Error
    end;
in_turn([]) -> ok.

id(undefined) -> -1;
id(Id) -> Id.

%% Whatever is changed, the times are, too: without one the file was read now, and changed when it was read.
touch(Name, Atime, Mtime, As) ->
    Read = case Atime of
               undefined -> erlang:system_time(second);
               _ -> to_seconds(Atime, As)
           end,
    Changed = case Mtime of
                  undefined -> Read;
                  _ -> to_seconds(Mtime, As)
              end,
    gerl_file:utime(Name, Read, Changed).

-doc "Changes the permissions of a file.".
-spec change_mode(name_all(), integer()) -> outcome().
change_mode(Name, Mode) when is_integer(Mode) -> write_file_info(Name, #file_info{mode = Mode}).

-doc "Changes the owner of a file.".
-spec change_owner(name_all(), integer()) -> outcome().
change_owner(Name, Uid) when is_integer(Uid) -> write_file_info(Name, #file_info{uid = Uid}).

-doc "Changes owner and group of a file.".
-spec change_owner(name_all(), integer(), integer()) -> outcome().
change_owner(Name, Uid, Gid) when is_integer(Uid), is_integer(Gid) ->
    write_file_info(Name, #file_info{uid = Uid, gid = Gid}).

-doc "Changes the group of a file.".
-spec change_group(name_all(), integer()) -> outcome().
change_group(Name, Gid) when is_integer(Gid) -> write_file_info(Name, #file_info{gid = Gid}).

-doc "Changes the times of access and modification.".
-spec change_time(name_all(), date_time()) -> outcome().
change_time(Name, {{_, _, _}, {_, _, _}} = Time) ->
    write_file_info(Name, #file_info{mtime = Time}).

-doc "Changes the times of access and modification.".
-spec change_time(name_all(), date_time(), date_time()) -> outcome().
change_time(Name, {{_, _, _}, {_, _, _}} = Atime, {{_, _, _}, {_, _, _}} = Mtime) ->
    write_file_info(Name, #file_info{atime = Atime, mtime = Mtime}).

%%% ---- whole files -----------------------------------------------------------------------------

-doc "The contents of a file.".
-spec read_file(name_all()) -> {ok, binary()} | {error, posix() | badarg | terminated | system_limit}.
read_file(Name) -> with(Name, fun gerl_file:read_file/1).

-doc "The contents of a file; the option raw changes nothing.".
-spec read_file(name_all(), [raw]) -> {ok, binary()} | {error, posix() | badarg}.
read_file(Name, Options) when Options =:= []; Options =:= [raw] -> read_file(Name);
read_file(_, _) -> {error, badarg}.

-doc "Writes a file, in place of what it contained.".
-spec write_file(name_all(), iodata()) -> outcome() | {error, terminated | system_limit}.
write_file(Name, Data) -> write_file(Name, Data, []).

-doc "Writes a file that is opened with Modes.".
-spec write_file(name_all(), iodata(), [mode()]) -> outcome() | {error, terminated | system_limit}.
write_file(Name, Data, Modes) when is_list(Modes) ->
    case lists:keyfind(encoding, 1, [M || M <- Modes, is_tuple(M)]) of
        false ->
            try iolist_to_binary(Data) of
                Bytes -> write_with(Name, Modes -- [raw], fun(F) -> raw(F, {write, Bytes}) end)
            catch
                error:badarg -> {error, badarg}
            end;
        _ ->
            case open(Name, [write | Modes]) of
                {ok, F} ->
                    Result = case io:request(F, {put_chars, unicode, Data}) of
                                 {error, {no_translation, _, _} = Reason} -> {error, Reason};
                                 {error, _} -> {error, badarg};
                                 ok -> ok
                             end,
                    first_error(Result, close(F));
                Error -> Error
            end
    end;
write_file(_, _, _) -> {error, badarg}.

write_with(Name, Modes, Write) ->
    case raw_open(Name, [write, binary | Modes]) of
        {ok, F} ->
            Result = Write(F),
            first_error(Result, raw(F, close));
        Error -> Error
    end.

first_error(ok, Second) -> Second;
first_error(First, _) -> First.

%%% ---- open files ------------------------------------------------------------------------------

-doc "Opens a file.".
-spec open(name_all() | iodata(), [mode()] | mode()) -> {ok, io_device()} | {error, posix() | badarg | system_limit}.
open(Name, Modes) when is_list(Modes) ->
    case lists:member(ram, Modes) of
        true ->
            lists:member(raw, Modes) andalso error(badarg),
            ram_file:open(Name, Modes);
        false ->
            case bytes(Name) of
                {ok, Bytes} ->
                    case lists:member(raw, Modes) of
                        true -> raw_open(Bytes, lists:delete(raw, Modes));
                        false -> file_io_server:start_link(self(), Bytes, Modes)
                    end;
                Error -> Error
            end
    end;
open(Name, read_write) -> open(Name, [read, write]);
open(Name, Mode) when Mode =:= read; Mode =:= write; Mode =:= append; Mode =:= raw; Mode =:= binary; Mode =:= compressed ->
    open(Name, [Mode]);
open(_, _) -> {error, badarg}.

-doc false.
raw_open(Name, Modes) ->
    %% Modes that nobody knows are no error.
    case open_modes([Mode || Mode <- Modes, not is_atom(Mode) orelse is_mode(Mode)], []) of
        {error, _} = Error -> Error;
        ForSystem ->
            with(Name, fun(Bytes) ->
                               case gerl_file:open(Bytes, ForSystem) of
                                   {ok, Handle} ->
                                       Data = #{handle => Handle, owner => self()},
                                       {ok, #file_descriptor{module = prim_file,
                                                             data = case lists:member(binary, Modes) of
                                                                        true -> Data;
                                                                        false -> Data#{list => true}
                                                                    end}};
                                   Error -> Error
                               end
                       end)
    end.

is_mode(Mode) ->
    lists:member(Mode, [read, write, append, exclusive, sync, directory, raw, binary, delayed_write, read_ahead,
                        compressed, compressed_one]).

%% The modes that the operating system knows, and before them those about buffers.
open_modes([Mode | Rest], Known) when Mode =:= read; Mode =:= write; Mode =:= append; Mode =:= exclusive;
                                      Mode =:= sync; Mode =:= directory ->
    open_modes(Rest, [Mode | Known]);
open_modes([Mode | Rest], Known) when Mode =:= raw; Mode =:= binary -> open_modes(Rest, Known);
open_modes([delayed_write | Rest], Known) -> open_modes([{delayed_write, 65536, 2000} | Rest], Known);
open_modes([read_ahead | Rest], Known) -> open_modes([{read_ahead, 65536} | Rest], Known);
open_modes([{delayed_write, Size, Delay} = Mode | Rest], Known)
  when is_integer(Size), Size >= 0, is_integer(Delay), Delay >= 0 ->
    open_modes(Rest, [Mode | Known]);
open_modes([{read_ahead, Size} = Mode | Rest], Known) when is_integer(Size), Size >= 0 ->
    open_modes(Rest, [Mode | Known]);
open_modes([{encoding, _} | Rest], Known) -> open_modes(Rest, Known); % raw files are bytes
open_modes([Mode | Rest], Known) when Mode =:= compressed; Mode =:= compressed_one -> open_modes(Rest, [compressed | Known]);
open_modes([], Known) ->
    {Buffers, System} = lists:partition(fun is_tuple/1, Known),
    Buffers ++ System;
open_modes(_, _) -> {error, badarg}.

-doc "Closes a file.".
-spec close(io_device()) -> ok | {error, posix() | badarg | terminated}.
close(Device) when is_pid(Device) ->
    case request(Device, close) of
        {error, terminated} -> ok;
        Result -> Result
    end;
close(Device) -> on(Device, close).

-doc "Reads bytes, or characters if the file has an encoding.".
-spec read(io_device() | atom(), non_neg_integer()) ->
          {ok, string() | binary()} | eof | {error, posix() | badarg | terminated | {no_translation, unicode, latin1}}.
read(Device, Count) when is_pid(Device) orelse is_atom(Device), is_integer(Count), Count >= 0 ->
    data(io:request(Device, {get_chars, latin1, '', Count}));
read(#file_descriptor{} = Device, Count) when is_integer(Count), Count >= 0 -> on(Device, {read, Count});
read(_, _) -> {error, badarg}.

-doc "Reads a line.".
-spec read_line(io_device() | atom()) ->
          {ok, string() | binary()} | eof | {error, posix() | badarg | terminated | {no_translation, unicode, latin1}}.
read_line(Device) when is_pid(Device); is_atom(Device) -> data(io:request(Device, {get_line, latin1, ''}));
read_line(Device) -> on(Device, read_line).

data(Data) when is_list(Data); is_binary(Data) -> {ok, Data};
data(Other) -> Other.

-doc "Writes bytes.".
-spec write(io_device() | atom(), iodata()) -> outcome() | {error, terminated}.
write(Device, Data) when is_pid(Device); is_atom(Device) ->
    try iolist_to_binary(Data) of
        Bytes -> io:request(Device, {put_chars, latin1, Bytes})
    catch
        error:badarg -> {error, badarg}
    end;
write(Device, Data) -> on(Device, {write, Data}).

-doc "Reads at several places.".
-spec pread(io_device(), [{location(), non_neg_integer()}]) -> {ok, [string() | binary() | eof]} | {error, term()}.
pread(Device, Places) when is_list(Places) ->
    case lists:all(fun({_, Count}) -> is_integer(Count) andalso Count >= 0; (_) -> false end, Places) of
        true -> pread_all(Device, Places, []);
        false -> {error, badarg}
    end;
pread(_, _) -> {error, badarg}.

pread_all(Device, [{At, Count} | Rest], Read) ->
    case pread(Device, At, Count) of
        {ok, Data} -> pread_all(Device, Rest, [Data | Read]);
        eof -> pread_all(Device, Rest, [eof | Read]);
        Error -> Error
    end;
pread_all(_, [], Read) -> {ok, lists:reverse(Read)}.

-doc "Reads at a place.".
-spec pread(io_device(), location(), non_neg_integer()) -> {ok, string() | binary()} | eof | {error, term()}.
pread(Device, At, Count) when is_integer(Count), Count >= 0 -> on(Device, {pread, At, Count});
pread(_, _, _) -> {error, badarg}.

-doc "Writes at several places; the error tells how many were written.".
-spec pwrite(io_device(), [{location(), iodata()}]) -> ok | {error, {non_neg_integer(), term()}}.
pwrite(Device, Places) when is_list(Places) -> pwrite_all(Device, Places, 0);
pwrite(_, _) -> {error, badarg}.

pwrite_all(Device, [{At, Data} | Rest], Done) ->
    case pwrite(Device, At, Data) of
        ok -> pwrite_all(Device, Rest, Done + 1);
        {error, Reason} -> {error, {Done, Reason}}
    end;
pwrite_all(_, [], _) -> ok;
pwrite_all(_, _, _) -> {error, badarg}.

-doc "Writes at a place.".
-spec pwrite(io_device(), location(), iodata()) -> outcome().
pwrite(Device, At, Data) -> on(Device, {pwrite, At, Data}).

-doc "Waits until everything is on the disk.".
-spec sync(io_device()) -> outcome().
sync(Device) -> on(Device, sync).

-doc "Waits until the data is on the disk.".
-spec datasync(io_device()) -> outcome().
datasync(Device) -> on(Device, sync).

-doc "Moves to a place; gives the distance from the beginning.".
-spec position(io_device(), location()) -> {ok, integer()} | {error, term()}.
position(Device, At) -> on(Device, {position, At}).

-doc "Cuts the file off at the current place.".
-spec truncate(io_device()) -> outcome().
truncate(Device) -> on(Device, truncate).

-doc "Tells the operating system how a part will be used: a hint that is not passed on.".
-spec advise(io_device(), integer(), integer(), posix_file_advise()) -> outcome().
advise(Device, Offset, Length, Advice) when is_integer(Offset), is_integer(Length), is_atom(Advice) ->
    case lists:member(Advice, [normal, sequential, random, no_reuse, will_need, dont_need]) of
        true -> on(Device, advise);
        false -> {error, einval}
    end;
advise(_, _, _, _) -> {error, badarg}.

-doc "Reserves room for a part of a file, where the system can.".
-spec allocate(io_device(), non_neg_integer(), non_neg_integer()) -> ok | {error, posix() | badarg}.
allocate(Device, Offset, Length) -> on(Device, {allocate, Offset, Length}).

-doc false.
-spec ipread_s32bu_p32bu(io_device(), non_neg_integer(), non_neg_integer() | infinity) -> term().
ipread_s32bu_p32bu(Device, At, MaxSize) -> gerl_file_extras:indirect(Device, At, MaxSize).

-doc "Sends a file over a socket.".
-spec sendfile(name_all(), port()) -> {ok, non_neg_integer()} | {error, term()}.
sendfile(Name, Socket) -> gerl_file_extras:sendfile(Name, Socket).

-doc "Sends a part of an open file over a socket; 0 bytes: all that follows.".
-spec sendfile(fd(), port(), non_neg_integer(), non_neg_integer(), list()) -> {ok, non_neg_integer()} | {error, term()}.
sendfile(File, Socket, Offset, Bytes, Options) -> gerl_file_extras:sendfile(File, Socket, Offset, Bytes, Options).

on(Device, Operation) when is_pid(Device) -> request(Device, Operation);
on(#file_descriptor{} = File, Operation) -> raw(File, Operation);
on(_, _) -> {error, badarg}.

%% Asks the server process of a file.
request(Device, Operation) ->
    Monitor = monitor(process, Device),
    Device ! {file_request, self(), Monitor, Operation},
    receive
        {file_reply, Monitor, Reply} ->
            demonitor(Monitor, [flush]),
            Reply;
        {'DOWN', Monitor, _, _, _} ->
            {error, terminated}
    end.

-doc false.
raw(#file_descriptor{data = #{owner := Owner}}, _) when Owner =/= self() ->
    error(not_on_controlling_process);
raw(#file_descriptor{data = #{handle := Handle} = Data}, Operation) ->
    try operate(Handle, Operation) of
        {ok, Bytes} when is_binary(Bytes), is_map_key(list, Data) -> {ok, binary_to_list(Bytes)};
        Result -> Result
    catch
        error:_ -> {error, badarg}
    end;
raw(_, _) -> {error, badarg}.

operate(Handle, {read, Count}) -> gerl_file:read(Handle, Count);
operate(Handle, {write, Data}) -> gerl_file:write(Handle, Data);
operate(Handle, {pread, At, Count}) ->
    at(Handle, At, fun(Offset) -> gerl_file:pread(Handle, Offset, Count) end);
operate(Handle, {pwrite, At, Data}) ->
    Bytes = iolist_to_binary(Data),
    at(Handle, At, fun(Offset) -> gerl_file:pwrite(Handle, Offset, Bytes) end);
operate(Handle, {position, At}) -> position_of(Handle, At);
operate(Handle, read_line) ->
    case gerl_file:read_line(Handle) of
        {ok, Line} -> {ok, without_return(Line)};
        Other -> Other
    end;
operate(Handle, truncate) -> gerl_file:truncate(Handle);
operate(Handle, sync) -> gerl_file:sync(Handle);
operate(Handle, close) -> gerl_file:close(Handle);
operate(Handle, {allocate, Offset, Length}) -> gerl_file:allocate(Handle, Offset, Length);
%% A hint is not used, but the file must be open.
operate(Handle, advise) ->
    case gerl_file:position(Handle, cur, 0) of
        {ok, _} -> ok;
        Error -> Error
    end.

%% A line that ends with CR LF comes with LF only.
without_return(Line) ->
    Length = byte_size(Line) - 2,
    case Line of
        <<Start:Length/binary, "\r\n">> -> <<Start/binary, $\n>>;
        _ -> Line
    end.

%% Places that do not count from the beginning change the position.
at(_, Offset, F) when is_integer(Offset), Offset >= 0 -> F(Offset);
at(_, {bof, Offset}, F) when is_integer(Offset), Offset >= 0 -> F(Offset);
at(_, Offset, _) when is_integer(Offset) -> {error, einval};
at(Handle, At, F) ->
    case position_of(Handle, At) of
        {ok, Offset} -> F(Offset);
        Error -> Error
    end.

position_of(_, Offset) when is_integer(Offset), Offset < 0 -> {error, einval};
position_of(Handle, Offset) when is_integer(Offset) -> gerl_file:position(Handle, bof, Offset);
position_of(Handle, {Whence, Offset}) when Whence =:= bof; Whence =:= cur; Whence =:= eof ->
    gerl_file:position(Handle, Whence, Offset);
position_of(Handle, Whence) when Whence =:= bof; Whence =:= cur; Whence =:= eof ->
    gerl_file:position(Handle, Whence, 0);
position_of(_, _) -> {error, badarg}.

%%% ---- copying ---------------------------------------------------------------------------------

-doc "Copies a file.".
-spec copy(term(), term()) -> {ok, non_neg_integer()} | {error, term()}.
copy(From, To) -> copy(From, To, infinity).

-doc "Copies at most Count bytes. Files are names, {Name, Modes} or open files.".
-spec copy(term(), term(), non_neg_integer() | infinity) -> {ok, non_neg_integer()} | {error, term()}.
copy(_From, {Bad}, _Count) when Bad =/= [] -> {error, badarg}; % before anything is opened
copy(From, To, Count) when Count =:= infinity; is_integer(Count), Count >= 0 ->
    gerl_file_copy:copy(From, To, Count);
copy(_, _, _) -> {error, badarg}.

%%% ---- terms and expressions -------------------------------------------------------------------

-doc "The terms of a file, each ended by a full stop.".
-spec consult(name_all()) -> {ok, [term()]} | {error, term()}.
consult(Name) -> with_text(Name, fun(F) -> read_terms(F, 1, []) end).

with_text(Name, F) ->
    case open(Name, [read]) of
        {ok, Device} ->
            try
                _ = epp:set_encoding(Device),
                F(Device)
            after
                close(Device)
            end;
        Error -> Error
    end.

read_terms(Device, Line, Terms) ->
    case io:read(Device, '', Line) of
        {ok, Term, Next} -> read_terms(Device, Next, [Term | Terms]);
        {error, Info, _} -> {error, Info};
        {error, Reason} -> {error, Reason};
        {eof, _} -> {ok, lists:reverse(Terms)}
    end.

-doc "The terms of the first file of that name in a list of directories.".
-spec path_consult([name_all()], name_all()) -> {ok, [term()], filename_all()} | {error, term()}.
path_consult(Path, Name) ->
    in_path(Path, Name, fun(Full) -> consult(Full) end).

-doc "Evaluates the expressions of a file.".
-spec eval(name_all()) -> ok | {error, term()}.
eval(Name) -> eval(Name, erl_eval:new_bindings()).

-doc "Evaluates the expressions of a file with variables.".
-spec eval(name_all(), erl_eval:binding_struct()) -> ok | {error, term()}.
eval(Name, Bindings) ->
    with_text(Name, fun(F) ->
                            case evaluate(F, 1, none, Bindings, fun(_) -> ok end) of
                                {ok, _} -> ok;
                                Error -> Error
                            end
                    end).

-doc "As eval/1, with the first file of that name in a list of directories.".
-spec path_eval([name_all()], name_all()) -> {ok, filename_all()} | {error, term()}.
path_eval(Path, Name) -> path_eval(Path, Name, erl_eval:new_bindings()).

-doc "As eval/2, with the first file of that name in a list of directories.".
-spec path_eval([name_all()], name_all(), erl_eval:binding_struct()) -> {ok, filename_all()} | {error, term()}.
path_eval(Path, Name, Bindings) -> in_path(Path, Name, fun(Full) -> eval(Full, Bindings) end).

-doc "The value of the last expression of a file.".
-spec script(name_all()) -> {ok, term()} | {error, term()}.
script(Name) -> script(Name, erl_eval:new_bindings()).

-doc "The value of the last expression of a file that has variables.".
-spec script(name_all(), erl_eval:binding_struct()) -> {ok, term()} | {error, term()}.
script(Name, Bindings) -> with_text(Name, fun(F) -> evaluate(F, 1, undefined, Bindings, fun(V) -> V end) end).

-doc "As script/1, with the first file of that name in a list of directories.".
-spec path_script([name_all()], name_all()) -> {ok, term(), filename_all()} | {error, term()}.
path_script(Path, Name) -> path_script(Path, Name, erl_eval:new_bindings()).

-doc "As script/2, with the first file of that name in a list of directories.".
-spec path_script([name_all()], name_all(), erl_eval:binding_struct()) ->
          {ok, term(), filename_all()} | {error, term()}.
path_script(Path, Name, Bindings) -> in_path(Path, Name, fun(Full) -> script(Full, Bindings) end).

%% The value of the last expression: {value, V} so far, or how it begins.
evaluate(Device, Line, Last, Bindings, Wrap) ->
    case io:parse_erl_exprs(Device, '', Line) of
        {ok, Exprs, Next} ->
            try erl_eval:exprs(Exprs, Bindings) of
                {value, Value, Bindings1} -> evaluate(Device, Next, {value, Value}, Bindings1, Wrap)
            catch
                Class:Reason:Stack ->
                    {error, {location_line(Line), ?MODULE, {Class, Reason, Stack}}}
            end;
        {error, Info, _} -> {error, Info};
        {error, Reason} -> {error, Reason};
        {eof, _} when Last =:= undefined -> {error, {location_line(Line), ?MODULE, undefined_script}};
        {eof, _} when Last =:= none -> {ok, ok};
        {eof, _} ->
            {value, Value} = Last,
            {ok, Wrap(Value)}
    end.

location_line({Line, _}) -> Line;
location_line(Line) -> Line.

-doc "Opens the first file of that name in a list of directories.".
-spec path_open([name_all()], name_all(), [mode()]) -> {ok, io_device(), filename_all()} | {error, term()}.
path_open(Path, Name, Modes) -> in_path(Path, Name, fun(Full) -> open(Full, Modes) end).

%% Runs F on the name in each directory until there is such a file; what F gives gets the name added.
in_path(Path, Name, F) ->
    case bytes(Name) of
        {ok, _} ->
            case filename:pathtype(Name) of
                relative -> try_path(Path, Name, F);
                absolute -> named(F(Name), Name)
            end;
        Error -> Error
    end.

try_path([Dir | Rest], Name, F) ->
    Full = case Dir of
               "." when is_binary(Name) -> Name;
               "." -> filename:flatten(Name);
               _ -> filename:join(Dir, Name)
           end,
    case F(Full) of
        {error, Reason} when Reason =:= enoent; Reason =:= enotdir -> try_path(Rest, Name, F);
        Result -> named(Result, Full)
    end;
try_path([], _, _) -> {error, enoent};
try_path(_, _, _) -> {error, badarg}.

named(ok, Name) -> {ok, Name};
named({ok, Value}, Name) -> {ok, Value, Name};
named(Error, _) -> Error.
