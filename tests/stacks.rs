//! Several stacks in one run: what only all of them together show, and how they are given.

mod common;

use common::{check, command, err, out, plans, root, run, run_in_copy};
use serde_json::{Value, json};
use std::path::Path;
use tfguard::finding::{Finding, Severity};
use tfguard::input::document::read;
use tfguard::input::plan::ReadOptions;

fn of(case: &str) -> Vec<Finding> {
    let rule = case.split('/').next().expect("a rule");
    check(&root().join("fixtures").join(case), Some(rule)).findings
}

fn only(case: &str) -> Finding {
    let mut found = of(case);
    assert_eq!(found.len(), 1, "{case}");
    found.remove(0)
}

#[test]
fn a_circle_names_its_stacks_and_what_reads() {
    let circle = only("stack-cycle/flags-two-stacks");
    assert_eq!(circle.members, ["app", "db"]);
    assert_eq!(circle.path, ["app", "db", "app"]);
    assert_eq!(circle.related.len(), 2);
}

#[test]
fn an_output_that_goes_is_worse_than_one_that_changes() {
    let dropped = only("broken-stack-output/flags-dropped");
    assert_eq!(
        (&*dropped.stack, &*dropped.address),
        ("network", "output.vpc")
    );
    assert_eq!(dropped.members, ["app"]);
    assert_eq!(dropped.severity, Severity::Error);
    let changed = only("broken-stack-output/flags-changed");
    assert_eq!(changed.severity, Severity::Warning);
}

/// Three stacks read one object: of one goes what it takes, of one it changes, of one it stays.
#[test]
fn of_an_object_only_what_is_taken_of_it_counts() {
    let findings = of("broken-stack-output/flags-part-of-an-object");
    let [lost, changed] = &*findings else {
        panic!("{findings:?}");
    };
    assert_eq!(
        (lost.severity, &*lost.members),
        (Severity::Error, &["app".to_owned()][..])
    );
    assert_eq!(lost.facts["kind"], "lost");
    assert!(lost.message.contains("takes vpc out of this output"));
    assert_eq!(
        (changed.severity, &*changed.members),
        (Severity::Warning, &["ops".to_owned()][..])
    );
    assert!(
        !changed.message.contains("out of it"),
        "{}",
        changed.message
    );
    assert_ne!(lost.fingerprint(), changed.fingerprint());
}

/// Who takes an element of a list cannot take it of an object: the next plan of the reader fails as if it were gone.
#[test]
fn an_output_that_becomes_another_kind_of_value_is_as_bad_as_one_that_goes() {
    let findings = of("broken-stack-output/flags-reshaped");
    let found = |output: &str| {
        let mut findings = findings.iter();
        findings.find(|finding| finding.address == output)
    };
    let subnets = found("output.subnets").expect("a finding");
    assert_eq!(subnets.severity, Severity::Error);
    assert_eq!(subnets.facts["kind"], "reshaped");
    let queues = found("output.queues").expect("a finding");
    assert_eq!(queues.severity, Severity::Warning);
    assert!(
        queues
            .message
            .contains("takes 1 attribute or key out of it")
    );
}

#[test]
fn each_instance_of_a_remote_state_reads_a_stack_of_its_own() {
    let dropped = only("broken-stack-output/flags-each-of-several");
    assert_eq!(
        (&*dropped.stack, &*dropped.address),
        ("network", "output.vpc")
    );
    assert_eq!(dropped.members, ["app"]);
}

/// The block that managed it is gone, so that only its values say where it was; of the new one only the configuration does.
#[test]
fn what_one_stack_deletes_and_another_creates_by_name_is_one_object_and_counts_once() {
    let handover = only("shared-object/flags-handover-by-name");
    assert_eq!(handover.facts["destroyed"], true);
    assert_eq!(handover.facts["other"], "api:aws_sqs_queue.jobs");
    let part = only("shared-object/flags-handover-of-a-part");
    assert_eq!(part.facts["destroyed"], true);
    let both = run(&["fixtures/shared-object/flags-handover-by-name"]);
    let said = out(&both);
    assert!(said.contains("1 object is destroyed"), "{said}");
    assert!(!said.contains("2 objects are destroyed"), "{said}");
}

#[test]
fn a_name_is_taken_where_it_is_known_to_be_and_free_where_all_is_new() {
    let taken = only("shared-object/flags-created-beside");
    let members = ["aws_security_group.again", "aws_security_group.app"];
    assert_eq!(taken.members, members);
    // Of queues each region has its own.
    let everywhere = of("shared-object/flags-in-two-regions");
    let named: Vec<_> = everywhere.iter().map(|found| &*found.address).collect();
    assert_eq!(named, ["aws_iam_role.worker", "aws_s3_bucket.files"]);
}

/// Told one way or the other by the order of hashes, which is another in every run.
#[test]
fn what_a_replacement_makes_part_of_something_else_is_another_object() {
    let kind = "aws_lambda_permission";
    let of = |function: &str| json!({"function_name": function, "statement_id": "AllowS3"});
    let (one, other) = (of("one"), of("other"));
    let mut moved = common::change(&format!("{kind}.b"), kind, "b", "delete", [&one, &other]);
    moved["change"]["actions"] = json!(["delete", "create"]);
    moved["change"]["replace_paths"] = json!([["function_name"]]);
    let stays = common::change(&format!("{kind}.a"), kind, "a", "no-op", [&one, &one]);
    let mut plan = common::plan_of(&[stays, moved]);
    let arguments = json!({"function_name": {}, "statement_id": {}});
    let blocks = ["a", "b"].map(|name| common::block(kind, name, arguments.clone()));
    plan["configuration"] = json!({
        "provider_config": {"aws": {"name": "aws", "expressions": {"region": {"constant_value": "eu-west-1"}}}},
        "root_module": {"resources": blocks},
    });
    let print = common::printing(&plan, &["-f", "json"]);
    let told: Vec<_> = (0..12).map(|_| print().contains("shared-object")).collect();
    assert_eq!(told, [false; 12]);
}

#[test]
fn an_object_of_two_stacks_is_told_with_both() {
    let both = only("shared-object/flags-two-stacks");
    assert_eq!(both.facts["other"], "web:aws_s3_bucket.assets");
    let handover = only("shared-object/flags-handover-that-destroys");
    assert_eq!(
        (&*handover.stack, &*handover.address),
        ("web", "aws_s3_bucket.assets")
    );
    assert_eq!(handover.facts["other"], "data:aws_s3_bucket.shared");
}

#[test]
fn an_id_of_another_stack_is_told_where_it_stands() {
    let found = only("hidden-dependency/flags-abroad");
    assert_eq!(
        (&*found.stack, &*found.address),
        ("app", "aws_security_group.web")
    );
    assert_eq!(found.facts["target"], "network:aws_vpc.main");
    assert_eq!(found.facts["attribute"], "vpc_id");
}

/// The configuration says of `each.value` nothing but that it is there.
#[test]
fn an_id_that_comes_out_of_a_remote_state_by_for_each_is_no_literal() {
    let case = "hidden-dependency/flags-abroad";
    let found = ["data.terraform_remote_state.n.outputs.vpcs", ""].map(|over| {
        let top = copies(&[(&format!("{case}/network/plan.json"), "network/plan.json")]);
        let read = std::fs::read(root().join("fixtures").join(case).join("app/plan.json"));
        let mut plan: Value = serde_json::from_slice(&read.expect("read")).expect("a plan");
        let block = &mut plan["configuration"]["root_module"]["resources"][0];
        if !over.is_empty() {
            block["for_each_expression"] = json!({"references": [over]});
            block["expressions"]["vpc_id"] = json!({"references": ["each.value"]});
        }
        std::fs::create_dir(top.path().join("app")).expect("made");
        std::fs::write(top.path().join("app/plan.json"), plan.to_string()).expect("written");
        report(top.path(), &["."])["findings"].to_string()
    });
    assert!(!found[0].contains("hidden-dependency"), "{}", found[0]);
    assert!(found[1].contains("hidden-dependency"), "{}", found[1]);
}

#[test]
fn stacks_are_given_one_by_one_as_a_directory_or_as_a_pattern() {
    let case = "fixtures/broken-stack-output/flags-dropped";
    let each = plans(&root().join(case));
    let each: Vec<&str> = each.iter().map(String::as_str).collect();
    let pattern = format!("{case}/*/plan.json");
    let deep = format!("{case}/**/plan.json");
    let report = |plans: &[&str]| -> Value {
        let args = [plans, &["-f", "json", "--exit-zero"]].concat();
        serde_json::from_str(&out(&run(&args))).expect("JSON")
    };
    let want = report(&each);
    assert_eq!(want["stacks"].as_array().map(Vec::len), Some(2));
    for given in [case, &pattern, &deep] {
        assert_eq!(report(&[given]), want, "{given}");
    }
}

#[test]
fn a_pattern_that_nothing_matches_and_a_directory_without_plans_are_errors() {
    for given in ["fixtures/nowhere-*/plan.json", "src/rules"] {
        let run = run(&[given]);
        assert_eq!(run.status.code(), Some(2), "{given}");
        let said = String::from_utf8_lossy(&run.stderr).into_owned();
        assert!(said.contains("no plan"), "{said}");
    }
}

#[test]
fn each_plan_gets_the_sources_beside_it_and_what_all_show_gets_a_line_too() {
    let case = root().join("fixtures/_teams");
    let report: Value =
        serde_json::from_str(&out(&run_in_copy(&case, &["-f", "json", "."]))).expect("JSON");
    let findings = report["findings"].as_array().expect("findings");
    for rule in ["planned-replace", "hidden-dependency"] {
        let found = findings.iter().find(|finding| finding["rule"] == rule);
        let found = found.expect(rule);
        assert_eq!(found["location"]["file"], "app/main.tf", "{rule}");
    }
}

#[test]
fn a_stack_passes_where_only_another_fails() {
    let (bad, good) = (
        "fixtures/planned-delete/flags-count-decreased/plan.json",
        "fixtures/mixed-owners/flags-two-owners/plan.json",
    );
    let text = out(&run(&["-q", bad, good]));
    assert!(text.starts_with("FAIL  flags-count-decreased"), "{text}");
    assert!(text.contains("\nPASS  flags-two-owners"), "{text}");
}

#[test]
fn the_plans_of_stacks_are_told_from_where_the_configuration_is() {
    let config = "fixtures/_teams/tfguard.toml";
    let text = out(&run(&["-q", "--config", config, "fixtures/_teams"]));
    assert!(text.starts_with("FAIL  app-prod"), "{text}");
}

/// A folder with copies of recorded files.
fn copies(files: &[(&str, &str)]) -> tempfile::TempDir {
    let top = tempfile::tempdir().expect("a folder");
    for (from, to) in files {
        let to = top.path().join(to);
        std::fs::create_dir_all(to.parent().expect("a folder")).expect("made");
        std::fs::copy(root().join("fixtures").join(from), to).expect("copied");
    }
    top
}

fn report(top: &Path, args: &[&str]) -> Value {
    let args = [args, &["-f", "json", "--exit-zero"]].concat();
    let output = command(&args).current_dir(top).output().expect("it runs");
    let said = err(&output);
    serde_json::from_str(&out(&output)).unwrap_or_else(|_| panic!("{said}"))
}

fn notes(report: &Value) -> String {
    report["stacks"][0]["notes"].to_string()
}

const WEB: &str = "shared-object/flags-state/web/terraform.tfstate";
const DATA: &str = "shared-object/flags-state/data/plan.json";
const OWN: &str = "shared-object/allows-own-state/web";

#[test]
fn a_state_has_no_verdict_and_what_it_shares_is_told_by_the_plan() {
    let top = copies(&[(DATA, "data/plan.json"), (WEB, "states/web.tfstate")]);
    let report = report(top.path(), &["data/plan.json", "states/web.tfstate"]);
    assert_eq!(report["stacks"].as_array().map(Vec::len), Some(1));
    let shared = report["findings"].as_array().expect("findings").iter();
    let shared: Vec<_> = shared.filter(|f| f["rule"] == "shared-object").collect();
    assert_eq!(shared.len(), 1);
    assert_eq!(shared[0]["stack"], "data");
    assert_eq!(shared[0]["facts"]["other"], "web:aws_s3_bucket.assets");
    assert!(notes(&report).contains("states/web.tfstate was read as the state of the stack web"));
}

#[test]
fn a_state_is_named_by_the_entry_that_is_about_its_file_alone() {
    let top = copies(&[(DATA, "data/plan.json"), (WEB, "web.tfstate")]);
    let config =
        "[[stack]]\nname = \"web-prod\"\nplan = \"*.tfstate\"\n[[stack]]\nname = \"data-prod\"\n";
    std::fs::write(top.path().join("tfguard.toml"), config).expect("written");
    let named = report(top.path(), &["data/plan.json", "web.tfstate"]);
    let shared = &named["findings"][0];
    assert_eq!(shared["stack"], "data-prod");
    assert_eq!(shared["facts"]["other"], "web-prod:aws_s3_bucket.assets");
}

#[test]
fn a_state_that_was_pulled_is_known_by_its_name() {
    const CASE: &str = "broken-stack-output/flags-gone-from-state";
    let plan = format!("{CASE}/app/plan.json");
    let state = format!("{CASE}/network/terraform.tfstate");
    for (name, known) in [("network.tfstate", true), ("web.tfstate", false)] {
        let top = copies(&[(&plan, "app/plan.json"), (&state, name)]);
        let report = report(top.path(), &["app/plan.json", name]);
        let found = report["findings"].to_string();
        assert_eq!(
            found.contains("broken-stack-output"),
            known,
            "{name}: {found}"
        );
    }
}

#[test]
fn a_state_may_come_from_standard_input() {
    let top = copies(&[(DATA, "data/plan.json"), (WEB, "web.tfstate")]);
    let state = std::fs::File::open(top.path().join("web.tfstate")).expect("a state");
    let mut command = command(&["data/plan.json", "-"]);
    let output = command.current_dir(top.path()).stdin(state).output();
    let said = out(&output.expect("it runs"));
    assert!(said.contains("error[shared-object]"), "{said}");
    assert!(said.contains("standard input was read as"), "{said}");
}

#[test]
fn what_only_states_share_is_a_warning_that_names_both() {
    let finding = only("shared-object/flags-two-states");
    assert_eq!(finding.severity, Severity::Warning);
    assert_eq!(finding.stack, "app");
    assert_eq!(
        finding.members,
        ["data:aws_s3_bucket.shared", "web:aws_s3_bucket.assets"]
    );
}

#[test]
fn an_output_that_a_state_lacks_is_told_by_who_reads_it() {
    let finding = only("broken-stack-output/flags-gone-from-state");
    assert_eq!(
        (&*finding.stack, &*finding.address),
        ("app", "network:output.vpc")
    );
    assert_eq!(finding.members, ["app"]);
}

#[test]
fn states_alone_are_an_error_that_says_what_they_are_good_for() {
    let json = "fixtures/shared-object/flags-two-states/data/state.json";
    let raw = format!("fixtures/{WEB}");
    for given in [&[json][..], &[&raw], &[json, &raw]] {
        let run = run(given);
        assert_eq!((run.status.code(), &*out(&run)), (Some(2), ""), "{given:?}");
        assert_eq!(err(&run).matches("serves beside").count(), given.len());
    }
    let graph = run(&["graph", &raw]);
    assert_eq!(graph.status.code(), Some(2));
    assert!(err(&graph).contains("raw state"));
}

#[test]
fn states_of_other_forms_are_refused_with_what_they_are() {
    let top = copies(&[(DATA, "plan.json")]);
    let table = [
        (
            r#"{"version":3,"serial":1,"lineage":"x","modules":[{"path":["root"],"resources":{}}]}"#,
            "Terraform 0.11 or older",
        ),
        (
            r#"{"version":3,"terraform_version":"1.11.4","backend":{"type":"s3","config":{},"hash":1}}"#,
            "a record of terraform init",
        ),
        (
            r#"{"version":5,"serial":1,"lineage":"x","resources":[]}"#,
            "a state of version 5",
        ),
        (
            r#"{"serial":1,"lineage":"x","meta":{},"encrypted_data":"AA==","encryption_version":"v0"}"#,
            "encrypted by OpenTofu",
        ),
    ];
    for (text, want) in table {
        std::fs::write(top.path().join("x.tfstate"), text).expect("written");
        let output = command(&["plan.json", "x.tfstate"])
            .current_dir(top.path())
            .output();
        let output = output.expect("it runs");
        assert_eq!(output.status.code(), Some(2), "{want}");
        assert!(
            err(&output).replace("\n  │ ", " ").contains(want),
            "{}",
            err(&output)
        );
    }
}

#[test]
fn the_state_of_a_plans_own_stack_is_left_out_wherever_it_is() {
    let plan = format!("{OWN}/plan.json");
    let (raw, json) = (
        format!("{OWN}/terraform.tfstate"),
        format!("{OWN}/state.json"),
    );
    let top = copies(&[
        (&plan, "web/plan.json"),
        (&raw, "pulled/x.tfstate"),
        (&json, "web/y.json"),
    ]);
    let report = report(
        top.path(),
        &["web/plan.json", "web/y.json", "pulled/x.tfstate"],
    );
    assert_eq!(report["findings"], Value::Array(Vec::new()));
    assert_eq!(notes(&report).matches("it was not looked at").count(), 2);
}

#[test]
fn of_one_state_that_is_given_twice_the_newer_counts() {
    let top = copies(&[(DATA, "data/plan.json"), (WEB, "web/terraform.tfstate")]);
    let old = top.path().join("web/terraform.tfstate.backup");
    let text = std::fs::read_to_string(root().join("fixtures").join(WEB)).expect("a state");
    let emptied = text
        .replace("\"serial\": 1", "\"serial\": 0")
        .replace("acme-red", "acme-old");
    std::fs::write(&old, emptied).expect("written");
    for order in [
        ["web/terraform.tfstate", "web/terraform.tfstate.backup"],
        ["web/terraform.tfstate.backup", "web/terraform.tfstate"],
    ] {
        let report = report(top.path(), &["data/plan.json", order[0], order[1]]);
        let text = report["findings"].to_string();
        assert!(text.contains("web:aws_s3_bucket.assets"), "{text}");
        let told = "web/terraform.tfstate.backup is the state that web/terraform.tfstate is";
        assert!(notes(&report).contains(told), "{}", notes(&report));
    }
}

#[test]
fn directories_give_plans_and_patterns_give_states_too() {
    let case = root().join("fixtures/shared-object/flags-state");
    let given = |args: &[&str]| {
        let args = [args, &["-f", "json", "--exit-zero"]].concat();
        serde_json::from_str::<Value>(&out(&run_in_copy(&case, &args))).expect("JSON")
    };
    assert_eq!(given(&["."])["findings"], Value::Array(Vec::new()));
    let both = given(&["*/plan.json", "**/*.tfstate"]);
    assert_eq!(both["findings"][0]["rule"], "shared-object");
}

#[test]
fn both_forms_of_a_state_tell_the_same() {
    let facts = |name: &str| -> Vec<String> {
        let path = root().join("fixtures").join(OWN).join(name);
        let options = ReadOptions::default();
        let documents = read(path.to_str().expect("UTF-8"), &options).expect("a state");
        let plan = &documents[0].plan;
        let called = plan.selves.called.iter();
        let mut facts: Vec<_> = plan
            .managed()
            .map(|(id, _)| {
                let own = called.clone().filter(|name| name.object() == id);
                format!("{} {}", plan.address(id), own.count())
            })
            .collect();
        facts.extend(plan.outputs.iter().map(|output| output.name.to_string()));
        facts.sort();
        facts
    };
    let raw = facts("terraform.tfstate");
    assert_eq!(raw, facts("state.json"));
    assert!(
        raw.contains(&"aws_sqs_queue.q[\"t$${x}\\n\"] 3".to_owned()),
        "{raw:?}"
    );
}

#[test]
fn no_secret_of_a_state_is_printed() {
    let top = copies(&[(DATA, "data/plan.json")]);
    let raw = r#"{"version":4,"serial":1,"lineage":"x","outputs":{"o":{"value":"S3CR3T-output","type":"string","sensitive":true}},"resources":[
        {"mode":"managed","type":"aws_s3_bucket","name":"b","provider":"provider[\"registry.terraform.io/hashicorp/aws\"]","instances":[
        {"index_key":"S3CR3T-tag","attributes":{"id":"acme-red-assets","arn":"arn:aws:s3:::acme-red-assets","region":"eu-west-1","bucket":"acme-red-assets","tags":{"k":"S3CR3T-tag"}},
         "sensitive_attributes":[[{"type":"get_attr","value":"tags"},{"type":"index","value":{"value":"k","type":"string"}}]]},
        {"index_key":"x-S3CR3T-output-x","attributes":{"arn":"arn:aws:s3:::acme-red-assets"},"sensitive_attributes":[]}]}]}"#;
    let shown = r#"{"format_version":"1.0","values":{"root_module":{"resources":[
        {"address":"aws_s3_bucket.b[\"S3CR3T-key\"]","mode":"managed","type":"aws_s3_bucket","name":"b","values":{"arn":"arn:aws:s3:::acme-red-assets","tags":{"k":"S3CR3T-key"}},"sensitive_values":{"tags":{"k":true}}}]}}}"#;
    for text in [raw, shown] {
        std::fs::write(top.path().join("net.tfstate"), text).expect("written");
        for format in ["text", "json", "sarif"] {
            let args = ["data/plan.json", "net.tfstate", "-v", "-f", format];
            let output = command(&args)
                .current_dir(top.path())
                .output()
                .expect("it runs");
            let said = out(&output) + &err(&output);
            assert!(said.contains("net:aws_s3_bucket.b"), "{said}");
            assert!(!said.contains("S3CR3T"), "{format}: {said}");
        }
    }
}

#[test]
fn stacks_of_one_name_are_numbered_and_told() {
    let case = "fixtures/broken-stack-output/flags-dropped";
    let plans = [
        format!("{case}/app/plan.json"),
        format!("{case}/network/plan.json"),
    ];
    let top = tempfile::tempdir().expect("a folder");
    let config = top.path().join("tfguard.toml");
    let run_with = |text: &str, plans: &[String]| -> Value {
        std::fs::write(&config, text).expect("written");
        let config = config.to_str().expect("UTF-8");
        let mut args: Vec<&str> = plans.iter().map(String::as_str).collect();
        args.extend(["--config", config, "-f", "json", "--exit-zero"]);
        serde_json::from_str(&out(&run(&args))).expect("JSON")
    };
    let both = run_with("[stack]\nname = \"acme\"\n", &plans);
    assert_eq!(both["stacks"][0]["name"], "acme");
    assert_eq!(both["stacks"][1]["name"], "acme#2");
    assert_eq!(both["findings"][0]["stack"], "acme#2");
    assert!(
        notes(&both).contains("several stacks are called acme"),
        "{}",
        notes(&both)
    );
    assert!(notes(&both).contains("[stack] in tfguard.toml has no plan"));
    let one = run_with("[stack]\nname = \"acme\"\n", &plans[..1]);
    assert_eq!(notes(&one), "[]");
    let idle = "[[stack]]\nname = \"a\"\nplan = \"**/app/*.json\"\n[[stack]]\nname = \"d\"\nplan = \"db/*.json\"\n[[stack]]\nowner = \"team-x\"\n";
    let told = notes(&run_with(idle, &plans));
    assert!(
        told.contains("that of 1 of the [[stack]] entries: db/*.json"),
        "{told}"
    );
    assert!(!told.contains("[stack] in"), "{told}");
    assert_eq!(notes(&run_with(idle, &plans[..1])), "[]");
}

#[test]
fn a_graph_is_drawn_of_the_one_plan_of_a_directory() {
    let one = run(&["graph", "-f", "json", "fixtures/shared-object/flags-state"]);
    assert_eq!(one.status.code(), Some(0), "{}", err(&one));
    let several = run(&["graph", "fixtures/broken-stack-output/flags-dropped"]);
    assert_eq!(several.status.code(), Some(2));
    assert!(err(&several).contains("these are 2"), "{}", err(&several));
    let none = run(&["graph", "src/rules"]);
    assert!(
        err(&none).contains("no plan") && err(&none).contains("--source"),
        "{}",
        err(&none)
    );
}

#[test]
fn who_reads_a_dropped_output_is_named_once_with_whom_to_ask() {
    let text = out(&run_in_copy(&root().join("fixtures/_teams"), &["-q", "."]));
    let (_, rest) = text.split_once("error[broken-stack-output]").expect("told");
    let finding = rest.split("\n\n").next().unwrap_or_default();
    assert_eq!(finding.matches("app-prod").count(), 1, "{finding}");
    assert!(finding.contains("app-prod (team-app)"), "{finding}");
}

#[test]
fn changes_of_outputs_are_no_lack_of_changes() {
    let plan = "fixtures/broken-stack-output/flags-dropped/network/plan.json";
    assert!(out(&run(&[plan])).contains("1 output changes; 1 left alone"));
    let json: Value = serde_json::from_str(&out(&run(&[plan, "-f", "json"]))).expect("JSON");
    assert_eq!(json["stacks"][0]["changes"]["output"], 1);
}

#[test]
fn a_name_that_a_replacement_takes_is_one_that_another_state_has() {
    let case = root().join("fixtures/shared-object/flags-replaced-by-name");
    for args in [["data", "web"], ["data/plan.json", "web/terraform.tfstate"]] {
        let report = report(&case, &args);
        let findings = report["findings"].as_array().expect("findings").iter();
        let shared: Vec<_> = findings.filter(|f| f["rule"] == "shared-object").collect();
        assert_eq!(shared.len(), 2, "{args:?}");
        for finding in shared {
            let message = finding["message"].as_str().expect("a message");
            assert!(message.contains("the second create fails"), "{message}");
        }
    }
}

#[test]
fn plans_of_one_state_are_not_held_against_each_other() {
    let plan = format!("{OWN}/plan.json");
    let top = copies(&[(&plan, "web/plan.json"), (&plan, "web/older.json")]);
    std::fs::write(top.path().join("web/main.tf"), "# of another plan\n").expect("written");
    let text = std::fs::read_to_string(top.path().join("web/older.json")).expect("a plan");
    let older = text.replacen("\"timestamp\":\"2", "\"timestamp\":\"1", 1);
    assert_ne!(text, older, "another plan");
    std::fs::write(top.path().join("web/older.json"), older).expect("written");
    let report = report(top.path(), &["web/*.json"]);
    let mut findings = report["findings"].as_array().expect("findings").iter();
    assert!(findings.all(|finding| finding["rule"] != "shared-object"));
    assert!(
        notes(&report).contains("are plans of one state"),
        "{}",
        notes(&report)
    );
}

/// Where no object tells its account, directories of two environments are two accounts.
#[test]
fn names_of_two_environments_are_two_unless_their_accounts_are_one() {
    let shared = |stacks: [&str; 2], account: &str| {
        let top = tempfile::tempdir().expect("a folder");
        for (name, stack) in ["web", "data"].into_iter().zip(stacks) {
            let plan = format!("fixtures/shared-object/flags-replaced-by-name/{name}/plan.json");
            let plan = std::fs::read_to_string(root().join(plan)).expect("a plan");
            std::fs::create_dir(top.path().join(stack)).expect("made");
            let told = plan.replace("111111111111", account);
            std::fs::write(top.path().join(stack).join("plan.json"), told).expect("written");
        }
        let report = report(top.path(), &stacks);
        let findings = report["findings"].as_array().expect("findings").iter();
        findings.filter(|f| f["rule"] == "shared-object").count()
    };
    assert_eq!(shared(["prod", "staging"], ""), 0);
    assert_eq!(shared(["prod", "staging"], "111111111111"), 2);
    assert_eq!(shared(["a", "b"], ""), 2);
}

#[test]
fn what_one_stack_only_forgets_another_cannot_create() {
    let finding = only("shared-object/flags-forgotten-and-created");
    assert_eq!(finding.stack, "data");
    assert_eq!(finding.facts["other"], "web:aws_s3_bucket.logs");
    let fix = finding.fix.expect("a fix").description;
    assert!(fix.starts_with("Import it here"), "{fix}");
}

#[test]
fn an_id_that_is_handed_to_a_module_or_kept_in_a_local_is_literal_all_the_same() {
    const CASE: &str = "hidden-dependency/flags-abroad-through-arguments";
    let plans = ["app/plan.json", "network/plan.json"].map(|plan| format!("{CASE}/{plan}"));
    let sources = ["main.tf", "group/main.tf"].map(|file| format!("{CASE}/app/after/{file}"));
    let members = |files: &[(&str, &str)]| {
        let top = copies(files);
        let report = report(top.path(), &["app/plan.json", "network/plan.json"]);
        let findings = report["findings"].as_array().expect("findings").clone();
        let hidden = findings.iter().filter(|f| f["rule"] == "hidden-dependency");
        let hidden = hidden.map(|f| f["address"].as_str().expect("an address").to_owned());
        hidden.collect::<Vec<_>>()
    };
    let documents = [
        (&*plans[0], "app/plan.json"),
        (&*plans[1], "network/plan.json"),
    ];
    assert_eq!(members(&documents), ["module.web.aws_security_group.this"]);
    let beside = [
        documents[0],
        documents[1],
        (&*sources[0], "app/main.tf"),
        (&*sources[1], "app/group/main.tf"),
    ];
    assert_eq!(
        members(&beside),
        [
            "aws_security_group.db",
            "module.web.aws_security_group.this"
        ]
    );
}
