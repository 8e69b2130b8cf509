//! `depends_on` and hidden dependencies.

use crate::{common, fixture, only};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tfguard::finding::{Finding, Severity};

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
fn a_data_source_waits_for_the_resource_it_names_and_not_for_what_is_behind() {
    let report = fixture("leaky-depends-on/flags-named-alone");
    let told = |finding: &Finding| {
        let deferred = finding.facts["deferred"].as_array().map(Vec::len);
        let target = finding.facts["target"].as_str().map(str::to_owned);
        (target, finding.severity, deferred)
    };
    let found: Vec<_> = report.findings.iter().map(told).collect();
    let entry =
        |target: &str, severity, deferred| (Some(target.to_owned()), severity, Some(deferred));
    let want = [
        entry("aws_iam_role.s", Severity::Error, 1),
        entry("aws_iam_role.r", Severity::Note, 0),
    ];
    assert_eq!(found, want);
}

#[test]
fn a_data_source_waits_for_all_instances_of_the_resource_it_names_one_of() {
    let finding = only("leaky-depends-on/flags-by-config-address");
    assert_eq!(finding.facts["target"], "aws_iam_role.r[\"a\"]");
    assert_eq!(
        finding.path.last().map(String::as_str),
        Some("aws_iam_role.r[\"b\"]")
    );
    assert_eq!(finding.severity, Severity::Error);
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
fn one_line_in_every_instance_of_a_module_is_one_hidden_dependency() {
    let finding = only("hidden-dependency/flags-in-each-module");
    assert_eq!(finding.members.len(), 2);
    assert_eq!(finding.facts["target"], "module.store.aws_s3_bucket.files");
    // In the module nobody can write the whole address.
    let fix = finding.fix.expect("a fix").description;
    assert_eq!(fix, "Refer to aws_s3_bucket.files in place of the text.");
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

/// What `jsonencode` is given stands in no plan, and neither does a name that was written out change with the object.
#[test]
fn what_holds_an_id_or_a_name_that_goes_is_told_though_the_plan_leaves_it_alone() {
    let report = fixture("hidden-dependency/flags-written-out");
    let told = |address: &str| {
        let mut findings = report.findings.iter();
        let finding = findings.find(|finding| finding.address == address);
        let finding = finding.expect("a finding");
        (finding.severity, finding.facts["target"].clone())
    };
    let policy = told("aws_s3_bucket_policy.shared");
    assert_eq!(policy, (Severity::Error, "aws_iam_role.worker".into()));
    let versioning = told("aws_s3_bucket_versioning.data");
    assert_eq!(versioning, (Severity::Error, "aws_s3_bucket.data".into()));
    assert_eq!(report.findings.len(), 2);
}

/// `"${var.app}-logs"` stands in no plan, and neither does the value of an object change for it.
#[test]
fn names_built_of_variables_are_read_in_what_the_plan_leaves_alone() {
    let report = fixture("hidden-dependency/flags-built-names");
    let hidden = report.findings.iter();
    let hidden = hidden.filter(|finding| finding.rule == "hidden-dependency");
    let told: Vec<_> = hidden
        .map(|finding| (finding.severity, &*finding.address))
        .collect();
    let access = "aws_s3_bucket_public_access_block";
    let expected = [
        // The name that it loses is still written in what stays.
        (Severity::Error, &*format!("{access}.dumps")),
        (Severity::Error, "aws_s3_bucket_versioning.logs"),
        (Severity::Warning, &*format!("{access}.files")),
    ];
    assert_eq!(told, expected);
}

/// A module that does not name the provider hands it on; what a prefix names has lost the name it had.
#[test]
fn a_module_that_inherits_its_provider_works_where_the_root_module_does() {
    let report = fixture("hidden-dependency/flags-inherited-provider");
    let told = report.findings.iter().map(|finding| finding.severity);
    assert_eq!(told.collect::<Vec<_>>(), [Severity::Error; 2]);
    let target = &report.findings[0].facts["target"];
    assert_eq!(target, "module.store.module.bucket.aws_s3_bucket.this");
}

/// A module that is called for two regions makes two queues of one name.
#[test]
fn of_several_of_one_name_a_module_means_its_own() {
    let (queue, alarm) = ("aws_sqs_queue", "aws_cloudwatch_metric_alarm");
    let (object, by) = (
        json!({"name": "acme-jobs"}),
        json!({"dimensions": {"QueueName": "acme-jobs"}}),
    );
    let mut changes = Vec::new();
    let mut calls = json!({});
    for module in ["eu", "us"] {
        for (kind, name, values) in [(queue, "q", &object), (alarm, "a", &by)] {
            let address = format!("module.{module}.{kind}.{name}");
            let mut change = common::change(&address, kind, name, "no-op", [values, values]);
            change["module_address"] = format!("module.{module}").into();
            changes.push(change);
        }
        calls[module] = json!({"module": {"resources": [
            common::block(queue, "q", json!({"name": {"references": ["var.app"]}})),
            common::block(alarm, "a", json!({"dimensions": {"references": ["var.app"]}})),
        ]}});
    }
    let mut plan = common::plan_of(&changes);
    plan["configuration"] = json!({"root_module": {"module_calls": calls}});
    let report = common::printing(&plan, &["-f", "json"])();
    let report: Value = serde_json::from_str(&report).expect("a report");
    let findings = report["findings"].as_array().expect("findings").iter();
    let hidden = findings.filter(|found| found["rule"] == "hidden-dependency");
    let targets: Vec<_> = hidden
        .map(|found| found["facts"]["target"].clone())
        .collect();
    assert_eq!(
        targets,
        ["module.eu.aws_sqs_queue.q", "module.us.aws_sqs_queue.q"]
    );
}

#[test]
fn dimensions_of_metrics_and_aliases_of_keys_name_what_they_are_of() {
    let (alarm, topic) = ("aws_cloudwatch_metric_alarm", "aws_sns_topic");
    let cluster = json!({"name": "acme-apps"});
    let alias = json!({"name": "alias/acme"});
    let cases = [
        (
            "aws_ecs_cluster",
            &cluster,
            alarm,
            json!({"dimensions": {"ClusterName": "acme-apps"}}),
        ),
        (
            "aws_kms_alias",
            &alias,
            topic,
            json!({"kms_master_key_id": "alias/acme"}),
        ),
        // Caches have parameter groups of their own, and metrics namespaces.
        (
            "aws_db_parameter_group",
            &cluster,
            "aws_elasticache_cluster",
            json!({"parameter_group_name": "acme-apps"}),
        ),
        (
            "kubernetes_namespace",
            &cluster,
            alarm,
            json!({"namespace": "acme-apps"}),
        ),
        // A cluster of what, an attribute alone does not say.
        (
            "aws_eks_cluster",
            &cluster,
            topic,
            json!({"cluster": "acme-apps"}),
        ),
    ];
    let flagged = cases.map(|(named, object, kind, by)| {
        let mut plan = common::plan_of(&[
            common::change(&format!("{named}.o"), named, "o", "no-op", [object, object]),
            common::change(&format!("{kind}.by"), kind, "by", "no-op", [&by, &by]),
        ]);
        let arguments = |values: &Value| {
            let keys = values.as_object().expect("an object").keys();
            keys.map(|key| (key.clone(), json!({"references": ["var.app"]})))
                .collect::<Value>()
        };
        plan["configuration"] = json!({"root_module": {"resources": [
            common::block(named, "o", arguments(object)),
            common::block(kind, "by", arguments(&by)),
        ]}});
        common::printing(&plan, &["-f", "json"])().contains("hidden-dependency")
    });
    assert_eq!(flagged, [true, true, false, false, false]);
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

/// The block of what goes is gone, with its provider: its ARN says where it was.
#[test]
fn a_name_in_another_region_is_not_that_of_what_goes() {
    let arn = "arn:aws:sqs:eu-west-1:111111111111:acme-jobs";
    let queue = json!({"arn": arn, "name": "acme-jobs"});
    let alarm = json!({"alarm_name": "jobs", "dimensions": {"QueueName": "acme-jobs"}});
    let kind = "aws_cloudwatch_metric_alarm";
    let deleted = [&queue, &Value::Null];
    let mut plan = common::plan_of(&[
        common::change("aws_sqs_queue.q", "aws_sqs_queue", "q", "delete", deleted),
        common::change(&format!("{kind}.a"), kind, "a", "no-op", [&alarm, &alarm]),
    ]);
    for (region, names) in [("eu-west-1", true), ("us-east-1", false)] {
        let dimensions = json!({"dimensions": {"constant_value": alarm["dimensions"]}});
        plan["configuration"] = json!({
            "provider_config": {"aws": {"name": "aws", "expressions": {"region": {"constant_value": region}}}},
            "root_module": {"resources": [common::block(kind, "a", dimensions)]},
        });
        let report = common::printing(&plan, &["-f", "json"])();
        assert_eq!(report.contains("hidden-dependency"), names, "{report}");
        assert_eq!(report.contains("names it in dimensions"), names, "{report}");
    }
}

#[test]
fn what_changes_in_another_instance_puts_a_read_off_as_well() {
    let finding = only("leaky-depends-on/flags-other-key");
    assert_eq!(finding.facts["target"], "module.store[\"us\"]");
    assert_eq!(finding.facts["replaced"], json!(["terraform_data.policy"]));
    let last = finding.path.last().expect("a path");
    assert_eq!(last, "module.store[\"eu\"].aws_sqs_queue.jobs");
}

#[test]
fn two_lists_that_put_off_one_read_name_each_other() {
    let report = fixture("leaky-depends-on/flags-two-lists");
    let said: Vec<_> = report.findings.iter().map(|f| &f.message).collect();
    assert_eq!(said.len(), 2);
    assert!(said[0].contains("depends_on of module.app.data.aws_caller_identity.me puts off"));
    assert!(said[1].contains("depends_on of module.app puts off the same read"));
}

#[test]
fn a_stack_whose_owner_owns_nothing_by_name_has_two_others() {
    let finding = only("mixed-owners/flags-owners-beside-none");
    assert_eq!(finding.facts["owner"], "team-app");
    assert_eq!(finding.members.len(), 2);
    assert!(
        finding
            .message
            .starts_with("The state of team-app holds objects of 2 other owners")
    );
}

/// A first plan does not find what is not there yet, when nothing waits for it.
#[test]
fn a_data_source_that_looks_up_what_is_managed_here_is_not_needed() {
    let finding = only("leaky-depends-on/flags-lookup");
    let fix = finding.fix.expect("a fix").description;
    assert!(fix.starts_with("Delete the data source: what it looks up, aws_iam_role.deploy,"));
}

#[test]
fn what_goes_is_not_counted_among_what_a_provider_manages() {
    let (cluster, space) = ("aws_eks_cluster", "kubernetes_namespace");
    let name = |name: &str| json!({"metadata": [{"name": name}]});
    let own = json!({"name": "main"});
    let plan = |action: &str| {
        let kept = common::change(
            &format!("{space}.a"),
            space,
            "a",
            "no-op",
            [&name("a"), &name("a")],
        );
        let after = if action == "delete" {
            Value::Null
        } else {
            name("b")
        };
        let other = common::change(
            &format!("{space}.b"),
            space,
            "b",
            action,
            [&name("b"), &after],
        );
        let of = common::change(&format!("{cluster}.c"), cluster, "c", "no-op", [&own, &own]);
        let mut plan = common::plan_of(&[of, kept, other]);
        let host =
            json!({"host": {"references": ["aws_eks_cluster.c.endpoint", "aws_eks_cluster.c"]}});
        let mut blocks = vec![common::block(cluster, "c", json!({}))];
        for label in ["a", "b"] {
            let mut block = common::block(space, label, json!({}));
            block["provider_config_key"] = "kubernetes".into();
            blocks.push(block);
        }
        plan["configuration"] = json!({
            "provider_config": {"kubernetes": {"name": "kubernetes", "expressions": host}},
            "root_module": {"resources": blocks},
        });
        let report = common::printing(&plan, &["-f", "json"])();
        let report: Value = serde_json::from_str(&report).expect("a report");
        let findings = report["findings"].as_array().expect("findings").clone();
        let mut found = findings
            .into_iter()
            .filter(|one| one["rule"] == "provider-on-resource");
        found.next().expect("one")["facts"]["affected"].clone()
    };
    assert_eq!(plan("no-op"), 2);
    assert_eq!(plan("delete"), 1);
}

/// Helm releases live in what the Kubernetes provider makes, where only one cluster can be meant.
#[test]
fn a_release_names_the_namespace_of_its_one_cluster() {
    let (namespace, release) = ("kubernetes_namespace", "helm_release");
    let made = json!({"metadata": [{"name": "payments"}]});
    let by = json!({"name": "r", "namespace": "payments"});
    let mut plan = common::plan_of(&[
        common::change(
            "kubernetes_namespace.n",
            namespace,
            "n",
            "no-op",
            [&made, &made],
        ),
        common::change("helm_release.r", release, "r", "no-op", [&by, &by]),
    ]);
    let text = |text: &str| json!({"constant_value": text});
    for (more, flags) in [(None, true), (Some("helm.other"), false)] {
        let mut blocks = [
            common::block(
                namespace,
                "n",
                json!({"metadata": [{"name": text("payments")}]}),
            ),
            common::block(release, "r", json!({"namespace": text("payments")})),
        ];
        let mut providers = json!({});
        for (block, key) in blocks.iter_mut().zip(["kubernetes", "helm"]) {
            block["provider_config_key"] = key.into();
            providers[key] = json!({"name": key});
        }
        if let Some(key) = more {
            providers[key] = json!({"name": "helm", "alias": "other"});
        }
        plan["configuration"] =
            json!({"root_module": {"resources": blocks}, "provider_config": providers});
        let report = common::printing(&plan, &["-f", "json"])();
        assert_eq!(report.contains("hidden-dependency"), flags, "{report}");
    }
}

/// On a first plan no object tells where it will be; who asks who it is knows.
#[test]
fn an_arn_of_another_account_than_the_callers_names_nothing_here() {
    let finding = only("hidden-dependency/flags-own-account-only");
    assert_eq!(finding.address, "aws_sns_topic.own");
}

/// Terraform 1.11 reads the data source after the module here: that it may be read before would be false.
#[test]
fn what_a_module_is_made_to_wait_for_is_hidden_but_ordered() {
    let finding = only("hidden-dependency/flags-ordered-by-a-module");
    assert_eq!(finding.severity, Severity::Note);
    assert!(
        finding.message.contains("Nothing but the depends_on"),
        "{}",
        finding.message
    );
}

#[test]
fn an_object_that_names_several_has_a_finding_of_its_own_for_each() {
    let findings = fixture("hidden-dependency/flags-literal-id").findings;
    let prints: BTreeSet<_> = findings.iter().map(Finding::fingerprint).collect();
    assert_eq!(prints.len(), findings.len());
    assert!(
        prints.iter().all(|print| print.matches('|').count() == 3),
        "{prints:?}"
    );
}

/// A pod takes the service account of its own namespace.
#[test]
fn a_name_in_another_namespace_is_that_of_another_object() {
    let (account, deployment) = ("kubernetes_service_account", "kubernetes_deployment");
    let text = |text: &str| json!({"constant_value": text});
    for (space, flags) in [("shop", true), ("billing", false)] {
        let made = json!({"metadata": [{"name": "orders-api", "namespace": "shop"}]});
        let spec = json!([{"template": [{"spec": [{"service_account_name": "orders-api"}]}]}]);
        let by = json!({"metadata": [{"name": "orders", "namespace": space}], "spec": spec});
        let mut plan = common::plan_of(&[
            common::change(
                &format!("{account}.a"),
                account,
                "a",
                "no-op",
                [&made, &made],
            ),
            common::change(
                &format!("{deployment}.d"),
                deployment,
                "d",
                "no-op",
                [&by, &by],
            ),
        ]);
        let written =
            json!([{"template": [{"spec": [{"service_account_name": text("orders-api")}]}]}]);
        let blocks = [
            common::block(
                account,
                "a",
                json!({"metadata": [{"name": text("orders-api")}]}),
            ),
            common::block(deployment, "d", json!({"spec": written})),
        ];
        plan["configuration"] = json!({"root_module": {"resources": blocks}});
        let report = common::printing(&plan, &["-f", "json"])();
        assert_eq!(
            report.contains("hidden-dependency"),
            flags,
            "{space}: {report}"
        );
    }
}
