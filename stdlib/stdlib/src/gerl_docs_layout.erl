-module(gerl_docs_layout).
-moduledoc """
Lays out documentation for a terminal: words go into lines of a width, blocks are indented and have empty lines between them,
code is underlined and headings are bold.

What is written is a list, the last first, of texts and of sequences for `io_ansi`. The places of words count as OTP's do, where
each piece of text that ends is one place wider than it is.
""".
-export([text/3]).

-record(out, {written = [], place = 0, marks = [], columns, encoding, types}).

-doc """
The text of a tree, indented. Settings: `columns`, `encoding`, `ansi` (a boolean, or `auto`) and `types`, the specifications that lists of
types name.
""".
-spec text([term()] | term(), non_neg_integer(), map()) -> unicode:chardata().
text(Tree, Indent, #{columns := Columns, encoding := Encoding, ansi := Ansi, types := Types}) ->
    #out{written = Written} = all(Tree, [], Indent, #out{columns = Columns, encoding = Encoding, types = Types}),
    Options = [{reset, false} | [{enabled, Ansi} || is_boolean(Ansi)]],
    io_ansi:format([escaped(W) || W <- lists:reverse(ended(Written, <<"\n">>))], [], Options).

%% io_ansi takes texts for formats.
escaped(Text) when is_binary(Text) -> unicode:characters_to_list(binary:replace(Text, <<"~">>, <<"~~">>, [global]));
escaped(Sequence) -> Sequence.

write(Text, #out{written = W} = Out) -> Out#out{written = [unicode:characters_to_binary(Text) | W]}.

mark(Sequence, #out{written = W} = Out) -> Out#out{written = [Sequence | W]}.

%% A block is written by itself, so that only its own newlines are taken from its end.
block(Write, #out{written = Before} = Out) ->
    #out{written = Inner} = Done = Write(Out#out{written = []}),
    Done#out{written = ended(Inner, <<"\n\n">>) ++ Before, place = 0}.

ended([Text | Before], Newlines) when is_binary(Text) ->
    case string:trim(Text, trailing, "\n") of
        <<>> -> ended(Before, Newlines);
        Trimmed -> [Newlines, Trimmed | Before]
    end;
ended(Before, Newlines) -> [Newlines | Before].

all(Tree, Path, Indent, Out) when is_list(Tree) -> lists:foldl(fun(E, O) -> all(E, Path, Indent, O) end, Out, Tree);
all(Element, Path, Indent, #out{place = Place} = Out) -> element(Element, Path, Place, Indent, Out).

%%% ---- elements ----------------------------------------------------------------------------------------

element({a, _, Content}, Path, _, Indent, Out) -> all(Content, Path, Indent, Out);
element({h1, _, Content}, Path, 0, _, Out) ->
    block(fun(O) -> element({code, [], [{strong, [], Content}]}, Path, 0, 0, O) end, Out);
element({h2, _, Content}, Path, 0, _, Out) -> block(fun(O) -> element({strong, [], Content}, Path, 0, 0, O) end, Out);
element({H, _, Content}, Path, Place, _, Out) when Place =< 2, (H =:= h3 orelse H =:= h4 orelse H =:= h5 orelse H =:= h6) ->
    block(fun(O) -> element({code, [], Content}, Path, Place, 2, O) end, Out);
element({pre, _, _} = Element, Path, Place, Indent, Out) when Place > Indent -> again(Element, <<"\n\n">>, Path, Indent, Out);
element({Tag, _, _} = Element, Path, Place, Indent, Out) when Place > Indent ->
    case gerl_docs_tree:is_inline(Tag) of
        true -> inside(Element, Path, Indent, Out);
        false -> again(Element, <<"\n">>, Path, Indent, Out)
    end;
element({'div', [{class, Class}], Content}, Path, Place, Indent, Out) ->
    block(fun(O) ->
                  Head = write([string:titlecase(Class), ":\n"], pad(Indent - Place, [], O)),
                  all(Content, ['div' | Path], Indent + 2, Head#out{place = 0})
          end, Out);
element({blockquote, _, Content}, Path, _, Indent, Out) ->
    block(fun(O) -> all(Content, ['div' | Path], Indent + 2, O#out{place = 0}) end, Out);
element({Tag, _, Content}, Path, _, Indent, Out) when Tag =:= p; Tag =:= 'div' ->
    block(fun(O) -> all(Content, [Tag | Path], Indent, O) end, Out);
element(Element, Path, Place, Indent, Out) when Place < Indent ->
    Padded = pad(Indent - Place, [], Out),
    element(Element, Path, Indent, Indent, Padded#out{place = Indent});
element(Element, Path, _, Indent, Out) -> inside(Element, Path, Indent, Out).

%% After a newline.
again(Element, Newlines, Path, Indent, Out) ->
    Next = write(Newlines, Out),
    element(Element, Path, 0, Indent, Next#out{place = 0}).

inside({code, _, Content}, [pre | _] = Path, Indent, Out) -> all(Content, [code | Path], Indent, Out);
inside({code, _, Content}, Path, Indent, Out) -> marked(underline, Content, [code | Path], Indent, Out);
inside({Tag, _, Content}, Path, Indent, Out) when Tag =:= em; Tag =:= i -> all(Content, Path, Indent, Out);
inside({br, [], []}, _, _, Out) -> Out;
inside({Tag, _, Content}, Path, Indent, Out) when Tag =:= strong; Tag =:= b -> marked(bold, Content, Path, Indent, Out);
inside({pre, _, Content}, Path, Indent, Out) -> block(fun(O) -> all(Content, [pre | Path], Indent + 2, O) end, Out);
inside({ul, [{class, <<"types">>}], Content}, Path, Indent, Out) ->
    block(fun(O) ->
                  Head = write("Types:\n", O),
                  all(Content, [types | Path], Indent + 2, Head#out{place = 0})
          end, Out);
inside({li, Attributes, Content}, [types | _] = Path, Indent, Out) ->
    #out{written = Inner} = Done = type_item(maps:from_list(Attributes), Content, [type | Path], Indent, Out#out{written = []}),
    Done#out{written = ended(Inner, <<"\n">>) ++ Out#out.written, place = 0};
inside({Tag, _, Content}, Path, Indent, Out) when Tag =:= ul; Tag =:= ol -> all(Content, [list | Path], Indent, Out);
inside({li, _, Content}, [list | _] = Path, Indent, Out) ->
    block(fun(#out{place = Place} = O) ->
                  Bullet = bullet(length([list || list <- Path]), O),
                  Width = string:length(Bullet),
                  Begun = write(Bullet, O),
                  all(Content, [li | Path], Indent + Width, Begun#out{place = Place + Width})
          end, Out);
inside({dl, _, Content}, Path, Indent, Out) -> all(Content, [dl | Path], Indent, Out);
inside({dt, Attributes, Content}, [dl | _] = Path, Indent, Out) ->
    Since = case Attributes of
                [{since, Version}] -> ["     (since ", Version, ")"];
                _ -> []
            end,
    Done = write([":", Since, "\n"], marked(underline, listed(Content), [li | Path], Indent, Out)),
    Done#out{place = 0};
inside({dd, _, Content}, [dl | _] = Path, Indent, Out) -> block(fun(O) -> all(Content, [li | Path], Indent + 2, O) end, Out);
inside({_, _, Content}, Path, Indent, Out) -> all(Content, Path, Indent, Out);
inside(Text, Path, Indent, Out) when is_binary(Text) ->
    case lists:member(pre, Path) of
        true -> lines(binary:split(Text, <<"\n">>, [global]), Indent, Out);
        false ->
            %% Further lines of types are indented.
            Deeper = case Path of
                         [_, types | _] -> 2;
                         _ -> 0
                     end,
            words(binary:split(Text, <<" ">>, [global]), first, Indent + Deeper, Out)
    end.

listed(Content) when is_binary(Content) -> [Content];
listed(Content) -> Content.

%% Sequences are told as what holds from here on.
marked(Mark, Content, Path, Indent, #out{marks = Marks} = Out) ->
    Begun = mark(holding([Mark | Marks]), Out#out{marks = [Mark | Marks]}),
    Done = all(Content, Path, Indent, Begun),
    Left = [M || M <- Done#out.marks, M =/= Mark],
    mark(holding(Left), Done#out{marks = Left}).

holding([]) -> reset;
holding(Marks) -> lists:usort(Marks).

%% Blanks are never decorated, nor are newlines, since a pager may ask there.
pad(N, Before, #out{marks = []} = Out) -> write([Before, lists:duplicate(N, $\s)], Out);
pad(N, Before, #out{marks = Marks} = Out) ->
    mark(holding(Marks), write([Before, lists:duplicate(N, $\s)], mark(reset, Out))).

bullet(1, #out{encoding = unicode}) -> <<" • "/utf8>>;
bullet(2, #out{encoding = unicode}) -> <<" ￮ "/utf8>>;
bullet(3, #out{encoding = unicode}) -> <<" ◼ "/utf8>>;
bullet(4, #out{encoding = unicode}) -> <<" ◻ "/utf8>>;
bullet(_, _) -> <<" * ">>.

type_item(#{class := <<"description">>}, Content, Path, Indent, Out) -> all(Content, Path, Indent + 2, Out);
type_item(#{name := Name}, Content, Path, Indent, #out{types = Types} = Out) ->
    case [erl_pp:attribute(Spec) || {{Type, _}, Spec} <- maps:to_list(Types), atom_to_binary(Type) =:= Name] of
        [] when Content =:= [] -> write(["-type ", Name, "() :: term()."], Out);
        [] -> all(Content, Path, Indent, Out);
        Specs -> write(Specs, Out)
    end;
type_item(_, Content, Path, Indent, Out) -> all(Content, Path, Indent, Out).

%%% ---- text --------------------------------------------------------------------------------------------

lines([Last], _, #out{place = Place} = Out) ->
    Done = write(Last, Out),
    Done#out{place = Place + string:length(Last)};
lines([Line | Rest], Indent, Out) -> lines(Rest, Indent, pad(Indent, "\n", write(Line, Out))).

words([], _, _, Out) -> Out;
words([Word0 | Rest], At, Indent, #out{place = Place, columns = Columns} = Out) ->
    Word = narrowed(Word0, Out),
    Length = string:length(Word),
    Fits = Place + Length =< Columns - 10 - Indent orelse Word =:= <<>> orelse is_punctuation(Word),
    Written = case At of
                  _ when not Fits -> write(Word, pad(Indent, "\n", Out));
                  first -> write(Word, Out);
                  later -> write([" ", Word], Out)
              end,
    Next = case Fits of
               true -> Place + Length + 1;
               false -> Length + Indent + 1
           end,
    words(Rest, later, Indent, Written#out{place = Next}).

is_punctuation(Word) -> re:run(Word, <<"^\\W$">>, [unicode]) =/= nomatch.

narrowed(Word, #out{encoding = unicode}) -> Word;
narrowed(Word, _) -> binary:replace(Word, <<160/utf8>>, <<" ">>, [global]).
