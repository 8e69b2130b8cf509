//! Flags objects that are imported and altered in one plan: what nobody has seen under management yet changes at
//! once.

use super::instances::{addresses, by_block};
use crate::finding::{Finding, Severity};
use crate::input::plan::{Action, Change, Leaves, Plan, attribute_of};
use crate::rules::{Context, Family, Meta, Rule, Sink};
use std::collections::BTreeSet;

pub(crate) struct ChangedOnImport;

static META: Meta = Meta {
    id: "changed-on-import",
    summary: "Flags objects that are imported and altered in one plan.",
    severity: Severity::Warning,
    family: Family::Destroy,
    options: &[],
    page: include_str!("../../../rules/changed-on-import.md"),
};

/// So many attributes are named.
const MOST: usize = 3;

const FIX: &str =
    "Import it first with a configuration that plans no change, and alter it in a plan of its own.";
const FIX_TAGS: &str = "Nothing to do, if the plan shows no more than that.";

impl Rule for ChangedOnImport {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn destroys(&self, finding: &Finding) -> bool {
        finding.facts["destroyed"] == true
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink) {
        let plan = context.plan;
        // What is imported from another address of the state is told as a rename.
        let found = plan.managed().filter_map(|(id, object)| {
            let changes = changed(plan, object.change());
            let (message, severity) = explain(object.change(), &changes)?;
            let told = (severity, message, changes);
            (!context.story().renames.has_target(id)).then_some((id, told))
        });
        for (address, (severity, message, changes), members) in by_block(plan, found) {
            let mut finding = sink
                .finding(address, message)
                .members(addresses(plan, &members))
                .fact("attributes", changes.into_iter().collect::<Vec<_>>())
                .fact("destroyed", severity == Severity::Error)
                .fix(if severity == Severity::Note {
                    FIX_TAGS
                } else {
                    FIX
                });
            finding.cause = Some("import");
            sink.report_as(severity, finding);
        }
    }
}

/// What forces a replacement, or is known to change in an update.
fn changed<'p>(plan: &'p Plan, change: &'p Change) -> BTreeSet<&'p str> {
    if change.action != Action::Update {
        return change
            .forced_by
            .iter()
            .map(|forced| &*forced.path)
            .collect();
    }
    let Some(kept) = change.kept.as_deref() else {
        return BTreeSet::new();
    };
    let other = |one: &'p Leaves, other: &'p Leaves| {
        let mut leaves = one.iter(plan).collect::<Vec<_>>();
        leaves.retain(|(path, print)| other.get(plan, *path) != Some(*print));
        leaves.into_iter().map(|(path, _)| path)
    };
    let (old, new) = (&kept.before, &kept.after);
    let paths = other(old, new).chain(other(new, old));
    paths
        .map(|path| attribute_of(&plan.paths[path as usize]))
        .collect()
}

fn explain(change: &Change, changes: &BTreeSet<&str>) -> Option<(String, Severity)> {
    if !change.importing {
        return None;
    }
    let (message, severity) = match change.action {
        // What a provider puts on everything is not kept, and was not on what others made.
        Action::Update if is_all_known(change) && changes.is_empty() => (
            "The object is imported, and gets the tags that the provider puts on everything."
                .to_owned(),
            Severity::Note,
        ),
        Action::Update => (
            format!(
                "The object is imported and changed in one plan{}: the configuration does not describe it as it is.",
                named(changes)
            ),
            Severity::Warning,
        ),
        Action::Replace { .. } => (
            "The object is imported and replaced in one plan: it is destroyed on its first day."
                .to_owned(),
            Severity::Error,
        ),
        action if action.destroys() => (
            "The object is imported only to be destroyed in the same plan.".to_owned(),
            Severity::Error,
        ),
        _ => return None,
    };
    Some((message, severity))
}

/// Whether all that changes is known.
fn is_all_known(change: &Change) -> bool {
    let kept = change.kept.as_deref();
    kept.is_some_and(|kept| kept.unknown.is_empty())
}

fn named(changes: &BTreeSet<&str>) -> String {
    let names: Vec<_> = changes.iter().copied().collect();
    match names.as_slice() {
        [] => String::new(),
        [some @ .., _] if some.len() < MOST => format!(" ({})", names.join(", ")),
        some => {
            let more = some.len() - MOST;
            format!(" ({} and {more} more)", some[..MOST].join(", "))
        }
    }
}
