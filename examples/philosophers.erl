%% Five philosophers, five forks.  A fork is a process in state "free" or
%% "taken"; every philosopher takes the fork with the lower number first, so
%% that they cannot all wait for each other in a circle.
-module(philosophers).
-mode(compile).
-export([main/1]).

-define(SEATS, 5).
-define(MEALS, 20).

main(_Args) ->
    Forks = list_to_tuple([spawn_link(fun() -> free(I) end) || I <- lists:seq(1, ?SEATS)]),
    Names = [plato, kant, hume, sartre, arendt],
    Table = self(),
    _ = [spawn_link(fun() -> philosopher(Table, Name, place(I, Forks), ?MEALS) end)
         || {I, Name} <- lists:zip(lists:seq(1, ?SEATS), Names)],
    Reports = lists:sort([receive {left, Name, Meals} -> {Name, Meals} end || Name <- Names]),
    io:format("~p~n", [Reports]),
    Uses = [begin F ! {uses, self()}, receive {uses, N} -> N end end || F <- tuple_to_list(Forks)],
    io:format("uses of each fork: ~w~n", [Uses]),
    io:format("meals: ~w, forks used: ~w~n", [lists:sum([M || {_, M} <- Reports]), lists:sum(Uses)]).

%% The two forks of seat I, lower number first.
place(I, Forks) when I < ?SEATS -> {element(I, Forks), element(I + 1, Forks)};
place(?SEATS, Forks) -> {element(1, Forks), element(?SEATS, Forks)}.

philosopher(Table, Name, _Forks, 0) ->
    Table ! {left, Name, get(meals)};
philosopher(Table, Name, {First, Second}, Hunger) ->
    think(),
    take(First),
    take(Second),
    eat(),
    put_down(Second),
    put_down(First),
    philosopher(Table, Name, {First, Second}, Hunger - 1).

think() -> erlang:yield().

eat() ->
    put(meals, case get(meals) of undefined -> 1; N -> N + 1 end),
    erlang:yield().

take(Fork) ->
    Fork ! {take, self()},
    receive {taken, Fork} -> ok end.

put_down(Fork) -> Fork ! {put_down, self()}.

free(Number) -> free(Number, 0).

free(Number, Uses) ->
    receive
        {take, Who} ->
            Who ! {taken, self()},
            taken(Number, Uses + 1, Who);
        {uses, From} ->
            From ! {uses, Uses},
            free(Number, Uses)
    end.

taken(Number, Uses, Who) ->
    receive {put_down, Who} -> free(Number, Uses) end.
