//! Every recorded fixture, one rule at a time: what a user reads, and what it must mean.

#[path = "../common/mod.rs"]
mod common;
mod coupling;
mod deletes;
mod leaky;
mod reach;
mod redundant;
mod renames;
mod replaces;
mod roots;
mod shifts;

use common::{cases, check, name_of, relative, shown};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use tfguard::finding::Finding;
use tfguard::gate::Report;
use tfguard::report::{Format, Style};

/// The rules whose members are what the plan destroys, each object in one finding.
const DESTROY: [&str; 5] = [
    "deposed-object",
    "index-shift",
    "planned-delete",
    "planned-replace",
    "unmoved-rename",
];

fn rule_of(case: &Path) -> String {
    name_of(case.parent().expect("a rule's directory"))
}

fn fixture(path: &str) -> Report {
    let case = common::root().join("fixtures").join(path);
    check(&case, Some(&rule_of(&case)))
}

fn only(path: &str) -> Finding {
    let report = fixture(path);
    assert_eq!(report.findings.len(), 1, "{path}");
    report.findings[0].clone()
}

#[test]
fn every_fixture_reads_as_it_was_reviewed() {
    for case in cases() {
        let text = shown(
            &check(&case, Some(&rule_of(&case))),
            Format::Text,
            Style::default(),
        );
        let name = relative(&case).replace("fixtures/", "").replace('/', "__");
        insta::with_settings!({snapshot_path => "../snapshots"}, {
            insta::assert_snapshot!(name, text);
        });
    }
}

#[test]
fn flags_fixtures_are_flagged_and_allows_fixtures_are_not() {
    for case in cases() {
        let rule = rule_of(&case);
        let findings = check(&case, Some(&rule)).findings;
        let found = findings.iter().any(|finding| finding.rule == rule);
        let flags = name_of(&case).starts_with("flags-");
        assert_eq!(found, flags, "{}", relative(&case));
    }
}

#[test]
fn lines_fit_eighty_columns() {
    for case in cases() {
        let text = shown(&check(&case, None), Format::Text, Style::default());
        let long = text
            .lines()
            .find(|line| line.chars().count() > 80 && !line.contains("fixtures/") && !is_hcl(line));
        assert_eq!(long, None, "{}", relative(&case));
    }
}

/// HCL is to be pasted: it is never wrapped.
fn is_hcl(line: &str) -> bool {
    line.starts_with("          from = ") || line.starts_with("          to   = ")
}

#[test]
fn members_of_the_destroy_rules_are_exactly_what_the_plan_destroys() {
    for case in cases() {
        let report = check(&case, None);
        let destroys = |f: &&Finding| DESTROY.contains(&f.rule);
        let got: BTreeSet<_> = report
            .findings
            .iter()
            .filter(destroys)
            .flat_map(|f| f.members.clone())
            .collect();
        assert_eq!(got, destroyed(&case), "{}", relative(&case));
    }
}

fn destroyed(case: &Path) -> BTreeSet<String> {
    let read = |plan: String| std::fs::read_to_string(common::root().join(plan)).expect("a plan");
    let plans = common::plans(case).into_iter().map(read);
    let mut found = BTreeSet::new();
    for text in plans {
        let plan: Value = serde_json::from_str(&text).expect("JSON");
        let changes = plan["resource_changes"].as_array();
        let destroys = |change: &&Value| {
            let actions = change["change"]["actions"].as_array().expect("actions");
            change["mode"] == "managed" && actions.iter().any(|action| action == "delete")
        };
        let gone = changes.into_iter().flatten().filter(destroys);
        found.extend(gone.map(|change| change["address"].as_str().expect("text").to_owned()));
    }
    found
}

#[test]
fn a_rule_that_cannot_know_says_so_once() {
    let report = fixture("foreign-change/allows-stack-without-owner");
    let told = report.stacks[0]
        .notes
        .iter()
        .filter(|note| note.contains("foreign-change"))
        .count();
    assert_eq!(told, 1, "{:?}", report.stacks[0].notes);
}
