-module(gen).
-moduledoc """
What the generic behaviours have in common: names, starts in step with the parent, the protocol of
requests and replies, collections of request identifiers, options. Internal.

A request is the message `{Label, From, Request}` with `From = {Client, Tag}`. The tag is a reference, or
`[alias | Ref]` with the alias of a monitor, so that a late reply is dropped by the runtime. The reply is the
message `{Tag, Reply}`.
""".

-export([start/5, start/6, init_it/6, init_it/7, stop/1, stop/3]).
-export([call/3, call/4, reply/2, send_request/3, send_request/5, wait_response/2, wait_response/3,
         receive_response/2, receive_response/3, check_response/2, check_response/3,
         reqids_new/0, reqids_size/1, reqids_add/3, reqids_to_list/1]).
-export([name/1, unregister_name/1, get_proc_name/1, get_parent/0, hibernate_after/1, debug_options/2,
         format_status/4, format_status_header/2]).

-export_type([reply_tag/0, request_id/0, request_id_collection/0, server_ref/0, emgr_name/0]).

-type emgr_name() :: {local, atom()} | {global, term()} | {via, module(), term()}.
-type server_ref() :: pid() | atom() | {atom(), node()} | {global, term()} | {via, module(), term()}.
-type reply_tag() :: reference() | [alias | reference()].
-opaque request_id() :: reference() | [alias | reference()].
-opaque request_id_collection() :: #{reference() => {request_id(), term()}}.
-type link() :: link | nolink | monitor.

%%% ---- starting --------------------------------------------------------------------------------------

-doc "Starts a process of a behaviour without a name.".
-spec start(module(), link(), module(), term(), list()) -> term().
start(Behaviour, Link, Module, Args, Options) ->
    spawn_in_step(Link, [Behaviour, self(), parent_of(Link), Module, Args, Options], Options).

-doc "Starts a process of a behaviour under a name, unless that name is taken.".
-spec start(module(), link(), emgr_name(), module(), term(), list()) -> term().
start(Behaviour, Link, Name, Module, Args, Options) ->
    case where(Name) of
        undefined ->
            spawn_in_step(Link, [Behaviour, self(), parent_of(Link), Name, Module, Args, Options], Options);
        Pid when Link =:= monitor -> {{error, {already_started, Pid}}, monitor(process, Pid)};
        Pid -> {error, {already_started, Pid}}
    end.

parent_of(Link) when Link =:= link; Link =:= monitor -> self();
parent_of(_) -> self.

spawn_in_step(Link, InitArgs, Options) ->
    Time = option(timeout, Options, infinity),
    SpawnOptions = option(spawn_opt, Options, []),
    case Link of
        link -> proc_lib:start_link(?MODULE, init_it, InitArgs, Time, SpawnOptions);
        nolink -> proc_lib:start(?MODULE, init_it, InitArgs, Time, SpawnOptions);
        monitor -> proc_lib:start_monitor(?MODULE, init_it, InitArgs, Time, SpawnOptions)
    end.

option(Key, Options, Default) ->
    case lists:keyfind(Key, 1, Options) of
        {Key, Value} -> Value;
        _ -> Default
    end.

-doc false.
init_it(Behaviour, Starter, Parent, Module, Args, Options) ->
    Behaviour:init_it(Starter, Parent, self(), Module, Args, Options).

-doc false.
init_it(Behaviour, Starter, Parent, Name, Module, Args, Options) ->
    case claim(Name) of
        mine -> Behaviour:init_it(Starter, Parent, Name, Module, Args, Options);
        Owner -> proc_lib:init_fail(Starter, {error, {already_started, Owner}}, {exit, normal})
    end.

claim({local, Name} = Full) ->
    try register(Name, self()) of
        true -> mine
    catch
        error:_ -> where(Full)
    end;
claim({global, Name} = Full) -> claimed(global:register_name(Name, self()), Full);
claim({via, Registry, Name} = Full) -> claimed(Registry:register_name(Name, self()), Full).

claimed(yes, _) -> mine;
claimed(no, Full) -> where(Full).

-doc "Makes a process that handles system messages end normally.".
-spec stop(server_ref()) -> ok.
stop(Process) -> stop(Process, normal, infinity).

-doc "Makes a process that handles system messages end with a reason.".
-spec stop(server_ref(), term(), timeout()) -> ok.
stop(Process, Reason, Time) ->
    with_process(Process, fun(Dest) -> proc_lib:stop(Dest, Reason, Time) end).

%%% ---- names -----------------------------------------------------------------------------------------

where({local, Name}) -> whereis(Name);
where({global, Name}) -> global:whereis_name(Name);
where({via, Registry, Name}) -> Registry:whereis_name(Name).

-doc "How a process calls itself in reports and for its callbacks.".
-spec name(pid() | emgr_name()) -> term().
name({local, Name}) -> Name;
name({global, Name}) -> Name;
name({via, _, Name}) -> Name;
name(Pid) when is_pid(Pid) -> Pid.

-doc "Gives the calling process's name back.".
-spec unregister_name(pid() | emgr_name()) -> ok.
unregister_name({local, Name}) ->
    try unregister(Name) catch error:_ -> true end,
    ok;
unregister_name({global, Name}) ->
    _ = global:unregister_name(Name),
    ok;
unregister_name({via, Registry, Name}) ->
    _ = Registry:unregister_name(Name),
    ok;
unregister_name(Pid) when is_pid(Pid) -> ok.

-doc "Checks that the caller has the name, for enter_loop; exits if not.".
-spec get_proc_name(pid() | emgr_name()) -> term().
get_proc_name(Pid) when is_pid(Pid) -> Pid;
get_proc_name(Full) ->
    Self = self(),
    case where(Full) of
        Self -> name(Full);
        _ -> exit(missing_name(Full))
    end.

missing_name({local, _}) -> process_not_registered;
missing_name({global, _}) -> process_not_registered_globally;
missing_name({via, Registry, _}) -> {process_not_registered_via, Registry}.

-doc "The process that started the caller by proc_lib.".
-spec get_parent() -> pid().
get_parent() ->
    case get('$ancestors') of
        [Pid | _] when is_pid(Pid) -> Pid;
        [Name | _] when is_atom(Name) ->
            case whereis(Name) of
                undefined -> exit(could_not_find_registered_name);
                Pid -> Pid
            end;
        _ -> exit(process_was_not_started_by_proc_lib)
    end.

%% Calls Fun with what the runtime can send to and monitor.
with_process(Pid, Fun) when is_pid(Pid) -> Fun(Pid);
with_process(Name, Fun) when is_atom(Name) -> do_for_proc(whereis(Name), Fun);
with_process({global, _} = Full, Fun) -> do_for_proc(where(Full), Fun);
with_process({via, _, _} = Full, Fun) -> do_for_proc(where(Full), Fun);
with_process({Name, Node}, Fun) when Node =:= node(), is_atom(Name) -> with_process(Name, Fun);
with_process({Name, Node} = Dest, Fun) when is_atom(Name), is_atom(Node) ->
    case node() of
        nonode@nohost -> exit({nodedown, Node});
        _ -> Fun(Dest)
    end.

do_for_proc(Pid, Fun) when is_pid(Pid) -> Fun(Pid);
do_for_proc(_, _) -> exit(noproc).

%%% ---- calls ------------------------------------------------------------------------------------------

-define(DEFAULT_TIMEOUT, 5000).

-doc "Sends a request and waits for the reply, at most five seconds; exits if there is none.".
-spec call(server_ref(), term(), term()) -> {ok, term()}.
call(Process, Label, Request) -> call(Process, Label, Request, ?DEFAULT_TIMEOUT).

-doc "Sends a request and waits for the reply; exits with timeout, or with the reason why the process has ended.".
-spec call(server_ref(), term(), term(), timeout()) -> {ok, term()}.
call(Process, Label, Request, Time) when is_pid(Process), Time =:= infinity;
                                         is_pid(Process), is_integer(Time), Time >= 0 ->
    do_call(Process, Label, Request, Time);
call(Process, Label, Request, Time) when Time =:= infinity; is_integer(Time), Time >= 0 ->
    with_process(Process, fun(Dest) -> do_call(Dest, Label, Request, Time) end).

%% A caller that waits for ever to a process of its own node needs no alias: nothing comes late.
do_call(Dest, _, _, _) when Dest =:= self() -> exit(calling_self);
do_call(Dest, Label, Request, infinity) when is_pid(Dest), node(Dest) =:= node() ->
    Ref = monitor(process, Dest),
    Dest ! {Label, {self(), Ref}, Request},
    receive
        {Ref, Reply} ->
            demonitor(Ref, [flush]),
            {ok, Reply};
        {'DOWN', Ref, _, _, Reason} -> exit(Reason)
    end;
do_call(Dest, Label, Request, Time) ->
    Ref = monitor(process, Dest, [{alias, demonitor}]),
    _ = erlang:send(Dest, {Label, {self(), [alias | Ref]}, Request}, [noconnect]),
    receive
        {[alias | Ref], Reply} ->
            demonitor(Ref, [flush]),
            {ok, Reply};
        {'DOWN', Ref, _, Object, noconnection} -> exit({nodedown, node_of(Object)});
        {'DOWN', Ref, _, _, Reason} -> exit(Reason)
    after Time ->
            demonitor(Ref, [flush]),
            %% the reply may have come between the end of the time and the end of the alias
            receive
                {[alias | Ref], Reply} -> {ok, Reply}
            after 0 -> exit(timeout)
            end
    end.

node_of({_, Node}) -> Node;
node_of(Pid) -> node(Pid).

-doc "Sends the reply to a request.".
-spec reply({pid(), reply_tag()}, term()) -> ok.
reply({_, [alias | Alias] = Tag}, Reply) when is_reference(Alias) ->
    Alias ! {Tag, Reply},
    ok;
reply({_, [[alias | Alias] | _] = Tag}, Reply) when is_reference(Alias) ->
    Alias ! {Tag, Reply},
    ok;
reply({Client, Tag}, Reply) ->
    try Client ! {Tag, Reply}, ok
    catch _:_ -> ok
    end.

%%% ---- requests whose replies are asked for later -------------------------------------------------------

-doc "Sends a request; the result is used to get the reply.".
-spec send_request(server_ref(), term(), term()) -> request_id().
send_request(Process, Label, Request) ->
    try with_process(Process, fun(Dest) -> requested(Dest, Label, Request) end)
    catch
        exit:Reason ->
            Ref = make_ref(),
            self() ! {'DOWN', Ref, process, Process, Reason},
            Ref
    end.

requested(Dest, Label, Request) ->
    Ref = monitor(process, Dest, [{alias, reply_demonitor}]),
    Dest ! {Label, {self(), [alias | Ref]}, Request},
    Ref.

-doc "Sends a request and adds it with a name to a collection.".
-spec send_request(server_ref(), term(), term(), term(), request_id_collection()) -> request_id_collection().
send_request(Process, Label, Request, Name, Collection) when is_map(Collection) ->
    reqids_add(send_request(Process, Label, Request), Name, Collection);
send_request(Process, Label, Request, Name, Collection) ->
    erlang:error(badarg, [Process, Label, Request, Name, Collection]).

-doc "Waits for the reply to a request; it can be waited for again after a timeout.".
-spec wait_response(request_id(), timeout() | {abs, integer()}) -> {reply, term()} | timeout | {error, term()}.
wait_response(Ref, Time) when is_reference(Ref) ->
    receive
        {[alias | Ref], Reply} -> answered(Ref, Reply);
        {'DOWN', Ref, _, Object, Reason} -> {error, {Reason, Object}}
    after left(Time) -> timeout
    end;
wait_response(Ref, Time) -> erlang:error(badarg, [Ref, Time]).

-doc "Waits for the reply to a request; after a timeout the request is given up.".
-spec receive_response(request_id(), timeout() | {abs, integer()}) -> {reply, term()} | timeout | {error, term()}.
receive_response(Ref, Time) when is_reference(Ref) ->
    case wait_response(Ref, Time) of
        timeout -> give_up(Ref);
        Response -> Response
    end;
receive_response(Ref, Time) -> erlang:error(badarg, [Ref, Time]).

give_up(Ref) ->
    demonitor(Ref, [flush]),
    receive
        {[alias | Ref], Reply} -> {reply, Reply}
    after 0 -> timeout
    end.

-doc "Whether a message is the reply to a request.".
-spec check_response(term(), request_id()) -> {reply, term()} | no_reply | {error, term()}.
check_response(Message, Ref) when is_reference(Ref) ->
    case Message of
        {[alias | Ref], Reply} -> answered(Ref, Reply);
        {'DOWN', Ref, _, Object, Reason} -> {error, {Reason, Object}};
        _ -> no_reply
    end;
check_response(Message, Ref) -> erlang:error(badarg, [Message, Ref]).

answered(Ref, Reply) ->
    demonitor(Ref, [flush]),
    {reply, Reply}.

-doc "Waits for the reply to any request of a collection.".
-spec wait_response(request_id_collection(), timeout() | {abs, integer()}, boolean()) ->
          {term(), term(), request_id_collection()} | timeout | no_request.
wait_response(Collection, Time, Delete) when map_size(Collection) =:= 0, is_boolean(Delete) ->
    _ = left(Time),
    no_request;
wait_response(Collection, Time, Delete) when is_map(Collection), is_boolean(Delete) ->
    receive
        {[alias | Ref], Reply} when is_map_key(Ref, Collection) ->
            one_of(Ref, answered(Ref, Reply), Collection, Delete);
        {'DOWN', Ref, _, Object, Reason} when is_map_key(Ref, Collection) ->
            one_of(Ref, {error, {Reason, Object}}, Collection, Delete)
    after left(Time) -> timeout
    end;
wait_response(Collection, Time, Delete) -> erlang:error(badarg, [Collection, Time, Delete]).

-doc "Like wait_response/3, but after a timeout all requests are given up.".
-spec receive_response(request_id_collection(), timeout() | {abs, integer()}, boolean()) ->
          {term(), term(), request_id_collection()} | timeout | no_request.
receive_response(Collection, Time, Delete) ->
    case wait_response(Collection, Time, Delete) of
        timeout ->
            _ = [give_up(Ref) || Ref <- maps:keys(Collection)],
            timeout;
        Response -> Response
    end.

-doc "Whether a message is the reply to a request of a collection.".
-spec check_response(term(), request_id_collection(), boolean()) ->
          {term(), term(), request_id_collection()} | no_reply | no_request.
check_response(_, Collection, Delete) when map_size(Collection) =:= 0, is_boolean(Delete) -> no_request;
check_response(Message, Collection, Delete) when is_map(Collection), is_boolean(Delete) ->
    case Message of
        {[alias | Ref], Reply} when is_map_key(Ref, Collection) ->
            one_of(Ref, answered(Ref, Reply), Collection, Delete);
        {'DOWN', Ref, _, Object, Reason} when is_map_key(Ref, Collection) ->
            one_of(Ref, {error, {Reason, Object}}, Collection, Delete);
        _ -> no_reply
    end;
check_response(Message, Collection, Delete) -> erlang:error(badarg, [Message, Collection, Delete]).

one_of(Ref, Response, Collection, Delete) ->
    Name = map_get(Ref, Collection),
    {Response, Name, if Delete -> maps:remove(Ref, Collection); true -> Collection end}.

left(infinity) -> infinity;
left({abs, Point}) when is_integer(Point) -> max(0, Point - erlang:monotonic_time(millisecond));
left(Time) when is_integer(Time), Time >= 0 -> Time;
left(Time) -> erlang:error(badarg, [Time]).

-doc "An empty collection of requests.".
-spec reqids_new() -> request_id_collection().
reqids_new() -> #{}.

-doc "The number of requests in a collection.".
-spec reqids_size(request_id_collection()) -> non_neg_integer().
reqids_size(Collection) when is_map(Collection) -> map_size(Collection);
reqids_size(Collection) -> erlang:error(badarg, [Collection]).

-doc "Adds a request with a name to a collection.".
-spec reqids_add(request_id(), term(), request_id_collection()) -> request_id_collection().
reqids_add(Ref, Name, Collection) when is_reference(Ref), is_map(Collection), not is_map_key(Ref, Collection) ->
    Collection#{Ref => Name};
reqids_add(Ref, Name, Collection) -> erlang:error(badarg, [Ref, Name, Collection]).

-doc "The requests of a collection with their names.".
-spec reqids_to_list(request_id_collection()) -> [{request_id(), term()}].
reqids_to_list(Collection) when is_map(Collection) -> maps:to_list(Collection);
reqids_to_list(Collection) -> erlang:error(badarg, [Collection]).

%%% ---- options and status ---------------------------------------------------------------------------------

-doc "The start option hibernate_after.".
-spec hibernate_after(list()) -> timeout().
hibernate_after(Options) -> option(hibernate_after, Options, infinity).

-doc "The debug structure for sys that the start option debug asks for.".
-spec debug_options(term(), list()) -> [sys:dbg_opt()].
debug_options(Name, Options) ->
    case option(debug, Options, []) of
        [] -> [];
        Wanted ->
            try sys:debug_options(Wanted)
            catch
                _:_ ->
                    error_logger:format("~tp: ignoring erroneous debug options - ~tp~n", [Name, Wanted]),
                    []
            end
    end.

-doc "The headline of a status.".
-spec format_status_header(string(), term()) -> string() | {string(), term()}.
format_status_header(Text, Name) when is_pid(Name) -> Text ++ " " ++ pid_to_list(Name);
format_status_header(Text, Name) when is_atom(Name) -> Text ++ " " ++ atom_to_list(Name);
format_status_header(Text, Name) -> {Text, Name}.

-doc """
Lets a callback module change a status before it is shown. Args is what an older format_status/2 gets; its
result, or what went wrong, is added under a key of its own.
""".
-spec format_status(module(), normal | terminate, map(), undefined | [term()]) -> map().
format_status(Module, Why, Status, Args) ->
    New = erlang:function_exported(Module, format_status, 1),
    Old = is_list(Args) andalso erlang:function_exported(Module, format_status, 2),
    Wrong = fun(What) -> Status#{'EXIT' => atom_to_list(Module) ++ ":format_status/" ++ What} end,
    if
        New ->
            try Module:format_status(Status) of
                Changed when is_map(Changed) ->
                    case maps:keys(Changed) -- maps:keys(Status) of
                        [] -> maps:merge(Status, Changed);
                        _ -> Wrong("1 returned a map with unknown keys")
                    end;
                _ -> Wrong("1 did not return a map")
            catch
                _:_ -> Wrong("1 crashed")
            end;
        Old ->
            try Module:format_status(Why, Args) of
                Shown -> Status#{'$status' => Shown}
            catch
                throw:Shown -> Status#{'$status' => Shown};
                _:_ -> Wrong("2 crashed")
            end;
        true -> Status
    end.
