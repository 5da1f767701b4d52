-module(gerl_docs_tree).
-moduledoc "Documentation as a tree of HTML's tags (`application/erlang+html`): what is allowed in it, and its white space.".
-export([tags/0, is_inline/1, validate/1, normalize/1]).

-define(INLINE, [a, i, b, em, strong, code]).
-define(BLOCKS, [p, 'div', blockquote, br, pre, ul, ol, li, dl, dt, dd, h1, h2, h3, h4, h5, h6]).

-doc "All tags.".
-spec tags() -> [atom()].
tags() -> [a, p, 'div', blockquote, br, h1, h2, h3, h4, h5, h6, i, b, em, strong, pre, code, ul, ol, li, dl, dt, dd].

-doc "Whether a tag, or part of a tree, belongs into running text.".
-spec is_inline(term()) -> boolean().
is_inline({Tag, _, _}) -> is_inline(Tag);
is_inline(Tag) when is_atom(Tag) -> lists:member(Tag, ?INLINE);
is_inline(Text) -> is_binary(Text).

%%% ---- validation --------------------------------------------------------------------------------------

-doc "Throws what is not allowed in a tree.".
-spec validate(term()) -> ok.
validate(Tree) -> check(Tree, []).

check([], _) -> ok;
check([Text | Rest], Path) when is_binary(Text) -> check(Rest, Path);
check([Element | Rest], Path) when is_tuple(Element) ->
    ok = check(Element, Path),
    check(Rest, Path);
check({br, Attributes, Content} = Element, Path) ->
    Attributes =:= [] andalso Content =:= [] orelse throw({content_to_allowed_in_br, Element, Path}),
    ok;
check({Tag, Attributes, Content}, Path) ->
    Parent = case Path of
                 [] -> none;
                 [Above | _] -> Above
             end,
    Within = fun(Tags) -> lists:any(fun(T) -> lists:member(T, Path) end, Tags) end,
    [throw({Why, Tag, Path})
     || {Why, true} <- [{only_li_allowed_within_ul_or_ol, lists:member(Parent, [ul, ol]) andalso Tag =/= li},
                        {only_dd_or_dt_allowed_within_dl, Parent =:= dl andalso Tag =/= dd andalso Tag =/= dt},
                        {nested_p_not_allowed, Tag =:= p andalso Within([p])},
                        {cannot_put_block_tag_within_pre, not is_inline(Tag) andalso Within([pre, h1, h2, h3, h4, h5, h6])},
                        {cannot_put_inline_tag_outside_block, lists:member(Tag, ?BLOCKS) andalso Within(?INLINE)},
                        {invalid_tag, not lists:member(Tag, tags())}]],
    lists:all(fun({K, V}) -> is_atom(K) andalso is_binary(V) end, Attributes) orelse throw({invalid_attribute, {Tag, Attributes}}),
    check(Content, [Tag | Path]).

%%% ---- white space -------------------------------------------------------------------------------------

-doc """
Makes white space what it means: one blank between words and none at the ends of a block, but all of it in `pre`. Text that
is in no block becomes a paragraph.
""".
-spec normalize([term()]) -> [term()].
normalize(Tree) -> paragraphs(blocks(Tree)).

%% Blocks, and runs of text between them.
blocks([]) -> [];
blocks([{pre, Attributes, Content} | Rest]) -> [{pre, Attributes, shorn(verbatim(listed(Content)))} | blocks(Rest)];
blocks(Elements) ->
    case lists:splitwith(fun is_inline/1, Elements) of
        {[], [{Tag, Attributes, Content} | Rest]} -> [{Tag, Attributes, blocks(listed(Content))} | blocks(Rest)];
        {Run, Rest} ->
            {Collapsed, _} = collapse(Run, true),
            {Text, _} = cut(Collapsed),
            Text ++ blocks(Rest)
    end.

listed(Content) when is_binary(Content) -> [Content];
listed(Content) -> Content.

%% White space is one blank; After says that the text before ends with one (or has not begun).
collapse([], After) -> {[], After};
collapse([A, B | Rest], After) when is_binary(A), is_binary(B) -> collapse([<<A/binary, B/binary>> | Rest], After);
collapse([Text | Rest], After) when is_binary(Text) ->
    Single = re:replace(Text, <<"\\s+">>, <<" ">>, [unicode, global, {return, binary}]),
    case Single of
        <<" ", Trimmed/binary>> when After -> more(Trimmed, Rest, true);
        _ -> more(Single, Rest, After)
    end;
collapse([{Tag, Attributes, Content} | Rest], After) ->
    {Inner, Then} = collapse(listed(Content), After),
    {Others, Last} = collapse(Rest, Then),
    case Inner =:= [] andalso not (Tag =:= a andalso lists:keymember(id, 1, Attributes)) of
        true -> {Others, Last};
        false -> {[{Tag, Attributes, Inner} | Others], Last}
    end.

more(<<>>, Rest, After) -> collapse(Rest, After);
more(Text, Rest, _) ->
    {Others, Last} = collapse(Rest, binary:last(Text) =:= $\s),
    case Others of
        [Next | Behind] when is_binary(Next) -> {[<<Text/binary, Next/binary>> | Behind], Last};
        _ -> {[Text | Others], Last}
    end.

%% Without the blank at the end; whether there was any text to look at.
cut(Elements) -> cut(lists:reverse(Elements), []).

cut([], Behind) -> {Behind, false};
cut([Text | Before], Behind) when is_binary(Text) ->
    Size = byte_size(Text) - 1,
    case Text of
        <<" ">> -> {lists:reverse(Before, Behind), true};
        <<Most:Size/binary, " ">> -> {lists:reverse(Before, [Most | Behind]), true};
        _ -> {lists:reverse(Before, [Text | Behind]), true}
    end;
cut([{Tag, Attributes, Content} | Before], Behind) ->
    case cut(Content) of
        {[], true} -> {lists:reverse(Before, Behind), true};
        {Inner, true} -> {lists:reverse(Before, [{Tag, Attributes, Inner} | Behind]), true};
        {_, false} -> cut(Before, [{Tag, Attributes, Content} | Behind])
    end.

%% Within pre: code ends without white space.
verbatim([{code, Attributes, Content} | Rest]) ->
    Inner = case lists:reverse(verbatim(listed(Content))) of
                [Last | Before] when is_binary(Last) -> lists:reverse(Before, [string:trim(Last, trailing)]);
                _ -> verbatim(listed(Content))
            end,
    [{code, Attributes, Inner} | verbatim(Rest)];
verbatim([{Tag, Attributes, Content} | Rest]) -> [{Tag, Attributes, verbatim(listed(Content))} | verbatim(Rest)];
verbatim([A, B | Rest]) when is_binary(A), is_binary(B) -> verbatim([<<A/binary, B/binary>> | Rest]);
verbatim([<<>> | Rest]) -> verbatim(Rest);
verbatim([Text | Rest]) -> [Text | verbatim(Rest)];
verbatim([]) -> [].

%% Without the newlines that stand right after the beginning of pre and before its end.
shorn(Content) -> element(1, end_shorn(element(1, start_shorn(Content)))).

start_shorn([<<$\n>> | Rest]) -> {Rest, true};
start_shorn([<<$\n, Text/binary>> | Rest]) -> {[Text | Rest], true};
start_shorn([Text | _] = Content) when is_binary(Text) -> {Content, true};
start_shorn([{Tag, Attributes, Content} | Rest]) ->
    case start_shorn(Content) of
        {[], true} -> {Rest, true};
        {Inner, true} -> {[{Tag, Attributes, Inner} | Rest], true};
        {_, false} ->
            {Others, Found} = start_shorn(Rest),
            {[{Tag, Attributes, Content} | Others], Found}
    end;
start_shorn([]) -> {[], false}.

end_shorn([]) -> {[], false};
end_shorn([First | Rest]) ->
    case end_shorn(Rest) of
        {Others, true} -> {[First | Others], true};
        {_, false} when is_binary(First) ->
            Size = byte_size(First) - 1,
            case First of
                <<$\n>> -> {Rest, true};
                <<Most:Size/binary, $\n>> -> {[Most | Rest], true};
                _ -> {[First | Rest], true}
            end;
        {_, false} ->
            {Tag, Attributes, Content} = First,
            case end_shorn(Content) of
                {[], true} -> {[], true};
                {Inner, Found} -> {[{Tag, Attributes, Inner} | Rest], Found}
            end
    end.

paragraphs([]) -> [];
paragraphs([Element | Rest] = Elements) ->
    case lists:splitwith(fun is_text/1, Elements) of
        {[], _} -> [inner(Element) | paragraphs(Rest)];
        {Text, Others} -> [{p, [], [inner(T) || T <- Text]} | paragraphs(Others)]
    end.

is_text({_, _, []}) -> false;
is_text(Element) -> is_inline(Element).

inner({Tag, Attributes, Content}) -> {Tag, Attributes, [inner(E) || E <- listed(Content)]};
inner(Text) -> Text.
