//! Flags objects that are destroyed and created anew, one finding per root. Updates that only follow are
//! listed, not blamed.

use super::loss::Loss;
use super::replaced::{Group, by_line, by_root};
use super::replacement::{fix, forced, in_order, message};
use super::reworded::by_decider;
use super::successor::{collisions, order};
use super::wake::followers;
use crate::finding::{Finding, Place, Related, Severity};
use crate::graph::{Direction, Kind, NodeId, Sense};
use crate::input::plan::ObjectId;
use crate::rules::{Context, Family, Meta, Rule, Sink};
use std::collections::BTreeSet;

pub(crate) struct PlannedReplace;

static META: Meta = Meta {
    id: "planned-replace",
    summary: "Flags objects that are destroyed and created anew, under what set it off.",
    severity: Severity::Error,
    family: Family::Destroy,
    options: &[],
    page: include_str!("../../../rules/planned-replace.md"),
};

/// So many followers are named.
const FOLLOWERS: usize = 20;
impl Rule for PlannedReplace {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink) {
        let groups = by_line(context.plan, by_root(context));
        for group in by_decider(context, groups) {
            let finding = finding(context, sink, &group);
            sink.report(finding);
        }
    }
}

fn finding(context: &Context<'_>, sink: &Sink, group: &Group) -> Finding {
    let (plan, cause) = (context.plan, group.cause());
    let address = group.address(plan);
    let collisions = collisions(plan, &group.members);
    let followers = followers(context, &group.members);
    let follower = |address: &String| Related::new(address, "is updated in its wake");
    let named = followers.iter().take(FOLLOWERS).map(follower);
    let paths: BTreeSet<_> = forced(plan, group).map(|forced| &*forced.path).collect();
    let mut finding = sink
        .finding(
            &address,
            message(context, group, &collisions, followers.len()),
        )
        .members(group.members.iter().map(|id| plan.address(*id)).collect())
        .fact("attributes", paths.into_iter().collect::<Vec<_>>())
        .fact("order", order(plan, &group.members))
        .fact("name_collisions", collisions)
        .fact("followers", followers.len())
        .fact("spared", group.spared)
        .related(named)
        .out_of(followers.len())
        .fix(fix(context, group));
    let roots: Vec<_> = group.roots.iter().map(|id| plan.address(*id)).collect();
    let block = |id: ObjectId| plan.objects[id].block;
    let first = block(group.roots[0]);
    let mut blocks = group.roots.iter().map(|id| block(*id));
    if group.decider.is_none() && blocks.all(|block| plan.is_same_block(first, block)) {
        finding = finding.fact("root", address);
    } else {
        finding = finding.fact("root", roots.clone());
    }
    if roots.len() > 1 {
        finding = finding.fact("roots", roots);
    }
    let others: BTreeSet<_> = group
        .roots_beside()
        .0
        .union(&group.besides)
        .copied()
        .collect();
    if !others.is_empty() {
        finding = finding.fact("other_roots", in_order(plan, &others));
    }
    finding.cause = cause;
    if group.decider.is_some() {
        finding.place = Place::Passed;
    }
    let mut known = forced(plan, group).filter(|forced| !forced.unknown);
    if let Some(forced) = known.next().filter(|_| group.decider.is_none()) {
        finding.place = Place::Argument((*forced.path).into());
    }
    finding.path = path(context, group);
    Loss::of(plan, &group.members).tell(finding)
}

/// The longest of the shortest paths from a member to the root; not through an instance that the member does not hang on,
/// nor along what only waits, unless a late read is between.
fn path(context: &Context<'_>, group: &Group) -> Vec<String> {
    let (plan, graph) = (context.plan, context.graph);
    let (roots, members) = (&group.roots, &group.members);
    if members == roots {
        return Vec::new();
    }
    let mut sense = Sense::Flow;
    let mut found = if group.deferred.is_empty() {
        longest(context, roots, members, (&|_| false, sense))
    } else {
        through_reads(context, group)
    };
    if found.is_empty() {
        sense = Sense::Order;
        found = longest(context, roots, members, (&|_| false, sense));
    }
    if let Some(id) = found.first().and_then(|node| graph.as_object(*node)) {
        let beside = context.story().formerly.beside(plan, id);
        if graph.objects_among(&found).any(&beside) {
            let straight = longest(context, roots, &[id], (&beside, sense));
            if !straight.is_empty() {
                found = straight;
            }
        }
    }
    graph.labels(plan, &found)
}

/// From a member along values to what is read late, and on to what that waits for.
fn through_reads(context: &Context<'_>, group: &Group) -> Vec<NodeId> {
    let late: Vec<_> = group.deferred.iter().copied().collect();
    let from = |roots: &[ObjectId], to: &[ObjectId], sense| {
        longest(context, roots, to, (&|_| false, sense))
    };
    let mut found = from(&late, &group.members, Sense::Flow);
    let read = found.pop().and_then(|node| context.graph.as_object(node));
    let rest = read.map(|read| from(&group.roots, &[read], Sense::Order));
    match rest {
        Some(rest) if !rest.is_empty() => found.extend(rest),
        _ => found.clear(),
    }
    found
}

/// The longest of the shortest paths from members to the roots, around some objects.
fn longest(
    context: &Context<'_>,
    roots: &[ObjectId],
    members: &[ObjectId],
    (around, sense): (&dyn Fn(ObjectId) -> bool, Sense),
) -> Vec<NodeId> {
    let (plan, graph) = (context.plan, context.graph);
    let straight = roots.iter().filter(|root| !around(**root));
    let reach = graph.search(
        straight.map(|root| graph.object(*root)),
        Direction::Dependents,
        sense,
        |_, edge, to| {
            let waits = matches!(edge.kind, Kind::DependsOn | Kind::ModuleDependsOn);
            (sense == Sense::Order || !waits) && !graph.as_object(to).is_some_and(around)
        },
    );
    let members: BTreeSet<_> = members.iter().filter(|id| !roots.contains(id)).collect();
    let nodes = reach.nodes().iter().enumerate();
    let reached = nodes.filter(|(_, node)| {
        let object = graph.as_object(**node);
        object.is_some_and(|id| members.contains(&id))
    });
    let paths = reached.map(|(place, _)| {
        let mut path = reach.path_to(place);
        path.reverse();
        (graph.labels(plan, &path), path)
    });
    let longest = paths.max_by(|(a, _), (b, _)| a.len().cmp(&b.len()).then_with(|| b.cmp(a)));
    longest.map(|(_, path)| path).unwrap_or_default()
}
