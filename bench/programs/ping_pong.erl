%% Two processes that wait for each other, with a fresh reference a call.
-module(ping_pong).
-include("sizes.hrl").
-export([main/1]).

main(_) ->
    Server = spawn(fun server/0),
    io:format("~w~n", [times(?N(500000, 100), Server, 0)]).

server() -> receive {call, From, Ref, N} -> From ! {Ref, N + 1}, server() end.

times(0, _, R) -> R;
times(N, Server, R) ->
    Ref = make_ref(),
    Server ! {call, self(), Ref, R},
    receive {Ref, R1} -> times(N - 1, Server, R1) end.
