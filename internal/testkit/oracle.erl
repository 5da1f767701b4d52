%% Compiles chunks with OTP's own compiler.  `main([Dir])' compiles every
%% DIR/*.erl to DIR/*.beam, as many at a time as there are cores; `report([Dir])'
%% compiles DIR/N/chunk.erl for every folder N and prints the diagnostics.
-module(oracle).
-export([main/1, report/1]).

main([Dir]) ->
    Files = filelib:wildcard(Dir ++ "/*.erl"),
    work(Files, erlang:system_info(schedulers_online), fun(F) -> compile:file(F, [report_errors, {outdir, Dir}]) end),
    halt(0).

report([Dir]) ->
    lists:foreach(fun(File) ->
                          Here = filename:dirname(File),
                          ok = file:set_cwd(Here),
                          io:put_chars("@@begin " ++ filename:basename(Here) ++ "\n"),
                          compile:file("chunk.erl", [report]),
                          io:put_chars("@@end\n")
                  end, lists:sort(filelib:wildcard(Dir ++ "/*/chunk.erl"))),
    halt(0).

%% At most Free more compilations may run at the same time as those that do.
work([File | Files], Free, Do) when Free > 0 ->
    spawn_monitor(fun() -> Do(File) end),
    work(Files, Free - 1, Do);
work([], Free, _Do) ->
    wait(erlang:system_info(schedulers_online) - Free);
work(Files, Free, Do) ->
    wait(1),
    work(Files, Free + 1, Do).

wait(0) -> ok;
wait(N) -> receive {'DOWN', _, process, _, _} -> wait(N - 1) end.
