-module(eprof).
-moduledoc """
Measures the time that processes spend in functions. Times are those of calls alone, without what the called functions call.

A server keeps what was measured: `start/0` starts it, `profile` or `start_profiling` and `stop_profiling` measure, `analyze` prints a table.
""".

-behaviour(gen_server).

-export([start/0, stop/0, profile/1, profile/2, profile/3, profile/4, profile/5, profile/6, start_profiling/1, start_profiling/2,
         start_profiling/3, stop_profiling/0, analyze/0, analyze/1, analyze/2, log/1, dump/0]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).

-type pattern() :: {module() | '_', atom(), arity() | '_'}.
-type roots() :: [atom() | pid()].
-type option() :: set_on_spawn | {set_on_spawn, boolean()}.
-type analysis() :: procs | total.
-type analysis_option() :: {filter, [{calls, non_neg_integer()} | {time, number()}]} | {sort, time | calls | mfa}.

-record(state, {
          running = none :: none | {client(), pid(), reference()} | manual, % what is measured now
          pattern :: undefined | pattern(),
          roots = [] :: [pid()],
          data = [] :: [{mfa(), [measure()]}],
          log = none :: none | file:io_device()
         }).

-type client() :: gen_server:from().
-type measure() :: {pid(), Calls :: non_neg_integer(), Microseconds :: non_neg_integer()}.

%%% ---- the interface -----------------------------------------------------------------------------

-doc "Starts the server.".
-spec start() -> {ok, pid()} | {error, term()}.
start() -> gen_server:start({local, ?MODULE}, ?MODULE, [], []).

-doc "Stops the server.".
-spec stop() -> stopped.
stop() -> ask(stop).

-doc "Measures a call of a fun in a process of its own, or the given processes while nothing else is done.".
-spec profile(fun(() -> Value) | roots()) -> {ok, Value} | profiling | {error, term()}.
profile(Fun) when is_function(Fun, 0) -> profile([], Fun);
profile(Roots) when is_list(Roots) -> start_profiling(Roots).

-doc "Measures a call of a fun, with options or together with other processes.".
-spec profile(fun(() -> Value) | roots(), [option()] | fun(() -> Value)) -> {ok, Value} | {error, term()}.
profile(Fun, Options) when is_function(Fun, 0) -> profile([], Fun, {'_', '_', '_'}, Options);
profile(Roots, Fun) -> profile(Roots, Fun, {'_', '_', '_'}).

-doc "The same, for functions that match a pattern.".
-spec profile(roots(), fun(() -> Value), pattern()) -> {ok, Value} | {error, term()}.
profile(Roots, Fun, Pattern) -> profile(Roots, Fun, Pattern, [{set_on_spawn, true}]).

-doc "Measures a call of a function, or of a fun with all that can be said.".
-spec profile(roots(), module() | fun(() -> term()), atom() | pattern(), [term()] | [option()]) -> {ok, term()} | {error, term()}.
profile(Roots, Fun, Pattern, Options) when is_function(Fun, 0) -> started_ask({profile, Roots, Pattern, Options, {erlang, apply, [Fun, []]}});
profile(Roots, M, F, Args) -> profile(Roots, M, F, Args, {'_', '_', '_'}).

-doc "Measures a call of a function; only functions that match a pattern are measured.".
-spec profile(roots(), module(), atom(), [term()], pattern()) -> {ok, term()} | {error, term()}.
profile(Roots, M, F, Args, Pattern) -> profile(Roots, M, F, Args, Pattern, [{set_on_spawn, true}]).

-doc "The same, with options.".
-spec profile(roots(), module(), atom(), [term()], pattern(), [option()]) -> {ok, term()} | {error, term()}.
profile(Roots, M, F, Args, Pattern, Options) -> started_ask({profile, Roots, Pattern, Options, {M, F, Args}}).

-doc "Begins to measure processes.".
-spec start_profiling(roots()) -> profiling | {error, term()}.
start_profiling(Roots) -> start_profiling(Roots, {'_', '_', '_'}).

-doc "Begins to measure calls of functions that match a pattern.".
-spec start_profiling(roots(), pattern()) -> profiling | {error, term()}.
start_profiling(Roots, Pattern) -> start_profiling(Roots, Pattern, [{set_on_spawn, true}]).

-doc "The same, with options: without `set_on_spawn`, processes that the measured ones make are not measured.".
-spec start_profiling(roots(), pattern(), [option()]) -> profiling | {error, term()}.
start_profiling(Roots, Pattern, Options) -> started_ask({begin_roots, Roots, Pattern, Options}).

-doc "Ends what `start_profiling` has begun.".
-spec stop_profiling() -> profiling_stopped | profiling_already_stopped.
stop_profiling() -> ask(end_roots).

-doc "Prints a table for each process.".
-spec analyze() -> ok | nothing_to_analyze.
analyze() -> analyze(procs).

-doc "Prints a table for each process, or one for all.".
-spec analyze(analysis()) -> ok | nothing_to_analyze;
             ([analysis_option()]) -> ok | nothing_to_analyze.
analyze(Kind) when is_atom(Kind) -> analyze(Kind, []);
analyze(Options) when is_list(Options) -> analyze(procs, Options).

-doc "The same, for functions with so many calls or so much time at least, in an order.".
-spec analyze(analysis(), [analysis_option()]) -> ok | nothing_to_analyze.
analyze(Kind, Options) when is_list(Options) ->
    case ask(data) of
        {[], _} -> nothing_to_analyze;
        {Data, Log} ->
            Text = report(Kind, Data, proplists:get_value(sort, Options, time), proplists:get_value(filter, Options, [])),
            io:put_chars(Text),
            Log =:= none orelse io:put_chars(Log, Text),
            ok
    end.

-doc "Lets tables be written to a file, too.".
-spec log(file:name() | atom()) -> ok | {error, term()}.
log(File) -> ask({log, File}).

-doc "What was measured, by process: `[{Pid, [{Function, {Calls, Microseconds}}]}]`.".
-spec dump() -> [{pid(), [{mfa(), {non_neg_integer(), non_neg_integer()}}]}].
dump() ->
    maps:to_list(maps:groups_from_list(fun({Pid, _}) -> Pid end, fun({_, Row}) -> Row end,
                                       [{Pid, {F, {N, T}}} || {F, Ms} <- element(1, ask(data)), {Pid, N, T} <- Ms])).

started_ask(What) ->
    _ = start(),
    ask(What).

ask(What) -> gen_server:call(?MODULE, What, infinity).

%%% ---- the server --------------------------------------------------------------------------------

-doc false.
init([]) ->
    process_flag(trap_exit, true),
    {ok, #state{}}.

-doc false.
handle_call({profile, _, _, _, _}, _, #state{running = Running} = S) when Running =/= none -> {reply, {error, already_profiling}, S};
handle_call({profile, Roots, Pattern, Options, {M, F, Args}}, From, S0) ->
    {Runner, Monitor} = spawn_monitor(fun() -> runner(M, F, Args) end),
    case begin_trace([Runner | Roots], Pattern, Options, S0) of
        {ok, S} ->
            Runner ! {run, self()},
            {noreply, S#state{running = {From, Runner, Monitor}}};
        {error, _} = Error ->
            erlang:demonitor(Monitor, [flush]),
            exit(Runner, kill),
            {reply, Error, S0}
    end;
handle_call({begin_roots, _, _, _}, _, #state{running = Running} = S) when Running =/= none -> {reply, {error, already_profiling}, S};
handle_call({begin_roots, Roots, Pattern, Options}, _, S0) ->
    case begin_trace(Roots, Pattern, Options, S0) of
        {ok, S} -> {reply, profiling, S#state{running = manual}};
        {error, _} = Error -> {reply, Error, S0}
    end;
handle_call(end_roots, _, #state{running = manual} = S) -> {reply, profiling_stopped, end_trace(S)};
handle_call(end_roots, _, S) -> {reply, profiling_already_stopped, S};
handle_call(data, _, #state{data = Data, log = Log} = S) -> {reply, {Data, Log}, S};
handle_call({log, File}, _, #state{log = Old} = S) ->
    Name = case is_atom(File) of true -> atom_to_list(File); false -> File end,
    case file:open(Name, [write, {encoding, utf8}]) of
        {ok, Device} ->
            Old =:= none orelse file:close(Old),
            {reply, ok, S#state{log = Device}};
        {error, _} = Error -> {reply, Error, S}
    end;
handle_call(stop, _, S) -> {stop, normal, stopped, S}.

-doc false.
handle_cast(_, S) -> {noreply, S}.

-doc false.
handle_info({Runner, {value, Value}}, #state{running = {From, Runner, Monitor}} = S0) ->
    S = end_trace(S0),
    erlang:demonitor(Monitor, [flush]),
    Runner ! done,
    gen_server:reply(From, {ok, Value}),
    {noreply, S};
handle_info({'DOWN', Monitor, process, _, Reason}, #state{running = {From, _, Monitor}} = S0) ->
    S = end_trace(S0),
    gen_server:reply(From, {error, Reason}),
    {noreply, S#state{data = []}};
handle_info(_, S) -> {noreply, S}.

-doc false.
terminate(_, #state{running = none}) -> ok;
terminate(_, S) ->
    _ = end_trace(S),
    ok.

%% The process whose call is measured lives until the times have been read.
runner(M, F, Args) ->
    receive {run, Server} -> ok end,
    Value = apply(M, F, Args),
    Server ! {self(), {value, Value}},
    receive done -> ok end.

begin_trace(Roots, Pattern, Options, S) ->
    Pids = [P || R <- Roots, P <- [pid_of(R)]],
    Flags = [call | case proplists:get_value(set_on_spawn, Options, true) of true -> [set_on_spawn]; false -> [] end],
    _ = erlang:trace_pattern({'_', '_', '_'}, false, [call_time]),
    try
        _ = erlang:trace_pattern(Pattern, true, [call_time]),
        _ = erlang:trace_pattern(on_load, matches_all(Pattern), [call_time]),
        _ = [erlang:trace(P, true, Flags) || P <- Pids],
        {ok, S#state{pattern = Pattern, roots = Pids, data = []}}
    catch
        error:badarg ->
            _ = [catch_off(P) || P <- Pids],
            _ = erlang:trace_pattern({'_', '_', '_'}, false, [call_time]),
            {error, {badarg, Roots}}
    end.

matches_all(Pattern) -> Pattern =:= {'_', '_', '_'}.

pid_of(P) when is_pid(P) -> P;
pid_of(Name) when is_atom(Name) -> whereis(Name).

catch_off(P) ->
    try erlang:trace(P, false, [all])
    catch error:badarg -> 0
    end.

end_trace(#state{pattern = Pattern} = S) ->
    _ = erlang:trace_pattern(on_load, false, [call_time]),
    _ = erlang:trace_pattern(Pattern, pause, [call_time]),
    _ = erlang:trace(all, false, [call, set_on_spawn]),
    Data = [{F, [{P, N, Sec * 1000000 + Us} || {P, N, Sec, Us} <- Times]} ||
               F <- functions(Pattern), {call_time, [_ | _] = Times} <- [erlang:trace_info(F, call_time)]],
    _ = erlang:trace_pattern({'_', '_', '_'}, false, [call_time]),
    S#state{running = none, roots = [], data = Data}.

%% The functions that a pattern may stand for.
functions({Module, _, _} = Pattern) ->
    Modules = case Module of '_' -> lists:usort([M || {M, _} <- code:all_loaded()] ++ erlang:pre_loaded()); _ -> [Module] end,
    [{M, N, A} || M <- Modules, {N, A} <- M:module_info(functions), fits({M, N, A}, Pattern)].

fits({_, N, A}, {_, Name, Arity}) -> (Name =:= '_' orelse Name =:= N) andalso (Arity =:= '_' orelse Arity =:= A).

%%% ---- tables ------------------------------------------------------------------------------------

report(total, Data, Sort, Filter) ->
    table([{F, lists:sum([N || {_, N, _} <- Ms]), lists:sum([T || {_, _, T} <- Ms])} || {F, Ms} <- Data], Sort, Filter);
report(procs, Data, Sort, Filter) ->
    ByPid = maps:groups_from_list(fun({Pid, _}) -> Pid end, fun({_, Row}) -> Row end,
                                  [{Pid, {F, N, T}} || {F, Ms} <- Data, {Pid, N, T} <- Ms]),
    Total = lists:sum([time_of(Rows) || Rows <- maps:values(ByPid)]),
    Shares = lists:sort([{time_of(Rows), Pid} || Pid := Rows <- ByPid]),
    [[io_lib:format("~n****** Process ~w    -- ~s % of profiled time *** ~n", [Pid, fixed(share(Time, Total))]),
      table(maps:get(Pid, ByPid), Sort, Filter)] || {Time, Pid} <- Shares].

time_of(Rows) -> lists:sum([T || {_, _, T} <- Rows]).

share(_, 0) -> 100.0;
share(Part, Whole) -> Part * 100 / Whole.

fixed(X) -> io_lib:format("~.2f", [float(X)]).

table(Rows, Sort, Filter) ->
    Time = time_of(Rows),
    Calls = lists:sum([N || {_, N, _} <- Rows]),
    Least = proplists:get_value(calls, Filter, 0),
    Quickest = proplists:get_value(time, Filter, 0),
    Shown = [{lists:flatten(io_lib:format("~tw:~tw/~w", [M, F, A])), N, T, case Time of 0 -> 0.0; _ -> T * 100 / Time end} ||
                {{M, F, A}, N, T} <- sorted(Sort, lists:sort(Rows)), N >= Least, T >= Quickest],
    Widths = [lists:max([W | Lengths]) ||
                 {W, Lengths} <- [{8, [string:length(Name) || {Name, _, _, _} <- Shown]}, {5, [digits(Calls) | [digits(N) || {_, N, _, _} <- Shown]]},
                                  {7, []}, {4, [digits(Time)]}]],
    [line(Widths, "FUNCTION", "CALLS", "%", "TIME", "[uS / CALLS]"),
     line(Widths, "--------", "-----", "-------", "----", "[----------]"),
     [line(Widths, Name, integer_to_list(N), fixed(Percent), integer_to_list(T), each(T, N)) || {Name, N, T, Percent} <- Shown],
     line(Widths, lists:duplicate(hd(Widths), $-), "-----", "-------", "----", "[----------]"),
     line(Widths, "Total:", integer_to_list(Calls), "100.00%", integer_to_list(Time), each(Time, Calls))].

digits(N) -> length(integer_to_list(N)).

each(_, 0) -> each(0, 1);
each(Time, Calls) -> io_lib:format("[~10s]", [fixed(Time / Calls)]).

line([W, C, P, T], Name, Calls, Percent, Time, Each) ->
    io_lib:format("~ts  ~ts  ~ts  ~ts  ~ts~n", [string:pad(Name, W), string:pad(Calls, C, leading), string:pad(Percent, P, leading),
                                            string:pad(Time, T, leading), Each]).

sorted(time, Rows) -> lists:keysort(3, Rows);
sorted(calls, Rows) -> lists:keysort(2, Rows);
sorted(mfa, Rows) -> Rows.
