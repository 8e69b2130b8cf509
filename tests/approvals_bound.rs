//! What an approval is bound to: the place, the state, the object, the attributes, the guards. What a stranger found
//! green that had to be red.

mod common;

use common::approving::{FILE, Repository, change};
use common::{command, err, out};
use serde_json::{Value, json};
use std::fs;

/// A database, which has an id of its own, and a queue, which has none, are destroyed beside a network that stays.
const QUEUE: &str = "_review/3-drops-the-queue";
const NETWORK: [&str; 3] = [
    "aws_vpc.main",
    "aws_security_group.database",
    "aws_instance.api",
];

fn finding(stack: &str) -> String {
    format!("planned-delete|{stack}|aws_sqs_queue.jobs|config_removed")
}

/// The plan that destroys the queue alone, changed.
fn queue(plan: &mut Value, changed: impl FnOnce(&mut Value)) {
    let changes = plan["resource_changes"].as_array_mut().expect("changes");
    changes.retain(|change| change["address"] != "aws_db_instance.orders");
    changed(plan);
}

/// As the same configuration is in another workspace: other objects under the same addresses.
fn of_another_workspace(plan: &mut Value) {
    for (nth, address) in NETWORK.iter().enumerate() {
        let id = &mut change(plan, address)["change"]["before"]["id"];
        *id = json!(format!("x-0a1b2c3d4e5f6071{nth}"));
    }
}

fn without_network(plan: &mut Value) {
    let changes = plan["resource_changes"].as_array_mut().expect("changes");
    changes.retain(|change| !NETWORK.iter().any(|address| change["address"] == *address));
}

/// A repository with no names for stacks, and a plan in each of its directories.
fn monorepo(directories: &[&str]) -> Repository {
    let repository = Repository::new();
    repository.plan(QUEUE, |plan| queue(plan, without_network));
    repository.spread(directories);
    repository
}

fn approve(repository: &Repository, plan: &str, fingerprint: &str) {
    let given = [
        "approve",
        plan,
        "--reason",
        "why",
        "--by",
        "Bob",
        "--finding",
        fingerprint,
    ];
    let output = repository.run(&given);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
}

#[test]
fn what_was_approved_in_one_directory_is_not_in_another_of_the_same_name() {
    let (dev, prod) = ("envs/dev/app/plan.json", "envs/prod/app/plan.json");
    let repository = monorepo(&["envs/dev/app", "envs/prod/app"]);
    approve(&repository, dev, &finding("app"));
    assert!(
        repository
            .read()
            .contains("\ndirectory = \"envs/dev/app\"\n")
    );
    let code = |plan: &str| repository.run(&["-q", plan]).status.code();
    assert_eq!((code(dev), code(prod)), (Some(0), Some(1)));
    let said = out(&repository.run(&["-q", prod]));
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        said.contains("does not cover this: it was given for envs/dev/app."),
        "{said}"
    );
    // Standard input is called after the working directory.
    let piped = |directory: &str| {
        let plan = fs::File::open(repository.path(dev)).expect("a plan");
        let mut command = command(&["-q", "-"]);
        let command = command.current_dir(repository.path(directory)).stdin(plan);
        command.output().expect("the program runs").status.code()
    };
    assert_eq!(
        (piped("envs/dev/app"), piped("envs/prod/app")),
        (Some(0), Some(1))
    );
    // Nor where nobody knows which stack it is of.
    let elsewhere = tempfile::tempdir().expect("a folder");
    let moved = elsewhere.path().join("app/plan.json");
    fs::create_dir(elsewhere.path().join("app")).expect("made");
    fs::copy(repository.path(dev), &moved).expect("copied");
    assert_eq!(code(&moved.to_string_lossy()), Some(1));
    // Both can be approved: one takes nothing from the other.
    approve(&repository, prod, &finding("app"));
    assert_eq!((code(dev), code(prod)), (Some(0), Some(0)));
    assert_eq!(repository.read().matches("[[approval]]").count(), 2);
}

#[test]
fn what_was_approved_in_one_workspace_is_not_in_another() {
    let repository = Repository::new();
    repository.plan(QUEUE, |plan| queue(plan, |_| ()));
    repository.approve_the_one();
    let file = repository.read();
    assert_eq!(file.matches("anchors = [").count(), 1, "{file}");
    repository.plan(QUEUE, |plan| queue(plan, of_another_workspace));
    assert_eq!(repository.code(), 1);
    repository.is_told("it was given for another state");
    repository.approve_the_one();
    repository.plan(QUEUE, |plan| queue(plan, |_| ()));
    assert_eq!(
        repository.code(),
        0,
        "both are approved: {}",
        repository.read()
    );
    // One of the objects by which the state is known may go.
    repository.plan(QUEUE, |plan| {
        queue(plan, |plan| {
            let changes = plan["resource_changes"].as_array_mut().expect("changes");
            changes.retain(|change| change["address"] != "aws_vpc.main");
        });
    });
    assert_eq!(repository.code(), 0);
}

#[test]
fn no_approval_covers_the_next_object_at_its_address() {
    let repository = Repository::new();
    repository.plan(QUEUE, |plan| queue(plan, |_| ()));
    repository.approve_the_one();
    let id = |id: &'static str| {
        move |plan: &mut Value| {
            change(plan, "aws_sqs_queue.jobs")["change"]["before"]["id"] = json!(id);
        }
    };
    repository.plan(QUEUE, |plan| {
        queue(plan, id("https://sqs/111111111111/other-jobs"));
    });
    assert_eq!(repository.code(), 1);
    repository.is_told("aws_sqs_queue.jobs is another object by now");
    // Nor one that was made anew under the same name, where its ARN, its own id or its day tells.
    for attribute in ["arn", "resource_id", "creation_date"] {
        repository.plan(QUEUE, |plan| {
            queue(plan, |plan| {
                change(plan, "aws_sqs_queue.jobs")["change"]["before"][attribute] =
                    json!("another");
            });
        });
        assert_eq!(repository.code(), 1, "{attribute}");
    }
}

#[test]
fn what_nothing_tells_from_the_next_object_is_approved_for_few_days() {
    let days = |changed: fn(&mut Value)| {
        let repository = Repository::new();
        repository.plan(QUEUE, |plan| queue(plan, changed));
        repository.approve_the_one();
        let file = repository.read();
        let days = ["on = ", "expires = "].map(|field| {
            let line = file.lines().find(|line| line.starts_with(field));
            line.expect("a day")[field.len()..]
                .parse::<toml::value::Datetime>()
                .expect("a day")
        });
        let number = |day: &toml::value::Datetime| {
            let date = day.date.expect("a date");
            i32::from(date.year) * 372 + i32::from(date.month) * 31 + i32::from(date.day)
        };
        number(&days[1]) - number(&days[0])
    };
    // As months of 31 days count.
    assert!((7..=10).contains(&days(without_network)));
    assert!((30..=33).contains(&days(|_| ())));
}

#[test]
fn no_name_is_in_the_file_and_no_hash_that_is_not_salted() {
    let file = |changed: fn(&mut Value)| {
        let repository = Repository::new();
        repository.plan(QUEUE, |plan| queue(plan, changed));
        repository.approve_the_one();
        repository.read()
    };
    let beside = |text: &str| {
        text.lines()
            .find(|line| line.contains("beside"))
            .map(str::to_owned)
    };
    let here = beside(&file(|_| ())).expect("hashes");
    let there = beside(&file(of_another_workspace)).expect("hashes");
    assert!(!here.contains("orders-jobs"));
    let hashes = |line: &str| -> Vec<String> {
        let words = line.split('"').filter(|word| word.len() == 32);
        words.map(str::to_owned).collect()
    };
    assert!(hashes(&here).len() == 3 && hashes(&here).iter().all(|hash| !there.contains(hash)));
    assert_eq!(beside(&file(without_network)), None);
    // A secret is not hashed at all.
    let marked = file(|plan| {
        let jobs = change(plan, "aws_sqs_queue.jobs");
        jobs["change"]["before_sensitive"] = json!(true);
    });
    assert_eq!(beside(&marked), None, "{marked}");
}

#[test]
fn what_a_file_of_before_does_not_say_is_not_asked() {
    let repository = Repository::new();
    repository.plan(QUEUE, |plan| queue(plan, |_| ()));
    repository.approve_the_one();
    let file = repository.read();
    let lines = file.lines().filter(|line| !line.starts_with("anchors = "));
    let lines = lines.map(|line| match line.split_once(", beside = ") {
        Some((object, _)) => format!("{object} }},"),
        None => line.to_owned(),
    });
    repository.write(FILE, &lines.map(|line| line + "\n").collect::<String>());
    assert_eq!(repository.code(), 0, "{}", repository.read());
    repository.plan(QUEUE, |plan| queue(plan, of_another_workspace));
    assert_eq!(repository.code(), 0);
}

#[test]
fn what_the_plan_does_not_show_is_not_approved() {
    for (fixture, rule, said) in [
        (
            "errored-plan/flags-precondition",
            "errored-plan",
            "plan again",
        ),
        ("partial-plan/flags-target", "partial-plan", "-target"),
    ] {
        let repository = Repository::new();
        repository.plan(fixture, |_| ());
        let listed = out(&repository.run(&["approve", "plan.json"]));
        assert!(listed.contains("cannot be approved: a plan"), "{listed}");
        let output = repository.approve(&["--finding", &format!("{rule}|app|app")]);
        assert_eq!(output.status.code(), Some(2));
        assert!(err(&output).contains(said), "{}", err(&output));
        // One that was written by an earlier version does not count.
        repository.write(FILE, &format!(
            "version = 1\n[[approval]]\nstack = \"app\"\nrule = \"{rule}\"\naddress = \"app\"\nby = \"x\"\non = 2026-01-01\nexpires = 2126-01-01\nreason = \"x\"\nbecause = [\"reason=target\"]\nobjects = []\n"
        ));
        let (_, report) = repository.check();
        assert_eq!(report["summary"]["approved"], 0);
        repository.is_told("does not cover this: a plan");
    }
}

#[test]
fn a_foreign_change_is_approved_for_the_attributes_it_was_seen_to_change() {
    let repository = Repository::new();
    repository.write(
        "tfguard.toml",
        "[stack]\nname = \"app\"\nowner = \"team-app\"\n[[owner]]\nname = \"team-network\"\ntypes = [\"aws_vpc\"]\n",
    );
    let update = |after: Value| {
        repository.plan(QUEUE, |plan| {
            let changes = plan["resource_changes"].as_array_mut().expect("changes");
            changes.retain(|change| change["address"] == "aws_vpc.main");
            let vpc = &mut changes[0]["change"];
            vpc["actions"] = json!(["update"]);
            vpc["before"]["tags"] = json!({"a": "1", "S3CR3T key": "2"});
            vpc["after"] = vpc["before"].clone();
            for (name, value) in after.as_object().expect("an object") {
                vpc["after"][name] = value.clone();
            }
            if !vpc["after"]["tags"]["S3CR3T-key"].is_null() {
                vpc["after_sensitive"] = json!({"tags": true});
            }
        });
    };
    let tag = json!({"tags": {"a": "7", "S3CR3T key": "2"}});
    update(tag.clone());
    repository.approve_the_one();
    assert!(
        repository.read().contains("changes = [\"tags.a\"]"),
        "{}",
        repository.read()
    );
    let mut more = tag.clone();
    more["enable_dns_support"] = json!("another");
    for other in [
        more,
        json!({"tags": {"a": "1"}}),
        json!({"cidr_block": "0.0.0.0/0"}),
    ] {
        update(other);
        assert_eq!(repository.code(), 1);
        repository.is_told("on aws_vpc.main it was to change tags.a, and it changes");
    }
    update(tag);
    assert_eq!(repository.code(), 0);
    // A key that is no name, or a secret, is not told: its attribute is.
    for tags in [
        json!({"a": "1"}),
        json!({"a": "1", "S3CR3T key": "2", "S3CR3T-key": "3"}),
    ] {
        update(json!({ "tags": tags }));
        repository.approve_the_one();
        let file = repository.read();
        assert!(
            !file.contains("S3CR3T") && file.contains("[\"tags\"]"),
            "{file}"
        );
    }
}

#[test]
fn a_protection_that_stood_against_a_destroy_must_still_stand() {
    let repository = Repository::new();
    let fixture = "planned-delete/flags-data-loss";
    repository.plan(fixture, |_| ());
    repository.approve_the_one();
    repository.plan(fixture, |plan| {
        change(plan, "aws_db_instance.main")["change"]["before"]["deletion_protection"] =
            json!(false);
    });
    assert_eq!(repository.code(), 1);
    repository
        .is_told("deletion_protection stood against it on aws_db_instance.main and does no more");
}

#[test]
fn why_an_approval_does_not_count_stands_beside_the_finding_in_every_format() {
    let repository = Repository::new();
    repository.plan(QUEUE, |plan| queue(plan, |_| ()));
    repository.approve_the_one();
    repository.plan(QUEUE, |plan| queue(plan, of_another_workspace));
    for args in [
        &["-q"][..],
        &["-f", "markdown"],
        &["-f", "sarif"],
        &["-f", "github"],
        &["-f", "json"],
    ] {
        let said = out(&repository.run(&[args, &["plan.json"]].concat()));
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains("given for another state"), "{args:?} {said}");
    }
}
