//! Several stacks of one run, and which of them reads the outputs of which.

use crate::input::plan::{Plan, RemoteState, StatePlace};
use std::path::{Component, Path, PathBuf};

/// One of several stacks.
#[derive(Debug, Clone, Copy)]
pub struct Stack<'a> {
    /// Its name.
    pub name: &'a str,
    /// The directory of its plan.
    pub directory: &'a Path,
    /// Its plan.
    pub plan: &'a Plan,
}

/// One stack reads outputs of another.
#[derive(Debug)]
pub(in crate::rules) struct Read {
    /// Index of the stack that reads.
    pub(in crate::rules) reader: usize,
    /// Index of the stack that is read.
    pub(in crate::rules) producer: usize,
    /// The block that reads, and what it reads.
    pub(in crate::rules) by: RemoteState,
}

/// Every read of one stack of the run by another.
pub(in crate::rules) fn reads(stacks: &[Stack<'_>]) -> Vec<Read> {
    let mut found = Vec::new();
    for (reader, stack) in stacks.iter().enumerate() {
        for by in stack.plan.remote_states() {
            if let Some(producer) = producer(stacks, reader, &by.place) {
                found.push(Read {
                    reader,
                    producer,
                    by,
                });
            }
        }
    }
    found
}

/// Settings of backends that tell one state from another.
const NAMING: [&str; 6] = [
    "key",
    "prefix",
    "path",
    "workspace",
    "workspaces.name",
    "address",
];

/// The stack whose state is at a place: by its directory for local states, else the one whose name is a part of the
/// key, prefix or workspace. Nothing when none is, or several are.
fn producer(stacks: &[Stack<'_>], reader: usize, place: &StatePlace) -> Option<usize> {
    let others = || (0..stacks.len()).filter(move |other| *other != reader);
    if place.get("backend") == Some("local") {
        let file = clean(&stacks[reader].directory.join(place.get("path")?));
        return others().find(|other| file.parent() == Some(&*clean(stacks[*other].directory)));
    }
    let settings = place.settings().filter(|(name, _)| NAMING.contains(name));
    let parts: Vec<&str> = settings.flat_map(|(_, value)| parts(value)).collect();
    let named = |other: &usize| {
        let name = stacks[*other].name;
        let last = name.rsplit('/').next().unwrap_or(name);
        parts.contains(&name) || parts.contains(&last)
    };
    let found: Vec<usize> = others().filter(named).collect();
    match found[..] {
        [one] => Some(one),
        _ => None,
    }
}

/// The steps of a key, endings of files left out.
fn parts(value: &str) -> impl Iterator<Item = &str> {
    value.split(['/', ':']).map(|step| {
        let step = step.strip_suffix(".json").unwrap_or(step);
        step.strip_suffix(".tfstate").unwrap_or(step)
    })
}

/// A path without `.` and `..`, as text alone: nothing is looked up.
fn clean(path: &Path) -> PathBuf {
    let mut found = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                found.pop();
            }
            other => found.push(other),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{clean, parts};
    use std::path::Path;

    #[test]
    fn paths_are_told_by_their_text() {
        assert_eq!(clean(Path::new("/x/app/../net/./s")), Path::new("/x/net/s"));
    }

    #[test]
    fn keys_are_taken_apart() {
        let shown: Vec<_> = parts("prod/network/terraform.tfstate").collect();
        assert_eq!(shown, ["prod", "network", "terraform"]);
        assert_eq!(parts("env:/prod/network.tfstate").last(), Some("network"));
    }
}
