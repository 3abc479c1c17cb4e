//! Group age: most hijacked releases are found within hours, so age speaks for a release.

use jiff::SignedDuration;

use super::Level;
use super::judged::Judged;
use crate::registry::history::NEW;

const DAY: SignedDuration = SignedDuration::from_hours(24);

pub(super) const LEVELS: &[Level] = &[
    Level {
        id: "under-1-day",
        holds: |judged| {
            let age = age(judged);
            (age < DAY).then(|| format!("it was published {} ago", words(age)))
        },
    },
    Level {
        id: "1-to-7-days",
        holds: |judged| {
            let age = age(judged);
            (DAY..NEW)
                .contains(&age)
                .then(|| format!("it has been out for {}", words(age)))
        },
    },
    Level {
        id: "over-7-days",
        holds: |judged| {
            let age = age(judged);
            (age >= NEW).then(|| format!("it has been out for {}", words(age)))
        },
    },
];

fn age(judged: &Judged<'_>) -> SignedDuration {
    judged.now.duration_since(judged.own.published)
}

/// Words an age: minutes, then hours, then days.
pub(in crate::signal) fn words(age: SignedDuration) -> String {
    let (count, unit) = match age.as_mins().max(0) {
        minutes @ ..120 => (minutes, "minute"),
        minutes @ ..2880 => (minutes / 60, "hour"),
        minutes => (minutes / 1440, "day"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}
