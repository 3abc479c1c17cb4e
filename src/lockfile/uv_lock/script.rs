//! The script that a `<script>.py.lock` locks, and the requirements that it holds itself (PEP 723).

use toml::{Table, Value};

use super::SCRIPT_LOCK;
use crate::path::FilePath;

/// Returns the script that a lockfile locks, by its name; none if it locks a project.
pub(super) fn locked_by(lockfile: &FilePath) -> Option<FilePath> {
    let name = lockfile.file_name();
    let end = name.len().checked_sub(SCRIPT_LOCK.len())?;
    let is_script = name.as_bytes()[end..].eq_ignore_ascii_case(SCRIPT_LOCK.as_bytes());
    let script = name.get(..name.len() - ".lock".len());
    lockfile.parent().join(script.filter(|_| is_script)?)
}

/// Lists the requirements of a script; none if it has no readable block of them.
pub(super) fn requirements(script: &str) -> Option<Vec<String>> {
    let block: Table = toml::from_str(&block(script)?).ok()?;
    let list = block.get("dependencies").and_then(Value::as_array);
    let texts = list.into_iter().flatten().filter_map(Value::as_str);
    Some(texts.map(str::to_owned).collect())
}

/// Takes the comment marks off the lines between `# /// script` and `# ///`.
fn block(script: &str) -> Option<String> {
    let mut lines = script.lines().map(str::trim_end);
    lines.find(|line| *line == "# /// script")?;
    let mut block = String::new();
    for line in lines {
        if line == "# ///" {
            return Some(block);
        }
        block.push_str(line.strip_prefix('#')?.trim_start_matches(' '));
        block.push('\n');
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lockfile_of_a_script_is_told_by_its_name() {
        let locked = |path| {
            let path = FilePath::new(path).expect("a path inside the root");
            locked_by(&path).map(|script| script.as_str().to_owned())
        };
        assert_eq!(locked("tools/a.py.lock").as_deref(), Some("tools/a.py"));
        assert_eq!(locked("uv.lock"), None);
        assert_eq!(locked("é.lock"), None);
    }

    #[test]
    fn requirements_stand_in_a_comment() {
        let script = "#!/usr/bin/env python\n# /// script\r\n# requires-python = \">=3.12\"\n# dependencies = [\n#   \"rich>=13\", 'a',\n# ]\n#\n# ///\nimport rich\n";
        assert_eq!(requirements(script).expect("a block"), ["rich>=13", "a"]);
    }

    #[test]
    fn a_script_without_a_block_has_no_requirements() {
        for script in [
            "",
            "import rich\n",
            "# /// script\n# dependencies = ['a']\n",
            "# /// script\nimport a\n# ///\n",
            "# /// script\n# dependencies = [\n# ///\n",
        ] {
            assert_eq!(requirements(script), None, "{script}");
        }
    }
}
