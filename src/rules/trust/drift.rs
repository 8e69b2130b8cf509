//! Flags what changed outside of Terraform and what the plan does to it. Leaves out what only providers write, and
//! objects that are looked for in the wrong place, which are `abandoned-object`'s.

use super::outside::{Effect, Verdict, is_quiet, judge};
use crate::catalog::{self, Holds};
use crate::finding::{Finding, Place, Related, Severity};
use crate::input::address::{Address, config_address};
use crate::input::plan::{Drifted, ObjectId, Plan};
use crate::rules::context::{count, named};
use crate::rules::{Context, Family, Meta, Rule, Sink};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) struct Drift;

static META: Meta = Meta {
    id: "drift",
    summary: "Flags objects that changed outside of Terraform, and what the plan does to them.",
    severity: Severity::Warning,
    family: Family::Trust,
    options: &[],
    page: include_str!("../../../rules/drift.md"),
};

/// So many attributes are named in a sentence.
const NAMED: usize = 6;
/// So many objects that read a value are listed.
const READERS: usize = 20;
/// Attributes that a policy of the whole account changes on everything at once.
const TAGS: [&str; 5] = [
    "tags",
    "tags_all",
    "labels",
    "effective_labels",
    "terraform_labels",
];

/// What is one decision: the same effect on the same values, of one block; what tags everything and what empties an
/// account is one hand's work whatever the block.
type Sameness = (Effect, bool, Vec<String>, Option<String>);

#[derive(Default)]
struct Group {
    members: Vec<String>,
    readers: BTreeSet<ObjectId>,
    /// The top-level attribute of the first value.
    attribute: Option<String>,
    holds: Vec<Holds>,
}

impl Rule for Drift {
    fn meta(&self) -> &'static Meta {
        &META
    }

    // What the plan does about it is new in each plan; what it leaves alone is as it was.
    fn lasts(&self, finding: &Finding) -> bool {
        let left = [Effect::Accepted, Effect::NotCovered, Effect::Kept].map(Effect::word);
        finding.facts["effect"]
            .as_str()
            .is_some_and(|effect| left.contains(&effect))
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink) {
        let plan = context.plan;
        let mut groups: BTreeMap<Sameness, Group> = BTreeMap::new();
        let mut left_out = 0;
        for drifted in &plan.drift {
            match judge(plan, context.graph, drifted) {
                Some(verdict) => add(plan, &mut groups, drifted, verdict),
                None => left_out += usize::from(is_quiet(plan, drifted)),
            }
        }
        for (same, group) in groups {
            let finding = finding(context, sink, &same, group);
            sink.report(finding);
        }
        if left_out > 0 {
            let objects = count(left_out, "object", "objects");
            sink.note(format!(
                "{objects} changed outside Terraform in nothing that is configured or that the plan touches: drift \
                 leaves that out"
            ));
        }
    }
}

fn add(
    plan: &Plan,
    groups: &mut BTreeMap<Sameness, Group>,
    drifted: &Drifted,
    verdict: Verdict<'_>,
) {
    let address = plan.drifted_address(drifted);
    let tags = |attribute: &str| TAGS.contains(&attribute);
    // An object that is gone has no values: all of them are told together.
    let everywhere = verdict.values.iter().all(|value| tags(&value.attribute));
    let block = (!everywhere).then(|| config_address(&address).into_owned());
    let mut paths: Vec<String> = verdict.values.iter().map(|v| v.path.to_string()).collect();
    paths.sort();
    paths.dedup();
    let same = (verdict.effect, drifted.deleted, paths, block);
    let group = groups.entry(same).or_default();
    group.readers.extend(verdict.readers);
    if group.attribute.is_none() {
        group.attribute = verdict.values.first().map(|v| v.attribute.to_string());
    }
    if drifted.deleted {
        let kind = Address::parse(&address).map_or("", |address| address.kind);
        group.holds.push(catalog::facts(kind).holds);
    }
    group.members.push(address);
}

fn finding(context: &Context<'_>, sink: &Sink, same: &Sameness, group: Group) -> Finding {
    let (effect, deleted, paths, _) = same;
    let members = group.members.len();
    let message = if *deleted {
        deletion(*effect, &group)
    } else {
        change(*effect, paths, members, group.readers.len())
    };
    let address = address_of(context.stack(), &group.members);
    let reads = |id: &ObjectId| Related::new(context.plan.address(*id), "reads it and is changed");
    let mut finding = sink
        .finding(address, message)
        .fact("effect", effect.word())
        .fact("action", if *deleted { "delete" } else { "update" })
        .fact("attributes", paths.clone())
        .fact("readers", group.readers.len())
        .related(group.readers.iter().take(READERS).map(reads))
        .out_of(group.readers.len())
        .fix(fix(*effect, *deleted))
        .members(group.members);
    finding.discriminator = format!("{} {}", effect.word(), paths.join(","));
    if let Some(attribute) = group.attribute {
        finding.place = Place::Argument(attribute.into());
    }
    finding.severity = effect.severity();
    let disposable = !group.holds.is_empty() && group.holds.iter().all(|h| *h == Holds::Nothing);
    if disposable {
        finding.severity = Severity::Note;
    }
    finding
}

/// The object, its block when they are instances of one, or the stack.
fn address_of(stack: &str, members: &[String]) -> String {
    let instance = |address: &String| Address::parse(address).map(|a| a.block.to_owned());
    let bare = |address: &String| Some(config_address(address).into_owned());
    let common = |of: &dyn Fn(&String) -> Option<String>| {
        let first = of(members.first()?)?;
        let same = members.iter().all(|m| of(m).as_ref() == Some(&first));
        same.then_some(first)
    };
    match members {
        [only] => only.clone(),
        _ => common(&instance)
            .or_else(|| common(&bare))
            .unwrap_or_else(|| stack.to_owned()),
    }
}

fn change(effect: Effect, paths: &[String], members: usize, readers: usize) -> String {
    let names = named(paths, NAMED);
    let of = match members {
        1 => String::new(),
        n => format!(" of {n} objects"),
    };
    let was = if paths.len() == 1 { "was" } else { "were" };
    let consequence = consequence(effect, paths.len() == 1, members == 1, readers);
    format!("{names}{of} {was} changed outside Terraform; {consequence}.")
}

/// What the plan makes of one value or several, of one object or several.
fn consequence(effect: Effect, one_value: bool, one_object: bool, readers: usize) -> String {
    let them = if one_value { "it" } else { "them" };
    let objects = if one_object { "object" } else { "objects" };
    match effect {
        Effect::Replaced => format!("the plan replaces the {objects} to change {them} back"),
        Effect::Reverted => format!("the plan changes {them} back"),
        Effect::Overwritten => format!("the plan overwrites {them}"),
        Effect::Unknown => {
            format!("whether the plan changes {them} back is known only after apply")
        }
        Effect::Spread => format!(
            "the plan changes {} accordingly",
            count(readers, "object that reads it", "objects that read it")
        ),
        Effect::Accepted => format!(
            "this refresh-only plan takes {them} into the state, and the next plan may change {them} back"
        ),
        Effect::NotCovered => {
            format!("this plan does not cover the {objects}: the next one may change {them} back")
        }
        Effect::Kept | Effect::Recreated => format!("the plan leaves {them} so"),
    }
}

fn deletion(effect: Effect, group: &Group) -> String {
    let (gone, them) = match group.members.len() {
        1 => (
            "The object was deleted outside Terraform, or its provider no longer finds it"
                .to_owned(),
            "it",
        ),
        n => (
            format!(
                "{n} objects were deleted outside Terraform, or their providers no longer find them"
            ),
            "them",
        ),
    };
    let consequence = match effect {
        Effect::Accepted => format!(
            "this refresh-only plan drops {them} from the state, and the next plan creates {them} anew"
        ),
        Effect::NotCovered => format!("this plan does not cover {them}"),
        _ => format!("the plan creates {them} anew"),
    };
    format!("{gone}; {consequence}.{}", lost(&group.holds))
}

/// The sentence that says what was in the objects.
fn lost(holds: &[Holds]) -> String {
    let data: BTreeSet<&str> = holds
        .iter()
        .filter_map(|holds| match holds {
            Holds::Data(what) => Some(*what),
            _ => None,
        })
        .collect();
    let data: Vec<_> = data.into_iter().take(3).collect();
    match data.as_slice() {
        [] => String::new(),
        some => format!(" What does not come back: {}.", some.join("; ")),
    }
}

fn fix(effect: Effect, deleted: bool) -> &'static str {
    match (effect, deleted) {
        (Effect::Accepted, true) => {
            "If the deletion was meant, take the block out of the configuration as well."
        }
        (_, true) => {
            "Find out who deleted it: if that was meant, take the block out of the configuration; if it lives on \
             elsewhere, import it."
        }
        (Effect::Replaced | Effect::Reverted | Effect::Overwritten | Effect::Unknown, _) => {
            "Find out who changed it: take the change over into the configuration, or leave the attribute to others \
             with ignore_changes."
        }
        (Effect::Spread, _) => "Check that the new value is meant before others follow it.",
        (Effect::Accepted | Effect::NotCovered, _) => {
            "Take the change over into the configuration before the next plan, unless it is to be undone."
        }
        (Effect::Kept | Effect::Recreated, _) => {
            "Nothing, if this change takes it over or ignore_changes is meant; else find out who changed it."
        }
    }
}
