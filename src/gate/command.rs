//! The command that approves a finding, wherever one is shown: for a POSIX shell, in inputs and files the same run.

use crate::input::path::is_piped;
use crate::safe::safe;
use std::path::{Path, PathBuf};

/// What a run was given on its command line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Given {
    /// The plans.
    pub plans: Vec<String>,
    /// `--source`.
    pub source: Option<PathBuf>,
    /// `--graph`.
    pub graph: Option<String>,
    /// `--terraform`.
    pub terraform: Option<PathBuf>,
    /// `--config`.
    pub config: Option<PathBuf>,
    /// `--approvals`.
    pub approvals: Option<PathBuf>,
}

impl Given {
    /// The command that approves a finding of these plans.
    pub fn approval(&self, plans: &[String], fingerprint: &str) -> String {
        let path = |path: &Option<PathBuf>| Some(shown(path.as_deref()?));
        let options = [
            ("--source", path(&self.source)),
            ("--graph", self.graph.clone()),
            ("--terraform", path(&self.terraform)),
            ("--config", path(&self.config)),
            ("--approvals", path(&self.approvals)),
        ];
        let options = options.into_iter();
        let options = options.filter_map(|(name, value)| Some((name, value?)));
        let options = options.map(|(name, value)| format!(" {name} {}", word(&value)));
        let plans = plans.iter().map(|plan| format!(" {}", argument(plan)));
        let inputs: String = plans.chain(options).collect();
        let finding = quoted(fingerprint);
        safe(&format!(
            "tfguard approve{inputs} --finding {finding} --reason '...'"
        ))
    }
}

fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// A plan as an argument that is no option. What came through a pipe has to be a file.
fn argument(plan: &str) -> String {
    match plan {
        plan if is_piped(plan) => "plan.json".to_owned(),
        plan if plan.starts_with('-') => word(&format!("./{plan}")),
        plan => word(plan),
    }
}

/// A word of a command, as it stands where it means nothing to a shell.
fn word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./=:@%+,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    quoted(text)
}

/// A word in which nothing means anything: within single quotes only the quote itself does. The marks of commands to a
/// CI system are taken apart, which to a shell is the same word.
fn quoted(text: &str) -> String {
    let text = text.replace('\'', r"'\''");
    let text = text.replace("##[", "#''#[").replace("##vso[", "#''#vso[");
    format!("'{text}'")
}

#[cfg(test)]
mod tests {
    use super::{Given, argument, quoted, word};
    use crate::safe::inert;

    #[test]
    fn a_shell_runs_nothing_of_what_is_quoted() {
        assert_eq!(quoted("a|b"), "'a|b'");
        assert_eq!(quoted("'; rm -rf / #"), r"''\''; rm -rf / #'");
        assert_eq!(quoted("$(x)`y`\\"), r"'$(x)`y`\'");
        assert_eq!(quoted("it's $(id)"), r"'it'\''s $(id)'");
        assert_eq!(word("app/plan.json"), "app/plan.json");
        assert_eq!(word("~/$x"), "'~/$x'");
        assert_eq!(word(""), "''");
        assert_eq!(argument("-f a"), "'./-f a'");
        assert_eq!(argument("-"), "plan.json");
    }

    #[test]
    fn a_command_that_is_shown_is_none_to_a_ci_system_and_the_same_to_a_shell() {
        for hostile in ["x[\"##[error]y\"]", "###[e]", "##vso[task.x]", "'##['"] {
            let command = Given::default().approval(&["p".to_owned()], hostile);
            assert_eq!(inert(&command), command);
            let echo = format!("printf %s {}", quoted(hostile));
            let shell = std::process::Command::new("sh")
                .args(["-c", &echo])
                .output();
            let said = shell.map(|output| String::from_utf8(output.stdout));
            assert!(said.is_err() || said.is_ok_and(|said| said.as_deref() == Ok(hostile)));
        }
    }

    #[test]
    fn what_the_run_was_given_is_given_again() {
        let given = Given {
            config: Some("ops/tf guard.toml".into()),
            approvals: Some("a.toml".into()),
            ..Given::default()
        };
        let plans = ["a/plan.json".to_owned(), "b/*.json".to_owned()];
        assert_eq!(
            given.approval(&plans, "r|s|x"),
            "tfguard approve a/plan.json 'b/*.json' --config 'ops/tf guard.toml' --approvals a.toml --finding 'r|s|x' --reason '...'"
        );
    }
}
