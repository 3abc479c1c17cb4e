//! What part a package plays in an AI stack: such packages hold the keys of providers, and are hijacked for them.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::Ecosystem;

/// One role a line: its id, then `ecosystem/name` for each package.
const ROLES: &str = include_str!("roles.txt");

/// Families of names that belong to a role, each by how its names begin.
const FAMILIES: &[(Ecosystem, &str, AiRole)] = &[
    (Ecosystem::Npm, "@ai-sdk/", AiRole::LlmSdk),
    (Ecosystem::Npm, "@langchain/", AiRole::AgentFramework),
    (Ecosystem::Npm, "@mastra/", AiRole::AgentFramework),
    (Ecosystem::Npm, "@modelcontextprotocol/", AiRole::Mcp),
    (Ecosystem::Pypi, "langchain-", AiRole::AgentFramework),
    (Ecosystem::Pypi, "llama-index-", AiRole::AgentFramework),
    (Ecosystem::Pypi, "mcp-server-", AiRole::Mcp),
    (Ecosystem::Cargo, "candle-", AiRole::InferenceRuntime),
    (Ecosystem::Cargo, "mistralrs-", AiRole::InferenceRuntime),
    (Ecosystem::Cargo, "rig-", AiRole::AgentFramework),
];

/// A part in an AI stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AiRole {
    /// Talks to a provider of models.
    LlmSdk,
    /// Drives models and tools.
    AgentFramework,
    /// Runs models.
    InferenceRuntime,
    /// Measures models.
    Evaluation,
    /// Stores embeddings.
    VectorDb,
    /// Trains models.
    Training,
    /// Speaks the Model Context Protocol.
    Mcp,
    /// Reads what models are fed with.
    DataLoading,
    /// Stands between programs and providers.
    Gateway,
    /// Cuts text into tokens.
    Tokenisation,
}

impl AiRole {
    const ALL: [Self; 10] = [
        Self::LlmSdk,
        Self::AgentFramework,
        Self::InferenceRuntime,
        Self::Evaluation,
        Self::VectorDb,
        Self::Training,
        Self::Mcp,
        Self::DataLoading,
        Self::Gateway,
        Self::Tokenisation,
    ];

    /// Returns its id.
    pub const fn id(self) -> &'static str {
        match self {
            Self::LlmSdk => "llm-sdk",
            Self::AgentFramework => "agent-framework",
            Self::InferenceRuntime => "inference-runtime",
            Self::Evaluation => "evaluation",
            Self::VectorDb => "vector-db",
            Self::Training => "training",
            Self::Mcp => "mcp",
            Self::DataLoading => "data-loading",
            Self::Gateway => "gateway",
            Self::Tokenisation => "tokenisation",
        }
    }

    /// Returns it in words, with an article.
    pub const fn words(self) -> &'static str {
        match self {
            Self::LlmSdk => "a client of AI providers",
            Self::AgentFramework => "a framework for agents",
            Self::InferenceRuntime => "a runtime for models",
            Self::Evaluation => "a tool to evaluate models",
            Self::VectorDb => "a vector database",
            Self::Training => "a tool to train models",
            Self::Mcp => "a part of the Model Context Protocol",
            Self::DataLoading => "a loader of data for models",
            Self::Gateway => "a gateway to AI providers",
            Self::Tokenisation => "a tokeniser",
        }
    }
}

static TABLE: LazyLock<FxHashMap<&'static str, AiRole>> = LazyLock::new(|| {
    let lines = ROLES.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        let id = words.next()?;
        let role = AiRole::ALL.into_iter().find(|role| role.id() == id)?;
        Some(words.map(move |package| (package, role)))
    });
    lines.flatten().collect()
});

/// Returns the role of a package, by its name as the registry compares it; else by the family that its name belongs to.
pub fn ai_role(ecosystem: Ecosystem, name: &str) -> Option<AiRole> {
    let known = TABLE
        .get(format!("{}/{name}", ecosystem.id()).as_str())
        .copied();
    known.or_else(|| {
        let mut families = FAMILIES.iter();
        let family = families.find(|(of, start, _)| *of == ecosystem && name.starts_with(start));
        family.map(|(_, _, role)| *role)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_found_by_name_and_by_family() {
        for (ecosystem, name, expected) in [
            (Ecosystem::Pypi, "litellm", Some(AiRole::Gateway)),
            (Ecosystem::Pypi, "openai", Some(AiRole::LlmSdk)),
            (Ecosystem::Npm, "openai", Some(AiRole::LlmSdk)),
            (Ecosystem::Npm, "@ai-sdk/anything", Some(AiRole::LlmSdk)),
            (
                Ecosystem::Pypi,
                "langchain-anything",
                Some(AiRole::AgentFramework),
            ),
            (Ecosystem::Npm, "axios", None),
            (Ecosystem::Cargo, "serde", None),
        ] {
            assert_eq!(ai_role(ecosystem, name), expected, "{name}");
        }
    }

    #[test]
    fn every_line_of_the_table_is_a_role() {
        let ids: Vec<&str> = ROLES
            .lines()
            .filter_map(|line| line.split(' ').next())
            .collect();
        assert_eq!(ids.len(), AiRole::ALL.len());
        assert!(
            ids.iter()
                .all(|id| AiRole::ALL.iter().any(|role| role.id() == *id)),
            "{ids:?}"
        );
        assert!(TABLE.len() > 200, "{}", TABLE.len());
    }
}
