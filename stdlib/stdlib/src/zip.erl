-module(zip).
-moduledoc "Archives in the format of zip, with 64-bit sizes where they are needed.".

-export([create/2, create/3, zip/2, zip/3, extract/1, extract/2, unzip/1, unzip/2, foldl/3, list_dir/1, list_dir/2, table/1,
         table/2, t/1, tt/1, zip_open/1, zip_open/2, zip_get/1, zip_get/2, zip_get_crc32/2, zip_list_dir/1, zip_close/1]).
-export([serve/2]).

-include_lib("kernel/include/file.hrl").
-include("zip.hrl").

-export_type([filename/0, handle/0]).

-type filename() :: file:filename().
-opaque handle() :: pid().

-define(LOCAL, 16#04034b50).
-define(CENTRAL, 16#02014b50).
-define(END, 16#06054b50).
-define(END64, 16#06064b50).
-define(LOCATOR64, 16#07064b50).
%% What stands for a number that needs more than 32 bits.
-define(WIDE, 16#ffffffff).
%% Files of so many bytes are compressed.
-define(SQUEEZED, 10).
%% Fields with times in seconds, and with the owner.
-define(TIMES, 16#5455).
-define(OWNER, 16#7875).
-define(STORE_SUFFIXES, [".Z", ".zip", ".zoo", ".arc", ".lzh", ".arj"]).

%%% ---- writing -------------------------------------------------------------------------------

-doc "The same as zip/2.".
-spec create(filename(), [term()]) -> {ok, term()} | {error, term()}.
create(Archive, Files) -> zip(Archive, Files).

-doc "The same as zip/3.".
-spec create(filename(), [term()], [term()]) -> {ok, term()} | {error, term()}.
create(Archive, Files, Options) -> zip(Archive, Files, Options).

-doc "Makes an archive of files: names, {Name, Bytes} or {Name, Bytes, FileInfo}.".
-spec zip(filename(), [term()]) -> {ok, term()} | {error, term()}.
zip(Archive, Files) -> zip(Archive, Files, []).

-doc """
Makes an archive with options: memory, cooked, verbose, {comment, Text}, {cwd, Dir}, {compress, What}, {uncompress, What}, and
{extra, Which}, which says whether times in seconds (extended_timestamp) and the owner (uid_gid) are stored: both, without it.
""".
-spec zip(filename(), [term()], [term()]) -> {ok, filename() | {filename(), binary()}} | {error, term()}.
zip(Archive, Files, Options) ->
    guarded(fun() ->
        check_options(Options, fun write_option/1),
        Dir = proplists:get_value(cwd, Options, ""),
        is_list(Files) orelse throw({error, einval}),
        Entries = lists:append([collect(F, Dir) || F <- Files]),
        {Data, Central, _} = lists:foldl(fun(E, Acc) -> pack(E, Options, Acc) end, {[], [], 0}, Entries),
        Bytes = finish(lists:reverse(Data), lists:reverse(Central), proplists:get_value(comment, Options, "")),
        case lists:member(memory, Options) of
            true -> {ok, {Archive, Bytes}};
            false ->
                ok = must(filelib:ensure_dir(Archive)),
                ok = must(file:write_file(Archive, Bytes)),
                {ok, Archive}
        end
    end).

guarded(F) ->
    try F()
    catch throw:{error, Reason} -> {error, Reason}
    end.

must(ok) -> ok;
must({ok, Value}) -> Value;
must({error, Reason}) -> throw({error, Reason}).

check_options(Options, Known) ->
    case [O || O <- Options, not Known(O)] of
        [] -> ok;
        [Bad | _] -> throw({error, {bad_option, Bad}})
    end.

write_option(O) when O =:= memory; O =:= cooked; O =:= verbose -> true;
write_option({extra, Wanted}) -> extra_option(Wanted);
write_option({K, _}) -> lists:member(K, [comment, cwd, compress, uncompress]);
write_option(_) -> false.

read_option(O) when O =:= memory; O =:= cooked; O =:= verbose; O =:= keep_old_files; O =:= skip_directories -> true;
read_option({extra, Wanted}) -> extra_option(Wanted);
read_option({K, _}) -> lists:member(K, [file_list, file_filter, cwd]);
read_option(_) -> false.

extra_option(Wanted) -> is_list(Wanted) andalso Wanted -- [extended_timestamp, uid_gid] =:= [].

%% Entries are {NameInArchive, Bytes | directory, FileInfo}.
collect({_, Bytes}, _) when not is_binary(Bytes) -> throw({error, einval});
collect({Name, Bytes}, _) ->
    Now = calendar:local_time(),
    [{Name, Bytes, #file_info{size = byte_size(Bytes), type = regular, access = read_write, atime = Now, mtime = Now, ctime = Now,
                              mode = 8#644, links = 1, major_device = 0, minor_device = 0, inode = 0, uid = 0, gid = 0}}];
collect({Name, Bytes, #file_info{type = directory} = Info}, _) when Bytes =:= <<>>; Bytes =:= directory ->
    [{Name, directory, Info}];
collect({Name, Bytes, Info}, _) -> [{Name, Bytes, Info}];
collect(Name, Dir) ->
    Path = filename:join([D || D <- [Dir, Name], D =/= ""]),
    Info = case file:read_file_info(Path) of
               {ok, Read} -> Read;
               {error, Reason} -> throw({error, {Path, {{file, file_info, [Path, [{time, posix}]]}, Reason}}})
           end,
    case Info#file_info.type of
        directory ->
            Names = must(file:list_dir(Path)),
            [{with_slash(Name), directory, Info} |
             lists:append([collect(filename:join(Name, N), Dir) || N <- lists:sort(Names)])];
        _ -> [{Name, must(file:read_file(Path)), Info}]
    end.

with_slash(Name) ->
    case lists:last(Name) of
        $/ -> Name;
        _ -> Name ++ "/"
    end.

pack({Name, Content, #file_info{mtime = Time, mode = Mode} = Info}, Options, {Data, Central, At}) ->
    [io:format("~ts~n", [Name]) || lists:member(verbose, Options)],
    Bytes = case Content of directory -> <<>>; _ -> Content end,
    {Method, Packed} = case Content =/= directory andalso byte_size(Bytes) >= ?SQUEEZED andalso squeezed(Name, Options) of
        true -> {8, zlib:zip(Bytes)};
        false -> {0, Bytes}
    end,
    N = unicode:characters_to_binary(Name),
    Flags = case lists:all(fun(C) -> C < 128 end, Name) of true -> 0; false -> 1 bsl 11 end,
    Sizes = [byte_size(Packed), byte_size(Bytes)],
    Wanted = proplists:get_value(extra, Options, [extended_timestamp, uid_gid]),
    Header = fun(Wide, Extra) ->
                     Needs = case {Wide, Method} of {<<>>, 0} -> 10; {<<>>, _} -> 20; _ -> 45 end,
                     <<Needs:16/little, Flags:16/little, Method:16/little, (dos_time(Time))/binary, (erlang:crc32(Bytes)):32/little,
                       << <<(min(S, ?WIDE)):32/little>> || S <- Sizes >>/binary, (byte_size(N)):16/little, (byte_size(Extra)):16/little>>
             end,
    LocalWide = case lists:max(Sizes) >= ?WIDE of
                    true -> extra64(lists:reverse(Sizes));
                    false -> <<>>
                end,
    LocalExtra = <<LocalWide/binary, (more(Wanted, Info, [Info#file_info.atime]))/binary>>,
    Local = <<?LOCAL:32/little, (Header(LocalWide, LocalExtra))/binary, N/binary, LocalExtra/binary>>,
    Directory = case Content of directory -> 16#10; _ -> 0 end,
    CentralWide = extra64([V || V <- lists:reverse(Sizes) ++ [At], V >= ?WIDE]),
    CentralExtra = <<CentralWide/binary, (more(Wanted, Info, []))/binary>>,
    Entry = <<?CENTRAL:32/little, 61, 3, (Header(CentralWide, CentralExtra))/binary, 0:16, 0:16, 0:16, ((Mode band 8#777) bsl 16 bor Directory):32/little,
              (min(At, ?WIDE)):32/little, N/binary, CentralExtra/binary>>,
    {[Packed, Local | Data], [Entry | Central], At + byte_size(Local) + byte_size(Packed)}.

%% The field for numbers that have no room in 32 bits, where those stand all ones.
extra64([]) -> <<>>;
extra64(Values) -> <<1:16/little, (8 * length(Values)):16/little, << <<V:64/little>> || V <- Values >>/binary>>.

%% The other fields that are wanted: times in seconds, and the owner.
more(Wanted, #file_info{mtime = Modified, uid = Uid, gid = Gid}, Others) ->
    Times = [seconds(T) || T <- [Modified | Others]],
    Known = lists:all(fun is_integer/1, Times),
    Stamp = << <<T:32/little>> || T <- Times >>,
    iolist_to_binary([[<<?TIMES:16/little, (1 + byte_size(Stamp)):16/little, (1 bsl length(Times) - 1)>>, Stamp] || lists:member(extended_timestamp, Wanted), Known]
                     ++ [<<?OWNER:16/little, 11:16/little, 1, 4, Uid:32/little, 4, Gid:32/little>>
                         || lists:member(uid_gid, Wanted), is_integer(Uid), is_integer(Gid)]).

seconds(Time) when is_integer(Time) -> Time;
seconds(undefined) -> undefined;
seconds(Local) ->
    case calendar:local_time_to_universal_time_dst(Local) of
        [Universal | _] -> calendar:datetime_to_gregorian_seconds(Universal) - 62167219200;
        [] -> undefined
    end.

%% Which files are compressed: those with the right suffix.
squeezed(Name, Options) ->
    Suffix = filename:extension(Name),
    Fits = fun(all) -> true; (L) -> lists:member(Suffix, L) end,
    {Yes, No} = lists:foldl(fun option_suffixes/2, {all, ?STORE_SUFFIXES}, Options),
    Fits(Yes) andalso not Fits(No).

option_suffixes({compress, W}, {Yes, No}) -> {suffixes(W, Yes), No};
option_suffixes({uncompress, W}, {Yes, No}) -> {Yes, suffixes(W, No)};
option_suffixes(_, Acc) -> Acc.

suffixes(all, _) -> all;
suffixes({add, New}, Old) when is_list(Old) -> New ++ Old;
suffixes({add, _}, all) -> all;
suffixes({del, Gone}, Old) when is_list(Old) -> Old -- Gone;
suffixes({del, _}, all) -> all;
suffixes(List, _) -> List.

dos_time({{Year, Month, Day}, {Hour, Minute, Second}}) ->
    <<(Hour bsl 11 bor (Minute bsl 5) bor (Second div 2)):16/little,
      ((max(Year, 1980) - 1980) bsl 9 bor (Month bsl 5) bor Day):16/little>>;
dos_time(Seconds) -> dos_time(calendar:system_time_to_local_time(Seconds, second)).

finish(Data, Central, Comment) ->
    Body = iolist_to_binary(Data),
    Directory = iolist_to_binary(Central),
    C = unicode:characters_to_binary(Comment),
    Count = length(Central),
    Wide = case Count >= 16#ffff orelse byte_size(Directory) >= ?WIDE orelse byte_size(Body) >= ?WIDE of
               true ->
                   [<<?END64:32/little, 44:64/little, 45, 3, 45:16/little, 0:32, 0:32, Count:64/little, Count:64/little,
                      (byte_size(Directory)):64/little, (byte_size(Body)):64/little>>,
                    <<?LOCATOR64:32/little, 0:32, (byte_size(Body) + byte_size(Directory)):64/little, 1:32/little>>];
               false -> []
           end,
    Short = min(Count, 16#ffff),
    iolist_to_binary([Body, Directory, Wide,
                      <<?END:32/little, 0:16, 0:16, Short:16/little, Short:16/little, (min(byte_size(Directory), ?WIDE)):32/little,
                        (min(byte_size(Body), ?WIDE)):32/little, (byte_size(C)):16/little, C/binary>>]).

%%% ---- reading -------------------------------------------------------------------------------

-doc "The same as unzip/1.".
-spec extract(filename() | binary()) -> {ok, list()} | {error, term()}.
extract(Archive) -> unzip(Archive).

-doc "The same as unzip/2.".
-spec extract(filename() | binary(), [term()]) -> {ok, list()} | {error, term()}.
extract(Archive, Options) -> unzip(Archive, Options).

-doc "Extracts all files.".
-spec unzip(filename() | binary()) -> {ok, list()} | {error, term()}.
unzip(Archive) -> unzip(Archive, []).

-doc """
Extracts files: memory, {cwd, Dir}, {file_list, Names}, {file_filter, Fun}, keep_old_files, skip_directories, verbose, cooked, and
{extra, Which}: by default the files get their times to the second, but not their owners.
""".
-spec unzip(filename() | binary(), [term()]) -> {ok, list()} | {error, term()}.
unzip(Archive, Options) ->
    guarded(fun() ->
        check_options(Options, fun read_option/1),
        {Bytes, Files, _} = load(Archive, proplists:get_value(extra, Options, [extended_timestamp])),
        Chosen = [F || F <- Files, chosen(F, Options)],
        {ok, lists:append([take(F, Bytes, Options) || F <- Chosen])}
    end).

chosen(#zip_file{name = Name} = File, Options) ->
    lists:all(fun({file_list, L}) -> lists:member(Name, L);
                 ({file_filter, F}) -> F(File);
                 (_) -> true
              end, Options).

take(#zip_file{name = Name, info = #file_info{type = directory}}, _, Options) ->
    case lists:member(memory, Options) of
        true -> [];
        false ->
            Path = target(Name, Options),
            ok = must(filelib:ensure_path(Path)),
            []
    end;
take(#zip_file{name = Name} = File, Bytes, Options) ->
    Content = content(File, Bytes),
    [io:format("extracting: ~ts~n", [Name]) || lists:member(verbose, Options)],
    case lists:member(memory, Options) of
        true -> [{Name, Content}];
        false ->
            Path = target(Name, Options),
            case lists:member(keep_old_files, Options) andalso filelib:is_file(Path) of
                true -> [];
                false ->
                    ok = must(filelib:ensure_dir(Path)),
                    ok = must(file:write_file(Path, Content)),
                    _ = file:write_file_info(Path, to_restore(File, Bytes, proplists:get_value(extra, Options, [extended_timestamp]))),
                    [Path]
            end
    end.

%% The fields beside a file know more than those in the directory.
to_restore(#zip_file{info = Info, offset = At}, Bytes, Wanted) ->
    Beside = case Bytes of
                 <<_:At/binary, _:26/binary, NameLength:16/little, ExtraLength:16/little, _:NameLength/binary, Extra:ExtraLength/binary, _/binary>> ->
                     told(Extra, Wanted, Info);
                 _ -> Info
             end,
    #file_info{mtime = Modified, atime = Read, mode = Mode, uid = Uid, gid = Gid} = Beside,
    case lists:member(uid_gid, Wanted) of
        true -> #file_info{mode = Mode, mtime = Modified, atime = Read, uid = Uid, gid = Gid};
        false -> #file_info{mode = Mode, mtime = Modified, atime = Read}
    end.

%% What the fields behind a name say about a file, of those that are wanted.
told(<<?TIMES:16/little, Size:16/little, Field:Size/binary, Rest/binary>>, Wanted, Info) ->
    case {lists:member(extended_timestamp, Wanted), Field} of
        {true, <<Flags, Times/binary>>} ->
            Seconds = [T || <<T:32/little>> <= Times],
            Bits = [Bit || Bit <- [1, 2, 4], Flags band Bit =/= 0],
            told(Rest, Wanted, lists:foldl(fun stamped/2, Info, lists:zip(Bits, Seconds, trim)));
        _ -> told(Rest, Wanted, Info)
    end;
told(<<?OWNER:16/little, Size:16/little, Field:Size/binary, Rest/binary>>, Wanted, Info) ->
    case {lists:member(uid_gid, Wanted), Field} of
        {true, <<1, U, Uid:U/little-unit:8, G, Gid:G/little-unit:8, _/binary>>} -> told(Rest, Wanted, Info#file_info{uid = Uid, gid = Gid});
        _ -> told(Rest, Wanted, Info)
    end;
told(<<_:16, Size:16/little, _:Size/binary, Rest/binary>>, Wanted, Info) -> told(Rest, Wanted, Info);
told(_, _, Info) -> Info.

stamped({1, T}, Info) -> Info#file_info{mtime = calendar:system_time_to_local_time(T, second)};
stamped({2, T}, Info) -> Info#file_info{atime = calendar:system_time_to_local_time(T, second)};
stamped({4, T}, Info) -> Info#file_info{ctime = calendar:system_time_to_local_time(T, second)}.

%% Names that would lead out of the directory lose what does.
target(Name, Options) ->
    Dir = proplists:get_value(cwd, Options, ""),
    Safe = case filelib:safe_relative_path(Name, Dir) of
        unsafe -> filename:basename(Name);
        _ -> Name
    end,
    filename:join([D || D <- [Dir, Safe], D =/= ""]).

%% The bytes of an archive, its files and its comment.
load(Archive) -> load(Archive, [extended_timestamp, uid_gid]).

load({_, Bytes}, Wanted) when is_binary(Bytes) -> load(Bytes, Wanted);
load(Bytes, Wanted) when is_binary(Bytes) ->
    {Count, At, Comment} = directory(Bytes),
    {Bytes, entries(Count, At, Bytes, Wanted), Comment};
load(Name, _) when not is_list(Name) -> throw({error, einval});
load(Name, Wanted) -> load(must(file:read_file(Name)), Wanted).

%% Finds the end of the archive, which a comment may follow.
directory(Bytes) ->
    case lists:reverse(binary:matches(Bytes, <<?END:32/little>>)) of
        [{At, _} | _] ->
            case Bytes of
                <<_:At/binary, _:32, _:16, _:16, _:16, Count:16/little, _:32, Offset:32/little, Length:16/little, Comment:Length/binary, _/binary>> ->
                    {C, O} = wide(Count, Offset, At, Bytes),
                    {C, O, text(Comment)};
                _ -> throw({error, bad_eocd})
            end;
        [] -> throw({error, bad_eocd})
    end.

%% Values that do not fit stand in a record before the end.
wide(Count, Offset, At, Bytes) when Count =:= 16#ffff; Offset =:= 16#ffffffff ->
    case lists:reverse(binary:matches(binary:part(Bytes, 0, At), <<?END64:32/little>>)) of
        [{P, _} | _] ->
            <<_:P/binary, _:32, _:64, _:16, _:16, _:32, _:32, _:64, C:64/little, _:64, O:64/little, _/binary>> = Bytes,
            {C, O};
        [] -> {Count, Offset}
    end;
wide(Count, Offset, _, _) -> {Count, Offset}.

entries(0, _, _, _) -> [];
entries(N, At, Bytes, Wanted) ->
    case Bytes of
        <<_:At/binary, ?CENTRAL:32/little, _Version:16, _Needs:16, _Flags:16, _Method:16, Time:16/little, Date:16/little, _Crc:32,
          Packed:32/little, Size:32/little, NameLength:16/little, ExtraLength:16/little, CommentLength:16/little, _:16, _:16,
          Attributes:32/little, Offset:32/little, Name:NameLength/binary, Extra:ExtraLength/binary, Comment:CommentLength/binary, _/binary>> ->
            [S, P, O] = fields64([Size, Packed, Offset], Extra),
            T = text(Name),
            File = #zip_file{name = T, info = told(Extra, Wanted, info(T, S, Attributes bsr 16, Date, Time)), comment = text(Comment), offset = O,
                             comp_size = P},
            [File | entries(N - 1, At + 46 + NameLength + ExtraLength + CommentLength, Bytes, Wanted)];
        _ -> throw({error, bad_central_directory})
    end.

fields64(Values, Extra) ->
    Wide = wide_field(Extra),
    {Out, _} = lists:mapfoldl(fun(16#ffffffff, <<V:64/little, Rest/binary>>) -> {V, Rest};
                                 (V, Rest) -> {V, Rest}
                              end, Wide, Values),
    Out.

wide_field(<<1:16/little, Length:16/little, Field:Length/binary, _/binary>>) -> Field;
wide_field(<<_:16, Length:16/little, _:Length/binary, Rest/binary>>) -> wide_field(Rest);
wide_field(_) -> <<>>.

text(Bytes) ->
    case unicode:characters_to_list(Bytes) of
        Chars when is_list(Chars) -> Chars;
        _ -> binary_to_list(Bytes)
    end.

info(Name, Size, Mode, Date, Time) ->
    When = {{(Date bsr 9) + 1980, (Date bsr 5) band 15, Date band 31}, {Time bsr 11, (Time bsr 5) band 63, (Time band 31) * 2}},
    Type = case Name =/= [] andalso lists:last(Name) =:= $/ of true -> directory; false -> regular end,
    Rights = case Mode band 8#777 of
        0 when Type =:= directory -> 8#755;
        0 -> 8#644;
        Known -> Known
    end,
    #file_info{size = Size, type = Type, access = read_write, atime = When, mtime = When, ctime = undefined, mode = Rights, links = 1,
               major_device = 0, minor_device = 0, inode = 0, uid = 0, gid = 0}.

content(#zip_file{offset = At, comp_size = Packed, name = Name}, Bytes) ->
    case Bytes of
        <<_:At/binary, ?LOCAL:32/little, _:16, Flags:16/little, Method:16/little, _:32, Crc:32/little, _:32, _:32,
          NameLength:16/little, ExtraLength:16/little, _:NameLength/binary, _:ExtraLength/binary, Data:Packed/binary, _/binary>> ->
            Plain = case Method of
                0 -> Data;
                8 ->
                    try zlib:unzip(Data)
                    catch error:_ -> throw({error, {bad_file, Name}})
                    end;
                _ -> throw({error, {bad_compression_method, Method}})
            end,
            Flags band 8 =/= 0 orelse erlang:crc32(Plain) =:= Crc orelse throw({error, {bad_crc, Name}}),
            Plain;
        _ -> throw({error, bad_local_file_header})
    end.

-doc "Calls F(Name, GetInfo, GetBytes, Acc) for each file of an archive.".
-spec foldl(fun((string(), fun(() -> #file_info{}), fun(() -> binary()), Acc) -> Acc), Acc, filename() | {filename(), binary()}) ->
          {ok, Acc} | {error, term()}.
foldl(F, Acc, Archive) when is_function(F, 4), not is_tuple(Archive) orelse is_binary(element(2, Archive)), not is_integer(Archive) ->
    guarded(fun() ->
        {Bytes, Files, _} = load(Archive),
        {ok, lists:foldl(fun(#zip_file{name = N, info = I} = File, A) ->
                                 F(N, fun() -> I end, fun() -> content(File, Bytes) end, A)
                         end, Acc, Files)}
    end);
foldl(_, _, _) -> {error, einval}.

-doc "The comment and the files of an archive.".
-spec list_dir(filename() | binary()) -> {ok, [#zip_comment{} | #zip_file{}]} | {error, term()}.
list_dir(Archive) -> list_dir(Archive, []).

-doc "The comment and the files of an archive; skip_directories leaves directories out.".
-spec list_dir(filename() | binary(), list()) -> {ok, [#zip_comment{} | #zip_file{}]} | {error, term()}.
list_dir(Archive, Options) ->
    guarded(fun() ->
        check_options(Options, fun({extra, Wanted}) -> extra_option(Wanted);
                                  (O) -> O =:= cooked orelse O =:= skip_directories orelse is_tuple(O) end),
        {_, Files, Comment} = load(Archive, proplists:get_value(extra, Options, [extended_timestamp])),
        Shown = [F || F <- Files, not lists:member(skip_directories, Options) orelse
                                     (F#zip_file.info)#file_info.type =/= directory],
        {ok, [#zip_comment{comment = Comment} | Shown]}
    end).

-doc "The same as list_dir/1.".
-spec table(filename() | binary()) -> {ok, list()} | {error, term()}.
table(Archive) -> list_dir(Archive).

-doc "The same as list_dir/2.".
-spec table(filename() | binary(), list()) -> {ok, list()} | {error, term()}.
table(Archive, Options) -> list_dir(Archive, Options).

-doc "Prints the names in an archive.".
-spec t(filename() | binary() | handle()) -> ok | {error, term()}.
t(Archive) -> print(Archive, fun(#zip_file{name = N}) -> io:format("~ts~n", [N]) end).

-doc "Prints what is in an archive.".
-spec tt(filename() | binary() | handle()) -> ok | {error, term()}.
tt(Archive) ->
    print(Archive, fun(#zip_file{name = N, info = #file_info{size = Size, mtime = {{Y, Mo, D}, {H, Mi, _}}}, comp_size = P}) ->
        Saved = case Size of 0 -> 0; _ -> 100 - P * 100 div Size end,
        io:format("~10w ~3w% ~4w-~2..0w-~2..0w ~2..0w:~2..0w ~ts~n", [Size, Saved, Y, Mo, D, H, Mi, N])
    end).

print(Archive, Line) ->
    Listed = case is_pid(Archive) of
        true -> zip_list_dir(Archive);
        false -> list_dir(Archive)
    end,
    case Listed of
        {ok, [#zip_comment{comment = Comment} | Files]} ->
            [io:format("Archive comment: ~ts~n", [Comment]) || Comment =/= []],
            lists:foreach(Line, Files);
        Error -> Error
    end.

%%% ---- archives that stay open ---------------------------------------------------------------

-doc "Opens an archive for zip_get/2 and zip_list_dir/1.".
-spec zip_open(filename() | binary()) -> {ok, handle()} | {error, term()}.
zip_open(Archive) -> zip_open(Archive, []).

-doc "Opens an archive with the options of unzip/2.".
-spec zip_open(filename() | binary(), list()) -> {ok, handle()} | {error, term()}.
zip_open(Archive, Options) ->
    guarded(fun() ->
        check_options(Options, fun read_option/1),
        Loaded = load(Archive),
        Owner = self(),
        {ok, spawn_link(fun() ->
                            monitor(process, Owner),
                            serve(Loaded, Options)
                        end)}
    end).

-doc false.
-spec serve(tuple(), list()) -> term().
serve({Bytes, Files, Comment} = Loaded, Options) ->
    receive
        {From, Ref, {get, Name}} ->
            From ! {Ref, case lists:keyfind(Name, #zip_file.name, Files) of
                false -> {error, file_not_found};
                File -> guarded(fun() -> case take(File, Bytes, Options) of [Got] -> {ok, Got}; [] -> {ok, Name} end end)
            end},
            serve(Loaded, Options);
        {From, Ref, get} ->
            From ! {Ref, guarded(fun() -> {ok, lists:append([take(F, Bytes, Options) || F <- Files])} end)},
            serve(Loaded, Options);
        {From, Ref, {crc, Name}} ->
            From ! {Ref, case lists:keyfind(Name, #zip_file.name, Files) of
                false -> {error, file_not_found};
                File -> guarded(fun() -> {ok, erlang:crc32(content(File, Bytes))} end)
            end},
            serve(Loaded, Options);
        {From, Ref, list} ->
            From ! {Ref, {ok, [#zip_comment{comment = Comment} | Files]}},
            serve(Loaded, Options);
        {From, Ref, close} ->
            From ! {Ref, ok},
            ok;
        {'DOWN', _, process, _, _} -> ok % whoever opened the archive is gone
    end.

ask(Handle, Request) when is_pid(Handle) ->
    Ref = monitor(process, Handle),
    Handle ! {self(), Ref, Request},
    receive
        {Ref, Answer} ->
            demonitor(Ref, [flush]),
            Answer;
        {'DOWN', Ref, _, _, _} -> {error, einval}
    end;
ask(_, _) -> {error, einval}.

-doc "All files of an open archive.".
-spec zip_get(handle()) -> {ok, list()} | {error, term()}.
zip_get(Handle) -> ask(Handle, get).

-doc "A file of an open archive.".
-spec zip_get(string(), handle()) -> {ok, term()} | {error, term()}.
zip_get(Name, Handle) -> ask(Handle, {get, Name}).

-doc "The checksum of a file of an open archive.".
-spec zip_get_crc32(string(), handle()) -> {ok, integer()} | {error, term()}.
zip_get_crc32(Name, Handle) -> ask(Handle, {crc, Name}).

-doc "The comment and the files of an open archive.".
-spec zip_list_dir(handle()) -> {ok, list()} | {error, term()}.
zip_list_dir(Handle) -> ask(Handle, list).

-doc "Closes an open archive.".
-spec zip_close(handle()) -> ok | {error, einval}.
zip_close(Handle) -> ask(Handle, close).
