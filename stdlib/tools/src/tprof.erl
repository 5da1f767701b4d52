-module(tprof).
-moduledoc """
Counts calls, or measures the time or the memory that calls take, in a trace session of its own.

`profile/1` and its relatives measure one call and print a table. A server (`start/1`) measures what goes on for longer: functions are
chosen with `set_pattern/3`, processes with `enable_trace/1`; `collect/0` reads what was measured, `inspect/3` makes tables of it, `format/1` prints
them. Counted calls are those of all processes together.
""".

-behaviour(gen_server).

-export([start/0, start/1, start_link/0, start_link/1, stop/0, stop/1, set_pattern/3, set_pattern/4, clear_pattern/3, clear_pattern/4,
         get_trace_map/0, get_trace_map/1, enable_trace/1, enable_trace/2, enable_trace/3, disable_trace/1, disable_trace/2, disable_trace/3,
         pause/0, pause/1, continue/0, continue/1, restart/0, restart/1, collect/0, collect/1, inspect/1, inspect/3, format/1, format/2,
         profile/1, profile/2, profile/3, profile/4, get_session/1]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).

-export_type([server/0, trace_type/0, trace_info/0, trace_map/0, trace_pattern/0, trace_options/0, rootset/0, start_options/0, profile_result/0,
              process_measurement/0, column/0, sort_by/0]).

-type server() :: gen_server:server_ref().
-type trace_type() :: call_count | call_time | call_memory.
-type measure() :: {pid() | all, Calls :: non_neg_integer(), Value :: non_neg_integer()}.
-type trace_info() :: {trace_type(), [{module(), atom(), arity(), [measure()]}]}.
-type trace_map() :: #{module() => [{atom(), arity()}]}.
-type trace_pattern() :: {module(), Name :: atom(), arity() | '_'}.
-type trace_options() :: #{set_on_spawn => boolean()}.
-type rootset() :: [pid() | atom()] | all | existing | new | {children | all_children, pid() | atom()}.
-type start_options() :: #{type => trace_type(), session => atom()}.
-type process_measurement() :: {trace_type(), Total :: non_neg_integer(),
                                [{module(), {atom(), arity()}, Calls :: non_neg_integer(), Value :: non_neg_integer(), Each :: number(),
                                  Percent :: float()}]}.
-type profile_result() :: #{pid() | all => process_measurement()}.
-type column() :: module | function | calls | measurement | measurement_per_call | percent.
-type sort_by() :: column() | {column(), ascending | descending}.

-record(state, {
          type :: trace_type(),
          session :: trace:session(),
          map = #{} :: trace_map() | all,
          on = true :: boolean(), % false: paused
          job = none :: none | {gen_server:from(), pid(), reference(), map()}
         }).

%%% ---- the server's interface --------------------------------------------------------------------

-doc "Starts the server, which counts calls.".
-spec start() -> gen_server:start_ret().
start() -> start(#{}).

-doc "Starts the server; `session` is the name of the server and of its trace session.".
-spec start(start_options()) -> gen_server:start_ret().
start(Options) -> gen_server:start({local, server_name(Options)}, ?MODULE, Options, []).

-doc "Starts the server, linked to the caller.".
-spec start_link() -> gen_server:start_ret().
start_link() -> start_link(#{}).

-doc "The same, with options.".
-spec start_link(start_options()) -> gen_server:start_ret().
start_link(Options) -> gen_server:start_link({local, server_name(Options)}, ?MODULE, Options, []).

server_name(Options) -> maps:get(session, Options, ?MODULE).

-doc "Stops the server; what it traces is traced no longer.".
-spec stop() -> ok.
stop() -> stop(?MODULE).

-doc #{equiv => stop()}.
-spec stop(server()) -> ok.
stop(Server) -> gen_server:stop(Server).

-doc "Chooses functions. Patterns add up.".
-spec set_pattern(module(), atom(), arity() | '_') -> non_neg_integer() | {error, {trace_pattern, module(), atom(), arity() | '_'}}.
set_pattern(M, F, A) -> set_pattern(?MODULE, M, F, A).

-doc #{equiv => set_pattern(M, F, A)}.
-spec set_pattern(server(), module(), atom(), arity() | '_') -> non_neg_integer() | {error, term()}.
set_pattern(Server, M, F, A) -> ask(Server, {pattern, {M, F, A}}).

-doc "Drops functions.".
-spec clear_pattern(module(), atom(), arity() | '_') -> non_neg_integer() | {error, {not_traced, module(), atom(), arity() | '_'}}.
clear_pattern(M, F, A) -> clear_pattern(?MODULE, M, F, A).

-doc #{equiv => clear_pattern(M, F, A)}.
-spec clear_pattern(server(), module(), atom(), arity() | '_') -> non_neg_integer() | {error, {not_traced, module(), atom(), arity() | '_'}}.
clear_pattern(Server, M, F, A) -> ask(Server, {clear, {M, F, A}}).

-doc "The chosen functions.".
-spec get_trace_map() -> trace_map() | all.
get_trace_map() -> get_trace_map(?MODULE).

-doc #{equiv => get_trace_map()}.
-spec get_trace_map(server()) -> trace_map() | all.
get_trace_map(Server) -> ask(Server, map).

-doc "Chooses processes: a pid, a registered name, a list of those, `all`, `existing` or `new`. The result is how many there are.".
-spec enable_trace(pid() | rootset()) -> non_neg_integer() | {non_neg_integer(), [pid() | atom()]}.
enable_trace(Roots) -> enable_trace(?MODULE, Roots, #{set_on_spawn => true}).

-doc "The same, with options or at another server.".
-spec enable_trace(server() | pid() | rootset(), pid() | rootset() | trace_options()) -> non_neg_integer() | {non_neg_integer(), [pid() | atom()]}.
enable_trace(Roots, Options) when is_map(Options) -> enable_trace(?MODULE, Roots, Options);
enable_trace(Server, Roots) -> enable_trace(Server, Roots, #{set_on_spawn => true}).

-doc #{equiv => enable_trace(Server, Roots)}.
-spec enable_trace(server(), pid() | rootset(), trace_options()) -> non_neg_integer() | {non_neg_integer(), [pid() | atom()]}.
enable_trace(Server, Roots, Options) -> ask(Server, {processes, true, Roots, Options}).

-doc "Drops processes.".
-spec disable_trace(pid() | rootset()) -> non_neg_integer() | {non_neg_integer(), [pid() | atom()]}.
disable_trace(Roots) -> disable_trace(?MODULE, Roots, #{set_on_spawn => true}).

-doc "The same, with options or at another server.".
-spec disable_trace(server() | pid() | rootset(), pid() | rootset() | trace_options()) -> non_neg_integer() | {non_neg_integer(), [pid() | atom()]}.
disable_trace(Roots, Options) when is_map(Options) -> disable_trace(?MODULE, Roots, Options);
disable_trace(Server, Roots) -> disable_trace(Server, Roots, #{set_on_spawn => true}).

-doc #{equiv => disable_trace(Server, Roots)}.
-spec disable_trace(server(), pid() | rootset(), trace_options()) -> non_neg_integer() | {non_neg_integer(), [pid() | atom()]}.
disable_trace(Server, Roots, Options) -> ask(Server, {processes, false, Roots, Options}).

-doc "Stops measuring until `continue/0`.".
-spec pause() -> ok | not_running.
pause() -> pause(?MODULE).

-doc #{equiv => pause()}.
-spec pause(server()) -> ok | not_running.
pause(Server) -> ask(Server, pause).

-doc "Goes on after `pause/0`.".
-spec continue() -> ok | not_paused.
continue() -> continue(?MODULE).

-doc #{equiv => continue()}.
-spec continue(server()) -> ok | not_paused.
continue(Server) -> ask(Server, continue).

-doc "Forgets what was measured and begins again.".
-spec restart() -> ok.
restart() -> restart(?MODULE).

-doc #{equiv => restart()}.
-spec restart(server()) -> ok.
restart(Server) -> ask(Server, restart).

-doc "What was measured.".
-spec collect() -> trace_info().
collect() -> collect(?MODULE).

-doc #{equiv => collect()}.
-spec collect(server()) -> trace_info().
collect(Server) -> ask(Server, collect).

-doc false.
get_session(Server) -> ask(Server, session).

ask(Server, What) -> gen_server:call(Server, What, infinity).

%%% ---- one call ----------------------------------------------------------------------------------

-doc "Counts the calls that a fun makes, and prints a table.".
-spec profile(fun(() -> term())) -> ok | term().
profile(Fun) when is_function(Fun, 0) -> profile(Fun, #{}).

-doc """
Measures what a fun does. Options: `type`, `pattern` (one or a list), `rootset` (further processes), `set_on_spawn`, `timeout`, `device`, and `report`: `process`,
`total`, one of these with an order (`{process, {calls, descending}}`), or `return`, which gives `{Value, Measured}` and prints nothing.
""".
-spec profile(fun(() -> term()), map()) -> ok | {term(), trace_info()} | {error, term()}.
profile(Fun, Options) when is_function(Fun, 0) -> measured(Fun, Options).

-doc "Counts the calls that a call makes.".
-spec profile(module(), atom(), [term()]) -> ok | term().
profile(M, F, Args) -> profile(M, F, Args, #{}).

-doc "Measures what a call does.".
-spec profile(module(), atom(), [term()], map()) -> ok | {term(), trace_info()} | {error, term()}.
profile(M, F, Args, Options) when is_atom(M), is_atom(F), is_list(Args) -> measured({M, F, Args}, Options).

measured(What, Options) ->
    {ok, Server} = gen_server:start_link(?MODULE, Options, []),
    try ask(Server, {job, What, Options}) of
        {ok, Value, Sample} -> reported(Value, Sample, maps:get(report, Options, process), maps:get(device, Options, standard_io));
        {error, Reason} -> {error, Reason}
    after
        gen_server:stop(Server)
    end.

reported(Value, Sample, return, _) -> {Value, Sample};
reported(_, Sample, {Kind, SortBy}, Device) -> format(Device, inspect(Sample, Kind, SortBy));
reported(_, Sample, Kind, Device) -> format(Device, inspect(Sample, Kind, measurement)).

%%% ---- the server --------------------------------------------------------------------------------

-doc false.
init(Options) ->
    Type = maps:get(type, Options, call_count),
    case lists:member(Type, [call_count, call_time, call_memory]) of
        true -> {ok, #state{type = Type, session = trace:session_create(server_name(Options), self(), [])}};
        false -> {stop, {badarg, {type, Type}}}
    end.

-doc false.
handle_call({pattern, Pattern}, _, S0) ->
    {N, S} = chosen(Pattern, S0),
    {reply, N, S};
handle_call({clear, {'_', '_', '_'} = Pattern}, _, #state{session = Session, type = Type} = S) ->
    _ = trace:function(Session, on_load, false, [Type]),
    {reply, trace:function(Session, Pattern, false, [Type]), S#state{map = #{}}};
handle_call({clear, {M, F, A} = Pattern}, _, #state{session = Session, type = Type, map = Old} = S) ->
    Map = case Old of all -> everything(); _ -> Old end,
    Left = maps:filtermap(fun(L, All) -> some([Fun || Fun <- All, not fits(L, Fun, Pattern)]) end, Map),
    case size_of(Map) - size_of(Left) of
        0 -> {reply, {error, {not_traced, M, F, A}}, S};
        N ->
            _ = trace:function(Session, Pattern, false, [Type]),
            {reply, N, S#state{map = Left}}
    end;
handle_call(map, _, #state{map = Map} = S) -> {reply, Map, S};
handle_call(session, _, #state{session = Session} = S) -> {reply, Session, S};
handle_call({processes, How, Roots, Options}, _, S) -> {reply, roots(Roots, How, Options, S), S};
handle_call(pause, _, #state{on = false} = S) -> {reply, not_running, S};
handle_call(pause, _, S) ->
    patterns(pause, S),
    {reply, ok, S#state{on = false}};
handle_call(continue, _, #state{on = true} = S) -> {reply, not_paused, S};
handle_call(continue, _, S) ->
    patterns(true, S),
    {reply, ok, S#state{on = true}};
handle_call(restart, _, S) ->
    patterns(restart, S),
    {reply, ok, S#state{on = true}};
handle_call(collect, _, S) -> {reply, sample(S), S};
handle_call({job, What, Options}, From, S0) ->
    Patterns = case maps:get(pattern, Options, {'_', '_', '_'}) of List when is_list(List) -> List; One -> [One] end,
    S = lists:foldl(fun(P, Acc) -> element(2, chosen(P, Acc)) end, S0, Patterns),
    Self = self(),
    {Runner, Monitor} = spawn_monitor(fun() -> runner(Self, What, S) end),
    _ = roots(maps:get(rootset, Options, []), true, Options, S),
    _ = roots([Runner], true, Options, S),
    case maps:get(timeout, Options, infinity) of
        infinity -> ok;
        Milliseconds -> _ = erlang:send_after(Milliseconds, self(), {late, Runner}), ok
    end,
    Runner ! {run, Self},
    {noreply, S#state{job = {From, Runner, Monitor, Options}}}.

-doc false.
handle_cast(_, S) -> {noreply, S}.

-doc false.
handle_info({Runner, value, Value}, #state{job = {From, Runner, Monitor, _}} = S) ->
    Sample = sample(S),
    erlang:demonitor(Monitor, [flush]),
    Runner ! done,
    gen_server:reply(From, {ok, Value, Sample}),
    {noreply, S#state{job = none}};
handle_info({'DOWN', Monitor, process, _, Reason}, #state{job = {From, _, Monitor, _}} = S) ->
    gen_server:reply(From, {error, Reason}),
    {noreply, S#state{job = none}};
handle_info({late, Runner}, #state{job = {From, Runner, Monitor, _}} = S) ->
    erlang:demonitor(Monitor, [flush]),
    exit(Runner, kill),
    gen_server:reply(From, {error, timeout}),
    {noreply, S#state{job = none}};
handle_info(_, S) -> {noreply, S}.

-doc false.
terminate(_, #state{session = Session}) ->
    _ = trace:session_destroy(Session),
    ok.

runner(Server, What, S) ->
    receive {run, Server} -> ok end,
    receive after 1 -> ok end, % until the server has nothing more to do
    _ = trace:function(S#state.session, {'_', '_', '_'}, restart, [S#state.type]),
    Value = case What of
                {M, F, Args} -> apply(M, F, Args);
                Fun -> Fun()
            end,
    patterns(pause, S),
    Server ! {self(), value, Value},
    receive done -> ok end.

chosen({'_', '_', '_'} = Pattern, #state{session = Session, type = Type} = S) ->
    _ = trace:function(Session, on_load, true, [Type]),
    N = trace:function(Session, Pattern, true, [Type]),
    %% what measures is not measured
    _ = [trace:function(Session, {Own, '_', '_'}, false, [Type]) || Own <- own()],
    {N, S#state{map = all}};
chosen({M, F, A} = Pattern, #state{session = Session, type = Type, map = Map} = S) ->
    case trace:function(Session, Pattern, true, [Type]) of
        0 -> {{error, {trace_pattern, M, F, A}}, S};
        N when Map =:= all -> {N, S};
        N ->
            New = case some([Fun || Fun <- functions(M), fits(M, Fun, Pattern)]) of
                      {true, Funs} -> #{M => Funs};
                      false -> #{}
                  end,
            {N, S#state{map = maps:merge_with(fun(_, One, Other) -> lists:usort(One ++ Other) end, Map, maps:map(fun(_, L) -> lists:sort(L) end, New))}}
    end.

%% All functions of what is loaded now.
everything() ->
    #{M => Fs || M <- lists:usort([L || {L, _} <- code:all_loaded()] ++ erlang:pre_loaded()), not lists:member(M, own()), {true, Fs} <- [some(functions(M))]}.

size_of(Map) -> maps:fold(fun(_, Fs, N) -> N + length(Fs) end, 0, Map).

some([]) -> false;
some(List) -> {true, List}.

own() -> [?MODULE, trace, gerl_trace].

functions(Module) ->
    try Module:module_info(functions)
    catch error:undef -> []
    end.

fits(M, {F, A}, {PM, PF, PA}) ->
    lists:all(fun({Is, Must}) -> Must =:= '_' orelse Is =:= Must end, [{M, PM}, {F, PF}, {A, PA}]).

patterns(pause, #state{session = Session, type = Type}) ->
    _ = trace:function(Session, {'_', '_', '_'}, pause, [Type]),
    ok;
patterns(How, #state{map = all} = S) -> patterns(How, S#state{map = everything()});
patterns(How, #state{session = Session, type = Type, map = Map}) ->
    _ = [trace:function(Session, {M, F, A}, How, [Type]) || M := Fs <- Map, {F, A} <- Fs],
    ok.

roots(Whom, How, Options, S) when is_list(Options) -> roots(Whom, How, proplists:to_map(Options), S);
roots({Kind, Top}, How, Options, S) when Kind =:= children; Kind =:= all_children -> roots(descendants(Kind, Top), How, Options, S);
roots(Whom, How, Options, #state{session = Session}) ->
    Flags = [call | case maps:get(set_on_spawn, Options, true) of true -> [set_on_spawn]; false -> [] end],
    case Whom of
        _ when is_list(Whom) ->
            Done = [{P, flagged(Session, P, How, Flags)} || P <- Whom],
            case [P || {P, false} <- Done] of
                [] -> length(Done);
                Missing -> {length(Done) - length(Missing), Missing}
            end;
        _ when Whom =:= all; Whom =:= existing; Whom =:= new -> trace:process(Session, Whom, How, Flags);
        _ ->
            case flagged(Session, Whom, How, Flags) of
                true -> 1;
                false -> 0
            end
    end.

%% The processes that a process has spawned, and that those have.
descendants(Kind, Top) ->
    ByParent = maps:groups_from_list(fun({Parent, _}) -> Parent end, fun({_, P}) -> P end,
                                     [{Parent, P} || P <- processes(), {parent, Parent} <- [process_info(P, parent)]]),
    Start = case is_atom(Top) of true -> whereis(Top); false -> Top end,
    case Kind of
        children -> maps:get(Start, ByParent, []);
        all_children -> below([Start], ByParent)
    end.

below([], _) -> [];
below([P | Ps], ByParent) ->
    Children = maps:get(P, ByParent, []),
    Children ++ below(Children ++ Ps, ByParent).

flagged(Session, Name, How, Flags) when is_atom(Name) ->
    case whereis(Name) of
        undefined -> false;
        Pid -> flagged(Session, Pid, How, Flags)
    end;
flagged(Session, Pid, How, Flags) ->
    try trace:process(Session, Pid, How, Flags) of
        N -> N > 0
    catch error:badarg -> false
    end.

sample(#state{map = all} = S) -> sample(S#state{map = everything()});
sample(#state{type = Type, session = Session, map = Map}) ->
    {Type, [{M, F, A, Ms} || M := Fs <- Map, {F, A} <- Fs, {true, Ms} <- [some(measures(trace:info(Session, {M, F, A}, Type)))]]}.

measures({call_count, N}) when is_integer(N), N > 0 -> [{all, N, N}];
measures({call_time, Times}) when is_list(Times) -> [{P, N, S * 1000000 + Us} || {P, N, S, Us} <- Times, N > 0];
measures({call_memory, Words}) when is_list(Words) -> [{P, N, W} || {P, N, W} <- Words, N > 0, W > 0];
measures(_) -> [].

%%% ---- tables ------------------------------------------------------------------------------------

-doc "What was measured, by process: the functions that took most come last.".
-spec inspect(trace_info()) -> profile_result().
inspect(Sample) -> inspect(Sample, process, measurement).

-doc "What was measured, by process or in total, in an order.".
-spec inspect(trace_info(), process | total, sort_by()) -> profile_result().
inspect(Sample, Kind, Column) when is_atom(Column) -> inspect(Sample, Kind, {Column, ascending});
inspect({Type, Functions}, Kind, {Column, Direction}) ->
    Of = fun(Pid) -> case Kind of total -> all; process -> Pid end end,
    Rows = [{Of(P), {M, {F, A}, N, V}} || {M, F, A, Ms} <- Functions, {P, N, V} <- merged(Kind, Ms)],
    Groups = maps:groups_from_list(fun({Who, _}) -> Who end, fun({_, Row}) -> Row end, Rows),
    #{Who => ranked(Type, Group, place(Column), Direction) || Who := Group <- Groups}.

merged(process, Ms) -> Ms;
merged(total, Ms) -> [{all, lists:sum([N || {_, N, _} <- Ms]), lists:sum([V || {_, _, V} <- Ms])}].

ranked(Type, Rows, Place, Direction) ->
    Total = lists:sum([V || {_, _, _, V} <- Rows]),
    Full = [{M, F, N, V, V / N, case Total of 0 -> 0.0; _ -> V * 100 / Total end} || {M, F, N, V} <- Rows],
    Sorted = lists:keysort(Place, Full),
    {Type, Total, case Direction of ascending -> Sorted; descending -> lists:reverse(Sorted) end}.

place(module) -> 1;
place(function) -> 2;
place(calls) -> 3;
place(measurement) -> 4;
place(measurement_per_call) -> 5;
place(percent) -> 6.

-doc "Prints tables.".
-spec format(profile_result()) -> ok.
format(Result) -> format(standard_io, Result).

-doc "Prints tables to a device.".
-spec format(io:device(), profile_result()) -> ok.
format(Device, Result) when map_size(Result) =:= 0 -> io:put_chars(Device, "Trace is empty\n");
format(Device, Result) ->
    Whole = lists:sum([Total || {_, Total, _} <- maps:values(Result)]),
    Parts = lists:sort([{Total, Who, Part} || Who := {_, Total, _} = Part <- Result]),
    lists:foreach(fun({Total, Who, Part}) -> io:put_chars(Device, [title(Who, Total, Whole), table(Part)]) end, Parts).

title(all, _, _) -> "";
title(Pid, Total, Whole) ->
    Share = case Whole of 0 -> 100.0; _ -> Total * 100 / Whole end,
    io_lib:format("~n****** Process ~w  --  ~.2f% of total *** ~n", [Pid, Share]).

%% A table's columns: the first is the function, the last the percentage; numbers stand to the right.
table({Type, Total, Rows}) ->
    W = lists:max([5 | [length(percent(P)) || {_, _, _, _, _, P} <- Rows]]),
    Bracketed = fun(Text) -> [$[, string:pad(Text, W, leading), $]] end,
    Head = ["FUNCTION", "CALLS" | heads(Type)] ++ [Bracketed("%")],
    Lines = [[lists:flatten(io_lib:format("~tw:~tw/~w", [M, F, A])), integer_to_list(N) |
              case Type of
                  call_count -> [];
                  _ -> [integer_to_list(V), io_lib:format("~.2f", [Each])]
              end] ++ [Bracketed(percent(Percent))] || {M, {F, A}, N, V, Each, Percent} <- Rows],
    Last = case Type of
               call_count -> ["", ""];
               _ -> ["", "", integer_to_list(Total), ""]
           end ++ [Bracketed("100.0")],
    Widths = widths([Head, Last | Lines]),
    [row(Widths, Line) || Line <- [Head | Lines] ++ [Last]].

heads(call_count) -> [];
heads(call_time) -> ["TIME (us)", "PER CALL"];
heads(call_memory) -> ["WORDS", "PER CALL"].

percent(P) -> lists:flatten(io_lib:format("~.2f", [P])).

widths([[]|_]) -> [];
widths(Lines) -> [lists:max([string:length(hd(L)) || L <- Lines]) | widths([tl(L) || L <- Lines])].

row([W | Ws], [Name | Cells]) ->
    [string:pad(Name, W), [["  ", string:pad(Cell, C, leading)] || {C, Cell} <- lists:zip(Ws, Cells)], $\n].
