//! Flags provider configurations that depend on objects of the same state: while such an object is created or
//! replaced, everything of the provider is planned against an address that does not exist.

use crate::finding::{Finding, Related, Severity};
use crate::graph::{Direction, Edge, Graph, Kind, Node, NodeId, Reach, Sense};
use crate::input::address::Mode;
use crate::input::names::Name;
use crate::input::plan::{Action, ObjectId, Plan};
use crate::rules::context::count;
use crate::rules::{Context, Family, Meta, Rule, Sink};
use std::collections::BTreeMap;

pub(crate) struct ProviderOnResource;

static META: Meta = Meta {
    id: "provider-on-resource",
    summary: "Flags provider configurations that depend on objects of the same state.",
    severity: Severity::Warning,
    family: Family::Coupling,
    options: &[],
    page: include_str!("../../../rules/provider-on-resource.md"),
};

/// So many objects are named.
const NAMED: usize = 20;

impl Rule for ProviderOnResource {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn lasts(&self, finding: &Finding) -> bool {
        finding.facts["destroyed"] != true
    }

    fn measures(&self) -> &'static [&'static str] {
        &["affected"]
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink) {
        let (plan, graph) = (context.plan, context.graph);
        let mut providers = plan.configuration.providers.values();
        if providers.all(|provider| provider.references.is_empty()) {
            return;
        }
        let users = users(plan);
        for node in (0..graph.len()).map(NodeId::new) {
            if let Node::Provider(key) = graph.node(node)
                && let Some(users) = users.get(graph.text(*key))
            {
                for source in sources(plan, graph, node) {
                    let finding = finding(context, sink, node, &source, users);
                    sink.report(finding);
                }
            }
        }
    }
}

/// What a provider configuration depends on.
struct Source {
    /// A managed object.
    target: ObjectId,
    /// The data source it is made of that waits for the object, and for how many others; nothing when it is made of the
    /// object itself.
    waits: Option<(ObjectId, usize)>,
    /// From the provider to the object.
    path: Vec<NodeId>,
}

/// The managed objects of each provider configuration: those it keeps, or all where it keeps none.
fn users(plan: &Plan) -> BTreeMap<Name, Vec<ObjectId>> {
    let mut users: BTreeMap<Name, Vec<ObjectId>> = BTreeMap::new();
    for (id, object) in plan
        .managed()
        .filter(|(_, object)| object.deposed.is_none())
    {
        if let Some(resource) = plan.resource(object.block) {
            users
                .entry(Name::clone(&resource.provider))
                .or_default()
                .push(id);
        }
    }
    let stays = |id: &ObjectId| !plan.objects[*id].action().removes();
    for own in users.values_mut().filter(|own| own.iter().any(stays)) {
        own.retain(stays);
    }
    users
}

/// The managed objects a provider configuration is made of: the nearest, through data sources. Where it is made of none,
/// what its data sources only wait for: whatever changes there makes the configuration unknown.
fn sources(plan: &Plan, graph: &Graph, provider: NodeId) -> Vec<Source> {
    let made_of = nearest(plan, graph, provider, |edge| {
        !matches!(edge.kind, Kind::DependsOn | Kind::ModuleDependsOn)
    });
    let objects = managed(plan, graph, &made_of);
    if objects.is_empty() {
        return waited(plan, graph, provider).into_iter().collect();
    }
    let of = |target| Source {
        target,
        waits: None,
        path: made_of.path(graph.object(target)),
    };
    objects.into_iter().map(of).collect()
}

/// Of the objects that the data sources of a provider configuration only wait for, the one that matters most: which is
/// destroyed, is what the data source looks up, changes.
fn waited(plan: &Plan, graph: &Graph, provider: NodeId) -> Option<Source> {
    let reach = nearest(plan, graph, provider, |_| true);
    let objects = managed(plan, graph, &reach);
    let read = |path: &[NodeId]| {
        let mut read = path.iter().rev().filter_map(|node| graph.as_object(*node));
        read.find(|id| plan.block(*id).mode == Mode::Data)
    };
    let sources = objects.iter().filter_map(|target| {
        let path = reach.path(graph.object(*target));
        Some(Source {
            target: *target,
            waits: Some((read(&path)?, objects.len() - 1)),
            path,
        })
    });
    sources.min_by_key(|source| {
        let looked_up = |(read, _)| plan.block(read).kind == plan.block(source.target).kind;
        let action = plan.objects[source.target].action();
        (
            !is_gone(plan, source.target),
            !source.waits.is_some_and(looked_up),
            !action.changes(),
            source.target,
        )
    })
}

/// What is before a provider configuration, up to the nearest managed objects.
fn nearest(plan: &Plan, graph: &Graph, provider: NodeId, along: impl Fn(Edge) -> bool) -> Reach {
    graph.search(
        [provider],
        Direction::Dependencies,
        Sense::Flow,
        |from, edge, _| along(edge) && !graph.is_managed(plan, from),
    )
}

fn managed(plan: &Plan, graph: &Graph, reach: &Reach) -> Vec<ObjectId> {
    let objects = graph.objects_among(reach.nodes());
    let mut found: Vec<_> = objects
        .filter(|id| plan.block(*id).mode == Mode::Managed)
        .collect();
    found.sort_unstable();
    found
}

fn is_gone(plan: &Plan, id: ObjectId) -> bool {
    let action = plan.objects[id].action();
    action.replaces() || action.removes()
}

fn finding(
    context: &Context<'_>,
    sink: &Sink,
    provider: NodeId,
    source: &Source,
    users: &[ObjectId],
) -> Finding {
    let (plan, graph) = (context.plan, context.graph);
    let name = plan.address(source.target);
    let gone = is_gone(plan, source.target);
    let named = users.iter().take(NAMED);
    let related = named.map(|id| Related::new(plan.address(*id), "is managed through it"));
    let mut finding = sink
        .finding(
            graph.name(plan, provider),
            message(plan, graph, source, users.len()),
        )
        .fact("target", name.clone())
        .fact("affected", users.len())
        .fact("destroyed", gone)
        .related(related)
        .out_of(users.len())
        .fix(
            "Give what is managed through the provider a state of its own, applied after this one.",
        );
    finding.path = graph.labels(plan, &source.path);
    finding.discriminator = name;
    if gone {
        finding.severity = Severity::Error;
    }
    finding
}

fn message(plan: &Plan, graph: &Graph, source: &Source, users: usize) -> String {
    let name = plan.address(source.target);
    let made_of = match source.waits {
        None => name,
        Some((read, others)) => {
            let read = plan.address(read);
            let others = match others {
                0 => String::new(),
                n => format!(" and {}", count(n, "other object", "other objects")),
            };
            format!("{read}, which waits for {name}{others}")
        }
    };
    let action = |id: ObjectId| plan.objects[id].action();
    let mut on_the_way = graph.objects_among(&source.path);
    let now = match (
        action(source.target),
        on_the_way.find(|id| action(*id) == Action::Read),
    ) {
        _ if is_gone(plan, source.target) => {
            " This plan destroys that object: what it plans for them cannot be believed.".to_owned()
        }
        (_, Some(late)) => format!(
            " This plan reads {} late, and plans them without its values.",
            plan.address(late)
        ),
        (action, None) if action.changes() => " This plan changes that object as well.".to_owned(),
        _ => String::new(),
    };
    let are = if users == 1 { "is" } else { "are" };
    let users = count(users, "object", "objects");
    format!(
        "The provider configuration is made of {made_of}, and {users} of this state {are} managed through it.{now}"
    )
}
