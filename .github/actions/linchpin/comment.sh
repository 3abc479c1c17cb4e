#!/usr/bin/env bash
# Keeps one comment on the pull request. The verdict is never changed by it: where no comment can be written, as by the
# read-only token of a pull request from a fork, a notice says so and the step succeeds.
set -euo pipefail
# shellcheck source=lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# What a comment of GitHub's may have, in characters.
readonly LONGEST=65536
# Of the list of comments, a hundred each.
readonly MOST_PAGES=10
# Anybody can write the hidden line; only what this account wrote is ours.
readonly author=${LINCHPIN_COMMENT_AUTHOR:-github-actions[bot]}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
readonly answer=$scratch/answer body=$scratch/body.json

# Ends the step; what was judged stays as it is.
give_up() {
    say notice "no comment: $1"
    exit 0
}

# Asks the API; the answer is in the file `answer`, and `status` is 000 where there was none. The token goes through a
# pipe, because lists of processes show arguments. What writes is not tried again: it may have been done.
ask() {
    local method=$1 path=$2 options
    options=(--silent --show-error --proto "$(protocol_of "$GITHUB_API_URL")" --connect-timeout 15 --max-time 30)
    options+=(--request "$method" --header 'Accept: application/vnd.github+json')
    options+=(--header 'X-GitHub-Api-Version: 2022-11-28' --output "$answer" --write-out '%{http_code}')
    [[ $method != GET ]] || options+=(--retry 2 --retry-max-time 60)
    [[ $# -lt 3 ]] || options+=(--header 'Content-Type: application/json' --data-binary "@$3")
    status=$(printf 'header = "Authorization: Bearer %s"\n' "$TOKEN" |
        curl --config - "${options[@]}" --url "${GITHUB_API_URL%/}/repos/$GITHUB_REPOSITORY/$path") || true
}

# Ends the step unless the API did what it was asked for.
expect_done() {
    case $status in
    2??) ;;
    403 | 404) give_up "the token may not $1 (status $status); for a pull request from a fork it is read-only" ;;
    429) give_up "GitHub asks to wait (status 429) and the comments are only a courtesy" ;;
    000 | '') give_up 'the API of GitHub could not be reached' ;;
    *) give_up "the API of GitHub answered with status $status when asked to $1" ;;
    esac
}

# Writes the newest comment of ours into the file in the first argument, which stays empty if there is none.
find_comment() {
    local page found
    : >"$1"
    for ((page = 1; page <= MOST_PAGES; page++)); do
        ask GET "issues/$number/comments?per_page=100&page=$page"
        expect_done 'read comments'
        found=$(jq -c --arg mark "$MARK" --arg author "$author" '
            [.[] | select((.body // "" | startswith($mark)) and .user.login == $author
                and (.user.type == "Bot" or ($author | endswith("[bot]") | not)))]
            | last | values | {id, body}' "$answer") || give_up 'the list of comments could not be read'
        [[ -z $found ]] || printf '%s\n' "$found" >"$1"
        (($(jq length "$answer") == 100)) || return 0
    done
    # There may be one further on, and another one would be added in every run.
    [[ -s $1 ]] || give_up "the first ${MOST_PAGES}00 comments were looked through without finding ours"
}

# Writes the body as the API takes it: what linchpin wrote, and a hidden line that tells the next run how it stood.
write_body() {
    jq -Rs --arg state "<!-- linchpin:state:$1 -->" \
        '{body: (split("\n") | .[:1] + [$state] + .[1:] | join("\n"))}' "$COMMENT_FILE" >"$body"
}

# Whether a comment that was found says what the new one would. GitHub may trim it and end lines in its own way.
is_same() {
    jq -en --slurpfile old "$1" --slurpfile new "$body" \
        'def plain: gsub("\r"; "") | sub("\\s+$"; ""); ($old[0].body | plain) == ($new[0].body | plain)' >/dev/null
}

# Prints how a comment that was found stood: fail, pass, or nothing if it does not tell.
state_of() {
    jq -r '.body | gsub("\r"; "") | split("\n")[1] // ""
        | capture("^<!-- linchpin:state:(?<state>fail|pass) -->$").state' "$1"
}

create() {
    local writer
    ask POST "issues/$number/comments" "$body"
    expect_done 'write a comment'
    writer=$(jq -r '.user.login // ""' "$answer") || writer=
    # Otherwise the next run would not find it, and add another one.
    [[ $writer == "$author" || -z $writer ]] ||
        say warning "the comment was written by $writer; set LINCHPIN_COMMENT_AUTHOR to that name, or every run adds another one"
    echo 'the comment was written'
}

# Nobody is told of an edit. So a change that was clean and is not any more gets a fresh comment for the old one.
renew() {
    create
    ask DELETE "issues/comments/$1"
    expect_done 'delete the former comment'
}

update() {
    ask PATCH "issues/comments/$1" "$body"
    expect_done 'update the comment'
    echo 'the comment was updated'
}

# Whether there is something to say: a verdict other than clean, or a new finding that does not gate.
is_worth_it() {
    [[ $INPUT_COMMENT == always || $state == fail || ${NEW:-0} != 0 ]]
}

publish() {
    local earlier=$scratch/earlier id
    find_comment "$earlier"
    if [[ ! -s $earlier ]]; then
        ! is_worth_it || create
        return
    fi
    id=$(jq -r '.id | numbers' "$earlier")
    [[ $id =~ ^[0-9]+$ ]] || give_up 'the list of comments could not be read'
    if is_same "$earlier"; then
        echo 'the comment says so already'
    elif [[ $state == fail && $(state_of "$earlier") == pass ]]; then
        renew "$id"
    else
        update "$id"
    fi
}

# Ends the step where no comment can be written, with the reason.
check() {
    [[ ${TOKEN:-} =~ ^[A-Za-z0-9_.=+/~-]+$ ]] || give_up 'there is no token'
    [[ $GITHUB_REPOSITORY =~ ^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$ ]] || give_up 'there is no repository'
    [[ -s ${COMMENT_FILE:-} ]] || give_up 'linchpin wrote none'
    [[ $(head -n 1 "$COMMENT_FILE") == "$MARK" ]] || give_up 'this linchpin writes comments of another form'
    (($(jq '.body | length' "$body") <= LONGEST)) || give_up 'it is too long for GitHub; the report has all'
}

[[ $INPUT_COMMENT != never ]] || exit 0
is_pull_request || exit 0
number=$(event .pull_request.number)
[[ $number =~ ^[1-9][0-9]*$ ]] || give_up 'the event names no pull request'
state=fail
case ${EXIT_CODE:-} in
0 | 4) state=pass ;;
esac
[[ ! -s ${COMMENT_FILE:-} ]] || write_body "$state"
check
publish
