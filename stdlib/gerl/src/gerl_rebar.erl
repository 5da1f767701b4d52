-module(gerl_rebar).
-moduledoc "What `gerl test` takes from the `rebar.config` of a project: the options of the compiler, those of profiles too. Internal.".

-export([options/2, resources/2]).

-doc "The compiler's options `erl_opts` of a project, and after them those of some of its profiles. A file that cannot be read has none.".
-spec options(file:name(), [atom()]) -> [compile:option()].
options(Root, Profiles) ->
    case file:consult(filename:join(Root, "rebar.config")) of
        {ok, Terms} ->
            Of = [Terms | [Own || {profiles, All} <- Terms, P <- Profiles, {Name, Own} <- All, Name =:= P]],
            [Option || T <- Of, {erl_opts, Options} <- T, O <- Options, Option <- usable(O, Root)];
        {error, enoent} -> [];
        {error, Reason} ->
            io:format(standard_error, "gerl test: rebar.config: ~ts~n", [file:format_error(Reason)]),
            []
    end.

%% Options that are rebar3's own, and folders that are named from the project's.
usable({platform_define, Pattern, Macro}, _) ->
    [{d, Macro} || matches(Pattern)];
usable({platform_define, Pattern, Macro, Value}, _) ->
    [{d, Macro, Value} || matches(Pattern)];
usable({i, Dir}, Root) -> [{i, filename:join(Root, Dir)}];
usable({Own, _}, _) when Own =:= src_dirs; Own =:= extra_src_dirs; Own =:= outdir -> [];
usable(Own, _) when Own =:= no_debug_info; Own =:= report; Own =:= return -> [];
usable(Option, _) -> [Option].

matches(Pattern) ->
    System = lists:concat([erlang:system_info(otp_release), "-", erlang:system_info(system_architecture), "-", 8 * erlang:system_info(wordsize)]),
    re:run(System, Pattern) =/= nomatch.

-doc "Writes the resource files of applications below a folder, with the names of their modules, and links to what they have in `priv`: the folders for the code path.".
-spec resources([file:name()], file:name()) -> [file:name()].
resources(Roots, Out) -> [resource(Source, Root, Out) || Root <- Roots, Source <- filelib:wildcard(filename:join(Root, "src/*.app.src"))].

resource(Source, Root, Out) ->
    App = filename:basename(Source, ".app.src"),
    Dir = filename:join([Out, App, "ebin"]),
    ok = filelib:ensure_path(Dir),
    case file:consult(Source) of
        {ok, [{application, Name, Keys}]} ->
            Modules = [list_to_atom(filename:basename(F, ".erl")) || F <- filelib:wildcard(filename:join(Root, "src/**/*.erl"))],
            Version = case lists:keyfind(vsn, 1, Keys) of
                          {_, Text} when is_list(Text) -> Text;
                          _ -> "0" % rebar3 asks the version control system
                      end,
            Full = lists:keystore(modules, 1, lists:keystore(vsn, 1, Keys, {vsn, Version}), {modules, lists:sort(Modules)}),
            ok = file:write_file(filename:join(Dir, App ++ ".app"), io_lib:format("~tp.~n", [{application, Name, Full}]));
        {ok, _} -> io:format(standard_error, "gerl test: ~ts is not {application, Name, Keys}.~n", [Source]);
        {error, Reason} -> io:format(standard_error, "gerl test: ~ts: ~ts~n", [Source, file:format_error(Reason)])
    end,
    Link = filename:join([Out, App, "priv"]),
    _ = file:delete(Link),
    Priv = filename:absname(filename:join(Root, "priv")),
    _ = filelib:is_dir(Priv) andalso file:make_symlink(Priv, Link),
    Dir.
