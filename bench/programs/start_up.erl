%% Start-up: the smallest program that prints something.
-module(start_up).
-export([main/1]).

main(_) -> io:format("hello, world~n").
