%% A bank: each account is a process, a transfer is a small two-phase commit
%% between two of them, and a hundred clients move money at the same time.
%% However they interleave, no money appears or disappears.
-module(bank).
-mode(compile).
-export([main/1]).

main(_Args) ->
    Bank = maps:from_list([{Name, open(100)} || Name <- [ann, bob, cid, dot]]),
    show(Bank),
    io:format("ann -> bob 30: ~p~n", [transfer(Bank, ann, bob, 30)]),
    io:format("cid -> dot 500: ~p~n", [transfer(Bank, cid, dot, 500)]),
    io:format("ann -> eve 1: ~p~n", [transfer(Bank, ann, eve, 1)]),
    io:format("ann -> bob -5: ~p~n", [transfer(Bank, ann, bob, -5)]),
    show(Bank),
    stampede(Bank),
    io:format("total after the stampede: ~w~n", [total(Bank)]),
    io:format("nobody is in debt: ~w~n", [lists:all(fun(P) -> balance(P) >= 0 end, maps:values(Bank))]),
    ok = call(maps:get(ann, Bank), {deposit, 1}),
    {closed, _} = close(maps:get(dot, Bank)),
    io:format("ann -> dot 1 after dot closed: ~p~n", [transfer(Bank, ann, dot, 1)]).

show(Bank) ->
    Line = [io_lib:format("~s ~w", [N, balance(P)]) || {N, P} <- lists:sort(maps:to_list(Bank))],
    io:format("~s; total ~w~n", [string:join([lists:flatten(L) || L <- Line], ", "), total(Bank)]).

total(Bank) -> lists:sum([balance(P) || P <- maps:values(Bank)]).

%% Each client transfers back and forth by a fixed plan of its own.
stampede(Bank) ->
    Names = list_to_tuple(lists:sort(maps:keys(Bank))),
    Pick = fun(I) -> element(I rem tuple_size(Names) + 1, Names) end,
    Clients = [spawn_monitor(fun() ->
                                     [transfer(Bank, Pick(C + K), Pick(C * K + 1), (C + K) rem 40 + 1)
                                      || K <- lists:seq(1, 20)]
                             end) || C <- lists:seq(1, 100)],
    Ends = [receive {'DOWN', Ref, process, Pid, Why} -> Why end || {Pid, Ref} <- Clients],
    io:format("clients that ended normally: ~w~n", [length([normal || normal <- Ends])]).

%% transfer -> ok | {error, Reason}
transfer(_Bank, _From, _To, Amount) when Amount =< 0 -> {error, bad_amount};
transfer(Bank, From, To, Amount) ->
    try {maps:get(From, Bank), maps:get(To, Bank)} of
        {Same, Same} -> {error, same_account};
        {A, B} -> commit(A, B, Amount)
    catch
        error:{badkey, Name} -> {error, {no_account, Name}}
    end.

%% Withdraw first; if the deposit fails, the money goes back.
commit(A, B, Amount) ->
    case call(A, {withdraw, Amount}) of
        ok ->
            case call(B, {deposit, Amount}) of
                ok -> ok;
                {error, _} = Error -> ok = call(A, {deposit, Amount}), Error
            end;
        {error, _} = Error ->
            Error
    end.

open(Amount) -> spawn(fun() -> account(Amount) end).
close(Account) -> call(Account, close).
balance(Account) -> {ok, Balance} = call(Account, balance), Balance.

call(Account, Request) ->
    Ref = monitor(process, Account),
    Account ! {Request, self(), Ref},
    receive
        {Ref, Reply} -> demonitor(Ref, [flush]), Reply;
        {'DOWN', Ref, process, Account, _} -> {error, closed}
    end.

account(Balance) ->
    receive
        {balance, From, Ref} ->
            From ! {Ref, {ok, Balance}},
            account(Balance);
        {{deposit, Amount}, From, Ref} ->
            From ! {Ref, ok},
            account(Balance + Amount);
        {{withdraw, Amount}, From, Ref} when Amount =< Balance ->
            From ! {Ref, ok},
            account(Balance - Amount);
        {{withdraw, _}, From, Ref} ->
            From ! {Ref, {error, insufficient_funds}},
            account(Balance);
        {close, From, Ref} ->
            From ! {Ref, {closed, Balance}}
    end.
