#!/usr/bin/env bash
# Finds the two commits that are compared, by the SHAs of the event and never by a name that may have moved since,
# and fetches what the clone lacks. Only objects are fetched: nothing is checked out, no hook or filter runs.
set -euo pipefail
# shellcheck source=lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# Nobody is there to answer a question, and a replaced object is not what was committed.
export GIT_TERMINAL_PROMPT=0 GIT_NO_REPLACE_OBJECTS=1

# Runs git against the server. A checkout that kept no credentials leaves a private repository unreadable, so that the
# token is then handed over in the environment, where no list of processes shows it, and to that server only.
with_token() (
    server=${GITHUB_SERVER_URL:-}/
    if [[ -n ${TOKEN:-} && $server == https://* ]] &&
        ! git config --get-urlmatch http.extraheader "$server" >/dev/null; then
        number=${GIT_CONFIG_COUNT:-0}
        secret=$(printf 'x-access-token:%s' "$TOKEN" | base64 | tr -d '\r\n')
        export "GIT_CONFIG_KEY_$number=http.$server.extraheader"
        export "GIT_CONFIG_VALUE_$number=Authorization: Basic $secret"
        export GIT_CONFIG_COUNT=$((number + 1))
    fi
    unset TOKEN
    exec git "$@"
)

fetch() {
    with_token fetch --quiet --no-tags --no-recurse-submodules "$@"
}

is_shallow() {
    [[ $(git rev-parse --is-shallow-repository) == true ]]
}

has_commit() {
    git cat-file -e "$1^{commit}" 2>/dev/null
}

has_merge_base() {
    git merge-base "$1" "$2" >/dev/null 2>&1
}

# Prints the commit at which a branch of origin stands.
tip_of() {
    local reference=refs/heads/$1 lines sha name found=()
    git check-ref-format "$reference" || refuse "\"$1\" is neither the full SHA of a commit nor the name of a branch"
    lines=$(with_token ls-remote origin "$reference") || fail 3 'the branches of origin could not be listed'
    # The name is a pattern to git, which other references may match as well.
    while IFS=$'\t' read -r sha name; do
        [[ $name != "$reference" ]] || found+=("$sha")
    done <<<"$lines"
    ((${#found[@]} == 1)) || refuse "origin has no branch \"$1\""
    echo "${found[0]}"
}

# The base of a push that makes a branch is the default branch: what stood there before is no part of the change.
base_of_push() {
    local before default
    before=$(event .before)
    if ! is_zero "$before"; then
        echo "$before"
        return
    fi
    default=$(event .repository.default_branch)
    [[ -n $default && $(event .ref) != "refs/heads/$default" ]] ||
        refuse 'this push makes the default branch: there is nothing to compare it with; use the input base, or command: audit'
    tip_of "$default"
}

# Prints the base that the event names; nothing if it names none.
base_of_event() {
    case $GITHUB_EVENT_NAME in
    pull_request | pull_request_target) event .pull_request.base.sha ;;
    merge_group) event .merge_group.base_sha ;;
    push) base_of_push ;;
    esac
}

# Prints the commit that the event is about.
head_of_event() {
    case $GITHUB_EVENT_NAME in
    pull_request | pull_request_target) event .pull_request.head.sha ;;
    merge_group) event .merge_group.head_sha ;;
    push) event .after ;;
    *) echo "${GITHUB_SHA:-}" ;;
    esac
}

# Prints the base: the input, as a SHA or a branch, else that of the event.
find_base() {
    if [[ -z $INPUT_BASE ]]; then
        base_of_event
    elif is_sha "$INPUT_BASE"; then
        echo "$INPUT_BASE"
    else
        tip_of "$INPUT_BASE"
    fi
}

# Fails unless the value is a commit's name as git writes it.
expect_sha() {
    if ! is_sha "$2" || is_zero "$2"; then
        refuse "the $1 of the event $GITHUB_EVENT_NAME is \"$2\", which is not the full SHA of a commit"
    fi
}

# Fetches a commit that the clone lacks. A clone with its whole history is not made a shallow one.
fetch_commit() {
    local depth=()
    ! has_commit "$1" || return 0
    ! is_shallow || depth=(--depth=1)
    # The array may be empty, which bash 3.2 takes for unset.
    fetch ${depth[@]+"${depth[@]}"} origin "$1" || say warning "commit $1 could not be fetched from origin"
}

# Fetches history in growing steps until both commits have one in common. If they never have, linchpin says so and
# ends with exit code 3: what could not be compared does not pass.
deepen() {
    local step
    for step in --deepen=10 --deepen=50 --deepen=250 --deepen=1000 --unshallow; do
        if has_merge_base "$1" "$2" || ! is_shallow; then
            return
        fi
        if ! fetch "$step" origin "$1" "$2"; then
            say warning 'the history could not be fetched from origin'
            return
        fi
    done
}

# An audit judges the files at hand; a commit is needed only for its settings, and then that of the base.
prepare_audit() {
    local base
    base=$(find_base)
    [[ -n $base ]] || base=$(git rev-parse --verify 'HEAD^{commit}')
    expect_sha base "$base"
    fetch_commit "$base"
    set_output base "$base"
}

prepare_diff() {
    local base head
    base=$(find_base)
    [[ -n $base ]] ||
        refuse "the event $GITHUB_EVENT_NAME names no commit to compare with; use the input base"
    head=${INPUT_HEAD:-$(head_of_event)}
    expect_sha base "$base"
    expect_sha head "$head"
    fetch_commit "$base"
    fetch_commit "$head"
    deepen "$base" "$head"
    set_output base "$base"
    set_output head "$head"
    echo "comparing $head with $base"
}

main() {
    # An audit without settings of its own needs no repository.
    if [[ $INPUT_COMMAND == audit && -z $INPUT_CONFIG ]]; then
        return
    fi
    git rev-parse --git-dir >/dev/null ||
        refuse 'there is no git repository here that git will read; check one out before this step'
    if [[ $INPUT_COMMAND == audit ]]; then
        prepare_audit
    else
        prepare_diff
    fi
}

main
