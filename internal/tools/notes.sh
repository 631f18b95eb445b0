#!/bin/sh
# Prints the section of a version in CHANGELOG.md, as its release notes.
#
#   sh internal/tools/notes.sh VERSION
#
# VERSION is, for example, 0.1.0 (or v0.1.0), or Unreleased. A version without a section, or with an empty one, is an
# error: every release needs notes.
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
