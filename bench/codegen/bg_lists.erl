%% Lists: naive reverse, sorting, folding with funs.
-module(bg_lists).
-export([nrev/1, sort/1, fold/1, comprehension/1]).

nrev(N) -> nrev_loop(N, lists:seq(1, 30)).
nrev_loop(0, L) -> L;
nrev_loop(N, L) -> _ = rev(L), nrev_loop(N - 1, L).
rev([H | T]) -> app(rev(T), [H]);
rev([]) -> [].
app([H | T], L) -> [H | app(T, L)];
app([], L) -> L.

sort(N) -> sort_loop(N, [(X * 7919) rem 1009 || X <- lists:seq(1, 1000)]).
sort_loop(0, L) -> L;
sort_loop(N, L) -> _ = msort(L), sort_loop(N - 1, L).
msort([]) -> [];
msort([X]) -> [X];
msort(L) -> {A, B} = halves(L, [], []), merge(msort(A), msort(B)).
halves([X, Y | T], A, B) -> halves(T, [X | A], [Y | B]);
halves([X], A, B) -> {[X | A], B};
halves([], A, B) -> {A, B}.
merge([X | Xs], [Y | _] = Ys) when X =< Y -> [X | merge(Xs, Ys)];
merge(Xs, [Y | Ys]) when Xs =/= [] -> [Y | merge(Xs, Ys)];
merge([], Ys) -> Ys;
merge(Xs, []) -> Xs.

fold(N) -> fold_loop(N, lists:seq(1, 1000), 0).
fold_loop(0, _, S) -> S;
fold_loop(N, L, S) ->
    M = my_map(fun(X) -> X * 2 + N end, L),
    fold_loop(N - 1, L, S + my_fold(fun(X, A) when X rem 3 =:= 0 -> A + X; (_, A) -> A - 1 end, 0, M)).
my_map(F, [H | T]) -> [F(H) | my_map(F, T)];
my_map(_, []) -> [].
my_fold(F, A, [H | T]) -> my_fold(F, F(H, A), T);
my_fold(_, A, []) -> A.

comprehension(N) -> comp_loop(N, lists:seq(1, 1000), 0).
comp_loop(0, _, S) -> S;
comp_loop(N, L, S) ->
    R = [{X, Y} || X <- L, X rem 2 =:= 0, Y <- [X, N], Y > X div 2],
    comp_loop(N - 1, L, S + length(R)).
