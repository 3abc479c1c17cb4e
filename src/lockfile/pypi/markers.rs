//! Environment markers (PEP 508), read as far as it takes to tell that two of them never hold together.
//!
//! Only what is plain is used: ranges of Python's version, and names of systems and implementations that are
//! equal or differ. All else may hold, so that no dependency is ruled out that some machine installs.

/// The most alternatives that a condition is followed through; beyond, it may hold.
const ALTERNATIVES: usize = 64;

/// The most pairs of alternatives that are compared with each other; beyond, they may hold.
const PAIRS: usize = 512;

/// The deepest nesting of parentheses; beyond, a condition may hold.
const NESTING: usize = 32;

/// Variables whose value is one name on each machine; `extra` is not one, several can be asked for.
const NAMES: [&str; 6] = [
    "os_name",
    "sys_platform",
    "platform_system",
    "platform_machine",
    "platform_python_implementation",
    "implementation_name",
];

/// A condition as alternatives, one of which must hold; without any it never holds.
#[derive(Clone, Debug)]
pub(in crate::lockfile) struct Condition<'m>(Vec<Clause<'m>>);

/// What must hold all together.
#[derive(Clone, Debug)]
struct Clause<'m> {
    /// The versions of Python from the first to before the second, as [`packed`] numbers.
    python: (u64, u64),
    names: Vec<Name<'m>>,
}

/// A variable that has a value, or has it not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Name<'m> {
    variable: &'m str,
    value: &'m str,
    is_equal: bool,
}

impl<'m> Clause<'m> {
    const fn any() -> Self {
        Self {
            python: (0, u64::MAX),
            names: Vec::new(),
        }
    }

    const fn of_python(from: u64, before: u64) -> Self {
        Self {
            python: (from, before),
            names: Vec::new(),
        }
    }

    fn of_name(variable: &'m str, value: &'m str, is_equal: bool) -> Self {
        let mut clause = Self::any();
        clause.names.push(Name {
            variable,
            value,
            is_equal,
        });
        clause
    }

    /// Returns what holds where both hold; none if that is nowhere.
    fn and(&self, other: &Self) -> Option<Self> {
        let from = self.python.0.max(other.python.0);
        let before = self.python.1.min(other.python.1);
        let clash = self
            .names
            .iter()
            .any(|name| other.names.iter().any(|other| name.excludes(*other)));
        if from >= before || clash {
            return None;
        }
        let mut both = Self::of_python(from, before);
        both.names = self.names.iter().chain(&other.names).copied().collect();
        Some(both)
    }
}

impl Name<'_> {
    fn excludes(self, other: Name<'_>) -> bool {
        self.variable == other.variable
            && match (self.is_equal, other.is_equal) {
                (true, true) => self.value != other.value,
                (false, false) => false,
                _ => self.value == other.value,
            }
    }
}

/// Says whether conditions can hold together; wrong only in that it may say so of some that cannot.
pub(in crate::lockfile) fn can_hold_together(conditions: &[&Condition<'_>]) -> bool {
    let mut together = vec![Clause::any()];
    for condition in conditions {
        match product(&together, &condition.0) {
            Some(product) => together = product,
            None => return true,
        }
    }
    !together.is_empty()
}

/// Combines alternatives; none if there are too many.
fn product<'m>(one: &[Clause<'m>], other: &[Clause<'m>]) -> Option<Vec<Clause<'m>>> {
    if one.len() * other.len() > PAIRS {
        return None;
    }
    let pairs = one
        .iter()
        .flat_map(|one| other.iter().filter_map(|other| one.and(other)));
    let pairs: Vec<_> = pairs.take(ALTERNATIVES + 1).collect();
    (pairs.len() <= ALTERNATIVES).then_some(pairs)
}

impl<'m> Condition<'m> {
    /// Reads a marker; none if it cannot be read or is too long to be followed.
    pub(in crate::lockfile) fn parse(marker: &'m str) -> Option<Self> {
        let mut reader = Reader {
            tokens: Tokens(marker),
            open: Vec::new(),
            level: Level::default(),
        };
        reader.read()
    }

    /// Reads a range of Python's versions in the syntax of PEP 440 or Poetry: `>=3.8,<4` or `^3.8`.
    pub(in crate::lockfile) fn of_python(versions: &str) -> Option<Self> {
        let mut alternatives = Vec::new();
        for alternative in versions.split("||") {
            let mut clause = Clause::any();
            for part in alternative.split(',').map(str::trim) {
                clause = clause.and(&full_version(part).unwrap_or_else(Clause::any))?;
            }
            alternatives.push(clause);
            if alternatives.len() > ALTERNATIVES {
                return None;
            }
        }
        Some(Self(alternatives))
    }

    /// Counts the alternatives.
    pub(in crate::lockfile) const fn len(&self) -> usize {
        self.0.len()
    }

    /// Joins alternatives: one of the conditions must hold.
    pub(in crate::lockfile) fn or(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }
}

/// Reads one specifier of a full version; what is not plain is none.
fn full_version<'m>(specifier: &str) -> Option<Clause<'m>> {
    let end = specifier.find(|character| !is_of_operator(character) && character != '^')?;
    let (operator, version) = specifier.split_at(end);
    match operator {
        "^" | "~" => python_clause(">=", version.trim(), Precision::Full),
        "" => None,
        operator => python_clause(operator, version.trim(), Precision::Full),
    }
}

/// Lists the extras that a marker names: `extra == "socks"`.
pub(in crate::lockfile) fn extras(marker: &str) -> impl Iterator<Item = &str> {
    let mut tokens = Tokens(marker);
    let mut before = [Token::Open, Token::Open];
    std::iter::from_fn(move || {
        loop {
            let token = tokens.next()?.ok()?;
            let extra = match (before, token) {
                ([Token::Word("extra"), Token::Operator("==")], Token::Text(extra))
                | ([Token::Text(extra), Token::Operator("==")], Token::Word("extra")) => {
                    Some(extra)
                }
                _ => None,
            };
            before = [before[1], token];
            if extra.is_some() {
                return extra;
            }
        }
    })
}

/// A part of a marker's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'m> {
    Open,
    Close,
    Word(&'m str),
    Operator(&'m str),
    Text(&'m str),
}

/// Cuts a marker into its parts.
struct Tokens<'m>(&'m str);

/// What is no part of a marker.
#[derive(Debug)]
struct Strange;

const fn is_of_operator(character: char) -> bool {
    matches!(character, '<' | '>' | '=' | '!' | '~')
}

const fn is_of_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '.')
}

impl<'m> Tokens<'m> {
    fn take_while(&mut self, is_of: fn(char) -> bool) -> &'m str {
        let end = self.0.find(|character| !is_of(character));
        let (taken, rest) = self.0.split_at(end.unwrap_or(self.0.len()));
        self.0 = rest;
        taken
    }

    fn take_text(&mut self, quote: char) -> Option<&'m str> {
        let (text, rest) = self.0.strip_prefix(quote)?.split_once(quote)?;
        self.0 = rest;
        Some(text)
    }
}

impl<'m> Iterator for Tokens<'m> {
    type Item = Result<Token<'m>, Strange>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0 = self.0.trim_start();
        let first = self.0.chars().next()?;
        let token = match first {
            '(' | ')' => {
                self.0 = &self.0[1..];
                Some(if first == '(' {
                    Token::Open
                } else {
                    Token::Close
                })
            }
            '"' | '\'' => self.take_text(first).map(Token::Text),
            _ if is_of_operator(first) => Some(Token::Operator(self.take_while(is_of_operator))),
            _ if is_of_word(first) => Some(Token::Word(self.take_while(is_of_word))),
            _ => None,
        };
        if token.is_none() {
            self.0 = "";
        }
        Some(token.ok_or(Strange))
    }
}

/// What was read between two parentheses so far.
struct Level<'m> {
    /// Finished alternatives.
    any: Vec<Clause<'m>>,
    /// The alternatives of what is being joined by `and`.
    all: Vec<Clause<'m>>,
}

impl Default for Level<'_> {
    fn default() -> Self {
        Self {
            any: Vec::new(),
            all: vec![Clause::any()],
        }
    }
}

impl<'m> Level<'m> {
    fn and(&mut self, alternatives: &[Clause<'m>]) -> Option<()> {
        self.all = product(&self.all, alternatives)?;
        Some(())
    }

    fn or(&mut self) -> Option<()> {
        self.any.append(&mut self.all);
        self.all.push(Clause::any());
        (self.any.len() <= ALTERNATIVES).then_some(())
    }

    fn finish(mut self) -> Vec<Clause<'m>> {
        self.any.append(&mut self.all);
        self.any
    }
}

/// What follows an operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Joint {
    /// Another operand.
    Operand,
    /// Nothing.
    End,
}

/// Reads a marker with the levels that are still open instead of recursion.
struct Reader<'m> {
    tokens: Tokens<'m>,
    open: Vec<Level<'m>>,
    level: Level<'m>,
}

impl<'m> Reader<'m> {
    fn read(&mut self) -> Option<Condition<'m>> {
        loop {
            self.read_operand()?;
            if self.read_joint()? == Joint::End {
                return self.finish();
            }
        }
    }

    /// Reads closing parentheses and the word that joins what follows.
    fn read_joint(&mut self) -> Option<Joint> {
        while let Some(token) = self.tokens.next() {
            match token.ok()? {
                Token::Close => self.close()?,
                Token::Word("and") => return Some(Joint::Operand),
                Token::Word("or") => {
                    self.level.or()?;
                    return Some(Joint::Operand);
                }
                _ => return None,
            }
        }
        Some(Joint::End)
    }

    fn finish(&mut self) -> Option<Condition<'m>> {
        let level = std::mem::take(&mut self.level);
        self.open.is_empty().then(|| Condition(level.finish()))
    }

    fn close(&mut self) -> Option<()> {
        let outer = self.open.pop()?;
        let inner = std::mem::replace(&mut self.level, outer);
        self.level.and(&inner.finish())
    }

    /// Reads opening parentheses and a comparison behind them.
    fn read_operand(&mut self) -> Option<()> {
        let mut token = self.tokens.next()?.ok()?;
        while token == Token::Open {
            if self.open.len() == NESTING {
                return None;
            }
            self.open.push(std::mem::take(&mut self.level));
            token = self.tokens.next()?.ok()?;
        }
        let mut operator = self.tokens.next()?.ok()?;
        if operator == Token::Word("not") {
            operator = self.tokens.next()?.ok()?;
        }
        let value = self.tokens.next()?.ok()?;
        let clause = match (token, operator, value) {
            (Token::Word(variable), Token::Operator(operator), Token::Text(value)) => {
                comparison(variable, operator, value)
            }
            // Turned round, or a search in a text: it may hold.
            (Token::Word(_) | Token::Text(_), Token::Operator(_) | Token::Word("in"), _) => {
                Clause::any()
            }
            _ => return None,
        };
        self.level.and(&[clause])
    }
}

/// Reads a comparison; what is not plain may hold.
fn comparison<'m>(variable: &'m str, operator: &str, value: &'m str) -> Clause<'m> {
    let clause = match variable {
        "python_version" => python_clause(operator, value, Precision::Minor),
        "python_full_version" => python_clause(operator, value, Precision::Full),
        _ if NAMES.contains(&variable) => match operator {
            "==" => Some(Clause::of_name(variable, value, true)),
            "!=" => Some(Clause::of_name(variable, value, false)),
            _ => None,
        },
        _ => None,
    };
    clause.unwrap_or_else(Clause::any)
}

/// How much of Python's version a variable holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Precision {
    /// `3.12`.
    Minor,
    /// `3.12.1`.
    Full,
}

/// One step of the second number, and of the third.
const MINOR: u64 = 1 << 20;
const MICRO: u64 = 1;

/// Packs the first three numbers of a version into one that compares as they do, and says how many there are; what follows the numbers is left out.
fn packed(version: &str) -> Option<(u64, usize, &str)> {
    let mut numbers = [0_u64; 3];
    let mut count = 0;
    let mut rest = version;
    loop {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, after) = rest.split_at(digits);
        *numbers.get_mut(count)? = number.parse().ok().filter(|number| *number < MINOR)?;
        count += 1;
        rest = after;
        match after.strip_prefix('.') {
            Some(next) if next.starts_with(|next: char| next.is_ascii_digit()) => rest = next,
            _ => break,
        }
    }
    Some((
        numbers[0] << 40 | numbers[1] << 20 | numbers[2],
        count,
        rest,
    ))
}

/// Turns a comparison with Python's version into a range; none if it is not plain.
fn python_clause<'m>(operator: &str, version: &str, precision: Precision) -> Option<Clause<'m>> {
    let (number, count, rest) = packed(version)?;
    let is_star = rest == ".*";
    if precision == Precision::Minor && (count > 2 || !(rest.is_empty() || is_star)) {
        return None;
    }
    // How far the versions go that are equal: `3.9` of `python_version` is every 3.9.x.
    let step = match (precision, count) {
        (_, 1) if is_star => MINOR << 20,
        (Precision::Minor, _) => MINOR,
        (Precision::Full, 2) if is_star => MINOR,
        (Precision::Full, _) => MICRO,
    };
    let is_final = rest.is_empty();
    Some(match operator {
        "==" | "===" => Clause::of_python(number, number + step),
        ">" if precision == Precision::Minor => Clause::of_python(number + step, u64::MAX),
        ">=" | "~=" | ">" => Clause::of_python(number, u64::MAX),
        "<" if is_final => Clause::of_python(0, number),
        "<" | "<=" => Clause::of_python(0, number + step),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn together(one: &str, other: &str) -> bool {
        let one = Condition::parse(one).unwrap_or_else(|| panic!("{one} is a marker"));
        let other = Condition::parse(other).unwrap_or_else(|| panic!("{other} is a marker"));
        can_hold_together(&[&one, &other])
    }

    #[test]
    fn plainly_disjoint_markers_never_hold_together() {
        for (one, other) in [
            ("python_version < '3.9'", "python_version >= \"3.9\""),
            ("python_version <= '3.8'", "python_version > '3.8'"),
            ("python_version == '3.8'", "python_version >= '3.9'"),
            ("python_version < '3.9'", "python_full_version >= '3.9.1'"),
            (
                "python_full_version < '3.9.0'",
                "python_full_version >= '3.9.0'",
            ),
            ("python_version == '3.*'", "python_version >= '4.0'"),
            ("sys_platform == 'win32'", "sys_platform == 'linux'"),
            ("sys_platform == 'win32'", "sys_platform != 'win32'"),
            (
                "(os_name == 'nt' or os_name == 'java') and python_version < '3'",
                "os_name == 'posix' or python_version >= '3.8' and os_name == 'nt'",
            ),
        ] {
            assert!(!together(one, other), "{one} / {other}");
            assert!(!together(other, one), "{other} / {one}");
        }
    }

    #[test]
    fn all_other_markers_may_hold_together() {
        for (one, other) in [
            ("python_version < '3.9'", "python_version >= '3.8'"),
            ("python_version <= '3.9'", "python_version >= '3.9'"),
            ("python_version <= '3.9'", "python_full_version >= '3.9.1'"),
            ("python_version == '3.9'", "python_full_version == '3.9.7'"),
            (
                "python_full_version <= '3.11.0a6'",
                "python_full_version >= '3.11.0a1'",
            ),
            (
                "python_full_version < '3.11.0a6'",
                "python_full_version == '3.11.0a5'",
            ),
            ("extra == 'a'", "extra == 'b'"),
            ("sys_platform == 'win32'", "os_name == 'posix'"),
            ("sys_platform != 'win32'", "sys_platform != 'linux'"),
            ("python_version not in '3.8'", "python_version == '3.8'"),
            ("'3.8' > python_version", "python_version == '3.9'"),
            ("python_version != '3.9'", "python_version == '3.9'"),
            ("python_version > '3.9.1'", "python_version == '3.10'"),
            (
                "python_full_version > '3.9.1'",
                "python_full_version == '3.9.2'",
            ),
            ("platform_version == 'a'", "platform_version == 'b'"),
            (
                "sys_platform == 'linux' or sys_platform == 'darwin'",
                "sys_platform == 'darwin'",
            ),
        ] {
            assert!(together(one, other), "{one} / {other}");
        }
    }

    #[test]
    fn ranges_of_python_are_conditions_too() {
        let python = |versions| Condition::of_python(versions).expect("a range");
        let old = Condition::parse("python_version < '3.9'").expect("a marker");
        assert!(!can_hold_together(&[&old, &python(">=3.9,<4")]));
        assert!(!can_hold_together(&[&old, &python("^3.9")]));
        assert!(can_hold_together(&[&old, &python("~2.7 || ^3.9")]));
        assert!(can_hold_together(&[&old, &python("*")]));
        assert!(can_hold_together(&[&old, &python(">=3.8, !=3.8.1")]));
    }

    #[test]
    fn what_is_no_marker_is_none() {
        for text in [
            "",
            "python_version",
            "python_version <",
            "python_version < '3",
            "(python_version < '3'",
            "python_version < '3')",
            "python_version < '3' or",
            "python_version < '3' python_version < '3'",
            "ä == 'a'",
            "^3.7",
        ] {
            assert!(Condition::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn hostile_markers_are_given_up() {
        let deep = "(".repeat(100_000) + "os_name == 'nt'";
        assert!(Condition::parse(&deep).is_none());
        let both = "(python_version < '3' or python_version < '2') and ".repeat(10_000);
        assert!(Condition::parse(&(both + "os_name == 'nt'")).is_none());
        let long = "os_name == 'nt' or ".repeat(10_000);
        assert!(Condition::parse(&(long + "os_name == 'nt'")).is_none());
    }

    #[test]
    fn extras_are_found_in_markers() {
        let marker = "(extra == \"a\" or 'b' == extra) and os_name == 'c'";
        assert_eq!(extras(marker).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(extras("os_name == 'nt'").next(), None);
    }
}
