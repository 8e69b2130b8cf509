//! Finds lists whose elements moved to another index: taking an element out of the middle of a list that `count` or the
//! positions in a `for_each` go over, or putting one in, gives every instance behind it the values of its neighbour.

mod changed;
mod edit;
mod keys;
mod numbered;
mod repeated;
mod series;
mod tie;

use crate::input::names::Name;
use crate::input::plan::{
    Action, Kept, ModuleId, ObjectId, PathId, Plan, Print, attribute_of, call_address,
};
use changed::Changed;
pub(super) use edit::{Edit, destroyed, edits, shortened};
use numbered::numbered;
pub(super) use repeated::Repeated;
use series::{Series, blocks, modules};
use std::collections::{BTreeMap, BTreeSet};
use tie::{Tie, of_argument, of_inputs};

/// A list whose elements moved.
#[derive(Debug, Clone)]
pub(super) struct Shift {
    /// The block or module call that is repeated, without its own key.
    pub(super) address: String,
    /// Where it is configured.
    pub(super) repeated: Repeated,
    /// The value by which the elements are known again.
    pub(super) path: PathId,
    /// How far most elements moved: 1 when one was put in before them.
    pub(super) by: i64,
    /// The first index whose element is another one now.
    pub(super) first: u64,
    /// Indices whose elements are new, or none is left of.
    pub(super) inserted: Vec<u64>,
    pub(super) removed: Vec<u64>,
    /// Whether the value is made of what is gone over: of a mere number nobody can tell the elements.
    pub(super) is_of_list: bool,
    /// Whether the value names the element, in its cloud or to a reader.
    named: bool,
    /// Whether all elements that moved went equally far.
    is_even: bool,
    /// How many instances hold another element than before.
    pub(super) affected: usize,
    /// The objects in it that it changes.
    pub(super) objects: Vec<ObjectId>,
    /// Objects that hold another element and are replaced for another reason.
    pub(super) beside: Vec<ObjectId>,
    /// Those of its objects that would follow others all the same, with these.
    pub(super) anyway: BTreeMap<ObjectId, BTreeSet<ObjectId>>,
    /// Where the element of each index stood before, as far as its value tells.
    stood: BTreeMap<u64, Stood>,
    /// The label of the element that each index held; nothing when some index has none, or two have the same.
    pub(super) labels: BTreeMap<u64, Name>,
    /// Arguments that do not move with the elements.
    pub(super) numbered: Vec<String>,
}

impl Shift {
    /// Whether it is more than chance: a list that got longer or shorter moves everything up to its end; where
    /// it kept its length, one value that another index had before says nothing unless it names the element, nor do
    /// two that changed places, or are of another list than `count`. What is made of the index is of no list.
    fn is_told(
        &self,
        (come, gone): (usize, usize),
        to_the_end: bool,
        tie: Tie,
        stays: impl Fn() -> bool,
    ) -> bool {
        if self.inserted.len() + gone != self.removed.len() + come {
            return false;
        }
        if come != gone {
            return to_the_end;
        }
        let even = || self.affected > 1 && self.is_even && tie == Tie::List && !stays();
        tie != Tie::Index && (self.affected > 2 || self.named || even())
    }
}

/// Where an element stood before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stood {
    /// At the index it stands at now.
    Here,
    At(u64),
    Nowhere,
}

/// Finds the shifts of a plan, those of modules first.
pub(super) fn find(plan: &Plan) -> Vec<Shift> {
    let mut found = Vec::new();
    let mut taken = BTreeSet::new();
    for ((parent, call), series) in modules(plan) {
        if let Some(shift) = of_module(plan, parent, call, &series) {
            taken.extend(shift.objects.iter().copied());
            found.push(shift);
        }
    }
    for series in blocks(plan) {
        let free = series.values().all(|id| !taken.contains(id));
        if let Some(shift) = free.then(|| of_block(plan, &series)).flatten() {
            found.push(shift);
        }
    }
    found
}

fn of_block(plan: &Plan, series: &Series) -> Option<Shift> {
    let first = *series.values().next()?;
    let moved = moved(plan, series, |attribute| {
        of_argument(plan, first, attribute)
    })?;
    let changed = Changed::by(plan, &moved.stood, std::iter::once(series));
    Some(Shift {
        address: plan.block_address(plan.objects[first].block),
        repeated: Repeated::Block(first),
        objects: changed.objects,
        beside: changed.beside,
        numbered: numbered(plan, &moved.stood, std::iter::once(series)),
        labels: all_labels(plan, series, &moved),
        ..moved
    })
}

fn of_module(
    plan: &Plan,
    parent: ModuleId,
    call: &str,
    series: &BTreeMap<String, Series>,
) -> Option<Shift> {
    let any = plan.modules.iter().position(|module| {
        module.parent == Some(parent) && &*module.call == call && module.key.is_some()
    })?;
    let tie = of_inputs(plan, any);
    let shifts = series.values();
    let shifts = shifts.filter_map(|series| moved(plan, series, |_| tie));
    let widest = shifts.max_by_key(|shift| (shift.affected, std::cmp::Reverse(shift.path)))?;
    let changed = Changed::by(plan, &widest.stood, series.values());
    Some(Shift {
        address: call_address(&plan.modules[parent].address, call),
        repeated: Repeated::Module(any),
        objects: changed.objects,
        beside: changed.beside,
        numbered: numbered(plan, &widest.stood, series.values()),
        ..widest
    })
}

/// How the elements of a series moved, by the value that tells most of it.
fn moved(plan: &Plan, series: &Series, tie: impl Fn(&str) -> Tie) -> Option<Shift> {
    let kept: BTreeMap<u64, &Kept> = series
        .iter()
        .filter_map(|(index, id)| Some((*index, plan.objects[*id].change().kept.as_deref()?)))
        .collect();
    let paths: BTreeSet<PathId> = kept
        .values()
        .flat_map(|kept| {
            let other = |path| kept.after.get(plan, path);
            let changed = kept.before.iter(plan).filter(|(_, print)| print.is_text());
            changed.filter(move |(path, print)| other(*path).is_some_and(|other| other != *print))
        })
        .map(|(path, _)| path)
        .collect();
    let (first, last) = (kept.keys().next()?, kept.keys().next_back()?);
    // Behind the place where a list was changed nothing stays as it was.
    if series.range(first..=last).count() > kept.len() {
        return None;
    }
    let to_the_end = series.keys().next_back() == Some(last);
    let count = |wanted: fn(Action) -> bool| {
        let acted = series.values().map(|id| plan.objects[*id].action());
        acted.filter(|action| wanted(*action)).count()
    };
    let (come, gone) = (
        count(|action| action == Action::Create),
        count(Action::removes),
    );
    let shifts = paths
        .into_iter()
        .filter_map(|path| by_path(plan, &kept, path));
    let shifts = shifts.filter(|shift| {
        let attribute = attribute_of(&plan.paths[shift.path as usize]);
        // Where something else of the element stays at its index, the element does.
        let stays = || {
            let numbered = numbered(plan, &shift.stood, std::iter::once(series));
            numbered.iter().any(|name| tie(name) == Tie::List)
        };
        shift.is_told((come, gone), to_the_end, tie(attribute), stays)
    });
    let widest = shifts.max_by_key(|shift| {
        let named = shift.labels.len();
        (shift.affected, named, std::cmp::Reverse(shift.path))
    });
    let widest = widest.filter(|shift| shift.affected > 0)?;
    let attribute = attribute_of(&plan.paths[widest.path as usize]);
    Some(Shift {
        is_of_list: tie(attribute) == Tie::List,
        ..widest
    })
}

/// How the elements moved, judged by one value: each element has its own, and most of what changed is an
/// element that stood at another index.
fn by_path(plan: &Plan, kept: &BTreeMap<u64, &Kept>, path: PathId) -> Option<Shift> {
    let before = values(kept, |kept| kept.before.get(plan, path));
    let after = values(kept, |kept| kept.after.get(plan, path));
    let (was, is) = (places(&before)?, places(&after)?);
    let stood: BTreeMap<u64, Stood> = after
        .iter()
        .map(|(index, value)| match was.get(value) {
            Some(old) if old == index => (*index, Stood::Here),
            Some(old) => (*index, Stood::At(*old)),
            None => (*index, Stood::Nowhere),
        })
        .collect();
    let mut steps: BTreeMap<i64, usize> = BTreeMap::new();
    let mut inserted = Vec::new();
    for (index, stood) in &stood {
        match stood {
            Stood::Here => {}
            Stood::At(old) => *steps.entry(distance(*old, *index)).or_default() += 1,
            Stood::Nowhere => inserted.push(*index),
        }
    }
    let affected: usize = steps.values().sum();
    if affected == 0 || affected < inserted.len() {
        return None;
    }
    let first = stood.iter().find(|(_, stood)| **stood != Stood::Here);
    let gone = before.iter().filter(|(_, value)| !is.contains_key(*value));
    Some(Shift {
        address: String::new(),
        repeated: Repeated::Module(0),
        path,
        by: steps
            .iter()
            .max_by_key(|(_, n)| **n)
            .map_or(0, |(step, _)| *step),
        first: first.map(|(index, _)| *index).unwrap_or_default(),
        inserted,
        removed: gone.map(|(index, _)| *index).collect(),
        affected,
        objects: Vec::new(),
        beside: Vec::new(),
        anyway: BTreeMap::new(),
        named: kept
            .values()
            .filter_map(|kept| kept.labels.as_deref())
            .flatten()
            .flatten()
            .any(|label| label.path == path),
        is_of_list: false,
        is_even: steps.len() == 1,
        labels: labels(kept, path),
        numbered: Vec::new(),
        stood,
    })
}

fn values(
    kept: &BTreeMap<u64, &Kept>,
    read: impl Fn(&Kept) -> Option<Print>,
) -> BTreeMap<u64, u64> {
    kept.iter()
        .filter_map(|(index, kept)| Some((*index, read(kept)?.bits())))
        .collect()
}

/// The index of each value; nothing when two have the same: then it does not tell elements apart.
fn places(values: &BTreeMap<u64, u64>) -> Option<BTreeMap<u64, u64>> {
    let places: BTreeMap<u64, u64> = values
        .iter()
        .map(|(index, value)| (*value, *index))
        .collect();
    (places.len() == values.len()).then_some(places)
}

fn distance(from: u64, to: u64) -> i64 {
    i64::try_from(to).unwrap_or(i64::MAX) - i64::try_from(from).unwrap_or(i64::MAX)
}

/// The labels of all elements of a block, with those of the instances that stay as they are.
fn all_labels(plan: &Plan, series: &Series, shift: &Shift) -> BTreeMap<u64, Name> {
    let standing = |id: &ObjectId| {
        let mut labels = plan.labels.get(id)?.iter();
        let label = labels.find(|label| label.path == shift.path)?;
        Some(Name::clone(&label.text))
    };
    let mut labels = shift.labels.clone();
    let others = series
        .iter()
        .filter_map(|(index, id)| Some((*index, standing(id)?)));
    labels.extend(others);
    let distinct: BTreeSet<_> = labels.values().collect();
    let mut old = series.iter();
    let is_new = |id: ObjectId| plan.objects[id].action() == Action::Create;
    let all = old.all(|(index, id)| labels.contains_key(index) || is_new(*id));
    if all && distinct.len() == labels.len() {
        labels
    } else {
        BTreeMap::new()
    }
}

fn labels(kept: &BTreeMap<u64, &Kept>, path: PathId) -> BTreeMap<u64, Name> {
    let label = |kept: &Kept| {
        let [before, _] = &**kept.labels.as_ref()?;
        let found = before.iter().find(|label| label.path == path)?;
        Some(Name::clone(&found.text))
    };
    kept.iter()
        .filter_map(|(index, kept)| Some((*index, label(kept)?)))
        .collect()
}
