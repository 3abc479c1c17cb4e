//! The advisory index: compiling it, looking packages up, and what it adds to a whole audit.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};
use jiff::Timestamp;
use linchpin::advisory::index::compile::Compiler;
use linchpin::advisory::index::{Index, ReadAt};
use linchpin::advisory::osv;
use linchpin::package::Ecosystem;
use linchpin::store::records::{self, sources};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::Outcome;
use crate::generate::Numbers;
use crate::measure::{Bar, measure, say, tell};
use crate::memory::{Limit, tell_peak};
use crate::process::{Home, LINCHPIN};
use crate::shared;

/// Records of the synthetic feed.
const RECORDS: usize = 280_000;

/// Packages that are looked up.
const PACKAGES: usize = 1_500;

/// The bar of compiling the synthetic feed.
const COMPILE_MILLISECONDS: f64 = 10_000.0;

/// The bar of looking packages up, opening the index included.
const LOOK_UP_MILLISECONDS: f64 = 3.0;

/// The bar of a delta of 2,000 records.
const DELTA_MILLISECONDS: f64 = 1_000.0;

/// The bar of the peak memory of compiling, in MiB.
const IMPORT_MEBIBYTES: u32 = 300;

/// Records of a delta.
const DELTA: usize = 2_000;

const RUNS: usize = 5;

/// Runs the group.
pub(crate) fn run() -> Outcome {
    if let Some(folder) = shared::folder("advisories", "compiling real advisories") {
        import_real(&folder)?;
        compile_real(&Utf8PathBuf::try_from(folder)?)?;
    }
    let records: Vec<String> = (0..RECORDS).map(|number| record(number, 1)).collect();
    let now = Timestamp::now();
    tell(
        &format!("compiling {RECORDS} synthetic records"),
        measure(RUNS, || compile(&records, now)),
        Bar::Milliseconds(COMPILE_MILLISECONDS),
    );
    let bytes = written(&compile(&records, now))?;
    say(&format!("  an index of {} MB", bytes.len() / 1_000_000));
    look_up(&bytes);
    delta(&bytes, now);
    import_synthetic(&records)
}

/// Imports every record of the test data by the whole program.
fn import_real(folder: &Path) -> Outcome {
    let home = Home::new()?;
    let import = import(&home, folder);
    tell_peak(
        "db import of the real records",
        &import,
        Limit::Mebibytes(IMPORT_MEBIBYTES),
    );
    Ok(())
}

/// Imports the synthetic feed by the whole program, from an archive as OSV publishes it.
fn import_synthetic(records: &[String]) -> Outcome {
    let home = Home::new()?;
    let folder = home.folder("npm")?;
    let mut archive = ZipWriter::new(File::create(folder.join("all.zip"))?);
    for (number, record) in records.iter().enumerate() {
        archive.start_file(format!("{number}.json"), SimpleFileOptions::default())?;
        archive.write_all(record.as_bytes())?;
    }
    archive.finish()?;
    let what = format!("db import of {RECORDS} synthetic records");
    let import = import(&home, &folder);
    tell_peak(&what, &import, Limit::Mebibytes(IMPORT_MEBIBYTES));
    Ok(())
}

fn import(home: &Home, folder: &Path) -> Command {
    let mut command = home.command(LINCHPIN);
    command.args(["db", "import"]).arg(folder);
    command
}

/// Compiles every record of the test data from its archives.
fn compile_real(folder: &Utf8Path) -> Outcome {
    let sources = sources(folder, None)?;
    let now = Timestamp::now();
    let mut counted = 0;
    let timing = measure(RUNS, || {
        counted = 0;
        for source in &sources {
            let mut compiler = Compiler::new(source.ecosystem, now);
            let mut take = |_: &str, bytes: &[u8]| {
                if let Ok(advisory) = osv::read(bytes, source.ecosystem) {
                    compiler.add(&advisory);
                }
            };
            // A source that cannot be read is a bench of nothing, and counts nothing.
            if records::for_each(source, &mut take).is_ok() {
                counted += compiler.records();
            }
        }
    });
    tell(
        &format!("compiling {counted} real records from archives"),
        timing,
        Bar::Nothing,
    );
    Ok(())
}

fn compile(records: &[String], now: Timestamp) -> Compiler {
    let mut compiler = Compiler::new(Ecosystem::Npm, now);
    for record in records {
        if let Ok(advisory) = osv::read(record.as_bytes(), Ecosystem::Npm) {
            compiler.add(&advisory);
        }
    }
    compiler
}

fn written(compiler: &Compiler) -> Result<Vec<u8>, std::io::Error> {
    let mut bytes = Vec::new();
    compiler.write(&mut bytes)?;
    Ok(bytes)
}

/// Half of the packages have advisories, far more than real ones do.
fn look_up(bytes: &[u8]) {
    let mut numbers = Numbers::new(11);
    let names: Vec<String> = (0..PACKAGES)
        .map(|number| match number % 2 {
            0 => name(numbers.below(RECORDS)),
            _ => format!("an-honest-package-{number}"),
        })
        .collect();
    let mut found = 0;
    let timing = measure(RUNS * 10, || {
        let index = Index::open(bytes, Ecosystem::Npm).ok()?;
        found = names
            .iter()
            .filter_map(|name| index.look_up(name).ok())
            .map(|records| records.len())
            .sum();
        index.reader().size().ok()
    });
    tell(
        &format!("opening it and looking {PACKAGES} packages up, {found} records"),
        timing,
        Bar::Milliseconds(LOOK_UP_MILLISECONDS),
    );
}

fn delta(bytes: &[u8], now: Timestamp) {
    let changed: Vec<String> = (0..DELTA).map(|number| record(number * 100, 2)).collect();
    let timing = measure(RUNS, || {
        let index = Index::open(bytes, Ecosystem::Npm).ok()?;
        let advisories: Vec<osv::OsvAdvisory> = changed
            .iter()
            .filter_map(|record| osv::read(record.as_bytes(), Ecosystem::Npm).ok())
            .collect();
        let ids = advisories
            .iter()
            .map(|advisory| advisory.id.clone())
            .collect();
        let mut compiler = Compiler::with(&index, &ids, now).ok()?;
        for advisory in &advisories {
            compiler.add(advisory);
        }
        written(&compiler).ok()
    });
    tell(
        &format!("merging a delta of {DELTA} records"),
        timing,
        Bar::Milliseconds(DELTA_MILLISECONDS),
    );
}

fn name(number: usize) -> String {
    format!("package-{number:06}")
}

/// A record as most of npm's are: a malicious package.
fn record(number: usize, month: usize) -> String {
    format!(
        r#"{{"schema_version":"1.7.0","id":"MAL-2026-{number}","modified":"2026-{month:02}-01T00:00:00Z","published":"2026-01-01T00:00:00Z","summary":"Malicious code in {name} (npm)","details":"The package {name} communicates with a domain associated with malicious activity.","affected":[{{"package":{{"ecosystem":"npm","name":"{name}"}},"ranges":[{{"type":"SEMVER","events":[{{"introduced":"0"}}]}}]}}],"references":[{{"type":"WEB","url":"https://example.org/{number}"}}]}}"#,
        name = name(number)
    )
}
