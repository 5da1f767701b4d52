%% A loop that does nothing but count down.
-module(countdown).
-include("sizes.hrl").
-export([main/1]).

main(_) -> io:format("~w~n", [down(?N(200000000, 2000))]).

down(0) -> done;
down(N) -> down(N - 1).
