//! `tfguard.toml`.

mod codeowners;
mod glob;
mod load;
mod owners;
mod places;

pub use load::load;
pub use owners::ownership;

use crate::durations::Durations;
use crate::finding::Severity;
use glob::{AddressGlob, WordGlob};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The configuration of a run.
#[derive(Debug, Default)]
pub struct Config {
    stacks: Vec<Stack>,
    /// The tag or label whose value names an object's owner.
    pub owner_tag: Option<String>,
    /// Whether CODEOWNERS names owners as well.
    pub codeowners: bool,
    owners: Vec<Owner>,
    severities: BTreeMap<String, Option<Severity>>,
    /// Options of rules, where they are set.
    pub options: BTreeMap<String, BTreeMap<String, u32>>,
    durations_file: Option<PathBuf>,
    /// Where the file is.
    directory: Option<PathBuf>,
    /// How long objects take.
    pub durations: Durations,
}

/// What is known of a stack.
#[derive(Debug, Clone, Default)]
pub struct Stack {
    plan: Option<AddressGlob>,
    /// Its name.
    pub name: String,
    /// Whether that is configured, and not made up from a path.
    pub named: bool,
    /// Its owner.
    pub owner: Option<String>,
    /// Its environment.
    pub environment: Option<String>,
}

/// Gives objects an owner: those that any of addresses, types and modules match, or all of a stack; in the stacks and
/// environments that are named, or in all.
#[derive(Debug)]
struct Owner {
    name: String,
    addresses: Vec<AddressGlob>,
    types: Vec<WordGlob>,
    modules: Vec<WordGlob>,
    stacks: Vec<WordGlob>,
    environments: Vec<WordGlob>,
}

/// The rule that asks for the age of plans, and the option that says how old they may be.
const AGE: (&str, &str) = ("stale-plan", "max_age_minutes");

impl Config {
    /// Sets how many minutes old a plan may be, when that is said elsewhere.
    pub fn allow_age(&mut self, minutes: Option<u32>) {
        if let Some(minutes) = minutes {
            let options = self.options.entry(AGE.0.to_owned()).or_default();
            options.insert(AGE.1.to_owned(), minutes);
        }
    }

    /// Whether it matters how old plans are.
    pub fn asks_for_age(&self) -> bool {
        let set = self
            .options
            .get(AGE.0)
            .and_then(|options| options.get(AGE.1));
        set.is_some_and(|minutes| *minutes > 0) && self.runs(AGE.0)
    }

    /// The stack of a plan file: the first entry whose `plan` matches it, as it was named or from where the
    /// configuration is, or that has none; without a name it gets the default.
    pub fn stack(&self, plan: &str, default_name: String) -> Stack {
        let plan = plan.strip_prefix("./").unwrap_or(plan);
        let below = self.below(plan);
        let matches = |glob: &AddressGlob| {
            let below = below.as_deref();
            glob.is_path(plan) || below.is_some_and(|plan| glob.is_path(plan))
        };
        let mut stacks = self.stacks.iter();
        let found = stacks.find(|stack| stack.plan.as_ref().is_none_or(matches));
        let mut stack = found.cloned().unwrap_or_default();
        if !stack.named {
            stack.name = default_name;
        }
        stack
    }

    /// The path of a plan file from the directory of the configuration, when it is below.
    fn below(&self, plan: &str) -> Option<String> {
        let directory = std::fs::canonicalize(self.directory.as_deref()?).ok()?;
        let plan = std::fs::canonicalize(plan).ok()?;
        let path = plan.strip_prefix(directory).ok()?.to_str()?;
        Some(path.replace('\\', "/"))
    }

    /// Where the file is, when there is one.
    pub fn directory(&self) -> Option<&Path> {
        self.directory.as_deref()
    }

    /// Whether any owners can be known without CODEOWNERS.
    pub fn has_owners(&self) -> bool {
        self.owner_tag.is_some() || !self.owners.is_empty()
    }

    /// Whether a rule is to run.
    pub fn runs(&self, rule: &str) -> bool {
        self.severities.get(rule) != Some(&None)
    }

    /// The severity a rule's findings are given, when the configuration gives one.
    pub fn severity(&self, rule: &str) -> Option<Severity> {
        self.severities.get(rule).copied().flatten()
    }
}
