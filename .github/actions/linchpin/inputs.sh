#!/usr/bin/env bash
# Refuses inputs that mean nothing, before anything is downloaded, fetched or judged.
set -euo pipefail
# shellcheck source=lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# Fails unless the value of an input is one of the words after it.
expect_one_of() {
    local name=$1 value=$2 word
    shift 2
    for word in "$@"; do
        [[ $value != "$word" ]] || return 0
    done
    refuse "the input $name is \"$value\"; it must be one of: $*"
}

# Fails unless the value of an input is empty or matches a pattern.
expect_match() {
    local name=$1 value=$2 pattern=$3 what=$4
    [[ -z $value || $value =~ $pattern ]] || refuse "the input $name is \"$value\"; it must be $what"
}

# A path of git's: from the top of the repository, without steps that lead out of it.
expect_path() {
    local name=$1 value=$2
    [[ -n $value ]] || return 0
    case "/$value/" in
    *//* | */./* | */../* | *\\* | *[[:cntrl:]]*)
        refuse "the input $name is \"$value\"; it must be the path of a file from the top of the repository"
        ;;
    esac
}

expect_binary_or_version() {
    [[ -n $INPUT_BINARY || -n $INPUT_VERSION ]] ||
        refuse 'give the input version, or the input binary with the path of a linchpin that is there already'
    [[ -z $INPUT_BINARY || -z $INPUT_VERSION ]] || refuse 'give the input version or the input binary, not both'
}

main() {
    local switch
    expect_one_of command "$INPUT_COMMAND" diff audit
    [[ -z $INPUT_FAIL_ON ]] || expect_one_of fail-on "$INPUT_FAIL_ON" critical high medium low none
    expect_one_of comment "$INPUT_COMMENT" on-change always never
    for switch in "sarif=$INPUT_SARIF" "summary=$INPUT_SUMMARY" "annotations=$INPUT_ANNOTATIONS" \
        "offline=$INPUT_OFFLINE"; do
        expect_one_of "${switch%%=*}" "${switch#*=}" true false
    done
    expect_path config "$INPUT_CONFIG"
    expect_match head "$INPUT_HEAD" '^([0-9a-f]{40}|[0-9a-f]{64})$' 'the full SHA of a commit'
    expect_match version "$INPUT_VERSION" '^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$' 'a version such as 1.2.3'
    expect_match sha256 "$INPUT_SHA256" '^[0-9a-f]{64}$' '64 lower-case hexadecimal digits'
    expect_binary_or_version
}

main
