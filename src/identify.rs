//! Says of the members of findings which objects they are, so that they are known again in another plan. Only
//! approvals ask for it.

use crate::finding::{Anchors, Finding, Identity};
use crate::input::plan::{Action, IdHash, ObjectId, Plan, source_of};
use std::collections::{BTreeMap, BTreeSet};

/// The changing objects of a plan by address: those of the addresses that are wanted.
type Found<'p> = BTreeMap<String, Vec<(ObjectId, &'p Plan)>>;

/// So many anchors tell a state: one may go without the approval.
const ANCHORS: usize = 3;

/// The anchors that the approvals of a finding ask for.
type Asked<'a> = dyn Fn(&Finding) -> Vec<&'a str> + 'a;

/// Identifies the members of findings, and by what their states are known: what is asked for, and where an approval may
/// be made what is chosen for it. Plans come with the names of their stacks.
pub(crate) fn identify(
    mut findings: Vec<&mut Finding>,
    plans: &[(String, &Plan)],
    choose: bool,
    asked: &Asked<'_>,
) {
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
    let of_plans = States::of(&findings, plans, choose, asked);
    for finding in &mut findings {
        let state = of_plans.state(finding, asked);
        let members = finding.members.iter();
        let identities: BTreeSet<_> = members
            .flat_map(|member| known(finding, member, plans, &found, &state.anchors))
            .collect();
        finding.identities = identities.into_iter().collect();
        finding.anchors = Some(Box::new(state.told));
    }
}

/// Hashes of ids, with what they are of.
type Known<'p> = BTreeMap<String, &'p IdHash>;

/// What tells the states of plans, by the names of their stacks.
struct States<'p>(BTreeMap<&'p str, [Known<'p>; 2]>);

/// What tells the state of a finding.
#[derive(Default)]
struct State<'p> {
    anchors: Known<'p>,
    told: Anchors,
}

impl<'p> States<'p> {
    /// Looks once through each plan for all of its findings.
    fn of(
        findings: &[&mut Finding],
        plans: &'p [(String, &'p Plan)],
        choose: bool,
        asked: &Asked<'_>,
    ) -> Self {
        let of = |(name, plan): &'p (String, &'p Plan)| {
            let own = findings.iter().filter(|finding| finding.stack == *name);
            let asked: BTreeSet<&str> = own.flat_map(|finding| asked(finding)).collect();
            let chosen = plan.anchors(if choose { ANCHORS } else { 0 });
            (&**name, [chosen, plan.anchored(&asked)])
        };
        Self(plans.iter().map(of).collect())
    }

    fn state(&self, finding: &Finding, asked: &Asked<'_>) -> State<'p> {
        let Some([chosen, there]) = self.0.get(&*finding.stack) else {
            return State::default();
        };
        let asked = asked(finding).into_iter();
        let met = asked.filter_map(|hash| there.get_key_value(hash));
        let met: Known<'p> = met.map(|(hash, known)| (hash.clone(), *known)).collect();
        let told = Anchors {
            chosen: chosen.keys().cloned().collect(),
            met: met.keys().cloned().collect(),
        };
        let mut anchors = chosen.clone();
        anchors.extend(met);
        State { anchors, told }
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
    anchors: &Known<'_>,
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
    let identity = |(id, plan): (ObjectId, &Plan)| identity(member, id, plan, anchors);
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

fn identity(member: &str, id: ObjectId, plan: &Plan, anchors: &Known<'_>) -> Identity {
    let action = match plan.objects[id].action() {
        // Of actions unheard of no more is known than that they destroy.
        Action::OtherDelete => "delete, other".to_owned(),
        action => action.words().join(", "),
    };
    let block = plan.block(id);
    let at = plan
        .id_hashes
        .binary_search_by_key(&id, |(object, _)| *object);
    let known = at.ok().map(|at| &plan.id_hashes[at].1);
    let beside = |(hash, anchor): (&String, &&IdHash)| Some((hash.clone(), known?.beside(anchor)?));
    let changed = known.map(|known| known.changed().map(str::to_owned).collect());
    Identity {
        address: member.to_owned(),
        action,
        provider: source_of(block.provider.as_deref().unwrap_or_default()).to_owned(),
        deposed: plan.objects[id]
            .deposed
            .as_deref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        id: known.and_then(IdHash::open).unwrap_or_default(),
        beside: anchors.iter().filter_map(beside).collect(),
        changes: changed.unwrap_or_default(),
        guards: BTreeSet::new(),
    }
}
