-module(gerl_watch).
-moduledoc "Compiles sources that change while a program runs and loads them into it: gerl run --watch. Internal.".

-export([start/1]).

-define(INTERVAL, 300).

-doc "Watches source files, and those below directories.".
-spec start([file:filename()]) -> ok.
start(Roots) ->
    _ = spawn(fun() -> watch(Roots, times(Roots)) end),
    ok.

watch(Roots, Known) ->
    timer:sleep(?INTERVAL),
    Now = times(Roots),
    [reload(File, Roots) || {File, Time} <- maps:to_list(Now), maps:get(File, Known, none) =/= Time],
    watch(Roots, Now).

times(Roots) -> maps:from_list([{File, filelib:last_modified(File)} || Root <- Roots, File <- sources(Root)]).

sources(Root) ->
    case filelib:is_dir(Root) of
        true -> lists:append([filelib:wildcard(filename:join(Root, P)) || P <- ["src/*.erl", "src/*/*.erl", "apps/*/src/*.erl", "lib/*/src/*.erl"]]);
        false -> [Root]
    end.

reload(File, Roots) ->
    Dir = filename:dirname(File),
    Options = [binary, report, debug_info, {i, Dir}, {i, filename:join(filename:dirname(Dir), "include")} | [{i, R} || R <- Roots, filelib:is_dir(R)]],
    case compile:file(File, Options) of
        {ok, Module, Code} -> load(Module, File, Code);
        {ok, Module, Code, _} -> load(Module, File, Code);
        _ -> io:format(standard_error, "gerl: ~ts does not compile; the running code is left as it is~n", [File])
    end.

load(Module, File, Code) ->
    _ = code:purge(Module),
    case code:load_binary(Module, File, Code) of
        {module, Module} -> io:format(standard_error, "gerl: reloaded ~tw~n", [Module]);
        {error, Reason} -> io:format(standard_error, "gerl: ~tw cannot be loaded: ~tp~n", [Module, Reason])
    end.
