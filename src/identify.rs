//! Says of the members of findings which objects they are, so that they are known again in another plan. Only
//! approvals ask for it.

use crate::finding::{Finding, Identity};
use crate::input::plan::{Action, ObjectId, Plan, source_of};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// The changing objects of a plan by address: those of the addresses that are wanted.
type Found<'p> = BTreeMap<String, Vec<(ObjectId, &'p Plan)>>;

/// Identifies the members of findings. Plans come with the names of their stacks.
pub(crate) fn identify(mut findings: Vec<&mut Finding>, plans: &[(String, &Plan)]) {
    let mut found: Vec<Found<'_>> = vec![Found::new(); plans.len()];
    for finding in &findings {
        for (nth, address) in finding
            .members
            .iter()
            .flat_map(|member| places(finding, member, plans))
        {
            found[nth].entry(address.to_owned()).or_default();
        }
    }
    for ((_, plan), found) in plans.iter().zip(&mut found) {
        find(plan, found);
    }
    for finding in &mut findings {
        let members = finding.members.iter();
        let identities: BTreeSet<_> = members
            .flat_map(|member| known(finding, member, plans, &found))
            .collect();
        finding.identities = identities.into_iter().collect();
    }
}

/// Where a member may stand: in the plan of the finding's stack, or as `stack:address` in that of another.
fn places<'m>(
    finding: &Finding,
    member: &'m str,
    plans: &[(String, &Plan)],
) -> Vec<(usize, &'m str)> {
    let place = |(nth, (name, _)): (usize, &(String, &Plan))| {
        if *name == finding.stack {
            return Some((nth, member));
        }
        let address = member.strip_prefix(name.as_str())?.strip_prefix(':')?;
        Some((nth, address))
    };
    plans.iter().enumerate().filter_map(place).collect()
}

fn find<'p>(plan: &'p Plan, found: &mut Found<'p>) {
    if found.is_empty() {
        return;
    }
    for (id, object) in plan.objects.iter().enumerate() {
        if object.action().changes()
            && let Some(objects) = found.get_mut(&plan.address(id))
        {
            objects.push((id, plan));
        }
    }
}

fn known(
    finding: &Finding,
    member: &str,
    plans: &[(String, &Plan)],
    found: &[Found<'_>],
) -> Vec<Identity> {
    let places = places(finding, member, plans).into_iter();
    let objects = places.filter_map(|(nth, address)| found[nth].get(address));
    let objects: Vec<_> = meant(
        finding,
        member,
        &objects.flatten().copied().collect::<Vec<_>>(),
    );
    if objects.is_empty() {
        let address = member.to_owned();
        return vec![Identity {
            address,
            ..Identity::default()
        }];
    }
    let identity = |(id, plan): (ObjectId, &Plan)| identity(member, id, plan);
    objects.into_iter().map(identity).collect()
}

/// A deposed object shares its address with the current one: a finding about it names its key.
fn meant<'p>(
    finding: &Finding,
    member: &str,
    objects: &[(ObjectId, &'p Plan)],
) -> Vec<(ObjectId, &'p Plan)> {
    let deposed = |(id, plan): &(ObjectId, &'p Plan)| plan.objects[*id].deposed.as_deref();
    let named = |object: &(ObjectId, &'p Plan)| {
        let mut keys = finding.discriminator.split(',');
        deposed(object).is_some_and(|key| keys.any(|named| *named == **key))
    };
    let leftovers = objects.iter().filter(|object| named(object)).count();
    let times = || {
        finding
            .members
            .iter()
            .filter(|other| *other == member)
            .count()
    };
    let wanted = |object: &&(ObjectId, &'p Plan)| {
        named(object) || deposed(object).is_none() && (leftovers == 0 || times() > leftovers)
    };
    objects.iter().filter(wanted).copied().collect()
}

fn identity(member: &str, id: ObjectId, plan: &Plan) -> Identity {
    let action = match plan.objects[id].action() {
        // Of actions unheard of no more is known than that they destroy.
        Action::OtherDelete => "delete, other".to_owned(),
        action => action.words().join(", "),
    };
    let block = plan.block(id);
    let hash = plan
        .id_hashes
        .binary_search_by_key(&id, |(object, _)| *object);
    Identity {
        address: member.to_owned(),
        action,
        provider: source_of(block.provider.as_deref().unwrap_or_default()).to_owned(),
        deposed: plan.objects[id]
            .deposed
            .as_deref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        id: hash
            .map(|at| hexadecimal(&plan.id_hashes[at].1))
            .unwrap_or_default(),
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
