//! Compares what goes with what comes.

use crate::catalog;
use crate::input::plan::{Kept, Leaves, ObjectId, PathId, Plan, Print};

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
    /// Whether their names or what they are part of differ: then they are two.
    pub(super) apart: bool,
    /// Configured attributes of the new object that are not known yet.
    pub(super) unresolved: Vec<PathId>,
}

/// Knows the attribute that each path begins with.
pub(super) struct Comparer<'p> {
    plan: &'p Plan,
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

impl<'p> Comparer<'p> {
    pub(super) fn new(plan: &'p Plan) -> Self {
        Self { plan }
    }

    pub(super) fn kept(&self, id: ObjectId) -> Option<&'p Kept> {
        self.plan.objects[id].change().kept.as_deref()
    }

    /// The top-level attribute of a path.
    pub(super) fn attribute(&self, path: PathId) -> &'p str {
        let path: &str = &self.plan.paths[path as usize];
        path.split(['.', '[']).next().unwrap_or(path)
    }

    /// Whether somebody wrote the attribute; when nothing tells, everything was written.
    fn is_written(&self, id: ObjectId, path: PathId) -> bool {
        let attribute = self.attribute(path);
        let resource = self.plan.resource(self.plan.objects[id].block);
        let written = resource
            .map(|resource| &*resource.arguments)
            .unwrap_or_default();
        match written {
            [] => attribute != "tags_all",
            written => written
                .binary_search_by(|name| (**name).cmp(attribute))
                .is_ok(),
        }
    }

    fn is_identity(&self, id: ObjectId, path: PathId) -> bool {
        let identity = catalog::facts(&self.plan.block(id).kind).identity;
        identity.contains(&&*self.plan.paths[path as usize])
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

    /// Compares what `from` was with what `to` will be; nothing when either keeps no values.
    pub(super) fn compare(&self, from: ObjectId, to: ObjectId) -> Option<Likeness> {
        let (old, new) = (self.kept(from)?, self.kept(to)?);
        if old.before.is_empty() {
            return None;
        }
        let mut found = Likeness::default();
        for (path, print) in new.after.iter() {
            self.value(to, path, print, old.before.get(path), &mut found);
        }
        let unknown = new.unknown.iter().copied();
        found.unresolved = unknown
            .filter(|path| self.is_written(to, *path))
            .filter(|path| self.is_set(&old.before, *path) && !self.is_set(&new.after, *path))
            .collect();
        Some(found)
    }

    fn value(
        &self,
        to: ObjectId,
        path: PathId,
        new: Print,
        old: Option<Print>,
        found: &mut Likeness,
    ) {
        let written = self.is_written(to, path);
        if old == Some(new) {
            found.same.push(path);
            if written && new.is_text() {
                found.texts += 1;
                found.identity |= self.is_identity(to, path);
            }
        } else if written {
            found.apart |= self.is_identity(to, path) || (old.is_some() && self.is_scope(path));
            found.differing.push(path);
        }
    }

    /// Whether anything in an attribute is known.
    fn is_set(&self, leaves: &Leaves, attribute: PathId) -> bool {
        let name = self.attribute(attribute);
        leaves.iter().any(|(path, _)| self.attribute(path) == name)
    }
}

impl Likeness {
    /// How sure it is; nothing when they are two objects, or too little is known. `placed` says that the new
    /// object refers to what the old one's dependency became.
    pub(super) fn confidence(&self, placed: bool) -> Option<Confidence> {
        if self.apart {
            return None;
        }
        if self.identity && self.differing.len() <= self.same.len() {
            return Some(Confidence::High);
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
        !self.apart && self.differing.is_empty() && !self.same.is_empty()
    }
}
