//! uv.lock one `[[package]]` at a time.
//!
//! The parser of TOML takes many times a file's size at once, which for a piece is nothing. A file that does not come
//! apart at its headers, or a piece of which is anything else than one package, is read as a whole: the answer, and
//! the error, are then those of the whole file.

use serde::de::IgnoredAny;
use toml::Spanned;

use super::wire::{Document, Package};
use crate::lockfile::model::LockfileError;
use crate::lockfile::pypi::pieces::{self, SectionKind};
use crate::lockfile::span::SourceFile;
use crate::lockfile::toml::syntax_error;

/// A part of the file from one header to the next.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Piece<'a> {
    #[serde(borrow)]
    package: [Package<'a>; 1],
}

/// What stands before the first header, which must not define the packages itself.
#[derive(serde::Deserialize)]
struct Head {
    package: Option<IgnoredAny>,
}

/// Reads a file. Time and memory are linear in its size.
pub(super) fn read(file: &SourceFile) -> Result<Document<'_>, LockfileError> {
    in_pieces(file.text()).map_or_else(
        || toml::from_str(file.text()).map_err(|error| syntax_error(file, &error)),
        Ok,
    )
}

fn in_pieces(text: &str) -> Option<Document<'_>> {
    let mut sections = pieces::cut(text, "package")?;
    let head = sections
        .next()
        .filter(|head| head.kind == SectionKind::Rest)?;
    if toml::from_str::<Head>(head.text).ok()?.package.is_some() {
        return None;
    }
    let mut document: Document<'_> = toml::from_str(head.text).ok()?;
    for section in sections {
        // What stands behind packages, and belongs to the head, fails here as well.
        let Piece { package: [package] } = toml::from_str(section.text).ok()?;
        document.package.push(moved(package, section.start));
    }
    Some(document)
}

/// Turns places in a piece into places in the file.
fn moved(mut package: Package<'_>, by: usize) -> Package<'_> {
    let range = package.name.span();
    let range = range.start + by..range.end + by;
    package.name = Spanned::new(range, package.name.into_inner());
    package
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(text: &str) -> Option<Document<'_>> {
        toml::from_str(text).ok()
    }

    const HEAD: &str = "version = 1\n\n[manifest]\nmembers = [\"a\"]\n\n";
    const ONE: &str = "[[package]]\nname = \"a\" # é\nversion = \"1.0\"\nsource = { virtual = \".\" }\n\n[package.metadata]\nrequires-dist = [{ name = \"b\" }]\n\n";
    const TWO: &str = "[[package]]\r\nname = \"b\"\r\nsource = { registry = \"https://pypi.org/simple\" }\r\nwheels = [\r\n    { url = \"https://h/b.whl\", hash = \"sha256:00\" },\r\n]\r\n";

    #[test]
    fn pieces_are_the_whole() {
        for text in [[HEAD, ONE, TWO].concat(), [HEAD, TWO, ONE, TWO].concat()] {
            let pieces = in_pieces(&text).map(|document| format!("{document:?}"));
            assert!(pieces.is_some(), "{text}");
            let whole = whole(&text).map(|document| format!("{document:?}"));
            assert_eq!(pieces, whole);
        }
    }

    #[test]
    fn what_does_not_come_apart_is_read_as_a_whole() {
        for (text, is_toml) in [
            (HEAD.to_owned(), true),
            ([HEAD, ONE, "[options]\nx = 1\n"].concat(), true),
            (
                [HEAD, "x = \"\"\"\n[[package]]\n\"\"\"\n", ONE].concat(),
                true,
            ),
            (
                [HEAD, "x = [\n[[package]]\nname = \"a\"\n]\n", ONE].concat(),
                false,
            ),
            (["package = []\n", HEAD, ONE].concat(), false),
            ([HEAD, ONE, "[[package]]\nname = 1\n"].concat(), false),
            (
                [HEAD, ONE, "[[package]]\nname = \"a\"\nname = \"b\"\n"].concat(),
                false,
            ),
            ([HEAD, ONE, HEAD, ONE].concat(), false),
        ] {
            let pieces = in_pieces(&text).map(|document| format!("{document:?}"));
            let whole = whole(&text).map(|document| format!("{document:?}"));
            assert_eq!(whole.is_some(), is_toml, "{text}");
            assert!(pieces.is_none() || pieces == whole, "{text}");
        }
    }
}
