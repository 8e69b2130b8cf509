//! The first line: by it whoever posts a report finds the comment to update.

use super::super::links::fnv;
use super::item::destroys;
use crate::finding::{Finding, Severity};
use crate::gate::{Report, StackReport};

/// Longer keys say the rest as a hash.
const LONGEST: usize = 80;

/// The marker of a report. Its key is the same for the same stacks, in whatever order they were given; `open` counts
/// what is worth a comment of its own: notes are not, unless they fail the run. `accepted` counts destroys that somebody
/// accepted, which are worth one as well.
pub(super) fn marker(report: &Report) -> String {
    let called: Vec<_> = report.stacks.iter().map(StackReport::called).collect();
    let names = called.iter().map(|name| &**name);
    let counts = |finding: &&Finding| {
        finding.is_open() && (finding.severity != Severity::Note || report.fail_on.fails(finding))
    };
    let gone = |finding: &&Finding| {
        let noted = finding.severity == Severity::Note && !finding.loses_data();
        !finding.is_open() && destroys(finding) && !noted
    };
    let open = report.findings.iter().filter(counts).count();
    let accepted = report.findings.iter().filter(gone).count();
    format!(
        "<!-- tfguard:report key={} v=1 open={open} accepted={accepted} -->",
        key(names)
    )
}

/// A key of letters, digits and single marks: nothing in it ends a comment, and two sets of names differ in it.
fn key<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    let all = names.join("+");
    let plain = names.iter().all(|name| is_plain(name));
    if plain && all.len() <= LONGEST {
        return all;
    }
    let clean = |c: char| {
        if is_mark(c) || c.is_ascii_alphanumeric() {
            c
        } else {
            '_'
        }
    };
    let start: String = all.chars().map(clean).take(LONGEST / 2).collect();
    let start = start.replace('-', "_");
    format!("{start}.{:016x}", fnv(&names.join("\n")))
}

fn is_mark(c: char) -> bool {
    matches!(c, '.' | '_' | '-' | '/' | '+')
}

fn is_plain(name: &str) -> bool {
    let known = |c: char| (is_mark(c) && c != '+') || c.is_ascii_alphanumeric();
    !name.is_empty() && name.chars().all(known) && !name.contains("--") && !name.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::key;

    fn of(names: &[&str]) -> String {
        key(names.iter().copied())
    }

    #[test]
    fn the_order_of_stacks_does_not_matter() {
        assert_eq!(of(&["infra/prod"]), "infra/prod");
        assert_eq!(of(&["net", "app"]), "app+net");
        assert_eq!(of(&["net", "app"]), of(&["app", "net"]));
    }

    #[test]
    fn two_plans_of_one_directory_are_more_than_one() {
        assert_ne!(of(&["envs/app", "envs/app"]), of(&["envs/app"]));
    }

    #[test]
    fn no_name_ends_the_comment_and_no_two_are_mixed_up() {
        let hostile = [
            "a--b", "a-->", "a b", "a\nb", "a", "b-", "-", "", "ä", "a+b", "a@b",
        ];
        let mut keys: Vec<_> = hostile.iter().map(|name| of(&[name])).collect();
        keys.push(of(&["a", "b"]));
        let plain = |c: char| c.is_ascii_alphanumeric() || "._-/+".contains(c);
        for key in &keys {
            assert!(key.chars().all(plain) && !key.contains("--"), "{key}");
        }
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), hostile.len() + 1);
    }

    #[test]
    fn many_stacks_have_a_short_key() {
        let names: Vec<_> = (0..500).map(|n| format!("stack-{n}")).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let key = of(&names);
        assert!(key.len() < 64 && !key.contains('-'), "{key}");
        assert_ne!(key, of(&names[1..]));
    }
}
