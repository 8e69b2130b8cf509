//! What may be an object that goes, where too little is known to call it a rename.

use crate::finding::Related;
use crate::input::plan::{Action, ModuleId, ObjectId, Plan};
use crate::rules::Context;
use std::collections::BTreeSet;

/// Objects that are created with the same settings, and instances of modules that such are in.
pub(super) fn alike(context: &Context<'_>, members: &[ObjectId]) -> Vec<Related> {
    let (plan, renames) = (context.plan, &context.story().renames);
    let pairs = members.iter().copied();
    let pairs = pairs.filter_map(|id| Some((id, *renames.alike.get(&id)?)));
    let named: BTreeSet<_> = pairs
        .filter_map(|(from, to)| match instances(plan, from, to) {
            Some((from, to)) => {
                let address = |module: ModuleId| plan.modules[module].address.to_string();
                Some((address(to), address(from)))
            }
            None => (!hangs_on_new(context, to)).then(|| (plan.address(to), plan.address(from))),
        })
        .collect();
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
        let mut inside = plan.managed().filter(|(id, _)| {
            let mut around = plan.enclosing(plan.block(*id).module);
            around.any(|one| one == module)
        });
        inside.all(|(_, object)| wanted(object.action()))
    };
    let moves = all(old, Action::removes) && all(new, |action| action == Action::Create);
    moves.then_some((old, new))
}

/// Whether a new object is made of others that are new, and are not known to be old ones under another address: moved alone, it
/// would be replaced for their unknown values.
fn hangs_on_new(context: &Context<'_>, id: ObjectId) -> bool {
    let (plan, renames) = (context.plan, &context.story().renames);
    let made_of = context.graph.made_of(plan, id, None);
    let is_new = |other: &ObjectId| plan.objects[*other].action() == Action::Create;
    made_of
        .iter()
        .any(|other| is_new(other) && !renames.has_target(*other))
}
