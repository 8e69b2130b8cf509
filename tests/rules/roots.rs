//! What a replacement is blamed on.

use crate::{common, fixture, only};
use common::check_with;

#[test]
fn values_that_a_provider_computes_in_a_new_block_hide_no_edit() {
    let case = "planned-replace/flags-block-with-computed-values";
    let finding = only(case);
    assert_eq!(finding.facts["attributes"][0], "ebs_block_device");
    assert_eq!(finding.cause, Some("attribute"));
    let dir = common::root().join("fixtures").join(case);
    let with_sources = check_with(&dir, Some("planned-replace"), true);
    assert_eq!(with_sources.findings[0].message, finding.message);
    assert!(!finding.message.contains("function"), "{}", finding.message);
}

/// The plan has what stands literally in a call: where the new word is in it, somebody wrote it there.
#[test]
fn a_word_that_stands_in_the_call_of_a_module_was_edited_there() {
    let case = common::root().join("fixtures/planned-replace/flags-word-in-a-call");
    let report = check_with(&case, Some("planned-replace"), true);
    let [finding] = &report.findings[..] else {
        panic!("{:?}", report.findings);
    };
    assert_eq!(finding.address, "module.shop.var.env");
    let place = finding.location.as_ref().expect("a place");
    assert!(place.file.ends_with("after/main.tf"), "{}", place.file);
    assert_eq!(place.line, 3);
}

#[test]
fn of_several_instances_that_go_the_old_value_tells_which_one_was_followed() {
    let asked = fixture("planned-replace/flags-two-roots-in-a-block");
    let members = |address: &str| {
        let mut findings = asked.findings.iter();
        let found = findings.find(|finding| finding.address == address);
        &found.expect("a finding").members
    };
    let expected = |host: &str, zone: &str| {
        [
            format!("aws_instance.host[\"{host}\"]"),
            format!("aws_subnet.zone[\"{zone}\"]"),
        ]
    };
    assert_eq!(*members("aws_subnet.zone[\"a\"]"), expected("web", "a"));
    assert_eq!(*members("aws_subnet.zone[\"b\"]"), expected("db", "b"));
    let fix = |cause| {
        let mut findings = asked.findings.iter();
        let found = findings.find(|finding| finding.cause == Some(cause));
        let fix = found.and_then(|finding| finding.fix.as_ref());
        fix.expect("a fix").description.clone()
    };
    assert_eq!(fix("request"), "Plan without -replace to keep it.");
}

#[test]
fn who_follows_one_key_that_was_renamed_goes_with_it_whoever_else_stays() {
    let case = common::root().join("fixtures/unmoved-rename/flags-some-keys-with-followers");
    let report = check_with(&case, None, false);
    let told: Vec<_> = report
        .findings
        .iter()
        .map(|finding| (finding.rule, finding.members.join(" ")))
        .collect();
    assert_eq!(
        told,
        [
            ("planned-delete", "aws_subnet.team[\"db\"]".to_owned()),
            (
                "planned-replace",
                "aws_instance.host[\"second\"]".to_owned()
            ),
            (
                "unmoved-rename",
                "aws_instance.bastion aws_instance.host[\"first\"] aws_subnet.team[\"web\"]"
                    .to_owned()
            ),
        ]
    );
}

#[test]
fn a_path_goes_through_the_instance_whose_value_the_follower_had() {
    let finding = only("planned-replace/flags-through-a-list-of-a-module");
    let expected = [
        "aws_instance.app",
        "module.net.output.subnet_ids",
        "module.net.aws_subnet.zone[1]",
        "module.net.aws_vpc.main",
    ];
    assert_eq!(finding.path, expected);
}

#[test]
fn a_word_that_changed_in_blocks_is_one_edit_as_it_is_in_arguments() {
    let finding = only("planned-replace/flags-one-word-in-blocks");
    assert_eq!(finding.address, "var.device");
    assert_eq!(finding.members.len(), 2);
}

/// The zones of a region hardly ever change; where the old one is still among them, somebody edited which is taken.
#[test]
fn zones_returned_another_value_only_where_the_old_one_is_gone() {
    let gone = only("planned-replace/flags-zone-that-is-gone");
    assert_eq!(gone.address, "data.aws_availability_zones.up");
    assert_eq!(gone.cause, Some("upstream"));
    let other = only("planned-replace/flags-another-zone-of-the-same");
    assert_eq!(other.address, "aws_ebs_volume.data");
    assert_eq!(other.cause, Some("attribute"));
}

#[test]
fn a_list_of_ids_tells_which_instances_were_in_it() {
    let report = fixture("planned-replace/flags-lists-of-two-roots");
    let told = report.findings.iter();
    let told: Vec<_> = told.map(|finding| finding.members.join(" ")).collect();
    assert_eq!(
        told,
        [
            "terraform_data.group[\"db\"] terraform_data.zone[\"b\"]",
            "terraform_data.group[\"web\"] terraform_data.zone[\"c\"]"
        ]
    );
}
