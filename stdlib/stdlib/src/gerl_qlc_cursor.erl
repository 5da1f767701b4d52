-module(gerl_qlc_cursor).
-moduledoc """
Cursors: a process each that evaluates a query and gives its answers to its owner, who asks for them.

While the query is set up, tables may ask for a value that the owner's process has to compute.
""".

-export([start/3, next/2, stop/1, parent_value/2]).

-include("gerl_qlc.hrl").

-doc "Starts a cursor's process.".
-spec start(term(), #qlc_opt{}, [term()]) -> {ok, pid()} | {failed, term()}.
start(Source, Options, SpawnOptions) ->
    Owner = self(),
    Pid = spawn_opt(fun() -> run(Source, Options, Owner) end, SpawnOptions),
    set_up(Pid, monitor(process, Pid)).

set_up(Pid, Monitor) ->
    receive
        {Pid, ready} ->
            demonitor(Monitor, [flush]),
            {ok, Pid};
        {Pid, {parent_value, Fun}} ->
            Value =
                try
                    {ok, Fun()}
                catch
                    Class:Why:Stack -> {raise, Class, Why, Stack}
                end,
            Pid ! {self(), Value},
            set_up(Pid, Monitor);
        {Pid, {raise, throw, ?FAILED(Error), _}} ->
            demonitor(Monitor, [flush]),
            {failed, Error};
        {Pid, {raise, Class, Why, Stack}} ->
            demonitor(Monitor, [flush]),
            erlang:raise(Class, Why, Stack);
        {'DOWN', Monitor, process, Pid, Why} ->
            error({qlc_cursor_pid_no_longer_exists, Pid, Why})
    end.

-doc "Has the owner's process compute a value; for tables that are set up in the cursor's process.".
-spec parent_value(pid(), fun(() -> Value)) -> Value.
parent_value(Owner, Fun) ->
    Monitor = monitor(process, Owner),
    Owner ! {self(), {parent_value, Fun}},
    receive
        {Owner, {ok, Value}} ->
            demonitor(Monitor, [flush]),
            Value;
        {Owner, {raise, Class, Why, Stack}} ->
            demonitor(Monitor, [flush]),
            erlang:raise(Class, Why, Stack);
        {'DOWN', Monitor, process, Owner, _} ->
            exit(normal)
    end.

run(Source, Options, Owner) ->
    process_flag(trap_exit, true),
    Monitor = monitor(process, Owner),
    try
        gerl_qlc_run:evaluate(Source, Options, Owner, fun(Lazy) ->
            Owner ! {self(), ready},
            serve(Lazy, Owner, Monitor)
        end)
    catch
        exit:normal -> ok;
        Class:Why:Stack -> Owner ! {self(), {raise, Class, Why, Stack}}
    end.

serve(Lazy, Owner, Monitor) ->
    receive
        {Owner, Ref, Wanted} ->
            %% An error ends the process, so all is closed before the owner hears of it.
            {Answers, Rest} = taken(Wanted, Lazy, []),
            Ref ! {Ref, {ok, Answers}},
            serve(Rest, Owner, Monitor);
        {Owner, stop} -> ok;
        {'DOWN', Monitor, process, _, _} -> ok;
        {'EXIT', Owner, _} -> ok;
        {'EXIT', Self, _} when Self =:= self() -> serve(Lazy, Owner, Monitor);
        Other ->
            error_logger:error_msg("The qlc cursor ~w got a message that it does not know:~n~tp~n", [self(), Other]),
            serve(Lazy, Owner, Monitor)
    end.

taken(0, Lazy, Acc) -> {lists:reverse(Acc), Lazy};
taken(N, [Answer | More], Acc) when is_integer(N) -> taken(N - 1, More, [Answer | Acc]);
taken(all_remaining, [Answer | More], Acc) -> taken(all_remaining, More, [Answer | Acc]);
taken(_, [], Acc) -> {lists:reverse(Acc), []};
taken(N, More, Acc) -> taken(N, gerl_qlc_run:forced(More), Acc).

-doc "Asks a cursor for its next answers.".
-spec next(pid(), pos_integer() | all_remaining) ->
    {ok, list()} | {failed, term()} | {raise, error | exit | throw, term(), list()} | gone.
next(Pid, Wanted) ->
    Ref = monitor(process, Pid, [{alias, reply_demonitor}]),
    Pid ! {self(), Ref, Wanted},
    receive
        {Ref, {ok, Answers}} -> {ok, Answers};
        {Pid, {raise, throw, ?FAILED(Error), _}} -> ended(Ref, Pid, {failed, Error});
        {Pid, {raise, _, _, _} = Raise} -> ended(Ref, Pid, Raise);
        {'DOWN', Ref, process, _, _} -> gone(Pid, gone)
    end.

ended(Ref, Pid, Result) ->
    receive
        {'DOWN', Ref, process, _, _} -> gone(Pid, Result)
    end.

%% An owner that traps exits is not told about the end of its cursor.
gone(Pid, Result) ->
    receive
        {'EXIT', Pid, _} -> Result
    after 0 -> Result
    end.

-doc "Ends a cursor's process.".
-spec stop(pid()) -> ok.
stop(Pid) ->
    Monitor = monitor(process, Pid),
    unlink(Pid),
    Pid ! {self(), stop},
    receive
        {'DOWN', Monitor, process, _, _} -> gone(Pid, ok)
    end.
