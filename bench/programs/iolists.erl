%% Output: io_lib:format, iolists, iolist_to_binary, integers and floats as text.
-module(iolists).
-include("sizes.hrl").
-export([main/1]).

main(_) -> io:format("~w~n", [times(?N(200, 2), 0)]).

times(0, R) -> R;
times(N, R) ->
    L = [line(I) || I <- lists:seq(1, ?N(1000, 10))],
    B = iolist_to_binary(L),
    F = [io_lib:format("~w ~s ~p ~.2f~n", [I, "text", {a, I, [b]}, I / 3]) || I <- lists:seq(1, ?N(300, 5))],
    times(N - 1, R + byte_size(B) + iolist_size(F)).

line(I) ->
    ["<row id=\"", integer_to_list(I), "\">", [[<<"<cell>">>, integer_to_binary(I * K), "</cell>"] || K <- [1, 2, 3]],
     float_to_binary(I / 7, [{decimals, 3}]), atom_to_list(row), "</row>\n"].
