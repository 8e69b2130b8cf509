//! Drift as the document tells it, taken in while it streams by.

use super::differ::{Differ, Difference};
use super::{After, Name};
use crate::input::address::{Mode, config_address};
use crate::input::json::parts::{Malformed, elements, get, text_or_none, value_len};
use crate::input::plan::builder::Builder;
use crate::input::plan::element::Element;
use crate::input::plan::values::RawChange;
use crate::input::plan::{Action, Home};
use crate::safe::safe;
use std::hash::BuildHasher as _;

/// Of an attribute that differs in more places only the attribute is told.
const MOST_PLACES: usize = 8;
/// No more places are told of one object.
const MOST: usize = 24;
/// What Terraform writes behind the changes, and a document with sorted keys before them.
const BEHIND: [&str; 4] = [
    "configuration",
    "output_changes",
    "prior_state",
    "relevant_attributes",
];

/// An object that drifted.
pub(super) struct Draft {
    pub(super) deleted: bool,
    pub(super) differs: Vec<Differs>,
    /// Where the object was, when it was not found any more.
    pub(super) home: Option<Home>,
}

/// A value that drifted.
pub(super) struct Differs {
    /// The path, as far as it may be shown.
    pub(super) shown: Name,
    /// The top-level attribute.
    pub(super) attribute: Name,
    /// The print of the whole path.
    pub(super) path: u64,
    /// The prints of both values.
    pub(super) before: u64,
    pub(super) after: u64,
}

impl Builder {
    /// Takes in an element of `resource_drift`.
    pub(in crate::input::plan) fn drift(&mut self, raw: &[u8]) -> Result<usize, Malformed> {
        let (element, used) = Element::read(raw)?;
        self.mark(&element.change);
        // A leftover of a failed replacement shares its address with the object that counts.
        if element.deposed.is_none() && element.mode == Mode::Managed {
            let draft = self.draft(&element.change);
            let address = self.names.intern(&element.address);
            self.drifts.late |= self.has_begun("resource_changes") && !self.drifts.keeps_all;
            self.drifts.told.insert(address, draft);
        }
        Ok(used)
    }

    fn draft(&mut self, change: &RawChange<'_>) -> Draft {
        if change.action == Action::Delete {
            let home = Home::of(&change.old_attributes().each, &mut self.names);
            return Draft {
                deleted: true,
                differs: Vec::new(),
                home: Some(home),
            };
        }
        let mut differs = Vec::new();
        for (name, before, after) in change.pairs() {
            let name = String::from_utf8_lossy(name);
            differs.extend(self.differs(&name, [before, after], change.is_marked(&name)));
            if differs.len() >= MOST {
                break;
            }
        }
        Draft {
            deleted: false,
            differs,
            home: None,
        }
    }

    fn differs(&mut self, name: &str, sides: [Option<&[u8]>; 2], marked: bool) -> Vec<Differs> {
        let (names, hasher) = (&mut self.names, &self.hasher);
        let (differ, attribute) = (Differ { hasher }, names.intern(name));
        let [before, after] = sides;
        let mut found = Vec::new();
        differ.differences(name, before, after, &mut |place: &Difference<'_>| {
            let shown = if marked { name } else { place.shown };
            found.push(Differs {
                shown: names.intern(shown),
                attribute: Name::clone(&attribute),
                path: differ.key(place.path),
                before: place.before,
                after: place.after,
            });
        });
        if found.len() > MOST_PLACES {
            return vec![Differs {
                shown: Name::clone(&attribute),
                attribute,
                path: differ.key(name),
                before: differ.print(before),
                after: differ.print(after),
            }];
        }
        found
    }

    /// Keeps what the plan gives to the attributes that it changes, of an object that drifted or may turn out to
    /// have.
    pub(in crate::input::plan) fn keep_after(&mut self, element: &Element<'_>) {
        let change = &element.change;
        let in_question = change.action.changes()
            && change.action != Action::Create
            && element.deposed.is_none()
            && (!self.drifts.told.is_empty() || self.drifts.keeps_all);
        if !in_question {
            return;
        }
        let address = safe(&element.address);
        let draft = self.drifts.told.get(&*address);
        if draft.is_none() && !self.drifts.keeps_all {
            return;
        }
        let differ = Differ {
            hasher: &self.hasher,
        };
        let wanted = |path: &u64| {
            draft.is_none_or(|draft| draft.differs.iter().any(|differs| differs.path == *path))
        };
        let unknown = change.unknown();
        let unknown = unknown
            .iter()
            .map(|name| differ.key(&String::from_utf8_lossy(name)));
        let mut after = After {
            unknown: unknown.collect(),
            ..After::default()
        };
        after.changed.extend(&after.unknown);
        for (name, old, new) in change.pairs() {
            let name = String::from_utf8_lossy(name);
            let key = differ.key(&name);
            if old == new && !after.unknown.contains(&key) {
                continue;
            }
            after.changed.insert(key);
            let (new, partly) = (new.unwrap_or(b"null"), after.unknown.contains(&key));
            differ.nodes(&name, new, &mut |path, print, scalar| {
                // Of a value that is known in part, what holds the unknown part is not known either.
                if wanted(&path) && (scalar || !partly) {
                    after.values.insert(path, print);
                }
            });
        }
        self.drifts.after.insert(address.into(), after);
    }

    /// Takes in an element of `relevant_attributes`.
    pub(in crate::input::plan) fn relevant(&mut self, raw: &[u8]) -> Result<usize, Malformed> {
        let used = value_len(raw).ok_or_else(|| Malformed::new(raw, "expected a value"))?;
        // Where there is drift Terraform has told it by now.
        let wanted = self.has_begun("resource_drift") || !self.has_begun("resource_changes");
        let resource = get(raw, "resource").and_then(text_or_none);
        let mut steps = elements(get(raw, "attribute").unwrap_or_default()).flatten();
        // A whole object is relevant to whatever waits for it: that says nothing about its values.
        if let Some(resource) = resource
            && let Some(attribute) = steps.next().and_then(text_or_none)
            && wanted
        {
            let key = self
                .hasher
                .hash_one((&*config_address(&resource), &*attribute));
            self.drifts.relevant.insert(key);
        }
        Ok(used)
    }

    /// The changes begin: where keys are sorted, drift comes behind them.
    pub(in crate::input::plan) fn expect_drift(&mut self) {
        let sorted = BEHIND.iter().any(|key| self.has_begun(key));
        self.drifts.keeps_all = sorted && !self.has_begun("resource_drift");
    }
}
