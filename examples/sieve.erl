%% The prime sieve as a pipeline: each prime is a process that lets pass what
%% it does not divide.  The first number that reaches the end of the pipeline
%% is the next prime and becomes a process itself.
%%
%%   gerl run sieve.erl [LIMIT]
-module(sieve).
-mode(compile).
-export([main/1, primes/1]).

main([]) -> show(200);
main([Limit]) -> show(list_to_integer(Limit)).

show(Limit) ->
    Primes = primes(Limit),
    io:format("~w primes up to ~w:~n", [length(Primes), Limit]),
    rows(Primes).

rows([]) -> ok;
rows(Primes) ->
    {Row, Rest} = lists:split(min(10, length(Primes)), Primes),
    io:format("~s~n", [[io_lib:format("~5w", [P]) || P <- Row]]),
    rows(Rest).

primes(Limit) ->
    Me = self(),
    First = spawn_link(fun() -> last(Me) end),
    [First ! {number, N} || N <- lists:seq(2, Limit)],
    First ! {collect, []},
    receive {primes, Primes} -> lists:reverse(Primes) end.

%% The end of the pipeline waits for its number.
last(Main) ->
    receive
        {number, Prime} ->
            Next = spawn_link(fun() -> last(Main) end),
            filter(Prime, Next);
        {collect, Primes} ->
            Main ! {primes, Primes}
    end.

filter(Prime, Next) ->
    receive
        {number, N} when N rem Prime =:= 0 ->
            filter(Prime, Next);
        {number, N} ->
            Next ! {number, N},
            filter(Prime, Next);
        {collect, Primes} ->
            Next ! {collect, [Prime | Primes]}
    end.
