//! What would become of an object that is moved: a `moved` block changes an address, and nothing of what else the plan has
//! against the object.

use super::Pair;
use crate::graph::Graph;
use crate::input::names::Name;
use crate::input::plan::{Action, ObjectId, PathId, Plan, Subject, attribute_of};
use crate::rules::destroy::handed_whole::narrowed;
use crate::rules::destroy::unknown::{handing_on, has_unknown, is_known};
use crate::rules::pending::{behind_data, is_put_off};
use foldhash::HashMap;
use std::collections::{BTreeMap, BTreeSet};

/// Where the arguments of `replace_triggered_by` stand.
const TRIGGERS: &str = "lifecycle.replace_triggered_by";

/// What a move would leave as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::rules::destroy) struct Outlook {
    /// Whether the state holds the object for damaged.
    pub(in crate::rules::destroy) tainted: bool,
    /// What changes, and asks for the replacement.
    pub(in crate::rules::destroy) trigger: Option<ObjectId>,
    /// Top-level attributes of which something stays unknown, and what they wait for.
    pub(in crate::rules::destroy) waits: BTreeMap<Name, ObjectId>,
    /// Top-level attributes that somebody changed outside of Terraform, and that would be changed back.
    pub(in crate::rules::destroy) outside: BTreeSet<Name>,
}

impl Outlook {
    /// Whether the object is replaced whatever it is called.
    pub(in crate::rules::destroy) fn is_replaced(&self) -> bool {
        self.tainted || self.trigger.is_some()
    }
}

/// Finds what pairs are in for once they are moved; what would still change then is among what differs.
pub(in crate::rules::destroy) fn look_ahead(plan: &Plan, graph: &Graph, pairs: &mut [Pair]) {
    if pairs.is_empty() {
        return;
    }
    let drifted = drifted(plan);
    let mut moved = Moved::new(plan, graph, pairs);
    for pair in pairs {
        let outlook = Outlook {
            waits: moved.waits(pair.to),
            outside: outside(plan, pair, &drifted),
            ..moved.replaced[&pair.to].clone()
        };
        pair.differ(plan, outlook.waits.keys().chain(&outlook.outside));
        pair.outlook = outlook;
    }
}

impl Pair {
    /// Puts attributes among those that differ.
    fn differ<'n>(&mut self, plan: &Plan, names: impl Iterator<Item = &'n Name>) {
        let names: BTreeSet<&str> = names.map(|name| &**name).collect();
        let differs = |path: &PathId| names.contains(attribute_of(&plan.paths[*path as usize]));
        self.same.retain(|path| !differs(path));
        let kept = plan.objects[self.to].change().kept.as_deref();
        let paths = kept.into_iter().flat_map(|kept| {
            let known = kept.after.iter(plan).map(|(path, _)| path);
            known.chain(kept.unknown.iter().copied())
        });
        self.differing.extend(paths.filter(differs));
        self.differing.sort_unstable();
        self.differing.dedup();
    }
}

/// What was changed outside of Terraform, by object. Of what goes, the values before are those of the last apply, not those
/// that were read anew (Terraform 1.11).
fn drifted(plan: &Plan) -> BTreeMap<ObjectId, BTreeSet<&Name>> {
    let told = plan.drift.iter().filter_map(|drifted| {
        let Subject::Object(id) = drifted.subject else {
            return None;
        };
        let values = drifted.values.iter();
        Some((id, values.map(|value| &value.attribute).collect()))
    });
    told.collect()
}

/// What a pair agrees in with the last apply, and no longer with what is there.
fn outside(
    plan: &Plan,
    pair: &Pair,
    drifted: &BTreeMap<ObjectId, BTreeSet<&Name>>,
) -> BTreeSet<Name> {
    let resource = plan.resource(plan.objects[pair.to].block);
    let names = drifted.get(&pair.from).into_iter().flatten();
    let is_same = |name: &Name| {
        let mut same = pair.same.iter();
        same.any(|path| attribute_of(&plan.paths[*path as usize]) == &**name)
    };
    let is_written =
        |name: &Name| resource.is_some_and(|resource| resource.has_argument(name.as_bytes()));
    let names = names
        .copied()
        .filter(|name| is_same(name) && is_written(name));
    names.map(Name::clone).collect()
}

/// A plan after the moves.
struct Moved<'a> {
    plan: &'a Plan,
    graph: &'a Graph,
    /// What comes by a move, and what has that replaced all the same.
    replaced: BTreeMap<ObjectId, Outlook>,
    /// What would not go.
    kept: BTreeSet<ObjectId>,
    /// What would not be replaced.
    followers: BTreeSet<ObjectId>,
    /// Whether all values of an object would be known, were nothing tainted; those of a circle are.
    settled: HashMap<ObjectId, bool>,
}

impl<'a> Moved<'a> {
    fn new(plan: &'a Plan, graph: &'a Graph, pairs: &[Pair]) -> Self {
        let followers = pairs.iter().flat_map(|pair| &pair.followers);
        let mut moved = Self {
            plan,
            graph,
            replaced: BTreeMap::new(),
            kept: pairs.iter().map(|pair| pair.from).collect(),
            followers: followers.copied().collect(),
            settled: HashMap::default(),
        };
        for pair in pairs {
            let outlook = Outlook {
                tainted: plan.tainted.contains(&pair.from),
                trigger: moved.trigger(pair.to),
                ..Outlook::default()
            };
            moved.replaced.insert(pair.to, outlook);
        }
        moved
    }

    /// What is changed, of what a block names in `replace_triggered_by`.
    fn trigger(&self, id: ObjectId) -> Option<ObjectId> {
        let named = self.graph.made_of(self.plan, id, Some(TRIGGERS));
        named
            .into_iter()
            .find(|other| match self.plan.objects[*other].action() {
                Action::Update => self.changes_what_is_named(id, *other),
                action => action.replaces() && !self.followers.contains(other),
            })
    }

    /// Whether an update changes an attribute that triggers, or any where the whole object does.
    fn changes_what_is_named(&self, id: ObjectId, other: ObjectId) -> bool {
        let plan = self.plan;
        let resource = plan.resource(plan.objects[id].block).into_iter();
        let references = resource.flat_map(|resource| resource.references_of(TRIGGERS));
        let block = plan.block(other);
        let mut own = references
            .filter(|reference| reference.is_to(block))
            .peekable();
        let changes = |name: &Name| {
            !is_known(plan, other, name) || plan.changed(other).any(|changed| changed == name)
        };
        own.peek().is_none()
            || own.any(|reference| reference.attribute.as_ref().is_none_or(changes))
    }

    /// The attributes of a moved object that would not be known, and what each waits for.
    fn waits(&mut self, id: ObjectId) -> BTreeMap<Name, ObjectId> {
        let plan = self.plan;
        let resource = plan.resource(plan.objects[id].block);
        let written = |name: &&Name| {
            resource.is_some_and(|resource| resource.has_argument(attribute_of(name)))
        };
        let attributes: BTreeSet<&str> = plan
            .unknown(id)
            .filter(written)
            .map(|name| attribute_of(name))
            .collect();
        let waits = attributes
            .into_iter()
            .filter_map(|attribute| Some((Name::from(attribute), self.behind(id, attribute)?)));
        waits.collect()
    }

    /// What an attribute would wait for. Where it is made of one of several instances, nobody tells which.
    fn behind(&mut self, id: ObjectId, attribute: &str) -> Option<ObjectId> {
        let (plan, graph) = (self.plan, self.graph);
        let objects = graph.made_of(plan, id, Some(attribute));
        let objects = handing_on(plan, id, Some(attribute), objects);
        let mut blocks: BTreeMap<_, Vec<ObjectId>> = BTreeMap::new();
        for other in narrowed(plan, id, attribute, objects) {
            if has_unknown(plan, other) {
                blocks
                    .entry(plan.objects[other].block)
                    .or_default()
                    .push(other);
            }
        }
        let mut blocks = blocks.into_values();
        let waiting = blocks.find(|objects| !objects.iter().any(|other| self.is_settled(*other)));
        waiting.map(|objects| objects[0])
    }

    /// Whether all values of an object would be known, were nothing tainted.
    fn is_settled(&mut self, id: ObjectId) -> bool {
        if let Some(known) = self.settled.get(&id) {
            return *known;
        }
        self.settled.insert(id, true);
        let settled = self.settles(id);
        self.settled.insert(id, settled);
        settled
    }

    fn settles(&mut self, id: ObjectId) -> bool {
        let change = self.plan.objects[id].change();
        match change.action {
            Action::Create => {
                let outlook = self.replaced.get(&id);
                outlook.is_some_and(|outlook| outlook.trigger.is_none())
                    && self.waits(id).is_empty()
            }
            Action::Replace { .. } => self.followers.contains(&id),
            Action::Update => !change.to_unknown || !change.to_known() && self.is_told_late(id),
            Action::Read => self.is_told_late(id) && !self.is_put_off(id),
            _ => true,
        }
    }

    /// Whether what an object is made of is all that makes it unknown, and would be known.
    fn is_told_late(&mut self, id: ObjectId) -> bool {
        let upstream = self.graph.made_of(self.plan, id, None);
        let mut upstream = upstream.into_iter();
        upstream.all(|other| self.is_settled(other))
    }

    /// Whether a change that no move takes back would put the read of a data source off.
    fn is_put_off(&self, id: ObjectId) -> bool {
        let (plan, graph) = (self.plan, self.graph);
        let moves = |other: &ObjectId| {
            self.kept.contains(other)
                || self.followers.contains(other)
                || self
                    .replaced
                    .get(other)
                    .is_some_and(|outlook| outlook.trigger.is_none())
        };
        is_put_off(plan, id) && !behind_data(plan, graph, id).iter().all(moves)
    }
}
