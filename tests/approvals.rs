//! Approvals as people and CI use them: recorded by one command, read by the next check, reviewed and merged in git.

mod common;

use common::approving::{FILE, Repository, change};
use common::{command, err, out};
use serde_json::{Value, json};
use std::fs;

const DELETES: &str = "planned-delete/flags-count-decreased";
const LOSES: &str = "planned-delete/flags-data-loss";
const REPLACES: &str = "planned-replace/flags-data-loss";
/// Keeps an object that the plan deletes.
fn keep(plan: &mut Value, address: &str) {
    let change = change(plan, address);
    change
        .as_object_mut()
        .expect("an object")
        .remove("action_reason");
    change["change"]["actions"] = json!(["no-op"]);
    change["change"]["after"] = change["change"]["before"].clone();
}

fn one_worker_less(plan: &mut Value) {
    keep(plan, "aws_instance.worker[1]");
}

#[test]
fn a_destroy_is_red_until_it_is_approved_and_red_again_when_a_second_one_slips_in() {
    let repository = Repository::new();
    repository.plan(DELETES, one_worker_less);
    assert_eq!(repository.code(), 1);
    let output = repository.approve(&["--all"]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let (code, report) = repository.check();
    assert_eq!(code, 0);
    assert_eq!(report["summary"]["approved"], 1);
    let finding = &report["findings"][0];
    assert_eq!(finding["status"], "approved");
    let why = &finding["justification"];
    assert_eq!(
        (&why["by"], &why["reason"]),
        (&json!("Bob"), &json!("fewer workers"))
    );
    assert_eq!(why["source"], ".tfguard/approvals.toml:5");
    repository.plan(DELETES, |_| ());
    assert_eq!(repository.code(), 1);
    repository.is_told("aws_instance.worker[1] was not in it");
}

#[test]
fn a_plan_made_anew_with_the_same_facts_stays_approved() {
    let repository = Repository::new();
    repository.plan(DELETES, |_| ());
    repository.approve_the_one();
    repository.plan(DELETES, |plan| {
        plan["terraform_version"] = json!("1.9.8");
        plan["timestamp"] = json!("2027-01-01T00:00:00Z");
        let changes = plan["resource_changes"].as_array_mut().expect("changes");
        changes.reverse();
        let mut other = changes[0].clone();
        other["address"] = json!("aws_instance.other");
        other["name"] = json!("other");
        other["change"] = json!({"actions": ["create"], "before": null, "after": {}, "after_unknown": {"id": true}});
        other.as_object_mut().expect("an object").retain(|key, _| key != "index" && key != "action_reason");
        changes.push(other);
        for change in changes {
            change["provider_name"] = json!("registry.opentofu.org/hashicorp/aws");
        }
    });
    assert_eq!(repository.code(), 0);
    fs::create_dir(repository.path("elsewhere")).expect("made");
    fs::rename(
        repository.path("plan.json"),
        repository.path("elsewhere/other.json"),
    )
    .expect("moved");
    assert_eq!(
        repository.run(&["elsewhere/other.json"]).status.code(),
        Some(0)
    );
    // Less of the same is no more than was approved.
    repository.plan(DELETES, one_worker_less);
    assert_eq!(repository.code(), 0);
}

/// A fixture, what a note says of the change, and the change.
type Case<'c> = (&'c str, &'c str, &'c dyn Fn(&mut Value));

#[test]
fn the_same_object_for_another_reason_is_not_approved() {
    let worker = "aws_instance.worker[2]";
    let table: [Case<'_>; 5] = [
        (DELETES, "another object by now", &|plan| {
            change(plan, worker)["change"]["before"]["id"] = json!("i-0fedcba9876543210");
        }),
        (DELETES, "another object by now", &|plan| {
            for change in plan["resource_changes"].as_array_mut().expect("changes") {
                change["provider_name"] = json!("example.com/acme/aws");
            }
        }),
        (DELETES, "nothing in this plan", &|plan| {
            for address in ["aws_instance.worker[1]", worker] {
                change(plan, address)["action_reason"] = json!("delete_because_no_resource_config");
            }
        }),
        (REPLACES, "the reason was", &|plan| {
            let replaced = plan["resource_changes"]
                .as_array_mut()
                .expect("changes")
                .iter_mut();
            for change in replaced.filter(|change| !change["change"]["replace_paths"].is_null()) {
                change["change"]["replace_paths"] = json!([["engine"]]);
            }
        }),
        (REPLACES, "the action on", &|plan| {
            let replaced = plan["resource_changes"]
                .as_array_mut()
                .expect("changes")
                .iter_mut();
            for change in
                replaced.filter(|change| change["change"]["actions"] == json!(["delete", "create"]))
            {
                change["change"]["actions"] = json!(["create", "delete"]);
            }
        }),
    ];
    for (fixture, told, change) in table {
        let repository = Repository::new();
        repository.plan(fixture, |_| ());
        repository.approve_the_one();
        repository.plan(fixture, change);
        assert_eq!(repository.code(), 1, "{told}");
        repository.is_told(told);
    }
}

#[test]
fn an_approval_ends_with_its_last_day() {
    let repository = Repository::new();
    repository.plan(DELETES, |_| ());
    repository.approve_the_one();
    let text = repository.read();
    let line = text
        .lines()
        .find(|line| line.starts_with("expires"))
        .expect("a day")
        .to_owned();
    repository.write(FILE, &text.replace(&line, "expires = 2026-01-31"));
    assert_eq!(repository.code(), 1);
    repository.is_told("expired on 2026-01-31");
    let again = repository.approve(&["--all", "--expires", "2026-01-31"]);
    assert_eq!(again.status.code(), Some(2));
    assert!(err(&again).contains("is over"), "{}", err(&again));
    let again = repository.approve(&["--all", "--expires", "2126-01-31"]);
    assert!(out(&again).contains("until 2126-01-31"), "{}", out(&again));
    assert_eq!(repository.code(), 0);
}

#[test]
fn approving_again_replaces_the_block() {
    let repository = Repository::new();
    repository.plan(DELETES, one_worker_less);
    repository.approve_the_one();
    let first = repository.read();
    repository.approve_the_one();
    assert_eq!(repository.read(), first);
    repository.plan(DELETES, |_| ());
    repository.approve_the_one();
    assert_eq!(repository.read().matches("[[approval]]").count(), 1);
}

#[test]
fn what_loses_data_is_approved_by_name_alone() {
    for fixture in [LOSES, REPLACES] {
        let repository = Repository::new();
        repository.plan(fixture, |_| ());
        let fingerprint = repository.fingerprint();
        let output = repository.approve(&["--all"]);
        assert_eq!(output.status.code(), Some(2));
        let said: String = err(&output)
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '│')
            .collect();
        assert!(said.contains(&fingerprint.replace(' ', "")), "{said}");
        assert!(!repository.path(".tfguard").exists());
        for glob in ["*", "planned-*", "planned-delete|app|*"] {
            assert_eq!(
                repository.approve(&["--finding", glob]).status.code(),
                Some(2)
            );
        }
        assert_eq!(
            repository
                .approve(&["--all", "--finding", &fingerprint])
                .status
                .code(),
            Some(0)
        );
        assert!(repository.read().contains("\ndata_loss = true\n"));
        assert_eq!(repository.code(), 0);
        // Who did not know cannot have consented.
        repository.write(FILE, &repository.read().replace("data_loss = true\n", ""));
        assert_eq!(repository.code(), 1);
    }
}

#[test]
fn without_a_finding_the_commands_are_listed_and_nothing_is_written() {
    let repository = Repository::new();
    repository.plan(DELETES, |_| ());
    let output = repository.run(&["approve", "plan.json"]);
    assert_eq!(output.status.code(), Some(1));
    let command = "tfguard approve plan.json --finding 'planned-delete|app|aws_instance.worker|count_decreased' --reason '...'";
    assert!(out(&output).contains(command), "{}", out(&output));
    assert!(!repository.path(".tfguard").exists());
    repository.approve_the_one();
    let output = repository.run(&["approve", "plan.json"]);
    assert_eq!(
        (output.status.code(), &*out(&output)),
        (Some(0), "nothing was recorded: no error is open\n")
    );
}

#[test]
fn what_cannot_be_recorded_is_refused_whole() {
    let repository = Repository::new();
    repository.plan(DELETES, |_| ());
    let known = "planned-delete|app|aws_instance.worker|count_decreased";
    let near = "planned-delete|app|aws_instance.workers|count_decreased";
    let table: [(&[&str], &str); 6] = [
        (&["--finding", near], "did you mean"),
        (
            &["--finding", known, "--finding", "nothing like it"],
            "no finding",
        ),
        (&["--all", "--expires", "soon"], "2027-01-31"),
        (&["--all", "--for", "4294967295m"], "too far away"),
        (
            &["--all", "--for", "7d", "--expires", "2127-01-31"],
            "cannot be used with",
        ),
        (&["--all", "--approvals", "tfguard.toml/x/y"], "directory"),
    ];
    for (args, said) in table {
        let output = repository.approve(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(err(&output).contains(said), "{said}: {}", err(&output));
        assert!(!repository.path(".tfguard").exists(), "{args:?}");
    }
    for reason in ["", "  ", &"x".repeat(1_001)] {
        let output = repository.run(&[
            "approve",
            "plan.json",
            "--all",
            "--by",
            "Bob",
            "--reason",
            reason,
        ]);
        assert_eq!(output.status.code(), Some(2), "{reason}");
    }
    let nothing = ["approve", "plan.json", "--reason", "why", "--by", "Bob"];
    assert_eq!(repository.run(&nothing).status.code(), Some(2));
    let output = repository.run(&["approve", "plan.json", "--all"]);
    assert!(err(&output).contains("--reason"), "{}", err(&output));
}

#[test]
fn who_approves_is_who_commits() {
    let repository = Repository::new();
    repository.plan(DELETES, |_| ());
    let args = ["approve", "plan.json", "--all", "--reason", "why"];
    let nobody = repository.run(&args);
    assert_eq!(nobody.status.code(), Some(2));
    assert!(err(&nobody).contains("--by"), "{}", err(&nobody));
    repository.git(&["config", "user.name", "Carol"]);
    repository.git(&["config", "user.email", "carol@example.com"]);
    assert_eq!(repository.run(&args).status.code(), Some(0));
    assert!(
        repository
            .read()
            .contains("by = \"Carol <carol@example.com>\""),
        "{}",
        repository.read()
    );
}

#[test]
fn hostile_words_are_written_and_told_safely() {
    let repository = Repository::new();
    repository.plan(DELETES, |_| ());
    let hostile = "x\u{1b}[31m\"\n[[approval]]\nby = '\u{202e}";
    let args = [
        "approve",
        "plan.json",
        "--all",
        "--by",
        hostile,
        "--reason",
        hostile,
    ];
    let output = repository.run(&args);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let report = repository.run(&["-v", "plan.json"]);
    assert_eq!(report.status.code(), Some(0));
    for text in [out(&output), repository.read(), out(&report)] {
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text}");
    }
    assert_eq!(
        repository
            .read()
            .lines()
            .filter(|line| *line == "[[approval]]")
            .count(),
        1
    );
}

#[test]
fn no_value_is_recorded_and_no_hash_of_one_that_could_be_guessed() {
    let repository = Repository::new();
    repository.plan(DELETES, |_| ());
    repository.approve_the_one();
    let known = repository.read();
    assert_eq!(known.matches(", id = \"").count(), 2, "{known}");
    for id in [
        "i-cb2332ac29db7baf2",
        "cb2332ac29db7baf2",
        "i-cfb5b340f5891a084",
    ] {
        assert!(!known.contains(id));
    }
    let hashed = |change_it: &dyn Fn(&mut Value)| {
        repository.plan(DELETES, change_it);
        fs::remove_file(repository.path(FILE)).expect("removed");
        repository.approve_the_one();
        repository.read().matches(", id = \"").count()
    };
    let worker = "aws_instance.worker[2]";
    let guessable =
        |plan: &mut Value| change(plan, worker)["change"]["before"]["id"] = json!("worker-2");
    let marked =
        |plan: &mut Value| change(plan, worker)["change"]["before_sensitive"]["id"] = json!(true);
    let secret = |plan: &mut Value| {
        let id = change(plan, worker)["change"]["before"]["id"].clone();
        plan["variables"]["token"] = json!({"value": id});
        plan["configuration"]["root_module"]["variables"]["token"] = json!({"sensitive": true});
    };
    assert_eq!(
        [hashed(&guessable), hashed(&marked), hashed(&secret)],
        [1, 1, 1]
    );
}

#[test]
fn objects_behind_hidden_keys_are_only_approved_when_something_else_tells_them_apart() {
    let secret_key = |plan: &mut Value| {
        let worker = change(plan, "aws_instance.worker[2]");
        worker["address"] = json!("aws_instance.worker[\"S3CR3T-key\"]");
        worker["index"] = json!("S3CR3T-key");
        plan["variables"]["token"] = json!({"value": "S3CR3T-key"});
        plan["configuration"]["root_module"]["variables"]["token"] = json!({"sensitive": true});
    };
    let repository = Repository::new();
    repository.plan(DELETES, |plan| {
        secret_key(plan);
        change(plan, "aws_instance.worker[\"S3CR3T-key\"]")["change"]["before"]["id"] = json!("w");
    });
    let output = repository.approve(&["--all"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("hidden"), "{}", err(&output));
    repository.plan(DELETES, secret_key);
    assert_eq!(repository.approve(&["--all"]).status.code(), Some(0));
    assert!(
        !repository.read().contains("S3CR3T"),
        "{}",
        repository.read()
    );
    assert_eq!(repository.code(), 0);
}

#[test]
fn a_damaged_file_ends_the_run() {
    let repository = Repository::new();
    repository.plan(DELETES, |_| ());
    repository.approve_the_one();
    let whole = repository.read();
    let damaged = whole.replace("rule = ", "<<<<<<< HEAD\nrule = ");
    repository.write(FILE, &damaged);
    for args in [
        &["plan.json"][..],
        &["approve", "plan.json"],
        &[
            "approve",
            "plan.json",
            "--all",
            "--reason",
            "x",
            "--by",
            "y",
        ],
    ] {
        let output = repository.run(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        let said = err(&output);
        assert!(
            said.contains("approvals.toml:7 is damaged") && said.contains("<<<<<<< HEAD"),
            "{said}"
        );
        assert_eq!(repository.read(), damaged);
    }
    fs::write(repository.path(FILE), b"version = 1 # \xff").expect("written");
    assert_eq!(repository.run(&["plan.json"]).status.code(), Some(2));
    fs::write(repository.path(FILE), vec![b'#'; (8 << 20) + 1]).expect("written");
    assert!(err(&repository.run(&["plan.json"])).contains("8 MiB"));
    fs::remove_file(repository.path(FILE)).expect("removed");
    fs::create_dir(repository.path(FILE)).expect("made");
    assert_eq!(repository.run(&["plan.json"]).status.code(), Some(2));
}

#[cfg(unix)]
#[test]
fn no_link_is_followed() {
    let repository = Repository::new();
    repository.plan(DELETES, |_| ());
    repository.approve_the_one();
    let file = repository.path(FILE);
    fs::rename(&file, repository.path("elsewhere.toml")).expect("moved");
    std::os::unix::fs::symlink("../elsewhere.toml", &file).expect("linked");
    let output = repository.run(&["plan.json"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("symbolic link"), "{}", err(&output));
    fs::remove_dir_all(repository.path(".tfguard")).expect("removed");
    fs::create_dir(repository.path("real")).expect("made");
    fs::rename(
        repository.path("elsewhere.toml"),
        repository.path("real/approvals.toml"),
    )
    .expect("moved");
    std::os::unix::fs::symlink("real", repository.path(".tfguard")).expect("linked");
    assert_eq!(repository.run(&["plan.json"]).status.code(), Some(2));
}

#[test]
fn the_file_is_found_beside_the_configuration_or_named() {
    let repository = Repository::new();
    repository.plan(DELETES, |_| ());
    repository.approve_the_one();
    fs::create_dir_all(repository.path("a/b")).expect("made");
    let below = |args: &[&str]| {
        let output = command(args).current_dir(repository.path("a/b")).output();
        output.expect("the program runs").status.code()
    };
    assert_eq!(below(&["../../plan.json"]), Some(0));
    fs::remove_file(repository.path("tfguard.toml")).expect("removed");
    // Without a name the stack is called as the directory of the plan: another one.
    assert_eq!(below(&["../../plan.json"]), Some(1));
    repository.is_told("is for the stack app");
    repository.approve_the_one();
    assert_eq!(below(&["../../plan.json"]), Some(0));
    let missing = ["--approvals", "none.toml", "../../plan.json"];
    assert_eq!(below(&missing), Some(1));
    let named = [
        "--approvals",
        "../../.tfguard/approvals.toml",
        "../../plan.json",
    ];
    assert_eq!(below(&named), Some(0));
}

/// The workers of the fixture under a name of their own: one finding each.
fn workers(names: &[&str]) -> impl FnOnce(&mut Value) {
    let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    move |plan| {
        let changes = plan["resource_changes"].as_array_mut().expect("changes");
        let worker = changes.pop().expect("a worker");
        changes.clear();
        for name in names {
            let mut worker = worker.clone();
            worker["address"] = json!(format!("aws_instance.{name}[2]"));
            worker["name"] = json!(name);
            changes.push(worker);
        }
        plan["configuration"]["root_module"]["resources"] = json!([]);
    }
}

#[test]
fn branches_that_approve_different_destroys_merge_without_conflict() {
    let repository = Repository::new();
    let approve = |names: &[&str]| {
        repository.plan(DELETES, workers(names));
        let output = repository.approve(&["--all"]);
        assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    };
    repository.write(".gitignore", "plan.json\n");
    approve(&["b", "h", "r"]);
    repository.commit("three");
    repository.git(&["checkout", "-qb", "left"]);
    approve(&["d"]);
    repository.commit("d");
    repository.git(&["checkout", "-q", "main"]);
    approve(&["a", "k", "z"]);
    repository.commit("a, k and z");
    let merged = repository.git(&["merge", "-q", "-m", "merged", "left"]);
    assert!(merged.status.success(), "{}", out(&merged));
    repository.plan(DELETES, workers(&["a", "b", "d", "h", "k", "r", "z"]));
    let (code, report) = repository.check();
    assert_eq!((code, &report["summary"]["approved"]), (0, &json!(7)));
    // Writing it again changes nothing: what git merged is what tfguard would have written.
    let merged = repository.read();
    repository.plan(DELETES, workers(&["a"]));
    repository.approve_the_one();
    assert_eq!(repository.read(), merged);
}

#[test]
fn branches_that_approve_the_same_otherwise_conflict_or_are_refused() {
    let repository = Repository::new();
    repository.write(".gitignore", "plan.json\n");
    repository.plan(DELETES, |_| ());
    repository.commit("nothing");
    repository.git(&["checkout", "-qb", "left"]);
    repository.approve_the_one();
    repository.commit("left");
    repository.git(&["checkout", "-q", "main"]);
    repository.plan(DELETES, one_worker_less);
    repository.approve_the_one();
    repository.commit("right");
    let merged = repository.git(&["merge", "-q", "-m", "merged", "left"]);
    assert!(!merged.status.success());
    let output = repository.run(&["plan.json"]);
    assert_eq!(output.status.code(), Some(2));
    let said = err(&output)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    assert!(said.contains("a merge was not finished"), "{said}");
}

#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_written_stays_as_it_was() {
    use std::os::unix::fs::PermissionsExt as _;
    let repository = Repository::new();
    repository.plan(DELETES, one_worker_less);
    repository.approve_the_one();
    let before = repository.read();
    let folder = repository.path(".tfguard");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o555)).expect("set");
    repository.plan(DELETES, |_| ());
    let output = repository.approve(&["--all"]);
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).expect("set");
    // Whoever may write anywhere, as root does, has written it whole.
    if output.status.code() == Some(2) {
        assert_eq!(repository.read(), before);
    }
    let left: Vec<_> = common::entries(&folder)
        .iter()
        .map(|path| common::name_of(path))
        .collect();
    assert_eq!(left, ["approvals.toml"]);
}
