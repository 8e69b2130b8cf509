//! Several stacks of one run, and which of them reads the outputs of which.

use super::around::Around;
use crate::finding::{Finding, Severity};
use crate::input::backend::Backend;
use crate::input::environment::{Told, in_name};
use crate::input::path::{DEFAULT_WORKSPACE, WORKSPACES, clean, home};
use crate::input::plan::{Plan, RemoteState, StatePlace};
use crate::input::source::Sources;
use std::path::{Path, PathBuf};

/// One of several stacks.
#[derive(Debug, Clone, Copy)]
pub struct Stack<'a> {
    /// Its name.
    pub name: &'a str,
    /// The file of its plan or state, from the root of the file system.
    pub file: &'a Path,
    /// Its directory.
    pub directory: &'a Path,
    /// Its plan, or its state.
    pub plan: &'a Plan,
    /// What is known around a plan; nothing of a state.
    pub around: Option<&'a Around>,
    /// Its sources.
    pub sources: Option<&'a Sources>,
}

impl<'a> Stack<'a> {
    /// Whether nothing is planned here: it stands beside the plans.
    pub(in crate::rules) fn is_state(&self) -> bool {
        self.plan.state.is_some()
    }

    /// Its owner.
    pub(in crate::rules) fn owner(&self) -> Option<&'a str> {
        self.around?.ownership.stack.as_deref()
    }

    /// The environment it is of: as it is configured, or as all directories around it say that name one.
    pub(in crate::rules) fn environment(&self) -> Option<Told> {
        let configured = self.around.and_then(|around| around.environment.as_deref());
        match configured {
            Some(configured) => agreed([in_name(configured)]),
            None => agreed(around(self.directory).map(in_name)),
        }
    }

    /// Where its state is kept.
    pub(in crate::rules) fn backend(&self) -> Option<&'a Backend> {
        self.around?.backend.as_ref()
    }
}

/// The stack whose report tells of something in a stack: a state has none, the first plan tells it.
pub(in crate::rules) fn told_by(stacks: &[Stack<'_>], stack: usize) -> usize {
    let first = stacks.iter().position(|stack| !stack.is_state());
    if stacks[stack].is_state() {
        first.unwrap_or(stack)
    } else {
        stack
    }
}

/// A finding about something in a stack, as the one whose report tells of it has it. What only states beside the plans
/// show, no plan of this run can mend.
pub(in crate::rules) fn as_told(
    stacks: &[Stack<'_>],
    stack: usize,
    severity: Severity,
    mut finding: Finding,
) -> (Severity, Finding) {
    let teller = told_by(stacks, stack);
    stacks[teller].name.clone_into(&mut finding.stack);
    let severity = if teller == stack {
        severity
    } else {
        Severity::Warning
    };
    (severity, finding)
}

/// An address in one stack, as the report of another writes it.
pub(in crate::rules) fn seen_from(
    stacks: &[Stack<'_>],
    teller: usize,
    stack: usize,
    address: String,
) -> String {
    if stack == teller {
        address
    } else {
        format!("{}:{address}", stacks[stack].name)
    }
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
    if stacks.len() < 2 {
        return found;
    }
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

const STATE: &str = "terraform.tfstate";
/// Settings of backends that tell one state from another.
const NAMING: [&str; 6] = [
    "key",
    "prefix",
    "path",
    "workspace",
    "workspaces.name",
    "address",
];

/// So many directories around a stack may say of which environment it is.
const MOST_STEPS: usize = 4;
/// Settings that the states of several stacks have in common.
const SHARED: [&str; 5] = [
    "bucket",
    "container_name",
    "hostname",
    "organization",
    "storage_account_name",
];

/// The stack whose state is at a place: by its backend, where that is known; by its directory for local states, else the
/// one whose name is a part of the key, prefix or workspace. A state that was copied is known by that name alone. Nothing
/// when none is, or several are.
fn producer(stacks: &[Stack<'_>], reader: usize, place: &StatePlace) -> Option<usize> {
    let others = || (0..stacks.len()).filter(move |other| *other != reader);
    if place.get("backend") == Some("local") {
        let file = local(stacks[reader].directory, place)?;
        let it = |other: &usize| stacks[*other].is_state() && stacks[*other].file == file;
        let beside = |other: &usize| home(&file) == Some(stacks[*other].directory);
        let found = others().find(it).or_else(|| {
            let beside: Vec<_> = others().filter(beside).collect();
            of_workspace(stacks, &beside, place.get("workspace"))
        });
        if found.is_some() {
            return found;
        }
        let parts = home(&file)?.file_name()?.to_str();
        let copied = |other: &usize| {
            stacks[*other].is_state() && is_named(&stacks[*other], parts.as_slice())
        };
        let own = file.file_name().and_then(|name| name.to_str());
        let own = own.and_then(|name| name.strip_suffix(".tfstate"));
        let own = own.filter(|stem| *stem != "terraform");
        let called = |other: &usize| is_named(&stacks[*other], own.as_slice());
        return only(others().filter(copied)).or_else(|| only(others().filter(called)));
    }
    let kept = |other: &usize| keeps(&stacks[*other], place);
    let sure = only(others().filter(|other| kept(other) == Some(true)));
    if sure.is_some() {
        return sure;
    }
    let settings = place.settings().filter(|(name, _)| NAMING.contains(name));
    let parts: Vec<&str> = settings.flat_map(|(_, value)| parts(value)).collect();
    let named: Vec<usize> = others()
        .filter(|other| kept(other).is_none() && is_named(&stacks[*other], &parts))
        .filter(|other| !is_of_another_environment(&stacks[*other], place))
        .collect();
    // `prod/network` and `staging/network` have one last step.
    let in_full = |other: &usize| {
        let mut steps = stacks[*other].name.split('/');
        steps.all(|step| parts.contains(&step))
    };
    let named = named.iter().copied();
    only(named.clone()).or_else(|| only(named.filter(in_full)))
}

/// Of the stacks of one directory the only one, or that whose file names a workspace; for the default one the first, which
/// may be planned twice.
fn of_workspace(stacks: &[Stack<'_>], beside: &[usize], workspace: Option<&str>) -> Option<usize> {
    let workspace = workspace.unwrap_or(DEFAULT_WORKSPACE);
    let is_of = |stack: &usize| {
        let file = stacks[*stack]
            .file
            .file_name()
            .and_then(|name| name.to_str());
        let mut words = file.unwrap_or_default().split(['.', '_']);
        words.any(|word| word == workspace)
    };
    let all = || beside.iter().copied();
    let named = only(all()).or_else(|| only(all().filter(is_of)));
    named.or_else(|| all().next().filter(|_| workspace == DEFAULT_WORKSPACE))
}

/// Whether the directories of a stack name another environment than a place does.
fn is_of_another_environment(stack: &Stack<'_>, place: &StatePlace) -> bool {
    let own = agreed(around(stack.directory).map(in_name));
    let read = place.settings().flat_map(|(_, value)| parts(value));
    let read = agreed(read.map(in_name));
    own.zip(read).is_some_and(|(own, read)| own != read)
}

/// The names of the directories around a stack, its own first.
fn around(directory: &Path) -> impl Iterator<Item = &str> {
    let directories = directory.components().rev().take(MOST_STEPS);
    directories.filter_map(|step| step.as_os_str().to_str())
}

/// The environment that all say who say one.
fn agreed(steps: impl IntoIterator<Item = Told>) -> Option<Told> {
    let steps = steps.into_iter();
    let mut steps = steps.filter(|told| matches!(told, Told::One(_)));
    let first = steps.next()?;
    steps.all(|other| other == first).then_some(first)
}

/// Whether a stack keeps its state at a place, as far as its backend is known.
fn keeps(stack: &Stack<'_>, place: &StatePlace) -> Option<bool> {
    let backend = stack.backend()?;
    let kind = |kind: &str| if kind == "cloud" { "remote" } else { kind }.to_owned();
    if place
        .get("backend")
        .is_some_and(|own| kind(own) != kind(&backend.kind))
    {
        return Some(false);
    }
    let settings = place.settings().filter(|(name, _)| {
        (NAMING.contains(name) && *name != "workspace") || SHARED.contains(name)
    });
    // The gcs backend adds the slash behind a prefix itself.
    let same = |one: &str, other: &str| one.trim_matches('/') == other.trim_matches('/');
    let agreed =
        settings.filter_map(|(name, value)| Some((name, same(backend.text(name)?, value))));
    let agreed: Vec<(&str, bool)> = agreed.collect();
    if agreed.iter().any(|(_, agrees)| !agrees) {
        return Some(false);
    }
    let workspaces = place.get("workspace").zip(backend.workspace.as_deref());
    if workspaces.is_some_and(|(read, own)| read != own) {
        return Some(false);
    }
    // The rest of a backend may be in -backend-config.
    let mut shared = place.settings().filter(|(name, _)| SHARED.contains(name));
    let all = shared.all(|(name, _)| backend.text(name).is_some());
    let is_named = agreed.iter().any(|(name, _)| NAMING.contains(name));
    (is_named && all).then_some(true)
}

fn only(mut found: impl Iterator<Item = usize>) -> Option<usize> {
    let first = found.next();
    first.filter(|_| found.next().is_none())
}

/// Whether a part of a place is what a stack is called, or the file of its state.
fn is_named(stack: &Stack<'_>, among: &[&str]) -> bool {
    let last = stack.name.rsplit('/').next();
    let file = stack.file.file_name().and_then(|name| name.to_str());
    let file = file.filter(|_| stack.is_state());
    let file = file.and_then(|name| parts(name).next());
    let file = file.filter(|stem| !matches!(*stem, "terraform" | "state"));
    let mut names = [Some(stack.name), last, file].into_iter().flatten();
    names.any(|name| among.contains(&name))
}

/// The file of a local state. That of a workspace other than `default` is not where `path` says (Terraform 1.11).
fn local(reader: &Path, place: &StatePlace) -> Option<PathBuf> {
    let workspace = place
        .get("workspace")
        .filter(|name| *name != DEFAULT_WORKSPACE);
    let file = match workspace {
        Some(workspace) => {
            let directory = place.get("workspace_dir").unwrap_or(WORKSPACES);
            Path::new(directory).join(workspace).join(STATE)
        }
        None => PathBuf::from(place.get("path")?),
    };
    Some(clean(&reader.join(file)))
}

/// The steps of a key, endings of files left out.
fn parts(value: &str) -> impl Iterator<Item = &str> {
    value.split(['/', ':']).map(|step| {
        let step = step.strip_suffix(".json").unwrap_or(step);
        step.strip_suffix(".tfstate").unwrap_or(step)
    })
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn keys_are_taken_apart() {
        let shown: Vec<_> = parts("prod/network/terraform.tfstate").collect();
        assert_eq!(shown, ["prod", "network", "terraform"]);
        assert_eq!(parts("env:/prod/network.tfstate").last(), Some("network"));
    }
}
