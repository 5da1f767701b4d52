%% An interpreter of a small stack machine: selections over atoms and integers, tuples.
-module(stack_vm).
-include("sizes.hrl").
-export([main/1]).

main(_) ->
    Code = {{push, 0}, {push, ?N(4000000, 200)}, {jz, 12}, swap, {push, 3}, add, {op, 2}, swap, {push, 1}, sub, {goto, 3}, halt},
    io:format("~w~n", [run(1, Code, [])]).

run(Pc, Code, S) ->
    case element(Pc, Code) of
        {push, X} -> run(Pc + 1, Code, [X | S]);
        {jz, L} -> case S of [0 | _] -> run(L, Code, S); _ -> run(Pc + 1, Code, S) end;
        {goto, L} -> run(L, Code, S);
        {op, N} -> run(Pc + 1, Code, op(N, S));
        dup -> [X | _] = S, run(Pc + 1, Code, [X | S]);
        add -> [X, Y | T] = S, run(Pc + 1, Code, [X + Y | T]);
        sub -> [X, Y | T] = S, run(Pc + 1, Code, [Y - X | T]);
        swap -> [X, Y | T] = S, run(Pc + 1, Code, [Y, X | T]);
        halt -> S
    end.

op(0, S) -> S;
op(1, [X | T]) -> [-X | T];
op(2, [X | T]) -> [X band 16#ffff | T];
op(3, [X | T]) -> [X bsr 1 | T];
op(4, [X | T]) -> [bnot X | T];
op(5, [_ | T]) -> T.
