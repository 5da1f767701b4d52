-module(msacc).
-moduledoc """
What the threads of the runtime system spend their time on, from `erlang:statistics(microstate_accounting)`.

`start/1` accounts for a while, `print/0` shows the result. gerl's threads are its schedulers; a state that nothing spends time in
is not counted.
""".

-export([available/0, start/0, start/1, stop/0, reset/0]).
-export([to_file/1, from_file/1, stats/0, stats/2, print/0, print/1, print/2, print/3]).

-export_type([msacc_data/0, msacc_stats/0, msacc_print_options/0]).

-type thread() :: #{'$type' := msacc_data | msacc_stats, type := atom(), id := non_neg_integer(), counters := #{atom() => number()}}.
-type msacc_data() :: [thread()].
-type msacc_stats() :: [thread()].
-type msacc_print_options() :: #{system => boolean()}.
-type analysis() :: system_realtime | system_runtime | realtime | runtime | type.

-doc "Whether the runtime system can account at all.".
-spec available() -> boolean().
available() ->
    try
        [_ | _] = erlang:statistics(microstate_accounting),
        true
    catch
        error:_ -> false
    end.

-doc "Begins to account; true if that was going on already.".
-spec start() -> boolean().
start() -> erlang:system_flag(microstate_accounting, true).

-doc "Accounts from zero for a number of milliseconds.".
-spec start(timeout()) -> true.
start(Time) ->
    stop(),
    reset(),
    start(),
    receive after Time -> ok end,
    stop().

-doc "Ends accounting.".
-spec stop() -> boolean().
stop() -> erlang:system_flag(microstate_accounting, false).

-doc "Sets all counters to zero.".
-spec reset() -> boolean().
reset() -> erlang:system_flag(microstate_accounting, reset).

%%% ---- data ------------------------------------------------------------------------------------------------

-doc "The counters of all threads, ordered by type and number, in microseconds.".
-spec stats() -> msacc_data().
stats() ->
    Microseconds = fun(_, Time) -> erlang:convert_time_unit(Time, perf_counter, microsecond) end,
    lists:sort(fun before/2, [T#{'$type' => msacc_data, counters := maps:map(Microseconds, C)}
                              || #{counters := C} = T <- erlang:statistics(microstate_accounting)]).

before(#{type := T1, id := I1}, #{type := T2, id := I2}) -> {T1, I1} =< {T2, I2}.

-doc "Writes the counters to a file, which `from_file/1` reads.".
-spec to_file(file:name_all()) -> ok | {error, file:posix()}.
to_file(Name) -> file:write_file(Name, io_lib:format("~0p.~n", [stats()])).

-doc "Reads what `to_file/1` has written.".
-spec from_file(file:name_all()) -> msacc_data().
from_file(Name) ->
    {ok, [Stats]} = file:consult(Name),
    Stats.

-doc """
Sums and shares of counters: the time that all threads were there (`system_realtime`) or did something (`system_runtime`); the share of
each state in its thread's time (`realtime`), or without sleep (`runtime`), in percent; or one line for all threads of a type (`type`).
""".
-spec stats(analysis(), msacc_data()) -> non_neg_integer() | msacc_stats().
stats(system_realtime, Stats) -> lists:sum([all(T) || T <- Stats]);
stats(system_runtime, Stats) -> lists:sum([awake(T) || T <- Stats]);
stats(realtime, Stats) -> shares(Stats, fun all/1, []);
stats(runtime, Stats) -> shares(Stats, fun awake/1, [sleep]);
stats(type, Stats) -> merged(Stats).

all(#{counters := C}) -> lists:sum(maps:values(C)).

awake(#{counters := C}) -> lists:sum(maps:values(maps:without([sleep], C))).

shares([#{'$type' := msacc_stats} | _] = Stats, _, Leave) ->
    [T#{counters := maps:without(Leave, C)} || #{counters := C} = T <- Stats];
shares(Stats, Whole, Leave) ->
    System = lists:sum([Whole(T) || T <- Stats]),
    [T#{'$type' := msacc_stats, system => percent(Whole(T), System),
        counters := maps:map(fun(_, N) -> percent(N, Whole(T)) end, maps:without(Leave, C))}
     || #{counters := C} = T <- Stats].

percent(_, Whole) when Whole == 0 -> 0.0;
percent(Part, Whole) -> 100 * Part / Whole.

%% The counters of a type's threads are added; their shares are the mean.
merged(Stats) ->
    [merge([T || #{type := Other} = T <- Stats, Other =:= Type]) || Type <- lists:usort([Type || #{type := Type} <- Stats])].

merge([#{'$type' := Kind, counters := C} = First | _] = Threads) ->
    Sum = fun(State) -> lists:sum([maps:get(State, Counters) || #{counters := Counters} <- Threads]) end,
    Value = case Kind of
                msacc_data -> Sum;
                msacc_stats -> fun(State) -> Sum(State) / length(Threads) end
            end,
    First#{id := 0, counters := maps:from_list([{State, Value(State)} || State <- maps:keys(C)])}.

%%% ---- tables ----------------------------------------------------------------------------------------------

-doc "Prints the counters as they are now.".
-spec print() -> ok.
print() -> print(stats()).

-doc "Prints counters.".
-spec print(msacc_data() | msacc_stats()) -> ok.
print(Stats) -> print(Stats, #{}).

-doc "Prints counters; with `system`, also each number's share of the time of all threads.".
-spec print(msacc_data() | msacc_stats(), msacc_print_options()) -> ok.
print(Stats, Options) -> print(standard_io, Stats, Options).

-doc "Prints to a device, or to a file of a name.".
-spec print(io:device() | file:name_all(), msacc_data() | msacc_stats(), msacc_print_options()) -> ok.
print(Where, Stats, Options) when is_list(Where); is_binary(Where) ->
    {ok, Device} = file:open(Where, [write, {encoding, utf8}]),
    try print(Device, Stats, Options)
    after file:close(Device)
    end;
print(Device, [], _) -> io:format(Device, "No data~n", []);
print(Device, [#{'$type' := Kind, counters := C} | _] = Stats, Options) ->
    [summary(Device, Stats) || Kind =:= msacc_data],
    States = in_order(maps:keys(C)),
    System = maps:get(system, Options, false) andalso Kind =:= msacc_data,
    Width = case System of true -> 15; false -> 9 end,
    Line = fun(Label, Cells) -> io:format(Device, "~ts~ts~n", [Label, Cells]) end,
    io:nl(Device),
    Line(right("Thread", 14), [heading(S, Width, System) || S <- States]),
    Whole = lists:sum([all(T) || T <- Stats]),
    Row = fun(T, Label) -> Line(Label, [cell(State, T, Whole, System) || State <- States]) end,
    io:format(Device, "~nStats per thread:~n", []),
    [Row(T, [right(short(Type, 10), 10), $(, right(integer_to_list(Id), 2), $)]) || #{type := Type, id := Id} = T <- Stats],
    io:format(Device, "~nStats per type:~n", []),
    [Row(T, right(short(Type, 14), 14)) || #{type := Type} = T <- merged(Stats)],
    ok.

summary(Device, Stats) ->
    Schedulers = [awake(T) || #{type := scheduler} = T <- Stats],
    [io:format(Device, "~-28s: ~6b us~n", [Name, Value])
     || {Name, Value} <- [{"Average thread real-time", stats(system_realtime, Stats) div length(Stats)},
                          {"Accumulated system run-time", stats(system_runtime, Stats)},
                          {"Average scheduler run-time", lists:sum(Schedulers) div max(1, length(Schedulers))}]].

%% The usual states first, sleep last.
in_order(States) ->
    Usual = [emulator, port, aux, check_io, gc, other],
    [S || S <- Usual, lists:member(S, States)] ++ lists:sort(States -- [sleep | Usual]) ++ [S || S <- [sleep], lists:member(S, States)].

heading(State, Width, false) -> right(atom_to_list(State), Width);
heading(State, Width, true) -> right(string:pad(atom_to_list(State), 8, trailing), Width).

cell(State, #{'$type' := msacc_stats, counters := C}, _, _) -> number(maps:get(State, C));
cell(State, #{counters := C} = T, Whole, System) ->
    #{State := Time} = C,
    case System of
        false -> number(percent(Time, all(T)));
        true -> right(io_lib:format("~.2f%(~5.1f%)", [percent(Time, all(T)), percent(Time, Whole)]), 15)
    end.

number(Percent) -> io_lib:format("~8.2f%", [float(Percent)]).

short(Type, Length) -> lists:sublist(atom_to_list(Type), Length).

right(Text, Width) -> string:pad(Text, Width, leading).
