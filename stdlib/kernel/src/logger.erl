-module(logger).
-moduledoc """
Logging: events of eight levels go through the primary configuration to the handlers, in the process that
logs. The configuration lives in a table that logger_server owns.
""".

%% Events
-export([emergency/1, emergency/2, emergency/3, alert/1, alert/2, alert/3, critical/1, critical/2, critical/3,
         error/1, error/2, error/3, warning/1, warning/2, warning/3, notice/1, notice/2, notice/3,
         info/1, info/2, info/3, debug/1, debug/2, debug/3, log/2, log/3, log/4,
         allow/2, macro_log/3, macro_log/4, macro_log/5, add_default_metadata/1, timestamp/0]).
%% Configuration
-export([add_handler/3, remove_handler/1, add_handlers/1, add_primary_filter/2, remove_primary_filter/1,
         add_handler_filter/3, remove_handler_filter/2,
         set_primary_config/1, set_primary_config/2, update_primary_config/1, get_primary_config/0,
         set_handler_config/2, set_handler_config/3, update_handler_config/2, update_handler_config/3,
         get_handler_config/0, get_handler_config/1, get_handler_ids/0,
         update_formatter_config/2, update_formatter_config/3,
         set_proxy_config/1, update_proxy_config/1, get_proxy_config/0,
         set_module_level/2, unset_module_level/0, unset_module_level/1, get_module_level/0, get_module_level/1,
         set_application_level/2, unset_application_level/1, get_config/0, reconfigure/0, i/0, i/1]).
%% Metadata and helpers
-export([set_process_metadata/1, update_process_metadata/1, get_process_metadata/0, unset_process_metadata/0,
         compare_levels/2, format_report/1, format_otp_report/1, filter_stacktrace/2]).

-export_type([level/0, log_event/0, report/0, metadata/0, filter/0, filter_arg/0, filter_id/0, filter_return/0,
              handler_id/0, handler_config/0, primary_config/0, formatter_config/0, timestamp/0,
              msg_fun/0, report_cb/0, report_cb_config/0, olp_config/0, config_handler/0]).

-type level() :: emergency | alert | critical | error | warning | notice | info | debug.
-type report() :: map() | [{atom(), term()}].
-type report_cb() :: fun((report()) -> {io:format(), [term()]})
                   | fun((report(), report_cb_config()) -> unicode:chardata()).
-type report_cb_config() :: #{depth := pos_integer() | unlimited, chars_limit := pos_integer() | unlimited,
                              single_line := boolean()}.
-type msg_fun() :: fun((term()) -> {io:format(), [term()]} | report() | unicode:chardata() | ignore).
-type timestamp() :: integer().
-type metadata() :: #{pid => pid(), gl => pid(), time => timestamp(), mfa => mfa(), file => file:filename(),
                      line => non_neg_integer(), domain => [atom()], report_cb => report_cb(), atom() => term()}.
-type log_event() :: #{level := level(),
                       msg := {io:format(), [term()]} | {report, report()} | {string, unicode:chardata()},
                       meta := metadata()}.
-type filter_id() :: atom().
-type filter_arg() :: term().
-type filter_return() :: stop | ignore | log_event().
-type filter() :: {fun((log_event(), filter_arg()) -> filter_return()), filter_arg()}.
-type handler_id() :: atom().
-type handler_config() :: #{id => handler_id(), config => term(), level => level() | all | none, module => module(),
                            filter_default => log | stop, filters => [{filter_id(), filter()}],
                            formatter => {module(), formatter_config()}, atom() => term()}.
-type formatter_config() :: #{atom() => term()}.
-type primary_config() :: #{level => level() | all | none, metadata => metadata(), filter_default => log | stop,
                            filters => [{filter_id(), filter()}]}.
-type olp_config() :: map().
-type config_handler() :: {handler, handler_id(), module(), handler_config()}.

-define(META, '$logger_metadata$').

%%% ---- events of a level --------------------------------------------------------------------------------
%%
%% One argument is a text or a report; two are one with metadata or a format with arguments, or a fun
%% with its argument; three have metadata at the end.

-doc "Logs at level emergency.".
-spec emergency(unicode:chardata() | report()) -> ok.
emergency(A) -> log(emergency, A).
-doc "Logs at level emergency.".
-spec emergency(term(), term()) -> ok.
emergency(A, B) -> log(emergency, A, B).
-doc "Logs at level emergency.".
-spec emergency(term(), term(), metadata()) -> ok.
emergency(A, B, C) -> log(emergency, A, B, C).
-doc "Logs at level alert.".
-spec alert(unicode:chardata() | report()) -> ok.
alert(A) -> log(alert, A).
-doc "Logs at level alert.".
-spec alert(term(), term()) -> ok.
alert(A, B) -> log(alert, A, B).
-doc "Logs at level alert.".
-spec alert(term(), term(), metadata()) -> ok.
alert(A, B, C) -> log(alert, A, B, C).
-doc "Logs at level critical.".
-spec critical(unicode:chardata() | report()) -> ok.
critical(A) -> log(critical, A).
-doc "Logs at level critical.".
-spec critical(term(), term()) -> ok.
critical(A, B) -> log(critical, A, B).
-doc "Logs at level critical.".
-spec critical(term(), term(), metadata()) -> ok.
critical(A, B, C) -> log(critical, A, B, C).
-doc "Logs at level error.".
-spec error(unicode:chardata() | report()) -> ok.
error(A) -> log(error, A).
-doc "Logs at level error.".
-spec error(term(), term()) -> ok.
error(A, B) -> log(error, A, B).
-doc "Logs at level error.".
-spec error(term(), term(), metadata()) -> ok.
error(A, B, C) -> log(error, A, B, C).
-doc "Logs at level warning.".
-spec warning(unicode:chardata() | report()) -> ok.
warning(A) -> log(warning, A).
-doc "Logs at level warning.".
-spec warning(term(), term()) -> ok.
warning(A, B) -> log(warning, A, B).
-doc "Logs at level warning.".
-spec warning(term(), term(), metadata()) -> ok.
warning(A, B, C) -> log(warning, A, B, C).
-doc "Logs at level notice.".
-spec notice(unicode:chardata() | report()) -> ok.
notice(A) -> log(notice, A).
-doc "Logs at level notice.".
-spec notice(term(), term()) -> ok.
notice(A, B) -> log(notice, A, B).
-doc "Logs at level notice.".
-spec notice(term(), term(), metadata()) -> ok.
notice(A, B, C) -> log(notice, A, B, C).
-doc "Logs at level info.".
-spec info(unicode:chardata() | report()) -> ok.
info(A) -> log(info, A).
-doc "Logs at level info.".
-spec info(term(), term()) -> ok.
info(A, B) -> log(info, A, B).
-doc "Logs at level info.".
-spec info(term(), term(), metadata()) -> ok.
info(A, B, C) -> log(info, A, B, C).
-doc "Logs at level debug.".
-spec debug(unicode:chardata() | report()) -> ok.
debug(A) -> log(debug, A).
-doc "Logs at level debug.".
-spec debug(term(), term()) -> ok.
debug(A, B) -> log(debug, A, B).
-doc "Logs at level debug.".
-spec debug(term(), term(), metadata()) -> ok.
debug(A, B, C) -> log(debug, A, B, C).

-doc "Logs a text or a report.".
-spec log(level(), unicode:chardata() | report()) -> ok.
log(Level, A) -> log_allowed(#{}, Level, [A]).

-doc "Logs a text or report with metadata, a format with arguments, or what a fun gives.".
-spec log(level(), term(), term()) -> ok.
log(Level, A, B) -> log_allowed(#{}, Level, [A, B]).

-doc "Logs a format with arguments, or what a fun gives, with metadata.".
-spec log(level(), term(), term(), metadata()) -> ok.
log(Level, A, B, Meta) -> log_allowed(#{}, Level, [A, B, Meta]).

log_allowed(Place, Level, Args) ->
    is_level(Level) andalso well_formed(Args) orelse erlang:error(function_clause, [Level | Args]),
    case allowed_for(Level, lists:last(Args)) of
        true -> produce(Place, Level, Args);
        false -> ok
    end.

%% Metadata may name the module that logs, which may have a level of its own.
allowed_for(Level, #{mfa := {Module, _, _}}) -> logger_server:allowed(Level, Module);
allowed_for(Level, _) -> allow_all(Level).

-define(IS_FORMAT(F), is_list(F) orelse is_binary(F) orelse is_atom(F)).

well_formed([A]) -> is_map(A) orelse is_text(A);
well_formed([Fun, _]) when is_function(Fun, 1) -> true;
well_formed([A, Meta]) when is_map(Meta), is_map(A) orelse is_list(A) orelse is_binary(A) -> true;
well_formed([Fun, _, Meta]) when is_function(Fun, 1), is_map(Meta) -> true;
well_formed([Format, Args | Meta]) ->
    (?IS_FORMAT(Format)) andalso is_list(Args) andalso lists:all(fun is_map/1, Meta).

is_text(Text) -> is_list(Text) orelse is_binary(Text).

allow_all(Level) -> logger_server:allowed(Level).

is_level(Level) -> lists:member(Level, logger_server:levels()).

-doc "Whether events of the level from the module are logged.".
-spec allow(level(), module()) -> boolean().
allow(Level, Module) when is_atom(Module) -> logger_server:allowed(Level, Module).

-doc false.
macro_log(Place, Level, A) -> produce(Place, Level, [A]).
-doc false.
macro_log(Place, Level, A, B) -> produce(Place, Level, [A, B]).
-doc false.
macro_log(Place, Level, A, B, Meta) -> produce(Place, Level, [A, B, Meta]).

produce(Place, Level, [Fun, Arg]) when is_function(Fun, 1) -> lazily(Place, Level, Fun, Arg, #{});
produce(Place, Level, [Fun, Arg, Meta]) when is_function(Fun, 1), is_map(Meta) -> lazily(Place, Level, Fun, Arg, Meta);
produce(Place, Level, [Report]) when is_map(Report) -> send(Place, Level, {report, Report}, #{});
produce(Place, Level, [Report, Meta]) when is_map(Report), is_map(Meta) -> send(Place, Level, {report, Report}, Meta);
produce(Place, Level, [Text]) -> send(Place, Level, text_or_report(Text), #{});
produce(Place, Level, [Text, Meta]) when is_map(Meta) -> send(Place, Level, text_or_report(Text), Meta);
produce(Place, Level, [Format, Args]) -> send(Place, Level, {as_format(Format), Args}, #{});
produce(Place, Level, [Format, Args, Meta]) -> send(Place, Level, {as_format(Format), Args}, Meta).

as_format(Format) when is_atom(Format) -> atom_to_list(Format);
as_format(Format) -> Format.

text_or_report([{_, _} | _] = Report) -> {report, Report};
text_or_report(Report) when is_map(Report) -> {report, Report};
text_or_report(Text) -> {string, Text}.

lazily(Place, Level, Fun, Arg, Meta) ->
    {Result, Full} = try Fun(Arg) of
                         {Given, More} when is_map(More) -> {{given, Given}, maps:merge(Meta, More)};
                         Given -> {{given, Given}, Meta}
                     catch
                         Class:Reason -> {{crash, {Class, Reason}}, Meta}
                     end,
    case Result of
        {given, ignore} -> ok;
        {given, {Format, Args}} when (?IS_FORMAT(Format)), is_list(Args) ->
            send(Place, Level, {as_format(Format), Args}, Full);
        {given, Text} when is_map(Text); is_list(Text); is_binary(Text) -> send(Place, Level, text_or_report(Text), Full);
        {given, Bad} -> send(Place, Level, {"LAZY_FUN ERROR: ~tp; Returned: ~tp", [{Fun, Arg}, Bad]}, Full);
        {crash, Why} -> send(Place, Level, {"LAZY_FUN CRASH: ~tp; Reason: ~tp", [{Fun, Arg}, Why]}, Full)
    end.

%% What is nearest to the call wins: place, primary metadata, metadata of the process, metadata of the call.
send(Place, Level, Msg, Meta) ->
    Own = case get(?META) of
              undefined -> #{};
              Process -> Process
          end,
    #{metadata := Always} = logger_server:primary(),
    Full = lists:foldl(fun(More, Less) -> maps:merge(Less, More) end, Place, [Always, Own, Meta]),
    logger_server:dispatch(#{level => Level, msg => Msg, meta => add_default_metadata(Full)}).

-doc "Adds pid, group leader and time to metadata, unless they are there.".
-spec add_default_metadata(metadata()) -> metadata().
add_default_metadata(Meta) ->
    maps:merge(#{pid => self(), gl => group_leader(), time => timestamp()}, Meta).

-doc "The time for metadata: microseconds since the epoch.".
-spec timestamp() -> timestamp().
timestamp() -> os:system_time(microsecond).

%%% ---- configuration ------------------------------------------------------------------------------------------

-doc "Adds a handler.".
-spec add_handler(handler_id(), module(), handler_config()) -> ok | {error, term()}.
add_handler(Id, Module, Config) -> logger_server:request({add_handler, Id, Module, Config}).

-doc "Removes a handler.".
-spec remove_handler(handler_id()) -> ok | {error, term()}.
remove_handler(Id) -> logger_server:request({remove_handler, Id}).

-doc "Adds the handlers of a list, or those that the parameter logger of an application names.".
-spec add_handlers(atom() | [config_handler()]) -> ok | {error, term()}.
add_handlers(Application) when is_atom(Application) ->
    add_handlers([H || {handler, _, _, _} = H <- application:get_env(Application, logger, [])]);
add_handlers([{handler, Id, Module, Config} | Rest]) ->
    case add_handler(Id, Module, Config) of
        ok -> add_handlers(Rest);
        {error, Reason} -> {error, {bad_config, {handler, Reason}}}
    end;
add_handlers([]) -> ok;
add_handlers([Bad | _]) -> {error, {bad_config, {handler, Bad}}}.

-doc "Adds a filter for all handlers.".
-spec add_primary_filter(filter_id(), filter()) -> ok | {error, term()}.
add_primary_filter(Id, Filter) -> logger_server:request({add_filter, primary, Id, Filter}).

-doc "Removes a filter for all handlers.".
-spec remove_primary_filter(filter_id()) -> ok | {error, term()}.
remove_primary_filter(Id) -> logger_server:request({remove_filter, primary, Id}).

-doc "Adds a filter to a handler.".
-spec add_handler_filter(handler_id(), filter_id(), filter()) -> ok | {error, term()}.
add_handler_filter(Handler, Id, Filter) -> logger_server:request({add_filter, {handler, Handler}, Id, Filter}).

-doc "Removes a filter of a handler.".
-spec remove_handler_filter(handler_id(), filter_id()) -> ok | {error, term()}.
remove_handler_filter(Handler, Id) -> logger_server:request({remove_filter, {handler, Handler}, Id}).

-doc "Sets the primary configuration; what is not given gets its default.".
-spec set_primary_config(primary_config()) -> ok | {error, term()}.
set_primary_config(Config) -> logger_server:request({set, primary, Config}).

-doc "Sets a part of the primary configuration.".
-spec set_primary_config(atom(), term()) -> ok | {error, term()}.
set_primary_config(Key, Value) -> logger_server:request({update, primary, #{Key => Value}}).

-doc "Sets parts of the primary configuration.".
-spec update_primary_config(primary_config()) -> ok | {error, term()}.
update_primary_config(Config) -> logger_server:request({update, primary, Config}).

-doc "The primary configuration.".
-spec get_primary_config() -> primary_config().
get_primary_config() -> logger_server:primary().

-doc "Sets the configuration of a handler; what is not given gets its default.".
-spec set_handler_config(handler_id(), handler_config()) -> ok | {error, term()}.
set_handler_config(Id, Config) -> logger_server:request({set, {handler, Id}, Config}).

-doc "Sets a part of a handler's configuration.".
-spec set_handler_config(handler_id(), atom(), term()) -> ok | {error, term()}.
set_handler_config(Id, Key, Value) -> logger_server:request({set_key, {handler, Id}, Key, Value}).

-doc "Sets parts of a handler's configuration.".
-spec update_handler_config(handler_id(), handler_config()) -> ok | {error, term()}.
update_handler_config(Id, Config) -> logger_server:request({update, {handler, Id}, Config}).

-doc "Sets a part of a handler's configuration; the handler keeps what it need not change.".
-spec update_handler_config(handler_id(), atom(), term()) -> ok | {error, term()}.
update_handler_config(Id, Key, Value) -> update_handler_config(Id, #{Key => Value}).

-doc "The configurations of all handlers.".
-spec get_handler_config() -> [handler_config()].
get_handler_config() -> [Config || Id <- get_handler_ids(), {ok, Config} <- [get_handler_config(Id)]].

-doc "The configuration of a handler.".
-spec get_handler_config(handler_id()) -> {ok, handler_config()} | {error, term()}.
get_handler_config(Id) ->
    case logger_server:handler(Id) of
        {ok, #{module := Module} = Config} ->
            try {ok, Module:filter_config(Config)}
            catch _:_ -> {ok, Config}
            end;
        none -> {error, {not_found, Id}}
    end.

-doc "The names of all handlers.".
-spec get_handler_ids() -> [handler_id()].
get_handler_ids() -> lists:sort(logger_server:handlers()).

-doc "Sets parts of the configuration of a handler's formatter.".
-spec update_formatter_config(handler_id(), formatter_config()) -> ok | {error, term()}.
update_formatter_config(Id, Config) -> logger_server:request({update_formatter, Id, Config}).

-doc "Sets a part of the configuration of a handler's formatter.".
-spec update_formatter_config(handler_id(), atom(), term()) -> ok | {error, term()}.
update_formatter_config(Id, Key, Value) -> update_formatter_config(Id, #{Key => Value}).

-doc "Sets the configuration of the overload protection for events of other nodes.".
-spec set_proxy_config(olp_config()) -> ok | {error, term()}.
set_proxy_config(Config) -> logger_server:request({set_proxy, Config}).

-doc "Sets parts of the configuration of the overload protection for events of other nodes.".
-spec update_proxy_config(olp_config()) -> ok | {error, term()}.
update_proxy_config(Config) when not is_map(Config) -> {error, {invalid_config, Config}};
update_proxy_config(Config) -> logger_server:request({set_proxy, maps:merge(get_proxy_config(), Config)}).

-doc "The configuration of the overload protection for events of other nodes.".
-spec get_proxy_config() -> olp_config().
get_proxy_config() -> logger_server:proxy().

-doc "Sets the level for events from modules, whatever the primary one is.".
-spec set_module_level(module() | [module()], level() | all | none) -> ok | {error, term()}.
set_module_level(Module, Level) when is_atom(Module) -> set_module_level([Module], Level);
set_module_level(Modules, Level) -> logger_server:request({module_level, Modules, Level}).

-doc "Removes all levels of modules.".
-spec unset_module_level() -> ok.
unset_module_level() -> logger_server:request({no_module_level, all}).

-doc "Removes the levels of modules.".
-spec unset_module_level(module() | [module()]) -> ok | {error, term()}.
unset_module_level(Module) when is_atom(Module) -> unset_module_level([Module]);
unset_module_level(Modules) -> logger_server:request({no_module_level, Modules}).

-doc "All levels of modules.".
-spec get_module_level() -> [{module(), level() | all | none}].
get_module_level() -> lists:sort(logger_server:module_levels()).

-doc "The levels of some modules.".
-spec get_module_level(module() | [module()]) -> [{module(), level() | all | none}].
get_module_level(Module) when is_atom(Module) -> get_module_level([Module]);
get_module_level(Modules) -> [E || {M, _} = E <- get_module_level(), lists:member(M, Modules)].

-doc "Sets the level for the modules of an application.".
-spec set_application_level(atom(), level() | all | none) -> ok | {error, term()}.
set_application_level(Application, Level) ->
    with_modules(Application, fun(Modules) -> set_module_level(Modules, Level) end).

-doc "Removes the level of the modules of an application.".
-spec unset_application_level(atom()) -> ok | {error, term()}.
unset_application_level(Application) -> with_modules(Application, fun unset_module_level/1).

with_modules(Application, Fun) ->
    case application:get_key(Application, modules) of
        {ok, Modules} -> Fun(Modules);
        undefined -> {error, {not_loaded, Application}}
    end.

-doc "The whole configuration.".
-spec get_config() -> #{atom() => term()}.
get_config() ->
    #{primary => get_primary_config(), handlers => get_handler_config(), proxy => get_proxy_config(),
      module_levels => lists:sort(get_module_level())}.

-doc "Starts again with the configuration that the node begins with, and what kernel's parameters say now.".
-spec reconfigure() -> ok | {error, term()}.
reconfigure() ->
    case logger_server:request(reconfigure) of
        ok ->
            try gerl_logger_start:configure()
            catch throw:{bad_config, _} = Reason -> {error, Reason}
            end;
        Error -> Error
    end.

-doc "Prints the whole configuration.".
-spec i() -> ok.
i() -> lists:foreach(fun i/1, [primary, handlers, proxy, modules]).

-doc "Prints a part of the configuration: primary, handlers, proxy, modules, or a handler by its name.".
-spec i(atom()) -> ok.
i(primary) ->
    #{level := Level, filter_default := Default, filters := Filters} = get_primary_config(),
    io:format("Primary configuration: ~n    Level: ~p~n    Filter Default: ~p~n    Filters: ~n", [Level, Default]),
    print_filters(8, Filters);
i(handlers) ->
    io:format("Handler configuration: ~n"),
    case get_handler_config() of
        [] -> io:format("    (none)~n");
        Configs -> lists:foreach(fun print_handler/1, Configs)
    end;
i(proxy) ->
    io:format("Proxy configuration: ~n"),
    print_map(4, get_proxy_config());
i(modules) ->
    io:format("Level set per module: ~n"),
    case get_module_level() of
        [] -> io:format("    (none)~n");
        Levels -> [io:format("    Module: ~tp~n        Level: ~p~n", [M, L]) || {M, L} <- Levels], ok
    end;
i(Id) when is_atom(Id) ->
    case get_handler_config(Id) of
        {ok, Config} ->
            io:format("Handler configuration: ~n"),
            print_handler(Config);
        Error -> Error
    end;
i(What) -> erlang:error(badarg, [What]).

print_handler(#{id := Id, module := Module, level := Level, formatter := {Formatter, FormatterConfig},
                filters := Filters, filter_default := Default} = Config) ->
    io:format("    Id: ~tp~n        Module: ~p~n        Level:  ~p~n        Formatter:~n            Module: ~p~n"
              "            Config:~n", [Id, Module, Level, Formatter]),
    print_map(16, FormatterConfig),
    io:format("        Filter Default: ~p~n        Filters:~n", [Default]),
    print_filters(12, Filters),
    case Config of
        #{config := Own} -> io:format("        Handler Config:~n"), print_map(12, Own);
        #{} -> ok
    end,
    case maps:without([id, module, level, formatter, filters, filter_default, config], Config) of
        Other when map_size(Other) > 0 -> io:format("        Custom Config:~n"), print_map(12, Other);
        _ -> ok
    end.

print_filters(Indent, []) -> io:format("~*s(none)~n", [Indent, ""]);
print_filters(Indent, Filters) ->
    lists:foreach(fun({Id, {Fun, Arg}}) ->
                          io:format("~*sId: ~tp~n~*sFun: ~tp~n~*sArg: ~tp~n",
                                    [Indent, "", Id, Indent + 4, "", Fun, Indent + 4, "", Arg])
                  end, Filters).

print_map(Indent, Map) when is_map(Map) ->
    lists:foreach(fun({K, V}) -> io:format("~*s~tp: ~tp~n", [Indent, "", K, V]) end, lists:sort(maps:to_list(Map)));
print_map(Indent, Other) -> io:format("~*s~tp~n", [Indent, "", Other]).

%%% ---- metadata and helpers --------------------------------------------------------------------------------------

-doc "Sets the metadata that all events of the calling process get.".
-spec set_process_metadata(metadata()) -> ok.
set_process_metadata(Meta) when is_map(Meta) ->
    put(?META, Meta),
    ok;
set_process_metadata(Meta) -> erlang:error(badarg, [Meta]).

-doc "Adds to the metadata of the calling process.".
-spec update_process_metadata(metadata()) -> ok.
update_process_metadata(Meta) when is_map(Meta) ->
    case get(?META) of
        undefined -> set_process_metadata(Meta);
        Old -> set_process_metadata(maps:merge(Old, Meta))
    end;
update_process_metadata(Meta) -> erlang:error(badarg, [Meta]).

-doc "The metadata of the calling process.".
-spec get_process_metadata() -> metadata() | undefined.
get_process_metadata() -> get(?META).

-doc "Removes the metadata of the calling process.".
-spec unset_process_metadata() -> ok.
unset_process_metadata() ->
    erase(?META),
    ok.

-doc "Compares the severity of two levels.".
-spec compare_levels(level() | all | none, level() | all | none) -> eq | gt | lt.
compare_levels(Level1, Level2) ->
    case {logger_server:severity(Level1), logger_server:severity(Level2)} of
        {N, N} when is_integer(N) -> eq;
        {N1, N2} when is_integer(N1), is_integer(N2), N1 < N2 -> gt;
        {N1, N2} when is_integer(N1), is_integer(N2) -> lt;
        _ -> erlang:error(badarg, [Level1, Level2])
    end.

-doc "A report as format and arguments, one line for each of its parts.".
-spec format_report(report()) -> {io:format(), [term()]}.
format_report(Report) when is_map(Report) -> format_report(maps:to_list(Report));
format_report(Report) ->
    case flat(Report) of
        [] -> {"~tp", [[]]};
        {not_flat, _} -> {"~tp", [Report]};
        Text ->
            case io_lib:printable_unicode_list(Text) of
                true -> {"~ts", [Text]};
                false ->
                    {Formats, Args} = lists:unzip([part(P) || P <- Report]),
                    {lists:append(lists:join("\n", Formats)), lists:append(Args)}
            end
    end.

part({Key, Value}) -> {"    ~tp: " ++ directive(Value), [Key, Value]};
part(Other) -> {"    " ++ directive(Other), [Other]}.

%% Improper lists are terms like any other.
flat(Report) ->
    try lists:flatten(Report)
    catch error:_ -> {not_flat, Report}
    end.

%% Text is shown without quotes.
directive([_ | _] = Value) ->
    case io_lib:printable_unicode_list(flat(Value)) of
        true -> "~ts";
        false -> "~tp"
    end;
directive(_) -> "~tp".

-doc "The parts of an OTP report as format and arguments.".
-spec format_otp_report(report()) -> {io:format(), [term()]}.
format_otp_report(#{label := _, report := Report}) -> format_report(Report);
format_otp_report(Report) -> format_report(Report).

-doc "The part of a stack trace above the calls of a module.".
-spec filter_stacktrace(module(), list()) -> list().
filter_stacktrace(Module, Stack) -> lists:takewhile(fun(Call) -> element(1, Call) =/= Module end, Stack).
