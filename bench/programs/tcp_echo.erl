%% An echo server and a client over TCP on this host: messages of several sizes, passive and active, with and without a length in front.
-module(tcp_echo).
-export([main/1]).
-include("sizes.hrl").

main(_) ->
    Rounds = ?N(6000, 30),
    Results = [run(Packet, Mode, Size, max(1, Rounds div max(1, Size div 4096)))
               || Packet <- [raw, 4], Mode <- [passive, once, active], Size <- [16, 1024, 65536]],
    io:format("~w bytes came back~n", [lists:sum(Results)]).

run(Packet, Mode, Size, Rounds) ->
    Options = [binary, {packet, Packet}, {active, false}, {nodelay, true}, {ip, {127, 0, 0, 1}}],
    {ok, L} = gen_tcp:listen(0, Options),
    {ok, Port} = inet:port(L),
    Server = spawn_link(fun() ->
        {ok, S} = gen_tcp:accept(L),
        start(S, Mode),
        serve(S, Mode) end),
    {ok, C} = gen_tcp:connect({127, 0, 0, 1}, Port, lists:delete({ip, {127, 0, 0, 1}}, Options)),
    Data = binary:copy(<<"0123456789abcdef">>, Size div 16),
    Bytes = client(C, Packet, Data, Rounds, 0),
    M = monitor(process, Server),
    ok = gen_tcp:close(C),
    receive {'DOWN', M, _, _, _} -> ok end,
    ok = gen_tcp:close(L),
    Bytes.

start(S, active) -> ok = inet:setopts(S, [{active, true}]);
start(_, _) -> ok.

client(_, _, _, 0, Bytes) -> Bytes;
client(C, Packet, Data, Rounds, Bytes) ->
    ok = gen_tcp:send(C, Data),
    Want = case Packet of
        raw -> byte_size(Data);
        _ -> 0
    end,
    {ok, Data} = gen_tcp:recv(C, Want),
    client(C, Packet, Data, Rounds - 1, Bytes + byte_size(Data)).

serve(S, passive) ->
    case gen_tcp:recv(S, 0) of
        {ok, Data} ->
            ok = gen_tcp:send(S, Data),
            serve(S, passive);
        {error, closed} -> ok
    end;
serve(S, Mode) ->
    Mode =:= once andalso inet:setopts(S, [{active, once}]),
    receive
        {tcp, S, Data} ->
            ok = gen_tcp:send(S, Data),
            serve(S, Mode);
        {tcp_closed, S} -> ok
    end.
