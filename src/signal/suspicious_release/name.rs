//! Group name: a package whose name is new to the project, and nearly that of another.

use super::Level;
use super::judged::{Judged, Novelty};
use crate::signal::typosquat::imitated;

pub(super) const LEVELS: &[Level] = &[Level {
    id: "typosquat",
    holds: imitation,
}];

fn imitation(judged: &Judged<'_>) -> Option<String> {
    if judged.novelty != Novelty::NewName {
        return None;
    }
    let popular = imitated(judged.history.ecosystem, &judged.history.name)?;
    Some(format!("its name is one letter from that of {popular}"))
}
