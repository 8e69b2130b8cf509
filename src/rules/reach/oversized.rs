//! What the two rules about size have in common: where the stack comes apart.

use crate::finding::{Finding, Related, natural};
use crate::graph::{Cut, Part, Split, split};
use crate::input::plan::ObjectId;
use crate::rules::Context;
use crate::rules::context::{count, named};
use serde_json::json;

/// Units of a part that are named in the message.
const NAMED: usize = 3;
/// Cut edges that are listed.
const LISTED: usize = 50;

/// Adds the proposals to a finding; `weigh` says which objects count.
pub(super) fn with_parts(
    context: &Context<'_>,
    mut finding: Finding,
    weigh: impl Fn(ObjectId) -> u32,
) -> Finding {
    let owner = |id| context.owner_of(id);
    let rests = || context.rests();
    let parts = match split(context.graph, context.plan, rests, weigh, owner) {
        Split::Parts(parts) => parts,
        Split::SideBySide => {
            return finding
                .fact("parts", json!([]))
                .fix("Its modules and blocks stand side by side: group what changes together.");
        }
        Split::One(unit) => {
            return finding.fact("parts", json!([])).fix(format!(
                "All of it is in {unit}: make changes in smaller steps."
            ));
        }
    };
    let Some(best) = parts.first() else {
        return finding.fact("parts", json!([])).fix(
            "No group of its modules and blocks hangs on the rest by few references, so it does not come apart easily: \
             make changes in smaller steps.",
        );
    };
    let related = best.cut.iter().take(LISTED).map(becomes);
    finding = finding.related(related).out_of(best.cut.len());
    let advice = advice(best);
    finding
        .fact("parts", parts.iter().map(data).collect::<Vec<_>>())
        .fix(advice)
}

fn advice(part: &Part) -> String {
    let mut units = part.units.clone();
    units.sort_by(|a, b| natural(a, b));
    let shown = named(&units, NAMED);
    let objects = count(part.weight as usize, "object", "objects");
    let cut = match part.cut.len() {
        0 => "nothing refers to it and it refers to nothing".to_owned(),
        n => format!("it takes {}", count(n, "cut edge", "cut edges")),
    };
    format!("Make a stack of {shown} ({objects}): {cut}.")
}

/// What becomes of a cut edge.
fn becomes(cut: &Cut) -> Related {
    let message = format!(
        "becomes an output that {} reads through remote state",
        cut.from
    );
    Related::new(cut.to.clone(), message)
}

fn data(part: &Part) -> serde_json::Value {
    let edges = part.cut.iter().take(LISTED);
    let edges: Vec<_> = edges
        .map(|cut| {
            let reader = if cut.out { "part" } else { "rest" };
            json!({"from": cut.from, "to": cut.to, "reader": reader, "becomes": "output"})
        })
        .collect();
    json!({
        "units": part.units,
        "objects": part.weight,
        "cut_edges": part.cut.len(),
        "cut": edges,
    })
}
