#!/usr/bin/env bash
# Measures the compiler against the erlc on the path, in turns, by processor time:
#  1. compilation of all of an application's sources, each compiler as one process on one core (OTP without its start: the time of an empty
#     run is taken off both);
#  2. the code: the modules of bench/codegen compiled by both and run on OTP's machine, see bench/codegen/compare.escript.
# Usage: scripts/oracle-speed.sh GERL SRCDIR [ROUNDS]
#   GERL    the gerl command to measure
#   SRCDIR  directory with .erl files that compile by themselves, such as /usr/lib/erlang/lib/stdlib-4.2/src
set -uo pipefail
[ $# -ge 2 ] && [ -d "$2" ] || { sed -n '2,8s/^# //p' "$0" >&2; exit 2; }
cd "$(dirname "$0")/.."
gerl=$1 src=$2 rounds=${3:-3}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
mkdir "$tmp/o" "$tmp/g"
files=("$src"/*.erl)
lines=$(cat "${files[@]}" | wc -l)
inc=(-I "$src" -I "$src/../include")
for d in "$src"/../../kernel-*/include "$src"/../../kernel-*/src; do [ -d "$d" ] && inc+=(-I "$d"); done
TIMEFORMAT='%U %S'
cpu() { { time "$@" >/dev/null 2>"$tmp/err"; } 2>&1 | awk '{print $1 + $2}'; }
erlc_all() { taskset -c 0 erlc +nowarn_deprecated_catch -W0 "${inc[@]}" -o "$tmp/o" "${files[@]}"; }
gerl_all() { GOMAXPROCS=1 taskset -c 0 "$gerl" compile -disable-feature maybe_expr -W0 "${inc[@]}" -o "$tmp/g" "${files[@]}"; }
export ERL_FLAGS='+S 1:1 +sbwt none +sbwtdcpu none +sbwtdio none'
empty_o=$(cpu erl -noshell -eval 'halt().')
empty_g=$(cpu "$gerl" compile)
for ((i = 0; i < rounds; i++)); do
  o=$(cpu erlc_all); g=$(cpu gerl_all)
  awk -v o="$o" -v g="$g" -v eo="$empty_o" -v eg="$empty_g" -v n="${#files[@]}" -v l="$lines" \
    'BEGIN { printf "%d files, %d lines: erlc %.2f s, gerl %.2f s, %.1f times as fast\n", n, l, o - eo, g - eg, (o - eo) / (g - eg) }'
done
echo "compiled: erlc $(ls "$tmp/o" | wc -l), gerl $(ls "$tmp/g" | wc -l)"
unset ERL_FLAGS
mkdir "$tmp/co" "$tmp/cg"
erlc -o "$tmp/co" bench/codegen/*.erl && "$gerl" compile -o "$tmp/cg" bench/codegen/*.erl &&
  escript bench/codegen/compare.escript "$tmp/co" "$tmp/cg" "$((2 * rounds + 1))"
