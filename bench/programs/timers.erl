%% A million timers: started, most of them cancelled, the others awaited.
-module(timers).
-include("sizes.hrl").
-export([main/1]).

main(_) ->
    Ts = [erlang:start_timer(?N(1000, 10) + I rem ?N(5000, 50), self(), I) || I <- lists:seq(1, ?N(1000000, 100))],
    Left = cancel(Ts, 0),
    io:format("~w~n", [wait(Left)]).

cancel([], N) -> N;
cancel([A, B, C, D, _E | T], N) ->
    [erlang:cancel_timer(X) || X <- [A, B, C, D]],
    cancel(T, N + 1).

wait(0) -> done;
wait(N) -> receive {timeout, _, _} -> wait(N - 1) after 20000 -> {missing, N} end.
