-module(calendar).
-moduledoc """
Dates and times of the Gregorian calendar, extended backwards to year 0 and below it.

Days are counted from {0, 1, 1}, which is day 0; seconds likewise. The arithmetic moves the start of the
year to March, so that the leap day comes last and the lengths of the months before it repeat
(31, 30, 31, 30, 31) every five months.
""".

%% Dates
-export([date_to_gregorian_days/1, date_to_gregorian_days/3, day_of_the_week/1, day_of_the_week/3,
         gregorian_days_to_date/1, is_leap_year/1, iso_week_number/0, iso_week_number/1,
         last_day_of_the_month/2, valid_date/1, valid_date/3]).
%% Times of day, and dates with them
-export([datetime_to_gregorian_seconds/1, gregorian_seconds_to_datetime/1, seconds_to_daystime/1,
         seconds_to_time/1, time_difference/2, time_to_seconds/1]).
%% Clocks and time zones
-export([local_time/0, local_time_to_system_time/1, local_time_to_system_time/2,
         local_time_to_universal_time/1, local_time_to_universal_time/2,
         local_time_to_universal_time_dst/1, now_to_datetime/1, now_to_local_time/1,
         now_to_universal_time/1, system_time_to_local_time/2, system_time_to_universal_time/2,
         universal_time/0, universal_time_to_local_time/1, universal_time_to_system_time/1,
         universal_time_to_system_time/2]).
%% Text
-export([rfc3339_to_system_time/1, rfc3339_to_system_time/2, system_time_to_rfc3339/1,
         system_time_to_rfc3339/2]).

-deprecated([{local_time_to_universal_time, 1, "use calendar:local_time_to_universal_time_dst/1 instead"}]).

-export_type([date/0, time/0, datetime/0, datetime1970/0]).

-type year() :: integer().
-type year1970() :: 1970..10000.
-type month() :: 1..12.
-type day() :: 1..31.
-type hour() :: 0..23.
-type minute() :: 0..59.
-type second() :: 0..59.
-type daynum() :: 1..7.
-type ldom() :: 28 | 29 | 30 | 31.
-type weeknum() :: 1..53.
-type date() :: {year(), month(), day()}.
-type time() :: {hour(), minute(), second()}.
-type datetime() :: {date(), time()}.
-type datetime1970() :: {{year1970(), month(), day()}, time()}.
-type yearweeknum() :: {year(), weeknum()}.
-type rfc3339_string() :: [byte(), ...] | binary().
-type rfc3339_time_unit() :: microsecond | millisecond | nanosecond | second | native.

-define(DAY, 86400).
-define(EPOCH, 62167219200). % seconds from year 0 to 1970
-define(FIRST_SECOND, -377705116800). % of year -9999, from 1970
-define(LAST_SECOND, 253402300800).

%%% ---- dates -------------------------------------------------------------------------------------

-doc "The number of days from year 0 to a date.".
-spec date_to_gregorian_days(date()) -> integer().
date_to_gregorian_days({Y, M, D}) -> date_to_gregorian_days(Y, M, D).

-doc "The number of days from year 0 to a date.".
-spec date_to_gregorian_days(year(), month(), day()) -> integer().
date_to_gregorian_days(Y, M, D) when is_integer(D), D > 0, M > 2 -> from_march(Y, M - 3) + D;
date_to_gregorian_days(Y, M, D) when is_integer(D), D > 0 -> from_march(Y - 1, M + 9) + D.

%% The days before the first of the month that is M months after March of year Y.
from_march(Y, M) ->
    Leap = floor_div(Y, 4) - floor_div(Y, 100) + floor_div(Y, 400),
    365 * Y + Leap + (153 * M + 2) div 5 + 59.

-doc "The date of a number of days since year 0.".
-spec gregorian_days_to_date(integer()) -> date().
gregorian_days_to_date(Days) ->
    N = Days - 60,
    Century = floor_div(4 * N + 3, 146097),
    InCentury = N - floor_div(146097 * Century, 4),
    Y = (4 * InCentury + 3) div 1461,
    InYear = InCentury - 1461 * Y div 4,
    M = (5 * InYear + 2) div 153,
    D = InYear - (153 * M + 2) div 5 + 1,
    case M < 10 of
        true -> {100 * Century + Y, M + 3, D};
        false -> {100 * Century + Y + 1, M - 9, D}
    end.

-doc "The day of the week of a date; Monday is 1.".
-spec day_of_the_week(date()) -> daynum().
day_of_the_week({Y, M, D}) -> day_of_the_week(Y, M, D).

-doc "The day of the week of a date; Monday is 1.".
-spec day_of_the_week(year(), month(), day()) -> daynum().
day_of_the_week(Y, M, D) -> weekday(date_to_gregorian_days(Y, M, D)).

weekday(Days) -> floor_rem(Days + 5, 7) + 1.

-doc "Whether the year has 366 days.".
-spec is_leap_year(year()) -> boolean().
is_leap_year(Y) when is_integer(Y) ->
    Y rem 4 =:= 0 andalso (Y rem 100 =/= 0 orelse Y rem 400 =:= 0).

-doc "Today's week as ISO 8601 counts them.".
-spec iso_week_number() -> yearweeknum().
iso_week_number() ->
    {Today, _} = local_time(),
    iso_week_number(Today).

-doc "The week of a date as ISO 8601 counts them: week 1 has the year's first Thursday.".
-spec iso_week_number(date()) -> yearweeknum().
iso_week_number({Y, M, D}) ->
    Days = date_to_gregorian_days(Y, M, D),
    case {first_week(Y), first_week(Y + 1)} of
        {_, Next} when Days >= Next -> {Y + 1, 1};
        {This, _} when Days >= This -> {Y, (Days - This) div 7 + 1};
        {This, _} -> {Y - 1, (This - first_week(Y - 1)) div 7}
    end.

%% The Monday with which a year's first week begins: that of 4 January.
first_week(Y) ->
    Fourth = date_to_gregorian_days(Y, 1, 4),
    Fourth - weekday(Fourth) + 1.

-doc "The number of days of a month.".
-spec last_day_of_the_month(year(), month()) -> ldom().
last_day_of_the_month(Y, M) when is_integer(Y) -> last_day_of_the_month1(Y, M).

last_day_of_the_month1(Y, M) when is_integer(M), M > 0, M < 13 ->
    case M of
        2 ->
            case is_leap_year(Y) of
                true -> 29;
                false -> 28
            end;
        _ when M =:= 4; M =:= 6; M =:= 9; M =:= 11 -> 30;
        _ -> 31
    end.

-doc "Whether there is such a date.".
-spec valid_date(date()) -> boolean().
valid_date({Y, M, D}) -> valid_date(Y, M, D).

-doc "Whether there is such a date.".
-spec valid_date(integer(), integer(), integer()) -> boolean().
valid_date(Y, M, D) when is_integer(Y), is_integer(M), is_integer(D) ->
    M > 0 andalso M < 13 andalso D > 0 andalso D =< last_day_of_the_month(Y, M).

%%% ---- times -------------------------------------------------------------------------------------

-doc "The number of seconds from year 0.".
-spec datetime_to_gregorian_seconds(datetime()) -> integer().
datetime_to_gregorian_seconds({Date, Time}) ->
    Days = date_to_gregorian_days(Date),
    Days * ?DAY + time_to_seconds(Time).

-doc "The date and time of a number of seconds since year 0.".
-spec gregorian_seconds_to_datetime(integer()) -> datetime().
gregorian_seconds_to_datetime(Seconds) ->
    {Days, Time} = seconds_to_daystime(Seconds),
    {gregorian_days_to_date(Days), Time}.

-doc "Whole days and the time of day; the time is never negative.".
-spec seconds_to_daystime(integer()) -> {integer(), time()}.
seconds_to_daystime(Seconds) ->
    {floor_div(Seconds, ?DAY), seconds_to_time(floor_rem(Seconds, ?DAY))}.

-doc "The time of day of a number of seconds since midnight.".
-spec seconds_to_time(0..86399) -> time().
seconds_to_time(Seconds) when Seconds >= 0, Seconds < ?DAY ->
    Minutes = Seconds div 60,
    {Minutes div 60, Minutes rem 60, Seconds rem 60}.

-doc "Days and time from the first to the second point in time.".
-spec time_difference(datetime(), datetime()) -> {integer(), time()}.
time_difference({{_, _, _}, {_, _, _}} = From, {{_, _, _}, {_, _, _}} = To) ->
    Until = datetime_to_gregorian_seconds(To),
    seconds_to_daystime(Until - datetime_to_gregorian_seconds(From)).

-doc "The number of seconds since midnight.".
-spec time_to_seconds(time()) -> 0..86399.
time_to_seconds({H, M, S}) when is_integer(H), H >= 0, H < 24, is_integer(M), M >= 0, M < 60,
                                is_integer(S), S >= 0, S < 60 ->
    (H * 60 + M) * 60 + S.

%%% ---- clocks and zones --------------------------------------------------------------------------

-doc "The local date and time.".
-spec local_time() -> datetime().
local_time() -> erlang:localtime().

-doc "The universal date and time.".
-spec universal_time() -> datetime().
universal_time() -> erlang:universaltime().

-doc "System time, in seconds, of a local time.".
-spec local_time_to_system_time(datetime1970()) -> pos_integer().
local_time_to_system_time(Local) -> local_time_to_system_time(Local, []).

-doc "System time of a local time; the option unit says in which unit.".
-spec local_time_to_system_time(datetime1970(), [{unit, erlang:time_unit()}]) -> pos_integer().
local_time_to_system_time(Local, Options) ->
    case local_time_to_universal_time_dst(Local) of
        [Universal] -> universal_time_to_system_time(Universal, Options);
        [] -> error({non_existing_local_time, Local});
        _ -> error({ambiguous_local_time, Local})
    end.

-doc "The universal time of a local time.".
-spec local_time_to_universal_time(datetime1970()) -> datetime1970().
local_time_to_universal_time(Local) -> erlang:localtime_to_universaltime(Local).

-doc "The universal time of a local time, with daylight saving time or without.".
-spec local_time_to_universal_time(datetime1970(), true | false | undefined) -> datetime1970().
local_time_to_universal_time(Local, Dst) -> erlang:localtime_to_universaltime(Local, Dst).

-doc "All universal times that a local time can stand for: none, one or two.".
-spec local_time_to_universal_time_dst(datetime1970()) -> [datetime1970()].
local_time_to_universal_time_dst(Local) ->
    Summer = erlang:localtime_to_universaltime(Local, true),
    Winter = erlang:localtime_to_universaltime(Local, false),
    Candidates = if Summer =:= Winter -> [Summer]; true -> [Summer, Winter] end,
    [U || U <- Candidates, erlang:universaltime_to_localtime(U) =:= Local].

-doc "The universal time of a timestamp.".
-spec now_to_datetime(erlang:timestamp()) -> datetime1970().
now_to_datetime({Mega, Seconds, _}) -> datetime_of(Mega * 1000000 + Seconds).

-doc "The universal time of a timestamp.".
-spec now_to_universal_time(erlang:timestamp()) -> datetime1970().
now_to_universal_time(Timestamp) -> now_to_datetime(Timestamp).

-doc "The local time of a timestamp.".
-spec now_to_local_time(erlang:timestamp()) -> datetime1970().
now_to_local_time({_, _, _} = Timestamp) ->
    erlang:universaltime_to_localtime(now_to_datetime(Timestamp)).

-doc "The local time of a system time.".
-spec system_time_to_local_time(integer(), erlang:time_unit()) -> datetime().
system_time_to_local_time(Time, Unit) ->
    erlang:universaltime_to_localtime(system_time_to_universal_time(Time, Unit)).

-doc "The universal time of a system time.".
-spec system_time_to_universal_time(integer(), erlang:time_unit()) -> datetime().
system_time_to_universal_time(Time, Unit) ->
    datetime_of(erlang:convert_time_unit(Time, Unit, second)).

-doc "The local time of a universal time.".
-spec universal_time_to_local_time(datetime1970()) -> datetime().
universal_time_to_local_time(Universal) -> erlang:universaltime_to_localtime(Universal).

-doc "System time, in seconds, of a universal time.".
-spec universal_time_to_system_time(datetime()) -> integer().
universal_time_to_system_time(Universal) -> universal_time_to_system_time(Universal, []).

-doc "System time of a universal time; the option unit says in which unit.".
-spec universal_time_to_system_time(datetime(), [{unit, erlang:time_unit()}]) -> integer().
universal_time_to_system_time(Universal, Options) ->
    PerSecond = per_second(proplists:get_value(unit, Options, second)),
    epoch_seconds(Universal) * PerSecond.

datetime_of(Epoch) -> gregorian_seconds_to_datetime(Epoch + ?EPOCH).

epoch_seconds(Universal) -> datetime_to_gregorian_seconds(Universal) - ?EPOCH.

%% How far local time is ahead of universal time at a point in time, in seconds.
local_lead(Time, Unit) ->
    Universal = system_time_to_universal_time(Time, Unit),
    Local = erlang:universaltime_to_localtime(Universal),
    epoch_seconds(Local) - epoch_seconds(Universal).

%%% ---- RFC 3339 ----------------------------------------------------------------------------------

-doc "System time, in seconds, of a text as RFC 3339 has them.".
-spec rfc3339_to_system_time(rfc3339_string()) -> integer().
rfc3339_to_system_time(Text) -> rfc3339_to_system_time(Text, []).

-doc "System time of a text as RFC 3339 has them; the option unit says in which unit.".
-spec rfc3339_to_system_time(rfc3339_string(), [{unit, rfc3339_time_unit()}]) -> integer().
rfc3339_to_system_time(Text, Options) when is_binary(Text); is_list(Text) ->
    {{Date, {H, M, S}}, Rest} = fields(Text),
    Unit = proplists:get_value(unit, Options, second),
    {Fraction, Zone} =
        lists:splitwith(fun(C) -> C =:= $. orelse C >= $0 andalso C =< $9 end, Rest),
    Seconds =
        case {H, M, S} of
            {23, 59, 60} -> epoch_seconds({Date, {23, 59, 59}}) + 1; % a leap second
            Time -> epoch_seconds({Date, Time})
        end - zone_lead(Zone),
    check_range(Text, Options, Seconds),
    Whole = erlang:convert_time_unit(Seconds, second, Unit),
    Whole + fraction(Unit, Fraction).

%% The numbers of a text and what follows them; a text of another shape is nobody's clause.
fields(<<"-", Y:4/binary, "-", M:2/binary, "-", D:2/binary, _, H:2/binary, ":", Min:2/binary, ":",
         S:2/binary, Rest/binary>>) ->
    [H1, Min1, S1, Y1, M1, D1] = [binary_to_integer(F) || F <- [H, Min, S, Y, M, D]],
    {{{-Y1, M1, D1}, {H1, Min1, S1}}, binary_to_list(Rest)};
fields(<<Y:4/binary, "-", M:2/binary, "-", D:2/binary, _, H:2/binary, ":", Min:2/binary, ":",
         S:2/binary, Rest/binary>>) ->
    [H1, Min1, S1, Y1, M1, D1] = [binary_to_integer(F) || F <- [H, Min, S, Y, M, D]],
    {{{Y1, M1, D1}, {H1, Min1, S1}}, binary_to_list(Rest)};
fields([$- | [_, _, _, _, $-, _, _, $-, _, _, _, _, _, $:, _, _, $:, _, _ | _] = Text]) ->
    {{{Y, M, D}, Time}, Rest} = fields(Text),
    {{{-Y, M, D}, Time}, Rest};
fields([Y1, Y2, Y3, Y4, $-, M1, M2, $-, D1, D2, _, H1, H2, $:, Min1, Min2, $:, S1, S2 | Rest]) ->
    [H, Min, S, Y, M, D] =
        [list_to_integer(F)
         || F <- [[H1, H2], [Min1, Min2], [S1, S2], [Y1, Y2, Y3, Y4], [M1, M2], [D1, D2]]],
    {{{Y, M, D}, {H, Min, S}}, Rest}.

-doc "A system time in seconds as a text of RFC 3339, in local time.".
-spec system_time_to_rfc3339(integer()) -> rfc3339_string().
system_time_to_rfc3339(Time) -> system_time_to_rfc3339(Time, []).

-doc "A system time as a text of RFC 3339.".
-spec system_time_to_rfc3339(integer(), [Option]) -> rfc3339_string() when
      Option :: {offset, [byte()] | integer()} | {time_designator, byte()} | {unit, rfc3339_time_unit()}
              | {return, string | binary}.
system_time_to_rfc3339(Time, Options) ->
    Offset = proplists:get_value(offset, Options, ""),
    case proplists:get_value(unit, Options, second) of
        native when is_integer(Offset) ->
            rfc3339(native_ms(Time), millisecond, native_ms(Offset), Options);
        native ->
            rfc3339(native_ms(Time), millisecond, Offset, Options);
        Unit ->
            rfc3339(Time, Unit, Offset, Options)
    end.

native_ms(Time) -> erlang:convert_time_unit(Time, native, millisecond).

rfc3339(Time, Unit, Offset, Options) ->
    Designator = proplists:get_value(time_designator, Options, $T),
    Lead = lead(Offset, Time, Unit),
    Zone = zone(Offset, Lead),
    Shifted = Time + erlang:convert_time_unit(Lead, second, Unit),
    PerSecond = per_second(Unit),
    Seconds = floor_div(Shifted, PerSecond),
    check_range(Time, Options, Seconds),
    {{Y, M, D}, {H, Min, S}} = datetime_of(Seconds),
    Parts = [year(Y), $-, digits(2, M), $-, digits(2, D), Designator, digits(2, H), $:,
             digits(2, Min), $:, digits(2, S), decimals(PerSecond, Shifted), Zone],
    case proplists:get_value(return, Options, string) of
        string -> lists:flatten(Parts);
        binary -> iolist_to_binary(Parts)
    end.

lead("", Time, Unit) -> local_lead(Time, Unit);
lead(Zone, _, _) when is_list(Zone) -> zone_lead(Zone);
lead(Offset, _, Unit) when is_integer(Offset) -> erlang:convert_time_unit(Offset, Unit, second).

zone_lead([Z]) when Z =:= $Z; Z =:= $z -> 0;
zone_lead([Sign, H1, H2 | Minutes]) ->
    Hours = list_to_integer([H1, H2]),
    Seconds = 3600 * Hours + 60 * case Minutes of
                                      [] -> 0;
                                      [$:, M1, M2] -> list_to_integer([M1, M2])
                                  end,
    case Sign of
        $+ -> Seconds;
        $- -> -Seconds
    end;
zone_lead(Zone) -> error({badmatch, Zone}).

zone(Offset, Lead) when Offset =:= ""; is_integer(Offset) ->
    Minutes = abs(Lead) div 60,
    [if Lead < 0 -> $-; true -> $+ end, digits(2, Minutes div 60), $:, digits(2, Minutes rem 60)];
zone(Offset, _) ->
    Offset.

check_range(_, _, Seconds) when Seconds >= ?FIRST_SECOND, Seconds < ?LAST_SECOND -> ok;
check_range(Time, Options, _) -> error({badarg, [Time, Options]}).

year(Y) when Y < 0 -> [$- | digits(4, -Y)];
year(Y) -> digits(4, Y).

%% A number with at least N digits.
digits(N, Number) -> string:pad(integer_to_list(Number), N, leading, $0).

decimals(1, _) -> "";
decimals(PerSecond, Time) ->
    Places = length(integer_to_list(PerSecond)) - 1,
    [$. | digits(Places, floor_rem(Time, PerSecond))].

fraction(second, _) -> 0;
fraction(_, "") -> 0;
fraction(Unit, Digits) -> round(per_second(Unit) * list_to_float([$0 | Digits])).

per_second(second) -> 1;
per_second(millisecond) -> 1000;
per_second(microsecond) -> 1000000;
per_second(nanosecond) -> 1000000000;
per_second(native) -> erlang:convert_time_unit(1, second, native).

%%% ---- division ----------------------------------------------------------------------------------

floor_div(A, B) when A < 0 -> (A - B + 1) div B;
floor_div(A, B) -> A div B.

floor_rem(A, B) -> A - floor_div(A, B) * B.
