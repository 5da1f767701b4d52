-module(fairness).
-moduledoc """
How often another process gets to run while a built-in function has much to do.

With one scheduler a process takes turn after turn (it looks at the clock and gives way) while another makes the calls of the table. For each
call: how long it took, how many turns the first process had for each millisecond of that, and the longest time between two turns,
which on a busy machine is the operating system's doing: the best of several rounds. The first line is a loop without such a call.
""".
-export([main/1]).

-define(ROUNDS, 5).

-doc "Prints the table; ends with status 1 if some call lasts for 5 milliseconds and leaves fewer turns a millisecond than the argument says.".
-spec main([string()]) -> no_return().
main([Least]) ->
    io:format("~-34s ~10s ~10s ~10s~n", ["call", "ms", "turns/ms", "longest"]),
    Bad = [Name || {Name, Call} <- calls(), not report(Name, Call, list_to_integer(Least))],
    [io:format("too few turns: ~s~n", [lists:join(", ", Bad)]) || Bad =/= []],
    halt(min(length(Bad), 1)).

report(Name, Call, Least) ->
    Rounds = [once(Call) || _ <- lists:seq(1, ?ROUNDS)],
    {Time, Turns, Gap} = {lists:min([T || {T, _, _} <- Rounds]), lists:max([N / T || {T, N, _} <- Rounds]), lists:min([G || {_, _, G} <- Rounds])},
    io:format("~-34s ~10.2f ~10.1f ~10.2f~n", [Name, Time, Turns, Gap]),
    Time < 5 orelse Turns >= Least.

%% The milliseconds that a call takes, the turns that another process had meanwhile, and the longest time between two.
once(Call) ->
    Self = self(),
    Watcher = spawn_link(fun() -> Self ! {self(), watching}, watch(Self, erlang:monotonic_time(), 0, 0) end),
    receive {Watcher, watching} -> ok end,
    Began = erlang:monotonic_time(),
    _ = Call(),
    Took = erlang:monotonic_time() - Began,
    Watcher ! stop,
    receive {Watcher, Turns, Longest} -> {ms(Took), Turns, ms(Longest)} end.

ms(T) -> max(erlang:convert_time_unit(T, native, microsecond), 1) / 1000.

watch(To, Last, Turns, Longest) ->
    receive stop -> To ! {self(), Turns, Longest}
    after 0 ->
        erlang:yield(),
        Now = erlang:monotonic_time(),
        watch(To, Now, Turns + 1, max(Longest, Now - Last))
    end.

calls() ->
    N = 300_000,
    List = lists:seq(1, N),
    Bytes = lists:duplicate(N, $x),
    Bin = binary:copy(~"0123456789abcdef", N div 4),
    Pairs = [{I, I} || I <- List],
    Map = maps:from_list(Pairs),
    Table = ets:new(table, [public]),
    Ordered = ets:new(ordered, [public, ordered_set]),
    Ext = term_to_binary(Pairs),
    Tuple = list_to_tuple(List),
    [{"(none)", fun() -> spin(20_000_000) end},
     {"length/1", fun() -> length(List) end},
     {"++/2", fun() -> List ++ [x] end},
     {"--/2", fun() -> List -- Pairs end},
     {"lists:reverse/1", fun() -> lists:reverse(List) end},
     {"lists:member/2", fun() -> lists:member(x, List) end},
     {"lists:keyfind/3", fun() -> lists:keyfind(x, 1, Pairs) end},
     {"lists:sort/1", fun() -> lists:sort(lists:reverse(Pairs)) end},
     {"lists:usort/1", fun() -> lists:usort(Pairs) end},
     {"lists:keysort/2", fun() -> lists:keysort(2, Pairs) end},
     {"list_to_tuple/1", fun() -> list_to_tuple(List) end},
     {"tuple_to_list/1", fun() -> tuple_to_list(Tuple) end},
     {"list_to_binary/1", fun() -> list_to_binary(Bytes) end},
     {"iolist_size/1", fun() -> iolist_size(Bytes) end},
     {"binary_to_list/1", fun() -> binary_to_list(Bin) end},
     {"term_to_binary/1", fun() -> term_to_binary(Pairs) end},
     {"term_to_binary/2 compressed", fun() -> term_to_binary(Pairs, [compressed]) end},
     {"external_size/1", fun() -> erlang:external_size(Pairs) end},
     {"binary_to_term/1", fun() -> binary_to_term(Ext) end},
     {"phash2/1", fun() -> erlang:phash2(Pairs) end},
     {"md5/1", fun() -> erlang:md5(Bin) end},
     {"crc32/1", fun() -> erlang:crc32(Bin) end},
     {"crypto:hash/2", fun() -> crypto:hash(sha512, Bin) end},
     {"binary:copy/2", fun() -> binary:copy(Bin, 40) end},
     {"binary:match/2", fun() -> binary:match(Bin, ~"zz") end},
     {"binary:matches/2", fun() -> binary:matches(Bin, ~"f0") end},
     {"binary:split/3", fun() -> binary:split(Bin, ~"f", [global]) end},
     {"binary:replace/4", fun() -> binary:replace(Bin, ~"f", ~"g", [global]) end},
     {"binary:encode_hex/1", fun() -> binary:encode_hex(Bin) end},
     {"base64:encode/1", fun() -> base64:encode(Bin) end},
     {"unicode:characters_to_list/1", fun() -> unicode:characters_to_list(Bin) end},
     {"unicode:characters_to_binary/1", fun() -> unicode:characters_to_binary(Bytes) end},
     {"re:run/3", fun() -> re:run(Bin, "(a|b)*cdX", [global]) end},
     {"zlib:compress/1", fun() -> zlib:compress(Bin) end},
     {"maps:from_list/1", fun() -> maps:from_list(Pairs) end},
     {"maps:from_keys/2", fun() -> maps:from_keys(List, x) end},
     {"maps:to_list/1", fun() -> maps:to_list(Map) end},
     {"maps:keys/1", fun() -> maps:keys(Map) end},
     {"maps:merge/2", fun() -> maps:merge(Map, maps:from_keys([-I || I <- List], x)) end},
     {"garbage_collect/0", fun() -> garbage_collect(), length(Pairs) end},
     {"ets:insert/2", fun() -> ets:insert(Table, Pairs) end},
     {"ets:insert/2 ordered", fun() -> ets:insert(Ordered, Pairs) end},
     {"ets:select/2", fun() -> ets:select(Table, [{{'$1', '_'}, [], ['$1']}]) end},
     {"ets:select_count/2", fun() -> ets:select_count(Ordered, [{{'$1', '_'}, [], [true]}]) end},
     {"ets:tab2list/1", fun() -> ets:tab2list(Table) end},
     {"ets:match_delete/2", fun() -> ets:insert(Table, Pairs), ets:match_delete(Table, {'_', '_'}) end},
     {"ets:delete/1", fun() -> T = ets:new(t, [ordered_set]), ets:insert(T, Pairs), ets:delete(T) end},
     {"io_lib:format/2", fun() -> io_lib:format("~p", [lists:sublist(List, 100_000)]) end},
     {"integer_to_list/1", fun() -> integer_to_list(1 bsl 1_000_000) end}].

spin(0) -> ok;
spin(N) -> spin(N - 1).
