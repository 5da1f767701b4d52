%% Module binary: parts that are looked for, taken out and replaced.
-module(pieces).
-export([main/1]).
-include("rounds.hrl").

main(["split"]) ->
    B = text(),
    rounds(?ROUNDS(4800), fun() -> binary:split(B, <<"\n">>, [global]) end);
main(["match"]) ->
    B = text(),
    rounds(?ROUNDS(5000), fun() -> binary:match(B, <<"nowhere">>) end);
main(["match_many"]) ->
    B = text(),
    P = binary:compile_pattern([<<"nowhere">>, <<"never">>, <<"last">>]),
    rounds(?ROUNDS(1800), fun() -> binary:matches(B, P) end);
main(["replace"]) ->
    B = text(),
    rounds(?ROUNDS(900), fun() -> binary:replace(B, <<"word">>, <<"thing">>, [global]) end);
main(["join"]) ->
    L = binary:split(text(), <<"\n">>, [global]),
    rounds(?ROUNDS(4500), fun() -> iolist_to_binary(lists:join(<<", ">>, L)) end).

text() -> binary:copy(<<"a line with a word or two; and the last word\n">>, ?SIZE(1000)).
