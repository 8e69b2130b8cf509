//! From findings to a verdict.

pub mod approvals;
pub mod baseline;
pub mod command;
pub mod verdict;
mod waivers;
mod ways;

use crate::config::{Config, Level, Threshold};
use crate::finding::{Finding, Severity, Status};
use crate::input::path::in_repository;
use crate::input::plan::{Counts, Plan};
use crate::input::source::Sources;
use crate::picture::Picture;
use crate::safe::safe;
use approvals::Approvals;
use baseline::Baseline;
use command::Given;
use serde::Serialize;
use std::path::PathBuf;
use std::sync::Arc;

/// The severity from which on a run fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum FailOn {
    /// Errors fail.
    #[default]
    Error,
    /// Warnings and errors fail.
    Warning,
    /// Anything fails.
    Note,
    /// Nothing fails.
    Never,
}

impl From<Threshold> for FailOn {
    fn from(threshold: Threshold) -> Self {
        match threshold {
            Threshold::From(Severity::Error) => Self::Error,
            Threshold::From(Severity::Warning) => Self::Warning,
            Threshold::From(Severity::Note) => Self::Note,
            Threshold::Never => Self::Never,
        }
    }
}

impl FailOn {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
            Self::Never => "never",
        }
    }

    /// Whether a finding of this severity fails the run while it is open.
    const fn reaches(self, severity: Severity) -> bool {
        match self {
            Self::Error => matches!(severity, Severity::Error),
            Self::Warning => !matches!(severity, Severity::Note),
            Self::Note => true,
            Self::Never => false,
        }
    }

    /// Whether a finding fails the run.
    pub fn fails(self, finding: &Finding) -> bool {
        finding.is_open() && self.reaches(finding.severity)
    }
}

/// How many open findings there are of each severity, and how many are not open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Errors.
    pub error: usize,
    /// Warnings.
    pub warning: usize,
    /// Notes.
    pub note: usize,
    /// Findings a waiver covers.
    pub waived: usize,
    /// Findings an approval covers.
    pub approved: usize,
    /// Findings the baseline has already.
    pub unchanged: usize,
}

impl Summary {
    fn of(findings: &[Finding]) -> Self {
        let mut summary = Self::default();
        for finding in findings {
            *match (finding.status, finding.severity) {
                (Status::Open, Severity::Error) => &mut summary.error,
                (Status::Open, Severity::Warning) => &mut summary.warning,
                (Status::Open, Severity::Note) => &mut summary.note,
                (Status::Waived, _) => &mut summary.waived,
                (Status::Approved, _) => &mut summary.approved,
                (Status::Unchanged, _) => &mut summary.unchanged,
            } += 1;
        }
        summary
    }
}

/// The size of a graph.
#[derive(Debug, Clone, Serialize)]
pub struct GraphSize {
    /// Resource instance objects.
    pub objects: usize,
    /// Nodes a reader would recognise.
    pub nodes: usize,
    /// Edges from expressions, `depends_on` and state.
    pub edges: usize,
    /// Where it was read from.
    pub sources: Vec<&'static str>,
}

/// What a plan changes of one owner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OwnerChanges {
    /// The owner.
    pub name: String,
    /// Objects of theirs the plan changes.
    pub changes: usize,
}

/// One stack, checked.
#[derive(Debug, Clone, Serialize)]
pub struct StackReport {
    /// Its name.
    pub name: String,
    /// The plan file, as it was given.
    pub plan: String,
    /// Version of the program that wrote the plan.
    pub terraform_version: Option<String>,
    /// Version of the document.
    pub format_version: Option<String>,
    /// Whether applying leads to the configured state, if the plan says.
    pub complete: Option<bool>,
    /// Whether planning failed, if the plan says.
    pub errored: Option<bool>,
    /// Whether there is a plan at all, and not sources or a printed graph alone.
    #[serde(skip)]
    pub planned: bool,
    /// Changes by kind.
    pub changes: Counts,
    /// The size of the graph.
    pub graph: GraphSize,
    /// Owners of what changes: whom to ask.
    pub owners: Vec<OwnerChanges>,
    /// What could not be seen.
    pub notes: Vec<String>,
    /// What hangs on what is destroyed, if it was asked for.
    #[serde(skip)]
    pub picture: Option<Picture>,
    /// The directory of the plan, from the root of the file system.
    #[serde(skip)]
    pub directory: PathBuf,
    /// Whether the name is configured, and not that of the directory.
    #[serde(skip)]
    pub named: bool,
    /// The environment, when it is configured.
    #[serde(skip)]
    pub environment: Option<String>,
    /// The rules that could not see something.
    #[serde(skip)]
    pub blind: Vec<&'static str>,
}

impl StackReport {
    /// What tells it from stacks of other runs: a name that was given to it, or the whole path of its directory in the
    /// repository.
    pub fn called(&self) -> String {
        let path = (!self.named).then(|| in_repository(&self.directory));
        let path = path.flatten().map(|path| safe(&path.replace('\\', "/")));
        path.unwrap_or_else(|| self.name.clone())
    }
}

/// A run, judged.
#[derive(Debug)]
pub struct Report {
    /// The stacks, in the order of the plans.
    pub stacks: Vec<StackReport>,
    /// The findings, in their one order.
    pub findings: Vec<Finding>,
    /// Counts of them.
    pub summary: Summary,
    /// What fails.
    pub fail_on: FailOn,
    /// Whether the run fails.
    pub failed: bool,
    /// What the run was given, for commands about the same.
    pub given: Given,
    /// Where files of the repository are shown, up to their path, for formats with links.
    pub link_base: Option<String>,
}

impl Report {
    /// Whether one of the stacks fails: for a finding of its own, or for another's that names something in it.
    pub fn fails(&self, stack: &StackReport) -> bool {
        let abroad = format!("{}:", stack.name);
        let about = |finding: &&Finding| {
            let mut related = finding.related.iter();
            finding.stack == stack.name
                || related.any(|related| related.address.starts_with(&abroad))
                || finding.members.contains(&stack.name)
        };
        let mut findings = self.findings.iter().filter(about);
        findings.any(|finding| self.fail_on.fails(finding))
    }
}

/// What findings are judged by.
pub struct Terms<'a> {
    /// Severities and waivers.
    pub config: &'a Config,
    /// What humans consented to.
    pub approvals: &'a Approvals,
    /// An earlier report.
    pub baseline: Option<Baseline>,
    /// What fails; the configuration says it otherwise.
    pub fail_on: Option<FailOn>,
    /// What was checked.
    pub seen: Seen<'a>,
}

/// What was checked, for what depends on more than findings.
pub struct Seen<'a> {
    /// The plan of each stack.
    pub plans: &'a [Plan],
    /// The sources of each stack, as far as they are there.
    pub sources: &'a [Option<Arc<Sources>>],
    /// Asks what time it is, in seconds since 1970.
    pub now: &'a dyn Fn() -> Option<i64>,
}

/// Gives findings the severities the configuration asks for, marks those that somebody accepted, puts them in order and
/// decides.
pub fn judge(stacks: Vec<(StackReport, Vec<Finding>)>, terms: Terms<'_>) -> Report {
    let config = terms.config;
    let (mut stacks, findings): (Vec<_>, Vec<_>) = stacks.into_iter().unzip();
    let mut findings: Vec<Finding> = findings.into_iter().flatten().collect();
    findings.retain_mut(|finding| settle(finding, &stacks, config));
    let mut told = waivers::waive(&mut findings, &stacks, config, &terms.seen);
    told.retain_mut(|finding| settle(finding, &stacks, config));
    findings.append(&mut told);
    terms.approvals.apply(&mut stacks, &mut findings);
    if let Some(baseline) = terms.baseline {
        baseline.apply(&mut findings);
    }
    findings.sort_by(Finding::order);
    let fail_on = terms
        .fail_on
        .or(config.fail_on.map(FailOn::from))
        .unwrap_or_default();
    let failed = findings.iter().any(|finding| fail_on.fails(finding));
    Report {
        stacks,
        summary: Summary::of(&findings),
        findings,
        fail_on,
        failed,
        given: Given::default(),
        link_base: None,
    }
}

/// Gives a finding its configured severity; whether it is one at all.
fn settle(finding: &mut Finding, stacks: &[StackReport], config: &Config) -> bool {
    let stack = stacks.iter().find(|stack| stack.name == finding.stack);
    let environment = stack.and_then(|stack| stack.environment.as_deref());
    match config.level(finding, environment) {
        Some(Level::Off) => return false,
        Some(Level::At(severity)) => finding.severity = severity,
        None => {}
    }
    true
}

#[cfg(test)]
mod tests {
    use super::FailOn;
    use crate::finding::Severity;

    #[test]
    fn a_threshold_takes_in_what_is_worse() {
        assert!(
            FailOn::Warning.reaches(Severity::Error) && FailOn::Warning.reaches(Severity::Warning)
        );
        assert!(
            !FailOn::Warning.reaches(Severity::Note) && !FailOn::Error.reaches(Severity::Warning)
        );
        assert!(FailOn::Note.reaches(Severity::Note) && !FailOn::Never.reaches(Severity::Error));
    }
}
