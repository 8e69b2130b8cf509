//! Flags objects that Terraform creates anew because their provider looks elsewhere now: the old object is not
//! found there, drops out of the state without a word and lives on, unmanaged.

use super::instances::addresses;
use crate::finding::{Finding, Place, Severity};
use crate::graph::Graph;
use crate::input::plan::configuration::ProviderKey;
use crate::input::plan::{ObjectId, Plan};
use crate::rules::{Context, Family, Meta, Rule, Sink};
use std::collections::BTreeMap;

pub(crate) struct AbandonedObject;

static META: Meta = Meta {
    id: "abandoned-object",
    summary: "Flags objects that are left behind because their provider changed.",
    severity: Severity::Error,
    family: Family::Destroy,
    options: &[],
    page: include_str!("../../../rules/abandoned-object.md"),
};

impl Rule for AbandonedObject {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn destroys(&self, _: &Finding) -> bool {
        false
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink) {
        let plan = context.plan;
        let mut groups: BTreeMap<Moved<'_>, Vec<ObjectId>> = BTreeMap::new();
        for (id, _) in plan.managed() {
            if let Some(moved) = left_behind(plan, context.graph, id) {
                groups.entry(moved).or_default().push(id);
            }
        }
        for (moved, members) in groups {
            let finding = finding(plan, sink, &moved, &members);
            sink.report(finding);
        }
    }
}

fn finding(plan: &Plan, sink: &Sink, moved: &Moved<'_>, members: &[ObjectId]) -> Finding {
    let (address, message) = match members {
        [only] => (
            plan.address(*only),
            format!(
                "The object is {}: a new one is created, the old one is left behind, unmanaged.",
                moved.sentence()
            ),
        ),
        many => (
            ProviderKey::of(moved.provider).address(),
            format!(
                "{} objects are {}: new ones are created, the old ones are left behind, unmanaged.",
                many.len(),
                moved.sentence()
            ),
        ),
    };
    let mut finding = sink
        .finding(address, message)
        .members(addresses(plan, members))
        .fact("provider", moved.provider)
        .fact("argument", moved.argument)
        .fix(fix(plan, moved, members.len()));
    finding.cause = Some("provider");
    let argument = if members.len() == 1 {
        "provider"
    } else {
        moved.argument
    };
    finding.place = Place::Argument(argument.into());
    finding
}

/// What to do: of a provider that finds other objects nobody changed anything.
fn fix(plan: &Plan, moved: &Moved<'_>, members: usize) -> String {
    let its = |id: ObjectId| {
        let resource = plan.resource(plan.objects[id].block);
        resource.is_some_and(|resource| *resource.provider == *moved.provider)
    };
    let mut found = plan.managed().filter(|(_, object)| object.prior);
    let (other, it) = match members {
        1 => (
            "the object, create the new one beside it under another address",
            "the resource its provider",
        ),
        _ => (
            "the objects, create new ones beside them under other addresses",
            "the resources their provider",
        ),
    };
    if found.any(|(id, _)| its(id)) {
        format!("Give {it} back; to move {other}.")
    } else {
        let provider = ProviderKey::of(moved.provider).address();
        let argument = moved.argument;
        format!(
            "Give {it} back, or, if the {argument} of {provider} changed, undo that; to move {other}."
        )
    }
}

/// Ends of types whose ARN is that of what they are part of, which may be another account's.
const PARTS: [&str; 4] = ["_attachment", "_policy", "_subscription", "_version"];

/// How the place of an object and that of its provider differ.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::rules) struct Moved<'p> {
    argument: &'static str,
    old: &'p str,
    new: &'p str,
    provider: &'p str,
}

impl Moved<'_> {
    /// Only regions are shown: names of accounts and projects are nobody else's business.
    fn sentence(&self) -> String {
        let provider = self.provider;
        match self.argument {
            "region" => format!(
                "in {}, while the provider configuration {provider} works in {}",
                self.old, self.new
            ),
            other => {
                let what = other.strip_suffix("_id").unwrap_or(other);
                format!("in another {what} than the provider configuration {provider} works in")
            }
        }
    }
}

/// Whether an object that could not be found is where its provider does not look; or nothing tells where it is, and it hangs
/// on one that is there: an attachment.
pub(in crate::rules) fn left_behind<'p>(
    plan: &'p Plan,
    graph: &Graph,
    id: ObjectId,
) -> Option<Moved<'p>> {
    let by_itself = moved(plan, id);
    if by_itself.is_some() {
        return by_itself;
    }
    let home = plan.objects[id].change().vanished.as_deref()?;
    let provider = |id: ObjectId| Some(&plan.resource(plan.objects[id].block)?.provider);
    let made_of = home.is_unknown().then(|| graph.made_of(plan, id, None))?;
    let mut beside = made_of
        .into_iter()
        .filter(|other| provider(*other) == provider(id));
    beside.find_map(|other| moved(plan, other))
}

/// Whether an object that could not be found is where its provider does not look.
pub(in crate::rules) fn moved(plan: &Plan, id: ObjectId) -> Option<Moved<'_>> {
    let object = &plan.objects[id];
    let home = object.change().vanished.as_deref()?;
    let resource = plan.resource(object.block)?;
    let key = &resource.provider;
    let provider = plan.configuration.providers.get(key)?;
    // What the block says of itself beats what its provider says.
    let kind = &plan.blocks[object.block].kind;
    let is_part = PARTS.iter().any(|part| kind.ends_with(part));
    let is_own =
        |argument: &str| resource.has_argument(argument) || is_part && argument == "account";
    let (argument, old, new) = home.differs(&provider.places, is_own)?;
    Some(Moved {
        argument,
        old,
        new,
        provider: key,
    })
}
