//! What an entry of a `depends_on` costs in this plan: data sources that are read late, and what follows from that.

use super::entries::{Carrier, Use};
use crate::finding::Related;
use crate::graph::{Direction, Node, NodeId, Sense};
use crate::input::address::config_address;
use crate::input::plan::{Action, ObjectId, Plan};
use crate::rules::Context;
use crate::rules::context::{count, named};
use crate::rules::destroy::root::Roots;
use crate::rules::pending::{behind_entry, is_nested_in_check, put_off};
use std::collections::BTreeSet;

/// The reads of a list that are put off, and what follows from that. All entries of the list that put any off put off
/// all of them.
#[derive(Default)]
pub(super) struct Late {
    /// Data sources that are read late.
    pub(super) deferred: Vec<ObjectId>,
    /// Objects that are replaced because of a late read.
    pub(super) replaced: Vec<ObjectId>,
    /// Objects that are updated with values unknown because of a late read.
    pub(super) unknown: Vec<ObjectId>,
    /// Provider configurations that are unknown because of a late read.
    pub(super) providers: Vec<String>,
    /// Whose `depends_on` puts one of them off as well.
    pub(super) elsewhere: BTreeSet<String>,
}

impl Late {
    /// Of what waits for a list of entries.
    pub(super) fn of(context: &Context<'_>, list: &[Use<'_>], roots: &mut Roots<'_>) -> Self {
        let (plan, graph) = (context.plan, context.graph);
        let mut late = Self {
            deferred: put_off(plan, graph, list),
            ..Self::default()
        };
        if late.deferred.is_empty() {
            return late;
        }
        let carriers = context.carriers();
        let is_at_fault = |id: &ObjectId| {
            let at_fault = carriers.get(id);
            at_fault.is_none_or(|carriers| carriers.contains(&*list[0].address))
        };
        late.deferred.retain(is_at_fault);
        late.deferred
            .retain(|id| !is_nested_in_check(plan, graph, *id));
        if late.deferred.is_empty() {
            return late;
        }
        let reads: BTreeSet<ObjectId> = late.deferred.iter().copied().collect();
        let others = reads.iter().filter_map(|id| carriers.get(id)).flatten();
        let others = others.filter(|carrier| **carrier != list[0].address);
        late.elsewhere = others.map(|carrier| (*carrier).to_owned()).collect();
        let starts = reads.iter().map(|id| graph.object(*id));
        let mut follows = |id: ObjectId| {
            let read = roots.of(id).deferred;
            read.is_some_and(|read| reads.contains(&read))
        };
        // What is made, or made anew for another reason, has values that are unknown without the read.
        let mut is_unknown_anyway = |node: NodeId| {
            let object = graph.as_object(node);
            object.is_some_and(|id| match plan.objects[id].action() {
                Action::Create => true,
                action => action.replaces() && !follows(id),
            })
        };
        // What becomes unknown does not through the provider that manages it.
        let is_provider = |node: NodeId| matches!(graph.node(node), Node::Provider(_));
        let reach = graph.search(starts, Direction::Dependents, Sense::Flow, |from, _, _| {
            !is_provider(from) && !is_unknown_anyway(from)
        });
        let providers = reach.nodes().iter().filter(|node| is_provider(**node));
        late.providers = providers.map(|node| graph.name(plan, *node)).collect();
        // Those behind a local that nobody tells are not reached.
        let reached = graph.objects_among(reach.nodes());
        let beside = plan.managed().map(|(id, _)| id);
        let beside = beside.filter(|id| !reach.contains(graph.object(*id)));
        let all = reached.clone().chain(beside);
        let replaced = all.filter(|id| plan.objects[*id].action().replaces());
        late.replaced = replaced.filter(|id| follows(*id)).collect();
        late.unknown = reached
            .filter(|id| is_updated_to_unknown(plan, *id))
            .collect();
        late
    }
}

fn is_updated_to_unknown(plan: &Plan, id: ObjectId) -> bool {
    let change = plan.objects[id].change();
    change.action == Action::Update && change.to_unknown
}

/// What an entry has to do with the late reads of its list.
#[derive(Default, Clone, Copy)]
pub(super) struct Price {
    /// The change they wait for, if the entry puts them off.
    pub(super) pending: Option<ObjectId>,
    /// Whether it is more than the price of a first apply: what waits for an object that does not exist
    /// yet would be read late with a reference as well.
    pub(super) is_paid: bool,
}

impl Price {
    pub(super) fn of(
        context: &Context<'_>,
        entry: &Use<'_>,
        awaited: &[NodeId],
        late: &Late,
    ) -> Self {
        let (plan, graph) = (context.plan, context.graph);
        if late.deferred.is_empty() {
            return Self::default();
        }
        let changed = behind_entry(plan, graph, entry);
        // What the entry names itself tells most.
        let own = graph.objects_among(awaited);
        let own = own.filter(|id| changed.contains(id));
        let nearest: Vec<ObjectId> = own.chain(changed.iter().copied()).collect();
        let is_there = |id: &&ObjectId| plan.objects[**id].action() != Action::Create;
        let existing = nearest.iter().find(is_there).copied();
        let pending = existing.or(nearest.first().copied());
        let follows = !(late.replaced.is_empty() && late.unknown.is_empty());
        Self {
            pending,
            is_paid: existing.is_some() || pending.is_some() && follows,
        }
    }
}

/// What an entry costs, as a sentence.
pub(super) fn paid(plan: &Plan, late: &Late) -> String {
    let addresses: Vec<_> = late.deferred.iter().map(|id| plan.address(*id)).collect();
    let follows = match (late.replaced.len(), late.unknown.len()) {
        (0, 0) => String::new(),
        (0, n) => format!(
            ", and values of {} become unknown",
            count(n, "object", "objects")
        ),
        (n, _) => format!(
            ", and {} replaced because of it",
            count(n, "object is", "objects are")
        ),
    };
    let configured = match late.providers.as_slice() {
        [] => String::new(),
        [one] => format!(" The configuration of {one} is unknown then."),
        many => format!(
            " The configurations of {} are unknown then.",
            named(many, 2)
        ),
    };
    format!(
        "In this plan {} late{follows}.{configured}",
        reads(&addresses)
    )
}

fn reads(addresses: &[String]) -> String {
    match addresses {
        [one] => format!("{one} is read"),
        [one, rest @ ..] => format!("{one} and {} more are read", rest.len()),
        [] => String::new(),
    }
}

pub(super) fn related(plan: &Plan, late: &Late) -> Vec<Related> {
    let each = |ids: &[ObjectId], message: &'static str| {
        ids.iter()
            .map(|id| Related::new(plan.address(*id), message))
            .collect::<Vec<_>>()
    };
    let mut related = each(&late.deferred, "is read late");
    related.extend(each(&late.replaced, "is replaced because of the late read"));
    related.extend(each(
        &late.unknown,
        "has unknown values because of the late read",
    ));
    related
}

/// From what is replaced, over the late read and the carrier, to the change that was waited for. Without `whole` only
/// from the carrier on.
pub(super) fn chain(
    context: &Context<'_>,
    entry: &Use<'_>,
    (late, pending): (&Late, Option<ObjectId>),
    whole: bool,
) -> Vec<String> {
    let (plan, graph) = (context.plan, context.graph);
    let (Some(data), Some(pending)) = (late.deferred.first(), pending) else {
        return Vec::new();
    };
    let mut chain = Vec::new();
    let end = late.replaced.first().or(late.unknown.first());
    if let Some(end) = end.filter(|_| whole) {
        let reach = graph.search(
            [graph.object(*end)],
            Direction::Dependencies,
            Sense::Flow,
            |_, _, _| true,
        );
        chain = graph.labels(plan, &reach.path(graph.object(*data)));
    }
    if whole {
        chain.push(plan.address(*data));
    }
    if entry.carrier == Carrier::Module || !whole {
        chain.push(entry.address.clone());
    }
    chain.push(awaited(plan, entry, pending));
    chain.push(plan.address(pending));
    chain.dedup();
    chain
}

/// What an entry waits for, on the way to a change: of a resource that it names by a key all instances.
fn awaited(plan: &Plan, entry: &Use<'_>, pending: ObjectId) -> String {
    if entry.names_instance() && plan.address(pending) != entry.target {
        config_address(&entry.target).into_owned()
    } else {
        entry.target.clone()
    }
}
