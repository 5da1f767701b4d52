%% A large live heap under a program that allocates: what generations are for.
-module(live_heap).
-include("sizes.hrl").
-export([main/1]).

main(_) ->
    Live = build(?N(19, 6), 1),
    Q = churn(?N(8000000, 300), [], [], 0),
    io:format("~w ~w~n", [Q, count(Live)]).

build(0, N) -> {leaf, N};
build(D, N) -> {node, build(D - 1, N * 2), build(D - 1, N * 2 + 1)}.

count({leaf, _}) -> 1;
count({node, L, R}) -> count(L) + count(R).

%% A queue of 1000 elements that each live for a while.
churn(0, F, R, S) -> S + length(F) + length(R);
churn(N, [], R, S) when length(R) > 1000 -> churn(N, lists:reverse(R), [], S);
churn(N, [], R, S) -> churn(N - 1, [], [item(N) | R], S);
churn(N, [{_, X, _} | F], R, S) -> churn(N - 1, F, [item(N) | R], S + X band 3).

item(N) -> {N, N * 3, [a, N, {b, N}]}.
