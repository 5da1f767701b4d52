-module(gerl_plain).
-moduledoc """
The parts of module string that are built in, for plain texts: binaries and flat lists of ASCII characters. For others all of these functions give false.
""".

-export([split/3, find/3, lexemes/2, tokens/2]).

-doc "The parts around the first, the last or all occurrences of a pattern.".
-spec split(unicode:chardata(), unicode:chardata(), leading | trailing | all) -> [unicode:chardata()] | false.
split(_Text, _Pattern, _Where) -> erlang:nif_error(undef).

-doc "The text from an occurrence of a pattern on.".
-spec find(unicode:chardata(), unicode:chardata(), leading | trailing) -> unicode:chardata() | nomatch | false.
find(_Text, _Pattern, _Direction) -> erlang:nif_error(undef).

-doc "The parts between separators, without empty ones.".
-spec lexemes(unicode:chardata(), [string:grapheme_cluster()]) -> [unicode:chardata()] | false.
lexemes(_Text, _Separators) -> erlang:nif_error(undef).

-doc "The parts of a list of integers between separators, without empty ones.".
-spec tokens([integer()], [integer()]) -> [[integer()]] | false.
tokens(_Text, _Separators) -> erlang:nif_error(undef).
