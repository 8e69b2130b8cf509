//! `--baseline`: what an earlier report has does not fail, unless it got worse; destroys always do.

mod common;

use common::{command, err, out, root};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Output;
use tempfile::TempDir;

/// A hub that 99 objects depend on, and the same one with 100: both plans change nothing of it.
const FEWER: &str = "fixtures/fan-out-hot-spot/allows-fewer/plan.json";
const QUIET: &str = "fixtures/fan-out-hot-spot/flags-quiet-hub/plan.json";
const DESTROYS: &str = "fixtures/planned-delete/flags-data-loss/plan.json";

/// A folder with a configuration, to write reports into.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let toml = "[stack]\nname = \"app\"\n\
                [rules.fan-out-hot-spot]\nseverity = \"error\"\ndirect = 2\n";
    std::fs::write(folder.path().join("tfguard.toml"), toml).expect("written");
    folder
}

fn run(folder: &Path, args: &[&str]) -> Output {
    let config = folder.join("tfguard.toml");
    command(args)
        .arg("--config")
        .arg(config)
        .output()
        .expect("the program runs")
}

/// Writes a report of a plan, in JSON or SARIF as its name says.
fn written(folder: &Path, name: &str, plan: &str) -> PathBuf {
    let path = folder.join(name);
    let format = path.extension().expect("an ending").to_string_lossy();
    let report = format!("{format}={}", path.display());
    run(folder, &["-f", &report, plan]);
    path
}

/// What the program makes of a plan beside a baseline.
fn beside(folder: &Path, baseline: &Path, plan: &str) -> (Option<i32>, Value) {
    let baseline = baseline.to_str().expect("UTF-8");
    let output = run(folder, &["-f", "json", "--baseline", baseline, plan]);
    let report = serde_json::from_str(&out(&output));
    (output.status.code(), report.unwrap_or(Value::Null))
}

/// Writes a baseline anew with the findings of a rule altered.
fn altered(baseline: &Path, alter: impl Fn(&mut Value)) {
    let text = std::fs::read_to_string(baseline).expect("a report");
    let mut report: Value = serde_json::from_str(&text).expect("JSON");
    let findings = report["findings"].as_array_mut().expect("a list");
    findings.iter_mut().for_each(alter);
    std::fs::write(baseline, report.to_string()).expect("written");
}

#[test]
fn what_both_kinds_of_report_have_does_not_fail_again() {
    let folder = folder();
    for name in ["base.json", "base.sarif"] {
        let baseline = written(folder.path(), name, QUIET);
        let (code, report) = beside(folder.path(), &baseline, QUIET);
        assert_eq!(code, Some(0), "{name}");
        assert_eq!(report["summary"]["unchanged"], 1, "{name}");
        assert_eq!(report["findings"][0]["status"], "unchanged");
        let source = report["findings"][0]["justification"]["source"].as_str();
        assert!(source.is_some_and(|source| source.ends_with(name)));
    }
}

#[test]
fn a_hub_that_grew_from_80_to_140_is_a_new_finding_and_says_so() {
    let folder = folder();
    let baseline = written(folder.path(), "base.json", QUIET);
    // The hub of the plan has 100: 57 are to it what 80 are to 140, from 91 on it grew by no more than a tenth.
    for (was, code) in [(57, 1), (91, 0), (90, 1), (130, 0)] {
        altered(&baseline, |finding| finding["facts"]["direct"] = was.into());
        let (is, report) = beside(folder.path(), &baseline, QUIET);
        assert_eq!(is, Some(code), "{was}");
        let message = report["findings"][0]["message"].as_str().expect("text");
        assert_eq!(
            message.contains(&format!("direct was {was} and is 100.")),
            code == 1,
            "{message}"
        );
    }
}

#[test]
fn one_object_more_in_a_hundred_is_no_new_finding() {
    let folder = folder();
    let baseline = written(folder.path(), "base.json", FEWER);
    assert_eq!(beside(folder.path(), &baseline, QUIET).0, Some(0));
}

#[test]
fn a_finding_that_was_milder_or_had_fewer_members_fails() {
    let folder = folder();
    let baseline = written(folder.path(), "base.json", QUIET);
    altered(&baseline, |finding| finding["severity"] = "warning".into());
    let (code, report) = beside(folder.path(), &baseline, QUIET);
    assert_eq!(code, Some(1));
    let message = report["findings"][0]["message"].as_str().expect("text");
    assert!(message.contains("it was a warning."), "{message}");

    let plan = "fixtures/mixed-owners/flags-two-owners/plan.json";
    let toml = plan.replace("plan.json", "tfguard.toml");
    std::fs::copy(root().join(toml), folder.path().join("tfguard.toml")).expect("copied");
    let baseline = written(folder.path(), "owners.json", plan);
    assert_eq!(
        beside(folder.path(), &baseline, plan).1["summary"]["unchanged"],
        1
    );
    altered(&baseline, |finding| {
        finding["members"] = Value::Array(Vec::new());
    });
    let (_, report) = beside(folder.path(), &baseline, plan);
    assert_eq!(report["summary"]["unchanged"], 0);
}

#[test]
fn destroys_are_never_unchanged_whatever_the_baseline_says() {
    let folder = folder();
    for name in ["base.json", "base.sarif"] {
        let baseline = written(folder.path(), name, DESTROYS);
        let (code, report) = beside(folder.path(), &baseline, DESTROYS);
        assert_eq!(code, Some(1), "{name}");
        assert_eq!(report["findings"][0]["status"], "open");
    }
    for case in common::cases() {
        let plan = common::relative(&case.join("plan.json"));
        if !case.join("plan.json").is_file() {
            continue;
        }
        let baseline = written(folder.path(), "any.json", &plan);
        let (_, report) = beside(folder.path(), &baseline, &plan);
        for finding in report["findings"].as_array().expect("a list") {
            let rule = finding["rule"].as_str().and_then(tfguard::rules::find);
            let family = rule.expect("a rule").meta().family;
            let event = family == tfguard::rules::Family::Destroy;
            assert!(!event || finding["status"] == "open", "{plan}: {finding}");
        }
    }
}

#[test]
fn what_a_plan_does_once_is_open_in_each_plan() {
    for (rule, case) in [
        ("foreign-change", "flags-by-module-source"),
        ("oversized-plan", "flags-two-services"),
        ("slow-apply", "flags-minutes"),
        ("wide-blast-radius", "flags-changed-network"),
        ("provider-on-resource", "flags-replaced-object"),
        ("hidden-dependency", "flags-replaced"),
    ] {
        let folder = folder();
        let case = format!("fixtures/{rule}/{case}");
        let toml = root().join(&case).join("tfguard.toml");
        let toml = std::fs::read_to_string(toml).unwrap_or_default();
        std::fs::write(folder.path().join("tfguard.toml"), toml).expect("written");
        let plan = format!("{case}/plan.json");
        let baseline = written(folder.path(), "base.json", &plan);
        let (_, report) = beside(folder.path(), &baseline, &plan);
        let all = report["findings"].as_array().expect("a list");
        let its: Vec<_> = all.iter().filter(|f| f["rule"] == rule).collect();
        assert!(!its.is_empty(), "{rule}");
        assert!(
            its.iter().all(|f| f["status"] == "open"),
            "{rule}: {its:#?}"
        );
    }
}

#[test]
fn an_output_that_this_plan_drops_is_new_and_one_that_never_was_is_not() {
    for (case, status) in [
        ("flags-dropped", "open"),
        ("flags-never-there", "unchanged"),
    ] {
        let folder = folder();
        std::fs::write(folder.path().join("tfguard.toml"), "").expect("written");
        let plans = common::plans(&root().join("fixtures/broken-stack-output").join(case));
        let plans: Vec<_> = plans.iter().map(String::as_str).collect();
        let base = folder.path().join("base.json");
        let report = format!("json={}", base.display());
        run(folder.path(), &[&["-f", &*report][..], &plans].concat());
        let base = base.to_str().expect("UTF-8");
        let output = run(
            folder.path(),
            &[&["-f", "json", "--baseline", base][..], &plans].concat(),
        );
        let report: Value = serde_json::from_str(&out(&output)).expect("JSON");
        let all = report["findings"].as_array().expect("a list");
        let its = all.iter().find(|f| f["rule"] == "broken-stack-output");
        assert_eq!(its.expect("a finding")["status"], status, "{case}");
    }
}

#[test]
fn what_was_waived_or_approved_then_is_not_held_now() {
    let folder = folder();
    let baseline = written(folder.path(), "base.json", QUIET);
    for (status, code) in [("waived", 1), ("approved", 1), ("unchanged", 0), ("", 1)] {
        altered(&baseline, |finding| finding["status"] = status.into());
        assert_eq!(
            beside(folder.path(), &baseline, QUIET).0,
            Some(code),
            "{status}"
        );
    }
}

#[test]
fn one_finding_of_the_baseline_stands_for_one_finding() {
    let folder = folder();
    let plan = "fixtures/fan-out-hot-spot/allows-one-to-one/plan.json";
    let baseline = written(folder.path(), "base.json", plan);
    let (code, report) = beside(folder.path(), &baseline, plan);
    assert_eq!(
        (code, &report["summary"]["unchanged"]),
        (Some(0), &120.into())
    );
    // All the same but one: that one is taken once.
    let first = report["findings"][0]["fingerprint"].clone();
    altered(&baseline, |finding| finding["fingerprint"] = first.clone());
    let (code, report) = beside(folder.path(), &baseline, plan);
    assert_eq!(
        (code, &report["summary"]["unchanged"]),
        (Some(1), &1.into())
    );
}

#[test]
fn the_baseline_of_another_stack_holds_nothing() {
    let folder = folder();
    let baseline = written(folder.path(), "base.json", QUIET);
    let toml = folder.path().join("tfguard.toml");
    let text = std::fs::read_to_string(&toml).expect("a configuration");
    std::fs::write(&toml, text.replace("\"app\"", "\"other\"")).expect("written");
    assert_eq!(beside(folder.path(), &baseline, QUIET).0, Some(1));
}

#[test]
fn a_file_that_is_no_whole_report_stops_the_run() {
    let folder = folder();
    let baseline = written(folder.path(), "base.json", QUIET);
    let text = std::fs::read_to_string(&baseline).expect("a report");
    let cut = &text[..text.len() / 2];
    let other = std::fs::read_to_string(root().join(DESTROYS)).expect("a plan");
    for (text, says) in [
        (cut, "cut off"),
        (&*other, "no report of tfguard"),
        ("\u{1b}[31m", "no JSON"),
        ("", "cut off"),
    ] {
        std::fs::write(&baseline, text).expect("written");
        let path = baseline.to_str().expect("UTF-8");
        let output = run(folder.path(), &["--baseline", path, QUIET]);
        assert_eq!(output.status.code(), Some(2), "{says}");
        let error = err(&output).replace("\n  │ ", " ");
        assert!(error.contains(says) && error.contains("help: "), "{error}");
        assert!(out(&output).is_empty() && !error.contains('\u{1b}'));
    }
    let output = run(folder.path(), &["--baseline", "nowhere.json", QUIET]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_baseline_in_utf_16_or_named_by_the_environment_is_read() {
    let folder = folder();
    let baseline = written(folder.path(), "base.json", QUIET);
    let text = std::fs::read_to_string(&baseline).expect("a report");
    let wide = "\u{feff}".encode_utf16().chain(text.encode_utf16());
    let wide: Vec<u8> = wide.flat_map(u16::to_le_bytes).collect();
    std::fs::write(&baseline, wide).expect("written");
    let output = command(&["--config"])
        .arg(folder.path().join("tfguard.toml"))
        .arg(QUIET)
        .env("TFGUARD_BASELINE", &baseline)
        .output();
    assert_eq!(output.expect("the program runs").status.code(), Some(0));
}
