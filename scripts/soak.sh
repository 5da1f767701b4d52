#!/bin/sh
# Runs random work with processes for a while, with the invariant walkers on, and checks what must hold.
#
#   scripts/soak.sh [SECONDS] [SEED]       default: 60 seconds, a seed from the clock
#
# Environment: GERL (the binary; default: built anew), GERL_DEBUG (default: walk; also gcstress, poison).
set -eu
cd "$(dirname "$0")/.."
seconds=${1:-60}
seed=${2:-$(date +%s)}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
gerl=${GERL:-$dir/gerl}
[ -n "${GERL:-}" ] || CGO_ENABLED=0 go build -o "$gerl" ./cmd/gerl
"$gerl" compile -o "$dir" scripts/soak/soak.erl
echo "soak: $seconds seconds from seed $seed"
GERL_DEBUG=${GERL_DEBUG-walk} "$gerl" -noshell -pa "$dir" -eval "soak:main([\"$seconds\", \"$seed\"]), halt()."
