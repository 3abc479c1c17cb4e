//! `markdown`: the comment on a pull request, and the summary of a job.
//!
//! Made of sections, of which the last are left out where all together are too long; what is to be said first, the
//! verdict and the fix, always stays. Every text from outside is code, or plain words ([`Untrusted::markdown`]), so that
//! no name mentions anybody, links anywhere or breaks out of its cell.
//!
//! [`Untrusted::markdown`]: crate::text::Untrusted::markdown

mod change;
mod head;
mod notes;
mod risks;

use std::io::{self, Write};

use crate::report::words::thousands;
use crate::report::{Presentation, Report};

/// The first line, by which the comment is found again.
const MARK: &str = "<!-- linchpin:comment:v1 -->";

/// How long the whole may be, in characters: a comment of GitHub's may have 65,536, and others add to it.
const LONGEST: usize = 60_000;

/// Writes the comment.
pub(super) fn write(
    report: &Report<'_>,
    _presentation: &Presentation,
    out: &mut dyn Write,
) -> io::Result<()> {
    let head = format!("{MARK}\n{}", head::write(report));
    let foot = notes::foot(report);
    let sections = [
        risks::new(report),
        notes::incomplete(report),
        change::write(report),
        risks::others(report),
        notes::coverage(report),
        notes::accept(report),
    ];
    let sections: Vec<String> = sections.into_iter().flatten().collect();
    out.write_all(assemble(&head, &sections, &foot).as_bytes())
}

/// Puts the sections together, as many from the first as there is room for.
fn assemble(head: &str, sections: &[String], foot: &str) -> String {
    let length = |text: &str| text.chars().count();
    let left_out =
        "_The rest is left out, because comments have an end; the JSON report has all._\n\n";
    let mut room = LONGEST.saturating_sub(length(head) + length(foot) + length(left_out));
    let mut whole = format!("{head}\n");
    for section in sections {
        let Some(left) = room.checked_sub(length(section) + 1) else {
            whole.push_str(left_out);
            break;
        };
        room = left;
        whole.extend([section, "\n"]);
    }
    whole.push_str(foot);
    whole
}

/// Ends a table that had room for so many of all rows.
fn more(all: usize, room: usize) -> String {
    match all.saturating_sub(room) {
        0 => String::new(),
        more => format!("\n{} more in the JSON report.\n", thousands(more)),
    }
}

/// A part that opens at a click.
fn details(summary: &str, body: &str) -> String {
    format!("<details><summary>{summary}</summary>\n\n{body}\n</details>\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_left_out_from_the_last() {
        let sections = ["a".repeat(30_000), "b".repeat(40_000), "c".to_owned()];
        let whole = assemble("head", &sections, "foot");
        assert!(whole.starts_with("head\naaa") && whole.ends_with("foot"));
        assert!(whole.contains("left out") && !whole.contains("bb"));
        assert!(whole.chars().count() <= LONGEST);
        let short = assemble("head", &sections[2..], "foot");
        assert_eq!(short, "head\nc\nfoot");
    }
}
