%% Calls, small integer arithmetic, comparison: doubly recursive Fibonacci.
-module(fib).
-export([main/1]).

main(_) -> io:format("~w~n", [fib(38)]).

fib(N) when N < 2 -> N;
fib(N) -> fib(N - 1) + fib(N - 2).
