-module(cprof).
-moduledoc """
Counts the calls of functions, with the counters that `erlang:trace_pattern/3` sets: no process is traced, and the program runs at nearly
full speed.

A profile is taken in three steps: `start` sets the counters, `pause` stops them, `analyse` reads them; `stop` takes them away.
""".

-export([start/0, start/1, start/2, start/3, stop/0, stop/1, stop/2, stop/3, restart/0, restart/1, restart/2, restart/3, pause/0, pause/1, pause/2,
         pause/3, analyse/0, analyse/1, analyse/2, analyze/0, analyze/1, analyze/2]).

-type counted() :: {mfa(), Calls :: non_neg_integer()}.
-type profile() :: {module(), Calls :: non_neg_integer(), [counted()]}.
-type functions() :: module() | on_load | {module(), atom(), arity() | '_'}.

%%% ---- the counters ------------------------------------------------------------------------------

-doc "Counts calls of all functions, and of those that are loaded later.".
-spec start() -> non_neg_integer().
start() -> everywhere(true).

-doc "Counts calls of a module's functions, of one function, or, with `on_load`, of those that are loaded later.".
-spec start(functions()) -> non_neg_integer().
start(Functions) -> counters(Functions, true).

-doc "Counts calls of the functions of one name.".
-spec start(module(), atom()) -> non_neg_integer().
start(Module, Name) -> counters({Module, Name, '_'}, true).

-doc "Counts calls of a function.".
-spec start(module(), atom(), arity()) -> non_neg_integer().
start(Module, Name, Arity) -> counters({Module, Name, Arity}, true).

-doc "Takes all counters away.".
-spec stop() -> non_neg_integer().
stop() -> everywhere(false).

-doc "Takes counters away.".
-spec stop(functions()) -> non_neg_integer().
stop(Functions) -> counters(Functions, false).

-doc "Takes the counters of the functions of one name away.".
-spec stop(module(), atom()) -> non_neg_integer().
stop(Module, Name) -> counters({Module, Name, '_'}, false).

-doc "Takes a function's counter away.".
-spec stop(module(), atom(), arity()) -> non_neg_integer().
stop(Module, Name, Arity) -> counters({Module, Name, Arity}, false).

-doc "Sets all counters to zero and lets them count.".
-spec restart() -> non_neg_integer().
restart() -> counters({'_', '_', '_'}, restart).

-doc "Sets counters to zero and lets them count.".
-spec restart(functions()) -> non_neg_integer().
restart(Functions) -> counters(Functions, restart).

-doc "Sets the counters of the functions of one name to zero and lets them count.".
-spec restart(module(), atom()) -> non_neg_integer().
restart(Module, Name) -> counters({Module, Name, '_'}, restart).

-doc "Sets a function's counter to zero and lets it count.".
-spec restart(module(), atom(), arity()) -> non_neg_integer().
restart(Module, Name, Arity) -> counters({Module, Name, Arity}, restart).

-doc "Stops all counters; functions that are loaded later get none.".
-spec pause() -> non_neg_integer().
pause() ->
    _ = counters(on_load, false),
    counters({'_', '_', '_'}, pause).

-doc "Stops counters.".
-spec pause(functions()) -> non_neg_integer().
pause(Functions) -> counters(Functions, pause).

-doc "Stops the counters of the functions of one name.".
-spec pause(module(), atom()) -> non_neg_integer().
pause(Module, Name) -> counters({Module, Name, '_'}, pause).

-doc "Stops a function's counter.".
-spec pause(module(), atom(), arity()) -> non_neg_integer().
pause(Module, Name, Arity) -> counters({Module, Name, Arity}, pause).

everywhere(How) ->
    _ = counters(on_load, How),
    counters({'_', '_', '_'}, How).

counters(on_load, How) -> erlang:trace_pattern(on_load, How, [call_count]);
counters({_, _, _} = Functions, How) -> erlang:trace_pattern(Functions, How, [call_count]);
counters({Functions}, How) -> counters(Functions, How);
counters(Module, How) -> erlang:trace_pattern({Module, '_', '_'}, How, [call_count]).

%%% ---- what they have counted --------------------------------------------------------------------

-doc "The calls of all modules but this one: the busiest first.".
-spec analyse() -> {non_neg_integer(), [profile()]}.
analyse() -> analyse(1).

-doc "The calls of a module, or those of all modules, without functions that were called less often than a number says.".
-spec analyse(module() | pos_integer()) -> profile() | {non_neg_integer(), [profile()]}.
analyse(Least) when is_integer(Least) ->
    Profiles = [P || Module <- modules(), Module =/= ?MODULE, {_, Calls, _} = P <- [analyse(Module, Least)], Calls > 0],
    Busy = lists:sort(fun({A, N, _}, {B, M, _}) -> {N, A} >= {M, B} end, Profiles),
    {lists:sum([Calls || {_, Calls, _} <- Busy]), Busy};
analyse(Module) when is_atom(Module) -> analyse(Module, 1).

-doc "The calls of a module, without functions that were called less often than a number says.".
-spec analyse(module(), pos_integer()) -> profile().
analyse(Module, Least) when is_atom(Module), is_integer(Least) ->
    Counts = [{Calls, {Module, Name, Arity}} || {Name, Arity} <- Module:module_info(functions),
                                                {call_count, Calls} <- [erlang:trace_info({Module, Name, Arity}, call_count)],
                                                is_integer(Calls)],
    {Module, lists:sum([Calls || {Calls, _} <- Counts]), [{F, Calls} || {Calls, F} <- lists:reverse(lists:sort(Counts)), Calls >= Least]}.

modules() -> lists:usort([Module || {Module, _} <- code:all_loaded()] ++ erlang:pre_loaded()).

-doc #{equiv => analyse()}.
-spec analyze() -> {non_neg_integer(), [profile()]}.
analyze() -> analyse().

-doc #{equiv => analyse(What)}.
-spec analyze(module() | pos_integer()) -> profile() | {non_neg_integer(), [profile()]}.
analyze(What) -> analyse(What).

-doc #{equiv => analyse(Module, Least)}.
-spec analyze(module(), pos_integer()) -> profile().
analyze(Module, Least) -> analyse(Module, Least).
