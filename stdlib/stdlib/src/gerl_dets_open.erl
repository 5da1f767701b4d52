-module(gerl_dets_open).
-moduledoc "Opening Dets files: their options, new files, old files, and what is wrong with them.".

-export([options/2, is_dets_file/1, open/1, known/1, save/2]).

-include("gerl_dets.hrl").

-define(LEAST_SLOTS, 256).
-define(MOST_SLOTS, 33554432).

-doc "The options of dets:open_file/2; badarg if one of them is none.".
-spec options(term(), list()) -> #how{} | badarg.
options(Table, Options) ->
    try lists:foldl(fun option/2, #how{file = name(Table)}, Options) of
        #how{file = File} when not is_list(File) -> badarg;
        #how{min = Min, max = Max} when is_integer(Min), is_integer(Max), Min > Max -> badarg;
        How -> How
    catch
        error:_ -> badarg
    end.

name(File) when is_atom(File) -> atom_to_list(File);
name(File) -> File.

option({access, A}, How) when A =:= read; A =:= read_write -> How#how{access = A};
option({auto_save, A}, How) when is_integer(A), A >= 0; A =:= infinity -> How#how{auto_save = A};
option({cache_size, C}, How) when is_integer(C), C >= 0; C =:= infinity -> How;
option({delayed_write, default}, How) -> How;
option({delayed_write, {Delay, Size} = D}, How) when is_integer(Delay), Delay >= 0, is_integer(Size), Size >= 0 -> How#how{delayed_write = D};
option({estimated_no_objects, N}, How) -> option({min_no_slots, N}, How);
option({file, File}, How) -> How#how{file = name(File)};
option({keypos, P}, How) when is_integer(P), P > 0 -> How#how{keypos = P};
option({max_no_slots, N}, How) when N =:= default; is_integer(N), N > 0, N < 1 bsl 31 -> How#how{max = N};
option({min_no_slots, default}, How) -> How#how{min = default};
option({min_no_slots, N}, How) when is_integer(N), N >= 0 -> How#how{min = max(N, ?LEAST_SLOTS)};
option({ram_file, R}, How) when is_boolean(R) -> How#how{ram = R};
option({repair, R}, How) when is_boolean(R); R =:= force -> How#how{repair = R};
option({type, T}, How) when T =:= set; T =:= bag; T =:= duplicate_bag -> How#how{type = T};
option({version, V}, How) when V =:= default; V =:= 9 -> How;
option({debug, D}, How) when is_boolean(D) -> How.

-doc "Whether a file looks like a Dets table.".
-spec is_dets_file(file:name()) -> boolean() | {error, term()}.
is_dets_file(Name) ->
    case header(Name, read, false) of
        {ok, Fd, #{version := Version, cookie := Cookie}, _} ->
            _ = file:close(Fd),
            if
                Version =< 8 -> {error, {format_8_no_longer_supported, Name}};
                true -> Version =:= 9 andalso Cookie
            end;
        {error, {not_a_dets_file, _}} -> false;
        {error, Reason} -> {error, Reason}
    end.

%% The file, its header and its size.
header(Name, Access, Ram) ->
    case opened(Name, Access, Ram) of
        {ok, Fd} ->
            case file:pread(Fd, 0, gerl_dets_format:header_size()) of
                {ok, Data} ->
                    case gerl_dets_format:parse_header(Data) of
                        too_short -> refused(Fd, {not_a_dets_file, Name});
                        Header ->
                            {ok, End} = file:position(Fd, eof),
                            {ok, Fd, Header, End}
                    end;
                eof -> refused(Fd, {not_a_dets_file, Name});
                {error, Reason} -> refused(Fd, {file_error, Name, Reason})
            end;
        {error, Reason} -> {error, {file_error, Name, Reason}}
    end.

refused(Fd, Reason) ->
    _ = file:close(Fd),
    {error, Reason}.

opened(Name, Access, false) -> file:open(Name, [raw | modes(Access)]);
opened(Name, Access, true) ->
    case file:read_file(Name) of
        {ok, Data} -> file:open(Data, [ram | modes(Access)]);
        Error -> Error
    end.

modes(read) -> [binary, read];
modes(read_write) -> [binary, read, write].

-doc "Opens a table's file, or makes it: {ok, new | old, File} or {error, Reason}.".
-spec open(#how{}) -> {ok, new | old, #file{}} | {error, term()}.
open(#how{file = Name, access = Access} = How) ->
    try
        case file:read_file_info(Name) of
            {ok, _} -> old(How);
            {error, Reason} when Access =:= read -> {error, {file_error, Name, Reason}};
            {error, _} -> new(How)
        end
    catch
        throw:?FAILED(Why) -> {error, Why}
    end.

new(#how{file = Name, type = Type, keypos = Pos, min = Min0, max = Max0, ram = Ram}) ->
    Min = number(Min0, ?LEAST_SLOTS),
    Opened = case Ram of
        true -> file:open(<<>>, [ram | modes(read_write)]);
        false -> file:open(Name, [raw | modes(read_write)])
    end,
    case Opened of
        {ok, Fd} ->
            try
                {ok, new, gerl_dets_file:create(Fd, Name, {Type, Pos}, {Min, Min, number(Max0, ?MOST_SLOTS)})}
            catch
                throw:?FAILED(Why) ->
                    _ = file:close(Fd),
                    Ram orelse file:delete(Name),
                    {error, Why}
            end;
        {error, Reason} -> {error, {file_error, Name, Reason}}
    end.

number(default, N) -> N;
number(N, _) -> N.

old(#how{file = Name, access = Access, ram = Ram} = How) ->
    case header(Name, Access, Ram) of
        {ok, Fd, Header, End} -> checked(gerl_dets_file:check(Fd, Name, End, Header), Fd, How);
        Error -> Error
    end.

checked({error, Reason}, Fd, #how{file = Name}) -> refused(Fd, {Reason, Name});
checked({not_closed, _}, Fd, #how{repair = false, file = Name}) -> refused(Fd, {needs_repair, Name});
checked({not_closed, _}, Fd, #how{access = read, file = Name}) -> refused(Fd, {not_closed, Name});
checked({_, #file{type = Type}}, Fd, #how{type = Wanted, file = Name}) when Type =/= Wanted -> refused(Fd, {type_mismatch, Name});
checked({_, #file{keypos = Pos}}, Fd, #how{keypos = Wanted, file = Name}) when Pos =/= Wanted -> refused(Fd, {keypos_mismatch, Name});
checked({ok, _}, Fd, #how{repair = force, access = read, file = Name}) -> refused(Fd, {access_mode, Name});
checked({ok, #file{collections = Counts, min = Min, max = Max} = File}, _, #how{repair = force, min = Min0, max = Max0} = How) when
    Counts =/= unknown, Min0 =:= default orelse Min0 =:= Min, Max0 =:= default orelse Max0 =:= Max
->
    repaired(" is now compacted ...", File#file.hash, File, How);
checked({_, File}, _, #how{repair = force} = How) -> repaired(", repair forced.", phash2, File, How);
checked({not_closed, File}, _, How) -> repaired(" not properly closed, repairing ...", phash2, File, How);
checked({ok, File}, Fd, #how{repair = Repair, file = Name} = How) ->
    case gerl_dets_file:existing(File) of
        bad when Repair =:= false -> refused(Fd, {needs_repair, Name});
        bad -> repaired(" has bad free lists, repairing ...", phash2, File, How);
        Existing -> {ok, old, Existing}
    end.

repaired(Message, Hash, File, #how{file = Name, min = Min, max = Max} = How) ->
    logger:info("dets: file ~tp~s~n", [Name, Message]),
    case gerl_dets_repair:repair(File, Min, Max, Hash) of
        ok -> old(How#how{repair = false});
        Error -> Error
    end.

-doc "The options that a file has in it, for dets:open_file/1.".
-spec known(file:name()) -> {ok, #how{}} | {error, term()}.
known(Name) ->
    case file:read_file_info(Name) of
        {ok, _} ->
            case header(Name, read_write, false) of
                {ok, Fd, #{type := Type, file := #file{keypos = Pos}}, _} ->
                    _ = file:close(Fd),
                    {ok, #how{file = Name, type = Type, keypos = Pos, auto_save = infinity}};
                Error -> Error
            end;
        {error, Reason} -> {error, {file_error, Name, Reason}}
    end.

-doc "Saves a file; one that is in memory is written to the disk. With Sync, all is on the disk afterwards.".
-spec save(#file{}, {#how{}, Sync :: boolean()}) -> #file{}.
save(File, {#how{ram = Ram, file = Name}, Sync}) ->
    Saved = gerl_dets_file:save(File),
    Result =
        case Ram of
            true ->
                {ok, Data} = file:pread(Saved#file.fd, 0, gerl_dets_file:file_size(Saved)),
                file:write_file(Name, Data);
            false when Sync -> file:sync(Saved#file.fd);
            false -> ok
        end,
    case Result of
        ok -> Saved;
        {error, Reason} -> throw(?FAILED({file_error, Name, Reason}))
    end.
