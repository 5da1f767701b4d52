%% Module json.
-module(json_text).
-export([main/1]).
-include("rounds.hrl").

main(["encode"]) ->
    V = value(),
    rounds(?ROUNDS(60), fun() -> iolist_size(json:encode(V)) end);
main(["decode"]) ->
    B = iolist_to_binary(json:encode(value())),
    rounds(?ROUNDS(60), fun() -> length(json:decode(B)) end);
main(["decode_strings"]) ->
    B = iolist_to_binary(json:encode([unicode:characters_to_binary(["a \"quoted\" text\nwith ", 16#e4, " lines"]) || _ <- lists:seq(1, ?SIZE(10000))])),
    rounds(?ROUNDS(30), fun() -> length(json:decode(B)) end);
main(["format"]) ->
    V = value(),
    rounds(?ROUNDS(20), fun() -> iolist_size(json:format(V)) end).

value() ->
    [#{id => I, name => <<"a name">>, tags => [<<"friend">>, <<"colleague">>], score => I / 8, active => true, none => null,
       inner => #{<<"x">> => I, <<"y">> => -I}} || I <- lists:seq(1, ?SIZE(2000))].
