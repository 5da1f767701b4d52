%% Calls, small integer arithmetic, comparison: doubly recursive Fibonacci.
-module(fib).
-include("sizes.hrl").
-export([main/1]).

main(_) -> io:format("~w~n", [fib(?N(38, 12))]).

fib(N) when N < 2 -> N;
fib(N) -> fib(N - 1) + fib(N - 2).
