-module(logger_formatter).
-moduledoc "The formatter that handlers of logger use unless told otherwise: a template filled in from the event.".

-export([format/2, check_config/1]).

-export_type([config/0, template/0, metakey/0]).

-type metakey() :: atom() | [atom()].
-type template() :: [metakey() | {metakey(), template(), template()} | unicode:chardata()].
-type config() :: #{chars_limit => pos_integer() | unlimited, depth => pos_integer() | unlimited,
                    legacy_header => boolean(), max_size => pos_integer() | unlimited,
                    report_cb => logger:report_cb(), single_line => boolean(), template => template(),
                    time_designator => byte(), time_offset => integer() | [byte()]}.

-callback check_config(logger:formatter_config()) -> ok | {error, term()}.
-callback format(logger:log_event(), logger:formatter_config()) -> unicode:chardata().
-optional_callbacks([check_config/1]).

-doc "The text of an event.".
-spec format(logger:log_event(), config()) -> unicode:chardata().
format(#{level := Level, msg := Msg, meta := Meta0}, Config0) ->
    Config = with_defaults(Config0),
    Meta = headed(Level, Meta0, Config),
    cut(fill(maps:get(template, Config), Level, Msg, Meta, Config), maps:get(max_size, Config)).

with_defaults(Config) ->
    Defaults = #{chars_limit => unlimited, depth => error_logger:get_format_depth(), legacy_header => false,
                 max_size => unlimited, single_line => true, time_designator => $T, time_offset => ""},
    Full = maps:merge(Defaults, Config),
    case Full of
        #{template := _} -> Full;
        #{legacy_header := true} -> Full#{template => [[logger_formatter, header], "\n", msg, "\n"]};
        #{single_line := true} -> Full#{template => [time, " ", level, ": ", msg, "\n"]};
        #{} -> Full#{template => [time, " ", level, ":\n", msg, "\n"]}
    end.

fill(Template, Level, Msg, Meta, Config) ->
    [element_text(Part, Level, Msg, Meta, Config) || Part <- Template].

element_text(level, Level, _, _, Config) -> written(Level, Config);
element_text(msg, _, Msg, Meta, Config) -> message(Msg, Meta, Config);
element_text({msg, Template, _}, Level, Msg, Meta, Config) -> fill(Template, Level, Msg, Meta, Config);
element_text({level, Template, _}, Level, Msg, Meta, Config) -> fill(Template, Level, Msg, Meta, Config);
element_text({Key, Found, Missing}, Level, Msg, Meta, Config) ->
    case find(Key, Meta) of
        {ok, _} -> fill(Found, Level, Msg, Meta, Config);
        none -> fill(Missing, Level, Msg, Meta, Config)
    end;
element_text(Key, _, _, Meta, Config) when is_atom(Key) -> value(Key, Meta, Config);
element_text([Key | _] = Keys, _, _, Meta, Config) when is_atom(Key) -> value(Keys, Meta, Config);
element_text(Text, _, _, _, _) -> Text.

value(Key, Meta, Config) ->
    case find(Key, Meta) of
        {ok, Value} -> shown(Key, Value, Config);
        none -> ""
    end.

find([Key | Rest], Map) ->
    case Map of
        #{Key := Value} when Rest =:= [] -> {ok, Value};
        #{Key := Value} -> find(Rest, Value);
        _ -> none
    end;
find(Key, Map) -> find([Key], Map).

shown(time, Time, Config) when is_integer(Time) -> iso_time(Time, Config);
shown(mfa, {M, F, A}, Config) when is_integer(A) -> [written(M, Config), $:, written(F, Config), $/, integer_to_list(A)];
shown(mfa, {M, F, Args}, Config) when is_list(Args) -> shown(mfa, {M, F, length(Args)}, Config);
shown(_, Value, Config) -> written(Value, Config).

written(Value, _) when is_atom(Value) -> atom_to_list(Value);
written(Value, _) when is_integer(Value) -> integer_to_list(Value);
written(Value, _) when is_pid(Value) -> pid_to_list(Value);
written(Value, _) when is_reference(Value) -> ref_to_list(Value);
written(Value, #{single_line := Single} = Config) ->
    case is_list(Value) andalso io_lib:printable_unicode_list(Value) of
        true when Single -> io_lib:format("~ts", [Value]);
        true -> Value;
        false when Single -> limited({"~0tp", [Value]}, Config);
        false -> limited({"~tp", [Value]}, Config)
    end.

iso_time(Time, #{time_offset := Offset, time_designator := Designator}) ->
    calendar:system_time_to_rfc3339(Time, [{unit, microsecond}, {offset, Offset}, {time_designator, Designator}]).

%%% ---- the message ----------------------------------------------------------------------------------------

message(Msg, Meta, #{single_line := true} = Config) ->
    on_one_line(string:trim(unicode:characters_to_list(text(Msg, Meta, Config))));
message(Msg, Meta, Config) -> text(Msg, Meta, Config).

text({string, Text}, _, Config) -> cut(safe(Text), maps:get(chars_limit, Config));
text({report, Report}, Meta, Config) ->
    case report_callback(Meta, Config) of
        Fun when is_function(Fun, 2) ->
            try Fun(Report, maps:with([chars_limit, depth, single_line], Config)) of
                Text ->
                    case is_list(Text) orelse is_binary(Text) of
                        true -> safe(Text);
                        false -> text({"REPORT_CB/2 ERROR: ~tp; Returned: ~tp", [Report, Text]}, Meta, Config)
                    end
            catch
                Class:Reason:Stack ->
                    text({"REPORT_CB/2 CRASH: ~tp; Reason: ~tp", [Report, {Class, Reason, Stack}]}, Meta, Config)
            end;
        Fun ->
            try Fun(Report) of
                {Format, Args} when is_list(Format), is_list(Args) -> text({Format, Args}, Meta, Config);
                Other -> text({"REPORT_CB/1 ERROR: ~tp; Returned: ~tp", [Report, Other]}, Meta, Config)
            catch
                Class:Reason:Stack ->
                    text({"REPORT_CB/1 CRASH: ~tp; Reason: ~tp", [Report, {Class, Reason, Stack}]}, Meta, Config)
            end
    end;
text({Format, Args}, _, Config) ->
    try limited({Format, Args}, Config)
    catch
        _:_ -> limited({"FORMAT ERROR: ~tp - ~tp", [Format, Args]}, Config)
    end.

report_callback(_, #{report_cb := Fun}) -> Fun;
report_callback(#{report_cb := Fun}, _) when is_function(Fun, 1); is_function(Fun, 2) -> Fun;
report_callback(_, _) -> fun logger:format_report/1.

safe(Text) ->
    case unicode:characters_to_list(Text) of
        Chars when is_list(Chars) -> Chars;
        _ -> io_lib:format("INVALID STRING: ~tp", [Text])
    end.

%% The depth replaces the pretty printing of everything; in one line terms are not broken.
limited({Format, Args}, #{depth := Depth, single_line := Single, chars_limit := Chars}) ->
    Limit = [{chars_limit, Chars} || is_integer(Chars)],
    case Depth =:= unlimited andalso not Single of
        true -> io_lib:format(Format, Args, Limit);
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

%% A line break and the indentation behind it become ", ", or nothing more than a space behind a comma.
on_one_line([$\n | Rest]) -> [$,, $\s | on_one_line(skip_space(Rest))];
on_one_line([$\r, $\n | Rest]) -> [$,, $\s | on_one_line(skip_space(Rest))];
on_one_line([$,, $\n | Rest]) -> [$,, $\s | on_one_line(skip_space(Rest))];
on_one_line([$,, $\r, $\n | Rest]) -> [$,, $\s | on_one_line(skip_space(Rest))];
on_one_line([C | Rest]) -> [C | on_one_line(Rest)];
on_one_line([]) -> [].

skip_space([C | Rest]) when C =:= $\s; C =:= $\t; C =:= $\n; C =:= $\r -> skip_space(Rest);
skip_space(Text) -> Text.

cut(Text, unlimited) -> Text;
cut(Text, Size) ->
    case string:length(Text) > Size of
        false -> Text;
        true when Size > 3 -> [string:slice(Text, 0, Size - 3), "..."];
        true -> string:slice("...", 0, Size)
    end.

%%% ---- the header of old ---------------------------------------------------------------------------------------

headed(Level, Meta, #{legacy_header := true}) ->
    Own = maps:get(logger_formatter, Meta, #{}),
    Title = case Own of
                #{title := T} -> T;
                #{} -> string:uppercase(atom_to_list(named_level(Level, Meta))) ++ " REPORT"
            end,
    Header = ["=", Title, "==== ", date_text(maps:get(time, Meta, 0)), " ==="],
    Meta#{logger_formatter => Own#{header => lists:flatten(Header)}};
headed(_, Meta, _) -> Meta.

named_level(notice, #{error_logger := #{tag := Tag}}) when Tag =:= info_report; Tag =:= info_msg -> info;
named_level(Level, _) -> Level.

date_text(Time) ->
    Universal = erlang:posixtime_to_universaltime(Time div 1000000),
    {{Year, Month, Day}, {Hour, Minute, Second}} = erlang:universaltime_to_localtime(Universal),
    io_lib:format("~w-~s-~4..0w::~2..0w:~2..0w:~2..0w.~6..0w",
                  [Day, month(Month), Year, Hour, Minute, Second, Time rem 1000000]).

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
is_valid(time_offset, Value) -> is_integer(Value) orelse is_list(Value);
is_valid(time_designator, Value) -> is_integer(Value) andalso Value >= 0 andalso Value =< 255;
is_valid(_, _) -> false.

is_template_part({Key, Found, Missing}) ->
    is_key(Key) andalso is_valid(template, Found) andalso is_valid(template, Missing);
is_template_part(Part) ->
    is_key(Part) orelse is_binary(Part) orelse is_list(Part) andalso io_lib:printable_unicode_list(Part)
        orelse is_integer(Part).

is_key(Key) when is_atom(Key) -> true;
is_key([_ | _] = Keys) -> lists:all(fun is_atom/1, Keys);
is_key(_) -> false.
