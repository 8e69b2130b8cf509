//! Flags changes to objects of another owner than the stack's. Objects without an owner are nobody's.

use crate::finding::{Finding, Severity};
use crate::input::plan::ObjectId;
use crate::rules::around::share;
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

    fn lasts(&self, _: &Finding) -> bool {
        false
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink) {
        if !context.has_owners() {
            return;
        }
        let Some(mine) = context.stack_owner() else {
            sink.note("the stack has no owner in tfguard.toml or CODEOWNERS: foreign-change cannot tell whose changes are foreign");
            return;
        };
        let changes = context
            .plan
            .managed()
            .filter(|(_, object)| object.action().changes());
        let (mut foreign, mut claimed) = (Groups::new(), Groups::new());
        for (id, _) in changes {
            let owners = [context.owner_before(id), context.owner_of(id)];
            let other = owners
                .into_iter()
                .flatten()
                .find(|owner| !share(owner, mine));
            if let Some(owner) = other {
                foreign.entry(owner).or_default().push(id);
            } else if let Some(owner) = context.around.ownership.claimed.get(&id)
                && !share(owner, mine)
            {
                claimed.entry(owner).or_default().push(id);
            }
        }
        for (owner, members) in foreign {
            let message = format!(
                "The plan of {mine} changes {} of {owner}.",
                count(members.len(), "object", "objects")
            );
            let finding = finding(context, sink, (owner, mine), &members, message);
            sink.report(finding.fix(format!(
                "Ask {owner}, or move the change to a stack of theirs."
            )));
        }
        for (owner, members) in claimed {
            let message = format!(
                "The plan tags {} as of {mine} that tfguard.toml gives to {owner}.",
                count(members.len(), "object", "objects")
            );
            let mut finding = finding(context, sink, (owner, mine), &members, message);
            finding.discriminator.push_str(" by tag");
            sink.report_as(
                Severity::Note,
                finding.fix(format!("Check with {owner} that the tag is right.")),
            );
        }
    }
}

type Groups<'a> = BTreeMap<&'a str, Vec<ObjectId>>;

fn finding(
    context: &Context<'_>,
    sink: &Sink,
    (owner, mine): (&str, &str),
    members: &[ObjectId],
    message: String,
) -> Finding {
    let members = members.iter().map(|id| context.plan.address(*id));
    let mut finding = sink
        .finding(context.stack(), message)
        .members(members.collect())
        .fact("owner", owner)
        .fact("stack_owner", mine);
    owner.clone_into(&mut finding.discriminator);
    finding
}
