-module(logger_h_common).
-moduledoc """
What the handlers with a process of their own share: the text of events, the check and the change of their configuration, and the
process under load regulation (`logger_olp`) that gives text to the handler's module and has it synchronized from time to time.
""".

-export([log/2, filesync/2, adding_handler/1, removing_handler/1, changing_config/3, filter_config/1]).
-export([init/1, handle_load/2, handle_call/3, handle_cast/2, handle_info/2, notify/2, reset_state/1, terminate/2]).

-define(INTERVAL, filesync_repeat_interval).

-doc "Formats an event and gives the text to the handler's process.".
-spec log(logger:log_event(), logger:handler_config()) -> ok.
log(Event, #{config := #{olp := Olp}} = Config) -> logger_olp:load(Olp, text(Event, Config)).

%% A formatter that fails with a report has another try with the report's text, then the default formatter says that it failed.
text(#{msg := Msg} = Event, #{formatter := Formatter}) ->
    Tries = [{Formatter, Event}] ++ [{Formatter, Event#{msg := Told}} || {report, Report} <- [Msg], Told <- told(Report, Event)]
        ++ [{{logger_formatter, #{}}, Event#{msg := {"FORMATTER CRASH: ~tp", [Msg]}}}],
    first_text(Tries).

first_text([]) -> <<"FORMATTER CRASH\n">>;
first_text([{{Module, Config}, Event} | More]) ->
    try Module:format(Event, Config) of
        Chars ->
            try unicode:characters_to_binary(Chars) of
                Bytes when is_binary(Bytes) -> Bytes;
                _ -> <<"FORMATTER ERROR: bad return value\n">>
            catch error:badarg -> <<"FORMATTER ERROR: bad return value\n">>
            end
    catch
        _:_ -> first_text(More)
    end.

told(Report, #{meta := Meta}) ->
    try
        case Meta of
            #{report_cb := Fun} when is_function(Fun, 1) -> [Fun(Report)];
            #{report_cb := Fun} when is_function(Fun, 2) -> [{"~ts", [Fun(Report, #{depth => unlimited, chars_limit => unlimited, single_line => false})]}];
            #{} -> [logger:format_report(Report)]
        end
    catch
        _:_ -> []
    end.

-doc "Has everything on its medium that a handler was given before.".
-spec filesync(module(), atom()) -> ok | {error, term()}.
filesync(Module, Id) when is_atom(Id) -> gen_server:call(process_name(Module, Id), filesync);
filesync(_, Id) -> {error, {badarg, {filesync, [Id]}}}.

process_name(Module, Id) -> list_to_atom(lists:concat([Module, "_", Id])).

%%% ---- the configuration ----------------------------------------------------------------------------------------

-doc "Checks and completes the configuration of a handler and starts its process.".
-spec adding_handler(map()) -> {ok, map()} | {error, term()}.
adding_handler(#{id := Id, module := Module} = Config) ->
    Given = Module:normal(Id, maps:get(config, Config, #{})),
    Full = completed(Module, Module:starting(Id, Given)),
    case checked(Module, Full) of
        ok ->
            {Limits, Own} = split(limit_keys(), Full),
            case logger_olp:start_link(process_name(Module, Id), ?MODULE, {Id, Module, Own, Config#{config => Full}}, Limits) of
                {ok, Pid, Olp} ->
                    _ = logger_sup_adopts(Id, Pid),
                    {ok, Config#{config => Full#{olp => Olp}}};
                Error -> Error
            end;
        Error -> Error
    end.

%% The default handler is older than its supervisor, whose module most nodes never load.
logger_sup_adopts(Id, Pid) ->
    case whereis(logger_sup) of
        undefined -> ok;
        _ -> logger_sup:adopt(Id, Pid, ?MODULE)
    end.

split(Keys, Map) -> {maps:with(Keys, Map), maps:without(Keys, Map)}.

limit_keys() -> maps:keys(logger_olp:get_default_opts()).

completed(Module, Own) ->
    Full = maps:merge((logger_olp:get_default_opts())#{?INTERVAL => 5000}, Own),
    case Module:has_file(Full) of
        true -> Full;
        false -> Full#{?INTERVAL := no_repeat}
    end.

checked(Module, Full) ->
    {Limits, Own} = split(limit_keys(), Full),
    case [{Key, Value} || Key := Value <- Own, not fits(Module, Key, Value, Own)] of
        [] -> logger_olp:check_opts(Limits);
        [First | _] -> {error, {invalid_config, Module, maps:from_list([First])}}
    end.

fits(_, ?INTERVAL, Time, _) -> Time =:= no_repeat orelse is_integer(Time);
fits(Module, Key, Value, Own) -> Module:fits(Key, Value, Own).

-doc "Ends the process of a handler.".
-spec removing_handler(map()) -> ok.
removing_handler(#{config := #{olp := Olp}}) -> logger_olp:stop(Olp).

-doc "Checks a change and tells the process of it.".
-spec changing_config(set | update, map(), map()) -> {ok, map()} | {error, term()}.
changing_config(How, #{id := Id, module := Module, config := Old}, Config) ->
    #{olp := Olp} = Old,
    Given = maps:remove(olp, Module:normal(Id, maps:get(config, Config, #{}))),
    Before = maps:remove(olp, Old),
    Fixed = Module:fixed(),
    Changed = case How of
                  set -> Module:with_defaults(Id, maps:merge(maps:with(Fixed, Before), Given));
                  update -> maps:merge(Before, Given)
              end,
    Full = completed(Module, Changed),
    case maps:with(Fixed, Full) =:= maps:with(Fixed, Before) of
        true -> applied(checked(Module, Full), Full, Olp, Config);
        false -> {error, {illegal_config_change, Module, Module:shown(Before, Full), Module:shown(Full, Before)}}
    end.

applied(ok, Full, Olp, Config) ->
    {Limits, Own} = split(limit_keys(), Full),
    ok = logger_olp:set_opts(Olp, Limits),
    ok = logger_olp:call(Olp, {changed, Own, Config#{config => Full}}),
    {ok, Config#{config => Full#{olp => Olp}}};
applied(Error, _, _, _) -> Error.

-doc "The configuration without what is the handler's own.".
-spec filter_config(map()) -> map().
filter_config(#{config := Own} = Config) -> Config#{config := maps:remove(olp, Own)}.

%%% ---- the process ---------------------------------------------------------------------------------------------

-doc false.
-spec init({atom(), module(), map(), map()}) -> {ok, map()} | {error, term()}.
init({Id, Module, Own, Config}) ->
    {#{?INTERVAL := Interval}, Rest} = split([?INTERVAL], Own),
    put({?MODULE, config}, Config),
    case Module:open(Id, Rest) of
        {ok, Handler} ->
            {ok, timed(#{id => Id, module => Module, handler_state => Handler, ?INTERVAL => Interval, last_op => sync})};
        Error -> Error
    end.

timed(#{?INTERVAL := Interval} = S) ->
    case S of
        #{rep_sync_tref := Old} -> erlang:cancel_timer(Old);
        #{} -> ok
    end,
    case Interval of
        no_repeat -> maps:remove(rep_sync_tref, S);
        _ -> S#{rep_sync_tref => erlang:start_timer(Interval, self(), repeated_filesync)}
    end.

-doc false.
-spec handle_load(binary(), map()) -> map().
handle_load(Bytes, #{module := Module, handler_state := Handler} = S) ->
    S#{handler_state := Module:write(Bytes, Handler), last_op := write}.

-doc false.
-spec handle_call(term(), term(), map()) -> {term(), map()}.
handle_call(filesync, _, S) -> synced(S);
handle_call({changed, #{?INTERVAL := Interval} = Own, Config}, _, #{module := Module, handler_state := Handler} = S) ->
    put({?MODULE, config}, Config),
    S1 = S#{handler_state := Module:changed(maps:remove(?INTERVAL, Own), Handler)},
    case S1 of
        #{?INTERVAL := Interval} -> {ok, S1};
        #{} -> {ok, timed(S1#{?INTERVAL := Interval})}
    end;
handle_call(Request, _, S) -> {{error, {bad_request, Request}}, S}.

synced(#{last_op := sync} = S) -> {ok, S};
synced(#{module := Module, handler_state := Handler} = S) ->
    {Reply, Handler1} = Module:sync(Handler),
    {Reply, S#{handler_state := Handler1, last_op := sync}}.

-doc false.
-spec handle_cast(term(), map()) -> map().
handle_cast(restarted, S) -> noted("Handler ~p restarted", [], S);
handle_cast(_, S) -> S.

-doc false.
-spec handle_info(term(), map()) -> map().
handle_info({timeout, Ref, repeated_filesync}, #{rep_sync_tref := Ref} = S) ->
    {_, S1} = synced(S),
    timed(maps:remove(rep_sync_tref, S1));
handle_info(Message, #{id := Id, module := Module, handler_state := Handler} = S) ->
    S#{handler_state := Module:handle_info(Id, Message, Handler)}.

-doc false.
-spec notify(term(), map()) -> map().
notify({mode_change, From, To}, S) when From =:= drop; To =:= drop -> noted("Handler ~p switched from ~p to ~p mode", [From, To], S);
notify({flushed, Count}, S) -> noted("Handler ~p flushed ~w log events", [Count], S);
notify(idle, S) -> element(2, synced(S));
notify(_, S) -> S.

%% The handler writes what happened to it in its own log.
noted(Format, Args, #{id := Id} = S) ->
    Config = case logger_server:handler(Id) of
                 {ok, Current} -> Current;
                 none -> get({?MODULE, config})
             end,
    Event = #{level => notice, msg => {Format, [Id | Args]}, meta => logger:add_default_metadata(#{})},
    handle_load(text(Event, Config), S).

-doc false.
-spec reset_state(map()) -> map().
reset_state(S) -> S.

%% The answer starts the handler again.
-doc false.
-spec terminate(term(), map()) -> fun(() -> ok).
terminate(Reason, #{id := Id, module := Module} = S) ->
    S1 = case Reason of
             {shutdown, {overloaded, _, _}} -> noted("Handler ~p overloaded and stopping", [], S);
             _ -> S
         end,
    {_, #{handler_state := Handler}} = synced(S1),
    _ = Module:close(Handler),
    Config = case logger_server:handler(Id) of
                 {ok, #{config := Own} = Current} -> Current#{config := maps:remove(olp, Own)};
                 none -> get({?MODULE, config})
             end,
    fun() -> again(Id, Module, Config) end.

again(Id, Module, Config) ->
    case logger:add_handler(Id, Module, Config) of
        ok ->
            {ok, #{config := #{olp := Olp}}} = logger_server:handler(Id),
            logger_olp:cast(Olp, restarted);
        {error, Reason} -> logger:error(#{handler => Id, not_restarted => Reason})
    end.
