//! Documents of TOML that are little more than a list of packages, parsed one package at a time.
//!
//! The parser takes many times a text's size at once, which for one package is nothing; and what takes most of the
//! room in a parsed package, its files, is turned into artifacts at once. A document that does not come apart at the
//! headers of its packages is parsed as a whole, so that the answer, and the error, are those of the whole.

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::document::{self, Table, Value};
use super::files::Read;
use crate::lockfile::model::LockfileError;
use crate::lockfile::span::SourceFile;

/// The header of a package, and the start of those that belong to the one before.
const HEADERS: [&str; 3] = ["[[package]]", "[package.", "[[package."];

/// A document, its packages apart.
pub(in crate::lockfile) struct Pieces<'a> {
    /// All but the list of packages.
    pub(in crate::lockfile) rest: Table<'a>,
    /// The packages without their files; none if there is no list.
    pub(in crate::lockfile) packages: Option<Vec<Piece<'a>>>,
    /// The files of each package.
    pub(in crate::lockfile) files: Vec<Read<'a>>,
}

/// A package.
pub(in crate::lockfile) struct Piece<'a> {
    /// What the file says of it; its list of files is empty.
    pub(in crate::lockfile) value: Value<'a>,
    /// What has to be added to its places, in bytes.
    pub(in crate::lockfile) start: usize,
}

/// Parses a document. Time and memory are linear in its size.
pub(in crate::lockfile) fn parse(file: &SourceFile) -> Result<Pieces<'_>, LockfileError> {
    match in_pieces(file.text()) {
        Some(pieces) => Ok(pieces),
        None => document::parse(file).map(whole),
    }
}

fn whole(mut rest: Table<'_>) -> Pieces<'_> {
    let is_list = rest
        .get("package")
        .is_some_and(|value| value.get_ref().is_array());
    let list = is_list.then(|| rest.remove("package")).flatten();
    let mut pieces = Pieces::new(rest);
    if let Some(DeValue::Array(list)) = list.map(Spanned::into_inner) {
        pieces.packages = Some(Vec::with_capacity(list.len()));
        list.into_iter().for_each(|value| pieces.push(value, 0));
    }
    pieces
}

fn in_pieces(text: &str) -> Option<Pieces<'_>> {
    // Only a text of several lines could hold a header that is none.
    let has = |quotes: &str| memchr::memmem::find(text.as_bytes(), quotes.as_bytes()).is_some();
    if has("\"\"\"") || has("'''") {
        return None;
    }
    let mut pieces = Pieces::new(Table::new());
    let mut sections = sections(text).peekable();
    while let Some((start, is_package)) = sections.next() {
        let end = sections.peek().map_or(text.len(), |(next, _)| *next);
        let table = DeTable::parse(&text[start..end]).ok()?.into_inner();
        if is_package {
            pieces.push(only_package(table)?, start);
        } else {
            pieces.add_rest(table)?;
        }
    }
    pieces.packages.is_some().then_some(pieces)
}

/// Lists where packages begin, and where what is no package begins behind one.
fn sections(text: &str) -> impl Iterator<Item = (usize, bool)> {
    let breaks = memchr::memmem::find_iter(text.as_bytes(), b"\n[");
    let starts = std::iter::once(0).chain(breaks.map(|at| at + 1));
    let mut is_inside = false;
    starts.filter_map(move |start| {
        let header = HEADERS.map(|header| text[start..].starts_with(header));
        let belongs =
            start > 0 && (is_inside && (header[1] || header[2]) || !is_inside && !header[0]);
        is_inside = header[0] || is_inside && belongs;
        (!belongs).then_some((start, header[0]))
    })
}

/// Takes the package out of a table that holds nothing else.
fn only_package(mut table: Table<'_>) -> Option<Value<'_>> {
    let list = table.remove("package").filter(|_| table.is_empty())?;
    let DeValue::Array(list) = list.into_inner() else {
        return None;
    };
    let mut packages = list.into_iter();
    packages.next().filter(|_| packages.next().is_none())
}

impl<'a> Pieces<'a> {
    const fn new(rest: Table<'a>) -> Self {
        Self {
            rest,
            packages: None,
            files: Vec::new(),
        }
    }

    /// Adds a package, and reads its files.
    fn push(&mut self, mut value: Value<'a>, start: usize) {
        let mut read = Read::default();
        if let DeValue::Table(table) = value.get_mut()
            && let Some(files) = table.get_mut("files")
            && files.get_ref().is_array()
        {
            read = Read::list(document::as_list(files));
            *files.get_mut() = DeValue::Array(DeArray::new());
        }
        self.files.push(read);
        let packages = self.packages.get_or_insert_default();
        packages.push(Piece { value, start });
    }

    /// Adds another part of the rest; none if a key stands in two parts, which only the whole can judge.
    fn add_rest(&mut self, table: Table<'a>) -> Option<()> {
        for (key, value) in table {
            if key.get_ref() == "package" || self.rest.insert(key, value).is_some() {
                return None;
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lockfile::testing;

    /// Everything that the two ways must agree on: the rest, each package, where its name stands, its files.
    fn told(text: &str, pieces: &Pieces<'_>) -> Vec<String> {
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
            let pieces = in_pieces(&text).expect("a text that comes apart");
            let table = DeTable::parse(&text).expect("TOML").into_inner();
            assert_eq!(told(&text, &pieces), told(&text, &whole(table)), "{text}");
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
            assert!(in_pieces(&text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_list_that_is_none_stays_in_the_rest() {
        let file = testing::file("poetry.lock", "package = 1\n");
        let pieces = parse(&file).expect("TOML");
        assert!(pieces.packages.is_none() && pieces.rest.contains_key("package"));
        let file = testing::file("poetry.lock", "package = []\n");
        let pieces = parse(&file).expect("TOML");
        assert!(pieces.packages.is_some_and(|packages| packages.is_empty()));
        let file = testing::file("poetry.lock", "[[package]]\nname = \n");
        let error = parse(&file).err().expect("an error");
        assert!(error.to_string().starts_with("not valid TOML"), "{error}");
    }
}
