-module(kernel_refc).
-moduledoc "Counts who wants the times of schedulers measured. Internal: `erlang:system_flag(scheduler_wall_time, _)` does that.".

-export([start_link/0, scheduler_wall_time/1]).

-doc "Starts the process of this name, which has nothing to do: the machine counts.".
-spec start_link() -> {ok, pid()} | {error, {already_started, pid()}}.
start_link() -> kernel:asleep(?MODULE, kernel:idle(?MODULE), self()).

-doc "As `erlang:system_flag/2` with this flag.".
-spec scheduler_wall_time(boolean()) -> boolean().
scheduler_wall_time(On) -> erlang:system_flag(scheduler_wall_time, On).
