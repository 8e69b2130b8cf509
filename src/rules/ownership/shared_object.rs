//! Flags two addresses that manage the same real object, in two stacks or in one, and handovers that destroy it.

use super::planned_twice::firsts;
use crate::catalog::attributes::{is_everywhere, may_share_name};
use crate::catalog::naming::has_own_name;
use crate::finding::{Finding, Related, Severity};
use crate::input::plan::configuration::{Provider, ProviderKey};
use crate::input::plan::{Action, BlockId, Home, ObjectId, OwnName, Plan, agree};
use crate::rules::stacks::{Stack, as_told, seen_from, told_by};
use crate::rules::{Context, Family, Meta, Rule, Sink};
use std::collections::BTreeMap;

pub(crate) struct SharedObject;

/// Of so many that are one object all pairs are looked at.
const MOST_ALIKE: usize = 16;

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
    /// One has it, or makes it, and the other makes one of the same name.
    Made,
    /// One makes what the other only forgets.
    Left,
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
        let all = stacks.iter().map(|one| one.plan.selves.called.len()).sum();
        let mut called: Vec<(OwnName, u32)> = Vec::with_capacity(all);
        for (stack, one) in (0..).zip(stacks) {
            let selves = one.plan.selves.called.iter();
            called.extend(selves.map(|own| (*own, stack)));
        }
        called.sort_unstable_by_key(|(own, stack)| {
            (own.call, own.sure, *stack, own.object(), own.was)
        });
        let first = firsts(stacks);
        for (nth, first) in first
            .iter()
            .enumerate()
            .filter(|(nth, first)| nth != *first)
        {
            let [one, other] = [*first, nth].map(|id| stacks[id].name);
            sink.note(format!(
                "{one} and {other} are plans of one state: what both of them manage is not compared"
            ));
        }
        let mut pairs: BTreeMap<(Story, Pair), Vec<(One, One)>> = BTreeMap::new();
        for same in called.chunk_by(|one, other| one.0.call == other.0.call) {
            for (nth, one) in same.iter().enumerate() {
                // Of very many each is held against the next alone: their pairs would fill the memory.
                let most = if same.len() > MOST_ALIKE {
                    1
                } else {
                    MOST_ALIKE
                };
                for other in same[nth + 1..].iter().take(most) {
                    let [here, there] = [one.1, other.1].map(|stack| first[stack as usize]);
                    let is_twice = one.1 != other.1 && here == there;
                    if !is_twice && !hands_over(stacks, *one, *other) {
                        let called = [one, other].map(|name| Called::of(stacks, *name, same));
                        note(stacks, one.0.sure, called, &mut pairs);
                    }
                }
            }
        }
        for ((story, _), mut objects) in pairs {
            // Found in the order of hashes, which is another in every run.
            objects.sort_unstable();
            report(stacks, story, &objects, sink);
        }
    }
}

/// An object that has a name, and when.
#[derive(Clone, Copy)]
struct Called {
    it: One,
    /// It is called so once it is made.
    made: bool,
    /// Nothing is called so once it is destroyed, or created anew.
    gone: bool,
}

impl Called {
    /// Of all that have the name.
    fn of(stacks: &[Stack<'_>], (own, stack): (OwnName, u32), same: &[(OwnName, u32)]) -> Self {
        let it = of((own, stack));
        let action = stacks[it.0].plan.objects[it.1].action();
        let is_kept = same
            .iter()
            .any(|(other, there)| of((*other, *there)) == it && other.was != own.was);
        let is_other = action.replaces() && !is_kept;
        Self {
            it,
            made: action == Action::Create || is_other && !own.was,
            gone: matches!(action, Action::Delete | Action::OtherDelete) || is_other && own.was,
        }
    }
}

fn note(
    stacks: &[Stack<'_>],
    sure: bool,
    called: [Called; 2],
    pairs: &mut BTreeMap<(Story, Pair), Vec<(One, One)>>,
) {
    let [one, other] = called.map(|called| called.it);
    let block = |(stack, id): One| (stack, stacks[stack].plan.objects[id].block);
    // Instances of one block that have one name are another mistake: the provider refuses it.
    let kind = &*stacks[one.0].plan.block(one.1).kind;
    let same = |one, other| {
        !may_share_name(kind) && same_place(stacks, one, other) && !is_apart(stacks, one, other)
    };
    let imports = |(stack, id): One| stacks[stack].plan.objects[id].change().importing;
    let is_refused = block(one) == block(other) && !(sure && imports(one) && imports(other));
    if is_refused || !(sure || same(one, other)) {
        return;
    }
    let Some((story, first, second)) = story(stacks, called) else {
        return;
    };
    let found = pairs
        .entry((story, [block(first), block(second)]))
        .or_default();
    if !found.contains(&(first, second)) {
        found.push((first, second));
    }
}

/// Whether two objects of a state have a name one after the other: one is called so until it is replaced, the other once
/// it is made.
fn hands_over(stacks: &[Stack<'_>], one: (OwnName, u32), other: (OwnName, u32)) -> bool {
    let is_made = |name: (OwnName, u32)| {
        let (stack, id) = of(name);
        let action = stacks[stack].plan.objects[id].action();
        name.0.was || action == Action::Create || action.replaces()
    };
    one.1 == other.1 && (one.0.was || other.0.was) && is_made(one) && is_made(other)
}

/// The object that has a name.
fn of((own, stack): (OwnName, u32)) -> One {
    (stack as usize, own.object())
}

/// What happens to the object, and the two in the order of the story; nothing when it is well handed over.
fn story(stacks: &[Stack<'_>], [one, other]: [Called; 2]) -> Option<(Story, One, One)> {
    let left = |(stack, id): One| matches!(stacks[stack].plan.objects[id].action(), Action::Forget);
    match (one.gone, other.gone) {
        _ if left(one.it) && other.made => Some((Story::Left, other.it, one.it)),
        _ if left(other.it) && one.made => Some((Story::Left, one.it, other.it)),
        _ if left(one.it) || left(other.it) => None,
        (true, true) => None,
        // In one state that is a rename, which another rule tells.
        (true, false) | (false, true) if one.it.0 == other.it.0 => None,
        (true, false) => Some((Story::Destroyed, one.it, other.it)),
        (false, true) => Some((Story::Destroyed, other.it, one.it)),
        (false, false) if one.made || other.made => Some((Story::Made, one.it, other.it)),
        (false, false) => Some((Story::Both, one.it, other.it)),
    }
}

/// Who tells where an object is.
#[derive(Clone, Copy)]
enum Teller {
    /// Its provider configuration.
    Configuration,
    /// Its values, as its block is gone.
    Values,
    /// The values of all objects of its provider in a state.
    State,
}

fn teller(stacks: &[Stack<'_>], (stack, id): One) -> Teller {
    if stacks[stack].is_state() {
        Teller::State
    } else if home(stacks[stack].plan, id).is_some() {
        Teller::Values
    } else {
        Teller::Configuration
    }
}

/// Whether both are made by providers that are known to work in the same place, and nothing says that it is another.
fn same_place(stacks: &[Stack<'_>], one: One, other: One) -> bool {
    let (mut here, mut there) = (places(stacks, one), places(stacks, other));
    let (this, that) = (stacks[one.0].plan, stacks[other.0].plan);
    let accounts = [this, that].map(|plan| &plan.selves.accounts);
    let in_one_account = accounts[0]
        .iter()
        .any(|account| accounts[1].contains(account));
    let everywhere =
        is_everywhere(&this.block(one.1).kind) && here.get("region") != there.get("region");
    if everywhere {
        // Two regions of one run are mostly two of one account; of two runs something has to say so.
        if one.0 != other.0 && !in_one_account {
            return false;
        }
        here.remove("region");
        there.remove("region");
    }
    let says = [&here, &there].map(|places| places.contains_key("account"));
    if says[0] != says[1] && in_one_account {
        // What one configuration says, the objects of both tell.
        here.remove("account");
        there.remove("account");
    }
    let same = match (teller(stacks, one), teller(stacks, other)) {
        (Teller::Configuration, Teller::Configuration) => {
            (everywhere || !here.is_empty()) && here == there
        }
        // Of a profile no object tells.
        (Teller::Configuration, Teller::Values) if here.contains_key("profile") => false,
        (Teller::Values, Teller::Configuration) if there.contains_key("profile") => false,
        // Objects tell where they are, a configuration what somebody wrote: they need not say as much.
        _ => {
            let both = here
                .iter()
                .filter_map(|(place, value)| agree(place, value, there.get(place)?));
            let both: Vec<bool> = both.collect();
            !both.is_empty() && both.iter().all(|same| *same)
        }
    };
    // The objects of two stacks name their accounts, and none in common.
    let in_other_accounts = !in_one_account && accounts.iter().all(|named| !named.is_empty());
    // Accounts that nobody tells are those of two environments.
    let may_be_two = || are_two_environments(&stacks[one.0], &stacks[other.0]);
    same && !in_other_accounts && (in_one_account || !may_be_two())
}

/// Whether two stacks are known to be of different environments.
fn are_two_environments(one: &Stack<'_>, other: &Stack<'_>) -> bool {
    one.environment()
        .zip(other.environment())
        .is_some_and(|(one, other)| one != other)
}

/// Whether the two are, or may be, parts of different things: a name names one of each.
fn is_apart(stacks: &[Stack<'_>], one: One, other: One) -> bool {
    let plan = |it: One| stacks[it.0].plan;
    plan(one).is_apart(one.1, plan(other), other.1)
}

/// Where an object is that goes with its block, as its values say.
fn home(plan: &Plan, id: ObjectId) -> Option<&Home> {
    let object = &plan.objects[id];
    let kept = object.change().kept.as_deref();
    let gone = plan.resource(object.block).is_none();
    kept.filter(|_| gone)?.home.as_deref()
}

/// Where the provider of an object works.
fn places<'a>(stacks: &[Stack<'a>], (stack, id): One) -> BTreeMap<&'a str, &'a str> {
    let plan = stacks[stack].plan;
    let block = plan.block(id);
    if let (Some(state), Some(provider)) = (&plan.state, &block.provider) {
        let places = state.places(provider);
        return places.map(|(place, value)| (place, &**value)).collect();
    }
    if let Some(Home(home)) = home(plan, id) {
        let home = home.iter();
        return home.map(|(place, value)| (*place, &**value)).collect();
    }
    let providers = &plan.configuration.providers;
    let provider = match plan.resource(plan.objects[id].block) {
        Some(block) => providers.get(&block.provider),
        None => only_provider(plan, block.provider.as_deref()),
    };
    let places = provider.map(|provider| provider.places.iter());
    let places = places.into_iter().flatten();
    places.map(|(place, value)| (&**place, &**value)).collect()
}

/// The configuration of a provider, where there is but one: what is gone was managed through it as well.
fn only_provider<'p>(plan: &'p Plan, source: Option<&str>) -> Option<&'p Provider> {
    let name = source?.rsplit('/').next()?;
    let providers = plan.configuration.providers.iter();
    let mut of_it = providers.filter(|(key, _)| ProviderKey::of(key).name == name);
    let (_, provider) = of_it.next()?;
    of_it.next().is_none().then_some(provider)
}

fn report(stacks: &[Stack<'_>], story: Story, objects: &[(One, One)], sink: &mut Sink) {
    let (first, second) = objects[0];
    let teller = told_by(stacks, first.0);
    let abroad =
        |(stack, id): One| seen_from(stacks, teller, stack, stacks[stack].plan.address(id));
    let members = objects
        .iter()
        .flat_map(|(one, other)| [abroad(*one), abroad(*other)]);
    let mut members: Vec<_> = members.collect();
    members.sort();
    members.dedup();
    let other = abroad(second);
    let kind = &*stacks[first.0].plan.block(first.1).kind;
    let (message, related, fix) = match story {
        Story::Destroyed => (
            format!("This plan destroys the real object that {other} has, makes or takes over."),
            "is the same real object and stays",
            // "Resource instance keys not allowed", says Terraform 1.11 of such a removed block.
            if abroad(first).contains('[') {
                "Hand it over: take it out of the state here (terraform state rm: a removed block can name no key), and then \
                 import it there."
            } else {
                "Hand it over: a removed block with destroy = false here, an import block there, applied in that order."
            },
        ),
        Story::Left => (
            format!("{other} is only forgotten, and the real object stays: the create fails."),
            "is forgotten and stays",
            "Import it here in place of creating it.",
        ),
        Story::Made => (
            format!(
                "{other} is the same real object: the second create fails, or each apply undoes the other's."
            ),
            "is the same",
            if has_own_name(kind) {
                "Give one of them another name, or let one of them own it and read it in the other through a data source."
            } else {
                "What it belongs to has but one: let one of the two have all that belongs there, and delete the other."
            },
        ),
        Story::Both => (
            format!("{other} manages the same real object: each apply undoes the other's."),
            "manages it as well",
            "Let one of them own it: forget it in the other with a removed block, and read it there through a data source.",
        ),
    };
    let finding = sink
        .finding(abroad(first), message)
        .members(members)
        .related([Related::new(other.clone(), related)])
        .fact("other", other)
        .fact("destroyed", story == Story::Destroyed)
        .fix(fix);
    let (severity, finding) = as_told(stacks, first.0, META.severity, finding);
    sink.report_as(severity, finding);
}
