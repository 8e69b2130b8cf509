//! How far a change reaches.

use crate::common::check_with;
use crate::{common, only};
use tfguard::finding::Severity;

#[test]
fn a_change_is_as_wide_as_what_depends_on_it() {
    let finding = only("wide-blast-radius/flags-changed-network");
    assert_eq!(finding.address, "terraform_data.network");
    assert_eq!(finding.facts["transitive"], 60);
    assert_eq!(finding.facts["direct"], 30);
    assert_eq!(finding.facts["changed"], 60);
    assert_eq!(finding.path.len(), 3);
}

#[test]
fn the_longest_chain_is_told_with_the_edge_that_costs_most() {
    let slow = only("slow-apply/flags-minutes");
    assert_eq!(slow.facts["seconds"], 2880);
    assert_eq!(slow.facts["edge"]["from"], "module.invoices");
    assert_eq!(slow.facts["edge"]["to"], "module.orders");
    assert_eq!(slow.facts["edge"]["critical_seconds"], 1920);
    assert_eq!(slow.facts["guessed_percent"], 0);
    let chain = only("slow-apply/flags-long-chain");
    assert_eq!(chain.facts["chain"], 52);
    assert_eq!(chain.address, "terraform_data.n51");
    assert_eq!(chain.path.len(), 52);
}

#[test]
fn a_part_is_proposed_that_takes_one_cut_and_reads_in_one_direction() {
    for rule in ["oversized-plan", "oversized-state"] {
        let finding = only(&format!("{rule}/flags-two-services"));
        let part = &finding.facts["parts"][0];
        assert_eq!(part["units"][0], "module.orders");
        assert_eq!(part["units"][1], "terraform_data.alarm");
        assert_eq!(part["cut_edges"], 1);
        assert_eq!(part["cut"][0]["to"], "module.network.output.id");
        assert_eq!(part["cut"][0]["reader"], "part");
    }
    let one = only("oversized-plan/flags-one-reference-of-many");
    let part = &one.facts["parts"][0];
    assert_eq!(part["cut_edges"], 1);
    assert_eq!(part["objects"], 101);
    assert_eq!(part["cut"][0]["to"], "terraform_data.network");
    for case in [
        "oversized-state/flags-one-service",
        "oversized-plan/flags-hub",
    ] {
        let none = only(case);
        assert_eq!(none.facts["parts"].as_array().map(Vec::len), Some(0));
    }
}

#[test]
fn what_stands_side_by_side_is_not_said_to_hang_together() {
    let table = [
        ("flags-one-block", "All of it is in terraform_data.tenant"),
        ("flags-side-by-side", "side by side"),
        ("flags-hub", "does not come apart easily"),
    ];
    for (case, help) in table {
        let finding = only(&format!("oversized-plan/{case}"));
        let fix = finding.fix.expect("a fix").description;
        assert!(fix.contains(help), "{case}: {fix}");
    }
}

#[test]
fn circles_are_told_from_the_graph_and_from_the_sources() {
    for name in [
        "flags-resources",
        "flags-through-depends-on",
        "flags-through-local",
    ] {
        let case = common::root().join("fixtures/dependency-cycle").join(name);
        for source in [false, true] {
            let report = check_with(&case, Some("dependency-cycle"), source);
            let fix = report.findings[0].fix.as_ref().expect("a fix");
            // What Terraform prints tells no `depends_on` from a reference.
            let waits = fix.description.contains("out of the depends_on of");
            assert_eq!(waits, source && name == "flags-through-depends-on");
            let finding = &report.findings[0];
            assert_eq!(report.findings.len(), 1);
            assert_eq!(finding.severity, Severity::Error);
            assert_eq!(finding.facts["length"], 2);
            assert_eq!(finding.path.first(), finding.path.last());
        }
    }
}

#[test]
fn a_provider_is_worst_while_its_object_is_replaced() {
    let replaced = only("provider-on-resource/flags-replaced-object");
    assert_eq!(replaced.severity, Severity::Error);
    assert_eq!(replaced.facts["target"], "terraform_data.home");
    assert_eq!(replaced.facts["affected"], 1);
    let quiet = only("provider-on-resource/flags-quiet-object");
    assert_eq!(quiet.severity, Severity::Warning);
}

#[test]
fn a_provider_is_made_of_what_a_data_source_reads_not_of_all_it_waits_for() {
    let waiting = only("provider-on-resource/flags-waiting-lookup");
    assert_eq!(waiting.facts["target"], "module.roles.aws_iam_role.deploy");
    assert_eq!(waiting.facts["affected"], 2);
    assert!(
        waiting
            .message
            .contains("reads data.aws_iam_role.deploy late")
    );
    let referred = only("provider-on-resource/flags-referring-lookup");
    assert_eq!(referred.facts["target"], "aws_iam_role.deploy");
    assert!(referred.message.contains("made of aws_iam_role.deploy,"));
}

#[test]
fn a_hot_spot_is_loud_only_when_the_plan_changes_it() {
    assert_eq!(
        only("fan-out-hot-spot/flags-changed-hub").severity,
        Severity::Warning
    );
    assert_eq!(
        only("fan-out-hot-spot/flags-quiet-hub").severity,
        Severity::Note
    );
}
