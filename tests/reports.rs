//! The `_report` fixture, in which every rule but one has its say, through every format.

mod common;

use clap::ValueEnum as _;
use common::{check, root, shown, texts};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tfguard::gate::Report;
use tfguard::report::{Format, Style};

fn report() -> Report {
    check(&root().join("fixtures/_report"), None)
}

fn as_json() -> Value {
    serde_json::from_str(&shown(&report(), Format::Json, Style::default())).expect("JSON")
}

fn sarif() -> Value {
    serde_json::from_str(&shown(&report(), Format::Sarif, Style::default())).expect("JSON")
}

/// Every way a report can be written.
fn all_ways() -> Vec<String> {
    let report = report();
    let mut ways = Vec::new();
    for (verbose, quiet) in [(false, false), (true, false), (false, true)] {
        let style = Style {
            verbose,
            quiet,
            ..Style::default()
        };
        let formats = Format::value_variants().iter();
        ways.extend(formats.map(|format| shown(&report, *format, style)));
    }
    ways
}

#[test]
fn every_format_reads_as_it_was_reviewed() {
    let report = report();
    insta::assert_snapshot!("text", shown(&report, Format::Text, Style::default()));
    insta::assert_snapshot!(
        "verbose",
        shown(
            &report,
            Format::Text,
            Style {
                verbose: true,
                ..Style::default()
            }
        )
    );
    insta::assert_snapshot!(
        "json",
        serde_json::to_string_pretty(&as_json()).expect("JSON")
    );
    let mut sarif = sarif();
    // The pages have snapshots of their own: they are embedded as they are.
    for rule in sarif["runs"][0]["tool"]["driver"]["rules"]
        .as_array_mut()
        .expect("rules")
    {
        assert!(
            rule["help"]["markdown"]
                .as_str()
                .expect("text")
                .starts_with("# ")
        );
        rule["help"] = Value::Null;
    }
    insta::assert_snapshot!("sarif", serde_json::to_string_pretty(&sarif).expect("JSON"));
}

#[test]
fn no_secret_and_no_control_character_reaches_an_output() {
    for text in all_ways() {
        assert!(!text.contains("S3CR3T"), "{text}");
        let raw = text.chars().find(|c| c.is_control() && *c != '\n');
        assert_eq!(raw, None, "{text}");
    }
    assert!(all_ways()[0].contains("(sensitive)"));
}

#[test]
fn a_secret_that_is_marked_once_is_hidden_in_every_text_of_every_finding() {
    for finding in report().findings {
        assert!(
            texts(&finding).iter().all(|text| !text.contains("S3CR3T")),
            "{finding:?}"
        );
        assert!(!finding.fingerprint().contains("S3CR3T"));
    }
}

#[test]
fn json_has_the_keys_of_its_schema() {
    let schema = std::fs::read_to_string(root().join("schema/report.json")).expect("a schema");
    let schema: Value = serde_json::from_str(&schema).expect("JSON");
    let keys = |value: &Value| {
        value
            .as_object()
            .expect("an object")
            .keys()
            .cloned()
            .collect::<BTreeSet<_>>()
    };
    let required = |schema: &Value| {
        let required = schema["required"].as_array().expect("a list");
        required
            .iter()
            .map(|key| key.as_str().expect("text").to_owned())
            .collect::<BTreeSet<_>>()
    };
    let json = as_json();
    assert_eq!(keys(&json), required(&schema));
    let stack = &schema["$defs"]["stack"];
    assert_eq!(keys(&json["stacks"][0]), required(stack));
    assert_eq!(
        keys(&json["stacks"][0]["changes"]),
        required(&stack["properties"]["changes"])
    );
    for finding in json["findings"].as_array().expect("a list") {
        assert_eq!(keys(finding), required(&schema["$defs"]["finding"]));
    }
}

#[test]
fn the_printed_graph_has_the_keys_of_its_schema() {
    let schema = std::fs::read_to_string(root().join("schema/graph.json")).expect("a schema");
    let schema: Value = serde_json::from_str(&schema).expect("JSON");
    let arguments = [
        "graph",
        "-f",
        "json",
        "--source",
        "fixtures/_graph/after",
        "fixtures/_graph/plan.json",
    ];
    let graph: Value = serde_json::from_str(&common::out(&common::run(&arguments))).expect("JSON");
    for list in ["nodes", "edges"] {
        let described = &schema["properties"][list]["items"];
        let known = described["properties"].as_object().expect("properties");
        let required = described["required"].as_array().expect("a list");
        for item in graph[list].as_array().expect("a list") {
            let item = item.as_object().expect("an object");
            assert!(item.keys().all(|key| known.contains_key(key)), "{item:?}");
            assert!(
                required
                    .iter()
                    .all(|key| item.contains_key(key.as_str().expect("text"))),
                "{item:?}"
            );
        }
    }
    let kinds = &schema["properties"]["edges"]["items"]["properties"]["kinds"]["items"]["enum"];
    let words = graph["edges"]
        .as_array()
        .expect("a list")
        .iter()
        .flat_map(|edge| edge["kinds"].as_array().expect("kinds"));
    assert!(
        words
            .clone()
            .all(|word| kinds.as_array().expect("words").contains(word))
    );
    assert!(words.count() > 20);
}

#[test]
fn counts_agree_with_the_findings() {
    let json = as_json();
    let of = |severity: &str| {
        json["findings"]
            .as_array()
            .expect("a list")
            .iter()
            .filter(|f| f["severity"] == severity)
            .count()
    };
    for severity in ["error", "warning", "note"] {
        assert_eq!(json["summary"][severity], of(severity), "{severity}");
    }
    assert_eq!(json["verdict"], "fail");
}

#[test]
fn sarif_is_what_code_scanning_takes() {
    let sarif = sarif();
    let run = &sarif["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
    let mut prints = BTreeSet::new();
    for result in run["results"].as_array().expect("results") {
        let index =
            usize::try_from(result["ruleIndex"].as_u64().expect("a number")).expect("small");
        assert_eq!(result["ruleId"], rules[index]["id"]);
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(
            place["artifactLocation"]["uri"],
            "fixtures/_report/plan.json"
        );
        assert!(place["region"]["startLine"].as_u64().expect("a number") >= 1);
        assert!(
            result["message"]["text"]
                .as_str()
                .expect("text")
                .ends_with('.')
        );
        let print = result["partialFingerprints"]["primaryLocationLineHash"]
            .as_str()
            .expect("text");
        assert!(prints.insert(print.to_owned()), "{print} twice");
    }
    assert_eq!(run["automationDetails"]["id"], "tfguard/app/");
}

#[test]
fn a_clean_run_still_has_a_list_of_results() {
    let clean = check(
        &root().join("fixtures/partial-plan/allows-whole-plan"),
        None,
    );
    let sarif: Value =
        serde_json::from_str(&shown(&clean, Format::Sarif, Style::default())).expect("JSON");
    assert_eq!(sarif["runs"][0]["results"], serde_json::json!([]));
}

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .expect("a pool");
        pool.install(all_ways)
    };
    let one = on(1);
    assert!(one == on(8) && one == on(3));
}

#[test]
fn destroys_come_first_and_the_verdict_first_and_last() {
    let text = shown(&report(), Format::Text, Style::default());
    let at = |what: &str| text.find(what).unwrap_or_else(|| panic!("{what}\n{text}"));
    assert!(text.starts_with("FAIL  app"));
    assert!(
        at("planned-delete") < at("unmoved-rename") && at("unmoved-rename") < at("foreign-change")
    );
    let (_, verdict) = text.rsplit_once("\n\n").expect("a paragraph of its own");
    assert!(verdict.starts_with("fail: "), "{verdict}");
    let own_lines =
        |line: &str| line.len() <= 80 || line.trim_start().starts_with("tfguard approve");
    assert!(verdict.lines().all(own_lines), "{verdict}");
}

#[test]
fn a_report_is_the_same_in_every_run_though_hashes_are_not() {
    // Two blocks of two objects each, which are the same in pairs.
    let changes = [("a", 0), ("a", 1), ("b", 0), ("b", 1)].map(|(name, index)| {
        let arn = format!("arn:aws:sqs:eu-west-1:111111111111:orders-{index}");
        let values = json!({"arn": arn, "id": arn, "name": format!("orders-{index}")});
        let address = format!("aws_sqs_queue.{name}[{index}]");
        common::change(&address, "aws_sqs_queue", name, "no-op", [&values, &values])
    });
    let report = common::printing(&common::plan_of(&changes), &["-f", "json"]);
    let first = report();
    assert!(
        first.contains("aws_sqs_queue.b[0] manages the same real object"),
        "{first}"
    );
    for _ in 0..15 {
        assert_eq!(report(), first);
    }
}

#[test]
fn of_two_arguments_that_name_what_goes_the_first_is_told_in_every_run() {
    let arn = "arn:aws:sqs:eu-west-1:111111111111:orders";
    let url = "https://sqs.eu-west-1.amazonaws.com/111111111111/orders";
    let queue = json!({"arn": arn, "id": url, "url": url, "name": "orders"});
    let function = json!({"function_name": "api", "handler": url, "kms_key_arn": arn});
    let kind = "aws_lambda_function";
    let mut plan = common::plan_of(&[
        common::change(
            "aws_sqs_queue.q",
            "aws_sqs_queue",
            "q",
            "delete",
            [&queue, &Value::Null],
        ),
        common::change(
            "aws_lambda_function.f",
            kind,
            "f",
            "no-op",
            [&function, &function],
        ),
    ]);
    let constant = |name: &str| json!({"constant_value": function[name]});
    let written = json!({"handler": constant("handler"), "kms_key_arn": constant("kms_key_arn")});
    let resources = [common::block(kind, "f", written)];
    plan["configuration"] = json!({"root_module": {"resources": resources}});
    let report = common::printing(&plan, &["-f", "json"]);
    for _ in 0..15 {
        let report = report();
        assert!(report.contains("names it in handler"), "{report}");
    }
}
