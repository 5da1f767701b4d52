%% Module string with lists and with binaries, in ASCII and beyond it.
-module(texts).
-export([main/1]).
-include("rounds.hrl").

main(["split_list"]) ->
    T = ascii(),
    rounds(?ROUNDS(400), fun() -> string:split(T, ";", all) end);
main(["split_binary"]) ->
    T = list_to_binary(ascii()),
    rounds(?ROUNDS(300), fun() -> string:split(T, <<";">>, all) end);
main(["uppercase_list"]) ->
    T = ascii(),
    rounds(?ROUNDS(600), fun() -> string:uppercase(T) end);
main(["uppercase_binary"]) ->
    T = list_to_binary(ascii()),
    rounds(?ROUNDS(400), fun() -> string:uppercase(T) end);
main(["uppercase_beyond_ascii"]) ->
    T = beyond_ascii(),
    rounds(?ROUNDS(50), fun() -> string:uppercase(T) end);
main(["lexemes_list"]) ->
    T = ascii(),
    rounds(?ROUNDS(180), fun() -> string:lexemes(T, " ;") end);
main(["lexemes_binary"]) ->
    T = list_to_binary(ascii()),
    rounds(?ROUNDS(180), fun() -> string:lexemes(T, " ;") end);
main(["find_list"]) ->
    T = ascii(),
    rounds(?ROUNDS(800), fun() -> string:find(T, "nowhere") end);
main(["find_binary"]) ->
    T = list_to_binary(ascii()),
    rounds(?ROUNDS(1600), fun() -> string:find(T, "nowhere") end);
main(["tokens"]) ->
    T = ascii(),
    rounds(?ROUNDS(300), fun() -> string:tokens(T, " ;") end);
main(["length_beyond_ascii"]) ->
    T = beyond_ascii(),
    rounds(?ROUNDS(300), fun() -> string:length(T) end);
main(["trim_and_pad"]) ->
    L = string:split(ascii(), ";", all),
    rounds(?ROUNDS(150), fun() -> [string:pad(string:trim(X), 20) || X <- L] end).

ascii() -> lists:append(lists:duplicate(?SIZE(1000), "some words; more Words and 17 numbers;")).

beyond_ascii() ->
    unicode:characters_to_binary(lists:duplicate(?SIZE(1000), [16#e4, 16#df, " gro", 16#df, 16#df, "e ", 16#416, 16#43b, 16#65e5, "e", 16#301, ";"])).
