%% The part of a parser that is the same for every grammar. What yecc makes of the grammar follows it: a function yeccpars2_N/7
%% for each state, which calls yeccpars1/7 to go on with the next token, and yeccerror/1 when no token of this kind can follow.

-ifdef(YECC_PARSE_DOC).
-doc ?YECC_PARSE_DOC.
-endif.
-spec parse([term()]) -> {ok, term()} | {error, term()}.
parse(Tokens) -> yecctry(Tokens, no_source).

-ifdef(YECC_PARSE_AND_SCAN_DOC).
-doc ?YECC_PARSE_AND_SCAN_DOC.
-endif.
-spec parse_and_scan({function() | {atom(), atom()}, [term()]} | {atom(), atom(), [term()]}) -> {ok, term()} | {error, term()}.
parse_and_scan({Module, Name, Arguments}) -> yecctry([], fun() -> apply(Module, Name, Arguments) end);
parse_and_scan({{Module, Name}, Arguments}) -> yecctry([], fun() -> apply(Module, Name, Arguments) end);
parse_and_scan({Function, Arguments}) -> yecctry([], fun() -> apply(Function, Arguments) end).

-ifdef(YECC_FORMAT_ERROR_DOC).
-doc ?YECC_FORMAT_ERROR_DOC.
-endif.
-spec format_error(term()) -> [char() | list()].
format_error(Message) ->
    case io_lib:deep_char_list(Message) of
        true -> Message;
        false -> io_lib:write(Message)
    end.

%% An action calls this to end parsing with an error.
-compile({nowarn_unused_function, return_error/2}).
-spec return_error(erl_anno:location(), term()) -> no_return().
return_error(Location, Message) -> throw({error, {Location, ?MODULE, Message}}).

yecctry(Tokens, Source) ->
    try yecctoken(Tokens, Source, none, 0, [], [])
    catch throw:{error, {_, ?MODULE, _}} = Problem -> Problem
    end.

%% Called for the token that State goes on with, when Token was shifted in state Below.
yeccpars1(Below, State, States, Values, Token, Tokens, Source) ->
    yecctoken(Tokens, Source, Token, State, [Below | States], [Token | Values]).

%% The source is a function for more tokens; without one, or after its end, the place of the end of the input.
yecctoken([Token | Tokens], Source, _, State, States, Values) ->
    yeccpars2(State, element(1, Token), States, Values, Token, Tokens, Source);
yecctoken([], Source, Last, State, States, Values) when is_function(Source) ->
    case Source() of
        {ok, Tokens, _} -> yecctoken(Tokens, Source, Last, State, States, Values);
        {eof, Place} -> yecctoken([], {end_at, Place}, Last, State, States, Values);
        {error, Description, _} -> {error, Description}
    end;
yecctoken([], {end_at, Place}, _, State, States, Values) ->
    yeccpars2(State, '$end', States, Values, {'$end', Place}, [], {end_at, Place});
yecctoken([], no_source, none, State, States, Values) -> yecctoken([], {end_at, 999999}, none, State, States, Values);
yecctoken([], no_source, Last, State, States, Values) -> yecctoken([], {end_at, yeccend(Last)}, Last, State, States, Values).

%% The end of a token if its text is known, its beginning if not.
yeccend(Token) ->
    try erl_anno:end_location(element(2, Token)) of
        undefined -> yeccplace(Token);
        Place -> Place
    catch _:_ -> yeccplace(Token)
    end.

yeccplace(Token) ->
    try erl_scan:location(Token)
    catch _:_ -> element(2, Token)
    end.

-compile({nowarn_unused_function, [{yeccerror, 1}, {yeccshow, 1}, {yeccvalue, 1}, {yecckind, 2}]}).
yeccerror(Token) -> {error, {yeccplace(Token), ?MODULE, ["syntax error before: ", yeccshow(Token)]}}.

%% The text of a token in a message, whatever it may be.
yeccshow(Token) ->
    try erl_scan:text(Token) of
        undefined -> yeccvalue(Token);
        Text -> Text
    catch _:_ -> yeccvalue(Token)
    end.

yeccvalue({'$end', _}) -> [];
yeccvalue({dot, _}) -> "'.'";
yeccvalue({Symbol, _}) when is_atom(Symbol) -> io_lib:write_atom(Symbol);
yeccvalue({Kind, _, Value} = Token) ->
    try yecckind(Kind, Value)
    catch _:_ -> io_lib:format("~tp", [Token])
    end;
yeccvalue(Other) -> io_lib:format("~tp", [Other]).

yecckind(atom, A) -> io_lib:write_atom(A);
yecckind(var, V) -> io_lib:format("~s", [V]);
yecckind(char, C) -> io_lib:write_char(C);
yecckind(string, S) -> io_lib:write_string(S);
yecckind(Kind, Value) when Kind =:= integer; Kind =:= float; Kind =:= reserved_symbol -> io_lib:write(Value);
yecckind(_, Value) -> io_lib:format("~tp", [Value]).
