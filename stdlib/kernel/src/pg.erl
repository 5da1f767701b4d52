-module(pg).
-moduledoc """
Named groups of processes.

A scope is a process with a table of the same name. Groups begin with the first member and end with the last. The scopes of one name on
connected nodes tell each other of their members: each node sees those of all.
""".

-behaviour(gen_server).

-export([start/1, start_link/0, start_link/1, join/2, join/3, leave/2, leave/3, get_members/1, get_members/2,
         get_local_members/1, get_local_members/2, which_groups/0, which_groups/1, which_local_groups/0, which_local_groups/1,
         monitor/1, monitor/2, monitor_scope/0, monitor_scope/1, demonitor/1, demonitor/2]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).

-export_type([group/0]).

-type group() :: term().

-define(SCOPE, ?MODULE).

%% joined: member => {monitor, [group]}, a group as often as the member joined it.
%% watches: reference => {pid, group or all}
%% peers: scope on another node => {monitor, group => members there}
-record(state, {scope, joined = #{}, watches = #{}, peers = #{}}).

-doc "Starts a scope.".
-spec start(atom()) -> {ok, pid()} | {error, term()}.
start(Scope) when is_atom(Scope) -> gen_server:start({local, Scope}, ?MODULE, [Scope], []).

-doc "Starts the scope pg and links to it.".
-spec start_link() -> {ok, pid()} | {error, term()}.
start_link() -> start_link(?SCOPE).

-doc "Starts a scope and links to it.".
-spec start_link(atom()) -> {ok, pid()} | {error, term()}.
start_link(Scope) when is_atom(Scope) -> gen_server:start_link({local, Scope}, ?MODULE, [Scope], []).

-doc "Adds processes to a group of the scope pg.".
-spec join(group(), pid() | [pid()]) -> ok.
join(Group, Members) -> join(?SCOPE, Group, Members).

-doc "Adds processes to a group; who joins twice is a member twice.".
-spec join(atom(), group(), pid() | [pid()]) -> ok.
join(Scope, Group, Members) -> gen_server:call(Scope, {join, Group, local(Members)}, infinity).

-doc "Takes processes out of a group of the scope pg.".
-spec leave(group(), pid() | [pid()]) -> ok | not_joined.
leave(Group, Members) -> leave(?SCOPE, Group, Members).

-doc "Takes processes out of a group, each once.".
-spec leave(atom(), group(), pid() | [pid()]) -> ok | not_joined.
leave(Scope, Group, Members) -> gen_server:call(Scope, {leave, Group, local(Members)}, infinity).

local(Pid) when is_pid(Pid), node(Pid) =:= node() -> Pid;
local(Pid) when is_pid(Pid) -> error({nolocal, Pid});
local(Pids) when is_list(Pids) ->
    _ = [error({nolocal, P}) || P <- Pids, not is_pid(P) orelse node(P) =/= node()],
    Pids.

-doc "The members of a group of the scope pg.".
-spec get_members(group()) -> [pid()].
get_members(Group) -> get_members(?SCOPE, Group).

-doc "The members of a group.".
-spec get_members(atom(), group()) -> [pid()].
get_members(Scope, Group) -> kept(Scope, Group, 2).

-doc "The members on this node of a group of the scope pg.".
-spec get_local_members(group()) -> [pid()].
get_local_members(Group) -> get_local_members(?SCOPE, Group).

-doc "The members on this node of a group.".
-spec get_local_members(atom(), group()) -> [pid()].
get_local_members(Scope, Group) -> kept(Scope, Group, 3).

%% A list that is kept of a group; nothing is known of a scope without its process.
kept(Scope, Group, Column) ->
    try ets:lookup_element(Scope, Group, Column, [])
    catch error:badarg -> []
    end.

-doc "The groups of the scope pg.".
-spec which_groups() -> [group()].
which_groups() -> which_groups(?SCOPE).

-doc "The groups of a scope.".
-spec which_groups(atom()) -> [group()].
which_groups(Scope) when is_atom(Scope) -> ets:select(Scope, [{{'$1', '_', '_'}, [], ['$1']}]).

-doc "The groups of the scope pg with members on this node.".
-spec which_local_groups() -> [group()].
which_local_groups() -> which_local_groups(?SCOPE).

-doc "The groups of a scope with members on this node.".
-spec which_local_groups(atom()) -> [group()].
which_local_groups(Scope) when is_atom(Scope) -> ets:select(Scope, [{{'$1', '_', '$2'}, [{'=/=', '$2', []}], ['$1']}]).

-doc "Watches a group of the scope pg.".
-spec monitor(group()) -> {reference(), [pid()]}.
monitor(Group) -> ?MODULE:monitor(?SCOPE, Group).

-doc "Watches a group: gives its members, and messages {Ref, join | leave, Group, Pids} follow.".
-spec monitor(atom(), group()) -> {reference(), [pid()]}.
monitor(Scope, Group) -> gen_server:call(Scope, {watch, {group, Group}}, infinity).

-doc "Watches all groups of the scope pg.".
-spec monitor_scope() -> {reference(), #{group() => [pid()]}}.
monitor_scope() -> monitor_scope(?SCOPE).

-doc "Watches all groups of a scope.".
-spec monitor_scope(atom()) -> {reference(), #{group() => [pid()]}}.
monitor_scope(Scope) -> gen_server:call(Scope, {watch, all}, infinity).

-doc "Ends a watch in the scope pg.".
-spec demonitor(reference()) -> ok | false.
demonitor(Ref) -> ?MODULE:demonitor(?SCOPE, Ref).

-doc "Ends a watch and removes its messages from the queue.".
-spec demonitor(atom(), reference()) -> ok | false.
demonitor(Scope, Ref) ->
    Answer = gen_server:call(Scope, {unwatch, Ref}, infinity),
    Answer =:= ok andalso forget(Ref),
    Answer.

forget(Ref) ->
    receive {Ref, _, _, _} -> forget(Ref)
    after 0 -> ok
    end.

%%% ---- the server ----------------------------------------------------------------------------

-doc false.
-spec init([atom()]) -> {ok, #state{}}.
init([Scope]) ->
    Scope = ets:new(Scope, [set, protected, named_table, {read_concurrency, true}]),
    ok = net_kernel:monitor_nodes(true),
    [{Scope, Node} ! {discover, self()} || Node <- nodes()],
    {ok, #state{scope = Scope}}.

-doc false.
-spec handle_call(term(), gen_server:from(), #state{}) -> {reply, term(), #state{}} | {noreply, #state{}}.
handle_call({join, Group, Members}, _, S) ->
    as_list(Members) =/= [] andalso inform({join, self(), Group, Members}, S),
    {reply, ok, add(Group, as_list(Members), S)};
handle_call({leave, Group, Members}, _, #state{joined = Joined} = S) ->
    Leaving = [P || P <- as_list(Members), is_member(P, Group, Joined)],
    case Leaving of
        [] -> {reply, not_joined, S};
        _ ->
            inform({leave, self(), Leaving, [Group]}, S),
            {reply, ok, remove(Group, Leaving, S)}
    end;
handle_call({watch, What}, {Pid, _}, #state{scope = Scope, watches = Watches} = S) ->
    Ref = erlang:monitor(process, Pid),
    Known = case What of
        all -> #{G => Members || {G, Members, _} <- ets:tab2list(Scope)};
        {group, Group} -> get_members(Scope, Group)
    end,
    {reply, {Ref, Known}, S#state{watches = Watches#{Ref => {Pid, What}}}};
handle_call({unwatch, Ref}, {Pid, _}, #state{watches = Watches} = S) ->
    case Watches of
        #{Ref := {Pid, _}} ->
            erlang:demonitor(Ref, [flush]),
            {reply, ok, S#state{watches = maps:remove(Ref, Watches)}};
        _ -> {reply, false, S}
    end;
handle_call(_, _, S) -> {noreply, S}.

as_list(Pid) when is_pid(Pid) -> [Pid];
as_list(Pids) -> Pids.

is_member(Pid, Group, Joined) ->
    case Joined of
        #{Pid := {_, Groups}} -> lists:member(Group, Groups);
        _ -> false
    end.

add(_, [], S) -> S;
add(Group, Pids, #state{joined = Joined} = S) ->
    put_in(Group, Pids, S),
    S#state{joined = lists:foldl(fun(P, J) ->
        case J of
            #{P := {Ref, Groups}} -> J#{P := {Ref, [Group | Groups]}};
            _ -> J#{P => {erlang:monitor(process, P), [Group]}}
        end
    end, Joined, Pids)}.

remove(Group, Pids, #state{joined = Joined} = S) ->
    Rest = lists:foldl(fun(P, J) ->
        #{P := {Ref, Groups}} = J,
        case lists:delete(Group, Groups) of
            [] ->
                erlang:demonitor(Ref, [flush]),
                maps:remove(P, J);
            Others -> J#{P := {Ref, Others}}
        end
    end, Joined, Pids),
    take_out(Group, Pids, S),
    S#state{joined = Rest}.

%% The table has all members of a group and those of this node.
put_in(Group, Pids, #state{scope = Scope} = S) ->
    {Local, _} = mine(Pids),
    case ets:lookup(Scope, Group) of
        [] -> ets:insert(Scope, {Group, Pids, Local});
        [{_, Members, Own}] -> ets:insert(Scope, {Group, Pids ++ Members, Local ++ Own})
    end,
    tell(join, Group, Pids, S).

take_out(Group, Pids, #state{scope = Scope} = S) ->
    {Local, _} = mine(Pids),
    case ets:lookup(Scope, Group) of
        [] -> ok;
        [{_, Members, Own}] ->
            case Members -- Pids of
                [] -> ets:delete(Scope, Group);
                Left -> ets:insert(Scope, {Group, Left, Own -- Local})
            end,
            tell(leave, Group, Pids, S)
    end.

mine(Pids) -> lists:partition(fun(P) -> node(P) =:= node() end, Pids).

%% Tells the scopes on other nodes.
inform(Message, #state{peers = Peers}) ->
    _ = [erlang:send(Peer, Message, [noconnect]) || Peer <- maps:keys(Peers)],
    ok.

tell(Action, Group, Pids, #state{watches = Watches}) ->
    maps:foreach(fun(Ref, {Pid, What}) ->
        case What of
            all -> Pid ! {Ref, Action, Group, Pids};
            {group, Group} -> Pid ! {Ref, Action, Group, Pids};
            _ -> ok
        end
    end, Watches).

-doc false.
-spec handle_cast(term(), #state{}) -> {noreply, #state{}}.
handle_cast({sync, Peer, Groups}, S) -> {noreply, synchronised(Peer, Groups, S)};
handle_cast(_, S) -> {noreply, S}.

%% All members on a node: what was known of it before is compared.
synchronised(Peer, Groups, #state{peers = Peers} = S) ->
    {Monitor, Before} = case Peers of
                            #{Peer := Known} -> Known;
                            _ -> {erlang:monitor(process, Peer), #{}}
                        end,
    Now = maps:from_list(Groups),
    _ = [take_out(G, Gone, S) || {G, Old} <- maps:to_list(Before), Gone <- [Old -- maps:get(G, Now, [])], Gone =/= []],
    _ = [put_in(G, New, S) || {G, Pids} <- Groups, New <- [Pids -- maps:get(G, Before, [])], New =/= []],
    S#state{peers = Peers#{Peer => {Monitor, Now}}}.

%% A change on a node whose scope is known.
changed(Peer, Change, #state{peers = Peers} = S) ->
    case Peers of
        #{Peer := {Monitor, Groups}} -> S#state{peers = Peers#{Peer := {Monitor, Change(Groups)}}};
        _ -> S
    end.

left(Pids, Group, Groups, S) ->
    case Groups of
        #{Group := Members} ->
            Leaving = [P || P <- Pids, lists:member(P, Members)],
            Leaving =:= [] orelse take_out(Group, Leaving, S),
            case Members -- Leaving of
                [] -> maps:remove(Group, Groups);
                Rest -> Groups#{Group := Rest}
            end;
        _ -> Groups
    end.

own_groups(#state{scope = Scope}) -> ets:select(Scope, [{{'$1', '_', '$2'}, [{'=/=', '$2', []}], [{{'$1', '$2'}}]}]).

discovered(Peer, #state{peers = Peers} = S) ->
    gen_server:cast(Peer, {sync, self(), own_groups(S)}),
    case Peers of
        #{Peer := _} -> S;
        _ ->
            erlang:send(Peer, {discover, self()}, [noconnect]),
            S#state{peers = Peers#{Peer => {erlang:monitor(process, Peer), #{}}}}
    end.

-doc false.
-spec handle_info(term(), #state{}) -> {noreply, #state{}}.
handle_info({discover, Peer}, S) -> {noreply, discovered(Peer, S)};
handle_info({discover, Peer, _Version}, S) -> {noreply, discovered(Peer, S)};
handle_info({sync, Peer, Groups}, S) -> {noreply, synchronised(Peer, Groups, S)};
handle_info({join, Peer, Group, Members}, S) ->
    Pids = as_list(Members),
    {noreply, changed(Peer, fun(Groups) ->
                                    put_in(Group, Pids, S),
                                    Groups#{Group => Pids ++ maps:get(Group, Groups, [])}
                            end, S)};
handle_info({leave, Peer, Members, Left}, S) ->
    {noreply, changed(Peer, fun(Groups) -> lists:foldl(fun(G, Gs) -> left(as_list(Members), G, Gs, S) end, Groups, Left) end, S)};
handle_info({nodeup, Node}, #state{scope = Scope} = S) ->
    Node =:= node() orelse ({Scope, Node} ! {discover, self()}),
    {noreply, S};
handle_info({'DOWN', Ref, process, Pid, _}, #state{joined = Joined, watches = Watches, peers = Peers} = S) ->
    case {Joined, Peers} of
        {_, #{Pid := {Ref, Groups}}} ->
            maps:foreach(fun(G, Members) -> take_out(G, Members, S) end, Groups),
            {noreply, S#state{peers = maps:remove(Pid, Peers)}};
        {#{Pid := {Ref, Groups}}, _} ->
            Left = S#state{joined = maps:remove(Pid, Joined)},
            inform({leave, self(), Pid, Groups}, S),
            lists:foreach(fun(G) -> take_out(G, [Pid], Left) end, Groups),
            {noreply, Left};
        _ -> {noreply, S#state{watches = maps:remove(Ref, Watches)}}
    end;
handle_info(_, S) -> {noreply, S}.

-doc false.
-spec terminate(term(), #state{}) -> true.
terminate(_, #state{scope = Scope}) -> ets:delete(Scope).
