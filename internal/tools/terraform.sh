#!/bin/sh
# Finds the Terraform (or OpenTofu) that the tests, the docs and the demo use.
#
#   sh internal/tools/terraform.sh                    prints its absolute path
#   sh internal/tools/terraform.sh COMMAND [ARG…]     runs COMMAND with TF_ACC_TERRAFORM_PATH set to it and
#                                                     TF_ACC_PROVIDER_HOST to the registry it defaults to
#   sh internal/tools/terraform.sh terraform [ARG…]   runs it itself
#
# It tries, in this order: $TF_ACC_TERRAFORM_PATH, terraform on PATH, tofu on PATH, and OpenTofu built from source into
# .build/bin (module internal/tools/opentofu), which needs only Go. TF_ACC_TERRAFORM_PATH=opentofu always uses the
# latter.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
built=$root/.build/bin/tofu

# Do not check for updates, do not read the caller's ~/.terraformrc, and do not warn about a missing file (OpenTofu
# warns on standard output).
CHECKPOINT_DISABLE=1
if [ ! -f "${TF_CLI_CONFIG_FILE:-}" ]; then
  TF_CLI_CONFIG_FILE=/dev/null
fi
export CHECKPOINT_DISABLE TF_CLI_CONFIG_FILE

say() { printf '%s\n' "$*" >&2; }

# works PROGRAM: the program exists and runs (a version manager's shim without a selected version does not run)
works() {
  command -v "$1" >/dev/null 2>&1 && "$1" version >/dev/null 2>&1
}

# absolute PROGRAM: its absolute path
absolute() {
  path=$(command -v "$1")
  case $path in
    /*) ;;
    *) path=$(CDPATH='' cd -- "$(dirname -- "$path")" && pwd)/$(basename -- "$path") ;;
  esac
  printf '%s\n' "$path"
}

# stale: the OpenTofu built here does not have the version in its module
stale() {
  [ ! -x "$built" ] || [ -n "$(find "$root/internal/tools/opentofu" -name 'go.*' -newer "$built")" ]
}

build() {
  version=$(sed -n 's/.*github.com\/opentofu\/opentofu \(v[^ ]*\).*/\1/p' "$root/internal/tools/opentofu/go.mod")
  say "Building OpenTofu $version into .build/bin. This takes a few minutes the first time."
  mkdir -p "$root/.build/bin"
  CGO_ENABLED=0 GOWORK=off GOOS='' GOARCH='' go build -C "$root/internal/tools/opentofu" -buildvcs=false \
    -ldflags='-s -w -X github.com/opentofu/opentofu/version.dev=no' -o "$built.new" github.com/opentofu/opentofu/cmd/tofu >&2
  mv -f "$built.new" "$built"
}

find_terraform() {
  if [ "${TF_ACC_TERRAFORM_PATH:-}" = opentofu ]; then
    if stale; then
      build
    fi
    printf '%s\n' "$built"
  elif [ -n "${TF_ACC_TERRAFORM_PATH:-}" ]; then
    if ! works "$TF_ACC_TERRAFORM_PATH"; then
      say "TF_ACC_TERRAFORM_PATH=$TF_ACC_TERRAFORM_PATH is not a Terraform or OpenTofu that runs."
      exit 1
    fi
    absolute "$TF_ACC_TERRAFORM_PATH"
  elif works terraform; then
    absolute terraform
  elif works tofu; then
    absolute tofu
  else
    if stale; then
      say 'Neither terraform nor tofu on PATH runs.'
      build
    fi
    printf '%s\n' "$built"
  fi
}

TF_ACC_TERRAFORM_PATH=$(find_terraform)
if [ $# -eq 0 ]; then
  printf '%s\n' "$TF_ACC_TERRAFORM_PATH"
  exit
fi

if "$TF_ACC_TERRAFORM_PATH" version 2>/dev/null | grep -q '^OpenTofu v'; then
  : "${TF_ACC_PROVIDER_HOST:=registry.opentofu.org}"
else
  : "${TF_ACC_PROVIDER_HOST:=registry.terraform.io}"
fi
export TF_ACC_TERRAFORM_PATH TF_ACC_PROVIDER_HOST

if [ "$1" = terraform ]; then
  shift
  exec "$TF_ACC_TERRAFORM_PATH" "$@"
fi
exec "$@"
