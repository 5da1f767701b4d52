-module(init).
-moduledoc "The first process of a node: starts the system's servers, carries out the command line, and stops the node in order.".

-export([boot/1, trace/1, get_argument/1, get_arguments/0, get_plain_arguments/0, get_status/0, fetch_loaded/0, ensure_loaded/1,
         script_id/0, script_name/0, stop/0, stop/1, reboot/0, restart/0, restart/1, start_command/1, make_permanent/2,
         notify_when_started/1, wait_until_started/0, archive_extension/0, objfile_extension/0]).

-record(state, {flags = [] :: [{atom(), [string()]}],
                plain = [] :: [string()],
                status = {starting, starting} :: {atom(), term()},
                vital = [] :: [{pid(), atom()}],            % processes whose end is the node's
                waiting = [] :: [pid()]}).                  % who is told when the node is up

-define(RESTART_MODE, "GERL_RESTART_MODE").
-define(LOAD_TEXT, "Error! Failed to load module '~ts' because it cannot be found.\n"
                   "Make sure that the module name is correct and that its .beam file\n"
                   "is in the code path.\n").

%%% ---- interface -------------------------------------------------------------------------------

-doc "The values given to a flag on the command line, one list for each time it was given.".
-spec get_argument(atom()) -> {ok, [[string()]]} | error.
get_argument(Flag) -> ask({get_argument, Flag}).

-doc "All flags of the command line with their values, without those that init carries out itself: -eval, -run, -s, -S.".
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
script_id() ->
    case boot_script() of
        none -> {"Erlang/OTP", erlang:system_info(otp_release)};
        Name -> gerl_boot:identity(Name)
    end.

boot_script() ->
    case get_argument(boot) of
        {ok, Boots} -> gerl_boot:release([{boot, Values} || Values <- Boots]);
        error -> none
    end.

-doc false.
script_name() ->
    case boot_script() of
        none -> filename:join([code:root_dir(), "bin", "start.boot"]);
        Name -> filename:absname(Name ++ ".boot")
    end.

-doc "Stops the node in order, with exit status 0.".
-spec stop() -> ok.
stop() -> stop(0).

-doc "Stops the node in order, with the status given or, for a string, after writing it as a reason.".
-spec stop(non_neg_integer() | string()) -> ok.
stop(Status) ->
    Valid = case is_list(Status) of
                true -> lists:all(fun(C) -> is_integer(C) andalso C >= 0 andalso C < 256 end, Status);
                false -> is_integer(Status) andalso Status >= 0
            end,
    Valid orelse erlang:error(badarg),
    init ! {stop, Status},
    ok.

-doc "Stops the node in order; `m:heart`, if it beats, starts it again.".
-spec reboot() -> ok.
reboot() -> init ! reboot, ok.

-doc "Stops the applications in order, then begins the same program anew in the same operating system process. Raises where that is not possible.".
-spec restart() -> ok.
restart() ->
    true = gerl_code:restart(false),
    init ! restart,
    ok.

-doc "As restart/0, with another value of the flag -mode, which `code:get_mode/0` tells from then on; modules are loaded when they are called in both modes.".
-spec restart([{mode, embedded | interactive}]) -> ok.
restart([]) -> restart();
restart([{mode, Mode}]) when Mode =:= embedded; Mode =:= interactive ->
    true = gerl_code:restart(false),
    init ! {restart, Mode},
    ok;
restart(_Options) -> erlang:error(badarg).

-doc false.
make_permanent(_Script, _Config) -> erlang:error({not_supported, make_permanent}).

-doc "Has a process told when the node is up: by the message {init, started}.".
-spec notify_when_started(pid()) -> ok | started.
notify_when_started(Pid) -> ask({notify, Pid}).

-doc "Waits until the node is up.".
-spec wait_until_started() -> ok.
wait_until_started() ->
    case notify_when_started(self()) of
        ok -> receive {init, started} -> ok end;
        started -> ok
    end.

-doc false.
fetch_loaded() -> [{M, code:which(M)} || M <- erlang:loaded()].

-doc false.
ensure_loaded(Module) -> code:ensure_loaded(Module).

-doc false.
archive_extension() -> ".ez".

-doc false.
objfile_extension() -> ".beam".

ask(Request) ->
    Ref = make_ref(),
    case whereis(init) of
        undefined -> erlang:error(badarg);
        Init ->
            Init ! {self(), Ref, Request},
            receive {Ref, Reply} -> Reply end
    end.

%%% ---- start -----------------------------------------------------------------------------------

%% Everything that may ask init something is done by another process, so that init can answer from the first moment.
-doc false.
boot(Args) ->
    register(init, self()),
    process_flag(trap_exit, true),
    {Commands, Given, Plain} = parse([text(A) || A <- Args]),
    Flags = resume_mode(Given),
    Self = self(),
    Starter = spawn_link(fun() -> start_all(Self, Commands, Flags) end),
    loop(#state{flags = Flags, plain = Plain}, Starter).

%% The arguments of the program are the same after a restart; a mode that a restart has asked for comes in the environment.
resume_mode(Flags) ->
    case os:getenv(?RESTART_MODE) of
        false -> Flags;
        Mode ->
            true = os:unsetenv(?RESTART_MODE),
            with_mode(Mode, Flags)
    end.

hand_over_mode(Flags) ->
    case lists:keyfind(mode, 1, Flags) of
        {mode, [Mode]} -> os:putenv(?RESTART_MODE, Mode);
        _ -> true
    end.

with_mode(Mode, Flags) ->
    case lists:keymember(mode, 1, Flags) of
        true -> [case F of {mode, _} -> {mode, [Mode]}; _ -> F end || F <- Flags];
        false -> Flags ++ [{mode, [Mode]}]
    end.

text(A) when is_binary(A) ->
    case unicode:characters_to_list(A) of
        Chars when is_list(Chars) -> Chars;
        _ -> binary_to_list(A)
    end;
text(A) -> A.

loop(State, Starter) ->
    receive
        {From, Ref, Request} when is_pid(From), is_reference(Ref) ->
            {Reply, State1} = answer(Request, State),
            From ! {Ref, Reply},
            loop(State1, Starter);
        {Starter, {group_leader, User}} ->
            group_leader(User, self()),
            loop(State, Starter);
        {Starter, {vital, Pid, Name}} ->
            link(Pid),
            loop(State#state{vital = [{Pid, Name} | State#state.vital]}, Starter);
        {Starter, {status, Status}} ->
            loop(State#state{status = Status}, Starter);
        {Starter, started} ->
            [Pid ! {init, started} || Pid <- State#state.waiting],
            loop(State#state{status = {started, started}, waiting = []}, Starter);
        {Starter, failed, Text, Reason} ->
            terminate_boot(Text, Reason);
        {restart, Mode} ->
            self() ! restart,
            loop(State#state{flags = with_mode(atom_to_list(Mode), State#state.flags)}, Starter);
        restart ->
            Ender = spawn(fun() -> shut_down(), calm_heart(), hand_over_mode(State#state.flags), gerl_code:restart(true) end),
            loop(State#state{status = {stopping, started}}, Ender);
        {stop, Status} ->
            Ender = spawn(fun() -> shut_down(), calm_heart(), halt(Status) end),
            loop(State#state{status = {stopping, started}}, Ender);
        reboot -> % a heart that beats no longer has the node started again
            Ender = spawn(fun() -> shut_down(), halt(0) end),
            loop(State#state{status = {stopping, started}}, Ender);
        {'EXIT', Starter, normal} ->
            loop(State, Starter);
        {'EXIT', Starter, Reason} ->
            terminate_boot("", Reason);
        {'EXIT', Pid, Reason} when element(1, State#state.status) =/= stopping ->
            case lists:keyfind(Pid, 1, State#state.vital) of
                {_, Name} -> vital_ended(Name, Reason);
                false -> loop(State, Starter)
            end;
        _ ->
            loop(State, Starter)
    end.

answer({get_argument, Flag}, #state{flags = Flags} = S) ->
    {case [Values || {F, Values} <- Flags, F =:= Flag] of
         [] -> error;
         All -> {ok, All}
     end, S};
answer(get_arguments, S) -> {S#state.flags, S};
answer(get_plain_arguments, S) -> {S#state.plain, S};
answer(get_status, S) -> {S#state.status, S};
answer({notify, _}, #state{status = {started, _}} = S) -> {started, S};
answer({notify, Pid}, S) -> {ok, S#state{waiting = [Pid | S#state.waiting]}};
answer(_, S) -> {undefined, S}.

vital_ended(Name, Reason) ->
    flush_user(),
    Text = io_lib:format("Kernel pid terminated (~ts) (~ts)\n", [Name, term_text(Reason)]),
    gerl_io:write(2, unicode:characters_to_binary(Text)),
    halt(1).

calm_heart() ->
    case whereis(heart) of
        undefined -> ok;
        _ -> heart:shut_down()
    end.

terminate_boot(Text, Reason) ->
    flush_user(),
    Pretty = io_lib:format("~tsRuntime terminating during boot (~ts)\n", [Text, term_text(Reason)]),
    gerl_io:write(2, unicode:characters_to_binary(Pretty)),
    halt(1).

%% As the emulator prints terms.
term_text(Term) ->
    string:replace(io_lib:format("~0tp", [Term]), " => ", "=>", all).

flush_user() ->
    case whereis(user) of
        undefined -> ok;
        User ->
            Ref = monitor(process, User),
            User ! {io_request, self(), Ref, {put_chars, unicode, ""}},
            receive
                {io_reply, Ref, _} -> demonitor(Ref, [flush]), ok;
                {'DOWN', Ref, _, _, _} -> ok
            after 1000 -> ok
            end
    end.

%% Applications first, so that they can stop in order; then whatever is left.
shut_down() ->
    case whereis(application_controller) of
        undefined -> ok;
        Pid ->
            Ref = monitor(process, Pid),
            exit(Pid, shutdown),
            receive {'DOWN', Ref, _, _, _} -> ok after application:get_env(kernel, shutdown_timeout, infinity) -> ok end
    end,
    flush_log().

%% What was logged is to be seen before the node ends; a node that has not logged anything loads nothing for this.
flush_log() ->
    case erlang:module_loaded(logger_std_h) of
        true -> [catch logger_std_h:filesync(Id) || #{id := Id, module := logger_std_h} <- logger:get_handler_config()];
        false -> ok
    end,
    flush_user().

start_all(Init, Commands, Flags) ->
    Controller = application_controller:start(),
    Init ! {self(), {vital, Controller, application_controller}},
    start_heart(Init, Flags),
    _ = logger_server:start(),
    _ = erl_signal_handler:start_server(Init),
    [configure(File) || {config, Files} <- Flags, File <- case Files of [] -> [""]; _ -> Files end],
    distribute(),
    User = case {is_peer(Flags), interactive(Flags) andalso gerl_io:is_terminal()} of
               {true, _} -> peer:start();
               {false, true} -> user:start(user_drv:start());
               {false, false} -> user:start()
           end,
    _ = standard_error:start(),
    Init ! {self(), {group_leader, User}},
    [group_leader(User, Pid) || Pid <- [self(), Controller | [whereis(N) || N <- [net_kernel]]], is_pid(Pid)],
    try
        [is_term(Value) orelse bad_start(io_lib:format("{bad_environment_value,~0tp}", [Value]))
         || {kernel, Pairs} <- Flags, Value <- every_second(Pairs)],
        [throw({failed, [], invalid_boot_var_argument}) || {boot_var, Pair} <- Flags, length(Pair) =/= 2],
        configure_logger(),
        Controller ! {start_kernel, self()},
        receive {Controller, kernel_started} -> ok end,
        wait_for_nodes(),
        [_ = application:start(sasl) || {boot, [File]} <- Flags, filename:basename(File) =:= "start_sasl"],
        Init ! {self(), {status, {starting, applications_loaded}}},
        case lists:keymember(boot, 1, Flags) andalso gerl_boot:release(Flags) of
            Script when is_list(Script) -> gerl_boot:run(Script);
            _ -> ok
        end,
        settings_of_user(Commands, Flags),
        start_shell(Flags),
        do_boot(Commands, Flags, Init),
        Init ! {self(), started}
    catch
        throw:{failed, Text, Reason} -> Init ! {self(), failed, Text, Reason}
    end.

%% The user's own .erlang is for what erl starts, not for gerl's commands and scripts. Most users have none: nothing is loaded to find that out.
settings_of_user(Commands, Flags) ->
    Own = [gerl_run, gerl_eval, gerl_apply, gerl_start, gerl_script],
    Without = lists:any(fun({boot, [Name]}) -> filename:basename(Name) =:= "no_dot_erlang"; (_) -> false end, Flags),
    case lists:keyfind(home, 1, Flags) of
        {home, [Home]} when not Without ->
            lists:any(fun({Command, _}) -> lists:member(Command, Own) end, Commands) orelse
                lists:any(fun(Dir) -> element(1, gerl_file:info(unicode:characters_to_binary(Dir ++ "/.erlang"), true)) =:= ok end,
                          [Home, settings_folder(Home)]) andalso c:erlangrc();
        _ -> ok
    end.

settings_folder(Home) ->
    case os:getenv("XDG_CONFIG_HOME") of
        Folder when is_list(Folder), Folder =/= "" -> Folder ++ "/erlang";
        _ -> Home ++ "/.config/erlang"
    end.

%% Names make the node alive; when that fails it ends.
distribute() ->
    case get_argument(sname) =:= error andalso get_argument(name) =:= error orelse erl_distribution:start() of
        true -> ok;
        ok -> ok;
        {error, Text} ->
            flush_user(),
            gerl_io:write(2, unicode:characters_to_binary([Text, $\n])),
            halt(1)
    end.

start_heart(Init, Flags) ->
    case lists:keymember(heart, 1, Flags) of
        true ->
            case heart:start({gerl_program:executable(), []}) of
                {ok, Pid} -> Init ! {self(), {vital, Pid, heart}};
                {error, Reason} ->
                    gerl_io:write(2, unicode:characters_to_binary(io_lib:format("Could not start kernel pid (heart) (~ts)\n", [term_text(Reason)]))),
                    halt(1)
            end;
        false -> ok
    end.

%% A configuration file: [{Application, [{Parameter, Value}]}], with names of further files among the applications.
configure(Name) ->
    File = case filename:extension(Name) of
               ".config" -> Name;
               _ -> Name ++ ".config"
           end,
    try application:configure(application:read_config([File], "."))
    catch throw:{bad_config, {Bad, Where, What}} -> bad_config(Bad, Where, What)
    end.

%% Other nodes that must or may be there before anything is started.
wait_for_nodes() ->
    case erlang:is_alive() andalso application:get_env(kernel, sync_nodes_timeout) =/= undefined andalso kernel_config:wait_for_nodes() of
        {error, Reason} ->
            Failure = {application_start_failure, kernel, {{shutdown, {failed_to_start_child, kernel_config, Reason}}, {kernel, start, [normal, []]}}},
            vital_ended(application_controller, lists:flatten(io_lib:format("~0tp", [Failure])));
        _ -> ok
    end.

%% Most systems are started without parameters for the logger: the code for them is not even loaded then.
configure_logger() ->
    case [ok || P <- [logger, logger_level, logger_metadata, logger_sasl_compatible, error_logger], application:get_env(kernel, P) =/= undefined] of
        [] -> ok;
        _ ->
            try gerl_logger_start:configure() catch
                throw:{bad_config, Reason} -> bad_start(io_lib:format("{bad_config,~0tp}", [Reason]))
            end
    end.

bad_config(File, Where, What) ->
    Shown = case filename:pathtype(File) of
                relative -> filename:join(".", File);
                _ -> File
            end,
    bad_start(io_lib:format("error in config file ~tp (~ts): ~ts", [unicode:characters_to_list(Shown), Where, What])).

every_second([_, Value | Rest]) -> [Value | every_second(Rest)];
every_second(_) -> [].

is_term(Text) ->
    case erl_scan:string(Text ++ ".") of
        {ok, Tokens, _} -> element(1, erl_parse:parse_term(Tokens)) =:= ok;
        {error, _, _} -> false
    end.

bad_start(Told) ->
    flush_user(),
    Text = io_lib:format("Could not start kernel pid (application_controller) (~0tp)\n", [lists:flatten(Told)]),
    gerl_io:write(2, unicode:characters_to_binary(Text)),
    halt(1).

%%% ---- commands ----------------------------------------------------------------------------------

do_boot(Commands, _Flags, _Init) ->
    start_em(Commands),
    ok.

start_em([Command | Commands]) ->
    _ = start_it(Command),
    start_em(Commands);
start_em([]) -> ok.

start_it({gerl_run, ["source", File]}) -> gerl_run:source(File, get_plain_arguments());
start_it({gerl_run, [Module]}) -> gerl_run:main(list_to_atom(Module), get_plain_arguments());
start_it({gerl_start, [Application]}) -> gerl_run:application(list_to_atom(Application));
start_it({gerl_apply, [Module]}) -> (list_to_atom(Module)):main(get_plain_arguments());
start_it({gerl_eval, []}) -> gerl_run:eval(get_plain_arguments());
start_it({gerl_script, Words}) -> escript:start(Words);
start_it(Command) ->
    %% What a flag of erl starts is not ended by processes that it links itself to.
    process_flag(trap_exit, true),
    start_flag(Command).

start_flag({eval, []}) -> evaluate("");
start_flag({eval, Texts}) -> [evaluate(Text) || Text <- Texts];
start_flag({s, Words}) -> start_function(Words, fun(Args) -> [[list_to_atom(A) || A <- Args]] end);
start_flag({run, Words}) -> start_function(Words, fun(Args) -> [Args] end);
start_flag({'S', Words}) -> start_function(Words, fun(Args) -> [Args] end).

start_function([], _) -> ok;
start_function([Module], _) -> start_function(list_to_atom(Module), start, []);
start_function([Module, Function], _) -> start_function(list_to_atom(Module), list_to_atom(Function), []);
start_function([Module, Function | Args], Convert) ->
    start_function(list_to_atom(Module), list_to_atom(Function), Convert(Args)).

start_function(Module, Function, Args) ->
    case code:ensure_loaded(Module) of
        {module, Module} -> ok;
        {error, _} -> throw({failed, [io_lib:format(?LOAD_TEXT, [Module]), $\n], {undef, own_frames()}})
    end,
    Arity = length(Args),
    try
        apply(Module, Function, Args)
    catch
        Class:Reason:Stack ->
            Shown = trace(Stack),
            Text = case {Class, Reason, Stack} of
                       {error, undef, [{Module, Function, _, _} | _]} ->
                           io_lib:format("Error! ~tw:~tw/~w is not exported.\n\n", [Module, Function, Arity]);
                       _ ->
                           io:format("~ts~n", [term_text({Class, Reason, Shown})]),
                           ""
                   end,
            throw({failed, Text, why(Class, Reason, Shown)})
    end.

why(error, Reason, Stack) -> {Reason, Stack};
why(throw, Reason, Stack) -> {{nocatch, Reason}, Stack};
why(exit, Reason, _) -> Reason.

%% Of a stack trace, what is not of this module; its own frames are named as OTP's.
-doc false.
-spec trace(list()) -> list().
trace(Stack) -> lists:takewhile(fun(Frame) -> element(1, Frame) =/= ?MODULE end, Stack) ++ own_frames().

own_frames() -> [{?MODULE, start_it, 1, []}, {?MODULE, start_em, 1, []}, {?MODULE, do_boot, 3, []}].

evaluate(Text) ->
    try
        {ok, Tokens, _} = erl_scan:string(Text),
        {ok, Exprs} = erl_parse:parse_exprs(terminated(Tokens)),
        {value, _, _} = erl_eval:exprs(Exprs, erl_eval:new_bindings())
    catch
        Class:Reason:Stack ->
            throw({failed, ["Error! Failed to eval: ", Text, "\n\n"], why(Class, Reason, trace(Stack))})
    end.

terminated(Tokens) ->
    case Tokens =/= [] andalso lists:last(Tokens) of
        {dot, _} -> Tokens;
        _ -> Tokens ++ [{dot, 1}]
    end.

interactive(Flags) -> not (lists:any(fun(F) -> lists:keymember(F, 1, Flags) end, [noshell, noinput]) orelse is_peer(Flags)).

%% A peer has no shell: its origin reads and writes for it.
is_peer(Flags) -> lists:member({user, ["peer"]}, Flags).

start_shell(Flags) ->
    case {interactive(Flags), lists:keyfind(remsh, 1, Flags), whereis(user_drv)} of
        {false, _, _} -> ok;
        {true, {remsh, [Node | _]}, undefined} -> shell_for_user(fun() -> gerl_remote_shell:piped(Node) end);
        {true, {remsh, [Node | _]}, _} -> gerl_remote_shell:attach(Node);
        {true, _, undefined} -> shell_for_user(fun shell:start_interactive_shell/0);
        {true, _, _} -> user_drv:start_shell()
    end.

shell_for_user(Run) ->
    User = whereis(user),
    _ = spawn(fun() -> group_leader(User, self()), Run() end),
    ok.

-doc false.
start_command({M, F, A}) -> apply(M, F, A).

%%% ---- the command line --------------------------------------------------------------------------

%% Commands, flags and plain arguments, each in their order.
parse(Args) -> parse(Args, [], [], []).

parse(["-extra" | Rest], Commands, Flags, Plain) -> parsed(Commands, Flags, lists:reverse(Rest, Plain));
parse(["--" | Rest], Commands, Flags, Plain) ->
    {Values, Rest1} = values(Rest),
    parse(Rest1, Commands, Flags, lists:reverse(Values, Plain));
parse(["-S" | Rest], Commands, Flags, Plain) ->
    parsed([{'S', Rest} | Commands], Flags, Plain);
parse(["-" ++ [_ | _] = Flag | Rest], Commands, Flags, Plain) ->
    {Values, Rest1} = values(Rest),
    case lists:member(Flag, ["-s", "-run", "-eval", "-gerl_run", "-gerl_eval", "-gerl_apply", "-gerl_start", "-gerl_script"]) of
        true -> parse(Rest1, [{list_to_atom(tl(Flag)), Values} | Commands], Flags, Plain);
        false -> parse(Rest1, Commands, [{list_to_atom(tl(Flag)), Values} | Flags], Plain)
    end;
parse([Value | Rest], Commands, Flags, Plain) -> parse(Rest, Commands, Flags, [Value | Plain]);
parse([], Commands, Flags, Plain) -> parsed(Commands, Flags, Plain).

parsed(Commands, Flags, Plain) -> {lists:reverse(Commands), lists:reverse(Flags), lists:reverse(Plain)}.

values(Args) -> lists:splitwith(fun("-" ++ [_ | _]) -> false; (_) -> true end, Args).
