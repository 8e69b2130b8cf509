//! Joins what one switch turned off: `var.export` behind counts and maps of several locals is one decision.

use super::cause::{Cause, shown};
use super::origin::{MOST_STEPS, Place, behind};
use super::removal::{Instances, repetition};
use crate::input::plan::references::{Reference, Target};
use crate::input::plan::{ModuleId, ObjectId, Plan};
use std::collections::{BTreeMap, BTreeSet};

/// What lost all of its instances, by what its repetition is made of.
type Alike<'p> = BTreeMap<(Option<&'static str>, BTreeSet<String>), Vec<(Cause, Made<'p>)>>;

/// What a repetition is made of.
#[derive(Default)]
struct Made<'p> {
    /// What is made of nothing else.
    roots: BTreeSet<String>,
    /// What stands between.
    between: BTreeMap<String, Place<'p>>,
}

impl<'p> Made<'p> {
    fn of(plan: &'p Plan, mut left: Vec<Place<'p>>) -> Self {
        let mut made = Self::default();
        let (mut defaults, mut steps) = (BTreeSet::new(), 0);
        while let Some((module, reference)) = left.pop().filter(|_| steps < MOST_STEPS) {
            steps += 1;
            let name = shown(plan, module, &reference.target);
            if made.between.contains_key(&name) {
                continue;
            }
            let behind = behind(plan, module, &reference.target).unwrap_or_default();
            if !behind.is_empty() {
                left.extend(behind);
                made.between.insert(name, (module, reference));
            } else if is_default(plan, module, reference) {
                defaults.insert(name);
            } else {
                made.roots.insert(name);
            }
        }
        if made.roots.is_empty() {
            made.roots = defaults;
        }
        made
    }

    fn has(&self, name: &str) -> bool {
        self.roots.contains(name) || self.between.contains_key(name)
    }
}

/// Whether a value is the default of a variable that the call of the module says nothing of.
fn is_default(plan: &Plan, module: ModuleId, reference: &Reference) -> bool {
    let call = plan.call(module);
    matches!(&reference.target, Target::Variable(name)
        if call.is_some_and(|call| !call.inputs.contains_key(name)))
}

/// Joins the groups of one cause that have no instance left, and whose repetitions are made of the same.
pub(super) fn joined(
    plan: &Plan,
    mut groups: BTreeMap<Cause, Vec<ObjectId>>,
) -> BTreeMap<Cause, Vec<ObjectId>> {
    for (shared, causes) in switches(plan, alike(plan, &groups)) {
        let of_one = causes.iter().filter_map(|cause| groups.remove(cause));
        let members = of_one.collect::<Vec<_>>().concat();
        groups.entry(shared).or_default().extend(members);
    }
    groups
}

/// What was switched off together, by the switch.
fn switches(plan: &Plan, alike: Alike<'_>) -> BTreeMap<Cause, Vec<Cause>> {
    let (mut found, mut alone) = (BTreeMap::<Cause, Vec<Cause>>::new(), Vec::new());
    for ((word, roots), causes) in alike {
        if let Some(address) = switch(plan, &roots, &causes) {
            let causes = causes.into_iter().map(|(cause, _)| cause);
            let with = found.entry(Cause { address, word }).or_default();
            with.extend(causes);
        } else {
            alone.extend(causes);
        }
    }
    // What is made of a switch that turned something off, and of more, went off with it.
    for (cause, made) in alone {
        let is_made = |shared: &&Cause| shared.word == cause.word && made.has(&shared.address);
        let mut of: Vec<_> = found.keys().filter(is_made).cloned().collect();
        if let (Some(one), true) = (of.pop(), of.is_empty()) {
            found.entry(one).or_default().push(cause);
        }
    }
    found.retain(|_, causes| causes.len() > 1);
    found
}

/// What the repetition of what went is made of, through locals where sources tell.
pub(super) fn roots(plan: &Plan, cause: &Cause, members: &[ObjectId]) -> BTreeSet<String> {
    Made::of(plan, repetition(plan, cause, members)).roots
}

/// Whether a root variable is `true`: an expression that it stands in was edited then, rather than the variable.
pub(super) fn is_on(plan: &Plan, root: &str) -> bool {
    let name = root.strip_prefix("var.");
    name.is_some_and(|name| plan.switched_on.contains(name))
}

fn alike<'p>(plan: &'p Plan, groups: &BTreeMap<Cause, Vec<ObjectId>>) -> Alike<'p> {
    let instances = Instances::new(plan, groups.iter());
    let mut alike = Alike::new();
    for (cause, members) in groups {
        if cause.is_decided() && instances.are_gone(plan, cause, members) {
            let made = Made::of(plan, repetition(plan, cause, members));
            let with = alike.entry((cause.word, made.roots.clone())).or_default();
            with.push((cause.clone(), made));
        }
    }
    alike
}

/// What all of some repetitions are made of: the one root they have, or what several have that is made of all of their
/// roots.
fn switch(plan: &Plan, roots: &BTreeSet<String>, causes: &[(Cause, Made<'_>)]) -> Option<String> {
    if roots.len() < 2 {
        return roots.first().filter(|root| !is_on(plan, root)).cloned();
    }
    let (_, first) = causes.first().filter(|_| causes.len() > 1)?;
    let mut between = first.between.iter().filter(|(name, place)| {
        causes.iter().all(|(_, made)| made.has(name))
            && Made::of(plan, vec![**place]).roots == *roots
    });
    between.next().map(|(name, _)| name.clone())
}
