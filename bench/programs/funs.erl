%% Funs: closures made, passed, composed and called.
-module(funs).
-include("sizes.hrl").
-export([main/1]).

main(_) -> io:format("~w~n", [times(?N(600, 2), 0)]).

times(0, S) -> S;
times(N, S) ->
    Fs = [adder(K) || K <- lists:seq(1, ?N(300, 10))],
    F = lists:foldl(fun compose/2, fun(X) -> X end, Fs),
    L = [F(X) || X <- lists:seq(1, 50)],
    Z = lists:zipwith(fun(A, B) -> A * B + N end, L, L),
    P = lists:filter(fun(X) -> X rem 2 =:= 0 end, Z),
    Q = lists:foldr(fun(X, A) -> A + X end, 0, P),
    R = loop(fun(X) -> X + 1 end, fun erlang:abs/1, ?N(20000, 100), 0),
    times(N - 1, S + Q + R).

adder(K) -> fun(X) -> X + K end.

compose(F, G) -> fun(X) -> F(G(X)) end.

loop(_, _, 0, A) -> A;
loop(F, G, N, A) -> loop(F, G, N - 1, G(F(A))).
