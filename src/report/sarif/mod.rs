//! SARIF 2.1.0 for code scanning: only what GitHub and the other readers of it use.
//!
//! A result is what one rule finds at one block of the sources. Without sources every result points at line 1 of the
//! plan, so each carries its own `primaryLocationLineHash`: GitHub would take two results at one place for one alert.

mod category;
mod group;
mod message;
mod place;
mod result;
mod rules;

use super::Style;
use super::links::HOME;
use crate::gate::{Report, StackReport};
use category::categories;
use group::{Group, groups};
use message::sentence;
use result::LeftOut;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::io::{self, Write as _};

/// GitHub rejects files with more runs.
const MOST_RUNS: usize = 20;
/// GitHub rejects files that are larger, gzipped.
const MOST_BYTES: usize = 10_000_000;
const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// How much is told.
#[derive(Debug, Clone, Copy)]
struct Limits {
    /// Results of a run, the worst first: GitHub shows no more.
    results: usize,
    /// Members of a finding.
    members: usize,
}

impl Limits {
    /// Places of a result: GitHub shows no more.
    const PLACES: usize = 100;
    /// Steps of the paths of a result: GitHub shows no more.
    const STEPS: usize = 1000;
    const ALL: Self = Self {
        results: 5000,
        members: usize::MAX,
    };

    /// Less of everything, until nothing is left to take away.
    fn less(self) -> Option<Self> {
        match self {
            Self {
                members: usize::MAX,
                ..
            } => Some(Self {
                members: 100,
                ..self
            }),
            Self { results: 0, .. } => None,
            _ => Some(Self {
                results: self.results / 2,
                ..self
            }),
        }
    }
}

/// Writes the report, one run for each stack. It is made again with less where GitHub would reject it.
pub(super) fn write(report: &Report, style: Style, out: &mut dyn io::Write) -> io::Result<()> {
    let mut limits = Limits::ALL;
    loop {
        let text = document(report, style, &limits)?;
        match limits.less() {
            Some(less) if !is_small(&text)? => limits = less,
            _ => return out.write_all(text.as_bytes()),
        }
    }
}

fn document(report: &Report, style: Style, limits: &Limits) -> io::Result<String> {
    let document =
        json!({"$schema": SCHEMA, "version": "2.1.0", "runs": runs(report, style, limits)});
    let text = serde_json::to_string_pretty(&document)? + "\n";
    // A CI system that reads the report in its log must find no command in it: the same text, written otherwise.
    Ok(text
        .replace("##[", "#\\u0023[")
        .replace("##vso[", "#\\u0023vso["))
}

/// Whether GitHub takes a file of this text. What deflates to so much has that size gzipped.
fn is_small(text: &str) -> io::Result<bool> {
    if text.len() < MOST_BYTES {
        return Ok(true);
    }
    let mut archive = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
    archive.start_file("sarif", zip::write::SimpleFileOptions::default())?;
    archive.write_all(text.as_bytes())?;
    Ok(archive.finish()?.into_inner().len() < MOST_BYTES)
}

fn runs(report: &Report, style: Style, limits: &Limits) -> Vec<Value> {
    let wanted = || {
        let findings = report.findings.iter();
        findings.filter(|finding| style.accepted || finding.is_open())
    };
    let names = unique(report.stacks.iter().map(|stack| &*stack.name));
    if names.len() > MOST_RUNS {
        let all: Vec<_> = report.stacks.iter().collect();
        let note = format!(
            "{} stacks are in one run: code scanning takes {MOST_RUNS} runs of a file",
            names.len()
        );
        return vec![run(&all, "all", &groups(wanted()), limits, Some(note))];
    }
    let one = |(name, category): (&&str, String)| {
        let stacks: Vec<_> = report.stacks.iter().filter(|s| s.name == **name).collect();
        let groups = groups(wanted().filter(|finding| finding.stack == **name));
        run(&stacks, &category, &groups, limits, None)
    };
    names.iter().zip(categories(&names)).map(one).collect()
}

fn run(
    stacks: &[&StackReport],
    category: &str,
    groups: &[Group<'_>],
    limits: &Limits,
    note: Option<String>,
) -> Value {
    let mut left = LeftOut::default();
    let shown = groups.iter().take(limits.results);
    let results: Vec<Value> = shown
        .map(|group| result::result(group, stacks, limits, &mut left))
        .collect();
    let mut notices: Vec<String> = stacks
        .iter()
        .flat_map(|s| s.notes.iter().cloned())
        .collect();
    notices.extend(note);
    notices.extend(notices_on(groups.len() - results.len(), &left));
    json!({
        "tool": {"driver": {
            "name": "tfguard",
            "version": env!("CARGO_PKG_VERSION"),
            "semanticVersion": env!("CARGO_PKG_VERSION"),
            "informationUri": HOME,
            "rules": rules::descriptors(),
        }},
        "automationDetails": {"id": format!("tfguard/{category}/")},
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The directory tfguard was run in."}}},
        "invocations": [{
            "executionSuccessful": true,
            "toolExecutionNotifications": notices.iter().map(|text| notification(text)).collect::<Vec<_>>(),
        }],
        "columnKind": "unicodeCodePoints",
        "results": results,
    })
}

/// Each once, in the order of the first.
fn unique<'t>(all: impl Iterator<Item = &'t str>) -> Vec<&'t str> {
    let mut seen = HashSet::new();
    all.filter(|text| seen.insert(*text)).collect()
}

fn notification(text: &str) -> Value {
    json!({"level": "note", "message": {"text": sentence(text)}})
}

/// What is left out, and why.
fn notices_on(results: usize, left: &LeftOut) -> Vec<String> {
    let table = [
        (results, "results"),
        (left.steps, "steps of paths"),
        (left.places, "related places"),
        (left.members, "members"),
    ];
    let some = table.iter().filter(|(n, _)| *n > 0);
    some.map(|(n, what)| {
        format!(
            "{n} more {what} are left out: code scanning takes no more, the JSON report has them"
        )
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::{Limits, is_small};

    #[test]
    fn a_report_that_is_too_large_is_made_with_less_until_nothing_is_left() {
        let mut limits = Limits::ALL;
        let mut steps = 0;
        while let Some(less) = limits.less() {
            assert!(less.members < limits.members || less.results < limits.results);
            (limits, steps) = (less, steps + 1);
        }
        assert_eq!((limits.results, steps), (0, 14));
    }

    #[test]
    fn it_is_the_compressed_size_that_counts() {
        assert!(is_small(&"a".repeat(11_000_000)).expect("compressed"));
        let mut state = 1_u64;
        let noise = std::iter::repeat_with(|| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            char::from(b' ' + u8::try_from(state >> 57).unwrap_or(0) % 95)
        });
        let noise: String = noise.take(14_000_000).collect();
        assert!(!is_small(&noise).expect("compressed"));
    }
}
