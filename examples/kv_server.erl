%% A key-value store in two halves.  The first half is a generic server that
%% knows about processes and messages and nothing about keys; the second half
%% is a callback module that knows about keys and nothing about processes.
%% Here both live in one file: `?MODULE' is handed over as the callback.
-module(kv_server).
-mode(compile).
-export([main/1]).
-export([start/0, stop/1, put/3, get/2, get/3, delete/2, keys/1, count/1]).
-export([init/1, handle/2]).

-record(store, {data = #{} :: map(), writes = 0 :: non_neg_integer()}).

main(_Args) ->
    Store = start(),
    ok = put(Store, apple, 3),
    ok = put(Store, pear, 5),
    ok = put(Store, "string key", [1, 2, 3]),
    ok = put(Store, apple, 4),
    io:format("apple: ~p~n", [get(Store, apple)]),
    io:format("plum: ~p, with default: ~p~n", [get(Store, plum), get(Store, plum, none)]),
    io:format("keys: ~p~n", [keys(Store)]),
    io:format("entries: ~p~n", [count(Store)]),
    io:format("delete pear: ~p, again: ~p~n", [delete(Store, pear), delete(Store, pear)]),
    %% Several clients at the same time: the server handles one call after
    %% the other, so no update is lost.
    Me = self(),
    Clients = [spawn_link(fun() -> ok = put(Store, {client, I}, I * I), Me ! {done, I} end)
               || I <- lists:seq(1, 20)],
    [receive {done, I} -> ok end || I <- lists:seq(1, length(Clients))],
    Squares = [begin {ok, V} = get(Store, {client, I}), V end || I <- lists:seq(1, 20)],
    io:format("squares: ~w~n", [Squares]),
    %% A bad request crashes neither the server nor the client for good.
    io:format("unknown: ~p~n", [catch_exit(fun() -> call(Store, make_coffee) end)]),
    {stopped, Writes} = stop(Store),
    io:format("writes: ~w~n", [Writes]),
    io:format("after stop: ~p~n", [catch_exit(fun() -> get(Store, apple) end)]).

catch_exit(Fun) ->
    try Fun() catch exit:Reason -> {exit, Reason} end.

%% API of the store ---------------------------------------------------------

start() -> start_server(?MODULE, []).
stop(Store) -> call(Store, stop).
put(Store, Key, Value) -> call(Store, {put, Key, Value}).
get(Store, Key) -> call(Store, {get, Key}).
get(Store, Key, Default) ->
    case get(Store, Key) of
        {ok, Value} -> Value;
        error -> Default
    end.
delete(Store, Key) -> call(Store, {delete, Key}).
keys(Store) -> call(Store, keys).
count(Store) -> call(Store, count).

%% Callbacks: pure functions from a request and a state ----------------------

init([]) -> #store{}.

handle({put, Key, Value}, S = #store{data = Data, writes = W}) ->
    {reply, ok, S#store{data = Data#{Key => Value}, writes = W + 1}};
handle({get, Key}, S) ->
    {reply, maps:find(Key, S#store.data), S};
handle({delete, Key}, S = #store{data = Data}) ->
    case Data of
        #{Key := _} -> {reply, deleted, S#store{data = maps:remove(Key, Data)}};
        #{} -> {reply, not_found, S}
    end;
handle(keys, S) ->
    {reply, lists:sort(maps:keys(S#store.data)), S};
handle(count, S) ->
    {reply, map_size(S#store.data), S};
handle(stop, S) ->
    {stop, {stopped, S#store.writes}}.

%% Generic server -----------------------------------------------------------

start_server(Callback, Argument) ->
    spawn(fun() -> serve(Callback, Callback:init(Argument)) end).

call(Server, Request) ->
    Ref = monitor(process, Server),
    Server ! {'$call', self(), Ref, Request},
    receive
        {Ref, ok, Reply} ->
            demonitor(Ref, [flush]),
            Reply;
        {Ref, refused, Why} ->
            demonitor(Ref, [flush]),
            exit(Why);
        {'DOWN', Ref, process, Server, Reason} ->
            exit({server_down, Reason})
    end.

serve(Callback, State) ->
    receive
        {'$call', From, Ref, Request} ->
            try Callback:handle(Request, State) of
                {reply, Reply, NewState} ->
                    From ! {Ref, ok, Reply},
                    serve(Callback, NewState);
                {stop, Reply} ->
                    From ! {Ref, ok, Reply}
            catch
                error:function_clause ->
                    From ! {Ref, refused, {unknown_request, Request}},
                    serve(Callback, State)
            end
    end.
