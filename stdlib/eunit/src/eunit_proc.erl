-module(eunit_proc).
-moduledoc """
The wardens of processes that run tests.

A warden starts its worker, catches what it prints (the warden is its group leader), ends it when a time limit has passed, and closes what
was open when it dies, so that listeners see an end for every beginning. That a process runs under EUnit is seen by its group leader, which
waits in a function of this module: the macro `UNDER_EUNIT` relies on that, in modules that OTP's compiler has compiled as well.
""".

-export([warden/4, get_output/0]).

-doc "What the test that calls this has printed so far.".
-spec get_output() -> string().
get_output() ->
    Ref = make_ref(),
    Leader = group_leader(),
    Monitor = erlang:monitor(process, Leader),
    Leader ! {printed, self(), Ref},
    receive
        {Ref, Text} ->
            erlang:demonitor(Monitor, [flush]),
            unicode:characters_to_list(Text);
        {'DOWN', Monitor, process, _, Reason} -> exit(Reason)
    end.

%% open: what has begun and not ended, the innermost first: {Id, Kind, Data, Printed}.
%% inner: the wardens inside, in the order of their tests: {Warden, running | over, Events, the newest first}.
-record(w, {base, sink, worker, worker_monitor, owner_monitor, open = [], limits = #{}, inner = [], late = none, finished = false}).

-doc "Starts a warden whose worker calls `Work`. Events go to `Sink`. The process that calls this is the owner: when it dies the work ends.".
-spec warden([pos_integer()], node(), pid(), fun((pid()) -> term())) -> pid().
warden(Base, Node, Sink, Work) ->
    Owner = self(),
    Warden = erlang:spawn(Node, fun() -> warden_init(Base, Owner, Sink, Work) end),
    case Sink of
        Owner -> Warden ! go;
        _ -> wait
    end,
    Warden.

warden_init(Base, Owner, Sink, Work) ->
    OwnerMonitor = erlang:monitor(process, Owner),
    receive
        go -> ok;
        {'DOWN', OwnerMonitor, process, _, _} -> exit(normal)
    end,
    Warden = self(),
    {Worker, Monitor} = spawn_monitor(fun() ->
                                              group_leader(Warden, self()),
                                              put(eunit_warden, Warden),
                                              Work(Warden),
                                              Warden ! {finished, self()} % it ends normally: what tests have linked to it lives on
                                      end),
    watch(#w{base = Base, sink = Sink, worker = Worker, worker_monitor = Monitor, owner_monitor = OwnerMonitor}).

watch(#w{worker = Worker, worker_monitor = Monitor, owner_monitor = Owner} = W) ->
    receive
        {tell, Id, Event} -> watch(told(Id, Event, W));
        {event, Inner, Event} -> watch(from_inner(Inner, Event, W));
        {over, Inner} ->
            Worker ! {over, Inner},
            watch(inner_over(Inner, W));
        {inner, Inner} -> watch(W#w{inner = W#w.inner ++ [{Inner, running, []}]});
        {io_request, From, ReplyAs, Request} ->
            {Reply, Text} = gerl_captured_io:request(Request),
            From ! {io_reply, ReplyAs, Reply},
            watch(printed(Text, W));
        {printed, From, Ref} ->
            From ! {Ref, case W#w.open of [{_, _, _, Text} | _] -> Text; [] -> [] end},
            watch(W);
        {limit, Ref, Id, Time} ->
            Timer = erlang:start_timer(Time, self(), {Ref, Id}),
            watch(W#w{limits = (W#w.limits)#{Ref => Timer}});
        {finished, Worker} -> watch(W#w{finished = true});
        {in_time, Ref} ->
            {Timer, Limits} = maps:take(Ref, W#w.limits),
            _ = erlang:cancel_timer(Timer),
            watch(W#w{limits = Limits});
        {timeout, _, {Ref, Id}} when is_map_key(Ref, W#w.limits) ->
            Trace = case process_info(Worker, current_stacktrace) of
                        {current_stacktrace, Frames} -> Frames;
                        undefined -> []
                    end,
            exit(Worker, kill),
            watch(W#w{late = {Id, {timeout, #{stacktrace => Trace}}}});
        {timeout, _, _} -> watch(W);
        {'DOWN', Monitor, process, _, Reason} -> close(Reason, W);
        {'DOWN', Owner, process, _, _} ->
            exit(Worker, kill),
            watch(W);
        _ -> watch(W)
    end.

told(Id, {'begin', Kind, Data}, #w{open = Open} = W) ->
    send({status, Id, {progress, 'begin', {Kind, Data}}}, W),
    W#w{open = [{Id, Kind, Data, []} | Open]};
told(Id, {'end', test, Status, Time, Data}, #w{open = [{Id, test, _, Text} | Open]} = W) ->
    send({status, Id, {progress, 'end', {Status, Data ++ [{time, Time}, {output, [unicode:characters_to_binary(Text)]}]}}}, W),
    W#w{open = Open};
told(Id, {'end', group, Count, Time, Data}, #w{open = [{Id, group, _, _} | Open]} = W) ->
    send({status, Id, {progress, 'end', {Count, Data ++ [{time, Time}, {output, []}]}}}, W),
    W#w{open = Open};
told(Id, {cancel, Reason}, #w{open = [{Id, _, _, _} | Open]} = W) ->
    send({status, Id, {cancel, Reason}}, W),
    W#w{open = Open}.

send(Event, #w{sink = Sink}) -> Sink ! {event, self(), Event}.

%% Events are told in the order of the tests: those of the first inner warden at once, the others' when its turn has come.
from_inner(Inner, Event, #w{inner = [{Inner, _, _} | _]} = W) ->
    send(Event, W),
    W;
from_inner(Inner, Event, #w{inner = All} = W) ->
    {Inner, State, Events} = lists:keyfind(Inner, 1, All),
    W#w{inner = lists:keyreplace(Inner, 1, All, {Inner, State, [Event | Events]})}.

inner_over(Inner, #w{inner = All} = W) ->
    {Inner, running, Events} = lists:keyfind(Inner, 1, All),
    flushed(W#w{inner = lists:keyreplace(Inner, 1, All, {Inner, over, Events})}).

flushed(#w{inner = [{_, over, Events} | Rest]} = W) ->
    send_all(Events, W),
    flushed(W#w{inner = Rest});
flushed(#w{inner = [{Inner, running, Events} | Rest]} = W) ->
    send_all(Events, W),
    W#w{inner = [{Inner, running, []} | Rest]};
flushed(#w{inner = []} = W) -> W.

send_all(Events, W) -> lists:foreach(fun(E) -> send(E, W) end, lists:reverse(Events)).

%% The worker is gone: what inner wardens still have to tell comes first, then everything that is open is closed.
close(Reason, #w{inner = [_ | _]} = W) ->
    receive
        {event, Inner, Event} -> close(Reason, from_inner(Inner, Event, W));
        {over, Inner} -> close(Reason, inner_over(Inner, W))
    end;
close(normal, #w{open = [], finished = true} = W) -> over(W);
close(Reason, #w{open = Open, base = Base} = W) ->
    {Place, Cause} = cause(Reason, W),
    lists:foreach(fun({Id, _, _, _}) ->
                          Why = if
                                    Id =:= Place -> Cause;
                                    Id =:= Base -> {blame, Place};
                                    true -> undefined
                                end,
                          send({status, Id, {cancel, Why}}, W)
                  end, Open),
    over(W).

cause(_, #w{late = {Id, Cause}}) -> {Id, Cause};
cause({eunit_abort, Problem}, #w{base = Base}) -> {Base, {abort, Problem}};
cause(Reason, #w{base = Base}) -> {Base, {exit, Reason}}.

over(#w{sink = Sink}) -> Sink ! {over, self()}.

%%% ---- the I/O protocol: what tests print is kept ------------------------------------------------

printed([], W) -> W;
printed(_, #w{open = []} = W) -> W;
printed(Text, #w{open = [{Id, Kind, Data, Old} | Open]} = W) -> W#w{open = [{Id, Kind, Data, [Old | Text]} | Open]}.
