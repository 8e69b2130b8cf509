//! Flags objects that are destroyed for good, one finding per cause. Leaves replacements to
//! `planned-replace` and ignores objects that only leave the state.

use super::cause::{Cause, Causes, counts, origins};
use crate::finding::{Finding, Place, Related, Severity};
use crate::graph::{Direction, Sense};
use crate::input::address::Mode;
use crate::input::plan::{Action, Key, ObjectId, Plan};
use crate::rules::context::count;
use crate::rules::{Context, Family, Meta, Rule, Sink};
use std::collections::BTreeMap;

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
const SURVIVORS: usize = 20;

impl Rule for PlannedDelete {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink) {
        let plan = context.plan;
        let causes = Causes::new(plan, context.stack());
        let mut groups: BTreeMap<Cause, Vec<ObjectId>> = BTreeMap::new();
        for (id, object) in plan.managed() {
            if matches!(object.action(), Action::Delete | Action::OtherDelete) {
                groups.entry(causes.of(id)).or_default().push(id);
            }
        }
        for (cause, members) in groups {
            let finding = finding(context, sink, &cause, &members);
            sink.report(finding);
        }
    }
}

fn finding(context: &Context<'_>, sink: &Sink, cause: &Cause, members: &[ObjectId]) -> Finding {
    let plan = context.plan;
    let (why, fix) = explain(plan, cause, members);
    let are = if members.len() == 1 { "is" } else { "are" };
    let message = format!(
        "{why}: {} {are} destroyed.",
        count(members.len(), "object", "objects")
    );
    let survivors = survivors(context, members);
    let message = match survivors.len() {
        0 => message,
        n => format!(
            "{message} {}.",
            count(
                n,
                "object that depended on it stays",
                "objects that depended on them stay"
            )
        ),
    };
    let mut finding = sink
        .finding(&cause.address, message)
        .members(members.iter().map(|id| plan.address(*id)).collect())
        .fix(fix);
    finding.cause = cause.word;
    finding.place = match cause.word {
        Some("count_decreased" | "count_zero" | "module_count_decreased") => {
            Place::Argument("count".into())
        }
        Some("each_key_removed" | "each_key_renamed" | "module_key_removed") => {
            Place::Argument("for_each".into())
        }
        _ => Place::Block,
    };
    let decides = decides(plan, cause, members);
    if !decides.is_empty() {
        finding = finding.fact("decided_by", decides);
    }
    if cause.word == Some("deposed") {
        let keys: Vec<_> = members
            .iter()
            .filter_map(|id| plan.objects[*id].deposed.as_deref())
            .collect();
        finding.discriminator = keys.join(",");
        finding = finding.fact("deposed", keys);
    }
    let named = survivors.iter().take(SURVIVORS).map(|id| {
        Related::new(
            plan.address(*id),
            "depended on it at the last apply and stays",
        )
    });
    finding
        .fact("survivors", survivors.len())
        .related(named.collect::<Vec<_>>())
}

/// The cause as a clause, and what to do about it.
fn explain(plan: &Plan, cause: &Cause, members: &[ObjectId]) -> (String, &'static str) {
    const RENAMED: &str = "If it was renamed, add a moved block; if it is to live on unmanaged, a removed block with \
                           destroy = false; else have the destroy reviewed.";
    const KEYS: &str = "If the key was renamed, add a moved block from the old to the new one; else have the destroy reviewed.";
    match cause.word {
        Some("config_removed") => (
            "The resource block is gone from the configuration".to_owned(),
            RENAMED,
        ),
        Some("module_removed") => (
            "The module call is gone from the configuration".to_owned(),
            RENAMED,
        ),
        Some("module_key_removed") => (
            format!(
                "The module's for_each lost {}",
                module_keys(plan, cause, members)
            ),
            KEYS,
        ),
        Some("module_count_decreased") => (
            format!(
                "The module's count no longer reaches {}",
                module_keys(plan, cause, members)
            ),
            KEYS,
        ),
        Some("each_key_removed") => (format!("for_each lost {}", keys(plan, members)), KEYS),
        Some("count_decreased") => (
            count_change(plan, members),
            "If an element was taken out of the middle of the list, use for_each; else have the destroy reviewed.",
        ),
        Some("count_zero") => (
            count_change(plan, members),
            "Check what switched it off; if that is meant, have the destroy reviewed.",
        ),
        Some("repetition_changed") => (
            "The way the block is repeated (count, for_each or neither) changed".to_owned(),
            "Add moved blocks from the old instances to the new ones.",
        ),
        Some("moved_target_missing") => (
            "A moved block points to an address without configuration".to_owned(),
            "Correct the moved block, or add the block it points to.",
        ),
        Some("deposed") => (
            "A leftover of a replacement that failed half way is cleaned up".to_owned(),
            "The current object stays; check that nothing uses the leftover.",
        ),
        Some("destroy_mode") => (
            "The whole stack is destroyed (terraform plan -destroy)".to_owned(),
            "Apply this only if the stack is to go.",
        ),
        Some("destroy_target") => (
            "A part of the stack is destroyed (terraform plan -destroy -target)".to_owned(),
            "Apply this only if these objects are to go: -target takes dependents of the target along.",
        ),
        _ => (
            "Terraform does not say why".to_owned(),
            "Look at the terminal output of terraform plan, which may say more.",
        ),
    }
}

fn list(mut words: Vec<String>) -> String {
    const MOST: usize = 5;
    words.sort_by(|a, b| crate::finding::natural(a, b));
    words.dedup();
    let more = words.len().saturating_sub(MOST);
    words.truncate(MOST);
    if more > 0 {
        words.push(format!("{more} more"));
    }
    words.join(", ")
}

fn keys(plan: &Plan, members: &[ObjectId]) -> String {
    list(
        members
            .iter()
            .filter_map(|id| plan.objects[*id].key.as_ref())
            .map(ToString::to_string)
            .collect(),
    )
}

/// The keys of the instances of the module call that the cause names.
fn module_keys(plan: &Plan, cause: &Cause, members: &[ObjectId]) -> String {
    let of = |id: &ObjectId| {
        let mut modules = plan.enclosing(plan.block(*id).module);
        let gone = modules.find(|module| plan.config_module_address(*module) == cause.address)?;
        plan.modules[gone].key.as_ref().map(Key::to_string)
    };
    list(members.iter().filter_map(of).collect())
}

fn count_change(plan: &Plan, members: &[ObjectId]) -> String {
    let mut changes: Vec<_> = members.iter().map(|id| counts(plan, *id)).collect();
    changes.dedup();
    match changes.as_slice() {
        [(before, after)] => format!("count went from {before} to {after}"),
        _ => "count went down in several instances of the module".to_owned(),
    }
}

/// The variables or objects behind a count or `for_each`.
fn decides(plan: &Plan, cause: &Cause, members: &[ObjectId]) -> Vec<String> {
    let Some(first) = members.first() else {
        return Vec::new();
    };
    let block = plan.objects[*first].block;
    match cause.word {
        Some("count_decreased" | "count_zero" | "each_key_removed" | "repetition_changed") => {
            let references = plan
                .resource(block)
                .map(|resource| resource.repetition.references())
                .unwrap_or_default();
            origins(plan, plan.blocks[block].module, references)
        }
        Some("module_count_decreased" | "module_key_removed") => {
            let mut modules = plan.enclosing(plan.blocks[block].module);
            let gone = modules.find(|module| plan.config_module_address(*module) == cause.address);
            let call = gone.and_then(|id| {
                plan.configuration.modules[plan.modules[id].config?]
                    .call
                    .as_ref()
            });
            let parent = gone.and_then(|id| plan.modules[id].parent);
            call.zip(parent)
                .map(|(call, parent)| origins(plan, parent, call.repetition.references()))
                .unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

/// Managed objects that remember a member as a dependency and are not removed themselves.
fn survivors(context: &Context<'_>, members: &[ObjectId]) -> Vec<ObjectId> {
    let (plan, graph) = (context.plan, context.graph);
    let starts: Vec<_> = members
        .iter()
        .filter(|id| plan.objects[**id].deposed.is_none())
        .map(|id| graph.object(*id))
        .collect();
    // One object remembers the whole closure: the search ends at the first object it meets.
    let reach = graph.search(
        starts,
        Direction::Dependents,
        Sense::State,
        |from, _, to| {
            graph.as_object(from).is_none_or(|id| members.contains(&id))
                || graph.as_object(to).is_some()
        },
    );
    let objects = reach
        .nodes()
        .iter()
        .filter_map(|node| graph.as_object(*node));
    let mut found: Vec<_> = objects
        .filter(|id| plan.block(*id).mode == Mode::Managed && plan.objects[*id].prior)
        .filter(|id| !plan.objects[*id].action().removes() && plan.objects[*id].deposed.is_none())
        .collect();
    found.sort_unstable();
    found
}
