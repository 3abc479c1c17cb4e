//! Digests that a lockfile pins, in any of the spellings that the formats use.
//!
//! npm writes subresource integrity strings (<https://www.w3.org/TR/SRI/>), cargo bare SHA-256 hex, uv and
//! its kin `sha256:hex`. SHA-1 and MD5 are recognised so that a report can say that they are weak; they are
//! never evidence of anything.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Serialize, Serializer};
use smallvec::SmallVec;

/// How many bytes the longest digest has.
const LONGEST: usize = 64;

/// A digest algorithm, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Algorithm {
    /// Broken; recognised only.
    Md5,
    /// Broken; recognised only.
    Sha1,
    /// 32 bytes.
    Sha256,
    /// 48 bytes.
    Sha384,
    /// 64 bytes.
    Sha512,
}

impl Algorithm {
    /// Every algorithm, weakest first.
    pub const ALL: [Self; 5] = [
        Self::Md5,
        Self::Sha1,
        Self::Sha256,
        Self::Sha384,
        Self::Sha512,
    ];

    /// Returns the name that lockfiles use.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
        }
    }

    /// Returns the length of a digest in bytes.
    pub const fn bytes(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// Says whether collisions are practical, so that the digest pins nothing.
    pub const fn is_weak(self) -> bool {
        matches!(self, Self::Md5 | Self::Sha1)
    }

    fn from_id(id: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|algorithm| algorithm.id().eq_ignore_ascii_case(id))
    }
}

/// One digest: an algorithm and as many bytes as it yields.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest {
    algorithm: Algorithm,
    /// Zeros behind the algorithm's own; in place, because lockfiles hold one a package.
    bytes: [u8; LONGEST],
}

impl Digest {
    /// Makes a digest from its bytes; `None` if their number is not the algorithm's.
    pub fn new(algorithm: Algorithm, bytes: &[u8]) -> Option<Self> {
        let mut digest = Self::zero(algorithm);
        let room = digest.bytes.get_mut(..bytes.len())?;
        room.copy_from_slice(bytes);
        (bytes.len() == algorithm.bytes()).then_some(digest)
    }

    /// Reads hexadecimal digits, as Cargo.lock and the Python formats write them.
    pub fn from_hex(algorithm: Algorithm, digits: &str) -> Option<Self> {
        if digits.len() != 2 * algorithm.bytes() {
            return None;
        }
        let mut digest = Self::zero(algorithm);
        let mut seen = 0;
        let pairs = digits.as_bytes().chunks_exact(2);
        for (byte, pair) in digest.bytes.iter_mut().zip(pairs) {
            let (high, low) = (VALUES[usize::from(pair[0])], VALUES[usize::from(pair[1])]);
            *byte = high << 4 | low & 0xf;
            seen |= high | low;
        }
        (seen != NO_DIGIT).then_some(digest)
    }

    const fn zero(algorithm: Algorithm) -> Self {
        Self {
            algorithm,
            bytes: [0; LONGEST],
        }
    }

    /// Reads `algorithm:hex`, as uv, poetry and pip write it.
    pub fn from_tagged_hex(text: &str) -> Option<Self> {
        let (algorithm, digits) = text.split_once(':')?;
        Self::from_named_hex(algorithm, digits)
    }

    /// Reads hexadecimal digits beside the name of their algorithm, as pylock.toml keeps them.
    pub fn from_named_hex(algorithm: &str, digits: &str) -> Option<Self> {
        Self::from_hex(Algorithm::from_id(algorithm)?, digits)
    }

    /// Returns the algorithm.
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Returns the bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..self.algorithm.bytes()]
    }

    /// Returns the digest as lower-case hexadecimal digits.
    pub fn hex(&self) -> String {
        self.bytes()
            .iter()
            .flat_map(|byte| [byte >> 4, byte & 15])
            .map(|digit| char::from(b"0123456789abcdef"[usize::from(digit)]))
            .collect()
    }
}

/// What stands in [`VALUES`] for a byte that is no digit; no union of digits is it.
const NO_DIGIT: u8 = 0xff;

/// The value of each byte as a hexadecimal digit: lockfiles hold a million of them.
const VALUES: [u8; 256] = {
    let mut values = [NO_DIGIT; 256];
    let mut value: u8 = 0;
    while value < 16 {
        let digits = [b"0123456789abcdef", b"0123456789ABCDEF"];
        values[digits[0][value as usize] as usize] = value;
        values[digits[1][value as usize] as usize] = value;
        value += 1;
    }
    values
};

/// Writes the subresource integrity form, the one spelling that all reports use.
impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{}-{}",
            self.algorithm.id(),
            STANDARD.encode(self.bytes())
        )
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The digests pinned for one artifact; any of the strongest algorithm may match.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Integrity {
    digests: SmallVec<[Digest; 1]>,
    /// Whether the tool pins the artifact by a digest of what it makes of it.
    is_own_form: bool,
}

impl Integrity {
    /// Says that the lockfile pins the artifact by a digest of what its tool makes of it.
    ///
    /// Yarn 2 and later hash an archive of their own making. That is a pin, though one that cannot be compared
    /// with the digest of what the registry serves, nor with the pin of another tool.
    pub fn in_own_form() -> Self {
        Self {
            digests: SmallVec::new(),
            is_own_form: true,
        }
    }

    /// Reads a subresource integrity string; parts that no algorithm explains are returned as the count in the second place.
    pub fn from_sri(text: &str) -> (Self, usize) {
        let mut integrity = Self::default();
        let mut unreadable = 0;
        for part in text.split_ascii_whitespace() {
            match parse_sri(part) {
                Some(digest) => integrity.digests.push(digest),
                None => unreadable += 1,
            }
        }
        integrity.sort();
        (integrity, unreadable)
    }

    fn sort(&mut self) {
        self.digests.sort_unstable();
        self.digests.dedup();
    }

    /// Says whether nothing is pinned.
    pub fn is_empty(&self) -> bool {
        self.digests.is_empty() && !self.is_own_form
    }

    /// Returns the digests that can be compared with others, sorted.
    pub fn digests(&self) -> &[Digest] {
        &self.digests
    }

    /// Returns the strongest algorithm that pins something.
    pub fn strongest(&self) -> Option<Algorithm> {
        self.digests.last().map(Digest::algorithm)
    }

    /// Says whether something is pinned, but only by broken algorithms.
    pub fn is_weak(&self) -> bool {
        self.strongest().is_some_and(Algorithm::is_weak)
    }

    /// Returns the digests of one algorithm.
    pub fn of(&self, algorithm: Algorithm) -> impl Iterator<Item = &Digest> {
        self.digests
            .iter()
            .filter(move |digest| digest.algorithm == algorithm)
    }

    /// Says whether two pins of one artifact exclude each other: an algorithm that both use, no digest that both hold.
    pub fn contradicts(&self, other: &Self) -> bool {
        Algorithm::ALL.into_iter().any(|algorithm| {
            self.of(algorithm).next().is_some()
                && other.of(algorithm).next().is_some()
                && !self
                    .of(algorithm)
                    .any(|digest| other.digests.contains(digest))
        })
    }
}

impl FromIterator<Digest> for Integrity {
    fn from_iter<T: IntoIterator<Item = Digest>>(digests: T) -> Self {
        let mut integrity = Self {
            digests: digests.into_iter().collect(),
            is_own_form: false,
        };
        integrity.sort();
        integrity
    }
}

impl From<Vec<Digest>> for Integrity {
    fn from(digests: Vec<Digest>) -> Self {
        let mut integrity = Self {
            digests: SmallVec::from_vec(digests),
            is_own_form: false,
        };
        integrity.sort();
        integrity
    }
}

impl From<Digest> for Integrity {
    fn from(digest: Digest) -> Self {
        Self {
            digests: SmallVec::from_buf([digest]),
            is_own_form: false,
        }
    }
}

fn parse_sri(part: &str) -> Option<Digest> {
    let (algorithm, rest) = part.split_once('-')?;
    let encoded = rest
        .split_once('?')
        .map_or(rest, |(encoded, _options)| encoded);
    let mut bytes = [0; LONGEST + 2];
    let length = STANDARD.decode_slice(encoded, &mut bytes).ok()?;
    Digest::new(Algorithm::from_id(algorithm)?, &bytes[..length])
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY_SHA1: &str = "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=";
    const EMPTY_SHA256: &str = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    const EMPTY_SHA256_HEX: &str =
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn one_digest_in_three_spellings_is_one_digest() {
        let (sri, unreadable) = Integrity::from_sri(EMPTY_SHA256);
        assert_eq!(unreadable, 0);
        let hex =
            Digest::from_hex(Algorithm::Sha256, EMPTY_SHA256_HEX).expect("64 hexadecimal digits");
        assert_eq!(sri.digests(), std::slice::from_ref(&hex));
        assert_eq!(
            Digest::from_tagged_hex(&format!("sha256:{EMPTY_SHA256_HEX}")),
            Some(hex.clone())
        );
        assert_eq!(hex.to_string(), EMPTY_SHA256);
        assert_eq!(hex.hex(), EMPTY_SHA256_HEX);
    }

    #[test]
    fn several_digests_are_kept_and_the_strongest_counts() {
        let (integrity, unreadable) =
            Integrity::from_sri(&format!("{EMPTY_SHA256} {EMPTY_SHA1} sha9-zzz"));
        assert_eq!((integrity.digests().len(), unreadable), (2, 1));
        assert_eq!(integrity.strongest(), Some(Algorithm::Sha256));
        assert!(!integrity.is_weak());
        assert!(Integrity::from_sri(EMPTY_SHA1).0.is_weak());
    }

    #[test]
    fn wrong_lengths_and_digits_are_no_digest() {
        assert_eq!(Digest::from_hex(Algorithm::Sha256, "e3b0"), None);
        assert_eq!(Digest::from_hex(Algorithm::Md5, &"g".repeat(32)), None);
        assert_eq!(Integrity::from_sri("sha512-47DEQpj8HBSa").1, 1);
    }

    #[test]
    fn a_pin_in_a_tools_own_form_is_one_but_contradicts_none() {
        let own = Integrity::in_own_form();
        let sha1 = Integrity::from_sri(EMPTY_SHA1).0;
        assert!(!own.is_empty() && !own.is_weak());
        assert!(own.digests().is_empty() && own.strongest().is_none());
        assert!(!own.contradicts(&sha1) && !sha1.contradicts(&own));
    }

    #[test]
    fn pins_contradict_only_within_one_algorithm() {
        let sha1 = Integrity::from_sri(EMPTY_SHA1).0;
        let sha256 = Integrity::from_sri(EMPTY_SHA256).0;
        let other = Integrity::from(Digest::new(Algorithm::Sha256, &[0; 32]).expect("32 bytes"));
        assert!(!sha1.contradicts(&sha256));
        assert!(sha256.contradicts(&other));
        assert!(
            !sha256.contradicts(
                &Integrity::from_sri(&format!(
                    "{EMPTY_SHA256} {other}",
                    other = other.digests()[0]
                ))
                .0
            )
        );
    }
}
