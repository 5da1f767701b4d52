-module(scheduler).
-moduledoc "How busy the schedulers were between two samples of `erlang:statistics(scheduler_wall_time)`.".

-export([sample/0, sample_all/0, get_sample/0, get_sample_all/0, utilization/1, utilization/2]).

-export_type([sched_sample/0, sched_type/0, sched_id/0, sched_util_result/0]).

-type kind() :: scheduler_wall_time | scheduler_wall_time_all.
-type row() :: {normal | cpu | io, pos_integer(), non_neg_integer(), non_neg_integer()}.
-opaque sched_sample() :: {kind(), [row()]}.
-type sched_type() :: normal | cpu | io.
-type sched_id() :: integer().
-type sched_util_result() :: [{sched_type(), sched_id(), float(), string()} | {total | weighted, float(), string()}].

-doc "A sample of the normal and the dirty CPU schedulers. Switches the counting on for as long as the caller lives.".
-spec sample() -> sched_sample().
sample() -> counting(scheduler_wall_time).

-doc "A sample of all schedulers.".
-spec sample_all() -> sched_sample().
sample_all() -> counting(scheduler_wall_time_all).

-doc "Like sample/0, but undefined if nobody has switched the counting on.".
-spec get_sample() -> sched_sample() | undefined.
get_sample() -> taken(scheduler_wall_time).

-doc "Like sample_all/0, but undefined if nobody has switched the counting on.".
-spec get_sample_all() -> sched_sample() | undefined.
get_sample_all() -> taken(scheduler_wall_time_all).

counting(Kind) ->
    case taken(Kind) of
        undefined ->
            erlang:system_flag(scheduler_wall_time, true),
            taken(Kind);
        Sample -> Sample
    end.

taken(Kind) ->
    case erlang:statistics(Kind) of
        undefined -> undefined;
        Rows ->
            Normal = erlang:system_info(schedulers),
            Cpu = Normal + erlang:system_info(dirty_cpu_schedulers),
            {Kind, lists:keysort(2, [{if Id =< Normal -> normal; Id =< Cpu -> cpu; true -> io end, Id, Busy, Whole} || {Id, Busy, Whole} <- Rows])}
    end.

-doc "How busy the schedulers are during the next seconds, or were since a sample.".
-spec utilization(pos_integer() | sched_sample()) -> sched_util_result().
utilization(Seconds) when is_integer(Seconds), Seconds > 0 ->
    Before = sample(),
    receive after Seconds * 1000 -> ok end,
    utilization(Before, sample());
utilization({scheduler_wall_time, _} = Before) -> utilization(Before, get_sample());
utilization({scheduler_wall_time_all, _} = Before) -> utilization(Before, get_sample_all()).

-doc """
How busy the schedulers were between two samples: each of them, all together (total), and all together as a share of what the
processors can do (weighted).
""".
-spec utilization(sched_sample(), sched_sample()) -> sched_util_result().
utilization({Kind, Before}, {Kind, After}) ->
    Spans = [{Type, Id, Busy2 - Busy1, Whole2 - Whole1} || {{Type, Id, Busy1, Whole1}, {Type, Id, Busy2, Whole2}} <- lists:zip(Before, After)],
    %% schedulers for input and output wait for most of their time: they count for nothing in the sums
    Counted = [S || {Type, _, _, _} = S <- Spans, Type =/= io],
    Busy = lists:sum([B || {_, _, B, _} <- Counted]),
    Normal = length([normal || {normal, _, _, _} <- Counted]),
    Total = share(Busy, lists:sum([W || {normal, _, _, W} <- Counted])),
    Processors = case erlang:system_info(logical_processors_available) of
                     N when is_integer(N) -> max(N, 1);
                     _ -> Normal
                 end,
    Weighted = Total * Normal / min(Normal, Processors),
    [{total, Total, text(Total)}, {weighted, Weighted, text(Weighted)}
     | [{Type, Id, share(B, W), text(share(B, W))} || {Type, Id, B, W} <- Spans]];
utilization({scheduler_wall_time, _} = Before, {scheduler_wall_time_all, After}) ->
    utilization(Before, {scheduler_wall_time, [R || {Type, _, _, _} = R <- After, Type =/= io]});
utilization({scheduler_wall_time_all, Before}, {scheduler_wall_time, _} = After) ->
    utilization({scheduler_wall_time, [R || {Type, _, _, _} = R <- Before, Type =/= io]}, After).

share(_, 0) -> 0.0;
share(Busy, Whole) -> Busy / Whole.

text(Share) -> lists:flatten(io_lib:format("~.1f%", [Share * 100])).
