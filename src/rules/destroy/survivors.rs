//! Who depended on what goes, and stays.

use crate::graph::{Direction, Sense};
use crate::input::address::Mode;
use crate::input::plan::{BlockId, ObjectId};
use crate::rules::Context;
use std::collections::{BTreeSet, HashSet};

/// An object that stays, and how it hangs on one that goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Survivor {
    /// The state remembers the dependency.
    Remembered(ObjectId, Vec<String>),
    /// An argument of its block holds the name of the object literally.
    Literal(BlockId, String),
}

/// Everything that stays and hung on a member, remembered dependencies first.
pub(super) fn all(context: &Context<'_>, members: &[ObjectId]) -> Vec<Survivor> {
    let mut found = survivors(context, members);
    let remembered: BTreeSet<BlockId> = found
        .iter()
        .filter_map(|survivor| match survivor {
            Survivor::Remembered(id, _) => Some(context.plan.objects[*id].block),
            Survivor::Literal(..) => None,
        })
        .collect();
    let literal = literals(context, members).into_iter();
    found.extend(literal.filter(
        |survivor| !matches!(survivor, Survivor::Literal(block, _) if remembered.contains(block)),
    ));
    found
}

/// Blocks that stay and hold the id, ARN or name of a member as a literal text.
fn literals(context: &Context<'_>, members: &[ObjectId]) -> Vec<Survivor> {
    let plan = context.plan;
    let kinds: HashSet<&str> = members.iter().map(|id| &*plan.block(*id).kind).collect();
    let names: HashSet<u64> = members
        .iter()
        .filter_map(|id| plan.objects[*id].change().kept.as_deref())
        .flat_map(|kept| kept.identities.iter().copied())
        .collect();
    if names.is_empty() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (id, block) in plan.blocks.iter().enumerate() {
        let stays = block
            .objects
            .iter()
            .any(|id| !plan.objects[*id].action().removes());
        // A block of the same type with the same name is the object anew, not one that uses it.
        let other = stays && block.mode == Mode::Managed && !kinds.contains(&*block.kind);
        let resource = other.then(|| plan.resource(id)).flatten();
        let literals = resource
            .map(|resource| &*resource.literals)
            .unwrap_or_default();
        if let Some((argument, _)) = literals.iter().find(|(_, print)| names.contains(print)) {
            found.push(Survivor::Literal(id, argument.to_string()));
        }
    }
    found
}

/// Managed objects that remember a member as a dependency and are not removed themselves.
pub(super) fn survivors(context: &Context<'_>, members: &[ObjectId]) -> Vec<Survivor> {
    let (plan, graph) = (context.plan, context.graph);
    let starts: Vec<_> = members
        .iter()
        .filter(|id| plan.objects[**id].deposed.is_none())
        .map(|id| graph.object(*id))
        .collect();
    // One object remembers the whole closure: the search ends at the first object it meets.
    let reach = graph.search(
        starts,
        Direction::Dependents,
        Sense::State,
        |from, _, to| {
            graph.as_object(from).is_none_or(|id| members.contains(&id))
                || graph.as_object(to).is_some()
        },
    );
    let objects = reach
        .nodes()
        .iter()
        .filter_map(|node| graph.as_object(*node));
    let mut found: Vec<_> = objects
        .filter(|id| plan.block(*id).mode == Mode::Managed && plan.objects[*id].prior)
        .filter(|id| !plan.objects[*id].action().removes() && plan.objects[*id].deposed.is_none())
        .collect();
    found.sort_unstable();
    let path = |id: ObjectId| {
        let mut path = reach.path(graph.object(id));
        path.reverse();
        graph.labels(plan, &path)
    };
    found
        .into_iter()
        .map(|id| Survivor::Remembered(id, path(id)))
        .collect()
}
