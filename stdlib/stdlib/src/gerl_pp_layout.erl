-module(gerl_pp_layout).
-moduledoc "Lays out documents: decides where the lines of printed code break.

A document is one of

* a character, or a list of documents that follow each other;
* `{text, Width, Chars}`, characters without a newline;
* `{atom, A}`, `{type_atom, A}`, `{char, C}`, `{string, S}`, `{value, T}`, written as the options want;
* `{own, Doc}`, a document that gets a line of its own if lines are broken;
* `{row, Open, Close, Separator, Items}`: on one line if it fits, otherwise lines are filled with the small items;
* `{rows, Separator, Items}`: a line for each item;
* `{note, Comment, Doc}`: a comment on a line before the document;
* `{hook, Fun}`: what the fun makes of the column.

Items may also be `{hang, Head, Body}`, whose body goes to a new line, with more indentation, if there is no room, and
`{bind, Head, Body}`, the same for bodies that may follow a short head anyway. A separator is `{Between, BeforeLast, Gap}`:
two documents and whether a space follows them on the same line.

Columns below zero mean that no line is broken at all.".

-export([chars/3, text/1]).

-export_type([doc/0, style/0]).

-type doc() :: term().
-type style() :: #{width := pos_integer(), indent := non_neg_integer(), value := fun((term()) -> io_lib:chars()),
                   type_atom := fun((atom()) -> io_lib:chars()), string := fun((string()) -> string()),
                   char := fun((char()) -> string())}.

%% The size of something printed: its width, or the column where it ends if it has several lines.
-type size() :: non_neg_integer() | {ends, integer()}.

-doc "The text of a document whose first line begins at a column.".
-spec chars(doc(), integer(), style()) -> io_lib:chars().
chars(Doc, Column, Style) ->
    {_, Chars} = put_doc(Doc, Column, Style),
    Chars.

-doc "Characters as a document.".
-spec text(unicode:chardata()) -> doc().
text(Chars) -> {text, string:length(Chars), Chars}.

-spec put_doc(doc(), integer(), style()) -> {size(), io_lib:chars()}.
put_doc([], _, _) -> {0, []};
put_doc(Char, _, _) when is_integer(Char) -> {1, Char};
put_doc({text, Width, Chars}, _, _) -> {Width, Chars};
put_doc([Doc | Docs], Column, Style) -> sequence(Docs, [put_doc(Doc, Column, Style)], Column, Style);
put_doc({own, Doc}, Column, Style) -> put_doc(Doc, Column, Style);
put_doc({row, Open, Close, Separator, Items}, Column, Style) ->
    row(put_doc(Open, Column, Style), Close, Separator, Items, Column, Style);
put_doc({rows, Separator, Items}, Column, Style) when Column < 0 ->
    row({0, []}, [], Separator, Items, Column, Style);
put_doc({rows, Separator, Items}, Column, Style) -> rows(parts(Items, Separator, [], Column, Style), Column, Style);
put_doc({note, _, Doc}, Column, Style) when Column < 0 -> put_doc(Doc, Column, Style);
put_doc({note, Comment, Doc}, Column, Style) -> put_doc({rows, {[], [], false}, [Comment, Doc]}, Column, Style);
put_doc({atom, A}, _, #{value := Write}) -> flat(Write(A));
put_doc({value, T}, _, #{value := Write}) -> flat(Write(T));
put_doc({type_atom, A}, _, #{type_atom := Write}) -> flat(Write(A));
put_doc({char, C}, _, #{char := Write}) -> flat(Write(C));
put_doc({string, S}, Column, #{string := Write}) when Column < 0; S =:= [] -> flat(Write(S));
put_doc({string, S}, Column, #{width := Width} = Style) ->
    Pieces = pieces(S, max(Width - Column, 5), Style),
    row({0, []}, [], {[], [], true}, Pieces, Column, Style);
put_doc({hook, Fun}, Column, _) -> hooked(Fun(Column), Column).

flat(Chars) -> {string:length(Chars), Chars}.

%% The size of a text of several lines that a hook made is the column behind it.
hooked(Chars, Column) when Column < 0 -> flat(Chars);
hooked(Chars, Column) ->
    End = io_lib:indentation(Chars, Column),
    case string:find(Chars, "\n") of
        nomatch -> {End, Chars};
        _ -> {{ends, End}, Chars}
    end.

%% Documents behind each other, each at the column where the one before ends.
sequence([], [One], _, _) -> One;
sequence(Docs, [First], Column, Style) ->
    {Done, _} = lists:foldl(fun(Doc, {Acc, At}) ->
                                    {Size, _} = Out = put_doc(Doc, At, Style),
                                    {[Out | Acc], behind(At, Size)}
                            end, {[First], behind(Column, element(1, First))}, Docs),
    Outs = [Out || {Size, _} = Out <- lists:reverse(Done), Size =/= 0],
    {total([Size || {Size, _} <- Outs]), [Chars || {_, Chars} <- Outs]}.

behind(_, {ends, Column}) -> Column;
behind(Column, _) when Column < 0 -> Column;
behind(Column, Width) -> Column + Width.

total(Sizes) ->
    lists:foldl(fun({ends, _} = Size, _) -> Size;
                   (Width, {ends, Column}) -> {ends, Column + Width};
                   (Width, Sum) -> Sum + Width
                end, 0, Sizes).

%% Each item is a pair: what stands on its line and what may move to a line of its own. Separators, and what
%% closes the row, belong to the item before them.
parts([], _, Close, Column, Style) -> [{put_doc(Close, Column, Style), {0, []}}];
parts([Item], _, Close, Column, Style) -> [part(Item, Close, Column, Style)];
parts([Item, Last], {_, BeforeLast, _}, Close, Column, Style) ->
    [part(Item, BeforeLast, Column, Style), part(Last, Close, Column, Style)];
parts([Item | Items], {Between, _, _} = Separator, Close, Column, Style) ->
    [part(Item, Between, Column, Style) | parts(Items, Separator, Close, Column, Style)].

part({hang, Head, Body}, After, Column, Style) ->
    {put_doc(Head, Column, Style), put_doc([Body, After], deeper(Column, Style), Style)};
part({bind, Head, Body}, After, Column, #{indent := Indent} = Style) ->
    case put_doc(Head, Column, Style) of
        {Width, _} = Out when is_integer(Width), Width < Indent ->
            {sequence([{text, 1, " "}, Body, After], [Out], Column, Style), {0, []}};
        Out -> {Out, put_doc([Body, After], deeper(Column, Style), Style)}
    end;
part(Doc, After, Column, Style) -> {put_doc([Doc, After], Column, Style), {0, []}}.

deeper(Column, #{indent := Indent}) -> behind(Column, Indent).

row({OpenSize, Open}, Close, {_, _, Gap} = Separator, Items, Column, Style) ->
    Inside = behind(Column, OpenSize),
    Parts = parts(Items, Separator, Close, Inside, Style),
    Outs = [Out || {A, B} <- Parts, {Size, _} = Out <- [A, B], Size =/= 0],
    Gaps = case Gap of
               true -> max(0, length(Outs) - 1);
               false -> 0
           end,
    case one_line([OpenSize | [Size || {Size, _} <- Outs]], Gaps, Column, Style) of
        {yes, Width} when Gaps > 0 -> {Width, [Open | lists:join($\s, [Chars || {_, Chars} <- Outs])]};
        {yes, Width} -> {Width, [Open | [Chars || {_, Chars} <- Outs]]};
        no ->
            {Size, Chars} = fill([unfold(P, Inside, Style) || P <- Parts], Items, Inside, Gaps > 0, Style),
            {absolute(Size, Column), [Open, Chars]}
    end.

one_line(Sizes, Gaps, Column, #{width := Limit}) ->
    case lists:all(fun is_integer/1, Sizes) of
        true ->
            Width = lists:sum(Sizes) + Gaps,
            case behind(Column, Width) =< Limit of
                true -> {yes, Width};
                false -> no
            end;
        false -> no
    end.

%% A size within a row as one that is seen from outside: the row has several lines now.
absolute({ends, _} = Size, _) -> Size;
absolute(Width, Column) when Column >= 0 -> {ends, Column + Width}.

%% An item whose second part goes to the next line.
unfold({{0, _}, {0, _}}, _, _) -> {0, []};
unfold({First, {0, _}}, _, _) -> First;
unfold({{Size1, Chars1}, {Size2, Chars2}}, Column, #{indent := Indent}) ->
    {total([Size || Size <- [Size1, Size2]]), [Chars1, newline(Column + Indent), Chars2]}.

newline(Column) -> [$\n | lists:duplicate(Column, $\s)].

rows(Parts, Column, Style) ->
    Sizes = [Size || {A, B} <- Parts, {Size, _} <- [A, B], Size =/= 0],
    case Sizes of
        [] -> {0, []};
        _ ->
            Lines = [Chars || P <- Parts, {Size, Chars} <- [unfold(P, Column, Style)], Size =/= 0],
            {absolute(lists:last(Sizes), Column), lists:join(newline(Column), Lines)}
    end.

%% Lines are filled with small items; all others begin a line and end it.
fill([Only], [], _, _, _) -> Only;
fill([{Size, Chars} | Outs], [Item | Items], Column, Gap, Style) when Column >= 0 ->
    At = case small(Item) of
             true -> Column + Size;
             false -> full
         end,
    fill(Outs, Items, At, Size, [Chars], Column, Gap, Style).

fill([], _, _, Size, Done, _, _, _) -> {Size, lists:reverse(Done)};
fill([{Width, Chars} | Outs], [Item | Items], At, Size, Done, Column, Gap, #{width := Limit} = Style) ->
    case small(Item) andalso is_integer(Width) of
        true when is_integer(At), At + Width + 1 =< Limit ->
            More = case Gap of
                       true -> [Chars, $\s | Done];
                       false -> [Chars | Done]
                   end,
            fill(Outs, Items, At + Width + 1, Size + Width + 1, More, Column, Gap, Style);
        true -> fill(Outs, Items, Column + Width, Width + 1, [Chars, newline(Column) | Done], Column, Gap, Style);
        false -> fill(Outs, Items, full, 0, [Chars, newline(Column) | Done], Column, Gap, Style)
    end.

small({text, _, _}) -> true;
small({atom, _}) -> true;
small({type_atom, _}) -> true;
small(_) -> false.

%% A string as pieces that fit into a width as they are written.
pieces([], _, _) -> [];
pieces(S, Width, Style) ->
    {Piece, Rest} = piece(S, Width, Width, Style),
    [Piece | pieces(Rest, Width, Style)].

piece(S, N, Width, #{string := Write} = Style) ->
    Head = string:slice(S, 0, N),
    Chars = Write(Head),
    case string:length(Chars) of
        Length when Length > Width, N > 5 -> piece(S, N - 1, Width, Style);
        Length -> {{text, Length, Chars}, string:slice(S, string:length(Head))}
    end.
