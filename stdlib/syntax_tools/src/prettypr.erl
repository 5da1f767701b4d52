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

%% The width of a text and its characters, which may be nested.
-type piece() :: nonempty_improper_list(non_neg_integer(), term()).

-doc "A document: a set of layouts.".
-type document() :: null
                  | {text, piece()}
                  | {nest, integer(), document()}
                  | {beside | above, document(), document()}
                  | {sep, [document()], integer(), together | filled}
                  | {float, document(), integer(), integer()}
                  | {either, document(), document()}
                  | {fit, document()}
                  | empty.

-doc "A piece of text without line breaks. Tabs go to the next multiple of eight columns within the text.".
-spec text(string()) -> document().
text(String) -> {text, [width(String, 0) | String]}.

width([$\t | Rest], N) -> width(Rest, N - N rem 8 + 8);
width([_ | Rest], N) -> width(Rest, N + 1);
width([], N) -> N.

-doc "Text that takes no room in the layout, such as markup.".
-spec null_text(string()) -> document().
null_text(String) -> {text, [0 | String]}.

-doc "The same as `text_par(Text, 0)`.".
-spec text_par(string()) -> document().
text_par(String) -> text_par(String, 0).

-doc "The words of a text as a paragraph. The first line is indented so many columns more than the others, or less.".
-spec text_par(string(), integer()) -> document().
text_par(String, 0) -> par(words(String, []));
text_par(String, Indentation) when Indentation > 0 -> nest(Indentation, par(words(String, []), -Indentation));
text_par(String, Indentation) when Indentation < 0 -> par(words(String, []), -Indentation).

words([C | Rest], Word) when C =:= $\s; C =:= $\t; C =:= $\n -> word(Word) ++ words(Rest, []);
words([C | Rest], Word) -> words(Rest, [C | Word]);
words([], Word) -> word(Word).

word([]) -> [];
word(Word) -> [text(lists:reverse(Word))].

-doc "The document without any text or line.".
-spec empty() -> document().
empty() -> null.

-doc "A document that ends with a line break.".
-spec break(document()) -> document().
break(Doc) -> above(Doc, null).

-doc "A document so many columns further right.".
-spec nest(integer(), document()) -> document().
nest(0, Doc) -> Doc;
nest(N, Doc) -> {nest, N, Doc}.

-doc "The second document behind the last character of the first.".
-spec beside(document(), document()) -> document().
beside(First, Second) -> {beside, First, Second}.

-doc "The second document below the first.".
-spec above(document(), document()) -> document().
above(First, Second) -> {above, First, Second}.

-doc "The documents beside each other with a space between them, if that makes a single line that is not too wide; otherwise below each other.".
-spec sep([document()]) -> document().
sep(Docs) -> {sep, Docs, 0, together}.

-doc "The same as `par(Docs, 0)`.".
-spec par([document()]) -> document().
par(Docs) -> par(Docs, 0).

-doc "The documents as the words of a paragraph whose lines but the first are so many columns further right.".
-spec par([document()], integer()) -> document().
par(Docs, Offset) -> separated(Docs, Offset, filled).

separated(Docs, Offset, How) when is_integer(Offset) -> {sep, Docs, Offset, How}.

-doc "The same as `follow(First, Second, 0)`.".
-spec follow(document(), document()) -> document().
follow(First, Second) -> follow(First, Second, 0).

-doc "The second document after a space behind the first, or on a line of its own so many columns further right.".
-spec follow(document(), document(), integer()) -> document().
follow(First, Second, Offset) when is_integer(Offset) -> beside(par([First, text("")], Offset), Second).

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

-doc "The text of the best layout. Text that cannot be broken may be wider than the widths allow. Throws `no_layout` if a document has none.".
-spec format(document(), integer(), integer()) -> string().
format(Doc, PaperWidth, LineWidth) ->
    case best(Doc, PaperWidth, LineWidth) of
        empty -> throw(no_layout);
        Layout -> lists:flatten(printed(Layout, 0))
    end.

%% A line without any text has no indentation unless it is the last.
printed({above, {text, [_]}, Below}, Indent) -> [$\n | printed(Below, Indent)];
printed({above, {text, _} = Line, Below}, Indent) -> [printed(Line, Indent), $\n | printed(Below, Indent)];
printed({nest, N, Layout}, Indent) -> printed(Layout, Indent + N);
printed({text, [_ | Chars]}, Indent) -> [spaces(Indent) | Chars];
printed(null, _) -> [].

spaces(N) when N > 0 -> [$\s | spaces(N - 1)];
spaces(_) -> [].

-doc "The best layout as a document that leaves no choice, or `empty` if there is none.".
-spec best(document(), integer(), integer()) -> empty | document().
best(Doc, PaperWidth, LineWidth) -> laid_out(Doc, PaperWidth, LineWidth, 0).

laid_out(Doc, Paper, Ribbon, Indent) ->
    case plain(Doc, free) of
        {nest, N, Inner} -> laid_out(Inner, Paper, Ribbon, Indent + N);
        {either, First, Second} -> nicer(First, Second, Paper, Ribbon, Indent);
        Start -> first_line(Start, Paper, Ribbon, Indent)
    end.

first_line({text, _} = Text, _, _, Indent) -> nest(Indent, Text);
%% What is below counts its columns from this line's first.
first_line({line, Text, N, Below}, Paper, Ribbon, Indent) -> nest(Indent, above({text, Text}, laid_out(Below, Paper - Indent, Ribbon, N)));
first_line(Start, _, _, _) -> Start.

nicer(First, Second, Paper, Ribbon, Indent) ->
    case plain(First, {0, Indent, Paper, Ribbon}) of
        empty -> laid_out(Second, Paper, Ribbon, Indent);
        {either, Third, Fourth} -> nicer(Third, {either, Fourth, Second}, Paper, Ribbon, Indent);
        {nest, _, _} -> exit(badarg);
        Start -> first_line(Start, Paper, Ribbon, Indent)
    end.

%% What a document starts with, as far as it must be known: `null`, no layout (`empty`), a single line ({text, Piece}), a line with a
%% document below it ({line, Piece, Indent, Doc}), text with a document behind it ({then, Piece, Doc}), indentation ({nest, N, Doc}), a choice ({either, Doc, Doc}), and what others decide
%% about: documents in a row ({sep, Docs, Indent, How}), and floating documents that stand alone ({float, Doc, H, V}), beside others
%% ({floats, Float, Doc}) or above others ({floats, Float, Indent, Doc}).
%%
%% The room says what of the line is taken already: an alternative whose first line gets too wide has no layout. `free` is any room.
start({text, [Width | _]} = Text, Room) ->
    case narrow(Width, Room) of
        true -> Text;
        false -> empty
    end;
start({beside, First, Second}, Room) -> row(opened(start(First, Room), Room), Second, Room);
start({above, First, Second}, Room) -> column(opened(start(First, Room), Room), Second, Room);
start({fit, Doc}, Room) -> start(single(Doc), Room);
start({nest, _, _} = Doc, _) -> Doc;
start({sep, _, _, _} = Doc, _) -> Doc;
start({either, _, _} = Doc, _) -> Doc;
start({float, _, _, _} = Doc, _) -> Doc;
start(null, _) -> null;
start(empty, _) -> empty.

narrow(_, free) -> true;
narrow(Width, {Taken, Indent, Paper, Ribbon}) -> not (Taken + Width + Indent > Paper orelse Taken + Width > Ribbon).

taken(_, free) -> free;
taken(Width, {Taken, Indent, Paper, Ribbon}) -> {Taken + Width, Indent, Paper, Ribbon}.

%% Where nothing floats, and the whole line or a choice must be seen.
plain(Doc, Room) -> whole(settled(Doc, Room), Room).

settled(Doc, Room) ->
    case opened(start(Doc, Room), Room) of
        {float, Inner, _, _} -> settled(Inner, Room);
        {floats, Float, Next} -> settled(landed(Float, Next), Room);
        {floats, Float, N, Below} -> settled(landed(Float, N, Below), Room);
        Start -> Start
    end.

whole({then, Piece, Next}, Room) -> whole(behind(Piece, Next, taken(hd(Piece), Room)), Room);
whole(Start, _) -> Start.

%% A document that starts so, with another behind it.
row(null, Next, Room) -> start(Next, Room);
row({text, Piece}, Next, _) -> {then, Piece, Next};
row({then, Piece, Doc}, Next, _) -> {then, Piece, beside(Doc, Next)};
row({line, Piece, N, Below}, Next, _) -> {line, Piece, N, beside(Below, Next)};
row({nest, N, Doc}, Next, _) -> {nest, N, beside(Doc, Next)};
row({either, First, Second}, Next, _) -> {either, beside(First, Next), beside(Second, Next)};
row({float, _, _, _} = Float, Next, _) -> {floats, Float, Next};
row({floats, Float, Doc}, Next, _) -> {floats, Float, beside(Doc, Next)};
row({floats, Float, N, Below}, Next, _) -> {floats, Float, N, beside(Below, Next)};
row(empty, _, _) -> empty.

%% What text starts with that has another document behind it.
behind(Piece, Next, Room) ->
    case settled(Next, Room) of
        null -> {text, Piece};
        {text, More} -> {text, joined(Piece, More)};
        {line, More, N, Below} -> {line, joined(Piece, More), N + hd(Piece), Below};
        {then, More, Doc} -> {then, joined(Piece, More), Doc};
        {nest, _, Doc} -> behind(Piece, Doc, Room);
        {either, First, Second} -> {either, beside({text, Piece}, First), beside({text, Piece}, Second)};
        empty -> empty
    end.

joined([_], More) -> More;
joined(Piece, [_]) -> Piece;
joined([Width | Chars], [More | Others]) -> [Width + More, Chars | Others].

%% A document that starts so, with another below it.
column(null, Below, Room) -> start(Below, Room);
column({text, Piece}, Below, _) -> {line, Piece, 0, Below};
column({then, [_] = Piece, Doc}, Below, Room) -> column(behind(Piece, Doc, Room), Below, Room);
column({then, [Width | _] = Piece, Doc}, Below, _) -> {then, Piece, above(beside({text, [0]}, Doc), nest(-Width, Below))};
column({line, Piece, N, Doc}, Below, _) -> {line, Piece, 0, above(nest(N, Doc), Below)};
column({nest, N, Doc}, Below, _) -> {nest, N, above(Doc, nest(-N, Below))};
column({either, First, Second}, Below, _) -> {either, above(First, Below), above(Second, Below)};
column({float, _, _, _} = Float, Below, _) -> {floats, Float, 0, Below};
column({floats, Float, N, Doc}, Below, _) -> {floats, Float, 0, above(nest(N, Doc), Below)};
column({floats, Float, Next}, Below, Room) -> start(above(landed(Float, Next), Below), Room);
column(empty, _, _) -> empty.

%% A document that must be a single line.
single({beside, First, Second}) -> beside({fit, First}, {fit, Second});
single({above, _, _}) -> empty;
single({nest, N, Doc}) -> nest(N, {fit, Doc});
single({sep, Docs, _, _}) -> {fit, spaced(Docs)};
single({either, First, Second}) -> {either, {fit, First}, {fit, Second}};
single({float, Doc, H, V}) -> {float, {fit, Doc}, H, V};
single({fit, Doc}) -> single(Doc);
single(Doc) -> Doc.

spaced([Doc]) -> Doc;
spaced([Doc | Docs]) -> beside(Doc, beside({text, [1, $\s]}, spaced(Docs))).

stacked([Doc], N) -> nest(N, Doc);
stacked([Doc | Docs], N) -> above(nest(N, Doc), stacked(Docs, N)).

%% Documents in a row are a choice behind the first line of the first of them.
opened({sep, Docs, N, How}, Room) ->
    case Docs of
        [Doc] -> opened(start(Doc, Room), Room);
        [Doc | Others] -> divided(settled(Doc, Room), Others, N, How, Room)
    end;
opened(Start, _) -> Start.

divided(null, Docs, N, How, Room) -> divided({text, [0]}, Docs, N, How, Room);
divided({text, [_]}, Docs, N, together, _) -> {either, {fit, spaced([{text, [0]} | Docs])}, above({text, [0]}, stacked(Docs, N))};
divided({text, [_]}, [Doc | Docs] = All, N, filled, _) ->
    {either, beside({text, [1, $\s]}, separated([{fit, Doc} | Docs], N - 1, filled)), above({text, [0]}, nest(N, par(All)))};
divided({line, [_] = Piece, M, Below}, Docs, N, together, _) -> {line, Piece, 0, above(nest(M, Below), stacked(Docs, N))};
divided({line, [_] = Piece, M, Below}, Docs, N, filled, _) -> {line, Piece, 0, above(nest(M, Below), nest(N, par(Docs)))};
divided({then, [_] = Piece, Next}, Docs, N, How, Room) -> divided(behind(Piece, Next, Room), Docs, N, How, Room);
%% What comes first stands before the row.
divided({text, [Width | Chars] = Piece}, Docs, N, How, _) when Chars =/= [] -> {then, Piece, separated([{text, [0]} | Docs], N - Width, How)};
divided({line, [Width | Chars] = Piece, M, Below}, Docs, N, How, _) when Chars =/= [] ->
    {then, Piece, separated([above({text, [0]}, nest(M - Width, Below)) | Docs], N - Width, How)};
divided({then, [Width | Chars] = Piece, Next}, Docs, N, How, _) when Chars =/= [] -> {then, Piece, separated([beside({text, [0]}, Next) | Docs], N - Width, How)};
divided({nest, M, Doc}, Docs, N, How, _) -> {nest, M, separated([Doc | Docs], N - M, How)};
divided({either, First, Second}, Docs, N, How, _) -> {either, separated([First | Docs], N, How), separated([Second | Docs], N, How)};
divided(empty, _, _, _, _) -> empty.

%% A floating document and what is beside it, so that the one that comes first is no longer subject to the other. Only two floating
%% documents change places, before the second one settles with what follows it.
landed({float, Doc, H1, V1} = Left, Next) ->
    case start(Next, free) of
        {nest, _, Inner} -> landed(Left, Inner);
        {either, First, Second} -> {either, beside(Left, First), beside(Left, Second)};
        {float, _, H, _} = Right when H1 > H -> beside(Right, Left);
        {float, _, _, V} = Right when V1 /= V -> above(Right, Left);
        {float, Inner, _, _} -> beside(Left, Inner);
        {floats, {float, _, H, _} = Right, Rest} when H1 > H -> beside(Right, beside(Left, Rest));
        {floats, {float, _, H, _} = Right, _, Rest} when H1 > H -> beside(Right, beside(Left, Rest));
        {floats, {float, _, _, V} = Right, Rest} when V1 /= V -> above(Left, beside(Right, Rest));
        {floats, {float, _, _, V} = Right, N, Rest} when V1 /= V -> above(Left, above(Right, nest(N, Rest)));
        {floats, Right, Rest} -> landed(Left, landed(Right, Rest));
        {floats, Right, N, Rest} -> landed(Left, landed(Right, N, Rest));
        empty -> empty;
        _ -> beside(Doc, Next) % no floating document
    end.

%% The same with what is below it, indented by N.
landed({float, Doc, H1, V1} = Upper, N, Next) ->
    case start(Next, free) of
        {nest, M, Inner} -> landed(Upper, N + M, Inner);
        {either, First, Second} -> {either, above(Upper, nest(N, First)), above(Upper, nest(N, Second))};
        {float, _, _, V} = Lower when V1 > V -> above(nest(N, Lower), Upper);
        {float, _, H, V} = Lower when V1 == V, H1 /= H -> beside(Lower, Upper);
        {float, Inner, _, _} -> above(Upper, nest(N, Inner));
        {floats, {float, _, _, V} = Lower, Rest} when V1 > V -> above(nest(N, Lower), above(Upper, Rest));
        {floats, {float, _, _, V} = Lower, M, Rest} when V1 > V -> above(nest(N, Lower), above(Upper, nest(N + M, Rest)));
        {floats, {float, _, H, V} = Lower, Rest} when V1 == V, H1 /= H -> beside(Upper, beside(Lower, Rest));
        {floats, {float, _, H, V} = Lower, M, Rest} when V1 == V, H1 /= H -> beside(Upper, above(Lower, nest(M, Rest)));
        {floats, Lower, Rest} -> landed(Upper, N, landed(Lower, Rest));
        {floats, Lower, M, Rest} -> landed(Upper, N, landed(Lower, M, Rest));
        empty -> empty;
        _ -> above(Doc, nest(N, Next))
    end.
