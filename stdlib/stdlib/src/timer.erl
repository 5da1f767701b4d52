-module(timer).
-moduledoc "Sleeping, measuring time, and actions at a later time. Times are in milliseconds.".

-export([sleep/1, seconds/1, minutes/1, hours/1, hms/3, now_diff/2, tc/1, tc/2, tc/3, tc/4]).
-export([start/0, send_after/2, send_after/3, apply_after/2, apply_after/3, apply_after/4, exit_after/2, exit_after/3,
         kill_after/1, kill_after/2, send_interval/2, send_interval/3, apply_interval/2, apply_interval/3,
         apply_interval/4, apply_repeatedly/2, apply_repeatedly/3, apply_repeatedly/4, cancel/1]).

-export_type([tref/0]).

-opaque tref() :: {type(), reference() | pid()}.
-type type() :: once | interval | instant | send_local.
-type time() :: non_neg_integer().

%%% ---- time ------------------------------------------------------------------------------------------

-doc "Suspends the calling process.".
-spec sleep(timeout()) -> ok.
sleep(Time) -> receive after Time -> ok end.

-doc "Seconds in milliseconds.".
-spec seconds(non_neg_integer()) -> non_neg_integer().
seconds(N) -> 1000 * N.

-doc "Minutes in milliseconds.".
-spec minutes(non_neg_integer()) -> non_neg_integer().
minutes(N) -> 60000 * N.

-doc "Hours in milliseconds.".
-spec hours(non_neg_integer()) -> non_neg_integer().
hours(N) -> 3600000 * N.

-doc "Hours, minutes and seconds in milliseconds.".
-spec hms(non_neg_integer(), non_neg_integer(), non_neg_integer()) -> non_neg_integer().
hms(H, M, S) -> hours(H) + minutes(M) + seconds(S).

-doc "The microseconds between two results of erlang:timestamp/0.".
-spec now_diff(erlang:timestamp(), erlang:timestamp()) -> integer().
now_diff({Mega, Seconds, Micro}, {FromMega, FromSeconds, FromMicro}) ->
    ((Mega - FromMega) * 1000000 + Seconds - FromSeconds) * 1000000 + Micro - FromMicro.

-doc "Calls a fun; the time it took in microseconds, and its value.".
-spec tc(fun(() -> T)) -> {integer(), T}.
tc(Fun) -> tc(Fun, microsecond).

-doc "Calls a fun with arguments, or measures in the given unit.".
-spec tc(fun(), [term()] | erlang:time_unit()) -> {integer(), term()}.
tc(Fun, Args) when is_list(Args) -> tc(Fun, Args, microsecond);
tc(Fun, Unit) ->
    Start = erlang:monotonic_time(),
    Value = Fun(),
    {erlang:convert_time_unit(erlang:monotonic_time() - Start, native, Unit), Value}.

-doc "Calls Module:Function(Args), or a fun with arguments and a unit.".
-spec tc(module() | fun(), atom() | [term()], [term()] | erlang:time_unit()) -> {integer(), term()}.
tc(Module, Function, Args) when is_list(Args) -> tc(Module, Function, Args, microsecond);
tc(Fun, Args, Unit) ->
    Start = erlang:monotonic_time(),
    Value = apply(Fun, Args),
    {erlang:convert_time_unit(erlang:monotonic_time() - Start, native, Unit), Value}.

-doc "Calls Module:Function(Args) and measures in the given unit.".
-spec tc(module(), atom(), [term()], erlang:time_unit()) -> {integer(), term()}.
tc(Module, Function, Args, Unit) ->
    Start = erlang:monotonic_time(),
    Value = apply(Module, Function, Args),
    {erlang:convert_time_unit(erlang:monotonic_time() - Start, native, Unit), Value}.

%%% ---- later actions -----------------------------------------------------------------------------------
%%
%% Messages that are sent once use the runtime's timers; everything else has a process of its own that
%% waits. An interval ends with the process that it was started for.

-doc "There is no timer server to start; kept for programs that call it.".
-spec start() -> ok.
start() -> ok.

-doc "Sends the caller a message later.".
-spec send_after(time(), term()) -> {ok, tref()} | {error, term()}.
send_after(Time, Message) -> send_after(Time, self(), Message).

-doc "Sends a process a message later.".
-spec send_after(time(), pid() | atom() | {atom(), node()}, term()) -> {ok, tref()} | {error, term()}.
send_after(0, Dest, Message) when is_pid(Dest); is_atom(Dest) ->
    at_once(fun() -> Dest ! Message end);
send_after(Time, Dest, Message) when is_integer(Time), Time >= 0, is_pid(Dest) orelse is_atom(Dest) ->
    {ok, {send_local, erlang:send_after(Time, Dest, Message)}};
send_after(Time, {Name, _} = Dest, Message) when is_integer(Time), Time >= 0, is_atom(Name) ->
    apply_after(Time, erlang, send, [Dest, Message]);
send_after(_, _, _) ->
    {error, badarg}.

-doc "Calls a fun later, in a process of its own.".
-spec apply_after(time(), fun(() -> term())) -> {ok, tref()} | {error, term()}.
apply_after(Time, Fun) -> apply_after(Time, Fun, []).

-doc "Calls a fun with arguments later, in a process of its own.".
-spec apply_after(time(), fun(), [term()]) -> {ok, tref()} | {error, term()}.
apply_after(Time, Fun, Args) -> as_call(Fun, Args, fun(M, F, A) -> apply_after(Time, M, F, A) end).

-doc "Calls Module:Function(Args) later, in a process of its own.".
-spec apply_after(time(), module(), atom(), [term()]) -> {ok, tref()} | {error, term()}.
apply_after(0, erlang, exit, [Pid, Reason]) ->
    at_once(fun() -> try exit(Pid, Reason) catch error:badarg -> false end end);
apply_after(0, M, F, A) when is_atom(M), is_atom(F), is_list(A) ->
    at_once(fun() -> spawn(M, F, A) end);
apply_after(Time, M, F, A) when is_integer(Time), Time >= 0, is_atom(M), is_atom(F), is_list(A) ->
    {ok, {once, spawn(fun() -> sleep(Time), apply(M, F, A) end)}};
apply_after(_, _, _, _) ->
    {error, badarg}.

%% No time passes: it is done when the call returns, and there is nothing to take back.
at_once(Action) ->
    _ = Action(),
    {ok, {instant, make_ref()}}.

-doc "Sends the caller an exit signal later.".
-spec exit_after(time(), term()) -> {ok, tref()} | {error, term()}.
exit_after(Time, Reason) -> apply_after(Time, erlang, exit, [self(), Reason]).

-doc "Sends a process an exit signal later.".
-spec exit_after(time(), pid() | atom(), term()) -> {ok, tref()} | {error, term()}.
exit_after(Time, Pid, Reason) -> apply_after(Time, erlang, exit, [Pid, Reason]).

-doc "Kills the caller later.".
-spec kill_after(time()) -> {ok, tref()} | {error, term()}.
kill_after(Time) -> exit_after(Time, self(), kill).

-doc "Kills a process later.".
-spec kill_after(time(), pid() | atom()) -> {ok, tref()} | {error, term()}.
kill_after(Time, Pid) -> exit_after(Time, Pid, kill).

-doc "Sends the caller a message again and again.".
-spec send_interval(time(), term()) -> {ok, tref()} | {error, term()}.
send_interval(Time, Message) -> send_interval(Time, self(), Message).

-doc "Sends a process a message again and again.".
-spec send_interval(time(), pid() | atom() | {atom(), node()}, term()) -> {ok, tref()} | {error, term()}.
send_interval(Time, Dest, Message) when is_integer(Time), Time >= 0 ->
    Owner = case Dest of
                Pid when is_pid(Pid) -> Pid;
                Name when is_atom(Name) -> whereis(Name);
                _ -> undefined
            end,
    interval(Time, Owner, fun() -> Dest ! Message end);
send_interval(_, _, _) ->
    {error, badarg}.

-doc "Calls a fun again and again, each time in a process of its own.".
-spec apply_interval(time(), fun(() -> term())) -> {ok, tref()} | {error, term()}.
apply_interval(Time, Fun) -> apply_interval(Time, Fun, []).

-doc "Calls a fun with arguments again and again, each time in a process of its own.".
-spec apply_interval(time(), fun(), [term()]) -> {ok, tref()} | {error, term()}.
apply_interval(Time, Fun, Args) -> as_call(Fun, Args, fun(M, F, A) -> apply_interval(Time, M, F, A) end).

-doc "Calls Module:Function(Args) again and again, each time in a process of its own.".
-spec apply_interval(time(), module(), atom(), [term()]) -> {ok, tref()} | {error, term()}.
apply_interval(Time, M, F, A) when is_integer(Time), Time >= 0, is_atom(M), is_atom(F), is_list(A) ->
    interval(Time, self(), fun() -> spawn(M, F, A) end);
apply_interval(_, _, _, _) ->
    {error, badarg}.

-doc "Like apply_interval/2, but a call waits for the one before.".
-spec apply_repeatedly(time(), fun(() -> term())) -> {ok, tref()} | {error, term()}.
apply_repeatedly(Time, Fun) -> apply_repeatedly(Time, Fun, []).

-doc "Like apply_interval/3, but a call waits for the one before.".
-spec apply_repeatedly(time(), fun(), [term()]) -> {ok, tref()} | {error, term()}.
apply_repeatedly(Time, Fun, Args) -> as_call(Fun, Args, fun(M, F, A) -> apply_repeatedly(Time, M, F, A) end).

-doc "Like apply_interval/4, but a call waits for the one before.".
-spec apply_repeatedly(time(), module(), atom(), [term()]) -> {ok, tref()} | {error, term()}.
apply_repeatedly(Time, M, F, A) when is_integer(Time), Time >= 0, is_atom(M), is_atom(F), is_list(A) ->
    Call = fun() ->
                   {_, Ref} = spawn_monitor(M, F, A),
                   receive {'DOWN', Ref, _, _, _} -> ok end
           end,
    interval(Time, self(), Call);
apply_repeatedly(_, _, _, _) ->
    {error, badarg}.

%% A fun with its arguments as a call of erlang:apply/2.
as_call(Fun, Args, Next) when is_list(Args), is_function(Fun, length(Args)) -> Next(erlang, apply, [Fun, Args]);
as_call(_, _, _) -> {error, badarg}.

interval(_, undefined, _) ->
    {error, badarg};
interval(Time, Owner, Action) ->
    Pid = spawn(fun() ->
                        _ = monitor(process, Owner),
                        tick(erlang:monotonic_time(millisecond) + Time, Time, Action)
                end),
    {ok, {interval, Pid}}.

%% Points in time are computed from the start, so that delays do not add up.
tick(Next, Time, Action) ->
    receive
        {'DOWN', _, process, _, _} -> ok
    after max(0, Next - erlang:monotonic_time(millisecond)) ->
            Action(),
            tick(Next + Time, Time, Action)
    end.

-doc "Takes an action back.".
-spec cancel(tref()) -> {ok, cancel} | {error, badarg}.
cancel({send_local, Ref}) when is_reference(Ref) ->
    _ = erlang:cancel_timer(Ref),
    {ok, cancel};
cancel({instant, Ref}) when is_reference(Ref) ->
    {ok, cancel};
cancel({Kind, Pid}) when is_pid(Pid), Kind =:= once orelse Kind =:= interval ->
    exit(Pid, kill),
    {ok, cancel};
cancel(_) ->
    {error, badarg}.
