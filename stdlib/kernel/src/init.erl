-module(init).
-moduledoc "The first process of a node: starts the system's servers, carries out the command line, and stops the node in order.".

-export([boot/1, get_argument/1, get_arguments/0, get_plain_arguments/0, get_status/0,
         script_id/0, stop/0, stop/1, reboot/0, restart/0, restart/1, start_command/1]).

-record(state, {flags = [] :: [{atom(), [string()]}],
                plain = [] :: [string()],
                status = {starting, starting} :: {atom(), term()}}).

%%% ---- interface -------------------------------------------------------------------------------

-doc "The values given to a flag on the command line, one list for each time it was given.".
-spec get_argument(atom()) -> {ok, [[string()]]} | error.
get_argument(Flag) -> ask({get_argument, Flag}).

-doc "All flags of the command line with their values.".
-spec get_arguments() -> [{atom(), [string()]}].
get_arguments() -> ask(get_arguments).

-doc "What stood on the command line after -extra or --, or before any flag.".
-spec get_plain_arguments() -> [string()].
get_plain_arguments() -> ask(get_plain_arguments).

-doc "How far the start of the node has come.".
-spec get_status() -> {starting | started | stopping, term()}.
get_status() -> ask(get_status).

-doc "The identity of the start script.".
-spec script_id() -> {string(), string()}.
script_id() -> {"gerl", erlang:system_info(otp_release)}.

-doc "Stops the node in order, with exit status 0.".
-spec stop() -> ok.
stop() -> stop(0).

-doc "Stops the node in order, with the status given or, for a string, after writing it as a reason.".
-spec stop(non_neg_integer() | string()) -> ok.
stop(Status) when is_integer(Status), Status >= 0; is_list(Status) ->
    init ! {stop, Status},
    ok;
stop(Status) ->
    erlang:error(badarg, [Status]).

-doc "Stops the node; whoever started it may start it again.".
-spec reboot() -> ok.
reboot() -> stop().

-doc "Starting again within the same operating system process is not supported: raises.".
-spec restart() -> no_return().
restart() -> erlang:error({not_supported, restart}).

-doc "Starting again within the same operating system process is not supported: raises.".
-spec restart(list()) -> no_return().
restart(_Options) -> erlang:error({not_supported, restart}).

ask(Request) ->
    Ref = make_ref(),
    case whereis(init) of
        undefined -> erlang:error(badarg);
        Init ->
            Init ! {self(), Ref, Request},
            receive {Ref, Reply} -> Reply end
    end.

%%% ---- start -----------------------------------------------------------------------------------

-doc false.
boot(Args) ->
    register(init, self()),
    process_flag(trap_exit, true),
    {Flags, Plain} = parse([text(A) || A <- Args]),
    Controller = application_controller:start(),
    _ = logger_server:start(),
    _ = erl_signal_handler:start_server(),
    User = user:start(),
    [group_leader(User, Pid) || Pid <- [self(), Controller]],
    State = #state{flags = Flags, plain = Plain},
    Self = self(),
    Starter = spawn_link(fun() -> start_all(Self, Flags) end),
    loop(State, Starter).

text(A) when is_binary(A) -> unicode:characters_to_list(A);
text(A) -> A.

loop(State, Starter) ->
    receive
        {From, Ref, Request} when is_pid(From), is_reference(Ref) ->
            From ! {Ref, answer(Request, State)},
            loop(State, Starter);
        {Starter, started} ->
            loop(State#state{status = {started, started}}, Starter);
        {Starter, failed, Text, Reason} ->
            terminate_boot(Text, Reason);
        {stop, Status} ->
            shut_down(State),
            halt(Status);
        {'EXIT', Starter, normal} ->
            loop(State, Starter);
        {'EXIT', Starter, Reason} ->
            terminate_boot("", Reason);
        _ ->
            loop(State, Starter)
    end.

answer({get_argument, Flag}, #state{flags = Flags}) ->
    case [Values || {F, Values} <- Flags, F =:= Flag] of
        [] -> error;
        All -> {ok, All}
    end;
answer(get_arguments, #state{flags = Flags}) -> Flags;
answer(get_plain_arguments, #state{plain = Plain}) -> Plain;
answer(get_status, #state{status = Status}) -> Status;
answer(_, _) -> undefined.

terminate_boot(Text, Reason) ->
    Pretty = io_lib:format("~ts\r\nRuntime terminating during boot (~0tp)\r\n", [Text, Reason]),
    gerl_io:write(2, unicode:characters_to_binary(Pretty)),
    halt(1).

%% Applications first, so that they can stop in order; then whatever is left.
shut_down(_State) ->
    case whereis(application_controller) of
        undefined -> ok;
        Pid ->
            Ref = monitor(process, Pid),
            exit(Pid, shutdown),
            receive {'DOWN', Ref, _, _, _} -> ok after 5000 -> ok end
    end.

start_all(Init, Flags) ->
    try
        [start_flag(Flag) || Flag <- Flags],
        start_shell(Flags),
        Init ! {self(), started}
    catch
        throw:{failed, Text, Reason} -> Init ! {self(), failed, Text, Reason}
    end.

start_flag({gerl_run, [Module]}) ->
    gerl_run:main(list_to_atom(Module), get_plain_arguments());
start_flag({gerl_eval, []}) ->
    gerl_run:eval(get_plain_arguments());
start_flag({eval, Exprs}) -> [eval(Expr) || Expr <- Exprs];
start_flag({s, [Module | Rest]}) -> call(Module, [list_to_atom(A) || A <- Rest]);
start_flag({run, [Module, Function | Args]}) -> apply_flag(Module, list_to_atom(Function), [Args || Args =/= []]);
start_flag({run, [Module]}) -> apply_flag(Module, start, []);
start_flag(_) -> ok.

call(Module, []) -> apply_flag(Module, start, []);
call(Module, [Function]) -> apply_flag(Module, Function, []);
call(Module, [Function | Args]) -> apply_flag(Module, Function, [Args]).

apply_flag(Module, Function, Args) ->
    M = list_to_atom(Module),
    case code:ensure_loaded(M) of
        {module, M} -> ok;
        {error, _} ->
            throw({failed,
                   ["Error! Failed to load module '", Module, "' because it cannot be found.\r\n"
                    "Make sure that the module name is correct and that its .beam file\r\n"
                    "is in the code path.\r\n"],
                   {undef, [{init, start_it, 1, []}]}})
    end,
    try
        apply(M, Function, Args)
    catch
        error:Reason:Stack -> throw({failed, "", {Reason, Stack}});
        Class:Reason:Stack -> throw({failed, "", {Class, Reason, Stack}})
    end.

eval(Expr) ->
    try
        {ok, Tokens, _} = erl_scan:string(Expr),
        {ok, Exprs} = erl_parse:parse_exprs(terminated(Tokens)),
        {value, _, _} = erl_eval:exprs(Exprs, erl_eval:new_bindings())
    catch
        error:Reason:Stack ->
            throw({failed, ["Error! Failed to eval: ", Expr, "\r\n"], {Reason, Stack}});
        throw:Reason:Stack ->
            throw({failed, ["Error! Failed to eval: ", Expr, "\r\n"], {{nocatch, Reason}, Stack}});
        exit:Reason ->
            throw({failed, ["Error! Failed to eval: ", Expr, "\r\n"], Reason})
    end.

terminated(Tokens) ->
    case Tokens =/= [] andalso lists:last(Tokens) of
        {dot, _} -> Tokens;
        _ -> Tokens ++ [{dot, 1}]
    end.

start_shell(Flags) ->
    NoShell = lists:any(fun({F, _}) -> F =:= noshell orelse F =:= noinput; (_) -> false end, Flags),
    case NoShell of
        true -> ok;
        false ->
            User = whereis(user),
            Shell = spawn(fun() -> group_leader(User, self()), shell:start_interactive_shell() end),
            _ = Shell,
            ok
    end.

-doc false.
start_command({M, F, A}) -> apply(M, F, A).

%%% ---- the command line --------------------------------------------------------------------------

parse(Args) -> parse(Args, [], []).

parse(["-extra" | Rest], Flags, Plain) ->
    {lists:reverse(Flags), lists:reverse(Plain, Rest)};
parse(["--" | Rest], Flags, Plain) ->
    {Values, Rest1} = lists:splitwith(fun is_value/1, Rest),
    parse(Rest1, Flags, lists:reverse(Values, Plain));
parse(["-" ++ [_ | _] = Flag | Rest], Flags, Plain) ->
    {Values, Rest1} = lists:splitwith(fun is_value/1, Rest),
    parse(Rest1, [{list_to_atom(tl(Flag)), Values} | Flags], Plain);
parse(["+" ++ [_ | _], _Value | Rest], Flags, Plain) ->
    parse(Rest, Flags, Plain);
parse([Value | Rest], Flags, Plain) ->
    parse(Rest, Flags, [Value | Plain]);
parse([], Flags, Plain) ->
    {lists:reverse(Flags), lists:reverse(Plain)}.

is_value("-" ++ [_ | _]) -> false;
is_value("+" ++ [_ | _]) -> false;
is_value(_) -> true.
