//! Draws what the prior state remembers, as far as it answers "who depended on what goes".
//!
//! The state holds the transitive closure of every object, seven entries for each on average: all of it
//! would be the larger half of the graph. Drawn is what is remembered of blocks with objects that go; of those
//! that change or are read late, for objects that go themselves.

use super::build::{Builder, Why};
use super::{Kind, Node, NodeId, TextId, node_id, small};
use crate::input::address::{Address, module_steps};
use crate::input::plan::{Action, BlockId, ModuleId, Object, Plan};
use foldhash::{HashMap, HashSet};

/// What names mean in the module of the last object: the next one is mostly in the same, and remembers much of the
/// same.
#[derive(Default)]
struct Near<'p> {
    module: ModuleId,
    means: HashMap<&'p str, Vec<NodeId>>,
}

impl Near<'_> {
    fn move_to(&mut self, module: ModuleId) {
        if self.module != module {
            self.module = module;
            self.means.clear();
        }
    }
}

impl<'p> Builder<'p> {
    /// Draws the memories that count. Lists are shared between objects, so each stands once for every module
    /// instance that has it.
    pub(super) fn state(&mut self) {
        let plan = self.plan;
        let goes = |object: &Object| object.action().destroys() || object.action().removes();
        let changes = |object: &Object| {
            goes(object) || matches!(object.action(), Action::Update | Action::Read)
        };
        let (going, changing) = (blocks(plan, goes), blocks(plan, changes));
        let place = self.text("prior_state");
        let mut near = Near::default();
        // By list, for objects that go and for the others: whether a name in it is wanted.
        let mut counts: Vec<[Option<bool>; 2]> = vec![[None; 2]; plan.dependency_lists.len()];
        for (id, object) in plan.objects.iter().enumerate() {
            let Some(list) = object.dependencies else {
                continue;
            };
            let goes = goes(object);
            let wanted = if goes { &changing } else { &going };
            let names = &plan.dependency_lists[list.index()];
            let counts = &mut counts[list.index()][usize::from(goes)];
            let any = || names.iter().any(|name| wanted.contains(&**name));
            if !*counts.get_or_insert_with(any) {
                continue;
            }
            let module = plan.blocks[object.block].module;
            let node = self.node(Node::Remembered(small(list.index()), small(module), goes));
            self.edge(node_id(id), node, Why::of(Kind::State, place));
            if self.fresh.pop().is_some() {
                near.move_to(module);
                for name in names.iter().filter(|name| wanted.contains(&***name)) {
                    self.remember(node, name, &mut near, place);
                }
            }
        }
    }

    fn remember(&mut self, node: NodeId, name: &'p str, near: &mut Near<'p>, place: TextId) {
        let module = near.module;
        let means = near.means.entry(name);
        for to in means.or_insert_with(|| self.meant(name, module)) {
            self.edge(node, *to, Why::of(Kind::State, place));
        }
    }

    /// What a name in a list of the state means to an object of a module.
    fn meant(&mut self, name: &str, module: ModuleId) -> Vec<NodeId> {
        let Some(address) = Address::parse(name) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for other in self.seen_from(module, address.module) {
            let block = self
                .plan
                .find_block(other, address.mode, address.kind, address.name);
            found.extend(block.map(|block| self.recorded(block)));
        }
        found
    }

    /// The module instances that a path of calls may mean for an object of `module`. The state drops the
    /// keys, as the printed graph does: as far as both live in instances of the same calls, they live in the same instances.
    pub(super) fn seen_from(&self, module: ModuleId, path: &str) -> Vec<ModuleId> {
        let calls = module_steps(path).unwrap_or_default();
        let mut around: Vec<_> = self.plan.enclosing(module).collect();
        around.reverse();
        let mut found = vec![0];
        let mut together = true;
        for (depth, (call, _)) in calls.iter().enumerate() {
            let mine = around.get(depth + 1).copied().filter(|_| together);
            if let Some(id) = mine.filter(|id| *self.plan.modules[*id].call == **call) {
                found = vec![id];
                continue;
            }
            together = false;
            let inside = |id: ModuleId| self.called(id, call).iter().copied();
            found = found.into_iter().flat_map(inside).collect();
        }
        found
    }

    fn recorded(&mut self, block: BlockId) -> NodeId {
        let objects = &self.plan.blocks[block].objects;
        // What is read late is in no prior state (Terraform 1.11).
        let prior = objects.iter().filter(|id| {
            let object = &self.plan.objects[**id];
            object.prior || object.action() == Action::Read
        });
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
