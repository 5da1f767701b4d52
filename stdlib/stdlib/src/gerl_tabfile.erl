-module(gerl_tabfile).
-moduledoc """
Tables of ets in files, for ets:tab2file/2,3, file2tab/1,2 and tabfile_info/1.

A file begins with a line of its own; terms follow, each as 32 bits of length and its external form: what the
table is like, lists of objects, and at the end their number and MD5 sum.
""".

-export([write/3, read/2, info/1]).

-define(MAGIC, "gerl ets table 1\n").

%%% ---- writing ---------------------------------------------------------------------------------------

-doc "Writes a table.".
-spec write(ets:table(), file:name(), list()) -> ok | {error, term()}.
write(Table, File, Options) when is_list(Options) ->
    case {choices(Options, [], false), ets:info(Table)} of
        {{error, _} = Error, _} -> Error;
        {_, undefined} -> {error, badtab};
        {{Extended, _Sync}, Info} -> write_open(Table, File, Extended, Info)
    end.

choices([{sync, Sync} | Rest], Extended, _) when is_boolean(Sync) -> choices(Rest, Extended, Sync);
choices([{extended_info, What} = Option | Rest], _, Sync) when is_list(What) ->
    case What -- [object_count, md5sum] of
        [] -> choices(Rest, What, Sync);
        _ -> {error, {unknown_option, [Option]}}
    end;
choices([Option | _], _, _) -> {error, {unknown_option, Option}};
choices([], Extended, Sync) -> {Extended, Sync}.

write_open(Table, File, Extended, Info) ->
    case file:open(File, [write, raw, binary]) of
        {ok, Device} ->
            try
                Head = [{Item, proplists:get_value(Item, Info)} || Item <- [type, protection, name, keypos, named_table, size]]
                    ++ [{extended_info, Extended}, {version, {1, 0}}],
                put_bytes(Device, File, [?MAGIC, framed(Head)]),
                ets:safe_fixtable(Table, true),
                {Count, Sum} = try objects(ets:match_object(Table, '_', 100), Device, File, 0, erlang:md5_init())
                               after ets:safe_fixtable(Table, false)
                               end,
                put_bytes(Device, File, framed({ended, Count, erlang:md5_final(Sum)}))
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
    [<<(byte_size(Data)):32>>, Data].

put_bytes(Device, File, Bytes) ->
    case file:write(Device, Bytes) of
        ok -> ok;
        {error, Reason} -> throw({error, {file_error, File, Reason}})
    end.

objects('$end_of_table', _Device, _File, Count, Sum) -> {Count, Sum};
objects({Objects, Continuation}, Device, File, Count, Sum) ->
    Frame = framed(Objects),
    put_bytes(Device, File, Frame),
    objects(ets:match_object(Continuation), Device, File, Count + length(Objects), erlang:md5_update(Sum, Frame)).

%%% ---- reading ---------------------------------------------------------------------------------------

-doc "Makes a table of a file.".
-spec read(file:name(), list()) -> {ok, ets:table()} | {error, term()}.
read(File, Options) ->
    case verify(Options, false) of
        {error, _} = Error -> Error;
        Verify -> opened(File, fun(Head, Rest) -> restore(Head, Rest, Verify) end)
    end.

verify([{verify, Verify} | Rest], _) when is_boolean(Verify) -> verify(Rest, Verify);
verify([], Verify) -> Verify;
verify([Option | _], _) -> {error, {unknown_option, Option}};
verify(Option, _) -> {error, {malformed_option, Option}}.

opened(File, Use) ->
    case file:read_file(File) of
        {ok, <<?MAGIC, Size:32, Head:Size/binary, Rest/binary>>} -> Use(binary_to_term(Head), Rest);
        {ok, _} -> {error, {read_error, {not_a_log_file, File}}};
        {error, Reason} -> {error, {read_error, {file_error, File, Reason}}}
    end.

restore(Head, Rest, Verify) ->
    Value = fun(Item) -> proplists:get_value(Item, Head) end,
    Named = [named_table || Value(named_table)],
    try ets:new(Value(name), [Value(type), Value(protection), {keypos, Value(keypos)} | Named]) of
        Table ->
            case load(Rest, Table, 0, erlang:md5_init()) of
                {ok, _, _, _} when not Verify -> {ok, Table};
                {ok, Count, Count, same} -> {ok, Table};
                {ok, Count, Count, _} ->
                    ets:delete(Table),
                    {error, checksum_error};
                {ok, _, _, _} ->
                    ets:delete(Table),
                    {error, invalid_object_count};
                error ->
                    ets:delete(Table),
                    {error, badfile}
            end
    catch
        error:badarg -> {error, cannot_create_table}
    end.

load(<<Size:32, Data:Size/binary, Rest/binary>>, Table, Count, Sum) ->
    case binary_to_term(Data) of
        {ended, Written, Digest} ->
            Same = case erlang:md5_final(Sum) of
                       Digest -> same;
                       _ -> other
                   end,
            {ok, Count, Written, Same};
        Objects ->
            ets:insert(Table, Objects),
            load(Rest, Table, Count + length(Objects), erlang:md5_update(Sum, [<<Size:32>>, Data]))
    end;
load(_, _Table, _Count, _Sum) -> error.

-doc "What the table in a file is like.".
-spec info(file:name()) -> {ok, [{atom(), term()}]} | {error, term()}.
info(File) -> opened(File, fun(Head, _) -> {ok, Head} end).
