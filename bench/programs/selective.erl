%% Calls with a fresh reference while 100,000 other messages wait in the queue.
-module(selective).
-include("sizes.hrl").
-export([main/1]).

main(_) ->
    Me = self(),
    [Me ! {other, I} || I <- lists:seq(1, ?N(100000, 60))],
    Server = spawn(fun server/0),
    io:format("~w~n", [times(?N(300000, 60), Server, 0)]).

server() -> receive {call, From, Ref, N} -> From ! {Ref, N + 1}, server() end.

times(0, _, R) -> R;
times(N, Server, R) ->
    Ref = make_ref(),
    Server ! {call, self(), Ref, R},
    receive {Ref, R1} -> times(N - 1, Server, R1) end.
