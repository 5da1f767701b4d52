%% Binaries: taking apart, building, text.
-module(bg_bin).
-export([count/1, json/1, packets/1, build/1, utf8/1, split/1, hex/1, comprehension/1]).

count(N) -> count_loop(N, binary:copy(<<"hello world, this is text ">>, 100), 0).
count_loop(0, _, S) -> S;
count_loop(N, B, S) -> count_loop(N - 1, B, S + spaces(B, 0)).
spaces(<<$\s, R/binary>>, K) -> spaces(R, K + 1);
spaces(<<_, R/binary>>, K) -> spaces(R, K);
spaces(<<>>, K) -> K.

json(N) -> json_loop(N, <<"{\"a\": [1, 2, 345, true, null], \"name\": \"some text here\", \"o\": {\"k\": -12}}">>, none).
json_loop(0, _, V) -> V;
json_loop(N, B, _) -> {V, <<>>} = value(B), json_loop(N - 1, B, V).
value(<<$\s, R/binary>>) -> value(R);
value(<<${, R/binary>>) -> object(ws(R), []);
value(<<$[, R/binary>>) -> array(ws(R), []);
value(<<$", R/binary>>) -> str(R, []);
value(<<"true", R/binary>>) -> {true, R};
value(<<"false", R/binary>>) -> {false, R};
value(<<"null", R/binary>>) -> {null, R};
value(<<$-, R/binary>>) -> {V, R1} = num(R, 0), {-V, R1};
value(<<C, _/binary>> = B) when C >= $0, C =< $9 -> num(B, 0).
num(<<C, R/binary>>, N) when C >= $0, C =< $9 -> num(R, N * 10 + C - $0);
num(R, N) -> {N, R}.
str(<<$", R/binary>>, Acc) -> {list_to_binary(lists:reverse(Acc)), R};
str(<<$\\, C, R/binary>>, Acc) -> str(R, [C | Acc]);
str(<<C, R/binary>>, Acc) -> str(R, [C | Acc]).
array(<<$], R/binary>>, Acc) -> {lists:reverse(Acc), R};
array(<<$,, R/binary>>, Acc) -> array(ws(R), Acc);
array(B, Acc) -> {V, R} = value(B), array(ws(R), [V | Acc]).
object(<<$}, R/binary>>, Acc) -> {{Acc}, R};
object(<<$,, R/binary>>, Acc) -> object(ws(R), Acc);
object(<<$", B/binary>>, Acc) ->
    {K, R} = str(B, []),
    <<$:, R1/binary>> = ws(R),
    {V, R2} = value(R1),
    object(ws(R2), [{K, V} | Acc]).
ws(<<$\s, R/binary>>) -> ws(R);
ws(R) -> R.

packets(N) -> pk_loop(N, << <<I:16, 3:8, "abc">> || I <- lists:seq(1, 100) >>, 0).
pk_loop(0, _, S) -> S;
pk_loop(N, B, S) -> pk_loop(N - 1, B, S + pk(B, 0)).
pk(<<Id:16, Len:8, Data:Len/binary, R/binary>>, S) -> pk(R, S + Id + byte_size(Data));
pk(<<>>, S) -> S.

build(N) -> build_loop(N, lists:seq(1, 200), 0).
build_loop(0, _, S) -> S;
build_loop(N, L, S) -> build_loop(N - 1, L, S + byte_size(enc(L, <<>>))).
enc([H | T], Acc) -> enc(T, <<Acc/binary, H:16, (H band 255)>>);
enc([], Acc) -> Acc.

utf8(N) -> utf8_loop(N, unicode:characters_to_binary(lists:duplicate(50, [$a, $b, 233, 8364, 128512])), 0).
utf8_loop(0, _, S) -> S;
utf8_loop(N, B, S) -> utf8_loop(N - 1, B, S + length(cps(B))).
cps(<<C/utf8, R/binary>>) -> [C | cps(R)];
cps(<<>>) -> [].

split(N) -> split_loop(N, binary:copy(<<"key=value;other=thing;">>, 20), 0).
split_loop(0, _, S) -> S;
split_loop(N, B, S) -> split_loop(N - 1, B, S + length(fields(B, <<>>, []))).
fields(<<$;, R/binary>>, W, Acc) -> fields(R, <<>>, [W | Acc]);
fields(<<$=, R/binary>>, W, Acc) -> fields(R, <<>>, [{k, W} | Acc]);
fields(<<C, R/binary>>, W, Acc) -> fields(R, <<W/binary, C>>, Acc);
fields(<<>>, W, Acc) -> [W | Acc].

hex(N) -> hex_loop(N, binary:copy(<<1, 171, 205, 239>>, 50), 0).
hex_loop(0, _, S) -> S;
hex_loop(N, B, S) -> hex_loop(N - 1, B, S + length(hx(B))).
hx(<<A:4, B:4, R/binary>>) -> [dig(A), dig(B) | hx(R)];
hx(<<>>) -> [].
dig(D) when D < 10 -> D + $0;
dig(D) -> D - 10 + $a.

comprehension(N) -> comp_loop(N, binary:copy(<<1, 2, 3, 4>>, 100), 0).
comp_loop(0, _, S) -> S;
comp_loop(N, B, S) ->
    L = [X || <<X:16>> <= B, X > 600],
    C = << <<(X bxor 85)>> || <<X>> <= B >>,
    comp_loop(N - 1, B, S + length(L) + byte_size(C)).
