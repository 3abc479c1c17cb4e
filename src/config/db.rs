//! `[db]` and `[registry] osv`: where advisories come from, and how old they may be.

use camino::Utf8PathBuf;
use jiff::SignedDuration;

use super::ConfigError;
use super::reader::{Reader, Section, Value, span};
use crate::lockfile::Span;
use crate::package::RemoteAddress;
use crate::package::endpoints::OSV_EXPORT;

/// The longest age that may be set, in hours: a year.
const LONGEST_HOURS: i64 = 365 * 24;

/// `[db]`: the advisories at hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Db {
    /// How old a feed may be.
    pub max_age: SignedDuration,
    /// Whether audits refresh feeds.
    pub refresh: Refresh,
    /// `[registry] osv`: where the feeds lie; none for OSV's public export.
    pub base: Option<FeedPlace>,
    /// Where the table of EPSS lies, if it is wanted.
    pub epss: Option<FeedPlace>,
    /// Where the catalogue of known exploited vulnerabilities lies, if it is wanted.
    pub kev: Option<FeedPlace>,
}

/// Who says what is exploited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExploitationSource {
    /// The table of EPSS: odds for each CVE id.
    Epss,
    /// CISA's catalogue of known exploited vulnerabilities.
    Kev,
}

/// Whether audits refresh feeds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Refresh {
    /// When they were last asked more than an hour ago.
    #[default]
    Auto,
    /// Never.
    Never,
}

/// Where feeds lie, in the layout of OSV's export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FeedPlace {
    /// On a server.
    Remote(RemoteAddress),
    /// On this machine: a folder, or a file.
    Local(Utf8PathBuf),
}

impl FeedPlace {
    /// Reads an address, or an absolute path.
    ///
    /// # Errors
    ///
    /// Says in words what is wrong.
    pub fn new(text: &str) -> Result<Self, String> {
        let path = Utf8PathBuf::from(text);
        if path.is_absolute() {
            return Ok(Self::Local(path));
        }
        let address = RemoteAddress::new(text);
        address.map(Self::Remote).map_err(|error| error.to_string())
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Remote(address) => address.as_str(),
            Self::Local(path) => path.as_str(),
        }
    }
}

impl Default for Db {
    fn default() -> Self {
        Self {
            max_age: SignedDuration::from_hours(7 * 24),
            refresh: Refresh::Auto,
            base: None,
            epss: None,
            kev: None,
        }
    }
}

impl Db {
    /// Reads the table and the address of the feeds, if the document has them.
    pub(super) fn read(document: &Section<'_>, reader: &mut Reader) -> Self {
        let mut db = Self {
            base: base(document, reader),
            ..Self::default()
        };
        let known = ["max-age", "refresh", "epss", "kev"];
        let Some(section) = reader.known_section(document, "db", "[db]", &known) else {
            return db;
        };
        if let Some(value) = section.get("max-age") {
            db.max_age = age(value, reader).unwrap_or(db.max_age);
        }
        if let Some(value) = section.get("refresh") {
            let words = [("auto", Refresh::Auto), ("never", Refresh::Never)];
            db.refresh = reader.word(value, &words).unwrap_or_default();
        }
        db.epss = section.get("epss").and_then(|value| place(value, reader));
        db.kev = section.get("kev").and_then(|value| place(value, reader));
        db
    }

    /// Lists the sources that say what is exploited, each with what it is; empty if none is wanted.
    pub fn exploitation(&self) -> Vec<(ExploitationSource, &FeedPlace)> {
        let epss = self
            .epss
            .iter()
            .map(|place| (ExploitationSource::Epss, place));
        let kev = self
            .kev
            .iter()
            .map(|place| (ExploitationSource::Kev, place));
        epss.chain(kev).collect()
    }

    /// Words the age as the file would hold it.
    pub fn max_age_words(&self) -> String {
        let hours = self.max_age.as_hours();
        if hours % 24 == 0 {
            format!("{}d", hours / 24)
        } else {
            format!("{hours}h")
        }
    }
}

fn base(document: &Section<'_>, reader: &mut Reader) -> Option<FeedPlace> {
    // The table's other keys are read, and its kind judged, by `registry`.
    let value = document.get("registry")?.get_ref().as_table()?.get("osv")?;
    place(value, reader).filter(|base| base.as_str() != OSV_EXPORT)
}

fn place(value: &Value<'_>, reader: &mut Reader) -> Option<FeedPlace> {
    let text = reader.text(value)?;
    match FeedPlace::new(text) {
        Ok(place) => Some(place),
        Err(why) => {
            let help = "write https://host/path, or an absolute path on this machine";
            // A secret is neither repeated nor shown in its line.
            let error = if text.contains(['@', '?', '#']) {
                let what = format!("a place of feeds may not be what it is: {why}");
                ConfigError::new(Span::default(), what)
            } else {
                let what = format!("`{text}` is no place of feeds: {why}");
                ConfigError::new(span(value.span()), what)
            };
            reader.fail(error.help(help));
            None
        }
    }
}

/// Reads days or hours, such as `7d` or `36h`.
fn age(value: &Value<'_>, reader: &mut Reader) -> Option<SignedDuration> {
    let text = reader.text(value)?;
    let hours = hours(text).filter(|hours| (1..=LONGEST_HOURS).contains(hours));
    if hours.is_none() {
        let what = format!("`{text}` is no age");
        let help = "write days or hours, from \"1h\" to \"365d\"";
        reader.fail(ConfigError::new(span(value.span()), what).help(help));
    }
    hours.map(SignedDuration::from_hours)
}

fn hours(text: &str) -> Option<i64> {
    let (number, hours_each) = match text.strip_suffix('d') {
        Some(days) => (days, 24),
        None => (text.strip_suffix('h')?, 1),
    };
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let number: i64 = is_number.then(|| number.parse().ok()).flatten()?;
    number.checked_mul(hours_each)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::{messages, valid};

    #[test]
    fn ages_are_days_or_hours() {
        for (text, hours, words) in [("14d", 336, "14d"), ("36h", 36, "36h"), ("48h", 48, "2d")] {
            let db = valid(&format!("[db]\nmax-age = \"{text}\"\n")).db;
            assert_eq!(db.max_age, SignedDuration::from_hours(hours));
            assert_eq!(db.max_age_words(), words);
        }
        for text in [
            "7",
            "d",
            "0d",
            "-1d",
            "1w",
            "366d",
            "99999999999999999999d",
            "+1d",
        ] {
            let errors = messages(&format!("[db]\nmax-age = \"{text}\"\n"));
            assert_eq!(errors, [format!("2:11 `{text}` is no age | ")]);
        }
    }

    #[test]
    fn feeds_lie_on_a_server_or_in_a_folder() {
        let base = |text: &str| valid(&format!("[registry]\nosv = \"{text}\"\n")).db.base;
        assert_eq!(
            base("https://osv.example/x").map(|base| base.as_str().to_owned()),
            Some("https://osv.example/x".to_owned())
        );
        if cfg!(unix) {
            assert_eq!(base("/srv/osv"), Some(FeedPlace::Local("/srv/osv".into())));
        }
        let errors = messages("[registry]\nosv = \"http://osv.example/\"\n");
        assert_eq!(
            errors,
            [
                "2:7 `http://osv.example/` is no place of feeds: plain http is spoken with this machine only; write https | "
            ]
        );
    }

    #[test]
    fn audits_refresh_unless_told_otherwise() {
        assert_eq!(valid("").db.refresh, Refresh::Auto);
        assert_eq!(
            valid("[db]\nrefresh = \"never\"\n").db.refresh,
            Refresh::Never
        );
        assert_eq!(
            messages("[db]\nrefresh = \"nevr\"\noffline = true\n"),
            [
                "2:11 `nevr` is no valid value here | did you mean `never`?",
                "3:1 unknown key `offline` in [db] | "
            ]
        );
    }
}
