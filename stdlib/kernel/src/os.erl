-module(os).
-moduledoc "The operating system: its commands, environment variables, time, signals and where programs are.".

-export([cmd/1, cmd/2, find_executable/1, find_executable/2, type/0, version/0]).
-export([env/0, getenv/0, getenv/1, getenv/2, putenv/2, unsetenv/1, getpid/0]).
-export([perf_counter/0, perf_counter/1, system_time/0, system_time/1, timestamp/0, set_signal/2]).
-export([internal_init_cmd_shell/0, format_utc_timestamp/0]).

-export_type([env_var_name/0, env_var_value/0, env_var_name_value/0, os_command/0, os_command_opts/0]).

-type env_var_name() :: nonempty_string().
-type env_var_value() :: string().
-type env_var_name_value() :: nonempty_string().
-type os_command() :: atom() | io_lib:chars().
-type os_command_opts() :: #{max_size => non_neg_integer() | infinity, exception_on_failure => boolean()}.
-type signal() :: sighup | sigquit | sigabrt | sigalrm | sigterm | sigusr1 | sigusr2 | sigchld | sigstop | sigtstp |
                  sigcont | sigwinch | siginfo.

%%% ---- environment -----------------------------------------------------------------------------------

-doc "All environment variables with their values.".
-spec env() -> [{env_var_name(), env_var_value()}].
env() -> erlang:nif_error(undef).

-doc "All environment variables, each as `\"NAME=value\"`.".
-spec getenv() -> [env_var_name_value()].
getenv() -> [Name ++ [$= | Value] || {Name, Value} <- env()].

-doc "The value of an environment variable, `false` if it is not set.".
-spec getenv(env_var_name()) -> env_var_value() | false.
getenv(_Name) -> erlang:nif_error(undef).

-doc "The value of an environment variable, or the default if it is not set.".
-spec getenv(env_var_name(), Default) -> env_var_value() | Default when Default :: term().
getenv(Name, Default) ->
    try getenv(Name) of
        false -> Default;
        Value -> Value
    catch
        error:badarg -> erlang:error(badarg, [Name, Default], [{error_info, #{module => erl_kernel_errors}}])
    end.

-doc "Sets an environment variable for this node and the programs it starts.".
-spec putenv(env_var_name(), env_var_value()) -> true.
putenv(_Name, _Value) -> erlang:nif_error(undef).

-doc "Unsets an environment variable.".
-spec unsetenv(env_var_name()) -> true.
unsetenv(_Name) -> erlang:nif_error(undef).

-doc "The number of the operating system process of this node.".
-spec getpid() -> string().
getpid() -> erlang:nif_error(undef).

%%% ---- time and signals ------------------------------------------------------------------------------

-doc "A counter that grows steadily, in the unit `perf_counter`.".
-spec perf_counter() -> integer().
perf_counter() -> erlang:nif_error(undef).

-doc "The same in the unit given.".
-spec perf_counter(erlang:time_unit()) -> integer().
perf_counter(Unit) ->
    try erlang:convert_time_unit(perf_counter(), perf_counter, Unit)
    catch error:_ -> erlang:error(badarg, [Unit], [{error_info, #{module => erl_kernel_errors}}])
    end.

-doc "The operating system's time, not adjusted, in native units.".
-spec system_time() -> integer().
system_time() -> erlang:nif_error(undef).

-doc "The operating system's time in the unit given.".
-spec system_time(erlang:time_unit()) -> integer().
system_time(_Unit) -> erlang:nif_error(undef).

-doc "The operating system's time as megaseconds, seconds and microseconds.".
-spec timestamp() -> erlang:timestamp().
timestamp() -> erlang:nif_error(undef).

-doc "Says what happens when the signal comes: it has its default effect, none, or becomes an event of `erl_signal_server`.".
-spec set_signal(signal(), default | handle | ignore) -> ok.
set_signal(_Signal, _What) -> erlang:nif_error(undef).

%%% ---- what system it is -------------------------------------------------------------------------------

-doc "The family of the operating system and its name.".
-spec type() -> {unix | win32, atom()}.
type() -> erlang:system_info(os_type).

-doc "The version of the operating system.".
-spec version() -> string() | {non_neg_integer(), non_neg_integer(), non_neg_integer()}.
version() -> erlang:system_info(os_version).

%%% ---- programs ----------------------------------------------------------------------------------------

-doc "Where the program is that the shell would start under this name.".
-spec find_executable(file:name_all()) -> file:filename_all() | false.
find_executable(Name) -> find_executable(Name, getenv("PATH", "")).

-doc "Where a program is among the directories of a path.".
-spec find_executable(file:name_all(), file:name_all()) -> file:filename_all() | false.
find_executable(Name, Path) ->
    Names = [filename:flatten([Name, Ext]) || Ext <- extensions(Name)],
    case filename:pathtype(Name) of
        relative ->
            Dirs = case filename:split(Name) of
                       [_] -> string:lexemes(Path, [separator()]);
                       _ -> ["."]
                   end,
            first_executable([absolute(filename:append(unquote(D), N)) || D <- Dirs, N <- Names]);
        _ ->
            first_executable(Names)
    end.

absolute(File) -> filename:absname(File).

unquote("\"" ++ Rest) -> string:trim(Rest, trailing, "\"");
unquote(Dir) -> Dir.

separator() ->
    case type() of
        {win32, _} -> $;;
        _ -> $:
    end.

extensions(Name) ->
    case type() of
        {win32, _} ->
            case filename:extension(Name) of
                "" -> [".exe", ".com", ".cmd", ".bat"];
                _ -> [""]
            end;
        _ -> [""]
    end.

first_executable([File | Rest]) ->
    case file:read_file_info(File) of
        {ok, Info} when element(3, Info) =:= regular, element(8, Info) band 8#111 =/= 0 -> File;
        _ -> first_executable(Rest)
    end;
first_executable([]) -> false.

%%% ---- commands ----------------------------------------------------------------------------------------

-doc "Runs a command in a shell of the operating system and gives what it wrote.".
-spec cmd(os_command()) -> string().
cmd(Command) ->
    try run(Command, #{}) of
        Output -> Output
    catch
        throw:{wrong, Reason} -> erlang:error(Reason, [Command], [{error_info, #{module => erl_kernel_errors}}])
    end.

-doc """
The same with options: `max_size` bounds the result, in bytes, and `exception_on_failure` raises
`{command_failed, Output, ExitCode}` when the command's exit code is not 0.
""".
-spec cmd(os_command(), os_command_opts()) -> string().
cmd(Command, Options) ->
    try run(Command, Options) of
        Output -> Output
    catch
        throw:{wrong, badopt} ->
            erlang:error(badarg, [Command, Options], [{error_info, #{module => erl_kernel_errors, cause => badopt}}]);
        throw:{wrong, Reason} -> erlang:error(Reason, [Command, Options], [{error_info, #{module => erl_kernel_errors}}])
    end.

%% A port belongs to a process of its own, so that nothing of it is left with the caller.
run(Command, Options) ->
    Text = command_text(Command),
    {Max, Strict} = command_options(Options),
    {Pid, Ref} = spawn_monitor(fun() -> exit({cmd_result, collect(open(Text), Max, 0, [])}) end),
    receive
        {'DOWN', Ref, process, Pid, {cmd_result, {Bytes, Status}}} ->
            Output = decode(Bytes),
            case Strict andalso Status =/= 0 of
                true -> erlang:error({command_failed, Output, Status});
                false -> Output
            end;
        {'DOWN', Ref, process, Pid, Reason} ->
            erlang:error(Reason)
    end.

command_text(Command) when is_atom(Command) -> command_text(atom_to_list(Command));
command_text(Command) when is_list(Command) ->
    case unicode:characters_to_list(checked(Command)) of
        Chars when is_list(Chars) ->
            %% Zeros may only stand at the end.
            case lists:splitwith(fun(C) -> C =/= 0 end, Chars) of
                {Before, Zeros} ->
                    lists:all(fun(C) -> C =:= 0 end, Zeros) orelse throw({wrong, badarg}),
                    Before
            end;
        _ -> throw({wrong, badarg})
    end;
command_text(_) -> throw({wrong, badarg}).

checked([H | T]) when is_integer(H) -> [H | checked(T)];
checked([H | T]) when is_list(H) -> [checked(H) | checked(T)];
checked([]) -> [];
checked(_) -> throw({wrong, badarg}).

command_options(Options) when is_map(Options) ->
    Max = case Options of
              #{max_size := infinity} -> infinity;
              #{max_size := N} when is_integer(N), N >= 0 -> N;
              #{max_size := _} -> throw({wrong, badopt});
              _ -> infinity
          end,
    case Options of
        #{exception_on_failure := Bool} when is_boolean(Bool) -> {Max, Bool};
        #{exception_on_failure := _} -> throw({wrong, badopt});
        _ -> {Max, false}
    end;
command_options(_) -> throw({wrong, badopt}).

%% Between the command's output and its exit code stands a byte that ends the output: processes
%% that the command leaves in the background may keep the output open.
-define(END, 4).

open(Text) ->
    case type() of
        {win32, _} ->
            open_port({spawn, "cmd /c " ++ Text}, [stderr_to_stdout, in, exit_status, binary, hide]);
        _ ->
            Script = "(eval \"$1\") </dev/null; printf '\\004%d\\n' $?",
            open_port({spawn_executable, shell()},
                      [{args, ["-c", Script, "sh", unicode:characters_to_binary(Text)]},
                       stderr_to_stdout, in, exit_status, binary])
    end.

shell() ->
    case persistent_term:get({?MODULE, shell}, undefined) of
        undefined -> internal_init_cmd_shell(), shell();
        Shell -> Shell
    end.

-doc false.
internal_init_cmd_shell() ->
    Candidates = ["/bin/sh", "/system/bin/sh"],
    Shell = case [S || S <- Candidates, filelib:is_regular(S)] of
                [Found | _] -> Found;
                [] -> "/bin/sh"
            end,
    persistent_term:put({?MODULE, shell}, Shell).

collect(Port, Max, Size, Got) ->
    receive
        {Port, {data, Data}} ->
            case binary:split(Data, <<?END>>) of
                [Part, Code] -> finish(Port, Max, [Part | Got], status(Port, Code));
                [_] when Size + byte_size(Data) < Max -> collect(Port, Max, Size + byte_size(Data), [Data | Got]);
                [_] -> finish(Port, Max, [Data | Got], 0)
            end;
        {Port, {exit_status, Status}} ->
            finish(Port, Max, Got, Status)
    end.

status(Port, Code) ->
    case binary:split(Code, <<$\n>>) of
        [Number, _] -> binary_to_integer(Number);
        [_] ->
            receive
                {Port, {data, More}} -> status(Port, <<Code/binary, More/binary>>);
                {Port, {exit_status, Status}} -> Status
            end
    end.

finish(Port, Max, Got, Status) ->
    catch port_close(Port),
    All = iolist_to_binary(lists:reverse(Got)),
    case is_integer(Max) andalso byte_size(All) > Max of
        true -> {binary:part(All, 0, Max), Status};
        false -> {All, Status}
    end.

%% Output that is not UTF-8 is given byte by byte.
decode(Bytes) ->
    case unicode:characters_to_list(Bytes) of
        Chars when is_list(Chars) -> Chars;
        _ -> binary_to_list(Bytes)
    end.

-doc false.
-spec format_utc_timestamp() -> iolist().
format_utc_timestamp() ->
    {_, _, Micro} = Now = timestamp(),
    {{Y, Mo, D}, {H, Mi, S}} = calendar:now_to_universal_time(Now),
    Month = lists:nth(Mo, ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]),
    io_lib:format("~2w ~s ~4w ~2w:~2..0w:~2..0w.~6..0w", [D, Month, Y, H, Mi, S, Micro]).
