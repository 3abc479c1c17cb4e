//! Documents of TOML that are little more than a list of packages, parsed one package at a time.
//!
//! The parser takes many times a text's size at once, which for one package is nothing; and what takes most of the
//! room in a parsed package, its files, is turned into artifacts at once. A document that does not come apart at the
//! headers of its packages is parsed as a whole, so that the answer, and the error, are those of the whole.

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::document::{self, Table, Value};
use crate::lockfile::model::LockfileError;
use crate::lockfile::span::{SourceFile, Span};

/// A document, its packages apart.
pub(in crate::lockfile) struct Pieces<'a, F> {
    /// All but the list of packages.
    pub(in crate::lockfile) rest: Table<'a>,
    /// The packages without their files; none if there is no list.
    pub(in crate::lockfile) packages: Option<Vec<Piece<'a>>>,
    /// The files of each package.
    pub(in crate::lockfile) files: Vec<F>,
    form: Form<'a, F>,
}

/// How a format writes its packages.
pub(in crate::lockfile) struct Form<'a, F> {
    /// The key of the list.
    pub(in crate::lockfile) list: &'static str,
    /// Reads the files of a package.
    pub(in crate::lockfile) read: fn(&Table<'a>) -> F,
    /// The key of the list of files, which is emptied when they are read.
    pub(in crate::lockfile) files: &'static str,
}

/// A package.
pub(in crate::lockfile) struct Piece<'a> {
    /// What the file says of it; its list of files is empty.
    pub(in crate::lockfile) value: Value<'a>,
    /// What has to be added to its places, in bytes.
    pub(in crate::lockfile) start: usize,
}

/// Parses a document. Time and memory are linear in its size.
pub(in crate::lockfile) fn parse<'a, F>(
    file: &'a SourceFile,
    form: Form<'a, F>,
) -> Result<Pieces<'a, F>, LockfileError> {
    match in_pieces(file.text(), form) {
        Some(pieces) => Ok(pieces),
        None => document::parse(file).map(|table| whole(table, form)),
    }
}

fn whole<'a, F>(mut rest: Table<'a>, form: Form<'a, F>) -> Pieces<'a, F> {
    let is_list = rest
        .get(form.list)
        .is_some_and(|value| value.get_ref().is_array());
    let list = is_list.then(|| rest.remove(form.list)).flatten();
    let mut pieces = Pieces::new(rest, form);
    if let Some(DeValue::Array(list)) = list.map(Spanned::into_inner) {
        pieces.packages = Some(Vec::with_capacity(list.len()));
        list.into_iter().for_each(|value| pieces.push(value, 0));
    }
    pieces
}

fn in_pieces<'a, F>(text: &'a str, form: Form<'a, F>) -> Option<Pieces<'a, F>> {
    let mut pieces = Pieces::new(Table::new(), form);
    for section in cut(text, form.list)? {
        let table = DeTable::parse(section.text).ok()?.into_inner();
        match section.kind {
            SectionKind::Package => pieces.push(only_package(table, form.list)?, section.start),
            SectionKind::Rest => pieces.add_rest(table)?,
        }
    }
    pieces.packages.is_some().then_some(pieces)
}

/// A part of a document that can be parsed by itself.
pub(in crate::lockfile) struct Section<'a> {
    pub(in crate::lockfile) kind: SectionKind,
    pub(in crate::lockfile) text: &'a str,
    /// Where it begins in the document, in bytes.
    pub(in crate::lockfile) start: usize,
}

/// What a section holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lockfile) enum SectionKind {
    /// One package.
    Package,
    /// What is no package.
    Rest,
}

/// Cuts a document at the headers of the packages in `list`; none if a header may be part of a text. O(bytes).
pub(in crate::lockfile) fn cut<'a>(
    text: &'a str,
    list: &str,
) -> Option<impl Iterator<Item = Section<'a>> + use<'a>> {
    // Only a text of several lines could hold a header that is none.
    let has = |quotes: &str| memchr::memmem::find(text.as_bytes(), quotes.as_bytes()).is_some();
    if has("\"\"\"") || has("'''") {
        return None;
    }
    let mut starts = starts(text, list).peekable();
    Some(std::iter::from_fn(move || {
        let (start, kind) = starts.next()?;
        let end = starts.peek().map_or(text.len(), |(next, _)| *next);
        Some(Section {
            kind,
            text: &text[start..end],
            start,
        })
    }))
}

/// Lists where packages begin, and where what is no package begins behind one.
fn starts<'a>(text: &'a str, list: &str) -> impl Iterator<Item = (usize, SectionKind)> + use<'a> {
    let header = format!("[[{list}]]");
    let (table, tables) = (format!("[{list}."), format!("[[{list}."));
    let breaks = memchr::memmem::find_iter(text.as_bytes(), b"\n[");
    let starts = std::iter::once(0).chain(breaks.map(|at| at + 1));
    let mut is_inside = false;
    starts.filter_map(move |start| {
        let line = &text[start..];
        let is_package = line.starts_with(&header);
        let is_part = line.starts_with(&table) || line.starts_with(&tables);
        // What stands behind a package and is no part of it begins the rest, which goes on to the next package.
        let goes_on = start > 0 && !is_package && (is_part || !is_inside);
        is_inside = is_package || is_inside && goes_on;
        let kind = if is_package {
            SectionKind::Package
        } else {
            SectionKind::Rest
        };
        (!goes_on).then_some((start, kind))
    })
}

/// Takes the package out of a table that holds nothing else.
fn only_package<'a>(mut table: Table<'a>, list: &str) -> Option<Value<'a>> {
    let list = table.remove(list).filter(|_| table.is_empty())?;
    let DeValue::Array(list) = list.into_inner() else {
        return None;
    };
    let mut packages = list.into_iter();
    packages.next().filter(|_| packages.next().is_none())
}

impl Piece<'_> {
    /// Returns the place of a value of the package in the file.
    pub(in crate::lockfile) fn span_of(&self, value: &Value<'_>) -> Span {
        let range = value.span();
        Span::new(range.start + self.start, range.end + self.start)
    }
}

impl<F> Clone for Form<'_, F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<F> Copy for Form<'_, F> {}

impl<'a, F> Pieces<'a, F> {
    const fn new(rest: Table<'a>, form: Form<'a, F>) -> Self {
        Self {
            rest,
            packages: None,
            files: Vec::new(),
            form,
        }
    }

    /// Adds a package, and reads its files.
    fn push(&mut self, mut value: Value<'a>, start: usize) {
        let none = Table::new();
        let files = (self.form.read)(document::as_table(&value).unwrap_or(&none));
        self.files.push(files);
        if let DeValue::Table(table) = value.get_mut()
            && let Some(files) = table.get_mut(self.form.files)
            && files.get_ref().is_array()
        {
            *files.get_mut() = DeValue::Array(DeArray::new());
        }
        let packages = self.packages.get_or_insert_default();
        packages.push(Piece { value, start });
    }

    /// Adds another part of the rest; none if a key stands in two parts, which only the whole can judge.
    fn add_rest(&mut self, table: Table<'a>) -> Option<()> {
        for (key, value) in table {
            if key.get_ref() == self.form.list || self.rest.insert(key, value).is_some() {
                return None;
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::files::{self, Read};
    use super::*;
    use crate::lockfile::testing;

    /// Everything that the two ways must agree on: the rest, each package, where its name stands, its files.
    fn told(text: &str, pieces: &Pieces<'_, Read<'_>>) -> Vec<String> {
        let named = |piece: &Piece<'_>| {
            let table = document::as_table(&piece.value)?;
            let range = table.get("name")?.span();
            text.get(range.start + piece.start..range.end + piece.start)
                .map(str::to_owned)
        };
        let packages = pieces.packages.iter().flatten();
        let plain = |value: &DeValue<'_>| {
            format!("{value:?}").replace(|digit: char| digit.is_ascii_digit(), "")
        };
        let packages =
            packages.map(|piece| format!("{:?} {}", named(piece), plain(piece.value.get_ref())));
        let rest = pieces.rest.keys().map(|key| key.get_ref().to_string());
        let files = pieces.files.iter().map(|read| format!("{read:?}"));
        packages.chain(rest).chain(files).collect()
    }

    const HEAD: &str = "# by a tool\n";
    const ONE: &str = "[[package]]\nname = \"one\" # é\nfiles = [\n    {file = \"a.whl\", hash = \"sha256:x\"},\n]\n\n[package.dependencies]\nb = \"*\"\n\n[[package.x]]\ny = 1\n\n";
    const TWO: &str = "[[package]]\r\nname = \"two\"\r\nfiles = 1\r\n\r\n";
    const TAIL: &str =
        "[extras]\nx = [\"b\"]\n\n[metadata]\nlock-version = \"2.1\"\n\n[metadata.files]\nb = []\n";

    #[test]
    fn pieces_are_the_whole() {
        for text in [
            [HEAD, ONE, TWO, TAIL].concat(),
            [TAIL, ONE, TWO, ONE].concat(),
            [TWO, TAIL, ONE].concat(),
        ] {
            let pieces = in_pieces(&text, files::form()).expect("a text that comes apart");
            let table = DeTable::parse(&text).expect("TOML").into_inner();
            assert_eq!(
                told(&text, &pieces),
                told(&text, &whole(table, files::form())),
                "{text}"
            );
        }
    }

    #[test]
    fn what_does_not_come_apart_is_left_to_the_whole() {
        for text in [
            HEAD.to_owned(),
            [HEAD, TAIL].concat(),
            ["package = []\n", HEAD, ONE].concat(),
            ["x = \"\"\"\n[[package]]\n\"\"\"\n", ONE].concat(),
            ["x = [\n[[package]]\n]\n", ONE].concat(),
            [TAIL, ONE, TAIL].concat(),
            [ONE, TAIL, "[package.x]\ny = 1\n"].concat(),
            [ONE, "[[package]]\nname = \"a\"\nname = \"b\"\n"].concat(),
            ["[package.x]\n", ONE].concat(),
        ] {
            assert!(in_pieces(&text, files::form()).is_none(), "{text}");
        }
    }

    #[test]
    fn a_list_that_is_none_stays_in_the_rest() {
        let file = testing::file("poetry.lock", "package = 1\n");
        let pieces = parse(&file, files::form()).expect("TOML");
        assert!(pieces.packages.is_none() && pieces.rest.contains_key("package"));
        let file = testing::file("poetry.lock", "package = []\n");
        let pieces = parse(&file, files::form()).expect("TOML");
        assert!(pieces.packages.is_some_and(|packages| packages.is_empty()));
        let file = testing::file("poetry.lock", "[[package]]\nname = \n");
        let error = parse(&file, files::form()).err().expect("an error");
        assert!(error.to_string().starts_with("not valid TOML"), "{error}");
    }
}
