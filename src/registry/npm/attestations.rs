//! The attestations of a release, as far as they say where it was built.

use serde::Deserialize;

use crate::registry::history::Pipeline;
use crate::registry::lenient::Text;

/// What the registry holds of a release's origin; only the statement is read, nothing is verified here.
#[derive(Deserialize)]
pub(super) struct Attestations<'d> {
    #[serde(borrow, default)]
    attestations: Vec<Attestation<'d>>,
}

#[derive(Deserialize)]
struct Attestation<'d> {
    #[serde(borrow, rename = "predicateType")]
    kind: Text<'d>,
    #[serde(borrow)]
    bundle: Bundle<'d>,
}

#[derive(Deserialize)]
struct Bundle<'d> {
    #[serde(borrow, rename = "dsseEnvelope")]
    envelope: Envelope<'d>,
}

#[derive(Deserialize)]
struct Envelope<'d> {
    #[serde(borrow)]
    payload: Text<'d>,
}

impl Attestations<'_> {
    /// Returns where the build ran, as its provenance says (SLSA v0.2 and v1).
    pub(super) fn pipeline(&self) -> Option<Pipeline> {
        use base64::Engine as _;
        let is_provenance =
            |one: &&Attestation<'_>| one.kind.as_str().contains("slsa.dev/provenance");
        let provenance = self.attestations.iter().find(is_provenance)?;
        let payload = provenance.bundle.envelope.payload.as_str();
        let statement = base64::engine::general_purpose::STANDARD
            .decode(payload)
            .ok()?;
        let statement: serde_json::Value = serde_json::from_slice(&statement).ok()?;
        let predicate = statement.get("predicate")?;
        let workflow = predicate.pointer("/buildDefinition/externalParameters/workflow");
        let text = |value: Option<&serde_json::Value>| Some(value?.as_str()?.to_owned());
        let older = predicate.pointer("/invocation/configSource");
        Some(Pipeline {
            repository: text(workflow.and_then(|one| one.get("repository")))
                .or_else(|| text(older.and_then(|one| one.get("uri")))),
            workflow: text(workflow.and_then(|one| one.get("path")))
                .or_else(|| text(older.and_then(|one| one.get("entryPoint")))),
            ..Pipeline::default()
        })
    }
}
