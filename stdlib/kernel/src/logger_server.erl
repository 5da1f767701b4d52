-module(logger_server).
-moduledoc """
The process behind `logger`: owns the table of the configuration, changes it, and takes the events of the
runtime. Events pass primary configuration and handlers in the process that logs them. Internal.
""".

-export([start/0, request/1, allowed/1, allowed/2, dispatch/1]).
-export([levels/0, severity/1, primary/0, handler/1, handlers/0, proxy/0, module_levels/0]).

-define(TABLE, logger).
-define(PRIMARY, #{level => notice, filter_default => log, filters => [], metadata => #{}}).

%%% ---- levels -------------------------------------------------------------------------------------------

-doc "The levels, most severe first.".
-spec levels() -> [logger:level()].
levels() -> [emergency, alert, critical, error, warning, notice, info, debug].

-doc "The number of a level, none, or all: the smaller the more severe.".
-spec severity(term()) -> integer() | undefined.
severity(none) -> -1;
severity(emergency) -> 0;
severity(alert) -> 1;
severity(critical) -> 2;
severity(error) -> 3;
severity(warning) -> 4;
severity(notice) -> 5;
severity(info) -> 6;
severity(debug) -> 7;
severity(all) -> 10;
severity(_) -> undefined.

within(Level, Limit) -> severity(Level) =< severity(Limit).

-doc "Whether the primary configuration lets events of a level through.".
-spec allowed(logger:level()) -> boolean().
allowed(Level) ->
    try ets:lookup_element(?TABLE, level, 2) of
        Limit -> within(Level, Limit)
    catch
        error:badarg -> false
    end.

-doc "Whether events of a level from a module are let through.".
-spec allowed(logger:level(), module()) -> boolean().
allowed(Level, Module) ->
    try ets:lookup(?TABLE, {module, Module}) of
        [{_, Limit}] -> within(Level, Limit);
        [] -> allowed(Level)
    catch
        error:badarg -> false
    end.

%%% ---- reading the configuration ----------------------------------------------------------------------------

-doc "The primary configuration.".
-spec primary() -> map().
primary() -> ets:lookup_element(?TABLE, primary, 2).

-doc "The configuration of a handler.".
-spec handler(atom()) -> {ok, map()} | none.
handler(Id) ->
    case ets:lookup(?TABLE, {handler, Id}) of
        [{_, Config}] -> {ok, Config};
        [] -> none
    end.

-doc "The names of the handlers, the last one added first.".
-spec handlers() -> [atom()].
handlers() -> ets:lookup_element(?TABLE, handlers, 2).

-doc "The configuration of the overload protection for events of other nodes.".
-spec proxy() -> map().
proxy() -> ets:lookup_element(?TABLE, proxy, 2).

-doc "The levels that modules have of their own.".
-spec module_levels() -> [{module(), atom()}].
module_levels() -> [{M, L} || {{module, M}, L} <- ets:tab2list(?TABLE)].

%%% ---- an event ---------------------------------------------------------------------------------------------

-doc "Passes an event through the primary filters to every handler that takes it.".
-spec dispatch(logger:log_event()) -> ok.
dispatch(#{level := Level, meta := Meta} = Event0) ->
    #{metadata := Always, filters := Filters, filter_default := Default} = primary(),
    Event = Event0#{meta := maps:merge(Always, Meta)},
    case filter(Filters, Event, ignored, Default, primary) of
        stop -> ok;
        Event1 -> lists:foreach(fun(Id) -> offer(Id, Level, Event1) end, handlers())
    end.

offer(Id, Level, Event) ->
    case handler(Id) of
        {ok, #{level := Limit, filters := Filters, filter_default := Default, module := Module} = Config} ->
            case within(Level, Limit) andalso filter(Filters, Event, ignored, Default, {handler, Id}) of
                Event1 when is_map(Event1) ->
                    try Module:log(Event1, Config) of _ -> ok
                    catch Class:Reason:Stack -> remove_crashed(Id, Module, Event1, Config, {Class, Reason, Stack})
                    end;
                _ -> ok
            end;
        none -> ok
    end.

%% An event that no filter has decided about is treated by default.
filter([{Id, {Fun, Arg}} | Rest], Event, Decision, Default, Owner) ->
    try Fun(Event, Arg) of
        stop -> stop;
        ignore -> filter(Rest, Event, Decision, Default, Owner);
        #{level := _, msg := _, meta := _} = Event1 -> filter(Rest, Event1, decided, Default, Owner);
        Bad -> drop_filter(Id, Fun, Arg, {bad_return_value, Bad}, Rest, Event, Decision, Default, Owner)
    catch
        Class:Reason:Stack ->
            drop_filter(Id, Fun, Arg, {Class, Reason, Stack}, Rest, Event, Decision, Default, Owner)
    end;
filter([], Event, decided, _, _) -> Event;
filter([], Event, ignored, log, _) -> Event;
filter([], _, ignored, stop, _) -> stop.

drop_filter(Id, Fun, Arg, Why, Rest, Event, Decision, Default, Owner) ->
    _ = request({remove_filter, Owner, Id}),
    logger:error([{logger, removed_failing_filter}, {filter, {Id, {Fun, Arg}}}, {owner, Owner}, {reason, Why}],
                 #{error_logger => #{tag => error}}),
    filter(Rest, Event, Decision, Default, Owner).

remove_crashed(Id, Module, Event, Config, {_, Reason, Stack}) ->
    case request({remove_handler, Id}) of
        ok ->
            logger:error([{logger, removed_failing_handler}, {handler, {Id, Module}}, {log_event, Event}, {config, Config},
                          {reason, {Reason, Stack}}], #{error_logger => #{tag => error}});
        {error, _} -> ok
    end.

%%% ---- the process --------------------------------------------------------------------------------------------

-doc "Starts the server and registers it as logger, the name to which the runtime sends its events.".
-spec start() -> pid().
start() ->
    Parent = self(),
    Pid = spawn(fun() ->
                        register(?TABLE, self()),
                        process_flag(trap_exit, true),
                        ets:new(?TABLE, [named_table, protected, {read_concurrency, true}]),
                        install_defaults(),
                        Parent ! {self(), started},
                        loop()
                end),
    receive {Pid, started} -> Pid end.

install_defaults() ->
    store_primary(?PRIMARY),
    ets:insert(?TABLE, [{handlers, []}, {proxy, default_proxy()}]),
    {ok, _} = add_handler(default, logger_std_h,
                          #{config => #{type => standard_io}, filter_default => stop,
                            filters => default_filters(),
                            formatter => {logger_formatter, #{legacy_header => true, single_line => false}}}).

default_filters() ->
    [{remote_gl, {fun logger_filters:remote_gl/2, stop}},
     {domain, {fun logger_filters:domain/2, {log, super, [otp, sasl]}}},
     {no_domain, {fun logger_filters:domain/2, {log, undefined, []}}}].

default_proxy() ->
    #{burst_limit_enable => false, burst_limit_max_count => 500, burst_limit_window_time => 1000, drop_mode_qlen => 1000,
      flush_qlen => 5000, overload_kill_enable => false, overload_kill_mem_size => 3000000,
      overload_kill_qlen => 20000, overload_kill_restart_after => 5000, sync_mode_qlen => 500}.

store_primary(Config) ->
    ets:insert(?TABLE, [{primary, Config}, {level, maps:get(level, Config)}]).

-doc "Has the server change the configuration.".
-spec request(term()) -> term().
request(Request) ->
    Server = whereis(?TABLE),
    if
        Server =:= self() -> element(1, answer(Request));
        Server =:= undefined -> {error, noproc};
        true ->
            Ref = monitor(process, Server),
            Server ! {config, self(), Ref, Request},
            receive
                {Ref, Reply} ->
                    demonitor(Ref, [flush]),
                    Reply;
                {'DOWN', Ref, _, _, Reason} -> {error, Reason}
            end
    end.

loop() ->
    receive
        {log, Level, Format, Args, Meta} ->
            runtime_event(Level, {Format, Args}, Meta),
            loop();
        {log, Level, Report, Meta} ->
            runtime_event(Level, {report, Report}, Meta),
            loop();
        {config, From, Ref, Request} ->
            {Reply, _} = answer(Request),
            From ! {Ref, Reply},
            loop();
        {sync, From, Ref} ->
            lists:foreach(fun sync_handler/1, handlers()),
            From ! {Ref, ok},
            loop();
        _ ->
            loop()
    end.

runtime_event(Level, Msg, Meta) ->
    case allowed(Level) of
        true -> dispatch(#{level => Level, msg => Msg, meta => Meta});
        false -> ok
    end.

sync_handler(Id) ->
    case handler(Id) of
        {ok, #{module := Module}} ->
            try Module:filesync(Id) of _ -> ok
            catch _:_ -> ok
            end;
        none -> ok
    end.

%% answer(Request) -> {Reply, done}.
answer(Request) ->
    Reply = try change(Request) of
                {ok, _} -> ok;
                Other -> Other
            catch
                throw:Reason -> {error, Reason}
            end,
    {Reply, done}.

change({add_handler, Id, Module, Config}) -> add_handler(Id, Module, Config);
change({remove_handler, Id}) -> remove_handler(Id);
change({set, primary, Config}) -> store(primary, maps:merge(?PRIMARY, checked(primary, Config)), set);
change({update, primary, Config}) -> store(primary, maps:merge(primary(), checked(primary, Config)), update);
change({set, {handler, Id} = Owner, Config}) ->
    #{module := Module} = existing(Id),
    store(Owner, maps:merge(handler_defaults(Id, Module), checked(Owner, Config)), set);
change({update, {handler, Id} = Owner, Config}) ->
    store(Owner, maps:merge(existing(Id), checked(Owner, Config)), update);
change({set_key, {handler, Id} = Owner, Key, Value}) ->
    store(Owner, (existing(Id))#{Key => checked_key(Owner, Key, Value)}, set);
change({update_formatter, Id, New}) when is_map(New) ->
    #{formatter := {Formatter, Old}} = Config = existing(Id),
    Merged = maps:merge(Old, New),
    store({handler, Id}, Config#{formatter := checked_key({handler, Id}, formatter, {Formatter, Merged})}, update);
change({update_formatter, _, New}) -> throw({invalid_formatter_config, New});
change({add_filter, Owner, Id, Filter}) ->
    Config = config_of(Owner),
    checked_filter({Id, Filter}),
    case lists:keymember(Id, 1, maps:get(filters, Config)) of
        true -> throw({already_exist, Id});
        false -> store(Owner, maps:update_with(filters, fun(F) -> F ++ [{Id, Filter}] end, Config), update)
    end;
change({remove_filter, Owner, Id}) ->
    Config = config_of(Owner),
    case lists:keymember(Id, 1, maps:get(filters, Config)) of
        false -> throw({not_found, Id});
        true -> store(Owner, maps:update_with(filters, fun(F) -> lists:keydelete(Id, 1, F) end, Config), update)
    end;
change({set_proxy, Config}) when is_map(Config) ->
    case maps:keys(Config) -- maps:keys(default_proxy()) of
        [] -> ets:insert(?TABLE, {proxy, maps:merge(default_proxy(), Config)}), ok;
        _ -> throw({invalid_olp_config, Config})
    end;
change({module_level, Modules, Level}) ->
    is_list(Modules) andalso lists:all(fun is_atom/1, Modules) orelse throw({not_a_list_of_modules, Modules}),
    severity(Level) =:= undefined andalso throw({invalid_level, Level}),
    ets:insert(?TABLE, [{{module, M}, Level} || M <- Modules]),
    ok;
change({no_module_level, all}) ->
    lists:foreach(fun({M, _}) -> ets:delete(?TABLE, {module, M}) end, module_levels());
change({no_module_level, Modules}) ->
    is_list(Modules) andalso lists:all(fun is_atom/1, Modules) orelse throw({not_a_list_of_modules, Modules}),
    lists:foreach(fun(M) -> ets:delete(?TABLE, {module, M}) end, Modules);
change(reconfigure) ->
    lists:foreach(fun remove_handler/1, handlers()),
    _ = change({no_module_level, all}),
    install_defaults().

config_of(primary) -> primary();
config_of({handler, Id}) -> existing(Id).

existing(Id) ->
    case handler(Id) of
        {ok, Config} -> Config;
        none -> throw({not_found, Id})
    end.

handler_defaults(Id, Module) ->
    #{id => Id, module => Module, level => all, filter_default => log, filters => [], formatter => {logger_formatter, #{}}}.

add_handler(Id, Module, Config) ->
    is_atom(Id) orelse throw({invalid_id, Id}),
    is_atom(Module) orelse throw({invalid_module, Module}),
    is_map(Config) orelse throw({invalid_config, Config}),
    handler(Id) =:= none orelse throw({already_exist, Id}),
    case code:ensure_loaded(Module) of
        {module, _} -> ok;
        _ -> throw({invalid_handler, {module_not_found, Module}})
    end,
    Full = maps:merge(handler_defaults(Id, Module), checked({handler, Id}, Config)),
    case callback(Module, adding_handler, [Full], {ok, Full}) of
        {ok, Final} ->
            ets:insert(?TABLE, {{handler, Id}, Final}),
            ets:insert(?TABLE, {handlers, [Id | handlers()]});
        {error, Reason} -> throw({handler_not_added, Reason})
    end,
    {ok, added}.

remove_handler(Id) ->
    #{module := Module} = Config = existing(Id),
    ets:insert(?TABLE, {handlers, lists:delete(Id, handlers())}),
    ets:delete(?TABLE, {handler, Id}),
    _ = callback(Module, removing_handler, [Config], ok),
    ok.

store(primary, Config, _) ->
    store_primary(Config),
    ok;
store({handler, Id}, Config, How) ->
    #{module := Module} = Old = existing(Id),
    case callback(Module, changing_config, [How, Old, Config], {ok, Config}) of
        {ok, Final} ->
            ets:insert(?TABLE, {{handler, Id}, Final}),
            ok;
        {error, Reason} -> throw(Reason)
    end.

callback(Module, Function, Args, Default) ->
    case erlang:function_exported(Module, Function, length(Args)) of
        false -> Default;
        true ->
            try apply(Module, Function, Args)
            catch Class:Reason:Stack -> {error, {callback_crashed, {Class, Reason, Stack}}}
            end
    end.

%%% ---- checks --------------------------------------------------------------------------------------------------

checked(Owner, Config) when is_map(Config) ->
    maps:foreach(fun(K, V) -> checked_key(Owner, K, V) end, Config),
    Config;
checked(_, Config) -> throw({invalid_config, Config}).

checked_key(_, level, Level) ->
    severity(Level) =:= undefined andalso throw({invalid_level, Level}),
    Level;
checked_key(_, filter_default, Default) ->
    lists:member(Default, [log, stop]) orelse throw({invalid_filter_default, Default}),
    Default;
checked_key(_, filters, Filters) ->
    is_list(Filters) orelse throw({invalid_filters, Filters}),
    lists:foreach(fun checked_filter/1, Filters),
    Filters;
checked_key(primary, metadata, Meta) ->
    is_map(Meta) orelse throw({invalid_primary_metadata, Meta}),
    Meta;
checked_key(primary, Key, Value) -> throw({invalid_primary_config, #{Key => Value}});
checked_key({handler, Id}, id, Other) ->
    Other =:= Id orelse throw({illegal_config_change, #{id => Id}, #{id => Other}}),
    Other;
checked_key(_, formatter, {Module, Config} = Formatter) when is_atom(Module) ->
    case callback_check(Module, Config) of
        ok -> Formatter;
        {error, Reason} -> throw(Reason)
    end;
checked_key(_, formatter, Formatter) -> throw({invalid_formatter, Formatter});
checked_key(_, _, Value) -> Value.

callback_check(Module, Config) ->
    _ = code:ensure_loaded(Module),
    callback(Module, check_config, [Config], ok).

checked_filter({Id, {Fun, _}}) when is_atom(Id), is_function(Fun, 2) -> ok;
checked_filter({Id, Filter}) when is_atom(Id) -> throw({invalid_filter, Filter});
checked_filter({Id, _}) -> throw({invalid_id, Id});
checked_filter(Other) -> throw({invalid_filter, Other}).
