//! Instances in the order of a list: those of a block, or of an object in the instances of a module.

use crate::input::plan::{BlockId, Key, ModuleId, ObjectId, Plan};
use std::collections::{BTreeMap, BTreeSet};

/// The instances of one block, or of one object in the instances of a module, by index.
pub(super) type Series = BTreeMap<u64, ObjectId>;

fn is_numbered(plan: &Plan, id: ObjectId) -> bool {
    let kept = plan.objects[id].change().kept.as_deref();
    kept.is_some_and(|kept| kept.labels.is_some()) && plan.objects[id].deposed.is_none()
}

/// What is repeated by number: with `count`, or with `for_each` where the keys are all the positions of a list, from 0 or
/// from 1 on. A port or a year is no position.
fn by_number<'p, T>(instances: impl Iterator<Item = (&'p Key, T)> + Clone) -> BTreeMap<u64, T> {
    let counted = instances.clone().filter_map(|(key, of)| match key {
        Key::Index(index) => Some((*index, of)),
        _ => None,
    });
    let counted: BTreeMap<_, _> = counted.collect();
    if !counted.is_empty() {
        return counted;
    }
    let all = instances.clone().count();
    let placed: BTreeMap<_, _> = instances
        .filter_map(|(key, of)| Some((key.number()?, of)))
        .collect();
    let ends = placed.keys().next().zip(placed.keys().next_back());
    let positions = ends.is_some_and(|(first, last)| {
        *first < 2 && usize::try_from(last - first).is_ok_and(|n| n + 1 == all)
    });
    if positions && placed.len() == all {
        placed
    } else {
        BTreeMap::new()
    }
}

/// The current instances of every block of which some change, those left alone included.
pub(super) fn blocks(plan: &Plan) -> Vec<Series> {
    let numbered = plan.managed().filter(|(id, _)| is_numbered(plan, *id));
    let changed: BTreeSet<_> = numbered.map(|(_, object)| object.block).collect();
    let series = changed.into_iter().map(|block| of_block(plan, block));
    series.collect()
}

/// The current instances of a block; none where it is not repeated by number.
pub(super) fn of_block(plan: &Plan, block: BlockId) -> Series {
    let current = plan.blocks[block].objects.iter();
    let current = current.filter(|id| plan.objects[**id].deposed.is_none());
    by_number(current.filter_map(|id| Some((plan.objects[*id].key.as_ref()?, *id))))
}

/// A repeated module call: the instance it is written in, and its name.
type Call<'p> = (ModuleId, &'p str);

/// The repeated module calls around an object, each with the instance.
fn around(plan: &Plan, id: ObjectId) -> impl Iterator<Item = (Call<'_>, ModuleId)> {
    let modules = plan.enclosing(plan.block(id).module);
    modules.filter_map(|module| {
        let instance = &plan.modules[module];
        instance.key.as_ref()?;
        Some(((instance.parent?, &*instance.call), module))
    })
}

/// For each module call that is repeated by number: its objects, by their place in the module.
pub(super) fn modules(plan: &Plan) -> BTreeMap<Call<'_>, BTreeMap<String, Series>> {
    let numbered = plan.managed().filter(|(id, _)| is_numbered(plan, *id));
    let changed: BTreeSet<_> = numbered
        .flat_map(|(id, _)| around(plan, id).map(|(call, _)| call))
        .collect();
    let mut found: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
    if changed.is_empty() {
        return found;
    }
    let indices = indices(plan, &changed);
    let current = plan.managed();
    for (id, _) in current.filter(|(_, object)| object.deposed.is_none()) {
        for (call, module) in around(plan, id) {
            if let Some(index) = indices.get(&module) {
                let place = plan.address(id)[plan.modules[module].address.len()..].to_owned();
                let series: &mut Series = found.entry(call).or_default().entry(place).or_default();
                series.insert(*index, id);
            }
        }
    }
    found
}

/// The number of each instance of some calls.
fn indices(plan: &Plan, calls: &BTreeSet<Call<'_>>) -> BTreeMap<ModuleId, u64> {
    let mut instances: BTreeMap<Call<'_>, Vec<(&Key, ModuleId)>> = BTreeMap::new();
    for (module, instance) in plan.modules.iter().enumerate() {
        if let (Some(key), Some(parent)) = (&instance.key, instance.parent) {
            let call = (parent, &*instance.call);
            if calls.contains(&call) {
                instances.entry(call).or_default().push((key, module));
            }
        }
    }
    let of_call = |call: &Call<'_>| by_number(instances[call].iter().copied());
    let numbered = calls.iter().flat_map(of_call);
    numbered.map(|(index, module)| (module, index)).collect()
}

#[cfg(test)]
mod tests {
    use super::by_number;
    use crate::input::plan::Key;

    fn numbers(keys: &[Key]) -> Vec<u64> {
        by_number(keys.iter().map(|key| (key, ())))
            .into_keys()
            .collect()
    }

    fn texts(keys: &[&str]) -> Vec<Key> {
        keys.iter().map(|key| Key::Text((*key).into())).collect()
    }

    #[test]
    fn positions_begin_at_the_beginning_and_leave_none_out() {
        assert_eq!(numbers(&texts(&["0", "1", "2"])), [0, 1, 2]);
        assert_eq!(numbers(&texts(&["2", "1"])), [1, 2]);
        for keys in [
            &["80", "443"][..],
            &["2024", "2025"],
            &["0", "2"],
            &["0", "a"],
            &["00", "01"],
        ] {
            assert!(numbers(&texts(keys)).is_empty(), "{keys:?}");
        }
        assert_eq!(numbers(&[Key::Index(3), Key::Text("0".into())]), [3]);
    }
}
