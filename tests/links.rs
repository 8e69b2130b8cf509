//! Whoever opens a pull request writes `tfguard.toml`: it is not to bring the lines of other files into the log.
#![cfg(unix)]

mod common;

use common::{command, err, out, root};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Output;

const SECRET: &str = "AKIAWHATEVER0000";

fn check(folder: &Path, args: &[&str]) -> Output {
    let plan = root().join("fixtures/planned-delete/flags-data-loss/plan.json");
    command(args)
        .arg(plan)
        .current_dir(folder)
        .output()
        .expect("the program runs")
}

/// A run that stops and shows nothing of the secret.
fn refused(folder: &Path, args: &[&str]) -> String {
    let output = check(folder, args);
    assert_eq!(output.status.code(), Some(2), "{}", out(&output));
    let error = err(&output);
    assert!(
        !error.contains(SECRET) && !error.contains("aws_"),
        "{error}"
    );
    assert!(error.contains("help: "), "{error}");
    error.replace("\n  │ ", " ")
}

fn folders() -> (tempfile::TempDir, tempfile::TempDir) {
    let folders = [(); 2].map(|()| tempfile::tempdir().expect("a folder"));
    let [repository, outside] = folders;
    fs::create_dir(repository.path().join(".git")).expect("a folder");
    (repository, outside)
}

#[test]
fn a_configuration_that_links_out_of_the_repository_is_refused() {
    let (repository, outside) = folders();
    for (name, text) in [
        (
            "credentials",
            format!("[default]\naws_secret_access_key = {SECRET}\n"),
        ),
        ("key", format!("{SECRET}\n")),
        (
            "other.toml",
            format!("aws_secret_access_key = \"{SECRET}\"\n"),
        ),
    ] {
        let file = outside.path().join(name);
        fs::write(&file, text).expect("written");
        let link = repository.path().join("tfguard.toml");
        symlink(&file, &link).expect("linked");
        let error = refused(repository.path(), &[]);
        assert!(error.contains("leaves the repository"), "{error}");
        fs::remove_file(&link).expect("gone");
    }
    symlink("/nowhere/at/all", repository.path().join("tfguard.toml")).expect("linked");
    refused(repository.path(), &[]);
}

#[test]
fn a_link_within_the_repository_is_followed_and_never_quoted() {
    let (repository, _) = folders();
    let top = repository.path();
    fs::write(top.join("shared.toml"), "fail_on = \"never\"\n").expect("written");
    symlink("shared.toml", top.join("tfguard.toml")).expect("linked");
    assert_eq!(check(top, &[]).status.code(), Some(0));
    // What a checkout leaves there is a token.
    for text in [
        format!("extraheader = {SECRET}\n"),
        format!("fail_on = \"{SECRET}\"\n"),
    ] {
        fs::write(top.join(".git/config"), text).expect("written");
        fs::remove_file(top.join("tfguard.toml")).expect("gone");
        symlink(".git/config", top.join("tfguard.toml")).expect("linked");
        refused(top, &[]);
    }
}

#[test]
fn files_of_other_names_are_never_quoted_and_ours_are() {
    let (repository, outside) = folders();
    let top = repository.path();
    let odd = outside.path().join("credentials");
    fs::write(&odd, format!("fail_on = \"{SECRET}\"\n")).expect("written");
    refused(top, &["--config", odd.to_str().expect("UTF-8")]);
    fs::write(top.join("tfguard.toml"), "fail_on = \"erorr\"\n").expect("written");
    let shown = err(&check(top, &[]));
    assert!(shown.contains("1 │ fail_on = \"erorr\""), "{shown}");
}

#[test]
fn durations_that_a_configuration_names_outside_of_the_repository_are_never_quoted() {
    let (repository, outside) = folders();
    let top = repository.path();
    let text = format!("[registry]\ntoken = \"{SECRET}\"\n");
    for name in ["credentials.toml", "credentials"] {
        let file = outside.path().join(name);
        fs::write(&file, &text).expect("written");
        let toml = format!("durations = \"{}\"\n", file.display());
        fs::write(top.join("tfguard.toml"), toml).expect("written");
        refused(top, &[]);
    }
    fs::write(top.join("durations.toml"), "[aws_lb]\ncreate = 3\n").expect("written");
    fs::write(top.join("tfguard.toml"), "durations = \"durations.toml\"\n").expect("written");
    let shown = err(&check(top, &[]));
    assert!(shown.contains("create = 3"), "{shown}");
}
