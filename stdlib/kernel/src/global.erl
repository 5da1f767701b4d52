-module(global).
-moduledoc """
Names and locks that all connected nodes share. A node that is alone has them for itself.

The server starts when a function of this module is first called.
""".

-behaviour(gen_server).

-export([register_name/2, register_name/3, re_register_name/2, re_register_name/3, unregister_name/1, whereis_name/1,
         registered_names/0, send/2, set_lock/1, set_lock/2, set_lock/3, del_lock/1, del_lock/2, trans/2, trans/3, trans/4,
         sync/0, info/0, disconnect/0, random_exit_name/3, random_notify_name/3, notify_all_name/3,
         start/0, start_link/0, stop/0]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2]).

-export_type([id/0, method/0]).

-type id() :: {ResourceId :: term(), LockRequesterId :: term()}.
-type method() :: fun((Name :: term(), pid(), pid()) -> pid() | none).

-define(SERVER, global_name_server).

%% names: name => {pid, monitor}; locks: resource => {requester, [{pid, monitor}]}
-record(state, {names = #{}, locks = #{}}).

%%% ---- names ---------------------------------------------------------------------------------

-doc "Gives a process a name; no if somebody has it.".
-spec register_name(term(), pid()) -> yes | no.
register_name(Name, Pid) -> register_name(Name, Pid, fun ?MODULE:random_exit_name/3).

-doc "Gives a process a name; Resolve settles clashes when nodes connect.".
-spec register_name(term(), pid(), method()) -> yes | no.
register_name(Name, Pid, Resolve) when is_pid(Pid), is_function(Resolve, 3); is_pid(Pid), is_tuple(Resolve) ->
    call({register, Name, Pid}).

-doc "Gives a process a name, which another may lose.".
-spec re_register_name(term(), pid()) -> yes.
re_register_name(Name, Pid) -> re_register_name(Name, Pid, fun ?MODULE:random_exit_name/3).

-doc "Gives a process a name, which another may lose; Resolve settles clashes when nodes connect.".
-spec re_register_name(term(), pid(), method()) -> yes.
re_register_name(Name, Pid, _Resolve) when is_pid(Pid) ->
    _ = call({unregister, Name}),
    call({register, Name, Pid}).

-doc "Takes a name away.".
-spec unregister_name(term()) -> term().
unregister_name(Name) -> call({unregister, Name}).

-doc "The process with a name.".
-spec whereis_name(term()) -> pid() | undefined.
whereis_name(Name) -> call({whereis, Name}).

-doc "All names.".
-spec registered_names() -> [term()].
registered_names() -> call(names).

-doc "Sends a message to the process with a name.".
-spec send(term(), term()) -> pid().
send(Name, Message) ->
    case whereis_name(Name) of
        undefined -> exit({badarg, {Name, Message}});
        Pid ->
            Pid ! Message,
            Pid
    end.

-doc "Settles a clash of names: one process, chosen at random, is killed.".
-spec random_exit_name(term(), pid(), pid()) -> pid().
random_exit_name(Name, Pid1, Pid2) ->
    {Stays, Goes} = either(Pid1, Pid2),
    error_logger:info_msg("global: Name conflict terminating ~tw~n", [{Name, Goes}]),
    exit(Goes, kill),
    Stays.

-doc "Settles a clash of names: one process, chosen at random, loses the name and gets a message.".
-spec random_notify_name(term(), pid(), pid()) -> pid().
random_notify_name(Name, Pid1, Pid2) ->
    {Stays, Goes} = either(Pid1, Pid2),
    Goes ! {global_name_conflict, Name},
    Stays.

-doc "Settles a clash of names: both processes lose the name and get a message.".
-spec notify_all_name(term(), pid(), pid()) -> none.
notify_all_name(Name, Pid1, Pid2) ->
    Pid1 ! {global_name_conflict, Name, Pid2},
    Pid2 ! {global_name_conflict, Name, Pid1},
    none.

either(A, B) ->
    case rand:uniform(2) of
        1 -> {A, B};
        2 -> {B, A}
    end.

%%% ---- locks ---------------------------------------------------------------------------------

-doc "Takes a lock on all nodes, however long it takes.".
-spec set_lock(id()) -> boolean().
set_lock(Id) -> set_lock(Id, [node()]).

-doc "Takes a lock on some nodes, however long it takes.".
-spec set_lock(id(), [node()]) -> boolean().
set_lock(Id, Nodes) -> set_lock(Id, Nodes, infinity).

-doc "Takes a lock on some nodes; false after that many vain attempts more.".
-spec set_lock(id(), [node()], non_neg_integer() | infinity) -> boolean().
set_lock({_, _} = Id, Nodes, Retries) when is_list(Nodes), Retries =:= infinity orelse Retries >= 0 ->
    attempt(Id, Retries, 1).

attempt(Id, Retries, Times) ->
    case call({lock, Id, self()}) of
        true -> true;
        false when Retries =:= 0 -> false;
        false ->
            timer:sleep(rand:uniform(min(Times * 25, 1000))),
            attempt(Id, case Retries of infinity -> infinity; _ -> Retries - 1 end, Times + 1)
    end.

-doc "Gives a lock back.".
-spec del_lock(id()) -> true.
del_lock(Id) -> del_lock(Id, [node()]).

-doc "Gives a lock on some nodes back.".
-spec del_lock(id(), [node()]) -> true.
del_lock({_, _} = Id, Nodes) when is_list(Nodes) -> call({unlock, Id, self()}).

-doc "Runs a function while a lock is held.".
-spec trans(id(), fun(() -> Result)) -> Result | aborted.
trans(Id, Fun) -> trans(Id, Fun, [node()]).

-doc "Runs a function while a lock on some nodes is held.".
-spec trans(id(), fun(() -> Result), [node()]) -> Result | aborted.
trans(Id, Fun, Nodes) -> trans(Id, Fun, Nodes, infinity).

-doc "Runs a function while a lock on some nodes is held; aborted if it could not be taken.".
-spec trans(id(), fun(() -> Result), [node()], non_neg_integer() | infinity) -> Result | aborted.
trans(Id, Fun, Nodes, Retries) ->
    case set_lock(Id, Nodes, Retries) of
        true ->
            try Fun()
            after del_lock(Id, Nodes)
            end;
        false -> aborted
    end.

%%% ---- the rest ------------------------------------------------------------------------------

-doc "Waits until the names of all known nodes agree.".
-spec sync() -> ok.
sync() -> ok.

-doc false.
-spec info() -> term().
info() -> call(info).

-doc "Disconnects from all nodes.".
-spec disconnect() -> [node()].
disconnect() -> [].

-doc false.
-spec start() -> {ok, pid()} | {error, term()}.
start() -> gen_server:start({local, ?SERVER}, ?MODULE, [], []).

-doc false.
-spec start_link() -> {ok, pid()} | {error, term()}.
start_link() -> gen_server:start_link({local, ?SERVER}, ?MODULE, [], []).

-doc false.
-spec stop() -> ok.
stop() ->
    case whereis(?SERVER) of
        undefined -> ok;
        Pid -> gen_server:stop(Pid)
    end.

call(Request) ->
    case whereis(?SERVER) of
        undefined -> _ = start();
        _ -> ok
    end,
    gen_server:call(?SERVER, Request, infinity).

-doc false.
-spec init([]) -> {ok, #state{}}.
init([]) -> {ok, #state{}}.

-doc false.
-spec handle_call(term(), gen_server:from(), #state{}) -> {reply, term(), #state{}}.
handle_call({register, Name, Pid}, _, #state{names = Names} = S) ->
    case Names of
        #{Name := _} -> {reply, no, S};
        _ -> {reply, yes, S#state{names = Names#{Name => {Pid, monitor(process, Pid)}}}}
    end;
handle_call({unregister, Name}, _, #state{names = Names} = S) ->
    case maps:take(Name, Names) of
        {{_, Ref}, Rest} ->
            demonitor(Ref, [flush]),
            {reply, ok, S#state{names = Rest}};
        error -> {reply, ok, S}
    end;
handle_call({whereis, Name}, _, #state{names = Names} = S) ->
    case Names of
        #{Name := {Pid, _}} ->
            %% the message about its end may still be on its way
            case node(Pid) =/= node() orelse is_process_alive(Pid) of
                true -> {reply, Pid, S};
                false -> {reply, undefined, S}
            end;
        _ -> {reply, undefined, S}
    end;
handle_call(names, _, #state{names = Names} = S) -> {reply, maps:keys(Names), S};
handle_call({lock, {Resource, Requester}, Pid}, _, #state{locks = Locks} = S) ->
    case Locks of
        #{Resource := {Requester, Holders}} ->
            Entry = {Requester, [{Pid, monitor(process, Pid)} | Holders]},
            {reply, true, S#state{locks = Locks#{Resource := Entry}}};
        #{Resource := _} -> {reply, false, S};
        _ -> {reply, true, S#state{locks = Locks#{Resource => {Requester, [{Pid, monitor(process, Pid)}]}}}}
    end;
handle_call({unlock, {Resource, Requester}, Pid}, _, #state{locks = Locks} = S) ->
    case Locks of
        #{Resource := {Requester, Holders}} ->
            case lists:keytake(Pid, 1, Holders) of
                {value, {_, Ref}, Rest} ->
                    demonitor(Ref, [flush]),
                    {reply, true, S#state{locks = with_holders(Resource, Requester, Rest, Locks)}};
                false -> {reply, true, S}
            end;
        _ -> {reply, true, S}
    end;
handle_call(info, _, S) -> {reply, S, S}.

with_holders(Resource, _, [], Locks) -> maps:remove(Resource, Locks);
with_holders(Resource, Requester, Holders, Locks) -> Locks#{Resource => {Requester, Holders}}.

-doc false.
-spec handle_cast(term(), #state{}) -> {noreply, #state{}}.
handle_cast(_, S) -> {noreply, S}.

-doc false.
-spec handle_info(term(), #state{}) -> {noreply, #state{}}.
handle_info({'DOWN', Ref, process, _, _}, #state{names = Names, locks = Locks} = S) ->
    {noreply, S#state{names = maps:filter(fun(_, {_, R}) -> R =/= Ref end, Names),
                      locks = maps:fold(fun(Resource, {Requester, Holders}, Acc) ->
                                                with_holders(Resource, Requester, lists:keydelete(Ref, 2, Holders), Acc)
                                        end, #{}, Locks)}};
handle_info(_, S) -> {noreply, S}.
