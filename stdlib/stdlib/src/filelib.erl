-module(filelib).
-moduledoc "What one often wants of files and directories.".

-export([compile_wildcard/1]).
-export([ensure_dir/1, ensure_path/1, file_size/1, file_size/2, find_file/2, find_file/3, find_source/1,
         find_source/2, find_source/3, fold_files/5, is_dir/1, is_dir/2, is_file/1, is_file/2, is_regular/1,
         is_regular/2, last_modified/1, last_modified/2, safe_relative_path/2, wildcard/1, wildcard/2, wildcard/3]).

-include("../../kernel/include/file.hrl").

-doc "Whether the name is that of a file or directory.".
-spec is_file(file:name_all()) -> boolean().
is_file(Name) -> is_file(Name, file).

-doc "is_file/1 with another module than file.".
-spec is_file(file:name_all(), module()) -> boolean().
is_file(Name, Module) ->
    case Module:read_file_info(Name) of
        {ok, #file_info{type = Type}} -> Type =:= regular orelse Type =:= directory;
        _ -> false
    end.

-doc "Whether the name is that of a directory.".
-spec is_dir(file:name_all()) -> boolean().
is_dir(Name) -> is_dir(Name, file).

-doc "is_dir/1 with another module than file.".
-spec is_dir(file:name_all(), module()) -> boolean().
is_dir(Name, Module) -> type(Name, Module) =:= directory.

-doc "Whether the name is that of a regular file.".
-spec is_regular(file:name_all()) -> boolean().
is_regular(Name) -> is_regular(Name, file).

-doc "is_regular/1 with another module than file.".
-spec is_regular(file:name_all(), module()) -> boolean().
is_regular(Name, Module) -> type(Name, Module) =:= regular.

type(Name, Module) ->
    case Module:read_file_info(Name) of
        {ok, #file_info{type = Type}} -> Type;
        _ -> none
    end.

-doc "When the file was last changed, or 0.".
-spec last_modified(file:name_all()) -> file:date_time() | 0.
last_modified(Name) -> last_modified(Name, file).

-doc "last_modified/1 with another module than file.".
-spec last_modified(file:name_all(), module()) -> file:date_time() | 0.
last_modified(Name, Module) ->
    case Module:read_file_info(Name) of
        {ok, #file_info{mtime = Time}} -> Time;
        _ -> 0
    end.

-doc "How many bytes a file has; 0 if there is none.".
-spec file_size(file:name_all()) -> non_neg_integer().
file_size(Name) -> file_size(Name, file).

-doc "file_size/1 with another module than file.".
-spec file_size(file:name_all(), module()) -> non_neg_integer().
file_size(Name, Module) ->
    case Module:read_file_info(Name) of
        {ok, #file_info{size = Size}} -> Size;
        _ -> 0
    end.

-doc "Makes the directories that a file of this name needs.".
-spec ensure_dir(file:name_all()) -> ok | {error, file:posix()}.
ensure_dir(Name) -> ensure_path(filename:dirname(Name)).

-doc "Makes a directory and those above it.".
-spec ensure_path(file:name_all()) -> ok | {error, file:posix()}.
ensure_path(Dir) ->
    case is_dir(Dir) of
        true -> ok;
        false ->
            case filename:dirname(Dir) of
                Dir -> {error, einval};
                Above ->
                    case ensure_path(Above) of
                        ok ->
                            case file:make_dir(Dir) of
                                {error, eexist} -> case is_dir(Dir) of true -> ok; false -> {error, eexist} end;
                                Result -> Result
                            end;
                        {error, eexist} -> {error, enotdir}; % something above is no directory
                        Error -> Error
                    end
            end
    end.

-doc "Folds over the files of a directory whose names match a regular expression.".
-spec fold_files(file:name_all(), string(), boolean(), fun((file:filename(), A) -> A), A) -> A.
fold_files(Dir, Pattern, Recursive, F, Acc) ->
    {ok, Regex} = re:compile(Pattern, [unicode]),
    fold_dir(Dir, Regex, Recursive, F, Acc).

fold_dir(Dir, Regex, Recursive, F, Acc) ->
    case file:list_dir_all(Dir) of
        {ok, Names} ->
            lists:foldl(fun(Name, A) ->
                                Full = filename:join(Dir, Name),
                                case is_regular(Full) of
                                    true ->
                                        case re:run(Name, Regex, [{capture, none}]) of
                                            match -> F(Full, A);
                                            nomatch -> A
                                        end;
                                    false ->
                                        case Recursive andalso is_dir(Full) of
                                            true -> fold_dir(Full, Regex, Recursive, F, A);
                                            false -> A
                                        end
                                end
                        end, Acc, Names);
        {error, _} -> Acc
    end.

%%% ---- wildcards -------------------------------------------------------------------------------

%% A pattern that is none is an error of the function that was called.
-define(wildcard(Compiled, Dir, Module),
        case Compiled of
            {badpattern, _} = Bad -> erlang:error(Bad);
            Good -> matching(Good, Dir, Module)
        end).

-doc "The files whose names match a pattern, sorted.".
-spec wildcard(file:name()) -> [file:filename()].
wildcard(Pattern) -> ?wildcard(compiled_pattern(Pattern), ".", file).

-doc "The files below a directory whose names match a pattern.".
-spec wildcard(file:name(), file:name() | module()) -> [file:filename()].
wildcard(Pattern, Module) when is_atom(Module) -> ?wildcard(compiled_pattern(Pattern), ".", Module);
wildcard(Pattern, Dir) -> ?wildcard(compiled_pattern(Pattern), Dir, file).

-doc "wildcard/2 with another module than file.".
-spec wildcard(file:name(), file:name(), module()) -> [file:filename()].
wildcard(Pattern, Dir, Module) -> ?wildcard(compiled_pattern(Pattern), Dir, Module).

-doc false.
-spec compile_wildcard(file:name()) -> {compiled_wildcard, [[term()]]}.
compile_wildcard(Pattern) ->
    case compiled_pattern(Pattern) of
        {badpattern, _} = Bad -> erlang:error(Bad);
        Compiled -> Compiled
    end.

%% {compiled_wildcard, Alternatives}, each a list of parts; the first one may be "/".
compiled_pattern({compiled_wildcard, _} = Compiled) -> Compiled;
compiled_pattern(Pattern) ->
    try
        {compiled_wildcard, [case filename:split(A) of
                                 ["/" | Parts] -> ["/" | compiled(Parts)];
                                 Parts -> compiled(Parts)
                             end || A <- braces(filename:flatten(Pattern))]}
    catch
        throw:{badpattern, _} = Bad -> Bad
    end.

matching({compiled_wildcard, Alternatives}, Dir, Module) ->
    lists:usort(lists:append([expand(A, filename:flatten(Dir), Module) || A <- Alternatives])).

%% A pattern with {a,b} stands for several without.
braces(Pattern) -> braces(Pattern, []).

braces([$\\, C | Rest], Before) -> braces(Rest, [C, $\\ | Before]);
braces([${ | Rest], Before) ->
    case alternatives(Rest, 0, [], []) of
        {Choices, After} -> lists:append([braces(lists:reverse(Before, C ++ After)) || C <- Choices]);
        none -> throw({badpattern, missing_delimiter})
    end;
braces([C | Rest], Before) -> braces(Rest, [C | Before]);
braces([], Before) -> [lists:reverse(Before)].

alternatives([$} | Rest], 0, Current, Done) -> {lists:reverse(Done, [lists:reverse(Current)]), Rest};
alternatives([$, | Rest], 0, Current, Done) -> alternatives(Rest, 0, [], [lists:reverse(Current) | Done]);
alternatives([$\\, C | Rest], Depth, Current, Done) -> alternatives(Rest, Depth, [C, $\\ | Current], Done);
alternatives([${ | Rest], Depth, Current, Done) -> alternatives(Rest, Depth + 1, [${ | Current], Done);
alternatives([$} | Rest], Depth, Current, Done) -> alternatives(Rest, Depth - 1, [$} | Current], Done);
alternatives([C | Rest], Depth, Current, Done) -> alternatives(Rest, Depth, [C | Current], Done);
alternatives([], _, _, _) -> none.

expand(["/" | Parts], _Dir, Module) -> walk(Parts, "/", "/", Module);
expand(Parts, Dir, Module) -> walk(Parts, Dir, "", Module).

%% A single dot counts only where nothing follows.
compiled(["." | Rest]) when Rest =/= [] -> compiled(Rest);
compiled([Part | Rest]) -> [compile(Part) | compiled(Rest)];
compiled([]) -> [].

%% A part of a pattern: {name, Chars}, deep (two stars), or a list of char | any | many | {set, Not, [Range]}.
compile("**") -> deep;
compile(Part) ->
    Items = items(Part),
    case lists:all(fun is_integer/1, Items) of
        true -> {name, Items};
        false -> Items
    end.

items([$\\, C | Rest]) -> [C | items(Rest)];
items([$* | Rest]) -> [many | items(Rest)];
items([$? | Rest]) -> [any | items(Rest)];
items([$[ | Rest]) ->
    case set(Rest, []) of
        {Ranges, After} -> [{set, Ranges} | items(After)];
        none -> [$[ | items(Rest)]
    end;
items([C | Rest]) -> [C | items(Rest)];
items([]) -> [].

set([$] | Rest], Ranges) when Ranges =/= [] -> {Ranges, Rest};
set([$\\, C | Rest], Ranges) -> set(Rest, [{C, C} | Ranges]);
set([From, $-, To | Rest], Ranges) when To =/= $] -> set(Rest, [{From, To} | Ranges]);
set([C | Rest], Ranges) -> set(Rest, [{C, C} | Ranges]);
set([], _) -> none.

%% The names that match, as Prefix and what comes below the directory Dir. Whether something is a directory tells list_dir: a module given in place of file need
%% not have more than that and read_link_info.
walk([{name, Name}], Dir, Prefix, Module) ->
    case Module:read_link_info(filename:join(Dir, Name)) of
        {ok, _} -> [Prefix ++ Name];
        _ -> []
    end;
walk([{name, Name} | Rest], Dir, Prefix, Module) ->
    walk(Rest, filename:join(Dir, Name), Prefix ++ Name ++ "/", Module);
walk([deep], Dir, Prefix, Module) -> walk([deep, [many]], Dir, Prefix, Module);
walk([deep | Rest] = Parts, Dir, Prefix, Module) ->
    case Module:list_dir(Dir) of
        {ok, Names} ->
            Here = walk(Rest, Dir, Prefix, Module),
            Here ++ lists:append([walk(Parts, filename:join(Dir, Name), Prefix ++ Name ++ "/", Module) || Name <- Names]);
        _ -> []
    end;
walk([Items | Rest], Dir, Prefix, Module) ->
    Matching = [Name || Name <- names(Dir, Module), match(Items, Name)],
    case Rest of
        [] -> [Prefix ++ Name || Name <- Matching];
        _ ->
            lists:append([walk(Rest, filename:join(Dir, Name), Prefix ++ Name ++ "/", Module)
                          || Name <- Matching])
    end;
walk([], _, Prefix, _) -> [Prefix || Prefix =/= ""].

names(Dir, Module) ->
    case Module:list_dir(Dir) of
        {ok, Names} -> Names;
        _ -> []
    end.

match([many], _) -> true;
match([many | Items], Name) -> match(Items, Name) orelse (Name =/= [] andalso match([many | Items], tl(Name)));
match([any | Items], [_ | Name]) -> match(Items, Name);
match([{set, Ranges} | Items], [C | Name]) ->
    lists:any(fun({From, To}) -> From =< C andalso C =< To end, Ranges) andalso match(Items, Name);
match([C | Items], [C | Name]) -> match(Items, Name);
match([], []) -> true;
match(_, _) -> false.

%%% ---- finding sources -------------------------------------------------------------------------

-doc "Finds a file in a directory, or beside it as the usual places of sources and objects lie.".
-spec find_file(file:filename(), file:filename()) -> {ok, file:filename()} | {error, not_found}.
find_file(Name, Dir) -> find_file(Name, Dir, []).

-doc "As find_file/2, with rules {ObjectDirSuffix, SourceDirSuffix}; none means the usual ones.".
-spec find_file(file:filename(), file:filename(), [tuple()]) -> {ok, file:filename()} | {error, not_found}.
find_file(Name, Dir, []) -> find_file(Name, Dir, [{"", ""}, {"ebin", "src"}, {"ebin", "esrc"}]);
find_file(Name, Dir, Rules) ->
    first([filename:join(D, Name) || {From, To} <- Rules, D <- replace_suffix(Dir, From, To)]).

-doc "Finds the source of an object file.".
-spec find_source(file:filename()) -> {ok, file:filename()} | {error, not_found}.
find_source(Path) -> find_source(filename:basename(Path), filename:dirname(Path)).

-doc "Finds the source of an object file in a directory.".
-spec find_source(file:filename(), file:filename()) -> {ok, file:filename()} | {error, not_found}.
find_source(Name, Dir) -> find_source(Name, Dir, []).

-doc "As find_source/2, with rules {ObjectExtension, SourceExtension, [{ObjectDirSuffix, SourceDirSuffix}]}.".
-spec find_source(file:filename(), file:filename(), [tuple()]) -> {ok, file:filename()} | {error, not_found}.
find_source(Name, Dir, []) ->
    find_source(Name, Dir, [{".beam", ".erl", []}, {".beam", ".yrl", []}, {"", ".src", []}, {".o", ".c", []}]);
find_source(Name, Dir, Rules) ->
    Extension = filename:extension(Name),
    find_first([{filename:rootname(Name) ++ To, Dirs} || {From, To, Dirs} <- Rules, From =:= Extension], Dir).

find_first([{Name, Dirs} | Rest], Dir) ->
    case find_file(Name, Dir, Dirs) of
        {ok, _} = Found -> Found;
        _ -> find_first(Rest, Dir)
    end;
find_first([], _) -> {error, not_found}.

replace_suffix(Dir, Suffix, New) ->
    case lists:suffix(Suffix, Dir) of
        true -> [lists:sublist(Dir, length(Dir) - length(Suffix)) ++ New];
        false -> []
    end.

first([Name | Rest]) ->
    case is_regular(Name) of
        true -> {ok, Name};
        false -> first(Rest)
    end;
first([]) -> {error, not_found}.

-doc "A relative name without '..' that stays below a directory, or unsafe.".
-spec safe_relative_path(file:name_all(), file:name_all()) -> unsafe | file:filename_all().
safe_relative_path(Path, Dir) ->
    case filename:pathtype(Path) of
        relative -> safe(filename:split(Path), [], Dir, 0);
        _ -> unsafe
    end.

safe(_, _, _, Links) when Links > 64 -> unsafe;
safe([Part | Rest], Done, Dir, Links) when Part =:= "."; Part =:= <<".">> -> safe(Rest, Done, Dir, Links);
safe([Part | Rest], Done, Dir, Links) when Part =:= ".."; Part =:= <<"..">> ->
    case Done of
        [] -> unsafe;
        [_ | Above] -> safe(Rest, Above, Dir, Links)
    end;
safe([Part | Rest], Done, Dir, Links) ->
    case Dir =/= "" andalso file:read_link(filename:join([Dir | lists:reverse(Done, [Part])])) of
        {ok, Target} ->
            case filename:pathtype(Target) of
                relative -> safe(filename:split(Target) ++ Rest, Done, Dir, Links + 1);
                _ -> unsafe
            end;
        _ -> safe(Rest, [Part | Done], Dir, Links)
    end;
safe([], [], _, _) -> "";
safe([], Done, _, _) -> filename:join(lists:reverse(Done)).
