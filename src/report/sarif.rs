//! SARIF 2.1.0 for code scanning: only what GitHub and the other readers of it use.
//!
//! Without sources every result points at line 1 of the plan, and several may point at one block with them, so
//! each carries its own `primaryLocationLineHash`: GitHub would take two results at one place for one alert.

use crate::finding::{Finding, Location, Severity};
use crate::gate::{Report, StackReport};
use crate::rules::{Meta, RULES};
use serde_json::{Value, json};
use std::io;

/// GitHub shows no more results of a run, the worst ones first.
const MOST_RESULTS: usize = 5000;
/// GitHub rejects files with more runs.
const MOST_RUNS: usize = 20;
const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
const HOME: &str = "https://github.com/tfguard/tfguard";

/// Writes the report, one run for each stack.
pub(super) fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let findings_of = |stack: &StackReport| {
        report
            .findings
            .iter()
            .filter(|f| f.stack == stack.name)
            .collect::<Vec<_>>()
    };
    let runs: Vec<Value> = if report.stacks.len() <= MOST_RUNS {
        let one = |stack| {
            run(
                std::slice::from_ref(stack),
                &category(&stack.name),
                &findings_of(stack),
            )
        };
        report.stacks.iter().map(one).collect()
    } else {
        vec![run(
            &report.stacks,
            "all",
            &report.findings.iter().collect::<Vec<_>>(),
        )]
    };
    let document = json!({"$schema": SCHEMA, "version": "2.1.0", "runs": runs});
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

/// A stack's name as a part of `automationDetails.id`, where a slash would begin another part.
fn category(stack: &str) -> String {
    stack
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || "._-".contains(c) {
                c
            } else {
                '-'
            }
        })
        .collect()
}

fn run(stacks: &[StackReport], category: &str, findings: &[&Finding]) -> Value {
    let left_out = findings.len().saturating_sub(MOST_RESULTS);
    let results: Vec<Value> = findings
        .iter()
        .take(MOST_RESULTS)
        .map(|finding| result(finding, stacks))
        .collect();
    json!({
        "tool": {"driver": {
            "name": "tfguard",
            "version": env!("CARGO_PKG_VERSION"),
            "semanticVersion": env!("CARGO_PKG_VERSION"),
            "informationUri": HOME,
            "rules": RULES.iter().map(|rule| descriptor(rule.meta())).collect::<Vec<_>>(),
        }},
        "automationDetails": {"id": format!("tfguard/{category}/")},
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The directory tfguard was run in."}}},
        "invocations": [{"executionSuccessful": true, "toolExecutionNotifications": notices(stacks, left_out)}],
        "columnKind": "unicodeCodePoints",
        "results": results,
    })
}

fn notices(stacks: &[StackReport], left_out: usize) -> Vec<Value> {
    let mut texts: Vec<String> = stacks
        .iter()
        .flat_map(|stack| stack.notes.iter().cloned())
        .collect();
    if left_out > 0 {
        texts.push(format!(
            "{left_out} more findings are left out: code scanning shows {MOST_RESULTS} of a run"
        ));
    }
    texts
        .iter()
        .map(|text| json!({"level": "note", "message": {"text": format!("{text}.")}}))
        .collect()
}

fn descriptor(meta: &Meta) -> Value {
    let severity = if meta.severity == Severity::Note {
        "recommendation"
    } else {
        meta.severity.word()
    };
    json!({
        "id": meta.id,
        "name": pascal(meta.id),
        "shortDescription": {"text": meta.summary},
        "fullDescription": {"text": meta.summary},
        "help": {"text": meta.page, "markdown": meta.page},
        "helpUri": format!("{HOME}/blob/main/rules/{}.md", meta.id),
        "defaultConfiguration": {"level": meta.severity.word()},
        "properties": {"tags": [meta.family.word()], "problem.severity": severity, "precision": "very-high"},
    })
}

/// The name of a rule. It must not be the id again in other letters (SARIF1001), as that of one word would be.
fn pascal(id: &str) -> String {
    let capital = |word: &str| {
        word.chars()
            .enumerate()
            .map(|(n, c)| if n == 0 { c.to_ascii_uppercase() } else { c })
            .collect::<String>()
    };
    let rest = if id.contains('-') { "" } else { "rule" };
    id.split('-').chain([rest]).map(capital).collect()
}

fn result(finding: &Finding, stacks: &[StackReport]) -> Value {
    let plan = stacks
        .iter()
        .find(|stack| stack.name == finding.stack)
        .map_or("plan.json", |stack| &stack.plan);
    let place = place(finding.location.as_deref(), plan);
    let mut result = json!({
        "ruleId": finding.rule,
        "ruleIndex": RULES.iter().position(|rule| rule.meta().id == finding.rule),
        "level": finding.severity.word(),
        "message": {"text": message(finding)},
        "locations": [{"physicalLocation": place, "logicalLocations": [{"fullyQualifiedName": finding.address, "kind": "resource"}]}],
        "partialFingerprints": {
            "primaryLocationLineHash": format!("{:016x}:1", fnv(&finding.fingerprint())),
            "tfguardFinding/v1": finding.fingerprint(),
        },
        "properties": {
            "tfguard/stack": finding.stack,
            "tfguard/address": finding.address,
            "tfguard/cause": finding.cause,
            "tfguard/members": finding.members,
        },
    });
    if finding.path.len() > 1 {
        result["codeFlows"] = json!([code_flow(&finding.path, &place)]);
    }
    result
}

/// A place in the sources as a region of one line, or the plan as a whole.
fn place(location: Option<&Location>, plan: &str) -> Value {
    let Some(location) = location else {
        return json!({"artifactLocation": {"uri": uri(plan), "uriBaseId": "%SRCROOT%"}, "region": {"startLine": 1}});
    };
    let mut region = json!({"startLine": location.line, "startColumn": location.column});
    if location.end_line == location.line {
        region["endColumn"] = json!(location.end_column);
    }
    json!({"artifactLocation": {"uri": uri(&location.file), "uriBaseId": "%SRCROOT%"}, "region": region})
}

/// Every step of a flow needs a place of its own to be shown.
fn code_flow(path: &[String], place: &Value) -> Value {
    let step = |label: &String| json!({"location": {"physicalLocation": place, "message": {"text": format!("{label}.")}}});
    json!({"threadFlows": [{"locations": path.iter().map(step).collect::<Vec<_>>()}]})
}

/// The first sentence is what GitHub shows as the title: it names the address.
fn message(finding: &Finding) -> String {
    const NAMED: usize = 10;
    let mut text = format!("'{}': {}", finding.address, finding.message);
    let named: Vec<_> = finding
        .members
        .iter()
        .filter(|member| **member != finding.address)
        .take(NAMED)
        .map(|m| format!("'{m}'"))
        .collect();
    if !named.is_empty() {
        let more = finding.members.len().saturating_sub(NAMED);
        let rest = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        text.extend([" Objects: ", &named.join(", "), &rest, "."]);
    }
    if let Some(fix) = &finding.fix {
        text.push(' ');
        text += &fix.description;
    }
    // `[text](target)` would be a link: text of a plan has none to give.
    text.replace("](", "] (")
}

/// A path as a relative URI reference; one outside the working directory by its last name alone, since an
/// absolute one would make GitHub reject the whole file.
fn uri(path: &str) -> String {
    let forward = path.replace('\\', "/");
    let path = forward.strip_prefix("./").unwrap_or(&forward);
    let outside = path.starts_with('/')
        || path.split('/').any(|part| part == "..")
        || path.get(1..3) == Some(":/");
    let path = if path == "-" {
        "plan.json"
    } else if outside {
        path.rsplit('/').next().unwrap_or(path)
    } else {
        path
    };
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"/._-~".contains(&b);
    path.bytes()
        .map(|b| {
            if plain(b) {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect()
}

/// FNV-1a, 64 bits: any fixed hash will do, and this one is four lines.
fn fnv(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::{category, fnv, pascal, uri};

    #[test]
    fn uris_are_relative_and_escaped() {
        assert_eq!(uri("./a b/plan.json"), "a%20b/plan.json");
        assert_eq!(uri("/abs/plan.json"), "plan.json");
        assert_eq!(uri("../x/plan.json"), "plan.json");
        assert_eq!(uri("C:\\x\\plan.json"), "plan.json");
        assert_eq!(uri("module.x:1"), "module.x%3A1");
        assert_eq!(uri("-"), "plan.json");
    }

    #[test]
    fn names_are_made_for_their_readers() {
        assert_eq!(pascal("fan-out-hot-spot"), "FanOutHotSpot");
        assert_eq!(pascal("drift"), "DriftRule");
        assert_eq!(category("a/b c"), "a-b-c");
        assert_eq!(fnv("a"), 0xaf63_dc4c_8601_ec8c);
    }
}
