//! `# via` comments: which package asks for which, as pip-compile and uv write it under each pin.

use crate::package::name::normalise;

/// Who asks for a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Via {
    /// The project: an input file, or the project by its manifest.
    Project,
    /// A package, by its normalised name.
    Package(String),
}

/// Reads the comments behind one requirement.
#[derive(Debug, Default)]
pub(super) struct Comments {
    /// Whether `# via` opened a list that the next comments continue.
    is_list: bool,
}

impl Comments {
    /// Reads one comment; none if it names nobody, such as any that is for people.
    pub(super) fn read(&mut self, comment: &str) -> Option<Vec<Via>> {
        let text = comment.trim_start_matches('#');
        let said = text.trim();
        if said == "via" {
            self.is_list = true;
            return Some(Vec::new());
        }
        if let Some(list) = said.strip_prefix("via ") {
            self.is_list = false;
            return list
                .split(',')
                .map(|item| asker(item.trim()))
                .collect::<Option<Vec<_>>>()
                .map(known);
        }
        self.is_list = self.is_list && text.starts_with("  ");
        if !self.is_list {
            return None;
        }
        asker(said).map(|asker| known(vec![asker]))
    }
}

/// Who an item means: none if it is no item; nobody for a constraint, which asks for nothing.
fn asker(item: &str) -> Option<Option<Via>> {
    if item.starts_with("-c ")
        || item.starts_with("--constraint ")
        || item.starts_with("--override ")
    {
        return Some(None);
    }
    if item.starts_with('-') || item.ends_with(')') {
        return Some(Some(Via::Project));
    }
    let name = item.split('[').next().unwrap_or_default();
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let is_package = !name.is_empty() && name.bytes().all(is_name);
    is_package.then(|| Some(Via::Package(normalise(name).into_owned())))
}

fn known(askers: Vec<Option<Via>>) -> Vec<Via> {
    askers.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(comments: &[&str]) -> Vec<Option<Vec<Via>>> {
        let mut reader = Comments::default();
        comments
            .iter()
            .map(|comment| reader.read(comment))
            .collect()
    }

    fn package(name: &str) -> Via {
        Via::Package(name.to_owned())
    }

    #[test]
    fn both_styles_are_read() {
        assert_eq!(
            read(&["# via Flask_Login, -r a.in, x[y]"]),
            [Some(vec![
                package("flask-login"),
                Via::Project,
                package("x")
            ])]
        );
        assert_eq!(
            read(&[
                "# via",
                "#   -c c.txt",
                "#   app (pyproject.toml)",
                "#   idna",
                "# from https://i"
            ]),
            [
                Some(vec![]),
                Some(vec![]),
                Some(vec![Via::Project]),
                Some(vec![package("idna")]),
                None
            ]
        );
    }

    #[test]
    fn words_for_people_name_nobody() {
        assert_eq!(read(&["# via the proxy"]), [None]);
        assert_eq!(
            read(&["#   idna", "# viable", "# pinned: broken"]),
            [None, None, None]
        );
        assert_eq!(
            read(&["# via", "#   two words", "# x", "#   idna"])[1..],
            [None, None, None]
        );
    }
}
