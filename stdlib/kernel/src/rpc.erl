-module(rpc).
-moduledoc "Calls on other nodes. The process `rex` answers older nodes, and delivers messages to names.".

-behaviour(gen_server).

-export([call/4, call/5, block_call/4, block_call/5, cast/4, async_call/4, yield/1, nb_yield/1, nb_yield/2, multicall/3,
         multicall/4, multicall/5, eval_everywhere/3, eval_everywhere/4, abcast/2, abcast/3, sbcast/2, sbcast/3, server_call/4,
         multi_server_call/2, multi_server_call/3, parallel_eval/1, pmap/3, pinfo/1, pinfo/2]).
-export([start/0, start_link/0, stop/0, init/1, handle_call/3, handle_cast/2, handle_info/2]).

-export_type([key/0]).

-opaque key() :: erpc:request_id().

-doc "Calls a function on a node.".
-spec call(node(), module(), atom(), list()) -> term() | {badrpc, term()}.
call(Node, M, F, Args) -> ask(Node, what(M, F, Args), infinity).

-doc "Calls a function on a node within a time.".
-spec call(node(), module(), atom(), list(), timeout()) -> term() | {badrpc, term()}.
call(Node, M, F, Args, Timeout) -> ask(Node, what(M, F, Args), Timeout).

%% The parts of a call in one term.
what(M, F, Args) when is_list(Args), is_atom(F), is_atom(M) -> {M, F, Args};
what(_, _, _) -> erlang:error(badarg).

ask(Node, {M, F, Args}, Timeout) ->
    older_answer(fun() -> erpc:call(Node, M, F, Args, Timeout) end).

%% What erpc raises, in the terms of this module.
older_answer(F) ->
    try F()
    catch
        throw:{'EXIT', _} = Exit -> {badrpc, Exit};
        throw:Thrown -> Thrown;
        exit:{exception, Reason} -> {badrpc, {'EXIT', Reason}};
        exit:{signal, Reason} -> {badrpc, {'EXIT', Reason}};
        error:{exception, Reason, Stack} -> {badrpc, {'EXIT', {Reason, Stack}}};
        error:{erpc, noconnection} -> {badrpc, nodedown};
        error:{erpc, badarg} -> erlang:error(badarg);
        error:{erpc, Reason} -> {badrpc, Reason}
    end.

-doc "As call/4, but other calls of this kind wait until it is done.".
-spec block_call(node(), module(), atom(), list()) -> term() | {badrpc, term()}.
block_call(Node, M, F, Args) -> blocking(Node, what(M, F, Args), infinity).

-doc "As call/5, but other calls of this kind wait until it is done.".
-spec block_call(node(), module(), atom(), list(), timeout()) -> term() | {badrpc, term()}.
block_call(Node, M, F, Args, Timeout) -> blocking(Node, what(M, F, Args), Timeout).

blocking(Node, {M, F, Args}, Timeout)
  when is_atom(Node), Timeout =:= infinity orelse is_integer(Timeout) andalso Timeout >= 0 andalso Timeout =< 16#ffffffff ->
    Node =:= node() andalso whereis(rex) =:= undefined andalso start(),
    try gen_server:call({rex, Node}, {block_call, M, F, Args, group_leader()}, Timeout)
    catch
        exit:{timeout, _} -> {badrpc, timeout};
        exit:{{nodedown, _}, _} -> {badrpc, nodedown};
        exit:Reason -> {badrpc, {'EXIT', Reason}}
    end.

-doc "Calls a function on a node; nobody learns what came out.".
-spec cast(node(), module(), atom(), list()) -> true.
cast(Node, M, F, Args) ->
    _ = what(M, F, Args),
    erpc:cast(Node, M, F, Args) =:= ok.

-doc "Starts a call whose value yield/1 fetches.".
-spec async_call(node(), module(), atom(), list()) -> key().
async_call(Node, M, F, Args) -> begun(Node, what(M, F, Args)).

begun(Node, {M, F, Args}) when is_atom(Node) -> erpc:send_request(Node, M, F, Args).

-doc "Waits for the value of a call.".
-spec yield(key()) -> term() | {badrpc, term()}.
yield(Key) -> older_answer(fun() -> erpc:receive_response(Key) end).

-doc "Looks whether the value of a call is there.".
-spec nb_yield(key()) -> {value, term()} | timeout.
nb_yield(Key) -> nb_yield(Key, 0).

-doc "Waits some time for the value of a call.".
-spec nb_yield(key(), timeout()) -> {value, term()} | timeout.
nb_yield(Key, Timeout) ->
    case older_answer(fun() -> {there, erpc:wait_response(Key, Timeout)} end) of
        {there, no_response} -> timeout;
        {there, {response, Value}} -> {value, Value};
        Other -> {value, Other}
    end.

-doc "Calls a function on all nodes.".
-spec multicall(module(), atom(), list()) -> {[term()], [node()]}.
multicall(M, F, Args) -> gather(everywhere(), what(M, F, Args), infinity).

everywhere() -> [node() | nodes()].

-doc "Calls a function on nodes, or on all nodes within a time.".
-spec multicall([node()] | module(), module() | atom(), atom() | list(), list() | timeout()) -> {[term()], [node()]}.
multicall(M, F, Args, Timeout) when is_atom(M) -> gather(everywhere(), what(M, F, Args), Timeout);
multicall(Nodes, M, F, Args) -> gather(Nodes, what(M, F, Args), infinity).

-doc "Calls a function on nodes within a time: the values, and the nodes that gave none.".
-spec multicall([node()], module(), atom(), list(), timeout()) -> {[term()], [node()]}.
multicall(Nodes, M, F, Args, Timeout) -> gather(Nodes, what(M, F, Args), Timeout).

%% The time is that of all calls together. A node that is none is down.
gather(Nodes, {M, F, Args}, Timeout) when is_list(Nodes) ->
    _ = length(Nodes),
    Answers = lists:zip(Nodes, [older_answer(fun() -> answered(O) end) || O <- erpc:multicall(Nodes, M, F, Args, Timeout)]),
    {Down, Up} = lists:partition(fun({_, Answer}) -> Answer =:= {badrpc, nodedown} orelse Answer =:= {badrpc, timeout} end, Answers),
    {[A || {_, A} <- Up], [N || {N, _} <- Down]}.

answered({ok, Value}) -> Value;
answered({throw, Thrown}) -> throw(Thrown);
answered({exit, Reason}) -> exit(Reason);
answered({error, Reason}) -> erlang:error(Reason).

-doc "Calls a function on all nodes; nobody learns what came out.".
-spec eval_everywhere(module(), atom(), list()) -> abcast.
eval_everywhere(M, F, Args) -> eval_everywhere(everywhere(), M, F, Args).

-doc "Calls a function on nodes; nobody learns what came out.".
-spec eval_everywhere([node()], module(), atom(), list()) -> abcast.
eval_everywhere(Nodes, M, F, Args) ->
    erpc:multicast(Nodes, M, F, Args),
    abcast.

-doc "Sends a message to the processes of a name on all nodes.".
-spec abcast(atom(), term()) -> abcast.
abcast(Name, Message) -> abcast(everywhere(), Name, Message).

-doc "Sends a message to the processes of a name on nodes.".
-spec abcast([node()], atom(), term()) -> abcast.
abcast(Nodes, Name, Message) when is_atom(Name) ->
    _ = [erlang:send({Name, N}, Message, [noconnect]) || N <- Nodes],
    abcast.

-doc "Sends a message to the processes of a name on all nodes and tells where they are.".
-spec sbcast(atom(), term()) -> {[node()], [node()]}.
sbcast(Name, Message) -> sbcast(everywhere(), Name, Message).

-doc "Sends a message to the processes of a name on nodes: the nodes that have one, and the others.".
-spec sbcast([node()], atom(), term()) -> {[node()], [node()]}.
sbcast(Nodes, Name, Message) ->
    {Answers, Unreached} = gen_server:multi_call(Nodes, rex, {sbcast, Name, Message}),
    {Found, Missing} = lists:partition(fun({_, What}) -> What =/= {nonexisting_name, Name} end, Answers),
    {[N || {N, _} <- Found], Unreached ++ [N || {N, _} <- Missing]}.

-doc "Calls a server that answers {Name, Node, Reply} to {From, Request}.".
-spec server_call(node(), atom(), term(), term()) -> term() | {error, nodedown}.
server_call(Node, Name, Tag, Request) when is_atom(Name) ->
    Watch = monitor(process, {Name, Node}),
    erlang:send({Name, Node}, {self(), Request}),
    Answer = receive
        {Tag, Node, Reply} -> Reply;
        {'DOWN', Watch, _, _, _} -> {error, nodedown}
    end,
    demonitor(Watch, [flush]),
    Answer.

-doc "Calls the servers of a name on all nodes.".
-spec multi_server_call(atom(), term()) -> {[term()], [node()]}.
multi_server_call(Name, Request) -> multi_server_call(everywhere(), Name, Request).

-doc "Calls the servers of a name on nodes: the replies, and the nodes that gave none.".
-spec multi_server_call([node()], atom(), term()) -> {[term()], [node()]}.
multi_server_call(Nodes, Name, Request) when is_list(Nodes), is_atom(Name) ->
    Answers = [{N, server_call(N, Name, Name, Request)} || N <- Nodes],
    {Bad, Good} = lists:partition(fun({_, A}) -> A =:= {error, nodedown} end, Answers),
    {[A || {_, A} <- Good], [N || {N, _} <- Bad]}.

-doc "Evaluates calls in parallel on all nodes.".
-spec parallel_eval([{module(), atom(), list()}]) -> [term()].
parallel_eval(Calls) ->
    Nodes = everywhere(),
    Keys = [begun(N, What) || {N, What} <- dealt(Nodes, Nodes, Calls)],
    [yield(K) || K <- Keys].

dealt(_, _, []) -> [];
dealt([], All, Calls) -> dealt(All, All, Calls);
dealt([N | Nodes], All, [C | Calls]) -> [{N, C} | dealt(Nodes, All, Calls)].

-doc "Maps a function over a list, in parallel on all nodes.".
-spec pmap({module(), atom()}, list(), list()) -> list().
pmap({M, F}, Extra, List) ->
    Values = parallel_eval([{M, F, [E | Extra]} || E <- List]),
    _ = [exit(badrpc) || {badrpc, _} <- Values],
    Values.

-doc "What is known of a process.".
-spec pinfo(pid()) -> [{atom(), term()}] | undefined.
pinfo(Pid) -> about([Pid]).

about([Pid | _] = Args) -> ask(node(Pid), {erlang, process_info, Args}, infinity).

-doc "Some of what is known of a process.".
-spec pinfo(pid(), atom() | [atom()]) -> term().
pinfo(Pid, Item) -> about([Pid, Item]).

%%% ---- rex -----------------------------------------------------------------------------------

-doc "Starts rex.".
-spec start() -> {ok, pid()} | {error, term()}.
start() ->
    gen_server:start({local, rex}, ?MODULE, [], []).

-doc false.
start_link() -> gen_server:start_link({local, rex}, ?MODULE, [], []).

-doc "Stops rex.".
-spec stop() -> term().
stop() -> gen_server:call(rex, stop, infinity).

-doc false.
init([]) ->
    process_flag(trap_exit, true),
    process_flag(message_queue_data, off_heap),
    {ok, #{}}.

-doc false.
%% Calls are done by processes of their own, whose ends answer them.
handle_call({call, M, F, Args, Leader}, From, Waiting) ->
    {_, Ref} = spawn_monitor(fun() -> led(Leader), exit({?MODULE, older_answer(fun() -> caught(M, F, Args) end)}) end),
    {noreply, Waiting#{Ref => From}};
handle_call({block_call, M, F, Args, Leader}, _From, Waiting) ->
    %% The server itself does it: what the function starts has a parent that stays.
    Own = group_leader(),
    led(Leader),
    Answer = older_answer(fun() -> caught(M, F, Args) end),
    led(Own),
    {reply, Answer, Waiting};
handle_call({sbcast, Name, Message}, _From, Waiting) ->
    {reply, try Name ! Message of
                _ -> rex
            catch _:_ -> {nonexisting_name, Name}
            end, Waiting};
handle_call(stop, _From, Waiting) -> {stop, normal, stopped, Waiting};
handle_call(_, _From, Waiting) -> {reply, {badrpc, {'EXIT', badarg}}, Waiting}.

led(Leader) when is_pid(Leader) -> group_leader(Leader, self());
led(_) -> true.

%% As erpc:call/4 would end.
caught(M, F, Args) ->
    try apply(M, F, Args)
    catch
        exit:Reason -> exit({exception, Reason});
        error:Reason:Stack -> erlang:error({exception, Reason, lists:takewhile(fun(E) -> element(1, E) =/= ?MODULE end, Stack)})
    end.

-doc false.
handle_cast({cast, M, F, Args, Leader}, Waiting) ->
    _ = spawn(fun() -> led(Leader), apply(M, F, Args) end),
    {noreply, Waiting};
handle_cast(_, Waiting) -> {noreply, Waiting}.

-doc false.
handle_info({'DOWN', Ref, process, _, Reason}, Waiting) when is_map_key(Ref, Waiting) ->
    {From, Left} = maps:take(Ref, Waiting),
    gen_server:reply(From, ended(Reason)),
    {noreply, Left};
handle_info({From, features_request}, Waiting) when is_pid(From) ->
    From ! {features_reply, node(), [erpc]},
    {noreply, Waiting};
handle_info({From, {sbcast, Name, Message}}, Waiting) ->
    {reply, Answer, _} = handle_call({sbcast, Name, Message}, From, Waiting),
    From ! {rex, node(), Answer},
    {noreply, Waiting};
handle_info({From, {Kind, M, F, Args, Leader}}, Waiting) when Kind =:= call; Kind =:= block_call ->
    _ = spawn(fun() -> led(Leader), From ! {rex, older_answer(fun() -> caught(M, F, Args) end)} end),
    {noreply, Waiting};
handle_info(_, Waiting) -> {noreply, Waiting}.

ended({?MODULE, Answer}) -> Answer;
ended(Reason) -> {badrpc, {'EXIT', Reason}}.
