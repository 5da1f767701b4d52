-module(logger_server).
-moduledoc """
The process behind `logger`: owns the table of the configuration, changes it, and takes the events of the
runtime. Events pass primary configuration and handlers in the process that logs them. Internal.
""".

-export([start/0, request/1, default_filters/0, allowed/1, allowed/2, dispatch/1, runtime_event/3, told/1, report/3]).
-export([system_continue/3, system_terminate/4, system_code_change/4]).
-export([levels/0, severity/1, primary/0, handler/1, handlers/0, proxy/0, module_levels/0, processes/0]).

-define(TABLE, logger).
-define(HANDLER(Id), {'$handler_config$', Id}).
-define(IN_SERVER, '$logger_cb_process').
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
    case ets:lookup(?TABLE, ?HANDLER(Id)) of
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
    send_home(Event0),
    #{metadata := Always, filters := Filters, filter_default := Default} = primary(),
    Event = Event0#{meta := maps:merge(Always, Meta)},
    case filter(Filters, Event, ignored, Default, primary) of
        stop -> ok;
        Event1 -> lists:foreach(fun(Id) -> offer(Id, Level, Event1) end, handlers())
    end.

%% A process whose group leader is on another node has its events logged there, too.
send_home(#{level := Level, msg := Msg, meta := #{gl := Leader} = Meta}) when is_pid(Leader), node(Leader) =/= node() ->
    logger_proxy:log({remote, node(Leader), case Msg of
                                                {report, Report} -> {log, Level, Report, Meta};
                                                {string, Text} -> {log, Level, Text, Meta};
                                                {Format, Args} -> {log, Level, Format, Args, Meta}
                                            end});
send_home(_) -> ok.

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
    case request({remove_filter, Owner, Id}) of
        ok ->
            logger:error([{logger, removed_failing_filter}, {filter, {Id, {Fun, Arg}}}, {owner, Owner}, {reason, Why}],
                         #{error_logger => #{tag => error}});
        {error, _} -> ok
    end,
    filter(Rest, Event, Decision, Default, Owner).

remove_crashed(Id, Module, Event, Config, {_, Reason, Stack}) ->
    case request({remove_handler, Id}) of
        ok ->
            logger:error([{logger, removed_failing_handler}, {handler, {Id, Module}}, {log_event, Event}, {config, Config},
                          {reason, {Reason, Stack}}], #{error_logger => #{tag => error}});
        {error, _} -> ok
    end.

%%% ---- the process --------------------------------------------------------------------------------------------
%%
%% A keeper inherits the table when the server is killed, and starts another one that goes on with it. Callbacks
%% of handlers run in a process of their own, the worker, one at a time: whatever they do, the server goes on.

-record(job, {run :: fun(() -> term()), finish :: fun((term()) -> term()), client :: term()}).

-doc "Starts the server and registers it as logger, the name to which the runtime sends its events.".
-spec start() -> pid().
start() ->
    Starter = self(),
    Keeper = spawn(fun() ->
                           process_flag(trap_exit, true),
                           {Server, Monitor} = spawn_server(fun new_table/1),
                           Starter ! {self(), Server},
                           true = register(logger_keeper, self()),
                           {ok, _, _} = logger_proxy:start_link(),
                           keep(Server, Monitor)
                   end),
    receive {Keeper, Server} -> Server end.

spawn_server(Prepare) ->
    Keeper = self(),
    {Server, Monitor} = spawn_monitor(fun() ->
                                              register(?TABLE, self()),
                                              process_flag(trap_exit, true),
                                              put(?IN_SERVER, true),
                                              Prepare(Keeper),
                                              Keeper ! {self(), ready},
                                              loop(none, queue:new())
                                      end),
    serve_start(Server, Monitor).

serve_start(Server, Monitor) ->
    receive
        {give, Server, Table} ->
            ets:give_away(Table, Server, []),
            serve_start(Server, Monitor);
        {Server, ready} -> {Server, Monitor};
        {'DOWN', Monitor, _, _, Reason} -> exit(Reason)
    end.

new_table(Keeper) ->
    ets:new(?TABLE, [named_table, protected, {read_concurrency, true}, {heir, Keeper, []}]),
    install_defaults().

keep(Server, Monitor) ->
    receive
        {'ETS-TRANSFER', Table, Server, _} ->
            receive {'DOWN', Monitor, _, _, _} -> ok end,
            {Server1, Monitor1} = spawn_server(fun(Keeper) -> take_over(Keeper, Table) end),
            keep(Server1, Monitor1);
        _ -> keep(Server, Monitor)
    end.

take_over(Keeper, Table) ->
    Keeper ! {give, self(), Table},
    receive {'ETS-TRANSFER', Table, Keeper, _} -> ets:setopts(Table, {heir, Keeper, []}) end,
    lists:foreach(fun watch_handler/1, handlers()).

install_defaults() ->
    store_primary(?PRIMARY),
    ets:insert(?TABLE, [{handlers, []}, {proxy, logger_proxy:get_default_config()}]),
    Config = #{config => #{type => standard_io},
               formatter => {logger_formatter, #{legacy_header => true, single_line => false}}},
    #job{run = Run, finish = Finish} = change({add_handler, default, logger_std_h, Config}),
    Finish(Run()).

-doc "The filters of the default handler.".
-spec default_filters() -> [{logger:filter_id(), logger:filter()}].
default_filters() ->
    [{remote_gl, {fun logger_filters:remote_gl/2, stop}},
     {domain, {fun logger_filters:domain/2, {log, super, case application:get_env(kernel, logger_sasl_compatible) of
                                                             {ok, true} -> [otp];
                                                             _ -> [otp, sasl]
                                                         end}}},
     {no_domain, {fun logger_filters:domain/2, {log, undefined, []}}}].

store_primary(Config) ->
    ets:insert(?TABLE, [{primary, Config}, {level, maps:get(level, Config)}]),
    ok.

-doc "Has the server change the configuration, after the checks that need not its state.".
-spec request(term()) -> term().
request(Request) ->
    try checked_request(Request) of
        _ ->
            case get(?IN_SERVER) =:= true andalso would_wait(Request) of
                {true, Shown} -> {error, {attempting_syncronous_call_to_self, Shown}};
                false -> ask(whereis(?TABLE), Request)
            end
    catch
        throw:Reason -> {error, Reason}
    end.

ask(undefined, _) -> {error, noproc};
ask(Server, Request) ->
    Ref = monitor(process, Server),
    Server ! {config, self(), Ref, Request},
    receive
        {Ref, Reply} ->
            demonitor(Ref, [flush]),
            Reply;
        {'DOWN', Ref, _, _, Reason} -> {error, Reason}
    end.

%% A callback must not wait for what the server does after the callback.
would_wait({set, Owner, Config}) -> {true, {change_config, set, owner_name(Owner), Config}};
would_wait({update, Owner, Config}) -> {true, {change_config, update, owner_name(Owner), Config}};
would_wait({set_key, Owner, Key, Value}) -> {true, {change_config, set, owner_name(Owner), Key, Value}};
would_wait({add_handler, Id, Module, Config}) ->
    {true, {add_handler, Id, Module, maps:merge(handler_defaults(Id, Module), Config)}};
would_wait({add_filter, Owner, Id, Filter}) -> {true, {add_filter, owner_name(Owner), {Id, Filter}}};
would_wait({remove_filter, Owner, Id}) -> {true, {remove_filter, owner_name(Owner), Id}};
would_wait({remove_handler, _} = Request) -> {true, Request};
would_wait(reconfigure) -> {true, reconfigure};
would_wait(_) -> false.

owner_name({handler, Id}) -> Id;
owner_name(primary) -> primary.

loop(Active, Queue) ->
    receive
        {config, Client, Ref, Request} ->
            case answer(Request) of
                #job{} = Job -> next(Active, queue:in(Job#job{client = {Client, Ref}}, Queue));
                Reply ->
                    Client ! {Ref, Reply},
                    loop(Active, Queue)
            end;
        {'DOWN', Monitor, process, Worker, Reason} when element(1, Active) =:= Monitor ->
            finish(element(2, Active), Worker, Reason),
            next(none, Queue);
        {'DOWN', _, process, Pid, _} ->
            lists:foreach(fun forget_handler/1, [Id || Id <- handlers(), handler_process(Id) =:= Pid]),
            loop(Active, Queue);
        {sync, From, Ref} ->
            lists:foreach(fun sync_handler/1, handlers()),
            From ! {Ref, ok},
            loop(Active, Queue);
        {system, From, Request} -> sys:handle_system_msg(Request, From, whereis(init), ?MODULE, [], {Active, Queue});
        Message ->
            try take(Message) catch _:_ -> ok end,
            loop(Active, Queue)
    end.

-doc false.
system_continue(_Parent, _Debug, {Active, Queue}) -> loop(Active, Queue).

-doc false.
system_terminate(Reason, _Parent, _Debug, _State) -> exit(Reason).

-doc false.
system_code_change(State, _Module, _Vsn, _Extra) -> {ok, State}.

next(none, Queue) ->
    case queue:out(Queue) of
        {{value, #job{run = Run} = Job}, Rest} ->
            {_, Monitor} = spawn_monitor(fun() ->
                                                 put(?IN_SERVER, true),
                                                 exit({?IN_SERVER, Run()})
                                         end),
            loop({Monitor, Job}, Rest);
        {empty, _} -> loop(none, Queue)
    end;
next(Active, Queue) -> loop(Active, Queue).

finish(#job{finish = Finish, client = {Client, Ref}}, _, {?IN_SERVER, Result}) ->
    Client ! {Ref, guarded(fun() -> Finish(Result) end)};
finish(#job{finish = Finish, client = {Client, Ref}}, Worker, Reason) ->
    report(error, [{logger, process_exited}, {process, Worker}, {reason, Reason}]),
    Client ! {Ref, guarded(fun() -> Finish({error, {logger_process_exited, Worker, Reason}}) end)}.

take({log, Level, Format, Args, Meta}) -> runtime_event(Level, {Format, Args}, Meta);
take({log, Level, Told, Meta}) -> runtime_event(Level, told(Told), Meta);
take({Ref, _}) when is_reference(Ref) -> ok;
take(Message) ->
    Level = case Message of
                {'EXIT', _, _} -> debug;
                _ -> info
            end,
    report(Level, [{logger, got_unexpected_message}, {process, ?TABLE}, {message, Message}]).

%% Another process logs, since a handler may need the server.
report(Level, Report) ->
    _ = spawn(fun() -> logger:log(Level, Report) end),
    ok.

-doc "Logs what a process of the logger has to say of itself.".
-spec report(logger:level(), io:format(), [term()]) -> ok.
report(Level, Format, Args) ->
    _ = spawn(fun() -> logger:log(Level, Format, Args) end),
    ok.

-doc "What an event without arguments is: a text, or a report.".
-spec told(term()) -> {string, unicode:chardata()} | {report, term()}.
told([{_, _} | _] = Report) -> {report, Report};
told(Text) when is_list(Text); is_binary(Text) -> {string, Text};
told(Report) -> {report, Report}.

-doc "Logs an event that came as a message.".
-spec runtime_event(logger:level(), {term(), term()}, map()) -> ok.
runtime_event(Level, Msg, Meta) ->
    case allowed(Level) of
        true -> dispatch(#{level => Level, msg => Msg, meta => logger:add_default_metadata(Meta)});
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

answer(Request) -> guarded(fun() -> change(Request) end).

guarded(Fun) ->
    try Fun()
    catch
        throw:Reason -> {error, Reason};
        Class:Reason:Stack -> {error, {Class, Reason, Stack}}
    end.

%% The answer, or a job whose worker finds it.
change({add_handler, Id, Module, Config}) ->
    handler(Id) =:= none orelse throw({already_exist, Id}),
    Full = maps:merge(added_defaults(Id, Module), Config),
    #job{run = fun() ->
                       Loaded = code:ensure_loaded(Module),
                       {Loaded, callback(Module, adding_handler, [Full], {ok, Full})}
               end,
         finish = fun(Result) -> added_handler(Id, Module, Result) end};
change({remove_handler, Id}) ->
    #{module := Module} = Config = existing(Id),
    #job{run = fun() -> callback(Module, removing_handler, [Config], ok) end,
         finish = fun(_) -> forget_handler(Id) end};
change({set, primary, Config}) -> store_primary(maps:merge(?PRIMARY, Config));
change({update, primary, Config}) -> store_primary(maps:merge(primary(), Config));
change({set, {handler, Id}, Config}) ->
    #{module := Module} = Old = existing(Id),
    changing(set, Id, Old, maps:merge(handler_defaults(Id, Module), Config));
change({update, {handler, Id}, Config}) ->
    Old = existing(Id),
    changing(update, Id, Old, maps:merge(Old, Config));
change({set_key, {handler, Id}, Key, Value}) ->
    Old = existing(Id),
    changing(set, Id, Old, Old#{Key => Value});
change({update_formatter, Id, New}) ->
    #{formatter := {Formatter, Old}} = Config = existing(Id),
    Full = checked_key(formatter, {Formatter, maps:merge(Old, New)}),
    store_handler(Id, Config#{formatter := Full});
change({add_filter, Owner, Id, Filter}) ->
    #{filters := Filters} = Config = config_of(Owner),
    lists:keymember(Id, 1, Filters) andalso throw({already_exist, Id}),
    store(Owner, Config#{filters := [{Id, Filter} | Filters]});
change({remove_filter, Owner, Id}) ->
    #{filters := Filters} = Config = config_of(Owner),
    lists:keymember(Id, 1, Filters) orelse throw({not_found, Id}),
    store(Owner, Config#{filters := lists:keydelete(Id, 1, Filters)});
change({set_proxy, Config}) when is_map(Config) ->
    Full = maps:merge(logger_proxy:get_default_config(), Config),
    case logger_olp:check_opts(Full) of
        ok ->
            #job{run = fun() ->
                               case whereis(logger_proxy) of
                                   undefined -> ok; % it starts with what is in the table
                                   Proxy -> logger_olp:set_opts(Proxy, Full)
                               end
                       end,
                 finish = fun(ok) -> ets:insert(?TABLE, {proxy, Full}), ok;
                             (Error) -> Error
                          end};
        Error -> Error
    end;
change({set_proxy, Bad}) -> {error, {invalid_config, Bad}};
change({module_level, Modules, Level}) ->
    ets:insert(?TABLE, [{{module, M}, Level} || M <- Modules]),
    ok;
change({no_module_level, all}) ->
    lists:foreach(fun({M, _}) -> ets:delete(?TABLE, {module, M}) end, module_levels());
change({no_module_level, Modules}) ->
    lists:foreach(fun(M) -> ets:delete(?TABLE, {module, M}) end, Modules);
change(reconfigure) ->
    lists:foreach(fun(Id) ->
                          #job{run = Run, finish = Finish} = change({remove_handler, Id}),
                          Finish(Run())
                  end, handlers()),
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

added_defaults(default, Module) -> (handler_defaults(default, Module))#{filter_default := stop, filters := default_filters()};
added_defaults(Id, Module) -> handler_defaults(Id, Module).

added_handler(Id, Module, {{module, _}, {ok, Final}}) ->
    erlang:function_exported(Module, log, 2) orelse throw({invalid_handler, {function_not_exported, {Module, log, 2}}}),
    ets:insert(?TABLE, {handlers, [Id | handlers()]}),
    ok = store_handler(Id, Final),
    watch_handler(Id),
    case Id of
        default -> in_place_of_simple();
        _ -> ok
    end;
added_handler(_, Module, {{error, _}, _}) -> throw({invalid_handler, {function_not_exported, {Module, log, 2}}});
added_handler(_, _, {{module, _}, {error, Reason}}) -> throw({handler_not_added, Reason});
added_handler(_, Module, {{module, _}, Other}) -> throw({handler_not_added, {bad_return_value, {Module, adding_handler, Other}}});
added_handler(_, _, {error, Reason}) -> throw({handler_not_added, Reason}).

%% The simple handler is there for want of the default one, which gets from it what it missed.
in_place_of_simple() ->
    case handler(simple) of
        {ok, #{module := logger_simple_h} = Config} ->
            ok = callback(logger_simple_h, removing_handler, [Config], ok),
            forget_handler(simple);
        _ -> ok
    end.

%% A handler whose process ends is no handler any longer.
watch_handler(Id) ->
    case handler_process(Id) of
        none -> ok;
        Pid ->
            _ = monitor(process, Pid),
            ok
    end.

handler_process(Id) ->
    case handler(Id) of
        {ok, #{config := #{olp := Olp}}} -> logger_olp:get_pid(Olp);
        _ -> none
    end.

-doc "The logger's processes that have a supervisor: those of handlers, and the proxy.".
-spec processes() -> [{atom(), pid()}].
processes() ->
    [{logger_proxy, Pid} || Pid <- [whereis(logger_proxy)], is_pid(Pid)]
        ++ [{Id, Pid} || Id <- handlers(), Pid <- [handler_process(Id)], is_pid(Pid)].

forget_handler(Id) ->
    ets:insert(?TABLE, {handlers, lists:delete(Id, handlers())}),
    ets:delete(?TABLE, ?HANDLER(Id)),
    ok.

changing(How, Id, #{module := Module} = Old, New) ->
    Fixed = [id, module],
    Different = [K || K <- Fixed, map_get(K, Old) =/= map_get(K, New)],
    Different =:= [] orelse throw({illegal_config_change, maps:with(Different, Old), maps:with(Different, New)}),
    #job{run = fun() -> changing_callback(Module, How, Old, New) end,
         finish = fun({ok, Final}) -> store_handler(Id, Final);
                     (Answer) -> Answer
                  end}.

%% Handlers of old have a callback without the first argument.
changing_callback(Module, How, Old, New) ->
    _ = code:ensure_loaded(Module),
    case erlang:function_exported(Module, changing_config, 3) of
        true -> callback(Module, changing_config, [How, Old, New], {ok, New});
        false -> callback(Module, changing_config, [Old, New], {ok, New})
    end.

store(primary, Config) -> store_primary(Config);
store({handler, Id}, Config) -> store_handler(Id, Config).

store_handler(Id, Config) ->
    ets:insert(?TABLE, {?HANDLER(Id), Config}),
    ok.

callback(Module, Function, Args, Default) ->
    case erlang:function_exported(Module, Function, length(Args)) of
        false -> Default;
        true ->
            try apply(Module, Function, Args)
            catch Class:Reason:Stack0 ->
                    Why = {Class, Reason, logger:filter_stacktrace(?MODULE, Stack0)},
                    report(error, [{logger, callback_crashed}, {process, ?TABLE}, {reason, Why}]),
                    {error, {callback_crashed, Why}}
            end
    end.

%%% ---- checks --------------------------------------------------------------------------------------------------
%%
%% They are made by the process that asks, and throw what is wrong.

checked_request({add_handler, Id, Module, Config}) ->
    is_atom(Id) orelse throw({invalid_id, Id}),
    is_atom(Module) orelse throw({invalid_module, Module}),
    checked({handler, Id}, Config);
checked_request({set_key, Owner, Key, Value}) -> checked(Owner, #{Key => Value});
checked_request({How, Owner, Config}) when How =:= set; How =:= update -> checked(Owner, Config);
checked_request({add_filter, Owner, Id, Filter}) -> checked(Owner, #{filters => [{Id, Filter}]});
checked_request({update_formatter, _, Config}) -> is_map(Config) orelse throw({invalid_formatter_config, Config});
checked_request({module_level, Modules, Level}) ->
    checked_modules(Modules),
    checked_key(level, Level);
checked_request({no_module_level, all}) -> all;
checked_request({no_module_level, Modules}) -> checked_modules(Modules);
checked_request(Request) -> Request.

checked_modules(Modules) ->
    is_list(Modules) andalso lists:all(fun is_atom/1, Modules) orelse throw({not_a_list_of_modules, Modules}).

checked({handler, Id}, _) when not is_atom(Id) -> throw({invalid_id, Id});
checked(Owner, Config) when is_map(Config) ->
    maps:foreach(fun(K, V) ->
                         Owner =:= primary andalso checked_primary(K, V),
                         checked_key(K, V)
                 end, Config);
checked(_, Config) -> throw({invalid_config, Config}).

checked_primary(Key, _) when Key =:= level; Key =:= filters; Key =:= filter_default -> ok;
checked_primary(metadata, Meta) when is_map(Meta) -> ok;
checked_primary(Key, Value) -> throw({invalid_primary_config, {Key, Value}}).

checked_key(level, Level) -> severity(Level) =:= undefined andalso throw({invalid_level, Level});
checked_key(filter_default, Default) ->
    lists:member(Default, [log, stop]) orelse throw({invalid_filter_default, Default});
checked_key(filters, Filters) -> checked_filters(Filters);
checked_key(formatter, {Module, Config} = Formatter) ->
    is_atom(Module) orelse throw({invalid_module, Module}),
    _ = code:ensure_loaded(Module),
    case erlang:function_exported(Module, check_config, 1) of
        true ->
            try Module:check_config(Config) of
                ok -> Formatter;
                {error, Reason} -> throw(Reason)
            catch
                Class:Reason:Stack when Class =/= throw ->
                    throw({callback_crashed, {Class, Reason, logger:filter_stacktrace(?MODULE, Stack)}})
            end;
        false -> Formatter
    end;
checked_key(formatter, Formatter) -> throw({invalid_formatter, Formatter});
checked_key(_, _) -> true.

checked_filters([{Id, {Fun, _}} | Rest]) when is_atom(Id), is_function(Fun, 2) -> checked_filters(Rest);
checked_filters([Bad | _]) -> throw({invalid_filter, Bad});
checked_filters([]) -> ok;
checked_filters(Bad) -> throw({invalid_filters, Bad}).
