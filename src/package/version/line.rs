//! Release lines: the versions among which a project keeps its promises.

use super::super::Ecosystem;

/// A release line: one major version, or one minor version below 1.0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReleaseLine {
    epoch: u64,
    major: u64,
    /// The minor version below 1.0, else 0.
    minor: u64,
}

/// What a version text says beyond its place in the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Anatomy {
    /// The line that it belongs to.
    pub line: ReleaseLine,
    /// Whether it is meant for everybody.
    pub stage: Stage,
    /// Its first three numbers.
    pub numbers: [u64; 3],
}

/// Whom a version is meant for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Everybody.
    Stable,
    /// Those who ask for it: a pre-release or a development release.
    PreRelease,
}

impl Anatomy {
    /// Takes a version apart; none if it begins with no number. Numbers beyond 64 bits count as the greatest within.
    pub fn of(ecosystem: Ecosystem, version: &str) -> Option<Self> {
        let text = version.trim().trim_start_matches(['v', 'V', '=', ' ']);
        let (epoch, text) = match (ecosystem, text.split_once('!')) {
            (Ecosystem::Pypi, Some((epoch, rest))) => (epoch.parse().ok()?, rest),
            _ => (0, text),
        };
        let text = text.split('+').next().unwrap_or_default();
        let (numbers, rest) = leading_numbers(text)?;
        let line = ReleaseLine {
            epoch,
            major: numbers[0],
            minor: if numbers[0] == 0 { numbers[1] } else { 0 },
        };
        let stage = if is_stable(ecosystem, rest) {
            Stage::Stable
        } else {
            Stage::PreRelease
        };
        Some(Self {
            line,
            stage,
            numbers,
        })
    }

    /// Says whether one follows the other as a patch: the same but for the third number, which grew.
    pub fn is_patch_after(&self, earlier: &Self) -> bool {
        self.line == earlier.line
            && self.numbers[..2] == earlier.numbers[..2]
            && self.numbers[2] > earlier.numbers[2]
    }
}

/// Says whether what follows the numbers leaves a version stable: nothing, or a post-release of PEP 440.
fn is_stable(ecosystem: Ecosystem, rest: &str) -> bool {
    match ecosystem {
        Ecosystem::Cargo | Ecosystem::Npm => rest.is_empty(),
        Ecosystem::Pypi => {
            let rest = rest
                .trim_start_matches(['.', '-', '_'])
                .to_ascii_lowercase();
            let is_post =
                rest.starts_with("post") || rest.starts_with(|c: char| c.is_ascii_digit());
            rest.is_empty() || is_post && !rest.contains("dev")
        }
    }
}

/// Reads dotted numbers, however many; the first three of them count.
fn leading_numbers(text: &str) -> Option<([u64; 3], &str)> {
    let mut numbers = [0; 3];
    let mut rest = text;
    let mut place = 0;
    loop {
        let end = rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(rest.len());
        if end == 0 {
            // The dot before what is no number belongs to the rest.
            return (place > 0).then_some((numbers, rest));
        }
        if let Some(number) = numbers.get_mut(place) {
            *number = rest[..end].parse().unwrap_or(u64::MAX);
        }
        place += 1;
        rest = &rest[end..];
        match rest.strip_prefix('.') {
            Some(after) if after.starts_with(|c: char| c.is_ascii_digit()) => rest = after,
            _ => return Some((numbers, rest)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(ecosystem: Ecosystem, version: &str) -> (u64, u64) {
        let line = Anatomy::of(ecosystem, version).expect("a version").line;
        (line.major, line.minor)
    }

    #[test]
    fn a_line_is_a_major_version_or_a_minor_one_below_1() {
        for (version, expected) in [
            ("1.14.1", (1, 0)),
            ("0.30.4", (0, 30)),
            ("v2", (2, 0)),
            ("99999999999999999999999.0.0", (u64::MAX, 0)),
        ] {
            assert_eq!(line(Ecosystem::Npm, version), expected, "{version}");
        }
        let epoch = Anatomy::of(Ecosystem::Pypi, "1!1.0").expect("a version");
        let plain = Anatomy::of(Ecosystem::Pypi, "1.0").expect("a version");
        assert_ne!(epoch.line, plain.line);
        assert_eq!(Anatomy::of(Ecosystem::Npm, "latest"), None);
        assert_eq!(Anatomy::of(Ecosystem::Npm, ""), None);
    }

    #[test]
    fn pre_releases_are_told_as_each_ecosystem_writes_them() {
        let is_stable = |ecosystem, version| {
            Anatomy::of(ecosystem, version).expect("a version").stage == Stage::Stable
        };
        for version in ["1.0.0", "1.0.0+build", "1"] {
            assert!(is_stable(Ecosystem::Npm, version), "{version}");
        }
        for version in ["1.0.0-rc.1", "1.0.0beta", "0.0.1-security"] {
            assert!(!is_stable(Ecosystem::Npm, version), "{version}");
        }
        for version in ["1.0", "1.0.post1", "1.0-1", "2024.1.2.3"] {
            assert!(is_stable(Ecosystem::Pypi, version), "{version}");
        }
        for version in ["1.0a1", "1.0rc1", "1.0.dev3", "1.0.post1.dev2", "1.0b"] {
            assert!(!is_stable(Ecosystem::Pypi, version), "{version}");
        }
    }

    #[test]
    fn a_patch_changes_the_third_number_only() {
        let of = |version| Anatomy::of(Ecosystem::Npm, version).expect("a version");
        assert!(of("1.2.4").is_patch_after(&of("1.2.3")));
        for (later, earlier) in [("1.3.0", "1.2.3"), ("2.2.4", "1.2.3"), ("1.2.3", "1.2.3")] {
            assert!(!of(later).is_patch_after(&of(earlier)), "{later}");
        }
    }
}
