//! Draws the edges of nodes that stand between objects: variables, outputs, modules, providers.

use super::build::{Builder, NOWHERE, Why};
use super::{Kind, Node, NodeId, TextId, node_id, small};
use crate::input::address::module_steps;
use crate::input::names::Name;
use crate::input::plan::configuration::Repetition;
use crate::input::plan::references::{Reference, Target};
use crate::input::plan::{BlockId, ModuleId};
use std::rc::Rc;

impl Builder<'_> {
    /// Draws the edges of every node made so far, and of those made thereby.
    pub(super) fn settle(&mut self) {
        while let Some(id) = self.fresh.pop() {
            match self.graph.inner[id] {
                Node::Instances(block) => self.settle_instances(id, block as usize),
                Node::Variable(module, name) => self.settle_variable(id, module as usize, name),
                Node::Local(module, name) => self.settle_local(id, module as usize, name),
                Node::Output(module, name) => self.settle_output(id, module as usize, name),
                Node::Entry(module) => self.settle_entry(id, module as usize),
                Node::Whole(module) => self.settle_whole(id, module as usize),
                Node::Objects(module) => self.settle_objects(id, module as usize),
                Node::Provider(key) => self.settle_provider(id, key),
                Node::Object(_) | Node::Block(_) | Node::Recorded(_) | Node::Remembered(..) => {}
            }
        }
    }

    fn settle_instances(&mut self, node: NodeId, block: BlockId) {
        let current: Vec<_> = self.current(block).collect();
        for object in &current {
            self.within(node, node_id(*object));
        }
        if current.is_empty() {
            self.within(node, self.block_node(block));
        }
    }

    fn name(&self, id: TextId) -> Name {
        Name::clone(self.graph.text(id))
    }

    fn settle_variable(&mut self, node: NodeId, module: ModuleId, text: TextId) {
        let name = &self.name(text);
        let validations = self
            .config(module)
            .and_then(|config| self.plan.configuration.modules[config].variables.get(name));
        let place = self.text("validation");
        // A validation refers to the variable that it is of.
        let own = Target::Variable(Name::clone(name));
        let others = validations.into_iter().flatten();
        for reference in others.filter(|reference| reference.target != own) {
            self.refer(
                node,
                module,
                None,
                reference,
                Why::of(Kind::Reference, place),
            );
        }
        let Some(parent) = self.plan.modules[module].parent else {
            return;
        };
        self.enter(node, module);
        let key = self.plan.modules[module].key.clone();
        for reference in self
            .call(module)
            .and_then(|call| call.inputs.get(name))
            .into_iter()
            .flatten()
        {
            self.refer(
                node,
                parent,
                key.as_ref(),
                reference,
                Why::of(Kind::Reference, text),
            );
        }
    }

    /// A local value stands for all its parts: Terraform orders by the whole.
    fn settle_local(&mut self, node: NodeId, module: ModuleId, text: TextId) {
        let name = &self.name(text);
        self.enter(node, module);
        let value = self
            .config(module)
            .and_then(|config| self.plan.configuration.modules[config].locals.get(name));
        for reference in value.into_iter().flatten() {
            self.refer(
                node,
                module,
                None,
                reference,
                Why::of(Kind::Reference, text),
            );
        }
    }

    fn settle_output(&mut self, node: NodeId, module: ModuleId, text: TextId) {
        let name = &self.name(text);
        let Some(config) = self.config(module) else {
            return;
        };
        let Some(output) = self.plan.configuration.modules[config].outputs.get(name) else {
            return;
        };
        self.enter(node, module);
        let place = self.text("value");
        for reference in &output.references {
            self.refer(
                node,
                module,
                None,
                reference,
                Why::of(Kind::Reference, place),
            );
        }
        for entry in &output.depends_on {
            if let Some(reference) = &entry.reference {
                let place = self.text(&entry.text);
                self.refer(
                    node,
                    module,
                    None,
                    reference,
                    Why::of(Kind::DependsOn, place),
                );
            }
        }
    }

    fn settle_entry(&mut self, node: NodeId, module: ModuleId) {
        let Some(parent) = self.plan.modules[module].parent else {
            return;
        };
        self.enter(node, parent);
        let Some(call) = self.call(module) else {
            return;
        };
        let key = self.plan.modules[module].key.clone();
        let chains = matches!(call.repetition, Repetition::ForEach(_));
        let place = self.text(if chains { "for_each" } else { "count" });
        for reference in call.repetition.references() {
            let same_key = reference.same_key || chains && reference.attribute.is_none();
            let reference = Reference {
                same_key,
                ..reference.clone()
            };
            self.refer(
                node,
                parent,
                key.as_ref(),
                &reference,
                Why::of(Kind::Reference, place),
            );
        }
        for entry in &call.depends_on {
            if let Some(reference) = &entry.reference {
                let place = self.text(&entry.text);
                self.refer(
                    node,
                    parent,
                    None,
                    reference,
                    Why::of(Kind::ModuleDependsOn, place),
                );
            }
        }
    }

    fn settle_whole(&mut self, node: NodeId, module: ModuleId) {
        self.enter(node, module);
        let objects = self.node(Node::Objects(small(module)));
        self.orders(node, objects);
        let Some(config) = self.config(module) else {
            return;
        };
        let configured = &self.plan.configuration.modules[config];
        for name in configured.outputs.keys() {
            let name = self.text(name);
            let output = self.node(Node::Output(small(module), name));
            self.within(node, output);
        }
        for name in configured.call.iter().flat_map(|call| call.inputs.keys()) {
            let name = self.text(name);
            let input = self.node(Node::Variable(small(module), name));
            self.orders(node, input);
        }
    }

    /// A module gives its outputs away, and nothing else that one has to wait for who refers to it.
    fn orders(&mut self, node: NodeId, to: NodeId) {
        self.draw(node, to, Why::of(Kind::Within, NOWHERE), true);
    }

    fn settle_objects(&mut self, node: NodeId, module: ModuleId) {
        let Some(config) = self.config(module) else {
            return;
        };
        let configured = &self.plan.configuration.modules[config];
        for block in &self.plan.modules[module].configured {
            let instances = self.instances(*block, None);
            self.within(node, instances);
        }
        for call in configured.children.keys() {
            let calls = Rc::clone(&self.calls);
            for child in calls.all(module, call) {
                let objects = self.node(Node::Objects(small(*child)));
                self.within(node, objects);
            }
        }
    }

    fn settle_provider(&mut self, node: NodeId, place: TextId) {
        let key = &self.name(place);
        let Some(provider) = self.plan.configuration.providers.get(key) else {
            return;
        };
        let calls = module_steps(&provider.module).unwrap_or_default();
        // A module that configures a provider cannot be repeated (Terraform 0.13 and later).
        let module = calls
            .iter()
            .try_fold(0, |id, (call, _)| self.called(id, call).first().copied());
        for reference in &provider.references {
            if let Some(module) = module {
                self.refer(
                    node,
                    module,
                    None,
                    reference,
                    Why::of(Kind::Reference, place),
                );
            }
        }
    }
}
