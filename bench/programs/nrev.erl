%% List cells made and dropped at once: naive reverse.
-module(nrev).
-include("sizes.hrl").
-export([main/1]).

main(_) -> io:format("~w~n", [times(?N(150000, 5), lists:seq(1, 30))]).

times(0, L) -> hd(L);
times(N, L) -> times(N - 1, nrev(L)).

nrev([]) -> [];
nrev([H | T]) -> append(nrev(T), [H]).

append([], L) -> L;
append([H | T], L) -> [H | append(T, L)].
