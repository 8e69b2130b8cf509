//! `tfguard.toml`.

mod age;
mod codeowners;
mod file;
mod glob;
mod load;
mod mistake;
mod names;
mod owners;
mod places;
mod quote;
pub mod sample;
#[cfg(test)]
mod schema;
mod settings;
mod waivers;

pub use age::parse_age;
pub use glob::{AddressGlob, Subject};
pub use load::{load, parse};
pub use names::recognise;
pub use owners::ownership;
pub use quote::quoted;
pub use settings::Level;
pub use waivers::{NOT_WAIVABLE, Waiver};

use crate::durations::Durations;
use crate::finding::{Finding, Severity};
use crate::rules::Options;
use crate::safe::safe;
use glob::WordGlob;
use settings::AllSettings;
use std::borrow::Cow;
use std::path::{Path, PathBuf};

/// The configuration of a run.
#[derive(Debug)]
pub struct Config {
    stacks: Vec<Stack>,
    /// The tag or label whose value names an object's owner.
    pub owner_tag: Option<String>,
    /// Whether CODEOWNERS names owners as well.
    pub codeowners: bool,
    owners: Vec<Owner>,
    settings: AllSettings,
    /// Standing exceptions.
    pub waivers: Vec<Waiver>,
    /// Whether comments in the sources can waive as well.
    pub source_waivers: bool,
    /// From which severity on a run fails, where it is said.
    pub fail_on: Option<Threshold>,
    durations_file: Option<PathBuf>,
    /// Where the file is.
    directory: Option<PathBuf>,
    /// The same with links followed, when it is there.
    real_directory: Option<PathBuf>,
    /// How long objects take.
    pub durations: Durations,
}

/// What is known of a stack.
#[derive(Debug, Clone, Default)]
pub struct Stack {
    plan: Option<AddressGlob>,
    /// The pattern as it was written.
    pattern: Option<String>,
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

/// So many patterns that match nothing are named.
const SHOWN: usize = 5;

fn named(found: Option<&Stack>, default_name: String) -> Stack {
    let mut stack = found.cloned().unwrap_or_default();
    if !stack.named {
        stack.name = default_name;
    }
    stack
}

impl Stack {
    /// Whether the entry is about a file.
    fn is_of(&self, file: &InputFile<'_>) -> bool {
        let ways = [Some(file.given), file.below.as_deref()];
        let mut ways = ways.into_iter().flatten();
        self.plan
            .as_ref()
            .is_some_and(|glob| ways.any(|path| glob.is_path(path)))
    }

    /// Whether the entry is about the file of a plan: one that is not about certain files is about all plans.
    fn is_of_plan(&self, file: &InputFile<'_>) -> bool {
        self.plan.is_none() || self.is_of(file)
    }
}

/// A file of a run, as it was named and from where the configuration is.
#[derive(Debug)]
pub struct InputFile<'a> {
    given: &'a str,
    /// Nothing when it is not below.
    below: Option<String>,
}

/// The rule that asks for the age of plans, and the option that says how old they may be.
const AGE: (&str, &str) = ("stale-plan", "max_age_minutes");

/// From which severity on a run fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Threshold {
    /// That one, and what is worse.
    From(Severity),
    /// None.
    Never,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            stacks: Vec::new(),
            owner_tag: None,
            codeowners: false,
            owners: Vec::new(),
            settings: AllSettings::default(),
            waivers: Vec::new(),
            source_waivers: true,
            fail_on: None,
            durations_file: None,
            directory: None,
            real_directory: None,
            durations: Durations::default(),
        }
    }
}

impl Config {
    /// Sets how many minutes old a plan may be, whatever the file says.
    pub fn allow_age(&mut self, minutes: Option<u32>) {
        self.settings.last_word = minutes.map(|minutes| (AGE.0, AGE.1, minutes));
    }

    /// Whether it matters how old plans are.
    pub fn asks_for_age(&self) -> bool {
        self.settings.is_set(AGE.0, AGE.1)
    }

    /// The stack of a plan file: the first entry whose `plan` matches it, as it was named or from where the
    /// configuration is, or that has none; without a name it gets the default.
    pub fn stack(&self, plan: &str, default_name: String) -> Stack {
        let file = self.input_file(plan);
        let found = self.stacks.iter().find(|stack| stack.is_of_plan(&file));
        named(found, default_name)
    }

    /// The stack of a state that stands beside the plans: an entry that is not about certain files is about plans.
    pub fn stack_of_state(&self, state: &str, default_name: String) -> Stack {
        let file = self.input_file(state);
        let found = self.stacks.iter().find(|stack| stack.is_of(&file));
        named(found, default_name)
    }

    /// What is said of stacks and fits the run badly, when it is over several.
    pub fn misfits(&self, plans: &[String], states: &[String]) -> Vec<String> {
        let mut notes = Vec::new();
        if plans.len() + states.len() < 2 {
            return notes;
        }
        if plans.len() > 1 && self.stacks.len() == 1 && self.stacks[0].plan.is_none() {
            notes.push("[stack] in tfguard.toml has no plan and goes for all of them: give each a [[stack]] with its plan, as a path or pattern".to_owned());
        }
        let files = plans.iter().chain(states);
        let files: Vec<_> = files.map(|file| self.input_file(file)).collect();
        let matched = |stack: &&Stack| files.iter().any(|file| stack.is_of(file));
        let idle = self.stacks.iter().filter(|stack| !matched(stack));
        let idle: Vec<&str> = idle.filter_map(|stack| stack.pattern.as_deref()).collect();
        if !idle.is_empty() {
            let shown: Vec<_> = idle
                .iter()
                .take(SHOWN)
                .map(|pattern| safe(pattern))
                .collect();
            let more = if idle.len() > SHOWN { ", …" } else { "" };
            notes.push(format!(
                "no plan of this run is that of {} of the [[stack]] entries: {}{more}",
                idle.len(),
                shown.join(", ")
            ));
        }
        notes
    }

    /// A file as entries for stacks know it.
    pub fn input_file<'a>(&self, file: &'a str) -> InputFile<'a> {
        InputFile {
            given: file.strip_prefix("./").unwrap_or(file),
            below: self.below(file),
        }
    }

    fn below(&self, file: &str) -> Option<String> {
        let directory = self.real_directory.as_deref()?;
        let file = std::fs::canonicalize(file).ok()?;
        let path = file.strip_prefix(directory).ok()?.to_str()?;
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

    /// Whether every stack that is configured, of those a waiver is for, is among these plans.
    pub fn has_all(&self, plans: &[InputFile<'_>], waiver: &Waiver) -> bool {
        let here = |stack: &Stack| plans.iter().any(|plan| stack.is_of_plan(plan));
        let mut stacks = self
            .stacks
            .iter()
            .filter(|stack| waiver.is_for(&stack.name));
        stacks.all(here)
    }

    /// Whether it gives a stack this name.
    pub fn names(&self, stack: &str) -> bool {
        let mut named = self.stacks.iter().filter(|known| known.named);
        named.any(|known| known.name == stack)
    }

    /// Whether it names all of its stacks, and none as a waiver says.
    pub fn has_no_stack_of(&self, waiver: &Waiver) -> bool {
        let mut stacks = self.stacks.iter();
        stacks.all(|stack| stack.named && !waiver.is_for(&stack.name))
    }

    /// Whether a rule is to run in some stack.
    pub fn may_run(&self, rule: &str) -> bool {
        self.settings.may_run(rule)
    }

    /// Whether a rule is to run in a stack.
    pub fn runs(&self, rule: &str, stack: &str, environment: Option<&str>) -> bool {
        self.settings.runs(rule, stack, environment)
    }

    /// What the configuration makes of a finding, when it says anything.
    pub fn level(&self, finding: &Finding, environment: Option<&str>) -> Option<Level> {
        self.settings.level(finding, environment)
    }

    /// The options of rules in a stack, where they are set.
    pub fn options(&self, stack: &Stack) -> Cow<'_, Options> {
        let environment = stack.environment.as_deref();
        self.settings.options(&stack.name, environment)
    }
}
