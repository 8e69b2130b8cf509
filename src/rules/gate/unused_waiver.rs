//! Notes waivers that waive nothing. The gate reports it.

use crate::finding::Severity;
use crate::rules::{Context, Family, Meta, Rule, Sink};

pub(crate) struct UnusedWaiver;

static META: Meta = Meta {
    id: "unused-waiver",
    summary: "Notes waivers that waive nothing.",
    severity: Severity::Note,
    family: Family::Gate,
    options: &[],
    page: include_str!("../../../rules/unused-waiver.md"),
};

impl Rule for UnusedWaiver {
    fn meta(&self) -> &'static Meta {
        &META
    }

    /// Only the gate knows what became of a waiver, once all rules have spoken.
    fn check(&self, _: &Context<'_>, _: &mut Sink) {}
}
