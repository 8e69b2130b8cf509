//! SARIF, as code scanning takes it: results by block, places of one line, nothing accepted unless asked for.

mod common;

use common::{command, out, root, run};
use serde_json::Value;
use std::collections::BTreeSet;

fn sarif(args: &[&str]) -> Value {
    let output = run(&[&["-f", "sarif"], args].concat());
    serde_json::from_str(&out(&output)).expect("JSON")
}

fn results(sarif: &Value) -> Vec<&Value> {
    let runs = sarif["runs"].as_array().expect("runs");
    let lists = runs
        .iter()
        .map(|run| run["results"].as_array().expect("results"));
    lists.flatten().collect()
}

fn text(result: &Value) -> &str {
    result["message"]["text"].as_str().expect("text")
}

/// A configuration in a file of its own.
fn config(toml: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), toml).expect("written");
    file
}

#[test]
fn instances_of_one_block_are_one_result_with_or_without_sources() {
    let config = config("[rules.fan-out-hot-spot]\ndirect = 2\n");
    let config = config.path().to_str().expect("UTF-8");
    let case = "fixtures/fan-out-hot-spot/allows-one-to-one";
    let plan = format!("{case}/plan.json");
    let after = format!("{case}/after");
    for args in [
        vec!["--config", config, &*plan],
        vec!["--config", config, "--source", &*after, &*plan],
    ] {
        let sarif = sarif(&args);
        let results = results(&sarif);
        let hubs: Vec<_> = results
            .iter()
            .filter(|result| result["ruleId"] == "fan-out-hot-spot")
            .collect();
        assert_eq!(hubs.len(), 1, "{results:?}");
        assert!(text(hubs[0]).starts_with("'terraform_data.vpc[\"k0\"]' and 119 more: "));
        let findings = hubs[0]["properties"]["tfguard/findings"].as_array();
        assert_eq!(findings.map(Vec::len), Some(120));
        let prints = hubs[0]["partialFingerprints"].as_object().expect("a map");
        let all: BTreeSet<_> = prints.values().filter_map(Value::as_str).collect();
        assert_eq!(all.len(), 122);
    }
}

#[test]
fn places_are_one_line_and_steps_have_their_own() {
    let case = root().join("fixtures/leaky-depends-on/flags-late-read");
    let (after, plan) = (case.join("after"), case.join("plan.json"));
    let paths = [&after, &plan].map(|path| common::relative(path));
    let sarif = sarif(&["--source", &paths[0], &paths[1]]);
    for result in results(&sarif) {
        let places = result["locations"].as_array().expect("places").iter();
        let places = places.chain(result["relatedLocations"].as_array().into_iter().flatten());
        for place in places {
            let region = &place["physicalLocation"]["region"];
            assert_eq!(region["startLine"], region["endLine"]);
            assert!(region["endColumn"].as_u64() > region["startColumn"].as_u64());
        }
        let steps = &result["codeFlows"][0]["threadFlows"][0]["locations"];
        let steps = steps.as_array().expect("steps");
        let lines = steps.iter().map(|step| {
            let region = &step["location"]["physicalLocation"]["region"];
            region["startLine"].as_u64()
        });
        assert_eq!(lines.collect::<BTreeSet<_>>().len(), 3, "{steps:?}");
    }
}

#[test]
fn links_name_places_that_are_there() {
    let case = "fixtures/leaky-depends-on/flags-late-read";
    let sarif = sarif(&[
        "--source",
        &format!("{case}/after"),
        &format!("{case}/plan.json"),
    ]);
    let mut links = 0;
    for result in results(&sarif) {
        let ids = result["relatedLocations"].as_array().into_iter().flatten();
        let ids: BTreeSet<String> = ids.map(|place| place["id"].to_string()).collect();
        for link in text(result).split("](").skip(1) {
            let id = link.split(')').next().expect("an id");
            assert!(ids.contains(id), "{link}");
            links += 1;
        }
    }
    assert!(links > 1);
}

#[test]
fn a_result_is_known_again_when_its_lines_move_and_its_instances_change() {
    let case = root().join("fixtures/planned-delete/flags-count-decreased");
    let top = tempfile::tempdir().expect("a folder");
    common::copy(&case, top.path());
    let print = || {
        let output = command(&["-f", "sarif", "--source", "after", "plan.json"])
            .current_dir(top.path())
            .output();
        let text = out(&output.expect("the program runs"));
        let sarif: Value = serde_json::from_str(&text).expect("JSON");
        let result = &sarif["runs"][0]["results"][0];
        let line = result["locations"][0]["physicalLocation"]["region"]["startLine"].clone();
        (
            line,
            result["partialFingerprints"]["primaryLocationLineHash"].clone(),
        )
    };
    let (line, before) = print();
    let main = top.path().join("after/main.tf");
    let text = std::fs::read_to_string(&main).expect("sources");
    std::fs::write(&main, format!("# A line.\n{text}")).expect("written");
    let (moved, after) = print();
    assert_ne!(line, moved);
    assert_eq!(before, after);
}

#[test]
fn what_is_accepted_is_left_out_unless_it_is_asked_for() {
    let config = config("[rules.fan-out-hot-spot]\nseverity = \"error\"\n");
    let config = config.path().to_str().expect("UTF-8");
    let plan = "fixtures/fan-out-hot-spot/flags-quiet-hub/plan.json";
    let folder = tempfile::tempdir().expect("a folder");
    let base = folder.path().join("base.json");
    let base = base.to_str().expect("UTF-8");
    run(&["-f", &format!("json={base}"), "--config", config, plan]);
    let args = ["--config", config, "--baseline", base, plan];
    assert!(results(&sarif(&args)).is_empty());
    let sarif = sarif(&[&["--sarif-accepted"], &args[..]].concat());
    let suppression = &results(&sarif)[0]["suppressions"][0];
    assert_eq!(suppression["kind"], "external");
    assert_eq!(suppression["status"], "accepted");
    let why = suppression["justification"].as_str().expect("text");
    assert!(why.starts_with("unchanged in "), "{why}");
}

#[test]
fn each_stack_has_a_category_of_its_own() {
    let toml = "[[stack]]\nplan = \"**/a.json\"\nname = \"a/b\"\n\
                [[stack]]\nplan = \"**/b.json\"\nname = \"a b\"\n";
    let top = tempfile::tempdir().expect("a folder");
    std::fs::write(top.path().join("tfguard.toml"), toml).expect("written");
    let plan = root().join("fixtures/planned-delete/flags-count-decreased/plan.json");
    for name in ["a.json", "b.json"] {
        std::fs::copy(&plan, top.path().join(name)).expect("copied");
    }
    let output = command(&["-f", "sarif", "a.json", "b.json"])
        .current_dir(top.path())
        .output();
    let text = out(&output.expect("the program runs"));
    let sarif: Value = serde_json::from_str(&text).expect("JSON");
    let runs = sarif["runs"].as_array().expect("runs");
    let ids: BTreeSet<_> = runs
        .iter()
        .map(|run| run["automationDetails"]["id"].as_str().expect("text"))
        .collect();
    assert_eq!(ids.len(), 2, "{ids:?}");
    for id in ids {
        assert!(id.starts_with("tfguard/a-b-") && id.ends_with('/'), "{id}");
        assert_eq!(id.matches('/').count(), 2, "{id}");
    }
}

#[test]
fn hostile_keys_make_no_link_no_argument_and_no_command() {
    let plan = std::fs::read_to_string(
        root().join("fixtures/planned-delete/flags-count-decreased/plan.json"),
    )
    .expect("a plan");
    let hostile = r#"[\"](https://e.example) {0} ##[error]x\"]"#;
    let plan = plan
        .replace("worker[1]", &format!("worker{hostile}"))
        .replace(
            "\"index\":1",
            "\"index\":\"](https://e.example) {0} ##[error]x\"",
        );
    let top = tempfile::tempdir().expect("a folder");
    std::fs::write(top.path().join("plan.json"), plan).expect("written");
    let output = command(&["-f", "sarif", "plan.json"])
        .current_dir(top.path())
        .output();
    let shown = out(&output.expect("the program runs"));
    assert!(!shown.contains("##["), "{shown}");
    let sarif: Value = serde_json::from_str(&shown).expect("JSON");
    let results = results(&sarif);
    assert!(text(results[0]).contains("##[error]x"), "{results:?}");
    for result in results {
        assert!(!text(result).contains("](http") && !text(result).contains("{0}"));
    }
}
