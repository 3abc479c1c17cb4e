//! What was typed as a revision → the one thing that it names.
//!
//! Git takes the first of several meanings of a name; whoever can push a tag could so choose what a change is compared
//! with. Here a name with two meanings is an error. Syntax: gitrevisions(7); the rules for names are those of its
//! `<refname>`.

use super::command::Git;
use super::{ObjectId, RevisionError};

/// Two revisions as they were typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    /// What is compared with.
    pub base: String,
    /// What is compared; none for the files at hand.
    pub head: Option<String>,
}

impl Range {
    /// Reads `BASE`, `BASE..HEAD` or `BASE...HEAD`; without HEAD behind the dots it is `HEAD`.
    pub fn parse(text: &str) -> Self {
        let dots = text.split_once("...").or_else(|| text.split_once(".."));
        let (base, head) = match dots {
            None => (text, None),
            Some((base, "")) => (base, Some("HEAD")),
            Some((base, head)) => (base, Some(head)),
        };
        Self {
            base: base.to_owned(),
            head: head.map(str::to_owned),
        }
    }
}

/// How many objects whose names begin alike are looked at.
const CANDIDATES: usize = 64;

/// A name and what follows it: `main` and `~2^{commit}`.
struct Parts<'n> {
    name: &'n str,
    suffix: &'n str,
}

impl<'n> Parts<'n> {
    fn of(text: &'n str) -> Option<Self> {
        let begins = |index: usize| {
            let rest = &text[index..];
            rest.starts_with(['^', '~']) || rest.starts_with("@{")
        };
        let end = text
            .char_indices()
            .map(|(index, _)| index)
            .find(|index| begins(*index));
        let (name, suffix) = text.split_at(end.unwrap_or(text.len()));
        let is_plain = |character: char| !character.is_control() && !" :?*[\\".contains(character);
        let is_name = !text.starts_with(['-', '^', '~']) && text.chars().all(is_plain);
        // `@{upstream}` has no name before it.
        let is_anything = !name.is_empty() || suffix.starts_with("@{");
        (is_name && is_anything).then_some(Self { name, suffix })
    }

    /// Says whether git looks for it in its own folder, where nobody can push to.
    fn is_own(&self) -> bool {
        matches!(self.name, "" | "@" | "HEAD")
    }
}

/// Finds the commit that a name stands for.
pub(super) fn resolve(git: &Git, typed: &str) -> Result<ObjectId, RevisionError> {
    let not_a_name = || RevisionError::NotAName(typed.to_owned().into());
    let parts = Parts::of(typed).ok_or_else(not_a_name)?;
    let unknown = || RevisionError::Unknown {
        name: typed.to_owned().into(),
        history: git.history(),
    };
    let lower = parts.name.to_ascii_lowercase();
    let full = if parts.is_own() {
        parts.name.to_owned()
    } else if ObjectId::new(&lower).is_some() {
        lower
    } else {
        only_meaning(git, parts.name)?.ok_or_else(unknown)?
    };
    let commit = format!("{full}{}^{{commit}}", parts.suffix);
    let asked = [
        "rev-parse",
        "--verify",
        "--quiet",
        "--end-of-options",
        &commit,
    ];
    let answer = git.ask(&asked)?;
    let text = String::from_utf8(answer.output).unwrap_or_default();
    let object = ObjectId::new(text.trim());
    object
        .filter(|_| answer.status.success())
        .ok_or_else(unknown)
}

/// Finds the full name of what a name means; none if it means nothing.
fn only_meaning(git: &Git, name: &str) -> Result<Option<String>, RevisionError> {
    let candidates = [
        name.to_owned(),
        format!("refs/{name}"),
        format!("refs/tags/{name}"),
        format!("refs/heads/{name}"),
        format!("refs/remotes/{name}"),
        format!("refs/remotes/{name}/HEAD"),
    ];
    let mut question = vec!["for-each-ref", "--format=%(refname)", "--"];
    question.extend(candidates.iter().map(String::as_str));
    let output = String::from_utf8(git.demand(&question)?).unwrap_or_default();
    let refs = output
        .lines()
        .filter(|line| candidates.iter().any(|candidate| candidate == line));
    let mut meanings: Vec<String> = refs.map(str::to_owned).collect();
    meanings.extend(abbreviated(git, name)?);
    match meanings.len() {
        0 | 1 => Ok(meanings.pop()),
        _ => Err(RevisionError::Ambiguous {
            name: name.to_owned().into(),
            meanings,
        }),
    }
}

/// Finds the objects that an abbreviated name may stand for.
fn abbreviated(git: &Git, name: &str) -> Result<Vec<String>, RevisionError> {
    let is_short =
        (4..40).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_short {
        return Ok(Vec::new());
    }
    let output = git
        .ask(&["rev-parse", &format!("--disambiguate={name}")])?
        .output;
    let output = String::from_utf8(output).unwrap_or_default();
    let objects = output.lines().filter(|line| ObjectId::new(line).is_some());
    // A name means a commit; that a file's name begins alike is chance.
    let is_commit = |object: &&str| {
        let kind = git.line(&["cat-file", "-t", object]);
        matches!(
            kind.as_ref().map(|kind| kind.as_deref()),
            Ok(Some("commit" | "tag"))
        )
    };
    let commits = objects.take(CANDIDATES).filter(is_commit);
    Ok(commits.map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_and_three_dots_name_two_revisions() {
        let range = |base: &str, head: Option<&str>| Range {
            base: base.to_owned(),
            head: head.map(str::to_owned),
        };
        assert_eq!(Range::parse("main"), range("main", None));
        assert_eq!(Range::parse("main..topic"), range("main", Some("topic")));
        assert_eq!(Range::parse("main...topic"), range("main", Some("topic")));
        assert_eq!(Range::parse("v1.2.."), range("v1.2", Some("HEAD")));
        assert_eq!(Range::parse("..topic"), range("", Some("topic")));
    }

    #[test]
    fn a_name_is_told_from_what_follows_it() {
        let parts = |text| Parts::of(text).map(|parts| (parts.name, parts.suffix));
        assert_eq!(parts("main~2^{}"), Some(("main", "~2^{}")));
        assert_eq!(parts("user@host/x"), Some(("user@host/x", "")));
        assert_eq!(parts("@{upstream}"), Some(("", "@{upstream}")));
        for bad in [
            "",
            "--upload-pack=x",
            "^main",
            "main:Cargo.lock",
            ":/fix",
            "a b",
            "ma*",
            "a\nb",
        ] {
            assert_eq!(parts(bad), None, "{bad}");
        }
    }
}
