#!/usr/bin/env bash
# Runs linchpin and shows what it says. The step succeeds whatever the verdict, so that the comment is written as
# well; verdict.sh then ends with linchpin's exit code, which is an output of this step.
set -euo pipefail
# shellcheck source=lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

readonly reports=$RUNNER_TEMP/linchpin
# The summary of a step may have 1 MiB.
readonly LONGEST_SUMMARY=1048576
readonly MOST_ANNOTATIONS=10

# Writes the settings as they stand at the base, so that a change does not choose how it is judged. Only a regular
# file: a link could name a file that the change brings.
write_config() {
    local entry
    local file='^100(644|755) blob ([0-9a-f]+)'$'\t''[^'$'\n'']*$'
    entry=$(git --literal-pathspecs ls-tree --full-tree "$BASE" -- "$INPUT_CONFIG") ||
        fail 3 "the base $BASE is not in this clone"
    [[ $entry =~ $file ]] || refuse "there is no file \"$INPUT_CONFIG\" at the base, $BASE"
    git cat-file blob "${BASH_REMATCH[2]}" >"$1"
    warn_of_edit "$entry"
}

# linchpin is handed a copy, and cannot tell that the change edits the original; the next change is judged by it.
warn_of_edit() {
    [[ $INPUT_COMMAND == diff ]] || return 0
    [[ $(git --literal-pathspecs ls-tree --full-tree "$HEAD" -- "$INPUT_CONFIG" 2>/dev/null) == "$1" ]] ||
        say warning "the change edits the settings in \"$INPUT_CONFIG\", which are in force once it is merged"
}

# Prepares `arguments`.
prepare() {
    arguments=("$INPUT_COMMAND")
    [[ $INPUT_COMMAND == audit ]] || arguments+=("$BASE..$HEAD")
    if [[ -n $INPUT_CONFIG ]]; then
        write_config "$reports/config.toml"
        arguments+=(--config "$reports/config.toml")
    fi
    [[ -z $INPUT_FAIL_ON ]] || arguments+=(--fail-on "$INPUT_FAIL_ON")
    [[ $INPUT_OFFLINE == false ]] || arguments+=(--offline)
    arguments+=(--format text --output "json=$reports/report.json" --output "markdown=$reports/comment.md")
    arguments+=(--output "github=$reports/annotations" --output "github-output=$reports/outputs")
    [[ $INPUT_SARIF == false ]] || arguments+=(--output "sarif=$reports/linchpin.sarif")
}

random() {
    od -An -N 20 -t x1 /dev/urandom | tr -d ' \r\n'
}

# Runs linchpin; `code` is its exit code. The report names packages as their authors did. linchpin escapes them, and
# the runner obeys no command between the two lines around the report.
run() {
    local fence
    fence=$(random)
    [[ ${#fence} == 40 ]] || fail 3 'there is no randomness on this machine'
    printf '::stop-commands::%s\n' "$fence"
    code=0
    CLICOLOR_FORCE=1 "$LINCHPIN" "${arguments[@]}" </dev/null 2>&1 || code=$?
    # The report may have ended within a line.
    printf '\n::%s::\n' "$fence"
}

# Whatever calls itself linchpin, nothing passes that was not reported as such; reports of another end are no reports.
check() {
    if grep -qx "exit-code=$code" "$reports/outputs" 2>/dev/null && [[ -s $reports/comment.md ]]; then
        return
    fi
    rm -f -- "$reports/outputs" "$reports/comment.md"
    case $code in
    0 | 4)
        say error "linchpin ended with exit code $code, but did not report so"
        code=3
        ;;
    esac
}

# Without a report there is still something to say.
explain() {
    [[ ! -s $reports/comment.md ]] || return 0
    cat >"$reports/comment.md" <<END
$MARK
### Linchpin could not judge this change

It ended with exit code $code and without a report. Nothing is reported as clean; the log of the job says why.
END
}

annotate() {
    [[ $INPUT_ANNOTATIONS == true && -f $reports/annotations ]] || return 0
    # Only annotations, whatever else the file may hold.
    awk -v most="$MOST_ANNOTATIONS" '/^::(error|warning|notice) / && shown++ < most' "$reports/annotations"
}

summarise() {
    [[ $INPUT_SUMMARY == true && -n ${GITHUB_STEP_SUMMARY:-} ]] || return 0
    if (($(wc -c <"$reports/comment.md") < LONGEST_SUMMARY)); then
        cat "$reports/comment.md" >>"$GITHUB_STEP_SUMMARY"
    else
        say notice 'the summary is too long for the job; the report has all'
    fi
}

# Hands on what linchpin counted: known keys, and values that are safe in any command.
hand_on() {
    local line value='^[a-z-]+=[A-Za-z0-9._/ -]*$'
    if [[ ! -s $reports/outputs ]]; then
        # 1 means findings, even where they could not be written down.
        if ((code == 1)); then set_output verdict fail; else set_output verdict incomplete; fi
        set_output complete false
        return
    fi
    while IFS= read -r line; do
        [[ $line =~ $value ]] || continue
        case ${line%%=*} in
        verdict | complete | new | new-high | added | removed | changed | moved | new-edges | new-scripts)
            set_output "${line%%=*}" "${line#*=}"
            ;;
        esac
    done <"$reports/outputs"
}

# Hands on where a report is, if it was written.
hand_on_file() {
    [[ ! -f $2 ]] || set_output "$1" "$2"
}

main() {
    rm -rf -- "$reports"
    mkdir -p -- "$reports"
    prepare
    run
    check
    explain
    annotate
    summarise
    hand_on
    set_output exit-code "$code"
    hand_on_file report "$reports/report.json"
    hand_on_file sarif "$reports/linchpin.sarif"
    hand_on_file comment "$reports/comment.md"
}

main
