-module(kernel_config).
-moduledoc """
Waits at the start for other nodes that must or may be there: kernel's parameters `sync_nodes_mandatory`, `sync_nodes_optional` and `sync_nodes_timeout`. What the node itself does is represented in the tree by processes with
these callbacks, too: they answer what every server answers. Internal.
""".

-behaviour(gen_server).

-export([start_link/0, wait_for_nodes/0, init/1, handle_call/3, handle_cast/2]).

-doc "Starts the process.".
-spec start_link() -> {ok, pid()}.
start_link() -> kernel:asleep(none, kernel:idle(?MODULE), self()).

-doc "Waits until all nodes that the parameters name are connected, or the time is over.".
-spec wait_for_nodes() -> ok | {error, {mandatory_nodes_down, [node()]}}.
wait_for_nodes() ->
    case application:get_env(kernel, sync_nodes_timeout) of
        {ok, Time} when is_integer(Time), Time >= 0; Time =:= infinity ->
            Mandatory = wanted(sync_nodes_mandatory),
            wait_for(Mandatory, Mandatory ++ wanted(sync_nodes_optional), until(Time));
        _ -> ok
    end.

wanted(Parameter) -> [Node || Node <- application:get_env(kernel, Parameter, []), is_atom(Node), Node =/= node()].

until(infinity) -> infinity;
until(Time) -> erlang:monotonic_time(millisecond) + Time.

wait_for(Mandatory, All, Until) ->
    Missing = [Node || Node <- All, net_adm:ping(Node) =/= pong],
    Left = [Node || Node <- Mandatory, lists:member(Node, Missing)],
    case Until =/= infinity andalso erlang:monotonic_time(millisecond) >= Until of
        _ when Missing =:= [] -> ok;
        true when Left =:= [] -> ok;
        true -> {error, {mandatory_nodes_down, Left}};
        false ->
            timer:sleep(100),
            wait_for(Mandatory, All, Until)
    end.

-doc false.
init(State) -> {ok, State}.

-doc false.
handle_call(_Request, _From, State) -> {noreply, State}.

-doc false.
handle_cast(_Message, State) -> {noreply, State}.
