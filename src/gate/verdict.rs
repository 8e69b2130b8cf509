//! Why a run fails, and the shortest way to make it pass.

use super::Report;
use super::command::Given;
use crate::finding::{Finding, natural};
use crate::rules;
use std::collections::{BTreeMap, BTreeSet};

/// Objects that are named; the others are counted.
const NAMED: usize = 2;

/// Why a run fails and what makes it pass, for people.
#[derive(Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What fails it: no sentence yet, no full stop.
    pub why: String,
    /// What makes it pass, in the infinitive; ends before the command, if there is one.
    pub way: String,
    /// The command to run, for a POSIX shell. It is not to be wrapped.
    pub command: Option<String>,
}

impl Report {
    /// Why this run fails; nothing when it passes.
    pub fn verdict(&self) -> Option<Verdict> {
        let fails = |finding: &&Finding| self.fail_on.fails(finding);
        let failing: Vec<&Finding> = self.findings.iter().filter(fails).collect();
        if failing.is_empty() {
            return None;
        }
        let (fixable, rest): (Vec<&Finding>, Vec<_>) = failing
            .iter()
            .copied()
            .partition(|finding| is_fixable(finding));
        let (destroys, other): (Vec<&Finding>, Vec<_>) =
            rest.into_iter().partition(|f| destroys(f));
        let mut steps = Vec::new();
        match fixable.len() {
            0 => {}
            1 => steps.push("apply the fix".to_owned()),
            n => steps.push(format!("apply the {n} fixes")),
        }
        match other.len() {
            0 => {}
            1 => steps.push(format!("waive {} in tfguard.toml", other[0].rule)),
            n => steps.push(format!("waive {n} findings in tfguard.toml")),
        }
        match destroys.len() {
            0 => {}
            1 => steps.push("have the destroy approved:".to_owned()),
            n => steps.push(format!("have the {n} destroys approved one by one:")),
        }
        Some(Verdict {
            why: why(&failing),
            way: steps.join(", then "),
            command: destroys.first().map(|finding| self.approval(finding)),
        })
    }

    /// The command that approves a finding.
    fn approval(&self, finding: &Finding) -> String {
        let stack = self.stacks.iter().find(|stack| stack.name == finding.stack);
        // Names of stacks, and what is found across them, depend on all that was given.
        let plans = match stack {
            Some(stack) if self.given == Given::default() => std::slice::from_ref(&stack.plan),
            _ => &self.given.plans,
        };
        self.given.approval(plans, &finding.fingerprint())
    }
}

/// Whether there is a fix that leaves nothing of it. What is said of a destroy is advice, unless it is HCL to paste or
/// nobody asked for the destroy: a read that is no longer late replaces nothing.
fn is_fixable(finding: &Finding) -> bool {
    let meant = destroys(finding) && finding.cause != Some("deferred_read");
    let fix = finding.fix.as_ref();
    fix.is_some_and(|fix| fix.hcl.is_some() || !meant)
}

fn destroys(finding: &Finding) -> bool {
    rules::find(finding.rule).is_some_and(|rule| rule.destroys(finding))
}

fn why(failing: &[&Finding]) -> String {
    let (gone, other): (Vec<&Finding>, Vec<_>) = failing.iter().partition(|f| destroys(f));
    let mut parts = Vec::new();
    let members = gone
        .iter()
        .flat_map(|f| f.members.iter().map(|m| (&*f.stack, &**m)));
    let members: BTreeSet<_> = members.collect();
    let data = gone.iter().flat_map(|finding| data(finding));
    let data: BTreeSet<_> = data.collect();
    if !data.is_empty() {
        parts.push(goes(&data, " with data"));
    }
    let rest: BTreeSet<_> = members.difference(&data).copied().collect();
    if !rest.is_empty() {
        parts.push(goes(&rest, if data.is_empty() { "" } else { " without" }));
    }
    parts.extend(rules_of(&other));
    match parts.pop() {
        Some(last) if !parts.is_empty() => format!("{} and {last}", parts.join(", ")),
        last => last.unwrap_or_default(),
    }
}

/// The objects whose data goes with them.
fn data(finding: &Finding) -> impl Iterator<Item = (&str, &str)> {
    let objects = finding.facts["data_objects"].as_array();
    let objects = objects.into_iter().flatten().filter_map(|o| o.as_str());
    objects.map(|object| (&*finding.stack, object))
}

fn goes(objects: &BTreeSet<(&str, &str)>, what: &str) -> String {
    let mut named: Vec<&str> = objects.iter().map(|(_, address)| *address).collect();
    named.sort_by(|a, b| natural(a, b));
    let more = named.len().saturating_sub(NAMED);
    named.truncate(NAMED);
    let rest = match more {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    let (many, verb) = if objects.len() == 1 {
        ("object", "is")
    } else {
        ("objects", "are")
    };
    let (n, named) = (objects.len(), named.join(", "));
    format!("{n} {many}{what} {verb} destroyed ({named}{rest})")
}

/// The rules that fail it otherwise, with how often they do.
fn rules_of(findings: &[&Finding]) -> Vec<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in findings {
        *counts.entry(finding.rule).or_default() += 1;
    }
    let word = |(rule, n): (&str, usize)| match n {
        1 => rule.to_owned(),
        n => format!("{n} of {rule}"),
    };
    counts.into_iter().map(word).collect()
}
