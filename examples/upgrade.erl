%% Hot code: a server whose loop goes on through a fully qualified call, so
%% that it continues in whatever version of its behaviour is current.  The
%% new version is handed over in a message as a set of funs, and the state is
%% converted on the way.
-module(upgrade).
-mode(compile).
-export([main/1, loop/2]).

main(_Args) ->
    Server = spawn_link(?MODULE, loop, [version_1(), 0]),
    io:format("v1: ~p~n", [[call(Server, {add, N}) || N <- [1, 2, 3]]]),
    io:format("v1: ~p~n", [call(Server, history)]),
    Server ! {upgrade, version_2(), fun(Sum) -> {Sum, [{initial, Sum}]} end},
    io:format("v2: ~p~n", [[call(Server, {add, N}) || N <- [10, 20]]]),
    io:format("v2: ~p~n", [call(Server, history)]),
    %% A conversion that fails leaves the old version in charge.
    Server ! {upgrade, version_1(), fun(Sum) when is_integer(Sum) -> Sum end},
    io:format("still: ~p~n", [call(Server, history)]),
    io:format("~p~n", [call(Server, stop)]).

version_1() ->
    #{version => 1,
      handle => fun({add, N}, Sum) -> {Sum + N, Sum + N};
                   (_Other, Sum) -> {not_supported, Sum}
                end}.

version_2() ->
    #{version => 2,
      handle => fun({add, N}, {Sum, Log}) -> {Sum + N, {Sum + N, [{add, N} | Log]}};
                   (history, S = {_, Log}) -> {lists:reverse(Log), S}
                end}.

call(Server, Request) ->
    Ref = make_ref(),
    Server ! {call, self(), Ref, Request},
    receive {Ref, Reply} -> Reply end.

loop(Behaviour = #{handle := Handle, version := V}, State) ->
    receive
        {call, From, Ref, stop} ->
            From ! {Ref, {stopped, {version, V}}};
        {call, From, Ref, Request} ->
            {Reply, NewState} = Handle(Request, State),
            From ! {Ref, Reply},
            ?MODULE:loop(Behaviour, NewState);
        {upgrade, New, Convert} ->
            try Convert(State) of
                Converted -> ?MODULE:loop(New, Converted)
            catch
                error:Reason ->
                    io:format("upgrade refused: ~p~n", [Reason]),
                    ?MODULE:loop(Behaviour, State)
            end
    end.
