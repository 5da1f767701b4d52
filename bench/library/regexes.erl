%% Module re: searching, replacing, splitting, with captures and alternatives.
-module(regexes).
-export([main/1]).
-include("rounds.hrl").

main(["run"]) ->
    B = text(),
    {ok, P} = re:compile("([a-z]+)@([a-z]+)\\.(com|org)"),
    rounds(?ROUNDS(60), fun() -> re:run(B, P, [global, {capture, all, binary}]) end);
main(["run_short"]) ->
    {ok, P} = re:compile("^(\\d{4})-(\\d\\d)-(\\d\\d)$"),
    L = lists:duplicate(?SIZE(1000), <<"2026-11-29">>),
    rounds(?ROUNDS(200), fun() -> [re:run(B, P, [{capture, all_but_first, list}]) || B <- L] end);
main(["run_no_match"]) ->
    B = text(),
    {ok, P} = re:compile("\\bnowhere\\b"),
    rounds(?ROUNDS(2400), fun() -> re:run(B, P) end);
main(["run_backtracking"]) ->
    {ok, P} = re:compile("^(?:a?){12}a{12}$"),
    B = binary:copy(<<"a">>, 12),
    rounds(?ROUNDS(1200), fun() -> re:run(B, P) end);
main(["replace"]) ->
    B = text(),
    rounds(?ROUNDS(80), fun() -> re:replace(B, "\\b(w)(\\w+)", "<\\2\\1>", [global, {return, binary}]) end);
main(["split"]) ->
    B = text(),
    rounds(?ROUNDS(60), fun() -> re:split(B, "\\s*[;,]\\s*") end);
main(["unicode"]) ->
    B = unicode:characters_to_binary(lists:duplicate(?SIZE(1000), [16#e4, "pfel und Birnen, ", 16#416, 16#43b, " "])),
    {ok, P} = re:compile("\\p{Lu}?\\p{Ll}+", [unicode]),
    rounds(?ROUNDS(90), fun() -> re:run(B, P, [global, {capture, first, binary}]) end).

text() -> binary:copy(<<"some words; mail to someone@example.com, or others@example.org; well, words\n">>, ?SIZE(1000)).
