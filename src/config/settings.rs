//! Severities and options of rules: for all stacks, or by `[[override]]` for some.

use super::glob::{AddressGlob, Subject, WordGlob, fits_any};
use crate::finding::{Finding, Severity};
use crate::rules::Options;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// What `severity` says of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// The rule says nothing.
    Off,
    /// Its findings are that bad.
    At(Severity),
}

/// What `[rules.<id>]` tables set.
#[derive(Debug, Default)]
pub(super) struct Settings {
    pub(super) levels: BTreeMap<String, Level>,
    pub(super) options: Options,
}

impl Settings {
    /// Sets an option that is not set yet.
    pub(super) fn set(&mut self, rule: &str, option: &str, value: u32) {
        let of_rule = self.options.entry(rule.to_owned()).or_default();
        of_rule.entry(option.to_owned()).or_insert(value);
    }
}

/// Settings for some stacks, or for some findings in them. What is not given does not limit it.
#[derive(Debug)]
pub(super) struct Override {
    pub(super) stacks: Vec<WordGlob>,
    pub(super) environments: Vec<WordGlob>,
    pub(super) addresses: Vec<AddressGlob>,
    pub(super) paths: Vec<AddressGlob>,
    pub(super) settings: Settings,
}

impl Override {
    fn is_for(&self, name: &str, environment: Option<&str>) -> bool {
        fits_any(&self.stacks, name)
            && fits_any(&self.environments, environment.unwrap_or_default())
    }

    /// Whether it is for whole stacks, so that rules can know it before they look.
    pub(super) fn is_whole(&self) -> bool {
        self.addresses.is_empty() && self.paths.is_empty()
    }

    /// Whether it is for a finding: all of its members, and the file it stands in.
    fn covers(&self, finding: &Finding) -> bool {
        let within = |address: &str| {
            let subject = Subject::new(address);
            self.addresses.iter().any(|glob| glob.covers(&subject))
        };
        let addresses = self.addresses.is_empty() || finding.subjects().all(within);
        let here = |file: &str| self.paths.iter().any(|glob| glob.is_path(file));
        let location = finding.location.as_ref();
        addresses && (self.paths.is_empty() || location.is_some_and(|at| here(&at.file)))
    }
}

/// The settings of a run. Of several overrides that fit and say something of a rule, the first counts.
#[derive(Debug, Default)]
pub(super) struct AllSettings {
    pub(super) base: Settings,
    pub(super) overrides: Vec<Override>,
    /// An option that was set on the command line: rule, name, value.
    pub(super) last_word: Option<(&'static str, &'static str, u32)>,
}

impl AllSettings {
    fn of<'s>(
        &'s self,
        name: &'s str,
        environment: Option<&'s str>,
    ) -> impl DoubleEndedIterator<Item = &'s Override> {
        let fits = move |over: &&Override| over.is_for(name, environment);
        self.overrides.iter().filter(fits)
    }

    /// Whether a rule can find anything in a stack.
    pub(super) fn runs(&self, rule: &str, name: &str, environment: Option<&str>) -> bool {
        for over in self.of(name, environment) {
            match over.settings.levels.get(rule) {
                Some(level) if over.is_whole() => return *level != Level::Off,
                Some(Level::At(_)) => return true,
                _ => {}
            }
        }
        self.base.levels.get(rule) != Some(&Level::Off)
    }

    /// Whether a rule can find anything in some stack.
    pub(super) fn may_run(&self, rule: &str) -> bool {
        let on = |over: &Override| matches!(over.settings.levels.get(rule), Some(Level::At(_)));
        self.base.levels.get(rule) != Some(&Level::Off) || self.overrides.iter().any(on)
    }

    /// What is said of a finding, if anything.
    pub(super) fn level(&self, finding: &Finding, environment: Option<&str>) -> Option<Level> {
        let said = |settings: &Settings| settings.levels.get(finding.rule).copied();
        let mut overrides = self
            .of(&finding.stack, environment)
            .filter(|over| said(&over.settings).is_some() && over.covers(finding));
        let over = overrides.next().map(|over| &over.settings);
        said(over.unwrap_or(&self.base))
    }

    /// The options of rules in a stack.
    pub(super) fn options(&self, name: &str, environment: Option<&str>) -> Cow<'_, Options> {
        let mut options = Cow::Borrowed(&self.base.options);
        let mut set = |rule: &str, option: &str, value| {
            let of_rule = options.to_mut().entry(rule.to_owned()).or_default();
            of_rule.insert(option.to_owned(), value);
        };
        for over in self.of(name, environment).rev() {
            for (rule, values) in &over.settings.options {
                for (option, value) in values {
                    set(rule, option, *value);
                }
            }
        }
        if let Some((rule, option, value)) = self.last_word {
            set(rule, option, value);
        }
        options
    }

    /// Whether an option is set to more than 0 anywhere where its rule may run.
    pub(super) fn is_set(&self, rule: &str, option: &str) -> bool {
        let value = |settings: &Settings| settings.options.get(rule)?.get(option).copied();
        let overrides = self.overrides.iter().map(|over| &over.settings);
        let mut all = overrides.chain([&self.base]).filter_map(value);
        let last = self
            .last_word
            .filter(|last| (last.0, last.1) == (rule, option));
        let set = last.map_or_else(|| all.any(|value| value > 0), |last| last.2 > 0);
        set && self.may_run(rule)
    }
}
