-module(gerl_yecc_grammar).
-moduledoc """
Reads grammar files and checks what they declare.

What is wrong comes in two steps, as it is found: `read/1` knows the statements one by one, `check/1` all of them. Both give
errors and warnings as `{Location, Reason}`, in no order.
""".
-export([read/1, check/1]).
-export_type([grammar/0]).

-type symbol() :: atom() | integer().
-type place() :: none | erl_anno:location().
-type problem() :: {place(), term()}.
-type grammar() :: #{atom() => term()}.

%% Declarations that say one thing, and whether it is a list.
-define(SINGLE, #{'Nonterminals' => many, 'Terminals' => many, 'Rootsymbol' => one, 'Endsymbol' => one, 'Expect' => one, 'States' => one}).

-doc """
Reads the bytes of a grammar. `encoding` is the one that the file names, `code` its last part with the line where that
begins, `statements` all others.
""".
-spec read(binary()) -> {grammar(), [problem()], [problem()]}.
read(Bytes) ->
    Named = epp:read_encoding_from_binary(Bytes),
    Encoding = case Named of
                   none -> epp:default_encoding();
                   _ -> Named
               end,
    {Text, Ending} = case unicode:characters_to_list(Bytes, Encoding) of
                         All when is_list(All) -> {All, complete};
                         {_, Good, _} -> {Good, broken}
                     end,
    {Statements, Code, Errors} = statements(Text, Ending, {1, 1}, [], []),
    {Single, Precedences, Rules, Found, Warnings} =
        lists:foldl(fun sort_out/2, {#{}, [], [], [], []}, Statements),
    {#{encoding => Named, code => Code, declared => Single, precedences => Precedences, rules => lists:reverse(Rules)},
     Errors ++ Found, Warnings}.

%%% ---- statements ------------------------------------------------------------------------------------

statements(Text, Ending, Place, Done, Errors) ->
    case scan(Text, Place) of
        {more, _} when Ending =:= broken ->
            %% The token that the wrong character is part of began here.
            Where = case erl_scan:string(Text, Place, [return]) of
                        {ok, [_ | _] = Tokens, _} -> erl_scan:location(lists:last(Tokens));
                        {ok, [], End} -> End;
                        {error, {Begin, _, _}, _} -> Begin
                    end,
            {Done, none, [{Where, {error, file_io_server, invalid_unicode}} | Errors]};
        {more, Open} -> scanned(erl_scan:tokens(Open, eof, Place, [text, return]), Ending, Done, Errors);
        Scanned -> scanned(Scanned, Ending, Done, Errors)
    end.

scan(Text, Place) -> erl_scan:tokens([], Text, Place, [text, return]).

scanned({done, {eof, _}, _}, _, Done, Errors) -> {lists:reverse(Done), none, Errors};
scanned({done, {error, {Where, Module, Reason}, End}, Rest}, Ending, Done, Errors) ->
    statements(rest(Rest), Ending, End, Done, [{Where, {error, Module, Reason}} | Errors]);
scanned({done, {ok, All, {Line, _} = End}, Rest}, Ending, Done, Errors) ->
    case [T || T <- All, element(1, T) =/= white_space, element(1, T) =/= comment] of
        [] -> statements(rest(Rest), Ending, End, Done, Errors);
        [{var, _, 'Erlang'}, {atom, _, code}, {dot, _}] when Ending =:= broken ->
            {lists:reverse(Done), none, [{Line + length([C || C <- rest(Rest), C =:= $\n]), cannot_parse} | Errors]};
        [{var, _, 'Erlang'}, {atom, _, code}, {dot, _}] -> {lists:reverse(Done), {Line, rest(Rest)}, Errors};
        Tokens ->
            try statement(Tokens, All, erl_anno:end_location(element(2, lists:last(Tokens)))) of
                Statement -> statements(rest(Rest), Ending, End, [Statement | Done], Errors)
            catch throw:{syntax, Where, Message} ->
                    statements(rest(Rest), Ending, End, Done, [{Where, {error, yeccparser, Message}} | Errors])
            end
    end.

rest(eof) -> [];
rest(Rest) -> Rest.

statement(Tokens, All, End) ->
    case name(hd(Tokens)) of
        none -> syntax(Tokens, End);
        {Head, Place} ->
            case tl(Tokens) of
                [{'->', _} | Body] -> rule(Head, Place, Body, All, End);
                [{string, _, _} | _] = Arguments ->
                    {Texts, Rest} = lists:splitwith(fun(T) -> element(1, T) =:= string end, Arguments),
                    is_dot(Rest) orelse syntax(Rest, End),
                    {texts, Head, Place, [{element(3, T), erl_scan:location(T)} || T <- Texts]};
                Arguments ->
                    {Names, Rest} = names(Arguments, []),
                    Names =/= [] andalso is_dot(Rest) orelse syntax(Rest, End),
                    {declare, Head, Place, Names}
            end
    end.

is_dot([{dot, _} | _]) -> true;
is_dot(_) -> false.

rule(Head, Place, Body, All, End) ->
    case names(Body, []) of
        {[_ | _] = Names, [{':', _}, First | _]} when element(1, First) =/= dot ->
            {rule, Head, Place, Names, lists:droplast(tl(lists:dropwhile(fun(T) -> element(1, T) =/= ':' end, All)))};
        {[_ | _] = Names, [{dot, _}]} -> {rule, Head, Place, Names, none};
        {[_ | _], [{':', _} | Rest]} -> syntax(Rest, End);
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
syntax([Token | _], _) -> throw({syntax, erl_scan:location(Token), ["syntax error before: ", erl_scan:text(Token)]});
syntax([], End) -> throw({syntax, End, ["syntax error before: ", []]}).

%%% ---- single statements -------------------------------------------------------------------------

sort_out({texts, 'Header', _, Texts}, {Single, P, R, E, W}) -> {Single#{'Header' => [T || {T, _} <- Texts]}, P, R, E, W};
sort_out({texts, _, _, [{Text, Place}]}, {Single, P, R, E, W}) -> {Single, P, R, [{Place, {bad_symbol, Text}} | E], W};
sort_out({texts, _, Place, _}, {Single, P, R, E, W}) -> {Single, P, R, E, [{Place, bad_declaration} | W]};
sort_out({rule, Head, Place, Symbols, Action}, {Single, P, R, E, W}) ->
    Most = case Symbols of
               [{'$empty', _}] -> 0;
               _ -> length(Symbols)
           end,
    Wrong = [{erl_scan:location(T), {undefined_pseudo_variable, element(3, T)}}
             || is_list(Action), T <- Action, {pseudo, I} <- [pseudo(T)], I < 1 orelse I > Most],
    {Single, P, [{Head, Place, Symbols, numbered(Action)} | R], Wrong ++ E, W};
sort_out({declare, 'Header', _, _}, Acc) -> Acc;
sort_out({declare, Kind, _, [{Level, _}, Op | Ops]}, {Single, P, R, E, W}) when
      is_integer(Level), (Kind =:= 'Left' orelse Kind =:= 'Right' orelse Kind =:= 'Unary' orelse Kind =:= 'Nonassoc') ->
    %% Of two in one declaration, the first is the one too many.
    {Single, P ++ [{S, Place, {Level, association(Kind)}} || {S, Place} <- lists:reverse([Op | Ops])], R, E, W};
sort_out({declare, Kind, Place, Names}, {Single, P, R, E, W}) ->
    case ?SINGLE of
        #{Kind := one} when tl(Names) =/= [] -> {Single, P, R, E, [{Place, bad_declaration} | W]};
        #{Kind := _} when is_map_key(Kind, Single) -> {Single, P, R, [{Place, {duplicate_declaration, Kind}} | E], W};
        #{Kind := _} -> {Single#{Kind => Names}, P, R, E, W};
        #{} -> {Single, P, R, E, [{Place, bad_declaration} | W]}
    end.

association('Left') -> left;
association('Right') -> right;
association('Nonassoc') -> nonassoc;
association('Unary') -> unary.

%% The tokens of an action, with pseudo variables as {pseudo, N}.
numbered(none) -> none;
numbered(Tokens) ->
    [case pseudo(T) of
         {pseudo, N} -> {pseudo, erl_scan:location(T), N};
         none -> T
     end || T <- Tokens].

pseudo({atom, _, A}) ->
    case atom_to_list(A) of
        [$$ | Digits] ->
            try list_to_integer(Digits) of
                N -> {pseudo, N}
            catch error:badarg -> none
            end;
        _ -> none
    end;
pseudo(_) -> none.

%%% ---- checks ----------------------------------------------------------------------------------------

-doc "Checks a grammar as a whole, and gives it in the form that tables are made from.".
-spec check(grammar()) -> {grammar(), [problem()], [problem()]}.
check(#{declared := Single, precedences := Precedences, rules := Rules} = Grammar) ->
    Nonterminals = maps:get('Nonterminals', Single, []),
    Terminals = maps:get('Terminals', Single, []),
    Places = maps:from_list(lists:reverse(Nonterminals ++ Terminals)),
    N = lists:usort([S || {S, _} <- Nonterminals]),
    T = lists:usort([S || {S, _} <- Terminals]),
    Known = #{S => symbol || S <- ['$empty' | N ++ T]},
    {Root, RootPlace} = hd(maps:get('Rootsymbol', Single, [{none, none}])),
    {End, EndPlace} = hd(maps:get('Endsymbol', Single, [{'$end', none}])),
    Expect = hd(maps:get('Expect', Single, [{0, none}])),
    States = hd(maps:get('States', Single, [{any, none}])),
    Errors =
        [{none, E} || {K, E} <- [{'Nonterminals', nonterminals_missing}, {'Rootsymbol', rootsymbol_missing},
                                 {'Terminals', terminals_missing}], not is_map_key(K, Single)] ++
        [{none, no_grammar_rules} || Rules =:= []] ++
        [{map_get(S, Places), {reserved, S}} || S <- N ++ T, lists:member(S, ['$empty', '$end', '$undefined'])] ++
        [{map_get(S, Places), {symbol_terminal_and_nonterminal, S}} || S <- N, lists:member(S, T)] ++
        [{RootPlace, {bad_rootsymbol, Root}} || RootPlace =/= none, not lists:member(Root, N)] ++
        [{EndPlace, {Wrong, End}} || EndPlace =/= none, {Wrong, List} <- [{endsymbol_is_nonterminal, N}, {endsymbol_is_terminal, T -- N}],
                                     lists:member(End, List)] ++
        [{P, {bad_expect, V}} || {V, P} <- [Expect], not is_integer(V)] ++
        [{P, {bad_states, V}} || {V, P} <- [States], P =/= none, not is_integer(V)] ++
        [{P, {duplicate_precedence, S}} || {S, P, _} <- Precedences -- lists:uniq(fun({S, _, _}) -> S end, Precedences)] ++
        [{P, {case S of End -> precedence_op_is_endsymbol; _ -> precedence_op_is_unknown end, S}}
         || {S, P, _} <- Precedences, not is_map_key(S, Known)] ++
        lists:append([rule_errors(R, N, Known) || R <- Rules]),
    Warnings = [{map_get(S, Places), {Kind, S}} || {Kind, List} <- [{duplicate_nonterminal, Nonterminals}, {duplicate_terminal, Terminals}],
                                                   {S, _} <- List -- lists:uniq(fun({S, _}) -> S end, List)],
    {Grammar#{places => Places, nonterminals => N, terminals => T, root => Root, endsymbol => End, expect => element(1, Expect),
              states => element(1, States), header => maps:get('Header', Single, []),
              precedences => #{S => L || {S, _, L} <- Precedences},
              rules => [{I, [Head | [S || {S, _} <- Symbols]], Place, Action}
                        || {I, {Head, Place, Symbols, Action}} <- lists:enumerate(Rules)]},
     Errors, Warnings}.

-spec rule_errors({symbol(), place(), [{symbol(), place()}], term()}, [symbol()], #{symbol() => symbol}) -> [problem()].
rule_errors({Head, Place, Symbols, _}, Nonterminals, Known) ->
    case lists:member(Head, Nonterminals) of
        false -> [{Place, {undefined_nonterminal, Head}}];
        true ->
            case lists:keyfind('$empty', 1, Symbols) of
                {_, Empty} when tl(Symbols) =/= [] -> [{Empty, illegal_empty}];
                _ -> [{P, {undefined_symbol, S}} || {S, P} <- Symbols, not is_map_key(S, Known)]
            end
    end.
