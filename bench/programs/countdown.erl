%% A loop that does nothing but count down.
-module(countdown).
-export([main/1]).

main(_) -> io:format("~w~n", [down(200000000)]).

down(0) -> done;
down(N) -> down(N - 1).
