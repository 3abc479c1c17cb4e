//! Paths inside an archive: slashes, no empty and no `.` parts, and never above the root; and which of them are those of
//! packages, on whatever system.

/// Joins a path to a folder of the archive (the root is the empty text); none if it climbs above the root.
pub(super) fn join(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// Returns the folder that a file lies in; the root is the empty text.
pub(super) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Returns the last part of a path.
pub(super) fn name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// Returns what follows the last dot of a path's last part; none without a dot.
pub(super) fn ending(path: &str) -> Option<&str> {
    name(path).rsplit_once('.').map(|(_, ending)| ending)
}

/// Says whether a system may take one name for another that it is not: Unicode's other letters for `k` and `s`, what Windows
/// drops at the end of a name, its streams and its short names.
pub(crate) fn passes_for(own: &str, name: &str) -> bool {
    let plain = own.split(':').next().unwrap_or_default();
    let plain = plain.trim_end_matches([' ', '.']);
    let folded = plain.to_uppercase().to_lowercase();
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
    let start = |text: &str, length: usize| text.chars().take(length).collect::<String>();
    let is_short = folded.split_once('~').is_some_and(|(own, rest)| {
        let (number, own_ending) = rest.split_once('.').unwrap_or((rest, ""));
        let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        is_number && own == start(stem, 6) && own_ending == start(ending, 3)
    });
    !own.eq_ignore_ascii_case(name) && (folded == name || is_short)
}

/// Returns the folder of a package, of which a path is the file of that name: the root, or a bundled one at
/// `node_modules/NAME`, at any depth. Some systems do not tell capitals from small letters.
pub(crate) fn package_of<'p>(path: &'p str, name: &str) -> Option<&'p str> {
    let folder = folder(path);
    let mut parts = folder.split('/').filter(|part| !part.is_empty());
    while let Some(part) = parts.next() {
        let is_modules = part.eq_ignore_ascii_case("node_modules");
        let package = parts.next().filter(|_| is_modules)?;
        if package.starts_with('@') {
            parts.next()?;
        }
    }
    self::name(path)
        .eq_ignore_ascii_case(name)
        .then_some(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_some_system_takes_for_another_are_known() {
        for own in [
            "package.j\u{17f}on",
            "pac\u{212a}age.json",
            "package.json.",
            "package.json ",
            "PACKAGE.JSON . ",
            "package.json:stream",
            "package.json::$DATA",
            "PACKAG~1.JSO",
            "packag~12.jso",
        ] {
            assert!(passes_for(own, "package.json"), "{own}");
        }
        for own in [
            "package.json",
            "PACKAGE.json",
            "package.json5",
            "package-lock.json",
            "packag~.jso",
            "packag~1.js",
            "npm~1.jso",
            "",
        ] {
            assert!(!passes_for(own, "package.json"), "{own}");
        }
    }

    #[test]
    fn packages_lie_at_the_root_and_in_node_modules() {
        for (path, expected) in [
            ("package.json", Some("")),
            ("Package.JSON", Some("")),
            ("node_modules/a/package.json", Some("node_modules/a")),
            ("node_modules/@a/b/package.json", Some("node_modules/@a/b")),
            (
                "node_modules/a/node_modules/b/package.json",
                Some("node_modules/a/node_modules/b"),
            ),
            ("lib/package.json", None),
            ("node_modules/package.json", None),
            ("node_modules/@a/package.json", None),
            ("node_modules/a/lib/package.json", None),
            ("node_modules/a/test/node_modules/b/package.json", None),
            ("node_modules/a/package.json5", None),
        ] {
            assert_eq!(package_of(path, "package.json"), expected, "{path}");
        }
    }

    #[test]
    fn paths_are_joined_within_the_root() {
        for (folder, path, expected) in [
            ("", "./a//b", Some("a/b")),
            ("lib", "../x.js", Some("x.js")),
            ("lib/a", "./b/../c", Some("lib/a/c")),
            ("lib", "../../x.js", None),
            ("", "..", None),
        ] {
            assert_eq!(join(folder, path).as_deref(), expected, "{folder} {path}");
        }
        assert_eq!((folder("a/b/c"), folder("c")), ("a/b", ""));
        assert_eq!((name("a/b/c"), name("c")), ("c", "c"));
        assert_eq!((ending("a.b/c"), ending("a/.b.js")), (None, Some("js")));
    }
}
