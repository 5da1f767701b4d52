%% Floats: the planets of the n-body problem, as tuples in lists.
-module(nbody).
-include("sizes.hrl").
-export([main/1]).

main(_) ->
    Bodies = [{0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 39.47},
              {4.84, -1.16, -0.10, 0.606, 2.81, -0.02, 0.037},
              {8.34, 4.12, -0.4, -1.01, 1.82, 0.008, 0.011},
              {12.89, -15.11, -0.22, 1.08, 0.868, -0.01, 0.0017},
              {15.37, -25.9, 0.179, 0.979, 0.594, -0.034, 0.002}],
    {X, Y, Z, _, _, _, _} = hd(advance(?N(120000, 30), Bodies)),
    io:format("~.6f ~.6f ~.6f~n", [X, Y, Z]).

advance(0, Bs) -> Bs;
advance(N, Bs) -> advance(N - 1, [move(pull(B, Bs)) || B <- Bs]).

pull(B, []) -> B;
pull({X, Y, Z, _, _, _, _} = B, [{X, Y, Z, _, _, _, _} | T]) -> pull(B, T);
pull({X, Y, Z, VX, VY, VZ, M}, [{X1, Y1, Z1, _, _, _, M1} | T]) ->
    DX = X - X1, DY = Y - Y1, DZ = Z - Z1,
    D2 = DX * DX + DY * DY + DZ * DZ,
    Mag = 0.001 / (D2 * math:sqrt(D2)),
    pull({X, Y, Z, VX - DX * M1 * Mag, VY - DY * M1 * Mag, VZ - DZ * M1 * Mag, M}, T).

move({X, Y, Z, VX, VY, VZ, M}) -> {X + 0.001 * VX, Y + 0.001 * VY, Z + 0.001 * VZ, VX, VY, VZ, M}.
