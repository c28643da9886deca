#!/usr/bin/env bash
# Builds the Kubernetes control plane that tests and the demo run, from Go modules, into the cache folder.
#
# A program that KUBEBUILDER_ASSETS, PATH or the cache folder already has is left alone, so a second run costs nothing.
# Each program is built under a temporary name and renamed when complete: what has its final name is whole.
#
# To move to another Kubernetes release: change KUBERNETES here, the `require` and `replace` lines of go.mod
# (v1.X.Y of k8s.io/kubernetes goes with v0.X.Y of the staging modules), then `go mod tidy`.
set -euo pipefail

readonly KUBERNETES=v1.35.4
# kwok asks for other k8s.io versions than Kubernetes does, so it is built on its own and not by go.mod.
readonly KWOK=v0.8.0

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${FAIRLEAD_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/fairlead}
folder=$cache/control-plane-$KUBERNETES

main() {
    local missing=() program
    for program in etcd kube-apiserver kube-controller-manager kube-scheduler kubectl kwok; do
        present "$program" || missing+=("$program")
    done
    [ ${#missing[@]} -gt 0 ] || exit 0

    command -v go >/dev/null || {
        echo "control plane: go is missing; install Go 1.25 or newer, or set KUBEBUILDER_ASSETS to a folder that has: ${missing[*]}" >&2
        exit 1
    }
    mkdir -p "$folder"
    one_builder_at_a_time
    say "building ${missing[*]} once into $folder (some 7 minutes on 2 cores, 400 MB)"
    for program in "${missing[@]}"; do
        # hundreds of modules come in by name; errors still show
        present "$program" || build "$program" 2> >(grep -v '^go: downloading ' >&2)
    done
}

present() {
    [ -x "${KUBEBUILDER_ASSETS:-/nowhere}/$1" ] || [ -x "$folder/$1" ] || command -v "$1" >/dev/null
}

build() {
    local program=$1 started=$SECONDS half
    half=$(mktemp -d "$folder/.$program.XXXXXX")
    # shellcheck disable=SC2064 # the folder of this call is meant
    trap "rm -rf '$half'" EXIT
    case $program in
        etcd) compile "$half/etcd" go.etcd.io/etcd/server/v3 ;;
        kwok) GOBIN=$half GOFLAGS="" CGO_ENABLED=0 go install -trimpath -ldflags "-s -w" "sigs.k8s.io/kwok/cmd/kwok@$KWOK" ;;
        *) compile "$half/$program" "k8s.io/kubernetes/cmd/$program" ;;
    esac
    mv "$half/$program" "$folder/$program"
    rm -rf "$half"
    say "$program is ready ($((SECONDS - started)) s)"
}

compile() {
    local out=$1 package=$2 version=k8s.io/component-base/version major minor
    IFS=. read -r major minor _ <<<"${KUBERNETES#v}"
    (cd "$here" && CGO_ENABLED=0 go build -trimpath -buildvcs=false -o "$out" \
        -ldflags "-s -w -X $version.gitVersion=$KUBERNETES -X $version.gitMajor=$major -X $version.gitMinor=$minor" "$package")
}

# Set-up and a test run may both want the programs; the second waits and then finds them built.
one_builder_at_a_time() {
    command -v flock >/dev/null || return 0
    exec 9>"$folder/.lock"
    flock 9
}

say() { echo "control plane: $*"; }

main
