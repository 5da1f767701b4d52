-module(erl_eval_tokens).
-moduledoc """
Identifiers as input: process identifiers, ports, references and external functions in the form in which they print.

The scanner knows nothing of them. Here their tokens are found and become those of an expression that gives the value: a call of
`list_to_pid/1` and the like. The tokens need their texts, so the scanner's option `text` is wanted; without it nothing is found. What
denotes nothing on this node stays as it is, for the parser to complain about.
""".

-export([exprs/1, term/1]).

-doc "Parses the tokens of expressions.".
-spec exprs([erl_scan:token()]) -> {ok, [erl_parse:abstract_expr()]} | {error, erl_parse:error_info()}.
exprs(Tokens) ->
    %% The texts have done their duty, and would get into error messages.
    erl_parse:parse_exprs([setelement(2, T, erl_anno:location(element(2, T))) || T <- identified(Tokens)]).

-doc "Parses the tokens of a term.".
-spec term([erl_scan:token()]) -> {ok, term()} | {error, erl_parse:error_info()}.
term(Tokens) ->
    case exprs(Tokens) of
        {ok, [Expr]} ->
            try {ok, value(Expr)}
            catch _:_ -> bad_term(Expr)
            end;
        {ok, [_, Second | _]} -> bad_term(Second);
        {error, _} = Error -> Error
    end.

bad_term(Expr) -> {error, {erl_anno:location(element(2, Expr)), erl_eval, "bad term"}}.

value({call, _, {remote, _, {atom, _, erlang}, {atom, _, Name}}, [{string, _, Text}]}) -> made(Name, Text);
value({'fun', _, {function, M, F, A}}) -> erlang:make_fun(erl_parse:normalise(M), erl_parse:normalise(F), erl_parse:normalise(A));
value({tuple, _, Elements}) -> list_to_tuple([value(E) || E <- Elements]);
value({cons, _, Head, Tail}) -> [value(Head) | value(Tail)];
value({map, _, Pairs}) -> #{value(K) => value(V) || {map_field_assoc, _, K, V} <- Pairs};
value(Expr) -> erl_parse:normalise(Expr).

made(list_to_pid, Text) -> list_to_pid(Text);
made(list_to_port, Text) -> list_to_port(Text);
made(list_to_ref, Text) -> list_to_ref(Text).

identified([{'#', Anno}, {var, _, 'Fun'}, {'<', _}, {atom, _, _} = M, {'.', _}, {atom, _, _} = F, {'.', _}, {integer, _, _} = A, {'>', _} | Rest]) ->
    [{'fun', Anno}, M, {':', Anno}, F, {'/', Anno}, A | identified(Rest)];
identified([{'#', _}, {var, _, 'Port'}, {'<', _}, {float, _, _}, {'>', _} | _] = Tokens) -> made(5, list_to_port, Tokens);
identified([{'#', _}, {var, _, 'Ref'}, {'<', _}, {float, _, _}, {'.', _}, {float, _, _}, {'>', _} | _] = Tokens) -> made(7, list_to_ref, Tokens);
identified([{'<', _}, {float, _, _}, {'.', _}, {integer, _, _}, {'>', _} | _] = Tokens) -> made(5, list_to_pid, Tokens);
identified([Token | Tokens]) -> [Token | identified(Tokens)];
identified([]) -> [].

%% The first N tokens are the text of something, if there is such a thing.
made(N, Name, [First | Others] = Tokens) ->
    {Its, Rest} = lists:split(N, Tokens),
    try
        Text = lists:append([erl_scan:text(T) || T <- Its]),
        made(Name, Text),
        Anno = element(2, First),
        [{atom, Anno, erlang}, {':', Anno}, {atom, Anno, Name}, {'(', Anno}, {string, Anno, Text}, {')', Anno} | identified(Rest)]
    catch
        _:_ -> [First | identified(Others)]
    end.
