//! A terminal's output as a picture: text with ANSI colours → SVG, the same bytes for the same text.
//!
//! Every run of equal looks is one `text` element that is stretched to its number of columns, so that the
//! grid holds in whichever monospace font the reader has.

use std::fmt::Write;

/// Pixels of one column; that of a font of [`FONT_SIZE`], at the usual six tenths.
const COLUMN: usize = 9;
const FONT_SIZE: usize = 15;
const LINE: usize = 20;
const MARGIN: usize = 20;

/// Black to white, then the bright ones, for a dark background.
const PALETTE: [&str; 16] = [
    "#4a505a", "#ff6b68", "#7fd088", "#e8c266", "#74a8ff", "#d38aea", "#5cc8d0", "#d6d9de",
    "#7a818c", "#ff8f8c", "#a3e0a8", "#f2d68e", "#9dc1ff", "#e3aef2", "#8cdde3", "#ffffff",
];
const BACKGROUND: &str = "#16181d";
const FOREGROUND: &str = PALETTE[7];

/// How characters look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Look {
    colour: Option<usize>,
    bold: bool,
    dim: bool,
    underline: bool,
}

/// Characters of one look, from a column on.
#[derive(Debug, PartialEq, Eq)]
struct Run {
    column: usize,
    text: String,
    look: Look,
}

/// Draws a terminal that shows a text.
pub(crate) fn draw(title: &str, text: &str) -> String {
    let lines = lines(text);
    let columns = lines.iter().filter_map(|line| line.last()).map(end);
    let width = columns.max().unwrap_or_default() * COLUMN + 2 * MARGIN;
    let height = lines.len() * LINE + 2 * MARGIN;
    let title = escape(title);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         role=\"img\" aria-labelledby=\"title\" xml:space=\"preserve\">\n\
         <title id=\"title\">{title}</title>\n{}\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{BACKGROUND}\"/>\n",
        style()
    );
    for (index, line) in lines.iter().enumerate() {
        let baseline = MARGIN + index * LINE + FONT_SIZE;
        for run in line {
            write_run(&mut svg, run, baseline);
        }
    }
    svg + "</svg>\n"
}

fn style() -> String {
    let mut style = format!(
        "<style>\n\
         text {{ font: {FONT_SIZE}px ui-monospace, SFMono-Regular, Menlo, Consolas, \"DejaVu Sans Mono\", \"Liberation Mono\", monospace; fill: {FOREGROUND}; white-space: pre }}\n\
         .b {{ font-weight: bold }} .d {{ fill-opacity: .6 }} .u {{ text-decoration: underline }}\n"
    );
    for (index, colour) in PALETTE.iter().enumerate() {
        let _ = writeln!(style, ".c{index} {{ fill: {colour} }}");
    }
    style + "</style>\n"
}

fn write_run(svg: &mut String, run: &Run, baseline: usize) {
    let text = run.text.trim_end_matches(' ');
    let shown = text.trim_start_matches(' ');
    if shown.is_empty() {
        return;
    }
    let indent = text.chars().count() - shown.chars().count();
    let x = MARGIN + (run.column + indent) * COLUMN;
    let length = shown.chars().count() * COLUMN;
    let class = run.look.classes();
    let class = if class.is_empty() {
        class
    } else {
        format!(" class=\"{class}\"")
    };
    let shown = escape(shown);
    let _ = writeln!(
        svg,
        "<text x=\"{x}\" y=\"{baseline}\" textLength=\"{length}\"{class}>{shown}</text>"
    );
}

impl Look {
    fn classes(self) -> String {
        let colour = self.colour.map(|colour| format!("c{colour}"));
        let marks = [(self.bold, "b"), (self.dim, "d"), (self.underline, "u")];
        let marks = marks
            .into_iter()
            .filter(|(is_set, _)| *is_set)
            .map(|(_, mark)| mark.to_owned());
        colour
            .into_iter()
            .chain(marks)
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// Applies one number of an SGR sequence.
    fn apply(&mut self, code: usize) {
        match code {
            0 => *self = Self::default(),
            1 => self.bold = true,
            2 => self.dim = true,
            4 => self.underline = true,
            22 => (self.bold, self.dim) = (false, false),
            24 => self.underline = false,
            30..=37 => self.colour = Some(code - 30),
            39 => self.colour = None,
            90..=97 => self.colour = Some(code - 90 + 8),
            _ => panic!(
                "this picture knows the sixteen colours, bold, dim and underline, not {code}"
            ),
        }
    }
}

fn end(run: &Run) -> usize {
    run.column + run.text.chars().count()
}

/// Splits a text into lines of runs; a character is a column.
fn lines(text: &str) -> Vec<Vec<Run>> {
    let mut look = Look::default();
    text.lines().map(|line| runs(line, &mut look)).collect()
}

fn runs(line: &str, look: &mut Look) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut column = 0;
    for (index, piece) in line.split("\u{1b}[").enumerate() {
        let shown = if index == 0 {
            piece
        } else {
            let (codes, rest) = piece
                .split_once('m')
                .expect("only SGR sequences are written");
            let codes = codes.split(';').map(|code| code.parse().unwrap_or(0));
            codes.for_each(|code| look.apply(code));
            rest
        };
        if shown.is_empty() {
            continue;
        }
        let text = shown.to_owned();
        match runs.last_mut() {
            Some(last) if last.look == *look => last.text.push_str(shown),
            _ => runs.push(Run {
                column,
                text,
                look: *look,
            }),
        }
        column += shown.chars().count();
    }
    runs
}

/// Escapes for XML; what XML cannot hold becomes the replacement character.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            control if control.is_control() => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}

#[test]
fn codes_become_looks() {
    let drawn = lines("a\u{1b}[1m\u{1b}[31mb\u{1b}[0m c\u{1b}[2;4;94md\u{1b}[22;24;39me\nf");
    let look = |colour, bold, dim, underline| Look {
        colour,
        bold,
        dim,
        underline,
    };
    let run = |column, text: &str, look| Run {
        column,
        text: text.to_owned(),
        look,
    };
    assert_eq!(
        drawn,
        [
            vec![
                run(0, "a", Look::default()),
                run(1, "b", look(Some(1), true, false, false)),
                run(2, " c", Look::default()),
                run(4, "d", look(Some(12), false, true, true)),
                run(5, "e", Look::default()),
            ],
            vec![run(0, "f", Look::default())],
        ]
    );
}

#[test]
fn a_look_outlasts_its_line() {
    let drawn = lines("\u{1b}[1ma\nb\u{1b}[0m");
    assert_eq!(drawn[0][0].look, drawn[1][0].look);
}

#[test]
fn text_cannot_leave_its_element() {
    let drawn = draw("<title>", "  a \"</text>\" & \u{7}\u{9b}");
    assert!(
        drawn.contains("<title id=\"title\">&lt;title&gt;</title>"),
        "{drawn}"
    );
    assert!(
        drawn.contains(">a &quot;&lt;/text&gt;&quot; &amp; \u{fffd}\u{fffd}</text>"),
        "{drawn}"
    );
}

#[test]
fn columns_are_a_grid() {
    let drawn = draw("", "  ab\u{1b}[1m  c");
    assert!(drawn.contains("viewBox=\"0 0 103 60\""), "{drawn}");
    assert!(
        drawn.contains("<text x=\"38\" y=\"35\" textLength=\"18\">ab</text>"),
        "{drawn}"
    );
    assert!(
        drawn.contains("<text x=\"74\" y=\"35\" textLength=\"9\" class=\"b\">c</text>"),
        "{drawn}"
    );
}
