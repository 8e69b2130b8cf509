//! What happened to the configuration of an object that is deleted, in words.

use super::cause::{Cause, counts, origins, repetition_of_block, repetition_of_call};
use super::origin::Place;
use super::written::written;
use crate::input::names::Name;
use crate::input::plan::configuration::Repetition;
use crate::input::plan::{Key, ModuleId, ObjectId, Plan};
use foldhash::HashMap;
use std::borrow::Cow;
use std::collections::BTreeSet;

const KEYS: &str = "If the key was renamed, add a moved block from the old to the new one; else have the destroy reviewed.";
const SHORTER: &str = "If an element was taken out of the middle of the list, use for_each; else have the destroy reviewed.";
const LOWERED: &str = "If that many are to go, have the destroy reviewed.";
const SWITCHED: &str = "Check what switched it; if that is meant, have the destroy reviewed.";
const SWITCHED_OFF: &str =
    "Check what switched it off; if that is meant, have the destroy reviewed.";

/// The cause as a clause, and what to do about it.
pub(super) fn explain(plan: &Plan, cause: &Cause, members: &[ObjectId]) -> (String, &'static str) {
    const RENAMED: &str = "If it was renamed, add a moved block; if it is to live on unmanaged, a removed block with \
                           destroy = false; else have the destroy reviewed.";
    match cause.word {
        Some("config_removed") => (blocks_gone(plan, members), RENAMED),
        Some("removed_block") => (
            "A removed block asks for it".to_owned(),
            "If it is to live on unmanaged, set destroy = false in the lifecycle of the removed block; else have the \
             destroy reviewed.",
        ),
        Some("module_removed") => (
            "The module call is gone from the configuration".to_owned(),
            RENAMED,
        ),
        Some("module_key_removed" | "module_count_decreased") => module(plan, cause, members),
        Some("each_key_removed") => (keys_gone(plan, cause, members), KEYS),
        Some("count_decreased" | "count_zero") if several(plan, members) => {
            let by = &cause.address;
            if is_one_of(plan, cause, members) {
                let what = "got fewer instances, and so did what goes over it";
                (format!("{by} {what}"), shorter(plan, cause, members))
            } else {
                (
                    format!("{by} lowered the count of several blocks"),
                    SWITCHED,
                )
            }
        }
        Some("count_decreased") => (count_change(plan, members), shorter(plan, cause, members)),
        Some("count_zero") => (count_change(plan, members), SWITCHED_OFF),
        Some("repetition_changed") => (
            "The way the block is repeated (count, for_each or neither) changed".to_owned(),
            "Add moved blocks from the old instances to the new ones; have the destroy of those reviewed that have none.",
        ),
        Some("moved_target_missing") => (
            "A moved block points to an address without configuration".to_owned(),
            "Correct the moved block, or add what it points to.",
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

/// What to do about what lost all of its instances: no key of it was renamed.
pub(super) fn switched(
    cause: &Cause,
    all_gone: bool,
    deciders: &[String],
    roots: impl FnOnce() -> BTreeSet<String>,
) -> Option<Cow<'static, str>> {
    const MOST: usize = 3;
    if !(cause.is_decided() && all_gone) {
        return None;
    }
    if deciders.is_empty() || deciders.len() > MOST {
        return Some(SWITCHED_OFF.into());
    }
    let roots = roots();
    let is_told = roots.is_empty() || roots.len() > MOST || deciders.len() > 1;
    let made_of = if is_told || roots.contains(&deciders[0]) {
        String::new()
    } else {
        let roots: Vec<_> = roots.iter().map(String::as_str).collect();
        format!(", made of {}", roots.join(", "))
    };
    let deciders = deciders.join(", ");
    let fix = format!(
        "Check what switched it off ({deciders}{made_of}); if that is meant, have the destroy reviewed."
    );
    Some(fix.into())
}

fn blocks_gone(plan: &Plan, members: &[ObjectId]) -> String {
    match declarations(plan, members) {
        1 => "The resource block is gone from the configuration".to_owned(),
        n => format!("{n} resource blocks that belong together are gone from the configuration"),
    }
}

fn keys_gone(plan: &Plan, cause: &Cause, members: &[ObjectId]) -> String {
    let keys = keys(plan, members);
    let by = &cause.address;
    if several(plan, members) && is_one_of(plan, cause, members) {
        format!("for_each lost {keys}, and so did what goes over it")
    } else if several(plan, members) {
        format!("{by} took {keys} out of the for_each of several blocks")
    } else {
        format!("for_each lost {keys}")
    }
}

/// Whether what decides is the block of a member itself, over which those of the others go.
fn is_one_of(plan: &Plan, cause: &Cause, members: &[ObjectId]) -> bool {
    let mut blocks = members.iter().map(|id| plan.objects[*id].block);
    blocks.any(|block| plan.config_address(block) == cause.address)
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

fn several(plan: &Plan, members: &[ObjectId]) -> bool {
    declarations(plan, members) > 1
}

/// How many blocks of members there are as they are written.
fn declarations(plan: &Plan, members: &[ObjectId]) -> usize {
    let blocks: BTreeSet<_> = members.iter().map(|id| plan.objects[*id].block).collect();
    let written: BTreeSet<_> = blocks.iter().map(|id| written(plan, *id)).collect();
    written.len()
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

/// Why instances of modules are gone.
fn module(plan: &Plan, cause: &Cause, members: &[ObjectId]) -> (String, &'static str) {
    let by = &cause.address;
    let gone = module_keys(plan, cause, members);
    let keys = list(gone.iter().map(ToString::to_string).collect());
    let several = !is_module(plan, cause, members);
    let by_key = cause.word == Some("module_key_removed");
    match (by_key, several) {
        (true, false) => (format!("The module's for_each lost {keys}"), KEYS),
        (true, true) => (
            format!("{by} took {keys} out of the for_each of several modules"),
            KEYS,
        ),
        (false, true) => (
            format!("{by} lowered the count of several modules"),
            SWITCHED,
        ),
        (false, false) => {
            let fix = if gone.contains(&Key::Index(0)) {
                SWITCHED_OFF
            } else if repetition(plan, cause, members).is_empty() {
                LOWERED
            } else {
                SHORTER
            };
            (format!("The module's count no longer reaches {keys}"), fix)
        }
    }
}

/// Whether the cause is the call of a module that members are in, and not what decides over several.
fn is_module(plan: &Plan, cause: &Cause, members: &[ObjectId]) -> bool {
    let modules = members
        .first()
        .map(|id| plan.enclosing(plan.block(*id).module));
    let mut modules = modules.into_iter().flatten();
    modules.any(|module| plan.config_module_address(module) == cause.address)
}

/// The module instances that are gone: of the call that the cause names, else the outermost that is repeated.
fn gone_modules(plan: &Plan, cause: &Cause, members: &[ObjectId]) -> BTreeSet<ModuleId> {
    let is_one = is_module(plan, cause, members);
    let gone = |id: &ObjectId| gone_module(plan, cause, is_one, *id);
    members.iter().filter_map(gone).collect()
}

/// The module instance that is gone with one of the members; `is_one` tells whether the cause names its call.
fn gone_module(plan: &Plan, cause: &Cause, is_one: bool, id: ObjectId) -> Option<ModuleId> {
    let mut around = plan.enclosing(plan.block(id).module);
    if is_one {
        around.find(|module| plan.config_module_address(*module) == cause.address)
    } else {
        let repeated = |module: &ModuleId| plan.modules[*module].key.is_some();
        around.filter(repeated).last()
    }
}

/// The keys of the module instances that are gone.
pub(super) fn module_keys<'p>(
    plan: &'p Plan,
    cause: &Cause,
    members: &[ObjectId],
) -> BTreeSet<&'p Key> {
    let gone = gone_modules(plan, cause, members).into_iter();
    gone.filter_map(|module| plan.modules[module].key.as_ref())
        .collect()
}

/// What to do about a count that went down: of a number no element was taken out.
fn shorter(plan: &Plan, cause: &Cause, members: &[ObjectId]) -> &'static str {
    let blocks = members.iter().map(|id| plan.objects[*id].block);
    let mut own = blocks.filter(|block| plan.config_address(*block) == cause.address);
    let is_number = |block| {
        let repetition = plan.resource(block).map(|resource| &resource.repetition);
        matches!(repetition, Some(Repetition::Count(of)) if of.is_empty())
    };
    match own.next() {
        Some(block) if is_number(block) => LOWERED,
        _ => SHORTER,
    }
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
pub(super) fn decides(plan: &Plan, cause: &Cause, members: &[ObjectId]) -> Vec<String> {
    let joined = match cause.word {
        Some("count_decreased" | "count_zero" | "each_key_removed") => several(plan, members),
        Some("module_count_decreased" | "module_key_removed") => !is_module(plan, cause, members),
        _ => false,
    };
    if joined {
        vec![cause.address.clone()]
    } else {
        origins(plan, repetition(plan, cause, members))
    }
}

/// What lost instances by a cause is repeated over: the block of the first that goes, or the call of its module.
pub(super) fn repetition<'p>(
    plan: &'p Plan,
    cause: &Cause,
    members: &[ObjectId],
) -> Vec<Place<'p>> {
    let Some(first) = members.first() else {
        return Vec::new();
    };
    let block = plan.objects[*first].block;
    match cause.word {
        Some("count_decreased" | "count_zero" | "each_key_removed" | "repetition_changed") => {
            repetition_of_block(plan, block).collect()
        }
        Some("module_count_decreased" | "module_key_removed") => {
            let gone = gone_module(plan, cause, is_module(plan, cause, members), *first);
            let gone = gone.into_iter();
            gone.flat_map(|gone| repetition_of_call(plan, gone))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// How many instances each module call has that lost some, before and after taken together.
pub(super) struct Instances<'p>(HashMap<(Option<ModuleId>, &'p Name), usize>);

impl<'p> Instances<'p> {
    /// Counts those of some causes and their members.
    pub(super) fn new<'g>(
        plan: &'p Plan,
        groups: impl Iterator<Item = (&'g Cause, &'g Vec<ObjectId>)>,
    ) -> Self {
        let of_modules =
            |(cause, _): &(&Cause, _)| cause.word.is_some_and(|word| word.starts_with("module_"));
        let gone = groups
            .filter(of_modules)
            .flat_map(|(cause, members)| gone_modules(plan, cause, members));
        let calls = gone.map(|id| (plan.modules[id].call_site(), 0));
        let mut instances: HashMap<_, usize> = calls.collect();
        for module in &plan.modules {
            if let Some(count) = instances.get_mut(&module.call_site()) {
                *count += 1;
            }
        }
        Self(instances)
    }

    /// Whether nothing is left of the blocks or modules that lost instances.
    pub(super) fn are_gone(&self, plan: &Plan, cause: &Cause, members: &[ObjectId]) -> bool {
        match cause.word {
            Some("module_count_decreased" | "module_key_removed") => {
                let mut gone: HashMap<_, usize> = HashMap::default();
                for id in gone_modules(plan, cause, members) {
                    *gone.entry(plan.modules[id].call_site()).or_default() += 1;
                }
                gone.iter()
                    .all(|(call, count)| self.0.get(call) == Some(count))
            }
            _ => members.iter().all(|id| plan.goes(plan.objects[*id].block)),
        }
    }
}
