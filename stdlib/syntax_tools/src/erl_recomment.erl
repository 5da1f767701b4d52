-module(erl_recomment).
-moduledoc """
Puts comments where they belong in syntax trees.

Comments are those of erl_comment_scan. Each node covers the lines from the first to the last position in it. A comment
becomes a postcomment of the outermost node that ends on its line and lies on no other line, or else a precomment of the
next node. Comments between forms stay on their own unless the form begins on the line after them. Forms of included files,
which `file` attributes announce, get no comments.
""".

-export([quick_recomment_forms/2, recomment_forms/2, recomment_tree/2]).

-type syntaxTree() :: erl_syntax:syntaxTree().
-type comment() :: erl_comment_scan:comment().

%% A tree, or a group of subtrees, with the lines that it covers: 0 for none, -1 if it takes no comments.
-record(span, {from = 0 :: integer(), to = 0 :: integer(), what :: {leaf, syntaxTree()} | {tree, atom(), term()} | group,
               parts = [] :: [#span{}], before = [] :: [comment()], behind = [] :: [comment()]}).

-doc "Like `recomment_forms/2`, without comments that lie within forms.".
-spec quick_recomment_forms(erl_syntax:forms(), [comment()]) -> syntaxTree().
quick_recomment_forms(Forms, Comments) -> forms(Forms, Comments, fun(Form, _) -> Form end).

-doc """
The forms of a module as a `form_list` with the comments in it. Exits with `{bad_position, Pos}` if a position is no line,
pair with a line, or annotation, and with `{bad_tree, Line, Column}` if there is no place for a comment.
""".
-spec recomment_forms(erl_syntax:forms(), [comment()]) -> syntaxTree().
recomment_forms(Forms, Comments) -> forms(Forms, Comments, fun inserted/2).

forms(Forms, Comments, Insert) when is_list(Forms) -> forms(erl_syntax:form_list(Forms), Comments, Insert);
forms(Tree, Comments, Insert) ->
    case erl_syntax:type(Tree) of
        form_list ->
            #span{parts = [Group]} = Whole = measured(erl_syntax:flatten_form_list(Tree)),
            Own = own(Group#span.parts, none, false),
                        tree(Whole#span{parts = [Group#span{parts = all_placed(Comments, Own, Insert)}]});
        _ ->
            {Span, Rest} = inside(measured(Tree), Comments, []),
            tree(lists:foldl(fun behind/2, Span, Rest))
    end.

-doc "A tree with comments in it, and the comments that lie behind all of its lines.".
-spec recomment_tree(syntaxTree(), [comment()]) -> {syntaxTree(), [comment()]}.
recomment_tree(Tree, Comments) ->
    {Span, Rest} = inside(measured(Tree), Comments, []),
    {tree(Span), Rest}.

inside(Span, [Comment | Comments], Over) ->
    {Line, _, _, _} = Comment,
    case Line =< Span#span.to of
        true -> inside(inserted(Span, Comment), Comments, Over);
        false -> inside(Span, Comments, [Comment | Over])
    end;
inside(Span, [], Over) -> {Span, lists:reverse(Over)}.

all_placed([Comment | Comments], Forms, Insert) -> all_placed(Comments, placed(Comment, Forms, Insert), Insert);
all_placed([], Forms, _) -> Forms.

%% A comment among the forms: alone if there is an empty line after it, with the form below it, or in the form.
placed(Comment, [Form | Forms], Insert) ->
    {Line, Column, _, Text} = Comment,
    Last = Line + max(length(Text) - 1, 0),
    #span{from = From, to = To} = Form,
    Gap = Line =:= To + 1 andalso case Forms of [] -> true; [Next | _] -> Last < Next#span.from - 2 end,
    if
        Line > To, not Gap -> [Form | placed(Comment, Forms, Insert)];
        Last < From - 1 -> [alone(Comment) | [Form | Forms]];
        Line < From -> [before(Comment, Form) | Forms];
        Column =< 1, Line =:= From, Last >= From -> [Form, alone(Comment) | Forms];
        true -> [Insert(Form, Comment) | Forms]
    end;
placed(Comment, [], _) -> [alone(Comment)].

%% A comment between forms keeps its column.
alone({Line, Column, _, Text}) ->
    #span{from = Line, to = Line + max(length(Text) - 1, 0), what = {leaf, erl_syntax:set_pos(erl_syntax:comment(Column - 1, Text), erl_anno:new(Line))}}.

%% Forms that come from the file which the first `file` attribute names. Positions in others are of other texts.
own([Form | Forms], File, Foreign) ->
    case {file(Form), File} of
        {none, _} when Foreign -> [closed(Form) | own(Forms, File, true)];
        {none, _} -> [Form | own(Forms, File, false)];
        {{Name, Line}, none} -> [Form | own(Forms, {Name, Line}, false)];
        {{Name, Line}, {Name, At}} when At =< Line -> [Form | own(Forms, {Name, Line}, false)];
        _ when Foreign -> [closed(Form) | own(Forms, File, true)];
        _ -> [Form | own(Forms, File, true)]
    end;
own([], _, _) -> [].

closed(Form) -> Form#span{from = -1, to = -1}.

file(#span{what = {tree, attribute, _}, parts = [#span{parts = [#span{what = {leaf, Name}} | _]}, #span{parts = [A, B | _]} | _]}) ->
    case erl_syntax:type(Name) =:= atom andalso erl_syntax:atom_value(Name) of
        file -> {erl_syntax:concrete(tree(A)), erl_syntax:concrete(tree(B))};
        _ -> none
    end;
file(_) -> none.

measured(Tree) ->
    Line = line(erl_syntax:get_pos(Tree)),
    case erl_syntax:subtrees(Tree) of
        [] -> #span{from = Line, to = Line, what = {leaf, Tree}};
        Groups ->
            Parts = [covering(0, [measured(T) || T <- Group], group) || Group <- Groups],
            covering(Line, Parts, {tree, erl_syntax:type(Tree), erl_syntax:get_attrs(Tree)})
    end.

%% Lines below one are no lines.
covering(Line, Parts, What) ->
    First = case [L || L <- [Line | [P#span.from || P <- Parts]], L >= 1] of
                [] -> 0;
                Known -> lists:min(Known)
            end,
    Last = lists:max([Line, 0 | [P#span.to || P <- Parts]]),
    #span{from = First, to = Last, what = What, parts = Parts}.

line(Line) when is_integer(Line) -> Line;
line({Line, _}) when is_integer(Line) -> Line;
line(Pos) ->
    try erl_anno:line(Pos)
    catch _:_ -> exit({bad_position, Pos})
    end.

%% The tree that a span stands for, with its comments.
tree(#span{what = {leaf, Tree}} = Span) -> commented(Tree, Span);
tree(#span{what = {tree, Type, Attributes}, parts = Groups} = Span) ->
    Tree = erl_syntax:make_tree(Type, [[tree(Part) || Part <- Parts] || #span{parts = Parts} <- Groups]),
    commented(erl_syntax:set_attrs(Tree, Attributes), Span).

commented(Tree, #span{before = Before, behind = Behind}) ->
    With = case Before of
               [] -> Tree;
               _ -> erl_syntax:add_precomments(comments(Before), Tree)
           end,
    case Behind of
        [] -> With;
        _ -> erl_syntax:add_postcomments(comments(Behind), With)
    end.

comments(Comments) ->
    [erl_syntax:set_pos(erl_syntax:comment(Indentation, Text), erl_anno:new(Line)) || {Line, _, Indentation, Text} <- lists:reverse(Comments)].

before(Comment, Span) -> Span#span{before = [Comment | Span#span.before]}.
behind(Comment, Span) -> Span#span{behind = [Comment | Span#span.behind]}.

%% A comment that lies on no line below the span.
inserted(#span{what = group, parts = Parts} = Span, Comment) -> Span#span{parts = among(Parts, Comment)};
inserted(#span{from = From} = Span, {Line, _, _, _} = Comment) when Line < From -> before(Comment, Span);
inserted(#span{from = Same, to = Same} = Span, Comment) -> behind(Comment, Span);
inserted(#span{what = {leaf, _}} = Span, Comment) -> behind(Comment, Span);
inserted(#span{parts = Parts} = Span, Comment) -> Span#span{parts = among(Parts, Comment)}.

%% In the last part that it can belong to. Positions need not be in order.
among([Part | Parts], {Line, _, _, _} = Comment) ->
    Later = case next(Parts) of
                none -> false;
                From when From < 0 -> false;
                From -> Line > Part#span.to orelse Line >= From andalso From >= Part#span.to
            end,
    case Later of
        true -> [Part | among(Parts, Comment)];
        false -> [inserted(Part, Comment) | Parts]
    end;
among([], {Line, Column, _, _}) -> exit({bad_tree, Line, Column}).

%% The first line of the tree that comes first among these.
next([#span{what = group, parts = Parts} | Rest]) ->
    case next(Parts) of
        none -> next(Rest);
        From -> From
    end;
next([#span{from = From} | _]) -> From;
next([]) -> none.
