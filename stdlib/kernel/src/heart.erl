-module(heart).
-moduledoc """
Restarts the node when it stops to work: a program outside the node hears a beat from it every few seconds. When the beat stays away, or the
node ends without having said so, that program runs a command, which usually starts the node again.

The flag `-heart` starts it. The command is that of `set_cmd/1` or else the environment variable `HEART_COMMAND`. `HEART_BEAT_TIMEOUT` is
how many seconds without a beat are too many (10 to 65535, by default 60). `HEART_NO_KILL=TRUE` lets a node live that gives no beat,
`HEART_KILL_SIGNAL=SIGABRT` ends it with that signal. `init:stop/0,1` ends the watch; after `init:reboot/0` and `halt/0` the command is run.
""".

-export([set_cmd/1, clear_cmd/0, get_cmd/0, set_callback/2, clear_callback/0, get_callback/0, set_options/1, clear_options/0,
         get_options/0]).
-export([start/1, shut_down/0]).

-export_type([heart_option/0]).

-type heart_option() :: check_schedulers.

-record(state, {port :: port(),
                callback = none :: none | {module(), atom()},
                options = [] :: [heart_option()]}).

-define(EVERY, 5000).     % milliseconds between two beats
-define(LONGEST, 2047).   % characters of a command, and one

%% What the program and the node tell each other, in packets of two bytes of length.
-define(READY, 0).
-define(BEAT, 1).
-define(STOP, 2).
-define(SET, 3).
-define(CLEAR, 4).
-define(GET, 5).

-doc "The command that is run instead of `HEART_COMMAND`, until it is cleared.".
-spec set_cmd(Cmd :: string()) -> ok | {error, {bad_cmd, Cmd :: string()}}.
set_cmd(Cmd) -> request({set_cmd, Cmd}).

-doc "From now on `HEART_COMMAND` is the command again.".
-spec clear_cmd() -> ok.
clear_cmd() -> request(clear_cmd).

-doc "The command of set_cmd/1, or an empty text.".
-spec get_cmd() -> {ok, Cmd :: string()}.
get_cmd() -> request(get_cmd).

-doc "A function that is called before each beat. Unless it returns ok the node is restarted.".
-spec set_callback(Module :: module(), Function :: atom()) -> ok | {error, {bad_callback, {module(), atom()}}}.
set_callback(Module, Function) -> request({set_callback, {Module, Function}}).

-doc "No function is called any more.".
-spec clear_callback() -> ok.
clear_callback() -> request(clear_callback).

-doc "The function of set_callback/2.".
-spec get_callback() -> {ok, {Module :: module(), Function :: atom()}} | none.
get_callback() -> request(get_callback).

-doc "With check_schedulers there is only a beat if every scheduler has run something before.".
-spec set_options(Options :: [heart_option()]) -> ok | {error, {bad_options, Options :: [heart_option()]}}.
set_options(Options) -> request({set_options, Options}).

-doc "No options are in effect any more.".
-spec clear_options() -> ok.
clear_options() -> request(clear_options).

-doc "The options of set_options/1.".
-spec get_options() -> {ok, Options :: [atom()]} | none.
get_options() -> request(get_options).

%% Where no heart beats there is no such name: badarg.
request(What) ->
    heart ! {request, self(), What},
    Ref = monitor(process, heart),
    receive
        {heart, Answer} -> demonitor(Ref, [flush]), Answer;
        {'DOWN', Ref, _, _, Reason} -> exit({heart, Reason})
    end.

%%% ---- the process ---------------------------------------------------------------------------------------------

-doc false.
-spec start({file:name_all(), [string()]}) -> {ok, pid()} | {error, term()}.
start(Program) ->
    Starter = self(),
    {Pid, Ref} = spawn_opt(fun() -> watched(Program, Starter) end, [monitor, {priority, max}]),
    receive
        {Pid, started} -> demonitor(Ref, [flush]), {ok, Pid};
        {'DOWN', Ref, _, _, Reason} -> {error, Reason}
    end.

watched({Program, First}, Starter) ->
    register(heart, self()),
    Args = First ++ ["heart-monitor", "-pid", os:getpid()],
    Port = try open_port({spawn_executable, Program}, [{args, Args}, {packet, 2}, binary, exit_status])
           catch error:Reason -> exit({Reason, Program})
           end,
    receive
        {Port, {data, <<?READY>>}} -> ok;
        {Port, {exit_status, Status}} -> exit({exit_status, Status})
    after 20000 -> exit(no_answer)
    end,
    Starter ! {self(), started},
    loop(beat(#state{port = Port}), next()).

next() -> erlang:monotonic_time(millisecond) + ?EVERY.

loop(#state{port = Port} = S, Next) ->
    receive
        {request, From, What} ->
            {Answer, S1} = answer(What, S),
            From ! {heart, Answer},
            %% what was set shows at once whether it works
            loop(case What of {_, _} -> beat(S1); _ -> S1 end, Next);
        {shut_down, From} ->
            _ = tell(S, <<?STOP>>),
            receive {Port, {exit_status, _}} -> ok after 5000 -> ok end,
            From ! {heart, down};
        {Port, {exit_status, Status}} -> exit({port_terminated, {exit_status, Status}});
        _ -> loop(S, Next)
    after max(0, Next - erlang:monotonic_time(millisecond)) -> loop(beat(S), next())
    end.

%% A callback that fails, or schedulers that do not answer, end this process and with it the node: the program runs the command.
beat(#state{callback = Callback, options = Options} = S) ->
    _ = [ok = schedulers_answer() || check_schedulers <- Options],
    case Callback of
        none -> ok;
        {Module, Function} -> ok = Module:Function()
    end,
    tell(S, <<?BEAT>>).

%% Nobody can choose the scheduler of a process, but as many as there are schedulers get to all of them if each waits for the others.
schedulers_answer() ->
    Self = self(),
    Pids = [spawn_opt(fun() -> Self ! {self(), here} end, [{priority, high}]) || _ <- lists:seq(1, erlang:system_info(schedulers_online))],
    lists:foreach(fun(Pid) -> receive {Pid, here} -> ok end end, Pids).

tell(#state{port = Port} = S, Packet) ->
    port_command(Port, Packet),
    S.

answer({set_cmd, Cmd}, S) ->
    case is_list(Cmd) andalso is_text(Cmd) of
        true ->
            Bytes = unicode:characters_to_binary(Cmd, unicode, file:native_name_encoding()),
            case is_binary(Bytes) andalso byte_size(Bytes) < ?LONGEST of
                true -> {ok, tell(S, <<?SET, Bytes/binary>>)};
                false -> {{error, {bad_cmd, Cmd}}, S}
            end;
        false -> {{error, {bad_cmd, Cmd}}, S}
    end;
answer(clear_cmd, S) -> {ok, tell(S, <<?CLEAR>>)};
answer(get_cmd, #state{port = Port} = S) ->
    _ = tell(S, <<?GET>>),
    receive {Port, {data, <<?GET, Cmd/binary>>}} -> {{ok, unicode:characters_to_list(Cmd)}, S} end;
answer({set_callback, {M, F} = Callback}, S) when is_atom(M), is_atom(F) -> {ok, S#state{callback = Callback}};
answer({set_callback, Callback}, S) -> {{error, {bad_callback, Callback}}, S};
answer(clear_callback, S) -> {ok, S#state{callback = none}};
answer(get_callback, #state{callback = none} = S) -> {none, S};
answer(get_callback, #state{callback = Callback} = S) -> {{ok, Callback}, S};
answer({set_options, Options}, S) when Options =:= [check_schedulers]; Options =:= [] -> {ok, S#state{options = Options}};
answer({set_options, Options}, S) -> {{error, {bad_options, Options}}, S};
answer(clear_options, S) -> {ok, S#state{options = []}};
answer(get_options, #state{options = []} = S) -> {none, S};
answer(get_options, #state{options = Options} = S) -> {{ok, Options}, S}.

is_text(List) ->
    try lists:all(fun is_integer/1, List)
    catch error:_ -> false
    end.

%% The node stops in order: nothing is to be run.
-doc false.
-spec shut_down() -> ok.
shut_down() ->
    case whereis(heart) of
        undefined -> ok;
        Pid ->
            Ref = monitor(process, Pid),
            Pid ! {shut_down, self()},
            receive {heart, down} -> demonitor(Ref, [flush]), ok; {'DOWN', Ref, _, _, _} -> ok end
    end.
