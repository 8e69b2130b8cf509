//! Draws what the prior state remembers, as far as it answers "who depended on what goes".
//!
//! The state holds the transitive closure of every object, seven entries for each on average: all of it
//! would be the larger half of the graph. Drawn is what is remembered of blocks with objects that go; of those
//! that change, for objects that go themselves.

use super::build::Builder;
use super::{Kind, Node, NodeId, node_id, small};
use crate::input::address::{Address, module_steps};
use crate::input::names::Name;
use crate::input::plan::{Action, BlockId, ModuleId, Object, Plan};
use foldhash::{HashMap, HashSet};

/// A remembered dependency, taken apart.
struct Dependency<'p> {
    calls: Vec<&'p str>,
    address: Address<'p>,
}

impl<'p> Builder<'p> {
    /// Draws the memories that count. Lists are shared between objects, so each stands once for every module
    /// instance that has it.
    pub(super) fn state(&mut self) {
        let plan = self.plan;
        let goes = |object: &Object| object.action().destroys() || object.action().removes();
        let changes = |object: &Object| goes(object) || object.action() == Action::Update;
        let (going, changing) = (blocks(plan, goes), blocks(plan, changes));
        let mut parsed: HashMap<(u32, bool), Vec<Dependency<'p>>> = HashMap::default();
        let place = self.place("prior_state");
        for (id, object) in plan.objects.iter().enumerate() {
            let Some(list) = object.dependencies else {
                continue;
            };
            let goes = goes(object);
            let wanted = if goes { &changing } else { &going };
            let dependencies = parsed
                .entry((list, goes))
                .or_insert_with(|| parse(&plan.dependency_lists[list as usize], wanted));
            if dependencies.is_empty() {
                continue;
            }
            let module = plan.blocks[object.block].module;
            let node = self.node(Node::Remembered(list, small(module), goes));
            self.edge(node_id(id), node, Kind::State, place, false);
            if self.fresh.pop().is_some() {
                self.remember(node, dependencies, module, place);
            }
        }
    }

    fn remember(&mut self, node: NodeId, list: &[Dependency<'p>], module: ModuleId, place: u32) {
        for Dependency { calls, address } in list {
            for other in self.seen_from(module, calls) {
                if let Some(block) =
                    self.find_block(other, address.mode, address.kind, address.name)
                {
                    let to = self.recorded(block);
                    self.edge(node, to, Kind::State, place, false);
                }
            }
        }
    }

    /// The module instances that a path of calls may mean for an object of `module`. The state drops the
    /// keys: as far as both live in instances of the same calls, they live in the same instances.
    fn seen_from(&self, module: ModuleId, calls: &[&str]) -> Vec<ModuleId> {
        let mut around: Vec<_> = self.plan.enclosing(module).collect();
        around.reverse();
        let mut found = vec![0];
        let mut together = true;
        for (depth, call) in calls.iter().enumerate() {
            let mine = around.get(depth + 1).copied().filter(|_| together);
            match mine.filter(|id| *self.plan.modules[*id].call == **call) {
                Some(id) => found = vec![id],
                None => {
                    together = false;
                    let inside = |id: ModuleId| self.called(id, call, None);
                    found = found.into_iter().flat_map(inside).collect();
                }
            }
        }
        found
    }

    fn recorded(&mut self, block: BlockId) -> NodeId {
        let objects = &self.plan.blocks[block].objects;
        let prior = objects.iter().filter(|id| self.plan.objects[**id].prior);
        let prior: Vec<_> = prior.copied().collect();
        if let [only] = prior.as_slice() {
            return node_id(*only);
        }
        let node = self.node(Node::Recorded(small(block)));
        if self.fresh.pop().is_some() {
            for id in prior {
                self.within(node, node_id(id));
            }
        }
        node
    }
}

/// The config addresses of blocks with an object of a kind.
fn blocks(plan: &Plan, kind: impl Fn(&Object) -> bool) -> HashSet<String> {
    let objects = plan.objects.iter().filter(|object| kind(object));
    let mut blocks: Vec<_> = objects.map(|object| object.block).collect();
    blocks.dedup();
    blocks.iter().map(|id| plan.config_address(*id)).collect()
}

/// The entries of a list that are wanted.
fn parse<'p>(list: &'p [Name], wanted: &HashSet<String>) -> Vec<Dependency<'p>> {
    let dependency = |name: &'p Name| {
        let address = Address::parse(name)?;
        let calls = module_steps(address.module)?;
        let calls = calls.into_iter().map(|(call, _)| call).collect();
        Some(Dependency { calls, address })
    };
    let list = list.iter().filter(|name| wanted.contains(&***name));
    list.filter_map(dependency).collect()
}
