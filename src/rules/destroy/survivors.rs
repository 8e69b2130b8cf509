//! Who depended on what goes, and stays.

use super::by_instance::ByInstance;
use crate::catalog::attributes::TAGS;
use crate::catalog::naming::{has_own_name, is_own_name};
use crate::graph::{Direction, Graph, Node, NodeId, Reach, Sense};
use crate::input::address::Mode;
use crate::input::names::Name;
use crate::input::plan::wants_another;
use crate::input::plan::{BlockId, How, ObjectId, Plan, attribute_of};
use crate::rules::Context;
use foldhash::{HashMap, HashSet};
use std::collections::{BTreeMap, BTreeSet};

/// Who hung on members and stays. Behind a network that is half a large state, so that each takes a number and no more.
#[derive(Debug, Default)]
pub(super) struct Survivors {
    /// Objects of which the state remembers the dependency.
    pub(super) remembered: Vec<ObjectId>,
    /// Blocks an argument of which holds the name of a member literally.
    pub(super) literal: Vec<(BlockId, String)>,
    /// From the first of the objects to what goes.
    pub(super) path: Vec<String>,
}

impl Survivors {
    /// How many they are.
    pub(super) fn len(&self) -> usize {
        self.remembered.len() + self.literal.len()
    }
}

/// Everything that stays and hung on a member.
pub(super) fn all(
    context: &Context<'_>,
    members: &[ObjectId],
    by_instance: &mut ByInstance<'_>,
) -> Survivors {
    let mut found = survivors(context, members, by_instance);
    let block = |id: &ObjectId| context.plan.objects[*id].block;
    let remembered: BTreeSet<BlockId> = found.remembered.iter().map(block).collect();
    found.literal = literals(context, members);
    found
        .literal
        .retain(|(block, _)| !remembered.contains(block));
    found
}

/// Blocks that hold a print of a name that goes, each with the argument.
pub(super) type Literals = HashMap<u64, Vec<(BlockId, Name)>>;

/// Where the names of what goes stand literally in blocks that stay.
pub(super) fn named(plan: &Plan) -> Literals {
    let going = plan
        .managed()
        .filter(|(_, object)| object.action().removes());
    let names: HashSet<u64> = going
        .filter_map(|(_, object)| object.change().kept.as_deref())
        .flat_map(|kept| kept.identities.iter().copied())
        .collect();
    let mut found = Literals::default();
    if names.is_empty() {
        return found;
    }
    let blocks = plan.modules.iter().flat_map(|module| {
        let config = module.config.map(|id| &plan.configuration.modules[id]);
        let resources = config
            .into_iter()
            .flat_map(|config| config.resources.values());
        module.configured.iter().copied().zip(resources)
    });
    let held =
        blocks.flat_map(|(id, resource)| resource.literals.iter().map(move |held| (id, held)));
    for (id, (argument, print)) in held.filter(|(_, (_, print))| names.contains(print)) {
        let block = &plan.blocks[id];
        // What has the same name itself need not mean the other; nor does a word on a tag.
        if is_own_name(&block.kind, argument) || TAGS.contains(&&**argument) {
            continue;
        }
        if stays(plan, id) {
            let holders = found.entry(*print).or_default();
            holders.push((id, Name::clone(argument)));
        }
    }
    found
}

/// Whether a block is one of managed objects, some of which stay.
fn stays(plan: &Plan, block: BlockId) -> bool {
    plan.blocks[block].mode == Mode::Managed && !plan.goes(block)
}

/// Blocks that stay and hold the id, ARN or name of a member as a literal text.
fn literals(context: &Context<'_>, members: &[ObjectId]) -> Vec<(BlockId, String)> {
    let plan = context.plan;
    let kinds: HashSet<&str> = members.iter().map(|id| &*plan.block(*id).kind).collect();
    let named = members
        .iter()
        .filter(|id| has_own_name(&plan.block(**id).kind));
    let prints = named.flat_map(|id| identities(plan, *id).iter().map(|print| (*id, print)));
    let holders = prints
        .filter_map(|(id, print)| Some((id, print, context.story().literals.get(print)?)))
        .flat_map(|(id, print, holders)| holders.iter().map(move |holder| (id, print, holder)))
        .filter(|(id, _, (block, argument))| {
            let kind = &plan.block(*id).kind;
            !plan.works_elsewhere(*block, *id) && !wants_another(argument, kind)
        })
        .map(|(_, print, holder)| (print, holder))
        // A block of the same type with the same name is the object anew, not one that uses it.
        .filter(|(_, (block, _))| !kinds.contains(&*plan.blocks[*block].kind))
        .filter(|(print, (block, _))| !means_another(plan, members, *block, **print))
        .map(|(_, holder)| holder);
    // Prints come in the order of hashes, which is another in every run.
    let mut found: BTreeMap<BlockId, &Name> = BTreeMap::new();
    for (id, name) in holders {
        let known = found.entry(*id).or_insert(name);
        *known = name.min(known);
    }
    for (block, path) in calling(plan, members) {
        if !kinds.contains(&*plan.blocks[block].kind) {
            found.entry(block).or_insert(path);
        }
    }
    found
        .into_iter()
        .map(|(id, argument)| (id, attribute_of(argument).to_owned()))
        .collect()
}

/// Blocks that stay, and the values in which they call a member.
fn calling<'p>(plan: &'p Plan, members: &[ObjectId]) -> impl Iterator<Item = (BlockId, &'p Name)> {
    let members: HashSet<ObjectId> = members.iter().copied().collect();
    let mentions = plan.mentions.found.iter();
    let called = mentions.filter(move |mention| {
        members.contains(&mention.named)
            && (mention.how == How::Id || !plan.works_elsewhere(mention.block, mention.named))
            && stays(plan, mention.block)
    });
    called.filter_map(|mention| Some((mention.block, mention.path.as_ref()?)))
}

/// What names an object that goes.
fn identities(plan: &Plan, id: ObjectId) -> &[u64] {
    let kept = plan.objects[id].change().kept.as_deref();
    kept.map_or(&[], |kept| &kept.identities)
}

/// Whether a block is known to mean another object that goes under the same name: a database, not its subnet group.
fn means_another(plan: &Plan, members: &[ObjectId], block: BlockId, print: u64) -> bool {
    let mentions = plan.mentions.found.iter();
    let mut named = mentions
        .filter(|mention| {
            mention.block == block && identities(plan, mention.named).contains(&print)
        })
        .peekable();
    named.peek().is_some() && named.all(|mention| !members.contains(&mention.named))
}

/// Members, and all that remember one as a dependency.
pub(super) fn remembering(graph: &Graph, members: &BTreeSet<ObjectId>) -> Reach {
    // One object remembers the whole closure: the search ends at the first object it meets.
    graph.search(
        members.iter().map(|id| graph.object(*id)),
        Direction::Dependents,
        Sense::State,
        |from, _, _| graph.as_object(from).is_none_or(|id| members.contains(&id)),
    )
}

/// Lists of the state, and the blocks of members that stand in them.
type Lists = HashMap<NodeId, BTreeSet<BlockId>>;

/// The lists that name members.
fn lists(context: &Context<'_>, members: &BTreeSet<ObjectId>) -> Lists {
    let (plan, graph) = (context.plan, context.graph);
    let above = |node| graph.neighbours(node, Direction::Dependents, Sense::State);
    let is_list = |node| matches!(graph.node(node), Node::Remembered(..));
    let mut lists = Lists::default();
    let mut seen = HashSet::default();
    for id in members {
        let block = plan.objects[*id].block;
        for (node, _) in above(graph.object(*id)) {
            if is_list(node) {
                lists.entry(node).or_default().insert(block);
            } else if matches!(graph.node(node), Node::Recorded(_)) && seen.insert(node) {
                for (list, _) in above(node).filter(|(list, _)| is_list(*list)) {
                    lists.entry(list).or_default().insert(block);
                }
            }
        }
    }
    lists
}

/// The blocks of members that an object remembers.
fn remembered(context: &Context<'_>, id: ObjectId, lists: &Lists) -> Vec<BlockId> {
    let graph = context.graph;
    let own = graph.neighbours(graph.object(id), Direction::Dependencies, Sense::State);
    let blocks = own.filter_map(|(list, _)| lists.get(&list));
    blocks.flatten().copied().collect()
}

/// Managed objects that remember a member as a dependency and are not removed themselves.
fn survivors(
    context: &Context<'_>,
    members: &[ObjectId],
    by_instance: &mut ByInstance<'_>,
) -> Survivors {
    let (plan, graph) = (context.plan, context.graph);
    let members: BTreeSet<ObjectId> = members
        .iter()
        .copied()
        .filter(|id| plan.objects[*id].deposed.is_none())
        .collect();
    let lists = lists(context, &members);
    let reach = remembering(graph, &members);
    let objects = graph.objects_among(reach.nodes());
    let mut found: Vec<_> = objects
        .filter(|id| plan.block(*id).mode == Mode::Managed && plan.objects[*id].prior)
        .filter(|id| {
            let object = &plan.objects[*id];
            let goes = object.action().removes() || object.action().destroys();
            !goes && object.deposed.is_none()
        })
        .collect();
    found.sort_unstable();
    found.retain(|id| {
        let remembered = remembered(context, *id, &lists);
        let mut each = remembered.iter();
        remembered.is_empty() || each.any(|block| !by_instance.spares(*id, *block))
    });
    let path = found.first().map(|id| {
        let mut path = reach.path(graph.object(*id));
        path.reverse();
        graph.labels(plan, &path)
    });
    Survivors {
        remembered: found,
        literal: Vec::new(),
        path: path.unwrap_or_default(),
    }
}
