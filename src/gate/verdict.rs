//! Why a run fails, and the shortest way to make it pass.

use super::Report;
use super::command::Given;
use super::ways::Ways;
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
        let ways = Ways::of(&failing);
        Some(Verdict {
            why: why(&failing),
            way: ways.steps().join(", then "),
            command: ways.destroys.first().map(|finding| self.approval(finding)),
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

/// Whether a finding tells of objects that are destroyed.
pub(super) fn destroys(finding: &Finding) -> bool {
    rules::find(finding.rule).is_some_and(|rule| rule.destroys(finding))
}

fn why(failing: &[&Finding]) -> String {
    let (gone, other): (Vec<&Finding>, Vec<_>) = failing.iter().partition(|f| destroys(f));
    let mut parts = Vec::new();
    let members = gone.iter().flat_map(|f| {
        let own = f.members.iter().filter(|member| is_own(member));
        own.map(|member| (&*f.stack, &**member))
    });
    let members: BTreeSet<_> = members.collect();
    let data = gone
        .iter()
        .flat_map(|f| f.data_objects().map(|o| (&*f.stack, o)));
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

/// Whether a member is an object of the finding's own stack: one of another stack is written `stack:address`, and has the same
/// object that goes here.
fn is_own(member: &str) -> bool {
    let stack = member.split_once(':').map(|(stack, _)| stack);
    stack.is_none_or(|stack| stack.contains('['))
}

/// Objects, each with its stack where another one destroys an object of that name.
fn goes(objects: &BTreeSet<(&str, &str)>, what: &str) -> String {
    let named = |(stack, address): &(&str, &str)| {
        let mut others = objects.iter();
        let twice = others.any(|(other, same)| same == address && other != stack);
        if twice {
            format!("{stack}: {address}")
        } else {
            (*address).to_owned()
        }
    };
    let mut ordered: Vec<_> = objects.iter().collect();
    ordered.sort_by(|a, b| natural(a.1, b.1).then_with(|| a.0.cmp(b.0)));
    let shown = ordered.iter().take(NAMED);
    let names: Vec<_> = shown.map(|object| named(object)).collect();
    let more = objects.len() - names.len();
    let rest = match more {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    let (many, verb) = if objects.len() == 1 {
        ("object", "is")
    } else {
        ("objects", "are")
    };
    let (n, named) = (objects.len(), names.join(", "));
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
