-module(ram_file).
-moduledoc "Files in memory. The functions of module file work on them, too.".

-export([open/2, close/1, read/2, write/2, pread/2, pread/3, pwrite/2, pwrite/3, position/2, truncate/1, sync/1, datasync/1,
         copy/3, advise/4, allocate/3, get_file/1, get_size/1, ipread_s32bu_p32bu/3]).

-include("file.hrl").

-doc "Opens a file in memory with its contents.".
-spec open(iodata(), [file:mode()]) -> {ok, file:fd()} | {error, badarg}.
open(Data, Modes) when is_list(Modes) ->
    try
        [] = Modes -- [M || M <- Modes, lists:member(M, [read, write, binary, ram])],
        gerl_file:open_ram(Data, [M || M <- Modes, M =:= read orelse M =:= write])
    of
        {ok, Handle} ->
            Base = #{handle => Handle, owner => self()},
            {ok, #file_descriptor{module = ?MODULE,
                                  data = case lists:member(binary, Modes) of
                                      true -> Base;
                                      false -> Base#{list => true}
                                  end}}
    catch error:_ -> {error, badarg}
    end.

-doc "Closes a file.".
-spec close(file:fd()) -> ok | {error, term()}.
close(File) -> file:close(File).

-doc "Reads bytes.".
-spec read(file:fd(), non_neg_integer()) -> {ok, string() | binary()} | eof | {error, term()}.
read(File, Count) -> file:read(File, Count).

-doc "Writes bytes.".
-spec write(file:fd(), iodata()) -> ok | {error, term()}.
write(File, Data) -> file:write(File, Data).

-doc "Reads at several places.".
-spec pread(file:fd(), list()) -> {ok, list()} | {error, term()}.
pread(File, Places) -> file:pread(File, Places).

-doc "Reads at a place.".
-spec pread(file:fd(), file:location(), non_neg_integer()) -> {ok, string() | binary()} | eof | {error, term()}.
pread(File, At, Count) -> file:pread(File, At, Count).

-doc "Writes at several places.".
-spec pwrite(file:fd(), list()) -> ok | {error, term()}.
pwrite(File, Places) -> file:pwrite(File, Places).

-doc "Writes at a place.".
-spec pwrite(file:fd(), file:location(), iodata()) -> ok | {error, term()}.
pwrite(File, At, Data) -> file:pwrite(File, At, Data).

-doc "Goes to a place.".
-spec position(file:fd(), file:location()) -> {ok, integer()} | {error, term()}.
position(File, At) -> file:position(File, At).

-doc "Cuts the file off.".
-spec truncate(file:fd()) -> ok | {error, term()}.
truncate(File) -> file:truncate(File).

-doc "Does nothing: there is no disk.".
-spec sync(file:fd()) -> ok | {error, term()}.
sync(File) -> file:sync(File).

-doc "Does nothing: there is no disk.".
-spec datasync(file:fd()) -> ok | {error, term()}.
datasync(File) -> file:datasync(File).

-doc "Copies from one file to another.".
-spec copy(file:fd(), file:fd(), non_neg_integer() | infinity) -> {ok, non_neg_integer()} | {error, term()}.
copy(From, To, Count) -> file:copy(From, To, Count).

-doc "Takes a hint.".
-spec advise(file:fd(), integer(), integer(), atom()) -> ok | {error, term()}.
advise(File, Offset, Length, Advice) -> file:advise(File, Offset, Length, Advice).

-doc "Reserves room, which a file in memory does not need.".
-spec allocate(file:fd(), non_neg_integer(), non_neg_integer()) -> ok | {error, term()}.
allocate(File, Offset, Length) -> file:allocate(File, Offset, Length).

-doc "All of the contents.".
-spec get_file(file:fd()) -> {ok, string() | binary()} | {error, term()}.
get_file(#file_descriptor{module = ?MODULE, data = #{handle := Handle} = Data}) ->
    case gerl_file:contents(Handle) of
        {ok, Bytes} when is_map_key(list, Data) -> {ok, binary_to_list(Bytes)};
        Result -> Result
    end;
get_file(_) -> {error, einval}.

-doc "The size of the contents.".
-spec get_size(file:fd()) -> {ok, non_neg_integer()} | {error, term()}.
get_size(#file_descriptor{module = ?MODULE, data = #{handle := Handle}}) ->
    case gerl_file:contents(Handle) of
        {ok, Bytes} -> {ok, byte_size(Bytes)};
        Error -> Error
    end;
get_size(_) -> {error, einval}.

-doc false.
-spec ipread_s32bu_p32bu(file:fd(), non_neg_integer(), non_neg_integer() | infinity) -> term().
ipread_s32bu_p32bu(File, At, Max) -> file:ipread_s32bu_p32bu(File, At, Max).
