//! What can be approved, and how.

use super::ApproveArgs;
use crate::cli::Failure;
use crate::finding::{Finding, Severity};
use crate::gate::approvals::Consent;
use std::io::{self, Write};
use std::process::ExitCode;

/// Members shown of each.
const MEMBERS: usize = 10;

/// Lists open errors and warnings with the command that approves each. Like a check it ends with 1 when errors are open.
pub(super) fn list(
    findings: &[Finding],
    args: &ApproveArgs,
    out: &mut dyn Write,
) -> Result<ExitCode, Failure> {
    let open = || findings.iter().filter(|finding| finding.is_open());
    for finding in open().filter(|finding| finding.severity != Severity::Note) {
        one(finding, args, out)?;
    }
    let notes = open()
        .filter(|finding| finding.severity == Severity::Note)
        .count();
    if notes > 0 {
        writeln!(
            out,
            "notes fail no run, unless --fail-on note: {notes} more, by fingerprint (-f json)\n"
        )?;
    }
    let errors = open()
        .filter(|finding| finding.severity == Severity::Error)
        .count();
    let (said, code) = match errors {
        0 => ("no error is open".to_owned(), ExitCode::SUCCESS),
        1 => ("1 error is open".to_owned(), ExitCode::FAILURE),
        n => (format!("{n} errors are open"), ExitCode::FAILURE),
    };
    writeln!(out, "nothing was recorded: {said}")?;
    Ok(code)
}

fn one(finding: &Finding, args: &ApproveArgs, out: &mut dyn Write) -> io::Result<()> {
    let loss = if finding.loses_data() {
        ", loses data"
    } else {
        ""
    };
    writeln!(out, "{}{loss}", heading(finding))?;
    writeln!(out, "  {}", finding.message)?;
    let own = matches!(finding.members.as_slice(), [only] if *only == finding.address);
    for member in finding.members.iter().take(MEMBERS).filter(|_| !own) {
        writeln!(out, "    - {member}")?;
    }
    if finding.members.len() > MEMBERS {
        writeln!(out, "    ... and {} more", finding.members.len() - MEMBERS)?;
    }
    match Consent::of(finding) {
        Ok(_) => writeln!(out, "  {}\n", args.command(&finding.fingerprint())),
        Err(unfit) => writeln!(out, "  cannot be approved: {unfit}\n"),
    }
}

/// `error[planned-delete]: app-prod: aws_instance.web`.
pub(super) fn heading(finding: &Finding) -> String {
    let (severity, rule) = (finding.severity.word(), finding.rule);
    format!("{severity}[{rule}]: {}: {}", finding.stack, finding.address)
}

/// Says what a run still fails for.
pub(super) fn still_open(
    findings: &[Finding],
    approved: &[&Finding],
    out: &mut dyn Write,
) -> io::Result<()> {
    let errors = findings
        .iter()
        .filter(|finding| finding.is_open() && finding.severity == Severity::Error);
    let left: Vec<_> = errors
        .filter(|finding| !approved.contains(finding))
        .collect();
    if !left.is_empty() {
        writeln!(out, "still open:")?;
    }
    left.iter()
        .try_for_each(|finding| writeln!(out, "  {}", heading(finding)))
}
