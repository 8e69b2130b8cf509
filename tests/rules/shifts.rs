//! What `index-shift` means by its fixtures.

use crate::common::check;
use crate::{common, only};
use serde_json::{Value, json};
use tfguard::finding::Severity;

#[test]
fn shifts_are_told_with_what_moved_where() {
    let table = [
        ("flags-head-removed", "aws_subnet.s", -1, 3, 0, 1, 4),
        ("flags-inserted", "aws_subnet.s", 1, 2, 1, 0, 2),
        (
            "flags-inserted-behind-first",
            "aws_s3_bucket.stage",
            1,
            4,
            1,
            0,
            6,
        ),
        ("flags-hung-on-two", "aws_sns_topic.team", -1, 2, 0, 1, 8),
        ("flags-module", "module.team", -1, 2, 0, 1, 6),
        (
            "flags-keyed-by-position",
            "aws_sns_topic.of",
            -1,
            4,
            0,
            1,
            6,
        ),
        (
            "flags-module-keyed-by-position",
            "module.team",
            -1,
            2,
            0,
            1,
            6,
        ),
        ("flags-one-list", "aws_ebs_volume.scratch", -1, 2, 0, 1, 5),
        ("flags-reordered", "aws_subnet.s", 1, 3, 0, 0, 3),
        (
            "flags-replaced-anyway",
            "terraform_data.queue",
            -1,
            2,
            0,
            1,
            1,
        ),
        (
            "flags-replaced-on-request",
            "terraform_data.queue",
            -1,
            2,
            0,
            1,
            1,
        ),
        ("flags-rewritten", "terraform_data.worker", -1, 2, 0, 1, 1),
    ];
    for (case, address, by, affected, inserted, removed, members) in table {
        let finding = only(&format!("index-shift/{case}"));
        assert_eq!(finding.address, address, "{case}");
        assert_eq!(finding.facts["shift"], by, "{case}");
        assert_eq!(finding.facts["affected"], affected, "{case}");
        let count = |name: &str| finding.facts[name].as_array().map(Vec::len);
        assert_eq!(count("inserted"), Some(inserted), "{case}");
        assert_eq!(count("removed"), Some(removed), "{case}");
        assert_eq!(finding.members.len(), members, "{case}");
    }
}

/// What has no `moved` block when `count` becomes `for_each` is destroyed.
#[test]
fn the_fix_of_a_shift_keeps_instances_too_that_the_edit_did_not_touch() {
    let table = [
        (
            "flags-inserted-behind-first",
            vec![
                "aws_iam_role.reader",
                "aws_s3_bucket.stage",
                "aws_s3_bucket_versioning.stage",
            ],
        ),
        (
            "flags-one-list",
            vec!["aws_ebs_volume.scratch", "aws_eip.exit", "module.queues"],
        ),
        ("flags-constant-count", vec!["aws_sns_topic.of"]),
        (
            "flags-hung-on-two",
            vec![
                "aws_sns_topic.team",
                "aws_sqs_queue.team",
                "module.watch",
                "terraform_data.link",
            ],
        ),
    ];
    for (case, lists) in table {
        let finding = only(&format!("index-shift/{case}"));
        let hcl = finding.fix.and_then(|fix| fix.hcl).expect("moved blocks");
        assert_eq!(hcl.matches("moved {").count(), 3 * lists.len(), "{case}");
        for list in lists {
            for index in 0..3 {
                let from = format!("from = {list}[{index}]\n");
                assert_eq!(hcl.matches(&from).count(), 1, "{case} {from}");
            }
        }
    }
}

/// The block is declared once: `for_each` would come to the other call as well.
/// `{ for i, element in list : i => element }` is `count` in another dress; its keys are texts.
#[test]
fn the_fix_of_a_shift_of_positions_moves_from_their_keys() {
    let finding = only("index-shift/flags-keyed-by-position");
    assert!(finding.message.contains("another element from key 1 on"));
    let fix = finding.fix.expect("a fix");
    assert!(!fix.description.contains("count"), "{}", fix.description);
    let hcl = fix.hcl.expect("moved blocks");
    assert_eq!(hcl.matches("moved {").count(), 8);
    for (key, name) in [
        (0, "orders"),
        (1, "payments"),
        (2, "refunds"),
        (3, "returns"),
    ] {
        for list in ["aws_sns_topic.of", "aws_sqs_queue.of"] {
            let moved = format!("from = {list}[\"{key}\"]\n  to   = {list}[\"acme-{name}\"]\n");
            assert!(hcl.contains(&moved), "{hcl}");
        }
    }
}

#[test]
fn a_list_of_one_of_several_calls_has_no_moved_blocks() {
    let finding = only("index-shift/flags-one-of-two-calls");
    assert_eq!(finding.members.len(), 2);
    let fix = finding.fix.expect("a fix");
    assert!(fix.hcl.is_none());
    assert!(fix.description.ends_with("wherever the module is called."));
}

#[test]
fn what_is_replaced_for_another_reason_is_not_put_down_to_the_list() {
    let table = [
        ("flags-replaced-anyway", vec![0, 1, 2]),
        ("flags-replaced-on-request", vec![1]),
    ];
    for (case, replaced) in table {
        let case = common::root().join("fixtures/index-shift").join(case);
        let report = check(&case, None);
        let members = |rule: &str| {
            let mut findings = report.findings.iter();
            let found = findings.find(|finding| finding.rule == rule);
            found.expect("a finding").members.clone()
        };
        let address = |nth: i32| format!("terraform_data.queue[{nth}]");
        let replaced: Vec<_> = replaced.into_iter().map(address).collect();
        assert_eq!(members("planned-replace"), replaced);
        assert_eq!(members("index-shift"), [address(3)]);
    }
}

#[test]
fn what_is_changed_back_or_tainted_is_no_doing_of_the_list() {
    let case = common::root().join("fixtures/index-shift/flags-beside-other-reasons");
    let report = check(&case, None);
    let of = |address: &str| {
        let mut all = report.findings.iter();
        all.find(|finding| finding.address == address && finding.rule != "drift")
            .expect("a finding")
    };
    let disks = of("aws_ebs_volume.disk");
    assert_eq!(disks.members, ["aws_ebs_volume.disk[2]"]);
    assert!(disks.message.contains("1 object rewritten"));
    let related: Vec<_> = disks.related.iter().map(|one| &*one.message).collect();
    assert_eq!(related[1], "is replaced for another reason");
    assert_eq!(of("aws_ebs_volume.disk[1]").cause, Some("drift"));
    let queues = of("aws_sqs_queue.queue");
    assert_eq!(queues.members.len(), 3);
    assert!(!queues.message.contains("rewritten"), "{}", queues.message);
    assert_eq!(of("aws_sqs_queue.queue[2]").cause, Some("tainted"));
}

#[test]
fn what_would_follow_something_else_is_not_kept_by_moving_the_list() {
    let shift = only("index-shift/flags-upstream-replaced");
    assert_eq!(shift.members.len(), 3);
    assert_eq!(shift.facts["other_roots"][0], "aws_vpc.main");
    let said = "2 of them would follow aws_vpc.main all the same.";
    assert!(shift.message.ends_with(said), "{}", shift.message);
    let fix = shift.fix.expect("a fix").description;
    assert!(fix.contains("kept only when that stays as well"), "{fix}");
    let alone = only("index-shift/flags-head-removed");
    assert!(alone.facts.get("other_roots").is_none());
}

/// `each.value` is the element: a range that is computed from the index would be another one.
#[test]
fn what_goes_by_the_index_is_named_where_the_fix_would_lose_it() {
    let description = |case: &str| {
        let fix = only(&format!("index-shift/{case}")).fix.expect("a fix");
        fix.description.into_owned()
    };
    let numbered = description("flags-made-of-number");
    assert!(numbered.contains("cidr_block goes by the index, not by the element"));
    assert!(!description("flags-head-removed").contains("by the index"));
}

/// Terraform 1.11 orders no creation behind the destruction of a neighbour.
#[test]
fn a_name_that_a_neighbour_has_until_its_successor_is_there_is_told() {
    let finding = only("index-shift/flags-names-still-taken");
    assert_eq!(
        finding.facts["name_collisions"],
        serde_json::json!(["aws_iam_role.service[2]"])
    );
    assert!(finding.message.contains("the cloud may refuse that"));
    let fix = finding.fix.expect("a fix");
    assert!(fix.description.contains("unless a function orders it"));
    let other = only("index-shift/flags-inserted-behind-first");
    assert_eq!(other.facts["name_collisions"], serde_json::json!([]));
}

/// Nothing names the elements but a tag; nothing is destroyed, and every store gets the queue of its neighbour.
#[test]
fn elements_that_all_went_one_step_are_a_shift_in_a_list_of_the_same_length() {
    let finding = only("index-shift/flags-rewritten-of-same-length");
    assert_eq!(finding.severity, Severity::Warning);
    assert_eq!(finding.facts["affected"], 4);
    assert_eq!(
        finding.facts["blocks"],
        serde_json::json!(["aws_sns_topic.store", "aws_sqs_queue.store"])
    );
}

/// The name of an object of a cluster stands in a block beside what the cluster makes up.
#[test]
fn what_is_replaced_for_a_value_in_a_block_is_put_down_to_the_list_too() {
    let kind = "kubernetes_namespace";
    let space = |name: &str| json!({"metadata": [{"name": name, "uid": format!("uid-of-{name}")}]});
    let planned = |name: &str| json!({"metadata": [{"name": name}]});
    let change = |nth: usize, action: &str, values: [&Value; 2]| {
        let mut change = common::change(&format!("{kind}.n[{nth}]"), kind, "n", action, values);
        change["index"] = nth.into();
        change
    };
    let mut replaced = change(1, "delete", [&space("b"), &planned("c")]);
    replaced["change"]["actions"] = json!(["delete", "create"]);
    replaced["change"]["after_unknown"] = json!({"metadata": [{"uid": true}]});
    replaced["change"]["replace_paths"] = json!([["metadata", 0, "name"]]);
    let plan = common::plan_of(&[
        change(0, "no-op", [&space("a"), &space("a")]),
        replaced,
        change(2, "delete", [&space("c"), &Value::Null]),
    ]);
    let report = common::printing(&plan, &["-f", "json"])();
    let report: Value = serde_json::from_str(&report).expect("a report");
    let findings = report["findings"].as_array().expect("findings");
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert_eq!(findings[0]["rule"], "index-shift");
    assert_eq!(findings[0]["members"].as_array().map(Vec::len), Some(2));
}

/// Labels of one module instance are no keys for the others: whoever followed that destroyed all of theirs.
#[test]
fn keys_are_what_the_elements_have_in_common_everywhere() {
    let finding = only("index-shift/flags-in-each-module");
    assert!(
        finding.message.contains("so 2 instances hold"),
        "{}",
        finding.message
    );
    let hcl = finding.fix.expect("a fix").hcl.expect("moved blocks");
    for module in ["eu", "us"] {
        for element in ["orders", "mail", "audit"] {
            let to = format!("module.region[\"{module}\"].aws_sqs_queue.of[\"{element}\"]");
            assert!(hcl.contains(&to), "{to}: {hcl}");
        }
    }
}

/// Terraform gives the new numbers to whoever follows the advice: what goes by them must be told.
#[test]
fn what_goes_over_a_shifted_block_goes_with_it_and_numbers_are_named() {
    let finding = only("index-shift/flags-positions-and-a-block-over-them");
    assert!(
        finding
            .members
            .contains(&"aws_sqs_queue.alarms[\"2\"]".into())
    );
    let fix = finding.fix.expect("a fix");
    let numbers = "port, name of aws_sqs_queue.alarms go by the key";
    assert!(fix.description.contains(numbers), "{}", fix.description);
    let hcl = fix.hcl.expect("moved blocks");
    assert!(
        hcl.contains("to   = aws_sqs_queue.alarms[\"front\"]"),
        "{hcl}"
    );
}

#[test]
fn a_list_whose_names_stand_in_a_block_is_reordered_as_any_other() {
    let kind = "kubernetes_namespace";
    let space = |name: &str| json!({"metadata": [{"name": name, "uid": format!("u-{name}")}]});
    let change = |nth: usize, names: [&str; 2]| {
        let [before, after] = names.map(space);
        let address = format!("{kind}.n[{nth}]");
        let same = names[0] == names[1];
        let action = if same { "no-op" } else { "delete" };
        let mut change = common::change(&address, kind, "n", action, [&before, &after]);
        change["index"] = nth.into();
        if !same {
            change["change"]["actions"] = json!(["delete", "create"]);
            change["change"]["replace_paths"] = json!([["metadata", 0, "name"]]);
        }
        change
    };
    let plan = common::plan_of(&[
        change(0, ["red", "red"]),
        change(1, ["blue", "green"]),
        change(2, ["green", "blue"]),
    ]);
    let report = common::printing(&plan, &["-f", "json"])();
    let report: Value = serde_json::from_str(&report).expect("a report");
    let findings = report["findings"].as_array().expect("findings");
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert_eq!(findings[0]["rule"], "index-shift");
    let message = findings[0]["message"].as_str().expect("a message");
    assert!(message.starts_with("The list was reordered"), "{message}");
}

/// Tried: with these the plan makes one object of each block, and destroys none.
#[test]
fn what_takes_a_shifted_instance_by_the_number_moves_with_it_though_nothing_of_it_changes() {
    let finding = only("index-shift/flags-attached-by-number");
    let hcl = finding.fix.and_then(|fix| fix.hcl).expect("moved blocks");
    assert!(
        hcl.contains("to   = terraform_data.attached[\"stock\"]"),
        "{hcl}"
    );
    assert!(!hcl.contains("terraform_data.other"), "{hcl}");
}

#[test]
fn what_counts_a_shifted_block_is_the_same_edit_of_its_list() {
    let finding = only("index-shift/flags-count-of-a-shifted-block");
    assert_eq!(finding.members.len(), 6);
    let hcl = finding.fix.and_then(|fix| fix.hcl).expect("moved blocks");
    assert!(
        hcl.contains("to   = terraform_data.alarm[\"orders\"]"),
        "{hcl}"
    );
}

/// What each app brings along is another list than the apps.
#[test]
fn a_list_that_is_a_part_of_each_element_is_named_by_the_variable_it_is_given_to() {
    let finding = only("index-shift/flags-part-of-each-element");
    let help = finding.fix.expect("a fix").description;
    assert!(help.contains("module.app.var.disks"), "{help}");
    assert!(!help.contains("var.apps"), "{help}");
}

/// A data source returns other zones: whatever hangs on a subnet goes with its subnet, not with the data source.
#[test]
fn what_follows_an_instance_of_a_list_from_a_data_source_goes_with_the_list() {
    let finding = only("index-shift/flags-list-from-data");
    assert_eq!(finding.members.len(), 4);
    let case = common::root().join("fixtures/index-shift/flags-list-from-data");
    let findings = check(&case, None).findings;
    let mut errors = findings
        .iter()
        .filter(|one| one.severity == Severity::Error);
    assert_eq!(errors.next().map(|one| one.rule), Some("index-shift"));
    assert_eq!(errors.next(), None);
}

#[test]
fn a_list_that_all_instances_of_a_module_are_given_literally_is_one() {
    let finding = only("index-shift/flags-list-given-to-all-instances");
    assert_eq!(finding.members.len(), 6);
    let fix = finding.fix.expect("a fix");
    let help = &fix.description;
    assert!(
        help.starts_with("Repeat it with for_each over the elements of module.worker.var.policies"),
        "{help}"
    );
    let hcl = fix.hcl.expect("moved blocks");
    assert!(
        hcl.contains("to   = module.worker[\"thumbs\"].terraform_data.policy[\"log\"]"),
        "{hcl}"
    );
}

/// The table moves along with the subnet that refers to it.
#[test]
fn what_refers_to_its_own_instance_of_a_module_does_not_go_by_the_number() {
    let finding = only("index-shift/flags-what-is-in-its-module");
    let help = finding.fix.expect("a fix").description;
    assert!(!help.contains("goes by the index"), "{help}");
}
