%% Selective receive: an inbox that reads urgent messages first, however late
%% they came, and a few things that can be said with `after'.
-module(priority_inbox).
-mode(compile).
-export([main/1]).

main(_Args) ->
    [self() ! M || M <- [{low, "tidy the desk"}, {high, "fire!"}, {normal, "lunch"},
                         {low, "water the plants"}, {high, "flood!"}, {normal, "meeting"}]],
    show("by priority", read_all()),
    self() ! a, self() ! b, self() ! c,
    receive c -> io:format("c was read first~n") end,
    show("the rest in order", flush()),
    io:format("empty mailbox, after 0: ~p~n", [receive X -> X after 0 -> nothing end]),
    io:format("patience: ~p~n", [patient(spawn_link(fun() -> late(self()) end))]),
    show("heartbeats", heartbeats(5)),
    count_down(3).

read_all() ->
    receive {high, Text} -> [{high, Text} | read_all()]
    after 0 ->
            receive {normal, Text} -> [{normal, Text} | read_all()]
            after 0 ->
                    receive {low, Text} -> [{low, Text} | read_all()]
                    after 0 -> []
                    end
            end
    end.

flush() ->
    receive Any -> [Any | flush()] after 0 -> [] end.

show(Title, List) ->
    io:format("~s:~n", [Title]),
    [io:format("  ~p~n", [Item]) || Item <- List],
    ok.

%% Waits in growing steps for an answer that comes late.
patient(Pid) ->
    Pid ! {self(), question},
    patient(Pid, 1).

patient(_Pid, Wait) when Wait > 5000 -> gave_up;
patient(Pid, Wait) ->
    receive {Pid, Answer} -> Answer after Wait -> patient(Pid, Wait * 3) end.

late(_Self) ->
    receive {From, question} -> timer:sleep(20), From ! {self(), answer} end.

%% A process that sends itself messages with send_after.
heartbeats(N) ->
    erlang:send_after(1, self(), {beat, 1}),
    beat(N).

beat(N) ->
    receive
        {beat, N} -> [{beat, N}];
        {beat, K} -> erlang:send_after(1, self(), {beat, K + 1}), [{beat, K} | beat(N)]
    end.

count_down(0) -> io:format("lift off~n");
count_down(N) -> receive after 2 -> io:format("~w...~n", [N]), count_down(N - 1) end.
