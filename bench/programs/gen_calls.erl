%% Calls of a gen_server.
-module(gen_calls).
-behaviour(gen_server).
-include("sizes.hrl").
-export([main/1, init/1, handle_call/3, handle_cast/2]).

main(_) ->
    {ok, P} = gen_server:start_link(?MODULE, 0, []),
    io:format("~w~n", [times(?N(200000, 100), P, 0)]).

times(0, _, R) -> R;
times(N, P, R) ->
    gen_server:cast(P, {add, 1}),
    times(N - 1, P, R + gen_server:call(P, get)).

init(N) -> {ok, N}.
handle_call(get, _, N) -> {reply, N, N}.
handle_cast({add, K}, N) -> {noreply, (N + K) band 1023}.
