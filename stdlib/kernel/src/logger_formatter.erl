-module(logger_formatter).
-moduledoc "The formatter that handlers of logger use unless told otherwise: a template filled in from the event.".

-export([format/2, check_config/1]).

-export_type([config/0, template/0, metakey/0]).

-type metakey() :: atom() | [atom()].
-type template() :: [metakey() | {metakey(), template(), template()} | unicode:chardata()].
-type config() :: #{chars_limit => pos_integer() | unlimited, depth => pos_integer() | unlimited,
                    legacy_header => boolean(),
                    error_logger_notice_header => info | notice, max_size => pos_integer() | unlimited,
                    report_cb => logger:report_cb(), single_line => boolean(), template => template(),
                    time_designator => byte(), time_offset => integer() | [byte()]}.

-callback check_config(logger:formatter_config()) -> ok | {error, term()}.
-callback format(logger:log_event(), logger:formatter_config()) -> unicode:chardata().
-optional_callbacks([check_config/1]).

-doc "The text of an event.".
-spec format(logger:log_event(), config()) -> unicode:chardata().
format(#{level := Level, msg := Msg, meta := Meta0}, Config0) when is_map(Config0) ->
    Config = with_defaults(Config0),
    Meta = headed(Level, Meta0, Config),
    {Before, Rest} = lists:splitwith(fun(Part) -> Part =/= msg end, chosen(maps:get(template, Config), Meta)),
    {HasMessage, After} = case Rest of
                              [msg | Behind] -> {true, Behind};
                              [] -> {false, []}
                          end,
    Start = fill(Before, Level, Meta, Config),
    End = fill(After, Level, Meta, Config),
    Text = case HasMessage of
               true -> message(Msg, Meta, remaining(Config, [Start, End]));
               false -> ""
           end,
    cut([Start, Text, End], maps:get(max_size, Config)).

%% The message gets what the rest of the line leaves of the limit.
remaining(#{chars_limit := unlimited} = Config, _) -> Config;
remaining(#{chars_limit := Limit} = Config, Others) -> Config#{chars_limit := max(0, Limit - io_lib:chars_length(Others))}.

with_defaults(Config) ->
    Defaults = #{chars_limit => unlimited, depth => error_logger:get_format_depth(), legacy_header => false,
                 error_logger_notice_header => info, max_size => unlimited, single_line => true,
                 time_designator => $T, time_offset => default_offset()},
    #{depth := Depth, max_size := Size} = Merged = maps:merge(Defaults, Config),
    Full = Merged#{depth := max(Depth, 5), max_size := max(Size, 10)},
    case Full of
        #{template := _} -> Full;
        #{legacy_header := true} -> Full#{template => [[logger_formatter, header], "\n", msg, "\n"]};
        #{single_line := true} -> Full#{template => [time, " ", level, ": ", msg, "\n"]};
        #{} -> Full#{template => [time, " ", level, ":\n", msg, "\n"]}
    end.

%% Parameters of sasl and stdlib may ask for universal time.
default_offset() ->
    Given = [Utc || App <- [sasl, stdlib], {ok, Utc} <- [application:get_env(App, utc_log)], is_boolean(Utc)],
    case Given of
        [true | _] -> "Z";
        _ -> ""
    end.

%% The template with its conditions decided. The message and the level are no keys of the metadata.
chosen([{Key, Found, Missing} | Rest], Meta) ->
    Part = case find(Key, Meta) of
               {ok, _} -> Found;
               none -> Missing
           end,
    chosen(Part, Meta) ++ chosen(Rest, Meta);
chosen([Part | Rest], Meta) -> [Part | chosen(Rest, Meta)];
chosen([], _) -> [].

fill(Template, Level, Meta, Config) -> [element_text(Part, Level, Meta, Config) || Part <- Template].

element_text(level, Level, _, Config) -> written(Level, Config);
element_text(Key, _, Meta, Config) when is_atom(Key) -> value(Key, Meta, Config);
element_text([Key | _] = Keys, _, Meta, Config) when is_atom(Key) -> value(Keys, Meta, Config);
element_text(Text, _, _, _) -> Text.

value(Key, Meta, Config) ->
    case find(Key, Meta) of
        {ok, Value} -> shown(Key, Value, Config);
        none -> ""
    end.

%% A list may itself be a key; else it is a path.
find(Key, Map) when is_map_key(Key, Map) -> {ok, map_get(Key, Map)};
find([Key | Rest], Map) when is_map_key(Key, Map) ->
    case Rest of
        [] -> {ok, map_get(Key, Map)};
        _ -> find(Rest, map_get(Key, Map))
    end;
find(_, _) -> none.

shown(time, Time, Config) when is_integer(Time) -> iso_time(Time, Config);
shown(mfa, {M, F, A}, _) when is_atom(M), is_atom(F), is_integer(A) -> io_lib:format("~tw:~tw/~w", [M, F, A]);
shown(mfa, {M, F, Args}, Config) when is_atom(M), is_atom(F), is_list(Args) -> shown(mfa, {M, F, length(Args)}, Config);
shown(_, Value, Config) -> written(Value, Config).

written(Value, _) when is_atom(Value) -> atom_to_list(Value);
written(Value, _) when is_integer(Value) -> integer_to_list(Value);
written(Value, _) when is_pid(Value) -> pid_to_list(Value);
written(Value, _) when is_reference(Value) -> ref_to_list(Value);
written([_ | _] = Value, Config) ->
    case io_lib:printable_list(lists:flatten(Value)) of
        true -> Value;
        false -> io_lib:format(directive(Config), [Value])
    end;
written(Value, Config) -> io_lib:format(directive(Config), [Value]).

directive(#{single_line := true}) -> "~0tp";
directive(#{}) -> "~tp".

iso_time(Time, #{time_offset := Offset, time_designator := Designator}) ->
    calendar:system_time_to_rfc3339(Time, [{unit, microsecond}, {offset, Offset}, {time_designator, Designator}]).

%%% ---- the message ----------------------------------------------------------------------------------------

message(Msg, Meta, #{single_line := true} = Config) ->
    on_one_line(string:trim(lists:flatten(text(Msg, Meta, Config)), both, " \r\n"));
message(Msg, Meta, Config) -> text(Msg, Meta, Config).

text({string, Text}, _, Config) -> checked_format("~ts", [Text], Config);
text({report, Report}, Meta, Config) ->
    Fun = report_callback(Meta, Config),
    Arity = case is_function(Fun, 2) of true -> 2; false -> 1 end,
    try called(Fun, Arity, Report, Config) of
        {text, Text} -> Text;
        {bad, Other} -> report_failure(Arity, "ERROR", "Returned", [Report, Other], Config);
        {Format, Args} -> checked_format(Format, Args, Config)
    catch
        Class:Reason:Stack ->
            Why = {Class, Reason, logger:filter_stacktrace(?MODULE, Stack)},
            report_failure(Arity, "CRASH", "Reason", [Report, Why], Config)
    end;
text({Format, Args}, _, Config) -> checked_format(Format, Args, Config).

%% A callback with options has limited the text itself.
called(Fun, 2, Report, Config) ->
    Text = Fun(Report, maps:with([chars_limit, depth, single_line], Config)),
    case is_list(Text) orelse is_binary(Text) of
        true ->
            try unicode:characters_to_list(Text) of
                Chars when is_list(Chars) -> {text, Chars};
                _ -> {bad, Text}
            catch error:_ -> {bad, Text}
            end;
        false -> {bad, Text}
    end;
called(Fun, 1, Report, _) ->
    case Fun(Report) of
        {Format, Args} = Answer when is_list(Format), is_list(Args) -> Answer;
        Other -> {bad, Other}
    end.

report_failure(Arity, What, Which, Args, Config) ->
    Directive = directive(Config),
    Format = lists:concat(["REPORT_CB/", Arity, " ", What, ": ", Directive, "; ", Which, ": ", Directive]),
    checked_format(Format, Args, Config).

checked_format(Format, Args, Config) ->
    try limited({Format, Args}, Config)
    catch
        _:_ ->
            Directive = directive(Config),
            limited({"FORMAT ERROR: " ++ Directive ++ " - " ++ Directive, [Format, Args]}, Config)
    end.

report_callback(_, #{report_cb := Fun}) when is_function(Fun, 1); is_function(Fun, 2) -> Fun;
report_callback(#{report_cb := Fun}, _) when is_function(Fun, 1); is_function(Fun, 2) -> Fun;
report_callback(_, _) -> fun logger:format_report/1.

%% The depth replaces the pretty printing of everything; in one line terms are not broken.
limited({Format, Args}, #{depth := Depth, single_line := SingleLine, chars_limit := Chars}) ->
    Single = SingleLine =:= true,
    Limit = [{chars_limit, Chars} || is_integer(Chars)],
    case Depth =:= unlimited andalso not Single of
        true -> io_lib:build_text(io_lib:scan_format(Format, Args), Limit);
        false -> io_lib:build_text([adapted(Part, Depth, Single) || Part <- io_lib:scan_format(Format, Args)], Limit)
    end.

adapted(#{control_char := C, args := [Term]} = Spec, Depth, Single) when C =:= $p; C =:= $w ->
    Spec1 = case Depth of
                unlimited -> Spec;
                _ -> Spec#{control_char := C - $a + $A, args := [Term, Depth]}
            end,
    if Single, C =:= $p -> Spec1#{width := 0}; true -> Spec1 end;
adapted(#{control_char := $P} = Spec, _, true) -> Spec#{width := 0};
adapted(Part, _, _) -> Part.

%% A line break, a comma before it and the spaces behind it become ", ".
on_one_line([$,, $\r, $\n | Rest]) -> on_one_line([$\n | Rest]);
on_one_line([$,, $\n | Rest]) -> on_one_line([$\n | Rest]);
on_one_line([$\r, $\n | Rest]) -> on_one_line([$\n | Rest]);
on_one_line([$\n | Rest]) -> [$,, $\s | on_one_line(skip_spaces(Rest))];
on_one_line([C | Rest]) -> [C | on_one_line(Rest)];
on_one_line([]) -> [].

skip_spaces([$\s | Rest]) -> skip_spaces(Rest);
skip_spaces(Text) -> Text.

%% What ends with a line break still does when it is cut.
cut(Text, unlimited) -> Text;
cut(Text, Size) ->
    case io_lib:chars_length(Text) > Size of
        false -> Text;
        true ->
            Flat = lists:flatten(Text),
            Mark = case lists:last(Flat) of
                       $\n -> "...\n";
                       _ -> "..."
                   end,
            lists:sublist(Flat, Size - length(Mark)) ++ Mark
    end.

%%% ---- the header of old ---------------------------------------------------------------------------------------

headed(Level, #{time := Time} = Meta, #{legacy_header := true} = Config) ->
    Own = maps:get(?MODULE, Meta, #{}),
    Title = case Own of
                #{title := T} -> T;
                #{} -> string:uppercase(atom_to_list(named_level(Level, Meta, Config))) ++ " REPORT"
            end,
    Header = io_lib:format("=~ts==== ~ts===", [Title, date_text(Time, Config)]),
    Meta#{?MODULE => Own#{title => Title, header => Header}};
headed(_, Meta, _) -> Meta.

%% error_logger's events of information have level notice.
named_level(notice, #{error_logger := _}, #{error_logger_notice_header := Name}) -> Name;
named_level(Level, _, _) -> Level.

date_text(Time, #{time_offset := Offset}) ->
    Universal = erlang:posixtime_to_universaltime(Time div 1000000),
    {{{Year, Month, Day}, {Hour, Minute, Second}}, Zone} =
        case is_utc(Offset) of
            true -> {Universal, "UTC "};
            false -> {erlang:universaltime_to_localtime(Universal), ""}
        end,
    io_lib:format("~w-~s-~4w::~2..0w:~2..0w:~2..0w.~6..0w ~s",
                  [Day, month(Month), Year, Hour, Minute, Second, Time rem 1000000, Zone]).

is_utc(Offset) when Offset =:= 0; Offset =:= "z"; Offset =:= "Z" -> true;
is_utc([$+ | Zone]) -> zone_numbers(Zone) =:= [0, 0];
is_utc(_) -> false.

%% Hours and minutes, or none if there are not exactly two numbers.
zone_numbers(Zone) ->
    try [list_to_integer(N) || N <- string:split(Zone, ":", all)] of
        [_, _] = Numbers -> Numbers;
        _ -> none
    catch error:badarg -> none
    end.

month(N) -> element(N, {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"}).

%%% ---- checks --------------------------------------------------------------------------------------------------

-doc "Checks the configuration of the formatter.".
-spec check_config(config()) -> ok | {error, term()}.
check_config(Config) when is_map(Config) -> check_all(maps:to_list(Config));
check_config(Config) -> {error, {invalid_formatter_config, ?MODULE, Config}}.

check_all([]) -> ok;
check_all([{Key, Value} | Rest]) ->
    case is_valid(Key, Value) of
        true -> check_all(Rest);
        false when Key =:= template -> {error, {invalid_formatter_template, ?MODULE, Value}};
        false -> {error, {invalid_formatter_config, ?MODULE, {Key, Value}}}
    end.

is_valid(Key, Value) when Key =:= chars_limit; Key =:= depth; Key =:= max_size ->
    Value =:= unlimited orelse is_integer(Value) andalso Value > 0;
is_valid(Key, Value) when Key =:= legacy_header; Key =:= single_line -> is_boolean(Value);
is_valid(report_cb, Value) -> is_function(Value, 1) orelse is_function(Value, 2);
is_valid(template, Value) -> is_list(Value) andalso lists:all(fun is_template_part/1, Value);
is_valid(error_logger_notice_header, Value) -> Value =:= info orelse Value =:= notice;
is_valid(time_offset, Value) when is_integer(Value); Value =:= ""; Value =:= "Z"; Value =:= "z" -> true;
is_valid(time_offset, [Sign | Zone]) when Sign =:= $+; Sign =:= $- -> is_zone(Zone);
is_valid(time_designator, Value) -> io_lib:printable_latin1_list([Value]);
is_valid(_, _) -> false.

is_zone(Zone) -> zone_numbers(Zone) =/= none.

is_template_part({Key, Found, Missing}) ->
    is_key(Key) andalso is_valid(template, Found) andalso is_valid(template, Missing);
is_template_part(Part) -> is_key(Part) orelse is_printable(Part).

is_printable(Text) when is_binary(Text) -> is_printable(unicode:characters_to_list(Text));
is_printable(Text) -> is_list(Text) andalso io_lib:printable_unicode_list(Text).

is_key(Key) when is_atom(Key) -> true;
is_key([_ | _] = Keys) -> lists:all(fun is_atom/1, Keys);
is_key(_) -> false.
