-module(logger_disk_log_h).
-moduledoc """
The handler of logger that writes to a `disk_log`, named as the handler: text in a circle of files (`type => wrap`, with `max_no_files` of
`max_no_bytes` each) or in one file (`halt`). `file` is the files' name; without it, the handler's name is. A process of the handler's own,
with load regulation (`logger_olp`), owns the log.
""".

-export([log/2, adding_handler/1, removing_handler/1, changing_config/3, filter_config/1, filesync/1]).
-export([normal/2, with_defaults/2, starting/2, fits/3, fixed/0, shown/2, has_file/1, open/2, write/2, sync/1, changed/2, handle_info/3, close/1]).

-doc "Writes an event.".
-spec log(logger:log_event(), logger:handler_config()) -> ok.
log(Event, Config) -> logger_h_common:log(Event, Config).

-doc "Has everything written to the disk that was logged before.".
-spec filesync(atom()) -> ok | {error, term()}.
filesync(Id) -> logger_h_common:filesync(?MODULE, Id).

-doc false.
-spec adding_handler(map()) -> {ok, map()} | {error, term()}.
adding_handler(Config) -> logger_h_common:adding_handler(Config).

-doc false.
-spec removing_handler(map()) -> ok.
removing_handler(Config) -> logger_h_common:removing_handler(Config).

-doc false.
-spec changing_config(set | update, map(), map()) -> {ok, map()} | {error, term()}.
changing_config(How, Old, New) -> logger_h_common:changing_config(How, Old, New).

-doc false.
-spec filter_config(map()) -> map().
filter_config(Config) -> logger_h_common:filter_config(Config).

-doc false.
-spec normal(atom(), map()) -> map().
normal(_, Own) -> Own.

-doc false.
-spec with_defaults(atom(), map()) -> map().
with_defaults(Id, Own) ->
    Sizes = case Own of
                #{type := halt} -> #{max_no_files => undefined, max_no_bytes => infinity};
                #{} -> #{type => wrap, max_no_files => 10, max_no_bytes => 1048576}
            end,
    maps:merge(Sizes#{file => filename:absname(atom_to_list(Id))}, Own).

-doc false.
-spec starting(atom(), map()) -> map().
starting(Id, Own) ->
    #{file := Name} = Full = with_defaults(Id, Own),
    Full#{file := filename:absname(Name)}.

-doc false.
-spec fits(term(), term(), map()) -> boolean().
fits(type, Type, _) -> Type =:= wrap orelse Type =:= halt;
fits(file, Name, _) -> is_list(Name);
fits(max_no_files, undefined, Own) -> map_get(type, Own) =:= halt;
fits(max_no_files, Count, _) -> is_integer(Count) andalso Count > 0;
fits(max_no_bytes, infinity, _) -> true;
fits(max_no_bytes, Bytes, _) -> is_integer(Bytes) andalso Bytes > 0;
fits(_, _, _) -> false.

-doc false.
-spec fixed() -> [atom()].
fixed() -> [type, file, max_no_files, max_no_bytes].

-doc false.
-spec shown(map(), map()) -> map().
shown(Own, Other) -> maps:filter(fun(K, V) -> lists:member(K, fixed()) andalso maps:get(K, Other, none) =/= V end, Own).

-doc false.
-spec has_file(map()) -> boolean().
has_file(_) -> true.

-doc false.
-spec open(atom(), map()) -> {ok, map()} | {error, term()}.
open(Id, #{file := File, type := Type, max_no_files := Files, max_no_bytes := Bytes} = Own) ->
    Size = case Type of
               wrap -> {Bytes, Files};
               halt -> Bytes
           end,
    _ = filelib:ensure_dir(File),
    case disk_log:open([{name, Id}, {file, File}, {type, Type}, {size, Size}, {format, external}, {linkto, self()}, {repair, false}, {notify, true}]) of
        {error, Reason} -> {error, {open_failed, Id, Reason}};
        _ -> {ok, #{log => Id, log_opts => Own, prev_disk_log_info => undefined, prev_log_result => ok, prev_sync_result => ok}}
    end.

-doc false.
-spec write(binary(), map()) -> map().
write(Bytes, #{log := Log} = Handler) -> told(prev_log_result, disk_log:blog(Log, Bytes), Handler).

-doc false.
-spec sync(map()) -> {ok | {error, term()}, map()}.
sync(#{log := Log} = Handler) ->
    Result = disk_log:sync(Log),
    {Result, told(prev_sync_result, Result, Handler)}.

%% A fault is reported once, and again when something else has come in between.
told(Key, Result, #{log := Log} = Handler) ->
    case Handler of
        #{Key := Result} -> Handler;
        #{} when Result =:= ok -> Handler#{Key := ok};
        #{} ->
            _ = spawn(logger, error, [#{handler => ?MODULE, log => Log, reason => Result}]),
            Handler#{Key := Result}
    end.

-doc false.
-spec changed(map(), map()) -> map().
changed(_, Handler) -> Handler.

%% What the log tells of itself: a change of file is no news, what else it says is kept and reported once.
-doc false.
-spec handle_info(atom(), term(), map()) -> map().
handle_info(_, {disk_log, _, _, {wrap, _}}, Handler) -> Handler;
handle_info(_, {disk_log, _, _, News}, #{prev_disk_log_info := News} = Handler) -> Handler;
handle_info(Id, {disk_log, _, _, News}, Handler) ->
    _ = spawn(logger, error, [#{handler => ?MODULE, log => Id, disk_log => News}]),
    Handler#{prev_disk_log_info := News};
handle_info(_, _, Handler) -> Handler.

-doc false.
-spec close(map()) -> ok | {error, term()}.
close(#{log := Log}) -> disk_log:close(Log).
