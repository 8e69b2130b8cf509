//! Flags a state that holds objects of several owners, and the edges between them: there a state boundary
//! belongs. Objects without an owner do not count.

use crate::finding::{Related, Severity};
use crate::graph::Direction;
use crate::input::plan::ObjectId;
use crate::rules::around::share;
use crate::rules::{Context, Family, Meta, Rule, Sink};
use serde_json::json;
use std::collections::BTreeMap;

pub(crate) struct MixedOwners;

static META: Meta = Meta {
    id: "mixed-owners",
    summary: "Flags a state that holds objects of several owners.",
    severity: Severity::Warning,
    family: Family::Ownership,
    options: &[],
    page: include_str!("../../../rules/mixed-owners.md"),
};

/// So many crossing edges are named.
const EDGES: usize = 20;

impl Rule for MixedOwners {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink) {
        let plan = context.plan;
        let mut owned: BTreeMap<&str, Vec<ObjectId>> = BTreeMap::new();
        for (id, object) in plan.managed() {
            if let Some(owner) = context.owner_of(id).filter(|_| !object.action().removes()) {
                owned.entry(owner).or_default().push(id);
            }
        }
        if owned.len() < 2 {
            return;
        }
        let most = owned
            .iter()
            .max_by_key(|(_, objects)| objects.len())
            .map(|(owner, _)| *owner);
        let mine = context.stack_owner().or(most).unwrap_or_default();
        let others: Vec<_> = owned
            .iter()
            .filter(|(owner, _)| !share(owner, mine))
            .collect();
        if others.is_empty() {
            return;
        }
        let names: Vec<_> = others
            .iter()
            .map(|(owner, objects)| format!("{} of {owner}", objects.len()))
            .collect();
        let names = names.join(", ");
        let n = others.len();
        let message = if owned.keys().any(|owner| share(owner, mine)) {
            format!(
                "The state holds objects of {} owners: beside those of {mine}, {names}.",
                n + 1
            )
        } else {
            format!("The state of {mine} holds objects of {n} other owners: {names}.")
        };
        let crossing = crossing(context);
        let edges: Vec<_> = crossing
            .iter()
            .map(|(from, to)| json!({"from": plan.address(*from), "to": plan.address(*to)}))
            .collect();
        let named = crossing.iter().take(EDGES).map(|(from, to)| {
            Related::new(
                plan.address(*from),
                format!("depends on {} of another owner", plan.address(*to)),
            )
        });
        let counts: BTreeMap<_, _> = owned
            .iter()
            .map(|(owner, objects)| (*owner, objects.len()))
            .collect();
        let finding = sink
            .finding(context.stack(), message)
            .members(others.iter().flat_map(|(_, objects)| objects.iter().map(|id| plan.address(*id))).collect())
            .fact("owner", mine)
            .fact("owners", json!(counts))
            .fact("crossing_edges", edges)
            .related(named)
            .out_of(crossing.len())
            .fix("Give each owner a state of its own; what crosses becomes an output read through remote state.");
        sink.report(finding);
    }
}

/// Direct dependencies between objects of different owners.
fn crossing(context: &Context<'_>) -> Vec<(ObjectId, ObjectId)> {
    let mut found = Vec::new();
    for (id, _) in context.plan.managed() {
        let Some(owner) = context.owner_of(id) else {
            continue;
        };
        let dependencies = context.graph.direct(id, Direction::Dependencies);
        let foreign = dependencies.into_iter().filter(|other| {
            context
                .owner_of(*other)
                .is_some_and(|other| !share(other, owner))
        });
        found.extend(foreign.map(|other| (id, other)));
    }
    found
}
