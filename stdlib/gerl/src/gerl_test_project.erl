-module(gerl_test_project).
-moduledoc """
What `gerl test` works on: finds the sources of a project and compiles them. Internal.

A project is a folder with `src` and `test` (and `include`), or several of these under `apps` or `lib` as rebar3 has them. What rebar3 has
built in `_build`, and `_checkouts`, is on the path. A folder without these is a heap of modules, a single file one of them.
""".

-export([compiled/1, sources/1, clean/1]).

-type project() :: #{units := [tuple()], path := [file:name()], out := file:name(), files := #{module() => file:name()},
                     cover := [module()]}.

-doc "Finds, compiles and lists what has tests.".
-spec compiled(map()) -> {ok, project()} | {error, iodata()}.
compiled(Options) ->
    case files(Options) of
        {error, _} = Error -> Error;
        {[], [], _, _} -> {error, "gerl test: there are no Erlang sources here: expected src/*.erl and test/*.erl, or apps/*/src\n"};
        {Sources, Tests, Includes, Path} ->
            Out = filename:absname(filename:join("_build", "gerl_test")),
            _ = file:del_dir_r(Out),
            case filelib:ensure_path(Out) of
                ok -> build(Sources, Tests, Includes, Path, Out, Options);
                {error, Reason} ->
                    {error, io_lib:format("gerl test: ~ts: ~ts\n", [Out, file:format_error(Reason)])}
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

-doc "Removes what was built.".
-spec clean(project()) -> ok.
clean(#{out := Out}) ->
    _ = file:del_dir_r(Out),
    _ = file:del_dir(filename:dirname(Out)),
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

build(Sources, Tests, Includes, Path, Out, Options) ->
    code:add_pathsa(Path),
    code:add_patha(Out),
    Own = lists:usort(Sources ++ Tests),
    Settings = [binary, return, debug_info, {d, 'TEST'}, {d, 'EUNIT'} | [{i, D} || D <- Includes]],
    {First, Rest} = lists:partition(fun is_needed_first/1, Own),
    case {built(First, Settings, Out), built(Rest, Settings, Out)} of
        {{ok, A}, {ok, B}} ->
            Modules = A ++ B,
            Measured = [M || {M, File} <- Modules, not is_test_code(M, File)],
            Project = #{path => Path, out => Out, files => maps:from_list(Modules),
                        cover => case Options of #{cover := true} -> Measured; #{} -> [] end},
            Scope = case Tests of [] -> Modules; _ -> scope(Modules, Tests, Sources, Options) end,
            {ok, Project#{units => units(Scope, Options)}};
        {{error, Text}, _} -> {error, Text};
        {_, {error, Text}} -> {error, Text}
    end.

is_test_code(Module, File) ->
    Name = atom_to_list(Module),
    lists:suffix("_SUITE", Name) orelse lists:suffix("_tests", Name) orelse lists:member("test", filename:split(File)).

%% With files or modules named, only their tests are run.
scope(Modules, Tests, _, #{targets := [_ | _] = Targets}) ->
    case lists:all(fun filelib:is_dir/1, Targets) of
        true -> Modules;
        false -> [M || {_, F} = M <- Modules, lists:member(F, Tests)]
    end;
scope(Modules, _, _, _) -> Modules.

%% Behaviours and parse transforms come before what uses them.
is_needed_first(File) ->
    case file:read_file(File) of
        {ok, Text} -> re:run(Text, "^-callback|behaviour_info|parse_transform/2", [multiline]) =/= nomatch;
        {error, _} -> false
    end.

built(Files, Settings, Out) ->
    Self = self(),
    Pids = [spawn_link(fun() -> Self ! {self(), one(F, Settings, Out)} end) || F <- Files],
    Results = [receive {Pid, R} -> R end || Pid <- Pids],
    lists:foreach(fun({_, Text}) -> io:put_chars(standard_error, Text) end, [{ok, W} || {ok, _, W} <- Results]),
    case [Text || {error, Text} <- Results] of
        [] -> {ok, [M || {ok, M, _} <- Results]};
        Texts -> {error, Texts}
    end.

one(File, Settings, Out) ->
    case compile:file(File, Settings) of
        {ok, Module, Code, Warnings} ->
            ok = file:write_file(filename:join(Out, atom_to_list(Module) ++ ".beam"), Code),
            {ok, {Module, File}, texts("Warning: ", Warnings)};
        {error, Errors, Warnings} -> {error, [texts("", Errors), texts("Warning: ", Warnings)]}
    end.

texts(Kind, Found) ->
    [text(File, Info, Kind) || {File, Infos} <- Found, Info <- Infos].

text(File, {none, Module, Error}, Kind) -> [File, ": ", Kind, Module:format_error(Error), $\n];
text(File, {{Line, Column}, Module, Error}, Kind) ->
    io_lib:format("~ts:~w:~w: ~ts~ts\n", [File, Line, Column, Kind, Module:format_error(Error)]);
text(File, {Line, Module, Error}, Kind) -> io_lib:format("~ts:~w: ~ts~ts\n", [File, Line, Kind, Module:format_error(Error)]).

%%% ---- what has tests ----------------------------------------------------------------------------
%% {eunit, Module} stands for the tests of Module and of its companion Module_tests; {suite, Module, File}.

units(Modules, Options) ->
    Names = [M || {M, _} <- Modules],
    lists:append([unit(M, File, Names, Options) || {M, File} <- lists:sort(Modules)]).

unit(Module, File, Names, Options) ->
    Name = atom_to_list(Module),
    case lists:suffix("_SUITE", Name) of
        true -> [{suite, Module, File}];
        false ->
            case lists:suffix("_tests", Name) andalso lists:member(list_to_atom(lists:sublist(Name, length(Name) - 6)), Names) of
                true -> [];
                false -> [{eunit, Module, Tests} || Tests <- [tests(Module, Names, Options)], Tests =/= []]
            end
    end.

tests(Module, Names, Options) ->
    Companion = list_to_atom(atom_to_list(Module) ++ "_tests"),
    Both = [Module | [Companion || lists:member(Companion, Names)]],
    [{M, T} || M <- Both, T <- module_tests(M), wanted(M, T, Options)].

module_tests(Module) ->
    case code:ensure_loaded(Module) of
        {module, _} -> eunit_tree:module_tests(Module);
        {error, _} -> []
    end.

wanted(Module, Test, #{filter := RE}) ->
    re:run(io_lib:format("~ts:~ts", [Module, element(3, Test)]), RE, [unicode]) =/= nomatch;
wanted(_, _, _) -> true.
