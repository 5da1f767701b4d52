%% Parsing a binary protocol: tagged records with lengths, several field types.
-module(bin_parse).
-include("sizes.hrl").
-export([main/1]).

main(_) ->
    B = iolist_to_binary([packet(I) || I <- lists:seq(1, ?N(4000, 30))]),
    io:format("~w~n", [times(?N(4000, 3), B, 0)]).

packet(I) when I rem 3 =:= 0 -> <<1, 8:16, I:32, (I * 3):32/little>>;
packet(I) when I rem 3 =:= 1 -> <<2, (I rem 20):16, (binary:copy(<<I>>, I rem 20))/binary>>;
packet(I) -> <<3, 5:16, (I rem 8):3, (I rem 32):5, I:32/signed>>.

times(0, _, R) -> R;
times(N, B, R) -> times(N - 1, B, R + parse(B, 0)).

parse(<<1, 8:16, A:32, B:32/little, T/binary>>, S) -> parse(T, S + A + B);
parse(<<2, L:16, D:L/binary, T/binary>>, S) -> parse(T, S + byte_size(D) + first(D));
parse(<<3, 5:16, A:3, B:5, C:32/signed, T/binary>>, S) -> parse(T, S + A + B - C);
parse(<<>>, S) -> S.

first(<<X, _/binary>>) -> X;
first(<<>>) -> 0.
