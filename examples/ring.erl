%% A ring of processes.  N processes are linked in a circle, a token travels
%% round it M times and every process adds one to it, so the token tells at
%% the end how many hops it has made.
%%
%%   gerl run ring.erl [PROCESSES [ROUNDS]]
-module(ring).
-mode(compile).
-export([main/1, run/2]).

main([]) -> report(100, 50);
main([N]) -> report(list_to_integer(N), 50);
main([N, M]) -> report(list_to_integer(N), list_to_integer(M)).

report(N, M) ->
    Hops = run(N, M),
    io:format("~w processes, ~w rounds: ~w hops~n", [N, M, Hops]).

%% run(N, M) builds the ring, sends the token round and returns its count.
run(N, M) when N > 1, M > 0 ->
    First = self(),
    Next = build(N - 1, First),
    Next ! {token, 1},
    Hops = turn(Next, M, 1),
    Next ! stop,
    receive stop -> Hops end.

%% Each process spawns the one before it in the ring; the last one spawned
%% closes the circle.
build(0, Successor) -> Successor;
build(K, Successor) ->
    build(K - 1, spawn_link(fun() -> member(Successor) end)).

member(Next) ->
    receive
        {token, Count} ->
            Next ! {token, Count + 1},
            member(Next);
        stop ->
            Next ! stop
    end.

%% The first process counts the rounds.
turn(Next, Rounds, Round) ->
    receive
        {token, Count} when Round =:= Rounds ->
            _ = Next,
            Count;
        {token, Count} ->
            Next ! {token, Count + 1},
            turn(Next, Rounds, Round + 1)
    end.
