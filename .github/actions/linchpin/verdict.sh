#!/usr/bin/env bash
# Ends the action with linchpin's exit code, in words. Without a code nothing was judged, and nothing passes.
set -euo pipefail
# shellcheck source=lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

case ${EXIT_CODE:-} in
0) ;;
1) fail 1 'there is a finding at or above fail-on' ;;
2) fail 2 'linchpin was not used as it can be used, or its settings are wrong; nothing was judged' ;;
3) fail 3 'not everything that must be checked could be checked' ;;
4) say notice 'there is nothing to audit: no lockfile and no manifest' ;;
*)
    [[ ${EXIT_CODE:-} =~ ^[1-9][0-9]{0,2}$ ]] || fail 3 'linchpin did not run'
    fail "$EXIT_CODE" "linchpin broke off with exit code $EXIT_CODE"
    ;;
esac
