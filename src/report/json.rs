//! JSON, version 1. `schema/report.json` describes it; keys are only ever added.

use crate::facts::Facts;
use crate::finding::{Finding, Fix, Justification, Location, Related};
use crate::gate::{Report, StackReport, Summary};
use serde::Serialize;
use std::io;

#[derive(Serialize)]
struct View<'a> {
    version: u32,
    tool: Tool,
    verdict: &'static str,
    fail_on: &'static str,
    summary: Summary,
    stacks: &'a [StackReport],
    findings: Vec<FindingView<'a>>,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct FindingView<'a> {
    rule: &'a str,
    severity: &'a str,
    message: &'a str,
    stack: &'a str,
    address: &'a str,
    members: &'a [String],
    cause: Option<&'a str>,
    location: &'a Option<Box<Location>>,
    path: &'a [String],
    related: Vec<RelatedView<'a>>,
    facts: &'a Facts,
    fix: &'a Option<Fix>,
    fingerprint: String,
    status: &'static str,
    justification: &'a Option<Box<Justification>>,
}

#[derive(Serialize)]
struct RelatedView<'a> {
    address: &'a str,
    message: &'a str,
    location: &'a Option<Box<Location>>,
}

/// Writes the report.
pub(super) fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let view = View {
        version: 1,
        tool: Tool {
            name: "tfguard",
            version: env!("CARGO_PKG_VERSION"),
        },
        verdict: if report.failed { "fail" } else { "pass" },
        fail_on: report.fail_on.word(),
        summary: report.summary,
        stacks: &report.stacks,
        findings: report.findings.iter().map(finding).collect(),
    };
    serde_json::to_writer(&mut *out, &view)?;
    writeln!(out)
}

fn finding(finding: &Finding) -> FindingView<'_> {
    fn related(related: &Related) -> RelatedView<'_> {
        RelatedView {
            address: &related.address,
            message: &related.message,
            location: &related.location,
        }
    }
    FindingView {
        rule: finding.rule,
        severity: finding.severity.word(),
        message: &finding.message,
        stack: &finding.stack,
        address: &finding.address,
        members: &finding.members,
        cause: finding.cause,
        location: &finding.location,
        path: &finding.path,
        related: finding.related.iter().map(related).collect(),
        facts: &finding.facts,
        fix: &finding.fix,
        fingerprint: finding.fingerprint(),
        status: finding.status.word(),
        justification: &finding.justification,
    }
}
