-module(global).
-moduledoc """
Names and locks that all connected nodes share.

Each node has a server of the name `global_name_server` that knows all names; one that is not alive starts it when a function of this module is first
called. A change locks all nodes and is then told to each. When nodes connect, their groups are locked (`gerl_global_locker`) and tell each
other their names; clashes are settled by the functions that were registered with the names. The messages are those of OTP's servers, in version 6 of
their protocol.
""".

-behaviour(gen_server).

-export([register_name/2, register_name/3, re_register_name/2, re_register_name/3, unregister_name/1, whereis_name/1,
         registered_names/0, send/2, set_lock/1, set_lock/2, set_lock/3, del_lock/1, del_lock/2, trans/2, trans/3, trans/4,
         sync/0, info/0, disconnect/0, random_exit_name/3, random_notify_name/3, notify_all_name/3,
         start/0, start_link/0, stop/0]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).
-export([lock_nodes/2, resolve_it/4, get_locker/0, sync/1]).

-export_type([id/0, method/0]).

-type id() :: {ResourceId :: term(), LockRequesterId :: term()}.
-type method() :: fun((Name :: term(), pid(), pid()) -> pid() | none).

-define(SERVER, global_name_server).

-define(VERSION, 6).
%% The requester of the lock for changes of names differs from process to process.
-define(CHANGES, global).

%% What is known of a session with a node that connects.
-record(session, {mine :: integer(),                 % our tag, which the messages from there carry
                  his :: undefined | integer(),
                  locked = false :: boolean(),
                  theirs :: undefined | [{term(), pid(), method()}],
                  ops :: undefined | [tuple()],
                  resolved :: undefined | {[tuple()], [node()]}}).

%% names: name => {pid, monitor, method}; locks: resource => {requester, [{pid, monitor}]}; known: the nodes of our group;
%% early: sessions that the other node began before we heard of it; waiting: who waits for nodes to be known
-record(state, {names = #{}, locks = #{}, known = [], sessions = #{}, early = #{}, waiting = [], locker}).

%%% ---- names ---------------------------------------------------------------------------------

-doc "Gives a process a name; no if somebody has it.".
-spec register_name(term(), pid()) -> yes | no.
register_name(Name, Pid) -> register_name(Name, Pid, fun ?MODULE:random_exit_name/3).

-doc "Gives a process a name; Resolve settles clashes when nodes connect.".
-spec register_name(term(), pid(), method()) -> yes | no.
register_name(Name, Pid, Resolve) when is_pid(Pid), is_function(Resolve, 3); is_pid(Pid), is_tuple(Resolve) ->
    change(fun(Nodes) ->
                   case whereis_name(Name) =:= undefined andalso not has_name(Name, Pid) of
                       true ->
                           everywhere(Nodes, {register, Name, Pid, Resolve}),
                           yes;
                       false -> no
                   end
           end).

%% A process has one name only, unless the system is configured otherwise.
has_name(Name, Pid) ->
    case application:get_env(kernel, global_multi_name_action, undefined) =/= allow andalso call({names_of, Pid}) of
        [_ | _] = Names ->
            error_logger:error_msg("global: ~w registered under several names: ~tw
", [Pid, [Name | Names]]),
            true;
        _ -> false
    end.

-doc "Gives a process a name, which another may lose.".
-spec re_register_name(term(), pid()) -> yes.
re_register_name(Name, Pid) -> re_register_name(Name, Pid, fun ?MODULE:random_exit_name/3).

-doc "Gives a process a name, which another may lose; Resolve settles clashes when nodes connect.".
-spec re_register_name(term(), pid(), method()) -> yes.
re_register_name(Name, Pid, Resolve) when is_pid(Pid) ->
    change(fun(Nodes) ->
                   everywhere(Nodes, {register, Name, Pid, Resolve}),
                   yes
           end).

-doc "Takes a name away.".
-spec unregister_name(term()) -> term().
unregister_name(Name) ->
    change(fun(Nodes) ->
                   whereis_name(Name) =:= undefined orelse everywhere(Nodes, {unregister, Name}),
                   ok
           end).

%% Runs a change while all nodes are locked.
change(Change) ->
    Id = {?CHANGES, self()},
    Nodes = group(),
    case set_lock(Id, Nodes, infinity) andalso group() -- Nodes of
        [] ->
            try Change(Nodes)
            after del_lock(Id, Nodes)
            end;
        _ ->
            %% nodes came meanwhile
            del_lock(Id, Nodes),
            change(Change)
    end.

group() -> [node() | call(get_known)].

everywhere([_], Request) -> call(Request);
everywhere(Nodes, Request) ->
    _ = gen_server:multi_call(Nodes, ?SERVER, Request),
    ok.

-doc "The process with a name.".
-spec whereis_name(term()) -> pid() | undefined.
whereis_name(Name) -> call({whereis, Name}).

-doc "All names.".
-spec registered_names() -> [term()].
registered_names() -> call(names).

-doc "Sends a message to the process with a name.".
-spec send(term(), term()) -> pid().
send(Name, Message) ->
    case whereis_name(Name) of
        undefined -> exit({badarg, {Name, Message}});
        Pid ->
            Pid ! Message,
            Pid
    end.

-doc "Settles a clash of names: one process, chosen at random, is killed.".
-spec random_exit_name(term(), pid(), pid()) -> pid().
random_exit_name(Name, Pid1, Pid2) ->
    {Stays, Goes} = either(Pid1, Pid2),
    logger:log(info, "global: Name conflict terminating ~tw\n", [{Name, Goes}]),
    exit(Goes, kill),
    Stays.

-doc "Settles a clash of names: one process, chosen at random, loses the name and gets a message.".
-spec random_notify_name(term(), pid(), pid()) -> pid().
random_notify_name(Name, Pid1, Pid2) ->
    {Stays, Goes} = either(Pid1, Pid2),
    Goes ! {global_name_conflict, Name},
    Stays.

-doc "Settles a clash of names: both processes lose the name and get a message.".
-spec notify_all_name(term(), pid(), pid()) -> none.
notify_all_name(Name, Pid1, Pid2) ->
    Pid1 ! {global_name_conflict, Name, Pid2},
    Pid2 ! {global_name_conflict, Name, Pid1},
    none.

%% All nodes must choose the same.
either(A, B) when node(A) < node(B) -> {A, B};
either(A, B) -> {B, A}.

-doc false.
resolve_it(Method, Name, Pid1, Pid2) ->
    try settle(Method, Name, Pid1, Pid2)
    catch Class:Reason -> {Class, Reason}
    end.

settle({M, F}, Name, Pid1, Pid2) -> M:F(Name, Pid1, Pid2);
settle(Method, Name, Pid1, Pid2) -> Method(Name, Pid1, Pid2).

%%% ---- locks ---------------------------------------------------------------------------------

-doc "Takes a lock on all nodes, however long it takes.".
-spec set_lock(id()) -> boolean().
set_lock(Id) -> set_lock(Id, [node() | nodes()]).

-doc "Takes a lock on some nodes, however long it takes.".
-spec set_lock(id(), [node()]) -> boolean().
set_lock(Id, Nodes) -> set_lock(Id, Nodes, infinity).

-doc "Takes a lock on some nodes; false after that many vain attempts more.".
-spec set_lock(id(), [node()], non_neg_integer() | infinity) -> boolean().
set_lock({_, _} = Id, Nodes, Retries) when is_list(Nodes), Retries =:= infinity orelse Retries >= 0 ->
    attempt(Id, Nodes, Retries, 1).

attempt(Id, Nodes, Retries, Times) ->
    case lock_nodes(Id, Nodes) of
        true -> true;
        false when Retries =:= 0 -> false;
        false ->
            timer:sleep(rand:uniform(min(Times * 25, 1000))),
            attempt(Id, Nodes, case Retries of infinity -> infinity; _ -> Retries - 1 end, Times + 1)
    end.

-doc false.
%% One attempt; where it fails nothing stays locked. The first node is asked alone, so that others who want the same fail there.
lock_nodes(Id, [Node]) when Node =:= node() -> call({set_lock, Id});
lock_nodes(Id, [First | Rest]) ->
    case locked(Id, [First]) of
        {true, _} ->
            case Rest =:= [] orelse locked(Id, Rest) of
                true -> true;
                {true, _} -> true;
                {false, Got} ->
                    _ = del_lock(Id, [First | Got]),
                    false
            end;
        {false, _} -> false
    end;
lock_nodes(_, []) -> true.

%% Nodes that do not answer are no obstacle.
locked(Id, Nodes) ->
    {Answers, _} = gen_server:multi_call(Nodes, ?SERVER, {set_lock, Id}),
    {lists:all(fun({_, Answer}) -> Answer =/= false end, Answers), [N || {N, true} <- Answers]}.

-doc "Gives a lock back.".
-spec del_lock(id()) -> true.
del_lock(Id) -> del_lock(Id, [node() | nodes()]).

-doc "Gives a lock on some nodes back.".
-spec del_lock(id(), [node()]) -> true.
del_lock({_, _} = Id, [Node]) when Node =:= node() -> call({del_lock, Id});
del_lock({_, _} = Id, Nodes) when is_list(Nodes) ->
    _ = gen_server:multi_call(Nodes, ?SERVER, {del_lock, Id}),
    true.

-doc "Runs a function while a lock is held.".
-spec trans(id(), fun(() -> Result)) -> Result | aborted.
trans(Id, Fun) -> trans(Id, Fun, [node() | nodes()]).

-doc "Runs a function while a lock on some nodes is held.".
-spec trans(id(), fun(() -> Result), [node()]) -> Result | aborted.
trans(Id, Fun, Nodes) -> trans(Id, Fun, Nodes, infinity).

-doc "Runs a function while a lock on some nodes is held; aborted if it could not be taken.".
-spec trans(id(), fun(() -> Result), [node()], non_neg_integer() | infinity) -> Result | aborted.
trans(Id, Fun, Nodes, Retries) ->
    case set_lock(Id, Nodes, Retries) of
        true ->
            try Fun()
            after del_lock(Id, Nodes)
            end;
        false -> aborted
    end.

%%% ---- the rest ------------------------------------------------------------------------------

-doc "Waits until the names of all known nodes agree.".
-spec sync() -> ok.
sync() -> sync([]).

-doc false.
sync(_) ->
    case erlang:is_alive() of
        true -> gen_server:call(?SERVER, {sync, nodes()}, infinity);
        false -> ok
    end.

-doc false.
get_locker() -> call(get_locker).

-doc false.
-spec info() -> term().
info() -> call(info).

-doc "Disconnects from all nodes.".
-spec disconnect() -> [node()].
disconnect() ->
    Nodes = nodes(),
    _ = [erlang:disconnect_node(N) || N <- Nodes],
    Nodes.

-doc false.
-spec start() -> {ok, pid()} | {error, term()}.
start() -> gen_server:start({local, ?SERVER}, ?MODULE, [], []).

-doc false.
-spec start_link() -> {ok, pid()} | {error, term()}.
start_link() -> gen_server:start_link({local, ?SERVER}, ?MODULE, [], []).

-doc false.
-spec stop() -> ok.
stop() ->
    case whereis(?SERVER) of
        undefined -> ok;
        Pid -> gen_server:stop(Pid)
    end.

call(Request) ->
    case whereis(?SERVER) of
        undefined -> _ = start();
        _ -> ok
    end,
    gen_server:call(?SERVER, Request, infinity).

-doc false.
-spec init([]) -> {ok, #state{}}.
init([]) ->
    ok = net_kernel:monitor_nodes(true),
    S = #state{locker = gerl_global_locker:start(self())},
    {ok, case erlang:is_alive() andalso connects_all() of
             true -> lists:foldl(fun begin_session/2, S, nodes());
             false -> S
         end}.

%% Whether nodes that one node knows are to know each other.
connects_all() ->
    init:get_argument(connect_all) =/= {ok, [["false"]]} andalso application:get_env(kernel, connect_all, true) =/= false.

-doc false.
-spec handle_call(term(), gen_server:from(), #state{}) -> {reply, term(), #state{}} | {noreply, #state{}}.
handle_call({register, Name, Pid, Method}, _, S) -> {reply, yes, insert(Name, Pid, Method, S)};
handle_call({unregister, Name}, _, S) -> {reply, ok, delete(Name, S)};
handle_call({whereis, Name}, _, #state{names = Names} = S) ->
    case Names of
        #{Name := {Pid, _, _}} ->
            %% the message about its end may still be on its way
            case node(Pid) =/= node() orelse is_process_alive(Pid) of
                true -> {reply, Pid, S};
                false -> {reply, undefined, S}
            end;
        _ -> {reply, undefined, S}
    end;
handle_call({names_of, Pid}, _, #state{names = Names} = S) -> {reply, [N || {N, {P, _, _}} <- maps:to_list(Names), P =:= Pid], S};
handle_call(names, _, #state{names = Names} = S) -> {reply, maps:keys(Names), S};
handle_call({set_lock, {Resource, Requester}}, {Pid, _}, #state{locks = Locks} = S) ->
    case Locks of
        #{Resource := {Requester, Holders}} ->
            %% A process holds a lock once, however often it asks.
            Held = case lists:keymember(Pid, 1, Holders) of
                       true -> Holders;
                       false -> [{Pid, monitor(process, Pid)} | Holders]
                   end,
            {reply, true, S#state{locks = Locks#{Resource := {Requester, Held}}}};
        #{Resource := _} -> {reply, false, S};
        _ -> {reply, true, S#state{locks = Locks#{Resource => {Requester, [{Pid, monitor(process, Pid)}]}}}}
    end;
handle_call({del_lock, {Resource, Requester}}, {Pid, _}, #state{locks = Locks} = S) ->
    case Locks of
        #{Resource := {Requester, Holders}} ->
            case lists:keytake(Pid, 1, Holders) of
                {value, {_, Ref}, Rest} ->
                    demonitor(Ref, [flush]),
                    {reply, true, S#state{locks = with_holders(Resource, Requester, Rest, Locks)}};
                false -> {reply, true, S}
            end;
        _ -> {reply, true, S}
    end;
handle_call(get_known, _, S) -> {reply, S#state.known, S};
handle_call(get_synced, _, S) -> {reply, S#state.known, S};
handle_call(get_protocol_version, _, S) -> {reply, ?VERSION, S};
handle_call(get_names_ext, _, S) -> {reply, [], S};
handle_call(get_locker, _, S) -> {reply, S#state.locker, S};
handle_call({sync, Nodes}, From, #state{waiting = Waiting} = S) -> {noreply, told(S#state{waiting = [{From, Nodes} | Waiting]})};
handle_call(info, _, S) -> {reply, S, S};
handle_call(_, _, S) -> {reply, {error, badarg}, S}.

with_holders(Resource, _, [], Locks) -> maps:remove(Resource, Locks);
with_holders(Resource, Requester, Holders, Locks) -> Locks#{Resource => {Requester, Holders}}.

insert(Name, Pid, Method, S) ->
    #state{names = Names} = S1 = delete(Name, S),
    S1#state{names = Names#{Name => {Pid, monitor(process, Pid), Method}}}.

delete(Name, #state{names = Names} = S) ->
    case maps:take(Name, Names) of
        {{_, Ref, _}, Rest} ->
            demonitor(Ref, [flush]),
            S#state{names = Rest};
        error -> S
    end.

%% Answers those who have waited for all of their nodes.
told(#state{waiting = Waiting, known = Known} = S) ->
    Open = [{From, Left} || {From, Nodes} <- Waiting, Left <- [[N || N <- Nodes, not lists:member(N, Known), lists:member(N, nodes())]]],
    _ = [gen_server:reply(From, ok) || {From, []} <- Open],
    S#state{waiting = [W || {_, [_ | _]} = W <- Open]}.

%%% ---- nodes that connect --------------------------------------------------------------------

begin_session(Node, #state{sessions = Sessions, known = Known} = S) ->
    case is_map_key(Node, Sessions) orelse lists:member(Node, Known) of
        true -> S;
        false ->
            Mine = erlang:unique_integer([monotonic]),
            cast(Node, {init_connect, {?VERSION, Mine}, node(), {locker, no_longer_a_pid, Known, S#state.locker}}),
            S1 = S#state{sessions = Sessions#{Node => #session{mine = Mine}}},
            case maps:take(Node, S1#state.early) of
                {{His, Locker}, Early} -> answered(Node, His, Locker, S1#state{early = Early});
                error -> S1
            end
    end.

cast(Node, Message) -> gen_server:cast({?SERVER, Node}, Message).

answered(Node, His, Locker, #state{sessions = Sessions, early = Early} = S) ->
    case Sessions of
        #{Node := #session{mine = Mine} = Session} ->
            S#state.locker ! {want, Node, Locker, Mine},
            S#state{sessions = Sessions#{Node := Session#session{his = His}}};
        _ -> S#state{early = Early#{Node => {His, Locker}}}
    end.

%% Changes a session, if the tag is that of one.
within(Node, Tag, Change, #state{sessions = Sessions} = S) ->
    case Sessions of
        #{Node := #session{mine = Tag} = Session} ->
            Changed = Change(Session),
            go_on(Node, Changed, S#state{sessions = Sessions#{Node := Changed}});
        _ ->
            S#state.locker ! {cancel, Node, Tag, fun() -> ok end},
            S
    end.

%% The names of the other side are compared when the lock is set and they have come; the outcome counts when both sides have theirs.
go_on(Node, #session{locked = true, theirs = Theirs, ops = undefined, mine = Tag}, S) when is_list(Theirs) ->
    Server = self(),
    Own = maps:map(fun(_, {Pid, _, Method}) -> {Pid, Method} end, S#state.names),
    _ = spawn(fun() ->
                      Compared = [compare(Node, Name, Pid, Method, Own) || {Name, Pid, Method} <- Theirs],
                      Server ! {compared, Node, Tag, [Op || {here, Op} <- Compared] ++ [Op || {both, Op} <- Compared],
                                [Op || {there, Op} <- Compared] ++ [Op || {both, Op} <- Compared]}
              end),
    S;
go_on(Node, #session{ops = Ops, resolved = {HisOps, HisKnown}}, S) when is_list(Ops) -> joined(Node, Ops ++ HisOps, HisKnown, S);
go_on(_, _, S) -> S.

%% What is to be done here, there or at both about a name of the other side.
compare(Node, Name, Pid, Method, Own) ->
    case Own of
        #{Name := {Pid, _}} -> none;
        #{Name := {Mine, MyMethod}} when node() < Node ->
            case rpc:call(node(Mine), ?MODULE, resolve_it, [MyMethod, Name, Pid, Mine]) of
                Pid -> {here, {insert, {Name, Pid, Method}}};
                Mine -> {there, {insert, {Name, Mine, MyMethod}}};
                _ -> {both, {delete, Name}}
            end;
        #{Name := _} -> none; % the other side settles it
        _ -> {here, {insert, {Name, Pid, Method}}}
    end.

%% Two groups are one. The locker tells the rest of ours before it gives the lock back.
joined(Node, Ops, HisKnown, #state{known = Known, sessions = Sessions} = S) ->
    #{Node := #session{mine = Tag}} = Sessions,
    New = [Node | HisKnown],
    Message = {new_nodes, node(), Ops, [], New, [{vsn, ?VERSION}, {lock, undefined}]},
    S#state.locker ! {cancel, Node, Tag, fun() -> [cast(N, Message) || N <- Known] end},
    meet(HisKnown),
    known(New, done(Ops, S#state{sessions = maps:remove(Node, Sessions)})).

done(Ops, S) ->
    lists:foldl(fun({insert, {Name, Pid, Method}}, Acc) -> insert(Name, Pid, Method, Acc);
                   ({delete, Name}, Acc) -> delete(Name, Acc);
                   (_, Acc) -> Acc
                end, S, Ops).

known(New, #state{known = Known} = S) ->
    All = lists:usort([N || N <- New, N =/= node()] ++ Known),
    S#state.locker ! {known, All},
    told(S#state{known = All}).

%% Connects to nodes whose names are here already, and tells them so.
meet(Nodes) ->
    _ = [spawn(fun() -> net_kernel:connect_node(N) =:= true andalso cast(N, {in_sync, node(), true}) end) || N <- Nodes, N =/= node()],
    ok.

plain(Nodes) -> [case N of {Name, _} -> Name; _ -> N end || N <- Nodes].

-doc false.
-spec handle_cast(term(), #state{}) -> {noreply, #state{}}.
handle_cast({init_connect, Version, Node, {locker, _, _, Locker}}, S) when tuple_size(Version) >= 2 ->
    {noreply, answered(Node, element(2, Version), Locker, S)};
handle_cast({lock_set, _, _, _} = Message, S) ->
    S#state.locker ! Message,
    {noreply, S};
handle_cast({lock_set, Pid, Set, Known, _Tag}, S) ->
    S#state.locker ! {lock_set, Pid, Set, Known},
    {noreply, S};
handle_cast({lock_is_set, Node, Tag, _Id}, #state{names = Names} = S) ->
    {noreply, within(Node, Tag, fun(#session{his = His} = Session) ->
                                        cast(Node, {exchange, node(), [{N, P, M} || {N, {P, _, M}} <- maps:to_list(Names)], [], His}),
                                        Session#session{locked = true}
                                end, S)};
handle_cast({exchange, Node, Theirs, _, Tag}, S) ->
    {noreply, within(Node, Tag, fun(Session) -> Session#session{theirs = Theirs} end, S)};
handle_cast({resolved, Node, Ops, HisKnown, _, _, Tag}, S) ->
    {noreply, within(Node, Tag, fun(Session) -> Session#session{resolved = {Ops, plain(HisKnown)}} end, S)};
handle_cast({new_nodes, _Node, Ops, _, Nodes, _}, #state{known = Known} = S) ->
    New = [N || N <- plain(Nodes), not lists:member(N, Known)],
    meet(New),
    {noreply, known(New, done(Ops, S))};
handle_cast({in_sync, Node, _}, #state{sessions = Sessions} = S) ->
    case Sessions of
        #{Node := #session{mine = Tag}} -> S#state.locker ! {cancel, Node, Tag, fun() -> ok end};
        _ -> ok
    end,
    {noreply, known([Node], S#state{sessions = maps:remove(Node, Sessions)})};
handle_cast(_, S) -> {noreply, S}.

-doc false.
-spec handle_info(term(), #state{}) -> {noreply, #state{}}.
handle_info({compared, Node, Tag, Here, There}, #state{known = Known} = S) ->
    {noreply, within(Node, Tag, fun(#session{his = His} = Session) ->
                                        cast(Node, {resolved, node(), There, Known, unused, [], His}),
                                        Session#session{ops = Here}
                                end, S)};
handle_info({nodeup, Node}, S) when Node =:= node() -> {noreply, S};
handle_info({nodeup, Node}, S) ->
    {noreply, case connects_all() of
                  true -> begin_session(Node, S);
                  false -> S
              end};
handle_info({nodedown, Node}, #state{sessions = Sessions, known = Known, early = Early} = S) ->
    case Sessions of
        #{Node := #session{mine = Tag}} -> S#state.locker ! {cancel, Node, Tag, fun() -> ok end};
        _ -> ok
    end,
    Left = lists:delete(Node, Known),
    S#state.locker ! {known, Left},
    {noreply, told(S#state{sessions = maps:remove(Node, Sessions), known = Left, early = maps:remove(Node, Early)})};
handle_info({whereis, Name, From}, S) ->
    {reply, Pid, _} = handle_call({whereis, Name}, From, S),
    gen_server:reply(From, Pid),
    {noreply, S};
handle_info({'DOWN', Ref, process, _, _}, #state{names = Names, locks = Locks} = S) ->
    {noreply, S#state{names = maps:filter(fun(_, {_, R, _}) -> R =/= Ref end, Names),
                      locks = maps:fold(fun(Resource, {Requester, Holders}, Acc) ->
                                                with_holders(Resource, Requester, lists:keydelete(Ref, 2, Holders), Acc)
                                        end, #{}, Locks)}};
handle_info(_, S) -> {noreply, S}.
