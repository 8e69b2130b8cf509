//! Flags `depends_on` that waits for more than it needs: of module calls, on whole modules, of data sources.
//! Leaves a `depends_on` between plain resources alone, and one on a module's output.

use super::advice::{Ordered, advice};
use super::entries::{Carrier, Use, lists};
use super::price::{Late, Price, chain, paid, related};
use crate::finding::{Finding, Place, Severity};
use crate::graph::{Graph, NodeId};
use crate::input::address::{Mode, config_address};
use crate::input::plan::{ObjectId, Plan};
use crate::rules::context::{count, named};
use crate::rules::destroy::root::Roots;
use crate::rules::pending::is_nested_in_check;
use crate::rules::reach::apply::{seconds, span};
use crate::rules::{Context, Family, Meta, Rule, Sink};

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
    /// Those that wait for no other reason, where others do.
    needless: usize,
}

/// An entry of a list, and how bad it is; nothing where it is not at fault.
struct Leak<'a> {
    entry: &'a Use<'a>,
    severity: Option<Severity>,
    extent: Extent,
    price: Price,
}

/// The late reads of a list, and the entries that put them off, the one that tells of them first.
struct PuttingOff<'l> {
    late: &'l Late,
    entries: Vec<&'l Leak<'l>>,
}

impl Rule for LeakyDependsOn {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn measures(&self) -> &'static [&'static str] {
        &["extra", "deferred", "replaced", "unknown"]
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink) {
        let (plan, graph) = (context.plan, context.graph);
        if plan.destroys_all() {
            return;
        }
        let mut roots = Roots::new(plan, graph, &context.story().formerly);
        for list in lists(context.depends_on_entries()) {
            let entries = list.iter().filter(|entry| {
                let needless =
                    entry.repeated || entry.is_idle(plan, graph) || entry.is_referred(plan, graph);
                !needless && leaks(entry) && !is_check(plan, graph, entry)
            });
            let late = Late::of(context, list, &mut roots);
            let weighed = entries.filter_map(|entry| weigh(context, entry, &late));
            let leaks: Vec<_> = weighed.collect();
            let putting_off = PuttingOff::of(&leaks, &late);
            for leak in &leaks {
                if let Some(severity) = leak.severity {
                    sink.report_as(severity, finding(context, leak, &putting_off, sink));
                }
            }
        }
    }
}

impl<'l> PuttingOff<'l> {
    fn of(leaks: &'l [Leak<'l>], late: &'l Late) -> Self {
        let put_off = leaks.iter().filter(|leak| leak.price.pending.is_some());
        let mut entries: Vec<_> = put_off.collect();
        let order = |leak: &&'l Leak<'l>| {
            let severity = leak.severity;
            (severity.is_none(), severity, &leak.entry.target)
        };
        entries.sort_by_key(order);
        Self { late, entries }
    }

    fn is_first(&self, leak: &Leak<'_>) -> bool {
        let first = self.entries.first();
        first.is_some_and(|first| std::ptr::eq(*first, leak))
    }
}

/// Whether an entry is of a kind that leaks at all.
fn leaks(entry: &Use<'_>) -> bool {
    match entry.carrier {
        Carrier::Module | Carrier::Data => true,
        Carrier::Resource => entry.names_module(),
    }
}

/// Whether the carrier is a data source nested in a check block, where its late read is harmless.
fn is_check(plan: &Plan, graph: &Graph, entry: &Use<'_>) -> bool {
    let mut ids = graph.objects_among(&entry.waiting);
    entry.carrier == Carrier::Data && ids.any(|id| is_nested_in_check(plan, graph, id))
}

fn weigh<'a>(context: &Context<'_>, entry: &'a Use<'a>, late: &Late) -> Option<Leak<'a>> {
    let (plan, graph) = (context.plan, context.graph);
    let awaited = entry.awaited(graph);
    let is_managed = |node: &NodeId| {
        let block = graph.block_of(plan, *node);
        block.is_some_and(|block| plan.blocks[block].mode == Mode::Managed)
    };
    let waits = entry.carrier == Carrier::Module || awaited.iter().any(is_managed);
    let price = Price::of(context, entry, &awaited, late);
    // Of what the plan destroys nothing may be left to wait for.
    if price.pending.is_none() && (!waits || awaited.is_empty()) {
        return None;
    }
    let extra = entry.extra(graph, &awaited);
    let needless = match entry.carrier {
        Carrier::Module if extra.is_empty() => entry.needless(graph),
        _ => Vec::new(),
    };
    let objects = |nodes: &[NodeId]| graph.objects_among(nodes).count();
    let extent = Extent {
        waiting: objects(&entry.waiting),
        awaited: objects(&awaited),
        extra: objects(extra),
        needless: objects(&needless),
    };
    let costs = extent.waiting > 0 && extent.extra + extent.needless > 0;
    let severity = match entry.carrier {
        _ if price.is_paid => Some(Severity::Error),
        Carrier::Module | Carrier::Resource if extra.is_empty() && needless.is_empty() => None,
        Carrier::Data if !entry.names_module() => Some(Severity::Note),
        Carrier::Module | Carrier::Resource if !costs => Some(Severity::Note),
        _ => Some(Severity::Warning),
    };
    Some(Leak {
        entry,
        severity,
        extent,
        price,
    })
}

/// The finding on an entry. What entries of one list cost is told once, of the first of those that put reads off.
fn finding(
    context: &Context<'_>,
    leak: &Leak<'_>,
    putting_off: &PuttingOff<'_>,
    sink: &Sink,
) -> Finding {
    let Leak {
        entry,
        extent,
        price,
        ..
    } = leak;
    let plan = context.plan;
    let nothing = Late::default();
    let late = price.pending.map_or(&nothing, |_| putting_off.late);
    let addresses = |ids: &[ObjectId]| ids.iter().map(|id| plan.address(*id)).collect::<Vec<_>>();
    let mut message = describe(plan, entry, *extent);
    if price.pending.is_some() {
        message.extend([" ", &told(plan, leak, putting_off)]);
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
        .fact("deferred", addresses(&late.deferred))
        .fact("replaced", addresses(&late.replaced))
        .fact("unknown", addresses(&late.unknown))
        .fix(advice(context, entry, ordered(*extent)));
    if extent.needless > 0 {
        finding = finding.fact("needless", extent.needless);
    }
    if !late.providers.is_empty() {
        finding = finding.fact("providers", late.providers.clone());
    }
    if let Some((longest, left)) = faster {
        finding = finding
            .fact("critical_seconds", seconds(longest))
            .fact("critical_seconds_without", seconds(left));
    }
    finding.discriminator.clone_from(&entry.target);
    finding.place = Place::Entry((*entry.entry.text).into());
    let is_first = putting_off.is_first(leak);
    if is_first {
        finding = finding.related(related(plan, late));
    }
    finding.path = chain(context, entry, (late, price.pending), is_first);
    finding
}

/// Whether what an entry waits for is waited for in another way as well.
fn ordered(extent: Extent) -> Ordered {
    match extent {
        Extent { needless: 1.., .. } => Ordered::BySome,
        _ if extent.extra < extent.awaited => Ordered::InPart,
        _ => Ordered::Not,
    }
}

/// What an entry costs, and with whom.
fn told(plan: &Plan, leak: &Leak<'_>, putting_off: &PuttingOff<'_>) -> String {
    let PuttingOff { late, entries } = putting_off;
    let reads = match late.deferred.len() {
        1 => "the same read",
        _ => "the same reads",
    };
    let all = match entries.len() {
        2 => "both entries have to go".to_owned(),
        n => format!("all {n} entries have to go"),
    };
    match entries.as_slice() {
        [_, others @ ..] if putting_off.is_first(leak) => {
            let paid = paid(plan, late);
            let here = match others {
                [] => String::new(),
                [other] => format!(" {} puts off {reads}: {all}.", other.entry.entry.text),
                [..] => format!(" {} more entries put off {reads}: {all}.", others.len()),
            };
            paid + &here + &elsewhere(late, reads)
        }
        [first, ..] => {
            let first = &first.entry.entry.text;
            format!("In this plan it puts off {reads} as {first}: {all}.")
        }
        [] => String::new(),
    }
}

/// Who has a list of its own that puts the same reads off.
fn elsewhere(late: &Late, reads: &str) -> String {
    const NAMED: usize = 2;
    if late.elsewhere.is_empty() {
        return String::new();
    }
    let names: Vec<_> = late.elsewhere.iter().cloned().collect();
    let of = named(&names, NAMED);
    format!(" The depends_on of {of} puts off {reads}: it has to go as well.")
}

fn describe(plan: &Plan, entry: &Use<'_>, extent: Extent) -> String {
    let text = &entry.entry.text;
    let Extent {
        waiting,
        awaited,
        extra,
        needless,
    } = extent;
    let needless = match (awaited, extra) {
        _ if !plan.planned => text.to_string(),
        _ if needless > 0 => format!("{text}, {needless} of them for no other reason"),
        (0, _) => format!("{text}, which has no object after this plan"),
        (_, 0) => format!("{text} ({})", count(awaited, "object", "objects")),
        (1, _) => format!("{text}, for no other reason"),
        _ => format!("{text} ({awaited} objects, {extra} of them for no other reason)"),
    };
    match (entry.carrier, waiting) {
        (Carrier::Data, _) => format!(
            "The data source is read late, its values unknown, whenever {} changes.",
            any_of(entry)
        ),
        (Carrier::Module, 0) if !plan.planned => {
            format!("All of the module waits for all of {text}.")
        }
        (Carrier::Module, 0) => {
            format!("The module waits for {text}, and has no object after this plan.")
        }
        (Carrier::Resource, 0) if plan.planned => {
            format!("The block waits for all of {text}, and has no object after this plan.")
        }
        (Carrier::Module, _) => format!(
            "All of the module ({}) waits for {needless}.",
            count(waiting, "object", "objects"),
        ),
        (Carrier::Resource, _) => format!("depends_on waits for all of {needless}."),
    }
}

/// What must change for a read to be put off: Terraform looks at all instances of a resource, whichever is named (1.11).
fn any_of(entry: &Use<'_>) -> String {
    let text = &entry.entry.text;
    if entry.names_instance() {
        format!("any instance of {}", config_address(text))
    } else {
        text.to_string()
    }
}
