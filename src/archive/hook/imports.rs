//! The modules that a script imports: `require('…')`, `import('…')`, `import … from '…'`.

use super::script::{Kind, Script};

/// An import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Import<'s> {
    /// The module as it is written, without `node:`; none where it is computed.
    pub(super) module: Option<&'s str>,
    /// The place of the keyword among the tokens.
    pub(super) place: usize,
}

impl Import<'_> {
    /// Returns the module if it is a file of the archive.
    pub(super) fn relative(&self) -> Option<&str> {
        self.module.filter(|module| {
            module.starts_with("./") || module.starts_with("../") || matches!(*module, "." | "..")
        })
    }

    /// Returns the name of the package or built-in module, without a path in it; none for files.
    pub(super) fn package(&self) -> Option<&str> {
        let module = self.module.filter(|_| self.relative().is_none())?;
        let parts = if module.starts_with('@') { 2 } else { 1 };
        let end = module.match_indices('/').nth(parts - 1);
        Some(end.map_or(module, |(at, _)| &module[..at]))
    }
}

/// Lists the imports of a script, in order.
pub(super) fn of(script: &Script) -> Vec<Import<'_>> {
    let places = 0..script.tokens.len();
    places
        .filter_map(|place| import_at(script, place))
        .collect()
}

fn import_at(script: &Script, place: usize) -> Option<Import<'_>> {
    let token = &script.tokens[place];
    if token.kind != Kind::Name {
        return None;
    }
    let text_at = |place: usize| {
        let token = script.tokens.get(place)?;
        (token.kind == Kind::Text).then_some(token.text.as_str())
    };
    let is_call = script
        .get(Some(place + 1))
        .is_some_and(|next| next.is_sign("("));
    let module = match token.text.as_str() {
        "require" | "import" if is_call => {
            // `import` and `require` take options behind the module, which change nothing.
            let is_alone = script
                .get(Some(place + 3))
                .is_some_and(|next| next.is_sign(")") || next.is_sign(","));
            text_at(place + 2).filter(|_| is_alone)
        }
        "import" | "from" => Some(text_at(place + 1)?),
        _ => return None,
    };
    let module = module.map(|module| module.strip_prefix("node:").unwrap_or(module));
    Some(Import { module, place })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_import_is_seen() {
        let script = Script::read(
            "require('a'); require(`node:b`); import c from 'c'; import 'd'; import('e', {}); export * from './f';
            require(g); require('h' + i); Array.from('j'); require.resolve('k')",
        );
        let modules: Vec<_> = of(&script).iter().map(|import| import.module).collect();
        assert_eq!(
            modules,
            [
                Some("a"),
                Some("b"),
                Some("c"),
                Some("d"),
                Some("e"),
                Some("./f"),
                None,
                None
            ]
        );
    }

    #[test]
    fn packages_are_told_from_files() {
        for (module, package) in [
            ("a", Some("a")),
            ("a/b/c", Some("a")),
            ("@a/b/c", Some("@a/b")),
            ("@a/b", Some("@a/b")),
            ("./a", None),
            ("..", None),
        ] {
            let import = Import {
                module: Some(module),
                place: 0,
            };
            assert_eq!(import.package(), package, "{module}");
        }
    }
}
