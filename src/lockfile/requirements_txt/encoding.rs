//! In which encoding a file says that it is written: pip obeys a line such as `# -*- coding: utf-7 -*-`.

/// Encodings that read a file of UTF-8 as it stands.
const OWN: [&str; 5] = ["utf-8", "utf8", "utf-8-sig", "ascii", "us-ascii"];

/// Returns the encoding that one of the first two lines declares, if pip reads another text by it than stands there.
pub(super) fn foreign(text: &str) -> Option<&str> {
    let mut lines = text.split('\n').take(2);
    let encoding = lines.find_map(|line| line.starts_with('#').then(|| declared(line))?)?;
    let name = encoding.replace('_', "-");
    let is_own = OWN.iter().any(|own| own.eq_ignore_ascii_case(&name));
    (!is_own).then_some(encoding)
}

/// Finds the first `coding:` or `coding=` with a name behind it.
fn declared(line: &str) -> Option<&str> {
    line.match_indices("coding").find_map(|(at, word)| {
        let rest = line[at + word.len()..].strip_prefix([':', '='])?;
        let rest = rest.trim_ascii_start();
        let end = rest.find(|character| !is_of_name(character));
        let name = &rest[..end.unwrap_or(rest.len())];
        (!name.is_empty()).then_some(name)
    })
}

const fn is_of_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '.')
}

#[cfg(test)]
mod tests {
    use super::foreign;

    #[test]
    fn another_encoding_is_found_where_pip_looks_for_it() {
        assert_eq!(foreign("# -*- coding: utf-7 -*-\na==1\n"), Some("utf-7"));
        assert_eq!(foreign("\n#encoding=  rot_13\n"), Some("rot_13"));
        assert_eq!(foreign("# coding coding: cp037"), Some("cp037"));
    }

    #[test]
    fn utf_8_and_lines_that_pip_does_not_look_at_are_none() {
        for text in [
            "",
            "# -*- coding: UTF-8 -*-\n",
            "# coding: utf_8\n# coding: utf-7\n",
            "a==1 # coding: utf-7\n",
            " # coding: utf-7\n",
            "\n\n# coding: utf-7\n",
            "# decoding is hard, coding: \n",
        ] {
            assert_eq!(foreign(text), None, "{text:?}");
        }
    }
}
