-module(erl_tar).
-moduledoc "Archives in the format of tar: made in the format of POSIX 1988 with extended headers where a name or number needs them.".

-export([create/2, create/3, open/2, init/3, add/3, add/4, close/1, extract/1, extract/2, table/1, table/2, t/1, tt/1,
         format_error/1]).

-include_lib("kernel/include/file.hrl").

-export_type([tar_descriptor/0, name_in_archive/0]).

-type name_in_archive() :: string().
-opaque tar_descriptor() :: {?MODULE, term()}.

-define(BLOCK, 512).

%% How an archive is written: where to, and how much so far.
-record(writer, {put :: fun((iodata()) -> ok | {error, term()}), close :: fun(() -> ok | {error, term()}), size = 0}).

-record(reader, {read :: fun(() -> {ok, binary()} | {error, term()}), close :: fun(() -> ok | {error, term()}), options, used = false}).

%% A member of an archive.
-record(member, {name, type, size, mtime, mode, uid, gid, link}).

%%% ---- writing -------------------------------------------------------------------------------

-doc "Makes an archive of files.".
-spec create(file:filename(), [term()]) -> ok | {error, term()}.
create(Archive, Files) -> create(Archive, Files, []).

-doc "Makes an archive of files with options: compressed, cooked, dereference, verbose.".
-spec create(file:filename(), [term()], [atom()]) -> ok | {error, term()}.
create(Archive, Files, Options) ->
    case open(Archive, [write | [O || O <- Options, O =:= compressed orelse O =:= cooked]]) of
        {ok, Tar} ->
            Added = add_all(Files, Tar, [O || O <- Options, O =:= dereference orelse O =:= verbose]),
            Closed = close(Tar),
            case Added of
                ok -> Closed;
                Failed -> Failed
            end;
        Error -> Error
    end.

add_all([], _, _) -> ok;
add_all([{Name, Source} | Rest], Tar, Options) -> next(add(Tar, Source, Name, Options), Rest, Tar, Options);
add_all([Name | Rest], Tar, Options) -> next(add(Tar, Name, Options), Rest, Tar, Options).

next(ok, Rest, Tar, Options) -> add_all(Rest, Tar, Options);
next(Error, _, _, _) -> Error.

-doc "Opens an archive for add/3,4 (`write`) or for table/1,2 and extract/1,2 (`read`), which read what is left of it.".
-spec open(file:filename() | {binary, binary()} | {file, file:io_device()}, [read | write | compressed | cooked]) -> {ok, tar_descriptor()} | {error, term()}.
open({binary, Bytes}, Options) when is_binary(Bytes) ->
    lists:member(write, Options) andalso error(function_clause, [{binary, Bytes}, Options]),
    start(#reader{read = fun() -> {ok, Bytes} end, close = fun() -> ok end, options = Options});
open({file, File} = Handle, Options) ->
    case {incompatible(Options), mode(Options)} of
        {none, write} -> open_file(Handle, Options);
        {none, read} -> start(#reader{read = fun() -> read_on(File, []) end, close = fun() -> ok end, options = Options});
        {none, none} -> {error, {Handle, einval}};
        {Option, _} -> {error, {Handle, {incompatible_option, Option}}}
    end;
open(Archive, Options) when not is_tuple(Archive) -> open_file(Archive, Options).

mode(Options) ->
    case {lists:member(read, Options), lists:member(write, Options), Options -- [read, write, compressed, cooked]} of
        {_, false, []} -> read;
        {false, true, []} -> write;
        _ -> none
    end.

open_file(Archive, Options) ->
    Raw = [binary] ++ [raw || not lists:member(cooked, Options)],
    case mode(Options) of
        write ->
            case file:open(Archive, [write | Raw] ++ [compressed || lists:member(compressed, Options)]) of
                {ok, File} ->
                    start(#writer{put = fun(Data) -> file:write(File, Data) end, close = fun() -> file:close(File) end});
                {error, Reason} -> {error, {Archive, Reason}}
            end;
        read ->
            case file:open(Archive, [read | Raw]) of
                {ok, File} -> start(#reader{read = fun() -> read_on(File, []) end, close = fun() -> file:close(File) end, options = Options});
                {error, Reason} -> {error, {Archive, Reason}}
            end;
        none -> {error, {Archive, einval}}
    end.

-doc "Opens an archive that a fun reads or writes.".
-spec init(term(), write, fun((write | close | position, term()) -> term())) -> {ok, tar_descriptor()} | {error, badarg}.
init(Handle, write, Fun) when is_function(Fun, 2) ->
    start(#writer{put = fun(Data) -> Fun(write, {Handle, Data}) end, close = fun() -> Fun(close, Handle) end});
init(_, _, _) -> {error, badarg}.

%% The writer lives in a process's dictionary entry of its own: the descriptor is only its key.
start(Writer) ->
    Key = {?MODULE, make_ref()},
    put(Key, Writer),
    {ok, Key}.

-doc "Adds a file or directory under its own name.".
-spec add(tar_descriptor(), file:filename() | {string(), term()}, list()) -> ok | {error, term()}.
add(Tar, {Name, Source}, Options) -> add(Tar, Source, Name, Options);
add(Tar, Name, Options) -> add(Tar, Name, Name, Options).

-doc "Adds a file, a directory or the bytes of a binary under a name.".
-spec add(tar_descriptor(), file:filename() | binary(), name_in_archive(), list()) -> ok | {error, term()}.
add(Tar, Source, Name, Options) ->
    [io:format("a ~ts~n", [Name]) || lists:member(verbose, Options)],
    case Source of
        Bytes when is_binary(Bytes) ->
            Now = erlang:system_time(second),
            store(Tar, facts(Options, #member{name = Name, type = regular, size = byte_size(Bytes), mtime = Now,
                                              mode = 8#100644, uid = 0, gid = 0, link = ""}), Bytes);
        _ -> add_file(Tar, Source, Name, Options)
    end.

%% Options that set what the header says.
facts(Options, Member) ->
    lists:foldl(fun({mtime, T}, M) -> M#member{mtime = T};
                   ({atime, _}, M) -> M;
                   ({ctime, _}, M) -> M;
                   ({uid, U}, M) -> M#member{uid = U};
                   ({gid, G}, M) -> M#member{gid = G};
                   (_, M) -> M
                end, Member, Options).

add_file(Tar, Source, Name, Options) ->
    Info = case lists:member(dereference, Options) of
        true -> file:read_file_info(Source, [{time, posix}]);
        false -> file:read_link_info(Source, [{time, posix}])
    end,
    case Info of
        {ok, #file_info{type = Type, mtime = Time, mode = Mode, uid = Uid, gid = Gid}} ->
            M = facts(Options, #member{name = Name, size = 0, mtime = Time, mode = Mode, uid = Uid, gid = Gid, link = ""}),
            case Type of
                regular ->
                    case file:read_file(Source) of
                        {ok, Bytes} -> store(Tar, M#member{type = regular, size = byte_size(Bytes)}, Bytes);
                        {error, Reason} -> {error, {Source, Reason}}
                    end;
                symlink ->
                    {ok, Target} = file:read_link(Source),
                    store(Tar, M#member{type = symlink, link = Target}, <<>>);
                directory -> add_directory(Tar, Source, M, Options);
                _ -> {error, {Source, {bad_file_type, Name}}}
            end;
        {error, Reason} -> {error, {Source, Reason}}
    end.

add_directory(Tar, Source, #member{name = Name} = M, Options) ->
    case file:list_dir(Source) of
        {ok, []} -> store(Tar, M#member{name = Name ++ "/", type = directory}, <<>>);
        {ok, Names} -> add_all([{filename:join(Name, N), filename:join(Source, N)} || N <- Names], Tar, Options);
        {error, Reason} -> {error, {Source, Reason}}
    end.

store(Tar, Member, Bytes) ->
    case get(Tar) of
        #writer{put = Put, size = Size} = W ->
            Data = [header(Member), Bytes, padding(byte_size(Bytes), ?BLOCK)],
            case Put(Data) of
                ok ->
                    put(Tar, W#writer{size = Size + iolist_size(Data)}),
                    ok;
                Error -> Error
            end;
        #reader{} -> {error, eacces};
        undefined -> {error, einval}
    end.

padding(Size, Unit) -> <<0:((Unit - Size rem Unit) rem Unit * 8)>>.

-doc "Ends an archive.".
-spec close(tar_descriptor()) -> ok | {error, term()}.
close(Tar) ->
    case erase(Tar) of
        #writer{put = Put, close = Close} ->
            _ = Put(<<0:(2 * ?BLOCK * 8)>>),
            Close();
        #reader{close = Close} -> Close();
        undefined -> {error, einval}
    end.

%% The header of a member, behind an extended one if the plain one has no room for all of it.
header(#member{name = Name, link = Link} = M) ->
    N = unicode:characters_to_binary(Name),
    L = unicode:characters_to_binary(Link),
    case {place(N), byte_size(L) =< 100, M#member.size < 8#77777777777} of
        {{Prefix, Rest}, true, true} -> block(Rest, Prefix, L, M, flag(M#member.type));
        {Placed, _, Small} ->
            Records = [pax("path", N) || Placed =:= none] ++ [pax("linkpath", L) || byte_size(L) > 100] ++
                [pax("size", integer_to_binary(M#member.size)) || not Small],
            Body = iolist_to_binary(Records),
            Short = binary:part(N, byte_size(N), -min(100, byte_size(N))),
            [block(<<"PaxHeader">>, <<>>, <<>>, M#member{size = byte_size(Body)}, $x), Body, padding(byte_size(Body), ?BLOCK),
             block(Short, <<>>, binary:part(L, 0, min(100, byte_size(L))),
                   case Small of true -> M; false -> M#member{size = 0} end, flag(M#member.type))]
    end.

%% A long name is cut at a slash: at most 155 bytes before it, 100 behind it.
place(Name) when byte_size(Name) =< 100 -> {<<>>, Name};
place(Name) ->
    Fits = [At || {At, 1} <- binary:matches(Name, <<"/">>), At =< 155, byte_size(Name) - At - 1 =< 100,
                  byte_size(Name) - At - 1 > 0],
    case Fits of
        [] -> none;
        [At | _] ->
            <<Prefix:At/binary, $/, Rest/binary>> = Name,
            {Prefix, Rest}
    end.

%% A record of an extended header begins with its own length.
pax(Key, Value) ->
    Rest = iolist_to_binary([$\s, Key, $=, Value, $\n]),
    Plain = byte_size(Rest) + length(integer_to_list(byte_size(Rest))),
    Length = byte_size(Rest) + length(integer_to_list(Plain)),
    [integer_to_binary(Length), Rest].

flag(regular) -> $0;
flag(symlink) -> $2;
flag(directory) -> $5.

block(Name, Prefix, Link, #member{mode = Mode, uid = Uid, gid = Gid, size = Size, mtime = Time}, Flag) ->
    Front = [field(Name, 100), octal(Mode band 8#7777777, 8), octal(Uid, 8), octal(Gid, 8), octal(Size, 12), octal(Time, 12)],
    Back = [Flag, field(Link, 100), "ustar", 0, "00", <<0:(64 * 8)>>, octal(0, 8), octal(0, 8), field(Prefix, 155), <<0:96>>],
    Sum = lists:sum(binary_to_list(iolist_to_binary([Front, "        ", Back]))),
    [Front, io_lib:format("~6.8.0b", [Sum]), 0, $\s, Back].

field(Bytes, Width) -> [Bytes, <<0:((Width - byte_size(Bytes)) * 8)>>].

octal(N, Width) -> [io_lib:format("~*.8.0b", [Width - 1, N]), 0].

%%% ---- reading -------------------------------------------------------------------------------

-doc "Extracts all files of an archive into the working directory.".
-spec extract(term()) -> ok | {error, term()}.
extract(Archive) -> extract(Archive, []).

-doc "Extracts files: {cwd, Dir}, {files, Names}, compressed, cooked, memory, keep_old_files, verbose, {max_size, Bytes}.".
-spec extract(term(), list()) -> ok | {ok, [{string(), binary()}]} | {error, term()}.
extract(Archive, Options) ->
    Memory = lists:member(memory, Options),
    Wanted = proplists:get_value(files, Options, all),
    Max = proplists:get_value(max_size, Options, infinity),
    Result = fold(Archive, Options, fun(#member{name = Name, size = Size} = M, Bytes, {Total, Done}) ->
        Chosen = Wanted =:= all orelse lists:member(Name, Wanted),
        Total + Size > Max andalso throw({error, too_big}),
        if
            not Chosen -> {Total, Done};
            Memory, M#member.type =:= regular -> {Total + Size, [{Name, Bytes} | Done]};
            Memory -> {Total, Done};
            true ->
                unpack(M, Bytes, Options),
                {Total + Size, Done}
        end
    end, {0, []}),
    case Result of
        {ok, {_, Done}} when Memory -> {ok, lists:reverse(Done)};
        {ok, _} -> ok;
        Error -> Error
    end.

unpack(#member{name = "/" ++ Name} = M, Bytes, Options) -> unpack(M#member{name = Name}, Bytes, Options);
unpack(#member{name = Name, type = Type, link = Link} = M, Bytes, Options) ->
    {ok, Here} = file:get_cwd(),
    Dir = proplists:get_value(cwd, Options, Here),
    safe(Name, Dir) orelse throw({error, {Name, unsafe_path}}),
    Path = filename:join(Dir, Name),
    [io:format("x ~ts~n", [filename:absname(Path)]) || lists:member(verbose, Options)],
    case Type of
        directory ->
            checked(Name, filelib:ensure_path(Path)),
            _ = file:write_file_info(Path, #file_info{mode = M#member.mode, mtime = M#member.mtime}, [{time, posix}]),
            ok;
        symlink ->
            safe(filename:join(filename:dirname(Name), Link), Dir) orelse throw({error, {Link, unsafe_symlink}}),
            checked(Name, filelib:ensure_dir(Path)),
            checked(Name, case file:make_symlink(Link, Path) of {error, eexist} -> ok; Other -> Other end);
        regular ->
            case lists:member(keep_old_files, Options) andalso filelib:is_file(Path) of
                true -> ok;
                false ->
                    checked(Name, filelib:ensure_dir(Path)),
                    checked(Name, file:write_file(Path, Bytes)),
                    _ = file:write_file_info(Path, #file_info{mode = M#member.mode, mtime = M#member.mtime}, [{time, posix}]),
                    ok
            end;
        _ -> ok
    end.

checked(_, ok) -> ok;
checked(Name, {error, Reason}) -> throw({error, {Name, Reason}}).

%% A name that leads out of the directory is not extracted.
safe(Name, Dir) -> filelib:safe_relative_path(Name, Dir) =/= unsafe.

-doc "The names in an archive.".
-spec table(term()) -> {ok, [string()]} | {error, term()}.
table(Archive) -> table(Archive, []).

-doc "The names in an archive; with verbose {Name, Type, Size, Time, Mode, Uid, Gid}.".
-spec table(term(), [atom()]) -> {ok, list()} | {error, term()}.
table(Archive, Options) ->
    Verbose = lists:member(verbose, Options),
    case fold(Archive, Options, fun(M, _, Acc) -> [shown(M, Verbose) | Acc] end, []) of
        {ok, Names} -> {ok, lists:reverse(Names)};
        Error -> Error
    end.

shown(#member{name = Name}, false) -> Name;
shown(#member{name = N, type = T, size = S, mtime = Time, mode = M, uid = U, gid = G}, true) -> {N, T, S, Time, M, U, G}.

-doc "Prints the names in an archive.".
-spec t(term()) -> ok | {error, term()}.
t(Archive) ->
    case table(Archive) of
        {ok, Names} -> lists:foreach(fun(N) -> io:format("~ts~n", [N]) end, Names);
        Error -> Error
    end.

-doc "Prints what is in an archive as ls -l does.".
-spec tt(term()) -> ok | {error, term()}.
tt(Archive) ->
    case table(Archive, [verbose]) of
        {ok, Members} -> lists:foreach(fun print_member/1, Members);
        Error -> Error
    end.

print_member({Name, Type, Size, Time, Mode, Uid, Gid}) ->
    {{Year, Month, Day}, {Hour, Minute, _}} = calendar:system_time_to_local_time(Time, second),
    Months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"},
    io:format("~s~s ~4w/~-4w ~7w ~s ~2w ~2..0w:~2..0w ~w ~ts~n",
              [case Type of directory -> "d"; symlink -> "l"; _ -> "-" end, rights(Mode), Uid, Gid, Size,
               element(Month, Months), Day, Hour, Minute, Year, Name]).

rights(Mode) ->
    [case Mode band (1 bsl (8 - N)) of 0 -> $-; _ -> lists:nth(N rem 3 + 1, "rwx") end || N <- lists:seq(0, 8)].

%% Calls F for each member with its bytes.
fold(Archive, Options, F, Acc) ->
    case contents(Archive, Options) of
        {ok, Bytes} ->
            try {ok, members(Bytes, #{}, F, Acc)}
            catch throw:{error, _} = Error -> Error
            end;
        Error -> Error
    end.

contents({?MODULE, _} = Tar, _) ->
    case get(Tar) of
        #reader{used = true} -> {error, eof};
        #reader{read = Read, options = Options} = Reader ->
            put(Tar, Reader#reader{used = true}),
            case Read() of
                {ok, Bytes} -> plain(Bytes, Options);
                Error -> Error
            end;
        #writer{} -> {error, {read_mode_expected, write}};
        undefined -> {error, einval}
    end;
contents({binary, Bytes}, Options) -> plain(Bytes, Options);
contents({file, _} = Handle, Options) ->
    case incompatible(Options) of
        none -> contents_of(Handle, Options);
        Option -> {error, {Handle, {incompatible_option, Option}}}
    end;
contents(Name, Options) ->
    case file:read_file(Name) of
        {ok, Bytes} -> plain(Bytes, Options);
        {error, Reason} -> {error, {Name, Reason}}
    end.

%% Options about how a file is opened mean nothing for one that is open.
incompatible(Options) ->
    case [O || O <- Options, O =:= compressed orelse O =:= cooked] of
        [First | _] -> First;
        [] -> none
    end.

contents_of({file, File}, Options) ->
    case read_on(File, []) of
        {ok, Bytes} -> plain(Bytes, Options);
        Error -> Error
    end.

read_on(File, Read) ->
    case file:read(File, 65536) of
        {ok, Data} -> read_on(File, [Read, Data]);
        eof -> {ok, iolist_to_binary(Read)};
        Error -> Error
    end.

plain(<<31, 139, _/binary>> = Packed, Options) ->
    case lists:member(compressed, Options) of
        true ->
            try {ok, unpacked(Packed)}
            catch error:_ -> {error, eof}
            end;
        false -> {ok, Packed}
    end;
plain(Bytes, _) -> {ok, Bytes}.

%% Tapes fill their last block up with zeros.
unpacked(Packed) ->
    Stream = zlib:open(),
    try
        zlib:inflateInit(Stream, 31, cut),
        iolist_to_binary(zlib:inflate(Stream, Packed))
    after
        zlib:close(Stream)
    end.

members(<<0:(?BLOCK * 8), _/binary>>, _, _, Acc) -> Acc;
members(<<Head:?BLOCK/binary, Rest/binary>>, Pax, F, Acc) ->
    {Flag, M0} = parse(Head),
    M = apply_pax(Pax, M0),
    Size = M#member.size,
    Gap = (?BLOCK - Size rem ?BLOCK) rem ?BLOCK,
    case Rest of
        <<Bytes:Size/binary, _:Gap/binary, Next/binary>> -> member(Flag, M, Bytes, Pax, Next, F, Acc);
        _ -> throw({error, eof})
    end;
members(<<>>, _, _, Acc) -> Acc;
members(_, _, _, _) -> throw({error, eof}).

member($x, _, Bytes, Pax, Next, F, Acc) -> members(Next, maps:merge(Pax, pax_records(Bytes)), F, Acc);
member($g, _, _, Pax, Next, F, Acc) -> members(Next, Pax, F, Acc);
member($L, _, Bytes, Pax, Next, F, Acc) -> members(Next, Pax#{<<"path">> => upto_zero(Bytes)}, F, Acc);
member($K, _, Bytes, Pax, Next, F, Acc) -> members(Next, Pax#{<<"linkpath">> => upto_zero(Bytes)}, F, Acc);
member(_, M, Bytes, _, Next, F, Acc) -> members(Next, #{}, F, F(M, Bytes, Acc)).

parse(<<Name:100/binary, Mode:8/binary, Uid:8/binary, Gid:8/binary, Size:12/binary, Time:12/binary, Sum:8/binary, Flag,
        Link:100/binary, Magic:6/binary, _:2/binary, _:32/binary, _:32/binary, _:16/binary, Prefix:155/binary, _/binary>> = Head) ->
    <<Front:148/binary, _:8/binary, Back/binary>> = Head,
    Real = lists:sum(binary_to_list(Front)) + 8 * $\s + lists:sum(binary_to_list(Back)),
    number(Sum) =:= Real orelse throw({error, bad_header}),
    lists:foreach(fun number/1, [Mode, Uid, Gid, Size, Time]),
    Path = case {Magic, upto_zero(Prefix)} of
        {<<"ustar", 0>>, <<_, _/binary>> = P} -> <<P/binary, $/, (upto_zero(Name))/binary>>;
        _ -> upto_zero(Name)
    end,
    Type = type(Flag, Path),
    {Flag, #member{name = text(without_slash(Path, Type)), type = Type,
                   size = case Type of T when T =:= regular; T =:= other -> number(Size); _ -> 0 end,
                   mtime = number(Time), mode = number(Mode), uid = number(Uid), gid = number(Gid), link = text(upto_zero(Link))}}.

type(F, Path) when F =:= $0; F =:= 0; F =:= $7 ->
    case binary:last(<<0, Path/binary>>) of
        $/ -> directory;
        _ -> regular
    end;
type($1, _) -> link;
type($2, _) -> symlink;
type($3, _) -> char;
type($4, _) -> block;
type($5, _) -> directory;
type($6, _) -> fifo;
type(_, _) -> other.

without_slash(Path, directory) when byte_size(Path) > 1 ->
    case binary:last(Path) of
        $/ -> binary:part(Path, 0, byte_size(Path) - 1);
        _ -> Path
    end;
without_slash(Path, _) -> Path.

text(Bytes) ->
    case unicode:characters_to_list(Bytes) of
        Chars when is_list(Chars) -> Chars;
        _ -> binary_to_list(Bytes)
    end.

upto_zero(Bytes) -> hd(binary:split(Bytes, <<0>>)).

%% Octal digits, or with the upper bit set a binary number.
number(<<1:1, _:7, Rest/binary>>) -> binary:decode_unsigned(Rest);
number(Bytes) ->
    case string:trim(binary_to_list(upto_zero(Bytes)), both, " ") of
        "" -> 0;
        Digits ->
            try list_to_integer(Digits, 8)
            catch error:badarg -> throw({error, invalid_tar_checksum})
            end
    end.

pax_records(<<>>) -> #{};
pax_records(Bytes) ->
    case binary:split(Bytes, <<" ">>) of
        [Digits, _] ->
            Length = try binary_to_integer(Digits) catch error:badarg -> throw({error, invalid_tar_checksum}) end,
            Skip = byte_size(Digits) + 1,
            Size = Length - Skip - 1,
            case Bytes of
                <<_:Skip/binary, Record:Size/binary, $\n, Rest/binary>> ->
                    [Key, Value] = binary:split(Record, <<"=">>),
                    (pax_records(Rest))#{Key => Value};
                _ -> throw({error, invalid_tar_checksum})
            end;
        _ -> #{}
    end.

apply_pax(Pax, M) ->
    maps:fold(fun(<<"path">>, V, A) -> A#member{name = text(without_slash(V, A#member.type))};
                 (<<"linkpath">>, V, A) -> A#member{link = text(V)};
                 (<<"size">>, V, A) -> A#member{size = binary_to_integer(V)};
                 (_, _, A) -> A
              end, M, Pax).

-doc "The text for an error that a function of this module gave.".
-spec format_error(term()) -> string().
format_error(bad_header) -> "Unrecognized tar header format";
format_error(invalid_tar_checksum) -> "Checksum failed";
format_error(eof) -> "Unexpected end of file";
format_error(too_big) -> "Maximum size exceeded";
format_error({Name, Reason}) -> lists:flatten(io_lib:format("~ts: ~ts", [Name, format_error(Reason)]));
format_error(Posix) when is_atom(Posix) -> erl_posix_msg:message(Posix);
format_error(Other) -> lists:flatten(io_lib:format("~tp", [Other])).
