%% Tuples, records, maps, trees.
-module(bg_data).
-export([trees/1, records/1, maps/1, queens/1, eval/1]).
-record(acc, {id, name, balance = 0, log = [], n = 0}).

trees(N) -> trees_loop(N, 0).
trees_loop(0, S) -> S;
trees_loop(N, S) -> trees_loop(N - 1, S + check(make(10))).
make(0) -> {leaf, nil};
make(D) -> {node, make(D - 1), make(D - 1)}.
check({leaf, _}) -> 1;
check({node, L, R}) -> 1 + check(L) + check(R).

records(N) -> rec_loop(N, #acc{id = 1, name = "x"}).
rec_loop(0, R) -> R#acc.balance;
rec_loop(N, #acc{balance = B, n = K} = R) when K > 100 -> rec_loop(N - 1, R#acc{balance = B + 1, n = 0, log = []});
rec_loop(N, R) -> rec_loop(N - 1, step(R, N)).
step(#acc{n = K} = R, N) when N rem 2 =:= 0 -> R#acc{n = K + 1, log = [N]};
step(R, _) -> R#acc{n = R#acc.n + 1, balance = R#acc.balance + R#acc.n}.

maps(N) -> maps_loop(N, #{a => 1, b => 2, c => 3}, 0).
maps_loop(0, M, S) -> {M, S};
maps_loop(N, #{a := A, b := B} = M, S) when A < 1000 -> maps_loop(N - 1, M#{a := A + 1, c => B}, S + get_c(M));
maps_loop(N, M, S) -> maps_loop(N - 1, M#{a := 1, b := N band 7}, S + maps:get(b, M)).
get_c(#{c := C}) when is_integer(C) -> C;
get_c(_) -> 0.

queens(N) -> queens_loop(N, 0).
queens_loop(0, S) -> S;
queens_loop(N, S) -> queens_loop(N - 1, S + solve(8, 8, [])).
solve(0, _, _) -> 1;
solve(K, N, Qs) -> place(N, K, N, Qs, 0).
place(0, _, _, _, S) -> S;
place(C, K, N, Qs, S) ->
    case safe(C, 1, Qs) of
        true -> place(C - 1, K, N, Qs, S + solve(K - 1, N, [C | Qs]));
        false -> place(C - 1, K, N, Qs, S)
    end.
safe(_, _, []) -> true;
safe(C, D, [Q | Qs]) -> C =/= Q andalso C =/= Q + D andalso C =/= Q - D andalso safe(C, D + 1, Qs).

eval(N) -> eval_loop(N, {add, {mul, {num, 3}, {var, x}}, {'let', y, {num, 4}, {sub, {var, y}, {neg, {var, x}}}}}, 0).
eval_loop(0, _, S) -> S;
eval_loop(N, E, S) -> eval_loop(N - 1, E, S + ev(E, [{x, N}])).
ev({num, N}, _) -> N;
ev({var, V}, Env) -> look(V, Env);
ev({add, A, B}, Env) -> ev(A, Env) + ev(B, Env);
ev({sub, A, B}, Env) -> ev(A, Env) - ev(B, Env);
ev({mul, A, B}, Env) -> ev(A, Env) * ev(B, Env);
ev({neg, A}, Env) -> -ev(A, Env);
ev({'let', V, A, B}, Env) -> ev(B, [{V, ev(A, Env)} | Env]).
look(V, [{V, X} | _]) -> X;
look(V, [_ | T]) -> look(V, T).
