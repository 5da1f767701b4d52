-module(gerl_dbg_file).
-moduledoc false.

%% Trace messages in files, for dbg and fprof: a zero, the size in 32 bits and the message in the external format; many of these. Wrap files
%% take turns: the number after the one that is written does not exist, so that a reader finds the oldest.

-export([open/1, packed/1, fold/3, read/4]).

-doc false.
%% Opens the port that writes such files.
open(Spec) ->
    #{name := Given} = S0 = wrap(Spec),
    Name = filename:absname(Given),
    case S0 of
        #{suffix := Suffix, limit := Limit, count := Count} ->
            S = S0#{name := Name},
            _ = [file:delete(path(I, S)) || I <- numbers(S)],
            {Size, Time} = case Limit of {time, Milliseconds} -> {0, Milliseconds}; _ -> {Limit, 0} end,
            port(lists:concat(["w ", Size, " ", Count, " ", Time, " ", byte_size(unicode:characters_to_binary(Name)), " n ", Name, Suffix]));
        _ -> port(lists:concat(["n ", Name]))
    end.

port(Arguments) -> open_port({spawn, "trace_file_drv " ++ Arguments}, [eof]).

wrap({Name, wrap, Suffix}) -> wrap({Name, wrap, Suffix, 128 * 1024});
wrap({Name, wrap, Suffix, Limit}) -> wrap({Name, wrap, Suffix, Limit, 8});
wrap({Name, wrap, Suffix, Limit, Count}) -> #{name => Name, suffix => Suffix, limit => Limit, count => Count};
wrap(Name) -> #{name => Name, limit => none}.

path(_, #{limit := none, name := Name}) -> Name;
path(I, #{name := Name, suffix := Suffix}) -> lists:concat([Name, I, Suffix]).

-doc false.
packed(Message) ->
    Binary = term_to_binary(Message),
    <<0, (byte_size(Binary)):32, Binary/binary>>.

-doc false.
%% Calls F for each message of the data; what is left over is the beginning of one.
fold(F, Acc, <<0, Size:32, Binary:Size/binary, Rest/binary>>) -> fold(F, F(binary_to_term(Binary), Acc), Rest);
fold(F, Acc, <<1, Lost:32, Rest/binary>>) -> fold(F, F({drop, Lost}, Acc), Rest);
fold(_, Acc, Rest) -> {Acc, Rest}.

-doc false.
%% Reads files, or what a port tells, and calls a handler; with follow_file it waits for more.
read(ip, {Host, Number}, Handler, State0) ->
    Socket = opened(gen_tcp:connect(Host, Number, [binary, {active, false}, {packet, raw}])),
    Handler(end_of_trace, received(Socket, Handler, State0, <<>>));
read(follow_file, Spec, Handler, State) -> follow(opened(file:open(Spec, [read, raw, binary])), Handler, State, <<>>);
read(file, Spec, Handler, State0) ->
    State = lists:foldl(fun(Path, Acc) -> element(1, fold(Handler, Acc, opened(file:read_file(Path)))) end, State0, files(wrap(Spec))),
    Handler(end_of_trace, State).

opened({ok, What}) -> What;
opened({error, _} = Error) -> exit({client_cannot_open, Error}).

received(Socket, Handler, State0, Begun) ->
    case gen_tcp:recv(Socket, 0) of
        {ok, Data} ->
            {State, Rest} = fold(Handler, State0, <<Begun/binary, Data/binary>>),
            received(Socket, Handler, State, Rest);
        {error, _} -> State0
    end.

follow(File, Handler, State, Begun) ->
    case file:read(File, 1 bsl 16) of
        {ok, Data} ->
            {State1, Rest} = fold(Handler, State, <<Begun/binary, Data/binary>>),
            follow(File, Handler, State1, Rest);
        eof ->
            timer:sleep(1000),
            follow(File, Handler, State, Begun)
    end.

files(#{limit := none, name := Name}) -> [Name];
files(S) ->
    {Newer, Older} = gap(lists:sort(numbers(S)), []),
    [path(I, S) || I <- Older ++ Newer].

%% The oldest file stands behind the missing number.
gap([I, J | Rest], Before) when J =/= I + 1 -> {lists:reverse([I | Before]), [J | Rest]};
gap([I | Rest], Before) -> gap(Rest, [I | Before]);
gap([], Before) -> {[], lists:reverse(Before)}.

numbers(#{name := Name, suffix := Suffix}) ->
    Base = length(lists:flatten(Name)),
    [list_to_integer(N) || Path <- filelib:wildcard(lists:concat([Name, "*", Suffix])),
                           N <- [lists:sublist(Path, Base + 1, length(Path) - Base - length(Suffix))],
                           N =/= "", lists:all(fun(C) -> C >= $0 andalso C =< $9 end, N)].
