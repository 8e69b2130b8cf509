//! Flags objects that are imported and altered in one plan: what nobody has seen under management yet changes at
//! once.

use super::instances::{addresses, by_block};
use crate::finding::{Finding, Severity};
use crate::input::plan::{Action, Change};
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
            let (message, severity) = explain(object.change())?;
            (!context.story().renames.has_target(id)).then_some((id, (severity, message)))
        });
        for (address, (severity, message), members) in by_block(plan, found) {
            let forced = members
                .iter()
                .flat_map(|id| &plan.objects[*id].change().forced_by);
            let forced: BTreeSet<&str> = forced.map(|forced| &*forced.path).collect();
            let mut finding = sink
                .finding(address, message)
                .members(addresses(plan, &members))
                .fact("attributes", forced.into_iter().collect::<Vec<_>>())
                .fact("destroyed", severity == Severity::Error)
                .fix("Import it first with a configuration that plans no change, and alter it in a plan of its own.");
            finding.cause = Some("import");
            sink.report_as(severity, finding);
        }
    }
}

fn explain(change: &Change) -> Option<(&'static str, Severity)> {
    if !change.importing {
        return None;
    }
    match change.action {
        Action::Update => Some((
            "The object is imported and changed in one plan: the configuration does not describe it as it is.",
            Severity::Warning,
        )),
        Action::Replace { .. } => Some((
            "The object is imported and replaced in one plan: it is destroyed on its first day.",
            Severity::Error,
        )),
        action if action.destroys() => Some((
            "The object is imported only to be destroyed in the same plan.",
            Severity::Error,
        )),
        _ => None,
    }
}
