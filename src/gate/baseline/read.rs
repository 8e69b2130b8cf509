//! Reads an earlier report. What is in it is text that anybody may have written: none of it is shown but numbers.

use super::{Baseline, Known};
use crate::error::Error;
use crate::finding::{Severity, Status};
use crate::input::open::{decode, open, unreadable};
use crate::safe::safe;
use serde::Deserialize;
use serde_json::error::Category;
use serde_json::{Map, Value};
use std::io::{self, BufReader};

const TOOL: &str = "tfguard";
/// The version of the JSON report that is understood.
const VERSION: u64 = 1;
const HELP: &str =
    "name a JSON or SARIF report that tfguard wrote: tfguard -f json=base.json plan.json";

/// Either report: a document that is neither has none of this.
#[derive(Deserialize)]
struct Document {
    version: Option<Value>,
    tool: Option<Tool>,
    findings: Option<Vec<Entry>>,
    runs: Option<Vec<Run>>,
}

#[derive(Deserialize)]
struct Tool {
    name: String,
}

/// A finding, in JSON or among the properties of a SARIF result.
#[derive(Deserialize)]
struct Entry {
    fingerprint: String,
    severity: Severity,
    status: String,
    members: Vec<String>,
    facts: Map<String, Value>,
}

#[derive(Deserialize)]
struct Run {
    tool: Driven,
    #[serde(default)]
    results: Vec<SarifResult>,
}

#[derive(Deserialize)]
struct Driven {
    driver: Tool,
}

#[derive(Deserialize)]
struct SarifResult {
    properties: Option<Properties>,
}

#[derive(Deserialize)]
struct Properties {
    #[serde(rename = "tfguard/findings")]
    findings: Option<Vec<Entry>>,
}

impl Baseline {
    /// Reads a report that tfguard wrote, JSON or SARIF, told by what is in it.
    ///
    /// # Errors
    /// The file cannot be read, is cut off, or is something else.
    pub fn read(path: &str) -> Result<Self, Error> {
        let reader = decode(open(path, HELP, HELP)?);
        let reader = reader.map_err(|error| unreadable(path, &error, HELP))?;
        let text = io::read_to_string(BufReader::new(reader));
        let text = text.map_err(|error| unreadable(path, &error, HELP))?;
        Self::of_text(path, &text)
    }

    /// The same of its text.
    fn of_text(path: &str, text: &str) -> Result<Self, Error> {
        let document: Document =
            serde_json::from_str(text).map_err(|error| misread(path, &error))?;
        let entries = entries(path, document)?;
        let mut baseline = Self {
            source: safe(path),
            ..Self::default()
        };
        for entry in entries {
            // Whoever waived or approved it did so until a day, for one plan.
            let held = [Status::Open, Status::Unchanged].map(Status::word);
            if held.contains(&&*entry.status) {
                let known = Known {
                    severity: entry.severity,
                    members: entry.members.into_iter().collect(),
                    facts: entry.facts,
                };
                let same = baseline.findings.entry(entry.fingerprint).or_default();
                same.push(known);
            }
        }
        Ok(baseline)
    }
}

fn entries(path: &str, document: Document) -> Result<Vec<Entry>, Error> {
    match document {
        Document {
            tool: Some(tool),
            findings: Some(findings),
            version,
            ..
        } if tool.name == TOOL => match version.as_ref().and_then(Value::as_u64) {
            Some(VERSION) => Ok(findings),
            _ => Err(Error::new(format!(
                "the baseline {path} is a report of a version that is not {VERSION}"
            ))
            .help("write it again with this tfguard: tfguard -f json=base.json plan.json")),
        },
        Document {
            runs: Some(runs), ..
        } => of_runs(path, runs),
        _ => Err(other(path)),
    }
}

/// The findings in the runs of tfguard; a file may hold those of other tools beside them.
fn of_runs(path: &str, runs: Vec<Run>) -> Result<Vec<Entry>, Error> {
    let mut ours = runs.into_iter().filter(|run| run.tool.driver.name == TOOL);
    let first = ours.next().ok_or_else(|| other(path))?;
    let results = first
        .results
        .into_iter()
        .chain(ours.flat_map(|run| run.results));
    let findings = |result: SarifResult| result.properties?.findings;
    let all: Option<Vec<_>> = results.map(findings).collect();
    let all = all.ok_or_else(|| other(path))?;
    Ok(all.into_iter().flatten().collect())
}

fn other(path: &str) -> Error {
    Error::new(format!("the baseline {path} is no report of tfguard")).help(HELP)
}

/// Never with the words of the parser: those quote the document, which may be a plan full of secrets.
fn misread(path: &str, error: &serde_json::Error) -> Error {
    let place = format!("line {}, column {}", error.line(), error.column());
    match error.classify() {
        Category::Eof => Error::new(format!(
            "the baseline {path} is cut off: it ends at {place}, within its text"
        ))
        .help("write it again; tfguard -f json=FILE writes a file whole or not at all"),
        Category::Syntax => {
            Error::new(format!("the baseline {path} is no JSON ({place})")).help(HELP)
        }
        Category::Data | Category::Io => Error::new(format!(
            "the baseline {path} is no report of tfguard ({place})"
        ))
        .help(HELP),
    }
}

#[cfg(test)]
mod tests {
    use super::Baseline;

    fn error(text: &str) -> String {
        let error = Baseline::of_text("base.json", text).expect_err("not a report");
        error.message().to_owned()
    }

    #[test]
    fn what_is_no_whole_report_of_tfguard_is_refused() {
        assert!(
            error(r#"{"version":1,"tool":{"name":"tfguard"},"findings":[{"#).contains("cut off")
        );
        assert!(error("").contains("cut off"));
        assert!(error("{x}").contains("is no JSON (line 1, column 2)"));
        for other in [
            "[]",
            "{}",
            r#"{"version":1,"tool":{"name":"tflint"},"findings":[]}"#,
            r#"{"version":1,"tool":{"name":"tfguard"},"findings":"all"}"#,
            r#"{"version":1,"tool":{"name":"tfguard"},"findings":[],"findings":[]}"#,
            r#"{"version":"2.1.0","runs":[]}"#,
            r#"{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"x"}},"results":[]}]}"#,
            r#"{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"tfguard"}},"results":[{}]}]}"#,
        ] {
            assert!(error(other).contains("no report of tfguard"), "{other}");
        }
        let newer = r#"{"version":2,"tool":{"name":"tfguard"},"findings":[]}"#;
        assert!(error(newer).contains("a version that is not 1"));
    }

    #[test]
    fn a_document_is_never_quoted() {
        let plan =
            r#"{"format_version":"1.2","findings":[{"fingerprint":"a","severity":"S3CR3T"}]}"#;
        assert!(!error(plan).contains("S3CR3T"));
    }

    #[test]
    fn a_report_without_findings_is_a_baseline() {
        let json = r#"{"version":1,"tool":{"name":"tfguard"},"findings":[]}"#;
        let sarif =
            r#"{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"tfguard"}},"results":[]}]}"#;
        for text in [json, sarif] {
            let baseline = Baseline::of_text("base.json", text).expect("a report");
            assert!(baseline.findings.is_empty());
        }
    }
}
