//! Flags a plan that Terraform could not finish. Ignores versions before 1.6, which do not say so.

use crate::finding::Severity;
use crate::input::plan::Checkable;
use crate::rules::{Context, Family, Meta, Rule, Sink};

pub(crate) struct ErroredPlan;

static META: Meta = Meta {
    id: "errored-plan",
    summary: "Flags a plan that Terraform could not finish.",
    severity: Severity::Error,
    family: Family::Trust,
    options: &[],
    page: include_str!("../../../rules/errored-plan.md"),
};

impl Rule for ErroredPlan {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink) {
        if !context.plan.planned {
            return;
        }
        match context.plan.errored {
            Some(true) => {
                let message = "Planning failed half way: what this plan does not show may still be destroyed.";
                let finding = sink.finding(context.stack(), message);
                let mut checks = context.plan.checks.iter();
                let fix = if checks.any(|check| check.kind != Checkable::Block) {
                    "Mend the condition that failed-check names and any other error that terraform plan printed, then plan and check again."
                } else {
                    "Mend the error that terraform plan printed, then plan and check again."
                };
                sink.report(finding.fix(fix));
            }
            Some(false) => {}
            None => sink.note("the plan does not say whether planning failed (Terraform before 1.6): errored-plan is unknown"),
        }
    }
}
