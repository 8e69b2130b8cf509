//! Plans of one stack that are given beside each other: an older one, or the same as a binary file and as a document.

use crate::rules::stacks::Stack;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What a state holds: hashes of the names of its objects, with their addresses.
type Held = BTreeSet<(u64, String)>;

/// For each stack the first that plans the same state: of the same directory, with the same objects at the same addresses.
/// A state beside the plans is none of them.
pub(super) fn firsts(stacks: &[Stack<'_>]) -> Vec<usize> {
    let mut directories: BTreeMap<&Path, Vec<usize>> = BTreeMap::new();
    for (nth, stack) in stacks.iter().enumerate().filter(|(_, one)| !one.is_state()) {
        directories.entry(stack.directory).or_default().push(nth);
    }
    let mut firsts: Vec<usize> = (0..stacks.len()).collect();
    for beside in directories.into_values().filter(|beside| beside.len() > 1) {
        let mut known: BTreeMap<Held, usize> = BTreeMap::new();
        for nth in beside {
            let held = held(&stacks[nth]);
            if !held.is_empty() {
                firsts[nth] = *known.entry(held).or_insert(nth);
            }
        }
    }
    firsts
}

fn held(stack: &Stack<'_>) -> Held {
    let plan = stack.plan;
    let called = plan.selves.called.iter();
    let had = called.filter(|name| plan.has_by(name));
    had.map(|name| (name.call, plan.address(name.object())))
        .collect()
}
