//! Where an object stood: what it depended on, and what became of that.

use super::step::parting;
use crate::graph::Graph;
use crate::input::address::Mode;
use crate::input::names::Name;
use crate::input::plan::{Action, ObjectId, Plan, attribute_of, inside, join};
use crate::rules::destroy::unknown::has_unknown;
use foldhash::{HashMap, HashSet};

/// What became of the objects that have a partner.
#[derive(Default)]
pub(super) struct Became {
    /// New objects, by the config address of what they were.
    by_old: HashMap<String, Vec<ObjectId>>,
    /// What a new object was.
    was: HashMap<ObjectId, ObjectId>,
    /// What instances of a block were called, in all instances of its module, by config address.
    called: HashMap<String, HashSet<u64>>,
    /// What each object was called.
    callers: HashSet<(ObjectId, u64)>,
}

impl Became {
    /// Takes in a pair.
    pub(super) fn add(&mut self, plan: &Plan, from: ObjectId, to: ObjectId) {
        let block = plan.objects[from].block;
        let old = plan.config_address(block);
        self.was.insert(to, from);
        let kept = plan.objects[from].change().kept.as_deref();
        let called = self.called.entry(old.clone()).or_default();
        for identity in kept.into_iter().flat_map(|kept| kept.identities.iter()) {
            called.insert(text(*identity));
            self.callers.insert((from, text(*identity)));
        }
        self.by_old.entry(old).or_default().push(to);
    }

    /// Whether some values call what a new object was, if they call any instance of its block.
    fn may_be_called(&self, plan: &Plan, new: ObjectId, values: impl Iterator<Item = u64>) -> bool {
        let Some(old) = self.was.get(&new) else {
            return true;
        };
        let block = plan.config_address(plan.objects[*old].block);
        let called = self.called.get(&block);
        let calling = values.filter(|value| called.is_some_and(|all| all.contains(value)));
        let mut calling = calling.peekable();
        calling.peek().is_none() || calling.any(|value| self.callers.contains(&(*old, value)))
    }
}

/// The print of an identity, as the values of an object have it.
fn text(identity: u64) -> u64 {
    identity | 1
}

/// The place of an object that goes, and one that may have come there.
pub(super) struct Place<'m> {
    plan: &'m Plan,
    graph: &'m Graph,
    became: &'m Became,
    names: &'m [Name],
    from: ObjectId,
    to: ObjectId,
}

impl<'m> Place<'m> {
    pub(super) fn new(
        (plan, graph): (&'m Plan, &'m Graph),
        became: &'m Became,
        from: ObjectId,
        to: ObjectId,
    ) -> Self {
        let list = plan.objects[from].dependencies;
        Self {
            plan,
            graph,
            became,
            names: list.map_or(&[], |list| &plan.dependency_lists[list.index()]),
            from,
            to,
        }
    }

    /// Whether there are attributes, and every one of them refers to it. They are unknown for what is unknown of something that
    /// they refer to: an instance beside that, which stays as it is, is none that the new object stands at.
    pub(super) fn holds_any<'a>(&self, attributes: impl ExactSizeIterator<Item = &'a str>) -> bool {
        self.each(attributes, |attribute, refers| {
            let is_told = refers.iter().any(|id| has_unknown(self.plan, *id));
            let counts = |id: &&ObjectId| !is_told || has_unknown(self.plan, **id);
            let mut counting = refers.iter().filter(counts);
            counting.any(|id| self.is(attribute, *id))
        })
    }

    /// The same, and refers to what moved: that what is there has another attribute says nothing of who refers to it.
    pub(super) fn follows<'a>(&self, attributes: impl ExactSizeIterator<Item = &'a str>) -> bool {
        self.each(attributes, |attribute, refers| {
            refers.iter().any(|id| self.became(attribute, *id))
        })
    }

    /// The same, and refers to nothing else: which part of an attribute is known is not known.
    pub(super) fn holds_all<'a>(&self, attributes: impl ExactSizeIterator<Item = &'a str>) -> bool {
        self.each(attributes, |attribute, refers| {
            !refers.is_empty() && refers.iter().all(|id| self.is(attribute, *id))
        })
    }

    /// Whether there are attributes, and what every one of them refers to `holds`.
    fn each<'a>(
        &self,
        mut attributes: impl ExactSizeIterator<Item = &'a str>,
        holds: impl Fn(&str, &[ObjectId]) -> bool,
    ) -> bool {
        attributes.len() > 0
            && attributes.all(|attribute| holds(attribute, &self.refers(attribute)))
    }

    /// Whether an attribute refers to anything.
    pub(super) fn refers_to_any(&self, attribute: &str) -> bool {
        !self.refers(attribute).is_empty()
    }

    fn refers(&self, attribute: &str) -> Vec<ObjectId> {
        self.graph.made_of(self.plan, self.to, Some(attribute))
    }

    /// Whether an object is what a dependency became, or still is. What is created was not there, and what is replaced is
    /// another one afterwards.
    fn is(&self, attribute: &str, id: ObjectId) -> bool {
        let plan = self.plan;
        let still = || {
            let address = plan.config_address(plan.objects[id].block);
            let action = plan.objects[id].action();
            action != Action::Create
                && !action.replaces()
                && self.names.iter().any(|name| **name == *address)
        };
        self.became(attribute, id) || still() || self.went_along(id)
    }

    /// Whether it is a data source that the old object depended on, inside of what moves with it: nothing is left of one that
    /// was read at the old address.
    fn went_along(&self, id: ObjectId) -> bool {
        let plan = self.plan;
        let module = |id| plan.block(id).module;
        let came = || {
            let (from, to) = parting(plan, module(self.from), module(self.to))?;
            let block = plan.config_address(plan.objects[id].block);
            let rest = inside(plan.config_module_address(to), &block)?;
            Some(join(plan.config_module_address(from), rest))
        };
        plan.block(id).mode == Mode::Data
            && came().is_some_and(|was| self.names.iter().any(|name| **name == *was))
    }

    /// Whether an object is what a dependency became: of several instances that one which the old value called.
    fn became(&self, attribute: &str, id: ObjectId) -> bool {
        let by_old = &self.became.by_old;
        let mut became = self.names.iter().filter_map(|name| by_old.get(&**name));
        became.any(|new| new.contains(&id))
            && self
                .became
                .may_be_called(self.plan, id, self.values(attribute))
    }

    /// The texts that stood in an attribute.
    fn values(&self, attribute: &str) -> impl Iterator<Item = u64> {
        let plan = self.plan;
        let kept = plan.objects[self.from].change().kept.as_deref();
        let leaves = kept.into_iter().flat_map(|kept| kept.before.iter(plan));
        leaves
            .filter(move |(path, _)| attribute_of(&plan.paths[*path as usize]) == attribute)
            .map(|(_, print)| print.bits())
    }
}
