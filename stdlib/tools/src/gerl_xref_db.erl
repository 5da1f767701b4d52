-module(gerl_xref_db).
-moduledoc """
What an xref server knows: releases, applications, modules and their data, and the graph computed of these when it is needed.
Functions that change it give `{ok, Answer, Db}` or `{error, Reason}`.
""".

-export([new/1, options/3, add_module/3, add_directory/3, add_application/3, add_release/3, replace_module/4, replace_application/4,
         remove/3, update/2, graph/1, forget/1, info/1, info/3]).

-include_lib("kernel/include/file.hrl").

-doc "An empty one for a mode.".
-spec new(functions | modules) -> map().
new(Mode) ->
    #{mode => Mode, modules => #{}, applications => #{}, releases => #{}, path => [], user => #{}, graph => none, options => #{}, ignore => Mode =:= functions,
      defaults => #{builtins => false, recurse => false, verbose => false, warnings => true}}.

-doc "The values of options, of which some names are allowed, over the defaults; throws `{invalid_options, Options}`.".
-spec options(term(), [atom()], map()) -> map().
options(Options, Allowed, #{defaults := Defaults}) ->
    List = if is_list(Options) -> Options; true -> [Options] end,
    lists:foldl(fun(O, Values) ->
                    case O of
                        {name, Name} when is_atom(Name) -> lists:member(name, Allowed) orelse throw({invalid_options, List}), Values#{name => Name};
                        {Name, Value} when is_boolean(Value) -> lists:member(Name, Allowed) orelse throw({invalid_options, List}), Values#{Name => Value};
                        Name when is_atom(Name), Name =/= name -> lists:member(Name, Allowed) orelse throw({invalid_options, List}), Values#{Name => true};
                        _ -> throw({invalid_options, List})
                    end
                end, Defaults, List).

-doc "The database without its graph and the user's variables.".
-spec forget(map()) -> map().
forget(Db) -> Db#{graph => none, user => #{}}.

text(Name) when is_atom(Name) -> atom_to_list(Name);
text(Name) ->
    try lists:flatten(unicode:characters_to_list(filename:flatten(Name))) of
        Text when is_list(Text) -> Text
    catch
        _:_ -> throw({invalid_filename, Name})
    end.

%% Modules.

read(File, Mode) ->
    case gerl_xref_read:module(File, Mode) of
        {ok, Data} -> {ok, Data#{modified => modified(File)}};
        {error, {file_error, F, Reason}} -> {error, {file_error, F, Reason}};
        {error, Reason} -> {error, Reason}
    end.

modified(File) ->
    case file:read_file_info(File) of
        {ok, #file_info{mtime = Time}} -> Time;
        {error, _} -> none
    end.

put_module(Data, Application, Builtins, #{modules := Modules} = Db) ->
    #{module := Module, file := File} = Data,
    case Modules of
        #{Module := #{file := Other}} -> throw({module_clash, {Module, Other, File}});
        #{} -> (forget(Db))#{modules => Modules#{Module => Data#{application => Application, builtins => Builtins}}}
    end.

-doc "Adds the module of a file.".
-spec add_module(term(), map(), map()) -> {ok, module(), map()}.
add_module(Name, #{builtins := Builtins} = Options, #{mode := Mode} = Db) ->
    Text = text(Name),
    Base = case filename:extension(Text) of ".beam" -> Text; _ -> Text ++ ".beam" end,
    File = filename:join(filename:dirname(Base), filename:basename(Base)),
    case read(File, Mode) of
        {ok, #{module := Module} = Data} ->
            New = put_module(Data, none, Builtins, Db),
            warn(Data, Options),
            {ok, Module, New};
        {error, Reason} -> throw(Reason)
    end.

warn(#{module := Module, unresolved := [_ | _] = Calls}, #{warnings := true}) ->
    case length(lists:usort(Calls)) of
        1 -> io:format("~tw: 1 unresolved call~n", [Module]);
        N -> io:format("~tw: ~w unresolved calls~n", [Module, N])
    end;
warn(_, _) -> ok.

-doc "Adds the modules of a directory.".
-spec add_directory(term(), map(), map()) -> {ok, [module()], map()}.
add_directory(Name, #{recurse := Recurse} = Options, Db) ->
    {Modules, New} = add_files(beams(text(Name), Recurse), none, Options, Db),
    {ok, lists:sort(Modules), New}.

beams(Dir, Recurse) ->
    case file:list_dir(Dir) of
        {ok, Names} ->
            Files = [filename:join(filename:absname(Dir), N) || N <- lists:sort(Names)],
            [F || F <- Files, filename:extension(F) =:= ".beam"] ++
                case Recurse of
                    true -> lists:append([beams(F, true) || F <- Files, filelib:is_dir(F)]);
                    false -> []
                end;
        {error, Reason} -> throw({xref_utils, {file_error, Dir, Reason}})
    end.

%% Files without debug information are left out with a warning.
add_files(Files, Application, #{builtins := Builtins, warnings := Warnings} = Options, #{mode := Mode} = Db) ->
    lists:foldl(fun(File, {Modules, D}) ->
                    case read(File, Mode) of
                        {ok, #{module := M} = Data} ->
                            New = put_module(Data, Application, Builtins, D),
                            warn(Data, Options),
                            {[M | Modules], New};
                        {error, {no_debug_info, _}} ->
                            Warnings andalso io:format("Skipping ~ts (no debug information)~n", [File]),
                            {Modules, D};
                        {error, Reason} when element(1, Reason) =:= not_a_beam_file; element(1, Reason) =:= invalid_beam_file ->
                            throw({unrecognized_file, File});
                        {error, Reason} -> throw(Reason)
                    end
                end, {[], forget(Db)}, Files).

-doc "Adds an application with its modules.".
-spec add_application(term(), map(), map()) -> {ok, atom(), map()}.
add_application(Name, Options, Db) -> put_application(text(Name), none, Options, Db).

put_application(Dir, Release, Options, #{applications := Applications} = Db) ->
    {Base, Version} = version(filename:basename(Dir)),
    Application = maps:get(name, Options, list_to_atom(Base)),
    case Applications of
        #{Application := #{directory := Other}} -> throw({application_clash, {Application, Dir, Other}});
        #{} -> ok
    end,
    Ebin = filename:join(Dir, "ebin"),
    Place = case filelib:is_dir(Ebin) of true -> Ebin; false -> Dir end,
    {_, New} = add_files(beams(Place, false), Application, Options, Db),
    Entry = #{directory => Place, release => Release, version => Version},
    {ok, Application, New#{applications => Applications#{Application => Entry}}}.

%% kernel-2.6 is version [2,6] of kernel.
version(Name) ->
    case string:split(Name, "-", trailing) of
        [Base, Numbers] ->
            try {Base, [list_to_integer(N) || N <- string:split(Numbers, ".", all)]}
            catch error:_ -> {Name, []}
            end;
        _ -> {Name, []}
    end.

-doc "Adds a release with its applications.".
-spec add_release(term(), map(), map()) -> {ok, atom(), map()}.
add_release(Name, Options, #{releases := Releases} = Db) ->
    Dir = text(Name),
    Release = maps:get(name, Options, list_to_atom(filename:basename(Dir))),
    case Releases of
        #{Release := #{directory := Other}} -> throw({release_clash, {Release, Dir, Other}});
        #{} -> ok
    end,
    Lib = filename:join(Dir, "lib"),
    Place = case filelib:is_dir(Lib) of true -> Lib; false -> Dir end,
    Dirs = case file:list_dir(Place) of
               {ok, Names} -> [filename:join(Place, N) || N <- Names, filelib:is_dir(filename:join(Place, N))];
               {error, Reason} -> throw({file_error, Place, Reason})
           end,
    Newest = lists:foldl(fun({V, D}, Map) -> {B, _} = version(filename:basename(D)), Map#{B => {V, D}} end, #{},
                         lists:sort([{element(2, version(filename:basename(D))), D} || D <- Dirs])),
    Own = maps:remove(name, Options),
    New = lists:foldl(fun({_, D}, Acc) -> {ok, _, Next} = put_application(D, Release, Own, Acc), Next end,
                      Db#{releases => Releases#{Release => #{directory => filename:absname(Dir)}}}, maps:values(Newest)),
    {ok, Release, New}.

-doc "Replaces a module by that of a file.".
-spec replace_module(atom(), term(), map(), map()) -> {ok, module(), map()}.
replace_module(Module, Name, Options, #{modules := Modules} = Db) ->
    case Modules of
        #{Module := #{application := Application, builtins := Builtins}} ->
            case add_module(Name, Options, Db#{modules => #{}}) of
                {ok, Module, #{modules := #{Module := Data}}} ->
                    {ok, Module, (forget(Db))#{modules => Modules#{Module => Data#{application => Application, builtins => Builtins}}}};
                {ok, Other, _} -> throw({module_mismatch, Module, Other})
            end;
        #{} -> throw({no_such_module, Module})
    end.

-doc "Replaces an application by that of a directory.".
-spec replace_application(atom(), term(), map(), map()) -> {ok, atom(), map()}.
replace_application(Application, Dir, Options, #{applications := Applications} = Db) ->
    case Applications of
        #{Application := #{release := Release}} ->
            {ok, _, Without} = remove(application, [Application], Db),
            put_application(text(Dir), Release, Options#{name => Application}, Without);
        #{} -> throw({no_such_application, Application})
    end.

-doc "Removes modules, applications or releases.".
-spec remove(module | application | release, [atom()], map()) -> {ok, ok, map()}.
remove(Kind, Names, Db) -> {ok, ok, lists:foldl(fun(Name, D) -> remove_one(Kind, Name, D) end, forget(Db), Names)}.

remove_one(module, Name, #{modules := Modules} = Db) ->
    is_map_key(Name, Modules) orelse throw({no_such_module, Name}),
    Db#{modules => maps:remove(Name, Modules)};
remove_one(application, Name, #{modules := Modules, applications := Applications} = Db) ->
    is_map_key(Name, Applications) orelse throw({no_such_application, Name}),
    Db#{applications => maps:remove(Name, Applications), modules => maps:filter(fun(_, #{application := A}) -> A =/= Name end, Modules)};
remove_one(release, Name, #{releases := Releases, applications := Applications} = Db) ->
    is_map_key(Name, Releases) orelse throw({no_such_release, Name}),
    {ok, ok, New} = remove(application, [A || {A, #{release := R}} <- maps:to_list(Applications), R =:= Name], Db),
    New#{releases => maps:remove(Name, Releases)}.

-doc "Reads modules again whose files have changed.".
-spec update(map(), map()) -> {ok, [module()], map()}.
update(Options, #{modules := Modules} = Db) ->
    Changed = lists:sort([{M, F} || {M, #{file := F, modified := Time}} <- maps:to_list(Modules), modified(F) =/= Time]),
    New = lists:foldl(fun({M, F}, D) -> {ok, M, Next} = replace_module(M, F, Options, D), Next end, Db, Changed),
    {ok, [M || {M, _} <- Changed], New}.

%% The graph.

-doc "The graph, and the database that keeps it.".
-spec graph(map()) -> {map(), map()}.
graph(#{graph := none, path := Path} = Db) ->
    Graph = gerl_xref_graph:setup(Db, fun(Module) -> library(Module, Path) end),
    {Graph, Db#{graph => Graph}};
graph(#{graph := Graph} = Db) -> {Graph, Db}.

library(Module, code_path) when Module =/= '$M_EXPR' ->
    case code:which(Module) of
        File when is_list(File), File =/= [] -> exported(Module, File);
        _ -> built_in(Module)
    end;
%% The library is on every path that is not empty, though it is in no directory.
library(Module, [_ | _] = Path) when Module =/= '$M_EXPR' ->
    Files = [filename:join(Dir, atom_to_list(Module) ++ ".beam") || Dir <- Path],
    case [F || F <- Files, filelib:is_regular(F)] of
        [File | _] -> exported(Module, File);
        [] -> built_in(Module)
    end;
library(_, _) -> none.

exported(Module, File) ->
    case gerl_xref_read:exports(File) of
        {ok, Module, Functions, Data} -> {filename:dirname(File), Functions, Data};
        _ -> built_in(Module)
    end.

%% A module that is part of the system, without a file.
built_in(Module) ->
    case code:ensure_loaded(Module) of
        {module, Module} -> {"", [{Module, F, A} || {F, A} <- Module:module_info(exports)], #{deprecated => [], unsafe => []}};
        _ -> none
    end.

%% Information.

-doc "Information about everything.".
-spec info(map()) -> {[{atom(), term()}], map()}.
info(#{modules := Modules, applications := Applications, releases := Releases, path := Path, mode := Mode} = Db) ->
    {Numbers, New} = numbers(maps:values(Modules), Db),
    {[{library_path, Path}, {mode, Mode}, {no_releases, map_size(Releases)}, {no_applications, map_size(Applications)},
      {no_analyzed_modules, map_size(Modules)} | Numbers], New}.

-doc "Information about some or all of a kind; throws `{no_such_...}`.".
-spec info(atom(), all | [atom()], map()) -> {[{atom(), [{atom(), term()}]}], map()}.
info(modules, Names, #{modules := Modules} = Db) -> each(no_such_module, Names, Modules, fun module_info/3, Db);
info(applications, Names, #{applications := Applications} = Db) -> each(no_such_application, Names, Applications, fun application_info/3, Db);
info(releases, Names, #{releases := Releases} = Db) -> each(no_such_release, Names, Releases, fun release_info/3, Db);
info(libraries, Names, Db) ->
    {#{variables := #{'LM' := {set, module, Found}}}, #{path := Path} = New} = graph(Db),
    Libraries = case Path of
                    code_path -> maps:from_list([{M, Dir} || M <- Found, {Dir, _, _} <- [library(M, Path)]]);
                    Dirs -> maps:from_list([{list_to_atom(filename:basename(F, ".beam")), Dir} ||
                                            Dir <- lists:reverse(Dirs), F <- filelib:wildcard(filename:join(Dir, "*.beam"))])
                end,
    each(no_such_library, Names, Libraries, fun(_, Dir, D) -> {[{directory, Dir}], D} end, New);
info(Kind, _, _) -> throw({no_such_info, Kind}).

each(Error, all, Known, Fun, Db) -> each(Error, lists:sort(maps:keys(Known)), Known, Fun, Db);
each(Error, Names, Known, Fun, Db) ->
    lists:mapfoldl(fun(Name, D) ->
                       case Known of
                           #{Name := Entry} -> {Info, Next} = Fun(Name, Entry, D), {{Name, Info}, Next};
                           #{} -> throw({Error, Name})
                       end
                   end, Db, Names).

module_info(_, #{application := Application, builtins := Builtins, file := File} = Data, Db) ->
    {Numbers, New} = numbers([Data], Db),
    {[{application, [Application || Application =/= none]}, {builtins, Builtins}, {directory, filename:dirname(File)} | Numbers], New}.

application_info(Name, #{directory := Dir, release := Release, version := Version}, #{modules := Modules} = Db) ->
    Own = [M || #{application := A} = M <- maps:values(Modules), A =:= Name],
    {Numbers, New} = numbers(Own, Db),
    {[{directory, Dir}, {no_analyzed_modules, length(Own)}, {release, [Release || Release =/= none]}, {version, Version} | Numbers], New}.

release_info(Name, #{directory := Dir}, #{modules := Modules, applications := Applications} = Db) ->
    Apps = [A || {A, #{release := R}} <- maps:to_list(Applications), R =:= Name],
    Own = [M || #{application := A} = M <- maps:values(Modules), lists:member(A, Apps)],
    {Numbers, New} = numbers(Own, Db),
    {[{directory, Dir}, {no_analyzed_modules, length(Own)}, {no_applications, length(Apps)} | Numbers], New}.

numbers(_, #{mode := modules} = Db) -> {[], Db};
numbers(Modules, Db) ->
    {Graph, New} = graph(Db),
    Sum = fun(Fun) -> lists:sum([length(Fun(M)) || M <- Modules]) end,
    Unresolved = Sum(fun(#{unresolved := U}) -> lists:usort(U) end),
    External = Sum(fun(M) -> lists:usort(external(M)) end),
    Local = Sum(fun(#{local_calls := L}) -> lists:usort(L) end),
    Edges = fun(Calls) -> lists:usort([{From, To} || {From, To, _} <- Calls]) end,
    UnresolvedCalls = Sum(fun(#{unresolved := U}) -> Edges(U) end),
    Names = [M || #{module := M} <- Modules],
    {ok, {edges, _, Inter}, _} = gerl_xref_eval:query([{var, 'EE'}], #{}, Graph),
    {[{no_calls, {Local + External - Unresolved, Unresolved}},
      {no_function_calls, {Sum(fun(#{local_calls := L}) -> Edges(L) end), Sum(fun(M) -> Edges(external(M)) end) - UnresolvedCalls, UnresolvedCalls}},
      {no_functions, {Sum(fun(#{locals := L}) -> L end), Sum(fun(#{exports := E}) -> E end)}},
      {no_inter_function_calls, length([E || {{M, _, _}, _} = E <- Inter, lists:member(M, Names)])}], New}.

external(#{external_calls := Calls, builtins := true}) -> Calls;
external(#{external_calls := Calls}) ->
    [C || {_, {M, F, A}, _} = C <- Calls, not (A >= 0 andalso erlang:is_builtin(M, F, A))].
