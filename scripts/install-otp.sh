#!/usr/bin/env bash
# Installs the distribution's Erlang/OTP, with which the tests compare gerl:
# erl, erlc and escript, the library modules that chunks use, and the tools of
# the compiler. Needs root and a Debian or Ubuntu with its package mirror.
# Without OTP the tests compare with its recorded answers only.
# Usage: scripts/install-otp.sh
set -euo pipefail

if command -v erl >/dev/null && command -v erlc >/dev/null && command -v escript >/dev/null; then
  echo "erl is there: $(command -v erl)"
else
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends erlang-base erlang-dev erlang-syntax-tools >/dev/null
fi
erl -noshell -eval 'io:format("OTP ~s~n", [erlang:system_info(otp_release)]), halt().' </dev/null
