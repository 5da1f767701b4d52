-module(unicode_util).
-moduledoc "Code points and grapheme clusters of chardata.".

-export([cp/1, gc/1, graphemes/1, convert_case/2, uppercase/1, lowercase/1, titlecase/1, casefold/1,
         pattern_whitespace/0, is_whitespace/1, is_wide/1, nfc/1, nfd/1, nfkc/1, nfkd/1, spec_version/0]).
-export([category/1, has_property/2, normalize/2, decomposition/2, combining_class/1, lookup/1, get_case/1]).
-export([is_letter_not_pattern_syntax/1, is_other_id_start/1, is_other_id_continue/1]).

-type gc() :: char() | [char()].

-doc "The version of Unicode that the tables follow.".
-spec spec_version() -> {non_neg_integer(), non_neg_integer()}.
spec_version() -> {15, 0}.

-doc "All grapheme clusters. Raises as cp/1 does where the text is no chardata.".
-spec graphemes(unicode:chardata()) -> [gc()].
graphemes(_Text) -> erlang:nif_error(undef).

-doc "The text in another case: upper, lower, title (first character only) or fold; error if it is no chardata.".
-spec convert_case(upper | lower | title | fold, unicode:chardata()) -> unicode:unicode_binary() | string() | error.
convert_case(_Kind, _Text) -> erlang:nif_error(undef).

-doc "The first code point and the rest; [] at the end, {error, Rest} where the bytes are not UTF-8.".
-spec cp(unicode:chardata()) -> maybe_improper_list(char(), unicode:chardata()) | {error, unicode:chardata()}.
cp([C | _] = Text) when is_integer(C), C >= 0, C < 16#110000 -> Text;
cp([Only]) -> cp(Only);
cp([Inner | Outer]) -> cp_within(Inner, Outer);
cp(<<C/utf8, Rest/binary>>) -> [C | Rest];
cp(Bytes) when is_binary(Bytes), Bytes =/= <<>> -> {error, Bytes};
cp(Nothing) when Nothing =:= []; Nothing =:= <<>> -> [].

%% The first code point of Inner, behind which Outer comes.
cp_within([C | Inner], Outer) when is_integer(C), C >= 0, C < 16#110000 -> [C | lifted(Inner, Outer, 3)];
cp_within([Only], Outer) -> cp_within(Only, Outer);
cp_within([First | Inner], Outer) -> cp_within(First, [Inner | Outer]);
cp_within(<<C/utf8, Rest/binary>>, Outer) -> [C, Rest | Outer];
cp_within(Nothing, Outer) when Nothing =:= []; Nothing =:= <<>> -> cp(Outer);
cp_within(Bytes, Outer) when is_binary(Bytes) -> {error, [Bytes | Outer]}.

%% What is left of a text in two parts. Up to N code points come to its front, so that clusters of a few are found without
%% looking into the parts.
lifted([], Outer, N) -> lifted(Outer, N);
lifted([C], Outer, 1) when is_integer(C) -> [C | Outer];
lifted([C | Inner], Outer, 1) when is_integer(C) -> [C, Inner | Outer];
lifted([C | Inner], Outer, N) when is_integer(C) -> [C | lifted(Inner, Outer, N - 1)];
lifted([Only], Outer, N) -> lifted(Only, Outer, N);
lifted([First | Inner], Outer, N) -> lifted(First, [Inner | Outer], N);
lifted(Inner, Outer, _) -> [Inner | Outer].

lifted([C | Text], N) when is_integer(C), N > 1 -> [C | lifted(Text, N - 1)];
lifted([C | _] = Text, _) when is_integer(C) -> Text;
lifted([Only], N) -> lifted(Only, N);
lifted([First | Text], N) -> lifted(First, Text, N);
lifted(Text, _) -> Text.

-doc "The first grapheme cluster and the rest.".
-spec gc(unicode:chardata()) -> maybe_improper_list(gc(), unicode:chardata()) | {error, unicode:chardata()}.
gc(Text) ->
    case cp(Text) of
        [C, D | _] = Next when is_integer(C), C < 128, is_integer(D), D < 128, C =/= $\r -> Next;
        [C] -> [C];
        [_ | _] = Next -> cluster(Next, Text);
        Other -> Other
    end.

%% The cluster is found in the flat beginning of the text; the rest keeps the form it had.
cluster(Next, Text) ->
    case first_cluster(Text, 4) of
        C when is_integer(C) -> Next;
        Points -> [Points | drop(erlang:length(Points), Text)]
    end.

%% Among the first N code points, or more if they are all of one cluster.
first_cluster(Text, N) ->
    {Points, More} = first_points(Text, N),
    case graphemes(Points) of
        [Cluster] when not More -> Cluster;
        [_] -> first_cluster(Text, 4 * N);
        [Cluster | _] -> Cluster
    end.

%% With whether there may be more; what is no text is not part of a cluster.
first_points(_, 0) -> {[], true};
first_points(Text, N) ->
    try cp(Text) of
        [C | Rest] ->
            {Points, More} = first_points(Rest, N - 1),
            {[C | Points], More};
        _ -> {[], false}
    catch
        error:_ -> {[], false}
    end.

drop(0, Text) -> Text;
drop(N, Text) ->
    [_ | Rest] = cp(Text),
    drop(N - 1, Rest).

-doc "The first character in upper case, and the rest.".
-spec uppercase(unicode:chardata()) -> maybe_improper_list(gc(), unicode:chardata()).
uppercase(Text) -> first(upper, Text).

-doc "The first character in lower case, and the rest.".
-spec lowercase(unicode:chardata()) -> maybe_improper_list(gc(), unicode:chardata()).
lowercase(Text) -> first(lower, Text).

-doc "The first character in title case, and the rest.".
-spec titlecase(unicode:chardata()) -> maybe_improper_list(gc(), unicode:chardata()).
titlecase(Text) -> first(title, Text).

-doc "The first character folded, and the rest.".
-spec casefold(unicode:chardata()) -> maybe_improper_list(gc(), unicode:chardata()).
casefold(Text) -> first(fold, Text).

first(Kind, Text) ->
    case cp(Text) of
        [C | Rest] ->
            case unicode:characters_to_list(convert_case(Kind, [C])) of
                [D] -> [D | Rest];
                Points -> [Points | Rest]
            end;
        [] -> [];
        {error, Bad} -> erlang:error({badarg, Bad})
    end.

-doc "The characters that string:trim/1 removes.".
-spec pattern_whitespace() -> [gc()].
pattern_whitespace() -> [[$\r, $\n], $\t, $\n, $\v, $\f, $\r, $\s, 16#85, 16#200E, 16#200F, 16#2028, 16#2029].

-doc "Whether a cluster is white space.".
-spec is_whitespace(gc()) -> boolean().
is_whitespace([$\r, $\n]) -> true;
is_whitespace(C) when is_integer(C), C >= 0, C < 16#110000 -> has_property(white_space, C);
is_whitespace(_) -> false.

-doc "Whether a cluster takes two columns on a terminal.".
-spec is_wide(gc()) -> boolean().
is_wide([C | Rest]) -> is_wide(C) orelse is_wide(Rest);
is_wide([]) -> false;
is_wide(C) -> has_property(wide, C).

-doc "Whether a character is more than a letter that patterns use as syntax.".
-spec is_letter_not_pattern_syntax(char()) -> boolean().
is_letter_not_pattern_syntax(C) -> C =/= 16#2E2F.

-doc "Whether a character has the property Other_ID_Start.".
-spec is_other_id_start(char()) -> boolean().
is_other_id_start(C) -> is_integer(C) andalso C >= 0 andalso C < 16#110000 andalso has_property(other_id_start, C).

-doc "Whether a character has the property Other_ID_Continue.".
-spec is_other_id_continue(char()) -> boolean().
is_other_id_continue(C) -> is_integer(C) andalso C >= 0 andalso C < 16#110000 andalso has_property(other_id_continue, C).

-doc "The general category of a character.".
-spec category(char()) -> unicode:category().
category(_C) -> erlang:nif_error(undef).

-doc "Whether a character has a property: wide, white_space, id_start, id_continue, other_id_start, other_id_continue.".
-spec has_property(atom(), char()) -> boolean().
has_property(_Name, _C) -> erlang:nif_error(undef).

-doc "Code points in a normal form.".
-spec normalize(nfc | nfd | nfkc | nfkd, [char()]) -> [char()].
normalize(_Form, _Points) -> erlang:nif_error(undef).

-doc "What a character is made of, each with its combining class; [] if it is not made of others.".
-spec decomposition(canonical | compatible, char()) -> [{0..254, char()}].
decomposition(_Kind, _C) -> erlang:nif_error(undef).

-doc "The canonical combining class of a character.".
-spec combining_class(char()) -> 0..254.
combining_class(_C) -> erlang:nif_error(undef).

-doc "Category, combining class and decompositions of a character.".
-spec lookup(char()) -> #{canon := [{0..254, char()}], ccc := 0..254, compat := [] | {atom(), [{0..254, char()}]},
                          category := unicode:category()}.
lookup(C) ->
    Category = category(C),
    Canonical = decomposition(canonical, C),
    Compatible = case decomposition(compatible, C) of
                     Canonical -> [];
                     Points -> {compat, Points}
                 end,
    #{category => Category, ccc => combining_class(C), canon => Canonical, compat => Compatible}.

-doc "The upper, lower, title and folded forms of a character.".
-spec get_case(char()) -> #{fold := gc(), lower := gc(), title := gc(), upper := gc()}.
get_case(C) when is_integer(C), C >= 0, C < 16#110000 ->
    Form = fun(Kind) -> hd(first(Kind, [C])) end,
    #{fold => Form(fold), lower => Form(lower), title => Form(title), upper => Form(upper)}.

-doc "The first cluster in canonical composition, and the rest.".
-spec nfc(unicode:chardata()) -> maybe_improper_list(gc(), unicode:chardata()).
nfc(Text) -> normal(fun unicode:characters_to_nfc_list/1, Text).
-doc "The first cluster in canonical decomposition, and the rest.".
-spec nfd(unicode:chardata()) -> maybe_improper_list(gc(), unicode:chardata()).
nfd(Text) -> normal(fun unicode:characters_to_nfd_list/1, Text).
-doc "The first cluster in compatibility composition, and the rest.".
-spec nfkc(unicode:chardata()) -> maybe_improper_list(gc(), unicode:chardata()).
nfkc(Text) ->
    case normal(fun unicode:characters_to_nfkc_list/1, Text) of
        [C | Rest] when is_integer(C) ->
            %% What has parts is a list also where they are one character.
            case unicode:characters_to_nfkd_list([C]) of
                [_] -> [C | Rest];
                _ -> [[C] | Rest]
            end;
        Other -> Other
    end.
-doc "The first cluster in compatibility decomposition, and the rest.".
-spec nfkd(unicode:chardata()) -> maybe_improper_list(gc(), unicode:chardata()).
nfkd(Text) -> normal(fun unicode:characters_to_nfkd_list/1, Text).

normal(Form, Text) ->
    case gc(Text) of
        [Cluster | Rest] ->
            case Form([Cluster]) of
                [C] -> [C | Rest];
                Points -> [Points | Rest]
            end;
        Other -> Other
    end.
