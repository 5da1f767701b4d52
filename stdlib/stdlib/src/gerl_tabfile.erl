-module(gerl_tabfile).
-moduledoc """
Tables of ets in files, for ets:tab2file/2,3, file2tab/1,2 and tabfile_info/1.

A file is a log of disk_log, as OTP's are: the first term is a tuple of what ets:info/1 tells and of what the file
has, each object is a term, and the last term has the number of objects and the MD5 sum of all terms before it if
these were asked for.
""".

-export([write/3, read/2, info/1]).

%% Marks of disk_log: of a log, of its state, of a term.
-define(LOG, 1, 2, 3, 4).
-define(OPENED, 6, 7, 8, 9).
-define(CLOSED, 99, 88, 77, 11).
-define(TERM, 98, 87, 76, 65).

%%% ---- writing ---------------------------------------------------------------------------------------

-doc "Writes a table.".
-spec write(ets:table(), file:name(), list()) -> ok | {error, term()}.
write(Table, File, Options) when is_list(Options) ->
    case {choices(Options, [], false), ets:info(Table)} of
        {{error, _} = Error, _} -> Error;
        {_, undefined} -> {error, badtab};
        {{Extended, Sync}, Info} -> write_open(Table, File, Extended, Sync, Info)
    end.

choices([{sync, Sync} | Rest], Extended, _) when is_boolean(Sync) -> choices(Rest, Extended, Sync);
choices([{extended_info, What} = Option | Rest], _, Sync) when is_list(What) ->
    case What -- [object_count, md5sum] of
        [] -> choices(Rest, What, Sync);
        _ -> {error, {unknown_option, [Option]}}
    end;
choices([Option | _], _, _) -> {error, {unknown_option, Option}};
choices([], Extended, Sync) -> {Extended, Sync}.

write_open(Table, File, Extended, Sync, Info) ->
    case file:open(File, [write, raw, binary]) of
        {ok, Device} ->
            try
                Head = framed(list_to_tuple(Info ++ [{major_version, 1}, {minor_version, 0}, {extended_info, Extended}])),
                put_bytes(Device, File, [<<?LOG, ?OPENED>>, Head]),
                ets:safe_fixtable(Table, true),
                {Count, Sum} = try objects(ets:match_object(Table, '_', 100), Device, File, 0, summed(Head, erlang:md5_init()))
                               after ets:safe_fixtable(Table, false)
                               end,
                Known = [{count, Count} || lists:member(object_count, Extended)]
                    ++ [{md5, erlang:md5_final(Sum)} || lists:member(md5sum, Extended)],
                put_bytes(Device, File, [framed(['$end_of_table', Known]) || Known =/= []]),
                done(File, file:pwrite(Device, 4, <<?CLOSED>>)),
                done(File, if Sync -> file:sync(Device); true -> ok end)
            catch
                throw:{error, _} = Error -> Error;
                error:badarg -> {error, badtab}
            after
                file:close(Device)
            end;
        {error, Reason} -> {error, {file_error, File, Reason}}
    end.

framed(Term) ->
    Data = term_to_binary(Term),
    [<<(byte_size(Data)):32, ?TERM>>, Data].

summed([_, Data], Sum) -> erlang:md5_update(Sum, Data).

put_bytes(Device, File, Bytes) -> done(File, file:write(Device, Bytes)).

done(_File, ok) -> ok;
done(File, {error, Reason}) -> throw({error, {file_error, File, Reason}}).

objects('$end_of_table', _Device, _File, Count, Sum) -> {Count, Sum};
objects({Objects, Continuation}, Device, File, Count, Sum) ->
    Frames = [framed(Object) || Object <- Objects],
    put_bytes(Device, File, Frames),
    objects(ets:match_object(Continuation), Device, File, Count + length(Objects), lists:foldl(fun summed/2, Sum, Frames)).

%%% ---- reading ---------------------------------------------------------------------------------------

-doc "Makes a table of a file.".
-spec read(file:name(), list()) -> {ok, ets:table()} | {error, term()}.
read(File, Options) ->
    case verify(Options, false) of
        {error, _} = Error -> Error;
        Verify -> opened(File, fun(Items, Data, Rest) -> restore(Items, Data, Rest, Verify) end)
    end.

verify([{verify, Verify} | Rest], _) when is_boolean(Verify) -> verify(Rest, Verify);
verify([], Verify) -> Verify;
verify([Option | _], _) -> {error, {unknown_option, Option}};
verify(Option, _) -> {error, {malformed_option, Option}}.

opened(File, Use) ->
    case file:read_file(File) of
        {ok, <<?LOG, _State:4/binary, Terms/binary>>} ->
            case next(Terms) of
                {Head, Data, Rest} when is_tuple(Head) -> with_head(tuple_to_list(Head), Data, Rest, Use);
                _ -> {error, badfile}
            end;
        {ok, _} -> {error, {read_error, {not_a_log_file, File}}};
        {error, badarg} -> {error, {read_error, {badarg, [{file, File}, {mode, read_only}]}}};
        {error, Reason} -> {error, {read_error, {file_error, File, Reason}}}
    end.

%% The first term of the log, its external form, and the rest.
next(<<Size:32, ?TERM, Data:Size/binary, Rest/binary>>) ->
    try {binary_to_term(Data), Data, Rest}
    catch error:badarg -> broken
    end;
next(<<>>) -> finished;
next(_) -> broken.

with_head(Items, Data, Rest, Use) ->
    Needed = [name, type, protection, named_table, keypos, size],
    case [Item || Item <- Needed, not lists:keymember(Item, 1, Items)] of
        [] -> Use(Items, Data, Rest);
        _ -> {error, badfile}
    end.

restore(Items, Data, Rest, Verify) ->
    Value = fun(Item) -> proplists:get_value(Item, Items, false) end,
    Flags = [Item || Item <- [named_table, compressed], Value(Item) =:= true],
    Tuned = [{Item, Value(Item)} || Item <- [write_concurrency, read_concurrency], lists:keymember(Item, 1, Items)],
    try ets:new(Value(name), [Value(type), Value(protection), {keypos, Value(keypos)} | Flags ++ Tuned]) of
        Table ->
            case load(Rest, Table, 0, erlang:md5_update(erlang:md5_init(), Data)) of
                Loaded when Verify =/= true, element(1, Loaded) =/= unfit -> {ok, Table};
                Loaded ->
                    case judged(Loaded, Value(size), proplists:get_value(extended_info, Items, [])) of
                        ok -> {ok, Table};
                        Wrong ->
                            ets:delete(Table),
                            {error, Wrong}
                    end
            end
    catch
        error:badarg -> {error, cannot_create_table}
    end.

%% {How it ended, objects, MD5 sum}
load(Terms, Table, Count, Sum) ->
    case next(Terms) of
        {['$end_of_table', Known], _, <<>>} when is_list(Known) -> {{known, Known}, Count, erlang:md5_final(Sum)};
        {Object, Data, Rest} ->
            try ets:insert(Table, Object) of
                true -> load(Rest, Table, Count + 1, erlang:md5_update(Sum, Data))
            catch
                error:badarg -> {unfit, Count, Sum}
            end;
        How -> {How, Count, erlang:md5_final(Sum)}
    end.

%% What is wrong with what was loaded: a table that says nothing else has its size in the head.
judged({finished, Size, _}, Size, []) -> ok;
judged({finished, _, _}, _, []) -> invalid_object_count;
judged({{known, Known}, Count, Sum}, _, [_ | _] = Extended) ->
    Right = fun(What, Key, Value) -> not lists:member(What, Extended) orelse lists:member({Key, Value}, Known) end,
    case {Right(object_count, count, Count), Right(md5sum, md5, Sum)} of
        {true, true} -> ok;
        {false, _} -> invalid_object_count;
        {true, false} -> checksum_error
    end;
judged(_, _, _) -> badfile.

-doc "What the table in a file is like.".
-spec info(file:name()) -> {ok, [{atom(), term()}]} | {error, term()}.
info(File) ->
    opened(File, fun(Items, _, _) ->
        Value = fun(Item) -> proplists:get_value(Item, Items, []) end,
        Told = [{Item, Value(Item)} || Item <- [name, type, protection, named_table, keypos, size, extended_info]],
        {ok, Told ++ [{version, {Value(major_version), Value(minor_version)}}]}
    end).
