#!/bin/sh
# Formats source files (copies of them) and checks that the result is stable and that its forms are those of the
# original, but for positions.
#
#   scripts/fmt-check.sh GERL DIR FILE...
#
# DIR is emptied and used for the copies.
set -eu
gerl=$1 dir=$2
shift 2
here=$(cd "$(dirname "$0")" && pwd)/oracle
rm -rf "$dir"
mkdir -p "$dir/ebin" "$dir/old" "$dir/new"
"$gerl" compile -o "$dir/ebin" "$here/same_forms.erl"
bad=0
for f in "$@"; do
    name=$(echo "$f" | tr / _)
    cp "$f" "$dir/old/$name"
    cp "$f" "$dir/new/$name"
done
"$gerl" fmt "$dir/new" || bad=1
"$gerl" fmt --check "$dir/new" || { echo "not stable"; bad=1; }
sed -i 's/?LINE/0/g' "$dir"/old/* "$dir"/new/* # it changes with the lines, as it should
"$gerl" -noshell -pa "$dir/ebin" -s same_forms main -extra "$dir" || bad=1
exit $bad
