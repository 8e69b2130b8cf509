//! The first line of a Markdown report: which comment it is to replace.

mod common;

use common::{command, err, out, root};
use std::fs;
use std::path::Path;

const PLAN: &str = "fixtures/planned-delete/flags-data-loss/plan.json";

/// The key of a report that is made where a stack is, as jobs of a matrix do.
fn key(folder: &Path, plans: &[&str]) -> String {
    let mut args = vec!["-f", "markdown"];
    args.extend(plans);
    let output = command(&args)
        .current_dir(folder)
        .output()
        .expect("the program runs");
    assert_eq!(err(&output), "");
    let page = out(&output);
    let marker = page.lines().next().expect("a line");
    let rest = marker.split_once("key=").expect("a key").1;
    rest.split(' ').next().expect("a word").to_owned()
}

fn repository() -> tempfile::TempDir {
    let top = tempfile::tempdir().expect("a folder");
    fs::create_dir(top.path().join(".git")).expect("a folder");
    for stack in ["envs/dev/app", "envs/prod/app"] {
        let stack = top.path().join(stack);
        fs::create_dir_all(&stack).expect("a folder");
        fs::copy(root().join(PLAN), stack.join("plan.json")).expect("copied");
    }
    top
}

#[test]
fn jobs_of_two_environments_have_comments_of_their_own() {
    let top = repository();
    let stack = |name: &str| top.path().join(name);
    assert_eq!(key(&stack("envs/dev/app"), &["plan.json"]), "envs/dev/app");
    assert_eq!(
        key(&stack("envs/prod/app"), &["plan.json"]),
        "envs/prod/app"
    );
    // From wherever it is run.
    assert_eq!(key(top.path(), &["envs/dev/app/plan.json"]), "envs/dev/app");
    assert_eq!(key(&stack("envs"), &["dev/app"]), "envs/dev/app");
}

#[test]
fn a_name_that_was_given_is_the_key_and_so_is_one_outside_of_repositories() {
    let top = repository();
    fs::write(
        top.path().join("tfguard.toml"),
        "[stack]\nname = \"shop\"\n",
    )
    .expect("written");
    assert_eq!(
        key(&top.path().join("envs/dev/app"), &["plan.json"]),
        "shop"
    );
    let outside = repository();
    fs::remove_dir(outside.path().join(".git")).expect("gone");
    assert_eq!(
        key(&outside.path().join("envs/dev/app"), &["plan.json"]),
        "app"
    );
}
