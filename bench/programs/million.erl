%% One million processes that wait in receive; the memory is what counts.
-module(million).
-export([main/1]).

main([N]) ->
    Count = list_to_integer(N),
    Ps = start(Count, []),
    io:format("~w~n", [length(Ps)]).

start(0, Ps) -> Ps;
start(N, Ps) -> start(N - 1, [spawn(fun wait/0) | Ps]).

wait() -> receive stop -> ok end.
