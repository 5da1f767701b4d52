-module(erl_recomment).
-moduledoc """
Puts comments where they belong in syntax trees.

Comments are those of erl_comment_scan. Each node covers the lines from the first to the last position in it. A comment
becomes a postcomment of the outermost node that ends on its line and lies on no other line, or else a precomment of the
next node. Comments between forms stay on their own unless the form begins on the line after them.
""".

-compile({no_auto_import, [node/1]}).
-export([quick_recomment_forms/2, recomment_forms/2, recomment_tree/2]).

-type syntaxTree() :: erl_syntax:syntaxTree().
-type comment() :: erl_comment_scan:comment().

%% A node with the lines that it covers; `inside` has its subtrees in the same form, `none` if nothing covers a line.
-record(node, {from :: none | integer(), to :: none | integer(), tree :: syntaxTree(), inside = [] :: [[#node{}]]}).

-doc "Like `recomment_forms/2`, without comments that lie within forms.".
-spec quick_recomment_forms(erl_syntax:forms(), [comment()]) -> syntaxTree().
quick_recomment_forms(Forms, Comments) -> forms(Forms, Comments, fun(Node, _) -> Node end).

-doc """
The forms of a module as a `form_list` with the comments in it. Exits with `{bad_position, Pos}` if a position is no line,
column pair, annotation or the like.
""".
-spec recomment_forms(erl_syntax:forms(), [comment()]) -> syntaxTree().
recomment_forms(Forms, Comments) -> forms(Forms, Comments, fun(Node, Comment) -> insert(Node, Comment) end).

forms(Forms, Comments, Insert) when is_list(Forms) -> forms(erl_syntax:form_list(Forms), Comments, Insert);
forms(Tree, Comments, Insert) ->
    case erl_syntax:type(Tree) of
        form_list ->
            Flat = erl_syntax:flatten_form_list(Tree),
            Nodes = [node(F) || F <- erl_syntax:form_list_elements(Flat)],
            erl_syntax:copy_attrs(Flat, erl_syntax:form_list(merge(Nodes, lists:keysort(1, Comments), Insert)));
        _ ->
            {Done, Rest} = recomment_tree(Tree, Comments),
            erl_syntax:add_postcomments([tree(C) || C <- Rest], Done)
    end.

%% A comment between forms keeps its column.
alone({Line, Column, _, Text}) -> erl_syntax:set_pos(erl_syntax:comment(Column - 1, Text), Line).

%% Forms and comments in the order of their lines.
merge([], Comments, _) -> [alone(C) || C <- Comments];
merge([#node{from = none, tree = Tree} | Nodes], Comments, Insert) -> [Tree | merge(Nodes, Comments, Insert)];
merge([Node | Nodes], [], Insert) -> [whole(Node) | merge(Nodes, [], Insert)];
merge([#node{from = From, to = To} = Node | Nodes] = All, [{Line, Column, Indent, Text} = Comment | Comments], Insert) ->
    if
        Line < From, Line + length(Text) =:= From -> merge([before(Node, Comment) | Nodes], Comments, Insert);
        Line < From -> [alone(Comment) | merge(All, Comments, Insert)];
        Line =:= From, Column =< 1 -> [alone(Comment) | merge(All, Comments, Insert)];
        Line =< To -> merge([Insert(Node, Comment) | Nodes], Comments, Insert);
        true ->
            case Line =:= To + 1 andalso closing(Line, Column > Indent + 1, Nodes) of
                true -> merge([Insert(Node, Comment) | Nodes], Comments, Insert);
                false -> [whole(Node) | merge(Nodes, [Comment | Comments], Insert)]
            end
    end.

%% Whether a comment on the line after a form's last position belongs to the form: if it is the last one, or if there
%% is something before the comment that no other form accounts for.
closing(_, _, []) -> true;
closing(Line, Behind, [#node{from = From} | _]) -> Behind andalso (From =:= none orelse From > Line).

-doc "A tree with comments in it, and the comments that lie behind all of its lines.".
-spec recomment_tree(syntaxTree(), [comment()]) -> {syntaxTree(), [comment()]}.
recomment_tree(Tree, Comments) ->
    #node{to = To} = Node = node(Tree),
    {Inside, Behind} = lists:partition(fun({Line, _, _, _}) -> To =/= none andalso Line =< To end, Comments),
    {whole(lists:foldl(fun(C, N) -> insert(N, C) end, Node, Inside)), Behind}.

tree({Line, _, Indentation, Text}) -> erl_syntax:set_pos(erl_syntax:comment(Indentation, Text), Line).

node(Tree) ->
    Inside = [[node(T) || T <- Group] || Group <- erl_syntax:subtrees(Tree)],
    Lines = [L || L <- [line(erl_syntax:get_pos(Tree)) | [L || N <- lists:append(Inside), L <- [N#node.from, N#node.to]]], L =/= none],
    case Lines of
        [] -> #node{from = none, to = none, tree = Tree, inside = Inside};
        _ -> #node{from = lists:min(Lines), to = lists:max(Lines), tree = Tree, inside = Inside}
    end.

line(Line) when is_integer(Line), Line >= 1 -> Line;
line(Line) when is_integer(Line) -> none;
line({Line, _}) when is_integer(Line) -> line(Line);
line({Line, _, _}) when is_integer(Line) -> line(Line);
line({_, Line}) when is_integer(Line) -> line(Line);
line({_, Line, _}) when is_integer(Line) -> line(Line);
line(Pos) ->
    case is_list(Pos) andalso erl_anno:is_anno(Pos) of
        true -> line(erl_anno:line(Pos));
        false -> exit({bad_position, Pos})
    end.

%% The tree that a node stands for, with the comments that its subtrees got.
whole(#node{tree = Tree, inside = []}) -> Tree;
whole(#node{tree = Tree, inside = Inside}) ->
    case [[whole(N) || N <- Group] || Group <- Inside] of
        Same when Same =:= [] -> Tree;
        Groups ->
            case [[N#node.tree || N <- Group] || Group <- Inside] of
                Groups -> unchanged(Tree, Groups);
                _ -> erl_syntax:update_tree(Tree, Groups)
            end
    end.

unchanged(Tree, Groups) ->
    case erl_syntax:subtrees(Tree) of
        Groups -> Tree;
        _ -> erl_syntax:update_tree(Tree, Groups)
    end.

before(#node{tree = Tree} = Node, Comment) -> Node#node{tree = erl_syntax:add_precomments([tree(Comment)], Tree)}.
behind(#node{tree = Tree} = Node, Comment) -> Node#node{tree = erl_syntax:add_postcomments([tree(Comment)], Tree)}.

insert(#node{from = From} = Node, {Line, _, _, _} = Comment) when Line < From -> before(Node, Comment);
insert(#node{from = Same, to = Same} = Node, Comment) -> behind(Node, Comment);
insert(#node{to = To, inside = Inside} = Node, {Line, _, _, _} = Comment) ->
    At = min(Line, To),
    case [N || N <- lists:append(Inside), N#node.from =/= none] of
        [] -> behind(Node, Comment);
        Nodes ->
            Chosen = choose(Nodes, At, none),
            Node#node{inside = replace(Inside, Chosen, fun(N) -> into(N, At, Comment) end)}
    end.

%% The last subtree that begins on the line or before it, or the one after it if the line lies between them.
choose([#node{from = From} = Node | Nodes], Line, _) when From =< Line -> choose(Nodes, Line, Node);
choose([Node | _], _, none) -> Node;
choose([#node{from = From} = Node | Nodes], Line, #node{to = To} = Last) when From > Line ->
    case lists:reverse([N || N <- Nodes, N#node.from =< Line]) of
        [Later | _] -> Later;
        [] when To < Line -> Node;
        [] -> Last
    end;
choose([], _, Last) -> Last.

into(#node{from = From} = Node, Line, Comment) when Line < From -> before(Node, Comment);
into(Node, _, Comment) -> insert(Node, Comment).

replace([Group | Groups], Chosen, Change) ->
    case replace_in(Group, Chosen, Change) of
        Group -> [Group | replace(Groups, Chosen, Change)];
        New -> [New | Groups]
    end;
replace([], _, _) -> [].

replace_in([Chosen | Nodes], Chosen, Change) -> [Change(Chosen) | Nodes];
replace_in([Node | Nodes], Chosen, Change) -> [Node | replace_in(Nodes, Chosen, Change)];
replace_in([], _, _) -> [].
