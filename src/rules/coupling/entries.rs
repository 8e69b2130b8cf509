//! Every entry of every `depends_on`, with what it waits for.

use crate::graph::{Direction, Edge, Graph, Kind, Node, NodeId, Reach, Sense};
use crate::input::address::Mode;
use crate::input::plan::configuration::{ConfigModuleId, Entry};
use crate::input::plan::references::Target;
use crate::input::plan::{BlockId, ModuleId, Plan, join};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

/// So many edges are followed to find out who else waits for what one entry does.
const MOST_STEPS: usize = 10_000;

/// Who carries a `depends_on`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::rules) enum Carrier {
    /// A managed resource.
    Resource,
    /// A data source.
    Data,
    /// A module call.
    Module,
}

/// An entry, seen in all instances of its carrier.
#[derive(Debug)]
pub(in crate::rules) struct Use<'a> {
    pub(in crate::rules) carrier: Carrier,
    /// The config address of the carrier.
    pub(in crate::rules) address: String,
    /// The module that the entry is written in.
    pub(in crate::rules) module: ConfigModuleId,
    /// The entry, with the module path it is written in.
    pub(in crate::rules) target: String,
    pub(in crate::rules) entry: &'a Entry,
    /// Whether the same list has the same entry before.
    pub(in crate::rules) repeated: bool,
    /// The nodes the entry's edges start from, one an instance, each with where its own end among those that wait.
    starts: Vec<(NodeId, usize)>,
    /// Everything that waits, instance by instance: the carrier's objects, or all in the module; of a block without any
    /// the block.
    pub(in crate::rules) waiting: Vec<NodeId>,
    extra: OnceLock<Vec<NodeId>>,
}

/// Lists every entry, in the order of the configuration.
pub(in crate::rules) fn entries<'a>(plan: &'a Plan, graph: &Graph) -> Vec<Use<'a>> {
    let mut found = Vec::new();
    resources(plan, graph, &mut found);
    calls(plan, graph, &mut found);
    found
}

/// The entries, list by list: those of one carrier stand together.
pub(in crate::rules) fn lists<'e, 'a>(
    entries: &'e [Use<'a>],
) -> impl Iterator<Item = &'e [Use<'a>]> {
    entries.chunk_by(|one, next| one.address == next.address)
}

fn resources<'a>(plan: &'a Plan, graph: &Graph, found: &mut Vec<Use<'a>>) {
    let mut blocks: BTreeMap<(ConfigModuleId, Mode, &str, &str), Vec<BlockId>> = BTreeMap::new();
    for module in &plan.modules {
        let Some(config) = module.config else {
            continue;
        };
        let configured = &plan.configuration.modules[config].resources;
        for (&id, resource) in module.configured.iter().zip(configured.values()) {
            if !resource.depends_on.is_empty() {
                let block = &plan.blocks[id];
                blocks
                    .entry((config, block.mode, &block.kind, &block.name))
                    .or_default()
                    .push(id);
            }
        }
    }
    for ((config, mode, ..), ids) in blocks {
        let Some(resource) = ids.first().and_then(|id| plan.resource(*id)) else {
            continue;
        };
        let carrier = if mode == Mode::Managed {
            Carrier::Resource
        } else {
            Carrier::Data
        };
        let mut template = Template {
            carrier,
            address: plan.config_address(ids[0]),
            module: config,
            within: plan.configuration.module_address(config),
            starts: Vec::new(),
            waiting: Vec::new(),
        };
        for id in ids {
            template.add(graph.block(id), objects_of(plan, graph, id));
        }
        template.entries(&resource.depends_on, found);
    }
}

fn calls<'a>(plan: &'a Plan, graph: &Graph, found: &mut Vec<Use<'a>>) {
    let mut instances: BTreeMap<ConfigModuleId, Vec<ModuleId>> = BTreeMap::new();
    let mut inside: BTreeMap<ModuleId, Vec<ModuleId>> = BTreeMap::new();
    for (id, module) in plan.modules.iter().enumerate() {
        let waits = |config: &ConfigModuleId| depends_on(plan, *config).is_some();
        if let Some(config) = module.config.filter(waits) {
            instances.entry(config).or_default().push(id);
        }
        let around = plan.enclosing(id);
        for instance in around.filter(|id| plan.modules[*id].config.as_ref().is_some_and(waits)) {
            inside.entry(instance).or_default().push(id);
        }
    }
    for (config, ids) in instances {
        let (Some(entries), Some(parent)) = (
            depends_on(plan, config),
            plan.configuration.modules[config].parent,
        ) else {
            continue;
        };
        let mut template = Template {
            carrier: Carrier::Module,
            address: plan.configuration.module_address(config),
            module: parent,
            within: plan.configuration.module_address(parent),
            starts: Vec::new(),
            waiting: Vec::new(),
        };
        let entries_of = ids.iter().filter_map(|id| Some((id, graph.entry(*id)?)));
        for (id, entry) in entries_of {
            let modules = inside.get(id).into_iter().flatten();
            let configured = modules.flat_map(|module| &plan.modules[*module].configured);
            template.add(
                entry,
                configured.flat_map(|id| objects_of(plan, graph, *id)),
            );
        }
        template.entries(entries, found);
    }
}

/// The `depends_on` of a module call, if it has any entry.
fn depends_on(plan: &Plan, config: ConfigModuleId) -> Option<&[Entry]> {
    let call = plan.configuration.modules[config].call.as_ref()?;
    (!call.depends_on.is_empty()).then_some(&call.depends_on)
}

/// What all entries of one list share.
struct Template {
    carrier: Carrier,
    address: String,
    module: ConfigModuleId,
    within: String,
    starts: Vec<(NodeId, usize)>,
    waiting: Vec<NodeId>,
}

impl Template {
    /// Adds an instance of the carrier, and what waits in it.
    fn add(&mut self, start: NodeId, waiting: impl IntoIterator<Item = NodeId>) {
        self.waiting.extend(waiting);
        self.starts.push((start, self.waiting.len()));
    }

    fn entries<'a>(&self, entries: &'a [Entry], found: &mut Vec<Use<'a>>) {
        let mut seen = BTreeSet::new();
        for entry in entries {
            found.push(Use {
                carrier: self.carrier,
                address: self.address.clone(),
                module: self.module,
                target: join(&self.within, &entry.text),
                entry,
                repeated: !seen.insert(&entry.text),
                starts: self.starts.clone(),
                waiting: self.waiting.clone(),
                extra: OnceLock::new(),
            });
        }
    }
}

/// The objects of a block that stay, or the block itself when it has none.
fn objects_of(plan: &Plan, graph: &Graph, id: BlockId) -> Vec<NodeId> {
    let stays =
        |id: &usize| plan.objects[*id].deposed.is_none() && !plan.objects[*id].action().removes();
    let objects: Vec<_> = plan.blocks[id]
        .objects
        .iter()
        .copied()
        .filter(stays)
        .map(|id| graph.object(id))
        .collect();
    if objects.is_empty() {
        vec![graph.block(id)]
    } else {
        objects
    }
}

impl Use<'_> {
    /// Whether the entry names a whole module.
    pub(in crate::rules) fn names_module(&self) -> bool {
        let reference = self.entry.reference.as_ref();
        let target = reference.map(|reference| &reference.target);
        matches!(target, Some(Target::Module { .. }))
    }

    /// Whether the entry names one instance of a resource.
    pub(in crate::rules) fn names_instance(&self) -> bool {
        let reference = self.entry.reference.as_ref();
        let target = reference.map(|reference| &reference.target);
        matches!(target, Some(Target::Resource { key: Some(_), .. }))
    }

    /// Whether there is nothing behind the entry to create, change or destroy.
    pub(in crate::rules) fn is_idle(&self, plan: &Plan, graph: &Graph) -> bool {
        let targets = self.targets(graph);
        let acts = |node: &NodeId| match graph.node(*node) {
            Node::Object(id) => plan.block(*id as usize).mode == Mode::Managed,
            // A block without instances may have some tomorrow, and those that it loses are destroyed.
            Node::Block(id) => {
                let block = &plan.blocks[*id as usize];
                block.mode == Mode::Managed && plan.goes(*id as usize)
            }
            // The plan does not say what a local is made of.
            Node::Local(..) => true,
            Node::Objects(id) => plan.unconfigured.contains_key(&(*id as usize)),
            _ => false,
        };
        // One is enough: nobody asks what is behind it.
        let reach = graph.search(
            targets.iter().copied(),
            Direction::Dependencies,
            Sense::Order,
            |from, _, _| !acts(&from),
        );
        !targets.is_empty() && !reach.nodes().iter().any(acts)
    }

    /// Whether a data source refers to the resource by name beside: the reference puts its read off as the entry does
    /// (Terraform 1.11).
    pub(in crate::rules) fn is_referred(&self, plan: &Plan, graph: &Graph) -> bool {
        let block = |node: NodeId| graph.block_of(plan, node);
        let refers = |(start, to): (NodeId, NodeId)| {
            let mut referred = graph.named_resources(plan, start).into_iter();
            block(to).is_some() && referred.any(|node| block(node) == block(to))
        };
        let edges = self.edges(graph);
        self.carrier == Carrier::Data && !edges.is_empty() && edges.into_iter().all(refers)
    }

    /// Whether an edge out of a node is one that the entry draws.
    pub(in crate::rules) fn draws(&self, from: NodeId, edge: Edge, graph: &Graph) -> bool {
        matches!(edge.kind, Kind::DependsOn | Kind::ModuleDependsOn)
            && self.starts.iter().any(|(start, _)| *start == from)
            && graph.place(edge) == &*self.entry.text
    }

    /// The edges the entry draws, from each instance of its carrier.
    pub(in crate::rules) fn edges(&self, graph: &Graph) -> Vec<(NodeId, NodeId)> {
        let each = self.starts.iter().flat_map(|(start, _)| {
            let own = self.edges_from(*start, graph);
            own.map(|to| (*start, to))
        });
        each.collect()
    }

    fn edges_from(&self, start: NodeId, graph: &Graph) -> impl Iterator<Item = NodeId> {
        let edges = graph.neighbours(start, Direction::Dependencies, Sense::Order);
        edges
            .filter(move |(_, edge)| self.draws(start, *edge, graph))
            .map(|(to, _)| to)
    }

    /// What waits, by what it waits for itself: an instance of a module waits for what is in that instance.
    pub(in crate::rules) fn by_awaited(&self, graph: &Graph) -> Vec<(Vec<NodeId>, Vec<NodeId>)> {
        let mut found: BTreeMap<Vec<NodeId>, Vec<NodeId>> = BTreeMap::new();
        let mut begin = 0;
        for (start, end) in &self.starts {
            let targets: BTreeSet<_> = self.edges_from(*start, graph).collect();
            let own = found.entry(targets.into_iter().collect()).or_default();
            own.extend(&self.waiting[begin..*end]);
            begin = *end;
        }
        let found = found.into_iter();
        found
            .map(|(targets, waiting)| (behind(graph, targets), waiting))
            .collect()
    }

    /// The nodes the entry points at; none when the graph does not know it.
    pub(in crate::rules) fn targets(&self, graph: &Graph) -> Vec<NodeId> {
        let targets: BTreeSet<_> = self.edges(graph).into_iter().map(|(_, to)| to).collect();
        targets.into_iter().collect()
    }

    /// The objects the entry waits for, or blocks without any: those of the target itself, not those behind.
    pub(in crate::rules) fn awaited(&self, graph: &Graph) -> Vec<NodeId> {
        behind(graph, self.targets(graph))
    }

    /// Those of what the entry waits for that nothing else in the carrier waits for.
    pub(in crate::rules) fn extra(&self, graph: &Graph, awaited: &[NodeId]) -> &[NodeId] {
        self.extra.get_or_init(|| {
            let anyway = self.without(graph, &self.waiting);
            let awaited = awaited.iter().copied();
            awaited.filter(|node| !anyway.contains(*node)).collect()
        })
    }

    /// Who waits for something by this entry alone, where others in the carrier wait for it anyway. Nobody is known to where
    /// that takes too long to find out.
    pub(in crate::rules) fn needless(&self, graph: &Graph) -> Vec<NodeId> {
        let mut found = BTreeSet::new();
        let mut steps = 0;
        for (awaited, waiting) in self.by_awaited(graph) {
            for node in awaited {
                let direction = Direction::Dependents;
                let anyway = graph.search([node], direction, Sense::Order, |_, edge, to| {
                    steps += 1;
                    steps <= MOST_STEPS && !self.draws(to, edge, graph)
                });
                if steps > MOST_STEPS {
                    return Vec::new();
                }
                let alone = waiting.iter().filter(|node| !anyway.contains(**node));
                found.extend(alone.copied());
            }
        }
        found.into_iter().collect()
    }

    /// Everything that is waited for along references, entries of the same list and those between plain resources, without
    /// this entry and some others: any entry elsewhere may be one that waits for too much, and is to go.
    pub(in crate::rules) fn soundly(
        &self,
        (plan, graph): (&Plan, &Graph),
        from: &[NodeId],
        others: &[&Use<'_>],
    ) -> Reach {
        let is_managed = |node| {
            let block = graph.block_of(plan, node);
            block.is_some_and(|block| plan.blocks[block].mode == Mode::Managed)
        };
        graph.search(
            from.iter().copied(),
            Direction::Dependencies,
            Sense::Order,
            |from, edge, to| {
                let is_own = || self.starts.iter().any(|(start, _)| *start == from);
                let is_plain = match edge.kind {
                    Kind::ModuleDependsOn | Kind::DependsOn if is_own() => true,
                    Kind::ModuleDependsOn => false,
                    Kind::DependsOn => is_managed(from) && graph.block_of(plan, to).is_some(),
                    _ => true,
                };
                let other = others.iter().any(|other| other.draws(from, edge, graph));
                is_plain && !other && !self.draws(from, edge, graph)
            },
        )
    }

    /// Everything that is waited for anyway, without this entry.
    pub(in crate::rules) fn without(&self, graph: &Graph, from: &[NodeId]) -> Reach {
        graph.search(
            from.iter().copied(),
            Direction::Dependencies,
            Sense::Order,
            |from, edge, _| !self.draws(from, edge, graph),
        )
    }
}

/// The objects behind what an entry points at, or blocks without any.
fn behind(graph: &Graph, targets: Vec<NodeId>) -> Vec<NodeId> {
    let stops = |node: NodeId| {
        graph.as_object(node).is_some() || matches!(graph.node(node), Node::Block(_))
    };
    let reach = graph.search(
        targets,
        Direction::Dependencies,
        Sense::Order,
        |from, _, to| !stops(from) && !matches!(graph.node(to), Node::Entry(_) | Node::Provider(_)),
    );
    let nodes = reach.nodes().iter().copied();
    nodes.filter(|node| stops(*node)).collect()
}
