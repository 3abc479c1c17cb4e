//! Roots where no manifest names them: what nothing else in the lockfile asks for.

use crate::lockfile::model::{DependencyKind, LockedDependency, Scope};
use crate::lockfile::span::to_u32;

/// Hangs on the root what nothing else brings into the scope that the file tells of each entry.
///
/// An entry that the file has in production, and that only tests ask for, must be asked for by the project
/// itself; so must the extra be whose part the file has in a wider scope than the extra's own. Cycles that
/// nothing leads into are hung by their first entry. `scopes` goes by index, the root's own aside.
/// O(entries + dependencies).
pub(in crate::lockfile) fn hang_unrequired(
    dependencies: &mut Vec<LockedDependency<'_>>,
    scopes: &[Scope],
) {
    for edge in dependencies.iter_mut() {
        if edge.kind == DependencyKind::Optional {
            edge.reach = edge.reach.min(scopes[edge.to as usize]);
        }
    }
    let graph = Adjacency::new(dependencies, scopes.len());
    let mut reached = vec![None; scopes.len()];
    let mut hung = Vec::new();
    for scope in [Scope::Prod, Scope::Optional, Scope::Dev] {
        let members: Vec<u32> = (1..to_u32(scopes.len()))
            .filter(|index| scopes[*index as usize] == scope)
            .collect();
        let asked = asked_within(dependencies, scopes, &reached, scope);
        let (rest, heads): (Vec<u32>, Vec<u32>) = members
            .into_iter()
            .partition(|index| asked[*index as usize]);
        for index in heads.into_iter().chain(rest) {
            if reached[index as usize].is_none_or(|reached| reached > scope) {
                hung.push(LockedDependency::new(0, index, kind(scope)));
                graph.flood(index, scope, &mut reached);
            }
        }
    }
    dependencies.extend(hung);
}

/// Returns the kind of a root's dependency that passes on a scope.
const fn kind(scope: Scope) -> DependencyKind {
    match scope {
        Scope::Prod | Scope::Build => DependencyKind::Normal,
        Scope::Optional => DependencyKind::Optional,
        Scope::Dev => DependencyKind::Dev,
    }
}

/// Marks the entries that another entry of the scope, not yet reached within it, asks for.
fn asked_within(
    dependencies: &[LockedDependency<'_>],
    scopes: &[Scope],
    reached: &[Option<Scope>],
    scope: Scope,
) -> Vec<bool> {
    let mut asked = vec![false; scopes.len()];
    for edge in dependencies {
        let from = edge.from as usize;
        let is_open = reached[from].is_none_or(|reached| reached > scope);
        if edge.reach <= scope && scopes[from] == scope && is_open {
            asked[edge.to as usize] = true;
        }
    }
    asked
}

/// The dependencies by the entry that asks: a range of `targets` for each.
struct Adjacency {
    starts: Vec<u32>,
    targets: Vec<(u32, Scope)>,
}

impl Adjacency {
    fn new(dependencies: &[LockedDependency<'_>], entries: usize) -> Self {
        let mut starts = vec![0_u32; entries + 1];
        for edge in dependencies {
            starts[edge.from as usize + 1] += 1;
        }
        for index in 0..entries {
            starts[index + 1] += starts[index];
        }
        let mut free = starts.clone();
        let mut targets = vec![(0, Scope::Dev); dependencies.len()];
        for edge in dependencies {
            let place = &mut free[edge.from as usize];
            targets[*place as usize] = (edge.to, edge.reach);
            *place += 1;
        }
        Self { starts, targets }
    }

    /// Marks everything below an entry with the scope in which it gets there: the wider of two counts.
    fn flood(&self, start: u32, scope: Scope, reached: &mut [Option<Scope>]) {
        reached[start as usize] = Some(scope);
        let mut open = vec![(start, scope)];
        while let Some((index, scope)) = open.pop() {
            let range =
                self.starts[index as usize] as usize..self.starts[index as usize + 1] as usize;
            for (to, reach) in &self.targets[range] {
                let scope = scope.max(*reach);
                let known = &mut reached[*to as usize];
                if known.is_none_or(|known| scope < known) {
                    *known = Some(scope);
                    open.push((*to, scope));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lockfile::DependencyKind::{Dev, Normal, Optional};

    /// What is hung on the root, by index and kind.
    fn hung(edges: &[(u32, u32, DependencyKind)], scopes: &[Scope]) -> Vec<(u32, DependencyKind)> {
        let edges = edges.iter();
        let mut edges: Vec<_> = edges
            .map(|(from, to, kind)| LockedDependency::new(*from, *to, *kind))
            .collect();
        let scopes: Vec<Scope> = [&[Scope::Prod], scopes].concat();
        hang_unrequired(&mut edges, &scopes);
        let of_root = edges.iter().filter(|edge| edge.from == 0);
        of_root.map(|edge| (edge.to, edge.kind)).collect()
    }

    #[test]
    fn what_nothing_asks_for_hangs_on_the_root_in_its_scope() {
        let scopes = [Scope::Prod, Scope::Prod, Scope::Dev, Scope::Optional];
        assert_eq!(
            hung(&[(1, 2, Normal)], &scopes),
            [(1, Normal), (4, Optional), (3, Dev)]
        );
    }

    #[test]
    fn what_only_tests_ask_for_but_production_has_is_the_projects_own() {
        let scopes = [Scope::Dev, Scope::Prod, Scope::Prod];
        assert_eq!(
            hung(&[(1, 2, Normal), (2, 3, Normal)], &scopes),
            [(2, Normal), (1, Dev)]
        );
    }

    #[test]
    fn a_part_of_an_extra_that_production_has_reaches_production() {
        let scopes = [Scope::Prod, Scope::Prod];
        let mut edges = vec![LockedDependency::new(1, 2, Optional)];
        hang_unrequired(&mut edges, &[&[Scope::Prod], &scopes[..]].concat());
        assert_eq!(edges[0].reach, Scope::Prod);
        assert_eq!(edges.len(), 2, "the first is hung, and the second is not");
    }

    #[test]
    fn a_cycle_that_nothing_leads_into_hangs_by_its_first_entry() {
        let scopes = [Scope::Prod; 2];
        assert_eq!(
            hung(&[(1, 2, Normal), (2, 1, Normal)], &scopes),
            [(1, Normal)]
        );
    }
}
