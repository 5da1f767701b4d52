-module(gerl_test_unit).
-moduledoc """
Runs the tests of one module for `gerl test`, in a runtime system of its own. Internal.

A result is `#{unit, tests, time, output, cover}`; a test is `#{group, name, status, time, output, comment}` with `status` one of `ok`,
`{failed, What}`, `{skipped, Reason}`. `What` is `{exception, Class, Reason, Trace}` or `{reason, Term}`.
""".

-export([order/4, in_child/2, child/0, claimed/2, broken/2]).

%% eunit_listener
-export([start/1, init/1, handle_begin/3, handle_end/3, handle_cancel/3, terminate/2]).

-behaviour(eunit_listener).

-doc """
Writes down what there is to do, for all runtime systems that work on it. Each of them takes the next module that nobody has taken until
none is left, or until one has left something behind.
""".
-spec order([{integer(), tuple()}], map(), map(), file:name()) -> map().
order(Units, Project, Options, Run) ->
    Mark = <<"\n", (base64:encode(rand:bytes(18)))/binary>>,
    File = filename:join(Run, "order"),
    ok = file:write_file(File, term_to_binary({Units, maps:without([units], Project), Options, Run, Mark})),
    #{file => File, run => Run, mark => Mark, units => maps:from_list(Units), project => Project}.

-doc """
Starts a runtime system and tells what it does: `{begun, N}`, and `{done, N, Result}` for each module. The reason that is told last is
`ok`, or `{status, Status}` if it ended without having begun anything.
""".
-spec in_child(map(), fun((term()) -> term())) -> ok | {status, integer()}.
in_child(#{file := File, project := #{out := Out, path := Path}} = Order, Tell) ->
    {ok, [[Program | _] | _]} = init:get_argument(gerl_program),
    Paths = lists:append([["-pa", D] || D <- [Out | Path]]),
    Port = open_port({spawn_executable, Program},
                     [{args, ["-noshell", "-noinput"] ++ Paths ++ ["-run", "gerl_test_unit", "child", "-extra", File]},
                      exit_status, binary, stderr_to_stdout, hide]),
    output(<<>>, <<>>, new, Port, Order, Tell).

%% Marks in the output tell where a module's tests begin and end. The state is `new`, `idle` between two modules, or {Number, Start}.
output(Input, Before, State, Port, #{mark := Mark, units := Units} = Order, Tell) ->
    case binary:split(Input, Mark) of
        [Text, <<Sign, Digits:6/binary, Rest/binary>>] ->
            N = binary_to_integer(Digits),
            Output = <<Before/binary, Text/binary>>,
            Now = erlang:monotonic_time(millisecond),
            case {Sign, State} of
                {$+, _} ->
                    Tell({begun, N}),
                    output(Rest, Output, {N, Now}, Port, Order, Tell);
                {$-, {N, Start}} ->
                    {ok, Answer} = file:read_file(answer(Order, N)),
                    Tell({done, N, (binary_to_term(Answer))#{output => Output, time => Now - Start}}),
                    output(Rest, <<>>, idle, Port, Order, Tell)
            end;
        _ ->
            receive
                {Port, {data, Data}} -> output(<<Input/binary, Data/binary>>, Before, State, Port, Order, Tell);
                {Port, {exit_status, Status}} ->
                    case State of
                        {N, Start} ->
                            Time = erlang:monotonic_time(millisecond) - Start,
                            Broken = broken(map_get(N, Units), {runtime_system_ended, Status}),
                            Tell({done, N, Broken#{output => <<Before/binary, Input/binary>>, time => Time}}),
                            ok;
                        new when Status =/= 0 -> {status, Status};
                        _ -> ok
                    end
            end
    end.

answer(#{run := Run}, N) -> filename:join(Run, integer_to_list(N) ++ ".result").

-doc "Takes a module's tests if nobody has taken them yet.".
-spec claimed(file:name(), integer()) -> boolean().
claimed(Run, N) ->
    case file:open(filename:join(Run, integer_to_list(N) ++ ".taken"), [write, exclusive, raw]) of
        {ok, File} ->
            ok = file:close(File),
            true;
        {error, _} -> false
    end.

-doc "The result of a module whose runtime system ended before its tests.".
-spec broken(tuple(), term()) -> map().
broken(Unit, Reason) ->
    #{unit => Unit, time => 0, output => <<>>,
      tests => [#{group => [], name => "the runtime system", status => {failed, {reason, Reason}}, time => 0, output => <<>>, comment => ""}]}.

-doc "What the child does: reads its order, takes modules and runs their tests, writes the results, ends.".
-spec child() -> no_return().
child() ->
    [File] = init:get_plain_arguments(),
    {ok, Binary} = file:read_file(File),
    {Units, Project, Options, Run, Mark} = binary_to_term(Binary),
    measure(maps:get(cover, Project, []), Project),
    units(Units, Project, Options, Run, Mark).

units([], _, _, _, _) -> halt(0);
units([{N, Unit} | Units], Project, Options, Run, Mark) ->
    case claimed(Run, N) of
        true ->
            io:put_chars(user, [Mark, marked($+, N)]),
            Clean = tested(N, Unit, Project, Options, Run),
            io:put_chars(user, [Mark, marked($-, N)]),
            case Clean of
                true -> units(Units, Project, Options, Run, Mark);
                false -> halt(0)
            end;
        false -> units(Units, Project, Options, Run, Mark)
    end.

marked(Sign, N) -> io_lib:format("~c~6..0w", [Sign, N]).

%% Whether another module's tests may run here afterwards.
tested(N, Unit, Project, Options, Run) ->
    case Options of
        #{seed := Seed} -> rand:seed(exsss, Seed);
        #{} -> ok
    end,
    Before = surroundings(),
    Tests = run(Unit, Project, Options),
    Measured = maps:get(cover, Project, []),
    Result = case Measured of
                 [] -> #{unit => Unit, tests => Tests};
                 _ -> #{unit => Unit, tests => Tests, cover => covered(Measured)}
             end,
    ok = file:write_file(answer(#{run => Run}, N), term_to_binary(Result)),
    %% counts of executed lines belong to one module's tests
    Measured =:= [] andalso element(1, Unit) =:= eunit andalso surroundings() =:= Before.

%% What the tests of another module could notice. Processes that are ending get a moment.
surroundings() -> surroundings(20).

surroundings(Tries) ->
    Processes = length(erlang:processes()),
    Before = get(processes_before),
    case Before =/= undefined andalso Processes > Before andalso Tries > 0 of
        true ->
            timer:sleep(1),
            surroundings(Tries - 1);
        false ->
            put(processes_before, Processes),
            {Processes, lists:sort(registered()), lists:sort(ets:all()), [A || {A, _, _} <- application:which_applications()],
             [application:get_all_env(A) || {A, _, _} <- application:loaded_applications()],
             persistent_term:info(), lists:sort(os:getenv()), file:get_cwd(), logger:get_primary_config(), logger:get_handler_ids(),
             lists:sort([M || {M, File} <- code:all_loaded(), not is_list(File)]), code:get_path()}
    end.

measure([], _) -> ok;
measure(Modules, #{out := Out}) ->
    lists:foreach(fun(M) -> _ = cover:compile_beam(filename:join(Out, atom_to_list(M))) end, Modules).

covered(Modules) ->
    [{M, Lines} || M <- Modules, {ok, Lines} <- [cover:analyse(M, calls, line)]].

run({suite, Suite, File}, #{run := Run}, Options) ->
    Self = self(),
    Private = filename:join(Run, atom_to_list(Suite) ++ ".priv") ++ "/",
    ok = filelib:ensure_path(Private),
    {module, Suite} = code:ensure_loaded(Suite),
    Settings = #{data_dir => gerl_ct_run:data_dir({Suite, filename:dirname(File)}), priv_dir => Private,
                 terminal => fun(Text) -> io:put_chars(user, Text) end},
    Chosen = case Options of
                 #{filter := RE} -> Settings#{cases => [C || C <- ct:testcases("", Suite),
                                                             re:run(io_lib:format("~ts:~ts", [Suite, C]), RE, [unicode]) =/= nomatch]};
                 #{} -> Settings
             end,
    Seeded = case Options of #{seed := Seed} -> Chosen#{seed => Seed}; #{} -> Chosen end,
    gerl_ct:suite(Suite, Seeded, fun(Event) -> Self ! {ct_event, Event} end),
    suite_results([]);
run({eunit, _, Tests}, _, Options) ->
    Self = self(),
    Ref = make_ref(),
    _ = eunit:test([T || {_, T} <- Tests], [no_tty, {report, {?MODULE, [{to, Self, Ref}]}} | [{verbose, true} || maps:get(verbose, Options, false)]]),
    receive {Ref, Results} -> Results end.

suite_results(Results) ->
    receive
        {ct_event, {case_end, _, Path, Case, Result, Time, Log, Comment}} ->
            Status = case Result of
                         ok -> ok;
                         {failed, Reason} -> {failed, {reason, Reason}};
                         {_, Reason} -> {skipped, Reason}
                     end,
            suite_results([#{group => [io_lib:format("~tw", [P]) || P <- Path], name => lists:flatten(io_lib:format("~tw", [Case])),
                             status => Status, time => Time, output => iolist_to_binary(Log),
                             comment => unicode:characters_to_binary(Comment)} | Results]);
        {ct_event, _} -> suite_results(Results)
    after 0 -> lists:reverse(Results)
    end.

%%% ---- EUnit's events ----------------------------------------------------------------------------

-doc false.
-spec start([term()]) -> pid().
start(Options) -> eunit_listener:start(?MODULE, Options).

-doc false.
-spec init([term()]) -> term().
init([{to, Pid, Ref}]) -> {Pid, Ref, []}.

-doc false.
-spec handle_begin(test | group, list(), term()) -> term().
handle_begin(_, _, State) -> State.

-doc false.
-spec handle_end(test | group, list(), term()) -> term().
handle_end(group, _, State) -> State;
handle_end(test, Data, {Pid, Ref, Tests}) ->
    Status = case proplists:get_value(status, Data) of
                 ok -> ok;
                 {error, {Class, Reason, Trace}} -> {failed, {exception, Class, Reason, Trace}};
                 {skipped, Problem} -> {failed, {text, unicode:characters_to_binary(eunit_lib:format_skip(Problem))}}
             end,
    {Pid, Ref, [test(Data, Status) | Tests]}.

-doc false.
-spec handle_cancel(test | group, list(), term()) -> term().
handle_cancel(Kind, Data, {Pid, Ref, Tests} = State) ->
    case {Kind, proplists:get_value(reason, Data), Tests} of
        {test, undefined, _} -> {Pid, Ref, [test(Data, cancelled) | Tests]};
        {_, undefined, _} -> State;
        {_, {blame, _}, _} -> State;
        %% the group tells why the test in it was cancelled
        {group, Reason, [#{status := cancelled} = Last | Others]} -> {Pid, Ref, [Last#{status := because(Reason)} | Others]};
        {_, Reason, _} -> {Pid, Ref, [test(Data, because(Reason)) | Tests]}
    end.

because(Reason) -> {failed, {text, unicode:characters_to_binary(eunit_lib:format_cancel(Reason, 30))}}.

-doc false.
-spec terminate(term(), term()) -> term().
terminate(_, {Pid, Ref, Tests}) -> Pid ! {Ref, lists:reverse(Tests)}.

test(Data, Status) ->
    #{group => [], name => name(Data), status => Status, time => proplists:get_value(time, Data, 0),
      output => iolist_to_binary(proplists:get_value(output, Data, [])), comment => <<>>}.

name(Data) ->
    Title = case proplists:get_value(desc, Data) of undefined -> ""; <<>> -> ""; Text -> [" \"", Text, "\""] end,
    case proplists:get_value(source, Data) of
        undefined -> unicode:characters_to_list(["a fixture or generator", Title]);
        {_, Function, _} ->
            Line = case proplists:get_value(line, Data, 0) of 0 -> ""; N -> io_lib:format(" (line ~w)", [N]) end,
            unicode:characters_to_list([plain(atom_to_list(Function)), Title, Line])
    end.

%% A fun is named after the function that it stands in: '-f_test_/0-fun-0-'.
plain("-" ++ Rest) -> hd(string:split(Rest, "/"));
plain(Name) -> Name.
