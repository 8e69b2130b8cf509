//! The `moved` blocks that `unmoved-rename` proposes, tried with real Terraform: applied, renamed, planned, repaired,
//! planned again, and nothing is destroyed. Where terraform is missing these tests say so and pass.

mod common;

use std::fs;
use std::path::Path;
use std::process::Command;
use tfguard::Request;
use tfguard::finding::Finding;
use tfguard::input::gather::Inputs;

type Files = &'static [(&'static str, &'static str)];

const QUEUE: &str = r#"
variable "name" {
  type = string
}
resource "terraform_data" "queue" {
  input = "queue-${var.name}"
}
resource "terraform_data" "policy" {
  input            = "policy of ${var.name}"
  triggers_replace = terraform_data.queue.id
}
"#;

/// What was applied, and what it was renamed to.
const RENAMES: &[(&str, Files, Files)] = &[
    (
        "a resource",
        &[(
            "main.tf",
            r#"resource "terraform_data" "old" { input = "orders" }"#,
        )],
        &[(
            "main.tf",
            r#"resource "terraform_data" "new" { input = "orders" }"#,
        )],
    ),
    (
        "a key with quotes in it",
        &[(
            "main.tf",
            r#"resource "terraform_data" "q" {
              for_each = { "a \"b\"" = "orders", kept = "mails" }
              input = each.value
            }"#,
        )],
        &[(
            "main.tf",
            r#"resource "terraform_data" "q" {
              for_each = { "$${c}" = "orders", kept = "mails" }
              input = each.value
            }"#,
        )],
    ),
    (
        "count to for_each",
        &[(
            "main.tf",
            r#"resource "terraform_data" "q" {
              count = 2
              input = ["orders", "mails"][count.index]
            }"#,
        )],
        &[(
            "main.tf",
            r#"resource "terraform_data" "q" {
              for_each = toset(["orders", "mails"])
              input = each.key
            }"#,
        )],
    ),
    (
        "a module",
        &[
            (
                "main.tf",
                r#"module "old" { 
              source = "./queue" 
              name = "red" 
            }"#,
            ),
            ("queue/main.tf", QUEUE),
        ],
        &[
            (
                "main.tf",
                r#"module "new" { 
              source = "./queue" 
              name = "red" 
            }"#,
            ),
            ("queue/main.tf", QUEUE),
        ],
    ),
    (
        "into a module",
        &[(
            "main.tf",
            r#"resource "terraform_data" "queue" { input = "queue-red" }
            resource "terraform_data" "policy" {
              input            = "policy of red"
              triggers_replace = terraform_data.queue.id
            }"#,
        )],
        &[
            (
                "main.tf",
                r#"module "m" { 
              source = "./queue" 
              name = "red" 
            }"#,
            ),
            ("queue/main.tf", QUEUE),
        ],
    ),
    (
        "deeper into modules",
        &[
            (
                "main.tf",
                r#"module "m" { 
              source = "./queue" 
              name = "red" 
            }"#,
            ),
            ("queue/main.tf", QUEUE),
        ],
        &[
            ("main.tf", r#"module "outer" { source = "./outer" }"#),
            (
                "outer/main.tf",
                r#"module "m" { 
              source = "../queue" 
              name = "red" 
            }"#,
            ),
            ("queue/main.tf", QUEUE),
        ],
    ),
];

fn terraform(dir: &Path, arguments: &[&str]) -> String {
    let output = Command::new("terraform")
        .current_dir(dir)
        .env("CHECKPOINT_DISABLE", "1")
        .env("TF_IN_AUTOMATION", "1")
        .env_remove("TF_CLI_CONFIG_FILE")
        .args(arguments)
        .output()
        .expect("terraform runs");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "terraform {arguments:?}: {error}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// Puts sources in place of those that were there; the state stays.
fn put(dir: &Path, files: Files) {
    for entry in fs::read_dir(dir).expect("a directory").flatten() {
        if entry
            .path()
            .extension()
            .is_some_and(|ending| ending == "tf")
        {
            fs::remove_file(entry.path()).expect("removed");
        }
    }
    for (name, text) in files {
        let path = dir.join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("made");
        fs::write(path, text).expect("written");
    }
}

/// The plan as JSON, in a file.
fn plan(dir: &Path) -> String {
    terraform(dir, &["init", "-no-color"]);
    terraform(dir, &["plan", "-no-color", "-out=tfplan"]);
    let json = terraform(dir, &["show", "-json", "tfplan"]);
    let path = dir.join("plan.json");
    fs::write(&path, json).expect("written");
    path.to_string_lossy().into_owned()
}

fn findings(plan: String) -> Vec<Finding> {
    let empty = tempfile::NamedTempFile::new().expect("a temporary file");
    let request = Request {
        inputs: Inputs {
            plans: vec![plan],
            ..Inputs::default()
        },
        config: Some(empty.path().to_owned()),
        ..Request::default()
    };
    let run = tfguard::run(&request).expect("a good request");
    run.report.expect("a report").findings
}

#[test]
#[expect(clippy::print_stderr, reason = "a skipped test must say so")]
fn the_proposed_moved_blocks_take_the_destroy_away() {
    if Command::new("terraform").arg("version").output().is_err() {
        eprintln!("skipped: terraform is not on PATH");
        return;
    }
    for (what, before, after) in RENAMES {
        let dir = tempfile::tempdir().expect("a temporary directory");
        put(dir.path(), before);
        terraform(dir.path(), &["init", "-no-color"]);
        terraform(dir.path(), &["apply", "-no-color", "-auto-approve"]);
        put(dir.path(), after);
        let renamed = findings(plan(dir.path()));
        let fixes: Vec<_> = renamed
            .iter()
            .filter_map(|finding| finding.fix.as_ref()?.hcl.clone())
            .collect();
        assert!(!fixes.is_empty(), "{what}: {renamed:#?}");
        fs::write(dir.path().join("moved.tf"), fixes.join("\n")).expect("written");
        let repaired = findings(plan(dir.path()));
        let destroyed: Vec<_> = repaired.iter().flat_map(|found| &found.members).collect();
        assert!(destroyed.is_empty(), "{what}: {destroyed:?}");
    }
}
