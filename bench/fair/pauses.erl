-module(pauses).
-moduledoc """
Work that makes Go's collector run while there are 100,000 live processes: they pass messages on, and others come and go.
""".
-export([main/1]).

-define(LIVE, 100_000).

-doc "Works for as many seconds as the argument says.".
-spec main([string()]) -> ok.
main([Seconds]) ->
    Live = list_to_tuple([spawn(fun live/0) || _ <- lists:seq(1, ?LIVE)]),
    work(Live, erlang:monotonic_time(second) + list_to_integer(Seconds), 0).

work(Live, Until, N) ->
    [element(rand:uniform(?LIVE), Live) ! {pass, [N], element(rand:uniform(?LIVE), Live)} || _ <- lists:seq(1, 50)],
    _ = [spawn(fun() -> ok end) || _ <- lists:seq(1, 50)],
    case erlang:monotonic_time(second) < Until of
        true -> work(Live, Until, N + 1);
        false -> io:format("~w rounds with ~w processes~n", [N, erlang:system_info(process_count)])
    end.

live() ->
    receive
        {pass, L, To} -> To ! {keep, [self() | L]}, live();
        {keep, _} -> live()
    end.
