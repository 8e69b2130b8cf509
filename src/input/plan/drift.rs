//! What changed outside of Terraform since the last apply.

use super::builder::Builder;
use super::element::Element;
use super::{Action, Home, Name};
use crate::input::json::parts::Malformed;
use foldhash::HashMap;

/// What changed outside of Terraform.
pub(super) struct Drift {
    changed: Vec<Name>,
    /// Where the object was, when it was not found any more.
    vanished: Option<Home>,
}

impl Builder {
    pub(super) fn drift(&mut self, raw: &[u8]) -> Result<usize, Malformed> {
        let (element, used) = Element::read(raw)?;
        self.mark(&element.change);
        let drift = Drift {
            changed: element.change.changed(&mut self.names),
            vanished: (element.change.action == Action::Delete)
                .then(|| Home::of(element.change.before.unwrap_or_default(), &mut self.names)),
        };
        self.drift.push((element.address.into(), drift));
        Ok(used)
    }

    /// Drift comes before the changes: it is joined to them when all are known.
    pub(super) fn find_drifted(&mut self) {
        let drift = std::mem::take(&mut self.drift);
        if drift.is_empty() {
            return;
        }
        let drift: HashMap<Box<str>, Drift> = drift.into_iter().collect();
        for id in 0..self.plan.objects.len() {
            if self.plan.objects[id].change.is_some()
                && self.plan.objects[id].deposed.is_none()
                && let Some(drift) = drift.get(&*self.plan.address(id))
                && let Some(change) = &mut self.plan.objects[id].change
            {
                change.drifted.clone_from(&drift.changed);
                let recreated = drift.vanished.as_ref();
                let recreated = recreated.filter(|_| change.action == Action::Create);
                change.vanished = recreated.map(|home| Box::new(home.clone()));
            }
        }
    }
}
