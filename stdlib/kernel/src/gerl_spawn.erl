-module(gerl_spawn).
-moduledoc "Spawning on other nodes: asks, and waits for the answer. Internal.".

-export([on/5, lost/6]).

-doc false.
%% What spawn/4, spawn_link/4, spawn_monitor/4 and spawn_opt/5 do for another node.
-spec on(node(), module(), atom(), [term()], [term()]) -> pid() | {pid(), reference()}.
on(Node, Module, Function, Args, Options) ->
    Monitored = watched(Options),
    Request = spawn_request(Node, Module, Function, Args, [{reply, yes}, {reply_tag, ?MODULE} | Options]),
    receive
        {?MODULE, Request, ok, Pid} when Monitored -> {Pid, Request};
        {?MODULE, Request, ok, Pid} -> Pid;
        {?MODULE, Request, error, noconnection} ->
            spawn_opt(?MODULE, lost, [Node, Module, Function, Args, Options, noconnection], Options);
        {?MODULE, Request, error, Reason} when Reason =:= system_limit; Reason =:= notsup -> erlang:error(Reason);
        {?MODULE, Request, error, _} -> erlang:error(badarg)
    end.

watched([monitor | _]) -> true;
watched([{monitor, _} | _]) -> true;
watched([_ | Options]) -> watched(Options);
watched([]) -> false.

-doc false.
%% The process that stands for one which could not be started.
-spec lost(node(), module(), atom(), [term()], [term()], term()) -> no_return().
lost(Node, Module, Function, Args, [], Reason) ->
    error_logger:warning_msg("** Can not start ~w:~w,~w on ~w **~n", [Module, Function, Args, Node]),
    exit(Reason);
lost(Node, Module, Function, Args, Options, Reason) ->
    error_logger:warning_msg("** Can not start ~w:~w,~w (~w) on ~w **~n", [Module, Function, Args, Options, Node]),
    exit(Reason).
