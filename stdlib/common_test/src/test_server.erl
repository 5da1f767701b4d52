-module(test_server).
-moduledoc "What test suites use besides `ct`: values of the configuration, time limits, small helpers.".

-export([lookup_config/2, timetrap/1, timetrap_cancel/0, timetrap_cancel/1, timetrap_scale_factor/0]).
-export([seconds/1, minutes/1, hours/1, milliseconds/1]).
-export([fail/0, fail/1, format/1, format/2, format/3, comment/1, sleep/1, adjusted_sleep/1]).
-export([timecall/3, do_times/2, do_times/4, m_out_of_n/3, m_out_of_n/5, call_crash/3, call_crash/4, call_crash/5]).
-export([capture_start/0, capture_stop/0, capture_get/0, messages_get/0, os_type/0, is_native/1, is_debug/0, is_cover/0, temp_name/1]).
-export([peer_name/2, start_peer/3, start_peer/5]).

-doc "The value of a key, `undefined` if there is none.".
-spec lookup_config(term(), [{term(), term()}]) -> term().
lookup_config(Name, Config) -> proplists:get_value(Name, Config).

-doc "Sets the time limit of the running test case anew.".
-spec timetrap(term()) -> ok.
timetrap(Time) -> gerl_ct_case:to_keeper({limit, milliseconds(Time)}).

-doc "Takes the time limit away.".
-spec timetrap_cancel() -> ok.
timetrap_cancel() -> gerl_ct_case:to_keeper({limit, infinity}).

-doc "Takes the time limit away.".
-spec timetrap_cancel(term()) -> ok.
timetrap_cancel(_) -> timetrap_cancel().

-doc "The factor by which time limits are scaled for slow systems.".
-spec timetrap_scale_factor() -> 1.
timetrap_scale_factor() -> 1.

-doc "A time as milliseconds: `{hours, N}`, `{minutes, N}`, `{seconds, N}`, a number of milliseconds, a fun or `{M, F, A}` that gives one.".
-spec milliseconds(term()) -> pos_integer() | infinity.
milliseconds(infinity) -> infinity;
milliseconds({hours, N}) -> hours(N);
milliseconds({minutes, N}) -> minutes(N);
milliseconds({seconds, N}) -> seconds(N);
milliseconds(N) when is_number(N) -> round(N);
milliseconds(Fun) when is_function(Fun, 0) -> milliseconds(Fun());
milliseconds({M, F, A}) -> milliseconds(apply(M, F, A)).

-doc "Seconds as milliseconds.".
-spec seconds(number()) -> integer().
seconds(N) -> round(N * 1000).

-doc "Minutes as milliseconds.".
-spec minutes(number()) -> integer().
minutes(N) -> round(N * 60000).

-doc "Hours as milliseconds.".
-spec hours(number()) -> integer().
hours(N) -> round(N * 3600000).

-doc "Ends the test case as failed.".
-spec fail() -> no_return().
fail() -> exit(suite_failed).

-doc "Ends the test case as failed, with a reason.".
-spec fail(term()) -> no_return().
fail(Reason) -> exit({suite_failed, Reason}).

-doc "Writes to the log.".
-spec format(io:format()) -> ok.
format(Format) -> format(Format, []).

-doc "Writes to the log.".
-spec format(io:format() | non_neg_integer(), list()) -> ok.
format(Detail, Format) when is_integer(Detail) -> io:format(Format);
format(Format, Arguments) -> io:format(Format, Arguments).

-doc "Writes to the log; the detail level counts for nothing.".
-spec format(non_neg_integer(), io:format(), list()) -> ok.
format(_, Format, Arguments) -> io:format(Format, Arguments).

-doc "A comment for the report.".
-spec comment(unicode:chardata()) -> ok.
comment(Text) -> gerl_ct_case:to_keeper({comment, Text}).

-doc "Waits.".
-spec sleep(term()) -> ok.
sleep(infinity) -> timer:sleep(infinity);
sleep(Time) -> timer:sleep(milliseconds(Time)).

-doc "Waits.".
-spec adjusted_sleep(term()) -> ok.
adjusted_sleep(Time) -> sleep(Time).

-doc "Calls a function: the seconds it took and its value.".
-spec timecall(module(), atom(), list()) -> {float(), term()}.
timecall(M, F, A) ->
    {Time, Value} = timer:tc(M, F, A),
    {Time / 1000000, Value}.

-doc "Calls a fun N times.".
-spec do_times(non_neg_integer(), fun(() -> term())) -> ok.
do_times(N, Fun) -> lists:foreach(fun(_) -> Fun() end, lists:seq(1, N)).

-doc "Calls a function N times.".
-spec do_times(non_neg_integer(), module(), atom(), list()) -> ok.
do_times(N, M, F, A) -> do_times(N, fun() -> apply(M, F, A) end).

-doc "Calls a fun up to N times until it has succeeded M times.".
-spec m_out_of_n(non_neg_integer(), non_neg_integer(), fun(() -> term())) -> ok.
m_out_of_n(0, _, _) -> ok;
m_out_of_n(M, N, _) when M > N -> exit(m_out_of_n_failed);
m_out_of_n(M, N, Fun) ->
    case catch Fun() of
        {'EXIT', _} -> m_out_of_n(M, N - 1, Fun);
        _ -> m_out_of_n(M - 1, N - 1, Fun)
    end.

-doc "Calls a function up to N times until it has succeeded M times.".
-spec m_out_of_n(non_neg_integer(), non_neg_integer(), module(), atom(), list()) -> ok.
m_out_of_n(M, N, Module, F, A) -> m_out_of_n(M, N, fun() -> apply(Module, F, A) end).

-doc "Calls a function that must exit.".
-spec call_crash(module(), atom(), list()) -> ok | no_return().
call_crash(M, F, A) -> call_crash(infinity, any, M, F, A).

-doc "Calls a function that must exit with a reason.".
-spec call_crash(term(), module(), atom(), list()) -> ok | no_return().
call_crash(Crash, M, F, A) -> call_crash(infinity, Crash, M, F, A).

-doc "Calls a function that must exit with a reason within a time.".
-spec call_crash(timeout(), term(), module(), atom(), list()) -> ok | no_return().
call_crash(Time, Crash, M, F, A) ->
    {Pid, Monitor} = spawn_monitor(fun() ->
                                           Value = apply(M, F, A),
                                           exit({test_server_returned, Value})
                                   end),
    receive
        {'DOWN', Monitor, process, Pid, {test_server_returned, Value}} -> exit({call_crash_returned, Value});
        {'DOWN', Monitor, process, Pid, Reason} ->
            case Crash =:= any orelse Crash =:= Reason orelse is_tuple(Reason) andalso element(1, Reason) =:= Crash of
                true -> ok;
                false -> exit({wrong_crash_reason, Reason})
            end
    after Time ->
            exit(Pid, kill),
            exit(call_crash_timeout)
    end.

-doc "Starts to keep what the test case prints.".
-spec capture_start() -> ok.
capture_start() ->
    _ = gerl_ct_case:ask_keeper(capture_start),
    ok.

-doc "Stops keeping it.".
-spec capture_stop() -> ok.
capture_stop() ->
    _ = gerl_ct_case:ask_keeper(capture_stop),
    ok.

-doc "What was kept; it is forgotten with that.".
-spec capture_get() -> [string()].
capture_get() ->
    case gerl_ct_case:ask_keeper(capture_get) of
        undefined -> [];
        Texts -> Texts
    end.

-doc "All messages in the mailbox; they are taken out.".
-spec messages_get() -> [term()].
messages_get() ->
    receive M -> [M | messages_get()] after 0 -> [] end.

-doc "Like `os:type/0`.".
-spec os_type() -> {atom(), atom()}.
os_type() -> os:type().

-doc "Whether a module is native code: none is.".
-spec is_native(module()) -> false.
is_native(_) -> false.

-doc "Whether this is a runtime system for debugging.".
-spec is_debug() -> boolean().
is_debug() -> false.

-doc "Whether code coverage is measured.".
-spec is_cover() -> boolean().
is_cover() -> whereis(cover_server) =/= undefined.

-doc "A file name that does not exist, beginning with Stem.".
-spec temp_name(string()) -> string().
temp_name(Stem) ->
    Name = Stem ++ integer_to_list(erlang:unique_integer([positive])),
    case filelib:is_file(Name) of
        true -> temp_name(Stem);
        false -> Name
    end.

-doc "A name for a node that a test case starts: no other node of this machine has it.".
-spec peer_name(atom() | string(), atom() | string()) -> string().
peer_name(Module, TestCase) -> peer:random_name(lists:concat([Module, "-", TestCase])).

-doc """
Starts a node for a test case, linked to it: the macro `?CT_PEER`. `Options` are those of `m:peer`, or a list of arguments. The node has the cookie of this one and finds
the code of `Module`. A node without a name takes one first, as the nodes of `ct_run` have one.
""".
-spec start_peer([string()] | peer:start_options(), module(), atom() | string()) -> {ok, pid()} | {ok, pid(), node()} | {error, term()}.
start_peer(Args, Module, TestCase) when is_list(Args) -> start_peer(#{args => Args}, Module, TestCase);
start_peer(Options, Module, TestCase) ->
    Code = case code:which(Module) of
               File when is_list(File) -> ["-pa", filename:dirname(File)];
               _ -> []
           end,
    Given = maps:get(args, Options, []),
    ok = distributed(),
    Cookie = ["-setcookie", atom_to_list(erlang:get_cookie())],
    peer:start_link(maps:merge(#{name => peer_name(Module, TestCase)}, Options#{args => Cookie ++ Code ++ Given})).

distributed() ->
    case is_alive() orelse net_kernel:start(list_to_atom(peer:random_name(ct)), #{name_domain => shortnames}) of
        {error, _} = Error -> Error;
        _ -> ok
    end.

-doc "The same with another release: there is none in one binary, so the answer is always `not_available`, on which suites skip the test.".
-spec start_peer([string()] | peer:start_options(), module(), atom() | string(), string(), file:filename_all()) -> not_available.
start_peer(_, _, _, _, _) -> not_available.
