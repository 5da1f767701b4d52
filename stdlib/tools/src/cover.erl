-module(cover).
-moduledoc """
Tells which lines of a module are executed, and how often.

`compile/1` (a source file) or `compile_beam/1` (a module with debug information) loads a module with probes; `analyse/3` gives what they
counted, `analyse_to_file/1` writes the source with the counts beside it.
""".

-export([start/0, start/1, stop/0, stop/1, local_only/0]).
-export([compile/1, compile/2, compile_module/1, compile_module/2, compile_directory/0, compile_directory/1, compile_directory/2]).
-export([compile_beam/1, compile_beam_directory/0, compile_beam_directory/1]).
-export([analyse/0, analyse/1, analyse/2, analyse/3, analyze/0, analyze/1, analyze/2, analyze/3]).
-export([analyse_to_file/0, analyse_to_file/1, analyse_to_file/2, analyse_to_file/3]).
-export([analyze_to_file/0, analyze_to_file/1, analyze_to_file/2, analyze_to_file/3]).
-export([export/1, export/2, import/1, imported/0, imported_modules/0, modules/0, is_compiled/1, reset/0, reset/1]).
-export([which_nodes/0, flush/1, async_analyse_to_file/1, async_analyse_to_file/2, async_analyse_to_file/3]).

-define(SERVER, cover_server).

-type analysis() :: coverage | calls.
-type level() :: line | clause | function | module.

%% known: Module => {File, Probes, Counters | none}; read: counts from imported files: {Module, Where, Line} => N
-record(s, {known = #{}, read = #{}, read_modules = [], files = []}).

%%% ---- the server --------------------------------------------------------------------------------

-doc "Starts the server; everything else does so when it is needed.".
-spec start() -> {ok, pid()} | {error, term()}.
start() ->
    case whereis(?SERVER) of
        undefined ->
            Self = self(),
            {Pid, Monitor} = spawn_monitor(fun() ->
                                                   try register(?SERVER, self()) of
                                                       true ->
                                                           Self ! {started, self()},
                                                           serve(#s{})
                                                   catch
                                                       error:badarg -> ok
                                                   end
                                           end),
            receive
                {started, Pid} ->
                    erlang:demonitor(Monitor, [flush]),
                    {ok, Pid};
                {'DOWN', Monitor, process, Pid, _} -> start()
            end;
        Pid -> {error, {already_started, Pid}}
    end.

-doc "Other nodes are not measured.".
-spec start(node() | [node()]) -> {ok, [node()]}.
start(_Nodes) ->
    _ = start(),
    {ok, []}.

-doc "Only this node is measured, always.".
-spec local_only() -> ok.
local_only() ->
    _ = start(),
    ok.

-doc "Ends the server and removes the probes: measured modules are loaded anew when they are called.".
-spec stop() -> ok.
stop() ->
    case whereis(?SERVER) of
        undefined -> ok;
        _ -> call(stop)
    end.

-doc "Other nodes are not measured.".
-spec stop(node() | [node()]) -> ok.
stop(_Nodes) -> ok.

-doc "The other nodes that are measured: none.".
-spec which_nodes() -> [].
which_nodes() -> [].

-doc "Fetches the counts of other nodes: there are none.".
-spec flush(node() | [node()]) -> ok.
flush(_Nodes) -> ok.

call(Request) ->
    _ = start(),
    Server = whereis(?SERVER),
    Ref = erlang:monitor(process, Server),
    Server ! {self(), Ref, Request},
    receive
        {Ref, Answer} ->
            erlang:demonitor(Ref, [flush]),
            Answer;
        {'DOWN', Ref, process, _, Reason} -> exit(Reason)
    end.

serve(S0) ->
    receive
        {From, Ref, stop} ->
            lists:foreach(fun(M) -> forget(M) end, maps:keys(S0#s.known)),
            unregister(?SERVER),
            From ! {Ref, ok};
        {From, Ref, {Function, Arguments}} ->
            {Answer, S} = try apply(fun handle/3, [Function, Arguments, S0])
                          catch throw:Thrown -> {Thrown, S0}
                          end,
            From ! {Ref, Answer},
            serve(S);
        _ -> serve(S0)
    end.

forget(Module) ->
    case code:which(Module) of
        cover_compiled -> code:delete(Module), code:purge(Module);
        _ -> code:purge(Module), code:delete(Module), code:purge(Module)
    end,
    persistent_term:erase(gerl_cover_probe:key(Module)).

handle(compiled, [Module, File, Probes], #s{known = Known} = S) ->
    {ok, S#s{known = Known#{Module => {File, Probes}}}};
handle(modules, [], S) -> {lists:sort(maps:keys(S#s.known)), S};
handle(imported_modules, [], S) -> {S#s.read_modules, S};
handle(imported, [], S) -> {S#s.files, S};
handle(is_compiled, [Module], S) ->
    case S#s.known of
        #{Module := {File, _}} -> {{file, File}, S};
        #{} -> {false, S}
    end;
handle(reset, [Module], S) ->
    case S#s.known of
        #{Module := {_, Probes}} ->
            fresh(Module, length(Probes)),
            {ok, without_read(Module, S)};
        #{} -> {{error, {not_cover_compiled, Module}}, S}
    end;
handle(reset_all, [], S) ->
    maps:foreach(fun(M, {_, Probes}) -> fresh(M, length(Probes)) end, S#s.known),
    {ok, S#s{read = #{}, read_modules = [], files = []}};
handle(counts, [Module], S) -> {{counts(Module, S), S#s.files}, S};
handle(read, [File, Terms], #s{read = Read} = S) ->
    New = lists:foldl(fun({Key, N}, Acc) -> maps:update_with(Key, fun(M) -> M + N end, N, Acc) end, Read, Terms),
    Modules = lists:usort([M || {{M, _, _}, _} <- Terms]),
    {ok, S#s{read = New, read_modules = lists:umerge(S#s.read_modules, Modules), files = S#s.files ++ [File]}};
handle(dump, [Modules], S) ->
    {[{{M, Where, Line}, N} || M <- case Modules of all -> maps:keys(S#s.known); _ -> Modules end, {Where, Line, N} <- counts(M, S)], S}.

without_read(Module, #s{read = Read} = S) ->
    S#s{read = maps:filter(fun({M, _, _}, _) -> M =/= Module end, Read), read_modules = lists:delete(Module, S#s.read_modules)}.

fresh(Module, Size) -> persistent_term:put(gerl_cover_probe:key(Module), counters:new(max(1, Size), [write_concurrency])).

%% [{Where, Line, Count}] of a module: what the probes have counted and what was imported.
counts(Module, #s{known = Known, read = Read}) ->
    Own = case Known of
              #{Module := {_, Probes}} ->
                  Counters = persistent_term:get(gerl_cover_probe:key(Module)),
                  [{{Where, Line}, counters:get(Counters, N)} || {N, Where, Line} <- Probes];
              #{} -> []
          end,
    Imported = [{{Where, Line}, N} || {{M, Where, Line}, N} <- maps:to_list(Read), M =:= Module],
    case {Own, Imported, is_map_key(Module, Known)} of
        {[], [], false} -> throw({error, {not_cover_compiled, Module}});
        _ ->
            All = lists:foldl(fun({Key, N}, Acc) -> maps:update_with(Key, fun(M) -> M + N end, N, Acc) end, #{}, Own ++ Imported),
            lists:sort([{Where, Line, N} || {{Where, Line}, N} <- maps:to_list(All)])
    end.

%%% ---- compiling ---------------------------------------------------------------------------------

-doc "Compiles source files (or modules in the working directory) with probes.".
-spec compile(term()) -> term().
compile(Files) -> compile(Files, []).

-doc "Compiles source files with probes; options are the compiler's.".
-spec compile(term(), [compile:option()]) -> term().
compile(Files, Options) -> each(Files, fun(F) -> from_source(F, Options) end).

-doc "See `compile/1`.".
-spec compile_module(term()) -> term().
compile_module(Files) -> compile(Files).

-doc "See `compile/2`.".
-spec compile_module(term(), [compile:option()]) -> term().
compile_module(Files, Options) -> compile(Files, Options).

-doc "Compiles all source files of the working directory.".
-spec compile_directory() -> [term()] | {error, term()}.
compile_directory() -> compile_directory(".").

-doc "Compiles all source files of a directory.".
-spec compile_directory(file:name()) -> [term()] | {error, term()}.
compile_directory(Dir) -> compile_directory(Dir, []).

-doc "Compiles all source files of a directory with options.".
-spec compile_directory(file:name(), [compile:option()]) -> [term()] | {error, term()}.
compile_directory(Dir, Options) -> in_directory(Dir, ".erl", fun(Files) -> compile(Files, Options) end).

-doc "Puts probes into modules that have debug information: names or `.beam` files.".
-spec compile_beam(term()) -> term().
compile_beam(Modules) -> each(Modules, fun from_beam/1).

-doc "Puts probes into all modules of the working directory.".
-spec compile_beam_directory() -> [term()] | {error, term()}.
compile_beam_directory() -> compile_beam_directory(".").

-doc "Puts probes into all modules of a directory.".
-spec compile_beam_directory(file:name()) -> [term()] | {error, term()}.
compile_beam_directory(Dir) -> in_directory(Dir, ".beam", fun compile_beam/1).

in_directory(Dir, Extension, Then) ->
    case file:list_dir(Dir) of
        {ok, Names} -> Then([filename:join(Dir, N) || N <- lists:sort(Names), filename:extension(N) =:= Extension]);
        {error, _} = Error -> Error
    end.

each([C | _] = File, Do) when is_integer(C) -> Do(File);
each(Files, Do) when is_list(Files) -> [Do(F) || F <- Files];
each(File, Do) -> Do(File).

from_source(Name, Options0) ->
    File = source_name(Name),
    Options = [O || O <- Options0, is_tuple(O)],
    case compile:noenv_file(File, [binary, debug_info, report_errors, report_warnings | Options]) of
        {ok, Module, Binary} -> probed(Module, Binary, filename:absname(File));
        _ -> {error, filename:absname(File)}
    end.

source_name(Name) when is_atom(Name) -> atom_to_list(Name) ++ ".erl";
source_name(Name) ->
    case filename:extension(Name) of
        ".erl" -> Name;
        _ -> Name ++ ".erl"
    end.

from_beam(Module) when is_atom(Module) ->
    case is_compiled(Module) of
        {file, _} -> {error, {already_cover_compiled, no_beam_found, Module}};
        false ->
            case code:which(Module) of
                File when is_list(File), File =/= "" -> beam_file(File);
                Other -> {error, {no_beam, Module, Other}}
            end
    end;
from_beam(Name) ->
    beam_file(case filename:extension(Name) of ".beam" -> Name; _ -> Name ++ ".beam" end).

beam_file(File) ->
    case file:read_file(File) of
        {ok, Binary} ->
            case beam_lib:info(Binary) of
                {error, beam_lib, _} -> {error, File};
                Info -> probed(proplists:get_value(module, Info), Binary, File)
            end;
        {error, _} -> {error, File}
    end.

%% Macros and includes are done already in the abstract code, and so are parse transforms.
probed(Module, Binary, File) ->
    case beam_lib:chunks(Binary, [abstract_code, compile_info]) of
        {ok, {Module, [{abstract_code, {raw_abstract_v1, Forms0}} | _]}} ->
            Forms1 = [F || F <- Forms0, not is_transform(F)],
            {Forms, Probes} = gerl_cover_probe:instrument(Module, Forms1),
            case compile:noenv_forms(Forms, [binary, nowarn_unused_function, nowarn_unused_vars]) of
                {ok, Module, Code} ->
                    fresh(Module, length(Probes)),
                    _ = code:purge(Module),
                    case code:load_binary(Module, cover_compiled_name(), Code) of
                        {module, Module} ->
                            ok = call({compiled, [Module, source_of(Forms0, File), Probes]}),
                            {ok, Module};
                        {error, _} -> {error, File}
                    end;
                _ -> {error, File}
            end;
        {ok, {Module, [{abstract_code, no_abstract_code} | _]}} -> {error, {no_abstract_code, File}};
        _ -> {error, File}
    end.

cover_compiled_name() -> cover_compiled.

is_transform({attribute, _, compile, {parse_transform, _}}) -> true;
is_transform(_) -> false.

source_of(Forms, File) ->
    case lists:keyfind(file, 3, [F || F <- Forms, element(1, F) =:= attribute]) of
        {attribute, _, file, {Source, _}} -> filename:absname(Source, filename:dirname(File));
        false -> File
    end.

%%% ---- analysis ----------------------------------------------------------------------------------

-doc "Coverage by function of all modules: `{result, Results, Failures}`.".
-spec analyse() -> {result, list(), list()}.
analyse() -> analyse(coverage, function).

-doc "Coverage by function of a module, or an analysis or level for all modules.".
-spec analyse(module() | [module()] | analysis() | level()) -> term().
analyse(Analysis) when Analysis =:= coverage; Analysis =:= calls -> analyse(Analysis, function);
analyse(Level) when Level =:= line; Level =:= clause; Level =:= function; Level =:= module -> analyse(coverage, Level);
analyse(Modules) -> analyse(Modules, coverage, function).

-doc "A module with an analysis or a level, or both for all modules.".
-spec analyse(term(), analysis() | level()) -> term().
analyse(Analysis, Level) when Analysis =:= coverage; Analysis =:= calls -> analyse(lists:umerge(modules(), imported_modules()), Analysis, Level);
analyse(Modules, Analysis) when Analysis =:= coverage; Analysis =:= calls -> analyse(Modules, Analysis, function);
analyse(Modules, Level) -> analyse(Modules, coverage, Level).

-doc """
What the probes have counted: for a module `{ok, [{Item, Value}]}`, where Item is `{M, Line}`, `{M, F, A, Clause}`, `{M, F, A}` or (not in
a list) `M`, and Value is `{Covered, NotCovered}` lines or a number of calls; for a list of modules `{result, Results, Failures}`.
""".
-spec analyse(module() | [module()], analysis(), level()) -> term().
analyse(Modules, Analysis, Level) when is_list(Modules) ->
    Results = [{M, analyse(M, Analysis, Level)} || M <- Modules],
    {result, lists:append([case Value of V when is_list(V) -> V; V -> [V] end || {_, {ok, Value}} <- Results]),
     [E || {_, {error, E}} <- Results]};
analyse(Module, Analysis, Level) ->
    case call({counts, [Module]}) of
        {error, _} = Error -> Error;
        {Counts, Files} ->
            Files =:= [] orelse io:put_chars("Analysis includes data from imported files\n" ++ io_lib:format("~tp\n", [Files])),
            {ok, analysed(Module, Analysis, Level, Counts)}
    end.

analysed(Module, Analysis, line, Counts) ->
    Lines = lists:foldl(fun({_, Line, N}, Acc) -> maps:update_with(Line, fun(M) -> max(M, N) end, N, Acc) end, #{}, Counts),
    [{{Module, Line}, value(Analysis, N)} || {Line, N} <- lists:sort(maps:to_list(Lines))];
analysed(Module, coverage, Level, Counts) ->
    Sums = lists:foldl(fun({Where, _, N}, Acc) ->
                               {Yes, No} = value(coverage, N),
                               maps:update_with(item(Level, Module, Where), fun({Y, X}) -> {Y + Yes, X + No} end, {Yes, No}, Acc)
                       end, #{}, Counts),
    levelled(Level, Module, {0, 0}, Sums);
analysed(Module, calls, Level, Counts) ->
    %% a clause was called as often as its first line
    First = lists:foldl(fun({Where, Line, N}, Acc) ->
                                case Acc of
                                    #{Where := {L, _}} when L =< Line -> Acc;
                                    #{} -> Acc#{Where => {Line, N}}
                                end
                        end, #{}, Counts),
    Sums = maps:fold(fun(Where, {_, N}, Acc) ->
                             maps:update_with(item(Level, Module, Where), fun(M) -> M + N end, N, Acc)
                     end, #{}, First),
    levelled(Level, Module, 0, Sums).

value(calls, N) -> N;
value(coverage, 0) -> {0, 1};
value(coverage, _) -> {1, 0}.

item(clause, M, {F, A, C}) -> {M, F, A, C};
item(function, M, {F, A, _}) -> {M, F, A};
item(module, M, _) -> M.

levelled(module, Module, Nothing, Sums) -> {Module, maps:get(Module, Sums, Nothing)};
levelled(_, _, _, Sums) -> lists:sort(maps:to_list(Sums)).

-doc "See `analyse/0`.".
-spec analyze() -> term().
analyze() -> analyse().
-doc "See `analyse/1`.".
-spec analyze(term()) -> term().
analyze(A) -> analyse(A).
-doc "See `analyse/2`.".
-spec analyze(term(), term()) -> term().
analyze(A, B) -> analyse(A, B).
-doc "See `analyse/3`.".
-spec analyze(term(), term(), term()) -> term().
analyze(A, B, C) -> analyse(A, B, C).

-doc "Writes the sources of all modules with their counts: `{result, Files, Failures}`.".
-spec analyse_to_file() -> {result, [file:name()], [term()]}.
analyse_to_file() -> analyse_to_file([]).

-doc "Writes the source of a module, or with options (a list) of all modules, with counts.".
-spec analyse_to_file(module() | [term()]) -> term().
analyse_to_file(Options) when is_list(Options) ->
    case Options =/= [] andalso lists:all(fun(O) -> is_atom(O) andalso O =/= html end, Options) of
        true -> several(Options, []);
        false -> several(lists:umerge(modules(), imported_modules()), Options)
    end;
analyse_to_file(Module) -> analyse_to_file(Module, []).

-doc "Writes the source of a module with counts. Options: `html`, `{outfile, F}`, `{outdir, D}`; or the name of the file.".
-spec analyse_to_file(module() | [module()], [term()] | file:name()) -> term().
analyse_to_file(Modules, Options) when is_list(Modules) -> several(Modules, Options);
analyse_to_file(Module, [C | _] = File) when is_integer(C) -> to_file(Module, [{outfile, File}]);
analyse_to_file(Module, Options) -> to_file(Module, Options).

-doc "Writes the source of a module with counts to a file.".
-spec analyse_to_file(module(), file:name(), [term()]) -> term().
analyse_to_file(Module, File, Options) -> to_file(Module, [{outfile, File} | Options]).

-doc "See `analyse_to_file/0`.".
-spec analyze_to_file() -> term().
analyze_to_file() -> analyse_to_file().
-doc "See `analyse_to_file/1`.".
-spec analyze_to_file(term()) -> term().
analyze_to_file(A) -> analyse_to_file(A).
-doc "See `analyse_to_file/2`.".
-spec analyze_to_file(term(), term()) -> term().
analyze_to_file(A, B) -> analyse_to_file(A, B).
-doc "See `analyse_to_file/3`.".
-spec analyze_to_file(term(), term(), term()) -> term().
analyze_to_file(A, B, C) -> analyse_to_file(A, B, C).

-doc "Like `analyse_to_file/1` in a process of its own.".
-spec async_analyse_to_file(term()) -> pid().
async_analyse_to_file(A) -> spawn(fun() -> analyse_to_file(A) end).
-doc "Like `analyse_to_file/2` in a process of its own.".
-spec async_analyse_to_file(term(), term()) -> pid().
async_analyse_to_file(A, B) -> spawn(fun() -> analyse_to_file(A, B) end).
-doc "Like `analyse_to_file/3` in a process of its own.".
-spec async_analyse_to_file(term(), term(), term()) -> pid().
async_analyse_to_file(A, B, C) -> spawn(fun() -> analyse_to_file(A, B, C) end).

several(Modules, Options) ->
    Results = [analyse_to_file(M, Options) || M <- Modules],
    {result, [F || {ok, F} <- Results], [E || {error, E} <- Results]}.

to_file(Module, Options) ->
    Html = lists:member(html, Options),
    Default = atom_to_list(Module) ++ case Html of true -> ".COVER.html"; false -> ".COVER.out" end,
    Out = case proplists:get_value(outfile, Options) of
              undefined -> filename:join([D || {outdir, D} <- Options] ++ [Default]);
              File -> File
          end,
    case {is_compiled(Module), call({counts, [Module]})} of
        {_, {error, _} = Error} -> Error;
        {false, _} -> {error, {no_source_code_found, Module}};
        {{file, Source}, {Counts, _}} ->
            case file:read_file(Source) of
                {ok, Text} ->
                    case file:write_file(Out, unicode:characters_to_binary(listing(Html, Source, Text, maps:from_list(
                           [{Line, N} || {{_, Line}, N} <- analysed(Module, calls, line, Counts)])))) of
                        ok -> {ok, Out};
                        {error, Reason} -> {error, {file, Out, Reason}}
                    end;
                {error, _} -> {error, {no_source_code_found, Module}}
            end
    end.

listing(Html, Source, Text, Counts) ->
    {{Y, Mo, D}, {H, Mi, S}} = calendar:local_time(),
    Head = io_lib:format("File generated from ~ts by COVER ~w-~2..0w-~2..0w at ~2..0w:~2..0w:~2..0w\n", [Source, Y, Mo, D, H, Mi, S]),
    Rule = lists:duplicate(76, $*),
    Body = [line(Html, maps:get(N, Counts, none), L) || {N, L} <- lists:enumerate(string:split(string:trim(unicode:characters_to_list(Text), trailing, "\n"), "\n", all))],
    case Html of
        false -> [Head, "\n", Rule, "\n\n", Body];
        true ->
            ["<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><title>", Source, "</title><style>.miss{background:#fdd}.hit{background:#dfd}"
             "</style></head><body><pre>", Head, Rule, "\n\n", Body, "</pre></body></html>\n"]
    end.

line(false, none, Text) -> ["        |  ", Text, "\n"];
line(false, N, Text) -> [string:pad(integer_to_list(N), 6, leading), "..|  ", Text, "\n"];
line(true, none, Text) -> ["        |  ", escaped(Text), "\n"];
line(true, N, Text) ->
    ["<span class=\"", case N of 0 -> "miss"; _ -> "hit" end, "\">", string:pad(integer_to_list(N), 6, leading), "..|  ", escaped(Text), "</span>\n"].

escaped(Text) -> lists:map(fun($<) -> "&lt;"; ($>) -> "&gt;"; ($&) -> "&amp;"; (C) -> C end, Text).

%%% ---- keeping and forgetting --------------------------------------------------------------------

-doc "Writes the counts of all modules to a file.".
-spec export(file:name()) -> ok | {error, term()}.
export(File) -> written(File, call({dump, [all]})).

-doc "Writes the counts of a module to a file.".
-spec export(file:name(), module()) -> ok | {error, term()}.
export(File, Module) -> written(File, call({dump, [[Module]]})).

written(_, {error, _} = Error) -> Error;
written(File, Terms) ->
    case file:write_file(File, term_to_binary({gerl_cover, 1, Terms})) of
        ok -> ok;
        {error, Reason} -> {error, {cant_open_file, File, Reason}}
    end.

-doc "Adds the counts of a file that `export/1` wrote.".
-spec import(file:name()) -> ok | {error, term()}.
import(File) ->
    case file:read_file(File) of
        {ok, Binary} ->
            try binary_to_term(Binary, [safe]) of
                {gerl_cover, 1, Terms} -> call({read, [filename:absname(File), Terms]});
                _ -> {error, {not_coverdata, File}}
            catch
                error:badarg -> {error, {not_coverdata, File}}
            end;
        {error, Reason} -> {error, {cant_open_file, File, Reason}}
    end.

-doc "The files that were imported.".
-spec imported() -> [file:name()].
imported() -> call({imported, []}).

-doc "The modules that imported files have counts of.".
-spec imported_modules() -> [module()].
imported_modules() -> call({imported_modules, []}).

-doc "The modules with probes.".
-spec modules() -> [module()].
modules() -> call({modules, []}).

-doc "Whether a module has probes, and the file that it comes from.".
-spec is_compiled(module()) -> {file, file:name()} | false.
is_compiled(Module) -> call({is_compiled, [Module]}).

-doc "Sets all counts to zero.".
-spec reset() -> ok.
reset() -> call({reset_all, []}).

-doc "Sets the counts of a module to zero.".
-spec reset(module()) -> ok | {error, term()}.
reset(Module) -> call({reset, [Module]}).
