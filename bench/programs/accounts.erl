%% Records: fields read, several updated, a few kinds told apart.
-module(accounts).
-include("sizes.hrl").
-export([main/1]).

-record(account, {id, owner, balance = 0, count = 0, state = open, limit = 100, log = [], a, b, c}).
-record(deposit, {amount}).
-record(withdraw, {amount}).
-record(close, {}).

main(_) ->
    A = run(?N(12000000, 300), #account{id = 1, owner = me}),
    io:format("~w ~w ~w~n", [A#account.balance, A#account.count, A#account.state]).

run(0, A) -> A;
run(N, A) -> run(N - 1, apply_to(event(N), A)).

event(N) when N band 3 =:= 0 -> #withdraw{amount = N band 15};
event(N) when N band 1023 =:= 1 -> #close{};
event(N) -> #deposit{amount = N band 7}.

apply_to(#deposit{amount = X}, #account{balance = B, count = C} = A) -> A#account{balance = B + X, count = C + 1};
apply_to(#withdraw{amount = X}, #account{balance = B, limit = L} = A) when B - X >= -L -> A#account{balance = B - X};
apply_to(#withdraw{}, A) -> A#account{state = overdrawn};
apply_to(#close{}, A) -> A#account{state = closed, count = 0}.
