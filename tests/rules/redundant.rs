use crate::{common, only};

#[test]
fn of_two_entries_that_mean_the_same_only_one_is_to_be_deleted() {
    let finding = only("redundant-depends-on/flags-one-of-two-alike");
    assert_eq!(finding.facts["target"], "module.m");
}

/// A printed graph knows no keys: its edge to the block is the entry itself.
#[test]
fn an_entry_with_a_key_is_no_reference_because_a_graph_draws_it() {
    let case = common::root().join("fixtures/redundant-depends-on/allows-keyed");
    let report = common::check_beside_graph(&case);
    let rules: Vec<_> = report.findings.iter().map(|finding| finding.rule).collect();
    assert_eq!(rules, ["leaky-depends-on"]);
}

#[test]
fn the_reason_why_an_entry_is_redundant_is_told() {
    let table = [
        ("flags-referenced", "enforced"),
        ("flags-through-module-output", "enforced"),
        ("flags-repeated", "repeated"),
        ("flags-no-effect", "no_effect"),
    ];
    for (case, reason) in table {
        assert_eq!(
            only(&format!("redundant-depends-on/{case}")).facts["reason"],
            reason,
            "{case}"
        );
    }
}

#[test]
fn beside_a_reference_by_name_the_entry_of_a_data_source_changes_nothing() {
    let finding = only("redundant-depends-on/flags-referred-data");
    assert_eq!(finding.facts["reason"], "enforced");
}

/// Of two instances of a module each waits for its own: none for what is in the other.
#[test]
fn in_a_repeated_module_an_entry_is_enforced_instance_by_instance() {
    let finding = only("redundant-depends-on/flags-in-each-instance");
    assert_eq!(finding.facts["reason"], "enforced");
    assert_eq!(finding.address, "module.store.terraform_data.store");
    assert_eq!(finding.path.len(), 2);
}

#[test]
fn an_entry_of_a_module_is_told_once_for_all_of_its_calls() {
    let finding = only("redundant-depends-on/flags-in-each-call");
    assert_eq!(finding.address, "module.eu.terraform_data.store");
    assert_eq!(finding.facts["calls"], 2);
    assert!(
        finding
            .message
            .ends_with("So it is in 1 other call of the module.")
    );
}
