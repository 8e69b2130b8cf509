//! Flags `depends_on` that waits for more than it needs: of module calls, on whole modules, of data sources.
//! Leaves a `depends_on` between plain resources alone, and one on a module's output.

use super::entries::{Carrier, Use};
use crate::finding::{Finding, Place, Related, Severity};
use crate::graph::{Direction, Graph, Node, NodeId, Sense};
use crate::input::address::Mode;
use crate::input::plan::references::Target;
use crate::input::plan::{Action, ObjectId, Plan};
use crate::rules::context::count;
use crate::rules::destroy::root::Roots;
use crate::rules::reach::apply::{seconds, span};
use crate::rules::{Context, Family, Meta, Rule, Sink};
use std::collections::BTreeSet;

pub(crate) struct LeakyDependsOn;

static META: Meta = Meta {
    id: "leaky-depends-on",
    summary: "Flags depends_on that waits for more than it needs, and what that costs.",
    severity: Severity::Warning,
    family: Family::Coupling,
    options: &[],
    page: include_str!("../../../rules/leaky-depends-on.md"),
};

/// How far an entry goes in this plan, in objects. Blocks without any cost nothing yet.
#[derive(Clone, Copy)]
struct Extent {
    waiting: usize,
    awaited: usize,
    /// Those that nothing else waits for.
    extra: usize,
}

/// What an entry costs in this plan.
#[derive(Default)]
struct Price {
    /// Data sources that are read late.
    deferred: Vec<ObjectId>,
    /// The change they wait for.
    pending: Option<ObjectId>,
    /// Whether it is more than the price of a first apply: what waits for an object that does not exist
    /// yet would be read late with a reference as well.
    is_paid: bool,
    /// Objects that are replaced because of a late read.
    replaced: Vec<ObjectId>,
    /// Objects that are updated with values unknown because of a late read.
    unknown: Vec<ObjectId>,
}

impl Rule for LeakyDependsOn {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn measures(&self) -> &'static [&'static str] {
        &["extra", "deferred", "replaced", "unknown"]
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink) {
        let mut roots = Roots::new(context.plan, context.graph);
        for entry in context.depends_on_entries() {
            if entry.repeated || !leaks(entry) || is_check(context.plan, context.graph, entry) {
                continue;
            }
            if let Some((severity, finding)) = weigh(context, entry, &mut roots, sink) {
                sink.report_as(severity, finding);
            }
        }
    }
}

/// Whether an entry is of a kind that leaks at all.
fn leaks(entry: &Use<'_>) -> bool {
    match entry.carrier {
        Carrier::Module | Carrier::Data => true,
        Carrier::Resource => entry.names_module(),
    }
}

/// A data source nested in a check block, where its late read is harmless. The configuration lists it as
/// any other; but nothing outside the block can refer to it (Terraform 1.5 and later).
fn is_check(plan: &Plan, graph: &Graph, entry: &Use<'_>) -> bool {
    let ids = || {
        entry
            .waiting
            .iter()
            .filter_map(|node| graph.as_object(*node))
    };
    let says_so = ids().any(|id| plan.objects[id].reason() == "read_because_check_nested");
    let beside = ids().any(|id| {
        let module = plan.config_module_address(plan.block(id).module);
        plan.check_modules.contains(module) && graph.direct(id, Direction::Dependents).is_empty()
    });
    entry.carrier == Carrier::Data && (says_so || beside)
}

fn weigh(
    context: &Context<'_>,
    entry: &Use<'_>,
    roots: &mut Roots<'_>,
    sink: &Sink,
) -> Option<(Severity, Finding)> {
    let (plan, graph) = (context.plan, context.graph);
    let awaited = entry.awaited(graph);
    let managed: Vec<_> = awaited
        .iter()
        .copied()
        .filter(|node| is_managed(plan, graph, *node))
        .collect();
    if managed.is_empty() && entry.carrier != Carrier::Module || awaited.is_empty() {
        return None;
    }
    let extra = entry.extra(graph, &awaited);
    let price = price(context, entry, &awaited, roots);
    if extra.is_empty() && entry.carrier != Carrier::Data && !price.is_paid {
        return None;
    }
    let objects = |nodes: &[NodeId]| {
        let nodes = nodes.iter();
        nodes
            .filter(|node| graph.as_object(**node).is_some())
            .count()
    };
    let extent = Extent {
        waiting: objects(&entry.waiting),
        awaited: objects(&awaited),
        extra: objects(extra),
    };
    let costs = extent.waiting > 0 && extent.extra > 0;
    let severity = match entry.carrier {
        _ if price.is_paid => Severity::Error,
        Carrier::Data if !entry.names_module() => Severity::Note,
        Carrier::Module | Carrier::Resource if !costs => Severity::Note,
        _ => Severity::Warning,
    };
    Some((severity, finding(context, entry, sink, extent, &price)))
}

fn is_managed(plan: &Plan, graph: &Graph, node: NodeId) -> bool {
    match graph.node(node) {
        Node::Object(id) => plan.block(*id as usize).mode == Mode::Managed,
        Node::Block(id) => plan.blocks[*id as usize].mode == Mode::Managed,
        _ => false,
    }
}

/// Terraform reads a data source late when anything managed behind its `depends_on`, or behind that of a
/// module around it, has a change pending (Terraform 1.11).
fn price(
    context: &Context<'_>,
    entry: &Use<'_>,
    awaited: &[NodeId],
    roots: &mut Roots<'_>,
) -> Price {
    let (plan, graph) = (context.plan, context.graph);
    let late = |id: &ObjectId| {
        plan.objects[*id].action() == Action::Read
            && plan.objects[*id].reason() == "read_because_dependency_pending"
    };
    let deferred: Vec<_> = entry
        .waiting
        .iter()
        .filter_map(|node| graph.as_object(*node))
        .filter(late)
        .collect();
    if deferred.is_empty() {
        return Price::default();
    }
    let behind = graph.search(
        awaited.iter().copied(),
        Direction::Dependencies,
        Sense::Order,
        |_, _, _| true,
    );
    let changed = || {
        let objects = behind
            .nodes()
            .iter()
            .filter_map(|node| graph.as_object(*node));
        objects.filter(|id| {
            plan.block(*id).mode == Mode::Managed && plan.objects[*id].action().changes()
        })
    };
    let existing = changed().find(|id| plan.objects[*id].action() != Action::Create);
    let Some(pending) = existing.or_else(|| changed().next()) else {
        return Price::default();
    };
    let starts = deferred.iter().map(|id| graph.object(*id));
    let reach = graph.search(starts, Direction::Dependents, Sense::Flow, |_, _, _| true);
    let mut price = Price {
        deferred: deferred.clone(),
        pending: Some(pending),
        is_paid: existing.is_some(),
        ..Price::default()
    };
    for id in reach
        .nodes()
        .iter()
        .filter_map(|node| graph.as_object(*node))
    {
        let change = plan.objects[id].change();
        if change.action.replaces() {
            if roots
                .of(id)
                .deferred
                .is_some_and(|data| deferred.contains(&data))
            {
                price.replaced.push(id);
            }
        } else if change.action == Action::Update && change.to_unknown {
            price.unknown.push(id);
        }
    }
    price.is_paid |= !price.replaced.is_empty() || !price.unknown.is_empty();
    price
}

fn finding(
    context: &Context<'_>,
    entry: &Use<'_>,
    sink: &Sink,
    extent: Extent,
    price: &Price,
) -> Finding {
    let plan = context.plan;
    let addresses = |ids: &[ObjectId]| ids.iter().map(|id| plan.address(*id)).collect::<Vec<_>>();
    let mut message = describe(entry, extent);
    if !price.deferred.is_empty() {
        message.extend([" ", &paid(plan, price)]);
    }
    let faster = context.apply().and_then(|apply| {
        let left = apply.without(&entry.edges(context.graph))?;
        Some((apply.longest, left))
    });
    // Seconds are nobody's worry; the facts have them.
    if let Some((longest, left)) = faster.filter(|(longest, left)| longest - left >= 60_000) {
        let (longest, left) = (span(longest), span(left));
        message.extend([
            " Without it the longest chain of the apply takes ",
            &left,
            " instead of ",
            &longest,
            ".",
        ]);
    }
    let mut finding = sink
        .finding(&entry.address, message)
        .fact("target", entry.target.clone())
        .fact("waiting", extent.waiting)
        .fact("awaited", extent.awaited)
        .fact("extra", extent.extra)
        .fact("deferred", addresses(&price.deferred))
        .fact("replaced", addresses(&price.replaced))
        .fact("unknown", addresses(&price.unknown))
        .related(related(plan, price))
        .fix(advice(context, entry));
    if let Some((longest, left)) = faster {
        finding = finding
            .fact("critical_seconds", seconds(longest))
            .fact("critical_seconds_without", seconds(left));
    }
    finding.discriminator.clone_from(&entry.target);
    finding.place = Place::Entry((*entry.entry.text).into());
    finding.path = chain(context, entry, price);
    finding
}

fn describe(entry: &Use<'_>, extent: Extent) -> String {
    let text = &entry.entry.text;
    let Extent {
        waiting,
        awaited,
        extra,
    } = extent;
    let needless = match (awaited, extra) {
        (0, _) => format!("{text}, which has no object after this plan"),
        (_, 0) => format!("{text} ({})", count(awaited, "object", "objects")),
        (1, _) => format!("{text}, for no other reason"),
        _ => format!("{text} ({awaited} objects, {extra} of them for no other reason)"),
    };
    match (entry.carrier, waiting) {
        (Carrier::Data, _) => {
            format!("The data source is read late, its values unknown, whenever {text} changes.")
        }
        (Carrier::Module, 0) => {
            format!("The module waits for {text}, and has no object after this plan.")
        }
        (Carrier::Resource, 0) => {
            format!("The block waits for all of {text}, and has no object after this plan.")
        }
        (Carrier::Module, _) => format!(
            "All of the module ({}) waits for {needless}.",
            count(waiting, "object", "objects"),
        ),
        (Carrier::Resource, _) => format!("depends_on waits for all of {needless}."),
    }
}

/// What an entry costs, as a sentence.
fn paid(plan: &Plan, price: &Price) -> String {
    let addresses: Vec<_> = price.deferred.iter().map(|id| plan.address(*id)).collect();
    let follows = match (price.replaced.len(), price.unknown.len()) {
        (0, 0) => String::new(),
        (0, n) => format!(
            ", and values of {} become unknown",
            count(n, "object", "objects")
        ),
        (n, _) => format!(
            ", and {} replaced because of it",
            count(n, "object is", "objects are")
        ),
    };
    format!("In this plan {} late{follows}.", reads(&addresses))
}

fn reads(addresses: &[String]) -> String {
    match addresses {
        [one] => format!("{one} is read"),
        [one, rest @ ..] => format!("{one} and {} more are read", rest.len()),
        [] => String::new(),
    }
}

fn related(plan: &Plan, price: &Price) -> Vec<Related> {
    let each = |ids: &[ObjectId], message: &'static str| {
        ids.iter()
            .map(|id| Related::new(plan.address(*id), message))
            .collect::<Vec<_>>()
    };
    let mut related = each(&price.deferred, "is read late");
    related.extend(each(
        &price.replaced,
        "is replaced because of the late read",
    ));
    related.extend(each(
        &price.unknown,
        "has unknown values because of the late read",
    ));
    related
}

/// From what is replaced, over the late read and the carrier, to the change that was waited for.
fn chain(context: &Context<'_>, entry: &Use<'_>, price: &Price) -> Vec<String> {
    let (plan, graph) = (context.plan, context.graph);
    let (Some(data), Some(pending)) = (price.deferred.first(), price.pending) else {
        return Vec::new();
    };
    let mut chain = Vec::new();
    if let Some(end) = price.replaced.first().or(price.unknown.first()) {
        let reach = graph.search(
            [graph.object(*end)],
            Direction::Dependencies,
            Sense::Flow,
            |_, _, _| true,
        );
        chain = graph.labels(plan, &reach.path(graph.object(*data)));
    }
    chain.push(plan.address(*data));
    if entry.carrier == Carrier::Module {
        chain.push(entry.address.clone());
    }
    chain.push(entry.target.clone());
    chain.push(plan.address(pending));
    chain.dedup();
    chain
}

/// What to refer to instead: outputs of the module that is named, where there are some.
fn advice(context: &Context<'_>, entry: &Use<'_>) -> String {
    let outputs = outputs(context.plan, context.graph, entry);
    match (entry.carrier, outputs.as_slice()) {
        (Carrier::Data, _) => {
            "Refer to an attribute of what the data source needs, and delete depends_on.".to_owned()
        }
        (Carrier::Module, []) => {
            "Pass what the module needs as an input, and delete depends_on.".to_owned()
        }
        (Carrier::Module, some) => format!(
            "Pass {} as an input, whichever the module needs, and delete depends_on.",
            some.join(" or ")
        ),
        (Carrier::Resource, []) => {
            "Give the module an output of what is needed, and name that.".to_owned()
        }
        (Carrier::Resource, some) => {
            format!("Name {} instead, whichever is needed.", some.join(" or "))
        }
    }
}

fn outputs(plan: &Plan, graph: &Graph, entry: &Use<'_>) -> Vec<String> {
    const MOST: usize = 3;
    let Some(Target::Module { call, .. }) = entry
        .entry
        .reference
        .as_ref()
        .map(|reference| &reference.target)
    else {
        return Vec::new();
    };
    let modules: BTreeSet<_> = entry
        .targets(graph)
        .into_iter()
        .filter_map(|node| graph.module_of(plan, node))
        .collect();
    let config = modules.into_iter().find_map(|id| plan.modules[id].config);
    let names = config
        .map(|id| plan.configuration.modules[id].outputs.keys())
        .into_iter()
        .flatten();
    names
        .take(MOST)
        .map(|name| format!("module.{call}.{name}"))
        .collect()
}
