//! Flags leftovers of replacements that failed half way. The current object of the address is not touched.

use crate::finding::Severity;
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
            let mut finding = sink
                .finding(
                    &address,
                    "A leftover of a replacement that failed half way is destroyed; the current object stays.",
                )
                .members(vec![address.clone()])
                .fact("deposed", vec![deposed])
                // What it held lives on in the current object, as far as anybody can tell.
                .fact("data_loss", false)
                .fix("Check that nothing uses the leftover any more.");
            finding.cause = Some("deposed");
            deposed.clone_into(&mut finding.discriminator);
            sink.report(finding);
        }
    }
}
