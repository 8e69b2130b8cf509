//! The first screen of a page: the verdict, what the plan does, and whom to ask.

use super::super::changes::changes;
use super::super::closing;
use super::escape::cell;
use super::page::Page;
use crate::gate::StackReport;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

impl Page<'_> {
    pub(super) fn title(&self) -> String {
        let (sign, word) = if self.report.failed {
            ("❌", "fails")
        } else {
            ("✅", "passes")
        };
        let summary = &self.report.summary;
        let accepted = || closing::accepted(summary).map(|some| format!("nothing open, {some}"));
        let found = closing::open(summary).or_else(accepted);
        let found = found.unwrap_or_else(|| "nothing found".to_owned());
        let place = match self.report.stacks.as_slice() {
            [one] => self.item().name(&one.name),
            many => format!("{} stacks", many.len()),
        };
        format!("### {sign} tfguard {word}: {found} in {place}")
    }

    pub(super) fn summary(&self) -> String {
        let stacks = &self.report.stacks;
        let gone: usize = stacks.iter().map(|stack| stack.changes.delete).sum();
        let anew: usize = stacks.iter().map(|stack| stack.changes.replace).sum();
        let all = closing::count(gone + anew, "object");
        let destroyed = match (gone, anew) {
            (0, 0) => None,
            (_, 0) => Some(format!("**Destroys {all}** for good.")),
            (0, _) => Some(format!("**Destroys {all}**, to be created anew.")),
            _ => Some(format!(
                "**Destroys {all}**: {gone} for good, {anew} to be created anew."
            )),
        };
        let lost = self.objects_with_data();
        let lost =
            (lost > 0).then(|| format!("**Data at stake in {}.**", closing::count(lost, "object")));
        let plan = match stacks.as_slice() {
            [one] => one.planned.then(|| format!("Plan: {}.", changes(one))),
            _ => None,
        };
        let accepted =
            closing::accepted(&self.report.summary).map(|some| format!("Accepted: {some}."));
        let parts = [destroyed, lost, plan, accepted].into_iter().flatten();
        parts.collect::<Vec<_>>().join(" ")
    }

    fn objects_with_data(&self) -> usize {
        let findings = self.report.findings.iter();
        let objects = findings
            .filter(|finding| finding.loses_data())
            .flat_map(|finding| finding.data_objects().map(|one| (&finding.stack, one)));
        objects.collect::<BTreeSet<_>>().len()
    }

    pub(super) fn stacks(&self) -> String {
        let stacks = &self.report.stacks;
        if stacks.len() < 2 {
            return String::new();
        }
        // Those that fail first: the others may be left out.
        let mut order: Vec<&StackReport> = stacks.iter().collect();
        order.sort_by_cached_key(|stack| !self.report.fails(stack));
        let mut table = "| | Stack | Plan |\n|---|---|---|\n".to_owned();
        for stack in order.iter().take(self.level.members) {
            let verdict = if self.report.fails(stack) {
                "❌ fails"
            } else {
                "✅ passes"
            };
            let _ = writeln!(
                table,
                "| {verdict} | {} | {} |",
                cell(&self.item().name(&stack.name)),
                changes(stack)
            );
        }
        let left = stacks.len().saturating_sub(self.level.members);
        if left > 0 {
            let _ = writeln!(table, "| | and {left} more | |");
        }
        table
    }

    /// Whom to ask.
    pub(super) fn owners(&self) -> String {
        let mut owners: BTreeMap<&str, usize> = BTreeMap::new();
        for owner in self.report.stacks.iter().flat_map(|stack| &stack.owners) {
            *owners.entry(&owner.name).or_default() += owner.changes;
        }
        let shown = owners.iter().take(self.level.members);
        let mut names: Vec<_> = shown
            .map(|(name, n)| {
                format!(
                    "{} ({})",
                    self.item().name(name),
                    closing::count(*n, "change")
                )
            })
            .collect();
        let left = owners.len() - names.len();
        if left > 0 {
            names.push(format!("{left} more"));
        }
        if names.is_empty() {
            return String::new();
        }
        format!("Owners to ask: {}.", names.join(", "))
    }
}
