//! Requirements of PEP 508: `name[extra] >=1,<2 ; marker` and `name[extra] @ url ; marker`.
//!
//! The parts are taken off as text; specifiers are read by `package::version`, markers stay as they are written.

/// A requirement, borrowed from its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::lockfile) struct Requirement<'a> {
    /// The name as written, not normalised.
    pub(in crate::lockfile) name: &'a str,
    /// The extras that are asked for, as written.
    pub(in crate::lockfile) extras: Vec<&'a str>,
    /// What is asked for.
    pub(in crate::lockfile) wanted: Wanted<'a>,
    /// The environment marker.
    pub(in crate::lockfile) marker: Option<&'a str>,
}

/// What a requirement asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lockfile) enum Wanted<'a> {
    /// Any version.
    Any,
    /// Versions that a specifier admits, such as `>=1,<2`.
    Specifier(&'a str),
    /// What lies at an address.
    Url(&'a str),
}

impl<'a> Requirement<'a> {
    /// Reads a requirement; none if it does not begin with a name, or has something unknown behind it.
    pub(in crate::lockfile) fn parse(text: &'a str) -> Option<Self> {
        let text = text.trim();
        let end = text
            .find(|character| !is_of_name(character))
            .unwrap_or(text.len());
        let (name, rest) = text.split_at(end);
        if !is_name(name) {
            return None;
        }
        let (extras, rest) = take_extras(rest.trim_start())?;
        let (wanted, marker) = match rest.trim_start().strip_prefix('@') {
            Some(rest) => split_url(rest.trim_start())?,
            None => split_specifier(rest)?,
        };
        Some(Self {
            name,
            extras,
            wanted,
            marker,
        })
    }

    /// Reads a requirement, or PDM's line for a folder: `-e file:///folder#egg=name`.
    pub(in crate::lockfile) fn parse_line(text: &'a str) -> Option<Self> {
        let Some(address) = text.trim_start().strip_prefix("-e ") else {
            return Self::parse(text);
        };
        let (_, fragment) = address.split_once('#')?;
        let egg = fragment
            .split('&')
            .find_map(|part| part.strip_prefix("egg="));
        let mut requirement = Self::parse(egg?)?;
        requirement.wanted = Wanted::Url(address.trim());
        Some(requirement)
    }

    /// Returns the only version that is admitted: that of `==1.2.3` or `===1.2.3`, and no wildcard.
    ///
    /// One such part of `==1.2.3,!=2` is enough, since the others can only refuse it. An epoch of zero is the same
    /// as none (PEP 440), and is left out.
    pub(in crate::lockfile) fn pin(&self) -> Option<&'a str> {
        let Wanted::Specifier(specifier) = self.wanted else {
            return None;
        };
        specifier.split(',').find_map(exact)
    }
}

/// Reads `==1.2.3` or `===1.2.3`.
fn exact(part: &str) -> Option<&str> {
    let version = part.trim().strip_prefix("==")?;
    let version = without_zero_epoch(version.strip_prefix('=').unwrap_or(version).trim());
    let release = match version.split_once('!') {
        Some((epoch, release)) if epoch.bytes().all(|byte| byte.is_ascii_digit()) => release,
        _ => version,
    };
    let is_one = !release.is_empty() && !release.contains(['*', ' ', '<', '>', '=', '!', '~']);
    is_one.then_some(version)
}

fn without_zero_epoch(version: &str) -> &str {
    match version.split_once('!') {
        Some((epoch, release)) if !epoch.is_empty() && epoch.bytes().all(|byte| byte == b'0') => {
            release
        }
        _ => version,
    }
}

const fn is_of_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '.')
}

/// PEP 508: letters and digits at both ends.
fn is_name(name: &str) -> bool {
    let is_end = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    is_end(name.as_bytes().first()) && is_end(name.as_bytes().last())
}

/// Takes `[a, b]` off the front; none if it does not end.
fn take_extras(text: &str) -> Option<(Vec<&str>, &str)> {
    let Some(inside) = text.strip_prefix('[') else {
        return Some((Vec::new(), text));
    };
    let (list, rest) = inside.split_once(']')?;
    let extras = list.split(',').map(str::trim);
    Some((extras.filter(|extra| !extra.is_empty()).collect(), rest))
}

/// An address ends at white space; a `;` directly behind it is part of it (PEP 508).
fn split_url(text: &str) -> Option<(Wanted<'_>, Option<&str>)> {
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    let (url, rest) = text.split_at(end);
    let marker = match rest.trim() {
        "" => None,
        rest => Some(rest.strip_prefix(';')?.trim()),
    };
    (!url.is_empty()).then_some((Wanted::Url(url), marker))
}

fn split_specifier(text: &str) -> Option<(Wanted<'_>, Option<&str>)> {
    let (specifier, marker) = match text.split_once(';') {
        Some((specifier, marker)) => (specifier, Some(marker.trim())),
        None => (text, None),
    };
    let specifier = without_parentheses(specifier.trim())?;
    let wanted = match specifier {
        "" | "*" => Wanted::Any,
        specifier if specifier.starts_with(['<', '>', '=', '!', '~']) => {
            Wanted::Specifier(specifier)
        }
        _ => return None,
    };
    Some((wanted, marker.filter(|marker| !marker.is_empty())))
}

/// Old metadata writes `name (>=1)`.
fn without_parentheses(specifier: &str) -> Option<&str> {
    match specifier.strip_prefix('(') {
        Some(inside) => inside.strip_suffix(')').map(str::trim),
        None => Some(specifier),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Requirement<'_> {
        Requirement::parse(text).unwrap_or_else(|| panic!("{text:?} is a requirement"))
    }

    #[test]
    fn every_part_is_taken_off() {
        let read = parse(" Lite_LLM[proxy, Extra] >=1,<2 ; python_version > '3' ");
        assert_eq!(read.name, "Lite_LLM");
        assert_eq!(read.extras, ["proxy", "Extra"]);
        assert_eq!(read.wanted, Wanted::Specifier(">=1,<2"));
        assert_eq!(read.marker, Some("python_version > '3'"));
        assert_eq!(parse("a").wanted, Wanted::Any);
        assert_eq!(parse("a (>=1)").wanted, Wanted::Specifier(">=1"));
    }

    #[test]
    fn addresses_keep_their_semicolons() {
        let read = parse("a[x] @ https://h/a;b.whl#sha256=00 ; os_name == 'nt'");
        assert_eq!(read.wanted, Wanted::Url("https://h/a;b.whl#sha256=00"));
        assert_eq!(read.marker, Some("os_name == 'nt'"));
        assert_eq!(
            parse("a@git+https://h/r@main").wanted,
            Wanted::Url("git+https://h/r@main")
        );
    }

    #[test]
    fn folders_that_are_edited_in_place_name_their_package() {
        let text = "-e file:///${PROJECT_ROOT}/a#subdirectory=b&egg=Own[x]";
        let read = Requirement::parse_line(text).expect("a requirement");
        assert_eq!((read.name, &*read.extras), ("Own", &["x"][..]));
        assert!(matches!(read.wanted, Wanted::Url(url) if url.starts_with("file:")));
        assert_eq!(Requirement::parse_line("-e ./a"), None);
        assert_eq!(Requirement::parse_line("a>1"), Requirement::parse("a>1"));
    }

    #[test]
    fn only_one_exact_version_is_a_pin() {
        for (text, pin) in [
            ("a==1.2.3", Some("1.2.3")),
            ("a === 1.0+local", Some("1.0+local")),
            ("a==1.*", None),
            ("a==1,!=2", Some("1")),
            ("a>=1, ==8.3.41,==8.3.41", Some("8.3.41")),
            ("a==0!8.3.41", Some("8.3.41")),
            ("a==1!2.0", Some("1!2.0")),
            ("a==1!2!3", None),
            ("a>=1,<2", None),
            ("a>=1", None),
            ("a~=1.0", None),
            ("a @ https://h/a.whl", None),
            ("a", None),
        ] {
            assert_eq!(parse(text).pin(), pin, "{text}");
        }
    }

    #[test]
    fn what_is_no_requirement_is_none() {
        for text in [
            "",
            "-e .",
            "./a",
            "a b",
            "a[x",
            "a (>=1",
            "https://h/a.whl",
            "a @",
            "-a",
            "a-",
            "ä",
        ] {
            assert_eq!(Requirement::parse(text), None, "{text:?}");
        }
    }
}
