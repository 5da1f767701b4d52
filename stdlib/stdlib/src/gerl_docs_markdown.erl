-module(gerl_docs_markdown).
-moduledoc """
Markdown, as far as documentation uses it: paragraphs, headings, lists, quotes, code in fences or indented by four, tables
(which stay as they are), code and emphasis in running text. Of links only the text remains, HTML is refused.
""".
-export([tree/1]).

-doc "The tree of a text.".
-spec tree(binary()) -> [term()].
tree(Text) ->
    %% [text][1] is a link that is defined elsewhere.
    Plain = re:replace(Text, <<"\\[([^\\]]*?)\\]\\[(.*?)\\]">>, <<"\\1">>, [{return, binary}, global]),
    blocks(binary:split(Plain, [<<"\r\n">>, <<"\n">>], [global])).

%%% ---- blocks ------------------------------------------------------------------------------------------

blocks([]) -> [];
blocks([Line | Rest] = Lines) ->
    {Indent, Stripped} = stripped(Line),
    case kind(Stripped) of
        _ when Stripped =:= <<>> -> blocks(Rest);
        {List, _} when List =:= ul; List =:= ol ->
            {Items, Others} = items(List, Indent, Lines, []),
            [{List, [], Items} | blocks(Others)];
        _ when Indent >= 4 ->
            {Code, Others} = lists:splitwith(fun(L) -> binary:longest_common_prefix([L, <<"    ">>]) =:= 4 end, Lines),
            [code([binary:part(L, 4, byte_size(L) - 4) || L <- Code], []) | blocks(Others)];
        {heading, Tag, Title} -> [{Tag, [], inline(Title)} | blocks(Rest)];
        quote ->
            {Quoted, Others} = lists:splitwith(fun(L) -> binary:longest_common_prefix([element(2, stripped(L)), <<">">>]) =:= 1 end, Lines),
            %% OTP does not take an empty line within a quote for the end of a paragraph.
            [{blockquote, [], blocks([unquoted(S) || L <- Quoted, {_, S} <- [stripped(L)], S =/= <<">">>])} | blocks(Others)];
        {fence, Language} ->
            {Code, Others} = fenced(Rest, []),
            [code(Code, Language) | blocks(Others)];
        {comment, After} -> blocks(comment([After | Rest]));
        table -> table(Lines);
        text -> paragraph(Lines)
    end.

stripped(Line) ->
    Stripped = string:trim(Line, leading, " "),
    {byte_size(Line) - byte_size(Stripped), Stripped}.

%% What a line begins, without the blanks before it.
kind(<<Bullet, " ", Rest/binary>>) when Bullet =:= $-; Bullet =:= $*; Bullet =:= $+ -> {ul, Rest};
kind(<<Digit, ". ", Rest/binary>>) when Digit >= $0, Digit =< $9 -> {ol, Rest};
kind(<<"#", _/binary>> = Line) ->
    case re:run(Line, <<"^(#{1,6}) (.*)$">>, [{capture, all_but_first, binary}]) of
        {match, [Marks, Title]} -> {heading, element(byte_size(Marks), {h1, h2, h3, h4, h5, h6}), Title};
        nomatch -> text
    end;
kind(<<">", _/binary>>) -> quote;
kind(<<"```", Language/binary>>) -> {fence, language(Language)};
kind(<<"<!--", After/binary>>) -> {comment, After};
kind(<<"|", _/binary>>) -> table;
kind(<<"<", _/binary>> = Line) ->
    case re:run(Line, <<"^</?(p|br|hr|div|span|pre|code|em|strong|a|b|i|u|ul|ol|li|dl|dt|dd|table|tr|td|th|h[1-6]|img|details|summary|sub|sup|small)>">>) of
        nomatch -> text;
        _ -> exit({html_not_supported, {"Inline HTML is not supported in shell_docs markdown parsing", Line}})
    end;
kind(_) -> text.

language(After) ->
    case string:trim(hd(binary:split(After, [<<"\t">>, <<" ">>]))) of
        <<>> -> [];
        Name -> [{class, <<"language-", Name/binary>>}]
    end.

unquoted(<<">> ", Line/binary>>) -> Line;
unquoted(<<"> ", Line/binary>>) -> Line;
unquoted(<<">", Line/binary>>) -> Line.

code([], Attributes) -> {pre, [], [{code, Attributes, [<<"\n">>]}]};
code(Lines, Attributes) -> {pre, [], [{code, Attributes, [iolist_to_binary([[L, $\n] || L <- Lines])]}]}.

fenced([], Code) -> {lists:reverse(Code), []};
fenced([Line | Rest], Code) ->
    case string:trim(Line) of
        <<"```">> -> {lists:reverse(Code), Rest};
        _ -> fenced(Rest, [Line | Code])
    end.

comment([]) -> error(missing_close_comment);
comment([Line | Rest]) ->
    case binary:split(Line, <<"-->">>) of
        [_] -> comment(Rest);
        [_, After] -> [After | Rest]
    end.

%% A table has a line of dashes after its head, and the same number of cells in each line.
table(Lines) ->
    {Rows, Others} = lists:splitwith(fun(L) -> cells(L) =/= none end, Lines),
    case Rows of
        [Head, Dashes | _] ->
            Same = lists:all(fun(R) -> cells(R) =:= cells(Head) end, Rows),
            case Same andalso re:run(Dashes, <<"^[|:\\s-]+$">>) =/= nomatch of
                true -> [{pre, [], [{code, [{class, <<"table">>}], [<<R/binary, "\n">> || R <- Rows]}]} | blocks(Others)];
                false -> paragraph(Lines)
            end;
        _ -> paragraph(Lines)
    end.

cells(Line) ->
    case re:run(Line, <<"^\\|.*\\|\\s*$">>) of
        nomatch -> none;
        _ -> length(binary:matches(Line, <<"|">>)) - length(binary:matches(Line, <<"\\|">>))
    end.

%% Lines are a paragraph up to an empty line or the beginning of something else; a line of = or - under the first one
%% makes it a heading.
paragraph([First | Rest]) -> paragraph(Rest, [element(2, stripped(First))]).

paragraph([Line | Rest] = Lines, Text) ->
    {Indent, Stripped} = stripped(Line),
    Underlined = case Text of
                     [_] -> re:run(Stripped, <<"^(=+|-+)$">>, [{capture, none}]) =:= match;
                     _ -> false
                 end,
    if
        Underlined, binary_part(Stripped, 0, 1) =:= <<"=">> -> [{h1, [], inline(hd(Text))} | blocks(Rest)];
        Underlined -> [{h2, [], inline(hd(Text))} | blocks(Rest)];
        Indent >= 4 -> finished(Text, Lines);
        true ->
            case kind(Stripped) of
                text when Stripped =/= <<>> -> paragraph(Rest, [Stripped | Text]);
                _ -> finished(Text, Lines)
            end
    end;
paragraph([], Text) -> finished(Text, []).

finished(Text, Rest) ->
    case inline(joined(lists:reverse(Text))) of
        [] -> blocks(Rest); % there was nothing but a link's target
        Inline -> [{p, [], Inline} | blocks(Rest)]
    end.

joined([Line]) -> Line;
joined([Line | Lines]) ->
    Next = joined(Lines),
    case Line =/= <<>> andalso binary:last(Line) of
        $\s -> <<Line/binary, Next/binary>>;
        _ -> <<Line/binary, " ", Next/binary>>
    end.

%%% ---- lists -------------------------------------------------------------------------------------------

%% An item goes on up to the next one that stands no deeper, or to an empty line with no indented one after it.
items(List, Indent, [Line | Rest] = Lines, Done) ->
    {Deep, Stripped} = stripped(Line),
    case kind(Stripped) of
        {List, First} when Deep =< Indent ->
            {Lines1, Others} = item(Rest, Indent, []),
            items(List, Indent, Others, [{li, [], blocks([without_bullet(First) | Lines1])} | Done]);
        _ -> {lists:reverse(Done), Lines}
    end;
items(_, _, [], Done) -> {lists:reverse(Done), []}.

without_bullet(Line) ->
    case kind(string:trim(Line, leading, " ")) of
        {List, Rest} when List =:= ul; List =:= ol -> without_bullet(Rest);
        _ -> string:trim(Line, leading, " ")
    end.

item([], _, Lines) -> {lists:reverse(Lines), []};
item([Line | Rest] = All, Indent, Lines) ->
    {Deep, Stripped} = stripped(Line),
    case {kind(Stripped), Rest} of
        {{List, _}, _} when Deep =< Indent, List =:= ul orelse List =:= ol -> {lists:reverse(Lines), All};
        {_, [<<" ", _/binary>> | _]} when Stripped =:= <<>> -> item(Rest, Indent, [<<>> | Lines]);
        _ when Stripped =:= <<>> -> {lists:reverse(Lines), All};
        _ -> item(Rest, Indent, [binary:part(Line, min(Deep, 2), byte_size(Line) - min(Deep, 2)) | Lines])
    end.

%%% ---- running text ------------------------------------------------------------------------------------

inline(Text) ->
    Unlinked = lists:foldl(fun({Link, By}, T) -> re:replace(T, Link, By, [{return, binary}, global]) end, Text,
                           [{<<"\\[([^\\]]*?)\\]\\((.*?)\\)">>, <<"\\1">>}, {<<"\\[(.*)\\]\\((.*?)\\)">>, <<"\\1">>},
                            {<<"{:[^}]*}">>, <<>>}, {<<"\\[([^\\]]*?)\\]: (.*?)">>, <<>>}]),
    {Elements, _} = spans(Unlinked, none, start, <<>>, []),
    Elements.

%% Goes up to the Mark that closes an emphasis. Before is the character before, Text what was read since the last element.
spans(<<>>, none, _, Text, Done) -> {lists:reverse(put(Text, Done)), <<>>};
spans(<<>>, _, _, _, _) -> {open, <<>>};
spans(<<"`", Rest/binary>>, Mark, _, Text, Done) ->
    {Code, After} = code_span(Rest, <<>>),
    spans(After, Mark, $`, <<>>, case Code of
                                     {open, Read} -> put(<<Text/binary, Read/binary>>, Done);
                                     _ -> [{code, [], [Code]} | put(Text, Done)]
                                 end);
spans(<<$\\, C, Rest/binary>>, Mark, _, Text, Done) when C > $\s, C < $0; C > $9, C < $A; C > $Z, C < $a; C > $z, C < 127 ->
    spans(Rest, Mark, C, <<Text/binary, C>>, Done);
spans(Chars, Mark, Before, Text, Done) when Mark =/= none, binary_part(Chars, 0, 1) =:= binary_part(Mark, 0, 1) ->
    Size = byte_size(Mark),
    case Chars of
        <<Mark:Size/binary, After/binary>> ->
            case Before =/= $\s andalso (After =:= <<>> orelse is_edge(binary:first(After))) of
                true -> {lists:reverse(put(Text, Done)), After};
                false -> plain(Chars, Mark, Text, Done)
            end;
        _ -> emphasis(Chars, Mark, Before, Text, Done)
    end;
spans(<<C, _/binary>> = Chars, Mark, Before, Text, Done) when C =:= $*; C =:= $_ -> emphasis(Chars, Mark, Before, Text, Done);
spans(Chars, Mark, _, Text, Done) -> plain(Chars, Mark, Text, Done).

plain(<<C, Rest/binary>>, Mark, Text, Done) -> spans(Rest, Mark, C, <<Text/binary, C>>, Done).

emphasis(<<C, C, Rest/binary>> = Chars, Mark, Before, Text, Done) when Rest =/= <<>> -> emphasis(<<C, C>>, em, Rest, Chars, Mark, Before, Text, Done);
emphasis(<<C, Rest/binary>> = Chars, Mark, Before, Text, Done) -> emphasis(<<C>>, i, Rest, Chars, Mark, Before, Text, Done).

emphasis(New, Tag, Rest, Chars, Mark, Before, Text, Done) ->
    Opens = (Before =:= start orelse is_edge(Before)) andalso Rest =/= <<>> andalso binary:first(Rest) =/= $\s,
    case Opens andalso spans(Rest, New, start, <<>>, []) of
        {Inner, After} when is_list(Inner) -> spans(After, Mark, $*, <<>>, [{Tag, [], Inner} | put(Text, Done)]);
        _ -> plain(Chars, Mark, Text, Done)
    end.

is_edge(C) -> lists:member(C, " \n\r.,():;!?\"'[]{}*_-/").

put(<<>>, Done) -> Done;
put(Text, Done) -> [Text | Done].

%% `m:lists` and the like are links to documentation.
code_span(<<Kind, ":", Rest/binary>>, <<>>) when Kind =:= $t; Kind =:= $m; Kind =:= $e; Kind =:= $c -> code_text(Rest, <<>>);
code_span(Rest, <<>>) -> code_text(Rest, <<>>).

code_text(<<"\\`", Rest/binary>>, Code) -> code_text(Rest, <<Code/binary, "`">>);
code_text(<<"`", Rest/binary>>, Code) -> {Code, Rest};
code_text(<<C, Rest/binary>>, Code) -> code_text(Rest, <<Code/binary, C>>);
code_text(<<>>, Code) -> {{open, Code}, <<>>}.
