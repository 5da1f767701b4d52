-module(user_sup).
-moduledoc "The bridge between kernel's supervisor and the process `m:user`. Internal.".

-behaviour(supervisor_bridge).

-export([start/0, init/1, terminate/2]).

-doc "Starts the bridge over the process that is registered as `user`, which is started if there is none.".
-spec start() -> {ok, pid()} | ignore | {error, term()}.
start() -> supervisor_bridge:start_link(?MODULE, []).

-doc false.
init([]) ->
    User = case whereis(user) of
               undefined -> user:start();
               Pid -> Pid
           end,
    {ok, User, User}.

-doc false.
terminate(_Reason, User) ->
    Watch = monitor(process, User),
    _ = lists:any(fun(Signal) -> has_ended(User, Signal, Watch) end, [shutdown, kill]),
    ok.

has_ended(User, Signal, Watch) ->
    exit(User, Signal),
    receive
        {'DOWN', Watch, _, _, _} -> true
    after 1000 -> false
    end.
