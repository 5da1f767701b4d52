-module(gerl_dbg_file).
-moduledoc false.

%% Trace messages in files, for dbg and fprof: a zero, the size in 32 bits and the message in the external format; many of these. Wrap files
%% take turns: the number after the one that is written does not exist, so that a reader finds the oldest.

-export([start/1, record/1, packed/1, fold/3, client/3]).

-doc false.
%% Within a tracer of dbg the calling process becomes the recorder, otherwise there is a new one.
start(Spec) ->
    case get('$gerl_dbg') of
        tracer -> record(Spec);
        undefined -> spawn(fun() -> record(Spec) end)
    end.

-doc false.
record(Spec) ->
    State = open(0, cleared(wrap(Spec))),
    loop(case State of
             #{limit := {time, Milliseconds}} -> _ = erlang:send_after(Milliseconds, self(), {gerl_dbg, turn}), State;
             _ -> State
         end).

wrap({Name, wrap, Suffix}) -> wrap({Name, wrap, Suffix, 128 * 1024});
wrap({Name, wrap, Suffix, Limit}) -> wrap({Name, wrap, Suffix, Limit, 8});
wrap({Name, wrap, Suffix, Limit, Count}) -> #{name => Name, suffix => Suffix, limit => Limit, count => Count};
wrap(Name) -> #{name => Name, limit => none}.

cleared(#{suffix := _} = S) ->
    _ = [file:delete(path(I, S)) || I <- numbers(S)],
    S;
cleared(S) -> S.

path(_, #{limit := none, name := Name}) -> Name;
path(I, #{name := Name, suffix := Suffix}) -> lists:concat([Name, I, Suffix]).

open(I, S) ->
    {ok, File} = file:open(path(I, S), [write, raw, binary]),
    S#{file => File, number => I, size => 0}.

loop(#{file := File, size := Size, limit := Limit} = S) ->
    receive
        {gerl_dbg, stop, _} -> rest(S);
        {gerl_dbg, flush, From, Ref} ->
            From ! {Ref, ok},
            loop(S);
        {gerl_dbg, turn} ->
            {time, Milliseconds} = Limit,
            _ = erlang:send_after(Milliseconds, self(), {gerl_dbg, turn}),
            loop(turned(S));
        Message ->
            Packed = packed(Message),
            ok = file:write(File, Packed),
            case Size + byte_size(Packed) of
                Full when is_integer(Limit), Full > Limit -> loop(turned(S));
                More -> loop(S#{size := More})
            end
    end.

turned(#{file := File, number := I, count := Count} = S0) ->
    ok = file:close(File),
    S = open((I + 1) rem (Count + 1), S0),
    _ = file:delete(path((I + 2) rem (Count + 1), S)),
    S.

rest(#{file := File} = S) ->
    receive
        {gerl_dbg, _} -> rest(S);
        Message ->
            ok = file:write(File, packed(Message)),
            rest(S)
    after 0 -> file:close(File)
    end.

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
%% A process that reads files and calls a handler; follow: it waits for more.
client(Kind, Spec, {Handler, State}) ->
    S = wrap(Spec),
    Missing = [P || P <- files(S), not filelib:is_regular(P)],
    Missing =:= [] orelse error({cannot_open, hd(Missing)}),
    spawn(fun() -> read(Kind, files(S), Handler, State) end).

read(file, Files, Handler, State0) ->
    State = lists:foldl(fun(Path, Acc) ->
                                {ok, Data} = file:read_file(Path),
                                element(1, fold(Handler, Acc, Data))
                        end, State0, Files),
    Handler(end_of_trace, State);
read(follow_file, [Path], Handler, State) ->
    {ok, File} = file:open(Path, [read, raw, binary]),
    follow(File, Handler, State, <<>>).

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
