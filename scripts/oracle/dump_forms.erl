%% Writes what epp makes of source files, one line a form, for comparison
%% between implementations: erl -noshell -s dump_forms main -extra OUT FILE...
-module(dump_forms).

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
    case epp:parse_file(File, [{includes, Includes}, {location, {1, 1}}]) of
        {ok, Forms} ->
            [io:format(Fd, "~0tp~n", [ordered(Form)]) || Form <- Forms];
        Error ->
            io:format(Fd, "~0tp~n", [Error])
    end.

%% Implementations differ in the order of map keys.
ordered({attribute, Anno, Name, Value}) when is_map(Value) -> {attribute, Anno, Name, lists:sort(maps:to_list(Value))};
ordered(Form) -> Form.

subdirs(Dir) ->
    [D || D <- filelib:wildcard(filename:join(Dir, "*")), filelib:is_dir(D)].
