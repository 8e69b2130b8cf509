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

/// What two stacks with these blocks, and these workspaces where they were initialised, are told of their states.
fn beside(
    blocks: [&str; 2],
    workspaces: [Option<&str>; 2],
    env: Option<&str>,
) -> Vec<(String, String)> {
    let top = tempfile::tempdir().expect("a folder");
    let plan = root().join("fixtures/unscoped-state/flags-one-place/app/plan.json");
    for ((name, block), workspace) in ["app", "web"].iter().zip(blocks).zip(workspaces) {
        let dir = top.path().join(name);
        fs::create_dir(&dir).expect("a folder");
        fs::copy(&plan, dir.join("plan.json")).expect("copied");
        let text =
            format!("terraform {{\n  {block}\n}}\nresource \"terraform_data\" \"app\" {{\n}}\n");
        fs::write(dir.join("main.tf"), text).expect("written");
        if let Some(workspace) = workspace {
            fs::create_dir(dir.join(".terraform")).expect("a folder");
            fs::write(dir.join(".terraform/environment"), workspace).expect("written");
            let record = record("s3", r#"{"bucket":"b"}"#);
            fs::write(dir.join(".terraform/terraform.tfstate"), record).expect("written");
        }
    }
    let mut command = common::command(&[
        "app/plan.json",
        "web/plan.json",
        "-f",
        "json",
        "--exit-zero",
    ]);
    command.current_dir(top.path());
    if let Some(workspace) = env {
        command.env("TF_WORKSPACE", workspace);
    }
    let output = command.output().expect("it runs");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let findings = report["findings"].as_array().expect("findings").iter();
    let found = findings.filter(|finding| finding["rule"] == "unscoped-state");
    let found = found.map(|finding| {
        (
            finding["severity"].to_string(),
            finding["members"].to_string(),
        )
    });
    found.collect()
}

#[test]
fn two_stacks_that_keep_their_state_in_one_place_are_told() {
    let s3 = r#"backend "s3" {
    bucket = "b"
    key = "terraform.tfstate"
  }"#;
    let shared = |severity: &str| vec![(format!("\"{severity}\""), "[\"app\",\"web\"]".to_owned())];
    let both = |text| [text, text];
    assert_eq!(beside(both(s3), [None, None], None), shared("warning"));
    // Where the workspace is known, so is the place.
    assert_eq!(
        beside(both(s3), [None, None], Some("prod")),
        shared("error")
    );
    assert_eq!(
        beside(both(s3), [Some("prod"), None], None),
        shared("warning")
    );
    let other = s3.replace("terraform.tfstate", "web.tfstate");
    assert_eq!(beside([s3, &other], [None, None], None), []);
    let cloud = r#"cloud {
    organization = "acme"
    workspaces {
      name = "orders"
    }
  }"#;
    assert_eq!(beside(both(cloud), [None, None], None), shared("error"));
    let elsewhere = cloud.replace("acme", "other");
    assert_eq!(beside([cloud, &elsewhere], [None, None], None), []);
    let local = r#"backend "local" {
    path = "../states/x.tfstate"
  }"#;
    assert_eq!(beside(both(local), [None, None], None), shared("warning"));
    let at_home = local.replace("../states/", "");
    assert_eq!(beside(both(&at_home), [None, None], None), []);
    // What -backend-config completes is not known.
    let partial = s3.replace("key = \"terraform.tfstate\"", "");
    assert_eq!(beside(both(&partial), [None, None], None), []);
}

/// The s3 backend puts `workspace_key_prefix` before the states of all workspaces but the default one (Terraform 1.11).
#[test]
fn a_prefix_of_workspaces_does_not_part_what_the_default_one_keeps() {
    let a = r#"backend "s3" {
    bucket = "b"
    key = "k"
    workspace_key_prefix = "a"
  }"#;
    let b = a.replace("\"a\"", "\"b\"");
    assert_eq!(beside([a, &b], [None, None], Some("default")).len(), 1);
    assert_eq!(beside([a, &b], [None, None], Some("prod")), []);
    assert_eq!(beside([a, &b], [None, None], None), []);
    assert_eq!(beside([a, a], [None, None], Some("prod")).len(), 1);
}

#[test]
fn a_workspace_that_terraform_is_told_counts_above_what_it_was_initialised_for() {
    let s3 = r#"backend "s3" {
    bucket = "b"
    key = "k"
  }"#;
    assert_eq!(beside([s3, s3], [Some("app"), Some("web")], None), []);
    assert_eq!(
        beside([s3, s3], [Some("app"), Some("web")], Some("x")).len(),
        1
    );
}
