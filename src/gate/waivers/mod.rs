//! Waivers: standing exceptions, written in `tfguard.toml` or in comments of the sources. A finding is waived when all
//! of its members are: what nobody excused must not hide behind what somebody did.

mod gather;
mod loss;
mod told;
mod waiver;

use super::{Seen, StackReport};
use crate::config::{Config, Subject};
use crate::finding::{Finding, Justification, Status};
use crate::input::day::Day;
use gather::Gathered;
use loss::Loss;
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};
use waiver::Waiver;

/// What became of a waiver.
#[derive(Debug, Default)]
struct Use {
    /// It covers something of a finding.
    used: bool,
    /// It has expired.
    expired: bool,
    /// Open findings of which it covered something until it expired.
    would: Vec<String>,
}

/// Waives findings; returns those about the waivers themselves.
pub(super) fn waive(
    findings: &mut [Finding],
    stacks: &[StackReport],
    config: &Config,
    seen: &Seen<'_>,
) -> Vec<Finding> {
    let Gathered { waivers, faults } = gather::gather(stacks, config, seen);
    if waivers.is_empty() && faults.is_empty() {
        return Vec::new();
    }
    let mut book = Book::open(&waivers, stacks, seen);
    for finding in findings {
        book.judge(finding);
    }
    let scene = told::Scene::new(stacks, config, seen);
    let uses = waivers.iter().zip(&book.uses);
    let about = uses.filter_map(|(waiver, its)| scene.about(waiver, its));
    about.chain(faults).collect()
}

/// The waivers by rule, and what became of them so far.
struct Book<'w> {
    waivers: &'w [Waiver<'w>],
    by_rule: HashMap<&'static str, Vec<usize>>,
    stacks: HashMap<&'w str, usize>,
    uses: Vec<Use>,
}

impl<'w> Book<'w> {
    fn open(waivers: &'w [Waiver<'w>], stacks: &'w [StackReport], seen: &Seen<'_>) -> Self {
        let mut by_rule: HashMap<_, Vec<usize>> = HashMap::new();
        for (id, waiver) in waivers.iter().enumerate() {
            by_rule.entry(waiver.rule).or_default().push(id);
        }
        let asks = waivers.iter().any(|waiver| waiver.expires.is_some());
        let today = asks.then(seen.now).flatten().map(Day::at);
        let past = |day: &Day| today.as_ref().is_some_and(|today| today > day);
        let of = |waiver: &Waiver<'_>| Use {
            expired: waiver.expires.as_ref().is_some_and(past),
            ..Use::default()
        };
        Self {
            waivers,
            by_rule,
            stacks: stacks
                .iter()
                .enumerate()
                .map(|(id, stack)| (&*stack.name, id))
                .rev()
                .collect(),
            uses: waivers.iter().map(of).collect(),
        }
    }

    fn judge(&mut self, finding: &mut Finding) {
        let Some(ids) = self.by_rule.get(finding.rule).filter(|_| finding.is_open()) else {
            return;
        };
        let Some(stack) = self.stacks.get(&*finding.stack).copied() else {
            return;
        };
        let found = Cover::of(finding, stack, ids, self);
        let ids = found.by.iter().copied();
        let (past, by): (Vec<usize>, Vec<usize>) = ids.partition(|id| self.uses[*id].expired);
        for id in by.iter().chain(&found.refused) {
            self.uses[*id].used = true;
        }
        let waivers = |ids: &mut dyn Iterator<Item = usize>| -> Vec<_> {
            ids.map(|id| &self.waivers[id]).collect()
        };
        let (by, refused) = (
            waivers(&mut by.into_iter()),
            waivers(&mut found.refused.into_iter()),
        );
        match (&*by, &*found.left) {
            ([], _) => {}
            (_, []) => {
                finding.status = Status::Waived;
                finding.justification = Some(Box::new(justification(&by)));
            }
            (_, [first, ..]) => {
                let all = finding.subjects().count();
                let said = partly(&by, all - found.left.len(), all, first);
                finding.message.push_str(&said);
            }
        }
        if finding.is_open() {
            finding.message.push_str(&loss::refused(&refused));
        }
        for id in past.into_iter().filter(|_| finding.is_open()) {
            self.uses[id].would.push(finding.address.clone());
        }
    }
}

/// Which waivers cover something of a finding, and what of it is left.
#[derive(Default)]
struct Cover<'f> {
    by: BTreeSet<usize>,
    /// Those that would cover something, did it not lose data.
    refused: BTreeSet<usize>,
    left: Vec<&'f str>,
}

impl<'f> Cover<'f> {
    fn of(finding: &'f Finding, stack: usize, ids: &[usize], book: &Book<'_>) -> Self {
        let loss = Loss::of(finding);
        let subjects = finding.subjects().collect();
        let direct = Self::over(subjects, (finding, &loss), stack, ids, book);
        let to = renamed_to(finding);
        if direct.left.is_empty() || to.is_empty() {
            return direct;
        }
        // What was renamed stands in the sources under its new name, and so does the comment.
        let new = Self::over(to, (finding, &loss.renamed()), stack, ids, book);
        if new.left.is_empty() {
            return new;
        }
        let refused = direct.refused.union(&new.refused).copied().collect();
        Self { refused, ..direct }
    }

    fn over(
        subjects: Vec<&'f str>,
        (finding, loss): (&Finding, &Loss<'_>),
        stack: usize,
        ids: &[usize],
        book: &Book<'_>,
    ) -> Self {
        let mut cover = Self::default();
        for subject in subjects {
            let paths = Subject::new(subject);
            let mut left = true;
            for id in ids {
                let expired = book.uses[*id].expired;
                // Once it is known that a waiver is used, it only matters whether something is left.
                let matters = left && !expired || !cover.by.contains(id);
                let waiver = &book.waivers[*id];
                if !matters || !waiver.covers(stack, finding, subject, &paths) {
                    continue;
                }
                if loss.allows(waiver, subject) {
                    cover.by.insert(*id);
                    left &= expired;
                } else {
                    cover.refused.insert(*id);
                }
            }
            if left {
                cover.left.push(subject);
            }
        }
        cover
    }
}

/// The new addresses of a rename.
fn renamed_to(finding: &Finding) -> Vec<&str> {
    let texts = match finding.facts.get("to") {
        Some(Value::Array(all)) => all,
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    texts.iter().filter_map(Value::as_str).collect()
}

fn justification(by: &[&Waiver<'_>]) -> Justification {
    let mut reasons: Vec<&str> = by.iter().map(|waiver| &*waiver.reason).collect();
    reasons.dedup();
    let first = by.iter().filter_map(|waiver| waiver.expires.as_ref()).min();
    Justification {
        reason: Some(reasons.join("; ")),
        by: None,
        expires: first.map(ToString::to_string),
        source: sources(by),
    }
}

fn sources(by: &[&Waiver<'_>]) -> String {
    let mut sources: Vec<_> = by.iter().map(|waiver| waiver.source()).collect();
    sources.dedup();
    sources.join(", ")
}

/// Why a finding is open although something of it is waived.
fn partly(by: &[&Waiver<'_>], covered: usize, all: usize, first: &str) -> String {
    let (what, covers) = if by.len() == 1 {
        ("The waiver", "covers")
    } else {
        ("The waivers", "cover")
    };
    format!(
        " {what} in {} {covers} {covered} of {all}: not {first}.",
        sources(by)
    )
}
