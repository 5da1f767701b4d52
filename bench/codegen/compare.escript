#!/usr/bin/env escript
%%! +S 1 +sbwt none +sbwtdcpu none +sbwtdio none
%% Compares the code of two compilers on one machine: the modules of this directory, compiled into two directories, run in
%% turns in one node. Prints the processor time of each function of the second directory's modules as a multiple of
%% the first's (the median of the rounds' ratios), the geometric mean and the highest.
%% Usage: compare.escript DIR1 DIR2 [ROUNDS]
-mode(compile).

main([One, Two]) -> main([One, Two, "7"]);
main([One, Two, Rounds0]) ->
    Rounds = list_to_integer(Rounds0),
    Names = [list_to_atom(filename:basename(F, ".beam")) || F <- lists:sort(filelib:wildcard(filename:join(One, "*.beam")))],
    Ratios = lists:append([module(M, One, Two, Rounds) || M <- Names]),
    Mean = math:exp(lists:sum([math:log(R) || R <- Ratios]) / length(Ratios)),
    io:format("~w functions, geometric mean ~.3f, highest ~.3f~n", [length(Ratios), Mean, lists:max(Ratios)]).

module(M, One, Two, Rounds) ->
    load(M, One),
    Work = [{F, enough(M, F, 1)} || {F, 1} <- lists:sort(M:module_info(exports)), F =/= module_info],
    Times = [[begin load(M, Dir), {Dir, F, time(M, F, N)} end || Dir <- [One, Two]] || _ <- lists:seq(1, Rounds), {F, N} <- Work],
    [begin
         Pairs = [{A, B} || [{_, G, A}, {_, _, B}] <- Times, G =:= F],
         Ratio = lists:nth(Rounds div 2 + 1, lists:sort([B / A || {A, B} <- Pairs])),
         io:format("~-24s ~8w ms ~6.3f~n", [io_lib:format("~s:~s", [M, F]), lists:min([A || {A, _} <- Pairs]), Ratio]),
         Ratio
     end || {F, _} <- Work].

load(M, Dir) ->
    code:purge(M),
    code:delete(M),
    code:purge(M),
    {module, M} = code:load_abs(filename:join(Dir, atom_to_list(M))).

%% So many rounds that a run takes a quarter of a second.
enough(M, F, N) ->
    case time(M, F, N) of
        T when T > 200 -> N;
        T when T > 20 -> N * 250 div T;
        _ -> enough(M, F, N * 10)
    end.

%% Processor time of a run in a fresh process, in milliseconds; other work of the machine does not count.
time(M, F, N) ->
    {_, Ref} = spawn_opt(fun() ->
                                 {From, _} = erlang:statistics(runtime),
                                 M:F(N),
                                 {To, _} = erlang:statistics(runtime),
                                 exit({time, To - From})
                         end, [monitor, {min_heap_size, 1000}]),
    receive {'DOWN', Ref, process, _, {time, T}} -> T end.
