#!/bin/sh
# Shows the provider at work against a sandbox on this machine: plan, apply, plan again, an import that fails, destroy.
#
#   sh internal/tools/terraform.sh sh internal/tools/demo/run.sh PROVIDER SANDBOX
#
# PROVIDER and SANDBOX are the programs that make built; PROVIDER can also be a release archive. The script writes only to a
# temporary folder, uses only this machine's network, and removes the folder and stops the sandbox at the end.
set -eu

provider=$1
sandbox=$2
demo=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)

# The caller's own settings for Terraform and Permission Assist must not change the demo.
for name in $(env | sed -nE 's/^(TF_[A-Za-z0-9_]*|PERMISSIONASSIST_[A-Z0-9_]*)=.*/\1/p'); do
  case $name in
    TF_ACC_TERRAFORM_PATH) ;;
    *) unset "$name" ;;
  esac
done

work=$(mktemp -d)
# Terraform for Windows cannot read a path such as /tmp.
if command -v cygpath >/dev/null; then work=$(cygpath -m "$work"); fi
# An interrupted Terraform leaves sockets behind. Put them into the folder, if its path is short enough for a socket.
[ ${#work} -gt 40 ] || export TMPDIR="$work"
sandbox_pid=
step='starting'
worked=

finish() {
  status=$?
  trap '' HUP INT PIPE TERM
  set +e
  if [ -n "$sandbox_pid" ]; then
    kill "$sandbox_pid" 2>/dev/null
    # It has three seconds to stop.
    for _ in 1 2 3 4 5 6 7 8 9 10; do
      kill -0 "$sandbox_pid" 2>/dev/null || break
      sleep 0.3 2>/dev/null || sleep 1
    done
    kill -9 "$sandbox_pid" 2>/dev/null
    wait "$sandbox_pid" 2>/dev/null
  fi
  if [ -z "$worked" ]; then
    [ "$status" -ne 0 ] || status=1
    if [ -s "$work/sandbox.log" ]; then
      printf '\nThe last requests to the sandbox:\n' >&2
      tail -n 20 "$work/sandbox.log" >&2
    fi
    printf '\nThe demo failed at this step: %s\n' "$step" >&2
  fi
  rm -rf "$work"
  exit "$status"
}
trap finish EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 141' PIPE
trap 'exit 143' TERM

# color only for a terminal or a picture
color=-no-color
if [ -t 1 ] || [ -n "${DEMO_COLOR:-}" ]; then
  color=
fi

heading() {
  step=$1
  if [ -z "$color" ]; then
    printf '\n\033[1m=== %s\033[0m\n\n' "$1"
  else
    printf '\n=== %s\n\n' "$1"
  fi
}

fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

# run SUBCOMMAND [ARG…]: Terraform in the demo's folder
run() {
  subcommand=$1
  shift
  printf '$ %s %s\n' "$(basename "$TF_ACC_TERRAFORM_PATH")" "$subcommand${*:+ $*}"
  # shellcheck disable=SC2086 # no argument if there is color
  "$TF_ACC_TERRAFORM_PATH" "$subcommand" $color -input=false "$@"
}

heading 'Starting a Permission Assist sandbox on this machine'
: >"$work/sandbox.out"
"$sandbox" -address 127.0.0.1:0 -build-time 4s -shell sh >"$work/sandbox.out" 2>"$work/sandbox.log" </dev/null &
sandbox_pid=$!
tries=0
until grep -q '^export PERMISSIONASSIST_ENDPOINT=' "$work/sandbox.out" &&
  grep -q '^export PERMISSIONASSIST_TOKEN=' "$work/sandbox.out"; do
  kill -0 "$sandbox_pid" 2>/dev/null || fail 'The sandbox did not start.'
  tries=$((tries + 1))
  [ "$tries" -le 100 ] || fail 'The sandbox did not print its address within ten seconds.'
  sleep 0.1 2>/dev/null || sleep 1
done
eval "$(grep '^export PERMISSIONASSIST_' "$work/sandbox.out")"
case $PERMISSIONASSIST_ENDPOINT in
  http://127.0.0.1:* | http://localhost:* | 'http://[::1]:'*) ;;
  *) fail "The sandbox must listen on this machine only, not on $PERMISSIONASSIST_ENDPOINT." ;;
esac
echo "It listens on $PERMISSIONASSIST_ENDPOINT. Each import takes 4 seconds."

heading 'Installing the provider'
# A filesystem mirror, as for any provider that is not in a registry.
platform=$("$TF_ACC_TERRAFORM_PATH" version -json | sed -n 's/.*"platform": *"\([^"]*\)".*/\1/p')
[ -n "$platform" ] || fail "$TF_ACC_TERRAFORM_PATH does not report its platform."
version=0.0.1
for host in registry.terraform.io registry.opentofu.org; do
  mirror=$work/mirror/$host/permissionassist/permissionassist
  case $provider in
    *.zip)
      mkdir -p "$mirror"
      cp "$provider" "$mirror/terraform-provider-permissionassist_${version}_$platform.zip"
      ;;
    *)
      mkdir -p "$mirror/$version/$platform"
      cp "$provider" "$mirror/$version/$platform/terraform-provider-permissionassist_v$version"
      ;;
  esac
done
cat >"$work/terraform.tfrc" <<HCL
provider_installation {
  filesystem_mirror {
    path = "$work/mirror"
  }
}
HCL
export TF_CLI_CONFIG_FILE="$work/terraform.tfrc" CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1
mkdir "$work/demo"
cp "$demo/main.tf" "$work/demo/"
cd "$work/demo"
if ! run init >"$work/init.log" 2>&1; then
  cat "$work/init.log" >&2
  exit 1
fi
"$TF_ACC_TERRAFORM_PATH" version | sed -n '1p; s/^+ //p'

heading 'Plan: what Terraform would do'
run plan -out demo.tfplan

heading 'Apply: stage the import and wait for it'
run apply demo.tfplan

heading 'Show what is in the state'
for address in permissionassist_application_import.core permissionassist_application_import_completion.core; do
  printf '$ %s state show %s\n' "$(basename "$TF_ACC_TERRAFORM_PATH")" "$address"
  # shellcheck disable=SC2086 # no argument if there is color
  "$TF_ACC_TERRAFORM_PATH" state show $color "$address"
done

heading 'Plan again: nothing to do'
result=0
run plan -detailed-exitcode || result=$?
case $result in
  0) ;;
  2) fail 'The second plan has changes.' ;;
  *) exit "$result" ;;
esac

heading 'Apply another application: its import fails, and the error shows the log'
result=0
run apply -auto-approve -var 'application=Fedline Advantage' >"$work/failing.log" 2>&1 || result=$?
cat "$work/failing.log"
[ "$result" -eq 1 ] || fail "An apply whose import fails ended with code $result, want 1."
grep -q 'Import has failed' "$work/failing.log" || fail 'The apply did not report that the import has failed.'

heading 'Destroy: clean up'
run destroy -auto-approve

worked=yes
printf '\nIt all worked: one import finished, the second plan was empty, a failing import was reported, and everything was cleaned up.\n'
