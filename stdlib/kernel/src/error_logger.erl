-module(error_logger).
-moduledoc "The older interface to logging, on top of logger.".

-export([error_msg/1, error_msg/2, format/2, error_report/1, error_report/2,
         warning_msg/1, warning_msg/2, warning_report/1, warning_report/2, warning_map/0,
         info_msg/1, info_msg/2, info_report/1, info_report/2, tty/1, logfile/1,
         add_report_handler/1, add_report_handler/2, delete_report_handler/1, which_report_handlers/0,
         get_format_depth/0, limit_term/1, log/2, adding_handler/1, removing_handler/1, start/0, stop/0]).

-export_type([report/0]).

-type report() :: [{term(), term()} | term()] | string() | term().

-doc "Logs a text at level error.".
-spec error_msg(io:format()) -> ok.
error_msg(Format) -> error_msg(Format, []).

-doc "Logs a formatted text at level error.".
-spec error_msg(io:format(), [term()]) -> ok.
error_msg(Format, Args) -> message(error, error_msg, Format, Args, error).

-doc "Logs a formatted text at level error.".
-spec format(io:format(), [term()]) -> ok.
format(Format, Args) -> error_msg(Format, Args).

-doc "Logs a report at level error.".
-spec error_report(report()) -> ok.
error_report(Report) -> error_report(std_error, Report).

-doc "Logs a report of a type at level error.".
-spec error_report(term(), report()) -> ok.
error_report(Type, Report) -> report(error, error_report, Type, Report, error_report).

-doc "Logs a text at level warning.".
-spec warning_msg(io:format()) -> ok.
warning_msg(Format) -> warning_msg(Format, []).

-doc "Logs a formatted text at level warning.".
-spec warning_msg(io:format(), [term()]) -> ok.
warning_msg(Format, Args) -> message(warning, warning_msg, Format, Args, warning_msg).

-doc "Logs a report at level warning.".
-spec warning_report(report()) -> ok.
warning_report(Report) -> warning_report(std_warning, Report).

-doc "Logs a report of a type at level warning.".
-spec warning_report(term(), report()) -> ok.
warning_report(Type, Report) -> report(warning, warning_report, Type, Report, warning_report).

-doc "The level at which warnings are logged.".
-spec warning_map() -> error | warning | info.
warning_map() -> erlang:nif_error(undef).

-doc "Logs a text at level notice.".
-spec info_msg(io:format()) -> ok.
info_msg(Format) -> info_msg(Format, []).

-doc "Logs a formatted text at level notice.".
-spec info_msg(io:format(), [term()]) -> ok.
info_msg(Format, Args) -> message(notice, info_msg, Format, Args, info_msg).

-doc "Logs a report at level notice.".
-spec info_report(report()) -> ok.
info_report(Report) -> info_report(std_info, Report).

-doc "Logs a report of a type at level notice.".
-spec info_report(term(), report()) -> ok.
info_report(Type, Report) -> report(notice, info_report, Type, Report, info_report).

message(Level, Label, Format, Args, Tag) ->
    logger:log(Level, #{label => {?MODULE, Label}, format => Format, args => Args},
               #{error_logger => #{tag => Tag}, report_cb => fun report_parts/1}).

report(Level, Label, Type, Report, Tag) ->
    Meta = #{error_logger => #{tag => Tag, type => Type}, report_cb => fun report_parts/1},
    Standard = lists:member(Type, [std_error, std_warning, std_info]),
    logger:log(Level, #{label => {?MODULE, Label}, report => Report},
               if Standard -> Meta; true -> Meta#{domain => [Type]} end).

report_parts(#{format := Format, args := Args}) ->
    try io_lib:format(Format, Args) of
        _ -> {Format, Args}
    catch
        _:_ -> {"ERROR: ~tp - ~tp", [Format, Args]}
    end;
report_parts(#{report := Report}) -> logger:format_report(Report).

-doc "Switches the reports on the terminal on or off.".
-spec tty(boolean()) -> ok.
tty(true) ->
    case logger:get_handler_config(default) of
        {ok, _} -> logger:set_handler_config(default, level, all);
        _ -> ok
    end;
tty(false) ->
    _ = logger:set_handler_config(default, level, none),
    ok.

-doc """
`{open, File}` writes events to a file as well, `close` ends that, `filename` asks for its name.
""".
-spec logfile({open, file:name()} | close | filename) -> ok | file:name() | {error, term()}.
logfile({open, File}) ->
    case lists:member(error_logger_file_h, which_report_handlers()) of
        true -> {error, allready_have_logfile};
        false ->
            Result = add_report_handler(error_logger_file_h, File),
            which_report_handlers() =:= [] andalso stop(),
            Result
    end;
logfile(close) ->
    case delete_report_handler(error_logger_file_h) of
        {error, Reason} -> {error, Reason};
        _ -> ok
    end;
logfile(filename) ->
    case lists:member(error_logger_file_h, which_report_handlers()) of
        true -> gen_event:call(?MODULE, error_logger_file_h, filename);
        false -> {error, no_log_file}
    end.

%%% ---- event handlers of the older kind ---------------------------------------------------------------------

-doc "Starts the event manager for older handlers.".
-spec start() -> ok.
start() ->
    case whereis(?MODULE) of
        undefined ->
            manager(),
            _ = logger:add_handler(?MODULE, ?MODULE, #{level => info, filter_default => log}),
            ok;
        _ -> ok
    end.

manager() ->
    case gen_event:start({local, ?MODULE}, [{spawn_opt, [{message_queue_data, off_heap}]}]) of
        {ok, _} -> ok;
        {error, {already_started, _}} -> ok
    end.

-doc "Stops the event manager for older handlers.".
-spec stop() -> ok.
stop() ->
    _ = logger:remove_handler(?MODULE),
    case whereis(?MODULE) of
        undefined -> ok;
        _ -> gen_event:stop(?MODULE)
    end.

-doc "Adds an event handler.".
-spec add_report_handler(module()) -> term().
add_report_handler(Handler) when is_atom(Handler) -> add_report_handler(Handler, []).

-doc "Adds an event handler with arguments for its init.".
-spec add_report_handler(module(), term()) -> term().
add_report_handler(Handler, Args) when is_atom(Handler) ->
    start(),
    gen_event:add_handler(?MODULE, Handler, Args).

-doc "Removes an event handler.".
-spec delete_report_handler(module()) -> term().
delete_report_handler(Handler) when is_atom(Handler) ->
    case whereis(?MODULE) of
        undefined -> {error, module_not_found};
        _ ->
            Result = gen_event:delete_handler(?MODULE, Handler, []),
            gen_event:which_handlers(?MODULE) =:= [] andalso stop(),
            Result
    end.

-doc "The event handlers.".
-spec which_report_handlers() -> [module() | {module(), term()}].
which_report_handlers() ->
    case whereis(?MODULE) of
        undefined -> [];
        _ -> gen_event:which_handlers(?MODULE)
    end.

-doc false.
adding_handler(Config) ->
    manager(),
    {ok, Config}.

-doc false.
removing_handler(_) -> ok.

%% Handlers of the older kind get {Tag, GroupLeader, {Pid, Format or type, Args or report}}.
-doc false.
log(#{level := Level, msg := Msg, meta := #{pid := Pid, gl := Leader} = Meta}, _) ->
    Own = maps:get(error_logger, Meta, #{}),
    Tag = maps:get(tag, Own, by_level(Level)),
    Event = case {Msg, Own} of
                {{report, #{format := Format, args := Args}}, _} -> {Tag, Leader, {Pid, Format, Args}};
                {{report, #{label := {?MODULE, _}, report := Report}}, #{type := Type}} -> {Tag, Leader, {Pid, Type, Report}};
                {{report, #{report := Report}}, #{type := Type}} -> {Tag, Leader, {Pid, Type, Report}};
                {{report, Report}, #{report_cb := Fun}} ->
                    {Format, Args} = Fun(Report),
                    {Tag, Leader, {Pid, Format, Args}};
                {{report, Report}, _} ->
                    {Format, Args} = logger:format_report(Report),
                    {Tag, Leader, {Pid, Format, Args}};
                {{string, Text}, _} -> {Tag, Leader, {Pid, "~ts", [Text]}};
                {{Format, Args}, _} -> {Tag, Leader, {Pid, Format, Args}}
            end,
    gen_event:notify(?MODULE, case Level of warning -> mapped(warning_map(), Event); _ -> Event end).

%% Warnings are other events when the machine was started with +W.
mapped(error, {warning_msg, Leader, What}) -> {error, Leader, What};
mapped(error, {warning_report, Leader, {Pid, std_warning, Report}}) -> {error_report, Leader, {Pid, std_error, Report}};
mapped(error, {warning_report, Leader, What}) -> {error_report, Leader, What};
mapped(info, {warning_msg, Leader, What}) -> {info_msg, Leader, What};
mapped(info, {warning_report, Leader, {Pid, std_warning, Report}}) -> {info_report, Leader, {Pid, std_info, Report}};
mapped(info, {warning_report, Leader, What}) -> {info_report, Leader, What};
mapped(_, Event) -> Event.

by_level(Level) when Level =:= warning -> warning_msg;
by_level(Level) when Level =:= notice; Level =:= info; Level =:= debug -> info_msg;
by_level(_) -> error.

%%% ---- limits -----------------------------------------------------------------------------------------------

-doc "The depth to which terms are shown in error messages.".
-spec get_format_depth() -> unlimited | pos_integer().
get_format_depth() ->
    case application:get_env(kernel, error_logger_format_depth) of
        {ok, Depth} when is_integer(Depth) -> max(10, Depth);
        _ -> unlimited
    end.

-doc "A term cut off at the depth to which terms are shown.".
-spec limit_term(term()) -> term().
limit_term(Term) ->
    case get_format_depth() of
        unlimited -> Term;
        Depth -> io_lib:limit_term(Term, Depth)
    end.
