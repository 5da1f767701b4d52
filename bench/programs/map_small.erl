%% Small maps with atom keys: matching, updating, adding.
-module(map_small).
-include("sizes.hrl").
-export([main/1]).

main(_) ->
    M = #{name => <<"x">>, count => 0, sum => 0, state => idle, limit => 1000},
    #{count := C, sum := S} = loop(?N(12000000, 300), M),
    io:format("~w ~w~n", [C, S]).

loop(0, M) -> M;
loop(N, M) -> loop(N - 1, step(N, M)).

step(N, #{count := C, sum := S, state := idle} = M) -> M#{count := C + 1, sum := S + N band 7, state := busy};
step(N, #{count := C, state := busy, limit := L} = M) when N > L -> maps:put(state, idle, M#{count := C + 1});
step(_, #{state := busy} = M) -> M#{state => idle, last => maps:get(sum, M, 0)}.
