//! `# via` comments: which package asks for which, as pip-compile and uv write it under each pin.

/// Who asks for a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Via<'t> {
    /// The project: an input file, or the project by its manifest.
    Project,
    /// A package, by its name as written.
    Package(&'t str),
    /// Nobody: a constraint asks for nothing.
    Nobody,
}

/// Reads the comments behind one requirement.
#[derive(Debug, Default)]
pub(super) struct Comments {
    /// Whether `# via` opened a list that the next comments continue.
    is_list: bool,
}

impl Comments {
    /// Reads one comment as a list for [`askers`]; none if it is not about who asks, such as any that is for people.
    pub(super) fn read<'t>(&mut self, comment: &'t str) -> Option<&'t str> {
        let text = comment.trim_start_matches('#');
        let said = text.trim();
        if said == "via" {
            self.is_list = true;
            return Some("");
        }
        let inline = said.strip_prefix("via ");
        self.is_list = self.is_list && inline.is_none() && text.starts_with("  ");
        let list = inline.unwrap_or(said);
        let is_about_askers = self.is_list || inline.is_some();
        let is_list = || list.split(',').all(|item| asker(item.trim()).is_some());
        (is_about_askers && is_list()).then_some(list)
    }
}

/// Lists who a list names.
pub(super) fn askers(list: &str) -> impl Iterator<Item = Via<'_>> {
    list.split(',').filter_map(|item| asker(item.trim()))
}

/// Who an item means; none if it is no item.
fn asker(item: &str) -> Option<Via<'_>> {
    const NOBODY: [&str; 3] = ["-c ", "--constraint ", "--override "];
    if NOBODY.iter().any(|option| item.starts_with(option)) {
        return Some(Via::Nobody);
    }
    if item.starts_with('-') || item.ends_with(')') {
        return Some(Via::Project);
    }
    let name = item.split_once('[').map_or(item, |(name, _)| name);
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let is_package = !name.is_empty() && name.bytes().all(is_name);
    is_package.then_some(Via::Package(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<'t>(comments: &[&'t str]) -> Vec<Option<Vec<Via<'t>>>> {
        let mut reader = Comments::default();
        let lists = comments.iter().map(|comment| reader.read(comment));
        lists
            .map(|list| list.map(|list| askers(list).collect()))
            .collect()
    }

    const fn package(name: &str) -> Via<'_> {
        Via::Package(name)
    }

    #[test]
    fn both_styles_are_read() {
        assert_eq!(
            read(&["# via Flask_Login, -r a.in, x[y]"]),
            [Some(vec![
                package("Flask_Login"),
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
                Some(vec![Via::Nobody]),
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
