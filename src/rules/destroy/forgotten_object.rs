//! Notes objects that leave the state and live on where nobody manages them.

use crate::finding::Severity;
use crate::input::plan::Action;
use crate::rules::{Context, Family, Meta, Rule, Sink};

pub(crate) struct ForgottenObject;

static META: Meta = Meta {
    id: "forgotten-object",
    summary: "Notes objects that leave the state but live on, unmanaged.",
    severity: Severity::Note,
    family: Family::Destroy,
    options: &[],
    page: include_str!("../../../rules/forgotten-object.md"),
};

impl Rule for ForgottenObject {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink) {
        let plan = context.plan;
        for (id, object) in plan.managed() {
            let (message, severity) = match object.action() {
                Action::Forget => (
                    "The object leaves the state and lives on: nothing manages it any more.",
                    Severity::Note,
                ),
                Action::ForgetAndCreate => (
                    "A new object takes the address; the old one leaves the state and lives on.",
                    Severity::Warning,
                ),
                _ => continue,
            };
            let address = plan.address(id);
            let mut finding = sink.finding(&address, message).members(vec![address]).fix(
                "If another stack takes it over, import it there; else write down who looks after it.",
            );
            finding.cause = Some("removed_block");
            if let Some(deposed) = &object.deposed {
                finding.discriminator = deposed.to_string();
            }
            sink.report_as(severity, finding);
        }
    }
}
