-module(proc_lib).
-moduledoc """
Processes that know who started them and with which function, report their crashes, and can be started
in step with their parent.
""".

%% Starting
-export([spawn/1, spawn/2, spawn/3, spawn/4, spawn_link/1, spawn_link/2, spawn_link/3, spawn_link/4,
         spawn_opt/2, spawn_opt/3, spawn_opt/4, spawn_opt/5,
         start/3, start/4, start/5, start_link/3, start_link/4, start_link/5,
         start_monitor/3, start_monitor/4, start_monitor/5]).
%% For the started process
-export([init_ack/1, init_ack/2, init_fail/2, init_fail/3, hibernate/3, set_label/1]).
%% For others
-export([stop/1, stop/3, initial_call/1, translate_initial_call/1, get_label/1]).
%% Reports
-export([format/1, format/2, format/3, report_cb/2]).
%% Entry points of processes
-export([init_p/3, init_p/5, wake_up/3]).

-export_type([spawn_option/0, start_spawn_option/0, exception/0]).

-include_lib("kernel/include/logger.hrl").

-type priority_level() :: high | low | max | normal.
-type start_spawn_option() :: link | {priority, priority_level()} | {fullsweep_after, non_neg_integer()}
                            | {min_heap_size, non_neg_integer()} | {min_bin_vheap_size, non_neg_integer()}
                            | {max_heap_size, erlang:max_heap_size()} | {message_queue_data, off_heap | on_heap}.
-type spawn_option() :: erlang:spawn_opt_option().
-type exception() :: {error | exit | throw, term()} | {error | exit | throw, term(), list()}.
-type process() :: pid() | {non_neg_integer(), non_neg_integer(), non_neg_integer()} | [{atom(), term()}].

%%% ---- asynchronous starts --------------------------------------------------------------------------

-doc "Spawns a process that evaluates the fun.".
-spec spawn(fun(() -> term())) -> pid().
spawn(Fun) when is_function(Fun, 0) -> erlang:spawn(?MODULE, init_p, entry(Fun)).

-doc "Spawns a process on a node.".
-spec spawn(node(), fun(() -> term())) -> pid().
spawn(Node, Fun) when is_function(Fun, 0) -> erlang:spawn(Node, ?MODULE, init_p, entry(Fun)).

-doc "Spawns a process that calls Module:Function(Args).".
-spec spawn(module(), atom(), [term()]) -> pid().
spawn(M, F, A) when is_atom(M), is_atom(F), is_list(A) -> erlang:spawn(?MODULE, init_p, entry(M, F, A)).

-doc "Spawns a process that calls Module:Function(Args) on a node.".
-spec spawn(node(), module(), atom(), [term()]) -> pid().
spawn(Node, M, F, A) when is_atom(M), is_atom(F), is_list(A) ->
    erlang:spawn(Node, ?MODULE, init_p, entry(M, F, A)).

-doc "Like spawn/1, with a link.".
-spec spawn_link(fun(() -> term())) -> pid().
spawn_link(Fun) when is_function(Fun, 0) -> erlang:spawn_link(?MODULE, init_p, entry(Fun)).

-doc "Like spawn/2, with a link.".
-spec spawn_link(node(), fun(() -> term())) -> pid().
spawn_link(Node, Fun) when is_function(Fun, 0) -> erlang:spawn_link(Node, ?MODULE, init_p, entry(Fun)).

-doc "Like spawn/3, with a link.".
-spec spawn_link(module(), atom(), [term()]) -> pid().
spawn_link(M, F, A) when is_atom(M), is_atom(F), is_list(A) ->
    erlang:spawn_link(?MODULE, init_p, entry(M, F, A)).

-doc "Like spawn/4, with a link.".
-spec spawn_link(node(), module(), atom(), [term()]) -> pid().
spawn_link(Node, M, F, A) when is_atom(M), is_atom(F), is_list(A) ->
    erlang:spawn_link(Node, ?MODULE, init_p, entry(M, F, A)).

-doc "Like spawn/1, with the options of erlang:spawn_opt/2.".
-spec spawn_opt(fun(() -> term()), [spawn_option()]) -> pid() | {pid(), reference()}.
spawn_opt(Fun, Options) when is_function(Fun, 0) -> erlang:spawn_opt(?MODULE, init_p, entry(Fun), Options).

-doc "Like spawn/2, with options.".
-spec spawn_opt(node(), fun(() -> term()), [spawn_option()]) -> pid() | {pid(), reference()}.
spawn_opt(Node, Fun, Options) when is_function(Fun, 0) ->
    erlang:spawn_opt(Node, ?MODULE, init_p, entry(Fun), Options).

-doc "Like spawn/3, with options.".
-spec spawn_opt(module(), atom(), [term()], [spawn_option()]) -> pid() | {pid(), reference()}.
spawn_opt(M, F, A, Options) when is_atom(M), is_atom(F), is_list(A) ->
    erlang:spawn_opt(?MODULE, init_p, entry(M, F, A), Options).

-doc "Like spawn/4, with options.".
-spec spawn_opt(node(), module(), atom(), [term()], [spawn_option()]) -> pid() | {pid(), reference()}.
spawn_opt(Node, M, F, A, Options) when is_atom(M), is_atom(F), is_list(A) ->
    erlang:spawn_opt(Node, ?MODULE, init_p, entry(M, F, A), Options).

%% The first two arguments of an entry point: who starts the process, and that one's own ancestors.
entry(Fun) -> [my_name(), my_ancestors(), Fun].
entry(M, F, A) -> [my_name(), my_ancestors(), M, F, A].

my_name() ->
    case process_info(self(), registered_name) of
        {_, Name} -> Name;
        [] -> self()
    end.

my_ancestors() ->
    case get('$ancestors') of
        List when is_list(List) -> List;
        _ -> []
    end.

%%% ---- the process itself ---------------------------------------------------------------------------

-doc false.
init_p(Parent, Ancestors, Fun) when is_function(Fun) ->
    remember(Parent, Ancestors, erlang:fun_info_mfa(Fun)),
    try Fun()
    catch Class:Reason:Stack -> crashed(Class, Reason, Stack)
    end.

-doc false.
init_p(Parent, Ancestors, M, F, A) when is_atom(M), is_atom(F), is_list(A) ->
    remember(Parent, Ancestors, noted_call(M, F, A)),
    init_p_do_apply(M, F, A).

remember(Parent, Ancestors, Call) ->
    put('$ancestors', [Parent | Ancestors]),
    put('$initial_call', Call).

%% This name stands at the end of every stack trace of a process.
init_p_do_apply(M, F, A) ->
    try apply(M, F, A)
    catch Class:Reason:Stack -> crashed(Class, Reason, Stack)
    end.

-doc false.
wake_up(M, F, A) when is_atom(M), is_atom(F), is_list(A) ->
    try apply(M, F, A)
    catch Class:Reason:Stack -> crashed(Class, Reason, Stack)
    end.

-doc "Hibernates a process of this module; when a message comes, it calls Module:Function(Args).".
-spec hibernate(module(), atom(), [term()]) -> no_return().
hibernate(M, F, A) when is_atom(M), is_atom(F), is_list(A) ->
    erlang:hibernate(?MODULE, wake_up, [M, F, A]).

crashed(Class, Reason, Stack) ->
    case is_orderly(Class, Reason) of
        true -> ok;
        false -> crash_report(Class, Reason, noted(), Stack)
    end,
    Exit = case Class of
               exit -> Reason;
               error -> {Reason, Stack};
               throw -> {{nocatch, Reason}, Stack}
           end,
    erlang:raise(exit, Exit, Stack).

is_orderly(exit, Reason) when Reason =:= normal; Reason =:= shutdown -> true;
is_orderly(exit, {shutdown, _}) -> true;
is_orderly(_, _) -> false.

noted() ->
    case get('$initial_call') of
        {M, F, A} when is_atom(M), is_atom(F), is_integer(A) -> [{initial_call, with_dummies({M, F, A})}];
        _ -> []
    end.

%%% ---- starts in step ---------------------------------------------------------------------------------

-doc "Starts a process and waits until it calls init_ack or init_fail, or ends.".
-spec start(module(), atom(), [term()]) -> term().
start(M, F, A) -> start(M, F, A, infinity).

-doc "Like start/3, but after Time milliseconds the process is killed.".
-spec start(module(), atom(), [term()], timeout()) -> term().
start(M, F, A, Time) -> start(M, F, A, Time, []).

-doc "Like start/4, with spawn options.".
-spec start(module(), atom(), [term()], timeout(), [start_spawn_option()]) -> term().
start(M, F, A, Time, Options) when is_atom(M), is_atom(F), is_list(A) ->
    refuse_monitor([M, F, A, Time, Options], Options),
    {Answer, _} = await(?MODULE:spawn_opt(M, F, A, [monitor | Options]), Time, flush),
    Answer.

-doc "Like start/3, with a link.".
-spec start_link(module(), atom(), [term()]) -> term().
start_link(M, F, A) -> start_link(M, F, A, infinity).

-doc "Like start/4, with a link.".
-spec start_link(module(), atom(), [term()], timeout()) -> term().
start_link(M, F, A, Time) -> start_link(M, F, A, Time, []).

-doc "Like start/5, with a link.".
-spec start_link(module(), atom(), [term()], timeout(), [start_spawn_option()]) -> term().
start_link(M, F, A, Time, Options) when is_atom(M), is_atom(F), is_list(A) ->
    refuse_monitor([M, F, A, Time, Options], Options),
    {Answer, _} = await(?MODULE:spawn_opt(M, F, A, [link, monitor | Options]), Time, flush),
    Answer.

-doc "Like start/3, with a monitor that is returned beside the answer.".
-spec start_monitor(module(), atom(), [term()]) -> {term(), reference()}.
start_monitor(M, F, A) -> start_monitor(M, F, A, infinity).

-doc "Like start/4, with a monitor.".
-spec start_monitor(module(), atom(), [term()], timeout()) -> {term(), reference()}.
start_monitor(M, F, A, Time) -> start_monitor(M, F, A, Time, []).

-doc "Like start/5, with a monitor.".
-spec start_monitor(module(), atom(), [term()], timeout(), [start_spawn_option()]) -> {term(), reference()}.
start_monitor(M, F, A, Time, Options) when is_atom(M), is_atom(F), is_list(A) ->
    refuse_monitor([M, F, A, Time, Options], Options),
    await(?MODULE:spawn_opt(M, F, A, [monitor | Options]), Time, keep).

refuse_monitor(Args, Options) ->
    is_list(Options) orelse erlang:error(badarg, Args),
    IsMonitor = fun(monitor) -> true; ({monitor, _}) -> true; (_) -> false end,
    lists:any(IsMonitor, Options) andalso erlang:error(badarg, Args),
    ok.

%% A caller that keeps its monitor gets a 'DOWN' message later; one that was consumed here is sent again.
await({Pid, Ref}, Time, Monitor) ->
    receive
        {ack, Pid, Answer} ->
            Monitor =:= flush andalso demonitor(Ref, [flush]),
            {Answer, Ref};
        {nack, Pid, Answer} ->
            receive {'DOWN', Ref, process, Pid, Reason} -> gone(Pid, Ref, Reason, Monitor) end,
            {Answer, Ref};
        {'DOWN', Ref, process, Pid, Reason} ->
            gone(Pid, Ref, Reason, Monitor),
            {{error, Reason}, Ref}
    after Time ->
            unlink(Pid),
            exit(Pid, kill),
            receive {'DOWN', Ref, process, Pid, Reason} -> gone(Pid, Ref, Reason, Monitor) end,
            {{error, timeout}, Ref}
    end.

%% The exit signal of a link comes before the caller goes on.
gone(Pid, _Ref, _Reason, flush) ->
    case process_info(self(), trap_exit) of
        {trap_exit, true} -> receive {'EXIT', Pid, _} -> ok after 0 -> ok end;
        _ -> ok
    end;
gone(Pid, Ref, Reason, keep) ->
    self() ! {'DOWN', Ref, process, Pid, Reason}.

-doc "Tells the process that started this one by start/3 and relatives that it may go on.".
-spec init_ack(term()) -> ok.
init_ack(Answer) -> init_ack(parent(), Answer).

-doc "Tells a parent that it may go on.".
-spec init_ack(pid(), term()) -> ok.
init_ack(Parent, Answer) ->
    Parent ! {ack, self(), Answer},
    ok.

-doc "Ends this process with an exception and makes the start return Answer after that.".
-spec init_fail(term(), exception()) -> no_return().
init_fail(Answer, Exception) -> init_fail(parent(), Answer, Exception).

-doc "Like init_fail/2 for the given parent.".
-spec init_fail(pid(), term(), exception()) -> no_return().
init_fail(Parent, Answer, Exception) ->
    Parent ! {nack, self(), Answer},
    case Exception of
        {error, Reason} -> erlang:error(Reason);
        {exit, Reason} -> erlang:exit(Reason);
        {throw, Reason} -> erlang:throw(Reason);
        {Class, Reason, Stack} ->
            erlang:error(erlang:raise(Class, Reason, Stack), [Parent, Answer, Exception])
    end.

parent() ->
    [Parent | _] = get('$ancestors'),
    case Parent of
        Name when is_atom(Name) -> whereis(Name);
        Pid -> Pid
    end.

%%% ---- stopping ---------------------------------------------------------------------------------------

-doc "Makes a process that handles system messages end normally, and waits for that.".
-spec stop(pid() | atom() | {atom(), node()}) -> ok.
stop(Process) -> stop(Process, normal, infinity).

-doc "Makes a process that handles system messages end with a reason within a time.".
-spec stop(pid() | atom() | {atom(), node()}, term(), timeout()) -> ok.
stop(Process, Reason, Time) ->
    Deadline = case Time of
                   infinity -> infinity;
                   _ -> erlang:monotonic_time(millisecond) + Time
               end,
    Ref = monitor(process, Process),
    Asked = try sys:terminate(Process, Reason, Time)
            catch
                exit:{noproc, {sys, terminate, _}} -> {failed, noproc};
                exit:{timeout, {sys, terminate, _}} -> {failed, timeout};
                exit:{Reason, {sys, terminate, _}} -> ok;
                exit:Other -> {failed, Other}
            end,
    Left = case Deadline of
               infinity -> infinity;
               _ -> max(0, Deadline - erlang:monotonic_time(millisecond))
           end,
    %% Every exit comes from here, so that reports name this function.
    Ended = case Asked of
                ok ->
                    receive {'DOWN', Ref, process, _, Last} -> {ended, Last}
                    after Left -> {failed, timeout}
                    end;
                _ -> Asked
            end,
    case Ended of
        {ended, Reason} -> ok;
        {ended, Instead} -> exit(Instead);
        {failed, Why} ->
            demonitor(Ref, [flush]),
            exit(Why)
    end.

%%% ---- what a process is -------------------------------------------------------------------------------

-doc "Gives the calling process a label, which tools and reports show.".
-spec set_label(term()) -> ok.
set_label(Label) ->
    put('$process_label', Label),
    ok.

-doc "The label of a process, or undefined.".
-spec get_label(pid()) -> term().
get_label(Pid) when Pid =:= self() -> get('$process_label');
get_label(Pid) when is_pid(Pid) -> of_dictionary('$process_label', Pid, undefined);
get_label(_) -> undefined.

-doc "The function that a process was started with; each argument is told by an atom.".
-spec initial_call(process()) -> {module(), atom(), [atom()]} | false.
initial_call(Process) ->
    case noted_of(Process) of
        {_, _, _} = Call -> with_dummies(Call);
        false -> false
    end.

-doc "The function that a process was started with; that of the callback module for processes of a behaviour.".
-spec translate_initial_call(process()) -> {module(), atom(), arity()}.
translate_initial_call(Process) ->
    case noted_of(Process) of
        {_, _, _} = Call -> Call;
        false -> {?MODULE, init_p, 5}
    end.

noted_of({A, B, C}) when is_integer(A), is_integer(B), is_integer(C) -> noted_of(list_to_pid(lists:flatten(io_lib:format("<~w.~w.~w>", [A, B, C]))));
noted_of(Process) when not is_tuple(Process) ->
    case of_dictionary('$initial_call', Process, false) of
        {M, F, A} = Call when is_atom(M), is_atom(F), is_integer(A) -> Call;
        _ -> false
    end.

of_dictionary(Key, Pid, Default) when is_pid(Pid) ->
    case node(Pid) =:= node() andalso process_info(Pid, dictionary) of
        {dictionary, Dictionary} -> proplists:get_value(Key, Dictionary, Default);
        _ -> Default
    end;
of_dictionary(Key, Info, Default) when is_list(Info) ->
    case lists:keyfind(dictionary, 1, Info) of
        {dictionary, Dictionary} -> proplists:get_value(Key, Dictionary, Default);
        false -> Default
    end.

with_dummies({M, F, Arity}) ->
    {M, F, [list_to_atom("Argument__" ++ integer_to_list(N)) || N <- lists:seq(1, Arity)]}.

%% What stands in '$initial_call': for a behaviour the init function of the user's module.
noted_call(gen, init_it, [Behaviour, _Starter, _Parent | Rest]) ->
    case Rest of
        [Module, Args, _Options] -> behaviour_call(Behaviour, Module, Args);
        [_Name, Module, Args, _Options] -> behaviour_call(Behaviour, Module, Args)
    end;
noted_call(M, F, A) -> {M, F, length(A)}.

behaviour_call(gen_event, _, _) -> {gen_event, init_it, 6};
behaviour_call(_, supervisor, {_, Module, _}) -> {supervisor, Module, 1};
behaviour_call(_, supervisor_bridge, [Module | _]) -> {supervisor_bridge, Module, 1};
behaviour_call(_, Module, _) -> {Module, init, 1}.

%%% ---- crash reports -------------------------------------------------------------------------------------

crash_report(Class, Reason, Call, Stack) ->
    ?LOG_ERROR(#{label => {proc_lib, crash},
                 report => [Call ++ about_me({Class, Reason, Stack}), neighbours()]},
               #{domain => [otp, sasl],
                 report_cb => fun ?MODULE:report_cb/2,
                 logger_formatter => #{title => "CRASH REPORT"},
                 error_logger => #{tag => error_report, type => crash_report}}).

about_me(Error) ->
    Get = fun(Item) ->
                  case process_info(self(), Item) of
                      [] -> {Item, []};
                      Found -> Found
                  end
          end,
    {dictionary, Dictionary} = Get(dictionary),
    {messages, Messages} = Get(messages),
    Own = ['$ancestors', '$initial_call', '$process_label'],
    Shown = [E || {Key, _} = E <- Dictionary, not lists:member(Key, Own)],
    [{pid, self()}, Get(registered_name), {process_label, get_label(self())}, {error_info, Error},
     {ancestors, my_ancestors()}, Get(message_queue_len),
     {messages, error_logger:limit_term(Messages)}, Get(links),
     {dictionary, error_logger:limit_term(Shown)}]
        ++ [Get(Item) || Item <- [trap_exit, status, heap_size, stack_size, reductions]].

-define(MAX_NEIGHBOURS, 15).

%% The processes that will go down with this one: linked to it, also through others, and not trapping exits.
neighbours() ->
    [{neighbour, Info} || Pid <- reach(falling(self()), [self()]), Pid =/= self(),
                          Info <- [about(Pid)], Info =/= undefined].

reach([Pid | Rest], Seen) when length(Seen) =< ?MAX_NEIGHBOURS ->
    case lists:member(Pid, Seen) of
        true -> reach(Rest, Seen);
        false -> reach(falling(Pid), reach(Rest, [Pid | Seen]))
    end;
reach(_, Seen) -> Seen.

falling(Pid) ->
    case process_info(Pid, links) of
        {links, Links} -> [P || P <- Links, is_pid(P), node(P) =:= node(),
                                process_info(P, trap_exit) =:= {trap_exit, false}];
        undefined -> []
    end.

about(Pid) ->
    Items = [registered_name, initial_call, current_function, message_queue_len, links, trap_exit, status,
             heap_size, stack_size, reductions, current_stacktrace, dictionary],
    case process_info(Pid, Items) of
        undefined -> undefined;
        Info ->
            {dictionary, Dictionary} = lists:keyfind(dictionary, 1, Info),
            Call = case proplists:get_value('$initial_call', Dictionary) of
                       {_, _, _} = Noted -> {initial_call, with_dummies(Noted)};
                       _ -> lists:keyfind(initial_call, 1, Info)
                   end,
            Get = fun(Item) -> lists:keyfind(Item, 1, Info) end,
            [{pid, Pid}, Get(registered_name),
             {process_label, proplists:get_value('$process_label', Dictionary)},
             Call, Get(current_function), {ancestors, proplists:get_value('$ancestors', Dictionary, [])}]
                ++ [Get(I) || I <- [message_queue_len, links, trap_exit, status, heap_size, stack_size,
                                    reductions, current_stacktrace]]
    end.

-doc "The text of a crash report.".
-spec format([term()]) -> string().
format(Report) -> format(Report, latin1).

-doc "The text of a crash report in an encoding.".
-spec format([term()], latin1 | unicode | utf8) -> string().
format(Report, Encoding) -> format(Report, Encoding, unlimited).

-doc "The text of a crash report, terms cut off at a depth.".
-spec format([term()], latin1 | unicode | utf8, unlimited | pos_integer()) -> string().
format(Report, Encoding, Depth) ->
    lists:flatten(report_text(Report, gerl_report:options(#{depth => Depth, encoding => Encoding}))).

-doc "The report callback of crash reports.".
-spec report_cb(map(), map()) -> unicode:chardata().
report_cb(#{label := {proc_lib, crash}, report := Report}, Options) ->
    report_text(Report, gerl_report:options(Options)).

report_text([Mine, Others], #{single_line := true} = Options) ->
    Each = per_item(Mine, Options),
    Linked = case Options of
                 #{chars_limit := unlimited} -> [links(Others, "neighbour: ", "", ", ", Each)];
                 #{} -> term([Pid || {neighbour, [{pid, Pid} | _]} <- Others], Each)
             end,
    ["crasher: ", own(Mine, "", ", ", Each), "; neighbours: ", lists:join("; ", [Linked || Linked =/= []])];
report_text([Mine, Others], Options) ->
    Each = per_item(Mine, Options),
    ["  crasher:\n", own(Mine, "    ", "\n", Each), "\n  neighbours:\n",
     lists:join($\n, links(Others, "    neighbour:\n", "      ", "\n", Each))].

per_item(Items, #{chars_limit := Limit} = Options) when is_integer(Limit) ->
    Options#{chars_limit := max(1, (2 * Limit div 3) div length(Items) - 2)};
per_item(_, Options) -> Options.

%% The process's own items. The exception stands apart, if all before it are tuples.
own(Items, Indent, Separator, Options) ->
    case try lists:splitwith(fun(I) -> element(1, I) =/= error_info end, Items) catch error:_ -> none end of
        {Before, [{error_info, What} | After]} ->
            lists:join(Separator, [items(Before, Indent, Separator, Options), exception(What, Indent, Options),
                                   items(After, Indent, Separator, Options)]);
        _ -> items(Items, Indent, Separator, Options)
    end.

links([Link | Rest], Title, Indent, Separator, Options) ->
    Items = case Link of
                {neighbour, Known} -> Known;
                _ -> Link
            end,
    [[Title, items(Items, Indent, Separator, Options)] | links(Rest, Title, Indent, Separator, Options)];
links([], _, _, _, _) -> [];
links(Tail, _, Indent, _, Options) ->
    Before = string:slice(Indent, 2),
    [Before, string:prefix(shown([Before, {term, Tail}], Options), Before)].

%% What is no pair ends a list of items; what is no list is told as a term.
items(Items, Indent, Separator, Options) when is_list(Items) -> lists:join(Separator, told(Items, Indent, Options));
items(Term, Indent, _, Options) -> shown([Indent, {term, Term}], Options).

told([{process_label, undefined} | Items], Indent, Options) -> told(Items, Indent, Options);
told([{_, _} = Item | Items], Indent, Options) -> [item(Item, Indent, Options) | told(Items, Indent, Options)];
told(_, _, _) -> [].

item({initial_call, {M, F, Args}}, Indent, #{encoding := Encoding}) when is_list(Args) ->
    Name = case Encoding of
               latin1 -> fun io_lib:write_atom_as_latin1/1;
               _ -> fun io_lib:write_atom/1
           end,
    [Indent, "initial call: ", Name(M), $:, Name(F), $/, integer_to_list(length(Args))];
item({Tag, Value}, Indent, Options) when Tag =/= initial_call; tuple_size(Value) =:= 3 ->
    shown([Indent, {brief, Tag}, ": ", {column, 18, Value}], Options).

exception({Class, Reason, Stack}, _, #{single_line := true} = Options) ->
    [atom_to_list(Class), ": ", term({Reason, Stack}, Options)];
exception({Class, Reason, Stack}, Indent, #{encoding := Encoding, chars_limit := Limit} = Options) ->
    Pretty = fun(Term, Column) -> shown({column, Column, Term}, Options#{chars_limit := unlimited}) end,
    Skip = fun(M, _, _) -> M =:= erl_eval orelse M =:= ?MODULE end,
    Chars = case Limit of unlimited -> -1; _ -> Limit end,
    [Indent, erl_error:format_exception(length(Indent) + 1, Class, Reason, Stack, Skip, Pretty, Encoding, Chars)].

term(Term, Options) -> shown({term, Term}, Options).

shown(Part, Options) when is_tuple(Part) -> shown([Part], Options);
shown(Parts, Options) -> gerl_report:text(gerl_report:sentence(Parts, Options), Options).
