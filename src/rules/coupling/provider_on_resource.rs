//! Flags provider configurations that depend on objects of the same state: while such an object is created or
//! replaced, everything of the provider is planned against an address that does not exist.

use crate::finding::{Finding, Related, Severity};
use crate::graph::{Direction, Graph, Node, NodeId, Sense};
use crate::input::names::Name;
use crate::input::plan::{ObjectId, Plan};
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
        let plan = context.plan;
        if plan
            .configuration
            .providers
            .values()
            .all(|provider| provider.references.is_empty())
        {
            return;
        }
        let users = users(plan);
        for node in (0..context.graph.len()).map(NodeId::new) {
            if let Node::Provider(key) = context.graph.node(node)
                && let key = context.graph.text(*key)
                && let Some(users) = users.get(key)
            {
                for target in targets(plan, context.graph, node) {
                    let finding = finding(context, sink, (node, key), target, users);
                    sink.report(finding);
                }
            }
        }
    }
}

/// The managed objects of each provider configuration.
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
    users
}

/// The managed objects a provider configuration is made of: the nearest, through data sources.
fn targets(plan: &Plan, graph: &Graph, provider: NodeId) -> Vec<ObjectId> {
    let reach = graph.search(
        [provider],
        Direction::Dependencies,
        Sense::Flow,
        |from, _, _| !graph.is_managed(plan, from),
    );
    let managed = reach
        .nodes()
        .iter()
        .filter(|node| graph.is_managed(plan, **node));
    let mut found: Vec<_> = managed.filter_map(|node| graph.as_object(*node)).collect();
    found.sort_unstable();
    found
}

fn finding(
    context: &Context<'_>,
    sink: &Sink,
    (node, key): (NodeId, &Name),
    target: ObjectId,
    users: &[ObjectId],
) -> Finding {
    let (plan, graph) = (context.plan, context.graph);
    let action = plan.objects[target].action();
    let name = plan.address(target);
    let gone = action.replaces() || action.removes();
    let now = match action {
        _ if gone => " This plan destroys that object: what it plans for them cannot be believed.",
        action if action.changes() => " This plan changes that object as well.",
        _ => "",
    };
    let message = format!(
        "The provider configuration is made of {name}, and {} of this state {} through it.{now}",
        count(users.len(), "object", "objects"),
        if users.len() == 1 {
            "is managed"
        } else {
            "are managed"
        },
    );
    let named = users.iter().take(NAMED);
    let related = named.map(|id| Related::new(plan.address(*id), "is managed through it"));
    let mut finding = sink
        .finding(address(key), message)
        .fact("target", name)
        .fact("affected", users.len())
        .fact("destroyed", gone)
        .related(related.collect::<Vec<_>>())
        .fix(
            "Give what is managed through the provider a state of its own, applied after this one.",
        );
    let reach = graph.search([node], Direction::Dependencies, Sense::Flow, |_, _, _| true);
    finding.path = graph.labels(plan, &reach.path(graph.object(target)));
    finding.discriminator = plan.address(target);
    if gone {
        finding.severity = Severity::Error;
    }
    finding
}

/// `module.m.provider.aws.west`.
fn address(key: &Name) -> String {
    match key.split_once(':') {
        Some((module, name)) => format!("{module}.provider.{name}"),
        None => format!("provider.{key}"),
    }
}
