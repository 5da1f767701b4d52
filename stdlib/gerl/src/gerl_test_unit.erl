-module(gerl_test_unit).
-moduledoc """
Runs the tests of one module for `gerl test`, in a runtime system of its own. Internal.

A result is `#{unit, tests, time, output, cover}`; a test is `#{group, name, status, time, output, comment}` with `status` one of `ok`,
`{failed, What}`, `{skipped, Reason}`. `What` is `{exception, Class, Reason, Trace}` or `{reason, Term}`.
""".

-export([in_child/4, child/0, broken/2]).

%% eunit_listener
-export([start/1, init/1, handle_begin/3, handle_end/3, handle_cancel/3, terminate/2]).

-behaviour(eunit_listener).

-doc """
Starts a runtime system for some modules' tests, one after the other, and tells their results. The last of them may be missing: those are to
run in another one, but for one that ended it.
""".
-spec in_child([{integer(), tuple()}], map(), map(), fun((integer(), map()) -> term())) -> ok.
in_child(Units, #{out := Out, path := Path} = Project, Options, Tell) ->
    Stem = filename:join(Out, "unit" ++ integer_to_list(erlang:unique_integer([positive]))),
    Order = Stem ++ ".job",
    Mark = <<"\n", (base64:encode(rand:bytes(18)))/binary, "\n">>,
    ok = file:write_file(Order, term_to_binary({Units, maps:without([units], Project), Options, Stem, Mark})),
    {ok, [[Program | _] | _]} = init:get_argument(gerl_program),
    Paths = lists:append([["-pa", D] || D <- [Out | Path]]),
    Port = open_port({spawn_executable, Program},
                     [{args, ["-noshell", "-noinput"] ++ Paths ++ ["-run", "gerl_test_unit", "child", "-extra", Order]},
                      exit_status, binary, stderr_to_stdout, hide]),
    results(Port, Units, Stem, Mark, <<>>, erlang:monotonic_time(millisecond), Tell).

%% The mark separates the output of one module from that of the next; a part of it says that the others need another runtime system.
results(Port, Units, Stem, Mark, Output, Start, Tell) ->
    case {binary:split(Output, Mark), Units} of
        {[Text, Rest], [{N, _} | Others]} ->
            {ok, Answer} = file:read_file(answer(Stem, N)),
            Now = erlang:monotonic_time(millisecond),
            Tell(N, (binary_to_term(Answer))#{output => Text, time => Now - Start}),
            results(Port, Others, Stem, Mark, Rest, Now, Tell);
        _ ->
            receive
                {Port, {data, Data}} -> results(Port, Units, Stem, Mark, <<Output/binary, Data/binary>>, Start, Tell);
                {Port, {exit_status, _}} when Units =:= [] -> ok;
                {Port, {exit_status, 0}} when binary_part(Mark, 1, 12) =:= Output -> ok;
                {Port, {exit_status, Status}} ->
                    [{N, Unit} | _] = Units,
                    Time = erlang:monotonic_time(millisecond) - Start,
                    Tell(N, (broken(Unit, {runtime_system_ended, Status}))#{output => Output, time => Time}),
                    ok
            end
    end.

answer(Stem, N) -> Stem ++ "." ++ integer_to_list(N) ++ ".result".

-doc "The result of a module whose runtime system ended before its tests.".
-spec broken(tuple(), term()) -> map().
broken(Unit, Reason) ->
    #{unit => Unit, time => 0, output => <<>>,
      tests => [#{group => [], name => "the runtime system", status => {failed, {reason, Reason}}, time => 0, output => <<>>, comment => ""}]}.

-doc "What the child does: reads its order, runs the tests of the modules, writes the results, ends.".
-spec child() -> no_return().
child() ->
    [Order] = init:get_plain_arguments(),
    {ok, Binary} = file:read_file(Order),
    {Units, Project, Options, Stem, Mark} = binary_to_term(Binary),
    measure(maps:get(cover, Project, []), Project),
    units(Units, Project, Options, Stem, Mark).

units([], _, _, _, _) -> halt(0);
units([{N, Unit} | Units], Project, Options, Stem, Mark) ->
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
    ok = file:write_file(answer(Stem, N), term_to_binary(Result)),
    io:put_chars(user, Mark),
    %% counts of executed lines belong to one module's tests
    case Measured =:= [] andalso element(1, Unit) =:= eunit andalso surroundings() =:= Before of
        true -> units(Units, Project, Options, Stem, Mark);
        false ->
            io:put_chars(user, binary_part(Mark, 1, 12)),
            halt(0)
    end.

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

run({suite, Suite, File}, #{out := Out}, Options) ->
    Self = self(),
    Private = filename:join(Out, atom_to_list(Suite) ++ ".priv") ++ "/",
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
