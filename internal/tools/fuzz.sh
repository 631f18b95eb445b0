#!/bin/sh
# Runs each fuzz target for a while, one after the other: "go test" fuzzes one at a time.
#
#   sh internal/tools/fuzz.sh DURATION
#
# An input that fails is written to the target's testdata/fuzz folder. From then on, "go test" fails, too.
set -eu

: "${1:?the time for each target is missing, such as 10s}"

found=0
for package in $(go list -f '{{if or .TestGoFiles .XTestGoFiles}}{{.ImportPath}}{{end}}' ./...); do
  # Not in a pipe, which would hide a failure.
  listed=$(go test -list '^Fuzz' "$package")
  for target in $(printf '%s\n' "$listed" | sed -n '/^Fuzz/p'); do
    echo "go test -fuzz $target: $package"
    go test -run '^$' -fuzz "^$target\$" -fuzztime "$1" "$package"
    found=$((found + 1))
  done
done

if [ "$found" -eq 0 ]; then
  echo 'There is no fuzz target.' >&2
  exit 1
fi
