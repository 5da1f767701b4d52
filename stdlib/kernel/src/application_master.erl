-module(application_master).
-moduledoc "What tools ask an application's master, the process that is the group leader of the application's processes. Internal.".

-export([get_child/1, start_type/1, stop/1]).

-doc "The top supervisor of the master's application and the application's callback module.".
-spec get_child(pid()) -> {pid(), module()} | {error, term()}.
get_child(Master) -> asked(Master, {get_child, self(), make_ref()}).

-doc "How the master's application is being started, or `local`.".
-spec start_type(pid()) -> application:start_type() | local | {error, term()}.
start_type(Master) -> asked(Master, {start_type, self(), make_ref()}).

-doc "Stops the master with its application.".
-spec stop(pid()) -> ok | {error, term()}.
stop(Master) ->
    Ref = monitor(process, Master),
    Master ! {stop, self()},
    receive
        {'DOWN', Ref, process, Master, noproc} -> {error, noproc};
        {'DOWN', Ref, process, Master, _} -> ok
    end.

asked(Master, {_, _, Ref} = Question) ->
    Monitor = monitor(process, Master),
    Master ! Question,
    receive
        {Ref, Answer} ->
            demonitor(Monitor, [flush]),
            Answer;
        {'DOWN', Monitor, process, Master, Reason} -> {error, Reason}
    end.
