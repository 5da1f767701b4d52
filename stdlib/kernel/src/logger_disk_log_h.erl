-module(logger_disk_log_h).
-moduledoc """
The handler of logger that writes to a `disk_log`, named as the handler: text in a circle of files (`type => wrap`, with `max_no_files` of
`max_no_bytes` each) or in one file (`halt`). `file` is the files' name; without it, the handler's name is.
""".

-export([log/2, adding_handler/1, removing_handler/1, changing_config/3, filter_config/1, filesync/1]).

-doc "Writes an event.".
-spec log(logger:log_event(), logger:handler_config()) -> ok.
log(Event, #{id := Id, formatter := {Formatter, FormatterConfig}}) ->
    Text = try Formatter:format(Event, FormatterConfig)
           catch _:Reason:Stack -> io_lib:format("FORMATTER CRASH: ~tp~n~tp~n", [maps:get(msg, Event), {Reason, Stack}])
           end,
    _ = disk_log:balog(Id, unicode:characters_to_binary(Text)),
    ok.

-doc "Has everything written to the disk that was logged before.".
-spec filesync(atom()) -> ok | {error, term()}.
filesync(Id) ->
    case is_atom(Id) andalso logger:get_handler_config(Id) of
        {ok, #{module := ?MODULE}} -> disk_log:sync(Id);
        false -> {error, {badarg, {filesync, [Id]}}};
        _ -> exit({noproc, {gen_server, call, [list_to_atom(lists:concat([?MODULE, "_", Id])), filesync]}})
    end.

-doc false.
-spec adding_handler(map()) -> {ok, map()} | {error, term()}.
adding_handler(#{id := Id} = Config) ->
    Given = maps:get(config, Config, #{}),
    Own = maps:merge(defaults(maps:get(type, Given, wrap), Id), Given),
    case wrong(Given) of
        [] ->
            case open(Id, Own) of
                {ok, Keeper} -> {ok, Config#{config => Own#{keeper => Keeper}}};
                Error -> Error
            end;
        _ -> {error, {invalid_config, ?MODULE, Given}}
    end.

defaults(Type, Id) ->
    Sizes = case Type of
                halt -> #{max_no_files => 1, max_no_bytes => infinity};
                _ -> #{max_no_files => 10, max_no_bytes => 1048576}
            end,
    maps:merge(Sizes, #{type => Type, file => atom_to_list(Id), filesync_repeat_interval => 5000}).

wrong(Given) ->
    [K || {K, V} <- maps:to_list(Given),
          not case K of
                  type -> V =:= wrap orelse V =:= halt;
                  file -> io_lib:printable_unicode_list(V);
                  max_no_files -> is_integer(V) andalso V > 0;
                  max_no_bytes -> V =:= infinity orelse is_integer(V) andalso V > 0;
                  filesync_repeat_interval -> V =:= no_repeat orelse is_integer(V) andalso V > 0;
                  _ -> lists:member(K, [sync_mode_qlen, drop_mode_qlen, flush_qlen, burst_limit_enable, burst_limit_max_count,
                                        burst_limit_window_time, overload_kill_enable, overload_kill_qlen, overload_kill_mem_size,
                                        overload_kill_restart_after])
              end].

%% A log belongs to the process that opened it: the keeper lives as long as the handler.
open(Id, Own) ->
    Self = self(),
    {Keeper, Ref} = spawn_monitor(fun() -> keep(Self, Id, Own) end),
    receive
        {Keeper, ok} ->
            demonitor(Ref, [flush]),
            {ok, Keeper};
        {Keeper, Error} ->
            demonitor(Ref, [flush]),
            Error;
        {'DOWN', Ref, _, _, Reason} -> {error, Reason}
    end.

keep(Parent, Id, #{file := File, type := Type, max_no_files := Files, max_no_bytes := Bytes, filesync_repeat_interval := Interval}) ->
    Size = case Type of
               wrap -> {Bytes, Files};
               halt -> Bytes
           end,
    case disk_log:open([{name, Id}, {file, File}, {type, Type}, {size, Size}, {format, external}, {linkto, self()}, {repair, false}]) of
        {error, Reason} -> Parent ! {self(), {error, {open_failed, Id, Reason}}};
        _ ->
            Parent ! {self(), ok},
            kept(Id, case Interval of no_repeat -> infinity; _ -> Interval end)
    end.

kept(Id, Interval) ->
    receive
        {stop, From, Ref} ->
            _ = disk_log:sync(Id),
            _ = disk_log:close(Id),
            From ! {Ref, ok};
        _ -> kept(Id, Interval)
    after Interval ->
        _ = disk_log:sync(Id),
        kept(Id, Interval)
    end.

-doc false.
-spec removing_handler(map()) -> ok.
removing_handler(#{config := #{keeper := Keeper}}) ->
    Ref = monitor(process, Keeper),
    Keeper ! {stop, self(), Ref},
    receive
        {Ref, ok} -> demonitor(Ref, [flush]), ok;
        {'DOWN', Ref, _, _, _} -> ok
    end.

-doc false.
-spec changing_config(set | update, map(), map()) -> {ok, map()} | {error, term()}.
changing_config(How, #{config := Old}, Config) ->
    Fixed = [type, file, max_no_files, max_no_bytes],
    New = maps:get(config, Config, #{}),
    Base = case How of
               set -> maps:with([keeper, filesync_repeat_interval | Fixed], Old);
               update -> Old
           end,
    Changed = maps:merge(Base, maps:remove(keeper, New)),
    case [K || K <- Fixed, maps:get(K, Changed) =/= maps:get(K, Old)] of
        [] -> {ok, Config#{config => Changed}};
        Keys -> {error, {illegal_config_change, ?MODULE, maps:with(Keys, Old), maps:with(Keys, Changed)}}
    end.

-doc false.
-spec filter_config(map()) -> map().
filter_config(#{config := Own} = Config) -> Config#{config := maps:remove(keeper, Own)}.
