//! Renames and shifts: what looks destroyed and is meant to be elsewhere.

use crate::common::check;
use crate::{common, fixture, only};
use serde_json::{Value, json};
use tfguard::finding::Finding;

#[test]
fn renames_are_found_with_where_they_went() {
    let table = [
        (
            "flags-resource",
            "aws_s3_bucket.logs",
            json!("aws_s3_bucket.audit_logs"),
            1,
        ),
        (
            "flags-still-changes",
            "aws_s3_bucket.logs",
            json!("aws_s3_bucket.audit_logs"),
            1,
        ),
        ("flags-module", "module.red", json!("module.team_red"), 2),
        (
            "flags-module-key",
            "module.team[\"red\"]",
            json!("module.team[\"red_team\"]"),
            2,
        ),
        (
            "flags-key",
            "aws_sqs_queue.q[\"orders\"]",
            json!("aws_sqs_queue.q[\"orders_eu\"]"),
            1,
        ),
        (
            "flags-count-to-for-each",
            "aws_sqs_queue.q",
            json!(["aws_sqs_queue.q[\"orders\"]", "aws_sqs_queue.q[\"mails\"]"]),
            2,
        ),
        (
            "flags-block",
            "terraform_data.old",
            json!("terraform_data.new"),
            2,
        ),
        (
            "flags-chain",
            "aws_s3_bucket.first",
            json!(["aws_s3_bucket.second", "aws_s3_bucket.third"]),
            2,
        ),
        (
            "flags-chain-of-roles",
            "aws_iam_role.cart",
            json!(["aws_iam_role.basket", "aws_iam_role.wishlist"]),
            2,
        ),
        (
            "flags-edited-module",
            "module.ledger_db",
            json!("module.ledger"),
            3,
        ),
    ];
    for (case, from, to, members) in table {
        let finding = only(&format!("unmoved-rename/{case}"));
        assert_eq!(finding.address, from, "{case}");
        assert_eq!(finding.facts["to"], to, "{case}");
        assert_eq!(finding.members.len(), members, "{case}");
        let fix = finding.fix.expect("a fix");
        if case.starts_with("flags-chain") {
            // "Moved object still exists", says Terraform 1.11 of a block that names an address in use.
            assert_eq!(fix.hcl, None);
            assert_eq!(finding.facts["differing"], json!([]), "{case}");
            assert!(fix.description.contains("terraform state mv"));
            continue;
        }
        let hcl = fix.hcl.expect("moved blocks");
        assert!(hcl.starts_with("moved {\n  from = "), "{case}: {hcl}");
    }
    assert_eq!(
        only("unmoved-rename/flags-key").cause,
        Some("each_key_renamed")
    );
    assert_eq!(
        only("unmoved-rename/flags-still-changes").facts["differing"],
        json!(["tags"])
    );
    // Not the password: it is that of the module, wherever that is.
    assert_eq!(
        only("unmoved-rename/flags-edited-module").facts["differing"],
        json!(["engine_version", "parameter_group_name"])
    );
}

#[test]
fn what_hangs_on_a_renamed_object_is_renamed_with_it() {
    for case in ["flags-into-module", "flags-out-of-module"] {
        let finding = only(&format!("unmoved-rename/{case}"));
        assert_eq!(finding.members.len(), 2, "{case}");
        assert_eq!(finding.facts["confidence"], "high", "{case}");
    }
}

/// What each of several hung on is told by the value it had; that of the new ones is not known yet.
#[test]
fn of_several_that_hang_on_renamed_objects_each_goes_with_its_own() {
    let report = fixture("unmoved-rename/flags-each-value");
    let of = |address: &str| {
        let mut findings = report.findings.iter();
        let finding = findings.find(|finding| finding.address == address);
        let fix = finding.expect("a finding").fix.as_ref();
        fix.and_then(|fix| fix.hcl.clone()).expect("HCL")
    };
    let buckets = of("aws_s3_bucket.data");
    assert!(buckets.contains("from = aws_s3_bucket.data[0]\n  to   = aws_s3_bucket.data[\"raw\"]"));
    let versioning = of("aws_s3_bucket_versioning.data");
    assert_eq!(versioning, buckets.replace("bucket.", "bucket_versioning."));
}

#[test]
fn blocks_that_went_to_another_module_together_are_one_rename() {
    let report = fixture("unmoved-rename/flags-wrapped");
    let told = |finding: &Finding| {
        let hcl = finding.fix.as_ref().and_then(|fix| fix.hcl.as_deref());
        let blocks = hcl.unwrap_or_default().matches("moved {").count();
        (finding.address.clone(), finding.members.len(), blocks)
    };
    let found: Vec<_> = report.findings.iter().map(told).collect();
    // Those that a move would leave to change stand for themselves.
    let two = |address: &str| (address.to_owned(), 2, 2);
    assert_eq!(
        found,
        [two("aws_s3_bucket.files"), two("aws_sqs_queue.mails")]
    );
    assert_eq!(report.findings[0].facts["differing"], json!(["tags"]));
    assert_eq!(
        report.findings[1].facts["to"],
        json!([
            "module.storage.aws_sqs_queue.mails",
            "module.storage.aws_sqs_queue.orders"
        ])
    );
}

#[test]
fn what_stands_beside_blocks_that_went_to_a_module_went_along() {
    let members = only("unmoved-rename/flags-taken-along").members;
    // The queue has another name.
    let moved = [
        "aws_eip.nat[0]",
        "aws_eip.nat[1]",
        "aws_internet_gateway.out",
        "aws_subnet.app[\"10.0.1.0/24\"]",
        "aws_subnet.app[\"10.0.2.0/24\"]",
        "aws_vpc.main",
        "random_password.admin",
    ];
    assert_eq!(members, moved);
}

#[test]
fn nothing_goes_along_where_as_much_is_another() {
    let members = only("unmoved-rename/flags-another-stack").members;
    assert_eq!(
        members,
        ["module.blue.aws_subnet.app", "module.blue.aws_vpc.main"]
    );
}

#[test]
fn what_was_renamed_inside_of_a_renamed_module_moves_from_where_that_went() {
    let finding = only("unmoved-rename/flags-renamed-inside");
    assert_eq!(finding.members.len(), 3);
    let hcl = finding.fix.and_then(|fix| fix.hcl).expect("moved blocks");
    // From `module.events.aws_sqs_queue.q` Terraform 1.11 sees a circle.
    assert!(
        hcl.contains("from = module.event_bus.aws_sqs_queue.q\n"),
        "{hcl}"
    );
}

#[test]
fn what_it_uses_makes_no_other_object_of_one_with_the_same_name_in_its_cloud() {
    let finding = only("unmoved-rename/flags-other-guard");
    assert_eq!(finding.members, ["aws_db_instance.db"]);
    assert_eq!(
        finding.facts["differing"],
        json!(["vpc_security_group_ids"])
    );
    assert_eq!(finding.facts["confidence"], "high");
    let named = only("unmoved-rename/flags-retagged");
    assert_eq!(named.members, ["aws_subnet.app"]);
    assert_eq!(named.facts["differing"], json!(["tags"]));
}

#[test]
fn what_is_replaced_because_of_a_rename_is_told_with_it() {
    let finding = only("unmoved-rename/flags-followed");
    let followed = ["aws_instance.app", "aws_subnet.app", "aws_vpc.main"];
    assert_eq!(finding.members, followed);
    assert!(finding.message.contains("2 of them only follow"));
    // The other instance has a reason of its own.
    let case = common::root().join("fixtures/unmoved-rename/flags-followed");
    let replaced = check(&case, Some("planned-replace")).findings;
    let replaced = replaced.iter().find(|f| f.rule == "planned-replace");
    assert_eq!(
        replaced.expect("a finding").members,
        ["aws_instance.bastion"]
    );
}

#[test]
fn a_name_made_of_what_moved_is_the_same_name() {
    let report = fixture("unmoved-rename/flags-name-of-a-moved");
    let members: Vec<_> = report.findings.iter().flat_map(|f| &f.members).collect();
    assert_eq!(members, ["aws_security_group.web", "aws_vpc.main"]);
}

#[test]
fn keys_that_two_blocks_changed_changed_in_all_beside() {
    let report = fixture("unmoved-rename/flags-keys-together");
    let renamed: Vec<_> = report
        .findings
        .iter()
        .map(|finding| (&*finding.address, finding.members.len()))
        .collect();
    // The third zone is gone.
    assert_eq!(
        renamed,
        [
            ("aws_eip.app", 2),
            ("aws_instance.app", 2),
            ("aws_sqs_queue.jobs", 2),
            ("aws_subnet.app", 2),
        ]
    );
}

#[test]
fn keys_of_one_list_say_nothing_of_another() {
    let report = fixture("unmoved-rename/flags-keys-of-another-list");
    let mut members = report.findings.iter().flat_map(|f| &f.members);
    // `[1]` of the volumes was "c", and "b" of the queues.
    assert!(!members.any(|member| member.contains("aws_ebs_volume")));
    assert_eq!(report.findings.len(), 2);
}

#[test]
fn modules_move_as_terraform_accepts_it() {
    let hcl = |case: &str| {
        let report = fixture(&format!("unmoved-rename/{case}"));
        let fixes = report.findings.into_iter().filter_map(|f| f.fix?.hcl);
        fixes.collect::<Vec<_>>().join("\n")
    };
    let nested = hcl("flags-nested-modules");
    // From `module.app.module.queue` Terraform 1.11 sees a circle.
    assert!(
        nested.contains("from = module.shop.module.queue\n"),
        "{nested}"
    );
    // A module may come from one module alone.
    let merged = hcl("flags-merged-modules");
    assert!(
        merged.contains("from = module.queue.aws_sqs_queue.jobs\n"),
        "{merged}"
    );
    assert!(
        merged.contains("from = module.topic.aws_sns_topic.alarms\n"),
        "{merged}"
    );
}

#[test]
fn what_did_not_depend_on_what_went_does_not_follow_it() {
    let finding = only("unmoved-rename/flags-own-reason");
    assert_eq!(finding.members, ["aws_vpc.main"]);
}

#[test]
fn what_is_known_in_part_tells_a_rename_by_where_the_object_stands() {
    let renamed = only("unmoved-rename/flags-partly-unknown").members;
    // The same text in another network is another object.
    assert_eq!(renamed, ["terraform_data.subnet", "terraform_data.vpc"]);
}

#[test]
fn what_one_edit_renamed_in_several_instances_is_told_once() {
    let call = only("unmoved-rename/flags-module-call");
    assert_eq!(call.facts["to"], "module.bucket");
    let blocks = |finding: &Finding| {
        let fix = finding.fix.as_ref().and_then(|fix| fix.hcl.as_ref());
        fix.expect("moved blocks").matches("moved {").count()
    };
    assert_eq!((call.members.len(), blocks(&call)), (4, 1));
    // Which part belongs to which bucket its old value tells.
    let keys = only("unmoved-rename/flags-parts-of-each-key");
    assert_eq!((keys.members.len(), blocks(&keys)), (4, 2));
    assert_eq!(keys.facts["confidence"], "high");
    let inside = only("unmoved-rename/flags-in-each-instance");
    let block = "module.store.aws_s3_bucket_public_access_block.this";
    assert_eq!((&*inside.address, blocks(&inside)), (block, 2));
}

/// What a cluster adds to the metadata is in no way part of the name; a namespace is.
#[test]
fn an_object_of_a_cluster_is_renamed_when_its_name_and_its_namespace_hold() {
    let kind = "kubernetes_config_map";
    let old = json!({"data": {"a": "1"}, "metadata": [{"name": "app", "namespace": "shop", "uid": "u-1"}]});
    let known = json!([{"name": "app", "namespace": "shop"}]);
    let other = json!([{"name": "app", "namespace": "pay"}]);
    let unknown = json!([{"name": "app"}]);
    let renamed = [known, other, unknown].map(|metadata| {
        let new = json!({"data": {"a": "1"}, "metadata": metadata});
        let mut plan = common::plan_of(&[
            common::change(
                &format!("{kind}.a"),
                kind,
                "a",
                "delete",
                [&old, &Value::Null],
            ),
            common::change(
                &format!("{kind}.b"),
                kind,
                "b",
                "create",
                [&Value::Null, &new],
            ),
        ]);
        let is_unknown = new["metadata"][0].get("namespace").is_none();
        plan["resource_changes"][1]["change"]["after_unknown"] =
            json!({"metadata": [{"namespace": is_unknown, "uid": true}]});
        let namespace = json!({"references": ["var.namespace"]});
        let metadata = json!([{"name": {"constant_value": "app"}, "namespace": namespace}]);
        let arguments = json!({"data": {"constant_value": {"a": "1"}}, "metadata": metadata});
        plan["configuration"] =
            json!({"root_module": {"resources": [common::block(kind, "b", arguments)]}});
        common::printing(&plan, &["-f", "json"])().contains("unmoved-rename")
    });
    assert_eq!(renamed, [true, false, false]);
}

#[test]
fn what_agrees_in_all_is_the_object_rather_than_what_agrees_as_far_as_it_is_known() {
    let finding = only("unmoved-rename/flags-best-partner");
    assert_eq!(finding.facts["to"], "aws_instance.job");
}

/// Terraform tells of `module.zone[each.value.zone].id` no more than that it is something of the module.
#[test]
fn what_selects_instances_by_a_value_follows_all_that_were_renamed() {
    let finding = only("unmoved-rename/flags-followed-by-other-keys");
    assert_eq!(finding.members.len(), 5);
    assert!(
        finding.message.contains("3 of them only follow"),
        "{}",
        finding.message
    );
}

#[test]
fn what_selects_instances_by_number_follows_all_that_got_keys() {
    let finding = only("unmoved-rename/flags-followed-by-number");
    assert_eq!(finding.members.len(), 6);
    assert!(
        finding.message.contains("3 of them only follow"),
        "{}",
        finding.message
    );
}

#[test]
fn ambiguous_renames_are_listed_and_none_is_chosen() {
    let report = fixture("unmoved-rename/flags-ambiguous");
    assert_eq!(report.findings.len(), 2);
    for finding in report.findings {
        assert_eq!(finding.facts["to"].as_array().map(Vec::len), Some(2));
        assert_eq!(finding.facts["confidence"], "low");
        assert!(finding.fix.and_then(|fix| fix.hcl).is_none());
    }
}

#[test]
fn what_has_only_a_length_in_common_is_mentioned_and_not_called_a_rename() {
    let case = common::root().join("fixtures/unmoved-rename/allows-length-alone");
    let report = check(&case, Some("planned-delete"));
    let related = &report.findings[0].related[0];
    assert_eq!(related.address, "random_password.database");
}

/// What a provider fills into a block is known of none of two that are created.
#[test]
fn what_nothing_tells_apart_goes_with_its_module() {
    let report = fixture("unmoved-rename/flags-two-module-keys");
    let told: Vec<_> = (report.findings.iter())
        .map(|finding| (&*finding.address, finding.members.len()))
        .collect();
    assert_eq!(told, [("module.site", 6)]);
}

/// After such an apply the state has an object that is not there any more.
#[test]
fn what_is_destroyed_here_and_imported_there_is_a_rename_that_went_wrong() {
    let report = fixture("unmoved-rename/flags-imported-instead");
    let [finding] = report.findings.as_slice() else {
        panic!("one finding, and none of the import");
    };
    assert_eq!(finding.members, ["aws_s3_bucket.logs"]);
    assert_eq!(finding.facts["to"], "aws_s3_bucket.audit");
    let fix = finding.fix.as_ref().expect("a fix");
    assert!(fix.description.contains("in place of the import"));
    assert!(fix.hcl.is_some());
}

/// Two `moved` blocks to one address are "Ambiguous move statements" to Terraform 1.11; one may follow on the other. One to
/// an instance stands beside one to the whole resource; led on from that it would be a "Cyclic dependency".
#[test]
fn where_a_moved_block_of_the_sources_leads_the_fix_begins_where_that_does() {
    let moved = |case: &str, sources: bool| {
        let case = common::root().join("fixtures/unmoved-rename").join(case);
        let report = common::check_with(&case, None, sources);
        let fix = report.findings.into_iter().find_map(|finding| finding.fix);
        fix.and_then(|fix| fix.hcl).expect("a moved block")
    };
    let onto = "flags-onto-moved";
    assert!(moved(onto, true).contains("to   = aws_s3_bucket.files\n"));
    assert!(moved(onto, false).contains("to   = aws_s3_bucket.static\n"));
    let key = moved("flags-key-beside-moved", true);
    assert!(key.contains("to   = aws_sqs_queue.of[\"mails\"]\n"));
}

/// Tried: with the `moved` block the instance is replaced all the same, for it stands in another subnet.
#[test]
fn what_stands_beside_another_instance_did_not_move_there() {
    let report = check(
        &common::root().join("fixtures/unmoved-rename/allows-another-place"),
        None,
    );
    let told: Vec<_> = report
        .findings
        .iter()
        .map(|one| (one.rule, &*one.address))
        .collect();
    assert_eq!(
        told,
        [
            ("planned-delete", "aws_instance.site"),
            ("planned-delete", "aws_subnet.this")
        ]
    );
}

#[test]
fn a_block_that_is_renamed_inside_of_a_module_is_one_rename_in_all_of_its_calls() {
    let finding = only("unmoved-rename/flags-in-a-module-with-several-calls");
    assert_eq!(finding.members.len(), 2);
    let hcl = finding.fix.and_then(|fix| fix.hcl).expect("moved blocks");
    assert_eq!(hcl.matches("moved {").count(), 2, "{hcl}");
}

/// Tried: with these nothing is destroyed.
#[test]
fn a_module_that_is_wrapped_or_called_otherwise_is_one_rename_in_all_instances() {
    let table = [
        ("flags-module-wrapped", "module.service", 4, 1),
        ("flags-inner-call", "module.tenant.module.region", 6, 2),
    ];
    for (case, address, members, statements) in table {
        let finding = only(&format!("unmoved-rename/{case}"));
        assert_eq!(finding.address, address);
        assert_eq!(finding.members.len(), members);
        let objects = finding.facts["target"].as_array().expect("new addresses");
        assert_eq!(objects.len(), members);
        let hcl = finding.fix.and_then(|fix| fix.hcl).expect("moved blocks");
        assert_eq!(hcl.matches("moved {").count(), statements, "{hcl}");
    }
}

#[test]
fn what_is_called_by_the_same_prefix_is_the_same() {
    let finding = only("unmoved-rename/flags-generated-name");
    assert_eq!(finding.facts["to"], "aws_s3_bucket.audit_logs");
    assert_eq!(finding.facts["confidence"], "medium");
}

/// Tried: with the `moved` blocks all of these are still replaced, and nothing else is.
#[test]
fn a_rename_promises_nothing_that_a_move_does_not_keep() {
    let table = [
        (
            "flags-tainted",
            "module.a",
            json!(["module.a.aws_s3_bucket.files"]),
            json!([]),
            "module.a.aws_s3_bucket.files is tainted: moved, it would still be replaced.",
        ),
        (
            "flags-changed-outside",
            "aws_instance.web",
            json!([]),
            json!(["ami"]),
            "ami was changed outside of Terraform.",
        ),
        (
            "flags-read-late-inside",
            "module.app",
            json!([]),
            json!(["ami"]),
            "ami waits for module.shop.data.aws_ami.base.",
        ),
        (
            "flags-triggered",
            "aws_instance.web",
            json!(["aws_instance.web"]),
            json!([]),
            "replace_triggered_by names terraform_data.release, which changes.",
        ),
    ];
    for (case, address, replaced, differing, why) in table {
        let fixture = common::root().join("fixtures/unmoved-rename").join(case);
        // What triggers a replacement stands in the sources alone.
        let mut found = common::check_with(&fixture, Some("unmoved-rename"), true).findings;
        let nth = found.iter().position(|finding| finding.address == address);
        let finding = found.remove(nth.expect(case));
        assert_eq!(finding.facts["still_replaced"], replaced, "{case}");
        assert_eq!(finding.facts["differing"], differing, "{case}");
        assert!(finding.message.contains(why), "{}", finding.message);
        let help = finding.fix.expect("a moved block").description;
        let untaints = help.starts_with("If what is tainted is fine, run terraform untaint");
        assert_eq!(untaints, case == "flags-tainted", "{help}");
        assert_eq!(help.contains("look at the next plan"), !untaints, "{help}");
        for finding in found {
            assert_eq!(finding.facts["still_replaced"], json!([]), "{case}");
            let help = finding.fix.expect("a moved block").description;
            assert!(
                help.ends_with("nothing of this is destroyed then."),
                "{help}"
            );
        }
    }
}
