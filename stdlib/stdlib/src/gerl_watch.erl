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
    Changed = [File || {File, Time} <- maps:to_list(Now), maps:get(File, Known, none) =/= Time],
    %% which modules include a header is not known
    Stale = case lists:any(fun is_header/1, Changed) of
                true -> maps:keys(Now);
                false -> Changed
            end,
    [reload(File, Roots) || File <- lists:sort(Stale), not is_header(File)],
    watch(Roots, Now).

%% The time alone would miss the second change within a second.
times(Roots) -> maps:from_list([{File, {filelib:last_modified(File), filelib:file_size(File)}} || Root <- Roots, File <- sources(Root)]).

is_header(File) -> filename:extension(File) =:= ".hrl".

sources(Root) ->
    case filelib:is_dir(Root) of
        true ->
            lists:append([filelib:wildcard(filename:join([Root, App, P])) || App <- [".", "apps/*", "lib/*"],
                                                                             P <- ["src/*.{erl,hrl}", "src/*/*.{erl,hrl}", "include/*.hrl"]]);
        false -> [Root]
    end.

reload(File, Roots) ->
    Dir = filename:dirname(File),
    Options = [binary, report, debug_info, {i, Dir}, {i, filename:join(filename:dirname(Dir), "include")} | [{i, R} || R <- Roots, filelib:is_dir(R)]]
        ++ lists:append([gerl_rebar:options(R, []) || R <- Roots, filelib:is_dir(R)]),
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
