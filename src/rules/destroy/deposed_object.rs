//! Flags leftovers of replacements that failed half way.

use super::loss::Loss;
use crate::catalog::{self, Holds};
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
            if let Some(deposed) = &object.deposed
                && object.action().destroys()
            {
                sink.report(finding(plan, sink, id, deposed));
            }
        }
    }
}

fn finding(plan: &Plan, sink: &Sink, id: ObjectId, deposed: &str) -> Finding {
    let address = plan.address(id);
    let current = current(plan, id).map(|id| plan.objects[id].action());
    let then = match current {
        None => ", and no current object stays in its place",
        Some(action) if action.replaces() => "; the current object is replaced as well",
        Some(_) => "; the current object stays",
    };
    let fix = match catalog::facts(&plan.block(id).kind).holds {
        Holds::Data(_) => {
            "Check that nothing uses the leftover any more, and that the current object has the data it held."
        }
        _ => "Check that nothing uses the leftover any more.",
    };
    let message = format!("A leftover of a replacement that failed half way is destroyed{then}.");
    let mut finding = sink
        .finding(&address, message)
        .members(vec![address.clone()])
        .fact("deposed", vec![deposed])
        .fix(fix);
    finding.cause = Some("deposed");
    deposed.clone_into(&mut finding.discriminator);
    // Of what the leftover held nobody can tell whether the current object has it.
    let finding = if current.is_none() {
        Loss::of(plan, &[id]).tell(finding)
    } else {
        finding.fact("data_loss", false)
    };
    let severity = if finding.facts["data_loss"] == true {
        Severity::Error
    } else {
        finding.severity
    };
    Finding {
        severity,
        ..finding
    }
}

/// The object that has the address now, if it is there and does not go for good.
fn current(plan: &Plan, id: ObjectId) -> Option<ObjectId> {
    let key = &plan.objects[id].key;
    let is_current = |other: &ObjectId| {
        let other = &plan.objects[*other];
        let stays = !other.action().removes() && other.action() != Action::Create;
        other.deposed.is_none() && other.key == *key && stays
    };
    plan.block(id).objects.iter().copied().find(is_current)
}
