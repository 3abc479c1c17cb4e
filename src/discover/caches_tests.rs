use sha2::Digest as _;

use super::*;
use crate::discover::fixture::Tree;
use crate::graph::PackageId;

const PUBLIC: &str = "home/registry/cache/index.crates.io-1949cf8c6b5b557f/serde-1.0.0.crate";
const OLD_PUBLIC: &str = "home/registry/cache/github.com-1ecc6299db9ec823/serde-1.0.0.crate";
const OTHER: &str = "home/registry/cache/github.com-0123456789abcdef/serde-1.0.0.crate";
const PRIVATE: &str = "home/registry/cache/crates.example.org-0123456789abcdef/serde-1.0.0.crate";

fn caches(tree: &Tree) -> LocalCaches {
    LocalCaches {
        cargo_home: Some(tree.text_place("home")),
        npm_cache: Some(tree.text_place("npm")),
        ..LocalCaches::default()
    }
}

fn digest_of(bytes: &[u8]) -> Digest {
    Digest::new(Algorithm::Sha512, &Sha512::digest(bytes)).expect("64 bytes")
}

fn request(ecosystem: Ecosystem, name: &str, version: &str, host: Option<&str>) -> ArchiveRequest {
    ArchiveRequest {
        package: PackageId(0),
        ecosystem,
        name: name.to_owned(),
        version: version.to_owned(),
        registry_host: host.map(str::to_owned),
        digest: digest_of(b"archive"),
    }
}

fn found(tree: &Tree, request: &ArchiveRequest) -> Vec<String> {
    let prefix = format!("{}/", tree.root());
    let paths = caches(tree).find(request).into_iter();
    paths
        .map(|archive| {
            archive
                .path
                .as_str()
                .replace('\\', "/")
                .replacen(&prefix, "", 1)
        })
        .collect()
}

#[test]
fn crates_are_found_by_registry() {
    let tree = Tree::new(&[(PUBLIC, ""), (OLD_PUBLIC, ""), (OTHER, ""), (PRIVATE, "")]);
    let crates = |host| found(&tree, &request(Ecosystem::Cargo, "serde", "1.0.0", host));
    assert_eq!(crates(None), [OLD_PUBLIC, PUBLIC]);
    assert_eq!(crates(Some("crates.example.org")), [PRIVATE]);
    assert_eq!(crates(Some("github.com")), [OTHER]);
    assert_eq!(crates(Some("example.org")), Vec::<String>::new());
}

#[test]
fn npm_archives_are_found_by_digest() {
    let tree = Tree::new(&[]);
    let hex = digest_of(b"archive").hex();
    let path = format!(
        "npm/_cacache/content-v2/sha512/{}/{}/{}",
        &hex[..2],
        &hex[2..4],
        &hex[4..]
    );
    tree.write(&path, b"archive");
    let request = request(Ecosystem::Npm, "@scope/name", "1.0.0", None);
    assert_eq!(found(&tree, &request), [path]);
    let archive = &caches(&tree).find(&request)[0];
    assert_eq!(
        caches(&tree).digest(archive, Algorithm::Sha512),
        Ok(request.digest)
    );
}

#[test]
fn a_cache_that_is_not_there_holds_nothing() {
    let tree = Tree::new(&[]);
    for ecosystem in Ecosystem::ALL {
        let request = request(ecosystem, "serde", "1.0.0", None);
        assert_eq!(found(&tree, &request), Vec::<String>::new());
        assert_eq!(LocalCaches::default().find(&request), Vec::new());
    }
}

#[test]
fn names_and_versions_cannot_leave_the_cache() {
    let tree = Tree::new(&[(PUBLIC, ""), ("home/registry/cache/secret-1.0.0.crate", "")]);
    for (name, version) in [
        ("../secret", "1.0.0"),
        (r"..\secret", "1.0.0"),
        ("serde", "1.0.0/../../secret-1.0.0"),
        ("x/../serde", "1.0.0"),
        ("serde", "1.0.0\0"),
        ("serde", ".."),
        ("", "1.0.0"),
        ("serde", ""),
        ("C:serde", "1.0.0"),
    ] {
        let request = request(Ecosystem::Cargo, name, version, None);
        assert_eq!(
            found(&tree, &request),
            Vec::<String>::new(),
            "{name} {version}"
        );
    }
}

#[test]
fn a_flipped_byte_changes_the_digest() {
    let bytes = vec![7; 3 * BUFFER_BYTES + 1];
    let mut flipped = bytes.clone();
    flipped[2 * BUFFER_BYTES] ^= 1;
    let tree = Tree::new(&[]);
    tree.write("a", &bytes);
    tree.write("b", flipped);
    for algorithm in [Algorithm::Sha256, Algorithm::Sha384, Algorithm::Sha512] {
        let digest = |name: &str| {
            let path = tree.text_place(name).into_string().into();
            caches(&tree)
                .digest(&LocalArchive { path }, algorithm)
                .expect("a digest")
        };
        assert_ne!(digest("a"), digest("b"));
        assert_eq!(digest("a").algorithm(), algorithm);
    }
    let path = tree.text_place("a").into_string().into();
    let digest = caches(&tree).digest(&LocalArchive { path }, Algorithm::Sha512);
    assert_eq!(digest, Ok(digest_of(&bytes)));
}

#[test]
fn broken_algorithms_and_missing_files_are_errors() {
    let tree = Tree::new(&[]);
    let archive = LocalArchive {
        path: tree.text_place("gone").into_string().into(),
    };
    let caches = caches(&tree);
    assert_eq!(
        caches.digest(&archive, Algorithm::Sha1),
        Err(ArchiveError::Weak(Algorithm::Sha1))
    );
    assert!(matches!(
        caches.digest(&archive, Algorithm::Sha256),
        Err(ArchiveError::System(_))
    ));
}

#[cfg(unix)]
#[test]
fn links_and_pipes_are_found_but_not_hashed() {
    let tree = Tree::new(&[("real", "")]);
    tree.link(&tree.place("real"), PUBLIC);
    let request = request(Ecosystem::Cargo, "serde", "1.0.0", None);
    let archive = &caches(&tree).find(&request)[0];
    let refused = Err(ArchiveError::NotRegular);
    assert_eq!(caches(&tree).digest(archive, Algorithm::Sha256), refused);
    if tree.pipe("pipe") {
        let pipe = LocalArchive {
            path: tree.text_place("pipe").into_string().into(),
        };
        assert_eq!(caches(&tree).digest(&pipe, Algorithm::Sha256), refused);
    }
}

#[test]
fn caches_lie_where_the_environment_says() {
    let environment = |pairs: &'static [(&str, &str)]| {
        move |name: &str| {
            pairs
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        }
    };
    let set = LocalCaches::of_user(&environment(&[
        ("CARGO_HOME", "/c"),
        ("npm_config_cache", "/n"),
    ]));
    assert_eq!(set.cargo_home.as_deref(), Some(Utf8Path::new("/c")));
    assert_eq!(set.npm_cache.as_deref(), Some(Utf8Path::new("/n")));
    assert_eq!(
        LocalCaches::of_user(&environment(&[])),
        LocalCaches::default()
    );
}

#[cfg(not(windows))]
#[test]
fn caches_lie_below_the_home_folder_by_default() {
    let environment = |name: &str| match name {
        "HOME" => Some("/home/a".to_owned()),
        "CARGO_HOME" => Some(String::new()),
        _ => None,
    };
    let caches = LocalCaches::of_user(&environment);
    assert_eq!(
        caches.cargo_home.as_deref(),
        Some(Utf8Path::new("/home/a/.cargo"))
    );
    assert_eq!(
        caches.npm_cache.as_deref(),
        Some(Utf8Path::new("/home/a/.npm"))
    );
}
