//! Registries on this machine that answer in the forms of the public ones.

use serde_json::{Map, Value, json};

use super::sandbox::Sandbox;
use super::server::{Answer, Server};

/// Registries of npm, `PyPI` and crates.io, on one server.
pub(crate) struct Registries {
    pub(crate) server: Server,
}

/// The full packument of a package of npm.
#[derive(Clone)]
pub(crate) struct Packument {
    pub(crate) json: Value,
}

impl Registries {
    /// Starts registries that know no package.
    pub(crate) fn start() -> Self {
        Self {
            server: Server::start(),
        }
    }

    /// Makes a sandbox that asks them, and no feed.
    pub(crate) fn sandbox(&self) -> Sandbox {
        let address = self.server.address();
        let at = |folder: &str| format!("{address}{folder}");
        Sandbox::new()
            .variable("LINCHPIN_REGISTRY_NPM", &at("npm"))
            .variable("LINCHPIN_REGISTRY_PYPI", &at("pypi"))
            .variable("LINCHPIN_REGISTRY_CRATES_INDEX", &at("index"))
            .variable("LINCHPIN_REGISTRY_CRATES_IO", &at("crates-io"))
    }

    /// Lets npm know a package.
    pub(crate) fn npm(&self, packument: &Packument) {
        let name = packument.json["name"].as_str().expect("a name");
        let path = format!("/npm/{}", name.replace('/', "%2F"));
        self.server.answer(&path, json_answer(&packument.json));
    }

    /// Lets `PyPI` know a project: files as the index lists them.
    pub(crate) fn pypi(&self, name: &str, files: &[Value]) {
        let index = json!({ "meta": { "api-version": "1.4" }, "name": name, "files": files, "project-status": { "status": "active" } });
        self.pypi_index(name, &index);
    }

    /// Lets `PyPI` answer with this index.
    pub(crate) fn pypi_index(&self, name: &str, index: &Value) {
        let path = format!("/pypi/simple/{name}/");
        self.server.answer(&path, json_answer(index));
    }

    /// Lets crates.io know a crate: the lines of its index, and the versions as the API tells them.
    pub(crate) fn crates_io(&self, name: &str, lines: &[Value], versions: &[Value]) {
        let path = match name.len() {
            1 => format!("/index/1/{name}"),
            2 => format!("/index/2/{name}"),
            3 => format!("/index/3/{}/{name}", &name[..1]),
            _ => format!("/index/{}/{}/{name}", &name[..2], &name[2..4]),
        };
        let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
        self.server
            .answer(&path, Answer::Bytes(lines.join("\n").into_bytes()));
        let api = format!("/crates-io/api/v1/crates/{name}");
        let page = json!({ "versions": versions, "meta": { "next_page": null } });
        self.server
            .answer(&format!("{api}/versions?per_page=100"), json_answer(&page));
        self.server.answer(
            &format!("{api}/owners"),
            json_answer(&json!({ "users": [] })),
        );
    }
}

fn json_answer(json: &Value) -> Answer {
    Answer::Bytes(json.to_string().into_bytes())
}

impl Packument {
    /// Makes one without releases.
    pub(crate) fn new(name: &str) -> Self {
        let json = json!({ "name": name, "versions": {}, "time": {}, "dist-tags": {}, "maintainers": [{ "name": "ann", "email": "ann@a.example" }] });
        Self { json }
    }

    /// Adds a release by ann, with whatever fields differ from an ordinary one.
    pub(crate) fn release(mut self, version: &str, time: &str, other: &Value) -> Self {
        let name = self.json["name"].clone();
        let mut record = json!({
            "name": name, "version": version, "gitHead": "0123456789abcdef0123456789abcdef01234567",
            "_npmUser": { "name": "ann", "email": "ann@a.example" },
            "maintainers": [{ "name": "ann", "email": "ann@a.example" }],
            "dist": { "integrity": format!("sha512-{version}"), "unpackedSize": 10_000 },
        });
        merge(&mut record, other);
        self.json["versions"][version] = record;
        self.json["time"][version] = time.into();
        self
    }

    /// Adds ordinary releases on the first of each month before November 2026, from the oldest on: so many, 1.0.0 to 1.N.0.
    pub(crate) fn routine(mut self, releases: usize, other: &Value) -> Self {
        for number in 0..releases {
            let months = releases - number;
            let (year, month) = (2026 - (months + 1) / 12, 12 - (months + 1) % 12);
            let time = format!("{year}-{month:02}-01T12:00:00.000Z");
            self = self.release(&format!("1.{number}.0"), &time, other);
        }
        self
    }
}

/// What a release from a trusted pipeline has beside the ordinary.
pub(crate) fn trusted() -> Value {
    json!({
        "_npmUser": { "name": "GitHub Actions", "email": "npm-oidc-no-reply@github.com", "trustedPublisher": { "id": "github", "oidcConfigId": "oidc:1" } },
        "dist": { "attestations": { "provenance": { "predicateType": "https://slsa.dev/provenance/v1" } } },
    })
}

/// Puts fields into a document; null takes one out.
fn merge(into: &mut Value, other: &Value) {
    let (Some(into), Some(other)) = (into.as_object_mut(), other.as_object()) else {
        return;
    };
    for (key, value) in other {
        if value.is_null() {
            into.remove(key);
        } else if value.is_object() {
            merge(into.entry(key).or_insert(Value::Object(Map::new())), value);
        } else {
            into.insert(key.clone(), value.clone());
        }
    }
}

/// Returns a package-lock.json of these packages, all of them direct.
pub(crate) fn npm_lock_of(packages: &[(&str, &str)]) -> String {
    let dependencies: Map<String, Value> = packages
        .iter()
        .map(|(name, version)| ((*name).to_owned(), format!("^{version}").into()))
        .collect();
    let mut all = Map::new();
    all.insert(
        String::new(),
        json!({ "name": "app", "dependencies": dependencies }),
    );
    for (name, version) in packages {
        let file = name.rsplit('/').next().expect("a name");
        all.insert(
            format!("node_modules/{name}"),
            json!({ "version": version, "resolved": format!("https://registry.npmjs.org/{name}/-/{file}-{version}.tgz"), "integrity": format!("sha512-{}", "A".repeat(86) + "==") }),
        );
    }
    json!({ "name": "app", "lockfileVersion": 3, "packages": all }).to_string()
}
