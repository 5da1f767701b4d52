%% A supervision tree: workers that crash come back, and the supervisor gives up when that happens too often.
-module(otp_tree).
-behaviour(supervisor).
-export([main/1, start_worker/1, worker/1]).
-export([init/1]).

main(_) ->
    process_flag(trap_exit, true),
    logger:set_primary_config(level, none),
    {ok, Sup} = supervisor:start_link({local, top}, ?MODULE, []),
    io:format("~p~n", [names(top)]),
    Old = [whereis(N) || N <- [a, b, c]],
    crash(b),
    io:format("b crashed: same processes ~p~n", [[whereis(N) =:= P || {N, P} <- lists:zip([a, b, c], Old)]]),
    io:format("~p~n", [supervisor:count_children(top)]),
    [crash(a) || _ <- lists:seq(1, 3)],
    receive {'EXIT', Sup, Reason} -> io:format("the supervisor has ended: ~p~n", [Reason]) end.

names(Sup) -> [{Id, Type} || {Id, _, Type, _} <- supervisor:which_children(Sup)].

crash(Name) ->
    Ref = monitor(process, Name),
    Name ! crash,
    receive {'DOWN', Ref, _, _, _} -> timer:sleep(300) end.

init([]) ->
    {ok, {#{strategy => rest_for_one, intensity => 3, period => 10},
          [#{id => N, start => {?MODULE, start_worker, [N]}} || N <- [a, b, c]]}}.

start_worker(Name) -> proc_lib:start_link(?MODULE, worker, [Name]).

worker(Name) ->
    register(Name, self()),
    io:format("~p starts~n", [Name]),
    proc_lib:init_ack({ok, self()}),
    receive crash -> exit(crashed) end.
