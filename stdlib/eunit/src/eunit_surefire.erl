-module(eunit_surefire).
-moduledoc "The listener that writes a file `TEST-NAME.xml` for every module, in the format that Maven's Surefire and most servers for continuous integration read. Option: `{dir, Directory}`.".

-behaviour(eunit_listener).

-export([start/0, start/1, init/1, handle_begin/3, handle_end/3, handle_cancel/3, terminate/2]).

%% suites: by the position of the outermost titled groups; cases, the newest first.
-record(suite, {id, title, time = 0, cases = []}).
-record(report, {dir, depth, open = [], done = []}).

-doc "Starts the listener, files go to the working directory.".
-spec start() -> pid().
start() -> start([]).

-doc "Starts the listener.".
-spec start([term()]) -> pid().
start(Options) -> eunit_listener:start(?MODULE, Options).

-doc false.
-spec init([term()]) -> #report{}.
init(Options) ->
    Report = #report{dir = proplists:get_value(dir, Options, "."), depth = proplists:get_value(print_depth, Options, 100)},
    receive {start, _} -> Report end.

%% Groups right below the root are suites; tests outside of them make one of their own.
-doc false.
-spec handle_begin(test | group, [{atom(), term()}], #report{}) -> #report{}.
handle_begin(group, Data, #report{open = Open} = R) ->
    case value(id, Data) of
        [N] -> R#report{open = [#suite{id = [N], title = value(desc, Data)} | Open]};
        _ -> R
    end;
handle_begin(test, Data, #report{open = Open} = R) ->
    case value(id, Data) of
        [N] -> R#report{open = [#suite{id = [N], title = value(desc, Data)} | Open]};
        _ -> R
    end.

-doc false.
-spec handle_end(test | group, [{atom(), term()}], #report{}) -> #report{}.
handle_end(group, Data, R) ->
    case value(id, Data) of
        [N] -> finished([N], value(time, Data), R);
        _ -> R
    end;
handle_end(test, Data, R) ->
    Time = value(time, Data),
    Case = {name(Data), Time, value(status, Data), value(output, Data)},
    ended(Data, Time, with_case(value(id, Data), Case, R)).

-doc false.
-spec handle_cancel(test | group, [{atom(), term()}], #report{}) -> #report{}.
handle_cancel(group, Data, R0) ->
    Id = value(id, Data),
    R = case {value(reason, Data), Id} of
            {{abort, {Fixture, Exception}}, [_ | _]} when Fixture =:= setup_failed; Fixture =:= cleanup_failed ->
                Name = io_lib:format("fixture ~ts ~tp", [case Fixture of setup_failed -> "setup"; cleanup_failed -> "cleanup" end, Id]),
                with_case(Id, {Name, 0, {error, Exception}, []}, R0);
            _ -> R0
        end,
    case Id of
        [_] -> finished(Id, 0, R);
        _ -> R
    end;
handle_cancel(test, Data, R) ->
    Case = {name(Data), 0, {cancelled, value(reason, Data)}, []},
    ended(Data, 0, with_case(value(id, Data), Case, R)).

-doc false.
-spec terminate({ok, list()} | {error, term()}, #report{}) -> ok.
terminate(_, #report{open = Open, done = Done} = R) ->
    lists:foreach(fun(Suite) -> write(Suite, R) end, Open ++ Done).

value(Key, Data) -> proplists:get_value(Key, Data).

name(Data) ->
    {Module, Function, _} = value(source, Data),
    Title = case value(desc, Data) of undefined -> ""; <<>> -> ""; Text -> [" (", Text, ")"] end,
    io_lib:format("~w:~w ~ts~ts", [Module, value(line, Data), atom_to_list(Function), Title]).

ended(Data, Time, R) ->
    case value(id, Data) of
        [N] -> finished([N], Time, R);
        _ -> R
    end.

with_case([N | _], Case, #report{open = Open} = R) ->
    case lists:keytake([N], #suite.id, Open) of
        {value, Suite, Rest} -> R#report{open = [Suite#suite{cases = [Case | Suite#suite.cases]} | Rest]};
        false -> R
    end.

finished(Id, Time, #report{open = Open, done = Done} = R) ->
    {value, Suite, Rest} = lists:keytake(Id, #suite.id, Open),
    R#report{open = Rest, done = [Suite#suite{time = Time} | Done]}.

%%% ---- the files ----

write(#suite{cases = []}, _) -> ok;
write(#suite{title = Title, time = Time, cases = Cases}, #report{dir = Dir, depth = Depth}) ->
    Name = case Title of undefined -> <<"test">>; _ -> Title end,
    Kinds = [kind(Status) || {_, _, Status, _} <- Cases],
    Count = fun(Kind) -> integer_to_list(length([K || K <- Kinds, K =:= Kind])) end,
    Text = ["<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n",
            "<testsuite tests=\"", integer_to_list(length(Cases)), "\" failures=\"", Count(failure), "\" errors=\"", Count(error),
            "\" skipped=\"", Count(skipped), "\" time=\"", seconds(Time), "\" name=\"", attribute(Name), "\">\n",
            [testcase(Case, Depth) || Case <- lists:reverse(Cases)],
            "</testsuite>\n"],
    File = filename:join(Dir, "TEST-" ++ file_name(Name) ++ ".xml"),
    _ = filelib:ensure_dir(File),
    case file:write_file(File, unicode:characters_to_binary(Text)) of
        ok -> ok;
        {error, Reason} -> io:put_chars(user, io_lib:format("~ts: ~ts\n", [File, file:format_error(Reason)]))
    end.

%% module 'm' gives m; characters that mean something in paths are replaced.
file_name(Title) ->
    Text = unicode:characters_to_list(Title),
    Short = case string:prefix(Text, "module '") of nomatch -> Text; Rest -> lists:droplast(Rest) end,
    [case lists:member(C, "/\\:*?\"<>| ") of true -> $_; false -> C end || C <- Short].

kind(ok) -> passed;
kind({error, {error, {Assertion, Facts}, _}}) when is_atom(Assertion), is_list(Facts) ->
    case lists:suffix("_failed", atom_to_list(Assertion)) andalso lists:prefix("assert", atom_to_list(Assertion)) of
        true -> failure;
        false -> error
    end;
kind({error, _}) -> error;
kind({skipped, _}) -> skipped;
kind({cancelled, _}) -> skipped.

testcase({Name, Time, Status, Output}, Depth) ->
    ["  <testcase time=\"", seconds(Time), "\" name=\"", attribute(Name), "\">\n", outcome(Status, Depth),
     "    <system-out>", escaped(Output), "\n    </system-out>\n  </testcase>\n"].

outcome(ok, _) -> "";
outcome({error, {_, Reason, _} = Exception} = Status, Depth) ->
    {Tag, Type} = case kind(Status) of
                      failure -> {"failure", atom_to_list(element(1, Reason))};
                      error -> {"error", atom_to_list(element(1, Exception))}
                  end,
    ["    <", Tag, " type=\"", attribute(Type), "\">\n::", escaped(eunit_lib:format_exception(Exception, Depth)), "    </", Tag, ">\n"];
outcome({skipped, Problem}, _) ->
    ["    <skipped type=\"unknown\">\n", escaped(eunit_lib:format_skip(Problem)), "    </skipped>\n"];
outcome({cancelled, {timeout, #{stacktrace := Trace}}}, Depth) ->
    ["    <skipped type=\"timeout\">\n", escaped(eunit_lib:format_trace(Trace, Depth)), "    </skipped>\n"];
outcome({cancelled, Reason}, Depth) ->
    Text = case Reason of undefined -> "undefined"; _ -> eunit_lib:format_cancel(Reason, Depth) end,
    ["    <skipped type=\"unknown\">\n", escaped(Text), "    </skipped>\n"].

seconds(Milliseconds) -> io_lib:format("~.3f", [Milliseconds / 1000]).

%% Characters that XML cannot hold become spaces.
escaped(Text) ->
    lists:flatmap(fun($<) -> "&lt;";
                     ($>) -> "&gt;";
                     ($&) -> "&amp;";
                     (C) when C < 32, C =/= $\n, C =/= $\t, C =/= $\r -> " ";
                     (C) -> [C]
                  end, unicode:characters_to_list(Text)).

%% The value of an attribute stands in quotes.
attribute(Text) -> lists:flatmap(fun($") -> "&quot;"; (C) -> [C] end, escaped(Text)).
