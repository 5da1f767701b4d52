%% Large terms sent between two processes.
-module(messages).
-include("sizes.hrl").
-export([main/1]).

main(_) ->
    Echo = spawn(fun echo/0),
    T = [{I, [I, {x, I}], <<I:64>>} || I <- lists:seq(1, ?N(500, 10))],
    io:format("~w~n", [times(?N(8000, 10), Echo, T, 0)]).

echo() -> receive {From, M} -> From ! {self(), M}, echo() end.

times(0, _, _, R) -> R;
times(N, Echo, T, R) ->
    Echo ! {self(), T},
    receive {Echo, T1} -> times(N - 1, Echo, T1, R + length(T1)) end.
