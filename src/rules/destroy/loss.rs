//! What a destroy takes along: data, and the protections that stood before it.

use crate::catalog::{self, Guard, Holds};
use crate::finding::{Finding, Severity};
use crate::input::plan::{ObjectId, Plan};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// So many kinds of data are named.
const KINDS: usize = 4;

/// What the destruction of some objects takes along.
#[derive(Debug, Default)]
pub(super) struct Loss {
    /// What is lost, and of which objects.
    data: BTreeMap<&'static str, Vec<String>>,
    /// For each protected object: its attributes, and whether they still protect it.
    protection: BTreeMap<String, BTreeMap<&'static str, bool>>,
    /// The values of attributes that protect.
    guards: BTreeMap<&'static str, Guard>,
    /// Whether nothing is lost with any of them.
    disposable: bool,
}

impl Loss {
    pub(super) fn of(plan: &Plan, members: &[ObjectId]) -> Self {
        Self::but_for(plan, members, |_| false)
    }

    /// The same where nothing is lost with some of them, whatever their type holds.
    pub(super) fn but_for(
        plan: &Plan,
        members: &[ObjectId],
        is_no_loss: impl Fn(ObjectId) -> bool,
    ) -> Self {
        let mut loss = Self {
            disposable: !members.is_empty(),
            ..Self::default()
        };
        for id in members {
            let holds = catalog::facts(&plan.block(*id).kind).holds;
            loss.disposable &= holds == Holds::Nothing || is_no_loss(*id);
            if let Holds::Data(what) = holds {
                loss.data.entry(what).or_default().push(plan.address(*id));
            }
            loss.protected(plan, *id);
        }
        loss
    }

    fn protected(&mut self, plan: &Plan, id: ObjectId) {
        let kept = plan.objects[id].change().kept.as_deref();
        let known = kept.into_iter().flat_map(|kept| &kept.protections);
        let known: BTreeMap<_, _> = known
            .filter_map(|protection| Some((protection.attribute, protection.before?)))
            .collect();
        let facts = catalog::facts(&plan.block(id).kind);
        self.guards.extend(facts.protection.iter().copied());
        if !known.is_empty() {
            self.protection.insert(plan.address(id), known);
        }
    }

    /// The sentence that says what was to keep it from happening.
    fn guarded(&self) -> Option<String> {
        // What kept something else that goes along is no protection of the data.
        let data: BTreeSet<_> = self.data.values().flatten().collect();
        let counts = |address: &String| data.is_empty() || data.contains(address);
        let known = self
            .protection
            .iter()
            .filter(|(address, _)| counts(address));
        let known = known.flat_map(|(_, known)| known);
        let on: BTreeSet<_> = known
            .filter(|(_, on)| **on)
            .map(|(name, _)| *name)
            .collect();
        let names: Vec<_> = on.into_iter().map(|name| self.shown(name)).collect();
        (!names.is_empty()).then(|| format!(" Set against it: {}.", names.join(", ")))
    }

    fn shown(&self, attribute: &str) -> String {
        match self.guards.get(attribute) {
            Some(Guard::Bool(guard)) => format!("{attribute} = {guard}"),
            Some(Guard::Text(guard)) => format!("{attribute} = \"{guard}\""),
            _ => attribute.to_owned(),
        }
    }

    /// The sentence that says what is lost.
    fn sentence(&self) -> Option<String> {
        let mut lost: Vec<_> = self.data.keys().map(|what| (*what).to_owned()).collect();
        if lost.len() > KINDS + 1 {
            let more = lost.len() - KINDS;
            lost.truncate(KINDS);
            lost.push(format!("{more} kinds more"));
        }
        (!lost.is_empty()).then(|| format!(" Data at stake: {}.", lost.join("; ")))
    }

    /// Tells of it in a finding. What nothing is lost with is worth a note.
    pub(super) fn tell(&self, mut finding: Finding) -> Finding {
        finding.message.extend(self.sentence());
        finding.message.extend(self.guarded());
        if self.disposable {
            finding.severity = Severity::Note;
        }
        let objects: Vec<&String> = self.data.values().flatten().collect();
        if !objects.is_empty() {
            let mut objects: Vec<_> = objects.into_iter().cloned().collect();
            objects.sort_by(|a, b| crate::finding::natural(a, b));
            finding = finding.fact("data_objects", objects);
        }
        let protection: Map<String, Value> = self
            .protection
            .iter()
            .map(|(address, known)| {
                let known = known
                    .iter()
                    .map(|(name, on)| ((*name).to_owned(), Value::Bool(*on)));
                (address.clone(), Value::Object(known.collect()))
            })
            .collect();
        if !protection.is_empty() {
            finding = finding.fact("protection", protection);
        }
        finding.fact("data_loss", !self.data.is_empty())
    }
}
