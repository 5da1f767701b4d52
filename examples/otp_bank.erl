%% A bank as a gen_server: accounts with deposits, withdrawals and transfers.
-module(otp_bank).
-behaviour(gen_server).
-export([main/1, start_link/0, open/1, deposit/2, withdraw/2, transfer/3, balance/1]).
-export([init/1, handle_call/3, handle_cast/2, terminate/2]).

main(_) ->
    {ok, _} = start_link(),
    [ok = open(Name) || Name <- [joe, mike, robert]],
    io:format("~p~n", [deposit(joe, 100)]),
    io:format("~p~n", [withdraw(joe, 130)]),
    io:format("~p~n", [transfer(joe, mike, 60)]),
    io:format("~p~n", [transfer(joe, nobody, 10)]),
    io:format("~p~n", [open(joe)]),
    [io:format("~p has ~p~n", [Name, balance(Name)]) || Name <- [joe, mike, robert]],
    gen_server:stop(?MODULE).

start_link() -> gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).
open(Name) -> gen_server:call(?MODULE, {open, Name}).
deposit(Name, N) -> gen_server:call(?MODULE, {change, [{Name, N}]}).
withdraw(Name, N) -> gen_server:call(?MODULE, {change, [{Name, -N}]}).
transfer(From, To, N) -> gen_server:call(?MODULE, {change, [{From, -N}, {To, N}]}).
balance(Name) -> gen_server:call(?MODULE, {balance, Name}).

init([]) -> {ok, #{}}.

handle_call({open, Name}, _From, Accounts) when is_map_key(Name, Accounts) ->
    {reply, {error, exists}, Accounts};
handle_call({open, Name}, _From, Accounts) ->
    {reply, ok, Accounts#{Name => 0}};
handle_call({balance, Name}, _From, Accounts) ->
    {reply, maps:get(Name, Accounts, undefined), Accounts};
handle_call({change, Changes}, _From, Accounts) ->
    try lists:foldl(fun change/2, Accounts, Changes) of
        Changed -> {reply, {ok, [{Name, maps:get(Name, Changed)} || {Name, _} <- Changes]}, Changed}
    catch
        Refused -> {reply, {error, Refused}, Accounts}
    end.

handle_cast(_, Accounts) -> {noreply, Accounts}.

terminate(Reason, Accounts) -> io:format("closed (~p) with ~p~n", [Reason, lists:sum(maps:values(Accounts))]).

change({Name, N}, Accounts) ->
    case Accounts of
        #{Name := Balance} when Balance + N >= 0 -> Accounts#{Name := Balance + N};
        #{Name := Balance} -> throw({insufficient_funds, Name, Balance});
        #{} -> throw({no_account, Name})
    end.
