//! Data losses that somebody accepted: a run that passes with one says so, in a line each.

use super::text::justified;
use crate::finding::Finding;
use crate::gate::Report;

/// The findings that destroy data and that somebody accepted.
pub(super) fn accepted(report: &Report) -> impl Iterator<Item = &Finding> {
    let findings = report.findings.iter();
    findings.filter(|finding| !finding.is_open() && finding.loses_data())
}

/// What is lost, and who accepted that.
pub(super) fn told(report: &Report, finding: &Finding) -> String {
    let mut holds = finding.data_objects();
    let first = holds.next().unwrap_or(&finding.address);
    let more = match holds.count() {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    let stack = if report.stacks.len() > 1 {
        format!("{}: ", finding.stack)
    } else {
        String::new()
    };
    let by = finding.justification.as_ref();
    let by = by.map_or_else(
        || finding.status.word().to_owned(),
        |why| justified(finding.status, why),
    );
    format!(
        "data loss accepted: {stack}{first}{more} ({}), {by}",
        finding.rule
    )
}
