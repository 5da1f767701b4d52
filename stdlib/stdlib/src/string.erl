-module(string).
-moduledoc "Text: lists of characters, UTF-8 binaries, or lists of both. Lengths and positions count grapheme clusters.".

%% Texts of any form
-export([is_empty/1, length/1, to_graphemes/1, reverse/1, equal/2, equal/3, equal/4, slice/2, slice/3,
         pad/2, pad/3, pad/4, trim/1, trim/2, trim/3, chomp/1, take/2, take/3, take/4,
         uppercase/1, lowercase/1, titlecase/1, casefold/1, to_integer/1, to_float/1, prefix/2,
         split/2, split/3, replace/3, replace/4, find/2, find/3, lexemes/2, nth_lexeme/3,
         jaro_similarity/2, next_codepoint/1, next_grapheme/1]).
%% Older functions, for flat lists of characters
-export([len/1, concat/2, chr/2, rchr/2, str/2, rstr/2, span/2, cspan/2, substr/2, substr/3, tokens/2, join/2,
         chars/2, chars/3, copies/2, words/1, words/2, strip/1, strip/2, strip/3, sub_word/2, sub_word/3,
         left/2, left/3, right/2, right/3, sub_string/2, sub_string/3, centre/2, centre/3, to_upper/1,
         to_lower/1]).

-export_type([grapheme_cluster/0]).

-compile({no_auto_import, [length/1]}).

-type grapheme_cluster() :: char() | [char()].
-type direction() :: leading | trailing.

%%% ---- forms of text --------------------------------------------------------------------------------

%% Texts are taken apart into grapheme clusters; results are put together in the form of the input: a
%% binary for a binary, a list of characters otherwise. See gerl_clusters about what is no text.
rebuild(Clusters, Text) -> gerl_clusters:build(Clusters, Text).

graphemes(Text) -> gerl_clusters:whole(Text).

%%% ---- texts of any form ------------------------------------------------------------------------------

-doc "The first grapheme cluster and the rest.".
-spec next_grapheme(unicode:chardata()) ->
          maybe_improper_list(grapheme_cluster(), unicode:chardata()) | {error, unicode:chardata()}.
next_grapheme(Text) -> unicode_util:gc(Text).

-doc "The first code point and the rest.".
-spec next_codepoint(unicode:chardata()) -> maybe_improper_list(char(), unicode:chardata()) | {error, unicode:chardata()}.
next_codepoint(Text) -> unicode_util:cp(Text).

jaro_find(_, J, Last, _, _) when J > Last -> none;
jaro_find(C, J, _, B, Used) when element(J + 1, B) =:= C, not is_map_key(J, Used) -> J;
jaro_find(C, J, Last, B, Used) -> jaro_find(C, J + 1, Last, B, Used).

jaro_matches([], _, _, _, Used, Acc) ->
    {lists:reverse(Acc), Used};
jaro_matches([C | Rest], I, Window, B, Used, Acc) ->
    case jaro_find(C, max(0, I - Window), min(tuple_size(B) - 1, I + Window), B, Used) of
        none -> jaro_matches(Rest, I + 1, Window, B, Used, Acc);
        J -> jaro_matches(Rest, I + 1, Window, B, Used#{J => true}, [C | Acc])
    end.

-doc "How similar two texts are: 0.0 to 1.0, after Jaro.".
-spec jaro_similarity(unicode:chardata(), unicode:chardata()) -> float().
jaro_similarity(A0, B0) ->
    A = graphemes(A0),
    B = graphemes(B0),
    case {erlang:length(A), erlang:length(B)} of
        {0, 0} -> 1.0;
        {0, _} -> 0.0;
        {_, 0} -> 0.0;
        {N, M} ->
            Window = max(max(N, M) div 2 - 1, 0),
            {MatchedA, Used} = jaro_matches(A, 0, Window, list_to_tuple(B), #{}, []),
            case erlang:length(MatchedA) of
                0 -> 0.0;
                K ->
                    MatchedB = [C || {I, C} <- lists:enumerate(0, B), is_map_key(I, Used)],
                    Transposed = erlang:length([x || {X, Y} <- lists:zip(MatchedA, MatchedB), X =/= Y]) / 2,
                    (K / N + K / M + (K - Transposed) / K) / 3
            end
    end.

-doc "The N:th part between separators, or nothing.".
-spec nth_lexeme(unicode:chardata(), pos_integer(), [grapheme_cluster()]) -> unicode:chardata().
nth_lexeme(Text, 1, []) -> Text;
nth_lexeme(Text, N, []) when is_integer(N), N > 0 ->
    case has_binary(Text) of
        true -> erlang:error(badarg);
        false ->
            _ = graphemes(Text),
            []
    end;
nth_lexeme(Text, N, Separators) when is_integer(N), N > 0, is_list(Separators) ->
    case nth_part(N, gerl_clusters:read_bytes(Text), separators(Separators)) of
        [] when is_binary(Text) -> <<>>;
        Part -> rebuild(Part, Text)
    end.

nth_part(N, Clusters, Separators) ->
    case next_part(Clusters, Separators) of
        {Part, _} when N =:= 1 -> Part;
        {_, Behind} -> nth_part(N - 1, Behind, Separators);
        none -> []
    end.

has_binary([Head | Tail]) -> has_binary(Head) orelse has_binary(Tail);
has_binary(Text) -> is_binary(Text).

%% The separators, each of which must be one: a character or some.
separators([C | Rest]) when is_integer(C) -> [C | separators(Rest)];
separators([[C | _] = Cluster | Rest]) when is_integer(C) -> [Cluster | separators(Rest)];
separators([[] | _]) -> erlang:error({badmatch, []});
separators([]) -> [].

%% The next part between separators, and what follows; or none. Bytes that are no text cannot begin a part.
next_part([{byte, _, _} = Bad | _], _) -> gerl_clusters:stopped(Bad);
next_part([C | Clusters], Separators) ->
    case lists:member(C, Separators) of
        true -> next_part(Clusters, Separators);
        false -> rest_of_part(Clusters, Separators, [C])
    end;
next_part([], _) -> none;
next_part(Stop, _) -> gerl_clusters:stopped(Stop).

rest_of_part([C | Clusters], Separators, Part) ->
    case lists:member(C, Separators) of
        true -> {lists:reverse(Part), Clusters};
        false -> rest_of_part(Clusters, Separators, [C | Part])
    end;
rest_of_part([], _, Part) -> {lists:reverse(Part), []};
rest_of_part(Stop, _, _) -> gerl_clusters:stopped(Stop).

parts(Clusters, Separators) ->
    IsSeparator = fun(C) -> lists:member(C, Separators) end,
    case lists:dropwhile(IsSeparator, Clusters) of
        [] -> [];
        Rest ->
            {Part, Behind} = lists:splitwith(fun(C) -> not IsSeparator(C) end, Rest),
            [Part | parts(Behind, Separators)]
    end.

-doc "The parts between separators, without empty ones.".
-spec lexemes(unicode:chardata(), [grapheme_cluster()]) -> [unicode:chardata()].
lexemes([], _) -> [];
lexemes(Text, []) -> [Text];
lexemes(Text, Separators) when is_list(Separators) ->
    case gerl_plain:lexemes(Text, Separators) of
        false ->
            Wanted = separators(Separators),
            [rebuild(Part, Text) || Part <- all_parts(searched(Text, Wanted), Wanted)];
        Parts -> Parts
    end.

all_parts(Clusters, Separators) ->
    case next_part(Clusters, Separators) of
        {Part, Behind} -> [Part | all_parts(Behind, Separators)];
        none -> []
    end.

%% The clusters of a text in which something is looked for. A line feed is found behind a carriage return, too, unless what is
%% looked for has carriage returns.
searched(Text, Wanted) -> apart(gerl_clusters:read_loosely(Text), Wanted).

apart(Clusters, Wanted) ->
    case lists:member($\r, Wanted) orelse lists:member([$\r, $\n], Wanted) of
        true -> Clusters;
        false -> apart(Clusters)
    end.

apart([[$\r, $\n] | Clusters]) -> [$\r, $\n | apart(Clusters)];
apart([C | Clusters]) -> [C | apart(Clusters)];
apart(End) -> End.

-doc "The text from the first or the last occurrence of a pattern on, or nomatch.".
-spec find(unicode:chardata(), unicode:chardata(), direction()) -> unicode:chardata() | nomatch.
find(Text, Pattern, Direction) ->
    case is_empty(Pattern) of
        true -> Text;
        false ->
            case gerl_plain:find(Text, Pattern, Direction) of
                false when Direction =:= leading; Direction =:= trailing ->
                    is_binary(Text) andalso is_tuple(unicode:characters_to_list(Pattern)) andalso erlang:error(badarg),
                    find_clusters(Text, graphemes_of_pattern(Pattern), Direction);
                false -> erlang:error(function_clause);
                Found -> Found
            end
    end.

find_clusters(Text, Wanted, Direction) ->
    case split_clusters(searched(Text, Wanted), apart(Wanted, Wanted), Direction) of
        [_, Behind] -> rebuild(Wanted ++ Behind, Text);
        [_] -> nomatch
    end.

-doc "The text from the first occurrence of a pattern on, or nomatch.".
-spec find(unicode:chardata(), unicode:chardata()) -> unicode:chardata() | nomatch.
find(Text, Pattern) -> find(Text, Pattern, leading).

-doc "Replaces the first, the last or all occurrences of a pattern.".
-spec replace(unicode:chardata(), unicode:chardata(), unicode:chardata(), direction() | all) -> [unicode:chardata()].
replace(Text, Pattern, New, Where) -> lists:join(New, split(Text, Pattern, Where)).

-doc "Replaces the first occurrence of a pattern.".
-spec replace(unicode:chardata(), unicode:chardata(), unicode:chardata()) -> [unicode:chardata()].
replace(Text, Pattern, New) -> lists:join(New, split(Text, Pattern, leading)).

split_first([], _, _) ->
    nomatch;
split_first([C | Rest] = Clusters, Pattern, Before) ->
    case match_at(Clusters, Pattern) of
        nomatch -> split_first(Rest, Pattern, [C | Before]);
        {Kept, Behind} -> {lists:reverse(Kept ++ Before), Behind}
    end;
split_first(Stop, _, _) ->
    not_searched(Stop).

split_last([C | Rest] = Clusters, Pattern, Before, Found) ->
    split_last(Rest, Pattern, [C | Before],
               case match_at(Clusters, Pattern) of
                   nomatch -> Found;
                   {Kept, Behind} -> {Kept ++ Before, Behind}
               end);
split_last([], _, _, nomatch) ->
    nomatch;
split_last([], _, _, {Before, Behind}) ->
    {lists:reverse(Before), Behind};
split_last(Stop, _, _, _) ->
    not_searched(Stop).

%% A match may begin within a cluster, a part of which is then kept, but must end where one ends: "\n" is found in "\r\n".
match_at([C | Rest] = Clusters, Pattern) ->
    case without_prefix(Pattern, Clusters) of
        nomatch when is_list(C) -> match_within(C, [], Rest, Pattern);
        nomatch -> nomatch;
        Behind -> {[], Behind}
    end.

match_within([_], _, _, _) -> nomatch;
match_within([C | Cs], Skipped, Rest, Pattern) ->
    Kept = [C | Skipped],
    case without_prefix(Pattern, [cluster(Cs) | Rest]) of
        nomatch -> match_within(Cs, Kept, Rest, Pattern);
        Behind -> {[cluster(lists:reverse(Kept))], Behind}
    end.

cluster([C]) -> C;
cluster(Cs) -> Cs.

%% A text that is no list, or does not end as one, is an error of its own.
not_searched({stop, function_clause, Rest}) when not is_list(Rest) -> erlang:error({badmatch, Rest});
not_searched(Stop) -> gerl_clusters:stopped(Stop).

split_clusters(Clusters, Pattern, leading) ->
    case split_first(Clusters, Pattern, []) of
        {Before, Behind} -> [Before, Behind];
        nomatch -> [Clusters]
    end;
split_clusters(Clusters, Pattern, all) ->
    case split_first(Clusters, Pattern, []) of
        {Before, Behind} -> [Before | split_clusters(Behind, Pattern, all)];
        nomatch -> [Clusters]
    end;
split_clusters(Clusters, Pattern, trailing) ->
    case split_last(Clusters, Pattern, [], nomatch) of
        {Before, Behind} -> [Before, Behind];
        nomatch -> [Clusters]
    end;
split_clusters(Clusters, Pattern, _Wrong) -> % which is seen only where there is something to split
    nomatch = split_first(Clusters, Pattern, []),
    [Clusters].

graphemes_of_pattern(Pattern) -> graphemes(characters(Pattern)).

characters(Text) ->
    case unicode:characters_to_list(Text) of
        Chars when is_list(Chars) -> Chars;
        _ -> erlang:error(function_clause)
    end.

-doc "Splits at the first (leading), the last (trailing) or all occurrences.".
-spec split(unicode:chardata(), unicode:chardata(), direction() | all) -> [unicode:chardata()].
split(Text, Pattern, Where) ->
    case is_empty(Pattern) of
        true -> [Text];
        false ->
            case gerl_plain:split(Text, Pattern, Where) of
                false -> around_clusters(Text, graphemes_of_pattern(Pattern), Where);
                Parts -> Parts
            end
    end.

around_clusters(Text, Wanted, Where) ->
    case split_clusters(searched(Text, Wanted), apart(Wanted, Wanted), Where) of
        [_] -> [Text];
        Parts -> [rebuild(Part, Text) || Part <- Parts]
    end.

-doc "The text before and behind the first occurrence of a pattern.".
-spec split(unicode:chardata(), unicode:chardata()) -> [unicode:chardata()].
split(Text, Pattern) -> split(Text, Pattern, leading).

without_prefix([C | Prefix], [C | Rest]) -> without_prefix(Prefix, Rest);
without_prefix([], Rest) -> Rest;
without_prefix(_, {stop, function_clause, _} = Stop) -> gerl_clusters:stopped(Stop);
without_prefix(_, _) -> nomatch.

-doc "What follows a prefix, or nomatch.".
-spec prefix(unicode:chardata(), unicode:chardata()) -> nomatch | unicode:chardata().
prefix(Text, Prefix) ->
    case characters(Prefix) of
        [] when Text =:= [] -> [];
        [] -> Text;
        Chars ->
            case without_prefix(graphemes(Chars), gerl_clusters:read_loosely(Text)) of
                nomatch -> nomatch;
                Rest -> rebuild(Rest, Text)
            end
    end.

%% The number that the leading characters among Digits stand for, and the text behind it.
number(Text, Digits, Convert) ->
    try take(Text, Digits) of
        {Chars, Behind} ->
            case Convert(unicode:characters_to_list(Chars)) of
                {error, _} = Error -> Error;
                {Number, Left} when is_binary(Text) -> {Number, iolist_to_binary([Left, Behind])};
                {Number, []} -> {Number, Behind};
                {Number, Left} when is_binary(Behind) -> {Number, Left ++ [Behind]};
                {Number, Left} -> {Number, Left ++ Behind}
            end
    catch
        error:_ -> {error, badarg}
    end.

-doc "The float that the text begins with, and the rest.".
-spec to_float(unicode:chardata()) -> {float(), unicode:chardata()} | {error, no_float | badarg}.
to_float(Text) -> number(Text, "+-0123456789eE.,", fun string:list_to_float/1).

-doc "The integer that the text begins with, and the rest.".
-spec to_integer(unicode:chardata()) -> {integer(), unicode:chardata()} | {error, no_integer | badarg}.
to_integer(Text) -> number(Text, "+-0123456789", fun string:list_to_integer/1).

mapped(Kind, Text) when is_binary(Text); is_list(Text) ->
    case unicode_util:convert_case(Kind, Text) of
        error ->
            _ = graphemes(Text),
            erlang:error({badarg, Text});
        Converted when is_binary(Text); is_list(Converted) -> Converted;
        Converted -> unicode:characters_to_list(Converted)
    end;
mapped(_, Text) ->
    erlang:error({badarg, Text}).

-doc "The text in the form for comparisons that ignore case.".
-spec casefold(unicode:chardata()) -> unicode:chardata().
casefold(Text) -> mapped(fold, Text).

-doc "The text with its first character in title case.".
-spec titlecase(unicode:chardata()) -> unicode:chardata().
titlecase(Text) when is_list(Text) ->
    case unicode_util:titlecase(Text) of
        [First | Rest] -> rebuild([First], []) ++ Rest;
        Nothing -> Nothing
    end;
titlecase(Text) when is_binary(Text) ->
    case unicode_util:titlecase(Text) of
        [First | Rest] -> <<(rebuild([First], Text))/binary, Rest/binary>>;
        [] -> <<>>
    end.

-doc "The text in lower case.".
-spec lowercase(unicode:chardata()) -> unicode:chardata().
lowercase(Text) -> mapped(lower, Text).

-doc "The text in upper case.".
-spec uppercase(unicode:chardata()) -> unicode:chardata().
uppercase(Text) -> mapped(upper, Text).

-doc "Like take/3, from either end: {Leading, Trailing} in both cases.".
-spec take(unicode:chardata(), [grapheme_cluster()], boolean(), direction()) ->
          {unicode:chardata(), unicode:chardata()}.
take(_, [], Complement, Direction) when not is_boolean(Complement); Direction =/= leading, Direction =/= trailing ->
    erlang:error({case_clause, {Complement, Direction}});
take(_, _, Complement, Direction) when not is_boolean(Complement); Direction =/= leading, Direction =/= trailing ->
    erlang:error(function_clause);
take(Text, [], Complement, Direction) ->
    Nothing = rebuild([], Text),
    case Complement =:= (Direction =:= leading) of
        true -> {Text, Nothing};
        false -> {Nothing, Text}
    end;
take(Text, Chars, Complement, leading) when is_list(Text) ->
    Complement andalso characters_apart(Chars),
    Wanted = fun(C) -> lists:member(C, Chars) =/= Complement end,
    case gerl_clusters:is_flat(Text) of
        true ->
            Clusters = if Complement -> gerl_clusters:read_bytes(Text);
                          true -> gerl_clusters:read(Text)
                       end,
            {A, B} = leading(Wanted, Clusters, []),
            {rebuild(A, Text), rebuild(B, Text)};
        false -> gerl_clusters:take_pieces(Wanted, Text, [])
    end;
take(Text, Chars, Complement, Direction) ->
    (Complement orelse Direction =:= trailing) andalso characters_apart(Chars),
    Wanted = fun(C) -> lists:member(C, Chars) =/= Complement end,
    {A, B} = case Direction of
                 leading when Complement -> leading(Wanted, gerl_clusters:read_bytes(Text), []);
                 leading -> leading(Wanted, gerl_clusters:read(Text), []);
                 trailing ->
                     Clusters = if Complement -> gerl_clusters:read(Text);
                                   true -> gerl_clusters:read_bytes(Text)
                                end,
                     {Last, First} = leading(Wanted, lists:reverse(gerl_clusters:ended(Clusters)), []),
                     {lists:reverse(First), lists:reverse(Last)}
             end,
    {rebuild(A, Text), rebuild(B, Text)}.

%% Where the characters are sorted before the search, they must be a list.
characters_apart([_ | Chars]) -> characters_apart(Chars);
characters_apart([]) -> true.

leading(In, [C | Rest] = Clusters, Acc) ->
    case In(C) of
        true -> leading(In, Rest, [C | Acc]);
        false -> {lists:reverse(Acc), Clusters}
    end;
leading(_, [], Acc) -> {lists:reverse(Acc), []};
leading(_, Stop, _) -> gerl_clusters:stopped(Stop).

-doc "Like take/2; with Complement the clusters that are not among Chars.".
-spec take(unicode:chardata(), [grapheme_cluster()], boolean()) -> {unicode:chardata(), unicode:chardata()}.
take(Text, Chars, Complement) -> take(Text, Chars, Complement, leading).

-doc "The leading clusters that are among Chars, and the rest.".
-spec take(unicode:chardata(), [grapheme_cluster()]) -> {unicode:chardata(), unicode:chardata()}.
take(Text, Chars) -> take(Text, Chars, false, leading).

-doc "Removes line breaks at the end.".
-spec chomp(unicode:chardata()) -> unicode:chardata().
chomp(Text) -> trim(Text, trailing, [[$\r, $\n], $\n]).

drop_last(In, Clusters) -> lists:reverse(lists:dropwhile(In, lists:reverse(Clusters))).

%% Bad bytes at the beginning are an error, behind it they stay what they are.
drop_first(In, [C | Rest] = Clusters) ->
    case In(C) of
        true -> drop_first(In, Rest);
        false when is_tuple(C) -> gerl_clusters:stopped(C);
        false -> Clusters
    end;
drop_first(_, []) -> [].

-doc "Removes the given clusters at an end.".
-spec trim(unicode:chardata(), direction() | both, [grapheme_cluster()]) -> unicode:chardata().
trim(Text, _, []) -> Text;
trim(Text, Direction, Chars) when is_list(Chars), Direction =:= leading orelse Direction =:= trailing orelse Direction =:= both ->
    Clusters = gerl_clusters:ended(case Direction of
                                       trailing -> gerl_clusters:read_loosely(Text);
                                       _ -> gerl_clusters:read_bytes(Text)
                                   end),
    In = fun(C) -> lists:member(C, Chars) end,
    Trimmed = case Direction of
                  leading -> drop_first(In, Clusters);
                  trailing -> drop_last(In, Clusters);
                  both -> drop_last(In, drop_first(In, Clusters))
              end,
    rebuild(Trimmed, Text).

-doc "Removes white space at an end.".
-spec trim(unicode:chardata(), direction() | both) -> unicode:chardata().
trim(Text, Direction) -> trim(Text, Direction, unicode_util:pattern_whitespace()).

-doc "Removes white space at both ends.".
-spec trim(unicode:chardata()) -> unicode:chardata().
trim(Text) -> trim(Text, both, unicode_util:pattern_whitespace()).

missing(Text, Length) -> max(0, Length - length(Text)).

-doc "Fills up with a cluster.".
-spec pad(unicode:chardata(), integer(), direction() | both, grapheme_cluster()) -> unicode:charlist().
pad(Text, Length, leading, Char) when is_integer(Length) ->
    [lists:duplicate(missing(Text, Length), Char), Text];
pad(Text, Length, trailing, Char) when is_integer(Length) ->
    [Text | lists:duplicate(missing(Text, Length), Char)];
pad(Text, Length, both, Char) when is_integer(Length) ->
    Missing = missing(Text, Length),
    Side = lists:duplicate(Missing div 2, Char),
    case Missing rem 2 of
        0 -> [Side, Text, Side];
        1 -> [Side, Text, Side, Char]
    end.

-doc "Fills up with spaces: leading, trailing or both.".
-spec pad(unicode:chardata(), integer(), direction() | both) -> unicode:charlist().
pad(Text, Length, Direction) -> pad(Text, Length, Direction, $\s).

-doc "Fills up with spaces behind the text.".
-spec pad(unicode:chardata(), integer()) -> unicode:charlist().
pad(Text, Length) -> pad(Text, Length, trailing, $\s).

drop(0, Clusters) -> Clusters;
drop(N, [_ | Rest]) -> drop(N - 1, Rest);
drop(_, []) -> [];
drop(_, Stop) -> gerl_clusters:stopped(Stop).

%% The first N clusters. Behind the last of them a binary must go on as text, which a list need not.
first(0, Clusters, Text) ->
    case Clusters of
        {stop, {badarg, _}, _} when is_binary(Text) -> gerl_clusters:stopped(Clusters);
        _ -> []
    end;
first(N, [C | Clusters], Text) -> [C | first(N - 1, Clusters, Text)];
first(_, [], _) -> [];
first(_, Stop, _) -> gerl_clusters:stopped(Stop).

-doc "At most Length clusters from Start (counted from 0) on.".
-spec slice(unicode:chardata(), non_neg_integer(), infinity | non_neg_integer()) -> unicode:chardata().
slice(Text, _, 0) -> rebuild([], Text);
slice(Text, 0, infinity) -> Text;
slice([Piece | _] = Text, Start, Length) when not is_integer(Piece), is_integer(Start), Start > 0 ->
    slice(gerl_clusters:behind(Start, Text), 0, Length); % of which a binary may be left
slice(Text, Start, infinity) when is_integer(Start), Start > 0 ->
    rebuild(drop(Start, gerl_clusters:read(Text)), Text);
slice(Text, Start, Length) when is_integer(Start), Start >= 0, is_integer(Length), Length > 0 ->
    rebuild(first(Length, drop(Start, gerl_clusters:read(Text)), Text), Text).

-doc "The text without its first Start clusters.".
-spec slice(unicode:chardata(), non_neg_integer()) -> unicode:chardata().
slice(Text, Start) when is_integer(Start), Start >= 0 -> slice(Text, Start, infinity).

comparable(Text, IgnoreCase, Norm) ->
    Points = case IgnoreCase of
                 true -> rebuild(graphemes(casefold(Text)), []);
                 false -> rebuild(graphemes(Text), [])
             end,
    case Norm of
        none -> Points;
        nfc -> unicode:characters_to_nfc_list(Points);
        nfd -> unicode:characters_to_nfd_list(Points);
        nfkc -> unicode:characters_to_nfkc_list(Points);
        nfkd -> unicode:characters_to_nfkd_list(Points)
    end.

-doc "Like equal/3, after bringing both to a normal form.".
-spec equal(unicode:chardata(), unicode:chardata(), boolean(), none | nfc | nfd | nfkc | nfkd) -> boolean().
equal(A, B, false, none) -> equal(A, B);
equal(A, A, IgnoreCase, _Norm) when is_boolean(IgnoreCase) -> true;
equal(_, _, IgnoreCase, Norm) when is_boolean(IgnoreCase), not is_atom(Norm) -> erlang:error(badarg);
equal(A, B, IgnoreCase, Norm) when is_boolean(IgnoreCase) ->
    try
        comparable(A, IgnoreCase, Norm) =:= comparable(B, IgnoreCase, Norm)
    catch
        error:_ -> % one is no text, which matters only if it is no text before they differ
            gerl_clusters:alike(A, B, fun(Text) -> unicode_util:cp(changed_first(Text, IgnoreCase, Norm)) end)
    end.

changed_first(Text, true, Norm) -> unicode_util:casefold(changed_first(Text, false, Norm));
changed_first(Text, false, none) -> Text;
changed_first(Text, false, Norm) -> unicode_util:Norm(Text).

-doc "Like equal/2, perhaps without regard to case.".
-spec equal(unicode:chardata(), unicode:chardata(), boolean()) -> boolean().
equal(A, B, IgnoreCase) -> equal(A, B, IgnoreCase, none).

-doc "Whether two texts are the same characters.".
-spec equal(unicode:chardata(), unicode:chardata()) -> boolean().
equal(A, B) when is_binary(A), is_binary(B) -> A =:= B;
equal(A, B) -> same(gerl_clusters:read_loosely(A), gerl_clusters:read_loosely(B)).

%% The first difference decides; no text behind it matters.
same([C | A], [C | B]) -> same(A, B);
same([_ | _], [_ | _]) -> false;
same(A, B) when is_list(A), is_list(B) -> A =:= B;
same(A, _) when is_tuple(A) -> gerl_clusters:stopped(A);
same(_, B) -> gerl_clusters:stopped(B).

-doc "The grapheme clusters in opposite order.".
-spec reverse(unicode:chardata()) -> [grapheme_cluster()].
reverse(Text) -> lists:reverse(graphemes(Text)).

-doc "The grapheme clusters.".
-spec to_graphemes(unicode:chardata()) -> [grapheme_cluster()].
to_graphemes(Text) -> graphemes(Text).

-doc "The number of grapheme clusters.".
-spec length(unicode:chardata()) -> non_neg_integer().
length(Text) ->
    erlang:length(graphemes(Text)).

-doc "Whether there are no characters.".
-spec is_empty(unicode:chardata()) -> boolean().
is_empty([]) -> true;
is_empty(<<>>) -> true;
is_empty([Head | Tail]) when is_list(Head); is_binary(Head) -> is_empty(Head) andalso is_empty(Tail);
is_empty(_) -> false.

%%% ---- older functions --------------------------------------------------------------------------------

lower(C) when C >= $A, C =< $Z; C >= 16#C0, C =< 16#D6; C >= 16#D8, C =< 16#DE -> C + 32;
lower(C) -> C.

upper(C) when C >= $a, C =< $z; C >= 16#E0, C =< 16#F6; C >= 16#F8, C =< 16#FE -> C - 32;
upper(C) -> C.

-doc "A string or character of Latin-1 in lower case.".
-spec to_lower(string() | char()) -> string() | char().
to_lower(Text) when is_list(Text) -> [lower(C) || C <- Text];
to_lower(C) when is_integer(C) -> lower(C).

-doc "A string or character of Latin-1 in upper case.".
-spec to_upper(string() | char()) -> string() | char().
to_upper(Text) when is_list(Text) -> [upper(C) || C <- Text];
to_upper(C) when is_integer(C) -> upper(C).

-doc "The string from position Start to position Stop.".
-spec sub_string(string(), pos_integer(), pos_integer()) -> string().
sub_string(Text, Start, Stop) when is_integer(Start), is_integer(Stop) -> substr(Text, Start, Stop - Start + 1).

-doc "The string from position Start on.".
-spec sub_string(string(), pos_integer()) -> string().
sub_string(Text, Start) -> substr(Text, Start).

-doc "The string in the middle of a character, or its middle.".
-spec centre(string(), non_neg_integer(), char()) -> string().
centre(Text, 0, Char) when is_list(Text), is_integer(Char) -> [];
centre(Text, Length, Char) when is_integer(Length), is_integer(Char) ->
    Now = erlang:length(Text),
    if Now > Length -> substr(Text, (Now - Length) div 2 + 1, Length);
       true ->
            Left = (Length - Now) div 2,
            chars(Char, Left, Text ++ chars(Char, Length - Now - Left))
    end.

-doc "The string in the middle of spaces, or its middle.".
-spec centre(string(), non_neg_integer()) -> string().
centre(Text, Length) -> centre(Text, Length, $\s).

-doc "The string, cut or filled up on the left.".
-spec right(string(), non_neg_integer(), char()) -> string().
right(Text, Length, Char) when is_integer(Length), is_integer(Char) ->
    Now = erlang:length(Text),
    if Now > Length -> substr2(Text, Now - Length + 1);
       true -> chars(Char, Length - Now, Text)
    end.

-doc "The string, cut or filled up with spaces on the left.".
-spec right(string(), non_neg_integer()) -> string().
right(Text, Length) -> right(Text, Length, $\s).

-doc "The string, cut or filled up on the right.".
-spec left(string(), non_neg_integer(), char()) -> string().
left(Text, Length, Char) when is_integer(Length), is_integer(Char) ->
    Now = erlang:length(Text),
    if Now > Length -> substr(Text, 1, Length);
       true -> Text ++ chars(Char, Length - Now)
    end.

-doc "The string, cut or filled up with spaces on the right.".
-spec left(string(), non_neg_integer()) -> string().
left(Text, Length) -> left(Text, Length, $\s).

-doc "Removes a character at an end.".
-spec strip(string(), left | right | both, char()) -> string().
strip(Text, left, Char) when is_integer(Char) -> lists:dropwhile(fun(C) -> C =:= Char end, Text);
strip(Text, right, Char) when is_integer(Char) -> drop_last(fun(C) -> C =:= Char end, Text);
strip(Text, both, Char) -> strip(strip(Text, left, Char), right, Char).

-doc "Removes spaces at an end: left, right or both.".
-spec strip(string(), left | right | both) -> string().
strip(Text, Where) -> strip(Text, Where, $\s).

-doc "Removes spaces at both ends.".
-spec strip(string()) -> string().
strip(Text) -> strip(Text, both, $\s).

-doc "The N:th word between separators.".
-spec sub_word(string(), integer(), char()) -> string().
sub_word(Text, N, Char) when is_integer(N), is_integer(Char) ->
    Words = parts(Text, [Char]),
    case N =< erlang:length(Words) andalso Words =/= [] of
        true when N < 1 -> erlang:error(function_clause);
        true -> lists:nth(N, Words);
        false -> []
    end.

-doc "The N:th word.".
-spec sub_word(string(), integer()) -> string().
sub_word(Text, N) -> sub_word(Text, N, $\s).

-doc "The number of words between separators.".
-spec words(string(), char()) -> pos_integer().
words(Text, Char) when is_integer(Char) -> max(1, erlang:length(parts(Text, [Char]))).

-doc "The number of words.".
-spec words(string()) -> pos_integer().
words(Text) -> words(Text, $\s).

-doc "A string N times.".
-spec copies(string(), non_neg_integer()) -> string().
copies(Text, N) when is_list(Text), is_integer(N), N >= 0 -> lists:append(lists:duplicate(N, Text)).

-doc "A character N times, before Tail.".
-spec chars(char(), non_neg_integer(), string()) -> string().
chars(Char, N, Tail) when is_integer(N), N > 0 -> chars(Char, N - 1, [Char | Tail]);
chars(Char, N, Tail) when is_integer(Char), N =:= 0 -> Tail.

-doc "A character N times.".
-spec chars(char(), non_neg_integer()) -> string().
chars(Char, N) -> chars(Char, N, []).

-doc "Strings with a separator between them.".
-spec join([string()], string()) -> string().
join([], Separator) when is_list(Separator) -> [];
join([Text | Texts], Separator) -> Text ++ lists:append([Separator ++ T || T <- Texts]).

-doc "The parts between separators, without empty ones.".
-spec tokens(string(), [char()]) -> [string()].
tokens(Text, []) ->
    case Text of
        [] -> [];
        [_ | _] -> [Text]
    end;
tokens(Text, [_ | _] = Separators) ->
    case gerl_plain:tokens(Text, Separators) of
        false ->
            _ = lists:reverse(Text),
            parts(Text, Separators);
        Parts -> Parts
    end;
tokens(_, Separators) ->
    erlang:error({case_clause, Separators}).

-doc "At most Length characters from position Start on.".
-spec substr(string(), pos_integer(), non_neg_integer()) -> string().
substr(Text, Start, Length) when is_integer(Start), Start >= 1, is_integer(Length), Length >= 0 ->
    lists:sublist(substr2(Text, Start), Length).

substr2(Text, 1) -> Text;
substr2([_ | Rest], Start) -> substr2(Rest, Start - 1).

-doc "The string from position Start (counted from 1) on.".
-spec substr(string(), pos_integer()) -> string().
substr(Text, 1) when is_list(Text) -> Text;
substr(Text, Start) when is_integer(Start), Start > 1 -> substr2(Text, Start).

-doc "How many leading characters are not among Chars.".
-spec cspan(string(), string()) -> non_neg_integer().
cspan(Text, Chars) when is_list(Chars) ->
    erlang:length(lists:takewhile(fun(C) -> not lists:member(C, Chars) end, Text)).

-doc "How many leading characters are among Chars.".
-spec span(string(), string()) -> non_neg_integer().
span(Text, Chars) when is_list(Chars) ->
    erlang:length(lists:takewhile(fun(C) -> lists:member(C, Chars) end, Text)).

rstr_at([], _, _, Last) ->
    Last;
rstr_at([_ | Rest] = Text, Wanted, N, Last) ->
    case lists:prefix(Wanted, Text) of
        true -> rstr_at(Rest, Wanted, N + 1, N);
        false -> rstr_at(Rest, Wanted, N + 1, Last)
    end.

-doc "The position of the last occurrence of a string, or 0.".
-spec rstr(string(), string()) -> non_neg_integer().
rstr(Text, []) when erlang:length(Text) >= 0 -> 0;
rstr(Text, Wanted) when is_list(Wanted) -> rstr_at(Text, Wanted, 1, 0).

str_at([], _, _) ->
    0;
str_at([_ | Rest] = Text, Wanted, N) ->
    case lists:prefix(Wanted, Text) of
        true -> N;
        false -> str_at(Rest, Wanted, N + 1)
    end.

-doc "The position of the first occurrence of a string, or 0.".
-spec str(string(), string()) -> non_neg_integer().
str(Text, []) when erlang:length(Text) >= 0 -> 0;
str(Text, Wanted) when is_list(Wanted) -> str_at(Text, Wanted, 1).

-doc "The position of the last occurrence of a character, or 0.".
-spec rchr(string(), char()) -> non_neg_integer().
rchr(Text, Char) when is_integer(Char) ->
    lists:foldl(fun({N, C}, Last) -> case C of Char -> N; _ -> Last end end, 0, lists:enumerate(Text)).

position([Char | _], Char, N) -> N;
position([_ | Rest], Char, N) -> position(Rest, Char, N + 1);
position([], _, _) -> 0.

-doc "The position of the first occurrence of a character, or 0.".
-spec chr(string(), char()) -> non_neg_integer().
chr(Text, Char) when is_integer(Char) -> position(Text, Char, 1).

-doc "Two strings, one after the other.".
-spec concat(string(), string()) -> string().
concat(A, B) -> A ++ B.

-doc "The number of characters.".
-spec len(string()) -> non_neg_integer().
len(Text) -> erlang:length(Text).
