-module(latency).
-moduledoc """
How long a process waits that a message wakes while all schedulers are busy.

As many processes as there are schedulers run in tight loops; one of them sends the time to a process that waits, now and then. Printed are
the median, the 99th and the 99.9th percentile and the longest wait, in microseconds.
""".
-export([main/1]).

-define(WAITS, 3000).

-doc "Prints the percentiles; ends with status 1 if the 99th is above the argument, in microseconds.".
-spec main([string()]) -> no_return().
main([Limit]) ->
    Self = self(),
    Waiter = spawn(fun() -> waiter(Self, ?WAITS, []) end),
    [spawn(fun() -> spin(0) end) || _ <- lists:seq(2, erlang:system_info(schedulers_online))],
    spawn(fun() -> sender(Waiter, 0) end),
    receive {waits, Waits} -> ok end,
    Sorted = lists:sort(Waits),
    Percentile = fun(P) -> lists:nth(max(1, round(P * length(Sorted))), Sorted) / 1000 end,
    io:format("median ~.1f, 99 % ~.1f, 99.9 % ~.1f, longest ~.1f microseconds~n", [Percentile(P) || P <- [0.5, 0.99, 0.999, 1.0]]),
    halt(case Percentile(0.99) =< list_to_integer(Limit) of true -> 0; false -> 1 end).

waiter(To, 0, Waits) -> To ! {waits, Waits};
waiter(To, N, Waits) ->
    receive Sent -> waiter(To, N - 1, [now_ns() - Sent | Waits]) end.

%% About every half a millisecond a message, without ever waiting.
sender(To, N) when N rem 100_000 =:= 0 -> To ! now_ns(), sender(To, N + 1);
sender(To, N) -> sender(To, N + 1).

spin(N) -> spin(N + 1).

now_ns() -> erlang:convert_time_unit(erlang:monotonic_time(), native, nanosecond).
