-module(eunit_run).
-moduledoc """
Runs tests and tells what happens.

Tests run in a worker process. Its warden starts it, catches what it prints (the warden is its group leader), ends it when a time limit
has passed, and closes what was open when it dies, so that listeners see an end for every beginning. A group with a process of its own gets a
warden and a worker of its own, whose events go through the outer warden; so does every member of a parallel group.

Events, in the order of the tests (`Id` is a list of positions, the outermost first):

- `{status, Id, {progress, 'begin', {test | group, Data}}}`
- `{status, Id, {progress, 'end', {Status, Data}}}` for a test, with `ok`, `{error, Exception}` or `{skipped, Problem}`; `{Count, Data}` for a group
- `{status, Id, {cancel, Reason}}`
""".

-export([run/3, captured_output/0, inside_test/0]).

-record(how, {warden, scale = 1}).

-doc "Runs what Tests describes, telling each event to Tell, and returns when all is over.".
-spec run(term(), [term()], fun((term()) -> term())) -> ok.
run(Tests, Options, Tell) ->
    Scale = proplists:get_value(scale_timeouts, Options, 1),
    Root = #{kind => group, members => [Tests], peeked => true, desc => undefined, order => undefined, spawn => undefined,
             timeout => infinity, fixture => none},
    Warden = warden([], node(), Scale, self(), fun(How) -> group(Root, [], How) end),
    relay(Warden, Tell).

relay(Warden, Tell) ->
    receive
        {event, Warden, Event} ->
            Tell(Event),
            relay(Warden, Tell);
        {over, Warden} -> ok
    end.

-doc "What the test that calls this has printed so far.".
-spec captured_output() -> string().
captured_output() ->
    case get(eunit_warden) of
        undefined -> "";
        Warden ->
            Ref = make_ref(),
            Warden ! {printed, self(), Ref},
            receive {Ref, Text} -> unicode:characters_to_list(Text) end
    end.

-doc "Whether the calling process is one of EUnit's.".
-spec inside_test() -> boolean().
inside_test() ->
    case process_info(group_leader(), dictionary) of
        {dictionary, Entries} -> proplists:get_bool(eunit_warden_of, Entries);
        undefined -> false
    end.

%%% ---- the worker --------------------------------------------------------------------------------

item(#{kind := test} = Test, Id, How) -> test(Test, Id, How);
item(#{spawn := undefined} = Group, Id, How) -> group(Group, Id, How);
item(#{spawn := Place} = Group, Id, #how{scale = Scale}) ->
    Node = case Place of local -> node(); _ -> Place end,
    delegated(Id, Node, Scale, fun(Inner) -> group(Group, Id, Inner) end).

%% Another process does the work.
delegated(Id, Node, Scale, Work) ->
    Warden = inner(Id, Node, Scale, Work),
    receive {over, Warden} -> ok end.

inner(Id, Node, Scale, Work) ->
    Outer = get(eunit_warden),
    Warden = warden(Id, Node, Scale, Outer, Work),
    Outer ! {inner, Warden},
    Warden ! go,
    Warden.

test(#{run := Run, timeout := Limit} = Test, Id, How) ->
    tell(How, Id, {'begin', test, test_data(Test)}),
    Start = erlang:monotonic_time(millisecond),
    Status = timed(Limit, Id, How, fun() -> outcome(Run) end),
    Time = erlang:monotonic_time(millisecond) - Start,
    tell(How, Id, {'end', test, Status, Time, test_data(Test)}),
    ok.

test_data(#{desc := Desc, source := Source, line := Line}) -> [{desc, Desc}, {source, Source}, {line, Line}].

outcome({M, F}) ->
    case code:ensure_loaded(M) of
        {module, _} ->
            case erlang:function_exported(M, F, 0) of
                true -> outcome(fun M:F/0);
                false -> {skipped, {no_such_function, {M, F, 0}}}
            end;
        {error, _} -> {skipped, {module_not_found, M}}
    end;
outcome(Fun) ->
    try Fun() of
        _ -> ok
    catch
        Class:Reason:Trace -> {error, {Class, Reason, eunit_lib:own_frames(Trace)}}
    end.

group(#{fixture := none, members := Members, peeked := false} = Group, Id, How) ->
    %% a first member that makes no sense is found before the group begins
    First = case next(Members) of
                none -> [];
                {Item, Rest} -> [Item | Rest]
            end,
    group(Group#{members := First, peeked := true}, Id, How);
group(#{desc := Desc, spawn := Place, order := Order, timeout := Limit} = Group, Id, How) ->
    Data = [{desc, Desc}, {spawn, Place}, {order, Order}],
    tell(How, Id, {'begin', group, Data}),
    Start = erlang:monotonic_time(millisecond),
    case timed(Limit, Id, How, fun() -> contents(Group, Id, How) end) of
        {failed, Problem} -> tell(How, Id, {cancel, {abort, Problem}});
        Count ->
            Time = erlang:monotonic_time(millisecond) - Start,
            tell(How, Id, {'end', group, Count, Time, Data})
    end.

contents(#{fixture := none, members := Members, order := {inparallel, Most}}, Id, How) ->
    parallel(Members, Id, Most, How);
contents(#{fixture := none, members := Members}, Id, How) -> in_order(Members, Id, 1, How);
contents(#{fixture := {Place, Setup, Cleanup, Tests}} = Group, Id, How) ->
    case guarded(setup_failed, Setup) of
        {ok, Value} ->
            Result = try members_with(Tests, Value) of
                         {ok, Members} -> under_fixture(Place, Members, Group, Id, How);
                         {failed, _} = Failed -> Failed
                     catch
                         exit:{eunit_abort, _} = Abort -> Abort
                     end,
            case {Result, guarded(cleanup_failed, fun() -> Cleanup(Value) end)} of
                {{eunit_abort, _}, _} -> exit(Result);
                {{failed, _}, _} -> Result;
                {_, {failed, _} = CleanupFailed} -> CleanupFailed;
                {Count, {ok, _}} -> Count
            end;
        {failed, _} = Failed -> Failed
    end.

guarded(What, Fun) ->
    try Fun() of
        Value -> {ok, Value}
    catch
        Class:Reason:Trace -> {failed, {What, {Class, Reason, eunit_lib:own_frames(Trace)}}}
    end.

members_with(Make, Value) when is_function(Make, 1) -> guarded(instantiation_failed, fun() -> Make(Value) end);
members_with({with, Funs}, Value) -> {ok, {with, Value, Funs}};
members_with(Tests, _) -> {ok, Tests}.

under_fixture(local, Members, _, Id, How) -> in_order(Members, Id, 1, How);
under_fixture(Place, Members, _, Id, #how{scale = Scale}) ->
    Node = case Place of spawn -> node(); {spawn, N} -> N end,
    {First, Rest} = case next(Members) of
                        none -> {[], []};
                        {Item, Later} -> {[Item], Later}
                    end,
    Group = #{kind => group, members => First ++ Rest, peeked => true, desc => undefined, order => undefined,
              spawn => case Node =:= node() of true -> local; false -> Node end, timeout => infinity, fixture => none},
    Inner = Id ++ [1],
    delegated(Inner, Node, Scale, fun(InnerHow) -> group(Group, Inner, InnerHow) end),
    1.

in_order(Members, Id, Position, How) ->
    case next(Members) of
        none -> Position - 1;
        {Item, Rest} ->
            item(Item, Id ++ [Position], How),
            in_order(Rest, Id, Position + 1, How)
    end.

%% The next member that is something to run. A description that makes no sense ends the worker.
next(Members) ->
    try
        case eunit_tree:members(Members) of
            [] -> none;
            {#{kind := _} = Item, Rest} -> {Item, Rest};
            {Description, Rest} ->
                case eunit_tree:node(Description) of
                    {more, More} -> next(listed(More) ++ Rest);
                    Item -> {Item, Rest}
                end
        end
    catch
        throw:{abort, Problem} -> exit({eunit_abort, Problem})
    end.

listed(More) when is_list(More) ->
    case More =/= [] andalso io_lib:char_list(More) of
        true -> [More];
        false -> More
    end;
listed(One) -> [One].

%% All members at once, or at most Most of them: each under a warden of its own.
parallel(Members, Id, Most, How) -> parallel(Members, Id, Most, 1, [], How).

parallel(Members, Id, Most, Position, Running, How) when Most > 0, length(Running) >= Most ->
    parallel(Members, Id, Most, Position, one_over(Running), How);
parallel(Members, Id, Most, Position, Running, How) ->
    case next(Members) of
        none ->
            all_over(Running),
            Position - 1;
        {Item, Rest} ->
            Place = Id ++ [Position],
            Warden = inner(Place, node(), How#how.scale, fun(Inner) -> item(Item#{spawn => undefined}, Place, Inner) end),
            parallel(Rest, Id, Most, Position + 1, [Warden | Running], How)
    end.

one_over(Running) ->
    receive
        {over, Warden} -> lists:delete(Warden, Running)
    end.

all_over([]) -> ok;
all_over(Running) -> all_over(one_over(Running)).

tell(#how{warden = Warden}, Id, Event) -> Warden ! {tell, Id, Event}.

timed(infinity, _, _, Fun) -> Fun();
timed(Limit, Id, #how{warden = Warden, scale = Scale}, Fun) ->
    Ref = make_ref(),
    Warden ! {limit, Ref, Id, round(Limit * Scale)},
    Result = Fun(),
    Warden ! {in_time, Ref},
    Result.

%%% ---- the warden --------------------------------------------------------------------------------

%% open: what has begun and not ended, the innermost first: {Id, Kind, Data, Printed}.
%% inner: the wardens inside, in the order of their tests: {Warden, running | over, Events, the newest first}.
-record(w, {base, sink, worker, worker_monitor, owner_monitor, open = [], limits = #{}, inner = [], late = none}).

%% Events go to Sink. The process that calls this is the owner: when it dies the work ends.
warden(Base, Node, Scale, Sink, Work) ->
    Owner = self(),
    Warden = erlang:spawn(Node, fun() -> warden_init(Base, Owner, Sink, Scale, Work) end),
    case Sink of
        Owner -> Warden ! go;
        _ -> wait
    end,
    Warden.

warden_init(Base, Owner, Sink, Scale, Work) ->
    OwnerMonitor = erlang:monitor(process, Owner),
    receive
        go -> ok;
        {'DOWN', OwnerMonitor, process, _, _} -> exit(normal)
    end,
    Warden = self(),
    put(eunit_warden_of, true),
    {Worker, Monitor} = spawn_monitor(fun() ->
                                              group_leader(Warden, self()),
                                              put(eunit_warden, Warden),
                                              Work(#how{warden = Warden, scale = Scale}),
                                              exit(eunit_finished)
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
        {in_time, Ref} ->
            {Timer, Limits} = maps:take(Ref, W#w.limits),
            _ = erlang:cancel_timer(Timer),
            watch(W#w{limits = Limits});
        {timeout, _, {Ref, Id}} when is_map_key(Ref, W#w.limits) ->
            Trace = case process_info(Worker, current_stacktrace) of
                        {current_stacktrace, Frames} -> eunit_lib:own_frames(Frames);
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
close(eunit_finished, #w{open = []} = W) -> over(W);
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
