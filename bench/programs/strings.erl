%% Strings as lists: splitting, joining, converting, formatting by hand.
-module(strings).
-include("sizes.hrl").
-export([main/1]).

main(_) ->
    T = lists:flatten(lists:duplicate(?N(200, 3), "alpha=1;beta=22;gamma=333;delta=4444,")),
    io:format("~w~n", [times(?N(400, 2), T, 0)]).

times(0, _, R) -> R;
times(N, T, R) ->
    Lines = string:tokens(T, ","),
    Pairs = [[pair(P) || P <- string:tokens(L, ";")] || L <- Lines],
    Sum = lists:sum([V || L <- Pairs, {_, V} <- L]),
    Text = lists:append([K ++ ":" ++ integer_to_list(V) ++ "\n" || L <- Pairs, {K, V} <- L]),
    times(N - 1, T, R + Sum + length(upper(Text)) + length(lists:reverse(Text))).

pair(P) ->
    {K, [$= | V]} = lists:splitwith(fun(C) -> C =/= $= end, P),
    {upper(K), list_to_integer(V)}.

upper(S) -> [up(C) || C <- S].

up(C) when C >= $a, C =< $z -> C - 32;
up(C) -> C.
