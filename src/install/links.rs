//! Links in place of folders whose files steer installers: what they lead to is not looked into.

use super::InstallFile;

pub(super) const LINKS: InstallFile = InstallFile {
    name: "a link in place of a folder of settings",
    recognises: |path| {
        let names = [".cargo", ".yarn", "patches", "cache", "releases", "plugins"];
        names
            .iter()
            .any(|name| path.file_name().eq_ignore_ascii_case(name))
    },
    // A file of such a name is nobody's settings; a link to a folder cannot be read, which is told as such.
    compare: |_edit| None,
};
