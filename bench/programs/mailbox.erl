%% Many to one: fifty processes send to one mailbox.
-module(mailbox).
-include("sizes.hrl").
-export([main/1]).

main(_) ->
    Me = self(),
    [spawn(fun() -> send(?N(20000, 20), Me, I) end) || I <- lists:seq(1, ?N(50, 8))],
    io:format("~w~n", [collect(?N(50, 8) * ?N(20000, 20), 0)]).

send(0, _, _) -> ok;
send(N, To, I) -> To ! {msg, I, N}, send(N - 1, To, I).

collect(0, S) -> S;
collect(N, S) -> receive {msg, I, K} -> collect(N - 1, S + I + K) end.
