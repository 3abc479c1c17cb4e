//! The tool and its rules: SARIF 2.1.0 §3.18 (tool), §3.19 (driver), §3.49 (descriptors).

use serde::Serialize;

use super::Message;
use crate::assessment::Severity;
use crate::signal::{Rule, rules};

/// The tool component that found something (§3.19).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Driver {
    name: &'static str,
    version: &'static str,
    semantic_version: &'static str,
    rules: Vec<RuleDescriptor>,
    notifications: Vec<NoticeDescriptor>,
}

/// A rule (§3.49), with the properties by which code scanning services grade alerts.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RuleDescriptor {
    id: &'static str,
    short_description: Message,
    full_description: Message,
    help: Help,
    default_configuration: Configuration,
    properties: RuleProperties,
}

/// A text in two forms (§3.12).
#[derive(Serialize)]
struct Help {
    text: String,
    markdown: String,
}

/// How a rule reports (§3.50).
#[derive(Serialize)]
struct Configuration {
    level: Level,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct RuleProperties {
    tags: [&'static str; 3],
    security_severity: &'static str,
}

/// A kind of notification (§3.49).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NoticeDescriptor {
    id: &'static str,
    short_description: Message,
}

/// How bad something is, in the words of SARIF (§3.27.10).
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Level {
    /// It should stop a release.
    Error,
    /// Somebody should look.
    Warning,
    /// For the record.
    Note,
}

impl From<Severity> for Level {
    /// `none` is for results that are no failures (§3.27.10), so the least severity is a note.
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Critical | Severity::High => Self::Error,
            Severity::Medium => Self::Warning,
            Severity::Low | Severity::None => Self::Note,
        }
    }
}

/// What a notification is about.
#[derive(Clone, Copy)]
pub(super) enum Notice {
    /// Something is wrong with an input.
    Input,
    /// Something that is required was not checked.
    Incomplete,
    /// How much a rule looked at.
    Coverage,
    /// How the run came about.
    Run,
    /// The report does not hold everything.
    LeftOut,
}

impl Notice {
    /// Every kind, in the order of the driver's list.
    const ALL: [Self; 5] = [
        Self::Input,
        Self::Incomplete,
        Self::Coverage,
        Self::Run,
        Self::LeftOut,
    ];

    /// Returns the id, and what it says as a sentence.
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Input => ("input-problem", "Something is wrong with an input."),
            Self::Incomplete => ("incomplete", "Something that is required was not checked."),
            Self::Coverage => ("coverage", "How many packages a rule looked at."),
            Self::Run => ("run", "How the run came about."),
            Self::LeftOut => ("left-out", "The report does not hold everything."),
        }
    }

    /// Returns the id.
    pub(super) const fn id(self) -> &'static str {
        self.words().0
    }

    /// Returns the place in the driver's list.
    pub(super) const fn index(self) -> usize {
        self as usize
    }
}

impl Driver {
    /// Describes linchpin and all of its rules.
    pub(super) fn new() -> Self {
        Self {
            name: env!("CARGO_PKG_NAME"),
            version: env!("CARGO_PKG_VERSION"),
            semantic_version: env!("CARGO_PKG_VERSION"),
            rules: rules().map(RuleDescriptor::new).collect(),
            notifications: Notice::ALL.map(NoticeDescriptor::new).into(),
        }
    }
}

impl NoticeDescriptor {
    fn new(notice: Notice) -> Self {
        let (id, words) = notice.words();
        Self {
            id,
            short_description: Message::own(words),
        }
    }
}

impl RuleDescriptor {
    fn new(rule: &'static Rule) -> Self {
        Self {
            id: rule.id.0,
            short_description: Message::own(sentence(rule.summary)),
            full_description: Message::own(rule.what),
            help: Help::new(rule),
            default_configuration: Configuration {
                level: rule.severity.into(),
            },
            properties: RuleProperties {
                tags: ["security", "supply-chain", rule.axis.id()],
                security_severity: grade(rule.severity),
            },
        }
    }
}

impl Help {
    fn new(rule: &Rule) -> Self {
        let text = |(head, words)| format!("{head}: {words}");
        let markdown = |(head, words)| format!("## {head}\n\n{words}");
        Self {
            text: rule.parts().map(text).join("\n\n"),
            markdown: rule.parts().map(markdown).join("\n\n"),
        }
    }
}

/// Puts a severity on the scale of CVSS, in the middle of its band.
const fn grade(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
        Severity::None => "0.0",
    }
}

/// Makes a sentence of a phrase.
fn sentence(phrase: &str) -> String {
    let mut characters = phrase.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    format!(
        "{}{}.",
        first.map_or(String::new(), String::from),
        characters.as_str()
    )
}
