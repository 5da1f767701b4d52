-module(logger_filters).
-moduledoc "Filters for logger's handlers: by domain, level, progress reports, and origin on another node.".

-export([domain/2, level/2, progress/2, remote_gl/2]).

-doc "Lets pass or stops events whose domain is a super or sub domain of the given one, equal to it, not equal, or undefined.".
-spec domain(logger:log_event(), {log | stop, super | sub | equal | not_equal | undefined, [atom()]}) ->
          logger:filter_return().
domain(#{meta := Meta} = Event, {Action, Relation, Domain})
  when is_list(Domain), Action =:= log orelse Action =:= stop,
       Relation =:= super orelse Relation =:= sub orelse Relation =:= equal orelse Relation =:= not_equal
           orelse Relation =:= undefined ->
    decide(related(Relation, maps:get(domain, Meta, undefined), Domain), Action, Event);
domain(Event, Arg) -> erlang:error(badarg, [Event, Arg]).

related(undefined, Own, _) -> Own =:= undefined;
related(not_equal, Own, Domain) -> Own =/= Domain;
related(_, undefined, _) -> false;
related(equal, Own, Domain) -> Own =:= Domain;
related(_, Own, _) when not is_list(Own) -> false;
related(super, Own, Domain) -> lists:prefix(Own, Domain);
related(sub, Own, Domain) -> lists:prefix(Domain, Own).

decide(false, _, _) -> ignore;
decide(true, log, Event) -> Event;
decide(true, stop, _) -> stop.

-doc "Lets pass or stops events by comparing their level with the given one.".
-spec level(logger:log_event(), {log | stop, eq | gt | lt | neq | lteq | gteq, logger:level()}) ->
          logger:filter_return().
level(#{level := Own} = Event, {Action, Op, Level}) when Action =:= log; Action =:= stop ->
    Level =/= none andalso Level =/= all orelse erlang:error(badarg, [Event, {Action, Op, Level}]),
    Compared = logger:compare_levels(Own, Level),
    Matches = case Op of
                  neq -> Compared =/= eq;
                  lteq -> Compared =/= gt;
                  gteq -> Compared =/= lt;
                  _ when Op =:= eq; Op =:= gt; Op =:= lt -> Compared =:= Op;
                  _ -> erlang:error(badarg, [Event, {Action, Op, Level}])
              end,
    decide(Matches, Action, Event);
level(Event, Arg) -> erlang:error(badarg, [Event, Arg]).

-doc "Lets pass or stops the progress reports of supervisors and applications.".
-spec progress(logger:log_event(), log | stop) -> logger:filter_return().
progress(Event, Action) when Action =:= log; Action =:= stop ->
    IsProgress = case Event of
                     #{msg := {report, #{label := {_, progress}}}} -> true;
                     _ -> false
                 end,
    decide(IsProgress, Action, Event);
progress(Event, Arg) -> erlang:error(badarg, [Event, Arg]).

-doc "Lets pass or stops events of processes whose group leader is on another node.".
-spec remote_gl(logger:log_event(), log | stop) -> logger:filter_return().
remote_gl(#{meta := Meta} = Event, Action) when Action =:= log; Action =:= stop ->
    IsRemote = case Meta of
                   #{gl := Leader} when is_pid(Leader) -> node(Leader) =/= node();
                   #{} -> false
               end,
    decide(IsRemote, Action, Event);
remote_gl(Event, Arg) -> erlang:error(badarg, [Event, Arg]).
