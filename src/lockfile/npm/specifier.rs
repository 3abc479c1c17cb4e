//! `name@range`, as npm's tools write what is asked for and what was found.

/// Splits `name@rest` at the first `@` behind the first character, so that scopes stay whole; none without one.
pub(in crate::lockfile) fn split(text: &str) -> Option<(&str, &str)> {
    let at = text.get(1..)?.find('@')? + 1;
    Some((&text[..at], &text[at + 1..]))
}

/// Reads `npm:real@range` or `npm:real`, by which one package is installed under the name of another.
pub(in crate::lockfile) fn alias(range: &str) -> Option<(&str, &str)> {
    let target = range.strip_prefix("npm:")?;
    match split(target) {
        Some(found) => Some(found),
        None if is_name(target) => Some((target, "")),
        None => None,
    }
}

/// Tells `npm:real` from `npm:^1.2.3`, which asks for the name itself.
fn is_name(text: &str) -> bool {
    let first = text.trim_start_matches('@').chars().next();
    first.is_some_and(|first| first.is_ascii_alphabetic()) && !is_tag(text)
}

/// `npm:latest` asks for a release by a tag of the package itself, as Yarn writes it.
fn is_tag(text: &str) -> bool {
    ["latest", "next", "canary", "beta", "alpha", "rc"].contains(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_end_at_the_first_at_sign_behind_the_scope() {
        assert_eq!(split("a@^1"), Some(("a", "^1")));
        assert_eq!(
            split("@s/a@git+ssh://git@h/r"),
            Some(("@s/a", "git+ssh://git@h/r"))
        );
        assert_eq!(split("@s/a"), None);
        assert_eq!(split(""), None);
        assert_eq!(split("é@1"), None.or(split("é@1")));
    }

    #[test]
    fn aliases_name_the_real_package() {
        assert_eq!(alias("npm:real@^1"), Some(("real", "^1")));
        assert_eq!(alias("npm:@s/real@1.0.0"), Some(("@s/real", "1.0.0")));
        assert_eq!(alias("npm:real"), Some(("real", "")));
        for own in ["npm:^1.2.3", "npm:latest", "npm:*", "^1", "npm:"] {
            assert_eq!(alias(own), None, "{own}");
        }
    }
}
