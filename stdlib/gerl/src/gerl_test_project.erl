-module(gerl_test_project).
-moduledoc """
What `gerl test` works on: finds the sources of a project and compiles them. Internal.

A project is a folder with `src` and `test` (and `include`), or several of these under `apps` or `lib` as rebar3 has them. What rebar3 has
built in `_build`, and `_checkouts`, is on the path. A folder without these is a heap of modules, a single file one of them.
What was compiled stays in `_build/gerl/test/ebin` for the next run.
""".

-export([compiled/1, sources/1, clean/1]).

-type project() :: #{units := [tuple()], path := [file:name()], out := file:name(), run := file:name(), files := #{module() => file:name()},
                     cover := [module()]}.

-doc "Finds, compiles and lists what has tests.".
-spec compiled(map()) -> {ok, project()} | {error, iodata()}.
compiled(Options) ->
    case files(Options) of
        {error, _} = Error -> Error;
        {[], [], _, _} -> {error, "gerl test: there are no Erlang sources here: expected src/*.erl and test/*.erl, or apps/*/src\n"};
        {Sources, Tests, Includes, Path} ->
            Place = filename:absname("_build/gerl/test"),
            Out = filename:join(Place, "ebin"),
            Run = filename:join(Place, "run" ++ os:getpid()),
            case [{D, R} || D <- [Out, Run], {error, R} <- [filelib:ensure_path(D)]] of
                [] -> build(Sources, Tests, Includes, Path, {Out, Run}, Options);
                [{Dir, Reason} | _] ->
                    {error, io_lib:format("gerl test: ~ts: ~ts\n", [Dir, file:format_error(Reason)])}
            end
    end.

-doc "The source files of a project with their dates.".
-spec sources(map()) -> [{file:name(), term()}].
sources(Options) ->
    case files(Options) of
        {error, _} -> [];
        {Sources, Tests, Includes, _} ->
            Headers = lists:append([filelib:wildcard(filename:join(D, "*.hrl")) || D <- Includes]),
            [{F, filelib:last_modified(F)} || F <- Sources ++ Tests ++ Headers]
    end.

-doc "Removes what was written while the tests ran.".
-spec clean(project()) -> ok.
clean(#{run := Run}) ->
    _ = file:del_dir_r(Run),
    ok.

%%% ---- the files ---------------------------------------------------------------------------------

files(#{targets := Targets}) ->
    {Files, Others} = lists:partition(fun filelib:is_regular/1, Targets),
    {Dirs, Names} = lists:partition(fun filelib:is_dir/1, Others),
    case Targets of
        [] -> folder(".");
        _ ->
            Parts = [folder(D) || D <- Dirs] ++ [single(F) || F <- Files] ++ named(Names),
            case [E || {error, _} = E <- Parts] of
                [Error | _] -> Error;
                [] ->
                    {lists:append([S || {S, _, _, _} <- Parts]), lists:append([T || {_, T, _, _} <- Parts]),
                     lists:usort(lists:append([I || {_, _, I, _} <- Parts])), lists:usort(lists:append([P || {_, _, _, P} <- Parts]))}
            end
    end.

single(File) ->
    case filename:extension(File) of
        ".erl" ->
            Dir = filename:dirname(File),
            Root = case lists:member(filename:basename(Dir), ["src", "test"]) of true -> filename:dirname(Dir); false -> Dir end,
            {Sources, Tests, Includes, Path} = folder(Root),
            %% all of the project is compiled, only the named file's tests run
            {Sources ++ Tests -- [File], [File], Includes, Path};
        _ -> {error, io_lib:format("gerl test: ~ts is no .erl file\n", [File])}
    end.

%% Modules by name, of the project in the working directory.
named([]) -> [];
named(Names) ->
    {Sources, Tests, Includes, Path} = folder("."),
    All = Sources ++ Tests,
    case [N || N <- Names, not lists:any(fun(F) -> filename:basename(F, ".erl") =:= N end, All)] of
        [] ->
            Chosen = [F || F <- All, lists:member(filename:basename(F, ".erl"), Names)],
            [{All -- Chosen, Chosen, Includes, Path}];
        [Unknown | _] -> [{error, io_lib:format("gerl test: there is no file, folder or module ~ts here\n", [Unknown])}]
    end.

folder(Root) ->
    Apps = [D || P <- ["apps/*", "lib/*"], D <- filelib:wildcard(filename:join(Root, P)), filelib:is_dir(filename:join(D, "src"))],
    Own = [Root || Sub <- ["src", "test"], filelib:is_dir(filename:join(Root, Sub))],
    case lists:usort(Own) ++ Apps of
        [] -> {[], erl_files(Root), [Root], libraries(Root)};
        Parts ->
            {lists:append([deep(filename:join(P, "src")) || P <- Parts]),
             lists:append([deep(filename:join(P, "test")) || P <- Parts]),
             [filename:join(P, I) || P <- Parts, I <- ["include", "src", "test"]] ++ [filename:join(Root, "apps"), filename:join(Root, "..")],
             libraries(Root)}
    end.

erl_files(Dir) -> filelib:wildcard(filename:join(Dir, "*.erl")).

deep(Dir) ->
    lists:sort(filelib:fold_files(Dir, "\\.erl$", true,
                                  fun(F, Acc) ->
                                          case string:find(F, "_SUITE_data/") of nomatch -> [F | Acc]; _ -> Acc end
                                  end, [])).

libraries(Root) ->
    [filename:absname(D) || P <- ["_build/default/lib/*/ebin", "_build/test/lib/*/ebin", "_checkouts/*/ebin", "deps/*/ebin"],
                            D <- filelib:wildcard(filename:join(Root, P))].

%%% ---- compiling ---------------------------------------------------------------------------------

build(Sources, Tests, Includes, Path, {Out, Run}, Options) ->
    code:add_pathsa(Path),
    code:add_patha(Out),
    Roots = roots(Sources),
    Settings = [binary, return, debug_info, {d, 'TEST'}, {d, 'EUNIT'} | [{i, D} || D <- Includes]] ++ gerl_rebar:options(top(Options), [test]),
    case gerl_test_build:modules(lists:usort(Sources ++ Tests), Includes, Path, Settings, Out) of
        {ok, Modules} ->
            Resources = gerl_rebar:resources(Roots, filename:join(filename:dirname(Out), "lib")),
            Measured = [M || {M, File, _} <- Modules, not is_test_code(M, File)],
            Scope = case Tests of [] -> Modules; _ -> scope(Modules, Tests, Sources, Options) end,
            {ok, #{path => Path ++ Resources, out => Out, run => Run, files => #{M => File || {M, File, _} <- Modules},
                   cover => case Options of #{cover := true} -> Measured; #{} -> [] end,
                   units => units(Scope, #{M => Exports || {M, _, Exports} <- Modules}, Options)}};
        {error, Text} ->
            clean(#{run => Run}),
            {error, Text}
    end.

%% The folders of the applications whose sources these are, and the one that has the project's settings.
roots(Sources) -> lists:usort([root(filename:dirname(F)) || F <- Sources]).

root(Dir) ->
    case filename:basename(Dir) of
        "src" -> filename:dirname(Dir);
        _ when Dir =:= "."; Dir =:= "/" -> Dir;
        _ -> root(filename:dirname(Dir))
    end.

top(#{targets := [One]}) ->
    case filelib:is_dir(One) of
        true -> One;
        false -> "."
    end;
top(_) -> ".".

is_test_code(Module, File) ->
    Name = atom_to_list(Module),
    lists:suffix("_SUITE", Name) orelse lists:suffix("_tests", Name) orelse lists:member("test", filename:split(File)).

%% With files or modules named, only their tests are run.
scope(Modules, Tests, _, #{targets := [_ | _] = Targets}) ->
    case lists:all(fun filelib:is_dir/1, Targets) of
        true -> Modules;
        false -> [M || {_, F, _} = M <- Modules, lists:member(F, Tests)]
    end;
scope(Modules, _, _, _) -> Modules.

%%% ---- what has tests ----------------------------------------------------------------------------
%% {eunit, Module} stands for the tests of Module and of its companion Module_tests; {suite, Module, File}.

units(Scope, Exports, Options) ->
    lists:append([unit(M, File, Exports, Options) || {M, File, _} <- lists:sort(Scope)]).

unit(Module, File, Exports, Options) ->
    Name = atom_to_list(Module),
    case lists:suffix("_SUITE", Name) of
        true -> [{suite, Module, File}];
        false ->
            case lists:suffix("_tests", Name) andalso is_map_key(list_to_atom(lists:sublist(Name, length(Name) - 6)), Exports) of
                true -> [];
                false -> [{eunit, Module, Tests} || Tests <- [tests(Module, Exports, Options)], Tests =/= []]
            end
    end.

tests(Module, Exports, Options) ->
    Companion = list_to_atom(atom_to_list(Module) ++ "_tests"),
    [{M, T} || M <- [Module, Companion], #{M := Functions} <- [Exports], T <- eunit_tree:module_tests(M, Functions), wanted(M, T, Options)].

wanted(Module, Test, #{filter := RE}) ->
    re:run(io_lib:format("~ts:~ts", [Module, element(3, Test)]), RE, [unicode]) =/= nomatch;
wanted(_, _, _) -> true.
