//! Who referred to what goes, as the state remembers it.

use crate::catalog::{self, Holds};
use crate::input::names::Name;
use crate::input::plan::{Action, ObjectId, Plan};
use foldhash::HashSet;

/// Blocks by who remembers them as a dependency, as config addresses.
#[derive(Debug, Default)]
pub(super) struct Users {
    /// Remembered by objects that are destroyed.
    of_going: HashSet<Name>,
    /// Remembered by objects that live on: replaced, forgotten or not in the changes at all.
    of_others: HashSet<Name>,
}

impl Users {
    /// Those of a plan; nobody's when it destroys no made up value.
    pub(super) fn of(plan: &Plan) -> Self {
        let mut users = Self::default();
        if !plan.managed().any(|(id, _)| is_going_value(plan, id)) {
            return users;
        }
        let mut seen = HashSet::default();
        for (_, object) in plan.managed() {
            let Some(list) = object.dependencies else {
                continue;
            };
            let goes = object.action() == Action::Delete;
            if seen.insert((list.index(), goes)) {
                let remembered = &plan.dependency_lists[list.index()];
                let known = if goes {
                    &mut users.of_going
                } else {
                    &mut users.of_others
                };
                known.extend(remembered.iter().map(Name::clone));
            }
        }
        users
    }

    /// Whether an object is a made up value that something referred to, and all that did is destroyed as well. What
    /// nobody is known to have used may be what other stacks read.
    pub(super) fn go_along(&self, plan: &Plan, id: ObjectId) -> bool {
        if !is_going_value(plan, id) {
            return false;
        }
        let address = plan.config_address(plan.objects[id].block);
        self.of_going.contains(&*address) && !self.of_others.contains(&*address)
    }
}

fn is_going_value(plan: &Plan, id: ObjectId) -> bool {
    plan.objects[id].action() == Action::Delete
        && catalog::facts(&plan.block(id).kind).holds == Holds::Value
}
