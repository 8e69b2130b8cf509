//! Finds the few new objects that an old one is worth comparing with.

use super::compare::Comparer;
use crate::input::plan::{Kept, ObjectId, PathId, Plan, Print};
use foldhash::HashMap;
use std::rc::Rc;

/// Objects with more candidates than this by their rarest value are too many of a kind to be told apart.
const MOST_CANDIDATES: usize = 200;

/// A text at a path.
type Text = (PathId, u64);

/// The new objects of one type.
pub(super) struct Index {
    identity: Rc<[PathId]>,
    /// By their name in their cloud.
    named: HashMap<Text, Vec<ObjectId>>,
    /// Those whose name is not known.
    unnamed: Vec<ObjectId>,
    /// The unnamed, by each of their texts.
    texts: HashMap<Text, Vec<ObjectId>>,
    all: Vec<ObjectId>,
}

impl Index {
    pub(super) fn new<'p>(comparer: &Comparer<'p>, kind: &'p str, coming: &[ObjectId]) -> Self {
        let mut index = Self {
            identity: comparer.identity(kind),
            named: HashMap::default(),
            unnamed: Vec::new(),
            texts: HashMap::default(),
            all: coming.to_vec(),
        };
        for id in coming {
            if let Some(kept) = comparer.kept(*id) {
                index.add(comparer.plan(), *id, kept);
            }
        }
        index
    }

    fn add(&mut self, plan: &Plan, id: ObjectId, kept: &Kept) {
        let name = name(&self.identity, |path| kept.after.get(plan, path));
        if let Some(name) = name {
            self.named.entry(name).or_default().push(id);
            return;
        }
        self.unnamed.push(id);
        for (path, print) in kept.after.iter(plan).filter(|(_, print)| print.is_text()) {
            let text = (path, print.bits());
            self.texts.entry(text).or_default().push(id);
        }
    }

    /// Of an object with a name, those with the same one; with the ones whose names are not known, all of them
    /// when they are few, else those that share the rarest text.
    pub(super) fn candidates(&self, comparer: &Comparer<'_>, from: ObjectId) -> Vec<ObjectId> {
        let Some(kept) = comparer.kept(from) else {
            return Vec::new();
        };
        let Some(name) = name(&self.identity, |path| {
            kept.before.get(comparer.plan(), path)
        }) else {
            return if self.all.len() <= MOST_CANDIDATES {
                self.all.clone()
            } else {
                self.rarest(comparer.plan(), kept)
            };
        };
        let named = self.named.get(&name);
        let named = named.filter(|ids| ids.len() <= MOST_CANDIDATES);
        let mut found = named.cloned().unwrap_or_default();
        if self.unnamed.len() <= MOST_CANDIDATES {
            found.extend(&self.unnamed);
        } else {
            found.extend(self.rarest(comparer.plan(), kept));
        }
        found
    }

    fn rarest(&self, plan: &Plan, kept: &Kept) -> Vec<ObjectId> {
        let shared = kept
            .before
            .iter(plan)
            .filter_map(|(path, print)| self.texts.get(&(path, print.bits())));
        let rarest = shared.min_by_key(|ids| ids.len());
        rarest
            .filter(|ids| ids.len() <= MOST_CANDIDATES)
            .cloned()
            .unwrap_or_default()
    }
}

/// The first of the values that name an object.
pub(super) fn name(identity: &[PathId], value: impl Fn(PathId) -> Option<Print>) -> Option<Text> {
    identity
        .iter()
        .find_map(|path| Some((*path, value(*path)?.bits())))
}
