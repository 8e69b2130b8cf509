//! Every recorded fixture, one rule at a time: what a user reads, and what it must mean.

mod common;

use common::{cases, check, name_of, relative, shown};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use tfguard::finding::{Finding, Severity};
use tfguard::gate::Report;
use tfguard::report::{Format, Style};

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
        insta::assert_snapshot!(name, text);
    }
}

#[test]
fn flags_fixtures_are_flagged_and_allows_fixtures_are_not() {
    for case in cases() {
        let findings = check(&case, Some(&rule_of(&case))).findings;
        let flags = name_of(&case).starts_with("flags-");
        assert_eq!(!findings.is_empty(), flags, "{}", relative(&case));
    }
}

#[test]
fn lines_fit_eighty_columns() {
    for case in cases() {
        let text = shown(&check(&case, None), Format::Text, Style::default());
        let long = text
            .lines()
            .find(|line| line.chars().count() > 80 && !line.contains("fixtures/"));
        assert_eq!(long, None, "{}", relative(&case));
    }
}

#[test]
fn every_cause_of_a_delete_is_named() {
    let table = [
        (
            "flags-removed-block",
            "config_removed",
            "terraform_data.gone",
        ),
        ("flags-removed-module-call", "module_removed", "module.cell"),
        ("flags-module-key", "module_key_removed", "module.cell"),
        (
            "flags-module-count",
            "module_count_decreased",
            "module.cell",
        ),
        (
            "flags-count-decreased",
            "count_decreased",
            "terraform_data.worker",
        ),
        (
            "flags-count-zero",
            "count_zero",
            "module.cache.terraform_data.cache",
        ),
        ("flags-each-key", "each_key_removed", "terraform_data.q"),
        (
            "flags-repetition-changed",
            "repetition_changed",
            "terraform_data.q",
        ),
        (
            "flags-moved-target-missing",
            "moved_target_missing",
            "terraform_data.elsewhere",
        ),
        ("flags-destroy-mode", "destroy_mode", "flags-destroy-mode"),
        (
            "flags-destroy-target",
            "destroy_target",
            "flags-destroy-target",
        ),
        ("flags-deposed", "deposed", "terraform_data.web"),
    ];
    for (case, cause, address) in table {
        let finding = only(&format!("planned-delete/{case}"));
        assert_eq!(
            (finding.cause, finding.address.as_str()),
            (Some(cause), address),
            "{case}"
        );
    }
}

#[test]
fn the_variable_behind_a_count_is_followed_through_the_module_call() {
    let finding = only("planned-delete/flags-count-zero");
    assert_eq!(
        finding.facts["decided_by"],
        serde_json::json!(["var.enabled"])
    );
}

#[test]
fn members_of_the_destroy_rules_are_exactly_what_the_plan_destroys() {
    for case in cases() {
        let report = check(&case, None);
        let destroys = |f: &&Finding| matches!(f.rule, "planned-delete" | "planned-replace");
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
    let text = std::fs::read_to_string(case.join("plan.json")).expect("a plan");
    let plan: Value = serde_json::from_str(&text).expect("JSON");
    let changes = plan["resource_changes"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let destroys = |change: &Value| {
        let actions = change["change"]["actions"].as_array().expect("actions");
        change["mode"] == "managed" && actions.iter().any(|action| action == "delete")
    };
    changes
        .iter()
        .filter(|c| destroys(c))
        .map(|c| c["address"].as_str().expect("text").to_owned())
        .collect()
}

#[test]
fn replacements_are_grouped_under_what_set_them_off() {
    let table = [
        (
            "flags-attribute-with-follower",
            "attribute",
            "terraform_data.root",
            2,
        ),
        ("flags-request", "request", "terraform_data.a", 1),
        ("flags-tainted", "tainted", "terraform_data.a", 1),
        (
            "flags-triggered-by",
            "triggers",
            "terraform_data.template",
            1,
        ),
        (
            "flags-through-module-output",
            "attribute",
            "module.net.terraform_data.vpc",
            2,
        ),
        (
            "flags-deferred-read",
            "deferred_read",
            "terraform_data.role",
            1,
        ),
    ];
    for (case, cause, root, members) in table {
        let finding = only(&format!("planned-replace/{case}"));
        assert_eq!(
            (finding.cause, finding.address.as_str()),
            (Some(cause), root),
            "{case}"
        );
        assert_eq!(finding.members.len(), members, "{case}");
        assert_eq!(finding.facts["root"], root, "{case}");
    }
    assert_eq!(fixture("planned-replace/flags-two-roots").findings.len(), 2);
}

#[test]
fn updates_that_follow_are_listed_and_not_blamed() {
    let finding = only("planned-replace/flags-attribute-with-follower");
    assert_eq!(
        finding
            .related
            .iter()
            .map(|r| r.address.as_str())
            .collect::<Vec<_>>(),
        ["terraform_data.updated"]
    );
    assert_eq!(
        finding.facts["attributes"],
        serde_json::json!(["triggers_replace"])
    );
}

#[test]
fn a_path_runs_through_the_module_output() {
    let finding = only("planned-replace/flags-through-module-output");
    assert_eq!(
        finding.path,
        [
            "terraform_data.app",
            "module.net.output.id",
            "module.net.terraform_data.vpc"
        ]
    );
}

#[test]
fn a_hot_spot_is_loud_only_when_the_plan_changes_it() {
    assert_eq!(
        only("fan-out-hot-spot/flags-changed-hub").severity,
        Severity::Warning
    );
    assert_eq!(
        only("fan-out-hot-spot/flags-quiet-hub").severity,
        Severity::Note
    );
}

#[test]
fn depends_on_is_as_bad_as_what_this_plan_pays_for_it() {
    let paid = only("leaky-depends-on/flags-late-read");
    assert_eq!(paid.severity, Severity::Error);
    assert_eq!(
        paid.facts["replaced"],
        serde_json::json!(["terraform_data.app"])
    );
    let first_apply = only("leaky-depends-on/flags-first-apply");
    assert_eq!(first_apply.severity, Severity::Warning);
    assert_eq!(
        first_apply.facts["deferred"].as_array().map(Vec::len),
        Some(1)
    );
    assert_eq!(
        only("leaky-depends-on/flags-module-call").severity,
        Severity::Warning
    );
    assert_eq!(
        only("leaky-depends-on/flags-quiet-data-source").severity,
        Severity::Note
    );
    assert_eq!(
        only("leaky-depends-on/flags-whole-module").facts["extra"],
        1
    );
}

#[test]
fn the_reason_why_an_entry_is_redundant_is_told() {
    let table = [
        ("flags-referenced", "enforced"),
        ("flags-through-module-output", "enforced"),
        ("flags-repeated", "repeated"),
        ("flags-no-effect", "no_effect"),
    ];
    for (case, reason) in table {
        assert_eq!(
            only(&format!("redundant-depends-on/{case}")).facts["reason"],
            reason,
            "{case}"
        );
    }
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
