%% Symbolic differentiation: patterns over nested tuples.
-module(derive).
-include("sizes.hrl").
-export([main/1]).

main(_) ->
    E = {add, {mul, {num, 3}, {pow, x, 5}}, {mul, {add, x, {num, 1}}, {sub, {pow, x, 3}, {mul, {num, 2}, x}}}},
    io:format("~w~n", [times(?N(80000, 20), E, 0)]).

times(0, _, R) -> R;
times(N, E, R) -> times(N - 1, E, R + size_of(d(d(d(d(E)))))).

d({num, _}) -> {num, 0};
d(x) -> {num, 1};
d({add, A, B}) -> add(d(A), d(B));
d({sub, A, B}) -> {sub, d(A), d(B)};
d({mul, A, B}) -> add(mul(d(A), B), mul(A, d(B)));
d({pow, A, N}) -> mul({num, N}, mul({pow, A, N - 1}, d(A))).

add({num, 0}, B) -> B;
add(A, {num, 0}) -> A;
add({num, A}, {num, B}) -> {num, A + B};
add(A, B) -> {add, A, B}.

mul({num, 0}, _) -> {num, 0};
mul(_, {num, 0}) -> {num, 0};
mul({num, 1}, B) -> B;
mul(A, {num, 1}) -> A;
mul(A, B) -> {mul, A, B}.

size_of({_, A, N}) when is_integer(N) -> 1 + size_of(A);
size_of({_, A, B}) -> 1 + size_of(A) + size_of(B);
size_of(_) -> 1.
