//! Carries on what was proved: whoever wraps a network into a module takes its gateway along, though nothing of the
//! gateway itself tells one from another; whoever gives two blocks other keys gives them to all beside.

use super::Pair;
use super::compare::{Comparer, Confidence};
use crate::input::plan::{Action, Key, ModuleId, ObjectId, Plan, inside, join};
use foldhash::HashMap;
use std::collections::{BTreeMap, BTreeSet};

/// So many blocks must have gone the same way, and more than did not.
const PROOF: usize = 2;

/// Blocks of more instances are not looked at for keys.
const MOST_INSTANCES: usize = 100;

/// Pairs of objects that stand at the same place after the steps of other blocks. `is_open` says of an object that no
/// other finding has it.
pub(super) fn carried(
    comparer: &Comparer<'_>,
    pairs: &[Pair],
    is_open: impl Fn(ObjectId) -> bool,
) -> Vec<(ObjectId, ObjectId)> {
    let plan = comparer.plan();
    let steps = steps(plan, pairs);
    if steps.is_empty() {
        return Vec::new();
    }
    let modules = plan.modules.iter().enumerate();
    let modules: HashMap<&str, ModuleId> =
        modules.map(|(id, module)| (&*module.address, id)).collect();
    let is_free = |id: ObjectId, action| {
        let object = &plan.objects[id];
        object.action() == action && object.deposed.is_none() && is_open(id)
    };
    let going = plan.managed().map(|(id, _)| id);
    let going: Vec<_> = going.filter(|id| is_free(*id, Action::Delete)).collect();
    let mut found: BTreeMap<ObjectId, Vec<ObjectId>> = BTreeMap::new();
    for (step, proofs) in &steps {
        let across = |from: &ObjectId| Some((*from, step.across(plan, &modules, *from)?));
        let beside = going.iter().filter_map(across);
        let beside = beside.filter(|(_, to)| is_free(*to, Action::Create));
        let (likely, others): (Vec<_>, Vec<_>) =
            beside.partition(|(from, to)| comparer.may_be(*from, *to));
        let others: BTreeSet<_> = others.iter().map(|(from, _)| block(plan, *from)).collect();
        if *proofs > others.len() {
            let likely = likely.into_iter();
            for (from, to) in
                likely.filter(|(from, to)| step.fits(comparer, (*from, *to), &steps, is_free))
            {
                found.entry(from).or_default().push(to);
            }
        }
    }
    let found = found.into_iter();
    found
        .filter_map(|(from, targets)| match targets.as_slice() {
            [only] => Some((from, *only)),
            _ => None,
        })
        .collect()
}

/// The steps that enough pairs went, and how many blocks went each.
fn steps<'p>(plan: &'p Plan, pairs: &[Pair]) -> BTreeMap<Step<'p>, usize> {
    let mut blocks: BTreeMap<Step<'p>, BTreeSet<String>> = BTreeMap::new();
    for pair in pairs
        .iter()
        .filter(|pair| pair.confidence > Confidence::Low)
    {
        if let Some(step) = Step::of(plan, pair) {
            let blocks = blocks.entry(step).or_default();
            blocks.insert(block(plan, pair.from));
        }
    }
    let counted = blocks.into_iter();
    counted
        .map(|(step, blocks)| (step, blocks.len()))
        .filter(|(_, proofs)| *proofs >= PROOF)
        .collect()
}

/// What several blocks did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step<'p> {
    /// They left a module for another, with all that is in it.
    Module(ModuleId, ModuleId),
    /// In a module, instances of one key got another.
    Key(ModuleId, &'p Key, &'p Key),
}

impl<'p> Step<'p> {
    /// The step that a pair went.
    fn of(plan: &'p Plan, pair: &Pair) -> Option<Self> {
        let (old, new) = (&plan.objects[pair.from], &plan.objects[pair.to]);
        if old.block == new.block {
            let module = plan.block(pair.from).module;
            return Some(Self::Key(module, old.key.as_ref()?, new.key.as_ref()?));
        }
        let module = |id| plan.block(id).module;
        let (from, to) = parting(plan, module(pair.from), module(pair.to))?;
        Some(Self::Module(from, to))
    }

    /// Whether nothing else in the block fits better. Keys of one list need not be those of another: what a block goes
    /// over in an order of its own is told by its values alone.
    fn fits(
        self,
        comparer: &Comparer<'p>,
        (from, to): (ObjectId, ObjectId),
        steps: &BTreeMap<Self, usize>,
        is_free: impl Fn(ObjectId, Action) -> bool,
    ) -> bool {
        let Self::Key(module, ..) = self else {
            return true;
        };
        let plan = comparer.plan();
        let block = &plan.blocks[plan.objects[from].block].objects;
        if block.len() > MOST_INSTANCES {
            return false;
        }
        let of = |action| {
            let free = block.iter().filter(|id| is_free(**id, action));
            free.copied().collect::<Vec<_>>()
        };
        let (going, coming) = (of(Action::Delete), of(Action::Create));
        let key = |id: ObjectId| plan.objects[id].key.as_ref();
        let goes = |new| {
            let mut old = going.iter().filter_map(|id| key(*id));
            old.any(|old| steps.contains_key(&Self::Key(module, old, new)))
        };
        let differing = |from, to| {
            let likeness = comparer.compare(from, to);
            likeness.map_or(usize::MAX, |likeness| likeness.differing.len())
        };
        let best = differing(from, to);
        coming.iter().filter_map(|id| key(*id)).all(goes)
            && coming.iter().all(|other| differing(from, *other) >= best)
            && going.iter().all(|other| differing(*other, to) >= best)
    }

    /// What stands where an object would after it; nothing for an object that does not go it.
    fn across(
        self,
        plan: &Plan,
        modules: &HashMap<&str, ModuleId>,
        id: ObjectId,
    ) -> Option<ObjectId> {
        let (object, block) = (&plan.objects[id], plan.block(id));
        let (block, key) = match self {
            Self::Module(from, to) => {
                plan.is_within(block.module, from).then_some(())?;
                let address = |id: ModuleId| &*plan.modules[id].address;
                let module = if block.module == from {
                    to
                } else {
                    let rest = inside(address(from), address(block.module))?;
                    *modules.get(&*join(address(to), rest))?
                };
                let there = plan.find_block(module, block.mode, &block.kind, &block.name)?;
                (there, object.key.as_ref())
            }
            Self::Key(module, old, new) => {
                let goes = block.module == module && object.key.as_ref() == Some(old);
                goes.then_some((object.block, Some(new)))?
            }
        };
        let mut objects = plan.blocks[block].objects.iter().copied();
        objects.find(|id| plan.objects[*id].key.as_ref() == key)
    }
}

/// The modules where the ways from two modules up to the root part: inside of those everything is called the same.
/// Nothing for a module and itself.
pub(in super::super) fn parting(
    plan: &Plan,
    mut from: ModuleId,
    mut to: ModuleId,
) -> Option<(ModuleId, ModuleId)> {
    while from != to {
        let (old, new) = (&plan.modules[from], &plan.modules[to]);
        let same = (&old.call, &old.key) == (&new.call, &new.key);
        let (true, Some(up), Some(over)) = (same, old.parent, new.parent) else {
            return Some((from, to));
        };
        (from, to) = (up, over);
    }
    None
}

fn block(plan: &Plan, id: ObjectId) -> String {
    plan.config_address(plan.objects[id].block)
}
