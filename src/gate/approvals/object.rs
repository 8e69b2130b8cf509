//! The objects of a consent, and whether those of a plan are the same with the same done to them.

use crate::finding::{Finding, Identity};
use serde_json::Value;
use std::collections::BTreeSet;

/// The members; where nobody identified them their addresses alone, which no approval of an object covers.
pub(super) fn objects(finding: &Finding, anchors: &BTreeSet<String>) -> BTreeSet<Identity> {
    if !finding.identities.is_empty() {
        let objects = finding.identities.iter().cloned();
        return objects
            .map(|mut object| {
                object.beside.retain(|anchor, _| anchors.contains(anchor));
                object.guards = guards(finding, &object.address);
                object
            })
            .collect();
    }
    let plain = |address: &String| Identity {
        address: address.clone(),
        ..Identity::default()
    };
    finding.members.iter().map(plain).collect()
}

/// The protections of an object that are on.
fn guards(finding: &Finding, address: &str) -> BTreeSet<String> {
    let known = finding.facts["protection"].get(address);
    let known = known.and_then(Value::as_object).into_iter().flatten();
    let on = known.filter(|(_, on)| **on == Value::Bool(true));
    on.map(|(name, _)| name.clone()).collect()
}

/// Whether the consent to an object is one to what is planned for it. What a file of before does not say is not asked.
pub(super) fn covers(known: &Identity, planned: &Identity) -> bool {
    is_same(known, planned)
        && known.action == planned.action
        && known.guards.is_subset(&planned.guards)
        && (known.changes.is_empty() || known.changes == planned.changes)
}

/// Whether it is the same object, as far as that is known.
fn is_same(known: &Identity, planned: &Identity) -> bool {
    let named = |object: &Identity| {
        let own = [
            &object.address,
            &object.provider,
            &object.deposed,
            &object.id,
        ];
        own.map(Clone::clone)
    };
    let mut beside = planned.beside.iter();
    named(known) == named(planned)
        && known.beside.is_empty() == planned.beside.is_empty()
        && beside.all(|(anchor, hash)| known.beside.get(anchor) == Some(hash))
}

/// What is new about an object whose action is the same.
fn other(known: &Identity, planned: &Identity) -> String {
    let address = &planned.address;
    let words = |words: &mut dyn Iterator<Item = &String>| {
        words.map(String::as_str).collect::<Vec<_>>().join(", ")
    };
    if !is_same(known, planned) {
        return format!("{address} is another object by now");
    }
    let gone = words(&mut known.guards.difference(&planned.guards));
    if !gone.is_empty() {
        return format!("{gone} stood against it on {address} and does no more");
    }
    let (was, is) = (
        words(&mut known.changes.iter()),
        words(&mut planned.changes.iter()),
    );
    format!("on {address} it was to change {was}, and it changes {is}")
}

/// What is new about an object.
pub(super) fn told(known: &BTreeSet<Identity>, object: &Identity) -> String {
    let address = &object.address;
    let mut same = known.iter().filter(|known| known.address == *address);
    match same.next() {
        None => format!("{address} was not in it"),
        Some(known) if known.action != object.action => {
            let action = |action: &str| {
                if action.is_empty() {
                    "no action".to_owned()
                } else {
                    action.to_owned()
                }
            };
            let (was, is) = (action(&known.action), action(&object.action));
            format!("the action on {address} was {was} and is {is}")
        }
        Some(known) => other(known, object),
    }
}
