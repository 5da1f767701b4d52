%% Deep recursion: Ackermann's function.
-module(ack).
-export([main/1]).

main(_) -> io:format("~w~n", [[ack(3, 9) || _ <- lists:seq(1, 6)]]).

ack(0, N) -> N + 1;
ack(M, 0) -> ack(M - 1, 1);
ack(M, N) -> ack(M - 1, ack(M, N - 1)).
