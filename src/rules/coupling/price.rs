//! What an entry of a `depends_on` costs in this plan: data sources that are read late, and what follows from that.

use super::entries::{Carrier, Use};
use crate::finding::Related;
use crate::graph::{Direction, NodeId, Sense};
use crate::input::plan::{Action, ObjectId, Plan};
use crate::rules::Context;
use crate::rules::context::count;
use crate::rules::destroy::pending::pending;
use crate::rules::destroy::root::Roots;

/// What an entry costs in this plan.
#[derive(Default)]
pub(super) struct Price {
    /// Data sources that are read late. All entries of one list that put any off put off the same.
    pub(super) deferred: Vec<ObjectId>,
    /// The change they wait for.
    pending: Option<ObjectId>,
    /// Whether it is more than the price of a first apply: what waits for an object that does not exist
    /// yet would be read late with a reference as well.
    pub(super) is_paid: bool,
    /// Objects that are replaced because of a late read.
    pub(super) replaced: Vec<ObjectId>,
    /// Objects that are updated with values unknown because of a late read.
    pub(super) unknown: Vec<ObjectId>,
}

/// What an entry costs that waits for some nodes.
pub(super) fn price(
    context: &Context<'_>,
    entry: &Use<'_>,
    awaited: &[NodeId],
    roots: &mut Roots<'_>,
) -> Price {
    let (plan, graph) = (context.plan, context.graph);
    let late = |id: &ObjectId| {
        plan.objects[*id].action() == Action::Read
            && plan.objects[*id].reason() == "read_because_dependency_pending"
    };
    let deferred: Vec<_> = entry
        .waiting
        .iter()
        .filter_map(|node| graph.as_object(*node))
        .filter(late)
        .collect();
    if deferred.is_empty() {
        return Price::default();
    }
    let changed = pending(plan, graph, awaited.iter().copied());
    let is_there = |id: &ObjectId| plan.objects[*id].action() != Action::Create;
    let existing = changed.iter().copied().find(is_there);
    let Some(pending) = existing.or(changed.first().copied()) else {
        return Price::default();
    };
    let starts = deferred.iter().map(|id| graph.object(*id));
    let reach = graph.search(starts, Direction::Dependents, Sense::Flow, |_, _, _| true);
    let mut price = Price {
        deferred: deferred.clone(),
        pending: Some(pending),
        is_paid: existing.is_some(),
        ..Price::default()
    };
    for id in reach
        .nodes()
        .iter()
        .filter_map(|node| graph.as_object(*node))
    {
        let change = plan.objects[id].change();
        if change.action.replaces() {
            if roots
                .of(id)
                .deferred
                .is_some_and(|data| deferred.contains(&data))
            {
                price.replaced.push(id);
            }
        } else if change.action == Action::Update && change.to_unknown {
            price.unknown.push(id);
        }
    }
    price.is_paid |= !price.replaced.is_empty() || !price.unknown.is_empty();
    price
}

/// What an entry costs, as a sentence.
pub(super) fn paid(plan: &Plan, price: &Price) -> String {
    let addresses: Vec<_> = price.deferred.iter().map(|id| plan.address(*id)).collect();
    let follows = match (price.replaced.len(), price.unknown.len()) {
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
    format!("In this plan {} late{follows}.", reads(&addresses))
}

fn reads(addresses: &[String]) -> String {
    match addresses {
        [one] => format!("{one} is read"),
        [one, rest @ ..] => format!("{one} and {} more are read", rest.len()),
        [] => String::new(),
    }
}

pub(super) fn related(plan: &Plan, price: &Price) -> Vec<Related> {
    let each = |ids: &[ObjectId], message: &'static str| {
        ids.iter()
            .map(|id| Related::new(plan.address(*id), message))
            .collect::<Vec<_>>()
    };
    let mut related = each(&price.deferred, "is read late");
    related.extend(each(
        &price.replaced,
        "is replaced because of the late read",
    ));
    related.extend(each(
        &price.unknown,
        "has unknown values because of the late read",
    ));
    related
}

/// From what is replaced, over the late read and the carrier, to the change that was waited for. Without `whole` only
/// from the carrier on.
pub(super) fn chain(
    context: &Context<'_>,
    entry: &Use<'_>,
    price: &Price,
    whole: bool,
) -> Vec<String> {
    let (plan, graph) = (context.plan, context.graph);
    let (Some(data), Some(pending)) = (price.deferred.first(), price.pending) else {
        return Vec::new();
    };
    let mut chain = Vec::new();
    let end = price.replaced.first().or(price.unknown.first());
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
    chain.push(entry.target.clone());
    chain.push(plan.address(pending));
    chain.dedup();
    chain
}
