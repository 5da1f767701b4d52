-module(runner).
-export([run/3]).

%% Calls M:F(A...) and hands the outcome to the test.
run(M, F, A) ->
    R = try {ok, apply(M, F, A)} catch C:E:S -> {C, E, S} end,
    gerl_test:result(R).
