use super::*;
use crate::files::MapFiles;
use crate::package::RemoteAddress;
use crate::package::hosts::HostName;

fn hosts() -> Hosts {
    let host = |text| HostName::new(text).expect("a host");
    Hosts {
        mirrors: [host("mirror.example")].into(),
        private: [host("corp.example")].into(),
        ..Hosts::default()
    }
}

/// Asks whose registry a package of a lockfile comes from, by files and hosts.
fn host_of(
    files: &[(&str, &str)],
    hosts: &Hosts,
    (lockfile, format): (&str, &'static str),
    name: &str,
) -> Option<Host> {
    let files = MapFiles::new(files.iter().copied());
    let lockfile = FilePath::new(lockfile).expect("a path");
    let named = SettingsReader::new(&files, hosts).of(&lockfile, FormatId(format));
    named.host(&PackageName::new(Ecosystem::Npm, name.to_owned().into()))
}

const PNPM_LOCK: (&str, &str) = ("pnpm-lock.yaml", "pnpm-lock");
const YARN_1_LOCK: (&str, &str) = ("yarn.lock", "yarn-v1");
const YARN_LOCK: (&str, &str) = ("yarn.lock", "yarn-berry");
const BUN_LOCK: (&str, &str) = ("bun.lock", "bun-lock");
const NPM_LOCK: (&str, &str) = ("package-lock.json", "npm-lock");

/// Holds a file to name a registry of ours for the scope `@a`, and none for anything else.
fn is_of_scope_a(lockfile: (&str, &'static str), name: &str, text: &str) {
    let of = |package| host_of(&[(name, text)], &hosts(), lockfile, package);
    assert_eq!(of("@a/b"), Some(Host::Private), "{text}");
    assert_eq!(of("@ab/c"), None, "{text}");
    assert_eq!(of("a"), None, "{text}");
}

#[test]
fn npm_and_pnpm_say_where_a_scope_comes_from() {
    for (lockfile, name, text) in [
        (
            NPM_LOCK,
            ".npmrc",
            "; mine\n@a:registry = https://corp.example/npm/\n//corp.example/:_authToken=x\n",
        ),
        (
            NPM_LOCK,
            ".npmrc",
            "\"@a:registry\" = \"https://corp.example/npm/\" ; ours\n",
        ),
        (
            NPM_LOCK,
            ".npmrc",
            "\u{feff}@a:registry=https://other.example/\r@a:registry=https://corp.example/ # the last\r",
        ),
        (
            PNPM_LOCK,
            ".npmrc",
            "@a:registry=https://corp.example/npm/\n",
        ),
        (
            PNPM_LOCK,
            "pnpm-workspace.yaml",
            "registries:\n  '@a': https://corp.example/\n",
        ),
        (
            PNPM_LOCK,
            "pnpm-workspace.yaml",
            "registries:\n  https://corp.example/:\n    scopes: ['@a', '@other']\n    prefix: work\n",
        ),
    ] {
        is_of_scope_a(lockfile, name, text);
    }
}

#[test]
fn yarn_bun_and_deno_say_where_a_scope_comes_from() {
    for (lockfile, name, text) in [
        (
            YARN_1_LOCK,
            ".yarnrc",
            "\"@a:registry\" \"https://corp.example/npm/\"\n",
        ),
        (
            YARN_1_LOCK,
            ".yarnrc",
            "\"@a:registry\": \"https://corp.example/npm/\"\n",
        ),
        (
            YARN_1_LOCK,
            ".yarnrc",
            "\"@b:registry\", \"@a:registry\" \"https://corp.example/npm/\"\n",
        ),
        (
            YARN_1_LOCK,
            ".npmrc",
            "@a:registry=https://corp.example/npm/\n",
        ),
        (
            YARN_LOCK,
            ".yarnrc.yml",
            "npmScopes:\n  a:\n    npmRegistryServer: \"https://corp.example/npm/\"\n",
        ),
        (
            BUN_LOCK,
            "bunfig.toml",
            "[install.scopes]\na = { url = \"https://corp.example/\", token = \"$T\" }\n",
        ),
        (
            BUN_LOCK,
            "bunfig.toml",
            "[install.scopes]\n\"@a\" = \"https://corp.example/\"\n",
        ),
        (
            BUN_LOCK,
            ".npmrc",
            "@a:registry=https://corp.example/npm/\n",
        ),
        (
            ("deno.lock", "deno-lock"),
            ".npmrc",
            "@a:registry=https://corp.example/npm/\n",
        ),
    ] {
        is_of_scope_a(lockfile, name, text);
    }
}

#[test]
fn a_default_registry_serves_all_but_the_scopes_that_have_their_own() {
    for (lockfile, name, text) in [
        (
            NPM_LOCK,
            ".npmrc",
            "registry=https://elsewhere.example/\n@a:registry=https://registry.npmjs.org/\n",
        ),
        (
            YARN_1_LOCK,
            ".yarnrc",
            "registry \"https://elsewhere.example/\"\n\"@a:registry\" \"https://registry.yarnpkg.com\"\n",
        ),
        (
            YARN_1_LOCK,
            ".yarnrc",
            "registry: \"https://elsewhere.example/\"\n\"@a:registry\" \"https://registry.yarnpkg.com\"\n",
        ),
        (
            YARN_LOCK,
            ".yarnrc.yml",
            "npmRegistryServer: https://elsewhere.example\nnpmScopes:\n  a: { npmRegistryServer: https://registry.npmjs.org }\n",
        ),
        (
            PNPM_LOCK,
            "pnpm-workspace.yaml",
            "registries:\n  default: https://elsewhere.example\n  '@a': https://registry.npmjs.org\n",
        ),
        (
            PNPM_LOCK,
            "pnpm-workspace.yaml",
            "registry: https://elsewhere.example\nregistries:\n  '@a': https://registry.npmjs.org\n",
        ),
        (
            PNPM_LOCK,
            "pnpm-workspace.yaml",
            "registries:\n  https://elsewhere.example/: { scopes: ['@'] }\n  https://registry.npmjs.org/: { scopes: ['@a'] }\n",
        ),
        (
            BUN_LOCK,
            "bunfig.toml",
            "[install]\nregistry = \"https://elsewhere.example\"\nscopes = { a = \"https://registry.npmjs.org\" }\n",
        ),
    ] {
        let of = |package| host_of(&[(name, text)], &hosts(), lockfile, package);
        assert_eq!(of("left-pad"), Some(Host::Unknown), "{text}");
        assert_eq!(of("@b/c"), Some(Host::Unknown), "{text}");
        assert_eq!(of("@a/b"), Some(Host::Public), "{text}");
    }
}

#[test]
fn a_tool_reads_its_own_files_only() {
    let files = [
        (".npmrc", "@a:registry=https://npm.example\n"),
        (".yarnrc", "\"@b:registry\" \"https://yarn.example\"\n"),
        (
            ".yarnrc.yml",
            "npmScopes: { c: { npmRegistryServer: https://berry.example } }\n",
        ),
        (
            "bunfig.toml",
            "[install.scopes]\nd = \"https://bun.example\"\n",
        ),
        (
            "pnpm-workspace.yaml",
            "registries: { '@e': https://pnpm.example }\n",
        ),
    ];
    for (lockfile, read) in [
        (NPM_LOCK, "a"),
        (YARN_1_LOCK, "ab"),
        (YARN_LOCK, "c"),
        (BUN_LOCK, "ad"),
        (PNPM_LOCK, "ae"),
        (("uv.lock", "uv-lock"), ""),
    ] {
        for scope in ["a", "b", "c", "d", "e"] {
            let host = host_of(&files, &hosts(), lockfile, &format!("@{scope}/x"));
            assert_eq!(host.is_some(), read.contains(scope), "{lockfile:?} {scope}");
        }
    }
}

#[test]
fn of_two_files_of_one_tool_the_least_known_registry_counts() {
    let npmrc = (".npmrc", "registry=https://corp.example\n");
    let workspace = (
        "pnpm-workspace.yaml",
        "registries: { '@a': https://registry.npmjs.org }\n",
    );
    let of = |name| host_of(&[npmrc, workspace], &hosts(), PNPM_LOCK, name);
    assert_eq!(of("@a/b"), Some(Host::Private));
    assert_eq!(of("a"), Some(Host::Private));
}

#[test]
fn whose_host_it_is_the_settings_say() {
    let of = |address: &str, hosts: &Hosts| {
        host_of(
            &[(".npmrc", &format!("registry={address}"))],
            hosts,
            NPM_LOCK,
            "x",
        )
    };
    for (address, host) in [
        ("https://registry.npmjs.org/", Host::Public),
        ("https://mirror.example/npm", Host::Mirror),
        ("https://corp.example/npm", Host::Private),
        ("https://other.example", Host::Unknown),
        // What stands in a variable may be anywhere.
        ("${REGISTRY}", Host::Unknown),
        ("", Host::Unknown),
        ("localhost", Host::Unknown),
    ] {
        assert_eq!(of(address, &hosts()), Some(host), "{address}");
    }
}

#[test]
fn where_another_registry_is_asked_for_everything_only_scopes_come_from_elsewhere() {
    let mut hosts = hosts();
    let asked = RemoteAddress::new("https://asked.example/npm/").expect("an address");
    hosts.asked.instead.insert(Ecosystem::Npm, asked);
    for (text, package, host) in [
        ("registry=${REGISTRY}", "x", Host::Mirror),
        ("registry=https://other.example", "x", Host::Mirror),
        ("registry=https://corp.example", "x", Host::Private),
        (
            "@a:registry=https://asked.example/npm",
            "@a/x",
            Host::Mirror,
        ),
        ("@a:registry=https://other.example", "@a/x", Host::Unknown),
    ] {
        let of = host_of(&[(".npmrc", text)], &hosts, NPM_LOCK, package);
        assert_eq!(of, Some(host), "{text}");
    }
}

#[test]
fn a_scope_that_the_users_own_client_takes_from_elsewhere_is_private_wherever_that_is() {
    let mut hosts = hosts();
    hosts.asked.scopes.insert("@a".to_owned());
    let text = "@a:registry=https://other.example\n@b:registry=https://other.example\n";
    let of = |name| host_of(&[(".npmrc", text)], &hosts, NPM_LOCK, name);
    assert_eq!(of("@a/x"), Some(Host::Private));
    assert_eq!(of("@b/x"), Some(Host::Unknown));
}

#[test]
fn the_nearest_settings_count_where_a_tool_looks_above_its_lockfile() {
    let files = [
        (".npmrc", "@a:registry=https://corp.example"),
        ("web/.npmrc", "@a:registry=https://registry.npmjs.org"),
        (
            "bunfig.toml",
            "[install.scopes]\na = \"https://corp.example\"\n",
        ),
    ];
    for (lockfile, host) in [
        (PNPM_LOCK, Some(Host::Private)),
        (("api/pnpm-lock.yaml", "pnpm-lock"), Some(Host::Private)),
        (("web/pnpm-lock.yaml", "pnpm-lock"), Some(Host::Public)),
        (("web/app/yarn.lock", "yarn-v1"), Some(Host::Public)),
        (("web/package-lock.json", "npm-lock"), Some(Host::Public)),
        (("api/package-lock.json", "npm-lock"), None),
        (("api/bun.lock", "bun-lock"), None),
    ] {
        assert_eq!(
            host_of(&files, &hosts(), lockfile, "@a/b"),
            host,
            "{lockfile:?}"
        );
    }
}

#[test]
fn what_cannot_be_read_may_name_any_registry_if_it_speaks_of_one() {
    let long = format!(
        "npmRegistryServer: https://registry.npmjs.org\n#{}\n",
        "x".repeat(1 << 20)
    );
    for (lockfile, file, host) in [
        (
            YARN_LOCK,
            (".yarnrc.yml", "npmRegistryServer: &a [\n"),
            Some(Host::Unknown),
        ),
        (
            YARN_LOCK,
            (".yarnrc.yml", long.as_str()),
            Some(Host::Unknown),
        ),
        (
            YARN_LOCK,
            (".yarnrc.yml", "nodeLinker: &a pnp\nx: *a\n"),
            None,
        ),
        (
            PNPM_LOCK,
            ("pnpm-workspace.yaml", "- registry\n"),
            Some(Host::Unknown),
        ),
        (
            PNPM_LOCK,
            ("pnpm-workspace.yaml", "catalog:\n  a: &a ^1.0.0\n  b: *a\n"),
            None,
        ),
        (
            BUN_LOCK,
            ("bunfig.toml", "[install\nregistry = 1"),
            Some(Host::Unknown),
        ),
        (BUN_LOCK, ("bunfig.toml", ""), None),
    ] {
        let shown: String = file.1.chars().take(40).collect();
        assert_eq!(host_of(&[file], &hosts(), lockfile, "a"), host, "{shown}");
    }
}

#[test]
fn a_source_of_pdm_that_takes_the_place_of_the_public_index_serves_everything() {
    let lockfile = ("pdm.lock", "pdm-lock");
    let own = "[[tool.pdm.source]]\nname = \"pypi\"\nurl = \"https://corp.example/simple\"\n";
    let of = |text: &str| host_of(&[("pyproject.toml", text)], &hosts(), lockfile, "a");
    assert_eq!(of(own), Some(Host::Private));
    assert_eq!(
        of(&own.replace("corp.example", "pypi.org")),
        Some(Host::Public)
    );
    assert_eq!(
        of(&own.replace("\"pypi\"", "\"extra\"")),
        None,
        "it is asked beside the public one"
    );
    assert_eq!(of("[project]\nname = \"a\"\n"), None);
}

/// A file of settings is for many lockfiles.
#[test]
fn each_file_is_read_once() {
    struct Counted(MapFiles, std::sync::atomic::AtomicUsize);
    impl Files for Counted {
        fn read(&self, path: &FilePath) -> Result<Option<String>, crate::files::FilesError> {
            self.1.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            self.0.read(path)
        }
        fn list(
            &self,
            folder: &FilePath,
        ) -> Result<Vec<crate::files::Listed>, crate::files::FilesError> {
            self.0.list(folder)
        }
    }
    let npmrc = (".npmrc", "@a:registry=https://corp.example\n");
    let files = Counted(MapFiles::new([npmrc]), 0.into());
    let hosts = hosts();
    let mut reader = SettingsReader::new(&files, &hosts);
    let name = PackageName::new(Ecosystem::Npm, "@a/b".into());
    for number in 0..10 {
        let lockfile = FilePath::new(&format!("p{number}/pnpm-lock.yaml")).expect("a path");
        let named = reader.of(&lockfile, FormatId("pnpm-lock"));
        assert_eq!(named.host(&name), Some(Host::Private));
    }
    // Two kinds of file, in ten folders and the root.
    assert_eq!(files.1.into_inner(), 22);
}

#[test]
fn the_settings_of_every_tool_of_npm_are_read() {
    for format in crate::lockfile::LOCKFILE_FORMATS {
        let is_read = !files_of(format.id()).is_empty();
        let expected = format.ecosystem() == Ecosystem::Npm || format.id().0 == "pdm-lock";
        assert_eq!(is_read, expected, "{}", format.id().0);
    }
}

/// npm asks the registry that is configured in the place of the one that its lockfiles name.
#[test]
fn the_default_registry_of_a_lockfile_of_npm_is_the_configured_one() {
    let text = "registry=https://corp.example\n@a:registry=https://other.example\n";
    let files = MapFiles::new([(".npmrc", text)]);
    let hosts = hosts();
    let mut reader = SettingsReader::new(&files, &hosts);
    let mut of = |(lockfile, format): (&str, &'static str), name: &str, stated: &[&'static str]| {
        let lockfile = FilePath::new(lockfile).expect("a path");
        let name = PackageName::new(Ecosystem::Npm, name.to_owned().into());
        let stated = stated.iter().map(|host| Cow::Borrowed(*host));
        reader
            .of(&lockfile, FormatId(format))
            .host_of(&name, stated)
    };
    let npm = "registry.npmjs.org";
    for (lockfile, name, stated, host) in [
        (NPM_LOCK, "x", &[npm][..], Some(Host::Private)),
        (NPM_LOCK, "@a/x", &[npm], Some(Host::Private)),
        (NPM_LOCK, "x", &["registry.yarnpkg.com"], None),
        (NPM_LOCK, "@a/x", &[], Some(Host::Unknown)),
        (YARN_1_LOCK, "x", &[npm], None),
        (PNPM_LOCK, "x", &[npm], None),
        (PNPM_LOCK, "x", &[], Some(Host::Private)),
    ] {
        assert_eq!(
            of(lockfile, name, stated),
            host,
            "{lockfile:?} {name} {stated:?}"
        );
    }
}
