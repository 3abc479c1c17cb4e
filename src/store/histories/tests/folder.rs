//! The folder of stored histories: who may write it, how many do at once, and what becomes of it when it is full.

use super::*;

fn store() -> (TempDir, HistoryStore) {
    let folder = tempfile::tempdir().expect("a throw-away folder");
    let path = Utf8PathBuf::from_path_buf(folder.path().join("histories")).expect("UTF-8");
    (folder, HistoryStore::at(path))
}

fn named(name: &str, owner: &str) -> ReleaseHistory {
    let mut history = ReleaseHistory::new(Ecosystem::Npm, name);
    history.releases.push(release("1.0.0", None));
    history.owners = Some([Account::named(owner)].into());
    history
}

fn write(store: &HistoryStore, history: &ReleaseHistory, observed: Timestamp) {
    let learned = Learned {
        history,
        observed,
        tag: None,
    };
    store.write(&[learned]).expect("a store to write to");
}

#[test]
fn what_is_written_is_read_by_its_ecosystem_and_name() {
    let (_folder, store) = store();
    assert_eq!(store.read(Ecosystem::Npm, "acme"), None);
    write(&store, &named("acme", "ann"), first());
    let read = store.read(Ecosystem::Npm, "acme").expect("a record");
    assert_eq!(read.history, named("acme", "ann"));
    assert_eq!(read.observed, first());
    assert_eq!(store.read(Ecosystem::Pypi, "acme"), None);
    assert_eq!(store.read(Ecosystem::Npm, "Acme"), None);
    // Names are no paths.
    for name in [
        "../../evil",
        "@a/b",
        "a\u{0}b",
        "",
        "x".repeat(5000).as_str(),
    ] {
        write(&store, &named(name, "ann"), first());
        assert!(store.read(Ecosystem::Npm, name).is_some(), "{name:?}");
    }
    assert_eq!(
        fs::read_dir(store.folder().parent().expect("a parent"))
            .expect("a folder")
            .count(),
        1
    );
}

#[test]
fn a_file_under_the_name_of_another_package_is_none() {
    let (_folder, store) = store();
    write(&store, &named("acme", "ann"), first());
    write(&store, &named("evil", "mallory"), first());
    let (acme, evil) = (
        store.path(Ecosystem::Npm, "acme"),
        store.path(Ecosystem::Npm, "evil"),
    );
    fs::copy(&evil, &acme).expect("a copy");
    assert_eq!(store.read(Ecosystem::Npm, "acme"), None);
}

#[test]
fn what_other_registries_tell_lies_elsewhere() {
    let (_folder, store) = store();
    let mirror = store.of_registry("https://mirror.example/");
    write(&mirror, &named("acme", "mallory"), first());
    assert_eq!(store.read(Ecosystem::Npm, "acme"), None);
    assert!(mirror.read(Ecosystem::Npm, "acme").is_some());
    assert_ne!(
        mirror.folder(),
        store.of_registry("https://other.example/").folder()
    );
}

#[test]
fn a_damaged_file_is_as_good_as_none_and_is_replaced() {
    let (_folder, store) = store();
    write(&store, &named("acme", "ann"), first());
    let path = store.path(Ecosystem::Npm, "acme");
    for bytes in [&b""[..], b"linchpin-history/2\n", b"nonsense"] {
        fs::write(&path, bytes).expect("a damaged file");
        assert_eq!(store.read(Ecosystem::Npm, "acme"), None);
        write(&store, &named("acme", "ann"), second());
        let read = store.read(Ecosystem::Npm, "acme").expect("a record");
        assert_eq!(read.observed, second());
    }
}

#[test]
fn runs_that_write_the_same_packages_at_once_lose_no_observation() {
    let (_folder, store) = store();
    let names: Vec<String> = (0..20).map(|number| format!("package-{number}")).collect();
    thread::scope(|scope| {
        for run in 0..4_i64 {
            let (store, names) = (&store, &names);
            scope.spawn(move || {
                for round in 0..5_i64 {
                    let owner = format!("owner-{run}-{round}");
                    let histories: Vec<ReleaseHistory> =
                        names.iter().map(|name| named(name, &owner)).collect();
                    let observed = Timestamp::from_second(run * 100 + round).expect("a time");
                    let learned = histories.iter().map(|history| Learned {
                        history,
                        observed,
                        tag: None,
                    });
                    let learned: Vec<Learned<'_>> = learned.collect();
                    store.write(&learned).expect("a store to write to");
                }
            });
        }
    });
    for name in &names {
        let record = store.read(Ecosystem::Npm, name).expect("a record");
        let mut seen: Vec<&str> = (record.owners.iter())
            .map(|since| since.owners[0].name.as_str())
            .collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 20, "{name}: {seen:?}");
    }
    let beside = store.files().into_iter().filter(|(_, _, path)| {
        path.file_name()
            .is_some_and(|name| name.starts_with(".new"))
    });
    assert_eq!(beside.count(), 0);
}

/// Says which of some packages are stored.
fn stored(store: &HistoryStore, names: &[&str]) -> Vec<bool> {
    let read = names.iter().map(|name| store.read(Ecosystem::Npm, name));
    read.map(|record| record.is_some()).collect()
}

#[test]
fn room_is_made_by_deleting_what_was_written_the_longest_ago() {
    let (_folder, store) = store();
    let names = ["old", "middle", "young", "new"];
    for (age, name) in names.iter().rev().enumerate() {
        write(&store, &named(name, "ann"), first());
        let file = File::options()
            .write(true)
            .open(store.path(Ecosystem::Npm, name));
        let hours = u64::try_from(age).expect("a small number");
        let time = SystemTime::now() - Duration::from_hours(hours);
        file.expect("a file").set_modified(time).expect("an age");
    }
    // What a killed run left behind takes room too.
    let left = store.path(Ecosystem::Npm, "old").with_file_name(".new-1-1");
    fs::write(&left, [0; 100]).expect("a file left behind");
    let killed = File::options().write(true).open(&left).expect("a file");
    killed.set_modified(SystemTime::UNIX_EPOCH).expect("an age");
    let all: u64 = store.files().iter().map(|(_, length, _)| length).sum();
    let one = (all - 100) / 4;
    assert_eq!(store.files().len(), 5);
    store.make_room(MUCH, all).expect("room");
    assert_eq!(stored(&store, &names), [true; 4], "there was room");
    assert!(left.exists());
    // Three quarters of what may be are left: half of the four.
    store.make_room(MUCH, 3 * one).expect("room");
    assert_eq!(stored(&store, &names), [false, false, true, true]);
    assert!(!left.exists());
}

#[test]
fn room_is_looked_for_once_a_day_or_after_much() {
    let (_folder, store) = store();
    write(&store, &named("acme", "ann"), first());
    store.make_room(1, 0).expect("it was looked for lately");
    assert_eq!(stored(&store, &["acme"]), [true]);
    store.make_room(MUCH, 0).expect("room");
    assert_eq!(stored(&store, &["acme"]), [false]);
}

#[test]
fn a_store_that_cannot_be_written_is_an_error_and_no_panic() {
    let (folder, store) = store();
    fs::write(folder.path().join("histories"), "a file").expect("a file in the way");
    let history = named("acme", "ann");
    let learned = Learned {
        history: &history,
        observed: first(),
        tag: None,
    };
    assert!(store.write(&[learned]).is_err());
    assert_eq!(store.read(Ecosystem::Npm, "acme"), None);
    store.write(&[]).expect("nothing to write");
}

#[cfg(unix)]
fn set_mode(path: &Utf8Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("a mode");
}

#[cfg(unix)]
#[test]
fn a_folder_that_others_may_write_is_refused() {
    let (_folder, store) = store();
    store.check().expect("nothing is there yet");
    write(&store, &named("acme", "ann"), first());
    store.check().expect("it is the user's own");
    for mode in [0o775, 0o757, 0o777] {
        set_mode(store.folder(), mode);
        assert!(
            matches!(store.check(), Err(StoreError::NotOurs { .. })),
            "{mode:o}"
        );
        let history = named("acme", "mallory");
        let learned = Learned {
            history: &history,
            observed: second(),
            tag: None,
        };
        assert!(matches!(
            store.write(&[learned]),
            Err(StoreError::NotOurs { .. })
        ));
    }
    set_mode(store.folder(), 0o755);
    let read = store.read(Ecosystem::Npm, "acme").expect("a record");
    assert_eq!(read.observed, first());
}

#[cfg(unix)]
#[test]
fn a_file_that_others_may_write_is_passed_over() {
    let (_folder, store) = store();
    write(&store, &named("acme", "ann"), first());
    let path = store.path(Ecosystem::Npm, "acme");
    for mode in [0o664, 0o646, 0o666] {
        set_mode(&path, mode);
        assert_eq!(store.read(Ecosystem::Npm, "acme"), None, "{mode:o}");
    }
    // It is replaced by one that only its owner may write, without what it said.
    write(&store, &named("acme", "bob"), second());
    let record = store.read(Ecosystem::Npm, "acme").expect("a record");
    assert_eq!(record.owners.len(), 1);
}
