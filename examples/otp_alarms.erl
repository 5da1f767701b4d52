%% Alarms as events: one handler prints them, another counts, a third one crashes and is removed.
-module(otp_alarms).
-behaviour(gen_event).
-export([main/1]).
-export([init/1, handle_event/2, handle_call/2, terminate/2]).

main(_) ->
    logger:set_primary_config(level, none),
    {ok, Pid} = gen_event:start_link({local, alarms}),
    ok = gen_event:add_handler(alarms, {?MODULE, printer}, {print, 0}),
    ok = gen_event:add_handler(alarms, {?MODULE, counter}, {count, #{}}),
    ok = gen_event:add_sup_handler(alarms, {?MODULE, fragile}, {fragile, none}),
    gen_event:notify(alarms, {set, overheating, 95}),
    gen_event:notify(alarms, {set, door_open, hall}),
    gen_event:sync_notify(alarms, {clear, overheating}),
    receive {gen_event_EXIT, Handler, {'EXIT', {Why, _}}} -> io:format("~p was removed: ~p~n", [Handler, Why]) end,
    io:format("~p~n", [gen_event:call(alarms, {?MODULE, counter}, numbers)]),
    io:format("~p~n", [gen_event:delete_handler(alarms, {?MODULE, printer}, enough)]),
    io:format("~p~n", [gen_event:which_handlers(alarms)]),
    gen_event:stop(Pid).

init(State) -> {ok, State}.

handle_event(Event, {print, N}) ->
    io:format("~p: ~p~n", [N, Event]),
    {ok, {print, N + 1}};
handle_event(Event, {count, Counts}) ->
    {ok, {count, maps:update_with(element(1, Event), fun(N) -> N + 1 end, 1, Counts)}};
handle_event({clear, _}, {fragile, _}) -> error(cannot_clear);
handle_event(_, State) -> {ok, State}.

handle_call(numbers, {count, Counts} = State) -> {ok, lists:sort(maps:to_list(Counts)), State}.

terminate(stop, {Kind, _}) -> io:format("~p stops~n", [Kind]);
terminate(Reason, {print, N}) -> {Reason, N};
terminate(_, _) -> ok.
