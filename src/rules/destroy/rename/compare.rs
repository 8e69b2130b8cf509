//! Compares what goes with what comes.

use crate::catalog::attributes::{
    NAMES, TAGS, TELLING, is_detail, is_use, is_whereabouts, may_share_name,
};
use crate::catalog::{self, Holds};
use crate::input::names::Name;
use crate::input::plan::configuration::Resource;
use crate::input::plan::{Kept, Leaves, ObjectId, PathId, Plan, Print};
use crate::input::plan::{attribute_of, identity_paths};
use foldhash::{HashMap, HashSet};
use std::cell::RefCell;
use std::rc::Rc;

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

/// How much two objects differ.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Difference {
    /// Not in anything that is known.
    #[default]
    None,
    /// In what people stick on objects.
    Tags,
    /// In no more attributes than agree.
    Little,
    /// In more.
    Much,
}

/// Whether the new object stands where the old one did.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stands {
    /// What is not known of it refers to what the old one's dependencies became, or still are.
    pub(super) placed: bool,
    /// So does what is known in part, and to nothing else.
    pub(super) partly: bool,
    /// Its name is made of what the old one's dependencies became.
    pub(super) named: bool,
}

/// How much two objects have in common.
#[derive(Debug, Default)]
pub(super) struct Likeness {
    /// The values that agree.
    pub(super) same: Vec<PathId>,
    /// The configured values that do not.
    pub(super) differing: Vec<PathId>,
    /// How much two differ.
    pub(super) difference: Difference,
    /// How many of those that agree are text that somebody wrote. None count for generated material, which is made
    /// anew on purpose, nor for `telling`.
    pub(super) texts: usize,
    /// Whether they have the same name in their cloud.
    pub(super) identity: bool,
    /// Whether somebody gave them the same name, which the cloud does not care about.
    pub(super) namesake: bool,
    /// Whether a text agrees that tells one object from another.
    pub(super) telling: bool,
    /// Configured attributes of the new object of which nothing is known yet.
    pub(super) unresolved: Vec<PathId>,
    /// Those of which a part is known, and not all that the old object had in it.
    pub(super) partly: Vec<PathId>,
}

/// What is asked of a path for each pair of thousands.
struct Path<'p> {
    /// The attribute it begins with.
    attribute: &'p str,
    /// Whether an object stays what it is without it: [`is_detail`].
    is_detail: bool,
    /// Whether it is among [`TELLING`].
    is_telling: bool,
    /// Whether it is among [`NAMES`].
    is_name: bool,
}

impl<'p> Path<'p> {
    fn new(name: &'p str) -> Self {
        Self {
            attribute: attribute_of(name),
            is_detail: is_detail(name),
            is_telling: TELLING.contains(&name),
            is_name: NAMES.contains(&name),
        }
    }
}

/// Knows what there is to know of each path.
pub(super) struct Comparer<'p> {
    plan: &'p Plan,
    ids: HashMap<&'p str, PathId>,
    paths: Vec<Path<'p>>,
    /// What was found out of a type or a list of arguments: thousands of pairs ask the same.
    identities: RefCell<HashMap<&'p str, Rc<[PathId]>>>,
    written: RefCell<HashMap<*const Name, Rc<[bool]>>>,
}

impl<'p> Comparer<'p> {
    pub(super) fn new(plan: &'p Plan) -> Self {
        let ids = (0..).zip(&plan.paths);
        Self {
            plan,
            ids: ids.map(|(id, name)| (&**name, id)).collect(),
            paths: plan.paths.iter().map(|path| Path::new(path)).collect(),
            identities: RefCell::default(),
            written: RefCell::default(),
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
        self.paths[path as usize].attribute
    }

    /// The top-level attributes of some paths.
    pub(super) fn attributes(&self, paths: &[PathId]) -> impl ExactSizeIterator<Item = &'p str> {
        paths.iter().map(|path| self.attribute(*path))
    }

    /// How much two differ, by attributes: a block that is new is one change.
    fn difference(&self, found: &Likeness) -> Difference {
        let count = |paths| self.attributes(paths).collect::<HashSet<_>>().len();
        let mut differing = self.attributes(&found.differing);
        match count(&found.differing) {
            0 => Difference::None,
            more if more > count(&found.same) => Difference::Much,
            _ if differing.all(|attribute| TAGS.contains(&attribute)) => Difference::Tags,
            _ => Difference::Little,
        }
    }

    /// The paths of what names an object of a type in its cloud.
    pub(super) fn identity(&self, kind: &'p str) -> Rc<[PathId]> {
        let mut known = self.identities.borrow_mut();
        let paths = known.entry(kind);
        Rc::clone(paths.or_insert_with(|| identity_paths(&self.ids, kind).into()))
    }

    /// By path, whether somebody wrote the attribute; when nothing tells, everything was written.
    fn written(&self, arguments: &'p [Name]) -> Rc<[bool]> {
        let is_written = |path: &Path<'_>| match arguments {
            [] => path.attribute != "tags_all",
            some => some
                .binary_search_by(|name| (**name).cmp(path.attribute))
                .is_ok(),
        };
        let mut known = self.written.borrow_mut();
        let paths = known.entry(arguments.as_ptr());
        Rc::clone(paths.or_insert_with(|| self.paths.iter().map(is_written).collect()))
    }

    /// Whether an object stays what it is when this changes: numbers, switches, nested blocks and tags do not make
    /// another of it, nor do details.
    fn is_detail(&self, path: PathId, old: Option<Print>, new: Option<Print>) -> bool {
        let is_text = |print: Option<Print>| print.is_some_and(Print::is_text);
        self.paths[path as usize].is_detail || !(is_text(old) || is_text(new))
    }

    /// Whether the old object lives elsewhere than the new one's provider works, unless the block says where.
    fn is_elsewhere(&self, old: &Kept, new: &Resource) -> bool {
        let provider = self.plan.configuration.providers.get(&new.provider);
        let is_own = |argument: &str| new.has_argument(argument);
        let both = old.home.as_deref().zip(provider);
        both.is_some_and(|(home, provider)| home.differs(&provider.places, is_own).is_some())
    }

    /// Whether nothing tells that two are not the same object.
    pub(super) fn may_be(&self, from: ObjectId, to: ObjectId) -> bool {
        self.kept(to).is_some_and(Kept::says_anything) && self.compare(from, to).is_some()
    }

    /// Compares what `from` was with what `to` will be; nothing when either keeps no values, and when they are two:
    /// their names differ, or what they are part of.
    pub(super) fn compare(&self, from: ObjectId, to: ObjectId) -> Option<Likeness> {
        let (old, new) = (self.kept(from)?, self.kept(to)?);
        if old.before.is_empty() {
            return None;
        }
        let identity = self.identity(&self.plan.block(from).kind);
        let named = identity.iter().filter_map(|path| {
            let old = old.before.get(self.plan, *path);
            old.zip(new.after.get(self.plan, *path))
        });
        let named: Vec<_> = named.collect();
        if named.iter().any(|(old, new)| old != new) {
            return None;
        }
        let resource = self.plan.resource(self.plan.objects[to].block);
        if resource.is_some_and(|resource| self.is_elsewhere(old, resource)) {
            return None;
        }
        let arguments = resource.and_then(|resource| resource.arguments.as_deref());
        let arguments = arguments.unwrap_or_default();
        let written = self.written(arguments);
        let is_written = |path: PathId| written[path as usize];
        let is_named = !named.is_empty() && !may_share_name(&self.plan.block(from).kind);
        // Of what has the same name, only where it is and what it is part of makes another.
        let may_change = |path: PathId| {
            let attribute = self.attribute(path);
            is_named && (is_use(attribute) || !is_whereabouts(attribute.as_bytes()))
        };
        let holds = catalog::facts(&self.plan.block(from).kind).holds;
        let generated = matches!(holds, Holds::Data(_)) && identity.is_empty();
        let mut found = Likeness {
            same: Vec::with_capacity(new.after.len()),
            ..Likeness::default()
        };
        for (path, print, was) in new.after.beside(&old.before, self.plan) {
            let is_written = is_written(path);
            if was == Some(print) {
                found.same.push(path);
                if is_written && print.is_text() {
                    found.count(&self.paths[path as usize], generated);
                }
                found.identity |= is_written && identity.contains(&path);
            } else if is_written {
                if !(self.is_detail(path, was, Some(print)) || may_change(path)) {
                    return None;
                }
                found.differing.push(path);
            }
        }
        let known = if arguments.is_empty() { &[] } else { &*written };
        for (path, print) in self.lost(old, new, known) {
            if !(self.is_detail(path, Some(print), None) || may_change(path)) {
                return None;
            }
            found.differing.push(path);
        }
        let unknown = new.unknown.iter().copied();
        let unknown = unknown.filter(|path| is_written(*path));
        let unknown = unknown.filter(|path| self.is_set(&old.before, *path));
        (found.partly, found.unresolved) = unknown.partition(|path| self.is_set(&new.after, *path));
        found.difference = self.difference(&found);
        Some(found)
    }

    /// What the old object had in attributes that are written and known, and the new one has not.
    fn lost<'k>(
        &'k self,
        old: &'k Kept,
        new: &'k Kept,
        written: &'k [bool],
    ) -> impl Iterator<Item = (PathId, Print)> + 'k {
        let unknown = |path| {
            let attribute = self.attribute(path);
            let mut unknown = new.unknown.iter();
            unknown.any(|other| self.attribute(*other) == attribute)
        };
        let is_written = |path| written.get(path as usize) == Some(&true);
        old.before.iter(self.plan).filter(move |(path, _)| {
            let gone = is_written(*path) && new.after.get(self.plan, *path).is_none();
            gone && !unknown(*path)
        })
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
    fn count(&mut self, path: &Path<'_>, generated: bool) {
        self.namesake |= path.is_name;
        if !generated {
            self.texts += 1;
            self.telling |= path.is_telling;
        }
    }

    /// How sure it is; nothing when they are two objects, or too little is known.
    pub(super) fn confidence(&self, stands: Stands) -> Option<Confidence> {
        let placed = stands.placed;
        if !(self.unresolved.is_empty() || placed) {
            return None;
        }
        let mostly = self.difference < Difference::Much;
        if (self.identity && mostly) || (placed && self.differing.is_empty()) {
            return Some(Confidence::High);
        }
        if (self.namesake || placed && stands.named) && mostly {
            return Some(Confidence::Medium);
        }
        let told = self.texts > 1 || self.telling || self.texts > 0 && stands.partly;
        let retagged = self.telling && self.difference == Difference::Tags;
        (self.differing.is_empty() && told || retagged).then_some(Confidence::Medium)
    }

    /// Whether they agree in all that is known, but that could be chance.
    pub(super) fn is_weak(&self) -> bool {
        self.differing.is_empty() && !self.same.is_empty()
    }
}
