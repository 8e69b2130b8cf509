//! The last line: what the verdict is, and the shortest way to another.

use crate::finding::{Finding, Status};
use crate::gate::{Report, Summary};
use std::collections::BTreeSet;

/// `1 error`, `2 errors`.
pub(super) fn count(n: usize, word: &str) -> String {
    format!("{n} {word}{}", if n == 1 { "" } else { "s" })
}

/// What is open, as far as there is any: `2 errors, 1 note`.
pub(super) fn open(summary: &Summary) -> Option<String> {
    let counts = [
        (summary.error, "error"),
        (summary.warning, "warning"),
        (summary.note, "note"),
    ];
    let some = counts.iter().filter(|(n, _)| *n > 0);
    let some: Vec<_> = some.map(|(n, word)| count(*n, word)).collect();
    (!some.is_empty()).then(|| some.join(", "))
}

/// What is accepted, as far as there is any: `1 waived, 2 approved`.
pub(super) fn accepted(summary: &Summary) -> Option<String> {
    let counts = [
        (summary.waived, Status::Waived),
        (summary.approved, Status::Approved),
        (summary.unchanged, Status::Unchanged),
    ];
    let some = counts.iter().filter(|(n, _)| *n > 0);
    let some: Vec<_> = some
        .map(|(n, status)| format!("{n} {}", status.word()))
        .collect();
    (!some.is_empty()).then(|| some.join(", "))
}

/// Why a run fails, or does not. It holds no text of the plan.
pub(super) fn why(report: &Report) -> String {
    let fails = |finding: &&Finding| report.fail_on.fails(finding);
    let failing: Vec<&Finding> = report.findings.iter().filter(fails).collect();
    let fail_on = report.fail_on.word();
    if failing.is_empty() {
        return format!("pass: nothing open fails a run (--fail-on {fail_on})");
    }
    let rules: BTreeSet<_> = failing.iter().map(|finding| finding.rule).collect();
    let rules: Vec<_> = rules.into_iter().collect();
    let n = count(failing.len(), "finding");
    format!("fail: {n} of {} (--fail-on {fail_on})", rules.join(", "))
}

/// The shortest way to make a failed run pass.
pub(super) fn way_out(report: &Report) -> Option<&'static str> {
    let fails = |finding: &&Finding| report.fail_on.fails(finding);
    let mut failing = report.findings.iter().filter(fails).peekable();
    failing.peek()?;
    let mut pasted =
        failing.map(|finding| finding.fix.as_ref().is_some_and(|fix| fix.hcl.is_some()));
    Some(if pasted.all(|hcl| hcl) {
        "paste the HCL of the findings and plan again"
    } else {
        "do what the findings say and plan again, or have what is meant accepted"
    })
}
