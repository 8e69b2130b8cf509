//! The last line: a way that leads out.

mod common;

use common::{command, copy, out, root, run};
use std::fs;

/// The last line of a case, on one line.
fn last(args: &[&str]) -> String {
    let text = out(&run(args));
    let at = text.rfind("\nfail: ").expect("a verdict");
    text[at..].split_whitespace().collect::<Vec<_>>().join(" ")
}

fn case(name: &str) -> String {
    let toml = format!("fixtures/{name}/tfguard.toml");
    let plan = format!("fixtures/{name}/plan.json");
    if root().join(&toml).is_file() {
        last(&["--config", &toml, &plan])
    } else {
        last(&[&plan])
    }
}

#[test]
fn a_fix_is_to_be_applied_only_where_there_is_one_to_paste() {
    let table = [
        ("unmoved-rename/flags-resource", "To pass, apply the fix."),
        (
            "foreign-change/flags-by-module-source",
            "To pass, mend foreign-change, or waive it in tfguard.toml.",
        ),
        (
            "errored-plan/flags-precondition",
            "To pass, plan again (errored-plan)",
        ),
        (
            "leaky-depends-on/flags-late-read",
            "To pass, mend leaky-depends-on.",
        ),
        (
            "planned-delete/flags-data-loss",
            "To pass, have the destroy approved: tfguard approve",
        ),
    ];
    for (name, way) in table {
        let line = case(name);
        assert!(line.contains(way), "{name}: {line}");
    }
}

#[test]
fn a_destroy_by_a_late_read_is_approved_once_the_leak_is_accepted() {
    let folder = tempfile::tempdir().expect("a folder");
    let toml = folder.path().join("tfguard.toml");
    let off = "[rules.leaky-depends-on]\nseverity = \"off\"\n";
    fs::write(&toml, off).expect("written");
    let toml = toml.to_str().expect("UTF-8");
    let plan = "fixtures/leaky-depends-on/flags-late-read/plan.json";
    let line = last(&["--config", toml, plan]);
    assert!(
        line.contains("To pass, have the destroy approved:"),
        "{line}"
    );
}

#[test]
fn what_no_waiver_is_about_is_to_be_mended() {
    let plan = "fixtures/expired-waiver/flags-expired/plan.json";
    let toml = "fixtures/expired-waiver/flags-expired/tfguard.toml";
    let off = fs::read_to_string(root().join(toml)).expect("text");
    let folder = tempfile::tempdir().expect("a folder");
    let config = folder.path().join("tfguard.toml");
    let waived =
        off.replace("2027-01-31", "2001-01-31") + "[rules.planned-delete]\nseverity = \"note\"\n";
    fs::write(&config, waived).expect("written");
    let config = config.to_str().expect("UTF-8");
    let line = last(&["--config", config, "--fail-on", "warning", plan]);
    assert!(line.ends_with("To pass, mend expired-waiver."), "{line}");
}

#[test]
fn two_stacks_that_destroy_one_address_are_told_apart() {
    let folder = tempfile::tempdir().expect("a folder");
    let plan = root().join("fixtures/planned-delete/flags-data-loss");
    for stack in ["dev", "prod"] {
        copy(&plan, &folder.path().join(stack));
    }
    let output = command(&["-q", "dev/plan.json", "prod/plan.json"])
        .current_dir(folder.path())
        .output()
        .expect("the program runs");
    let text = out(&output)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    assert!(
        text.contains("2 objects with data are destroyed (dev: aws_db_instance.main, prod: aws_db_instance.main)"),
        "{text}"
    );
}
