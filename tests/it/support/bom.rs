//! Bills of materials: as a program reads them, and the published schema that they are held to.

use std::fs;
use std::path::{Path, PathBuf};

use jsonschema::{Registry, RegistryBuilder, Resource, Validator};
use serde_json::Value;

use super::sandbox::{NOW, Output, Sandbox};
use super::shared::say_skipped;

/// What names the folder of the published schemas.
const SCHEMAS: &str = "LINCHPIN_CYCLONEDX_SCHEMAS";

/// Where the schemas say that they are published.
const PUBLISHED: &str = "http://cyclonedx.org/schema/";

/// A bill of materials.
pub(crate) struct Bom {
    pub(crate) json: Value,
    pub(crate) output: Output,
}

impl Bom {
    /// Writes one at the fixed time.
    pub(crate) fn of(sandbox: &Sandbox, arguments: &[&str]) -> Self {
        let fixed = ["graph", "--format", "cyclonedx", "--as-of", NOW];
        let output = sandbox.run(&[&fixed, arguments].concat());
        let json = serde_json::from_str(&output.stdout)
            .unwrap_or_else(|error| panic!("no bill of materials: {error}\n{output}"));
        Self { json, output }
    }

    /// Lists the components beside the root.
    pub(crate) fn components(&self) -> &[Value] {
        items(&self.json["components"])
    }

    /// Returns the only component of a name.
    pub(crate) fn component(&self, name: &str) -> &Value {
        let named = |component: &&Value| component["name"] == name;
        let mut found = self.components().iter().filter(named);
        let first = found
            .next()
            .unwrap_or_else(|| panic!("no {name}: {}", self.output));
        assert!(found.next().is_none(), "one {name}: {}", self.output);
        first
    }

    /// Lists what a component depends on, by its reference.
    pub(crate) fn dependencies(&self, bom_ref: &str) -> Vec<&str> {
        let mut all = items(&self.json["dependencies"]).iter();
        let own = all.find(|dependency| dependency["ref"] == bom_ref);
        texts(&own.unwrap_or_else(|| panic!("no {bom_ref}"))["dependsOn"])
    }

    /// Lists how complete the whole, the dependencies of packages and the vulnerabilities are, in this order.
    pub(crate) fn aggregates(&self) -> Vec<&str> {
        let compositions = items(&self.json["compositions"]).iter();
        compositions
            .map(|composition| text(&composition["aggregate"]))
            .collect()
    }

    /// Lists the vulnerabilities.
    pub(crate) fn vulnerabilities(&self) -> &[Value] {
        items(&self.json["vulnerabilities"])
    }
}

/// Returns the items of a list.
pub(crate) fn items(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

/// Returns a text.
pub(crate) fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

/// Returns the texts of a list.
pub(crate) fn texts(value: &Value) -> Vec<&str> {
    items(value).iter().map(text).collect()
}

/// Lists the values of a property.
pub(crate) fn properties<'v>(of: &'v Value, name: &str) -> Vec<&'v str> {
    let properties = of["properties"].as_array().into_iter().flatten();
    let named = properties.filter(|property| property["name"] == name);
    named.map(|property| text(&property["value"])).collect()
}

/// Reads the published schema; without it the test is skipped with a visible line.
pub(crate) fn published_schema() -> Option<Validator> {
    let Some(folder) = std::env::var_os(SCHEMAS) else {
        say_skipped(&format!(
            "{SCHEMAS} does not name a folder with the schemas of CycloneDX"
        ));
        return None;
    };
    let schemas = schemas(&PathBuf::from(folder));
    let main = schemas
        .iter()
        .find(|(name, _)| name.starts_with("bom-1.6."))
        .unwrap_or_else(|| panic!("{SCHEMAS} holds bom-1.6.*schema.json"));
    let resources = schemas.iter().map(|(name, schema)| {
        let resource = Resource::from_contents(schema.clone());
        (format!("{PUBLISHED}{name}"), resource)
    });
    let registry = Registry::new()
        .extend(resources)
        .and_then(RegistryBuilder::prepare)
        .expect("schemas that know each other");
    let options = jsonschema::options().should_validate_formats(true);
    let options = options.with_registry(&registry);
    Some(options.build(&main.1).expect("a schema"))
}

/// Reads every schema of a folder, with its file's name, by which the others refer to it.
fn schemas(folder: &Path) -> Vec<(String, Value)> {
    let files = fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{SCHEMAS} names {}: {error}", folder.display()));
    let names = files.map(|file| file.expect("a file").file_name());
    let names = names.map(|name| name.to_string_lossy().into_owned());
    let schemas = names.filter(|name| name.ends_with(".schema.json"));
    schemas
        .map(|name| {
            let text = fs::read_to_string(folder.join(&name)).expect("a schema");
            let schema = serde_json::from_str(&text).expect("a schema is JSON");
            (name, schema)
        })
        .collect()
}

/// Holds a document to a schema.
pub(crate) fn satisfies(schema: &Validator, bom: &Bom) {
    let errors = schema.iter_errors(&bom.json);
    let errors: Vec<String> = errors
        .map(|error| format!("{error} at {}", error.instance_path()))
        .collect();
    assert_eq!(errors, Vec::<String>::new(), "{}", bom.output);
}
