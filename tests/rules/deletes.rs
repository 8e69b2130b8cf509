//! What deletes mean.

use crate::common::check_with;
use crate::{common, fixture, only};
use serde_json::{Value, json};
use tfguard::finding::{Finding, Severity};
use tfguard::report::{Format, Style};

#[test]
fn every_cause_of_a_delete_is_named() {
    let table = [
        (
            "flags-removed-block",
            "config_removed",
            "terraform_data.gone",
        ),
        ("flags-removed-module-call", "module_removed", "module.cell"),
        ("flags-module-key", "module_key_removed", "module.cell"),
        (
            "flags-module-count",
            "module_count_decreased",
            "module.cell",
        ),
        (
            "flags-count-decreased",
            "count_decreased",
            "aws_instance.worker",
        ),
        (
            "flags-count-zero",
            "count_zero",
            "module.cache.terraform_data.cache",
        ),
        ("flags-each-key", "each_key_removed", "terraform_data.q"),
        (
            "flags-repetition-changed",
            "repetition_changed",
            "terraform_data.q",
        ),
        (
            "flags-moved-target-missing",
            "moved_target_missing",
            "terraform_data.elsewhere",
        ),
        (
            "flags-moved-to-no-key",
            "moved_target_missing",
            "aws_sqs_queue.of",
        ),
        ("flags-destroy-mode", "destroy_mode", "flags-destroy-mode"),
        (
            "flags-destroy-target",
            "destroy_target",
            "flags-destroy-target",
        ),
        ("flags-switched-off", "count_zero", "var.enabled"),
        (
            "flags-belong-together",
            "config_removed",
            "aws_s3_bucket.logs",
        ),
    ];
    for (case, cause, address) in table {
        let finding = only(&format!("planned-delete/{case}"));
        assert_eq!(
            (finding.cause, finding.address.as_str()),
            (Some(cause), address),
            "{case}"
        );
    }
}

#[test]
fn a_removed_block_that_destroys_is_known_from_the_sources() {
    let case = common::root().join("fixtures/planned-delete/flags-asked-for");
    let report = check_with(&case, Some("planned-delete"), true);
    assert_eq!(report.findings[0].cause, Some("removed_block"));
    assert_eq!(report.findings[0].address, "aws_s3_bucket.logs");
}

#[test]
fn what_one_switch_turned_off_through_several_locals_is_told_by_its_name() {
    let case = common::root().join("fixtures/planned-delete/flags-one-switch");
    let report = check_with(&case, Some("planned-delete"), true);
    let told = report.findings.iter();
    let told = told.map(|found| (&*found.address, found.cause, found.members.len()));
    let told: Vec<_> = told.collect();
    let expected = [
        ("terraform_data.team", Some("each_key_removed"), 1),
        ("var.export", Some("count_zero"), 3),
        ("var.export", Some("each_key_removed"), 4),
    ];
    assert_eq!(told, expected);
    let fix = |nth: usize| {
        let fix = report.findings[nth].fix.as_ref();
        &*fix.expect("a fix").description
    };
    assert!(fix(0).contains("If the key was renamed"), "{}", fix(0));
    assert!(fix(2).contains("(var.export)"), "{}", fix(2));
}

/// A variable that is `true` switched nothing off: an expression was edited.
#[test]
fn a_variable_that_is_on_is_not_what_switched_it_off() {
    let case = common::root().join("fixtures/planned-delete/flags-switched-off/plan.json");
    let read = std::fs::read(case).expect("read");
    let mut plan: Value = serde_json::from_slice(&read).expect("a plan");
    let told = [false, true].map(|value| {
        plan["variables"]["enabled"]["value"] = value.into();
        let report = common::printing(&plan, &["-f", "json"])();
        report.contains("var.enabled lowered the count of several blocks")
    });
    assert_eq!(told, [true, false]);
}

/// Four attributes hold the word that a table was called; none of them wants a table.
#[test]
fn what_wants_another_type_does_not_name_what_goes() {
    let values = [
        ("aws_lambda_function", "function_name"),
        ("aws_iam_role_policy", "role"),
        ("aws_ecs_service", "cluster"),
        ("aws_app", "table_name"),
    ];
    let gone = json!({"name": "merganser"});
    let table = "aws_dynamodb_table";
    let mut changes = vec![common::change(
        &format!("{table}.t"),
        table,
        "t",
        "delete",
        [&gone, &Value::Null],
    )];
    let mut blocks = Vec::new();
    for (kind, attribute) in values {
        let object = json!({attribute: "merganser"});
        let address = format!("{kind}.x");
        changes.push(common::change(
            &address,
            kind,
            "x",
            "no-op",
            [&object, &object],
        ));
        let literal = json!({attribute: {"constant_value": "merganser"}});
        blocks.push(common::block(kind, "x", literal));
    }
    let mut plan = common::plan_of(&changes);
    plan["configuration"] = json!({"root_module": {"resources": blocks}});
    let report = common::printing(&plan, &["-f", "json"])();
    let report: Value = serde_json::from_str(&report).expect("a report");
    let findings = report["findings"].as_array().expect("findings");
    let mut deleted = findings
        .iter()
        .filter(|found| found["rule"] == "planned-delete");
    let related = &deleted.next().expect("a delete")["related"];
    assert_eq!(related.as_array().map(Vec::len), Some(1), "{related}");
    assert_eq!(related[0]["address"], "aws_app.x");
}

#[test]
fn what_is_lost_and_what_protected_it_is_told() {
    let finding = only("planned-delete/flags-data-loss");
    assert_eq!(finding.facts["data_loss"], true);
    let protection = &finding.facts["protection"]["aws_db_instance.main"];
    assert_eq!(protection["deletion_protection"], true);
    assert_eq!(protection["skip_final_snapshot"], true);
    let disposable = only("planned-delete/flags-removed-block");
    assert_eq!(disposable.severity, Severity::Note);
    assert_eq!(disposable.facts["data_loss"], false);
    let ordinary = only("planned-delete/flags-count-decreased");
    assert_eq!(ordinary.severity, Severity::Error);
    assert_eq!(ordinary.facts["data_loss"], false);
    let replaced = only("planned-replace/flags-data-loss");
    assert_eq!(replaced.facts["data_loss"], true);
}

#[test]
fn a_made_up_value_is_no_loss_where_all_who_referred_to_it_go_along() {
    let report = fixture("planned-delete/flags-made-up-values");
    let severity = |address: &str| {
        let mut findings = report.findings.iter();
        let found = findings.find(|finding| finding.address == address);
        found.expect("a finding").severity
    };
    assert_eq!(severity("module.probe"), Severity::Note);
    assert_eq!(severity("random_id.suffix"), Severity::Error);
    assert_eq!(severity("random_pet.label"), Severity::Error);
}

#[test]
fn who_only_waits_for_a_made_up_value_loses_nothing_with_it() {
    let report = fixture("planned-delete/flags-values-waited-for");
    let told = |address: &str| {
        let mut findings = report.findings.iter();
        let is_it =
            |finding: &&Finding| finding.rule == "planned-delete" && finding.address == address;
        let found = findings.find(is_it).expect("a finding");
        (found.severity, found.facts["survivors"].as_u64())
    };
    assert_eq!(told("module.zone"), (Severity::Note, Some(1)));
    assert_eq!(told("random_pet.label"), (Severity::Error, Some(1)));
}

#[test]
fn a_value_that_may_be_held_is_a_loss_whoever_else_only_waits_for_it() {
    let report = fixture("planned-delete/flags-values-held");
    // Two that a local hands on, and one that an output does.
    for value in ["random_pet.account", "random_string.s", "random_uuid.p"] {
        let mut findings = report.findings.iter();
        let found = findings.find(|finding| finding.address == value);
        assert_eq!(
            found.map(|one| one.severity),
            Some(Severity::Error),
            "{value}"
        );
    }
}

#[test]
fn a_key_that_one_variable_took_out_of_several_blocks_is_one_decision() {
    let finding = only("planned-delete/flags-key-of-several-blocks");
    assert_eq!(finding.address, "var.services");
    assert_eq!(finding.cause, Some("each_key_removed"));
    let members = ["aws_s3_bucket", "aws_s3_bucket_versioning", "aws_sqs_queue"];
    let members = members.map(|kind| format!("{kind}.service[\"api\"]"));
    assert_eq!(finding.members, members);
}

#[test]
fn a_block_that_others_go_over_is_told_with_them() {
    let report = fixture("planned-delete/flags-base-of-several");
    let told = |finding: &Finding| (finding.address.clone(), finding.members.len());
    let found: Vec<_> = report.findings.iter().map(told).collect();
    let three = |name: &str| (format!("terraform_data.{name}"), 3);
    assert_eq!(found, [three("base"), three("counted")]);
}

/// What stands behind a local only the sources tell.
#[test]
fn a_switch_behind_locals_is_named_with_what_they_are_made_of() {
    let case = common::root().join("fixtures/planned-delete/flags-switch-behind-locals");
    let help = |source| {
        let report = check_with(&case, Some("planned-delete"), source);
        let fix = report.findings[0].fix.as_ref().expect("a fix");
        fix.description.to_string()
    };
    assert!(
        help(true).contains("(local.replicas, made of var.env)"),
        "{}",
        help(true)
    );
    assert!(help(false).contains("(local.replicas)"), "{}", help(false));
}

#[test]
fn what_goes_over_a_block_loses_its_instances_by_the_same_edit() {
    for case in [
        "flags-with-what-goes-over-it",
        "flags-count-with-what-goes-over-it",
    ] {
        let finding = only(&format!("planned-delete/{case}"));
        assert_eq!(finding.address, "terraform_data.disk", "{case}");
        assert_eq!(finding.members.len(), 2, "{case}");
        assert!(
            finding.message.contains("so did what goes over it"),
            "{case}"
        );
    }
}

#[test]
fn who_has_a_part_of_what_goes_depended_on_it_whatever_its_key() {
    let finding = only("planned-delete/flags-all-and-own-key");
    assert_eq!(finding.facts["survivors"], 2);
}

/// Which instance `role[each.value]` is does not stand in a plan: but who had the one that goes is changed.
#[test]
fn who_is_left_alone_and_refers_to_instances_that_stay_used_none_that_goes() {
    let finding = only("planned-delete/flags-one-of-many");
    assert_eq!(finding.members, ["terraform_data.role[\"qa\"]"]);
    let survivors: Vec<_> = finding.related.iter().map(|one| &*one.address).collect();
    assert_eq!(survivors, ["terraform_data.names"]);
}

#[test]
fn who_refers_to_other_keys_did_not_depend_on_the_one_that_goes() {
    let finding = only("planned-delete/flags-key-of-several-blocks");
    let survivors: Vec<_> = finding.related.iter().map(|one| &*one.address).collect();
    assert_eq!(survivors, ["aws_iam_role.audit"]);
    assert_eq!(finding.facts["survivors"], 1);
}

/// The state remembers every block of a module that an output is taken from.
#[test]
fn what_goes_over_other_instances_of_a_module_did_not_depend_on_the_one_that_goes() {
    let report = fixture("planned-delete/flags-key-of-modules");
    let of = |address: &str| {
        let mut findings = report.findings.iter();
        findings
            .find(|finding| finding.address == address)
            .expect("a finding")
    };
    let modules = of("local.envs");
    assert_eq!(modules.members.len(), 5);
    assert_eq!(modules.cause, Some("module_key_removed"));
    assert_eq!(modules.facts["survivors"], 1);
    assert_eq!(modules.related[0].address, "terraform_data.all");
    assert_eq!(of("terraform_data.address").facts["survivors"], 0);
}

#[test]
fn a_name_of_ones_own_or_on_a_tag_is_nobody_elses() {
    let finding = only("planned-delete/flags-name-of-several");
    assert_eq!(finding.address, "aws_s3_bucket_versioning.logs");
    assert_eq!(finding.facts["survivors"], 0);
}

#[test]
fn what_names_a_deleted_object_literally_survives_it() {
    let finding = only("planned-delete/flags-named-literally");
    assert_eq!(finding.facts["survivors"], 1);
    assert_eq!(finding.related[0].address, "aws_s3_bucket_policy.shared");
}

#[test]
fn an_import_is_as_bad_as_what_else_happens_to_the_object() {
    let tagged = only("changed-on-import/flags-default-tags");
    assert_eq!(tagged.severity, Severity::Note);
    assert_eq!(tagged.facts["attributes"].as_array().map(Vec::len), Some(0));
    assert_eq!(
        only("changed-on-import/flags-update").severity,
        Severity::Warning
    );
    assert_eq!(
        only("changed-on-import/flags-replace").severity,
        Severity::Error
    );
}

#[test]
fn the_variable_behind_a_count_is_followed_through_the_module_call() {
    let finding = only("planned-delete/flags-count-zero");
    assert_eq!(
        finding.facts["decided_by"],
        serde_json::json!(["var.enabled"])
    );
}

#[test]
fn each_value_of_a_call_is_decided_by_what_the_call_goes_over() {
    let report = fixture("planned-delete/flags-each-value");
    for finding in &report.findings {
        assert_eq!(
            finding.facts["decided_by"],
            json!(["var.common", "var.teams"])
        );
    }
    assert_eq!(report.findings.len(), 2);
}

#[test]
fn a_protection_that_one_line_took_off_in_each_module_is_one_finding() {
    let finding = only("dropped-protection/flags-in-each-module");
    assert_eq!(finding.address, "module.db.aws_db_instance.this");
    assert_eq!(finding.members.len(), 2);
}

/// The cloud has one of that name already.
#[test]
fn what_is_forgotten_and_created_anew_under_its_name_is_an_error() {
    let report = fixture("forgotten-object/flags-created-anew");
    let [finding] = report.findings.as_slice() else {
        panic!("one finding");
    };
    assert_eq!(finding.severity, Severity::Error);
    assert_eq!(finding.facts["to"], "aws_sqs_queue.work");
    // In another region it is another object.
    let other = fixture("forgotten-object/flags-other-region");
    let mut errors = other.findings.iter();
    assert!(errors.all(|finding| finding.severity == Severity::Note));
    assert!(finding.fix.as_ref().is_some_and(|fix| fix.hcl.is_some()));
}

/// A bucket is not to be among "5 more".
#[test]
fn members_with_data_are_shown_before_all_others() {
    let report = fixture("planned-delete/flags-data-among-many");
    let text = common::shown(&report, Format::Text, Style::default());
    let member = |address: &str| text.find(&format!("- module.legacy.{address}\n"));
    let bucket = member("aws_s3_bucket.uploads").expect("shown");
    assert!(bucket < member("aws_eip.in[0]").expect("shown"));
    assert!(text.contains("... and 5 more"));
}

/// Terraform plans a delete and a create; after both the object may be gone.
#[test]
fn a_block_that_comes_back_under_another_type_is_told() {
    let finding = only("planned-delete/flags-under-another-type");
    assert_eq!(finding.related[0].address, "aws_s3_object.page");
    let fix = finding.fix.expect("a fix");
    assert!(fix.description.contains("under another type"));
    let removed = only("planned-delete/flags-data-loss");
    assert!(removed.related.is_empty());
}

#[test]
fn what_hangs_on_an_abandoned_object_is_left_behind_with_it_and_no_drift() {
    let case = common::root().join("fixtures/abandoned-object/flags-other-region-of-all");
    let report = common::check(&case, None);
    let [finding] = report.findings.as_slice() else {
        panic!("one finding: {:?}", report.findings);
    };
    assert_eq!(finding.rule, "abandoned-object");
    assert_eq!(finding.members.len(), 2);
}

/// Moved alone, what hangs on the rest of its module would be replaced for that.
#[test]
fn a_module_that_comes_under_another_key_is_named_and_no_part_of_it() {
    let finding = only("planned-delete/flags-key-of-module-alike");
    let named: Vec<_> = finding.related.iter().map(|one| &*one.address).collect();
    assert_eq!(named, ["module.box[\"search\"]"]);
}

#[test]
fn who_is_updated_for_something_else_hung_on_no_instance_but_those_it_still_refers_to() {
    let case = common::root().join("fixtures/planned-delete/flags-key-out-others-updated");
    for with_sources in [false, true] {
        let report = check_with(&case, Some("planned-delete"), with_sources);
        let stay = report.findings[0].related.iter();
        let stay: Vec<_> = stay.map(|related| &*related.address).collect();
        assert_eq!(stay, ["aws_sqs_queue.index"]);
    }
}

/// Their roles have other names: moved, they would be made anew all the same.
#[test]
fn instances_of_a_module_with_other_names_in_them_are_not_called_the_same() {
    let finding = only("planned-delete/flags-module-with-another-name");
    assert!(finding.related.is_empty(), "{:?}", finding.related);
}

#[test]
fn what_goes_by_an_edit_inside_of_a_module_goes_in_all_of_its_calls() {
    let findings = fixture("planned-delete/flags-edited-in-a-module-with-several-calls").findings;
    let told = findings.iter().map(|one| (one.cause, one.members.len()));
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            (Some("count_zero"), 2),
            (Some("config_removed"), 2),
            (Some("each_key_removed"), 4)
        ]
    );
    let gone = &findings[1].message;
    assert!(gone.starts_with("The resource block is gone"), "{gone}");
}

#[test]
fn a_removed_block_is_the_cause_also_of_what_moved_to_its_address() {
    let case = common::root().join("fixtures/planned-delete/flags-moved-and-removed");
    let told = |with| check_with(&case, Some("planned-delete"), with).findings[0].cause;
    assert_eq!(told(true), Some("removed_block"));
    assert_eq!(told(false), Some("moved_target_missing"));
}

#[test]
fn a_count_of_a_module_that_is_a_number_has_no_list() {
    let finding = only("planned-delete/flags-count-of-a-module");
    assert_eq!(finding.cause, Some("module_count_decreased"));
    let help = finding.fix.expect("a fix").description;
    assert!(help.starts_with("If that many are to go"), "{help}");
}
