//! Flags changes to objects of another owner than the stack's. Objects without an owner are nobody's.

use crate::finding::Severity;
use crate::input::plan::ObjectId;
use crate::rules::context::count;
use crate::rules::{Context, Family, Meta, Rule, Sink};
use std::collections::BTreeMap;

pub(crate) struct ForeignChange;

static META: Meta = Meta {
    id: "foreign-change",
    summary: "Flags changes to objects that belong to somebody else.",
    severity: Severity::Error,
    family: Family::Ownership,
    options: &[],
    page: include_str!("../../../rules/foreign-change.md"),
};

impl Rule for ForeignChange {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink) {
        if !context.has_owners() {
            return;
        }
        let Some(mine) = context.stack_owner() else {
            sink.note("the stack has no owner in tfguard.toml: foreign-change cannot tell whose changes are foreign");
            return;
        };
        let plan = context.plan;
        let mut foreign: BTreeMap<&str, Vec<ObjectId>> = BTreeMap::new();
        for (id, object) in plan.managed() {
            match context.owner_of(id) {
                Some(owner) if owner != mine && object.action().changes() => {
                    foreign.entry(owner).or_default().push(id);
                }
                _ => {}
            }
        }
        for (owner, members) in foreign {
            let message = format!(
                "The plan of {mine} changes {} of {owner}.",
                count(members.len(), "object", "objects")
            );
            let mut finding = sink
                .finding(context.stack(), message)
                .members(members.iter().map(|id| plan.address(*id)).collect())
                .fact("owner", owner)
                .fact("stack_owner", mine)
                .fix(format!(
                    "Ask {owner}, or move the change to a stack of theirs."
                ));
            owner.clone_into(&mut finding.discriminator);
            sink.report(finding);
        }
    }
}
