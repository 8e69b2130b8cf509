//! What the rules on trust mean, over recorded fixtures and over plans nobody records.

mod common;

use common::{check, check_with, command, err, root, run, shown, texts};
use serde_json::{Value, json};
use std::io::Write as _;
use std::process::Stdio;
use tfguard::finding::{Finding, Severity};
use tfguard::report::{Format, Style};

fn findings(path: &str) -> Vec<Finding> {
    let rule = path.split('/').next().expect("a rule");
    check(&root().join("fixtures").join(path), Some(rule)).findings
}

fn only(path: &str) -> Finding {
    let mut found = findings(path);
    assert_eq!(found.len(), 1, "{path}");
    found.remove(0)
}

/// What tfguard says of a plan made up for a test, with all rules.
fn said_of(plan: &Value) -> Value {
    let mut child = command(&["-f", "json", "--fail-on", "never", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let mut input = child.stdin.take().expect("a pipe");
    input
        .write_all(plan.to_string().as_bytes())
        .expect("written");
    drop(input);
    let output = child.wait_with_output().expect("the program ends");
    assert!(output.status.success(), "{}", err(&output));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn of_rule<'r>(report: &'r Value, rule: &str) -> Vec<&'r Value> {
    let all = report["findings"].as_array().expect("a list");
    all.iter().filter(|found| found["rule"] == rule).collect()
}

#[test]
fn drift_is_told_by_what_the_plan_makes_of_it() {
    use Severity::{Error, Note, Warning};
    let table = [
        (
            "flags-reverted",
            "reverted",
            Error,
            json!(["instance_type"]),
        ),
        (
            "flags-overwritten",
            "overwritten",
            Error,
            json!(["visibility_timeout_seconds"]),
        ),
        ("flags-replaced", "replaced", Error, json!(["ami"])),
        ("flags-recreated", "recreated", Error, json!([])),
        ("flags-spread", "spread", Warning, json!(["public_ip"])),
        (
            "flags-not-covered",
            "not_covered",
            Warning,
            json!(["instance_type"]),
        ),
        ("flags-kept", "kept", Note, json!(["instance_type"])),
        (
            "flags-tags-everywhere",
            "reverted",
            Error,
            json!(["tags.CostCenter"]),
        ),
    ];
    for (case, effect, severity, attributes) in table {
        let finding = only(&format!("drift/{case}"));
        assert_eq!(finding.facts["effect"], effect, "{case}");
        assert_eq!(finding.severity, severity, "{case}");
        assert_eq!(finding.facts["attributes"], attributes, "{case}");
    }
}

#[test]
fn one_hand_is_one_finding() {
    assert_eq!(only("drift/flags-reverted").members.len(), 2);
    assert_eq!(only("drift/flags-reverted").address, "aws_instance.worker");
    assert_eq!(only("drift/flags-recreated").members.len(), 3);
    let tags = only("drift/flags-tags-everywhere");
    assert_eq!(tags.address, "flags-tags-everywhere");
    assert_eq!(tags.members.len(), 3);
}

#[test]
fn a_plan_that_only_refreshes_accepts_what_it_finds() {
    let found = findings("drift/flags-refresh-only");
    let told: Vec<_> = found
        .iter()
        .map(|f| (&*f.address, f.severity, f.facts["action"].clone()))
        .collect();
    let warning = Severity::Warning;
    assert_eq!(
        told,
        [
            ("aws_instance.app", warning, json!("update")),
            ("aws_sqs_queue.orders", warning, json!("delete")),
        ]
    );
    assert!(found.iter().all(|f| f.facts["effect"] == "accepted"));
}

#[test]
fn a_replacement_for_drift_belongs_to_planned_replace() {
    let report = check(&root().join("fixtures/drift/flags-replaced"), None);
    let rules: Vec<_> = report.findings.iter().map(|f| (f.rule, f.cause)).collect();
    assert_eq!(rules, [("drift", None), ("planned-replace", Some("drift"))]);
}

#[test]
fn sorting_the_keys_of_a_document_changes_no_finding() {
    for case in [
        "flags-reverted",
        "flags-overwritten",
        "flags-replaced",
        "flags-recreated",
        "flags-spread",
        "flags-kept",
        "flags-tags-everywhere",
        "allows-computed",
    ] {
        let path = root().join("fixtures/drift").join(case).join("plan.json");
        let plan = std::fs::read_to_string(path).expect("a plan");
        // serde_json sorts keys: drift comes behind the changes.
        let sorted: Value = serde_json::from_str(&plan).expect("JSON");
        let told = |found: &[&Value]| -> Vec<Value> {
            let told = found.iter();
            told.map(|f| json!([f["severity"], f["members"], f["facts"]]))
                .collect()
        };
        let report = said_of(&sorted);
        let got = told(&of_rule(&report, "drift"));
        let want: Vec<Value> = findings(&format!("drift/{case}"))
            .iter()
            .map(|f| json!([f.severity.word(), f.members, f.facts]))
            .collect();
        assert_eq!(got, want, "{case}");
    }
}

#[test]
fn odd_drift_is_read_without_fuss() {
    let change = |actions: Value, before: Value, after: Value| json!({"actions": actions, "before": before, "after": after, "after_unknown": {}});
    let object = |name: &str, change: Value| {
        json!({"address": format!("x_y.{name}"), "mode": "managed", "type": "x_y", "name": name,
               "change": change})
    };
    let plan = json!({
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "planned_values": {"root_module": {"resources": [{}]}},
        "resource_drift": [
            {}, null, {"address": "x_y.none"}, {"address": "", "change": []},
            object("list", json!({"actions": ["update"], "before": [], "after": "text"})),
            object("no_before", json!({"actions": ["update"], "after": {"a": 1}})),
            object("move", change(json!(["no-op"]), json!({"a": 1}), json!({"a": 1}))),
            object("read", change(json!(["read"]), Value::Null, json!({"a": 1}))),
            object("new-word", change(json!(["rename"]), json!({"a": 1}), json!({"a": 2}))),
            {"address": "x_y.leftover", "mode": "managed", "deposed": "00000001",
             "change": change(json!(["delete"]), json!({}), Value::Null)},
        ],
        "resource_changes": [object("leftover", change(json!(["create"]), Value::Null, json!({})))],
        "relevant_attributes": [[], {}, null, {"resource": 3}, {"resource": "x_y.read", "attribute": [0]},
                                {"resource": "x_y.read", "attribute": "a"}],
    });
    // What drifted like that touches nothing that is planned; a lone leftover is nobody's object.
    assert_eq!(of_rule(&said_of(&plan), "drift"), [&Value::Null; 0]);
}

/// A plan in which one object with a configured `metadata` block drifted.
fn drifted(before: &Value, after: &Value, planned: &Value, mode: &Value) -> Value {
    let object = |change: Value| json!({"address": "x_y.z", "mode": "managed", "type": "x_y", "name": "z", "change": change});
    let action = if after == planned { "no-op" } else { "update" };
    let mut plan = json!({
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "planned_values": {"root_module": {"resources": [{}]}},
        "resource_drift": [object(json!({"actions": ["update"], "before": before, "after": after}))],
        "resource_changes": [object(json!({"actions": [action], "before": after, "after": planned}))],
        "configuration": {"root_module": {"resources": [{
            "address": "x_y.z", "mode": "managed", "type": "x_y", "name": "z",
            "expressions": {"metadata": [{"name": {"constant_value": "n"}}], "size": {"constant_value": 1}},
        }]}},
    });
    for (key, value) in mode.as_object().expect("members") {
        plan[key] = value.clone();
    }
    plan
}

#[test]
fn what_only_clouds_write_is_left_out() {
    let metadata = |version: u32, label: &str| json!({"metadata": [{"resource_version": version, "labels": {"a": label}}]});
    let quiet = [
        (metadata(1, "x"), metadata(2, "x")),
        (
            json!({"etag": "a", "size": 1}),
            json!({"etag": "b", "size": 1}),
        ),
        (json!({"tags": null}), json!({"tags": {}})),
    ];
    for (before, after) in quiet {
        let report = said_of(&drifted(&before, &after, &after, &json!({})));
        assert_eq!(of_rule(&report, "drift"), [&Value::Null; 0], "{before}");
    }
    let report = said_of(&drifted(
        &metadata(1, "x"),
        &metadata(2, "y"),
        &metadata(2, "y"),
        &json!({}),
    ));
    let found = of_rule(&report, "drift");
    assert_eq!(
        found[0]["facts"]["attributes"],
        json!(["metadata[0].labels.a"])
    );
    assert_eq!(found[0]["severity"], "note");
}

#[test]
fn what_a_plan_changes_beside_drift_is_told_apart_from_it() {
    let tags = |own: &str, theirs: Value| json!({"metadata": [{"own": own, "theirs": theirs}]});
    let (before, after) = (tags("a", Value::Null), tags("a", json!("t")));
    let effect = |planned: &Value| {
        let report = said_of(&drifted(&before, &after, planned, &json!({})));
        of_rule(&report, "drift")[0]["facts"]["effect"].clone()
    };
    assert_eq!(effect(&tags("b", json!("t"))), "kept");
    assert_eq!(effect(&tags("b", Value::Null)), "reverted");
    assert_eq!(effect(&tags("b", json!("u"))), "overwritten");
}

#[test]
fn a_secret_in_a_path_or_an_address_is_hidden() {
    let value = |n: u32| json!({"size": {"S3CR3T-in-a-map": n}, "metadata": "S3CR3T-in-a-map"});
    let mut plan = drifted(&value(1), &value(2), &value(1), &json!({}));
    let marks = json!({"metadata": true});
    plan["resource_changes"][0]["change"]["before_sensitive"] = marks;
    plan["resource_drift"]
        .as_array_mut()
        .expect("a list")
        .push(json!({
            "address": "x_y.z[\"S3CR3T-in-a-map\"]", "mode": "managed",
            "change": {"actions": ["delete"], "before": {"a": 1}, "after": null},
        }));
    plan["errored"] = json!(true);
    let report = said_of(&plan);
    let found = of_rule(&report, "drift");
    assert_eq!(found.len(), 2);
    assert_eq!(found[0]["facts"]["attributes"], json!(["size"]));
    assert_eq!(found[1]["members"], json!(["x_y.z[\"(sensitive)\"]"]));
    assert!(!report.to_string().contains("S3CR3T"), "{report}");
}

#[test]
fn plans_of_old_terraform_have_neither_drift_nor_checks() {
    let plan = json!({
        "format_version": "0.1",
        "terraform_version": "0.12.31",
        "planned_values": {"root_module": {}},
        "resource_changes": [],
        "configuration": {"root_module": {}},
    });
    let report = said_of(&plan);
    for rule in ["drift", "failed-check", "stale-plan"] {
        assert_eq!(of_rule(&report, rule), [&Value::Null; 0], "{rule}");
    }
}

#[test]
fn a_failed_check_block_warns_and_everything_else_stops_the_plan() {
    let table = [
        ("flags-check-block", "check.timeout", Severity::Warning),
        ("flags-instances", "terraform_data.queue", Severity::Error),
        ("flags-output", "module.net.output.first", Severity::Error),
        ("flags-variable", "var.environment", Severity::Error),
        ("flags-not-evaluated", "terraform_data.job", Severity::Error),
    ];
    for (case, address, severity) in table {
        let finding = only(&format!("failed-check/{case}"));
        assert_eq!((&*finding.address, finding.severity), (address, severity));
        assert_eq!(finding.facts["evaluated"], case != "flags-not-evaluated");
        let case = root().join("fixtures/failed-check").join(case);
        let located = check_with(&case, Some("failed-check"), true);
        assert!(located.findings[0].location.is_some(), "{address}");
    }
    let several = only("failed-check/flags-instances");
    assert_eq!(several.members.len(), 2);
    assert_eq!(several.related.len(), 2);
}

/// Terraform 1.11 warns of it and goes on.
#[test]
fn what_fails_where_only_the_state_is_refreshed_is_a_warning() {
    let finding = only("failed-check/flags-refresh-only");
    assert_eq!(finding.severity, Severity::Warning);
}

#[test]
fn a_variable_that_is_validated_waits_for_nothing() {
    let case = root().join("fixtures/failed-check/flags-variable");
    let report = check_with(&case, Some("dependency-cycle"), true);
    assert!(report.findings.is_empty(), "{:?}", report.findings);
}

#[test]
fn messages_of_checks_give_no_secret_away_and_no_command() {
    let case = root().join("fixtures/failed-check/flags-secret");
    let report = check(&case, None);
    for finding in &report.findings {
        assert!(texts(finding).iter().all(|text| !text.contains("S3CR3T")));
    }
    for format in [Format::Text, Format::Json, Format::Sarif] {
        let text = shown(&report, format, Style::default());
        assert!(!text.contains("S3CR3T"), "{text}");
        assert!(!text.lines().any(|line| line.trim_start().starts_with("::")));
    }
    let sarif = shown(&report, Format::Sarif, Style::default());
    assert!(!sarif.contains("[here](https"), "{sarif}");
}

#[test]
fn checks_of_any_shape_are_read() {
    let instance = |name: &str, status: &str, message: &str| json!({"address": {"to_display": name}, "status": status, "problems": [{"message": message}]});
    let hostile = "\u{1b}[31m\n\n::error::x \u{202e}".repeat(40);
    let plan = json!({
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "planned_values": {"root_module": {}},
        "variables": {"v": {"value": "S3CR3T-in-a-key"}},
        "configuration": {"root_module": {"variables": {"v": {"sensitive": true}}}},
        "checks": [
            null, 7, {}, {"status": "fail"}, {"status": "new-word", "address": {"kind": "check", "name": "n"}},
            {"status": "unknown", "address": {"kind": "check", "name": "u", "to_display": "check.u"},
             "instances": [{"status": "unknown"}]},
            {"status": "fail", "address": {"kind": "output_value", "module": "module.m", "name": "o"},
             "instances": "none"},
            {"status": "fail", "address": {"kind": "check", "name": "h", "to_display": "check.h"},
             "instances": [instance("check.h", "fail", &hostile), instance("", "pass", "fine")]},
            {"status": "fail", "address": {"kind": "resource", "to_display": "x_y.z"},
             "instances": [instance("x_y.z[\"S3CR3T-in-a-key\"]", "fail", "")]},
            {"status": "error", "address": {"kind": "later", "to_display": "new.thing"}},
        ],
    });
    let report = said_of(&plan);
    let found = of_rule(&report, "failed-check");
    let addresses: Vec<_> = found.iter().map(|f| f["address"].clone()).collect();
    assert_eq!(
        addresses,
        ["", "module.m.output.o", "new.thing", "x_y.z", "check.h"]
    );
    assert_eq!(found[3]["members"], json!(["x_y.z[\"(sensitive)\"]"]));
    let said = found[4]["message"].as_str().expect("text");
    assert!(said.chars().count() < 600 && !said.contains(['\u{1b}', '\u{202e}', '\n']));
}

#[test]
fn conditions_of_terraform_1_2_are_read_and_not_told_twice() {
    let failed = json!({"address": "x_y.z[0]", "condition_type": "ResourcePostcondition",
                        "result": false, "unknown": false, "error_message": "No."});
    let passed = json!({"address": "output.o", "condition_type": "OutputPrecondition",
                        "result": true, "unknown": false});
    let unknown = json!({"address": "output.o", "result": false, "unknown": true});
    let mut plan = json!({
        "format_version": "1.1",
        "planned_values": {"root_module": {}},
        "condition_results": [failed, passed, unknown],
    });
    let report = said_of(&plan);
    let found = of_rule(&report, "failed-check");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["address"], "x_y.z");
    assert_eq!(found[0]["members"], json!(["x_y.z[0]"]));
    plan["checks"] = json!([{"status": "fail", "address": {"kind": "resource", "to_display": "x_y.z"},
                             "instances": [{"address": {"to_display": "x_y.z[0]"}, "status": "fail"}]}]);
    assert_eq!(of_rule(&said_of(&plan), "failed-check").len(), 1);
}

#[test]
fn age_counts_only_when_somebody_asks_for_it() {
    const OLD: &str = "fixtures/stale-plan/flags-old/plan.json";
    let stale = |args: &[&str]| {
        let mut all = vec!["-f", "json", "--fail-on", "warning", OLD];
        all.extend(args);
        run(&all).status.code()
    };
    assert_eq!(stale(&[]), Some(0));
    assert_eq!(stale(&["--max-age", "1m"]), Some(1));
    assert_eq!(stale(&["--max-age", "5000w"]), Some(0));
    assert_eq!(stale(&["--max-age", "soon"]), Some(2));
}

#[test]
fn a_plan_that_does_not_say_when_it_was_made_is_noted() {
    let plan = json!({"format_version": "1.1", "planned_values": {"root_module": {}}});
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    std::fs::write(file.path(), plan.to_string()).expect("written");
    let path = file.path().to_string_lossy();
    let notes = |args: &[&str]| {
        let mut all = vec!["-f", "json", &*path];
        all.extend(args);
        common::out(&run(&all)).contains("does not say when it was made")
    };
    assert!(notes(&["--max-age", "1h"]) && !notes(&[]));
}

/// Who follows "plan again without -target" with `-destroy` takes down the whole stack.
#[test]
fn a_targeted_destroy_is_not_to_be_planned_again_without_its_target() {
    let case = root().join("fixtures/planned-delete/flags-destroy-target");
    let report = check(&case, Some("partial-plan"));
    let fix = report.findings[0].fix.as_ref().expect("a fix");
    assert!(fix.description.starts_with("Apply exactly this plan"));
}
