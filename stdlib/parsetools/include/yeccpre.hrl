%% The part of a parser that is the same for every grammar. What yecc makes of the grammar follows it: the tables
%% yecctable/2 and yeccgoto/2, the rules yeccrule/1, and their actions yeccaction/2.

-spec parse([term()]) -> {ok, term()} | {error, term()}.
parse(Tokens) -> yeccparse(Tokens, fun yeccend/1, none).

-spec parse_and_scan({function() | {atom(), atom()}, [term()]} | {atom(), atom(), [term()]}) -> {ok, term()} | {error, term()}.
parse_and_scan({Module, Function, Arguments}) ->
    yeccparse([], fun(_) -> yeccmore(apply(Module, Function, Arguments)) end, none);
parse_and_scan({{Module, Function}, Arguments}) ->
    yeccparse([], fun(_) -> yeccmore(apply(Module, Function, Arguments)) end, none);
parse_and_scan({Function, Arguments}) ->
    yeccparse([], fun(_) -> yeccmore(apply(Function, Arguments)) end, none).

-spec format_error(term()) -> [char() | list()].
format_error(Message) ->
    case io_lib:deep_char_list(Message) of
        true -> Message;
        false -> io_lib:write(Message)
    end.

%% An action calls this to end parsing with an error.
-spec return_error(erl_anno:location(), term()) -> no_return().
return_error(Location, Message) -> throw({?MODULE, return_error, {Location, ?MODULE, Message}}).

yeccparse(Tokens, Source, Last) ->
    try yeccstep(Tokens, Source, Last, [0], [])
    catch throw:{?MODULE, return_error, Problem} -> {error, Problem}
    end.

%% What more input there is after the last token: tokens, or the end's place.
yeccend(none) -> {last, 999999};
yeccend(Last) -> {last, yeccplace(Last)}.

yeccmore({ok, Tokens, _}) -> {tokens, Tokens};
yeccmore({eof, Place}) -> {last, Place};
yeccmore({error, Description, _}) -> {failed, Description}.

%% States and values are stacks; Last is the token read last.
yeccstep([Token | Rest] = Tokens, Source, Last, [State | _] = States, Values) ->
    case yecctable(State, element(1, Token)) of
        {shift, Next} -> yeccstep(Rest, Source, Token, [Next | States], [Token | Values]);
        {reduce, Rule} -> yeccreduce(Rule, Tokens, Source, Last, States, Values);
        accept -> {ok, hd(Values)};
        error -> {error, {yeccplace(Token), ?MODULE, ["syntax error before: ", yeccshow(Token)]}}
    end;
yeccstep([], Source, Last, States, Values) ->
    case Source(Last) of
        {tokens, Tokens} -> yeccstep(Tokens, Source, Last, States, Values);
        {last, Place} -> yeccstep([{yeccendsymbol(), Place}], Source, Last, States, Values);
        {failed, Description} -> {error, Description}
    end.

yeccreduce(Rule, Tokens, Source, Last, States, Values) ->
    {Head, Length} = yeccrule(Rule),
    {Taken, Rest} = yecctake(Length, Values, []),
    Value = yeccaction(Rule, Taken),
    [State | _] = Below = lists:nthtail(Length, States),
    yeccstep(Tokens, Source, Last, [yeccgoto(State, Head) | Below], [Value | Rest]).

yecctake(0, Values, Taken) -> {Taken, Values};
yecctake(N, [V | Values], Taken) -> yecctake(N - 1, Values, [V | Taken]).

yeccplace(Token) ->
    try erl_scan:location(Token)
    catch _:_ -> element(2, Token)
    end.

%% The text of a token in a message.
yeccshow({Symbol, _} = Token) ->
    case Symbol =:= yeccendsymbol() of
        true -> [];
        false -> yecctext(Token)
    end;
yeccshow(Token) -> yecctext(Token).

yecctext(Token) ->
    try erl_scan:text(Token) of
        undefined -> yeccvalue(Token);
        Text -> Text
    catch _:_ -> yeccvalue(Token)
    end.

yeccvalue({Kind, _, Value}) when Kind =:= atom; Kind =:= integer; Kind =:= float; Kind =:= char; Kind =:= string; Kind =:= var ->
    try yecckind(Kind, Value)
    catch _:_ -> io_lib:write(Value)
    end;
yeccvalue({_, _, Value}) -> yeccterm(Value);
yeccvalue({dot, _}) -> "'.'";
yeccvalue({Symbol, _}) when is_atom(Symbol) -> io_lib:write_atom(Symbol);
yeccvalue({Symbol, _}) -> io_lib:write(Symbol);
yeccvalue(Other) -> yeccterm(Other).

yecckind(atom, A) -> io_lib:write_atom(A);
yecckind(var, V) -> atom_to_list(V);
yecckind(char, C) -> io_lib:write_char(C);
yecckind(string, S) -> io_lib:write_string(S);
yecckind(_, N) -> lists:flatten(io_lib:write(N)).

yeccterm(Value) -> [io_lib:format("~tp", [Value])].
