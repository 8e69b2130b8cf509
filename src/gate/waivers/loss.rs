//! Data that is lost. Who waives it has to have named the very object, in `tfguard.toml`: what stands beside a block in
//! the sources, or covers whatever comes, was written by nobody who looked at this loss.

use super::waiver::{Scope, Waiver};
use crate::finding::Finding;
use std::collections::HashSet;

/// What of a finding is lost.
pub(super) enum Loss<'f> {
    /// No data.
    Nothing,
    /// The data of these of its members.
    Of(HashSet<&'f str>),
    /// Nobody knows of which.
    All,
}

impl<'f> Loss<'f> {
    pub(super) fn of(finding: &'f Finding) -> Self {
        let told = finding.facts["data_objects"].is_array();
        match (finding.loses_data(), told) {
            (false, _) => Self::Nothing,
            (true, true) => Self::Of(finding.data_objects().collect()),
            (true, false) => Self::All,
        }
    }

    /// The same for what its objects are called from now on.
    pub(super) fn renamed(self) -> Self {
        match self {
            Self::Nothing => Self::Nothing,
            Self::Of(_) | Self::All => Self::All,
        }
    }

    /// Whether a waiver that covers something may waive it.
    pub(super) fn allows(&self, waiver: &Waiver<'_>, subject: &str) -> bool {
        match self {
            Self::Nothing => true,
            Self::Of(holds) => !holds.contains(subject) || names(waiver, subject),
            Self::All => false,
        }
    }
}

/// Whether a waiver is about this one object and no other.
fn names(waiver: &Waiver<'_>, subject: &str) -> bool {
    matches!(waiver.scope, Scope::Config(_)) && waiver.address == subject
}

/// Why a finding is open although something in it would be waived, did it not lose data.
pub(super) fn refused(by: &[&Waiver<'_>]) -> String {
    let (comments, others): (Vec<&Waiver<'_>>, Vec<_>) = by
        .iter()
        .partition(|waiver| matches!(waiver.scope, Scope::Comment { .. }));
    let comments = said(&comments, "comment", "have it approved");
    let others = said(
        &others,
        "waiver",
        "have it approved, or name the object by its whole address there",
    );
    comments + &others
}

fn said(by: &[&Waiver<'_>], what: &str, way: &str) -> String {
    let (many, verb) = if by.len() == 1 {
        ("", "does")
    } else {
        ("s", "do")
    };
    if by.is_empty() {
        return String::new();
    }
    let sources = super::sources(by);
    format!(" The {what}{many} in {sources} {verb} not cover a data loss: {way}.")
}
