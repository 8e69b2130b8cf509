//! Approvals: what humans consented to, in a file of the repository, so that its review is theirs.
//!
//! An approval holds for one exact finding until its last day. Where none is, nothing is approved.

mod consent;
mod file;
mod known;
mod object;
mod place;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_bound;
mod write;

pub use consent::{Consent, Unfit, hidden_by};

use super::StackReport;
use crate::error::Error;
use crate::finding::{Finding, Justification, Status};
use crate::input::day::Day;
use crate::safe::safe;
use consent::Key;
use known::Known;
use place::Place;
use std::collections::BTreeSet;
use std::path::Path;

/// An approval as it stands in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// What was consented to.
    pub consent: Consent,
    /// Who consented.
    pub by: String,
    /// The day they did.
    pub on: Day,
    /// The last day it holds.
    pub expires: Day,
    /// Why.
    pub reason: String,
    /// The line it begins in; 0 for one that is not written yet.
    line: usize,
}

impl Approval {
    /// An approval that is made now.
    pub fn new(consent: Consent, by: &str, on: &Day, expires: &Day, reason: &str) -> Self {
        Self {
            consent,
            by: safe(by),
            on: on.clone(),
            expires: expires.clone(),
            reason: safe(reason),
            line: 0,
        }
    }
}

/// The approvals of a run.
#[derive(Debug, Default)]
pub struct Approvals {
    place: Place,
    known: Known,
    /// Nothing without a clock: then nothing can be told to hold still.
    today: Option<Day>,
}

impl Approvals {
    /// Reads the file that is named, or the one in its place: beside the configuration, else at the top of the
    /// repository, else in the working directory. The clock, which tells the seconds since 1970, is asked only where
    /// there are approvals.
    ///
    /// # Errors
    /// The file is damaged: it cannot be read, or says something tfguard would not write.
    pub fn load(
        named: Option<&Path>,
        configuration: Option<&Path>,
        clock: impl FnOnce() -> Option<i64>,
    ) -> Result<Self, Error> {
        let place = Place::find(named, configuration);
        let known = match place.read()? {
            Some(text) => file::parse(&place.shown, &text)?,
            None => Known::default(),
        };
        let now = (!known.is_empty()).then(clock).flatten();
        Ok(Self {
            place,
            known,
            today: now.map(Day::at),
        })
    }

    /// Takes what stands in the file by now in place of what stood there.
    ///
    /// # Errors
    /// The file is damaged.
    pub fn read_again(&mut self) -> Result<(), Error> {
        let text = self.place.read()?;
        let known = text.map(|text| file::parse(&self.place.shown, &text));
        self.known = known.transpose()?.unwrap_or_default();
        Ok(())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// Where they are, or will be.
    pub fn path(&self) -> &Path {
        &self.place.path
    }

    /// The same as a report names it.
    pub fn shown(&self) -> &str {
        &self.place.shown
    }

    /// Whether there is one about a finding, whatever it covers: only those need to be identified.
    pub fn speak_of(&self, finding: &Finding) -> bool {
        !self.is_empty() && !self.known.of(&Key::of(finding)).is_empty()
    }

    /// The anchors that the approvals of a finding ask for.
    pub fn anchors_of(&self, finding: &Finding) -> Vec<&str> {
        let known = self.known.of(&Key::of(finding)).iter();
        let anchors = known.flat_map(|known| &known.consent.anchors);
        anchors.map(String::as_str).collect()
    }

    /// The consent to a finding of a stack, as it is written.
    ///
    /// # Errors
    /// As [`Consent::of`].
    pub fn consent(&self, finding: &Finding, stacks: &[StackReport]) -> Result<Consent, Unfit> {
        let named = |stack: &&StackReport| stack.name == finding.stack && !stack.named;
        let after = stacks.iter().find(named);
        Ok(Consent {
            directory: after.and_then(|stack| self.place.directory(&stack.directory)),
            ..Consent::of(finding)?
        })
    }

    /// Takes approvals in, in place of earlier ones of the same findings, and drops those that have expired on a day.
    /// Returns how many were dropped.
    pub fn take_in(&mut self, approvals: Vec<Approval>, today: &Day) -> usize {
        for approval in approvals {
            self.known.replace(approval);
        }
        self.known.drop_all(|approval| approval.expires < *today)
    }

    /// The file, whole.
    pub fn write(&self) -> String {
        write::write(self.known.iter())
    }

    /// Marks the open findings that are approved; tells the stacks of approvals that do not hold.
    pub(super) fn apply(&self, stacks: &mut [StackReport], findings: &mut [Finding]) {
        if self.is_empty() {
            return;
        }
        let names: BTreeSet<_> = stacks.iter().map(|stack| stack.name.clone()).collect();
        let mut spoken_of = BTreeSet::new();
        for finding in findings {
            let about = self.known.of(&Key::of(finding));
            spoken_of.extend(about.iter().map(|approval| approval.line));
            if !finding.is_open() {
                continue;
            }
            let refusals = about.iter().map(|one| self.refusal(one, finding, stacks));
            let refusals: Vec<_> = refusals.collect();
            if let Some(at) = refusals.iter().position(Option::is_none) {
                self.approve(&about[at], finding);
                continue;
            }
            // What was given for something else says least.
            let closest = refusals.into_iter().flatten();
            let closest = closest.min_by_key(|(elsewhere, _)| *elsewhere);
            let why = closest.map(|(_, why)| why);
            let why = why.or_else(|| self.elsewhere(finding, &names));
            finding.message.extend(why);
        }
        for stack in stacks {
            let stale = self.stale(stack, &spoken_of);
            stack.notes.extend(stale);
        }
    }

    fn approve(&self, approval: &Approval, finding: &mut Finding) {
        finding.status = Status::Approved;
        finding.justification = Some(Box::new(Justification {
            reason: Some(approval.reason.clone()),
            by: Some(approval.by.clone()),
            expires: Some(approval.expires.to_string()),
            source: self.line_of(approval),
        }));
    }

    /// Where an approval stands.
    fn line_of(&self, approval: &Approval) -> String {
        format!("{}:{}", self.place.shown, approval.line)
    }

    /// Why an approval about a finding does not make it approved: a sentence behind those of the finding, and whether it
    /// was given for something else altogether.
    fn refusal(
        &self,
        approval: &Approval,
        finding: &Finding,
        stacks: &[StackReport],
    ) -> Option<(bool, String)> {
        let known = &approval.consent;
        let (elsewhere, differs) = match Consent::as_known(finding, known) {
            Ok(planned) => {
                let of = stacks.iter().find(|stack| stack.name == finding.stack);
                let directory = of.and_then(|stack| self.directory(known, stack));
                let planned = Consent {
                    directory,
                    ..planned
                };
                let elsewhere = known.elsewhere(&planned).is_some();
                (elsewhere, known.uncovered(&planned))
            }
            Err(unfit) => (false, Some(unfit.to_string())),
        };
        let why = match (differs, &self.today) {
            (Some(differs), _) => format!("does not cover this: {differs}"),
            (None, Some(today)) if approval.expires < *today => {
                format!("expired on {}", approval.expires)
            }
            (None, Some(_)) => return None,
            (None, None) => "cannot be told to hold still: there is no clock".to_owned(),
        };
        let why = format!(" The approval in {} {why}.", self.line_of(approval));
        Some((elsewhere, why))
    }

    /// The directory of a stack, where a consent asks for it.
    fn directory(&self, known: &Consent, stack: &StackReport) -> Option<String> {
        known.directory.as_ref()?;
        self.place.directory(&stack.directory)
    }

    /// Says that a stack may have another name than when it was approved: without one it has that of a directory.
    fn elsewhere(&self, finding: &Finding, names: &BTreeSet<String>) -> Option<String> {
        let key = Key::of(finding);
        let alike = |approval: &&Approval| {
            let known = &approval.consent.key;
            !names.contains(&known.stack) && known.is_same_elsewhere(&key)
        };
        let approval = self.known.iter().find(alike)?;
        let (place, other) = (self.line_of(approval), &approval.consent.key.stack);
        Some(format!(
            " The approval in {place} is for the stack {other}: name stacks in tfguard.toml, or they are called as the plan's directory."
        ))
    }

    /// Says which approvals of a stack speak of nothing in its plan, and could still come to.
    fn stale(&self, stack: &StackReport, spoken_of: &BTreeSet<usize>) -> Option<String> {
        let holds = |approval: &&Approval| {
            self.today
                .as_ref()
                .is_none_or(|today| approval.expires >= *today)
        };
        let idle = self.known.iter().filter(|approval| {
            let known = &approval.consent;
            known.key.stack == stack.name
                && !spoken_of.contains(&approval.line)
                && known.directory == self.directory(known, stack)
        });
        let lines: Vec<_> = idle
            .filter(holds)
            .map(|approval| approval.line.to_string())
            .collect();
        let are = if lines.len() == 1 {
            "an approval matches"
        } else {
            "approvals match"
        };
        let place = format!("{}:{}", self.place.shown, lines.join(","));
        let advice = "once it is applied, take it out";
        (!lines.is_empty()).then(|| format!("{are} nothing in this plan ({place}): {advice}"))
    }
}
