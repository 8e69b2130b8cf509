//! The keys that elements would have in a `for_each`, read from what their instances were called.

use super::{Repeated, Shift};
use crate::input::names::Name;
use crate::input::plan::references::Target;
use crate::input::plan::{Plan, attribute_of, is_region};
use std::collections::{BTreeMap, BTreeSet};

/// `eu-west-1a` and `us-gov-east-1a`.
const WORDS_OF_A_ZONE: usize = 4;

/// A key for the element of each index.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::rules::destroy) struct Keys {
    pub(in crate::rules::destroy) of: BTreeMap<u64, String>,
    /// Whether they are parts of what the instances were called, where these differ.
    pub(in crate::rules::destroy) are_parts: bool,
}

/// The keys of the elements of one list, over which all these go: whole labels of the first shift where those of the others are made of
/// them, else the part of them in which they differ. None when others do not have that part.
pub(super) fn keys(plan: &Plan, shifts: &[&Shift]) -> Keys {
    let Some(first) = shifts.first() else {
        return Keys::default();
    };
    let labels: BTreeMap<u64, &str> = first
        .labels
        .iter()
        .map(|(at, name)| (*at, &**name))
        .collect();
    let others = || {
        let others = shifts.iter().skip(1).map(|shift| &shift.labels);
        others.filter(|labels| !labels.is_empty())
    };
    let are_in_all = |keys: &BTreeMap<u64, &str>| others().all(|labels| are_in(keys, labels));
    let whole = are_in_all(&labels) && (others().next().is_some() || !has_more(plan, first));
    let of = if whole { labels } else { parts(&labels) };
    if !whole && !are_in_all(&of) {
        return Keys::default();
    }
    Keys {
        of: of
            .into_iter()
            .map(|(at, key)| (at, key.to_owned()))
            .collect(),
        are_parts: !whole,
    }
}

/// Whether each label has the key of its index in it.
fn are_in(keys: &BTreeMap<u64, &str>, labels: &BTreeMap<u64, Name>) -> bool {
    let mut labels = labels.iter();
    labels.all(|(at, label)| keys.get(at).is_some_and(|key| label.contains(key)))
}

/// Whether a label is made of something beside the list: `"${var.env}-${var.names[count.index]}"`.
fn has_more(plan: &Plan, shift: &Shift) -> bool {
    let Repeated::Block(id) = shift.repeated else {
        return false;
    };
    let attribute = attribute_of(&plan.paths[shift.path as usize]);
    let resource = plan.resource(plan.objects[id].block).into_iter();
    let references = resource.flat_map(|resource| resource.references_of(attribute));
    let mut named: Vec<&Target> = references.map(|reference| &reference.target).collect();
    named.dedup();
    named.len() > 1
}

/// Labels without the words that all begin and end with; as they are where two would be the same or one is nothing else.
fn parts<'l>(labels: &BTreeMap<u64, &'l str>) -> BTreeMap<u64, &'l str> {
    let mut all = labels.values().copied();
    let (Some(first), true) = (all.next(), labels.len() > 1) else {
        return labels.clone();
    };
    let (mut head, mut tail) = (first.len(), first.len());
    for label in all {
        let same = |(one, other): &(char, char)| one == other;
        let length = |(one, _): (char, char)| one.len_utf8();
        let begin = first.chars().zip(label.chars()).take_while(same);
        let end = first
            .chars()
            .rev()
            .zip(label.chars().rev())
            .take_while(same);
        head = head.min(begin.map(length).sum());
        tail = tail.min(end.map(length).sum());
    }
    let is_mark = |c: char| !c.is_alphanumeric();
    let head = first[..head]
        .rfind(is_mark)
        .map_or(0, |at| after(first, at));
    let tail = &first[first.len() - tail..];
    let tail = tail.find(is_mark).map_or(0, |at| tail.len() - at);
    let cut = |head: usize| -> Option<BTreeMap<u64, &'l str>> {
        let part = |label: &'l str| {
            let part = label.get(head..label.len().checked_sub(tail)?)?;
            (!part.is_empty()).then_some(part)
        };
        let parts = labels.iter();
        parts.map(|(at, label)| Some((*at, part(label)?))).collect()
    };
    // Zones of one region differ in their last letter.
    let earlier = first[..head].rmatch_indices('-').map(|(at, _)| at + 1);
    let earlier = earlier.chain([0]).take(WORDS_OF_A_ZONE);
    let zones = earlier
        .filter_map(cut)
        .find(|parts| parts.values().all(|part| is_region(part)));
    let cut = zones.or_else(|| cut(head));
    let is_distinct =
        |parts: &BTreeMap<u64, &str>| parts.values().collect::<BTreeSet<_>>().len() == parts.len();
    cut.filter(is_distinct).unwrap_or_else(|| labels.clone())
}

/// Behind the character at a place.
fn after(text: &str, at: usize) -> usize {
    at + text[at..].chars().next().map_or(0, char::len_utf8)
}

#[cfg(test)]
mod tests {
    use super::parts;

    fn cut<'l>(labels: &[&'l str]) -> Vec<&'l str> {
        let labels = (0..).zip(labels.iter().copied()).collect();
        parts(&labels).into_values().collect()
    }

    #[test]
    fn what_all_labels_begin_and_end_with_is_no_element() {
        assert_eq!(cut(&["acme-eu-one", "acme-eu-two"]), ["one", "two"]);
        assert_eq!(cut(&["t-red.fifo", "t-blue.fifo"]), ["red", "blue"]);
        assert_eq!(cut(&["a-b-x", "a-b"]), ["b-x", "b"]);
    }

    #[test]
    fn words_are_not_cut_in_two() {
        assert_eq!(cut(&["orders", "others"]), ["orders", "others"]);
        assert_eq!(cut(&["app-orders", "app-others"]), ["orders", "others"]);
        assert_eq!(cut(&["größe-ä", "größe-ö"]), ["ä", "ö"]);
        assert_eq!(cut(&["one"]), ["one"]);
        assert_eq!(
            cut(&["shop-eu-west-1a", "shop-eu-west-1b"]),
            ["eu-west-1a", "eu-west-1b"]
        );
    }
}
