%% Large integers: factorials, powers, division, digits of pi, text.
-module(bignum).
-include("sizes.hrl").
-export([main/1]).

main(_) ->
    F = factorial(?N(8000, 60), 1),
    P = power(7, ?N(20000, 50)),
    D = pi(?N(1500, 12), 1, 0, 1, 1, 3, 3, 0),
    S = length(integer_to_list(factorial(?N(6000, 40), 1))),
    io:format("~w ~w ~w ~w~n", [F rem 1000003, P rem F rem 1000003, D, S]).

factorial(0, R) -> R;
factorial(N, R) -> factorial(N - 1, R * N).

power(_, 0) -> 1;
power(X, N) when N rem 2 =:= 0 -> power(X * X, N div 2);
power(X, N) -> X * power(X, N - 1).

%% The spigot by Gibbons; the sum of the digits.
pi(0, _, _, _, _, _, _, S) -> S;
pi(C, Q, R, T, K, N, L, S) when 4 * Q + R - T < N * T ->
    pi(C - 1, 10 * Q, 10 * (R - N * T), T, K, (10 * (3 * Q + R)) div T - 10 * N, L, S + N);
pi(C, Q, R, T, K, _, L, S) ->
    pi(C, Q * K, (2 * Q + R) * L, T * L, K + 1, (Q * (7 * K + 2) + R * L) div (T * L), L + 2, S).
