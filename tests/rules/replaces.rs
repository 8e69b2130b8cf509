//! What set replacements off.

use crate::common::check;
use crate::{common, fixture, only};
use serde_json::json;

#[test]
fn instances_replaced_for_the_same_attribute_are_one_decision() {
    let case = common::root().join("fixtures/index-shift/allows-all-replaced");
    let report = check(&case, Some("planned-replace"));
    assert_eq!(report.findings.len(), 1);
    assert_eq!(report.findings[0].address, "aws_subnet.s");
    assert_eq!(report.findings[0].members.len(), 3);
}

#[test]
fn a_follower_of_two_roots_is_told_to_stay_replaced_without_one_of_them() {
    let report = fixture("planned-replace/flags-follower-of-both");
    let mut findings = report.findings.iter();
    let both = findings.find(|finding| finding.facts["other_roots"].is_array());
    let both = both.expect("a finding");
    let [one, other] = ["terraform_data.image", "terraform_data.key"];
    let left = if both.address == one { other } else { one };
    assert_eq!(both.facts["other_roots"][0], left);
    assert_eq!(both.facts["spared"], 0);
    let said = format!("2 objects follow {left} as well.");
    assert!(both.message.ends_with(&said), "{}", both.message);
}

/// The name of a bucket is known when what hangs on the bucket is planned.
#[test]
fn what_is_handed_a_known_value_follows_the_object_that_hands_it_on() {
    let renamed = only("planned-replace/flags-handed-on");
    let roots = ["aws_s3_bucket.exports", "aws_sqs_queue.exports"];
    assert_eq!(renamed.facts["root"], serde_json::json!(roots));
    let versioning = "aws_s3_bucket_versioning.exports";
    assert_eq!(renamed.members, [roots[0], versioning, roots[1]]);
    assert_eq!(renamed.facts["spared"], 1);
}

#[test]
fn one_variable_in_the_names_of_several_blocks_is_one_finding_and_what_was_renamed_by_hand_another()
{
    let report = fixture("planned-replace/flags-one-variable");
    let of = |address: &str| {
        let mut findings = report.findings.iter();
        let finding = findings.find(|finding| finding.address == address);
        &finding.expect("a finding").members
    };
    // Both var.project and var.env are in the names; only one of them holds the new word.
    let env = [
        "aws_iam_role.worker",
        "aws_sns_topic.alarms[\"ops\"]",
        "aws_sns_topic.alarms[\"product\"]",
        "module.queue.aws_sqs_queue.jobs",
    ];
    assert_eq!(*of("var.env"), env);
    assert_eq!(*of("aws_sns_topic.main"), ["aws_sns_topic.main"]);
    // What local.bucket is made of is in the sources.
    assert_eq!(*of("aws_s3_bucket.exports"), ["aws_s3_bucket.exports"]);
}

#[test]
fn a_variable_that_stayed_what_it_was_is_not_blamed_for_edits_beside_it() {
    let report = fixture("planned-replace/flags-edited-alike");
    let found: Vec<_> = report.findings.iter().map(|one| &*one.address).collect();
    assert_eq!(found, ["aws_sns_topic.alarms", "aws_sqs_queue.jobs"]);
}

#[test]
fn with_sources_what_locals_make_of_the_variable_is_in_the_finding() {
    let case = common::root().join("fixtures/planned-replace/flags-one-variable");
    let report = common::check_with(&case, Some("planned-replace"), true);
    let mut findings = report.findings.iter();
    let env = findings.find(|finding| finding.address == "var.env");
    let env = env.expect("a finding");
    assert!(env.members.contains(&"aws_s3_bucket.exports".to_owned()));
    assert_eq!(env.facts["data_loss"], true);
    assert_eq!(report.findings.len(), 2);
}

#[test]
fn a_word_that_all_instances_of_a_module_got_was_written_in_the_module() {
    let case = common::root().join("fixtures/planned-replace/flags-word-in-module");
    let report = common::check_with(&case, Some("planned-replace"), true);
    let [finding] = report.findings.as_slice() else {
        panic!("one finding");
    };
    assert_eq!(finding.address, "module.pipe.local.full");
    assert!(finding.message.starts_with("name of 2 blocks is made of"));
    assert_eq!(finding.members.len(), 4);
}

#[test]
fn who_is_handed_the_new_name_is_updated_in_the_wake_although_that_is_known() {
    let finding = only("planned-replace/flags-name-handed-on");
    let wake: Vec<_> = finding.related.iter().map(|one| &*one.address).collect();
    assert_eq!(
        wake,
        ["aws_sns_topic.alarms", "module.desk.aws_sns_topic.desk"]
    );
}

#[test]
fn each_value_is_the_instance_of_its_key_and_hands_its_values_on() {
    let finding = only("planned-replace/flags-each-value");
    assert_eq!(finding.facts["root"], "aws_s3_bucket.data");
    assert_eq!(finding.members.len(), 4);
    assert_eq!(finding.facts["spared"], 2);
}

/// `net = module.net`, and then `var.net.key`.
#[test]
fn who_uses_one_output_of_a_module_that_is_handed_over_whole_follows_nothing_else_of_it() {
    let report = fixture("planned-replace/flags-module-handed-whole");
    for (root, follower) in [("key", "disk"), ("network", "group")] {
        let root = format!("module.net.terraform_data.{root}");
        let mut findings = report.findings.iter();
        let finding = findings.find(|finding| finding.address == root);
        let finding = finding.expect("a finding");
        let members = [format!("module.app.terraform_data.{follower}"), root];
        assert_eq!(finding.members, members);
        assert!(finding.facts.get("other_roots").is_none());
    }
}

#[test]
fn what_reads_a_value_that_drifted_is_replaced_for_the_drift_and_not_for_an_edit() {
    let finding = only("planned-replace/flags-read-outside");
    assert_eq!(finding.facts["root"], "aws_eip.nat");
    assert_eq!(finding.cause, Some("drift"));
    assert_eq!(finding.members, ["aws_sns_topic.gateway"]);
}

#[test]
fn a_root_that_would_follow_another_one_anyway_says_so() {
    let report = fixture("planned-replace/flags-own-and-upstream");
    let of = |address: &str| {
        let mut findings = report.findings.iter();
        findings
            .find(|finding| finding.address == address)
            .expect("a finding")
    };
    let subnet = of("aws_subnet.a");
    assert_eq!(subnet.facts["other_roots"][0], "aws_vpc.main");
    assert!(
        subnet
            .message
            .contains("it would follow aws_vpc.main all the same")
    );
    assert!(of("aws_vpc.main").facts.get("other_roots").is_none());
}

#[test]
fn one_trigger_in_instances_of_a_module_is_one_finding_and_what_only_waits_is_not_updated_for_it() {
    let report = fixture("planned-replace/flags-triggered-in-each-module");
    let of = |address: &str| {
        let mut findings = report.findings.iter();
        findings
            .find(|finding| finding.address == address)
            .expect("a finding")
    };
    let image = of("module.fleet.terraform_data.image");
    assert_eq!(image.members.len(), 2);
    assert_eq!(image.facts["followers"], 1);
    assert_eq!(of("terraform_data.report").facts["followers"], 0);
}

#[test]
fn what_was_asked_for_and_is_forced_as_well_is_not_kept_by_taking_the_word_back() {
    let report = fixture("planned-replace/flags-request-and-edit");
    let asked = report
        .findings
        .iter()
        .find(|found| found.cause == Some("request"));
    let fix = asked.and_then(|found| found.fix.as_ref()).expect("a fix");
    assert!(
        fix.description
            .contains("does not keep it: triggers_replace"),
        "{fix:?}"
    );
    let edited = only("planned-replace/flags-tainted-and-edited").fix;
    let fix = edited.expect("a fix").description;
    assert!(
        fix.starts_with("terraform untaint keeps it only if"),
        "{fix}"
    );
    // What follows another, or has a value that is read late, may be replaced for that.
    let report = fixture("planned-replace/flags-tainted-and-followed");
    for (object, attribute) in [("follows", "(subnet_id)"), ("reads", "(ami)")] {
        let mut all = report.findings.iter();
        let address = format!("aws_instance.{object}");
        let found = all.find(|finding| finding.address == address);
        let fix = found.and_then(|found| found.fix.as_ref()).expect("a fix");
        assert!(fix.description.contains(attribute), "{fix:?}");
    }
    let alone = only("planned-replace/flags-request");
    let fix = alone.fix.expect("a fix").description;
    assert_eq!(fix, "Plan without -replace to keep it.");
}

#[test]
fn a_trigger_is_not_all_that_has_an_object_replaced() {
    let case = common::root().join("fixtures/planned-replace/flags-triggered-and-more");
    let report = common::check_with(&case, Some("planned-replace"), true);
    let mut all = report.findings.iter();
    let found = all.find(|found| found.cause == Some("triggers"));
    let found = found.expect("a finding");
    assert_eq!(found.members.len(), 4);
    assert_eq!(found.facts["spared"], 1);
    assert_eq!(found.facts["other_roots"][0], "aws_subnet.app");
    assert!(
        found
            .message
            .contains("1 object follows aws_subnet.app as well.")
    );
    let said = "aws_instance.edited (ami) and aws_instance.tainted (tainted) would be replaced all the same.";
    assert!(found.message.contains(said), "{}", found.message);
}

#[test]
fn what_is_changed_back_beside_an_edit_is_not_kept_by_undoing_the_edit() {
    let report = fixture("planned-replace/flags-edited-and-changed-back");
    let mut all = report.findings.iter();
    let found = all.find(|found| found.rule == "planned-replace");
    let fix = found.and_then(|found| found.fix.as_ref()).expect("a fix");
    let said = "Undoing the change of availability_zone alone does not keep it: encrypted was changed outside";
    assert!(fix.description.starts_with(said), "{fix:?}");
}

#[test]
fn what_was_moved_to_the_wrong_place_is_told_to_be_moved() {
    let crossed = only("planned-replace/flags-crossed-moves");
    let fix = crossed.fix.expect("a fix").description;
    assert!(
        fix.contains("brought it here from aws_sqs_queue.jobs[1]"),
        "{fix}"
    );
}

#[test]
fn the_key_that_an_object_was_moved_from_is_no_secret() {
    let kind = "aws_sqs_queue";
    let [old, new] = ["in", "out"].map(|name| serde_json::json!({"name": name}));
    let mut moved = common::change(&format!("{kind}.q"), kind, "q", "delete", [&old, &new]);
    moved["change"]["actions"] = serde_json::json!(["delete", "create"]);
    moved["change"]["replace_paths"] = serde_json::json!([["name"]]);
    moved["action_reason"] = "replace_because_cannot_update".into();
    moved["previous_address"] = format!("{kind}.q[\"S3CR3T-KEY\"]").into();
    let mut plan = common::plan_of(&[moved]);
    plan["variables"] = serde_json::json!({"key": {"value": "S3CR3T-KEY"}});
    plan["configuration"] = serde_json::json!({"root_module": {
        "variables": {"key": {"sensitive": true}},
        "resources": [common::block(kind, "q", serde_json::json!({"name": {"constant_value": "out"}}))],
    }});
    let report = common::printing(&plan, &["-f", "json"])();
    assert!(report.contains("brought it here from"), "{report}");
    assert!(!report.contains("S3CR3T"), "{report}");
}

#[test]
fn roots_outside_of_the_plan_are_named() {
    let read = only("planned-replace/flags-data-source");
    assert_eq!(read.facts["root"], "data.aws_ami.base");
    assert_eq!(read.cause, Some("upstream"));
    let handed = only("planned-replace/flags-read-in-a-module");
    assert_eq!(handed.facts["root"], "module.image.data.aws_ami.base");
    assert_eq!(handed.members.len(), 2);
    // Who asks is always the same: what stands beside it was edited.
    let edited = only("planned-replace/flags-beside-an-account");
    assert_eq!(edited.cause, Some("attribute"));
    let created = only("planned-replace/flags-created-upstream");
    assert_eq!(
        (&*created.address, created.cause),
        ("terraform_data.key", Some("upstream"))
    );
    assert_eq!(created.members.len(), 3);
    let gone = only("planned-replace/flags-recreated-upstream");
    assert_eq!(
        (gone.address.as_str(), gone.cause),
        ("aws_vpc.main", Some("drift"))
    );
    let collides = only("planned-replace/flags-name-collision");
    assert_eq!(
        collides.facts["name_collisions"],
        serde_json::json!(["aws_security_group.app"])
    );
}

#[test]
fn replacements_are_grouped_under_what_set_them_off() {
    let table = [
        (
            "flags-attribute-with-follower",
            "attribute",
            "terraform_data.root",
            2,
        ),
        ("flags-request", "request", "terraform_data.a", 1),
        ("flags-tainted", "tainted", "terraform_data.a", 1),
        (
            "flags-triggered-by",
            "triggers",
            "terraform_data.template",
            1,
        ),
        (
            "flags-through-module-output",
            "attribute",
            "module.net.terraform_data.vpc",
            2,
        ),
        (
            "flags-deferred-read",
            "deferred_read",
            "terraform_data.role",
            1,
        ),
    ];
    for (case, cause, root, members) in table {
        let finding = only(&format!("planned-replace/{case}"));
        assert_eq!(
            (finding.cause, finding.address.as_str()),
            (Some(cause), root),
            "{case}"
        );
        assert_eq!(finding.members.len(), members, "{case}");
        assert_eq!(finding.facts["root"], root, "{case}");
    }
    assert_eq!(fixture("planned-replace/flags-two-roots").findings.len(), 2);
}

#[test]
fn updates_that_follow_are_listed_and_not_blamed() {
    let finding = only("planned-replace/flags-attribute-with-follower");
    assert_eq!(
        finding
            .related
            .iter()
            .map(|r| r.address.as_str())
            .collect::<Vec<_>>(),
        ["terraform_data.updated"]
    );
    assert_eq!(
        finding.facts["attributes"],
        serde_json::json!(["triggers_replace"])
    );
}

#[test]
fn a_path_runs_through_the_module_output() {
    let finding = only("planned-replace/flags-through-module-output");
    assert_eq!(
        finding.path,
        [
            "terraform_data.app",
            "module.net.output.id",
            "module.net.terraform_data.vpc"
        ]
    );
}

#[test]
fn all_that_puts_a_read_off_sets_a_replacement_off() {
    let case = common::root().join("fixtures/leaky-depends-on/flags-entries-together");
    let report = check(&case, Some("planned-replace"));
    let replaced = &report.findings[0];
    assert_eq!(replaced.cause, Some("deferred_read"));
    let roots = [&replaced.facts["root"], &replaced.facts["other_roots"][0]];
    assert_eq!(
        roots,
        [
            "module.audit.aws_iam_role.this",
            "module.iam.aws_iam_role.this"
        ]
    );
    assert_eq!(replaced.facts["spared"], 0);
    let fix = replaced.fix.as_ref().expect("a fix");
    let says = fix.description.as_ref();
    assert!(
        says.starts_with("Take depends_on off module.app:"),
        "{says}"
    );
}

#[test]
fn a_read_that_needs_two_values_is_late_without_either_of_them() {
    let report = fixture("planned-replace/flags-read-of-several");
    let [first, second] = report.findings.as_slice() else {
        panic!("two findings");
    };
    assert_eq!(first.facts["other_roots"][0], second.address);
    assert_eq!(first.facts["spared"], 0);
    assert_eq!(first.members.len() + second.members.len(), 4);
}

#[test]
fn instances_that_put_a_read_off_together_are_one_decision() {
    let finding = only("planned-replace/flags-instances-before-read");
    assert_eq!(finding.address, "aws_iam_role.r");
    assert_eq!(finding.members.len(), 5);
    assert!(finding.facts.get("other_roots").is_none());
}

/// Whatever else leads from the object to what changes, has no part in it.
#[test]
fn the_path_of_a_late_read_goes_through_what_is_read_late() {
    let finding = only("planned-replace/flags-read-beside-another-way");
    let path = [
        "aws_instance.worker",
        "data.aws_ami.base",
        "aws_iam_role.image",
    ];
    assert_eq!(finding.path, path);
}

#[test]
fn no_depends_on_is_to_go_where_a_reference_puts_the_read_off() {
    let finding = only("planned-replace/flags-read-by-reference");
    assert_eq!(finding.cause, Some("deferred_read"));
    let fix = finding.fix.expect("a fix");
    assert!(
        !fix.description.contains("depends_on"),
        "{}",
        fix.description
    );
}

/// An update makes some values of an object unknown, and leaves its id known. The plan does not tell what a local is made of,
/// a printed graph does not tell which attribute refers.
#[test]
fn who_takes_what_is_known_of_an_object_does_not_follow_it() {
    let case = common::root().join("fixtures/planned-replace/flags-beside-a-known-id");
    for report in [
        common::check_with(&case, None, true),
        common::check_with(&case, None, false),
        common::check_beside_graph(&case),
    ] {
        let told = report.findings.iter();
        let told = told.map(|finding| (&*finding.address, finding.members.as_slice()));
        let want: [(&str, &[String]); 2] = [
            ("terraform_data.group", &["terraform_data.job".to_owned()]),
            (
                "terraform_data.subnet",
                &["app", "subnet", "worker"].map(|name| format!("terraform_data.{name}")),
            ),
        ];
        assert_eq!(told.collect::<Vec<_>>(), want);
        let mut facts = report.findings.iter().map(|finding| &finding.facts);
        assert!(facts.all(|facts| facts["other_roots"].is_null()));
    }
}

#[test]
fn a_printed_graph_tells_which_late_read_is_behind_a_local() {
    let case = common::root().join("fixtures/planned-replace/flags-through-a-local");
    let report = common::check_beside_graph(&case);
    let mut findings = report.findings.iter();
    let finding = findings.find(|finding| finding.rule == "planned-replace");
    let finding = finding.expect("a finding");
    assert_eq!(finding.cause, Some("deferred_read"));
    assert_eq!(finding.address, "aws_sqs_queue.jobs");
}

#[test]
fn a_name_that_is_made_of_another_name_and_more_is_changed_by_what_changed_that() {
    let finding = only("planned-replace/flags-handed-on-beside");
    assert_eq!(finding.address, "var.company");
    assert_eq!(
        finding.members,
        ["aws_s3_bucket.files", "aws_sns_topic.events"]
    );
}

/// Followers of an instance that follow something else as well make no finding of their own of it.
#[test]
fn instances_stay_one_finding_whoever_else_their_followers_follow() {
    let report = fixture("planned-replace/flags-instances-beside-another");
    let told = report.findings.iter();
    let told = told.map(|finding| (&*finding.address, finding.members.len()));
    let want = [("terraform_data.node", 9), ("terraform_data.release", 1)];
    assert_eq!(told.collect::<Vec<_>>(), want);
    let node = &report.findings[0];
    assert_eq!(node.facts["spared"], 3);
    assert_eq!(node.facts["other_roots"], json!(["terraform_data.release"]));
}

/// The other site has its names from the same `local.app`, and stays as it is.
#[test]
fn a_local_that_names_what_stays_is_not_what_changed() {
    let finding = only("planned-replace/flags-key-in-names");
    assert_eq!(finding.address, "local.sites");
}

/// Nobody edited anything: `timestamp()` is unknown in every plan, straight or through a local.
#[test]
fn what_a_function_makes_new_in_every_plan_is_not_for_anybody_to_undo() {
    let case = common::root().join("fixtures/planned-replace/flags-new-in-every-plan");
    let told = |sources: bool| {
        let report = common::check_with(&case, None, sources);
        let findings = report.findings.into_iter();
        let new = findings.filter(|finding| finding.message.contains("timestamp()"));
        let told = new.map(|finding| (finding.address, finding.fix.expect("a fix").description));
        told.collect::<Vec<_>>()
    };
    let [(id, fix), (smoke, _)] = &*told(true) else {
        panic!("the local is followed");
    };
    assert_eq!(
        [&**id, smoke],
        ["random_id.snapshot", "terraform_data.smoke"]
    );
    assert!(fix.contains("a value that stays"), "{fix}");
    let alone = told(false);
    let addresses = alone.iter().map(|(address, _)| &**address);
    assert_eq!(addresses.collect::<Vec<_>>(), ["terraform_data.smoke"]);
}

/// The queue has the name of the role, which is known and stays; it is changed for the build.
#[test]
fn nobody_is_changed_in_the_wake_of_what_they_do_not_lose() {
    let report = fixture("planned-replace/flags-known-name-in-wake");
    let wake = |address: &str| {
        let mut findings = report.findings.iter();
        let finding = findings.find(|finding| finding.address == address);
        let related = finding.map(|finding| &*finding.related).unwrap_or_default();
        let named = related.iter().map(|related| related.address.clone());
        named.collect::<Vec<_>>()
    };
    assert_eq!(wake("aws_iam_role.app"), ["aws_sns_topic.alarms"]);
    assert_eq!(wake("terraform_data.build"), ["aws_sqs_queue.jobs"]);
}

/// Tried: with the roles as they were nothing of it is replaced, but for what was edited itself.
#[test]
fn a_name_that_is_taken_by_any_key_is_no_root() {
    let report = fixture("planned-replace/flags-taken-by-another-key");
    let [edited, role] = report.findings.as_slice() else {
        panic!("{:?}", report.findings);
    };
    assert_eq!(edited.address, "aws_sns_topic.edited");
    assert_eq!(role.address, "module.role.aws_iam_role.this");
    for follower in [
        "aws_sns_topic.of_each[\"reader\"]",
        "aws_sns_topic.of_map[\"writer\"]",
        "aws_sqs_queue.of_role[\"ingest\"]",
    ] {
        assert!(
            role.members.iter().any(|member| member == follower),
            "{follower}"
        );
    }
}

/// The state remembers data sources too, and those that are read late are the ones that changed.
#[test]
fn behind_a_local_a_late_read_is_known_by_the_state() {
    let case = common::root().join("fixtures/planned-replace/flags-through-a-local");
    let report = check(&case, None);
    let mut findings = report.findings.iter();
    let replaced = findings.find(|finding| finding.rule == "planned-replace");
    let replaced = replaced.expect("a replacement");
    assert_eq!(replaced.address, "aws_sqs_queue.jobs");
    assert_eq!(replaced.cause, Some("deferred_read"));
    let mut findings = report.findings.iter();
    let leaky = findings.find(|finding| finding.rule == "leaky-depends-on");
    assert_eq!(
        leaky.expect("a price").facts["replaced"][0],
        "aws_sns_topic.alarms"
    );
}

#[test]
fn what_is_new_is_told_to_trigger_nothing_that_does_not_name_it() {
    let finding = only("planned-replace/flags-triggered-by-what-follows");
    assert_eq!(finding.address, "terraform_data.app[\"b\"]");
    assert_eq!(finding.cause, Some("upstream"));
    assert_eq!(finding.members.len(), 2);
}

/// What the calls pass in is a decision of each.
#[test]
fn what_is_edited_inside_of_a_module_is_one_in_all_of_its_calls() {
    let findings = fixture("planned-replace/flags-module-with-several-calls").findings;
    let told = findings.iter();
    let told: Vec<_> = told.map(|one| (&*one.address, one.members.len())).collect();
    let own = [
        "module.eu.terraform_data.pool",
        "module.us.terraform_data.pool",
    ];
    assert_eq!(
        told,
        [
            ("module.eu.terraform_data.app", 4),
            (own[0], 1),
            (own[1], 1)
        ]
    );
    let roots = findings[0].facts["root"].as_array().expect("all roots");
    assert!(roots.contains(&json!("module.us.terraform_data.app[\"web\"]")));
}

#[test]
fn what_follows_a_provider_in_all_instances_of_a_module_is_one() {
    let finding = only("planned-replace/flags-provider-of-all-instances");
    assert_eq!(finding.cause, Some("provider"));
    assert_eq!(finding.address, "module.lake.aws_s3_bucket.replica");
    assert_eq!(finding.members.len(), 2);
}
