%% Messages between a hundred processes in a ring.
-module(ring).
-include("sizes.hrl").
-export([main/1]).

main(_) ->
    Hops = ?N(1500000, 500),
    Me = self(),
    First = lists:foldl(fun(_, Next) -> spawn(fun() -> node_loop(Next) end) end, Me, lists:seq(1, ?N(99, 9))),
    First ! {token, Hops},
    io:format("~w~n", [closing(First)]).

closing(Next) ->
    receive
        {token, 0} -> done;
        {token, N} -> Next ! {token, N - 1}, closing(Next)
    end.

node_loop(Next) ->
    receive
        {token, 0} -> Next ! {token, 0};
        {token, N} -> Next ! {token, N - 1}, node_loop(Next)
    end.
