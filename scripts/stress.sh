#!/usr/bin/env bash
# Runs the chunk suite, the examples and the benchmark's programs (in small sizes) under the machine's debug switches and with
# different numbers of workers. Every result must be the recorded one of Erlang/OTP.
# Usage: scripts/stress.sh                  all of the rows below, one after the other (about half an hour on two cores)
#        scripts/stress.sh SWITCHES [N]     one row: SWITCHES for GERL_DEBUG ("none" for none), N workers
# The switches: gcstress collects at every safe point, tight starts heaps with room for one word more than is needed,
# poison overwrites freed blocks, walk checks the heap after each collection.
set -euo pipefail
cd "$(dirname "$0")/.."
rows=("gcstress,poison,walk 0" "tight 0" "gcstress,tight,poison 0" "none 1" "none 2" "none 8" "gcstress 8")
[ $# -eq 0 ] || rows=("$1 ${2:-0}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export GERL_BIN=${GERL_BIN:-$work/gerl}
[ -x "$GERL_BIN" ] || CGO_ENABLED=0 go build -o "$GERL_BIN" ./cmd/gerl
failed=0
for row in "${rows[@]}"; do
  read -r switches workers <<<"$row"
  echo "== GERL_DEBUG=$switches GERL_WORKERS=$workers"
  unset GERL_DEBUG GERL_WORKERS
  [ "$switches" = none ] || export GERL_DEBUG=$switches
  [ "$workers" = 0 ] || export GERL_WORKERS=$workers
  go test -count=1 -timeout 40m -run 'TestChunks$|TestExamples$|TestSmallPrograms$' ./internal/testkit ./examples ./bench || failed=1
done
exit $failed
