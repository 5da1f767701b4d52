-module(fprof).
-moduledoc """
Measures where processes spend their time, with all calls: how long a function took with all that it called (ACC) and without that (OWN),
by callers and by called functions.

A profile is taken in three steps. `apply/2` or `trace/1` writes what happens into a file; `profile/0` reads that and adds it up;
`analyse/0` prints the result, as Erlang terms. Traced programs run much slower.
""".

-export([start/0, stop/0, stop/1, apply/2, apply/3, apply/4, trace/1, trace/2, profile/0, profile/1, profile/2, analyse/0, analyse/1, analyse/2]).

-type trace_option() :: start | stop | verbose | {cpu_time, boolean()} | cpu_time | {procs, pid() | [pid() | atom()]} | file | {file, file:filename()} |
                        {tracer, pid()}.
-type profile_option() :: file | {file, file:filename()} | dump | {dump, [] | file:filename() | io:device()} | append | start | stop.
-type analyse_option() :: dest | {dest, [] | file:filename() | io:device()} | append | {cols, pos_integer()} | callers | no_callers | {callers, boolean()} |
                          {sort, acc | own} | totals | {totals, boolean()} | details | no_details | {details, boolean()}.

-define(TRACE_FILE, "fprof.trace").

%%% ---- the server --------------------------------------------------------------------------------

-doc "Starts the server; the other functions do that when it is not there.".
-spec start() -> {ok, pid()} | {error, {already_started, pid()}}.
start() ->
    Self = self(),
    {Pid, Ref} = spawn_monitor(fun() ->
                                       try register(fprof_server, self()) of
                                           true ->
                                               Self ! {self(), started},
                                               serve(#{})
                                       catch error:badarg -> exit({already_started, whereis(fprof_server)})
                                       end
                               end),
    receive
        {Pid, started} ->
            erlang:demonitor(Ref, [flush]),
            {ok, Pid};
        {'DOWN', Ref, process, Pid, Reason} -> {error, Reason}
    end.

-doc "Stops the server.".
-spec stop() -> ok.
stop() -> stop(normal).

-doc "Stops the server with a reason; `kill` does not wait.".
-spec stop(term()) -> ok.
stop(Reason) ->
    case whereis(fprof_server) of
        undefined -> ok;
        Pid ->
            Ref = monitor(process, Pid),
            case Reason of
                kill -> exit(Pid, kill);
                _ -> Pid ! {stop, Reason}
            end,
            receive {'DOWN', Ref, process, Pid, _} -> ok end
    end.

ask(Question) ->
    _ = whereis(fprof_server) =/= undefined orelse start(),
    Ref = monitor(process, fprof_server),
    fprof_server ! {ask, self(), Ref, Question},
    receive
        {Ref, Answer} ->
            erlang:demonitor(Ref, [flush]),
            Answer;
        {'DOWN', Ref, _, _, Reason} -> exit(Reason)
    end.

%% State: tracer => {Pid, Procs} while something is traced, profile => what was read last.
serve(State) ->
    receive
        {ask, From, Ref, Question} ->
            {Answer, State1} = answer(Question, State),
            From ! {Ref, Answer},
            serve(State1);
        {stop, Reason} ->
            _ = answer(stop_trace, State),
            exit(Reason);
        _ -> serve(State)
    end.

answer({start_trace, _, _}, #{tracer := _} = S) -> {{error, already_tracing}, S};
answer({start_trace, Asker, Options}, S) ->
    case tracer(Options, S) of
        {ok, Tracer, Own} ->
            Flags = [call, return_to, running, procs, garbage_collection, arity, set_on_spawn, timestamp, {tracer, Tracer}],
            Procs = case procs(Options) of [] -> [Asker]; Some -> Some end,
            try
                _ = erlang:trace_pattern({'_', '_', '_'}, [{'_', [], [{message, {{{const, cp}, {caller}}}}]}], [local]),
                _ = erlang:trace_pattern(on_load, [{'_', [], [{message, {{{const, cp}, {caller}}}}]}], [local]),
                _ = [erlang:trace_pattern({Module, '_', '_'}, false, [local]) || Module <- [?MODULE, gerl_fprof]],
                _ = [erlang:trace(P, true, Flags) || P <- Procs],
                {ok, S#{tracer => {Tracer, Procs, Own}}}
            catch
                error:Reason ->
                    untrace(Procs),
                    _ = Own andalso stopped(Tracer),
                    {{error, Reason}, S}
            end;
        {error, _} = Error -> {Error, S}
    end;
answer(stop_trace, #{tracer := {Tracer, Procs, Own}} = S0) ->
    untrace(Procs),
    S = maps:without([tracer, adder], S0),
    case Own andalso stopped(Tracer) of
        {profile, Profile} -> {ok, S#{profile => Profile}};
        _ -> {ok, S}
    end;
answer(stop_trace, S) -> {{error, not_tracing}, S};
answer(add, #{adder := Pid} = S) -> {{ok, Pid}, S};
answer(add, S) ->
    Pid = spawn(fun() ->
                        process_flag(priority, max),
                        add(gerl_fprof:new())
                end),
    {{ok, Pid}, S#{adder => Pid}};
answer(added, #{adder := Pid, tracer := {Pid, _, _}} = S) -> answer(stop_trace, S);
answer(added, #{adder := Pid} = S) ->
    {profile, Profile} = stopped(Pid),
    {ok, (maps:remove(adder, S))#{profile => Profile}};
answer(added, S) -> {{error, not_profiling}, S};
answer({keep, Profile}, S) -> {ok, S#{profile => Profile}};
answer(profile, S) -> {maps:find(profile, S), S}.

untrace(Procs) ->
    _ = [try erlang:trace(P, false, [all]) catch error:badarg -> 0 end || P <- [existing, new | Procs]],
    _ = erlang:trace_pattern(on_load, false, [local]),
    _ = erlang:trace_pattern({'_', '_', '_'}, false, [local]),
    ok.

procs(Options) ->
    case proplists:get_value(procs, Options, []) of
        List when is_list(List) -> [case P of _ when is_atom(P) -> whereis(P); _ -> P end || P <- List];
        P -> [P]
    end.

%% The tracer writes what it is told as dbg's trace files have it.
tracer(Options, S) ->
    case proplists:get_value(tracer, Options) of
        Pid when is_pid(Pid) -> {ok, Pid, Pid =:= maps:get(adder, S, none)};
        undefined ->
            Name = case proplists:get_value(file, Options, ?TRACE_FILE) of true -> ?TRACE_FILE; F -> F end,
            Self = self(),
            {Pid, Ref} = spawn_monitor(fun() ->
                                               process_flag(priority, max),
                                               case file:open(Name, [write, raw, binary]) of
                                                   {ok, File} ->
                                                       Self ! {self(), open},
                                                       record(File, [], 0);
                                                   {error, Reason} -> exit({cannot_open, Reason})
                                               end
                                       end),
            receive
                {Pid, open} ->
                    erlang:demonitor(Ref, [flush]),
                    {ok, Pid, true};
                {'DOWN', Ref, process, Pid, Reason} -> {error, Reason}
            end
    end.

%% Ends a tracer of our own: what it has made of the trace.
stopped(Tracer) ->
    Ref = monitor(process, Tracer),
    Tracer ! {stop, self(), Ref},
    receive
        {Ref, Result} ->
            erlang:demonitor(Ref, [flush]),
            Result;
        {'DOWN', Ref, _, _, _} -> none
    end.

%% A tracer that adds up at once.
add(Profile) ->
    receive
        {stop, From, Ref} -> From ! {Ref, {profile, added(Profile, erlang:trace_delivered(all))}};
        Event -> add(gerl_fprof:event(Event, Profile))
    end.

added(Profile, Delivered) ->
    receive
        {trace_delivered, all, Delivered} -> gerl_fprof:finish(Profile);
        Event -> added(gerl_fprof:event(Event, Profile), Delivered)
    end.

record(File, Waiting, Size) when Size > 1 bsl 18 ->
    ok = file:write(File, lists:reverse(Waiting)),
    record(File, [], 0);
record(File, Waiting, Size) ->
    receive
        {stop, From, Ref} ->
            Delivered = erlang:trace_delivered(all),
            rest(File, Waiting, Delivered),
            ok = file:close(File),
            From ! {Ref, written};
        Event -> 
            Packed = gerl_dbg_file:packed(Event),
            record(File, [Packed | Waiting], Size + byte_size(Packed))
    end.

rest(File, Waiting, Delivered) ->
    receive
        {trace_delivered, all, Delivered} -> file:write(File, lists:reverse(Waiting));
        Event -> rest(File, [gerl_dbg_file:packed(Event) | Waiting], Delivered)
    end.

%%% ---- tracing -----------------------------------------------------------------------------------

-doc "Calls a function and traces the calling process and those that it spawns meanwhile.".
-spec apply(fun() | {module(), atom()}, [term()]) -> term().
apply(Function, Args) -> traced(Function, Args, []).

-doc "The same with a module and a name, or with options: those of `trace/1`, and `continue`, which goes on tracing afterwards.".
-spec apply(module(), atom(), [term()]) -> term();
           (fun() | {module(), atom()}, [term()], [trace_option() | continue]) -> term().
apply(M, F, Args) when is_atom(M), is_atom(F), is_list(Args) -> traced({M, F}, Args, []);
apply(Function, Args, Options) when is_list(Args), is_list(Options) -> traced(Function, Args, Options).

-doc "The same with a module and a name and options.".
-spec apply(module(), atom(), [term()], [trace_option() | continue]) -> term().
apply(M, F, Args, Options) when is_atom(M), is_atom(F) -> traced({M, F}, Args, Options).

traced(Function, Args, Options) ->
    More = case proplists:get_value(procs, Options, []) of Ps when is_list(Ps) -> Ps; P -> [P] end,
    case trace([start, {procs, [self() | More]} | [O || O <- Options, O =/= continue, O =/= start, not is_procs(O)]]) of
        ok ->
            try
                case Function of
                    {M, F} -> erlang:apply(M, F, Args);
                    _ -> erlang:apply(Function, Args)
                end
            after
                lists:member(continue, Options) orelse trace(stop)
            end;
        {error, Reason} -> exit(Reason)
    end.

is_procs({procs, _}) -> true;
is_procs(_) -> false.

-doc "Starts or stops tracing of the calling process, or of those that the option `procs` names, and of those that they spawn. What is traced goes to the file fprof.trace unless options say otherwise.".
-spec trace(trace_option() | [trace_option()]) -> ok | {error, term()}.
trace(Option) when is_atom(Option); is_tuple(Option) -> trace([Option]);
trace(Options) when is_list(Options) ->
    Good = lists:all(fun(stop) -> true; (start) -> true; (verbose) -> true; (cpu_time) -> true; (file) -> true;
                        ({cpu_time, B}) -> is_boolean(B); ({procs, _}) -> true; ({file, _}) -> true; ({tracer, T}) -> is_pid(T);
                        (_) -> false
                     end, Options),
    Stop = lists:member(stop, Options),
    Start = lists:member(start, Options) orelse lists:member(verbose, Options),
    if
        not Good; Stop, Start; not Stop, not Start -> error(badarg, [Options]);
        Stop -> ask(stop_trace);
        true -> ask({start_trace, self(), Options})
    end.

-doc "Starts tracing into a file; or one option with its value.".
-spec trace(start | verbose | atom(), term()) -> ok | {error, term()}.
trace(start, File) -> trace([start, {file, File}]);
trace(verbose, File) -> trace([verbose, {file, File}]);
trace(Key, Value) -> trace([{Key, Value}]).

%%% ---- adding up ---------------------------------------------------------------------------------

-doc "Adds up what the file fprof.trace tells.".
-spec profile() -> ok | {error, term()}.
profile() -> profile([]).

-doc "The same for another file, or with options: `dump` writes the events as text. `start` gives a tracer for `trace/1` that adds up at once.".
-spec profile(profile_option() | [profile_option()] | file:filename()) -> ok | {ok, pid()} | {error, term()}.
profile(start) -> ask(add);
profile(stop) -> ask(added);
profile(Option) when is_atom(Option), Option =/= []; is_tuple(Option) -> profile([Option]);
profile([start]) -> ask(add);
profile([stop]) -> ask(added);
profile([C | _] = File) when is_integer(C) -> profile([{file, File}]);
profile(Options) when is_list(Options) ->
    lists:all(fun(file) -> true; (dump) -> true; (append) -> true; ({file, _}) -> true; ({dump, _}) -> true; (_) -> false end, Options)
        orelse error(badarg, [Options]),
    Name = case proplists:get_value(file, Options, ?TRACE_FILE) of true -> ?TRACE_FILE; F -> F end,
    Dump = case proplists:get_value(dump, Options) of
               undefined -> none;
               true -> group_leader();
               [] -> group_leader();
               Other -> Other
           end,
    case file:read_file(Name) of
        {ok, Data} ->
            put_text("Reading trace data...\n"),
            on_device(Dump, Options, fun(Device) ->
                                             text(Device, "start_of_trace.\n", []),
                                             Profile = read(Data, Device, gerl_fprof:new()),
                                             text(Device, "end_of_trace.\n", []),
                                             put_text("\nEnd of trace!\n"),
                                             ask({keep, Profile})
                                     end);
        {error, Reason} ->
            ask({keep, #{}}),
            {error, {client_cannot_open, {error, Reason}}}
    end.

-doc "One option with its value.".
-spec profile(atom(), term()) -> ok | {error, term()}.
profile(Key, Value) -> profile([{Key, Value}]).

read(Data, Dump, Profile0) ->
    {{Profile, _}, _} = gerl_dbg_file:fold(fun(Event, {Profile, N}) ->
                                                   Dump =:= none orelse text(Dump, "~p.~n", [Event]),
                                                   N rem 1000 =:= 0 andalso put_text("."),
                                                   {gerl_fprof:event(Event, Profile), N + 1}
                                           end, {Profile0, 1}, Data),
    gerl_fprof:finish(Profile).

put_text(Text) -> io:put_chars(Text).

text(none, _, _) -> ok;
text(Device, Format, Args) -> io:format(Device, Format, Args).

%% A device is one that is open already, or the name of a file.
on_device(none, _, Do) -> Do(none);
on_device(Device, _, Do) when is_pid(Device); is_atom(Device) -> Do(Device);
on_device(Name, Options, Do) ->
    Mode = case lists:member(append, Options) of true -> append; false -> write end,
    case file:open(Name, [Mode, {encoding, utf8}]) of
        {ok, Device} ->
            try Do(Device)
            after file:close(Device)
            end;
        {error, Reason} -> {error, Reason}
    end.

%%% ---- tables ------------------------------------------------------------------------------------

-doc "Prints what `profile/0` has added up.".
-spec analyse() -> ok | {error, term()}.
analyse() -> analyse([]).

-doc """
The same with options: `{dest, File}`, `append`, `{cols, Width}`, `{callers, false}` (one line a function), `{sort, own}`, `{totals, true}` (a table of
all processes together first) and `{details, false}` (no tables of processes).
""".
-spec analyse(analyse_option() | [analyse_option()]) -> ok | {error, term()}.
analyse(Option) when is_atom(Option), Option =/= []; is_tuple(Option) -> analyse([Option]);
analyse(Options) when is_list(Options) ->
    lists:all(fun good/1, Options) orelse error(badarg, [Options]),
    case ask(profile) of
        error -> {error, no_profile};
        {ok, Profile} when map_size(Profile) =:= 0 ->
            put_text("Processing data...\n"),
            {error, empty_trace};
        {ok, Profile} ->
            put_text("Processing data...\n"),
            Dest = case proplists:get_value(dest, Options, []) of
                       D when D =:= []; D =:= true -> group_leader();
                       D -> D
                   end,
            Text = report(Profile, settings(Options)),
            put_text("Creating output...\n"),
            Result = on_device(Dest, Options, fun(Device) -> io:put_chars(Device, Text) end),
            put_text("Done!\n"),
            Result
    end.

-doc "One option with its value.".
-spec analyse(atom(), term()) -> ok | {error, term()}.
analyse(Key, Value) -> analyse([{Key, Value}]).

good({Key, Value}) ->
    case Key of
        dest -> true;
        cols -> is_integer(Value) andalso Value > 0;
        sort -> Value =:= acc orelse Value =:= own;
        _ -> lists:member(Key, [callers, totals, details]) andalso is_boolean(Value)
    end;
good(Key) -> lists:member(Key, [dest, append, callers, no_callers, totals, details, no_details]).

settings(Options) ->
    Flag = fun(Key, No, Default) -> not lists:member(No, Options) andalso proplists:get_value(Key, Options, Default) end,
    #{callers => Flag(callers, no_callers, true), sort => proplists:get_value(sort, Options, acc), totals => proplists:get_value(totals, Options, false),
      details => Flag(details, no_details, true), cols => proplists:get_value(cols, Options, 80)}.

report(Profile, #{callers := Callers, sort := Sort, totals := Totals, details := Details} = S) ->
    ByPid = [{Pid, costs(Edges), P} || Pid := #{edges := Edges} = P <- Profile],
    All = maps:fold(fun(_, #{edges := Edges}, Sum) -> maps:merge_with(fun(_, A, B) -> plus(A, B) end, Sum, Edges) end, #{}, Profile),
    {Count, _, Own} = costs(All),
    Acc = lists:max([0 | [A || #{edges := Edges} <- maps:values(Profile), {undefined, _} := {_, A, _} <- Edges]]),
    [io_lib:format("%% Analysis results:~n{  analysis_options,~n [{callers, ~w},~n  {sort, ~w},~n  {totals, ~w},~n  {details, ~w}]}.~n~n",
                   [Callers, Sort, Totals, Details]),
     heading(S), line("[{ totals", {Count, Acc, Own}, "}].  %%%", S), "\n",
     case Totals of
         true -> [table(All, S), "\n"];
         false -> "\n"
     end,
     case Details of
         true -> lists:join("\n", [[heading(S), process(Pid, Cost, P, S), "\n", table(maps:get(edges, P), S)] ||
                                      {Pid, Cost, P} <- lists:sort(fun({P1, {_, _, A}, _}, {P2, {_, _, B}, _}) -> {A, P2} >= {B, P1} end, ByPid)]);
         false -> []
     end].

costs(Edges) -> maps:fold(fun(_, Cost, Sum) -> plus(Cost, Sum) end, {0, 0, 0}, Edges).

plus({A, B, C}, {X, Y, Z}) -> {A + X, B + Y, C + Z}.

process(Pid, {Count, _, Own}, #{spawned := Spawned, first := First}, S) ->
    Start = io_lib:format("[{ ~p", [pid_to_list(Pid)]),
    case Spawned of
        none -> line(Start, {Count, undefined, Own}, "}].   %%", S);
        {Parent, {M, F, Args}} ->
            [line(Start, {Count, undefined, Own}, "},    %%", S),
             io_lib:format(" { spawned_by, ~p},~n { spawned_as, ~0tp},~n { initial_calls, ~0tp}].~n",
                           [pid_to_list(Parent), {M, F, readable(Args)}, First])]
    end.

%% Terms that cannot be read back are shown as strings.
readable(T) when is_pid(T); is_port(T); is_reference(T); is_function(T) -> lists:flatten(io_lib:format("~w", [T]));
readable([H | T]) -> [readable(H) | readable(T)];
readable(T) when is_tuple(T) -> list_to_tuple(readable(tuple_to_list(T)));
readable(T) -> T.

%% The functions of a graph, with the costs of their callers and of what they call.
table(Edges, #{callers := Callers} = S) ->
    Functions = lists:usort(lists:append([[C, F] || {C, F} <- maps:keys(Edges)])),
    Rows = [{F, costs(maps:filter(fun({_, G}, _) -> G =:= F end, Edges))} || F <- Functions],
    case Callers of
        false -> [line(["{  ", name(F)], Cost, "}.      ", S) || {F, Cost} <- ordered(Rows, S)];
        true ->
            From = maps:groups_from_list(fun({{_, F}, _}) -> F end, fun({{C, _}, Cost}) -> {C, Cost} end, maps:to_list(Edges)),
            To = maps:groups_from_list(fun({{C, _}, _}) -> C end, fun({{_, F}, Cost}) -> {F, Cost} end, maps:to_list(Edges)),
            [[listed("{[", "],     ", ordered(maps:get(F, From, []), S), S), line([" { ", name(F)], Cost, "},     %", S),
              listed(" [", "]}.    ", ordered(maps:get(F, To, []), S), S), "\n"] || {F, Cost} <- ordered(Rows, S)]
    end.

listed(" [", _, [], _) -> " [ ]}.\n";
listed("{[", _, [], _) -> "{[ ],\n";
listed(Open, Close, Rows, S) ->
    N = length(Rows),
    [line([case I of 1 -> Open; _ -> "  " end, "{", name(F)], Cost, case I of N -> ["}", Close]; _ -> "},      " end, S) ||
        {I, {F, Cost}} <- lists:enumerate(Rows)].

ordered(Rows, #{sort := Sort}) ->
    Key = fun({_, Acc, Own}) -> case Sort of acc -> {Acc, Own}; own -> {Own, Acc} end end,
    lists:sort(fun({F, A}, {G, B}) -> {Key(A), G} >= {Key(B), F} end, Rows).

name(F) -> io_lib:format("~0tp", [F]).

%% Numbers stand below each other: the last ends nine columns before the width, the others a step before.
heading(S) -> fields("%", ["CNT", "ACC", "OWN"], " ", "        ", S).

line(Name, {Count, Acc, Own}, Tail, S) -> fields([Name, ","], [integer_to_list(Count), time(Acc), time(Own)], ",", Tail, S).

time(undefined) -> "undefined";
time(Microseconds) -> io_lib:format("~.3f", [Microseconds / 1000]).

fields(Name, [Count, Acc, Own], Between, Tail, #{cols := Cols}) ->
    Step = max(8, round(Cols / 5) - 6),
    First = max(string:length(Count) + 2, Cols - 9 - 2 * Step - string:length(Name)),
    [Name, string:pad(Count, First, leading), Between, string:pad(Acc, Step - 1, leading), Between, string:pad(Own, Step - 1, leading), Tail, $\n].
