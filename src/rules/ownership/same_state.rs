//! Stacks that keep their state in one place.

use crate::finding::{Finding, Place, Severity};
use crate::input::backend::{Backend, Setting};
use crate::input::path::{DEFAULT_WORKSPACE, clean};
use crate::rules::Sink;
use crate::rules::stacks::Stack;
use std::collections::BTreeMap;

/// What tells a state from all others in the world: the backend, and its settings.
type Where = (String, Vec<(&'static str, String)>);

/// Backends, and the settings that name a state among all of the kind.
const KINDS: [(&str, &[&str]); 9] = [
    (
        "azurerm",
        &["storage_account_name", "container_name", "key"],
    ),
    ("cloud", &["hostname", "organization", "workspaces.name"]),
    ("consul", &["address", "path"]),
    ("cos", &["bucket", "prefix", "key"]),
    ("gcs", &["bucket", "prefix"]),
    ("http", &["address"]),
    ("oss", &["bucket", "prefix", "key"]),
    ("remote", &["hostname", "organization", "workspaces.name"]),
    ("s3", &["endpoint", "bucket", "key"]),
];
/// Settings that have a default.
const OPTIONAL: [&str; 2] = ["endpoint", "hostname"];
/// What stands before the state of every workspace but the default one, whose state it does not move (s3 backend of
/// Terraform 1.11).
const PREFIX: &str = "workspace_key_prefix";

/// A finding for each place that several stacks share, with whether that is sure.
pub(super) fn findings(stacks: &[Stack<'_>], sink: &Sink) -> Vec<(Severity, Finding)> {
    let mut by_place: BTreeMap<Where, Vec<usize>> = BTreeMap::new();
    for (id, stack) in stacks.iter().enumerate() {
        let Some(place) = place(stack) else { continue };
        let others = by_place.entry(place).or_default();
        // One configuration may be planned in several workspaces.
        if !others.iter().any(|other| is_one(&stacks[*other], stack)) {
            others.push(id);
        }
    }
    let shared = by_place.into_values().filter(|group| group.len() > 1);
    shared
        .flat_map(|group| by_workspace(stacks, &group))
        .map(|group| finding(stacks, &group, sink))
        .collect()
}

fn is_one(one: &Stack<'_>, other: &Stack<'_>) -> bool {
    let sources = one.sources.zip(other.sources);
    one.directory == other.directory || sources.is_some_and(|(one, other)| std::ptr::eq(one, other))
}

/// The place of a state, when all is known that names it.
fn place(stack: &Stack<'_>) -> Option<Where> {
    let backend = stack.backend()?;
    if backend.kind == "local" {
        let file = clean(&stack.directory.join(backend.text("path")?));
        let file = file.to_string_lossy().into_owned();
        return Some(("local".to_owned(), vec![("path", file)]));
    }
    let (_, names) = KINDS.iter().find(|(kind, _)| *kind == backend.kind)?;
    if let Some(Setting::Bool(_) | Setting::Other) = backend.settings.get(PREFIX) {
        return None;
    }
    let mut found = Vec::new();
    for name in *names {
        match backend.settings.get(*name) {
            // The gcs backend adds the slash behind a prefix itself.
            Some(Setting::Text(text)) if *name == "prefix" => {
                found.push((*name, text.trim_matches('/').to_owned()));
            }
            Some(Setting::Text(text)) => found.push((*name, text.clone())),
            None if OPTIONAL.contains(name) => {}
            // What is not in the block may be in -backend-config.
            None if backend.whole && matches!(*name, "key" | "prefix") => {}
            _ => return None,
        }
    }
    Some((backend.kind.clone(), found))
}

/// Stacks of one place whose workspaces are not known to differ: those of each workspace, or all of them. Only the default
/// workspace is in one place whatever the prefix of the others is.
fn by_workspace(stacks: &[Stack<'_>], group: &[usize]) -> Vec<Vec<usize>> {
    let all_told = group.iter().all(|id| workspace(&stacks[*id]).is_some());
    let mut found: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for id in group {
        let workspace = workspace(&stacks[*id]).filter(|_| all_told);
        let prefix = prefix(&stacks[*id]).filter(|_| workspace != Some(DEFAULT_WORKSPACE));
        found.entry((workspace, prefix)).or_default().push(*id);
    }
    found
        .into_values()
        .filter(|group| group.len() > 1)
        .collect()
}

fn prefix<'a>(stack: &Stack<'a>) -> Option<&'a str> {
    let backend: &'a Backend = stack.backend()?;
    backend.text(PREFIX)
}

/// The workspace of a stack; `""` where there are none or the place names it.
fn workspace<'a>(stack: &Stack<'a>) -> Option<&'a str> {
    let backend: &'a Backend = stack.backend()?;
    match backend.kind.as_str() {
        "cloud" | "http" | "remote" => Some(""),
        _ => backend.workspace.as_deref(),
    }
}

fn finding(stacks: &[Stack<'_>], group: &[usize], sink: &Sink) -> (Severity, Finding) {
    let names: Vec<_> = group.iter().map(|id| stacks[*id].name.to_owned()).collect();
    let sure = group.iter().all(|id| workspace(&stacks[*id]).is_some());
    let (severity, unless) = if sure {
        (Severity::Error, "")
    } else {
        (Severity::Warning, " unless their workspaces differ")
    };
    let message = format!(
        "{} keep their state in one place{unless}: an apply of one destroys what another has.",
        names.join(" and ")
    );
    let first = &stacks[group[0]];
    let mut finding = sink
        .finding(first.name, message)
        .members(names)
        .fix("Give each stack a place of its own, and move its state there: terraform init -migrate-state.");
    if let Some(backend) = first.backend() {
        finding = finding.fact("backend", &*backend.kind);
    }
    first.name.clone_into(&mut finding.stack);
    finding.place = Place::Backend;
    (severity, finding)
}
