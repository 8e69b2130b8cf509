//! Flags plans with more changes than anybody reviews, and where they come apart.

use super::oversized::with_parts;
use crate::finding::{Finding, Severity};
use crate::input::address::Mode;
use crate::input::plan::ObjectId;
use crate::rules::{Context, Family, Meta, OptionSpec, Rule, Sink};

pub(crate) struct OversizedPlan;

static META: Meta = Meta {
    id: "oversized-plan",
    summary: "Flags plans with more changes than anybody reviews.",
    severity: Severity::Warning,
    family: Family::Reach,
    options: &[OptionSpec {
        name: "changes",
        default: 100,
        help: "more changing objects than this in one plan",
    }],
    page: include_str!("../../../rules/oversized-plan.md"),
};

impl Rule for OversizedPlan {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn lasts(&self, _: &Finding) -> bool {
        false
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink) {
        let plan = context.plan;
        let changes = |id: ObjectId| {
            let managed = plan.block(id).mode == Mode::Managed;
            u32::from(managed && plan.objects[id].action().changes())
        };
        let changing: u32 = (0..plan.objects.len()).map(changes).sum();
        if changing <= context.option(&META, "changes") {
            return;
        }
        let message = format!("The plan changes {changing} objects at once: nobody reviews that.");
        let finding = sink
            .finding(context.stack(), message)
            .fact("changes", changing);
        sink.report(with_parts(context, finding, changes));
    }
}
