%% The process dictionary, conversions of atoms, integers and binaries, comparisons of terms.
-module(dictionary).
-include("sizes.hrl").
-export([main/1]).

main(_) ->
    Keys = {alpha, beta, gamma, delta, {a, 1}, "str", <<"bin">>, 42},
    [put(element(I, Keys), 0) || I <- lists:seq(1, 8)],
    loop(?N(4000000, 200), Keys),
    io:format("~w ~w~n", [lists:sum([get(element(I, Keys)) || I <- lists:seq(1, 8)]), convert(?N(500000, 50), 0)]).

loop(0, _) -> ok;
loop(N, Keys) ->
    K = element(N band 7 + 1, Keys),
    put(K, get(K) + 1),
    loop(N - 1, Keys).

convert(0, S) -> S;
convert(N, S) ->
    B = integer_to_binary(N),
    N = binary_to_integer(B),
    L = atom_to_list(some_atom),
    A = list_to_atom(L),
    T = {A, N, [B, L]},
    case T < {A, N + 1, []} andalso T =/= {A, N, []} andalso T == {A, N, [B, "some_atom"]} of
        true -> convert(N - 1, S + byte_size(B));
        false -> convert(N - 1, S)
    end.
