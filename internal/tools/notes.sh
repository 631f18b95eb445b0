#!/bin/sh
# Prints what CHANGELOG.md says of a version, as the notes of its release.
#
#   sh internal/tools/notes.sh VERSION
#
# VERSION is such as 0.1.0 (or v0.1.0), or Unreleased. A version that the changelog does not have, or has nothing to say
# of, is an error: nothing is released that its users are not told about.
set -eu

version=${1#v}
notes=$(awk -v version="$version" '
  /^## / { on = ($2 == version || $2 == "[" version "]"); next }
  on { print }
' "$(dirname -- "$0")/../../CHANGELOG.md")
if [ -z "$(printf '%s' "$notes" | tr -d '[:space:]')" ]; then
  echo "CHANGELOG.md has nothing under \"## $version\"." >&2
  exit 1
fi
printf '%s\n' "$notes" | sed '/./,$!d'
