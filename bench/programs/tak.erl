%% Calls with three arguments: Takeuchi's function.
-module(tak).
-include("sizes.hrl").
-export([main/1]).

main(_) -> io:format("~w~n", [times(?N(50, 1), 0)]).

times(0, R) -> R;
times(N, _) -> times(N - 1, tak(?N(24, 9), ?N(16, 6), ?N(8, 3))).

tak(X, Y, Z) when Y < X -> tak(tak(X - 1, Y, Z), tak(Y - 1, Z, X), tak(Z - 1, X, Y));
tak(_, _, Z) -> Z.
