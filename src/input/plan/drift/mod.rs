//! What changed outside of Terraform since the last apply, and what the plan makes of it.
//!
//! Terraform tells drift before the changes; a document whose keys were sorted tells it behind them. What both
//! say is kept as prints, and joined when all is read.

mod differ;
mod draft;

use super::builder::Builder;
use super::{Action, BlockId, Name, ObjectId, Plan};
use crate::input::address::{Address, config_address};
use differ::BLANK;
use draft::{Differs, Draft};
use foldhash::fast::RandomState;
use foldhash::{HashMap, HashSet};
use std::collections::{BTreeMap, BTreeSet};
use std::hash::BuildHasher as _;
use std::sync::Arc;

/// An object that is not as the last apply left it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drifted {
    /// Which one.
    pub subject: Subject,
    /// Whether it is gone.
    pub deleted: bool,
    /// What is different, unless it is gone; shared by all objects of which the same is to be said.
    pub values: Arc<[Outside]>,
}

/// What drifted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// An object of the plan.
    Object(ObjectId),
    /// The address of an object that neither the changes nor the prior state have.
    Address(Name),
}

/// A value that changed outside of Terraform.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Outside {
    /// Where it stands, as far as keys may be shown: `tags.Owner`, `root_block_device[0].volume_size`.
    pub path: Name,
    /// The top-level attribute.
    pub attribute: Name,
    /// What the plan makes of it.
    pub fate: Fate,
    /// Whether Terraform counts the attribute among those that changes of the plan come from (1.2 and later).
    pub relevant: bool,
}

/// What a plan makes of a value that changed outside of Terraform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fate {
    /// It stays.
    Kept,
    /// It is changed back to what the last apply left.
    Reverted,
    /// It is changed to something else again.
    Overwritten,
    /// It is changed to something that is not known before apply.
    Unknown,
}

/// The values that the plan gives to attributes it changes, as prints of paths and values.
#[derive(Default)]
struct After {
    /// Top-level attributes that change.
    changed: HashSet<u64>,
    /// Those some of whose new value is not known.
    unknown: HashSet<u64>,
    values: HashMap<u64, u64>,
}

impl After {
    fn fate(&self, attribute: u64, differs: &Differs) -> Fate {
        if !self.changed.contains(&attribute) {
            return Fate::Kept;
        }
        let new = match self.values.get(&differs.path) {
            Some(print) => *print,
            None if self.unknown.contains(&attribute) => return Fate::Unknown,
            None => BLANK,
        };
        if new == differs.after {
            Fate::Kept
        } else if new == differs.before {
            Fate::Reverted
        } else {
            Fate::Overwritten
        }
    }
}

/// What is known of drift while a document streams by.
#[derive(Default)]
pub(super) struct Drifts {
    told: BTreeMap<Name, Draft>,
    after: HashMap<Box<str>, After>,
    /// Prints of config address and attribute.
    relevant: HashSet<u64>,
    /// Whether the values of all changes are kept, for drift that is yet to come.
    keeps_all: bool,
    /// Whether drift was told when the values of the changes had gone by.
    late: bool,
}

impl Drifts {
    /// Forgets drift: the document tells it again.
    pub(super) fn forget(&mut self) {
        self.told.clear();
    }

    /// Forgets the values of changes.
    pub(super) fn forget_changes(&mut self) {
        self.after.clear();
    }

    fn outside(
        &self,
        hasher: &RandomState,
        address: &str,
        draft: &Draft,
        action: Action,
    ) -> Vec<Outside> {
        let bare = config_address(address);
        let after = self.after.get(address);
        let one = |differs: &Differs| {
            let attribute = hasher.hash_one(&*differs.attribute);
            let fate = match after {
                Some(after) => after.fate(attribute, differs),
                None if self.late && action.changes() => Fate::Unknown,
                None => Fate::Kept,
            };
            let key = hasher.hash_one((&*bare, &*differs.attribute));
            Outside {
                path: Name::clone(&differs.shown),
                attribute: Name::clone(&differs.attribute),
                fate,
                relevant: self.relevant.contains(&key),
            }
        };
        let mut outside: Vec<_> = draft.differs.iter().map(one).collect();
        outside.sort_unstable();
        outside.dedup();
        outside
    }
}

impl Builder {
    /// Joins drift to the objects when all are known.
    pub(super) fn find_drifted(&mut self) {
        let mut drifts = std::mem::take(&mut self.drifts);
        if drifts.told.is_empty() {
            return;
        }
        let objects = self.objects_of(&drifts.told);
        let mut shared: HashSet<Arc<[Outside]>> = HashSet::default();
        for (address, draft) in std::mem::take(&mut drifts.told) {
            let ids = objects.get(&address).map_or(&[][..], Vec::as_slice);
            let first = ids.first().copied();
            let action = first.map_or(Action::NoOp, |id| self.plan.objects[id].action());
            let outside = drifts.outside(&self.hasher, &address, &draft, action);
            if outside.is_empty() && !draft.deleted {
                continue;
            }
            for id in ids {
                self.tell(*id, &draft, &outside);
            }
            let known = shared.get(&*outside).map(Arc::clone);
            let values = known.unwrap_or_else(|| {
                let values: Arc<[Outside]> = outside.into();
                shared.insert(Arc::clone(&values));
                values
            });
            self.plan.drift.push(Drifted {
                subject: first.map_or(Subject::Address(address), Subject::Object),
                deleted: draft.deleted,
                values,
            });
        }
    }

    /// The objects that drifted, by address: two of one address in a file that was edited.
    fn objects_of(&self, told: &BTreeMap<Name, Draft>) -> HashMap<Name, Vec<ObjectId>> {
        let mut found: HashMap<Name, Vec<ObjectId>> = HashMap::default();
        let plan = &self.plan;
        let candidates: Vec<ObjectId> = match self.blocks_of(told) {
            Some(blocks) => {
                let blocks = blocks.iter().map(|id| &plan.blocks[*id]);
                blocks.flat_map(|block| &block.objects).copied().collect()
            }
            None => (0..plan.objects.len()).collect(),
        };
        for id in candidates {
            if plan.objects[id].deposed.is_none()
                && let Some((address, _)) = told.get_key_value(&*plan.address(id))
            {
                found.entry(Name::clone(address)).or_default().push(id);
            }
        }
        found
    }

    /// The blocks of what drifted; nothing when one is not found by its address: what is dangerous to show is written
    /// otherwise there, and odd addresses have blocks of their own.
    fn blocks_of(&self, told: &BTreeMap<Name, Draft>) -> Option<BTreeSet<BlockId>> {
        let blocks = told.keys().map(|address| {
            let address = Address::parse(address)?;
            let module = *self.modules.get(address.module)?;
            let (kind, name) = (address.kind, address.name);
            self.plan.find_block(module, address.mode, kind, name)
        });
        blocks.collect()
    }

    /// Tells the change of an object what drifted.
    fn tell(&mut self, id: ObjectId, draft: &Draft, outside: &[Outside]) {
        let Some(change) = &mut self.plan.objects[id].change else {
            return;
        };
        let back = |value: &&Outside| matches!(value.fate, Fate::Reverted | Fate::Unknown);
        let back = outside.iter().filter(back);
        change.drifted = back.map(|value| Name::clone(&value.attribute)).collect();
        let recreated = draft.home.as_ref();
        let recreated = recreated.filter(|_| change.action == Action::Create);
        change.vanished = recreated.map(|home| Box::new(home.clone()));
    }
}

impl Plan {
    /// The address of what drifted.
    pub fn drifted_address(&self, drifted: &Drifted) -> String {
        match &drifted.subject {
            Subject::Object(id) => self.address(*id),
            Subject::Address(address) => address.to_string(),
        }
    }
}
