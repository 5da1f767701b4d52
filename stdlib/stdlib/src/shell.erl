-module(shell).
-moduledoc "The interactive shell: reads expressions, has a process evaluate them, and prints the values.".

-export([start/0, start/1, start/2, start_interactive/0, start_interactive/1, start_interactive_shell/0, history/1, results/1, strings/1,
         catch_exception/1, prompt_func/1, multiline_prompt_func/1, default_multiline_prompt/1, inverted_space_prompt/1,
         whereis/0, start_restricted/1, stop_restricted/0, call_defined/2, commands/0]).

-record(state, {n = 1 :: pos_integer(),             % number of the next command
                eval :: undefined | pid(),          % the evaluator
                bindings :: erl_eval:binding_struct(),
                dictionary = [] :: [{term(), term()}],      % the evaluator's, after the last command that had a value
                defs :: undefined | ets:table(),            % what was defined at the prompt, see gerl_shell_defs
                commands = #{} :: #{integer() => [term()]},
                results = #{} :: #{integer() => term()}}).

-define(WIDTH, 80).
-define(DEPTH, 30).
-define(LINE_CHARS, 60).
-define(HISTORY, 20).
-define(DEFINITIONS, shell_definitions).
-define(RESTRICTED, restricted_shell).

%%% ---- interface -------------------------------------------------------------------------------

-doc "Starts a shell with its banner on the caller's group leader; gives its process.".
-spec start() -> pid().
start() -> start(false).

-doc "Starts a shell; `init` is the node's first one, whose banner tells of the system.".
-spec start(boolean() | init) -> pid().
start(How) ->
    spawn(fun() -> banner(How), run() end).

-doc false.
start(How, _Sync) -> start(How).

-doc "Starts the usual shell on the node's terminal, if there is none yet.".
-spec start_interactive() -> ok | {error, term()}.
start_interactive() -> user_drv:start_shell().

-doc "Starts a shell on the node's terminal: the function must give the shell's process.".
-spec start_interactive(noshell | {module(), atom(), [term()]}) -> ok | {error, term()}.
start_interactive(noshell) -> ok;
start_interactive({_, _, _} = Shell) -> user_drv:start_shell(Shell).

-doc false.
start_interactive_shell() -> banner(init), run().

-doc "The process of the shell that the caller is in, or of the first one.".
-spec whereis() -> pid() | undefined.
whereis() ->
    case ets:whereis(?DEFINITIONS) of
        undefined -> undefined;
        Table -> ets:info(Table, owner)
    end.

-doc """
Makes the node's shells restricted: a callback module says which functions may be called, by `local_allowed/3` for commands and local
functions, and `non_local_allowed/3` for others. The current shells end.
""".
-spec start_restricted(module()) -> {error, term()} | no_return().
start_restricted(Module) when is_atom(Module) ->
    case code:ensure_loaded(Module) of
        {module, Module} ->
            set(?RESTRICTED, Module, undefined),
            exit(restricted_shell_started);
        {error, What} = Error ->
            error_logger:error_report(io_lib:fwrite("Restricted shell module ~w not found: ~tp\n", [Module, What])),
            Error
    end.

-doc "Ends the restriction.".
-spec stop_restricted() -> no_return().
stop_restricted() ->
    set(?RESTRICTED, undefined, undefined),
    exit(restricted_shell_stopped).

-doc "How many earlier commands are kept; gives the old number.".
-spec history(non_neg_integer()) -> non_neg_integer().
history(N) when is_integer(N), N >= 0 -> set(shell_history_length, N, ?HISTORY).

-doc "How many earlier results are kept; gives the old number.".
-spec results(non_neg_integer()) -> non_neg_integer().
results(N) when is_integer(N), N >= 0 -> set(shell_saved_results, N, ?HISTORY).

-doc "Whether lists of printable characters are shown as strings; gives the old setting.".
-spec strings(boolean()) -> boolean().
strings(On) -> set(shell_strings, On, true).

-doc "Whether exceptions leave the evaluator alive; gives the old setting.".
-spec catch_exception(boolean()) -> boolean().
catch_exception(On) when is_boolean(On) -> set(shell_catch_exception, On, false).

-doc "The function that makes prompts: default or {Module, Function}; gives the old setting.".
-spec prompt_func(default | {module(), atom()}) -> default | {module(), atom()}.
prompt_func(Func) -> set(shell_prompt_func, Func, default).

-doc "The function that makes the prompts of further lines; gives the old setting. The terminal draws them itself.".
-spec multiline_prompt_func(default | {module(), atom()}) -> default | {module(), atom()}.
multiline_prompt_func(Func) -> set(shell_multiline_prompt, Func, default).

-doc "The prompt of further lines of an expression.".
-spec default_multiline_prompt(unicode:chardata()) -> unicode:chardata().
default_multiline_prompt(Prompt) -> [lists:duplicate(max(0, string:length(Prompt) - 3), $\s), ".. "].

-doc "Blanks in the place of a prompt.".
-spec inverted_space_prompt(unicode:chardata()) -> unicode:chardata().
inverted_space_prompt(Prompt) -> ["\e[7m", lists:duplicate(max(0, string:length(Prompt) - 1), $\s), "\e[27m "].

set(Key, Value, Default) ->
    Old = setting(Key, Default),
    case Value of
        undefined -> application:unset_env(stdlib, Key);
        _ -> application:set_env(stdlib, Key, Value)
    end,
    Old.

%% The settings are environment variables of the application stdlib: the command line and configuration files may set them.
setting(Key, Default) -> application:get_env(stdlib, Key, Default).

banner(How) ->
    Version = erlang:system_info(version),
    io:put_chars([case How of
                      init -> [string:trim(erlang:system_info(system_version)), "\n\n"];
                      _ -> ""
                  end,
                  "Eshell V", Version, " (press Ctrl+G to abort, type help(). for help)\n"]).

%%% ---- the loop ----------------------------------------------------------------------------------

run() ->
    process_flag(trap_exit, true),
    put('$ancestors', [group_leader() | driver()]),
    State = #state{bindings = erl_eval:new_bindings(), defs = table()},
    own_records({self(), State#state.defs}),
    loop(State#state{eval = start_evaluator(State)}).

%% The driver of the terminal, and what started it.
driver() ->
    case erlang:whereis(user_drv) of
        Pid when is_pid(Pid) ->
            {dictionary, Dictionary} = process_info(Pid, dictionary),
            [user_drv | proplists:get_value('$ancestors', Dictionary, [])];
        undefined -> []
    end.

loop(#state{n = N} = State) ->
    case read(N, State) of
        {ok, Exprs, _} ->
            loop(command(Exprs, State));
        {define, Form} ->
            loop(define(Form, State));
        {error, ErrorInfo} ->
            print_error(ErrorInfo),
            loop(State);
        interrupted ->
            io:put_chars("** exception exit: killed\n"),
            loop(State);
        eof ->
            is_remote() andalso exit(normal),
            io:put_chars("*** Terminating erlang (" ++ atom_to_list(node()) ++ ")\n"),
            init:stop(),
            receive after infinity -> ok end
    end.

%% Whether who reads and writes for the shell is on another node.
is_remote() -> node(group_leader()) =/= node().

read(N, State) ->
    _ = [io:setopts([{expand_fun, edlin_expand:for_shell(State#state.bindings, State#state.defs)}]) || not is_remote()],
    case io:scan_erl_exprs(erlang:group_leader(), prompt(N, State), {1, 1}, [text]) of
        {ok, Tokens, End} ->
            case gerl_shell_defs:parse(Tokens) of
                {ok, Exprs} -> {ok, Exprs, End};
                Other -> Other
            end;
        {error, Info, _} -> {error, Info};
        {error, interrupted} -> interrupted;
        {error, terminated} -> exit(normal);
        {eof, _} -> eof;
        _ -> eof
    end.

prompt(N, State) ->
    Default = case node() of
                  nonode@nohost -> [integer_to_list(N), "> "];
                  Node -> ["(", atom_to_list(Node), ")", integer_to_list(N), "> "]
              end,
    case setting(shell_prompt_func, default) of
        default -> lists:append(Default);
        {M, F} when is_atom(M), is_atom(F) ->
            try M:F([{history, N}])
            catch
                Class:Reason:Stack ->
                    print_exception("** ", Class, Reason, Stack, State),
                    lists:append(Default)
            end;
        Other ->
            io:put_chars(io_lib:format("* Bad prompt function: ~tp~n", [Other])),
            lists:append(Default)
    end.

print_error({Location, Module, Info}) ->
    io:put_chars(["* ", location(Location), Module:format_error(Info), $\n]).

location({Line, Column}) -> [integer_to_list(Line), $:, integer_to_list(Column), ": "];
location(Line) when is_integer(Line) -> [integer_to_list(Line), ": "];
location(_) -> "".

%% The first shell's table has a name, by which functions are found that are called as shell_default:Name(...).
table() ->
    case ets:whereis(?DEFINITIONS) of
        undefined -> ets:new(?DEFINITIONS, [public, named_table]);
        _ -> ets:new(?DEFINITIONS, [public])
    end.

%% Carries out one command line. A mistake that is found before anything was evaluated does not count.
command(Exprs0, State) ->
    try refer(Exprs0, State) of
        Exprs -> evaluate(Exprs, State)
    catch
        throw:{shell_error, Text} ->
            io:put_chars([Text, $\n]),
            State
    end.

evaluate(Exprs, #state{n = N, eval = Eval, bindings = Bs} = State) ->
    Eval ! {eval, self(), Exprs, Bs},
    {Result, State1} = await(Eval, State, case setting(shell_hints, true) of false -> infinity; _ -> 5000 end),
    finish(Result, keep(N, State1#state{commands = (State1#state.commands)#{N => Exprs}})).

finish({value, Value, Bs}, #state{n = N, commands = Commands} = State) ->
    print_value(Value, State),
    gerl_shell_hints:value(Value, maps:get(N, Commands, [])),
    next(result(Value, State#state{bindings = Bs}));
finish({mistake, {Location, Module, What}}, State) ->
    io:put_chars(["* ", location(Location), Module:format_error(What), $\n]),
    _ = [gerl_shell_hints:unbound(element(2, What), erl_eval:bindings(State#state.bindings))
         || is_tuple(What), element(1, What) =:= unbound_var],
    next(result({'EXIT', What}, State));
finish({exception, error, {unbound, Name}, [{erl_eval, _, _, [{location, Location}]} | _]}, State) ->
    io:put_chars(["* ", location(Location), "variable '", atom_to_list(Name), "' is unbound", $\n]),
    gerl_shell_hints:unbound(Name, erl_eval:bindings(State#state.bindings)),
    next(result({'EXIT', {unbound_var, Name}}, State));
finish({exception, throw, {shell_error, Location, Text}, _}, State) ->
    io:put_chars(["* ", location(Location), Text, $\n]),
    next(State);
finish({caught, Class, Reason, Stack}, State) -> failed_command("* ", Class, Reason, Stack, State);
finish({exception, Class, Reason, Stack}, State) -> failed_command("** ", Class, Reason, Stack, State).

%% An exception that left the evaluator alive has one asterisk.
failed_command(Stars, Class, Reason, Stack, State) ->
    print_exception(Stars, Class, Reason, Stack, State),
    gerl_shell_hints:exception(Stack),
    next(result({'EXIT', caught(Class, Reason, Stack)}, State)).

caught(exit, Reason, Stack) -> {Reason, Stack};
caught(throw, Reason, Stack) -> {{nocatch, Reason}, Stack};
caught(error, Reason, Stack) -> {Reason, Stack}.

result(Value, #state{n = N, results = Results} = State) -> keep(N, State#state{results = Results#{N => Value}}).

next(#state{n = N} = State) -> State#state{n = N + 1}.

keep(N, #state{commands = Commands, results = Results} = State) ->
    OldC = N - setting(shell_history_length, ?HISTORY),
    OldR = N - setting(shell_saved_results, ?HISTORY),
    State#state{commands = maps:filter(fun(K, _) -> K > OldC end, Commands),
                results = maps:filter(fun(K, _) -> K > OldR end, Results)}.

%% Waits for the evaluator, serves what it asks for; tells once how to interrupt what takes a long time.
await(Eval, State, Hint) ->
    receive
        {Eval, result, Result, Dictionary} ->
            {Result, State#state{dictionary = Dictionary}};
        {Eval, failed, Class, Reason, Stack} ->
            receive {'EXIT', Eval, _} -> ok end,
            {{exception, Class, Reason, Stack}, State#state{eval = start_evaluator(State)}};
        {_, ask, Ref, Request, From} ->
            {Reply, State1} = serve(Request, State),
            From ! {Ref, Reply},
            await(Eval, State1, Hint);
        {'EXIT', Eval, {Reason, [Frame | _] = Stack}} when is_tuple(Frame), tuple_size(Frame) =:= 4 ->
            {{exception, exit, Reason, Stack}, State#state{eval = start_evaluator(State)}};
        {'EXIT', Eval, Reason} ->
            {{exception, exit, Reason, []}, State#state{eval = start_evaluator(State)}};
        {'EXIT', _, interrupt} ->
            exit(Eval, kill),
            await(Eval, State, Hint);
        {'EXIT', _, kill} ->
            exit(kill);
        {'EXIT', _, _} ->
            await(Eval, State, Hint)
    after Hint ->
        io:put_chars("Command is taking a long time, type Ctrl+G, then enter 'i' to interrupt\n"),
        await(Eval, State, infinity)
    end.

serve(history, #state{commands = Commands, results = Results} = State) ->
    {{lists:sort(maps:to_list(Commands)), Results}, State}.

%% The definitions are in a table because other processes use them while the shell reads.
definitions(Table) ->
    case ets:lookup(Table, definitions) of
        [{_, Defs}] -> Defs;
        [] -> #{}
    end.

%% e(N) stands for the expressions of command N, v(N) gives the result of command N: the numbers are made those of commands.
refer(Exprs, State) -> lists:append([refer_expr(Expr, State) || Expr <- Exprs]).

refer_expr({call, _, {atom, _, e}, [Arg]}, #state{commands = Commands} = State) ->
    maps:get(number(Arg, Commands, State), Commands);
refer_expr(Expr, State) -> [refer_inside(Expr, State)].
refer_inside({call, A, {atom, _, v} = Name, [Arg]}, #state{commands = Commands} = State) ->
    N = number(Arg, Commands, State),
    {call, A, Name, [{integer, A, N}]};
refer_inside(Expr, State) when is_tuple(Expr), element(1, Expr) =/= value ->
    list_to_tuple(refer_inside(tuple_to_list(Expr), State));
refer_inside([Head | Tail], State) -> [refer_inside(Head, State) | refer_inside(Tail, State)];
refer_inside(Other, _) -> Other.

number(Arg, Known, #state{n = Now}) ->
    case erl_eval:partial_eval(Arg) of
        {integer, _, N0} ->
            N = if N0 < 0 -> Now + N0; true -> N0 end,
            is_map_key(N, Known) orelse throw({shell_error, io_lib:format("* ~w: command not found", [N0])}),
            N;
        Other ->
            throw({shell_error, ["* ", erl_pp:expr(Other), ": command not found"]})
    end.

%% A function, record, type or spec that is written at the prompt as in a module.
define(Form, #state{defs = Table, bindings = Bs, n = N} = State) ->
    try
        Defs0 = definitions(Table),
        ok = no_mistake(Form, erl_eval:bindings(Bs), Defs0),
        defined(Form, Defs0)
    of
        Defs ->
            ets:insert(Table, {definitions, Defs}),
            io:put_chars("ok\n"),
            Command = gerl_shell_defs:command(Form),
            next(keep(N, State#state{commands = (State#state.commands)#{N => [Command]},
                                     results = (State#state.results)#{N => ok}}))
    catch
        throw:{shell_error, Location, Text} ->
            io:put_chars(["* ", location(Location), Text, $\n]),
            next(State);
        throw:{mistake, _} = Mistake -> finish(Mistake, State);
        exit:Reason -> finish({exception, exit, Reason, []}, State)
    end.

%% A wrong record is an exception; what is wrong in a function is told with places in the text that the printer makes of it, as in OTP, where
%% the shell gives that text to a command of its own.
no_mistake({attribute, _, Kind, _} = Form, _, Defs) when Kind =:= record; Kind =:= native_record -> right_record(Form, Defs);
no_mistake({function, A, Name, _, Clauses}, Bindings, Defs) ->
    Fun = erl_pp:expr({named_fun, A, 'RecursiveFuncVar', Clauses}),
    {ok, Tokens, _} = erl_scan:string(lists:flatten(["fd(", io_lib:write_atom(Name), ", ", Fun, ")."]), {1, 1}),
    case erl_parse:parse_exprs(Tokens) of
        {ok, [Expr]} ->
            case gerl_shell_defs:mistake(Expr, [V || {V, _} <- Bindings], Defs) of
                none -> ok;
                Mistake -> throw({mistake, Mistake})
            end;
        {error, _} -> ok
    end;
no_mistake(_, _, _) -> ok.

right_record(Form, Defs) ->
    case gerl_shell_defs:record_mistake(Form, Defs) of
        none -> ok;
        {_, Module, What} -> exit(lists:flatten(Module:format_error(What)))
    end.

defined({attribute, _, record, {Name, Fields}} = Form, Defs) ->
    Defs#{{declared, Name} => Form,
          {record, Name} => [{F, hd(gerl_shell_defs:expand([D], Defs))} || {F, D} <- gerl_shell_defs:fields(Fields)]};
defined({attribute, _, native_record, {Name, _}} = Form, Defs) -> Defs#{{native, Name} => Form};
defined({attribute, _, spec, {{Name, Arity}, _}} = Form, Defs) -> Defs#{{spec, Name, Arity} => Form};
defined({attribute, _, _, {Name, _, Params}} = Form, Defs) -> Defs#{{type, Name, length(Params)} => Form};
defined({function, A, Name, Arity, Clauses} = Form, Defs) ->
    Defs#{{function, Name, Arity} => {Form, {'fun', A, {clauses, gerl_shell_defs:expand_clauses(Clauses, Defs)}}}}.

%%% ---- the evaluator -----------------------------------------------------------------------------

%% A new evaluator has the bindings, and the process dictionary, of the one before.
start_evaluator(#state{defs = Table, dictionary = Dictionary}) ->
    Shell = {self(), Table},
    Ancestors = [self() | get('$ancestors')],
    spawn_link(fun() ->
                       _ = [put(Key, Value) || {Key, Value} <- Dictionary],
                       put('$ancestors', Ancestors),
                       eval_loop(Shell, handler(Shell), 1, [])
               end).

%% The evaluator's own frames are in the stack traces that programs see: exprs, eval_exprs and eval_loop, as in OTP's.
eval_loop({Pid, Table} = Shell, Handler, Count, Options) ->
    receive
        {eval, Pid, Exprs, Bs} ->
            ok = eval_exprs(Exprs, Bs, Pid, Table, Handler, Count, Options),
            eval_loop(Shell, Handler, Count + 1, Options)
    end.

eval_exprs(Exprs, Bs, Pid, Table, Handler, Count, Options) ->
    try
        Result = exprs(Exprs, Bs, Pid, Table, Handler, Count, Options),
        Pid ! {self(), result, Result, get()},
        ok
    catch
        Class:Reason:Stack -> failed(Class, Reason, trace(Stack), Pid)
    end.

%% How a command was found is nobody's concern.
trace(Stack) ->
    [F || F <- Stack, element(1, F) =/= ?MODULE orelse not lists:member(element(2, F), [local, any_local, called, command])].

failed(Class, Reason, Stack, Shell) ->
    case setting(shell_catch_exception, false) =:= true andalso {Class, Reason} =/= {exit, normal} of
        true ->
            Shell ! {self(), result, {caught, Class, Reason, Stack}, get()},
            ok;
        false ->
            Shell ! {self(), failed, Class, Reason, Stack},
            exit(caught(Class, Reason, Stack))
    end.

%% Records are expanded one expression after the other: one may define what the next one uses.
exprs([Expr | Exprs], Bs, Pid, Table, Handler, Count, Options) ->
    Defs = definitions(Table),
    case gerl_shell_defs:mistake(Expr, [Name || {Name, _} <- erl_eval:bindings(Bs)], Defs) of
        none ->
            [Expanded] = gerl_shell_defs:expand([to_user_default(Expr)], Defs),
            case erl_eval:expr(Expanded, Bs, Handler, remote_handler()) of
                {value, _, Bs1} when Exprs =/= [] -> exprs(Exprs, Bs1, Pid, Table, Handler, Count, Options);
                Result -> Result
            end;
        Mistake -> {mistake, Mistake}
    end.

%% Functions of user_default are called as such, but for those of a restricted shell.
to_user_default(Expr) ->
    case setting(?RESTRICTED, undefined) =:= undefined andalso code:ensure_loaded(user_default) of
        {module, _} -> qualified(Expr);
        _ -> Expr
    end.

qualified({call, A, {atom, B, Name} = F, Args}) ->
    Arity = length(Args),
    Qualified = case not erl_internal:bif(Name, Arity) andalso erlang:function_exported(user_default, Name, Arity) of
                    true -> {remote, B, {atom, B, user_default}, F};
                    false -> F
                end,
    {call, A, Qualified, qualified(Args)};
qualified({value, _, _} = Value) -> Value;
qualified(Tuple) when is_tuple(Tuple) -> list_to_tuple(qualified(tuple_to_list(Tuple)));
qualified([Head | Tail]) -> [qualified(Head) | qualified(Tail)];
qualified(Other) -> Other.

%% Operators and guards are calls as well where there are restrictions.
remote_handler() ->
    case setting(?RESTRICTED, undefined) of
        undefined -> {value, fun apply_fun/2};
        _ -> {guarded, fun apply_fun/2}
    end.

%% Calls of functions of other modules.
apply_fun(Function, Args) -> apply_fun(Function, Args, setting(?RESTRICTED, undefined)).

apply_fun({erlang, throw}, [Reason], undefined) -> throw(Reason);
apply_fun({erlang, exit}, [Reason], undefined) -> exit(Reason);
apply_fun({erlang, error}, [Reason], undefined) -> error(Reason);
apply_fun({M, F}, Args, undefined) -> apply(M, F, Args);
apply_fun(Fun, Args, undefined) -> apply(Fun, Args);
apply_fun(Fun, Args, Callback) when is_function(Fun) ->
    case erlang:fun_info(Fun, type) of
        {type, local} -> apply(Fun, Args);    % its body is evaluated under the same rules
        {type, external} ->
            {module, M} = erlang:fun_info(Fun, module),
            {name, F} = erlang:fun_info(Fun, name),
            apply_fun({M, F}, Args, Callback)
    end;
apply_fun(Function, Args, Callback) ->
    case allowed(Callback, non_local_allowed, Function, Args) of
        true -> apply_fun(Function, Args, undefined);
        {redirect, Other, OtherArgs} -> apply_fun(Other, OtherArgs, undefined);
        false -> exit({restricted_shell_disallowed, {Function, Args}})
    end.

%% The callback module keeps a state of its own.
allowed(Callback, What, Function, Args) ->
    case Callback:What(Function, Args, setting(restricted_shell_state, [])) of
        {Answer, State} ->
            _ = set(restricted_shell_state, State, []),
            Answer;
        Other -> erlang:raise(exit, {restricted_shell_bad_return, Other}, [{Callback, What, 3, []}])
    end.

handler(Shell) -> {eval, fun(Anno, Name, Args, Bindings) -> local(Anno, Name, Args, Bindings, Shell) end}.

%% Functions that were defined at the prompt call each other, commands and those of shell_default.
defined_handler(Shell) -> {value, fun(Name, Values) -> called(Name, Values, Shell, shell_default) end}.

%% A call of a function without a module: a command of the shell itself, a function that was defined at the prompt,
%% one of user_default or of shell_default.
local(_, f, [], _, _) -> {value, ok, erl_eval:new_bindings()};
local(_, f, [{var, _, '_'}], Bs, _) -> {value, ok, Bs};
local(_, f, [{var, _, Name}], Bs, _) -> {value, ok, erl_eval:del_binding(Name, Bs)};
local(_, f, [_], _, _) -> no_clause(f, 1);
local(_, b, [], Bs, Shell) ->
    Records = records(Shell),
    [io:put_chars(binding(atom_to_list(Name), Value, Records)) || {Name, Value} <- lists:sort(erl_eval:bindings(Bs))],
    {value, ok, Bs};
local(_, v, [{integer, _, N}], Bs, Shell) ->
    {_, Results} = ask(Shell, history),
    {value, maps:get(N, Results, undefined), Bs};
local(_, h, [], Bs, Shell) ->
    {Commands, Results} = ask(Shell, history),
    Records = records(Shell),
    lists:foreach(fun({N, Exprs}) ->
                          Number = integer_to_list(N) ++ ": ",
                          io:put_chars([Number, indented(lists:join(", ", [expr_text(E) || E <- Exprs]), length(Number)), $\n]),
                          case Results of
                              #{N := Value} -> io:put_chars(["-> ", pretty(Value, 4, Records), $\n]);
                              #{} -> ok
                          end
                  end, Commands),
    {value, ok, Bs};
local(_, rd, [{atom, _, Name}, Fields], Bs, Shell) ->
    Form = try gerl_shell_defs:form(Name, Fields) catch error:_ -> exit("bad record declaration") end,
    ok = right_record(Form, ask(Shell, definitions)),
    ask(Shell, {definitions, defined(Form, ask(Shell, definitions))}),
    {value, Name, Bs};
local(_, rd, [_, _], _, _) -> no_clause(rd, 2);
local(_, fd, [{atom, _, _}, _, {string, _, Text}], Bs, Shell) -> {value, define_text(Text, Shell), Bs};
local(_, Kind, [{string, _, Text}], Bs, Shell) when Kind =:= rd; Kind =:= td; Kind =:= ft -> {value, define_text(Text, Shell), Bs};
local(_, rf, [{atom, _, '_'}], Bs, Shell) -> {value, forget(Shell, fun is_record_key/1), Bs};
local(_, lf, [], Bs, Shell) ->
    Texts = gerl_shell_defs:function_texts(ask(Shell, definitions)),
    {value, io:put_chars(case Texts of [] -> "\n\n"; _ -> [lists:join($\n, Texts), $\n] end), Bs};
local(_, lt, [], Bs, Shell) ->
    {value, io:put_chars([lists:join("\n\n", gerl_shell_defs:type_texts(ask(Shell, definitions))), $\n]), Bs};
local(_, save_module, [{string, _, Path}], Bs, Shell) -> {value, gerl_shell_defs:save(Path, ask(Shell, definitions)), Bs};
local(_, save_module, [_], _, _) -> no_clause(save_module, 1);
local(_, lr, [], Bs, Shell) ->
    io:put_chars([gerl_shell_defs:declarations(all, ask(Shell, definitions)), $\n]),
    {value, ok, Bs};
local(_, fl, [], Bs, Shell) -> {value, forget(Shell, fun(_) -> true end), Bs};
local(_, ff, [], Bs, Shell) ->
    {value, forget(Shell, fun(Key) -> element(1, Key) =:= function orelse element(1, Key) =:= spec end), Bs};
local(_, ff, [{atom, _, Name}, {integer, _, Arity}], Bs, Shell) ->
    {value, forget(Shell, fun(Key) -> Key =:= {function, Name, Arity} orelse Key =:= {spec, Name, Arity} end), Bs};
local(_, tf, [], Bs, Shell) -> {value, forget(Shell, fun(Key) -> element(1, Key) =:= type end), Bs};
local(_, tf, [{atom, _, Name}], Bs, Shell) ->
    {value, forget(Shell, fun(Key) -> element(1, Key) =:= type andalso element(2, Key) =:= Name end), Bs};
local(Anno, Name, Args, Bs, Shell) ->
    case setting(?RESTRICTED, undefined) of
        undefined -> any_local(Name, Args, Bs, Shell);
        Callback ->
            case allowed(Callback, local_allowed, Name, Args) of
                true -> any_local(Name, Args, Bs, Shell);
                false ->
                    _ = Anno,
                    Shown = [try erl_parse:normalise(A) catch error:_ -> A end || A <- Args],
                    exit({restricted_shell_disallowed, {Name, Shown}})
            end
    end.

%% What the history keeps of a definition is a command with the definition's text.
define_text(Text, Shell) ->
    {ok, Tokens, _} = erl_scan:string(Text),
    {ok, Form} = erl_parse:parse_form(Tokens),
    ask(Shell, {definitions, defined(Form, ask(Shell, definitions))}).

any_local(Name, Args, Bs, Shell) ->
    {Values, Bs1} = erl_eval:expr_list(Args, Bs, handler(Shell)),
    {value, called(Name, Values, Shell, prompt), Bs1}.

called(Name, Values, Shell, From) ->
    case command(Name, Values, Shell) of
        {ok, Value} -> Value;
        none ->
            case From =:= prompt andalso exported(user_default, Name, length(Values)) of
                true -> apply(user_default, Name, Values);
                false -> defined_call(Name, Values, Shell, From)
            end
    end.

defined_call(Name, Values, Shell, From) ->
    Arity = length(Values),
    case ask(Shell, definitions) of
        #{{function, Name, Arity} := {_, Expr}} -> call_definition(Expr, Values, Shell);
        #{} ->
            case exported(shell_default, Name, Arity) orelse shell_default:is_command(Name, Arity) of
                true -> apply(shell_default, Name, Values);
                false when From =:= prompt -> shell_undef(Name, Arity);
                false -> undefined_function(Name, Values)
            end
    end.

undefined_function(Name, Values) ->
    {current_stacktrace, Stack} = process_info(self(), current_stacktrace),
    Callers = lists:dropwhile(fun({M, _, _, _}) -> lists:member(M, [erlang, ?MODULE, shell_default, error_handler]) end, Stack),
    erlang:raise(error, undef, [{shell_default, Name, Values, []} | Callers]).

shell_undef(Name, Arity) -> erlang:error({shell_undef, Name, Arity, []}).

call_definition(Expr, Values, Shell) ->
    {value, Fun, _} = erl_eval:expr(Expr, erl_eval:new_bindings(), defined_handler(Shell)),
    apply(Fun, Values).

-doc false.
commands() -> [v, h, b, f, fd, ff, fl, lf, lr, lt, rd, rf, rl, rp, rr, tf, td, ft, save_module, history, results, catch_exception].

-doc false.
call_defined(Name, Values) ->
    case ets:whereis(?DEFINITIONS) of
        undefined -> undefined_function(Name, Values);
        _ -> called(Name, Values, {?MODULE:whereis(), ?DEFINITIONS}, shell_default)
    end.

%% Commands whose arguments are values.
command(history, [N], _) -> limit(history, N);
command(results, [N], _) -> limit(results, N);
command(catch_exception, [On], _) ->
    is_boolean(On) orelse no_clause(catch_exception, 1),
    {ok, catch_exception(On)};
command(rf, [], Shell) ->
    forget(Shell, fun is_record_key/1),
    {ok, own_records(Shell)};
command(rf, [Names], Shell) ->
    List = if is_list(Names) -> Names; true -> [Names] end,
    {ok, forget(Shell, fun(Key) -> is_record_key(Key) andalso element(1, Key) =/= native andalso lists:member(element(2, Key), List) end)};
command(rl, [], Shell) -> {ok, list_records(all, Shell)};
command(rl, [Names], Shell) when is_list(Names) -> {ok, list_records(Names, Shell)};
command(rl, [Name], Shell) -> {ok, list_records([Name], Shell)};
command(rp, [Value], Shell) ->
    Text = gerl_io:pretty(Value, {1, columns(), -1, ?LINE_CHARS}, -1, false, setting(shell_strings, true) =/= false, records(Shell)),
    io:put_chars([Text, $\n]),
    {ok, ok};
command(rr, [Files | More], Shell) when length(More) < 3 ->
    Options = case More of
                  [_, Given] when is_list(Given) -> Given;
                  [_, Given] -> [Given];
                  _ -> []
              end,
    Wanted = case More of
                 [] -> fun(_) -> true end;
                 ['_' | _] -> fun(_) -> true end;
                 [Names | _] ->
                     List = if is_list(Names) -> Names; true -> [Names] end,
                     fun(Name) -> lists:member(Name, List) end
             end,
    {ok, read_records(Files, Wanted, Options, Shell)};
command(_, _, _) -> none.

limit(Name, N) when is_integer(N), N >= 0 -> {ok, ?MODULE:Name(N)};
limit(Name, _) -> no_clause(Name, 1).

no_clause(Name, Arity) -> erlang:raise(error, function_clause, [{?MODULE, Name, Arity, []}]).

is_record_key(Key) -> lists:member(element(1, Key), [record, declared, native]).

forget(Shell, Forgotten) ->
    Defs = ask(Shell, definitions),
    ask(Shell, {definitions, maps:filter(fun(Key, _) -> not Forgotten(Key) end, Defs)}).

list_records(Names, Shell) -> io:put_chars(gerl_shell_defs:declarations(Names, ask(Shell, definitions))).

records(Shell) -> gerl_shell_defs:printed(ask(Shell, definitions)).

%% The records of user_default are there from the start.
own_records(Shell) ->
    case code:where_is_file("user_default.beam") of
        non_existing -> [];
        _ -> read_records(user_default, fun(_) -> true end, [], Shell)
    end.

%% The records of a module or of source files; gives the names of those that were read.
read_records(Module, Wanted, Options, Shell) when is_atom(Module) ->
    case {code:get_object_code(Module), code:which(Module)} of
        {{_, Binary, File}, _} -> compiled_records(File, {ok, Binary}, Wanted, Options, Shell);
        {error, [_ | _] = File} -> compiled_records(File, file:read_file(File), Wanted, Options, Shell);
        _ -> {error, nofile}
    end;
read_records([C | _] = File, Wanted, Options, Shell) when is_integer(C) ->
    case {filename:extension(File), filelib:is_regular(File) orelse filelib:wildcard(File)} of
        {".beam", true} ->
            compiled_records(File, file:read_file(File), Wanted, Options, Shell);
        {_, true} ->
            case gerl_shell_defs:file_records(File, Options) of
                {ok, Records} -> add_records(Records, Wanted, Shell);
                {error, _} = Error -> Error
            end;
        {_, Files} -> read_records(Files, Wanted, Options, Shell)
    end;
read_records(Files, Wanted, Options, Shell) when is_list(Files) ->
    lists:usort(lists:append([case read_records(F, Wanted, Options, Shell) of
                                  Names when is_list(Names) -> Names;
                                  _ -> []
                              end || F <- Files]));
read_records(_, _, _, _) -> {error, invalid_filename}.

%% Without debug information the source file is read, if it is still where it was or beside the compiled one.
compiled_records(File, {ok, Binary}, Wanted, Options, Shell) ->
    case gerl_shell_defs:abstract_code(Binary) of
        {ok, Forms} -> add_records(gerl_shell_defs:declared(Forms), Wanted, Shell);
        error ->
            Compiled = case beam_lib:chunks(Binary, [compile_info]) of
                           {ok, {_, [{compile_info, Info}]}} -> [S || {source, S} <- Info];
                           _ -> []
                       end,
            case [S || S <- Compiled ++ [filename:rootname(File) ++ ".erl"], filelib:is_regular(S)] of
                [Source | _] -> read_records(Source, Wanted, Options, Shell);
                [] -> {error, nofile}
            end
    end;
compiled_records(_, {error, _}, _, _, _) -> {error, nofile}.

add_records(Forms, Wanted, Shell) ->
    Chosen = [F || {attribute, _, _, {Name, _}} = F <- Forms, Wanted(Name)],
    ask(Shell, {definitions, lists:foldl(fun defined/2, ask(Shell, definitions), Chosen)}),
    lists:usort([case Kind of record -> Name; native_record -> {shell_default, Name} end || {attribute, _, Kind, {Name, _}} <- Chosen]).

expr_text(Expr) ->
    try
        erl_pp:expr(Expr)
    catch
        _:_ -> io_lib:format("~tp", [Expr])
    end.

%% Further lines are moved to the right.
indented(Text, N) -> lists:join([$\n | lists:duplicate(N, $\s)], string:split(Text, "\n", all)).

%% A fun of the prompt is shown as it was written, on a line of its own if its name is long.
binding(Name, Value, Records) ->
    Width = string:length(Name) + 3,
    case is_function(Value) andalso erl_eval:fun_data(Value) of
        false -> [Name, " = ", pretty(Value, Width + 1, Records), $\n];
        Data ->
            Text = erl_pp:expr(case Data of
                                   {fun_data, _, Clauses} -> {'fun', 1, {clauses, Clauses}};
                                   {named_fun_data, _, Self, Clauses} -> {named_fun, 1, Self, Clauses}
                               end),
            [Name, if Width > 4 -> " =\n    "; true -> " = " end, indented(Text, 4), $\n]
    end.

exported(Module, Name, Arity) ->
    case code:ensure_loaded(Module) of
        {module, _} -> erlang:function_exported(Module, Name, Arity);
        _ -> false
    end.

ask({_, Table}, definitions) -> definitions(Table);
ask({_, Table}, {definitions, Defs}) -> ets:insert(Table, {definitions, Defs}), ok;
ask({Shell, _}, Request) ->
    Ref = make_ref(),
    Shell ! {self(), ask, Ref, Request, self()},
    receive {Ref, Reply} -> Reply end.

%%% ---- output ------------------------------------------------------------------------------------

print_value(Value, #state{defs = Table}) ->
    io:put_chars([pretty(Value, 1, gerl_shell_defs:printed(definitions(Table))), $\n]).

pretty(Value, Column, Records) ->
    gerl_io:pretty(Value, {Column, columns(), ?DEPTH, ?LINE_CHARS}, -1, false, setting(shell_strings, true) =/= false, Records).

columns() ->
    case io:columns() of
        {ok, N} -> N;
        _ -> ?WIDTH
    end.

print_exception(Stars, Class, Reason, Stack, #state{defs = Table}) ->
    Records = gerl_shell_defs:printed(definitions(Table)),
    Pretty = fun(Term, Column) -> unicode:characters_to_list(pretty(Term, Column, Records)) end,
    Text = erl_error:format_exception(Class, Reason, Stack,
                                      #{column => length(Stars) + 1, stack_trim_fun => fun(M, _, _) -> is_own(M) end,
                                        format_fun => Pretty}),
    io:put_chars(gerl_shell_hints:coloured([Stars, Text, $\n])).

%% What called the evaluator is not shown, nor the evaluator's last frames.
is_own(M) -> lists:member(M, [?MODULE, erl_eval, erl_eval_bits, erl_eval_comp, erl_eval_match, erl_eval_records, gerl_shell_defs]).
