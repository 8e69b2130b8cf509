//! Several stacks in one run: what only all of them together show, and how they are given.

mod common;

use common::{check, out, plans, root, run, run_in_copy};
use serde_json::Value;
use tfguard::finding::{Finding, Severity};

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
