//! Release histories of 1,500 packages: fetched from a registry on this machine, and from the store.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::Outcome;
use crate::generate;
use crate::measure::{Bar, measure, measure_beside, say, tell};
use crate::process::{Home, LINCHPIN};

/// Packages of the lockfile.
const PACKAGES: usize = 1_500;

/// Releases of each: the mean of 1,230 real packages of npm.
const RELEASES: usize = 26;

/// The bar of a run that fetches all of them.
const COLD_MILLISECONDS: f64 = 3_000.0;

/// The bar of what a run takes longer than an audit without histories, once they are stored.
const WARM_MILLISECONDS: f64 = 60.0;

/// Runs the group.
pub(crate) fn run() -> Outcome {
    let home = Home::new()?;
    let folder = home.folder("project")?;
    let project = generate::npm(PACKAGES, 1)?;
    fs::write(folder.join(project.lockfile_name), &project.lockfile)?;
    fs::write(folder.join(project.manifest_name), &project.manifest)?;
    fs::write(folder.join("linchpin.toml"), "[db]\nrefresh = \"never\"\n")?;
    let address = serve(locked(&project.lockfile)?)?;
    say(&format!(
        "  package-lock.json of {PACKAGES} packages, {RELEASES} releases each"
    ));
    let caches = AtomicUsize::new(0);
    let cold = || {
        let cache = home.folder(&format!("cache-{}", caches.fetch_add(1, Ordering::Relaxed)));
        audit(&home, &folder, &address, &cache?).status()
    };
    tell(
        "audit that fetches all histories",
        measure(5, cold),
        Bar::Milliseconds(COLD_MILLISECONDS),
    );
    let cache = home.folder("cache")?;
    audit(&home, &folder, &address, &cache).status()?;
    let nothing = home.folder("nothing")?;
    let warm = || audit(&home, &folder, &address, &cache).status();
    let bare = || {
        audit(&home, &folder, &address, &nothing)
            .arg("--offline")
            .status()
    };
    let (work, floor) = measure_beside(40, warm, bare);
    tell(
        "audit with all histories stored",
        work,
        Bar::Beyond(WARM_MILLISECONDS, floor),
    );
    tell("  floor: audit without histories", floor, Bar::Nothing);
    Ok(())
}

fn audit(home: &Home, folder: &Path, address: &str, cache: &Path) -> Command {
    let mut command = home.command(LINCHPIN);
    command
        .arg("audit")
        .arg(folder)
        .env("LINCHPIN_REGISTRY_NPM", address)
        .env("LINCHPIN_CACHE_DIR", cache);
    command
}

/// The versions that the lockfile holds, by name.
type Locked = HashMap<String, Vec<String>>;

fn locked(lockfile: &str) -> serde_json::Result<Locked> {
    let lockfile: serde_json::Value = serde_json::from_str(lockfile)?;
    let mut locked = Locked::new();
    for (key, record) in lockfile["packages"].as_object().into_iter().flatten() {
        let name = key.rsplit("node_modules/").next().unwrap_or_default();
        if let Some(version) = record["version"].as_str() {
            let versions = locked.entry(name.to_owned()).or_default();
            versions.push(version.to_owned());
        }
    }
    Ok(locked)
}

/// Starts a registry that knows every package: what is locked, and the same history before it.
fn serve(locked: Locked) -> io::Result<String> {
    let locked = Arc::new(locked);
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let address = format!("http://{}/", listener.local_addr()?);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let locked = Arc::clone(&locked);
            thread::spawn(move || drop(answer(&stream, &locked)));
        }
    });
    Ok(address)
}

/// Answers one question after the other on a connection.
fn answer(mut stream: &TcpStream, locked: &Locked) -> io::Result<()> {
    let mut reader = BufReader::new(stream);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
        while reader.read_line(&mut line)? > 2 {}
        let name = path.trim_start_matches('/').replace("%2F", "/");
        let locked = locked.get(&name).map_or(&[][..], Vec::as_slice);
        let versions = versions(locked).map_err(io::Error::other)?;
        let body = format!("{{\"name\":\"{name}\",\"dist-tags\":{{}},{versions}}}");
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(&[head.as_bytes(), body.as_bytes()].concat())?;
    }
}

/// Writes versions as the registry does, fields that nobody reads included.
fn versions(locked: &[String]) -> Result<String, std::fmt::Error> {
    let (mut records, mut times) = (String::new(), String::new());
    let before = (locked.len()..RELEASES).map(|minor| format!("0.{minor}.0"));
    for (place, version) in before.chain(locked.iter().cloned()).enumerate() {
        let comma = if place == 0 { "" } else { "," };
        write!(
            records,
            "{comma}\"{version}\":{{\"name\":\"a\",\"version\":\"{version}\",\"description\":\"{}\",\"gitHead\":\"0123456789abcdef0123456789abcdef01234567\",\"scripts\":{{\"test\":\"node test\"}},\"dependencies\":{{\"left\":\"^1.0.0\",\"right\":\"^2.0.0\"}},\"_npmUser\":{{\"name\":\"ann\",\"email\":\"ann@a.example\"}},\"maintainers\":[{{\"name\":\"ann\",\"email\":\"ann@a.example\"}}],\"dist\":{{\"integrity\":\"sha512-{place}\",\"unpackedSize\":{place}}}}}",
            "x".repeat(400)
        )?;
        write!(
            times,
            "{comma}\"{version}\":\"2024-01-{:02}T00:00:00.000Z\"",
            place % 28 + 1
        )?;
    }
    Ok(format!("\"versions\":{{{records}}},\"time\":{{{times}}}"))
}
