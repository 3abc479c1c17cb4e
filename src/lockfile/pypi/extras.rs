//! Extras: which are asked for, and how far their parts reach because of it.
//!
//! The edges of an extra reach as far as the widest edge that asks for it: `uvicorn[standard]` in production
//! brings `httptools` there. An edge of an extra can itself ask for extras, so this is followed to its end.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use crate::lockfile::model::{LockedDependency, Scope};
use crate::lockfile::span::to_u32;

/// An extra of one entry: the entry's index, and the extra's name.
type Extra<'d> = (u32, Cow<'d, str>);

/// The extras of a lockfile; edges go by their index into its dependencies.
#[derive(Debug, Default)]
pub(in crate::lockfile) struct Extras<'d> {
    /// The edges that belong to each extra.
    offered: FxHashMap<Extra<'d>, Vec<u32>>,
    /// The extras that each edge asks for.
    asked: FxHashMap<u32, Vec<Extra<'d>>>,
    /// The extras of the same entry that an extra brings.
    implied: FxHashMap<Extra<'d>, Vec<Cow<'d, str>>>,
}

impl<'d> Extras<'d> {
    /// Notes that an edge belongs to an extra of an entry.
    pub(in crate::lockfile) fn offer(&mut self, owner: u32, extra: Cow<'d, str>, edge: usize) {
        let edges = self.offered.entry((owner, extra)).or_default();
        edges.push(to_u32(edge));
    }

    /// Notes that an edge asks for an extra of the entry that it leads to.
    pub(in crate::lockfile) fn ask(&mut self, edge: usize, to: u32, extra: Cow<'d, str>) {
        let extras = self.asked.entry(to_u32(edge)).or_default();
        extras.push((to, extra));
    }

    /// Notes that an extra of an entry brings another extra of it.
    pub(in crate::lockfile) fn imply(
        &mut self,
        owner: u32,
        extra: Cow<'d, str>,
        other: Cow<'d, str>,
    ) {
        let others = self.implied.entry((owner, extra)).or_default();
        others.push(other);
    }

    /// Lets the edges of extras reach as far as whoever asks for them; each edge is looked at once for every scope.
    pub(in crate::lockfile) fn widen(self, dependencies: &mut [LockedDependency<'_>]) {
        let mut widest: FxHashMap<Extra<'d>, Scope> = FxHashMap::default();
        let mut open: Vec<(Extra<'d>, Scope)> = Vec::new();
        for (edge, extras) in &self.asked {
            let reach = dependencies[*edge as usize].reach;
            open.extend(extras.iter().map(|extra| (extra.clone(), reach)));
        }
        while let Some((extra, reach)) = open.pop() {
            let known = widest.get(&extra);
            if known.is_some_and(|known| *known <= reach) {
                continue;
            }
            for other in self.implied.get(&extra).into_iter().flatten() {
                open.push(((extra.0, other.clone()), reach));
            }
            for edge in self.offered.get(&extra).into_iter().flatten() {
                let dependency = &mut dependencies[*edge as usize];
                if reach < dependency.reach {
                    dependency.reach = reach;
                    let asked = self.asked.get(edge).into_iter().flatten();
                    open.extend(asked.map(|extra| (extra.clone(), reach)));
                }
            }
            widest.insert(extra, reach);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lockfile::DependencyKind::{self, Dev, Normal, Optional};

    fn reaches(
        kinds: &[(u32, u32, DependencyKind)],
        note: impl FnOnce(&mut Extras<'static>),
    ) -> Vec<Scope> {
        let edges = kinds.iter();
        let mut edges: Vec<_> = edges
            .map(|(from, to, kind)| LockedDependency::new(*from, *to, *kind))
            .collect();
        let mut extras = Extras::default();
        note(&mut extras);
        extras.widen(&mut edges);
        edges.into_iter().map(|edge| edge.reach).collect()
    }

    #[test]
    fn an_extra_reaches_as_far_as_the_widest_edge_that_asks_for_it() {
        let kinds = [
            (0, 1, Dev),
            (0, 1, Normal),
            (1, 2, Optional),
            (1, 3, Optional),
        ];
        let reaches = reaches(&kinds, |extras| {
            extras.offer(1, "x".into(), 2);
            extras.offer(1, "y".into(), 3);
            extras.ask(0, 1, "y".into());
            extras.ask(1, 1, "x".into());
        });
        assert_eq!(reaches[2..], [Scope::Prod, Scope::Optional]);
    }

    #[test]
    fn extras_that_extras_ask_for_are_followed() {
        let kinds = [(0, 1, Normal), (1, 2, Optional), (2, 3, Optional)];
        let reaches = reaches(&kinds, |extras| {
            extras.ask(0, 1, "all".into());
            extras.imply(1, "all".into(), "web".into());
            extras.offer(1, "web".into(), 1);
            extras.ask(1, 2, "standard".into());
            extras.offer(2, "standard".into(), 2);
        });
        assert_eq!(reaches, [Scope::Prod; 3]);
    }

    #[test]
    fn extras_that_bring_each_other_come_to_an_end() {
        let kinds = [(0, 1, Normal), (1, 1, Optional)];
        let reaches = reaches(&kinds, |extras| {
            extras.ask(0, 1, "a".into());
            extras.imply(1, "a".into(), "b".into());
            extras.imply(1, "b".into(), "a".into());
            extras.offer(1, "b".into(), 1);
            extras.ask(1, 1, "a".into());
        });
        assert_eq!(reaches, [Scope::Prod; 2]);
    }
}
