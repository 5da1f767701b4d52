#!/usr/bin/env bash
# Runs random calls of library functions, or random programs, on gerl and on Erlang/OTP and compares values and exceptions.
# Usage: scripts/differential.sh exports FROM TO [MODULE...]
#                                                   each documented function of the pure modules, TO - FROM + 1 calls a specification, with
#                                                   what the shell says about wrong arguments (testdata/differential/signatures)
# erlc compiles both, so this is about the machine and the library; what a number stands for never changes.
# Usage: scripts/differential.sh calls FROM TO       for example 1 1000000
#        scripts/differential.sh programs FROM TO    modules of 100 functions, 5 calls each
# The reference is OTP 29 (functions that older releases do differently, or do not have, differ). GERL is gerl's executable (default: gerl on the PATH). Exit status 1 if anything differs.
set -euo pipefail
cd "$(dirname "$0")/.."
kind=${1:?calls, exports or programs} from=${2:?first number} to=${3:?last number}
gerl=${GERL:-gerl}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
only=("${@:4}")
for source in testdata/differential/{calls,exports,arguments,phrases,programs}.erl; do # signatures.erl wants a newer erlc than the others
  erlc -o "$work" "$source"
done
run=(-noshell -pa "$work" -run "$kind" main)
export TERM=xterm-256color # what io_ansi goes by
case $kind in
  calls)
    erl "${run[@]}" run "$from" "$to" "$work/otp"
    "$gerl" "${run[@]}" run "$from" "$to" "$work/gerl" ;;
  exports)
    erl "${run[@]}" run testdata/differential/signatures "$from" "$to" "$work/otp" ${only[@]+"${only[@]}"}
    "$gerl" "${run[@]}" run testdata/differential/signatures "$from" "$to" "$work/gerl" ${only[@]+"${only[@]}"} ;;
  programs)
    mkdir "$work/programs"
    erl "${run[@]}" make "$from" "$to" "$work/programs"
    erl "${run[@]}" run "$from" "$to" "$work/programs" "$work/otp"
    "$gerl" "${run[@]}" run "$from" "$to" "$work/programs" "$work/gerl" ;;
  *) echo "calls, exports or programs, not $kind"; exit 2 ;;
esac
total=$(wc -l <"$work/otp")
differ=$(diff -a "$work/otp" "$work/gerl" | grep -ac '^<' || true)
echo "$total compared, $differ differ"
if [ "$differ" -gt 0 ]; then
  diff -a "$work/otp" "$work/gerl" | cut -c1-400 | head -40
  exit 1
fi
