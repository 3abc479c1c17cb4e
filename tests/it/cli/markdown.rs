//! `--format markdown`: the comment on a pull request.

use insta::assert_snapshot;

use crate::support::clone::{Clone, left};
use crate::support::locks::{NO_FEED_NEEDED, npm_lock, npm_record};
use crate::support::sandbox::{NOW, Sandbox};

const LOCK: &str = "package-lock.json";

fn comment(clone: &Clone) -> String {
    clone.diff(&["main..topic", "--format", "markdown"]).stdout
}

#[test]
fn a_new_risk_says_what_to_do_first() {
    let Some(clone) = Clone::with(&[(LOCK, &left("1.2.0"))]) else {
        return;
    };
    clone.topic(&[(LOCK, &left("2.0.0"))]);
    assert_snapshot!(comment(&clone), @r#"
    <!-- linchpin:comment:v1 -->
    ### ▲ 1 new high risk: one command takes it out

    **Fix:** `npm install left@2.2.0` (first fixed in 2.2.0, inside every range that asks for it)

    Checked `5f59886` against `8eea4ee` (merge base with `main`). 1 lockfile read, 1 package.

    | | New risk | Comes in through | What to do |
    |---|---|---|---|
    | ▲ high | left 2.0.0 has a known vulnerability (GHSA-bbbb-bbbb-bbbb) | `app 1.0.0` → `left 2.0.0` | `npm install left@2.2.0` |

    <details><summary>What changed: 1 changed</summary>

    | Change | Package | From → to | Project |
    |---|---|---|---|
    | changed, direct | `left` | `1.2.0` → `2.0.0` | `.` |

    </details>

    <details><summary>What was not checked</summary>

    | Rule | Looked at | Not at |
    |---|---|---|
    | `hash-mismatch` | 0 of 1 | 1 without a local copy |
    | `yanked`, `quarantined`, `suspicious-release`, `too-new`, `removed-from-registry`, `maintainer-change`, `typosquat` | 0 of 1 | 1 without a stored history |
    | `dependency-confusion` | 0 of 1 | 1 without names of your own to compare with |

    </details>

    <details><summary>Not right? Accept it for a while</summary>

    Run `linchpin accept known-vulnerability pkg:npm/left@2.0.0 --id GHSA-bbbb-bbbb-bbbb --reason "…" --owner @team --days 30` and merge `linchpin.toml` into `main` first: the gate reads its settings from there. `linchpin explain known-vulnerability` says when that is right.

    </details>

    <sub>the same locally: `linchpin diff main`</sub>
    "#);
}

#[test]
fn no_new_risk_is_said_in_a_line() {
    let Some(clone) = Clone::with(&[(LOCK, &left("2.0.0"))]) else {
        return;
    };
    clone.topic(&[(LOCK, &left("2.1.0"))]);
    assert_snapshot!(comment(&clone), @"
    <!-- linchpin:comment:v1 -->
    ### ✓ No new risk on advisories alone: 1 changed release not judged

    Checked `5f09df5` against `0f3bdb7` (merge base with `main`). 1 lockfile read, 1 package.

    <details><summary>What changed: 1 changed</summary>

    | Change | Package | From → to | Project |
    |---|---|---|---|
    | changed, direct | `left` | `2.0.0` → `2.1.0` | `.` |

    </details>

    <details><summary>What was not checked</summary>

    | Rule | Looked at | Not at |
    |---|---|---|
    | `hash-mismatch` | 0 of 1 | 1 without a local copy |
    | `yanked`, `quarantined`, `suspicious-release`, `too-new`, `removed-from-registry`, `maintainer-change`, `typosquat` | 0 of 1 | 1 without a stored history |
    | `dependency-confusion` | 0 of 1 | 1 without names of your own to compare with |

    </details>

    <sub>1 finding there before and not counted · the same locally: `linchpin diff main`</sub>
    ");
}

#[test]
fn what_was_not_read_is_not_clean() {
    let Some(clone) = Clone::with(&[(LOCK, &left("1.2.0"))]) else {
        return;
    };
    clone.topic(&[(LOCK, "{")]);
    assert_snapshot!(comment(&clone), @"
    <!-- linchpin:comment:v1 -->
    ### ◆ Could not complete: what was not checked is not reported as clean

    Checked `62996cc` against `8eea4ee` (merge base with `main`). 0 of 1 lockfile read, 0 packages. Not everything was checked.

    - not complete: `package-lock.json`: not valid JSON: EOF while parsing an object

    <details><summary>What changed: 1 removed</summary>

    | Change | Package | From → to | Project |
    |---|---|---|---|
    | removed, direct | `left` | `1.2.0` | `.` |

    </details>

    <sub>the same locally: `linchpin diff main`</sub>
    ");
}

#[test]
fn malware_on_the_base_stops_the_reader() {
    let axios = npm_lock(&[("axios", npm_record("axios", "1.14.1"))]);
    let Some(clone) = Clone::with(&[(LOCK, &axios)]) else {
        return;
    };
    clone.topic(&[("readme", "")]);
    let comment = comment(&clone);
    let second = comment.lines().nth(1).expect("a line");
    assert!(second.starts_with("**STOP: `main ("), "{comment}");
    assert!(
        second.ends_with("already holds `axios 1.14.1`; do not install**"),
        "{comment}"
    );
}

/// Thousands of findings and of changed packages fit, and what is to be said first is there.
#[test]
fn a_comment_has_an_end() {
    let names: Vec<String> = (0..3_000)
        .map(|index| format!("{}-{index}", "package".repeat(25)))
        .collect();
    let packages = names.iter().map(|name| {
        let record = npm_record(name, "1.0.0");
        (
            name.as_str(),
            record.replace('{', "{\"deprecated\":\"gone\","),
        )
    });
    let packages: Vec<(&str, String)> = packages.collect();
    let sandbox = Sandbox::new();
    let gate = format!("{NO_FEED_NEEDED}[rules]\ndeprecated = \"high\"\n");
    for (side, lock) in [("before", npm_lock(&[])), ("after", npm_lock(&packages))] {
        sandbox.write(&format!("{side}/linchpin.toml"), &gate);
        sandbox.write(&format!("{side}/package-lock.json"), lock);
    }
    let sides = [
        "--before", "before", "--after", "after", "--format", "markdown",
    ];
    let comment = sandbox
        .run(&[&["diff", "--as-of", NOW][..], &sides].concat())
        .stdout;
    assert!(
        comment.chars().count() <= 60_000,
        "{}",
        comment.chars().count()
    );
    assert!(comment.contains("### ▲ 3,000 new high risks"), "{comment}");
    assert!(
        comment.contains("2,980 more in the JSON report."),
        "{comment}"
    );
    assert!(comment.ends_with("</sub>\n"), "{comment}");
}
