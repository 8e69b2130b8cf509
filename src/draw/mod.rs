//! Makes a picture of the graph. Nodes that are nothing to a reader (a block beside its instances, what a module
//! waits for) are left out, and their neighbours joined: who reaches whom stays exactly the same.

mod reached;

pub(crate) use reached::reached;

use crate::graph::{self, Graph, NodeId, Sense};
use crate::input::address::Mode;
use crate::input::plan::references::Tellers;
use crate::input::plan::{ObjectId, Plan, block_name, join};
use crate::picture::{Edge, Node, NodeKind as Kind, Picture};
use std::collections::{BTreeMap, BTreeSet};

/// To join the neighbours of one node may take this many edges; beyond, the node stays.
const MOST_JOINED: usize = 64;

/// The picture of a graph.
pub(crate) fn of(plan: &Plan, graph: &Graph) -> Picture {
    let mut web = Web::of(graph);
    for id in 0..web.out.len() {
        let internal = is_internal(plan, graph, NodeId::new(id));
        if internal {
            web.leave_out(id, must_go(graph.node(NodeId::new(id))));
        }
    }
    let mut picture = web.picture(plan, graph);
    for circle in graph.cycles() {
        let mut labels = graph.labels(plan, &circle);
        labels.extend(labels.first().cloned());
        picture
            .notes
            .push(format!("a circle: {}", labels.join(" -> ")));
    }
    picture
}

/// Why an edge is there: a set of words.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Kinds(u8);

impl Kinds {
    const WORDS: [&str; 6] = [
        "depends_on",
        "dot",
        "module_depends_on",
        "reference",
        "source",
        "state",
    ];
    const DEPENDS_ON: Self = Self(1);
    const DOT: Self = Self(2);
    const MODULE_DEPENDS_ON: Self = Self(4);
    const REFERENCE: Self = Self(8);
    const SOURCE: Self = Self(16);
    const STATE: Self = Self(32);

    fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    fn is_empty(self) -> bool {
        self.0 == 0
    }

    fn words(self) -> Vec<&'static str> {
        let words = Self::WORDS.iter().enumerate();
        let set = words.filter(|(bit, _)| self.0 >> bit & 1 == 1);
        set.map(|(_, word)| *word).collect()
    }
}

/// A node of a kind with nothing in it.
fn empty(kind: Kind) -> Node {
    Node {
        id: String::new(),
        kind,
        address: None,
        config_address: None,
        change: None,
        module: String::new(),
        collapsed: None,
        reach: None,
    }
}

/// Whether a reader would not miss it.
fn is_internal(plan: &Plan, graph: &Graph, id: NodeId) -> bool {
    match graph.node(id) {
        graph::Node::Block(block) => {
            let objects = &plan.blocks[*block as usize].objects;
            let is_current = |id: &ObjectId| {
                let object = &plan.objects[*id];
                object.deposed.is_none() && !object.action().removes()
            };
            // Of what is no longer configured there are objects alone.
            let is_configured = plan.resource(*block as usize).is_some();
            objects.iter().any(is_current) || !is_configured && !objects.is_empty()
        }
        graph::Node::Instances(_)
        | graph::Node::Recorded(_)
        | graph::Node::Remembered(..)
        | graph::Node::Entry(_) => true,
        _ => false,
    }
}

/// Whether there is no name to keep it by.
fn must_go(node: &graph::Node) -> bool {
    matches!(node, graph::Node::Recorded(_) | graph::Node::Remembered(..))
}

/// The edges of a graph while nodes are taken out of it.
struct Web {
    out: Vec<BTreeMap<usize, Kinds>>,
    back: Vec<BTreeSet<usize>>,
    gone: Vec<bool>,
}

impl Web {
    fn of(graph: &Graph) -> Self {
        let n = graph.len();
        let mut web = Self {
            out: vec![BTreeMap::new(); n],
            back: vec![BTreeSet::new(); n],
            gone: vec![false; n],
        };
        for (from, to, edge) in graph.edges() {
            web.join(from.index(), to.index(), kinds(edge));
        }
        web
    }

    fn join(&mut self, from: usize, to: usize, kinds: Kinds) {
        if from != to {
            let known = self.out[from].entry(to).or_default();
            // An order of today outweighs what the state remembers of another path.
            *known = known.with(kinds);
            self.back[to].insert(from);
        }
    }

    fn leave_out(&mut self, id: usize, always: bool) {
        let (ins, outs) = (self.back[id].len(), self.out[id].len());
        if !always && ins > 1 && outs > 1 && ins * outs > ins + outs + MOST_JOINED {
            return;
        }
        self.gone[id] = true;
        let dependencies = std::mem::take(&mut self.out[id]);
        for dependent in std::mem::take(&mut self.back[id]) {
            let first = self.out[dependent].remove(&id).unwrap_or_default();
            for (to, second) in &dependencies {
                self.join(dependent, *to, first.with(*second));
            }
        }
        for to in dependencies.keys() {
            self.back[*to].remove(&id);
        }
    }

    fn picture(self, plan: &Plan, graph: &Graph) -> Picture {
        let (dependents, dependencies) = graph.reach_of_all(plan, Sense::Order);
        let made = |id: usize| {
            let node = node(plan, graph, NodeId::new(id));
            let reach = node
                .address
                .is_some()
                .then(|| (dependents[id], dependencies[id]));
            (Node { reach, ..node }, id)
        };
        let kept = (0..self.out.len()).filter(|id| !self.gone[*id]);
        let mut order: Vec<(Node, usize)> = kept.map(made).collect();
        order.sort_by(|(a, x), (b, y)| (&a.id, x).cmp(&(&b.id, y)));
        let mut place = vec![0; self.out.len()];
        order
            .iter()
            .enumerate()
            .for_each(|(nth, (_, id))| place[*id] = nth);
        let mut edges = Vec::new();
        for (from, (_, id)) in order.iter().enumerate() {
            let mut own: Vec<Edge> = self.out[*id]
                .iter()
                .map(|(to, kinds)| Edge {
                    from,
                    to: place[*to],
                    kinds: or_reference(*kinds).words(),
                })
                .collect();
            own.sort_by_key(|edge| edge.to);
            edges.extend(own);
        }
        let mut nodes: Vec<Node> = order.into_iter().map(|(node, _)| node).collect();
        name_twins(&mut nodes);
        Picture {
            nodes,
            edges,
            notes: Vec::new(),
        }
    }
}

/// Tells nodes of one name apart: a block that has no instances today and the object it had yesterday, or an
/// address that stands twice in an edited plan.
fn name_twins(nodes: &mut [Node]) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for node in nodes {
        let nth = seen.entry(node.id.clone()).or_default();
        *nth += 1;
        match (*nth, &node.address) {
            (1, _) => {}
            (2, None) => node.id += " (block)",
            (nth, _) => node.id = format!("{} ({nth})", node.id),
        }
    }
}

/// What a structural edge alone means: a module's outputs and inputs are part of the whole.
fn or_reference(kinds: Kinds) -> Kinds {
    if kinds.is_empty() {
        Kinds::REFERENCE
    } else {
        kinds
    }
}

fn kinds(edge: graph::Edge) -> Kinds {
    let own = match edge.kind {
        graph::Kind::Within => return Kinds::default(),
        graph::Kind::Reference if edge.told_by.has(Tellers::PLAN) => Kinds::REFERENCE,
        graph::Kind::Reference | graph::Kind::Dot => Kinds::default(),
        graph::Kind::DependsOn => Kinds::DEPENDS_ON,
        graph::Kind::ModuleDependsOn => Kinds::MODULE_DEPENDS_ON,
        graph::Kind::State => return Kinds::STATE,
    };
    let told = [(Tellers::SOURCE, Kinds::SOURCE), (Tellers::DOT, Kinds::DOT)];
    told.iter()
        .filter(|(teller, _)| edge.told_by.has(*teller))
        .fold(own, |kinds, (_, word)| kinds.with(*word))
}

fn node(plan: &Plan, graph: &Graph, id: NodeId) -> Node {
    let module = graph
        .module_of(plan, id)
        .map_or_else(String::new, |id| plan.modules[id].address.to_string());
    let label = || graph.label(plan, id).unwrap_or_default();
    let plain = |kind, id| Node {
        id,
        module: module.clone(),
        ..empty(kind)
    };
    match graph.node(id) {
        graph::Node::Object(object) => object_node(plan, *object as usize, module),
        graph::Node::Block(block) => block_node(plan, *block as usize, "", module),
        graph::Node::Instances(block) | graph::Node::Recorded(block) => {
            block_node(plan, *block as usize, "[*]", module)
        }
        graph::Node::Variable(..) => plain(Kind::Variable, label()),
        graph::Node::Local(..) => plain(Kind::Local, label()),
        graph::Node::Output(..) => plain(Kind::Output, label()),
        graph::Node::Whole(_) => plain(Kind::Module, label()),
        // As in the graphs that Terraform prints.
        graph::Node::Entry(_) => plain(Kind::Module, format!("{} (expand)", label())),
        graph::Node::Objects(_) => plain(Kind::Module, format!("{} (close)", label())),
        graph::Node::Provider(_) => plain(Kind::Provider, label()),
        graph::Node::Remembered(..) => plain(Kind::Module, String::new()),
    }
}

fn object_node(plan: &Plan, id: usize, module: String) -> Node {
    let object = &plan.objects[id];
    let address = plan.address(id);
    let deposed = object
        .deposed
        .as_ref()
        .map(|key| format!("{address} (deposed {key})"));
    Node {
        id: deposed.unwrap_or_else(|| address.clone()),
        kind: kind_of(plan.block(id).mode),
        address: Some(address),
        config_address: Some(plan.config_address(object.block)),
        change: Some(object.action().words().to_vec()).filter(|words| !words.is_empty()),
        module,
        ..empty(Kind::Managed)
    }
}

fn block_node(plan: &Plan, id: usize, ending: &str, module: String) -> Node {
    let block = &plan.blocks[id];
    let name = join(&module, &block_name(block.mode, &block.kind, &block.name));
    Node {
        id: name + ending,
        kind: kind_of(block.mode),
        config_address: Some(plan.config_address(id)),
        module,
        ..empty(Kind::Managed)
    }
}

fn kind_of(mode: Mode) -> Kind {
    match mode {
        Mode::Managed => Kind::Managed,
        Mode::Data => Kind::Data,
        Mode::Ephemeral => Kind::Ephemeral,
    }
}
