//! Where an object stood: what it depended on, and what became of that.

use crate::graph::Graph;
use crate::input::names::Name;
use crate::input::plan::{Action, ObjectId, Plan};
use foldhash::HashMap;

/// The place of an object that goes, and one that may have come there.
pub(super) struct Place<'m> {
    plan: &'m Plan,
    graph: &'m Graph,
    /// What became of objects, by the config address of what they were.
    by_old: &'m HashMap<String, Vec<ObjectId>>,
    names: &'m [Name],
    to: ObjectId,
}

impl<'m> Place<'m> {
    pub(super) fn new(
        (plan, graph): (&'m Plan, &'m Graph),
        by_old: &'m HashMap<String, Vec<ObjectId>>,
        from: ObjectId,
        to: ObjectId,
    ) -> Self {
        let list = plan.objects[from].dependencies;
        Self {
            plan,
            graph,
            by_old,
            names: list.map_or(&[], |list| &plan.dependency_lists[list.index()]),
            to,
        }
    }

    /// Whether there are attributes, and every one of them refers to it.
    pub(super) fn holds_any<'a>(&self, attributes: impl ExactSizeIterator<Item = &'a str>) -> bool {
        self.each(attributes, |refers| refers.iter().any(|id| self.is(*id)))
    }

    /// The same, and refers to what moved: that what is there has another attribute says nothing of who refers to it.
    pub(super) fn follows<'a>(&self, attributes: impl ExactSizeIterator<Item = &'a str>) -> bool {
        self.each(attributes, |refers| {
            refers.iter().any(|id| self.became(*id))
        })
    }

    /// The same, and refers to nothing else: which part of an attribute is known is not known.
    pub(super) fn holds_all<'a>(&self, attributes: impl ExactSizeIterator<Item = &'a str>) -> bool {
        self.each(attributes, |refers| {
            !refers.is_empty() && refers.iter().all(|id| self.is(*id))
        })
    }

    /// Whether there are attributes, and what every one of them refers to `holds`.
    fn each<'a>(
        &self,
        mut attributes: impl ExactSizeIterator<Item = &'a str>,
        holds: impl Fn(&[ObjectId]) -> bool,
    ) -> bool {
        attributes.len() > 0 && attributes.all(|attribute| holds(&self.refers(attribute)))
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
    fn is(&self, id: ObjectId) -> bool {
        let plan = self.plan;
        let still = || {
            let address = plan.config_address(plan.objects[id].block);
            let action = plan.objects[id].action();
            action != Action::Create
                && !action.replaces()
                && self.names.iter().any(|name| **name == *address)
        };
        self.became(id) || still()
    }

    /// Whether an object is what a dependency became.
    fn became(&self, id: ObjectId) -> bool {
        let mut became = self
            .names
            .iter()
            .filter_map(|name| self.by_old.get(&**name));
        became.any(|new| new.contains(&id))
    }
}
