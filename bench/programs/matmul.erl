%% Matrices as lists of lists, integers and floats.
-module(matmul).
-include("sizes.hrl").
-export([main/1]).

main(_) ->
    A = [[(I * J) rem 17 || J <- lists:seq(1, ?N(60, 6))] || I <- lists:seq(1, ?N(60, 6))],
    B = [[float(X) || X <- R] || R <- A],
    io:format("~w ~w~n", [power(?N(40, 3), A, A) rem 1000, round(lists:sum(hd(fpower(?N(40, 3), B, B))))]).

power(0, [[X | _] | _], _) -> X;
power(N, P, A) -> power(N - 1, [[X rem 1009 || X <- R] || R <- mul(P, A)], A).

fpower(0, P, _) -> P;
fpower(N, P, A) -> fpower(N - 1, [[X / 1000.0 || X <- R] || R <- mul(P, A)], A).

mul(A, B) ->
    T = transpose(B),
    [[dot(R, C, 0) || C <- T] || R <- A].

dot([], [], S) -> S;
dot([X | Xs], [Y | Ys], S) -> dot(Xs, Ys, S + X * Y).

transpose([[] | _]) -> [];
transpose(M) -> [[hd(R) || R <- M] | transpose([tl(R) || R <- M])].
