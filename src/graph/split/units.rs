//! The units a stack is made of, and the edges between them.

use super::{Cut, Part};
use crate::graph::kernel::Order;
use crate::graph::query::Sense;
use crate::graph::{Graph, Kind, Node, NodeId, small};
use crate::input::address::config_address;
use crate::input::plan::{BlockId, ModuleId, ObjectId, Plan};
use foldhash::{HashMap, HashSet};
use std::collections::{BTreeMap, BTreeSet};

/// What belongs together from the start.
pub(super) struct Units<'o> {
    pub(super) names: Vec<String>,
    pub(super) weights: Vec<u32>,
    pub(super) owners: Vec<Option<&'o str>>,
    /// Edges between units, and what stands at their ends: of objects their block, as instances of one block read one
    /// output.
    pub(super) edges: BTreeMap<(usize, usize), BTreeSet<(NodeId, NodeId)>>,
}

impl<'o> Units<'o> {
    /// Nothing when there are more than `most`.
    pub(super) fn new<'r>(
        graph: &Graph,
        plan: &Plan,
        rests: impl FnOnce() -> &'r [bool],
        weigh: &impl Fn(ObjectId) -> u32,
        owner: &impl Fn(ObjectId) -> Option<&'o str>,
        most: usize,
    ) -> Option<Self> {
        let scope = Scope::new(plan, weigh);
        if !scope.has_few(plan, weigh, most) {
            return None;
        }
        let mut found = Self {
            names: Vec::new(),
            weights: Vec::new(),
            owners: Vec::new(),
            edges: BTreeMap::new(),
        };
        let mut ids: HashMap<Home, usize> = HashMap::default();
        let mut unit_of = vec![None; graph.len()];
        let rests = rests();
        for (node, unit) in unit_of.iter_mut().enumerate() {
            // What rests on no object can stand on both sides: variables, constants, data sources.
            let home = rests[node].then(|| scope.home(graph, plan, NodeId::new(node)));
            let (node, Some(home)) = (NodeId::new(node), home.flatten()) else {
                continue;
            };
            let id = *ids.entry(home).or_insert_with(|| {
                found.names.push(home.name(graph, plan));
                found.weights.push(0);
                found.owners.push(None);
                found.names.len() - 1
            });
            *unit = Some(id);
            if let Some(object) = graph.as_object(node) {
                found.weights[id] += weigh(object);
                found.owners[id] = found.owners[id].or_else(|| owner(object));
            }
        }
        found.connect(graph, plan, &unit_of);
        Some(found)
    }

    fn connect(&mut self, graph: &Graph, plan: &Plan, unit_of: &[Option<usize>]) {
        for (from, to, edge) in graph.edges() {
            let drawn = Sense::Order.allows(edge) && edge.kind != Kind::Within;
            let ends = unit_of[from.index()].zip(unit_of[to.index()]);
            let Some((one, other)) = ends.filter(|(one, other)| drawn && one != other) else {
                continue;
            };
            let ends = [from, to].map(|node| written(graph, plan, node));
            let known = self.edges.entry((one, other)).or_default();
            known.insert((ends[0], ends[1]));
        }
    }

    pub(super) fn part(
        &self,
        graph: &Graph,
        plan: &Plan,
        members: &HashSet<usize>,
        weight: u32,
    ) -> Part {
        let mut units: Vec<_> = members
            .iter()
            .filter(|unit| self.weights[**unit] > 0)
            .map(|unit| self.names[*unit].clone())
            .collect();
        units.sort();
        let crosses = |(from, to): &(usize, usize)| members.contains(from) != members.contains(to);
        let crossing = self.edges.iter().filter(|(units, _)| crosses(units));
        let cut = crossing.flat_map(|((from, _), ends)| {
            let out = members.contains(from);
            let name = |node| config_name(graph, plan, node);
            let cut = move |(from, to): &_| Cut {
                from: name(*from),
                to: name(*to),
                out,
            };
            ends.iter().map(cut)
        });
        // Instances of one module read one output.
        let cut: BTreeSet<_> = cut.collect();
        let cut = cut.into_iter().collect();
        Part { units, weight, cut }
    }
}

/// What is written in the configuration: of an object its block.
fn written(graph: &Graph, plan: &Plan, node: NodeId) -> NodeId {
    let object = graph.as_object(node);
    object.map_or(node, |id| graph.block(plan.objects[id].block))
}

/// What a node is called where it is written, without any key.
fn config_name(graph: &Graph, plan: &Plan, node: NodeId) -> String {
    config_address(&graph.name(plan, node)).into_owned()
}

/// Where a node belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Home {
    Module(ModuleId),
    Block(BlockId),
    /// A value beside the modules.
    Value(u32),
}

impl Home {
    fn name(self, graph: &Graph, plan: &Plan) -> String {
        match self {
            Self::Module(id) => plan.modules[id].address.to_string(),
            Self::Block(id) => plan.block_address(id),
            Self::Value(node) => graph
                .label(plan, NodeId::new(node as usize))
                .unwrap_or_default(),
        }
    }
}

/// The module instance within which the units stand: the innermost that everything is in.
struct Scope {
    around: ModuleId,
}

impl Scope {
    fn new(plan: &Plan, weigh: &impl Fn(ObjectId) -> u32) -> Self {
        let mut modules = (0..plan.objects.len())
            .filter(|id| weigh(*id) > 0)
            .map(|id| plan.block(id).module);
        let first = modules.next().unwrap_or(0);
        let mut shared: Vec<ModuleId> = plan.enclosing(first).collect();
        let mut last = first;
        for module in modules {
            // Objects of a module mostly stand together.
            if module != last {
                shared.retain(|id| plan.is_within(module, *id));
                last = module;
            }
        }
        Self {
            around: shared.first().copied().unwrap_or(0),
        }
    }

    /// Whether what counts is in no more than so many units.
    fn has_few(&self, plan: &Plan, weigh: &impl Fn(ObjectId) -> u32, most: usize) -> bool {
        let mut homes: HashSet<(bool, usize)> = HashSet::default();
        let objects = (0..plan.objects.len()).filter(|id| weigh(*id) > 0);
        for id in objects {
            let module = plan.block(id).module;
            let mut around = plan.enclosing(module).take_while(|id| *id != self.around);
            homes.insert(match around.by_ref().last() {
                Some(outer) => (true, outer),
                None => (false, plan.objects[id].block),
            });
            if homes.len() > most {
                return false;
            }
        }
        true
    }

    /// The unit of a node; nothing for what is outside, or belongs to nobody.
    fn home(&self, graph: &Graph, plan: &Plan, node: NodeId) -> Option<Home> {
        let module = graph.module_of(plan, node)?;
        let mut inner = None;
        for id in plan.enclosing(module) {
            if id == self.around {
                return inner.map(Home::Module).or_else(|| {
                    Some(match graph.node(node) {
                        Node::Object(id) => Home::Block(plan.objects[*id as usize].block),
                        Node::Block(id) | Node::Instances(id) | Node::Recorded(id) => {
                            Home::Block(*id as usize)
                        }
                        _ => Home::Value(small(node.index())),
                    })
                });
            }
            inner = Some(id);
        }
        None
    }
}

/// Which nodes are managed objects or depend on one.
pub fn rests(graph: &Graph, plan: &Plan) -> Vec<bool> {
    let order = Order::new(&graph.csr(Sense::Order));
    let mut found = vec![false; order.len()];
    for component in 0..order.len() {
        let mut nodes = order.members.of(component).iter();
        let mut needs = order.edges.of(component).iter();
        found[component] = nodes.any(|node| graph.is_managed(plan, NodeId::new(*node as usize)))
            || needs.any(|other| found[*other as usize]);
    }
    let of = order.component_of.iter();
    of.map(|component| found[*component as usize]).collect()
}
