%% A door with a code lock as a gen_statem: it opens for a while after the right buttons.
-module(otp_door).
-behaviour(gen_statem).
-export([main/1, button/1]).
-export([init/1, callback_mode/0, locked/3, open/3]).

main(_) ->
    {ok, _} = gen_statem:start_link({local, ?MODULE}, ?MODULE, [1, 2, 3], []),
    lists:foreach(fun button/1, [3, 1, 2, 3]),
    io:format("state ~p~n", [element(1, sys:get_state(?MODULE))]),
    button(9),
    timer:sleep(800),
    io:format("state ~p~n", [element(1, sys:get_state(?MODULE))]),
    io:format("opened ~p times~n", [gen_statem:call(?MODULE, count)]),
    gen_statem:stop(?MODULE).

button(N) -> gen_statem:cast(?MODULE, {button, N}).

callback_mode() -> [state_functions, state_enter].

init(Code) -> {ok, locked, #{code => Code, pressed => [], count => 0}}.

locked(enter, _, Data) ->
    io:format("locked~n"),
    {keep_state, Data#{pressed := []}};
locked(cast, {button, N}, #{code := Code, pressed := Pressed, count := Count} = Data) ->
    Last = lists:sublist([N | Pressed], length(Code)),
    case lists:reverse(Last) of
        Code -> {next_state, open, Data#{count := Count + 1}, [{state_timeout, 400, lock}]};
        _ -> {keep_state, Data#{pressed := Last}}
    end;
locked({call, From}, count, #{count := Count}) ->
    {keep_state_and_data, [{reply, From, Count}]}.

open(enter, _, _) ->
    io:format("open~n"),
    keep_state_and_data;
open(state_timeout, lock, Data) -> {next_state, locked, Data};
open(cast, {button, N}, _) ->
    io:format("button ~p has to wait~n", [N]),
    {keep_state_and_data, [postpone]};
open({call, _}, count, _) -> {keep_state_and_data, [postpone]}.
