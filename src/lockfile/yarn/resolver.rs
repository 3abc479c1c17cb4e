//! Answers descriptors: which record of a yarn.lock a dependency means.

use std::borrow::Cow;
use std::cell::OnceCell;

use percent_encoding::percent_decode_str;
use rustc_hash::{FxHashMap, FxHashSet};

use super::overrides::{Overrides, Reach};
use super::{Descriptor, Ranges, Record, Records};
use crate::lockfile::npm::specifier;

/// A name and a range, borrowed from a record.
type Key<'r> = (&'r str, &'r str);

/// How many patches of patches are followed.
const PATCHES: usize = 8;

/// What stands behind a descriptor that was made unique for the package that asks for it.
const BOUND: &str = "::locator=";

/// Finds the entry that answers a descriptor.
pub(super) struct Resolver<'r, 'm, 'a> {
    records: &'r Records<'a>,
    exact: FxHashMap<Key<'r>, u32>,
    /// What a patch that nobody asks for by name takes the place of: the patch's entry and its range.
    patched: FxHashMap<(&'r str, Cow<'r, str>), (u32, &'r str)>,
    /// The descriptors that were made unique for those who ask: by name and range, the locators and what answers.
    bound: FxHashMap<Key<'r>, Vec<(&'r str, u32)>>,
    overrides: Overrides<'m>,
    /// The entries of the project's own packages that the lockfile does not record.
    members: FxHashMap<String, u32>,
    lone: OnceCell<FxHashMap<&'r str, Lone>>,
}

/// What a lockfile holds under a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lone {
    One(u32),
    Several,
}

/// A package that asks, as the lockfile calls it.
pub(super) struct Asker<'l> {
    locator: &'l str,
    /// The same as it stands in descriptors; made once, since a locator may be long.
    encoded: OnceCell<String>,
}

impl<'l> Asker<'l> {
    /// Takes a locator.
    pub(super) const fn new(locator: &'l str) -> Self {
        Self {
            locator,
            encoded: OnceCell::new(),
        }
    }

    fn encoded(&self) -> &str {
        self.encoded.get_or_init(|| {
            percent_encoding::utf8_percent_encode(self.locator, COMPONENT).to_string()
        })
    }
}

/// How a descriptor is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// By a record, as Yarn would.
    Held(u32),
    /// By the only record of the name.
    Lone(u32),
    /// By several records of the name, none of which says so.
    Several,
    /// By none.
    None,
}

impl<'r, 'm, 'a> Resolver<'r, 'm, 'a> {
    /// Indexes the records; calls `repeated` for every descriptor that stands twice, of which the last counts.
    pub(super) fn new(
        records: &'r Records<'a>,
        overrides: Overrides<'m>,
        mut repeated: impl FnMut(Record<'r, 'a>, &'r Descriptor<'a>),
    ) -> Self {
        let mut exact: FxHashMap<Key<'r>, u32> = FxHashMap::default();
        let mut bound: FxHashMap<Key<'r>, Vec<(&'r str, u32)>> = FxHashMap::default();
        exact.reserve(records.descriptors.len());
        for record in records.iter() {
            for descriptor in record.descriptors {
                let (name, range) = descriptor.key();
                if let Some((range, locator)) = range.split_once(BOUND) {
                    let locators = bound.entry((name, range)).or_default();
                    locators.push((locator, record.entry));
                }
                let before = exact.insert((name, range), record.entry);
                if before.is_some() {
                    repeated(record, descriptor);
                }
            }
        }
        let mut resolver = Self {
            records,
            exact,
            patched: FxHashMap::default(),
            bound,
            overrides,
            members: FxHashMap::default(),
            lone: OnceCell::new(),
        };
        resolver.add_patches();
        resolver
    }

    /// Adds a package of the project that is not in the lockfile.
    pub(super) fn add_member(&mut self, name: String, entry: u32) {
        self.members.insert(name, entry);
    }

    /// Answers what a package of the name `parent` asks for.
    pub(super) fn answer(
        &self,
        parent: &str,
        asker: &Asker<'_>,
        name: &str,
        asked: &str,
    ) -> Answer {
        let asked = self.records.ranges.plain(asked.trim());
        let override_of = self.overrides.find(parent, name, asked);
        let own = || self.held(name, asked, Some(asker));
        let other = || override_of.and_then(|other| self.held(name, other.range, None));
        let held = match override_of.map(|other| other.reach) {
            Some(Reach::OneWay) => own().or_else(other),
            Some(Reach::Everywhere) | None => other().or_else(own),
        };
        let held = held.or_else(|| self.members.get(name).copied());
        match held {
            Some(entry) => Answer::Held(entry),
            None => self.lone(name, override_of.is_some()),
        }
    }

    /// Looks for a descriptor, and for the patches that take its place.
    fn held(&self, name: &str, range: &str, asker: Option<&Asker<'_>>) -> Option<u32> {
        let plain = self.exact.get(&(name, range)).copied();
        let plain = plain.or_else(|| match range {
            "" => self.exact.get(&(name, "*")).copied(),
            _ => self.bound(name, range, asker?),
        });
        if self.patched.is_empty() {
            return plain;
        }
        let mut found = plain;
        let mut range = range;
        for _ in 0..PATCHES {
            let Some((entry, own)) = self.patched.get(&(name, Cow::Borrowed(range))) else {
                break;
            };
            (found, range) = (Some(*entry), own);
        }
        found
    }

    /// Looks for a folder, an archive or a patch that is meant from where the asking package lies.
    fn bound(&self, name: &str, range: &str, asker: &Asker<'_>) -> Option<u32> {
        let locators = self.bound.get(&(name, range))?;
        let encoded = asker.encoded();
        let mut from_last = locators.iter().rev();
        let found = from_last.find(|(locator, _)| *locator == encoded);
        found.map(|(_, entry)| *entry)
    }

    fn lone(&self, name: &str, is_overridden: bool) -> Answer {
        let lone = self.lone.get_or_init(|| self.index_by_name());
        match lone.get(name) {
            Some(Lone::One(entry)) if is_overridden => Answer::Held(*entry),
            Some(Lone::One(entry)) => Answer::Lone(*entry),
            Some(Lone::Several) => Answer::Several,
            None => Answer::None,
        }
    }

    /// Lists what each name means if it means one entry; the base of a patch gives way to the patch.
    fn index_by_name(&self) -> FxHashMap<&'r str, Lone> {
        let bases: FxHashSet<u32> = self
            .records
            .iter()
            .flat_map(|own| self.bases(own))
            .collect();
        let mut lone: FxHashMap<&str, Lone> = FxHashMap::default();
        let records = self
            .records
            .iter()
            .filter(|own| !bases.contains(&own.entry));
        for record in records {
            for descriptor in record.descriptors {
                let known = lone
                    .entry(descriptor.name.as_str())
                    .or_insert(Lone::One(record.entry));
                if *known != Lone::One(record.entry) {
                    *known = Lone::Several;
                }
            }
        }
        lone
    }

    /// Lists the entries that the record of a patch patches, each once; none for other records.
    pub(super) fn bases(&self, record: Record<'_, 'a>) -> Vec<u32> {
        let patches = record.descriptors.iter().filter_map(Descriptor::patched);
        let bases = patches
            .filter_map(|(name, range)| self.exact.get(&(&*name, &*range)).copied())
            .filter(|base| *base != record.entry);
        let mut bases: Vec<u32> = bases.collect();
        bases.sort_unstable();
        bases.dedup();
        bases
    }

    /// A patch that somebody asks for by name is that one's only; any other replaces what it patches for all.
    fn add_patches(&mut self) {
        let records = self.records;
        let patches = || {
            let all = records.iter();
            all.flat_map(|own| own.descriptors.iter().map(move |found| (own.entry, found)))
                .filter(|(_, descriptor)| descriptor.is_patch())
        };
        if patches().next().is_none() {
            return;
        }
        let asks = records.asks.iter().map(|ask| &ask.descriptor);
        let explicit: FxHashSet<Key<'r>> = asks
            .filter(|asked| asked.is_patch())
            .map(Descriptor::key)
            .collect();
        for (entry, descriptor) in patches() {
            let (name, own) = descriptor.key();
            let unbound = own.split(BOUND).next().unwrap_or(own);
            if explicit.contains(&(name, own)) || explicit.contains(&(name, unbound)) {
                continue;
            }
            if let Some((_, range)) = descriptor.patched() {
                self.patched.insert((name, range), (entry, own));
            }
        }
    }
}

/// What JavaScript's `encodeURIComponent` leaves as it is, besides letters and digits.
const COMPONENT: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

impl Descriptor<'_> {
    fn key(&self) -> Key<'_> {
        (self.name.as_str(), self.range.as_str())
    }

    fn is_patch(&self) -> bool {
        self.range.as_str().starts_with("patch:")
    }

    /// Returns the descriptor that a patch is for.
    fn patched(&self) -> Option<(Cow<'_, str>, Cow<'_, str>)> {
        let inner = self.range.as_str().strip_prefix("patch:")?;
        let inner = inner.split('#').next().unwrap_or(inner);
        let decoded = percent_decode_str(inner).decode_utf8().ok()?;
        match decoded {
            Cow::Borrowed(text) => {
                let (name, range) = specifier::split(text)?;
                Some((name.into(), Ranges::Prefixed.plain(range).into()))
            }
            Cow::Owned(text) => {
                let (name, range) = specifier::split(&text)?;
                let range = Ranges::Prefixed.plain(range).to_owned();
                Some((name.to_owned().into(), range.into()))
            }
        }
    }
}
