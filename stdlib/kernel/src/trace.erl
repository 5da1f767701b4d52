-module(trace).
-moduledoc """
Tracing in sessions: each has its own tracer, flags of processes and breakpoints, so that tools do not get in each other's way.

A session lasts until `session_destroy/1`, or until nobody has its handle any more. `erlang:trace/3` and `dbg` use the session that has no name.
""".

-export([session_create/3, session_destroy/1, session_info/1, process/4, port/4, function/4, send/3, recv/3, system/3, info/3, delivered/2]).

-export_type([session/0]).

%% The call of the function where this stands fails: erl_kernel_errors explains why.
-define(refuse(Arguments, Info), error(badarg, Arguments, [{error_info, (Info)#{module => erl_kernel_errors}}])).

-opaque session() :: {reference(), {atom(), non_neg_integer()}}.
-type match_spec() :: [{list() | '_' | atom(), [term()], [term()]}] | boolean() | restart | pause.

-doc """
Makes a session whose messages go to a process or port. There are no options. With `undefined`, the flag `{tracer, Pid}` chooses a tracer for each
process, as with `erlang:trace/3`.
""".
-spec session_create(atom(), pid() | port() | undefined, []) -> session().
session_create(Name, Tracer, []) when is_atom(Name) ->
    try gerl_trace:create(Name, Tracer)
    catch
        error:badarg -> ?refuse([Name, Tracer, []], #{})
    end;
session_create(Name, Tracer, Options) -> ?refuse([Name, Tracer, Options], #{}).

-doc "Ends a session; false if it has ended before.".
-spec session_destroy(session()) -> boolean().
session_destroy({Ref, {_, Number}}) when is_reference(Ref), is_integer(Number) -> gerl_trace:destroy(Number);
session_destroy(Session) -> ?refuse([Session], #{}).

-doc "The sessions that trace something: `all` for every session, or a process, function and so on.".
-spec session_info(term()) -> [session() | {legacy, default}].
session_info(all) -> sessions() ++ [{legacy, default}];
session_info(What) ->
    Item = item(What),
    try gerl_trace:info(0, What, Item) of
        undefined -> undefined;
        Legacy ->
            [{Name, N} || {N, Name} <- gerl_trace:sessions(), traces(gerl_trace:info(N, What, Item))]
                ++ [{legacy, default} || traces(Legacy)]
    catch
        error:badarg -> ?refuse([What], #{})
    end.

%% What shows whether a session traces something of that kind.
item(What) when is_tuple(What); What =:= on_load -> all;
item(What) when What =:= send; What =:= 'receive' -> match_spec;
item(_) -> flags.

sessions() -> [{Name, N} || {N, Name} <- gerl_trace:sessions()].

traces({match_spec, Spec}) -> Spec =/= true;
traces({flags, Flags}) -> Flags =/= [];
traces({all, false}) -> false;
traces({all, undefined}) -> false;
traces({all, Items}) -> lists:any(fun({_, V}) -> V =/= [] andalso V =/= false end, Items).

-doc "Sets or clears flags of processes.".
-spec process(session(), pid() | all | existing | new, boolean(), [atom()]) -> non_neg_integer().
process(Session, Processes, How, Flags) ->
    case in(Session, process, [whom(Processes, processes), How, Flags]) of
        {value, Value} -> Value;
        Info -> ?refuse([Session, Processes, How, Flags], Info)
    end.

-doc "Sets or clears flags of ports.".
-spec port(session(), port() | all | existing | new, boolean(), [atom()]) -> non_neg_integer().
port(Session, Ports, How, Flags) ->
    case in(Session, process, [whom(Ports, ports), How, Flags]) of
        {value, Value} -> Value;
        Info -> ?refuse([Session, Ports, How, Flags], Info)
    end.

whom(all, Kind) -> Kind;
whom(existing, processes) -> existing_processes;
whom(existing, ports) -> existing_ports;
whom(new, processes) -> new_processes;
whom(new, ports) -> new_ports;
whom(Other, _) -> Other.

-doc "Sets or clears breakpoints of functions: the number of functions.".
-spec function(session(), {module(), atom(), arity() | '_'} | on_load, match_spec(), [term()]) -> non_neg_integer().
function(Session, Functions, Spec, Flags) ->
    case in(Session, function, [Functions, Spec, Flags]) of
        {value, Value} -> Value;
        Info -> ?refuse([Session, Functions, Spec, Flags], Info)
    end.

-doc "Which sent messages are told.".
-spec send(session(), match_spec(), []) -> non_neg_integer().
send(Session, Spec, Flags) ->
    case in(Session, function, [send, Spec, Flags]) of
        {value, Value} -> Value;
        Info -> ?refuse([Session, Spec, Flags], Info)
    end.

-doc "Which received messages are told.".
-spec recv(session(), match_spec(), []) -> non_neg_integer().
recv(Session, Spec, Flags) ->
    case in(Session, function, ['receive', Spec, Flags]) of
        {value, Value} -> Value;
        Info -> ?refuse([Session, Spec, Flags], Info)
    end.

-doc """
Lets the tracer hear of events of the whole system, as `erlang:system_monitor/2` does: `long_gc`, `long_schedule` (milliseconds), `large_heap` (words),
`long_message_queue` (`{Short, Long}`), `busy_port` and `busy_dist_port` (`true`); `false` ends it.
""".
-spec system(session(), Event, Value) -> ok
              when Event :: long_gc | long_schedule | large_heap | long_message_queue | busy_port | busy_dist_port,
                   Value :: non_neg_integer() | {non_neg_integer(), pos_integer()} | boolean().
system(Session, Event, Value) ->
    case in(Session, system, [Event, Value]) of
        {value, Done} -> Done;
        Info -> ?refuse([Session, Event, Value], Info)
    end.

-doc "What the session traces of a process, function or event.".
-spec info(session(), term(), atom()) -> undefined | {atom(), term()}.
info(Session, What, Item) ->
    case in(Session, info, [What, Item]) of
        {value, Value} -> Value;
        Info -> ?refuse([Session, What, Item], Info)
    end.

-doc "A message `{trace_delivered, Process, Ref}` comes when all that happened before has been told.".
-spec delivered(session(), pid() | all) -> reference().
delivered(_, Process) -> erlang:trace_delivered(Process).

%% What module gerl_trace says about the session of a number; a failure comes as what is known of its cause.
in(Session, Name, Arguments) ->
    Number = case Session of
                 {Ref, {_, N}} when is_reference(Ref), is_integer(N) -> N;
                 {Weak, N} when is_atom(Weak), is_integer(N) -> N;
                 _ -> none
             end,
    try Number =/= none andalso {value, apply(gerl_trace, Name, [Number | Arguments])} of
        false -> #{cause => session};
        Value -> Value
    catch
        error:badarg:Stack ->
            [{_, _, _, Location} | _] = Stack,
            maps:with([cause], proplists:get_value(error_info, Location, #{}))
    end.
