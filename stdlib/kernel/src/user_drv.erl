-module(user_drv).
-moduledoc """
The driver of a terminal: its jobs, each a shell with an I/O server of its own, and the menu of Ctrl-G that switches between them. Reads from
the terminal are done for the current job only; those of the others wait.
""".

-export([start/0, start_shell/1, start_shell/0, whereis_group/0]).

%% A shell of this node, or of another.
-type shell() :: {module(), atom(), [term()]} | {node(), module(), start, [term()]}.
-record(job, {number :: pos_integer(), group :: pid(), shell :: shell(), started = false :: boolean()}).
-record(state, {jobs = [] :: [#job{}],
                next = 1 :: pos_integer(),
                current = none :: none | pid(),
                reader :: pid(),
                busy = none :: none | {pid(), term()},     % for whom is being read, and what was asked for
                wanted = #{} :: #{pid() => term()},
                interrupted = [] :: [pid()]}).

-doc "Starts the driver, without a job.".
-spec start() -> pid().
start() ->
    {module, user} = code:ensure_loaded(user),
    Parent = self(),
    Pid = spawn(fun() ->
                        process_flag(trap_exit, true),
                        register(?MODULE, self()),
                        %% two supervisors of kernel's, with their own, are above OTP's driver: crash reports of the shell's processes name them
                        put('$ancestors', [Parent, Parent, kernel_sup, whereis(init)]),
                        Self = self(),
                        Parent ! {Self, started},
                        _ = spawn_link(fun() -> watch(Self) end),
                        loop(#state{reader = spawn_link(user, reader, [Self])})
                end),
    receive {Pid, started} -> Pid end.

watch(Driver) ->
    case gerl_io:attention() of
        true ->
            Driver ! switch,
            watch(Driver);
        false -> ok
    end.

-doc "Starts the usual shell.".
-spec start_shell() -> ok | {error, term()}.
start_shell() -> start_shell({shell, start, [init]}).

-doc "Starts a shell as the first job, unless there is one already.".
-spec start_shell(shell()) -> ok | {error, term()}.
start_shell(Shell) -> call({start_shell, Shell}).

-doc "The I/O server of the current job.".
-spec whereis_group() -> pid() | undefined.
whereis_group() -> call(current).

call(Request) ->
    case whereis(?MODULE) of
        undefined when Request =:= current -> undefined;
        undefined -> {error, no_terminal};
        Driver ->
            Ref = monitor(process, Driver),
            Driver ! {call, {self(), Ref}, Request},
            receive
                {Ref, Reply} -> demonitor(Ref, [flush]), Reply;
                {'DOWN', Ref, _, _, Reason} -> {error, Reason}
            end
    end.

%%% ---- the driver ----------------------------------------------------------------------------------

loop(#state{reader = Reader} = S) ->
    receive
        {read, Group, Prompt, Mode, Initial} ->
            Wanted = S#state.wanted,
            loop(pump(S#state{wanted = Wanted#{Group => {Prompt, Mode, Initial}}}));
        {Reader, {error, switched}} ->
            loop(menu("", set_aside(S)));
        {Reader, Result} ->
            {Group, _} = S#state.busy,
            Group ! {self(), Result},
            loop(pump(S#state{busy = none}));
        switch when S#state.busy =:= none ->
            loop(menu("\n", S));
        {call, {From, Ref}, Request} ->
            {Reply, S1} = answer(Request, S),
            From ! {Ref, Reply},
            loop(S1);
        {'EXIT', Reader, Reason} ->
            exit(Reason);
        {'EXIT', Pid, Reason} ->
            loop(ended(Pid, Reason, S));
        _ ->
            loop(S)
    end.

answer(current, S) -> {case S#state.current of none -> undefined; Group -> Group end, S};
answer({start_shell, Shell}, #state{jobs = []} = S) -> {ok, connect(new_job(Shell, S))};
answer({start_shell, _}, S) -> {{error, already_started}, S}.

%% A read that was broken off is begun anew later.
set_aside(#state{busy = {Group, {Prompt, Mode, Initial}}, wanted = Wanted} = S) ->
    Again = case Initial of
                {resume, _, _} -> <<>>;
                {fresh, Text, _} -> Text;
                _ -> Initial
            end,
    S#state{busy = none, wanted = Wanted#{Group => {Prompt, Mode, Again}}}.

pump(#state{busy = none, current = Current, wanted = Wanted} = S) ->
    case [G || G <- [Current, whereis(user)], is_map_key(G, Wanted)] of
        [Group | _] ->
            {{Prompt, Mode, Initial} = Asked, Rest} = maps:take(Group, Wanted),
            S#state.reader ! {read, self(), Prompt, Mode, Initial},
            S#state{busy = {Group, Asked}, wanted = Rest};
        [] -> S
    end;
pump(S) -> S.

new_job(Shell, #state{jobs = Jobs, next = N} = S) ->
    Group = user:start_group(self()),
    S#state{jobs = Jobs ++ [#job{number = N, group = Group, shell = Shell}], next = N + 1, current = Group}.

%% The current job goes on: what it waits for is read now. A new one starts its shell.
connect(#state{current = Group, interrupted = Interrupted, jobs = Jobs} = S) ->
    case lists:keyfind(Group, #job.group, Jobs) of
        #job{started = false, shell = Shell} = Job ->
            Group ! {start_shell, Shell},
            S#state{jobs = lists:keyreplace(Group, #job.group, Jobs, Job#job{started = true})};
        #job{} -> go_on(Group, Interrupted, S)
    end.

go_on(Group, Interrupted, S) ->
    case lists:member(Group, Interrupted) of
        true ->
            Group ! interrupt,
            S#state{interrupted = lists:delete(Group, Interrupted), wanted = maps:remove(Group, S#state.wanted)};
        false -> pump(S)
    end.

ended(Group, Reason, #state{jobs = Jobs, current = Current, busy = Busy} = S) ->
    Left = S#state{jobs = lists:keydelete(Group, #job.group, Jobs), wanted = maps:remove(Group, S#state.wanted)},
    case {lists:keymember(Group, #job.group, Jobs), Busy} of
        {true, _} when Group =:= Current ->
            write(["*** ", case Reason of normal -> ""; _ -> "ERROR: " end, "Shell process terminated! (^G to start new job) ***\n"]),
            Left#state{current = none};
        _ -> Left
    end.

write(Text) ->
    _ = gerl_io:write(1, unicode:characters_to_binary(Text)),
    ok.

%%% ---- the menu --------------------------------------------------------------------------------------

menu(Before, S) ->
    write([Before, "User switch command (enter 'h' for help)\n"]),
    choose(S).

choose(#state{reader = Reader} = S) ->
    Reader ! {read, self(), <<" --> ">>, command, <<>>},
    case next(Reader) of
        {ok, Line} ->
            write("\n"),
            carry_out(string:lexemes(unicode:characters_to_list(Line), " \n"), S);
        eof -> S;
        _ -> choose(S)
    end.

next(Reader) ->
    receive
        {Reader, Result} -> Result;
        {'EXIT', Reader, Reason} -> exit(Reason)
    end.

carry_out([], S) -> choose(S);
carry_out([[$c | _] = Word | Args], S) when Word =:= "c" ->
    case job(Args, S) of
        {ok, #job{group = Group}} -> connect(S#state{current = Group});
        error -> refuse("Unknown job", S)
    end;
carry_out(["i" | Args], S) ->
    case job(Args, S) of
        {ok, #job{number = N, group = Group}} ->
            write(io_lib:format("Interrupted job ~w, enter 'c' to resume.~n", [N])),
            case is_map_key(Group, S#state.wanted) of
                true -> choose(S#state{interrupted = [Group | S#state.interrupted]});
                false ->
                    Group ! interrupt,
                    choose(S)
            end;
        error -> refuse("Unknown job", S)
    end;
carry_out(["k" | Args], S) ->
    case job(Args, S) of
        {ok, #job{group = Group}} ->
            unlink(Group),
            exit(Group, kill),
            Current = case S#state.current of Group -> none; Other -> Other end,
            choose(S#state{jobs = lists:keydelete(Group, #job.group, S#state.jobs), current = Current,
                           wanted = maps:remove(Group, S#state.wanted)});
        error -> refuse("Unknown job", S)
    end;
carry_out(["j" | _], #state{jobs = Jobs, current = Current} = S) ->
    [write(io_lib:format("~4w~ts ~0tp~n", [N, case Group of Current -> "*"; _ -> " " end, Shell]))
     || #job{number = N, group = Group, shell = Shell} <- Jobs],
    choose(S);
carry_out(["s"], S) -> choose(new_job({shell, start, []}, S));
carry_out(["s", Module | _], S) -> choose(new_job({list_to_atom(Module), start, []}, S));
carry_out(["r" | Args], S) ->
    case is_alive() of
        true -> remote(scanned(Args), S);
        false -> refuse("Node is not alive", S)
    end;
carry_out(["q"], S) ->
    halt(0),
    S;
carry_out([Word | _], S) when Word =:= "h"; Word =:= "?" ->
    write("  c [nn]            - connect to job\n"
          "  i [nn]            - interrupt job\n"
          "  k [nn]            - kill job\n"
          "  j                 - list all jobs\n"
          "  s [shell]         - start local shell\n"
          "  r [node [shell]]  - start remote shell\n"
          "  q                 - quit erlang\n"
          "  ? | h             - this message\n"),
    choose(S);
carry_out(_, S) -> refuse("Unknown command", S).

scanned(Words) ->
    case erl_scan:string(lists:append(lists:join(" ", Words))) of
        {ok, Tokens, _} -> [case T of {atom, _, Name} -> Name; _ -> none end || T <- Tokens];
        _ -> [none]
    end.

%% Without a name a node of the pool, or this one if there is no pool.
remote([], S) ->
    remote([case whereis(pool_master) of undefined -> node(); _ -> pool:get_node() end], S);
remote([Node], S) -> remote([Node, shell], S);
remote([Node, Shell], S) when Node =/= none, Shell =/= none ->
    case net_kernel:connect_node(Node) of
        true -> choose(new_job({Node, Shell, start, []}, S));
        _ -> refuse(["Could not connect to node ", atom_to_binary(Node)], S)
    end;
remote(_, S) -> refuse("Unknown command", S).

refuse(Text, S) ->
    write([Text, $\n]),
    choose(S).

job([], #state{current = Current, jobs = Jobs}) -> found(lists:keyfind(Current, #job.group, Jobs));
job([Number | _], #state{jobs = Jobs}) ->
    case string:to_integer(Number) of
        {N, ""} -> found(lists:keyfind(N, #job.number, Jobs));
        _ -> error
    end.

found(#job{} = Job) -> {ok, Job};
found(false) -> error.
