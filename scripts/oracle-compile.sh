#!/usr/bin/env bash
# Compiles the sources of an OTP installation (stdlib, kernel, compiler, eunit, parsetools, syntax_tools, mnesia, ssl,
# common_test) with gerl's compiler and lets gerl's validator, OTP's beam_validator and OTP's loader judge the code.
# Prints one line for each complaint and the counts.
# Usage: scripts/oracle-compile.sh [-m PART] [-f FEATURES] [-29 COMMAND] [-i DIRS] [-n] LIBDIR
#   LIBDIR       directory with the applications, such as /usr/lib/erlang/lib; their sources must be there
#   -m PART      only files whose path contains PART
#   -f FEATURES  as -maybe_expr (disable) or maybe_expr (enable), separated by commas
#   -29 COMMAND  command that starts an Erlang of OTP 29, as "chroot DIR erl"; OTP 25 is the erl on the path
#   -i DIRS      further include directories, separated by colons
#   -n           compile and validate with gerl only
set -uo pipefail
cd "$(dirname "$0")/.."
match='' features='' otp29='' judges='25' more=''
while [ $# -gt 1 ]; do
  case $1 in
    -m) match=$2; shift 2 ;;
    -f) features=$2; shift 2 ;;
    -29) otp29=$2; judges='25 29'; shift 2 ;;
    -i) more=$2; shift 2 ;;
    -n) judges=''; shift ;;
    *) sed -n '2,12s/^# //p' "$0" >&2; exit 2 ;;
  esac
done
[ $# -eq 1 ] && [ -d "$1" ] || { sed -n '2,12s/^# //p' "$0" >&2; exit 2; }
GERL_OTP_SOURCES=$1 GERL_OTP_MATCH=$match GERL_OTP_FEATURES=$features GERL_OTP_JUDGES=$judges GERL_OTP29=$otp29 GERL_OTP_INCLUDE=$more \
  go test ./compiler -run '^TestOTPSources$' -count=1 -v -timeout 60m
