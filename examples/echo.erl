%% An echo server under a registered name.  Clients know the name, not the
%% pid; a call carries the caller's pid so that the server can answer.
-module(echo).
-mode(compile).
-export([main/1]).
-export([start/0, stop/0, say/1, loop/1]).

main(_Args) ->
    started = start(),
    already_started = start(),
    io:format("registered: ~w~n", [is_pid(whereis(echo))]),
    lists:foreach(fun show/1, [hello, "a string", {a, [tuple], 1.5}, <<"binary">>]),
    Answered = stop(),
    io:format("the server answered ~w calls~n", [Answered]),
    io:format("after stop: ~p, ~p~n", [whereis(echo), say(anybody)]),
    %% A plain send to a name that nobody has is an error of the sender.
    try echo ! hello of
        Sent -> io:format("sent ~p~n", [Sent])
    catch
        error:Reason -> io:format("send failed: ~p~n", [Reason])
    end.

show(Term) ->
    {ok, Reply} = say(Term),
    io:format("said ~p, heard ~p~n", [Term, Reply]),
    Reply = Term.

%% Client functions ---------------------------------------------------------

start() ->
    case whereis(echo) of
        undefined ->
            register(echo, spawn(echo, loop, [0])),
            started;
        Pid when is_pid(Pid) ->
            already_started
    end.

say(Term) -> call({echo, Term}).

stop() ->
    {ok, Count} = call(stop),
    Count.

%% The monitor tells the reference of this call and notices a missing server.
call(Request) ->
    Ref = monitor(process, echo),
    case whereis(echo) of
        undefined -> ok;
        Server -> Server ! {request, self(), Ref, Request}
    end,
    receive
        {reply, Ref, Reply} ->
            demonitor(Ref, [flush]),
            {ok, Reply};
        {'DOWN', Ref, process, _Who, Reason} ->
            {error, Reason}
    after 5000 ->
            {error, timeout}
    end.

%% Server -------------------------------------------------------------------

loop(Count) ->
    receive
        {request, From, Ref, {echo, Term}} ->
            From ! {reply, Ref, Term},
            loop(Count + 1);
        {request, From, Ref, stop} ->
            unregister(echo),
            From ! {reply, Ref, Count}
    end.
