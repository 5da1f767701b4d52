-module(shell).
-moduledoc "The interactive shell: reads expressions, has a process evaluate them, and prints the values.".

-export([start/0, start_interactive/0, start_interactive_shell/0, history/1, results/1, strings/1,
         catch_exception/1, prompt_func/1, default_multiline_prompt/1, whereis/0]).

-record(state, {n = 1 :: pos_integer(),             % number of the next command
                eval :: undefined | pid(),          % the evaluator
                bindings :: erl_eval:binding_struct(),
                commands = #{} :: #{integer() => [term()]},
                results = #{} :: #{integer() => term()}}).

-define(WIDTH, 80).
-define(DEPTH, 30).
-define(LINE_CHARS, 60).
-define(HISTORY, 20).

%%% ---- interface -------------------------------------------------------------------------------

-doc "Starts a shell with its banner on the caller's group leader; gives its process.".
-spec start() -> pid().
start() ->
    Pid = spawn(fun() -> banner(), run() end),
    Pid.

-doc "Starts the shell of the node's terminal.".
-spec start_interactive() -> ok.
start_interactive() -> start_interactive_shell(), ok.

-doc false.
start_interactive_shell() ->
    banner(),
    run().

-doc "The process of the running shell.".
-spec whereis() -> pid() | undefined.
whereis() -> erlang:whereis(shell).

-doc "How many earlier commands are kept; gives the old number.".
-spec history(non_neg_integer()) -> non_neg_integer().
history(N) when is_integer(N), N >= 0 -> set(shell_history_length, N, ?HISTORY).

-doc "How many earlier results are kept; gives the old number.".
-spec results(non_neg_integer()) -> non_neg_integer().
results(N) when is_integer(N), N >= 0 -> set(shell_saved_results, N, ?HISTORY).

-doc "Whether lists of printable characters are shown as strings; gives the old setting.".
-spec strings(boolean()) -> boolean().
strings(On) when is_boolean(On) -> set(shell_strings, On, true).

-doc "Whether exceptions leave the evaluator alive; gives the old setting.".
-spec catch_exception(boolean()) -> boolean().
catch_exception(On) when is_boolean(On) -> set(shell_catch_exception, On, false).

-doc "The function that makes prompts: default or {Module, Function}; gives the old setting.".
-spec prompt_func(default | {module(), atom()}) -> default | {module(), atom()}.
prompt_func(Func) -> set(shell_prompt_func, Func, default).

-doc "The prompt of further lines of an expression.".
-spec default_multiline_prompt(unicode:chardata()) -> unicode:chardata().
default_multiline_prompt(_) -> "".

set(Key, Value, Default) ->
    Old = setting(Key, Default),
    persistent_term:put({?MODULE, Key}, Value),
    Old.

setting(Key, Default) -> persistent_term:get({?MODULE, Key}, Default).

banner() ->
    io:put_chars(["Eshell of gerl, Erlang/OTP ", erlang:system_info(otp_release),
                  " (help with help(). leave with q().)\n"]).

%%% ---- the loop ----------------------------------------------------------------------------------

run() ->
    process_flag(trap_exit, true),
    catch register(shell, self()),
    State = #state{bindings = erl_eval:new_bindings()},
    loop(State#state{eval = start_evaluator(State)}).

loop(#state{n = N} = State) ->
    case read(N, State) of
        {ok, Exprs, _} ->
            loop(command(Exprs, State));
        {error, ErrorInfo} ->
            print_error(ErrorInfo),
            loop(State);
        interrupted ->
            loop(State);
        eof ->
            io:put_chars("*** Terminating erlang (" ++ atom_to_list(node()) ++ ")\n"),
            init:stop(),
            receive after infinity -> ok end
    end.

read(N, State) ->
    case io:scan_erl_exprs(erlang:group_leader(), prompt(N, State), {1, 1}, []) of
        {ok, Tokens, End} ->
            case erl_parse:parse_exprs(Tokens) of
                {ok, Exprs} -> {ok, Exprs, End};
                {error, Info} -> {error, Info}
            end;
        {error, Info, _} -> {error, Info};
        {error, interrupted} -> interrupted;
        {eof, _} -> eof;
        _ -> eof
    end.

prompt(N, _) ->
    Default = integer_to_list(N) ++ "> ",
    case setting(shell_prompt_func, default) of
        default when node() =:= nonode@nohost -> Default;
        default -> ["(", atom_to_list(node()), ")", Default];
        {M, F} ->
            try M:F([{history, N}]) catch _:_ -> Default end
    end.

print_error({Location, Module, Info}) ->
    io:put_chars(["* ", location(Location), Module:format_error(Info), $\n]).

location({Line, Column}) -> [integer_to_list(Line), $:, integer_to_list(Column), ": "];
location(Line) when is_integer(Line) -> [integer_to_list(Line), ": "];
location(_) -> "".

%% Carries out one command line. A mistake that is found before anything was evaluated does not count.
command(Exprs0, State) ->
    try expand(Exprs0, State) of
        Exprs -> evaluate(Exprs, State)
    catch
        throw:{shell_error, Text} ->
            io:put_chars([Text, $\n]),
            State
    end.

evaluate(Exprs, #state{n = N, eval = Eval, bindings = Bs} = State) ->
    Eval ! {eval, self(), Exprs, Bs},
    {Result, State1} = await(Eval, State),
    Kept = keep(N, State1#state{commands = (State1#state.commands)#{N => Exprs}}),
    case Result of
        {value, Value, Bs1} ->
            print_value(Value),
            next(Kept#state{bindings = Bs1, results = (Kept#state.results)#{N => Value}});
        {unbound, Name, Anno} ->
            io:put_chars(["* ", location(erl_anno:location(Anno)), "variable '", atom_to_list(Name),
                          "' is unbound", $\n]),
            State1;
        {exception, Class, Reason, Stack} ->
            print_exception(Class, Reason, Stack),
            next(Kept#state{results = (Kept#state.results)#{N => {'EXIT', Reason}}})
    end.

next(#state{n = N} = State) -> State#state{n = N + 1}.

keep(N, #state{commands = Commands, results = Results} = State) ->
    OldC = N - setting(shell_history_length, ?HISTORY),
    OldR = N - setting(shell_saved_results, ?HISTORY),
    State#state{commands = maps:filter(fun(K, _) -> K > OldC end, Commands),
                results = maps:filter(fun(K, _) -> K > OldR end, Results)}.

%% Waits for the evaluator, and serves what it asks for meanwhile.
await(Eval, State) ->
    receive
        {Eval, result, Result} ->
            {Result, State};
        {Eval, failed, Class, Reason, Stack} ->
            receive {'EXIT', Eval, _} -> ok end,
            {{exception, Class, Reason, Stack}, State#state{eval = start_evaluator(State)}};
        {Eval, ask, Ref, Request} ->
            {Reply, State1} = serve(Request, State),
            Eval ! {Ref, Reply},
            await(Eval, State1);
        {'EXIT', Eval, Reason} ->
            {{exception, exit, Reason, []}, State#state{eval = start_evaluator(State)}};
        {'EXIT', _, kill} ->
            exit(kill);
        {'EXIT', _, _} ->
            await(Eval, State)
    end.

serve({set_bindings, Bs}, State) -> {ok, State#state{bindings = Bs}};
serve({result, N}, #state{results = Results, n = Now} = State) ->
    Wanted = if N < 0 -> Now + N; true -> N end,
    {case Results of #{Wanted := Value} -> {ok, Value}; #{} -> {none, Wanted} end, State};
serve({command, N}, #state{commands = Commands, n = Now} = State) ->
    Wanted = if N < 0 -> Now + N; true -> N end,
    {case Commands of #{Wanted := Exprs} -> {ok, Exprs}; #{} -> {none, Wanted} end, State};
serve(history, #state{commands = Commands, results = Results} = State) ->
    {{lists:sort(maps:to_list(Commands)), Results}, State}.

%% e(N) stands for the expressions of command N.
expand(Exprs, #state{commands = Commands, n = Now}) ->
    lists:append([case Expr of
                      {call, _, {atom, _, e}, [Arg]} ->
                          N0 = element(3, erl_eval:partial_eval(Arg)),
                          N = if N0 < 0 -> Now + N0; true -> N0 end,
                          case Commands of
                              #{N := Old} -> Old;
                              #{} -> throw({shell_error, io_lib:format("** ~w: command not found **", [N0])})
                          end;
                      _ -> [Expr]
                  end || Expr <- Exprs]).

%%% ---- the evaluator -----------------------------------------------------------------------------

start_evaluator(_State) ->
    Shell = self(),
    spawn_link(fun() -> evaluator(Shell) end).

evaluator(Shell) ->
    receive
        {eval, Shell, Exprs, Bs} ->
            try run_exprs(Exprs, Bs, Shell) of
                Result -> Shell ! {self(), result, Result}
            catch
                error:{unbound_var, Name, Anno} ->
                    Shell ! {self(), result, {unbound, Name, Anno}};
                Class:Reason:Stack ->
                    failed(Class, Reason, Stack, Shell)
            end,
            evaluator(Shell)
    end.

failed(Class, Reason, Stack, Shell) ->
    case setting(shell_catch_exception, false) of
        true -> Shell ! {self(), result, {exception, Class, Reason, Stack}};
        false ->
            Shell ! {self(), failed, Class, Reason, Stack},
            exit(case Class of
                     error -> {Reason, Stack};
                     exit -> Reason;
                     throw -> {{nocatch, Reason}, Stack}
                 end)
    end.

run_exprs(Exprs, Bs, Shell) ->
    put('$shell', Shell),
    Local = {eval, fun(Anno, Name, Args, Bindings) -> local(Anno, Name, Args, Bindings, Shell) end},
    erl_eval:exprs(Exprs, Bs, Local).

%% A call of a function without a module: of the shell itself, of user_default, of shell_default.
local(_, f, [], _, _) -> {value, ok, erl_eval:new_bindings()};
local(_, f, [{var, _, Name}], Bs, _) -> {value, ok, erl_eval:del_binding(Name, Bs)};
local(_, b, [], Bs, _) ->
    [io:put_chars([atom_to_list(Name), " = ", pretty(Value, length(atom_to_list(Name)) + 4), $\n])
     || {Name, Value} <- lists:sort(erl_eval:bindings(Bs))],
    {value, ok, Bs};
local(_, v, [Arg], Bs, Shell) ->
    {value, N, _} = erl_eval:expr(Arg, Bs),
    case ask(Shell, {result, N}) of
        {ok, Value} -> {value, Value, Bs};
        {none, M} -> not_found(M)
    end;
local(_, h, [], Bs, Shell) ->
    {Commands, Results} = ask(Shell, history),
    lists:foreach(fun({N, Exprs}) ->
                          io:put_chars([integer_to_list(N), ": ", lists:join(", ", [expr_text(E) || E <- Exprs]), $\n]),
                          case Results of
                              #{N := Value} -> io:put_chars(["-> ", pretty(Value, 4), $\n]);
                              #{} -> ok
                          end
                  end, Commands),
    {value, ok, Bs};
local(Anno, Name, Args, Bs, Shell) ->
    Handler = {eval, fun(A, N, As, B) -> local(A, N, As, B, Shell) end},
    {Values, Bs1} = erl_eval:expr_list(Args, Bs, Handler),
    Arity = length(Values),
    _ = Anno,
    {value, case [M || M <- [user_default, shell_default], exported(M, Name, Arity)] of
                [M | _] -> apply(M, Name, Values);
                [] -> erlang:raise(error, undef, [{shell_default, Name, Values, []}])
            end, Bs1}.

expr_text(Expr) ->
    try
        erl_pp:expr(Expr)
    catch
        _:_ -> io_lib:format("~tp", [Expr])
    end.

not_found(N) ->
    erlang:raise(error, {shell_message, ["** ", integer_to_list(N), ": not found **"]}, []).

exported(Module, Name, Arity) ->
    case code:ensure_loaded(Module) of
        {module, _} -> erlang:function_exported(Module, Name, Arity);
        _ -> false
    end.

ask(Shell, Request) ->
    Ref = make_ref(),
    Shell ! {self(), ask, Ref, Request},
    receive {Ref, Reply} -> Reply end.

%%% ---- output ------------------------------------------------------------------------------------

print_value(Value) -> io:put_chars([pretty(Value, 1), $\n]).

pretty(Value, Column) ->
    gerl_io:pretty(Value, {Column, columns(), ?DEPTH, ?LINE_CHARS}, -1, false, setting(shell_strings, true), []).

columns() ->
    case io:columns() of
        {ok, N} -> N;
        _ -> ?WIDTH
    end.

print_exception(error, {shell_message, Text}, _) ->
    io:put_chars([Text, $\n]);
print_exception(Class, Reason, Stack0) ->
    Stack = lists:takewhile(fun({?MODULE, _, _, _}) -> false; (_) -> true end, Stack0),
    Skip = fun(M, _, _) -> M =:= erl_eval orelse M =:= ?MODULE orelse M =:= prim_eval end,
    Text = erl_error:format_exception(Class, Reason, visible(Stack),
                                      #{column => 4, stack_trim_fun => Skip,
                                        format_fun => fun(Term, Column) -> io_lib:format("~*.*tP", [columns(), Column, Term, ?DEPTH]) end}),
    io:put_chars(["** ", Text, $\n]).

%% Frames of the evaluator between those of called functions are not shown.
visible([{erl_eval, '-inside-an-interpreted-fun-', _, _} = Entry | Rest]) -> [Entry | visible(Rest)];
visible([{erl_eval, _, _, _} | Rest]) -> visible(Rest);
visible([Entry | Rest]) -> [Entry | visible(Rest)];
visible([]) -> [].
