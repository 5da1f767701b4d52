#!/bin/sh
# Compiles the modules given and records the value of their t_*/0 functions from the erl on the PATH:
#   ./record.sh basic ...       writes basic.beam and basic.golden
set -e
erlc runner.erl
cat > gerl_test.erl <<'EOF'
-module(gerl_test).
-export([result/1]).
result(R) -> main ! {result, R}.
EOF
erlc gerl_test.erl
for m in "$@"; do
    erlc "$m.erl"
    [ "$(grep -c "t_" $m.erl)" = 0 ] && continue
    erl -noshell -eval '
        register(main, self()),
        M = '"$m"',
        {ok, Out} = file:open("'"$m"'.golden", [write]),
        [begin
             spawn(runner, run, [M, F, []]),
             receive {result, R} -> io:format(Out, "~s\t~w~n", [F, R]) end
         end || {F, 0} <- lists:sort(M:module_info(exports)), lists:prefix("t_", atom_to_list(F))],
        init:stop().'
done
rm gerl_test.erl gerl_test.beam
