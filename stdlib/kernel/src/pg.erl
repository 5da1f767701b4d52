-module(pg).
-moduledoc """
Named groups of processes.

A scope is a process with a table of the same name. Groups begin with the first member and end with the last. Members on other
nodes join once there is distribution.
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
-record(state, {scope, joined = #{}, watches = #{}}).

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
    _ = [local(P) || P <- Pids],
    Pids;
local(Other) -> error({nolocal, Other}).

-doc "The members of a group of the scope pg.".
-spec get_members(group()) -> [pid()].
get_members(Group) -> get_members(?SCOPE, Group).

-doc "The members of a group.".
-spec get_members(atom(), group()) -> [pid()].
get_members(Scope, Group) ->
    case ets:lookup(Scope, Group) of
        [{_, Members}] -> Members;
        [] -> []
    end.

-doc "The members on this node of a group of the scope pg.".
-spec get_local_members(group()) -> [pid()].
get_local_members(Group) -> get_local_members(?SCOPE, Group).

-doc "The members on this node of a group.".
-spec get_local_members(atom(), group()) -> [pid()].
get_local_members(Scope, Group) -> get_members(Scope, Group).

-doc "The groups of the scope pg.".
-spec which_groups() -> [group()].
which_groups() -> which_groups(?SCOPE).

-doc "The groups of a scope.".
-spec which_groups(atom()) -> [group()].
which_groups(Scope) -> ets:select(Scope, [{{'$1', '_'}, [], ['$1']}]).

-doc "The groups of the scope pg with members on this node.".
-spec which_local_groups() -> [group()].
which_local_groups() -> which_groups().

-doc "The groups of a scope with members on this node.".
-spec which_local_groups(atom()) -> [group()].
which_local_groups(Scope) -> which_groups(Scope).

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
    {ok, #state{scope = Scope}}.

-doc false.
-spec handle_call(term(), gen_server:from(), #state{}) -> {reply, term(), #state{}} | {noreply, #state{}}.
handle_call({join, Group, Members}, _, S) -> {reply, ok, add(Group, as_list(Members), S)};
handle_call({leave, Group, Members}, _, #state{joined = Joined} = S) ->
    Leaving = [P || P <- as_list(Members), is_member(P, Group, Joined)],
    case Leaving of
        [] -> {reply, not_joined, S};
        _ -> {reply, ok, remove(Group, Leaving, S)}
    end;
handle_call({watch, What}, {Pid, _}, #state{scope = Scope, watches = Watches} = S) ->
    Ref = erlang:monitor(process, Pid),
    Known = case What of
        all -> maps:from_list(ets:tab2list(Scope));
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
add(Group, Pids, #state{scope = Scope, joined = Joined} = S) ->
    ets:insert(Scope, {Group, Pids ++ get_members(Scope, Group)}),
    tell(join, Group, Pids, S),
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

take_out(Group, Pids, #state{scope = Scope} = S) ->
    case get_members(Scope, Group) -- Pids of
        [] -> ets:delete(Scope, Group);
        Members -> ets:insert(Scope, {Group, Members})
    end,
    tell(leave, Group, Pids, S).

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
handle_cast(_, S) -> {noreply, S}.

-doc false.
-spec handle_info(term(), #state{}) -> {noreply, #state{}}.
handle_info({'DOWN', Ref, process, Pid, _}, #state{joined = Joined, watches = Watches} = S) ->
    case Joined of
        #{Pid := {Ref, Groups}} ->
            Left = S#state{joined = maps:remove(Pid, Joined)},
            lists:foreach(fun(G) -> take_out(G, [Pid], Left) end, Groups),
            {noreply, Left};
        _ -> {noreply, S#state{watches = maps:remove(Ref, Watches)}}
    end;
handle_info(_, S) -> {noreply, S}.

-doc false.
-spec terminate(term(), #state{}) -> true.
terminate(_, #state{scope = Scope}) -> ets:delete(Scope).
