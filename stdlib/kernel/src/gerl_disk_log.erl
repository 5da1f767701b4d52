-module(gerl_disk_log).
-moduledoc "The process that keeps a log of disk_log, and the names of all of them. Internal.".

-export([start/2, ask/2, tell/2, all/0, name_of/1, init/4, keeper/1]).

-define(HEAD, 8).
-define(MAGIC, 1, 2, 3, 4).
-define(OPEN, 6, 7, 8, 9).
-define(CLOSED, 99, 88, 77, 11).
-define(PLAIN, "bWLA").
-define(OLDEST, 12, 33, 44, 55).
-define(SUMMED, "bWLB").
-define(CHUNK, 65536).

-record(log, {name, o, file, path, size, items = 0, written = 0, owners = [], users = 0, status = ok, waiting = [], full = false,
              current = 1, counts = #{}, overflows = {0, 0}, at = 0,
              fresh = 0}). % where the first item of the file begins

%%% ---- names: a registered process that knows the pids -----------------------------------------

names() ->
    case whereis(disk_log_server) of
        undefined ->
            Ref = make_ref(),
            Me = self(),
            Pid = spawn(fun() ->
                try register(disk_log_server, self()) of
                    true ->
                        Me ! Ref,
                        keeper(#{})
                catch error:badarg -> Me ! Ref
                end
            end),
            Watch = monitor(process, Pid),
            receive Ref -> ok; {'DOWN', Watch, _, _, _} -> ok end,
            demonitor(Watch, [flush]);
        _ -> ok
    end.

-doc false.
-spec keeper(map()) -> no_return().
keeper(Logs) ->
    receive
        {From, Ref, {lookup, Name}} ->
            From ! {Ref, maps:get(Name, Logs, undefined)},
            keeper(Logs);
        {From, Ref, {claim, Name, Pid}} ->
            case Logs of
                #{Name := Other} ->
                    From ! {Ref, Other},
                    keeper(Logs);
                _ ->
                    monitor(process, Pid),
                    From ! {Ref, Pid},
                    keeper(Logs#{Name => Pid})
            end;
        {From, Ref, all} ->
            From ! {Ref, Logs},
            keeper(Logs);
        {From, Ref, {release, Name}} ->
            From ! {Ref, ok},
            keeper(maps:remove(Name, Logs));
        {'DOWN', _, process, Pid, _} -> keeper(maps:filter(fun(_, P) -> P =/= Pid end, Logs));
        _ -> keeper(Logs)
    end.

query(Request) ->
    names(),
    exchange(whereis(disk_log_server), Request, undefined).

exchange(Pid, Request, Gone) ->
    Ref = monitor(process, Pid),
    Pid ! {self(), Ref, Request},
    receive
        {Ref, Answer} ->
            demonitor(Ref, [flush]),
            Answer;
        {'DOWN', Ref, _, _, _} -> Gone
    end.

-doc "The names of the open logs.".
-spec all() -> [term()].
all() -> lists:sort(maps:keys(query(all))).

-doc "The name of a log by its process.".
-spec name_of(pid()) -> {ok, term()} | undefined.
name_of(Pid) ->
    case [N || {N, P} <- maps:to_list(query(all)), P =:= Pid] of
        [Name | _] -> {ok, Name};
        [] -> undefined
    end.

-doc "Asks the process of a log.".
-spec ask(term(), term()) -> term().
ask(Name, Request) ->
    case query({lookup, Name}) of
        undefined -> {error, no_such_log};
        Pid -> exchange(Pid, Request, {error, no_such_log})
    end.

-doc "Sends the process of a log what needs no answer.".
-spec tell(term(), term()) -> ok | {error, no_such_log}.
tell(Name, Request) ->
    case query({lookup, Name}) of
        undefined -> {error, no_such_log};
        Pid ->
            Pid ! {none, none, Request},
            ok
    end.

-doc "Opens a log, or joins its owners.".
-spec start(term(), map()) -> term().
start(Name, Options) ->
    case query({lookup, Name}) of
        undefined ->
            Ref = make_ref(),
            {Pid, Watch} = spawn_monitor(?MODULE, init, [self(), Ref, Name, Options]),
            receive
                {Ref, Answer} ->
                    demonitor(Watch, [flush]),
                    joined(Answer, Pid, Options);
                {'DOWN', Watch, _, _, Reason} -> {error, Reason}
            end;
        Pid ->
            case exchange(Pid, {join, Options}, gone) of
                gone -> start(Name, Options);
                Answer -> joined(Answer, Pid, Options)
            end
    end.

joined(Answer, Pid, #{linkto := Owner}) when element(1, Answer) =/= error ->
    Owner =:= self() andalso link(Pid),
    Answer;
joined(Answer, _, _) -> Answer.

%%% ---- the process -----------------------------------------------------------------------------

-doc false.
-spec init(pid(), reference(), term(), map()) -> ok.
init(Starter, Ref, Name, Options) ->
    process_flag(trap_exit, true),
    case query({claim, Name, self()}) of
        Me when Me =:= self() ->
            case opened(#log{name = Name, o = Options, size = maps:get(size, Options)}) of
                {error, _} = Error ->
                    query({release, Name}),
                    Starter ! {Ref, Error};
                {Answer, Log} ->
                    New = join(Options, Log),
                    Starter ! {Ref, Answer},
                    loop(New)
            end;
        Other -> Starter ! {Ref, exchange(Other, {join, Options}, {error, no_such_log})}
    end.

join(#{linkto := none}, L) -> L#log{users = L#log.users + 1};
join(#{linkto := Owner, notify := Notify}, L) ->
    monitor(process, Owner),
    L#log{owners = lists:keystore(Owner, 1, L#log.owners, {Owner, Notify})}.

loop(L) ->
    receive
        {'DOWN', _, process, Pid, _} -> leave(Pid, L);
        {'EXIT', _, _} -> loop(L);
        {From, _, _} = Request -> request(From, Request, L)
    end.

leave(Pid, #log{status = {blocked, Pid, _}} = L) -> leave(Pid, unblocked(L));
leave(Pid, L) ->
    case L#log{owners = lists:keydelete(Pid, 1, L#log.owners)} of
        #log{owners = [], users = 0} = Last -> shut(Last);
        Rest -> loop(Rest)
    end.

shut(L) ->
    ended(L),
    gone(L).

%% Those who still wait learn that the log has stopped; what was logged without waiting is lost.
gone(L) ->
    _ = [From ! {disk_log, self(), {error, disk_log_stopped}} || {From, _, _} <- L#log.waiting, is_pid(From)],
    query({release, L#log.name}).

request(From, {_, _, What} = Request, #log{status = {blocked, By, Queue}} = L)
  when What =/= close, What =/= info, What =/= unblock, not is_tuple(What) orelse element(1, What) =/= join,
       From =/= By orelse not is_tuple(What) orelse element(1, What) =/= chunk andalso element(1, What) =/= step ->
    case Queue andalso From =/= By of
        true -> loop(L#log{waiting = [Request | L#log.waiting]});
        false ->
            refused(Request, {error, {blocked_log, L#log.name}}, L),
            answer(Request, {error, {blocked_log, L#log.name}}),
            loop(L)
    end;
request(From, {_, _, close} = Request, L) ->
    case lists:keymember(From, 1, L#log.owners) of
        true ->
            Rest = L#log{owners = lists:keydelete(From, 1, L#log.owners)},
            unlink(From),
            finish_close(Request, Rest);
        false when L#log.users > 0 -> finish_close(Request, L#log{users = L#log.users - 1});
        false ->
            answer(Request, {error, not_owner}),
            loop(L)
    end;
request(From, {_, _, What} = Request, L) ->
    try serve(What, From, L) of
        {Answer, New} -> answered(Request, Answer, New)
    catch
        throw:{error, _} = Error -> answered(Request, Error, L);
        throw:{fatal, Error} ->
            %% what the log was made of is no longer there
            _ = [unlink(Owner) || {Owner, _} <- L#log.owners],
            gone(L),
            answer(Request, Error)
    end.

answered(Request, Answer, L) ->
    refused(Request, Answer, L),
    answer(Request, Answer),
    loop(L).

%% Who logs without waiting for an answer cannot be told what is wrong: the owners are.
refused({none, _, {log, _, Items}}, {error, {Why, _}}, L) ->
    case Why of
        read_only_mode -> tell_owners({read_only, Items}, L);
        blocked_log -> tell_owners({blocked_log, Items}, L);
        format_external -> tell_owners({format_external, Items}, L);
        _ -> ok
    end;
refused(_, _, _) -> ok.

unblocked(L) ->
    _ = [self() ! R || R <- lists:reverse(L#log.waiting)],
    L#log{status = ok, waiting = []}.

finish_close(Request, #log{owners = [], users = 0} = L) ->
    shut(L),
    answer(Request, ok);
finish_close({From, _, _} = Request, L) ->
    answer(Request, ok),
    loop(case L#log.status of
             {blocked, From, _} -> unblocked(L);
             _ -> L
         end).

answer({none, _, _}, _) -> ok;
answer({From, Ref, _}, Answer) -> From ! {Ref, Answer}.

serve({join, Options}, _, #log{o = Mine} = L) ->
    Differs = [K || K <- compared(Mine), lists:member(K, map_get(given, Options)), map_get(K, Mine) =/= map_get(K, Options)],
    case {Differs, title(Mine), title(Options)} of
        {[], Old, New} when New =/= none, New =/= Old -> {{error, {arg_mismatch, head, Old, New}}, L};
        {[], _, _} ->
            #{linkto := Owner, notify := Notify} = Options,
            case lists:keyfind(Owner, 1, L#log.owners) of
                {_, Now} when Now =/= Notify -> {{error, {arg_mismatch, notify, Now, Notify}}, L};
                _ -> {{ok, L#log.name}, join(Options, L)}
            end;
        {[K | _], _, _} -> {{error, mismatch(K, Mine, Options, L)}, L}
    end;
serve({log, Kind, Items}, _, L) ->
    writable(L),
    format(L) =:= external andalso Kind =:= internal andalso throw({error, {format_external, L#log.name}}),
    write(Items, L);
serve(sync, _, L) ->
    writable(L),
    {file:sync(L#log.file), L};
serve({chunk, Place, N}, _, L) ->
    format(L) =:= external andalso throw({error, {format_external, L#log.name}}),
    {chunk(place(Place, L), N, L), L};
serve({step, Place, Step}, _, L) ->
    ring(L) orelse throw({error, {halt_log, L#log.name}}),
    {_, Files} = L#log.size,
    {File, _} = place(Place, L),
    To = (File - 1 + Step + Files * abs(Step)) rem Files + 1,
    case filelib:is_file(part(L, To)) of
        true -> {{ok, {continuation, self(), {To, 0}, []}}, L};
        false -> {{error, end_of_log}, L}
    end;
serve(info, _, #log{overflows = {Total, _}} = L) -> {info(L), L#log{overflows = {Total, 0}}};
serve({truncate, Head}, _, L) ->
    writable(L),
    {ok, restarted(Head, L)};
serve({reopen, File, Head}, _, L) ->
    writable(L),
    filename:absname(File) =:= filename:absname(base(L)) andalso throw({error, {same_file_name, L#log.name}}),
    ended(L),
    ring(L) andalso [moved(part(L, N), File ++ tl_of(L, N)) || N <- lists:seq(1, element(2, L#log.size))],
    ring(L) andalso [file:copy(base(L) ++ End, File ++ End) || End <- [".idx", ".siz"]],
    case ring(L) orelse file:rename(L#log.path, File) of
        {error, Reason} -> throw({fatal, {error, {file_error, File, Reason}}});
        _ -> {ok, restarted(Head, L)}
    end;
serve({block, Queue}, From, #log{status = ok} = L) ->
    monitor(process, From),
    {ok, L#log{status = {blocked, From, Queue}}};
serve({block, _}, _, L) -> {{error, {blocked_log, L#log.name}}, L};
serve(unblock, From, #log{status = {blocked, From, _}} = L) -> {ok, unblocked(L)};
serve(unblock, _, #log{status = ok} = L) -> {{error, {not_blocked, L#log.name}}, L};
serve(unblock, _, L) -> {{error, {not_blocked_by_pid, L#log.name}}, L};
serve({change_size, Size}, _, L) ->
    writable(L),
    ring(L) =:= is_tuple(Size) orelse throw({error, {badarg, size}}),
    is_integer(Size) andalso Size < L#log.at andalso throw({error, {new_size_too_small, L#log.name, L#log.at}}),
    New = L#log{size = Size},
    ring(L) andalso save_size(New),
    {ok, New#log{full = false, o = (L#log.o)#{size := Size}}};
serve({change_header, _}, _, #log{o = #{mode := read_only}} = L) -> writable(L);
serve({change_header, {head, Head}}, _, #log{o = #{format := external}} = L)
  when Head =/= none, not is_binary(Head), not is_list(Head) ->
    {{error, {badarg, head}}, L};
serve({change_header, {head, Head}}, _, L) -> {ok, L#log{o = maps:remove(head_func, (L#log.o)#{head := Head})}};
serve({change_header, {head_func, {M, Name, Args} = F}}, _, L) when is_atom(M), is_atom(Name), is_list(Args) -> {ok, L#log{o = (L#log.o)#{head_func => F}}};
serve({change_header, _}, _, L) -> {{error, {badarg, head}}, L};
serve({change_notify, Owner, Notify}, _, L) when is_boolean(Notify) ->
    case lists:keymember(Owner, 1, L#log.owners) of
        true -> {ok, L#log{owners = lists:keystore(Owner, 1, L#log.owners, {Owner, Notify})}};
        false -> {{error, {not_owner, Owner}}, L}
    end;
serve({change_notify, _, _}, _, L) -> {{error, {badarg, notify}}, L};
serve(next_file, _, L) ->
    writable(L),
    ring(L) orelse throw({error, {halt_log, L#log.name}}),
    {ok, advance(L)};
serve(_, _, L) -> {{error, {badarg, request}}, L}.

writable(#log{o = #{mode := read_only}, name = Name}) -> throw({error, {read_only_mode, Name}});
writable(_) -> ok.

format(#log{o = #{format := F}}) -> F.
ring(#log{o = #{type := Type}}) -> Type =/= halt.

tell_owners(Message, L) ->
    _ = [P ! {disk_log, node(), L#log.name, Message} || {P, true} <- L#log.owners],
    ok.

%% The options that must be those of an open log; a halt log's size is left as it is.
compared(#{type := wrap}) -> [file, mode, format, type, repair, size];
compared(_) -> [file, mode, format, type, repair].

mismatch(mode, #{mode := read_only}, _, L) -> {open_read_only, L#log.name};
mismatch(mode, _, _, L) -> {open_read_write, L#log.name};
mismatch(file, _, _, L) -> {name_already_open, L#log.name};
mismatch(size, _, #{size := Bytes}, _) when is_integer(Bytes) -> {badarg, size};
mismatch(size, _, #{size := Size}, L) -> {size_mismatch, L#log.size, Size};
mismatch(K, Mine, Options, _) -> {arg_mismatch, K, map_get(K, Mine), map_get(K, Options)}.

%% The head that options ask for, as the log would write it.
title(#{head_func := Maker}) -> Maker;
title(#{head := none}) -> none;
title(#{head := Head, format := internal}) -> {ok, term_to_binary(Head)};
title(#{head := Head}) ->
    try {ok, iolist_to_binary(Head)}
    catch error:badarg -> {error, Head}
    end.

%%% ---- files -----------------------------------------------------------------------------------

base(#log{o = #{file := File}}) -> lists:flatten(io_lib:format("~ts", [File])).
part(L, N) -> base(L) ++ "." ++ integer_to_list(N).
tl_of(_, N) -> "." ++ integer_to_list(N).

must({ok, Value}, _) -> Value;
must({error, Reason}, File) -> throw({error, {file_error, File, Reason}}).

opened(L) ->
    try
        case ring(L) of
            false -> open_one(L);
            true -> open_ring(L)
        end
    catch throw:{error, _} = Error -> Error
    end.

open_one(L) ->
    Path = base(L),
    case file:read_file_info(Path) of
        {error, enoent} when map_get(mode, L#log.o) =:= read_write -> {{ok, L#log.name}, begin_file(Path, L)};
        {error, Reason} -> throw({error, {file_error, Path, Reason}});
        {ok, _} -> existing(Path, L)
    end.

open_ring(#log{size = Given} = L0) ->
    Base = base(L0),
    Kept = kept_size(Base ++ ".siz"),
    Size = case Given of
        None when is_atom(None), Kept =:= none -> throw({error, {badarg, size}});
        None when is_atom(None) -> Kept;
        _ when Kept =/= none, Kept =/= Given, map_get(mode, L0#log.o) =:= read_only -> throw({error, {size_mismatch, Kept, Given}});
        _ -> Given
    end,
    L = L0#log{size = Size, o = (L0#log.o)#{size := Size}},
    Kept =/= Size andalso map_get(mode, L#log.o) =:= read_write andalso save_size(L),
    Index = case map_get(repair, L#log.o) of
                truncate ->
                    _ = [file:delete(part(L, N)) || N <- lists:seq(1, element(2, Size))],
                    {error, enoent};
                _ -> file:read_file(Base ++ ".idx")
            end,
    case Index of
        {error, Reason} when map_get(mode, L#log.o) =:= read_only -> throw({error, {file_error, Base ++ ".idx", Reason}});
        {ok, Bytes} when byte_size(Bytes) >= 5 ->
            {Current, Counts} = index(Bytes),
            Path = part(L, Current),
            Known = maps:from_list(lists:zip(lists:seq(1, length(Counts)), Counts)),
            At = L#log{current = Current, counts = maps:filter(fun(N, C) -> C > 0 andalso filelib:is_file(part(L, N)) end, Known)},
            case file:read_file_info(Path) of
                {error, enoent} when map_get(mode, L#log.o) =:= read_write -> {{ok, L#log.name}, begin_file(Path, At)};
                _ -> existing(Path, At)
            end;
        {ok, _} -> throw({error, {invalid_index_file, Base ++ ".idx"}});
        _ ->
            New = begin_file(part(L, 1), L),
            save_size(New),
            save_index(New),
            {{ok, L#log.name}, New}
    end.

%% The size that a ring was made with, in the forms that the file has had.
kept_size(File) ->
    case file:read_file(File) of
        {ok, <<2, Bytes:64, Files:32>>} -> {Bytes, Files};
        {ok, <<Bytes:32, Files:32>>} -> {Bytes, Files};
        _ -> none
    end.

%% The current file and how many items the files have, likewise.
index(<<0:40, 2, Current:32, Counts/binary>>) -> {Current, [C || <<C:64>> <= Counts]};
index(<<0, Current:32, Counts/binary>>) -> {Current, [C || <<C:32>> <= Counts]};
index(<<Current, Counts/binary>>) -> {Current, [C || <<C:32>> <= Counts]}.

save_size(#log{size = {Bytes, Files}} = L) -> file:write_file(base(L) ++ ".siz", <<2, Bytes:64, Files:32>>).

save_index(L) ->
    Counts = maps:put(L#log.current, L#log.items, L#log.counts),
    Files = lists:max([element(2, L#log.size) | maps:keys(Counts)]),
    file:write_file(base(L) ++ ".idx", [<<0:40, 2, (L#log.current):32>>, [<<(maps:get(N, Counts, 0)):64>> || N <- lists:seq(1, Files)]]).

%% A new file with its head.
begin_file(Path, L) ->
    File = must(file:open(Path, [raw, binary, read, write]), Path),
    {ok, _} = file:position(File, 0),
    ok = file:truncate(File),
    Start = case format(L) of internal -> <<?MAGIC, ?OPEN>>; external -> <<>> end,
    ok = file:write(File, Start),
    New = with_head(L#log{file = File, path = Path, items = 0, at = byte_size(Start), full = false}),
    New#log{fresh = New#log.at}.

with_head(L) ->
    case head(L#log.o, format(L)) of
        none -> L;
        Bytes ->
            Data = packed([Bytes], L),
            ok = file:write(L#log.file, Data),
            L#log{at = L#log.at + iolist_size(Data), items = 1, written = L#log.written + 1}
    end.

head(#{head_func := {M, F, A}}, Format) ->
    case apply(M, F, A) of
        {ok, Head} -> encoded(Head, Format);
        _ -> none
    end;
head(#{head := none}, _) -> none;
head(#{head := Head}, Format) -> encoded(Head, Format).

encoded({bytes, Bytes}, _) -> Bytes;
encoded(Head, internal) -> term_to_binary(Head);
encoded(Head, external) -> iolist_to_binary(Head).

existing(Path, #log{o = #{mode := Mode, repair := Repair}} = L) ->
    Bytes = must(file:read_file(Path), Path),
    Open = fun(At, Items) ->
        File = must(file:open(Path, [raw, binary, read | [write || Mode =:= read_write]]), Path),
        Mode =:= read_write andalso format(L) =:= internal andalso file:pwrite(File, 4, <<?OPEN>>),
        {ok, _} = file:position(File, At),
        L#log{file = File, path = Path, at = At, items = Items, fresh = case format(L) of internal -> ?HEAD; external -> 0 end}
    end,
    case {format(L), Bytes} of
        {external, _} -> {{ok, L#log.name}, Open(byte_size(Bytes), 0)};
        {internal, <<?MAGIC, ?CLOSED, _/binary>>} when Repair =/= truncate ->
            {Items, At, _} = scan(Bytes),
            {{ok, L#log.name}, Open(At, length(Items))};
        {internal, <<?MAGIC, _/binary>>} when Repair =:= truncate, Mode =:= read_write -> {{ok, L#log.name}, begin_file(Path, L)};
        {internal, <<?MAGIC, ?OPEN, _/binary>>} when Mode =:= read_only ->
            {Items, At, _} = scan(Bytes),
            {{ok, L#log.name}, Open(At, length(Items))};
        {internal, <<?MAGIC, ?OPEN, _/binary>>} when Repair =:= true ->
            {Items, At, Bad} = scan_terms(Bytes),
            map_get(quiet, L#log.o) orelse error_logger:info_msg("disk_log: repairing ~tp ...\n", [Path]),
            New = Open(At, length(Items)),
            ok = file:truncate(New#log.file),
            {{repaired, L#log.name, {recovered, length(Items)}, {badbytes, Bad}}, New};
        {internal, <<?MAGIC, ?OPEN, _/binary>>} -> throw({error, {need_repair, Path}});
        _ -> throw({error, {not_a_log_file, Path}})
    end.

%% The items of a file, where the last one ends, and how many bytes behind it are none.
scan(Bytes) -> scan(Bytes, ?HEAD, []).

scan(Bytes, At, Items) ->
    case item(Bytes, At) of
        {Item, Next} -> scan(Bytes, Next, [Item | Items]);
        none -> {lists:reverse(Items), At, byte_size(Bytes) - At}
    end.

%% The same, but the first item that is no term ends it.
scan_terms(Bytes) ->
    {Items, _, _} = scan(Bytes),
    Good = lists:takewhile(fun(Item) ->
        try binary_to_term(Item) of
            _ -> true
        catch error:badarg -> false
        end
    end, Items),
    At = ?HEAD + lists:sum([byte_size(I) + 8 + case byte_size(I) >= 65528 of true -> 16; false -> 0 end || I <- Good]),
    {Good, At, byte_size(Bytes) - At}.

item(Bytes, At) ->
    case Bytes of
        <<_:At/binary, Size:32, ?PLAIN, Item:Size/binary, _/binary>> -> {Item, At + 8 + Size};
        <<_:At/binary, Size:32, ?OLDEST, Item:Size/binary, _/binary>> -> {Item, At + 8 + Size};
        <<_:At/binary, Size:32, ?SUMMED, Sum:16/binary, Item:Size/binary, _/binary>> ->
            case erlang:md5(Item) of
                Sum -> {Item, At + 24 + Size};
                _ -> none
            end;
        _ -> none
    end.

packed(Items, L) ->
    case format(L) of
        external -> Items;
        internal ->
            [case byte_size(I) of
                 S when S < 65528 -> [<<S:32, ?PLAIN>>, I];
                 S -> [<<S:32, ?SUMMED>>, erlang:md5(I), I]
             end || I <- Items]
    end.

%%% ---- writing ---------------------------------------------------------------------------------

write([], L) -> {ok, L};
write(Items, L) ->
    case ring(L) of
        true -> write_ring(Items, L);
        false -> write_one(Items, L)
    end.

write_one(Items, #log{size = Size} = L) ->
    {Fit, Data, End} = fitting(Items, Size, L, L#log.at, [], 0),
    New = case Fit of
              0 -> L;
              _ ->
                  ok = put_data(Data, L),
                  counted(Fit, End, L)
          end,
    case length(Items) of
        Fit -> {ok, New};
        _ ->
            L#log.full orelse tell_owners(full, L),
            {{error, {full, L#log.name}}, New#log{full = true}}
    end.

%% As many items as there is room for.
fitting([Item | Items], Size, L, At, Data, N) ->
    Packed = packed([Item], L),
    case At + iolist_size(Packed) of
        End when Size =/= infinity, End > Size -> {N, lists:reverse(Data), At};
        End -> fitting(Items, Size, L, End, [Packed | Data], N + 1)
    end;
fitting([], _, _, At, Data, N) -> {N, lists:reverse(Data), At}.

put_data(Data, L) ->
    case file:write(L#log.file, Data) of
        ok -> ok;
        {error, Reason} -> throw({error, {file_error, L#log.path, Reason}})
    end.

counted(N, End, L) -> L#log{at = End, items = L#log.items + N, written = L#log.written + N}.

write_ring([], L) -> {ok, L};
write_ring([Item | Rest], #log{size = {Max, _}} = L) ->
    Data = packed([Item], L),
    Fits = L#log.at + iolist_size(Data) =< Max orelse L#log.at =< L#log.fresh, % a large one has a file of its own
    case Fits of
        true ->
            ok = put_data(Data, L),
            write_ring(Rest, counted(1, L#log.at + iolist_size(Data), L));
        false -> write_ring([Item | Rest], advance(L))
    end.

%% Goes on with the next file; what was in it is lost. Files that are too many since the size changed go when the ring begins anew,
%% but for those before the one that was just written: they go a round later.
advance(#log{size = {_, Files}, current = Current, overflows = {Total, Since}} = L) ->
    Next = case Current >= Files of true -> 1; false -> Current + 1 end,
    Counts0 = maps:put(Current, L#log.items, L#log.counts),
    Lost = maps:get(Next, Counts0, 0),
    {Kept, Extra} = lists:partition(fun({N, _}) -> Next > 1 orelse N =< max(Current, Files) end, maps:to_list(maps:remove(Next, Counts0))),
    %% before anything else: when one cannot go, the log is as it was
    _ = [must_go(part(L, N)) || {N, _} <- Extra],
    New = begin_file(part(L, Next), L#log{current = Next, counts = #{}, overflows = {Total + 1, Since + 1}}),
    Next =:= Current andalso file:close(L#log.file),
    Next =/= Current andalso ended_file(L),
    Ring = New#log{counts = maps:from_list(Kept)},
    save_index(Ring),
    tell_owners({wrap, Lost}, Ring),
    Ring.

ended_file(#log{o = #{mode := read_only}, file = File}) -> file:close(File);
ended_file(L) ->
    format(L) =:= internal andalso file:pwrite(L#log.file, 4, <<?CLOSED>>),
    file:close(L#log.file).

ended(L) ->
    ring(L) andalso map_get(mode, L#log.o) =:= read_write andalso save_index(L),
    ended_file(L).

moved(From, To) ->
    case file:rename(From, To) of
        {error, Reason} when Reason =/= enoent -> throw({fatal, {error, {file_error, To, Reason}}});
        _ -> ok
    end.

removed(File) ->
    try must_go(File)
    catch throw:{error, _} = Error -> throw({fatal, Error})
    end.

must_go(File) ->
    case file:delete(File) of
        {error, Reason} when Reason =/= enoent -> throw({error, {file_error, File, Reason}});
        _ -> ok
    end.

restarted(Head, L) ->
    file:close(L#log.file),
    Old = L#log.o,
    Used = case Head of none -> L; {head, Bytes} -> L#log{o = maps:remove(head_func, Old#{head := {bytes, Bytes}})} end,
    Lost = L#log.items + lists:sum(maps:values(L#log.counts)),
    New = case ring(L) of
        true ->
            _ = [removed(part(L, N)) || N <- lists:seq(1, lists:max([element(2, L#log.size) | maps:keys(L#log.counts)]))],
            R = begin_file(part(L, 1), Used#log{current = 1, counts = #{}}),
            save_index(R),
            R;
        false -> begin_file(base(L), Used)
    end,
    tell_owners({truncated, Lost}, New),
    New#log{o = Old, written = 0}.

%%% ---- reading ---------------------------------------------------------------------------------

place(start, #log{current = Current} = L) ->
    case ring(L) of
        false -> {1, 0};
        true -> {hd([N || N <- in_order(L), N =:= L#log.current orelse is_map_key(N, L#log.counts)]), 0}
    end;
place({continuation, Pid, {_, _} = Place, _}, _) when Pid =:= self() -> Place;
place({continuation, Pid, At, _}, _) when Pid =:= self() -> {1, At};
place(_, _) -> throw({error, {badarg, continuation}}).

%% The files of a ring from the oldest to the current one; there may be more than there should be.
in_order(#log{current = Current, size = {_, Wanted}, counts = Counts}) ->
    Last = lists:max([Wanted, Current | maps:keys(Counts)]),
    lists:seq(Current + 1, Last) ++ lists:seq(1, Current).

continuation(File, At, L) ->
    %% places count from behind the mark of the file
    Place = max(At - ?HEAD, 0),
    {continuation, self(), case ring(L) of true -> {File, Place}; false -> Place end, []}.

chunk({File, At0}, N, L) ->
    Path = case ring(L) of true -> part(L, File); false -> L#log.path end,
    Start = At0 + ?HEAD,
    case file:read_file(Path) of
        {ok, Bytes} ->
            case take(Bytes, Start, N, 0, []) of
                {[], End} when End >= byte_size(Bytes) -> next_chunk(File, N, L);
                {[], End} -> broken(File, End, Bytes, Path, L);
                {Items, End} -> {continuation(File, End, L), Items}
            end;
        {error, enoent} -> eof;
        {error, Reason} -> {error, {file_error, Path, Reason}}
    end.

broken(File, End, Bytes, Path, #log{o = #{mode := Mode}} = L) ->
    case Mode of
        read_only -> {continuation(File, byte_size(Bytes), L), [], byte_size(Bytes) - End};
        _ -> {error, {corrupt_log_file, Path}}
    end.

next_chunk(File, N, #log{current = Current} = L) ->
    case ring(L) andalso File =/= Current of
        true ->
            case lists:dropwhile(fun(F) -> F =/= File end, in_order(L)) of
                [_, Next | _] -> chunk({Next, 0}, N, L);
                _ -> eof
            end;
        false -> eof
    end.

take(_, At, 0, _, Items) -> {lists:reverse(Items), At};
take(_, At, _, Size, Items) when Size > ?CHUNK -> {lists:reverse(Items), At};
take(Bytes, At, N, Size, Items) ->
    case item(Bytes, At) of
        {Item, Next} -> take(Bytes, Next, less(N), Size + byte_size(Item), [Item | Items]);
        none -> {lists:reverse(Items), At}
    end.

less(infinity) -> infinity;
less(N) -> N - 1.

%%% ---- information -----------------------------------------------------------------------------

info(#log{o = O} = L) ->
    Total = L#log.items + lists:sum(maps:values(maps:remove(L#log.current, L#log.counts))),
    Common = [{name, L#log.name}, {file, maps:get(file, O)}, {type, maps:get(type, O)}, {format, format(L)}, {size, L#log.size},
              {items, Total}, {owners, L#log.owners}, {users, L#log.users}, {head, shown_head(O, format(L))}, {mode, maps:get(mode, O)},
              {status, status(L)}, {node, node()}],
    Common ++ case {ring(L), maps:get(mode, O)} of
        {_, read_only} -> [];
        {false, _} -> [{full, L#log.full}, {no_written_items, L#log.written}];
        {true, _} ->
            [{no_current_bytes, L#log.at}, {no_current_items, L#log.items}, {no_items, Total}, {no_written_items, L#log.written},
             {current_file, L#log.current}, {no_overflows, L#log.overflows}]
    end.

shown_head(#{head_func := F}, _) -> F;
shown_head(#{head := none}, _) -> none;
shown_head(#{head := Head}, Format) -> encoded(Head, Format).

status(#log{status = {blocked, _, Queue}}) -> {blocked, Queue};
status(_) -> ok.
