//! Names for stacks.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

/// A name for each plan file: the directory it stands in, with as much of the path before it as it takes to
/// tell two apart; several plans of one file are numbered.
pub(crate) fn names(plans: &[&str]) -> Vec<String> {
    let parts: Vec<Vec<String>> = plans.iter().map(|plan| directories(plan)).collect();
    let mut depth = vec![1; plans.len()];
    let name = |n: usize, depth: usize| {
        let parts: &[String] = &parts[n];
        parts[parts.len().saturating_sub(depth)..].join("/")
    };
    let deepest = parts.iter().map(Vec::len).max().unwrap_or(1);
    for _ in 0..deepest {
        let mut same: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        (0..plans.len()).for_each(|n| same.entry(name(n, depth[n])).or_default().push(n));
        same.values()
            .filter(|group| group.len() > 1)
            .flatten()
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
    (0..plans.len()).map(number).collect()
}

/// The directories a plan file stands in, outermost first.
fn directories(plan: &str) -> Vec<String> {
    let here = std::env::current_dir().unwrap_or_default();
    let path = if plan == "-" {
        here.join("-")
    } else {
        here.join(plan)
    };
    let mut clean = PathBuf::new();
    for component in path.parent().unwrap_or(Path::new("")).components() {
        match component {
            Component::ParentDir => {
                clean.pop();
            }
            Component::CurDir => {}
            other => clean.push(other),
        }
    }
    let names: Vec<String> = clean
        .components()
        .filter(|component| matches!(component, Component::Normal(_)))
        .map(|component| crate::safe::safe(&component.as_os_str().to_string_lossy()))
        .collect();
    if names.is_empty() {
        vec!["root".to_owned()]
    } else {
        names
    }
}

#[cfg(test)]
mod tests {
    use super::names;

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
    fn plans_of_one_file_are_numbered() {
        let names = names(&["/app/plan.json", "/app/plan.json"]);
        assert_eq!(names, ["app", "app#2"]);
    }
}
