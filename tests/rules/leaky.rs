//! What a `depends_on` waits for beyond what it needs.

use crate::{fixture, only};
use tfguard::finding::Severity;

#[test]
fn what_this_plan_destroys_is_waited_for_as_well() {
    let finding = only("leaky-depends-on/flags-target-destroyed");
    assert_eq!(finding.severity, Severity::Error);
    assert_eq!(finding.facts["replaced"][0], "aws_instance.app");
}

/// Terraform 1.11 takes no expression in `depends_on`; tried: a local value is taken.
#[test]
fn of_a_module_that_is_repeated_a_local_value_is_named() {
    let fix = only("leaky-depends-on/flags-repeated-module").fix;
    let said = fix.expect("a fix").description;
    assert!(
        said.starts_with("Name a local value made of values(module.group)[*].role"),
        "{said}"
    );
}

/// Terraform 1.11 waits for what is no longer configured with the module that it was in.
#[test]
fn a_block_that_is_gone_from_a_module_is_waited_for_with_the_module() {
    for case in ["flags-block-gone", "flags-only-block-gone"] {
        let finding = only(&format!("leaky-depends-on/{case}"));
        assert_eq!(finding.severity, Severity::Error, "{case}");
        assert_eq!(finding.facts["replaced"][0], "aws_instance.app", "{case}");
        let end = finding.path.last().map(String::as_str);
        assert_eq!(end, Some("module.keys.terraform_data.old"), "{case}");
    }
}

/// Passed in beside the entry, a value is used by some of the module: the rest waits by the entry alone.
#[test]
fn a_module_of_which_only_a_part_refers_to_the_target_waits_too_much() {
    let finding = only("leaky-depends-on/flags-part-of-a-module");
    assert_eq!(finding.address, "module.part");
    assert_eq!(finding.facts["needless"], 1);
    assert_eq!(finding.severity, Severity::Warning);
}

#[test]
fn a_check_excuses_no_read_that_something_else_refers_to() {
    let finding = only("leaky-depends-on/flags-read-by-an-output");
    assert_eq!(finding.severity, Severity::Error);
    assert_eq!(finding.facts["deferred"][0], "data.aws_ami.base");
}

#[test]
fn a_late_read_in_a_check_costs_a_module_nothing() {
    let finding = only("leaky-depends-on/flags-check-in-a-module");
    assert_eq!(finding.severity, Severity::Warning);
    assert_eq!(finding.facts["deferred"].as_array().map(Vec::len), Some(0));
}

/// Terraform 1.11, tried: without the outer entry the read is in time, without the inner one it is not.
#[test]
fn an_inner_entry_that_waits_for_the_change_by_an_outer_one_is_not_at_fault() {
    let report = fixture("leaky-depends-on/flags-outer-of-two-modules");
    let told: Vec<_> = report
        .findings
        .iter()
        .map(|finding| (&*finding.address, finding.severity))
        .collect();
    let expected = [
        ("module.outer", Severity::Error),
        ("module.outer.module.inner", Severity::Warning),
    ];
    assert_eq!(told, expected);
}

/// Followed, the advice to name another output of the module left the gateway out.
#[test]
fn only_outputs_that_stand_for_what_nothing_else_orders_are_advised() {
    let report = fixture("leaky-depends-on/flags-rest-without-an-output");
    let fix = |address: &str| {
        let mut findings = report.findings.iter();
        let found = findings.find(|finding| finding.address == address);
        let fix = found.and_then(|finding| finding.fix.as_ref());
        fix.expect("a fix").description.clone()
    };
    assert!(fix("aws_instance.app").starts_with("Delete it if what is read"));
    assert!(fix("aws_instance.other").starts_with("Name module.net.subnet_ids or module.net.vpc"));
}
