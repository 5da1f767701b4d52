-module(erpc).
-moduledoc """
Calls on other nodes with the exceptions that the function raised.

The call runs in a process that is spawned there (execute_call/4); the reason of its end tells what came out.
""".

-export([call/2, call/3, call/4, call/5, cast/2, cast/4, send_request/2, send_request/4, send_request/6, receive_response/1,
         receive_response/2, receive_response/3, wait_response/1, wait_response/2, wait_response/3, check_response/2,
         check_response/3, reqids_new/0, reqids_add/3, reqids_size/1, reqids_to_list/1, multicall/2, multicall/3, multicall/4,
         multicall/5, multicast/2, multicast/4]).
%% What the process of a call runs; other nodes ask for it by these names.
-export([execute_call/3, execute_call/4, execute_cast/3]).

-export_type([request_id/0, request_id_collection/0, timeout_time/0]).

-opaque request_id() :: nonempty_improper_list(reference(), reference()).
-opaque request_id_collection() :: #{reference() => term()}.
-type timeout_time() :: 0..4294967295 | infinity | {abs, integer()}.

-define(MAX, 16#ffffffff).
-define(bad(), erlang:error({?MODULE, badarg})).

%%% ---- one call ------------------------------------------------------------------------------

-doc "Calls a fun on a node.".
-spec call(node(), fun(() -> R)) -> R.
call(Node, Fun) -> call(Node, erlang, apply, thunk(Fun), infinity).

%% The arguments for apply/2 of a fun without arguments.
thunk(Fun) when is_function(Fun, 0) -> [Fun, []];
thunk(_) -> ?bad().

-doc "Calls a fun on a node within a time.".
-spec call(node(), fun(() -> R), timeout_time()) -> R.
call(Node, Fun, Timeout) -> call(Node, erlang, apply, thunk(Fun), Timeout).

-doc "Calls a function on a node.".
-spec call(node(), module(), atom(), list()) -> term().
call(Node, M, F, Args) -> call(Node, M, F, Args, infinity).

-doc "Calls a function on a node within a time.".
-spec call(node(), module(), atom(), list(), timeout_time()) -> term().
call(Node, M, F, Args, Timeout) ->
    Deadline = deadline(Timeout),
    [Mark | Ref] = start(Node, M, F, Args),
    response(Mark, Ref, Deadline).

response(Mark, Ref, Deadline) ->
    receive
        {'DOWN', Ref, process, _, Reason} -> outcome(Mark, Reason);
        {spawn_reply, Ref, error, Reason} -> refused(Reason)
    after left(Deadline) -> give_up(Mark, Ref)
    end.

%% A call that was not begun when its time was over will not come back; one that runs goes on alone.
give_up(Mark, Ref) ->
    case spawn_request_abandon(Ref) orelse erlang:demonitor(Ref, [info]) of
        true -> erlang:error({?MODULE, timeout});
        false ->
            receive
                {'DOWN', Ref, process, _, Reason} -> outcome(Mark, Reason);
                {spawn_reply, Ref, error, Reason} -> refused(Reason)
            after 0 -> erlang:error({?MODULE, timeout})
            end
    end.

refused(Reason) -> erlang:error({?MODULE, Reason}).

deadline(infinity) -> infinity;
deadline({abs, Time}) when is_integer(Time) -> Time;
deadline(T) when is_integer(T), T >= 0, T =< ?MAX -> erlang:monotonic_time(millisecond) + T;
deadline(_) -> ?bad().

left(infinity) -> infinity;
left(Deadline) -> max(0, Deadline - erlang:monotonic_time(millisecond)).

%% Starts the process of a call: its mark in the reason of its end, and the reference of its monitor.
start(Node, M, F, Args) ->
    is_atom(Node) andalso is_atom(M) andalso is_atom(F) andalso is_list(Args) andalso length_of(Args) orelse ?bad(),
    Mark = make_ref(),
    [Mark | spawn_request(Node, ?MODULE, execute_call, [Mark, M, F, Args], [{reply, error_only}, monitor])].

length_of(Args) ->
    try length(Args) of
        _ -> true
    catch error:badarg -> false
    end.

-doc false.
-spec execute_call(reference(), module(), atom(), list()) -> no_return().
execute_call(Mark, M, F, Args) ->
    exit(try apply(M, F, Args) of
             Value -> {Mark, return, Value}
         catch
             throw:Reason -> {Mark, throw, Reason};
             exit:Reason -> {Mark, exit, Reason};
             error:Reason:Stack -> {Mark, error, Reason, own_part(Stack)}
         end).

-doc false.
-spec execute_call(module(), atom(), list()) -> no_return().
execute_call(M, F, Args) -> exit({return, apply(M, F, Args)}).

-doc false.
-spec execute_cast(module(), atom(), list()) -> term().
execute_cast(M, F, Args) -> apply(M, F, Args).

%% The frames above this module.
own_part(Stack) -> lists:takewhile(fun(Frame) -> element(1, Frame) =/= ?MODULE end, Stack).

outcome(Mark, {Mark, return, Value}) -> Value;
outcome(Mark, {Mark, throw, Reason}) -> throw(Reason);
outcome(Mark, {Mark, exit, Reason}) -> exit({exception, Reason});
outcome(Mark, {Mark, error, Reason, Stack}) -> erlang:error({exception, Reason, Stack});
outcome(_, noconnection) -> erlang:error({?MODULE, noconnection});
outcome(_, Reason) -> exit({signal, Reason}).

-doc "Calls a fun on a node; nobody learns what came out.".
-spec cast(node(), fun(() -> term())) -> ok.
cast(Node, Fun) -> cast(Node, erlang, apply, thunk(Fun)).

-doc "Calls a function on a node; nobody learns what came out.".
-spec cast(node(), module(), atom(), list()) -> ok.
cast(Node, M, F, Args) when is_atom(Node), is_atom(M), is_atom(F), is_list(Args) ->
    _ = spawn_request(Node, ?MODULE, execute_cast, [M, F, Args], [{reply, no}]),
    ok;
cast(_, _, _, _) -> ?bad().

%%% ---- requests ------------------------------------------------------------------------------

-doc "Sends a request to call a fun; the response is fetched later.".
-spec send_request(node(), fun(() -> term())) -> request_id().
send_request(Node, Fun) -> send_request(Node, erlang, apply, thunk(Fun)).

-doc "Sends a request to call a function; or one with a fun into a collection.".
-spec send_request(node(), term(), term(), term()) -> request_id() | request_id_collection().
send_request(Node, Fun, Label, Collection) when is_function(Fun, 0), is_map(Collection) ->
    reqids_add(send_request(Node, Fun), Label, Collection);
send_request(Node, M, F, Args) -> start(Node, M, F, Args).

-doc "Sends a request and adds it to a collection.".
-spec send_request(node(), module(), atom(), list(), term(), request_id_collection()) -> request_id_collection().
send_request(Node, M, F, Args, Label, Collection) when is_map(Collection) ->
    reqids_add(send_request(Node, M, F, Args), Label, Collection);
send_request(_, _, _, _, _, _) -> ?bad().

-doc "Waits for a response.".
-spec receive_response(request_id()) -> term().
receive_response(Request) -> receive_response(Request, infinity).

-doc "Waits for a response; when the time is over the request is given up.".
-spec receive_response(request_id(), timeout_time()) -> term().
receive_response([Mark | Ref], Timeout) when is_reference(Mark), is_reference(Ref) ->
    response(Mark, Ref, deadline(Timeout));
receive_response(_, _) -> ?bad().

-doc "Waits for the response to any request of a collection.".
-spec receive_response(request_id_collection(), timeout_time(), boolean()) ->
          {term(), term(), request_id_collection()} | no_request.
receive_response(Collection, Timeout, Delete) ->
    from_collection(Collection, Timeout, Delete,
                    fun() ->
                        _ = [spawn_request_abandon(R) orelse erlang:demonitor(R, [flush]) || R <- maps:keys(Collection)],
                        erlang:error({?MODULE, timeout})
                    end, fun(Response) -> Response end).

-doc "Looks whether a response is there.".
-spec wait_response(request_id()) -> {response, term()} | no_response.
wait_response(Request) -> wait_response(Request, 0).

-doc "Waits for a response; when the time is over the request goes on.".
-spec wait_response(request_id(), timeout_time()) -> {response, term()} | no_response.
wait_response([Mark | Ref], Timeout) when is_reference(Mark), is_reference(Ref) ->
    receive
        {'DOWN', Ref, process, _, Reason} -> {response, outcome(Mark, Reason)};
        {spawn_reply, Ref, error, Reason} -> refused(Reason)
    after left(deadline(Timeout)) -> no_response
    end;
wait_response(_, _) -> ?bad().

-doc "Waits for the response to any request of a collection; when the time is over the requests go on.".
-spec wait_response(request_id_collection(), timeout_time(), boolean()) ->
          {{response, term()}, term(), request_id_collection()} | no_response | no_request.
wait_response(Collection, Timeout, Delete) ->
    from_collection(Collection, Timeout, Delete, fun() -> no_response end, fun(Response) -> {response, Response} end).

from_collection(Collection, _, Delete, _, _) when map_size(Collection) =:= 0, is_boolean(Delete) -> no_request;
from_collection(Collection, Timeout, Delete, TimedOut, Wrap) when is_map(Collection), is_boolean(Delete) ->
    receive
        {'DOWN', Ref, process, _, Reason} when is_map_key(Ref, Collection) ->
            [Mark | Label] = map_get(Ref, Collection),
            {Wrap(outcome(Mark, Reason)), Label, left_over(Ref, Collection, Delete)};
        {spawn_reply, Ref, error, Reason} when is_map_key(Ref, Collection) ->
            refused(Reason)
    after left(deadline(Timeout)) -> TimedOut()
    end;
from_collection(_, _, _, _, _) -> ?bad().

left_over(Ref, Collection, true) -> maps:remove(Ref, Collection);
left_over(_, Collection, false) -> Collection.

-doc "Whether a message is the response to a request.".
-spec check_response(term(), request_id()) -> {response, term()} | no_response.
check_response({'DOWN', Ref, process, _, Reason}, [Mark | Ref]) when is_reference(Mark) -> {response, outcome(Mark, Reason)};
check_response({spawn_reply, Ref, error, Reason}, [Mark | Ref]) when is_reference(Mark) -> refused(Reason);
check_response(_, [Mark | Ref]) when is_reference(Mark), is_reference(Ref) -> no_response;
check_response(_, _) -> ?bad().

-doc "Whether a message is the response to a request of a collection.".
-spec check_response(term(), request_id_collection(), boolean()) ->
          {{response, term()}, term(), request_id_collection()} | no_response | no_request.
check_response(_, Collection, Delete) when map_size(Collection) =:= 0, is_boolean(Delete) -> no_request;
check_response({'DOWN', Ref, process, _, Reason}, Collection, Delete) when is_map_key(Ref, Collection), is_boolean(Delete) ->
    [Mark | Label] = map_get(Ref, Collection),
    {{response, outcome(Mark, Reason)}, Label, left_over(Ref, Collection, Delete)};
check_response({spawn_reply, Ref, error, Reason}, Collection, Delete) when is_map_key(Ref, Collection), is_boolean(Delete) ->
    refused(Reason);
check_response(_, Collection, Delete) when is_map(Collection), is_boolean(Delete) -> no_response;
check_response(_, _, _) -> ?bad().

-doc "An empty collection of requests.".
-spec reqids_new() -> request_id_collection().
reqids_new() -> #{}.

-doc "Adds a request with a label to a collection.".
-spec reqids_add(request_id(), term(), request_id_collection()) -> request_id_collection().
reqids_add([Mark | Ref], Label, Collection)
  when is_reference(Mark), is_reference(Ref), is_map(Collection), not is_map_key(Ref, Collection) ->
    Collection#{Ref => [Mark | Label]};
reqids_add(_, _, _) -> ?bad().

-doc "The number of requests in a collection.".
-spec reqids_size(request_id_collection()) -> non_neg_integer().
reqids_size(Collection) when is_map(Collection) -> map_size(Collection);
reqids_size(_) -> ?bad().

-doc "The requests of a collection with their labels.".
-spec reqids_to_list(request_id_collection()) -> [{request_id(), term()}].
reqids_to_list(Collection) when is_map(Collection) -> [{[Mark | Ref], Label} || {Ref, [Mark | Label]} <- maps:to_list(Collection)];
reqids_to_list(_) -> ?bad().

%%% ---- many nodes ----------------------------------------------------------------------------

-doc "Calls a fun on nodes.".
-spec multicall([node()], fun(() -> term())) -> [term()].
multicall(Nodes, Fun) -> multicall(Nodes, Fun, infinity).

-doc "Calls a fun on nodes within a time.".
-spec multicall([node()], fun(() -> term()), timeout_time()) -> [term()].
multicall(Nodes, Fun, Timeout) -> multicall(Nodes, erlang, apply, thunk(Fun), Timeout).

-doc "Calls a function on nodes.".
-spec multicall([node()], module(), atom(), list()) -> [term()].
multicall(Nodes, M, F, Args) -> multicall(Nodes, M, F, Args, infinity).

-doc "Calls a function on nodes within a time: {ok, Value} or {Class, Reason} for each.".
-spec multicall([node()], module(), atom(), list(), timeout_time()) -> [term()].
multicall(Nodes, M, F, Args, Timeout) when is_list(Nodes) ->
    Deadline = deadline(Timeout),
    %% Nothing is sent when one of the nodes is none.
    length_of(Nodes) andalso lists:all(fun is_atom/1, Nodes) orelse ?bad(),
    Requests = [send_request(N, M, F, Args) || N <- Nodes],
    [try receive_response(R, left(Deadline)) of
         Value -> {ok, Value}
     catch Class:Reason -> {Class, Reason}
     end || R <- Requests];
multicall(_, _, _, _, _) -> ?bad().

-doc "Calls a fun on nodes; nobody learns what came out.".
-spec multicast([node()], fun(() -> term())) -> ok.
multicast(Nodes, Fun) -> multicast(Nodes, erlang, apply, thunk(Fun)).

-doc "Calls a function on nodes; nobody learns what came out.".
-spec multicast([node()], module(), atom(), list()) -> ok.
multicast(Nodes, M, F, Args) when is_list(Nodes) -> lists:foreach(fun(N) -> cast(N, M, F, Args) end, Nodes);
multicast(_, _, _, _) -> ?bad().
