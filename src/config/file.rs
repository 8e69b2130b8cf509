//! What `tfguard.toml` can hold, as it is written.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;
use toml::Spanned;
use toml::value::Datetime;

/// `[rules.<id>]` tables: settings by rule.
pub(super) type RuleTables =
    BTreeMap<Spanned<String>, BTreeMap<Spanned<String>, Spanned<toml::Value>>>;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) fail_on: Option<Spanned<String>>,
    pub(super) max_age: Option<Spanned<String>>,
    pub(super) source_waivers: Option<bool>,
    pub(super) durations: Option<PathBuf>,
    #[serde(default)]
    pub(super) stack: Option<StackEntries>,
    #[serde(default)]
    pub(super) ownership: Ownership,
    #[serde(default)]
    pub(super) owner: Vec<OwnerEntry>,
    #[serde(default)]
    pub(super) waiver: Vec<Spanned<WaiverEntry>>,
    #[serde(default, rename = "override")]
    pub(super) overrides: Vec<Spanned<OverrideEntry>>,
    #[serde(default)]
    pub(super) rules: RuleTables,
}

/// `[stack]` or `[[stack]]`.
#[derive(Debug)]
pub(super) struct StackEntries(pub(super) Vec<StackEntry>);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StackEntry {
    pub(super) name: Option<String>,
    pub(super) owner: Option<String>,
    pub(super) environment: Option<String>,
    pub(super) plan: Option<Spanned<String>>,
}

impl<'de> Deserialize<'de> for StackEntries {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = StackEntries;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a [stack] table or [[stack]] tables")
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                map: A,
            ) -> Result<StackEntries, A::Error> {
                let entry =
                    StackEntry::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
                Ok(StackEntries(vec![entry]))
            }
            fn visit_seq<A: serde::de::SeqAccess<'de>>(
                self,
                seq: A,
            ) -> Result<StackEntries, A::Error> {
                Vec::deserialize(serde::de::value::SeqAccessDeserializer::new(seq))
                    .map(StackEntries)
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ownership {
    pub(super) tag: Option<String>,
    #[serde(default)]
    pub(super) codeowners: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OwnerEntry {
    pub(super) name: String,
    #[serde(default)]
    pub(super) addresses: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) types: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) modules: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) stacks: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) environments: Vec<Spanned<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WaiverEntry {
    pub(super) rule: Spanned<String>,
    pub(super) address: Spanned<String>,
    pub(super) reason: Spanned<String>,
    pub(super) expires: Option<Spanned<Datetime>>,
    pub(super) stack: Option<Spanned<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OverrideEntry {
    #[serde(default)]
    pub(super) stacks: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) environments: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) addresses: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) paths: Vec<Spanned<String>>,
    pub(super) rules: RuleTables,
}
