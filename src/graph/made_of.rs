//! What a value of an object is made of.

use super::{Direction, Graph, Kind, Node, NodeId, Sense};
use crate::input::plan::{ObjectId, Plan};
use std::collections::BTreeSet;

impl Graph {
    /// Objects an attribute is made of, the nearest on every way; those of the whole block without one.
    pub fn made_of(&self, plan: &Plan, id: ObjectId, attribute: Option<&str>) -> Vec<ObjectId> {
        let starts = self.referred(plan, id, attribute);
        let found: BTreeSet<_> = starts
            .into_iter()
            .flat_map(|next| self.nearest(next))
            .collect();
        found.into_iter().collect()
    }

    /// Whether an attribute is made of a local value that nobody tells the contents of.
    pub fn is_made_of_unknown(&self, plan: &Plan, id: ObjectId, attribute: &str) -> bool {
        let starts = self.referred(plan, id, Some(attribute));
        let reach = self.search(
            starts,
            Direction::Dependencies,
            Sense::Flow,
            |from, _, _| self.as_object(from).is_none(),
        );
        reach.nodes().iter().any(|node| {
            let Node::Local(module, name) = self.node(*node) else {
                return false;
            };
            let config = plan.modules[*module as usize].config;
            let config = config.and_then(|config| plan.configuration.modules.get(config));
            config.is_none_or(|config| !config.locals.contains_key(self.text(*name)))
                && self
                    .neighbours(*node, Direction::Dependencies, Sense::Flow)
                    .next()
                    .is_none()
        })
    }

    /// What the expression of an attribute refers to.
    fn referred(&self, plan: &Plan, id: ObjectId, attribute: Option<&str>) -> Vec<NodeId> {
        let block = self.block(plan.objects[id].block);
        let mut found = Vec::new();
        for start in [self.object(id), block] {
            for (next, edge) in self.neighbours(start, Direction::Dependencies, Sense::Flow) {
                let wanted =
                    edge.kind == Kind::Reference && attribute.is_none_or(|a| a == self.place(edge));
                if wanted && !matches!(self.node(next), Node::Provider(_)) {
                    found.push(next);
                }
            }
        }
        found
    }

    /// The first objects met from a node on.
    fn nearest(&self, start: NodeId) -> Vec<ObjectId> {
        let reach = self.search(
            [start],
            Direction::Dependencies,
            Sense::Flow,
            |from, edge, to| {
                let inward = edge.kind != Kind::Within
                    || self.as_object(to).is_some()
                    || !matches!(self.node(to), Node::Entry(_));
                self.as_object(from).is_none() && inward
            },
        );
        reach
            .nodes()
            .iter()
            .filter_map(|node| self.as_object(*node))
            .collect()
    }
}
