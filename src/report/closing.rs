//! The last line: what the verdict is, and the shortest way to another.

use crate::finding::Status;
use crate::gate::{Report, Summary};
use crate::safe::safe;

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

/// The verdict on one line: why a run fails, and the shortest way to make it pass.
pub(super) fn line(report: &Report) -> String {
    let fail_on = format!("(--fail-on {})", report.fail_on.word());
    let Some(verdict) = report.verdict() else {
        return format!("pass: nothing open fails a run {fail_on}");
    };
    let command = verdict.command.map(|command| format!(" {command}"));
    let command = command.unwrap_or_else(|| ".".to_owned());
    safe(&format!(
        "fail: {} {fail_on}. To pass, {}{command}",
        verdict.why, verdict.way
    ))
}
