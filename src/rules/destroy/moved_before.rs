//! Where a `moved` block has to point when another one leads to the same address already: Terraform (1.11) calls two
//! blocks with one target ambiguous, and follows one that points to where the other begins. Blocks to a whole resource
//! and to one of its instances, or to a module and to something in it, are not in each other's way.

use crate::input::plan::{Plan, inside, join};

/// So many blocks are followed, one behind the other.
const MOST: usize = 8;

/// The address from which the `moved` blocks of the sources lead to this one; the address itself where none does.
pub(super) fn beginning(plan: &Plan, to: &str) -> String {
    let mut address = to.to_owned();
    for _ in 0..MOST {
        match one_before(plan, &address) {
            Some(before) => address = before,
            None => break,
        }
    }
    address
}

fn one_before(plan: &Plan, to: &str) -> Option<String> {
    plan.modules.iter().find_map(|module| {
        let moved = &plan.configuration.modules.get(module.config?)?.moved;
        let here = inside(&module.address, to).filter(|_| !moved.is_empty())?;
        let [from, _] = moved.iter().find(|[_, to]| **to == *here)?;
        Some(join(&module.address, from))
    })
}
