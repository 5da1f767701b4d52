%% A mutex and a counting semaphore, each written as a state machine whose
%% states are functions.  The mailbox is the queue of waiting processes: a
%% state receives only the messages that it can handle now.
-module(mutex).
-mode(compile).
-export([main/1]).
-export([new_mutex/0, lock/1, unlock/1, new_semaphore/1, acquire/1, release/1]).

main(_Args) ->
    shared_counter(),
    limited_access(),
    owner_dies().

%% Ten processes add to a shared cell, reading and writing in two steps.
%% Without the mutex updates would get lost.
shared_counter() ->
    Mutex = new_mutex(),
    Cell = spawn_link(fun() -> cell(0) end),
    Add = fun() ->
                  ok = lock(Mutex),
                  Value = read(Cell),
                  timer:sleep(1),
                  write(Cell, Value + 1),
                  ok = unlock(Mutex)
          end,
    run_all(lists:duplicate(10, Add)),
    io:format("counter: ~w~n", [read(Cell)]).

%% At most three of twelve workers are inside at the same time.
limited_access() ->
    Sem = new_semaphore(3),
    Gauge = spawn_link(fun() -> gauge(0, 0) end),
    Work = fun() ->
                   ok = acquire(Sem),
                   Gauge ! enter,
                   timer:sleep(5),
                   Gauge ! leave,
                   ok = release(Sem)
           end,
    run_all(lists:duplicate(12, Work)),
    Gauge ! {most, self()},
    receive {most, Most} -> io:format("never more than three inside: ~w~n", [Most =< 3]) end.

%% A process that dies while it holds the mutex must not block the others.
owner_dies() ->
    Mutex = new_mutex(),
    {Pid, Ref} = spawn_monitor(fun() -> ok = lock(Mutex), exit(oops) end),
    receive {'DOWN', Ref, process, Pid, Reason} -> io:format("owner died: ~p~n", [Reason]) end,
    ok = lock(Mutex),
    io:format("the lock is free again~n"),
    {error, not_owner} = unlock_as_stranger(Mutex),
    ok = unlock(Mutex),
    io:format("done~n").

unlock_as_stranger(Mutex) ->
    Me = self(),
    spawn_link(fun() -> Me ! {answer, unlock(Mutex)} end),
    receive {answer, Answer} -> Answer end.

run_all(Funs) ->
    Monitors = [spawn_monitor(Fun) || Fun <- Funs],
    [receive {'DOWN', Ref, process, Pid, normal} -> ok end || {Pid, Ref} <- Monitors],
    ok.

%% Mutex --------------------------------------------------------------------

new_mutex() -> spawn(fun free/0).
lock(Mutex) -> ask(Mutex, lock).
unlock(Mutex) -> ask(Mutex, unlock).

free() ->
    receive
        {lock, Owner, Tag} ->
            Ref = monitor(process, Owner),
            Owner ! {Tag, ok},
            busy(Owner, Ref);
        {unlock, Who, Tag} ->
            Who ! {Tag, {error, not_locked}},
            free()
    end.

busy(Owner, Ref) ->
    receive
        {unlock, Owner, Tag} ->
            demonitor(Ref, [flush]),
            Owner ! {Tag, ok},
            free();
        {unlock, Stranger, Tag} ->
            Stranger ! {Tag, {error, not_owner}},
            busy(Owner, Ref);
        {'DOWN', Ref, process, Owner, _Reason} ->
            free()
    end.

%% Semaphore: the state is the number of places left -------------------------

new_semaphore(Places) when Places > 0 -> spawn(fun() -> places(Places) end).
acquire(Sem) -> ask(Sem, acquire).
release(Sem) -> ask(Sem, release).

places(0) ->
    receive {release, Who, Tag} -> Who ! {Tag, ok}, places(1) end;
places(N) ->
    receive
        {acquire, Who, Tag} -> Who ! {Tag, ok}, places(N - 1);
        {release, Who, Tag} -> Who ! {Tag, ok}, places(N + 1)
    end.

ask(Server, What) ->
    Tag = make_ref(),
    Server ! {What, self(), Tag},
    receive {Tag, Answer} -> Answer end.

%% A cell holds one value; a gauge remembers its highest level ----------------

cell(Value) ->
    receive
        {read, From, Tag} -> From ! {Tag, Value}, cell(Value);
        {write, From, Tag, New} -> From ! {Tag, ok}, cell(New)
    end.

read(Cell) -> ask(Cell, read).
write(Cell, Value) ->
    Tag = make_ref(),
    Cell ! {write, self(), Tag, Value},
    receive {Tag, ok} -> ok end.

gauge(Now, Most) ->
    receive
        enter -> gauge(Now + 1, max(Now + 1, Most));
        leave -> gauge(Now - 1, Most);
        {most, From} -> From ! {most, Most}
    end.
