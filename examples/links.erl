%% What links and monitors do with exit reasons, shown case by case: which
%% exits travel, which are turned into messages, which cannot be caught.
-module(links).
-mode(compile).
-export([main/1]).

main(_Args) ->
    process_flag(trap_exit, true),
    io:format("-- how a linked process ends, and what arrives~n"),
    [linked(Name, Fun) || {Name, Fun} <-
        [{"returns", fun() -> done end},
         {"exit(normal)", fun() -> exit(normal) end},
         {"exit(reason)", fun() -> exit(reason) end},
         {"throw(ball)", fun() -> throw_silently(ball) end},
         {"exit(self(), kill)", fun() -> exit(self(), kill), wait() end}]],
    io:format("-- signals sent to a process that does not trap~n"),
    [signal(Reason, false) || Reason <- [normal, shutdown, {any, "term"}, kill]],
    io:format("-- signals sent to a process that traps~n"),
    [signal(Reason, true) || Reason <- [normal, shutdown, {any, "term"}, kill]],
    io:format("-- a chain of links~n"),
    chain(5),
    io:format("-- a monitor goes one way~n"),
    one_way(),
    io:format("-- linking to a process that is gone~n"),
    gone().

wait() -> receive after infinity -> ok end.

%% A throw that nobody catches is an error of the process; caught here so
%% that no report is printed.
throw_silently(Ball) ->
    try throw(Ball) catch throw:B -> exit({nocatch, B}) end.

linked(Name, Fun) ->
    Pid = spawn_link(Fun),
    receive {'EXIT', Pid, Reason} -> io:format("~-20s~p~n", [Name, Reason]) end.

signal(Reason, Trap) ->
    Me = self(),
    Pid = spawn(fun() -> process_flag(trap_exit, Trap), Me ! ready, victim() end),
    Ref = monitor(process, Pid),
    receive ready -> ok end,
    exit(Pid, Reason),
    Pid ! {tell, self()},
    receive
        {'DOWN', Ref, process, Pid, Why} ->
            io:format("~-20s died of ~p~n", [text(Reason), Why]);
        {told, Pid, What} ->
            io:format("~-20s ~s~n", [text(Reason), What]),
            demonitor(Ref, [flush]),
            exit(Pid, kill)
    end.

text(Term) -> io_lib:format("~p", [Term]).

victim() ->
    receive
        {'EXIT', _From, Reason} -> trapped(Reason);
        {tell, From} -> From ! {told, self(), "ignored"}
    end,
    wait().

trapped(Reason) ->
    receive {tell, From} -> From ! {told, self(), io_lib:format("got a message with ~p", [Reason])} end.

%% Only the last link of the chain dies by itself; the reason runs through.
chain(N) ->
    Pid = spawn_link(fun() -> member(N) end),
    receive {'EXIT', Pid, Reason} -> io:format("~w processes fell: ~p~n", [N, Reason]) end.

member(1) -> exit({broken, here});
member(N) -> spawn_link(fun() -> member(N - 1) end), wait().

one_way() ->
    Target = spawn(fun wait/0),
    {Watcher, Ref} = spawn_monitor(fun() -> monitor(process, Target), exit(watcher_died) end),
    receive {'DOWN', Ref, process, Watcher, Why} -> io:format("watcher: ~p~n", [Why]) end,
    io:format("target alive: ~w~n", [is_process_alive(Target)]),
    exit(Target, kill).

gone() ->
    {Pid, Ref} = spawn_monitor(fun() -> ok end),
    receive {'DOWN', Ref, process, Pid, normal} -> ok end,
    link(Pid),
    receive {'EXIT', Pid, Reason} -> io:format("link: ~p~n", [Reason]) end,
    Ref2 = monitor(process, Pid),
    receive {'DOWN', Ref2, process, Pid, Reason2} -> io:format("monitor: ~p~n", [Reason2]) end.
