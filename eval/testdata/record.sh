#!/bin/sh
# Compiles the modules given and records the value of their t_*/0 functions from the erl on the PATH:
#   ./record.sh basic ...       writes basic.beam and basic.golden
set -e
erlc runner.erl
for m in "$@"; do
    erlc "$m.erl"
    erl -noshell -eval '
        M = '"$m"',
        {ok, Out} = file:open("'"$m"'.golden", [write]),
        [begin
             Self = self(),
             {_, Ref} = spawn_monitor(fun() ->
                 R = try {ok, M:F()} catch C:E:S -> {C, E, lists:sublist(S, length(S))} end,
                 Self ! {self(), R} end),
             receive {_, R} when is_tuple(R) -> io:format(Out, "~s\t~w~n", [F, R]) end,
             receive {_, Ref, _, _, _} -> ok end
         end || {F, 0} <- lists:sort(M:module_info(exports)), lists:prefix("t_", atom_to_list(F))],
        init:stop().'
done
