-module(soak).
%% Random work with everything that processes do, for as long as wanted, and checks of what must hold whatever happens:
%% no signal is lost, signals of a pair arrive in order, exits spread exactly as far as links and flags say, and nothing is left
%% over at the end. `scripts/soak.sh` runs it. Each round has a seed of its own, which is printed when something is wrong.

-export([main/1, turn/1, ordering/1, propagation/1]).
-export([mixed/1, unlinking/1, aliases/1, names/1]).
-export([actor/3, member/2]).

%% main([Seconds, Seed])
main([Seconds, Seed]) ->
    Until = erlang:monotonic_time(second) + list_to_integer(Seconds),
    Before = census(),
    Rounds = rounds(list_to_integer(Seed), Until, 0),
    leftovers(Before, 100),
    io:format("~b rounds, nothing wrong~n", [Rounds]).

rounds(Seed, Until, N) ->
    case erlang:monotonic_time(second) < Until of
        false -> N;
        true ->
            try turn(Seed)
            catch Class:Reason:Stack ->
                io:format("seed ~b: ~p:~p~n~p~n", [Seed, Class, Reason, Stack]),
                halt(1)
            end,
            rounds(Seed + 1, Until, N + 1)
    end.

%% One round of everything with a seed.
turn(Seed) ->
    ordered = ordering(Seed),
    agreed = propagation(Seed),
    mixed(Seed),
    unlinking(Seed),
    aliases(Seed),
    names(Seed),
    timers(Seed),
    storm(Seed),
    reload(Seed),
    ok.

%% The process that passes the runtime's reports on begins with the first of them.
census() ->
    Late = length([P || P <- [whereis(logger_proxy)], is_pid(P)]),
    {length(processes()) - Late, length(erlang:ports()), length(ets:all()), length(registered()) - Late}.

%% Processes that were told to end may need a moment.
leftovers(Before, Tries) ->
    case census() of
        Before -> ok;
        _ when Tries > 0 -> timer:sleep(50), leftovers(Before, Tries - 1);
        After ->
            io:format("left over: ~p processes, ports, tables, names before, ~p after~n", [Before, After]),
            halt(1)
    end.

%%% ---- signals of a pair arrive in order -----------------------------------------------------------------

%% Actors send each other numbered messages and end, each with the numbers it has reached as its reason. Whoever
%% monitors it must have got all of them before the DOWN message, in order.
%% Whether messages and the final DOWN of each pair arrive in order.
ordering(Seed) ->
    Count = 3 + Seed rem 6,
    Self = self(),
    Pids = [spawn_link(?MODULE, actor, [Self, Seed * 100 + I, 40 + Seed rem 60]) || I <- lists:seq(1, Count)],
    [P ! {peers, Pids -- [P]} || P <- Pids],
    [receive {P, ready} -> ok end || P <- Pids],
    [P ! go || P <- Pids],
    [receive {P, fine} -> ok end || P <- Pids],
    [begin unlink(P), exit(P, kill) end || P <- Pids],
    flush_exits(),
    ordered.

flush_exits() -> receive {'EXIT', _, _} -> flush_exits() after 0 -> ok end.

actor(Master, Seed, Sends) ->
    rand:seed(exsss, Seed),
    Peers = receive {peers, L} -> L end,
    %% The sender proper is another process, so that this one only listens.
    Me = self(),
    Sender = spawn(fun() -> receive {start, Targets} -> chatter(Seed, Targets, #{}, Sends) end end),
    [P ! {sender, Sender} || P <- Peers],
    Senders = [receive {sender, S} -> S end || _ <- Peers],
    Refs = maps:from_list([{monitor(process, S), S} || S <- Senders]),
    Master ! {Me, ready},
    receive go -> Sender ! {start, Peers} end,
    listen(Refs, #{}),
    Master ! {Me, fine},
    receive after infinity -> ok end.

chatter(Seed, Targets, Sent, Left) ->
    _ = Left =:= 0 andalso exit({sent, Sent}),
    To = lists:nth(1 + erlang:phash2({Seed, Left}, length(Targets)), Targets),
    N = maps:get(To, Sent, 0) + 1,
    Padding = lists:seq(1, erlang:phash2({Left, Seed}, 50)),
    case Left rem 3 of
        0 -> To ! {self(), N, Padding};
        1 -> erlang:send(To, {self(), N, list_to_binary(Padding)});
        2 -> erlang:send_nosuspend(To, {self(), N, <<0:(8 * 100)>>})
    end,
    _ = Left rem 7 =:= 0 andalso erlang:yield(),
    chatter(Seed, Targets, Sent#{To => N}, Left - 1).

listen(Refs, _) when map_size(Refs) =:= 0 -> ok;
listen(Refs, Got) ->
    receive
        {Sender, N, _} ->
            Expected = maps:get(Sender, Got, 0) + 1,
            N =:= Expected orelse exit({out_of_order, Expected, N}),
            listen(Refs, Got#{Sender => N});
        {'DOWN', Ref, process, Sender, {sent, Sent}} ->
            #{Ref := Sender} = Refs,
            All = maps:get(self(), Sent, 0),
            All =:= maps:get(Sender, Got, 0) orelse exit({lost, All, Got}),
            listen(maps:remove(Ref, Refs), Got)
    after 20000 ->
            exit({silent, maps:size(Refs)})
    end.

%%% ---- exits spread as far as links say --------------------------------------------------------------------

%% Members link to each other at random, some trap exits. One gets an exit signal. The model says who ends, with which
%% reason, and who gets which message.
%% Whether exit signals spread over a random graph as the model says.
propagation(Seed) ->
    S0 = rand:seed_s(exsss, Seed),
    {Count, S1} = rand:uniform_s(25, S0),
    Ids = lists:seq(1, Count + 1),
    {Traps, S2} = lists:mapfoldl(fun(I, S) -> {N, T} = rand:uniform_s(4, S), {{I, N =:= 1}, T} end, S1, Ids),
    {Links, S3} = edges(Ids, S2),
    {Victim, S4} = rand:uniform_s(length(Ids), S3),
    {R, _} = rand:uniform_s(3, S4),
    Reason = lists:nth(R, [kill, normal, some_reason]),
    Pids = maps:from_list([{I, spawn(?MODULE, member, [self(), Trap])} || {I, Trap} <- Traps]),
    [[] = order(P, heard) || P <- maps:values(Pids)], % all have set their flag
    [order(maps:get(A, Pids), {link, maps:get(B, Pids)}) || {A, B} <- Links],
    Back = maps:from_list([{P, I} || {I, P} <- maps:to_list(Pids)]),
    Refs = maps:from_list([{monitor(process, P), I} || {I, P} <- maps:to_list(Pids)]),
    exit(maps:get(Victim, Pids), Reason),
    {Dead, Told} = model(Victim, Reason, maps:from_list(Traps), Links),
    SeenDead = downs(maps:size(Dead), Refs, #{}),
    Dead =:= SeenDead orelse exit({wrong_deaths, Dead, SeenDead}),
    [begin
         [self_alive || not is_process_alive(maps:get(I, Pids))] =:= [] orelse exit({died, I}),
         Heard = [{maps:get(From, Back, outside), Why} || {From, Why} <- order(maps:get(I, Pids), heard)],
         lists:sort(Heard) =:= lists:sort(maps:get(I, Told, [])) orelse exit({heard, I, Heard, maps:get(I, Told, [])})
     end || I <- Ids, not maps:is_key(I, Dead)],
    [demonitor(Ref, [flush]) || Ref <- maps:keys(Refs)],
    [exit(P, kill) || P <- maps:values(Pids)],
    agreed.

edges(Ids, S) ->
    lists:foldl(fun(A, {Acc, S0}) ->
                        {N, S1} = rand:uniform_s(3, S0),
                        lists:foldl(fun(_, {Acc1, S2}) ->
                                            {B, S3} = rand:uniform_s(length(Ids), S2),
                                            case A =:= B of
                                                true -> {Acc1, S3};
                                                false -> {[{A, B} | Acc1], S3}
                                            end
                                    end, {Acc, S1}, lists:seq(2, N))
                end, {[], S}, Ids).

%% A breadth-first walk. A link passes a reason on once: with the end of the member it is gone.
model(Victim, Reason, Traps, Links) -> model([{outside, Victim, Reason}], Traps, Links, #{}, #{}).

model([], _, _, Dead, Told) -> {Dead, Told};
model([{From, To, Reason} | Rest], Traps, Links, Dead, Told) ->
    Trap = maps:get(To, Traps),
    case maps:is_key(To, Dead) of
        true -> model(Rest, Traps, Links, Dead, Told);
        false when From =:= outside, Reason =:= kill ->
            ends(To, killed, Rest, Traps, Links, Dead, Told);
        false when Trap ->
            model(Rest, Traps, Links, Dead, maps:update_with(To, fun(L) -> [{From, Reason} | L] end, [{From, Reason}], Told));
        false when Reason =:= normal -> model(Rest, Traps, Links, Dead, Told);
        false -> ends(To, Reason, Rest, Traps, Links, Dead, Told)
    end.

ends(Id, Reason, Rest, Traps, Links, Dead, Told) ->
    Neighbours = lists:usort([B || {A, B} <- Links, A =:= Id] ++ [A || {A, B} <- Links, B =:= Id]),
    model(Rest ++ [{Id, N, Reason} || N <- Neighbours], Traps, Links, Dead#{Id => Reason}, Told).

downs(0, Refs, Seen) ->
    receive
        {'DOWN', Ref, process, _, Reason} when is_map_key(Ref, Refs) -> exit({one_more_died, maps:get(Ref, Refs), Reason})
    after 0 -> Seen
    end;
downs(N, Refs, Seen) ->
    receive
        {'DOWN', Ref, process, _, Reason} when is_map_key(Ref, Refs) ->
            downs(N - 1, Refs, Seen#{maps:get(Ref, Refs) => Reason})
    after 10000 -> exit({too_few_died, N, Seen})
    end.

member(Master, Trap) ->
    process_flag(trap_exit, Trap),
    member_loop(Master, []).

member_loop(Master, Heard) ->
    receive
        {Master, Ref, {link, Pid}} ->
            link(Pid),
            Master ! {Ref, ok},
            member_loop(Master, Heard);
        {Master, Ref, heard} ->
            Master ! {Ref, Heard},
            member_loop(Master, Heard);
        {'EXIT', From, Reason} ->
            member_loop(Master, [{From, Reason} | Heard])
    end.

order(Pid, What) ->
    Ref = make_ref(),
    Pid ! {self(), Ref, What},
    receive {Ref, Answer} -> Answer after 10000 -> exit({no_answer, What}) end.

%%% ---- signals of all kinds between two processes stay in order ---------------------------------------------

%% Several senders each send one receiver a numbered mixture of messages, exit signals, and signals that can only be seen by what they do: links
%% that are taken back, monitors, questions, group leaders. The receiver must see the numbers of each sender in order, none missing, and answers to
%% questions must know of all that was sent before.
mixed(Seed) ->
    {Receiver, Watch} = spawn_monitor(fun() -> process_flag(trap_exit, true), collect(#{}) end),
    #{} = order(Receiver, seen), % it traps exits now
    Senders = [spawn_monitor(fun() -> mix(Receiver, Seed * 10 + I, 1, 60 + Seed rem 40) end) || I <- lists:seq(1, 4)],
    Sent = maps:from_list([receive
                               {'DOWN', R, process, P, {sent, N}} -> {P, N};
                               {'DOWN', Watch, process, Receiver, Why} -> exit({receiver, Why});
                               {'DOWN', R, process, P, Why} -> exit({mixed, Why})
                           after 20000 -> exit(mixed_hangs)
                           end || {P, R} <- Senders]),
    Got = order(Receiver, seen),
    Sent =:= Got orelse exit({mixed, Sent, Got}),
    demonitor(Watch, [flush]),
    exit(Receiver, kill).

mix(_, _, N, Last) when N > Last -> exit({sent, Last});
mix(To, Seed, N, Last) ->
    case erlang:phash2({Seed, N}, 9) of
        0 -> exit(To, {number, self(), N});
        1 -> link(To), To ! {number, self(), N}, unlink(To);
        2 -> To ! {number, self(), N}, N =:= order(To, {mine, self()}) orelse exit({late, N});
        3 -> To ! {number, self(), N}, demonitor(monitor(process, To), [flush]);
        4 -> To ! {number, self(), N}, group_leader(group_leader(), To), true = is_process_alive(To);
        5 -> exit(To, {number, self(), N}), {status, _} = process_info(To, status);
        6 -> To ! {number, self(), N}, erlang:yield();
        7 -> To ! {number, self(), N}, garbage_collect(To);
        8 -> exit(To, {number, self(), N}), N =:= order(To, {mine, self()}) orelse exit({late, N})
    end,
    mix(To, Seed, N + 1, Last).

collect(Seen) ->
    receive
        {number, From, N} -> collect(counted(From, N, Seen));
        {'EXIT', _, {number, From, N}} -> collect(counted(From, N, Seen));
        {'EXIT', _, {sent, _}} -> exit(link_was_taken_back);
        {From, Ref, {mine, Sender}} -> From ! {Ref, maps:get(Sender, Seen, 0)}, collect(Seen);
        {From, Ref, seen} -> From ! {Ref, Seen}, collect(Seen)
    end.

counted(From, N, Seen) ->
    N =:= maps:get(From, Seen, 0) + 1 orelse exit({out_of_order, From, N, Seen}),
    Seen#{From => N}.

%%% ---- what unlink/1 promises ----------------------------------------------------------------------------------

%% Two processes link and unlink each other at the same time. After unlink/1 and a look into the queue no exit message of that link comes; a link
%% that stands at the end gives exactly one.
unlinking(Seed) ->
    Self = self(),
    Pairs = [begin
                 Peer = spawn(fun() -> toggle(Seed + I) end),
                 spawn_monitor(fun() -> process_flag(trap_exit, true), struggle(Self, Peer, Seed * 7 + I, 30) end)
             end || I <- lists:seq(1, 6)],
    [receive {'DOWN', R, process, P, fine} -> ok; {'DOWN', R, process, P, Why} -> exit({unlinking, Why}) after 20000 -> exit(unlinking_hangs) end
     || {P, R} <- Pairs].

toggle(Seed) ->
    receive
        {with, Peer} -> toggle(Seed, Peer, 0)
    end.

toggle(Seed, Peer, N) ->
    receive {stop, Reason} -> unlink(Peer), Peer ! unlinked, receive {die, How} -> exit({Reason, How}) end
    after 0 ->
        case erlang:phash2({Seed, N}, 3) of
            0 -> link(Peer);
            1 -> unlink(Peer);
            2 -> erlang:yield()
        end,
        toggle(Seed, Peer, N + 1)
    end.

struggle(_, Peer, Seed, Rounds) ->
    Ref = monitor(process, Peer),
    Peer ! {with, self()},
    [case erlang:phash2({Seed, N}, 4) of
         0 -> link(Peer);
         1 -> unlink(Peer);
         2 -> erlang:yield();
         3 -> {links, L} = process_info(self(), links), true = length(L) =:= length(lists:usort(L))
     end || N <- lists:seq(1, Rounds)],
    Peer ! {stop, done},
    receive unlinked -> ok end,
    %% the other end does nothing any more: from here on the model is exact
    Linked = Seed rem 2 =:= 0,
    case Linked of true -> link(Peer); false -> unlink(Peer) end,
    receive {'EXIT', Peer, _} = Early -> exit(Early) after 0 -> ok end,
    {links, Now} = process_info(self(), links),
    Linked =:= lists:member(Peer, Now) orelse exit({links, Linked, Now}),
    Peer ! {die, now},
    receive {'DOWN', Ref, process, Peer, {done, now}} -> ok end,
    Exits = all_exits(Peer),
    Exits =:= [{done, now} || Linked] orelse exit({exits, Linked, Exits}),
    exit(fine).

%% The order of an exit message of a link and a DOWN message is not said: a moment's grace.
all_exits(Peer) -> receive {'EXIT', Peer, Why} -> [Why | all_exits(Peer)] after 5 -> [] end.

%%% ---- aliases ---------------------------------------------------------------------------------------------------

%% Others send numbered messages through an alias until they are told to stop; the owner ends the alias at some time. What came through it is a beginning of
%% what each sender sent; with the mode reply it is one message at most; and nothing comes once the alias has ended and the queue was emptied.
aliases(Seed) ->
    lists:foreach(fun(Mode) -> alias_round(Mode, Seed) end, [explicit_unalias, reply, demonitor, reply_demonitor, down]).

alias_round(Mode, Seed) ->
    Watched = spawn(fun() -> receive stop -> ok end end),
    Alias = case Mode of
                explicit_unalias -> alias();
                reply -> alias([reply]);
                down -> monitor(process, Watched, [{alias, demonitor}]);
                _ -> monitor(process, Watched, [{alias, Mode}])
            end,
    Senders = [spawn_monitor(fun() -> through(Alias, 1) end) || _ <- lists:seq(1, 3)],
    [erlang:yield() || _ <- lists:seq(1, Seed rem 20)],
    First = arrived(Alias, []),
    case Mode of
        explicit_unalias -> true = unalias(Alias);
        reply -> unalias(Alias);
        down -> Watched ! stop, receive {'DOWN', Alias, process, Watched, normal} -> ok after 10000 -> exit(no_down) end;
        _ -> demonitor(Alias, [flush])
    end,
    Second = arrived(Alias, []),
    [begin exit(P, kill), receive {'DOWN', R, process, P, killed} -> ok end end || {P, R} <- Senders],
    exit(Watched, kill),
    [] = arrived(Alias, []),
    false = unalias(Alias),
    All = First ++ Second,
    _ = [exit({too_many, Mode, length(All)}) || Mode =:= reply orelse Mode =:= reply_demonitor, length(All) > 1],
    [begin
         Ns = [N || {P, N} <- All, P =:= Pid],
         Ns =:= lists:seq(1, length(Ns)) orelse Mode =:= reply orelse Mode =:= reply_demonitor orelse exit({alias, Mode, Ns})
     end || {Pid, _} <- Senders].

through(Alias, N) ->
    Alias ! {through, Alias, self(), N},
    _ = N rem 10 =:= 0 andalso erlang:yield(),
    case N < 2000 of true -> through(Alias, N + 1); false -> receive after infinity -> ok end end.

arrived(Alias, Acc) ->
    receive {through, Alias, P, N} -> arrived(Alias, [{P, N} | Acc]) after 0 -> lists:reverse(Acc) end.

%%% ---- names -----------------------------------------------------------------------------------------------------

%% Processes compete for names. Who gets one is reached by it; it is free, and nothing else, once the news of the holder's end has come; a monitor by
%% name tells of the process that had the name then.
names(Seed) ->
    Names = [soak_name_1, soak_name_2],
    Workers = [spawn_monitor(fun() -> compete(Names, Seed * 3 + I, 25) end) || I <- lists:seq(1, 5)],
    [receive {'DOWN', R, process, P, fine} -> ok; {'DOWN', R, process, P, Why} -> exit({names, Why}) after 20000 -> exit(names_hang) end
     || {P, R} <- Workers].

compete(_, _, 0) -> exit(fine);
compete(Names, Seed, N) ->
    Name = lists:nth(1 + erlang:phash2({Seed, N}, length(Names)), Names),
    Self = self(),
    {Child, Ref} = spawn_monitor(fun() ->
                                         try register(Name, self()) of
                                             true ->
                                                 {registered_name, Name} = process_info(self(), registered_name),
                                                 Self ! {self(), has},
                                                 receive {Self, hello} -> Self ! {self(), heard} end,
                                                 receive {Self, go} -> exit(over) end
                                         catch error:badarg -> exit(taken)
                                         end
                                 end),
    receive
        {'DOWN', Ref, process, Child, taken} -> ok;
        {Child, has} ->
            Child = whereis(Name),
            ByName = monitor(process, Name),
            Name ! {Self, hello},
            receive {Child, heard} -> ok end,
            Child ! {Self, go},
            receive {'DOWN', Ref, process, Child, over} -> ok end,
            Child =/= whereis(Name) orelse exit({still, Name}),
            receive {'DOWN', ByName, process, {Name, Node}, over} when Node =:= node() -> ok after 5000 -> exit(no_down_by_name) end
    after 10000 -> exit(no_answer)
    end,
    compete(Names, Seed, N - 1).

%%% ---- timers, storms, code ---------------------------------------------------------------------------------

%% Of many timers half are cancelled: exactly the others come.
timers(Seed) ->
    Refs = [erlang:send_after(erlang:phash2({Seed, N}, 30), self(), {tick, N}) || N <- lists:seq(1, 200)],
    Cancelled = [N || {N, Ref} <- lists:enumerate(Refs), N rem 2 =:= 0, is_integer(erlang:cancel_timer(Ref))],
    Expected = lists:seq(1, 200) -- Cancelled,
    Got = [receive {tick, N} -> N after 5000 -> exit({timer_lost, N}) end || N <- Expected],
    Got = Expected,
    receive {tick, N} -> exit({cancelled_timer_came, N}) after 0 -> ok end.

%% A tree of processes that spawn, link, monitor and kill each other at random ends as a whole.
storm(Seed) ->
    {Pid, Ref} = spawn_monitor(fun() -> process_flag(trap_exit, true), branch(Seed, 4), exit(done) end),
    receive {'DOWN', Ref, process, Pid, done} -> ok after 20000 -> exit(storm_hangs) end.

branch(_, 0) -> ok;
branch(Seed, Depth) ->
    Children = [spawn_opt(fun() -> leaf(Seed * 31 + I, Depth) end, [link, monitor, {priority, prio(Seed + I)}]) || I <- lists:seq(1, 3)],
    [exit(P, kill) || {P, _} <- Children, erlang:phash2({Seed, P}, 4) =:= 0],
    [receive {'DOWN', R, _, P, _} -> ok after 15000 -> exit({no_down, Depth}) end || {P, R} <- Children],
    [receive {'EXIT', P, _} -> ok after 15000 -> exit({no_exit, Depth}) end || {P, _} <- Children].

leaf(Seed, Depth) ->
    process_flag(trap_exit, Seed rem 3 =:= 0),
    Garbage = [lists:seq(1, N) || N <- lists:seq(1, 40)],
    put(seed, Seed),
    case Seed rem 5 of
        0 -> erlang:garbage_collect();
        1 -> exit(length(Garbage));
        2 -> register_some(Seed);
        3 -> process_flag(trap_exit, true), branch(Seed, Depth - 1);
        4 -> receive never -> ok after Seed rem 7 -> ok end
    end.

register_some(Seed) ->
    Name = lists:nth(1 + Seed rem 4, [soak_a, soak_b, soak_c, soak_d]),
    try register(Name, self()), Name ! {hello, Seed}, receive {hello, Seed} -> ok after 0 -> ok end
    catch error:badarg -> ok
    end.

prio(N) -> lists:nth(1 + N rem 4, [low, normal, high, normal]).

%% A module is loaded anew while processes run in it.
reload(Seed) ->
    Module = soak_generated,
    load(Module, Seed),
    Self = self(),
    Pids = [spawn_link(fun() -> Self ! {self(), Module:value(), Module:loop(200)} end) || _ <- lists:seq(1, 5)],
    load(Module, Seed + 1),
    [receive {P, V, 0} when V =:= Seed; V =:= Seed + 1 -> ok after 10000 -> exit(reload_hangs) end || P <- Pids],
    true = Module:value() =:= Seed + 1,
    _ = code:purge(Module),
    flush_exits().

load(Module, Value) ->
    _ = code:purge(Module),
    Forms = [{attribute, 1, module, Module}, {attribute, 1, export, [{value, 0}, {loop, 1}]},
             {function, 1, value, 0, [{clause, 1, [], [], [{integer, 1, Value}]}]},
             {function, 1, loop, 1, [{clause, 1, [{integer, 1, 0}], [], [{integer, 1, 0}]},
                                     {clause, 1, [{var, 1, 'N'}], [],
                                      [{call, 1, {remote, 1, {atom, 1, erlang}, {atom, 1, yield}}, []},
                                       {call, 1, {atom, 1, loop}, [{op, 1, '-', {var, 1, 'N'}, {integer, 1, 1}}]}]}]}],
    {ok, Module, Binary} = compile:forms(Forms, []),
    {module, Module} = code:load_binary(Module, "soak_generated.erl", Binary),
    ok.
