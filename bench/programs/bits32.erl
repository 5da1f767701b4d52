%% Integer operations on 32-bit words: a hash and a checksum over a list.
-module(bits32).
-include("sizes.hrl").
-export([main/1]).

main(_) ->
    L = lists:seq(1, ?N(2000, 50)),
    io:format("~w~n", [times(?N(6000, 3), L, 1)]).

times(0, _, R) -> R;
times(N, L, R) -> times(N - 1, L, mix(L, R, 1, 0)).

mix([], H, A, B) -> H bxor ((B bsl 16) bor A);
mix([X | T], H, A, B) ->
    H1 = ((H bxor X) * 16777619) band 16#ffffffff,
    H2 = ((H1 bsl 5) bor (H1 bsr 27)) band 16#ffffffff,
    A1 = (A + X) rem 65521,
    mix(T, H2, A1, (B + A1) rem 65521).
