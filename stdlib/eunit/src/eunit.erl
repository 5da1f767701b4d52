-module(eunit).
-moduledoc """
Runs tests.

What is to be run is described by a term: a module (all its tests, and those of its companion `M_tests`), a fun, a list, a title
before something else, a fixture. `eunit_tree` has the whole list. `test/1` prints what failed and gives a summary.
""".

-export([test/1, test/2, start/0, stop/0]).

-doc "Runs tests and reports on the terminal.".
-spec test(term()) -> ok | error | {error, term()}.
test(Tests) -> test(Tests, []).

-doc """
Runs tests with options:

- `verbose`: a line for every test, groups with their titles;
- `no_tty`: nothing on the terminal;
- `{report, Module}`, `{report, {Module, Options}}`: one more listener, started with `Module:start(Options)`; `eunit_surefire` writes XML files;
- `{print_depth, N}`: how deep terms are printed;
- `{scale_timeouts, Factor}`: multiplies every time limit.

The result is `ok` when every test passed, `error` when not.
""".
-spec test(term(), [term()]) -> ok | error | {error, term()}.
test(Tests, Options) ->
    Reporters = proplists:get_all_values(report, Options),
    Extra = case proplists:get_bool(no_tty, Options) of
                true -> Reporters;
                false -> Reporters ++ [{eunit_tty, Options}]
            end,
    Listeners = [listener(L) || L <- Extra],
    lists:foreach(fun({Pid, Ref}) -> Pid ! {start, Ref} end, Listeners),
    ok = eunit_run:run(Tests, Options, fun(Event) -> to_all(Listeners, Event) end),
    lists:foreach(fun({Pid, Ref}) -> Pid ! {stop, Ref, self()} end, Listeners),
    verdict([answer(Ref) || {_, Ref} <- Listeners]).

-doc "Nothing is to be started: every run has processes of its own.".
-spec start() -> ok.
start() -> ok.

-doc "Nothing is to be stopped.".
-spec stop() -> ok.
stop() -> ok.

listener({Module, Options}) -> watched(Module:start(Options));
listener(Module) -> watched(Module:start([])).

watched(Pid) -> {Pid, erlang:monitor(process, Pid)}.

to_all(Listeners, Event) ->
    lists:foreach(fun({Pid, _}) -> Pid ! Event end, Listeners).

%% The monitor's reference tells the answer of one listener from another's.
answer(Ref) ->
    receive
        {result, Ref, Result} ->
            erlang:demonitor(Ref, [flush]),
            case Result of
                {error, _} -> ok; % as in OTP: only the atom counts
                _ -> Result
            end;
        {'DOWN', Ref, process, _, Reason} -> {error, Reason}
    end.

%% A listener counts what it saw; without any, nothing is known to have failed.
verdict([]) -> ok;
verdict(Results) ->
    case [R || {error, R} <- Results] of
        [Reason | _] -> {error, Reason};
        [] ->
            Bad = [N || {ok, Counts} <- Results, {What, N} <- Counts, What =/= pass, N > 0] ++ [R || error = R <- Results],
            case Bad of
                [] -> ok;
                _ -> error
            end
    end.
