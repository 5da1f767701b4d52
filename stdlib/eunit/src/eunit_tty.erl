-module(eunit_tty).
-moduledoc "The listener that reports on the terminal: what failed, or with the option `verbose` everything.".

-behaviour(eunit_listener).

-export([start/0, start/1, init/1, handle_begin/3, handle_end/3, handle_cancel/3, terminate/2]).

-record(tty, {verbose, depth, indent = 0}).

-doc "Starts the listener without options.".
-spec start() -> pid().
start() -> start([]).

-doc "Starts the listener: `verbose`, `{print_depth, N}`.".
-spec start([term()]) -> pid().
start(Options) -> eunit_listener:start(?MODULE, Options).

-doc false.
-spec init([term()]) -> #tty{}.
init(Options) ->
    Verbose = proplists:get_bool(verbose, Options),
    receive {start, _} -> ok end,
    say("~ts", [case Verbose of true -> "======================== EUnit ========================\n"; false -> "" end]),
    #tty{verbose = Verbose, depth = proplists:get_value(print_depth, Options, 20)}.

-doc false.
-spec handle_begin(test | group, [{atom(), term()}], #tty{}) -> #tty{}.
handle_begin(_, _, #tty{verbose = false} = S) -> S;
handle_begin(group, Data, S) ->
    case value(desc, Data) of
        undefined -> S;
        <<>> -> S;
        Title ->
            say("~*s~ts\n", [S#tty.indent * 2, "", Title]),
            S#tty{indent = S#tty.indent + 1}
    end;
handle_begin(test, Data, S) ->
    start_of_test(Data, S),
    S.

-doc false.
-spec handle_end(test | group, [{atom(), term()}], #tty{}) -> #tty{}.
handle_end(group, Data, #tty{verbose = true} = S) ->
    case titled(Data) of
        true ->
            say("~*s[done in ~.3f s]\n", [S#tty.indent * 2, "", value(time, Data) / 1000]),
            S#tty{indent = S#tty.indent - 1};
        false -> S
    end;
handle_end(group, _, S) -> S;
handle_end(test, Data, #tty{verbose = Verbose, depth = Depth} = S) ->
    Status = value(status, Data),
    Verbose orelse Status =:= ok orelse start_of_test(Data, S),
    case Status of
        ok when Verbose -> say("~tsok\n", [spent(value(time, Data))]);
        ok -> ok;
        {error, Exception} ->
            say("*failed*\n~ts~ts\n\n", [eunit_lib:format_exception(Exception, Depth), output(Data)]);
        {skipped, Problem} -> say("*did not run*\n::~ts\n", [eunit_lib:format_skip(Problem)])
    end,
    S.

-doc false.
-spec handle_cancel(test | group, [{atom(), term()}], #tty{}) -> #tty{}.
handle_cancel(test, Data, #tty{verbose = Verbose, depth = Depth} = S) ->
    Verbose orelse start_of_test(Data, S),
    say("~ts", [eunit_lib:format_cancel(value(reason, Data), Depth)]),
    S;
handle_cancel(group, Data, S) ->
    cancelled_group(value(reason, Data), Data, S),
    S#tty{indent = max(0, S#tty.indent - 1)}.

cancelled_group(undefined, _, _) -> ok;
cancelled_group(Reason, Data, #tty{verbose = Verbose, indent = Indent, depth = Depth}) ->
    Margin = case Verbose of true -> Indent * 2; false -> 0 end,
    case {Verbose andalso titled(Data), value(desc, Data)} of
        {true, _} -> ok;
        {false, undefined} -> say("~*sundefined\n", [Margin, ""]);
        {false, Title} -> say("~*s~ts\n", [Margin, "", Title])
    end,
    case eunit_lib:format_cancel(Reason, Depth) of
        "" -> ok;
        Text -> say("~*s~ts", [Margin, "", Text])
    end.

-doc false.
-spec terminate({ok, [{atom(), non_neg_integer()}]} | {error, term()}, #tty{}) -> ok.
terminate({ok, Counts}, #tty{verbose = Verbose}) ->
    #{pass := Pass, fail := Fail, skip := Skip, cancel := Cancel} = maps:from_list(Counts),
    Bad = Fail + Skip + Cancel > 0,
    say("~ts", [case Verbose orelse Bad of
                    true when Bad; Pass > 0 -> "=======================================================\n";
                    _ -> ""
                end]),
    if
        Bad ->
            say("  Failed: ~w.  Skipped: ~w.  Passed: ~w.\n", [Fail, Skip, Pass]),
            say("~ts", [case Cancel of 0 -> ""; _ -> "One or more tests were cancelled.\n" end]);
        Pass =:= 0 -> say("  There were no tests to run.\n", []);
        Pass =:= 1 -> say("  Test passed.\n", []);
        Pass =:= 2 -> say("  2 tests passed.\n", []);
        true -> say("  All ~w tests passed.\n", [Pass])
    end;
terminate({error, Reason}, #tty{depth = Depth}) ->
    say("Internal error: ~tP.\n", [Reason, Depth]).

value(Key, Data) -> proplists:get_value(Key, Data).

titled(Data) ->
    case value(desc, Data) of
        undefined -> false;
        Title -> Title =/= <<>>
    end.

start_of_test(Data, #tty{verbose = Verbose, indent = Indent}) ->
    {Module, Name, _} = value(source, Data),
    Line = case value(line, Data) of 0 -> ""; N -> [integer_to_list(N), $:] end,
    Title = case titled(Data) of true -> [" (", value(desc, Data), $)]; false -> "" end,
    say("~*s~ts:~ts ~ts~ts...", [case Verbose of true -> Indent * 2; false -> 0 end, "", atom_to_list(Module), Line,
                                 atom_to_list(Name), Title]).

spent(0) -> "";
spent(Milliseconds) -> io_lib:format("[~.3f s] ", [Milliseconds / 1000]).

output(Data) ->
    ["  output:<<\"", value(output, Data), "\">>"].

say(Format, Arguments) -> io:put_chars(user, io_lib:format(Format, Arguments)).
