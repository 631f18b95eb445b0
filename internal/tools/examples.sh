#!/bin/sh
# Validates each folder of examples that has Terraform files, with the provider that make built.
#
#   sh internal/tools/terraform.sh sh internal/tools/examples.sh CLI-CONFIG
#
# CLI-CONFIG is a Terraform CLI configuration whose dev_overrides name that provider. The files import*.tf of a folder
# show alternatives, so each is validated without the others. Examples that need a newer Terraform are skipped, with a
# message.
set -eu

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

unset TF_CLI_ARGS TF_LOG TF_REATTACH_PROVIDERS TF_WORKSPACE
export TF_CLI_CONFIG_FILE="$1" TF_DATA_DIR="$work/data"

terraform=$TF_ACC_TERRAFORM_PATH
name=$("$terraform" version | sed -n 's/^\([A-Za-z]*\) v[0-9].*/\1/p')
minor=$("$terraform" version -json | sed -n 's/.*"terraform_version": *"1\.\([0-9]*\)\..*/\1/p')

# too_new FILE: reports whether the example needs a newer Terraform
too_new() {
  case $1 in
    */import-by-identity.tf) least=12 ;;
    examples/functions/*) least=8 ;;
    examples/actions/* | examples/list-resources/*) least=14 ;;
    *) return 1 ;;
  esac
  if [ "$name" = OpenTofu ] && [ "$least" -ge 14 ]; then
    return 0
  fi
  [ "${minor:-99}" -lt "$least" ]
}

failed=0

# validate TITLE [OPTION…]: the configuration in $work/example
validate() {
  title=$1
  shift
  if "$terraform" -chdir="$work/example" validate -no-color "$@" >"$work/log" 2>&1; then
    echo "valid: $title"
  else
    echo "NOT valid: $title" >&2
    cat "$work/log" >&2
    failed=1
  fi
}

# lay_out FOLDER: copies its files, except import*.tf and the files for terraform test (the Go tests run those)
lay_out() {
  rm -rf "$work/example"
  mkdir "$work/example"
  cp -R "$1/." "$work/example"
  rm -rf "$work/example/tests"
  rm -f "$work/example"/import*.tf
}

find examples -name '*.tf' -o -name '*.tfquery.hcl' | sort >"$work/files"
last=
while read -r file; do
  folder=$(dirname "$file")
  if too_new "$file"; then
    echo "skipped, needs a newer version than $name 1.$minor: $file"
    continue
  fi
  if [ "$folder" != "$last" ]; then
    lay_out "$folder"
    case $file in
      *.tfquery.hcl) validate "$folder" -query ;;
      *) validate "$folder" ;;
    esac
    last=$folder
  fi
  case $file in
    */import*.tf)
      lay_out "$folder"
      cp "$file" "$work/example"
      validate "$file"
      ;;
  esac
done <"$work/files"
exit $failed
