-module(dets_server).
-moduledoc """
The process that knows which Dets tables are open and who uses them. It starts a table's process with its first user and closes
the table after its last one.

Opening and closing takes time; requests for the table in question wait meanwhile, others do not. The tables dets_registry ({Name,
number of users, Pid}) and dets_owners ({Pid, Name}) can be read by everybody.
""".

-behaviour(gen_server).

-export([start/0, stop/0, start_link/0, all/0, open/1, open/2, close/1, pid/1, name/1, users/1]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).

-include("gerl_dets.hrl").

-define(SERVER, dets).
-define(TABLES, dets_registry).
-define(NAMES, dets_owners).

%% uses: how often a process has opened a table. monitors: of users, by pid. waiting: what a table is being asked, by name:
%% {Ref, what to do with the answer, requests that wait, latest first}.
-record(state, {uses = #{}, monitors = #{}, waiting = #{}}).

-doc "Starts the server if it does not run.".
-spec start() -> term().
start() ->
    case whereis(?SERVER) of
        undefined -> started();
        Pid -> {ok, Pid}
    end.

%% It belongs to the kernel's supervisor, as far as there is one.
started() ->
    Spec = #{id => ?SERVER, start => {?MODULE, start_link, []}, restart => permanent, shutdown => 60000, modules => [?MODULE]},
    case whereis(kernel_safe_sup) of
        undefined -> gen_server:start({local, ?SERVER}, ?MODULE, [], []);
        Supervisor -> supervisor:start_child(Supervisor, Spec)
    end.

-doc "For the supervisor.".
-spec start_link() -> gen_server:start_ret().
start_link() -> gen_server:start_link({local, ?SERVER}, ?MODULE, [], []).

-doc "Stops the server; tables are closed.".
-spec stop() -> stopped.
stop() ->
    case whereis(?SERVER) of
        undefined -> stopped;
        _ -> gen_server:call(?SERVER, stop, infinity)
    end.

-doc "The names of all open tables.".
-spec all() -> [term()].
all() -> asked(all).

-doc "Opens a file as it is.".
-spec open(file:name()) -> {ok, reference()} | {error, term()}.
open(File) ->
    case gerl_dets_open:known(File) of
        {ok, How} -> asked({open, make_ref(), How});
        Error -> Error
    end.

-doc "Opens a table.".
-spec open(term(), #how{}) -> {ok, term()} | {error, term()}.
open(Name, How) ->
    case asked({open, Name, How}) of
        {error, dets_process_died} -> error(dets_process_died, [Name, How]);
        Result -> Result
    end.

-doc "Closes a table for the calling process.".
-spec close(term()) -> ok | {error, term()}.
close(Name) -> asked({close, Name}).

-doc "The users of a table.".
-spec users(term()) -> [pid()].
users(Name) -> asked({users, Name}).

-doc "The process of an open table.".
-spec pid(term()) -> pid() | none.
pid(Name) ->
    try
        ets:lookup_element(?TABLES, Name, 3, none)
    catch
        error:badarg -> none
    end.

-doc "The table that a process is.".
-spec name(pid()) -> {ok, term()} | undefined.
name(Pid) ->
    _ = start(),
    case ets:lookup(?NAMES, Pid) of
        [{_, Name}] -> {ok, Name};
        [] -> undefined
    end.

asked(Request) ->
    _ = start(),
    gen_server:call(?SERVER, Request, infinity).

%%% ---- the process ----------------------------------------------------------------------------------

-doc "For gen_server.".
-spec init([]) -> {ok, term()}.
init([]) ->
    process_flag(trap_exit, true),
    ets:new(?TABLES, [set, named_table, protected]),
    ets:new(?NAMES, [set, named_table, protected]),
    {ok, #state{}}.

-doc "For gen_server.".
-spec handle_call(term(), term(), term()) -> tuple().
handle_call(all, _, S) -> {reply, [Name || {Name, _, _} <- ets:tab2list(?TABLES)], S};
handle_call({users, Name}, _, #state{uses = Uses} = S) ->
    {reply, lists:append([lists:duplicate(N, Pid) || {Pid, Of} := N <- Uses, Of =:= Name]), S};
handle_call(stop, _, S) -> {stop, normal, stopped, S};
handle_call({open, Name, _} = Request, From, S) -> {noreply, request(Name, Request, From, S)};
handle_call({close, Name} = Request, From, S) -> {noreply, request(Name, Request, From, S)}.

-doc "For gen_server.".
-spec handle_cast(term(), term()) -> {noreply, term()}.
handle_cast(_, S) -> {noreply, S}.

-doc "For gen_server.".
-spec handle_info(term(), term()) -> {noreply, term()}.
handle_info({Ref, Reply}, #state{waiting = Waiting} = S) when is_reference(Ref) ->
    case [Name || Name := {R, _, _} <- Waiting, R =:= Ref] of
        [Name] -> {noreply, answered(Name, Reply, S)};
        [] -> {noreply, S}
    end;
handle_info({'DOWN', _, process, Pid, _}, S) ->
    case ets:lookup(?NAMES, Pid) of
        [{_, Name}] -> {noreply, table_ended(Pid, Name, S)};
        [] -> {noreply, user_ended(Pid, S)}
    end;
handle_info(_, S) -> {noreply, S}.

%% Tables are closed before whoever stops the server goes on: that may be the system's end.
-doc "For gen_server.".
-spec terminate(term(), term()) -> ok.
terminate(_, _) ->
    lists:foreach(fun({_, _, Pid}) -> gerl_dets_table:call(Pid, close) end, ets:tab2list(?TABLES)).

%% Requests for a table that is busy wait for it.
request(Name, Request, From, #state{waiting = Waiting} = S) ->
    case Waiting of
        #{Name := {Ref, Then, Others}} -> S#state{waiting = Waiting#{Name := {Ref, Then, [{Request, From} | Others]}}};
        _ -> begun(Request, From, S)
    end.

begun({open, Name, How}, From, S) ->
    Ref = make_ref(),
    case ets:lookup(?TABLES, Name) of
        [{_, _, Pid}] ->
            Pid ! {'$dets_call', {self(), Ref}, {add_user, How}},
            waits(Name, Ref, {use, From}, S);
        [] ->
            Pid = gerl_dets_table:start(Name, How, self(), Ref),
            monitor(process, Pid),
            ets:insert(?NAMES, {Pid, Name}),
            waits(Name, Ref, {opened, Pid, From}, S)
    end;
begun({close, Name}, {User, _} = From, #state{uses = Uses} = S) ->
    case is_map_key({User, Name}, Uses) of
        true -> left(User, Name, From, S);
        false ->
            gen_server:reply(From, {error, not_owner}),
            S
    end;
begun({gone, Name, User}, none, S) -> left(User, Name, none, S).

waits(Name, Ref, Then, #state{waiting = Waiting} = S) -> S#state{waiting = Waiting#{Name => {Ref, Then, []}}}.

%% A user has one use less.
left(User, Name, From, S) ->
    case ets:lookup(?TABLES, Name) of
        [{_, Count, Pid}] ->
            Ref = make_ref(),
            ets:insert(?TABLES, {Name, Count - 1, Pid}),
            S1 = unused(User, Name, S),
            Gone = not is_map_key({User, Name}, S1#state.uses),
            Pid ! {'$dets_call', {self(), Ref}, if Count =:= 1 -> close; Gone -> {left, User}; true -> {left, none} end},
            waits(Name, Ref, if Count =:= 1 -> {closed, Pid, From}; true -> {reply, From} end, S1);
        [] ->
            From =:= none orelse gen_server:reply(From, {error, not_owner}),
            S
    end.

used(User, Name, #state{uses = Uses, monitors = Monitors} = S) ->
    Monitored = case Monitors of
        #{User := _} -> Monitors;
        _ -> Monitors#{User => monitor(process, User)}
    end,
    S#state{uses = Uses#{{User, Name} => maps:get({User, Name}, Uses, 0) + 1}, monitors = Monitored}.

unused(User, Name, #state{uses = Uses, monitors = Monitors} = S) ->
    Left = case maps:get({User, Name}, Uses) of
        1 -> maps:remove({User, Name}, Uses);
        N -> Uses#{{User, Name} := N - 1}
    end,
    case [any || {Pid, _} := _ <- Left, Pid =:= User] of
        [] ->
            demonitor(maps:get(User, Monitors, make_ref()), [flush]),
            S#state{uses = Left, monitors = maps:remove(User, Monitors)};
        _ -> S#state{uses = Left}
    end.

answered(Name, Reply, #state{waiting = Waiting} = S0) ->
    {_, Then, Others} = map_get(Name, Waiting),
    S = S0#state{waiting = maps:remove(Name, Waiting)},
    resumed(Name, lists:reverse(Others), then(Then, Reply, Name, S)).

then({opened, Pid, {User, _} = From}, ok, Name, S) ->
    ets:insert(?TABLES, {Name, 1, Pid}),
    gen_server:reply(From, {ok, Name}),
    used(User, Name, S);
then({opened, Pid, From}, Error, _, S) ->
    ets:delete(?NAMES, Pid),
    gen_server:reply(From, Error),
    S;
then({use, {User, _} = From}, ok, Name, S) ->
    ets:update_counter(?TABLES, Name, {2, 1}),
    gen_server:reply(From, {ok, Name}),
    used(User, Name, S);
then({closed, Pid, From}, Reply, Name, S) ->
    ets:delete(?TABLES, Name),
    ets:delete(?NAMES, Pid),
    From =:= none orelse gen_server:reply(From, Reply),
    S;
then({reply, none}, _, _, S) -> S;
then(Then, Reply, _, S) ->
    From = element(tuple_size(Then), Then),
    gen_server:reply(From, Reply),
    S.

resumed(_, [], S) -> S;
resumed(Name, [{Request, From} | Rest], S) ->
    lists:foldl(fun({R, F}, Acc) -> request(Name, R, F, Acc) end, begun(Request, From, S), Rest).

%% A table's process that ends without being asked: its users have no table any more.
table_ended(Pid, Name, #state{uses = Uses, waiting = Waiting} = S) ->
    ets:delete(?TABLES, Name),
    ets:delete(?NAMES, Pid),
    S1 = S#state{uses = maps:filter(fun({_, Of}, _) -> Of =/= Name end, Uses)},
    case Waiting of
        #{Name := _} -> answered(Name, {error, dets_process_died}, S1);
        _ -> S1
    end.

user_ended(User, #state{uses = Uses} = S) ->
    Opened = lists:append([lists:duplicate(N, Name) || {Pid, Name} := N <- Uses, Pid =:= User]),
    lists:foldl(fun(Name, Acc) -> request(Name, {gone, Name, User}, none, Acc) end, S, Opened).
