//! What is said of what a move leaves as it is: what is replaced whatever it is called, and what would still change.

use super::instances::addresses;
use super::moves::Move;
use super::rename::{Outlook, Pair};
use crate::catalog::attributes::TAGS;
use crate::input::plan::{ObjectId, Plan};
use std::collections::BTreeSet;

/// So many attributes are named.
const ATTRIBUTES: usize = 6;

/// What is replaced under its new address too, by what it is called before.
pub(super) fn still_replaced(plan: &Plan, moved: &Move<'_>) -> Vec<String> {
    addresses(plan, &old(moved, Outlook::is_replaced))
}

/// The sentences that follow on what a rename does; each begins with a space.
pub(super) fn told(plan: &Plan, moved: &Move<'_>, differing: &BTreeSet<String>) -> String {
    let members = moved.pairs.iter().flat_map(|pair| pair.members()).count();
    let it = if members == 1 { "it" } else { "they" };
    let mut told = tainted(plan, moved, members);
    told.push_str(&triggered(plan, moved, members));
    if !differing.is_empty() {
        told.push_str(&changed(it, differing));
        told.push_str(&reasons(plan, moved));
    }
    told
}

/// What to do about it, and what comes of it then.
pub(super) fn advice(moved: &Move<'_>, blocks: &str) -> String {
    let untaint = if moved.pairs.iter().any(|pair| pair.outlook.tainted) {
        "If what is tainted is fine, run terraform untaint for it; then add"
    } else {
        "Add"
    };
    let triggers = moved
        .pairs
        .iter()
        .any(|pair| pair.outlook.trigger.is_some());
    let after = if triggers {
        "look at the next plan: what is triggered is replaced all the same."
    } else if moved.pairs.iter().any(|pair| !pair.differing.is_empty()) {
        "look at the next plan: what cannot change in place is replaced."
    } else {
        "plan again: nothing of this is destroyed then."
    };
    format!("{untaint} {blocks} and {after}")
}

fn old(moved: &Move<'_>, is: impl Fn(&Outlook) -> bool) -> Vec<ObjectId> {
    let pairs = moved.pairs.iter().filter(|pair| is(&pair.outlook));
    pairs.map(|pair| pair.from).collect()
}

fn tainted(plan: &Plan, moved: &Move<'_>, members: usize) -> String {
    match *old(moved, |outlook| outlook.tainted) {
        [] => String::new(),
        [_] if members == 1 => " It is tainted: moved, it would still be replaced.".to_owned(),
        [one] => format!(
            " {} is tainted: moved, it would still be replaced.",
            plan.address(one)
        ),
        ref many => format!(
            " {} of them are tainted: moved, they would still be replaced.",
            many.len()
        ),
    }
}

fn triggered(plan: &Plan, moved: &Move<'_>, members: usize) -> String {
    let named = |pair: &&Pair| Some((pair.from, pair.outlook.trigger?));
    let named: Vec<_> = moved.pairs.iter().filter_map(named).collect();
    let Some((from, trigger)) = named.first() else {
        return String::new();
    };
    let what = match named.len() {
        1 if members == 1 => "it".to_owned(),
        1 => plan.address(*from),
        n => format!("{n} of them"),
    };
    format!(
        " Moved, {what} would still be replaced: replace_triggered_by names {}, which changes.",
        plan.address(*trigger)
    )
}

fn changed(it: &str, differing: &BTreeSet<String>) -> String {
    // Nothing is replaced for another tag.
    let forces = differing.iter().any(|name| !TAGS.contains(&&**name));
    let so = if forces {
        ", and may be replaced for that"
    } else {
        ""
    };
    format!(
        " Moved, {it} would still change in {}{so}.",
        shown(differing)
    )
}

/// Why something would change that is written as it was.
fn reasons(plan: &Plan, moved: &Move<'_>) -> String {
    let outlooks = || moved.pairs.iter().map(|pair| &pair.outlook);
    let waits = outlooks().find_map(|outlook| outlook.waits.first_key_value());
    let waits = waits.map(|(name, other)| format!(" {name} waits for {}.", plan.address(*other)));
    let told = waits.unwrap_or_default();
    let outside: BTreeSet<_> = outlooks().flat_map(|outlook| &outlook.outside).collect();
    if outside.is_empty() {
        return told;
    }
    let was = if outside.len() == 1 { "was" } else { "were" };
    let names = outside.into_iter().map(ToString::to_string).collect();
    format!(
        "{told} {} {was} changed outside of Terraform.",
        shown(&names)
    )
}

fn shown(names: &BTreeSet<String>) -> String {
    let mut shown: Vec<_> = names.iter().take(ATTRIBUTES).cloned().collect();
    if names.len() > ATTRIBUTES {
        shown.push(format!("{} more", names.len() - ATTRIBUTES));
    }
    shown.join(", ")
}
