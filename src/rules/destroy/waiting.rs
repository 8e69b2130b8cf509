//! Who waits for a value by a `depends_on`, and who gets it. The state remembers both as dependencies (Terraform 1.11).

use crate::graph::{Direction, Graph, Kind, Node, NodeId, Reach, Sense};
use crate::input::plan::{Action, BlockId, ModuleId, ObjectId, Plan};
use foldhash::HashSet;
use std::collections::BTreeSet;

/// So many steps are walked in all. What is not walked to its end may be used by anybody.
const MOST_STEPS: usize = 1_000_000;

/// Follows values through the graph, as the configuration has it now.
pub(super) struct Followed<'a> {
    plan: &'a Plan,
    graph: &'a Graph,
    locals: Vec<(ModuleId, NodeId)>,
    steps: usize,
    /// Objects that wait for a value, and stay as they are.
    waiting: HashSet<ObjectId>,
    /// Objects that get one.
    reached: HashSet<ObjectId>,
}

/// The blocks, also of objects that go, that wait for a value and do not get it.
pub(super) type WaitingBlocks = HashSet<BlockId>;

impl<'a> Followed<'a> {
    pub(super) fn new(plan: &'a Plan, graph: &'a Graph) -> Self {
        Self {
            plan,
            graph,
            locals: graph.unknown_locals(plan),
            steps: 0,
            waiting: HashSet::default(),
            reached: HashSet::default(),
        }
    }

    /// Follows the values of a block; nothing when an output of the stack hands them on, or may.
    pub(super) fn follow(&mut self, block: BlockId) -> Option<WaitingBlocks> {
        let (plan, graph) = (self.plan, self.graph);
        let objects = plan.blocks[block].objects.iter();
        let mut starts: Vec<NodeId> = objects.map(|id| graph.object(*id)).collect();
        starts.push(graph.block(block));
        let reached = self.reached(starts.clone())?;
        let ordered = self.search(starts, Sense::Order, |_| true)?;
        let objects = graph.objects_among(reached.nodes());
        self.reached.extend(objects.clone());
        let got: HashSet<BlockId> = objects.map(|id| plan.objects[id].block).collect();
        let mut blocks = WaitingBlocks::default();
        let waits = |node: &&NodeId| !reached.contains(**node);
        for node in ordered.nodes().iter().filter(waits) {
            match graph.node(*node) {
                Node::Object(id) if is_as_it_was(plan, *id as usize) => {
                    self.waiting.insert(*id as usize);
                }
                // Where instance refers to instance, the block itself only waits.
                Node::Block(id) if !got.contains(&(*id as usize)) => {
                    blocks.insert(*id as usize);
                }
                _ => {}
            }
        }
        Some(blocks)
    }

    /// The objects that stay as they are, wait for values that were followed, and get none of them.
    pub(super) fn who_only_waits(self) -> HashSet<ObjectId> {
        &self.waiting - &self.reached
    }

    /// Everything that values reach but by `depends_on`. What a local is made of may not be known: then it may be made of
    /// all that its module can name.
    fn reached(&mut self, mut starts: Vec<NodeId>) -> Option<Reach> {
        loop {
            let flows = |kind| !matches!(kind, Kind::DependsOn | Kind::ModuleDependsOn);
            let reach = self.search(starts.clone(), Sense::Flow, flows)?;
            let (plan, graph) = (self.plan, self.graph);
            let nodes = || reach.nodes().iter().copied();
            if nodes().any(|node| matches!(graph.node(node), Node::Output(0, _))) {
                return None;
            }
            let modules = nodes().filter_map(|node| named_in(plan, graph, node));
            let modules: BTreeSet<ModuleId> = modules.collect();
            let more = self
                .locals
                .iter()
                .filter(|(module, local)| modules.contains(module) && !reach.contains(*local));
            let before = starts.len();
            starts.extend(more.map(|(_, local)| *local));
            if starts.len() == before {
                return Some(reach);
            }
        }
    }

    fn search(
        &mut self,
        starts: Vec<NodeId>,
        sense: Sense,
        follow: fn(Kind) -> bool,
    ) -> Option<Reach> {
        if self.steps > MOST_STEPS {
            return None;
        }
        let direction = Direction::Dependents;
        let reach = self
            .graph
            .search(starts, direction, sense, |_, edge, _| follow(edge.kind));
        self.steps += reach.nodes().len();
        Some(reach)
    }
}

/// Whoever held a value that goes gets another one, and that is known.
fn is_as_it_was(plan: &Plan, id: ObjectId) -> bool {
    let change = plan.objects[id].change();
    match change.action {
        Action::NoOp => true,
        Action::Update => !change.to_known(),
        Action::Replace { .. } => {
            let mut forced = change.forced_by.iter();
            !change.forced_by.is_empty() && forced.all(|forced| forced.unknown)
        }
        _ => false,
    }
}

/// The module instance that can name a node.
fn named_in(plan: &Plan, graph: &Graph, node: NodeId) -> Option<ModuleId> {
    match graph.node(node) {
        Node::Output(module, _) | Node::Whole(module) => plan.modules[*module as usize].parent,
        // What decides that something is there is in none of its values.
        Node::Entry(_) | Node::Objects(_) | Node::Recorded(_) => None,
        _ => graph.module_of(plan, node),
    }
}
