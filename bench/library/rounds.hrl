%% Each operation runs as often as ?ROUNDS says: the usual number, or once for a run that only shows that it works.
%% What it gives is hashed, so that two implementations can be compared.
-ifdef(small).
-define(ROUNDS(Usual), 1).
-define(SIZE(Usual), max(1, Usual div 100)).
-else.
-define(ROUNDS(Usual), Usual).
-define(SIZE(Usual), Usual).
-endif.

rounds(N, Operation) ->
    Value = rounds(N, Operation, none),
    io:format("~w~n", [erlang:phash2(Value)]).

rounds(0, _, Value) -> Value;
rounds(N, Operation, _) -> rounds(N - 1, Operation, Operation()).
