%% Text as UTF-8 binaries: characters decoded, words counted, case changed.
-module(utf8_text).
-include("sizes.hrl").
-export([main/1]).

main(_) ->
    T = unicode:characters_to_binary(lists:duplicate(?N(500, 5), "The quick br\x{f6}wn fox j\x{fc}mps over \x{20ac}5 lazy dogs. ")),
    io:format("~w~n", [times(?N(300, 2), T, 0)]).

times(0, _, R) -> R;
times(N, T, R) -> times(N - 1, T, R + words(T, false, 0) + byte_size(upper(T, <<>>))).

words(<<C/utf8, T/binary>>, In, N) when C =< $\s; C =:= $. -> words(T, false, case In of true -> N + 1; false -> N end);
words(<<_/utf8, T/binary>>, _, N) -> words(T, true, N);
words(<<>>, _, N) -> N.

upper(<<C, T/binary>>, B) when C >= $a, C =< $z -> upper(T, <<B/binary, (C - 32)>>);
upper(<<C/utf8, T/binary>>, B) -> upper(T, <<B/binary, C/utf8>>);
upper(<<>>, B) -> B.
