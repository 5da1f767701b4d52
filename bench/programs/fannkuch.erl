%% Permutations of short lists: pancake flips.
-module(fannkuch).
-include("sizes.hrl").
-export([main/1]).

main(_) -> io:format("~w~n", [lists:max([flips(P, 0) || P <- perms(lists:seq(1, ?N(9, 5)))])]).

perms([]) -> [[]];
perms(L) -> [[H | T] || H <- L, T <- perms(L -- [H])].

flips([1 | _], N) -> N;
flips([K | _] = P, N) -> flips(flip(K, P, []), N + 1).

flip(0, T, Acc) -> join(Acc, T, []);
flip(K, [H | T], Acc) -> flip(K - 1, T, [H | Acc]).

join(Acc, T, _) -> lists:reverse(lists:reverse(Acc), T).
