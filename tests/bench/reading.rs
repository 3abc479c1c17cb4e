//! Reading: the largest lockfile of each format against the bare parse of its syntax by the same parser.
//!
//! JSON's floor borrows the strings that any reader of the file needs, which is less than the document that
//! TOML's floor is; YAML's skips over everything. What the parser of JSON needs for a document, and for skipping
//! over everything, stands beside them without a bar.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::fs;
use std::marker::PhantomData;

use linchpin::files::MapFiles;
use linchpin::lockfile::{self, Limits, Lockfile, SourceFile};
use linchpin::path::FilePath;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use toml::de::DeTable;

use crate::Outcome;
use crate::generate::GENERATORS;
use crate::measure::{Bar, measure, measure_beside, say, tell};
use crate::shared;

/// How many packages the generated lockfiles hold.
pub(crate) const PACKAGES: usize = 20_000;

/// The bar: so many times the time of parsing the syntax alone.
const TIMES: f64 = 2.0;

const RUNS: usize = 15;

/// Real files are a tenth of the size, so that more runs fit.
const RUNS_OF_REAL: usize = 60;

/// Runs the group.
pub(crate) fn run() -> Outcome {
    for generate in GENERATORS {
        let project = generate(PACKAGES, 1)?;
        let manifest = (project.manifest_name, project.manifest.as_str());
        let name = project.lockfile_name;
        bench("generated", name, &project.lockfile, Some(manifest), RUNS)?;
    }
    let Some(corpus) = shared::corpus("reading of the largest real lockfiles") else {
        return Ok(());
    };
    let largest = [
        "Cargo.lock",
        "package-lock.json",
        "pnpm-lock.yaml",
        "uv.lock",
        "yarn.lock",
        "bun.lock",
        "deno.lock",
        "poetry.lock",
        "pdm.lock",
    ]
    .map(|name| (name, shared::largest(&corpus, name)));
    let deno = ("Cargo.lock", Some(corpus.join("denoland__deno/Cargo.lock")));
    for (name, path) in largest.into_iter().chain([deno]) {
        let Some(path) = path else {
            continue;
        };
        let shown = path
            .strip_prefix(&corpus)
            .unwrap_or(&path)
            .display()
            .to_string();
        bench(
            &shown,
            name,
            &fs::read_to_string(&path)?,
            None,
            RUNS_OF_REAL,
        )?;
    }
    Ok(())
}

/// Measures one file.
fn bench(
    origin: &str,
    name: &str,
    text: &str,
    manifest: Option<(&str, &str)>,
    runs: usize,
) -> Outcome {
    let path = FilePath::new(name).ok_or("a file name is a path")?;
    let file = SourceFile::new(path, text.to_owned());
    let files = MapFiles::new(manifest);
    let read = read(&file, &files)?;
    say(&format!(
        "  {name} ({origin}): {} packages, {} dependencies, {:.1} MB",
        read.recorded(),
        read.dependencies.len(),
        f64::from(u32::try_from(text.len()).unwrap_or(u32::MAX)) / 1e6
    ));
    match name {
        "pnpm-lock.yaml" => beside_yaml(&file, &files, runs),
        "yarn.lock" if text.contains("__metadata:") => beside_yaml(&file, &files, runs),
        "yarn.lock" | "requirements.txt" => beside_lines(&file, &files, runs),
        "Pipfile.lock" => beside_json::<Pipfile<'_>>(&file, text, &files, runs),
        "package-lock.json" => beside_json::<Document<'_>>(&file, text, &files, runs),
        "deno.lock" => beside_json::<DenoDocument<'_>>(&file, text, &files, runs),
        "bun.lock" => beside_json::<BunDocument<'_>>(&file, &without_commas(text), &files, runs),
        _ => beside_toml(&file, &files, runs),
    }
    Ok(())
}

/// Takes the commas before brackets out, which JSON does not know; Bun's own files have no other oddity.
fn without_commas(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut parts = text.split(',').peekable();
    while let Some(part) = parts.next() {
        plain.push_str(part);
        let next = parts.peek().map(|next| next.trim_start());
        if next.is_some_and(|next| !next.starts_with(['}', ']'])) {
            plain.push(',');
        }
    }
    plain
}

/// `text` is the file as plain JSON.
fn beside_json<'t, D: Deserialize<'t>>(
    file: &SourceFile,
    text: &'t str,
    files: &MapFiles,
    runs: usize,
) {
    let (work, floor) = measure_beside(
        runs,
        || read(file, files).is_ok(),
        || serde_json::from_str::<D>(text).is_ok(),
    );
    tell("  linchpin", work, Bar::Times(TIMES, floor));
    tell(
        "    floor: serde_json, strings borrowed",
        floor,
        Bar::Nothing,
    );
    let document = measure(runs, || serde_json::from_str::<Value>(text).is_ok());
    tell("    serde_json, the document", document, Bar::Nothing);
    let skip = measure(runs, || serde_json::from_str::<IgnoredAny>(text).is_ok());
    tell("    serde_json, all skipped", skip, Bar::Nothing);
}

fn beside_yaml(file: &SourceFile, files: &MapFiles, runs: usize) {
    let text = file.text();
    let (work, floor) = measure_beside(
        runs,
        || read(file, files).is_ok(),
        || skip_yaml(text).is_ok(),
    );
    tell("  linchpin", work, Bar::Times(TIMES, floor));
    tell("    floor: serde-saphyr, all skipped", floor, Bar::Nothing);
}

/// Reads every document of a YAML file and keeps nothing.
fn skip_yaml(text: &str) -> Result<usize, serde_saphyr::Error> {
    let mut options = serde_saphyr::Options::default();
    options.budget = None;
    serde_saphyr::from_multiple_with_options::<IgnoredAny>(text, options)
        .map(|documents| documents.len())
}

fn beside_toml(file: &SourceFile, files: &MapFiles, runs: usize) {
    let text = file.text();
    let (work, floor) = measure_beside(
        runs,
        || read(file, files).is_ok(),
        || DeTable::parse(text).is_ok(),
    );
    tell("  linchpin", work, Bar::Times(TIMES, floor));
    tell("    floor: toml, the document", floor, Bar::Nothing);
    if file.path().file_name() == "Cargo.lock" {
        // The scanner is linchpin's own; this is the least that any scanner of lines does.
        let lines = measure(runs, || text.lines().map(str::trim_end).map(str::len).max());
        tell("    every line looked at", lines, Bar::Nothing);
    }
}

/// No other program parses the syntax of Yarn 1; the least is to look at every line.
fn beside_lines(file: &SourceFile, files: &MapFiles, runs: usize) {
    let text = file.text();
    let (work, floor) = measure_beside(
        runs,
        || read(file, files).is_ok(),
        || {
            text.lines()
                .map(str::trim_end)
                .map(str::len)
                .max()
                .is_some()
        },
    );
    tell("  linchpin", work, Bar::Nothing);
    tell("    every line looked at", floor, Bar::Nothing);
}

/// Reads a lockfile by its name.
pub(crate) fn read<'a>(
    file: &'a SourceFile,
    files: &MapFiles,
) -> Result<Lockfile<'a>, Box<dyn Error>> {
    let format = lockfile::detect(file).ok_or("no lockfile's name")?;
    lockfile::parse(format, file, files, &Limits::default())
        .map_err(|problem| problem.message.as_str().into())
}

/// What any reader of a package-lock.json has to take up; a tree of objects in the order of the file.
#[derive(Deserialize)]
struct Document<'a> {
    #[serde(borrow)]
    #[expect(dead_code, reason = "it is parsed for the time that it takes")]
    packages: Pairs<'a, Record<'a>>,
}

/// A package of [`Document`].
#[derive(Deserialize)]
#[expect(dead_code, reason = "it is parsed for the time that it takes")]
struct Record<'a> {
    #[serde(borrow)]
    version: Option<Text<'a>>,
    #[serde(borrow)]
    resolved: Option<Text<'a>>,
    #[serde(borrow)]
    integrity: Option<Text<'a>>,
    #[serde(default, borrow)]
    dependencies: Pairs<'a, Text<'a>>,
}

/// What any reader of a bun.lock has to take up.
#[derive(Deserialize)]
struct BunDocument<'a> {
    #[serde(borrow)]
    #[expect(dead_code, reason = "it is parsed for the time that it takes")]
    packages: Pairs<'a, Vec<BunElement<'a>>>,
}

/// An element of a tuple.
#[expect(dead_code, reason = "it is parsed for the time that it takes")]
enum BunElement<'a> {
    Text(Cow<'a, str>),
    Record(BunRecord<'a>),
}

/// What a tuple says about its package.
#[derive(Deserialize)]
#[expect(dead_code, reason = "it is parsed for the time that it takes")]
struct BunRecord<'a> {
    #[serde(default, borrow)]
    dependencies: Pairs<'a, Text<'a>>,
}

impl<'de: 'a, 'a> Deserialize<'de> for BunElement<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(BunElementVisitor)
    }
}

/// Tells texts from objects.
struct BunElementVisitor;

impl<'de> Visitor<'de> for BunElementVisitor {
    type Value = BunElement<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a text or an object")
    }

    fn visit_borrowed_str<E: serde::de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(BunElement::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(BunElement::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        let record = serde::de::value::MapAccessDeserializer::new(map);
        BunRecord::deserialize(record).map(BunElement::Record)
    }
}

/// What any reader of a deno.lock has to take up.
#[derive(Deserialize)]
struct DenoDocument<'a> {
    #[serde(borrow)]
    #[expect(dead_code, reason = "it is parsed for the time that it takes")]
    npm: Pairs<'a, DenoRecord<'a>>,
}

/// A package of [`DenoDocument`].
#[derive(Deserialize)]
#[expect(dead_code, reason = "it is parsed for the time that it takes")]
struct DenoRecord<'a> {
    #[serde(borrow)]
    integrity: Option<Text<'a>>,
    #[serde(default, borrow)]
    dependencies: Vec<Text<'a>>,
}

/// What any reader of a Pipfile.lock has to take up.
#[derive(Deserialize)]
#[expect(dead_code, reason = "it is parsed for the time that it takes")]
struct Pipfile<'a> {
    #[serde(borrow)]
    default: Pairs<'a, Locked<'a>>,
    #[serde(borrow)]
    develop: Pairs<'a, Locked<'a>>,
}

/// A package of [`Pipfile`].
#[derive(Deserialize)]
#[expect(dead_code, reason = "it is parsed for the time that it takes")]
struct Locked<'a> {
    #[serde(borrow)]
    version: Option<Text<'a>>,
    #[serde(borrow)]
    markers: Option<Text<'a>>,
    #[serde(borrow)]
    hashes: Vec<Text<'a>>,
}

/// A string, borrowed unless it holds an escape.
#[derive(Deserialize)]
#[expect(dead_code, reason = "it is parsed for the time that it takes")]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// An object as pairs.
#[expect(dead_code, reason = "it is parsed for the time that it takes")]
struct Pairs<'a, V>(Vec<(Text<'a>, V)>);

impl<V> Default for Pairs<'_, V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de: 'a, 'a, V: Deserialize<'de>> Deserialize<'de> for Pairs<'a, V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(PairsVisitor(PhantomData))
    }
}

/// Collects an object's pairs.
struct PairsVisitor<V>(PhantomData<V>);

impl<'de, V: Deserialize<'de>> Visitor<'de> for PairsVisitor<V> {
    type Value = Pairs<'de, V>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = map.next_entry()? {
            pairs.push(pair);
        }
        Ok(Pairs(pairs))
    }
}
