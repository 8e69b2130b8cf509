//! Follows references: from where one stands to the nodes it means.

use super::build::{Builder, Why};
use super::{Kind, Node, NodeId, TextId, node_id, small};
use crate::input::plan::configuration::ConfigModuleId;
use crate::input::plan::references::{Reference, Target};
use crate::input::plan::{BlockId, Key, ModuleId, ObjectId};
use foldhash::HashMap;
use std::rc::Rc;

impl Builder<'_> {
    /// A reference of a block. Where own keys select the other's instances, the instances are joined one to
    /// one, and the blocks by an edge that only orders.
    pub(super) fn refer_from_block(
        &mut self,
        block: BlockId,
        module: ModuleId,
        reference: &Reference,
        place: TextId,
        chains: bool,
    ) {
        let node = self.block_node(block);
        if (chains || reference.same_key)
            && let Some(pairs) = self.pairs(block, module, &reference.target)
        {
            let why = Why::of(Kind::Reference, place).told_by(reference.told_by);
            for (from, to) in pairs {
                self.edge(node_id(from), to, why);
            }
            for to in self.resolved(module, &reference.target, false) {
                self.draw(node, to, why, true);
            }
            return;
        }
        self.refer(
            node,
            module,
            None,
            reference,
            Why::of(Kind::Reference, place),
        );
    }

    /// Instances of a block, and those with the same key of another block or of a module, when each has a partner.
    fn pairs(
        &mut self,
        block: BlockId,
        module: ModuleId,
        target: &Target,
    ) -> Option<Vec<(ObjectId, NodeId)>> {
        let plan = self.plan;
        let mut by_key: HashMap<&Key, NodeId> = HashMap::default();
        match target {
            Target::Resource {
                mode,
                kind,
                name,
                key: None,
            } => {
                let other = plan.find_block(module, *mode, kind, name)?;
                for id in self.current(other) {
                    by_key.insert(plan.objects[id].key.as_ref()?, node_id(id));
                }
            }
            Target::Module { call, key: None } => {
                let calls = Rc::clone(&self.calls);
                for id in calls.instances(plan, module, call, None) {
                    let whole = self.node(Node::Whole(small(*id)));
                    by_key.insert(plan.modules[*id].key.as_ref()?, whole);
                }
            }
            Target::Output {
                call,
                key: None,
                output,
            } => {
                let (calls, output) = (Rc::clone(&self.calls), self.text(output));
                for id in calls.instances(plan, module, call, None) {
                    let output = self.node(Node::Output(small(*id), output));
                    by_key.insert(plan.modules[*id].key.as_ref()?, output);
                }
            }
            _ => return None,
        }
        let pair = |id: ObjectId| Some((id, *by_key.get(plan.objects[id].key.as_ref()?)?));
        let pairs: Option<Vec<_>> = self.current(block).map(pair).collect();
        pairs.filter(|pairs| !pairs.is_empty())
    }

    /// Draws the edges of a reference made in a module instance; `key` is the instance's own when the
    /// reference stands in its call.
    pub(super) fn refer(
        &mut self,
        from: NodeId,
        module: ModuleId,
        key: Option<&Key>,
        reference: &Reference,
        why: Why,
    ) {
        let why = why.told_by(reference.told_by);
        let objects_only = why.kind != Kind::Reference;
        if let (true, Some(key)) = (reference.same_key, key) {
            let narrow = self.resolved(module, &with_key(&reference.target, key), objects_only);
            let wide = self.resolved(module, &reference.target, objects_only);
            let narrowed = narrow != wide;
            for to in wide {
                self.draw(from, to, why, narrowed);
            }
            for to in narrow.into_iter().filter(|_| narrowed) {
                self.edge(from, to, why);
            }
            return;
        }
        let mut ends = std::mem::take(&mut self.ends);
        self.resolve(module, &reference.target, objects_only, &mut ends);
        for to in ends.drain(..) {
            self.edge(from, to, why);
        }
        self.ends = ends;
    }

    fn resolved(&mut self, module: ModuleId, target: &Target, objects_only: bool) -> Vec<NodeId> {
        let mut found = Vec::new();
        self.resolve(module, target, objects_only, &mut found);
        found
    }

    /// Adds what a target names in a module instance; a module as a whole, or its objects only for `depends_on`.
    fn resolve(
        &mut self,
        module: ModuleId,
        target: &Target,
        objects_only: bool,
        found: &mut Vec<NodeId>,
    ) {
        let of = small(module);
        match target {
            Target::Variable(name) => {
                let name = self.text(name);
                found.push(self.node(Node::Variable(of, name)));
            }
            Target::Local(name) => {
                let known = |config: ConfigModuleId| {
                    self.plan.configuration.modules[config]
                        .locals
                        .contains_key(name)
                };
                self.graph.unfollowed += usize::from(!self.config(module).is_some_and(known));
                let name = self.text(name);
                found.push(self.node(Node::Local(of, name)));
            }
            Target::Resource {
                mode,
                kind,
                name,
                key,
            } => {
                let block = self.plan.find_block(module, *mode, kind, name);
                found.extend(block.map(|block| self.instances(block, key.as_deref())));
            }
            Target::Output { call, key, output } => {
                let (calls, output) = (Rc::clone(&self.calls), self.text(output));
                for id in calls.instances(self.plan, module, call, key.as_deref()) {
                    found.push(self.node(Node::Output(small(*id), output)));
                }
            }
            Target::Module { call, key } => {
                let calls = Rc::clone(&self.calls);
                for id in calls.instances(self.plan, module, call, key.as_deref()) {
                    found.push(self.node(if objects_only {
                        Node::Objects(small(*id))
                    } else {
                        Node::Whole(small(*id))
                    }));
                }
            }
        }
    }

    /// The node for one instance of a block when the key is literal and known, or for all of them.
    pub(super) fn instances(&mut self, block: BlockId, key: Option<&Key>) -> NodeId {
        let mut current = self.current(block);
        if let Some(key) = key {
            let found = current.find(|id| self.plan.objects[*id].key.as_ref() == Some(key));
            if let Some(id) = found {
                return node_id(id);
            }
        } else if let (Some(id), None) = (current.next(), current.next())
            && self.plan.objects[id].key.is_none()
        {
            return node_id(id);
        }
        self.node(Node::Instances(small(block)))
    }
}

/// The target with a literal key in place of the expression that was the module instance's own key.
fn with_key(target: &Target, key: &Key) -> Target {
    match target.clone() {
        Target::Resource {
            mode, kind, name, ..
        } => Target::Resource {
            mode,
            kind,
            name,
            key: Some(Box::new(key.clone())),
        },
        Target::Module { call, .. } => Target::Module {
            call,
            key: Some(Box::new(key.clone())),
        },
        other => other,
    }
}
