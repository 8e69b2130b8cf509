//! The approvals that there are: several about one finding, as far as they are for stacks that have one name and are not
//! the same.

use super::Approval;
use super::consent::{Consent, Key};
use std::collections::BTreeMap;

/// Approvals by what they speak of.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Known(BTreeMap<Key, Vec<Approval>>);

impl Known {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them, in the order of the file.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Approval> {
        self.0.values().flatten()
    }

    /// Those about one finding.
    pub(super) fn of(&self, key: &Key) -> &[Approval] {
        self.0.get(key).map_or(&[], Vec::as_slice)
    }

    /// The one about the same finding and, as far as is known, of the same state.
    pub(super) fn beside(&self, consent: &Consent) -> Option<&Approval> {
        let mut same = self.of(&consent.key).iter();
        same.find(|known| known.consent.is_beside(consent))
    }

    /// Adds one that is beside no other.
    pub(super) fn add(&mut self, approval: Approval) {
        let same = self.0.entry(approval.consent.key.clone()).or_default();
        same.push(approval);
        same.sort_by(|a, b| order(&a.consent).cmp(&order(&b.consent)));
    }

    /// Puts one in place of those that are beside it.
    pub(super) fn replace(&mut self, approval: Approval) {
        let same = self.0.entry(approval.consent.key.clone()).or_default();
        same.retain(|known| !known.consent.is_beside(&approval.consent));
        self.add(approval);
    }

    /// Drops those that are not wanted; returns how many.
    pub(super) fn drop_all(&mut self, unwanted: impl Fn(&Approval) -> bool) -> usize {
        let before = self.iter().count();
        for same in self.0.values_mut() {
            same.retain(|approval| !unwanted(approval));
        }
        self.0.retain(|_, same| !same.is_empty());
        before - self.iter().count()
    }
}

fn order(consent: &Consent) -> impl Ord + '_ {
    (&consent.directory, &consent.anchors, &consent.objects)
}
