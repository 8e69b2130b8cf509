//! Owners from CODEOWNERS: a repository is made around the sources of a recorded fixture.

mod common;

use common::{copy, root};
use std::fs;
use std::path::Path;
use tfguard::finding::Severity;
use tfguard::gate::StackReport;
use tfguard::input::gather::Inputs;
use tfguard::{Request, Run, run};

const CONFIG: &str = "[ownership]\ncodeowners = true\n";
const CASE: &str = "fixtures/foreign-change/flags-by-codeowners";

/// The sources of a fixture in a repository of their own.
fn repository(case: &str) -> tempfile::TempDir {
    let top = tempfile::tempdir().expect("a folder");
    fs::create_dir(top.path().join(".git")).expect("a folder");
    copy(
        &root().join(case).join("after"),
        &top.path().join("stacks/app"),
    );
    top
}

fn check(top: &Path, case: &str, config: &str) -> Run {
    let path = top.join("tfguard.toml");
    fs::write(&path, config).expect("written");
    let plan = root().join(case).join("plan.json");
    let request = Request {
        inputs: Inputs {
            plans: vec![plan.to_str().expect("UTF-8").to_owned()],
            source: Some(top.join("stacks/app")),
            ..Inputs::default()
        },
        config: Some(path),
        ..Request::default()
    };
    run(&request).expect("a good configuration")
}

fn stack(top: &Path, config: &str) -> StackReport {
    check(top, CASE, config)
        .report
        .expect("a report")
        .stacks
        .remove(0)
}

/// Whom to ask, with the numbers of changes.
fn asked(stack: &StackReport) -> Vec<String> {
    let owners = stack.owners.iter();
    owners
        .map(|owner| format!("{} {}", owner.name, owner.changes))
        .collect()
}

#[test]
fn the_file_of_a_block_decides() {
    let top = repository(CASE);
    let lines = "/stacks/app/ @app\n/stacks/app/modules/network/*.tf @net\n";
    fs::write(top.path().join("CODEOWNERS"), lines).expect("written");
    assert_eq!(asked(&stack(top.path(), CONFIG)), ["@app 1", "@net 1"]);
}

#[test]
fn where_the_files_of_a_stack_differ_what_is_said_of_the_directory_counts() {
    let top = repository(CASE);
    fs::write(
        top.path().join("stacks/app/extra.tf"),
        "locals {\n  x = 1\n}\n",
    )
    .expect("written");
    let lines = "/stacks/app/ @dir\n/stacks/app/main.tf @main\n/stacks/app/modules/ @net\n";
    fs::write(top.path().join("CODEOWNERS"), lines).expect("written");
    let findings = check(top.path(), CASE, CONFIG)
        .report
        .expect("a report")
        .findings;
    let foreign = findings
        .iter()
        .find(|finding| finding.rule == "foreign-change");
    assert_eq!(foreign.expect("foreign").facts["stack_owner"], "@dir");
}

#[test]
fn the_stack_belongs_to_the_owner_of_its_directory() {
    let top = repository(CASE);
    fs::write(
        top.path().join("CODEOWNERS"),
        "/stacks/app/ @app\n/stacks/app/modules/network/ @net\n",
    )
    .expect("written");
    let run = check(top.path(), CASE, CONFIG);
    let findings = run.report.expect("a report").findings;
    let foreign = findings
        .iter()
        .find(|finding| finding.rule == "foreign-change")
        .expect("foreign");
    assert_eq!(foreign.facts["stack_owner"], "@app");
    assert_eq!(foreign.members, ["module.network.terraform_data.vpc"]);
}

#[test]
fn what_tfguard_toml_says_comes_first_and_its_names_are_taken() {
    let top = repository(CASE);
    fs::write(top.path().join("CODEOWNERS"), "* @acme/team-app\n").expect("written");
    // The address of a module stands for all that is in it, as in overrides and waivers.
    for module in ["module.network.**", "module.network"] {
        let config = format!(
            "[stack]\nowner = \"team-app\"\n[ownership]\ncodeowners = true\n[[owner]]\nname = \"team-net\"\naddresses = [\"{module}\"]\n"
        );
        let asked = asked(&stack(top.path(), &config));
        assert_eq!(asked, ["team-app 1", "team-net 1"], "{module}");
    }
}

#[test]
fn a_block_that_is_gone_belongs_to_its_directory() {
    let case = "fixtures/planned-delete/flags-removed-block";
    let top = repository(case);
    fs::write(top.path().join("CODEOWNERS"), "/stacks/ @stacks\n").expect("written");
    let stack = check(top.path(), case, CONFIG)
        .report
        .expect("a report")
        .stacks
        .remove(0);
    assert_eq!(asked(&stack), ["@stacks 2"]);
}

#[test]
fn what_keeps_codeowners_from_being_used_is_told_once() {
    let top = repository(CASE);
    let told = |stack: &StackReport, words: &str| {
        stack
            .notes
            .iter()
            .filter(|note| note.contains("CODEOWNERS") && note.contains(words))
            .count()
    };
    assert_eq!(told(&stack(top.path(), CONFIG), "no CODEOWNERS"), 1);
    assert_eq!(told(&stack(top.path(), ""), ""), 0);
    let file = fs::File::create(top.path().join("CODEOWNERS")).expect("a file");
    file.set_len(4 << 20).expect("grown");
    let large = stack(top.path(), CONFIG);
    assert_eq!(told(&large, "3 MB"), 1);
    assert!(large.owners.is_empty());
    // The sources of something else: their files say nothing about this plan.
    let run = check(
        top.path(),
        "fixtures/planned-delete/flags-data-loss",
        CONFIG,
    );
    let stack = run.report.expect("a report").stacks.remove(0);
    assert_eq!(told(&stack, "no .tf sources"), 1);
}

#[test]
fn names_that_steer_a_terminal_are_shown_harmless() {
    let top = repository(CASE);
    fs::write(top.path().join("CODEOWNERS"), "* @a\u{1b}[31m @\u{202e}b\n").expect("written");
    let stack = stack(top.path(), CONFIG);
    assert_eq!(stack.owners[0].name, "@a\\u{1b}[31m & @\\u{202e}b");
}

#[test]
fn whoever_tags_an_object_of_another_owner_first_takes_it_over() {
    let case = root().join("fixtures/foreign-change/flags-taken-by-first-tag");
    let findings = common::check(&case, Some("foreign-change")).findings;
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].facts["owner"], "team-security");
    assert_eq!(findings[0].severity, Severity::Error);
}
