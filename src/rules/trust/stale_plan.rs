//! Flags a plan that was made longer ago than is allowed. Silent unless an age is set: only then is there a clock.

use crate::finding::Severity;
use crate::input::time::time;
use crate::rules::{Context, Family, Meta, OptionSpec, Rule, Sink};

pub(crate) struct StalePlan;

static META: Meta = Meta {
    id: "stale-plan",
    summary: "Flags a plan that was made longer ago than --max-age allows.",
    severity: Severity::Warning,
    family: Family::Trust,
    options: &[OptionSpec {
        name: MAX_AGE,
        default: 0,
        help: "the minutes a plan may be old; 0 for any age",
    }],
    page: include_str!("../../../rules/stale-plan.md"),
};

/// The option that says how old a plan may be.
const MAX_AGE: &str = "max_age_minutes";
const MINUTE: i64 = 60;

impl Rule for StalePlan {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink) {
        let allowed = context.option(&META, MAX_AGE);
        let Some(now) = context
            .now()
            .filter(|_| allowed > 0 && context.plan.planned)
        else {
            return;
        };
        let Some(made) = context.plan.made else {
            sink.note("the plan does not say when it was made (Terraform before 1.5): --max-age cannot be held against it");
            return;
        };
        if now.saturating_sub(made) <= i64::from(allowed) * MINUTE {
            return;
        }
        // The age itself would be another one in every run.
        let message = format!(
            "The plan was made at {}, more than {} ago: what it was made from may have changed.",
            time(made),
            duration(allowed)
        );
        let finding = sink
            .finding(context.stack(), message)
            .fact("made", time(made))
            .fact(MAX_AGE, allowed)
            .fix("Plan and check again, and apply that plan.");
        sink.report(finding);
    }
}

/// Minutes in the largest unit that fits.
fn duration(minutes: u32) -> String {
    match minutes {
        n if n % 1440 == 0 => format!("{} d", n / 1440),
        n if n % 60 == 0 => format!("{} h", n / 60),
        n => format!("{n} min"),
    }
}
