//! The values of an object as far as it takes to compare them: numbers of paths, and prints.

use super::{Name, Plan};
use crate::input::names::Names;
use foldhash::{HashMap, HashSet};
use std::sync::Arc;

/// Index into [`super::Plan::paths`]: the path of a value in an object, `tags.Name`, `rule[0].cidr`.
pub type PathId = u32;

/// Known values that are neither null nor empty, as far as it takes to compare them: paths in order, and a seeded
/// hash of each value. Objects of one type have the same paths and share them; the hashes of all stand in
/// [`super::Plan::prints`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Leaves {
    pub(super) paths: Arc<[PathId]>,
    pub(super) start: usize,
}

/// A value as far as it takes to compare it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Print(u64);

impl Print {
    /// Whether it is text: numbers and switches are alike in many objects.
    pub fn is_text(self) -> bool {
        self.0 & 1 == 1
    }

    /// What equal values have in common.
    pub fn bits(self) -> u64 {
        self.0
    }
}

impl Leaves {
    /// The values, by path.
    pub fn iter<'a>(&'a self, plan: &'a Plan) -> impl Iterator<Item = (PathId, Print)> {
        let prints = plan.prints[self.start..].iter().map(|print| Print(*print));
        self.paths.iter().copied().zip(prints)
    }

    /// The value at a path.
    pub fn get(&self, plan: &Plan, path: PathId) -> Option<Print> {
        let at = self.paths.binary_search(&path).ok()?;
        Some(Print(plan.prints[self.start + at]))
    }

    /// The values by path, each with what stands at its path among others.
    pub fn beside<'a>(
        &'a self,
        others: &'a Self,
        plan: &'a Plan,
    ) -> impl Iterator<Item = (PathId, Print, Option<Print>)> {
        let prints = &plan.prints[others.start..];
        let (paths, mut at) = (&*others.paths, 0);
        // Both are in the order of paths.
        self.iter(plan).map(move |(path, print)| {
            while paths.get(at).is_some_and(|other| *other < path) {
                at += 1;
            }
            let other = paths.get(at).filter(|other| **other == path);
            (path, print, other.map(|_| Print(prints[at])))
        })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.paths.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.paths.is_empty()
    }
}

/// Gives every path a number.
#[derive(Debug, Default)]
pub(super) struct Paths {
    known: HashMap<Box<[u8]>, PathId>,
    lists: HashSet<Arc<[PathId]>>,
    pub(super) names: Vec<Name>,
}

impl Paths {
    /// The number of a path.
    pub(super) fn id(&mut self, path: &[u8], names: &mut Names) -> PathId {
        if let Some(id) = self.known.get(path) {
            return *id;
        }
        let id = PathId::try_from(self.names.len()).expect("fewer paths than 2^32");
        self.names
            .push(names.intern(&String::from_utf8_lossy(path)));
        self.known.insert(path.into(), id);
        id
    }

    /// The shared copy of a list.
    pub(super) fn list(&mut self, paths: &[PathId]) -> Arc<[PathId]> {
        if let Some(list) = self.lists.get(paths) {
            return Arc::clone(list);
        }
        let list: Arc<[PathId]> = paths.into();
        self.lists.insert(Arc::clone(&list));
        list
    }
}
