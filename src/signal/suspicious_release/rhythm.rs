//! Group rhythm: when releases come, beside when they usually do. Never enough alone.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::Level;
use super::judged::Judged;
use crate::package::version::ReleaseLine;

/// A silence.
const SILENCE: SignedDuration = SignedDuration::from_hours(365 * 24);

/// How long the end of a silence is news.
const NEWS: SignedDuration = SignedDuration::from_hours(14 * 24);

const DAY: SignedDuration = SignedDuration::from_hours(24);

const TWO_HOURS: SignedDuration = SignedDuration::from_hours(2);

const HOUR: SignedDuration = SignedDuration::from_hours(1);

pub(super) const LEVELS: &[Level] = &[
    Level {
        id: "three-lines",
        holds: three_lines,
    },
    Level {
        id: "revival",
        holds: revival,
    },
    Level {
        id: "dormancy",
        holds: dormancy,
    },
    Level {
        id: "multi-line",
        holds: two_lines,
    },
];

/// Three lines had a stable release within two hours.
fn three_lines(judged: &Judged<'_>) -> Option<String> {
    if !judged.own.is_stable() {
        return None;
    }
    let lines: BTreeSet<ReleaseLine> = judged
        .near(TWO_HOURS)
        .map(|other| other.anatomy.line)
        .chain([judged.line()])
        .collect();
    (lines.len() >= 3).then(|| format!("{} release lines moved within two hours", lines.len()))
}

/// After a year of silence two old lines moved within a day.
fn revival(judged: &Judged<'_>) -> Option<String> {
    let start = judged
        .near(DAY)
        .map(|other| other.published)
        .fold(judged.own.published, Timestamp::min);
    let before = || {
        judged
            .others
            .iter()
            .filter(move |other| other.published < start)
    };
    let last = before().map(|other| other.published).max()?;
    let silence = start.duration_since(last);
    if silence < SILENCE {
        return None;
    }
    let old: BTreeSet<ReleaseLine> = before().map(|other| other.anatomy.line).collect();
    let other = judged
        .near(DAY)
        .find(|other| other.anatomy.line != judged.line() && old.contains(&other.anatomy.line))?;
    old.contains(&judged.line()).then(|| {
        format!(
            "after {} days of silence two old lines moved within a day, this one and that of {}",
            silence.as_hours() / 24,
            other.release.version,
        )
    })
}

/// A year of silence ended within the last two weeks.
fn dormancy(judged: &Judged<'_>) -> Option<String> {
    let own = judged.own.published;
    let times = judged.others.iter().map(|other| other.published);
    let mut times: Vec<Timestamp> = times.filter(|time| *time < own).chain([own]).collect();
    times.sort_unstable();
    let gaps = times
        .windows(2)
        .filter(|pair| own.duration_since(pair[1]) <= NEWS);
    let longest = gaps.map(|pair| pair[1].duration_since(pair[0])).max()?;
    (longest >= SILENCE).then(|| {
        format!(
            "nothing had been released for {} days",
            longest.as_hours() / 24
        )
    })
}

/// Another line had a release within the hour.
fn two_lines(judged: &Judged<'_>) -> Option<String> {
    if !judged.own.is_stable() {
        return None;
    }
    let other = judged
        .near(HOUR)
        .find(|other| other.anatomy.line != judged.line())?;
    let minutes = other
        .published
        .duration_since(judged.own.published)
        .abs()
        .as_mins();
    Some(format!(
        "{} of another line came within {} minutes",
        other.release.version,
        minutes.max(1)
    ))
}
