//! Compares what goes with what comes.

use crate::catalog;
use crate::input::names::Name;
use crate::input::plan::{Kept, Leaves, ObjectId, PathId, Plan};
use foldhash::HashMap;

/// How sure it is that two are the same object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::rules::destroy) enum Confidence {
    /// Several objects fit.
    Low,
    /// Everything that is known agrees.
    Medium,
    /// They have the same name in their cloud, or stand at the same place beside objects that moved.
    High,
}

impl Confidence {
    /// The word for it.
    pub(in crate::rules::destroy) const fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// How much two objects have in common.
#[derive(Debug, Default)]
pub(super) struct Likeness {
    /// The values that agree.
    pub(super) same: Vec<PathId>,
    /// The configured values that do not.
    pub(super) differing: Vec<PathId>,
    /// How many of those that agree are text that somebody wrote.
    pub(super) texts: usize,
    /// Whether they have the same name in their cloud.
    pub(super) identity: bool,
    /// Whether somebody gave them the same name, which the cloud does not care about.
    pub(super) namesake: bool,
    /// Configured attributes of the new object that are not known yet.
    pub(super) unresolved: Vec<PathId>,
}

/// Knows the attribute that each path begins with.
pub(super) struct Comparer<'p> {
    plan: &'p Plan,
    ids: HashMap<&'p str, PathId>,
}

/// Attributes that say what an object is part of.
const SCOPES: [&str; 8] = [
    "namespace",
    "location",
    "region",
    "parent",
    "project",
    "zone",
    "cluster",
    "type",
];

/// Names that people give, beside those the cloud knows objects by.
const NAMES: [&str; 3] = ["name", "display_name", "tags.Name"];

impl<'p> Comparer<'p> {
    pub(super) fn new(plan: &'p Plan) -> Self {
        let ids = (0..).zip(&plan.paths);
        Self {
            plan,
            ids: ids.map(|(id, name)| (&**name, id)).collect(),
        }
    }

    pub(super) fn plan(&self) -> &'p Plan {
        self.plan
    }

    pub(super) fn kept(&self, id: ObjectId) -> Option<&'p Kept> {
        self.plan.objects[id].change().kept.as_deref()
    }

    /// The top-level attribute of a path.
    pub(super) fn attribute(&self, path: PathId) -> &'p str {
        let path: &str = &self.plan.paths[path as usize];
        path.split(['.', '[']).next().unwrap_or(path)
    }

    /// The paths of what names an object of a type in its cloud.
    pub(super) fn identity(&self, kind: &str) -> Vec<PathId> {
        let identity = catalog::facts(kind).identity.iter();
        identity
            .filter_map(|name| self.ids.get(name).copied())
            .collect()
    }

    /// Whether somebody wrote an attribute; when nothing tells, everything was written.
    fn is_written(&self, written: &[Name], path: PathId) -> bool {
        let attribute = self.attribute(path);
        match written {
            [] => attribute != "tags_all",
            written => written
                .binary_search_by(|name| (**name).cmp(attribute))
                .is_ok(),
        }
    }

    /// Whether a path says what an object is part of.
    fn is_scope(&self, path: PathId) -> bool {
        let name: &str = &self.plan.paths[path as usize];
        let last = name.rsplit('.').next().unwrap_or(name);
        ["_id", "_arn", "_name"]
            .iter()
            .any(|end| last.ends_with(end))
            || SCOPES.contains(&last)
    }

    /// Compares what `from` was with what `to` will be; nothing when either keeps no values, and when they are two:
    /// their names differ, or what they are part of.
    pub(super) fn compare(&self, from: ObjectId, to: ObjectId) -> Option<Likeness> {
        let (old, new) = (self.kept(from)?, self.kept(to)?);
        if old.before.is_empty() {
            return None;
        }
        let identity = self.identity(&self.plan.block(from).kind);
        let mut named = identity.iter().filter_map(|path| {
            old.before
                .get(self.plan, *path)
                .zip(new.after.get(self.plan, *path))
        });
        if named.any(|(old, new)| old != new) {
            return None;
        }
        let resource = self.plan.resource(self.plan.objects[to].block);
        let written = resource
            .map(|resource| &*resource.arguments)
            .unwrap_or_default();
        let mut found = Likeness::default();
        for (path, print) in new.after.iter(self.plan) {
            let old = old.before.get(self.plan, path);
            if old == Some(print) {
                found.same.push(path);
                if print.is_text() && self.is_written(written, path) {
                    found.texts += 1;
                    found.identity |= identity.contains(&path);
                    found.namesake |= NAMES.contains(&&*self.plan.paths[path as usize]);
                }
            } else if self.is_written(written, path) {
                if identity.contains(&path) || (old.is_some() && self.is_scope(path)) {
                    return None;
                }
                found.differing.push(path);
            }
        }
        let unknown = new.unknown.iter().copied();
        found.unresolved = unknown
            .filter(|path| self.is_written(written, *path))
            .filter(|path| self.is_set(&old.before, *path) && !self.is_set(&new.after, *path))
            .collect();
        Some(found)
    }

    /// Whether anything in an attribute is known.
    fn is_set(&self, leaves: &Leaves, attribute: PathId) -> bool {
        let name = self.attribute(attribute);
        leaves
            .iter(self.plan)
            .any(|(path, _)| self.attribute(path) == name)
    }
}

impl Likeness {
    /// How sure it is; nothing when they are two objects, or too little is known. `placed` says that the new
    /// object refers to what the old one's dependency became.
    pub(super) fn confidence(&self, placed: bool) -> Option<Confidence> {
        if self.identity && self.differing.len() <= self.same.len() {
            return Some(Confidence::High);
        }
        if self.namesake && !self.differing.is_empty() && self.differing.len() < self.same.len() {
            return Some(Confidence::Medium);
        }
        if !self.differing.is_empty() {
            return None;
        }
        if placed {
            return Some(Confidence::High);
        }
        (self.unresolved.is_empty() && self.texts > 0).then_some(Confidence::Medium)
    }

    /// Whether they agree in all that is known, but that could be chance.
    pub(super) fn is_weak(&self) -> bool {
        self.differing.is_empty() && !self.same.is_empty()
    }
}
