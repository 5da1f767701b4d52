%% The CPU time, in milliseconds, of erl_scan with erl_parse and of epp over sources, ROUNDS times each.
-module(asb).
-export([main/1]).

main([Rounds | Files]) ->
    Texts = [text(Bytes) || F <- Files, {ok, Bytes} <- [file:read_file(F)]],
    lists:foreach(fun(_) ->
                          io:format("~w ~w ~w~n", [time(fun() -> [scan(T, {1, 1}, []) || T <- Texts] end),
                                                   time(fun() -> [parse(T) || T <- Texts] end),
                                                   time(fun() -> [epp:parse_file(F, []) || F <- Files] end)])
                  end, lists:seq(1, list_to_integer(Rounds))),
    halt(0).

time(Fun) ->
    {Before, _} = statistics(runtime),
    erlang:garbage_collect(),
    _ = Fun(),
    {After, _} = statistics(runtime),
    After - Before.

text(Bytes) ->
    case unicode:characters_to_list(Bytes) of
        Text when is_list(Text) -> Text;
        _ -> binary_to_list(Bytes)
    end.

parse(Text) -> [erl_parse:parse_form(Tokens) || Tokens <- scan(Text, {1, 1}, [])].

scan(Text, At, Forms) ->
    case erl_scan:tokens([], Text, At, []) of
        {done, {ok, Tokens, End}, Rest} -> scan(Rest, End, [Tokens | Forms]);
        {done, {error, _, End}, Rest} -> scan(Rest, End, Forms);
        _ -> Forms
    end.
