-module(eunit_lib).
-moduledoc "What EUnit's macros and listeners share: exceptions and problems as text, commands of the operating system, debugging output.".

-export([command/1, debug/3, debug_time/4]).
-export([format_exception/1, format_trace/2, format_exception/2, format_cancel/2, format_skip/1, own_frames/1]).

-define(DEPTH, 20).

%%% ---- for the macros ----------------------------------------------------------------------------

-doc "Runs a command of the operating system: its exit status and what it wrote.".
-spec command(string()) -> {non_neg_integer(), string()}.
command(Command) ->
    Port = open_port({spawn, Command}, [stream, exit_status, eof, in, stderr_to_stdout]),
    collected(Port, [], undefined, false).

collected(_, Output, Status, true) when Status =/= undefined ->
    {Status, unicode:characters_to_list(list_to_binary(lists:reverse(Output)))};
collected(Port, Output, Status, Ended) ->
    receive
        {Port, {data, Data}} -> collected(Port, [Data | Output], Status, Ended);
        {Port, {exit_status, N}} -> collected(Port, Output, N, Ended);
        {Port, eof} ->
            catch port_close(Port),
            collected(Port, Output, Status, true)
    end.

-doc "Writes a line to the terminal, with the place it comes from.".
-spec debug(string(), non_neg_integer(), unicode:chardata()) -> ok.
debug(File, Line, Text) ->
    io:put_chars(user, io_lib:format("~ts:~w:~w: ~ts\n", [File, Line, self(), Text])).

-doc "Evaluates a fun and writes how long it took.".
-spec debug_time(string(), non_neg_integer(), unicode:chardata(), fun(() -> T)) -> T.
debug_time(File, Line, Text, Fun) ->
    Start = erlang:monotonic_time(microsecond),
    Value = Fun(),
    debug(File, Line, io_lib:format("~ts: ~.3f s", [Text, (erlang:monotonic_time(microsecond) - Start) / 1000000])),
    Value.

%%% ---- text --------------------------------------------------------------------------------------

-doc "A stack trace without EUnit's own functions.".
-spec own_frames([tuple()]) -> [tuple()].
own_frames(Trace) ->
    [Frame || Frame <- Trace, not is_ours(Frame)].

is_ours(Frame) -> lists:member(element(1, Frame), [eunit, eunit_proc, eunit_run, eunit_tree, eunit_lib]).

-doc "An exception as text.".
-spec format_exception(tuple()) -> unicode:chardata().
format_exception(Exception) -> format_exception(Exception, ?DEPTH).

-doc "An exception as text, terms to a depth.".
-spec format_exception(tuple(), pos_integer()) -> unicode:chardata().
format_exception({Class, Reason, Trace}, Depth) when is_atom(Class), is_list(Trace) ->
    [frames(Trace), "**", atom_to_list(Class), ":", io_lib:format("~tP", [Reason, Depth]), $\n];
format_exception(Other, Depth) -> io_lib:format("~tP\n", [Other, Depth]).

-doc "A stack trace as text, a line for every call.".
-spec format_trace([tuple()], pos_integer()) -> unicode:chardata().
format_trace(Trace, _) -> frames(Trace).

frames(Trace) ->
    [[case N of 1 -> "in function "; _ -> "in call from " end, frame(Frame)] ||
        {N, Frame} <- lists:enumerate(Trace)].

frame({Module, Name, Arguments, Where}) when is_list(Arguments) ->
    [io_lib:format("~w:~tw/~w~ts\n", [Module, Name, length(Arguments), place(Where)]),
     "  called as ", call(Module, Name, Arguments), $\n];
frame({Module, Name, Arity, Where}) -> io_lib:format("~w:~tw/~w~ts\n", [Module, Name, Arity, place(Where)]);
frame({Fun, Arguments, Where}) ->
    io_lib:format("~tw/~w~ts\n", [Fun, case is_list(Arguments) of true -> length(Arguments); false -> Arguments end, place(Where)]).

place(Where) ->
    case proplists:get_value(file, Where) of
        undefined -> "";
        File ->
            case proplists:get_value(line, Where, 0) of
                0 -> io_lib:format(" (~ts)", [File]);
                Line -> io_lib:format(" (~ts, line ~w)", [File, Line])
            end
    end.

call(erlang, Operator, [A, B]) ->
    case is_infix(Operator) of
        true -> [shown(A), io_lib:format(" ~ts ", [Operator]), shown(B)];
        false -> plain_call(Operator, [A, B])
    end;
call(erlang, Operator, [A]) when Operator =:= '-'; Operator =:= '+'; Operator =:= 'bnot'; Operator =:= 'not' ->
    [io_lib:format("~ts ", [Operator]), shown(A)];
call(_, Name, Arguments) -> plain_call(Name, Arguments).

plain_call(Name, Arguments) ->
    [io_lib:format("~tw(", [Name]), lists:join($,, [shown(A) || A <- Arguments]), $)].

%% Arguments have a depth of their own, whatever the results have.
shown(Argument) -> io_lib:format("~tP", [Argument, 15]).

is_infix(Operator) ->
    lists:member(Operator, ['+', '-', '*', '/', 'div', 'rem', 'band', 'bor', 'bxor', 'bsl', 'bsr', '++', '--', '!', 'and', 'or', 'xor',
                            '==', '/=', '=:=', '=/=', '<', '=<', '>', '>=']).

-doc "Why something was cancelled, as text.".
-spec format_cancel(term(), pos_integer()) -> unicode:chardata().
format_cancel(undefined, _) -> "*skipped*\n";
format_cancel({blame, _}, _) -> "";
format_cancel({timeout, #{stacktrace := Trace}}, Depth) -> ["*timed out*\n", frames(Trace)];
format_cancel({exit, Reason}, Depth) ->
    io_lib:format("*unexpected termination of test process*\n::~tP\n\n", [Reason, Depth]);
format_cancel({abort, Problem}, Depth) -> problem(Problem, Depth);
format_cancel(Other, Depth) -> io_lib:format("~tP\n", [Other, Depth]).

problem({generator_failed, {{M, F, A}, Exception}}, Depth) ->
    headed(io_lib:format("test generator ~w:~tw/~w failed", [M, F, A]), format_exception(Exception, Depth), "\n\n");
problem({setup_failed, Exception}, Depth) -> headed("context setup failed", format_exception(Exception, Depth), "\n\n");
problem({cleanup_failed, Exception}, Depth) -> headed("context cleanup failed", format_exception(Exception, Depth), "\n\n");
problem({instantiation_failed, Exception}, Depth) ->
    headed("instantiation of subtests failed", format_exception(Exception, Depth), "\n\n");
problem({bad_test, Term}, Depth) -> headed("bad test descriptor", io_lib:format("~tP", [Term, Depth]), "\n\n");
problem({module_not_found, Module}, _) -> headed("test module not found", io_lib:format("~tw", [Module]), "\n\n");
problem({no_such_function, {M, F, A}}, _) -> headed(io_lib:format("no such function: ~w:~tw/~w", [M, F, A]), "", "\n\n");
problem({application_not_found, Name}, _) -> headed("application not found", io_lib:format("~tw", [Name]), "\n\n");
problem({file_read_error, {_, Text, File}}, _) -> headed("error reading file", [Text, ": ", File], "\n\n").

headed(Title, Text, End) -> ["*** ", Title, " ***\n**", Text, End].

-doc "Why a test did not run, as text.".
-spec format_skip(term()) -> unicode:chardata().
format_skip({module_not_found, Module}) -> io_lib:format("missing module: ~tw", [Module]);
format_skip({no_such_function, {M, F, A}}) -> io_lib:format("no such function: ~w:~tw/~w", [M, F, A]).
