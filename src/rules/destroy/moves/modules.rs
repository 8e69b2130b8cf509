//! Renames of whole modules: of one instance, of all instances of a call, of a call in all places that have it.

use super::super::instances::inside;
use super::super::rename::{Pair, parting};
use super::super::written::written_call;
use super::{Move, in_each_module, in_order};
use crate::finding::natural;
use crate::input::names::Name;
use crate::input::plan::{self, ModuleId, ObjectId, Plan, call_address};
use std::collections::{BTreeMap, BTreeSet};

/// Takes out the pairs that are modules under other addresses, with what was renamed inside of them.
pub(super) fn of_modules<'r>(plan: &Plan, left: &mut Vec<&'r Pair>) -> Vec<Move<'r>> {
    let mut whole = instances(plan, left);
    take_inner(plan, &mut whole, left);
    by_written_call(plan, by_call(plan, whole))
}

/// Takes out the pairs that are one module instance under another address.
fn instances<'r>(plan: &Plan, left: &mut Vec<&'r Pair>) -> Vec<Move<'r>> {
    let mut by_module: BTreeMap<(ModuleId, ModuleId), Vec<&Pair>> = BTreeMap::new();
    for pair in left.iter() {
        if let Some(key) = module_move(plan, pair) {
            by_module.entry(key).or_default().push(pair);
        }
    }
    // A module has one origin and goes to one place (Terraform 1.11).
    let keys: Vec<_> = by_module.keys().copied().collect();
    let unique = |(from, to): (ModuleId, ModuleId)| {
        let touching = keys.iter().filter(|other| other.0 == from || other.1 == to);
        touching.count() == 1
    };
    let mut found = Vec::new();
    for ((from, to), pairs) in by_module {
        if unique((from, to)) && is_whole(plan, from, &pairs) && is_new(plan, to) {
            let address = |module: ModuleId| plan.modules[module].address.to_string();
            let taken: BTreeSet<_> = pairs.iter().map(|pair| pair.from).collect();
            left.retain(|pair| !taken.contains(&pair.from));
            found.push(Move {
                instance: Some((from, to)),
                ..Move::whole(address(from), address(to), pairs)
            });
        }
    }
    found
}

/// Joins the instances of one module call: one edit gave all of them other keys, or the call another name.
fn by_call<'r>(plan: &Plan, whole: Vec<Move<'r>>) -> Vec<Move<'r>> {
    let mut calls: BTreeMap<_, Vec<Move<'_>>> = BTreeMap::new();
    for moved in whole {
        let of =
            |(from, to): (ModuleId, ModuleId)| [from, to].map(|id| plan.modules[id].call_site());
        calls.entry(moved.instance.map(of)).or_default().push(moved);
    }
    let joined = calls.into_iter().flat_map(|(calls, moves)| match calls {
        Some(calls) if moves.len() > 1 => vec![all_instances(plan, calls, moves)],
        _ => moves,
    });
    joined.collect()
}

/// Joins the moves of a call in all instances of the module around it, and in all calls of that: it is renamed once.
fn by_written_call<'r>(plan: &Plan, calls: Vec<Move<'r>>) -> Vec<Move<'r>> {
    let mut lines: BTreeMap<_, Vec<Move<'_>>> = BTreeMap::new();
    let mut found = Vec::new();
    for moved in calls {
        let of = |(from, to): (ModuleId, ModuleId)| [from, to].map(|id| written_call(plan, id));
        match moved.instance.map(of).filter(|[from, to]| from != to) {
            Some(line) => lines.entry(line).or_default().push(moved),
            None => found.push(moved),
        }
    }
    found.extend(lines.into_values().map(|moves| Move {
        is_of_modules: moves.len() > 1 || moves[0].is_of_modules,
        instance: moves[0].instance,
        ..in_each_module(moves)
    }));
    found
}

/// The moves of instances of one call as one: in one statement where all of them kept their keys and the call is gone.
fn all_instances<'r>(
    plan: &Plan,
    calls: [(Option<ModuleId>, &Name); 2],
    mut moves: Vec<Move<'r>>,
) -> Move<'r> {
    let [from, to] = calls.map(|(parent, call)| {
        let around = parent.map_or("", |parent| &plan.modules[parent].address);
        call_address(around, call)
    });
    let mut instances = moves.iter().filter_map(|moved| moved.instance);
    let kept = |(old, new): (ModuleId, ModuleId)| {
        let (old, new) = (&plan.modules[old], &plan.modules[new]);
        old.config.is_none() && old.key == new.key
    };
    let all = plan.modules.iter();
    let all = all.filter(|module| module.call_site() == calls[0]);
    let whole = from != to && instances.all(kept) && all.count() == moves.len();
    let inner = moves.iter_mut().map(|moved| moved.statements.split_off(1));
    let inner = inner.collect::<Vec<_>>().concat();
    let mut all = Move {
        is_of_modules: true,
        instance: moves[0].instance,
        ..Move::joined(from.clone(), moves)
    };
    if whole {
        all.targets = vec![to.clone()];
        all.statements = vec![(from, to)];
    }
    all.targets.sort_by(|a, b| natural(a, b));
    all.statements.sort_by(|a, b| natural(&a.0, &b.0));
    all.statements.extend(inner);
    all
}

/// Adds what was renamed inside of a module that was: its move begins where the module's ends, or Terraform sees a circle
/// (1.11).
fn take_inner<'r>(plan: &Plan, modules: &mut Vec<Move<'r>>, left: &mut Vec<&'r Pair>) {
    let mut all = std::mem::take(modules);
    // Outer modules first: what is inside of one goes with it.
    all.sort_by_key(|moved| moved.from.len());
    for mut moved in all {
        let mut around = modules.iter_mut();
        let around = around.find_map(|outer| Some((outer.now(&moved.from)?, outer)));
        if let Some((from, outer)) = around {
            outer.statements.push((from, moved.statements[0].1.clone()));
            outer.pairs.append(&mut moved.pairs);
        } else {
            modules.push(moved);
        }
    }
    for moved in modules {
        let mut statements = Vec::new();
        left.retain(|pair| {
            let from = moved.now(&plan.address(pair.from));
            let is_inner = from.is_some();
            if let Some(from) = from {
                statements.push((from, plan.address(pair.to)));
                moved.pairs.push(pair);
            }
            !is_inner
        });
        moved.statements.extend(in_order(statements));
    }
}

/// The module instances that differ in name while everything inside has the same name.
fn module_move(plan: &Plan, pair: &Pair) -> Option<(ModuleId, ModuleId)> {
    let module = |id: ObjectId| plan.block(id).module;
    let (from, to) = (module(pair.from), module(pair.to));
    let (old, new) = (plan.address(pair.from), plan.address(pair.to));
    let name = |module: ModuleId, address| plan::inside(&plan.modules[module].address, address);
    if name(from, &old) != name(to, &new) {
        return None;
    }
    // What was wrapped is the outermost that is called the same inside.
    let is_root = |module: ModuleId| plan.modules[module].parent.is_none();
    let (beginning, end) = parting(plan, from, to)?;
    if !is_root(beginning) && !is_root(end) {
        return Some((beginning, end));
    }
    let both = plan.enclosing(from).zip(plan.enclosing(to));
    both.take_while(|(from, to)| !is_root(*from) && !is_root(*to))
        .last()
}

/// Whether nothing of a module instance stays, and at least half of what goes is in the pairs.
fn is_whole(plan: &Plan, module: ModuleId, pairs: &[&Pair]) -> bool {
    let mut gone = 0;
    for object in inside(plan, module).map(|id| &plan.objects[id]) {
        if !object.action().removes() && object.deposed.is_none() {
            return false;
        }
        gone += 1;
    }
    pairs.len() * 2 >= gone
}

/// Whether a module instance holds nothing yet: a module cannot move to where one is.
fn is_new(plan: &Plan, module: ModuleId) -> bool {
    inside(plan, module).all(|id| !plan.objects[id].prior)
}
