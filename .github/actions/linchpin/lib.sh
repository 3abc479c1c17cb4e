# shellcheck shell=bash
# What the steps of the action share. Everything here also runs on bash 3.2, which is what macOS has.

# The first line of every comment that linchpin writes; by it the comment is found again.
# shellcheck disable=SC2034 # the steps use it
readonly MARK='<!-- linchpin:comment:v1 -->'

# A workflow command ends with its line: text from elsewhere must not begin another one.
escaped() {
    local text=$1
    text=${text//\%/%25}
    text=${text//$'\r'/%0D}
    printf '%s' "${text//$'\n'/%0A}"
}

# Messages go to standard error, which the runner reads as well, so that they never end up in a captured value.
say() {
    printf '::%s title=linchpin::%s\n' "$1" "$(escaped "$2")" >&2
}

# Ends the step with the exit code in the first argument.
fail() {
    say error "$2"
    exit "$1"
}

# Ends the step because of what the workflow asked for; nothing was judged.
refuse() {
    fail 2 "$1"
}

# Hands a value to later steps. A line break would begin another value.
set_output() {
    case $2 in
    *$'\n'* | *$'\r'*) fail 3 "the value of the output $1 has a line break" ;;
    esac
    printf '%s=%s\n' "$1" "$2" >>"$GITHUB_OUTPUT"
}

# Full object names only, of SHA-1 or SHA-256: a short one, or a name, may mean something else tomorrow.
is_sha() {
    [[ $1 =~ ^[0-9a-f]{40}([0-9a-f]{24})?$ ]]
}

# GitHub writes zeros where there is no commit.
is_zero() {
    [[ $1 =~ ^0+$ ]]
}

# On Windows jq ends its lines with a carriage return as well.
jq() {
    command jq "$@" | tr -d '\r'
}

# Prints what the event says at a jq path; nothing if it says nothing.
event() {
    jq -r "$1 | strings, numbers" "$GITHUB_EVENT_PATH" || refuse 'the event of this run could not be read'
}

# Whether this run belongs to a pull request: for other events `pull_request` in the event means nothing to us.
is_pull_request() {
    [[ $GITHUB_EVENT_NAME == pull_request || $GITHUB_EVENT_NAME == pull_request_target ]]
}

# The protocol that curl may speak to an address: never plain http, but to this machine.
protocol_of() {
    if [[ $1 =~ ^http://127\.0\.0\.1(:[0-9]+)?(/|$) ]]; then
        echo '=http'
    else
        echo '=https'
    fi
}
