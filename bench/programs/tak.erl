%% Calls with three arguments: Takeuchi's function.
-module(tak).
-export([main/1]).

main(_) -> io:format("~w~n", [times(50, 0)]).

times(0, R) -> R;
times(N, _) -> times(N - 1, tak(24, 16, 8)).

tak(X, Y, Z) when Y < X -> tak(tak(X - 1, Y, Z), tak(Y - 1, Z, X), tak(Z - 1, X, Y));
tak(_, _, Z) -> Z.
