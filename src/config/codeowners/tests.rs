use super::{Codeowners, Dialect, dialect, github, gitlab};
use crate::input::source::OwnersFile;
use proptest::prelude::*;

fn file(name: &str, text: &str) -> OwnersFile {
    OwnersFile {
        name: name.to_owned(),
        text: text.to_owned(),
        base: String::new(),
        on_gitlab: false,
    }
}

/// Each path of a table with its owners, joined.
fn holds(codeowners: &Codeowners, table: &[(&str, &str)]) {
    for (path, want) in table {
        assert_eq!(codeowners.owners(path).join(" "), *want, "{path}");
    }
}

#[test]
fn on_github_the_last_line_that_matches_counts() {
    let text = "# all\n*       @acme/all\n*.tf @acme/tf # inline @no\n/stacks/app/ @acme/app ops@acme.test\napps/ @apps\n/docs/* @docs\nlogs/**/x @deep\n/stacks/app/gen\n";
    holds(
        &github(text),
        &[
            ("README", "@acme/all"),
            ("a/b/main.tf", "@acme/tf"),
            ("stacks/app/main.tf", "@acme/app ops@acme.test"),
            ("stacks/app/gen/x.tf", ""),
            ("stacks/app/generated.tf", "@acme/app ops@acme.test"),
            ("x/stacks/app/y", "@acme/all"),
            ("x/apps/y/z", "@apps"),
            ("apps", "@acme/all"),
            ("docs/a", "@docs"),
            ("docs/a/b", "@acme/all"),
            ("logs/x", "@deep"),
            ("logs/a/b/x", "@deep"),
            ("logs/a/b/x/y", "@deep"),
        ],
    );
}

#[test]
fn on_github_a_path_without_slash_matches_at_any_depth_and_one_with_a_slash_does_not() {
    let text = "modules @m\nmodules/net @n\n/top @t\n**/leaf/ @l\nabc/** @abc\n";
    holds(
        &github(text),
        &[
            ("modules/x.tf", "@m"),
            ("a/modules/b/x.tf", "@m"),
            ("modules/net/x.tf", "@n"),
            ("a/modules/net/x.tf", "@m"),
            ("top/x", "@t"),
            ("a/top/x", ""),
            ("a/b/leaf/x", "@l"),
            ("leaf", ""),
            ("abc/d/e", "@abc"),
            ("abc", ""),
        ],
    );
}

#[test]
fn lines_that_github_does_not_understand_are_passed_over() {
    let text = "* @all\n!*.tf @x\n[a-z].tf @y\n*.tf not-an-owner\n\\#odd.tf @hash\na\\ b/ @space\n/ @nothing\n@\n";
    holds(
        &github(text),
        &[
            ("main.tf", "@all"),
            ("#odd.tf", "@hash"),
            ("a b/main.tf", "@space"),
        ],
    );
}

#[test]
fn on_gitlab_sections_are_judged_by_themselves_and_united() {
    let text = "* @admin\n[Network][2] @net @ops\nmodules/network/\n/stacks/ @stacks\n^[Docs] @docs\n*.md\n[NETWORK]\n/stacks/edge/ @edge\n";
    holds(
        &gitlab(text),
        &[
            ("x", "@admin"),
            ("modules/network/main.tf", "@admin @net @ops"),
            ("a/modules/network/sub/main.tf", "@admin @net @ops"),
            ("stacks/app/main.tf", "@admin @stacks"),
            ("stacks/edge/main.tf", "@admin @edge"),
            ("a/README.md", "@admin @docs"),
        ],
    );
}

#[test]
fn on_gitlab_what_is_excluded_stays_out_of_its_section() {
    let text = "* @all\n!/vendor/\n/vendor/ours/ @ours\n[TF]\n*.tf @tf # @also\n/empty/\n";
    holds(
        &gitlab(text),
        &[
            ("vendor/x", ""),
            ("vendor/ours/x", ""),
            ("vendor/x.tf", "@tf @also"),
            ("empty/x.tf", "@all"),
        ],
    );
}

#[test]
fn on_gitlab_only_a_trailing_slash_means_all_below() {
    let text = "docs @file\n/lib/ @lib\n/a/** @one\n/b/**/x @b\n/c/**/ @c\n[un\\ finished @odd\n\\#x @hash\n";
    holds(
        &gitlab(text),
        &[
            ("docs", "@file"),
            ("docs/x", ""),
            ("lib/a/b", "@lib"),
            ("a/x", "@one"),
            ("a/b/x", ""),
            ("b/x", "@b"),
            ("b/c/d/x", "@b"),
            ("c/x", "@c"),
            ("#x", "@hash"),
        ],
    );
}

#[test]
fn the_dialect_is_told_by_the_place_and_by_what_only_one_forge_knows() {
    let table = [
        (".github/CODEOWNERS", "[x]\n* @a", Dialect::GitHub),
        ("CODEOWNERS", "* @a\n", Dialect::GitHub),
        ("CODEOWNERS", "[Section] @a\n*", Dialect::GitLab),
        ("CODEOWNERS", "^[Section][3] @a\n*", Dialect::GitLab),
        ("CODEOWNERS", "* @a\n!x\n", Dialect::GitLab),
        ("docs/CODEOWNERS", "[abc].tf @a\n", Dialect::GitHub),
    ];
    for (name, text, want) in table {
        assert_eq!(dialect(&file(name, text)), want, "{name} {text}");
    }
    let on_gitlab = OwnersFile {
        on_gitlab: true,
        ..file("CODEOWNERS", "* @a")
    };
    assert_eq!(dialect(&on_gitlab), Dialect::GitLab);
}

#[test]
fn paths_are_relative_to_where_the_file_lies() {
    let codeowners = Codeowners::read(&OwnersFile {
        base: "stacks/app/".to_owned(),
        ..file("CODEOWNERS", "/main.tf @a\n")
    });
    assert_eq!(codeowners.owners("stacks/app/main.tf"), ["@a"]);
    assert_eq!(codeowners.owners("main.tf"), [""; 0]);
}

#[test]
fn hostile_patterns_end_in_time() {
    let stars = "a*".repeat(2_000);
    let deep = "**/a/".repeat(2_000);
    let text = format!("{stars}b @x\n/{deep}b @y\n{}\n", "\\".repeat(100_000));
    let path = format!("{}c", "a/".repeat(2_000));
    for codeowners in [github(&text), gitlab(&text)] {
        assert_eq!(codeowners.owners(&path), [""; 0]);
        assert_eq!(codeowners.owners(&"a".repeat(4_000)), [""; 0]);
    }
}

proptest! {
    #[test]
    fn any_file_is_read_and_any_path_looked_up(text in "[ab*?/!\\[\\]#@\\\\ \n^]{0,80}", path in "[ab/]{0,20}") {
        github(&text).owners(&path);
        gitlab(&text).owners(&path);
    }
}
