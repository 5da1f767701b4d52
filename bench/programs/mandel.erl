%% Floats in tail-recursive loops: the Mandelbrot set.
-module(mandel).
-include("sizes.hrl").
-export([main/1]).

main(_) -> io:format("~w~n", [rows(0, ?N(180, 8), 0)]).

rows(N, N, S) -> S;
rows(Y, N, S) -> rows(Y + 1, N, cols(0, Y, N, S)).

cols(N, _, N, S) -> S;
cols(X, Y, N, S) -> cols(X + 1, Y, N, S + iterate(0.0, 0.0, 3.0 * X / N - 2.0, 2.0 * Y / N - 1.0, 0)).

iterate(_, _, _, _, 1000) -> 1000;
iterate(Zr, Zi, Cr, Ci, K) ->
    R2 = Zr * Zr,
    I2 = Zi * Zi,
    if R2 + I2 > 4.0 -> K;
       true -> iterate(R2 - I2 + Cr, 2.0 * Zr * Zi + Ci, Cr, Ci, K + 1)
    end.
