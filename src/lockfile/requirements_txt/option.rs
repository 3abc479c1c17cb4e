//! The options of pip that stand in a requirements file, on lines of their own or behind a requirement.

/// What an option says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said<'t> {
    /// Another file to install from.
    Include(&'t str),
    /// A file of versions for what is installed.
    Constraints(&'t str),
    /// A package in a folder or repository.
    Editable(&'t str),
    /// The index that packages come from.
    Index(&'t str),
    /// One more index.
    ExtraIndex(&'t str),
    /// A folder or a page of files beside the index.
    Links(&'t str),
    /// No index at all.
    NoIndex,
    /// A digest of a file of the requirement.
    Hash(&'t str),
    /// Something that says nothing about which packages there are.
    Nothing,
    /// No option of pip.
    Unknown(&'t str),
}

#[derive(Clone, Copy)]
enum Kind {
    Include,
    Constraints,
    Editable,
    Index,
    ExtraIndex,
    Links,
    NoIndex,
    Hash,
    /// Says nothing, and takes a value.
    Value,
    /// Says nothing.
    Flag,
}

/// Every option by its long name; pip takes any beginning that fits one only.
const LONG: [(&str, Kind); 30] = [
    ("requirement", Kind::Include),
    ("constraint", Kind::Constraints),
    ("editable", Kind::Editable),
    ("index-url", Kind::Index),
    ("pypi-url", Kind::Index),
    ("extra-index-url", Kind::ExtraIndex),
    ("no-index", Kind::NoIndex),
    ("hash", Kind::Hash),
    ("find-links", Kind::Links),
    ("no-binary", Kind::Value),
    ("only-binary", Kind::Value),
    ("trusted-host", Kind::Value),
    ("use-feature", Kind::Value),
    ("global-option", Kind::Value),
    ("install-option", Kind::Value),
    ("config-settings", Kind::Value),
    ("config-setting", Kind::Value),
    ("process-dependency-links", Kind::Flag),
    ("allow-external", Kind::Value),
    ("allow-unverified", Kind::Value),
    ("uploaded-prior-to", Kind::Value),
    ("prefer-binary", Kind::Flag),
    ("require-hashes", Kind::Flag),
    ("always-unzip", Kind::Flag),
    ("all-releases", Kind::Value),
    ("only-final", Kind::Value),
    ("allow-all-external", Kind::Flag),
    ("use-wheel", Kind::Flag),
    ("no-use-wheel", Kind::Flag),
    ("pre", Kind::Flag),
];

const SHORT: [(char, Kind); 7] = [
    ('r', Kind::Include),
    ('c', Kind::Constraints),
    ('e', Kind::Editable),
    ('i', Kind::Index),
    ('f', Kind::Links),
    ('C', Kind::Value),
    ('Z', Kind::Flag),
];

/// Reads options one by one.
pub(super) struct Options<'t> {
    rest: &'t str,
}

impl<'t> Options<'t> {
    pub(super) const fn new(text: &'t str) -> Self {
        Self { rest: text }
    }

    /// Takes a word; quotes hold it together, a backslash before a line break is white space.
    fn word(&mut self) -> Option<&'t str> {
        loop {
            self.rest = self.rest.trim_start();
            match self.rest.strip_prefix('\\') {
                Some(rest) if rest.is_empty() || rest.starts_with(char::is_whitespace) => {
                    self.rest = rest;
                }
                _ => break,
            }
        }
        let mut quote = None;
        let end = self.rest.find(|character: char| {
            match quote {
                Some(open) if open == character => quote = None,
                None if matches!(character, '"' | '\'') => quote = Some(character),
                _ => {}
            }
            quote.is_none() && character.is_whitespace()
        });
        let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        let word = word.strip_suffix('\\').unwrap_or(word);
        (!word.is_empty()).then_some(word)
    }

    fn long(&mut self, name: &'t str) -> Said<'t> {
        let (name, value) = match name.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (name, None),
        };
        match long_kind(name) {
            Some(kind) => self.said(kind, value),
            None => Said::Unknown(name),
        }
    }

    fn short(&mut self, letters: &'t str) -> Said<'t> {
        let mut characters = letters.chars();
        let letter = characters.next();
        let kind = SHORT.iter().find(|(short, _)| Some(*short) == letter);
        let glued = Some(characters.as_str()).filter(|glued| !glued.is_empty());
        match kind {
            Some((_, kind)) => self.said(*kind, glued),
            None => Said::Unknown(letters),
        }
    }

    /// Adds the value, which may be the next word.
    fn said(&mut self, kind: Kind, value: Option<&'t str>) -> Said<'t> {
        match kind {
            Kind::NoIndex => return Said::NoIndex,
            Kind::Flag => return Said::Nothing,
            _ => {}
        }
        let value = value.or_else(|| self.word()).map_or("", unquote);
        match kind {
            Kind::Include => Said::Include(value),
            Kind::Constraints => Said::Constraints(value),
            Kind::Editable => Said::Editable(value),
            Kind::Index => Said::Index(value),
            Kind::ExtraIndex => Said::ExtraIndex(value),
            Kind::Links => Said::Links(value),
            Kind::Hash => Said::Hash(value),
            Kind::NoIndex | Kind::Value | Kind::Flag => Said::Nothing,
        }
    }
}

impl<'t> Iterator for Options<'t> {
    type Item = Said<'t>;

    fn next(&mut self) -> Option<Said<'t>> {
        let word = self.word()?;
        Some(match word.strip_prefix("--") {
            Some(name) => self.long(name),
            None => match word.strip_prefix('-') {
                Some(letters) => self.short(letters),
                // A word that no option takes is passed over, as pip does.
                None => Said::Nothing,
            },
        })
    }
}

/// Finds an option by its name, or by the beginning of one.
fn long_kind(name: &str) -> Option<Kind> {
    let exact = LONG.iter().find(|(long, _)| *long == name);
    let mut begun = LONG.iter().filter(|(long, _)| long.starts_with(name));
    let only = begun.next().filter(|_| begun.next().is_none());
    exact.or(only).map(|(_, kind)| *kind)
}

fn unquote(text: &str) -> &str {
    let inside = |quote: char| text.strip_prefix(quote)?.strip_suffix(quote);
    inside('"').or_else(|| inside('\'')).unwrap_or(text)
}

/// Parts a logical line where its options begin: at the first word that starts with a dash.
pub(super) fn split(code: &str) -> (&str, &str) {
    let begins = |at: &usize| {
        let before = code[..*at].chars().next_back();
        before.is_none_or(char::is_whitespace)
    };
    let at = memchr::memchr_iter(b'-', code.as_bytes()).find(begins);
    let (before, options) = code.split_at(at.unwrap_or(code.len()));
    (
        before.trim_end_matches(|last: char| last.is_whitespace() || last == '\\'),
        options,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Vec<Said<'_>> {
        Options::new(text).collect()
    }

    #[test]
    fn options_are_long_short_glued_and_begun() {
        for text in [
            "-r a.txt",
            "-ra.txt",
            "--requirement a.txt",
            "--requirement=a.txt",
            "--requirem=a.txt",
            "-r 'a.txt'",
            "--requirement \\\n \"a.txt\"",
        ] {
            assert_eq!(said(text), [Said::Include("a.txt")], "{text}");
        }
        assert_eq!(
            said("-i https://i --extra-index-url=https://e --no-index --pre -f x -C k=v"),
            [
                Said::Index("https://i"),
                Said::ExtraIndex("https://e"),
                Said::NoIndex,
                Said::Nothing,
                Said::Links("x"),
                Said::Nothing
            ]
        );
    }

    #[test]
    fn hashes_stand_behind_a_requirement() {
        let code =
            "a==1 ; x \\\n    --hash=sha256:00 \\\n    --hash sha256:01 --global-option='-r x'";
        let (requirement, options) = split(code);
        assert_eq!(requirement, "a==1 ; x");
        assert_eq!(
            said(options),
            [
                Said::Hash("sha256:00"),
                Said::Hash("sha256:01"),
                Said::Nothing
            ]
        );
        assert_eq!(split("scikit-learn==1"), ("scikit-learn==1", ""));
    }

    #[test]
    fn what_is_no_option_is_unknown() {
        assert_eq!(said("--frob=1"), [Said::Unknown("frob")]);
        assert_eq!(said("--p"), [Said::Unknown("p")], "it begins several");
        assert_eq!(said("-x"), [Said::Unknown("x")]);
        assert_eq!(said("-"), [Said::Unknown("")]);
        assert_eq!(said("-r"), [Said::Include("")]);
    }
}
