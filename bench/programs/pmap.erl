%% A parallel map of CPU-bound work.
-module(pmap).
-include("sizes.hrl").
-export([main/1]).

main(_) -> io:format("~w~n", [lists:sum(pmap(fun fib/1, lists:duplicate(?N(40, 6), ?N(30, 10))))]).

pmap(F, L) ->
    Me = self(),
    Ps = [spawn_link(fun() -> Me ! {self(), F(X)} end) || X <- L],
    [receive {P, R} -> R end || P <- Ps].

fib(N) when N < 2 -> N;
fib(N) -> fib(N - 1) + fib(N - 2).
