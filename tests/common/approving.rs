//! A git repository in which destroys are approved.

use super::{command, err, root};
use serde_json::Value;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};
use tempfile::TempDir;

pub(crate) const FILE: &str = ".tfguard/approvals.toml";

/// A repository with a stack of a name in it.
pub(crate) struct Repository(TempDir);

impl Repository {
    pub(crate) fn new() -> Self {
        let repository = Self(tempfile::tempdir().expect("a folder"));
        repository.git(&["init", "-q", "-b", "main"]);
        repository.write("tfguard.toml", "[stack]\nname = \"app\"\n");
        repository
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, text).expect("written");
    }

    pub(crate) fn read(&self) -> String {
        fs::read_to_string(self.path(FILE)).expect("approvals")
    }

    pub(crate) fn git(&self, args: &[&str]) -> Output {
        let mut git = Command::new("git");
        git.args([
            "-c",
            "user.name=Alice",
            "-c",
            "user.email=alice@example.com",
        ]);
        let output = git
            .args(args)
            .current_dir(self.0.path())
            .env("HOME", self.0.path())
            .output();
        output.expect("git runs")
    }

    pub(crate) fn commit(&self, what: &str) {
        self.git(&["add", "-A"]);
        let output = self.git(&["commit", "-qm", what]);
        assert!(output.status.success(), "{}", err(&output));
    }

    /// Takes the plan of a fixture, changed.
    pub(crate) fn plan(&self, fixture: &str, change: impl FnOnce(&mut Value)) {
        let text = fs::read_to_string(root().join("fixtures").join(fixture).join("plan.json"));
        let mut plan = serde_json::from_str(&text.expect("a plan")).expect("JSON");
        change(&mut plan);
        self.write("plan.json", &plan.to_string());
    }

    /// Puts the plan into directories, and takes the name of the stack away.
    pub(crate) fn spread(&self, directories: &[&str]) {
        fs::remove_file(self.path("tfguard.toml")).expect("removed");
        let plan = fs::read_to_string(self.path("plan.json")).expect("a plan");
        for directory in directories {
            self.write(&format!("{directory}/plan.json"), &plan);
        }
    }

    pub(crate) fn run(&self, args: &[&str]) -> Output {
        let mut command = command(args);
        let output = command
            .current_dir(self.0.path())
            .env("HOME", self.0.path())
            .output();
        output.expect("the program runs")
    }

    pub(crate) fn check(&self) -> (i32, Value) {
        let output = self.run(&["-f", "json", "plan.json"]);
        let code = output.status.code().expect("an exit code");
        let report =
            serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", err(&output)));
        (code, report)
    }

    pub(crate) fn code(&self) -> i32 {
        self.check().0
    }

    pub(crate) fn approve(&self, args: &[&str]) -> Output {
        let given = [
            "approve",
            "plan.json",
            "--by",
            "Bob",
            "--reason",
            "fewer workers",
        ];
        self.run(&[&given, args].concat())
    }

    /// The fingerprint of the one finding of the plan that fails it.
    pub(crate) fn fingerprint(&self) -> String {
        let (_, report) = self.check();
        let findings = report["findings"].as_array().expect("findings");
        let mut errors = findings
            .iter()
            .filter(|finding| finding["severity"] == "error");
        let fingerprint = errors.next().expect("an error")["fingerprint"].as_str();
        assert!(errors.next().is_none());
        fingerprint.expect("text").to_owned()
    }

    pub(crate) fn approve_the_one(&self) {
        let output = self.approve(&["--finding", &self.fingerprint()]);
        assert_eq!(output.status.code(), Some(0), "{}", err(&output));
        assert_eq!(self.code(), 0, "{}", self.read());
    }

    /// The notes and messages of the check, of which one must say something.
    pub(crate) fn is_told(&self, what: &str) {
        let (_, report) = self.check();
        let findings = report["findings"].as_array().expect("findings");
        let messages = findings
            .iter()
            .map(|finding| finding["message"].to_string());
        let said: String = messages.collect();
        let notes = report["stacks"][0]["notes"].to_string();
        assert!(
            said.contains(what) || notes.contains(what),
            "{what}: {said} {notes}"
        );
    }

    /// A command that was printed, done as a shell does it, by somebody with a reason.
    pub(crate) fn paste(&self, command: &str) -> Output {
        let program = std::path::Path::new(env!("CARGO_BIN_EXE_tfguard"));
        let folder = program.parent().expect("a folder").display();
        let path = format!("{folder}:{}", std::env::var("PATH").unwrap_or_default());
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("{command} --by Bob")]);
        shell.current_dir(self.0.path()).env("PATH", path);
        shell.output().expect("a shell")
    }
}

/// A change of the plan, by address.
pub(crate) fn change<'p>(plan: &'p mut Value, address: &str) -> &'p mut Value {
    let changes = plan["resource_changes"].as_array_mut().expect("changes");
    let mut found = changes
        .iter_mut()
        .filter(|change| change["address"] == address);
    found.next().expect("the address")
}
