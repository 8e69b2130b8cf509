//! Which stack an output is read from, and whether its reader does without it.

mod common;

use common::{command, err, out, root};
use serde_json::Value;
use std::path::Path;

fn findings(top: &Path, args: &[&str]) -> Vec<Value> {
    let args = [args, &["-f", "json", "--exit-zero"]].concat();
    let output = command(&args).current_dir(top).output().expect("it runs");
    let said = err(&output);
    let report: Value = serde_json::from_str(&out(&output)).unwrap_or_else(|_| panic!("{said}"));
    let findings = report["findings"].as_array().expect("findings");
    findings
        .iter()
        .filter(|finding| finding["rule"] == "broken-stack-output")
        .cloned()
        .collect()
}

fn fixture(path: &str) -> String {
    let path = root().join("fixtures/broken-stack-output").join(path);
    std::fs::read_to_string(path).expect("a fixture")
}

fn write(top: &Path, name: &str, text: &str) {
    let path = top.join(name);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    std::fs::write(path, text).expect("written");
}

/// The plan of the reader, as if it read a state of a bucket.
fn reads_from_bucket(key: &str) -> String {
    let config = format!(r#""bucket":"states","key":"{key}""#);
    fixture("flags-dropped/app/plan.json")
        .replace(r#""path":"../network/terraform.tfstate""#, &config)
        .replace(r#""backend":"local""#, r#""backend":"s3""#)
        .replace(
            r#""backend":{"constant_value":"local"}"#,
            r#""backend":{"constant_value":"s3"}"#,
        )
}

fn backend(key: &str) -> String {
    format!(
        "terraform {{\n  backend \"s3\" {{\n    bucket = \"states\"\n    key    = \"{key}\"\n  }}\n}}\n{}",
        fixture("flags-dropped/network/after/main.tf")
    )
}

#[test]
fn a_removed_output_that_a_try_stands_for_changes_its_reader_and_does_not_break_it() {
    let case = root().join("fixtures/broken-stack-output/flags-fallback");
    let with_sources = findings(&case, &["."]);
    assert_eq!(with_sources.len(), 1);
    assert_eq!(with_sources[0]["severity"], "warning");
    let top = tempfile::tempdir().expect("a folder");
    for stack in ["app", "network"] {
        let plan = format!("{stack}/plan.json");
        write(
            top.path(),
            &plan,
            &fixture(&format!("flags-fallback/{plan}")),
        );
    }
    let without = &findings(top.path(), &["."])[0];
    assert_eq!(without["severity"], "error");
    let message = without["message"].as_str().expect("a message");
    assert!(
        message.ends_with("unless a try stands for it."),
        "{message}"
    );
}

#[test]
fn of_two_environments_the_one_in_the_key_is_read() {
    let top = tempfile::tempdir().expect("a folder");
    let network = fixture("flags-dropped/network/plan.json");
    for environment in ["prod", "staging"] {
        let plan = format!("live/{environment}/network/plan.json");
        write(top.path(), &plan, &network);
    }
    let reader = reads_from_bucket("prod/network/terraform.tfstate");
    write(top.path(), "live/prod/app/plan.json", &reader);
    let found = findings(top.path(), &["live"]);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["stack"], "prod/network");
}

#[test]
fn a_stack_of_another_environment_is_not_the_one_that_is_read() {
    let top = tempfile::tempdir().expect("a folder");
    let network = fixture("flags-dropped/network/plan.json");
    write(top.path(), "live/prod/network/plan.json", &network);
    let reader = reads_from_bucket("staging/network/terraform.tfstate");
    write(top.path(), "live/staging/app/plan.json", &reader);
    assert!(findings(top.path(), &["live"]).is_empty());
}

#[test]
fn a_stack_is_known_by_the_backend_in_its_sources_whatever_it_is_called() {
    let top = tempfile::tempdir().expect("a folder");
    let network = fixture("flags-dropped/network/plan.json");
    for (stack, key) in [("one", "prod/net.tfstate"), ("net", "staging/net.tfstate")] {
        write(top.path(), &format!("{stack}/plan.json"), &network);
        write(top.path(), &format!("{stack}/main.tf"), &backend(key));
    }
    write(
        top.path(),
        "app/plan.json",
        &reads_from_bucket("prod/net.tfstate"),
    );
    let found = findings(top.path(), &["."]);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["stack"], "one");
}

/// A gcs prefix is one with and without the slash behind it.
#[test]
fn a_slash_at_the_end_of_a_place_makes_no_other_of_it() {
    let top = tempfile::tempdir().expect("a folder");
    write(
        top.path(),
        "one/plan.json",
        &fixture("flags-dropped/network/plan.json"),
    );
    write(top.path(), "one/main.tf", &backend("prod/net"));
    write(top.path(), "app/plan.json", &reads_from_bucket("prod/net/"));
    assert_eq!(findings(top.path(), &["."]).len(), 1);
}

/// Who takes objects over names them as the state does that still has them.
#[test]
fn the_state_that_objects_are_imported_from_is_not_the_importers_own() {
    let own = root().join("fixtures/shared-object/allows-own-state/web");
    let text = std::fs::read_to_string(own.join("plan.json")).expect("a plan");
    let mut plan: Value = serde_json::from_str(&text).expect("JSON");
    for change in plan["resource_changes"].as_array_mut().expect("changes") {
        change["change"]["importing"] = serde_json::json!({"id": "x"});
    }
    let state = std::fs::read_to_string(own.join("terraform.tfstate")).expect("a state");
    let top = tempfile::tempdir().expect("a folder");
    write(top.path(), "new/plan.json", &plan.to_string());
    write(top.path(), "states/core.tfstate", &state);
    let args = [
        "new/plan.json",
        "states/core.tfstate",
        "-f",
        "json",
        "--exit-zero",
    ];
    let output = command(&args).current_dir(top.path()).output();
    let said = out(&output.expect("it runs"));
    assert!(!said.contains("it was not looked at"), "{said}");
    assert!(said.contains("shared-object"), "{said}");
}

#[test]
fn a_workspace_is_read_from_the_plan_whose_file_names_it() {
    let (top, all) = (
        tempfile::tempdir().expect("a folder"),
        ["network/*.json", "app"],
    );
    let dropped = fixture("flags-dropped/network/plan.json");
    let kept = fixture("allows-other-output/network/plan.json");
    let app = fixture("flags-dropped/app/plan.json");
    let read = app.replace("\"workspace\":null", "\"workspace\":\"prod\"");
    let read = read.replace(
        "\"path\":",
        "\"workspace_dir\":\"../network/terraform.tfstate.d\",\"path\":",
    );
    write(top.path(), "app/plan.json", &read);
    for (gone, expected) in [("prod", 1), ("dev", 0)] {
        for name in ["dev", "prod"] {
            let plan = if name == gone { &dropped } else { &kept };
            write(top.path(), &format!("network/{name}.tfplan.json"), plan);
        }
        let found = findings(top.path(), &all);
        assert_eq!(found.len(), expected, "{gone}: {found:?}");
    }
}

/// Whoever excuses one output does not excuse what its reader reads besides.
#[test]
fn a_waiver_of_a_dropped_output_is_for_the_output() {
    let top = tempfile::tempdir().expect("a folder");
    for stack in ["app", "network"] {
        let plan = format!("{stack}/plan.json");
        write(
            top.path(),
            &plan,
            &fixture(&format!("flags-dropped/{plan}")),
        );
    }
    for (address, status) in [("output.vpc", "waived"), ("app", "open")] {
        let waiver = format!("rule = \"broken-stack-output\"\naddress = \"{address}\"");
        let text = format!("[[waiver]]\n{waiver}\nreason = \"agreed\"\n");
        write(top.path(), "tfguard.toml", &text);
        let found = findings(top.path(), &["app", "network"]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(
            found[0]["status"], status,
            "{address}: {}",
            found[0]["address"]
        );
    }
}
