//! A loss of data is accepted by who named the object, and by nothing that came to stand over it.

mod common;

use common::{command, copy, err, out, root};
use serde_json::Value;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const DATABASE: &str = "aws_db_instance.main";

/// A copy of a case as a repository, with a configuration.
fn repository(case: &str, toml: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let case = root().join("fixtures").join(case);
    if case.join("after").is_dir() {
        copy(&case.join("after"), folder.path());
    }
    fs::copy(case.join("plan.json"), folder.path().join("plan.json")).expect("copied");
    fs::create_dir(folder.path().join(".git")).expect("a folder");
    fs::write(folder.path().join("tfguard.toml"), toml).expect("written");
    folder
}

fn shown(folder: &Path, args: &[&str]) -> (i32, String) {
    let output = command(&[args, &["plan.json"]].concat())
        .current_dir(folder)
        .output()
        .expect("the program runs");
    assert_eq!(err(&output), "");
    (output.status.code().expect("a code"), out(&output))
}

/// The first finding of a rule.
fn found(folder: &Path, rule: &str) -> Value {
    let (_, text) = shown(folder, &["-f", "json"]);
    let report: Value = serde_json::from_str(&text).expect("JSON");
    let all = report["findings"].as_array().expect("a list");
    let mut those = all.iter().filter(|finding| finding["rule"] == rule);
    those.next().expect("a finding").clone()
}

fn waiver(rule: &str, address: &str) -> String {
    format!(
        "[[waiver]]\nrule = \"{rule}\"\naddress = '{address}'\nreason = \"moved to the new cluster\"\n"
    )
}

/// Puts a comment right above a block.
fn comment(folder: &Path, above: &str, text: &str) {
    let main = folder.join("main.tf");
    let sources = fs::read_to_string(&main).expect("text");
    assert!(sources.contains(above), "{sources}");
    fs::write(&main, sources.replace(above, &format!("{text}\n{above}"))).expect("written");
}

#[test]
fn no_comment_covers_a_loss_of_data_wherever_it_stands_or_slipped_to() {
    let folder = repository("planned-replace/flags-data-loss", "");
    let above = "resource \"aws_db_instance\" \"main\"";
    let text = "# tfguard: allow planned-replace -- the queue below is made anew each week";
    comment(folder.path(), above, text);
    let finding = found(folder.path(), "planned-replace");
    assert_eq!(finding["status"], "open");
    let message = finding["message"].as_str().expect("text");
    assert!(
        message.ends_with("The comment in main.tf:1 does not cover a data loss: have it approved."),
        "{message}"
    );
    let (code, text) = shown(folder.path(), &[]);
    assert_eq!(code, 1);
    assert!(!text.contains("unused-waiver"), "{text}");
}

#[test]
fn only_the_whole_address_of_the_object_waives_a_loss_of_data() {
    let status = |address: &str| {
        let toml = waiver("planned-delete", address);
        let folder = repository("planned-delete/flags-data-loss", &toml);
        let finding = found(folder.path(), "planned-delete");
        let message = finding["message"].as_str().expect("text").to_owned();
        (finding["status"].as_str() == Some("waived"), message)
    };
    assert!(status(DATABASE).0);
    for glob in ["**", "aws_db_instance.*", "*.main", "aws_db_instance.mai?"] {
        let (waived, message) = status(glob);
        assert!(!waived, "{glob}");
        assert!(
            message
                .contains("tfguard.toml:1 does not cover a data loss: have it approved, or name"),
            "{message}"
        );
    }
}

#[test]
fn an_address_without_its_keys_names_no_object_that_holds_data() {
    let table = common::cases();
    let case = table.iter().find(|case| case.ends_with("flags-data-loss"));
    let plan = fs::read_to_string(case.expect("a case").join("plan.json")).expect("a plan");
    let plan = plan.replace(
        "\"aws_db_instance.main\"",
        "\"module.a[\\\"x\\\"].aws_db_instance.main\"",
    );
    for (address, waived) in [
        ("module.a[\"x\"].aws_db_instance.main", true),
        ("module.a.aws_db_instance.main", false),
        ("module.a[\"x\"]", false),
    ] {
        let folder = repository(
            "planned-delete/flags-data-loss",
            &waiver("planned-delete", address),
        );
        fs::write(folder.path().join("plan.json"), &plan).expect("written");
        let finding = found(folder.path(), "planned-delete");
        assert_eq!(
            finding["status"] == "waived",
            waived,
            "{address}: {finding:#}"
        );
    }
}

#[test]
fn a_rename_that_loses_data_is_not_waived_under_its_new_name() {
    let folder = repository("unmoved-rename/flags-resource", "");
    let above = "resource \"aws_s3_bucket\" \"audit_logs\"";
    comment(
        folder.path(),
        above,
        "# tfguard: allow unmoved-rename -- emptied before",
    );
    let finding = found(folder.path(), "unmoved-rename");
    assert_eq!(finding["status"], "open");
    let message = finding["message"].as_str().expect("text");
    assert!(message.contains("does not cover a data loss"), "{message}");
    let toml = folder.path().join("tfguard.toml");
    for (address, status) in [
        ("aws_s3_bucket.audit_logs", "open"),
        ("aws_s3_bucket.logs", "waived"),
    ] {
        fs::write(&toml, waiver("unmoved-rename", address)).expect("written");
        assert_eq!(
            found(folder.path(), "unmoved-rename")["status"],
            status,
            "{address}"
        );
    }
}

#[test]
fn whoever_accepts_a_loss_of_data_is_named_without_being_asked_for() {
    let toml = waiver("planned-delete", DATABASE);
    let folder = repository("planned-delete/flags-data-loss", &toml);
    for args in [&[][..], &["-q"]] {
        let (code, text) = shown(folder.path(), args);
        assert_eq!(code, 0, "{text}");
        let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            line.contains("data loss accepted: aws_db_instance.main (planned-delete), waived in tfguard.toml:1: moved to the new cluster"),
            "{text}"
        );
    }
    let (_, log) = shown(folder.path(), &["-f", "github"]);
    assert!(
        log.starts_with("::notice title=data loss waived%3A aws_db_instance.main::data loss accepted: aws_db_instance.main (planned-delete), waived in"),
        "{log}"
    );
    let (_, page) = shown(folder.path(), &["-f", "markdown"]);
    let marker = page.lines().next().expect("a line");
    assert!(marker.ends_with("open=0 accepted=1 -->"), "{marker}");
}

#[test]
fn a_destroy_that_nobody_would_miss_is_worth_no_comment() {
    let folder = repository("planned-delete/flags-data-loss", "");
    let plan = fs::read_to_string(folder.path().join("plan.json")).expect("a plan");
    let plan = plan.replace("aws_db_instance", "null_resource");
    fs::write(folder.path().join("plan.json"), plan).expect("written");
    fs::write(
        folder.path().join("tfguard.toml"),
        waiver("planned-delete", "**"),
    )
    .expect("written");
    let (_, page) = shown(folder.path(), &["-f", "markdown"]);
    let marker = page.lines().next().expect("a line");
    assert!(marker.ends_with("open=0 accepted=0 -->"), "{marker}");
}
