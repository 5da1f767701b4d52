-module(wrap_log_reader).
-moduledoc "Reads the files of a ring of disk_log, also while another process writes it.".

-export([open/1, open/2, chunk/1, chunk/2, close/1]).

-export_type([continuation/0]).

-record(wrap_reader, {files :: [file:filename()], at = 8 :: non_neg_integer()}).

-opaque continuation() :: #wrap_reader{}.

-doc "Opens all files of a ring, the oldest first.".
-spec open(file:filename() | atom()) -> {ok, continuation()} | {error, term()}.
open(Base) ->
    Name = lists:flatten(io_lib:format("~ts", [Base])),
    case file:read_file(Name ++ ".idx") of
        {ok, <<0:40, _, Current:32, Counts/binary>>} ->
            Files = byte_size(Counts) div 8,
            Order = lists:seq(Current + 1, Files) ++ lists:seq(1, Current),
            reader([F || N <- Order, F <- [Name ++ "." ++ integer_to_list(N)], filelib:is_regular(F)], Name);
        {ok, _} -> {error, {index_file_error, Name}};
        {error, _} -> {error, {index_file_not_found, Name}}
    end.

-doc "Opens one file of a ring.".
-spec open(file:filename() | atom(), pos_integer()) -> {ok, continuation()} | {error, term()}.
open(Base, N) when is_integer(N) ->
    Name = lists:flatten(io_lib:format("~ts", [Base])),
    case file:read_file(Name ++ ".siz") of
        {ok, <<2, _:64, Files:32>>} when N >= 1, N =< Files -> reader([Name ++ "." ++ integer_to_list(N)], Name);
        {ok, _} -> {error, {file_not_found, N}};
        {error, _} -> {error, {index_file_error, Name}}
    end.

reader([], Name) -> {error, {file_not_found, Name}};
reader([First | _] = Files, _) ->
    case file:read_file(First) of
        {ok, <<1, 2, 3, 4, _/binary>>} -> {ok, #wrap_reader{files = Files}};
        {ok, _} -> {error, {not_a_log_file, First}};
        {error, Reason} -> {error, {file_error, First, Reason}}
    end.

-doc "Reads terms.".
-spec chunk(continuation()) -> {continuation(), [term()] | eof} | {continuation(), [term()], non_neg_integer()} | {error, term()}.
chunk(Reader) -> chunk(Reader, infinity).

-doc "Reads at most N terms.".
-spec chunk(continuation(), pos_integer() | infinity) ->
          {continuation(), [term()] | eof} | {continuation(), [term()], non_neg_integer()} | {error, term()}.
chunk(#wrap_reader{files = [File | More], at = At} = R, N) ->
    case file:read_file(File) of
        {ok, Bytes} ->
            case items(Bytes, At, N, []) of
                {[], End} when More =:= [], End >= byte_size(Bytes) -> {R, eof};
                {[], End} when End >= byte_size(Bytes) -> chunk(#wrap_reader{files = More}, N);
                {[], End} -> {R#wrap_reader{at = byte_size(Bytes)}, [], byte_size(Bytes) - End};
                {Terms, End} -> {R#wrap_reader{at = End}, Terms}
            end;
        {error, Reason} -> {error, {file_error, File, Reason}}
    end.

items(_, At, 0, Terms) -> {lists:reverse(Terms), At};
items(Bytes, At, N, Terms) ->
    case Bytes of
        <<_:At/binary, Size:32, "bWLA", Item:Size/binary, _/binary>> ->
            items(Bytes, At + 8 + Size, less(N), [binary_to_term(Item) | Terms]);
        <<_:At/binary, Size:32, "bWLB", _:16/binary, Item:Size/binary, _/binary>> ->
            items(Bytes, At + 24 + Size, less(N), [binary_to_term(Item) | Terms]);
        _ -> {lists:reverse(Terms), At}
    end.

less(infinity) -> infinity;
less(N) -> N - 1.

-doc "Closes the files: they are only open while they are read.".
-spec close(continuation()) -> ok | {error, term()}.
close(#wrap_reader{}) -> ok.
