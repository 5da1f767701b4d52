#!/bin/sh
# Measures what "go run ./bench" does not: times of waiting, fairness, memory of idle processes, use of two cores.
#
#   scripts/measure.sh latency        how long a woken process waits while two schedulers are busy (goal: 99 % within 2 ms)
#   scripts/measure.sh fairness       how often others run while a built-in function has much to do, on one scheduler
#   scripts/measure.sh idle [N]       memory of N processes that wait (default: a million; goal: 1024 bytes each)
#   scripts/measure.sh cores          a parallel map on one and on two schedulers (goal: 1.7 times as fast)
#   scripts/measure.sh pauses         Go's stop-the-world pauses with 100,000 live processes (goal: 99 % within 1 ms)
#
# Environment: GERL (the binary; default: built anew). Only an idle machine gives figures that mean something for latency, cores and pauses.
set -eu
cd "$(dirname "$0")/.."
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
gerl=${GERL:-$dir/gerl}
[ -n "${GERL:-}" ] || CGO_ENABLED=0 go build -o "$gerl" ./cmd/gerl
compile() { "$gerl" compile -o "$dir" "$@"; }
resident() { # of a node with so many idle processes, in bytes
    "$gerl" +P 134217727 -noshell -pa "$dir" -eval "million:main([\"$1\"]), io:put_chars(os:cmd(\"grep VmHWM /proc/\" ++ os:getpid() ++ \"/status\")), halt()." |
        tail -1 | { read -r _ kib _; echo $((kib * 1024)); }
}
case ${1:-} in
latency)
    compile bench/fair/latency.erl
    "$gerl" +S 2 -noshell -pa "$dir" -run latency main 2000
    ;;
fairness)
    compile bench/fair/fairness.erl
    "$gerl" +S 1 -noshell -pa "$dir" -run fairness main 1
    ;;
idle)
    n=${2:-1000000}
    compile bench/programs/million.erl
    few=$(resident 1000)
    many=$(resident "$n")
    echo "$(((many - few) / (n - 1000))) bytes for each of $n idle processes, $((many / 1048576)) MiB in all"
    ;;
cores)
    compile bench/programs/pmap.erl
    for s in 1 2; do
        "$gerl" +S $s -noshell -pa "$dir" -eval "{T, _} = timer:tc(fun() -> pmap:main([\"1\"]) end), io:format(\"$s: ~.2f s~n\", [T / 1.0e6]), halt()."
    done
    ;;
pauses)
    compile bench/fair/pauses.erl
    GERL_PAUSES=1 "$gerl" -noshell -pa "$dir" -run pauses main 20 -run erlang halt
    ;;
*)
    sed -n 's/^#   //p' "$0"
    exit 2
    ;;
esac
