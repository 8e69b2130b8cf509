//! Adds what `terraform graph` says to the graph of the plan.
//!
//! A graph that Terraform prints is transitively reduced and knows no instances: its edges order, they are not
//! the facts somebody wrote. So an edge that a path explains already adds nothing; one that nothing explains
//! (a local value, a dynamic block, a lifecycle argument) is drawn, and known to come from there alone.

use super::build::{Builder, Why};
use super::{Edge, Kind, Node, NodeId, node_id, small};
use crate::input::address::{Address, config_address, module_steps};
use crate::input::dot::{Dot, End};
use crate::input::names::Name;
use crate::input::plan::references::Tellers;
use crate::input::plan::{Key, ModuleId, ObjectId};
use foldhash::{HashMap, HashSet};
use petgraph::Direction::Outgoing;
use std::collections::BTreeSet;

/// Steps taken to find out which edges are explained. Beyond, edges are drawn unasked: correct, only more of them.
const MOST_STEPS: usize = 200_000_000;

impl Builder<'_> {
    /// Takes in a graph; false when it is not of this configuration: under half of its blocks are in it.
    pub(super) fn fuse(&mut self, dot: &Dot) -> bool {
        let ends: Vec<End<'_>> = dot.ends().collect();
        if !self.belongs(&ends) {
            return false;
        }
        let place = self.text("terraform graph");
        let mut search = Search::default();
        let mut modules = HashMap::default();
        for edges in dot.edges.chunk_by(|a, b| a.0 == b.0) {
            let from = ends[edges[0].0 as usize];
            for (module, start) in self.starts(from, &mut modules) {
                let tos = edges.iter().map(|(_, to)| ends[*to as usize]);
                let wanted = tos.filter(|to| !is_own_block(from, *to));
                let mut drawn: Vec<Vec<NodeId>> =
                    wanted.map(|to| self.targets(to, module)).collect();
                self.settle();
                drawn.retain_mut(|targets| {
                    targets.retain(|to| *to != start);
                    !self.confirm(start, targets)
                });
                for target in search.unexplained(self, start, &drawn) {
                    self.edge(
                        start,
                        target,
                        Why::of(Kind::Dot, place).told_by(Tellers::DOT),
                    );
                }
            }
        }
        // A graph with locals in it tells what is behind them. The short form only orders blocks: who reads what through a
        // provider, an entry or an attribute is not in it (Terraform 1.11).
        if ends.iter().any(|end| matches!(end, End::Local(..))) {
            self.graph.unfollowed = 0;
        }
        true
    }

    fn belongs(&self, ends: &[End<'_>]) -> bool {
        let mut known: HashSet<(String, &str, &str)> = HashSet::default();
        for end in ends {
            if let End::Block(address) | End::Instance(address) = end {
                known.insert((
                    config_address(address.module).into_owned(),
                    address.kind,
                    address.name,
                ));
            }
        }
        let configuration = &self.plan.configuration;
        let (mut found, mut all) = (0, 0);
        for (id, module) in configuration.modules.iter().enumerate() {
            let path = configuration.module_address(id);
            all += module.resources.len();
            let is_known = |(_, kind, name): &&(_, Name, Name)| {
                known.contains(&(path.clone(), &**kind, &**name))
            };
            found += module.resources.keys().filter(is_known).count();
        }
        2 * found >= all
    }

    /// The nodes that an edge of an end starts from, one for each module instance.
    fn starts(
        &mut self,
        end: End<'_>,
        modules: &mut HashMap<String, Vec<ModuleId>>,
    ) -> Vec<(ModuleId, NodeId)> {
        let path = match end {
            End::Block(address) => address.module,
            End::Instance(address) => {
                let object = self.find_object(&address);
                let found = object.map(|id| (self.plan.block(id).module, node_id(id)));
                return found.into_iter().collect();
            }
            End::Variable(path, _)
            | End::Local(path, _)
            | End::Output(path, _)
            | End::ModuleEntry(path) => path,
            // What a module's end waits for is what is in it.
            End::ModuleEnd(_) | End::Nothing => return Vec::new(),
            End::Provider(path, name, alias) => {
                let node = self.provider_node(path, name, alias);
                return node.map(|node| (0, node)).into_iter().collect();
            }
        };
        let all = modules
            .entry(path.to_owned())
            .or_insert_with(|| self.instances_of(path))
            .clone();
        all.into_iter()
            .filter_map(|module| Some((module, self.start(end, module)?)))
            .collect()
    }

    fn start(&mut self, end: End<'_>, module: ModuleId) -> Option<NodeId> {
        let of = small(module);
        match end {
            End::Block(address) => {
                let block =
                    self.plan
                        .find_block(module, address.mode, address.kind, address.name)?;
                Some(self.block_node(block))
            }
            End::Variable(_, name) => {
                let name = self.text(name);
                Some(self.node(Node::Variable(of, name)))
            }
            End::Local(_, name) => {
                let name = self.text(name);
                Some(self.node(Node::Local(of, name)))
            }
            End::Output(_, name) => {
                let name = self.text(name);
                Some(self.node(Node::Output(of, name)))
            }
            End::ModuleEntry(_) => self.entry(of),
            _ => None,
        }
    }

    /// The nodes that an edge to an end ends at, as seen from a module instance.
    fn targets(&mut self, end: End<'_>, module: ModuleId) -> Vec<NodeId> {
        let path = match end {
            End::Block(address) => address.module,
            End::Variable(path, _)
            | End::Local(path, _)
            | End::Output(path, _)
            | End::ModuleEntry(path)
            | End::ModuleEnd(path) => path,
            End::Instance(address) => {
                return self
                    .find_object(&address)
                    .map(node_id)
                    .into_iter()
                    .collect();
            }
            End::Provider(path, name, alias) => {
                return self.provider_node(path, name, alias).into_iter().collect();
            }
            End::Nothing => return Vec::new(),
        };
        let modules = self.seen_from(module, path);
        modules
            .into_iter()
            .filter_map(|module| self.target(end, module))
            .collect()
    }

    fn target(&mut self, end: End<'_>, module: ModuleId) -> Option<NodeId> {
        match end {
            End::Block(address) => {
                let block =
                    self.plan
                        .find_block(module, address.mode, address.kind, address.name)?;
                Some(self.instances(block, None))
            }
            End::ModuleEnd(_) => Some(self.node(Node::Objects(small(module)))),
            _ => self.start(end, module),
        }
    }

    /// What a module waits for. The plan tells whether there is anything; without one every module may.
    fn entry(&mut self, module: u32) -> Option<NodeId> {
        let known = self.graph.entries.get(&module).copied();
        known
            .or_else(|| (!self.plan.planned && module != 0).then(|| self.node(Node::Entry(module))))
    }

    fn instances_of(&self, path: &str) -> Vec<ModuleId> {
        let path = config_address(path);
        let calls = module_steps(&path).unwrap_or_default();
        calls.iter().fold(vec![0], |found, (call, _)| {
            found
                .into_iter()
                .flat_map(|id| self.called(id, call).iter().copied())
                .collect()
        })
    }

    /// The object of an instance address.
    fn find_object(&self, address: &Address<'_>) -> Option<ObjectId> {
        let modules = self.instances_of(address.module);
        let module = modules
            .into_iter()
            .find(|id| *self.plan.modules[*id].address == *address.module)?;
        let block = self
            .plan
            .find_block(module, address.mode, address.kind, address.name)?;
        let key = address
            .key
            .map(|key| Key::of(key, &mut crate::input::names::Names::default()));
        self.current(block)
            .find(|id| self.plan.objects[*id].key == key)
    }

    /// What stands for all instances of the block that one of them is of.
    fn all_instances(&self, node: NodeId) -> Option<NodeId> {
        let object = self.plan.objects.get(node.index())?;
        object.key.as_ref()?;
        self.known_node(Node::Instances(small(object.block)))
    }

    fn provider_node(&mut self, path: &str, name: &str, alias: Option<&str>) -> Option<NodeId> {
        let local = alias.map_or_else(|| name.to_owned(), |alias| format!("{name}.{alias}"));
        let key = if path.is_empty() {
            local
        } else {
            format!("{path}:{local}")
        };
        let known = self.plan.configuration.providers.get_key_value(&*key)?.0;
        let known = self.text(known);
        Some(self.node(Node::Provider(known)))
    }

    /// Remembers edges that are there already as confirmed; whether there is one.
    fn confirm(&mut self, start: NodeId, targets: &[NodeId]) -> bool {
        let mut found = false;
        for target in targets {
            let edge = self.graph.inner.find_edge(start, *target);
            let edge = edge.and_then(|id| self.graph.inner.edge_weight_mut(id));
            if let Some(packed) = edge {
                let edge = Edge::from(*packed);
                let told_by = edge.told_by.with(Tellers::DOT);
                *packed = Edge { told_by, ..edge }.into();
                found = true;
            }
        }
        found
    }
}

/// In the graph of an apply each instance waits for its block.
fn is_own_block(from: End<'_>, to: End<'_>) -> bool {
    match (from, to) {
        (End::Instance(from), End::Block(to)) => {
            (from.mode, from.kind, from.name) == (to.mode, to.kind, to.name)
                && config_address(from.module) == to.module
        }
        _ => false,
    }
}

/// A search that is begun anew for each start, without a table of its own for each.
#[derive(Default)]
struct Search {
    seen: Vec<u32>,
    turn: u32,
    steps: usize,
}

impl Search {
    /// The targets of those edges of a printed graph that no path explains. It knows no keys: a path to one instance of
    /// a block or module explains an edge to all of them.
    fn unexplained(
        &mut self,
        builder: &Builder<'_>,
        start: NodeId,
        drawn: &[Vec<NodeId>],
    ) -> BTreeSet<NodeId> {
        let mut missing: BTreeSet<usize> = (0..drawn.len()).collect();
        let mut wanted: HashMap<NodeId, Vec<usize>> = HashMap::default();
        for (edge, targets) in drawn.iter().enumerate() {
            for target in targets {
                wanted.entry(*target).or_default().push(edge);
            }
        }
        let inner = &builder.graph.inner;
        self.seen.resize(inner.node_count(), 0);
        self.turn += 1;
        let mut left = vec![start];
        while let Some(at) = left.pop().filter(|_| !missing.is_empty()) {
            for next in inner.neighbors_directed(at, Outgoing) {
                self.steps += 1;
                if std::mem::replace(&mut self.seen[next.index()], self.turn) != self.turn {
                    let found = [Some(next), builder.all_instances(next)];
                    let found = found.iter().flatten();
                    for edge in found.filter_map(|node| wanted.get(node)).flatten() {
                        missing.remove(edge);
                    }
                    left.push(next);
                }
            }
            if self.steps > MOST_STEPS {
                break;
            }
        }
        let missing = missing.into_iter();
        missing.flat_map(|edge| &drawn[edge]).copied().collect()
    }
}
