-module(unicode_util).
-moduledoc "Code points and grapheme clusters of chardata.".

-export([cp/1, gc/1, graphemes/1, convert_case/2, uppercase/1, lowercase/1, titlecase/1, casefold/1,
         whitespace/0, is_whitespace/1, nfc/1, nfd/1, nfkc/1, nfkd/1, spec_version/0]).

-type gc() :: char() | [char()].

-doc "The version of Unicode that the tables follow.".
-spec spec_version() -> {non_neg_integer(), non_neg_integer()}.
spec_version() -> {15, 0}.

-doc "All grapheme clusters. Raises as cp/1 does where the text is no chardata.".
-spec graphemes(unicode:chardata()) -> [gc()].
graphemes(_Text) -> erlang:nif_error(undef).

-doc "The text in another case: upper, lower, title (first character only) or fold; error if it is no chardata.".
-spec convert_case(upper | lower | title | fold, unicode:chardata()) -> unicode:unicode_binary() | error.
convert_case(_Kind, _Text) -> erlang:nif_error(undef).

-doc "The first code point and the rest; [] at the end, {error, Rest} where the bytes are not UTF-8.".
-spec cp(unicode:chardata()) -> maybe_improper_list(char(), unicode:chardata()) | {error, unicode:chardata()}.
cp([C | _] = Text) when is_integer(C), C >= 0, C < 16#110000 -> Text;
cp([List]) when is_list(List) -> cp(List);
cp([List | Rest]) when is_list(List) ->
    case cp(List) of
        [] -> cp(Rest);
        [C] -> [C | Rest];
        [C | Left] -> [C, Left | Rest];
        {error, Bad} -> {error, [Bad | Rest]}
    end;
cp([]) -> [];
cp(<<C/utf8, Rest/binary>>) -> [C | Rest];
cp(<<>>) -> [];
cp([<<C/utf8, Bytes/binary>> | Rest]) ->
    case {Bytes, Rest} of
        {<<>>, _} -> [C | Rest];
        {_, []} -> [C | Bytes];
        _ -> [C, Bytes | Rest]
    end;
cp([<<>> | Rest]) -> cp(Rest);
cp([Bytes | _] = Text) when is_binary(Bytes) -> {error, Text};
cp(Bytes) when is_binary(Bytes) -> {error, Bytes}.

-doc "The first grapheme cluster and the rest.".
-spec gc(unicode:chardata()) -> maybe_improper_list(gc(), unicode:chardata()) | {error, unicode:chardata()}.
gc(Text) ->
    case cp(Text) of
        [C, D | _] = Next when is_integer(C), C < 128, is_integer(D), D < 128, C =/= $\r -> Next;
        [C] -> [C];
        [_ | _] = Next -> cluster(Next, Text);
        Other -> Other
    end.

%% The cluster is found in the flat text; the rest keeps the form it had.
cluster(Next, Text) ->
    [Cluster | _] = graphemes(Text),
    case Cluster of
        C when is_integer(C) -> Next;
        Points -> [Points | drop(erlang:length(Points), Text)]
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
        Other -> Other
    end.

-doc "The characters that string:trim/1 removes.".
-spec whitespace() -> [gc()].
whitespace() -> [[$\r, $\n], $\t, $\n, $\v, $\f, $\r, $\s, 16#85, 16#200E, 16#200F, 16#2028, 16#2029].

-doc "Whether a cluster is white space.".
-spec is_whitespace(gc()) -> boolean().
is_whitespace(C) -> lists:member(C, whitespace()).

-doc "The first cluster in canonical composition, and the rest.".
-spec nfc(unicode:chardata()) -> maybe_improper_list(gc(), unicode:chardata()).
nfc(Text) -> normal(fun unicode:characters_to_nfc_list/1, Text).
-doc "The first cluster in canonical decomposition, and the rest.".
-spec nfd(unicode:chardata()) -> maybe_improper_list(gc(), unicode:chardata()).
nfd(Text) -> normal(fun unicode:characters_to_nfd_list/1, Text).
-doc "The first cluster in compatibility composition, and the rest.".
-spec nfkc(unicode:chardata()) -> maybe_improper_list(gc(), unicode:chardata()).
nfkc(Text) -> normal(fun unicode:characters_to_nfkc_list/1, Text).
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
