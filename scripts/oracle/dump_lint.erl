%% Writes what erl_lint finds in source files, one finding a line, for comparison
%% between implementations: erl -noshell -s dump_lint main -extra OUT FILE...
-module(dump_lint).

-export([main/0]).

main() ->
    [Out | Files] = init:get_plain_arguments(),
    {ok, Fd} = file:open(Out, [write, {encoding, utf8}, {delayed_write, 1000000, 10000}]),
    lists:foreach(fun(F) -> dump(Fd, F) end, Files),
    ok = file:close(Fd),
    halt(0).

dump(Fd, File) ->
    io:format(Fd, "== ~ts~n", [File]),
    Dir = filename:dirname(File),
    Includes = [Dir, filename:join(Dir, "../include") | subdirs(filename:dirname(Dir))],
    {ok, Forms} = epp:parse_file(File, [{includes, Includes}, {location, {1, 1}}]),
    try erl_lint:module(Forms, File, options()) of
        {ok, Warnings} -> show(Fd, warning, Warnings);
        {error, Errors, Warnings} ->
            show(Fd, error, Errors),
            show(Fd, warning, Warnings)
    catch
        Class:Reason -> io:format(Fd, "~s ~0tP~n", [Class, Reason, 20])
    end.

show(Fd, Kind, Found) ->
    [io:format(Fd, "~s ~ts ~0tp ~ts~n", [Kind, File, Info, text(Info)]) || {File, Infos} <- Found, Info <- Infos].

text({_, Module, Descriptor}) ->
    try lists:flatten(Module:format_error(Descriptor))
    catch _:_ -> "no text"
    end.

subdirs(Dir) ->
    [D || D <- filelib:wildcard(filename:join(Dir, "*")), filelib:is_dir(D)].

options() ->
    [list_to_atom("warn_" ++ W) || W <- ["export_vars", "unused_import", "obsolete_bool_op", "untyped_record", "missing_spec",
                                         "missing_spec_all", "keywords", "possibly_unsafe_function"]] ++ [{warn_format, 2}].
