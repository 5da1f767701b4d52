%% Arithmetic, exceptions, text as lists, dispatch, messages.
-module(bg_misc).
-export([fib/1, floats/1, exceptions/1, text/1, dispatch/1, bits/1, calls/1, boolean/1]).

fib(N) -> fib_loop(N, 0).
fib_loop(0, S) -> S;
fib_loop(N, S) -> fib_loop(N - 1, S + f(18)).
f(N) when N < 2 -> N;
f(N) -> f(N - 1) + f(N - 2).

floats(N) -> fl(N * 200, 0.5, 0.0).
fl(0, _, S) -> S;
fl(N, X, S) when is_float(X), is_float(S) -> Y = X * 1.0001 + 0.25 / (X + 1.0), fl(N - 1, Y - 0.1 * Y, S + Y * 2.0 - X).

exceptions(N) -> ex(N * 20, 0).
ex(0, S) -> S;
ex(N, S) -> ex(N - 1, S + try risky(N) catch throw:{t, X} -> X; error:badarith -> 1 after ok end).
risky(N) when N rem 3 =:= 0 -> throw({t, 2});
risky(N) when N rem 7 =:= 0 -> 1 div (N - N);
risky(N) -> N band 3.

text(N) -> tx(N, "The quick brown fox, jumps over: the lazy dog. 12345 times", 0).
tx(0, _, S) -> S;
tx(N, L, S) -> tx(N - 1, L, S + length(tokens(upper(L), [], []))).
upper([C | T]) when C >= $a, C =< $z -> [C - 32 | upper(T)];
upper([C | T]) -> [C | upper(T)];
upper([]) -> [].
tokens([C | T], W, Acc) when C =:= $\s; C =:= $,; C =:= $.; C =:= $: -> tokens(T, [], add(W, Acc));
tokens([C | T], W, Acc) -> tokens(T, [C | W], Acc);
tokens([], W, Acc) -> lists:reverse(add(W, Acc)).
add([], Acc) -> Acc;
add(W, Acc) -> [lists:reverse(W) | Acc].

dispatch(N) -> dp(N * 20, 0).
dp(0, S) -> S;
dp(N, S) -> dp(N - 1, S + handle(op(N rem 8), N)).
op(0) -> add; op(1) -> sub; op(2) -> {mul, 2}; op(3) -> {mul, 3}; op(4) -> nop; op(5) -> {set, 1, 2}; op(6) -> reset; op(7) -> {set, a, 3}.
handle(add, N) -> N;
handle(sub, N) -> -N;
handle({mul, K}, N) when K > 2 -> K * N;
handle({mul, _}, N) -> N;
handle({set, A, B}, _) when is_integer(A), is_integer(B) -> A + B;
handle({set, _, B}, _) -> B;
handle(nop, _) -> 0;
handle(reset, _) -> 1;
handle(_, _) -> error(bad).

bits(N) -> bt(N * 20, 1, 0).
bt(0, _, S) -> S;
bt(N, X, S) -> Y = ((X bsl 5) bxor (X bsr 3) bxor N) band 16#FFFFFF, bt(N - 1, Y, (S + (Y band 255) * 3 - Y rem 7) div 2).

calls(N) -> cl(N * 10, {1, 2, 3}, 0).
cl(0, _, S) -> S;
cl(N, {A, B, C}, S) ->
    X = g(A, B), Y = g(B, C), Z = h(X, Y, N),
    cl(N - 1, {B, C, (A + Z) band 1023}, S + Z - g(X, Z)).
g(A, B) when A > B -> A - B;
g(A, B) -> B - A.
h(A, B, C) -> case A + B of D when D > C -> C; D -> D end.

boolean(N) -> bo(N * 20, 0).
bo(0, S) -> S;
bo(N, S) ->
    A = N rem 2 =:= 0, B = N rem 3 =:= 0,
    C = (A and not B) or (B andalso N > 100),
    bo(N - 1, if C, A -> S + 1; C orelse B -> S + 2; true -> S end).
