//! Text of a plan is anybody's who opens a pull request: whatever it says, nothing runs, nothing is hidden, and no
//! format is broken by it. Every hostile text stands in every place of a plan, a configuration and a file name.

mod common;

use clap::ValueEnum as _;
use common::hostile::HOSTILE;
use common::{command, err, out};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::Output;
use tfguard::report::Format;

/// What is a danger to a shell or a log, beside what is one to a page.
const MORE: [&str; 6] = [
    "x\r\n##[error]injected",
    "  ::set-output name=x::y",
    "%0A::error::injected",
    "'; touch injected; '",
    "$(touch injected)",
    "\"quote\\",
];

/// Every option that changes how much is shown.
const WAYS: [&[&str]; 3] = [&[], &["-v"], &["-q"]];

fn change(address: &str, kind: &str, name: &str, actions: &[&str], hostile: &str) -> Value {
    let values =
        json!({"id": hostile, "name": hostile, "tags": {"Environment": hostile, hostile: hostile}});
    json!({
        "address": address, "mode": "managed", "type": kind, "name": name, "provider_name": hostile,
        "index": hostile, "action_reason": hostile,
        "change": {
            "actions": actions,
            "before": if actions.contains(&"delete") { values.clone() } else { Value::Null },
            "after": if actions.contains(&"create") { values } else { Value::Null },
            "after_unknown": {}, "before_sensitive": {}, "after_sensitive": {},
            "replace_paths": [[hostile]],
        },
    })
}

/// A plan with the text wherever a plan has one.
fn plan(hostile: &str) -> Value {
    let key = serde_json::to_string(hostile).expect("JSON");
    let database = format!("aws_db_instance.x[{key}]");
    let queue = format!("module.m[{key}].aws_sqs_queue.q");
    let mut deposed = change(&database, "aws_db_instance", "x", &["delete"], hostile);
    deposed["deposed"] = json!(hostile);
    let mut moved = change(&queue, "aws_sqs_queue", "q", &["delete", "create"], hostile);
    moved["module_address"] = json!(format!("module.m[{key}]"));
    moved["previous_address"] = json!(format!("aws_sqs_queue.old[{key}]"));
    let odd = change(hostile, hostile, hostile, &["delete"], hostile);
    let check = json!({"address": {"kind": "check", "name": hostile, "to_display": hostile}, "status": "fail",
        "instances": [{"address": {"to_display": hostile}, "status": "fail", "problems": [{"message": hostile}]}]});
    let block = json!({"address": format!("aws_sqs_queue.{hostile}"), "mode": "managed", "type": "aws_sqs_queue",
        "name": hostile, "provider_config_key": hostile, "depends_on": [hostile, "module.m"],
        "expressions": {hostile: {"references": [hostile, "module.m"]}, "name": {"constant_value": hostile}}});
    json!({
        "format_version": "1.2", "terraform_version": hostile, "errored": true, "complete": false,
        "timestamp": hostile, "variables": {hostile: {"value": hostile}},
        "resource_drift": [moved],
        "resource_changes": [
            change(&database, "aws_db_instance", "x", &["delete"], hostile), deposed, moved, odd,
        ],
        "output_changes": {hostile: {"actions": ["delete"], "before": hostile, "after": null}},
        "prior_state": {"format_version": "1.0", "values": {"root_module": {"resources": [
            {"address": database, "mode": "managed", "type": "aws_db_instance", "name": "x", "index": hostile,
             "values": {"id": hostile}, "depends_on": [hostile]}]}}},
        "checks": [check],
        "configuration": {"provider_config": {hostile: {"name": hostile, "expressions": {"region": {"constant_value": hostile}}}},
            "root_module": {"resources": [block], "outputs": {hostile: {"expression": {"references": [hostile]}}},
            "module_calls": {"m": {"source": hostile, "depends_on": [hostile], "expressions": {hostile: {"references": [hostile]}},
                "module": {"resources": [block]}}}}},
    })
}

fn configuration(hostile: &str) -> String {
    let text = serde_json::to_string(hostile).expect("a TOML string too");
    // TOML has no `\/`, and knows no escape for U+007F but this: all others are those of JSON.
    format!(
        "[stack]\nname = {text}\nowner = {text}\nenvironment = {text}\n\
         [[owner]]\nname = {text}\ntypes = [\"aws_db_instance\"]\n"
    )
}

fn check(dir: &Path, args: &[&str]) -> Output {
    let output = command(args).current_dir(dir).output();
    output.expect("the program runs")
}

/// What must hold of anything that is printed.
fn is_inert(printed: &str, what: &str) {
    let steers = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    assert_eq!(
        printed.chars().find(|c| steers(*c)),
        None,
        "{what}\n{printed}"
    );
    assert!(!printed.contains("panicked"), "{what}\n{printed}");
}

/// What must hold of what stands in a log of a CI system; `ours` are the commands that a format is made of.
fn commands_nobody(printed: &str, ours: bool, what: &str) {
    for line in printed.lines() {
        let command = line.trim_start().starts_with("::");
        let ours = ours
            && [
                "::error ",
                "::warning ",
                "::notice ",
                "::error::",
                "::warning::",
                "::notice::",
            ]
            .iter()
            .any(|own| line.starts_with(own) && line.matches("::").count() >= 1);
        assert!(!command || ours, "{what}: {line}");
        assert!(
            !line.contains("##[") && !line.contains("##vso["),
            "{what}: {line}"
        );
    }
}

#[test]
fn hostile_text_in_every_place_is_inert_in_every_format() {
    for hostile in HOSTILE.into_iter().chain(MORE) {
        let dir = tempfile::tempdir().expect("a folder");
        let write =
            |name: &str, text: String| fs::write(dir.path().join(name), text).expect("written");
        write("plan.json", plan(hostile).to_string());
        write("tfguard.toml", configuration(hostile));
        for format in Format::value_variants() {
            let name = format
                .to_possible_value()
                .expect("a name")
                .get_name()
                .to_owned();
            for way in WAYS {
                let output = check(dir.path(), &[way, &["-f", &name, "plan.json"]].concat());
                let what = format!("{hostile:?} as {name} {way:?}");
                assert!(matches!(output.status.code(), Some(0..=2)), "{what}");
                assert_eq!(output.status.code(), Some(1), "{what}\n{}", err(&output));
                let (printed, complained) = (out(&output), err(&output));
                is_inert(&printed, &what);
                is_inert(&complained, &what);
                commands_nobody(&complained, false, &what);
                match &*name {
                    "json" | "sarif" => {
                        serde_json::from_str::<Value>(&printed).expect("JSON");
                    }
                    // A reader of Markdown sees it as code: `tests/markdown.rs` has a parser look for what is not.
                    "markdown" => {}
                    name => commands_nobody(&printed, name == "github", &what),
                }
            }
        }
    }
}

#[test]
fn hostile_text_in_errors_is_inert() {
    for hostile in HOSTILE.into_iter().chain(MORE) {
        let dir = tempfile::tempdir().expect("a folder");
        let write =
            |name: &str, text: String| fs::write(dir.path().join(name), text).expect("written");
        let text = serde_json::to_string(hostile).expect("a TOML string too");
        let table = [
            ("no.json", None, vec![hostile.to_owned()]),
            (
                "odd.json",
                Some(format!("{{\"{hostile}")),
                vec!["odd.json".to_owned()],
            ),
            (
                "other.json",
                Some(json!({hostile: hostile}).to_string()),
                vec!["other.json".to_owned()],
            ),
            (
                "tfguard.toml",
                Some(format!("{text} = 1")),
                vec!["other.json".to_owned()],
            ),
            (
                "tfguard.toml",
                Some(format!("[rules.{text}]\nseverity = 1")),
                vec!["other.json".to_owned()],
            ),
            (
                "tfguard.toml",
                Some(format!("[stack]\nname = {hostile}")),
                vec!["other.json".to_owned()],
            ),
            (
                "tfguard.toml",
                None,
                vec!["-f".to_owned(), hostile.to_owned(), "other.json".to_owned()],
            ),
            (
                "tfguard.toml",
                None,
                vec!["explain".to_owned(), hostile.to_owned()],
            ),
        ];
        for (name, text, args) in table {
            if let Some(text) = text {
                write(name, text);
            }
            let args: Vec<_> = args.iter().map(String::as_str).collect();
            let output = check(dir.path(), &args);
            let what = format!("{hostile:?} in {name} with {args:?}");
            assert_eq!(output.status.code(), Some(2), "{what}\n{}", err(&output));
            assert_eq!(out(&output), "", "{what}");
            is_inert(&err(&output), &what);
            commands_nobody(&err(&output), false, &what);
        }
    }
}

#[test]
fn drift_is_told_of_objects_whose_keys_are_dangerous_to_show() {
    let address = "module.m[\"x\u{ad}y\"].aws_instance.app";
    let [one, two] = ["ami-1", "ami-2"].map(|ami| json!({"id": "i-1", "ami": ami}));
    let change = |values| common::change(address, "aws_instance", "app", "update", values);
    let mut plan = common::plan_of(&[change([&two, &one])]);
    plan["resource_drift"] = json!([change([&one, &two])]);
    let resource = json!({
        "address": "aws_instance.app", "mode": "managed", "type": "aws_instance", "name": "app",
        "expressions": {"ami": {"constant_value": "ami-1"}},
    });
    plan["configuration"] = json!({"root_module": {"module_calls": {"m": {
        "source": "./m", "for_each_expression": {}, "module": {"resources": [resource]},
    }}}});
    let report = common::printing(&plan, &[])();
    assert!(
        report.contains("error[drift]: module.m[\"x\\u{ad}y\"].aws_instance.app"),
        "{report}"
    );
}

#[test]
fn very_many_objects_that_are_one_do_not_fill_the_memory() {
    let values = json!({"id": "vpc-0123456789abcdef0", "name": "one"});
    let change = |nth: usize| {
        let name = format!("v{nth}");
        let address = format!("aws_vpc.{name}");
        common::change(&address, "aws_vpc", &name, "no-op", [&values, &values])
    };
    let changes: Vec<Value> = (0..2000).map(change).collect();
    let plan = common::plan_of(&changes);
    let report = common::printing(&plan, &["-f", "json"])();
    assert!(
        report.contains("\"shared-object\"") && report.len() < 5_000_000,
        "{}",
        report.len()
    );
}
