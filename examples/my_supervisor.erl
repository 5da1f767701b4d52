%% A supervisor made by hand from links and trap_exit.  It starts children
%% from specifications, restarts them when they die (permanent), when they
%% die abnormally (transient) or never (temporary), and gives up when a child
%% dies too often.
-module(my_supervisor).
-mode(compile).
-export([main/1]).
-export([start_link/2, which/1, stop/1]).
-export([start_worker/1]).

-record(child, {name, mfa, restart, pid}).
-record(sup, {children = [], left}).

main(_Args) ->
    process_flag(trap_exit, true),
    Sup = start_link(4, [{adder, {?MODULE, start_worker, [adder]}, permanent},
                         {doubler, {?MODULE, start_worker, [doubler]}, transient},
                         {joker, {?MODULE, start_worker, [joker]}, temporary}]),
    io:format("children: ~p~n", [names(Sup)]),
    io:format("1 + 2 = ~w, 2 * 21 = ~w~n", [ask(adder, {1, 2}), ask(doubler, 21)]),
    io:format("-- a crash~n"),
    crash(adder, bad_luck, Sup),
    io:format("3 + 4 = ~w~n", [ask(adder, {3, 4})]),
    io:format("-- a killed worker~n"),
    kill(doubler, Sup),
    io:format("2 * 4 = ~w~n", [ask(doubler, 4)]),
    io:format("-- normal ends~n"),
    crash(doubler, normal, Sup),
    crash(adder, normal, Sup),
    crash(joker, anything, Sup),
    io:format("children: ~p~n", [names(Sup)]),
    io:format("-- too many crashes~n"),
    crash(adder, again, Sup),
    adder ! {die, and_again},
    receive {'EXIT', Sup, Reason} -> io:format("supervisor gave up: ~p~n", [Reason]) end,
    io:format("registered: ~p~n", [[whereis(N) || N <- [adder, doubler, joker]]]).

names(Sup) -> [Name || {Name, _Pid} <- which(Sup)].

ask(Name, Question) ->
    Name ! {ask, self(), Question},
    receive {answer, Name, Answer} -> Answer end.

crash(Name, Reason, Sup) -> end_with(Name, Sup, fun(_Pid) -> Name ! {die, Reason} end).
kill(Name, Sup) -> end_with(Name, Sup, fun(Pid) -> exit(Pid, kill) end).

%% Waits for the death; the supervisor has seen it before it answers again.
end_with(Name, Sup, Do) ->
    Pid = whereis(Name),
    Ref = monitor(process, Pid),
    Do(Pid),
    receive {'DOWN', Ref, process, Pid, _} -> ok end,
    which(Sup).

%% Workers ------------------------------------------------------------------

start_worker(Name) ->
    Starter = self(),
    Pid = spawn_link(fun() -> register(Name, self()), Starter ! {ready, self()}, worker(Name) end),
    receive {ready, Pid} -> Pid end.

worker(Name) ->
    receive
        {ask, From, Question} ->
            From ! {answer, Name, answer(Name, Question)},
            worker(Name);
        {die, Reason} ->
            exit(Reason)
    end.

answer(adder, {A, B}) -> A + B;
answer(doubler, N) -> 2 * N.

%% Supervisor ---------------------------------------------------------------

start_link(MaxRestarts, Specs) ->
    spawn_link(fun() ->
                       process_flag(trap_exit, true),
                       Children = [start_child(#child{name = N, mfa = F, restart = R})
                                   || {N, F, R} <- Specs],
                       supervise(#sup{children = Children, left = MaxRestarts})
               end).

which(Sup) ->
    Sup ! {which, self()},
    receive {children, Sup, List} -> List end.

stop(Sup) -> exit(Sup, shutdown).

start_child(C = #child{mfa = {M, F, A}}) -> C#child{pid = apply(M, F, A)}.

supervise(S = #sup{children = Children}) ->
    receive
        {which, From} ->
            From ! {children, self(), [{N, P} || #child{name = N, pid = P} <- Children]},
            supervise(S);
        {'EXIT', Pid, Reason} ->
            case lists:keyfind(Pid, #child.pid, Children) of
                false -> terminate(S, Reason);
                Child -> supervise(child_died(Child, Reason, S))
            end
    end.

child_died(C = #child{name = Name, pid = Pid}, Reason, S = #sup{children = Children}) ->
    case wants_restart(C#child.restart, Reason) of
        false ->
            io:format("~w ended (~w), not restarted~n", [Name, Reason]),
            S#sup{children = lists:keydelete(Pid, #child.pid, Children)};
        true when S#sup.left =:= 0 ->
            terminate(S, too_many_restarts);
        true ->
            io:format("~w ended (~w), restarted~n", [Name, Reason]),
            S#sup{children = lists:keyreplace(Pid, #child.pid, Children, start_child(C)),
                  left = S#sup.left - 1}
    end.

wants_restart(permanent, _Reason) -> true;
wants_restart(transient, Reason) -> Reason =/= normal;
wants_restart(temporary, _Reason) -> false.

terminate(#sup{children = Children}, Reason) ->
    [begin
         unlink(Pid),
         Ref = monitor(process, Pid),
         exit(Pid, kill),
         receive {'DOWN', Ref, process, Pid, _} -> ok end
     end || #child{pid = Pid} <- lists:reverse(Children)],
    exit(Reason).
