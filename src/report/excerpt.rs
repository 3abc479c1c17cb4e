//! The annotated line: file, line, caret, a few words.

use std::io::{self, Write};

use super::Presentation;
use crate::lockfile::{Location, SourceFile, Span};
use crate::text::Untrusted;

/// The longest part of a line that is shown, in characters.
const LONGEST: usize = 200;

/// Writes a line of a file with a caret beneath a range of it.
pub fn write(
    out: &mut dyn Write,
    file: &SourceFile,
    span: Span,
    label: &Untrusted<'_>,
    presentation: &Presentation,
) -> io::Result<()> {
    let location = file.locate(span.start);
    let gutter = gutter(location);
    write_header(out, file, location, gutter, presentation)?;
    let line = file.line(location.line);
    let Some(line) = line.filter(|line| !holds_user_information(line.as_str())) else {
        return Ok(());
    };
    let window = Window::new(
        &line,
        location,
        span,
        file,
        presentation.width.saturating_sub(gutter + 2),
    );
    let style = presentation.style;
    let bar = presentation.glyphs.bar;
    let number = format!("{:>gutter$}", location.line);
    writeln!(
        out,
        "{}{}{}",
        style.faint(number),
        style.faint(bar),
        window.text.terminal()
    )?;
    let caret = style.strong("^".repeat(window.caret_length));
    let indent = window.caret_start;
    write!(
        out,
        "{:gutter$}{}{:indent$}{caret}",
        "",
        style.faint(bar),
        ""
    )?;
    if !label.as_str().is_empty() {
        write!(out, " {}", label.terminal())?;
    }
    writeln!(out)
}

/// Says whether an address in a line has a user in it, and so perhaps a password or a token.
fn holds_user_information(line: &str) -> bool {
    let mut addresses = line.split("://").skip(1);
    addresses.any(|rest| {
        let end = rest
            .find(|character: char| character.is_whitespace() || "/?#\\\"'".contains(character));
        rest[..end.unwrap_or(rest.len())].contains('@')
    })
}

fn write_header(
    out: &mut dyn Write,
    file: &SourceFile,
    location: Location,
    gutter: usize,
    presentation: &Presentation,
) -> io::Result<()> {
    let corner = presentation.style.faint(presentation.glyphs.corner);
    let path = file.path().untrusted();
    writeln!(
        out,
        "{:gutter$}{corner} {}:{}:{}",
        "",
        path.terminal(),
        location.line,
        location.column
    )
}

/// The width of the line numbers, four at least.
pub fn gutter(location: Location) -> usize {
    location.line.to_string().len().max(4)
}

/// The part of a line that is shown, and where the caret stands beneath it.
struct Window {
    text: Untrusted<'static>,
    caret_start: usize,
    caret_length: usize,
}

impl Window {
    /// Keeps the caret inside: a line of nine megabytes is cut around it. Escapes widen the text, so the caret is measured on what is printed.
    fn new(
        line: &Untrusted<'_>,
        location: Location,
        span: Span,
        file: &SourceFile,
        width: usize,
    ) -> Self {
        let width = width.clamp(20, LONGEST);
        let column = location.column as usize - 1;
        let first = if column + 8 > width {
            column.saturating_sub(8)
        } else {
            0
        };
        let shown: String = line.as_str().chars().skip(first).take(width).collect();
        let printed = |text: String| Untrusted::from(text).terminal().to_string().chars().count();
        let before = printed(shown.chars().take(column - first).collect());
        let marked = file
            .text()
            .get(span.start as usize..span.end as usize)
            .unwrap_or_default();
        let marked = marked.lines().next().unwrap_or_default().chars().count();
        let marked = printed(shown.chars().skip(column - first).take(marked).collect());
        Self {
            text: shown.into(),
            caret_start: before,
            caret_length: marked.clamp(1, width),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path::FilePath;

    fn excerpt(text: &str, start: usize, end: usize) -> String {
        let file = SourceFile::new(
            FilePath::new("a/Cargo.lock").expect("a path inside the root"),
            text.to_owned(),
        );
        let mut out = Vec::new();
        write(
            &mut out,
            &file,
            Span::new(start, end),
            &"here".into(),
            &Presentation::PLAIN,
        )
        .expect("writing to memory");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn the_caret_stands_beneath_the_range() {
        assert_eq!(
            excerpt("x\n  \"name\": {\n", 4, 10),
            "    ┌─ a/Cargo.lock:2:3\n   2│  \"name\": {\n    │  ^^^^^^ here\n"
        );
    }

    #[test]
    fn escapes_do_not_move_the_caret() {
        let text = "\u{202e}\"n\"";
        assert_eq!(
            excerpt(text, 3, 6),
            "    ┌─ a/Cargo.lock:1:2\n   1│\\u{202e}\"n\"\n    │        ^^^ here\n"
        );
    }

    #[test]
    fn a_line_of_megabytes_is_cut_around_the_caret() {
        let text = format!("{}\"name\"{}", " ".repeat(5_000_000), "x".repeat(4_000_000));
        let excerpt = excerpt(&text, 5_000_000, 5_000_006);
        assert!(
            excerpt.lines().all(|line| line.chars().count() <= 110),
            "{}",
            excerpt.len()
        );
        assert!(excerpt.contains("^^^^^^ here"));
    }
}
