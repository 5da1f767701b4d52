-module(logger_sup).
-moduledoc "The supervisor of the logger's processes: its proxy, and those of handlers. Internal.".

-behaviour(supervisor).

-export([start_link/0, init/1, adopt/3]).

-doc "Starts the supervisor.".
-spec start_link() -> supervisor:startlink_ret().
start_link() -> supervisor:start_link({local, ?MODULE}, ?MODULE, []).

-doc "Puts the process of a handler under the supervisor, if there is one.".
-spec adopt(atom(), pid(), module()) -> ok.
adopt(Id, Pid, Module) ->
    case whereis(?MODULE) of
        undefined -> ok;
        Sup -> supervisor:adopt(Sup, spec(Id, Module), Pid)
    end.

-doc false.
init([]) ->
    {ok, {#{strategy => one_for_one, intensity => 1, period => 5},
          [logger_proxy:child_spec() | [spec(Id, logger_h_common) || {Id, _} <- logger_server:processes(), Id =/= logger_proxy]]}}.

spec(Id, Module) ->
    #{id => Id, start => {logger_olp, start_link, []}, restart => temporary, shutdown => 2000, type => worker, modules => [Module]}.
