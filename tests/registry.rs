//! Rules, pages, fixtures, README and modules hold together. `TFGUARD_UPDATE=1` rewrites what is generated.

mod common;

use common::{check_with, entries, name_of, root, run_in_copy, shown};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use tfguard::report::{Format, Style};
use tfguard::rules::{Family, Meta, RULES};

const HEADINGS: [&str; 7] = [
    "## What it flags",
    "## Why it matters",
    "## Example",
    "## What to do",
    "## Options",
    "## Facts",
    "## What it does not see",
];

fn metas() -> impl Iterator<Item = &'static Meta> {
    RULES.iter().map(|rule| rule.meta())
}

fn read(path: &str) -> String {
    let read = std::fs::read_to_string(root().join(path));
    read.unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Compares a generated text with the file, or rewrites the file when asked to.
fn settle(path: &str, want: &str) {
    if std::env::var_os("TFGUARD_UPDATE").is_some() {
        std::fs::write(root().join(path), want).expect("written");
    }
    assert!(
        read(path) == want,
        "{path} is out of date: run the tests with TFGUARD_UPDATE=1"
    );
}

#[test]
fn ids_are_sorted_unique_and_name_the_problem() {
    let ids: Vec<_> = metas().map(|meta| meta.id).collect();
    assert!(ids.is_sorted_by(|a, b| a < b), "{ids:?}");
    for id in ids {
        assert!(
            id.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'),
            "{id}"
        );
        assert!(
            !["no-", "ban-", "avoid-"]
                .iter()
                .any(|prefix| id.starts_with(prefix)),
            "{id}"
        );
    }
}

#[test]
fn every_rule_lives_in_a_file_of_its_name() {
    for meta in metas() {
        let file = format!(
            "src/rules/{}/{}.rs",
            meta.family.word(),
            meta.id.replace('-', "_")
        );
        assert!(root().join(&file).is_file(), "{} has no {file}", meta.id);
    }
}

#[test]
fn every_page_has_its_headings_and_begins_with_the_summary() {
    for meta in metas() {
        let page = meta.page;
        assert!(
            page.starts_with(&format!("# {}\n\n{}\n", meta.id, meta.summary)),
            "{}",
            meta.id
        );
        let found: Vec<_> = page
            .lines()
            .filter(|line| line.starts_with("## "))
            .collect();
        assert_eq!(found, HEADINGS, "{}", meta.id);
        assert_eq!(page.matches("```").count() % 2, 0, "{}", meta.id);
        assert!(
            meta.summary.len() <= 80 && meta.summary.ends_with('.'),
            "{}",
            meta.id
        );
        for option in meta.options {
            assert!(
                page.contains(&format!("`{}` ({})", option.name, option.default)),
                "{} {}",
                meta.id,
                option.name
            );
        }
    }
}

#[test]
fn every_page_says_what_a_baseline_makes_of_its_findings() {
    for rule in RULES {
        let meta = rule.meta();
        let facts = meta.page.split("\n## Facts\n").nth(1).expect("a heading");
        let facts = facts.split("\n## ").next().expect("a text");
        for measure in rule.measures() {
            let (described, compared) = facts.rsplit_once("A finding of a baseline").expect("told");
            let name = format!("`{measure}`");
            assert!(
                described.contains(&name) && compared.contains(&name),
                "{} {measure}",
                meta.id
            );
        }
        let events = [Family::Destroy, Family::Trust].contains(&meta.family);
        assert!(!events || facts.contains("aseline"), "{}", meta.id);
    }
}

#[test]
fn pages_and_fixtures_belong_to_rules() {
    let ids: BTreeSet<_> = metas().map(|meta| meta.id.to_owned()).collect();
    let pages: BTreeSet<_> = entries(&root().join("rules"))
        .iter()
        .filter(|page| page.is_file())
        .map(|page| name_of(page).replace(".md", ""))
        .collect();
    assert_eq!(pages, ids);
    for id in &ids {
        let cases: Vec<_> = entries(&root().join("fixtures").join(id))
            .iter()
            .map(|case| name_of(case))
            .collect();
        for kind in ["flags-", "allows-"] {
            assert!(
                cases.iter().any(|case| case.starts_with(kind)),
                "{id} has no {kind} fixture"
            );
        }
    }
    let folders = entries(&root().join("fixtures"))
        .into_iter()
        .filter(|path| path.is_dir());
    let folders: BTreeSet<_> = folders
        .map(|path| name_of(&path))
        .filter(|name| !name.starts_with('_') && name != "provider")
        .collect();
    assert_eq!(folders, ids);
}

/// Fills the blocks of a page whose fence names a fixture with what tfguard prints for it: a report, the durations in
/// a log, or after `$ tfguard` what that prints in a copy of a repository.
fn filled(page: &str, only: Option<&str>) -> String {
    let (mut out, mut skipping) = (String::new(), false);
    for line in page.lines() {
        if skipping && line != "```" {
            continue;
        }
        skipping = false;
        let _ = writeln!(out, "{line}");
        if let Some((case, args)) = line
            .strip_prefix("```text ")
            .and_then(|rest| rest.split_once(" $ tfguard "))
        {
            let args: Vec<_> = args.split(' ').collect();
            out.push_str(&common::out(&run_in_copy(&root().join(case), &args)));
            skipping = true;
        } else if let Some(case) = line.strip_prefix("```text ") {
            let (case, source) = match case.strip_suffix(" source") {
                Some(case) => (case, true),
                None => (case, false),
            };
            let case = root().join(case);
            if only.is_none() {
                out.push_str(&printed(&case, source));
            } else {
                let report = check_with(&case, only, source);
                out.push_str(&shown(&report, Format::Text, Style::default()));
            }
            skipping = true;
        }
        if let Some(log) = line.strip_prefix("```toml ") {
            out.push_str(&common::out(&common::run(&["calibrate", log])));
            skipping = true;
        }
    }
    out
}

/// What the program prints on a case: pages that are not about one rule show what their reader sees.
fn printed(case: &Path, source: bool) -> String {
    let sources = source.then(|| ["--source".to_owned(), common::relative(&case.join("after"))]);
    let args: Vec<String> = common::plans(case)
        .into_iter()
        .chain(sources.into_iter().flatten())
        .collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    common::out(&common::run(&args))
}

#[test]
fn examples_of_the_pages_are_what_tfguard_prints() {
    for meta in metas() {
        let path = format!("rules/{}.md", meta.id);
        settle(&path, &filled(&read(&path), Some(meta.id)));
    }
}

#[test]
fn the_guides_show_what_tfguard_prints() {
    for guide in entries(&root().join("docs")) {
        let path = common::relative(&guide);
        settle(&path, &filled(&read(&path), None));
    }
}

#[test]
fn links_between_the_documents_lead_somewhere() {
    let guides = entries(&root().join("docs")).into_iter();
    let pages = entries(&root().join("rules")).into_iter();
    let pages = pages.filter(|page| page.is_file());
    let documents = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"].map(|name| root().join(name));
    let mut links = 0;
    for document in documents.into_iter().chain(guides).chain(pages) {
        let text = std::fs::read_to_string(&document).expect("text");
        for (link, _) in text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split_once(')'))
        {
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            if path.starts_with("http") || path.contains(char::is_whitespace) {
                continue;
            }
            let target = match path {
                "" => document.clone(),
                _ => document.parent().expect("a directory").join(path),
            };
            let shown = format!("{} in {}", link, document.display());
            assert!(target.exists(), "{shown}");
            let anchors = || std::fs::read_to_string(&target).expect("text");
            assert!(
                anchor.is_empty() || headings(&anchors()).any(|heading| heading == anchor),
                "{shown}"
            );
            links += 1;
        }
    }
    assert!(links > 50, "{links}");
}

/// The headings of a page, as links name them.
fn headings(page: &str) -> impl Iterator<Item = String> {
    let titles = page.lines().filter_map(|line| {
        let title = line.trim_start_matches('#').strip_prefix(' ')?;
        line.starts_with('#').then_some(title)
    });
    titles.map(|title| {
        let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
        let name: String = title.to_lowercase().chars().filter(kept).collect();
        name.replace(' ', "-")
    })
}

#[test]
fn the_readme_shows_what_tfguard_prints_and_lists_the_rules() {
    let readme = filled(&read("README.md"), None);
    let (begin, end) = ("<!-- rules -->\n", "<!-- end of rules -->");
    let (head, rest) = readme.split_once(begin).expect("a mark before the rules");
    let (_, tail) = rest.split_once(end).expect("a mark after the rules");
    let mut table = String::from("| rule | severity | |\n|---|---|---|\n");
    for meta in metas() {
        let (id, severity) = (meta.id, meta.severity.word());
        let _ = writeln!(
            table,
            "| [{id}](rules/{id}.md) | {severity} | {} |",
            meta.summary
        );
    }
    settle("README.md", &format!("{head}{begin}{table}{end}{tail}"));
}

#[test]
fn modules_use_only_what_stands_to_their_left() {
    // Each module with what it may use; the picture in lib.rs, in words.
    let allowed: BTreeMap<&str, &[&str]> = BTreeMap::from([
        ("safe", &[][..]),
        ("catalog", &[][..]),
        ("error", &["safe"][..]),
        ("facts", &[][..]),
        ("finding", &["facts"][..]),
        ("input", &["catalog", "error", "safe"][..]),
        ("durations", &["catalog", "error", "input", "safe"][..]),
        ("graph", &["input"][..]),
        ("identify", &["finding", "input"][..]),
        ("locate", &["finding", "input", "safe"][..]),
        ("picture", &["safe"][..]),
        ("draw", &["graph", "input", "picture"][..]),
        (
            "rules",
            &["catalog", "durations", "facts", "finding", "graph", "input"][..],
        ),
        (
            "config",
            &["durations", "error", "finding", "input", "rules", "safe"][..],
        ),
        (
            "gate",
            &[
                "config", "error", "finding", "input", "picture", "rules", "safe",
            ][..],
        ),
        (
            "report",
            &["facts", "finding", "gate", "picture", "rules", "safe"][..],
        ),
        // Knows of a report only that it is text with a marker: it may have been written by another run.
        ("forge", &["error"][..]),
        ("stacks", &["config", "error", "input", "rules", "safe"][..]),
        // The check of one plan, all that lib.rs does between reading and judging.
        (
            "check",
            &[
                "config", "draw", "finding", "gate", "graph", "input", "locate", "rules", "safe",
                "stacks",
            ][..],
        ),
        // Checks as lib.rs does, several times.
        (
            "fit",
            &[
                "config", "error", "finding", "gate", "input", "rules", "stacks",
            ][..],
        ),
        (
            "cli",
            &[
                "config",
                "durations",
                "error",
                "finding",
                "fit",
                "forge",
                "gate",
                "input",
                "picture",
                "report",
                "rules",
                "safe",
            ][..],
        ),
    ]);
    for file in sources(&root().join("src")) {
        let path = common::relative(&file);
        let module = path["src/".len()..]
            .split('/')
            .next()
            .expect("a module")
            .trim_end_matches(".rs");
        let Some(allowed) = allowed.get(module) else {
            assert!(
                matches!(module, "lib" | "main"),
                "{module} is not in the picture"
            );
            continue;
        };
        for used in used_modules(&read(&path)) {
            let fine = used == module || allowed.contains(&used.as_str());
            assert!(fine, "{path} uses {used}, which {module} may not");
        }
    }
}

fn sources(dir: &Path) -> Vec<std::path::PathBuf> {
    let inside = |path: std::path::PathBuf| {
        if path.is_dir() {
            sources(&path)
        } else {
            vec![path]
        }
    };
    entries(dir).into_iter().flat_map(inside).collect()
}

/// The names right behind `crate::`, those in braces included, that begin with a small letter.
fn used_modules(source: &str) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for rest in source.split("crate::").skip(1) {
        let names: Vec<&str> = match rest.strip_prefix('{') {
            Some(group) => group
                .split_once("};")
                .map_or(group, |(names, _)| names)
                .split(',')
                .collect(),
            None => vec![rest],
        };
        for name in names {
            let name = name.trim_start();
            let end = name
                .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .unwrap_or(name.len());
            if name.starts_with(|c: char| c.is_ascii_lowercase()) && name[end..].starts_with("::") {
                used.insert(name[..end].to_owned());
            }
        }
    }
    used
}
