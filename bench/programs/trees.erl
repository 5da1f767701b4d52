%% Tuples that live for a while: complete binary trees, built and counted.
-module(trees).
-include("sizes.hrl").
-export([main/1]).

main(_) -> io:format("~w~n", [times(?N(200, 2), 0)]).

times(0, R) -> R;
times(N, R) -> times(N - 1, R + count(build(?N(16, 6)))).

build(0) -> leaf;
build(D) -> {build(D - 1), build(D - 1)}.

count(leaf) -> 1;
count({L, R}) -> count(L) + count(R).
