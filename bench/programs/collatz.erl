%% Division, remainder, comparisons: the longest Collatz sequence.
-module(collatz).
-include("sizes.hrl").
-export([main/1]).

main(_) -> io:format("~w~n", [search(1, ?N(300000, 30), 0, 0)]).

search(N, Max, _, Best) when N > Max -> Best;
search(N, Max, Len, Best) ->
    case len(N, 1) of
        L when L > Len -> search(N + 1, Max, L, N);
        _ -> search(N + 1, Max, Len, Best)
    end.

len(1, L) -> L;
len(N, L) when N rem 2 =:= 0 -> len(N div 2, L + 1);
len(N, L) -> len(3 * N + 1, L + 1).
