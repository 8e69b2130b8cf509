//! Carries on what was proved: whoever wraps a network into a module takes its gateway along, though nothing of the
//! gateway itself tells one from another; whoever gives two blocks other keys gives them to all beside.

use super::Pair;
use super::compare::{Comparer, Confidence};
use crate::input::plan::{Action, Key, ModuleId, ObjectId, Plan};
use foldhash::HashMap;
use std::collections::{BTreeMap, BTreeSet};

/// So many blocks must have gone the same way, and more than did not.
const PROOF: usize = 2;

/// Pairs of objects that stand at the same place in modules between which other blocks went. `is_open` says of an
/// object that no other finding has it.
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
    let open = |action: Action| {
        let objects = plan
            .managed()
            .filter(move |(_, object)| object.action() == action);
        objects
            .filter(|(id, object)| object.deposed.is_none() && is_open(*id))
            .map(|(id, _)| id)
    };
    let going: Vec<_> = open(Action::Delete).collect();
    let coming: HashMap<_, _> = open(Action::Create)
        .map(|id| (plan.address(id), id))
        .collect();
    let mut found: BTreeMap<ObjectId, Vec<ObjectId>> = BTreeMap::new();
    for (step, proofs) in steps {
        let across = |from: &ObjectId| Some((*from, *coming.get(&step.across(plan, *from)?)?));
        let beside = going.iter().filter_map(across);
        let (likely, others): (Vec<_>, Vec<_>) =
            beside.partition(|(from, to)| comparer.may_be(*from, *to));
        let others: BTreeSet<_> = others.iter().map(|(from, _)| block(plan, *from)).collect();
        if proofs > others.len() {
            for (from, to) in likely {
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
    /// The step that a pair went. Of modules it is the outermost two: what is called the same inside went along.
    fn of(plan: &'p Plan, pair: &Pair) -> Option<Self> {
        let (old, new) = (&plan.objects[pair.from], &plan.objects[pair.to]);
        if old.block == new.block {
            let module = plan.block(pair.from).module;
            return Some(Self::Key(module, old.key.as_ref()?, new.key.as_ref()?));
        }
        let mut at = (plan.block(pair.from).module, plan.block(pair.to).module);
        while at.0 != at.1 {
            let (old, new) = (&plan.modules[at.0], &plan.modules[at.1]);
            let (Some(up), Some(over)) = (old.parent, new.parent) else {
                return Some(Self::Module(at.0, at.1));
            };
            if (&old.call, &old.key) != (&new.call, &new.key) {
                return Some(Self::Module(at.0, at.1));
            }
            at = (up, over);
        }
        None
    }

    /// The address of an object after it; nothing for an object that does not go it.
    fn across(self, plan: &Plan, id: ObjectId) -> Option<String> {
        match self {
            Self::Module(from, to) => {
                let mut modules = plan.enclosing(plan.block(id).module);
                modules.any(|module| module == from).then_some(())?;
                let (old, new) = (&plan.modules[from].address, &plan.modules[to].address);
                let address = plan.address(id);
                let inside = address[old.len()..].trim_start_matches('.');
                Some(match &**new {
                    "" => inside.to_owned(),
                    new => format!("{new}.{inside}"),
                })
            }
            Self::Key(module, old, new) => {
                let object = &plan.objects[id];
                let goes = plan.block(id).module == module && object.key.as_ref() == Some(old);
                goes.then(|| format!("{}{new}", plan.block_address(object.block)))
            }
        }
    }
}

fn block(plan: &Plan, id: ObjectId) -> String {
    plan.config_address(plan.objects[id].block)
}
