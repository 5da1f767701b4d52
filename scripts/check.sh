#!/usr/bin/env bash
# All checks that are no tests: form, static analysis, generated files, module
# file, static builds for every system that gerl supports. One line for each
# check; the output of those that fail follows. Exit status 1 if any failed.
# Usage: scripts/check.sh [CHECK...]     (no argument: all of them)
set -uo pipefail
cd "$(dirname "$0")/.."

STATICCHECK=honnef.co/go/tools/cmd/staticcheck@v0.8.2

# Packages that work on memory outside Go's: vet's unsafeptr check is off for
# them only.
raw='/(term|eval|scheduler)($|/)'

check_gofmt() {
  local files
  files=$(git ls-files -z '*.go' | xargs -0 gofmt -l)
  [ -z "$files" ] || { echo "not formatted:"; echo "$files"; return 1; }
}

vet() { # GOOS
  local all rest unsafe
  all=$(go list ./...) || return 1
  unsafe=$(grep -E "$raw" <<<"$all")
  rest=$(grep -vE "$raw" <<<"$all")
  GOOS=$1 go vet $rest && GOOS=$1 go vet -unsafeptr=false $unsafe
}

check_vet_linux() { vet linux; }
check_vet_darwin() { vet darwin; }
check_vet_windows() { vet windows; }

check_staticcheck() { go run "$STATICCHECK" ./...; }

# Every generated file is what its generator makes now.
check_generated() {
  local before after
  before=$(git ls-files -z | xargs -0 sha256sum 2>/dev/null)
  go generate ./... || return 1
  after=$(git ls-files -z | xargs -0 sha256sum 2>/dev/null)
  diff <(echo "$before") <(echo "$after") >/dev/null ||
    { echo "go generate changes:"; diff <(echo "$before") <(echo "$after") | awk '/^>/ {print $3}'; return 1; }
}

check_mod_tidy() { go mod tidy -diff; }

# No file over 800 lines, whatever its language; generated Go and recorded
# expectations do not count.
check_file_length() {
  local bad=0 f n
  while IFS= read -r f; do
    [ -f "$f" ] || continue
    n=$(wc -l <"$f")
    if [ "$n" -gt 800 ] && ! head -n 3 "$f" | grep -q 'Code generated'; then
      echo "$f has $n lines"
      bad=1
    fi
  done < <(git ls-files '*.go' '*.erl' '*.hrl' '*.sh' '*.md' | grep -v '^testdata/')
  return $bad
}

# One static binary without cgo, for each system.
build() { # GOOS
  local out
  out=$(mktemp -d)
  CGO_ENABLED=0 GOOS=$1 go build -o "$out/" ./... && { [ "$1" != linux ] || static "$out"; }
  local status=$?
  rm -rf "$out"
  return $status
}
static() {
  [ ! -e "$1/gerl" ] || ! ldd "$1/gerl" 2>/dev/null | grep -q '=>' || { echo "gerl is not static"; return 1; }
}

check_build_linux() { build linux; }
check_build_darwin() { build darwin; }
check_build_windows() { build windows; }

checks=("$@")
[ ${#checks[@]} -gt 0 ] || checks=(gofmt mod_tidy file_length generated build_linux build_darwin build_windows
  vet_linux vet_darwin vet_windows staticcheck)
failed=0
for c in "${checks[@]}"; do
  start=$SECONDS
  if output=$("check_$c" 2>&1 </dev/null); then
    printf 'ok    %-14s %4ds\n' "$c" $((SECONDS - start))
  else
    printf 'FAIL  %-14s %4ds\n%s\n' "$c" $((SECONDS - start)) "$output"
    failed=1
  fi
done
exit $failed
