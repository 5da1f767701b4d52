-module(gerl_spawn).
-moduledoc "Spawning on other nodes: asks, and waits for the answer. Internal.".

-export([on/5, lost/6]).

-doc false.
%% What spawn/4, spawn_link/4, spawn_monitor/4 and spawn_opt/5 do for another node.
-spec on(node(), module(), atom(), [term()], [term()]) -> pid() | {pid(), reference()}.
on(Node, Module, Function, Args, Options) ->
    Request = spawn_request(Node, Module, Function, Args, [{reply, yes}, {reply_tag, spawn_reply} | Options]),
    receive
        {spawn_reply, Request, ok, Pid} ->
            case lists:any(fun is_watch/1, Options) of
                true -> {Pid, Request};
                false -> Pid
            end;
        {spawn_reply, Request, error, Why} -> refused(Why, {Node, Module, Function, Args, Options})
    end.

is_watch({monitor, _}) -> true;
is_watch(Option) -> Option =:= monitor.

refused(noconnection, {Node, Module, Function, Args, Options}) ->
    spawn_opt(?MODULE, lost, [Node, Module, Function, Args, Options, noconnection], Options);
refused(badopt, _) -> erlang:error(badarg);
refused(Why, _) -> erlang:error(Why).

-doc false.
%% The process that stands for one which could not be started.
-spec lost(node(), module(), atom(), [term()], [term()], term()) -> no_return().
lost(Node, Module, Function, Args, Options, Reason) ->
    Shown = [io_lib:format(" (~w)", [Options]) || Options =/= []],
    error_logger:warning_msg("** Can not start ~w:~w,~w~ts on ~w **~n", [Module, Function, Args, Shown, Node]),
    exit(Reason).
