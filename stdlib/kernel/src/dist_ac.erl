-module(dist_ac).
-moduledoc """
Decides at which node a distributed application runs. Internal.

Each node of a distributed application has such a process. It keeps what concerns its own node: whether the application was started here, whether it may run here, and where
it is believed to run. Whenever one of these changes, or a node goes, the process that notices settles the matter for all: under a global lock
for the application it asks the others how things are with them, decides, has the chosen node run the application, and tells everybody.
""".

-behaviour(gen_server).

-export([start_link/0, wanted/0, info/0, load/2, unload/1, stopped/1, start/1, permit/2, takeover/2, reconfigure/1, ran/2]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

%% Where an application runs, as this node knows: nowhere yet; here; at a node, [] is none; it did at a node that is gone.
-type place() :: unknown | here | {at, node() | []} | {lost, node()}.
-type levels() :: [[node()]].
-record(app, {levels = [] :: levels(), wait = 0 :: non_neg_integer(), wanted = false :: boolean(), place = unknown :: place()}).
-record(state, {apps = #{} :: #{atom() => #app{}},
                forbidden = [] :: [atom()],                     % applications that may not run here
                settling = #{} :: #{atom() => pid()},           % who settles the matter of an application for this node
                next = [] :: [{atom(), term()}],                % what is to be settled after that
                running = #{} :: #{atom() => {gen_server:from(), place()}}}). % who waits for a start or stop here; where it is if that fails

%%% ---- interface ---------------------------------------------------------------------------------------------

-doc "Starts the process.".
-spec start_link() -> gen_server:start_ret().
start_link() -> gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

-doc "Whether kernel's parameters ask for distributed applications.".
-spec wanted() -> boolean().
wanted() ->
    case application:get_env(kernel, start_dist_ac) of
        {ok, Value} when is_boolean(Value) -> Value;
        _ -> application:get_env(kernel, distributed) =/= undefined
    end.

-doc "What is known of the distributed applications.".
-spec info() -> [{atom(), map()}].
info() -> gen_server:call(?MODULE, info).

-doc "Makes a loaded application distributed as the tuple says, or as kernel's parameter does.".
-spec load(atom(), default | tuple()) -> ok.
load(_, default) -> ok;
load(App, Spec) -> gen_server:call(?MODULE, {load, App, Spec}).

-doc "An application is no longer loaded here.".
-spec unload(atom()) -> ok.
unload(App) -> gen_server:cast(?MODULE, {unload, App}).

-doc "An application was stopped here with application:stop/1.".
-spec stopped(atom()) -> ok.
stopped(App) -> gen_server:cast(?MODULE, {stopped, App}).

-doc "An application is to be started; the application controller is told what to do.".
-spec start(atom()) -> ok.
start(App) -> gen_server:cast(?MODULE, {start, App}).

-doc "Whether an application may run here; `local` if it is not distributed.".
-spec permit(atom(), boolean()) -> ok | local | {error, term()}.
permit(App, Permitted) -> gen_server:call(?MODULE, {permit, App, Permitted}, infinity).

-doc "Has an application run here that runs at another node.".
-spec takeover(atom(), application:restart_type()) -> ok | {error, term()}.
takeover(App, Type) -> gen_server:call(?MODULE, {takeover, App, Type}, infinity).

-doc "Another value of kernel's parameter `distributed`. Applications that run stay where they are.".
-spec reconfigure(list()) -> ok.
reconfigure(Distributed) -> gen_server:cast(?MODULE, {reconfigure, Distributed}).

-doc "How the start or stop that the application controller was told to do has ended.".
-spec ran(atom(), ok | {error, term()}) -> ok.
ran(App, Result) -> gen_server:cast(?MODULE, {ran, App, Result}).

%%% ---- the process -------------------------------------------------------------------------------------------

-doc false.
init([]) ->
    _ = erlang:is_alive() andalso net_kernel:monitor_nodes(true),
    Specs = application:get_env(kernel, distributed, []),
    Forbidden = [App || {App, false} <- application:get_env(kernel, permissions, [])],
    {ok, #state{apps = maps:from_list([described(Spec) || Spec <- Specs]), forbidden = Forbidden}}.

described({App, Nodes}) -> described({App, 0, Nodes});
described({App, Wait, Nodes}) -> {App, #app{levels = levels(Nodes), wait = Wait}}.

%% The nodes of one tuple have the same right to run the application.
levels(Nodes) -> [if is_tuple(N) -> tuple_to_list(N); true -> [N] end || N <- Nodes].

-doc false.
handle_call(info, _, #state{apps = Apps} = S) ->
    {reply, [{App, #{place => P, wanted => W, levels => L, wait => T, permitted => permitted(App, S)}}
             || App := #app{place = P, wanted = W, levels = L, wait = T} <- maps:iterator(Apps, ordered)], S};
handle_call({load, App, Spec}, _, #state{apps = Apps} = S) ->
    {_, New} = described(Spec),
    {reply, ok, S#state{apps = Apps#{App => New}}};
handle_call({survey, App}, _, #state{apps = Apps} = S) ->
    Own = case Apps of
              #{App := #app{wanted = Wanted, place = Place}} -> #{known => true, wanted => Wanted, here => Place =:= here};
              _ -> #{known => false, wanted => false, here => false}
          end,
    {reply, Own#{permitted => permitted(App, S), load => length([A || A := #app{place = here} <- Apps])}, S};
handle_call({permit, App, Permitted}, From, #state{apps = Apps, forbidden = Forbidden} = S) ->
    case is_map_key(App, Apps) of
        false -> {reply, local, S};
        true ->
            Others = lists:delete(App, Forbidden),
            {noreply, settle(App, {permit, From}, S#state{forbidden = if Permitted -> Others; true -> [App | Others] end})}
    end;
handle_call({takeover, App, Type}, From, S) ->
    {noreply, settle(App, {takeover, Type, From}, S)};
handle_call({run, App, Start, Type}, From, #state{running = Waiting} = S) ->
    application_controller:told({run, App, Start, Type}),
    Else = case Start of
               {takeover, Node} -> {at, Node};
               _ -> here
           end,
    {noreply, placed(App, here, S#state{running = Waiting#{App => {From, Else}}})};
handle_call({give_up, App, Node}, From, #state{running = Waiting} = S) ->
    application_controller:told({give_up, App, Node}),
    {noreply, placed(App, {at, Node}, S#state{running = Waiting#{App => {From, {at, Node}}}})}.

permitted(App, #state{forbidden = Forbidden}) -> not lists:member(App, Forbidden).

-doc false.
handle_cast({start, App}, #state{apps = Apps} = S) ->
    case Apps of
        #{App := #app{levels = [_ | _], place = Place} = A} ->
            Known = case Place of
                        here -> unknown; % no longer
                        _ -> Place
                    end,
            {noreply, settle(App, start, S#state{apps = Apps#{App := A#app{wanted = true, place = Known}}})};
        _ ->
            application_controller:told({local, App}),
            {noreply, S}
    end;
handle_cast({stopped, App}, S) -> {noreply, changed(App, fun(A) -> A#app{wanted = false, place = unknown} end, S)};
handle_cast({unload, App}, #state{apps = Apps} = S) -> {noreply, S#state{apps = maps:remove(App, Apps)}};
handle_cast({reconfigure, Distributed}, #state{apps = Apps} = S) ->
    New = [{App, maps:get(App, Apps, #app{}), D} || Spec <- Distributed, {App, D} <- [described(Spec)]],
    {noreply, S#state{apps = maps:merge(Apps, #{App => Old#app{levels = L, wait = W} || {App, Old, #app{levels = L, wait = W}} <- New})}};
handle_cast({ran, App, Result}, #state{running = Waiting} = S) ->
    case maps:take(App, Waiting) of
        {{From, Else}, Rest} ->
            gen_server:reply(From, Result),
            Done = S#state{running = Rest},
            {noreply, if Result =:= ok -> Done; true -> placed(App, Else, Done) end};
        error -> {noreply, S}
    end;
handle_cast({outcome, _, Node}, S) when Node =:= node() -> {noreply, S};
handle_cast({outcome, App, Node}, #state{apps = Apps} = S) ->
    case Apps of
        #{App := #app{wanted = true}} -> application_controller:told({elsewhere, App, Node});
        _ -> ok
    end,
    {noreply, placed(App, {at, Node}, S)}.

placed(App, Place, S) -> changed(App, fun(A) -> A#app{place = Place} end, S).

changed(App, Fun, #state{apps = Apps} = S) ->
    case Apps of
        #{App := A} -> S#state{apps = Apps#{App := Fun(A)}};
        _ -> S
    end.

-doc false.
handle_info({nodedown, Node}, #state{apps = Apps} = S) -> {noreply, maps:fold(fun(App, A, Acc) -> without(Node, App, A, Acc) end, S, Apps)};
handle_info({time_over, App, Node}, #state{apps = Apps} = S) ->
    case Apps of
        #{App := #app{place = {lost, Node}}} -> {noreply, settle(App, {lost, Node}, S)};
        _ -> {noreply, S}
    end;
handle_info({'DOWN', _, process, Pid, _}, #state{settling = Settling, next = Next} = S) ->
    case [App || App := P <- Settling, P =:= Pid] of
        [App] ->
            Free = S#state{settling = maps:remove(App, Settling)},
            case lists:keytake(App, 1, Next) of
                {value, {_, Why}, Rest} -> {noreply, settle(App, Why, Free#state{next = Rest})};
                false -> {noreply, Free}
            end;
        [] -> {noreply, S}
    end;
handle_info(_, S) -> {noreply, S}.

%% An application of a node that is gone gets some time to come back with it; one that waits for that node need not.
without(Node, App, #app{wanted = true, place = {at, Node}, wait = Wait}, S) ->
    erlang:send_after(Wait, self(), {time_over, App, Node}),
    placed(App, {lost, Node}, S);
without(Node, App, #app{wanted = true, place = unknown, levels = Levels}, S) ->
    case lists:any(fun(Level) -> lists:member(Node, Level) end, Levels) of
        true -> settle(App, start, S);
        false -> S
    end;
without(_, _, _, S) -> S.

%%% ---- settling: in a process of its own ---------------------------------------------------------------------

settle(App, Why, #state{settling = Settling, next = Next, apps = Apps} = S) ->
    case Settling of
        #{App := _} -> S#state{next = Next ++ [{App, Why}]};
        _ ->
            #{App := #app{levels = Levels}} = Apps,
            {Pid, _} = spawn_monitor(fun() -> locked(App, Levels, Why) end),
            S#state{settling = Settling#{App => Pid}}
    end.

locked(App, Levels, Why) ->
    Connected = [node() | [N || N <- nodes(), lists:any(fun(Level) -> lists:member(N, Level) end, Levels)]],
    Result = global:trans({{?MODULE, App}, self()}, fun() -> decide(App, Levels, Why, survey(App, Connected)) end, Connected),
    case Why of
        {permit, From} -> gen_server:reply(From, ok);
        {takeover, _, From} -> gen_server:reply(From, Result);
        _ when Result =:= again -> locked(App, Levels, Why);
        _ -> ok
    end.

%% Nodes without such a process do not take part.
survey(App, Nodes) ->
    {Answers, _} = gen_server:multi_call(Nodes, ?MODULE, {survey, App}, 10000),
    maps:from_list(Answers).

decide(App, Levels, Why, Answers) ->
    Runner = [N || N := #{here := true} <- Answers],
    Able = [[N || N <- Level, is_map_key(N, Answers), maps:get(permitted, maps:get(N, Answers))] || Level <- Levels],
    Decision = case {Why, Runner} of
                   {{takeover, Type, _}, _} -> {move, node(), Runner, Type};
                   {_, [R | _]} -> from_runner(R, Able, Answers);
                   {{lost, Gone}, []} -> failover(Gone, Able, Answers);
                   {_, []} -> first([Level || [_ | _] = Level <- Able], Answers)
               end,
    carry_out(Decision, App).

%% It runs: a node that counts for more takes it over when it is started there or permitted to, others when it may no longer run where it does.
from_runner(Runner, Able, Answers) ->
    Above = lists:takewhile(fun(Level) -> not lists:member(Runner, Level) end, Able),
    #{Runner := #{permitted := May}} = Answers,
    case {May, ready(node(), Answers) andalso lists:any(fun(Level) -> lists:member(node(), Level) end, Above)} of
        {true, true} when Runner =/= node() -> {move, node(), [Runner], same};
        {true, _} -> {stay, Runner};
        {false, _} ->
            case willing(Able, Answers) of
                [] -> {nowhere, [Runner]};
                Nodes -> {move, least(Nodes, Answers), [Runner], same}
            end
    end.

failover(Gone, Able, Answers) ->
    case willing(Able, Answers) of
        [] -> {nowhere, []};
        Nodes -> {run, least(Nodes, Answers), {failover, Gone}}
    end.

%% The first start: the nodes that count for most must have begun it, too.
first([], _) -> {nowhere, []};
first([Level | _], Answers) ->
    case {[N || N <- Level, not ready(N, Answers)], [N || N <- Level, not maps:get(known, maps:get(N, Answers))]} of
        {[], _} -> {run, least(Level, Answers), normal};
        {_, []} -> wait;
        {_, Unknown} -> {not_loaded, Unknown}
    end.

willing(Able, Answers) ->
    case [Level || Nodes <- Able, [_ | _] = Level <- [[N || N <- Nodes, ready(N, Answers)]]] of
        [Level | _] -> Level;
        [] -> []
    end.

ready(Node, Answers) ->
    case Answers of
        #{Node := #{wanted := true, permitted := true}} -> true;
        _ -> false
    end.

%% The node with the fewest distributed applications.
least(Nodes, Answers) ->
    {_, Node} = lists:min([{maps:get(load, maps:get(N, Answers)), N} || N <- Nodes]),
    Node.

carry_out(wait, _) -> ok;
carry_out({not_loaded, Nodes}, App) -> application_controller:told({refused, App, {app_not_loaded, App, Nodes}});
carry_out({stay, Node}, App) -> outcome(App, Node);
carry_out({nowhere, Runners}, App) ->
    _ = [ask(R, {give_up, App, []}) || R <- Runners],
    outcome(App, []);
carry_out({run, Node, Start}, App) ->
    case ask(Node, {run, App, Start, same}) of
        gone -> again;
        _ -> outcome(App, Node)
    end;
carry_out({move, Node, Runners, Type}, App) ->
    Start = case Runners of
                [Runner | _] -> {takeover, Runner};
                [] -> normal
            end,
    case ask(Node, {run, App, Start, Type}) of
        ok ->
            _ = [ask(R, {give_up, App, Node}) || R <- Runners, R =/= Node],
            outcome(App, Node);
        gone -> again;
        {error, _} = Error -> Error
    end.

ask(Node, Request) ->
    try gen_server:call({?MODULE, Node}, Request, infinity)
    catch exit:_ -> gone
    end.

%% Nodes that may not run it can wait for it, too.
outcome(App, Node) ->
    _ = gen_server:abcast([node() | nodes()], ?MODULE, {outcome, App, Node}),
    ok.
