-module(erl_distribution).
-moduledoc "Makes the node alive when it starts, as the command line says. Internal; net_kernel:start/2 and stop/0 are the interface.".

-behaviour(supervisor).

-export([start/0, start/1, start_link/0, stop/0, init/1]).

-doc "Starts the distribution if the command line has a name: ok, or what is to be written before the node ends.".
-spec start() -> ok | {error, string()}.
start() ->
    Named = [{F, V} || {F, V} <- init:get_arguments(), F =:= name orelse F =:= sname],
    case {init:get_argument(proto_dist), Named} of
        {_, []} -> ok;
        {{ok, [[Protocol | _] | _]}, _} when Protocol =/= "inet_tcp" ->
            {error, "gerl: -proto_dist " ++ Protocol ++ " is not supported yet: leave the flag out to use inet_tcp"};
        {_, [{Flag, [Name | _]} | _]} ->
            Domain = case Flag of
                         name -> longnames;
                         sname -> shortnames
                     end,
            begun(net_kernel:begin_(Name, #{name_domain => Domain, started => static}));
        {_, [{Flag, []} | _]} -> {error, "gerl: the flag -" ++ atom_to_list(Flag) ++ " needs a name"}
    end.

begun({ok, _}) -> ok;
begun({error, {text, Text}}) -> {error, Text};
begun({error, Reason}) -> {error, lists:flatten(io_lib:format("Protocol 'inet_tcp': register/listen error: ~tp", [Reason]))}.

-doc "Starts the distribution: what net_kernel:start/1 takes.".
-spec start(list()) -> {ok, pid()} | {error, term()}.
start(Args) -> net_kernel:start(Args).

-doc "Starts the supervisor of the distribution's process; ignored while the node is not alive.".
-spec start_link() -> supervisor:startlink_ret().
start_link() ->
    case whereis(net_kernel) of
        undefined -> ignore;
        Server -> kernel:asleep(net_sup, {supervisor, ?MODULE, []}, Server)
    end.

-doc false.
init([]) ->
    {ok, {#{strategy => one_for_all, intensity => 0, period => 1},
          [#{id => net_kernel, start => {net_kernel, start_link, [#{}]}, shutdown => 2000, modules => [net_kernel]}]}}.

-doc "Stops it.".
-spec stop() -> ok | {error, not_allowed | not_found}.
stop() -> net_kernel:stop().
