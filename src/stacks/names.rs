//! Names for stacks.

use crate::input::path::{WORKSPACES, clean, is_piped};
use crate::safe::safe;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path};

/// What a file of a state is called that says nothing of its stack.
const PLAIN: [&str; 5] = ["", "show", "state", "terraform", "tfstate"];

/// A name for each plan file: the directory it stands in, with as much of the path before it as it takes to
/// tell two apart; several plans of one file are numbered.
pub(crate) fn names(plans: &[&str]) -> Vec<String> {
    let parts: Vec<_> = plans.iter().map(|plan| directories(plan)).collect();
    apart(&parts, &BTreeSet::new())
}

/// A name for each state: that of the file if it says anything, or that of the directory, and none that is taken.
pub(super) fn of_states(states: &[&str], taken: &BTreeSet<&str>) -> Vec<String> {
    let parts: Vec<_> = states.iter().map(|state| parts_of_state(state)).collect();
    apart(&parts, taken)
}

fn parts_of_state(path: &str) -> Vec<String> {
    let mut parts = directories(path);
    parts.retain(|part| part != WORKSPACES);
    let name = Path::new(path).file_name().unwrap_or_default();
    let name = safe(&name.to_string_lossy());
    let stem = name.strip_suffix(".json").unwrap_or(&name);
    let stem = stem.strip_suffix(".tfstate").unwrap_or(stem);
    let own = stem
        .strip_suffix("state")
        .and_then(|own| own.strip_suffix(['-', '_', '.']))
        .unwrap_or(stem);
    if stem != name && !PLAIN.contains(&own) {
        parts.push(own.to_owned());
    }
    parts
}

/// As many of the last parts as it takes to tell names apart.
fn apart(parts: &[Vec<String>], taken: &BTreeSet<&str>) -> Vec<String> {
    let mut depth = vec![1; parts.len()];
    let name = |n: usize, depth: usize| {
        let parts: &[String] = &parts[n];
        parts[parts.len().saturating_sub(depth)..].join("/")
    };
    let deepest = parts.iter().map(Vec::len).max().unwrap_or(1);
    for _ in 0..deepest {
        let mut same: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        (0..parts.len()).for_each(|n| same.entry(name(n, depth[n])).or_default().push(n));
        let differ = |group: &[usize]| group.iter().any(|n| parts[*n] != parts[group[0]]);
        same.iter()
            .filter(|(name, group)| differ(group) || taken.contains(&***name))
            .flat_map(|(_, group)| group)
            .for_each(|n| depth[*n] += 1);
    }
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let number = |n: usize| {
        let name = name(n, depth[n]);
        let nth = seen
            .entry(name.clone())
            .and_modify(|nth| *nth += 1)
            .or_insert(1);
        if *nth == 1 {
            name
        } else {
            format!("{name}#{nth}")
        }
    };
    (0..parts.len()).map(number).collect()
}

/// The directories a plan file stands in, outermost first.
fn directories(plan: &str) -> Vec<String> {
    let here = std::env::current_dir().unwrap_or_default();
    let path = if is_piped(plan) {
        here.join("-")
    } else {
        here.join(plan)
    };
    let names: Vec<String> = clean(path.parent().unwrap_or(Path::new("")))
        .components()
        .filter(|component| matches!(component, Component::Normal(_)))
        .map(|component| safe(&component.as_os_str().to_string_lossy()))
        .collect();
    if names.is_empty() {
        vec!["root".to_owned()]
    } else {
        names
    }
}

#[cfg(test)]
mod tests {
    use super::{names, of_states};
    use std::collections::BTreeSet;

    #[test]
    fn a_stack_is_named_after_its_directory() {
        assert_eq!(names(&["/x/app/plan.json"]), ["app"]);
        assert_eq!(
            names(&["/x/app/sub/../plan.json", "/x/net/plan.json"]),
            ["app", "net"]
        );
    }

    #[test]
    fn equal_directories_get_more_of_their_path() {
        assert_eq!(
            names(&[
                "/x/a/app/plan.json",
                "/x/b/app/plan.json",
                "/x/net/plan.json"
            ]),
            ["a/app", "b/app", "net"]
        );
    }

    #[test]
    fn a_state_is_named_after_its_file_or_its_directory() {
        let states = [
            "/x/app/terraform.tfstate",
            "/states/network.tfstate",
            "/states/db-state.json",
            "/x/dns/state.json",
            "/x/web/terraform.tfstate.d/prod/terraform.tfstate",
        ];
        let names = of_states(&states, &BTreeSet::new());
        assert_eq!(names, ["app", "network", "db", "dns", "prod"]);
        let taken = BTreeSet::from(["app"]);
        assert_eq!(of_states(&states[..1], &taken), ["x/app"]);
    }

    #[test]
    fn plans_of_one_file_are_numbered() {
        let names = names(&["/x/y/app/plan.json", "/x/y/app/plan.json"]);
        assert_eq!(names, ["app", "app#2"]);
    }
}
