//! Flags objects with very many direct dependents. Counts instances, not blocks, and each once; one-to-one
//! chains of `for_each` are not all-to-all.

use crate::finding::Severity;
use crate::input::address::Mode;
use crate::input::plan::Action;
use crate::rules::context::count;
use crate::rules::{Context, Family, Meta, OptionSpec, Rule, Sink};

pub(crate) struct FanOutHotSpot;

static META: Meta = Meta {
    id: "fan-out-hot-spot",
    summary: "Flags objects that very many others depend on directly.",
    severity: Severity::Warning,
    family: Family::Reach,
    options: &[OptionSpec {
        name: "direct",
        default: 100,
        help: "direct dependents from which on an object is a hot spot",
    }],
    page: include_str!("../../../rules/fan-out-hot-spot.md"),
};

/// So many dependents are named.
const NAMED: usize = 20;

impl Rule for FanOutHotSpot {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn measures(&self) -> &'static [&'static str] {
        &["direct"]
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink) {
        let plan = context.plan;
        let threshold = context.option(&META, "direct") as usize;
        for (id, dependents) in context.graph.hubs(context.dependents(), threshold.max(1)) {
            let object = &plan.objects[id];
            if plan.block(id).mode != Mode::Managed || object.deposed.is_some() {
                continue;
            }
            let direct = dependents.len();
            let managed = dependents
                .iter()
                .filter(|id| plan.block(**id).mode == Mode::Managed)
                .count();
            let named: Vec<_> = dependents
                .iter()
                .take(NAMED)
                .map(|id| plan.address(*id))
                .collect();
            // A new object has nobody yet whom its change could hurt.
            let changes = object.action().changes() && object.action() != Action::Create;
            let verb = if changes {
                ", and this plan changes it"
            } else {
                ""
            };
            let finding = sink
                .finding(plan.address(id), format!(
                        "{} on it directly{verb}.",
                        count(direct, "object depends", "objects depend")
                    ))
                .fact("direct", direct)
                .fact("managed", managed)
                .fact("dependents", named)
                .fix("Let dependents refer to something smaller, or split the stack along this object.");
            sink.report_as(
                if changes {
                    Severity::Warning
                } else {
                    Severity::Note
                },
                finding,
            );
        }
    }
}
