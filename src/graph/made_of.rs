//! What a value of an object is made of.

use super::{Direction, Edge, Graph, Kind, Node, NodeId, Sense};
use crate::input::plan::{BlockId, ModuleId, ObjectId, Plan};
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

    /// Objects that an object refers to in a way that only a printed graph knows of.
    pub fn drawn(&self, plan: &Plan, id: ObjectId) -> Vec<ObjectId> {
        let starts = self.next(plan, id, |edge| edge.kind == Kind::Dot);
        let found: BTreeSet<_> = starts.into_iter().flat_map(|to| self.nearest(to)).collect();
        found.into_iter().collect()
    }

    /// Whether an attribute is made of a local value that nobody tells the contents of.
    pub fn is_made_of_unknown(&self, plan: &Plan, id: ObjectId, attribute: &str) -> bool {
        self.meets_unknown_local(plan, self.referred(plan, id, Some(attribute)))
    }

    /// Whether what an attribute is made of holds nothing that a plan can change: literals, functions, and variables and
    /// locals of these.
    pub fn is_made_of_constants(&self, plan: &Plan, id: ObjectId, attribute: &str) -> bool {
        let mut around = plan.enclosing(plan.block(id).module);
        if around.any(|module| plan.modules[module].key.is_some()) {
            return false;
        }
        let places = [attribute, "for_each", "count"].into_iter();
        let starts = places.flat_map(|place| self.referred(plan, id, Some(place)));
        let reach = self.search(
            starts,
            Direction::Dependencies,
            Sense::Flow,
            |_, edge, _| edge.kind != Kind::Within,
        );
        reach.nodes().iter().all(|node| match self.node(*node) {
            Node::Variable(..) | Node::Output(..) => true,
            Node::Local(..) => !self.is_unknown_local(plan, *node),
            _ => false,
        })
    }

    /// Whether anything in a block is.
    pub fn is_block_made_of_unknown(&self, plan: &Plan, block: BlockId) -> bool {
        let objects = plan.blocks[block].objects.iter();
        let nodes = objects
            .map(|id| self.object(*id))
            .chain([self.block(block)]);
        let next = |node| self.neighbours(node, Direction::Dependencies, Sense::Flow);
        let starts: Vec<_> = nodes.flat_map(next).map(|(to, _)| to).collect();
        self.meets_unknown_local(plan, starts)
    }

    /// Whether a local value that nobody tells the contents of is met before any object.
    fn meets_unknown_local(&self, plan: &Plan, starts: Vec<NodeId>) -> bool {
        let reach = self.search(
            starts,
            Direction::Dependencies,
            Sense::Flow,
            |from, _, _| self.as_object(from).is_none(),
        );
        let mut nodes = reach.nodes().iter();
        nodes.any(|node| self.is_unknown_local(plan, *node))
    }

    /// The local values that nobody tells the contents of, each with its module instance.
    pub fn unknown_locals(&self, plan: &Plan) -> Vec<(ModuleId, NodeId)> {
        let locals = self.inner.node_indices();
        let locals = locals.filter_map(|node| Some((self.unknown_local(plan, node)?, node)));
        locals.collect()
    }

    /// Whether a node is a local value that nobody tells the contents of.
    pub fn is_unknown_local(&self, plan: &Plan, node: NodeId) -> bool {
        self.unknown_local(plan, node).is_some()
    }

    /// The module instance of a local value that nobody tells the contents of; nothing for any other node.
    fn unknown_local(&self, plan: &Plan, node: NodeId) -> Option<ModuleId> {
        let Node::Local(module, name) = self.node(node) else {
            return None;
        };
        let module = *module as usize;
        let config = plan.modules[module].config;
        let config = config.and_then(|config| plan.configuration.modules.get(config));
        let is_told = config.is_some_and(|config| config.locals.contains_key(self.text(*name)));
        // What its module waits for is nothing that it is made of.
        let mut next = self.neighbours(node, Direction::Dependencies, Sense::Flow);
        let is_shown = next.any(|(_, edge)| edge.kind != Kind::Within);
        (!is_told && !is_shown).then_some(module)
    }

    /// What the expression of an attribute refers to.
    fn referred(&self, plan: &Plan, id: ObjectId, attribute: Option<&str>) -> Vec<NodeId> {
        self.next(plan, id, |edge| {
            edge.kind == Kind::Reference && attribute.is_none_or(|a| a == self.place(edge))
        })
    }

    /// Where certain edges of an object and its block lead.
    fn next(&self, plan: &Plan, id: ObjectId, wanted: impl Fn(Edge) -> bool) -> Vec<NodeId> {
        let block = self.block(plan.objects[id].block);
        let mut found = Vec::new();
        for start in [self.object(id), block] {
            for (next, edge) in self.neighbours(start, Direction::Dependencies, Sense::Flow) {
                if wanted(edge) && !matches!(self.node(next), Node::Provider(_)) {
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
        self.objects_among(reach.nodes()).collect()
    }
}
