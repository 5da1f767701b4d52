%% Conway's life on a set of tuples.
-module(life).
-include("sizes.hrl").
-export([main/1]).

main(_) ->
    Cells = [{X, Y} || X <- lists:seq(1, ?N(40, 8)), Y <- lists:seq(1, ?N(40, 8)), (X * 7 + Y * 13 + X * Y) rem 5 < 2],
    io:format("~w~n", [maps:size(run(?N(400, 3), maps:from_list([{C, true} || C <- Cells])))]).

run(0, S) -> S;
run(N, S) -> run(N - 1, step(S)).

step(S) ->
    Counts = maps:fold(fun({X, Y}, _, M) ->
        lists:foldl(fun(C, A) -> maps:update_with(C, fun(V) -> V + 1 end, 1, A) end, M,
                    [{X + DX, Y + DY} || DX <- [-1, 0, 1], DY <- [-1, 0, 1], {DX, DY} =/= {0, 0}])
    end, #{}, S),
    maps:filtermap(fun(_, 3) -> {true, true};
                      (C, 2) -> case is_map_key(C, S) of true -> {true, true}; false -> false end;
                      (_, _) -> false end, Counts).
