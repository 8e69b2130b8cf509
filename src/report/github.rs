//! Workflow commands: annotations of a pull request, made from the log of a GitHub Actions job.

use super::words::{fitted, stack_before, words};
use super::{closing, loss};
use crate::finding::{Finding, Severity};
use crate::gate::Report;
use crate::safe::inert;
use std::io;

/// GitHub makes no more annotations of one level from a step.
const MOST: usize = 10;
/// The runner cuts a message behind so many characters.
const LONGEST: usize = 4096;
/// Columns of a name.
const NAME: usize = 120;
/// Characters of what a rule says.
const MESSAGE: usize = 2000;
/// So many objects are named, or fewer where there is no room.
const MEMBERS: [usize; 4] = [10, 5, 2, 0];

/// Writes the open findings as annotations, the worst first, and the verdict.
pub(super) fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    for finding in loss::accepted(report).take(MOST) {
        writeln!(out, "{}", accepted(report, finding))?;
    }
    let mut left = loss::accepted(report).count().saturating_sub(MOST);
    for severity in [Severity::Error, Severity::Warning, Severity::Note] {
        let open = report.findings.iter().filter(|finding| finding.is_open());
        let mut findings: Vec<_> = open
            .filter(|finding| finding.severity == severity)
            .collect();
        findings.sort_by_key(|finding| !finding.loses_data());
        for finding in findings.iter().take(MOST) {
            writeln!(out, "{}", command(finding, report.stacks.len() > 1))?;
        }
        left += findings.len().saturating_sub(MOST);
    }
    if left > 0 {
        writeln!(
            out,
            "and {left} more: GitHub shows {MOST} of each level, -f text and -f markdown have the rest"
        )?;
    }
    writeln!(out, "{}", inert(&closing::line(report)))
}

/// The command that says who accepted the loss of data.
fn accepted(report: &Report, finding: &Finding) -> String {
    let mut properties = place(finding);
    let title = format!("data loss {}: {}", finding.status.word(), finding.address);
    properties.push(format!(
        "title={}",
        property(&inert(&fitted(&title, NAME, "...")))
    ));
    let said = sentence(&loss::told(report, finding));
    format!("::notice {}::{}", properties.join(","), data(&inert(&said)))
}

/// Where it stands, if the sources tell.
fn place(finding: &Finding) -> Vec<String> {
    let location = finding.location.as_ref();
    location.map_or_else(Vec::new, |at| {
        vec![
            format!("file={}", property(&at.file)),
            format!("line={}", at.line),
        ]
    })
}

/// One command, in one line.
fn command(finding: &Finding, several: bool) -> String {
    let level = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let mut properties = place(finding);
    let stack = stack_before(finding, several);
    let title = format!("{}: {stack}{}", finding.rule, finding.address);
    properties.push(format!(
        "title={}",
        property(&inert(&fitted(&title, NAME, "...")))
    ));
    format!(
        "::{level} {}::{}",
        properties.join(","),
        data(&message(finding))
    )
}

/// What is said, with as many objects as there is room for.
fn message(finding: &Finding) -> String {
    let texts = MEMBERS.iter().map(|most| message_with(finding, *most));
    let mut texts: Vec<_> = texts.collect();
    let fits = texts
        .iter()
        .position(|text| text.chars().count() <= LONGEST);
    texts.swap_remove(fits.unwrap_or(MEMBERS.len() - 1))
}

fn message_with(finding: &Finding, most: usize) -> String {
    let mut lines = vec![format!(
        "{}: {}",
        fitted(&finding.address, NAME, "..."),
        sentence(&finding.message)
    )];
    let members = &finding.members;
    if members.len() > 1 || members.iter().any(|member| *member != finding.address) {
        let shown = members.iter().take(most);
        lines.extend(shown.map(|member| format!("- {}", fitted(member, NAME, "..."))));
        let left = members.len().saturating_sub(most);
        lines.extend((left > 0).then(|| format!("- and {left} more")));
    }
    if let Some(fix) = &finding.fix {
        lines.push(format!("To do: {}", sentence(&fix.description)));
    }
    let lines: Vec<_> = lines.iter().map(|line| inert(line)).collect();
    lines.join("\n")
}

/// A text of bounded length, its long names without their middle.
fn sentence(text: &str) -> String {
    let mut out = String::new();
    for word in words(text) {
        let word = fitted(word, NAME, "...");
        if out.chars().count() + word.chars().count() > MESSAGE {
            out.push_str(" ...");
            break;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(&word);
    }
    out
}

/// Text as the data of a command: `%` first, or it would escape what is escaped.
fn data(text: &str) -> String {
    let text = text.replace('%', "%25").replace('\r', "%0D");
    text.replace('\n', "%0A")
}

/// Text as a property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::{data, property, sentence};

    #[test]
    fn no_text_ends_a_property_or_a_line() {
        assert_eq!(data("50%\r\n::error::a%0A"), "50%25%0D%0A::error::a%250A");
        assert_eq!(property("a:b,c=d\n%3A"), "a%3Ab%2Cc=d%0A%253A");
    }

    #[test]
    fn sentences_are_bounded() {
        assert!(sentence(&"word ".repeat(9000)).ends_with("word ..."));
        assert!(sentence(&"x".repeat(9000)).len() <= 120);
    }
}
