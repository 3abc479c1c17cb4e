//! Locations: which package lies where, and what a name means when asked from there.

use std::sync::LazyLock;

use memchr::memmem::FinderRev;
use rustc_hash::{FxHashMap, FxHashSet};

use super::Place;
use crate::text::Untrusted;

/// How many links may lead to each other before the chain counts as broken.
const LONGEST_CHAIN: usize = 16;

/// The places of one lockfile, by location.
pub(super) struct Places<'p> {
    /// What lies in the root's `node_modules` or below it, by what follows that.
    installed: FxHashMap<&'p str, usize>,
    /// What lies elsewhere: the project's own packages, and what is installed below these.
    elsewhere: FxHashMap<&'p str, usize>,
    /// The locations of packages with others in their own `node_modules`, which most have not.
    holders: FxHashSet<&'p str>,
}

/// What lies between the location of a package and the names of those in its folder.
pub(super) const INSIDE: &str = "/node_modules/";

/// Finds the last [`INSIDE`] of a location.
pub(super) fn last_inside(location: &str) -> Option<usize> {
    static FINDER: LazyLock<FinderRev<'static>> = LazyLock::new(|| FinderRev::new(INSIDE));
    FINDER.rfind(location.as_bytes())
}

/// Returns what follows the root's `node_modules` in a location that begins with it.
fn below_root(location: &str) -> Option<&str> {
    location.strip_prefix(&INSIDE[1..])
}

/// Names under which links install the project's own packages, by location of the package.
pub(super) type LinkNames<'a> = FxHashMap<String, Untrusted<'a>>;

impl<'p> Places<'p> {
    pub(super) fn new(places: &'p [Place<'_>]) -> Self {
        let mut index = Self {
            installed: FxHashMap::default(),
            elsewhere: FxHashMap::default(),
            holders: FxHashSet::default(),
        };
        index.installed.reserve(places.len());
        for (position, place) in places.iter().enumerate() {
            let location = &*place.location;
            let holder = last_inside(location).map(|at| &location[..at]);
            index.holders.extend(holder);
            match below_root(location) {
                Some(below) => index.installed.insert(below, position),
                None => index.elsewhere.insert(location, position),
            };
        }
        index
    }

    /// Says whether no location stands twice.
    pub(super) fn are_distinct(&self, places: &[Place<'_>]) -> bool {
        self.installed.len() + self.elsewhere.len() == places.len()
    }

    /// Returns the place at a location; the last of repeats.
    pub(super) fn position(&self, location: &str) -> Option<usize> {
        let position = match below_root(location) {
            Some(below) => self.installed.get(below),
            None => self.elsewhere.get(location),
        };
        position.copied()
    }

    /// Lists where the package at `location` finds others: its own folder first, the root's last, empty ones left out.
    pub(super) fn folders<'l>(&self, location: &'l str) -> Vec<&'l str> {
        std::iter::successors(Some(location), |folder| self.enclosing(folder))
            .filter(|folder| folder.is_empty() || self.holders.contains(folder))
            .collect()
    }

    /// Finds what `name` means for a package that looks in `folders`, links not followed. O(folders).
    pub(super) fn find(&self, folders: &[&str], name: &str, buffer: &mut String) -> Option<usize> {
        folders.iter().find_map(|folder| {
            if folder.is_empty() {
                return self.installed.get(name).copied();
            }
            buffer.clear();
            buffer.push_str(folder);
            buffer.push_str(INSIDE);
            buffer.push_str(name);
            self.position(buffer)
        })
    }

    /// Returns the location of the package in whose folder a package lies; the root's is empty.
    fn enclosing<'l>(&self, location: &'l str) -> Option<&'l str> {
        if location.is_empty() {
            return None;
        }
        if let Some(at) = last_inside(location) {
            return Some(&location[..at]);
        }
        if location.starts_with(&INSIDE[1..]) {
            return Some("");
        }
        let mut folder = location;
        while let Some((parent, _)) = folder.rsplit_once('/') {
            if self.elsewhere.contains_key(parent) {
                return Some(parent);
            }
            folder = parent;
        }
        Some("")
    }

    /// Follows a link, and links that it leads to, to the location of a package.
    pub(super) fn follow(&self, places: &[Place<'_>], position: usize) -> Target {
        let mut current = position;
        for _ in 0..LONGEST_CHAIN {
            let place = &places[current];
            if !place.is_link() {
                return Target::Place(current);
            }
            let Some(location) = link_target(place) else {
                return Target::Outside;
            };
            if location.is_empty() {
                return Target::Root;
            }
            match self.position(&location) {
                Some(next) => current = next,
                None => return Target::Outside,
            }
        }
        Target::Outside
    }
}

/// What a link leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// A package of the lockfile.
    Place(usize),
    /// The project itself.
    Root,
    /// Nothing that the lockfile describes.
    Outside,
}

/// Returns the location that a link names, relative to the lockfile, which is empty for the project itself; none if it names nothing or leaves the project by an absolute path.
pub(super) fn link_target(place: &Place<'_>) -> Option<String> {
    let target = place.record.resolved.text()?.as_str();
    let target = target.strip_prefix("file:").unwrap_or(target);
    if target.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// Collects the names under which links install packages that have no name of their own.
pub(super) fn names_of_links<'a>(places: &[Place<'a>]) -> LinkNames<'a> {
    let mut names = LinkNames::default();
    for place in places.iter().filter(|place| place.is_link()) {
        if let (Some(target), Some(name)) = (link_target(place), installed_name(place)) {
            names.entry(target).or_insert(name);
        }
    }
    names
}

/// Returns the name of the package at a place: stated, installed as, linked as, or its folder's.
pub(super) fn package_name<'a>(place: &Place<'a>, names: &LinkNames<'a>) -> Untrusted<'a> {
    let stated = place
        .record
        .name
        .text()
        .filter(|name| !name.as_str().is_empty());
    stated
        .cloned()
        .or_else(|| installed_name(place))
        .or_else(|| names.get(&*place.location).cloned())
        .unwrap_or_else(|| last_part(place))
}

/// Returns the name of an installed package's folder.
fn installed_name<'a>(place: &Place<'a>) -> Option<Untrusted<'a>> {
    place.is_installed().then(|| last_part(place))
}

/// Returns the last part of a location, and the one before it if that is a scope.
fn last_part<'a>(place: &Place<'a>) -> Untrusted<'a> {
    let Some(slash) = place.location.rfind('/') else {
        return part_from(place, 0);
    };
    let scope = place.location[..slash]
        .rfind('/')
        .map_or(0, |before| before + 1);
    let is_scoped = place.location[scope..].starts_with('@');
    part_from(place, if is_scoped { scope } else { slash + 1 })
}

fn part_from<'a>(place: &Place<'a>, at: usize) -> Untrusted<'a> {
    match &place.location {
        std::borrow::Cow::Borrowed(text) => Untrusted::borrowed(&text[at..]),
        std::borrow::Cow::Owned(text) => text[at..].to_owned().into(),
    }
}
