//! `tfguard init` writes a configuration that says what is there and changes nothing.

mod common;

use common::{cases, command, copy, err, out, plans, root};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::Output;
use tempfile::TempDir;

fn run_in(folder: &Path, args: &[&str]) -> Output {
    let output = command(args).current_dir(folder).output();
    output.expect("the program runs")
}

fn findings(folder: &Path, plan: &str) -> (Option<i32>, Value) {
    found_with(folder, &[plan])
}

fn found_with(folder: &Path, args: &[&str]) -> (Option<i32>, Value) {
    let output = run_in(folder, &[&["-f", "json"], args].concat());
    let report: Value = serde_json::from_slice(&output.stdout).expect("a report");
    (output.status.code(), report["findings"].clone())
}

/// The file with every line set that is commented out.
fn uncommented(text: &str) -> String {
    let key = |line: &str| {
        let name = line.split(" = ").next().unwrap_or_default();
        let word = !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        line.starts_with('[') || (word && name.len() < line.len())
    };
    let lines = text.lines().map(|line| match line.strip_prefix("# ") {
        Some(rest) if key(rest) => rest,
        _ => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// A folder with a plan that destroys an object of this address.
fn folder(address: &str, key: &Value) -> TempDir {
    let name = address.split('[').next().expect("a name");
    let name = name.rsplit('.').next();
    let plan = json!({"format_version": "1.2", "terraform_version": "1.11.4", "complete": true, "errored": false,
        "planned_values": {}, "configuration": {"root_module": {}},
        "resource_changes": [{"address": address, "mode": "managed", "type": "aws_sqs_queue", "name": name,
            "index": key, "provider_name": "registry.terraform.io/hashicorp/aws",
            "action_reason": "delete_because_no_resource_config",
            "change": {"actions": ["delete"], "after": null,
                "before": {"name": "x", "tags": {"Team": "secret-team", "Environment": "prod"}}}}]});
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("plan.json"), plan.to_string()).expect("written");
    folder
}

#[test]
fn of_every_fixture_it_is_understood_and_changes_nothing() {
    for case in cases() {
        let all = plans(&case);
        let [plan] = all.as_slice() else {
            continue;
        };
        let top = tempfile::tempdir().expect("a folder");
        copy(&case, top.path());
        fs::create_dir(top.path().join(".git")).expect("a folder");
        let _ = fs::remove_file(top.path().join("tfguard.toml"));
        let plan = root().join(plan);
        let plan = plan
            .strip_prefix(&case)
            .expect("below")
            .to_string_lossy()
            .into_owned();
        let sources: &[&str] = if case.join("after").is_dir() {
            &["--source", "after"]
        } else {
            &[]
        };
        let args = [&[plan.as_str()], sources].concat();
        let before = found_with(top.path(), &args);
        let made = run_in(top.path(), &[&["init"], args.as_slice()].concat());
        assert!(made.status.success(), "{}: {}", case.display(), err(&made));
        assert_eq!(found_with(top.path(), &args), before, "{}", case.display());
        let file = top.path().join("tfguard.toml");
        let text = fs::read_to_string(&file).expect("written");
        fs::write(&file, uncommented(&text)).expect("written");
        let all = run_in(top.path(), &[&["--exit-zero"], args.as_slice()].concat());
        assert!(all.status.success(), "{text}: {}", err(&all));
    }
}

#[test]
fn it_has_what_the_plan_found_and_names_no_value() {
    let folder = folder("aws_sqs_queue.a", &Value::Null);
    assert!(
        run_in(folder.path(), &["init", "plan.json"])
            .status
            .success()
    );
    let text = fs::read_to_string(folder.path().join("tfguard.toml")).expect("written");
    for part in [
        "\n[stack]\nname = ",
        "environment = \"production\"",
        "tag = \"Team\"",
        "\n# [rules.planned-delete]\n# severity = \"error\"\n",
        "\n# address = \"aws_sqs_queue.a\"\n",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(
        !text.contains("secret-team") && !text.contains("[rules.drift]"),
        "{text}"
    );
    let file = folder.path().join("tfguard.toml");
    fs::write(file, uncommented(&text)).expect("written");
    let (_, found) = findings(folder.path(), "plan.json");
    assert!(found[0]["status"] == "waived", "{found:#}");
}

#[test]
fn without_a_plan_everything_is_commented_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let printed = out(&run_in(folder.path(), &["init", "-o", "-"]));
    assert!(
        printed
            .lines()
            .all(|line| line.is_empty() || line.starts_with('#')),
        "{printed}"
    );
    assert!(printed.contains("# [rules.fan-out-hot-spot]") && printed.contains("# direct = "));
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
    fs::write(folder.path().join("tfguard.toml"), uncommented(&printed)).expect("written");
    let plan = root().join("fixtures/_report/plan.json");
    let all = run_in(folder.path(), &["--exit-zero", &plan.to_string_lossy()]);
    assert!(all.status.success(), "{}", err(&all));
}

#[test]
fn a_hostile_key_stays_within_its_string() {
    let keys = [
        (
            "x\"\n[rules.planned-delete]\nseverity = 'off'",
            "x\\\"\\n[rules.planned-delete]\\nseverity = 'off'",
        ),
        ("'''\u{1b}[31m\u{202e}", "'''\u{1b}[31m\u{202e}"),
        ("a\r\n# b", "a\r\n# b"),
        ("**", "**"),
    ];
    for (key, shown) in keys {
        let folder = folder(&format!("aws_sqs_queue.a[\"{shown}\"]"), &json!(key));
        let before = findings(folder.path(), "plan.json");
        let made = run_in(folder.path(), &["init", "plan.json"]);
        assert!(made.status.success(), "{}", err(&made));
        assert_eq!(findings(folder.path(), "plan.json"), before);
        let file = folder.path().join("tfguard.toml");
        let text = fs::read_to_string(&file).expect("written");
        assert!(!text.contains(['\u{1b}', '\u{202e}', '\r']), "{text}");
        assert!(!text.contains("\n[rules"), "{text}");
        fs::write(&file, uncommented(&text)).expect("written");
        let (code, found) = findings(folder.path(), "plan.json");
        assert!(
            code < Some(2) && found[0]["status"] == "waived",
            "{text} {found:#}"
        );
    }
}

#[test]
fn nothing_is_overwritten_or_put_out_of_use() {
    let folder = folder("aws_sqs_queue.a", &Value::Null);
    let file = folder.path().join("tfguard.toml");
    fs::write(&file, "fail_on = \"note\"\n").expect("written");
    let refused = run_in(folder.path(), &["init", "plan.json"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(err(&refused).contains("there already") && err(&refused).contains("-o -"));
    assert_eq!(
        fs::read_to_string(&file).expect("text"),
        "fail_on = \"note\"\n"
    );
    let below = folder.path().join("below");
    fs::create_dir(&below).expect("a folder");
    let refused = run_in(&below, &["init", "../plan.json"]);
    assert_eq!(refused.status.code(), Some(2), "{}", err(&refused));
    assert!(!below.join("tfguard.toml").exists());
    fs::remove_file(&file).expect("removed");
    let wrong = run_in(&below, &["init", "-"]);
    assert_eq!(wrong.status.code(), Some(2));
}

#[test]
fn a_plan_below_gets_an_entry_of_its_own() {
    let top = folder("aws_sqs_queue.a", &Value::Null);
    let app = top.path().join("stacks/app");
    fs::create_dir_all(&app).expect("a folder");
    fs::rename(top.path().join("plan.json"), app.join("plan.json")).expect("moved");
    let made = run_in(top.path(), &["init", "stacks/app/plan.json", "-o", "-"]);
    let entry = "\n[[stack]]\nplan = \"stacks/app/*\"\nname = \"app\"\n";
    assert!(out(&made).contains(entry), "{}", out(&made));
}

/// The other may be of another workspace.
#[test]
fn beside_another_plan_the_entry_is_for_the_one_alone() {
    let top = tempfile::tempdir().expect("a folder");
    let plan = root().join("fixtures/planned-delete/flags-count-zero/plan.json");
    fs::create_dir(top.path().join("net")).expect("made");
    for name in ["dev.tfplan.json", "prod.tfplan.json"] {
        fs::copy(&plan, top.path().join("net").join(name)).expect("copied");
    }
    let text = out(&run_in(
        top.path(),
        &["init", "net/prod.tfplan.json", "-o", "-"],
    ));
    assert!(text.contains("plan = \"net/prod.tfplan.json\""), "{text}");
}

#[test]
fn codeowners_is_taken_up_where_it_changes_nothing() {
    let case = root().join("fixtures/planned-delete");
    let case = common::entries(&case)
        .into_iter()
        .find(|case| case.join("after").is_dir());
    let top = tempfile::tempdir().expect("a folder");
    copy(&case.expect("a case with sources"), top.path());
    fs::create_dir(top.path().join(".git")).expect("a folder");
    fs::write(top.path().join("CODEOWNERS"), "* @acme/platform\n").expect("written");
    let before = found_with(top.path(), &["plan.json", "--source", "after"]);
    let made = run_in(top.path(), &["init", "plan.json", "--source", "after"]);
    assert!(made.status.success(), "{}", err(&made));
    let text = fs::read_to_string(top.path().join("tfguard.toml")).expect("written");
    assert!(
        text.contains("owner = \"@acme/platform\"") && text.contains("codeowners = true"),
        "{text}"
    );
    assert_eq!(
        found_with(top.path(), &["plan.json", "--source", "after"]),
        before
    );
}
