-module(gerl_ct_run).
-moduledoc "`ct:run_test/1`: finds and compiles suites, runs them, reports on the terminal and in a folder of logs. Internal.".

-export([run_test/1, data_dir/1]).

-doc "See `ct:run_test/1`.".
-spec run_test([term()]) -> {non_neg_integer(), non_neg_integer(), {non_neg_integer(), non_neg_integer()}} | {error, term()}.
run_test(Options) ->
    case suites(Options) of
        {error, _} = Error -> Error;
        [] -> {0, 0, {0, 0}};
        Suites ->
            lists:foreach(fun(F) -> ok = ct:add_config(file, F) end, files(proplists:get_all_values(config, Options))),
            Base = filename:join(proplists:get_value(logdir, Options, "."), "ct_run." ++ stamp()),
            ok = filelib:ensure_path(Base),
            Times = proplists:get_value(repeat, Options, 1),
            Results = lists:append([run_all(Suites, Options, Base) || _ <- lists:seq(1, Times)]),
            write_page(Base, Results),
            Count = fun(Kind) -> length([R || {case_end, _, _, Case, R, _, _, _} <- Results, is_case(Case, R), kind(R) =:= Kind]) end,
            Summary = {Count(ok), Count(failed), {Count(skipped), Count(auto_skipped)}},
            tell_summary(Summary, Base),
            Summary
    end.

%% Configuration functions count only when they failed.
is_case(Case, _) when is_atom(Case), Case =/= init_per_suite, Case =/= end_per_suite -> true;
is_case(_, _) -> false.

kind(ok) -> ok;
kind({Kind, _}) -> Kind.

stamp() ->
    {{Y, Mo, D}, {H, Mi, S}} = calendar:local_time(),
    lists:flatten(io_lib:format("~ts.~w-~2..0w-~2..0w_~2..0w.~2..0w.~2..0w", [node(), Y, Mo, D, H, Mi, S])).

files(Values) -> lists:append([case V of [C | _] when is_integer(C) -> [V]; _ -> V end || V <- Values]).

names(Value) when is_atom(Value) -> [atom_to_list(Value)];
names([C | _] = Name) when is_integer(C) -> [Name];
names(List) -> lists:append([names(N) || N <- List]).

%% Suites as {Module, Directory}; sources are compiled into memory unless auto_compile is false.
suites(Options) ->
    Dirs = names(proplists:get_value(dir, Options, ".")),
    Wanted = case proplists:get_value(suite, Options, all) of
                 all -> lists:append([filelib:wildcard(filename:join(D, "*_SUITE.erl")) || D <- Dirs]);
                 Suites -> [located(S, Dirs) || S <- names(Suites)]
             end,
    loaded(Wanted, Options, []).

located(Suite, Dirs) ->
    Name = case filename:extension(Suite) of ".erl" -> Suite; _ -> Suite ++ ".erl" end,
    case [F || D <- Dirs, F <- [filename:join(D, Name)], filelib:is_regular(F)] of
        [File | _] -> File;
        [] -> Suite
    end.

loaded([], _, Done) -> lists:reverse(Done);
loaded([File | Rest], Options, Done) ->
    Module = list_to_atom(filename:basename(File, ".erl")),
    case prepared(File, Module, Options) of
        {module, Module} -> loaded(Rest, Options, [{Module, filename:dirname(File)} | Done]);
        {error, Reason} -> {error, {make_failed, {File, Reason}}}
    end.

prepared(File, Module, Options) ->
    case filename:extension(File) =:= ".erl" andalso proplists:get_value(auto_compile, Options, true) of
        true ->
            Includes = [{i, D} || D <- files(proplists:get_all_values(include, Options))],
            case compile:file(File, [binary, debug_info, report, {i, filename:dirname(File)} | Includes]) of
                {ok, Module, Code} -> _ = code:purge(Module), code:load_binary(Module, File, Code);
                _ -> {error, compilation_failed}
            end;
        false -> code:ensure_loaded(Module)
    end.

-doc "The data directory of a suite whose source is in a directory.".
-spec data_dir({module(), file:name()}) -> file:name().
data_dir({Suite, Dir}) -> filename:absname(filename:join(Dir, atom_to_list(Suite) ++ "_data")) ++ "/".

run_all(Suites, Options, Base) ->
    Self = self(),
    lists:foreach(fun({Suite, _} = S) ->
                          Private = filename:absname(filename:join([Base, atom_to_list(Suite), "log_private"])) ++ "/",
                          ok = filelib:ensure_path(Private),
                          gerl_ct:suite(Suite, maps:from_list(settings(S, Private, Options)),
                                        fun(Event) -> Self ! {gerl_ct_event, shown(Event)} end)
                  end, Suites),
    collected([]).

settings(S, Private, Options) ->
    [{data_dir, data_dir(S)}, {priv_dir, Private}, {terminal, fun(Text) -> io:put_chars(user, Text) end}]
        ++ [{cases, list(C)} || {testcase, C} <- Options, C =/= all]
        ++ [{groups, list(G)} || {group, G} <- Options, G =/= all]
        ++ [{multiply_timetraps, N} || {multiply_timetraps, N} <- Options].

list(L) when is_list(L) -> L;
list(X) -> [X].

shown({suite_begin, Suite, Count} = E) ->
    io:format("~n~ts: ~w test cases~n", [Suite, Count]),
    E;
shown({case_end, Suite, Path, Case, {failed, Reason}, _, Log, _} = E) ->
    io:format("~n- - - - - - - - - - - - - - - - - - - - - - - - - -~n~ts~ts failed~nReason: ~tp~n~ts"
              "- - - - - - - - - - - - - - - - - - - - - - - - - -~n",
              [Suite, [[":", io_lib:format("~tw", [P])] || P <- Path ++ [Case]], Reason, logged(Log)]),
    E;
shown(E) -> E.

logged(Log) ->
    case iolist_size(Log) of
        0 -> "";
        _ -> ["Output:\n", Log, "\n"]
    end.

collected(Events) ->
    receive
        {gerl_ct_event, Event} -> collected([Event | Events])
    after 0 -> lists:reverse(Events)
    end.

tell_summary({Ok, Failed, {User, Auto}}, Base) ->
    io:format("~nTesting done: ~w ok, ~w failed, ~w skipped~ts. Logs: ~ts~n",
              [Ok, Failed, User + Auto, case Auto of 0 -> ""; _ -> io_lib:format(" (~w of them because something they need failed)", [Auto]) end,
               filename:join(Base, "index.html")]).

%%% ---- the page ----------------------------------------------------------------------------------

write_page(Base, Events) ->
    Rows = [row(E) || E <- Events, element(1, E) =:= case_end],
    Page = ["<!DOCTYPE html><html><head><meta charset=\"utf-8\"><title>Test results</title><style>"
            "body{font-family:sans-serif}td,th{padding:2px 8px;text-align:left;vertical-align:top}"
            ".ok{background:#dfd}.failed{background:#fdd}.skipped,.auto_skipped{background:#ffd}pre{margin:0}</style></head><body>"
            "<h1>Test results</h1><table><tr><th>Suite<th>Group<th>Case<th>Result<th>Time<th>Comment<th>Output</tr>\n",
            Rows, "</table></body></html>\n"],
    ok = file:write_file(filename:join(Base, "index.html"), unicode:characters_to_binary(Page)).

row({case_end, Suite, Path, Case, Result, Time, Log, Comment}) ->
    Kind = atom_to_list(kind(Result)),
    Why = case Result of ok -> ""; {_, Reason} -> io_lib:format(": ~tp", [Reason]) end,
    ["<tr class=\"", Kind, "\"><td>", escaped(atom_to_list(Suite)), "<td>",
     escaped(lists:join("/", [io_lib:format("~tw", [G]) || G <- Path])), "<td>", escaped(io_lib:format("~tw", [Case])), "<td><pre>", Kind,
     escaped(Why), "</pre><td>", io_lib:format("~.3f s", [Time / 1000]), "<td>", escaped(Comment), "<td><pre>", escaped(Log),
     "</pre></tr>\n"].

escaped(Text) ->
    lists:map(fun($<) -> "&lt;"; ($>) -> "&gt;"; ($&) -> "&amp;"; (C) -> C end, unicode:characters_to_list(Text)).
