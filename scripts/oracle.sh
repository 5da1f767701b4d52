#!/bin/sh
# Compares gerl with erl on source files: the forms of epp, or the findings of erl_lint.
#
#   scripts/oracle.sh forms|lint GERL ERL DIR FILE...
#
# DIR is where the results go (DIR/KIND-erl.txt, DIR/KIND-gerl.txt). Both commands run with the code path of ERL's
# libraries behind their own. Exit code 0 means that the results are equal.
set -eu
kind=$1 gerl=$2 erl=$3 dir=$4
shift 4
here=$(cd "$(dirname "$0")" && pwd)/oracle
mkdir -p "$dir/erl" "$dir/gerl"
root=$($erl -noshell -eval 'io:put_chars(code:lib_dir()), halt().')
"$erl"c -o "$dir/erl" "$here/dump_$kind.erl"
"$gerl" compile -o "$dir/gerl" "$here/dump_$kind.erl"
$erl -noshell -pa "$dir/erl" -s "dump_$kind" main -extra "$dir/$kind-erl.txt" "$@"
"$gerl" -noshell ${GERL_FLAGS-} -pa "$dir/gerl" -pz "$root"/*/ebin -s "dump_$kind" main -extra "$dir/$kind-gerl.txt" "$@"
cmp "$dir/$kind-erl.txt" "$dir/$kind-gerl.txt"
