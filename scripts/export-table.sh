#!/usr/bin/env bash
# Records what OTP's library exports and documents: testdata/library/otp29_exports, one module a line,
# from which `go generate ./stdlib` makes docs/library.md. Needs an OTP 29 that was built with documentation.
# Usage: scripts/export-table.sh [COMMAND...]      (how to call erl; default: erl)
set -euo pipefail
cd "$(dirname "$0")/.."
out=testdata/library/otp29_exports
[ $# -gt 0 ] || set -- erl
modules=$(sed -n 's/^\([a-z0-9_]*\) .*/\1/p' "$out" | paste -sd, -)
program='
Exports = fun(M) ->
    {module, M} = code:ensure_loaded(M),
    {ok, Chunk} = code:get_doc(M),
    %% leex documents the functions of the scanners that it makes as if they were its own
    Documented = [{F, A} || {{function, F, A}, _, _, Doc, Facts} <- element(7, Chunk), Doc =/= hidden, maps:get(group, Facts, none) =/= <<"Generated Scanner Exports">>],
    [FA || FA <- lists:sort(M:module_info(exports)), lists:member(FA, Documented)]
end,
[io:format("~w~s~n", [M, [io_lib:format(" ~w/~w", [F, A]) || {F, A} <- Exports(M)]]) || M <- ['"$modules"']],
halt().'
"$@" -noshell -eval "$program" </dev/null >"$out.new"
{ echo "# The documented functions of OTP 29's modules, recorded by scripts/export-table.sh."; cat "$out.new"; } >"$out"
rm "$out.new"
