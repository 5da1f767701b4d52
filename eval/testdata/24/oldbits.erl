-module(oldbits).
-compile([r24, nowarn_unused_function]).
-compile({no_auto_import, [integer_to_binary/1]}).
-export([t_integers/0, t_sizes/0, t_binaries/0, t_floats/0, t_chars/0, t_strings/0, t_append/0, t_comprehension/0,
         t_bits/0, t_errors/0, t_infinite/0, t_long/0]).

%% Bit strings built by the instructions of compilers before OTP 25.

id(X) -> X.

try_(F) ->
    try F() catch C:R -> {C, R} end.

t_integers() ->
    X = id(16#123456789ABCDEF),
    N = id(-5),
    [<<X:64>>, <<X:40/little>>, <<N:16>>, <<N:13, 1:3>>, <<X:100/little, 0:4>>, <<(id(1 bsl 200 - 77)):203/signed, 3:5>>].

t_sizes() ->
    [<<(id(7)):S/unit:8, (id(9)):T>> || S <- [0, 1, 2, 9], T <- [0, 3, 8, 64]].

t_binaries() ->
    B = id(<<"abcdefgh">>),
    C = id(<<5:3>>),
    [<<1, B/binary, 2>>, <<B:3/binary, 9>>, <<C/bitstring, B/binary>>, <<0, C/bitstring>>, <<1:1, B:13/bitstring>>].

t_floats() ->
    F = id(1.25),
    [<<F/float>>, <<F:32/float-little>>, <<F:16/float>>, <<(id(3)):64/float>>, <<1:4, F/float, 2:4>>].

t_chars() ->
    [[<<C/utf8>>, <<C/utf16>>, <<C/utf16-little>>, <<C/utf32>>, <<"x", C/utf8, "y", C/utf16>>] || C <- [0, 127, 128, 16#7FF, 16#800, 16#FFFF, 16#10000, 16#10FFFF]].

t_strings() ->
    [<<"fixed text", (id(1)), "more">>, <<"abc":16/little-unit:1>>, <<(id(1)):1, "odd":8/unit:2, 0:7>>].

t_append() ->
    B0 = <<(id(<<>>))/binary, (id(1))>>,
    B1 = <<B0/binary, (id(2)), "xyz">>,
    B2 = <<B1/binary, (id(3)):16>>,
    B3 = <<B1/binary, (id(4)):16>>,
    {B0, B1, B2, B3, fold(<<>>, 1, 200), grow(<<>>, 3000)}.

fold(B, I, N) when I > N -> B;
fold(B, I, N) -> fold(<<B/binary, I:16>>, I + 1, N).

seq(I, N) when I > N -> [];
seq(I, N) -> [I | seq(I + 1, N)].

grow(B, 0) -> {byte_size(B), erlang:phash2(B)};
grow(B, N) -> grow(<<B/bitstring, N:5>>, N - 1).

t_comprehension() ->
    {<< <<(X * 2):12>> || X <- id([1, 2, 3, 4]) >>, << <<X>> || <<X:3>> <= id(<<"some text">>) >>,
     byte_size(<< <<X:16>> || X <- seq(1, 5000) >>)}.

t_bits() ->
    [begin S = id(<<I:N>>), <<S/bitstring, S/bitstring, I:N>> end || N <- [1, 5, 8, 13], I <- [0, 1, 77]].

t_errors() ->
    B = id(<<"abc">>),
    Bad = id(a),
    [try_(fun() -> <<Bad:8>> end), try_(fun() -> <<Bad/binary>> end), try_(fun() -> <<B:4/binary>> end),
     try_(fun() -> <<1:Bad>> end), try_(fun() -> <<1:(id(-1))>> end), try_(fun() -> <<Bad/float>> end),
     try_(fun() -> <<(id(16#D800))/utf8>> end), try_(fun() -> <<(id(-1))/utf16>> end), try_(fun() -> <<(id(16#110000))/utf32>> end),
     try_(fun() -> <<(id(<<1:3>>))/binary, 1>> end), try_(fun() -> <<(id(x))/bitstring, 1:1>> end),
     try_(fun() -> <<Bad/utf8, 1>> end),
     guard(B, 2), guard(B, -1), guard(B, x), guard(7, 1)].

guard(B, N) when <<B:N/binary>> =:= <<"ab">> -> yes;
guard(_, _) -> no.

t_infinite() ->
    [<<(id(1.0e300)):32/float>>, <<(id(-1.0e300)):16/float>>, try_(fun() -> <<(id(1 bsl 2000))/float>> end)].

t_long() ->
    Big = binary:copy(<<"0123456789">>, 100),
    L = [<<Big/binary, I, Big/binary>> || I <- seq(1, 50)],
    [erlang:phash2(X) || X <- L].
