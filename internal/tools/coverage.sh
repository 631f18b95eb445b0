#!/bin/sh
# Fails when the statements that a cover profile counts are covered by less than a minimum.
#
#   sh internal/tools/coverage.sh PROFILE MINIMUM
set -eu

profile=$1
minimum=$2

total=$(go tool cover -func="$profile" | sed -n 's/^total:[^0-9]*\([0-9.]*\)%$/\1/p')
if [ -z "$total" ]; then
  echo "No coverage total could be read from $profile." >&2
  exit 1
fi
if ! awk "BEGIN { exit !($total >= $minimum) }"; then
  echo "Coverage of internal/permissionassist and internal/provider together is $total %: at least $minimum % is asked for." >&2
  echo "See which lines no test runs with: make cover" >&2
  exit 1
fi
echo "Coverage of internal/permissionassist and internal/provider together: $total % (at least $minimum % is asked for)"
