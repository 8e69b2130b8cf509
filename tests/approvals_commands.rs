//! The commands that approve, as they are printed, pasted and run at once.

mod common;

use common::approving::Repository;
use common::{err, out};
use serde_json::json;
use std::fs;

#[test]
fn the_listing_is_no_command_to_a_ci_system_and_its_commands_work_as_they_are() {
    let repository = Repository::new();
    repository.plan("_review/3-drops-the-queue", |plan| {
        let changes = plan["resource_changes"].as_array_mut().expect("changes");
        changes.retain(|change| change["address"] == "aws_sqs_queue.jobs");
    });
    repository.spread(&["a/app", "b/app"]);
    repository.write("ops/tf guard.toml", "[stack]\nowner = \"x\"\n");
    for plan in ["a/app/plan.json", "b/app/plan.json"] {
        let text = fs::read_to_string(repository.path(plan)).expect("a plan");
        let key = "jobs[\\\"##[error]x ##vso[task.complete]\\\"]";
        let text = text.replace("aws_sqs_queue.jobs", &format!("aws_sqs_queue.{key}"));
        repository.write(plan, &text);
    }
    let given = [
        "a/app/plan.json",
        "b/app/plan.json",
        "--config",
        "ops/tf guard.toml",
        "--approvals",
        "ops/ok.toml",
    ];
    let run = |first: &[&str]| repository.run(&[first, &given].concat());
    assert_eq!(run(&["-q"]).status.code(), Some(1));
    let listed = out(&run(&["approve"]));
    let commands: Vec<_> = listed
        .lines()
        .filter(|line| line.contains("--finding"))
        .collect();
    assert_eq!(commands.len(), 2, "{listed}");
    let mut said = listed.clone();
    for command in commands {
        let output = repository.paste(command.trim());
        assert_eq!(output.status.code(), Some(0), "{command} {}", err(&output));
        said += &out(&output);
    }
    assert!(!said.contains("##[") && !said.contains("##vso["), "{said}");
    assert_eq!(run(&["-q"]).status.code(), Some(0));
    // The one at the end of the check as well.
    fs::remove_file(repository.path("ops/ok.toml")).expect("removed");
    for left in [1, 0] {
        let text = out(&run(&["-q"]));
        let last = text.lines().last().expect("a command").trim();
        assert_eq!(repository.paste(last).status.code(), Some(0), "{last}");
        assert_eq!(run(&["-q"]).status.code(), Some(left));
    }
}

#[test]
fn of_approvals_at_once_none_is_lost() {
    const MANY: usize = 8;
    let repository = Repository::new();
    repository.plan("planned-delete/flags-count-decreased", |plan| {
        let changes = plan["resource_changes"].as_array_mut().expect("changes");
        let worker = changes.pop().expect("a worker");
        changes.clear();
        for nth in 0..MANY {
            let mut worker = worker.clone();
            worker["address"] = json!(format!("aws_instance.w{nth}[2]"));
            worker["name"] = json!(format!("w{nth}"));
            changes.push(worker);
        }
        plan["configuration"]["root_module"]["resources"] = json!([]);
    });
    let (_, report) = repository.check();
    let findings = report["findings"].as_array().expect("findings");
    let errors = findings
        .iter()
        .filter(|finding| finding["severity"] == "error");
    let prints: Vec<_> = errors
        .filter_map(|finding| finding["fingerprint"].as_str())
        .collect();
    assert_eq!(prints.len(), MANY);
    let done: Vec<_> = std::thread::scope(|scope| {
        let repository = &repository;
        let running = prints
            .iter()
            .map(|print| scope.spawn(move || repository.approve(&["--finding", print])));
        let running: Vec<_> = running.collect();
        running
            .into_iter()
            .map(|one| one.join().expect("done"))
            .collect()
    });
    for output in &done {
        assert_eq!(output.status.code(), Some(0), "{}", err(output));
    }
    assert_eq!(repository.code(), 0, "{}", repository.read());
    let left: Vec<_> = common::entries(&repository.path(".tfguard"))
        .iter()
        .map(|path| common::name_of(path))
        .collect();
    assert_eq!(left, ["approvals.toml"]);
}
