%% Processes that are born, answer and die.
-module(spawn_exit).
-include("sizes.hrl").
-export([main/1]).

main(_) -> io:format("~w~n", [times(?N(500000, 100), 0)]).

times(0, Sum) -> Sum;
times(N, Sum) ->
    Me = self(),
    spawn(fun() -> Me ! N end),
    receive X -> times(N - 1, Sum + X) end.
