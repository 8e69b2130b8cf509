//! Instances of one block are one decision: one line of configuration made them what they are.

use crate::input::plan::{ModuleId, ObjectId, Plan};
use std::collections::BTreeMap;

/// Objects by block, in all instances of its module, and by what is said of them; one object goes by its own address.
pub(super) fn by_block<T: Ord>(
    plan: &Plan,
    found: impl IntoIterator<Item = (ObjectId, T)>,
) -> Vec<(String, T, Vec<ObjectId>)> {
    let mut blocks: BTreeMap<(String, T), Vec<ObjectId>> = BTreeMap::new();
    for (id, said) in found {
        let block = plan.config_address(plan.objects[id].block);
        blocks.entry((block, said)).or_default().push(id);
    }
    let block = |id: ObjectId| plan.objects[id].block;
    let groups = blocks.into_iter().map(|((address, said), members)| {
        let address = match members.as_slice() {
            [only] => plan.address(*only),
            [first, rest @ ..] if rest.iter().all(|id| block(*id) == block(*first)) => {
                plan.block_address(block(*first))
            }
            _ => address,
        };
        (address, said, members)
    });
    groups.collect()
}

/// The addresses of objects.
pub(super) fn addresses(plan: &Plan, members: &[ObjectId]) -> Vec<String> {
    members.iter().map(|id| plan.address(*id)).collect()
}

/// The managed objects in an instance of a module.
pub(super) fn inside(plan: &Plan, module: ModuleId) -> impl Iterator<Item = ObjectId> {
    let objects = plan.managed().map(|(id, _)| id);
    objects.filter(move |id| plan.is_within(plan.block(*id).module, module))
}
