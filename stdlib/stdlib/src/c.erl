-module(c).
-moduledoc "The commands of the shell: compiling and loading, looking at processes and modules.".

-export([help/0, c/1, c/2, c/3, l/1, lc/1, lm/0, nc/1, nc/2, nl/1, m/0, m/1, mm/0, i/0, i/1, i/3, ni/0, pi/1, pi/3, pid/3, regs/0,
         nregs/0, memory/0, memory/1, flush/0, uptime/0, bt/1, q/0, pwd/0, cd/1, ls/0, ls/1, y/1, y/2, xm/1,
         h/1, h/2, h/3, ht/1, ht/2, ht/3, hcb/1, hcb/2, hcb/3, erlangrc/0, erlangrc/1, lc_batch/0, lc_batch/1]).

-include_lib("kernel/include/eep48.hrl").

-doc "Prints what commands of this module there are.".
-spec help() -> ok.
help() ->
    io:put_chars("** commands in module c **\n"
                 "bt(Pid)    -- the stack of a process\n"
                 "c(Mod)     -- compile and load a module\n"
                 "cd(Dir)    -- change the working directory\n"
                 "flush()    -- print and remove the shell's messages\n"
                 "help()     -- this text\n"
                 "h(M)       -- documentation of a module\n"
                 "h(M,F)     -- documentation of a function\n"
                 "hcb(M)     -- callbacks of a module\n"
                 "ht(M)      -- types of a module\n"
                 "i()        -- processes\n"
                 "i(X,Y,Z)   -- process <X.Y.Z>\n"
                 "l(Module)  -- load or reload a module\n"
                 "lc([File]) -- compile and load several files\n"
                 "ls()       -- files of the working directory\n"
                 "ls(Dir)    -- files of a directory\n"
                 "m()        -- loaded modules\n"
                 "m(Mod)     -- facts about a module\n"
                 "memory()   -- memory use\n"
                 "memory(T)  -- memory use of one type\n"
                 "mm()       -- modules whose file has changed\n"
                 "pid(X,Y,Z) -- process <X.Y.Z>\n"
                 "pwd()      -- the working directory\n"
                 "q()        -- stop the node\n"
                 "regs()     -- registered processes\n"
                 "uptime()   -- how long the node has been running\n").

%%% ---- compiling and loading -----------------------------------------------------------------------

-doc "Compiles a module or file and loads the result.".
-spec c(module() | file:name_all()) -> {ok, module()} | {ok, module(), list()} | error | {error, term()}.
c(File) -> c(File, []).

-doc "Like c/1, with options of the compiler.".
-spec c(module() | file:name_all(), term()) -> {ok, module()} | {ok, module(), list()} | error | {error, term()}.
c(File, Options0) ->
    Options = if is_list(Options0) -> Options0; true -> [Options0] end,
    Name = name(File),
    case is_atom(File) andalso not gerl_compile:exists([Name, ".erl"]) of
        true -> again(File, Options, fun(_) -> true end);
        false ->
            All = [report_errors, report_warnings | Options] ++ [{outdir, "."} || not lists:keymember(outdir, 1, Options)],
            loaded(compile:file(Name, All), Name, Options)
    end.

-doc "Like c/2; Filter chooses from the options of the loaded version.".
-spec c(module(), [term()], fun((term()) -> boolean())) -> {ok, module()} | error | {error, term()}.
c(Module, Options, Filter) when is_atom(Module) ->
    again(Module, if is_list(Options) -> Options; true -> [Options] end, Filter).

%% The source that a .beam file names, with the options that it was compiled with, into the same directory.
again(Module, Options, Filter) ->
    case beam_of(Module) of
        File when is_list(File) ->
            Facts = beam_facts(File, Module),
            Source = proplists:get_value(source, Facts, ""),
            case Source =/= "" andalso gerl_compile:exists(Source) of
                true ->
                    Old = [O || O <- proplists:get_value(options, Facts, []), not is_report(O), Filter(O)],
                    io:format("Recompiling ~ts\n", [Source]),
                    All = Options ++ Old ++ [{outdir, filename:dirname(File)}],
                    Name = name(Source),
                    Kept = gerl_compile:read(File),
                    Result = compile:file(Name, [report_errors, report_warnings | All]),
                    %% a failed compilation removes its output
                    _ = [file:write_file(File, Binary) || {ok, Binary} <- [Kept], Result =:= error orelse element(1, Result) =/= ok],
                    loaded(Result, Name, All);
                false -> {error, no_source}
            end;
        _ -> {error, non_existing}
    end.

beam_of(Module) ->
    case code:which(Module) of
        File when is_list(File), File =/= "" ->
            case gerl_compile:exists(File) of
                true -> File;
                false -> non_existing
            end;
        Other -> Other
    end.

beam_facts(File, Module) ->
    case beam_lib:chunks(File, [compile_info]) of
        {ok, {_, [{compile_info, Facts}]}} -> Facts;
        _ -> Module:module_info(compile)
    end.

%% What the compiler tells and where it puts its output is for the caller to say.
is_report({outdir, _}) -> true;
is_report(Option) -> lists:member(Option, [report, report_errors, report_warnings, return, return_errors, return_warnings, binary]).

name(File) when is_atom(File) -> atom_to_list(File);
name(File) ->
    Name = unicode:characters_to_list(File),
    case lists:suffix(".erl", Name) of
        true -> lists:sublist(Name, length(Name) - 4);
        false -> Name
    end.

loaded({ok, Module, _}, Name, Options) -> loaded({ok, Module}, Name, Options);
loaded({ok, Module} = Ok, Name, Options) ->
    Dir = proplists:get_value(outdir, Options, "."),
    case load_from([Dir, $/, gerl_compile:basename(Name), ".beam"], Module) of
        {module, Module} -> Ok;
        Error -> Error
    end;
loaded(Failed, _, _) -> Failed.

load_from(File, Module) ->
    case gerl_compile:read(File) of
        {ok, Binary} ->
            _ = code:purge(Module),
            code:load_binary(Module, filename:absname(unicode:characters_to_list(File)), Binary);
        {error, _} -> {error, nofile}
    end.

-doc "Loads a module's file again: its current code becomes old.".
-spec l(module()) -> code:load_ret().
l(Module) ->
    _ = code:purge(Module),
    code:load_file(Module).

-doc "Compiles several files in turn, without loading them; problems are told.".
-spec lc([file:name_all()]) -> ok.
lc(Files) -> _ = [compile:file(name(File), [report_errors, report_warnings]) || File <- Files], ok.

-doc "Tells that there is nothing to compile, and ends the node.".
-spec lc_batch() -> no_return().
lc_batch() ->
    io:format("Error: no files to compile~n"),
    halt(1).

-doc "Compiles the files that a command line names, with options that begin with @, and ends the node.".
-spec lc_batch([atom() | string()]) -> no_return().
lc_batch(Words) ->
    Named = [if is_atom(W) -> atom_to_list(W); true -> W end || W <- Words],
    {Options, Files} = lists:partition(fun(W) -> hd(W) =:= $@ end, Named),
    Results = [compile:file(F, [report_errors, report_warnings | [list_to_atom(O) || [_ | O] <- Options]]) || F <- Files],
    halt(case lists:member(error, Results) of true -> 1; false -> 0 end).

-doc "Loads all modules whose file has changed.".
-spec lm() -> [code:load_ret()].
lm() -> [l(M) || M <- mm()].

-doc "Compiles and loads a module on all nodes: this one.".
-spec nc(module() | file:name_all()) -> {ok, module()} | error | {error, term()}.
nc(File) -> nc(File, []).

-doc "Like nc/1, with options.".
-spec nc(module() | file:name_all(), term()) -> {ok, module()} | error | {error, term()}.
nc(File, Options0) ->
    Options = if is_list(Options0) -> Options0; true -> [Options0] end,
    Name = name(File),
    case compile:file(Name, Options ++ [report_errors, report_warnings]) of
        {ok, Module} ->
            %% the file's name stays as it is, so that each node finds the code where its own directory is
            Beam = filename:join(proplists:get_value(outdir, Options, "."), gerl_compile:basename(Name) ++ ".beam"),
            case gerl_compile:read(Beam) of
                {ok, Code} ->
                    _ = rpc:eval_everywhere(code, load_binary, [Module, Beam, Code]),
                    {ok, Module};
                Error -> Error
            end;
        Other -> Other
    end.

-doc "Loads a module on all nodes.".
-spec nl(module()) -> abcast | error.
nl(Module) ->
    case code:get_object_code(Module) of
        {_, Code, File} -> rpc:eval_everywhere(code, load_binary, [Module, File, Code]);
        error -> error
    end.

-doc "The loaded modules whose file on the code path is another version.".
-spec mm() -> [module()].
mm() -> lists:sort(code:modified_modules()).

-doc "Prints the loaded modules.".
-spec m() -> ok.
m() ->
    io:format("~-20s  ~s~n", ["Module", "File"]),
    [io:format("~-20ts  ~ts~n", [atom_to_list(M), file_text(code:which(M))]) || M <- lists:sort(erlang:loaded())],
    ok.

file_text(File) when is_list(File) -> File;
file_text(Other) -> io_lib:format("~tp", [Other]).

-doc "Prints facts about a module.".
-spec m(module()) -> ok.
m(Module) ->
    Info = Module:module_info(),
    {_, Compile} = lists:keyfind(compile, 1, Info),
    {_, Exports} = lists:keyfind(exports, 1, Info),
    {_, Sum} = lists:keyfind(md5, 1, Info),
    io:format("Module: ~w~n", [Module]),
    io:format("MD5: ~s~n", [[io_lib:format("~2.16.0b", [B]) || <<B>> <= Sum]]),
    io:format("Object file: ~ts~n", [file_text(code:which(Module))]),
    io:format("Compiler options:  ~p~n", [proplists:get_value(options, Compile, [])]),
    io:format("Exports: ~n"),
    [io:format("         ~tw/~w~n", [F, A]) || {F, A} <- lists:sort(Exports)],
    ok.

%%% ---- processes -------------------------------------------------------------------------------------

-doc "Prints and removes the messages of the caller.".
-spec flush() -> ok.
flush() ->
    receive
        Message ->
            io:format("Shell got ~tp~n", [Message]),
            flush()
    after 0 -> ok
    end.

-doc "The process with the numbers X, Y and Z.".
-spec pid(non_neg_integer(), non_neg_integer(), non_neg_integer()) -> pid().
pid(X, Y, Z) ->
    list_to_pid("<" ++ integer_to_list(X) ++ "." ++ integer_to_list(Y) ++ "." ++ integer_to_list(Z) ++ ">").

-doc "Prints a table of all processes.".
-spec i() -> ok.
i() -> i(processes()).

-doc "Prints a table of processes.".
-spec i([pid()]) -> ok.
i(Pids) ->
    row("Pid", "Initial Call", "Heap", "Reds", "Msgs"),
    row("Registered", "Current Function", "Stack", "", ""),
    Sums = [process_rows(P, Info) || P <- Pids, Info <- [process_info(P, [initial_call, current_function, total_heap_size, reductions,
                                                                   message_queue_len, stack_size, registered_name])],
                               Info =/= undefined],
    {Heaps, Reductions, Messages, Stacks} =
        lists:foldl(fun({A, B, C, D}, {E, F, G, H}) -> {A + E, B + F, C + G, D + H} end, {0, 0, 0, 0}, Sums),
    row("Total", "", integer_to_list(Heaps), integer_to_list(Reductions), integer_to_list(Messages)),
    row("", "", integer_to_list(Stacks), "", "").

process_rows(Pid, Info) ->
    Value = fun(Key) -> proplists:get_value(Key, Info) end,
    Number = fun(Key) -> integer_to_list(Value(Key)) end,
    Registered = case Value(registered_name) of Name when is_atom(Name) -> atom_to_list(Name); _ -> "" end,
    row(pid_to_list(Pid), mfa(proc_lib:translate_initial_call(Pid)), Number(total_heap_size), Number(reductions), Number(message_queue_len)),
    row(Registered, mfa(Value(current_function)), Number(stack_size), "", ""),
    {Value(total_heap_size), Value(reductions), Value(message_queue_len), Value(stack_size)}.

mfa({M, F, A}) -> lists:flatten(io_lib:format("~tw:~tw/~w", [M, F, A]));
mfa(_) -> "".

row(A, B, C, D, E) ->
    io:format("~-21ts ~-33ts ~8s ~8s ~4s~n", [cut(A, 21), cut(B, 33), C, D, E]).

cut(Text, Width) -> lists:sublist(Text, Width).

-doc "Facts about the process with the numbers X, Y and Z.".
-spec i(non_neg_integer(), non_neg_integer(), non_neg_integer()) -> [{atom(), term()}] | undefined.
i(X, Y, Z) -> pi(pid(X, Y, Z)).

-doc "Facts about the process with the numbers X, Y and Z.".
-spec pi(non_neg_integer(), non_neg_integer(), non_neg_integer()) -> [{atom(), term()}] | undefined.
pi(X, Y, Z) -> pi(pid(X, Y, Z)).

-doc "Facts about a process.".
-spec pi(pid()) -> [{atom(), term()}] | undefined.
pi(Pid) -> process_info(Pid).

-doc "Prints the processes of all nodes: of this one.".
-spec ni() -> ok.
ni() -> i().

-doc "Prints a table of the registered processes.".
-spec regs() -> ok.
regs() ->
    io:format("~n** Registered procs on node ~w **~n", [node()]),
    reg_row("Name", "Pid", "Initial Call", "Reds", "Msgs"),
    [reg_row(atom_to_list(Name), pid_to_list(Pid), mfa(Call), integer_to_list(Reductions), integer_to_list(Messages))
     || Name <- lists:sort(registered()), Pid <- [whereis(Name)], is_pid(Pid),
        [{_, Call}, {_, Reductions}, {_, Messages}] <- [process_info(Pid, [initial_call, reductions, message_queue_len])]],
    io:format("~n** Registered ports on node ~w **~n~-21s ~-15s ~-40s~n", [node(), "Name", "Id", "Command"]).

reg_row(A, B, C, D, E) ->
    io:format("~-21ts ~-12s ~-25ts ~12s ~4s~n", [cut(A, 21), B, cut(C, 25), D, E]).

-doc "Prints the registered processes of all nodes: of this one.".
-spec nregs() -> ok.
nregs() -> regs().

-doc "Prints the stack of a process.".
-spec bt(pid()) -> ok | undefined.
bt(Pid) ->
    case try process_info(Pid, current_stacktrace) catch error:badarg -> undefined end of
        {_, Stack} ->
            [io:format("~ts~n", [[mfa({M, F, A}), place(Where)]]) || {M, F, A, Where} <- Stack],
            ok;
        undefined -> undefined
    end.

place(Where) ->
    case {proplists:get_value(file, Where), proplists:get_value(line, Where)} of
        {undefined, _} -> "";
        {File, Line} -> io_lib:format(" (~ts:~w)", [File, Line])
    end.

%%% ---- the system ------------------------------------------------------------------------------------

-doc "Memory use by type.".
-spec memory() -> [{atom(), non_neg_integer()}].
memory() -> erlang:memory().

-doc "Memory use of one type or of several.".
-spec memory(atom() | [atom()]) -> non_neg_integer() | [{atom(), non_neg_integer()}].
memory(Type) -> erlang:memory(Type).

-doc "Prints how long the node has been running.".
-spec uptime() -> ok.
uptime() ->
    {Milliseconds, _} = erlang:statistics(wall_clock),
    Seconds = Milliseconds div 1000,
    Parts = [{Seconds div 86400, "days"}, {Seconds div 3600 rem 24, "hours"}, {Seconds div 60 rem 60, "minutes"}],
    io:put_chars([[[integer_to_list(N), $\s, Unit, ", "] || {N, Unit} <- Parts, N > 0],
                  integer_to_list(Seconds rem 60), " seconds\n"]).

-doc "Stops the node.".
-spec q() -> ok.
q() -> init:stop().

-doc "Prints the working directory.".
-spec pwd() -> ok.
pwd() ->
    case file:get_cwd() of
        {ok, Dir} -> io:format("~ts~n", [Dir]);
        {error, Reason} -> io:format("Cannot determine current directory: ~w~n", [Reason])
    end.

-doc "Changes the working directory and prints it.".
-spec cd(file:name_all()) -> ok.
cd(Dir) ->
    _ = file:set_cwd(Dir),
    pwd().

-doc "Prints the files of the working directory.".
-spec ls() -> ok.
ls() -> ls(".").

-doc "Prints the files of a directory.".
-spec ls(file:name_all()) -> ok.
ls(Dir) ->
    case file:list_dir(Dir) of
        {ok, Names} -> columns(lists:sort(Names));
        {error, enotdir} -> io:format("~ts~n", [Dir]);
        {error, Reason} -> io:format("~ts~n", [file:format_error(Reason)])
    end.

columns([]) -> ok;
columns(Names) ->
    Width = min(40, lists:max([length(N) || N <- Names]) + 5),
    Count = max(1, 80 div Width),
    rows(Names, Width, Count).

%% A row ends when it is full; a line break follows the last one, full or not.
rows(Names, Width, Count) when length(Names) < Count -> io:put_chars([[string:pad(N, Width) || N <- Names], $\n]);
rows(Names, Width, Count) ->
    {Row, Rest} = lists:split(Count, Names),
    io:put_chars([[string:pad(N, Width) || N <- Row], $\n]),
    rows(Rest, Width, Count).

-doc "Makes a parser of a grammar with yecc, which comes from an installed Erlang/OTP.".
-spec y(file:name_all()) -> {ok, term()} | error | {error, term()}.
y(File) -> y(File, []).

-doc "Makes a parser of a grammar with options of yecc.".
-spec y(file:name_all(), [term()]) -> {ok, term()} | error | {error, term()}.
y(File, Options) -> of_otp(yecc, file, [File, Options]).

-doc "Looks for calls of undefined functions in a module with xref, which comes from an installed Erlang/OTP.".
-spec xm(module() | file:filename()) -> term().
xm(Module) -> of_otp(xref, m, [Module]).

of_otp(Module, Function, Args) ->
    case code:ensure_loaded(Module) of
        {module, _} -> apply(Module, Function, Args);
        {error, _} -> erlang:error({not_supported, Module})
    end.

-doc "Evaluates the file .erlang of the home directory or, if it has none, of the user's folder of settings. What is wrong with it is logged.".
-spec erlangrc() -> ok | {error, term()}.
erlangrc() ->
    case init:get_argument(home) of
        {ok, [[Home] | _]} -> erlangrc([Home, filename:basedir(user_config, "erlang")]);
        _ -> {error, enoent}
    end.

-doc "Evaluates the first file .erlang of the given directories.".
-spec erlangrc([file:name_all()]) -> ok | {error, term()}.
erlangrc(Directories) ->
    case file:path_eval(Directories, ".erlang") of
        {ok, _} -> ok;
        {error, enoent} = Error -> Error;
        {error, Reason} = Error ->
            Text = file:format_error(Reason),
            error_logger:error_msg("file:path_eval(~tp,\".erlang\"): error on line ~ts~n",
                                   [Directories, case Reason of {Line, _, _} -> io_lib:format("~w: ~ts", [Line, Text]); _ -> Text end]),
            Error
    end.

%%% ---- documentation ---------------------------------------------------------------------------------

-type no_docs() :: {error, missing | non_existing | {unknown_format, unicode:chardata()}}.

-doc "Prints the documentation of a module.".
-spec h(module()) -> ok | no_docs().
h(Module) -> shown(Module, fun(Docs) -> shell_docs:render(Module, Docs) end).

-doc "Prints the documentation of the functions of a name.".
-spec h(module(), atom()) -> ok | no_docs() | {error, function_missing}.
h(Module, Function) -> shown(Module, fun(Docs) -> shell_docs:render(Module, Function, Docs) end).

-doc "Prints the documentation of a function.".
-spec h(module(), atom(), arity()) -> ok | no_docs() | {error, function_missing}.
h(Module, Function, Arity) -> shown(Module, fun(Docs) -> shell_docs:render(Module, Function, Arity, Docs) end).

-doc "Prints the types of a module.".
-spec ht(module()) -> ok | no_docs().
ht(Module) -> shown(Module, fun(Docs) -> shell_docs:render_type(Module, Docs) end).

-doc "Prints the documentation of the types of a name.".
-spec ht(module(), atom()) -> ok | no_docs() | {error, type_missing}.
ht(Module, Type) -> shown(Module, fun(Docs) -> shell_docs:render_type(Module, Type, Docs) end).

-doc "Prints the documentation of a type.".
-spec ht(module(), atom(), arity()) -> ok | no_docs() | {error, type_missing}.
ht(Module, Type, Arity) -> shown(Module, fun(Docs) -> shell_docs:render_type(Module, Type, Arity, Docs) end).

-doc "Prints the callbacks of a module.".
-spec hcb(module()) -> ok | no_docs().
hcb(Module) -> shown(Module, fun(Docs) -> shell_docs:render_callback(Module, Docs) end).

-doc "Prints the documentation of the callbacks of a name.".
-spec hcb(module(), atom()) -> ok | no_docs() | {error, type_missing}.
hcb(Module, Callback) -> shown(Module, fun(Docs) -> shell_docs:render_callback(Module, Callback, Docs) end).

-doc "Prints the documentation of a callback.".
-spec hcb(module(), atom(), arity()) -> ok | no_docs() | {error, type_missing}.
hcb(Module, Callback, Arity) -> shown(Module, fun(Docs) -> shell_docs:render_callback(Module, Callback, Arity, Docs) end).

shown(Module, Render) ->
    case code:get_doc(Module) of
        {ok, #docs_v1{format = <<"text/", _/binary>>} = Docs} -> printed(Render(Docs));
        {ok, #docs_v1{format = ?NATIVE_FORMAT} = Docs} -> printed(Render(Docs));
        {ok, #docs_v1{format = Format}} -> {error, {unknown_format, Format}};
        Error -> Error
    end.

printed({error, _} = Error) -> Error;
printed(Text) -> io:put_chars(Text).
