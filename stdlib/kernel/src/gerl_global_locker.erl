-module(gerl_global_locker).
-moduledoc """
The process that locks two groups of nodes before they tell each other their global names. Internal to `global`.

Each node has one. The lockers of two nodes that connect agree when both have locked all nodes of their groups for the same requester, the
pair of lockers. Either may ask; the other one tries the same and answers.
""".

-export([start/1]).

%% wanted: node => {its locker, tag of our session with it}; known: the nodes of our group
-record(state, {server :: pid(), wanted = #{} :: #{node() => {pid(), integer()}}, known = [] :: [node()]}).

-define(RESOURCE, global).

-doc "Starts the locker of a server.".
-spec start(pid()) -> pid().
start(Server) -> spawn_link(fun() -> loop(#state{server = Server}, 50) end).

loop(#state{wanted = Wanted} = S, Patience) ->
    Time = case map_size(Wanted) of
               0 -> infinity;
               _ -> Patience + rand:uniform(200)
           end,
    receive
        {want, Node, Locker, Tag} -> loop(S#state{wanted = Wanted#{Node => {Locker, Tag}}}, Patience);
        {cancel, Node, Tag, _} -> loop(without(Node, Tag, S), Patience);
        {known, Nodes} -> loop(S#state{known = Nodes}, Patience);
        {lock_set, Locker, true, _} -> loop(asked(node(Locker), Locker, S), Patience);
        _ -> loop(S, Patience)
    after Time -> loop(ask(S), min(Patience * 2, 2000))
    end.

without(Node, Tag, #state{wanted = Wanted} = S) ->
    case Wanted of
        #{Node := {_, Tag}} -> S#state{wanted = maps:remove(Node, Wanted)};
        _ -> S
    end.

answer(Set, Node, #state{known = Known}) -> gen_server:cast({global_name_server, Node}, {lock_set, self(), Set, Known}).

%% The other locker has locked its group.
asked(Node, Locker, #state{wanted = Wanted, known = Known} = S) ->
    case Wanted of
        #{Node := {Locker, Tag}} ->
            Locked = [node() | Known],
            case lock(Locker, Locked) of
                true ->
                    answer(true, Node, S),
                    agreed(Node, Locker, Tag, Locked, S);
                false ->
                    answer(false, Node, S),
                    S
            end;
        _ ->
            answer(false, Node, S),
            S
    end.

%% Our group first, then the other locker is asked for its own. Its node is locked, too: so nobody there locks for somebody else meanwhile.
ask(#state{wanted = Wanted, known = Known} = S) ->
    Nodes = maps:keys(Wanted),
    Node = lists:nth(rand:uniform(length(Nodes)), Nodes),
    #{Node := {Locker, Tag}} = Wanted,
    Locked = [node(), Node | Known],
    case lock(Locker, Locked) of
        true ->
            answer(true, Node, S),
            receive
                {lock_set, Locker, true, _} -> agreed(Node, Locker, Tag, Locked, S);
                {lock_set, Locker, false, _} ->
                    unlock(Locker, Locked),
                    S;
                {cancel, Node, Tag, _} ->
                    unlock(Locker, Locked),
                    without(Node, Tag, S)
            end;
        false -> S
    end.

%% Both groups are locked until the server has done its part.
agreed(Node, Locker, Tag, Locked, #state{server = Server} = S) ->
    gen_server:cast(Server, {lock_is_set, Node, Tag, id(Locker)}),
    receive
        {cancel, Node, Tag, Last} ->
            Last(),
            unlock(Locker, Locked),
            without(Node, Tag, S)
    end.

id(Locker) -> {?RESOURCE, lists:sort([self(), Locker])}.

%% The node with the greatest name decides between groups that want the same, so it comes first, and last when the lock is given back.
lock(Locker, Nodes) -> global:lock_nodes(id(Locker), first(Nodes)).

unlock(Locker, Nodes) -> global:del_lock(id(Locker), lists:reverse(first(Nodes))).

first(Nodes) -> lists:reverse(lists:usort(Nodes)).
