%% Deep recursion: Ackermann's function.
-module(ack).
-include("sizes.hrl").
-export([main/1]).

main(_) -> io:format("~w~n", [[ack(?N(3, 2), ?N(9, 3)) || _ <- lists:seq(1, 6)]]).

ack(0, N) -> N + 1;
ack(M, 0) -> ack(M - 1, 1);
ack(M, N) -> ack(M - 1, ack(M, N - 1)).
