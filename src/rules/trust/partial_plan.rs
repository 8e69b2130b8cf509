//! Flags a plan that does not lead to the configured state: `-target`, or deferred changes. Leaves failed
//! plans to `errored-plan`.

use crate::finding::{Finding, Severity};
use crate::input::plan::{Action, Plan};
use crate::rules::context::count;
use crate::rules::{Context, Family, Meta, Rule, Sink};
use serde_json::json;

pub(crate) struct PartialPlan;

static META: Meta = Meta {
    id: "partial-plan",
    summary: "Flags a plan that covers only part of the configuration.",
    severity: Severity::Warning,
    family: Family::Trust,
    options: &[],
    page: include_str!("../../../rules/partial-plan.md"),
};

impl Rule for PartialPlan {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink) {
        let plan = context.plan;
        if !plan.planned {
            return;
        }
        if !plan.deferred.is_empty() {
            let finding = deferred(context, sink);
            sink.report(finding);
        } else if plan.complete == Some(false) && plan.errored != Some(true) {
            let message = "The plan covers only part of the configuration (-target): an object it does not \
                           list is not an object left alone.";
            let finding = sink.finding(context.stack(), message);
            sink.report(finding.fact("reason", "target").fix(again(plan)));
        } else if plan.refresh_only {
            sink.note("the plan was made with -refresh-only: it shows nothing of what the configuration would change");
        } else if plan.complete.is_none() {
            sink.note("the plan does not say whether it is complete (Terraform before 1.8, OpenTofu): -target cannot be seen");
        }
    }
}

/// How to see the rest. What is deleted without a reason, and configured, was asked for by `-destroy` (Terraform 1.11).
fn again(plan: &Plan) -> &'static str {
    let asked = plan.managed().any(|(_, object)| {
        let gone = object.action() == Action::Delete && object.reason().is_empty();
        gone && object.deposed.is_none() && plan.resource(object.block).is_some()
    });
    if asked {
        "Apply exactly this plan, and plan without -target after it: -destroy without -target destroys everything."
    } else {
        "Plan again without -target before the merge."
    }
}

fn deferred(context: &Context<'_>, sink: &Sink) -> Finding {
    let deferred = &context.plan.deferred;
    let message = format!(
        "Terraform put {} off to a later plan: what happens to them is not decided here.",
        count(deferred.len(), "change", "changes")
    );
    let reasons: Vec<_> = deferred
        .iter()
        .map(|d| json!({"address": &*d.address, "reason": &*d.reason}))
        .collect();
    sink.finding(context.stack(), message)
        .members(deferred.iter().map(|d| d.address.to_string()).collect())
        .fact("reason", "deferred")
        .fact("deferred", reasons)
        .fix("Apply this plan, then plan and check again for the rest.")
}
