//! Group name: a young package whose name is new to the project, and nearly that of another.

use super::Level;
use super::judged::{Judged, Novelty};
use crate::signal::typosquat::{imitated, is_young};

pub(super) const LEVELS: &[Level] = &[Level {
    id: "typosquat",
    holds: imitation,
}];

fn imitation(judged: &Judged<'_>) -> Option<String> {
    if judged.novelty != Novelty::NewName || !is_young(judged.history, judged.now) {
        return None;
    }
    let popular = imitated(judged.history.ecosystem, &judged.history.name)?;
    Some(format!("its name is one letter from that of {popular}"))
}
