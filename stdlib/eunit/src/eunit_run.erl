-module(eunit_run).
-moduledoc """
Runs tests and tells what happens.

Tests run in a worker process, which its warden (see `eunit_proc`) starts and watches. A group with a process of its own gets a
warden and a worker of its own, whose events go through the outer warden; so does every member of a parallel group.

Events, in the order of the tests (`Id` is a list of positions, the outermost first):

- `{status, Id, {progress, 'begin', {test | group, Data}}}`
- `{status, Id, {progress, 'end', {Status, Data}}}` for a test, with `ok`, `{error, Exception}` or `{skipped, Problem}`; `{Count, Data}` for a group
- `{status, Id, {cancel, Reason}}`
""".

-export([run/3]).

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

warden(Id, Node, Scale, Sink, Work) ->
    eunit_proc:warden(Id, Node, Sink, fun(Warden) -> Work(#how{warden = Warden, scale = Scale}) end).
