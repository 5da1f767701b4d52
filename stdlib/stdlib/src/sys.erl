-module(sys).
-moduledoc """
System messages: looking into processes that handle them, suspending, changing code, following events.
A debug structure is a list of what is installed; it is empty for a process that nobody follows.
""".

%% For other processes
-export([suspend/1, suspend/2, resume/1, resume/2, get_state/1, get_state/2, replace_state/2, replace_state/3,
         get_status/1, get_status/2, change_code/4, change_code/5, terminate/2, terminate/3,
         trace/2, trace/3, log/2, log/3, log_to_file/2, log_to_file/3, statistics/2, statistics/3,
         install/2, install/3, remove/2, remove/3, no_debug/1, no_debug/2]).
%% For the process itself
-export([handle_system_msg/6, handle_system_msg/7, handle_debug/4, debug_options/1, get_debug/3, get_log/1,
         print_log/1, suspend_loop_hib/6]).

%% What install takes.
-define(IS_DEBUG_FUN(Spec), (tuple_size(Spec) =:= 2 orelse tuple_size(Spec) =:= 3)).

-export_type([dbg_opt/0, dbg_fun/0, debug_option/0, format_fun/0, name/0, system_event/0]).

-type name() :: pid() | atom() | {global, term()} | {via, module(), term()} | {atom(), node()}.
-type system_event() :: {in, term()} | {in, term(), term()} | {out, term(), term()} | {out, term(), term(), term()} | term().
-type dbg_fun() :: fun((term(), system_event(), term()) -> done | term()).
-type format_fun() :: fun((io:device() | file:io_device(), term(), term()) -> term()).
-type debug_option() :: trace | log | {log, pos_integer()} | statistics | {log_to_file, file:name()}
                      | {install, {dbg_fun(), term()} | {term(), dbg_fun(), term()}}.
-opaque dbg_opt() :: {trace, true} | {log, {pos_integer(), [term()]}} | {statistics, tuple()}
                   | {log_to_file, term()} | {term(), {dbg_fun(), term()}}.

-callback system_continue(pid(), [dbg_opt()], term()) -> no_return().
-callback system_terminate(term(), pid(), [dbg_opt()], term()) -> no_return().
-callback system_code_change(term(), module(), term(), term()) -> {ok, term()}.
-callback system_get_state(term()) -> {ok, term()}.
-callback system_replace_state(fun((term()) -> term()), term()) -> {ok, term(), term()}.
-optional_callbacks([system_get_state/1, system_replace_state/2]).

%%% ---- requests ----------------------------------------------------------------------------------------

-doc "Suspends a process: it handles system messages only.".
-spec suspend(name()) -> ok.
suspend(Name) -> send_system_msg(Name, suspend, suspend, []).

-doc "Like suspend/1 with a timeout.".
-spec suspend(name(), timeout()) -> ok.
suspend(Name, Time) -> send_system_msg(Name, suspend, suspend, [], Time).

-doc "Lets a suspended process go on.".
-spec resume(name()) -> ok.
resume(Name) -> send_system_msg(Name, resume, resume, []).

-doc "Like resume/1 with a timeout.".
-spec resume(name(), timeout()) -> ok.
resume(Name, Time) -> send_system_msg(Name, resume, resume, [], Time).

-doc "The state of a process.".
-spec get_state(name()) -> term().
get_state(Name) -> state(send_system_msg(Name, get_state, get_state, [])).

-doc "Like get_state/1 with a timeout.".
-spec get_state(name(), timeout()) -> term().
get_state(Name, Time) -> state(send_system_msg(Name, get_state, get_state, [], Time)).

-doc "Replaces the state of a process by what the fun makes of it; returns the new one.".
-spec replace_state(name(), fun((term()) -> term())) -> term().
replace_state(Name, Fun) -> state(send_system_msg(Name, {replace_state, Fun}, replace_state, [Fun])).

-doc "Like replace_state/2 with a timeout.".
-spec replace_state(name(), fun((term()) -> term()), timeout()) -> term().
replace_state(Name, Fun, Time) -> state(send_system_msg(Name, {replace_state, Fun}, replace_state, [Fun], Time)).

state({ok, State}) -> State;
state({error, Reason}) -> erlang:error(Reason).

-doc "What a process tells about itself.".
-spec get_status(name()) -> {status, pid(), {module, module()}, [term()]}.
get_status(Name) -> send_system_msg(Name, get_status, get_status, []).

-doc "Like get_status/1 with a timeout.".
-spec get_status(name(), timeout()) -> {status, pid(), {module, module()}, [term()]}.
get_status(Name, Time) -> send_system_msg(Name, get_status, get_status, [], Time).

-doc "Lets a suspended process carry its state over to new code.".
-spec change_code(name(), module(), term(), term()) -> ok | {error, term()}.
change_code(Name, Module, Vsn, Extra) ->
    send_system_msg(Name, {change_code, Module, Vsn, Extra}, change_code, [Module, Vsn, Extra]).

-doc "Like change_code/4 with a timeout.".
-spec change_code(name(), module(), term(), term(), timeout()) -> ok | {error, term()}.
change_code(Name, Module, Vsn, Extra, Time) ->
    send_system_msg(Name, {change_code, Module, Vsn, Extra}, change_code, [Module, Vsn, Extra], Time).

-doc "Orders a process to terminate.".
-spec terminate(name(), term()) -> ok.
terminate(Name, Reason) -> send_system_msg(Name, {terminate, Reason}, terminate, [Reason]).

-doc "Like terminate/2 with a timeout.".
-spec terminate(name(), term(), timeout()) -> ok.
terminate(Name, Reason, Time) -> send_system_msg(Name, {terminate, Reason}, terminate, [Reason], Time).

-doc "Prints the events of a process, or stops that.".
-spec trace(name(), boolean()) -> ok.
trace(Name, Flag) -> debug(Name, trace, Flag).

-doc "Like trace/2 with a timeout.".
-spec trace(name(), boolean(), timeout()) -> ok.
trace(Name, Flag, Time) -> debug(Name, trace, Flag, Time).

-doc "Keeps the last events of a process, shows them, or stops that.".
-spec log(name(), true | {true, pos_integer()} | false | get | print) -> ok | {ok, [system_event()]}.
log(Name, Flag) -> debug(Name, log, Flag).

-doc "Like log/2 with a timeout.".
-spec log(name(), true | {true, pos_integer()} | false | get | print, timeout()) -> ok | {ok, [system_event()]}.
log(Name, Flag, Time) -> debug(Name, log, Flag, Time).

-doc "Writes the events of a process to a file, or stops that.".
-spec log_to_file(name(), file:name() | false) -> ok | {error, open_file}.
log_to_file(Name, File) -> debug(Name, log_to_file, File).

-doc "Like log_to_file/2 with a timeout.".
-spec log_to_file(name(), file:name() | false, timeout()) -> ok | {error, open_file}.
log_to_file(Name, File, Time) -> debug(Name, log_to_file, File, Time).

-doc "Counts the events of a process, shows the numbers, or stops that.".
-spec statistics(name(), true | false | get) -> ok | {ok, [{atom(), term()}] | no_statistics}.
statistics(Name, Flag) -> debug(Name, statistics, Flag).

-doc "Like statistics/2 with a timeout.".
-spec statistics(name(), true | false | get, timeout()) -> ok | {ok, [{atom(), term()}] | no_statistics}.
statistics(Name, Flag, Time) -> debug(Name, statistics, Flag, Time).

-doc "Has a fun called for each event of a process.".
-spec install(name(), {dbg_fun(), term()} | {term(), dbg_fun(), term()}) -> ok.
install(Name, Spec) when ?IS_DEBUG_FUN(Spec) -> debug(Name, install, Spec).

-doc "Like install/2 with a timeout.".
-spec install(name(), {dbg_fun(), term()} | {term(), dbg_fun(), term()}, timeout()) -> ok.
install(Name, Spec, Time) when ?IS_DEBUG_FUN(Spec) -> debug(Name, install, Spec, Time).

-doc "Removes an installed fun, given itself or by its identity.".
-spec remove(name(), dbg_fun() | term()) -> ok.
remove(Name, Id) -> debug(Name, remove, Id).

-doc "Like remove/2 with a timeout.".
-spec remove(name(), dbg_fun() | term(), timeout()) -> ok.
remove(Name, Id, Time) -> debug(Name, remove, Id, Time).

-doc "Stops all following of a process.".
-spec no_debug(name()) -> ok.
no_debug(Name) -> send_system_msg(Name, {debug, no_debug}, no_debug, []).

-doc "Like no_debug/1 with a timeout.".
-spec no_debug(name(), timeout()) -> ok.
no_debug(Name, Time) -> send_system_msg(Name, {debug, no_debug}, no_debug, [], Time).

debug(Name, What, Flag) -> send_system_msg(Name, {debug, {What, Flag}}, What, [Flag]).
debug(Name, What, Flag, Time) -> send_system_msg(Name, {debug, {What, Flag}}, What, [Flag], Time).

send_system_msg(Name, Request, F, Args) ->
    try gen:call(Name, system, Request) of
        {ok, Reply} -> Reply
    catch
        exit:Reason -> exit({Reason, {?MODULE, F, [Name | Args]}})
    end.

send_system_msg(Name, Request, F, Args, Time) ->
    try gen:call(Name, system, Request, Time) of
        {ok, Reply} -> Reply
    catch
        exit:Reason -> exit({Reason, {?MODULE, F, [Name | Args] ++ [Time]}})
    end.

%%% ---- serving them --------------------------------------------------------------------------------------

-doc "Serves a system message; goes on with Module:system_continue or system_terminate, or suspended.".
-spec handle_system_msg(term(), {pid(), term()}, pid(), module(), [dbg_opt()], term()) -> no_return().
handle_system_msg(Request, From, Parent, Module, Debug, Misc) ->
    handle_system_msg(Request, From, Parent, Module, Debug, Misc, false).

-doc "Like handle_system_msg/6; with true the process hibernates while it waits.".
-spec handle_system_msg(term(), {pid(), term()}, pid(), module(), [dbg_opt()], term(), boolean()) -> no_return().
handle_system_msg(Request, From, Parent, Module, Debug, Misc, Hibernate) ->
    serve(running, Request, From, Parent, Module, Debug, Misc, Hibernate).

serve(State, Request, From, Parent, Module, Debug, Misc, Hibernate) ->
    {Next, Reply, Debug1, Misc1} = command(Request, State, Parent, Module, Debug, Misc),
    _ = gen:reply(From, Reply),
    case Next of
        running -> Module:system_continue(Parent, Debug1, Misc1);
        {terminate, Reason} -> Module:system_terminate(Reason, Parent, Debug1, Misc1);
        suspended -> suspended(Parent, Module, Debug1, Misc1, Hibernate)
    end.

suspended(Parent, Module, Debug, Misc, true) ->
    proc_lib:hibernate(?MODULE, suspend_loop_hib, [suspended, Parent, Module, Debug, Misc, true]);
suspended(Parent, Module, Debug, Misc, false) ->
    suspend_loop_hib(suspended, Parent, Module, Debug, Misc, false).

-doc false.
suspend_loop_hib(State, Parent, Module, Debug, Misc, Hibernate) ->
    receive
        {system, From, Request} -> serve(State, Request, From, Parent, Module, Debug, Misc, Hibernate);
        {'EXIT', Parent, Reason} -> Module:system_terminate(Reason, Parent, Debug, Misc)
    end.

%% command(Request, State, ...) -> {NextState, Reply, Debug, Misc}.
command(suspend, _, _, _, Debug, Misc) -> {suspended, ok, Debug, Misc};
command(resume, _, _, _, Debug, Misc) -> {running, ok, Debug, Misc};
command({terminate, Reason}, _, _, _, Debug, Misc) -> {{terminate, Reason}, ok, Debug, Misc};
command(get_state, State, _, Module, Debug, Misc) -> {State, state_of(Module, Misc), Debug, Misc};
command({replace_state, Fun}, State, _, Module, Debug, Misc) ->
    {Reply, Misc1} = replaced(Module, Fun, Misc),
    {State, Reply, Debug, Misc1};
command(get_status, State, Parent, Module, Debug, Misc) ->
    {State, status(State, Parent, Module, Debug, Misc), Debug, Misc};
command({debug, What}, State, _, _, Debug, Misc) ->
    {Reply, Debug1} = follow(What, Debug),
    {State, Reply, Debug1, Misc};
command({change_code, Changed, Vsn, Extra}, suspended, _, Module, Debug, Misc) ->
    try Module:system_code_change(Misc, Changed, Vsn, Extra) of
        {ok, Misc1} -> {suspended, ok, Debug, Misc1};
        Error -> {suspended, {error, Error}, Debug, Misc}
    catch
        error:Reason:Stack -> {suspended, {error, {'EXIT', {Reason, Stack}}}, Debug, Misc};
        exit:Reason -> {suspended, {error, {'EXIT', Reason}}, Debug, Misc};
        throw:Thrown -> {suspended, {error, Thrown}, Debug, Misc}
    end;
command(Other, State, _, _, Debug, Misc) -> {State, {error, {unknown_system_msg, Other}}, Debug, Misc}.

%% A module without the callback has its state in the last argument of system_continue itself.
state_of(Module, Misc) ->
    case erlang:function_exported(Module, system_get_state, 1) of
        false -> {ok, Misc};
        true ->
            try {ok, _} = Module:system_get_state(Misc)
            catch Class:Reason -> {error, {callback_failed, {Module, system_get_state}, {Class, Reason}}}
            end
    end.

replaced(Module, Fun, Misc) ->
    case erlang:function_exported(Module, system_replace_state, 2) of
        false ->
            try Fun(Misc) of
                State -> {{ok, State}, State}
            catch
                Class:Reason -> {{error, {callback_failed, Fun, {Class, Reason}}}, Misc}
            end;
        true ->
            try
                {ok, State, Misc1} = Module:system_replace_state(Fun, Misc),
                {{ok, State}, Misc1}
            catch
                Class:Reason -> {{error, {callback_failed, {Module, system_replace_state}, {Class, Reason}}}, Misc}
            end
    end.

status(State, Parent, Module, Debug, Misc) ->
    Dictionary = get(),
    Shown = case erlang:function_exported(Module, format_status, 2) of
                true -> Module:format_status(normal, [Dictionary, State, Parent, Debug, Misc]);
                false -> Misc
            end,
    {status, self(), {module, Module}, [Dictionary, State, Parent, Debug, Shown]}.

%%% ---- following events -------------------------------------------------------------------------------------

-define(LOG_SIZE, 10).

follow(no_debug, Debug) ->
    close(Debug),
    {ok, []};
follow({trace, true}, Debug) -> {ok, set(trace, true, Debug)};
follow({trace, false}, Debug) -> {ok, unset(trace, Debug)};
follow({log, true}, Debug) -> follow({log, {true, ?LOG_SIZE}}, Debug);
follow({log, {true, N}}, Debug) when is_integer(N), N > 0 ->
    {_, Events} = get_debug(log, Debug, {N, []}),
    {ok, set(log, {N, lists:sublist(Events, N)}, Debug)};
follow({log, false}, Debug) -> {ok, unset(log, Debug)};
follow({log, get}, Debug) -> {{ok, get_log(Debug)}, Debug};
follow({log, print}, Debug) ->
    print_log(Debug),
    {ok, Debug};
follow({log_to_file, false}, Debug) ->
    close(Debug),
    {ok, unset(log_to_file, Debug)};
follow({log_to_file, Name}, Debug) ->
    close(Debug),
    case file:open(Name, [write, {encoding, utf8}]) of
        {ok, File} -> {ok, set(log_to_file, File, Debug)};
        {error, _} -> {{error, open_file}, unset(log_to_file, Debug)}
    end;
follow({statistics, true}, Debug) -> {ok, set(statistics, {erlang:localtime(), reductions(), 0, 0}, Debug)};
follow({statistics, false}, Debug) -> {ok, unset(statistics, Debug)};
follow({statistics, get}, Debug) -> {{ok, numbers(get_debug(statistics, Debug, none))}, Debug};
follow({install, {Fun, State}}, Debug) -> follow({install, {Fun, Fun, State}}, Debug);
follow({install, {Id, Fun, State}}, Debug) -> % one that is there stays
    case lists:keymember(Id, 1, Debug) of
        true -> {ok, Debug};
        false -> {ok, set(Id, {Fun, State}, Debug)}
    end;
follow({remove, Id}, Debug) -> {ok, unset(Id, Debug)};
follow(_, Debug) -> {unknown_debug, Debug}.

set(Key, Value, Debug) -> [{Key, Value} | unset(Key, Debug)].

unset(Key, Debug) -> lists:keydelete(Key, 1, Debug).

close(Debug) ->
    case get_debug(log_to_file, Debug, none) of
        none -> ok;
        File -> file:close(File)
    end.

reductions() -> element(2, process_info(self(), reductions)).

numbers(none) -> no_statistics;
numbers({Start, Reductions, In, Out}) ->
    [{start_time, Start}, {current_time, erlang:localtime()}, {reductions, reductions() - Reductions},
     {messages_in, In}, {messages_out, Out}].

-doc "Passes an event to everything that follows the process; Format prints it.".
-spec handle_debug([dbg_opt()], format_fun(), term(), system_event()) -> [dbg_opt()].
handle_debug(Debug, Format, Name, Event) ->
    lists:append([seen(Item, Format, Name, Event) || Item <- Debug]).

seen({trace, true} = Item, Format, Name, Event) ->
    Format(standard_io, Event, Name),
    [Item];
seen({log, {N, Events}}, Format, Name, Event) ->
    [{log, {N, lists:sublist([{Event, Name, Format} | Events], N)}}];
seen({log_to_file, File} = Item, Format, Name, Event) ->
    Format(File, Event, Name),
    [Item];
seen({statistics, {Start, Reductions, In, Out}}, _, _, Event) ->
    case is_tuple(Event) andalso tuple_size(Event) > 0 andalso element(1, Event) of
        in -> [{statistics, {Start, Reductions, In + 1, Out}}];
        out -> [{statistics, {Start, Reductions, In, Out + 1}}];
        _ -> [{statistics, {Start, Reductions, In, Out}}]
    end;
seen({Id, {Fun, State}}, _, Name, Event) when is_function(Fun, 3) ->
    try Fun(State, Event, Name) of
        done -> [];
        State1 -> [{Id, {Fun, State1}}]
    catch
        _:_ -> []
    end.

-doc "The debug structure that start options ask for.".
-spec debug_options([debug_option()]) -> [dbg_opt()].
debug_options(Options) -> options(Options, []).

options([Option | Options], Debug) -> options(Options, wanted(Option, Debug));
options([], Debug) -> Debug.

wanted(trace, Debug) -> set(trace, true, Debug);
wanted(log, Debug) -> wanted({log, ?LOG_SIZE}, Debug);
wanted({log, N}, Debug) when is_integer(N), N > 0 -> set(log, {N, []}, Debug);
wanted(statistics, Debug) -> element(2, follow({statistics, true}, Debug));
wanted({log_to_file, Name}, Debug) -> element(2, follow({log_to_file, Name}, Debug));
wanted({install, Spec}, Debug) -> element(2, follow({install, Spec}, Debug));
wanted(_, Debug) -> Debug.

-doc "What is kept under a key of the debug structure.".
-spec get_debug(term(), [dbg_opt()], term()) -> term().
get_debug(Key, Debug, Default) ->
    case lists:keyfind(Key, 1, Debug) of
        {_, Value} -> Value;
        false -> Default
    end.

-doc "The events that are kept, oldest first.".
-spec get_log([dbg_opt()]) -> [system_event()].
get_log(Debug) ->
    {_, Events} = get_debug(log, Debug, {0, []}),
    [Event || {Event, _, _} <- lists:reverse(Events)].

-doc "Prints the events that are kept.".
-spec print_log([dbg_opt()]) -> ok.
print_log(Debug) ->
    {_, Events} = get_debug(log, Debug, {0, []}),
    lists:foreach(fun({Event, Name, Format}) -> Format(standard_io, Event, Name) end, lists:reverse(Events)).
