//! A pull request that destroys a database, from red to green and red again, in a real git repository: what its author,
//! its reviewer and CI do, one after the other, with the comment and the SARIF of each step.

mod common;

use common::{command, err, out, root};
use serde_json::Value;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};
use tempfile::TempDir;

const DATABASE: &str = "planned-delete|orders-prod|aws_db_instance.orders|config_removed";
const QUEUE: &str = "planned-delete|orders-prod|aws_sqs_queue.jobs|config_removed";

struct Repository(TempDir);

/// What CI has after a run of the check.
struct Run {
    code: Option<i32>,
    text: String,
    comment: String,
    sarif: Value,
}

impl Repository {
    /// The stack as it is applied, on `main`, with who must review what.
    fn new() -> Self {
        let repository = Self(tempfile::tempdir().expect("a folder"));
        repository.git("alice", &["init", "-q", "-b", "main"]);
        repository.take("before");
        repository.write(
            "tfguard.toml",
            "[stack]\nname = \"orders-prod\"\n[ownership]\ncodeowners = true\n",
        );
        let owners = "/*.tf  @acme/orders\n/.tfguard/approvals.toml  @acme/platform\n/tfguard.toml  @acme/platform\n";
        repository.write("CODEOWNERS", owners);
        repository.write(".gitignore", "plan.json\n");
        repository.commit("alice", "The orders stack");
        repository
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("written");
    }

    /// Takes the sources of a step of the recorded pull request, and its plan as CI makes it.
    fn take(&self, step: &str) {
        for path in common::entries(&root().join("fixtures/_review").join(step)) {
            fs::copy(&path, self.path(&common::name_of(&path))).expect("copied");
        }
    }

    fn git(&self, who: &str, args: &[&str]) -> String {
        let mail = format!("user.email={who}@example.com");
        let output = Command::new("git")
            .args(["-c", &format!("user.name={who}"), "-c", &mail])
            .args(args)
            .current_dir(self.0.path())
            .env("HOME", self.0.path())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .output()
            .expect("git runs");
        assert!(output.status.success(), "{args:?}: {}", err(&output));
        out(&output)
    }

    fn commit(&self, who: &str, what: &str) {
        self.git(who, &["add", "-A"]);
        self.git(who, &["commit", "-qm", what]);
    }

    fn tfguard(&self, args: &[&str]) -> Output {
        let mut command = command(args);
        command
            .current_dir(self.0.path())
            .env("HOME", self.0.path());
        command.output().expect("the program runs")
    }

    /// The job of CI, on a clean checkout of what is committed.
    fn ci(&self) -> Run {
        assert_eq!(self.git("ci", &["status", "--porcelain"]), "");
        let args = "-f text -f markdown=comment.md -f sarif=tfguard.sarif plan.json";
        let output = self.tfguard(&args.split(' ').collect::<Vec<_>>());
        assert_eq!(err(&output), "");
        let read = |name: &str| {
            let text = fs::read_to_string(self.path(name)).expect("a report");
            fs::remove_file(self.path(name)).expect("removed");
            text
        };
        Run {
            code: output.status.code(),
            text: out(&output),
            comment: read("comment.md"),
            sarif: serde_json::from_str(&read("tfguard.sarif")).expect("JSON"),
        }
    }
}

impl Run {
    /// What code scanning shows: rule and message of each result.
    fn alerts(&self) -> Vec<String> {
        let results = self.sarif["runs"][0]["results"].as_array();
        let results = results.expect("results, even if there are none");
        let shown = results.iter().map(|result| {
            let text = |value: &Value| value.as_str().expect("text").to_owned();
            format!(
                "{}: {}",
                text(&result["ruleId"]),
                text(&result["message"]["text"])
            )
        });
        shown.collect()
    }

    fn marker(&self) -> &str {
        let line = self.comment.lines().next().expect("a first line");
        line.split(" v=1").next().expect("a marker")
    }
}

#[test]
fn a_pull_request_goes_from_red_to_approved_to_green_to_red_again() {
    let repository = Repository::new();
    repository.git("alice", &["switch", "-qc", "drop-database"]);
    repository.take("1-drops-the-database");
    repository.commit("alice", "The database has moved");

    // Red: the plan destroys a database.
    let red = repository.ci();
    assert_eq!(red.code, Some(1), "{}", red.text);
    insta::assert_snapshot!("red", red.comment);
    assert!(red.comment.contains("Data at stake"), "{}", red.comment);
    assert!(
        red.alerts()
            .iter()
            .any(|alert| alert.contains("aws_db_instance.orders"))
    );

    // The last line says what to do. It takes all that is open but what loses data.
    assert!(
        red.text.contains(&format!("--finding '{DATABASE}'")),
        "{}",
        red.text
    );
    let all = repository.tfguard(&["approve", "plan.json", "--all", "--reason", "it is meant"]);
    assert_eq!(all.status.code(), Some(2), "{}", out(&all));
    assert!(
        err(&all).contains("--all does not approve what loses data"),
        "{}",
        err(&all)
    );
    assert!(!repository.path(".tfguard").exists());

    // A second person does it, in the same pull request.
    let args = [
        "approve",
        "plan.json",
        "--finding",
        DATABASE,
        "--reason",
        "OPS-12: moved to the new cluster",
        "--by",
        "bob <bob@example.com>",
        "--expires",
        "2096-12-31",
    ];
    let approved = repository.tfguard(&args);
    assert_eq!(approved.status.code(), Some(0), "{}", err(&approved));
    repository.commit("bob", "Approve the destroy of the orders database");
    let changed = repository.git("ci", &["show", "--name-only", "--format=%an", "HEAD"]);
    assert_eq!(
        changed.split_whitespace().collect::<Vec<_>>(),
        ["bob", ".tfguard/approvals.toml"]
    );

    // Green, and everybody sees who consented to what.
    let green = repository.ci();
    assert_eq!(green.code, Some(0), "{}", green.text);
    insta::assert_snapshot!("green", green.comment);
    assert!(green.comment.contains("bob") && green.comment.contains("OPS-12"));
    assert_eq!(
        green.marker(),
        red.marker(),
        "one comment, brought up to date"
    );
    assert!(
        green
            .alerts()
            .iter()
            .all(|alert| !alert.contains("aws_db_instance"))
    );

    // An unrelated commit and a new plan: the consent holds.
    repository.take("2-planned-anew");
    repository.commit("alice", "A larger machine for the API");
    let again = repository.ci();
    assert_eq!(again.code, Some(0), "{}", again.text);

    // A second destroy slips in: red again, for that one alone.
    repository.take("3-drops-the-queue");
    repository.commit("alice", "The queue as well");
    let slipped = repository.ci();
    assert_eq!(slipped.code, Some(1), "{}", slipped.text);
    insta::assert_snapshot!("slipped", slipped.comment);
    insta::assert_snapshot!("slipped_text", slipped.text);
    let destroys: Vec<_> = slipped
        .alerts()
        .into_iter()
        .filter(|a| a.starts_with("planned-delete"))
        .collect();
    assert!(
        destroys.len() == 1 && destroys[0].contains("aws_sqs_queue.jobs"),
        "{destroys:?}"
    );
    assert!(
        slipped.text.contains(&format!("--finding '{QUEUE}'")),
        "{}",
        slipped.text
    );
    assert!(!slipped.text.contains(&format!("--finding '{DATABASE}'")));

    // What was approved on the branch is approved on main once it is merged, and nowhere before.
    repository.git("alice", &["switch", "-q", "main"]);
    repository.take("1-drops-the-database");
    repository.commit("mallory", "Drop it without asking");
    assert_eq!(repository.ci().code, Some(1));
}
