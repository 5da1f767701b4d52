-module(supervisor).
-moduledoc """
The supervisor: starts its children in order, restarts those that end by the rules of their specifications,
gives up when that happens too often, and stops them in reverse order.

The children of a simple_one_for_one supervisor are kept by pid, all others by identity, beside the order of their start.
A child whose restart has failed is tried again in a message of its own, so that requests come in between.
""".

-behaviour(gen_server).

-export([start_link/2, start_link/3, start_child/2, restart_child/2, delete_child/2, terminate_child/2,
         which_children/1, which_child/2, count_children/1, get_childspec/2, get_callback_module/1,
         check_childspecs/1, check_childspecs/2, stop/1, stop/3]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2, code_change/3, format_log/1, format_log/2]).
%% For kernel's processes, which are there before their supervisors
-export([resume/4, adopt/3]).

-export_type([child_spec/0, child_id/0, child/0, strategy/0, auto_shutdown/0, sup_flags/0, sup_ref/0, startchild_ret/0,
              startchild_err/0, startlink_ret/0, startlink_err/0, sup_name/0, restart/0, shutdown/0, worker/0,
              modules/0, significant/0]).

-include_lib("kernel/include/logger.hrl").

-type child() :: undefined | pid().
-type child_id() :: term().
-type mfargs() :: {module(), atom(), [term()] | undefined}.
-type modules() :: [module()] | dynamic.
-type restart() :: permanent | transient | temporary.
-type significant() :: boolean().
-type shutdown() :: brutal_kill | timeout().
-type worker() :: worker | supervisor.
-type auto_shutdown() :: never | any_significant | all_significant.
-type strategy() :: one_for_all | one_for_one | rest_for_one | simple_one_for_one.
-type sup_name() :: gen:emgr_name().
-type sup_ref() :: gen:server_ref().
-type child_spec() :: #{id := child_id(), start := mfargs(), restart => restart(), significant => significant(),
                        shutdown => shutdown(), type => worker(), modules => modules()}
                    | {child_id(), mfargs(), restart(), shutdown(), worker(), modules()}.
-type sup_flags() :: #{strategy => strategy(), intensity => non_neg_integer(), period => pos_integer(),
                       auto_shutdown => auto_shutdown(), hibernate_after => timeout()}
                   | {strategy(), non_neg_integer(), pos_integer()}.
-type startchild_err() :: already_present | {already_started, child()} | term().
-type startchild_ret() :: {ok, child()} | {ok, child(), term()} | {error, startchild_err()}.
-type startlink_err() :: {already_started, pid()} | {shutdown, term()} | term().
-type startlink_ret() :: {ok, pid()} | ignore | {error, startlink_err()}.

-callback init(Args :: term()) -> {ok, {sup_flags(), [child_spec()]}} | ignore.

%% pid is undefined for a child that was stopped or has ignored its start, {restarting, OldPid} for one whose restart
%% has failed; a list of pids only in reports.
-record(child, {pid = undefined, id, start, restart, significant, shutdown, type, modules}).

-record(state, {name, strategy,
                ids = [] :: [child_id()],                   % the newest first
                children = #{} :: #{child_id() => #child{}},
                dynamic = #{} :: #{term() => [term()]},     % simple_one_for_one: pid or {restarting, _} => arguments
                intensity, period,
                restarts = [] :: [integer()],
                auto_shutdown, hibernate_after,
                tag = make_ref(),        % marks messages to ourselves
                module, args}).

-define(IS_SIMPLE(S), (S#state.strategy =:= simple_one_for_one)).

%%% ---- interface --------------------------------------------------------------------------------------------

-doc "Starts a supervisor.".
-spec start_link(module(), term()) -> startlink_ret().
start_link(Module, Args) -> gen_server:start_link(?MODULE, {self, Module, Args}, []).

-doc "Starts a supervisor under a name.".
-spec start_link(sup_name(), module(), term()) -> startlink_ret().
start_link(Name, Module, Args) -> gen_server:start_link(Name, ?MODULE, {Name, Module, Args}, []).

-doc "Starts a child: by a specification, or for simple_one_for_one with more arguments.".
-spec start_child(sup_ref(), child_spec() | [term()]) -> startchild_ret().
start_child(Sup, Spec) -> ask(Sup, {start_child, Spec}).

-doc "Starts a child again that was stopped.".
-spec restart_child(sup_ref(), child_id()) -> {ok, child()} | {ok, child(), term()} | {error, term()}.
restart_child(Sup, Id) -> ask(Sup, {restart_child, Id}).

-doc "Forgets a child that was stopped.".
-spec delete_child(sup_ref(), child_id()) -> ok | {error, term()}.
delete_child(Sup, Id) -> ask(Sup, {delete_child, Id}).

-doc "Stops a child.".
-spec terminate_child(sup_ref(), pid() | child_id()) -> ok | {error, not_found | simple_one_for_one}.
terminate_child(Sup, Id) -> ask(Sup, {terminate_child, Id}).

-doc "The children with pid, type and modules.".
-spec which_children(sup_ref()) -> [{child_id() | undefined, child() | restarting, worker(), modules()}].
which_children(Sup) -> ask(Sup, which_children).

-doc "A child with pid, type and modules.".
-spec which_child(sup_ref(), pid() | child_id()) ->
          {ok, {child_id() | undefined, child() | restarting, worker(), modules()}} | {error, term()}.
which_child(Sup, Id) -> ask(Sup, {which_child, Id}).

-doc "How many specifications, running children, supervisors and workers there are.".
-spec count_children(sup_ref()) -> [{specs | active | supervisors | workers, non_neg_integer()}].
count_children(Sup) -> ask(Sup, count_children).

-doc "The specification of a child.".
-spec get_childspec(sup_ref(), pid() | child_id()) -> {ok, child_spec()} | {error, not_found}.
get_childspec(Sup, Id) -> ask(Sup, {get_childspec, Id}).

ask(Sup, Request) -> gen_server:call(Sup, Request, infinity).

-doc "Stops a supervisor with its children.".
-spec stop(sup_ref()) -> ok.
stop(Sup) -> gen_server:stop(Sup).

-doc "Stops a supervisor with a reason within a time.".
-spec stop(sup_ref(), term(), timeout()) -> ok.
stop(Sup, Reason, Time) -> gen_server:stop(Sup, Reason, Time).

-doc "The callback module of a supervisor.".
-spec get_callback_module(pid()) -> module().
get_callback_module(Pid) ->
    {status, _, _, [_, _, _, _, Misc]} = sys:get_status(Pid),
    [#state{module = Module}] = [S || {data, Data} <- Misc, {"State", S} <- Data],
    Module.

-doc "Checks child specifications.".
-spec check_childspecs([child_spec()]) -> ok | {error, term()}.
check_childspecs(Specs) -> check_childspecs(Specs, undefined).

-doc "Checks child specifications for a supervisor with automatic shutdown.".
-spec check_childspecs([child_spec()], undefined | auto_shutdown()) -> ok | {error, term()}.
check_childspecs(Specs, Auto) when is_list(Specs) ->
    case lists:member(Auto, [undefined, never, any_significant, all_significant]) of
        true ->
            try children(Specs, Auto) of _ -> ok
            catch throw:Reason -> {error, Reason}
            end;
        false -> {error, {badarg, Auto}}
    end;
check_childspecs(Specs, _) -> {error, {badarg, Specs}}.

%%% ---- specifications ------------------------------------------------------------------------------------------

flags({Strategy, Intensity, Period}) -> flags(#{strategy => Strategy, intensity => Intensity, period => Period});
flags(Given) when is_map(Given) ->
    Flags = maps:merge(#{strategy => one_for_one, intensity => 1, period => 5, auto_shutdown => never}, Given),
    #{strategy := Strategy, intensity := Intensity, period := Period, auto_shutdown := Auto} = Flags,
    require(lists:member(Strategy, [one_for_one, one_for_all, rest_for_one, simple_one_for_one]), {invalid_strategy, Strategy}),
    require(is_integer(Intensity) andalso Intensity >= 0, {invalid_intensity, Intensity}),
    require(is_integer(Period) andalso Period > 0, {invalid_period, Period}),
    require(lists:member(Auto, [never, any_significant, all_significant]), {invalid_auto_shutdown, Auto}),
    require(Auto =:= never orelse Strategy =/= simple_one_for_one,
            {bad_combination, [{auto_shutdown, Auto}, {strategy, Strategy}]}),
    After = maps:get(hibernate_after, Flags, infinity),
    require(After =:= infinity orelse is_integer(After) andalso After >= 0, {invalid_hibernate_after, After}),
    Flags#{hibernate_after => After};
flags(Other) -> throw({invalid_type, Other}).

require(true, _) -> ok;
require(false, Reason) -> throw(Reason).

with_flags(Flags, S) ->
    #{strategy := Strategy, intensity := Intensity, period := Period, auto_shutdown := Auto,
      hibernate_after := After} = flags(Flags),
    S#state{strategy = Strategy, intensity = Intensity, period = Period, auto_shutdown = Auto, hibernate_after = After}.

children(Specs, Auto) -> children(Specs, Auto, []).

children([Spec | Rest], Auto, Done) ->
    #child{id = Id} = Child = child(Spec, Auto),
    require(not lists:keymember(Id, #child.id, Done), {duplicate_child_name, Id}),
    children(Rest, Auto, [Child | Done]);
children([], _, Done) -> lists:reverse(Done).

child({Id, Start, Restart, Shutdown, Type, Modules}, Auto) ->
    child(#{id => Id, start => Start, restart => Restart, shutdown => Shutdown, type => Type, modules => Modules}, Auto);
child(Spec0, Auto) when is_map(Spec0) ->
    Spec = maps:merge(#{restart => permanent, type => worker, significant => false}, Spec0),
    require(is_map_key(id, Spec), missing_id),
    require(is_map_key(start, Spec), missing_start),
    #{id := Id, start := Start, restart := Restart, type := Type, significant := Significant} = Spec,
    case Start of
        {M, F, A} when is_atom(M), is_atom(F), is_list(A) -> ok;
        _ -> throw({invalid_mfa, Start})
    end,
    require(lists:member(Restart, [permanent, transient, temporary]), {invalid_restart_type, Restart}),
    require(is_boolean(Significant), {invalid_significant, Significant}),
    require(not (Significant andalso Auto =:= never), {bad_combination, [{auto_shutdown, never}, {significant, true}]}),
    require(not (Significant andalso Restart =:= permanent),
            {bad_combination, [{restart, permanent}, {significant, true}]}),
    require(lists:member(Type, [worker, supervisor]), {invalid_child_type, Type}),
    Shutdown = maps:get(shutdown, Spec, case Type of worker -> 5000; supervisor -> infinity end),
    require(lists:member(Shutdown, [infinity, brutal_kill]) orelse is_integer(Shutdown) andalso Shutdown >= 0,
            {invalid_shutdown, Shutdown}),
    Modules = maps:get(modules, Spec, [element(1, Start)]),
    require(Modules =:= dynamic orelse is_list(Modules), {invalid_modules, Modules}),
    [require(is_atom(Module), {invalid_module, Module}) || Modules =/= dynamic, Module <- Modules],
    #child{id = Id, start = Start, restart = Restart, significant = Significant, shutdown = Shutdown, type = Type,
           modules = Modules};
child(Other, _) -> throw({invalid_child_spec, Other}).

spec_of(#child{id = Id, start = Start, restart = Restart, significant = Significant, shutdown = Shutdown,
               type = Type, modules = Modules}) ->
    #{id => Id, start => Start, restart => Restart, significant => Significant, shutdown => Shutdown, type => Type,
      modules => Modules}.

%%% ---- start -----------------------------------------------------------------------------------------------------

-doc false.
init({Name0, Module, Args}) ->
    process_flag(trap_exit, true),
    Name = case Name0 of self -> {self(), Module}; _ -> Name0 end,
    case Module:init(Args) of
        {ok, {Flags, Specs}} ->
            try with_flags(Flags, #state{name = Name, module = Module, args = Args}) of
                S -> init_children(Specs, S)
            catch
                throw:Reason -> {stop, {supervisor_data, Reason}}
            end;
        ignore -> ignore;
        Bad -> {stop, {bad_return, {Module, init, Bad}}}
    end.

%% The calling process becomes a supervisor whose children run, those with a pid, and are its links.
-doc false.
-spec resume(term(), module(), term(), #{child_id() => pid()}) -> no_return().
resume(Name, Module, Args, Pids) ->
    {ok, {Flags, Specs}} = Module:init(Args),
    S = with_flags(Flags, #state{name = Name, module = Module, args = Args}),
    Children = [C#child{pid = maps:get(Id, Pids, undefined)} || #child{id = Id} = C <- children(Specs, S#state.auto_shutdown)],
    gen_server:enter_loop(?MODULE, [], with_children(Children, S), Name, pause(S)).

-doc false.
-spec adopt(sup_ref(), child_spec(), pid()) -> ok | {error, term()}.
adopt(Sup, Spec, Pid) -> ask(Sup, {adopt, Spec, Pid}).

init_children(Specs, S) when ?IS_SIMPLE(S), not is_list(Specs); ?IS_SIMPLE(S), length(Specs) =/= 1 ->
    {stop, {bad_start_spec, Specs}};
init_children(Specs, S) ->
    try children(Specs, S#state.auto_shutdown) of
        Children when ?IS_SIMPLE(S) -> {ok, with_children(Children, S), pause(S)};
        Children ->
            case start_all(Children, S) of
                {ok, Started} -> {ok, with_children(Started, S), pause(S)};
                {failed, Id, Reason, Present} ->
                    stop_all(Present, S),
                    {stop, {shutdown, {failed_to_start_child, Id, Reason}}}
            end
    catch
        throw:Reason -> {stop, {start_spec, Reason}}
    end.

%%% ---- the children in the state -----------------------------------------------------------------------------------

%% Children in the order of their start.
with_children(Children, S) ->
    S#state{ids = lists:reverse([Id || #child{id = Id} <- Children]), children = #{Id => C || #child{id = Id} = C <- Children}}.

in_order(#state{ids = Ids, children = Children}) -> lists:foldl(fun(Id, Later) -> [map_get(Id, Children) | Later] end, [], Ids).

added(#child{id = Id} = Child, #state{ids = Ids, children = Children} = S) ->
    S#state{ids = [Id | Ids], children = Children#{Id => Child}}.

without(Id, #state{ids = Ids, children = Children} = S) ->
    S#state{ids = lists:delete(Id, Ids), children = maps:remove(Id, Children)}.

%% The one specification of a simple_one_for_one supervisor.
template(#state{ids = [Id], children = Children}) -> map_get(Id, Children).

pause(#state{hibernate_after = infinity}) -> infinity;
pause(#state{hibernate_after = Time, tag = Tag}) -> {timeout, Time, {hibernate, Tag}}.

%% Starts children in order; after a failure those behind are still there, not running.
start_all(Children, S) -> start_all(Children, S, []).

start_all([Child | Rest], S, Done) ->
    case start_one(Child, S) of
        {ok, undefined} when Child#child.restart =:= temporary -> start_all(Rest, S, Done);
        {error, Reason} ->
            report(start_error, Reason, Child, S),
            {failed, Child#child.id, Reason, lists:reverse(Done, [Child | Rest])};
        Started -> start_all(Rest, S, [Child#child{pid = element(2, Started)} | Done])
    end;
start_all([], _, Done) -> {ok, lists:reverse(Done)}.

start_one(Child, S) -> start_one(Child, info, S).

start_one(#child{start = {M, F, A}} = Child, Level, S) ->
    Started = call_start(M, F, A),
    case Started of
        {error, _} -> ok;
        _ when element(2, Started) =:= undefined -> ok;
        _ -> progress(Child#child{pid = element(2, Started)}, Level, S)
    end,
    Started.

call_start(M, F, A) ->
    try apply(M, F, A) of
        Value -> start_result(Value)
    catch
        throw:Value -> start_result(Value);
        exit:Reason -> {error, {'EXIT', Reason}};
        error:Reason:Stack -> {error, {'EXIT', {Reason, Stack}}}
    end.

start_result({ok, Pid} = Value) when is_pid(Pid) -> Value;
start_result({ok, Pid, _} = Value) when is_pid(Pid) -> Value;
start_result(ignore) -> {ok, undefined};
start_result({error, _} = Value) -> Value;
start_result(Other) -> {error, Other}.

%%% ---- requests -----------------------------------------------------------------------------------------------------

-doc false.
handle_call(Request, _From, S) ->
    {Reply, S1} = serve(Request, S),
    {reply, Reply, S1, pause(S1)}.

serve({start_child, Args}, S) when ?IS_SIMPLE(S) ->
    #child{start = {M, F, Before}} = template(S),
    All = Before ++ Args,
    case call_start(M, F, All) of
        {error, _} = Error -> {Error, S};
        {ok, undefined} = Ignored -> {Ignored, S};
        Started -> {Started, add_dynamic(element(2, Started), All, S)}
    end;
serve({start_child, Spec}, #state{children = Children} = S) ->
    try child(Spec, S#state.auto_shutdown) of
        #child{id = Id} = Child ->
            case Children of
                #{Id := #child{pid = Pid}} when is_pid(Pid) -> {{error, {already_started, Pid}}, S};
                #{Id := _} -> {{error, already_present}, S};
                #{} -> start_new(Child, S)
            end
    catch
        throw:Reason -> {{error, Reason}, S}
    end;
serve({adopt, Spec, Pid}, S) ->
    link(Pid),
    #child{id = Id} = Child = child(Spec, S#state.auto_shutdown),
    {ok, added(Child#child{pid = Pid}, without(Id, S))};
serve({terminate_child, Id}, S) when ?IS_SIMPLE(S), not is_pid(Id) -> {{error, simple_one_for_one}, S};
serve({terminate_child, Id}, S) ->
    case find(Id, S) of
        false when ?IS_SIMPLE(S), node(Id) =:= node() ->
            {case is_process_alive(Id) of true -> {error, not_found}; false -> ok end, S}; % it may have been one
        false -> {{error, not_found}, S};
        Child ->
            stop_one(Child, S),
            {ok, stopped(Child, S)}
    end;
serve({Request, _}, S) when ?IS_SIMPLE(S), Request =:= restart_child orelse Request =:= delete_child ->
    {{error, simple_one_for_one}, S};
serve({restart_child, Id}, S) ->
    if_stopped(Id, S, fun(Child) ->
                              Started = start_one(Child, debug, S),
                              case Started of
                                  {error, _} -> {Started, S};
                                  _ -> {Started, put_pid(Id, element(2, Started), S)}
                              end
                      end);
serve({delete_child, Id}, S) ->
    if_stopped(Id, S, fun(_) -> {ok, without(Id, S)} end);
serve({get_childspec, Id}, S) ->
    Known = is_map_key(Id, S#state.children) orelse is_map_key(Id, S#state.dynamic),
    case Known of
        true when ?IS_SIMPLE(S) -> {{ok, spec_of(template(S))}, S};
        true -> {{ok, spec_of(find(Id, S))}, S};
        false -> {{error, not_found}, S}
    end;
serve(which_children, S) when ?IS_SIMPLE(S) ->
    Child = template(S),
    {[shown(Child#child{id = undefined, pid = Pid}) || Pid <- maps:keys(S#state.dynamic)], S};
serve(which_children, #state{ids = Ids, children = Children} = S) ->
    {[shown(map_get(Id, Children)) || Id <- Ids], S};
serve({which_child, Id}, S) when ?IS_SIMPLE(S), not is_pid(Id) -> {{error, simple_one_for_one}, S};
serve({which_child, Id}, S) ->
    case find(Id, S) of
        false -> {{error, not_found}, S};
        Child when ?IS_SIMPLE(S) -> {{ok, shown(Child#child{id = undefined})}, S};
        Child -> {{ok, shown(Child)}, S}
    end;
serve(count_children, S) when ?IS_SIMPLE(S) ->
    #child{type = Type} = template(S),
    Pids = maps:keys(S#state.dynamic),
    {counts(1, Pids, [Type || _ <- Pids]), S};
serve(count_children, S) ->
    Children = in_order(S),
    Alive = [Pid || #child{pid = Pid} <- Children, is_pid(Pid), is_process_alive(Pid)],
    {counts(length(Children), Alive, [Type || #child{type = Type} <- Children]), S}.

counts(Specs, Pids, Types) ->
    [{specs, Specs}, {active, length([P || P <- Pids, is_pid(P)])},
     {supervisors, length([T || supervisor = T <- Types])}, {workers, length([T || worker = T <- Types])}].

shown(#child{id = Id, pid = {restarting, _}, type = Type, modules = Modules}) -> {Id, restarting, Type, Modules};
shown(#child{id = Id, pid = Pid, type = Type, modules = Modules}) -> {Id, Pid, Type, Modules}.

start_new(Child, S) ->
    Started = start_one(Child, debug, S),
    case Started of
        {ok, undefined} when Child#child.restart =:= temporary -> {Started, S};
        {error, {already_started, _}} -> {Started, S};
        {error, Reason} -> {{error, {Reason, in_old_shape(Child)}}, S};
        _ -> {Started, added(without_args(Child#child{pid = element(2, Started)}), S)}
    end.

%% A temporary child is never started again, so its arguments are of no use.
without_args(#child{restart = temporary, start = {M, F, _}} = Child) -> Child#child{start = {M, F, undefined}};
without_args(Child) -> Child.

%% A failed start tells the child as the tuple that it has always been.
in_old_shape(#child{id = Id, start = Start, restart = Restart, significant = Significant, shutdown = Shutdown,
                    type = Type, modules = Modules}) ->
    {child, undefined, Id, Start, Restart, Significant, Shutdown, Type, Modules}.

if_stopped(Id, S, Fun) ->
    case find(Id, S) of
        false -> {{error, not_found}, S};
        #child{pid = undefined} = Child -> Fun(Child);
        #child{pid = {restarting, _}} -> {{error, restarting}, S};
        _ -> {{error, running}, S}
    end.

%% A child by its identity, or that of simple_one_for_one by its pid.
find(Pid, S) when ?IS_SIMPLE(S) ->
    #child{start = {M, F, _}} = Child = template(S),
    case S#state.dynamic of
        #{Pid := Args} -> Child#child{pid = Pid, start = {M, F, Args}};
        #{{restarting, Pid} := Args} -> Child#child{pid = {restarting, Pid}, start = {M, F, Args}};
        #{} -> false
    end;
find(Id, #state{children = Children}) -> maps:get(Id, Children, false).

add_dynamic(Pid, Args, #state{dynamic = Dynamic} = S) -> S#state{dynamic = Dynamic#{Pid => kept(Args, template(S))}}.

kept(Args, #child{restart = temporary}) when is_list(Args) -> undefined;
kept(Args, _) -> Args.

put_pid(Id, Pid, #state{children = Children} = S) ->
    case Children of
        #{Id := Child} -> S#state{children = Children#{Id := Child#child{pid = Pid}}};
        #{} -> S
    end.

%% The state after the end of a child that is not started again: a temporary one is forgotten.
stopped(#child{pid = Pid}, S) when ?IS_SIMPLE(S) -> S#state{dynamic = maps:remove(Pid, S#state.dynamic)};
stopped(#child{id = Id, restart = temporary}, S) -> without(Id, S);
stopped(#child{id = Id}, S) -> put_pid(Id, undefined, S).

%%% ---- ends and restarts -----------------------------------------------------------------------------------------------

-doc false.
handle_cast({try_again_restart, Tag, Id}, #state{tag = Tag} = S) ->
    case find_restarting(Id, S) of
        false -> {noreply, S, pause(S)};
        Child -> next(restart(Child, S))
    end;
handle_cast(_, S) -> {noreply, S, pause(S)}.

find_restarting({restarting, Pid}, S) when ?IS_SIMPLE(S) -> find(Pid, S);
find_restarting(Id, S) ->
    case find(Id, S) of
        #child{pid = {restarting, _}} = Child -> Child;
        _ -> false
    end.

next({ok, S}) -> {noreply, S, pause(S)};
next({shutdown, S}) -> {stop, shutdown, S}.

-doc false.
handle_info({'EXIT', Pid, Reason}, S) ->
    case by_pid(Pid, S) of
        false -> {noreply, S, pause(S)};
        Child -> next(ended(Child, Reason, S))
    end;
handle_info({hibernate, Tag}, #state{tag = Tag} = S) -> {noreply, S, hibernate};
handle_info(Msg, S) ->
    ?LOG_ERROR("Supervisor received unexpected message: ~tp~n", [Msg], #{domain => [otp], error_logger => #{tag => error}}),
    {noreply, S, pause(S)}.

by_pid(Pid, S) when ?IS_SIMPLE(S) -> find(Pid, S);
by_pid(Pid, #state{children = Children}) -> with_pid(Pid, maps:next(maps:iterator(Children))).

with_pid(Pid, {_, #child{pid = Pid} = Child, _}) -> Child;
with_pid(Pid, {_, _, More}) -> with_pid(Pid, maps:next(More));
with_pid(_, none) -> false.

ended(#child{restart = Restart} = Child, Reason, S) ->
    Orderly = Reason =:= normal orelse Reason =:= shutdown
        orelse is_tuple(Reason) andalso tuple_size(Reason) =:= 2 andalso element(1, Reason) =:= shutdown,
    case Restart =:= permanent orelse not Orderly of
        true -> report(child_terminated, Reason, Child, S);
        false -> ok
    end,
    case Restart =:= permanent orelse Restart =:= transient andalso not Orderly of
        true -> restart(Child, S);
        false -> auto_shutdown(Child, stopped(Child, S))
    end.

auto_shutdown(#child{significant = true}, #state{auto_shutdown = any_significant} = S) -> {shutdown, S};
auto_shutdown(#child{significant = true}, #state{auto_shutdown = all_significant, children = Children} = S) ->
    case [C || #child{significant = true, pid = Pid} = C <- maps:values(Children), Pid =/= undefined] of
        [] -> {shutdown, S};
        _ -> {ok, S}
    end;
auto_shutdown(_, S) -> {ok, S}.

restart(Child, #state{intensity = Intensity, period = Period, restarts = Restarts} = S0) ->
    Now = erlang:monotonic_time(second),
    Recent = lists:sublist([Time || Time <- Restarts, Time >= Now - Period], Intensity + 1),
    case length(Recent) >= Intensity of
        true ->
            report(shutdown, reached_max_restart_intensity, Child, S0),
            {shutdown, stopped(Child, S0#state{restarts = Recent})};
        false -> again(S0#state.strategy, Child, S0#state{restarts = [Now | Recent]})
    end.

again(simple_one_for_one, #child{pid = Pid, start = {M, F, Args}} = Child, S0) ->
    S = S0#state{dynamic = maps:remove(Pid, S0#state.dynamic)},
    case call_start(M, F, Args) of
        {ok, undefined} -> {ok, S};
        {error, Reason} ->
            report(start_error, Reason, Child, S),
            Waiting = waiting(Pid),
            try_again(Waiting, add_dynamic(Waiting, Args, S));
        Started -> {ok, add_dynamic(element(2, Started), Args, S)}
    end;
again(one_for_one, #child{id = Id, pid = Pid} = Child, S) ->
    case start_one(Child, S) of
        {error, Reason} ->
            report(start_error, Reason, Child, S),
            try_again(Id, put_pid(Id, waiting(Pid), S));
        Started -> {ok, put_pid(Id, element(2, Started), S)}
    end;
again(one_for_all, Child, S) -> again_all([], in_order(S), Child, S);
again(rest_for_one, #child{id = Id} = Child, S) ->
    {Before, From} = lists:splitwith(fun(#child{id = I}) -> I =/= Id end, in_order(S)),
    again_all(Before, From, Child, S).

%% Stops the children concerned in reverse order, then starts them in order.
again_all(Before, Concerned, #child{id = Id, pid = OldPid}, S) ->
    Others = [case C of
                  #child{id = Id} -> C#child{pid = undefined};
                  _ -> C
              end || C <- Concerned],
    case start_all(stop_all(Others, S), S) of
        {ok, Started} -> {ok, with_children(Before ++ Started, S)};
        {failed, FailedId, _, Present} ->
            Waiting = if FailedId =:= Id -> waiting(OldPid); true -> {restarting, undefined} end,
            try_again(FailedId, put_pid(FailedId, Waiting, with_children(Before ++ Present, S)))
    end.

waiting(Pid) when is_pid(Pid) -> {restarting, Pid};
waiting(Waiting) -> Waiting.

try_again(Id, #state{tag = Tag} = S) ->
    gen_server:cast(self(), {try_again_restart, Tag, Id}),
    {ok, S}.

%%% ---- stopping children -------------------------------------------------------------------------------------------------

-doc false.
terminate(_Reason, S) when ?IS_SIMPLE(S) -> stop_dynamic(S);
terminate(_Reason, S) -> stop_all(in_order(S), S).

%% Stops children, the last one first; those that remain.
stop_all(Children, S) ->
    lists:foreach(fun(Child) -> stop_one(Child, S) end, lists:reverse(Children)),
    [C#child{pid = undefined} || #child{restart = Restart} = C <- Children, Restart =/= temporary].

stop_one(#child{pid = Pid} = Child, S) when is_pid(Pid) ->
    case expected(order_end(Child), Child) of
        true -> ok;
        {false, Reason} -> report(shutdown_error, Reason, Child, S)
    end;
stop_one(_, _) -> ok.

order_end(#child{pid = Pid, shutdown = Shutdown}) ->
    Ref = monitor(process, Pid),
    Time = case Shutdown of
               brutal_kill ->
                   exit(Pid, kill),
                   infinity;
               _ ->
                   exit(Pid, shutdown),
                   Shutdown
           end,
    receive
        {'DOWN', Ref, process, Pid, Reason} -> own_reason(Pid, Reason)
    after Time ->
            exit(Pid, kill),
            receive {'DOWN', Ref, process, Pid, Reason} -> own_reason(Pid, Reason) end
    end.

%% A child that was gone before we looked tells its reason by the exit signal of the link.
own_reason(Pid, noproc) ->
    {links, Links} = process_info(self(), links),
    Time = case lists:member(Pid, Links) of true -> infinity; false -> 0 end,
    receive
        {'EXIT', Pid, Reason} -> Reason
    after Time -> child_process_unlinked
    end;
own_reason(Pid, Reason) ->
    unlink(Pid),
    receive {'EXIT', Pid, _} -> Reason after 0 -> Reason end.

expected(killed, #child{shutdown = brutal_kill}) -> true;
expected(shutdown, #child{shutdown = Shutdown}) when Shutdown =/= brutal_kill -> true;
expected(Reason, #child{restart = Restart}) when Restart =/= permanent ->
    case Reason of
        normal -> true;
        shutdown -> true;
        {shutdown, _} -> true;
        _ -> {false, Reason}
    end;
expected(Reason, _) -> {false, Reason}.

%% All at once, with one time for all; reasons that are errors are reported once each.
stop_dynamic(#state{dynamic = Dynamic} = S) ->
    #child{shutdown = Shutdown} = Child = template(S),
    Signal = case Shutdown of brutal_kill -> kill; _ -> shutdown end,
    Monitors = #{monitor(process, Pid) => Pid || Pid <- maps:keys(Dynamic), is_pid(Pid)},
    maps:foreach(fun(_, Pid) -> exit(Pid, Signal) end, Monitors),
    Until = case Shutdown of
                Time when is_integer(Time) -> erlang:monotonic_time(millisecond) + Time;
                _ -> infinity
            end,
    Errors = await_ends(Monitors, Until, Child, #{}),
    maps:foreach(fun(Reason, Pids) -> report(shutdown_error, Reason, Child#child{pid = Pids}, S) end, Errors).

await_ends(Monitors, _, _, Errors) when map_size(Monitors) =:= 0 -> Errors;
await_ends(Monitors, Until, Child, Errors) ->
    Left = case Until of
               infinity -> infinity;
               _ -> max(0, Until - erlang:monotonic_time(millisecond))
           end,
    receive
        {'DOWN', Ref, process, Pid, Reason0} when is_map_key(Ref, Monitors) ->
            Reason = own_reason(Pid, Reason0),
            Errors1 = case expected(Reason, Child) of
                          true -> Errors;
                          {false, _} -> maps:update_with(Reason, fun(Pids) -> [Pid | Pids] end, [Pid], Errors)
                      end,
            await_ends(maps:remove(Ref, Monitors), Until, Child, Errors1)
    after Left ->
            maps:foreach(fun(_, Pid) -> exit(Pid, kill) end, Monitors),
            await_ends(Monitors, infinity, Child, Errors)
    end.

-doc false.
code_change(_Vsn, #state{module = Module, args = Args} = S, _Extra) ->
    case Module:init(Args) of
        {ok, {Flags, Specs}} ->
            try
                S1 = with_flags(Flags, S),
                {S1, children(Specs, S1#state.auto_shutdown)}
            of
                {S1, Children} when ?IS_SIMPLE(S1), length(Children) =/= 1 ->
                    Faulty = with_children(Children, S1),
                    {error, {ok, {Faulty#state.ids, Faulty#state.children}}};
                {S1, Children} -> {ok, merged(Children, S1)}
            catch
                throw:{invalid_type, Bad} -> {error, {bad_flags, Bad}};
                throw:Reason -> {error, Reason}
            end;
        ignore -> {ok, S};
        Error -> Error
    end.

%% New specifications keep the processes of the old ones; old children without a new one stay, as the newest.
merged(New, S) when ?IS_SIMPLE(S) -> with_children(New, S);
merged(New, #state{children = Old} = S) ->
    Fresh = [case Old of
                 #{Id := #child{pid = Pid}} -> C#child{pid = Pid};
                 #{} -> C
             end || #child{id = Id} = C <- New],
    Gone = [C || #child{id = Id} = C <- in_order(S), not lists:keymember(Id, #child.id, New)],
    with_children(Fresh ++ Gone, S).

%%% ---- reports -------------------------------------------------------------------------------------------------------------

%% A child that is added or started again on request is told at a lower level than those that a supervisor starts by itself.
progress(Child, Level, #state{name = Name}) ->
    ?LOG(Level, #{label => {supervisor, progress}, report => [{supervisor, Name}, {started, told(Child)}]},
         meta("PROGRESS REPORT", info_report, progress)).

report(Context, Reason, Child, #state{name = Name}) ->
    ?LOG_ERROR(#{label => {supervisor, Context},
                 report => [{supervisor, Name}, {errorContext, Context}, {reason, Reason}, {offender, told(Child)}]},
               meta("SUPERVISOR REPORT", error_report, supervisor_report)).

meta(Title, Tag, Type) ->
    #{domain => [otp, sasl], report_cb => fun ?MODULE:format_log/2, logger_formatter => #{title => Title},
      error_logger => #{tag => Tag, type => Type, report_cb => fun ?MODULE:format_log/1}}.

told(#child{pid = Pid, id = Id, start = Start, restart = Restart, significant = Significant, shutdown = Shutdown,
            type = Type}) ->
    Process = case Pid of
                  [_ | _] -> {nb_children, length(Pid)};
                  _ -> {pid, Pid}
              end,
    [Process, {id, Id}, {mfargs, Start}, {restart_type, Restart}, {significant, Significant}, {shutdown, Shutdown},
     {child_type, Type}].

-doc false.
format_log(Report) -> gerl_sup_report:legacy(supervisor, Report).

-doc false.
format_log(Report, Options) -> gerl_sup_report:text(supervisor, Report, Options).
