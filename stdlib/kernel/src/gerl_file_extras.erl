-module(gerl_file_extras).
-moduledoc "Rarer functions of module file. Internal.".

-export([sendfile/2, sendfile/5, indirect/3]).

-include("file.hrl").

-define(PIECE, 65536).

-doc "Sends a whole file over a socket.".
-spec sendfile(file:name_all(), port()) -> {ok, non_neg_integer()} | {error, term()}.
sendfile(Name, Socket) ->
    case file:open(Name, [read, raw, binary]) of
        {ok, File} ->
            try sendfile(File, Socket, 0, 0, [])
            after file:close(File)
            end;
        Error -> Error
    end.

-doc "Sends a part of an open file over a socket.".
-spec sendfile(file:fd(), port(), non_neg_integer(), non_neg_integer(), list()) -> {ok, non_neg_integer()} | {error, term()}.
sendfile(#file_descriptor{} = File, Socket, Offset, Bytes, Options)
  when is_port(Socket), is_integer(Offset), Offset >= 0, is_integer(Bytes), Bytes >= 0, is_list(Options) ->
    Piece = proplists:get_value(chunk_size, Options, ?PIECE),
    case File of
        _ when not is_integer(Piece); Piece < 0 -> {error, badarg};
        #file_descriptor{data = #{handle := Handle, owner := Owner}} when Owner =:= self() ->
            gerl_inet:sendfile(Socket, Handle, Offset, Bytes);
        _ -> by_pieces(File, Socket, Offset, Bytes, max(Piece, 1))
    end;
sendfile(_, _, _, _, _) -> {error, badarg}.

%% Files in memory have nothing that the node could read on its own.
by_pieces(File, Socket, Offset, Bytes, Piece) ->
    pieces(File, Socket, Offset, case Bytes of 0 -> infinity; _ -> Bytes end, Piece, 0).

pieces(_, _, _, 0, _, Sent) -> {ok, Sent};
pieces(File, Socket, At, Left, Piece, Sent) ->
    case file:pread(File, At, min(Left, Piece)) of
        {ok, Data} ->
            Size = iolist_size(Data),
            case gen_tcp:send(Socket, Data) of
                ok -> pieces(File, Socket, At + Size, less(Left, Size), Piece, Sent + Size);
                Error -> Error
            end;
        eof -> {ok, Sent};
        Error -> Error
    end.

less(infinity, _) -> infinity;
less(Left, Size) -> Left - Size.

-doc "Reads what the eight bytes at a place point to: a size and a position.".
-spec indirect(file:io_device(), non_neg_integer(), non_neg_integer() | infinity) -> term().
indirect(Device, At, Max) when is_integer(At), At >= 0, is_integer(Max) orelse Max =:= infinity ->
    case file:pread(Device, At, 8) of
        {ok, Head} ->
            case iolist_to_binary(Head) of
                <<Size:32, Position:32>> when Size =< Max, Size > 0 -> {ok, {Size, Position, target(Device, Position, Size)}};
                <<0:32, Position:32>> -> {ok, {0, Position, eof}};
                _ -> eof
            end;
        Other -> Other
    end;
indirect(_, _, _) -> {error, badarg}.

target(Device, Position, Size) ->
    case file:pread(Device, Position, Size) of
        {ok, Data} -> Data;
        eof -> eof;
        {error, _} -> eof
    end.
