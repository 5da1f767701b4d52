-module(gerl_merl_quote).
-moduledoc "Parsing for `merl:quote/2`: text of any kind of code to trees with comments.".

-export([parse/2]).

-doc "See `merl:quote/2`.".
-spec parse(erl_anno:location(), merl:text()) -> erl_syntax:syntaxTree() | [erl_syntax:syntaxTree()].
parse({Line, Column} = Location, Text) when is_integer(Line), is_integer(Column) -> parse(Line, Location, flat(Text));
parse(Line, Text) when is_integer(Line) -> parse(Line, Line, flat(Text)).

parse(Line, Location, Text) ->
    {ok, Tokens, _} = erl_scan:string(Text, Location),
    Comments = [{Line + L - 1, Indent, Lines} || {L, _, Indent, Lines} <- erl_comment_scan:string(Text)],
    one(commented(trees(Tokens), Comments)).

flat(Text) when is_binary(Text) -> binary_to_list(Text);
flat([Line | _] = Lines) when is_binary(Line) -> lists:append([binary_to_list(L) ++ "\n" || L <- Lines]);
flat([Line | _] = Lines) when is_list(Line) -> lists:append([L ++ "\n" || L <- Lines]);
flat(Text) -> Text.

one([Tree]) -> Tree;
one(Trees) -> Trees.

failed(Format, Args) -> throw({error, lists:flatten(io_lib:format(Format, Args))}).

parse_failed({Location, Module, Reason}) ->
    Text = Module:format_error(Reason),
    case Location of
        {Line, Column} -> failed("~w:~w: ~ts", [Line, Column, Text]);
        Line when is_integer(Line) -> failed("~w: ~ts", [Line, Text]);
        _ -> failed(Text, [])
    end.

%% A comment belongs to the first tree that does not begin before it, or else stands alone at the end. Of several of those
%% the last comes first.
commented(Trees, []) -> Trees;
commented([], Comments) -> lists:reverse([erl_syntax:set_pos(erl_syntax:comment(Indent, Text), erl_anno:new(Line)) || {Line, Indent, Text} <- Comments]);
commented([Tree | Trees], [{Line, Indent, Text} | Comments] = All) ->
    At = erl_anno:line(erl_syntax:get_pos(Tree)),
    Comment = erl_syntax:comment(Indent, Text),
    if
        At < Line -> [Tree | commented(Trees, All)];
        At =:= Line -> commented([erl_syntax:add_postcomments([Comment], Tree) | Trees], Comments);
        true -> commented([erl_syntax:add_precomments([Comment], Tree) | Trees], Comments)
    end.

%% Text with a dot is forms.
trees(Tokens) ->
    case lists:splitwith(fun(T) -> element(1, T) =/= dot end, Tokens) of
        {_, [_ | _]} ->
            Forms = forms(Tokens),
            [case erl_parse:parse_form(Form) of
                 {ok, Tree} -> Tree;
                 {error, Info} -> parse_failed(Info)
             end || Form <- Forms];
        {[], []} -> [];
        {_, []} -> fragment(Tokens)
    end.

forms([]) -> [];
forms(Tokens) ->
    case lists:splitwith(fun(T) -> element(1, T) =/= dot end, Tokens) of
        {Form, [Dot | Rest]} -> [Form ++ [Dot] | forms(Rest)];
        {_, []} -> failed("incomplete form after ~p", [lists:last(Tokens)])
    end.

%% What is no form is tried as the inside of one construct after the other. The error that counts is that of the
%% attempt that got furthest; what is added lies nowhere.
fragment(Tokens) ->
    A = erl_anno:new(0),
    End = [{'end', A}],
    attempt([{[], [], fun(Es) -> Es end},
             {[{'try', A}, {atom, A, true}, {'catch', A}], End, fun([E]) -> erl_syntax:try_expr_handlers(E) end},
             {[{'fun', A}], End, fun([E]) -> erl_syntax:fun_expr_clauses(E) end},
             {[{'case', A}, {atom, A, true}, {'of', A}], End, fun([E]) -> erl_syntax:case_expr_clauses(E) end}], Tokens, []).

attempt([], _, Errors) -> parse_failed(lists:max(Errors));
attempt([{Before, After, Take} | Ways], Tokens, Errors) ->
    case erl_parse:parse_exprs(Before ++ Tokens ++ After ++ [{dot, erl_anno:new(0)}]) of
        {ok, Trees} -> Take(Trees);
        {error, Info} -> attempt(Ways, Tokens, [Info | Errors])
    end.
