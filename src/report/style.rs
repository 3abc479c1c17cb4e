//! How text looks: colours, glyphs, width. Every meaning is also a word.

use std::fmt::{self, Display};

use anstyle::{AnsiColor, Color};

use crate::assessment::Severity;

/// Where a text report goes and what that place can show.
#[derive(Clone, Copy, Debug)]
pub struct Presentation {
    /// Columns.
    pub width: usize,
    /// Rows, if a person looks at a screen of known height.
    pub height: Option<usize>,
    /// Colours.
    pub style: Style,
    /// Characters beyond ASCII.
    pub glyphs: &'static Glyphs,
    /// How much is told.
    pub detail: Detail,
}

/// How much a report tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// The verdict.
    Quiet,
    /// What a person needs.
    Normal,
    /// Everything.
    Full,
}

impl Presentation {
    /// What a pipe can show: a hundred columns, no colour.
    pub const PLAIN: Self = Self {
        width: 100,
        height: None,
        style: Style::Plain,
        glyphs: &Glyphs::UNICODE,
        detail: Detail::Normal,
    };
}

/// Whether colours are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// No escape codes.
    Plain,
    /// The sixteen ANSI colours.
    Ansi,
}

/// Characters that draw.
#[derive(Debug)]
pub struct Glyphs {
    /// Leads to the next package.
    pub arrow: &'static str,
    /// Opens an excerpt.
    pub corner: &'static str,
    /// The gutter.
    pub bar: &'static str,
    /// Between facts of one line.
    pub dot: &'static str,
    /// A branch of a tree, and the last one.
    pub branch: [&'static str; 2],
    /// Below a branch, and below the last one.
    pub trunk: [&'static str; 2],
}

impl Glyphs {
    /// For UTF-8 locales.
    pub const UNICODE: Self = Self {
        arrow: "─▶",
        corner: "┌─",
        bar: "│",
        dot: "·",
        branch: ["├─ ", "└─ "],
        trunk: ["│  ", "   "],
    };
    /// For all others.
    pub const ASCII: Self = Self {
        arrow: "->",
        corner: "-->",
        bar: "|",
        dot: "-",
        branch: ["|- ", "`- "],
        trunk: ["|  ", "   "],
    };
}

const BOLD: anstyle::Style = anstyle::Style::new().bold();

const fn colour(style: anstyle::Style, colour: AnsiColor) -> anstyle::Style {
    style.fg_color(Some(Color::Ansi(colour)))
}

/// Text in a colour.
pub struct Painted<T> {
    text: T,
    style: Option<anstyle::Style>,
}

impl<T: Display> Display for Painted<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.style {
            Some(style) => write!(formatter, "{style}{}{style:#}", self.text),
            None => self.text.fmt(formatter),
        }
    }
}

impl Style {
    fn paint<T: Display>(self, text: T, style: anstyle::Style) -> Painted<T> {
        Painted {
            text,
            style: (self == Self::Ansi).then_some(style),
        }
    }

    /// The word of a severity, or what goes with it.
    pub fn severity<T: Display>(self, severity: Severity, text: T) -> Painted<T> {
        self.paint(
            text,
            match severity {
                Severity::Critical | Severity::High => colour(BOLD, AnsiColor::Red),
                Severity::Medium => colour(BOLD, AnsiColor::Yellow),
                Severity::Low => colour(anstyle::Style::new(), AnsiColor::Cyan),
                Severity::None => anstyle::Style::new().dimmed(),
            },
        )
    }

    /// The culprit.
    pub fn culprit<T: Display>(self, text: T) -> Painted<T> {
        self.paint(text, BOLD.underline())
    }

    /// The project's own packages.
    pub fn own<T: Display>(self, text: T) -> Painted<T> {
        self.paint(text, colour(BOLD, AnsiColor::Blue))
    }

    /// What can be done.
    pub fn fix<T: Display>(self, text: T) -> Painted<T> {
        self.paint(text, colour(anstyle::Style::new(), AnsiColor::Green))
    }

    /// Arrows, gutters and the like.
    pub fn faint<T: Display>(self, text: T) -> Painted<T> {
        self.paint(text, anstyle::Style::new().dimmed())
    }

    /// Titles.
    pub fn strong<T: Display>(self, text: T) -> Painted<T> {
        self.paint(text, BOLD)
    }

    /// The word that opens a problem.
    pub fn error<T: Display>(self, text: T) -> Painted<T> {
        self.paint(text, colour(BOLD, AnsiColor::Red))
    }

    /// The word that opens a warning.
    pub fn warning<T: Display>(self, text: T) -> Painted<T> {
        self.paint(text, colour(BOLD, AnsiColor::Yellow))
    }
}
