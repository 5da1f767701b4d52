%% Parallel map: one process per element, results in the order of the list.
%% A crash in one of the functions comes back to the caller as an exit, and a
%% limited version never runs more than K functions at a time.
-module(pmap).
-mode(compile).
-export([main/1]).
-export([pmap/2, pmap/3]).

main(_Args) ->
    Squares = pmap(fun(N) -> timer:sleep(10 - N), N * N end, lists:seq(1, 10)),
    io:format("squares: ~w~n", [Squares]),
    Fibs = pmap(fun fib/1, [15, 5, 10, 1, 18]),
    io:format("fib: ~w~n", [Fibs]),
    Limited = pmap(fun fib/1, lists:seq(1, 20), 3),
    io:format("three at a time: ~w~n", [Limited]),
    io:format("empty: ~w~n", [pmap(fun fib/1, [])]),
    Words = string:tokens("the quick brown fox jumps over the lazy dog the end", " "),
    Counts = lists:foldl(fun merge/2, #{}, pmap(fun(W) -> #{W => 1} end, Words)),
    [io:format("~-6s~w~n", [W, N]) || {W, N} <- lists:sort(maps:to_list(Counts)), N > 1],
    try pmap(fun(0) -> throw(zero); (N) -> 10 / N end, [5, 2, 0, 1]) of
        Result -> io:format("result: ~p~n", [Result])
    catch
        exit:{worker_failed, Item, Reason} ->
            io:format("worker for ~p failed: ~p~n", [Item, Reason])
    end.

fib(N) when N < 2 -> N;
fib(N) -> fib(N - 1) + fib(N - 2).

merge(A, B) -> maps:fold(fun(K, V, M) -> maps:update_with(K, fun(O) -> O + V end, V, M) end, B, A).

pmap(Fun, List) ->
    Jobs = [start(Fun, Item) || Item <- List],
    [collect(Job) || Job <- Jobs].

%% Starts K workers, and one more whenever the oldest has answered.
pmap(Fun, List, K) when K > 0 ->
    {Now, Later} = lists:split(min(K, length(List)), List),
    slide(Fun, [start(Fun, Item) || Item <- Now], Later).

slide(_Fun, [], []) -> [];
slide(Fun, [Job | Jobs], []) ->
    Result = collect(Job),
    [Result | slide(Fun, Jobs, [])];
slide(Fun, [Job | Jobs], [Item | Later]) ->
    Result = collect(Job),
    [Result | slide(Fun, Jobs ++ [start(Fun, Item)], Later)].

start(Fun, Item) ->
    {_Pid, Ref} = spawn_monitor(fun() -> exit(run(Fun, Item)) end),
    {Ref, Item}.

run(Fun, Item) ->
    try {result, Fun(Item)} catch Class:Reason -> {failed, {Class, Reason}} end.

%% The result travels in the exit reason, so one message tells everything.
collect({Ref, Item}) ->
    receive
        {'DOWN', Ref, process, _, {result, Result}} -> Result;
        {'DOWN', Ref, process, _, {failed, Reason}} -> exit({worker_failed, Item, Reason})
    end.
