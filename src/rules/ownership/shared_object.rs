//! Flags two addresses that manage the same real object, in two stacks or in one, and handovers that destroy it.

use crate::finding::{Finding, Related, Severity};
use crate::input::plan::{Action, BlockId, ObjectId};
use crate::rules::stacks::Stack;
use crate::rules::{Context, Family, Meta, Rule, Sink};
use std::collections::BTreeMap;

pub(crate) struct SharedObject;

static META: Meta = Meta {
    id: "shared-object",
    summary: "Flags two addresses that manage the same real object.",
    severity: Severity::Error,
    family: Family::Ownership,
    options: &[],
    page: include_str!("../../../rules/shared-object.md"),
};

/// An object of one of the stacks.
type One = (usize, ObjectId);

/// Two blocks, each with its stack.
type Pair = [(usize, BlockId); 2];

/// What the two plans do to the one object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Story {
    /// One destroys what the other keeps, makes or takes over.
    Destroyed,
    /// Both manage it.
    Both,
}

impl Rule for SharedObject {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn lasts(&self, finding: &Finding) -> bool {
        !self.destroys(finding)
    }

    fn destroys(&self, finding: &Finding) -> bool {
        finding.facts["destroyed"] == true
    }

    fn measures(&self) -> &'static [&'static str] {
        &["other"]
    }

    fn check(&self, _: &Context<'_>, _: &mut Sink) {}

    fn check_stacks(&self, stacks: &[Stack<'_>], sink: &mut Sink) {
        let mut called: Vec<(u64, bool, One)> = Vec::new();
        for (stack, one) in stacks.iter().enumerate() {
            let selves = one.plan.selves.called.iter();
            called.extend(selves.map(|(call, id, sure)| (*call, *sure, (stack, *id))));
        }
        called.sort_unstable();
        let mut pairs: BTreeMap<(Story, Pair), Vec<(One, One)>> = BTreeMap::new();
        for same in called.chunk_by(|one, other| one.0 == other.0) {
            for (nth, (_, sure, one)) in same.iter().enumerate() {
                for (_, _, other) in &same[nth + 1..] {
                    note(stacks, *sure, *one, *other, &mut pairs);
                }
            }
        }
        for ((story, _), objects) in pairs {
            report(stacks, story, &objects, sink);
        }
    }
}

fn note(
    stacks: &[Stack<'_>],
    sure: bool,
    one: One,
    other: One,
    pairs: &mut BTreeMap<(Story, Pair), Vec<(One, One)>>,
) {
    let block = |(stack, id): One| (stack, stacks[stack].plan.objects[id].block);
    // Instances of one block that have one name are another mistake: the provider refuses it.
    if block(one) == block(other) || !(sure || same_place(stacks, one, other)) {
        return;
    }
    let Some((story, first, second)) = story(stacks, one, other) else {
        return;
    };
    let found = pairs
        .entry((story, [block(first), block(second)]))
        .or_default();
    if !found.contains(&(first, second)) {
        found.push((first, second));
    }
}

/// What happens to the object, and the two in the order of the story; nothing when it is well handed over.
fn story(stacks: &[Stack<'_>], one: One, other: One) -> Option<(Story, One, One)> {
    let action = |(stack, id): One| stacks[stack].plan.objects[id].action();
    let goes = |it: One| matches!(action(it), Action::Delete | Action::OtherDelete);
    let left = |it: One| matches!(action(it), Action::Forget);
    match (goes(one), goes(other)) {
        _ if left(one) || left(other) => None,
        (true, true) => None,
        // In one state that is a rename, which another rule tells.
        (true, false) | (false, true) if one.0 == other.0 => None,
        (true, false) => Some((Story::Destroyed, one, other)),
        (false, true) => Some((Story::Destroyed, other, one)),
        (false, false) => Some((Story::Both, one, other)),
    }
}

/// Whether both are made by providers that are known to work in the same place.
fn same_place(stacks: &[Stack<'_>], one: One, other: One) -> bool {
    let places = |(stack, id): One| {
        let plan = stacks[stack].plan;
        let resource = plan.resource(plan.objects[id].block)?;
        let provider = plan.configuration.providers.get(&resource.provider)?;
        Some(&provider.places).filter(|places| !places.is_empty())
    };
    places(one).is_some() && places(one) == places(other)
}

fn report(stacks: &[Stack<'_>], story: Story, objects: &[(One, One)], sink: &mut Sink) {
    let (first, second) = objects[0];
    let own = |(_, id): One| stacks[first.0].plan.address(id);
    let abroad = |(stack, id): One| {
        let address = stacks[stack].plan.address(id);
        if stack == first.0 {
            address
        } else {
            format!("{}:{address}", stacks[stack].name)
        }
    };
    let members = objects
        .iter()
        .flat_map(|(one, other)| [own(*one), abroad(*other)]);
    let mut members: Vec<_> = members.collect();
    members.sort();
    members.dedup();
    let other = abroad(second);
    let (message, related, fix) = match story {
        Story::Destroyed => (
            format!("This plan destroys the real object that {other} has, makes or takes over."),
            "is the same real object and stays",
            "Hand it over: a removed block with destroy = false here, an import block there, applied in that order.",
        ),
        Story::Both => (
            format!("{other} manages the same real object: each apply undoes the other's."),
            "manages it as well",
            "Let one of them own it: forget it in the other with a removed block, and read it there through a data source.",
        ),
    };
    let mut finding = sink
        .finding(own(first), message)
        .members(members)
        .related([Related::new(other.clone(), related)])
        .fact("other", other)
        .fact("destroyed", story == Story::Destroyed)
        .fix(fix);
    stacks[first.0].name.clone_into(&mut finding.stack);
    sink.report(finding);
}
