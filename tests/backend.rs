//! What the initialised backend beside the sources adds to what they say.

mod common;

use common::root;
use std::fs;
use std::path::Path;
use tfguard::finding::Finding;
use tfguard::gate::Report;
use tfguard::input::gather::Inputs;
use tfguard::{Request, run};

const PARTIAL: &str = "fixtures/unlocked-state/allows-completed-elsewhere";

/// The report on a fixture's sources, with a record of `terraform init` beside them.
fn check(case: &str, record: Option<&str>, config: &str, ci: bool) -> Report {
    let top = tempfile::tempdir().expect("a folder");
    let after = top.path().join("after");
    common::copy(&root().join(case).join("after"), &after);
    if let Some(record) = record {
        fs::create_dir(after.join(".terraform")).expect("a folder");
        fs::write(after.join(".terraform/terraform.tfstate"), record).expect("written");
    }
    checked(&after, case, config, ci)
}

fn checked(after: &Path, case: &str, config: &str, ci: bool) -> Report {
    let path = after.join("tfguard.toml");
    fs::write(&path, config).expect("written");
    let request = Request {
        inputs: Inputs {
            plans: vec![
                root()
                    .join(case)
                    .join("plan.json")
                    .to_str()
                    .expect("UTF-8")
                    .to_owned(),
            ],
            source: Some(after.to_owned()),
            ..Inputs::default()
        },
        config: Some(path),
        ci,
        ..Request::default()
    };
    run(&request)
        .expect("a good configuration")
        .report
        .expect("a report")
}

fn of<'r>(report: &'r Report, rule: &str) -> Vec<&'r Finding> {
    report
        .findings
        .iter()
        .filter(|finding| finding.rule == rule)
        .collect()
}

fn record(kind: &str, config: &str) -> String {
    format!(
        r#"{{"version":3,"terraform_version":"1.11.4","backend":{{"type":"{kind}","config":{config},"hash":1}}}}"#
    )
}

#[test]
fn what_init_was_told_completes_the_block() {
    let unlocked = record(
        "s3",
        r#"{"bucket":"b","key":null,"use_lockfile":null,"dynamodb_table":null,"secret_key":"S3CR3T-key"}"#,
    );
    let report = check(PARTIAL, Some(&unlocked), "", false);
    let findings = of(&report, "unlocked-state");
    assert_eq!(findings.len(), 1);
    let at = findings[0].location.as_ref().expect("a place");
    assert_eq!((at.file.as_str(), at.line), ("backend.tf", 2));
    assert!(
        report.stacks[0].notes.is_empty(),
        "{:?}",
        report.stacks[0].notes
    );
    assert!(!format!("{report:?}").contains("S3CR3T"));
    let locked = record(
        "s3",
        r#"{"bucket":"b","key":null,"dynamodb_table":"locks"}"#,
    );
    assert!(of(&check(PARTIAL, Some(&locked), "", false), "unlocked-state").is_empty());
}

#[test]
fn without_it_a_note_says_what_is_not_known() {
    for stale in [None, Some("{}"), Some("{\"backend\": [")] {
        let report = check(PARTIAL, stale, "", false);
        assert!(of(&report, "unlocked-state").is_empty());
        let told = report.stacks[0]
            .notes
            .iter()
            .filter(|note| note.contains("s3 backend"));
        assert_eq!(told.count(), 1, "{:?}", report.stacks[0].notes);
    }
}

#[test]
fn local_state_is_wrong_in_ci_alone() {
    let case = "fixtures/partial-plan/allows-whole-plan";
    assert!(of(&check(case, Some("{}"), "", false), "unlocked-state").is_empty());
    assert_eq!(
        of(&check(case, Some("{}"), "", true), "unlocked-state").len(),
        1
    );
    // Never initialised here: another job may have the backend.
    assert!(of(&check(case, None, "", true), "unlocked-state").is_empty());
}

#[test]
fn the_default_workspace_of_several_is_told() {
    let case = "fixtures/unscoped-state/allows-stack-in-key";
    let top = tempfile::tempdir().expect("a folder");
    common::copy(&root().join(case).join("after"), top.path());
    let config = "[stack]\nname = \"orders-prod\"\nenvironment = \"prod\"\n";
    let workspace = |name: &str| {
        fs::create_dir_all(top.path().join(".terraform")).expect("a folder");
        let bucket = record("s3", r#"{"bucket":"acme-states"}"#);
        fs::write(top.path().join(".terraform/terraform.tfstate"), bucket).expect("written");
        fs::write(top.path().join(".terraform/environment"), name).expect("written");
        of(&checked(top.path(), case, config, false), "unscoped-state").len()
    };
    assert_eq!(workspace("default"), 0);
    fs::write(
        top.path().join("names.tf"),
        "locals {\n  env = terraform.workspace\n}\n",
    )
    .expect("written");
    assert_eq!(workspace("default"), 1);
    assert_eq!(workspace("prod"), 0);
}

#[test]
fn an_override_file_and_json_say_what_counts() {
    let case = "fixtures/unlocked-state/flags-s3-without-lock";
    let top = tempfile::tempdir().expect("a folder");
    common::copy(&root().join(case).join("after"), top.path());
    let count = || of(&checked(top.path(), case, "", false), "unlocked-state").len();
    assert_eq!(count(), 1);
    let path = top.path().join("x_override.tf");
    fs::write(
        &path,
        "terraform {\n  cloud {\n    organization = \"o\"\n  }\n}\n",
    )
    .expect("written");
    assert_eq!(count(), 0);
    fs::remove_file(&path).expect("gone");
    fs::remove_file(top.path().join("backend.tf")).expect("gone");
    let json = r#"{"terraform": {"backend": {"http": {"address": "https://h/x"}}}}"#;
    fs::write(top.path().join("backend.tf.json"), json).expect("written");
    assert_eq!(count(), 1);
}
