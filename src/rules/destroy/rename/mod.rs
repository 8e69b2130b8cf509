//! Finds what is the same object under another address: a delete and a create that should have been a move.
//!
//! Pairs are made one to one. What names an object in its cloud (the catalog's identity) decides; without it
//! every configured value that is known must agree, and at least one of them must be text. Attributes that are
//! not known before apply are judged by what they refer to: the new object must refer to what the old one's
//! dependency became. Where that proves that blocks went from one module to another, those beside them went along.

mod chain;
mod compare;
mod imported;
mod index;
mod outlook;
mod pairs;
mod place;
mod step;

pub(super) use compare::Confidence;
pub(super) use outlook::{Outlook, look_ahead};
pub(super) use step::parting;

use crate::graph::Graph;
use crate::input::plan::{ObjectId, PathId, Plan};
use std::collections::{BTreeMap, BTreeSet};

/// An object and the address it should have moved to.
#[derive(Debug, Clone)]
pub(super) struct Pair {
    pub(super) from: ObjectId,
    pub(super) to: ObjectId,
    pub(super) confidence: Confidence,
    /// Values that agree.
    pub(super) same: Vec<PathId>,
    /// Values that a move would still change.
    pub(super) differing: Vec<PathId>,
    /// Objects that are replaced because of it alone.
    pub(super) followers: Vec<ObjectId>,
    /// What a move leaves as it is.
    pub(super) outlook: Outlook,
}

impl Pair {
    /// Those that would stay, had the object been moved.
    pub(super) fn members(&self) -> impl Iterator<Item = ObjectId> {
        [self.from]
            .into_iter()
            .chain(self.followers.iter().copied())
    }
}

/// What became of the objects that go.
#[derive(Debug, Default)]
pub(super) struct Renames {
    /// Each object and the one it became.
    pub(super) pairs: Vec<Pair>,
    /// Objects that may have become any of several.
    pub(super) ambiguous: BTreeMap<ObjectId, Vec<ObjectId>>,
    /// Objects that only resemble one that is created: too little is known to tell.
    pub(super) alike: BTreeMap<ObjectId, ObjectId>,
}

impl Renames {
    /// Whether an object is known to be another under a new address.
    pub(super) fn has_target(&self, id: ObjectId) -> bool {
        self.pairs.iter().any(|pair| pair.to == id)
    }
}

/// Whether one of some pairs is known to be two objects: by name, or by what they are part of.
pub(super) fn tells_apart(plan: &Plan, pairs: &[(ObjectId, ObjectId)]) -> bool {
    let comparer = compare::Comparer::new(plan);
    let is_known = |(from, to): (ObjectId, ObjectId)| {
        let old = comparer
            .kept(from)
            .is_some_and(|old| !old.before.is_empty());
        old && comparer.kept(to).is_some()
    };
    let mut known = pairs.iter().filter(|pair| is_known(**pair));
    known.any(|(from, to)| comparer.compare(*from, *to).is_none())
}

/// Finds renames among the objects that no other finding has taken.
pub(super) fn find(plan: &Plan, graph: &Graph, taken: &BTreeSet<ObjectId>) -> Renames {
    let mut found = pairs::Matcher::new(plan, graph, taken).run();
    chain::add(plan, taken, &mut found);
    imported::add(plan, taken, &mut found);
    found
}
