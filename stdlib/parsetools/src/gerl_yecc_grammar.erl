-module(gerl_yecc_grammar).
-moduledoc "Reads grammar files and checks what they declare.".
-export([read/1]).

-doc """
Reads the text of a grammar. The grammar found is `none` when there are errors; errors and warnings are in the order of
their places.
""".
-spec read(string()) -> {none | map(), [{none | erl_anno:location(), term()}], [{erl_anno:location(), term()}]}.
read(Text) ->
    try statements(Text, {1, 1}, []) of
        {Statements, Code} -> check(Statements, Code)
    catch throw:{syntax, Place, Module, Reason} -> {none, [{Place, {error, Module, Reason}}], []}
    end.

%%% ---- statements ------------------------------------------------------------------------------------

statements(Text, Place, Done) ->
    case scan(Text, Place) of
        {done, {eof, _}, _} -> {lists:reverse(Done), none};
        {done, {ok, [{var, _, 'Erlang'}, {atom, _, code}, {dot, _}], {Line, _}}, Rest} -> {lists:reverse(Done), {Line, Rest}};
        {done, {ok, Tokens, End}, Rest} -> statements(rest(Rest), End, [statement(Tokens, End) | Done]);
        {done, {error, {Where, Module, Reason}, _}, _} -> throw({syntax, Where, Module, Reason})
    end.

rest(eof) -> [];
rest(Rest) -> Rest.

scan(Text, Place) ->
    case erl_scan:tokens([], Text, Place, [text]) of
        {more, Open} -> erl_scan:tokens(Open, eof, Place, [text]);
        Done -> Done
    end.

statement(Tokens, End) ->
    case name(hd(Tokens)) of
        none -> syntax(Tokens, End);
        {Head, Place} ->
            case tl(Tokens) of
                [{'->', _} | Body] -> rule(Head, Place, Body, End);
                Arguments -> declaration(Head, Place, Arguments, End)
            end
    end.

declaration('Header', Place, Arguments, End) ->
    {Texts, Rest} = lists:splitwith(fun(T) -> element(1, T) =:= string end, Arguments),
    is_dot(Rest) orelse syntax(Rest, End),
    {declare, 'Header', Place, [{element(3, T), erl_scan:location(T)} || T <- Texts]};
declaration(Head, Place, Arguments, End) ->
    {Names, Rest} = names(Arguments, []),
    Names =/= [] andalso is_dot(Rest) orelse syntax(Rest, End),
    {declare, Head, Place, Names}.

is_dot([{dot, _} | _]) -> true;
is_dot(_) -> false.

rule(Head, Place, Body, End) ->
    case names(Body, []) of
        {[], Rest} -> syntax(Rest, End);
        {Names, [{':', _}, First | Code]} when element(1, First) =/= dot ->
            is_dot([lists:last([First | Code])]) orelse syntax([], End),
            {rule, Head, Place, Names, lists:droplast([First | Code])};
        {Names, [{dot, _}]} -> {rule, Head, Place, Names, none};
        {_, [{':', _} | Rest]} -> syntax(Rest, End);
        {_, Rest} -> syntax(Rest, End)
    end.

names([Token | Rest] = Tokens, Names) ->
    case name(Token) of
        none -> {lists:reverse(Names), Tokens};
        Name -> names(Rest, [Name | Names])
    end;
names([], Names) -> {lists:reverse(Names), []}.

name({Kind, _, Value} = Token) when Kind =:= atom; Kind =:= var; Kind =:= integer -> {Value, erl_scan:location(Token)};
name({Word, _} = Token) when is_atom(Word) ->
    case erl_scan:reserved_word(Word) of
        true -> {Word, erl_scan:location(Token)};
        false -> none
    end;
name(_) -> none.

-spec syntax([term()], term()) -> no_return().
syntax([Token | _], _) ->
    Shown = case Token of
                {dot, _} -> ".";
                _ -> erl_scan:text(Token)
            end,
    throw({syntax, erl_scan:location(Token), yeccparser, ["syntax error before: ", Shown]});
syntax([], End) -> throw({syntax, End, yeccparser, ["syntax error before: ", []]}).

%%% ---- checks ----------------------------------------------------------------------------------------

check(Statements, Code) ->
    Declared = [{K, P, A} || {declare, K, P, A} <- Statements],
    {Known, Bad} = lists:partition(fun is_good/1, Declared),
    Rules = lists:enumerate([R || {rule, _, _, _, _} = R <- Statements]),
    Single = #{K => A || {K, _, A} <- lists:reverse(Known)},
    Nonterminals = maps:get('Nonterminals', Single, []),
    Terminals = maps:get('Terminals', Single, []),
    N = [S || {S, _} <- Nonterminals],
    T = [S || {S, _} <- Terminals],
    {End, EndPlace} = hd(maps:get('Endsymbol', Single, [{'$end', none}])),
    Precedences = [{S, P, {Level, kind(K)}} || {K, _, [{Level, _} | Symbols]} <- Known, kind(K) =/= none, {S, P} <- Symbols],
    Used = [S || {_, {rule, _, _, Symbols, _}} <- Rules, {S, _} <- Symbols],
    Heads = [H || {_, {rule, H, _, _, _}} <- Rules],
    {Root, RootPlace} = hd(maps:get('Rootsymbol', Single, [{none, none}])),
    Missing = [{none, no_grammar_rules} || Rules =:= []] ++
              [{none, E} || {K, E} <- [{'Nonterminals', nonterminals_missing}, {'Rootsymbol', rootsymbol_missing},
                                       {'Terminals', terminals_missing}], not is_map_key(K, Single)],
    Errors =
        [{P, {duplicate_declaration, K}} || {K, P} <- repeated([{K, P} || {K, P, _} <- Known, kind(K) =:= none])] ++
        [{P, {reserved, S}} || {S, P} <- Nonterminals ++ Terminals, lists:member(S, ['$empty', '$end', '$undefined'])] ++
        [{P, {symbol_terminal_and_nonterminal, S}} || {S, P} <- Nonterminals, lists:member(S, T)] ++
        [{RootPlace, {bad_rootsymbol, Root}} || RootPlace =/= none, not lists:member(Root, N)] ++
        [{EndPlace, {endsymbol_is_nonterminal, End}} || EndPlace =/= none, lists:member(End, N)] ++
        [{EndPlace, {endsymbol_is_terminal, End}} || EndPlace =/= none, lists:member(End, T)] ++
        [{P, {bad_expect, V}} || {'Expect', _, [{V, P}]} <- Known, not is_integer(V)] ++
        [{P, {precedence_op_is_endsymbol, S}} || {S, P, _} <- Precedences, S =:= End] ++
        [{P, {precedence_op_is_unknown, S}} || {S, P, _} <- Precedences, S =/= End, not lists:member(S, N ++ T)] ++
        [{P, {duplicate_precedence, S}} || {S, P} <- repeated([{S, P} || {S, P, _} <- Precedences])] ++
        [{P, {undefined_nonterminal, H}} || {_, {rule, H, P, _, _}} <- Rules, not lists:member(H, N)] ++
        [{P, {missing_syntax_rule, S}} || {S, P} <- Nonterminals, lists:member(S, Used), not lists:member(S, Heads)] ++
        lists:append([rule_errors(R, N ++ T) || {_, R} <- Rules]),
    Warnings = [{P, bad_declaration} || {_, P, _} <- Bad] ++
               [{P, {duplicate_nonterminal, S}} || {S, P} <- first_of_repeated(Nonterminals)] ++
               [{P, {duplicate_terminal, S}} || {S, P} <- first_of_repeated(Terminals)] ++
               [{P, {unused_nonterminal, S}} || {S, P} <- Nonterminals, S =/= Root, not lists:member(S, Used)] ++
               [{P, {unused_terminal, S}} || {S, P} <- Terminals, not lists:member(S, Used)],
    %% A pseudo variable that stands for nothing is found while reading, before anything is checked.
    Pseudo = [E || {_, {undefined_pseudo_variable, _}} = E <- Errors],
    Sorted = case Pseudo of
                 [] -> Missing ++ lists:sort(Errors);
                 _ -> lists:sort(Pseudo)
             end,
    case Sorted of
        [] ->
            {#{nonterminals => N, terminals => T, root => Root, endsymbol => End, code => Code,
               expect => element(1, hd(maps:get('Expect', Single, [{0, none}]))),
               header => [H || {H, _} <- maps:get('Header', Single, [])],
               precedences => #{S => P || {S, _, P} <- Precedences},
               rules => [{I, [Head | [S || {S, _} <- Symbols, S =/= '$empty']], Place, Action}
                         || {I, {rule, Head, Place, Symbols, Action}} <- Rules]}, [], lists:sort(Warnings)};
        _ -> {none, Sorted, [W || {_, bad_declaration} = W <- Warnings]}
    end.

is_good({K, _, A}) when K =:= 'Nonterminals'; K =:= 'Terminals'; K =:= 'Header' -> A =/= [];
is_good({K, _, A}) when K =:= 'Rootsymbol'; K =:= 'Endsymbol'; K =:= 'Expect' -> length(A) =:= 1;
is_good({K, _, A}) ->
    case A of
        [{Level, _}, _ | _] -> is_integer(Level) andalso kind(K) =/= none;
        _ -> false
    end.

kind('Left') -> left;
kind('Right') -> right;
kind('Nonassoc') -> nonassoc;
kind('Unary') -> unary;
kind(_) -> none.

%% Those that came before with the same name; and the first of several.
repeated(List) -> List -- lists:uniq(fun({K, _}) -> K end, List).

first_of_repeated(List) -> [hd([D || {K, _} = D <- List, K =:= S]) || S <- lists:uniq([S || {S, _} <- repeated(List)])].

rule_errors({rule, _, _, Symbols, Action}, Known) ->
    Count = length([S || {S, _} <- Symbols, S =/= '$empty']),
    [{P, illegal_empty} || {'$empty', P} <- Symbols, length(Symbols) > 1] ++
    [{P, {undefined_symbol, S}} || {S, P} <- Symbols, S =/= '$empty', not lists:member(S, Known)] ++
    [{erl_scan:location(Token), {undefined_pseudo_variable, V}} || Token <- actions(Action), {pseudo, V, I} <- [pseudo(Token)],
                                                                  I < 1 orelse I > Count].

actions(none) -> [];
actions(Tokens) -> Tokens.

pseudo({atom, _, A}) ->
    case atom_to_list(A) of
        [$$ | Digits] ->
            case string:to_integer(Digits) of
                {I, []} -> {pseudo, A, I};
                _ -> none
            end;
        _ -> none
    end;
pseudo(_) -> none.
