-module(soak).
%% Random work with everything that processes do, for as long as wanted, and checks of what must hold whatever happens:
%% no signal is lost, signals of a pair arrive in order, exits spread exactly as far as links and flags say, and nothing is left
%% over at the end. `scripts/soak.sh` runs it. Each round has a seed of its own, which is printed when something is wrong.

-export([main/1, turn/1, ordering/1, propagation/1]).
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
    timers(Seed),
    storm(Seed),
    reload(Seed),
    ok.

census() -> {length(processes()), length(erlang:ports()), length(ets:all()), length(registered())}.

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
