-module(gerl_test).
-moduledoc """
The command `gerl test`: compiles a project and runs its EUnit tests and its suites.

The modules run in other runtime systems, several at a time and several in each, one after the other: each system takes the next module
that no other has taken. A module that leaves something behind
(names, tables, processes, settings) or ends its runtime system is the last one there: the next gets a new one, so that nothing of one
module reaches another. The parts: `gerl_test_project` finds, `gerl_test_build` compiles, `gerl_test_unit` runs one module, `gerl_test_report` tells.
""".

-export([main/1]).

-define(USAGE, """
usage: gerl test [OPTION...] [FILE|DIRECTORY|MODULE...]

Runs the EUnit tests and Common Test suites of the project in the working directory (or of what is named).

  --filter RE     only tests whose module:name matches
  --cover         measure which lines are executed; cover/index.html has the sources
  --junit FILE    write the results as JUnit XML
  --seed N        run modules and shuffled groups in an order made from N; seed random numbers with it
  --jobs N        so many modules at a time (default: one for each scheduler)
  --watch         run again when a source file changes
  --verbose, -v   a line for every test, and what tests print
""").

-doc "Runs the command with its arguments and ends the node: 0 all passed, 1 some failed or nothing compiled, 2 wrong usage.".
-spec main([string()]) -> no_return().
main(Arguments) ->
    case options(Arguments, #{targets => [], jobs => erlang:system_info(schedulers_online)}) of
        {ok, #{help := true}} ->
            io:put_chars([?USAGE, $\n]),
            halt(0);
        {ok, #{watch := true} = Options} -> watch(Options);
        {ok, Options} -> halt(status(once(Options)));
        {error, Text} ->
            io:put_chars(standard_error, ["gerl test: ", Text, "\n"]),
            halt(2)
    end.

options([], #{targets := Targets} = O) -> {ok, O#{targets := lists:reverse(Targets)}};
options(["--filter", RE | Rest], O) ->
    case re:compile(RE, [unicode]) of
        {ok, _} -> options(Rest, O#{filter => RE});
        {error, {Text, At}} -> {error, io_lib:format("--filter ~ts: ~ts at position ~w", [RE, Text, At])}
    end;
options(["--junit", File | Rest], O) -> options(Rest, O#{junit => File});
options(["--seed", N | Rest], O) -> number("--seed", N, fun(Seed) -> options(Rest, O#{seed => Seed}) end);
options(["--jobs", N | Rest], O) -> number("--jobs", N, fun(Jobs) -> options(Rest, O#{jobs => max(1, Jobs)}) end);
options(["--cover" | Rest], O) -> options(Rest, O#{cover => true});
options(["--watch" | Rest], O) -> options(Rest, O#{watch => true});
options([V | Rest], O) when V =:= "--verbose"; V =:= "-v" -> options(Rest, O#{verbose => true});
options([H | Rest], O) when H =:= "--help"; H =:= "-h" -> options(Rest, O#{help => true});
options(["--" ++ _ = Option | Rest], O) ->
    case string:split(Option, "=") of
        [Name, Value] -> options([Name, Value | Rest], O);
        [_] -> {error, io_lib:format("unknown option, or one without its value: ~ts (gerl test --help lists them)", [Option])}
    end;
options([Target | Rest], #{targets := Targets} = O) -> options(Rest, O#{targets := [Target | Targets]}).

number(Option, Text, Then) ->
    case string:to_integer(Text) of
        {N, ""} -> Then(N);
        _ -> {error, io_lib:format("~ts needs a number, not ~ts", [Option, Text])}
    end.

status(true) -> 0;
status(false) -> 1.

%% Whether all is well.
once(Options) ->
    Start = erlang:monotonic_time(millisecond),
    case gerl_test_project:compiled(Options) of
        {error, Text} ->
            io:put_chars(standard_error, Text),
            false;
        {ok, #{units := []}} ->
            io:put_chars("No tests found: there are no functions NAME_test or NAME_test_ and no suites NAME_SUITE.\n"),
            false;
        {ok, #{units := Units} = Project} ->
            Results = all(ordered(Units, Options), Project, Options),
            Time = erlang:monotonic_time(millisecond) - Start,
            Good = gerl_test_report:summary(Results, Time, Options),
            case Options of
                #{cover := true} -> gerl_test_report:coverage([C || #{cover := C} <- Results], Project);
                #{} -> ok
            end,
            gerl_test_project:clean(Project),
            Good
    end.

ordered(Units, #{seed := Seed}) ->
    _ = rand:seed(exsss, Seed),
    [U || {_, U} <- lists:sort([{rand:uniform(), U} || U <- Units])];
ordered(Units, _) -> Units.

%% At most Jobs runtime systems at a time; results are told in the order of the modules.
all(Units, #{run := Run} = Project, Options) ->
    Numbered = lists:enumerate(Units),
    Order = gerl_test_unit:order(Numbered, Project, Options, Run),
    gather(#{}, #{N => true || {N, _} <- Numbered}, 1, #{}, [], Order, Options).

%% Running: process that watches a runtime system => number of the module that is tested there, `new` before the first, `idle` between two.
%% Left: numbers of the modules that have not begun.
gather(Running, Left, Next, Waiting, Done, Order, #{jobs := Jobs} = Options) ->
    Free = length([W || W <- maps:values(Running), is_atom(W)]),
    if
        map_size(Running) < Jobs, Free < map_size(Left) ->
            Self = self(),
            {Pid, _} = spawn_monitor(fun() -> exit({ended, gerl_test_unit:in_child(Order, fun(What) -> Self ! {self(), What} end)}) end),
            gather(Running#{Pid => new}, Left, Next, Waiting, Done, Order, Options);
        map_size(Running) =:= 0, map_size(Left) =:= 0 -> lists:reverse(Done);
        true -> wait(Running, Left, Next, Waiting, Done, Order, Options)
    end.

wait(Running, Left, Next, Waiting, Done, #{units := Units} = Order, Options) ->
    receive
        {Pid, {begun, N}} when is_map_key(Pid, Running) ->
            gather(Running#{Pid => N}, maps:remove(N, Left), Next, Waiting, Done, Order, Options);
        {Pid, {done, N, Result}} when is_map_key(Pid, Running) ->
            {Next2, Waiting2, Done2} = told(Next, Waiting#{N => Result}, Done, Options),
            gather(Running#{Pid => idle}, Left, Next2, Waiting2, Done2, Order, Options);
        {'DOWN', _, process, Pid, Reason} ->
            {Last, Others} = maps:take(Pid, Running),
            Lost = lost(Last, Reason, map_size(Others), Left, Order),
            Broken = #{N => gerl_test_unit:broken(map_get(N, Units), Reason) || N <- Lost},
            {Next2, Waiting2, Done2} = told(Next, maps:merge(Waiting, Broken), Done, Options),
            gather(Others, maps:without(Lost, Left), Next2, Waiting2, Done2, Order, Options)
    end.

%% The modules that get no result because of the end of a runtime system. One that does not even start is the failure of a module, and
%% the last one that finds nothing to do is that of all that are left, so that there is an end.
lost(N, _, _, _, _) when is_integer(N) -> [N];
lost(new, {ended, ok}, 0, Left, _) -> maps:keys(Left);
lost(new, Reason, Others, Left, #{run := Run}) when Reason =/= {ended, ok} ->
    case [N || N <- lists:sort(maps:keys(Left)), gerl_test_unit:claimed(Run, N)] of
        [] when Others =:= 0 -> maps:keys(Left);
        Mine -> Mine
    end;
lost(_, _, _, _, _) -> [].

told(Next, Waiting, Done, Options) ->
    case maps:take(Next, Waiting) of
        {Result, Left} ->
            gerl_test_report:unit(Result, Options),
            told(Next + 1, Left, [Result | Done], Options);
        error -> {Next, Waiting, Done}
    end.

%%% ---- --watch -----------------------------------------------------------------------------------

-define(POLL, 300).

watch(Options) ->
    _ = once(Options),
    io:put_chars("Waiting for changes; Ctrl-C ends.\n"),
    changed(gerl_test_project:sources(Options), Options).

changed(Before, Options) ->
    timer:sleep(?POLL),
    case gerl_test_project:sources(Options) of
        Before -> changed(Before, Options);
        _ ->
            io:put_chars("\n"),
            watch(Options)
    end.
