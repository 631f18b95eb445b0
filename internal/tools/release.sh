#!/bin/sh
# Builds an unpublished release for this machine's platform, and runs the demo with its archive.
#
#   sh internal/tools/terraform.sh sh internal/tools/release.sh GORELEASER SANDBOX
#
# GORELEASER and SANDBOX are programs that make built; cyclonedx-gomod is on PATH. The release is built twice,
# each time from a fresh clone, so only committed files count. The second build has an empty cache.
set -eu

goreleaser=$1
sandbox=$2
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
platform=$(go env GOOS)_$(go env GOARCH)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Nothing here may leave this machine.
unset GITHUB_TOKEN GITLAB_TOKEN GITEA_TOKEN

fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

# release CLONE [CACHE]: the release for this platform alone; the rest of the configuration is the real one
release() {
  git clone -q "$root" "$work/$1"
  (
    cd "$work/$1"
    sed "/^    targets: &/,/^    [a-z]*:/{/^      - /{/^      - $platform\$/!d;};}" .goreleaser.yml >"$work/$1.yml"
    [ -z "${2:-}" ] || export GOCACHE="$work/$2"
    "$goreleaser" release --config "$work/$1.yml" --snapshot --clean --skip=sign >"$work/goreleaser.log" 2>&1 ||
      { cat "$work/goreleaser.log" >&2; exit 1; }
  )
}

cd "$root"
echo "The configuration: goreleaser check"
"$goreleaser" check "$root/.goreleaser.yml" >"$work/goreleaser.log" 2>&1 || { cat "$work/goreleaser.log" >&2; exit 1; }
sh internal/tools/notes.sh Unreleased >/dev/null

echo "A release for $platform, twice: it must be the same to the byte"
release first
release second cache
dist=$work/first/dist
archive=$(find "$dist" -name "*_$platform.zip")
[ -n "$archive" ] || fail "There is no archive for $platform in the release."
for file in "$archive" "$dist"/*/terraform-provider-permissionassist_v* "$dist"/*/permissionassist-sandbox*; do
  cmp "$file" "$work/second/dist/${file#"$dist/"}" || fail 'Two builds of one commit differ.'
  printf 'the same: %s\n' "${file#"$dist/"}"
done

echo "The archive's checksums, registry manifest and bill of materials"
sums=$(find "$dist" -name '*_SHA256SUMS')
for file in "$archive" "${archive%.zip}.cdx.json" "${archive%_"$platform".zip}_manifest.json"; do
  grep -q "  $(basename "$file")\$" "$sums" || fail "The checksums lack $(basename "$file")."
done
grep "  $(basename "$archive")\$" "$sums" >"$work/sums"
(cd "$dist" && if command -v sha256sum >/dev/null; then sha256sum -c "$work/sums"; else shasum -a 256 -c "$work/sums"; fi)
grep -q '"name": "github.com/hashicorp/terraform-plugin-framework"' "${archive%.zip}.cdx.json" ||
  fail "The bill of materials lacks the provider's modules."

echo "The demo, from $(basename "$archive")"
if ! sh internal/tools/demo/run.sh "$archive" "$sandbox" >"$work/demo.log" 2>&1; then
  cat "$work/demo.log" >&2
  exit 1
fi
tail -n 1 "$work/demo.log"
