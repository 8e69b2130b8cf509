//! Joins the shifts that one edit of a list made: whoever puts an element before others does it once, for every block
//! that goes over the list.

use super::keys::{Keys, keys};
use super::numbered::numbered;
use super::series::of_block;
use super::{Repeated, Shift};
use crate::input::address::config_address;
use crate::input::plan::configuration::Each;
use crate::input::plan::references::Target;
use crate::input::plan::{BlockId, Key, ModuleId, ObjectId, Plan, call_address};
use crate::rules::destroy::cause::{
    deciders_of_block, deciders_of_call, repetition_of_block, shown,
};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// An edit of a list.
pub(in crate::rules::destroy) struct Edit<'s> {
    /// What it shifted; first what names the elements best.
    pub(in crate::rules::destroy) shifts: Vec<&'s Shift>,
    /// What is replaced because of that.
    pub(in crate::rules::destroy) followers: Vec<ObjectId>,
    /// What the count is made of.
    pub(in crate::rules::destroy) list: Vec<String>,
    /// What its elements are called.
    pub(in crate::rules::destroy) keys: Keys,
    /// What goes over the list: what shifted, and what hangs on it and is repeated as often.
    repeated: BTreeSet<Repeated>,
}

/// The edits behind some shifts.
pub(in crate::rules::destroy) fn edits<'s>(
    plan: &Plan,
    shifts: &'s [(Shift, Vec<ObjectId>)],
) -> Vec<Edit<'s>> {
    let mut joined: BTreeMap<_, Vec<&(Shift, Vec<ObjectId>)>> = BTreeMap::new();
    for one in shifts {
        let (shift, _) = one;
        let list = first_list(plan, shifts, shift);
        // A list that nobody tells is the same in all instances of a module.
        let own = (list.len() != 1).then(|| config_address(&shift.address));
        let how = (shift.by, shift.first, &shift.inserted, &shift.removed);
        joined.entry((own, list, how)).or_default().push(one);
    }
    let counted = if joined.is_empty() {
        Vec::new()
    } else {
        counted(plan)
    };
    let joined = joined.into_iter();
    joined
        .map(|((_, list, _), group)| edit(plan, list, group, &counted))
        .collect()
}

/// A block or call that is repeated by numbers, one of its instances, and what its count is made of.
type Counted = (Repeated, Vec<String>);

/// Everything that is repeated by numbers, and is there before the plan.
fn counted(plan: &Plan) -> Vec<Counted> {
    let mut calls = BTreeSet::new();
    let mut found = Vec::new();
    for block in 0..plan.blocks.len() {
        let mut old = plan.blocks[block].objects.iter();
        let Some(id) = old.find(|id| is_old(plan, **id)) else {
            continue;
        };
        if place(plan.objects[*id].key.as_ref()).is_some() {
            found.push((Repeated::Block(*id), deciders_of_block(plan, block)));
        }
        for module in plan.enclosing(plan.blocks[block].module) {
            let is_counted = place(plan.modules[module].key.as_ref()).is_some();
            if is_counted && calls.insert(plan.modules[module].call_site()) {
                found.push((Repeated::Module(module), deciders_of_call(plan, module)));
            }
        }
    }
    found
}

fn edit<'s>(
    plan: &Plan,
    list: Vec<String>,
    mut group: Vec<&'s (Shift, Vec<ObjectId>)>,
    counted: &[Counted],
) -> Edit<'s> {
    // The shortest labels are the elements: others are made of them. Of equal ones that on which most hangs.
    group.sort_by_key(|(shift, followers)| {
        let labels = shift.labels.values();
        let length: usize = labels.map(|label| label.len()).sum();
        // What names an element of a module is not in its resources.
        let is_module = matches!(shift.repeated, Repeated::Module(_));
        (is_module, length == 0, length, Reverse(followers.len()))
    });
    let followers = group.iter().flat_map(|(_, followers)| followers);
    let followers: BTreeSet<_> = followers.copied().collect();
    let shifts: Vec<_> = group.iter().map(|(shift, _)| shift).collect();
    let mut edit = Edit {
        keys: keys(plan, &shifts),
        shifts,
        followers: followers.into_iter().collect(),
        list,
        repeated: BTreeSet::new(),
    };
    edit.repeated = edit.going_over(plan, counted);
    edit
}

/// What a shift destroys.
pub(in crate::rules::destroy) fn destroyed(plan: &Plan, shift: &Shift) -> Vec<ObjectId> {
    let objects = shift.objects.iter().copied();
    objects
        .filter(|id| plan.objects[*id].action().destroys())
        .collect()
}

/// What goes because lists got shorter that shifted as well, beside each of the shifts: of a block whose values say nothing
/// of its element the last instance goes, whichever element was taken out.
pub(in crate::rules::destroy) fn shortened(plan: &Plan, shifts: &[Shift]) -> Vec<Vec<ObjectId>> {
    let mut found = vec![Vec::new(); shifts.len()];
    let lists = shifts.iter().map(|shift| match shift.removed.len() {
        0 => None,
        _ => Some((list(plan, shift), &shift.address)),
    });
    let lists: Vec<_> = lists.collect();
    if lists.iter().all(Option::is_none) {
        return found;
    }
    let inside: BTreeSet<_> = shifts.iter().flat_map(|shift| &shift.objects).collect();
    for (id, object) in plan.managed() {
        let is_free = object.deposed.is_none() && !inside.contains(&id);
        let shorter = [
            "delete_because_count_index",
            "delete_because_each_key",
            "delete_because_no_module",
        ];
        if is_free && shorter.contains(&object.reason()) {
            let own = counted_by(plan, id);
            let goes_over = |one: &Option<(Vec<String>, &String)>| {
                one.as_ref().is_some_and(|(list, address)| {
                    list.len() == 1 && own.contains(list)
                        || own
                            .iter()
                            .any(|own| matches!(&own[..], [only] if only == *address))
                })
            };
            if let Some(nth) = lists.iter().position(goes_over) {
                found[nth].push(id);
            }
        }
    }
    found
}

/// What the counts of an object and of the modules around it are made of.
fn counted_by(plan: &Plan, id: ObjectId) -> Vec<Vec<String>> {
    let block = plan.objects[id].block;
    let own = plan.objects[id]
        .key
        .iter()
        .map(|_| deciders_of_block(plan, block));
    let around = plan.enclosing(plan.blocks[block].module);
    let around = around.filter(|module| plan.modules[*module].key.is_some());
    own.chain(around.map(|module| deciders_of_call(plan, module)))
        .collect()
}

/// What the count is made of; where that is a block that shifted itself, what its count is made of.
fn first_list(plan: &Plan, shifts: &[(Shift, Vec<ObjectId>)], shift: &Shift) -> Vec<String> {
    let mut own = list(plan, shift);
    for _ in shifts {
        let [only] = own.as_slice() else { break };
        let mut all = shifts.iter().map(|(shift, _)| shift);
        let Some(around) = all.find(|other| other.address == *only) else {
            break;
        };
        own = list(plan, around);
    }
    own
}

/// What the count is made of.
fn list(plan: &Plan, shift: &Shift) -> Vec<String> {
    match shift.repeated {
        Repeated::Block(id) => deciders_of_block(plan, plan.objects[id].block),
        Repeated::Module(id) => deciders_of_call(plan, id),
    }
}

impl Edit<'_> {
    /// The variable that has the elements in it, where its module is given them literally, or a part of each element of
    /// something else: what the list is made of is then no list of these elements.
    pub(in crate::rules::destroy) fn given(&self, plan: &Plan) -> Option<String> {
        let Repeated::Block(id) = self.shifts.first()?.repeated else {
            return None;
        };
        let mut references = repetition_of_block(plan, plan.objects[id].block);
        let (module, reference) = references.next().filter(|_| references.next().is_none())?;
        let Target::Variable(name) = &reference.target else {
            return None;
        };
        let call = plan.call(module)?;
        let is_each = call.each.get(name) == Some(&Each::Value);
        let is_literal = call.inputs.get(name).is_some_and(Vec::is_empty);
        (is_each || is_literal).then(|| shown(plan, module, &reference.target))
    }

    /// From which instance to which key everything that goes over the list moves, of what is there. Nothing when some
    /// element has no key: an instance that is left out would be destroyed.
    pub(in crate::rules::destroy) fn statements(&self, plan: &Plan) -> Vec<(String, String)> {
        let Some(Repeated::Block(_)) = self.shifts.first().map(|shift| shift.repeated) else {
            return Vec::new();
        };
        let keys = &self.keys.of;
        if is_declared_elsewhere(plan, &self.repeated) {
            return Vec::new();
        }
        let instances = self.repeated.iter().flat_map(|one| instances(plan, *one));
        let instances: BTreeSet<_> = instances.collect();
        let statements = instances.into_iter().map(|(address, place)| {
            let (index, key) = place?;
            let new = keys.get(&index)?;
            Some((format!("{address}{key}"), format!("{address}[\"{new}\"]")))
        });
        statements.collect::<Option<_>>().unwrap_or_default()
    }

    /// The arguments that go by the number, in all that goes over the list.
    pub(in crate::rules::destroy) fn numbered(&self, plan: &Plan) -> Vec<String> {
        let all = self.shifts.iter().flat_map(|shift| &shift.numbered);
        let all: BTreeSet<&String> = all.collect();
        let mut found: Vec<_> = all.into_iter().cloned().collect();
        let shifted = |block| {
            let mut shifts = self.shifts.iter();
            shifts.any(|shift| matches!(shift.repeated, Repeated::Block(id) if plan.objects[id].block == block))
        };
        for one in &self.repeated {
            if let (Repeated::Block(id), Some(shift)) = (*one, self.shifts.first())
                && let block = plan.objects[id].block
                && !shifted(block)
            {
                let series = of_block(plan, block);
                let names = numbered(plan, &shift.stood, std::iter::once(&series));
                let address = plan.block_address(block);
                found.extend(names.iter().map(|name| format!("{name} of {address}")));
            }
        }
        found
    }

    /// Of what is counted by the list what is replaced with its elements, or takes the instance of the same number of what
    /// goes over it: without the number it finds none.
    fn going_over(&self, plan: &Plan, counted: &[Counted]) -> BTreeSet<Repeated> {
        let own = self.shifts.iter().map(|shift| shift.repeated);
        let mut found: BTreeSet<_> = own.collect();
        let mut sites: BTreeSet<_> = found.iter().map(|one| one.site(plan)).collect();
        let over = counted.iter().filter(|(_, list)| self.goes_over(list));
        let mut left: Vec<_> = over.map(|(one, _)| *one).collect();
        left.retain(|one| !sites.contains(&one.site(plan)));
        while let Some(nth) = left.iter().position(|one| {
            let mut followers = self.followers.iter();
            followers.any(|id| one.holds(plan, *id)) || one.takes_same_of(plan, &sites)
        }) {
            let one = left.swap_remove(nth);
            sites.insert(one.site(plan));
            found.insert(one);
        }
        found
    }

    /// Whether what a count is made of is the list, or what goes over it.
    fn goes_over(&self, list: &[String]) -> bool {
        let shifted = |only: &String| self.shifts.iter().any(|shift| shift.address == *only);
        !list.is_empty() && list == self.list || matches!(list, [only] if shifted(only))
    }
}

/// An instance: what it is one of, and its index with the key as it stands in addresses.
type Instance = (String, Option<(u64, String)>);

/// Whether a declaration has objects in other instances of the module around it, or in other calls of the module: of their
/// elements there are no labels, and without `moved` blocks they would be destroyed.
fn is_declared_elsewhere(plan: &Plan, repeated: &BTreeSet<Repeated>) -> bool {
    let known: BTreeSet<_> = repeated.iter().map(|one| one.module(plan)).collect();
    let is_other = |module: ModuleId| {
        let mut own = known.iter().filter(|own| **own != 0);
        !known.contains(&module) && own.any(|own| is_alike(plan, module, *own))
    };
    let others: Vec<_> = (0..plan.modules.len()).map(is_other).collect();
    if !others.contains(&true) {
        return false;
    }
    // Modules are few beside objects.
    let is_in_other = |module| plan.enclosing(module).any(|around| others[around]);
    let in_others: Vec<_> = (0..plan.modules.len()).map(is_in_other).collect();
    let mut old = plan.managed().filter(|(id, _)| is_old(plan, *id));
    old.any(|(id, _)| in_others[plan.block(id).module])
}

/// Whether two module instances are of one call, or of calls of one source.
fn is_alike(plan: &Plan, one: ModuleId, other: ModuleId) -> bool {
    let config = |module: ModuleId| plan.modules[module].config;
    let source = |module| plan.call(module).map(|call| &call.source);
    config(one).is_some() && (config(one) == config(other) || source(one) == source(other))
}

/// The instances that are there before the plan.
fn instances(plan: &Plan, repeated: Repeated) -> BTreeSet<Instance> {
    let (parent, call) = match repeated {
        Repeated::Block(id) => return of_a_block(plan, plan.objects[id].block),
        Repeated::Module(id) => plan.modules[id].call_site(),
    };
    let is_one = |module: &ModuleId| plan.modules[*module].call_site() == (parent, call);
    let old = plan.managed().filter(|(id, _)| is_old(plan, *id));
    let modules = old.filter_map(|(id, _)| plan.enclosing(plan.block(id).module).find(is_one));
    let modules: BTreeSet<_> = modules.collect();
    let around = parent.map_or("", |parent| &plan.modules[parent].address);
    let address = call_address(around, call);
    let place = |module: ModuleId| place(plan.modules[module].key.as_ref());
    modules
        .into_iter()
        .map(|module| (address.clone(), place(module)))
        .collect()
}

fn of_a_block(plan: &Plan, block: BlockId) -> BTreeSet<Instance> {
    let old = plan.blocks[block].objects.iter();
    let old = old.filter(|id| is_old(plan, **id));
    let place = |id: &ObjectId| place(plan.objects[*id].key.as_ref());
    old.map(|id| (plan.block_address(block), place(id)))
        .collect()
}

fn place(key: Option<&Key>) -> Option<(u64, String)> {
    let key = key?;
    Some((key.number()?, key.to_string()))
}

/// Whether an object is there before the plan, at its address.
fn is_old(plan: &Plan, id: ObjectId) -> bool {
    plan.objects[id].prior && plan.objects[id].deposed.is_none()
}
