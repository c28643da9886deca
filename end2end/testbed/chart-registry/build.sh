#!/usr/bin/env bash
# Builds the registry that tests pull charts from, from Go modules, into the cache folder.
#
# What was built from the same sources is left alone, so a second run costs nothing. To move to another release of the registry:
# `go get github.com/distribution/distribution/v3@VERSION`, then `go mod tidy`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

folder=${FAIRLEAD_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/fairlead}/chart-registry

built() { [ -x "$folder/chart-registry" ] && cmp --silent "$folder/built-from" <(cat go.mod go.sum ./*.go); }

built && exit 0
command -v go >/dev/null || {
    echo "chart registry: go is missing; install Go 1.25 or newer" >&2
    exit 1
}
mkdir -p "$folder"
if command -v flock >/dev/null; then
    # Set-up and a test run may both want it; the second waits and then finds it built.
    exec 9>"$folder/.lock"
    flock 9
    ! built || exit 0
fi
echo "chart registry: building it once into $folder (some 40 seconds on 2 cores)" >&2
# modules come in by name; errors still show
CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w" -o "$folder/chart-registry.new" . 2> >(grep -v '^go: downloading ' >&2)
mv "$folder/chart-registry.new" "$folder/chart-registry"
cat go.mod go.sum ./*.go >"$folder/built-from"
