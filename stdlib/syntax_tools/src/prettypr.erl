-module(prettypr).
-moduledoc """
Layout of text in two dimensions.

A document stands for a set of layouts; `format/3` chooses one of them. The choices are those of `sep/1` (all beside
each other, or all below each other) and `par/2` (a paragraph that is filled). Of two layouts the first is taken if
its first line, up to the next line break, is not too wide; what comes after that does not count. This is the rule of
John Hughes's library ("The Design of a Pretty-printing Library", 1995), and Wadler's.

The paper width is that of a whole line, the line width (or ribbon) that of its text without the indentation.
""".

-export([text/1, null_text/1, text_par/1, text_par/2, empty/0, break/1, nest/2, beside/2, above/2, sep/1, par/1, par/2, follow/2,
         follow/3, floating/1, floating/3, format/1, format/2, format/3, best/3]).
-export_type([document/0]).

-type deep_string() :: [char() | deep_string()].

-doc "A document: a set of layouts.".
-type document() :: null
                  | {text, non_neg_integer(), deep_string()}
                  | {nest, integer(), document()}
                  | {beside | above, document(), document()}
                  | {sep, [document()]}
                  | {par, [document()], integer()}
                  | {float, document(), integer(), integer()}
                  | {flat, document()}.

-doc "A piece of text without line breaks. Tabs go to the next multiple of eight columns within the text.".
-spec text(string()) -> document().
text(String) -> {text, width(lists:flatten(String), 0), String}.

width([$\t | Rest], N) -> width(Rest, N - N rem 8 + 8);
width([_ | Rest], N) -> width(Rest, N + 1);
width([], N) -> N.

-doc "Text that takes no room in the layout, such as markup.".
-spec null_text(string()) -> document().
null_text(String) -> {text, 0, String}.

-doc "The same as `text_par(Text, 0)`.".
-spec text_par(string()) -> document().
text_par(String) -> text_par(String, 0).

-doc "The words of a text as a paragraph. The first line is indented so many columns more than the others, or less.".
-spec text_par(string(), integer()) -> document().
text_par(String, Indentation) ->
    Words = [text(W) || W <- string:lexemes(String, " \t\n")],
    if
        Indentation > 0 -> nest(Indentation, par(Words, -Indentation));
        true -> par(Words, -Indentation)
    end.

-doc "The document without any text or line.".
-spec empty() -> document().
empty() -> null.

-doc "A document that ends with a line break.".
-spec break(document()) -> document().
break(Doc) -> above(Doc, null).

-doc "A document so many columns further right.".
-spec nest(integer(), document()) -> document().
nest(0, Doc) -> Doc;
nest(N, Doc) when is_integer(N) -> {nest, N, Doc}.

-doc "The second document behind the last character of the first.".
-spec beside(document(), document()) -> document().
beside(First, Second) -> {beside, First, Second}.

-doc "The second document below the first.".
-spec above(document(), document()) -> document().
above(First, Second) -> {above, First, Second}.

-doc "The documents beside each other with a space between them, if that makes a single line that is not too wide; otherwise below each other.".
-spec sep([document()]) -> document().
sep(Docs) -> {sep, Docs}.

-doc "The same as `par(Docs, 0)`.".
-spec par([document()]) -> document().
par(Docs) -> par(Docs, 0).

-doc "The documents as the words of a paragraph whose lines but the first are so many columns further right.".
-spec par([document()], integer()) -> document().
par(Docs, Offset) when is_integer(Offset) -> {par, Docs, Offset}.

-doc "The same as `follow(First, Second, 0)`.".
-spec follow(document(), document()) -> document().
follow(First, Second) -> follow(First, Second, 0).

-doc "The second document after a space behind the first, or on a line of its own so many columns further right.".
-spec follow(document(), document(), integer()) -> document().
follow(First, Second, Offset) -> beside(par([First, text("")], Offset), Second).

-doc "The same as `floating(Doc, 0, 0)`.".
-spec floating(document()) -> document().
floating(Doc) -> floating(Doc, 0, 0).

-doc """
A document that changes places with the floating document after it if it has the higher priority: the horizontal one
for documents beside each other, the vertical one for documents below each other.
""".
-spec floating(document(), integer(), integer()) -> document().
floating(Doc, Horizontal, Vertical) when is_integer(Horizontal), is_integer(Vertical) -> {float, Doc, Horizontal, Vertical}.

-doc "The same as `format(Doc, 80)`.".
-spec format(document()) -> string().
format(Doc) -> format(Doc, 80).

-doc "The same as `format(Doc, PaperWidth, 65)`.".
-spec format(document(), integer()) -> string().
format(Doc, PaperWidth) -> format(Doc, PaperWidth, 65).

-doc "The text of the best layout. Text that cannot be broken may be wider than the widths allow.".
-spec format(document(), integer(), integer()) -> string().
format(Doc, PaperWidth, LineWidth) ->
    {Lines, Last} = lines([Doc], {start, 0}, {PaperWidth, LineWidth}, []),
    Strings = [[lists:duplicate(Indent, $\s), Text] || {Indent, _, Text} <- Lines],
    lists:flatten(lists:join($\n, Strings ++ case Last of open when Lines =/= [] -> [[]]; _ -> [] end)).

-doc "The best layout as a document that leaves no choice.".
-spec best(document(), integer(), integer()) -> empty | document().
best(Doc, PaperWidth, LineWidth) ->
    {Lines, Last} = lines([Doc], {start, 0}, {PaperWidth, LineWidth}, []),
    Docs = [nest(Indent, {text, Column - Indent, Text}) || {Indent, Column, Text} <- Lines],
    case lists:reverse(Docs) of
        [] -> null;
        [Final | Before] ->
            Start = case Last of open -> above(Final, null); closed -> Final end,
            lists:foldl(fun above/2, Start, Before)
    end.

%% All lines of a layout, and whether a line break follows the last one. A line is its indentation, the column
%% where it ends, and its text.
lines(Items, Line, Widths, Done) ->
    case line(Items, Line, Widths, false) of
        {broken, Full, Base, Rest} -> lines(Rest, {start, Base}, Widths, [full(Full) | Done]);
        {last, {start, _}} -> {lists:reverse(Done), open};
        {last, Full} -> {lists:reverse([full(Full) | Done]), closed}
    end.

full({Indent, Column, Texts}) -> {Indent, Column, lists:reverse(Texts)}.

%% One line of the items, which stand beside each other. The line so far is {start, Base} as long as it has no text.
%% A strict line must not become too wide: it is one of two alternatives, and `fail` stands for taking the other.
line([], Line, _, _) -> {last, Line};
line([null | Items], Line, Widths, Strict) -> line(Items, Line, Widths, Strict);
line([barrier | Items], Line, Widths, Strict) -> line(Items, Line, Widths, Strict);
line([{text, Width, Text} | Items], Line, Widths, Strict) ->
    New = append(Width, Text, Line),
    case Strict andalso too_wide(New, Widths) of
        true -> fail;
        false -> line(Items, New, Widths, Strict)
    end;
line([{nest, N, Doc} | Items], {start, Base}, Widths, Strict) -> line([Doc | Items], {start, Base + N}, Widths, Strict);
line([{nest, _, Doc} | Items], Line, Widths, Strict) -> line([Doc | Items], Line, Widths, Strict);
line([{beside, First, Second} | Items], Line, Widths, Strict) -> line([First, Second | Items], Line, Widths, Strict);
line([{above, First, Second} | Items], Line, Widths, Strict) ->
    line([First, {below, base(First, Line), Second} | Items], Line, Widths, Strict);
line([{below, Base, Doc} | Items], {start, _}, Widths, Strict) -> line([Doc | Items], {start, Base}, Widths, Strict);
line([{below, Base, Doc} | Items], Line, _, _) -> {broken, Line, Base, [Doc | Items]};
line([{sep, [Doc]} | Items], Line, Widths, Strict) -> line([Doc | Items], Line, Widths, Strict);
line([{sep, [First | Rest] = Docs} | Items], Line, Widths, Strict) ->
    Base = base(First, Line),
    choose([{flat, D} || D <- spaced(Docs)] ++ Items, [first(First) | [{below, Base, D} || D <- Rest]] ++ Items, Line, Widths, Strict);
line([hole | Items], {start, _}, Widths, Strict) -> line(Items, {0, 0, []}, Widths, Strict);
line([hole | Items], Line, Widths, Strict) -> line(Items, Line, Widths, Strict);
line([{par, [First | _] = Docs, Offset} | Items], Line, Widths, Strict) ->
    line([{fill, base(First, Line) + Offset, Docs} | Items], Line, Widths, Strict);
line([{fill, _, [Doc]} | Items], Line, Widths, Strict) -> line([Doc | Items], Line, Widths, Strict);
line([{fill, Base, [First, Second | Rest]} | Items], Line, Widths, Strict) ->
    Same = [{flat, First}, {text, 1, " "}, {fill, Base, [{flat, Second} | Rest]} | Items],
    choose(Same, [First, {below, Base, {fill, Base, [Second | Rest]}} | Items], Line, Widths, Strict);
line([{flat, Doc} | Items], Line, Widths, Strict) ->
    case flat(Doc) of
        fail -> fail;
        Docs -> line(Docs ++ Items, Line, Widths, Strict)
    end;
line([{float, _, _, _} | _] = Items, Line, Widths, Strict) ->
    case settle(Items, Line) of
        [{float, Doc, _, _} | Rest] -> line([Doc, barrier | Rest], Line, Widths, Strict);
        Moved -> line(Moved, Line, Widths, Strict)
    end.

%% An empty document that comes first in a column leaves an empty line.
first(null) -> hole;
first(Doc) -> Doc.

choose(First, Second, Line, Widths, Strict) ->
    case line(First, Line, Widths, true) of
        fail -> line(Second, Line, Widths, Strict);
        Done -> Done
    end.

append(Width, Text, {start, Base}) ->
    Indent = max(Base, 0),
    {Indent, Indent + Width, [Text]};
append(Width, Text, {Indent, Column, Texts}) -> {Indent, Column + Width, [Text | Texts]}.

too_wide({Indent, Column, _}, {Paper, Ribbon}) -> Column > Paper orelse Column - Indent > Ribbon.

%% The column below which the lines after a document's first stand, if it is laid out here. Indentation of
%% its first line counts only at the start of a line; elsewhere, the other lines move left by as much.
base(_, {start, Base}) -> Base;
base(First, {_, Column, _}) -> Column - lead(First).

lead({nest, N, Doc}) -> N + lead(Doc);
lead({above, Doc, _}) -> lead(Doc);
lead({beside, Doc, _}) -> lead(Doc);
lead({sep, [Doc | _]}) -> lead(Doc);
lead({par, [Doc | _], _}) -> lead(Doc);
lead({float, Doc, _, _}) -> lead(Doc);
lead({flat, Doc}) -> lead(Doc);
lead(_) -> 0.

%% What a document is when it must be a single line: `fail` if it cannot be.
flat(null) -> [];
flat({text, _, _} = Doc) -> [Doc];
flat({nest, _, Doc}) -> flat(Doc);
flat({beside, First, Second}) -> [{flat, First}, {flat, Second}];
flat({above, _, _}) -> fail;
flat({sep, Docs}) -> [{flat, D} || D <- spaced(Docs)];
flat({par, Docs, _}) -> [{flat, D} || D <- spaced(Docs)];
flat({float, Doc, H, V}) -> [{float, {flat, Doc}, H, V}];
flat({flat, Doc}) -> flat(Doc).

spaced(Docs) -> lists:join({text, 1, " "}, Docs).

%% The items with the first of them, a floating document, where it belongs among those after it. The others are
%% put in order first, so that a document can pass several.
settle([Doc | Items], Line) ->
    case head(Doc) of
        {Float, []} -> place(Float, Items, Line);
        {Float, [{beside, Next} | Frames]} ->
            case place(Float, [Next], begun(Line)) of
                [Float, Same] -> [frames(beside(Float, Same), Frames) | Items];
                [Moved] -> [frames(Moved, Frames) | Items];
                [A, B] -> [frames(beside(A, B), Frames) | Items]
            end;
        {Float, [{above, Next} | Frames]} when element(1, Line) =:= start ->
            case place(Float, [{below, 0, Next}], Line) of
                [First, {below, 0, Second}] -> [frames(above(First, Second), Frames) | Items]
            end;
        _ -> [Doc | Items]
    end;
settle([], _) -> [].

place(Float, [null | Items], Line) -> place(Float, Items, Line);
place(Float, [{below, Base, Doc} | Items] = All, {start, _} = Line) ->
    [After] = settle([Doc], Line),
    case head(After) of
        {Next, Frames} ->
            case element(4, bare(Float)) > element(4, bare(Next)) of
                true -> [Next, {below, Base, frames(pass(fun above/2, Float, Frames), tail(Frames))} | Items];
                false -> [Float | All]
            end;
        none -> [Float | All]
    end;
place(Float, [Doc | _] = Items, Line) when element(1, Doc) =/= below ->
    [After | Rest] = settle(Items, begun(Line)),
    case head(After) of
        {Next, Frames} ->
            case element(3, bare(Float)) > element(3, bare(Next)) of
                true -> swapped(Float, Next, Frames, Rest);
                false -> [Float, After | Rest]
            end;
        none -> [Float, After | Rest]
    end;
place(Float, Items, _) -> [Float | Items].

swapped(Float, Next, [], Rest) -> [Next, Float | Rest];
swapped(Float, Next, [{beside, Doc} | Frames], Rest) -> [frames(beside(Next, beside(Float, Doc)), Frames) | Rest];
swapped(Float, Next, [{above, Doc} | Frames], Rest) -> [frames(above(Next, beside(Float, Doc)), Frames) | Rest].

pass(_, Float, []) -> Float;
pass(Join, Float, [{_, Doc} | _]) -> Join(Float, Doc).

tail([]) -> [];
tail([_ | Frames]) -> Frames.

frames(Doc, Frames) -> lists:foldl(fun({Join, D}, Whole) -> {Join, Whole, D} end, Doc, Frames).

begun({start, Base}) -> {Base, Base, []};
begun(Line) -> Line.

bare({flat, Doc}) -> bare(Doc);
bare(Float) -> Float.

%% The floating document that a document starts with, and what is joined to it, from the inside out.
head({float, _, _, _} = Float) -> {Float, []};
head({nest, _, Doc}) -> head(Doc);
head({beside, null, Doc}) -> head(Doc);
head({above, null, Doc}) -> head(Doc);
head({flat, Doc}) ->
    case head(Doc) of
        {Float, Frames} -> {{flat, Float}, [{Join, {flat, D}} || {Join, D} <- Frames]};
        none -> none
    end;
head({Join, First, Second}) when Join =:= beside; Join =:= above ->
    case head(First) of
        {Float, Frames} -> {Float, Frames ++ [{Join, Second}]};
        none -> none
    end;
head(_) -> none.
