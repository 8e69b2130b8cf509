//! Flags failed `check` blocks, pre- and postconditions and validations. What was not evaluated has not failed.

use crate::finding::{Finding, Related, Severity};
use crate::input::names::Name;
use crate::input::plan::{Check, Checkable, Failure};
use crate::rules::{Context, Family, Meta, Rule, Sink};
use std::collections::BTreeSet;

pub(crate) struct FailedCheck;

static META: Meta = Meta {
    id: "failed-check",
    summary: "Flags checks, preconditions, postconditions and validations that fail.",
    severity: Severity::Error,
    family: Family::Trust,
    options: &[],
    page: include_str!("../../../rules/failed-check.md"),
};

impl Rule for FailedCheck {
    fn meta(&self) -> &'static Meta {
        &META
    }

    // A check may fail for months, and be known to.
    fn lasts(&self, _: &Finding) -> bool {
        true
    }

    fn measures(&self) -> &'static [&'static str] {
        &["kind", "conditions"]
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink) {
        for check in &context.plan.checks {
            let finding = finding(check, sink);
            // Terraform warns of a check block and goes on, with -refresh-only of all others too; else it stops (1.11).
            let goes_on = context.plan.errored == Some(false);
            if check.kind == Checkable::Block || goes_on {
                sink.report_as(Severity::Warning, finding);
            } else {
                sink.report(finding);
            }
        }
    }
}

fn finding(check: &Check, sink: &Sink) -> Finding {
    let failures = &check.failures;
    // What fails at all is more than what could not be evaluated.
    let evaluated = failures.is_empty() || failures.iter().any(|failure| failure.evaluated);
    let verb = if evaluated {
        "fails"
    } else {
        "could not be evaluated"
    };
    let on = match failures.len() {
        0 | 1 => String::new(),
        n => format!(" on {n} instances"),
    };
    let texts: BTreeSet<String> = failures.iter().filter_map(said).collect();
    let (shared, apart) = match texts.first() {
        Some(text) if texts.len() == 1 => (format!(": {text}"), false),
        _ => (String::new(), true),
    };
    let says = |failure: &Failure| {
        let text = said(failure).filter(|_| apart)?;
        Some(Related::new(&*failure.address, format!("says {text}")))
    };
    let members = failures.iter().map(|failure| failure.address.to_string());
    let conditions = failures.iter().map(|failure| failure.messages.len());
    sink.finding(
        &*check.address,
        format!("{} {verb}{on}{shared}.", what(check.kind)),
    )
    .members(members.collect())
    .related(failures.iter().filter_map(says))
    .fact("kind", word(check.kind))
    .fact("evaluated", evaluated)
    .fact("conditions", conditions.max().unwrap_or_default())
    .fix(fix(check.kind))
}

/// What an instance says, in quotes.
fn said(failure: &Failure) -> Option<String> {
    let quoted = |message: &Name| format!("\"{}\"", message.strip_suffix('.').unwrap_or(message));
    let messages: Vec<_> = failure.messages.iter().map(quoted).collect();
    (!messages.is_empty()).then(|| messages.join("; "))
}

fn word(kind: Checkable) -> &'static str {
    match kind {
        Checkable::Block => "check",
        Checkable::Resource => "resource",
        Checkable::Output => "output",
        Checkable::Variable => "variable",
        Checkable::Other => "other",
    }
}

fn what(kind: Checkable) -> &'static str {
    match kind {
        Checkable::Block => "The check",
        Checkable::Resource => "A precondition or postcondition",
        Checkable::Output => "A precondition",
        Checkable::Variable => "A validation",
        Checkable::Other => "A check",
    }
}

fn fix(kind: Checkable) -> &'static str {
    match kind {
        Checkable::Block => {
            "Terraform only warns of it: mend what it asserts, or have it reviewed."
        }
        Checkable::Variable => "Give the variable a value that its validation takes.",
        _ => "Mend what the condition asks for, then plan and check again.",
    }
}
