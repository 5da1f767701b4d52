#!/usr/bin/env bash
# Damages real .beam files (a few bytes of their code, another name), loads what the validator takes, and calls its functions with
# arguments of any kind, with the heap checked after each collection and freed memory poisoned. Exceptions are fine; a crash of
# the node, a damaged heap or an internal error is not.
# Usage: scripts/mutants.sh FROM TO [DIR...]     numbers; what one stands for depends on it and on the files in DIR...
# Without directories: gerl's own library and that of the Erlang/OTP on the PATH, if there is one. GERL: the binary (default: built anew).
set -euo pipefail
cd "$(dirname "$0")/.."
from=${1:?first number} to=${2:?last number}
shift 2
dirs=("$@")
if [ ${#dirs[@]} = 0 ]; then
  dirs=(stdlib/ebin)
  if command -v erl >/dev/null; then
    lib=$(erl -noshell -eval 'io:put_chars(code:lib_dir(stdlib)), halt().')
    dirs+=("$lib/ebin")
  fi
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
gerl=${GERL:-$work/gerl}
[ -n "${GERL:-}" ] || CGO_ENABLED=0 go build -o "$gerl" ./cmd/gerl
"$gerl" compile -o "$work" scripts/mutants/mutants.erl
for ((n = from; n <= to; n += 1000)); do # a node of its own for each thousand: atoms and code are kept
  last=$((n + 999 < to ? n + 999 : to))
  GERL_DEBUG=${GERL_DEBUG-walk,poison} "$gerl" -noshell -pa "$work" -run mutants main "$(IFS=:; echo "${dirs[*]}")" "$n" "$last" || {
    echo "mutants $n to $last: status $?"
    exit 1
  }
done
