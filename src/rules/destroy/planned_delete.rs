//! Flags objects that are destroyed for good, one finding per cause. Leaves replacements to
//! `planned-replace`, renames to `unmoved-rename`, leftovers to `deposed-object`, and ignores objects that only
//! leave the state.

use super::alike::alike;
use super::by_instance::ByInstance;
use super::cause::Cause;
use super::deletes::groups;
use super::loss::Loss;
use super::removal::{Instances, decides, explain, switched};
use super::retyped::Retyped;
use super::survivors::{self, Survivors};
use super::switch;
use crate::finding::{Finding, Place, Related, Severity};
use crate::input::plan::{ObjectId, Plan};
use crate::rules::context::count;
use crate::rules::{Context, Family, Meta, Rule, Sink};
use std::borrow::Cow;

pub(crate) struct PlannedDelete;

static META: Meta = Meta {
    id: "planned-delete",
    summary: "Flags objects that the plan destroys, and says why.",
    severity: Severity::Error,
    family: Family::Destroy,
    options: &[],
    page: include_str!("../../../rules/planned-delete.md"),
};

/// So many survivors are named.
const SURVIVORS: usize = 15;

impl Rule for PlannedDelete {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink) {
        let mut by_instance = ByInstance::new(context.plan, context.graph);
        let groups = groups(context.plan, context.stack(), context.story());
        let instances = Instances::new(context.plan, groups.iter());
        let removed = groups
            .iter()
            .filter(|(cause, _)| cause.word == Some("config_removed"));
        let removed = removed.flat_map(|(_, members)| members.iter().copied());
        let retyped = Retyped::new(context.plan, removed);
        for (cause, members) in groups {
            let who = survivors::all(context, &members, &mut by_instance);
            let all_gone = instances.are_gone(context.plan, &cause, &members);
            let finding = finding(context, sink, (&cause, all_gone), &members, who);
            sink.report(if cause.word == Some("config_removed") {
                retyped.tell(&members, finding)
            } else {
                finding
            });
        }
    }
}

fn finding(
    context: &Context<'_>,
    sink: &Sink,
    (cause, all_gone): (&Cause, bool),
    members: &[ObjectId],
    mut survivors: Survivors,
) -> Finding {
    let plan = context.plan;
    let decides = decides(plan, cause, members);
    let (why, fix) = explain(plan, cause, members);
    let roots = || switch::roots(plan, cause, members);
    let fix = switched(cause, all_gone, &decides, roots).unwrap_or(Cow::Borrowed(fix));
    let are = if members.len() == 1 { "is" } else { "are" };
    let mut message = format!(
        "{why}: {} {are} destroyed.",
        count(members.len(), "object", "objects")
    );
    if survivors.len() > 0 {
        message = format!("{message} {}.", stay(&survivors));
    }
    let mut finding = sink
        .finding(&cause.address, message)
        .members(members.iter().map(|id| plan.address(*id)).collect())
        .fix(fix);
    finding.cause = cause.word;
    finding.place = place(cause);
    if !decides.is_empty() {
        finding = finding.fact("decided_by", decides);
    }
    finding.path = std::mem::take(&mut survivors.path);
    let alike = alike(context, members);
    let related = survivors.len() + alike.len();
    let finding = finding
        .fact("survivors", survivors.len())
        .related(relate(plan, &survivors).take(SURVIVORS).chain(alike))
        .out_of(related);
    let users = &context.story().users;
    let mut remembered = survivors.remembered.iter();
    let nobody_stays = survivors.literal.is_empty() && remembered.all(|id| users.only_waits(*id));
    let go_along = |id| nobody_stays && users.go_along(plan, id);
    Loss::but_for(plan, members, go_along).tell(finding)
}

fn stay(survivors: &Survivors) -> String {
    let [one, many] = match (
        survivors.remembered.is_empty(),
        survivors.literal.is_empty(),
    ) {
        (true, _) => [
            "object that names this stays",
            "objects that name this stay",
        ],
        (false, true) => [
            "object that depended on this stays",
            "objects that depended on this stay",
        ],
        (false, false) => ["", "objects that depended on this or name it stay"],
    };
    count(survivors.len(), one, many)
}

fn place(cause: &Cause) -> Place {
    match cause.word {
        Some("count_decreased" | "count_zero" | "module_count_decreased") => {
            Place::Argument("count".into())
        }
        Some("each_key_removed" | "module_key_removed") => Place::Argument("for_each".into()),
        _ => Place::Block,
    }
}

fn relate<'s>(plan: &'s Plan, survivors: &'s Survivors) -> impl Iterator<Item = Related> + 's {
    let remembered = survivors.remembered.iter().map(|id| {
        let message = "depended on it at the last apply and stays";
        Related::new(plan.address(*id), message)
    });
    let literal = survivors.literal.iter().map(|(block, argument)| {
        let message = format!("names it in {argument} and stays");
        Related::new(plan.block_address(*block), message)
    });
    remembered.chain(literal)
}
