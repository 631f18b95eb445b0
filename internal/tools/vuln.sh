#!/bin/sh
# Checks the code for known vulnerabilities and fails if it can reach any.
#
#   sh internal/tools/vuln.sh GOVULNCHECK [ARG…]
#
# The vulnerability database is on the internet. If it cannot be reached, the check fails in a GitHub workflow. Anywhere
# else it passes, so that the other checks can run on a machine without internet access. Its last line then starts with
# NOT CHECKED. It appends that line to the file that NOT_CHECKED names, for a summary.
set -eu

log=.build/vuln.log
status=0
"$@" >"$log" 2>&1 || status=$?
cat "$log"

# govulncheck exits with 3 if it found a vulnerability, and with 1 if it could not run.
if [ "$status" -eq 1 ] && [ "${GITHUB_ACTIONS:-}" != true ] && grep -q '^govulncheck: fetching vulnerabilities: ' "$log"; then
  message='NOT CHECKED: the vulnerability database cannot be reached from here, so known vulnerabilities were not looked up.'
  echo "$message"
  [ -z "${NOT_CHECKED:-}" ] || echo "$message" >>"$NOT_CHECKED"
  exit 0
fi
exit "$status"
