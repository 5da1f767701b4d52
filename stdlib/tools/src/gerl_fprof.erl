-module(gerl_fprof).
-moduledoc false.

%% How the events of a trace become a graph of calls: who called whom how often, and the time that took. Each process has a stack of levels; a
%% level holds the functions that have called each other in tail position, the running one first, as they all return together.

-export([new/0, event/2, finish/1]).

-export_type([profile/0, node_name/0, edge/0, cost/0]).

-type node_name() :: mfa() | undefined | suspend | garbage_collect.
-type edge() :: {Caller :: node_name(), Callee :: node_name()}.
-type cost() :: {Count :: non_neg_integer(), Acc :: non_neg_integer(), Own :: non_neg_integer()}. % microseconds
-type profile() :: #{pid() => #{edges := #{edge() => cost()}, spawned := none | {pid(), mfa_args()}, first := [mfa()]}}.
-type mfa_args() :: {module(), atom(), [term()]}.

-record(call, {
          function :: node_name(),
          caller :: node_name(), % who has brought it into this level
          via :: node_name(),    % who has called it last, in a loop of tail calls
          since :: integer()
         }).

-record(process, {
          levels = [] :: [[#call{}]],
          settled = none :: none | integer(), % until then all time has been given to somebody
          pause = none :: none | {suspend | garbage_collect, Since :: integer()},
          edges = #{} :: #{edge() => cost()},
          spawned = none :: none | {pid(), mfa_args()},
          first = [] :: [mfa()] % latest first
         }).

-doc false.
new() -> #{}.

-doc false.
event({trace_ts, Pid, spawned, Parent, {M, F, Args}, _}, Ps) ->
    P = maps:get(Pid, Ps, #process{}),
    Ps#{Pid => P#process{spawned = {Parent, {M, F, Args}}}};
event(Event, Ps) when element(1, Event) =:= trace_ts ->
    Pid = element(2, Event),
    {Mega, Sec, Micro} = element(tuple_size(Event), Event),
    Now = (Mega * 1000000 + Sec) * 1000000 + Micro,
    P = maps:get(Pid, Ps, #process{}),
    case happened(element(3, Event), Event, P, Now) of
        ignored -> Ps;
        P1 -> Ps#{Pid => P1}
    end;
event(_, Ps) -> Ps.

happened(call, {_, _, _, F, {cp, Back}, _}, P, Now) -> called(F, Back, seen(F, settle(P, Now)), Now);
happened(return_to, {_, _, _, F, _}, P, Now) -> returned(F, settle(P, Now), Now);
happened(in, {_, _, _, F, _}, P, Now) -> resumed(suspend, begun(F, P, Now), Now);
happened(out, {_, _, _, F, _}, P, Now) -> paused(suspend, settle(begun(F, P, Now), Now), Now);
happened(exit, _, P, Now) -> unwound(length(P#process.levels), settle(P, Now), Now);
happened(What, _, P, Now) when What =:= gc_minor_start; What =:= gc_major_start -> paused(garbage_collect, settle(P, Now), Now);
happened(What, _, P, Now) when What =:= gc_minor_end; What =:= gc_major_end -> resumed(garbage_collect, P, Now);
happened(_, _, _, _) -> ignored.

%% The function that a process is in when it is first heard of.
begun({_, _, _} = F, #process{levels = []} = P, Now) -> (seen(F, P))#process{levels = [[first(F, undefined, Now)]], settled = Now};
begun(_, P, _) -> P.

first(F, Caller, Now) -> #call{function = F, caller = Caller, via = Caller, since = Now}.

seen(F, #process{first = First} = P) when length(First) < 2 ->
    case lists:member(F, First) of
        true -> P;
        false -> P#process{first = [F | First]}
    end;
seen(_, P) -> P.

%% What has passed since the last event is the running function's own.
settle(#process{settled = none} = P, Now) -> P#process{settled = Now};
settle(#process{levels = [[#call{function = F, via = C} | _] | _], settled = Then, pause = none} = P, Now) ->
    (cost({C, F}, {0, 0, Now - Then}, P))#process{settled = Now};
settle(P, Now) -> P#process{settled = Now}.

cost(Edge, {N, A, O}, #process{edges = Edges} = P) ->
    {N0, A0, O0} = maps:get(Edge, Edges, {0, 0, 0}),
    P#process{edges = Edges#{Edge => {N0 + N, A0 + A, O0 + O}}}.

running(#process{levels = [[#call{function = F} | _] | _]}) -> F;
running(_) -> undefined.

called(F, Back, #process{levels = Levels} = P0, Now) ->
    %% It returns to a function further down: what is above that, but for one level, has been left without being told of it.
    P1 = case depth(Back, Levels, 0) of
             none -> P0;
             0 -> P0#process{levels = [[] | Levels]}; % an ordinary call
             N -> unwound(N - 1, P0, Now)
         end,
    enter(F, running(P0), P1, Now).

enter(F, Caller, P0, Now) ->
    P = cost({Caller, F}, {1, 0, 0}, P0),
    {Level, Rest} = case P#process.levels of
                        [] -> {[], []};
                        [L | Ls] -> {L, Ls}
                    end,
    %% A loop of tail calls comes back to a function of its level: the round is over.
    case lists:splitwith(fun(#call{function = G}) -> G =/= F end, Level) of
        {Round, [Same | Older]} ->
            P1 = left(Round, [[Same | Older] | Rest], P, Now),
            P1#process{levels = [[Same#call{via = Caller} | Older] | Rest]};
        {_, []} -> P#process{levels = [[first(F, Caller, Now) | Level] | Rest]}
    end.

%% How many levels lie above the one whose running function is F.
depth(F, [[#call{function = F} | _] | _], N) -> N;
depth(F, [_ | Levels], N) -> depth(F, Levels, N + 1);
depth(_, [], _) -> none.

returned(F, #process{levels = Levels} = P, Now) ->
    case depth(F, Levels, 0) of
        none -> (unwound(length(Levels), P, Now))#process{levels = [[first(F, undefined, Now)]]};
        N -> unwound(N, P, Now)
    end.

unwound(0, P, _) -> P;
unwound(N, #process{levels = [Level | Rest]} = P, Now) -> unwound(N - 1, (left(Level, Rest, P, Now))#process{levels = Rest}, Now).

%% These calls are over: each counts for its callers unless it goes on further down.
left([], _, P, _) -> P;
left([#call{function = F, caller = C, since = Then} | Calls], Below, P, Now) ->
    Again = lists:any(fun(#call{function = G}) -> G =:= F end, Calls)
        orelse lists:any(fun(Level) -> lists:any(fun(#call{function = G}) -> G =:= F end, Level) end, Below),
    P1 = case Again of
             true -> P;
             false -> cost({C, F}, {0, Now - Then, 0}, P)
         end,
    left(Calls, Below, P1, Now).

paused(What, #process{pause = none} = P, Now) -> (cost({running(P), What}, {1, 0, 0}, P))#process{pause = {What, Now}};
paused(_, P, _) -> P.

resumed(What, #process{pause = {What, Then}} = P, Now) ->
    Own = case What of suspend -> 0; garbage_collect -> Now - Then end,
    (cost({running(P), What}, {0, Now - Then, Own}, P))#process{pause = none, settled = Now};
resumed(_, #process{settled = none} = P, Now) -> P#process{settled = Now};
resumed(_, P, _) -> P.

-doc false.
finish(Ps) ->
    #{Pid => #{edges => (unwound(length(P#process.levels), P, last(P)))#process.edges, spawned => P#process.spawned,
               first => lists:reverse(P#process.first)} || Pid := P <- Ps}.

last(#process{settled = none}) -> 0;
last(#process{settled = Then}) -> Then.
