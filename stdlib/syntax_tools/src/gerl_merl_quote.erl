-module(gerl_merl_quote).
-moduledoc "Parsing for `merl:quote/2`: text of any kind of code to trees with comments.".

-export([parse/2]).

-doc "See `merl:quote/2`.".
-spec parse(erl_anno:location(), merl:text()) -> erl_syntax:syntaxTree() | [erl_syntax:syntaxTree()].
parse(Location, Text) ->
    String = flat(Text),
    {ok, Tokens, _} = erl_scan:string(String, Location),
    one(commented(trees(Tokens), erl_comment_scan:string(String), Location)).

flat(Text) when is_binary(Text) -> binary_to_list(Text);
flat([Line | _] = Lines) when is_binary(Line); is_list(Line) -> lists:append([flat(L) ++ "\n" || L <- Lines]);
flat(Text) -> Text.

one([Tree]) -> Tree;
one(Trees) -> Trees.

failed({Location, Module, Reason}) ->
    Place = case Location of {Line, Column} -> io_lib:format("~w:~w", [Line, Column]); _ -> io_lib:format("~w", [Location]) end,
    throw({error, lists:flatten(io_lib:format("~ts: ~ts", [Place, Module:format_error(Reason)]))}).

%% Comments are found with line 1 as the first.
commented(Trees, [], _) -> Trees;
commented(Trees, Comments, Location) ->
    First = case Location of {Line, _} -> Line; Line -> Line end,
    insert(Trees, [{L + First - 1, C, I, T} || {L, C, I, T} <- Comments]).

insert([], _) -> [];
insert([Tree], Comments) ->
    {Done, Rest} = erl_recomment:recomment_tree(Tree, Comments),
    [erl_syntax:add_postcomments([erl_syntax:comment(I, T) || {_, _, I, T} <- Rest], Done)];
insert([Tree | Trees], Comments) ->
    {Done, Rest} = erl_recomment:recomment_tree(Tree, Comments),
    [Done | insert(Trees, Rest)].

trees([]) -> [];
trees(Tokens) ->
    case lists:last(Tokens) of
        {dot, _} -> forms(Tokens);
        _ -> fragment(Tokens)
    end.

forms([]) -> [];
forms(Tokens) ->
    {Form, [Dot | Rest]} = lists:splitwith(fun(T) -> element(1, T) =/= dot end, Tokens),
    case erl_parse:parse_form(Form ++ [Dot]) of
        {ok, Tree} -> [Tree | forms(Rest)];
        {error, Info} -> failed(Info)
    end.

%% What is no form is tried as the inside of one construct after the other. The error that counts is that of the
%% attempt that got furthest, and of the first of those.
fragment(Tokens) ->
    Anno = element(2, hd(Tokens)),
    Last = element(2, lists:last(Tokens)),
    Ways = [{[], [], fun(Es) -> Es end},
            {[{'fun', Anno}], [{'end', Last}], fun([E]) -> erl_syntax:fun_expr_clauses(E) end},
            {[{'case', Anno}, {atom, Anno, x}, {'of', Anno}], [{'end', Last}], fun([E]) -> erl_syntax:case_expr_clauses(E) end},
            {[{'try', Anno}, {atom, Anno, x}, {'catch', Anno}], [{'end', Last}], fun([E]) -> erl_syntax:try_expr_handlers(E) end}],
    attempt(Ways, Tokens, Last, none).

attempt([], _, _, Info) -> failed(Info);
attempt([{Before, After, Take} | Ways], Tokens, Last, First) ->
    case erl_parse:parse_exprs(Before ++ Tokens ++ After ++ [{dot, Last}]) of
        {ok, Trees} -> Take(Trees);
        {error, Info} -> attempt(Ways, Tokens, Last, case First of none -> shown(Info, Tokens); _ -> First end)
    end.

%% An error at the end that was added is one at the last token.
shown({Location, erl_parse, ["syntax error before: ", []]}, Tokens) ->
    {Location, erl_parse, ["syntax error before: ", text(lists:last(Tokens))]};
shown({Location, erl_parse, ["syntax error before: ", "'.'"]}, Tokens) ->
    {Location, erl_parse, ["syntax error before: ", text(lists:last(Tokens))]};
shown(Info, _) -> Info.

text({Symbol, _}) -> io_lib:write_atom(Symbol);
text({_, _, Value}) -> io_lib:format("~tp", [Value]).
