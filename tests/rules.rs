//! Every recorded fixture, one rule at a time: what a user reads, and what it must mean.

mod common;

use common::{cases, check, check_with, name_of, relative, shown};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use tfguard::finding::{Finding, Severity};
use tfguard::gate::Report;
use tfguard::report::{Format, Style};

/// The rules whose members are what the plan destroys, each object in one finding.
const DESTROY: [&str; 5] = [
    "deposed-object",
    "index-shift",
    "planned-delete",
    "planned-replace",
    "unmoved-rename",
];

fn rule_of(case: &Path) -> String {
    name_of(case.parent().expect("a rule's directory"))
}

fn fixture(path: &str) -> Report {
    let case = common::root().join("fixtures").join(path);
    check(&case, Some(&rule_of(&case)))
}

fn only(path: &str) -> Finding {
    let report = fixture(path);
    assert_eq!(report.findings.len(), 1, "{path}");
    report.findings[0].clone()
}

#[test]
fn every_fixture_reads_as_it_was_reviewed() {
    for case in cases() {
        let text = shown(
            &check(&case, Some(&rule_of(&case))),
            Format::Text,
            Style::default(),
        );
        let name = relative(&case).replace("fixtures/", "").replace('/', "__");
        insta::assert_snapshot!(name, text);
    }
}

#[test]
fn flags_fixtures_are_flagged_and_allows_fixtures_are_not() {
    for case in cases() {
        let rule = rule_of(&case);
        let findings = check(&case, Some(&rule)).findings;
        let found = findings.iter().any(|finding| finding.rule == rule);
        let flags = name_of(&case).starts_with("flags-");
        assert_eq!(found, flags, "{}", relative(&case));
    }
}

#[test]
fn lines_fit_eighty_columns() {
    for case in cases() {
        let text = shown(&check(&case, None), Format::Text, Style::default());
        let long = text
            .lines()
            .find(|line| line.chars().count() > 80 && !line.contains("fixtures/") && !is_hcl(line));
        assert_eq!(long, None, "{}", relative(&case));
    }
}

/// HCL is to be pasted: it is never wrapped.
fn is_hcl(line: &str) -> bool {
    line.starts_with("          from = ") || line.starts_with("          to   = ")
}

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
fn what_names_a_deleted_object_literally_survives_it() {
    let finding = only("planned-delete/flags-named-literally");
    assert_eq!(finding.facts["survivors"], 1);
    assert_eq!(finding.related[0].address, "aws_s3_bucket_policy.shared");
}

#[test]
fn renames_are_found_with_where_they_went() {
    use serde_json::json;
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
    ];
    for (case, from, to, members) in table {
        let finding = only(&format!("unmoved-rename/{case}"));
        assert_eq!(finding.address, from, "{case}");
        assert_eq!(finding.facts["to"], to, "{case}");
        assert_eq!(finding.members.len(), members, "{case}");
        let hcl = finding.fix.and_then(|fix| fix.hcl).expect("moved blocks");
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
}

#[test]
fn what_hangs_on_a_renamed_object_is_renamed_with_it() {
    for case in ["flags-into-module", "flags-out-of-module"] {
        let report = fixture(&format!("unmoved-rename/{case}"));
        assert_eq!(report.findings.len(), 2, "{case}");
        for finding in report.findings {
            assert_eq!(finding.facts["confidence"], "high", "{case}");
        }
    }
}

#[test]
fn what_is_known_in_part_tells_a_rename_by_where_the_object_stands() {
    let report = fixture("unmoved-rename/flags-partly-unknown");
    let findings = report.findings.iter();
    let renamed: Vec<_> = findings.map(|finding| finding.address.as_str()).collect();
    // The same text in another network is another object.
    assert_eq!(renamed, ["terraform_data.subnet", "terraform_data.vpc"]);
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

#[test]
fn shifts_are_told_with_what_moved_where() {
    let table = [
        ("flags-head-removed", "aws_subnet.s", -1, 3, 0, 1, 4),
        ("flags-inserted", "aws_subnet.s", 1, 2, 1, 0, 2),
        ("flags-module", "module.team", -1, 2, 0, 1, 6),
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
    let said = format!("Without it {left} would still have 2 objects replaced.");
    assert!(both.message.ends_with(&said), "{}", both.message);
}

#[test]
fn roots_outside_of_the_plan_are_named() {
    let read = only("planned-replace/flags-data-source");
    assert_eq!(read.facts["root"], "data.aws_ami.base");
    assert_eq!(read.cause, Some("upstream"));
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
fn an_import_is_as_bad_as_what_else_happens_to_the_object() {
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
fn members_of_the_destroy_rules_are_exactly_what_the_plan_destroys() {
    for case in cases() {
        let report = check(&case, None);
        let destroys = |f: &&Finding| DESTROY.contains(&f.rule);
        let got: BTreeSet<_> = report
            .findings
            .iter()
            .filter(destroys)
            .flat_map(|f| f.members.clone())
            .collect();
        assert_eq!(got, destroyed(&case), "{}", relative(&case));
    }
}

fn destroyed(case: &Path) -> BTreeSet<String> {
    let read = |plan: String| std::fs::read_to_string(common::root().join(plan)).expect("a plan");
    let plans = common::plans(case).into_iter().map(read);
    let mut found = BTreeSet::new();
    for text in plans {
        let plan: Value = serde_json::from_str(&text).expect("JSON");
        let changes = plan["resource_changes"].as_array();
        let destroys = |change: &&Value| {
            let actions = change["change"]["actions"].as_array().expect("actions");
            change["mode"] == "managed" && actions.iter().any(|action| action == "delete")
        };
        let gone = changes.into_iter().flatten().filter(destroys);
        found.extend(gone.map(|change| change["address"].as_str().expect("text").to_owned()));
    }
    found
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
fn circles_are_told_from_the_graph_and_from_the_sources() {
    for case in ["flags-resources", "flags-through-local"] {
        let case = common::root().join("fixtures/dependency-cycle").join(case);
        for source in [false, true] {
            let report = check_with(&case, Some("dependency-cycle"), source);
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

#[test]
fn depends_on_is_as_bad_as_what_this_plan_pays_for_it() {
    let paid = only("leaky-depends-on/flags-late-read");
    assert_eq!(paid.severity, Severity::Error);
    assert_eq!(
        paid.facts["replaced"],
        serde_json::json!(["aws_instance.app"])
    );
    let first_apply = only("leaky-depends-on/flags-first-apply");
    assert_eq!(first_apply.severity, Severity::Warning);
    assert_eq!(
        first_apply.facts["deferred"].as_array().map(Vec::len),
        Some(1)
    );
    assert_eq!(
        only("leaky-depends-on/flags-module-call").severity,
        Severity::Warning
    );
    assert_eq!(
        only("leaky-depends-on/flags-quiet-data-source").severity,
        Severity::Note
    );
    assert_eq!(
        only("leaky-depends-on/flags-whole-module").facts["extra"],
        1
    );
}

#[test]
fn what_entries_of_one_list_cost_together_is_told_once() {
    let report = fixture("leaky-depends-on/flags-entries-together");
    let leaks = |address: &str| {
        let findings = report.findings.iter();
        let own = findings
            .filter(|finding| finding.rule == "leaky-depends-on" && finding.address == address);
        own.collect::<Vec<_>>()
    };
    for (address, entries, said) in [
        ("data.aws_ami.job", 3, "all 3 entries have to go."),
        ("module.app", 2, "both entries have to go."),
    ] {
        let leaks = leaks(address);
        assert_eq!(leaks.len(), entries);
        for (nth, leak) in leaks.into_iter().enumerate() {
            assert_eq!(leak.severity, Severity::Error);
            assert!(leak.message.ends_with(said), "{}", leak.message);
            assert_eq!(leak.facts["deferred"].as_array().map(Vec::len), Some(1));
            assert_eq!(leak.related.is_empty(), nth > 0);
        }
    }
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
            "module.iam.aws_iam_role.this",
            "module.audit.aws_iam_role.this"
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
fn where_nothing_waits_a_leak_costs_nothing_yet() {
    let report = fixture("leaky-depends-on/flags-nothing-waits");
    let told = |finding: &Finding| {
        let facts = ["waiting", "awaited"].map(|name| finding.facts[name].as_u64());
        (finding.address.clone(), finding.severity, facts)
    };
    let found: Vec<_> = report.findings.iter().map(told).collect();
    let note = |address: &str, waiting, awaited| {
        (
            address.to_owned(),
            Severity::Note,
            [Some(waiting), Some(awaited)],
        )
    };
    let want = [
        note("module.archive", 1, 0),
        note("module.mirror", 0, 1),
        note("terraform_data.index", 0, 1),
    ];
    assert_eq!(found, want);
}

#[test]
fn of_two_entries_that_mean_the_same_only_one_is_to_be_deleted() {
    let finding = only("redundant-depends-on/flags-one-of-two-alike");
    assert_eq!(finding.facts["target"], "module.m");
}

#[test]
fn a_hidden_dependency_says_what_is_named_where_and_how() {
    let table = [
        (
            "flags-literal-id",
            "aws_vpc.main",
            Some("vpc_id"),
            "id",
            Severity::Warning,
        ),
        (
            "flags-replaced",
            "aws_vpc.main",
            Some("vpc_id"),
            "id",
            Severity::Error,
        ),
        (
            "flags-in-documents",
            "aws_s3_bucket.logs",
            Some("inline_policy.policy"),
            "arn",
            Severity::Warning,
        ),
        (
            "flags-same-interpolation",
            "aws_s3_bucket.files",
            Some("bucket"),
            "name",
            Severity::Warning,
        ),
        (
            "flags-lookup",
            "aws_vpc.main",
            Some("tags.Name"),
            "lookup",
            Severity::Warning,
        ),
    ];
    for (case, target, attribute, how, severity) in table {
        let finding = fixture(&format!("hidden-dependency/{case}")).findings[0].clone();
        assert_eq!(finding.facts["target"], target, "{case}");
        let at = finding.facts.get("attribute").and_then(Value::as_str);
        assert_eq!(at, attribute, "{case}");
        assert_eq!(finding.facts["named_by"], how, "{case}");
        assert_eq!(finding.severity, severity, "{case}");
    }
}

#[test]
fn what_providers_compute_names_nobody() {
    // The default network of an account, adopted twice.
    let arn = "arn:aws:ec2:us-east-1:111111111111:vpc/vpc-1b20b966";
    let values = json!({"arn": arn, "default_security_group_id": "sg-0123456789abcdef0", "id": "vpc-1b20b966"});
    let group = json!({"id": "sg-0123456789abcdef0", "name": "default"});
    let changes = [
        common::change(
            "aws_default_vpc.a",
            "aws_default_vpc",
            "a",
            "no-op",
            [&values, &values],
        ),
        common::change(
            "aws_default_vpc.b",
            "aws_default_vpc",
            "b",
            "no-op",
            [&values, &values],
        ),
        common::change(
            "aws_security_group.g",
            "aws_security_group",
            "g",
            "no-op",
            [&group, &group],
        ),
    ];
    let mut plan = common::plan_of(&changes);
    let found = |plan: &Value| common::printing(plan, &["-f", "json"])();
    for (written, flags) in [("name", false), ("default_security_group_id", true)] {
        let blocks = [
            common::block("aws_default_vpc", "a", json!({written: {}})),
            common::block("aws_default_vpc", "b", json!({})),
            common::block("aws_security_group", "g", json!({})),
        ];
        plan["configuration"] = json!({"root_module": {"resources": blocks}});
        let report = found(&plan);
        assert_eq!(report.contains("hidden-dependency"), flags, "{report}");
    }
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
fn a_rule_that_cannot_know_says_so_once() {
    let report = fixture("foreign-change/allows-stack-without-owner");
    let told = report.stacks[0]
        .notes
        .iter()
        .filter(|note| note.contains("foreign-change"))
        .count();
    assert_eq!(told, 1, "{:?}", report.stacks[0].notes);
}
