#!/usr/bin/env bash
# Runs the whole chunk suite and all examples with the machine's debug
# switches: a collection at every safe point, freed blocks poisoned, the heap
# walked after each collection. Any difference is a failure.
# Usage: scripts/stress.sh [SWITCHES]     (default: gcstress,poison,walk)
set -euo pipefail
cd "$(dirname "$0")/.."
export GERL_DEBUG=${1:-gcstress,poison,walk}
exec go test -count=1 -timeout 30m -run 'TestChunks$|TestExamples$' ./internal/testkit ./examples
