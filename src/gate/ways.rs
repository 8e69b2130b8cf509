//! What makes a failing run pass, step by step.

use super::approvals::hidden_by;
use super::verdict::destroys;
use crate::config::NOT_WAIVABLE;
use crate::finding::Finding;
use std::collections::BTreeSet;

/// What makes each failing finding pass.
#[derive(Default)]
pub(super) struct Ways<'f> {
    /// What another plan need not say.
    again: Vec<&'f Finding>,
    /// So many have a fix to paste. Any other fix is advice: it says where to look, and not what to write.
    fixes: usize,
    /// What a waiver alone does not help.
    mend: Vec<&'f Finding>,
    /// All others that destroy nothing.
    other: Vec<&'f Finding>,
    /// What is destroyed, and meant to be as far as anybody knows.
    pub(super) destroys: Vec<&'f Finding>,
}

impl<'f> Ways<'f> {
    pub(super) fn of(failing: &[&'f Finding]) -> Self {
        let mut ways = Self::default();
        for finding in failing.iter().copied() {
            let list = if hidden_by(finding.rule).is_some() {
                &mut ways.again
            } else if finding.fix.as_ref().is_some_and(|fix| fix.hcl.is_some()) {
                ways.fixes += 1;
                continue;
            } else if goes_with_a_leak(finding, failing) {
                continue;
            } else if destroys(finding) {
                &mut ways.destroys
            } else if NOT_WAIVABLE.contains(&finding.rule) || takes_destroys_along(finding, failing)
            {
                &mut ways.mend
            } else {
                &mut ways.other
            };
            list.push(finding);
        }
        ways
    }

    /// The steps, in the infinitive. The last ends before the command, if anything is to be approved.
    pub(super) fn steps(&self) -> Vec<String> {
        let mut steps = Vec::new();
        steps.extend(again(&self.again));
        match self.fixes {
            0 => {}
            1 => steps.push("apply the fix".to_owned()),
            n => steps.push(format!("apply the {n} fixes")),
        }
        match &*self.mend {
            [] => {}
            [one] => steps.push(format!("mend {}", one.rule)),
            many => steps.push(format!("mend {} findings", many.len())),
        }
        steps.extend(waived(&self.other));
        match self.destroys.len() {
            0 => {}
            1 => steps.push("have the destroy approved:".to_owned()),
            n => steps.push(format!("have the {n} destroys approved one by one:")),
        }
        steps
    }
}

/// Whether nobody asked for a destroy, and it goes away with a leak that fails the run as well: a read that is no longer
/// late replaces nothing.
fn goes_with_a_leak(finding: &Finding, failing: &[&Finding]) -> bool {
    let mut others = failing.iter();
    is_late(finding) && others.any(|other| is_leak(other) && other.stack == finding.stack)
}

/// Whether it is such a leak.
fn takes_destroys_along(finding: &Finding, failing: &[&Finding]) -> bool {
    let mut others = failing.iter();
    is_leak(finding) && others.any(|other| is_late(other) && other.stack == finding.stack)
}

fn is_leak(finding: &Finding) -> bool {
    finding.rule == "leaky-depends-on"
}

fn is_late(finding: &Finding) -> bool {
    finding.cause == Some("deferred_read")
}

fn again(findings: &[&Finding]) -> Option<String> {
    let rules: BTreeSet<_> = findings.iter().map(|finding| finding.rule).collect();
    let rules: Vec<_> = rules.into_iter().collect();
    (!rules.is_empty()).then(|| format!("plan again ({})", rules.join(", ")))
}

/// What says how to mend it is told to be mended first: a waiver changes nothing about it.
fn waived(findings: &[&Finding]) -> Option<String> {
    let advised = findings.iter().any(|finding| finding.fix.is_some());
    Some(match (findings, advised) {
        ([], _) => return None,
        ([one], false) => format!("waive {} in tfguard.toml", one.rule),
        ([one], true) => format!("mend {}, or waive it in tfguard.toml", one.rule),
        (many, false) => format!("waive {} findings in tfguard.toml", many.len()),
        (many, true) => format!(
            "mend {} findings, or waive them in tfguard.toml",
            many.len()
        ),
    })
}
