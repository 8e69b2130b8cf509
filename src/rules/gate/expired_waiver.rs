//! Flags waivers whose last day is over. The gate reports it.

use crate::finding::Severity;
use crate::rules::{Context, Family, Meta, Rule, Sink};

pub(crate) struct ExpiredWaiver;

static META: Meta = Meta {
    id: "expired-waiver",
    summary: "Flags waivers whose last day is over.",
    severity: Severity::Warning,
    family: Family::Gate,
    options: &[],
    page: include_str!("../../../rules/expired-waiver.md"),
};

impl Rule for ExpiredWaiver {
    fn meta(&self) -> &'static Meta {
        &META
    }

    /// Only the gate knows what became of a waiver, once all rules have spoken.
    fn check(&self, _: &Context<'_>, _: &mut Sink) {}
}
