-module(make).
-moduledoc """
Compiles what is out of date.

The modules and their compiler options come from `Emakefile` in the current directory, or from the option
`{emake, Entries}`: each entry is `Modules` or `{Modules, Options}`, where `Modules` is an atom or a list of atoms: names of
modules, with a path if need be, or wildcards. The first entry that names a module counts. A module is compiled when its object file is missing, or
older than the source or a header that the source includes. The name of each is printed.
""".

-export([all/0, all/1, all_or_nothing/0, files/1, files/2]).

-include_lib("kernel/include/file.hrl").

-type emake() :: [atom() | [atom()] | {atom() | [atom()], [term()]}].
-type option() :: noexec | load | netload | {emake, emake()} | compile:option().

-doc "The same as `all([])`.".
-spec all() -> up_to_date | error.
all() -> all([]).

-doc """
Compiles the modules of the Emakefile, or all of the current directory if there is none. With `noexec` their names are only
printed; with `load` (`netload`) they are loaded (on all nodes) afterwards. Other options go to the compiler. Stops at the first error.
""".
-spec all([option()]) -> up_to_date | error.
all(Options) ->
    case entries(Options) of
        {ok, Entries} -> run(assigned(Entries), Options);
        error -> error
    end.

-doc "`all/0`, which ends the node with status 1 after an error: `erl -make`.".
-spec all_or_nothing() -> up_to_date | no_return().
all_or_nothing() ->
    case all() of
        up_to_date -> up_to_date;
        error -> halt(1)
    end.

-doc "The same as `files(Files, [])`.".
-spec files([module() | file:filename()]) -> up_to_date | error.
files(Files) -> files(Files, []).

-doc "Compiles the given modules, with the options that the Emakefile has for them.".
-spec files([module() | file:filename()], [option()]) -> up_to_date | error.
files(Files, Options) ->
    case entries(Options) of
        {ok, Entries} ->
            Known = assigned(Entries),
            run([named(F, Known) || F <- Files], Options);
        error -> error
    end.

named(File, Known) ->
    Root = root(File),
    case lists:keyfind(Root, 1, Known) of
        false -> {Root, []};
        Found -> Found
    end.

root(File) when is_atom(File) -> root(atom_to_list(File));
root(File) -> filename:rootname(filename:flatten(File), ".erl").

%% What the Emakefile says, with all modules of the directory if it does not exist.
entries(Options) ->
    case proplists:get_value(emake, Options) of
        undefined ->
            case file:consult("Emakefile") of
                {ok, Terms} -> checked(Terms);
                {error, enoent} -> {ok, [{'*', []}]};
                {error, Reason} ->
                    io:format("Emakefile: ~ts~n", [file:format_error(Reason)]),
                    error
            end;
        Entries -> checked(Entries)
    end.

checked(Terms) ->
    Entries = [case T of {Modules, Options} -> {Modules, Options}; Modules -> {Modules, []} end || T <- Terms],
    case [E || {Modules, Options} = E <- Entries, not (is_list(Options) andalso lists:all(fun is_name/1, listed(Modules)))] of
        [] -> {ok, Entries};
        [Wrong | _] ->
            io:format("Emakefile: ~tp is neither Modules nor {Modules, Options}~n", [Wrong]),
            error
    end.

is_name(Name) -> is_atom(Name) orelse io_lib:char_list(Name).

listed([C | _] = Name) when is_integer(C) -> [Name];
listed(Modules) when is_list(Modules) -> Modules;
listed(Module) -> [Module].

%% Files with their options; the first entry for a file counts.
assigned(Entries) ->
    All = [{Root, Options} || {Modules, Options} <- Entries, M <- listed(Modules), Root <- matching(root(M))],
    {Files, _} = lists:foldl(fun({Root, _} = File, {Done, Seen}) ->
                                 case Seen of
                                     #{Root := _} -> {Done, Seen};
                                     #{} -> {[File | Done], Seen#{Root => true}}
                                 end
                             end, {[], #{}}, All),
    lists:reverse(Files).

matching(Name) ->
    case lists:member($*, Name) of
        true -> [root(F) || F <- filelib:wildcard(Name ++ ".erl")];
        false -> [Name]
    end.

run(Files, Options) ->
    Make = [noexec, load, netload, emake],
    {Own, Compiler} = lists:partition(fun(O) -> lists:member(if is_tuple(O) -> element(1, O); true -> O end, Make) end, Options),
    each(Files, Own, Compiler).

each([], _, _) -> up_to_date;
each([{Root, Options} | Files], Own, Compiler) ->
    case one(Root, Options ++ Compiler, Own) of
        error -> error;
        _ -> each(Files, Own, Compiler)
    end.

one(Root, Options, Own) ->
    Source = Root ++ ".erl",
    Object = object(Root, Options),
    case modified(Source) of
        none -> compile(Source, Options, Own);
        SourceTime ->
            case modified(Object) of
                none -> compile(Source, Options, Own);
                ObjectTime when ObjectTime < SourceTime -> compile(Source, Options, Own);
                ObjectTime ->
                    case lists:any(fun(Header) -> is_newer(modified(Header), ObjectTime) end, headers(Source, Options)) of
                        true -> compile(Source, Options, Own);
                        false -> up_to_date
                    end
            end
    end.

is_newer(none, _) -> false;
is_newer(Time, Than) -> Time > Than.

object(Root, Options) ->
    filename:join(proplists:get_value(outdir, Options, "."), filename:basename(Root) ++ code:objfile_extension()).

modified(File) ->
    case file:read_file_info(File, [{time, posix}]) of
        {ok, #file_info{mtime = Time}} -> Time;
        {error, _} -> none
    end.

compile(Source, Options, Own) ->
    Name = filename:rootname(Source, ".erl"),
    case lists:member(noexec, Own) of
        true -> io:format("Out of date: ~ts~n", [Name]);
        false ->
            io:format("Recompile: ~ts~n", [Name]),
            case compile:file(Source, [report_errors, report_warnings, error_summary | Options]) of
                {ok, Module} -> load(Module, Source, Options, Own);
                {ok, Module, _} -> load(Module, Source, Options, Own);
                _ -> error
            end
    end.

load(Module, Source, Options, Own) ->
    Object = filename:rootname(object(filename:rootname(Source, ".erl"), Options), code:objfile_extension()),
    case {lists:member(netload, Own), lists:member(load, Own)} of
        {true, _} ->
            _ = [rpc:call(Node, code, load_abs, [filename:absname(Object), Module]) || Node <- [node() | nodes()]],
            loaded(Module, Object);
        {false, true} -> loaded(Module, Object);
        _ -> Module
    end.

loaded(Module, Object) ->
    _ = code:purge(Module),
    _ = code:load_abs(filename:absname(Object), Module),
    Module.

%% The headers that a source includes, directly or through other headers.
headers(Source, Options) ->
    Path = [".", filename:dirname(Source) | [Dir || {i, Dir} <- Options]],
    case epp:parse_file(Source, [{includes, Path}, {macros, [macro(M) || M <- Options, is_macro(M)]}]) of
        {ok, Forms} -> lists:usort([File || {attribute, _, file, {File, _}} <- Forms]) -- [Source];
        {error, _} -> []
    end.

is_macro({d, _}) -> true;
is_macro({d, _, _}) -> true;
is_macro(_) -> false.

macro({d, Name}) -> Name;
macro({d, Name, Value}) -> {Name, Value}.
