//! Notes states with very many objects, and where they come apart.

use super::oversized::with_parts;
use crate::finding::Severity;
use crate::input::address::Mode;
use crate::input::plan::ObjectId;
use crate::rules::{Context, Family, Meta, OptionSpec, Rule, Sink};

pub(crate) struct OversizedState;

static META: Meta = Meta {
    id: "oversized-state",
    summary: "Notes states with very many objects, and where they come apart.",
    severity: Severity::Note,
    family: Family::Reach,
    options: &[OptionSpec {
        name: "objects",
        default: 500,
        help: "more managed objects than this in one state",
    }],
    page: include_str!("../../../rules/oversized-state.md"),
};

impl Rule for OversizedState {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn measures(&self) -> &'static [&'static str] {
        &["objects"]
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink) {
        let plan = context.plan;
        let stays = |id: ObjectId| {
            let object = &plan.objects[id];
            let managed = plan.block(id).mode == Mode::Managed && object.deposed.is_none();
            u32::from(plan.planned && managed && !object.action().removes())
        };
        let objects: u32 = (0..plan.objects.len()).map(stays).sum();
        if objects <= context.option(&META, "objects") {
            return;
        }
        let message = format!("After this plan the state holds {objects} objects.");
        let finding = sink
            .finding(context.stack(), message)
            .fact("objects", objects);
        sink.report(with_parts(context, finding, stays));
    }
}
