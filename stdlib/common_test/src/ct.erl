-module(ct).
-moduledoc """
Common Test: what test suites call, and running suites.

`run_test/1` runs suites and reports on the terminal; logs go to a folder `ct_run.*` with an HTML page. The command `gerl test` runs a
project's suites together with its EUnit tests.
""".

-export([run_test/1, run/1, run/2, run/3]).
-export([pal/1, pal/2, pal/3, pal/4, pal/5, log/1, log/2, log/3, log/4, log/5, print/1, print/2, print/3, print/4, print/5]).
-export([fail/1, fail/2, comment/1, comment/2, sleep/1, timetrap/1, get_timetrap_info/0]).
-export([capture_start/0, capture_stop/0, capture_get/0, capture_get/1]).
-export([get_config/1, get_config/2, get_config/3, require/1, require/2, reload_config/1, add_config/2, remove_config/2]).
-export([get_testspec_terms/0, testcases/2, userdata/2, userdata/3, make_priv_dir/0, abort_current_testcase/1, notify/2]).
-export([set_verbosity/1, get_verbosity/1, get_progname/0, listenv/1, parse_table/1]).

-define(CONFIG, gerl_ct_config).

%%% ---- running -----------------------------------------------------------------------------------

-doc """
Runs suites. Options: `{suite, S}` (modules or files), `{dir, D}`, `{testcase, C}`, `{group, G}`, `{logdir, D}`, `{config, Files}`,
`{multiply_timetraps, N}`, `{repeat, N}`, `{auto_compile, Bool}`, `{include, Dirs}`. The result is `{Ok, Failed, {UserSkipped, AutoSkipped}}`.
""".
-spec run_test([term()] | tuple()) -> {non_neg_integer(), non_neg_integer(), {non_neg_integer(), non_neg_integer()}} | {error, term()}.
run_test(Option) when is_tuple(Option) -> run_test([Option]);
run_test(Options) -> gerl_ct_run:run_test(Options).

-doc "Runs all suites of directories.".
-spec run(file:name() | [file:name()]) -> term().
run(Dirs) -> run_test([{dir, Dirs}]).

-doc "Runs a suite of a directory.".
-spec run(file:name(), module()) -> term().
run(Dir, Suite) -> run_test([{dir, Dir}, {suite, Suite}]).

-doc "Runs test cases of a suite of a directory.".
-spec run(file:name(), module(), atom() | [atom()]) -> term().
run(Dir, Suite, Cases) -> run_test([{dir, Dir}, {suite, Suite}, {testcase, Cases}]).

%%% ---- output ------------------------------------------------------------------------------------
%% pal: log and terminal; log: log only; print: terminal only.

-doc "Prints to the log and the terminal.".
-spec pal(io:format()) -> ok.
pal(Format) -> pal(Format, []).

-doc "Prints to the log and the terminal. The first argument may be a category or an importance.".
-spec pal(term(), term()) -> ok.
pal(A, B) -> both(arguments([A, B])).

-doc "Prints to the log and the terminal.".
-spec pal(term(), term(), term()) -> ok.
pal(A, B, C) -> both(arguments([A, B, C])).

-doc "Prints to the log and the terminal.".
-spec pal(term(), term(), term(), term()) -> ok.
pal(A, B, C, D) -> both(arguments([A, B, C, D])).

-doc "Prints to the log and the terminal.".
-spec pal(term(), term(), term(), term(), list()) -> ok.
pal(A, B, C, D, E) -> both(arguments([A, B, C, D, E])).

-doc "Prints to the log.".
-spec log(io:format()) -> ok.
log(Format) -> log(Format, []).

-doc "Prints to the log. The first argument may be a category or an importance.".
-spec log(term(), term()) -> ok.
log(A, B) -> to_log(arguments([A, B])).

-doc "Prints to the log.".
-spec log(term(), term(), term()) -> ok.
log(A, B, C) -> to_log(arguments([A, B, C])).

-doc "Prints to the log.".
-spec log(term(), term(), term(), term()) -> ok.
log(A, B, C, D) -> to_log(arguments([A, B, C, D])).

-doc "Prints to the log.".
-spec log(term(), term(), term(), term(), list()) -> ok.
log(A, B, C, D, E) -> to_log(arguments([A, B, C, D, E])).

-doc "Prints to the terminal.".
-spec print(io:format()) -> ok.
print(Format) -> print(Format, []).

-doc "Prints to the terminal. The first argument may be a category or an importance.".
-spec print(term(), term()) -> ok.
print(A, B) -> to_terminal(arguments([A, B])).

-doc "Prints to the terminal.".
-spec print(term(), term(), term()) -> ok.
print(A, B, C) -> to_terminal(arguments([A, B, C])).

-doc "Prints to the terminal.".
-spec print(term(), term(), term(), term()) -> ok.
print(A, B, C, D) -> to_terminal(arguments([A, B, C, D])).

-doc "Prints to the terminal.".
-spec print(term(), term(), term(), term(), list()) -> ok.
print(A, B, C, D, E) -> to_terminal(arguments([A, B, C, D, E])).

%% [Category] [Importance] Format [Arguments] [Options], as in all the forms above.
arguments([Category | Rest]) when is_atom(Category) -> {_, F, A} = arguments(Rest), {Category, F, A};
arguments([Importance | Rest]) when is_integer(Importance) -> arguments(Rest);
arguments([Format]) -> {default, Format, []};
arguments([Format, Arguments | _Options]) -> {default, Format, Arguments}.

text({_, Format, Arguments}) ->
    try io_lib:format(Format, Arguments)
    catch error:_ -> io_lib:format("bad format ~tp with ~tp", [Format, Arguments])
    end.

to_log(What) -> io:put_chars([text(What), $\n]).

to_terminal(What) ->
    Text = text(What),
    case gerl_ct_case:ask_keeper(limit) of
        undefined -> io:put_chars(user, [Text, $\n]);
        _ -> gerl_ct_case:to_keeper({terminal, unicode:characters_to_binary([Text, $\n])})
    end.

both(What) ->
    to_log(What),
    to_terminal(What).

%%% ---- the running test case ---------------------------------------------------------------------

-doc "Ends the test case as failed.".
-spec fail(term()) -> no_return().
fail(Reason) -> exit({test_case_failed, Reason}).

-doc "Ends the test case as failed, with a formatted reason.".
-spec fail(io:format(), list()) -> no_return().
fail(Format, Arguments) ->
    Text = try lists:flatten(io_lib:format(Format, Arguments))
           catch error:_ -> exit({fail, {bad_format, Format, Arguments}})
           end,
    exit({test_case_failed, Text}).

-doc "A comment that stands beside the test case in the report.".
-spec comment(term()) -> ok.
comment(Text) when is_list(Text); is_binary(Text) -> gerl_ct_case:to_keeper({comment, Text});
comment(Term) -> gerl_ct_case:to_keeper({comment, io_lib:format("~tp", [Term])}).

-doc "A formatted comment.".
-spec comment(io:format(), list()) -> ok.
comment(Format, Arguments) -> comment(io_lib:format(Format, Arguments)).

-doc "Waits: `{seconds, N}` and so on, or milliseconds.".
-spec sleep(term()) -> ok.
sleep(Time) -> test_server:sleep(Time).

-doc "Sets the time limit of the running test case anew.".
-spec timetrap(term()) -> ok.
timetrap(Time) -> test_server:timetrap(Time).

-doc "The time limit of the running test case: `{Milliseconds, {ScalingOn, Factor}}`.".
-spec get_timetrap_info() -> {timeout() | undefined, {boolean(), pos_integer()}}.
get_timetrap_info() -> {gerl_ct_case:ask_keeper(limit), {true, 1}}.

-doc "Starts to keep what the test case prints.".
-spec capture_start() -> ok.
capture_start() -> test_server:capture_start().

-doc "Stops keeping it.".
-spec capture_stop() -> ok.
capture_stop() -> test_server:capture_stop().

-doc "What was kept, without what `ct` itself printed.".
-spec capture_get() -> [string()].
capture_get() -> test_server:capture_get().

-doc "What was kept; the argument is there for compatibility.".
-spec capture_get([term()]) -> [string()].
capture_get(_Excluded) -> test_server:capture_get().

-doc "Where the test case may write: it exists already.".
-spec make_priv_dir() -> ok.
make_priv_dir() -> ok.

-doc "Ends the running test case.".
-spec abort_current_testcase(term()) -> no_return().
abort_current_testcase(Reason) -> exit({testcase_aborted, Reason}).

-doc "Events are not handed on: there are no event handlers.".
-spec notify(atom(), term()) -> ok.
notify(_Name, _Data) -> ok.

%%% ---- configuration -----------------------------------------------------------------------------

-doc "The value of a key of the configuration files.".
-spec get_config(term()) -> term().
get_config(Key) -> get_config(Key, undefined).

-doc "The value of a key, or Default.".
-spec get_config(term(), term()) -> term().
get_config(Key, Default) -> get_config(Key, Default, []).

-doc "The value of a key, or Default; with the option `all` the values of all entries.".
-spec get_config(term(), term(), [element | all]) -> term().
get_config(Path, Default, Options) ->
    Entries = application:get_env(common_test, ?CONFIG, []),
    Values = case is_tuple(Path) of
                 true -> below(tuple_to_list(Path), Entries);
                 false -> below([Path], Entries)
             end,
    case {Values, lists:member(all, Options)} of
        {[], _} -> Default;
        {_, true} -> Values;
        {[First | _], false} -> First
    end.

below([Key], Entries) -> [V || {K, V} <- Entries, K =:= Key];
below([Key | Rest], Entries) -> lists:append([below(Rest, V) || {K, V} <- Entries, K =:= Key, is_list(V)]);
below([], _) -> [].

-doc "Whether the configuration has a key: `ok` or an error.".
-spec require(term()) -> ok | {error, term()}.
require(Key) ->
    case get_config(Key) of
        undefined -> {error, {not_available, Key}};
        _ -> ok
    end.

-doc "Whether the configuration has a key that is to have another name.".
-spec require(atom(), term()) -> ok | {error, term()}.
require(Name, Key) ->
    case get_config(Key) of
        undefined -> {error, {not_available, Key}};
        Value ->
            application:set_env(common_test, ?CONFIG, [{Name, Value} | application:get_env(common_test, ?CONFIG, [])])
    end.

-doc "The value of a key, read again.".
-spec reload_config(term()) -> term().
reload_config(Key) -> get_config(Key).

-doc "Adds a file of terms to the configuration.".
-spec add_config(module(), string()) -> ok | {error, term()}.
add_config(_Callback, File) ->
    case file:consult(File) of
        {ok, Terms} ->
            application:set_env(common_test, ?CONFIG, application:get_env(common_test, ?CONFIG, []) ++ lists:flatten(Terms));
        {error, Reason} -> {error, {File, Reason}}
    end.

-doc "Takes the entries of a file of terms out of the configuration.".
-spec remove_config(module(), string()) -> ok | {error, term()}.
remove_config(_Callback, File) ->
    case file:consult(File) of
        {ok, Terms} ->
            application:set_env(common_test, ?CONFIG, application:get_env(common_test, ?CONFIG, []) -- lists:flatten(Terms));
        {error, Reason} -> {error, {File, Reason}}
    end.

-doc "The terms of a test specification: there is none.".
-spec get_testspec_terms() -> undefined.
get_testspec_terms() -> undefined.

-doc "The names of the test cases of a suite.".
-spec testcases(file:name(), module()) -> [atom()] | {error, term()}.
testcases(_Dir, Suite) ->
    case gerl_ct:describe(Suite) of
        Tests when is_list(Tests) -> lists:usort(names(Tests));
        Error -> Error
    end.

names(Tests) ->
    lists:flatmap(fun({tc, Name, _}) -> [Name];
                     ({group, _, _, Inner}) -> names(Inner)
                  end, Tests).

-doc "The userdata entries of a suite's `suite/0`.".
-spec userdata(file:name(), module()) -> list().
userdata(_Dir, Suite) -> [Data || {userdata, Data} <- Suite:suite()].

-doc "The userdata entries of a test case.".
-spec userdata(file:name(), module(), atom()) -> list().
userdata(_Dir, Suite, Case) -> [Data || {userdata, Data} <- Suite:Case()].

-doc "Importance counts for nothing: everything is logged.".
-spec set_verbosity(term()) -> ok.
set_verbosity(_) -> ok.

-doc "The level of what is logged.".
-spec get_verbosity(atom()) -> 100.
get_verbosity(_) -> 100.

-doc "The command that starts another node.".
-spec get_progname() -> string().
get_progname() ->
    case init:get_argument(progname) of
        {ok, [[Name]]} -> Name;
        _ -> "gerl"
    end.

-doc "The environment variables of a telnet connection: not supported.".
-spec listenv(term()) -> no_return().
listenv(_) -> error(not_supported).

-doc "A table of text as rows: the first line has the names of the columns.".
-spec parse_table([string()]) -> {tuple(), [tuple()]}.
parse_table([Head | Lines]) ->
    Row = fun(Line) -> list_to_tuple([string:trim(Cell) || Cell <- string:split(string:trim(Line, both, "| "), "|", all)]) end,
    {Row(Head), [Row(L) || L <- Lines]}.
