//! Waivers and overrides, as the program reads them from `tfguard.toml` and from comments beside blocks.

mod common;

use common::{command, copy, err, out, root};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::Output;
use tempfile::TempDir;

/// Two queues are destroyed, each a finding; two workers are one.
fn plan() -> Value {
    let gone = ["aws_sqs_queue.a", "module.app[\"eu.1\"].aws_sqs_queue.q"];
    let mut changes: Vec<Value> = gone
        .iter()
        .map(|address| destroyed(address, None))
        .collect();
    for index in [1, 2] {
        changes.push(destroyed(
            &format!("aws_sqs_queue.worker[{index}]"),
            Some(index),
        ));
    }
    json!({"format_version": "1.2", "terraform_version": "1.11.4", "complete": true, "errored": false,
        "planned_values": {}, "resource_changes": changes,
        "configuration": {"root_module": {"resources": [{"address": "aws_sqs_queue.worker", "mode": "managed",
            "type": "aws_sqs_queue", "name": "worker", "provider_config_key": "aws",
            "count_expression": {"constant_value": 1}}]}}})
}

fn destroyed(address: &str, index: Option<u32>) -> Value {
    let name = address
        .rsplit('.')
        .next()
        .expect("a name")
        .split('[')
        .next();
    let module = address.strip_suffix(".aws_sqs_queue.q");
    let reason = if index.is_some() {
        "delete_because_count_index"
    } else {
        "delete_because_no_resource_config"
    };
    json!({"address": address, "module_address": module, "mode": "managed", "type": "aws_sqs_queue", "name": name,
        "index": index, "provider_name": "registry.terraform.io/hashicorp/aws", "action_reason": reason,
        "change": {"actions": ["delete"], "before": {"name": "x"}, "after": null}})
}

/// A folder with the plan, a configuration and sources.
fn folder(toml: &str, sources: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let write =
        |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("written");
    write("plan.json", &plan().to_string());
    write("tfguard.toml", toml);
    if !sources.is_empty() {
        write("main.tf", sources);
    }
    folder
}

fn run_in(folder: &Path, args: &[&str]) -> Output {
    command(args)
        .current_dir(folder)
        .output()
        .expect("the program runs")
}

fn report(folder: &TempDir) -> (i32, Value) {
    let output = run_in(folder.path(), &["-f", "json", "plan.json"]);
    let code = output.status.code().expect("a code");
    assert!(code < 2, "{}", err(&output));
    (code, serde_json::from_slice(&output.stdout).expect("JSON"))
}

fn found<'r>(report: &'r Value, rule: &str, address: &str) -> &'r Value {
    let all = report["findings"].as_array().expect("a list");
    let names = |f: &&Value| f["address"] == address || f["members"][0] == address;
    let mut those = all.iter().filter(|f| f["rule"] == rule).filter(names);
    those
        .next()
        .unwrap_or_else(|| panic!("no {rule} {address}: {report:#}"))
}

fn count(report: &Value, rule: &str) -> usize {
    let all = report["findings"].as_array().expect("a list");
    all.iter().filter(|finding| finding["rule"] == rule).count()
}

fn waiver(address: &str, more: &str) -> String {
    format!(
        "[[waiver]]\nrule = \"planned-delete\"\naddress = '{address}'\nreason = \"why\"\n{more}\n"
    )
}

const WORKER: &str = "resource \"aws_sqs_queue\" \"worker\" {\n  count = 1\n}\n";

#[test]
fn a_waived_error_does_not_fail_and_stays_visible() {
    let folder = folder(&waiver("**", "expires = 9999-12-31"), "");
    let (code, report) = report(&folder);
    assert_eq!(code, 0);
    assert_eq!(report["summary"]["waived"], 3);
    let finding = found(&report, "planned-delete", "aws_sqs_queue.a");
    assert_eq!(finding["status"], "waived");
    let why =
        json!({"reason": "why", "by": null, "expires": "9999-12-31", "source": "tfguard.toml:1"});
    assert_eq!(finding["justification"], why);
    let short = out(&run_in(folder.path(), &["plan.json"]));
    assert!(
        short.contains("3 waived") && !short.contains("aws_sqs_queue.a"),
        "{short}"
    );
    let long = out(&run_in(folder.path(), &["-v", "plan.json"]));
    assert!(
        long.contains("waived in tfguard.toml:1 until 9999-12-31: why"),
        "{long}"
    );
}

#[test]
fn an_expired_waiver_waives_nothing_and_is_told() {
    let folder = folder(&waiver("**", "expires = 2001-01-31"), "");
    let (code, report) = report(&folder);
    assert_eq!((code, &report["summary"]["waived"]), (1, &json!(0)));
    let told = found(&report, "expired-waiver", "**");
    assert_eq!(told["severity"], "warning");
    assert_eq!(told["location"]["line"], 1);
    assert_eq!(told["related"].as_array().map(Vec::len), Some(3));
    assert_eq!(count(&report, "unused-waiver"), 0);
}

#[test]
fn what_nobody_excused_does_not_hide_behind_what_somebody_did() {
    let toml = waiver("aws_sqs_queue.a", "")
        + &waiver("module.app", "")
        + &waiver("aws_sqs_queue.worker[1]", "");
    let folder = folder(&toml, "");
    let (code, report) = report(&folder);
    assert_eq!((code, &report["summary"]["waived"]), (1, &json!(2)));
    let open = found(&report, "planned-delete", "aws_sqs_queue.worker");
    let message = open["message"].as_str().expect("text");
    assert!(
        message
            .ends_with("The waiver in tfguard.toml:11 covers 1 of 2: not aws_sqs_queue.worker[2]."),
        "{message}"
    );
    assert_eq!(count(&report, "unused-waiver"), 0);
}

#[test]
fn several_waivers_together_can_cover_a_finding() {
    let folder = folder(
        &(waiver("aws_sqs_queue.worker[1]", "")
            + &waiver("aws_sqs_queue.worker[2]", "expires = 9999-12-31")),
        "",
    );
    let (_, report) = report(&folder);
    let finding = found(&report, "planned-delete", "aws_sqs_queue.worker");
    assert_eq!(
        finding["justification"]["source"],
        "tfguard.toml:1, tfguard.toml:6"
    );
    assert_eq!(finding["justification"]["expires"], "9999-12-31");
}

#[test]
fn an_address_may_name_keys_leave_them_out_or_be_that_of_a_module() {
    let address = "module.app[\"eu.1\"].aws_sqs_queue.q";
    for glob in [
        address,
        "module.app.aws_sqs_queue.q",
        "module.app[\"eu.1\"]",
        "module.app.**",
        "module.*",
        "**.q",
    ] {
        let (_, report) = report(&folder(&waiver(glob, ""), ""));
        assert_eq!(
            found(&report, "planned-delete", address)["status"],
            "waived",
            "{glob}"
        );
    }
    for glob in [
        "module.app[\"us\"].**",
        "module.ap",
        "module.app[\"eu\"].aws_sqs_queue.q",
    ] {
        let (_, report) = report(&folder(&waiver(glob, ""), ""));
        assert_eq!(
            found(&report, "planned-delete", address)["status"],
            "open",
            "{glob}"
        );
        assert_eq!(
            found(&report, "unused-waiver", glob)["severity"],
            "note",
            "{glob}"
        );
    }
}

#[test]
fn a_waiver_of_another_rule_or_stack_waives_nothing() {
    let other = waiver("**", "").replace("planned-delete", "planned-replace");
    let (_, said) = report(&folder(&other, ""));
    assert_eq!(
        (&said["summary"]["waived"], count(&said, "unused-waiver")),
        (&json!(0), 1)
    );
    let stack = waiver("**", "stack = \"other-*\"");
    let (_, said) = report(&folder(&stack, ""));
    assert_eq!(
        (&said["summary"]["waived"], count(&said, "unused-waiver")),
        (&json!(0), 0)
    );
    let off = other + "[rules.planned-replace]\nseverity = \"off\"\n";
    assert_eq!(count(&report(&folder(&off, "")).1, "unused-waiver"), 0);
}

#[test]
fn a_waiver_is_unused_only_when_all_stacks_it_may_be_about_were_checked() {
    let stacks = "[[stack]]\nname = \"app\"\nplan = \"plan.json\"\n[[stack]]\nname = \"net\"\nplan = \"net/*.json\"\n";
    let unused = |toml: &str| {
        let folder = folder(toml, "");
        let one = count(&report(&folder).1, "unused-waiver");
        fs::create_dir(folder.path().join("net")).expect("a folder");
        fs::copy(
            folder.path().join("plan.json"),
            folder.path().join("net/p.json"),
        )
        .expect("copied");
        let both = run_in(folder.path(), &["-f", "json", "plan.json", "net/p.json"]);
        let both: Value = serde_json::from_slice(&both.stdout).expect("JSON");
        (one, count(&both, "unused-waiver"))
    };
    assert_eq!(unused(&(waiver("aws_x.y", "") + stacks)), (0, 1));
    assert_eq!(
        unused(&(waiver("aws_x.y", "stack = \"app\"") + stacks)),
        (1, 1)
    );
    assert_eq!(
        unused(&(waiver("aws_x.y", "stack = \"net\"") + stacks)),
        (0, 1)
    );
}

#[test]
fn a_waiver_for_a_stack_that_nobody_called_so_is_told_where_names_are_given() {
    let toml = waiver("**", "stack = \"prdo\"");
    let told = |stack: &str| {
        let (_, report) = report(&folder(&(toml.clone() + stack), ""));
        let all = report["findings"].as_array().expect("a list").clone();
        let mut told = all.into_iter().filter(|f| f["rule"] == "unused-waiver");
        told.next().map(|told| told["facts"]["problem"].clone())
    };
    assert_eq!(
        told("[stack]\nname = \"prod\"\n"),
        Some(json!("no such stack"))
    );
    assert_eq!(told(""), None);
    assert_eq!(told("[stack]\nname = \"prdo\"\n"), None);
    let elsewhere = "[[stack]]\nplan = \"plan.json\"\nname = \"prod\"\n[[stack]]\nplan = \"b/*\"\n";
    assert_eq!(told(&(elsewhere.to_owned() + "name = \"prdo\"\n")), None);
    assert_eq!(told(elsewhere), None);
}

/// The plan with queues of these keys destroyed, and what a waiver of one of them leaves open.
fn left_open(keys: &[&str], toml: &str) -> Vec<String> {
    let mut plan = plan();
    let changes = keys.iter().map(|key| {
        let address = format!("aws_sqs_queue.k[{key}]");
        let mut change = destroyed(&address, None);
        change["name"] = json!("k");
        change["index"] = serde_json::from_str(key).expect("a key");
        change["action_reason"] = json!("delete_because_each_key");
        change
    });
    plan["resource_changes"] = changes.collect();
    let folder = folder(toml, "");
    fs::write(folder.path().join("plan.json"), plan.to_string()).expect("written");
    let (_, report) = report(&folder);
    let all = report["findings"].as_array().expect("a list");
    let open = all.iter().filter(|f| f["rule"] == "planned-delete");
    let message = open.filter(|f| f["severity"] == "error" && f["status"] == "open");
    let message = message.map(|f| f["message"].as_str().expect("text").to_owned());
    message.collect()
}

#[test]
fn a_pasted_key_is_that_key_whatever_it_holds() {
    let pasted = |key: &str| waiver(&format!("aws_sqs_queue.k[{key}]"), "");
    let both = [r#""*.example.com""#, r#""www.example.com""#];
    let open = left_open(&both, &pasted(both[0]));
    assert!(
        open.len() == 1
            && open[0].ends_with("covers 1 of 2: not aws_sqs_queue.k[\"www.example.com\"]."),
        "{open:?}"
    );
    assert_eq!(
        left_open(&both[1..], &pasted(both[0])),
        [""; 0],
        "a glob while nothing is called so"
    );
    for key in [
        r#""a\"b""#,
        r#""a\\b""#,
        r#""a?""#,
        r#""{a,b}""#,
        r#""a/b.c""#,
    ] {
        assert_eq!(left_open(&[key], &pasted(key)), [""; 0], "{key}");
    }
    let over = format!(
        "[[override]]\naddresses = ['aws_sqs_queue.k[{}]']\n[override.rules.planned-delete]\nseverity = \"note\"\n",
        both[0]
    );
    assert_eq!(left_open(&both, &over).len(), 1);
    assert_eq!(left_open(&both[..1], &over), [""; 0]);
}

#[test]
fn a_comment_beside_a_block_waives_all_of_its_instances_or_the_one_it_names() {
    let comment = |text: &str| format!("{text}\n{WORKER}");
    let table = [
        ("# tfguard: allow planned-delete -- load", "waived"),
        ("// tfguard: allow drift, planned-delete -- load", "waived"),
        (
            "# tfguard: allow planned-delete [1] -- load\n# tfguard: allow planned-delete [2] -- load",
            "waived",
        ),
        (
            "# tfguard: allow planned-delete aws_sqs_queue.worker[*] -- load",
            "waived",
        ),
        (
            "# tfguard: allow planned-delete expires=2001-01-31 -- load",
            "open",
        ),
        ("# tfguard: allow planned-delete [1] -- load", "open"),
        ("# tfguard: allow planned-delete", "open"),
        ("# tfguard: allow planned-replace -- load", "open"),
    ];
    for (text, status) in table {
        let (_, report) = report(&folder("", &comment(text)));
        let finding = found(&report, "planned-delete", "aws_sqs_queue.worker");
        assert_eq!(finding["status"], status, "{text}");
        assert_eq!(
            found(&report, "planned-delete", "aws_sqs_queue.a")["status"],
            "open"
        );
        if status == "waived" {
            let source = finding["justification"]["source"].as_str().expect("text");
            assert!(source.starts_with("main.tf:1"), "{source}");
        }
    }
}

#[test]
fn a_comment_that_does_not_waive_is_told_with_its_line_and_why() {
    let table = [
        ("# tfguard: allow planned-delete", "no reason"),
        (
            "# tfguard: allow planed-delete -- r",
            "did you mean planned-delete",
        ),
        (
            "# tfguard: allow unused-waiver -- r",
            "no waiver is about waivers",
        ),
        (
            "# tfguard: allow planned-delete expires=soon -- r",
            "2027-01-31",
        ),
        (
            "# tfguard: allow planned-delete because -- r",
            "the reason comes after --",
        ),
        ("# tfguard: allow planned-delete -- r\n", "beside no block"),
        (
            "# tfguard: allow planned-replace -- r",
            "no planned-replace here",
        ),
        (
            "# tfguard: allow planned-delete [7] -- r",
            "no planned-delete here",
        ),
    ];
    for (text, why) in table {
        let (code, report) = report(&folder("", &format!("\n{text}\n{WORKER}")));
        assert_eq!((code, count(&report, "unused-waiver")), (1, 1), "{text}");
        let all = report["findings"].as_array().expect("a list");
        let told = all
            .iter()
            .find(|f| f["rule"] == "unused-waiver")
            .expect("told");
        assert!(
            told["message"].as_str().is_some_and(|m| m.contains(why)),
            "{told:#}"
        );
        assert_eq!(
            (&told["location"]["file"], &told["location"]["line"]),
            (&json!("main.tf"), &json!(2))
        );
    }
}

#[test]
fn comments_waive_only_where_the_configuration_lets_them() {
    let text = format!("# tfguard: allow planned-delete -- load\n{WORKER}");
    let (_, report) = report(&folder("source_waivers = false\n", &text));
    assert_eq!(
        found(&report, "planned-delete", "aws_sqs_queue.worker")["status"],
        "open"
    );
    let told = found(&report, "unused-waiver", "aws_sqs_queue.worker");
    assert!(
        told["message"]
            .as_str()
            .is_some_and(|m| m.contains("source_waivers"))
    );
}

#[test]
fn a_renamed_block_is_waived_where_it_stands_now() {
    let folder = tempfile::tempdir().expect("a folder");
    let case = root().join("fixtures/unmoved-rename/flags-key");
    copy(&case.join("after"), folder.path());
    fs::copy(case.join("plan.json"), folder.path().join("plan.json")).expect("copied");
    let main = folder.path().join("main.tf");
    let text = fs::read_to_string(&main).expect("text");
    let at = text
        .find("resource \"aws_sqs_queue\" \"q\"")
        .expect("the new block");
    let comment = "# tfguard: allow unmoved-rename -- emptied before\n";
    fs::write(&main, [&text[..at], comment, &text[at..]].concat()).expect("written");
    let (_, report) = report(&folder);
    let all = report["findings"].as_array().expect("a list");
    let mut renames = all.iter().filter(|f| f["rule"] == "unmoved-rename");
    assert!(
        renames.all(|rename| rename["status"] == "waived"),
        "{report:#}"
    );
    assert_eq!(count(&report, "unused-waiver"), 0);
}

#[test]
fn hostile_text_in_reasons_is_shown_as_escapes() {
    let toml =
        waiver("aws_sqs_queue.a", "").replace("\"why\"", "\"a\\u001b[31m\\n::error::\\u202eb\"");
    let sources = format!("# tfguard: allow planned-delete -- \u{1b}]8;;x\u{202e}\n{WORKER}");
    let folder = folder(&toml, &sources);
    for format in ["text", "json", "sarif"] {
        let shown = out(&run_in(folder.path(), &["-v", "-f", format, "plan.json"]));
        assert!(!shown.contains(['\u{1b}', '\u{202e}']), "{shown}");
        assert!(
            !shown
                .lines()
                .any(|line| line.trim_start().starts_with("::error")),
            "{shown}"
        );
    }
    let (_, report) = report(&folder);
    assert_eq!(report["summary"]["waived"], 2);
}

#[test]
fn an_override_changes_what_it_names_and_nothing_else() {
    let table = [
        ("addresses = [\"aws_sqs_queue.worker\"]", "note", 2),
        ("addresses = [\"aws_sqs_queue.worker[1]\"]", "note", 3),
        (
            "addresses = [\"module.app\", \"aws_sqs_queue.*\"]",
            "off",
            0,
        ),
        ("stacks = [\"app\"]\nenvironments = [\"dev\"]", "off", 0),
        ("stacks = [\"app\"]\nenvironments = [\"prod\"]", "off", 3),
        ("paths = [\"*.tf\"]", "warning", 2),
        ("paths = [\"modules/**\"]", "warning", 3),
    ];
    for (scope, severity, errors) in table {
        let toml = format!(
            "[stack]\nname = \"app\"\nenvironment = \"dev\"\n[[override]]\n{scope}\n[override.rules.planned-delete]\nseverity = \"{severity}\"\n"
        );
        let (_, report) = report(&folder(&toml, WORKER));
        assert_eq!(report["summary"]["error"], errors, "{scope}");
    }
}

#[test]
fn the_threshold_of_the_file_is_beaten_by_the_variable_and_that_by_the_option() {
    let folder = folder("fail_on = \"never\"\n", "");
    let code = |variable: Option<&str>, args: &[&str]| {
        let mut command = command(args);
        command.current_dir(folder.path());
        command.envs(variable.map(|value| ("TFGUARD_FAIL_ON", value)));
        command.output().expect("the program runs").status.code()
    };
    assert_eq!(code(None, &["plan.json"]), Some(0));
    assert_eq!(code(Some(""), &["plan.json"]), Some(0));
    assert_eq!(code(Some("error"), &["plan.json"]), Some(1));
    assert_eq!(
        code(Some("error"), &["--fail-on", "never", "plan.json"]),
        Some(0)
    );
}
