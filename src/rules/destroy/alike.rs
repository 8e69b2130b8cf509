//! What may be an object that goes, where too little is known to call it a rename.

use super::instances::inside;
use super::rename::tells_apart;
use crate::finding::Related;
use crate::input::plan::{Action, ModuleId, ObjectId, Plan};
use crate::rules::Context;
use foldhash::HashMap;
use std::collections::BTreeSet;

/// Objects that are created with the same settings, and instances of modules that such are in.
pub(super) fn alike(context: &Context<'_>, members: &[ObjectId]) -> Vec<Related> {
    let (plan, renames) = (context.plan, &context.story().renames);
    let pairs = members.iter().copied();
    let pairs = pairs.filter_map(|id| Some((id, *renames.alike.get(&id)?)));
    let (mut named, mut modules) = (BTreeSet::new(), BTreeSet::new());
    for (from, to) in pairs {
        if let Some(both) = instances(plan, from, to) {
            modules.insert(both);
        } else if !hangs_on_new(context, to, None) {
            named.insert((plan.address(to), plan.address(from)));
        }
    }
    let address = |module: ModuleId| plan.modules[module].address.to_string();
    let modules = modules.into_iter();
    let modules = modules.filter(|(from, to)| may_be_one(context, *from, *to));
    named.extend(modules.map(|(from, to)| (address(to), address(from))));
    let related = named.into_iter().map(|(to, from)| {
        let message =
            format!("is created with the same settings: if it is {from}, add a moved block");
        Related::new(to, message)
    });
    related.collect()
}

/// The instances of one call that two objects are in at the same place, where the one goes as a whole and the other comes: what
/// hangs on each other there moves together or not at all.
fn instances(plan: &Plan, from: ObjectId, to: ObjectId) -> Option<(ModuleId, ModuleId)> {
    let around = |id: ObjectId| plan.enclosing(plan.block(id).module);
    let pairs = around(from).flat_map(|old| around(to).map(move |new| (old, new)));
    let address = |id: ObjectId| plan.address(id);
    let (from, to) = (address(from), address(to));
    let mut pairs = pairs.filter(|(old, new)| {
        let (old, new) = (&plan.modules[*old], &plan.modules[*new]);
        let keyed = old.key.is_some() && new.key.is_some() && old.key != new.key;
        let place = from.strip_prefix(&*old.address);
        keyed && old.call_site() == new.call_site() && place == to.strip_prefix(&*new.address)
    });
    let (old, new) = pairs.next()?;
    let all = |module: ModuleId, wanted: fn(Action) -> bool| {
        let mut inside = inside(plan, module);
        inside.all(|id| wanted(plan.objects[id].action()))
    };
    let moves = all(old, Action::removes) && all(new, |action| action == Action::Create);
    moves.then_some((old, new))
}

/// Whether nothing in two instances of a module tells that they are two: a name, or what they hang on outside.
fn may_be_one(context: &Context<'_>, old: ModuleId, new: ModuleId) -> bool {
    let plan = context.plan;
    let address = |module: ModuleId| &*plan.modules[module].address;
    let place =
        |id: ObjectId, module| Some(plan.address(id).strip_prefix(address(module))?.to_owned());
    let coming: HashMap<_, _> = inside(plan, new).map(|id| (place(id, new), id)).collect();
    let pairs = inside(plan, old).filter_map(|id| Some((id, *coming.get(&place(id, old))?)));
    let pairs: Vec<_> = pairs.collect();
    !tells_apart(plan, &pairs)
        && !coming
            .values()
            .any(|id| hangs_on_new(context, *id, Some(new)))
}

/// Whether a new object is made of others that are new, and are not known to be old ones under another address: moved alone, or
/// with what is in its module alone, it would be replaced for their unknown values.
fn hangs_on_new(context: &Context<'_>, id: ObjectId, along: Option<ModuleId>) -> bool {
    let (plan, renames) = (context.plan, &context.story().renames);
    let made_of = context.graph.made_of(plan, id, None);
    let goes_along = |other: ObjectId| {
        along.is_some_and(|along| plan.is_within(plan.block(other).module, along))
    };
    let is_new =
        |other: &ObjectId| plan.objects[*other].action() == Action::Create && !goes_along(*other);
    made_of
        .iter()
        .any(|other| is_new(other) && !renames.has_target(*other))
}
