-module(gerl_test_build).
-moduledoc """
Compiles the modules of a project for `gerl test` and keeps them, so that the next run compiles only what has changed. Internal.

A kept module is good as long as nothing differs that it was made from: its text, the files that it includes, the options, the code path, the
program itself, the names of the headers that an include could find, and the modules of its parse transforms. When a module of the project
that others may need while they are compiled (a behaviour, a parse transform) changes, all others are compiled again.
""".

-export([modules/5]).

-define(STATE, "gerl_test.state").

-doc "Brings the modules of some files up to date in a folder: their names and exports, or what the compiler says.".
-spec modules([file:name()], [file:name()], [file:name()], [compile:option()], file:name()) ->
          {ok, [{module(), file:name(), [{atom(), arity()}]}]} | {error, iodata()}.
modules(Files, Includes, Path, Options, Out) ->
    Key = key(Files, Includes, Path, Options),
    Known = kept(Out, Key),
    {Good, Stale} = sorted(Files, Known, Out),
    {First, Again} = case not lists:any(fun is_needed_first/1, Stale) andalso needed_first(Known) =:= needed_first(Good) of
                         true -> {[], Stale};
                         false -> lists:partition(fun is_needed_first/1, Files) % which of the others use them is not known
                     end,
    remove_others(Out, [maps:get(module, maps:get(F, Good)) || F <- Files -- (First ++ Again), is_map_key(F, Good)]),
    A = in_turn(layers(First), Options, Out),
    B = case failures(A) of [] -> compiled(Again, Options, Out); _ -> [] end,
    Done = #{F => Entry || {F, {ok, Entry, _}} <- A ++ B},
    All = maps:merge(maps:without(First ++ Again, Good), Done),
    case A ++ B of
        [] -> ok;
        _ -> keep(Out, Key, All)
    end,
    io:put_chars(standard_error, [W || {_, {ok, _, W}} <- A ++ B]),
    case failures(A ++ B) of
        [] -> {ok, [{M, F, E} || F <- Files, #{F := #{module := M, exports := E}} <- [All]]};
        Texts -> {error, Texts}
    end.

failures(Results) -> [Text || {_, {error, Text}} <- Results].

%%% ---- what is still good ------------------------------------------------------------------------

key(Files, Includes, Path, Options) ->
    Program = case init:get_argument(gerl_program) of
                  {ok, [[File | _] | _]} -> stamp(File);
                  _ -> none
              end,
    Folders = lists:usort(Includes ++ [filename:dirname(F) || F <- Files]),
    erlang:md5(term_to_binary({1, Program, Options, Path, os:getenv("ERL_COMPILER_OPTIONS"), os:getenv("ERL_LIBS"), file:get_cwd(),
                               [{D, lists:sort(filelib:wildcard("*.hrl", D))} || D <- Folders]})).

%% The entries of the last run: File => #{module, exports, first, made_from => [{File, Sum}], transforms => [{Folder, Sum}], beam => Stamp}.
kept(Out, Key) ->
    try
        {ok, Binary} = file:read_file(filename:join(Out, ?STATE)),
        {Key, Entries} = binary_to_term(Binary),
        Entries
    catch
        error:_ -> #{}
    end.

keep(Out, Key, Entries) ->
    Kept = #{F => E || F := #{made_from := [_ | _]} = E <- Entries},
    write(filename:join(Out, ?STATE), term_to_binary({Key, Kept})).

sorted(Files, Known, Out) ->
    Used = lists:usort([Name || F <- Files, #{F := #{made_from := Sources}} <- [Known], {Name, _} <- Sources]),
    Sums = #{Name => sum(Name) || Name <- Used},
    {Good, Stale} = lists:partition(fun(F) -> is_good(Known, F, Sums, Out) end, Files),
    {maps:with(Good, Known), Stale}.

is_good(Known, File, Sums, Out) ->
    case Known of
        #{File := #{module := Module, made_from := Sources, transforms := Folders, beam := Stamp}} ->
            lists:all(fun({Name, Sum}) -> map_get(Name, Sums) =:= Sum end, Sources) andalso
                lists:all(fun({Folder, Sum}) -> folder_sum(Folder) =:= Sum end, Folders) andalso
                stamp(beam(Out, Module)) =:= Stamp;
        #{} -> false
    end.

needed_first(Entries) -> lists:sort([F || F := #{first := true} <- Entries]).

sum(File) ->
    case file:read_file(File) of
        {ok, Text} -> erlang:md5(Text);
        {error, _} -> none
    end.

folder_sum(Folder) -> [{F, stamp(filename:join(Folder, F))} || F <- lists:sort(filelib:wildcard("*.beam", Folder))].

stamp(File) ->
    case file:read_file_info(File, [raw, {time, posix}]) of
        {ok, Info} -> {element(2, Info), element(6, Info)};
        {error, _} -> none
    end.

beam(Out, Module) -> filename:join(Out, atom_to_list(Module) ++ ".beam").

%% Modules that are gone, or about to be compiled, must not be found by anybody.
remove_others(Out, Modules) ->
    Good = [atom_to_list(M) ++ ".beam" || M <- Modules],
    lists:foreach(fun(F) -> ok = file:delete(filename:join(Out, F)) end, filelib:wildcard("*.beam", Out) -- Good).

%% Behaviours and parse transforms come before what uses them.
is_needed_first(File) ->
    case file:read_file(File) of
        {ok, Text} -> re:run(Text, "^-callback|behaviour_info|parse_transform/2", [multiline]) =/= nomatch;
        {error, _} -> false
    end.

%% Those that others need, in groups: each may need modules of groups before it. Where they need each other in a circle any order is as good.
layers([]) -> [];
layers(Files) ->
    Names = #{filename:basename(F, ".erl") => F || F <- Files},
    Waiting = [F || F <- Files, lists:any(fun(N) -> maps:get(N, Names, F) =/= F end, needs(F))],
    case Files -- Waiting of
        [] -> [Files];
        Ready -> [Ready | layers(Waiting)]
    end.

needs(File) ->
    Named = "^-behaviou?r\\s*\\(\\s*'?([\\w@.]+)|parse_transform\\s*,\\s*'?([\\w@.]+)",
    maybe
        {ok, Text} ?= file:read_file(File),
        {match, All} ?= re:run(Text, Named, [multiline, global, {capture, all_but_first, list}]),
        lists:append(All)
    else
        _ -> []
    end.

in_turn([], _, _) -> [];
in_turn([Files | Rest], Options, Out) ->
    Results = compiled(Files, Options, Out),
    case failures(Results) of
        [] -> Results ++ in_turn(Rest, Options, Out);
        _ -> Results
    end.

%%% ---- compiling ---------------------------------------------------------------------------------

%% As many at a time as there are schedulers: more would only need more memory.
compiled(Files, Options, Out) ->
    {Now, Later} = lists:split(min(erlang:system_info(schedulers_online), length(Files)), Files),
    Self = self(),
    Start = fun(F) -> spawn_link(fun() -> Self ! {?MODULE, F, one(F, Options, Out)} end) end,
    lists:foreach(Start, Now),
    Results = gathered(length(Now), Later, Start, #{}),
    [{F, maps:get(F, Results)} || F <- Files].

gathered(0, _, _, Results) -> Results;
gathered(Busy, Later, Start, Results) ->
    receive
        {?MODULE, File, Result} ->
            case Later of
                [Next | Rest] ->
                    Start(Next),
                    gathered(Busy, Rest, Start, Results#{File => Result});
                [] -> gathered(Busy - 1, [], Start, Results#{File => Result})
            end
    end.

one(File, Options, Out) ->
    Includes = [D || {i, D} <- Options],
    Sum = sum(File),
    Macros = [case D of {d, N, V} -> {N, V}; {d, N} -> N end || D <- Options, element(1, D) =:= d],
    case epp:parse_file(File, [{includes, [".", filename:dirname(File) | Includes]}, {macros, Macros}, {source_name, File},
                               {location, {1, 1}}, extra]) of
        {ok, Forms, Extra} ->
            Features = proplists:get_value(features, Extra, []),
            Settings = [{features, Features} || Features =/= []] ++ [{source, File}, no_spawn_compiler_process | Options],
            case compile:forms(Forms, Settings) of
                {ok, Module, Code, Warnings} ->
                    ok = write(beam(Out, Module), Code),
                    {ok, entry(File, Sum, Forms, Module, Code, Out), texts("Warning: ", Warnings)};
                {error, [], Warnings} ->
                    {error, ["compile: warnings being treated as errors\n", texts("", Warnings)]};
                {error, Errors, Warnings} -> {error, [texts("", Errors), texts("Warning: ", Warnings)]}
            end;
        {error, Reason} -> {error, [File, ": ", file:format_error(Reason), $\n]}
    end.

entry(File, Sum, Forms, Module, Code, Out) ->
    {ok, {Module, [{labeled_exports, Labelled}]}} = beam_lib:chunks(Code, [labeled_exports]),
    %% in the order of the source
    Exports = [{F, A} || {F, A, _} <- lists:keysort(3, Labelled)],
    Text = case file:read_file(File) of {ok, T} -> T; {error, _} -> <<>> end,
    Included = lists:usort([Name || {attribute, _, file, {Name, _}} <- Forms]) -- [File],
    Sources = case re:run(Text, "^-include(_lib)?\\s*\\(\\s*\"\\$", [multiline]) of
                  nomatch -> [{File, Sum} | [{F, S} || F <- Included, S <- [sum(F)], S =/= none]];
                  _ -> [] % a file named by an environment variable: not kept
              end,
    #{module => Module, exports => Exports, first => is_needed_first(File), made_from => Sources, beam => stamp(beam(Out, Module)),
      transforms => [{D, folder_sum(D)} || D <- lists:usort(folders_of_transforms(Forms)), D =/= Out]}.

%% The library's own transforms are part of the program.
folders_of_transforms(Forms) ->
    [filename:dirname(Beam) || {attribute, _, compile, C} <- Forms, {parse_transform, T} <- lists:flatten([C]),
                               Beam <- [code:which(T)], is_list(Beam), filelib:is_regular(Beam)].

%% Under another name first, so that nobody sees half a file.
write(File, Data) ->
    New = File ++ ".new" ++ os:getpid(),
    ok = file:write_file(New, Data),
    file:rename(New, File).

texts(Kind, Found) ->
    [gerl_messages:text(File, Kind, Info, [brief]) || {File, Infos} <- Found, Info <- Infos].
