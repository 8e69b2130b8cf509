//! What `tfguard.toml` can hold, as it is written. `schema/tfguard.json` is made from these types: what is said of them
//! here is what an editor shows.

#[cfg(test)]
use super::schema;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;
use toml::Spanned;
use toml::value::Datetime;

/// `[rules.<id>]` tables: settings by rule.
pub(super) type RuleTables =
    BTreeMap<Spanned<String>, BTreeMap<Spanned<String>, Spanned<toml::Value>>>;

#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    /// The severity from which on a run fails; as --fail-on.
    #[cfg_attr(test, schemars(with = "Option<schema::Threshold>"))]
    pub(super) fail_on: Option<Spanned<String>>,
    /// How old a plan may be: 90m, 2h, 1d or 1w; as --max-age.
    #[cfg_attr(test, schemars(with = "Option<schema::Age>"))]
    pub(super) max_age: Option<Spanned<String>>,
    /// Whether comments in the sources can waive as well. They can by default, all but a loss of data.
    pub(super) source_waivers: Option<bool>,
    /// How long objects take: a file that tfguard calibrate wrote, beside this one; as --durations.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(super) durations: Option<PathBuf>,
    /// What is known of the stack; of several, the first entry whose plan matches counts.
    #[serde(default)]
    pub(super) stack: Option<StackEntries>,
    /// Where objects say whose they are.
    #[serde(default)]
    pub(super) ownership: Ownership,
    /// Gives objects an owner. The first that matches counts; a tag counts before all.
    #[serde(default)]
    pub(super) owner: Vec<OwnerEntry>,
    /// Standing exceptions, each to one rule.
    #[cfg_attr(test, schemars(with = "Vec<WaiverEntry>"))]
    #[serde(default)]
    pub(super) waiver: Vec<Spanned<WaiverEntry>>,
    /// Other settings for some stacks or findings. The first that fits and speaks of the rule counts.
    #[cfg_attr(test, schemars(with = "Vec<OverrideEntry>"))]
    #[serde(default, rename = "override")]
    pub(super) overrides: Vec<Spanned<OverrideEntry>>,
    /// Severities and options, by rule.
    #[cfg_attr(test, schemars(schema_with = "schema::rules"))]
    #[serde(default)]
    pub(super) rules: RuleTables,
}

/// `[stack]` or `[[stack]]`.
#[derive(Debug)]
pub(super) struct StackEntries(pub(super) Vec<StackEntry>);

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct StackEntry {
    /// Its name. By default that of the directory of the plan.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(super) name: Option<Spanned<String>>,
    /// Its owner. By default that of its directory in CODEOWNERS.
    pub(super) owner: Option<String>,
    /// Its environment, such as prod.
    pub(super) environment: Option<String>,
    /// A glob over plan files, from here; without it the entry is for all.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
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
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Ownership {
    /// The tag or label whose value names the owner of an object.
    pub(super) tag: Option<String>,
    /// Whether the owner of the source file, in CODEOWNERS, owns what nothing else gives an owner.
    #[serde(default)]
    pub(super) codeowners: bool,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct OwnerEntry {
    /// The owner.
    pub(super) name: String,
    /// Globs over addresses: * stays within a step, ** does not; keys can be left out.
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    #[serde(default)]
    pub(super) addresses: Vec<Spanned<String>>,
    /// Globs over resource types.
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    #[serde(default)]
    pub(super) types: Vec<Spanned<String>>,
    /// Globs over sources of modules.
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    #[serde(default)]
    pub(super) modules: Vec<Spanned<String>>,
    /// Only in stacks of these names; alone, all that is in them.
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    #[serde(default)]
    pub(super) stacks: Vec<Spanned<String>>,
    /// Only in these environments; alone, all that is in them.
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    #[serde(default)]
    pub(super) environments: Vec<Spanned<String>>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct WaiverEntry {
    /// The rule.
    #[cfg_attr(test, schemars(with = "schema::WaivableRule"))]
    pub(super) rule: Spanned<String>,
    /// A glob over addresses. The address of a module stands for all that is in it; ** is everything. What something in
    /// the plan is called exactly is that alone. A loss of data is waived by the whole address of the object only.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(super) address: Spanned<String>,
    /// Why. It is shown with what it waives.
    #[cfg_attr(test, schemars(with = "schema::Text"))]
    pub(super) reason: Spanned<String>,
    /// The last day it holds, in UTC: a day without quotes. By default it holds for good.
    #[cfg_attr(test, schemars(with = "Option<schema::Day>"))]
    pub(super) expires: Option<Spanned<Datetime>>,
    /// A glob over names of stacks. By default it is for all.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub(super) stack: Option<Spanned<String>>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct OverrideEntry {
    /// Globs over names of stacks.
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    #[serde(default)]
    pub(super) stacks: Vec<Spanned<String>>,
    /// Globs over environments of stacks.
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    #[serde(default)]
    pub(super) environments: Vec<Spanned<String>>,
    /// Globs over addresses, for all members of a finding. What something in the plan is called exactly is that alone.
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    #[serde(default)]
    pub(super) addresses: Vec<Spanned<String>>,
    /// Globs over the source file of a finding.
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    #[serde(default)]
    pub(super) paths: Vec<Spanned<String>>,
    /// What is different there: severities; options too, where neither addresses nor paths limit it.
    #[cfg_attr(test, schemars(schema_with = "schema::rules"))]
    pub(super) rules: RuleTables,
}
