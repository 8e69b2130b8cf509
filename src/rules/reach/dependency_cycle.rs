//! Flags circles of things that wait for one another: Terraform refuses such a configuration, so there is no plan,
//! or one that failed. A plan that succeeded has none.

use crate::finding::{Related, Severity};
use crate::graph::{Direction, Edge, Kind, NodeId, Sense};
use crate::rules::{Context, Family, Meta, Rule, Sink};

pub(crate) struct DependencyCycle;

static META: Meta = Meta {
    id: "dependency-cycle",
    summary: "Flags circles of dependencies, one minimal circle for each.",
    severity: Severity::Error,
    family: Family::Reach,
    options: &[],
    page: include_str!("../../../rules/dependency-cycle.md"),
};

impl Rule for DependencyCycle {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink) {
        let plan = context.plan;
        if plan.planned && plan.errored != Some(true) {
            return;
        }
        for circle in context.graph.cycles() {
            let labels = labels(context, &circle);
            let Some(first) = labels.first() else {
                continue;
            };
            let others = labels.iter().skip(1);
            let related = others.map(|label| Related::new(label, "is in the circle"));
            let mut finding = sink
                .finding(
                    first,
                    format!(
                        "{} things wait for one another: Terraform cannot order them.",
                        labels.len()
                    ),
                )
                .members(labels.clone())
                .fact("length", labels.len())
                .related(related.collect::<Vec<_>>())
                .fix(fix(context, &circle));
            finding.path = labels.iter().chain([first]).cloned().collect();
            sink.report(finding);
        }
    }
}

/// A `depends_on` carries no value: where one closes the circle it is the first to go.
fn fix(context: &Context<'_>, circle: &[NodeId]) -> String {
    let references = "ake one of the references out of the circle: a literal, a resource of its own, or one module less.";
    match waits(context, circle) {
        Some((from, to)) => {
            format!(
                "Take {to} out of the depends_on of {from}: nothing but that closes the circle there. Or t{references}"
            )
        }
        None => format!("T{references}"),
    }
}

/// The first step of a circle, by name, that is there for a `depends_on` alone.
fn waits(context: &Context<'_>, circle: &[NodeId]) -> Option<(String, String)> {
    let (plan, graph) = (context.plan, context.graph);
    let only_waits = |from: NodeId, to: NodeId| {
        let edges = graph.neighbours(from, Direction::Dependencies, Sense::Order);
        let edges: Vec<_> = edges.filter(|(node, _)| *node == to).collect();
        let waits = |edge: Edge| matches!(edge.kind, Kind::DependsOn | Kind::ModuleDependsOn);
        !edges.is_empty() && edges.iter().all(|(_, edge)| waits(*edge))
    };
    let at = |place: usize| circle[place % circle.len()];
    let steps = (0..circle.len()).filter(|place| only_waits(at(*place), at(place + 1)));
    // Nodes that no reader sees stand between: blocks and their instances.
    let named = steps.filter_map(|place| {
        let mut before = (0..circle.len()).map(|back| at(place + circle.len() - back));
        let mut after = (1..circle.len()).map(|on| at(place + on));
        let label = |node| graph.label(plan, node);
        Some((before.find_map(label)?, after.find_map(label)?))
    });
    named.min()
}

/// The circle as a reader would go round it: from the first object on, or else from the first name.
fn labels(context: &Context<'_>, circle: &[NodeId]) -> Vec<String> {
    let (plan, graph) = (context.plan, context.graph);
    let mut labels: Vec<String> = circle
        .iter()
        .filter_map(|node| graph.label(plan, *node))
        .collect();
    labels.dedup();
    if labels.len() > 1 && labels.first() == labels.last() {
        labels.pop();
    }
    let object = |label: &String| {
        crate::input::address::Address::parse(label)
            .is_some_and(|address| !matches!(address.kind, "var" | "local" | "output" | "provider"))
    };
    let first = (0..labels.len()).min_by_key(|at| (!object(&labels[*at]), labels[*at].clone()));
    labels.rotate_left(first.unwrap_or_default());
    labels
}
