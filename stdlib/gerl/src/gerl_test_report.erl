-module(gerl_test_report).
-moduledoc "What `gerl test` prints and writes: a line for each module, failures with their differences, a summary, coverage, JUnit XML. Internal.".

-export([unit/2, summary/3, coverage/2]).

-define(WIDTH, 100).

-doc "Tells the result of a module.".
-spec unit(map(), map()) -> ok.
unit(#{tests := [], output := <<>>}, _) -> ok; % nothing that the filter lets through
unit(#{unit := Unit, tests := Tests, time := Time, output := Output}, Options) ->
    Failed = [T || #{status := {failed, _}} = T <- Tests],
    Skipped = length([T || #{status := {skipped, _}} = T <- Tests]),
    Mark = case Failed of [] -> paint(green, "ok  "); _ -> paint(red, "FAIL") end,
    say("~ts ~ts (~ts, ~ts)\n", [Mark, name(Unit),
                                 [plural(length(Tests), "test"),
                                  case Failed of [] -> ""; _ -> io_lib:format(", ~w failed", [length(Failed)]) end,
                                  case Skipped of 0 -> ""; _ -> io_lib:format(", ~w skipped", [Skipped]) end],
                                 seconds(Time)]),
    Verbose = maps:get(verbose, Options, false),
    lists:foreach(fun(T) -> test(T, Verbose, Unit) end, Tests),
    case Output =/= <<>> andalso (Verbose orelse Failed =/= []) of
        true -> say("  output of the runtime system:\n~ts", [indented(Output, "  | ")]);
        false -> ok
    end.

name({suite, Module, _}) -> atom_to_list(Module);
name({eunit, Module, _}) -> atom_to_list(Module).

test(#{status := ok} = Test, true, _) -> say("  ok      ~ts~ts~ts\n", [full_name(Test), took(Test), comment(Test)]);
test(#{status := ok}, false, _) -> ok;
test(#{status := {skipped, Reason}} = Test, true, _) -> say("  skipped ~ts: ~ts\n", [full_name(Test), reason(Reason)]);
test(#{status := {skipped, _}}, false, _) -> ok;
test(#{status := {failed, What}, output := Output} = Test, _, _) ->
    say("  ~ts  ~ts~ts\n~ts", [paint(red, "failed"), full_name(Test), comment(Test), indented(failure(What), "    ")]),
    case Output of
        <<>> -> ok;
        _ -> say("    it printed:\n~ts", [indented(Output, "    | ")])
    end.

full_name(#{group := Group, name := Name}) -> lists:join("/", Group ++ [Name]).

took(#{time := Time}) when Time >= 10 -> io_lib:format(" (~ts)", [seconds(Time)]);
took(_) -> "".

comment(#{comment := C}) when C =/= <<>>, C =/= "" -> [" - ", C];
comment(_) -> "".

%%% ---- failures ----------------------------------------------------------------------------------

failure({text, Text}) -> Text;
failure({reason, {Reason, Trace}}) when is_list(Trace), is_tuple(hd(Trace)) -> [why(error, Reason), trace(Trace)];
failure({reason, {test_case_failed, Text}}) when is_list(Text) ->
    case io_lib:printable_unicode_list(Text) of
        true -> Text;
        false -> io_lib:format("~tp", [Text])
    end;
failure({reason, Reason}) -> reason(Reason);
failure({exception, Class, Reason, Trace}) -> [why(Class, Reason), trace(Trace)].

reason({timetrap_timeout, Time}) -> io_lib:format("did not end within ~ts", [seconds(Time)]);
reason(Reason) -> io_lib:format("~tp", [Reason]).

%% Assertions tell what was expected and what came, line by line.
why(error, {assertEqual, Facts}) when is_list(Facts) ->
    #{expected := Expected, value := Value} = Map = maps:from_list(Facts),
    [io_lib:format("~ts is not what was expected~ts~ts\n", [fact(expression, Map), place(Map), note(Map)]),
     difference(Expected, Value)];
why(error, {Assertion, Facts}) when is_atom(Assertion), is_list(Facts), is_tuple(hd(Facts)) ->
    case lists:prefix("assert", atom_to_list(Assertion)) of
        true -> assertion(Assertion, maps:from_list(Facts));
        false -> plain(error, {Assertion, Facts})
    end;
why(Class, Reason) -> plain(Class, Reason).

plain(Class, Reason) ->
    ["exception ", atom_to_list(Class), ": ", io_lib:format("~tp", [Reason]), $\n].

assertion(Assertion, Map) ->
    Details = [{"expected", expected}, {"pattern", pattern}, {"value", value}, {"value (not a boolean)", not_boolean},
               {"it succeeded with", unexpected_success}, {"it raised", unexpected_exception}, {"status", status},
               {"expected status", expected_status}, {"output", output}, {"expected output", expected_output}],
    [io_lib:format("~w failed~ts~ts: ~ts\n", [Assertion, place(Map), note(Map), fact(expression, Map)]),
     [[Label, ": ", shown(Key, maps:get(Key, Map)), $\n] || {Label, Key} <- Details, is_map_key(Key, Map)]].

fact(Key, Map) ->
    case Map of
        #{Key := Text} when is_list(Text) -> Text;
        #{command := Command} -> Command;
        #{} -> ""
    end.

place(#{module := Module, line := Line}) -> io_lib:format(" (~w, line ~w)", [Module, Line]);
place(_) -> "".

note(#{comment := Text}) -> [" - ", case io_lib:char_list(Text) of true -> Text; false -> io_lib:format("~tp", [Text]) end];
note(_) -> "".

shown(pattern, Text) -> Text;
shown(unexpected_exception, {Class, Reason, Trace}) -> [io_lib:format("~w:~tp", [Class, Reason]), $\n, trace(Trace)];
shown(_, Term) -> io_lib:format("~tp", [Term]).

trace(Trace) ->
    [["  at ", frame(F), $\n] || F <- Trace, not lists:member(element(1, F), [gerl_ct, gerl_ct_case, eunit_run, proc_lib])].

frame({Module, Function, Arguments, Where}) ->
    Arity = case is_list(Arguments) of true -> length(Arguments); false -> Arguments end,
    At = case {proplists:get_value(file, Where), proplists:get_value(line, Where)} of
             {undefined, _} -> "";
             {File, undefined} -> [" (", File, ")"];
             {File, Line} -> io_lib:format(" (~ts:~w)", [File, Line])
         end,
    Called = case is_list(Arguments) of
                 true -> [" called with ", lists:join(", ", [io_lib:format("~tP", [A, 20]) || A <- Arguments])];
                 false -> ""
             end,
    io_lib:format("~w:~tw/~w~ts~ts", [Module, Function, Arity, At, Called]);
frame(Other) -> io_lib:format("~tp", [Other]).

%%% ---- differences of terms ----------------------------------------------------------------------

difference(Expected, Value) ->
    A = printed(Expected),
    B = printed(Value),
    [case Line of
         {same, Text} -> ["    ", Text, $\n];
         {gone, Text} -> [paint(red, ["  - ", Text]), $\n];
         {new, Text} -> [paint(green, ["  + ", Text]), $\n]
     end || Line <- shortened(compared(A, B))] ++
        [case {A, B} of
             {Same, Same} -> ["  (they print alike and differ: ", io_lib:format("~tw and ~tw", [Expected, Value]), ")\n"];
             _ -> ["  - expected, + value\n"]
         end].

printed(Term) -> string:split(unicode:characters_to_list(io_lib:format("~*.*tp", [?WIDTH - 10, 1, Term])), "\n", all).

%% The longest common subsequence of lines; for very long values only what their ends do not share is compared.
compared(A, B) ->
    {Head, A1, B1} = common_prefix(A, B, []),
    {Tail, RevA2, RevB2} = common_prefix(lists:reverse(A1), lists:reverse(B1), []),
    A2 = lists:reverse(RevA2),
    B2 = lists:reverse(RevB2),
    Middle = case length(A2) * length(B2) > 250000 of
                 true -> [{gone, L} || L <- A2] ++ [{new, L} || L <- B2];
                 false -> aligned(A2, B2)
             end,
    [{same, L} || L <- Head] ++ Middle ++ [{same, L} || L <- lists:reverse(Tail)].

common_prefix([L | A], [L | B], Same) -> common_prefix(A, B, [L | Same]);
common_prefix(A, B, Same) -> {lists:reverse(Same), A, B}.

aligned(A, B) ->
    Rows = rows(lists:reverse(A), lists:reverse(B)),
    walk(A, B, Rows).

%% rows: for every suffix of A the lengths of the common subsequences with every suffix of B, longest suffixes first.
rows(RevA, RevB) ->
    Empty = [0 || _ <- [none | RevB]],
    lists:foldl(fun(Line, [Below | _] = Rows) -> [row(Line, RevB, lists:reverse(Below)) | Rows] end, [Empty], RevA).

row(Line, RevB, [Corner | BelowRev]) -> row(Line, RevB, Corner, BelowRev, [0]).

row(_, [], _, [], Done) -> Done;
row(Line, [L | RevB], Corner, [Below | Rest], [Right | _] = Done) ->
    Length = case L of
                 Line -> Corner + 1;
                 _ -> max(Below, Right)
             end,
    row(Line, RevB, Below, Rest, [Length | Done]).

walk([], B, _) -> [{new, L} || L <- B];
walk(A, [], _) -> [{gone, L} || L <- A];
walk([L | A], [L | B], [Row, Below | Rows]) when length(Row) > 0 -> [{same, L} | walk(A, B, [tl(Below) | [tl(R) || R <- Rows]])];
walk([L | A], [M | B] = AllB, [[_, Right | _], [Down | _] = Below | Rows] = All) ->
    case Down >= Right of
        true -> [{gone, L} | walk(A, AllB, [Below | Rows])];
        false -> [{new, M} | walk([L | A], B, [tl(R) || R <- All])]
    end.

%% Long runs of equal lines are cut.
shortened(Lines) -> shortened(Lines, []).

shortened([], Done) -> lists:reverse(Done);
shortened([{same, _} | _] = Lines, Done) ->
    {Same, Rest} = lists:splitwith(fun({Kind, _}) -> Kind =:= same end, Lines),
    case length(Same) > 8 of
        true ->
            Cut = [{same, io_lib:format("... ~w equal lines ...", [length(Same) - 4])}],
            shortened(Rest, lists:reverse(lists:sublist(Same, 2) ++ Cut ++ lists:nthtail(length(Same) - 2, Same), Done));
        false -> shortened(Rest, lists:reverse(Same, Done))
    end;
shortened([Line | Rest], Done) -> shortened(Rest, [Line | Done]).

%%% ---- the end -----------------------------------------------------------------------------------

-doc "Prints the summary and writes the JUnit file; whether all passed.".
-spec summary([map()], non_neg_integer(), map()) -> boolean().
summary(Results, Time, Options) ->
    Tests = lists:append([T || #{tests := T} <- Results]),
    Failed = length([T || #{status := {failed, _}} = T <- Tests]),
    Skipped = length([T || #{status := {skipped, _}} = T <- Tests]),
    Passed = length(Tests) - Failed - Skipped,
    Text = [plural(Passed, "test"), " passed", case Failed of 0 -> ""; _ -> io_lib:format(", ~w failed", [Failed]) end,
            case Skipped of 0 -> ""; _ -> io_lib:format(", ~w skipped", [Skipped]) end,
            " in ", plural(length([R || #{tests := [_ | _]} = R <- Results]), "module"), ", ", seconds(Time)],
    say("\n~ts\n", [paint(case Failed of 0 -> green; _ -> red end, Text)]),
    case Options of
        #{junit := File} -> junit(File, Results);
        #{} -> ok
    end,
    Failed =:= 0.

plural(1, Word) -> ["1 ", Word];
plural(N, Word) -> [integer_to_list(N), $\s, Word, $s].

seconds(Milliseconds) -> io_lib:format("~.2f s", [Milliseconds / 1000]).

say(Format, Arguments) -> io:format(Format, Arguments).

%% Colours only where a person looks.
paint(Colour, Text) ->
    case io:columns() of
        {ok, _} ->
            case os:getenv("NO_COLOR") of
                false -> [case Colour of red -> "\e[31m"; green -> "\e[32m" end, Text, "\e[0m"];
                _ -> Text
            end;
        _ -> Text
    end.

indented(Text, Margin) ->
    Lines = string:split(string:trim(unicode:characters_to_list(Text), trailing, "\n"), "\n", all),
    [[Margin, L, $\n] || L <- Lines].

junit(File, Results) ->
    Text = ["<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n", [junit_suite(R) || R <- Results], "</testsuites>\n"],
    case file:write_file(File, unicode:characters_to_binary(Text)) of
        ok -> ok;
        {error, Reason} -> io:put_chars(standard_error, io_lib:format("gerl test: ~ts: ~ts\n", [File, file:format_error(Reason)]))
    end.

junit_suite(#{unit := Unit, tests := Tests, time := Time}) ->
    Count = fun(Kind) -> integer_to_list(length([T || #{status := {K, _}} = T <- Tests, K =:= Kind])) end,
    Name = name(Unit),
    ["  <testsuite name=\"", escaped(Name), "\" tests=\"", integer_to_list(length(Tests)), "\" failures=\"", Count(failed),
     "\" errors=\"0\" skipped=\"", Count(skipped), "\" time=\"", io_lib:format("~.3f", [Time / 1000]), "\">\n",
     [["    <testcase classname=\"", escaped(Name), "\" name=\"", escaped(full_name(T)), "\" time=\"",
       io_lib:format("~.3f", [maps:get(time, T) / 1000]), "\">\n", junit_status(maps:get(status, T)),
       "      <system-out>", escaped(maps:get(output, T)), "</system-out>\n    </testcase>\n"] || T <- Tests],
     "  </testsuite>\n"].

junit_status(ok) -> "";
junit_status({failed, What}) ->
    Text = unicode:characters_to_list(failure(What)),
    ["      <failure message=\"", escaped(hd(string:split(Text, "\n"))), "\">", escaped(Text), "</failure>\n"];
junit_status({skipped, Reason}) -> ["      <skipped message=\"", escaped(reason(Reason)), "\"/>\n"].

escaped(Text) ->
    lists:map(fun($<) -> "&lt;";
                 ($>) -> "&gt;";
                 ($&) -> "&amp;";
                 ($") -> "&quot;";
                 (C) when C < 32, C =/= $\n, C =/= $\t -> " ";
                 (C) -> C
              end, unicode:characters_to_list(Text)).

%%% ---- coverage ----------------------------------------------------------------------------------

-doc "Prints the coverage of each module and writes the sources with their counts to cover/index.html.".
-spec coverage([list()], map()) -> ok.
coverage(Parts, #{files := Files}) ->
    Merged = lists:foldl(fun({Module, Lines}, Acc) ->
                                 maps:update_with(Module, fun(Old) -> added(Old, Lines) end, maps:from_list(Lines), Acc)
                         end, #{}, lists:append(Parts)),
    Rows = [{Module, lists:sort([{Line, N} || {{_, Line}, N} <- maps:to_list(Counts)])} || {Module, Counts} <- lists:sort(maps:to_list(Merged))],
    say("\nCoverage\n", []),
    lists:foreach(fun({Module, Lines}) -> say("  ~-40ts ~4w %  ~w of ~w lines\n", [Module, percent(Lines), hit(Lines), length(Lines)]) end, Rows),
    All = lists:append([L || {_, L} <- Rows]),
    say("  ~-40ts ~4w %  ~w of ~w lines\n", ["total", percent(All), hit(All), length(All)]),
    Page = ["<!DOCTYPE html><html><head><meta charset=\"utf-8\"><title>Coverage</title><style>"
            "body{font-family:sans-serif}pre{margin:0}.hit{background:#dfd}.miss{background:#fdd}.n{color:#888}</style></head><body>"
            "<h1>Coverage: ", integer_to_list(percent(All)), " %</h1>\n",
            [source(Module, Lines, maps:get(Module, Files, undefined)) || {Module, Lines} <- Rows], "</body></html>\n"],
    File = filename:join("cover", "index.html"),
    case filelib:ensure_dir(File) of
        ok -> ok = file:write_file(File, unicode:characters_to_binary(Page));
        {error, Reason} -> io:put_chars(standard_error, io_lib:format("gerl test: ~ts: ~ts\n", [File, file:format_error(Reason)]))
    end.

added(Old, Lines) -> lists:foldl(fun({Key, N}, Acc) -> maps:update_with(Key, fun(M) -> M + N end, N, Acc) end, Old, Lines).

hit(Lines) -> length([N || {_, N} <- Lines, N > 0]).

percent([]) -> 100;
percent(Lines) -> hit(Lines) * 100 div length(Lines).

source(Module, Lines, File) ->
    Counts = maps:from_list(Lines),
    Text = case File =/= undefined andalso file:read_file(File) of
               {ok, Binary} -> string:split(unicode:characters_to_list(Binary), "\n", all);
               _ -> []
           end,
    ["<h2>", escaped(atom_to_list(Module)), ": ", integer_to_list(percent(Lines)), " %</h2>\n",
     [["<pre", case Counts of #{N := 0} -> " class=\"miss\""; #{N := _} -> " class=\"hit\""; #{} -> "" end, "><span class=\"n\">",
       io_lib:format("~6ts ~5w", [case Counts of #{N := Count} -> integer_to_list(Count); #{} -> "" end, N]), "</span> ", escaped(L), "</pre>\n"]
      || {N, L} <- lists:enumerate(Text)]].
