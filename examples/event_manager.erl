%% An event manager: handlers are added and removed while it runs, every
%% event goes to all of them, and a handler that crashes is thrown out alone.
-module(event_manager).
-mode(compile).
-export([main/1]).
-export([start/0, stop/1, add/3, delete/2, notify/2, ask/3]).

main(_Args) ->
    Manager = start(),
    ok = add(Manager, log, {fun log_event/2, []}),
    ok = add(Manager, statistics, {fun count_event/2, #{}}),
    ok = add(Manager, fragile, {fun fragile_event/2, 2}),
    {error, already_present} = add(Manager, log, {fun log_event/2, []}),
    notify(Manager, {alarm, 1, "door open"}),
    notify(Manager, {info, 2, "door closed"}),
    notify(Manager, {alarm, 3, "window open"}),
    io:format("statistics: ~p~n", [ask(Manager, statistics, fun maps:to_list/1)]),
    io:format("handlers: ~p~n", [handlers(Manager)]),
    {ok, Log} = delete(Manager, log),
    io:format("log, oldest first:~n"),
    lists:foreach(fun(Line) -> io:format("  ~s~n", [Line]) end, lists:reverse(Log)),
    {error, not_present} = delete(Manager, log),
    notify(Manager, {info, 4, "nobody logs this"}),
    io:format("left at the end: ~p~n", [[Name || {Name, _} <- stop(Manager)]]).

%% Handlers: (Event, State) -> NewState --------------------------------------

log_event({Class, Id, Text}, Lines) ->
    [io_lib:format("~2..0w ~-6s ~s", [Id, Class, Text]) | Lines].

count_event({Class, _Id, _Text}, Counts) ->
    maps:update_with(Class, fun(N) -> N + 1 end, 1, Counts).

%% Understands only as many events as it was told to.
fragile_event(_Event, Left) when Left > 0 -> Left - 1.

%% Client functions ---------------------------------------------------------

start() -> spawn_link(fun() -> loop([]) end).
stop(Manager) -> call(Manager, stop).
add(Manager, Name, {Fun, State}) when is_function(Fun, 2) ->
    call(Manager, {add, Name, Fun, State}).
delete(Manager, Name) -> call(Manager, {delete, Name}).
ask(Manager, Name, View) -> call(Manager, {ask, Name, View}).
handlers(Manager) -> call(Manager, handlers).
notify(Manager, Event) -> Manager ! {event, Event}, ok.

call(Manager, Request) ->
    Ref = make_ref(),
    Manager ! {call, self(), Ref, Request},
    receive {Ref, Reply} -> Reply end.

%% The manager's loop -------------------------------------------------------

loop(Handlers) ->
    receive
        {event, Event} ->
            loop(lists:flatmap(fun(H) -> deliver(Event, H) end, Handlers));
        {call, From, Ref, stop} ->
            From ! {Ref, [{Name, State} || {Name, _Fun, State} <- Handlers]};
        {call, From, Ref, Request} ->
            {Reply, NewHandlers} = handle(Request, Handlers),
            From ! {Ref, Reply},
            loop(NewHandlers)
    end.

deliver(Event, {Name, Fun, State}) ->
    try
        [{Name, Fun, Fun(Event, State)}]
    catch
        Class:Reason ->
            io:format("handler ~w removed after ~w:~w~n", [Name, Class, Reason]),
            []
    end.

handle({add, Name, Fun, State}, Handlers) ->
    case lists:keymember(Name, 1, Handlers) of
        true -> {{error, already_present}, Handlers};
        false -> {ok, Handlers ++ [{Name, Fun, State}]}
    end;
handle({delete, Name}, Handlers) ->
    case lists:keytake(Name, 1, Handlers) of
        {value, {Name, _Fun, State}, Rest} -> {{ok, State}, Rest};
        false -> {{error, not_present}, Handlers}
    end;
handle({ask, Name, View}, Handlers) ->
    {Name, _Fun, State} = lists:keyfind(Name, 1, Handlers),
    {View(State), Handlers};
handle(handlers, Handlers) ->
    {[element(1, H) || H <- Handlers], Handlers}.
