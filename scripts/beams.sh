#!/usr/bin/env bash
# Loads every .beam file below the given directories (validated, translated, never run) and prints how many there are and
# which ones gerl refuses. Without arguments: the libraries of the Erlang and Elixir installations of this machine.
# Usage: scripts/beams.sh [DIR...]      exit status 1 if a file is refused
set -euo pipefail
cd "$(dirname "$0")/.."
dirs=("$@")
if [ ${#dirs[@]} = 0 ]; then
  for d in /usr/lib/erlang/lib /usr/local/lib/erlang/lib /usr/lib/elixir/lib; do
    if [ -d "$d" ]; then dirs+=("$d"); fi
  done
fi
[ ${#dirs[@]} -gt 0 ] || { echo "no directories with .beam files: name some"; exit 2; }
GERL_BEAMS=$(IFS=:; echo "${dirs[*]}")
export GERL_BEAMS
out=$(go test ./eval -count=1 -run '^TestRealFilesLoad$' -v) && status=0 || status=1
sed -n 's/^ *load_test.go:[0-9]*: //p' <<<"$out"
exit $status
