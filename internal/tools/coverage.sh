#!/bin/sh
# Fails if the test coverage in a profile is below a minimum.
#
#   sh internal/tools/coverage.sh PROFILE MINIMUM
set -eu

profile=$1
minimum=$2

total=$(go tool cover -func="$profile" | sed -n 's/^total:[^0-9]*\([0-9.]*\)%$/\1/p')
if [ -z "$total" ]; then
  echo "$profile has no coverage total." >&2
  exit 1
fi
echo "Coverage of the provider, staging and the client together: $total% (minimum: $minimum%)"
if ! awk "BEGIN { exit !($total >= $minimum) }"; then
  echo "The coverage is too low. To see which lines no test runs: make cover" >&2
  exit 1
fi
