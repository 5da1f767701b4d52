-module(filename).
-moduledoc "Names of files: taking apart and putting together. Nothing here looks at the file system, except absname/1.".

%% A name may be a string, an atom, a deep list of both, or a binary. All functions give a string, or a
%% binary if one of the names was one. The directory separator is the slash, as on all Unix systems.

-export([absname/1, absname/2, absname_join/2, append/2, basedir/2, basedir/3, basename/1, basename/2, dirname/1,
         extension/1, flatten/1, join/1, join/2, nativename/1, pathtype/1, rootname/1, rootname/2, split/1,
         validate/1]).

-type name() :: file:name_all().

-doc "The absolute name of a file that is relative to the working directory.".
-spec absname(name()) -> file:filename_all().
absname(Name) ->
    {ok, Dir} = file:get_cwd(),
    absname(Name, Dir).

-doc "The absolute name of a file that is relative to Dir.".
-spec absname(name(), name()) -> file:filename_all().
absname(Name, Dir) ->
    case pathtype(Name) of
        absolute -> join([Name]);
        relative -> join(Dir, Name)
    end.

-doc "Joins a directory and a relative name.".
-spec absname_join(name(), name()) -> file:filename_all().
absname_join(Dir, Name) -> join(Dir, Name).

-doc "Puts one slash between two names.".
-spec append(name(), name()) -> file:filename_all().
append(Dir, Name) when is_binary(Dir); is_binary(Name) ->
    Before = to_binary(Dir),
    After = to_binary(Name),
    case Before =/= <<>> andalso binary:last(Before) of
        $/ -> <<Before/binary, After/binary>>;
        _ -> <<Before/binary, $/, After/binary>>
    end;
append(Dir, Name) ->
    Before = flatten(Dir),
    Before ++ "/" ++ flatten(Name).

-doc "The last part of a name.".
-spec basename(name()) -> file:filename_all().
basename(Name) when is_binary(Name) -> as(Name, fun(Chars) -> base(lists:reverse(strip(lists:reverse(Chars)))) end);
basename(Name) -> as(Name, fun base/1).

%% One slash at the end does not count.
base(Chars) ->
    case lists:reverse(Chars) of
        [$/ | Reversed] when Reversed =/= [] -> after_slash(lists:reverse(Reversed), lists:reverse(Reversed));
        _ -> after_slash(Chars, Chars)
    end.

%% Without leading slashes.
strip([$/ | Rest]) -> strip(Rest);
strip(Rest) -> Rest.

after_slash([$/ | Rest], _) -> after_slash(Rest, Rest);
after_slash([_ | Rest], Start) -> after_slash(Rest, Start);
after_slash([], Start) -> Start.

-doc "The last part of a name, without the extension Ext if it has that.".
-spec basename(name(), name()) -> file:filename_all().
basename(Name, Ext) ->
    as(Name, Ext, fun(N, E) ->
                      case before_suffix(N, E) of
                          none -> base(N);
                          Start -> after_slash(Start, Start)
                      end
                  end).

%% What lies before a suffix, if that is there.
before_suffix(Chars, Suffix) ->
    case length(Chars) - length(Suffix) of
        Left when Left >= 0 ->
            case lists:split(Left, Chars) of
                {Start, Suffix} -> Start;
                _ -> none
            end;
        _ -> none
    end.

-doc "All of a name but its last part.".
-spec dirname(name()) -> file:filename_all().
dirname(Name) -> as(Name, fun directory/1).

directory(Chars) ->
    case split_last(lists:reverse(Chars)) of
        [] when Chars =/= [], hd(Chars) =:= $/ -> "/";
        [] -> ".";
        Dir -> lists:reverse(Dir)
    end.

%% What lies before the last slash of a reversed name, without the slashes around it.
split_last([$/ | Rest]) -> strip(Rest);
split_last([_ | Rest]) -> split_last(Rest);
split_last([]) -> [].

-doc "The extension of a name with its dot, or nothing.".
-spec extension(name()) -> file:filename_all().
extension(Name) -> as(Name, fun(Chars) -> element(2, split_extension(Chars)) end).

%% {Root, Extension}: a name that begins with its only dot has no extension.
split_extension(Chars) ->
    {Ext, Before} = lists:splitwith(fun(C) -> C =/= $. andalso C =/= $/ end, lists:reverse(Chars)),
    case Before of
        [$. | Root] when Root =/= [], hd(Root) =/= $/ ->
            {lists:reverse(Root), [$. | lists:reverse(Ext)]};
        _ ->
            {Chars, []}
    end.

-doc "A name without its extension.".
-spec rootname(name()) -> file:filename_all().
rootname(Name) ->
    as(Name, fun([$. | Rest] = Chars) ->
                     %% a dot at the very beginning counts here, unlike for extension/1
                     case lists:any(fun(C) -> C =:= $. orelse C =:= $/ end, Rest) of
                         true -> element(1, split_extension(Chars));
                         false -> []
                     end;
                (Chars) -> element(1, split_extension(Chars))
             end).

-doc "A name without the extension Ext if it has that.".
-spec rootname(name(), name()) -> file:filename_all().
rootname(Name, Ext) ->
    as(Name, Ext, fun(N, E) ->
                      case before_suffix(N, E) of
                          none -> N;
                          [] -> [];
                          Root ->
                              case lists:last(Root) of
                                  $/ -> N; % a name is more than an extension
                                  _ -> Root
                              end
                      end
                  end).

-doc "Makes a name a flat string; binaries stay what they are.".
-spec flatten(name()) -> file:filename_all().
flatten(Name) when is_binary(Name) -> Name;
flatten(Name) when is_atom(Name) -> atom_to_list(Name);
flatten(Name) when is_list(Name) -> flatten(Name, []).

flatten([Part | Rest], Tail) when is_list(Part) -> flatten(Part, flatten(Rest, Tail));
flatten([Part | Rest], Tail) when is_atom(Part) -> atom_to_list(Part) ++ flatten(Rest, Tail);
flatten([Char | Rest], Tail) -> [Char | flatten(Rest, Tail)];
flatten([], Tail) -> Tail;
flatten(Atom, Tail) when is_atom(Atom) -> atom_to_list(Atom) ++ Tail.

-doc "Joins parts of a name with slashes; an absolute part makes those before it superfluous.".
-spec join([name()]) -> file:filename_all().
join([Name]) -> as(Name, fun tidy/1);
join([First, Second | Rest]) -> join([join(First, Second) | Rest]).

-doc "Joins two parts of a name with a slash.".
-spec join(name(), name()) -> file:filename_all().
join(Dir, Name) ->
    as(Dir, relative(Name), fun(D, []) -> tidy(D);
                               (_, [$/ | _] = N) -> tidy(N);
                               (D, N) -> tidy(D ++ "/" ++ N)
                            end).

%% What follows in a list must be characters, which suffixes need not be.
relative(Name) when is_binary(Name) -> Name;
relative(Name) -> characters(Name).

%% One slash in place of several and of those around a lone dot, and none at the end except in the name of the root.
tidy([$/, $/ | Rest]) -> tidy([$/ | Rest]);
tidy([$/, $., $/ | Rest]) -> tidy([$/ | Rest]);
tidy("/") -> "/";
tidy(Chars) -> squeeze(Chars).

squeeze([$/, $/ | Rest]) -> squeeze([$/ | Rest]);
squeeze([$/, $., $/ | Rest]) -> squeeze([$/ | Rest]);
squeeze("/") -> [];
squeeze([Char | Rest]) -> [Char | squeeze(Rest)];
squeeze([]) -> [].

-doc "The name as the operating system's own programs write it.".
-spec nativename(name()) -> file:filename_all().
nativename(Name) -> join([Name]).

-doc "Whether a name is absolute or relative to the working directory.".
-spec pathtype(name()) -> absolute | relative.
pathtype(<<$/, _/binary>>) -> absolute;
pathtype(Name) when is_binary(Name) -> relative;
pathtype(Name) ->
    case flatten(Name) of
        [$/ | _] -> absolute;
        _ -> relative
    end.

-doc "The parts of a name.".
-spec split(name()) -> [file:filename_all()].
split(Name) when is_binary(Name) ->
    Parts = binary:split(Name, <<"/">>, [global]),
    root(Name, <<"/">>, [Part || Part <- Parts, Part =/= <<>>]);
split(Name) ->
    case characters(Name) of
        [$/ | Rest] -> ["/" | string:tokens(Rest, "/")];
        Rest -> string:tokens(Rest, "/")
    end.

root(<<$/, _/binary>>, Root, Parts) -> [Root | Parts];
root(_, _, Parts) -> Parts.

-doc "Whether a name can be given to the operating system.".
-spec validate(name()) -> boolean().
validate(Name) when is_binary(Name) -> binary:match(Name, <<0>>) =:= nomatch;
validate(Name) ->
    try flatten(Name) of
        Chars ->
            lists:all(fun(C) -> is_integer(C) andalso C > 0 end, Chars) andalso
                is_binary(unicode:characters_to_binary(Chars))
    catch
        error:_ -> false
    end.

%% Runs F on the characters of a name; the result is of the name's kind. Names in binaries need not be
%% UTF-8, and no byte of a longer character looks like a slash or dot, so their bytes will do.
as(Name, F) when is_binary(Name) -> list_to_binary(F(binary_to_list(Name)));
as(Name, F) -> F(characters(Name)).

as(A, B, F) when is_binary(A); is_binary(B) ->
    list_to_binary(F(binary_to_list(to_binary(A)), binary_to_list(to_binary(B))));
as(A, B, F) -> F(characters(A), flatten(B)).

%% What a name in a list consists of: numbers, whichever.
characters(Name) ->
    Chars = flatten(Name),
    case lists:all(fun erlang:is_integer/1, Chars) of
        true -> Chars;
        false -> error(function_clause)
    end.

to_binary(Name) when is_binary(Name) -> Name;
to_binary(Name) ->
    case unicode:characters_to_binary(flatten(Name)) of
        Bytes when is_binary(Bytes) -> Bytes;
        _ -> error(badarg)
    end.

-doc "Where a user's or the site's files of an application belong.".
-spec basedir(atom(), string() | binary()) -> file:filename_all() | [file:filename_all()].
basedir(Type, Application) -> basedir(Type, Application, #{}).

-doc """
basedir/2 with options: the version of the application, and the system whose customs count (os: linux, darwin or windows,
where the author counts, too).
""".
-spec basedir(atom(), string() | binary(), map()) -> file:filename_all() | [file:filename_all()].
basedir(Type, Application, Options) when is_map(Options), is_list(Application) orelse is_binary(Application) ->
    System = system(maps:get(os, Options, none)),
    Parts = [Author || windows <- [System], {author, Author} <- maps:to_list(Options)] ++
        [Application | [maps:get(version, Options) || is_map_key(version, Options)]],
    case place(System, Type) of
        {Dir, Below} -> join([Dir | Parts] ++ Below);
        Dirs -> [join([Dir | Parts]) || Dir <- Dirs]
    end.

system(Known) when Known =:= linux; Known =:= darwin; Known =:= windows -> Known;
system(_) ->
    case os:type() of
        {win32, _} -> windows;
        {_, darwin} -> darwin;
        _ -> linux
    end.

%% {Directory, What comes below the application's own}, or some directories.
place(linux, Type) ->
    case Type of
        user_cache -> {home("XDG_CACHE_HOME", ".cache"), []};
        user_config -> {home("XDG_CONFIG_HOME", ".config"), []};
        user_data -> {home("XDG_DATA_HOME", ".local/share"), []};
        user_log -> {home("XDG_CACHE_HOME", ".cache"), ["log"]};
        site_config -> site("XDG_CONFIG_DIRS", ["/etc/xdg"]);
        site_data -> site("XDG_DATA_DIRS", ["/usr/local/share", "/usr/share"])
    end;
place(darwin, Type) ->
    Support = "Library/Application Support",
    case Type of
        user_cache -> {home(Support, "Library/Caches"), []};
        user_config -> {home(Support, Support), []};
        user_data -> {home(Support, Support), []};
        user_log -> {home(Support, "Library/Logs"), []};
        site_config -> ["/" ++ Support];
        site_data -> ["/" ++ Support]
    end;
place(windows, Type) ->
    case Type of
        user_cache -> {local_data(), ["Cache"]};
        user_config -> {home("APPDATA", "Roaming"), []};
        user_data -> {local_data(), []};
        user_log -> {local_data(), ["Logs"]};
        site_config -> [];
        site_data -> []
    end.

%% Windows XP had one folder for both kinds of data.
local_data() ->
    case os:getenv("LOCALAPPDATA", os:getenv("APPDATA", "")) of
        "" -> home("LOCALAPPDATA", "Local");
        Dir -> Dir
    end.

home(Variable, Default) ->
    case os:getenv(Variable) of
        Dir when is_list(Dir), Dir =/= [] -> Dir;
        _ ->
            case os:getenv("HOME") of
                false -> error(undefined_home);
                Home -> join(Home, Default)
            end
    end.

site(Variable, Default) ->
    case os:getenv(Variable) of
        Dirs when is_list(Dirs), Dirs =/= [] -> string:lexemes(Dirs, ":");
        _ -> Default
    end.
