//! Flags leftovers of replacements that failed half way. The current object of the address is not touched.

use super::loss::Loss;
use crate::finding::{Finding, Severity};
use crate::input::plan::{Action, ObjectId, Plan};
use crate::rules::{Context, Family, Meta, Rule, Sink};

pub(crate) struct DeposedObject;

static META: Meta = Meta {
    id: "deposed-object",
    summary: "Flags leftovers of failed replacements that the plan destroys.",
    severity: Severity::Warning,
    family: Family::Destroy,
    options: &[],
    page: include_str!("../../../rules/deposed-object.md"),
};

impl Rule for DeposedObject {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink) {
        let plan = context.plan;
        for (id, object) in plan.managed() {
            let Some(deposed) = object.deposed.as_ref().map(|key| &***key) else {
                continue;
            };
            if !object.action().destroys() {
                continue;
            }
            let address = plan.address(id);
            let alone = !current_stays(plan, id);
            let message = if alone {
                "A leftover of a replacement that failed half way is destroyed, and no current object stays in its place."
            } else {
                "A leftover of a replacement that failed half way is destroyed; the current object stays."
            };
            let mut finding = sink
                .finding(&address, message)
                .members(vec![address.clone()])
                .fact("deposed", vec![deposed])
                .fix("Check that nothing uses the leftover any more.");
            finding.cause = Some("deposed");
            deposed.clone_into(&mut finding.discriminator);
            let finding = if alone {
                Loss::of(plan, &[id]).tell(finding)
            } else {
                // What it held lives on in the current object, as far as anybody can tell.
                finding.fact("data_loss", false)
            };
            let lost = finding.facts["data_loss"] == true;
            let severity = if lost {
                Severity::Error
            } else {
                finding.severity
            };
            let finding = Finding {
                severity,
                ..finding
            };
            sink.report(finding);
        }
    }
}

/// Whether the object that has the address now is there and stays.
fn current_stays(plan: &Plan, id: ObjectId) -> bool {
    let key = &plan.objects[id].key;
    let mut others = plan.block(id).objects.iter().map(|id| &plan.objects[*id]);
    others.any(|other| {
        other.deposed.is_none()
            && other.key == *key
            && !other.action().removes()
            && other.action() != Action::Create
    })
}
