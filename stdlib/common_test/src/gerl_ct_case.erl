-module(gerl_ct_case).
-moduledoc """
Runs one function of a suite in a process of its own. Internal.

The process that calls `run/3` is its keeper: it is the group leader of the test's processes and so has all that they print, ends the
test when its time limit has passed, and takes the messages of `ct` (comments, other limits, output for the terminal).
""".

-export([run/3, to_keeper/1, ask_keeper/1]).

-export_type([outcome/0, options/0]).

-type outcome() :: {value, term()} | {crashed, error | exit | throw, term(), list()} | {timetrap, pos_integer(), list()}.
-type options() :: #{limit := pos_integer() | infinity, terminal := fun((iodata()) -> term()), _ => _}.

-record(k, {worker, monitor, limit, timer, terminal, log = [], comment = "", captured = off, location = []}).

-doc "Runs a fun; what came of it, what it printed, the comment it made.".
-spec run(fun(() -> term()), options(), term()) -> {outcome(), Log :: iodata(), Comment :: unicode:chardata()}.
run(Fun, #{limit := Limit, terminal := Terminal} = Options, Where) ->
    Self = self(),
    Ref = make_ref(),
    %% The keeper is not the caller: a suite's own messages must not get in its way.
    {Keeper, Monitor} = spawn_monitor(fun() -> Self ! {Ref, keep(Fun, Limit, Terminal, Options, Where)} end),
    receive
        {Ref, Result} ->
            erlang:demonitor(Monitor, [flush]),
            Result;
        {'DOWN', Monitor, process, Keeper, Reason} -> {{crashed, exit, Reason, []}, [], ""}
    end.

keep(Fun, Limit, Terminal, Options, Where) ->
    Keeper = self(),
    put(gerl_ct_keeper, true),
    {Worker, Monitor} =
        spawn_monitor(fun() ->
                              group_leader(Keeper, self()),
                              put(gerl_ct_where, Where),
                              exit({gerl_ct_result, try {value, Fun()}
                                                    catch Class:Reason:Trace -> {crashed, Class, Reason, Trace}
                                                    end})
                      end),
    loop(limited(Limit, #k{worker = Worker, monitor = Monitor, terminal = Terminal, location = maps:get(info, Options, [])})).

limited(infinity, K) -> K#k{limit = infinity, timer = none};
limited(Limit, K) -> K#k{limit = Limit, timer = erlang:start_timer(Limit, self(), timetrap)}.

loop(#k{worker = Worker, monitor = Monitor, timer = Timer} = K) ->
    receive
        {'DOWN', Monitor, process, _, Reason} ->
            Outcome = case Reason of
                          {gerl_ct_result, Result} -> Result;
                          _ -> {crashed, exit, Reason, []}
                      end,
            finished(Outcome, K);
        {timeout, Timer, timetrap} ->
            Trace = case process_info(Worker, current_stacktrace) of
                        {current_stacktrace, Frames} -> Frames;
                        undefined -> []
                    end,
            exit(Worker, kill),
            receive {'DOWN', Monitor, process, _, _} -> ok end,
            finished({timetrap, K#k.limit, Trace}, K);
        {io_request, From, ReplyAs, Request} ->
            {Reply, Text} = gerl_captured_io:request(Request),
            From ! {io_reply, ReplyAs, Reply},
            loop(K#k{log = [K#k.log | Text],
                     captured = case K#k.captured of off -> off; Old -> [Text | Old] end});
        {gerl_ct, Message} -> loop(told(Message, K));
        {gerl_ct, From, Ref, Question} ->
            {Answer, Next} = asked(Question, K),
            From ! {Ref, Answer},
            loop(Next);
        _ -> loop(K)
    end.

%% What other processes of the test still print right after it has ended belongs to it.
finished(Outcome, #k{log = Log, comment = Comment}) ->
    receive
        {io_request, From, ReplyAs, Request} ->
            {Reply, Text} = gerl_captured_io:request(Request),
            From ! {io_reply, ReplyAs, Reply},
            finished(Outcome, #k{log = [Log | Text], comment = Comment})
    after 0 -> {Outcome, Log, Comment}
    end.

told({comment, Text}, K) -> K#k{comment = Text};
told({terminal, Text}, #k{terminal = Terminal} = K) ->
    Terminal(Text),
    K;
told({limit, Limit}, #k{timer = Timer} = K) ->
    _ = Timer =:= none orelse erlang:cancel_timer(Timer),
    limited(Limit, K).

asked(capture_start, K) -> {ok, K#k{captured = []}};
asked(capture_stop, K) -> {ok, K#k{captured = case K#k.captured of off -> off; C -> C end}};
asked(capture_get, #k{captured = off} = K) -> {[], K};
asked(capture_get, #k{captured = Captured} = K) ->
    {[unicode:characters_to_list(T) || T <- lists:reverse(Captured), T =/= []], K#k{captured = []}};
asked(limit, #k{limit = Limit} = K) -> {Limit, K}.

-doc "Tells the keeper of the calling process something.".
-spec to_keeper(term()) -> ok.
to_keeper(Message) ->
    group_leader() ! {gerl_ct, Message},
    ok.

-doc "Asks the keeper of the calling process; `undefined` outside of tests.".
-spec ask_keeper(term()) -> term().
ask_keeper(Question) ->
    Keeper = group_leader(),
    case process_info(Keeper, dictionary) of
        {dictionary, Entries} ->
            case proplists:get_bool(gerl_ct_keeper, Entries) of
                true ->
                    Ref = erlang:monitor(process, Keeper),
                    Keeper ! {gerl_ct, self(), Ref, Question},
                    receive
                        {Ref, Answer} ->
                            erlang:demonitor(Ref, [flush]),
                            Answer;
                        {'DOWN', Ref, process, _, _} -> undefined
                    end;
                false -> undefined
            end;
        undefined -> undefined
    end.
