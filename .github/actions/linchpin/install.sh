#!/usr/bin/env bash
# Finds linchpin: a binary that is there already, or an archive whose SHA-256 is in versions.tsv. Everything is
# compared with its digest before it is unpacked or run.
set -euo pipefail
folder=$(dirname "${BASH_SOURCE[0]}")
readonly folder
# shellcheck source=lib.sh
source "$folder/lib.sh"

readonly target=$RUNNER_TEMP/linchpin-bin

digest_of() {
    if command -v sha256sum >/dev/null; then
        sha256sum <"$1"
    else
        shasum -a 256 <"$1"
    fi | cut -c 1-64
}

# Names this machine as versions.tsv does.
platform() {
    local system machine
    case ${RUNNER_OS:-} in
    Linux) system=linux ;;
    macOS) system=macos ;;
    Windows) system=windows ;;
    *) refuse "there is no linchpin for the system \"${RUNNER_OS:-}\"; use the input binary" ;;
    esac
    case ${RUNNER_ARCH:-} in
    X64) machine=x86_64 ;;
    ARM64) machine=aarch64 ;;
    *) refuse "there is no linchpin for the processor \"${RUNNER_ARCH:-}\"; use the input binary" ;;
    esac
    echo "$system-$machine"
}

# Prints the digest that the table has for a version and a platform.
listed() {
    awk -F '\t' -v version="$1" -v platform="$2" \
        '!/^#/ && $1 == version && $2 == platform { print $3; exit }' "$folder/versions.tsv"
}

# Prints the digest of the archive, which the table and the input must agree on.
pinned() {
    local digest
    digest=$(listed "$1" "$2")
    [[ $digest =~ ^[0-9a-f]{64}$ ]] ||
        refuse "linchpin $1 for $2 is not in the table of this action (versions.tsv), so that its archive could not be told from another; use a listed version, a newer action, or the input binary"
    [[ -z $INPUT_SHA256 || $INPUT_SHA256 == "$digest" ]] ||
        refuse "the input sha256 is not the digest of linchpin $1 for $2 in the table of this action, $digest"
    echo "$digest"
}

# Downloads an address into a file.
download() {
    local protocol
    protocol=$(protocol_of "$1")
    curl --fail --location --silent --show-error --proto "$protocol" --proto-redir "$protocol" \
        --connect-timeout 15 --max-time 300 --retry 3 --retry-max-time 600 --output "$2" -- "$1" ||
        fail 3 "linchpin could not be downloaded from $1"
}

# Downloads, compares, unpacks; prints where the program is.
release() {
    local version=$1 on=$2 digest=$3 name=linchpin archive bases
    bases=${LINCHPIN_RELEASES:-https://github.com/${ACTION_REPOSITORY:-$GITHUB_REPOSITORY}/releases/download}
    archive=$target/linchpin-$version-$on.tar.gz
    [[ $on != windows-* ]] || name=linchpin.exe
    rm -rf -- "$target"
    mkdir -p -- "$target"
    download "${bases%/}/v$version/${archive##*/}" "$archive"
    [[ $(digest_of "$archive") == "$digest" ]] ||
        fail 3 "the archive of linchpin $version has another SHA-256 than the table of this action; it was not unpacked"
    # From standard input, as tar takes a colon in a name for another machine; only the one file.
    (cd "$target" && tar -xzf - "$name") <"$archive" || fail 3 "the archive of linchpin $version holds no $name"
    echo "$target/$name"
}

# Prints where the given program is, after a look at its digest.
given() {
    local program=$1
    [[ -z $INPUT_SHA256 || ! -f $program || $(digest_of "$program") == "$INPUT_SHA256" ]] ||
        refuse 'the file that the input binary names has another SHA-256 than the input sha256'
    echo "$program"
}

main() {
    local program on digest
    if [[ -n $INPUT_BINARY ]]; then
        program=$(given "$INPUT_BINARY")
    else
        on=$(platform)
        digest=$(pinned "$INPUT_VERSION" "$on")
        program=$(release "$INPUT_VERSION" "$on" "$digest")
    fi
    [[ -f $program && -x $program ]] || refuse "there is no program at $program"
    # A name without a slash would be looked for in the PATH.
    case $program in
    */* | *\\*) ;;
    *) program=./$program ;;
    esac
    set_output binary "$program"
}

main
