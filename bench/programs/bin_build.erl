%% Building binaries: appending in a loop, segments of many kinds.
-module(bin_build).
-include("sizes.hrl").
-export([main/1]).

main(_) -> io:format("~w~n", [times(?N(60, 2), 0)]).

times(0, R) -> R;
times(N, R) ->
    B = grow(?N(100000, 600), <<>>),
    H = [header(I, B) || I <- lists:seq(1, ?N(10000, 100))],
    times(N - 1, (R + erlang:crc32(B) + erlang:crc32(H)) band 16#ffffff).

grow(0, B) -> B;
grow(N, B) -> grow(N - 1, <<B/binary, N:16, (N band 255)>>).

header(I, B) ->
    Part = binary:part(B, I * 4, 24),
    <<16#cafe:16, I:32/little, (byte_size(Part)):8, 0:3, I:5, Part/binary>>.
