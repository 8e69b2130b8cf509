//! Flags changed objects that very many others depend on, over any number of steps. Leaves new objects alone, on
//! which nothing that is there can depend, and changed objects that depend on one it names already.

use crate::finding::{Finding, Related, Severity};
use crate::input::address::Mode;
use crate::input::plan::{Action, ObjectId};
use crate::rules::{Context, Family, Meta, OptionSpec, Rule, Sink};

pub(crate) struct WideBlastRadius;

static META: Meta = Meta {
    id: "wide-blast-radius",
    summary: "Flags changed objects that very many others depend on, however far away.",
    severity: Severity::Warning,
    family: Family::Reach,
    options: &[OptionSpec {
        name: "transitive",
        default: 50,
        help: "so many managed objects have to depend on a changed one, over any number of steps",
    }],
    page: include_str!("../../../rules/wide-blast-radius.md"),
};

/// So many findings are made.
const MOST: usize = 100;
/// So many changed dependents are named.
const NAMED: usize = 20;

impl Rule for WideBlastRadius {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn lasts(&self, _: &Finding) -> bool {
        false
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink) {
        let (plan, graph) = (context.plan, context.graph);
        let threshold = context.option(&META, "transitive").max(1) as usize;
        let changes = |id: &ObjectId| {
            let action = plan.objects[*id].action();
            action.changes() && action != Action::Create
        };
        let candidate = |id: ObjectId| {
            let object = &plan.objects[id];
            plan.block(id).mode == Mode::Managed && object.deposed.is_none() && changes(&id)
        };
        let managed = plan.managed().count();
        let (wide, more) = graph.wide(context.dependents(), plan, candidate, threshold, MOST);
        for (id, dependents) in wide {
            let changed: Vec<_> = dependents
                .iter()
                .copied()
                .filter(|id| plan.objects[*id].action().changes())
                .collect();
            let named = changed.iter().take(NAMED);
            let named = named
                .map(|id| Related::new(plan.address(*id), "depends on it and changes as well"));
            let message = format!(
                "This plan changes it, and {} objects depend on it; {} of them change as well.",
                dependents.len(),
                changed.len()
            );
            let finding = sink
                .finding(plan.address(id), message)
                .fact("transitive", dependents.len())
                .fact("direct", graph.direct(id, crate::graph::Direction::Dependents).len())
                .fact("changed", changed.len())
                .fact("share", share(dependents.len(), managed))
                .related(named)
                .out_of(changed.len())
                .fix("Apply the change in a plan of its own, when those who depend on it know; or split the stack behind it.");
            let farthest = farthest(context, id, &dependents);
            sink.report(Finding {
                path: farthest,
                ..finding
            });
        }
        if more > 0 {
            sink.note(format!(
                "{more} more changed objects have {threshold} or more dependents: wide-blast-radius names the first {MOST}"
            ));
        }
    }
}

/// Percent of the managed objects.
fn share(part: usize, all: usize) -> usize {
    (part * 100).checked_div(all).unwrap_or_default()
}

/// The way from the dependent that is farthest away.
fn farthest(context: &Context<'_>, id: ObjectId, dependents: &[ObjectId]) -> Vec<String> {
    use crate::graph::{Direction, Sense};
    let (plan, graph) = (context.plan, context.graph);
    let reach = graph.search(
        [graph.object(id)],
        Direction::Dependents,
        Sense::Flow,
        |_, _, _| true,
    );
    let objects = graph.objects_among(reach.nodes());
    let last = objects
        .rev()
        .find(|id| dependents.binary_search(id).is_ok());
    let path = last.map(|last| {
        let mut path = reach.path(graph.object(last));
        path.reverse();
        graph.labels(plan, &path)
    });
    path.unwrap_or_default()
}
